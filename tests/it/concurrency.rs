//! Two people at once: nobody's work is lost unseen, and nothing happens twice.

use cdr::casework::triage::{self, Decision};
use cdr::casework::{Error, gather, links, respond, review};
use cdr::domain::actor::{Actor, Role};

use super::support::given::{self, opened_link};
use super::support::journey::{begin_notification, fill_form, sections};
use super::support::{Browser, Sample, Service};
use crate::both_engines;

/// Runs the same verb many times at once; gives how often it was done.
fn at_once<T: Send + 'static>(
    service: &Service,
    actor: &Actor,
    verb: impl Fn(&mut cdr::store::Tx<'_>, &cdr::casework::Context) -> Result<T, Error>
    + Clone
    + Send
    + 'static,
) -> Vec<Result<T, Error>> {
    let barrier = std::sync::Arc::new(std::sync::Barrier::new(6));
    let threads: Vec<_> = (0..6)
        .map(|_| {
            let (db, ctx, verb, barrier) = (
                service.app.db.clone(),
                service.context(actor.clone()),
                verb.clone(),
                barrier.clone(),
            );
            std::thread::spawn(move || {
                barrier.wait();
                db.write(move |tx| verb(tx, &ctx))
            })
        })
        .collect();
    threads.into_iter().map(|t| t.join().unwrap()).collect()
}

/// Somebody saved meanwhile: both versions are shown, what was typed stays, and saving again works.
async fn clash(browser: &Browser, section: &str, name: &str) {
    let mut one = browser.get(section).await.is(200).form_to(section);
    let mut two = one.clone();
    one.set(name, "First person");
    two.set(name, "Second person");
    browser.submit(&one).await.is(303);
    let page = browser
        .submit(&two)
        .await
        .is(409)
        .says("Somebody else saved this section")
        .says("First person")
        .says("Second person");
    let again = page.form_to(section);
    assert_eq!(
        again.value(name),
        "Second person",
        "what was typed is not lost"
    );
    browser.submit(&again).await.is(303);
    assert_eq!(
        browser.get(section).await.form_to(section).value(name),
        "Second person"
    );
}

