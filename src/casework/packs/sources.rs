//! What a pack is made from: the agreed answers but for the analysis, the timeline as the chronology tells it, the
//! family's open questions and the words of chosen documents, and the one mark by which it is seen that any of it changed
//! since. Must not know what is taken out of it.

use super::desk::found;
use crate::casework::naming::known;
use crate::casework::picture::Picture;
use crate::casework::secrets::digest;
use crate::casework::{Context, Outcome, chronology, family};
use crate::domain::account::{Block, Part, Source, account, told_of};
use crate::domain::form::{Answers, Clearance, Dictionary, Form, masked};
use crate::domain::redaction::{find, offset, part_of_day};
use crate::store::cases::Case;
use crate::store::{Conn, documents, merges};

/// Forms that the panel works on itself, or that the team keeps for its own work: what changes in them voids no signature.
const OWN: [&str; 2] = ["analysis", "first_hours"];

/// The part that says what the family asks.
const QUESTIONS: &str = "questions";

/// The account of a case as the record has it, before anything is taken out. The caller has asked for permission.
pub(super) fn parts(conn: &mut Conn, ctx: &Context, case: &Case) -> Outcome<Vec<Part>> {
    let known = Picture::load(conn, ctx, &case.id)?;
    let mut answers: Vec<(&Dictionary, &Form, Answers)> = Vec::new();
    for (code, agreed) in &known.forms {
        let dict = ctx.house.dictionary_of(&agreed.row.form_version);
        if let Some(form) = dict.form(code).filter(|_| !OWN.contains(&code.as_str())) {
            answers.push((dict, form, for_account(ctx, form, agreed.answers.clone())));
        }
    }
    let sources: Vec<Source<'_>> = answers
        .iter()
        .map(|(dict, form, answers)| Source {
            dict,
            form,
            answers,
        })
        .collect();
    let rules = &ctx.house.redaction;
    let mut parts = account(&ctx.house.account, rules, &sources);
    if let Some(age) = known.record().age() {
        let band = ctx.house.dictionary().label("age_band", age.band());
        let text = format!("Age at death: {}.", band.unwrap_or_default());
        first(&mut parts, text);
    }
    parts.extend(timeline(conn, ctx, case)?);
    parts.extend(questions(conn, case)?);
    Ok(parts)
}

fn first(parts: &mut Vec<Part>, text: String) {
    let block = Block {
        key: "age".to_owned(),
        form: None,
        label: None,
        text,
        free: false,
    };
    match parts.iter_mut().find(|part| part.code == "child") {
        Some(part) => part.blocks.insert(0, block),
        None => parts.insert(
            0,
            Part {
                code: "child".to_owned(),
                heading: "The child".to_owned(),
                note: None,
                blocks: vec![block],
            },
        ),
    }
}

/// Without what names somebody, and without what is told otherwise.
fn for_account(ctx: &Context, form: &Form, answers: Answers) -> Answers {
    let answers = masked(form, answers, Clearance::Account);
    told_of(&ctx.house.redaction, form, answers)
}

/// What happened when, as the chronology tells it: an answer that staff corrected or settled stands alone, without what was
/// said in its place.
fn timeline(conn: &mut Conn, ctx: &Context, case: &Case) -> Outcome<Option<Part>> {
    let together = merges::together(conn, &case.id)?;
    let told = chronology::gathered(
        conn,
        ctx,
        (case, &together),
        &|dict, code, given| match dict.form(code).filter(|_| !OWN.contains(&code)) {
            Some(form) => for_account(ctx, form, given),
            None => Answers::default(),
        },
    )?;
    let died = case.date_of_death;
    let blocks: Vec<Block> = told
        .into_iter()
        .filter(|(_, from)| !from.who.is_empty())
        .enumerate()
        .map(|(n, (entry, from))| {
            let when = capital(&offset(entry.day, died));
            let when = entry.time.map_or(when.clone(), |time| {
                format!("{when}, {}", part_of_day(time))
            });
            let who: Vec<String> = from.who.into_iter().collect();
            Block {
                key: format!("timeline.{n}"),
                form: None,
                label: Some(when),
                text: format!(
                    "{} ({}).",
                    entry.what.trim_end_matches([':', '.', ' ']),
                    who.join("; ")
                ),
                free: true,
            }
        })
        .collect();
    Ok((!blocks.is_empty()).then(|| Part {
        code: "timeline".to_owned(),
        heading: "What happened when".to_owned(),
        note: None,
        blocks,
    }))
}

