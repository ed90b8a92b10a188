//! Synthetic deaths as a notifier would type them. Every name says that it is a sample.

use super::Form;

/// What somebody types, by the name of the control; a date is three words, several ticks joined by a bar.
#[derive(Clone, Debug)]
pub struct Sample(Vec<(String, String)>);

/// Number `n`, from 1, of the range kept for tests, with its check digit: 999 000 0018 is the first.
pub fn nhs_number(n: u32) -> String {
    // One in eleven has no check digit; those are left out.
    let with_check = |body: u32| {
        let digits = format!("{body:09}");
        let sum: u32 = digits
            .bytes()
            .zip((2..=10).rev())
            .map(|(d, weight)| u32::from(d - b'0') * weight)
            .sum();
        match 11 - sum % 11 {
            10 => None,
            11 => Some(format!("{digits}0")),
            check => Some(format!("{digits}{check}")),
        }
    };
    (999_000_000..)
        .filter_map(with_check)
        .nth(n as usize - 1)
        .unwrap()
}

impl Sample {
    /// A complete notification of the death of child number `n`.
    pub fn child(n: u32) -> Self {
        let pairs = [
            ("ncmd_alert", "no"),
            ("referrer_name", "Sample Notifier"),
            ("referrer_agency", "hospital_paeds"),
            ("referrer_email", "sample.notifier@nhs.net"),
            ("nhs_number", &nhs_number(n)),
            ("child_surname", &format!("Testfamily{n}")),
            ("child_forenames", &format!("Samplechild{n}")),
            ("date_of_birth", "9 February 2024"),
            ("date_of_death", "27 3 2026"),
            ("time_of_death", "14:05"),
            ("sex", "female"),
            ("ethnicity", "A"),
            ("address_line_1", "1 Sample Street\nTesttown"),
            ("postcode", "ME14 1AA"),
            ("normally_resident_la", "E10000016"),
            (
                "parental_responsibility-0-name",
                &format!("Parent Testfamily{n}"),
            ),
            ("parental_responsibility-0-relationship", "mother"),
            ("place_of_death_type", "hosp_ed"),
            ("place_of_death_name", "Sample General Hospital"),
            ("expected_death", "unexpected"),
            ("circumstances", "Found unwell at home; synthetic account."),
            ("mccd_issued", "no"),
            ("coroner_informed", "yes"),
            ("coroner_informed_date", "27 3 2026"),
            ("post_mortem_required", "yes"),
            ("jar_required", "no"),
            ("agencies_involved-0-agency", "gp"),
            ("agencies_involved-0-professional_type", "gp"),
            ("agencies_involved-0-name", "Sample Practitioner"),
            ("agencies_involved-0-email", &format!("gp{n}@cdr.example")),
            ("agencies_involved-0-send_reporting_form", "yes"),
        ];
        Self(
            pairs
                .map(|(name, value)| (name.to_owned(), value.to_owned()))
                .to_vec(),
        )
    }

    /// What an agency that knew the child says on the reporting form.
    pub fn answer() -> Self {
        Self::empty()
            .with("child_sex", "female")
            .with("agency", "gp")
            .with("reporter_name", "Sample Practitioner")
            .with("reporter_email", "sample.gp@nhs.net")
            .with("date_completed", "1 4 2026")
            .with("agency_knew_child", "yes")
            .with(
                "circumstances_narrative",
                "What the practice knew; synthetic.",
            )
    }

    /// What an agency that did not know the child says.
    pub fn nil() -> Self {
        Self::answer()
            .with("agency_knew_child", "no")
            .without("circumstances_narrative")
    }

    /// What the panel agrees.
    pub fn analysis() -> Self {
        let mut all = Self::empty()
            .with("child_sex", "female")
            .with("date_of_review", "1 4 2026")
            .with("drafted_at_cdrm", "yes")
            .with("form_stage", "final")
            .with(
                "agencies_represented",
                "primary_care|hospital|police|social_care|lay",
            )
            .with("cause_as_understood", "A synthetic cause.")
            .with("case_summary", "A synthetic summary.")
            .with("factors_a-0-factor_code", "A01")
            .with("factors_a-0-description", "A synthetic factor.")
            .with("factors_a-0-influence", "2")
            .with("factors_a-0-modifiable", "no")
            .with("categories_all", "5")
            .with("sub_category", "5z")
            .with("modifiable", "none")
            .with("panel_satisfied", "yes")
            .with("completed_by", "Sample Coordinator")
            .with("date_completed", "1 4 2026");
        for domain in ["b", "c", "d"] {
            all = all.with(&format!("no_factors_{domain}"), "yes");
        }
        all
    }

    /// Nothing at all.
    pub const fn empty() -> Self {
        Self(Vec::new())
    }

    /// A complete notification of a death that was expected, which no other process holds up.
    pub fn expected(n: u32) -> Self {
        Self::child(n)
            .with("place_of_death_type", "home")
            .with("place_of_death_name", "The child’s home")
            .with("expected_death", "expected")
            .with("mccd_issued", "yes")
            .with("mccd_type", "standard")
            .with("cause_1a", "Sample cause")
            .with("coroner_informed", "no")
            .without("coroner_informed_date")
            .with("post_mortem_required", "no")
    }

    /// The same with one thing typed otherwise.
    #[must_use]
    pub fn with(mut self, name: &str, value: &str) -> Self {
        self.0.retain(|(n, _)| n != name);
        self.0.push((name.to_owned(), value.to_owned()));
        self
    }

    /// The same with one thing left out.
    #[must_use]
    pub fn without(mut self, name: &str) -> Self {
        self.0.retain(|(n, _)| n != name);
        self
    }

    /// What is typed into the control of this name, which may be one box of a date.
    pub fn typed(&self, control: &str) -> Option<String> {
        if let Some((_, value)) = self.0.iter().find(|(n, _)| n == control) {
            return Some(value.clone());
        }
        let (name, part) = control.rsplit_once('-')?;
        let at = ["day", "month", "year", "hour", "minute"]
            .iter()
            .position(|p| *p == part)?;
        let (_, value) = self.0.iter().find(|(n, _)| n == name)?;
        value.split(' ').nth(at).map(str::to_owned)
    }

    /// Types into a form whatever it asks for.
    #[track_caller]
    pub fn fill(&self, form: &mut Form) {
        for (name, value) in &self.0 {
            if form.has(name) {
                form.set(name, value);
            } else if form.has(&format!("{name}-day")) {
                form.date(name, value);
            }
        }
    }
}
