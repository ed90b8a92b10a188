//! The product as it is run: its own program on a data folder of its own, with everything on.

use std::fs::File;
use std::io::Write;
use std::net::{SocketAddr, TcpListener};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::time::{Duration, Instant};

use cdr::casework::secrets::Secrets;
use cdr::domain::one_time_code::Shared;
use cdr::store::{Conn, Purpose, Target, open};

use super::client::Client;
use super::machine::Process;

const PROGRAM: &str = env!("CARGO_BIN_EXE_cdr");
/// The account that looks at pages.
const EMAIL: &str = "load.coordinator@cdr.example";
const PASSWORD: &str = "Synthetic-Walnut-Ferry-62";

/// Where a service keeps what it holds.
#[derive(Clone)]
pub struct Place {
    folder: PathBuf,
    /// Another database than the embedded one.
    database: Option<String>,
}

impl Place {
    /// A folder that is there, as it is.
    pub fn at(folder: &Path) -> Self {
        Self {
            folder: folder.to_owned(),
            database: None,
        }
    }

    /// An empty folder of this name.
    pub fn fresh(folder: &Path) -> Self {
        drop(std::fs::remove_dir_all(folder));
        std::fs::create_dir_all(folder).unwrap();
        Self::at(folder)
    }

    /// The same with another database.
    pub fn with_database(self, url: &str) -> Self {
        Self {
            database: Some(url.to_owned()),
            ..self
        }
    }

    pub fn folder(&self) -> &Path {
        &self.folder
    }

    fn command(&self, args: &[&str]) -> Command {
        let mut command = Command::new(PROGRAM);
        command.args(args).env_clear();
        if let Some(path) = std::env::var_os("PATH") {
            command.env("PATH", path);
        }
        command.env("CDR_DATA_DIR", &self.folder);
        if let Some(url) = &self.database {
            command.env("CDR_DATABASE_URL", url);
        }
        command
    }

    /// Runs one command of the product to its end and gives what it printed.
    pub fn run(&self, args: &[&str], typed: &str) -> String {
        let mut child = self
            .command(args)
            .env("CDR_LOG", "warn")
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let mut stdin = child.stdin.take().unwrap();
        stdin.write_all(typed.as_bytes()).unwrap();
        drop(stdin);
        let done = child.wait_with_output().unwrap();
        assert!(done.status.success(), "cdr {args:?} did not succeed");
        String::from_utf8(done.stdout).unwrap().trim().to_owned()
    }

    /// A header line with which another system may notify.
    pub fn bearer(&self) -> String {
        let args = ["token", "issue", "--system", "load", "--scope"];
        let token = self.run(&[&args[..], &["notifications:write"]].concat(), "");
        format!("Authorization: Bearer {token}\r\nContent-Type: application/json\r\n")
    }

    /// Adds the account that looks at pages.
    pub fn add_coordinator(&self) {
        let args = ["user", "add", "--email", EMAIL, "--name", "Sample Load"];
        self.run(&[&args[..], &["--role", "coordinator"]].concat(), PASSWORD);
    }

    /// A connection past the service.
    pub fn conn(&self) -> Conn {
        let secrets = Secrets::from_file(&self.folder.join("cdr.key"), None).unwrap();
        let url = format!("sqlite://{}/cdr.db", self.folder.display());
        let target = Target::parse(&url, &secrets.database_key()).unwrap();
        let engine = open(&target, Purpose::Read).unwrap();
        Conn::new(engine, &Arc::new(secrets.keyring()))
    }

