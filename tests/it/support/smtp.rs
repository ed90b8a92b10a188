//! A mail server on loopback that speaks SMTP as far as a client needs it, with TLS where it is asked to, and keeps what
//! it was given.

use std::io::{BufRead, BufReader, Error, Read, Result, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::{Arc, Mutex};

use openssl::asn1::Asn1Time;
use openssl::bn::BigNum;
use openssl::ec::{EcGroup, EcKey};
use openssl::hash::MessageDigest;
use openssl::nid::Nid;
use openssl::pkey::PKey;
use openssl::ssl::{SslAcceptor, SslMethod};
use openssl::x509::extension::{BasicConstraints, SubjectAlternativeName};
use openssl::x509::{X509, X509NameBuilder};

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

/// How it is spoken with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Safety {
    /// In the open.
    Plain,
    /// Under TLS from the first byte.
    Wrapped,
    /// Under TLS after STARTTLS, and not before.
    StartTls,
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
    safety: Safety,
    /// Its own certificate, which nobody issued but itself.
    pub certificate: Vec<u8>,
    kept: Arc<Mutex<Vec<Received>>>,
}

impl MailServer {
    pub fn start(answer: Answer) -> Self {
        Self::open(answer, Safety::Plain, None, Vec::new())
    }

    /// The same under TLS, with a certificate made for this server alone.
    pub fn secured(answer: Answer, safety: Safety) -> Self {
        let (acceptor, certificate) = identity();
        Self::open(answer, safety, Some(acceptor), certificate)
    }

    fn open(
        answer: Answer,
        safety: Safety,
        acceptor: Option<SslAcceptor>,
        certificate: Vec<u8>,
    ) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let port = listener.local_addr().unwrap().port();
        let kept = Arc::<Mutex<Vec<Received>>>::default();
        let keep = Arc::clone(&kept);
        std::thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let (keep, acceptor) = (Arc::clone(&keep), acceptor.clone());
                // A client that goes away in the middle ends its own conversation.
                std::thread::spawn(move || drop(call(stream, answer, acceptor, safety, &keep)));
            }
        });
        Self {
            port,
            safety,
            certificate,
            kept,
        }
    }

    pub fn url(&self) -> String {
        match self.safety {
            Safety::Plain => format!("smtp://127.0.0.1:{}", self.port),
            Safety::Wrapped => format!("smtps://127.0.0.1:{}", self.port),
            Safety::StartTls => format!("smtp://127.0.0.1:{}?tls=required", self.port),
        }
    }

    pub fn received(&self) -> Vec<Received> {
        self.kept.lock().unwrap().clone()
    }
}

/// A key and a certificate for 127.0.0.1.
fn identity() -> (SslAcceptor, Vec<u8>) {
    let key = {
        let curve = EcGroup::from_curve_name(Nid::X9_62_PRIME256V1).unwrap();
        PKey::from_ec_key(EcKey::generate(&curve).unwrap()).unwrap()
    };
    let mut name = X509NameBuilder::new().unwrap();
    name.append_entry_by_text("CN", "Sample mail server")
        .unwrap();
    let name = name.build();
    let mut made = X509::builder().unwrap();
    made.set_version(2).unwrap();
    let number = BigNum::from_u32(1).unwrap().to_asn1_integer().unwrap();
    made.set_serial_number(&number).unwrap();
    made.set_subject_name(&name).unwrap();
    made.set_issuer_name(&name).unwrap();
    made.set_pubkey(&key).unwrap();
    made.set_not_before(&Asn1Time::days_from_now(0).unwrap())
        .unwrap();
    made.set_not_after(&Asn1Time::days_from_now(2).unwrap())
        .unwrap();
    made.append_extension(BasicConstraints::new().critical().ca().build().unwrap())
        .unwrap();
    let known = SubjectAlternativeName::new()
        .ip("127.0.0.1")
        .build(&made.x509v3_context(None, None))
        .unwrap();
    made.append_extension(known).unwrap();
    made.sign(&key, MessageDigest::sha256()).unwrap();
    let certificate = made.build();
    let mut acceptor = SslAcceptor::mozilla_intermediate_v5(SslMethod::tls_server()).unwrap();
    acceptor.set_private_key(&key).unwrap();
    acceptor.set_certificate(&certificate).unwrap();
    (acceptor.build(), certificate.to_pem().unwrap())
}

