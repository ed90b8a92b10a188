//! Putting a backup back into an empty place: all of it, checked member by member, or nothing. Must not know how a
//! backup is made.

use std::collections::BTreeMap;
use std::io::{self, BufRead, BufReader, Read};

use age::{DecryptError, Decryptor, scrypt};
use serde::de::DeserializeOwned;
use serde_json::Value;

use super::{
    BEGIN, Begin, KIND, LAYOUT, MANIFEST, Manifest, Members, PIECE, Summed, passphrase, tar,
};
use crate::casework::secrets::unhex;
use crate::casework::{Context, Error, Outcome, record};
use crate::domain::event::Event;
use crate::domain::permission::{Facts, Verb};
use crate::store::chain::Head;
use crate::store::dump::{Fresh, NotEmpty, Table};
use crate::store::vault::Vault;
use crate::store::{StoreError, Target, Tx};

/// The largest member that is read whole: rows of one table, one of which may be long.
const LONGEST: u64 = 512 * 1024 * 1024;

/// Why a backup was not put back, for whoever asked.
#[derive(Debug)]
pub enum Broken {
    /// In words.
    Refused(String),
    Failed(Error),
}

impl From<Error> for Broken {
    fn from(e: Error) -> Self {
        Self::Failed(e)
    }
}

impl From<StoreError> for Broken {
    fn from(e: StoreError) -> Self {
        Self::Failed(e.into())
    }
}

impl From<io::Error> for Broken {
    fn from(_: io::Error) -> Self {
        damaged()
    }
}

fn refused(words: &str) -> Broken {
    Broken::Refused(words.to_owned())
}

fn damaged() -> Broken {
    refused("the backup is damaged or not whole; nothing was restored")
}

/// What was put back.
#[derive(Debug)]
pub struct Back {
    pub rows: u64,
    pub documents: u64,
    /// The end of the audit trail as it was when the backup was made.
    pub audit: Head,
    pub sha256: String,
}

/// Reads a backup and puts it back. Blocks.
pub fn restore(
    target: &Target,
    vault: &Vault,
    ctx: &Context,
    file: impl Read,
) -> Result<Back, Broken> {
    ctx.allow(Verb::KeepDatabase, &Facts::default())?;
    if !vault.is_empty()? {
        return Err(filled());
    }
    let key = passphrase(&ctx.house.secrets.backup_key());
    let mut file = BufReader::new(Summed::new(file));
    let sealed = Decryptor::new_buffered(&mut file).map_err(|_| refused("this is no backup"))?;
    let with = scrypt::Identity::new(key);
    let open = sealed.decrypt(std::iter::once(&with as &dyn age::Identity));
    let open = open.map_err(|e| match e {
        DecryptError::DecryptionFailed
        | DecryptError::KeyDecryptionFailed
        | DecryptError::NoMatchingKeys => {
            refused("the key file is not the one that this backup was made with")
        }
        _ => damaged(),
    })?;
    let mut from = Reading::new(open, vault);
    let read = from.all(target);
    if read.is_err() {
        for id in &from.kept {
            vault.forget(id)?;
        }
    }
    let (rows, audit) = read?;
    let documents = from.documents;
    drop(from);
    Ok(Back {
        rows,
        documents,
        audit,
        sha256: file.into_inner().sum(),
    })
}

fn filled() -> Broken {
    refused("there is something here already; a backup is restored into an empty place only")
}

/// What is read from, with what was read so far.
struct Reading<'a, R: Read> {
    from: R,
    vault: &'a Vault,
    members: Members,
    rows: BTreeMap<String, u64>,
    documents: u64,
    /// Documents that are put back and must go again if it fails.
    kept: Vec<String>,
}

impl<'a, R: Read> Reading<'a, R> {
    fn new(from: R, vault: &'a Vault) -> Self {
        Self {
            from,
            vault,
            members: Members::default(),
            rows: BTreeMap::new(),
            documents: 0,
            kept: Vec::new(),
        }
    }

