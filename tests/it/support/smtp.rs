//! A mail server on loopback that speaks SMTP as far as a client needs it, and keeps what it was given.

use std::io::{BufRead, BufReader, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::{Arc, Mutex};

/// What it says to a message.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Answer {
    Take,
    /// Not now.
    Later,
    /// Never.
    Refuse,
    /// It takes the call and says nothing.
    Silence,
    /// It takes the message and hangs up without a word.
    Lost,
}

/// One message as it came.
#[derive(Clone, Debug)]
pub struct Received {
    pub recipients: Vec<String>,
    pub text: String,
}

impl Received {
    /// What the sender calls it, which is the same however often it is sent.
    pub fn id(&self) -> &str {
        let line = self
            .text
            .lines()
            .find(|l| l.to_lowercase().starts_with("message-id:"));
        line.map_or("", |l| l["message-id:".len()..].trim())
    }

    pub fn to(&self, address: &str) -> bool {
        self.recipients.iter().any(|r| r == address)
    }
}

/// A server that is there as long as the process.
pub struct MailServer {
    port: u16,
    kept: Arc<Mutex<Vec<Received>>>,
}

impl MailServer {
    pub fn start(answer: Answer) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let port = listener.local_addr().unwrap().port();
        let kept = Arc::<Mutex<Vec<Received>>>::default();
        let keep = Arc::clone(&kept);
        std::thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let keep = Arc::clone(&keep);
                // A client that goes away in the middle ends its own conversation.
                std::thread::spawn(move || drop(talk(stream, answer, &keep)));
            }
        });
        Self { port, kept }
    }

    pub fn url(&self) -> String {
        format!("smtp://127.0.0.1:{}", self.port)
    }

    pub fn received(&self) -> Vec<Received> {
        self.kept.lock().unwrap().clone()
    }
}

fn talk(stream: TcpStream, answer: Answer, keep: &Mutex<Vec<Received>>) -> std::io::Result<()> {
    if answer == Answer::Silence {
        // Until the other side hangs up.
        return std::io::copy(&mut &stream, &mut std::io::sink()).map(drop);
    }
    let mut say = stream.try_clone()?;
    let mut lines = BufReader::new(stream).lines();
    let mut recipients = Vec::new();
    write!(say, "220 loopback ESMTP\r\n")?;
    while let Some(line) = lines.next() {
        let line = line?;
        let word = line
            .split_whitespace()
            .next()
            .unwrap_or_default()
            .to_uppercase();
        match word.as_str() {
            "EHLO" | "HELO" => write!(say, "250 loopback\r\n")?,
            "MAIL" | "RSET" => {
                recipients.clear();
                write!(say, "250 fine\r\n")?;
            }
            "RCPT" => {
                let address = line.split(['<', '>']).nth(1).unwrap_or_default();
                recipients.push(address.to_owned());
                let said = match answer {
                    Answer::Take | Answer::Lost => "250 fine",
                    Answer::Later => "451 try again later",
                    Answer::Refuse | Answer::Silence => "550 no such mailbox",
                };
                write!(say, "{said}\r\n")?;
            }
            "DATA" => {
                write!(say, "354 go on\r\n")?;
                let mut text = String::new();
                for line in lines.by_ref() {
                    let line = line?;
                    if line == "." {
                        break;
                    }
                    text.push_str(line.strip_prefix('.').unwrap_or(&line));
                    text.push('\n');
                }
                // Kept before it is confirmed, as a server does.
                let recipients = std::mem::take(&mut recipients);
                keep.lock().unwrap().push(Received { recipients, text });
                if answer == Answer::Lost {
                    return Ok(());
                }
                write!(say, "250 taken\r\n")?;
            }
            "QUIT" => {
                write!(say, "221 goodbye\r\n")?;
                return Ok(());
            }
            _ => write!(say, "250 fine\r\n")?,
        }
    }
    Ok(())
}
