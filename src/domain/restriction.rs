//! Restricted cases: why somebody who is not named may open one for a while, for how long, and what an auditor
//! finds of it afterwards. Must not know who is named.

use chrono::Duration;

use super::code::coded;

/// A case opened without being named stays open to that person for so long.
pub const OPEN_FOR: Duration = Duration::hours(4);

coded! {
    /// Why a restricted case is opened by somebody who is not named.
    pub enum Why {
        AtRisk = "at_risk", "A child may be at risk of harm now";
        Deadline = "deadline", "Something is due and the people named cannot be reached";
        Asked = "asked", "A person named on the case asked me to";
        Court = "court", "A court, a coroner or the police need an answer";
        Other = "other", "Another reason";
    }
}

coded! {
    /// What an auditor finds of an opening.
    pub enum Finding {
        Right = "right", "It was right to open the case";
        NotNeeded = "not_needed", "It was not needed, and no harm was meant";
        Raised = "raised", "It was wrong, or is being looked into further";
    }
}
