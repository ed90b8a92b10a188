//! What every verb may look at and nobody changes while the service runs: the forms, the area, the
//! organisations, the keys and the address. Must not know of requests or rows.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::sync::Arc;

use chrono::NaiveDate;
use include_dir::{Dir, include_dir};
use serde::Deserialize;

use super::secrets::Secrets;
use crate::domain::account::Layout as Account;
use crate::domain::clock::Clocks;
use crate::domain::cluster::Rules;
use crate::domain::fill::Fills;
use crate::domain::form::{Dictionary, Form, Library, Section};
use crate::domain::holders::Holders;
use crate::domain::letter::Letters;
use crate::domain::likeness::Likeness;
use crate::domain::meeting::Outlines;
use crate::domain::national_return::Layout;
use crate::domain::panel::{Counting, Prompts, Represented, Routes};
use crate::domain::password::Denied;
use crate::domain::process::{Kinds, Signs};
use crate::domain::proposal::Proposals;
use crate::domain::redaction::{Files, Rules as Redaction};
use crate::domain::shared_answers::Shares;
use crate::domain::supplementary::Openings;

static FIXTURES: Dir<'_> = include_dir!("$CARGO_MANIFEST_DIR/fixtures");

/// Everything loaded at the start. A copy shares what is large.
#[derive(Clone)]
pub struct House {
    pub library: Arc<Library>,
    pub area: Area,
    pub organisations: Vec<Organisation>,
    /// Every deadline, as data.
    pub clocks: Clocks,
    /// The kinds of process that can run beside a review.
    pub processes: Kinds,
    /// Which answers speak of one.
    pub signs: Signs,
    /// Which circumstances open which supplementary form.
    pub openings: Openings,
    /// Whom the circumstances speak for asking.
    pub proposals: Proposals,
    pub holders: Holders,
    /// Which agency may see which answers of others, when it is asked the same.
    pub shares: Shares,
    /// The routes by which a panel reviews a case.
    pub routes: Routes,
    /// What in a text could tell who somebody is.
    pub redaction: Arc<Redaction>,
    /// The order of an anonymised account.
    pub account: Account,
    /// What the record suggests beside a section of the analysis.
    pub prompts: Prompts,
    /// Which agency counts for what when a panel's quorum is worked out.
    pub quorum: Counting,
    /// Which box of the analysis an agency that was at the panel ticks.
    pub represented: Represented,
    /// By what two cases are alike.
    pub likeness: Likeness,
    /// Which counts are unusual.
    pub clusters: Rules,
    /// Themes that learning is gathered under.
    pub themes: Vec<Theme>,
    /// What is offered to those who did a review, when it is closed.
    pub support: Vec<Support>,
    /// The outlines of minutes.
    pub outlines: Outlines,
    /// Templates of letters and minutes.
    pub letters: Letters,
    /// What one form of the record says of another.
    pub fills: Fills,
    /// Clocks by which a joint agency response is measured: their ids, in the order in which they are shown.
    pub scorecard: Vec<String>,
    /// Short steps in which long forms are asked, by form; a form without any is asked by its sections.
    steps: Arc<BTreeMap<String, Vec<Step>>>,
    /// Files and columns of the national return.
    pub layout: Arc<Layout>,
    /// What a notifier must give before sending early: field ids.
    pub early: Vec<String>,
    pub secrets: Secrets,
    /// Words that make no password.
    pub denied: Arc<Denied>,
    /// In live use, where a test NHS number is a mistake; false for the demonstration and for tests.
    pub live: bool,
    /// Address of the service as people reach it, without a slash at the end.
    pub base_url: String,
}

/// The footprint: who reviews, where, and how to reach them by telephone.
#[derive(Clone, Debug, Deserialize, serde::Serialize)]
#[serde(deny_unknown_fields)]
pub struct Area {
    pub code: String,
    pub name: String,
    pub reference_prefix: String,
    pub team: String,
    pub telephone: String,
    pub telephone_hours: String,
    pub out_of_hours: String,
    pub email: String,
    pub footprint: Vec<String>,
    pub icb_code: String,
    pub coroner: String,
    /// Names of the panels that deaths are most often transferred to.
    #[serde(default)]
    pub panels: Vec<String>,
    /// Ends of the addresses of public services that an agency may hand a request on to by itself.
    #[serde(default)]
    pub agency_domains: Vec<String>,
    pub districts: BTreeMap<String, Vec<String>>,
}

