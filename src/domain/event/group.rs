//! The kinds of event that an auditor looks for. Must not know how they are stored.

use super::Event;
use crate::domain::code::coded;

coded! {
    /// A group of events.
    pub enum Group {
        Reading = "reading", "Opened or read";
        Restricted = "restricted", "Restricted cases and refusals";
        Exports = "exports", "Exports and downloads";
        SignIn = "sign_in", "Signing in and factors";
        Accounts = "accounts", "Accounts and tokens";
        Changes = "changes", "Everything else";
    }
}

impl Group {
    /// The stored names of its events; each name is in one group.
    pub fn names(self) -> Vec<&'static str> {
        Event::NAMES
            .iter()
            .copied()
            .filter(|name| of(name) == self)
            .collect()
    }
}

fn of(name: &str) -> Group {
    match name {
        "case_read" | "notification_read" | "request_read" | "page_read" | "worklist_read"
        | "cases_searched" | "returns_read" | "audit_read" | "calendar_read" | "pack_read"
        | "pack_marked_read" => Group::Reading,
        "document_downloaded"
        | "letter_made"
        | "pack_printed"
        | "chronology_printed"
        | "return_begun"
        | "return_exported"
        | "case_exported"
        | "audit_exported"
        | "backed_up"
        | "transfer_made"
        | "transfer_downloaded" => Group::Exports,
        "case_restricted"
        | "case_unrestricted"
        | "case_named"
        | "case_unnamed"
        | "restricted_case_opened"
        | "opening_reviewed"
        | "access_refused" => Group::Restricted,
        "signed_in"
        | "signed_out"
        | "sign_in_failed"
        | "password_changed"
        | "password_reset_asked"
        | "post_kept" => Group::SignIn,
        _ if ["factor_", "code_", "recovery_", "session"]
            .iter()
            .any(|start| name.starts_with(start)) =>
        {
            Group::SignIn
        }
        _ if ["user_", "invitation_", "token_", "calendar_"]
            .iter()
            .any(|start| name.starts_with(start)) =>
        {
            Group::Accounts
        }
        _ => Group::Changes,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_name_stands_in_one_group_and_no_group_is_empty() {
        let mut all: Vec<&str> = Group::ALL.iter().flat_map(|group| group.names()).collect();
        assert!(Group::ALL.iter().all(|group| !group.names().is_empty()));
        all.sort_unstable();
        let mut names = Event::NAMES.to_vec();
        names.sort_unstable();
        assert_eq!(all, names);
    }

    #[test]
    fn what_says_read_is_reading() {
        for name in Event::NAMES.iter().filter(|name| name.ends_with("_read")) {
            assert_eq!(of(name), Group::Reading, "{name}");
        }
    }
}
