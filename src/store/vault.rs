//! Where the bytes of documents lie, sealed. Each is encrypted in pieces with its case's key: a piece knows its
//! place and whether it is the last, so that a flipped bit, a cut end, pieces in another order and one file in
//! another's place are all found. Nothing readable is ever written. Must not know who may read.
//!
//! A sealed file: the mark `CDRD1`, seven random bytes, then pieces of 64 KiB, each followed by its tag. The
//! nonce of a piece is the random bytes, its number in four bytes and 1 for the last piece or 0; the document's
//! id is bound to every piece.

use std::path::Path;
use std::sync::Arc;

use chrono::{DateTime, Utc};
use futures_util::TryStreamExt;
use object_store::local::LocalFileSystem;
use object_store::{ObjectStore, ObjectStoreExt, PutPayload};
use rand::Rng;

use super::StoreError;
use super::cipher::{Cipher, NONCE, TAG};

const MARK: &[u8; 5] = b"CDRD1";
const SALT: usize = NONCE - 5;
const HEAD: usize = MARK.len() + SALT;
const PIECE: usize = 64 * 1024;

/// Why a document could not be read.
#[derive(Debug, thiserror::Error)]
pub enum Lost {
    /// It is not there, or not as it was written.
    #[error("a stored document is damaged")]
    Damaged,
    /// The place where documents lie cannot be reached.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// The key of one case's documents.
#[derive(Clone)]
pub struct CaseKey([u8; 32]);

impl CaseKey {
    pub fn random() -> Self {
        let mut key = [0; 32];
        rand::rng().fill_bytes(&mut key);
        Self(key)
    }

    pub fn from_bytes(bytes: &[u8]) -> Option<Self> {
        bytes.try_into().ok().map(Self)
    }

    pub const fn as_bytes(&self) -> &[u8; 32] {
        &self.0
    }
}

/// The place where documents lie.
#[derive(Clone)]
pub struct Vault {
    objects: Arc<dyn ObjectStore>,
}

impl Vault {
    /// A folder on this machine; made, for its owner alone, if it is not there.
    pub fn folder(path: &Path) -> Result<Self, StoreError> {
        let cannot = || StoreError::Unavailable("the folder of documents cannot be used".into());
        let mut maker = std::fs::DirBuilder::new();
        maker.recursive(true);
        #[cfg(unix)]
        std::os::unix::fs::DirBuilderExt::mode(&mut maker, 0o700);
        maker.create(path).map_err(|_| cannot())?;
        let local = LocalFileSystem::new_with_prefix(path).map_err(|_| cannot())?;
        Ok(Self {
            objects: Arc::new(local.with_fsync(true)),
        })
    }

    /// Seals and keeps a document. Blocks until it is on the disk.
    pub fn keep(&self, id: &str, key: &CaseKey, plain: &[u8]) -> Result<(), StoreError> {
        let sealed = PutPayload::from(seal(id, key, plain)?);
        wait(self.objects.put(&place(id), sealed))?
            .map(|_| ())
            .map_err(|_| StoreError::Unavailable("a document could not be written".into()))
    }

    /// Reads a document, whole or not at all: nothing of a damaged one comes out.
    pub fn read(&self, id: &str, key: &CaseKey) -> Result<Vec<u8>, Lost> {
        let object = match wait(self.objects.get(&place(id)))? {
            Ok(object) => object,
            Err(object_store::Error::NotFound { .. }) => return Err(Lost::Damaged),
            Err(_) => return Err(unreadable().into()),
        };
        let sealed = wait(object.bytes())?.map_err(|_| unreadable())?;
        open(id, key, &sealed).ok_or(Lost::Damaged)
    }

    /// Whether nothing lies here.
    pub fn is_empty(&self) -> Result<bool, StoreError> {
        let first = wait(async { self.objects.list(None).try_next().await })?;
        let first = first
            .map_err(|_| StoreError::Unavailable("the documents could not be listed".into()))?;
        Ok(first.is_none())
    }

    /// How many bytes a document has as it lies here, sealed.
    pub fn sealed_size(&self, id: &str) -> Result<u64, Lost> {
        match wait(self.objects.head(&place(id)))? {
            Ok(found) => Ok(found.size),
            Err(object_store::Error::NotFound { .. }) => Err(Lost::Damaged),
            Err(_) => Err(unreadable().into()),
        }
    }

