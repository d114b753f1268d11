//! Resources of FHIR from Bundles and NDJSON.

use std::collections::BTreeMap;

use bianque_model::Context;
use serde::{Deserialize, Serialize};

use super::{Report, Work, faults, gather};
use crate::records::take_in::{self, Incoming};
use crate::{App, Change, Error};

/// A resource of a file.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Entry {
    /// Its number in the file, from 1.
    pub place: u64,
    /// The resource, JSON as it stands there.
    pub resource: String,
    /// `Bundle.entry.fullUrl`, or empty.
    #[serde(default)]
    pub full_url: String,
    /// The resource that `entry.request` names for a PUT, `Type/id`; empty: by what is in the resource.
    #[serde(default)]
    pub target: String,
    /// The version of `entry.request.ifMatch`.
    #[serde(default)]
    pub if_match: Option<u64>,
    /// `entry.request.ifNoneExist` was given: one who is here already stays as they are.
    #[serde(default)]
    pub only_new: bool,
    /// Names in the file that the resource speaks of, and what they are called here.
    #[serde(default)]
    pub names: BTreeMap<String, String>,
}

/// An entry that others in the file know by a name, such as `urn:uuid:…`.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Named {
    /// The name.
    pub name: String,
    /// Its type.
    pub resource_type: String,
    /// Its identifiers: system and value.
    pub identifiers: Vec<(String, String)>,
}

/// What a name stands for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Name {
    /// The name.
    pub name: String,
    /// `Type/id`.
    pub target: String,
}

/// Takes entries in, each by itself.
pub(super) async fn take(
    app: &App,
    context: &Context,
    entries: &[Entry],
    dry_run: bool,
) -> Result<Report, Error> {
    let works = entries.iter().map(|entry| -> Work<'_> {
        Box::pin(async move { (entry.place, one(app, context, entry, dry_run).await) })
    });
    gather(works.collect()).await
}

async fn one(app: &App, context: &Context, entry: &Entry, dry_run: bool) -> Result<take_in::Done, Error> {
    let mut change = Change::new(app, context).bulk();
    let done = take_in::plan(app, context, incoming(entry), &mut change).await?;
    if !dry_run && done != take_in::Done::Unchanged {
        change.commit().await?;
    }
    Ok(done)
}

/// Takes entries in, all of them or none.
pub(super) async fn take_whole(
    app: &App,
    context: &Context,
    entries: &[Entry],
    dry_run: bool,
) -> Result<Report, Error> {
    let mut report = Report::default();
    let mut change = Change::new(app, context).bulk();
    for entry in entries {
        let done = take_in::plan(app, context, incoming(entry), &mut change).await;
        report.count(entry.place, done)?;
    }
    let written = report.new + report.changed;
    if report.refused == 0 && written > 0 && !dry_run {
        let committed = change.commit().await;
        if let Err(error) = committed {
            let found = faults(entries.first().map_or(0, |entry| entry.place), &error);
            report.refuse(0, error)?;
            report.faults = found;
        }
    }
    if report.refused > 0 {
        let all = entries.len() as u64;
        report = Report { refused: all, faults: report.faults, ..Report::default() };
    }
    Ok(report)
}

/// Says what names stand for: who is here already by an identifier, else what the name itself says.
pub(super) async fn names(app: &App, context: &Context, entries: &[Named]) -> Result<Report, Error> {
    let mut names = Vec::with_capacity(entries.len());
    for Named { name, resource_type, identifiers } in entries {
        let id = take_in::id_of(app, context, resource_type, identifiers, name).await?;
        if let Some(id) = id {
            names.push(Name { name: name.clone(), target: format!("{resource_type}/{id}") });
        }
    }
    Ok(Report { names, ..Report::default() })
}

fn incoming(entry: &Entry) -> Incoming<'_> {
    Incoming {
        resource: entry.resource.as_bytes(),
        full_url: &entry.full_url,
        target: &entry.target,
        if_match: entry.if_match,
        only_new: entry.only_new,
        names: &entry.names,
    }
}
