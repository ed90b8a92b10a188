//! Signing in with a password and a code, staying in, signing out, and what strangers cannot do about it.

use cdr::casework::kept;
use cdr::casework::signed::{self, Kind};
use cdr::domain::actor::Role;
use cdr::domain::form::Posted;
use cdr::domain::one_time_code::Shared;
use cdr::store::events;
use cdr::web::app::DemoAccount;
use chrono::Duration;
use reqwest::Method;

use super::support::service::PASSWORD;
use super::support::{Engine, Page, Service, given, on_with};
use crate::both_engines;

const EMAIL: &str = "coordinator@cdr.example";
const WRONG: &str = "The email address or the password is not right";
const WRONG_CODE: &str = "The code is not right, or it was used before";

fn events(service: &Service, what: &str) -> usize {
    service
        .read(|conn| Ok(events::latest(conn, what, 1000)?))
        .len()
}

/// The secret that the page shows as text.
fn secret(page: &Page) -> Shared {
    Shared::read(&page.texts("#secret").join("")).unwrap()
}

fn now(service: &Service) -> u64 {
    u64::try_from(service.now().timestamp()).unwrap()
}

both_engines! {
    async fn a_whole_office_signs_in_from_one_address(service) {
        let mut office = Vec::new();
        for n in 0..8 {
            let email = format!("office{n}@cdr.example");
            service.add_user(&email, Role::PanelMember);
            let browser = service.browser();
            browser.sign_in(service, &email, PASSWORD).await.is(303);
            browser.get("/account").await.is(200);
            office.push((email, browser));
        }
        // One among them guesses: the others go on in their own browsers, and at a new one all wait alike.
        let guesser = service.browser();
        for _ in 0..12 {
            service.pass(Duration::minutes(3));
            guesser.password("nobody@cdr.example", "wrong").await.is(422);
        }
        let new = service.browser();
        new.password(&office[0].0, PASSWORD).await.is(429);
        new.password("other@cdr.example", PASSWORD).await.is(429);
        for (email, browser) in &office {
            browser.password(email, PASSWORD).await.is(303);
        }
        service.pass(Duration::minutes(3));
        new.sign_in(service, &office[0].0, PASSWORD).await.is(303);
    }

    async fn no_answer_tells_which_addresses_have_an_account_not_even_where_somebody_signed_in(service) {
        service.add_user(EMAIL, Role::Coordinator);
        let person = service.browser();
        let signed = person.sign_in(service, EMAIL, PASSWORD).await.is(303);
        let given: Vec<&str> = signed.headers.get_all("set-cookie").iter().map(|c| c.to_str().unwrap()).collect();
        let device = given.iter().find(|c| c.starts_with("cdr_device=")).unwrap();
        assert!(device.contains("HttpOnly") && device.contains("SameSite=Lax") && device.contains("Max-Age=7776000"), "{device}");
        let device = device.split(';').next().unwrap().to_owned();
        // From the same address, without what the person's browser carries: alike for both at each step.
        let (mut said, stranger) = (Vec::new(), service.browser());
        for email in [EMAIL, "nobody@cdr.example"] {
            let mut statuses = Vec::new();
            for _ in 0..12 {
                statuses.push(stranger.password(email, "wrong").await.status);
            }
            said.push(statuses);
            service.pass(Duration::hours(2));
        }
        for _ in 0..12 {
            service.pass(Duration::minutes(3));
            stranger.password("third@cdr.example", "wrong").await.is(422);
        }
        for email in [EMAIL, "nobody@cdr.example", "another@cdr.example"] {
            stranger.password(email, PASSWORD).await.is(429);
        }
        assert!(said.iter().all(|s| s[..5] == [422; 5]), "{said:?}");
        // The person goes on, and what the browser carries is good for no other address, and for nothing when it is made up.
        person.password(EMAIL, PASSWORD).await.is(303);
        let with = |cookie: &str| service.browser_with(cookie);
        with(&device).password(EMAIL, PASSWORD).await.is(303);
        with(&device).password("nobody@cdr.example", PASSWORD).await.is(429);
        with(&format!("{device}0")).password(EMAIL, PASSWORD).await.is(429);
        let mark = cdr::casework::sessions::device(&service.app.house.secrets, EMAIL);
        with(&format!("cdr_device={mark}")).password(EMAIL, PASSWORD).await.is(429);
        let old = signed::sign(&service.app.house.secrets, Kind::Device, &mark, service.now() - Duration::days(91), Duration::days(90)).unwrap();
        with(&format!("cdr_device={old}")).password(EMAIL, PASSWORD).await.is(429);
    }

    async fn a_person_signs_in_with_both_and_out(service) {
        service.add_user(EMAIL, Role::Coordinator);
        let browser = service.browser();
        let page = browser.password(EMAIL, PASSWORD).await.is(303).moved_to("/sign-in/code?next=%2Fcases");
        browser.get("/cases").await.is(303);
        browser.get("/account").await.is(303);
        let mut form = browser.follow(page).await.is(200).form();
        form.set("code", "000 000");
        browser.submit(&form).await.is(422).faults(WRONG_CODE, "#code");
        browser.get("/cases").await.is(303);
        let code = service.code(EMAIL);
        form.set("code", &code);
        let signed = browser.submit(&form).await.is(303).moved_to("/cases");
        let cookie = signed.header("set-cookie");
        assert!(cookie.contains("HttpOnly") && cookie.contains("SameSite=Lax") && !cookie.contains("Secure"), "{cookie}");
        browser.get("/cases").await.is(200);
        let other = service.browser();
        let page = other.password(EMAIL, PASSWORD).await;
        let mut again = other.follow(page).await.form();
        again.set("code", &code);
        other.submit(&again).await.is(422).faults(WRONG_CODE, "#code");
        let out = browser.get("/sign-out").await.is(200).form_with("Sign out");
        browser.get("/account").await.is(200).says("Sample Coordinator").says("this one");
        browser.submit(&out).await.is(303).moved_to("/sign-in");
        browser.get("/account").await.is(303).moved_to("/sign-in?next=%2Faccount");
        assert_eq!((events(service, "signed_in"), events(service, "code_failed"), events(service, "signed_out")), (1, 2, 1));
    }

    async fn what_stands_between_password_and_code_opens_nothing_else(service) {
        service.add_user(EMAIL, Role::Coordinator);
        let browser = service.browser();
        let page = browser.password(EMAIL, PASSWORD).await;
        let half = page.header("set-cookie").split(';').next().unwrap().to_owned();
        let value = half.split_once('=').unwrap().1.to_owned();
        let with = |cookie: String| service.browser().request(Method::GET, "/account").header("cookie", cookie);
        for name in ["cdr_session", "cdr_request", "cdr_notify", "__Host-cdr_session"] {
            browser.send(with(format!("{name}={value}"))).await.is(303);
        }
        let forged = signed::sign(&service.app.house.secrets, Kind::Draft, &value, service.now(), Duration::hours(1)).unwrap();
        service.browser_with(&format!("cdr_sign_in={forged}")).get("/sign-in/code").await.is(303).moved_to("/sign-in?next=%2Fcases");
        service.browser_with(&half).get("/sign-in/code").await.is(200);
        service.browser_with(&half).get("/sign-in/factor").await.is(303).moved_to("/sign-in/code?next=%2Fcases");
        service.pass(Duration::minutes(11));
        service.browser_with(&half).get("/sign-in/code").await.is(303);
    }

    async fn whoever_has_no_factor_sets_one_up_and_its_codes_work_once(service) {
        service.add_bare_user(EMAIL, Role::Coordinator);
        let browser = service.browser();
        let page = browser.password(EMAIL, PASSWORD).await.is(303).moved_to("/sign-in/factor?next=%2Fcases");
        browser.get("/sign-in/code").await.is(303).moved_to("/sign-in/factor?next=%2Fcases");
        let page = browser.follow(page).await.is(200);
        assert!(page.text.contains("<svg") && !page.text.contains("<?xml"));
        let shared = secret(&page);
        let mut form = page.form();
        form.set("code", "12");
        let again = browser.submit(&form).await.is(422).faults(WRONG_CODE, "#code");
        assert!(secret(&again) == shared, "a wrong code does not change what the app has");
        browser.get("/account").await.is(303);
        let mut form = again.form();
        form.set("sealed", "00").set("code", &shared.code(now(service)));
        browser.submit(&form).await.is(422).faults("The page was too old", "#code");
        let mut form = again.form();
        form.set("code", &shared.code(now(service)));
        let shown = browser.submit(&form).await.is(200).says("They are shown only now");
        let codes = shown.texts("#recovery-codes code");
        assert_eq!(codes.len(), 10);
        browser.get("/account").await.is(200).says("10 left");
        assert_eq!(events(service, "factor_enrolled"), 1);

        let lost = service.browser();
        let page = lost.password(EMAIL, PASSWORD).await.moved_to("/sign-in/code?next=%2Fcases");
        let mut form = lost.follow(page).await.form();
        form.set("code", &codes[0].to_lowercase().replace('-', " "));
        lost.submit(&form).await.is(303).moved_to("/cases");
        lost.get("/account").await.is(200).says("9 left");
        let twice = service.browser();
        let page = twice.password(EMAIL, PASSWORD).await;
        twice.follow(page).await;
        twice.submit_as_own(&form).await.is(422).faults(WRONG_CODE, "#code");
        assert_eq!(events(service, "recovery_code_used"), 1);
    }

    async fn a_session_is_over_for_good_once_signed_out(service) {
        let browser = service.signed_in(Role::Coordinator).await;
        let thief = service.browser();
        let page = service.browser();
        service.pass(Duration::seconds(30));
        let signed = page.sign_in(service, EMAIL, PASSWORD).await.is(303);
        let cookie = signed.header("set-cookie").split(';').next().unwrap().to_owned();
        let with = |cookie: &str| thief.request(Method::GET, "/account").header("cookie", cookie.to_owned());
        thief.send(with(&cookie)).await.is(200);
        let out = page.get("/sign-out").await.form_with("Sign out");
        page.submit(&out).await.is(303);
        thief.send(with(&cookie)).await.is(303).moved_to("/sign-in?next=%2Faccount");
        thief.send(with(&format!("{cookie}0"))).await.is(303);
        thief.send(with("cdr_session=x")).await.is(303);
        browser.get("/account").await.is(200);
    }

    async fn what_is_wrong_is_said_and_the_password_never_shown(service) {
        service.add_user(EMAIL, Role::Coordinator);
        let browser = service.browser();
        let nobody = browser.password("nobody@cdr.example", PASSWORD).await.is(422).faults(WRONG, "#email");
        let wrong = browser.password(EMAIL, "not the password").await.is(422).faults(WRONG, "#email");
        let same = |page: &Page, email: &str| page.words().replace(email, "");
        assert_eq!(same(&nobody, "nobody@cdr.example"), same(&wrong, EMAIL), "the page tells nobody who has an account");
        assert_eq!(wrong.form().value("email"), EMAIL);
        assert!(!wrong.text.contains("not the password"));
        browser.password("", "").await.is(422).faults("Enter your email address", "#email").faults("Enter your password", "#password");
        browser.password(" COORDINATOR@cdr.example ", PASSWORD).await.is(303);
        let failed = service.read(|conn| Ok(events::latest(conn, "sign_in_failed", 10)?));
        assert_eq!(failed.len(), 2);
        assert!(failed.iter().all(|e| !format!("{e:?}").contains("nobody@")), "the address typed is not kept");
    }

    async fn wrong_passwords_make_a_stranger_wait_and_never_the_person(service) {
        service.add_user(EMAIL, Role::Coordinator);
        let stranger = service.browser();
        for email in [EMAIL, "nobody@cdr.example"] {
            for _ in 0..5 {
                stranger.password(email, "wrong").await.is(422);
                service.pass(Duration::minutes(20));
            }
        }
        // Both wait alike: neither the status nor the words tell which of them has an account.
        let known = stranger.password(EMAIL, PASSWORD).await;
        service.pass(Duration::hours(2));
        for email in [EMAIL, "nobody@cdr.example"] {
            for _ in 0..5 {
                stranger.password(email, "wrong").await;
            }
        }
        let held = stranger.password(EMAIL, PASSWORD).await.is(429).says("too many wrong attempts");
        let nobody = stranger.password("nobody@cdr.example", PASSWORD).await.is(429);
        let seconds = |page: &Page| page.words().replace(|c: char| c.is_ascii_digit(), "");
        assert_eq!(seconds(&held).replace(EMAIL, ""), seconds(&nobody).replace("nobody@cdr.example", ""));
        assert!(known.status == 303 || known.status == 429);
        service.pass(Duration::minutes(16));
        stranger.sign_in(service, EMAIL, PASSWORD).await.is(303);
        // From now on this browser is known to this account: what others do does not matter to it, even from here.
        for _ in 0..8 {
            stranger.password("nobody@cdr.example", "wrong").await;
        }
        stranger.password("nobody@cdr.example", "wrong").await.is(429);
        stranger.password(EMAIL, PASSWORD).await.is(303);
    }

    async fn wrong_codes_make_one_wait(service) {
        service.add_user(EMAIL, Role::Coordinator);
        let browser = service.browser();
        let page = browser.password(EMAIL, PASSWORD).await;
        let mut form = browser.follow(page).await.form();
        form.set("code", "000000");
        for _ in 0..5 {
            browser.submit(&form).await.is(422);
        }
        let code = Service::app_of(EMAIL).code(now(service));
        form.set("code", &code);
        browser.submit(&form).await.is(429).says("too many wrong attempts");
        service.pass(Duration::seconds(3));
        browser.submit(&form).await.is(303);
    }

    async fn a_session_ends_by_quiet_and_at_last(service) {
        let browser = service.signed_in(Role::Coordinator).await;
        for _ in 0..3 {
            service.pass(Duration::minutes(25));
            browser.get("/account").await.is(200);
        }
        service.pass(Duration::minutes(31));
        browser.get("/account").await.is(303);
        let before = service.now();
        let browser = service.signed_in_as(EMAIL);
        let opened = service.now();
        for _ in 0..28 {
            service.pass(Duration::minutes(25));
            browser.get("/account").await.is(200);
        }
        let asked = service.now();
        let stay = browser.get("/account/stay").await.is(204);
        // Whole seconds, cut; however long this machine took.
        let told = Duration::seconds(stay.header("x-session-lasts").parse().unwrap());
        let (most, least) = (Duration::hours(12) - (asked - opened), Duration::hours(12) - (service.now() - before));
        assert!(told <= most, "the end after twelve hours is told, not the quiet: {told}");
        assert!(told + Duration::seconds(1) > least, "{told}");
        service.pass(Duration::minutes(25));
        browser.get("/account").await.is(303);
    }

    async fn after_signing_in_one_goes_where_one_was_going_but_never_elsewhere(service) {
        service.add_user(EMAIL, Role::Coordinator);
        for (next, to) in [
            ("/returns", "/returns"), ("/cases?view=new", "/cases?view=new"), ("https://elsewhere.example", "/cases"),
            ("//elsewhere.example", "/cases"), ("/\\elsewhere.example", "/cases"), ("/cases\r\nset-cookie: a=b", "/cases"),
            ("javascript:alert(1)", "/cases"), ("/sign-in", "/cases"), ("/\t/elsewhere.example", "/cases"),
        ] {
            let browser = service.browser();
            browser.post("/sign-in", &[("email", EMAIL), ("password", PASSWORD), ("next", next)]).await.is(303);
            let code = service.code(EMAIL);
            let page = browser.post("/sign-in/code", &[("code", &code), ("next", next)]).await.is(303);
            assert_eq!(page.location().as_deref(), Some(to), "{next:?}");
        }
        let browser = service.browser();
        let page = browser.open("/account").await.is(200);
        assert_eq!(page.path, "/sign-in");
        let mut form = page.form();
        form.set("email", EMAIL).set("password", PASSWORD);
        let mut form = browser.submit_on(&form).await.form();
        form.set("code", &service.code(EMAIL));
        browser.submit(&form).await.is(303).moved_to("/account");
    }

    async fn posts_of_somebody_signed_out_change_nothing(service) {
        let browser = service.browser();
        let page = browser.post("/cases", &[("q", "x")]).await.is(401).says("Sign in first");
        assert!(page.location().is_none());
        browser.post("/admin/invitations", &[("email", "x@cdr.example")]).await.is(401);
        service.browser_with("cdr_session=MADEUP").post("/cases", &[("q", "x")]).await.is(401).says("Sign in first");
        assert_eq!(events(service, "post_kept"), 0);
    }

    async fn nothing_typed_is_lost_when_the_time_is_up(service) {
        let case = given::case(service, 1);
        let browser = service.signed_in(Role::Coordinator).await;
        let section = format!("/cases/{}/analysis/header", case.reference);
        let mut form = browser.get(&section).await.is(200).form();
        let text = form.names().iter().find(|n| **n == "completed_by").map(|n| (*n).to_owned());
        let field = text.unwrap_or_else(|| "typed".to_owned());
        if form.has(&field) {
            form.set(&field, "Words that took an hour");
        }
        service.pass(Duration::minutes(40));
        let mut pairs = form.pairs();
        pairs.push(("password".into(), "never kept".into()));
        pairs.push(("notes".into(), "Words that took an hour".into()));
        let pairs: Vec<(&str, &str)> = pairs.iter().map(|(n, v)| (n.as_str(), v.as_str())).collect();
        let page = browser.post(&section, &pairs).await.is(401).says("it is not lost");
        let mut form = page.form();
        form.set("email", EMAIL).set("password", PASSWORD);
        let mut form = browser.submit_on(&form).await.is(200).form();
        form.set("code", &service.code(EMAIL));
        let kept = browser.submit_on(&form).await.is(200).says("Words that took an hour").never_says("never kept");
        let before = events(service, "analysis_saved");
        let again = kept.form_with("Send it again");
        assert_eq!((again.action.as_str(), again.value("notes").as_str()), (section.as_str(), "Words that took an hour"));
        service.add_user("other@cdr.example", Role::Coordinator);
        service.signed_in_as("other@cdr.example").get(&kept.path).await.is(404);
        assert_eq!(events(service, "analysis_saved"), before, "nothing is sent by itself");
        let answer = browser.submit(&again).await;
        assert!(answer.status == 303 || answer.status == 422, "{}", answer.status);
        let stored = service.read(|conn| {
            let id = kept.path.rsplit('/').next().unwrap().to_owned();
            Ok(cdr::store::kept::get(conn, &id)?)
        });
        assert!(!stored.unwrap().sealed.contains("Words"));
        browser.submit(&kept.form_with("Throw it away")).await.is(303);
        browser.get(&kept.path).await.is(404);
    }

    async fn what_needs_a_fresh_code_asks_for_it_and_comes_back(service) {
        let browser = service.signed_in(Role::Coordinator).await;
        browser.get("/account/factor").await.is(200);
        service.pass(Duration::minutes(6));
        let check = browser.get("/account/factor").await.is(303).moved_to("/account/check?next=%2Faccount%2Ffactor");
        let mut form = browser.follow(check).await.is(200).form();
        form.set("code", "111111");
        browser.submit(&form).await.is(422).faults(WRONG_CODE, "#code");
        form.set("code", &service.code(EMAIL));
        browser.submit(&form).await.is(303).moved_to("/account/factor");
        browser.get("/account/factor").await.is(200);

        service.pass(Duration::minutes(6));
        let period = [("kind", "year_end"), ("from-day", "1"), ("from-month", "4"), ("from-year", "2025"),
            ("to-day", "31"), ("to-month", "3"), ("to-year", "2026")];
        let sent = browser.post("/returns", &period).await.is(303);
        assert!(sent.location().unwrap().starts_with("/account/check?next=%2Faccount%2Fkept%2F"));
        assert_eq!(events(service, "return_exported"), 0);
        let mut form = browser.follow(sent).await.form();
        form.set("code", &service.code(EMAIL));
        let kept = browser.submit_on(&form).await.is(200);
        let package = browser.submit(&kept.form_with("Send it again")).await.is(200);
        assert!(package.header("content-type").contains("zip"));
        browser.post("/account/check", &[("code", &service.code(EMAIL)), ("next", "https://elsewhere.example")]).await.moved_to("/cases");
        assert_eq!(events(service, "code_checked"), 3);
    }

    async fn a_step_up_gives_the_session_a_new_token(service) {
        service.add_user(EMAIL, Role::Coordinator);
        let browser = service.browser();
        let signed = browser.sign_in(service, EMAIL, PASSWORD).await;
        let cookie = signed.header("set-cookie").split(';').next().unwrap().to_owned();
        let thief = service.browser_with(&cookie);
        thief.get("/account").await.is(200);
        browser.post("/account/check", &[("code", &service.code(EMAIL))]).await.is(303);
        thief.get("/account").await.is(303);
        browser.get("/account").await.is(200);
    }
}

