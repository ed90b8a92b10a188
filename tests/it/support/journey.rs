//! The work as people do it, page by page: given, when and then for the tests of each subject.

use super::{Browser, Page, Sample, Service};

/// The sections of a task list, in order.
pub fn sections(tasks: &Page, under: &str) -> Vec<String> {
    let mut found: Vec<String> = tasks
        .links()
        .into_iter()
        .map(|(_, to)| to)
        .filter(|to| to.starts_with(under))
        .collect();
    found.dedup();
    found
}

/// Fills in one section, again if its answers open more questions; gives the page after it.
pub async fn fill_section(browser: &Browser, section: &str, sample: &Sample) -> Page {
    let mut page = browser.get(section).await.is(200);
    for _ in 0..4 {
        let mut form = page.form_to(section);
        sample.fill(&mut form);
        page = browser.submit_on(&form).await.is(200);
        if page.path != section {
            return page;
        }
    }
    page
}

/// A person begins a notification in a fresh browser.
pub async fn begin_notification(service: &Service) -> Browser {
    let browser = service.browser();
    let start = browser.get("/notify").await.is(200).form_with("Start now");
    browser
        .submit(&start)
        .await
        .is(303)
        .moved_to("/notify/tasks");
    browser
}

/// A person types everything into every section.
pub async fn fill_notification(browser: &Browser, sample: &Sample) {
    let tasks = browser.get("/notify/tasks").await.is(200);
    for section in sections(&tasks, "/notify/section/") {
        fill_section(browser, &section, sample).await;
    }
}

/// A person sends what was typed; gives the page that says so.
pub async fn send_notification(browser: &Browser) -> Page {
    let form = browser
        .get("/notify/check")
        .await
        .is(200)
        .form_with("Send notification");
    browser.submit_on(&form).await.is(200)
}

/// The reference on the page that says a notification was sent.
pub fn reference(sent: &Page) -> String {
    assert_eq!(sent.path, "/notify/sent", "{:?}", sent.errors());
    sent.texts(".govuk-panel__body strong").remove(0)
}

/// A whole notification, sent; gives the browser and the reference.
pub async fn notify_a_death(service: &Service, sample: &Sample) -> (Browser, String) {
    let browser = begin_notification(service).await;
    fill_notification(&browser, sample).await;
    let sent = send_notification(&browser).await;
    let reference = reference(&sent);
    (browser, reference)
}
