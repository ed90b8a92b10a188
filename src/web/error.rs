//! Where a fault becomes a status and a designed page (or a problem document for systems). One match, no
//! case content, no parser's words. Must not know any verb.

use std::fmt;

use actix_web::http::StatusCode;
use actix_web::http::header::ContentType;
use actix_web::{HttpResponse, ResponseError};

use crate::casework::Error;
use crate::store::StoreError;

/// Why a request was not answered with what was asked.
#[derive(Debug)]
pub enum Fault {
    /// From the work itself.
    Work(Error),
    /// Nobody is signed in.
    SignIn,
    /// The second factor must be checked again first.
    StepUp,
    /// The request could not be read: a body that is no form, a wrong type in the path.
    Unreadable,
    /// The body is larger than is taken.
    TooLarge,
    /// The post comes from another site's page.
    OtherSite,
    /// Too many posts from one source, or from all; how many seconds to wait.
    TooMany(u64),
    /// Every place for public posts is taken.
    Busy,
    /// The body came too slowly.
    TooSlow,
    /// The headers are longer than any browser of ours needs.
    HeadersTooLarge,
    /// The post carries no token of a page that this browser was given.
    NotAsked,
    /// No token, or none that is ours and in force.
    NoToken,
}

impl From<Error> for Fault {
    fn from(e: Error) -> Self {
        Self::Work(e)
    }
}

impl From<StoreError> for Fault {
    fn from(e: StoreError) -> Self {
        Self::Work(e.into())
    }
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.words().title)
    }
}

/// What an error page says.
#[derive(Clone, Copy)]
pub struct Words {
    pub title: &'static str,
    pub text: &'static str,
}

/// Left on a response so that the last step makes a page of it.
#[derive(Clone)]
pub struct Unmade {
    pub title: String,
    pub text: String,
    /// What the browser must do first.
    pub first: Option<First>,
    /// Seconds after which the same may be tried again, where waiting helps.
    pub retry_after: Option<u64>,
    /// It was the work that said no: what was typed for it is given back.
    pub given_back: Option<Again>,
}

/// Whether what was typed may do better when it is sent again as it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Again {
    Yes,
    No,
}

/// What a person must do before the page is for them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum First {
    SignIn,
    StepUp,
    /// Open the page again: what was typed is kept where somebody is signed in.
    Reopen,
    /// Open the restricted case of this reference with a reason.
    Door(String),
}

impl Fault {
    fn words(&self) -> Words {
        match self {
            // A browser is led to the door of the case; for anything else it is not there.
            Self::Work(Error::NotFound | Error::Restricted(_)) => of_status(StatusCode::NOT_FOUND),
            Self::Work(Error::Forbidden) | Self::OtherSite => of_status(StatusCode::FORBIDDEN),
            Self::NotAsked => NOT_ASKED,
            Self::Work(Error::Stale) => of_status(StatusCode::CONFLICT),
            Self::Work(Error::Invalid(_) | Error::Rule(_)) => {
                of_status(StatusCode::UNPROCESSABLE_ENTITY)
            }
            Self::Work(Error::Unavailable) | Self::Busy => {
                of_status(StatusCode::SERVICE_UNAVAILABLE)
            }
            Self::TooMany(_) => of_status(StatusCode::TOO_MANY_REQUESTS),
            Self::TooSlow => of_status(StatusCode::REQUEST_TIMEOUT),
            Self::HeadersTooLarge => of_status(StatusCode::REQUEST_HEADER_FIELDS_TOO_LARGE),
            Self::Work(Error::Damaged { .. }) => DAMAGED,
            Self::Work(Error::Internal(_)) => of_status(StatusCode::INTERNAL_SERVER_ERROR),
            Self::SignIn | Self::StepUp | Self::NoToken => of_status(StatusCode::UNAUTHORIZED),
            Self::Unreadable => of_status(StatusCode::BAD_REQUEST),
            Self::TooLarge => of_status(StatusCode::PAYLOAD_TOO_LARGE),
        }
    }
}

/// Seconds after which a busy service is worth another try.
const BUSY: u64 = 10;

/// What was kept is not what was written: the reader is told that it is the record, not the page.
const DAMAGED: Words = Words {
    title: "This record is damaged",
    text: "Part of it is not as it was written, so nothing of it is shown. It has been recorded. Tell the team, or whoever runs this service, and give the number below: it can be put back from a backup.",
};

/// The page was made for another session of this browser, or by somebody else.
const NOT_ASKED: Words = Words {
    title: "This page is out of date",
    text: "It was opened before you signed in or out, or too long ago, so nothing was changed. Go back: what you typed still stands there. Open the page again in another tab and copy it over.",
};

