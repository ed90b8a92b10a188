//! A case on its way from one panel to another: the document that goes from hand to hand, with a checksum for each of
//! its parts. It names everything by ids of its own, which mean nothing where it arrives. Must not know how it is
//! encrypted, nor where it goes.

use std::collections::BTreeMap;
use std::io::{self, Write};

use chrono::{NaiveDate, NaiveDateTime};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

/// What such a document calls itself.
const KIND: &str = "cdr-transfer";
/// The layout that is written, and the only one that is read.
pub const LAYOUT: u32 = 1;
/// The largest file that is made or taken, in bytes: 60 MB.
pub const LARGEST: usize = 60 * 1024 * 1024;

/// The whole document.
#[derive(Clone, Serialize, Deserialize)]
pub struct Package {
    kind: String,
    layout: u32,
    pub about: About,
    /// SHA-256 of each part, by its name.
    sha256: BTreeMap<String, String>,
    pub parts: Parts,
}

/// Who hands over, and what was agreed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct About {
    /// The document's own name, by which it is taken in once.
    pub id: String,
    pub made_at: NaiveDateTime,
    /// The panel that hands the case over.
    pub from: String,
    /// What the case is called there.
    pub reference: String,
    /// The panel that is to take it over.
    pub to: String,
    pub reason: String,
    pub agreed_by: String,
    pub agreed_on: NaiveDate,
    /// Restricted to named people there.
    #[serde(default)]
    pub restricted: bool,
    /// How learning comes back, and by when.
    pub learning: String,
    pub learning_due: NaiveDate,
}

/// What is known of the case.
#[derive(Clone, Default, Serialize, Deserialize)]
pub struct Parts {
    pub notification: Notification,
    pub records: Vec<Record>,
    pub requests: Vec<Request>,
    pub responses: Vec<Response>,
    /// Forms that were found not to be needed, each with the reason.
    pub waived: Vec<(String, String)>,
    pub family: Vec<Line>,
    pub processes: Vec<Process>,
    pub meetings: Vec<Meeting>,
    pub actions: Vec<Action>,
    pub documents: Vec<Document>,
}

/// The notification as it was sent; answers are JSON in text, so that they arrive letter by letter.
#[derive(Clone, Default, Serialize, Deserialize)]
pub struct Notification {
    pub reference: String,
    pub form_version: String,
    pub answers: String,
}

/// One agreed form of the record.
#[derive(Clone, Serialize, Deserialize)]
pub struct Record {
    pub form: String,
    pub form_version: String,
    pub answers: String,
    pub sources: String,
    /// Warnings that were found right, with the reasons, as JSON. Files made before these were taken along have none,
    /// and their checksums are as they were.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub confirmed: Option<String>,
}

/// An agency that was asked and answered.
#[derive(Clone, Serialize, Deserialize)]
pub struct Request {
    pub id: String,
    pub agency: String,
    pub professional_type: Option<String>,
    pub recipient: String,
    pub organisation: Option<String>,
    pub email: String,
    pub agreed_date: NaiveDate,
    pub sent_at: Option<NaiveDateTime>,
    pub answered_at: Option<NaiveDateTime>,
    pub accepted: bool,
    pub nil_return: bool,
}

/// What it answered to one form.
#[derive(Clone, Serialize, Deserialize)]
pub struct Response {
    pub id: String,
    pub request: String,
    pub form: String,
    pub form_version: String,
    pub answers: String,
    pub sent_at: Option<NaiveDateTime>,
    pub accepted: bool,
    /// The pages of the form that it answers; none where it answers all of them.
    pub pages: Option<String>,
    /// Warnings that were found right, with the reasons, as JSON. Files made before these were taken along have none,
    /// and their checksums are as they were.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub confirmed: Option<String>,
}

/// A meeting that was held. What was only arranged is arranged anew.
#[derive(Clone, Serialize, Deserialize)]
pub struct Meeting {
    pub id: String,
    pub purpose: String,
    pub starts_at: NaiveDateTime,
    pub minutes_long: i32,
    pub place: String,
    pub minutes: Option<String>,
    pub signed_at: Option<NaiveDateTime>,
    pub signed_by: Option<String>,
    pub people: Vec<Person>,
}