    /// Starts the service and waits until it answers.
    pub fn serve(&self) -> Service {
        let address = free_address();
        let log = File::create(self.folder.join("serve.log")).unwrap();
        let begun = Instant::now();
        let child = self
            .command(&["serve"])
            .env("CDR_BIND", address.to_string())
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(log)
            .spawn()
            .unwrap();
        let mut service = Service {
            child,
            address,
            took: Duration::ZERO,
        };
        while !service.answers() {
            let ended = service.child.try_wait().unwrap().is_some();
            assert!(
                !ended && begun.elapsed() < Duration::from_secs(60),
                "the service did not start; see {}",
                self.folder.join("serve.log").display()
            );
            std::thread::sleep(Duration::from_millis(1));
        }
        service.took = begun.elapsed();
        service
    }
}

fn free_address() -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    listener.local_addr().unwrap()
}

/// The running product.
pub struct Service {
    child: Child,
    pub address: SocketAddr,
    /// From the program's start to its first answer.
    pub took: Duration,
}

impl Service {
    fn answers(&self) -> bool {
        let live = Client::new(self.address, "").and_then(|mut c| c.get("/health/live"));
        live.is_ok_and(|reply| reply.head.status == 200)
    }

    pub fn process(&self) -> Process {
        Process(self.child.id())
    }

    /// A connection of somebody who has signed in on the page, and the header line that says so.
    pub fn signed_in(&self) -> (Client, String) {
        let mut visitor = Client::new(self.address, "").unwrap();
        let page = visitor.get("/sign-in").unwrap();
        assert_eq!(page.head.status, 200, "the sign-in page");
        let stranger = page
            .head
            .cookie
            .clone()
            .expect("what the token is bound to");
        let token = token(&page.text());
        let mut visitor = Client::new(self.address, &format!("Cookie: {stranger}\r\n")).unwrap();
        let form = url::form_urlencoded::Serializer::new(String::new())
            .append_pair("csrf", &token)
            .append_pair("email", EMAIL)
            .append_pair("password", PASSWORD)
            .finish();
        let reply = visitor.post_form("/sign-in", &form).unwrap();
        assert_eq!(reply.head.status, 303, "signing in: {}", reply.text());
        let half = reply.head.cookie.expect("the password is right");
        let reply = self.enrol(&format!("{half}; {stranger}"));
        let cookie = reply.expect("a session");
        let header = format!("Cookie: {cookie}\r\n");
        (Client::new(self.address, &header).unwrap(), header)
    }

    /// The second step: the account of a fresh copy has no authenticator app yet, so one is set up.
    fn enrol(&self, cookies: &str) -> Option<String> {
        let mut visitor = Client::new(self.address, &format!("Cookie: {cookies}\r\n")).unwrap();
        let page = visitor.get("/sign-in/factor").unwrap().text();
        let shared = Shared::read(&between(&page, "id=\"secret\">", "<")).expect("a secret");
        let now = std::time::UNIX_EPOCH.elapsed().unwrap().as_secs();
        let form = url::form_urlencoded::Serializer::new(String::new())
            .append_pair("csrf", &token(&page))
            .append_pair("sealed", &between(&page, "name=\"sealed\" value=\"", "\""))
            .append_pair("code", &shared.code(now))
            .finish();
        let reply = visitor.post_form("/sign-in/factor", &form).unwrap();
        assert_eq!(reply.head.status, 200, "the code: {}", reply.text());
        reply.head.cookie
    }
}

/// The token of a page's forms.
pub fn token(page: &str) -> String {
    between(page, "name=\"csrf\" value=\"", "\"")
}

/// What stands between two pieces of a page.
fn between(page: &str, before: &str, after: &str) -> String {
    let rest = page.split_once(before).map(|(_, rest)| rest);
    rest.and_then(|rest| rest.split_once(after)).map_or_else(
        || panic!("no {before} in {page}"),
        |(found, _)| found.to_owned(),
    )
}

impl Drop for Service {
    /// Asks it to stop, as an operator does.
    fn drop(&mut self) {
        let pid = self.child.id().to_string();
        let asked = Command::new("kill").args(["-TERM", &pid]).status();
        if !asked.is_ok_and(|s| s.success()) {
            drop(self.child.kill());
        }
        drop(self.child.wait());
    }
}
