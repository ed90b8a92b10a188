//! Who meets what identifies somebody: a crawl of every page that each role can reach, over cases with a word of
//! its own planted in every field that tells of a person.

use std::collections::BTreeSet;

use cdr::casework::assign;
use cdr::domain::actor::Role;
use cdr::domain::form::{Identifies, Kind};
use cdr::store::cases::Case;
use serde_json::{Value, json};

use super::panels;
use super::support::{Browser, Database, Engine, Service, given};

/// What begins every planted word.
const PLANTED: &str = "Zqx";

/// A notification in which every free text that identifies somebody holds a word of its own.
fn planted(service: &Service) -> (Value, BTreeSet<String>) {
    let mut answers = given::answers(1);
    let form = service.app.house.dictionary().form("notification").unwrap();
    let mut words = BTreeSet::new();
    for field in form.fields() {
        let tells = matches!(field.identifies, Identifies::Direct | Identifies::FreeText);
        let named = matches!(field.id.as_str(), "child_forenames" | "child_surname");
        let text =
            matches!(field.kind, Kind::Text | Kind::LongText) && (named || field.checks.is_empty());
        if tells && text && answers.get(&field.id).is_some_and(Value::is_string) {
            let word = format!("{PLANTED}{}", field.id.replace('_', ""));
            answers[&field.id] = json!(word);
            words.insert(word);
        }
    }
    answers["parental_responsibility"][0]["name"] = json!("Zqxparent");
    answers["agencies_involved"][0]["name"] = json!("Zqxpractitioner");
    words.extend([
        "Zqxparent".to_owned(),
        "Zqxpractitioner".to_owned(),
        "9990000018".to_owned(),
    ]);
    (answers, words)
}

/// Every page that can be reached by links from these, and the planted words on them.
async fn crawl(
    browser: &Browser,
    starts: &[String],
    words: &BTreeSet<String>,
) -> (usize, BTreeSet<String>) {
    let mut waiting: Vec<String> = starts.to_vec();
    let (mut seen, mut met) = (BTreeSet::new(), BTreeSet::new());
    while let Some(path) = waiting.pop() {
        let path = path.split('#').next().unwrap_or_default().to_owned();
        let ours =
            path.starts_with('/') && !path.starts_with("/assets") && !path.starts_with("/sign-out");
        if !ours || seen.len() > 400 || !seen.insert(path.clone()) {
            continue;
        }
        let page = browser.get(&path).await;
        assert!(page.status < 500, "{path}: {}", page.status);
        let spaceless = page.text.replace(' ', "");
        met.extend(
            words
                .iter()
                .filter(|word| page.text.contains(*word) || spaceless.contains(*word))
                .cloned(),
        );
        if page.is_html() {
            waiting.extend(page.links().into_iter().map(|(_, href)| href));
        }
        waiting.extend(page.location());
    }
    (seen.len(), met)
}

/// A member at whose panel the case is listed meets its pack number and nothing else of it, and after a personal interest
/// was declared not even that.
async fn at_a_panel(
    service: &Service,
    case: &Case,
    (id, member): (&str, &Browser),
    starts: &[String],
    words: &BTreeSet<String>,
) {
    let coordinator = service.signed_in_as("coordinator@cdr.example");
    let panel = panels::arrange(&coordinator, service, 40).await;
    panels::put_down(&coordinator, &panel, &[(id, "hospital_paeds")])
        .await
        .is(303);
    let (item, address) = panels::list(service, &panel, case);
    let mut words = words.clone();
    words.insert(case.reference.clone());
    let mut starts = starts.to_vec();
    starts.retain(|start| !start.contains(&case.reference));
    starts.extend([panel.clone(), address.clone()]);
    let (pages, met) = crawl(member, &starts, &words).await;
    assert!(pages > 5 && met.is_empty(), "{pages} pages, {met:?}");
    let form = member
        .get(&address)
        .await
        .is(200)
        .says(&item.pack_number)
        .form_with("Declare");
    member
        .submit(form.clone().set("interest", "personal"))
        .await
        .is(303);
    words.insert(item.id.clone());
    let (_, met) = crawl(member, &starts, &words).await;
    assert!(met.is_empty(), "after a personal interest: {met:?}");
    member
        .get(&panel)
        .await
        .is(200)
        .never_says(&format!("{} ", item.pack_number));
}

#[test]
fn no_planted_word_reaches_a_role_that_should_not_see_it() {
    let Some(database) = Database::fresh(Engine::Sqlite) else {
        return;
    };
    actix_web::rt::System::new().block_on(async {
        let service = Service::start(database);
        let (answers, words) = planted(&service);
        assert!(words.len() >= 10, "{words:?}");
        let case = given::case_of(&service, &answers);
        let request = given::request(&service, &case, "gp", &["reporting"]);
        let base = format!("/cases/{}", case.reference);
        let mut starts: Vec<String> = [
            "/",
            "/cases",
            "/cases?view=open",
            "/returns",
            "/returns/check",
            "/admin",
            "/admin/audit",
            "/account",
        ]
        .map(str::to_owned)
        .to_vec();
        for below in [
            "",
            "/record",
            "/record/notification",
            "/record/notification/child",
            "/requests",
            "/people",
            "/documents",
            "/differences",
            "/analysis",
            "/finalise",
            "/seen",
            "/restriction",
        ] {
            starts.push(format!("{base}{below}"));
        }
        starts.push(format!("{base}/requests/{}", request.id));
        starts.push(format!("/cases/notifications/{}", case.notification_id));
        for role in Role::ALL {
            let email = format!("{}@cdr.example", role.as_str());
            let id = service.add_user(&email, *role);
            let browser = service.signed_in_as(&email);
            let (pages, met) = crawl(&browser, &starts, &words).await;
            match role {
                Role::Coordinator | Role::DesignatedDoctor => {
                    // The crawl can fail: it finds what is there to be found.
                    assert!(
                        pages > 20 && met.len() + 1 >= words.len(),
                        "{role}: {pages} pages, {met:?} of {words:?}"
                    );
                }
                _ => assert!(met.is_empty(), "{role} met {met:?}"),
            }
            if *role == Role::PanelMember {
                at_a_panel(&service, &case, (&id, &browser), &starts, &words).await;
            }
            if *role == Role::KeyWorker {
                let (reference, version) = (
                    case.reference.clone(),
                    given::find(&service, &case.reference).version,
                );
                service
                    .write(Service::coordinator(), move |tx, ctx| {
                        assign::assign(tx, ctx, &reference, &id, version)
                    })
                    .unwrap();
                let (_, met) = crawl(&browser, &starts, &words).await;
                let named: BTreeSet<String> =
                    ["Zqxchildforenames", "Zqxchildsurname", "9990000018"]
                        .map(str::to_owned)
                        .into();
                assert!(
                    !met.is_empty() && met.is_subset(&named),
                    "a key worker met {met:?}"
                );
            }
        }
        service.stop().await;
    });
}
