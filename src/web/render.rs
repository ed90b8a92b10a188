//! Pages from templates. The templates are in the binary; a development build reads them
//! from disk each time, so that a change shows on the next request.
//! Knows nothing of HTTP, cases or the database: names and values in, text out.

mod attributes;
mod dates;

use super::assets;
use minijinja::syntax::SyntaxConfig;
use minijinja::value::{Rest, Serde, Value, ValueKind};
use minijinja::{AutoEscape, Environment, Error, UndefinedBehavior, escape_formatter};
use serde::Serialize;
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// A template that could not be rendered: a fault of ours, never of the reader.
#[derive(Debug, thiserror::Error)]
#[error("template {name}: {cause}")]
pub struct RenderError {
    pub name: String,
    cause: String,
}

/// The templates, ready to render. A copy shares those that were rendered once, which is when they are compiled.
#[derive(Clone)]
pub struct Renderer {
    environment: Arc<Environment<'static>>,
    folder: Option<PathBuf>,
}

impl Renderer {
    /// Renders the embedded templates, or those in `folder` as they are at each request.
    pub fn new(folder: Option<PathBuf>) -> Self {
        Self {
            environment: Arc::new(environment(None)),
            folder: folder.filter(|f| f.is_dir()),
        }
    }

    /// The source tree's templates, if this is a development build and they are there.
    pub fn development_folder() -> Option<PathBuf> {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("templates");
        (cfg!(debug_assertions) && folder.is_dir()).then_some(folder)
    }

    /// The names of all embedded templates.
    pub fn names() -> impl Iterator<Item = &'static str> {
        assets::templates().iter().map(|(name, _)| *name)
    }

    /// An embedded template's text.
    pub fn source(name: &str) -> Option<&'static str> {
        assets::templates()
            .iter()
            .find(|(held, _)| *held == name)
            .map(|(_, text)| *text)
    }

    /// The page `name` with `context` filled in.
    pub fn render(&self, name: &str, context: impl Serialize) -> Result<String, RenderError> {
        let context = Value::from(Serde(context));
        let fault = |error: Error| RenderError {
            name: name.to_owned(),
            cause: chain(&error),
        };
        match &self.folder {
            None => self
                .environment
                .get_template(name)
                .and_then(|t| t.render(context)),
            Some(folder) => environment(Some(folder))
                .get_template(name)
                .and_then(|t| t.render(context)),
        }
        .map_err(fault)
    }

    /// A template given as text, which may import the named ones: for tests and previews.
    pub fn render_text(&self, text: &str, context: impl Serialize) -> Result<String, RenderError> {
        self.environment
            .render_named_str("text.html", text, Value::from(Serde(context)))
            .map_err(|error| RenderError {
                name: "text.html".into(),
                cause: chain(&error),
            })
    }

    /// The environment, for tests that look into the templates.
    pub fn environment(&self) -> &Environment<'static> {
        &self.environment
    }
}

fn environment(folder: Option<&Path>) -> Environment<'static> {
    let mut env = Environment::new();
    env.set_undefined_behavior(UndefinedBehavior::Chainable);
    let blocks = SyntaxConfig::builder()
        .trim_blocks(true)
        .lstrip_blocks(true)
        .build();
    env.set_syntax(blocks.unwrap_or_default());
    // Mails are plain text by their name; everything else is HTML whatever it is called.
    env.set_auto_escape_callback(|name| {
        if Path::new(name).extension().is_some_and(|e| e == "txt") {
            AutoEscape::None
        } else {
            AutoEscape::Html
        }
    });
    // An absent value (`None` in Rust) prints as nothing, not as the word "None"; a boolean as
    // HTML and JSON write it.
    env.set_formatter(|out, state, value| match value.kind() {
        ValueKind::None => Ok(()),
        ValueKind::Bool => Ok(out.write_str(if value.is_true() { "true" } else { "false" })?),
        _ => escape_formatter(out, state, value),
    });
    env.add_function("asset", asset);
    env.add_function("inline_script", || {
        Value::from_safe_string(assets::INLINE_SCRIPT.into())
    });
    env.add_function("attributes", attributes::attributes);
    env.add_function("merge", merge);
    env.add_function("text_or_html", text_or_html);
    env.add_filter("date", dates::date);
    env.add_filter("datetime", dates::datetime);
    env.add_filter("time", dates::time);
    env.add_filter("nhs_number", nhs_number);
    let folder = folder.map(Path::to_owned);
    env.set_loader(move |name| Ok(source(folder.as_deref(), name)));
    env
}

/// A template's text: from `folder` if it is there, else from the binary.
fn source(folder: Option<&Path>, name: &str) -> Option<String> {
    let (name, embedded) = assets::templates()
        .iter()
        .find(|(held, _)| *held == name)
        .copied()
        .map_or((name, None), |(held, text)| (held, Some(text)));
    // A name with `..` in it would leave the folder; no template of ours has one.
    let on_disk = folder
        .filter(|_| !name.split('/').any(|part| part == ".."))
        .and_then(|folder| std::fs::read_to_string(folder.join(name)).ok());
    on_disk.or_else(|| embedded.map(str::to_owned))
}

fn chain(error: &Error) -> String {
    let mut words = error.to_string();
    let mut cause = std::error::Error::source(error);
    while let Some(inner) = cause {
        words = format!("{words}: {inner}");
        cause = inner.source();
    }
    words
}

fn asset(name: &str) -> Result<&'static str, Error> {
    assets::asset_url(name).ok_or_else(|| {
        Error::new(
            minijinja::ErrorKind::InvalidOperation,
            format!("no asset is called {name}"),
        )
    })
}

/// The components' convention: `html` as it stands if given, else `text`, to be escaped.
/// With a prefix, `titleHtml` and `titleText`.
fn text_or_html(params: &Value, prefix: Option<&str>) -> Value {
    let (html, text) = match prefix {
        Some(prefix) => (format!("{prefix}Html"), format!("{prefix}Text")),
        None => ("html".to_owned(), "text".to_owned()),
    };
    let part = |name: &str| params.get_attr(name).unwrap_or_default();
    let html = part(&html);
    if html.is_true() {
        return Value::from_safe_string(html.to_string());
    }
    part(&text)
}

/// One map of several, a later one's entries standing over an earlier one's; what is not a map
/// counts as empty.
#[expect(
    clippy::needless_pass_by_value,
    reason = "minijinja hands arguments over by value"
)]
fn merge(maps: Rest<Value>) -> Value {
    let maps = maps.iter().filter(|map| map.kind() == ValueKind::Map);
    Value::from_pairs(maps.flat_map(|map| {
        map.try_iter().into_iter().flatten().map(|key| {
            let value = map.get_item(&key).unwrap_or_default();
            (key, value)
        })
    }))
}

/// Ten digits as `999 000 0018`; anything else as it is.
fn nhs_number(digits: &Value) -> String {
    let digits = if digits.is_none() {
        String::new()
    } else {
        digits.to_string()
    };
    match (
        digits.len(),
        digits.get(..3),
        digits.get(3..6),
        digits.get(6..),
    ) {
        (10, Some(a), Some(b), Some(c)) => format!("{a} {b} {c}"),
        _ => digits,
    }
}

#[cfg(test)]
mod tests;
