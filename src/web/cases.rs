//! (being written)

use super::{Fault, Page, Visit};
use crate::casework::Error;

pub async fn worklist(_: Visit) -> Page {
    Err(Fault::Work(Error::NotFound))
}

pub async fn search(_: Visit) -> Page {
    Err(Fault::Work(Error::NotFound))
}

pub async fn page(_: Visit) -> Page {
    Err(Fault::Work(Error::NotFound))
}

pub async fn move_case(_: Visit) -> Page {
    Err(Fault::Work(Error::NotFound))
}

pub async fn finalise_page(_: Visit) -> Page {
    Err(Fault::Work(Error::NotFound))
}

pub async fn finalise(_: Visit) -> Page {
    Err(Fault::Work(Error::NotFound))
}

pub async fn reopen(_: Visit) -> Page {
    Err(Fault::Work(Error::NotFound))
}
