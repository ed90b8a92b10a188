//! Making a backup: the rows as of one moment, then the documents that they name. Must not know how it is put back.

use std::collections::BTreeMap;
use std::io::{self, Write};

use age::{Encryptor, scrypt};
use serde_json::Value;

use super::{
    BEGIN, Begin, KIND, LAYOUT, MANIFEST, Manifest, Members, PIECE, Summed, passphrase, tar,
};
use crate::casework::secrets::{digest, hex};
use crate::casework::{Context, Error, Outcome, record};
use crate::domain::event::Event;
use crate::domain::permission::{Facts, Verb};
use crate::store::dump::{Table, stretch, tables};
use crate::store::vault::{Lost, Vault};
use crate::store::{Conn, Db, Tx, chain};

/// Work for the passphrase, as a power of two: it is 256 bits of a key and cannot be guessed.
const WORK: u8 = 10;
/// Rows that are read at a time, and bytes after which a member of rows ends.
const ROWS: u32 = 200;
const MEMBER: usize = 512 * 1024;

/// What was written.
#[derive(Debug)]
pub struct Summary {
    pub rows: u64,
    pub documents: u64,
    pub sha256: String,
}

/// A file that a row names.
struct Named {
    id: String,
    of: String,
    /// It need not be there.
    lacking: bool,
}

fn unwritten(e: &io::Error) -> Error {
    Error::Rule(format!("the backup could not be written: {}", e.kind()))
}

/// What is written to, with what was written so far.
struct Writing<W: Write> {
    out: W,
    members: Members,
    rows: BTreeMap<String, u64>,
    /// Documents whose bytes are to follow.
    places: Vec<Named>,
    documents: u64,
}

impl<W: Write> Writing<W> {
    fn member(&mut self, name: &str, bytes: &[u8]) -> Outcome<()> {
        let size = u64::try_from(bytes.len()).unwrap_or(u64::MAX);
        tar::begin(&mut self.out, name, size)
            .and_then(|()| self.out.write_all(bytes))
            .and_then(|()| tar::pad(&mut self.out, size))
            .map_err(|e| unwritten(&e))?;
        self.members.add(name, &digest(bytes));
        Ok(())
    }

    fn json(&mut self, name: &str, value: &impl serde::Serialize) -> Outcome<()> {
        let bytes = serde_json::to_vec(value).map_err(|e| Error::Internal(e.to_string()))?;
        self.member(name, &bytes)
    }

    /// All rows of a table.
    fn table(&mut self, conn: &mut Conn, table: &Table) -> Outcome<()> {
        let (mut last, mut held, mut number) = (None::<Vec<Value>>, Vec::new(), 0_u32);
        let mut count = 0_u64;
        loop {
            let rows = stretch(conn, table, last.as_deref(), ROWS)?;
            for row in &rows {
                count += 1;
                self.place(table, row);
                serde_json::to_writer(&mut held, row)
                    .map_err(|e| Error::Internal(e.to_string()))?;
                held.push(b'\n');
                if held.len() >= MEMBER {
                    number += 1;
                    self.member(&format!("rows/{}/{number:06}.jsonl", table.name), &held)?;
                    held.clear();
                }
            }
            let Some(row) = rows.into_iter().next_back() else {
                break;
            };
            last = Some(row);
        }
        if !held.is_empty() {
            number += 1;
            self.member(&format!("rows/{}/{number:06}.jsonl", table.name), &held)?;
        }
        self.rows.insert(table.name.clone(), count);
        Ok(())
    }

    /// Notes the document that a row names.
    fn place(&mut self, table: &Table, row: &[Value]) {
        let at = |column: &str| {
            let value = table.place(column).and_then(|at| row.get(at));
            value.and_then(Value::as_str).unwrap_or_default().to_owned()
        };
        let named = match table.name.as_str() {
            "documents" => true,
            "transfers" => !at("sealed_key").is_empty(),
            _ => false,
        };
        if named {
            self.places.push(Named {
                id: at("id"),
                of: table.name.clone(),
                // One that was found damaged may not be there at all.
                lacking: at("state") == "damaged",
            });
        }
    }

