//! Settings from the environment and the file that `CDR_CONFIG` names. Reports every fault at once.
//! Must not open anything: it only reads what was set.

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};

use crate::domain::network::Network;

/// Everything that can be set, read and checked.
#[derive(Clone, Debug)]
pub struct Settings {
    pub database_url: String,
    pub data_dir: PathBuf,
    pub bind: SocketAddr,
    pub base_url: String,
    pub key_file: PathBuf,
    /// The key file is a credential that systemd lends: who may read it is systemd's to say.
    pub key_lent: bool,
    pub smtp_url: Option<String>,
    /// Authorities whose certificate a mail server may show, beside the system's own; a PEM file.
    pub smtp_ca: Option<PathBuf>,
    /// The footprint file; the one shipped inside the program when not set.
    pub area: Option<PathBuf>,
    pub log: String,
    pub behind_tls_proxy: bool,
    /// Who may say, with `X-Forwarded-*`, where a request comes from; nobody when empty.
    pub trusted_proxies: Vec<Network>,
    /// Who may read `/metrics` beside this machine itself.
    pub metrics_from: Vec<Network>,
    pub public_posts: PublicPosts,
    /// The socket of the malware scanner; without it documents are not scanned.
    pub clamd: Option<Clamd>,
    /// Where else the end of the audit trail is kept.
    pub audit_anchor: Option<Anchor>,
    /// The role as which the service reaches a server's database, where another owns the tables.
    pub service_role: Option<String>,
}

/// What anybody without an account may post.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PublicPosts {
    /// Posts a minute from one source. Many people may stand behind one hospital's address, and a notification is
    /// about twenty posts.
    pub per_source: u32,
    /// Posts a minute from everybody together.
    pub overall: u32,
    /// Posts worked on at one moment.
    pub at_once: u32,
    /// A notification sent sooner than so many seconds after it was begun was not typed by a person.
    pub quickest: u32,
}

impl Default for PublicPosts {
    fn default() -> Self {
        Self {
            per_source: 120,
            overall: 1_200,
            at_once: 16,
            quickest: 30,
        }
    }
}

/// Where a checkpoint of the audit trail goes beside its own file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Anchor {
    /// One line after another in a file, best on another machine's disk.
    File(PathBuf),
    /// A program and its arguments, which reads the line.
    Command(Vec<String>),
}

/// Where clamd listens.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Clamd {
    /// A socket on this machine.
    Unix(PathBuf),
    /// A host and a port.
    Tcp(String),
}

const NAMES: [&str; 19] = [
    "service_role",
    "audit_anchor",
    "database_url",
    "data_dir",
    "bind",
    "base_url",
    "key_file",
    "smtp_url",
    "smtp_ca",
    "area",
    "log",
    "behind_tls_proxy",
    "clamd",
    "trusted_proxies",
    "metrics_from",
    "posts_per_source",
    "posts_overall",
    "posts_at_once",
    "quickest_notification",
];

