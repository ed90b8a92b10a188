//! Accounts: being invited, joining, a new password, one's own sessions, and what an administrator changes.

use cdr::casework::factors;
use cdr::domain::actor::{Actor, Role};
use cdr::store::{accounts, events, invitations};
use chrono::Duration;

use super::support::service::PASSWORD;
use super::support::{Browser, Page, Service};
use crate::both_engines;

const EMAIL: &str = "coordinator@cdr.example";
const NEW: &str = "gravel thimble orbit canoe";

fn events(service: &Service, what: &str) -> usize {
    service
        .read(|conn| Ok(events::latest(conn, what, 1000)?))
        .len()
}

async fn invite(browser: &Browser, email: &str, role: &str) -> Page {
    let pairs = [
        ("name", "Sample Invited"),
        ("email", email),
        ("role", role),
        ("organisation", ""),
    ];
    browser.post("/admin/invitations", &pairs).await
}

/// The answer to "I forgot my password" does not wait for its work, so the mail comes a moment later.
async fn mails_become(service: &Service, count: usize) {
    for _ in 0..2000 {
        if service.mails().len() >= count {
            return;
        }
        actix_web::rt::time::sleep(std::time::Duration::from_millis(2)).await;
    }
    panic!("{} mails, not {count}", service.mails().len());
}

