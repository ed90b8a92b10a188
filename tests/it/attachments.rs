//! Files that an agency puts with its answer, and the sweep of what no row names.

use cdr::domain::actor::Role;
use cdr::jobs::sweep::sweep;
use cdr::store::events;

use super::support::given::{self, opened_link};
use super::support::journey::{fill_form, send_answers};
use super::support::{Browser, Page, Sample, Service};
use crate::both_engines;

const GP: &str = "gp@cdr.example";
const WORD: &str = "Quixotically";

async fn attach(browser: &Browser, home: &str, name: &str, bytes: &str, title: &str) -> Page {
    let token = browser.token().await;
    attach_with(&token, browser, home, name, bytes, title).await
}

async fn attach_with(
    token: &str,
    browser: &Browser,
    home: &str,
    name: &str,
    bytes: &str,
    title: &str,
) -> Page {
    let fields = [("csrf", token), ("title", title)];
    let to = format!("{home}/files");
    browser
        .bare_upload(&to, &fields, (name, bytes.as_bytes()))
        .await
}

fn stored(service: &Service) -> Vec<String> {
    let folder = service.database.folder().join("documents");
    let files = std::fs::read_dir(folder).unwrap();
    files
        .map(|f| f.unwrap().file_name().into_string().unwrap())
        .collect()
}

fn count(service: &Service, what: &str) -> usize {
    service
        .read(|conn| Ok(events::latest(conn, what, 100)?))
        .len()
}

both_engines! {
    async fn a_file_is_the_agency_s_own_until_its_answer_is_sent(service) {
        let case = given::case(service, 1);
        let request = given::request(service, &case, "gp", &["reporting"]);
        let (browser, home) = opened_link(service, GP).await;
        let files = format!("{home}/files");
        browser.get(&home).await.is(200).says("Files with your answer");
        browser.get(&files).await.is(200).says("There are no files yet");
        let another = service.browser().token().await;
        attach_with(&another, &browser, &home, "a.txt", WORD, "Letters").await.is(403);
        attach(&browser, &home, "a.pdf", "no pdf at all", "Letters").await.is(422);
        attach(&browser, &home, "a.txt", WORD, " ").await.is(422).faults("Say what the document is", "#title");
        assert!(stored(service).is_empty(), "nothing of a refused file is kept");
        attach(&browser, &home, "a.txt", WORD, "Clinic letters").await.is(303).moved_to(&files);
        attach(&browser, &home, "b.txt", WORD, "The same").await.is(422).faults("You added this file already", "#file");
        attach(&browser, &home, "b.txt", "Other words", "A mistake").await.is(303);
        assert_eq!(stored(service).len(), 2);
        for name in stored(service) {
            let bytes = std::fs::read(service.database.folder().join("documents").join(name)).unwrap();
            assert!(!String::from_utf8_lossy(&bytes).contains(WORD), "it lies sealed");
        }
        // Taken off again: nothing is left of it.
        let page = browser.get(&files).await.is(200).says("Clinic letters").says("A mistake");
        let form = page.forms().into_iter().find(|f| f.has_button("Remove A mistake")).unwrap();
        browser.submit(&form).await.is(303).moved_to(&files);
        browser.get(&files).await.is(200).never_says("A mistake");
        browser.submit(&form).await.is(404);
        assert_eq!(stored(service).len(), 1);

        // The team sees nothing of it yet, another agency never.
        let coordinator = service.signed_in(Role::Coordinator).await;
        let at = format!("/cases/{}/documents", case.reference);
        coordinator.get(&at).await.is(200).never_says("Clinic letters");
        for path in ["/1", "/1/file", "/2"] {
            coordinator.get(&format!("{at}{path}")).await.is(404);
        }
        let asked = format!("/cases/{}/requests/{}", case.reference, request.id);
        coordinator.get(&asked).await.is(200).never_says("Clinic letters");
        given::request(service, &case, "police", &["reporting"]);
        let (other, theirs) = opened_link(service, "police@cdr.example").await;
        other.get(&format!("{theirs}/files")).await.is(200).never_says("Clinic letters");
        for (who, status) in [(&other, 404), (&service.browser(), 404)] {
            who.get(&files).await.is(status).never_says("Clinic letters");
            attach(who, &home, "c.txt", "Third", "Third").await.is(status);
        }
        // The same bytes from another agency tell it nothing of this one.
        attach(&other, &theirs, "a.txt", WORD, "Theirs").await.is(303);

        fill_form(&browser, &format!("{home}/forms/reporting"), &Sample::answer()).await;
        send_answers(&browser, &home).await.is(200).says("Your answers were sent");
        let page = coordinator.get(&asked).await.is(200).says("Files with the answer").never_says("Theirs");
        let (_, to) = page.links().into_iter().find(|(text, _)| text == "Clinic letters").unwrap();
        coordinator.get(&format!("{to}/file")).await.is(200).says(WORD);
        coordinator.get(&at).await.is(200).says("Clinic letters").never_says("Theirs");
        attach(&browser, &home, "d.txt", "Late", "Late").await.is(422);
        assert_eq!((count(service, "attachment_added"), count(service, "attachment_removed"), count(service, "document_added")), (3, 1, 1));
    }

    async fn what_no_row_names_is_set_aside_after_a_day(service) {
        let case = given::case(service, 1);
        given::request(service, &case, "gp", &["reporting"]);
        let (browser, home) = opened_link(service, GP).await;
        attach(&browser, &home, "a.txt", WORD, "Clinic letters").await.is(303);
        let named = stored(service);
        let left = service.database.folder().join("documents").join("0198-left-behind");
        std::fs::write(&left, b"x").unwrap();
        let now = std::fs::metadata(&left).unwrap().modified().unwrap().into();
        let (db, vault) = (service.app.db.clone(), service.app.vault.clone());
        // It is made for a thread of its own.
        let swept = std::thread::spawn(move || {
            let later = now + chrono::Duration::hours(25);
            (sweep(&db, &vault, now).unwrap(), sweep(&db, &vault, later).unwrap(), sweep(&db, &vault, later).unwrap())
        });
        assert_eq!(swept.join().unwrap(), (0, 1, 0), "it may be on its way in, and is not a day later");
        assert!(!left.exists());
        // Set aside, and whole: another database may name it.
        let aside = service.database.folder().join("documents").join("orphaned").join("0198-left-behind");
        assert_eq!(std::fs::read(&aside).unwrap(), b"x");
        std::fs::remove_dir_all(aside.parent().unwrap()).unwrap();
        assert_eq!(stored(service), named);
    }
}
