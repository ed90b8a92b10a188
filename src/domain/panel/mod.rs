//! A panel: the cases listed for it, what each must have before it is listed, how long it takes, who may speak to it, and
//! whether enough of the right people are there. Must not know who the child is, nor where anything is kept.

mod agenda;
mod prompt;
mod quorum;
mod represented;
mod route;
#[cfg(test)]
mod tests;

pub use agenda::{Agenda, Slot, agenda};
pub use prompt::Prompts;
pub use quorum::{Counting, Member, Quorum};
pub use represented::Represented;
pub use route::{Route, Routes};

use super::code::coded;

coded! {
    /// How far a case is on the list of a panel.
    pub enum ItemState {
        Listed = "listed", "Listed";
        Deferred = "deferred", "Deferred";
        Reviewed = "reviewed", "Reviewed";
        TakenOff = "taken_off", "Taken off";
    }
}

impl ItemState {
    /// Whether members of the panel find it there. What was taken off was never theirs to read.
    pub const fn is_there(self) -> bool {
        !matches!(self, Self::TakenOff)
    }
}

coded! {
    /// What a member of a panel has to do with a case, beside the panel.
    pub enum Interest {
        None = "none", "None";
        Professional = "professional", "I was involved professionally";
        LineManaged = "line_managed", "I manage somebody who was involved";
        Personal = "personal", "Personal";
    }
}

impl Interest {
    /// Whether the member has no say on what could have been otherwise, and does not count towards the quorum.
    pub const fn conflicts(self) -> bool {
        !matches!(self, Self::None)
    }

    /// As another says it of the member.
    pub const fn of_another(self) -> &'static str {
        match self {
            Self::None => "no interest",
            Self::Professional => "was involved professionally",
            Self::LineManaged => "manages somebody who was involved",
            Self::Personal => "personal interest",
        }
    }
}

coded! {
    /// What a case must have before it is listed.
    pub enum Must {
        PostMortem = "post_mortem", "The post-mortem report, where there is to be one";
        Answers = "answers", "Every answer that was asked for, or a waiver";
        Meeting = "meeting", "The review meeting, held or not needed";
        Processes = "processes", "No inquest or other process that holds the panel back";
        Draft = "draft", "A draft of the analysis";
    }
}

coded! {
    /// Why a panel puts a case off.
    pub enum Deferral {
        Inquest = "inquest", "Awaiting the inquest";
        PostMortem = "post_mortem", "Awaiting the post-mortem report";
        Criminal = "criminal", "Awaiting a criminal case";
        PracticeReview = "practice_review", "Awaiting a safeguarding practice review";
        Psii = "psii", "Awaiting a patient safety incident investigation";
        Mnsi = "mnsi", "Awaiting a maternity and newborn safety investigation";
        Answer = "answer", "An answer is missing";
        NoQuorum = "no_quorum", "The panel was not quorate";
        NoExpert = "no_expert", "An expert was missing";
        Conflict = "conflict", "A conflict of interest";
    }
}

impl Deferral {
    /// The code of the national form's shorter list.
    pub const fn on_the_form(self) -> &'static str {
        match self {
            Self::Inquest => "inquest",
            Self::PostMortem => "pm",
            Self::Criminal => "criminal",
            Self::Answer => "reports",
            Self::PracticeReview | Self::Psii | Self::Mnsi => "investigation",
            Self::NoQuorum | Self::NoExpert | Self::Conflict => "other",
        }
    }
}

coded! {
    /// What a panel decides of a case that it does not put off.
    pub enum Decision {
        Complete = "complete", "The review is complete";
        Provisional = "provisional", "Provisional, until something else is known";
        Insufficient = "insufficient", "There was too little information";
    }
}

/// How one thing that a case must have stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Standing {
    Met,
    /// Somebody said why it goes on without.
    Waived(String),
    /// What is missing, in words that name no person.
    Holding(String),
}

/// The gate of a case: everything it must have, and how each stands.
pub type Gate = Vec<(Must, Standing)>;

/// What still holds a case back.
pub fn holding(gate: &Gate) -> Vec<&str> {
    gate.iter()
        .filter_map(|(_, standing)| match standing {
            Standing::Holding(words) => Some(words.as_str()),
            _ => None,
        })
        .collect()
}

/// The most cases that one panel has, so that pack numbers stay short.
pub const MOST_ITEMS: usize = 60;

/// What is before a panel stays open to its members this many days after it, for the minutes to be agreed.
pub const SHUTS: u64 = 14;

/// A number for a case in the pack of one panel. It is drawn, not counted: a member must not see from a gap that there is
/// an item which is not for them.
pub fn pack_number(taken: &[String], mut draw: impl FnMut() -> u32) -> String {
    loop {
        let number = format!("A{}", 10 + draw() % 90);
        if !taken.contains(&number) || taken.len() >= 90 {
            return number;
        }
    }
}
