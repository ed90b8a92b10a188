//! Notifying a death, as the person who sends it.

use reqwest::Method;

use super::support::journey::{
    begin_notification, fill_notification, fill_section, notify_a_death, reference,
    send_notification,
};
use super::support::{Browser, Page, Sample, Service};
use crate::both_engines;

const NAME: &str = "/notify/section/name";
const DATES: &str = "/notify/section/dates";

/// How many notifications stand in each state.
fn sent(service: &Service) -> usize {
    service
        .read(|conn| {
            Ok(cdr::store::notifications::in_state(
                conn, "received", None, 100,
            )?)
        })
        .len()
}

/// Types these into a section, as the only thing typed there.
async fn type_in(browser: &Browser, section: &str, typed: &[(&str, &str)]) -> Page {
    let mut form = browser.get(section).await.is(200).form_to(section);
    for (name, value) in typed {
        form.set(name, value);
    }
    browser.submit(&form).await
}

/// What stands in a section's inputs.
async fn stands(browser: &Browser, section: &str, name: &str) -> String {
    browser
        .get(section)
        .await
        .is(200)
        .form_to(section)
        .value(name)
}

/// A page without what is its own: the reference, and the tokens of its forms.
fn alike(page: &Page, reference: &str) -> String {
    let tokens = page.forms().into_iter().map(|form| form.value("csrf"));
    tokens.fold(page.text.replace(reference, "N"), |text, token| {
        text.replace(&token, "T")
    })
}

