//! Notifications and cases that may tell of the same child: finding them, and saying why one is another child. Must not
//! decide on a notification.

use crate::casework::gather::given_reason;
use crate::casework::{Context, Error, Outcome, access, notify, record};
use crate::domain::duplicate::{Identity, Match, Strength, compare};
use crate::domain::event::Event;
use crate::domain::form::Answers;
use crate::domain::permission::{Facts, Verb};
use crate::store::marks::Likeness;
use crate::store::notifications::Notification;
use crate::store::{Conn, Tx, cases, notifications};

/// Another notification or case that may tell of the same child.
#[derive(Clone, Debug)]
pub struct Candidate {
    /// Present when it is a case.
    pub case_reference: Option<String>,
    pub notification_id: String,
    pub notification_reference: String,
    pub state: String,
    pub found: Match,
    pub answers: Answers,
}

/// Who a notification tells of, for comparing.
pub fn identity(answers: &Answers) -> Identity {
    let text = |id: &str| answers.text(id).map(str::to_owned);
    Identity {
        nhs_number: text("nhs_number"),
        feed_number: text("cascade_record_id"),
        surname: text("child_surname").unwrap_or_default(),
        forenames: text("child_forenames").unwrap_or_default(),
        date_of_birth: answers.date("date_of_birth"),
        date_of_death: answers.date("date_of_death"),
        sex: answers.choice("sex").map(str::to_owned),
        postcode: text("postcode"),
        multiple_birth: matches!(
            answers.choice("multiple_birth"),
            Some("twin" | "triplet_plus")
        ),
        birth_order: None,
    }
}

/// Everything that may tell of the same child, the surest first.
pub fn candidates(conn: &mut Conn, ctx: &Context, row: &Notification) -> Outcome<Vec<Candidate>> {
    ctx.allow(Verb::ReadNotification, &Facts::default())?;
    let sight = access::sight(ctx);
    let ours = identity(&notify::answers(ctx, row));
    let alike = notifications::alike(
        conn,
        &sight,
        &Likeness {
            nhs_number: row.nhs_number.as_deref(),
            surname: &row.surname_folded,
            date_of_birth: row.date_of_birth,
        },
        50,
    )?;
    let mut found = Vec::new();
    for other in alike.into_iter().filter(|other| other.id != row.id) {
        let answers = notify::answers(ctx, &other);
        let Some(hit) = compare(&ours, &identity(&answers)) else {
            continue;
        };
        let case_reference = match &other.case_id {
            Some(id) => cases::get(conn, id)?.map(|c| c.reference),
            None => None,
        };
        found.push(Candidate {
            case_reference,
            notification_id: other.id,
            notification_reference: other.reference,
            state: other.state,
            found: hit,
            answers,
        });
    }
    found.sort_by_key(|c| c.found.strength);
    Ok(found)
}

/// ID-8: a death with the same NHS number is the same child until somebody says why not.
pub(super) fn explain_duplicates(
    tx: &mut Tx<'_>,
    ctx: &Context,
    row: &Notification,
    reason: &str,
) -> Outcome<()> {
    let sure: Vec<Candidate> = candidates(tx.conn(), ctx, row)?
        .into_iter()
        .filter(|c| c.found.strength == Strength::Certain && c.case_reference.is_some())
        .collect();
    for candidate in sure {
        let why = given_reason(
            reason,
            "There is a case with the same NHS number. Join this notification to it, or say why it is another child",
        )?;
        let event = Event::DuplicateExplained {
            reference: candidate.case_reference.unwrap_or_default(),
            reason: why,
        };
        record(tx, ctx, None, Some(&row.id), &event)?;
    }
    Ok(())
}

/// Says, after a notification was accepted, why a case that looks like the same child is another (ID-8).
pub fn explain_duplicate(
    tx: &mut Tx<'_>,
    ctx: &Context,
    id: &str,
    reference: &str,
    reason: &str,
) -> Outcome<()> {
    let row = access::notification(tx.conn(), ctx, id, Verb::Triage)?;
    if row.state != "accepted" {
        return Err(Error::NotFound);
    }
    let (other, _) = access::reach(tx.conn(), ctx, reference, Verb::Triage)?;
    if row.case_id.as_deref() == Some(other.id.as_str()) {
        return Err(Error::NotFound);
    }
    let reason = given_reason(reason, "Say why it is another child")?;
    let event = Event::DuplicateExplained {
        reference: reference.to_owned(),
        reason,
    };
    record(tx, ctx, row.case_id.as_deref(), Some(&row.id), &event)
}
