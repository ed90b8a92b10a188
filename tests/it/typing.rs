//! What is typed and not saved is kept for the person who typed it, and two people in one form see each other.

use cdr::domain::actor::Role;
use chrono::Duration;

use super::support::given::{self, opened_link};
use super::support::journey::sections;
use super::support::{Browser, Form, Page, Service};
use crate::both_engines;

const WORDS: &str = "Half a sentence that was";

/// What the page's script sends while somebody types.
async fn typed(browser: &Browser, form: &Form, words: Option<&str>) -> Page {
    let mut pairs = form.pairs();
    pairs.retain(|(name, _)| name != "records_reviewed" || words.is_none());
    if let Some(words) = words {
        pairs.push(("records_reviewed".into(), words.into()));
    }
    pairs.push((
        "typed".into(),
        if words.is_some() { "yes" } else { "no" }.into(),
    ));
    let pairs: Vec<(&str, &str)> = pairs
        .iter()
        .map(|(n, v)| (n.as_str(), v.as_str()))
        .collect();
    browser
        .bare_post(&format!("{}/typing", form.action), &pairs)
        .await
}

/// The page of the reporting form that asks which records were read.
async fn page(browser: &Browser, home: &str) -> Page {
    let tasks = format!("{home}/forms/reporting");
    for section in sections(&browser.get(&tasks).await.is(200), &format!("{tasks}/")) {
        let page = browser.get(&section).await.is(200);
        if page.form_to(&section).names().contains(&"records_reviewed") {
            return page;
        }
    }
    panic!("no page asks which records were read")
}

fn form(page: &Page) -> Form {
    page.form_to(&page.path)
}

