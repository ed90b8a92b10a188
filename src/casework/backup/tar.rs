//! Members one after the other in the tar form, written and read without going back, so that a backup can be a stream of
//! any length. Must not know what a member holds.

use std::io::{self, Read, Write};

const BLOCK: usize = 512;

/// What a member begins with.
pub struct Head {
    pub name: String,
    pub size: u64,
}

fn wrong(words: &str) -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, words.to_owned())
}

fn put(block: &mut [u8; BLOCK], at: usize, bytes: &[u8]) {
    for (to, from) in block.iter_mut().skip(at).zip(bytes) {
        *to = *from;
    }
}

fn sum(block: &[u8; BLOCK]) -> u64 {
    let sum = |(at, byte): (usize, &u8)| {
        // The sum's own place counts as blanks.
        u64::from(if (148..156).contains(&at) {
            b' '
        } else {
            *byte
        })
    };
    block.iter().enumerate().map(sum).sum()
}

/// Blank bytes after so many, up to a whole block.
fn rest(size: u64) -> usize {
    let over = usize::try_from(size % 512).unwrap_or(0);
    (BLOCK - over) % BLOCK
}

/// Begins a member: its bytes follow, and then [`pad`].
pub fn begin(out: &mut impl Write, name: &str, size: u64) -> io::Result<()> {
    if name.len() > 99 || size >= 1 << 33 {
        return Err(wrong(
            "a member of a backup has too long a name, or is too large",
        ));
    }
    let mut block = [0; BLOCK];
    put(&mut block, 0, name.as_bytes());
    put(&mut block, 100, b"0000600\0");
    put(&mut block, 108, b"0000000\0");
    put(&mut block, 116, b"0000000\0");
    put(&mut block, 124, format!("{size:011o}\0").as_bytes());
    put(&mut block, 136, b"00000000000\0");
    put(&mut block, 156, b"0ustar\0");
    // The type stands before the mark of the form.
    put(&mut block, 157, &[0; 100]);
    put(&mut block, 257, b"ustar\x0000");
    let sum = sum(&block);
    put(&mut block, 148, format!("{sum:06o}\0 ").as_bytes());
    out.write_all(&block)
}

pub fn pad(out: &mut impl Write, size: u64) -> io::Result<()> {
    out.write_all(&vec![0; rest(size)])
}

/// After the last member.
pub fn end(out: &mut impl Write) -> io::Result<()> {
    out.write_all(&[0; 2 * BLOCK])
}

/// The next member; none at the end, which must be there.
pub fn next(from: &mut impl Read) -> io::Result<Option<Head>> {
    let mut block = [0; BLOCK];
    from.read_exact(&mut block)?;
    if block.iter().all(|byte| *byte == 0) {
        // Everything up to the end is read, so that a cut is seen.
        io::copy(from, &mut io::sink())?;
        return Ok(None);
    }
    let text = |at: usize, len: usize| {
        let field = block.iter().skip(at).take(len);
        let bytes: Vec<u8> = field
            .copied()
            .take_while(|b| *b != 0 && *b != b' ')
            .collect();
        String::from_utf8(bytes).map_err(|_| wrong("a member of a backup has no name"))
    };
    let number = |at: usize, len: usize| {
        u64::from_str_radix(&text(at, len)?, 8).map_err(|_| wrong("a member has no size"))
    };
    if number(148, 8)? != sum(&block) {
        return Err(wrong("a member of a backup is damaged"));
    }
    Ok(Some(Head {
        name: text(0, 100)?,
        size: number(124, 12)?,
    }))
}

/// Reads over the blank bytes after a member.
pub fn skip(from: &mut impl Read, size: u64) -> io::Result<()> {
    from.read_exact(&mut vec![0; rest(size)])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn members_are_read_back_and_a_cut_end_is_seen() {
        let mut file = Vec::new();
        for (name, size) in [("a", 0_u64), ("rows/b/000001", 511), ("c", 512), ("d", 513)] {
            begin(&mut file, name, size).unwrap();
            file.extend(vec![7; usize::try_from(size).unwrap()]);
            pad(&mut file, size).unwrap();
        }
        end(&mut file).unwrap();
        assert_eq!(file.len() % BLOCK, 0);
        let mut from = file.as_slice();
        let mut seen = Vec::new();
        while let Some(head) = next(&mut from).unwrap() {
            io::copy(&mut (&mut from).take(head.size), &mut io::sink()).unwrap();
            skip(&mut from, head.size).unwrap();
            seen.push((head.name, head.size));
        }
        let seen: Vec<(&str, u64)> = seen.iter().map(|(n, s)| (n.as_str(), *s)).collect();
        assert_eq!(
            seen,
            [("a", 0), ("rows/b/000001", 511), ("c", 512), ("d", 513)]
        );
        assert!(next(&mut &file[..BLOCK - 1]).is_err());
        let mut bent = file.clone();
        bent[0] ^= 1;
        assert!(next(&mut bent.as_slice()).is_err());
        assert!(
            next(&mut [].as_slice()).is_err(),
            "without its end it is not whole"
        );
    }
}
