//! The board over all cases that the reader may see. What is chosen stands in the address; no name ever does. Must not
//! change anything.

use actix_web::{HttpRequest, web};
use chrono::{Days, NaiveDate};
use serde_json::Value;
use url::form_urlencoded;

use super::described;
use crate::casework::{Context, Outcome, processes as work};
use crate::domain::code::coded;
use crate::domain::event::Event;
use crate::domain::permission::{Facts, Verb};
use crate::domain::process::{Held, State};
use crate::store::Conn;
use crate::store::processes::{After, Filter, Sort};
use crate::web::{App, Page, Visit};

/// Rows on one page.
const ROWS: usize = 25;
/// One more is read, to know whether there is a next page.
const READ: i64 = 26;
/// A check within so many days is due soon.
const SOON: u64 = 14;

coded! {
    /// When a process is to be looked at.
    pub enum Due {
        Late = "late", "Overdue";
        Soon = "soon", "Overdue or within 14 days";
    }
}

/// What the address asks.
struct Wanted {
    kind: Option<String>,
    /// None: those that are open.
    state: Option<State>,
    due: Option<Due>,
    holding: Option<Held>,
    sort: Sort,
    after: Option<After>,
}

/// `GET /processes`.
pub async fn board(app: web::Data<std::sync::Arc<App>>, visit: Visit, req: HttpRequest) -> Page {
    let query = req.query_string().to_owned();
    let page = app
        .read(&visit, move |conn, ctx| show(conn, ctx, &query))
        .await?;
    app.ok(&visit, "processes/board.html", page)
}

fn show(conn: &mut Conn, ctx: &Context, query: &str) -> Outcome<Value> {
    ctx.allow(Verb::SeeProcesses, &Facts::default())?;
    let wanted = Wanted::read(ctx, query);
    let filter = wanted.filter(ctx);
    let mut rows = work::board(conn, ctx, filter, wanted.sort, wanted.after.clone(), READ)?;
    let more = rows.len() > ROWS;
    rows.truncate(ROWS);
    let next = rows.last().filter(|_| more).map(|(p, _)| {
        let day = match wanted.sort {
            Sort::Check => p.row.next_check,
            Sort::End => p.row.expected_end,
        };
        wanted.address(Some((day, &p.row.id)), "")
    });
    let event = Event::WorklistRead {
        view: "processes".to_owned(),
        filters: wanted.kinds(),
        rows: rows.len(),
    };
    ctx.note(None, None, &event)?;
    let items: Vec<Value> = rows
        .iter()
        .map(|(process, reference)| {
            let case = format!("/cases/{reference}");
            context! { process => described(process, &case), reference, case, board => format!("{case}/processes") }
        })
        .collect();
    Ok(context! {
        title => "Parallel processes", rows => items, next, first => wanted.after.is_some().then(|| wanted.address(None, "")),
        filter => wanted.choices(ctx),
    })
}

impl Wanted {
    /// Reads the part of the address after the question mark; what cannot be read is left out.
    fn read(ctx: &Context, query: &str) -> Self {
        let pairs: Vec<(String, String)> = form_urlencoded::parse(query.as_bytes())
            .map(|(n, v)| (n.into_owned(), v.into_owned()))
            .collect();
        let get = |name: &str| {
            let found = pairs.iter().find(|(n, v)| n == name && !v.is_empty());
            found.map(|(_, v)| v.as_str())
        };
        let known = |code: &&str| ctx.house.processes.get(code).is_some();
        Self {
            kind: get("kind").filter(known).map(str::to_owned),
            state: get("state").and_then(|s| s.parse().ok()),
            due: get("due").and_then(|s| s.parse().ok()),
            holding: get("holding").and_then(|s| s.parse().ok()),
            sort: match get("sort") {
                Some("end") => Sort::End,
                _ => Sort::Check,
            },
            after: get("after").and_then(place),
        }
    }

    fn filter(&self, ctx: &Context) -> Filter {
        let open = State::ALL.iter().filter(|s| s.is_open());
        let states = match self.state {
            Some(state) => vec![state],
            None => open.copied().collect(),
        };
        let today = ctx.today();
        Filter {
            kind: self.kind.clone(),
            states: states.iter().map(|s| s.as_str().to_owned()).collect(),
            check_before: self.due.map(|due| match due {
                Due::Late => today,
                Due::Soon => today.checked_add_days(Days::new(SOON)).unwrap_or(today),
            }),
            holds_meeting: self.holding == Some(Held::Meeting),
            holds_panel: self.holding == Some(Held::Panel),
            ..Filter::default()
        }
    }

