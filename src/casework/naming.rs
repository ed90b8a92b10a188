//! Every word that the record of one case knows to tell who somebody is: the child, the family, the staff of agencies, the
//! team, places and organisations; and which texts hold one. Must not know where a text comes from or goes.

use std::collections::BTreeSet;

use crate::casework::picture::{Picture, stored};
use crate::casework::{Context, Error, Outcome};
use crate::domain::duplicate::fold;
use crate::domain::family::{Part, fields};
use crate::domain::form::{Answer, Answers, Dictionary, Form, Identifies};
use crate::domain::redaction::{Known, What, find, gives_away, place_gives_away};
use crate::store::cases::Case;
use crate::store::{
    Conn, actions, case_people, cases, documents, family, meetings, merges, panels, processes,
    requests, responses,
};

/// What is known of a case, and the words that a person named. The caller has asked for permission.
pub fn known(conn: &mut Conn, ctx: &Context, case: &Case, added: &[String]) -> Outcome<Known> {
    let mut all = Gathered {
        ctx,
        known: Known::default(),
    };
    all.add_case(conn, case)?;
    // What is read with it since they were merged names others.
    for row in merges::under(conn, &case.id)? {
        let one = cases::get(conn, &row.case_id)?.ok_or(Error::NotFound)?;
        all.add_case(conn, &one)?;
    }
    all.add_places();
    for words in added {
        all.add(What::Added, words, "taken out");
    }
    Ok(all.known)
}

/// What in a text could tell who somebody is.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Told {
    /// By what is known of the case, and what looks like a name, a number or a place.
    pub sure: BTreeSet<What>,
    /// The words that may do so, each with why: initials, an age, what is perhaps a name. A person says whether they do.
    pub guesses: Vec<String>,
}

const fn is_guess(what: What) -> bool {
    matches!(what, What::Perhaps | What::Initials | What::Age)
}

/// What in each text could tell who somebody is, by all that is known of the case.
pub fn told(conn: &mut Conn, ctx: &Context, case: &Case, texts: &[&str]) -> Outcome<Vec<Told>> {
    let known = known(conn, ctx, case, &[])?;
    let of_text = |text: &&str| {
        let mut told = Told::default();
        for one in find(&ctx.house.redaction, &known, text, None) {
            if !is_guess(one.what) {
                told.sure.insert(one.what);
                continue;
            }
            let words = text.get(one.start..one.end).unwrap_or_default();
            let guess = format!("“{words}” ({})", one.what.label().to_lowercase());
            if !told.guesses.contains(&guess) {
                told.guesses.push(guess);
            }
        }
        told
    };
    Ok(texts.iter().map(of_text).collect())
}

/// The same without guesses.
pub fn telling(
    conn: &mut Conn,
    ctx: &Context,
    case: &Case,
    texts: &[&str],
) -> Outcome<Vec<BTreeSet<What>>> {
    let told = told(conn, ctx, case, texts)?;
    Ok(told.into_iter().map(|told| told.sure).collect())
}

/// Which of the texts name somebody or where somebody is. Days and times do not: the panel reads them.
pub fn naming(conn: &mut Conn, ctx: &Context, case: &Case, texts: &[&str]) -> Outcome<Vec<bool>> {
    let names = |what: &What| !matches!(what, What::Date | What::Time);
    let told = telling(conn, ctx, case, texts)?;
    Ok(told.iter().map(|told| told.iter().any(names)).collect())
}

/// Questions whose answers name the child or the family, or say where they live, on whatever form. Staff, hospitals and
/// agencies are not among them: their names are on every letter.
const OF_FAMILY: [&str; 17] = [
    "child_surname",
    "child_forenames",
    "child_known_as",
    "child_name",
    "nhs_number",
    "child_nhs_number",
    "address_line_1",
    "address_at_death_if_different",
    "child_address",
    "postcode",
    "parental_responsibility.name",
    "parental_responsibility.address",
    "household_members.name",
    "household_members.address",
    "other_children_affected.name",
    "parents_carers.name",
    "siblings.name",
];

/// Whether a text that leaves the service holds a name, a number or an address of the child or the family, by what is known
/// of the case and of those read under it.
pub fn gives_away_family(conn: &mut Conn, ctx: &Context, case: &Case, text: &str) -> Outcome<bool> {
    let known = of_family(conn, ctx, case)?;
    Ok(!gives_away(&ctx.house.redaction, &known, text).is_empty())
}