both_engines! {
    async fn a_draft_saved_twice_shows_both(service) {
        let browser = begin_notification(service).await;
        clash(&browser, "/notify/section/name", "child_surname").await;
    }

    async fn an_answer_saved_twice_shows_both(service) {
        let case = given::case(service, 1);
        given::request(service, &case, "gp", &["reporting"]);
        let (browser, home) = opened_link(service, "gp@cdr.example").await;
        let tasks = format!("{home}/forms/reporting");
        let first = sections(&browser.get(&tasks).await, &format!("{tasks}/")).remove(0);
        clash(&browser, &first, "reporter_name").await;
    }

    async fn a_record_saved_twice_shows_both(service) {
        let case = given::case(service, 1);
        let coordinator = service.signed_in(Role::Coordinator).await;
        clash(&coordinator, &format!("/cases/{}/record/notification/child", case.reference), "child_surname").await;
        let again = given::find(service, &case.reference);
        assert_eq!(again.display_name, "Samplechild1 Second person", "the worklist follows the record");
    }

    async fn many_sends_at_once_send_one_notification(service) {
        let browser = begin_notification(service).await;
        super::support::journey::fill_notification(&browser, &Sample::child(1)).await;
        let form = browser.get("/notify/check").await.form_with("Send notification");
        let sends = futures_util::future::join_all((0..6).map(|_| browser.submit(&form))).await;
        for page in sends {
            page.is(303).moved_to("/notify/sent");
        }
        assert_eq!(service.mails().len(), 2);
    }

    async fn many_accepts_at_once_make_one_case(service) {
        let row = given::notification(service, &given::answers(1));
        let decision = Decision::Accept { outcome: triage::assess(&service.context(Service::coordinator()), &row).proposed, reason: String::new() };
        let done = at_once(service, &Service::coordinator(), move |tx, ctx| triage::decide(tx, ctx, &row.id, row.version, &decision));
        assert_eq!(done.iter().filter(|d| d.is_ok()).count(), 1, "{done:?}");
        for refused in done.iter().filter_map(|d| d.as_ref().err()) {
            assert!(matches!(refused, Error::Stale | Error::Rule(_)), "{refused:?}");
        }
        assert!(service.read(|conn| Ok(cdr::store::cases::by_reference(conn, "KM-2026-0002")?)).is_none());
    }

    async fn cases_accepted_at_once_have_references_of_their_own(service) {
        let rows: Vec<_> = (1..=6).map(|n| given::notification(service, &given::answers(n))).collect();
        let threads: Vec<_> = rows.into_iter().map(|row| {
            let (db, ctx) = (service.app.db.clone(), service.context(Service::coordinator()));
            std::thread::spawn(move || {
                let decision = Decision::Accept { outcome: triage::assess(&ctx, &row).proposed, reason: String::new() };
                db.write(move |tx| triage::decide(tx, &ctx, &row.id, row.version, &decision)).unwrap().unwrap()
            })
        }).collect();
        let mut references: Vec<String> = threads.into_iter().map(|t| t.join().unwrap()).collect();
        references.sort();
        let expected: Vec<String> = (1..=6).map(|n| format!("KM-2026-{n:04}")).collect();
        assert_eq!(references, expected);
    }

    async fn of_many_claims_at_once_one_opens_and_the_others_need_a_code(service) {
        let case = given::case(service, 1);
        given::request(service, &case, "gp", &["reporting"]);
        let token = service.link_to("gp@cdr.example").trim_start_matches("/requests/").to_owned();
        let done = at_once(service, &Actor::public(), move |tx, ctx| {
            let claimed = links::claim(tx, ctx, &token, None)?;
            Ok(matches!(claimed, links::Claimed::Held { secret: Some(_), .. }))
        });
        assert_eq!(done.iter().filter(|held| matches!(held, Ok(true))).count(), 1, "{done:?}");
        // So many codes and no more.
        assert!(done.iter().all(|d| matches!(d, Ok(_) | Err(Error::Rule(_)))), "{done:?}");
    }

    async fn many_sends_and_accepts_at_once_happen_once(service) {
        let case = given::case(service, 1);
        let request = given::request(service, &case, "gp", &["reporting"]);
        let (browser, home) = opened_link(service, "gp@cdr.example").await;
        fill_form(&browser, &format!("{home}/forms/reporting"), &Sample::answer()).await;
        let id = request.id.clone();
        let done = at_once(service, &Actor::link(&request.id), move |tx, ctx| respond::send(tx, ctx, &id));
        assert!(done.iter().all(Result::is_ok), "{done:?}");
        let told = service.mails().iter().filter(|m| m.subject == "An agency has answered").count();
        assert_eq!(told, 1);
        let (of, id) = (case.reference.clone(), request.id.clone());
        let done = at_once(service, &Service::coordinator(), move |tx, ctx| gather::accept(tx, ctx, &of, &id));
        assert_eq!(done.iter().filter(|d| d.is_ok()).count(), 1, "{done:?}");
        for refused in done.iter().filter_map(|d| d.as_ref().err()) {
            assert!(matches!(refused, Error::Stale | Error::Rule(_)), "{refused:?}");
        }
        let events = service.read(|conn| Ok(cdr::store::events::latest(conn, "response_accepted", 10)?));
        assert_eq!(events.len(), 1);
    }

    async fn nobody_finalises_what_is_not_whole(service) {
        let case = given::case(service, 1);
        let (of, version) = (case.reference, case.version);
        let done = at_once(service, &Service::coordinator(), move |tx, ctx| review::finalise(tx, ctx, &of, version));
        assert!(done.iter().all(|d| matches!(d, Err(Error::Rule(_)))), "{done:?}");
    }
}
