//! The command line of tenants.

use clap::{Args, Subcommand};

use super::FolderFlags;

/// Tenants.
#[derive(Debug, Subcommand)]
pub(crate) enum TenantCommand {
    /// Make a tenant and print it, with the one-time link that makes its first administrator.
    Create(TenantCreateFlags),
    /// Say which tenants there are: number, state, hosts and name.
    List(TenantListFlags),
    /// Make another link for the first administrator of a tenant; the one before is over.
    SetupLink(TenantFlags),
    /// Change the name of a tenant, or what its links begin with.
    Change(TenantChangeFlags),
    /// Where a tenant is reached.
    Host {
        /// What to do with its hosts.
        #[command(subcommand)]
        command: HostCommand,
    },
    /// Serve a tenant no more. What it holds is kept.
    Close(TenantFlags),
    /// Serve a closed tenant again.
    Reopen(TenantFlags),
}

/// Hosts of a tenant.
#[derive(Debug, Subcommand)]
pub(crate) enum HostCommand {
    /// Reach it by one more.
    Add(HostFlags),
    /// Reach it by one less.
    Remove(HostFlags),
}

/// What a new tenant is.
#[derive(Debug, Clone, Args)]
pub(crate) struct TenantCreateFlags {
    /// Its name, for the operator.
    #[arg(long)]
    pub name: String,
    /// A host that it is reached at, such as hillside.example; may be given more than once.
    #[arg(long, required = true)]
    pub host: Vec<String>,
    /// What its links begin with. `https://` and the first host unless given.
    #[arg(long)]
    pub public_url: Option<String>,
    /// The server's folder.
    #[command(flatten)]
    pub folder: FolderFlags,
}

/// Which tenant.
#[derive(Debug, Clone, Args)]
pub(crate) struct TenantFlags {
    /// The number of the tenant.
    pub tenant: u32,
    /// The server's folder.
    #[command(flatten)]
    pub folder: FolderFlags,
}

/// How tenants are listed.
#[derive(Debug, Clone, Args)]
pub(crate) struct TenantListFlags {
    /// Print JSON.
    #[arg(long)]
    pub json: bool,
    /// The server's folder.
    #[command(flatten)]
    pub folder: FolderFlags,
}

/// What is changed of a tenant.
#[derive(Debug, Clone, Args)]
pub(crate) struct TenantChangeFlags {
    /// The number of the tenant.
    pub tenant: u32,
    /// Its name.
    #[arg(long, required_unless_present = "public_url")]
    pub name: Option<String>,
    /// What its links begin with. Passkeys work at that address alone.
    #[arg(long)]
    pub public_url: Option<String>,
    /// The server's folder.
    #[command(flatten)]
    pub folder: FolderFlags,
}

/// A host of a tenant.
#[derive(Debug, Clone, Args)]
pub(crate) struct HostFlags {
    /// The number of the tenant.
    #[arg(long)]
    pub tenant: u32,
    /// The host.
    pub host: String,
    /// The server's folder.
    #[command(flatten)]
    pub folder: FolderFlags,
}
