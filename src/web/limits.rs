//! How much anybody without an account may post: each source, all together, and at one moment. Notifications, agencies
//! and signing in are counted apart, so that a flood of one leaves the others alone. Page views are not counted, nor
//! what signed-in people and other systems do. Must not know any form.

use std::net::{IpAddr, Ipv4Addr};
use std::num::NonZeroU32;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};
use std::time::Duration;

use actix_web::{HttpRequest, web};
use governor::clock::{Clock, DefaultClock};
use governor::{DefaultDirectRateLimiter, DefaultKeyedRateLimiter, Quota, RateLimiter};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::time::timeout;

use super::routes::{Access, access_of};
use super::{App, Fault, visit};
use crate::config::PublicPosts;
use crate::domain::actor::TokenFault;
use crate::domain::network;

/// More sources than this are not told apart: the rest share one count.
const MOST_SOURCES: usize = 20_000;
/// Posts between two looks at how many sources are remembered.
const LOOK: u32 = 256;
/// Refused tokens a minute, from everybody together, that the trail keeps.
const REFUSALS: u32 = 60;
/// How many times as often as a form is sent its page may send what is being typed.
const TYPING: u32 = 10;
/// How long a post waits for its turn.
const TURN: Duration = Duration::from_secs(5);
/// Everybody whose own count there is no room for.
const REST: IpAddr = IpAddr::V4(Ipv4Addr::UNSPECIFIED);

/// The counts of this process, one for each purpose; what was set holds for each.
pub struct Limits {
    notify: Counts,
    link: Counts,
    /// What the pages of agencies' forms send while somebody types.
    typing: Counts,
    sign_in: Counts,
    /// Links that do not work, as far as they are looked up for the trail.
    dead: Counts,
    /// Tokens that do not hold, as far as they are kept in the trail: by source and reason.
    refused: DefaultKeyedRateLimiter<(IpAddr, TokenFault)>,
    refused_all: DefaultDirectRateLimiter,
}

impl Limits {
    /// Counts against what was set.
    pub fn new(set: &PublicPosts) -> Self {
        Self {
            notify: Counts::new(set),
            link: Counts::new(set),
            typing: Counts::new(&PublicPosts {
                per_source: set.per_source.saturating_mul(TYPING),
                overall: set.overall.saturating_mul(TYPING),
                ..*set
            }),
            sign_in: Counts::new(set),
            dead: Counts::new(set),
            refused: RateLimiter::keyed(minute(1)),
            refused_all: RateLimiter::direct(minute(REFUSALS)),
        }
    }

    /// Counts one link that does not work; whether there were few from here.
    pub fn few_dead(&self, address: IpAddr) -> bool {
        self.dead.count(address).is_ok()
    }

    /// Whether this is the first token within a minute that was refused to this source for this reason, and few were
    /// refused to all.
    pub fn first_refused(&self, address: IpAddr, why: TokenFault) -> bool {
        if self.refused.len() >= MOST_SOURCES {
            self.refused.retain_recent();
        }
        let key = (network::source(address), why);
        self.refused.len() < MOST_SOURCES
            && self.refused.check_key(&key).is_ok()
            && self.refused_all.check().is_ok()
    }

    /// What a post counts against; none when it needs an account or a token of its own.
    fn of(&self, req: &HttpRequest) -> Option<&Counts> {
        let pattern = req.match_pattern();
        match access_of(req.method(), pattern.as_deref())? {
            // Sent by the page itself while somebody types: it must not use up what they save with.
            Access::Link if pattern.as_deref().is_some_and(|p| p.ends_with("/typing")) => {
                Some(&self.typing)
            }
            Access::Link => Some(&self.link),
            Access::Anyone if pattern?.starts_with("/notify") => Some(&self.notify),
            Access::Anyone => Some(&self.sign_in),
            Access::Staff(_) | Access::Bearer(_) | Access::Operator => None,
        }
    }
}

fn minute(n: u32) -> Quota {
    Quota::per_minute(NonZeroU32::new(n).unwrap_or(NonZeroU32::MIN))
}

/// The counts of one purpose.
struct Counts {
    sources: DefaultKeyedRateLimiter<IpAddr>,
    all: DefaultDirectRateLimiter,
    at_once: Arc<Semaphore>,
    posts: AtomicU32,
    full: AtomicBool,
    most: usize,
}

impl Counts {
    fn new(set: &PublicPosts) -> Self {
        Self::with_room(set, MOST_SOURCES)
    }

    fn with_room(set: &PublicPosts, most: usize) -> Self {
        Self {
            sources: RateLimiter::keyed(minute(set.per_source)),
            all: RateLimiter::direct(minute(set.overall)),
            at_once: Arc::new(Semaphore::new(set.at_once.max(1) as usize)),
            posts: AtomicU32::new(0),
            full: AtomicBool::new(false),
            most,
        }
    }

