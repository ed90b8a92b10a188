//! A form as a browser holds it: what stands in each control, and what would be posted.

use scraper::ElementRef;

use super::page::{css, words_of};

/// A form of a page. Setting a control that is not there, or choosing what is not offered, fails the test.
#[derive(Clone, Debug)]
pub struct Form {
    pub action: String,
    pub method: String,
    controls: Vec<Control>,
    pressed: Option<(String, String)>,
}

#[derive(Clone, Debug)]
struct Control {
    name: String,
    kind: Kind,
    /// A button's own address and method, where it has them.
    instead: (Option<String>, Option<String>),
}

#[derive(Clone, Debug)]
enum Kind {
    Text(String),
    Tick {
        value: String,
        on: bool,
        radio: bool,
    },
    Select {
        options: Vec<String>,
        chosen: String,
    },
    Button {
        value: String,
        words: String,
    },
}

impl Form {
    pub fn read(form: ElementRef<'_>, page: &str) -> Self {
        let action = form.attr("action").unwrap_or(page).to_owned();
        let method = form.attr("method").unwrap_or("get").to_lowercase();
        let controls = form
            .select(&css("input, select, textarea, button"))
            .filter_map(control)
            .collect();
        Self {
            action,
            method,
            controls,
            pressed: None,
        }
    }

    /// The names of what can be filled in.
    pub fn names(&self) -> Vec<&str> {
        let fields = self
            .controls
            .iter()
            .filter(|c| !matches!(c.kind, Kind::Button { .. }) && c.name != "csrf");
        let mut names: Vec<&str> = fields.map(|c| c.name.as_str()).collect();
        names.dedup();
        names
    }

    pub fn has(&self, name: &str) -> bool {
        self.names().contains(&name)
    }

    pub fn has_button(&self, words: &str) -> bool {
        self.controls
            .iter()
            .any(|c| matches!(&c.kind, Kind::Button { words: w, .. } if w.starts_with(words)))
    }

    /// What a choice offers.
    pub fn offers(&self, name: &str) -> Vec<String> {
        let mut all = Vec::new();
        for control in self.controls.iter().filter(|c| c.name == name) {
            match &control.kind {
                Kind::Select { options, .. } => {
                    all.extend(options.iter().filter(|o| !o.is_empty()).cloned());
                }
                Kind::Tick { value, .. } => all.push(value.clone()),
                _ => {}
            }
        }
        all
    }

    /// What would be posted under a name, several values joined by a bar.
    pub fn value(&self, name: &str) -> String {
        self.pairs()
            .into_iter()
            .filter(|(n, _)| n == name)
            .map(|(_, v)| v)
            .collect::<Vec<_>>()
            .join("|")
    }

    /// Types, chooses or ticks. Several ticks are joined by a bar.
    #[track_caller]
    pub fn set(&mut self, name: &str, value: &str) -> &mut Self {
        let mut hit = false;
        for control in self.controls.iter_mut().filter(|c| c.name == name) {
            match &mut control.kind {
                Kind::Text(text) => {
                    value.clone_into(text);
                    hit = true;
                }
                Kind::Select { options, chosen } => {
                    assert!(
                        options.iter().any(|o| o == value),
                        "{name} does not offer {value}: {options:?}"
                    );
                    value.clone_into(chosen);
                    hit = true;
                }
                Kind::Tick {
                    value: own,
                    on,
                    radio,
                } => {
                    let wanted = value.split('|').any(|v| v == own);
                    hit |= wanted;
                    *on = wanted || (*on && !*radio);
                }
                Kind::Button { .. } => {}
            }
        }
        assert!(
            hit,
            "no control takes {name} = {value} in the form to {}: {:?}",
            self.action,
            self.names()
        );
        self
    }

    /// Types a date in its three boxes, as three words.
    #[track_caller]
    pub fn date(&mut self, name: &str, typed: &str) -> &mut Self {
        let mut words = typed.split(' ');
        for part in ["day", "month", "year", "hour", "minute"] {
            if let Some(word) = words.next() {
                self.set(&format!("{name}-{part}"), word);
            }
        }
        self
    }

    /// Presses the button with this text, or whose value this is.
    #[track_caller]
    pub fn press(&mut self, button: &str) -> &mut Self {
        let found = self.controls.iter().find_map(|c| match &c.kind {
            Kind::Button { value, words } if words.starts_with(button) || value == button => {
                Some((c.name.clone(), value.clone(), c.instead.clone()))
            }
            _ => None,
        });
        assert!(
            found.is_some(),
            "no button {button:?} in the form to {}: {:?}",
            self.action,
            self.controls
        );
        if let Some((name, value, (action, method))) = found {
            self.pressed = Some((name, value));
            self.action = action.unwrap_or_else(|| self.action.clone());
            self.method = method.unwrap_or_else(|| self.method.clone());
        }
        self
    }

    /// What a browser would post: what stands in the controls, in their order, and the button pressed, or
    /// the first when the return key was.
    pub fn pairs(&self) -> Vec<(String, String)> {
        let mut pairs = Vec::new();
        for control in self.controls.iter().filter(|c| !c.name.is_empty()) {
            match &control.kind {
                Kind::Text(text) => pairs.push((
                    control.name.clone(),
                    text.replace("\r\n", "\n").replace('\n', "\r\n"),
                )),
                Kind::Tick {
                    value, on: true, ..
                } => pairs.push((control.name.clone(), value.clone())),
                Kind::Select { chosen, .. } => pairs.push((control.name.clone(), chosen.clone())),
                Kind::Tick { .. } | Kind::Button { .. } => {}
            }
        }
        let first = || {
            self.controls.iter().find_map(|c| match &c.kind {
                Kind::Button { value, .. } => Some((c.name.clone(), value.clone())),
                _ => None,
            })
        };
        pairs.extend(
            self.pressed
                .clone()
                .or_else(first)
                .filter(|(name, _)| !name.is_empty()),
        );
        pairs
    }
}

fn control(element: ElementRef<'_>) -> Option<Control> {
    let attr = |name: &str| element.attr(name).unwrap_or_default().to_owned();
    if element.attr("disabled").is_some() {
        return None;
    }
    let kind = match (element.value().name(), attr("type").as_str()) {
        ("textarea", _) => Kind::Text(element.text().collect()),
        ("select", _) => select(element),
        ("button", "" | "submit") => Kind::Button {
            value: attr("value"),
            words: words_of(element),
        },
        ("input", "submit") => Kind::Button {
            value: attr("value"),
            words: attr("value"),
        },
        ("input", kind @ ("checkbox" | "radio")) => Kind::Tick {
            value: element.attr("value").unwrap_or("on").to_owned(),
            on: element.attr("checked").is_some(),
            radio: kind == "radio",
        },
        ("input", "button" | "reset" | "image" | "file") | ("button", _) => return None,
        _ => Kind::Text(attr("value")),
    };
    let instead = (
        element.attr("formaction").map(str::to_owned),
        element.attr("formmethod").map(str::to_lowercase),
    );
    Some(Control {
        name: attr("name"),
        kind,
        instead,
    })
}

fn select(element: ElementRef<'_>) -> Kind {
    let value = |option: ElementRef<'_>| {
        option
            .attr("value")
            .map_or_else(|| words_of(option), str::to_owned)
    };
    let options: Vec<String> = element.select(&css("option")).map(value).collect();
    let chosen = element.select(&css("option[selected]")).next().map(value);
    let chosen = chosen
        .or_else(|| options.first().cloned())
        .unwrap_or_default();
    Kind::Select { options, chosen }
}
