//! The one cipher: AES-256 in Galois/Counter Mode from the OpenSSL that is built in, which uses the processor's
//! own instructions in every build. Must not know what is encrypted, nor where keys come from.

use openssl::symm::{Cipher as Method, decrypt_aead, encrypt_aead};

/// Bytes of a nonce. Drawn by chance it may serve four thousand million values of one key (NIST SP 800-38D, 8.3).
pub const NONCE: usize = 12;
/// Bytes by which what was encrypted is longer.
pub const TAG: usize = 16;

/// One key.
#[derive(Clone)]
pub struct Cipher {
    key: [u8; 32],
}

impl Cipher {
    pub const fn new(key: [u8; 32]) -> Self {
        Self { key }
    }

    /// `plain` encrypted, its tag at the end; none when the engine refuses. `bound` must be given again to open it.
    pub fn encrypt(&self, nonce: &[u8; NONCE], bound: &[u8], plain: &[u8]) -> Option<Vec<u8>> {
        let mut tag = [0; TAG];
        let method = Method::aes_256_gcm();
        let mut sealed =
            encrypt_aead(method, &self.key, Some(nonce), bound, plain, &mut tag).ok()?;
        sealed.extend_from_slice(&tag);
        Some(sealed)
    }

    /// What was encrypted with this key, nonce and `bound`; none when any of them or a single bit differs.
    pub fn decrypt(&self, nonce: &[u8; NONCE], bound: &[u8], sealed: &[u8]) -> Option<Vec<u8>> {
        let (body, tag) = sealed.split_last_chunk::<TAG>()?;
        let method = Method::aes_256_gcm();
        decrypt_aead(method, &self.key, Some(nonce), bound, body, tag).ok()
    }
}
