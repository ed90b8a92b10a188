//! A notice by which a mail server says what became of a message (RFC 3464): which message, and whether it will never
//! arrive. Must not know what was in the message, nor where it is kept.

use mail_parser::{Message, MessageParser, MessagePart, MimeHeaders, PartType};

/// The largest notice that is read, in bytes. It may carry the whole message back.
pub const LARGEST: usize = 10 * 1024 * 1024;

/// What is told of a message.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Notice {
    /// The message's own name, without its brackets.
    pub message_id: String,
    /// It will not be tried again for at least one recipient. Otherwise it is late, or arrived.
    pub failed: bool,
    /// Such as `5.1.1`; empty where none is given.
    pub status: String,
}

/// Why a text is not read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NoNotice {
    /// It is no delivery status notification.
    Other,
    /// It does not say which message it is about.
    Unnamed,
}

impl NoNotice {
    /// What is said of it.
    pub const fn words(self) -> &'static str {
        match self {
            Self::Other => "this is not a delivery status notification (RFC 3464)",
            Self::Unnamed => {
                "this delivery status notification does not name the message it is about"
            }
        }
    }
}

/// Reads a notice.
pub fn read(bytes: &[u8]) -> Result<Notice, NoNotice> {
    let message = MessageParser::default()
        .parse(bytes)
        .filter(is_report)
        .ok_or(NoNotice::Other)?;
    let said = message
        .parts
        .iter()
        .find(|part| {
            is(
                part,
                "message",
                &["delivery-status", "global-delivery-status"],
            )
        })
        .ok_or(NoNotice::Other)?;
    let fields = String::from_utf8_lossy(said.contents()).into_owned();
    let field = |name: &str| -> Vec<&str> {
        let named = fields.lines().filter_map(|line| line.split_once(':'));
        named
            .filter(|(field, _)| field.trim().eq_ignore_ascii_case(name))
            .map(|(_, value)| value.trim())
            .collect()
    };
    let actions = field("Action");
    if actions.is_empty() {
        return Err(NoNotice::Other);
    }
    let failed = actions
        .iter()
        .any(|action| action.eq_ignore_ascii_case("failed"));
    // Digits and dots alone: the rest of what a server writes can repeat an address.
    let status = field("Status").into_iter().map(|text| -> String {
        let code = text.chars();
        code.take_while(|c| c.is_ascii_digit() || *c == '.')
            .take(12)
            .collect()
    });
    let message_id = message
        .parts
        .iter()
        .find_map(named)
        .ok_or(NoNotice::Unnamed)?;
    Ok(Notice {
        message_id,
        failed,
        status: status.max().unwrap_or_default(),
    })
}

fn is_report(message: &Message<'_>) -> bool {
    let root = message.parts.first();
    let kind = root.and_then(MessagePart::content_type);
    root.is_some_and(|part| is(part, "multipart", &["report"]))
        && kind
            .and_then(|kind| kind.attribute("report-type"))
            .is_some_and(|of| of.to_ascii_lowercase().ends_with("delivery-status"))
}

fn is(part: &MessagePart<'_>, kind: &str, subtypes: &[&str]) -> bool {
    subtypes.iter().any(|of| part.is_content_type(kind, of))
}

/// The name of the message that a notice gives back, whole or by its headers.
fn named(part: &MessagePart<'_>) -> Option<String> {
    let id = |message: &Message<'_>| message.message_id().map(str::to_owned);
    match &part.body {
        PartType::Message(whole) => id(whole),
        _ if is(part, "text", &["rfc822-headers"])
            || is(part, "message", &["rfc822", "global", "global-headers"]) =>
        {
            // The blank line that ends headers may have gone with the boundary after them.
            let headers = [part.contents(), b"\r\n\r\n"].concat();
            id(&MessageParser::default().parse(&headers)?)
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A notice as Postfix writes it; `status` and `third` are its second and third part.
    pub(crate) fn notice(status: &str, third: &str) -> String {
        format!(
            "From: MAILER-DAEMON@mail.example\r\nTo: team@cdr.example\r\nSubject: Undelivered Mail Returned to Sender\r\n\
             MIME-Version: 1.0\r\nContent-Type: multipart/report; report-type=delivery-status; boundary=\"b\"\r\n\r\n\
             --b\r\nContent-Type: text/plain\r\n\r\nI'm sorry to have to inform you.\r\n\
             --b\r\nContent-Type: message/delivery-status\r\n\r\nReporting-MTA: dns; mail.example\r\n\r\n{status}\r\n\
             --b\r\n{third}\r\n--b--\r\n"
        )
    }

    const FAILED: &str = "Final-Recipient: rfc822; gp@gone.example\r\nAction: failed\r\nStatus: 5.1.1\r\n\
                          Diagnostic-Code: smtp; 550 5.1.1 <gp@gone.example> unknown\r\n";
    const WHOLE: &str =
        "Content-Type: message/rfc822\r\n\r\nMessage-ID: <a-b@cdr>\r\nSubject: x\r\n\r\nBody\r\n";
    const HEADERS: &str =
        "Content-Type: text/rfc822-headers\r\n\r\nMessage-ID: <a-b@cdr>\r\nSubject: x\r\n";

    #[test]
    fn a_notice_names_its_message_however_it_gives_it_back() {
        for third in [WHOLE, HEADERS] {
            let read = read(notice(FAILED, third).as_bytes()).unwrap();
            let told = Notice {
                message_id: "a-b@cdr".into(),
                failed: true,
                status: "5.1.1".into(),
            };
            assert_eq!(read, told);
        }
    }

    #[test]
    fn what_is_late_has_not_failed() {
        let late = "Action: delayed\r\nStatus: 4.4.1\r\n";
        assert!(!read(notice(late, WHOLE).as_bytes()).unwrap().failed);
        let one_of_two = format!("{late}\r\n{FAILED}");
        let read = read(notice(&one_of_two, WHOLE).as_bytes()).unwrap();
        assert_eq!((read.failed, read.status.as_str()), (true, "5.1.1"));
    }

    #[test]
    fn what_is_no_notice_is_said_so() {
        let good = notice(FAILED, WHOLE);
        for (text, why) in [
            (String::new(), NoNotice::Other),
            (
                "Subject: Out of office\r\n\r\nAway.\r\n".into(),
                NoNotice::Other,
            ),
            (
                good.replace(
                    "report-type=delivery-status",
                    "report-type=disposition-notification",
                ),
                NoNotice::Other,
            ),
            (
                good.replace("multipart/report", "multipart/mixed"),
                NoNotice::Other,
            ),
            (
                good.replace("message/delivery-status", "text/plain"),
                NoNotice::Other,
            ),
            (
                good.replace("Action: failed", "Acton: failed"),
                NoNotice::Other,
            ),
            (good.replace("Message-ID", "X-Other"), NoNotice::Unnamed),
            (
                notice(
                    FAILED,
                    "Content-Type: text/plain\r\n\r\nMessage-ID: <a-b@cdr>\r\n",
                ),
                NoNotice::Unnamed,
            ),
        ] {
            assert_eq!(read(text.as_bytes()), Err(why), "{text}");
        }
        assert_eq!(read(&[0xff; 2_000]), Err(NoNotice::Other));
    }
}
