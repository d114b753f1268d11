//! After the crash: every promise is kept, once, and nothing half is there.

use std::collections::{HashMap, HashSet};
use std::path::Path;

use anyhow::{Context, Result};
use bianque_model::{BlobId, CommitId, Timestamp};
use bianque_query::{Predicate, Query, Scope, Test};
use bianque_store::{AuditQuery, Commit, HistoryQuery, StoredResource};
use uuid::Uuid;

use crate::burst::{SUBJECT, TENANT, TYPE, pattern};
use crate::ground::{self, Ground};
use crate::lines;
use crate::promise::{Promise, Write};

const PAGE: u32 = 1_000;

/// Opens the folder and gives what is wrong with it.
pub(crate) fn run(folder: &Path, promises: &[Promise]) -> Result<Vec<String>> {
    let ground = ground::open(folder, None)?;
    let runtime = tokio::runtime::Builder::new_current_thread().enable_time().build()?;
    let found = runtime.block_on(async {
        let mut check = Check { audits: audits(&ground).await?, ground: &ground, wrong: Vec::new() };
        check.promises(promises).await?;
        check.everything_stored().await?;
        check.events(promises).await?;
        anyhow::Ok(check.wrong)
    });
    let mut wrong = found?;
    drop(ground);
    for file in ["bianque.db", "audit.db"] {
        let verdict = integrity(&folder.join(file))?;
        if verdict != "ok" {
            wrong.push(format!("{file}: {verdict}"));
        }
    }
    Ok(wrong)
}

struct Check<'a> {
    ground: &'a Ground,
    /// How many audit rows each request has.
    audits: HashMap<String, u32>,
    wrong: Vec<String>,
}

