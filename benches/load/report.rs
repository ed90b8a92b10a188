//! The table that a run ends with.

use std::fmt;

/// One line of the table.
struct Line {
    work: String,
    figure: String,
    ratio: String,
    aim: String,
    met: Option<bool>,
}

/// What was found, in the order in which it was measured.
#[derive(Default)]
pub struct Report {
    notes: Vec<String>,
    lines: Vec<Line>,
}

impl Report {
    /// A sentence above the table.
    pub fn note(&mut self, words: String) {
        println!("{words}");
        self.notes.push(words);
    }

    /// A figure with no aim of its own, that others are compared with.
    pub fn figure(&mut self, work: &str, figure: String) {
        self.line(work, figure, String::new(), "", None);
    }

    /// A figure held against its aim.
    pub fn held(&mut self, work: &str, figure: String, ratio: String, aim: &str, met: bool) {
        self.line(work, figure, ratio, aim, Some(met));
    }

    fn line(&mut self, work: &str, figure: String, ratio: String, aim: &str, met: Option<bool>) {
        let line = Line {
            work: work.to_owned(),
            figure,
            ratio,
            aim: aim.to_owned(),
            met,
        };
        println!("{line}");
        self.lines.push(line);
    }
}

impl fmt::Display for Line {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            work,
            figure,
            ratio,
            aim,
            met,
        } = self;
        let met = match met {
            None => "",
            Some(true) => "met",
            Some(false) => "**short**",
        };
        write!(f, "| {work} | {figure} | {ratio} | {aim} | {met} |")
    }
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for note in &self.notes {
            writeln!(f, "{note}\n")?;
        }
        writeln!(f, "| work | figure | ratio | aim | |")?;
        writeln!(f, "|---|---|---|---|---|")?;
        self.lines.iter().try_for_each(|line| writeln!(f, "{line}"))
    }
}
