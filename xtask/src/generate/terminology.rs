//! The table of code systems and value sets.
//!
//! ```text
//! = S <url> <version> <content> <name> <title>       a code system, in order of URL
//! inpatient <display> !r ~ ^parent @zh=...          a concept: status, not selectable, further parents, other languages
//!  acute <display>                                  its child, one blank further in
//! = V <url> <version> <status> <name> <title>       a value set
//! +<system>                                        an include; `-` an exclude
//! <tab>code <display> @zh=...                       a concept of it
//! ?<property> <op> <value>                         a filter of it
//! &<url>                                           a value set that it takes from
//! ```
//! Fields are parted by tabs. `content` is the first letter of R4's code, with `i` behind it where case does not count;
//! a display that is the code is written `=`. Supplements and definitions in words are left out.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write;

use serde_json::Value;

use super::definitions::{Definitions, list, text};

/// Further parents of concepts: code of the child, codes of the parents.
type Parents<'v> = BTreeMap<&'v str, BTreeSet<&'v str>>;

/// The table as text.
pub(crate) fn table(definitions: &Definitions) -> String {
    let mut out = String::new();
    for system in definitions.code_systems.values().filter(|system| text(system, "content") != "supplement") {
        head(&mut out, "S", system, &content(system));
        let mut parents = Parents::new();
        further_parents(system, &mut parents);
        concepts(&mut out, system, 0, &parents);
    }
    for set in definitions.value_sets.values() {
        head(&mut out, "V", set, text(set, "status"));
        for (mark, part) in [('+', "include"), ('-', "exclude")] {
            for include in list(&set["compose"], part) {
                compose(&mut out, mark, include);
            }
        }
    }
    out
}

fn head(out: &mut String, kind: &str, resource: &Value, what: &str) {
    let (url, version) = (text(resource, "url"), text(resource, "version"));
    let (name, title) = (text(resource, "name"), text(resource, "title"));
    let title = if title == name { "" } else { title };
    let line = format!("= {kind}\t{url}\t{version}\t{what}\t{}\t{}", flat(name), flat(title));
    let _ = writeln!(out, "{}", line.trim_end());
}

fn content(system: &Value) -> String {
    let letter = &text(system, "content")[..1];
    let insensitive = if system["caseSensitive"] == false { "i" } else { "" };
    format!("{letter}{insensitive}")
}

/// Where a concept names its children beside those that it contains.
fn further_parents<'v>(parent: &'v Value, parents: &mut Parents<'v>) {
    for concept in list(parent, "concept") {
        for property in list(concept, "property").filter(|property| text(property, "code") == "child") {
            parents.entry(text(property, "valueCode")).or_default().insert(text(concept, "code"));
        }
        further_parents(concept, parents);
    }
}

fn concepts(out: &mut String, parent: &Value, depth: usize, parents: &Parents<'_>) {
    for concept in list(parent, "concept") {
        let code = text(concept, "code");
        let _ = write!(out, "{:depth$}", "");
        let mut fields = fields(concept);
        for property in list(concept, "property") {
            match (text(property, "code"), property["valueCode"].as_str()) {
                ("status", Some(status @ ("deprecated" | "retired" | "inactive"))) => {
                    fields.push(format!("!{}", &status[..1]));
                }
                ("notSelectable" | "abstract", _) if property["valueBoolean"] == true => {
                    fields.push("~".into());
                }
                _ => {}
            }
        }
        let above = parents.get(code).into_iter().flatten().filter(|above| **above != text(parent, "code"));
        fields.extend(above.map(|above| format!("^{above}")));
        fields.extend(designations(concept));
        line(out, &fields);
        concepts(out, concept, depth + 1, parents);
    }
}

fn compose(out: &mut String, mark: char, include: &Value) {
    let version = include["version"].as_str().map(|version| format!("|{version}")).unwrap_or_default();
    let _ = writeln!(out, "{mark}{}{version}", text(include, "system"));
    for concept in list(include, "concept") {
        out.push('\t');
        let mut fields = fields(concept);
        fields.extend(designations(concept));
        line(out, &fields);
    }
    for filter in list(include, "filter") {
        let _ =
            writeln!(out, "?{}\t{}\t{}", text(filter, "property"), text(filter, "op"), text(filter, "value"));
    }
    for set in list(include, "valueSet").filter_map(Value::as_str) {
        let _ = writeln!(out, "&{set}");
    }
}

/// Code and display.
fn fields(concept: &Value) -> Vec<String> {
    let (code, display) = (text(concept, "code"), flat(text(concept, "display")));
    vec![code.to_owned(), if display == code { "=".to_owned() } else { display }]
}

/// What the concept is called in other languages.
fn designations(concept: &Value) -> impl Iterator<Item = String> {
    let displays = list(concept, "designation")
        .filter(|designation| matches!(text(&designation["use"], "code"), "" | "display"));
    displays.filter_map(|designation| {
        let language = designation["language"].as_str()?;
        Some(format!("@{language}={}", flat(text(designation, "value"))))
    })
}

fn line(out: &mut String, fields: &[String]) {
    let joined = fields.join("\t");
    let _ = writeln!(out, "{}", joined.trim_end_matches('\t'));
}

/// On one line, with single blanks.
fn flat(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}
