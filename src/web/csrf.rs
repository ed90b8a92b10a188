//! That a write was asked for on a page of ours, by the browser that was given the page. Two checks, both here: the
//! browser must not say that it comes from elsewhere, and the form must carry a token that was made for this
//! browser. The token is put into every form that posts by the one place that makes pages. Must not know any form.
//!
//! A token is a nonce and a keyed code over the nonce and what this browser alone holds: its session, or for whoever
//! is not signed in a random cookie that is given with the first form. Nothing is stored, every page has another
//! token, and each holds as long as what it is bound to, so that the back button breaks nothing.

use std::borrow::Cow;

use actix_web::cookie::Cookie;
use actix_web::http::header;
use actix_web::{HttpRequest, web};
use std::sync::Arc;
use subtle::ConstantTimeEq;

use super::routes::{Access, access_of};
use super::visit::{Jar, cookie, forwarded, held};
use super::{App, Fault, Visit};
use crate::casework::secrets::{Secrets, random_letters};

/// The field's name. Whatever bears it is never kept with what a person typed.
pub const FIELD: &str = "csrf";
/// Letters of a nonce.
const NONCE: usize = 16;
/// How every form that posts begins in our templates.
const FORM: &str = "<form method=\"post\"";

/// What a token is bound to.
#[derive(Clone, Copy)]
enum Bound<'a> {
    Session(&'a str),
    Stranger(&'a str),
}

fn code(secrets: &Secrets, nonce: &str, bound: Bound<'_>) -> String {
    let (kind, held) = match bound {
        Bound::Session(token) => ("session", token),
        Bound::Stranger(secret) => ("stranger", secret),
    };
    secrets.hash("csrf", &format!("{nonce}\n{kind}\n{held}"))
}

fn made(secrets: &Secrets, bound: Bound<'_>) -> String {
    let nonce = random_letters(NONCE);
    let code = code(secrets, &nonce, bound);
    format!("{nonce}{code}")
}

fn holds(secrets: &Secrets, given: &str, bound: Bound<'_>) -> bool {
    given.split_at_checked(NONCE).is_some_and(|(nonce, given)| {
        code(secrets, nonce, bound)
            .as_bytes()
            .ct_eq(given.as_bytes())
            .into()
    })
}

/// Puts a token into every form of a page that posts, with the cookie for whoever has nothing yet to bind it to.
pub fn guarded(app: &App, visit: &Visit, html: String) -> (String, Option<Cookie<'static>>) {
    if !html.contains(FORM) {
        return (html, None);
    }
    let secrets = &app.house.secrets;
    if let Some(session) = &visit.caller.session {
        let token = made(secrets, Bound::Session(session));
        return (with_token(&html, &token), None);
    }
    let known = visit.caller.stranger.clone();
    let stranger = known.unwrap_or_else(|| random_letters(26));
    let token = made(secrets, Bound::Stranger(&stranger));
    // Given anew with each form, so that it does not end while somebody writes.
    let given = cookie(app, Jar::Stranger, Some(&stranger));
    (with_token(&html, &token), Some(given))
}

fn with_token(html: &str, token: &str) -> String {
    let field = format!("\n<input type=\"hidden\" name=\"{FIELD}\" value=\"{token}\">");
    let mut page = String::with_capacity(html.len() + 512);
    let mut rest = html;
    while let Some((before, form)) = rest.split_once(FORM) {
        // Attributes are escaped: the tag ends at the first sign that ends one.
        let (tag, after) = form.split_once('>').unwrap_or((form, ""));
        page.extend([before, FORM, tag, ">", &field]);
        rest = after;
    }
    page.push_str(rest);
    page
}

/// Refuses a write that another site's page asked for: the browser says where it comes from, and cannot be made
/// to lie.
pub fn same_site(req: &HttpRequest) -> Result<(), Fault> {
    let header = |name: header::HeaderName| req.headers().get(name).and_then(|v| v.to_str().ok());
    match req
        .headers()
        .get("sec-fetch-site")
        .map(header::HeaderValue::as_bytes)
    {
        Some(b"same-origin" | b"none") => return Ok(()),
        Some(_) => return Err(Fault::OtherSite),
        None => {}
    }
    match header(header::ORIGIN) {
        // Browsers that do not say which site say `null` of our own forms too, for their pages send no referrer.
        // The token decides.
        None | Some("null") => Ok(()),
        Some(origin) if is_ours(req, origin) => Ok(()),
        Some(_) => Err(Fault::OtherSite),
    }
}

/// Whether an origin is that of this service, as it is set or as the browser addressed it.
fn is_ours(req: &HttpRequest, origin: &str) -> bool {
    let app = req.app_data::<web::Data<Arc<App>>>();
    let Ok(from) = url::Url::parse(origin) else {
        return false;
    };
    let set = app.and_then(|app| url::Url::parse(&app.house.base_url).ok());
    if set.is_some_and(|set| set.origin() == from.origin()) {
        return true;
    }
    let host = app.and_then(|app| forwarded(req, app, "x-forwarded-host"));
    let host = host.map(Cow::Borrowed).or_else(|| {
        let host = req.headers().get(header::HOST)?.to_str().ok()?;
        Some(Cow::Borrowed(host))
    });
    let port = from.port().map_or_else(String::new, |p| format!(":{p}"));
    let named = format!("{}{port}", from.host_str().unwrap_or_default());
    host.is_some_and(|host| host == named)
}

/// Refuses a write without a token for this browser. What only staff may do asks for one of the session; everything
/// else takes one that was given before signing in too.
pub fn asked_here(req: &HttpRequest, given: Option<&str>) -> Result<(), Fault> {
    let app = req
        .app_data::<web::Data<Arc<App>>>()
        .ok_or(Fault::Unreadable)?;
    let given = given.ok_or(Fault::NotAsked)?;
    let secrets = &app.house.secrets;
    let session =
        held(req, app, Jar::Session).is_some_and(|s| holds(secrets, given, Bound::Session(&s)));
    let staff = matches!(
        access_of(req.method(), req.match_pattern().as_deref()),
        Some(Access::Staff(_))
    );
    let stranger = || {
        !staff
            && held(req, app, Jar::Stranger)
                .is_some_and(|s| holds(secrets, given, Bound::Stranger(&s)))
    };
    if session || stranger() {
        Ok(())
    } else {
        Err(Fault::NotAsked)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_is_good_for_what_it_was_made_for() {
        let (ours, other) = (Secrets::random(), Secrets::random());
        let token = made(&ours, Bound::Session("s"));
        assert!(holds(&ours, &token, Bound::Session("s")));
        assert!(!holds(&ours, &token, Bound::Session("t")));
        assert!(!holds(&ours, &token, Bound::Stranger("s")));
        assert!(!holds(&other, &token, Bound::Session("s")));
        assert_ne!(
            token,
            made(&ours, Bound::Session("s")),
            "each page has another"
        );
        for wrong in ["", "x", &token[1..], &token[..NONCE], "ééééééééééééé"] {
            assert!(!holds(&ours, wrong, Bound::Session("s")), "{wrong:?}");
        }
    }

    #[test]
    fn every_form_that_posts_gets_it_and_no_other() {
        let page = "<form method=\"post\" action=\"/a?b=&gt;\" novalidate>A</form><form method=\"get\">B</form><form method=\"post\">C</form>";
        let with = with_token(page, "T");
        let field = "\n<input type=\"hidden\" name=\"csrf\" value=\"T\">";
        assert_eq!(with.matches(field).count(), 2);
        assert_eq!(with.replace(field, ""), page);
    }

    #[test]
    fn every_template_writes_a_form_so_that_it_is_found() {
        for name in crate::web::render::Renderer::names() {
            let text = crate::web::render::Renderer::source(name).unwrap();
            for (at, _) in text.match_indices("<form") {
                let known = [FORM, "<form method=\"get\""]
                    .iter()
                    .any(|f| text[at..].starts_with(f));
                assert!(known, "{name}: {:?}", &text[at..(at + 40).min(text.len())]);
            }
            assert!(!text.contains("formmethod=\"post\""), "{name}");
        }
    }
}