/// Somebody who was asked to it. Their address stays behind.
#[derive(Clone, Serialize, Deserialize)]
pub struct Person {
    pub name: String,
    pub role: String,
    pub agency: Option<String>,
    pub is_chair: bool,
    pub was_involved: bool,
    pub attendance: String,
}

/// An action or recommendation.
#[derive(Clone, Serialize, Deserialize)]
pub struct Action {
    pub meeting: Option<String>,
    pub kind: String,
    pub state: String,
    pub set_on: NaiveDate,
    pub due_on: NaiveDate,
    pub closed_on: Option<NaiveDate>,
    pub look_on: Option<NaiveDate>,
    pub body: String,
    pub owner_email: Option<String>,
    pub saved_by: String,
}

/// A line of the family's part.
#[derive(Clone, Serialize, Deserialize)]
pub struct Line {
    pub id: String,
    pub part: String,
    pub said: BTreeMap<String, String>,
    pub saved_by: String,
}

/// What runs beside the review.
#[derive(Clone, Serialize, Deserialize)]
pub struct Process {
    pub kind: String,
    pub state: String,
    pub holds_meeting: bool,
    pub holds_panel: bool,
    pub began_on: Option<NaiveDate>,
    pub step_on: Option<NaiveDate>,
    pub checked_on: Option<NaiveDate>,
    pub next_check: Option<NaiveDate>,
    pub expected_end: Option<NaiveDate>,
    pub over_on: Option<NaiveDate>,
    /// Number of a document.
    pub document: Option<i32>,
    pub reference: Option<String>,
    pub lead_body: Option<String>,
    pub outcome: Option<String>,
    pub note: Option<String>,
}

/// A file of the case.
#[derive(Clone, Serialize, Deserialize)]
pub struct Document {
    pub number: i32,
    pub title: String,
    pub file_name: String,
    pub content_note: Option<String>,
    pub added_by: String,
    pub added_at: NaiveDateTime,
    pub request: Option<String>,
    pub response: Option<String>,
    /// The meeting whose paper it is; files made before papers went along have none, and their checksums are as they were.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub meeting: Option<String>,
    /// SHA-256 of its bytes.
    pub sha256: String,
    /// Its bytes in base 64.
    pub bytes: String,
}

/// Why a document cannot be read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Unreadable {
    /// It is something else.
    Other,
    /// It is laid out in a way that is not known here.
    Layout(u32),
    /// It is not what was written.
    Damaged,
}

impl Unreadable {
    /// What is said of it.
    pub fn words(self) -> String {
        match self {
            Self::Other => "This file is not a case from another panel".to_owned(),
            Self::Layout(n) => format!(
                "This file is written in layout {n}, and only layout {LAYOUT} can be read here. Ask the other panel which \
                 version it uses"
            ),
            Self::Damaged => {
                "This file is damaged: what it holds is not what was written. Ask for it again"
                    .to_owned()
            }
        }
    }
}

/// What every layout begins with.
#[derive(Deserialize)]
struct Head {
    kind: String,
    layout: u32,
}

impl Package {
    pub fn new(about: About, parts: Parts) -> Self {
        Self {
            kind: KIND.to_owned(),
            layout: LAYOUT,
            about,
            sha256: sums(&parts),
            parts,
        }
    }

    /// Reads a document, whole or not at all.
    pub fn read(json: &[u8]) -> Result<Self, Unreadable> {
        let head: Head = serde_json::from_slice(json).map_err(|_| Unreadable::Other)?;
        if head.kind != KIND {
            return Err(Unreadable::Other);
        }
        if head.layout != LAYOUT {
            return Err(Unreadable::Layout(head.layout));
        }
        let package: Self = serde_json::from_slice(json).map_err(|_| Unreadable::Damaged)?;
        if package.sha256 == sums(&package.parts) {
            Ok(package)
        } else {
            Err(Unreadable::Damaged)
        }
    }
}

/// The checksum of each part.
fn sums(parts: &Parts) -> BTreeMap<String, String> {
    [
        ("notification", sum(&parts.notification)),
        ("records", sum(&parts.records)),
        ("requests", sum(&parts.requests)),
        ("responses", sum(&parts.responses)),
        ("waived", sum(&parts.waived)),
        ("family", sum(&parts.family)),
        ("processes", sum(&parts.processes)),
        ("meetings", sum(&parts.meetings)),
        ("actions", sum(&parts.actions)),
        ("documents", sum(&parts.documents)),
    ]
    .into_iter()
    .map(|(name, sum)| (name.to_owned(), sum))
    .collect()
}

