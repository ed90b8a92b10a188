//! The desk: documents whose words go in, every proposal with the text around it, words added by hand, notes, the account as
//! members will read it, and the two signatures. Must not judge what was decided.

use std::collections::BTreeMap;

use actix_web::web::Bytes;
use serde_json::Value;

use super::{Data, Page, Path2, Post, Sheet, Typed, Visit, base, see_other, typed};
use crate::casework::packs::{self as work, Desk, Paper, Proposal, Stand};
use crate::casework::people::problem;
use crate::casework::{Context, Error, Outcome, documents, letters};
use crate::domain::code::coded;
use crate::domain::document::{Kind, text_of};
use crate::domain::form::Problem;
use crate::domain::permission::{Facts, Verb, may};
use crate::store::Conn;
use crate::store::documents::Document;
use crate::web::Fault;
use crate::web::documents::read_bytes;

coded! {
    /// What is done at the desk.
    pub enum Deed {
        Build = "build", "Write the account";
        Decide = "decide", "Save what was decided";
        Rest = "rest", "Take out everything that is not decided";
        Words = "words", "Take out other words";
        Note = "note", "Put a note before a part";
        Sign = "sign", "Sign";
    }
}

const PAGE: Sheet<(String, String), Typed> = Sheet {
    template: "packs/desk.html",
    view,
};

/// `GET /panels/{id}/pack/{item}/desk`.
pub async fn page(app: Data, visit: Visit, path: Path2) -> Page {
    PAGE.again(&app, &visit, &path, Typed::default()).await
}

fn view(conn: &mut Conn, ctx: &Context, at: &(String, String), typed: &Typed) -> Outcome<Value> {
    let desk = work::desk(conn, ctx, (&at.0, &at.1))?;
    let (errors, wrong) = crate::web::said::said(&typed.problems);
    let (open, done): (Vec<&Proposal>, Vec<&Proposal>) =
        desk.proposals.iter().partition(|one| one.cut.is_none());
    let against = match &desk.pack {
        Some(pack) => work::release_ready(conn, ctx, &desk.case, pack)?,
        None => Vec::new(),
    };
    let chosen = |number: i32, now: bool| match &typed.post {
        Some(post) if post.text("do") == Deed::Build.as_str() => {
            post.all("document").contains(&number.to_string())
        }
        _ => now,
    };
    let keeps = may(&ctx.actor, Verb::KeepPack, &Facts::default());
    let own = desk
        .pack
        .as_ref()
        .and_then(|pack| pack.first_signer.as_deref())
        == ctx.actor.user_id();
    Ok(context! {
        title => format!("Account of case {}", desk.item.pack_number), act => format!("{}/desk", base(at)),
        panel => &desk.row.id, item => &desk.item.id, when => letters::when(desk.row.starts_at, desk.row.minutes_long),
        case => context! { reference => &desk.case.reference, name => &desk.case.display_name, base => format!("/cases/{}", desk.case.reference) },
        state => desk.stand.label(), colour => colour(desk.stand), written => desk.pack.is_some(), version => desk.pack.as_ref().map_or(0, |pack| pack.version),
        behind => matches!(desk.stand, Stand::Behind | Stand::Void), keeps,
        documents => desk.documents.iter().map(|one| context! {
            number => one.document.row.number, title => one.document.words.as_ref().map(|w| &w.title),
            kind => one.document.row.kind.parse::<Kind>().map_or("", Kind::label), chosen => chosen(one.document.row.number, one.chosen),
            note => one.document.words.as_ref().and_then(|w| w.content_note.as_ref()),
        }).collect::<Vec<Value>>(),
        open => listed(&open, typed), done => listed(&done, typed),
        parts => desk.parts.iter().map(|part| part_of(&desk, part)).collect::<Vec<Value>>(),
        added => &desk.added, rarity => desk.rarity.as_ref().map(|r| context! { age => &r.age, district => &r.district, cause => &r.cause, alike => r.alike, years => r.years }),
        about_rarity => typed.text("rarity").or(desk.about_rarity.as_deref()), words => typed.text("words"), note => typed.text("note"), part => typed.text("part"),
        against, can_sign => against.is_empty() && matches!(desk.stand, Stand::Draft | Stand::SignedOnce), once => desk.stand == Stand::SignedOnce, own,
        released => desk.released.as_ref().map(|r| context! { number => r.number, at => r.released_at.and_utc().to_rfc3339() }),
        read_by => work::read_by(conn, &desk.item.id)?,
        room => base(at), questions => format!("{}/questions", base(at)), errors, at => wrong, refused => &typed.refused,
    })
}

const fn colour(stand: Stand) -> &'static str {
    match stand {
        Stand::Released => "govuk-tag--green",
        Stand::Void | Stand::Behind => "govuk-tag--red",
        Stand::SignedOnce => "govuk-tag--turquoise",
        Stand::Draft => "govuk-tag--blue",
        Stand::None => "govuk-tag--grey",
    }
}

fn listed(all: &[&Proposal], typed: &Typed) -> Vec<Value> {
    all.iter()
        .map(|one| {
            // What was typed belongs to these words, wherever they stand in the list by now.
            let cut = match typed.text(&format!("cut-{}", one.key)) {
                Some("yes") => Some(true),
                Some("no") => Some(false),
                _ => one.cut,
            };
            let more = one.count.saturating_sub(one.places.len());
            context! {
                key => &one.key, what => one.what.label(), surface => &one.surface, becomes => &one.becomes, count => one.count,
                places => one.places.iter().map(|(before, after)| context! { before, after }).collect::<Vec<Value>>(), more, cut,
            }
        })
        .collect()
}

