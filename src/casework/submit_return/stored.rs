//! Stored answers, typed again for an export: straight from the text, with nothing built on the way and only
//! the questions that may go out. Reads what `Answers::to_json` wrote, as `Answers::from_json` would; it
//! checks nothing, since what is stored was checked when it was given.

use std::collections::HashMap;

use chrono::{NaiveDate, NaiveDateTime, NaiveTime};
use serde::de::{DeserializeSeed, Deserializer, IgnoredAny, MapAccess, SeqAccess, Visitor};

use crate::domain::form::{Answer, Answers, Basis, Dictionary, Field, Form, Kind, Library};
use crate::domain::national_return::Verified;

/// How to read every form of every version.
pub struct Readers<'a>(HashMap<(&'a str, &'a str), Reader<'a>>);

/// How to read one form, or one row of a table: the questions that go out, in the order of their names, which
/// is the order in which answers are stored too.
struct Reader<'a>(Vec<(&'a str, Question<'a>)>);

/// How to read one question.
struct Question<'a> {
    kind: Kind,
    not_known: Answer,
    columns: Reader<'a>,
}

impl<'a> Readers<'a> {
    /// Readers of what may go out (rule SB-13): national questions, and those of basis `inferred` only where
    /// somebody verified them. What may not go out is not even read.
    pub fn new(library: &'a Library, verified: &Verified) -> Self {
        let forms = library
            .versions()
            .flat_map(|dict| dict.forms.iter().map(move |form| (dict, form)));
        Self(
            forms
                .map(|(dict, form)| {
                    let key = (dict.version.as_str(), form.code.as_str());
                    (key, Reader::of(dict, form, verified))
                })
                .collect(),
        )
    }

    /// The answers of a form; none when its version is not known any more.
    pub fn read(&self, version: &str, form: &str, json: &str) -> Answers {
        let Some(reader) = self.0.get(&(version, form)) else {
            return Answers::default();
        };
        let mut text = serde_json::Deserializer::from_str(json);
        let mut answers = Answers::default();
        // A text that is no object of answers gives those before the place where it breaks off.
        drop(
            Entries {
                reader,
                into: &mut answers.0,
            }
            .deserialize(&mut text),
        );
        answers
    }
}

/// Whether a question goes out.
fn goes(dict: &Dictionary, form: &Form, field: &Field, key: &str, verified: &Verified) -> bool {
    let checked = || {
        let mark = (dict.version.clone(), form.code.clone(), key.to_owned());
        verified.0.contains(&mark)
    };
    field.national && (field.basis != Basis::Inferred || checked())
}

impl<'a> Reader<'a> {
    fn of(dict: &'a Dictionary, form: &'a Form, verified: &Verified) -> Self {
        let questions = form
            .fields()
            .filter(|field| goes(dict, form, field, &field.id, verified))
            .map(|field| {
                let columns = field.columns.iter().filter(|column| {
                    let key = format!("{}.{}", field.id, column.id);
                    goes(dict, form, column, &key, verified)
                });
                let columns =
                    columns.map(|c| (c.id.as_str(), Question::of(dict, c, Reader::none())));
                let columns = Reader::sorted(columns.collect());
                (field.id.as_str(), Question::of(dict, field, columns))
            });
        Self::sorted(questions.collect())
    }

    fn sorted(mut questions: Vec<(&'a str, Question<'a>)>) -> Self {
        questions.sort_unstable_by_key(|(name, _)| *name);
        Self(questions)
    }

    fn none() -> Self {
        Self(Vec::new())
    }

    /// Finds a question, looking first where the last one was found; moves `near` past it.
    fn find(&self, name: &str, near: &mut usize) -> Option<(&'a str, &Question<'a>)> {
        let next = self.0.get(*near).filter(|(held, _)| *held == name);
        let found = next.is_some().then_some(*near).or_else(|| {
            let place = self.0.binary_search_by_key(&name, |(held, _)| held);
            place.ok()
        })?;
        *near = found + 1;
        let (held, question) = self.0.get(found)?;
        Some((held, question))
    }
}

impl<'a> Question<'a> {
    fn of(dict: &Dictionary, field: &Field, columns: Reader<'a>) -> Self {
        let single = matches!(field.kind, Kind::SingleChoice | Kind::YesNoUnknown);
        let list = field.codes.as_deref().unwrap_or_default();
        let coded = single && dict.code(list, "not_known").is_some();
        Self {
            kind: field.kind,
            not_known: if coded {
                Answer::Choice("not_known".into())
            } else {
                Answer::NotKnown
            },
            columns,
        }
    }
}

type Row = std::collections::BTreeMap<String, Answer>;

/// An object of answers.
struct Entries<'r, 'a> {
    reader: &'r Reader<'a>,
    into: &'r mut Row,
}

impl<'de> DeserializeSeed<'de> for Entries<'_, '_> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, from: D) -> Result<(), D::Error> {
        from.deserialize_map(self)
    }
}

impl<'de> Visitor<'de> for Entries<'_, '_> {
    type Value = ();

    fn expecting(&self, f: &mut std::fmt::Formatter) -> std::fmt::Result {
        f.write_str("an object of answers")
    }

