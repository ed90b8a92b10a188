//! The routes by which a case is reviewed, in proportion to the death, as `panel_routes.csv` lists them. A person may
//! choose otherwise. Must not know which case it is.

use crate::domain::circumstance::Circumstance;
use crate::domain::form::Dictionary;
use crate::domain::record::CaseRecord;
use crate::domain::table::{Line, lines};

const FILE: &str = "panel_routes.csv";

/// One way in which a case is reviewed.
#[derive(Debug, Clone)]
pub struct Route {
    pub code: String,
    pub label: String,
    /// How long a panel takes for it.
    pub minutes: i64,
    /// Why it is proposed.
    pub reason: String,
    /// None: for whatever no earlier line is for.
    when: Option<Circumstance>,
}

/// Every line of the file: a route may stand in several, the first that holds is proposed.
#[derive(Debug, Clone, Default)]
pub struct Routes(Vec<Route>);

impl Routes {
    /// Reads the data file against a dictionary.
    ///
    /// # Errors
    /// Everything that cannot be right, as `panel_routes.csv:5: column minutes: …`.
    pub fn load(dict: &Dictionary, text: &str) -> Result<Self, Vec<String>> {
        let mut all = Vec::new();
        let mut faults = lines(FILE, text, |line| all.extend(line.route(dict)));
        let ends_open = all.last().is_some_and(|route: &Route| route.when.is_none());
        if faults.is_empty() && !ends_open {
            faults.push(format!("{FILE}: the last line must be without a condition"));
        }
        if faults.is_empty() {
            Ok(Self(all))
        } else {
            Err(faults)
        }
    }

    /// The route that the record speaks for.
    pub fn proposed(&self, record: &CaseRecord) -> Option<&Route> {
        let holds = |route: &&Route| route.when.as_ref().is_none_or(|when| when.holds(record));
        self.0.iter().find(holds)
    }

    pub fn get(&self, code: &str) -> Option<&Route> {
        self.0.iter().find(|route| route.code == code)
    }

    /// Each route once.
    pub fn all(&self) -> Vec<&Route> {
        let mut all: Vec<&Route> = Vec::new();
        for route in &self.0 {
            if all.iter().all(|other| other.code != route.code) {
                all.push(route);
            }
        }
        all
    }
}

impl Line<'_> {
    fn route(&mut self, dict: &Dictionary) -> Option<Route> {
        let (code, label) = (self.text("route"), self.text("label"));
        let (on, condition) = (self.text("on"), self.text("condition"));
        let (minutes, reason) = (self.text("minutes"), self.text("reason"));
        if code.is_empty() || label.is_empty() {
            self.wrong("route", "needs a code and a label");
        }
        if self.text("basis").is_empty() {
            self.wrong("basis", "is empty");
        }
        let minutes = minutes.parse::<i64>().ok();
        let minutes = minutes.filter(|minutes| (1..=240).contains(minutes));
        if minutes.is_none() {
            self.wrong("minutes", "is no number of minutes from 1 to 240");
        }
        let when = if condition.is_empty() {
            None
        } else {
            let read = Circumstance::read(dict, &on, &condition);
            read.map_err(|fault| self.wrong("condition", &fault)).ok()
        };
        Some(Route {
            code,
            label,
            minutes: minutes.filter(|_| self.is_sound())?,
            reason,
            when,
        })
    }
}
