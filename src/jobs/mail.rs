//! Sends what is in the outbox: by SMTP where a server is set, as one file a mail where none is.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use chrono::{DateTime, Utc};
use lettre::message::header::ContentType;
use lettre::message::{MultiPart, SinglePart};
use lettre::transport::smtp::client::{Certificate, Tls, TlsParameters};
use lettre::{Message, SmtpTransport, Transport};
use openssl::x509::X509;

use super::Stop;
use crate::casework::{Context, Error, House, mailing};
use crate::domain::actor::Actor;
use crate::store::{Db, Target, outbox};

/// For how long a mail server may say nothing.
///
/// Some look into a message before they say that they took it.
const PATIENCE: Duration = Duration::from_mins(1);

const UNUSABLE: &str = "CDR_SMTP_URL: the mail server’s address cannot be used";

/// How mails leave.
pub enum Carrier {
    /// A mail server, as an `smtp://` or `smtps://` address.
    Smtp(Box<SmtpTransport>),
    /// A folder; each mail becomes one file.
    Folder(PathBuf),
}

impl Carrier {
    /// The carrier that the settings ask for.
    pub fn of(smtp_url: Option<&str>, folder: PathBuf) -> Result<Self, String> {
        Self::patient(smtp_url, folder, PATIENCE)
    }

    /// The same, where the mail server may also show a certificate of an authority in the PEM file `ca`.
    pub fn trusting(
        smtp_url: Option<&str>,
        ca: Option<&Path>,
        folder: PathBuf,
    ) -> Result<Self, String> {
        let (Some(url), Some(ca)) = (smtp_url, ca) else {
            return Self::of(smtp_url, folder);
        };
        let mut builder = SmtpTransport::from_url(url).map_err(|_| UNUSABLE)?;
        if let Some(tls) = tls(url, &roots(ca)?)? {
            builder = builder.tls(tls);
        }
        let server = builder.timeout(Some(PATIENCE)).build();
        Ok(Self::Smtp(Box::new(server)))
    }

    /// The same, for so long at each step of what a mail server says.
    pub fn patient(
        smtp_url: Option<&str>,
        folder: PathBuf,
        patience: Duration,
    ) -> Result<Self, String> {
        let Some(url) = smtp_url else {
            return Ok(Self::Folder(folder));
        };
        SmtpTransport::from_url(url)
            .map(|builder| Self::Smtp(Box::new(builder.timeout(Some(patience)).build())))
            .map_err(|_| UNUSABLE.into())
    }

    /// Whether the mail server is there. Asked before anything is sent: what fails afterwards without an answer may
    /// have arrived.
    fn is_there(&self) -> Result<(), Fate> {
        let Self::Smtp(server) = self else {
            return Ok(());
        };
        match server.test_connection() {
            Ok(true) => Ok(()),
            Ok(false) => Err(Fate::Later("the mail server could not be reached".into())),
            Err(e) => Err(Fate::Later(reason(&e))),
        }
    }

    fn carry(&self, from: &str, mail: &outbox::Mail) -> Fate {
        let message = match message(from, mail) {
            Ok(message) => message,
            Err(why) => return Fate::Never(why),
        };
        match self {
            Self::Smtp(server) => server
                .send(&message)
                .map_or_else(|e| fate(&e), |_| Fate::Left),
            Self::Folder(folder) => write(folder, &mail.id, &message.formatted())
                .map_or_else(Fate::Later, |()| Fate::Left),
        }
    }
}

/// The certificates of a PEM file.
fn roots(file: &Path) -> Result<Vec<Certificate>, String> {
    let fault = |what: &str| format!("CDR_SMTP_CA: {} {what}", file.display());
    let pem = std::fs::read(file).map_err(|_| fault("could not be read"))?;
    let all = X509::stack_from_pem(&pem).unwrap_or_default();
    if all.is_empty() {
        return Err(fault("holds no certificate"));
    }
    all.iter()
        .map(|one| Certificate::from_der(one.to_der().ok()?).ok())
        .collect::<Option<Vec<_>>>()
        .ok_or_else(|| fault("holds a certificate that cannot be used"))
}

