//! What every handler may use: the database, the house, the templates, the clock. One `web::block` a request:
//! who is asking is looked up on the same connection that then does the work. Must not know any page.

use std::path::PathBuf;
use std::sync::Arc;

use actix_web::http::StatusCode;
use actix_web::{HttpResponse, web};
use chrono::{DateTime, Utc};
use serde::Serialize;
use serde_json::Value;

use super::limits::Limits;
use super::patience::Patience;
use super::render::Renderer;
use super::visit::{Caller, Known, Visit};
use super::{Fault, csrf, error, resume};
use crate::casework::sessions::{self, Present};
use crate::casework::{Context, Error, House, found_damaged, note_damaged, noted};
use crate::domain::actor::Actor;
use crate::domain::calendar::london;
use crate::domain::network::Network;
use crate::domain::restriction::Why;
use crate::store::vault::Vault;
use crate::store::{Conn, Db, Tx};

/// Gives the time: the system's in service, a fixed one in tests.
pub type Clock = Arc<dyn Fn() -> DateTime<Utc> + Send + Sync>;

/// Shared by all requests.
pub struct App {
    pub db: Db,
    pub house: Arc<House>,
    pub renderer: Renderer,
    pub clock: Clock,
    /// Cookies carry `Secure` unless the service is reached by plain HTTP on loopback.
    pub secure_cookies: bool,
    /// Who may say where a request comes from.
    pub proxies: Vec<Network>,
    /// Who reads the figures beside this machine itself.
    pub metrics_from: Vec<Network>,
    /// The accounts that the demonstration shows; none in service.
    pub demo: Option<Vec<DemoAccount>>,
    /// What anybody without an account may post.
    pub limits: Limits,
    /// A notification sent sooner than so many seconds after it was begun waits to be looked at.
    pub quickest: u32,
    /// How long a request may take to arrive.
    pub patience: Patience,
    /// Where mails are kept as files when there is no mail server.
    pub mail_dir: PathBuf,
    /// Where the last checkpoint of the audit trail lies.
    pub checkpoint: PathBuf,
    /// Where documents lie, sealed.
    pub vault: Vault,
    /// Documents wait for a scanner before anybody reads them.
    pub scanned: bool,
}

/// One account of the demonstration.
#[derive(Clone, Debug, Serialize)]
pub struct DemoAccount {
    pub name: String,
    pub email: String,
    pub password: String,
    pub role: String,
}

impl App {
    pub(super) fn context(&self, visit: &Visit, actor: Actor) -> Context {
        Context {
            source: visit.origin.source.clone(),
            page: visit.path.clone(),
            noted: visit.noted.clone(),
            ..Context::new(&self.house, (self.clock)(), actor, &visit.correlation)
        }
    }

    /// Reads as whoever is calling, without asking who that is: for public pages.
    pub async fn open_read<T, F>(self: &Arc<Self>, visit: &Visit, f: F) -> Result<T, Fault>
    where
        T: Send + 'static,
        F: FnOnce(&mut Conn, &Context) -> Result<T, Error> + Send + 'static,
    {
        let (app, ctx) = (Arc::clone(self), self.context(visit, Actor::public()));
        let done = blocking(move || {
            let value = app.db.read(|conn| {
                let value = f(conn, &ctx)?;
                note_damaged(conn, &ctx)?;
                Ok::<_, Error>(value)
            })?;
            app.keep_seen(&ctx)?;
            Ok(value)
        })
        .await;
        self.noted(visit, done).await
    }

