//! `cdr serve`: the service until it is told to stop.

use std::net::TcpListener;
use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::Arc;
use std::time::Duration;

use cdr::casework::{Error, clocks, forms};
use cdr::jobs::Stop;
use cdr::jobs::checkpoint::{keep_checkpoints, place};
use cdr::jobs::clusters::keep_counting;
use cdr::jobs::mail::{Carrier, keep_sending};
use cdr::jobs::remind::keep_reminding;
use cdr::jobs::scan::keep_scanning;
use cdr::jobs::sweep::keep_sweeping;
use cdr::store::grants;
use cdr::store::vault::Vault;
use cdr::store::wait_for_closed;
use cdr::web::app::{App, DemoAccount};
use cdr::web::limits::Limits;
use cdr::web::patience::Patience;
use cdr::web::render::Renderer;
use cdr::web::server;

use super::{Opened, Outcome, now, open, operator, told};

/// How long what is under way may take to end when the service was told to stop.
const LAST: Duration = Duration::from_secs(5);

/// Runs the service as the settings say.
pub fn serve() -> Outcome {
    let opened = open()?;
    let address = opened.settings.bind;
    let listener = TcpListener::bind(address).map_err(|_| {
        vec![format!(
            "CDR_BIND: {address} cannot be bound; is something else there?"
        )]
    })?;
    run(opened, listener, None)
}

/// Serves on a listener until SIGTERM or an interrupt.
pub fn run(opened: Opened, listener: TcpListener, demo: Option<Vec<DemoAccount>>) -> Outcome {
    let Opened {
        settings,
        house,
        db,
        end,
    } = opened;
    // A running service signs by itself, and must not wait for an anchor before it serves.
    end.unsigned();
    drop(end);
    let missing = db
        .read(|conn| forms::missing_versions(conn, &house))
        .map_err(|e| told(&db, operator(&house), e))?;
    if !missing.is_empty() {
        return Err(vec![format!(
            "answers are kept to version {} of the forms, which this program does not have; run the program that has it",
            missing.join(", ")
        )]);
    }
    let mail_dir: PathBuf = settings.data_dir.join("mail");
    let carrier = Carrier::trusting(
        settings.smtp_url.as_deref(),
        settings.smtp_ca.as_deref(),
        mail_dir.clone(),
    )
    .map_err(|e| vec![e])?;
    let vault = Vault::folder(&settings.data_dir.join("documents"))
        .map_err(|e| vec![format!("CDR_DATA_DIR: {e}")])?;
    let stop = Stop::default();
    keep_sending(db.clone(), Arc::clone(&house), carrier, now, stop.clone());
    keep_counting(db.clone(), Arc::clone(&house), now, stop.clone());
    keep_reminding(db.clone(), Arc::clone(&house), now, stop.clone());
    keep_sweeping(db.clone(), vault.clone(), now, stop.clone());
    keep_checkpoints(
        db.clone(),
        Arc::clone(&house),
        place(&settings.data_dir),
        settings.audit_anchor.clone(),
        now,
        stop.clone(),
    );
    let scanned = settings.clamd.is_some();
    if let Some(clamd) = settings.clamd.clone() {
        let (db, house, vault) = (db.clone(), Arc::clone(&house), vault.clone());
        keep_scanning(db, house, vault, clamd, now, stop.clone());
    }
    if let Some(ends) = clocks::holidays_run_out(&house, now()) {
        tracing::warn!(%ends, "the list of bank holidays ends within a year; working days after it are not counted right");
    }
    let rewrites = db.read(|conn| Ok::<_, Error>(grants::could_rewrite(conn)?));
    if rewrites.is_ok_and(|could| could) {
        tracing::warn!(
            "the service's database role may change and delete rows of the audit trail; give it a role of its own (CDR_SERVICE_ROLE)"
        );
    }
    if settings.behind_tls_proxy && settings.trusted_proxies.is_empty() {
        tracing::warn!("CDR_TRUSTED_PROXIES is not set: everybody counts as one source, the proxy");
    }
    let plain_loopback =
        settings.base_url.starts_with("http://") && settings.bind.ip().is_loopback();
    let app = Arc::new(App {
        db,
        house,
        renderer: Renderer::new(Renderer::development_folder()),
        clock: Arc::new(now),
        secure_cookies: !plain_loopback,
        proxies: settings.trusted_proxies,
        metrics_from: settings.metrics_from,
        demo,
        limits: Limits::new(&settings.public_posts),
        quickest: settings.public_posts.quickest,
        patience: Patience::default(),
        mail_dir,
        checkpoint: place(&settings.data_dir),
        vault,
        scanned,
    });
    let workers = std::thread::available_parallelism().map_or(2, std::num::NonZero::get);
    let done = actix_web::rt::System::new().block_on(async move {
        let server = server::build(app, listener, workers)?;
        server.await
    });
    stop.now();
    wait_for_closed(LAST);
    done.map(|()| ExitCode::SUCCESS)
        .map_err(|_| vec!["the service stopped unexpectedly".to_owned()])
}
