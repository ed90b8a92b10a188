//! A package on its way to a browser: made from its own connection. When the browser goes away the export stops, the
//! connection goes back and the ledger holds nothing; the trail holds that it was begun. Must not know what is in a package.

use std::sync::Arc;

use crate::casework::Context;
use crate::casework::submit_return::{self, Stopped};
use crate::domain::national_return::Order;
use crate::web::pieces::{self, Named, Pieces};
use crate::web::{App, Page};

/// Answers with the package.
pub async fn start(app: &Arc<App>, ctx: Context, order: Order) -> Page {
    let name = order.file_name();
    let named = Named {
        name: &name,
        media: "application/zip",
        packed: true,
        lines: None,
    };
    let app = Arc::clone(app);
    pieces::start(named, move |pieces| make(&app, &ctx, order, pieces)).await
}

/// Makes the package, puts it in the ledger, and lets the last piece go.
fn make(app: &App, ctx: &Context, order: Order, mut pieces: Pieces) {
    let gone = pieces.gone();
    let written = match submit_return::export(&app.db, ctx, order, &mut pieces, &gone) {
        Ok(written) => written,
        Err(Stopped::Gone) => return broken_off(ctx),
        Err(Stopped::Failed(error)) => {
            app.came_upon(ctx, &error);
            return pieces.fail(error);
        }
    };
    if gone() {
        return broken_off(ctx);
    }
    let enter = ctx.clone();
    match app
        .db
        .write(move |tx| submit_return::enter(tx, &enter, &written))
    {
        Ok(_) => pieces.end(),
        Err(error) => {
            app.came_upon(ctx, &error);
            pieces.fail(error);
        }
    }
}

fn broken_off(ctx: &Context) {
    tracing::info!(correlation = %ctx.correlation, "a return's download was broken off");
}
