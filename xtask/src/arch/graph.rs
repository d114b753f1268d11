//! What `cargo metadata` knows about the workspace, cut down to names and arrows.

use std::collections::BTreeMap;

use anyhow::{Context, Result};
use serde_json::Value;

/// A crate of the workspace.
pub(super) struct Package {
    /// Its package name.
    pub(super) name: String,
    /// What its manifest asks for.
    pub(super) dependencies: Vec<Dependency>,
}

/// One line of a manifest's dependencies.
pub(super) struct Dependency {
    /// The package's name, even where the manifest renames it.
    pub(super) name: String,
    /// Whether it is a crate of this workspace.
    pub(super) in_workspace: bool,
    /// Whether only tests see it.
    pub(super) only_for_tests: bool,
}

/// Reads the crates of the workspace out of `cargo metadata`.
pub(super) fn read(metadata: &Value) -> Result<Vec<Package>> {
    let members = metadata["workspace_members"].as_array().context("metadata without members")?;
    let all = metadata["packages"].as_array().context("metadata without packages")?;
    let ours: Vec<&Value> = all.iter().filter(|package| members.contains(&package["id"])).collect();
    let names: Vec<&str> = ours.iter().filter_map(|package| package["name"].as_str()).collect();
    ours.iter().map(|package| of_package(package, &names)).collect()
}

fn of_package(package: &Value, workspace: &[&str]) -> Result<Package> {
    let name = package["name"].as_str().context("a package without a name")?;
    let lines = package["dependencies"].as_array().context("a package without dependencies")?;
    // A crate may stand twice, once for tests only: the stronger line counts.
    let mut found: BTreeMap<&str, bool> = BTreeMap::new();
    for line in lines {
        let to = line["name"].as_str().context("a dependency without a name")?;
        let only_for_tests = line["kind"].as_str() == Some("dev");
        found.entry(to).and_modify(|before| *before &= only_for_tests).or_insert(only_for_tests);
    }
    let dependencies = found
        .into_iter()
        .map(|(to, only_for_tests)| Dependency {
            name: to.to_owned(),
            in_workspace: workspace.contains(&to),
            only_for_tests,
        })
        .collect();
    Ok(Package { name: name.to_owned(), dependencies })
}