    fn document(&mut self, vault: &Vault, named: &Named) -> Outcome<()> {
        let Named { id, of, lacking } = named;
        let missing = |lost: Lost| match lost {
            Lost::Damaged => Error::Rule(format!(
                "the file {id}, which a row of {of} names, is not there; if it was taken away just now, make the \
                 backup again"
            )),
            Lost::Store(e) => e.into(),
        };
        let size = match vault.sealed_size(id) {
            Err(Lost::Damaged) if *lacking => return Ok(()),
            found => found.map_err(missing)?,
        };
        let name = format!("documents/{id}");
        tar::begin(&mut self.out, &name, size).map_err(|e| unwritten(&e))?;
        let mut out = Summed::new(&mut self.out);
        let mut from = 0;
        while from < size {
            let to = size.min(from + PIECE);
            let piece = vault.sealed_piece(id, from, to).map_err(missing)?;
            out.write_all(&piece).map_err(|e| unwritten(&e))?;
            from = to;
        }
        let sum = out.sum();
        self.members.add(&name, &sum);
        self.documents += 1;
        tar::pad(&mut self.out, size).map_err(|e| unwritten(&e))
    }
}

/// Writes a backup of everything, as of one moment, while others go on working. Blocks.
pub fn backup(db: &Db, vault: &Vault, ctx: &Context, out: impl Write) -> Outcome<Summary> {
    ctx.allow(Verb::KeepDatabase, &Facts::default())?;
    let mut to = scrypt::Recipient::new(passphrase(&ctx.house.secrets.backup_key()));
    to.set_work_factor(WORK);
    let whole = Encryptor::with_recipients(std::iter::once(&to as &dyn age::Recipient));
    let whole = whole.map_err(|_| Error::Internal("a backup could not be encrypted".into()))?;
    let out = whole
        .wrap_output(Summed::new(out))
        .map_err(|e| unwritten(&e))?;
    let mut into = Writing {
        out,
        members: Members::default(),
        rows: BTreeMap::new(),
        places: Vec::new(),
        documents: 0,
    };
    let head = db.snapshot(|conn| {
        let begin = Begin {
            kind: KIND.into(),
            layout: LAYOUT,
            schema: crate::store::schema_of(conn)?,
            tables: tables().to_vec(),
        };
        into.json(BEGIN, &begin)?;
        for table in tables() {
            into.table(conn, table)?;
        }
        Ok::<_, Error>(chain::head(conn)?)
    })?;
    for named in std::mem::take(&mut into.places) {
        into.document(vault, &named)?;
    }
    finish(into, &head)
}

fn finish<W: Write>(
    mut into: Writing<age::stream::StreamWriter<Summed<W>>>,
    head: &chain::Head,
) -> Outcome<Summary> {
    let documents = into.documents;
    let rows: u64 = into.rows.values().sum();
    let manifest = Manifest {
        rows: std::mem::take(&mut into.rows),
        documents,
        audit: (head.seq, hex(&head.mac)),
        members: std::mem::take(&mut into.members).sum(),
    };
    into.json(MANIFEST, &manifest)?;
    tar::end(&mut into.out).map_err(|e| unwritten(&e))?;
    let mut out = into.out.finish().map_err(|e| unwritten(&e))?;
    out.flush().map_err(|e| unwritten(&e))?;
    Ok(Summary {
        rows,
        documents,
        sha256: out.sum(),
    })
}

/// Keeps in the trail that a backup was made.
pub fn noted(tx: &mut Tx<'_>, ctx: &Context, sha256: &str) -> Outcome<()> {
    ctx.allow(Verb::KeepDatabase, &Facts::default())?;
    let event = Event::BackedUp {
        sha256: sha256.to_owned(),
    };
    record(tx, ctx, None, None, &event)
}
