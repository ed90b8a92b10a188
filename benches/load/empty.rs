//! An actix handler that reads what is posted and says that it is there, in a process of its own: what the
//! framework, the network and the load generator cost by themselves.

use std::io::{BufRead, BufReader};
use std::net::{SocketAddr, TcpListener};
use std::process::{Child, Command, Stdio};

use actix_web::{App, HttpResponse, HttpServer, web};

use super::machine::Process;

/// Set in the environment of the process that serves nothing.
pub const CHILD: &str = "CDR_LOAD_EMPTY_HANDLER";

/// Serves until the process is ended.
pub fn serve() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    println!("{}", listener.local_addr().unwrap());
    let served = actix_web::rt::System::new().block_on(async move {
        let app = || App::new().route("/", web::post().to(taken));
        HttpServer::new(app)
            .workers(2)
            .listen(listener)?
            .run()
            .await
    });
    served.unwrap();
}

async fn taken(_: web::Bytes) -> HttpResponse {
    HttpResponse::Created().finish()
}

/// The other process.
pub struct Empty {
    child: Child,
    pub address: SocketAddr,
}

impl Empty {
    pub fn start() -> Self {
        let mut child = Command::new(std::env::current_exe().unwrap())
            .env(CHILD, "1")
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let mut line = String::new();
        BufReader::new(child.stdout.take().unwrap())
            .read_line(&mut line)
            .unwrap();
        Self {
            address: line.trim().parse().expect("the empty handler's address"),
            child,
        }
    }

    pub fn process(&self) -> Process {
        Process(self.child.id())
    }
}

impl Drop for Empty {
    fn drop(&mut self) {
        drop(self.child.kill());
        drop(self.child.wait());
    }
}
