//! The package as a ZIP file written straight through, without ever seeking back.

use std::cell::Cell;
use std::io::{self, Write};
use std::rc::Rc;

use chrono::{DateTime, Datelike, Timelike, Utc};
use chrono_tz::Europe::London;
use zip::write::{SimpleFileOptions, StreamWriter};
use zip::{CompressionMethod, ZipWriter};

use super::Shelf;

/// Quick rather than small: the receiver is waiting.
const LEVEL: i64 = 1;

pub(super) struct Zip<W: Write> {
    writer: ZipWriter<StreamWriter<Tap<W>>>,
    shut: Rc<Cell<bool>>,
    options: SimpleFileOptions,
}

impl<W: Write> Zip<W> {
    /// Entries bear the stamp's time, so that one order and state give the same bytes.
    pub(super) fn new(out: W, stamp: DateTime<Utc>) -> Zip<W> {
        let shut = Rc::new(Cell::new(false));
        let writer = ZipWriter::new_stream(Tap {
            out,
            shut: Rc::clone(&shut),
        });
        let options = SimpleFileOptions::default()
            .compression_method(CompressionMethod::Deflated)
            .compression_level(Some(LEVEL))
            .last_modified_time(time(stamp))
            .unix_permissions(0o600);
        Zip {
            writer,
            shut,
            options,
        }
    }

    /// Ends the ZIP file after what `written` says went well, or leaves it cut off.
    pub(super) fn close<T>(self, written: io::Result<T>) -> io::Result<T> {
        match written {
            Ok(value) => {
                let ended = self.writer.finish();
                self.shut.set(true);
                ended?.into_inner().out.flush()?;
                Ok(value)
            }
            Err(error) => {
                // Dropping the writer would end the file as if it were whole.
                self.shut.set(true);
                Err(error)
            }
        }
    }
}

impl<W: Write> Shelf for Zip<W> {
    fn open(&mut self, name: &str, may_be_large: bool) -> io::Result<&mut dyn Write> {
        self.writer
            .start_file(name, self.options.large_file(may_be_large))?;
        Ok(&mut self.writer)
    }
}

/// A tap that can be shut: what comes after that is thrown away.
struct Tap<W> {
    out: W,
    shut: Rc<Cell<bool>>,
}

impl<W: Write> Write for Tap<W> {
    fn write(&mut self, piece: &[u8]) -> io::Result<usize> {
        if self.shut.get() {
            Ok(piece.len())
        } else {
            self.out.write(piece)
        }
    }

    fn flush(&mut self) -> io::Result<()> {
        if self.shut.get() {
            Ok(())
        } else {
            self.out.flush()
        }
    }
}

/// ZIP times are local and have no zone; out of their range there is none.
fn time(stamp: DateTime<Utc>) -> zip::DateTime {
    let at = stamp.with_timezone(&London);
    let small = |n: u32| u8::try_from(n).unwrap_or_default();
    let year = u16::try_from(at.year()).unwrap_or_default();
    zip::DateTime::from_date_and_time(
        year,
        small(at.month()),
        small(at.day()),
        small(at.hour()),
        small(at.minute()),
        small(at.second()),
    )
    .unwrap_or_default()
}
