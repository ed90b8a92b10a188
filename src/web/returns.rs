//! (being written)

use super::{Fault, Page, Visit};
use crate::casework::Error;

pub async fn page(_: Visit) -> Page {
    Err(Fault::Work(Error::NotFound))
}

pub async fn export(_: Visit) -> Page {
    Err(Fault::Work(Error::NotFound))
}

pub async fn check(_: Visit) -> Page {
    Err(Fault::Work(Error::NotFound))
}

pub async fn answer(_: Visit) -> Page {
    Err(Fault::Work(Error::NotFound))
}
