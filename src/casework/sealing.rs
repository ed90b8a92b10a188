//! Sealing what must not be read in the database: authenticated encryption with a key of its own purpose, bound
//! to whose it is. Must not know what it seals.

use super::secrets::{Secrets, hex, random_bytes, unhex};
use super::{Error, Outcome};
use crate::store::cipher::{Cipher, NONCE};

/// Seals `plain` for `purpose`; only the same `owner` opens it again.
pub fn seal(secrets: &Secrets, purpose: &str, owner: &str, plain: &[u8]) -> Outcome<String> {
    let nonce: [u8; NONCE] = random_bytes();
    let sealed = cipher(secrets, purpose)
        .encrypt(&nonce, owner.as_bytes(), plain)
        .ok_or_else(|| Error::Internal("a value could not be sealed".into()))?;
    Ok(hex(&[&nonce[..], &sealed].concat()))
}

/// What was sealed; none when it was changed, is another's, or was sealed with another key.
pub fn open(secrets: &Secrets, purpose: &str, owner: &str, sealed: &str) -> Option<Vec<u8>> {
    let bytes = unhex(sealed)?;
    let (nonce, body) = bytes.split_first_chunk::<NONCE>()?;
    cipher(secrets, purpose).decrypt(nonce, owner.as_bytes(), body)
}

fn cipher(secrets: &Secrets, purpose: &str) -> Cipher {
    Cipher::new(secrets.sealing_key(purpose))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_owner_opens_it_and_a_flipped_bit_is_found() {
        let ours = Secrets::random();
        let sealed = seal(&ours, "factor", "u1", b"secret").unwrap();
        assert_eq!(
            open(&ours, "factor", "u1", &sealed).as_deref(),
            Some(&b"secret"[..])
        );
        assert_eq!(open(&ours, "factor", "u2", &sealed), None);
        assert_eq!(open(&ours, "post", "u1", &sealed), None);
        assert_eq!(open(&Secrets::random(), "factor", "u1", &sealed), None);
        let last = sealed.chars().last().unwrap();
        let other = if last == '0' { '1' } else { '0' };
        let bent = format!("{}{other}", &sealed[..sealed.len() - 1]);
        assert_eq!(open(&ours, "factor", "u1", &bent), None);
        for odd in ["", "00", "zz", "é"] {
            assert_eq!(open(&ours, "factor", "u1", odd), None);
        }
    }
}
