//! A backup of everything: rows, documents and the audit trail, while the service runs, in one encrypted file that the
//! key file alone opens; and putting it back into an empty place. Must not know where the file lies.
//!
//! The file is an age file around a tar: `begin.json` (layout, schema, tables), `rows/<table>/<n>.jsonl` in the order of
//! the tables, `documents/<id>` as they lie sealed, and last `manifest.json` with the counts, the end of the audit
//! trail, and the SHA-256 of a list of the SHA-256 of every member. Nothing of it depends on the engine.

mod make;
mod restore;
mod tar;

pub use make::{Summary, backup, noted};
pub use restore::{Back, Broken, restore, restored};

use std::collections::BTreeMap;
use std::io::{self, Read, Write};

use age::secrecy::SecretString;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use super::secrets::hex;
use crate::store::dump::Table;

const KIND: &str = "cdr-backup";
const LAYOUT: u32 = 1;
const BEGIN: &str = "begin.json";
const MANIFEST: &str = "manifest.json";
/// Bytes of a piece of a document.
const PIECE: u64 = 1024 * 1024;

/// What a backup begins with.
#[derive(Serialize, Deserialize)]
struct Begin {
    kind: String,
    layout: u32,
    schema: String,
    tables: Vec<Table>,
}

/// What it ends with.
#[derive(Debug, PartialEq, Eq, Serialize, Deserialize)]
struct Manifest {
    /// Rows of each table.
    rows: BTreeMap<String, u64>,
    documents: u64,
    /// The end of the audit trail: its number, and its code in hexadecimal.
    audit: (i64, String),
    /// SHA-256 of the list of members, each with its SHA-256.
    members: String,
}

/// The passphrase of a backup: from the key file, so that without it the file says nothing.
fn passphrase(key: &[u8; 32]) -> SecretString {
    SecretString::from(hex(key))
}

/// A running list of members, each with its checksum.
#[derive(Default)]
struct Members(Sha256);

impl Members {
    fn add(&mut self, name: &str, sum: &str) {
        self.0.update(format!("{sum}  {name}\n"));
    }

    fn sum(self) -> String {
        hex(&self.0.finalize())
    }
}

/// Everything that passes is also summed.
struct Summed<T> {
    inner: T,
    sum: Sha256,
}

impl<T> Summed<T> {
    fn new(inner: T) -> Self {
        Self {
            inner,
            sum: Sha256::new(),
        }
    }

    fn sum(self) -> String {
        hex(&self.sum.finalize())
    }
}

impl<W: Write> Write for Summed<W> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let n = self.inner.write(bytes)?;
        self.sum.update(bytes.get(..n).unwrap_or_default());
        Ok(n)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.inner.flush()
    }
}

impl<R: Read> Read for Summed<R> {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        let n = self.inner.read(into)?;
        self.sum.update(into.get(..n).unwrap_or_default());
        Ok(n)
    }
}
