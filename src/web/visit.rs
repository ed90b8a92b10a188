//! Who calls: the request id, where from, the cookies of ours, and whether the route may be called at
//! all without signing in. Must not look anything up: that happens with the work, on the same connection.

use std::future::{Ready, ready};
use std::net::IpAddr;
use std::sync::{Arc, OnceLock};

use actix_web::cookie::{Cookie, SameSite, time};
use actix_web::dev::Payload;
use actix_web::http::header;
use actix_web::{FromRequest, HttpMessage, HttpRequest, HttpResponse, web};
use chrono::Duration;
use serde_json::Value;

use super::routes::{Access, access_of};
use super::{App, Fault};
use crate::casework::Noted;
use crate::casework::sessions::{self, Origin};
use crate::casework::{links, signed};
use crate::domain::actor::{Actor, Role};
use crate::domain::network;
use crate::domain::permission::{Facts, Verb, may};

/// One request.
#[derive(Clone, Debug, Default)]
pub struct Visit {
    pub correlation: String,
    pub path: String,
    pub origin: Origin,
    pub caller: Caller,
    /// What the request looks at, for the audit trail.
    pub noted: Noted,
}

/// What the browser showed.
#[derive(Clone, Debug, Default)]
pub struct Caller {
    /// Token of a staff session.
    pub session: Option<String>,
    /// Whose password was right a moment ago, while the code is still to come.
    pub half: Option<String>,
    /// Secret of an agency's claim, only when the signature is ours.
    pub claim: Option<String>,
    /// Id of a notification draft begun in this browser, only when the signature is ours.
    pub draft: Option<String>,
    /// The code that this browser must type for an agency's link, only when the signature is ours.
    pub challenge: Option<String>,
    /// The mark of the account that was signed in to in this browser, only when the signature is ours.
    pub device: Option<String>,
    /// What the tokens in forms are bound to before anybody has signed in.
    pub stranger: Option<String>,
    /// What the work found out about the session, for the page around it.
    pub known: Arc<OnceLock<Known>>,
}

/// A live session, as the page around the work needs it.
#[derive(Clone, Copy, Debug)]
pub struct Known {
    pub role: Role,
    /// Seconds until it ends by quiet or at last.
    pub lasts: i64,
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
    let caller = caller(req, app);
    let visit = Visit {
        correlation,
        path: req.path().to_owned(),
        origin: origin(req, app),
        caller,
        noted: Noted::watched(),
    };
    // A route that is not in the table has no access and is refused.
    match access_of(req.method(), req.match_pattern().as_deref()) {
        Some(Access::Staff(_)) if visit.caller.session.is_none() => Err(Fault::SignIn),
        Some(_) => Ok(visit),
        None => Err(Fault::Work(crate::casework::Error::NotFound)),
    }
}

/// What the browser holds of ours.
pub(super) fn caller(req: &HttpRequest, app: &App) -> Caller {
    let signed = |jar: Jar| {
        let (kind, _) = jar.kept();
        let held = held(req, app, jar)?;
        signed::verify(&app.house.secrets, kind?, &held, (app.clock)())
    };
    Caller {
        session: held(req, app, Jar::Session),
        half: held(req, app, Jar::Half),
        stranger: held(req, app, Jar::Stranger),
        claim: signed(Jar::Claim),
        draft: signed(Jar::Draft),
        challenge: signed(Jar::LinkCode),
        device: signed(Jar::Device),
        known: Arc::default(),
    }
}