    /// Everything, in its order: rows and documents count only once the manifest agrees.
    fn all(&mut self, target: &Target) -> Result<(u64, Head), Broken> {
        let begin: Begin = self.first()?;
        let sound = begin.tables.iter().all(Table::is_sound);
        if begin.kind != KIND || begin.layout != LAYOUT || !sound {
            return Err(refused(
                "this backup was made by another version; use that one",
            ));
        }
        let mut fresh = Fresh::open(target, &begin.schema).map_err(|e| match e {
            NotEmpty::Filled => filled(),
            NotEmpty::Later => refused("this backup was made by a later version; use that one"),
            NotEmpty::Store(e) => e.into(),
        })?;
        for table in &begin.tables {
            self.rows.insert(table.name.clone(), 0);
        }
        loop {
            let head = tar::next(&mut self.from)?.ok_or_else(damaged)?;
            let parts: Vec<&str> = head.name.split('/').collect();
            match parts.as_slice() {
                ["rows", table, _] => {
                    let table = begin.tables.iter().find(|t| t.name == *table);
                    self.table(&mut fresh, table.ok_or_else(damaged)?, &head)?;
                }
                ["documents", id] => self.document(id, &head)?,
                [MANIFEST] => return self.end(fresh, &head),
                _ => return Err(damaged()),
            }
        }
    }

    fn first<T: DeserializeOwned>(&mut self) -> Result<T, Broken> {
        let head = tar::next(&mut self.from)?.ok_or_else(damaged)?;
        if head.name != BEGIN {
            return Err(damaged());
        }
        let bytes = self.whole(&head)?;
        serde_json::from_slice(&bytes).map_err(|_| damaged())
    }

    /// A member's bytes.
    fn whole(&mut self, head: &tar::Head) -> Result<Vec<u8>, Broken> {
        if head.size > LONGEST {
            return Err(damaged());
        }
        let mut bytes = Vec::new();
        let mut from = Summed::new((&mut self.from).take(head.size));
        from.read_to_end(&mut bytes)?;
        let sum = from.sum();
        if u64::try_from(bytes.len()).ok() != Some(head.size) {
            return Err(damaged());
        }
        tar::skip(&mut self.from, head.size)?;
        self.members.add(&head.name, &sum);
        Ok(bytes)
    }

    fn table(&mut self, fresh: &mut Fresh, table: &Table, head: &tar::Head) -> Result<(), Broken> {
        let bytes = self.whole(head)?;
        for line in bytes.lines() {
            let row: Vec<Value> = serde_json::from_str(&line?).map_err(|_| damaged())?;
            fresh.insert(table, &row)?;
            *self.rows.entry(table.name.clone()).or_default() += 1;
        }
        Ok(())
    }

    fn document(&mut self, id: &str, head: &tar::Head) -> Result<(), Broken> {
        let plain = |c: char| c.is_ascii_hexdigit() || c == '-';
        if id.is_empty() || !id.chars().all(plain) {
            return Err(damaged());
        }
        self.kept.push(id.to_owned());
        let mut from = Summed::new((&mut self.from).take(head.size));
        let mut read = 0_u64;
        self.vault.put_sealed(id, || {
            let mut piece = Vec::new();
            (&mut from).take(PIECE).read_to_end(&mut piece)?;
            read += u64::try_from(piece.len()).unwrap_or(0);
            Ok::<_, Broken>((!piece.is_empty()).then_some(piece))
        })?;
        let sum = from.sum();
        if read != head.size {
            return Err(damaged());
        }
        tar::skip(&mut self.from, head.size)?;
        self.members.add(&head.name, &sum);
        self.documents += 1;
        Ok(())
    }

    fn end(&mut self, fresh: Fresh, head: &tar::Head) -> Result<(u64, Head), Broken> {
        let sum = std::mem::take(&mut self.members).sum();
        let bytes = self.whole(head)?;
        if tar::next(&mut self.from)?.is_some() {
            return Err(damaged());
        }
        let manifest: Manifest = serde_json::from_slice(&bytes).map_err(|_| damaged())?;
        let (seq, mac) = manifest.audit.clone();
        let found = Manifest {
            rows: self.rows.clone(),
            documents: self.documents,
            audit: manifest.audit.clone(),
            members: sum,
        };
        if found != manifest {
            return Err(damaged());
        }
        fresh.keep()?;
        let mac = unhex(&mac).ok_or_else(damaged)?;
        Ok((manifest.rows.values().sum(), Head { seq, mac }))
    }
}

/// Keeps in the trail that a backup was put back.
pub fn restored(tx: &mut Tx<'_>, ctx: &Context, sha256: &str) -> Outcome<()> {
    ctx.allow(Verb::KeepDatabase, &Facts::default())?;
    let event = Event::Restored {
        sha256: sha256.to_owned(),
    };
    record(tx, ctx, None, None, &event)
}