impl Check<'_> {
    async fn promises(&mut self, promises: &[Promise]) -> Result<()> {
        let gone: HashSet<Uuid> = promises
            .iter()
            .filter_map(|promise| if let Promise::Unstage(id) = promise { Some(*id) } else { None })
            .collect();
        let mut stages: HashMap<Uuid, u64> = HashMap::new();
        for promise in promises {
            match promise {
                Promise::Write(write) => self.write(write).await?,
                Promise::Read(request) => self.audited(&request.to_string()),
                Promise::Stage(upload, offset) if !gone.contains(upload) => {
                    let furthest = stages.entry(*upload).or_default();
                    *furthest = (*furthest).max(*offset);
                }
                Promise::Message(control, patient) => self.message(control, *patient).await?,
                Promise::Stage(..) | Promise::Unstage(_) => {}
            }
        }
        for (upload, offset) in stages {
            self.stage(upload, offset)?;
        }
        Ok(())
    }

    async fn write(&mut self, write: &Write) -> Result<()> {
        let Write { resource, version, commit, blob, size, blake3 } = write;
        let stored = self.ground.store.resource_version(TENANT, TYPE, resource, *version).await?;
        match stored.and_then(|stored| stored.document) {
            None => self.wrong.push(format!("{resource} version {version} is lost")),
            Some(document) if written_by(&document).is_none_or(|(id, _)| id != *commit) => {
                self.wrong.push(format!("{resource} version {version} is another's"));
            }
            Some(_) => {}
        }
        self.audited(&commit.to_string());
        match self.ground.store.blob(TENANT, *blob).await? {
            Some(row) if row.size == *size && blake3::Hash::from_bytes(row.blake3).to_string() == *blake3 => {
            }
            row => self.wrong.push(format!("the row of blob {blob} is {row:?}")),
        }
        let again = self.ground.store.commit(Commit::new(TENANT, *commit, Timestamp(0))).await?;
        if !again.repeated || again.resource_versions != [*version] {
            self.wrong.push(format!("commit {commit} is not known: {again:?}"));
        }
        Ok(())
    }

    async fn message(&mut self, control: &str, patient: Uuid) -> Result<()> {
        self.wrong.extend(lines::check(&self.ground.store, control).await?);
        let test = Test::Token { system: None, code: Some(patient.to_string()) };
        let query = Query {
            resource_type: "Patient".into(),
            filter: Predicate::Param { param: "identifier".into(), test },
            scope: Scope::All,
            order: Vec::new(),
            after: None,
            limit: 10,
        };
        let found = self.ground.store.search(TENANT, query).await?.rows.len();
        if found != 1 {
            self.wrong.push(format!("the patient of message {control} is there {found} times"));
        }
        Ok(())
    }

    fn audited(&mut self, request: &str) {
        match self.audits.get(request) {
            Some(1) => {}
            count => self.wrong.push(format!("{request} has {} audit rows", count.unwrap_or(&0))),
        }
    }

    fn stage(&mut self, upload: Uuid, offset: u64) -> Result<()> {
        let stage = self.ground.blobs.stage(TENANT, SUBJECT, upload)?;
        if stage.offset() < offset {
            self.wrong.push(format!("upload {upload} stands at {} and not at {offset}", stage.offset()));
            return Ok(());
        }
        let mut bytes = Vec::new();
        stage.read(|piece| bytes.extend_from_slice(piece))?;
        if bytes != pattern(upload, bytes.len()) {
            self.wrong.push(format!("upload {upload} has other bytes"));
        }
        Ok(())
    }

    /// What was committed but not answered is whole as well: each version with one audit row and its blob.
    async fn everything_stored(&mut self) -> Result<()> {
        let mut query = Query {
            resource_type: TYPE.into(),
            filter: Predicate::And(Vec::new()),
            scope: Scope::All,
            order: Vec::new(),
            after: None,
            limit: PAGE,
        };
        loop {
            let page = self.ground.store.search(TENANT, query.clone()).await?;
            for row in page.rows {
                self.versions(row).await?;
            }
            match page.next {
                Some(next) => query.after = Some(next),
                None => return Ok(()),
            }
        }
    }

    async fn versions(&mut self, current: StoredResource) -> Result<()> {
        let asked = HistoryQuery {
            resource_type: Some(TYPE.into()),
            id: Some(current.id.clone()),
            scope: Scope::All,
            since: None,
            at: None,
            before: None,
            limit: u32::MAX,
        };
        let history = self.ground.store.history(TENANT, asked).await?;
        let history: Vec<StoredResource> = history.into_iter().map(|(_, row)| row).collect();
        if !history.iter().map(|row| row.version).eq((1..=current.version).rev()) {
            self.wrong.push(format!("{} has gaps in its history", current.id));
        }
        for row in history {
            let written = row.document.as_deref().and_then(written_by);
            let (commit, blob) = written.with_context(|| format!("a document of {} is torn", row.id))?;
            self.audited(&commit.to_string());
            self.blob(blob).await?;
        }
        Ok(())
    }

    async fn blob(&mut self, id: BlobId) -> Result<()> {
        let Some(row) = self.ground.store.blob(TENANT, id).await? else {
            self.wrong.push(format!("blob {id} has no row"));
            return Ok(());
        };
        match self.ground.blobs.open_blob(TENANT, SUBJECT, id).and_then(|reader| reader.blake3()) {
            Ok(hash) if hash == row.blake3 => {}
            Ok(_) => self.wrong.push(format!("blob {id} has other bytes")),
            Err(cause) => self.wrong.push(format!("blob {id}: {cause}")),
        }
        Ok(())
    }

    async fn events(&mut self, promises: &[Promise]) -> Result<()> {
        let mut events: HashMap<String, u32> = HashMap::new();
        let mut after = 0;
        loop {
            let page = self.ground.store.outbox(after, PAGE).await?;
            let Some((last, ..)) = page.last() else { break };
            after = *last;
            for (_, _, event) in page {
                *events.entry(event.key).or_default() += 1;
            }
        }
        for promise in promises {
            if let Promise::Write(Write { commit, .. }) = promise
                && events.get(&commit.to_string()) != Some(&1)
            {
                self.wrong.push(format!("commit {commit} has {:?} events", events.get(&commit.to_string())));
            }
        }
        Ok(())
    }
}

async fn audits(ground: &Ground) -> Result<HashMap<String, u32>> {
    let mut audits = HashMap::new();
    let mut query = AuditQuery { limit: PAGE, ..AuditQuery::default() };
    loop {
        let page = ground.store.audit(TENANT, query.clone()).await?;
        let Some((last, _)) = page.last() else { return Ok(audits) };
        query.before = Some(*last);
        for (_, row) in page {
            *audits.entry(row.request).or_default() += 1;
        }
    }
}

/// The commit and the blob that a document speaks of.
fn written_by(document: &[u8]) -> Option<(CommitId, BlobId)> {
    let mut words = str::from_utf8(document).ok()?.split(' ');
    Some((words.next()?.parse().ok()?, words.next()?.parse().ok()?))
}

fn integrity(path: &Path) -> Result<String> {
    let connection = rusqlite::Connection::open(path)?;
    Ok(connection.query_row("PRAGMA integrity_check", [], |row| row.get(0))?)
}
