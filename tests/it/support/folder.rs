//! Where a test keeps its files: in memory where the machine has room there, else in the folder for passing files. A
//! database of the server's is some hundred files, copied for a test and deleted after it, and on a disk most of that
//! time goes into finding free places. Tests that kill a program keep their files on the disk.

use std::path::PathBuf;
use std::process::Command;
use std::sync::OnceLock;

use tempfile::TempDir;

/// A file system in memory, where there is one.
const MEMORY: &str = "/dev/shm";
/// What must be free there, in KiB: more than lies there at any time. A container often has no more than 64 MiB.
const ROOM: u64 = 1024 * 1024;

/// A folder whose name begins so, gone when this is dropped.
pub fn fresh(prefix: &str) -> std::io::Result<TempDir> {
    static PLACE: OnceLock<PathBuf> = OnceLock::new();
    let place = PLACE.get_or_init(|| {
        if free(MEMORY).is_some_and(|free| free >= ROOM) {
            MEMORY.into()
        } else {
            std::env::temp_dir()
        }
    });
    tempfile::Builder::new().prefix(prefix).tempdir_in(place)
}

/// How many KiB are free, as `df -P` tells: the fourth column of the second line.
fn free(place: &str) -> Option<u64> {
    let told = Command::new("df").args(["-Pk", place]).output().ok()?;
    let text = String::from_utf8(told.stdout).ok()?;
    let line = text.lines().nth(1)?;
    line.split_whitespace().nth(3)?.parse().ok()
}
