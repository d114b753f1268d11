//! The writer that is killed: several writers at once, each promise said the moment it was given.

use std::io::{Read, Write as _};
use std::path::Path;
use std::sync::Arc;
use std::time::{SystemTime, UNIX_EPOCH};

use anyhow::{Context, Result, ensure};
use bianque_blobs::Sealed;
use bianque_model::{CommitId, ResourceId, TenantId, Timestamp};
use bianque_query::{Compartment, IndexRow, IndexValue, Reference};
use bianque_store::{
    AuditAction, AuditRow, BlobRow, Change, Commit, Expectation, OutboxRow, Priority, ResourceWrite,
};
use uuid::Uuid;

use crate::dice::Dice;
use crate::ground::{self, Ground, Sabotage};
use crate::promise::{Promise, Write};

pub(crate) const TENANT: TenantId = TenantId::FIRST;
pub(crate) const SUBJECT: &str = "Patient/li";
pub(crate) const TYPE: &str = "Encounter";
const WRITERS: u64 = 8;
const LARGEST: u64 = 150_000;

/// Writes until it is killed.
pub(crate) fn run(folder: &Path, seed: u64, sabotage: Option<Sabotage>) -> Result<()> {
    if sabotage.is_some() {
        // Made properly first, so that it is the promises that break and not the folder itself.
        drop(ground::open(folder, None)?);
    }
    let ground = Arc::new(ground::open(folder, sabotage)?);
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_time().build()?;
    runtime.block_on(async {
        let mut writers = tokio::task::JoinSet::new();
        for number in 0..WRITERS {
            writers.spawn(write(Arc::clone(&ground), Dice::new(seed ^ (number << 56))));
        }
        while let Some(ended) = writers.join_next().await {
            ended??;
        }
        Ok(())
    })
}

/// The bytes of an upload: the same for the same id, so that the checker can tell them.
pub(crate) fn pattern(upload: Uuid, length: usize) -> Vec<u8> {
    let mut bytes = vec![0; length];
    blake3::Hasher::new().update(upload.as_bytes()).finalize_xof().fill(&mut bytes);
    bytes
}

async fn write(ground: Arc<Ground>, mut dice: Dice) -> Result<()> {
    let mut last: Option<(ResourceId, u64)> = None;
    loop {
        if dice.percent(20) {
            let request = dice.uuid();
            ground.store.audit_read(TENANT, audit(AuditAction::R, request)).await?;
            say(&Promise::Read(request))?;
            continue;
        }
        let (id, version) = match last.take().filter(|_| dice.percent(40)) {
            Some(known) => known,
            None => (ResourceId::from(dice.uuid()), 0),
        };
        let kept = tokio::task::spawn_blocking({
            let (ground, dice) = (Arc::clone(&ground), Dice::new(dice.roll()));
            move || keep(&ground, dice)
        });
        let (sealed, upload) = kept.await??;
        let commit = commit(&mut dice, &id, version, sealed);
        let done = ground.store.commit(commit.clone()).await?;
        ensure!(
            done.resource_versions == [version + 1],
            "version {:?} after {version}",
            done.resource_versions
        );
        say(&Promise::Write(Write {
            resource: id.clone(),
            version: version + 1,
            commit: commit.id,
            blob: sealed.id,
            size: sealed.size,
            blake3: blake3::Hash::from_bytes(sealed.blake3).to_string(),
        }))?;
        if dice.percent(10) {
            let again = ground.store.commit(commit).await?;
            ensure!(again.repeated && again.sequence == done.sequence, "a repeat was applied again");
        }
        if let Some(upload) = upload {
            say(&Promise::Unstage(upload))?;
            let ground = Arc::clone(&ground);
            tokio::task::spawn_blocking(move || ground.blobs.stage(TENANT, SUBJECT, upload)?.discard())
                .await??;
        }
        last = Some((id, version + 1));
    }
}

/// A durable blob, written at once or through a staged upload, which is named then.
fn keep(ground: &Ground, mut dice: Dice) -> Result<(Sealed, Option<Uuid>)> {
    let source = dice.uuid();
    let bytes = pattern(source, usize::try_from(dice.below(LARGEST))?);
    if dice.percent(60) {
        let mut writer = ground.blobs.create(TENANT, SUBJECT)?;
        writer.write(&bytes)?;
        return Ok((writer.finish()?, None));
    }
    let mut stage = ground.blobs.stage(TENANT, SUBJECT, source)?;
    for piece in bytes.chunks(usize::try_from(1 + dice.below(60_000))?) {
        let offset = stage.append(stage.offset(), piece)?;
        say(&Promise::Stage(source, offset))?;
    }
    Ok((stage.promote()?, Some(source)))
}

fn commit(dice: &mut Dice, id: &ResourceId, version: u64, sealed: Sealed) -> Commit {
    let mut commit = Commit::new(TENANT, CommitId(dice.uuid()), now());
    if dice.percent(30) {
        commit.priority = Priority::Bulk;
    }
    commit.expectations.push(Expectation::ResourceVersion {
        resource_type: TYPE.into(),
        id: id.clone(),
        version,
    });
    let patient = Reference { resource_type: "Patient".into(), id: ResourceId::from(Uuid::from_u128(1)) };
    let token = |code: String| IndexValue::Token { system: "urn:crash".into(), code };
    commit.resources.push(ResourceWrite {
        resource_type: TYPE.into(),
        id: id.clone(),
        change: Change::Put {
            document: document(&commit, sealed).into_bytes(),
            index: vec![
                IndexRow { param: "identifier".into(), value: token(commit.id.to_string()) },
                IndexRow { param: "subject".into(), value: IndexValue::Reference(patient.clone()) },
            ],
            compartments: vec![Compartment { kind: "Patient".into(), id: patient.id }],
        },
    });
    let (id, size, blake3) = (sealed.id, sealed.size, sealed.blake3);
    commit.blobs.push(BlobRow { id, subject: SUBJECT.into(), size, blake3 });
    commit.audit.push(audit(AuditAction::C, commit.id.0));
    commit.outbox.push(OutboxRow {
        topic: "crash".into(),
        key: commit.id.to_string(),
        payload: b"{}".to_vec(),
    });
    commit
}

/// A document that says which commit wrote it and which blob it speaks of.
fn document(commit: &Commit, sealed: Sealed) -> String {
    format!("{} {} {}", commit.id, sealed.id, "x".repeat(900))
}

fn audit(action: AuditAction, request: Uuid) -> AuditRow {
    AuditRow {
        at: now(),
        action,
        operation: "crash".into(),
        success: true,
        agent: "Device/crash".into(),
        organization: String::new(),
        purpose: "TREAT".into(),
        address: String::new(),
        request: request.to_string(),
        patients: vec![ResourceId::from(Uuid::from_u128(1))],
        entity: TYPE.into(),
        detail: String::new(),
    }
}

/// Said whole or not at all, and not kept in a buffer.
pub(crate) fn say(promise: &Promise) -> Result<()> {
    let line = format!("{promise}\n");
    let mut out = std::io::stdout().lock();
    out.write_all(line.as_bytes())?;
    out.flush().context("nobody listens")
}

fn now() -> Timestamp {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    Timestamp(i64::try_from(since.as_micros()).unwrap_or(i64::MAX))
}

/// Reads promises from standard input.
pub(crate) fn promised() -> Result<Vec<Promise>> {
    let mut said = String::new();
    std::io::stdin().read_to_string(&mut said)?;
    crate::promise::read(&said)
}
