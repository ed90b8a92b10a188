//! A form post, read once: size, kind, encoding and origin are checked here. Must not know any form.

use std::future::Future;
use std::pin::Pin;

use actix_web::dev::Payload;
use actix_web::http::header;
use actix_web::{FromRequest, HttpMessage, HttpRequest, web};

use super::{Fault, limits};
use tokio::sync::OwnedSemaphorePermit;
use tokio::time::timeout;

use super::closed::OfLink;
use super::csrf::{self, asked_here, same_site};
use super::patience::Patience;
use super::routes::{Access, access_of};
use crate::domain::form::Posted;

/// The largest post without files, in bytes.
pub const LARGEST: usize = 1024 * 1024;
/// More names than this are no form of ours.
const MOST_NAMES: usize = 5_000;

/// What was posted.
#[derive(Clone, Debug)]
pub struct Post(pub Posted);

impl Post {
    /// The first value posted under a name.
    pub fn get(&self, name: &str) -> Option<&str> {
        self.0.get(name)
    }

    /// The first value under a name, or nothing.
    pub fn text(&self, name: &str) -> &str {
        self.get(name).unwrap_or_default()
    }

    /// Every value posted under a name.
    pub fn all(&self, name: &str) -> Vec<String> {
        self.0
            .0
            .iter()
            .filter(|(n, _)| n == name)
            .map(|(_, v)| v.clone())
            .collect()
    }

    /// A whole number, 0 when there is none.
    pub fn number(&self, name: &str) -> i32 {
        self.text(name).parse().unwrap_or(0)
    }
}

/// Kept with the request, so that the place is free again when it is answered.
struct Placed(#[expect(dead_code, reason = "it is held, not read")] Option<OwnedSemaphorePermit>);

impl FromRequest for Post {
    type Error = Fault;
    type Future = Pin<Box<dyn Future<Output = Result<Self, Fault>>>>;

    fn from_request(req: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let sound = same_site(req).and_then(|()| form_kind(req));
        let bytes = web::Bytes::from_request(req, payload);
        let access = access_of(req.method(), req.match_pattern().as_deref());
        // Only what staff type can be lost by a session that ended.
        let staff = matches!(access, Some(Access::Staff(_)));
        // What the holder of a link types is lost when the request was closed meanwhile.
        let link = access == Some(Access::Link);
        let request = req.clone();
        Box::pin(async move {
            sound?;
            let body = timeout(Patience::of(&request).body, bytes)
                .await
                .map_err(|_| Fault::TooSlow)?;
            let body = body.map_err(|e| {
                if e.as_response_error().status_code().as_u16() == 413 {
                    Fault::TooLarge
                } else {
                    Fault::Unreadable
                }
            })?;
            if body.len() > LARGEST {
                return Err(Fault::TooLarge);
            }
            let post = parse(&body)?;
            if staff {
                request.extensions_mut().insert(post.clone());
            }
            asked_here(&request, post.get(csrf::FIELD))?;
            // Only what came from a page of ours counts: another site must not use up somebody's share.
            let place = match limits::counted(&request) {
                Ok(()) => limits::place(&request).await,
                Err(full) => Err(full),
            };
            match place {
                Ok(place) => {
                    request.extensions_mut().insert(Placed(place));
                    if link {
                        request.extensions_mut().insert(OfLink(post.clone()));
                    }
                    Ok(post)
                }
                Err(fault) => {
                    // Given back to whoever typed it, on the page that says to try again.
                    request.extensions_mut().insert(post);
                    Err(fault)
                }
            }
        })
    }
}

fn parse(body: &[u8]) -> Result<Post, Fault> {
    let text = std::str::from_utf8(body).map_err(|_| Fault::Unreadable)?;
    let pairs: Vec<(String, String)> = url::form_urlencoded::parse(text.as_bytes())
        .take(MOST_NAMES + 1)
        .map(|(n, v)| (n.into_owned(), v.into_owned()))
        .collect();
    if pairs.len() > MOST_NAMES {
        return Err(Fault::TooLarge);
    }
    Ok(Post(Posted(pairs)))
}

fn form_kind(req: &HttpRequest) -> Result<(), Fault> {
    let kind = req
        .headers()
        .get(header::CONTENT_TYPE)
        .and_then(|v| v.to_str().ok())
        .unwrap_or_default();
    if kind.split(';').next().is_some_and(|k| {
        k.trim()
            .eq_ignore_ascii_case("application/x-www-form-urlencoded")
    }) {
        Ok(())
    } else {
        Err(Fault::Unreadable)
    }
}