    /// A piece of a document as it lies here, sealed.
    pub fn sealed_piece(&self, id: &str, from: u64, to: u64) -> Result<Vec<u8>, Lost> {
        match wait(self.objects.get_range(&place(id), from..to))? {
            Ok(bytes) => Ok(bytes.to_vec()),
            Err(object_store::Error::NotFound { .. }) => Err(Lost::Damaged),
            Err(_) => Err(unreadable().into()),
        }
    }

    /// Puts a document back as it lay elsewhere, piece by piece until `next` has no more. Blocks until it is on
    /// the disk.
    pub fn put_sealed<E: From<StoreError>>(
        &self,
        id: &str,
        mut next: impl FnMut() -> Result<Option<Vec<u8>>, E>,
    ) -> Result<(), E> {
        let cannot = || StoreError::Unavailable("a document could not be written".into());
        let upload = wait(self.objects.put_multipart(&place(id)))?;
        let mut upload = upload.map_err(|_| cannot())?;
        while let Some(piece) = next()? {
            wait(upload.put_part(PutPayload::from(piece)))?.map_err(|_| cannot())?;
        }
        wait(upload.complete())?.map_err(|_| cannot())?;
        Ok(())
    }

    /// What has lain here since before a moment, by id.
    pub fn older_than(&self, moment: DateTime<Utc>) -> Result<Vec<String>, StoreError> {
        let all = wait(async { self.objects.list(None).try_collect::<Vec<_>>().await })?
            .map_err(|_| StoreError::Unavailable("the documents could not be listed".into()))?;
        let old = all.into_iter().filter(|kept| kept.last_modified < moment);
        let ids = old.map(|kept| kept.location.to_string());
        Ok(ids.filter(|id| !id.starts_with(ASIDE)).collect())
    }

    /// Puts a file that no row names where nothing reads it. It is not destroyed: the database that was asked may
    /// be another than the one that names it.
    pub fn set_aside(&self, id: &str) -> Result<(), StoreError> {
        let aside = place(&format!("{ASIDE}/{id}"));
        match wait(self.objects.rename(&place(id), &aside))? {
            Ok(()) | Err(object_store::Error::NotFound { .. }) => Ok(()),
            Err(_) => Err(StoreError::Unavailable(
                "a document could not be set aside".into(),
            )),
        }
    }

    /// Takes away what no row came to speak of.
    pub fn forget(&self, id: &str) -> Result<(), StoreError> {
        match wait(self.objects.delete(&place(id)))? {
            Ok(()) | Err(object_store::Error::NotFound { .. }) => Ok(()),
            Err(_) => Err(StoreError::Unavailable(
                "a document could not be taken away".into(),
            )),
        }
    }
}

/// The folder of what no row names.
const ASIDE: &str = "orphaned";

fn unreadable() -> StoreError {
    StoreError::Unavailable("a document could not be read".into())
}

/// By the document's own id alone: no name that anyone typed.
fn place(id: &str) -> object_store::path::Path {
    object_store::path::Path::from(id)
}

/// Runs one operation to its end on this thread, which may block.
fn wait<F: Future>(operation: F) -> Result<F::Output, StoreError> {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .map_err(|_| StoreError::Unavailable("no thread for documents".into()))?;
    Ok(runtime.block_on(operation))
}

fn seal(id: &str, key: &CaseKey, plain: &[u8]) -> Result<Vec<u8>, StoreError> {
    let cipher = Cipher::new(key.0);
    let mut salt = [0; SALT];
    rand::rng().fill_bytes(&mut salt);
    let pieces = plain.len().div_ceil(PIECE).max(1);
    let mut sealed = Vec::with_capacity(HEAD + plain.len() + pieces * TAG);
    sealed.extend_from_slice(MARK);
    sealed.extend_from_slice(&salt);
    for number in 0..pieces {
        let rest = plain.get(number * PIECE..).unwrap_or_default();
        let piece = rest.get(..PIECE).unwrap_or(rest);
        let nonce = nonce(salt, number, number + 1 == pieces);
        let mut piece = cipher
            .encrypt(&nonce, id.as_bytes(), piece)
            .ok_or_else(|| StoreError::Unavailable("a document could not be sealed".into()))?;
        sealed.append(&mut piece);
    }
    Ok(sealed)
}

fn open(id: &str, key: &CaseKey, sealed: &[u8]) -> Option<Vec<u8>> {
    let cipher = Cipher::new(key.0);
    let (salt, body) = sealed.strip_prefix(MARK)?.split_first_chunk::<SALT>()?;
    let pieces = body.len().div_ceil(PIECE + TAG);
    let mut plain = Vec::with_capacity(body.len());
    for (number, piece) in body.chunks(PIECE + TAG).enumerate() {
        let nonce = nonce(*salt, number, number + 1 == pieces);
        plain.append(&mut cipher.decrypt(&nonce, id.as_bytes(), piece)?);
    }
    // A sealed file has one piece at least, even of nothing.
    (pieces > 0).then_some(plain)
}

fn nonce(salt: [u8; SALT], number: usize, last: bool) -> [u8; NONCE] {
    let mut nonce = [0; NONCE];
    let number = u32::try_from(number).unwrap_or(u32::MAX).to_be_bytes();
    let parts = salt.iter().chain(&number).copied().chain([u8::from(last)]);
    for (to, from) in nonce.iter_mut().zip(parts) {
        *to = from;
    }
    nonce
}

#[cfg(test)]
mod tests {
    use super::*;

