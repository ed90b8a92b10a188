//! Each event in one plain sentence. Holds no person and no answer: agencies, forms, questions,
//! references and dates only.

use chrono::NaiveDate;

use super::Event;

impl Event {
    /// What happened, in one line, without the name of a person and without an answer.
    pub fn sentence(&self) -> String {
        self.of_notification()
            .or_else(|| self.of_case())
            .or_else(|| self.of_restriction())
            .or_else(|| self.of_transfer())
            .or_else(|| self.of_clock())
            .or_else(|| self.of_process())
            .or_else(|| self.of_meeting())
            .or_else(|| self.of_action())
            .or_else(|| self.of_panel())
            .or_else(|| self.of_pack())
            .or_else(|| self.of_learning())
            .or_else(|| self.of_family())
            .or_else(|| self.of_letter())
            .or_else(|| self.of_reading())
            .or_else(|| self.of_request())
            .or_else(|| self.of_link())
            .or_else(|| self.of_document())
            .or_else(|| self.of_review())
            .or_else(|| self.of_people())
            .or_else(|| self.of_sign_in())
            .unwrap_or_else(|| self.of_keeping())
    }

    fn of_notification(&self) -> Option<String> {
        Some(match self {
            Self::NotificationDraftSaved { .. } => {
                "A draft of the notification was saved.".to_owned()
            }
            Self::NotificationSent { complete: true, .. } => {
                "The notification was sent.".to_owned()
            }
            Self::NotificationSent { .. } => {
                "The notification was sent, to be completed later.".to_owned()
            }
            Self::NotificationHeld { why } => {
                let why = match why.as_str() {
                    "hidden_field" => "a box that people do not see was filled in",
                    _ => "it was sent sooner than a person can type it",
                };
                format!("The notification was held to be looked at: {why}.")
            }
            Self::NotificationReleased {} => {
                "The notification was looked at and released.".to_owned()
            }
            Self::NotificationSetAside { .. } => {
                "The notification was set aside as none.".to_owned()
            }
            Self::NotificationCompleted { fields } => {
                format!(
                    "The notifier added to the notification: {}.",
                    count(*fields, "answer")
                )
            }
            Self::NotificationOpened {} => "The notification was opened.".to_owned(),
            Self::NotificationAccepted { reference } => {
                format!("The notification was accepted as case {reference}.")
            }
            Self::NotificationJoined { reference, .. } => {
                format!("The notification was joined to case {reference}.")
            }
            Self::NotificationOutOfScope { outcome, .. } => out_of_scope(outcome),
            Self::NotificationTransferred { to, .. } => {
                format!("The death was transferred to {to}.")
            }
            Self::NotificationTakenBack { .. } => {
                "The decision was taken back, to decide again.".to_owned()
            }
            Self::DuplicateExplained { reference, .. } => {
                format!("It was recorded that this is not the child of {reference}.")
            }
            _ => return None,
        })
    }

    fn of_case(&self) -> Option<String> {
        Some(match self {
            Self::CaseCreated { reference } => format!("Case {reference} was created."),
            Self::CaseMoved { mv, to, on, .. } => match on {
                Some(on) => format!("{mv} ({}). The case is now at the stage “{to}”.", day(*on)),
                None => format!("{mv}. The case is now at the stage “{to}”."),
            },
            Self::CaseAssigned { role, .. } => {
                format!("A person was assigned to the case as {role}.")
            }
            Self::CaseUnassigned { role, .. } => {
                format!("A person was taken off the case as {role}.")
            }
            Self::RecordCorrected { label, .. } => format!("“{label}” was corrected."),
            Self::FormFilled {
                form_label, fields, ..
            } => {
                format!(
                    "{form_label}: filled from what is kept elsewhere in the case: {}.",
                    fields.join(", ").to_lowercase()
                )
            }
            Self::RecordSaved {
                form_label,
                section,
                ..
            } => format!("“{section}” of the form “{form_label}” was saved."),
            Self::ConflictSettled { label, .. } => {
                format!("The answer to “{label}” was chosen from those agencies gave.")
            }
            _ => return None,
        })
    }

