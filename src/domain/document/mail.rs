//! E-mails: headers that an e-mail has, and attachments that would each be taken by themselves.

use mail_parser::{HeaderName, MessageParser, MessagePart, MimeHeaders, PartType};

use super::{DEEPEST, Kind, Refusal, inspect_at, kind, name};

/// Attachments of one e-mail.
const MOST_PARTS: usize = 200;

pub(super) fn inspect(bytes: &[u8], depth: u8) -> Result<(), Refusal> {
    let other = Refusal::OtherKind(Kind::Mail);
    if bytes.contains(&0) {
        return Err(other);
    }
    let message = MessageParser::default().parse(bytes).ok_or(other)?;
    let has = |header: HeaderName<'static>| message.header(header).is_some();
    if !has(HeaderName::From) || !(has(HeaderName::Date) || has(HeaderName::Subject)) {
        return Err(other);
    }
    if message.parts.len() > MOST_PARTS {
        return Err(Refusal::Bomb);
    }
    for part in message.attachments() {
        attachment(part, depth).map_err(|refused| match refused {
            Refusal::Bomb | Refusal::Macros => refused,
            _ => Refusal::Attachment,
        })?;
    }
    Ok(())
}

fn attachment(part: &MessagePart<'_>, depth: u8) -> Result<(), Refusal> {
    if depth >= DEEPEST {
        return Err(Refusal::Bomb);
    }
    let bytes = match &part.body {
        PartType::Message(within) => {
            return inspect(within.raw_message(), depth + 1);
        }
        _ => part.contents(),
    };
    match part.attachment_name() {
        Some(called) => inspect_at(&name::display_name(called), bytes, depth + 1).map(|_| ()),
        // A second body, or a picture that the text shows.
        None if matches!(part.body, PartType::Text(_) | PartType::Html(_)) => Ok(()),
        None => {
            let found = kind::by_beginning(bytes).ok_or(Refusal::Attachment)?;
            inspect_at(&format!("part.{}", found.extension()), bytes, depth + 1).map(|_| ())
        }
    }
}
