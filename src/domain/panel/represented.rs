//! Which box of the analysis form an agency that was at the panel ticks, as `represented.csv` says it. Must not know who was
//! there.

use crate::domain::form::Dictionary;
use crate::domain::table::{Line, lines};

const FILE: &str = "represented.csv";
const LIST: &str = "analysis.agencies_represented";

/// The box of each agency.
#[derive(Debug, Clone, Default)]
pub struct Represented(Vec<(String, String)>);

impl Represented {
    /// Reads the data file against a dictionary.
    ///
    /// # Errors
    /// Everything that cannot be right, as `represented.csv:5: column agency: …`.
    pub fn load(dict: &Dictionary, text: &str) -> Result<Self, Vec<String>> {
        let mut all = Vec::new();
        let faults = lines(FILE, text, |line| all.extend(line.represents(dict)));
        if faults.is_empty() {
            Ok(Self(all))
        } else {
            Err(faults)
        }
    }

    /// The boxes that these agencies tick, each once, in the order of the file.
    pub fn boxes(&self, agencies: &[&str]) -> Vec<String> {
        let mut boxes: Vec<String> = Vec::new();
        for (agency, ticked) in &self.0 {
            if agencies.contains(&agency.as_str()) && !boxes.contains(ticked) {
                boxes.push(ticked.clone());
            }
        }
        boxes
    }
}

impl Line<'_> {
    fn represents(&mut self, dict: &Dictionary) -> Option<(String, String)> {
        let (agency, ticked) = (self.text("agency"), self.text("represented"));
        if self.text("basis").is_empty() {
            self.wrong("basis", "is empty");
        }
        if dict.code("agency", &agency).is_none() {
            self.wrong("agency", "is no agency");
        }
        if dict.code(LIST, &ticked).is_none() {
            self.wrong("represented", "is no box of the form");
        }
        self.is_sound().then_some((agency, ticked))
    }
}
