//! The file that goes to another panel: encrypted to a passphrase that goes another way. Any program that reads age
//! files opens it. Must not know what is in it.

use std::io::Read;

use age::secrecy::SecretString;
use age::{DecryptError, Decryptor, scrypt};

use crate::casework::secrets::{normal_code, random_code};
use crate::casework::{Error, Outcome};
use crate::domain::transfer::{LARGEST, Unreadable};

/// Work for each try, as a power of two. The passphrase is from chance and cannot be guessed; this is for form.
const WORK: u8 = 14;
/// The most work that is done for a file of somebody else.
const MOST_WORK: u8 = 20;

/// A passphrase that can be read over the telephone: a hundred random bits in groups of five.
pub fn passphrase() -> String {
    random_code()
}

/// The passphrase as it was shown, however it was typed.
fn as_shown(typed: &str) -> String {
    let letters: Vec<char> = normal_code(typed).chars().collect();
    let groups: Vec<String> = letters.chunks(5).map(|c| c.iter().collect()).collect();
    groups.join("-")
}

pub fn lock(passphrase: &str, plain: &[u8]) -> Outcome<Vec<u8>> {
    let mut to = scrypt::Recipient::new(SecretString::from(passphrase.to_owned()));
    to.set_work_factor(WORK);
    age::encrypt(&to, plain).map_err(|_| Error::Internal("a file could not be encrypted".into()))
}

/// Why a file does not open.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Locked {
    /// The passphrase is another.
    Passphrase,
    File(Unreadable),
    TooLarge,
}

pub fn unlock(typed: &str, bytes: &[u8]) -> Result<Vec<u8>, Locked> {
    let sealed = Decryptor::new(bytes).map_err(|_| Locked::File(Unreadable::Other))?;
    if !sealed.is_scrypt() {
        return Err(Locked::File(Unreadable::Other));
    }
    let mut with = scrypt::Identity::new(SecretString::from(as_shown(typed)));
    with.set_max_work_factor(MOST_WORK);
    let open = sealed.decrypt(std::iter::once(&with as &dyn age::Identity));
    let open = open.map_err(|e| match e {
        DecryptError::DecryptionFailed
        | DecryptError::KeyDecryptionFailed
        | DecryptError::NoMatchingKeys => Locked::Passphrase,
        DecryptError::ExcessiveWork { .. } => Locked::File(Unreadable::Other),
        _ => Locked::File(Unreadable::Damaged),
    })?;
    let most = u64::try_from(LARGEST).unwrap_or(u64::MAX);
    let mut plain = Vec::new();
    let read = open.take(most + 1).read_to_end(&mut plain);
    match read {
        Err(_) => Err(Locked::File(Unreadable::Damaged)),
        Ok(n) if n > LARGEST => Err(Locked::TooLarge),
        Ok(_) => Ok(plain),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_passphrase_opens_it_however_it_is_typed() {
        let words = passphrase();
        let file = lock(&words, b"Zqplanted").unwrap();
        assert!(!file.windows(9).any(|w| w == b"Zqplanted"));
        let typed = words.to_lowercase().replace('-', " ");
        assert_eq!(unlock(&typed, &file).as_deref(), Ok(&b"Zqplanted"[..]));
        assert_eq!(unlock(&passphrase(), &file), Err(Locked::Passphrase));
        let mut bent = file.clone();
        *bent.last_mut().unwrap() ^= 1;
        let damaged = Err(Locked::File(Unreadable::Damaged));
        assert_eq!(unlock(&words, &bent), damaged);
        assert_eq!(unlock(&words, &file[..file.len() - 1]), damaged);
        assert_eq!(
            unlock(&words, b"something else"),
            Err(Locked::File(Unreadable::Other))
        );
    }
}
