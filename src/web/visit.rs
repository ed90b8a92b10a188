//! Who calls: the request id, the cookies whose signatures are ours, and whether the route may be called at
//! all without signing in. Must not look anything up: that happens with the work, on the same connection.

use std::future::{Ready, ready};
use std::sync::Arc;

use actix_web::cookie::{Cookie, SameSite, time};
use actix_web::dev::Payload;
use actix_web::{FromRequest, HttpMessage, HttpRequest, web};
use serde_json::Value;

use super::routes::{Access, access_of};
use super::{App, Fault};
use crate::domain::actor::{Actor, Role};
use crate::domain::permission::{Facts, Verb, may};

/// The session cookie: `__Host-` wherever the browser would accept that prefix.
const SESSION: &str = "cdr_session";
const SESSION_SECURE: &str = "__Host-cdr_session";

/// One request.
#[derive(Clone, Debug)]
pub struct Visit {
    pub correlation: String,
    pub path: String,
    pub caller: Caller,
}

/// What the browser showed, each only when its signature is ours.
#[derive(Clone, Debug, Default)]
pub struct Caller {
    /// Token of a staff session.
    pub session: Option<String>,
    /// The role the session was opened with: for the navigation only. What it may do is looked up with the work.
    pub role: Option<Role>,
    /// Secret of an agency's claim.
    pub claim: Option<String>,
    /// Id of a notification draft begun in this browser.
    pub draft: Option<String>,
}

/// Left on the request by the outermost step.
#[derive(Clone)]
pub struct Correlation(pub String);

impl FromRequest for Visit {
    type Error = Fault;
    type Future = Ready<Result<Self, Fault>>;

    fn from_request(req: &HttpRequest, _: &mut Payload) -> Self::Future {
        ready(read(req))
    }
}

fn read(req: &HttpRequest) -> Result<Visit, Fault> {
    let app = req
        .app_data::<web::Data<Arc<App>>>()
        .ok_or(Fault::Unreadable)?;
    let correlation = req
        .extensions()
        .get::<Correlation>()
        .map(|c| c.0.clone())
        .unwrap_or_default();
    let signed = |name: &str, purpose: &str| {
        let cookie = req.cookie(name)?;
        app.house
            .secrets
            .verify(purpose, cookie.value())
            .map(str::to_owned)
    };
    let session = if app.secure_cookies {
        SESSION_SECURE
    } else {
        SESSION
    };
    let held = signed(session, "session-cookie");
    let (token, role) = held.as_deref().and_then(|h| h.split_once(':')).unzip();
    let caller = Caller {
        session: token.map(str::to_owned),
        role: role.and_then(|r| r.parse().ok()),
        claim: signed("cdr_request", "claim-cookie"),
        draft: signed("cdr_notify", "draft-cookie"),
    };
    let visit = Visit {
        correlation,
        path: req.path().to_owned(),
        caller,
    };
    // A route that is not in the table has no access and is refused.
    match access_of(req.method(), req.match_pattern().as_deref()) {
        Some(Access::Staff(_)) if visit.caller.session.is_none() => Err(Fault::SignIn),
        Some(_) => Ok(visit),
        None => Err(Fault::Work(crate::casework::Error::NotFound)),
    }
}

impl Visit {
    /// The staff navigation, when somebody is signed in: what the role may open.
    pub fn navigation(&self) -> Option<Value> {
        self.caller.session.as_ref()?;
        let actor = Actor::staff("", "", self.caller.role?, None);
        let any = Facts {
            assigned: true,
            ..Facts::default()
        };
        let places: [(&str, &str, &[Verb]); 4] = [
            ("/cases", "Worklist", &[Verb::SeeWorklist]),
            ("/returns", "Returns", &[Verb::CheckReturn]),
            (
                "/admin",
                "Admin",
                &[Verb::SeeForms, Verb::SeeOutbox, Verb::ManageUsers],
            ),
            ("/account", "Account", &[Verb::UseAccount]),
        ];
        let links: Vec<Value> = places
            .iter()
            .filter(|(_, _, verbs)| verbs.iter().any(|verb| may(&actor, *verb, &any)))
            .map(|(href, text, _)| {
                let current = self.path == *href || self.path.starts_with(&format!("{href}/"));
                context! { href, text, current }
            })
            .collect();
        Some(context! { links })
    }
}

/// Which cookie.
#[derive(Clone, Copy)]
pub enum Jar {
    Session,
    Claim,
    Draft,
}

/// A signed cookie; `None` takes it away.
pub fn cookie(app: &App, jar: Jar, value: Option<&str>) -> Cookie<'static> {
    let (name, purpose, hours) = match jar {
        Jar::Session if app.secure_cookies => (SESSION_SECURE, "session-cookie", 12),
        Jar::Session => (SESSION, "session-cookie", 12),
        Jar::Claim => ("cdr_request", "claim-cookie", 24 * 7),
        Jar::Draft => ("cdr_notify", "draft-cookie", 24),
    };
    let signed = value.map_or_else(String::new, |v| app.house.secrets.sign(purpose, v));
    let age = if value.is_some() {
        time::Duration::hours(hours)
    } else {
        time::Duration::ZERO
    };
    Cookie::build(name, signed)
        .path("/")
        .http_only(true)
        .secure(app.secure_cookies)
        .same_site(SameSite::Lax)
        .max_age(age)
        .finish()
}