/// One call from its beginning.
fn call(
    stream: TcpStream,
    answer: Answer,
    acceptor: Option<SslAcceptor>,
    safety: Safety,
    keep: &Mutex<Vec<Received>>,
) -> Result<()> {
    let Some(acceptor) = acceptor else {
        return talk(stream, answer, false, keep);
    };
    let stream = match safety {
        Safety::StartTls => start_tls(stream)?,
        _ => stream,
    };
    let stream = acceptor
        .accept(stream)
        .map_err(|_| Error::other("no TLS"))?;
    talk(stream, answer, safety == Safety::StartTls, keep)
}

/// Takes nothing before the client asks for TLS.
fn start_tls(stream: TcpStream) -> Result<TcpStream> {
    let mut say = stream.try_clone()?;
    write!(say, "220 loopback ESMTP\r\n")?;
    for line in BufReader::new(stream).lines() {
        let line = line?.to_uppercase();
        if line.starts_with("EHLO") {
            write!(say, "250-loopback\r\n250 STARTTLS\r\n")?;
        } else if line == "STARTTLS" {
            write!(say, "220 go on\r\n")?;
            return Ok(say);
        } else {
            write!(say, "530 Must issue a STARTTLS command first\r\n")?;
        }
    }
    Err(Error::other("the client went away"))
}

/// A line without its end; none when the client is gone.
fn next(from: &mut impl BufRead) -> Result<Option<String>> {
    let mut line = String::new();
    let read = from.read_line(&mut line)?;
    Ok((read > 0).then(|| line.trim_end_matches(['\r', '\n']).to_owned()))
}

fn talk<S: Read + Write>(
    stream: S,
    answer: Answer,
    greeted: bool,
    keep: &Mutex<Vec<Received>>,
) -> Result<()> {
    let mut call = BufReader::new(stream);
    if answer == Answer::Silence {
        // Until the other side hangs up.
        return std::io::copy(call.get_mut(), &mut std::io::sink()).map(drop);
    }
    let mut recipients = Vec::new();
    if !greeted {
        write!(call.get_mut(), "220 loopback ESMTP\r\n")?;
    }
    while let Some(line) = next(&mut call)? {
        let word = line
            .split_whitespace()
            .next()
            .unwrap_or_default()
            .to_uppercase();
        match word.as_str() {
            "EHLO" | "HELO" => write!(call.get_mut(), "250 loopback\r\n")?,
            "MAIL" | "RSET" => {
                recipients.clear();
                write!(call.get_mut(), "250 fine\r\n")?;
            }
            "RCPT" => {
                let address = line.split(['<', '>']).nth(1).unwrap_or_default();
                recipients.push(address.to_owned());
                let said = match answer {
                    Answer::Take | Answer::Lost => "250 fine",
                    Answer::Later => "451 try again later",
                    Answer::Refuse | Answer::Silence => "550 no such mailbox",
                };
                write!(call.get_mut(), "{said}\r\n")?;
            }
            "DATA" => {
                write!(call.get_mut(), "354 go on\r\n")?;
                let mut text = String::new();
                while let Some(line) = next(&mut call)? {
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
                write!(call.get_mut(), "250 taken\r\n")?;
            }
            "QUIT" => {
                write!(call.get_mut(), "221 goodbye\r\n")?;
                return Ok(());
            }
            _ => write!(call.get_mut(), "250 fine\r\n")?,
        }
    }
    Ok(())
}