impl Visit {
    /// The staff navigation, when somebody is signed in: what the role may open.
    pub fn navigation(&self) -> Option<Value> {
        let known = self.caller.known.get()?;
        let actor = Actor::staff("", "", known.role, None);
        let any = Facts {
            assigned: true,
            ..Facts::default()
        };
        let places: [(&str, &str, &[Verb]); 14] = [
            ("/cases", "Worklist", &[Verb::SeeWorklist]),
            ("/agency", "Requests", &[Verb::SeeAgencyRequests]),
            ("/meetings", "Meetings", &[Verb::SeeMeetings]),
            ("/actions", "Actions", &[Verb::SeeActions]),
            ("/processes", "Parallel processes", &[Verb::SeeProcesses]),
            ("/directory", "Directory", &[Verb::SeeDirectory]),
            ("/responses", "Response times", &[Verb::SeeResponses]),
            ("/themes", "Themes", &[Verb::ReadCounts]),
            ("/quality", "Quality", &[Verb::SeeQuality]),
            ("/returns", "Returns", &[Verb::CheckReturn]),
            ("/years", "Years", &[Verb::SeeYears]),
            (
                "/admin",
                "Admin",
                &[
                    Verb::SeeForms,
                    Verb::SeeOutbox,
                    Verb::ManageUsers,
                    Verb::Invite,
                    Verb::SeePermissions,
                ],
            ),
            ("/admin/audit", "Audit", &[Verb::ReadAudit]),
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
        Some(context! { links, lasts => known.lasts })
    }
}

/// What a browser holds in this cookie.
pub(super) fn held(req: &HttpRequest, app: &App, jar: Jar) -> Option<String> {
    req.cookie(&name(app, jar))
        .map(|c| c.value().to_owned())
        .filter(|value| !value.is_empty())
}

/// What a proxy of ours says of the request; from anybody else the header is not there.
pub(super) fn forwarded<'r>(req: &'r HttpRequest, app: &App, name: &str) -> Option<&'r str> {
    let peer = req.peer_addr()?.ip();
    let trusted = app.proxies.iter().any(|network| network.contains(peer));
    let value = req.headers().get(name).filter(|_| trusted)?;
    value.to_str().ok().map(str::trim)
}

/// The address that a request comes from: past our proxies, when there are any.
pub(super) fn address(req: &HttpRequest, app: &App) -> Option<IpAddr> {
    let peer = req.peer_addr()?.ip();
    // A proxy may add a line of its own to what came.
    let said: Vec<&str> = req
        .headers()
        .get_all("x-forwarded-for")
        .filter_map(|v| v.to_str().ok())
        .collect();
    Some(network::caller(peer, &said.join(","), &app.proxies))
}

/// What proxies put on what they pass on, whether or not we believe what it says.
const PASSED_ON: [&str; 4] = ["forwarded", "via", "x-forwarded-", "x-real-ip"];

/// Whether a request comes from whoever runs the service.
pub(super) fn is_operator(req: &HttpRequest, app: &App) -> bool {
    let passed_on = req.headers().keys().any(|name| {
        let name = name.as_str();
        PASSED_ON.iter().any(|begin| match begin.strip_suffix('-') {
            Some(_) => name.starts_with(begin),
            None => name == *begin,
        })
    });
    req.peer_addr()
        .is_some_and(|peer| network::is_operator(peer.ip(), passed_on, &app.metrics_from))
}

/// Where a request comes from.
fn origin(req: &HttpRequest, app: &App) -> Origin {
    let agent = req
        .headers()
        .get(header::USER_AGENT)
        .and_then(|v| v.to_str().ok())
        .unwrap_or_default();
    Origin {
        source: address(req, app)
            .map(|address| network::source(address).to_string())
            .unwrap_or_default(),
        browser: browser(agent),
    }
}

