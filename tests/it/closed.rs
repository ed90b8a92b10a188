//! A reply to a request that was closed meanwhile: plain words, and what was typed to be copied; and the same page where
//! there never was a request.

use cdr::casework::gather::{reissue, withdraw};
use cdr::store::responses;

use super::support::form::Form;
use super::support::given::{self, opened_link};
use super::support::journey::sections;
use super::support::page::css;
use super::support::{Browser, Page, Service};
use crate::both_engines;

const GP: &str = "gp@cdr.example";
const WORDS: &str = "Two volumes of paper notes,\nread on the ward; synthetic.";

/// The page of the reporting form that asks which records were read, with the words typed.
async fn typed(browser: &Browser, home: &str) -> Form {
    let tasks = format!("{home}/forms/reporting");
    for section in sections(&browser.get(&tasks).await.is(200), &format!("{tasks}/")) {
        let mut form = browser.get(&section).await.is(200).form_to(&section);
        if form.has("records_reviewed") {
            form.set("records_reviewed", WORDS);
            return form;
        }
    }
    panic!("no page asks which records were read")
}

/// What stands in the boxes that cannot be changed.
fn boxes(page: &Page) -> Vec<String> {
    let html = page.html();
    let wanted = css("textarea[readonly]");
    html.select(&wanted)
        .map(|of| of.text().collect::<String>().trim().to_owned())
        .collect()
}

/// The page says so, and gives back what was typed.
fn given_back(page: Page) -> Page {
    let page = page
        .is(404)
        .says("This is closed to you")
        .says("Nothing that you typed on this page was saved")
        .says("telephone")
        .says("Records used to complete the form")
        .never_says("Testfamily1");
    let boxes = boxes(&page);
    assert!(boxes.iter().any(|text| text == WORDS), "{boxes:?}");
    assert!(
        page.forms()
            .iter()
            .all(|form| !form.has("records_reviewed")),
        "it is sent nowhere"
    );
    page
}

/// What the page says, without the number that is another each time.
fn plain(page: &Page) -> String {
    let number = page.texts(".cdr-request-id").concat();
    page.words().replace(&number, "")
}

fn kept(service: &Service, id: &str) -> String {
    let rows = service.read(|conn| Ok(responses::of_request(conn, id)?));
    rows.into_iter().map(|row| row.answers).collect()
}

both_engines! {
    async fn a_reply_after_the_withdrawal_is_given_back_as_where_there_is_no_request(service) {
        let case = given::case(service, 1);
        let request = given::request(service, &case, "gp", &["reporting"]);
        let (browser, home) = opened_link(service, GP).await;
        let form = typed(&browser, &home).await;
        let of = (case.reference, request.id.clone());
        service.write(Service::coordinator(), move |tx, ctx| withdraw(tx, ctx, &of.0, &of.1, "A synthetic reason.")).unwrap();
        let page = given_back(browser.submit(&form).await);
        let token = form.value("csrf");
        assert!(!token.is_empty() && boxes(&page).iter().all(|text| !text.contains(&token)));
        assert!(!kept(service, &request.id).contains("Two volumes"));
        // A stranger learns nothing of whether there is such a request, nor from one that nobody ever made.
        let pairs = form.pairs();
        let pairs: Vec<(&str, &str)> = pairs.iter().filter(|(n, _)| n != "csrf").map(|(n, v)| (n.as_str(), v.as_str())).collect();
        for path in [form.action.clone(), form.action.replace(&request.id, "nothing")] {
            let other = given_back(service.browser().post(&path, &pairs).await);
            assert_eq!((plain(&other), boxes(&other)), (plain(&page), boxes(&page)), "{path}");
        }
        // Other pages of it, too; a code is never shown again.
        let page = browser.post(&format!("{home}/time"), &[("until-day", "1"), ("until-month", "6"), ("until-year", "2026"), ("reason", "The notes are away."), ("code", "123 456")]).await
            .is(404).never_says("123 456");
        assert_eq!(boxes(&page), ["1 6 2026", "The notes are away."]);
        browser.post(&format!("{home}/send"), &[]).await.is(404).says("closed to you").never_says("What you typed");
    }

    async fn a_reply_after_the_request_was_handed_on_is_given_back(service) {
        let case = given::case(service, 1);
        let request = given::request(service, &case, "gp", &["reporting"]);
        let (browser, home) = opened_link(service, GP).await;
        let form = typed(&browser, &home).await;
        let mut on = browser.get(&format!("{home}/hand-on")).await.is(200).form_with("Hand it on");
        on.set("name", "Sample Colleague").set("email", "colleague@cdr.example");
        browser.submit(&on).await.is(200);
        given_back(browser.submit(&form).await).never_says("Sample Colleague");
        assert!(!kept(service, &request.id).contains("Two volumes"));
    }

    async fn a_reply_after_the_link_was_replaced_is_given_back(service) {
        let case = given::case(service, 1);
        let request = given::request(service, &case, "gp", &["reporting"]);
        let (browser, home) = opened_link(service, GP).await;
        let form = typed(&browser, &home).await;
        let of = (case.reference, request.id.clone());
        service.write(Service::coordinator(), move |tx, ctx| reissue(tx, ctx, &of.0, &of.1)).unwrap();
        given_back(browser.submit(&form).await);
        // Where the link is in force again, the words go in.
        let (again, home) = opened_link(service, GP).await;
        let form = typed(&again, &home).await;
        again.submit(&form).await.is(303);
        assert!(kept(service, &request.id).contains("Two volumes"));
    }
}