fn sum(part: &impl Serialize) -> String {
    let mut sum = Summing(Sha256::new());
    // A digest takes every byte, and nothing of a part is without a form in JSON.
    let whole = serde_json::to_writer(&mut sum, part).is_ok();
    let bytes = sum.0.finalize();
    if whole { hex(&bytes) } else { String::new() }
}

/// SHA-256 of bytes, as the document writes it.
pub fn sum_of(bytes: &[u8]) -> String {
    hex(&Sha256::digest(bytes))
}

fn hex(bytes: &[u8]) -> String {
    use std::fmt::Write as _;
    bytes.iter().fold(String::new(), |mut text, byte| {
        let _infallible = write!(text, "{byte:02x}");
        text
    })
}

/// A digest that is written to.
struct Summing(Sha256);

impl Write for Summing {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.update(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sample() -> Package {
        let day = NaiveDate::from_ymd_opt(2026, 3, 27).unwrap();
        let about = About {
            id: "a".into(),
            made_at: day.and_hms_opt(9, 0, 0).unwrap(),
            from: "Sample panel".into(),
            reference: "SP-2026-0001".into(),
            to: "Other panel".into(),
            reason: "A reason".into(),
            agreed_by: "Sample manager".into(),
            restricted: false,
            agreed_on: day,
            learning: "By letter".into(),
            learning_due: day,
        };
        let records = vec![Record {
            form: "reporting".into(),
            form_version: "1".into(),
            answers: "{\"weight\":1.10}".into(),
            sources: "{}".into(),
            confirmed: Some("{\"weight:PL-1\":\"A large baby.\"}".into()),
        }];
        let parts = Parts {
            records,
            ..Parts::default()
        };
        Package::new(about, parts)
    }

    #[test]
    fn what_was_written_is_read_back() {
        let json = serde_json::to_vec(&sample()).unwrap();
        let read = Package::read(&json).unwrap_or_else(|e| panic!("{e:?}"));
        assert_eq!(serde_json::to_vec(&read).unwrap(), json);
        assert_eq!(read.about, sample().about);
    }

    #[test]
    fn a_file_from_before_reasons_were_taken_along_still_opens() {
        let json = serde_json::to_string(&sample()).unwrap();
        let mut old: serde_json::Value = serde_json::from_str(&json).unwrap();
        let record = old["parts"]["records"][0].as_object_mut().unwrap();
        record.remove("confirmed").unwrap();
        // The checksum that was written of it then, computed apart from this code.
        let text = r#"[{"form":"reporting","form_version":"1","answers":"{\"weight\":1.10}","sources":"{}"}]"#;
        old["sha256"]["records"] = sum_of(text.as_bytes()).into();
        let read = Package::read(old.to_string().as_bytes()).unwrap_or_else(|e| panic!("{e:?}"));
        assert_eq!(read.parts.records[0].confirmed, None);
    }

    #[test]
    fn what_is_not_what_was_written_is_refused_in_words() {
        let json = serde_json::to_string(&sample()).unwrap();
        let read = |text: &str| Package::read(text.as_bytes()).err();
        assert_eq!(read("{}"), Some(Unreadable::Other));
        assert_eq!(read("no"), Some(Unreadable::Other));
        assert_eq!(
            read(&json.replace(KIND, "another")),
            Some(Unreadable::Other)
        );
        let newer = json.replace("\"layout\":1", "\"layout\":2");
        assert_eq!(read(&newer), Some(Unreadable::Layout(2)));
        assert_eq!(
            read(&json.replace("1.10", "1.11")),
            Some(Unreadable::Damaged)
        );
        assert_eq!(
            read(&json.replace("A large baby", "A small baby")),
            Some(Unreadable::Damaged),
            "the reasons are under the checksum"
        );
        let more = json.replace("\"family\":[]", "\"family\":[{\"id\":\"x\"}]");
        assert_eq!(read(&more), Some(Unreadable::Damaged));
        assert!(Unreadable::Layout(2).words().contains("layout 2"));
    }
}
