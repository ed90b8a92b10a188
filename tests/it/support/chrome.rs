//! A real browser: headless Chromium through ChromeDriver, used with the keyboard alone, and judged by axe.

use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{ChildStdin, Command, Stdio};
use std::sync::{Mutex, OnceLock};
use std::time::{Duration, Instant};

use fantoccini::actions::{InputSource, KeyAction, KeyActions};
use fantoccini::key::Key;
use fantoccini::wd::WebDriverCompatibleCommand;
use fantoccini::{Client, ClientBuilder};
use hyper_util::client::legacy::connect::HttpConnector;
use serde::Deserialize;
use serde_json::{Value, json};

use super::{Sample, folder, lacking};

/// One browser window.
pub struct Chrome {
    pub client: Client,
    base: String,
    scripts: bool,
    /// How many pages axe has judged.
    pub judged: Mutex<usize>,
}

/// What has the focus.
#[derive(Debug, Deserialize)]
pub struct Focus {
    pub tag: String,
    pub kind: String,
    pub name: String,
    pub value: String,
    pub checked: bool,
    pub text: String,
    pub class: String,
    pub href: String,
}

/// Notes in each page what the content policy stopped.
const WATCHING: &str = "window.stoppedByPolicy = []; document.addEventListener('securitypolicyviolation', \
    e => window.stoppedByPolicy.push('stopped ' + e.effectiveDirective + ' ' + e.blockedURI));\n";

const FOCUS: &str = "const e = document.activeElement; return {tag: e.tagName.toLowerCase(), kind: e.type || '', \
    name: e.name || '', value: e.value || '', checked: !!e.checked, class: e.className, href: e.getAttribute('href') || '', \
    text: (e.textContent || '').trim().replace(/\\s+/g, ' ')}";

impl Chrome {
    /// Opens a window on the service; none when the machine lacks the browser or its driver.
    pub async fn open(base: &str, scripts: bool) -> Option<Self> {
        let driver = driver().map_err(|why| lacking::not_run(&why)).ok()?;
        let mut args: Vec<String> = [
            "--headless",
            "--no-sandbox",
            "--disable-gpu",
            "--disable-dev-shm-usage",
            "--disable-background-networking",
            "--disable-component-update",
            "--disable-sync",
            "--no-first-run",
            "--window-size=1280,1024",
        ]
        .map(str::to_owned)
        .to_vec();
        let profile = tempfile::Builder::new()
            .prefix("cdr-profile")
            .tempdir_in(&driver.folder)
            .unwrap()
            .keep();
        args.push(format!("--user-data-dir={}", profile.display()));
        let options = json!({ "args": args, "binary": driver.chromium });
        let capabilities = json!({ "goog:chromeOptions": options })
            .as_object()
            .unwrap()
            .clone();
        let client = ClientBuilder::new(HttpConnector::new())
            .capabilities(capabilities)
            .connect(&driver.address)
            .await
            .unwrap();
        let chrome = Self {
            client,
            base: base.to_owned(),
            scripts,
            judged: Mutex::new(0),
        };
        if scripts {
            chrome.hold_axe().await;
        }
        chrome.run_scripts(scripts).await;
        Some(chrome)
    }

    /// Whether pages run scripts in this window.
    pub fn scripts(&self) -> bool {
        self.scripts
    }

    /// Types an address.
    pub async fn go(&self, path: &str) {
        self.client
            .goto(&format!("{}{path}", self.base))
            .await
            .unwrap();
    }

    pub async fn path(&self) -> String {
        self.client.current_url().await.unwrap().path().to_owned()
    }

    pub async fn script(&self, text: &str) -> Value {
        self.client.execute(text, vec![]).await.unwrap()
    }

    /// The text of the main part.
    pub async fn words(&self) -> String {
        let text = self
            .script("return (document.querySelector('main') || document.body).innerText")
            .await;
        text.as_str()
            .unwrap_or_default()
            .split_whitespace()
            .collect::<Vec<_>>()
            .join(" ")
    }

    pub async fn focus(&self) -> Focus {
        serde_json::from_value(self.script(FOCUS).await).unwrap()
    }

    async fn key(&self, key: char) {
        let pressed = KeyActions::new("keyboard".into())
            .then(KeyAction::Down { value: key })
            .then(KeyAction::Up { value: key });
        self.client.perform_actions(pressed).await.unwrap();
    }

    async fn tab(&self) -> Focus {
        self.key(Key::Tab.into()).await;
        self.focus().await
    }

    /// Presses the return key on what has the focus, and waits for the page that follows.
    async fn enter(&self) {
        self.script("window.before = true").await;
        self.key(Key::Enter.into()).await;
        let begun = Instant::now();
        while self
            .script("return !!window.before || document.readyState !== 'complete'")
            .await
            == json!(true)
        {
            assert!(
                begun.elapsed() < Duration::from_secs(20),
                "{}: the return key led nowhere: {:?} {}",
                self.path().await,
                self.focus().await,
                self.words().await
            );
            actix_web::rt::time::sleep(Duration::from_millis(15)).await;
        }
    }