    /// What the board is narrowed by, without the words.
    fn kinds(&self) -> Vec<String> {
        [
            ("kind", self.kind.is_some()),
            ("state", self.state.is_some()),
            ("due", self.due.is_some()),
            ("holding", self.holding.is_some()),
        ]
        .iter()
        .filter(|(_, chosen)| *chosen)
        .map(|(name, _)| (*name).to_owned())
        .collect()
    }

    /// The address of this board, from `after` on, without the filter `gone`.
    fn address(&self, after: Option<(Option<NaiveDate>, &str)>, gone: &str) -> String {
        let after = after.map(|(day, id)| {
            let day = day.map(|day| day.to_string()).unwrap_or_default();
            format!("{day}.{id}")
        });
        let parts = [
            ("kind", self.kind.as_deref()),
            ("state", self.state.map(State::as_str)),
            ("due", self.due.map(Due::as_str)),
            ("holding", self.holding.map(Held::as_str)),
            ("sort", Some(sort_code(self.sort))),
            ("after", after.as_deref()),
        ];
        let mut out = form_urlencoded::Serializer::new(String::new());
        for (name, value) in parts {
            if let Some(value) = value.filter(|_| name != gone) {
                out.append_pair(name, value);
            }
        }
        format!("/processes?{}", out.finish())
    }

    /// The filter's choices and what is chosen, for the template.
    fn choices(&self, ctx: &Context) -> Value {
        let kinds = ctx.house.processes.all().iter();
        let kinds = kinds.map(|k| (k.code.as_str(), k.label.as_str()));
        let sorts = [("check", "Next check first"), ("end", "Expected end first")];
        let chosen = [
            (
                "kind",
                "What",
                self.kind.as_deref().map(|c| ctx.house.processes.label(c)),
            ),
            ("state", "State", self.state.map(State::label)),
            ("due", "Next check", self.due.map(Due::label)),
            ("holding", "Holds back", self.holding.map(Held::label)),
        ];
        let chosen: Vec<Value> = chosen
            .into_iter()
            .filter_map(|(name, heading, text)| {
                let items = vec![context! { text => text?, href => self.address(None, name) }];
                Some(context! { heading => context! { text => heading }, items })
            })
            .collect();
        context! {
            kinds => items("Anything", kinds, self.kind.as_deref()),
            states => items("Whatever goes on", State::ALL.iter().map(|s| (s.as_str(), s.label())), self.state.map(State::as_str)),
            dues => items("Whenever", Due::ALL.iter().map(|d| (d.as_str(), d.label())), self.due.map(Due::as_str)),
            holding => items("Anything or nothing", Held::ALL.iter().map(|h| (h.as_str(), h.label())), self.holding.map(Held::as_str)),
            sorts => items("", sorts.into_iter(), Some(sort_code(self.sort))), chosen, clear => "/processes",
        }
    }
}

fn items<'a>(
    any: &str,
    all: impl Iterator<Item = (&'a str, &'a str)>,
    chosen: Option<&str>,
) -> Vec<Value> {
    let first = (!any.is_empty()).then(|| context! { value => "", text => any, selected => false });
    let rest = all.map(|(value, text)| context! { value, text, selected => chosen == Some(value) });
    first.into_iter().chain(rest).collect()
}

const fn sort_code(sort: Sort) -> &'static str {
    match sort {
        Sort::Check => "check",
        Sort::End => "end",
    }
}

/// Where the page before ended; an unreadable place is the beginning.
fn place(text: &str) -> Option<After> {
    let (day, id) = text.split_once('.')?;
    let day = match day {
        "" => None,
        day => {
            let day: NaiveDate = day.parse().ok()?;
            let year = chrono::Datelike::year(&day);
            Some(day).filter(|_| (1900..=9999).contains(&year))?.into()
        }
    };
    let sane = id.len() <= 64 && !id.contains('\0');
    sane.then(|| After {
        day,
        id: id.to_owned(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_place_on_the_board_reads_back_and_nonsense_is_the_beginning() {
        let after = |day: Option<&str>, id: &str| After {
            day: day.map(|day| day.parse().unwrap()),
            id: id.to_owned(),
        };
        assert_eq!(
            place("2026-04-01.a-b"),
            Some(after(Some("2026-04-01"), "a-b"))
        );
        assert_eq!(place(".a-b"), Some(after(None, "a-b")));
        for text in [
            "",
            "x",
            "x.y",
            "2026-13-01.a",
            "+99999-01-01.a",
            "2026-04-01.\0",
        ] {
            assert_eq!(place(text), None, "{text}");
        }
    }
}