/// How the address asks for TLS, with these authorities beside the system's own; none where it asks for none.
fn tls(url: &str, roots: &[Certificate]) -> Result<Option<Tls>, String> {
    let url = url::Url::parse(url).map_err(|_| UNUSABLE)?;
    let asked = url.query_pairs().find(|(name, _)| name == "tls");
    let wrap = match (url.scheme(), asked.as_ref().map(|(_, how)| how.as_ref())) {
        ("smtps", _) => Tls::Wrapper,
        (_, Some("required")) => Tls::Required,
        (_, Some("opportunistic")) => Tls::Opportunistic,
        _ => return Ok(None),
    };
    let host = url.host_str().ok_or(UNUSABLE)?;
    let mut parameters = TlsParameters::builder(host.to_owned());
    for root in roots {
        parameters = parameters.add_root_certificate(root.clone());
    }
    let parameters = parameters.build().map_err(|_| UNUSABLE)?;
    Ok(Some(wrap(parameters)))
}

/// What became of a mail, and why.
#[derive(Clone)]
enum Fate {
    Left,
    Later(String),
    Never(String),
    /// It may have arrived: the server took it, or part of it, and said nothing.
    Unsure,
}

fn fate(e: &lettre::transport::smtp::Error) -> Fate {
    if e.is_permanent() {
        Fate::Never(reason(e))
    } else if e.status().is_some() || e.is_client() {
        Fate::Later(reason(e))
    } else {
        Fate::Unsure
    }
}

/// What went wrong, without the server's words: they can repeat an address.
fn reason(e: &lettre::transport::smtp::Error) -> String {
    let kind = if e.is_permanent() {
        "the mail server refused the message"
    } else if e.is_timeout() || waited_in_vain(e) {
        "the mail server did not answer in time"
    } else if no_tls(e) {
        "the mail server’s certificate is not trusted, or it speaks no TLS there"
    } else {
        "the mail server could not be reached or put the message off"
    };
    e.status()
        .map_or_else(|| kind.to_owned(), |code| format!("{kind} ({code})"))
}

/// Whether it was TLS that failed, before anything was said.
fn no_tls(e: &lettre::transport::smtp::Error) -> bool {
    let mut cause = std::error::Error::source(e);
    while let Some(at) = cause {
        if at.is::<openssl::error::ErrorStack>() {
            return true;
        }
        cause = at.source();
    }
    false
}

/// Whether nothing came within the time. Where reading stops for it, the system says that reading would block.
fn waited_in_vain(e: &lettre::transport::smtp::Error) -> bool {
    let mut cause = std::error::Error::source(e);
    while let Some(at) = cause {
        let kind = at
            .downcast_ref::<std::io::Error>()
            .map(std::io::Error::kind);
        if kind == Some(std::io::ErrorKind::WouldBlock) {
            return true;
        }
        cause = at.source();
    }
    false
}

fn message(from: &str, mail: &outbox::Mail) -> Result<Message, String> {
    let from = from
        .parse()
        .map_err(|_| "the area’s email address cannot be used".to_owned())?;
    let to = mail
        .recipient
        .parse()
        .map_err(|_| "the recipient’s address cannot be used".to_owned())?;
    let message = Message::builder()
        .from(from)
        .to(to)
        .subject(&mail.subject)
        .message_id(Some(mailing::message_id(mail)));
    let made = match &mail.calendar {
        None => message
            .header(ContentType::TEXT_PLAIN)
            .body(mail.body.clone()),
        Some(calendar) => message.multipart(
            MultiPart::alternative()
                .singlepart(SinglePart::plain(mail.body.clone()))
                .singlepart(invitation(calendar)?),
        ),
    };
    made.map_err(|_| "the message could not be made".to_owned())
}

/// The part that calendar programs look at; its method is told beside its kind.
fn invitation(calendar: &str) -> Result<SinglePart, String> {
    let method = if calendar.contains("METHOD:CANCEL") {
        "CANCEL"
    } else {
        "REQUEST"
    };
    let kind = ContentType::parse(&format!("text/calendar; charset=utf-8; method={method}"))
        .map_err(|_| "the invitation could not be made".to_owned())?;
    Ok(SinglePart::builder().header(kind).body(calendar.to_owned()))
}

