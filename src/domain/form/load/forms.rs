//! Reads `forms.csv`: which forms a version has, and what each is for.

use super::fault::Faults;
use super::table;
use crate::domain::form::FormKind;

const COLUMNS: [&str; 3] = ["form", "label", "kind"];

/// A form by name; its questions stand in a file of their own.
pub(super) struct Head {
    pub code: String,
    pub label: String,
    pub kind: FormKind,
    pub path: String,
    pub line: u64,
}

pub(super) fn read(path: &str, text: &str, faults: &mut Faults) -> Vec<Head> {
    let mut heads: Vec<Head> = Vec::new();
    for line in table::lines(path, text, &COLUMNS, faults) {
        let code = line.filled("form", path, faults);
        if heads.iter().any(|head| head.code == code) {
            faults.at(
                path,
                line.number,
                "form",
                format!("“{code}” is named already"),
            );
            continue;
        }
        let kind = kind(line.cell("kind")).unwrap_or_else(|| {
            let words = format!(
                "“{}” is none of notification, reporting, supplementary, cdrm_jar, analysis, local",
                line.cell("kind")
            );
            faults.at(path, line.number, "kind", words);
            FormKind::Supplementary
        });
        let label = line.filled("label", path, faults);
        heads.push(Head {
            code,
            label,
            kind,
            path: path.to_owned(),
            line: line.number,
        });
    }
    heads
}

fn kind(text: &str) -> Option<FormKind> {
    match text {
        "notification" => Some(FormKind::Notification),
        "reporting" => Some(FormKind::Reporting),
        "supplementary" => Some(FormKind::Supplementary),
        "cdrm_jar" => Some(FormKind::CdrmJar),
        "analysis" => Some(FormKind::Analysis),
        "local" => Some(FormKind::Local),
        _ => None,
    }
}
