//! What is asked on each line: the one list that pages, checks and comparisons are made of. Must not judge an answer.

use super::{Asked, Part, Safe, Said};
use crate::domain::form::{Clearance, Identifies, shown};

/// How one question is answered.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// One line of text.
    Line,
    /// Several lines of text.
    Lines,
    Day,
    /// Days, a line each, as `quiet` reads them.
    Days,
    /// One of these codes.
    One(&'static [(&'static str, &'static str)]),
    /// A relationship to the child, as the forms list them.
    Relation,
    /// One of the parents and carers of the case.
    Person,
}

/// One question.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Field {
    pub name: &'static str,
    pub label: &'static str,
    pub hint: &'static str,
    pub kind: Kind,
    pub required: bool,
}

impl Field {
    /// What the answer gives away.
    pub const fn identifies(&self) -> Identifies {
        match self.kind {
            Kind::Line => Identifies::Direct,
            Kind::Lines | Kind::Days => Identifies::FreeText,
            Kind::Day => Identifies::Indirect,
            Kind::One(_) | Kind::Relation | Kind::Person => Identifies::None,
        }
    }
}

const fn must(name: &'static str, label: &'static str, kind: Kind) -> Field {
    Field {
        required: true,
        ..may(name, label, "", kind)
    }
}

const fn may(name: &'static str, label: &'static str, hint: &'static str, kind: Kind) -> Field {
    Field {
        name,
        label,
        hint,
        kind,
        required: false,
    }
}

const YES_NO: &[(&str, &str)] = &[("yes", "Yes"), ("no", "No")];
const KNOWN: &[(&str, &str)] = &[("yes", "Yes"), ("no", "No"), ("not_known", "Not known")];
const WISH: &[(&str, &str)] = &[
    ("yes", "Yes"),
    ("no", "No"),
    ("later", "Later"),
    ("not_asked", "Not asked yet"),
];
const CHANNEL: &[(&str, &str)] = &[
    ("telephone", "Telephone"),
    ("letter", "Letter"),
    ("email", "Email"),
    ("text", "Text message"),
    ("in_person", "In person"),
    ("key_worker", "Through the key worker"),
];
const LEAFLET: &[(&str, &str)] = &[
    ("given", "Given"),
    ("declined", "Offered and declined"),
    ("not_yet", "Not yet"),
];
const SUPPORT: &[(&str, &str)] = &[
    ("taken", "Offered and taken"),
    ("declined", "Offered and declined"),
    ("not_yet", "Not yet"),
];
const SAFE: &[(&str, &str)] = &[
    (Safe::Yes.as_str(), Safe::Yes.label()),
    (Safe::Referred.as_str(), Safe::Referred.label()),
    (Safe::NotKnown.as_str(), Safe::NotKnown.label()),
];
const STATES: &[(&str, &str)] = &[
    (Asked::Asked.as_str(), Asked::Asked.label()),
    (Asked::Meeting.as_str(), Asked::Meeting.label()),
    (Asked::Panel.as_str(), Asked::Panel.label()),
    (Asked::Answered.as_str(), Asked::Answered.label()),
    (Asked::Told.as_str(), Asked::Told.label()),
    (Asked::Explained.as_str(), Asked::Explained.label()),
];

