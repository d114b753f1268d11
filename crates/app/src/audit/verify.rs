//! Check the audit: walk both chains, and hold them against signed checkpoints.

use bianque_store::{AuditAction, Chain, ChainReport};
use serde::{Deserialize, Serialize};

use super::checkpoint::{Checkpoint, TENANT};
use crate::change::audit_row;
use crate::secrets::hex;
use crate::{App, Error};

/// What the check found.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Report {
    /// Nothing is wrong.
    pub sound: bool,
    /// Each chain.
    pub chains: Vec<Checked>,
    /// Checkpoints that were held against the chains.
    pub checkpoints: usize,
}

/// What was found of one chain.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Checked {
    /// Its name.
    pub chain: Chain,
    /// Rows that were checked.
    pub rows: u64,
    /// Rows from before there were chains.
    pub before_chain: u64,
    /// The link of its last row, in hexadecimal.
    pub head: String,
    /// What is wrong, in words.
    pub faults: Vec<String>,
}

/// Walks both chains, and that of emergencies where there is one. `lines` are checkpoints, one a line, as they were kept outside of the database; one that this
/// server did not sign is a fault too. The check itself is audited.
pub async fn verify(app: &App, lines: &[String]) -> Result<Report, Error> {
    let mut checkpoints = Vec::new();
    let mut foreign = 0_usize;
    for line in lines.iter().filter(|line| !line.trim().is_empty()) {
        match Checkpoint::read(app, line) {
            Ok(checkpoint) => checkpoints.push(checkpoint),
            Err(_) => foreign += 1,
        }
    }
    let mut chains = Vec::new();
    for chain in Chain::ALL {
        let held: Vec<&Checkpoint> = checkpoints.iter().filter(|one| one.chain == chain).collect();
        let places = held.iter().map(|checkpoint| checkpoint.count).collect();
        let report = app.store.verify_audit(chain, places).await?;
        chains.push(checked(&report, &held));
    }
    // Only where there ever was one: most installations never see an emergency without an audit.
    let emergencies = app.store.verify_audit(Chain::Emergencies, Vec::new()).await?;
    if emergencies.rows > 0 || !emergencies.faults.is_empty() {
        chains.push(checked(&emergencies, &[]));
    }
    if foreign > 0 {
        chains[0].faults.push(format!("{foreign} lines are no checkpoints of this server"));
    }
    let sound = chains.iter().all(|chain| chain.faults.is_empty());
    let mut row = audit_row(&super::server(app), AuditAction::E, "audit.verify", None, "AuditEvent");
    row.success = sound;
    app.store.audit_read(TENANT, row).await?;
    let report = Report { sound, chains, checkpoints: checkpoints.len() };
    super::state::remember(app, &report).await?;
    Ok(report)
}

fn checked(report: &ChainReport, checkpoints: &[&Checkpoint]) -> Checked {
    let mut faults: Vec<String> = report.faults.iter().map(ToString::to_string).collect();
    for checkpoint in checkpoints.iter().filter(|checkpoint| checkpoint.count > 0) {
        let found = report.at.iter().find(|(place, _)| *place == checkpoint.count);
        match found {
            Some((_, link)) if hex(link) == checkpoint.link => {}
            Some(_) => faults.push(format!("row {} is not the one a checkpoint saw", checkpoint.count)),
            None => faults
                .push(format!("a checkpoint saw {} rows: an older state was put back", checkpoint.count)),
        }
    }
    Checked {
        chain: report.chain,
        rows: report.rows,
        before_chain: report.before_chain,
        head: hex(&report.head.link),
        faults,
    }
}
