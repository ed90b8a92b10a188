//! Letters and minutes from templates: for whom one is, which holes it has, and filling them. What is not known stays a
//! marked gap that the writer fills in the file. Must not know where a value comes from, nor that anything is sent.

mod load;
mod paper;
#[cfg(test)]
mod tests;

use std::collections::BTreeMap;

pub use load::Letters;
pub use paper::docx;

use super::code::coded;

coded! {
    /// For whom a template is.
    pub enum For {
        Parent = "parent", "A parent or carer";
        KeyWorker = "key_worker", "The family, through the key worker";
        Coroner = "coroner", "The coroner";
        Attended = "attended", "A professional who attended";
        MustAct = "must_act", "The person who must act on a recommendation";
        Contributor = "contributor", "Somebody who contributed";
        Invited = "invited", "Somebody asked to a meeting";
        Member = "member", "A member of the panel";
        Minutes = "minutes", "Minutes of a meeting";
    }
}

/// What has to be chosen before a letter can be written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum About {
    Nothing,
    /// A parent or carer.
    Person,
    Recommendation,
    Meeting,
}

impl For {
    /// Whether it goes to a family.
    pub const fn is_family(self) -> bool {
        matches!(self, Self::Parent | Self::KeyWorker)
    }

    pub const fn about(self) -> About {
        match self {
            Self::Parent | Self::KeyWorker => About::Person,
            Self::MustAct => About::Recommendation,
            Self::Invited | Self::Member | Self::Minutes => About::Meeting,
            Self::Coroner | Self::Attended | Self::Contributor => About::Nothing,
        }
    }

    /// Whether it says who the child was.
    pub const fn identifies(self) -> bool {
        self.takes(Hole::ChildName)
    }

    /// Whether this hole may stand in it. Who the child was is told to the family and the coroner; others find the case
    /// by its reference, because a letter goes ways that this service does not see.
    /// A letter to a member is about a panel, which is about no one case: its reference is the panel's day.
    pub const fn takes(self, hole: Hole) -> bool {
        use Hole as H;
        match hole {
            H::DateToday
            | H::Reference
            | H::Team
            | H::Telephone
            | H::TelephoneHours
            | H::TeamEmail
            | H::Sender => true,
            H::Addressee => !matches!(self, Self::Minutes),
            // The key worker hands it over: where the family lives is not needed for that.
            H::AddresseeAddress => !matches!(self, Self::Minutes | Self::KeyWorker),
            H::KeyWorker => self.is_family() || matches!(self, Self::Coroner),
            H::ChildFirstName | H::KeyWorkerContact | H::OthersWrittenTo | H::Questions => {
                self.is_family()
            }
            H::ChildName | H::DateOfBirth | H::DateOfDeath => {
                self.is_family() || matches!(self, Self::Coroner)
            }
            H::Coroner => matches!(self, Self::Coroner),
            H::ReviewMeeting => self.is_family(),
            H::Meeting | H::MeetingWhen | H::MeetingPlace => {
                matches!(self, Self::Invited | Self::Member | Self::Minutes)
            }
            H::Recommendation | H::Problem | H::Measure | H::Due => matches!(self, Self::MustAct),
            H::People | H::Minutes | H::Actions => matches!(self, Self::Minutes),
        }
    }
}

