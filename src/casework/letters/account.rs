//! The words of mails about accounts. A link in one is good once and for a short time; no mail asks for a
//! password or a code.

use super::{Letter, queue};
use crate::casework::{Context, Outcome};
use crate::store::Tx;
use crate::store::accounts::User;
use crate::store::invitations::Invitation;

fn send(
    tx: &mut Tx<'_>,
    ctx: &Context,
    name: &str,
    key: &str,
    to: &str,
    subject: &str,
    body: String,
) -> Outcome<()> {
    let letter = Letter {
        name,
        key: format!("{name}:{key}"),
        to,
        subject,
        body,
        case_id: None,
        request_id: None,
    };
    queue(tx, ctx, letter)
}

/// To somebody invited: a link that makes the account.
pub fn invitation(tx: &mut Tx<'_>, ctx: &Context, row: &Invitation, token: &str) -> Outcome<()> {
    let body = format!(
        "You are invited to make an account with the child death review service.\n\nOpen the link and choose a \
         password. You then set up an authenticator app on your telephone or computer.\n{}/join/{token}\n\nThe link \
         works once and for seven days. It is for you alone. Please do not forward it. If you did not expect it, \
         telephone us.",
        ctx.house.base_url
    );
    let key = format!("{}:{}", row.id, row.version);
    let subject = "Your invitation to the child death review service";
    send(tx, ctx, "invitation", &key, &row.email, subject, body)
}

/// To whoever has an account and asked: a link that sets a new password.
pub fn password_reset(tx: &mut Tx<'_>, ctx: &Context, user: &User, token: &str) -> Outcome<()> {
    let body = format!(
        "Somebody asked for a new password for your account with the child death review service.\n\nIf it was you, \
         open the link and choose one:\n{}/sign-in/reset/{token}\n\nThe link works once and for one hour. You sign \
         in with your authenticator app afterwards as always. If it was not you, you need do nothing: your password \
         stays as it is.",
        ctx.house.base_url
    );
    let key = format!("{}:{}", user.id, ctx.now.timestamp_micros());
    let subject = "Choose a new password";
    send(tx, ctx, "password_reset", &key, &user.email, subject, body)
}

/// To the person: the password is another now.
pub fn password_changed(tx: &mut Tx<'_>, ctx: &Context, user: &User) -> Outcome<()> {
    let body = "The password of your account with the child death review service was changed.\n\nIf it was not \
                you, telephone us now."
        .to_owned();
    let key = format!("{}:{}", user.id, ctx.now.timestamp_micros());
    let subject = "Your password was changed";
    send(
        tx,
        ctx,
        "password_changed",
        &key,
        &user.email,
        subject,
        body,
    )
}

/// To the person: the second factor was taken away and is set up anew.
pub fn factor_reset(tx: &mut Tx<'_>, ctx: &Context, user: &User) -> Outcome<()> {
    let body = "An administrator took away the authenticator app of your account with the child death review \
                service. You set up another one after your next password.\n\nIf you did not ask for this, telephone \
                us now."
        .to_owned();
    let key = format!("{}:{}", user.id, ctx.now.timestamp_micros());
    let subject = "Your authenticator app was taken away";
    send(tx, ctx, "factor_reset", &key, &user.email, subject, body)
}

/// To an auditor: a restricted case was opened. Says neither which nor by whom: that waits behind the sign-in.
pub fn case_opened(tx: &mut Tx<'_>, ctx: &Context, opening: &str, user: &User) -> Outcome<()> {
    let body = format!(
        "A restricted case was opened by somebody who is not named on it. It waits for your review.\n\nSign in and \
         look at it:\n{}/admin/audit/openings",
        ctx.house.base_url
    );
    let key = format!("{opening}:{}", user.id);
    let subject = "An opening waits for your review";
    send(tx, ctx, "case_opened", &key, &user.email, subject, body)
}

/// To an administrator, or the team: a restricted case was opened, and no auditor is there to review it. Says as little.
pub fn nobody_reviews(tx: &mut Tx<'_>, ctx: &Context, opening: &str, to: &str) -> Outcome<()> {
    let body = format!(
        "A restricted case was opened by somebody who is not named on it. Only an auditor can review that, and no auditor \
         has an active account.\n\nInvite an auditor, or start the account of one again. The opening waits until then:\n\
         {}/admin",
        ctx.house.base_url
    );
    let key = format!("{opening}:{}", ctx.house.secrets.hash("mail", to));
    let subject = "There is no auditor to review an opening";
    send(tx, ctx, "nobody_reviews", &key, to, subject, body)
}

/// To an auditor, or who stands in for one: a restricted case went out in a return of somebody who is not named on it. Says
/// neither which nor who.
pub fn case_left(tx: &mut Tx<'_>, ctx: &Context, key: &str, to: &str) -> Outcome<()> {
    let body = format!(
        "A return for the national database was made that holds a restricted case, by somebody who is not named on it. The \
         law asks for every death, so such a case goes out too. The audit trail has a line for each case.\n\nAn auditor \
         can look at it:\n{}/admin/audit?kind=exports",
        ctx.house.base_url
    );
    let key = format!("{key}:{}", ctx.house.secrets.hash("mail", to));
    let subject = "A return holds a restricted case";
    send(tx, ctx, "case_left", &key, to, subject, body)
}
