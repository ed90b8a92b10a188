//! The notification that is posted: about sixty answers, of another synthetic child each time.

use std::sync::atomic::{AtomicU32, Ordering};

const ANSWERS: &str = include_str!("../samples/notification.json");
static NEXT: AtomicU32 = AtomicU32::new(1);

/// The body of the next post, and a number that no other post has.
pub fn body() -> (Vec<u8>, u32) {
    let n = NEXT.fetch_add(1, Ordering::Relaxed);
    let answers = ANSWERS
        .replace("9990000018", &nhs_number(n))
        .replace("\"Testfamily\"", &format!("\"Testfamily{n}\""))
        .replace("\"Samplechild\"", &format!("\"Samplechild{n}\""))
        .replace(
            "2020-02-09",
            &format!("20{:02}-0{}-{:02}", 10 + n % 14, 1 + n % 9, 1 + n % 28),
        );
    let body = format!("{{\"form\":\"notification\",\"answers\":{answers}}}");
    (body.into_bytes(), n)
}

/// The answers as the product would store them, for the bare engines.
pub fn stored() -> String {
    let value: serde_json::Value = serde_json::from_str(ANSWERS).unwrap();
    value.to_string()
}

/// How many answers a post holds, the cells of its tables counted one by one.
pub fn answers() -> usize {
    fn count(value: &serde_json::Value) -> usize {
        match value {
            serde_json::Value::Object(of) => of.values().map(count).sum(),
            serde_json::Value::Array(of) if of.iter().any(serde_json::Value::is_object) => {
                of.iter().map(count).sum()
            }
            _ => 1,
        }
    }
    count(&serde_json::from_str(ANSWERS).unwrap())
}

/// A number of the range kept for tests, with its check digit; those that have none are passed over.
fn nhs_number(n: u32) -> String {
    let mut body = 999_000_000 + (n * 7) % 900_000;
    loop {
        let digits = body.to_string();
        let sum: u32 = digits
            .bytes()
            .zip((2..=10).rev())
            .map(|(d, weight)| u32::from(d - b'0') * weight)
            .sum();
        match 11 - sum % 11 {
            10 => body += 1,
            11 => return format!("{digits}0"),
            check => return format!("{digits}{check}"),
        }
    }
}