fn capital(text: &str) -> String {
    let mut letters = text.chars();
    letters.next().map_or_else(String::new, |first| {
        first.to_uppercase().chain(letters).collect()
    })
}

fn questions(conn: &mut Conn, case: &Case) -> Outcome<Option<Part>> {
    let words = family::open_words(conn, case)?;
    let blocks: Vec<Block> = words
        .into_iter()
        .enumerate()
        .map(|(n, text)| Block {
            key: format!("question.{n}"),
            form: None,
            label: None,
            text,
            free: true,
        })
        .collect();
    Ok((!blocks.is_empty()).then(|| Part {
        code: QUESTIONS.to_owned(),
        heading: "What the family asks".to_owned(),
        note: None,
        blocks,
    }))
}

/// The words of one document as a part of their own.
pub(super) fn document(number: i32, text: &str) -> Part {
    let blocks = text
        .split("\n\n")
        .map(str::trim)
        .filter(|text| !text.is_empty())
        .enumerate()
        .map(|(n, text)| Block {
            key: format!("document.{number}.{n}"),
            form: None,
            label: None,
            text: text.to_owned(),
            free: true,
        })
        .collect();
    Part {
        code: format!("document-{number}"),
        heading: format!("From document {number}"),
        note: None,
        blocks,
    }
}

/// What members read, from the record as it is now and the words of documents as they were read out.
pub(super) fn now(
    conn: &mut Conn,
    ctx: &Context,
    case: &Case,
    written: &[Part],
) -> Outcome<Vec<Part>> {
    let mut parts = parts(conn, ctx, case)?;
    let of_documents = written
        .iter()
        .filter(|part| part.code.starts_with("document-"));
    parts.extend(of_documents.cloned());
    Ok(parts)
}

/// A keyed mark of an account, of everything that is found in it and of what stands instead: another one when a source of it
/// changed, also a day that is told in steps, or when more is known of who could be told by its words. A question of the family that is settled meanwhile changes nothing; one that
/// is new, or worded otherwise, does.
pub(super) fn mark(
    conn: &mut Conn,
    ctx: &Context,
    case: &Case,
    (parts, chosen): (&[Part], &[String]),
) -> Outcome<String> {
    let mut all = String::new();
    let mut add = |part: &str| {
        all.push_str(part);
        all.push('\u{1f}');
    };
    let known = known(conn, ctx, case, &[])?;
    // Steps are counted from it, also those that a signed text tells already.
    add(&case.date_of_death.to_string());
    for part in parts.iter().filter(|part| part.code != QUESTIONS) {
        add(&part.heading);
        for block in &part.blocks {
            add(&block.key);
            add(block.label.as_deref().unwrap_or_default());
            add(&block.text);
            for one in found(ctx, &known, case, block) {
                add(&format!("{}-{} {}", one.start, one.end, one.becomes));
            }
        }
    }
    for text in family::words(conn, case)? {
        add(&text);
        for one in find(
            &ctx.house.redaction,
            &known,
            &text,
            Some(case.date_of_death),
        ) {
            add(&format!("{}-{} {}", one.start, one.end, one.becomes));
        }
    }
    let mut chosen = chosen.to_vec();
    chosen.sort();
    for id in &chosen {
        let row = documents::get(conn, id)?;
        let (index, state) = row
            .map(|row| (row.content_index, row.state))
            .unwrap_or_default();
        add(id);
        add(&index);
        add(&state);
    }
    let ring = ctx.house.secrets.keyring();
    Ok(ring.blind("pack", &digest(all.as_bytes())))
}
