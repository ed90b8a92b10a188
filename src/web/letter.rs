//! A mail as pages show it: its state in words, its links made to be followed in the demonstration, and the
//! secret in a request's link covered everywhere else. Must not read or send any mail.

use chrono::NaiveDateTime;
use serde::Serialize;

use crate::store::outbox::Mail;

/// A piece of a mail's text, with an address when it is a link of this service.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Part {
    pub text: String,
    pub href: Option<String>,
}

/// A stored moment for the template's `datetime` filter, which shows London's time.
pub fn moment(at: NaiveDateTime) -> String {
    at.and_utc().to_rfc3339()
}

/// What has become of a mail.
pub fn state_of(mail: &Mail) -> &str {
    if mail.bounced_at.is_some() {
        return "came back";
    }
    state(&mail.state)
}

/// A state of a mail in words.
fn state(code: &str) -> &str {
    match code {
        "queued" => "waiting to be sent",
        "sending" => "being sent",
        "sent" => "sent",
        "failed" => "could not be sent",
        other => other,
    }
}

/// The text in pieces, its links to this service as addresses without the host, so that they lead here
/// whatever name the service was reached by.
pub fn linked(body: &str, base_url: &str) -> Vec<Part> {
    let start = format!("{base_url}/");
    let mut parts = Vec::new();
    let mut rest = body;
    while let Some(at) = rest.find(&start) {
        let (before, link) = rest.split_at(at);
        let end = link.find(char::is_whitespace).unwrap_or(link.len());
        let (link, after) = link.split_at(end);
        parts.push(Part {
            text: before.to_owned(),
            href: None,
        });
        parts.push(Part {
            text: link.to_owned(),
            href: link.strip_prefix(base_url).map(str::to_owned),
        });
        rest = after;
    }
    parts.push(Part {
        text: rest.to_owned(),
        href: None,
    });
    parts
}

/// The text with the secret of every link covered: whoever may look at the outbox is not thereby the one who was
/// asked or invited.
pub fn covered(body: &str) -> String {
    ["/requests/", "/join/", "/sign-in/reset/"]
        .iter()
        .fold(without_codes(body), |text, before| {
            covered_after(&text, before)
        })
}

/// The text without the codes that open a link in a second browser: each stands alone on its line.
fn without_codes(body: &str) -> String {
    let is_code = |line: &str| {
        let digits = line.chars().filter(char::is_ascii_digit).count();
        digits >= 6 && line.chars().all(|c| c.is_ascii_digit() || c == ' ')
    };
    let lines = body
        .split('\n')
        .map(|line| if is_code(line) { "…" } else { line });
    lines.collect::<Vec<_>>().join("\n")
}

fn covered_after(body: &str, start: &str) -> String {
    let mut text = String::with_capacity(body.len());
    let mut rest = body;
    while let Some(at) = rest.find(start) {
        let (before, after) = rest.split_at(at + start.len());
        let end = after
            .find(|c: char| !c.is_ascii_alphanumeric())
            .unwrap_or(after.len());
        let (secret, after) = after.split_at(end);
        text.push_str(before);
        // The ids in staff addresses have hyphens and open nothing; a secret is one long run.
        text.push_str(if secret.len() >= 20 { "…" } else { secret });
        rest = after;
    }
    text.push_str(rest);
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_secret_of_a_link_is_covered_and_nothing_else() {
        let body = "Open:\nhttp://x/requests/0123456789ABCDEFGHJKMNPQRSTVWXYZ\n\nStaff:\nhttp://x/cases/KM-2026-0001/requests/0198-aa";
        let shown = covered(body);
        assert!(!shown.contains("0123456789"));
        assert!(shown.contains("http://x/requests/…\n"));
        assert!(shown.ends_with("/requests/0198-aa"));
        for kind in ["join", "sign-in/reset"] {
            let shown = covered(&format!(
                "http://x/{kind}/0123456789ABCDEFGHJKMNPQRSTVWXYZ\n"
            ));
            assert_eq!(shown, format!("http://x/{kind}/…\n"));
        }
    }

    #[test]
    fn links_of_this_service_can_be_followed() {
        let parts = linked("See\nhttp://x:1/cases\nand http://y/z.", "http://x:1");
        let hrefs: Vec<_> = parts.iter().filter_map(|p| p.href.as_deref()).collect();
        assert_eq!(hrefs, ["/cases"]);
        let whole: String = parts.iter().map(|p| p.text.as_str()).collect();
        assert_eq!(whole, "See\nhttp://x:1/cases\nand http://y/z.");
    }
}
