//! What follows a panel: its clocks, what it fills in by itself, and an analysis that stays as it was signed.

use cdr::casework::clocks::{self, Shown};
use cdr::casework::review;
use cdr::domain::actor::Role;
use cdr::domain::calendar::london;
use cdr::domain::clock::Outcome;
use cdr::jobs::remind::remind_due;
use cdr::store::cases::Case;
use chrono::Duration;

use super::panels::{
    ALL_THERE, arrange, decides, fill, list, members, put_down, signs, sitting, there, when,
};
use super::support::{Browser, Form, Page, Service, given};
use crate::both_engines;

/// The newest run of one clock of a case, if it was started.
fn clock(service: &Service, case: &Case, id: &str) -> Option<Shown> {
    let ctx = service.context(Service::coordinator());
    let all = service.read(|conn| clocks::list(conn, &ctx, case));
    all.into_iter()
        .filter(|c| c.definition.id == id)
        .max_by_key(|c| c.started_at)
}

/// How it stands and on which day it is due.
fn stands(service: &Service, case: &Case, id: &str) -> (Outcome, String) {
    let clock = clock(service, case, id).unwrap_or_else(|| panic!("no clock {id}"));
    let day = clock
        .due_at
        .map(|at| london(at.and_utc()).date().to_string());
    (clock.stands, day.unwrap_or_default())
}

async fn declares(browser: &Browser, item: &str, interest: &str) -> Page {
    let mut form = browser.get(item).await.is(200).form_with("Declare");
    browser.submit(form.set("interest", interest)).await
}

fn moved(form: &mut Form, service: &Service, days: i64) {
    when(form, service, days);
}

/// Every member has declared no interest in the item, is there, and the panel finds the review complete.
pub(super) async fn decided(
    service: &Service,
    coordinator: &Browser,
    chair: &Browser,
    (panel, room): (&str, &str),
) {
    there(coordinator, service, panel, &ALL_THERE).await;
    fill(coordinator, room, "category", &[("categories_all", "5")])
        .await
        .is(303);
    fill(chair, room, "modifiability", &[("modifiable", "none")])
        .await
        .is(303);
    decides(chair, room).await;
}

/// The case as it is when the national database took it: finalising has tests of its own.
pub(super) fn finalised(service: &Service, case: &Case) {
    let reference = case.reference.clone();
    let done = service.write(Service::coordinator(), move |tx, ctx| {
        let mut row = cdr::casework::picture::case_by_reference(tx.conn(), &reference)?;
        let was = std::mem::replace(&mut row.state, "submitted_ncmd".to_owned());
        row.finalised_at = Some(ctx.stamp());
        row.national_accepted_at = Some(ctx.stamp());
        tx.unchanged();
        cdr::casework::gather::save_case(tx, &row, &was)
    });
    done.unwrap();
}