/// Writes whole or not at all: a half-written mail must not look like one.
fn write(folder: &PathBuf, id: &str, bytes: &[u8]) -> Result<(), String> {
    let put = || -> std::io::Result<()> {
        std::fs::create_dir_all(folder)?;
        let draft = folder.join(format!("{id}.part"));
        std::fs::write(&draft, bytes)?;
        std::fs::rename(draft, folder.join(format!("{id}.eml")))
    };
    put().map_err(|_| "the mail could not be written to its folder".into())
}

/// Sends everything that is due at `now`; says how many left.
pub fn send_due(
    db: &Db,
    house: &Arc<House>,
    carrier: &Carrier,
    now: DateTime<Utc>,
) -> Result<usize, Error> {
    let due = db.read(|conn| Ok::<_, Error>(outbox::due(conn, now.naive_utc(), 50)?))?;
    let mut left = 0;
    if due.is_empty() {
        return Ok(0);
    }
    let ctx = Context::new(house, now, Actor::job("mail"), "mail");
    let mut there = carrier.is_there();
    for mail in due {
        // Taken first, on disk, so that no other server and no later start sends it a second time.
        let (by, id) = (ctx.clone(), mail.id.clone());
        if !db.write(move |tx| mailing::take(tx, &by, &id))? {
            continue;
        }
        let fate = match &there {
            Ok(()) => carrier.carry(&house.area.email, &mail),
            Err(fate) => fate.clone(),
        };
        let ctx = ctx.clone();
        left += usize::from(matches!(fate, Fate::Left));
        if matches!(fate, Fate::Unsure) {
            // Whether the others are tried is another matter.
            there = carrier.is_there();
        }
        db.write(move |tx| match &fate {
            Fate::Left => mailing::sent(tx, &ctx, &mail),
            Fate::Later(why) => mailing::failed(tx, &ctx, &mail, why, false),
            Fate::Never(why) => mailing::failed(tx, &ctx, &mail, why, true),
            Fate::Unsure => mailing::unsure(tx, &ctx, &mail),
        })?;
    }
    Ok(left)
}

/// Sees to the mails that a stopped server left half sent; says how many. `alone` says that there is no other
/// server, as at the start on an embedded database.
pub fn see_to_left_behind(
    db: &Db,
    house: &Arc<House>,
    carrier: &Carrier,
    now: DateTime<Utc>,
    alone: bool,
) -> Result<usize, Error> {
    let ctx = Context::new(house, now, Actor::job("mail"), "mail");
    let until = mailing::left_until(&ctx, alone);
    let left = db.read(|conn| Ok::<_, Error>(outbox::left_behind(conn, until, 500)?))?;
    let seen = left.len();
    for mail in left {
        let ctx = ctx.clone();
        // A file that is written again is the same file.
        let same = matches!(carrier, Carrier::Folder(_));
        db.write(move |tx| {
            if same {
                mailing::put_back(tx, &ctx, &mail)
            } else {
                mailing::unsure(tx, &ctx, &mail)
            }
        })?;
    }
    Ok(seen)
}

/// Keeps sending until the process ends.
pub fn keep_sending(
    db: Db,
    house: Arc<House>,
    carrier: Carrier,
    clock: impl Fn() -> DateTime<Utc> + Send + 'static,
    stop: Stop,
) {
    std::thread::spawn(move || {
        let alone = matches!(db.target(), Target::Sqlite { .. });
        loop {
            match see_to_left_behind(&db, &house, &carrier, clock(), alone) {
                Ok(0) => {}
                Ok(left) => tracing::warn!(left, "mails were being sent when the service stopped"),
                Err(e) => tracing::warn!(fault = ?e, "mails left behind could not be seen to"),
            }
            if let Err(e) = send_due(&db, &house, &carrier, clock()) {
                tracing::warn!(fault = ?e, "the outbox could not be worked through");
            }
            if !stop.pause(Duration::from_secs(2)) {
                return;
            }
        }
    });
}
