//! An answer of the service, read as a person reads it. Every page is checked for what must hold of all.

use std::collections::BTreeSet;

use reqwest::header::HeaderMap;
use scraper::{ElementRef, Html, Selector};

use super::{Form, logs};

/// Words of parsers and programs, which no reader should meet.
const PARSERS: &[&str] = &[
    "deserialize",
    "Deserialize",
    "parse error",
    "ParseError",
    "panicked",
    "unwrap",
    "serde",
    "diesel",
    "SQL",
    "utf-8 sequence",
    "UTF-8",
    "JSON",
    "Payload",
    "Query deserialize",
    "Content type error",
    "undefined",
    "NoneType",
    "minijinja",
    "Option<",
    "Some(",
    "Err(",
    "None)",
    "null",
];

/// One answer.
#[derive(Clone)]
pub struct Page {
    pub status: u16,
    pub path: String,
    pub headers: HeaderMap,
    pub text: String,
}

impl Page {
    pub async fn read(answer: reqwest::Response) -> Self {
        let status = answer.status().as_u16();
        let path = answer.url().path().to_owned();
        let headers = answer.headers().clone();
        for cookie in headers.get_all("set-cookie") {
            let pair = cookie.to_str().unwrap().split(';').next();
            let value = pair.and_then(|pair| pair.split_once('='));
            logs::never(value.map_or("", |(_, value)| value));
        }
        let text = String::from_utf8_lossy(&answer.bytes().await.unwrap()).into_owned();
        let page = Self {
            status,
            path,
            headers,
            text,
        };
        page.keep_secrets();
        page
    }

    /// What a page gives out once is kept to be looked for in the log.
    fn keep_secrets(&self) {
        for (id, selector) in [
            ("id=\"secret\"", "#secret"),
            ("id=\"recovery-codes\"", "#recovery-codes code"),
        ] {
            if !(self.is_html() && self.text.contains(id)) {
                continue;
            }
            for secret in self.texts(selector) {
                logs::never(&secret);
                logs::never(&secret.replace([' ', '-'], ""));
            }
        }
    }

    pub fn header(&self, name: &str) -> &str {
        self.headers
            .get(name)
            .and_then(|v| v.to_str().ok())
            .unwrap_or_default()
    }

    pub fn is_html(&self) -> bool {
        self.header("content-type").starts_with("text/html")
    }

    /// Where the answer sends the browser.
    pub fn location(&self) -> Option<String> {
        (300..400)
            .contains(&self.status)
            .then(|| self.header("location").to_owned())
            .filter(|to| !to.is_empty())
    }

    /// Asserts the status.
    #[track_caller]
    pub fn is(self, status: u16) -> Self {
        assert_eq!(
            self.status,
            status,
            "{}: {} → {:?}\n{:?}",
            self.path,
            self.words(),
            self.location(),
            self.errors()
        );
        self
    }

    /// Asserts that the browser is sent to this address.
    #[track_caller]
    pub fn moved_to(self, to: &str) -> Self {
        assert_eq!(
            self.location().as_deref(),
            Some(to),
            "{} {}: {}\n{:?}",
            self.path,
            self.status,
            self.words(),
            self.errors()
        );
        self
    }

    /// Asserts that the page says these words.
    #[track_caller]
    pub fn says(self, words: &str) -> Self {
        assert!(
            self.words().contains(words),
            "{} does not say {words:?}: {}",
            self.path,
            self.words()
        );
        self
    }

    /// Asserts that these words are nowhere in the answer, not even where nobody sees them.
    #[track_caller]
    pub fn never_says(self, words: &str) -> Self {
        assert!(!self.text.contains(words), "{} says {words:?}", self.path);
        self
    }

    pub fn html(&self) -> Html {
        Html::parse_document(&self.text)
    }

    /// What stands in the main part, blank space folded.
    pub fn words(&self) -> String {
        if !self.is_html() {
            return self.text.clone();
        }
        self.texts("main").join(" ")
    }

    /// The text of each element that this selector finds.
    pub fn texts(&self, selector: &str) -> Vec<String> {
        self.html().select(&css(selector)).map(words_of).collect()
    }

    /// The error summary: text and where it leads.
    pub fn errors(&self) -> Vec<(String, String)> {
        let html = self.html();
        html.select(&css(".govuk-error-summary__list a"))
            .map(link)
            .collect()
    }

    /// Asserts that the summary says so, and leads to this place.
    #[track_caller]
    pub fn faults(self, words: &str, href: &str) -> Self {
        let found = self.errors();
        assert!(
            found
                .iter()
                .any(|(text, to)| text.contains(words) && to == href),
            "{}: no fault {words:?} at {href} in {found:#?}",
            self.path
        );
        self
    }

    /// Every link: text and where it leads.
    pub fn links(&self) -> Vec<(String, String)> {
        self.html().select(&css("a[href]")).map(link).collect()
    }

    /// The page's forms.
    pub fn forms(&self) -> Vec<Form> {
        let here = self.path.clone();
        self.html()
            .select(&css("form"))
            .map(|form| Form::read(form, &here))
            .collect()
    }