/// The words for a status, for faults that never reached a handler too.
pub fn of_status(status: StatusCode) -> Words {
    let (title, text) = match status.as_u16() {
        401 => ("Sign in first", "You need to sign in to see this page."),
        403 => (
            "You cannot do this",
            "Your account does not allow this. Nothing was changed.",
        ),
        404 | 405 => (
            "Page not found",
            "There is no such page, or it is not one that you can see. Check the address, or go back to where you were.",
        ),
        409 => (
            "Somebody else saved first",
            "What you typed was not saved, because the page had changed in the meantime. Go back, copy what you typed, and open the page again.",
        ),
        413 => (
            "Too much at once",
            "What you sent is larger than this service takes. Send less text and try again.",
        ),
        415 | 400 => (
            "The request could not be read",
            "Something in the address or in what was sent is not as this service expects it. Nothing was changed.",
        ),
        422 => ("This cannot be done now", "Nothing was changed."),
        408 => (
            "It took too long to arrive",
            "What you sent came too slowly and was not saved. Go back, and try again.",
        ),
        431 => (
            "The request could not be read",
            "Your browser sent more about itself than this service takes. Delete the cookies of this site and try again.",
        ),
        429 => (
            "Too much at once",
            "A great deal was sent from your network or to this service, so this was not taken just now. Nothing that you saved is lost. Wait a little, then send it again.",
        ),
        503 => (
            "The service is busy",
            "Your request could not be taken just now. Nothing was lost on the server. Try again in a minute.",
        ),
        _ => (
            "Something went wrong",
            "The fault is ours. It has been recorded. Try again; if it stays, tell the team and give the number below.",
        ),
    };
    Words { title, text }
}

impl ResponseError for Fault {
    fn status_code(&self) -> StatusCode {
        match self {
            Self::Work(Error::NotFound | Error::Restricted(_)) => StatusCode::NOT_FOUND,
            Self::Work(Error::Forbidden) | Self::OtherSite | Self::NotAsked => {
                StatusCode::FORBIDDEN
            }
            Self::Work(Error::Stale) => StatusCode::CONFLICT,
            Self::Work(Error::Invalid(_) | Error::Rule(_)) => StatusCode::UNPROCESSABLE_ENTITY,
            Self::Work(Error::Unavailable) | Self::Busy => StatusCode::SERVICE_UNAVAILABLE,
            Self::TooMany(_) => StatusCode::TOO_MANY_REQUESTS,
            Self::TooSlow => StatusCode::REQUEST_TIMEOUT,
            Self::HeadersTooLarge => StatusCode::REQUEST_HEADER_FIELDS_TOO_LARGE,
            Self::Work(Error::Internal(_) | Error::Damaged { .. }) => {
                StatusCode::INTERNAL_SERVER_ERROR
            }
            Self::SignIn | Self::StepUp | Self::NoToken => StatusCode::UNAUTHORIZED,
            Self::Unreadable => StatusCode::BAD_REQUEST,
            Self::TooLarge => StatusCode::PAYLOAD_TOO_LARGE,
        }
    }

    fn error_response(&self) -> HttpResponse {
        if let Self::Work(Error::Internal(cause)) = self {
            tracing::error!(%cause, "a request failed");
        }
        if let Self::Work(Error::Damaged { table, row }) = self {
            tracing::error!(table, row, "a sealed value is damaged");
        }
        let words = self.words();
        let text = match self {
            Self::Work(Error::Rule(why)) => why.clone(),
            Self::Work(Error::Invalid(problems)) => problems
                .iter()
                .map(|p| p.message.as_str())
                .collect::<Vec<_>>()
                .join(". "),
            _ => words.text.to_owned(),
        };
        let mut response = HttpResponse::new(self.status_code());
        response.extensions_mut().insert(Unmade {
            title: words.title.to_owned(),
            text,
            first: match self {
                Self::SignIn => Some(First::SignIn),
                Self::StepUp => Some(First::StepUp),
                Self::NotAsked => Some(First::Reopen),
                Self::Work(Error::Restricted(reference)) => Some(First::Door(reference.clone())),
                _ => None,
            },
            retry_after: match self {
                Self::TooMany(seconds) => Some(*seconds),
                Self::Busy | Self::Work(Error::Unavailable) => Some(BUSY),
                _ => None,
            },
            given_back: match self {
                // What was changed meanwhile is compared on its own page; sent again it would be refused again.
                Self::Work(Error::Stale) => Some(Again::No),
                Self::Work(
                    Error::NotFound | Error::Forbidden | Error::Rule(_) | Error::Invalid(_),
                ) => Some(Again::Yes),
                _ => None,
            },
        });
        response
    }
}

/// An HTML answer that no cache may keep.
pub fn html(status: StatusCode, body: String) -> HttpResponse {
    HttpResponse::build(status)
        .content_type(ContentType::html())
        .body(body)
}