    /// Writes as a member of the public.
    pub async fn open_write<T, F>(self: &Arc<Self>, visit: &Visit, f: F) -> Result<T, Fault>
    where
        T: Send + 'static,
        F: FnOnce(&mut Tx<'_>, &Context) -> Result<T, Error> + Send + 'static,
    {
        let (app, ctx) = (Arc::clone(self), self.context(visit, Actor::public()));
        let done = blocking(move || app.db.write(move |tx| f(tx, &ctx))).await;
        if done.is_ok() {
            visit.noted.forget_seen();
        }
        self.noted(visit, done).await
    }

    /// Reads as the person signed in; nobody signed in is sent to sign in. What was looked at is on disk before
    /// anything of it is given out: when it cannot be recorded, nothing is shown.
    pub async fn read<T, F>(self: &Arc<Self>, visit: &Visit, f: F) -> Result<T, Fault>
    where
        T: Send + 'static,
        F: FnOnce(&mut Conn, &Context) -> Result<T, Error> + Send + 'static,
    {
        let (app, ctx) = (Arc::clone(self), self.context(visit, Actor::public()));
        let caller = visit.caller.clone();
        let done = blocking_fault(move || {
            let whose = ctx.clone();
            let read = app.db.read(|conn| {
                let (ctx, present) = identify(conn, ctx, &caller)?;
                let seen = present.stale.then_some(present.session_id);
                let value = f(conn, &ctx)?;
                note_damaged(conn, &ctx)?;
                Ok::<_, Fault>((value, seen))
            })?;
            app.keep_seen(&whose)?;
            Ok(read)
        })
        .await;
        let (value, seen) = self.noted(visit, done).await?;
        self.touch(visit, seen).await;
        Ok(value)
    }

    /// Puts what a read looked at in the audit trail: one insert that shares its commit with whatever else waits.
    fn keep_seen(&self, ctx: &Context) -> Result<(), Error> {
        let rows = ctx.noted.take_seen();
        if rows.is_empty() {
            return Ok(());
        }
        self.db
            .write(move |tx| Ok::<_, Error>(noted::write(tx, &rows)?))
    }

    /// The session of the person signed in.
    pub async fn session(self: &Arc<Self>, visit: &Visit) -> Result<Present, Fault> {
        let (app, ctx) = (Arc::clone(self), self.context(visit, Actor::public()));
        let caller = visit.caller.clone();
        blocking_fault(move || app.db.read(|conn| Ok(identify(conn, ctx, &caller)?.1))).await
    }

    /// Goes on only when the person's second factor was checked in the last five minutes; otherwise the browser
    /// is sent to type a code, and comes back to this page, or to what it posted here.
    pub async fn step_up(self: &Arc<Self>, visit: &Visit) -> Result<(), Fault> {
        if self.session(visit).await?.fresh {
            Ok(())
        } else {
            Err(Fault::StepUp)
        }
    }

    /// Writes as the person signed in, who is looked up again inside the transaction.
    pub async fn write<T, F>(self: &Arc<Self>, visit: &Visit, f: F) -> Result<T, Fault>
    where
        T: Send + 'static,
        F: FnOnce(&mut Tx<'_>, &Context) -> Result<T, Error> + Send + 'static,
    {
        let (app, ctx) = (Arc::clone(self), self.context(visit, Actor::public()));
        let caller = visit.caller.clone();
        let done = blocking_fault(move || {
            app.db.write(move |tx| {
                let (ctx, _) = identify(tx.conn(), ctx, &caller)?;
                Ok(f(tx, &ctx)?)
            })
        })
        .await;
        if done.is_ok() {
            visit.noted.forget_seen();
        }
        self.noted(visit, done).await
    }

    /// Leaves an event when something was refused, or something sealed was found damaged: by whoever came upon it.
    async fn noted<T>(self: &Arc<Self>, visit: &Visit, done: Result<T, Fault>) -> Result<T, Fault> {
        if done.is_err() {
            self.keep_refused(visit).await;
        }
        if let Err(Fault::Work(Error::Damaged { table, row })) = &done {
            let (app, ctx) = (Arc::clone(self), self.context(visit, Actor::public()));
            let (table, row, caller) = (*table, row.clone(), visit.caller.clone());
            let kept = blocking_fault(move || {
                app.db.write(move |tx| {
                    let ctx = match identify(tx.conn(), ctx.clone(), &caller) {
                        Ok((known, _)) => known,
                        Err(_) => ctx,
                    };
                    Ok(found_damaged(tx, &ctx, table, &row)?)
                })
            })
            .await;
            if kept.is_err() {
                unkept(table);
            }
        }
        done
    }

    /// The same for what a file came upon that is made on a thread of its own, whoever takes it.
    pub(super) fn came_upon(&self, ctx: &Context, error: &Error) {
        let Error::Damaged { table, row } = error else {
            return;
        };
        let (table, row, ctx) = (*table, row.clone(), ctx.clone());
        let kept = self
            .db
            .write(move |tx| found_damaged(tx, &ctx, table, &row));
        if kept.is_err() {
            unkept(table);
        }
    }

    /// Nothing was shown, so that a refusal cannot be recorded is told to whoever runs the service.
    async fn keep_refused(self: &Arc<Self>, visit: &Visit) {
        let rows = visit.noted.take_refused();
        if rows.is_empty() {
            return;
        }
        let app = Arc::clone(self);
        let work = move || {
            app.db
                .write(move |tx| Ok::<_, Error>(noted::write(tx, &rows)?))
        };
        let kept: Result<(), Fault> = blocking(work).await;
        if kept.is_err() {
            tracing::error!("a refusal could not be put in the audit trail");
        }
    }

    /// Marks the session as in use, so that it does not end by quiet. A failure costs nothing but that.
    async fn touch(self: &Arc<Self>, visit: &Visit, session: Option<String>) {
        let Some(id) = session else { return };
        let (app, ctx) = (Arc::clone(self), self.context(visit, Actor::public()));
        let done =
            blocking::<(), _>(move || app.db.write(move |tx| sessions::seen(tx, &ctx, &id))).await;
        if done.is_err() {
            tracing::warn!("a session could not be marked as seen");
        }
    }

    /// A page made from a template.
    pub fn page(
        &self,
        visit: &Visit,
        status: StatusCode,
        template: &str,
        context: impl Serialize,
    ) -> super::Page {
        let mut names = super::shown(&context);
        let shared = super::context! {
            area => &self.house.area, demo => self.demo.is_some(), correlation => &visit.correlation,
            path => &visit.path, user => visit.navigation(), glass => glass(visit),
        };
        if let (Value::Object(names), Value::Object(shared)) = (&mut names, shared) {
            names.extend(shared);
        }
        let html = self
            .renderer
            .render(template, names)
            .map_err(|e| Fault::from(Error::Internal(e.to_string())))?;
        let (html, given) = csrf::guarded(self, visit, html);
        let mut page = error::html(status, html);
        if let Some(cookie) = given {
            page.add_cookie(&cookie).map_err(|_| Fault::Unreadable)?;
        }
        Ok(page)
    }

    /// A page with status 200.
    pub fn ok(&self, visit: &Visit, template: &str, context: impl Serialize) -> super::Page {
        self.page(visit, StatusCode::OK, template, context)
    }
}

fn unkept(table: &'static str) {
    tracing::error!(
        table,
        "a damaged record could not be put in the audit trail"
    );
}

/// Until when, and why, the page shows a restricted case to somebody who is not named on it.
fn glass(visit: &Visit) -> Option<Value> {
    let glass = visit.noted.glass()?;
    let why = glass.why.parse::<Why>().map_or("", Why::label);
    Some(super::context! { until => super::cases::moment(london(glass.until.and_utc())), why })
}

/// Finds the person behind the session cookie.
fn identify(conn: &mut Conn, ctx: Context, caller: &Caller) -> Result<(Context, Present), Fault> {
    let Some(token) = &caller.session else {
        return Err(Fault::SignIn);
    };
    let present = sessions::present(conn, &ctx, token)?.ok_or(Fault::SignIn)?;
    if let Some(role) = present.actor.role() {
        let lasts = present.lasts;
        // Two pieces of work for one page find the same.
        let _known = caller.known.set(Known { role, lasts });
    }
    let actor = present.actor.clone();
    Ok((Context { actor, ..ctx }, present))
}

async fn blocking<T, F>(f: F) -> Result<T, Fault>
where
    T: Send + 'static,
    F: FnOnce() -> Result<T, Error> + Send + 'static,
{
    blocking_fault(move || f().map_err(Fault::from)).await
}

async fn blocking_fault<T, F>(f: F) -> Result<T, Fault>
where
    T: Send + 'static,
    F: FnOnce() -> Result<T, Fault> + Send + 'static,
{
    // A verb that panics is a fault of ours like any other: logged, and answered with the error page.
    match web::block(move || std::panic::catch_unwind(std::panic::AssertUnwindSafe(f))).await {
        Ok(Ok(result)) => result,
        Ok(Err(_)) => Err(Fault::from(Error::Internal(
            "a handler stopped unexpectedly".into(),
        ))),
        Err(_) => Err(Fault::from(Error::Unavailable)),
    }
}

/// Sends the browser on after a post: to an address of ours, and nowhere else whatever was asked.
pub fn see_other(to: &str) -> HttpResponse {
    let to = if resume::ours(to) { to } else { "/" };
    HttpResponse::SeeOther()
        .insert_header(("Location", to))
        .finish()
}
