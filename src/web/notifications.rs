//! (being written)

use super::{Fault, Page, Visit};
use crate::casework::Error;

pub async fn page(_: Visit) -> Page {
    Err(Fault::Work(Error::NotFound))
}

pub async fn decide(_: Visit) -> Page {
    Err(Fault::Work(Error::NotFound))
}
