//! What the service logs while the tests run, in one file, beside a list of what must never stand in it: every cookie
//! that was set, every link that was mailed, every token, secret and recovery code that was given out, passwords, what
//! tests type of a child, and the words that they plant. `.ci/run` compares the two when the tests are over. Nothing is
//! written unless `CDR_TEST_LOGS` names a folder.

use std::collections::BTreeSet;
use std::fs::{File, OpenOptions};
use std::io::Write;
use std::path::PathBuf;
use std::sync::{Mutex, OnceLock};

use super::files;
use super::sample::nhs_number;
use super::service::PASSWORD;

/// More than any installation logs.
const FILTER: &str = "info,cdr=trace,actix_web=debug,actix_http=debug,diesel=debug,lettre=debug";
/// What tests type of a child, its family and those who tell.
const PLANTED: [&str; 8] = [
    files::WORD,
    "Quixotically",
    "Testfamily",
    "Samplechild",
    "sample.notifier@",
    "sample.gp@",
    "Sample words",
    PASSWORD,
];
/// Shorter values may stand anywhere by chance.
const SHORTEST: usize = 16;

struct Logs {
    secrets: Mutex<(File, BTreeSet<String>)>,
}

fn logs() -> Option<&'static Logs> {
    static LOGS: OnceLock<Option<Logs>> = OnceLock::new();
    LOGS.get_or_init(|| {
        let folder = PathBuf::from(std::env::var_os("CDR_TEST_LOGS")?);
        std::fs::create_dir_all(&folder).unwrap();
        let file = |name: &str| {
            let path = folder.join(name);
            let file = OpenOptions::new().create(true).append(true).open(path);
            file.unwrap()
        };
        tracing_subscriber::fmt()
            .with_env_filter(FILTER)
            .with_writer(Mutex::new(file("log")))
            .json()
            .init();
        let mut secrets = file("never");
        let spaced =
            |number: String| format!("{} {} {}", &number[..3], &number[3..6], &number[6..]);
        let numbers = (1..20).map(nhs_number);
        let numbers = numbers.flat_map(|number| [number.clone(), spaced(number)]);
        for word in PLANTED.into_iter().map(str::to_owned).chain(numbers) {
            writeln!(secrets, "{word}").unwrap();
        }
        Some(Logs {
            secrets: Mutex::new((secrets, BTreeSet::new())),
        })
    })
    .as_ref()
}

/// From here on, what is logged is kept.
pub fn keep() {
    let _ = logs();
}

/// This must not be found in the log.
pub fn never(secret: &str) {
    if secret.len() >= SHORTEST {
        planted(secret);
    }
}

/// A word that a test made up so that it stands nowhere by chance, however short.
pub fn planted(secret: &str) {
    let Some(logs) = logs() else {
        return;
    };
    assert!(secret.len() > 6, "{secret} may stand anywhere");
    let mut held = logs.secrets.lock().unwrap();
    if held.1.insert(secret.to_owned()) {
        writeln!(held.0, "{secret}").unwrap();
    }
}
