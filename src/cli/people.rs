//! `cdr user` and `cdr token`: accounts of people and tokens of systems.

use std::io::Read;
use std::process::ExitCode;

use cdr::casework::{Error, people, tokens};
use cdr::domain::actor::{ApiScope, Role};
use cdr::store::tokens as rows;
use clap::Subcommand;

use super::{Outcome, open};

/// Accounts.
#[derive(Subcommand)]
pub enum User {
    /// Add an account; the password is read from standard input
    Add {
        #[arg(long)]
        email: String,
        #[arg(long)]
        name: String,
        /// A role code, for example coordinator
        #[arg(long)]
        role: String,
        /// Code of the organisation
        #[arg(long)]
        organisation: Option<String>,
    },
}

/// Tokens.
#[derive(Subcommand)]
pub enum Token {
    /// Issue a bearer token; it is printed once and not kept
    Issue {
        #[arg(long)]
        system: String,
        /// Scopes, separated by commas
        #[arg(long)]
        scope: String,
        #[arg(long, default_value_t = 365)]
        days: u32,
    },
    /// List the tokens that were issued
    List,
    /// Revoke a token at once
    Revoke { id: String },
}

/// Adds an account.
pub fn user(command: &User) -> Outcome {
    let User::Add {
        email,
        name,
        role,
        organisation,
    } = command;
    let role: Role = role.parse().map_err(|e| vec![format!("--role {e}")])?;
    let mut password = String::new();
    std::io::stdin()
        .read_to_string(&mut password)
        .map_err(|_| vec!["the password could not be read from standard input".to_owned()])?;
    let new = people::NewUser {
        email: email.clone(),
        name: name.clone(),
        role,
        organisation: organisation.clone(),
        password: password.trim_end_matches(['\r', '\n']).to_owned(),
    };
    let opened = open()?;
    let ctx = opened.operator();
    opened
        .db
        .write(move |tx| people::add_user(tx, &ctx, &new))
        .map_err(|e| opened.told(e))?;
    println!("Added {email}. The second factor is set up at the first sign-in.");
    Ok(ExitCode::SUCCESS)
}

/// Issues, lists and revokes.
pub fn token(command: &Token) -> Outcome {
    let opened = open()?;
    let ctx = opened.operator();
    match command {
        Token::Issue {
            system,
            scope,
            days,
        } => {
            let scopes: Vec<ApiScope> = scope
                .split(',')
                .map(|s| s.trim().parse())
                .collect::<Result<_, _>>()
                .map_err(|e| vec![format!("--scope {e}")])?;
            let (system, days) = (system.clone(), *days);
            let token = opened
                .db
                .write(move |tx| tokens::issue(tx, &ctx, &system, &scopes, days))
                .map_err(|e| opened.told(e))?;
            println!("{token}");
        }
        Token::List => {
            let all = opened
                .db
                .read(|conn| Ok::<_, Error>(rows::list(conn)?))
                .map_err(|e| opened.told(e))?;
            for t in all {
                let state = if t.revoked_at.is_some() {
                    "revoked"
                } else {
                    "in force"
                };
                println!(
                    "{}\t{}\t{}\tuntil {}\t{state}",
                    t.id,
                    t.system,
                    t.scopes,
                    t.expires_at.date()
                );
            }
        }
        Token::Revoke { id } => {
            let id = id.clone();
            opened
                .db
                .write(move |tx| tokens::revoke(tx, &ctx, &id))
                .map_err(|e| opened.told(e))?;
            println!("Revoked.");
        }
    }
    Ok(ExitCode::SUCCESS)
}
