//! The one master key and what is derived from it: the database key, keyed hashes of links, codes and
//! sessions, the keys that seal and sign. Must not know what any of them protect.

use std::io::Write;
use std::path::Path;

use hmac::{Hmac, KeyInit, Mac};
use rand::Rng;
use sha2::{Digest, Sha256};

use crate::store::seal::Keyring;

/// Version of the key that seals new values.
const SEAL_VERSION: u32 = 1;

/// The 256-bit master key.
#[derive(Clone)]
pub struct Secrets {
    master: [u8; 32],
}

impl Secrets {
    /// A fresh random key, for a throw-away service.
    pub fn random() -> Self {
        Self {
            master: random_bytes(),
        }
    }

    /// Reads the key file, or makes it with mode 0600 when neither it nor `database` exists yet.
    pub fn from_file(path: &Path, database: Option<&Path>) -> Result<Self, String> {
        if !path.try_exists().unwrap_or(true) {
            return Self::make(path, database);
        }
        let read = Self::lent(path)?;
        if open_to_others(path) {
            return Err(format!(
                "CDR_KEY_FILE: {} can be read by others than its owner; chmod 600 it, and make a new key if others \
                 may have read it",
                path.display()
            ));
        }
        Ok(read)
    }

    /// Reads a key file whoever else may read it, and never makes one: for a credential that is lent by systemd.
    pub fn lent(path: &Path) -> Result<Self, String> {
        let text = std::fs::read_to_string(path)
            .map_err(|_| format!("CDR_KEY_FILE: {} could not be read", path.display()))?;
        let master = parse(text.trim()).ok_or_else(|| {
            let shown = path.display();
            format!("CDR_KEY_FILE: {shown} does not hold 64 hexadecimal digits")
        })?;
        Ok(Self { master })
    }

    fn make(path: &Path, database: Option<&Path>) -> Result<Self, String> {
        if database.is_some_and(Path::exists) {
            return Err(format!(
                "CDR_KEY_FILE: {} is missing, and the database it opens exists; restore the key file",
                path.display()
            ));
        }
        let fresh = Self::random();
        write_private(path, &hex(&fresh.master))
            .map_err(|_| format!("CDR_KEY_FILE: {} could not be written", path.display()))?;
        Ok(fresh)
    }

    /// The key of the embedded database, as SQLCipher takes a raw one.
    pub fn database_key(&self) -> String {
        hex(&self.derive("database"))
    }

    /// The key for JSON web tokens.
    pub fn token_key(&self) -> [u8; 32] {
        self.derive("tokens")
    }

    /// The keys of sealed values and of their indexes. A change of keys adds a version; older ones stay, so
    /// that what they sealed can still be opened.
    pub fn keyring(&self) -> Keyring {
        let key = |version: u32| (version, self.derive(&format!("seal/{version}")));
        let older: Vec<_> = (1..SEAL_VERSION).map(key).collect();
        Keyring::new(
            &older,
            key(SEAL_VERSION),
            self.derive("index"),
            self.derive("trail"),
        )
    }

    /// The key of backups: they hold sealed values and the audit trail, which the same key file opens.
    pub fn backup_key(&self) -> [u8; 32] {
        self.derive("backup")
    }

    /// A keyed hash of a secret, for storing: without the key file the stored value is useless.
    pub fn hash(&self, purpose: &str, secret: &str) -> String {
        hex(&mac(&self.derive(purpose), secret.as_bytes()))
    }

    /// The key that seals values of one purpose.
    pub(super) fn sealing_key(&self, purpose: &str) -> [u8; 32] {
        self.derive(&format!("seal/{purpose}"))
    }

    fn derive(&self, label: &str) -> [u8; 32] {
        mac(&self.master, format!("cdr/1/{label}").as_bytes())
    }
}

fn mac(key: &[u8; 32], message: &[u8]) -> [u8; 32] {
    // HMAC takes a key of any length; the fallback can never be reached with a fixed-size key.
    Hmac::<Sha256>::new_from_slice(key).map_or([0; 32], |mut mac| {
        mac.update(message);
        mac.finalize().into_bytes().into()
    })
}

/// SHA-256 in hexadecimal, for what is not secret.
pub fn digest(bytes: &[u8]) -> String {
    hex(&Sha256::digest(bytes))
}

/// Two hexadecimal digits a byte.
pub fn hex(bytes: &[u8]) -> String {
    use std::fmt::Write as _;
    bytes
        .iter()
        .fold(String::with_capacity(bytes.len() * 2), |mut text, b| {
            // Writing to a string cannot fail.
            let _infallible = write!(text, "{b:02x}");
            text
        })
}

/// A key of 64 hexadecimal digits.
pub(super) fn parse(text: &str) -> Option<[u8; 32]> {
    unhex(text)?.try_into().ok()
}

