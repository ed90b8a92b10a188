//! What an agency may do with a request besides answering it: hand it on, say the child is not known, ask for time.

use cdr::domain::actor::Role;
use cdr::store::{events, responses};
use chrono::Days;

use super::support::given::{self, opened_link};
use super::support::journey::{fill_form, sections, send_answers};
use super::support::{Browser, Sample, Service};
use crate::both_engines;

const GP: &str = "gp@cdr.example";
const COLLEAGUE: &str = "second@cdr.example";

fn count(service: &Service, what: &str) -> usize {
    service
        .read(|conn| Ok(events::latest(conn, what, 100)?))
        .len()
}

/// Which stages of care a request says, as its form is kept.
fn stages(service: &Service, request: &str) -> Vec<String> {
    let rows = service.read(|conn| Ok(responses::of_request(conn, request)?));
    let answers: serde_json::Value = serde_json::from_str(&rows[0].answers).unwrap();
    let all = answers["stages_used"].as_array();
    all.map(|all| all.iter().map(|s| s.as_str().unwrap().to_owned()).collect())
        .unwrap_or_default()
}

/// The parts of a request, by id.
fn parts_of(service: &Service, case: &cdr::store::cases::Case, request: &str) -> Vec<String> {
    let rows = service.read(|conn| Ok(cdr::store::requests::of_case(conn, &case.id)?));
    let parts = rows
        .into_iter()
        .filter(|r| r.part_of.as_deref() == Some(request));
    parts.map(|r| r.id).collect()
}

/// What the form of the care pathway needs.
fn of_care() -> Sample {
    Sample::answer()
        .with("completed_on", "1 4 2026")
        .with("hospital_death", "yes")
}

/// Ticks these stages of care and no others.
async fn tick(browser: &Browser, home: &str, only: &str) {
    let at = format!("{home}/forms/care_pathway/stages");
    let page = browser.get(&at).await.is(200);
    let form = page.form_to(&at);
    let mut pairs: Vec<(String, String)> = form.pairs();
    pairs.retain(|(name, _)| name != "stages_used");
    for stage in only.split('|') {
        pairs.push(("stages_used".to_owned(), stage.to_owned()));
    }
    let pairs: Vec<(&str, &str)> = pairs
        .iter()
        .map(|(name, value)| (name.as_str(), value.as_str()))
        .collect();
    browser.post(&at, &pairs).await.is(303);
}

