//! The six digits that an authenticator app shows (RFC 6238: SHA-1, thirty seconds, one step either side).
//! Must not know where the secret is kept, nor which codes were used.

use totp_rs::{Algorithm, Builder, Totp};

/// Seconds that one code stands for.
pub const STEP: u64 = 30;
const LETTERS: &[u8; 32] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";

/// What the app and the service share: 160 bits (RFC 4226, section 4).
#[derive(Clone, PartialEq, Eq)]
pub struct Shared([u8; 20]);

impl Shared {
    pub const fn new(bytes: [u8; 20]) -> Self {
        Self(bytes)
    }

    pub const fn bytes(&self) -> &[u8; 20] {
        &self.0
    }

    /// For typing into an app by hand: base 32 (RFC 4648) without padding, which 160 bits do not need.
    pub fn text(&self) -> String {
        let mut text = String::with_capacity(32);
        for chunk in self.0.chunks(5) {
            let bits = chunk
                .iter()
                .fold(0_u64, |bits, byte| bits << 8 | u64::from(*byte));
            for place in (0..8).rev() {
                let at = usize::try_from(bits >> (place * 5) & 31).unwrap_or(0);
                text.push(char::from(LETTERS.get(at).copied().unwrap_or(b'A')));
            }
        }
        text
    }

    /// The secret from its text, however it was spaced.
    pub fn read(text: &str) -> Option<Self> {
        let places: Vec<u64> = text
            .bytes()
            .filter(|b| !b.is_ascii_whitespace())
            .map(|b| LETTERS.iter().position(|l| *l == b.to_ascii_uppercase()))
            .map(|at| at.and_then(|at| u64::try_from(at).ok()))
            .collect::<Option<_>>()?;
        let mut bytes = Vec::with_capacity(20);
        for chunk in places.chunks(8).filter(|c| c.len() == 8) {
            let bits = chunk.iter().fold(0_u64, |bits, place| bits << 5 | place);
            bytes.extend(bits.to_be_bytes().get(3..)?);
        }
        bytes.try_into().ok().map(Self)
    }

    /// The code at a moment, in seconds since 1970.
    pub fn code(&self, at: u64) -> String {
        self.totp()
            .map_or_else(String::new, |totp| totp.generate(at).to_string())
    }

    /// The step that a typed code stands for, when it is this one, the one before or the one after, and later
    /// than `last`: a code works once, and none before it works afterwards.
    pub fn step(&self, typed: &str, at: u64, last: u64) -> Option<u64> {
        let digits: String = typed.chars().filter(|c| !c.is_whitespace()).collect();
        let totp = self.totp()?;
        totp.check(&digits, at).filter(|step| *step > last)
    }

    fn totp(&self) -> Option<Totp> {
        Builder::new()
            .with_algorithm(Algorithm::SHA1)
            .with_digits(6)
            .with_skew(1)
            .with_step_duration(STEP)
            .with_secret(self.0)
            .build()
            .ok()
    }

    /// The address that the app's picture holds.
    pub fn address(&self, issuer: &str, account: &str) -> String {
        let issuer = percent(issuer);
        format!(
            "otpauth://totp/{issuer}:{}?secret={}&issuer={issuer}&algorithm=SHA1&digits=6&period={STEP}",
            percent(account),
            self.text()
        )
    }
}

fn percent(text: &str) -> String {
    url::form_urlencoded::byte_serialize(text.as_bytes())
        .collect::<String>()
        .replace('+', "%20")
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The secret and the codes of RFC 6238, appendix B, cut to six digits.
    #[test]
    fn codes_are_those_of_the_standard() {
        let shared = Shared::new(*b"12345678901234567890");
        for (at, code) in [
            (59, "287082"),
            (1_111_111_109, "081804"),
            (1_234_567_890, "005924"),
            (20_000_000_000, "353130"),
        ] {
            assert_eq!(shared.code(at), code);
        }
        assert_eq!(shared.text(), "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ");
        assert!(Shared::read("gezd gnbv gy3t qojq gezd gnbv gy3t qojq") == Some(shared));
        assert!(Shared::read("gezd").is_none() && Shared::read("1").is_none());
    }

    #[test]
    fn a_code_holds_one_step_either_side_and_once() {
        let shared = Shared::new(*b"12345678901234567890");
        let at = 1_234_567_890;
        let code = shared.code(at);
        for (seconds, holds) in [
            (-60, false),
            (-30, true),
            (0, true),
            (30, true),
            (60, false),
        ] {
            let then = at.checked_add_signed(seconds).unwrap();
            assert_eq!(shared.step(&code, then, 0).is_some(), holds, "{seconds}");
        }
        let step = shared
            .step(&format!(" {} {}", &code[..3], &code[3..]), at, 0)
            .unwrap();
        assert_eq!(step, at / STEP);
        assert_eq!(shared.step(&code, at, step), None);
        for odd in ["", "12345", "1234567", "+05924", "٠٠٥٩٢٤"] {
            assert_eq!(shared.step(odd, at, 0), None, "{odd}");
        }
    }

    #[test]
    fn the_address_holds_no_stray_sign() {
        let shared = Shared::new([7; 20]);
        let address = shared.address("Child death review", "a+b@cdr.example");
        assert!(
            address
                .starts_with("otpauth://totp/Child%20death%20review:a%2Bb%40cdr.example?secret=")
        );
    }
}
