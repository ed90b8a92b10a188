//! Signing in, staying in, signing out.

use cdr::domain::actor::Role;
use chrono::Duration;
use reqwest::Method;

use super::support::service::PASSWORD;
use crate::both_engines;

const EMAIL: &str = "coordinator@cdr.example";

both_engines! {
    async fn a_person_signs_in_and_out(service) {
        let browser = service.signed_in(Role::Coordinator).await;
        let page = browser.get("/account").await.is(200).says("Sample Coordinator").says("Coordinator");
        let out = browser.get("/sign-out").await.is(200).form_with("Sign out");
        browser.get("/account").await.is(200);
        drop(page);
        browser.submit(&out).await.is(303).moved_to("/sign-in");
        browser.get("/account").await.is(303).moved_to("/sign-in?next=%2Faccount");
    }

    async fn a_session_is_over_for_good_once_signed_out(service) {
        service.add_user(EMAIL, Role::Coordinator);
        let browser = service.browser();
        let signed = browser.sign_in(EMAIL, PASSWORD).await.is(303);
        let cookie = signed.header("set-cookie").split(';').next().unwrap().to_owned();
        assert!(signed.header("set-cookie").contains("HttpOnly") && signed.header("set-cookie").contains("SameSite=Lax"));
        let thief = service.browser();
        let with = |cookie: &str| thief.request(Method::GET, "/account").header("cookie", cookie.to_owned());
        thief.send(with(&cookie)).await.is(200);
        let out = browser.get("/sign-out").await.form_with("Sign out");
        browser.submit(&out).await.is(303);
        thief.send(with(&cookie)).await.is(303).moved_to("/sign-in?next=%2Faccount");
        thief.send(with(&format!("{cookie}0"))).await.is(303);
        thief.send(with("cdr_session=x")).await.is(303);
    }

    async fn what_is_wrong_is_said_and_the_password_never_shown(service) {
        service.add_user(EMAIL, Role::Coordinator);
        let browser = service.browser();
        let nobody = browser.sign_in("nobody@cdr.example", PASSWORD).await.is(422).faults("The email address or the password is not right", "#email");
        let wrong = browser.sign_in(EMAIL, "not the password").await.is(422).faults("The email address or the password is not right", "#email");
        let same = |page: &super::support::Page, email: &str| page.words().replace(email, "");
        assert_eq!(same(&nobody, "nobody@cdr.example"), same(&wrong, EMAIL), "the page tells nobody who has an account");
        assert_eq!(wrong.form().value("email"), EMAIL);
        assert!(!wrong.text.contains("not the password"));
        browser.sign_in("", "").await.is(422).faults("Enter your email address", "#email").faults("Enter your password", "#password");
        browser.sign_in(" COORDINATOR@cdr.example ", PASSWORD).await.is(303);
        let failed = service.read(|conn| Ok(cdr::store::events::latest(conn, "sign_in_failed", 10)?));
        assert_eq!(failed.len(), 2);
        assert!(failed.iter().all(|e| !format!("{e:?}").contains("nobody@")), "the address typed is not kept");
    }

    async fn a_session_ends_by_quiet_and_at_last(service) {
        let browser = service.signed_in(Role::Coordinator).await;
        for _ in 0..3 {
            service.pass(Duration::minutes(25));
            browser.get("/account").await.is(200);
        }
        service.pass(Duration::minutes(31));
        browser.get("/account").await.is(303);
        let email = "coordinator@cdr.example";
        browser.sign_in(email, PASSWORD).await.is(303);
        for _ in 0..28 {
            service.pass(Duration::minutes(25));
            browser.get("/account").await.is(200);
        }
        service.pass(Duration::minutes(25));
        browser.get("/account").await.is(303);
    }

    async fn after_signing_in_one_goes_where_one_was_going_but_never_elsewhere(service) {
        service.add_user(EMAIL, Role::Coordinator);
        for (next, to) in [
            ("/returns", "/returns"), ("/cases?view=new", "/cases?view=new"), ("https://elsewhere.example", "/cases"),
            ("//elsewhere.example", "/cases"), ("/\\elsewhere.example", "/cases"), ("\\\\elsewhere", "/cases"),
            ("/cases\r\nset-cookie: a=b", "/cases"), ("javascript:alert(1)", "/cases"), ("", "/cases"), ("/sign-in", "/cases"),
            ("/\t/elsewhere.example", "/cases"),
        ] {
            let browser = service.browser();
            let pairs = [("email", EMAIL), ("password", PASSWORD), ("next", next)];
            let page = browser.post("/sign-in", &pairs).await.is(303);
            assert_eq!(page.location().as_deref(), Some(to), "{next:?}");
        }
        let browser = service.browser();
        let page = browser.open("/account").await.is(200);
        assert_eq!(page.path, "/sign-in");
        let mut form = page.form();
        form.set("email", EMAIL).set("password", PASSWORD);
        browser.submit(&form).await.is(303).moved_to("/account");
    }

    async fn posts_of_somebody_signed_out_change_nothing(service) {
        let browser = service.browser();
        let page = browser.post("/cases", &[("q", "x")]).await.is(401).says("Sign in first");
        assert!(page.location().is_none());
        browser.post("/admin/users", &[("email", "x@cdr.example")]).await.is(401);
    }
}