impl Area {
    /// Whether an agency may hand a request on to this address by itself: one of its own organisation, or of a public
    /// service. A link to a child's name must not go wherever somebody types.
    pub fn may_be_asked(&self, email: &str, own: &str) -> bool {
        let host = |email: &str| {
            let host = email.rsplit_once('@').map_or("", |(_, host)| host);
            host.trim().to_lowercase()
        };
        let (to, own) = (host(email), host(own));
        let under = |end: &String| to == *end || to.ends_with(&format!(".{end}"));
        to == own || self.agency_domains.iter().any(under)
    }

    /// The district in which a postcode mostly lies, when it is known.
    pub fn district(&self, postcode: &str) -> Option<&str> {
        let outward = postcode.split_whitespace().next()?;
        self.districts
            .iter()
            .find(|(_, codes)| codes.iter().any(|c| c == outward))
            .map(|(district, _)| district.as_str())
    }
}

/// A theme that learning is gathered under.
#[derive(Clone, Debug, Deserialize)]
pub struct Theme {
    #[serde(rename = "theme")]
    pub code: String,
    pub label: String,
    pub basis: String,
}

/// Something that is offered to those who did a review.
#[derive(Clone, Debug, Deserialize)]
pub struct Support {
    pub code: String,
    pub label: String,
    pub words: String,
    pub basis: String,
}

/// One line of the organisations file.
#[derive(Clone, Debug, Deserialize)]
pub struct Organisation {
    pub code: String,
    pub code_system: String,
    pub name: String,
    pub kind: String,
    pub parent: Option<String>,
    pub valid_from: Option<String>,
    pub valid_to: Option<String>,
    pub succeeded_by: Option<String>,
    pub basis: String,
    pub note: Option<String>,
}

impl House {
    /// Loads everything from the data shipped in the program, and the area from `area` when given. Every
    /// fault is one line with file, line and column name.
    pub fn load(
        secrets: Secrets,
        base_url: &str,
        area: Option<&Path>,
    ) -> Result<Self, Vec<String>> {
        let (clocks, holidays) = (shipped("clocks.csv")?, shipped("bank_holidays.csv")?);
        Self::counting(secrets, base_url, area, (&clocks, &holidays))
    }

    /// The same with these texts of `clocks.csv` and `bank_holidays.csv` instead of those shipped.
    pub fn counting(
        secrets: Secrets,
        base_url: &str,
        area: Option<&Path>,
        (clocks, holidays): (&str, &str),
    ) -> Result<Self, Vec<String>> {
        let library = Arc::new(library()?);
        let area_text = match area {
            Some(path) => std::fs::read_to_string(path)
                .map_err(|_| vec![format!("CDR_AREA: {} could not be read", path.display())])?,
            None => shipped("areas/kent-and-medway.toml")?,
        };
        let area: Area =
            toml::from_str(&area_text).map_err(|e| vec![format!("CDR_AREA: {}", e.message())])?;
        let clocks = Clocks::load(clocks, holidays)?;
        let likeness = Likeness::load(library.current(), &shipped("likeness.csv")?)?;
        let processes = Kinds::load(&shipped("processes.csv")?, &clocks)?;
        let compared: Vec<&str> = likeness.dimensions().map(|(code, _)| code).collect();
        Ok(Self {
            clusters: Rules::load(&compared, &shipped("clusters.csv")?)?,
            themes: rows("themes.csv")?,
            likeness: likeness.clone(),
            area,
            layout: Layout::shipped(&library)
                .map_err(|faults| faults.iter().map(ToString::to_string).collect::<Vec<_>>())?
                .into(),
            openings: Openings::load(library.current(), &shipped("openings.csv")?)?,
            proposals: Proposals::load(library.current(), &shipped("proposals.csv")?)?,
            holders: Holders::load(library.current(), &shipped("form_agencies.csv")?)?,
            shares: Shares::load(
                library.current(),
                &shipped("agency_groups.csv")?,
                &shipped("shared_answers.csv")?,
            )?,
            outlines: Outlines::load(library.current(), &shipped("minutes.csv")?)?,
            letters: letters()?,
            redaction: redaction(library.current())?.into(),
            account: Account::load(library.current(), &shipped("account.csv")?)?,
            routes: Routes::load(library.current(), &shipped("panel_routes.csv")?)?,
            prompts: Prompts::load(library.current(), &shipped("panel_prompts.csv")?)?,
            represented: Represented::load(library.current(), &shipped("represented.csv")?)?,
            quorum: Counting::load(library.current(), &shipped("quorum.csv")?)?,
            fills: Fills::load(library.current(), &shipped("fills.csv")?)?,
            scorecard: scorecard(&clocks)?,
            signs: Signs::load(
                library.current(),
                &processes,
                &shipped("process_signs.csv")?,
            )?,
            processes,
            clocks,
            organisations: rows("organisations.csv")?,
            support: rows("support.csv")?,
            early: rows::<Early>("early_notification.csv")?
                .into_iter()
                .map(|e| e.field)
                .collect(),
            steps: steps(&library)?.into(),
            secrets,
            denied: Arc::new(Denied::load(
                &shipped("passwords/common.txt")?,
                &shipped("passwords/local.txt")?,
            )),
            live: true,
            base_url: base_url.to_owned(),
            library,
        })
    }

