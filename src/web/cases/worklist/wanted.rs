//! What the address asks of the worklist, and the address that asks it. What cannot be read is left out.

use serde_json::Value;
use url::form_urlencoded;

use crate::domain::case::State;
use crate::domain::code::coded;
use crate::domain::form::{Code, Dictionary};
use crate::store::cases::Sort;

coded! {
    /// A part of the worklist.
    pub enum View {
        New = "new", "New notifications";
        Held = "held", "Held";
        Overdue = "overdue", "Overdue";
        DueSoon = "due_soon", "Due soon";
        Waiting = "waiting", "Waiting for another process";
        Gathering = "gathering", "Gathering";
        Ready = "ready", "Ready for panel";
        ToSend = "to_send", "Finalised to send";
        Open = "open", "All open";
        Closed = "closed", "Finalised and closed";
    }
}

impl View {
    /// The one state this view is of.
    pub const fn state(self) -> Option<State> {
        match self {
            Self::Waiting => Some(State::AwaitingExternal),
            Self::Gathering => Some(State::Gathering),
            Self::Ready => Some(State::ReadyForPanel),
            Self::ToSend => Some(State::SignedOff),
            _ => None,
        }
    }

    /// The states that a filter can narrow this view to.
    fn states(self) -> Vec<State> {
        let open = match self {
            Self::Overdue | Self::DueSoon | Self::Open => true,
            Self::Closed => false,
            _ => return Vec::new(),
        };
        // A case is made by accepting, so none is ever new or being decided unless it was taken back.
        State::ALL
            .iter()
            .copied()
            .filter(|s| s.is_open() == open && *s != State::Notified)
            .collect()
    }

    /// It lists notifications and not cases.
    pub const fn is_notified(self) -> bool {
        matches!(self, Self::New | Self::Held)
    }

    /// What is late or soon due is always listed by when it is due.
    const fn can_sort(self) -> bool {
        !matches!(self, Self::New | Self::Held | Self::Overdue | Self::DueSoon)
    }
}

/// What the address asks.
pub struct Wanted {
    pub view: View,
    pub state: Option<State>,
    pub residence: Option<String>,
    pub age: Option<String>,
    pub sort: Sort,
    pub after: Option<String>,
}

impl Wanted {
    /// Reads the part of the address after the question mark. `decides`: new notifications may be shown.
    pub fn read(dict: &Dictionary, query: &str, decides: bool) -> Self {
        let pairs: Vec<(String, String)> = form_urlencoded::parse(query.as_bytes())
            .map(|(n, v)| (n.into_owned(), v.into_owned()))
            .collect();
        let get = |name: &str| {
            let found = pairs.iter().find(|(n, v)| n == name && !v.is_empty());
            found.map(|(_, v)| v.as_str())
        };
        let listed = |name: &str, list: &str| {
            get(name)
                .filter(|code| *code == "unknown" || dict.code(list, code).is_some())
                .map(str::to_owned)
        };
        let narrowed = ["state", "residence", "age", "sort"]
            .iter()
            .any(|n| get(n).is_some());
        let view = get("view")
            .and_then(|v| v.parse().ok())
            .filter(|v: &View| decides || !v.is_notified())
            .unwrap_or(if decides && !narrowed {
                View::New
            } else {
                View::Open
            });
        let asked = get("state").and_then(|s| s.parse().ok());
        Self {
            view,
            state: view.state().or(asked.filter(|s| view.states().contains(s))),
            residence: listed("residence", "local_authority"),
            age: listed("age", "age_band"),
            sort: match get("sort") {
                Some("opened") if view.can_sort() => Sort::Opened,
                Some("death") if view.can_sort() => Sort::Death,
                // Nothing is due on a case that is closed.
                None if view == View::Closed => Sort::Opened,
                _ => Sort::Due,
            },
            after: get("after").map(str::to_owned),
        }
    }

    /// What the list is narrowed by, without the words.
    pub fn kinds(&self) -> Vec<String> {
        let asked = self.state.is_some() && self.view.state().is_none();
        [
            ("stage", asked),
            ("residence", self.residence.is_some()),
            ("age", self.age.is_some()),
        ]
        .iter()
        .filter(|(_, chosen)| *chosen)
        .map(|(name, _)| (*name).to_owned())
        .collect()
    }

