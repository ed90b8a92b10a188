//! Keeping the service: the outbox, the forms and how sure we are of each question, accounts. Must not show
//! any case, nor a request's link outside the demonstration.

mod audit;
mod clocks;
mod forms;
mod invitations;
mod openings;
mod organisations;
mod permissions;
mod users;

use std::sync::Arc;

use actix_web::web;
use serde_json::Value;

use super::app::see_other;
use super::{App, Page, Post, Visit, letter};
use crate::casework::{Error, mailing};
use crate::domain::permission::{Facts, Verb, may};
use crate::store::outbox::{self, Mail};

pub use audit::{audit, export as export_audit};
pub use clocks::clocks;
pub use forms::{form, forms, verify};
pub use invitations::{change as change_invitation, invitations, invite};
pub use openings::{openings, review as review_opening};
pub use organisations::organisations;
pub use permissions::permissions;
pub use users::{change as change_user, user, users};

type Data = web::Data<Arc<App>>;

/// How many mails the list shows.
const MOST_MAILS: i64 = 200;

/// What this account may look after.
pub async fn home(app: Data, visit: Visit) -> Page {
    let actor = app.read(&visit, |_, ctx| Ok(ctx.actor.clone())).await?;
    let places = [
        (
            Verb::SeeOutbox,
            "/admin/outbox",
            "Outbox",
            "Every message, whether it was sent, and why not.",
        ),
        (
            Verb::ImportNotifications,
            "/imports",
            "Notifications from a file",
            "From a spreadsheet or the neonatal feed, checked before anything is written.",
        ),
        (
            Verb::ImportNotifications,
            "/registered-deaths",
            "Registered deaths",
            "The registrar’s list beside what was notified; nothing of it is kept.",
        ),
        (
            Verb::SeeTransfers,
            "/transfers",
            "Transfers",
            "Cases that went to another panel or came from one, and taking another panel’s file.",
        ),
        (
            Verb::SeeForms,
            "/admin/forms",
            "Forms",
            "Every question of every form, and how sure we are that the official form asks it.",
        ),
        (
            Verb::SeeClocks,
            "/admin/clocks",
            "Clocks",
            "Every deadline with its length and reminders, and how far the bank holidays are known.",
        ),
        (
            Verb::SeeOrganisations,
            "/admin/organisations",
            "Organisations",
            "Councils, trusts, coroners and others of the area, and what came before and after each.",
        ),
        (
            Verb::ManageUsers,
            "/admin/users",
            "Accounts",
            "Who can sign in, and as what.",
        ),
        (
            Verb::Invite,
            "/admin/invitations",
            "Invitations",
            "Who is invited to make an account, and inviting one more.",
        ),
        (
            Verb::ReadAudit,
            "/admin/audit",
            "Audit",
            "Who did and read what, when and from where.",
        ),
        (
            Verb::ReadAudit,
            "/admin/audit/openings",
            "Openings of restricted cases",
            "What waits for a review, and what was found before.",
        ),
        (
            Verb::SeePermissions,
            "/admin/permissions",
            "Permissions",
            "Who may do what, and who may call which address.",
        ),
    ];
    let places: Vec<Value> = places
        .into_iter()
        .filter(|(verb, ..)| may(&actor, *verb, &Facts::default()))
        .map(|(_, href, text, hint)| context! { href, text, hint })
        .collect();
    app.ok(
        &visit,
        "admin/home.html",
        context! { title => "Administration", places },
    )
}

/// The newest mails.
pub async fn outbox(app: Data, visit: Visit) -> Page {
    let (mails, tray) = app
        .read(&visit, |conn, ctx| {
            ctx.allow(Verb::SeeOutbox, &Facts::default())?;
            ctx.note_page()?;
            let reader = ctx.actor.user_id().unwrap_or_default();
            let tray = outbox::failed_for(conn, reader, MOST_MAILS)?;
            Ok((outbox::latest_for(conn, reader, MOST_MAILS)?, tray))
        })
        .await?;
    let mails: Vec<Value> = mails.iter().map(described).collect();
    let tray: Vec<Value> = tray.iter().map(described).collect();
    let page = context! { title => "Outbox", mails, tray, most => MOST_MAILS };
    app.ok(&visit, "admin/outbox.html", page)
}

fn described(mail: &Mail) -> Value {
    context! {
        id => &mail.id, to => &mail.recipient, subject => &mail.subject, state => letter::state_of(mail),
        failed => mail.state == "failed", bounced => mail.bounced_at.is_some(), attempts => mail.attempts, error => &mail.last_error,
        at => letter::moment(mail.created_at), sent_at => mail.sent_at.map(letter::moment),
        next_at => (mail.state == "queued" && mail.attempts > 0).then(|| letter::moment(mail.next_attempt_at)),
    }
}

/// `POST /admin/outbox/{id}`: a mail from the tray is sent again.
pub async fn resend(app: Data, visit: Visit, path: web::Path<String>, _: Post) -> Page {
    let id = path.into_inner();
    app.write(&visit, move |tx, ctx| mailing::again(tx, ctx, &id))
        .await?;
    Ok(see_other("/admin/outbox"))
}

/// One mail. Its link opens a request, so only the demonstration shows it.
pub async fn mail(app: Data, visit: Visit, path: web::Path<String>) -> Page {
    let id = path.into_inner();
    let mail = app
        .read(&visit, move |conn, ctx| {
            ctx.allow(Verb::SeeOutbox, &Facts::default())?;
            ctx.note_page()?;
            let reader = ctx.actor.user_id().unwrap_or_default();
            outbox::get_for(conn, reader, &id)?.ok_or(Error::NotFound)
        })
        .await?;
    let parts = if app.demo.is_some() {
        letter::linked(&mail.body, &app.house.base_url)
    } else {
        vec![letter::Part {
            text: letter::covered(&mail.body),
            href: None,
        }]
    };
    let page = context! { title => "Message", mail => described(&mail), parts };
    app.ok(&visit, "admin/mail.html", page)
}
