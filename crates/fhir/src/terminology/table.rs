//! The embedded code systems and value sets of R4, each read when it is first asked for.
//!
//! How a line is read is told at the head of `xtask/src/generate/terminology.rs`, which writes the table.

use std::collections::HashMap;
use std::sync::OnceLock;

use super::set::{Filter, Listed, Part, Set};
use super::system::{Concept, Content, Designation, Status, System, Text};

const TABLE: &str = include_str!("../generated/terminology.txt");

/// A section of the table, and what was read of it.
#[derive(Debug)]
struct Section<T> {
    text: &'static str,
    read: OnceLock<T>,
}

/// Everything embedded, by URL, and by `URL|version`.
#[derive(Debug, Default)]
pub(super) struct Embedded {
    systems: HashMap<String, Section<System>>,
    sets: HashMap<String, Section<Set>>,
}

/// What is embedded; its sections are found at the first call.
pub(super) fn embedded() -> &'static Embedded {
    static FOUND: OnceLock<Embedded> = OnceLock::new();
    FOUND.get_or_init(Embedded::find)
}

impl Embedded {
    /// The code system of a URL, or of `URL|version`.
    pub(super) fn system(&self, url: &str) -> Option<&System> {
        self.systems.get(url).map(|section| section.read.get_or_init(|| system(section.text)))
    }

    /// The value set of a URL, or of `URL|version`.
    pub(super) fn set(&self, url: &str) -> Option<&Set> {
        self.sets.get(url).map(|section| section.read.get_or_init(|| set(section.text)))
    }

    /// The URLs of all code systems and of all value sets.
    #[cfg(test)]
    pub(super) fn urls(&self) -> (Vec<&str>, Vec<&str>) {
        (self.systems.keys().map(String::as_str).collect(), self.sets.keys().map(String::as_str).collect())
    }

    fn find() -> Self {
        let mut found = Self::default();
        for section in TABLE.split("\n= ").skip(1) {
            let mut fields = section.split(['\t', '\n']);
            let (kind, url, version) = (fields.next(), fields.next(), fields.next());
            let (Some(kind), Some(url), Some(version)) = (kind, url, version) else { continue };
            // The newest of several versions comes last, and is the one meant where none is named.
            for key in [url.to_owned(), format!("{url}|{version}")] {
                match kind {
                    "S" => drop(found.systems.insert(key, Section { text: section, read: OnceLock::new() })),
                    _ => drop(found.sets.insert(key, Section { text: section, read: OnceLock::new() })),
                }
            }
        }
        found
    }
}

/// The fields of a section's head after its kind: URL, version, what it is, name, title.
fn head(section: &'static str) -> [&'static str; 5] {
    let mut fields = section.lines().next().unwrap_or_default().split('\t').skip(1);
    std::array::from_fn(|_| fields.next().unwrap_or_default())
}

fn system(section: &'static str) -> System {
    let [url, version, what, name, title] = head(section);
    let content = if what.starts_with('c') { Content::Complete } else { Content::Partial };
    let name = if title.is_empty() { name } else { title };
    let mut system = System::new(url.into(), version.into(), name.into(), content);
    system.case_sensitive = !what.ends_with('i');
    let (mut above, mut further): (Vec<u32>, Vec<(Text, Text)>) = (Vec::new(), Vec::new());
    for line in section.lines().skip(1) {
        let bare = line.trim_start_matches(' ');
        let depth = line.len() - bare.len();
        let mut concept = Concept::new("".into(), "".into());
        let parents = fields(bare, &mut concept);
        further.extend(parents.into_iter().map(|parent| (concept.code.clone(), parent)));
        above.truncate(depth);
        let number = system.add(concept, above.last().copied());
        above.push(number);
    }
    system.relate(&further);
    system
}

/// Reads a line of a concept; its further parents.
fn fields(line: &'static str, concept: &mut Concept) -> Vec<Text> {
    let mut fields = line.split('\t');
    let code = fields.next().unwrap_or_default();
    concept.code = code.into();
    concept.display = display(code, fields.next());
    let mut parents = Vec::new();
    for field in fields {
        match field.split_at(1) {
            ("!", "r") => concept.status = Status::Retired,
            ("!", "d") => concept.status = Status::Deprecated,
            ("!", _) => concept.status = Status::Inactive,
            ("~", _) => concept.selectable = false,
            ("^", parent) => parents.push(parent.into()),
            (_, designation) => concept.designations.extend(self::designation(designation)),
        }
    }
    parents
}

fn display(code: &'static str, field: Option<&'static str>) -> Text {
    match field {
        Some("=") => code.into(),
        field => field.unwrap_or_default().into(),
    }
}

fn designation(text: &'static str) -> Option<Designation> {
    let (language, value) = text.split_once('=')?;
    Some(Designation { language: language.into(), value: value.into() })
}

fn set(section: &'static str) -> Set {
    let [url, version, status, name, title] = head(section);
    let mut set = Set {
        url: url.into(),
        version: version.into(),
        name: name.into(),
        title: title.into(),
        status: status.into(),
        active_only: false,
        include: Vec::new(),
        exclude: Vec::new(),
    };
    let mut last: Option<(bool, Part)> = None;
    for line in section.lines().skip(1) {
        let (mark, rest) = line.split_at(1);
        if matches!(mark, "+" | "-") {
            close(&mut set, last.take());
            last = Some((mark == "+", begin(rest)));
        } else if let Some((_, part)) = &mut last {
            add(part, mark, rest);
        }
    }
    close(&mut set, last);
    set
}

fn close(set: &mut Set, part: Option<(bool, Part)>) {
    match part {
        Some((true, part)) => set.include.push(part),
        Some((false, part)) => set.exclude.push(part),
        None => {}
    }
}

/// An include of a system. What stands behind a `|` is its version, or, of three tables of v2, a part of the URL: which, is
/// seen when it is looked up.
fn begin(system: &'static str) -> Part {
    Part { system: (!system.is_empty()).then(|| system.into()), ..Part::default() }
}

fn add(part: &mut Part, mark: &str, rest: &'static str) {
    let mut fields = rest.split('\t');
    let first = fields.next().unwrap_or_default();
    match mark {
        "\t" => {
            let display = display(first, fields.next());
            let designations = fields.filter_map(|field| designation(field.strip_prefix('@')?)).collect();
            part.concepts.push(Listed { code: first.into(), display, designations });
        }
        "?" => {
            let (op, value) = (fields.next().unwrap_or_default(), fields.next().unwrap_or_default());
            part.filters.push(Filter { property: first.into(), op: op.into(), value: value.into() });
        }
        _ => part.sets.push(first.into()),
    }
}