impl Settings {
    /// Reads the settings through `env`, which looks one environment variable up. Every fault is one line
    /// that names the setting and what is wrong with it.
    pub fn read(env: impl Fn(&str) -> Option<String>) -> Result<Self, Vec<String>> {
        let mut faults = Vec::new();
        let file = env("CDR_CONFIG").map_or_else(BTreeMap::new, |path| {
            from_file(Path::new(&path)).unwrap_or_else(|fault| {
                faults.push(format!("CDR_CONFIG: {fault}"));
                BTreeMap::new()
            })
        });
        for name in file.keys() {
            if !NAMES.contains(&name.as_str()) {
                faults.push(format!("CDR_CONFIG: there is no setting called {name}"));
            }
        }
        let get = |name: &str| {
            env(&format!("CDR_{}", name.to_uppercase()))
                .or_else(|| file.get(name).cloned())
                .filter(|value| !value.trim().is_empty())
        };
        let data_dir = PathBuf::from(get("data_dir").unwrap_or_else(|| "data".into()));
        let key_file = get("key_file").map_or_else(|| data_dir.join("cdr.key"), PathBuf::from);
        let bind = address(&get, &mut faults);
        let behind_tls_proxy = flag(&get, &mut faults);
        if !bind.ip().is_loopback() && !behind_tls_proxy {
            faults.push(
                "CDR_BIND: plain HTTP is served on loopback only; put a TLS proxy in front and set \
                 CDR_BEHIND_TLS_PROXY=true"
                    .into(),
            );
        }
        let settings = Self {
            database_url: get("database_url")
                .unwrap_or_else(|| format!("sqlite://{}/cdr.db", data_dir.display())),
            key_lent: lent(&key_file, env("CREDENTIALS_DIRECTORY")),
            key_file,
            base_url: base_url(&get, bind, &mut faults),
            smtp_url: smtp_url(&get, &mut faults),
            smtp_ca: get("smtp_ca").map(PathBuf::from),
            clamd: clamd(&get, &mut faults),
            trusted_proxies: networks("trusted_proxies", &get, &mut faults),
            metrics_from: networks("metrics_from", &get, &mut faults),
            public_posts: public_posts(&get, &mut faults),
            audit_anchor: get("audit_anchor").map(|text| anchor(&text)),
            service_role: get("service_role").map(|role| role.trim().to_owned()),
            area: get("area").map(PathBuf::from),
            log: get("log").unwrap_or_else(|| "info".into()),
            data_dir,
            bind,
            behind_tls_proxy,
        };
        if let Err(fault) = crate::store::Target::parse(&settings.database_url, "") {
            faults.push(format!("CDR_DATABASE_URL: {fault}"));
        }
        if faults.is_empty() {
            Ok(settings)
        } else {
            Err(faults)
        }
    }
}

fn from_file(path: &Path) -> Result<BTreeMap<String, String>, String> {
    let text = std::fs::read_to_string(path)
        .map_err(|_| format!("{} could not be read", path.display()))?;
    let table: toml::Table = text
        .parse()
        .map_err(|_| format!("{} is not TOML", path.display()))?;
    Ok(table
        .into_iter()
        .map(|(name, value)| match value {
            toml::Value::String(s) => (name, s),
            other => (name, other.to_string()),
        })
        .collect())
}

fn address(get: &impl Fn(&str) -> Option<String>, faults: &mut Vec<String>) -> SocketAddr {
    let fallback = SocketAddr::from(([127, 0, 0, 1], 8080));
    get("bind").map_or(fallback, |text| {
        text.parse().unwrap_or_else(|_| {
            faults
                .push("CDR_BIND: must be an address and a port, for example 127.0.0.1:8080".into());
            fallback
        })
    })
}

fn flag(get: &impl Fn(&str) -> Option<String>, faults: &mut Vec<String>) -> bool {
    match get("behind_tls_proxy").as_deref() {
        None | Some("false") => false,
        Some("true") => true,
        Some(_) => {
            faults.push("CDR_BEHIND_TLS_PROXY: must be true or false".into());
            false
        }
    }
}

fn base_url(
    get: &impl Fn(&str) -> Option<String>,
    bind: SocketAddr,
    faults: &mut Vec<String>,
) -> String {
    let text = get("base_url").unwrap_or_else(|| format!("http://{bind}"));
    let sound = url::Url::parse(&text)
        .is_ok_and(|u| matches!(u.scheme(), "http" | "https") && u.has_host());
    if !sound {
        faults.push(
            "CDR_BASE_URL: must be an http or https address, for example https://cdr.example"
                .into(),
        );
    }
    text.trim_end_matches('/').to_owned()
}

/// The mail server's address. Mails carry links and codes, so that they leave this machine only under TLS that the
/// server cannot do without: RFC 8314, and RFC 3207 section 6 of what is asked for and not insisted on.
fn smtp_url(get: &impl Fn(&str) -> Option<String>, faults: &mut Vec<String>) -> Option<String> {
    let text = get("smtp_url")?;
    let url = url::Url::parse(&text).ok();
    let url = url.filter(|u| matches!(u.scheme(), "smtp" | "smtps") && u.has_host());
    let Some(url) = url else {
        faults.push("CDR_SMTP_URL: must begin with smtp:// or smtps:// and name a host".into());
        return None;
    };
    let asked = url.query_pairs().find(|(name, _)| name == "tls");
    let required = asked.is_some_and(|(_, how)| how == "required");
    if url.scheme() == "smtps" || required || is_here(url.host_str().unwrap_or_default()) {
        return Some(text);
    }
    faults.push(
        "CDR_SMTP_URL: a mail server on another machine is reached under TLS only: begin with smtps://, or end with \
         ?tls=required"
            .into(),
    );
    None
}

