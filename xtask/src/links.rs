//! Links between the project's documents: every relative one leads to a file, and to a heading where it names one.

use std::collections::{HashMap, HashSet};
use std::path::{Component, Path, PathBuf};

use crate::root;
use crate::tree::File;

/// The links that lead nowhere.
pub(crate) fn broken(files: &[File]) -> Vec<String> {
    let root = root::workspace();
    let pages: HashMap<&str, &str> = files
        .iter()
        .filter(|file| file.extension() == "md")
        .map(|file| (file.path.as_str(), file.text.as_str()))
        .collect();
    let exists = |path: &str| root.join(path).exists();
    let mut findings: Vec<String> = Vec::new();
    for (page, text) in &pages {
        for (line, link) in links(text) {
            findings.extend(fault(page, &link, &pages, &exists).map(|why| format!("{page}:{line}: {why}")));
        }
    }
    findings.sort();
    findings
}

fn fault(
    page: &str,
    link: &str,
    pages: &HashMap<&str, &str>,
    exists: &dyn Fn(&str) -> bool,
) -> Option<String> {
    if link.contains("://") || link.starts_with("mailto:") {
        return None;
    }
    let (path, heading) = link.split_once('#').unwrap_or((link, ""));
    let target = if path.is_empty() { page.to_owned() } else { resolve(page, path)? };
    if !path.is_empty() && !exists(&target) {
        return Some(format!("{link} leads to no file"));
    }
    let text = pages.get(target.as_str())?;
    let missing = !heading.is_empty() && !anchors(text).contains(heading);
    missing.then(|| format!("{link} leads to no heading"))
}

/// The link's path from the workspace's folder.
fn resolve(page: &str, path: &str) -> Option<String> {
    let mut target: PathBuf = Path::new(page).parent()?.to_owned();
    for part in Path::new(path).components() {
        match part {
            Component::ParentDir => {
                target.pop();
            }
            Component::Normal(name) => target.push(name),
            Component::CurDir | Component::RootDir | Component::Prefix(_) => {}
        }
    }
    Some(target.to_string_lossy().replace('\\', "/"))
}

/// Each `[text](target)` and `<img src="target">` outside of code, with its line.
fn links(text: &str) -> Vec<(usize, String)> {
    let mut found = Vec::new();
    let mut fenced = false;
    for (number, line) in (1..).zip(text.lines()) {
        if line.trim_start().starts_with("```") {
            fenced = !fenced;
        }
        if fenced {
            continue;
        }
        let prose: String = line.split('`').step_by(2).collect();
        for (opening, closing) in [("](", ')'), ("src=\"", '"')] {
            for piece in prose.split(opening).skip(1) {
                let target = piece.split([closing, ' ']).next().unwrap_or_default();
                found.push((number, target.to_owned()));
            }
        }
    }
    found
}

/// The names that headings get: lower case, spaces to hyphens, other marks dropped.
fn anchors(text: &str) -> HashSet<String> {
    let headings = text.lines().filter(|line| line.starts_with('#'));
    headings.map(|line| anchor(line.trim_start_matches('#').trim())).collect()
}

fn anchor(heading: &str) -> String {
    let kept = heading.to_lowercase().replace(' ', "-");
    kept.chars().filter(|c| c.is_alphanumeric() || "-_".contains(*c)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn faults(text: &str) -> Vec<String> {
        let pages = HashMap::from([("docs/a.md", text), ("docs/b.md", "# The second page\n")]);
        let exists = |path: &str| ["docs/a.md", "docs/b.md", "LICENSE"].contains(&path);
        links(text).iter().filter_map(|(_, link)| fault("docs/a.md", link, &pages, &exists)).collect()
    }

    #[test]
    fn links_that_lead_somewhere_pass() {
        let text =
            "# Here\n[b](b.md) [c](b.md#the-second-page) [up](../LICENSE) [self](#here) [far](https://a.b/c)";
        assert_eq!(faults(text), Vec::<String>::new());
    }

    #[test]
    fn links_that_lead_nowhere_fail() {
        for text in ["[x](c.md)", "[x](b.md#nothing)", "[x](#nothing)", "![x](images/no.png)"] {
            assert_eq!(faults(text).len(), 1, "{text}");
        }
    }

    #[test]
    fn code_is_not_searched() {
        assert_eq!(faults("`[x](c.md)`\n```\n[x](c.md)\n```\n"), Vec::<String>::new());
    }
}
