//! A small deterministic source of chance: splitmix64. The same seed gives the same draws on every machine and
//! in every version, and each thing draws from its own branch, so that one more draw here changes nothing
//! there. No secret may come from it.

use crate::casework::ids::mix;

const GOLDEN: u64 = 0x9E37_79B9_7F4A_7C15;

/// One sequence of draws.
#[derive(Clone, Debug)]
pub struct Chance(u64);

impl Chance {
    /// The sequence of a seed.
    pub const fn new(seed: u64) -> Self {
        Self(mix(seed ^ GOLDEN))
    }

    /// A sequence of its own for one purpose.
    #[must_use]
    pub fn branch(&self, purpose: &str) -> Self {
        let folded = purpose.bytes().fold(0xCBF2_9CE4_8422_2325, |hash, byte| {
            (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01B3)
        });
        Self(mix(self.0 ^ folded))
    }

    /// A sequence of its own for the `n`th of a kind.
    #[must_use]
    pub const fn nth(&self, n: u64) -> Self {
        Self(mix(self
            .0
            .wrapping_add(mix(n.wrapping_add(1)).wrapping_mul(GOLDEN))))
    }

    /// The number that begins this sequence: a seed for another.
    pub const fn seed(&self) -> u64 {
        self.0
    }

    /// Any number.
    pub fn draw(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(GOLDEN);
        mix(self.0)
    }

    /// A number below `n`; 0 when `n` is 0.
    pub fn below(&mut self, n: u64) -> u64 {
        // The bias of the remainder is far below what anybody could see in a caseload.
        self.draw().checked_rem(n).unwrap_or(0)
    }

    /// A number from `low` to `high`, both included.
    pub fn between(&mut self, low: i64, high: i64) -> i64 {
        let span = u64::try_from(high.saturating_sub(low)).unwrap_or(0);
        let drawn = self.below(span.saturating_add(1));
        low.saturating_add(i64::try_from(drawn).unwrap_or(0))
    }

    /// True so many times in a hundred.
    pub fn percent(&mut self, n: u64) -> bool {
        self.below(100) < n
    }

    /// One of several.
    pub fn pick<'a, T>(&mut self, from: &'a [T]) -> Option<&'a T> {
        let place = self.below(u64::try_from(from.len()).unwrap_or(0));
        from.get(usize::try_from(place).unwrap_or(0))
    }

    /// One of several words; none is an empty word.
    pub fn word(&mut self, from: &[&'static str]) -> &'static str {
        self.pick(from).copied().unwrap_or_default()
    }

    /// One of several, each as often as its weight says.
    pub fn weighted<'a, T>(&mut self, from: &'a [T], weight: impl Fn(&T) -> u64) -> Option<&'a T> {
        let whole: u64 = from.iter().map(&weight).sum();
        let mut left = self.below(whole);
        from.iter().find(|one| {
            let weight = weight(one);
            let here = left < weight;
            left = left.saturating_sub(weight);
            here
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn draws_repeat_and_branches_differ() {
        let all = |mut c: Chance| (0..5).map(|_| c.draw()).collect::<Vec<_>>();
        assert_eq!(all(Chance::new(3)), all(Chance::new(3)));
        assert_ne!(all(Chance::new(3)), all(Chance::new(4)));
        assert_ne!(
            all(Chance::new(3).branch("a")),
            all(Chance::new(3).branch("b"))
        );
        assert_ne!(all(Chance::new(3).nth(0)), all(Chance::new(3).nth(1)));
    }

    #[test]
    fn weights_are_kept() {
        let mut chance = Chance::new(1);
        let rare = (0..10_000)
            .filter(|_| chance.weighted(&[(1, 9), (2, 1)], |w| w.1).unwrap().0 == 2)
            .count();
        assert!((850..1150).contains(&rare), "{rare}");
        assert!((0..100).all(|_| (3..=5).contains(&chance.between(3, 5))));
        assert_eq!(chance.below(0), 0);
    }
}
