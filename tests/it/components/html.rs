//! Two pieces of HTML as a browser would read them, compared: same tags, attributes as sets,
//! classes as sets, blank space in text folded.

use scraper::{ElementRef, Html, Node};
use std::collections::BTreeSet;

/// The first lines in which `ours` differs from `official`, or nothing. Official elements with
/// a class of `ignored` are taken out first, and wrappers left empty by that.
pub fn difference(official: &str, ours: &str, ignored: &[&str]) -> Option<String> {
    let official = lines(official, ignored);
    let ours = lines(ours, ignored);
    if official == ours {
        return None;
    }
    let at = official
        .iter()
        .zip(&ours)
        .take_while(|(a, b)| a == b)
        .count();
    let from = at.saturating_sub(3);
    let part = |all: &[String]| {
        all.iter()
            .skip(from)
            .take(8)
            .map(|line| format!("    {line}"))
            .collect::<Vec<_>>()
            .join("\n")
    };
    Some(format!(
        "  official:\n{}\n  ours:\n{}",
        part(&official),
        part(&ours)
    ))
}

fn lines(html: &str, ignored: &[&str]) -> Vec<String> {
    let fragment = Html::parse_fragment(html);
    let mut out = Vec::new();
    push(fragment.root_element(), 0, ignored, &mut out);
    out
}

fn push(element: ElementRef, depth: usize, ignored: &[&str], out: &mut Vec<String>) {
    let indent = "  ".repeat(depth);
    let mut text = String::new();
    for child in element.children() {
        match child.value() {
            Node::Text(words) => text.push_str(words),
            Node::Element(_) => {
                let Some(child) = ElementRef::wrap(child) else {
                    continue;
                };
                let mut inner = Vec::new();
                if left_out(child, ignored, depth, &mut inner) {
                    continue;
                }
                flush(&mut text, element, &indent, out);
                out.push(format!("{indent}{}", tag(child)));
                out.append(&mut inner);
            }
            _ => {}
        }
    }
    flush(&mut text, element, &indent, out);
}

/// Fills `inner` with the element's content; true if the element is brand, or held only brand.
fn left_out(element: ElementRef, ignored: &[&str], depth: usize, inner: &mut Vec<String>) -> bool {
    let brand = |e: ElementRef| {
        ignored
            .iter()
            .any(|class| e.value().classes().any(|c| c == *class))
    };
    if brand(element) {
        return true;
    }
    push(element, depth + 1, ignored, inner);
    inner.is_empty() && element.child_elements().any(brand)
}

fn flush(text: &mut String, parent: ElementRef, indent: &str, out: &mut Vec<String>) {
    let exact = matches!(parent.value().name(), "textarea" | "pre");
    let words = if exact {
        text.clone()
    } else {
        text.split_whitespace().collect::<Vec<_>>().join(" ")
    };
    if !words.is_empty() {
        out.push(format!("{indent}{words:?}"));
    }
    text.clear();
}

fn tag(element: ElementRef) -> String {
    let attributes: BTreeSet<String> = element
        .value()
        .attrs()
        .map(|(name, value)| {
            if name == "class" {
                let classes: BTreeSet<&str> = value.split_whitespace().collect();
                format!("class={classes:?}")
            } else {
                format!(
                    "{name}={:?}",
                    value.split_whitespace().collect::<Vec<_>>().join(" ")
                )
            }
        })
        .collect();
    let attributes: Vec<String> = attributes.into_iter().collect();
    format!("<{} {}>", element.value().name(), attributes.join(" "))
}
