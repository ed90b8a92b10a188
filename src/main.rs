//! The command line of cdr. One file for each group of commands under `cli/`; each calls the same functions
//! as the pages. Errors are one plain line on standard error.

#![expect(
    clippy::print_stdout,
    reason = "a command line answers on standard output"
)]

mod cli;

use std::process::ExitCode;
use std::time::Duration;

use cdr::store::wait_for_closed;
use clap::{Parser, Subcommand};
use mimalloc::MiMalloc;

/// A notification is some thousand small pieces of memory, taken and given back.
#[global_allocator]
static ALLOCATOR: MiMalloc = MiMalloc;

/// A case system for child death review.
#[derive(Parser)]
#[command(version, about, arg_required_else_help = true)]
struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Run the service; migrates first; stops cleanly on SIGTERM
    Serve,
    /// Run a throw-away service on loopback with a synthetic caseload
    Demo(cli::demo::Demo),
    /// Bring the database to the current schema
    Migrate,
    /// Fill the configured database with a deterministic synthetic caseload
    Seed(cli::seed::Seed),
    /// Staff accounts
    #[command(subcommand)]
    User(cli::people::User),
    /// Bearer tokens of other systems
    #[command(subcommand)]
    Token(cli::people::Token),
    /// The audit trail
    #[command(subcommand)]
    Audit(cli::audit::Audit),
    /// Write everything into one encrypted file, while the service runs
    Backup(cli::backup::Place),
    /// Put a backup back into an empty place, and walk its audit trail
    Restore(cli::backup::Place),
    /// The return to the national database
    #[command(subcommand)]
    Return(cli::returns::Return),
    /// What comes from elsewhere
    #[command(subcommand)]
    Import(cli::imports::Import),
    /// Mail that was sent
    #[command(subcommand)]
    Mail(cli::mail::Mail),
    /// Every route with its method and who may call it
    Routes(cli::routes::Routes),
}

fn main() -> ExitCode {
    let outcome = match Arguments::parse().command {
        Command::Serve => cli::serve::serve(),
        Command::Demo(demo) => cli::demo::run(&demo),
        Command::Migrate => cli::database::migrate(),
        Command::Seed(seed) => cli::seed::run(&seed),
        Command::User(user) => cli::people::user(&user),
        Command::Token(token) => cli::people::token(&token),
        Command::Audit(audit) => cli::audit::run(&audit),
        Command::Backup(place) => cli::backup::backup(&place),
        Command::Restore(place) => cli::backup::restore(&place),
        Command::Return(command) => cli::returns::run(&command),
        Command::Import(command) => cli::imports::run(&command),
        Command::Mail(command) => cli::mail::run(&command),
        Command::Routes(routes) => cli::routes::run(&routes),
    };
    wait_for_closed(Duration::from_secs(1));
    match outcome {
        Ok(code) => code,
        Err(lines) => {
            for line in lines {
                eprintln!("cdr: {line}");
            }
            ExitCode::FAILURE
        }
    }
}
