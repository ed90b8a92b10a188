//! `cdr demo`: a throw-away service with a synthetic caseload and one account for each kind of user.

use std::net::TcpListener;
use std::path::{Path, PathBuf};

use cdr::casework::House;
use cdr::domain::calendar::london;
use cdr::seed;
use cdr::web::app::DemoAccount;
use clap::Args;

use super::{Opened, Outcome, now, open_with, serve};

/// What the demonstration is asked for.
#[derive(Args)]
pub struct Demo {
    /// How many synthetic cases
    #[arg(long, default_value_t = 120)]
    cases: usize,
    /// The port on loopback; the next free one when it is taken
    #[arg(long, default_value_t = 8080)]
    port: u16,
    /// Keep the data in this folder; without it nothing survives
    #[arg(long)]
    keep: Option<PathBuf>,
}

/// Seeds and serves.
pub fn run(demo: &Demo) -> Outcome {
    let throw_away = Folder::new(demo.keep.as_deref())?;
    let listener = listen(demo.port)?;
    let address = listener
        .local_addr()
        .map_err(|_| vec!["no port on loopback could be had".to_owned()])?;
    let folder = throw_away.path.display().to_string();
    let known: Vec<(&str, String)> = vec![
        ("CDR_DATA_DIR", folder),
        ("CDR_BIND", address.to_string()),
        (
            "CDR_LOG",
            std::env::var("CDR_LOG").unwrap_or_else(|_| "warn".into()),
        ),
    ];
    let settings = cdr::config::Settings::read(|name| {
        known
            .iter()
            .find(|(n, _)| *n == name)
            .map(|(_, value)| value.clone())
    })?;
    let opened = open_with(settings, false)?;
    let accounts = fill(&opened, demo.cases)?;
    print(&opened.house, &accounts);
    serve::run(opened, listener, Some(accounts))
}

fn listen(port: u16) -> Result<TcpListener, Vec<String>> {
    (port..port.saturating_add(20))
        .find_map(|p| TcpListener::bind(("127.0.0.1", p)).ok())
        .ok_or_else(|| {
            vec![format!(
                "no port from {port} to {} is free",
                port.saturating_add(19)
            )]
        })
}

/// Adds the accounts and, where there are none yet, the cases.
fn fill(opened: &Opened, cases: usize) -> Result<Vec<DemoAccount>, Vec<String>> {
    let first = seed::add_people(&opened.db, &opened.house).map_err(|e| opened.told(e))?;
    if first {
        let order = seed::Order {
            cases,
            seed: 1,
            today: london(now()).date(),
        };
        seed::run(&opened.db, &opened.house, &order).map_err(|e| opened.told(e))?;
    }
    let accounts = seed::demo_people()
        .into_iter()
        .chain(seed::demo_members())
        .map(|p| DemoAccount {
            role: p.role.label().to_owned(),
            name: p.name,
            email: p.email,
            password: p.password,
        });
    Ok(accounts.collect())
}

fn print(house: &House, accounts: &[DemoAccount]) {
    println!("cdr demo: {} (synthetic data only)", house.base_url);
    println!();
    for account in accounts {
        println!(
            "  {:<42} {:<38} {}",
            account.role, account.email, account.password
        );
    }
    println!();
    println!(
        "Each signs in with the password and a code; the codes of the moment are at {}/demo/accounts.",
        house.base_url
    );
    println!(
        "Mails are shown at {}/demo/mail. Stop with Ctrl-C.",
        house.base_url
    );
}

/// The folder of the data: taken away at the end unless it was named.
struct Folder {
    path: PathBuf,
    keep: bool,
}

impl Folder {
    fn new(keep: Option<&Path>) -> Result<Self, Vec<String>> {
        let name = format!("cdr-demo-{}", cdr::casework::secrets::random_letters(10));
        let path = keep.map_or_else(|| std::env::temp_dir().join(name), Path::to_path_buf);
        std::fs::create_dir_all(&path)
            .map_err(|_| vec![format!("{} could not be made", path.display())])?;
        Ok(Self {
            path,
            keep: keep.is_some(),
        })
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        if !self.keep && std::fs::remove_dir_all(&self.path).is_err() {
            eprintln!("cdr: {} could not be taken away", self.path.display());
        }
    }
}