    /// The address of this list, from `after` on.
    pub fn address(&self, after: Option<&str>) -> String {
        self.without("", after)
    }

    /// The address without one filter.
    fn without(&self, gone: &str, after: Option<&str>) -> String {
        let asked = self.state.filter(|_| self.view.state().is_none());
        let mut out = form_urlencoded::Serializer::new(String::new());
        let parts = [
            ("view", Some(self.view.as_str())),
            ("state", asked.map(State::as_str)),
            ("residence", self.residence.as_deref()),
            ("age", self.age.as_deref()),
            ("sort", self.view.can_sort().then(|| sort_code(self.sort))),
            ("after", after),
        ];
        for (name, value) in parts {
            if let Some(value) = value.filter(|_| name != gone) {
                out.append_pair(name, value);
            }
        }
        format!("/cases?{}", out.finish())
    }

    /// The filter's choices and what is chosen, for the template; none for notifications.
    pub fn filter(&self, dict: &Dictionary) -> Option<Value> {
        if self.view.is_notified() {
            return None;
        }
        let item =
            |value: &str, text: &str, chosen: bool| context! { value, text, selected => chosen };
        let any = |text: &str| item("", text, false);
        let list = |codes: &[Code], chosen: Option<&String>| -> Vec<Value> {
            codes
                .iter()
                .map(|c| item(&c.code, &c.label, chosen == Some(&c.code)))
                .collect()
        };
        let states: Vec<Value> = self
            .view
            .states()
            .iter()
            .map(|s| item(s.as_str(), s.label(), self.state == Some(*s)))
            .collect();
        let states = (!states.is_empty()).then(|| with(any("Any stage"), states));
        let unknown = |chosen: Option<&String>| {
            item(
                "unknown",
                "Not known",
                chosen.is_some_and(|c| c == "unknown"),
            )
        };
        let mut residences = list(dict.codes("local_authority"), self.residence.as_ref());
        residences.push(unknown(self.residence.as_ref()));
        let mut ages = list(dict.codes("age_band"), self.age.as_ref());
        ages.push(unknown(self.age.as_ref()));
        let sorts = [
            (Sort::Due, "Due soonest first"),
            (Sort::Opened, "Newest case first"),
            (Sort::Death, "Latest death first"),
        ];
        let sorts: Vec<Value> = sorts
            .iter()
            .map(|(s, text)| item(sort_code(*s), text, *s == self.sort))
            .collect();
        Some(context! {
            view => self.view.as_str(), states, residences => with(any("Anywhere"), residences), ages => with(any("Any age"), ages),
            sorts => self.view.can_sort().then_some(sorts), chosen => self.chosen(dict), clear => format!("/cases?view={}", self.view.as_str()),
        })
    }

    /// The filters in force, each with the address that takes it off.
    fn chosen(&self, dict: &Dictionary) -> Vec<Value> {
        let asked = self.state.filter(|_| self.view.state().is_none());
        let label = |list: &str, code: &Option<String>| {
            let code = code.as_ref()?;
            Some(dict.label(list, code).unwrap_or("Not known").to_owned())
        };
        let parts = [
            ("state", "Stage", asked.map(|s| s.label().to_owned())),
            (
                "residence",
                "Lived in",
                label("local_authority", &self.residence),
            ),
            ("age", "Age", label("age_band", &self.age)),
        ];
        parts
            .into_iter()
            .filter_map(|(name, heading, text)| {
                let items = vec![context! { text => text?, href => self.without(name, None) }];
                Some(context! { heading => context! { text => heading }, items })
            })
            .collect()
    }
}

fn with(first: Value, rest: Vec<Value>) -> Vec<Value> {
    std::iter::once(first).chain(rest).collect()
}

const fn sort_code(sort: Sort) -> &'static str {
    match sort {
        Sort::Due => "due",
        Sort::Opened => "opened",
        Sort::Death => "death",
    }
}