/// The same of the place of a meeting.
pub fn place_gives_away_family(
    conn: &mut Conn,
    ctx: &Context,
    case: &Case,
    place: &str,
) -> Outcome<bool> {
    let known = of_family(conn, ctx, case)?;
    Ok(place_gives_away(&ctx.house.redaction, &known, place))
}

fn of_family(conn: &mut Conn, ctx: &Context, case: &Case) -> Outcome<Known> {
    let mut all = Gathered {
        ctx,
        known: Known::default(),
    };
    for id in merges::together(conn, &case.id)? {
        let one = cases::get(conn, &id)?.ok_or(Error::NotFound)?;
        all.add_child_and_family(conn, &one)?;
    }
    Ok(all.known)
}

struct Gathered<'a> {
    ctx: &'a Context,
    known: Known,
}

impl Gathered<'_> {
    fn add_child(&mut self, case: &Case) {
        self.add(What::Name, &case.display_name, "the child");
        if let Some(number) = &case.nhs_number {
            self.add(What::NhsNumber, number, "an NHS number");
        }
    }

    /// Names, numbers and homes of the child and the family alone.
    fn add_child_and_family(&mut self, conn: &mut Conn, case: &Case) -> Outcome<()> {
        self.add_child(case);
        let only = |key: &str| OF_FAMILY.contains(&key);
        self.add_record(conn, case, &only)?;
        self.add_family(conn, case, &|part, field| {
            let reached = ["name", "address", "telephone", "email"];
            matches!(part, Part::People | Part::Others)
                && reached.iter().any(|one| field.contains(one))
        })
    }

    fn add_case(&mut self, conn: &mut Conn, case: &Case) -> Outcome<()> {
        self.add_child(case);
        self.add(What::Reference, &case.reference, "a reference");
        self.add_record(conn, case, &|_| true)?;
        self.add_family(conn, case, &|_, _| true)?;
        self.add_staff(conn, case)
    }

    /// What the agreed record and the answers of agencies say, to the questions that `of` takes.
    fn add_record(
        &mut self,
        conn: &mut Conn,
        case: &Case,
        of: &dyn Fn(&str) -> bool,
    ) -> Outcome<()> {
        let picture = Picture::load(conn, self.ctx, &case.id)?;
        for (code, agreed) in &picture.forms {
            let dict = self.ctx.house.dictionary_of(&agreed.row.form_version);
            self.add_answers(dict, code, &agreed.answers, of);
        }
        for row in responses::of_case(conn, &case.id)? {
            let dict = self.ctx.house.dictionary_of(&row.form_version);
            let answers = stored(dict, &row.form, &row.answers);
            self.add_answers(dict, &row.form, &answers, of);
        }
        Ok(())
    }

    fn add(&mut self, what: What, text: &str, becomes: &str) {
        self.known
            .add(&self.ctx.house.redaction, what, text, becomes);
    }

    /// Answers that are told otherwise; a row's relationship says whose a name is.
    fn add_answers(
        &mut self,
        dict: &Dictionary,
        code: &str,
        answers: &Answers,
        of: &dyn Fn(&str) -> bool,
    ) {
        let Some(form) = dict.form(code) else { return };
        for (id, answer) in &answers.0 {
            match answer {
                Answer::Text(text) if of(id) => self.add_one(form, id, text, None),
                Answer::Rows(rows) => {
                    for row in rows {
                        for (cell, answer) in row {
                            let key = format!("{id}.{cell}");
                            let Answer::Text(text) = answer else { continue };
                            if !of(&key) {
                                continue;
                            }
                            let role = self.role(dict, form, id, &key, row);
                            self.add_one(form, &key, text, role.as_deref());
                        }
                    }
                }
                _ => {}
            }
        }
    }

    fn add_one(&mut self, form: &Form, key: &str, text: &str, role: Option<&str>) {
        if let Some(line) = self.ctx.house.redaction.of(&form.code, key)
            && line.what != What::Perhaps
        {
            let (what, words) = (line.what, line.words.clone());
            self.add(what, text, role.unwrap_or(&words));
            return;
        }
        // An older form may ask for a name that no line knows of.
        let (table, column) = key.split_once('.').unwrap_or((key, ""));
        let field = form.field(table);
        let field = field.and_then(|field| match column {
            "" => Some(field),
            _ => field.column(column),
        });
        if field.is_some_and(|field| field.identifies == Identifies::Direct) {
            self.add(What::Name, text, "a person");
        }
    }

    /// "the mother", where the row says so.
    fn role(
        &self,
        dict: &Dictionary,
        form: &Form,
        table: &str,
        key: &str,
        row: &std::collections::BTreeMap<String, Answer>,
    ) -> Option<String> {
        let column = self.ctx.house.redaction.of(&form.code, key)?.role.clone()?;
        let field = form.field(table)?.column(&column)?;
        let said = match row.get(&column)? {
            Answer::Choice(code) => dict.label(field.codes.as_deref()?, code)?.to_owned(),
            Answer::Text(text) if text.split_whitespace().count() < 4 => text.clone(),
            _ => return None,
        };
        let said = fold(&said);
        (!said.is_empty() && !["other", "not known", "unknown"].contains(&said.as_str()))
            .then(|| format!("the {said}"))
    }

    fn add_family(
        &mut self,
        conn: &mut Conn,
        case: &Case,
        of: &dyn Fn(Part, &str) -> bool,
    ) -> Outcome<()> {
        for row in family::of_case(conn, &case.id)? {
            let (Ok(part), Ok(said)) = (
                row.part.parse::<Part>(),
                serde_json::from_str::<crate::domain::family::Said>(&row.body),
            ) else {
                continue;
            };
            let whose = match part {
                Part::KeyWorker => "the key worker",
                Part::Others => "somebody close to the child",
                _ => "a member of the family",
            };
            for field in fields(part) {
                let Some(text) = said.get(field.name).filter(|_| of(part, field.name)) else {
                    continue;
                };
                let direct = field.identifies() == Identifies::Direct;
                if !direct && !field.name.contains("address") {
                    continue;
                }
                match field.name {
                    name if name.contains("name") => self.add(What::Name, text, whose),
                    name if name.contains("address") => self.add(What::Address, text, "an address"),
                    "telephone" => self.add(What::Telephone, text, "a contact"),
                    _ => self.add(What::Reference, text, "a contact"),
                }
            }
        }
        Ok(())
    }

    fn add_staff(&mut self, conn: &mut Conn, case: &Case) -> Outcome<()> {
        for row in requests::of_case(conn, &case.id)? {
            self.add(What::Name, &row.recipient, "a professional");
            self.add(What::Email, &row.email, "an e-mail address");
            if let Some(name) = &row.organisation {
                self.add(What::Place, name, "an organisation");
            }
        }
        for (_, name) in case_people::of_case(conn, &case.id)? {
            self.add(What::Name, &name, "a professional");
        }
        let mut rows = meetings::of_case(conn, &case.id)?;
        for item in panels::of_case(conn, &case.id)? {
            rows.extend(meetings::get(conn, &item.meeting_id)?);
        }
        for meeting in rows {
            for person in meetings::people_of(conn, &meeting.id)? {
                self.add(What::Name, &person.name, "a professional");
            }
        }
        for row in actions::of_case(conn, &case.id)? {
            let said: serde_json::Value = serde_json::from_str(&row.body).unwrap_or_default();
            if let Some(owner) = said.get("owner").and_then(serde_json::Value::as_str) {
                self.add(What::Name, owner, "a professional");
            }
        }
        for row in processes::of_case(conn, &case.id)? {
            if let Some(reference) = &row.reference {
                self.add(What::Reference, reference, "a reference");
            }
        }
        let ring = self.ctx.house.secrets.keyring();
        for row in documents::of_case(conn, &case.id)? {
            if let Ok(name) = ring.open("documents", "uploaded_by", &row.id, &row.uploaded_by) {
                self.add(What::Name, &name, "a professional");
            }
        }
        Ok(())
    }

    /// Places of the area and organisations that are named in its data.
    fn add_places(&mut self) {
        let house = &self.ctx.house;
        for (district, outward) in &house.area.districts {
            self.add(What::Place, district, "a district");
            for code in outward {
                self.add(What::Postcode, code, "a postcode");
            }
        }
        for one in &house.organisations {
            self.add(What::Place, &one.name, "an organisation");
        }
    }
}
