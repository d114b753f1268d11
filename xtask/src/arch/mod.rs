//! The arrows between crates. `ARCHITECTURE.md` draws them; this task fails on any other.

mod arrows;
mod graph;

use anyhow::{Result, bail};

use crate::root;
use graph::Package;

/// Runs the task.
pub(crate) fn run(_: &[String]) -> Result<()> {
    let packages = graph::read(&root::metadata()?)?;
    let wrong = findings(&packages);
    if wrong.is_empty() {
        eprintln!("arch: {} crates, every arrow is drawn", packages.len());
        return Ok(());
    }
    for line in &wrong {
        eprintln!("arch: {line}");
    }
    bail!("{} arrow(s) not drawn; the map is ARCHITECTURE.md and xtask/src/arch/arrows.rs", wrong.len())
}

fn findings(packages: &[Package]) -> Vec<String> {
    packages.iter().flat_map(of_one).collect()
}

fn of_one(package: &Package) -> Vec<String> {
    let Some(drawn) = arrows::from(&package.name) else {
        return vec![format!(
            "{} stands on no map: add it to ARCHITECTURE.md and to the arrows",
            package.name
        )];
    };
    let mut wrong = Vec::new();
    for dependency in &package.dependencies {
        let to = dependency.name.as_str();
        if dependency.in_workspace {
            let for_tests = dependency.only_for_tests
                && (to == arrows::TESTKIT || arrows::FOR_TESTS.contains(&(package.name.as_str(), to)));
            if !for_tests && !drawn.may_see(to) {
                wrong.push(format!("{} -> {to} is not drawn", package.name));
            }
        } else if !dependency.only_for_tests
            && let Some(reason) = arrows::refusal(&package.name, to)
        {
            wrong.push(format!("{} depends on {to}: {reason}", package.name));
        }
    }
    wrong
}

#[cfg(test)]
mod tests {
    use super::graph::{Dependency, Package};
    use super::*;

    fn package(name: &str, dependencies: &[(&str, bool, bool)]) -> Package {
        let dependencies = dependencies
            .iter()
            .map(|&(name, in_workspace, only_for_tests)| Dependency {
                name: name.to_owned(),
                in_workspace,
                only_for_tests,
            })
            .collect();
        Package { name: name.to_owned(), dependencies }
    }

    fn ours(name: &str, to: &str) -> Vec<String> {
        findings(&[package(name, &[(to, true, false)])])
    }

    #[test]
    fn a_drawn_arrow_passes() {
        for (from, to) in [
            ("bianque", "bianque-edge-http"),
            ("bianque", "bianque-store"),
            ("bianque-edge-media", "bianque-media"),
            ("bianque-app", "bianque-store"),
            ("bianque-fhir", "bianque-query"),
            ("bianque-store", "bianque-query"),
            ("bianque-bench", "bianque-store"),
        ] {
            assert_eq!(ours(from, to), Vec::<String>::new(), "{from} -> {to}");
        }
    }

    #[test]
    fn an_arrow_that_is_not_drawn_fails() {
        for (from, to) in [
            ("bianque-edge-http", "bianque-store"),
            ("bianque-edge-http", "bianque-edge-media"),
            ("bianque-edge-http", "bianque-media"),
            ("bianque-store", "bianque-fhir"),
            ("bianque-fhir", "bianque-quality"),
            ("bianque-query", "bianque-fhir"),
            ("bianque-model", "bianque-query"),
            ("bianque-app", "bianque-worker"),
            ("bianque-fhir", "bianque-testkit"),
        ] {
            assert_eq!(ours(from, to), [format!("{from} -> {to} is not drawn")]);
        }
    }

    #[test]
    fn testkit_is_for_tests_anywhere_and_nothing_else_is() {
        assert!(findings(&[package("bianque-store", &[("bianque-testkit", true, true)])]).is_empty());
        assert_eq!(findings(&[package("bianque-store", &[("bianque-app", true, true)])]).len(), 1);
    }

    #[test]
    fn a_database_outside_the_store_fails_and_inside_passes() {
        assert_eq!(findings(&[package("bianque-app", &[("rusqlite", false, false)])]).len(), 1);
        assert!(findings(&[package("bianque-store", &[("rusqlite", false, false)])]).is_empty());
        assert!(findings(&[package("bianque-app", &[("rusqlite", false, true)])]).is_empty());
    }

    #[test]
    fn a_runtime_in_a_pure_crate_fails() {
        for name in ["tokio", "axum", "socket2", "rustix"] {
            assert_eq!(findings(&[package("bianque-quality", &[(name, false, false)])]).len(), 1, "{name}");
        }
    }

    #[test]
    fn a_crate_on_no_map_fails() {
        assert_eq!(findings(&[package("bianque-common", &[])]).len(), 1);
    }

    #[test]
    fn this_workspace_is_as_drawn() {
        let packages = graph::read(&root::metadata().unwrap()).unwrap();
        assert!(packages.len() > 10);
        assert_eq!(findings(&packages), Vec::<String>::new());
    }
}
