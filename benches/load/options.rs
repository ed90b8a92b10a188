//! What the environment asks of a run.

use std::path::{Path, PathBuf};
use std::time::Duration;

/// How long to look, and at what.
pub struct Options {
    quick: bool,
    only: Option<Vec<String>>,
    /// Caseloads to compare, the smaller first.
    pub cases: Vec<usize>,
    /// Make the caseloads again though they are kept.
    pub fresh: bool,
    /// Where caseloads are kept and services keep their data.
    pub folder: PathBuf,
}

impl Options {
    pub fn read() -> Self {
        let said = |name: &str| std::env::var(name).ok().filter(|v| !v.is_empty());
        let yes = |name: &str| said(name).is_some_and(|v| v != "0");
        let quick = yes("CDR_LOAD_QUICK");
        let usual = if quick { "500,2000" } else { "10000,100000" };
        let cases = said("CDR_LOAD_CASES").unwrap_or_else(|| usual.to_owned());
        let mut cases: Vec<usize> = cases
            .split(',')
            .map(|n| n.trim().parse().expect("CDR_LOAD_CASES holds numbers"))
            .collect();
        cases.sort_unstable();
        let folder = Path::new(env!("CARGO_BIN_EXE_cdr"))
            .ancestors()
            .nth(2)
            .unwrap_or(Path::new("target"))
            .join("load");
        std::fs::create_dir_all(&folder).unwrap();
        Self {
            quick,
            only: said("CDR_LOAD_ONLY").map(|v| v.split(',').map(str::to_owned).collect()),
            cases,
            fresh: yes("CDR_LOAD_FRESH"),
            folder,
        }
    }

    pub fn wants(&self, part: &str) -> bool {
        self.only
            .as_ref()
            .is_none_or(|only| only.iter().any(|o| o == part))
    }

    /// How long one measurement lasts that usually lasts `seconds`.
    pub fn time(&self, seconds: u64) -> Duration {
        if self.quick {
            Duration::from_millis(seconds * 100)
        } else {
            Duration::from_secs(seconds)
        }
    }

    pub fn largest(&self) -> usize {
        *self.cases.last().expect("at least one caseload")
    }

    pub fn smallest(&self) -> usize {
        *self.cases.first().expect("at least one caseload")
    }
}