    fn kept() -> (tempfile::TempDir, Vault, CaseKey) {
        let folder = tempfile::tempdir().unwrap();
        let vault = Vault::folder(&folder.path().join("documents")).unwrap();
        (folder, vault, CaseKey::random())
    }

    #[test]
    fn what_was_kept_is_read_back_whatever_its_length() {
        let (_folder, vault, key) = kept();
        for length in [0, 1, PIECE - 1, PIECE, PIECE + 1, 3 * PIECE] {
            let plain = vec![7; length];
            vault.keep("a", &key, &plain).unwrap();
            assert_eq!(vault.read("a", &key).unwrap(), plain);
        }
        vault.forget("a").unwrap();
        assert!(matches!(vault.read("a", &key), Err(Lost::Damaged)));
        vault.forget("a").unwrap();
    }

    #[test]
    fn nothing_readable_is_written() {
        let (folder, vault, key) = kept();
        vault.keep("a", &key, &b"Zqplanted".repeat(20_000)).unwrap();
        let stored = std::fs::read(folder.path().join("documents/a")).unwrap();
        assert!(!stored.windows(9).any(|w| w == b"Zqplanted"));
    }

    #[test]
    fn every_kind_of_damage_is_found() {
        let key = CaseKey::random();
        let whole: Vec<u8> = (0..=255).cycle().take(3 * PIECE).collect();
        let sealed = seal("a", &key, &whole).unwrap();
        let cut = |end: usize| sealed[..end].to_vec();
        let piece = |n: usize| {
            let from = HEAD + n * (PIECE + TAG);
            sealed[from..from + PIECE + TAG].to_vec()
        };
        let flip = |at: usize| {
            let mut changed = sealed.clone();
            changed[at] ^= 1;
            changed
        };
        let head = sealed[..HEAD].to_vec();
        let damaged = [
            cut(0),
            cut(HEAD),
            cut(HEAD + PIECE + TAG),
            cut(sealed.len() - 1),
            cut(sealed.len() - PIECE - TAG),
            [head.clone(), piece(1), piece(0), piece(2)].concat(),
            [head.clone(), piece(0), piece(0), piece(2)].concat(),
            [head, piece(0), piece(2)].concat(),
            [sealed.clone(), piece(2)].concat(),
            flip(0),
            flip(HEAD - 1),
            flip(HEAD + 5),
            flip(sealed.len() - 1),
        ];
        for (number, bytes) in damaged.iter().enumerate() {
            assert!(open("a", &key, bytes).is_none(), "damage {number}");
        }
        assert!(open("b", &key, &sealed).is_none(), "another document");
        assert!(
            open("a", &CaseKey::random(), &sealed).is_none(),
            "another key"
        );
        assert_eq!(open("a", &key, &sealed), Some(whole));
    }

    #[test]
    fn every_flipped_bit_of_a_small_file_is_found() {
        let key = CaseKey::random();
        let sealed = seal("a", &key, b"Zqplanted").unwrap();
        for bit in 0..sealed.len() * 8 {
            let mut changed = sealed.clone();
            changed[bit / 8] ^= 1 << (bit % 8);
            assert!(open("a", &key, &changed).is_none(), "bit {bit}");
        }
    }
}
