//! The layers lean one way: domain, store, casework, web. A line that leans back fails here.

use std::path::{Path, PathBuf};

/// Layer, and what no line of its code may mention.
const LAYERS: &[(&str, &[&str])] = &[
    (
        "domain",
        &[
            "crate::store",
            "crate::casework",
            "crate::web",
            "crate::jobs",
            "crate::cli",
            "diesel",
            "actix",
            "minijinja",
            "std::env::var",
        ],
    ),
    (
        "store",
        &[
            "crate::casework",
            "crate::web",
            "crate::jobs",
            "crate::cli",
            "actix",
            "minijinja",
        ],
    ),
    (
        "casework",
        &[
            "crate::web",
            "crate::jobs",
            "crate::cli",
            "diesel",
            "actix",
            "minijinja",
        ],
    ),
    ("web", &["crate::jobs", "crate::cli", "diesel"]),
    (
        "jobs",
        &["crate::web", "crate::cli", "diesel", "actix", "minijinja"],
    ),
];

#[test]
fn imports_run_as_the_arrows_do() {
    let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut faults = Vec::new();
    for (layer, refused) in LAYERS {
        for file in files(&source, layer) {
            let text = std::fs::read_to_string(&file).unwrap();
            // Comments may speak of what the code must not touch.
            for (line, code) in text
                .lines()
                .enumerate()
                .filter(|(_, l)| !l.trim_start().starts_with("//"))
            {
                for word in refused.iter().filter(|w| code.contains(**w)) {
                    faults.push(format!(
                        "{}:{} must not mention {word}",
                        file.display(),
                        line + 1
                    ));
                }
            }
        }
    }
    assert!(faults.is_empty(), "{}", faults.join("\n"));
}

/// A layer's files: `src/layer.rs` and everything under `src/layer/`.
fn files(source: &Path, layer: &str) -> Vec<PathBuf> {
    let mut found = Vec::from([source.join(format!("{layer}.rs"))]);
    let mut folders = Vec::from([source.join(layer)]);
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).into_iter().flatten().flatten() {
            let path = entry.path();
            if path.is_dir() {
                folders.push(path);
            } else {
                found.push(path);
            }
        }
    }
    // Tests of a layer may read golden files and the like.
    let is_test = |file: &Path| {
        file.iter()
            .any(|part| part == "tests" || part == "tests.rs")
    };
    found.retain(|file| {
        file.extension().is_some_and(|e| e == "rs") && file.is_file() && !is_test(file)
    });
    found
}

/// A page reads a case's answers through the mask and no other way.
#[test]
fn no_page_reads_answers_past_the_mask() {
    let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    for file in files(&source, "web") {
        let text = std::fs::read_to_string(&file).unwrap();
        for way in ["Picture::load", "notify::answers"] {
            assert!(
                // A notifier reads back what the notifier typed.
                !text.contains(way) || file.ends_with("web/notify.rs"),
                "{} reads what nobody masked: {way}",
                file.display()
            );
        }
    }
}

/// A page reaches a case or a notification through `access` and no other way, so that it is asked and recorded.
#[test]
fn no_page_reaches_a_case_past_the_one_way() {
    let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let ways = [
        "case_by_reference",
        "cases::by_reference",
        "notifications::get(",
    ];
    for file in files(&source, "web") {
        let text = std::fs::read_to_string(&file).unwrap();
        for way in ways {
            // A notifier's own draft, by the cookie that was given for it; and when the case in hand was notified.
            let known = file.ends_with("web/notify.rs") || file.ends_with("cases/outline.rs");
            assert!(
                !text.contains(way) || known,
                "{} reaches past access::reach: {way}",
                file.display()
            );
        }
    }
}
