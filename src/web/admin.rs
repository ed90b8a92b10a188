//! (being written)

use super::{Fault, Page, Visit};
use crate::casework::Error;

pub async fn home(_: Visit) -> Page {
    Err(Fault::Work(Error::NotFound))
}

pub async fn outbox(_: Visit) -> Page {
    Err(Fault::Work(Error::NotFound))
}

pub async fn mail(_: Visit) -> Page {
    Err(Fault::Work(Error::NotFound))
}

pub async fn forms(_: Visit) -> Page {
    Err(Fault::Work(Error::NotFound))
}

pub async fn form(_: Visit) -> Page {
    Err(Fault::Work(Error::NotFound))
}

pub async fn verify(_: Visit) -> Page {
    Err(Fault::Work(Error::NotFound))
}

pub async fn users(_: Visit) -> Page {
    Err(Fault::Work(Error::NotFound))
}

pub async fn add_user(_: Visit) -> Page {
    Err(Fault::Work(Error::NotFound))
}