coded! {
    /// A place in a template that is filled from the case. The label stands in the file where nothing is known.
    pub enum Hole {
        DateToday = "date_today", "today’s date";
        Reference = "reference", "the reference";
        Team = "team", "the team";
        Telephone = "telephone", "the telephone number of the team";
        TelephoneHours = "telephone_hours", "when the team can be called";
        TeamEmail = "team_email", "the email address of the team";
        Sender = "sender", "your name and role";
        Addressee = "addressee", "the name of the person you write to";
        AddresseeAddress = "addressee_address", "their address";
        ChildFirstName = "child_first_name", "the child’s first name";
        ChildName = "child_name", "the child’s name";
        DateOfBirth = "date_of_birth", "the child’s date of birth";
        DateOfDeath = "date_of_death", "the date of death";
        KeyWorker = "key_worker", "the name of the key worker";
        KeyWorkerContact = "key_worker_contact", "how to reach the key worker";
        OthersWrittenTo = "others_written_to", "who else is written to";
        Questions = "questions", "their questions with the answers";
        Coroner = "coroner", "the coroner’s service";
        ReviewMeeting = "review_meeting", "the day of the review meeting";
        Meeting = "meeting", "what the meeting is";
        MeetingWhen = "meeting_when", "day and time of the meeting";
        MeetingPlace = "meeting_place", "where the meeting is";
        Recommendation = "recommendation", "the recommendation";
        Problem = "problem", "which problem it answers";
        Measure = "measure", "how it will be measured";
        Due = "due", "the day by which it is done";
        People = "people", "who was there";
        Minutes = "minutes", "what was said and decided";
        Actions = "actions", "the actions that were agreed";
    }
}

impl Hole {
    /// Whether it is filled with whole paragraphs, and so stands on its own.
    pub const fn is_several(self) -> bool {
        matches!(
            self,
            Self::Questions | Self::People | Self::Minutes | Self::Actions
        )
    }
}

/// What a paragraph is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    Title,
    Heading,
    Text,
    /// One point of a list.
    Point,
}

/// Some words of a paragraph.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Piece {
    /// Lines are kept.
    pub text: String,
    /// Nothing is known here: the writer fills it in.
    pub gap: bool,
}

/// One paragraph.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Block {
    pub kind: Kind,
    pub pieces: Vec<Piece>,
}

impl Block {
    pub fn of(kind: Kind, text: impl Into<String>) -> Self {
        let text = text.into();
        Self {
            kind,
            pieces: vec![Piece { text, gap: false }],
        }
    }
}

/// What the holes are filled with; nothing for what is not known.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Values {
    pub words: BTreeMap<Hole, String>,
    pub blocks: BTreeMap<Hole, Vec<Block>>,
}

impl Values {
    pub fn put(&mut self, hole: Hole, words: impl Into<String>) {
        let words = words.into();
        if !words.trim().is_empty() {
            self.words.insert(hole, words);
        }
    }

    pub fn put_blocks(&mut self, hole: Hole, blocks: Vec<Block>) {
        if !blocks.is_empty() {
            self.blocks.insert(hole, blocks);
        }
    }
}

/// Words or a hole of a template.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Bit {
    Words(String),
    Hole(Hole),
}

#[derive(Debug, Clone, PartialEq, Eq)]
struct Part {
    kind: Kind,
    bits: Vec<Bit>,
}

/// One letter as it is shipped.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Template {
    /// Stands in addresses.
    pub code: String,
    pub title: String,
    pub to: For,
    parts: Vec<Part>,
}

impl Template {
    /// Its paragraphs with the holes filled.
    pub fn filled(&self, values: &Values) -> Vec<Block> {
        self.parts
            .iter()
            .flat_map(|part| part.filled(values))
            .collect()
    }
}

impl Part {
    fn filled(&self, values: &Values) -> Vec<Block> {
        if let [Bit::Hole(hole)] = self.bits.as_slice()
            && let Some(blocks) = values.blocks.get(hole)
        {
            return blocks.clone();
        }
        let pieces = self.bits.iter().map(|bit| match bit {
            Bit::Words(text) => Piece {
                text: text.clone(),
                gap: false,
            },
            Bit::Hole(hole) => values.words.get(hole).map_or_else(
                || Piece {
                    text: format!("[{}]", hole.label()),
                    gap: true,
                },
                |text| Piece {
                    text: text.clone(),
                    gap: false,
                },
            ),
        });
        vec![Block {
            kind: self.kind,
            pieces: pieces.collect(),
        }]
    }
}