/// A part as it will be read, with what is not decided yet marked.
fn part_of(desk: &Desk, part: &crate::domain::account::Part) -> Value {
    let blocks: Vec<Value> = part
        .blocks
        .iter()
        .map(|block| {
            let pieces: Vec<Value> = desk
                .pieces(&block.key)
                .iter()
                .map(|(text, how)| context! { text, how => how.as_str() })
                .collect();
            context! { label => &block.label, pieces }
        })
        .collect();
    context! { code => &part.code, heading => &part.heading, note => &part.note, blocks }
}

/// `POST /panels/{id}/pack/{item}/desk`.
pub async fn act(app: Data, visit: Visit, path: Path2, post: Post) -> Page {
    let at = path.into_inner();
    let deed = post.text("do").parse::<Deed>().ok();
    let done = match deed {
        Some(Deed::Build) => build(&app, &visit, &at, &post).await,
        Some(deed) => other(&app, &visit, &at, &post, deed).await,
        None => Err(Fault::Work(Error::NotFound)),
    };
    match done {
        Ok(()) => Ok(see_other(&format!("{}/desk", base(&at)))),
        Err(fault) => PAGE.again(&app, &visit, &at, typed(post, fault)?).await,
    }
}

async fn other(
    app: &Data,
    visit: &Visit,
    at: &(String, String),
    post: &Post,
    deed: Deed,
) -> Result<(), Fault> {
    let (at, post) = (at.clone(), post.clone());
    app.write(visit, move |tx, ctx| {
        let (of, version) = ((at.0.as_str(), at.1.as_str()), post.number("version"));
        match deed {
            Deed::Words => work::add_words(tx, ctx, of, version, post.text("words")),
            Deed::Note => {
                work::put_note(tx, ctx, of, version, post.text("part"), post.text("note"))
            }
            Deed::Sign => work::sign(tx, ctx, of, version),
            Deed::Decide | Deed::Rest | Deed::Build => {
                let rest = if deed == Deed::Rest {
                    work::undecided(tx.conn(), ctx, of)?
                } else {
                    Vec::new()
                };
                let said = said(&post, &rest);
                work::decide(tx, ctx, of, version, &said, post.get("rarity"))
            }
        }
    })
    .await
}

/// What was chosen on the page, by the key of the words; `rest` are those that are taken out where nothing was chosen.
fn said(post: &Post, rest: &[String]) -> BTreeMap<String, bool> {
    let mut all: BTreeMap<String, bool> = rest.iter().map(|key| (key.clone(), true)).collect();
    for (name, value) in &post.0.0 {
        if let Some(key) = name.strip_prefix("cut-") {
            all.insert(key.to_owned(), value == "yes");
        }
    }
    all
}

/// Reads the words of the chosen documents, and writes the account from them and the record.
async fn build(app: &Data, visit: &Visit, at: &(String, String), post: &Post) -> Result<(), Fault> {
    let chosen: Vec<i32> = post
        .all("document")
        .iter()
        .filter_map(|number| number.parse().ok())
        .collect();
    let of = at.clone();
    let (rows, key) = app
        .read(visit, move |conn, ctx| {
            let desk = work::desk(conn, ctx, (&of.0, &of.1))?;
            let rows: Vec<Document> = desk
                .documents
                .into_iter()
                .map(|one| one.document.row)
                .filter(|row| chosen.contains(&row.number))
                .collect();
            let key = documents::key(conn, ctx, &desk.case.id)?;
            Ok((rows, key.and_then(Result::ok)))
        })
        .await?;
    let (mut papers, mut wrong) = (Vec::new(), Vec::new());
    for row in rows {
        let bytes = read_bytes(app, visit, &row, key.clone()).await?;
        match words_of(row, bytes).await? {
            Ok(paper) => papers.push(paper),
            Err(fault) => wrong.push(fault),
        }
    }
    if !wrong.is_empty() {
        return Err(Fault::Work(Error::Invalid(wrong)));
    }
    let at = at.clone();
    let version = Some(post.number("version")).filter(|version| *version > 0);
    app.write(visit, move |tx, ctx| {
        work::build(tx, ctx, (&at.0, &at.1), version, &papers)
    })
    .await
}

async fn words_of(row: Document, bytes: Option<Vec<u8>>) -> Result<Result<Paper, Problem>, Fault> {
    let fault = |words: &str| {
        problem(
            "document",
            "text",
            &format!("Document {}: {words}", row.number),
        )
    };
    let (Some(bytes), Ok(kind)) = (bytes, row.kind.parse::<Kind>()) else {
        return Ok(Err(fault("it is damaged, and its words cannot be read")));
    };
    let bytes = Bytes::from(bytes);
    let read = crate::web::documents::block(move || Ok(text_of(kind, &bytes))).await?;
    Ok(match read {
        Ok(text) => Ok(Paper {
            id: row.id.clone(),
            number: row.number,
            text,
            distressing: row.content_note.is_some(),
        }),
        Err(none) => Err(fault(&none.words())),
    })
}
