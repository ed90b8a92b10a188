//! Signed statements: what a browser or another system carries for us and may not change. Algorithm, issuer,
//! audience, kind and both times are required and checked. Must not know what a statement is about.

use chrono::{DateTime, Duration, Utc};
use jsonwebtoken::{Algorithm, DecodingKey, EncodingKey, Header, Validation, decode, encode};
use serde::{Deserialize, Serialize};

use super::secrets::Secrets;
use super::{Error, Outcome};

const ISSUER: &str = "cdr";
/// Seconds by which two clocks may differ.
const LEEWAY: i64 = 5;

/// What a statement is for: one of one kind is worth nothing as another.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// Another system's bearer token.
    System,
    /// An agency's browser that claimed its link.
    Claim,
    /// A notifier's browser with its draft.
    Draft,
    /// A browser that must type the code sent for an agency's link.
    LinkCode,
    /// A browser in which the password was right and the code is still to come.
    HalfSignedIn,
    /// A browser in which somebody signed in.
    Device,
}

impl Kind {
    const fn name(self) -> &'static str {
        match self {
            Self::System => "system",
            Self::Claim => "claim",
            Self::Draft => "draft",
            Self::LinkCode => "link_code",
            Self::HalfSignedIn => "half_signed_in",
            Self::Device => "device",
        }
    }

    const fn audience(self) -> &'static str {
        match self {
            Self::System => "cdr-api",
            _ => "cdr-browser",
        }
    }
}

#[derive(Serialize, Deserialize)]
struct Claims {
    iss: String,
    aud: String,
    kind: String,
    sub: String,
    iat: i64,
    nbf: i64,
    exp: i64,
}

/// A statement that holds from `now` for `lasts`.
pub fn sign(
    secrets: &Secrets,
    kind: Kind,
    subject: &str,
    now: DateTime<Utc>,
    lasts: Duration,
) -> Outcome<String> {
    let claims = Claims {
        iss: ISSUER.into(),
        aud: kind.audience().into(),
        kind: kind.name().into(),
        sub: subject.to_owned(),
        iat: now.timestamp(),
        nbf: now.timestamp(),
        exp: (now + lasts).timestamp(),
    };
    let key = EncodingKey::from_secret(&secrets.token_key());
    encode(&Header::new(Algorithm::HS256), &claims, &key)
        .map_err(|_| Error::Internal("a statement could not be signed".into()))
}

/// Why a statement does not hold.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Unheld {
    /// It is not ours, or not of this kind.
    Foreign,
    /// We signed it about this subject, for another time.
    OutOfTime(String),
}

/// The subject of a statement that is ours, of this kind and in force.
pub fn verify(secrets: &Secrets, kind: Kind, text: &str, now: DateTime<Utc>) -> Option<String> {
    judge(secrets, kind, text, now).ok()
}

