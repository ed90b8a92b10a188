//! The least of an HTTP/1.1 client: one kept connection on loopback, one request at a time.

use std::io::{self, BufRead, BufReader, Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::time::Duration;

/// One connection.
pub struct Client {
    address: SocketAddr,
    stream: BufReader<TcpStream>,
    /// Header lines sent with every request, each ended by CRLF.
    headers: String,
}

/// An answer whose body has not been read.
pub struct Head {
    pub status: u16,
    pub location: Option<String>,
    pub cookie: Option<String>,
    length: Option<usize>,
    chunked: bool,
    close: bool,
}

impl Client {
    pub fn new(address: SocketAddr, headers: &str) -> io::Result<Self> {
        Ok(Self {
            address,
            stream: connect(address)?,
            headers: headers.to_owned(),
        })
    }

    /// Sends a request and reads the whole answer.
    pub fn ask(&mut self, method: &str, path: &str, more: &str, body: &[u8]) -> io::Result<Reply> {
        let head = self.begin(method, path, more, body)?;
        let mut bytes = Vec::new();
        self.body(&head, &mut |piece| {
            bytes.extend_from_slice(piece);
            Ok(())
        })?;
        Ok(Reply { head, body: bytes })
    }

    pub fn get(&mut self, path: &str) -> io::Result<Reply> {
        self.ask("GET", path, "", &[])
    }

    /// Posts a form as a browser on our own page would.
    pub fn post_form(&mut self, path: &str, form: &str) -> io::Result<Reply> {
        self.ask("POST", path, FORM, form.as_bytes())
    }

    /// Sends a request and reads the head of its answer.
    pub fn begin(&mut self, method: &str, path: &str, more: &str, body: &[u8]) -> io::Result<Head> {
        let mut request = format!(
            "{method} {path} HTTP/1.1\r\nHost: {}\r\n{}{more}",
            self.address, self.headers
        );
        if method != "GET" {
            request.push_str(&format!("Content-Length: {}\r\n", body.len()));
        }
        request.push_str("\r\n");
        let mut whole = request.into_bytes();
        whole.extend_from_slice(body);
        self.stream.get_mut().write_all(&whole)?;
        self.head()
    }

    fn line(&mut self) -> io::Result<String> {
        let mut line = String::new();
        if self.stream.read_line(&mut line)? == 0 {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
        line.truncate(line.trim_end().len());
        Ok(line)
    }

    fn head(&mut self) -> io::Result<Head> {
        let first = self.line()?;
        let status = first.split(' ').nth(1).and_then(|s| s.parse().ok());
        let mut head = Head {
            status: status.ok_or(io::ErrorKind::InvalidData)?,
            location: None,
            cookie: None,
            length: None,
            chunked: false,
            close: false,
        };
        loop {
            let line = self.line()?;
            let Some((name, value)) = line.split_once(':') else {
                return Ok(head);
            };
            let value = value.trim();
            match name.to_ascii_lowercase().as_str() {
                "content-length" => head.length = value.parse().ok(),
                "transfer-encoding" => head.chunked = value.eq_ignore_ascii_case("chunked"),
                "connection" => head.close = value.eq_ignore_ascii_case("close"),
                "location" => head.location = Some(value.to_owned()),
                // A cookie that is taken away comes empty.
                "set-cookie" => {
                    let cookie = value.split(';').next().unwrap_or_default();
                    if !cookie.ends_with('=') {
                        // Signing in gives two: the session, and a mark of the browser.
                        head.cookie = Some(match head.cookie.take() {
                            Some(before) => format!("{before}; {cookie}"),
                            None => cookie.to_owned(),
                        });
                    }
                }
                _ => {}
            }
        }
    }

    /// Reads the body of an answer and hands it on as it comes.
    pub fn body(
        &mut self,
        head: &Head,
        take: &mut dyn FnMut(&[u8]) -> io::Result<()>,
    ) -> io::Result<()> {
        if head.chunked {
            while self.chunk(take)? {}
        } else {
            self.exactly(head.length.unwrap_or(0), take)?;
        }
        if head.close {
            self.stream = connect(self.address)?;
        }
        Ok(())
    }

    /// Reads one chunk; `false` after the last.
    pub fn chunk(&mut self, take: &mut dyn FnMut(&[u8]) -> io::Result<()>) -> io::Result<bool> {
        let size = self.line()?;
        let size = usize::from_str_radix(&size, 16).map_err(|_| io::ErrorKind::InvalidData)?;
        self.exactly(size, take)?;
        self.line()?;
        Ok(size > 0)
    }

    fn exactly(
        &mut self,
        mut left: usize,
        take: &mut dyn FnMut(&[u8]) -> io::Result<()>,
    ) -> io::Result<()> {
        let mut room = [0; 16 * 1024];
        while left > 0 {
            let want = left.min(room.len());
            let (part, _) = room.split_at_mut(want);
            let got = self.stream.read(part)?;
            if got == 0 {
                return Err(io::ErrorKind::UnexpectedEof.into());
            }
            take(part.split_at(got).0)?;
            left -= got;
        }
        Ok(())
    }
}

/// What a browser says when it posts a form of our own page.
pub const FORM: &str =
    "Content-Type: application/x-www-form-urlencoded\r\nSec-Fetch-Site: same-origin\r\n";

/// A whole answer.
pub struct Reply {
    pub head: Head,
    pub body: Vec<u8>,
}

impl Reply {
    pub fn text(&self) -> String {
        String::from_utf8_lossy(&self.body).into_owned()
    }
}

fn connect(address: SocketAddr) -> io::Result<BufReader<TcpStream>> {
    let stream = TcpStream::connect(address)?;
    stream.set_nodelay(true)?;
    stream.set_read_timeout(Some(Duration::from_secs(120)))?;
    Ok(BufReader::with_capacity(64 * 1024, stream))
}
