//! What the audit costs: CPU of a read with its audit row beside the bare read, and how long a million chained rows
//! take to walk, and to list. `--rounds N` (11), `--rows N` (1,000,000), `--folder DIR` (where the databases lie).
//!
//! Reads come from 32 askers at once, as a server has them, so that rows share their commits. CPU is that of the whole
//! process, user and system.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Instant;

use anyhow::{Context, Result, bail, ensure};
use bianque_bench::Figure;
use bianque_model::{CommitId, ResourceId, TenantId, Timestamp};
use bianque_store::sqlite::{self, Options};
use bianque_store::{
    AuditAction, AuditKey, AuditList, AuditRow, Chain, Change, Commit, Priority, ResourceWrite, Store,
};
use rustix::time::{ClockId, clock_gettime};
use uuid::Uuid;

const TENANT: TenantId = TenantId::FIRST;
/// Patients that are read in turn.
const PATIENTS: usize = 1_000;
const ASKERS: usize = 32;
/// Reads of one round.
const READS: usize = 32_000;
/// A read with its row may cost this much of a bare one.
const COST_GOAL: f64 = 2.0;
/// A million rows are walked in less.
const WALK_GOAL_S: f64 = 60.0;
/// A page of the list is there in less.
const PAGE_GOAL_MS: f64 = 100.0;
/// Rows of a page.
const PAGE: usize = 50;
/// How often each page is asked for.
const ASKED: usize = 21;
/// Who does something in the list.
const AGENTS: usize = 200;
/// Rows of one commit while the chain is made.
const BATCH: usize = 5_000;

struct Arguments {
    rounds: usize,
    rows: usize,
    folder: PathBuf,
}

fn main() -> Result<()> {
    let arguments = arguments()?;
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build()?;
    let scratch = tempfile::tempdir_in(&arguments.folder)?;
    runtime.block_on(cost(scratch.path(), arguments.rounds))?;
    runtime.block_on(walk(&scratch.path().join("chain"), arguments.rows))
}

/// CPU microseconds per read, with the row and bare, in turn.
async fn cost(folder: &Path, rounds: usize) -> Result<()> {
    let store = sqlite::open(Options::new(folder, AuditKey::new([7; 32])))?;
    let patients = Arc::new(patients(&store).await?);
    let (mut ours, mut bare) = (Vec::new(), Vec::new());
    for _ in 0..rounds {
        bare.push(reads(&store, &patients, false).await?);
        ours.push(reads(&store, &patients, true).await?);
    }
    Figure::new("audit cpu_us per read", ours).beside(&bare).ratio_at_most(COST_GOAL).print()?;
    Ok(())
}