    fn of_request(&self) -> Option<String> {
        Some(match self {
            Self::FormOpened { form_label, .. } => {
                format!("The form “{form_label}” was found to be needed.")
            }
            Self::FormWaived { form_label, .. } => {
                format!("The form “{form_label}” was recorded as not needed.")
            }
            Self::FormUnwaived { form_label, .. } => {
                format!("The form “{form_label}” was found to be needed after all.")
            }
            Self::RequestSent {
                agency, forms, due, ..
            } => {
                format!(
                    "{} requested from {agency} by {}.",
                    forms_were(forms.len()),
                    day(*due)
                )
            }
            Self::RequestClaimed { agency, .. } => format!("{agency} opened the request."),
            Self::RequestReminded { agency, .. } => format!("A reminder was sent to {agency}."),
            Self::RequestReissued { agency, .. } => {
                format!("The request to {agency} was sent again with a new link.")
            }
            Self::RequestWithdrawn { agency, .. } => {
                format!("The request to {agency} was withdrawn.")
            }
            Self::RequestWaived { agency, .. } => {
                format!("The review goes on without the answer of {agency}.")
            }
            Self::RequestExtended { agency, due, .. } => {
                format!("{agency} was given until {}.", day(*due))
            }
            Self::TimeAsked { agency, until, .. } => {
                format!("{agency} asked for more time, until {}.", day(*until))
            }
            Self::TimeRefused { agency, .. } => {
                format!("{agency} was told that the date agreed stays.")
            }
            Self::RequestRedirected { agency, .. } => {
                format!("The request to {agency} was sent to another address.")
            }
            Self::RequestHandedOn { agency, .. } => {
                format!("{agency} handed the request on to a colleague.")
            }
            Self::ChildKnown { agency, .. } => format!("{agency} said that it knew the child."),
            Self::PartsReturned {
                agency,
                parts,
                given_back,
                ..
            } => {
                let how = if *given_back {
                    "given back"
                } else {
                    "recalled"
                };
                format!(
                    "{agency}: parts were {how} by a colleague: {}.",
                    parts.join(", ")
                )
            }
            Self::PartsHandedOn { agency, parts, .. } => {
                format!("{agency} sent parts to a colleague: {}.", parts.join(", "))
            }
            Self::ResponseDraftSaved { .. } => {
                "A draft of an agency's answer was saved.".to_owned()
            }
            Self::ResponseSent {
                agency,
                form_label,
                spared: Some(1..),
                ..
            } => {
                format!(
                    "{agency} sent the form “{form_label}”; what others had answered was not asked again."
                )
            }
            Self::ResponseSent {
                agency, form_label, ..
            } => format!("{agency} sent the form “{form_label}”."),
            Self::ResponseNil { agency, .. } => {
                format!("{agency} answered that it held no information.")
            }
            Self::ResponseAccepted {
                agency, form_label, ..
            } => {
                format!("The form “{form_label}” from {agency} was accepted.")
            }
            Self::ResponseSentBack {
                agency, form_label, ..
            } => {
                format!("The form “{form_label}” was sent back to {agency}.")
            }
            _ => return None,
        })
    }

    fn of_link(&self) -> Option<String> {
        Some(match self {
            Self::LinkOpenedWrong { why } => format!("A link was opened that is {why}."),
            Self::LinkCodeSent { .. } => {
                "The link was opened in another browser, and a code was sent to the address on file."
                    .to_owned()
            }
            Self::LinkCodeFailed { .. } => "A wrong code was typed for the link.".to_owned(),
            Self::LinkAsked { .. } => "A new link was asked for.".to_owned(),
            Self::LinkRenewed { agency, .. } => {
                format!("A new link was sent to the address on file of {agency}, who asked for it.")
            }
            _ => return None,
        })
    }

    fn of_document(&self) -> Option<String> {
        Some(match self {
            Self::CaseKeyMade {} => "A key for the documents of the case was made.".to_owned(),
            Self::DocumentAdded { number, kind, .. } => {
                format!("Document {number} was added ({kind}).")
            }
            Self::DocumentRefused { .. } => {
                "A file was refused, and nothing of it kept.".to_owned()
            }
            Self::AttachmentAdded { kind, .. } => {
                format!("A file was put with an agency's answer ({kind}).")
            }
            Self::AttachmentRemoved { .. } => {
                "A file was taken off an agency's answer before it was sent.".to_owned()
            }
            Self::DocumentDownloaded { number } => format!("Document {number} was downloaded."),
            Self::DocumentFoundClean { number } => {
                format!("Document {number} was scanned, and nothing was found.")
            }
            Self::DocumentFoundInfected { number } => {
                format!("Malicious software was found in document {number}. It cannot be opened.")
            }
            Self::DocumentDamaged { number } => {
                format!("Document {number} was found to be damaged.")
            }
            Self::DocumentWithdrawn { number } => format!("Document {number} was withdrawn."),
            _ => return None,
        })
    }