/// The same, with why it does not hold.
pub fn judge(
    secrets: &Secrets,
    kind: Kind,
    text: &str,
    now: DateTime<Utc>,
) -> Result<String, Unheld> {
    let mut rules = Validation::new(Algorithm::HS256);
    // The times are held against the caller's clock below, not against the machine's.
    rules.validate_exp = false;
    rules.validate_nbf = false;
    rules.set_issuer(&[ISSUER]);
    rules.set_audience(&[kind.audience()]);
    rules.set_required_spec_claims(&["exp", "nbf", "iss", "aud", "sub"]);
    let key = DecodingKey::from_secret(&secrets.token_key());
    let claims = decode::<Claims>(text, &key, &rules)
        .map_err(|_| Unheld::Foreign)?
        .claims;
    let now = now.timestamp();
    let in_force = claims.nbf <= now + LEEWAY && now - LEEWAY < claims.exp;
    match (claims.kind == kind.name(), in_force) {
        (true, true) => Ok(claims.sub),
        (true, false) => Err(Unheld::OutOfTime(claims.sub)),
        (false, _) => Err(Unheld::Foreign),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    const NOW: i64 = 1_800_000_000;

    fn at() -> DateTime<Utc> {
        DateTime::from_timestamp(NOW, 0).unwrap()
    }

    fn good() -> Value {
        json!({ "iss": "cdr", "aud": "cdr-api", "kind": "system", "sub": "t1", "iat": NOW, "nbf": NOW, "exp": NOW + 60 })
    }

    fn with(name: &str, value: Value) -> Value {
        let mut claims = good();
        claims[name] = value;
        claims
    }

    fn without(name: &str) -> Value {
        let mut claims = good();
        claims.as_object_mut().unwrap().remove(name);
        claims
    }

    fn made(secrets: &Secrets, algorithm: Algorithm, claims: &Value) -> String {
        let key = EncodingKey::from_secret(&secrets.token_key());
        encode(&Header::new(algorithm), claims, &key).unwrap()
    }

    /// Base 64 for addresses, without padding, for statements that no library would make.
    fn base64(text: &str) -> String {
        const LETTERS: &[u8; 64] =
            b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
        let mut out = String::new();
        for chunk in text.as_bytes().chunks(3) {
            let bits = (0..3).fold(0_usize, |bits, i| {
                bits << 8 | usize::from(chunk.get(i).copied().unwrap_or(0))
            });
            for place in 0..=chunk.len() {
                out.push(char::from(LETTERS[bits >> (18 - 6 * place) & 63]));
            }
        }
        out
    }

    #[test]
    fn the_good_one_is_taken_and_every_bad_one_refused() {
        let ours = Secrets::random();
        let hs256 = |claims: &Value| made(&ours, Algorithm::HS256, claims);
        let fine = hs256(&good());
        let (body, signature) = fine.rsplit_once('.').unwrap();
        let payload = body.split_once('.').unwrap().1;
        let unsigned = format!("{}.{payload}", base64(r#"{"alg":"none","typ":"JWT"}"#));
        let table: Vec<(&str, String, bool)> = vec![
            ("good", fine.clone(), true),
            (
                "a clock a little behind",
                hs256(&with("nbf", json!(NOW + 4))),
                true,
            ),
            (
                "a clock a little ahead",
                hs256(&with("exp", json!(NOW - 4))),
                true,
            ),
            ("no algorithm", format!("{unsigned}."), false),
            (
                "no algorithm, with a signature",
                format!("{unsigned}.{signature}"),
                false,
            ),
            ("no signature", format!("{body}."), false),
            ("two parts", body.to_owned(), false),
            ("HS384", made(&ours, Algorithm::HS384, &good()), false),
            ("HS512", made(&ours, Algorithm::HS512, &good()), false),
            (
                "another key",
                made(&Secrets::random(), Algorithm::HS256, &good()),
                false,
            ),
            ("another issuer", hs256(&with("iss", json!("other"))), false),
            ("no issuer", hs256(&without("iss")), false),
            (
                "another audience",
                hs256(&with("aud", json!("cdr-browser"))),
                false,
            ),
            ("no audience", hs256(&without("aud")), false),
            ("another kind", hs256(&with("kind", json!("claim"))), false),
            ("no kind", hs256(&without("kind")), false),
            ("no subject", hs256(&without("sub")), false),
            ("expired", hs256(&with("exp", json!(NOW - 6))), false),
            ("no expiry", hs256(&without("exp")), false),
            (
                "expiry as text",
                hs256(&with("exp", json!("2999-01-01"))),
                false,
            ),
            (
                "expiry beyond all numbers",
                hs256(&with("exp", json!(1e300))),
                false,
            ),
            ("not yet valid", hs256(&with("nbf", json!(NOW + 6))), false),
            ("no beginning", hs256(&without("nbf")), false),
            (
                "nbf as text",
                hs256(&with("nbf", json!(NOW.to_string()))),
                false,
            ),
            ("nbf as nothing", hs256(&with("nbf", Value::Null)), false),
            ("nothing", String::new(), false),
            ("no token", "a.b.c".to_owned(), false),
        ];
        for (what, token, wanted) in table {
            let taken = verify(&ours, Kind::System, &token, at());
            assert_eq!(taken.is_some(), wanted, "{what}");
        }
        assert_eq!(
            verify(&ours, Kind::System, &fine, at()).as_deref(),
            Some("t1")
        );
        assert_eq!(verify(&ours, Kind::Claim, &fine, at()), None);
    }

    #[test]
    fn a_statement_of_one_kind_is_none_of_another() {
        let ours = Secrets::random();
        let kinds = [
            Kind::System,
            Kind::Claim,
            Kind::Draft,
            Kind::LinkCode,
            Kind::HalfSignedIn,
            Kind::Device,
        ];
        for made in kinds {
            let text = sign(&ours, made, "x", at(), Duration::minutes(1)).unwrap();
            for asked in kinds {
                assert_eq!(
                    verify(&ours, asked, &text, at()).is_some(),
                    made == asked,
                    "{made:?} {asked:?}"
                );
            }
            assert_eq!(
                verify(&ours, made, &text, at() + Duration::minutes(2)),
                None
            );
        }
    }
}
