//! Rules that no compiler keeps: short files, names that say something, nothing left unfinished, pure crates pure, no
//! trace of the machine a line was written on, no link into nothing.

use anyhow::{Result, bail};

use crate::links;
use crate::tree::{self, File};

/// A file is looked at again above this many lines.
const MAX_LINES: usize = 500;

/// Names that gather leftovers.
const DRAWERS: &[&str] = &["common", "utils", "util", "helpers", "helper", "types", "misc"];

/// Marks of unfinished work. In pieces, so that this file does not find itself.
const UNFINISHED: &[&str] =
    &[concat!("TO", "DO"), concat!("FIX", "ME"), concat!("to", "do!("), concat!("unimple", "mented!(")];

/// Folders of a machine that the project knows nothing about.
const MACHINE_PATHS: &[&str] = &[
    concat!("/", "work/main"),
    concat!("/", "work/shared"),
    concat!("/", "root/"),
    concat!("/", "home/"),
    concat!("/", "Users/"),
];

/// Crates that take time and randomness as arguments and do no IO.
const PURE: &[&str] = &[
    "crates/dimse/src/",
    "crates/dicom/src/",
    "crates/document/src/",
    "crates/fhir/src/",
    "crates/fhirpath/src/",
    "crates/media/src/",
    "crates/model/src/",
    "crates/pixels/src/",
    "crates/quality/src/",
    "crates/recording/src/",
    "crates/query/src/",
];

/// What a pure crate leaves to its callers.
const IMPURE: &[&str] = &[
    "Instant::now",
    "SystemTime::now",
    "Timestamp::now",
    "Zoned::now",
    "Uuid::new_v4",
    "Uuid::now_v7",
    "std::fs",
    "std::thread",
    "UdpSocket",
    "TcpStream",
];

/// Runs the task.
pub(crate) fn run(_: &[String]) -> Result<()> {
    let files = tree::files()?;
    let mut findings: Vec<String> =
        files.iter().filter(|file| !file.is_generated()).flat_map(of_one).collect();
    findings.extend(links::broken(&files));
    if findings.is_empty() {
        eprintln!("tidy: {} files", files.len());
        return Ok(());
    }
    for finding in &findings {
        eprintln!("tidy: {finding}");
    }
    bail!("{} thing(s) to tidy", findings.len())
}

fn of_one(file: &File) -> Vec<String> {
    let mut findings = Vec::new();
    findings.extend(too_long(file));
    findings.extend(drawer(file));
    findings.extend(telling_logs(file));
    let mut in_tests = is_test(file);
    for (number, line) in (1..).zip(file.text.lines()) {
        in_tests |= line.trim_start().starts_with("#[cfg(test)]");
        let found = unfinished(file, line)
            .or_else(|| machine_path(line))
            .or_else(|| impure(file, line).filter(|_| !in_tests));
        findings.extend(found.map(|what| format!("{}:{number}: {what}", file.path)));
    }
    findings
}

fn is_code(file: &File) -> bool {
    matches!(file.extension(), "rs" | "ts" | "tsx" | "css" | "mjs")
}

fn too_long(file: &File) -> Option<String> {
    let lines = file.text.lines().count();
    (is_code(file) && lines > MAX_LINES)
        .then(|| format!("{}: {lines} lines; a file has at most {MAX_LINES}", file.path))
}

fn drawer(file: &File) -> Option<String> {
    if !is_code(file) {
        return None;
    }
    let names = file.path.split('/').map(|part| part.split('.').next().unwrap_or(part));
    let found = names.into_iter().find(|name| DRAWERS.contains(name))?;
    Some(format!("{}: nothing is called {found:?} here: name what it holds", file.path))
}

fn unfinished(file: &File, line: &str) -> Option<String> {
    let found = UNFINISHED.iter().find(|mark| line.contains(**mark))?;
    is_code(file).then(|| format!("{found} marks unfinished work"))
}

fn machine_path(line: &str) -> Option<String> {
    let starts_a_path = |at: usize| {
        let before = line[..at].chars().next_back();
        before.is_none_or(|c| c.is_whitespace() || "\"'`(=".contains(c))
    };
    let found =
        MACHINE_PATHS.iter().find(|path| line.match_indices(**path).any(|(at, _)| starts_a_path(at)))?;
    Some(format!("{found} is a folder of one machine"))
}

