//! Every template compiles, and is given what it uses.

use cdr::web::render::Renderer;

#[test]
fn every_template_compiles() {
    let renderer = Renderer::new(None);
    let mut faults = Vec::new();
    let mut seen = 0;
    for name in Renderer::names() {
        seen += 1;
        if let Err(fault) = renderer.environment().get_template(name) {
            faults.push(format!("{name}: {fault:#}"));
        }
    }
    assert!(seen > 40, "{seen}");
    assert!(faults.is_empty(), "{}", faults.join("\n"));
}

/// What every page is given by the application, and what the macros are given by their callers.
const ALWAYS: &[&str] = &["area", "demo", "correlation", "path", "user", "glass"];

/// A name used by no handler is a typing mistake that would show as nothing. The names stand in the code
/// that renders the template, as `name =>` or `name,`.
#[test]
fn every_name_a_page_uses_is_given_by_some_code() {
    let renderer = Renderer::new(None);
    let source = sources();
    let mut faults = Vec::new();
    for name in Renderer::names().filter(|n| !n.starts_with("components/")) {
        let Ok(template) = renderer.environment().get_template(name) else {
            continue;
        };
        for used in template.undeclared_variables(false) {
            let known = ALWAYS.contains(&used.as_str())
                || renderer.environment().globals().any(|(n, _)| n == used);
            let given = [
                format!("{used} =>"),
                format!("{used},"),
                format!("{used} }}"),
            ]
            .iter()
            .any(|form| source.contains(form.as_str()));
            if !known && !given {
                faults.push(format!("{name} uses {used}, which nothing gives"));
            }
        }
    }
    assert!(faults.is_empty(), "{}", faults.join("\n"));
}

fn sources() -> String {
    let mut text = String::new();
    let mut folders = vec![std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("src/web")];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).unwrap().flatten() {
            if entry.path().is_dir() {
                folders.push(entry.path());
            } else {
                text.push_str(&std::fs::read_to_string(entry.path()).unwrap());
            }
        }
    }
    text
}

/// No page asks for anything from elsewhere, and none carries script or style of its own.
#[test]
fn no_template_leans_on_another_site_or_on_inline_code() {
    for name in Renderer::names() {
        let text = Renderer::source(name).unwrap();
        for word in [
            "src=\"http",
            "src=\"//",
            "@import",
            "url(",
            "<style",
            "style=\"",
            "onclick",
            "onload",
            "onsubmit",
            "javascript:",
        ] {
            assert!(!text.contains(word), "{name} holds {word}");
        }
    }
}
