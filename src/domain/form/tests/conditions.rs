//! Every condition of every form is parsed, and opens and shuts its question.

use super::world::World;
use crate::domain::form::answer::Row;
use crate::domain::form::visible::Sight;
use crate::domain::form::{Answers, fixture};

/// The conditions as the files have them, counted without the engine.
fn terms_in_files() -> usize {
    let files = fixture::files();
    let mut terms = 0;
    for (name, text) in &files {
        let mut reader = csv::Reader::from_reader(text.as_bytes());
        let Some(column) = reader
            .headers()
            .unwrap()
            .iter()
            .position(|c| c == "show_when")
        else {
            continue;
        };
        for record in reader.records() {
            let record = record.unwrap_or_else(|e| panic!("{name}: {e}"));
            let cell = &record[column];
            terms += if cell.is_empty() {
                0
            } else {
                cell.split(" and ").count()
            };
        }
    }
    terms
}

#[test]
fn every_term_opens_and_shuts_its_question() {
    let library = fixture::library();
    let dict = library.current();
    let mut evaluated = 0;
    for form in &dict.forms {
        for field in form.fields() {
            for (n, term) in field
                .show_when
                .iter()
                .flat_map(|when| when.terms.iter().enumerate())
            {
                let mut world = World::new(dict, &form.code);
                world.open(field);
                assert!(
                    world.shows(&field.id),
                    "{} {} should show",
                    form.code,
                    field.id
                );
                world.violate(term);
                assert!(
                    !world.shows(&field.id),
                    "{} {} term {n} should hide",
                    form.code,
                    field.id
                );
                evaluated += 1;
            }
            for column in &field.columns {
                for term in column.show_when.iter().flat_map(|when| &when.terms) {
                    let mut world = World::new(dict, &form.code);
                    world.satisfy(term);
                    let around = fixture::nowhere();
                    let (none, row) = (Answers::default(), Row::new());
                    assert!(
                        Sight::new(form, &world.answers, &around).shows_column(field, column, &row)
                    );
                    assert!(!Sight::new(form, &none, &around).shows_column(field, column, &row));
                    evaluated += 1;
                }
            }
        }
    }
    assert_eq!(evaluated, terms_in_files());
    assert!(evaluated > 150, "{evaluated}");
}
