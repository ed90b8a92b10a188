//! The real HTTP service inside the test process, on a port of its own and with a clock that tests move.

use std::net::TcpListener;
use std::sync::{Arc, Mutex, OnceLock};
use std::time::Instant;

use actix_web::dev::ServerHandle;
use cdr::casework::secrets::Secrets;
use cdr::casework::sessions::{self, Origin};
use cdr::casework::{Context, Error, House, factors, people};
use cdr::config::PublicPosts;
use cdr::domain::actor::{Actor, Role};
use cdr::domain::one_time_code::Shared;
use cdr::store::accounts;
use cdr::store::outbox::{self, Mail};
use cdr::store::vault::Vault;
use cdr::store::{Conn, Db, Tx};
use cdr::web::App;
use cdr::web::limits::Limits;
use cdr::web::patience::Patience;
use cdr::web::render::Renderer;
use chrono::{DateTime, Duration, Utc};

use super::{Browser, Database, Engine, logs};

/// When every test begins: a Wednesday morning in England, in summer time.
pub const BEGINS: &str = "2026-04-01T09:00:00Z";
/// The password of every account that a test makes.
pub const PASSWORD: &str = "correct horse battery staple";

/// A running service.
pub struct Service {
    pub engine: Engine,
    pub app: Arc<App>,
    /// `http://127.0.0.1:…`, without a slash at the end.
    pub address: String,
    pub database: Database,
    ahead: Arc<Mutex<Duration>>,
    handle: ServerHandle,
}

impl Service {
    /// Starts the service as `cdr serve` would, but for the clock and the test numbers it takes.
    pub fn start(database: Database) -> Self {
        Self::start_with(database, |_| {})
    }

    /// The same as it stands behind TLS, where cookies are marked as secure.
    pub fn start_secure(database: Database) -> Self {
        Self::start_with(database, |app| app.secure_cookies = true)
    }

    /// Starts the service with something set otherwise.
    pub fn start_with(database: Database, set: impl FnOnce(&mut App)) -> Self {
        logs::keep();
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = format!("http://{}", listener.local_addr().unwrap());
        let key = database.folder().join("test.key");
        super::database::put_key(&key, super::database::KEY);
        let secrets = Secrets::from_file(&key, None).unwrap();
        let ahead = Arc::new(Mutex::new(Duration::zero()));
        let mut app = App {
            db: Db::start(&database.target, &super::database::keys()).unwrap(),
            house: Arc::new(house(secrets, &address)),
            renderer: renderer(),
            clock: clock(&ahead),
            secure_cookies: false,
            proxies: Vec::new(),
            metrics_from: Vec::new(),
            demo: None,
            limits: Limits::new(&unlimited()),
            quickest: 0,
            patience: Patience::default(),
            mail_dir: database.folder().join("mail"),
            checkpoint: database.folder().join("audit.checkpoint"),
            vault: Vault::folder(&database.folder().join("documents")).unwrap(),
            scanned: false,
        };
        set(&mut app);
        let app = Arc::new(app);
        let server = cdr::web::server::build(Arc::clone(&app), listener, 1).unwrap();
        let handle = server.handle();
        actix_web::rt::spawn(server);
        Self {
            engine: database.engine,
            app,
            address,
            database,
            ahead,
            handle,
        }
    }

    pub async fn stop(self) {
        self.handle.stop(false).await;
    }

    /// Time passes.
    pub fn pass(&self, time: Duration) {
        *self.ahead.lock().unwrap() += time;
    }

    /// What the service's clock says.
    pub fn now(&self) -> DateTime<Utc> {
        (self.app.clock)()
    }

    /// A browser that nobody has used before.
    pub fn browser(&self) -> Browser {
        Browser::new(&self.address)
    }