    fn of_review(&self) -> Option<String> {
        Some(match self {
            Self::AnalysisSaved { section, .. } => {
                format!("“{section}” of the analysis form was saved.")
            }
            Self::CaseFinalised { version } => {
                format!("The case was finalised, version {version}.")
            }
            Self::CaseReopened { version, .. } => {
                format!("The case was reopened. The next version is {version}.")
            }
            Self::CaseSubmitted {
                submission,
                version,
                ..
            } => {
                format!("The case was put in a return package as {submission}, version {version}.")
            }
            Self::NationalAcceptanceRecorded {
                submission,
                version,
                on,
            } => format!(
                "It was recorded that the national database accepted the {submission}, version {version}, on {}.",
                day(*on)
            ),
            Self::ReturnBegun {
                kind,
                from,
                to,
                identified,
                ..
            } => format!(
                "A return of kind {kind} {} identity was begun for {} to {}.",
                if *identified { "with" } else { "without" },
                day(*from),
                day(*to)
            ),
            Self::CaseExported {
                kind,
                identified,
                sent,
                ..
            } => format!(
                "The case was put in a return of kind {kind} {} identity, {}.",
                if *identified { "with" } else { "without" },
                if *sent {
                    "for the national database"
                } else {
                    "for use here"
                }
            ),
            Self::ReturnExported {
                kind,
                from,
                to,
                cases,
                ..
            } => format!(
                "A return of kind {kind} was exported for {} to {}: {}.",
                day(*from),
                day(*to),
                count(*cases, "case")
            ),
            Self::YearNoted {
                name, year, done, ..
            } => match done {
                Some(on) => format!(
                    "“{name}” of the year to {} was recorded as done on {}.",
                    day(*year),
                    day(*on)
                ),
                None => format!(
                    "Dates of “{name}” of the year to {} were recorded.",
                    day(*year)
                ),
            },
            Self::YearReminded { name, year, .. } => {
                format!(
                    "A reminder of “{name}” of the year to {} was sent.",
                    day(*year)
                )
            }
            Self::ReturnAnswered { answer, on, .. } => format!(
                "It was recorded that the national database {answer} a return package on {}.",
                day(*on)
            ),
            Self::ReturnChecked {
                from,
                to,
                cases,
                refused,
            } => format!(
                "The return for {} to {} was checked: {}, {refused} would be refused.",
                day(*from),
                day(*to),
                count(*cases, "case")
            ),
            _ => return None,
        })
    }

    fn of_people(&self) -> Option<String> {
        Some(match self {
            Self::SignedIn {} => "A person signed in.".to_owned(),
            Self::SignedOut {} => "A person signed out.".to_owned(),
            Self::RecordFoundDamaged { .. } => {
                "Something kept was found damaged, and was not shown.".to_owned()
            }
            Self::SignInFailed { .. } => "A sign-in failed.".to_owned(),
            Self::UserAdded { role, .. } => format!("An account was added with the role {role}."),
            Self::UserChanged { role, .. } => {
                format!("An account was changed; its role is {role}.")
            }
            Self::UserStopped { .. } => "An account was stopped.".to_owned(),
            Self::PasswordChanged { .. } => "A password was changed.".to_owned(),
            Self::TokenIssued { system, days, .. } => {
                format!(
                    "A token was issued to {system} for {}.",
                    count(usize::try_from(*days).unwrap_or(usize::MAX), "day")
                )
            }
            Self::TokenRefused { why, .. } => {
                format!("A call was refused: its token {}.", why.label())
            }
            Self::TokenRevoked { system, .. } => format!("A token of {system} was revoked."),
            Self::FieldVerified { label, version, .. } => {
                format!("The question “{label}” was marked as verified in version {version}.")
            }
            Self::FieldUnverified { label, version, .. } => {
                format!(
                    "The question “{label}” is no longer marked as verified in version {version}."
                )
            }
            _ => return None,
        })
    }

    fn of_sign_in(&self) -> Option<String> {
        Some(match self {
            Self::PasswordResetAsked { .. } => "A new password was asked for.".to_owned(),
            Self::UserStarted { .. } => "A stopped account was started again.".to_owned(),
            Self::UserInvited { role, .. } => {
                format!("A person was invited with the role {role}.")
            }
            Self::InvitationSentAgain { .. } => {
                "An invitation was sent again with a new link.".to_owned()
            }
            Self::InvitationWithdrawn { .. } => "An invitation was withdrawn.".to_owned(),
            Self::CalendarMade { .. } => "The address of a calendar was made.".to_owned(),
            Self::CalendarRevoked { .. } => "The address of a calendar was revoked.".to_owned(),
            Self::UserJoined { role, .. } => {
                format!("An invited person made an account with the role {role}.")
            }
            Self::FactorEnrolled { kind, .. } => {
                format!("A second factor was set up: {kind}.")
            }
            Self::FactorReset { .. } => "A second factor was taken away.".to_owned(),
            Self::CodeFailed { .. } => "A code of a second factor was wrong.".to_owned(),
            Self::CodeChecked { .. } => "A second factor was checked again.".to_owned(),
            Self::RecoveryCodesMade { .. } => "New recovery codes were made.".to_owned(),
            Self::RecoveryCodeUsed { left, .. } => format!(
                "A recovery code was used; {} left.",
                count(usize::try_from(*left).unwrap_or(0), "code")
            ),
            Self::SessionEnded { .. } => "A session was ended.".to_owned(),
            Self::SessionsEnded { sessions, .. } => {
                format!("{} ended.", were(*sessions, "session"))
            }
            Self::PostKept { .. } => "What was sent after a session had ended was kept.".to_owned(),
            _ => return None,
        })
    }

