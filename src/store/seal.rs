//! Sealed values: what identifies somebody or was answered in confidence is encrypted by the application
//! before it reaches either engine, and is bound to its table, column and row, so that a value that was
//! changed or moved is found. Also the keyed indexes by which sealed values are looked up. Must not know where
//! keys come from, nor what the values mean.

use hmac::{Hmac, KeyInit, Mac};
use rand::Rng;
use sha2::Sha256;

use super::cipher::{Cipher, NONCE, TAG};

/// Bytes of a keyed index: 128 bits.
const INDEX: usize = 16;

/// A sealed value that is not as it was written, or does not belong where it was found.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a sealed value is damaged")]
pub struct Damaged;

/// The keys of one service, each with its version. New values are sealed with the newest; a value says which
/// version it was sealed with, so that older ones can still be opened after a change of keys.
#[derive(Clone)]
pub struct Keyring {
    /// Newest last.
    keys: Vec<Key>,
    index: Hmac<Sha256>,
    trail: Hmac<Sha256>,
}

#[derive(Clone)]
struct Key {
    version: u32,
    /// What a value in text begins with.
    prefix: String,
    cipher: Cipher,
}

impl std::fmt::Debug for Keyring {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Keyring").finish_non_exhaustive()
    }
}

impl Keyring {
    /// A ring of `older` keys and the `newest`, each with its version, the key of the indexes and that of the
    /// audit trail.
    pub fn new(
        older: &[(u32, [u8; 32])],
        newest: (u32, [u8; 32]),
        index: [u8; 32],
        trail: [u8; 32],
    ) -> Self {
        Self {
            keys: older
                .iter()
                .chain(std::iter::once(&newest))
                .map(|(version, key)| Key {
                    version: *version,
                    prefix: format!("s1.{version}."),
                    cipher: Cipher::new(*key),
                })
                .collect(),
            index: Hmac::new(&key_block(index)),
            trail: Hmac::new(&key_block(trail)),
        }
    }

    /// `plaintext` as text for a column: `s1.<key version>.<hexadecimal>`.
    pub fn seal(&self, table: &str, column: &str, row: &str, plaintext: &str) -> String {
        let Some(key) = self.keys.last() else {
            return String::new();
        };
        let sealed = key.encrypt(table, column, row, plaintext.as_bytes());
        let mut text = String::with_capacity(key.prefix.len() + sealed.len() * 2);
        text.push_str(&key.prefix);
        push_hex(&mut text, &sealed);
        text
    }

    /// What was sealed for this place.
    pub fn open(
        &self,
        table: &str,
        column: &str,
        row: &str,
        sealed: &str,
    ) -> Result<String, Damaged> {
        let (key, digits) = self
            .keys
            .iter()
            .rev()
            .find_map(|k| Some((k, sealed.strip_prefix(&k.prefix)?)))
            .ok_or(Damaged)?;
        let plain = key.decrypt(table, column, row, &from_hex(digits).ok_or(Damaged)?)?;
        String::from_utf8(plain).map_err(|_| Damaged)
    }

    /// `plaintext` as bytes: the key version in four bytes, the nonce, what was encrypted, the tag.
    pub fn seal_bytes(&self, table: &str, column: &str, row: &str, plaintext: &[u8]) -> Vec<u8> {
        let Some(key) = self.keys.last() else {
            return Vec::new();
        };
        let mut bytes = key.version.to_be_bytes().to_vec();
        bytes.append(&mut key.encrypt(table, column, row, plaintext));
        bytes
    }

    /// What was sealed for this place as bytes.
    pub fn open_bytes(
        &self,
        table: &str,
        column: &str,
        row: &str,
        sealed: &[u8],
    ) -> Result<Vec<u8>, Damaged> {
        let (version, body) = sealed.split_first_chunk::<4>().ok_or(Damaged)?;
        let version = u32::from_be_bytes(*version);
        let key = self
            .keys
            .iter()
            .rev()
            .find(|k| k.version == version)
            .ok_or(Damaged)?;
        key.decrypt(table, column, row, body)
    }