#[rustfmt::skip]
const PEOPLE: &[Field] = &[
    must("name", "Name", Kind::Line),
    must("relation", "Relationship to the child", Kind::Relation),
    must("responsibility", "Has parental responsibility", Kind::One(KNOWN)),
    may("address", "Address", "", Kind::Lines),
    may("apart", "The other parent must not see this address or contact", "Then it is left out wherever the other parent is written to or spoken with.", Kind::One(YES_NO)),
    may("telephone", "Telephone", "", Kind::Line),
    may("email", "Email address", "No mail of this service goes to a family.", Kind::Line),
    may("language", "Language", "", Kind::Line),
    may("interpreter", "An interpreter is needed", "", Kind::One(KNOWN)),
    may("faith", "Faith", "", Kind::Line),
    may("channel", "How to reach them", "", Kind::One(CHANNEL)),
    may("quiet_days", "Days on which not to call", "For example birthdays, the anniversary, the funeral.", Kind::Lines),
    may("quiet_dates", "The same as dates, a line each", "For example 4 5 2026, or 24 12 2026 to 26 12 2026, or 9 2 each year. On these days this service warns before somebody calls or writes.", Kind::Days),
    may("contact_wish", "Wishes contact about the review", "", Kind::One(WISH)),
    may("feedback_wish", "Wishes to be told what comes out of it", "", Kind::One(WISH)),
    may("wishes", "What they wish, in their words", "", Kind::Lines),
    may("leaflet", "Leaflet “When a Child Dies”", "", Kind::One(LEAFLET)),
    may("leaflet_on", "Day of the leaflet", "", Kind::Day),
    may("support", "Bereavement support", "", Kind::One(SUPPORT)),
    may("support_what", "Which support", "", Kind::Lines),
];

#[rustfmt::skip]
const OTHERS: &[Field] = &[
    must("name", "Name", Kind::Line),
    must("relation", "Relationship to the child who died", Kind::Relation),
    may("safe", "Are they safe?", "What is not answered, or not known, stays in what is owed next.", Kind::One(SAFE)),
    may("referred_to", "Referred to", "If they are not safe.", Kind::Line),
    may("referred_on", "Day of the referral", "", Kind::Day),
    may("how_known", "How this is known", "", Kind::Lines),
    may("needs", "What they need", "For example support at school.", Kind::Lines),
];

#[rustfmt::skip]
const QUESTIONS: &[Field] = &[
    must("words", "Their question, in their own words", Kind::Lines),
    may("who", "Who asks", "", Kind::Person),
    must("asked_on", "When they asked", Kind::Day),
    must("state", "How far it is", Kind::One(STATES)),
    may("answer", "The answer", "In words that can be given to the family.", Kind::Lines),
    may("told_on", "When the family was told", "", Kind::Day),
    may("told_how", "How, and by whom", "", Kind::Line),
    may("explanation", "Why it stays open", "A case is not closed while a question is open without this.", Kind::Lines),
];

#[rustfmt::skip]
const CONTACTS: &[Field] = &[
    must("day", "Day", Kind::Day),
    may("who", "With whom", "", Kind::Person),
    must("channel", "How", Kind::One(CHANNEL)),
    must("by", "By whom", Kind::Line),
    must("what", "What was said", Kind::Lines),
];

#[rustfmt::skip]
const KEY_WORKER: &[Field] = &[
    must("name", "Name of the key worker", Kind::Line),
    may("organisation", "Organisation", "", Kind::Line),
    may("contact", "How the family reaches them", "", Kind::Line),
    must("named_on", "When they were named", Kind::Day),
    may("accepted", "They accepted", "", Kind::One(YES_NO)),
    may("accepted_on", "When they accepted", "", Kind::Day),
    may("cover", "Who covers while they are away", "", Kind::Line),
    may("cover_contact", "How the family reaches that person", "", Kind::Line),
    may("cover_from", "Covered from", "", Kind::Day),
    may("cover_to", "Covered to", "", Kind::Day),
    may("ended_on", "When their work for this family ended", "", Kind::Day),
];

/// What is asked on a line of this part, in its order.
pub const fn fields(part: Part) -> &'static [Field] {
    match part {
        Part::People => PEOPLE,
        Part::Others => OTHERS,
        Part::Questions => QUESTIONS,
        Part::Contacts => CONTACTS,
        Part::KeyWorker => KEY_WORKER,
    }
}

/// The answers that a reader may see, by the one mask of all answers.
pub fn masked(part: Part, mut said: Said, clearance: Clearance) -> Said {
    let may = |name: &str| {
        let field = fields(part).iter().find(|field| field.name == name);
        field.is_some_and(|field| shown(field.identifies(), clearance))
    };
    said.retain(|name, _| may(name));
    said
}