both_engines! {
    async fn an_invited_person_makes_an_account_once(service) {
        let administrator = service.signed_in(Role::Administrator).await;
        invite(&administrator, "new.person@cdr.example", "panel_member").await.is(303).moved_to("/admin/invitations");
        administrator.get("/admin/invitations").await.is(200).says("Sample Invited");
        let mail = service.mail_to("new.person@cdr.example");
        assert!(!mail.body.contains("Sample Invited"), "a mail names nobody");
        let link = service.link_to("new.person@cdr.example");
        administrator.get("/admin/outbox").await.never_says(link.rsplit('/').next().unwrap());
        let browser = service.browser();
        for _ in 0..20 {
            browser.get(&link).await.is(200);
        }
        let mut form = browser.get(&link).await.says("Sample Invited").form();
        for (password, words) in [
            ("short", "between 12 and 128 characters"),
            ("password123456", "many people use"),
            ("Kent-Medway-2026", "easy to guess here"),
            ("sampleinvited-1", "easy to guess here"),
        ] {
            form.set("password", password);
            browser.submit(&form).await.is(422).faults(words, "#password").never_says(password);
        }
        form.set("password", NEW);
        let page = browser.submit(&form).await.is(303).moved_to("/sign-in/factor?next=%2Fcases");
        let page = browser.follow(page).await.is(200);
        let shared = cdr::domain::one_time_code::Shared::read(&page.texts("#secret").join("")).unwrap();
        let mut enrol = page.form();
        enrol.set("code", &shared.code(u64::try_from(service.now().timestamp()).unwrap()));
        browser.submit(&enrol).await.is(200);
        browser.get("/account").await.is(200).says("Panel member");
        browser.get(&link).await.is(404).says("This link does not work");
        browser.submit(&form).await.is(404);
        browser.get("/join/MADEUP").await.is(404).says("This link does not work");
        assert_eq!((events(service, "user_invited"), events(service, "user_joined")), (1, 1));
    }

    async fn an_invitation_runs_out_and_is_sent_again_or_taken_back(service) {
        let administrator = service.signed_in(Role::Administrator).await;
        for email in ["one@cdr.example", "two@cdr.example"] {
            invite(&administrator, email, "analyst").await.is(303);
        }
        invite(&administrator, "ONE@cdr.example", "analyst").await.is(422).faults("invited already", "#email");
        let old = service.link_to("one@cdr.example");
        service.pass(Duration::days(7));
        service.browser().get(&old).await.is(404);
        let administrator = service.signed_in_as("administrator@cdr.example");
        let page = administrator.get("/admin/invitations").await.is(200).says("(over)");
        let rows = service.read(|conn| Ok(invitations::waiting(conn)?));
        let of = |email: &str| rows.iter().find(|r| r.email == email).unwrap().id.clone();
        let mut form = page.form_to(&format!("/admin/invitations/{}", of("one@cdr.example")));
        form.press("Send again");
        administrator.submit(&form).await.is(303);
        administrator.submit(&form).await.is(409);
        let link = service.link_to("one@cdr.example");
        assert_ne!(link, old);
        service.browser().get(&old).await.is(404);
        service.browser().get(&link).await.is(200);
        let mut form = page.form_to(&format!("/admin/invitations/{}", of("two@cdr.example")));
        form.press("Withdraw");
        administrator.submit(&form).await.is(303);
        service.browser().get(&service.link_to("two@cdr.example")).await.is(404);
        assert_eq!((events(service, "invitation_sent_again"), events(service, "invitation_withdrawn")), (1, 1));
    }

    async fn a_coordinator_invites_those_worked_with_and_nobody_who_keeps_the_system(service) {
        let coordinator = service.signed_in(Role::Coordinator).await;
        let offered = coordinator.get("/admin/invitations").await.is(200).form_with("Send the invitation").offers("role");
        assert!(offered.contains(&"respondent".to_owned()) && !offered.contains(&"administrator".to_owned()), "{offered:?}");
        for role in ["administrator", "auditor", "coordinator"] {
            invite(&coordinator, "new@cdr.example", role).await.is(422).faults("Choose a role that you may give", "#role");
        }
        invite(&coordinator, "new@cdr.example", "boss").await.is(422).faults("Choose what the person does", "#role");
        invite(&coordinator, "new@cdr.example", "agency_lead").await.is(303);
        let administrator = service.signed_in(Role::Administrator).await;
        invite(&administrator, "chief@cdr.example", "auditor").await.is(303);
        coordinator.get("/admin/invitations").await.is(200).never_says("chief@cdr.example");
        let row = service.read(|conn| Ok(invitations::waiting(conn)?)).into_iter().find(|r| r.role == "auditor").unwrap();
        let again = [("do", "again"), ("version", "1")];
        coordinator.post(&format!("/admin/invitations/{}", row.id), &again).await.is(404);
        service.signed_in(Role::Analyst).await.get("/admin/invitations").await.is(403);
        coordinator.get("/admin/users").await.is(403);
    }

    async fn a_new_password_comes_by_mail_and_never_skips_the_factor(service) {
        let id = service.add_user(EMAIL, Role::Coordinator);
        let signed_in = service.signed_in_as(EMAIL);
        let browser = service.browser();
        let mut form = browser.get("/sign-in/forgotten").await.is(200).form();
        form.set("email", "nobody@cdr.example");
        let nobody = browser.submit(&form).await.is(200).says("If there is an account");
        form.set("email", " Coordinator@cdr.example");
        let somebody = browser.submit(&form).await.is(200);
        assert_eq!(nobody.text.replace(' ', "").len(), somebody.text.replace(' ', "").len());
        assert_eq!(nobody.words(), somebody.words());
        mails_become(service, 1).await;
        let link = service.link_to(EMAIL);
        for _ in 0..20 {
            browser.get(&link).await.is(200);
        }
        let mut choose = browser.get(&link).await.form();
        choose.set("password", "coordinator1");
        browser.submit(&choose).await.is(422);
        choose.set("password", NEW);
        browser.submit(&choose).await.is(303).moved_to("/sign-in");
        signed_in.get("/account").await.is(303);
        browser.submit(&choose).await.is(404);
        browser.get(&link).await.is(404);
        browser.password(EMAIL, PASSWORD).await.is(422);
        browser.password(EMAIL, NEW).await.is(303).moved_to("/sign-in/code?next=%2Fcases");
        browser.get("/account").await.is(303);
        let has = service.read(|conn| factors::has(conn, &id));
        assert!(has);
        assert_eq!(events(service, "password_changed"), 1);
        assert!(service.mails().iter().any(|m| m.subject == "Your password was changed"));
        form.set("email", EMAIL);
        browser.submit(&form).await.is(200);
        mails_become(service, 3).await;
        let late = service.link_to(EMAIL);
        service.pass(Duration::minutes(61));
        browser.get(&late).await.is(404);
    }

    async fn ones_own_password_is_changed_by_the_old_one(service) {
        let browser = service.signed_in(Role::Coordinator).await;
        let elsewhere = service.signed_in_as(EMAIL);
        let mut form = browser.get("/account/password").await.is(200).form();
        form.set("current", "not this one").set("password", "short");
        browser.submit(&form).await.is(422).faults("Your current password is not right", "#current").faults("between 12", "#password");
        form.set("current", PASSWORD).set("password", NEW);
        browser.submit(&form).await.is(303).moved_to("/account");
        browser.get("/account").await.is(200);
        elsewhere.get("/account").await.is(303);
        service.browser().password(EMAIL, NEW).await.is(303).moved_to("/sign-in/code?next=%2Fcases");
    }

    async fn a_new_password_is_no_fresh_code(service) {
        let browser = service.signed_in(Role::Coordinator).await;
        service.pass(Duration::minutes(4));
        browser.get("/account/factor").await.is(200);
        let mut form = browser.get("/account/password").await.is(200).form();
        form.set("current", PASSWORD).set("password", NEW);
        browser.submit(&form).await.is(303).moved_to("/account");
        browser.get("/account/factor").await.is(200);
        service.pass(Duration::minutes(2));
        browser.get("/account/factor").await.is(303).moved_to("/account/check?next=%2Faccount%2Ffactor");
    }

    async fn a_person_sees_and_ends_own_sessions_and_no_others(service) {
        let browser = service.signed_in(Role::Coordinator).await;
        let other = service.signed_in_as(EMAIL);
        let stranger = service.signed_in(Role::Analyst).await;
        let page = browser.get("/account").await.is(200).says("this one");
        let forms: Vec<_> = page.forms().into_iter().filter(|f| f.action.starts_with("/account/sessions/")).collect();
        assert_eq!(forms.len(), 2);
        for form in &forms {
            stranger.submit_as_own(form).await.is(404);
        }
        other.get("/account").await.is(200);
        for form in &forms {
            browser.submit(form).await;
        }
        other.get("/account").await.is(303);
        browser.get("/account").await.is(303);
        stranger.get("/account").await.is(200);
        assert!(events(service, "session_ended") >= 1);
    }

    async fn an_administrator_changes_an_account_and_it_bites_at_the_next_request(service) {
        let id = service.add_user(EMAIL, Role::Coordinator);
        let person = service.signed_in_as(EMAIL);
        let administrator = service.signed_in(Role::Administrator).await;
        administrator.get("/admin/users").await.is(200).says(EMAIL);
        let address = format!("/admin/users/{id}");
        let page = administrator.get(&address).await.is(200);
        let mut form = page.form_with("Save");
        form.set("role", "analyst");
        person.get("/cases").await.is(200);
        administrator.submit(&form).await.is(303);
        person.get("/cases").await.is(303);
        administrator.submit(&form).await.is(409);
        let person = service.signed_in_as(EMAIL);
        person.get("/cases").await.is(403);
        let mut form = administrator.get(&address).await.form_with("Save");
        form.set("standing", "stopped");
        administrator.submit(&form).await.is(303);
        person.get("/account").await.is(303);
        service.browser().password(EMAIL, PASSWORD).await.is(422).says("not right");
        let mut form = administrator.get(&address).await.form_with("Save");
        form.set("standing", "active");
        administrator.submit(&form).await.is(303);
        let person = service.signed_in_as(EMAIL);
        let form = administrator.get(&address).await.form_with("Sign this person out");
        administrator.submit(&form).await.is(303);
        person.get("/account").await.is(303);
        for (what, times) in [("user_changed", 1), ("user_stopped", 1), ("user_started", 1)] {
            assert_eq!(events(service, what), times, "{what}");
        }
        let own = service.read(|conn| Ok(accounts::by_email(conn, "administrator@cdr.example")?)).unwrap();
        let mut form = administrator.get(&format!("/admin/users/{}", own.id)).await.form_with("Save");
        form.set("role", "coordinator");
        administrator.submit(&form).await.is(422).says("You cannot change your own role");
        service.signed_in(Role::DesignatedDoctor).await.post(&address, &[("role", "administrator"), ("standing", "active")]).await.is(403);
        administrator.post(&address, &[("role", "boss"), ("standing", "active")]).await.is(422).faults("Choose what the person does", "#role");
    }

    async fn a_lost_factor_is_taken_away_by_an_administrator_and_set_up_anew(service) {
        let id = service.add_user(EMAIL, Role::Coordinator);
        let person = service.signed_in_as(EMAIL);
        let administrator = service.signed_in(Role::Administrator).await;
        let form = administrator.get(&format!("/admin/users/{id}")).await.form_with("Take the authenticator app away");
        administrator.submit(&form).await.is(303);
        administrator.submit(&form).await.is(409);
        person.get("/account").await.is(303);
        service.browser().password(EMAIL, PASSWORD).await.is(303).moved_to("/sign-in/factor?next=%2Fcases");
        assert_eq!(service.mail_to(EMAIL).subject, "Your authenticator app was taken away");
        assert_eq!(events(service, "factor_reset"), 1);
    }

    async fn another_role_and_a_factor_taken_away_ask_for_a_fresh_code(service) {
        let id = service.add_user(EMAIL, Role::Coordinator);
        let administrator = service.signed_in(Role::Administrator).await;
        let address = format!("/admin/users/{id}");
        let page = administrator.get(&address).await.is(200);
        service.pass(Duration::minutes(6));
        let mut role = page.form_with("Save");
        role.set("role", "analyst");
        for form in [&role, &page.form_with("Take the authenticator app away")] {
            let asked = administrator.submit(form).await.is(303);
            assert!(asked.location().unwrap().starts_with("/account/check"));
        }
        assert_eq!((events(service, "user_changed"), events(service, "factor_reset")), (0, 0));
        // What takes something away is done at once.
        let mut stop = page.form_with("Save");
        administrator.submit(stop.set("standing", "stopped")).await.is(303).moved_to(&address);
        assert_eq!(events(service, "user_stopped"), 1);
        for what in ["factor", "save"] {
            service.signed_in_as("administrator@cdr.example").post(&format!("{address}0"), &[("do", what), ("role", "analyst"), ("version", "1")]).await.is(404);
        }
        service.signed_in(Role::DesignatedDoctor).await.post(&address, &[("do", "factor"), ("version", "2")]).await.is(403);
    }

    async fn another_app_takes_the_place_of_the_first(service) {
        let browser = service.signed_in(Role::Coordinator).await;
        let page = browser.get("/account/factor").await.is(200);
        let shared = cdr::domain::one_time_code::Shared::read(&page.texts("#secret").join("")).unwrap();
        let mut form = page.form();
        form.set("code", &shared.code(u64::try_from(service.now().timestamp()).unwrap()));
        browser.submit(&form).await.is(200).says("shown only now");
        let codes = browser.get("/account/recovery").await.is(200).form_with("Make new codes");
        browser.submit(&codes).await.is(200).says("shown only now");
        let other = service.browser();
        let page = other.password(EMAIL, PASSWORD).await;
        let mut form = other.follow(page).await.form();
        form.set("code", &service.code(EMAIL));
        other.submit(&form).await.is(422);
        service.pass(Duration::seconds(30));
        form.set("code", &shared.code(u64::try_from(service.now().timestamp()).unwrap()));
        other.submit(&form).await.is(303);
    }

    async fn the_secret_lies_sealed_and_is_worth_nothing_to_another(service) {
        let id = service.add_user(EMAIL, Role::Coordinator);
        let other = service.add_user("other@cdr.example", Role::Coordinator);
        let row = service.read(|conn| Ok(cdr::store::factors::of(conn, &id, "totp")?)).unwrap();
        let text = Service::app_of(EMAIL);
        assert!(!row.secret.contains(&text.text()));
        let moved = service.write(Actor::operator(), move |tx, ctx| {
            cdr::store::factors::remove(tx, &other)?;
            let row = cdr::store::factors::Factor { id: "moved".into(), user_id: other.clone(), ..row };
            cdr::store::factors::insert(tx, &row)?;
            factors::check(tx, ctx, &other, &text.code(factors::seconds(ctx)))
        });
        assert!(matches!(moved, Err(cdr::casework::Error::Internal(_))), "{moved:?}");
    }
}