async fn patients(store: &Store) -> Result<Vec<ResourceId>> {
    let mut ids = Vec::with_capacity(PATIENTS);
    for _ in 0..PATIENTS {
        let id = ResourceId::from(Uuid::now_v7());
        let mut commit = Commit::new(TENANT, CommitId(Uuid::now_v7()), Timestamp(0));
        let mut document = format!(r#"{{"resourceType":"Patient","id":"{id}","text":""#).into_bytes();
        document.resize(1_022, b'x');
        document.extend_from_slice(br#""}"#);
        let change = Change::Put { document, index: Vec::new(), compartments: Vec::new() };
        commit.resources.push(ResourceWrite { resource_type: "Patient".into(), id: id.clone(), change });
        store.commit(commit).await?;
        ids.push(id);
    }
    Ok(ids)
}

async fn reads(store: &Store, patients: &Arc<Vec<ResourceId>>, audited: bool) -> Result<f64> {
    let before = cpu_s();
    let asking: Vec<_> = (0..ASKERS)
        .map(|asker| {
            let (store, patients) = (Arc::clone(store), Arc::clone(patients));
            tokio::spawn(async move {
                for number in 0..READS / ASKERS {
                    let patient = &patients[(asker + number * ASKERS) % patients.len()];
                    let found = store.resource(TENANT, "Patient", patient).await?;
                    ensure!(found.is_some(), "a patient is gone");
                    if audited {
                        store.audit_read(TENANT, row(patient, number)).await?;
                    }
                }
                Ok(())
            })
        })
        .collect();
    for asker in asking {
        asker.await??;
    }
    Ok((cpu_s() - before) * 1e6 / READS as f64)
}

/// Makes a chain, walks it, and lists it.
async fn walk(folder: &Path, rows: usize) -> Result<()> {
    std::fs::create_dir_all(folder)?;
    let store = sqlite::open(Options::new(folder, AuditKey::new([7; 32])))?;
    let patients: Vec<_> = (0..PATIENTS).map(|_| ResourceId::from(Uuid::now_v7())).collect();
    for batch in 0..rows.div_ceil(BATCH) {
        let mut commit = Commit::new(TENANT, CommitId(Uuid::now_v7()), Timestamp(0));
        commit.priority = Priority::Bulk;
        let numbers = batch * BATCH..rows.min((batch + 1) * BATCH);
        commit.audit = numbers.map(|number| varied(&patients, number)).collect();
        store.commit(commit).await?;
    }
    let started = Instant::now();
    let report = store.verify_audit(Chain::Writes, Vec::new()).await?;
    let took = started.elapsed().as_secs_f64();
    ensure!(report.rows == rows as u64 && report.faults.is_empty(), "the chain is not sound: {report:?}");
    Figure::new(&format!("audit verify_s {rows} rows"), vec![took]).at_most(WALK_GOAL_S).print()?;
    lists(&store, &patients[0], rows).await
}

/// How long a page of the list takes, by what it is narrowed, in the middle of the rows.
async fn lists(store: &Store, patient: &ResourceId, rows: usize) -> Result<()> {
    let middle = (Timestamp(at(rows / 2)), 0);
    let all = AuditList {
        patient: None,
        who: None,
        action: None,
        operation: None,
        success: None,
        emergency: false,
        from: Timestamp(i64::MIN),
        before: middle,
        limit: PAGE,
    };
    let who = Some("Practitioner/7".to_owned());
    let asked = [
        ("time", all.clone()),
        ("patient", AuditList { patient: Some(patient.clone()), ..all.clone() }),
        ("who", AuditList { who: who.clone(), ..all.clone() }),
        ("failures", AuditList { success: Some(false), ..all.clone() }),
        ("failures of who", AuditList { success: Some(false), who, ..all.clone() }),
        ("emergencies", AuditList { emergency: true, ..all.clone() }),
        ("what no row has", AuditList { operation: Some("nothing".into()), ..all }),
    ];
    for (name, list) in asked {
        let mut took = Vec::with_capacity(ASKED);
        for _ in 0..ASKED {
            let started = Instant::now();
            store.audit_list(TENANT, list.clone()).await?;
            took.push(started.elapsed().as_secs_f64() * 1e3);
        }
        let name = format!("audit list_ms {rows} rows, by {name}");
        Figure::new(&name, took).at_most(PAGE_GOAL_MS).print()?;
    }
    Ok(())
}

/// A row of a busy year: many patients and agents, some of it refused, a little of it in emergencies.
fn varied(patients: &[ResourceId], number: usize) -> AuditRow {
    let mut row = row(&patients[number % patients.len()], number);
    row.agent = format!("Practitioner/{}", number % AGENTS);
    row.success = !number.is_multiple_of(997);
    if number.is_multiple_of(4_999) {
        row.purpose = "BTG".into();
    }
    row
}

fn at(number: usize) -> i64 {
    1_800_000_000_000_000 + i64::try_from(number).unwrap_or(0)
}

fn row(patient: &ResourceId, number: usize) -> AuditRow {
    AuditRow {
        at: Timestamp(at(number)),
        action: AuditAction::R,
        operation: "chart.read".into(),
        success: true,
        agent: "Practitioner/0191f0b2-0000-7000-8000-000000000001".into(),
        organization: "Organization/0191f0b2-0000-7000-8000-000000000002".into(),
        purpose: "TREAT".into(),
        address: "127.0.0.1".into(),
        request: "0191f0b2-0000-7000-8000-000000000003".into(),
        patients: vec![patient.clone()],
        entity: format!("Patient/{patient}"),
        detail: String::new(),
    }
}

/// CPU seconds of the process so far.
fn cpu_s() -> f64 {
    let time = clock_gettime(ClockId::ProcessCPUTime);
    time.tv_sec as f64 + time.tv_nsec as f64 / 1e9
}

fn arguments() -> Result<Arguments> {
    let mut found = Arguments { rounds: 11, rows: 1_000_000, folder: PathBuf::from(".") };
    let mut words = std::env::args().skip(1);
    while let Some(flag) = words.next() {
        let value = words.next().with_context(|| format!("{flag} needs a value"))?;
        match flag.as_str() {
            "--rounds" => found.rounds = value.parse().context("--rounds needs a number")?,
            "--rows" => found.rows = value.parse().context("--rows needs a number")?,
            "--folder" => found.folder = value.into(),
            _ => bail!("no flag is called {flag}; there are --rounds, --rows and --folder"),
        }
    }
    Ok(found)
}