    /// Goes to a link or button by the tab key and presses it.
    pub async fn press(&self, words: &str) {
        self.fill_and_press(&Sample::empty(), words).await;
    }

    /// Goes through the page by the tab key, types what there is to type, and presses the button or link with
    /// these words.
    pub async fn fill_and_press(&self, sample: &Sample, button: &str) {
        let mut passed = Vec::new();
        for _ in 0..800 {
            let at = self.tab().await;
            if at.tag == "body" && !passed.is_empty() {
                break;
            }
            let pressed = matches!(at.tag.as_str(), "button" | "a")
                && at.text.starts_with(button)
                && at.class != "govuk-visually-hidden";
            if pressed && at.href.starts_with('#') {
                return self.key(Key::Enter.into()).await;
            }
            if pressed {
                return self.enter().await;
            }
            passed.push(format!(
                "{} {} {}",
                at.tag,
                at.name,
                at.text.chars().take(30).collect::<String>()
            ));
            self.answer(&at, sample).await;
        }
        panic!(
            "{}: the tab key never reached {button:?}; it passed {passed:#?}",
            self.path().await
        );
    }

    async fn answer(&self, at: &Focus, sample: &Sample) {
        let Some(wanted) = sample.typed(&at.name) else {
            return;
        };
        match (at.tag.as_str(), at.kind.as_str()) {
            ("input", "radio") => self.choose(&wanted, at).await,
            ("input", "checkbox") => {
                let on = wanted.split('|').any(|v| v == at.value);
                if on != at.checked {
                    self.key(' ').await;
                }
            }
            ("select", _) => self.select(&wanted, at).await,
            ("input" | "textarea", _) if at.value != wanted => {
                let all = KeyActions::new("keyboard".into())
                    .then(KeyAction::Down {
                        value: Key::Control.into(),
                    })
                    .then(KeyAction::Down { value: 'a' })
                    .then(KeyAction::Up { value: 'a' })
                    .then(KeyAction::Up {
                        value: Key::Control.into(),
                    });
                self.client.perform_actions(all).await.unwrap();
                let mut typing = KeyActions::new("keyboard".into());
                for c in wanted.chars() {
                    let value = if c == '\n' { Key::Enter.into() } else { c };
                    typing = typing
                        .then(KeyAction::Down { value })
                        .then(KeyAction::Up { value });
                }
                self.client.perform_actions(typing).await.unwrap();
            }
            _ => {}
        }
    }

    async fn choose(&self, wanted: &str, first: &Focus) {
        if first.value == wanted {
            if !first.checked {
                self.key(' ').await;
            }
            return;
        }
        for _ in 0..40 {
            self.key(Key::Down.into()).await;
            let now = self.focus().await;
            assert_eq!(now.name, first.name, "the arrow key left the question");
            if now.value == wanted {
                return;
            }
        }
        panic!("{} does not offer {wanted}", first.name);
    }

    async fn select(&self, wanted: &str, at: &Focus) {
        self.key(Key::Home.into()).await;
        for _ in 0..200 {
            if self.focus().await.value == wanted {
                return;
            }
            self.key(Key::Down.into()).await;
        }
        panic!("{} does not offer {wanted}", at.name);
    }

    /// Whether pages may run scripts from now on; what the driver asks is answered either way.
    async fn run_scripts(&self, may: bool) {
        let params = json!({ "value": !may });
        let command = DevTools {
            name: "Emulation.setScriptExecutionDisabled",
            params,
        };
        self.client.issue_cmd(command).await.unwrap();
    }

    /// Gives axe to every page from now on: to send it to each again takes as long as its judgement.
    async fn hold_axe(&self) {
        let command = DevTools {
            name: "Page.addScriptToEvaluateOnNewDocument",
            params: json!({ "source": format!("{WATCHING}{}", axe()) }),
        };
        self.client.issue_cmd(command).await.unwrap();
    }

    /// Has axe judge the page: no rule may be broken. A page that came without scripts stays as it came while
    /// axe, which needs them, looks at it.
    pub async fn judge(&self) {
        if !self.scripts {
            self.run_scripts(true).await;
            self.axe().await;
            return self.run_scripts(false).await;
        }
        self.axe().await;
    }

