//! The pack of one panel: twelve accounts written from the record in a large caseload, as a coordinator asks for them.

use std::time::{Duration, Instant};

use super::caseload;
use super::client::Client;
use super::options::Options;
use super::report::Report;
use super::service::token;

/// Cases on the list of one panel.
const ITEMS: usize = 12;
const AIM: Duration = Duration::from_secs(10);

pub fn measure(options: &Options, report: &mut Report) {
    let Some(cases) = options.cases.first() else {
        return;
    };
    let place = caseload::copy(options, *cases);
    let references = caseload::references(&place);
    let service = place.serve();
    let (mut client, _) = service.signed_in();
    let panel = arrange(&mut client);
    let mut packs = Vec::new();
    for reference in references.iter().rev() {
        if packs.len() == ITEMS {
            break;
        }
        packs.extend(list(&mut client, &panel, reference));
    }
    assert_eq!(packs.len(), ITEMS, "too few cases could be listed");
    let begun = Instant::now();
    for pack in &packs {
        let desk = format!("{pack}/desk");
        let form = [("do", "build"), ("version", "0")];
        assert_eq!(post(&mut client, &desk, &form).0, 303, "{desk}");
    }
    let took = begun.elapsed();
    let read = client.get(&format!("{}/desk", packs[0])).unwrap();
    assert!(String::from_utf8_lossy(&read.body).contains("The account"));
    report.held(
        &format!("{ITEMS} accounts written among {cases} cases"),
        format!("{:.2} s", took.as_secs_f64()),
        String::new(),
        "under 10 s",
        took < AIM,
    );
    drop(service);
    caseload::done(&place);
}

/// Posts a form with the token of the page; gives status and address.
fn post(client: &mut Client, path: &str, pairs: &[(&str, &str)]) -> (u16, String) {
    let page = client.get("/meetings/new/panel").unwrap();
    let token = token(&String::from_utf8_lossy(&page.body));
    let mut form = url::form_urlencoded::Serializer::new(String::new());
    form.append_pair("csrf", &token);
    for (name, value) in pairs {
        form.append_pair(name, value);
    }
    let reply = client.post_form(path, &form.finish()).unwrap();
    (reply.head.status, reply.head.location.unwrap_or_default())
}

#[expect(
    clippy::disallowed_methods,
    reason = "the panel is to come for the service that runs, whose clock is the machine’s"
)]
fn arrange(client: &mut Client) -> String {
    let soon = std::time::SystemTime::now() + Duration::from_secs(14 * 86_400);
    let day = chrono::DateTime::<chrono::Utc>::from(soon).date_naive();
    let (d, m, y) = (
        day.format("%-d").to_string(),
        day.format("%-m").to_string(),
        day.format("%Y").to_string(),
    );
    let form = [
        ("day-day", d.as_str()),
        ("day-month", m.as_str()),
        ("day-year", y.as_str()),
        ("time", "09:00"),
        ("minutes_long", "240"),
        ("place", "Sample room"),
        ("theme", ""),
    ];
    let (status, address) = post(client, "/meetings/new/panel", &form);
    assert_eq!(status, 303, "the panel was not arranged");
    address
}

/// Lists a case that can be listed; gives the address of its pack.
fn list(client: &mut Client, panel: &str, reference: &str) -> Option<String> {
    let path = format!("{panel}/list");
    let page = client
        .get(&format!("{path}?reference={reference}"))
        .unwrap();
    let page = String::from_utf8_lossy(&page.body).into_owned();
    let mut form: Vec<(String, String)> =
        ["post_mortem", "answers", "meeting", "processes", "draft"]
            .iter()
            .map(|must| (format!("waive-{must}"), "Sample reason.".to_owned()))
            .collect();
    form.push(("reference".into(), reference.into()));
    form.push(("route".into(), "full".into()));
    form.push(("reason".into(), "Sample reason.".into()));
    if !page.contains("name=\"route\"") {
        return None;
    }
    let pairs: Vec<(&str, &str)> = form.iter().map(|(n, v)| (n.as_str(), v.as_str())).collect();
    let (status, _) = post(client, &path, &pairs);
    if status != 303 {
        return None;
    }
    let page = client.get(panel).unwrap();
    let page = String::from_utf8_lossy(&page.body).replace("&#x2f;", "/");
    let row = page
        .split("/items/")
        .find(|part| part.contains(reference))?;
    let item = row.split('"').next()?;
    Some(format!("{panel}/pack/{item}"))
}
