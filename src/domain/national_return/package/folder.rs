//! The package as plain files in a directory.

use std::fs;
use std::io::{self, BufWriter, Write};
use std::path::{Path, PathBuf};

use super::Shelf;

pub(super) struct Folder {
    directory: PathBuf,
    open: Option<BufWriter<fs::File>>,
}

impl Folder {
    pub(super) fn new(directory: &Path) -> Folder {
        Folder {
            directory: directory.to_owned(),
            open: None,
        }
    }

    /// Brings the last file to the disk.
    pub(super) fn close(&mut self) -> io::Result<()> {
        match self.open.take() {
            Some(file) => file
                .into_inner()
                .map_err(io::IntoInnerError::into_error)?
                .sync_all(),
            None => Ok(()),
        }
    }
}

impl Shelf for Folder {
    fn open(&mut self, name: &str, _: bool) -> io::Result<&mut dyn Write> {
        self.close()?;
        let file = fs::File::create(self.directory.join(name))?;
        Ok(self.open.insert(BufWriter::new(file)))
    }
}