    async fn axe(&self) {
        if !self.scripts {
            self.script(axe()).await;
        }
        let strayed = self.strayed().await;
        assert!(strayed.is_empty(), "{}: {strayed:#?}", self.path().await);
        let run = "const done = arguments[arguments.length - 1]; axe.run(document, {resultTypes: ['violations']})\
            .then(r => done(r.violations.map(v => v.id + ': ' + v.help + ' at ' + v.nodes.slice(0, 3).map(n => n.target.join(' ') + ' ' + n.html.slice(0, 160)).join('; '))))\
            .catch(e => done(['axe failed: ' + e]))";
        let found = self.client.execute_async(run, vec![]).await.unwrap();
        let found: Vec<String> = serde_json::from_value(found).unwrap();
        assert!(
            found.is_empty(),
            "{} ({}): {found:#?}",
            self.path().await,
            self.client.title().await.unwrap()
        );
        *self.judged.lock().unwrap() += 1;
    }

    /// What this page asked of another origin, and what its policy stopped.
    pub async fn strayed(&self) -> Vec<String> {
        let found = self
            .script(
                "return performance.getEntriesByType('resource').map(e => new URL(e.name))\
                 .filter(u => u.origin !== location.origin && u.protocol !== 'data:').map(u => 'asked of ' + u.origin)\
                 .concat(window.stoppedByPolicy || [])",
            )
            .await;
        serde_json::from_value(found).unwrap()
    }

    pub async fn close(self) {
        drop(self.client.close().await);
    }
}

/// A command of the browser's own, beyond what the driver knows.
#[derive(Debug)]
struct DevTools {
    name: &'static str,
    params: Value,
}

impl WebDriverCompatibleCommand for DevTools {
    fn endpoint(
        &self,
        base: &url::Url,
        session: Option<&str>,
    ) -> Result<url::Url, url::ParseError> {
        base.join(&format!(
            "session/{}/goog/cdp/execute",
            session.unwrap_or_default()
        ))
    }

    fn method_and_body(&self, _: &url::Url) -> (reqwest::Method, Option<String>) {
        let body = json!({ "cmd": self.name, "params": self.params });
        (reqwest::Method::POST, Some(body.to_string()))
    }
}

fn axe() -> &'static str {
    static AXE: OnceLock<String> = OnceLock::new();
    AXE.get_or_init(|| {
        std::fs::read_to_string(Path::new(env!("CDR_NODE_MODULES")).join("axe-core/axe.min.js"))
            .unwrap()
    })
}

/// A running ChromeDriver; it ends with this process.
struct Driver {
    address: String,
    chromium: PathBuf,
    folder: PathBuf,
    _alive: ChildStdin,
}

const WATCH: &str = r#"
"$1" --port=0 </dev/null >"$2/log" 2>&1 &
driver=$!
cat >/dev/null
kill $driver
wait $driver
rm -rf "$2"
"#;

fn driver() -> Result<&'static Driver, String> {
    static DRIVER: OnceLock<Result<Driver, String>> = OnceLock::new();
    DRIVER.get_or_init(start).as_ref().map_err(Clone::clone)
}

fn start() -> Result<Driver, String> {
    let lacks = |what: &str| {
        format!("{what} is not installed (Debian: apt-get install chromium chromium-driver)")
    };
    let chromium = ["chromium", "chromium-browser", "google-chrome", "chrome"]
        .iter()
        .find_map(|name| in_path(name))
        .ok_or_else(|| lacks("Chromium"))?;
    let program = in_path("chromedriver").ok_or_else(|| lacks("ChromeDriver"))?;
    let folder = folder::fresh("cdr-chrome")
        .map_err(|e| e.to_string())?
        .keep();
    let mut watch = Command::new("sh");
    watch
        .args(["-c", WATCH, "sh"])
        .arg(program)
        .arg(&folder)
        .current_dir(&folder)
        .process_group(0);
    watch
        .stdin(Stdio::piped())
        .stdout(Stdio::null())
        .stderr(Stdio::null());
    let mut child = watch
        .spawn()
        .map_err(|e| format!("ChromeDriver could not be started: {e}"))?;
    let alive = child
        .stdin
        .take()
        .ok_or("ChromeDriver could not be started: no pipe")?;
    let begun = Instant::now();
    loop {
        let log = std::fs::read_to_string(folder.join("log")).unwrap_or_default();
        let port = log
            .split("started successfully on port ")
            .nth(1)
            .and_then(|rest| rest.split('.').next()?.trim().parse::<u16>().ok());
        if let Some(port) = port {
            return Ok(Driver {
                address: format!("http://127.0.0.1:{port}"),
                chromium,
                folder,
                _alive: alive,
            });
        }
        if begun.elapsed() > Duration::from_secs(20) {
            return Err(format!("ChromeDriver did not start: {log}"));
        }
        std::thread::sleep(Duration::from_millis(20));
    }
}

fn in_path(name: &str) -> Option<PathBuf> {
    std::env::split_paths(&std::env::var_os("PATH")?)
        .map(|folder| folder.join(name))
        .find(|file| file.is_file())
}
