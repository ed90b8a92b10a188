use super::*;
use serde_json::json;

fn shown(text: &str, context: serde_json::Value) -> String {
    Renderer::new(None)
        .render_text(text, context)
        .unwrap()
        .trim()
        .to_owned()
}

#[test]
fn every_template_parses() {
    let renderer = Renderer::new(None);
    for name in Renderer::names() {
        renderer.environment().get_template(name).unwrap();
    }
}

#[test]
fn the_error_page_says_what_happened_and_escapes_it() {
    let page = Renderer::new(None)
        .render(
            "error.html",
            json!({"title": "<Page> not found", "explanation": "It has moved.", "request_id": "r1"}),
        )
        .unwrap();
    assert!(page.trim_start().starts_with("<!DOCTYPE html>"));
    assert!(
        page.contains("<title>&lt;Page&gt; not found - Child death review</title>"),
        "{page}"
    );
    assert!(page.contains("It has moved."));
    assert!(page.contains("r1"));
    assert!(
        !page.contains("govuk-service-navigation"),
        "nobody has signed in"
    );
    assert!(page.contains(assets::INLINE_SCRIPT));
}

#[test]
fn the_staff_navigation_is_there_for_a_user() {
    let page = Renderer::new(None)
        .render("layout.html", json!({"user": {"name": "Test Coordinator"}}))
        .unwrap();
    for words in [
        "Worklist", "Returns", "Reports", "Admin", "Account", "Sign out",
    ] {
        assert!(page.contains(words), "{words}");
    }
}

#[test]
fn times_are_londons() {
    let cases = [
        (
            "{{ at|datetime }}",
            "2026-03-27T14:05:00Z",
            "27 March 2026 at 2:05pm",
        ),
        (
            "{{ at|datetime }}",
            "2026-06-30T23:30:00Z",
            "1 July 2026 at 12:30am",
        ),
        (
            "{{ at|datetime }}",
            "2026-06-30T23:30",
            "30 June 2026 at 11:30pm",
        ),
        ("{{ at|datetime }}", "2026-06-30", "30 June 2026"),
        ("{{ at|date }}", "2026-06-30T23:30:00Z", "1 July 2026"),
        ("{{ at|date }}", "2026-03-07", "7 March 2026"),
        ("{{ at|date }}", "last spring", "last spring"),
        ("{{ at|time }}", "09:05", "9:05am"),
        ("{{ at|time }}", "2026-06-30T12:00:00", "12:00pm"),
        ("{{ at|nhs_number }}", "9990000018", "999 000 0018"),
        ("{{ at|nhs_number }}", "not known", "not known"),
    ];
    for (text, at, wanted) in cases {
        assert_eq!(shown(text, json!({"at": at})), wanted, "{text} of {at}");
    }
}

#[test]
fn nothing_prints_as_nothing() {
    assert_eq!(
        shown(
            "[{{ a }}{{ b.c.d }}{{ a|date }}{{ e|nhs_number }}]",
            json!({"a": null})
        ),
        "[]"
    );
}

#[test]
fn text_is_escaped_and_html_is_not() {
    let shows = |params| shown("{{ text_or_html(p) }}", json!({ "p": params }));
    assert_eq!(shows(json!({"text": "<b>"})), "&lt;b&gt;");
    assert_eq!(shows(json!({"html": "<b>", "text": "x"})), "<b>");
    assert_eq!(shows(json!(null)), "");
}

#[test]
fn attributes_follow_the_official_rules() {
    let shows = |given| {
        Renderer::new(None)
            .render_text("{{ attributes(a) }}", json!({"a": given}))
            .unwrap()
    };
    assert_eq!(shows(json!({"data-x": "a\"b"})), " data-x=\"a&quot;b\"");
    assert_eq!(
        shows(json!({"hidden": {"value": true, "optional": true}})),
        " hidden"
    );
    assert_eq!(
        shows(json!({"hidden": {"value": false, "optional": true}})),
        ""
    );
    assert_eq!(shows(json!({"x": null})), " x=\"\"");
    assert_eq!(shows(json!(" a=\"1\"")), " a=\"1\"");
    assert_eq!(shows(json!(null)), "");
}

/// A component sees only its parameters: a name misspelt, or left from a page, shows here.
#[test]
fn components_use_nothing_but_their_parameters() {
    let renderer = Renderer::new(None);
    let functions: Vec<&str> = renderer
        .environment()
        .globals()
        .map(|(name, _)| name)
        .collect();
    for name in Renderer::names().filter(|name| name.starts_with("components/")) {
        let template = renderer.environment().get_template(name).unwrap();
        let mut unknown = template.undeclared_variables(false);
        unknown.retain(|name| !functions.contains(&name.as_str()));
        assert!(unknown.is_empty(), "{name}: {unknown:?}");
    }
}
