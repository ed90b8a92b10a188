//! The work as people do it, page by page: given, when and then for the tests of each subject.

use super::{Browser, Page, Sample, Service};

/// The sections of a task list, in order, each once.
pub fn sections(tasks: &Page, under: &str) -> Vec<String> {
    let mut found: Vec<String> = Vec::new();
    for (_, to) in tasks.links() {
        let path = to.split(['#', '?']).next().unwrap_or_default().to_owned();
        if path.starts_with(under) && !found.contains(&path) {
            found.push(path);
        }
    }
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

/// The coordinator opens a notification from the worklist and takes what the rules propose; gives the
/// reference of the case.
pub async fn accept(coordinator: &Browser, notification: &str) -> String {
    let page = open_notification(coordinator, notification).await;
    let mut form = page.form_with("Save the decision");
    form.set("decision", "in_scope_resident");
    let to = coordinator.submit(&form).await.is(303).location().unwrap();
    to.trim_start_matches("/cases/")
        .trim_end_matches("/requests")
        .to_owned()
}

/// The page of a notification, found in the worklist by its reference.
pub async fn open_notification(coordinator: &Browser, notification: &str) -> Page {
    let list = coordinator
        .get("/cases?view=new")
        .await
        .is(200)
        .says(notification);
    let mut found = list
        .links()
        .into_iter()
        .filter(|(_, to)| to.starts_with("/cases/notifications/"));
    loop {
        let (_, to) = found
            .next()
            .unwrap_or_else(|| panic!("the worklist does not list {notification}"));
        let page = coordinator.get(&to).await.is(200);
        if page.words().contains(notification) {
            return page;
        }
    }
}

/// The agency fills in every step of a form.
pub async fn fill_form(browser: &Browser, tasks: &str, sample: &Sample) {
    let list = browser.get(tasks).await.is(200);
    for section in sections(&list, &format!("{tasks}/")) {
        fill_section(browser, &section, sample).await;
    }
}

/// The agency sends what it filled in; gives the page that follows.
pub async fn send_answers(browser: &Browser, home: &str) -> Page {
    let form = browser
        .get(&format!("{home}/check"))
        .await
        .is(200)
        .form_with("Send your answers");
    browser.submit_on(&form).await
}

/// The panel's analysis, section by section.
pub async fn analyse(coordinator: &Browser, case: &str, sample: &Sample) {
    let tasks = format!("/cases/{case}/analysis");
    // Some sections open by what was answered in an earlier one.
    for _ in 0..2 {
        let list = coordinator.get(&tasks).await.is(200);
        for section in sections(&list, &format!("{tasks}/")) {
            fill_section(coordinator, &section, sample).await;
        }
    }
}

/// What the page of finalising says is missing.
pub fn missing(page: &Page) -> Vec<String> {
    page.texts("main ul.govuk-list--bullet li")
}

/// From the notification of child number `n` to the answer of the agency, accepted; gives the case.
pub async fn a_gathered_case(service: &Service, coordinator: &Browser, n: u32) -> String {
    let (_, notification) = notify_a_death(service, &Sample::expected(n)).await;
    let case = accept(coordinator, &notification).await;
    let requests = format!("/cases/{case}/requests");
    let form = coordinator.get(&requests).await.is(200).form_to(&requests);
    coordinator.submit(&form).await.is(303);
    let (agency, home) = super::given::opened_link(service, &format!("gp{n}@cdr.example")).await;
    fill_form(
        &agency,
        &format!("{home}/forms/reporting"),
        &Sample::answer(),
    )
    .await;
    send_answers(&agency, &home)
        .await
        .is(200)
        .says("Your answers were sent");
    let list = coordinator.get(&requests).await.is(200);
    let to = list
        .links()
        .into_iter()
        .find(|(_, to)| to.starts_with(&format!("{requests}/")))
        .unwrap()
        .1;
    let accept = coordinator.get(&to).await.is(200).form_with("Accept");
    coordinator.submit(&accept).await.is(303);
    case
}

/// From the notification to a finalised case, all by hand; gives the coordinator's browser and the case.
pub async fn a_finalised_case(service: &Service) -> (Browser, String) {
    let coordinator = service
        .signed_in(cdr::domain::actor::Role::Coordinator)
        .await;
    let case = a_gathered_case(service, &coordinator, 1).await;
    analyse(&coordinator, &case, &Sample::analysis()).await;
    finalise(&coordinator, &case).await;
    (coordinator, case)
}

/// The coordinator finalises a case of which nothing is missing.
pub async fn finalise(coordinator: &Browser, case: &str) {
    let page = coordinator
        .get(&format!("/cases/{case}/finalise"))
        .await
        .is(200);
    let stands = missing(&page);
    let form = page.form_with("Finalise the case");
    let done = coordinator.submit(&form).await;
    assert_eq!(
        done.status,
        303,
        "still missing: {stands:#?} {:?}",
        done.errors()
    );
}
