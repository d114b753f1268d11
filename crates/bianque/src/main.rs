//! Bianque: one binary that a clinic, a hospital or a region runs itself.

mod accept;
mod assets;
mod audit;
mod backup;
mod check;
mod cli;
mod config;
mod control;
mod day_pack;
mod decode;
mod demo;
mod health;
mod hospital;
mod import;
mod keys;
mod log;
mod open;
mod ready;
mod records;
mod relay;
mod serve;
mod tenant;
mod tls;
mod token;

use std::process::ExitCode;

use clap::Parser;

use crate::cli::{AuditCommand, Cli, Command, HoldCommand, KeysCommand, TokenCommand};

fn main() -> ExitCode {
    let cli = Cli::parse();
    // The one provider of TLS, before anything else can choose another.
    let _ = rustls::crypto::aws_lc_rs::default_provider().install_default();
    if let Command::DecodeWorker(flags) = cli.command {
        return match (flags.memory, flags.frame) {
            (Some(memory), Some(frame)) if flags.frames => decode::serve(memory, frame),
            _ => bianque_app::photos::preview::run_worker(),
        };
    }
    log::init();
    let result = match cli.command {
        Command::Serve(flags) => run(serve::serve(flags)),
        Command::Demo(flags) => run(demo::demo(flags)),
        Command::Hospital(flags) => run(hospital::hospital(flags)),
        Command::Token { command: TokenCommand::Create(flags) } => run(token::create(flags)),
        Command::Audit { command: AuditCommand::Verify(flags) } => run(audit::verify(flags)),
        Command::Backup(flags) => run(backup::backup(flags)),
        Command::Restore(flags) => backup::restore(&flags),
        Command::Keys { command: KeysCommand::Rotate(flags) } => run(records::ask_rotate(flags)),
        Command::Shred(flags) => run(records::ask_shred(flags)),
        Command::Hold { command: HoldCommand::Add(flags) } => run(records::ask_hold(true, flags)),
        Command::Hold { command: HoldCommand::Remove(flags) } => run(records::ask_hold(false, flags)),
        Command::Scrub(flags) => run(records::ask_scrub(flags)),
        Command::Import { command } => run(import::import(command)),
        Command::Tenant { command } => run(tenant::command(command)),
        Command::CheckConfig(flags) => check::check(&flags),
        Command::DecodeWorker(_) => Ok(ExitCode::SUCCESS),
    };
    result.unwrap_or_else(|error| {
        tracing::error!("{error:#}");
        ExitCode::FAILURE
    })
}

fn run(work: impl Future<Output = anyhow::Result<ExitCode>>) -> anyhow::Result<ExitCode> {
    tokio::runtime::Builder::new_multi_thread().enable_all().build()?.block_on(work)
}
