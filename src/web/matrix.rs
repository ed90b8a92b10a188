//! Who may do what and who may call which address, as one text made from the table of permissions and the list of
//! routes: a page shows it, and `docs/permissions.md` must equal it. Must not decide anything.

use std::fmt::Write;

use serde_json::Value;

use super::routes::{Access, Route, all};
use crate::domain::actor::{ApiScope, Role};
use crate::domain::permission::{Verb, Who, granted};

/// One line of the matrix of verbs: the words and a cell for each column.
pub struct Line {
    pub code: &'static str,
    pub label: &'static str,
    pub cells: Vec<&'static str>,
}

/// The columns: each role, and who is no role.
pub fn columns() -> Vec<(&'static str, Vec<Who>)> {
    let roles = Role::ALL
        .iter()
        .map(|role| (role.label(), vec![Who::Staff(*role)]));
    let systems: Vec<Who> = ApiScope::ALL.iter().copied().map(Who::System).collect();
    let others = [
        ("Anyone", vec![Who::Public]),
        ("Holder of a link", vec![Who::Link]),
        ("Another system", systems),
        ("A job", vec![Who::Job]),
        ("The operator", vec![Who::Operator]),
    ];
    roles.chain(others).collect()
}

/// Every verb.
pub fn verbs() -> Vec<Line> {
    let columns = columns();
    Verb::ALL
        .iter()
        .map(|verb| Line {
            code: verb.as_str(),
            label: verb.label(),
            cells: columns.iter().map(|(_, whos)| cell(*verb, whos)).collect(),
        })
        .collect()
}

fn cell(verb: Verb, whos: &[Who]) -> &'static str {
    whos.iter()
        .find_map(|who| match (granted(verb, *who)?, who) {
            (_, Who::System(scope)) => Some(scope.as_str()),
            (when, _) => Some(when.label()),
        })
        .unwrap_or_default()
}

/// Who may call a route, in words.
pub fn who(route: &Route) -> String {
    let verb = match route.access {
        Access::Anyone => return "anyone".into(),
        Access::Operator => return "whoever runs the service".into(),
        Access::Link => return "the holder of the link".into(),
        Access::Bearer(scope) => return format!("another system, `{}`", scope.as_str()),
        Access::Staff(verb) => verb,
    };
    let granted: Vec<String> = Role::ALL
        .iter()
        .filter_map(|role| {
            let when = granted(verb, Who::Staff(*role))?;
            let words = when.label();
            Some(if words == "yes" {
                role.as_str().to_owned()
            } else {
                format!("{} ({words})", role.as_str())
            })
        })
        .collect();
    if granted.len() == Role::ALL.len() {
        "everybody with an account".into()
    } else {
        granted.join(", ")
    }
}

fn verb_of(route: &Route) -> &'static str {
    match route.access {
        Access::Staff(verb) => verb.as_str(),
        _ => "",
    }
}

/// The routes for a page.
pub fn routes() -> Vec<Value> {
    all()
        .iter()
        .map(|route| context! { method => route.method.as_str(), path => route.path, verb => verb_of(route), who => who(route) })
        .collect()
}

/// What holds beside the table.
pub const RULES: [&str; 5] = [
    "What is not in the table is refused.",
    "“If assigned” means to this case. For whoever may do something on cases of their own, another case answers exactly as one that is not there.",
    "A restricted case is there only for the people named on it, in every list, count and search too. A coordinator and the designated doctor may open one for four hours with a reason and a fresh code; every auditor is told, and reviews it. The national return holds restricted cases as well, because the law asks for every death.",
    "An administrator keeps accounts and settings and reads no case. An auditor reads who did what and when, and no answer.",
    "A coordinator invites nobody to be a coordinator, an administrator or an auditor.",
];

/// The whole matrix as Markdown.
pub fn markdown() -> String {
    let mut out = String::from(
        "# Who may do what\n\nMade from the code by `cdr routes --markdown`; a test fails when it is not what the code says.\n\n",
    );
    for rule in RULES {
        let _ = writeln!(out, "- {rule}");
    }
    out.push_str("\n## Verbs\n\n| |");
    let columns = columns();
    for (name, _) in &columns {
        let _ = write!(out, " {name} |");
    }
    let _ = writeln!(out, "\n|---|{}", "---|".repeat(columns.len()));
    for line in verbs() {
        let _ = write!(out, "| {} (`{}`) |", line.label, line.code);
        for cell in line.cells {
            let _ = write!(out, " {cell} |");
        }
        out.push('\n');
    }
    out.push_str("\n## Addresses\n\n| | address | verb | who |\n|---|---|---|---|\n");
    for route in all() {
        let verb = verb_of(&route);
        let verb = if verb.is_empty() {
            String::new()
        } else {
            format!("`{verb}`")
        };
        let _ = writeln!(
            out,
            "| {} | `{}` | {verb} | {} |",
            route.method,
            route.path,
            who(&route)
        );
    }
    out
}