/// The kind of browser, so that a person knows their own again; nothing that could tell two of a kind apart.
fn browser(agent: &str) -> String {
    let first = |names: &[(&str, &'static str)]| {
        names
            .iter()
            .find(|(sign, _)| agent.contains(sign))
            .map(|(_, name)| *name)
    };
    // The order matters: each names itself and those it descends from.
    let name = first(&[
        ("Edg", "Edge"),
        ("OPR/", "Opera"),
        ("Firefox/", "Firefox"),
        ("Chrome/", "Chrome"),
        ("Safari/", "Safari"),
    ]);
    let system = first(&[
        ("Android", "Android"),
        ("iPhone", "iPhone"),
        ("iPad", "iPad"),
        ("Windows", "Windows"),
        ("Mac OS", "macOS"),
        ("Linux", "Linux"),
    ]);
    match (name, system) {
        (Some(name), Some(system)) => format!("{name} on {system}"),
        (Some(name), None) => name.to_owned(),
        (None, _) => "Another browser".to_owned(),
    }
}

/// Which cookie.
#[derive(Clone, Copy)]
pub enum Jar {
    Session,
    Half,
    Claim,
    Draft,
    Stranger,
    LinkCode,
    Device,
}

impl Jar {
    /// How its value is signed, and for how long it is kept. A session's token is opaque and unsigned: only its
    /// hash is known here; a half-signed-in one is signed by the work.
    const fn kept(self) -> (Option<signed::Kind>, Duration) {
        match self {
            Self::Session => (None, sessions::WHOLE),
            Self::Half => (None, sessions::HALF),
            Self::LinkCode => (Some(signed::Kind::LinkCode), links::CODE_LASTS),
            Self::Stranger => (None, Duration::days(7)),
            Self::Claim => (Some(signed::Kind::Claim), Duration::days(7)),
            Self::Draft => (Some(signed::Kind::Draft), Duration::days(1)),
            Self::Device => (Some(signed::Kind::Device), sessions::KNOWN),
        }
    }
}

/// The cookie's name: with `__Host-` wherever the browser would accept that prefix, which it does not over plain
/// HTTP on loopback.
pub fn name(app: &App, jar: Jar) -> String {
    let plain = match jar {
        Jar::Session => "cdr_session",
        Jar::Half => "cdr_sign_in",
        Jar::Claim => "cdr_request",
        Jar::Draft => "cdr_notify",
        Jar::Stranger => "cdr_form",
        Jar::LinkCode => "cdr_code",
        Jar::Device => "cdr_device",
    };
    let prefix = if app.secure_cookies { "__Host-" } else { "" };
    format!("{prefix}{plain}")
}

/// A cookie of ours; `None` takes it away.
pub fn cookie(app: &App, jar: Jar, value: Option<&str>) -> Cookie<'static> {
    let (kind, lasts) = jar.kept();
    let text = match (value, kind) {
        (None, _) => String::new(),
        (Some(value), None) => value.to_owned(),
        // Signing with a key of fixed size does not fail; an empty cookie would open nothing.
        (Some(value), Some(kind)) => {
            signed::sign(&app.house.secrets, kind, value, (app.clock)(), lasts).unwrap_or_default()
        }
    };
    let age = value.map_or(0, |_| lasts.num_seconds());
    Cookie::build(name(app, jar), text)
        .path("/")
        .http_only(true)
        .secure(app.secure_cookies)
        .same_site(SameSite::Lax)
        .max_age(time::Duration::seconds(age))
        .finish()
}

/// An answer with a cookie.
pub fn with_cookie(
    app: &App,
    mut response: HttpResponse,
    jar: Jar,
    value: Option<&str>,
) -> Result<HttpResponse, Fault> {
    response
        .add_cookie(&cookie(app, jar, value))
        .map_err(|_| Fault::Unreadable)?;
    Ok(response)
}

#[cfg(test)]
mod tests {
    use super::browser;

    #[test]
    fn a_browser_is_named_by_kind_alone() {
        let table = [
            (
                "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/126.0 Safari/537.36 Edg/126.0",
                "Edge on Windows",
            ),
            (
                "Mozilla/5.0 (X11; Linux x86_64; rv:127.0) Gecko/20100101 Firefox/127.0",
                "Firefox on Linux",
            ),
            (
                "Mozilla/5.0 (iPhone; CPU iPhone OS 17_5 like Mac OS X) Version/17.5 Safari/604.1",
                "Safari on iPhone",
            ),
            ("curl/8.0", "Another browser"),
            ("", "Another browser"),
        ];
        for (agent, wanted) in table {
            assert_eq!(browser(agent), wanted);
        }
    }
}