both_engines! {
    async fn a_request_is_handed_on_with_what_was_saved_and_the_first_link_dies(service) {
        let case = given::case(service, 1);
        let request = given::request(service, &case, "gp", &["reporting"]);
        let link = service.link_to(GP);
        let (browser, home) = opened_link(service, GP).await;
        fill_form(&browser, &format!("{home}/forms/reporting"), &Sample::answer()).await;
        let page = browser.get(&format!("{home}/hand-on")).await.is(200);
        let form = page.form_with("Hand it on");
        browser.submit(&form).await.is(422).faults("Enter the name", "#name").faults("Enter an email address", "#email");
        let mut form = form;
        form.set("name", "Sample Colleague");
        for (email, words) in [
            ("nobody", "Enter an email address"),
            (GP, "with this address already"),
            ("someone@elsewhere.example", "not an address of your own organisation"),
            ("someone@evilnhs.net", "not an address of your own organisation"),
        ] {
            form.set("email", email);
            let page = browser.submit(&form).await.is(422).faults(words, "#email");
            assert_eq!(page.form_with("Hand it on").value("name"), "Sample Colleague");
        }
        assert_eq!(given::request_now(service, &request.id).email, GP);
        form.set("email", COLLEAGUE);
        browser.submit(&form).await.is(200).says("The request was handed on");
        // The first browser and the first link are done with.
        browser.get(&home).await.is(404);
        browser.submit(&form).await.is(404);
        service.browser().get(&link).await.is(404).says("This link does not work");
        let (theirs, home) = opened_link(service, COLLEAGUE).await;
        theirs.get(&format!("{home}/check")).await.is(200).says("What the practice knew; synthetic.");
        let told = service.mail_to(GP);
        assert!(told.body.contains("handed on") && !told.body.contains("/requests/"));
        assert_eq!(count(service, "request_handed_on"), 1);
        // An address of a public service is taken too.
        let mut form = theirs.get(&format!("{home}/hand-on")).await.is(200).form_with("Hand it on");
        form.set("name", "Sample Third").set("email", "sample.third@trust.nhs.uk");
        theirs.submit(&form).await.is(200);
        assert_eq!(given::request_now(service, &request.id).recipient, "Sample Third");
    }

    async fn not_known_to_us_counts_as_an_answer(service) {
        let case = given::case(service, 1);
        let request = given::request(service, &case, "gp", &["reporting", "asthma_anaphylaxis"]);
        let (browser, home) = opened_link(service, GP).await;
        let mut form = browser.get(&format!("{home}/not-known")).await.is(200).form_with("Send: the child is not known");
        assert_eq!(form.value("name"), "Sample gp");
        form.set("name", " ");
        browser.submit(&form).await.is(422).faults("Enter the name of the person who looked", "#name");
        form.set("name", "Sample Searcher");
        browser.submit(&form).await.is(303).moved_to(&format!("{home}/sent"));
        browser.get(&format!("{home}/sent")).await.is(200);
        let now = given::request_now(service, &request.id);
        assert_eq!((now.state.as_str(), now.nil_return), ("answered", true));
        // Pressing again changes nothing.
        browser.submit(&form).await.is(422);
        let states = service.read(|conn| Ok(responses::of_request(conn, &request.id)?));
        let state = |form: &str| states.iter().find(|r| r.form == form).map(|r| r.state.clone()).unwrap();
        assert_eq!((state("reporting").as_str(), state("asthma_anaphylaxis").as_str()), ("sent", "waived"));
        assert_eq!(count(service, "response_nil"), 1);
        let coordinator = service.signed_in(Role::Coordinator).await;
        let file = format!("/cases/{}/requests/{}", case.reference, request.id);
        let page = coordinator.get(&file).await.is(200).says("did not know the child").says("Sample Searcher");
        coordinator.submit(&page.form_with("Accept")).await.is(303);
    }

    async fn not_known_is_an_answer_also_where_no_form_asks_it_and_can_be_doubted(service) {
        let case = given::case(service, 1);
        let request = given::request(service, &case, "gp", &["asthma_anaphylaxis"]);
        let (browser, home) = opened_link(service, GP).await;
        let mut form = browser.get(&format!("{home}/not-known")).await.is(200).form_with("Send: the child is not known");
        form.set("name", "Sample Searcher");
        browser.submit(&form).await.is(303);
        let now = given::request_now(service, &request.id);
        assert_eq!((now.state.as_str(), now.nil_return), ("answered", true));
        assert_eq!(count(service, "response_nil"), 1);
        let ctx = service.context(Service::coordinator());
        let clock = || {
            let all = service.read(|conn| cdr::casework::clocks::list(conn, &ctx, &case));
            all.into_iter().find(|c| c.about == request.id).unwrap().stands
        };
        assert_eq!(clock(), cdr::domain::clock::Outcome::Met, "nobody is reminded of it");
        // The team knows better: every form comes back, not only the one that asks it.
        let coordinator = service.signed_in(Role::Coordinator).await;
        let file = format!("/cases/{}/requests/{}", case.reference, request.id);
        let mut back = coordinator.get(&file).await.is(200).form_with("Send back");
        back.set("reason", "The child was registered with you; synthetic.");
        coordinator.submit(&back).await.is(303);
        let now = given::request_now(service, &request.id);
        assert_eq!((now.state.as_str(), now.nil_return), ("sent_back", false));
        assert_eq!(clock(), cdr::domain::clock::Outcome::Running);
        let (browser, home) = opened_link(service, GP).await;
        browser.get(&home).await.is(200).says("Asthma");
    }

    async fn the_review_goes_on_without_an_answer_and_its_clock_is_excused(service) {
        let case = given::case(service, 1);
        let request = given::request(service, &case, "gp", &["reporting"]);
        let link = service.link_to(GP);
        let coordinator = service.signed_in(Role::Coordinator).await;
        let file = format!("/cases/{}/requests/{}", case.reference, request.id);
        let mut form = coordinator.get(&file).await.is(200).form_with("Go on without it");
        coordinator.submit(&form).await.is(422).faults("Say why the review goes on without the answer", "#reason-waive");
        form.set("reason", "The practice has closed; synthetic.");
        coordinator.submit(&form).await.is(303);
        assert_eq!(given::request_now(service, &request.id).state, "waived");
        service.browser().get(&link).await.is(404);
        let ctx = service.context(Service::coordinator());
        let clocks = service.read(|conn| cdr::casework::clocks::list(conn, &ctx, &case));
        let clock = clocks.iter().find(|c| c.about == request.id).unwrap();
        assert_eq!(clock.stands, cdr::domain::clock::Outcome::Excused);
        assert_eq!(clock.excuse.as_deref(), Some("The practice has closed; synthetic."));
        coordinator.get(&file).await.is(200).says("Not needed").never_says("Go on without it");
        coordinator.post(&file, &[("action", "waive"), ("reason", "Again")]).await.is(422).says("closed already");
        service.signed_in(Role::DesignatedDoctor).await.post(&file, &[("action", "waive"), ("reason", "No")]).await.is(403);
    }

    async fn an_answer_that_came_meanwhile_is_read_first(service) {
        let case = given::case(service, 1);
        let request = given::request(service, &case, "gp", &["reporting"]);
        let coordinator = service.signed_in(Role::Coordinator).await;
        let file = format!("/cases/{}/requests/{}", case.reference, request.id);
        let mut form = coordinator.get(&file).await.is(200).form_with("Go on without it");
        form.set("reason", "A synthetic reason.");
        let (browser, home) = opened_link(service, GP).await;
        fill_form(&browser, &format!("{home}/forms/reporting"), &Sample::answer()).await;
        send_answers(&browser, &home).await.is(200);
        coordinator.submit(&form).await.is(422).says("An answer has come. Read it first");
        assert_eq!(given::request_now(service, &request.id).state, "answered");
    }

    async fn a_request_at_a_wrong_address_is_sent_to_another_with_what_was_saved(service) {
        let case = given::case(service, 1);
        let request = given::request(service, &case, "gp", &["reporting"]);
        let (browser, home) = opened_link(service, GP).await;
        fill_form(&browser, &format!("{home}/forms/reporting"), &Sample::answer()).await;
        let mut form = browser.get(&format!("{home}/hand-on")).await.is(200).form_with("Hand it on");
        form.set("name", "Sample Wrong").set("email", "wrong@cdr.example");
        browser.submit(&form).await.is(200);
        let coordinator = service.signed_in(Role::Coordinator).await;
        let file = format!("/cases/{}/requests/{}", case.reference, request.id);
        let mut form = coordinator.get(&file).await.is(200).form_with("Send to this address");
        form.set("name", "Sample Right").set("email", "nobody");
        let page = coordinator.submit(&form).await.is(422).faults("Enter an email address", "#redirect-email");
        assert_eq!(page.form_with("Send to this address").value("name"), "Sample Right");
        // Also outside the organisation: the team knows its addresses.
        form.set("email", "right@elsewhere.example");
        coordinator.submit(&form).await.is(303);
        assert!(service.mail_to("wrong@cdr.example").body.contains("with another one now"));
        let (theirs, home) = opened_link(service, "right@elsewhere.example").await;
        theirs.get(&format!("{home}/check")).await.is(200).says("What the practice knew; synthetic.");
        assert_eq!(count(service, "request_redirected"), 1);
        service.signed_in(Role::DesignatedDoctor).await
            .post(&file, &[("action", "redirect"), ("name", "A"), ("email", "a@cdr.example")]).await.is(403);
    }

    async fn whoever_takes_a_request_over_answers_under_their_own_name(service) {
        let case = given::case(service, 1);
        let request = given::request(service, &case, "gp", &["reporting"]);
        let (browser, home) = opened_link(service, GP).await;
        let mut form = browser.get(&format!("{home}/hand-on")).await.is(200).form_with("Hand it on");
        form.set("name", "Sample Colleague").set("email", COLLEAGUE);
        browser.submit(&form).await.is(200);
        let rows = service.read(|conn| Ok(responses::of_request(conn, &request.id)?));
        assert!(rows[0].answers.contains("Sample Colleague") && rows[0].answers.contains(COLLEAGUE));
        assert!(!rows[0].answers.contains("Sample gp") && !rows[0].answers.contains(GP), "{}", rows[0].answers);
    }

    async fn whoever_answered_may_be_asked_for_another_form(service) {
        let case = given::case(service, 1);
        let request = given::request(service, &case, "gp", &["reporting"]);
        let (browser, home) = opened_link(service, GP).await;
        fill_form(&browser, &format!("{home}/forms/reporting"), &Sample::answer()).await;
        send_answers(&browser, &home).await.is(200);
        let (of, id) = (case.reference.clone(), request.id.clone());
        service.write(Service::coordinator(), move |tx, ctx| cdr::casework::gather::accept(tx, ctx, &of, &id)).unwrap();
        let ask = |forms: &[&str]| {
            let new = cdr::casework::gather::NewRequest {
                agency: "gp".into(),
                recipient: "Sample gp".into(),
                email: GP.into(),
                forms: forms.iter().map(|form| (*form).to_owned()).collect(),
                ..cdr::casework::gather::NewRequest::default()
            };
            let of = case.reference.clone();
            service.write(Service::coordinator(), move |tx, ctx| cdr::casework::gather::send_requests(tx, ctx, &of, &[new]))
        };
        let refused = format!("{:?}", ask(&["reporting"]).unwrap_err());
        assert!(refused.contains("has already answered"), "{refused}");
        ask(&["asthma_anaphylaxis"]).unwrap();
        let refused = format!("{:?}", ask(&["epilepsy"]).unwrap_err());
        assert!(refused.contains("has already been asked"), "{refused}");
    }

    async fn more_time_is_asked_for_and_decided_and_the_agreed_date_is_what_both_see(service) {
        let case = given::case(service, 1);
        let request = given::request(service, &case, "gp", &["reporting"]);
        let (browser, home) = opened_link(service, GP).await;
        let time = format!("{home}/time");
        let form = browser.get(&time).await.is(200).form_with("Ask for more time");
        browser.submit(&form).await.is(422).faults("Enter the day", "#until").faults("Say why", "#reason");
        let ask = |days: u64| {
            let day = request.agreed_date + Days::new(days);
            let mut form = form.clone();
            form.set("until-day", &day.format("%-d").to_string());
            form.set("until-month", &day.format("%-m").to_string());
            form.set("until-year", &day.format("%Y").to_string());
            form.set("reason", "The records are in another building");
            form
        };
        browser.submit(&ask(0)).await.is(422).faults("must be after the date agreed", "#until");
        let page = browser.submit(&ask(400)).await.is(422).faults("within six months", "#until");
        assert_eq!(page.form_with("Ask for more time").value("reason"), "The records are in another building");
        let mut nonsense = ask(10);
        nonsense.set("until-month", "31");
        browser.submit(&nonsense).await.is(422).faults("the month must be a number from 1 to 12", "#until");
        browser.submit(&ask(5)).await.is(303).moved_to(&home);
        // A second question takes the place of the first.
        browser.submit(&ask(10)).await.is(303);
        browser.get(&home).await.is(200).says("You asked for more time");
        assert_eq!(given::request_now(service, &request.id).agreed_date, request.agreed_date);

        let coordinator = service.signed_in(Role::Coordinator).await;
        let doctor = service.signed_in(Role::DesignatedDoctor).await;
        let file = format!("/cases/{}/requests/{}", case.reference, request.id);
        doctor.post(&file, &[("action", "agree_time")]).await.is(403);
        let page = coordinator.get(&file).await.is(200).says("Overtaken").says("The records are in another building");
        coordinator.submit(&page.form_with("Do not agree")).await.is(422).faults("Say why there cannot be more time", "#reason-refuse_time");
        let mut refuse = page.form_with("Do not agree");
        refuse.set("reason", "The panel meets before then");
        coordinator.submit(&refuse).await.is(303);
        browser.get(&home).await.is(200).says("The date agreed stays").says("The panel meets before then");
        assert!(!service.mail_to(GP).body.contains("The panel meets"));
        coordinator.post(&file, &[("action", "agree_time")]).await.is(422).says("Nobody waits for more time");

        browser.submit(&ask(10)).await.is(303);
        let page = coordinator.get(&file).await.is(200);
        coordinator.submit(&page.form_with("Agree to it")).await.is(303);
        let later = request.agreed_date + Days::new(10);
        assert_eq!(given::request_now(service, &request.id).agreed_date, later);
        let said = later.format("%-d %B %Y").to_string();
        browser.get(&home).await.is(200).says(&said);
        coordinator.get(&file).await.is(200).says(&said).says("Agreed");
        assert!(service.mail_to(GP).body.contains(&said));
        for (what, times) in [("time_asked", 3), ("time_refused", 1), ("request_extended", 1)] {
            assert_eq!(count(service, what), times, "{what}");
        }
    }

    async fn more_time_for_the_whole_is_more_time_for_its_open_parts(service) {
        let case = given::case(service, 1);
        let request = given::request(service, &case, "gp", &["reporting"]);
        let (browser, home) = opened_link(service, GP).await;
        let path = format!("{home}/parts");
        for (email, page) in [("open@cdr.example", "reporting/birth"), ("done@cdr.example", "reporting/narrative")] {
            let mut form = browser.get(&path).await.is(200).form_to(&path);
            form.set("name", "Sample Colleague").set("email", email).set("page", page);
            browser.submit(&form).await.is(303);
        }
        let (done, theirs) = opened_link(service, "done@cdr.example").await;
        fill_form(&done, &format!("{theirs}/forms/reporting"), &Sample::answer()).await;
        send_answers(&done, &theirs).await.is(200);
        let day = request.agreed_date + Days::new(10);
        browser.post(&format!("{home}/time"), &[("until", &day.to_string()), ("reason", "Sample reason")]).await.is(303);
        let coordinator = service.signed_in(Role::Coordinator).await;
        let file = format!("/cases/{}/requests/{}", case.reference, request.id);
        coordinator.post(&file, &[("action", "agree_time")]).await.is(303);
        let rows = service.read(|conn| Ok(cdr::store::requests::of_case(conn, &case.id)?));
        let of = |email: &str| rows.iter().find(|row| row.email == email).unwrap();
        assert_eq!((of(GP).agreed_date, of("open@cdr.example").agreed_date), (day, day));
        assert_eq!(of("done@cdr.example").agreed_date, request.agreed_date, "what was answered stays");
        let said = day.format("%-d %B %Y").to_string();
        assert!(service.mail_to("open@cdr.example").body.contains(&said));
        assert!(!service.mail_to("done@cdr.example").body.contains(&said));
        assert_eq!(count(service, "request_extended"), 2);
        let ctx = service.context(Service::coordinator());
        let clocks = service.read(|conn| cdr::casework::clocks::list(conn, &ctx, &case));
        let clock = clocks.iter().find(|c| c.definition.id == "C21" && c.about == of("open@cdr.example").id).unwrap();
        assert_eq!(cdr::domain::calendar::london(clock.due_at.unwrap().and_utc()).date(), day);
        assert_eq!(clock.earlier.len(), 1);
    }

    async fn nothing_of_it_can_be_done_without_the_claim_or_after_the_end(service) {
        let case = given::case(service, 1);
        let request = given::request(service, &case, "gp", &["reporting"]);
        let (browser, home) = opened_link(service, GP).await;
        let stranger = service.browser();
        for page in ["hand-on", "not-known", "time"] {
            let path = format!("{home}/{page}");
            stranger.get(&path).await.is(404);
            stranger.post(&path, &[("name", "Sample Name"), ("email", COLLEAGUE)]).await.is(404);
        }
        browser.post(&format!("{home}/time"), &[("until", "2026-06-01"), ("reason", "Sample reason")]).await.is(303);
        let coordinator = service.signed_in(Role::Coordinator).await;
        let file = format!("/cases/{}/requests/{}", case.reference, request.id);
        let mut form = coordinator.get(&file).await.is(200).form_with("Withdraw");
        form.set("reason", "Asked twice");
        coordinator.submit(&form).await.is(303);
        coordinator.post(&file, &[("action", "agree_time")]).await.is(422);
        // A reply after the withdrawal changes nothing.
        for page in ["hand-on", "not-known", "time"] {
            browser.post(&format!("{home}/{page}"), &[("name", "Sample Name"), ("email", COLLEAGUE)]).await.is(404);
        }
        assert_eq!(given::request_now(service, &request.id).state, "withdrawn");
    }

    async fn parts_of_a_form_go_to_a_colleague_and_come_together_in_the_record(service) {
        let case = given::case(service, 1);
        let request = given::request(service, &case, "gp", &["reporting"]);
        let (browser, home) = given::opened_link(service, "gp@cdr.example").await;
        let tasks = format!("{home}/forms/reporting");
        fill_form(&browser, &tasks, &Sample::answer()).await;
        let birth = format!("{tasks}/birth");
        let mut form = browser.get(&birth).await.is(200).form_to(&birth);
        form.set("birth_weight_g", "3200");
        browser.submit(&form).await.is(303);

        let path = format!("{home}/parts");
        let mut form = browser.get(&path).await.is(200).says("Send parts to a colleague").form_to(&path);
        browser.submit(&form).await.is(422).faults("Choose at least one part", "#page").faults("Enter the name of the colleague or team", "#name");
        form.set("name", "Sample Midwife").set("email", "somebody@elsewhere.example").set("page", "reporting/birth");
        let page = browser.submit(&form).await.is(422);
        assert_eq!(page.form_to(&path).value("name"), "Sample Midwife");
        form.set("email", "midwife@cdr.example");
        browser.submit(&form).await.is(303);
        browser.get(&birth).await.is(404);
        browser.get(&tasks).await.is(200).never_says("/birth\"");

        let (colleague, theirs) = given::opened_link(service, "midwife@cdr.example").await;
        assert!(!service.mail_to("midwife@cdr.example").body.contains("replaces the one"));
        let all = sections(&colleague.get(&format!("{theirs}/forms/reporting")).await.is(200), &format!("{theirs}/forms/reporting/"));
        assert_eq!(all, [format!("{theirs}/forms/reporting/birth")], "this part and nothing else");
        colleague.get(&format!("{theirs}/forms/reporting/narrative")).await.is(404);
        let mut form = colleague.get(&all[0]).await.is(200).form_to(&all[0]);
        assert_eq!(form.value("birth_weight_g"), "3200", "what was saved goes along");
        form.set("birth_weight_g", "3300");
        colleague.submit(&form).await.is(303);
        // “Not known to our service” would take away what the others answered.
        for (who, at) in [(&colleague, &theirs), (&browser, &home)] {
            who.post(&format!("{at}/not-known"), &[("name", "Sample Midwife")]).await.is(422).says("Answer your parts");
        }
        send_answers(&colleague, &theirs).await.is(200).says("Your answers were sent");
        send_answers(&browser, &home).await.is(200).says("Your answers were sent");

        let coordinator = service.signed_in(Role::Coordinator).await;
        let rows = service.read(|conn| Ok(cdr::store::requests::of_case(conn, &case.id)?));
        let part = rows.iter().find(|row| row.id != request.id).unwrap();
        assert_eq!(part.part_of.as_deref(), Some(request.id.as_str()));
        coordinator.get(&format!("/cases/{}/requests/{}", case.reference, part.id)).await.is(200).says("Only these parts: Birth");
        for row in &rows {
            let (reference, id) = (case.reference.clone(), row.id.clone());
            service.write(Service::coordinator(), move |tx, ctx| cdr::casework::gather::accept(tx, ctx, &reference, &id)).unwrap();
        }
        let ctx = service.context(Service::coordinator());
        let known = service.read(|conn| cdr::casework::picture::Picture::load(conn, &ctx, &case.id));
        let record = known.answers("reporting").unwrap();
        assert_eq!(record.get("birth_weight_g"), Some(&cdr::domain::form::Answer::Decimal(3300.0)));
        assert!(record.0.len() > 3, "the rest came from the other");
        assert!(known.unsettled().is_empty(), "{:?}", known.unsettled());
    }

    async fn parts_come_back_with_what_was_typed(service) {
        let case = given::case(service, 1);
        let request = given::request(service, &case, "gp", &["reporting"]);
        let (browser, home) = given::opened_link(service, "gp@cdr.example").await;
        let (path, tasks) = (format!("{home}/parts"), format!("{home}/forms/reporting"));
        let send = async |email: &str| {
            let mut form = browser.get(&path).await.is(200).form_to(&path);
            form.set("name", "Sample Midwife").set("email", email).set("page", "reporting/birth");
            browser.submit(&form).await.is(303);
            given::opened_link(service, email).await
        };
        let (colleague, theirs) = send("midwife@cdr.example").await;
        let at = format!("{theirs}/forms/reporting/birth");
        let mut form = colleague.get(&at).await.is(200).form_to(&at);
        form.set("birth_weight_g", "3300");
        colleague.submit(&form).await.is(303);
        colleague.post(&format!("{at}/typing"), &[("typed", "yes"), ("birth_weight_g", "3456")]).await;
        colleague.get(&theirs).await.is(200).says("Give these parts back");
        browser.get(&home).await.is(200).says("Parts that are with colleagues").says("Being answered").never_says("not known to our service");
        let other = format!("{home}/give-back");
        browser.get(&other).await.is(404);
        browser.post(&other, &[]).await.is(404);
        let give = format!("{theirs}/give-back");
        let form = colleague.get(&give).await.is(200).form_to(&give);
        colleague.submit(&form).await.is(200).says("The parts were given back");
        colleague.get(&theirs).await.is(404);
        assert!(service.mail_to("gp@cdr.example").subject.contains("came back"));
        let birth = format!("{tasks}/birth");
        let page = browser.get(&birth).await.is(200);
        assert_eq!(page.form_to(&birth).value("birth_weight_g"), "3456", "what was being typed came back too");
        browser.submit(&page.form_to(&birth)).await.is(303);
        browser.get(&home).await.is(200).says("Came back to you").says("not known to our service");

        // Sent to somebody else, and taken back.
        let (second, theirs) = send("second@cdr.example").await;
        let rows = service.read(|conn| Ok(cdr::store::requests::of_case(conn, &case.id)?));
        let part = rows.iter().find(|r| r.email == "second@cdr.example").unwrap().id.clone();
        let coordinator = service.signed_in(Role::Coordinator).await;
        coordinator.get(&format!("/cases/{}/requests/{}", case.reference, request.id)).await.is(200).says("The request and its parts").says("Sample Midwife");
        let first = rows.iter().find(|r| r.email == "midwife@cdr.example").unwrap().id.clone();
        browser.post(&format!("{home}/parts/{first}/recall"), &[]).await.is(422).says("came back already");
        browser.post(&format!("{home}/parts/{}/recall", request.id), &[]).await.is(404);
        second.post(&format!("{theirs}/parts/{part}/recall"), &[]).await.is(404);
        let form = browser.get(&home).await.is(200).form_with("Take these parts back");
        browser.submit(&form).await.is(303);
        second.get(&theirs).await.is(404);
        assert_eq!(browser.get(&birth).await.is(200).form_to(&birth).value("birth_weight_g"), "3456");
        fill_form(&browser, &tasks, &Sample::answer()).await;
        send_answers(&browser, &home).await.is(200);
        let row = service.read(|conn| Ok(cdr::store::responses::of_request(conn, &request.id)?)).remove(0);
        assert_eq!((row.state.as_str(), row.pages), ("sent", None), "whole again");
        // Parts that were answered, or whose rest was sent, stay where they are.
        assert!(service.read(|conn| Ok(cdr::store::responses::of_request(conn, &part)?)).iter().all(|r| r.answers == "{}"));
    }

    async fn parts_end_with_their_request_and_a_page_that_opens_others_stays(service) {
        let case = given::case(service, 1);
        let request = given::request(service, &case, "gp", &["reporting", "care_pathway"]);
        let (browser, home) = given::opened_link(service, "gp@cdr.example").await;
        let path = format!("{home}/parts");
        let page = browser.get(&path).await.is(200);
        let mut form = page.form_to(&path);
        let offered = form.offers("page");
        assert!(offered.iter().any(|p| p == "care_pathway/emergency"), "{offered:?}");
        assert!(offered.iter().all(|p| p != "care_pathway/stages"), "its answers open the others: {offered:?}");
        form.set("name", "Sample Nurse").set("email", "nurse@cdr.example").set("page", "reporting/birth");
        browser.submit(&form).await.is(303);
        let (colleague, theirs) = given::opened_link(service, "nurse@cdr.example").await;
        // A part that was sent back is as live as any other.
        fill_form(&colleague, &format!("{theirs}/forms/reporting"), &Sample::answer()).await;
        send_answers(&colleague, &theirs).await.is(200);
        let part = service.read(|conn| Ok(cdr::store::requests::of_case(conn, &case.id)?)).into_iter().find(|row| row.id != request.id).unwrap().id;
        let reference = case.reference.clone();
        service.write(Service::coordinator(), move |tx, ctx| {
            cdr::casework::gather::send_back(tx, ctx, &reference, &part, &"Look again.".into())
        }).unwrap();
        let (colleague, theirs) = given::opened_link(service, "nurse@cdr.example").await;
        colleague.get(&theirs).await.is(200);
        let (reference, id) = (case.reference.clone(), request.id.clone());
        service.write(Service::coordinator(), move |tx, ctx| {
            cdr::casework::gather::withdraw(tx, ctx, &reference, &id, "Sent to the wrong service.")
        }).unwrap();
        colleague.get(&theirs).await.is(404);
        browser.get(&home).await.is(404);
        let rows = service.read(|conn| Ok(cdr::store::requests::of_case(conn, &case.id)?));
        assert!(rows.iter().all(|row| row.state == "withdrawn"), "{:?}", rows.iter().map(|r| &r.state).collect::<Vec<_>>());
    }

    async fn sending_a_page_ticks_what_opens_it_and_what_changes_there_reaches_the_colleague(service) {
        let case = given::case(service, 1);
        let request = given::request(service, &case, "gp", &["care_pathway"]);
        let (browser, home) = given::opened_link(service, "gp@cdr.example").await;
        let path = format!("{home}/parts");
        let page = browser.get(&path).await.is(200).says("Sending it ticks “Inpatient ward” under “Stages that apply” on your form.");
        let mut form = page.form_to(&path);
        form.set("name", "Sample Nurse").set("email", "nurse@cdr.example").set("page", "care_pathway/ward|care_pathway/end_of_life");
        browser.submit(&form).await.is(303);
        let ours = || stages(service, &request.id);
        assert_eq!(ours(), ["ward", "end_of_life"]);
        let (colleague, theirs) = given::opened_link(service, "nurse@cdr.example").await;
        let part = parts_of(service, &case, &request.id).remove(0);
        let under = format!("{theirs}/forms/care_pathway");
        let asked = async || sections(&colleague.get(&under).await.is(200), &format!("{under}/"));
        let (ward, last) = (format!("{under}/ward"), format!("{under}/end_of_life"));
        assert_eq!(asked().await, [ward.clone(), last.clone()]);
        let mut form = colleague.get(&ward).await.is(200).form_to(&ward);
        form.set("ward_parent_concern", "yes");
        colleague.submit(&form).await.is(303);
        // Whoever sent it takes a stage out again.
        tick(&browser, &home, "ward").await;
        assert_eq!(stages(service, &part), ["ward"]);
        assert_eq!(asked().await, std::slice::from_ref(&ward));
        // What is not asked when the rest is sent goes back, and is asked once it is opened after all.
        send_answers(&colleague, &theirs).await.is(200).says("Your answers were sent");
        assert!(service.mail_to("gp@cdr.example").subject.contains("came back"));
        tick(&browser, &home, "ward|end_of_life|theatre").await;
        let tasks = format!("{home}/forms/care_pathway");
        let left = sections(&browser.get(&tasks).await.is(200), &format!("{tasks}/"));
        assert!(left.iter().any(|s| s.ends_with("/end_of_life")) && left.iter().all(|s| !s.ends_with("/ward")), "{left:?}");
        fill_form(&browser, &tasks, &of_care()).await;
        send_answers(&browser, &home).await.is(200).says("Your answers were sent");
        for id in [part, request.id.clone()] {
            let reference = case.reference.clone();
            service.write(Service::coordinator(), move |tx, ctx| cdr::casework::gather::accept(tx, ctx, &reference, &id)).unwrap();
        }
        let ctx = service.context(Service::coordinator());
        let known = service.read(|conn| cdr::casework::picture::Picture::load(conn, &ctx, &case.id));
        let record = known.answers("care_pathway").unwrap();
        assert_eq!(record.choice("ward_parent_concern"), Some("yes"));
        assert_eq!(record.choices("stages_used"), ["ward", "theatre", "end_of_life"]);
        assert!(known.unsettled().is_empty(), "the colleague's copy is nobody's word: {:?}", known.unsettled());
    }

    async fn a_part_of_which_nothing_is_asked_comes_back_and_is_not_answered(service) {
        let case = given::case(service, 1);
        let request = given::request(service, &case, "gp", &["care_pathway"]);
        let (browser, home) = given::opened_link(service, "gp@cdr.example").await;
        let path = format!("{home}/parts");
        let send = async |email: &str| {
            let mut form = browser.get(&path).await.is(200).form_to(&path);
            form.set("name", "Sample Nurse").set("email", email).set("page", "care_pathway/ward");
            browser.submit(&form).await.is(303);
            given::opened_link(service, email).await
        };
        let (colleague, theirs) = send("nurse@cdr.example").await;
        let check = colleague.get(&format!("{theirs}/check")).await.is(200).form_with("Send your answers");
        tick(&browser, &home, "emergency").await;
        browser.get(&home).await.is(200).says("Nothing of it is asked, as your answers stand");
        colleague.get(&theirs).await.is(200).says("Nothing of these parts is asked").says("Nothing is asked").never_says("Check and send");
        colleague.submit(&check).await.is(200).says("The parts were given back");
        colleague.get(&theirs).await.is(404);
        let part = parts_of(service, &case, &request.id).remove(0);
        assert_eq!(given::request_now(service, &part).state, "withdrawn");
        let row = service.read(|conn| Ok(responses::of_request(conn, &request.id)?)).remove(0);
        assert_eq!(row.pages, None, "whole again");

        // The same where the rest is sent first.
        let (colleague, theirs) = send("other@cdr.example").await;
        tick(&browser, &home, "emergency").await;
        fill_form(&browser, &format!("{home}/forms/care_pathway"), &of_care()).await;
        send_answers(&browser, &home).await.is(200).says("Your answers were sent");
        colleague.get(&theirs).await.is(404);
        assert!(service.mail_to("other@cdr.example").subject.contains("taken back"));
        let row = service.read(|conn| Ok(responses::of_request(conn, &request.id)?)).remove(0);
        assert_eq!((row.state.as_str(), row.pages), ("sent", None));
    }

    async fn a_page_that_no_tick_opens_goes_once_its_question_is_answered(service) {
        let case = given::case(service, 1);
        given::request(service, &case, "gp", &["asthma_anaphylaxis"]);
        let (browser, home) = given::opened_link(service, "gp@cdr.example").await;
        let path = format!("{home}/parts");
        let dict = service.app.house.dictionary();
        let form = dict.form("asthma_anaphylaxis").unwrap();
        let (opener, page) = (form.field("condition_type").unwrap(), form.section("anaphylaxis").unwrap());
        let mut asked = browser.get(&path).await.is(200)
            .says(&format!("{}: opened by “{}”", page.label, opener.label)).form_to(&path);
        assert!(asked.offers("page").iter().all(|p| p != "asthma_anaphylaxis/anaphylaxis"));
        asked.set("name", "Sample Nurse").set("email", "nurse@cdr.example");
        let token = [("name", "Sample Nurse"), ("email", "nurse@cdr.example"), ("page", "asthma_anaphylaxis/anaphylaxis")];
        browser.post(&path, &token).await.is(422).faults("Choose at least one part", "#page");
        let section = form.section_of("condition_type").unwrap();
        let at = format!("{home}/forms/asthma_anaphylaxis/{}", section.id);
        let mut answer = browser.get(&at).await.is(200).form_to(&at);
        answer.set("condition_type", "both");
        browser.submit(&answer).await.is(303);
        let asked = browser.get(&path).await.is(200).never_says("opened by").form_to(&path);
        assert!(asked.offers("page").iter().any(|p| p == "asthma_anaphylaxis/anaphylaxis"));
    }
}