    /// The version new answers are given to.
    pub fn dictionary(&self) -> &Dictionary {
        self.library.current()
    }

    /// The version that old answers were given to. The start has made sure that it is there (`forms::missing_versions`), and
    /// a case from another panel is taken over only with versions that are.
    pub fn dictionary_of(&self, version: &str) -> &Dictionary {
        self.library
            .version(version)
            .unwrap_or_else(|| self.library.current())
    }

    /// The short steps in which a form is asked. Questions that no step names keep their own section, so
    /// that a new version of a form is asked whole before anyone has cut it into steps.
    pub fn outline(&self, form: &Form) -> Vec<Section> {
        let Some(steps) = self.steps.get(&form.code) else {
            return form.sections.clone();
        };
        let named: BTreeSet<&str> = steps
            .iter()
            .flat_map(|s| s.fields.iter().map(String::as_str))
            .collect();
        let cut = steps.iter().map(|step| Section {
            id: step.id.clone(),
            label: step.label.clone(),
            fields: step
                .fields
                .iter()
                .filter_map(|id| form.field(id).cloned())
                .collect(),
        });
        let rest = form.sections.iter().map(|s| Section {
            id: format!("more_{}", s.id),
            label: s.label.clone(),
            fields: s
                .fields
                .iter()
                .filter(|f| !named.contains(f.id.as_str()))
                .cloned()
                .collect(),
        });
        cut.chain(rest).filter(|s| !s.fields.is_empty()).collect()
    }

    /// Whether two names or codes stand for one organisation: the same, or one that came after the other.
    pub fn is_one_organisation(&self, one: &str, other: &str) -> bool {
        let (one, other) = (self.organisation_of(one), self.organisation_of(other));
        one == other || self.came_after(&one, &other) || self.came_after(&other, &one)
    }

    /// When an organisation ended that these words name, and the name of the one that came after it and goes on; none while
    /// it goes on itself.
    pub fn ended(&self, text: &str, today: NaiveDate) -> Option<(NaiveDate, Option<&str>)> {
        let over = |of: &Organisation| {
            let day: Option<NaiveDate> = of.valid_to.as_deref().and_then(|day| day.parse().ok());
            day.filter(|day| *day < today)
        };
        let at = |code: &str| self.organisations.iter().find(|o| o.code == code);
        let named = at(&self.organisation_of(text))?;
        let day = over(named)?;
        let mut next = named.succeeded_by.as_deref().and_then(at);
        // No line of succession is longer than the file.
        for _ in &self.organisations {
            match next {
                Some(of) if over(of).is_some() => next = of.succeeded_by.as_deref().and_then(at),
                _ => break,
            }
        }
        let goes_on = next.filter(|of| over(of).is_none());
        Some((day, goes_on.map(|of| of.name.as_str())))
    }

    /// The code behind a name or a code; what the data does not know stands for itself.
    fn organisation_of(&self, text: &str) -> String {
        let text = text.trim().to_lowercase();
        self.organisations
            .iter()
            .find(|o| o.code.to_lowercase() == text || o.name.to_lowercase() == text)
            .map_or(text, |o| o.code.clone())
    }

    /// Whether `late` replaced `early`, at once or by way of others.
    fn came_after(&self, early: &str, late: &str) -> bool {
        let mut at = early;
        // No line of succession is longer than the file.
        for _ in &self.organisations {
            let next = self.organisations.iter().find(|o| o.code == at);
            match next.and_then(|o| o.succeeded_by.as_deref()) {
                Some(code) if code == late => return true,
                Some(code) => at = code,
                None => return false,
            }
        }
        false
    }

    /// Name of an organisation or district by its code.
    pub fn organisation_name(&self, code: &str) -> Option<&str> {
        self.organisations
            .iter()
            .find(|o| o.code == code)
            .map(|o| o.name.as_str())
    }
}

/// Some questions of a long form, asked on one page.
struct Step {
    id: String,
    label: String,
    fields: Vec<String>,
}