fn impure(file: &File, line: &str) -> Option<String> {
    if !PURE.iter().any(|folder| file.path.starts_with(folder)) {
        return None;
    }
    let code = line.split("//").next().unwrap_or(line);
    let found = IMPURE.iter().find(|call| code.contains(**call))?;
    Some(format!("{found} in a pure crate: take it as an argument"))
}

/// Log lines that write a value as `Debug` does. What holds personal data has no `Display`, so that a log line of
/// `Display` alone cannot tell of it.
fn telling_logs(file: &File) -> Vec<String> {
    if file.extension() != "rs" || !file.path.starts_with("crates/") || is_test(file) {
        return Vec::new();
    }
    let told = |(at, _): (usize, &str)| {
        let line = &file.text[at..];
        let end = line.find(");").unwrap_or(line.len());
        let number = file.text[..at].lines().count().max(1);
        let debug = line[..end].contains(":?}")
            || line[..end].split([' ', '(', '=']).any(|word| word.starts_with('?'));
        debug.then(|| {
            format!("{}:{number}: Debug in a log line may tell of a patient; use Display", file.path)
        })
    };
    file.text.match_indices("tracing::").filter_map(told).collect()
}

fn is_test(file: &File) -> bool {
    file.path.contains("/tests/") || file.path.ends_with("/tests.rs") || file.path.ends_with("_tests.rs")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(path: &str, text: &str) -> Vec<String> {
        of_one(&File { path: path.to_owned(), text: text.to_owned() })
    }

    #[test]
    fn a_short_file_with_a_good_name_is_tidy() {
        assert_eq!(found("crates/quality/src/window.rs", "fn close() {}\n"), Vec::<String>::new());
    }

    #[test]
    fn a_long_file_is_found_unless_a_program_wrote_it() {
        let long = "x\n".repeat(501);
        assert_eq!(found("crates/app/src/visit.rs", &long).len(), 1);
        assert!(found("docs/book.md", &long).is_empty());
        assert!(File { path: "crates/fhir/src/generated/search.rs".into(), text: long }.is_generated());
    }

    #[test]
    fn a_drawer_for_leftovers_is_found_as_file_and_as_folder() {
        for path in ["crates/app/src/utils.rs", "web/src/helpers/date.ts", "crates/common/src/lib.rs"] {
            assert_eq!(found(path, "").len(), 1, "{path}");
        }
        assert!(found("web/src/visit_types.ts", "").is_empty());
    }

    #[test]
    fn unfinished_work_is_found_in_code() {
        for mark in UNFINISHED {
            assert_eq!(found("crates/app/src/visit.rs", &format!("// {mark} later")).len(), 1, "{mark}");
        }
    }

    #[test]
    fn a_path_of_one_machine_is_found_and_a_path_of_a_site_is_not() {
        for path in MACHINE_PATHS {
            assert_eq!(found("docs/install.md", &format!("see {path}thing")).len(), 1, "{path}");
        }
        assert!(found("docs/install.md", &format!("https://example.org{}rk", MACHINE_PATHS[3])).is_empty());
    }

    #[test]
    fn a_clock_in_a_pure_crate_is_found_and_in_a_shell_is_not() {
        assert_eq!(found("crates/media/src/room.rs", "let now = Instant::now();").len(), 1);
        assert!(found("crates/edge-media/src/thread.rs", "let now = Instant::now();").is_empty());
        assert!(found("crates/media/src/room.rs", "/// never `Instant::now`").is_empty());
        assert!(found("crates/media/src/room.rs", "#[cfg(test)]\nmod tests { Instant::now() }").is_empty());
    }

    #[test]
    fn a_log_line_that_writes_debug_is_found() {
        for telling in [
            "tracing::warn!(?patient, \"lost\");",
            "tracing::info!(\n    \"lost {patient:?}\"\n);",
            "tracing::warn!(who = ?patient);",
        ] {
            assert_eq!(found("crates/app/src/live.rs", telling).len(), 1, "{telling}");
        }
        assert!(
            found("crates/app/src/live.rs", "tracing::warn!(%cause, rows, \"lost\");\nlet x = a?;")
                .is_empty()
        );
    }
}
