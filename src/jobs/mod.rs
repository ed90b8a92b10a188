//! What happens without a person. Calls the same verbs as the pages; must not know of HTTP.

use std::sync::{Arc, Condvar, Mutex, PoisonError};
use std::time::Duration;

pub mod checkpoint;
pub mod clusters;
pub mod mail;
pub mod remind;
pub mod scan;
pub mod sweep;

/// Tells everything that runs without a person that the service stops: what is under way ends, and nothing more begins. Each
/// lets go of the database then, so that it can be closed before the program ends.
#[derive(Clone, Default)]
pub struct Stop(Arc<(Mutex<bool>, Condvar)>);

impl Stop {
    /// Says it.
    pub fn now(&self) {
        let (stopped, told) = &*self.0;
        *stopped.lock().unwrap_or_else(PoisonError::into_inner) = true;
        told.notify_all();
    }

    /// Waits for so long, or until the service stops; whether to go on.
    pub fn pause(&self, long: Duration) -> bool {
        let (stopped, told) = &*self.0;
        let held = stopped.lock().unwrap_or_else(PoisonError::into_inner);
        let (held, _) = told
            .wait_timeout_while(held, long, |stopped| !*stopped)
            .unwrap_or_else(PoisonError::into_inner);
        !*held
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pause_is_over_at_once_when_the_service_stops() {
        let stop = Stop::default();
        assert!(stop.pause(Duration::from_millis(1)));
        let waits = stop.clone();
        let job = std::thread::spawn(move || waits.pause(Duration::from_mins(10)));
        stop.now();
        assert!(!job.join().unwrap());
        assert!(!stop.pause(Duration::from_mins(10)));
    }
}
