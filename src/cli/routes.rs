//! `cdr routes`.

use std::process::ExitCode;

use cdr::web::routes::described;
use clap::Args;

use super::Outcome;

/// How the list is printed.
#[derive(Args)]
pub struct Routes {
    /// As JSON
    #[arg(long)]
    json: bool,
    /// As the matrix of docs/permissions.md
    #[arg(long, conflicts_with = "json")]
    markdown: bool,
}

/// Prints the list of routes.
pub fn run(routes: &Routes) -> Outcome {
    let all = described();
    if routes.markdown {
        print!("{}", cdr::web::matrix::markdown());
    } else if routes.json {
        let text = serde_json::to_string_pretty(&all).map_err(|e| vec![e.to_string()])?;
        println!("{text}");
    } else {
        for route in all {
            println!(
                "{:<7}{:<55}{:<28}{}",
                route.method,
                route.path,
                route.access,
                route.roles.join(" ")
            );
        }
    }
    Ok(ExitCode::SUCCESS)
}