    fn visit_map<M: MapAccess<'de>>(self, mut map: M) -> Result<(), M::Error> {
        let mut near = 0;
        while let Some(found) = map.next_key_seed(Name(self.reader, &mut near))? {
            let Some((id, question)) = found else {
                map.next_value::<IgnoredAny>()?;
                continue;
            };
            let answer = map.next_value_seed(Value(question))?;
            if let Some(answer) = answer.filter(|answer| !answer.is_blank()) {
                self.into.insert(id.to_owned(), answer);
            }
        }
        Ok(())
    }
}

/// A name, looked up without being copied.
struct Name<'r, 'n, 'a>(&'r Reader<'a>, &'n mut usize);

impl<'de, 'r, 'a> DeserializeSeed<'de> for Name<'r, '_, 'a> {
    type Value = Option<(&'a str, &'r Question<'a>)>;

    fn deserialize<D: Deserializer<'de>>(self, from: D) -> Result<Self::Value, D::Error> {
        from.deserialize_str(self)
    }
}

impl<'r, 'a> Visitor<'_> for Name<'r, '_, 'a> {
    type Value = Option<(&'a str, &'r Question<'a>)>;

    fn expecting(&self, f: &mut std::fmt::Formatter) -> std::fmt::Result {
        f.write_str("the name of a question")
    }

    fn visit_str<E>(self, name: &str) -> Result<Self::Value, E> {
        Ok(self.0.find(name, self.1))
    }
}

/// One answer. What does not fit its question is left out rather than guessed.
struct Value<'r, 'a>(&'r Question<'a>);

impl<'de> DeserializeSeed<'de> for Value<'_, '_> {
    type Value = Option<Answer>;

    fn deserialize<D: Deserializer<'de>>(self, from: D) -> Result<Self::Value, D::Error> {
        from.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Value<'_, '_> {
    type Value = Option<Answer>;

    fn expecting(&self, f: &mut std::fmt::Formatter) -> std::fmt::Result {
        f.write_str("an answer")
    }

    fn visit_unit<E>(self) -> Result<Self::Value, E> {
        Ok(None)
    }

    fn visit_bool<E>(self, yes: bool) -> Result<Self::Value, E> {
        Ok(match self.0.kind {
            Kind::Boolean => Some(Answer::Boolean(yes)),
            Kind::YesNoUnknown => Some(Answer::Choice(if yes { "yes" } else { "no" }.into())),
            _ => None,
        })
    }

    fn visit_i64<E>(self, number: i64) -> Result<Self::Value, E> {
        Ok(match self.0.kind {
            Kind::Integer => Some(Answer::Integer(number)),
            #[expect(clippy::cast_precision_loss, reason = "answers are far below 2^53")]
            Kind::Decimal => Some(Answer::Decimal(number as f64)),
            Kind::SingleChoice => Some(Answer::Choice(number.to_string())),
            _ => None,
        })
    }

    fn visit_u64<E: serde::de::Error>(self, number: u64) -> Result<Self::Value, E> {
        i64::try_from(number).map_or(Ok(None), |number| self.visit_i64(number))
    }

    fn visit_f64<E>(self, number: f64) -> Result<Self::Value, E> {
        Ok((self.0.kind == Kind::Decimal).then_some(Answer::Decimal(number)))
    }

    fn visit_str<E>(self, text: &str) -> Result<Self::Value, E> {
        if text == "not_known" {
            return Ok(Some(self.0.not_known.clone()));
        }
        Ok(match self.0.kind {
            Kind::Text | Kind::LongText => Some(Answer::Text(text.to_owned())),
            Kind::SingleChoice | Kind::YesNoUnknown => Some(Answer::Choice(text.to_owned())),
            Kind::MultiChoice => Some(Answer::Choices(vec![text.to_owned()])),
            Kind::Date => text.parse::<NaiveDate>().ok().map(Answer::Date),
            Kind::Time => NaiveTime::parse_from_str(text, "%H:%M")
                .ok()
                .map(Answer::Time),
            Kind::DateTime => NaiveDateTime::parse_from_str(text, "%Y-%m-%dT%H:%M")
                .ok()
                .map(Answer::DateTime),
            Kind::Boolean | Kind::Integer | Kind::Decimal | Kind::Table => None,
        })
    }

    fn visit_seq<S: SeqAccess<'de>>(self, mut seq: S) -> Result<Self::Value, S::Error> {
        match self.0.kind {
            Kind::MultiChoice => {
                let mut codes = Vec::with_capacity(4);
                while let Some(code) = seq.next_element::<String>()? {
                    codes.push(code);
                }
                let only = codes.len() == 1 && codes.first().is_some_and(|c| c == "not_known");
                Ok(Some(if only {
                    self.0.not_known.clone()
                } else {
                    Answer::Choices(codes)
                }))
            }
            Kind::Table => {
                let mut rows = Vec::new();
                loop {
                    let mut row = Row::new();
                    let entries = Entries {
                        reader: &self.0.columns,
                        into: &mut row,
                    };
                    if seq.next_element_seed(entries)?.is_none() {
                        return Ok(Some(Answer::Rows(rows)));
                    }
                    if !row.is_empty() {
                        rows.push(row);
                    }
                }
            }
            _ => {
                while seq.next_element::<IgnoredAny>()?.is_some() {}
                Ok(None)
            }
        }
    }

    fn visit_map<M: MapAccess<'de>>(self, mut map: M) -> Result<Self::Value, M::Error> {
        while map.next_entry::<IgnoredAny, IgnoredAny>()?.is_some() {}
        Ok(None)
    }
}

#[cfg(test)]
mod tests;