/// Only a session that once was keeps anything, so that strangers cannot fill the database.
#[test]
fn a_stranger_can_keep_nothing() {
    let Some(database) = super::support::Database::fresh(super::support::Engine::Sqlite) else {
        return;
    };
    actix_web::rt::System::new().block_on(async {
        let service = Service::start(database);
        let posted = Posted(vec![("a".into(), "b".into())]);
        let kept = service.write(cdr::domain::actor::Actor::public(), move |tx, ctx| {
            kept::keep(tx, ctx, "MADEUP", "/cases", &posted)
        });
        assert_eq!(kept.unwrap(), None);
        service.stop().await;
    });
}

/// Over HTTPS the cookies carry the prefix that binds them to this very host.
#[test]
fn behind_tls_every_cookie_is_bound_to_the_host() {
    use cdr::web::visit::{Jar, cookie};
    let Some(database) = super::support::Database::fresh(super::support::Engine::Sqlite) else {
        return;
    };
    actix_web::rt::System::new().block_on(async {
        let service = Service::start_secure(database);
        for jar in [Jar::Session, Jar::Half, Jar::Claim, Jar::Draft, Jar::Device] {
            let text = cookie(&service.app, jar, Some("x")).to_string();
            assert!(text.starts_with("__Host-cdr_"), "{text}");
            for part in ["Secure", "HttpOnly", "SameSite=Lax", "Path=/"] {
                assert!(text.contains(part), "{text}");
            }
            assert!(!text.contains("Domain"), "{text}");
        }
        service.stop().await;
    });
}

#[test]
fn codes_are_shown_in_the_demonstration_alone() {
    let account = DemoAccount {
        name: "Sample Auditor".into(),
        email: "auditor@cdr.example".into(),
        password: "Synthetic-Password-1".into(),
        role: "Auditor".into(),
    };
    let set = |app: &mut cdr::web::App| app.demo = Some(vec![account]);
    on_with(Engine::Sqlite, set, async |service: &Service| {
        let shared = cdr::casework::factors::demo_secret("auditor@cdr.example");
        let before = now(service);
        let page = service.browser().get("/demo/accounts").await.is(200);
        let page = page.says("Every person and every case here is made up");
        let words = page.words();
        assert!(
            [before, now(service)]
                .iter()
                .any(|at| words.contains(&shared.code(*at))),
            "{words}"
        );
    });
    on_with(
        Engine::Sqlite,
        |_| {},
        async |service: &Service| {
            service.browser().get("/demo/accounts").await.is(404);
            service
                .signed_in(Role::Administrator)
                .await
                .get("/demo/accounts")
                .await
                .is(404);
        },
    );
}
