//! A form post with a file, read piece by piece into memory within bounds: nothing of a file touches the disk
//! before it is checked and sealed. Must not know any form.

use std::time::Duration;

use actix_multipart::{Field, Multipart};
use actix_web::HttpRequest;
use actix_web::http::header;
use actix_web::web::{Bytes, Payload};
use futures_util::TryStreamExt;
use tokio::sync::{Semaphore, SemaphorePermit};
use tokio::time::timeout;

use super::csrf::{self, asked_here, same_site};
use super::patience::Patience;
use super::{Fault, limits};
use crate::casework::Error;
use crate::domain::document::LARGEST;

/// Uploads at once: each may hold a whole file in memory, sealed and open.
pub static UPLOADS: Semaphore = Semaphore::const_new(4);
/// The same for agencies, whose links work without an account: they cannot keep staff waiting.
pub static AGENCY_UPLOADS: Semaphore = Semaphore::const_new(2);
/// Downloads at once, apart from uploads: somebody’s slow line must not keep others from reading.
pub static DOWNLOADS: Semaphore = Semaphore::const_new(4);
/// How long one waits for its turn.
const TURN: Duration = Duration::from_secs(10);
/// A body that says it is longer than this is not read at all: a little too large gets its words at the field.
const HOPELESS: usize = 4 * LARGEST;
/// Bytes of a field that is no file.
const LONGEST: usize = 20_000;
/// Fields of one form.
const MOST_FIELDS: usize = 50;

/// What was posted.
#[derive(Debug, Default)]
pub struct Upload {
    fields: Vec<(String, String)>,
    pub file: Option<Sent>,
}

/// A file as it came.
#[derive(Debug)]
pub struct Sent {
    pub name: String,
    /// Nothing when it is larger than is taken.
    pub bytes: Option<Bytes>,
}

impl Upload {
    /// The first value posted under a name, or nothing.
    pub fn text(&self, name: &str) -> &str {
        self.fields
            .iter()
            .find(|(n, _)| n == name)
            .map_or("", |(_, v)| v)
    }
}

/// Waits until one of the few places is free.
pub async fn turn(places: &'static Semaphore) -> Result<SemaphorePermit<'static>, Fault> {
    let busy = || Fault::from(Error::Unavailable);
    timeout(TURN, places.acquire())
        .await
        .map_err(|_| busy())?
        .map_err(|_| busy())
}

/// Refuses what no form of ours sends, before anything of the body is read.
pub fn sound(req: &HttpRequest) -> Result<(), Fault> {
    same_site(req)?;
    let header = |name: header::HeaderName| req.headers().get(name).and_then(|v| v.to_str().ok());
    let kind = header(header::CONTENT_TYPE).unwrap_or_default();
    if !kind.starts_with("multipart/form-data") {
        return Err(Fault::Unreadable);
    }
    let length = header(header::CONTENT_LENGTH).and_then(|v| v.parse::<usize>().ok());
    if length.is_some_and(|n| n > HOPELESS) {
        return Err(Fault::TooLarge);
    }
    Ok(())
}

/// Reads the form. `file` is the name of the one field that may hold a file.
pub async fn read(req: &HttpRequest, body: Payload, file: &str) -> Result<Upload, Fault> {
    read_up_to(req, body, file, LARGEST).await
}

/// The same with a file of at most so many bytes.
pub async fn read_up_to(
    req: &HttpRequest,
    body: Payload,
    file: &str,
    most: usize,
) -> Result<Upload, Fault> {
    timeout(Patience::of(req).file, gather(req, body, file, most))
        .await
        .map_err(|_| Fault::TooSlow)?
}

async fn gather(
    req: &HttpRequest,
    body: Payload,
    file: &str,
    most: usize,
) -> Result<Upload, Fault> {
    let mut form = Multipart::new(req.headers(), body);
    let mut upload = Upload::default();
    let (mut seen, mut asked) = (0_usize, false);
    while let Some(mut field) = form.try_next().await.map_err(|_| Fault::Unreadable)? {
        seen += 1;
        if seen > MOST_FIELDS {
            return Err(Fault::TooLarge);
        }
        let name = field.name().unwrap_or_default().to_owned();
        let called = file_name(&field);
        // The token stands first in every form of ours, so that nothing is read for nobody.
        if !asked {
            let token = content(&mut field, LONGEST).await?.unwrap_or_default();
            let token = std::str::from_utf8(&token).ok();
            asked_here(req, token.filter(|_| name == csrf::FIELD))?;
            limits::counted(req)?;
            asked = true;
        } else if name == file && upload.file.is_none() {
            let bytes = content(&mut field, most).await?;
            let name = called.unwrap_or_default();
            // A box that nothing was chosen in is sent without a name and without bytes.
            let chosen = !name.is_empty() || bytes.as_ref().is_none_or(|b| !b.is_empty());
            upload.file = chosen.then_some(Sent { name, bytes });
        } else if let (None, Some(value)) = (called, content(&mut field, LONGEST).await?) {
            let text = String::from_utf8(value.to_vec()).map_err(|_| Fault::Unreadable)?;
            upload.fields.push((name, text));
        }
    }
    if asked {
        Ok(upload)
    } else {
        Err(Fault::NotAsked)
    }
}

fn file_name(field: &Field) -> Option<String> {
    let said = field.content_disposition()?;
    said.get_filename_ext()
        .map(|ext| String::from_utf8_lossy(&ext.value).into_owned())
        .or_else(|| said.get_filename().map(str::to_owned))
}

/// A field's bytes; nothing when there are more than `most`, in which case the rest is read and dropped.
async fn content(field: &mut Field, most: usize) -> Result<Option<Bytes>, Fault> {
    match field.bytes(most).await {
        Ok(Ok(bytes)) => Ok(Some(bytes)),
        Ok(Err(_)) => Err(Fault::Unreadable),
        Err(_) => Ok(None),
    }
}
