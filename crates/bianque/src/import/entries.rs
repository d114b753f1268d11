//! Resources of FHIR: what a Bundle's names stand for is learnt first, then its entries are sent.

use std::collections::{BTreeMap, HashMap};
use std::path::{Path, PathBuf};

use anyhow::bail;
use bianque_app::import::{Batch, Entry, Fault, Named, Report};
use serde::Deserialize;
use serde_json::Value;
use tokio::sync::mpsc;

use super::Import;
use super::bundle::{self, Found, Item};

/// Entries of one batch.
const MOST: usize = 500;
/// Bytes of one batch, about.
const LARGEST: usize = 4 << 20;
/// Entries of a transaction, which is taken whole.
const WHOLE: usize = 500;
/// Names of one file, about 150 bytes each. NDJSON has none.
const NAMES: usize = 500_000;

/// Reads a file and sends its resources.
pub(super) async fn read(import: &mut Import, file: &Path) -> anyhow::Result<()> {
    if bundle::is_lines(file) {
        return send(import, file, true, HashMap::new(), false).await;
    }
    let (names, kind) = names(import, file).await?;
    match kind.as_str() {
        "transaction" => send(import, file, false, names, true).await,
        "batch" | "collection" => send(import, file, false, names, false).await,
        _ => bail!("a Bundle of type {kind:?} is not imported: batch, collection and transaction are"),
    }
}

/// What entries are called here, by their names in the file.
type Names = HashMap<String, String>;

async fn names(import: &Import, file: &Path) -> anyhow::Result<(Names, String)> {
    let (mut found, reading) = reading(file, false);
    let (mut names, mut asked) = (Names::new(), Vec::new());
    while let Some((_, item)) = found.recv().await {
        if let Found::Item(item) = item
            && let Some(named) = named(&item)
        {
            asked.push(named);
        }
        if names.len() + asked.len() > NAMES {
            bail!("more than {NAMES} entries with names: split the Bundle, or send NDJSON");
        }
        if asked.len() == MOST {
            learn(import, &mut asked, &mut names).await?;
        }
    }
    learn(import, &mut asked, &mut names).await?;
    Ok((names, reading.await??))
}

async fn learn(import: &Import, asked: &mut Vec<Named>, names: &mut Names) -> anyhow::Result<()> {
    let report = import.ask(Batch::Names { entries: std::mem::take(asked) }).await?;
    names.extend(report.names.into_iter().map(|name| (name.name, name.target)));
    Ok(())
}

/// Reads a file beside what is done with its entries. It stops when nobody receives them.
fn reading(
    file: &Path,
    lines: bool,
) -> (mpsc::Receiver<(u64, Found)>, tokio::task::JoinHandle<anyhow::Result<String>>) {
    let (sending, found) = mpsc::channel(8);
    let file: PathBuf = file.to_owned();
    let reading = tokio::task::spawn_blocking(move || {
        let take = |number, found| sending.blocking_send((number, found)).is_ok();
        if lines { bundle::lines(&file, take).map(|()| String::new()) } else { bundle::entries(&file, take) }
    });
    (found, reading)
}

async fn send(
    import: &mut Import,
    file: &Path,
    lines: bool,
    names: Names,
    whole: bool,
) -> anyhow::Result<()> {
    let (mut found, reading) = reading(file, lines);
    let (mut entries, mut bytes) = (Vec::new(), 0);
    let mut faults = Vec::new();
    while let Some((place, item)) = found.recv().await {
        match entry(place, item, &names) {
            Ok(entry) => {
                bytes += entry.resource.len();
                entries.push(entry);
            }
            Err((column, words)) => faults.push(Fault { place, column, words }),
        }
        if whole && entries.len() > WHOLE {
            bail!("a transaction has at most {WHOLE} entries; send it as a batch");
        }
        if !whole && (entries.len() + faults.len() == MOST || bytes > LARGEST) {
            bytes = 0;
            let entries = std::mem::take(&mut entries);
            let batch = Batch::Resources { entries, dry_run: import.dry_run, whole };
            import.send(batch, &mut faults).await?;
        }
    }
    reading.await??;
    if whole && !faults.is_empty() {
        let refused = (entries.len() + faults.len()) as u64;
        return import.note(&Report { refused, faults, ..Report::default() });
    }
    import.send(Batch::Resources { entries, dry_run: import.dry_run, whole }, &mut faults).await
}

