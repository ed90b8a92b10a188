//! (being written)

use super::{Fault, Page, Visit};
use crate::casework::Error;

pub async fn notify(_: Visit) -> Page {
    Err(Fault::Work(Error::NotFound))
}

pub async fn case_status(_: Visit) -> Page {
    Err(Fault::Work(Error::NotFound))
}

pub async fn returns(_: Visit) -> Page {
    Err(Fault::Work(Error::NotFound))
}

pub async fn form(_: Visit) -> Page {
    Err(Fault::Work(Error::NotFound))
}

pub async fn openapi(_: Visit) -> Page {
    Err(Fault::Work(Error::NotFound))
}
