//! Builds the HTTP service from the list of routes. Must not know what any route does.

use std::collections::BTreeMap;
use std::net::TcpListener;
use std::sync::Arc;

use actix_web::dev::Server;
use actix_web::middleware::{Compress, from_fn};
use actix_web::{App as ActixApp, HttpServer, Resource, web};

use super::app::App;
use super::catch::catch;
use super::finish::finish;
use super::post::LARGEST;
use super::routes;

/// The service on a bound listener; run it by awaiting.
pub fn build(app: Arc<App>, listener: TcpListener, workers: usize) -> std::io::Result<Server> {
    let head = app.patience.head;
    let server = HttpServer::new(move || {
        ActixApp::new()
            .app_data(web::Data::new(Arc::clone(&app)))
            .app_data(web::PayloadConfig::new(LARGEST))
            .wrap(Compress::default())
            .wrap(from_fn(finish))
            .configure(mount)
    })
    .workers(workers)
    // A browser that went away is noticed at once, so that a broken-off download stops.
    .h1_allow_half_closed(false)
    .shutdown_timeout(20)
    .client_request_timeout(head)
    .listen(listener)?;
    Ok(server.run())
}

/// One resource for each address, with its methods; anything else is not there.
fn mount(config: &mut web::ServiceConfig) {
    let mut resources: BTreeMap<&'static str, Resource> = BTreeMap::new();
    let mut order = Vec::new();
    for route in routes::all() {
        let resource = resources.remove(route.path).unwrap_or_else(|| {
            order.push(route.path);
            web::resource(route.path)
        });
        resources.insert(route.path, resource.route((route.mount)()));
    }
    for path in order {
        if let Some(resource) = resources.remove(path) {
            config.service(resource.wrap(from_fn(catch)));
        }
    }
}
