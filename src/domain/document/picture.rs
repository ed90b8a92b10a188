//! Pictures: the size by the header first, and only then the whole picture within a bound of memory.

use std::io::Cursor;

use image::{ImageFormat, ImageReader, Limits};

use super::{Kind, Refusal};

/// Pixels of the largest picture: a scan of an A3 page at 600 dots an inch is 35 million pixels in one colour.
const MOST_PIXELS: u64 = 40_000_000;
const LONGEST_SIDE: u32 = 30_000;
/// Memory that decoding may take.
const MOST_MEMORY: u64 = 400 * 1024 * 1024;

pub(super) fn inspect(kind: Kind, bytes: &[u8]) -> Result<(), Refusal> {
    let format = if kind == Kind::Png {
        ImageFormat::Png
    } else {
        ImageFormat::Jpeg
    };
    let (width, height) = ImageReader::with_format(Cursor::new(bytes), format)
        .into_dimensions()
        .map_err(|_| Refusal::Unreadable)?;
    if width.max(height) > LONGEST_SIDE || u64::from(width) * u64::from(height) > MOST_PIXELS {
        return Err(Refusal::Picture);
    }
    let mut limits = Limits::no_limits();
    limits.max_alloc = Some(MOST_MEMORY);
    let mut reader = ImageReader::with_format(Cursor::new(bytes), format);
    reader.limits(limits);
    reader.decode().map_err(|_| Refusal::Unreadable)?;
    Ok(())
}