    /// The code of a row of the audit trail: an HMAC over its parts, each with whether it is there and its length.
    pub(super) fn chained(&self, parts: &[Option<&[u8]>]) -> Vec<u8> {
        let mut mac = self.trail.clone();
        for part in parts {
            mac.update(&[u8::from(part.is_some())]);
            let bytes = part.unwrap_or_default();
            mac.update(&length(bytes.len()));
            mac.update(bytes);
        }
        mac.finalize().into_bytes().to_vec()
    }

    /// A keyed index of `value`, by which equal values are found without being readable: the first 128 bits of
    /// an HMAC, in hexadecimal. The same value has another index for another `purpose`.
    pub fn blind(&self, purpose: &str, value: &str) -> String {
        let mut mac = self.index.clone();
        mac.update(&length(purpose.len()));
        mac.update(purpose.as_bytes());
        mac.update(value.as_bytes());
        let full = mac.finalize().into_bytes();
        let mut text = String::with_capacity(INDEX * 2);
        push_hex(&mut text, full.get(..INDEX).unwrap_or_default());
        text
    }
}

impl Key {
    fn encrypt(&self, table: &str, column: &str, row: &str, plaintext: &[u8]) -> Vec<u8> {
        let mut nonce = [0; NONCE];
        rand::rng().fill_bytes(&mut nonce);
        let bound = self.bound(table, column, row);
        // Where the engine refuses, nothing readable may come out: nothing does, and it opens as damaged.
        let Some(body) = self.cipher.encrypt(&nonce, &bound, plaintext) else {
            return Vec::new();
        };
        let mut bytes = Vec::with_capacity(NONCE + plaintext.len() + TAG);
        bytes.extend_from_slice(&nonce);
        bytes.extend_from_slice(&body);
        bytes
    }

    /// Opens `bytes`: the nonce, what was encrypted, the tag.
    fn decrypt(
        &self,
        table: &str,
        column: &str,
        row: &str,
        bytes: &[u8],
    ) -> Result<Vec<u8>, Damaged> {
        let (nonce, body) = bytes.split_first_chunk::<NONCE>().ok_or(Damaged)?;
        let bound = self.bound(table, column, row);
        self.cipher.decrypt(nonce, &bound, body).ok_or(Damaged)
    }

    /// What a value is bound to. Each part has its length before it, so that no two places look alike.
    fn bound(&self, table: &str, column: &str, row: &str) -> Vec<u8> {
        let mut bytes = Vec::with_capacity(28 + table.len() + column.len() + row.len());
        bytes.extend_from_slice(&self.version.to_be_bytes());
        for part in [table, column, row] {
            bytes.extend_from_slice(&length(part.len()));
            bytes.extend_from_slice(part.as_bytes());
        }
        bytes
    }
}

fn length(of: usize) -> [u8; 8] {
    // No text in memory is longer than 64 bits can say.
    u64::try_from(of).unwrap_or(u64::MAX).to_be_bytes()
}

/// The key as HMAC takes it without a chance to refuse: padded to the block of the hash.
fn key_block(key: [u8; 32]) -> hmac::digest::Key<Hmac<Sha256>> {
    let mut block = hmac::digest::Key::<Hmac<Sha256>>::default();
    for (to, from) in block.iter_mut().zip(key) {
        *to = from;
    }
    block
}

const DIGITS: &[u8; 16] = b"0123456789abcdef";

fn push_hex(text: &mut String, bytes: &[u8]) {
    for byte in bytes {
        for half in [byte >> 4, byte & 15] {
            let digit = DIGITS.get(usize::from(half)).copied().unwrap_or(b'0');
            text.push(char::from(digit));
        }
    }
}

/// Strict: lower case and an even number of digits, so that a value has one spelling only.
fn from_hex(digits: &str) -> Option<Vec<u8>> {
    let (pairs, []) = digits.as_bytes().as_chunks::<2>() else {
        return None;
    };
    pairs
        .iter()
        .map(|[high, low]| Some(half(*high)? << 4 | half(*low)?))
        .collect()
}

const fn half(digit: u8) -> Option<u8> {
    match digit {
        b'0'..=b'9' => Some(digit - b'0'),
        b'a'..=b'f' => Some(digit - b'a' + 10),
        _ => None,
    }
}

#[cfg(test)]
mod tests;
