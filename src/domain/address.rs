//! Mail addresses as keys: two that differ in case or space alone are one. Must not know whose they are.

/// An address without regard to case and space.
pub fn fold(email: &str) -> String {
    email.trim().to_lowercase()
}