both_engines! {
    async fn a_whole_notification_is_sent_and_the_team_told(service) {
        let (browser, reference) = notify_a_death(service, &Sample::child(1)).await;
        assert!(reference.starts_with("NKM-"), "{reference}");
        let mail = service.mail_to("sample.notifier@nhs.net");
        assert!(mail.body.contains(&reference));
        service.mail_to(&service.app.house.area.email);
        for mail in service.mails() {
            let text = format!("{} {}", mail.subject, mail.body);
            for secret in ["Testfamily1", "Samplechild1", "999000", "2024", "27 March"] {
                assert!(!text.contains(secret), "a mail says {secret}: {text}");
            }
        }
        browser.get("/notify/sent").await.is(200).says(&reference);
        assert_eq!(sent(service), 1);
    }

    async fn the_start_says_what_it_is_and_what_it_is_not(service) {
        let area = &service.app.house.area;
        let page = service.browser().get("/notify").await.is(200);
        for words in [
            "Notify a child death", "not a safeguarding referral", "does not tell the coroner", "Call 999",
            "What helps to have at hand", "“Not known” is always a fair answer", &area.telephone, &area.telephone_hours,
        ] {
            page.clone().says(words);
        }
        // Nothing of a notification stands behind an address alone.
        for path in ["/notify/tasks", NAME, "/notify/check"] {
            service.browser().get(path).await.is(303).moved_to("/notify");
        }
        for path in ["/notify/saved", "/notify/sent", "/notify/copy", "/notify/copy/download"] {
            service.browser().get(path).await.is(404);
        }
    }

    async fn each_save_is_kept_and_a_blank_takes_it_away(service) {
        let browser = begin_notification(service).await;
        type_in(&browser, NAME, &[("child_surname", " Testfamily "), ("child_forenames", "Sample\u{7} Child")]).await.is(303);
        assert_eq!(stands(&browser, NAME, "child_surname").await, "Testfamily");
        assert_eq!(stands(&browser, NAME, "child_forenames").await, "Sample Child");
        type_in(&browser, NAME, &[("child_surname", "")]).await.is(303);
        assert_eq!(stands(&browser, NAME, "child_surname").await, "");
        assert_eq!(stands(&browser, NAME, "child_forenames").await, "Sample Child");
        let page = browser.get("/notify/tasks").await.is(200).says("In progress").says("Not yet started");
        assert!(!page.text.contains("Sample Child"), "a task list names nobody");
    }

    async fn dates_are_taken_as_people_type_them(service) {
        let browser = begin_notification(service).await;
        for typed in ["27 3 2026", "27 03 26", "27th March 2026", "27 mar 2026", " 27 MAR. 26"] {
            let typed: Vec<&str> = typed.split_whitespace().collect();
            let boxes = [("date_of_death-day", typed[0]), ("date_of_death-month", typed[1]), ("date_of_death-year", typed[2])];
            type_in(&browser, DATES, &boxes).await.is(303);
            for (part, value) in [("day", "27"), ("month", "3"), ("year", "2026")] {
                assert_eq!(stands(&browser, DATES, &format!("date_of_death-{part}")).await, value, "{typed:?}");
            }
        }
        for (typed, words) in [
            (["31", "2", "2026"], "there is no 31 February 2026"),
            (["", "2", "2026"], "must include a day"),
            (["27", "", ""], "must include a month and a year"),
            (["27", "13", "2026"], "the month must be a number from 1 to 12, or its name"),
            (["27", "3", "twenty"], "the year must have four figures"),
            (["99", "3", "2026"], "the day must be a number from 1 to 31"),
            (["2", "4", "2026"], "today or"),
        ] {
            let boxes = [("date_of_death-day", typed[0]), ("date_of_death-month", typed[1]), ("date_of_death-year", typed[2])];
            let page = type_in(&browser, DATES, &boxes).await.is(422).faults(words, "#date_of_death-day");
            let form = page.form_to(DATES);
            assert_eq!([form.value("date_of_death-day"), form.value("date_of_death-month"), form.value("date_of_death-year")], typed, "what was typed is gone");
        }
        assert_eq!(stands(&browser, DATES, "date_of_death-day").await, "27", "a fault must leave what was held");
    }

    async fn an_nhs_number_may_be_spaced_and_must_hold(service) {
        let browser = begin_notification(service).await;
        for typed in ["9990000018", "999 000 0018", " 999-000-0018 "] {
            type_in(&browser, NAME, &[("nhs_number", typed)]).await.is(303);
            let shown = stands(&browser, NAME, "nhs_number").await;
            assert_eq!(shown.replace(' ', ""), "9990000018", "{typed}");
        }
        for typed in ["9990000019", "999 000 001", "99900000180", "999000001X"] {
            let page = type_in(&browser, NAME, &[("nhs_number", typed)]).await.is(422);
            let found = page.errors();
            assert!(found.iter().any(|(_, href)| href == "#nhs_number"), "{typed}: {found:?}");
            assert_eq!(page.form_to(NAME).value("nhs_number"), typed);
        }
    }

    async fn no_nhs_number_needs_a_reason(service) {
        let browser = begin_notification(service).await;
        fill_notification(&browser, &Sample::child(1).without("nhs_number")).await;
        let page = browser.get("/notify/check").await.is(200).says("Something is still needed");
        let form = page.form_with("Send notification");
        let page = browser.submit(&form).await.is(422);
        assert!(page.errors().iter().any(|(_, href)| href.starts_with(NAME)), "{:?}", page.errors());
        let offered = browser.get(NAME).await.is(200).form_to(NAME).offers("nhs_number_missing_reason");
        assert!(offered.contains(&"not_available".to_owned()), "{offered:?}");
        type_in(&browser, NAME, &[("nhs_number_missing_reason", "not_available")]).await.is(303);
        reference(&send_notification(&browser).await);
    }

    async fn not_known_is_a_fair_answer(service) {
        let browser = begin_notification(service).await;
        fill_notification(&browser, &Sample::child(1).without("date_of_birth").without("place_of_death_name").without("postcode")).await;
        type_in(&browser, DATES, &[("date_of_birth-not_known", "yes")]).await.is(303);
        type_in(&browser, "/notify/section/death_place", &[("place_of_death_name-not_known", "yes")]).await.is(303);
        type_in(&browser, "/notify/section/home", &[("postcode-not_known", "yes")]).await.is(303);
        let page = browser.get("/notify/check").await.is(200);
        assert!(page.words().matches("Not known").count() >= 3, "{}", page.words());
        reference(&send_notification(&browser).await);
    }

    async fn not_known_beside_an_answer_is_asked_about(service) {
        let browser = begin_notification(service).await;
        let typed = [("date_of_birth-day", "9"), ("date_of_birth-month", "2"), ("date_of_birth-year", "2024"), ("date_of_birth-not_known", "yes")];
        type_in(&browser, DATES, &typed).await.is(422).faults("but not both", "#date_of_birth-day");
    }

    async fn rows_are_added_and_taken_away_without_scripts(service) {
        let section = "/notify/section/agencies";
        let browser = begin_notification(service).await;
        let mut form = browser.get(section).await.is(200).form_to(section);
        form.set("agencies_involved-0-name", "First Sample").press("Add another");
        let page = browser.submit(&form).await.is(200);
        let mut form = page.form_to(section);
        assert_eq!(form.value("agencies_involved-0-name"), "First Sample");
        form.set("agencies_involved-1-name", "Second Sample").set("known_to_social_care", "no").press("agencies_involved");
        let page = browser.submit(&form).await.is(200);
        let mut form = page.form_to(section);
        assert_eq!(form.value("known_to_social_care"), "no", "the rest of the page is kept too");
        form.set("agencies_involved-2-name", "Third Sample").press("agencies_involved-1");
        let page = browser.submit(&form).await.is(200);
        let form = page.form_to(section);
        assert_eq!(form.value("agencies_involved-0-name"), "First Sample");
        assert_eq!(form.value("agencies_involved-1-name"), "Third Sample");
        assert!(!form.has("agencies_involved-2-name"), "the row is gone");
        browser.submit(&form).await.is(303);
        assert_eq!(stands(&browser, section, "agencies_involved-1-name").await, "Third Sample");
    }

    async fn the_return_key_goes_on_even_where_rows_can_be_removed(service) {
        let section = "/notify/section/agencies";
        let browser = begin_notification(service).await;
        let mut form = browser.get(section).await.form_to(section);
        form.set("agencies_involved-0-name", "Sample Practitioner");
        assert!(form.pairs().iter().all(|(name, _)| name != "remove" && name != "add" && name != "later"));
    }

    async fn a_refused_page_keeps_everything_that_was_typed(service) {
        let browser = begin_notification(service).await;
        let typed = [
            ("nhs_number", "not a number"), ("child_surname", "O’Testfamily <b>"), ("child_forenames", "Sample \"Quote\""),
            ("child_known_as", "  spaces  "),
        ];
        let page = type_in(&browser, NAME, &typed).await.is(422);
        let form = page.form_to(NAME);
        for (name, value) in typed {
            assert_eq!(form.value(name), value);
        }
        let summary = page.errors();
        let at_field = page.texts(".govuk-error-message").join(" ");
        for (words, href) in &summary {
            assert!(at_field.contains(words.as_str()), "the field does not say {words:?}");
            assert!(page.html().select(&super::support::page::css(href)).next().is_some(), "{href} is not there");
        }
        assert!(page.texts("title").is_empty() || page.html().select(&super::support::page::css("title")).next().is_some_and(|t| t.text().collect::<String>().starts_with("Error: ")));
        assert_eq!(page.html().select(&super::support::page::css("[data-module=govuk-error-summary]")).count(), 1, "the summary takes focus");
        assert_eq!(stands(&browser, NAME, "child_surname").await, "", "nothing of a refused page is saved");
    }

    async fn a_warning_asks_once_and_can_be_confirmed(service) {
        let browser = begin_notification(service).await;
        let section = "/notify/section/you";
        let mut form = browser.get(section).await.form_to(section);
        form.set("referrer_name", "Sample Notifier").set("referrer_agency", "gp").set("referrer_email", "sample@webmail.example");
        let page = browser.submit(&form).await.is(422);
        let mut form = page.form_to(section);
        assert_eq!(form.value("referrer_email"), "sample@webmail.example");
        let key = form.offers("confirm");
        assert_eq!(key.len(), 1, "{key:?}");
        form.set("confirm", &key[0]);
        browser.submit(&form).await.is(303);
        let form = browser.get("/notify/check").await.form_with("Send notification");
        let found = browser.submit(&form).await.is(422).errors();
        assert!(found.iter().all(|(_, href)| !href.contains("referrer_email")), "a confirmed warning is asked again: {found:?}");
    }

    async fn the_check_page_lists_what_is_missing_and_leads_there(service) {
        let browser = begin_notification(service).await;
        let page = browser.get("/notify/check").await.is(200).says("Something is still needed").says("Not answered yet");
        let page = browser.submit(&page.form_with("Send notification")).await.is(422);
        let missing = page.errors();
        assert!(missing.len() >= 15, "{missing:#?}");
        for (words, href) in missing.iter().chain(page.links().iter().filter(|(text, _)| text.starts_with("Change"))) {
            let (path, id) = href.split_once('#').unwrap_or_else(|| panic!("{words} leads to {href}"));
            let there = browser.get(path).await.is(200);
            let found = there.html().select(&super::support::page::css("[id]")).any(|e| e.value().id() == Some(id));
            assert!(found, "{words}: {href} is not on its page");
        }
        assert_eq!(sent(service), 0);
        assert!(service.mails().is_empty());
    }

    async fn it_can_be_sent_early_and_completed_with_the_code(service) {
        let early = Sample::empty().with("referrer_name", "Sample Notifier").with("referrer_agency", "gp")
            .with("referrer_email", "sample.notifier@nhs.net").with("child_surname", "Testfamily1").with("date_of_death", "27 3 2026");
        let browser = begin_notification(service).await;
        let refused = browser.get("/notify/tasks").await.is(200).form_to("/notify/send");
        assert!(browser.submit(&refused).await.is(422).errors().len() >= 4);
        for section in ["you", "name", "dates"] {
            fill_section(&browser, &format!("/notify/section/{section}"), &early).await;
        }
        let form = browser.get("/notify/tasks").await.form_to("/notify/send");
        let page = browser.submit_on(&form).await.is(200).says("Complete it later");
        let reference = reference(&page);
        let code = page.texts(".cdr-code").remove(0);
        assert!(service.mail_to("sample.notifier@nhs.net").body.contains("/notify/continue"));

        let other = service.browser();
        let mut form = other.get("/notify/continue").await.is(200).form_to("/notify/continue");
        form.set("code", "00000-00000-00000-00000");
        other.submit(&form).await.is(422).faults("no notification to continue", "#code");
        form.set("code", "");
        other.submit(&form).await.is(422).faults("Enter the code", "#code");
        form.set("code", &code.to_lowercase().replace('-', " "));
        other.submit_on(&form).await.is(200).says(&reference);
        fill_notification(&other, &Sample::child(1)).await;
        let form = other.get("/notify/check").await.form_with("Send the rest");
        other.submit_on(&form).await.is(200).says(&reference).never_says("Complete it later");
        assert_eq!(sent(service), 1);
        form_is_closed(&other, &code).await;
    }

    async fn pressing_send_twice_sends_one_notification(service) {
        let browser = begin_notification(service).await;
        fill_notification(&browser, &Sample::child(1)).await;
        let form = browser.get("/notify/check").await.form_with("Send notification");
        let (first, second) = futures_util::future::join(browser.submit(&form), browser.submit(&form)).await;
        let third = browser.submit(&form).await;
        for page in [first, second, third] {
            page.is(303).moved_to("/notify/sent");
        }
        assert_eq!(sent(service), 1);
        assert_eq!(service.mails().len(), 2, "one to the team, one to the sender");
        browser.get("/notify/tasks").await.is(303).moved_to("/notify/sent");
    }

    async fn the_copy_holds_only_what_was_typed(service) {
        let (browser, reference) = notify_a_death(service, &Sample::child(1)).await;
        let page = browser.get("/notify/copy").await.is(200).says(&reference).says("Testfamily1").says("27 March 2026");
        let file = browser.get("/notify/copy/download").await.is(200);
        assert!(file.header("content-type").starts_with("text/plain"));
        assert_eq!(file.header("cache-control"), "no-store");
        let name = file.header("content-disposition");
        assert!(name.contains(&format!("notification-{reference}.txt")), "{name}");
        assert!(file.text.contains("Testfamily1"));
        let dict = service.app.house.dictionary();
        for text in [page.words(), file.text] {
            for field in dict.form("notification").unwrap().fields() {
                let ours = field.answered_by != cdr::domain::form::AnsweredBy::Notifier;
                let shown = text.lines().any(|l| l.trim_start().starts_with(&format!("{}:", field.label)));
                assert!(!(ours && shown), "the copy shows {}", field.id);
            }
            for words in ["Age band", "KM-2026", "Portal", "Not answered"] {
                assert!(!text.contains(words), "the copy says {words}");
            }
        }
    }

    async fn a_second_notification_of_the_same_child_looks_the_same_to_its_sender(service) {
        let (first, one) = notify_a_death(service, &Sample::child(1)).await;
        let (second, two) = notify_a_death(service, &Sample::child(1)).await;
        assert_ne!(one, two);
        for path in ["/notify/sent", "/notify/copy", "/notify/copy/download"] {
            let (a, b) = (first.get(path).await.is(200), second.get(path).await.is(200));
            assert_eq!(alike(&a, &one), alike(&b, &two), "{path}");
            assert!(!b.text.contains(&one));
        }
        assert_eq!(sent(service), 2);
    }

    async fn a_draft_opens_in_its_own_browser_only(service) {
        let browser = begin_notification(service).await;
        type_in(&browser, NAME, &[("child_surname", "Testfamily1")]).await.is(303);
        let other = service.browser();
        for cookie in ["cdr_notify=x", "cdr_notify=0190.abc", "cdr_notify=", "cdr_notify=0190e5b0-0000-7000-8000-000000000000.00"] {
            let page = other.send(other.request(Method::GET, NAME).header("cookie", cookie)).await;
            page.is(303).moved_to("/notify").never_says("Testfamily1");
        }
        let (a, _) = notify_a_death(service, &Sample::child(2)).await;
        a.get("/notify/sent").await.is(200).never_says("Testfamily1");
    }

    async fn it_can_be_left_and_taken_up_again(service) {
        let browser = begin_notification(service).await;
        let mut form = browser.get(NAME).await.form_to(NAME);
        form.set("child_surname", "Testfamily1").press("Save and come back later");
        let page = browser.submit_on(&form).await.is(200).says("Your answers are saved");
        let code = page.texts(".cdr-code").remove(0);
        let leave = page.form_to("/notify/leave");
        browser.submit(&leave).await.is(303).moved_to("/notify");
        browser.get(NAME).await.is(303).moved_to("/notify");
        let mut form = browser.get("/notify/continue").await.form_to("/notify/continue");
        form.set("code", &code);
        browser.submit(&form).await.is(303).moved_to("/notify/tasks");
        assert_eq!(stands(&browser, NAME, "child_surname").await, "Testfamily1");
    }

    async fn answers_to_hidden_questions_are_not_sent(service) {
        let browser = begin_notification(service).await;
        let section = "/notify/section/certification";
        let section = browser.get("/notify/tasks").await.links().into_iter().find(|(_, to)| to.starts_with(section) || to.contains("certif")).unwrap().1;
        let sample = Sample::child(1).with("mccd_issued", "yes").with("cause_1a", "Sample cause");
        fill_notification(&browser, &sample).await;
        assert_eq!(stands(&browser, &section, "cause_1a").await, "Sample cause");
        fill_section(&browser, &section, &Sample::empty().with("mccd_issued", "no")).await;
        reference(&send_notification(&browser).await);
        browser.get("/notify/copy").await.is(200).never_says("Sample cause");
    }
}

/// What is complete is not opened again by its code.
async fn form_is_closed(browser: &Browser, code: &str) {
    let mut form = browser
        .get("/notify/continue")
        .await
        .form_to("/notify/continue");
    form.set("code", code);
    browser.submit(&form).await.is(422);
}