    /// A browser in which somebody of this role has signed in.
    #[expect(
        clippy::unused_async,
        reason = "a person signing in is something that a test waits for"
    )]
    pub async fn signed_in(&self, role: Role) -> Browser {
        let email = format!("{}@cdr.example", role.as_str().replace('_', "."));
        self.add_user(&email, role);
        self.signed_in_as(&email)
    }

    /// A browser in which this account has a session, opened past the pages: a code works once, and the pages of
    /// signing in have tests of their own.
    pub fn signed_in_as(&self, email: &str) -> Browser {
        let email = email.to_owned();
        let token = self
            .write(Actor::public(), move |tx, ctx| {
                let user = accounts::by_email(tx.conn(), &email)?.unwrap();
                sessions::open(tx, ctx, &user, &Origin::default())
            })
            .unwrap();
        logs::never(&token);
        self.browser_with(&format!("cdr_session={token}"))
    }

    /// A browser that holds a cookie.
    pub fn browser_with(&self, cookie: &str) -> Browser {
        let browser = self.browser();
        browser.hold(cookie);
        browser
    }

    /// The authenticator app of an account that [`Self::add_user`] made.
    pub fn app_of(email: &str) -> Shared {
        factors::demo_secret(email)
    }

    /// What the app of this account shows now. Time passes first, so that each call gives a code never used.
    pub fn code(&self, email: &str) -> String {
        self.pass(Duration::seconds(30));
        let now = u64::try_from(self.now().timestamp()).unwrap();
        Self::app_of(email).code(now)
    }

    pub fn add_user(&self, email: &str, role: Role) -> String {
        let id = self.add_bare_user(email, role);
        let (shared, user_id) = (Self::app_of(email), id.clone());
        logs::never(&shared.text().replace(' ', ""));
        self.write(Actor::operator(), move |tx, ctx| {
            factors::give(tx, ctx, &user_id, &shared, 0)
        })
        .unwrap();
        id
    }

    /// An account without a second factor, as `cdr user add` makes it.
    pub fn add_bare_user(&self, email: &str, role: Role) -> String {
        let new = people::NewUser {
            email: email.to_owned(),
            name: format!("Sample {}", role.label()),
            role,
            organisation: None,
            password: PASSWORD.into(),
        };
        self.write(Actor::operator(), move |tx, ctx| {
            people::add_user(tx, ctx, &new)
        })
        .unwrap()
    }

    /// The circumstances of work done past the pages.
    pub fn context(&self, actor: Actor) -> Context {
        Context::new(&self.app.house, self.now(), actor, "test")
    }

    /// A coordinator without a browser, for work done past the pages.
    pub fn coordinator() -> Actor {
        Actor::staff("u-test", "Sample Coordinator", Role::Coordinator, None)
    }

    /// A verb run past the pages.
    pub fn write<T, F>(&self, actor: Actor, verb: F) -> Result<T, Error>
    where
        T: Send + 'static,
        F: FnOnce(&mut Tx<'_>, &Context) -> Result<T, Error> + Send + 'static,
    {
        let ctx = self.context(actor);
        self.app.db.write(move |tx| verb(tx, &ctx))
    }

    /// What the database holds.
    pub fn read<T>(&self, look: impl FnOnce(&mut Conn) -> Result<T, Error>) -> T {
        self.app.db.read(look).unwrap()
    }

    /// The newest mail to an address.
    pub fn mail_to(&self, address: &str) -> Mail {
        self.mails()
            .into_iter()
            .find(|m| m.recipient == address)
            .unwrap_or_else(|| panic!("no mail to {address}"))
    }

    /// Every mail, the newest first.
    pub fn mails(&self) -> Vec<Mail> {
        self.read(|conn| Ok(outbox::latest(conn, 1000)?))
    }

    /// The path of the link in the newest mail to an address.
    pub fn link_to(&self, address: &str) -> String {
        let ways = ["/requests/", "/join/", "/sign-in/reset/"];
        let mails = self.mails();
        let words = mails
            .iter()
            .filter(|mail| mail.recipient == address)
            .flat_map(|mail| mail.body.split_whitespace());
        let url = words
            .into_iter()
            .find(|w| ways.iter().any(|way| w.contains(way)));
        let path = url
            .and_then(|u| u.strip_prefix(&self.address))
            .unwrap_or_else(|| panic!("no link to {address}"));
        logs::never(path.rsplit('/').next().unwrap_or_default());
        path.to_owned()
    }
}

/// The house of a service that is not in live use. What the program ships is read and checked once for all tests, for it
/// takes as long as a short test.
pub fn house(secrets: Secrets, address: &str) -> House {
    static SHIPPED: OnceLock<House> = OnceLock::new();
    let mut house = SHIPPED
        .get_or_init(|| House::load(secrets.clone(), address, None).unwrap())
        .clone();
    house.live = false;
    house.base_url = address.to_owned();
    house.secrets = secrets;
    house
}

/// The templates in the program, each compiled once for all tests.
fn renderer() -> Renderer {
    static TEMPLATES: OnceLock<Renderer> = OnceLock::new();
    TEMPLATES.get_or_init(|| Renderer::new(None)).clone()
}

/// Tests that are not of the limits never meet them.
fn unlimited() -> PublicPosts {
    PublicPosts {
        per_source: 1_000_000,
        overall: 1_000_000,
        ..PublicPosts::default()
    }
}

/// Begins at [`BEGINS`] and goes on as real time does, so that what is done later is later.
fn clock(ahead: &Arc<Mutex<Duration>>) -> cdr::web::app::Clock {
    let (ahead, started) = (Arc::clone(ahead), Instant::now());
    let begins: DateTime<Utc> = BEGINS.parse().unwrap();
    Arc::new(move || {
        begins + Duration::from_std(started.elapsed()).unwrap() + *ahead.lock().unwrap()
    })
}