    /// The first form of the main part.
    #[track_caller]
    pub fn form(&self) -> Form {
        self.forms()
            .into_iter()
            .next()
            .unwrap_or_else(|| panic!("{} has no form: {}", self.path, self.words()))
    }

    /// The form that posts to this address.
    #[track_caller]
    pub fn form_to(&self, action: &str) -> Form {
        let forms = self.forms();
        let actions: Vec<String> = forms.iter().map(|f| f.action.clone()).collect();
        forms
            .into_iter()
            .find(|f| f.action == action)
            .unwrap_or_else(|| panic!("{}: no form to {action} in {actions:?}", self.path))
    }

    /// The form that has a button with this text.
    #[track_caller]
    pub fn form_with(&self, button: &str) -> Form {
        let found = self.forms().into_iter().find(|f| f.has_button(button));
        found.unwrap_or_else(|| panic!("{} has no button {button:?}: {}", self.path, self.words()))
    }

    /// What must hold of every answer, whatever was asked.
    #[track_caller]
    pub fn must_be_sound(&self) {
        let policy = self.header("content-security-policy");
        assert!(
            policy.contains("default-src 'none'"),
            "{}: no policy",
            self.path
        );
        for (name, wanted) in [
            ("x-content-type-options", "nosniff"),
            ("referrer-policy", "no-referrer"),
            ("x-frame-options", "DENY"),
            ("cross-origin-opener-policy", "same-origin"),
            ("cross-origin-resource-policy", "same-origin"),
        ] {
            assert_eq!(self.header(name), wanted, "{}: {name}", self.path);
        }
        if !self.is_html() || self.text.is_empty() {
            return;
        }
        let mut faults = Vec::new();
        self.look(&mut faults);
        assert!(
            faults.is_empty(),
            "{} ({}):\n  {}",
            self.path,
            self.status,
            faults.join("\n  ")
        );
    }

    fn look(&self, faults: &mut Vec<String>) {
        let html = self.html();
        if !self.header("cache-control").contains("no-store") {
            faults.push("may be kept by a cache".into());
        }
        let headings = html.select(&css("h1")).count();
        if headings != 1 {
            faults.push(format!("{headings} main headings"));
        }
        let mut ids = BTreeSet::new();
        for element in html.select(&css("[id]")) {
            let id = element.value().id().unwrap_or_default();
            if !ids.insert(id.to_owned()) {
                faults.push(format!("the id {id} stands twice"));
            }
        }
        for element in html.select(&css("a[href^='#'], label[for], [aria-describedby]")) {
            for attribute in ["href", "for", "aria-describedby"] {
                for to in element
                    .attr(attribute)
                    .unwrap_or_default()
                    .split_whitespace()
                {
                    let local = attribute != "href" || to.starts_with('#');
                    if local && !ids.contains(to.trim_start_matches('#')) {
                        faults.push(format!("{attribute}={to} leads nowhere"));
                    }
                }
            }
        }
        let visible = words_of(html.root_element());
        for word in PARSERS.iter().filter(|w| says(&visible, w)) {
            faults.push(format!("says {word}"));
        }
        // An entity that a reader sees was escaped twice.
        for entity in ["&#x27;", "&#x2f;", "&#39;", "&quot;"] {
            if visible.contains(entity) {
                faults.push(format!("shows {entity}"));
            }
        }
    }
}

/// Whether a text says this as a word of its own: three letters in a row of a random secret are no word.
fn says(text: &str, word: &str) -> bool {
    text.match_indices(word).any(|(at, found)| {
        let before = text[..at].chars().next_back();
        let after = text[at + found.len()..].chars().next();
        let joined = |here: Option<char>, beside: Option<char>| {
            here.is_some_and(char::is_alphanumeric) && beside.is_some_and(char::is_alphanumeric)
        };
        !joined(word.chars().next(), before) && !joined(word.chars().next_back(), after)
    })
}

pub fn css(selector: &str) -> Selector {
    Selector::parse(selector).unwrap()
}

pub fn words_of(element: ElementRef<'_>) -> String {
    let mut text = String::new();
    for node in element.descendants() {
        if let Some(words) = node.value().as_text() {
            let hidden = node.parent().and_then(ElementRef::wrap).is_some_and(|p| {
                matches!(p.value().name(), "script" | "style" | "title" | "textarea")
            });
            if !hidden {
                text.push_str(words);
                text.push(' ');
            }
        }
    }
    folded(&text)
}

/// The words with one space between them, and none before a full stop or a comma. One pass: this runs over every
/// page of every test.
fn folded(text: &str) -> String {
    let mut folded = String::with_capacity(text.len());
    for word in text.split_ascii_whitespace() {
        if !(folded.is_empty() || word.starts_with(['.', ','])) {
            folded.push(' ');
        }
        folded.push_str(word);
    }
    folded
}

fn link(element: ElementRef<'_>) -> (String, String) {
    (
        words_of(element),
        element.attr("href").unwrap_or_default().to_owned(),
    )
}