    fn of_keeping(&self) -> String {
        match self {
            Self::ContactAdded { agency, .. } => {
                format!("A contact of {agency} was added to the directory.")
            }
            Self::ContactChanged { agency, .. } => {
                format!("A contact of {agency} was changed in the directory.")
            }
            Self::ContactEnded { agency, .. } => {
                format!("A contact of {agency} was taken out of the directory.")
            }
            Self::AgencyHeld { agency, .. } => {
                format!("Reminders to {agency} were held, on every case.")
            }
            Self::AgencyHoldChanged { agency, .. } => {
                format!("The hold of reminders to {agency} was changed.")
            }
            Self::AgencyReleased { agency, .. } => {
                format!("Reminders to {agency} were let go again.")
            }
            Self::DirectoryImported { added, changed } => {
                format!("A file was taken into the directory: {added} added, {changed} changed.")
            }
            Self::MailQueued { letter, .. } => format!("A mail was queued: {letter}."),
            Self::MailSent { letter, .. } => format!("A mail was sent: {letter}."),
            Self::MailBounced { letter, .. } => format!("A mail came back: {letter}."),
            Self::MailUnsure { letter, .. } => {
                format!("The service stopped while a mail was being sent: {letter}.")
            }
            Self::MailRequeued { letter, .. } => {
                format!("A mail was put back to be sent again: {letter}.")
            }
            Self::MailFailed {
                letter, attempt, ..
            } => format!("A mail could not be sent at attempt {attempt}: {letter}."),
            Self::Migrated { to } => format!("The database was brought to {to}."),
            Self::Seeded { cases, .. } => {
                format!("{} made up and added.", were(*cases, "synthetic case"))
            }
            Self::NotificationsImported {
                created,
                matched,
                refused,
            } => format!(
                "Notifications were imported: {created} created, {matched} matched, {refused} refused."
            ),
            Self::ImportChecked {
                created,
                matched,
                refused,
            } => format!(
                "A file of notifications was checked: {created} new, {matched} matched, {refused} refused."
            ),
            Self::ImportDiscarded {} => "A file of notifications was discarded.".to_owned(),
            Self::ImportUndone { removed, kept } => {
                format!("An import was undone: {removed} removed, {kept} kept.")
            }
            Self::RegisteredDeathsCompared {
                notified,
                not_notified,
                not_ours,
                ..
            } => format!(
                "Registered deaths were compared: {notified} notified, {not_notified} not, {not_ours} not ours."
            ),
            Self::NotificationRemoved {} => {
                "A notification was removed with the import that brought it.".to_owned()
            }
            Self::BackedUp { .. } => "A backup was made.".to_owned(),
            Self::Restored { .. } => "A backup was restored.".to_owned(),
            Self::AuditVerified { holds: true, .. } => {
                "The audit trail was checked and holds.".to_owned()
            }
            Self::AuditVerified { .. } => {
                "The audit trail was checked and does not hold.".to_owned()
            }
            Self::AuditBegun { events } => {
                format!("The checkpoint of the audit trail was begun anew over {events} lines.")
            }
            // A test walks every event, so no event falls through to its bare name.
            other => other.name().replace('_', " "),
        }
    }
}

fn out_of_scope(outcome: &str) -> String {
    let why = match outcome {
        "excluded_stillbirth" => "a stillbirth",
        "excluded_late_fetal_loss" => "a late fetal loss",
        "excluded_lawful_termination" => "a lawful termination",
        "excluded_18_or_over" => "the person was 18 or over",
        _ => "outside what is reviewed here",
    };
    format!("The death was found out of scope: {why}.")
}

fn forms_were(number: usize) -> String {
    were(number, "form")
}

fn were(number: usize, thing: &str) -> String {
    let verb = if number == 1 { "was" } else { "were" };
    format!("{} {verb}", count(number, thing))
}

fn count(number: usize, thing: &str) -> String {
    let plural = if number == 1 { "" } else { "s" };
    format!("{number} {thing}{plural}")
}

fn day(date: NaiveDate) -> String {
    date.format("%-d %B %Y").to_string()
}
