//! Where ids and the letters of links and references come from: chance in service, a fixed sequence in a
//! synthetic caseload, so that the same seed gives the same rows. Must not know what is named.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use chrono::{DateTime, Utc};

use super::secrets;

/// The source of ids and links. A sequence keeps no secret, so nothing but a synthetic caseload may use it.
#[derive(Clone, Debug, Default)]
pub enum Ids {
    /// From the system's source of random bits.
    #[default]
    Chance,
    /// From a fixed sequence; clones go on with the same one.
    Sequence(Arc<AtomicU64>),
}

impl Ids {
    /// The sequence that starts at `seed`.
    pub fn sequence(seed: u64) -> Self {
        Self::Sequence(Arc::new(AtomicU64::new(seed)))
    }

    /// A time-ordered id.
    pub fn id(&self, now: DateTime<Utc>) -> String {
        let Self::Sequence(state) = self else {
            return new_id(now);
        };
        let mut bytes = [0; 10];
        let drawn = step(state)
            .to_le_bytes()
            .into_iter()
            .chain(step(state).to_le_bytes());
        for (byte, drawn) in bytes.iter_mut().zip(drawn) {
            *byte = drawn;
        }
        let millis = u64::try_from(now.timestamp_millis()).unwrap_or(0);
        uuid::Builder::from_unix_timestamp_millis(millis, &bytes)
            .into_uuid()
            .to_string()
    }

    /// The secret part of a link: 160 bits in letters and digits that are hard to confuse.
    pub fn link(&self) -> String {
        self.letters(32)
    }

    /// `n` letters and digits that are hard to confuse.
    pub fn letters(&self, n: usize) -> String {
        match self {
            Self::Chance => secrets::random_letters(n),
            Self::Sequence(state) => (0..n).map(|_| secrets::letter(step(state))).collect(),
        }
    }
}

/// A new id from chance.
pub fn new_id(now: DateTime<Utc>) -> String {
    let seconds = u64::try_from(now.timestamp()).unwrap_or(0);
    let stamp = uuid::Timestamp::from_unix(uuid::NoContext, seconds, now.timestamp_subsec_nanos());
    uuid::Uuid::new_v7(stamp).to_string()
}

/// One step of splitmix64 (Steele, Lea and Flood 2014): well spread, and the same on every machine.
fn step(state: &AtomicU64) -> u64 {
    const GOLDEN: u64 = 0x9E37_79B9_7F4A_7C15;
    mix(state
        .fetch_add(GOLDEN, Ordering::Relaxed)
        .wrapping_add(GOLDEN))
}

/// Spreads the bits of a number.
pub(crate) const fn mix(z: u64) -> u64 {
    let z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    let z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    z ^ (z >> 31)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_sequence_repeats_and_chance_does_not() {
        let now = DateTime::from_timestamp(1_700_000_000, 0).unwrap();
        let drawn = |ids: Ids| (ids.id(now), ids.link(), ids.letters(8));
        assert_eq!(drawn(Ids::sequence(7)), drawn(Ids::sequence(7)));
        assert_ne!(drawn(Ids::sequence(7)), drawn(Ids::sequence(8)));
        assert_ne!(drawn(Ids::Chance), drawn(Ids::Chance));
        let ids = Ids::sequence(1);
        assert!(ids.id(now) < ids.id(now + chrono::Duration::seconds(1)));
    }
}