/// Reads by which clocks a response is measured; one that the area does not use is a fault.
fn scorecard(clocks: &Clocks) -> Result<Vec<String>, Vec<String>> {
    #[derive(Deserialize)]
    struct Line {
        clock: String,
    }
    let mut all = Vec::new();
    let mut faults = Vec::new();
    for (line, number) in rows::<Line>("scorecard.csv")?.into_iter().zip(2..) {
        if clocks.get(&line.clock).is_none() {
            faults.push(format!(
                "scorecard.csv:{number}: column clock: there is no clock {}",
                line.clock
            ));
        }
        all.push(line.clock);
    }
    if faults.is_empty() {
        Ok(all)
    } else {
        Err(faults)
    }
}

/// Reads the steps; a question that no version asks is a fault.
fn steps(library: &Library) -> Result<BTreeMap<String, Vec<Step>>, Vec<String>> {
    #[derive(Deserialize)]
    struct Line {
        form: String,
        step: String,
        label: String,
        field: String,
    }
    let mut all: BTreeMap<String, Vec<Step>> = BTreeMap::new();
    let mut faults = Vec::new();
    for (line, number) in rows::<Line>("steps.csv")?.into_iter().zip(2..) {
        let asked = library.versions().any(|d| {
            d.form(&line.form)
                .is_some_and(|f| f.field(&line.field).is_some())
        });
        if !asked {
            faults.push(format!(
                "steps.csv:{number}: column field: no form {} asks {}",
                line.form, line.field
            ));
        }
        let steps = all.entry(line.form).or_default();
        match steps.iter_mut().find(|s| s.id == line.step) {
            Some(step) => step.fields.push(line.field),
            None => steps.push(Step {
                id: line.step,
                label: line.label,
                fields: vec![line.field],
            }),
        }
    }
    if faults.is_empty() {
        Ok(all)
    } else {
        Err(faults)
    }
}

#[derive(Deserialize)]
struct Early {
    field: String,
}

fn library() -> Result<Library, Vec<String>> {
    let mut files: Vec<(String, &str)> = Vec::new();
    if let Some(forms) = FIXTURES.get_dir("forms") {
        for version in forms.dirs() {
            for file in version.files() {
                let path = file.path().strip_prefix("forms").unwrap_or(file.path());
                if let (Some(path), Some(text)) = (path.to_str(), file.contents_utf8()) {
                    files.push((path.to_owned(), text));
                }
            }
        }
    }
    Library::load(files.iter().map(|(p, t)| (p.as_str(), *t)))
        .map_err(|faults| faults.iter().map(ToString::to_string).collect())
}

/// Reads the templates of letters; one that is no text is a fault.
fn letters() -> Result<Letters, Vec<String>> {
    let mut files: Vec<(String, &str)> = Vec::new();
    for file in FIXTURES
        .get_dir("letters")
        .iter()
        .flat_map(|dir| dir.files())
    {
        let path = file.path().display().to_string();
        match file.contents_utf8() {
            Some(text) => files.push((path, text)),
            None => return Err(vec![format!("{path}: is no text")]),
        }
    }
    Letters::load(files.iter().map(|(path, text)| (path.as_str(), *text)))
}

fn redaction(dict: &Dictionary) -> Result<Redaction, Vec<String>> {
    let read = |name: &str| shipped(&format!("redaction/{name}"));
    let files = Files {
        patterns: &read("patterns.csv")?,
        becomes: &read("becomes.csv")?,
        ordinary: &read("ordinary.txt")?,
        given: &read("given_names.txt")?,
        general: &read("general.txt")?,
        roles: &read("roles.txt")?,
        also_words: &read("also_words.txt")?,
        english: FIXTURES
            .get_file("redaction/english.txt")
            .and_then(|file| file.contents_utf8())
            .ok_or_else(|| {
                vec!["redaction/english.txt: not shipped with this program".to_owned()]
            })?,
    };
    Redaction::load(dict, &files)
}

/// The text of a data file shipped in the program.
pub fn shipped(path: &str) -> Result<String, Vec<String>> {
    FIXTURES
        .get_file(path)
        .and_then(|f| f.contents_utf8())
        .map(str::to_owned)
        .ok_or_else(|| vec![format!("{path}: not shipped with this program")])
}

fn rows<T: for<'de> Deserialize<'de>>(path: &str) -> Result<Vec<T>, Vec<String>> {
    let text = shipped(path)?;
    csv::Reader::from_reader(text.as_bytes())
        .deserialize()
        .collect::<Result<Vec<T>, _>>()
        .map_err(|e| vec![format!("{path}: {e}")])
}