both_engines! {
    async fn interests_are_due_before_the_panel_and_declared_by_all_who_come(service) {
        let coordinator = service.signed_in(Role::Coordinator).await;
        let (case, other) = (given::case(service, 1), given::case(service, 2));
        let who = members(service);
        let panel = arrange(&coordinator, service, 40).await;
        let pairs: Vec<(&str, &str)> = who.iter().map(|(id, agency)| (id.as_str(), *agency)).collect();
        let (_, item) = list(service, &panel, &case);
        assert_eq!(stands(service, &case, "C29"), (Outcome::Running, "2026-05-01".to_owned()), "five working days before 11 May, over a bank holiday");
        assert!(clock(service, &case, "C30").is_none(), "nothing was decided");
        put_down(&coordinator, &panel, &pairs).await.is(303);
        list(service, &panel, &other);
        let [doctor, chair] = ["doctor@cdr.example", "chair@cdr.example"].map(|email| service.signed_in_as(email));
        declares(&doctor, &item, "none").await.is(303);
        declares(&chair, &item, "none").await.is(303);
        assert_eq!(stands(service, &case, "C29").0, Outcome::Running);

        // One letter for all cases of the panel, to whoever has not declared on all of them.
        service.pass(Duration::days(29));
        remind_due(&service.app.db, &service.app.house, service.now()).unwrap();
        let mail = service.mail_to("social@cdr.example");
        assert!(mail.body.contains("the panel of 11 May 2026 is due on 1 May 2026") && mail.body.contains(&panel), "{}", mail.body);
        for secret in [&case.reference, "Testfamily", "Samplechild"] {
            assert!(!mail.body.contains(secret) && mail.case_id.is_none());
        }
        let written = |to: &str| service.mails().iter().filter(|m| m.recipient == to && m.subject == "A date is near").count();
        assert_eq!((written("social@cdr.example"), written("doctor@cdr.example")), (1, 1));

        let [social, coordinator] = ["social@cdr.example", "coordinator@cdr.example"].map(|email| service.signed_in_as(email));
        declares(&social, &item, "professional").await.is(303);
        assert_eq!(stands(service, &case, "C29").0, Outcome::Met);
        let change = panel.replace("/panels/", "/meetings/") + "/change";
        let mut form = coordinator.get(&change).await.is(200).form_to(&change);
        moved(&mut form, service, 25);
        coordinator.submit(&form).await.is(303);
        assert_eq!(stands(service, &other, "C29"), (Outcome::Running, "2026-05-18".to_owned()), "the panel moved to 25 May");
        let mut off = coordinator.get(&item).await.is(200).form_with("Take it off the list");
        off.set("reason", "Another panel knows more of it.");
        coordinator.submit(off.press("Take it off the list")).await.is(303);
        assert_eq!(stands(service, &case, "C29").0, Outcome::Cancelled);
        let mut cancel = coordinator.get(&panel).await.is(200).form_with("Cancel the meeting");
        coordinator.submit(cancel.set("reason", "Too few can come.")).await.is(303);
        assert_eq!(stands(service, &other, "C29").0, Outcome::Cancelled);
    }

    async fn what_the_panel_knows_is_filled_in_and_what_was_signed_stays(service) {
        let coordinator = service.signed_in(Role::Coordinator).await;
        let case = given::case(service, 1);
        let who = members(service);
        let (panel, room) = sitting(service, &coordinator, &case, &who).await;
        let chair = service.signed_in_as("chair@cdr.example");
        let silent = service.add_user("police@cdr.example", Role::PanelMember);
        put_down(&coordinator, &panel, &[(&silent, "police")]).await.is(303);
        there(&coordinator, service, &panel, &[("police@cdr.example", "attended")]).await;
        decided(service, &coordinator, &chair, (&panel, &room)).await;
        let base = format!("/cases/{}/analysis", case.reference);
        let page = coordinator.get(&base).await.is(200);
        page.says("Sample Panel chair").says("Paediatrics").says("Public health").says("One person who was there did not declare.").says("Quorate for this case.");
        assert_eq!(stands(service, &case, "C30").0, Outcome::Running);
        assert!(clock(service, &case, "C34").is_none(), "no recommendation was made");
        let path = format!("{base}/cause");
        let mut typed = coordinator.get(&path).await.is(200).form_to(&path);
        signs(&chair, &room).await;
        assert_eq!(stands(service, &case, "C30").0, Outcome::Met);

        typed.set("cause_as_understood", "Another cause altogether.");
        let page = coordinator.submit(&typed).await.is(422).says("The chair of the panel signed this analysis").says("Nothing you typed is lost");
        assert_eq!(page.form_to(&path).value("cause_as_understood"), "Another cause altogether.");
        coordinator.get(&base).await.is(200).says("so it stays as it is").never_says("Another cause altogether.");
        let (reference, before) = (case.reference.clone(), given::find(service, &case.reference).return_version);
        service.write(Service::coordinator(), move |tx, ctx| review::reopen(tx, ctx, &reference, "A genetic result came.")).unwrap();
        assert!(given::find(service, &case.reference).return_version > before, "the return is another one");
        let mut typed = coordinator.get(&path).await.is(200).form_to(&path);
        coordinator.submit(typed.set("cause_as_understood", "Another cause altogether.")).await.is(303);
        coordinator.get(&format!("{base}/signed/1")).await.is(200).says("Another cause altogether.").says("Changed");
    }

    async fn a_review_is_closed_when_it_has_everything_and_its_people_are_thought_of(service) {
        let coordinator = service.signed_in(Role::Coordinator).await;
        let case = given::case(service, 1);
        let who = members(service);
        let (panel, room) = sitting(service, &coordinator, &case, &who).await;
        let chair = service.signed_in_as("chair@cdr.example");
        let (page, family) = (format!("/cases/{}", case.reference), format!("/cases/{}/family", case.reference));
        let outcome = format!("{family}/outcome");
        coordinator.post(&outcome, &[("told", "yes")]).await.is(422).says("there is no outcome to tell");
        decided(service, &coordinator, &chair, (&panel, &room)).await;
        signs(&chair, &room).await;
        coordinator.get(&page).await.is(200).says("Before it is closed").says("The analysis is signed by the chair of the panel").says("No acceptance of the finalised case is recorded.");
        finalised(service, &case);
        let path = format!("{page}/move");
        let close = [("move", "close"), ("reason", "")];
        coordinator.post(&path, &close).await.is(422).says("The case cannot be closed yet.").says("It is not recorded that the family was told").never_says("is not signed");
        let mut form = coordinator.get(&family).await.is(200).form_to(&outcome);
        coordinator.submit(&form).await.is(422).faults("Choose whether the family was told", "#told").faults("Enter the day", "#told_on");
        form.set("told", "declined").date("told_on", &london(service.now()).format("%-d %-m %Y").to_string());
        for role in [Role::PanelMember, Role::PanelChair, Role::Administrator] {
            service.signed_in(role).await.post(&outcome, &[("told", "yes")]).await.is(403);
        }
        coordinator.submit(&form).await.is(303);
        coordinator.get(&family).await.is(200).says("The family did not wish to be told the outcome");
        assert_eq!(stands(service, &case, "C33").0, Outcome::Met);
        // A day that was typed wrong is put right, and the clock follows.
        let stopped = || {
            let ctx = service.context(Service::coordinator());
            let all = service.read(|conn| clocks::list(conn, &ctx, &case));
            all.into_iter().find(|c| c.definition.id == "C33").unwrap().stopped_on.unwrap()
        };
        let (typed, right) = (london(service.now()).date(), london(service.now()).date() - chrono::Duration::days(1));
        assert_eq!(stopped(), typed);
        form.set("told", "declined").date("told_on", &right.format("%-d %-m %Y").to_string());
        coordinator.submit(&form).await.is(303);
        assert_eq!(stopped(), right);
        coordinator.post(&path, &close).await.is(303);
        assert_eq!(given::find(service, &case.reference).state, "closed");
        coordinator.get(&page).await.is(200).says("This review is closed").says("Staff support of your organisation").never_says("Before it is closed");
    }
}