/// Bytes from their hexadecimal digits.
pub(super) fn unhex(text: &str) -> Option<Vec<u8>> {
    if !text.is_ascii() || text.len() % 2 == 1 {
        return None;
    }
    (0..text.len() / 2)
        .map(|i| u8::from_str_radix(text.get(i * 2..i * 2 + 2)?, 16).ok())
        .collect()
}

/// Whether the group or others may read or write a file.
#[cfg(unix)]
fn open_to_others(path: &Path) -> bool {
    use std::os::unix::fs::PermissionsExt;
    std::fs::metadata(path).is_ok_and(|known| known.permissions().mode() & 0o077 != 0)
}

/// Elsewhere the system has other ways to say who may read a file.
#[cfg(not(unix))]
fn open_to_others(_: &Path) -> bool {
    false
}

fn write_private(path: &Path, text: &str) -> std::io::Result<()> {
    if let Some(folder) = path.parent().filter(|p| !p.as_os_str().is_empty()) {
        std::fs::create_dir_all(folder)?;
    }
    let mut options = std::fs::OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let mut file = options.open(path)?;
    file.write_all(text.as_bytes())?;
    file.sync_all()
}

pub(super) fn random_bytes<const N: usize>() -> [u8; N] {
    let mut bytes = [0; N];
    rand::rng().fill_bytes(&mut bytes);
    bytes
}

/// A secret of 160 random bits in letters and digits that are hard to confuse.
pub fn random_link() -> String {
    random_letters(32)
}

/// A code that a person may have to read out: twenty letters and digits (100 bits) in groups of five.
pub fn random_code() -> String {
    let letters: Vec<char> = random_letters(20).chars().collect();
    letters
        .chunks(5)
        .map(|c| c.iter().collect::<String>())
        .collect::<Vec<_>>()
        .join("-")
}

/// `n` characters of Crockford's base 32, five random bits each.
pub fn random_letters(n: usize) -> String {
    let mut rng = rand::rng();
    (0..n).map(|_| letter(u64::from(rng.next_u32()))).collect()
}

/// `n` digits from chance.
pub fn random_digits(n: usize) -> String {
    let mut rng = rand::rng();
    (0..n)
        .map(|_| char::from(b'0' + u8::try_from(rng.next_u64() % 10).unwrap_or(0)))
        .collect()
}

/// The character of Crockford's base 32 that the lowest five bits stand for.
pub(super) fn letter(bits: u64) -> char {
    const LETTERS: &[u8; 32] = b"0123456789ABCDEFGHJKMNPQRSTVWXYZ";
    let place = usize::try_from(bits & 31).unwrap_or(0);
    char::from(LETTERS.get(place).copied().unwrap_or(b'0'))
}

/// A code as somebody typed it: case, spaces, hyphens and look-alike letters do not matter.
pub fn normal_code(typed: &str) -> String {
    typed
        .chars()
        .filter(char::is_ascii_alphanumeric)
        .map(|c| match c.to_ascii_uppercase() {
            'O' => '0',
            'I' | 'L' => '1',
            other => other,
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_hash_holds_only_for_its_purpose_and_key() {
        let ours = Secrets::random();
        assert_eq!(ours.hash("session", "abc"), ours.hash("session", "abc"));
        assert_ne!(ours.hash("session", "abc"), ours.hash("other", "abc"));
        assert_ne!(
            ours.hash("session", "abc"),
            Secrets::random().hash("session", "abc")
        );
    }

    #[test]
    fn only_the_same_master_key_opens_what_its_ring_sealed() {
        let ours = Secrets::random();
        let sealed = ours.keyring().seal("t", "c", "r", "x");
        assert_eq!(
            ours.keyring().open("t", "c", "r", &sealed).as_deref(),
            Ok("x")
        );
        let other = Secrets::random().keyring();
        assert!(other.open("t", "c", "r", &sealed).is_err());
        assert_ne!(ours.keyring().blind("p", "x"), other.blind("p", "x"));
    }

    #[test]
    fn the_key_file_is_made_once_private_and_never_beside_an_existing_database() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("k/cdr.key");
        let made = Secrets::from_file(&path, None).unwrap();
        assert_eq!(Secrets::from_file(&path, None).unwrap().master, made.master);
        #[cfg(unix)]
        assert_eq!(
            std::os::unix::fs::PermissionsExt::mode(
                &std::fs::metadata(&path).unwrap().permissions()
            ) & 0o777,
            0o600
        );
        std::fs::remove_file(&path).unwrap();
        let db = dir.path().join("cdr.db");
        std::fs::write(&db, "x").unwrap();
        assert!(Secrets::from_file(&path, Some(&db)).is_err());
    }

    #[test]
    fn a_code_is_read_however_it_is_typed() {
        let code = random_code();
        assert_eq!(code.len(), 23);
        assert_eq!(
            normal_code(&code.to_lowercase().replace('-', " ")),
            code.replace('-', "")
        );
    }
}
