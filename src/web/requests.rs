//! (being written)

use super::{Fault, Page, Visit};
use crate::casework::Error;

pub async fn waive(_: Visit) -> Page {
    Err(Fault::Work(Error::NotFound))
}

pub async fn list(_: Visit) -> Page {
    Err(Fault::Work(Error::NotFound))
}

pub async fn send(_: Visit) -> Page {
    Err(Fault::Work(Error::NotFound))
}

pub async fn page(_: Visit) -> Page {
    Err(Fault::Work(Error::NotFound))
}

pub async fn decide(_: Visit) -> Page {
    Err(Fault::Work(Error::NotFound))
}
