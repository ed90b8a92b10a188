//! Reading templates, with everything in them that cannot be right named by file and line. A file begins with lines
//! such as `title: …`, then a blank line, then paragraphs apart by blank lines: `# ` begins the title of the letter, `## `
//! a heading, `- ` a point of a list; a line that ends with `\` keeps its end. Must not know what a hole is filled with.

use super::{Bit, For, Hole, Kind, Part, Template};

/// Every template, in the order in which they are offered.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Letters(Vec<Template>);

impl Letters {
    /// Reads all files: name and text of each.
    ///
    /// # Errors
    /// Everything that cannot be right, as `letters/thanks.txt:7: there is no hole {place}`.
    pub fn load<'a>(
        files: impl IntoIterator<Item = (&'a str, &'a str)>,
    ) -> Result<Self, Vec<String>> {
        let (mut all, mut faults) = (Vec::new(), Vec::new());
        for (file, text) in files {
            let mut read = Reading {
                file,
                faults: Vec::new(),
            };
            all.extend(read.template(text));
            faults.append(&mut read.faults);
        }
        if faults.is_empty() {
            let missing = [For::Minutes, For::Member].into_iter();
            let missing = missing.filter(|to| all.iter().all(|t: &Template| t.to != *to));
            faults.extend(missing.map(|to| format!("letters: no template is for {}", to.as_str())));
        }
        all.sort_by(|a, b| (a.to, &a.code).cmp(&(b.to, &b.code)));
        if faults.is_empty() {
            Ok(Self(all))
        } else {
            Err(faults)
        }
    }

    /// The letters about a case; minutes are no letter, and what members of a panel get is about no one case.
    pub fn all(&self) -> impl Iterator<Item = &Template> {
        let other = |t: &&Template| !matches!(t.to, For::Minutes | For::Member);
        self.0.iter().filter(other)
    }

    pub fn get(&self, code: &str) -> Option<&Template> {
        self.all().find(|t| t.code == code)
    }

    /// The invitation of a member to a panel.
    pub fn to_member(&self) -> Option<&Template> {
        self.0.iter().find(|t| t.to == For::Member)
    }

    pub fn minutes(&self) -> Option<&Template> {
        self.0.iter().find(|t| t.to == For::Minutes)
    }
}

struct Reading<'a> {
    file: &'a str,
    faults: Vec<String>,
}

impl Reading<'_> {
    fn wrong(&mut self, line: usize, what: &str) {
        self.faults.push(format!("{}:{line}: {what}", self.file));
    }

    fn template(&mut self, text: &str) -> Option<Template> {
        let mut lines = text.lines().zip(1..);
        let (mut title, mut to, mut basis) = ("", None, "");
        for (line, number) in lines.by_ref() {
            if line.trim().is_empty() {
                break;
            }
            match line.split_once(':').map(|(n, v)| (n.trim(), v.trim())) {
                Some(("title", value)) => title = value,
                Some(("basis", value)) => basis = value,
                Some(("for", value)) => match value.parse::<For>() {
                    Ok(read) => to = Some(read),
                    Err(known) => self.wrong(number, &format!("for “{value}” {known}")),
                },
                _ => self.wrong(number, "is none of title, for and basis"),
            }
        }
        for (name, missing) in [("title", title.is_empty()), ("basis", basis.is_empty())] {
            if missing {
                self.wrong(1, &format!("{name} is missing or empty"));
            }
        }
        if to.is_none() && self.faults.is_empty() {
            self.wrong(1, "for is missing or empty");
        }
        let parts = self.parts(lines, to);
        if parts.is_empty() {
            self.wrong(1, "it says nothing");
        }
        let name = self.file.rsplit('/').next().unwrap_or(self.file);
        let to = to.filter(|_| self.faults.is_empty())?;
        Some(Template {
            code: name.strip_suffix(".txt").unwrap_or(name).to_owned(),
            title: title.to_owned(),
            to,
            parts,
        })
    }

    fn parts<'a>(
        &mut self,
        lines: impl Iterator<Item = (&'a str, usize)>,
        to: Option<For>,
    ) -> Vec<Part> {
        let mut parts: Vec<Part> = Vec::new();
        let mut open = false;
        for (line, number) in lines {
            let line = line.trim();
            if line.is_empty() {
                open = false;
                continue;
            }
            let (kind, words) = kind_of(line);
            let bits = self.bits(words, number, to);
            let last = parts
                .last_mut()
                .filter(|part| open && kind == Kind::Text && !part.is_heading());
            match last {
                Some(part) => part.go_on(bits),
                None => parts.push(Part { kind, bits }),
            }
            if let Some(part) = parts.last()
                && part.bits.len() > 1
                && part
                    .bits
                    .iter()
                    .any(|bit| matches!(bit, Bit::Hole(hole) if hole.is_several()))
            {
                self.wrong(number, "a hole for whole paragraphs stands on its own");
            }
            open = true;
        }
        parts
    }

    fn bits(&mut self, line: &str, number: usize, to: Option<For>) -> Vec<Bit> {
        let (line, end) = match line.strip_suffix('\\') {
            Some(line) => (line.trim_end(), "\n"),
            None => (line, ""),
        };
        let mut bits = Vec::new();
        let mut rest = line;
        while let Some((before, after)) = rest.split_once('{') {
            push(&mut bits, before);
            let Some((name, after)) = after.split_once('}') else {
                self.wrong(number, "a hole is not closed");
                return bits;
            };
            match name.parse::<Hole>() {
                Err(_) => self.wrong(number, &format!("there is no hole {{{name}}}")),
                Ok(hole) if to.is_some_and(|to| !to.takes(hole)) => {
                    self.wrong(
                        number,
                        &format!("{{{name}}} may not stand in a letter to these people"),
                    );
                }
                Ok(hole) => bits.push(Bit::Hole(hole)),
            }
            rest = after;
        }
        push(&mut bits, rest);
        push(&mut bits, end);
        bits
    }
}

fn push(bits: &mut Vec<Bit>, words: &str) {
    if !words.is_empty() {
        bits.push(Bit::Words(words.to_owned()));
    }
}

fn kind_of(line: &str) -> (Kind, &str) {
    let marks = [
        ("## ", Kind::Heading),
        ("# ", Kind::Title),
        ("- ", Kind::Point),
    ];
    let found = marks
        .iter()
        .find_map(|(mark, kind)| Some((*kind, line.strip_prefix(mark)?)));
    found.unwrap_or((Kind::Text, line))
}

impl Part {
    fn is_heading(&self) -> bool {
        matches!(self.kind, Kind::Title | Kind::Heading)
    }

    fn go_on(&mut self, bits: Vec<Bit>) {
        let kept = matches!(self.bits.last(), Some(Bit::Words(words)) if words.ends_with('\n'));
        if !kept {
            push(&mut self.bits, " ");
        }
        self.bits.extend(bits);
    }
}
