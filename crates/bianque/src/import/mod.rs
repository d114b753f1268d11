//! `bianque import`: tables of patients, users and schedules, and resources of FHIR, through the running server or on the
//! folder itself.
//!
//! The file is read here, a part at a time, whoever's it is; the parts are carried out where the data folder is open. So
//! the server needs no right to the file, and memory does not grow with it.

mod bundle;
mod entries;
mod paper;
mod tables;
mod tally;
mod text;

use std::process::ExitCode;

use anyhow::{anyhow, bail};
use bianque_app::import::{Batch, Fault, Report, Table};

use bianque_model::TenantId;

use crate::cli::{ImportCommand, ImportFlags, ServeFlags, UserImportFlags};
use crate::config::Config;
use crate::control::{Answer, Reach, Request};
use crate::open;
use paper::{Faults, Links};
use tally::Tally;
pub(crate) use text::Written;

/// The folder has never been used by a server.
const UNINITIALISED: u8 = 2;
/// Some rows were not taken; the others were.
const REFUSED: u8 = 5;

/// An import under way.
struct Import {
    reach: Reach,
    tenant: TenantId,
    tally: Tally,
    faults: Faults,
    links: Option<Links>,
    dry_run: bool,
}

/// `bianque import`.
pub(crate) async fn import(command: ImportCommand) -> anyhow::Result<ExitCode> {
    match command {
        ImportCommand::Patients(flags) => of_table(Table::Patients, flags).await,
        ImportCommand::Schedules(flags) => of_table(Table::Schedules, flags).await,
        ImportCommand::Users(flags) => of_users(flags).await,
        ImportCommand::Fhir(flags) => {
            let (config, settings) = settings(&flags, None)?;
            if !open::is_initialised(&settings.data) {
                return Ok(uninitialised(&settings));
            }
            let mut import = Import::begin(&config, &settings, None).await?;
            entries::read(&mut import, &config.file).await?;
            import.end()
        }
    }
}

async fn of_table(table: Table, flags: ImportFlags) -> anyhow::Result<ExitCode> {
    let (flags, settings) = settings(&flags, None)?;
    if !open::is_initialised(&settings.data) {
        return Ok(uninitialised(&settings));
    }
    let mut import = Import::begin(&flags, &settings, None).await?;
    tables::read(&mut import, table, &flags, false).await?;
    import.end()
}

async fn of_users(users: UserImportFlags) -> anyhow::Result<ExitCode> {
    let UserImportFlags { flags, links, renew_links, public_url } = users;
    let (flags, settings) = settings(&flags, public_url)?;
    if !open::is_initialised(&settings.data) {
        return Ok(uninitialised(&settings));
    }
    let links = match (links, flags.dry_run) {
        (_, true) => None,
        (Some(path), false) => Some(Links::create(&path)?),
        (None, false) => bail!("say where the one-time links are written: --links FILE"),
    };
    let mut import = Import::begin(&flags, &settings, links).await?;
    let is_first = import.tenant == TenantId::FIRST;
    if is_first && settings.public_url.is_none() && matches!(import.reach, Reach::Here(_)) && !flags.dry_run {
        bail!("no server runs on this folder, so say what links begin with: --public-url");
    }
    tables::read(&mut import, Table::Users, &flags, renew_links).await?;
    import.end()
}

fn settings(flags: &ImportFlags, public_url: Option<String>) -> anyhow::Result<(ImportFlags, Config)> {
    let serve = ServeFlags { public_url, ..flags.folder.clone().into() };
    Ok((flags.clone(), Config::decide(&serve)?))
}

fn uninitialised(settings: &Config) -> ExitCode {
    tracing::error!("{} is not initialised: run `bianque serve` on it first", settings.data.display());
    ExitCode::from(UNINITIALISED)
}

impl Import {
    async fn begin(flags: &ImportFlags, settings: &Config, links: Option<Links>) -> anyhow::Result<Self> {
        let faults = Faults::create(flags.errors.as_deref(), &flags.file)?;
        let reach = Reach::find(settings).await?;
        let tenant = flags.tenant.into();
        Ok(Self { reach, tenant, tally: Tally::begin(), faults, links, dry_run: flags.dry_run })
    }

    /// Has a batch carried out, and writes down what came of it and of rows among its own that were not sent.
    async fn send(&mut self, batch: Batch, faults: &mut Vec<Fault>) -> anyhow::Result<()> {
        let mut report = self.ask(batch).await?;
        report.refused += faults.len() as u64;
        report.faults.append(faults);
        report.faults.sort_by_key(|fault| fault.place);
        if let Some(links) = &mut self.links {
            links.write(&report.links)?;
        }
        self.note(&report)
    }

    fn note(&mut self, report: &Report) -> anyhow::Result<()> {
        self.faults.write(&report.faults)?;
        self.tally.add(report);
        Ok(())
    }

    async fn ask(&self, batch: Batch) -> anyhow::Result<Report> {
        let batch = serde_json::to_string(&batch)?;
        match self.reach.ask(Request::Import { tenant: self.tenant, batch }).await? {
            Answer::Done(report) => Ok(serde_json::from_str(&report)?),
            Answer::Failed(message) => Err(anyhow!(message)),
        }
    }

    /// Tells what came of it all.
    fn end(self) -> anyhow::Result<ExitCode> {
        use std::io::Write;
        let refused = self.tally.refused();
        writeln!(std::io::stdout().lock(), "{}", self.tally.told(self.dry_run))?;
        self.faults.told();
        Ok(if refused > 0 { ExitCode::from(REFUSED) } else { ExitCode::SUCCESS })
    }
}