/// Whether a host is this machine itself.
fn is_here(host: &str) -> bool {
    let bare = host.trim_start_matches('[').trim_end_matches(']');
    host.eq_ignore_ascii_case("localhost")
        || bare
            .parse::<std::net::IpAddr>()
            .is_ok_and(|ip| ip.is_loopback())
}

/// Addresses and ranges of them.
fn networks(
    name: &str,
    get: &impl Fn(&str) -> Option<String>,
    faults: &mut Vec<String>,
) -> Vec<Network> {
    let text = get(name).unwrap_or_default();
    let parts = text.split([',', ' ']).filter(|part| !part.is_empty());
    let mut all = Vec::new();
    for part in parts {
        match part.parse() {
            Ok(network) => all.push(network),
            Err(_) => faults.push(format!(
                "CDR_{}: {part} is no address and no range, for example 10.0.0.5 or 10.0.0.0/24",
                name.to_uppercase()
            )),
        }
    }
    all
}

fn public_posts(get: &impl Fn(&str) -> Option<String>, faults: &mut Vec<String>) -> PublicPosts {
    let usual = PublicPosts::default();
    let mut number = |name: &str, usual: u32, least: u32| {
        let Some(text) = get(name) else { return usual };
        let most = 1_000_000;
        if let Some(n) = text.parse().ok().filter(|n| (least..=most).contains(n)) {
            return n;
        }
        let name = name.to_uppercase();
        faults.push(format!(
            "CDR_{name}: must be a whole number from {least} to {most}"
        ));
        usual
    };
    PublicPosts {
        per_source: number("posts_per_source", usual.per_source, 1),
        overall: number("posts_overall", usual.overall, 1),
        at_once: number("posts_at_once", usual.at_once, 1),
        quickest: number("quickest_notification", usual.quickest, 0),
    }
}

/// A path, or after `|` a program with its arguments.
fn anchor(text: &str) -> Anchor {
    text.trim().strip_prefix('|').map_or_else(
        || Anchor::File(PathBuf::from(text.trim())),
        |command| Anchor::Command(command.split_whitespace().map(str::to_owned).collect()),
    )
}

/// Whether a file lies in the folder of credentials. A way back up out of it leads elsewhere.
fn lent(file: &Path, folder: Option<String>) -> bool {
    let climbs = file
        .components()
        .any(|part| part == std::path::Component::ParentDir);
    folder.is_some_and(|folder| !folder.is_empty() && !climbs && file.starts_with(folder))
}

