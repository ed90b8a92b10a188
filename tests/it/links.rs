//! Links for agencies: opened by a button alone, in one browser, in another with a code, asked for anew.

use cdr::domain::actor::Role;
use cdr::store::events;
use chrono::Duration;

use super::support::given::{self, code_to, opened_link};
use super::support::{Browser, Page, Service};
use crate::both_engines;

const GP: &str = "gp@cdr.example";
const NAME: &str = "Testfamily1";

fn count(service: &Service, what: &str) -> usize {
    service
        .read(|conn| Ok(events::latest(conn, what, 100)?))
        .len()
}

/// Presses the button behind a link in a fresh browser.
async fn pressed(service: &Service, link: &str) -> (Browser, Page) {
    let browser = service.browser();
    let form = browser
        .get(link)
        .await
        .is(200)
        .never_says(NAME)
        .form_with("Open the request");
    let page = browser.submit(&form).await;
    (browser, page)
}

async fn asked(service: &Service, path: &str) -> Page {
    let browser = service.browser();
    let page = browser
        .get(path)
        .await
        .is(404)
        .says("This link does not work");
    browser
        .submit(&page.form_with("Send me a new link"))
        .await
        .is(200)
}

both_engines! {
    /// Shows 5: the link claimed once survives twenty GETs first.
    async fn looking_uses_nothing_up_and_the_link_leaves_the_address(service) {
        let case = given::case(service, 1);
        let request = given::request(service, &case, "gp", &["reporting"]);
        let link = service.link_to(GP);
        for _ in 0..20 {
            service.browser().get(&link).await.is(200).never_says(NAME);
        }
        assert_eq!((count(service, "request_claimed"), given::request_now(service, &request.id).state.as_str()), (0, "sent"));
        let (browser, page) = pressed(service, &link).await;
        let home = format!("/requests/{}", request.id);
        let page = page.moved_to(&home);
        let cookie = page.header("set-cookie").to_owned();
        assert!(cookie.contains("HttpOnly") && cookie.contains("SameSite=Lax"), "{cookie}");
        let token = link.trim_start_matches("/requests/");
        for path in [home.clone(), format!("{home}/forms/reporting"), format!("{home}/check")] {
            browser.get(&path).await.is(200).never_says(token);
        }
        // The same browser opens the link again without more ado.
        let form = browser.get(&link).await.is(200).form_with("Open the request");
        browser.submit(&form).await.is(303).moved_to(&home);
        assert_eq!((count(service, "request_claimed"), count(service, "link_code_sent")), (1, 0));
        assert!(token.len() * 5 >= 128, "a letter holds five bits");
    }

    async fn another_browser_needs_the_code_that_went_to_the_address_on_file(service) {
        let case = given::case(service, 1);
        let request = given::request(service, &case, "gp", &["reporting"]);
        let link = service.link_to(GP);
        opened_link(service, GP).await;
        let (other, page) = pressed(service, &link).await;
        let home = format!("/requests/{}", request.id);
        let place = format!("{home}/code");
        let mut form = other.follow(page.moved_to(&place)).await.is(200).never_says(NAME).form();
        other.get(&home).await.is(404).never_says(NAME);
        let mail = service.mail_to(GP);
        assert!(!mail.body.contains(NAME) && !mail.body.contains("/requests/") && !mail.subject.contains(NAME));
        for _ in 0..2 {
            form.set("code", "00000000");
            other.submit(&form).await.is(422).faults("The code is not right", "#code").never_says(NAME);
        }
        // It is good in the browser that asked, and nowhere else.
        let stranger = service.browser();
        stranger.post(&place, &[("code", &code_to(service, GP))]).await.is(404);
        form.set("code", &code_to(service, GP));
        other.submit(&form).await.is(303).moved_to(&home);
        other.get(&home).await.is(200).says(NAME);
        other.get(&place).await.is(404);
        assert_eq!((count(service, "link_code_sent"), count(service, "link_code_failed"), count(service, "request_claimed")), (1, 2, 2));
    }

    async fn a_code_is_over_after_five_tries_after_a_quarter_of_an_hour_and_once_used(service) {
        let case = given::case(service, 1);
        given::request(service, &case, "gp", &["reporting"]);
        let link = service.link_to(GP);
        opened_link(service, GP).await;
        let (other, page) = pressed(service, &link).await;
        let mut form = other.follow(page).await.form();
        form.set("code", "00000000");
        for _ in 0..5 {
            other.submit(&form).await.is(422);
        }
        form.set("code", &code_to(service, GP));
        other.submit(&form).await.is(422).faults("can no longer be used", "#code");
        let (late, page) = pressed(service, &link).await;
        let mut form = late.follow(page).await.form();
        form.set("code", &code_to(service, GP));
        service.pass(Duration::minutes(16));
        let page = late.submit(&form).await;
        assert!(matches!(page.status, 404 | 422), "{}", page.status);
        // So many in an hour and no more: a mailbox is not filled.
        for _ in 0..3 {
            pressed(service, &link).await.1.is(303);
        }
        pressed(service, &link).await.1.is(422);
        assert_eq!(count(service, "link_code_sent"), 5);
    }

    async fn a_new_link_goes_to_the_address_on_file_alone(service) {
        let case = given::case(service, 1);
        let request = given::request(service, &case, "gp", &["reporting"]);
        let old = service.link_to(GP);
        service.pass(Duration::days(100));
        let known = asked(service, &old).await;
        let new = service.link_to(GP);
        assert_ne!(old, new);
        let mails = service.mails().len();
        // Asked again at once, by a link that never was, and by one that was replaced: the same words, no mail.
        for path in [old.as_str(), "/requests/NEVERWASALINKOFOURS0000000000000", "/requests/a%22%3E"] {
            let page = asked(service, path).await;
            assert_eq!(page.words(), known.words(), "{path}");
        }
        assert_eq!(service.mails().len(), mails);
        let asked_for = service.read(|conn| Ok(events::latest(conn, "link_asked", 100)?));
        assert_eq!((asked_for.len(), count(service, "link_renewed")), (2, 1));
        // What never was a link leaves nothing: anybody can make up any number of those.
        assert_eq!(count(service, "link_opened_wrong"), 2);
        let (browser, page) = pressed(service, &new).await;
        browser.follow(page).await.is(200).says(NAME);
        // Whoever holds it goes on holding it when somebody asks with an old link.
        service.pass(Duration::minutes(20));
        asked(service, &old).await;
        assert_ne!(service.link_to(GP), new);
        browser.get(&format!("/requests/{}", request.id)).await.is(200).says(NAME);
    }

    async fn a_new_link_comes_long_before_the_date_agreed_too(service) {
        let case = given::case(service, 1);
        let request = given::request(service, &case, "gp", &["reporting"]);
        let old = service.link_to(GP);
        let (of, id) = (case.reference.clone(), request.id.clone());
        service.write(Service::coordinator(), move |tx, ctx| cdr::casework::gather::reissue(tx, ctx, &of, &id)).unwrap();
        let new = service.link_to(GP);
        asked(service, &old).await;
        assert_eq!(service.link_to(GP), new, "it was made a moment ago");
        service.pass(Duration::minutes(20));
        asked(service, &old).await;
        assert_ne!(service.link_to(GP), new);
    }

    async fn a_closed_request_gets_no_new_link(service) {
        let case = given::case(service, 1);
        let request = given::request(service, &case, "gp", &["reporting"]);
        let old = service.link_to(GP);
        let coordinator = service.signed_in(Role::Coordinator).await;
        let at = format!("/cases/{}/requests/{}", case.reference, request.id);
        coordinator.post(&at, &[("action", "withdraw"), ("reason", "Sample reason")]).await.is(303);
        service.pass(Duration::days(1));
        asked(service, &old).await;
        assert_eq!((service.link_to(GP), count(service, "link_asked"), count(service, "link_renewed")), (old, 1, 0));
    }
}
