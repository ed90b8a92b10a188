//! (being written)

use super::{Fault, Page, Visit};
use crate::casework::Error;

pub async fn home(_: Visit) -> Page {
    Err(Fault::Work(Error::NotFound))
}

pub async fn asset(_: Visit) -> Page {
    Err(Fault::Work(Error::NotFound))
}

pub async fn accessibility(_: Visit) -> Page {
    Err(Fault::Work(Error::NotFound))
}

pub async fn privacy(_: Visit) -> Page {
    Err(Fault::Work(Error::NotFound))
}

pub async fn demo_mail(_: Visit) -> Page {
    Err(Fault::Work(Error::NotFound))
}
