//! The second factor: setting one up, checking a code once, recovery codes. The shared secret lies sealed, the
//! codes on paper as keyed hashes. Must not know of pages or sessions.

use super::secrets::{digest, normal_code, random_bytes, random_code};
use super::{Context, Error, Outcome, record, sealing};
use crate::domain::event::Event;
use crate::domain::one_time_code::Shared;
use crate::store::factors::{Factor, RecoveryCode};
use crate::store::{Conn, Tx, factors};

/// The kind there is today.
const TOTP: &str = "totp";
const CODES: usize = 10;
/// Letters and digits of a recovery code.
const CODE_LENGTH: usize = 20;

/// A secret that is not a factor yet: the browser carries it, sealed, until its first code was right.
pub struct Pending {
    pub shared: Shared,
    pub sealed: String,
}

/// Whether this person has a second factor.
pub fn has(conn: &mut Conn, user_id: &str) -> Outcome<bool> {
    Ok(factors::of(conn, user_id, TOTP)?.is_some())
}

/// A fresh secret for this person.
pub fn begin(ctx: &Context, user_id: &str) -> Outcome<Pending> {
    let shared = Shared::new(random_bytes());
    let sealed = sealing::seal(&ctx.house.secrets, "enrolment", user_id, shared.bytes())?;
    Ok(Pending { shared, sealed })
}

/// The secret that this person's browser brings back.
pub fn pending(ctx: &Context, user_id: &str, sealed: &str) -> Option<Pending> {
    let bytes = sealing::open(&ctx.house.secrets, "enrolment", user_id, sealed)?;
    let shared = Shared::new(bytes.try_into().ok()?);
    let sealed = sealed.to_owned();
    Some(Pending { shared, sealed })
}

/// Makes the secret this person's factor in place of any other, since a code shows that the app has it. Gives
/// the recovery codes.
pub fn enrol(
    tx: &mut Tx<'_>,
    ctx: &Context,
    user_id: &str,
    shared: &Shared,
    typed: &str,
) -> Outcome<Vec<String>> {
    let step = shared.step(typed, seconds(ctx), 0);
    let step = step.ok_or_else(|| Error::Rule("The code is not right any more.".into()))?;
    factors::remove(tx, user_id)?;
    give(tx, ctx, user_id, shared, step)?;
    make_codes(tx, ctx, user_id)
}

/// Writes a factor; codes up to `step` count as used.
pub fn give(
    tx: &mut Tx<'_>,
    ctx: &Context,
    user_id: &str,
    shared: &Shared,
    step: u64,
) -> Outcome<()> {
    let row = Factor {
        id: ctx.new_id(),
        user_id: user_id.to_owned(),
        kind: TOTP.into(),
        secret: sealing::seal(&ctx.house.secrets, "factor", user_id, shared.bytes())?,
        detail: None,
        last_step: i64::try_from(step).unwrap_or(i64::MAX),
        created_at: ctx.stamp(),
    };
    factors::insert(tx, &row)?;
    let event = Event::FactorEnrolled {
        user_id: user_id.to_owned(),
        kind: TOTP.into(),
    };
    record(tx, ctx, None, Some(user_id), &event)
}

/// Fresh recovery codes in place of the old; only their hashes stay.
pub fn make_codes(tx: &mut Tx<'_>, ctx: &Context, user_id: &str) -> Outcome<Vec<String>> {
    factors::remove_codes(tx, user_id)?;
    let codes: Vec<String> = (0..CODES).map(|_| random_code()).collect();
    for code in &codes {
        let row = RecoveryCode {
            code_hash: code_hash(ctx, user_id, code),
            user_id: user_id.to_owned(),
            created_at: ctx.stamp(),
            used_at: None,
        };
        factors::insert_code(tx, &row)?;
    }
    let user_id = user_id.to_owned();
    let subject = user_id.clone();
    record(
        tx,
        ctx,
        None,
        Some(&subject),
        &Event::RecoveryCodesMade { user_id },
    )?;
    Ok(codes)
}

fn code_hash(ctx: &Context, user_id: &str, code: &str) -> String {
    let text = format!("{user_id}:{}", normal_code(code));
    ctx.house.secrets.hash("recovery", &text)
}

/// Takes every factor of a person away.
pub(super) fn remove(tx: &mut Tx<'_>, ctx: &Context, user_id: &str) -> Outcome<()> {
    factors::remove(tx, user_id)?;
    let event = Event::FactorReset {
        user_id: user_id.to_owned(),
    };
    record(tx, ctx, None, Some(user_id), &event)
}

/// Checks what was typed, a code of the app or a recovery code, and uses it up. A wrong one is recorded, so the
/// caller must let the transaction stand.
pub fn check(tx: &mut Tx<'_>, ctx: &Context, user_id: &str, typed: &str) -> Outcome<bool> {
    let Some(factor) = factors::of(tx.conn(), user_id, TOTP)? else {
        return Ok(false);
    };
    let right = if normal_code(typed).len() == CODE_LENGTH {
        check_paper(tx, ctx, user_id, typed)?
    } else {
        check_app(tx, ctx, &factor, typed)?
    };
    if !right {
        wrong(tx, ctx, user_id)?;
    }
    Ok(right)
}

fn check_app(tx: &mut Tx<'_>, ctx: &Context, factor: &Factor, typed: &str) -> Outcome<bool> {
    let secrets = &ctx.house.secrets;
    let shared = sealing::open(secrets, "factor", &factor.user_id, &factor.secret)
        .and_then(|bytes| bytes.try_into().ok())
        .map(Shared::new)
        .ok_or_else(|| Error::Internal("a factor’s secret is damaged".into()))?;
    let last = u64::try_from(factor.last_step).unwrap_or(0);
    match shared.step(typed, seconds(ctx), last) {
        Some(step) => {
            let step = i64::try_from(step).unwrap_or(i64::MAX);
            Ok(factors::use_step(tx, &factor.id, step)?)
        }
        None => Ok(false),
    }
}

fn check_paper(tx: &mut Tx<'_>, ctx: &Context, user_id: &str, typed: &str) -> Outcome<bool> {
    let hash = code_hash(ctx, user_id, typed);
    if !factors::use_code(tx, user_id, &hash, ctx.stamp())? {
        return Ok(false);
    }
    let left = factors::codes_left(tx.conn(), user_id)?;
    let event = Event::RecoveryCodeUsed {
        user_id: user_id.to_owned(),
        left,
    };
    record(tx, ctx, None, Some(user_id), &event)?;
    Ok(true)
}

/// Records that a code was wrong.
pub fn wrong(tx: &mut Tx<'_>, ctx: &Context, user_id: &str) -> Outcome<()> {
    let event = Event::CodeFailed {
        user_id: user_id.to_owned(),
    };
    record(tx, ctx, None, Some(user_id), &event)
}

/// The secret of a demonstration's account: the same at every start, so that an app set up once stays good.
/// Worth nothing outside it, since anybody can work it out.
pub fn demo_secret(email: &str) -> Shared {
    let digits = digest(format!("cdr demonstration {email}").as_bytes());
    let mut bytes = [0; 20];
    for (byte, digit) in bytes.iter_mut().zip(digits.bytes()) {
        *byte = digit;
    }
    Shared::new(bytes)
}

/// Seconds since 1970, as codes count time.
pub fn seconds(ctx: &Context) -> u64 {
    u64::try_from(ctx.now.timestamp()).unwrap_or(0)
}