fn clamd(get: &impl Fn(&str) -> Option<String>, faults: &mut Vec<String>) -> Option<Clamd> {
    let text = get("clamd")?;
    if let Some(path) = text.strip_prefix("unix:").filter(|p| p.starts_with('/')) {
        return Some(Clamd::Unix(PathBuf::from(path)));
    }
    let address = text.strip_prefix("tcp:").filter(|a| {
        a.rsplit_once(':')
            .is_some_and(|(host, port)| !host.is_empty() && port.parse::<u16>().is_ok())
    });
    if address.is_none() {
        faults.push(
            "CDR_CLAMD: must be unix: and a path, or tcp: with a host and a port, for example \
             unix:/run/clamav/clamd.ctl or tcp:127.0.0.1:3310"
                .into(),
        );
    }
    address.map(|a| Clamd::Tcp(a.to_owned()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(pairs: &[(&str, &str)]) -> Result<Settings, Vec<String>> {
        Settings::read(|name| {
            pairs
                .iter()
                .find(|(n, _)| *n == name)
                .map(|(_, v)| (*v).to_owned())
        })
    }

    #[test]
    fn nothing_set_gives_the_embedded_default_on_loopback() {
        let settings = read(&[]).unwrap();
        assert_eq!(settings.database_url, "sqlite://data/cdr.db");
        assert_eq!(settings.base_url, "http://127.0.0.1:8080");
        assert_eq!(settings.trusted_proxies, []);
        assert_eq!(settings.metrics_from, []);
        assert_eq!(settings.public_posts, PublicPosts::default());
        assert_eq!(settings.key_file, Path::new("data/cdr.key"));
    }

    #[test]
    fn a_key_is_lent_only_from_within_the_folder_of_credentials() {
        let folder = ("CREDENTIALS_DIRECTORY", "/run/credentials/cdr.service");
        for (file, wanted) in [
            ("/run/credentials/cdr.service/key", true),
            ("/run/credentials/cdr.service-other/key", false),
            ("/run/credentials/cdr.service/../../key", false),
            ("/etc/cdr.key", false),
        ] {
            let settings = read(&[("CDR_KEY_FILE", file), folder]).unwrap();
            assert_eq!(settings.key_lent, wanted, "{file}");
            let without = read(&[("CDR_KEY_FILE", file), ("CREDENTIALS_DIRECTORY", "")]).unwrap();
            assert!(!without.key_lent && !read(&[("CDR_KEY_FILE", file)]).unwrap().key_lent);
        }
    }

    #[test]
    fn every_fault_is_named_at_once() {
        let faults = read(&[
            ("CDR_BIND", "everywhere"),
            ("CDR_BASE_URL", "ftp://x"),
            ("CDR_DATABASE_URL", "mysql://x"),
            ("CDR_SMTP_URL", "mail"),
            ("CDR_BEHIND_TLS_PROXY", "perhaps"),
            ("CDR_CLAMD", "everywhere"),
            ("CDR_TRUSTED_PROXIES", "10.0.0.1, proxy"),
            ("CDR_POSTS_PER_SOURCE", "0"),
            ("CDR_QUICKEST_NOTIFICATION", "soon"),
        ])
        .unwrap_err();
        let names: Vec<&str> = faults.iter().filter_map(|f| f.split(':').next()).collect();
        for name in [
            "CDR_BIND",
            "CDR_BASE_URL",
            "CDR_DATABASE_URL",
            "CDR_SMTP_URL",
            "CDR_BEHIND_TLS_PROXY",
            "CDR_CLAMD",
            "CDR_TRUSTED_PROXIES",
            "CDR_POSTS_PER_SOURCE",
            "CDR_QUICKEST_NOTIFICATION",
        ] {
            assert!(names.contains(&name), "{name} is missing from {names:?}");
        }
    }

    #[test]
    fn mails_leave_this_machine_under_tls_only() {
        let url = |text: &str| read(&[("CDR_SMTP_URL", text)]).map(|s| s.smtp_url);
        for sound in [
            "smtps://mail.example",
            "smtps://user:secret@mail.example:465",
            "smtp://mail.example:587?tls=required",
            "smtp://127.0.0.1:1025",
            "smtp://localhost",
            "smtp://[::1]:25?tls=opportunistic",
        ] {
            assert_eq!(url(sound), Ok(Some(sound.into())));
        }
        for open in [
            "smtp://mail.example",
            "smtp://mail.example?tls=opportunistic",
            "smtp://mail.example?tls=",
            "smtp://mail.example?tls=opportunistic&tls=required",
            "smtp://10.0.0.5",
            "smtp://[2001:db8::1]",
            "smtp://localhost.example",
            "smtp://127.0.0.1.example",
        ] {
            let faults = url(open).unwrap_err();
            assert!(faults[0].contains("under TLS only"), "{open}: {faults:?}");
        }
    }

    #[test]
    fn the_scanner_is_a_socket_or_a_host_with_a_port() {
        let clamd = |text: &str| read(&[("CDR_CLAMD", text)]).map(|s| s.clamd);
        let unix = Clamd::Unix("/run/clamd.ctl".into());
        assert_eq!(clamd("unix:/run/clamd.ctl"), Ok(Some(unix)));
        let tcp = Clamd::Tcp("127.0.0.1:3310".into());
        assert_eq!(clamd("tcp:127.0.0.1:3310"), Ok(Some(tcp)));
        assert_eq!(clamd(""), Ok(None));
        assert!(clamd("tcp:nowhere").is_err());
    }

    #[test]
    fn plain_http_beyond_loopback_is_refused_unless_a_proxy_is_declared() {
        assert!(read(&[("CDR_BIND", "0.0.0.0:80")]).unwrap_err()[0].starts_with("CDR_BIND"));
        assert!(read(&[("CDR_BIND", "0.0.0.0:80"), ("CDR_BEHIND_TLS_PROXY", "true")]).is_ok());
    }
}
