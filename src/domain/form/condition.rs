//! When a question is shown: the `show_when` column, parsed.

/// Tests that must all hold for a question to be shown.
#[derive(Debug, Clone, PartialEq)]
pub struct Condition {
    /// As written.
    pub text: String,
}
