//! How long a request may take to arrive. Whoever sends slower is told so, and holds no place. Must not know what is
//! sent.

use std::sync::Arc;
use std::time::Duration;

use actix_web::{HttpRequest, web};

use super::App;

/// How long the parts of a request may take.
#[derive(Clone, Copy, Debug)]
pub struct Patience {
    /// Its first lines.
    pub head: Duration,
    /// A whole body without files.
    pub body: Duration,
    /// A whole body with a file.
    pub file: Duration,
}

impl Default for Patience {
    fn default() -> Self {
        Self {
            head: Duration::from_secs(15),
            body: Duration::from_secs(30),
            file: Duration::from_mins(5),
        }
    }
}

impl Patience {
    /// What this service was started with.
    pub fn of(req: &HttpRequest) -> Self {
        req.app_data::<web::Data<Arc<App>>>()
            .map(|app| app.patience)
            .unwrap_or_default()
    }
}
