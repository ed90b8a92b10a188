//! One CSV file as it streams out: RFC 4180, CRLF, quotes only when needed, summed on the way.

use std::fmt::{Display, Write as _};
use std::io::{self, Write};

use csv::{QuoteStyle, Terminator, WriterBuilder};
use sha2::{Digest, Sha256};

use super::layout::Column;

/// Bytes held back before they go on.
const BUFFER: usize = 64 * 1024;

/// Writes cells one after another, then ends the row. The `csv` writer refuses a row whose width
/// is not the header's.
pub(super) struct Sheet<'w> {
    csv: csv::Writer<Tally<'w>>,
    rows: u64,
    guard: bool,
    scratch: String,
}

/// What a finished file amounts to.
pub(super) struct Sum {
    pub(super) rows: u64,
    pub(super) bytes: u64,
    pub(super) sha256: String,
}

impl<'w> Sheet<'w> {
    /// Starts the file with its header row. `guard` disarms text that a spreadsheet would take
    /// for a formula.
    pub(super) fn start(
        out: &'w mut dyn Write,
        columns: &[Column],
        guard: bool,
    ) -> io::Result<Sheet<'w>> {
        let tally = Tally {
            out,
            hash: Sha256::new(),
            bytes: 0,
        };
        let mut csv = WriterBuilder::new()
            .terminator(Terminator::CRLF)
            .quote_style(QuoteStyle::Necessary)
            .buffer_capacity(BUFFER)
            .from_writer(tally);
        csv.write_record(columns.iter().map(|column| &column.name))?;
        Ok(Sheet {
            csv,
            rows: 0,
            guard,
            scratch: String::new(),
        })
    }

    /// Sends on what is held back.
    pub(super) fn flush(&mut self) -> io::Result<()> {
        self.csv.flush()
    }

    /// Text that people typed.
    pub(super) fn text(&mut self, text: &str) -> io::Result<()> {
        if self.guard && text.starts_with(['=', '+', '-', '@']) {
            self.scratch.clear();
            self.scratch.push('\'');
            self.scratch.push_str(text);
            return Ok(self.csv.write_field(&self.scratch)?);
        }
        Ok(self.csv.write_field(text)?)
    }

    /// A code, number, date or other value that is ours, and so cannot be a formula.
    pub(super) fn value(&mut self, value: &str) -> io::Result<()> {
        Ok(self.csv.write_field(value)?)
    }

    pub(super) fn show(&mut self, value: impl Display) -> io::Result<()> {
        self.scratch.clear();
        let _ = write!(self.scratch, "{value}");
        Ok(self.csv.write_field(&self.scratch)?)
    }

    pub(super) fn maybe(&mut self, value: Option<impl Display>) -> io::Result<()> {
        match value {
            Some(value) => self.show(value),
            None => self.blank(),
        }
    }

    pub(super) fn blank(&mut self) -> io::Result<()> {
        Ok(self.csv.write_field([])?)
    }

    pub(super) fn end(&mut self) -> io::Result<()> {
        self.csv.write_record(None::<&[u8]>)?;
        self.rows += 1;
        Ok(())
    }

    pub(super) fn finish(self) -> io::Result<Sum> {
        let tally = self
            .csv
            .into_inner()
            .map_err(csv::IntoInnerError::into_error)?;
        Ok(Sum {
            rows: self.rows,
            bytes: tally.bytes,
            sha256: hex(&tally.hash.finalize()),
        })
    }
}

/// Counts and sums what passes.
struct Tally<'w> {
    out: &'w mut dyn Write,
    hash: Sha256,
    bytes: u64,
}

impl Write for Tally<'_> {
    fn write(&mut self, piece: &[u8]) -> io::Result<usize> {
        let taken = self.out.write(piece)?;
        let (taken_piece, _) = piece.split_at(taken.min(piece.len()));
        self.hash.update(taken_piece);
        self.bytes += taken as u64;
        Ok(taken)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.out.flush()
    }
}

pub(super) fn hex(bytes: &[u8]) -> String {
    bytes
        .iter()
        .fold(String::with_capacity(bytes.len() * 2), |mut text, byte| {
            let _ = write!(text, "{byte:02x}");
            text
        })
}
