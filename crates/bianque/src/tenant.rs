//! `bianque tenant`: which tenants there are and where they are reached, through the running server or on the folder
//! itself.

use std::process::ExitCode;

use anyhow::anyhow;
use bianque_app::App;
use bianque_app::tenants::{self, Tenant, change, close, create, hosts};
use bianque_model::TenantId;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use crate::cli::{FolderFlags, HostCommand, TenantCommand};
use crate::config::Config;
use crate::control::{self, Answer, Request};
use crate::open;

/// The folder has never been used by a server.
const UNINITIALISED: u8 = 2;

/// What is asked about tenants.
#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub(crate) enum Ask {
    /// Make one.
    Create {
        /// Its name.
        name: String,
        /// Where it is reached.
        hosts: Vec<String>,
        /// What its links begin with.
        public_url: Option<String>,
    },
    /// Say which there are.
    List,
    /// Another link for the first administrator.
    SetupLink {
        /// Whose.
        tenant: TenantId,
    },
    /// Change what is written of one.
    Change {
        /// Which.
        tenant: TenantId,
        /// Its name.
        name: Option<String>,
        /// What its links begin with.
        public_url: Option<String>,
    },
    /// One more host.
    HostAdd {
        /// Whose.
        tenant: TenantId,
        /// The host.
        host: String,
    },
    /// One less.
    HostRemove {
        /// Whose.
        tenant: TenantId,
        /// The host.
        host: String,
    },
    /// Serve it no more.
    Close {
        /// Which.
        tenant: TenantId,
    },
    /// Serve it again.
    Reopen {
        /// Which.
        tenant: TenantId,
    },
}

/// `bianque tenant`.
pub(crate) async fn command(command: TenantCommand) -> anyhow::Result<ExitCode> {
    let as_lines = matches!(&command, TenantCommand::List(flags) if !flags.json);
    let (folder, ask) = read(command);
    let config = Config::decide(&folder.into())?;
    if !open::is_initialised(&config.data) {
        tracing::error!("{} is not initialised: run `bianque serve` on it first", config.data.display());
        return Ok(ExitCode::from(UNINITIALISED));
    }
    match control::ask_or_open(&config, Request::Tenant { ask }).await? {
        Answer::Done(told) => {
            use std::io::Write;
            let told = if as_lines { lines(&serde_json::from_str(&told)?) } else { told };
            writeln!(std::io::stdout().lock(), "{told}")?;
            Ok(ExitCode::SUCCESS)
        }
        Answer::Failed(message) => Err(anyhow!(message)),
    }
}

fn read(command: TenantCommand) -> (FolderFlags, Ask) {
    match command {
        TenantCommand::Create(flags) => {
            let ask = Ask::Create { name: flags.name, hosts: flags.host, public_url: flags.public_url };
            (flags.folder, ask)
        }
        TenantCommand::List(flags) => (flags.folder, Ask::List),
        TenantCommand::SetupLink(flags) => (flags.folder, Ask::SetupLink { tenant: flags.tenant.into() }),
        TenantCommand::Change(flags) => {
            let (name, public_url) = (flags.name, flags.public_url);
            (flags.folder, Ask::Change { tenant: flags.tenant.into(), name, public_url })
        }
        TenantCommand::Close(flags) => (flags.folder, Ask::Close { tenant: flags.tenant.into() }),
        TenantCommand::Reopen(flags) => (flags.folder, Ask::Reopen { tenant: flags.tenant.into() }),
        TenantCommand::Host { command: HostCommand::Add(flags) } => {
            (flags.folder, Ask::HostAdd { tenant: flags.tenant.into(), host: flags.host })
        }
        TenantCommand::Host { command: HostCommand::Remove(flags) } => {
            (flags.folder, Ask::HostRemove { tenant: flags.tenant.into(), host: flags.host })
        }
    }
}

/// Carries a request out; what came of it, as JSON.
pub(crate) async fn carry_out(app: &App, ask: Ask) -> anyhow::Result<String> {
    let told = match ask {
        Ask::Create { name, hosts, public_url } => {
            let created = create::create(app, create::Making { name, hosts, public_url }).await?;
            let mut told = shown(&created.tenant);
            told["setup"] = created.setup.into();
            told
        }
        Ask::List => tenants::list(app).iter().map(shown).collect(),
        Ask::SetupLink { tenant } => {
            json!({"id": tenant, "setup": create::setup_link(app, tenant).await?})
        }
        Ask::Change { tenant, name, public_url } => {
            shown(&change::change(app, tenant, name.as_deref(), public_url.as_deref()).await?)
        }
        Ask::HostAdd { tenant, host } => shown(&hosts::add(app, tenant, &host).await?),
        Ask::HostRemove { tenant, host } => shown(&hosts::remove(app, tenant, &host).await?),
        Ask::Close { tenant } => shown(&close::close(app, tenant).await?),
        Ask::Reopen { tenant } => shown(&close::reopen(app, tenant).await?),
    };
    Ok(told.to_string())
}

fn shown(tenant: &Tenant) -> Value {
    json!({
        "id": tenant.id, "state": tenant.state, "name": tenant.name, "hosts": tenant.hosts,
        "public_url": tenant.public_url,
    })
}

/// A line for each tenant: number, state, hosts, name.
fn lines(tenants: &Value) -> String {
    let line = |tenant: &Value| {
        let hosts: Vec<&str> =
            tenant["hosts"].as_array().into_iter().flatten().filter_map(Value::as_str).collect();
        let hosts = if hosts.is_empty() { "-".to_owned() } else { hosts.join(",") };
        let text = |key: &str| tenant[key].as_str().unwrap_or_default().to_owned();
        format!("{}\t{}\t{hosts}\t{}", tenant["id"], text("state"), text("name")).trim_end().to_owned()
    };
    tenants.as_array().into_iter().flatten().map(line).collect::<Vec<_>>().join("\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_list_has_a_line_for_each_tenant() {
        let tenants = json!([
            {"id": 1, "state": "active", "name": "", "hosts": [], "public_url": null},
            {"id": 2, "state": "closed", "name": "Hill", "hosts": ["a.example", "b.example"], "public_url": "https://a.example"},
        ]);
        assert_eq!(lines(&tenants), "1\tactive\t-\n2\tclosed\ta.example,b.example\tHill");
    }
}