#[derive(Deserialize)]
struct Head {
    #[serde(rename = "resourceType", default)]
    resource_type: String,
    #[serde(default)]
    identifier: Value,
}

/// An entry that others may speak of by its name.
fn named(item: &Item) -> Option<Named> {
    if !item.full_url.starts_with("urn:") {
        return None;
    }
    let head: Head = serde_json::from_str(item.resource.as_ref()?.get()).ok()?;
    let condition = item.request.as_ref().and_then(|asked| asked.if_none_exist.as_deref());
    let identifiers = match condition.and_then(identifier_of) {
        Some(identifier) => vec![identifier],
        None => identifiers(&head.identifier),
    };
    Some(Named { name: item.full_url.clone(), resource_type: head.resource_type, identifiers })
}

fn identifiers(value: &Value) -> Vec<(String, String)> {
    let all = value.as_array().into_iter().flatten();
    all.filter_map(|one| Some((one["system"].as_str()?.to_owned(), one["value"].as_str()?.to_owned())))
        .collect()
}

/// `identifier=system|value` of a condition.
fn identifier_of(condition: &str) -> Option<(String, String)> {
    let (system, value) = condition.strip_prefix("identifier=")?.split_once('|')?;
    (!system.is_empty() && !value.contains('&')).then(|| (system.to_owned(), value.to_owned()))
}

/// An entry as it is sent; else the path at fault and why.
fn entry(place: u64, found: Found, names: &Names) -> Result<Entry, (String, String)> {
    let at = |path: &str, words: &str| (path.to_owned(), words.to_owned());
    let item = match found {
        Found::Item(item) => item,
        Found::Wrong(words) => return Err(at("Bundle.entry", &words)),
    };
    let Item { full_url, resource, request } = *item;
    let resource = resource.ok_or_else(|| at("Bundle.entry.resource", "the entry has no resource"))?;
    let asked = request.unwrap_or_default();
    let target = match asked.method.as_str() {
        "" | "POST" => String::new(),
        "PUT" if !asked.url.contains('?') => asked.url,
        "PUT" => return Err(at("Bundle.entry.request.url", "an update by a condition is not imported")),
        _ => return Err(at("Bundle.entry.request.method", "an import takes in: POST and PUT alone")),
    };
    let only_new = asked.if_none_exist.is_some();
    if asked.if_none_exist.as_deref().is_some_and(|condition| identifier_of(condition).is_none()) {
        return Err(at("Bundle.entry.request.ifNoneExist", "a condition is identifier=system|value"));
    }
    let if_match = asked.if_match.as_deref().map(version).transpose();
    let if_match = if_match.map_err(|()| at("Bundle.entry.request.ifMatch", "a version is W/\"1\""))?;
    let resource: Box<str> = Box::from(resource.get());
    let names = spoken(&resource, &full_url, names);
    Ok(Entry { place, resource: resource.into(), full_url, target, if_match, only_new, names })
}

fn version(tag: &str) -> Result<u64, ()> {
    tag.trim_start_matches("W/").trim_matches('"').parse().map_err(|_| ())
}

/// The names that an entry speaks of, its own among them.
fn spoken(resource: &str, own: &str, names: &Names) -> BTreeMap<String, String> {
    let quoted = resource.match_indices("\"urn:").map(|(at, _)| &resource[at + 1..]);
    let spoken = quoted.filter_map(|rest| rest.split('"').next()).chain([own]);
    spoken.filter_map(|name| names.get_key_value(name)).map(|(name, to)| (name.clone(), to.clone())).collect()
}