    /// Counts one post from here; refused with how long to wait.
    fn count(&self, address: IpAddr) -> Result<(), Duration> {
        if self.posts.fetch_add(1, Ordering::Relaxed) % LOOK == LOOK - 1 {
            self.make_room();
        }
        let full = self.full.load(Ordering::Relaxed);
        let source = if full { REST } else { network::source(address) };
        let now = DefaultClock::default().now();
        self.sources
            .check_key(&source)
            .and_then(|()| self.all.check())
            .map_err(|until| until.wait_time_from(now))
    }

    /// Forgets the sources that have been quiet. When none can be forgotten, new ones are no longer told apart.
    fn make_room(&self) {
        self.sources.retain_recent();
        let full = self.sources.len() >= self.most;
        self.full.store(full, Ordering::Relaxed);
    }

    /// Waits until one of the places for public posts is free, so that they never take all the work there is.
    async fn turn(&self) -> Result<OwnedSemaphorePermit, Fault> {
        let place = Arc::clone(&self.at_once).acquire_owned();
        match timeout(TURN, place).await {
            Ok(Ok(permit)) => Ok(permit),
            _ => Err(Fault::Busy),
        }
    }
}

/// Counts a public post; whatever else is posted passes.
pub fn counted(req: &HttpRequest) -> Result<(), Fault> {
    let Some(app) = req.app_data::<web::Data<Arc<App>>>() else {
        return Ok(());
    };
    let Some(counts) = app.limits.of(req) else {
        return Ok(());
    };
    let address = visit::address(req, app).unwrap_or(REST);
    counts
        .count(address)
        .map_err(|wait| Fault::TooMany(wait.as_secs() + 1))
}

/// A place for a public post, held until it is answered; whatever else is posted needs none.
pub async fn place(req: &HttpRequest) -> Result<Option<OwnedSemaphorePermit>, Fault> {
    let app = req.app_data::<web::Data<Arc<App>>>();
    match app.and_then(|app| app.limits.of(req)) {
        Some(counts) => counts.turn().await.map(Some),
        None => Ok(None),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn set(per_source: u32, overall: u32) -> PublicPosts {
        PublicPosts {
            per_source,
            overall,
            at_once: 1,
            quickest: 0,
        }
    }

    fn ip(n: u32) -> IpAddr {
        IpAddr::V4(Ipv4Addr::from_bits(n))
    }

    #[test]
    fn a_flood_of_one_purpose_leaves_the_others_alone() {
        let limits = Limits::new(&set(1, 1));
        assert!(limits.notify.count(ip(1)).is_ok());
        assert!(limits.notify.count(ip(1)).is_err());
        for other in [&limits.link, &limits.sign_in, &limits.dead] {
            assert!(other.count(ip(1)).is_ok());
        }
    }

    #[test]
    fn a_refused_token_is_kept_once_a_minute_for_each_source_and_reason() {
        let limits = Limits::new(&set(1, 1));
        assert!(limits.first_refused(ip(1), TokenFault::Forged));
        assert!(!limits.first_refused(ip(1), TokenFault::Forged));
        assert!(limits.first_refused(ip(1), TokenFault::Revoked));
        assert!(limits.first_refused(ip(2), TokenFault::Forged));
        let kept = (3..5_000).filter(|n| limits.first_refused(ip(*n), TokenFault::Forged));
        assert!(
            kept.count() <= REFUSALS as usize,
            "a flood from everywhere is bounded"
        );
    }

    #[test]
    fn one_source_waits_and_another_does_not() {
        let limits = Counts::new(&set(3, 100));
        for _ in 0..3 {
            assert_eq!(limits.count(ip(1)), Ok(()));
        }
        assert!(limits.count(ip(1)).unwrap_err() <= Duration::from_secs(20));
        assert_eq!(limits.count(ip(2)), Ok(()));
        let v6 = |last: &str| format!("2001:db8::{last}").parse::<IpAddr>().unwrap();
        for last in ["1", "2", "3"] {
            assert_eq!(limits.count(v6(last)), Ok(()));
        }
        assert!(limits.count(v6("4")).is_err(), "a whole /64 is one source");
    }

    #[test]
    fn all_together_wait_too() {
        let limits = Counts::new(&set(100, 5));
        assert!((0..5).all(|n| limits.count(ip(n)).is_ok()));
        assert!(limits.count(ip(9)).is_err());
    }

    #[test]
    fn many_sources_do_not_fill_the_memory() {
        let limits = Counts::with_room(&set(2, u32::MAX), 500);
        for n in 1..5_000 {
            let _counted = limits.count(ip(n));
        }
        assert!(
            limits.sources.len() <= 500 + LOOK as usize,
            "{}",
            limits.sources.len()
        );
        assert!(limits.count(ip(9_999)).is_err(), "the rest share one count");
    }

    #[actix_web::test]
    async fn a_flood_holds_no_more_than_its_places() {
        let limits = Counts::new(&set(9, 9));
        let held = limits.turn().await.unwrap();
        let second = tokio::time::timeout(Duration::from_millis(20), limits.turn());
        assert!(second.await.is_err(), "it waits");
        drop(held);
        assert!(limits.turn().await.is_ok());
    }
}