both_engines! {
    async fn words_that_were_not_saved_are_there_again(service) {
        let case = given::case(service, 1);
        given::request(service, &case, "gp", &["reporting"]);
        let (browser, home) = opened_link(service, "gp@cdr.example").await;
        let (other, _) = opened_link(service, "gp@cdr.example").await;
        let first = page(&browser, &home).await.never_says("did not save it");
        typed(&browser, &form(&first), Some(WORDS)).await.is(200).says("{\"other\":null}");
        let again = browser.get(&first.path).await.is(200).says("did not save it");
        assert_eq!(form(&again).value("records_reviewed"), WORDS);
        // A form that is only open keeps what was typed.
        typed(&browser, &form(&first), None).await.is(200);
        // Nobody else sees it, and it is no answer.
        assert_eq!(form(&other.get(&first.path).await.is(200)).value("records_reviewed"), "");
        let check = format!("{home}/check");
        let page = browser.get(&check).await.is(200).never_says(WORDS).says("did not save them");
        assert!(page.links().iter().any(|(_, to)| *to == first.path), "the section is named with a link");
        other.get(&check).await.is(200).never_says("did not save them");
        // Saved, it is no longer left over.
        let mut saved = form(&again);
        saved.set("records_reviewed", WORDS);
        browser.submit(&saved).await.is(303);
        let after = browser.get(&first.path).await.is(200).never_says("did not save it");
        assert_eq!(form(&after).value("records_reviewed"), WORDS);
        browser.get(&check).await.is(200).never_says("did not save them");
    }

    async fn words_wait_for_the_same_person_in_another_browser_and_behind_a_new_link(service) {
        let case = given::case(service, 1);
        let request = given::request(service, &case, "gp", &["reporting"]);
        let (browser, home) = opened_link(service, "gp@cdr.example").await;
        let first = page(&browser, &home).await;
        typed(&browser, &form(&first), Some(WORDS)).await.is(200);
        // Another browser, opened with the code that went to the address on file.
        let (other, _) = opened_link(service, "gp@cdr.example").await;
        let left = other.get(&first.path).await.is(200).says("did not save it");
        assert_eq!(form(&left).value("records_reviewed"), WORDS);
        other.get(&format!("{home}/check")).await.is(200).says("did not save them");
        assert_eq!(form(&browser.get(&first.path).await.is(200)).value("records_reviewed"), WORDS, "the first still has them");
        // A new link: the browsers that held the old one are turned out.
        typed(&other, &form(&left), Some("More of it")).await.is(200);
        let (reference, id) = (case.reference.clone(), request.id.clone());
        service.write(Service::coordinator(), move |tx, ctx| cdr::casework::gather::reissue(tx, ctx, &reference, &id)).unwrap();
        other.get(&first.path).await.is(404);
        let (third, _) = opened_link(service, "gp@cdr.example").await;
        let left = third.get(&first.path).await.is(200);
        assert_eq!(form(&left).value("records_reviewed"), "More of it");
        // Saved once, nothing is offered any more.
        third.submit(&form(&left)).await.is(303);
        let (fourth, _) = opened_link(service, "gp@cdr.example").await;
        fourth.get(&first.path).await.is(200).never_says("did not save it");
    }

    async fn words_are_never_offered_to_a_colleague_who_was_handed_the_request(service) {
        let case = given::case(service, 1);
        given::request(service, &case, "gp", &["reporting"]);
        let (browser, home) = opened_link(service, "gp@cdr.example").await;
        let first = page(&browser, &home).await;
        typed(&browser, &form(&first), Some(WORDS)).await.is(200);
        let hand_on = async |browser: &Browser, to: &str| {
            let mut form = browser.get(&format!("{home}/hand-on")).await.is(200).form_with("Hand it on");
            form.set("name", "Sample Colleague").set("email", to);
            browser.submit(&form).await.is(200);
        };
        // Also what waits for whoever comes next at the first address.
        let (other, _) = opened_link(service, "gp@cdr.example").await;
        hand_on(&other, "colleague@cdr.example").await;
        let (theirs, _) = opened_link(service, "colleague@cdr.example").await;
        let empty = theirs.get(&first.path).await.is(200).never_says("did not save it").never_says(WORDS);
        assert_eq!(form(&empty).value("records_reviewed"), "");
        typed(&theirs, &form(&empty), Some("The colleague's words")).await.is(200);
        // Handed back, the first finds their own, and not the colleague's.
        hand_on(&theirs, "gp@cdr.example").await;
        let (again, _) = opened_link(service, "gp@cdr.example").await;
        assert_eq!(form(&again.get(&first.path).await.is(200)).value("records_reviewed"), WORDS);
    }

    async fn two_people_behind_one_mailbox_each_find_their_words_again(service) {
        let case = given::case(service, 1);
        given::request(service, &case, "gp", &["reporting"]);
        let (one, home) = opened_link(service, "gp@cdr.example").await;
        let (two, _) = opened_link(service, "gp@cdr.example").await;
        let first = page(&one, &home).await;
        typed(&one, &form(&first), Some("The nurse's words")).await.is(200);
        service.pass(Duration::minutes(1));
        let second = two.get(&first.path).await.is(200);
        typed(&two, &form(&second), Some("The doctor's words")).await.is(200);
        let hand_on = async |browser: &Browser, to: &str| {
            let mut form = browser.get(&format!("{home}/hand-on")).await.is(200).form_with("Hand it on");
            form.set("name", "Sample Colleague").set("email", to);
            browser.submit(&form).await.is(200);
        };
        hand_on(&one, "colleague@cdr.example").await;
        let (theirs, _) = opened_link(service, "colleague@cdr.example").await;
        theirs.get(&first.path).await.is(200).never_says("did not save it").never_says("Other words");
        hand_on(&theirs, "gp@cdr.example").await;
        // The newest are shown, and that there are others; nobody is taken to be on the page because words wait there.
        let (again, _) = opened_link(service, "gp@cdr.example").await;
        let newest = again.get(&first.path).await.is(200).says("did not save it").says("Other words were typed");
        let newest = newest.never_says("Somebody else has this page open");
        assert_eq!(form(&newest).value("records_reviewed"), "The doctor's words");
        // Saved, the others are there; over what is saved now they are compared with it.
        // The name on the page changed with whom the request was with: that is compared too.
        let clash = again.submit(&form(&newest)).await.is(409).says("Sample Colleague");
        again.submit(&form(&clash)).await.is(303);
        again.get(&format!("{home}/check")).await.is(200).says("did not save them");
        let older = again.get(&first.path).await.is(200).says("did not save it").never_says("Other words");
        assert_eq!(form(&older).value("records_reviewed"), "The nurse's words");
        let clash = again.submit(&form(&older)).await.is(409).says("The nurse's words").says("The doctor's words");
        again.submit(&form(&clash)).await.is(303);
        let after = again.get(&first.path).await.is(200).never_says("did not save it");
        assert_eq!(form(&after).value("records_reviewed"), "The nurse's words");
    }

    async fn words_that_wait_are_done_with_when_they_are_typed_over(service) {
        let case = given::case(service, 1);
        given::request(service, &case, "gp", &["reporting"]);
        let (browser, home) = opened_link(service, "gp@cdr.example").await;
        let first = page(&browser, &home).await;
        typed(&browser, &form(&first), Some(WORDS)).await.is(200);
        let (other, _) = opened_link(service, "gp@cdr.example").await;
        let left = other.get(&first.path).await.is(200).says("did not save it");
        service.pass(Duration::minutes(1));
        typed(&other, &form(&left), Some("More of it")).await.is(200);
        let own = other.get(&first.path).await.is(200).never_says("Other words");
        assert_eq!(form(&own).value("records_reviewed"), "More of it");
        // Thrown away, nothing older comes back in its place.
        other.submit(&own.form_with("Throw away what I typed")).await.is(303);
        other.get(&first.path).await.is(200).never_says("did not save it");
        // What is shown of another's is thrown away too.
        typed(&browser, &form(&first), Some(WORDS)).await.is(200);
        let (third, _) = opened_link(service, "gp@cdr.example").await;
        let left = third.get(&first.path).await.is(200).says("did not save it");
        third.submit(&left.form_with("Throw away what I typed")).await.is(303);
        third.get(&first.path).await.is(200).never_says("did not save it");
    }

    async fn what_was_typed_is_thrown_away_only_by_its_person(service) {
        let case = given::case(service, 1);
        given::request(service, &case, "gp", &["reporting"]);
        let (browser, home) = opened_link(service, "gp@cdr.example").await;
        let first = page(&browser, &home).await;
        typed(&browser, &form(&first), Some(WORDS)).await.is(200);
        let stranger = service.browser();
        let path = format!("{}/typing", first.path);
        stranger.post(&path, &[("discard", "yes")]).await.is(404);
        typed(&stranger, &form(&first), Some("x")).await.is(403);
        let left = browser.get(&first.path).await.is(200);
        browser.submit(&left.form_with("Throw away what I typed")).await.is(303).moved_to(&first.path);
        let after = browser.get(&first.path).await.is(200).never_says("did not save it");
        assert_eq!(form(&after).value("records_reviewed"), "");
        // Nothing is kept for a form that was not asked for.
        browser.post(&path.replace("reporting", "neonatal"), &[("typed", "yes")]).await.is(404);
        browser.post(&format!("{home}/forms/reporting/{}/typing", "x".repeat(200)), &[("typed", "yes")]).await.is(404);
    }

    async fn two_people_in_one_form_see_each_other(service) {
        let case = given::case(service, 1);
        given::request(service, &case, "gp", &["reporting"]);
        let (one, home) = opened_link(service, "gp@cdr.example").await;
        let (two, _) = opened_link(service, "gp@cdr.example").await;
        let first = page(&one, &home).await;
        let theirs = two.get(&first.path).await.is(200).never_says("has this page open now");
        typed(&one, &form(&first), None).await.is(200).says("null");
        typed(&two, &form(&theirs), Some(WORDS)).await.is(200).says("Somebody else has this page open now.");
        one.get(&first.path).await.is(200).says("Somebody else has this page open now.");
        // On another page of the form it says so.
        let tasks = format!("{home}/forms/reporting");
        let all = sections(&one.get(&tasks).await.is(200), &format!("{tasks}/"));
        let other = all.iter().find(|s| **s != first.path).unwrap();
        one.get(other).await.is(200).says("Somebody else is working on another page of this form now.");
        // Nobody is there after a while without a sign.
        service.pass(Duration::minutes(4));
        one.get(&first.path).await.is(200).never_says("has this page open now");
        // The one saves; the other sees both versions, and chooses.
        let mut saved = form(&first);
        saved.set("records_reviewed", "What the first wrote");
        one.submit(&saved).await.is(303);
        let left = two.get(&first.path).await.is(200);
        assert_eq!(form(&left).value("records_reviewed"), WORDS);
        let clash = two.submit(&form(&left)).await.is(409).says("What the first wrote").says(WORDS);
        two.submit(&form(&clash)).await.is(303);
        let now = one.get(&first.path).await.is(200);
        assert_eq!(form(&now).value("records_reviewed"), WORDS);
    }

    async fn saving_one_page_is_in_nobodys_way_on_another(service) {
        let case = given::case(service, 1);
        given::request(service, &case, "gp", &["reporting"]);
        let (browser, home) = opened_link(service, "gp@cdr.example").await;
        let first = page(&browser, &home).await;
        typed(&browser, &form(&first), Some(WORDS)).await.is(200);
        let tasks = format!("{home}/forms/reporting");
        let all = sections(&browser.get(&tasks).await.is(200), &format!("{tasks}/"));
        let other = all.iter().find(|s| **s != first.path).unwrap();
        let theirs = browser.get(other).await.is(200).form_to(other);
        browser.submit(&theirs).await.is(303);
        let left = browser.get(&first.path).await.is(200);
        browser.submit(&form(&left)).await.is(303);
        assert_eq!(form(&browser.get(&first.path).await.is(200)).value("records_reviewed"), WORDS);
    }

    async fn staff_find_their_words_again_after_signing_in_again(service) {
        let case = given::case(service, 1);
        let coordinator = service.signed_in(Role::Coordinator).await;
        let path = format!("/cases/{}/analysis/overview", case.reference);
        let tasks = format!("/cases/{}/analysis", case.reference);
        let all = sections(&coordinator.get(&tasks).await.is(200), &format!("{tasks}/"));
        let (mut at, mut name) = (path, "");
        for section in all {
            let page = coordinator.get(&section).await.is(200);
            if page.form_to(&section).names().contains(&"case_summary") {
                (at, name) = (section, "case_summary");
            }
        }
        assert_eq!(name, "case_summary");
        coordinator.post(&format!("{at}/typing"), &[("typed", "yes"), ("version", "0"), ("case_summary", WORDS)]).await.is(200);
        let again = service.signed_in_as("coordinator@cdr.example");
        let page = again.get(&at).await.is(200).says("did not save it");
        assert_eq!(page.form_to(&at).value("case_summary"), WORDS);
        let doctor = service.signed_in(Role::DesignatedDoctor).await;
        doctor.get(&at).await.is(200).never_says(WORDS).says("Somebody else has this page open now.");
        let auditor = service.signed_in(Role::Auditor).await;
        assert!(auditor.post(&format!("{at}/typing"), &[("typed", "yes")]).await.status >= 403);
    }
}
