//! What was typed and not saved, going into another hand: to whoever comes next, or aside until its own people come back.
//! Where several typed on one page, each one's words lie beside the others' and none in place of another's. Must not know
//! what a page shows of them.

use super::{Context, GONE, Outcome, Place, at, opened, same, seal};
use crate::domain::address::fold;
use crate::store::requests::Request;
use crate::store::typings::{self, Typing};
use crate::store::{Tx, responses};

/// The hand of whoever comes next, for what came back from somebody else.
pub(super) const NEXT: &str = "";
/// A hand that words are kept under for whoever held a request, when its browsers hold it no more.
pub(super) const KEPT: &str = "kept:";
/// So many people's words lie in one hand on one page; of more, the oldest give way.
const MOST: usize = 20;

/// The `n`th place for words in a hand.
fn slot(hand: &str, n: usize) -> String {
    if n == 0 {
        hand.to_owned()
    } else {
        format!("{hand}+{n}")
    }
}

/// Whether words lie in this hand, in whichever place.
pub(super) fn lies_in(of: &str, hand: &str) -> bool {
    of.strip_prefix(hand)
        .is_some_and(|rest| rest.is_empty() || rest.starts_with('+'))
}

/// Lays what was typed on a page into another hand beside what lies there, unless the same words do.
pub(super) fn lay(
    tx: &mut Tx<'_>,
    ctx: &Context,
    from: &Place,
    row: &Typing,
    to: &Place,
) -> Outcome<()> {
    let Some(left) = opened(ctx, from, row) else {
        return Ok(());
    };
    let mut there = typings::of_place(tx.conn(), &to.form)?;
    there.retain(|one| one.part == to.section && lies_in(&one.hand, &to.hand));
    let in_slot = |hand: &str| Place {
        hand: hand.to_owned(),
        ..to.clone()
    };
    let lies_there = there.iter().any(|one| {
        opened(ctx, &in_slot(&one.hand), one).is_some_and(|one| same(&one.posted, &left.posted))
    });
    if lies_there {
        return Ok(());
    }
    let free = (0..MOST)
        .map(|n| slot(&to.hand, n))
        .find(|hand| there.iter().all(|one| one.hand != *hand));
    // The oldest are first.
    let oldest = there.first().filter(|one| one.typed_at <= row.typed_at);
    let Some(hand) = free.or(oldest.map(|one| one.hand.clone())) else {
        return Ok(());
    };
    let to = in_slot(&hand);
    let next = Typing {
        place: to.form.clone(),
        hand: to.hand.clone(),
        sealed: seal(ctx, &to, &left.posted)?,
        ..row.clone()
    };
    Ok(typings::put(tx, &next)?)
}

/// What was typed in a form behind one request, and not saved, goes to another request's: whoever opens a page there
/// next finds it.
pub fn hand_over(tx: &mut Tx<'_>, ctx: &Context, form: &str, from: &str, to: &str) -> Outcome<()> {
    let old = at(from, form, "", "").form;
    for row in typings::of_place(tx.conn(), &old)? {
        // What somebody typed who handed the part on is nobody else's.
        if row.hand.starts_with(KEPT) {
            continue;
        }
        let here = at(from, form, &row.part, &row.hand);
        lay(tx, ctx, &here, &row, &at(to, form, &row.part, NEXT))?;
    }
    Ok(typings::forget_place(tx, &old)?)
}

/// Where the words of a request wait for the person or team at this address.
fn kept_for(ctx: &Context, request: &Request) -> String {
    let of = format!("{}\n{}", request.id, fold(&request.email));
    format!("{KEPT}{}", ctx.house.secrets.hash("hand", &of))
}

/// Puts everything that was typed behind a request aside for whoever it is with now, before it goes to somebody else:
/// nobody else is ever shown it.
pub fn put_aside(tx: &mut Tx<'_>, ctx: &Context, request: &Request) -> Outcome<()> {
    let hand = kept_for(ctx, request);
    for row in responses::of_request(tx.conn(), &request.id)? {
        let form = at(&request.id, &row.form, "", "").form;
        for typed in typings::of_place(tx.conn(), &form)? {
            if !typed.hand.starts_with(KEPT) {
                pass(tx, ctx, &request.id, &row.form, &typed, &hand)?;
            }
        }
    }
    Ok(())
}

/// Somebody proved that they read the mail of the address on file: what was typed there before, in a browser that is
/// gone or in another one, waits for them on its page. Where several are typing on one page, each keeps theirs.
pub fn offer(tx: &mut Tx<'_>, ctx: &Context, request: &Request) -> Outcome<()> {
    let own = kept_for(ctx, request);
    let gone = ctx.stamp() - GONE;
    for row in responses::of_request(tx.conn(), &request.id)? {
        let form = at(&request.id, &row.form, "", "").form;
        let mut all = typings::of_place(tx.conn(), &form)?;
        all.retain(|typed| lies_in(&typed.hand, &own) || !typed.hand.starts_with(KEPT));
        let waits = |hand: &str| lies_in(hand, NEXT);
        let hands: Vec<(String, String)> = all
            .iter()
            .filter(|typed| !waits(&typed.hand) && !lies_in(&typed.hand, &own))
            .map(|typed| (typed.part.clone(), typed.hand.clone()))
            .collect();
        let alone = |typed: &Typing| {
            let other =
                |(part, hand): &(String, String)| *part == typed.part && *hand != typed.hand;
            !hands.iter().any(other)
        };
        for typed in &all {
            let free = lies_in(&typed.hand, &own) || typed.seen_at < gone || alone(typed);
            if !waits(&typed.hand) && free {
                pass(tx, ctx, &request.id, &row.form, typed, NEXT)?;
            }
        }
    }
    Ok(())
}

/// Moves what was typed on a page into another hand.
fn pass(
    tx: &mut Tx<'_>,
    ctx: &Context,
    request: &str,
    form: &str,
    row: &Typing,
    hand: &str,
) -> Outcome<()> {
    let from = at(request, form, &row.part, &row.hand);
    lay(tx, ctx, &from, row, &at(request, form, &row.part, hand))?;
    Ok(typings::forget(tx, &from.form, &from.section, &from.hand)?)
}
