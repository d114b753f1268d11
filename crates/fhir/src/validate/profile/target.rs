//! The types of a value, and where references point.

use bianque_fhirpath::{Element, Model, Resolver};
use serde_json::Value;

use super::super::Path;
use super::check::{Check, type_of};
use super::compile::CORE;
use super::tree::{Allowed, Node};
use crate::outcome::IssueCode;
use crate::tables::r4;

/// Where a reference's target was found.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Found {
    Contained,
    Bundled,
    Referenced,
}

impl<'a> Check<'a> {
    /// A value is of one of the types, and fits one of the profiles that are asked of that type.
    pub(super) fn types(&mut self, node: &'a Node, element: &Element<'a>, path: &Path<'_>) {
        let Some(of) = element.type_id.filter(|_| !node.types.is_empty()) else { return };
        let kind_of = |allowed: &&Allowed| {
            // A backbone element is its own type, which profiles call by its base; a name that is none is let pass.
            let wanted = r4().type_named(&allowed.code);
            wanted.is_none_or(|wanted| r4().is_kind_of(of, wanted))
        };
        let fitting: Vec<&'a Allowed> = node.types.iter().filter(kind_of).collect();
        if fitting.is_empty() {
            let names: Vec<&str> = node.types.iter().map(|allowed| allowed.code.as_str()).collect();
            let message = format!("the profile takes {}, not {}", names.join(", "), r4().name(of));
            return self.fault(IssueCode::Structure, path, message);
        }
        let urls: Vec<&'a str> =
            fitting.iter().flat_map(|allowed| &allowed.profiles).map(String::as_str).collect();
        if !urls.is_empty() && fitting.iter().all(|allowed| !allowed.profiles.is_empty()) {
            self.one_of(&urls, element, path);
        }
        if element.value.is_some_and(|value| value.get("reference").is_some()) {
            self.reference(&fitting, element, path);
        }
    }

    /// A value fits one of these profiles. A profile that is not there is taken to fit.
    fn one_of(&mut self, urls: &[&str], element: &Element<'a>, path: &Path<'_>) {
        if let [only] = urls
            && let Some(profile) = self.against.profiles.get(only)
        {
            return self.profile(profile, element, path);
        }
        if !urls.iter().any(|url| self.fits_url(url, element, path).unwrap_or(true)) {
            let message = format!("fits none of the profiles {}", urls.join(", "));
            self.fault(IssueCode::Structure, path, message);
        }
    }

    /// Whether a value fits the profile or is of the type of this URL; none when neither is known.
    pub(super) fn fits_url(&mut self, url: &str, element: &Element<'a>, path: &Path<'_>) -> Option<bool> {
        if let Some(profile) = self.against.profiles.get(url) {
            return Some(self.fits(profile, element, path));
        }
        let bare = url.split('|').next().unwrap_or(url);
        let wanted = bare.strip_prefix(CORE).and_then(|name| r4().type_named(name))?;
        Some(element.type_id.is_some_and(|of| r4().is_kind_of(of, wanted)))
    }

    /// A reference comes in one of the ways, and points at what it may.
    fn reference(&mut self, allowed: &[&Allowed], element: &Element<'a>, path: &Path<'_>) {
        let text = element.value.and_then(|value| value["reference"].as_str()).unwrap_or_default();
        let found = self.find(text);
        let ways: Vec<&str> =
            allowed.iter().flat_map(|allowed| &allowed.aggregation).map(String::as_str).collect();
        let way = match found {
            Some((_, Found::Contained)) => "contained",
            Some((_, Found::Bundled)) => "bundled",
            _ => "referenced",
        };
        let of_bundle = self.root["resourceType"] == "Bundle";
        let right_way = ways.contains(&way) || way == "bundled" && ways.contains(&"referenced");
        if !ways.is_empty() && !right_way && (of_bundle || way == "contained" || !ways.contains(&"bundled")) {
            self.fault(IssueCode::Structure, path, format!("the target may be {} only", ways.join(" or ")));
        }
        let urls: Vec<&str> =
            allowed.iter().flat_map(|allowed| &allowed.targets).map(String::as_str).collect();
        if let Some((target, _)) = found
            && !urls.is_empty()
            && allowed.iter().all(|allowed| !allowed.targets.is_empty())
        {
            self.target(&urls, target, path);
        }
    }

    fn target(&mut self, urls: &[&str], target: &'a Value, path: &Path<'_>) {
        let element = Element { value: Some(target), beside: None, type_id: type_of(target) };
        if !urls.iter().any(|url| self.fits_url(url, &element, path).unwrap_or(true)) {
            self.fault(IssueCode::Structure, path, format!("the target fits none of {}", urls.join(", ")));
        }
    }

    /// The target of a reference: contained, in the Bundle around it, or elsewhere at hand.
    pub(super) fn find(&self, reference: &str) -> Option<(&'a Value, Found)> {
        if let Some(id) = reference.strip_prefix('#') {
            if id.is_empty() {
                return Some((self.container, Found::Contained));
            }
            let contained = self.container["contained"].as_array()?;
            let found = contained.iter().find(|inner| inner["id"] == id)?;
            return Some((found, Found::Contained));
        }
        if let Some(found) = bundled(self.root, reference) {
            return Some((found, Found::Bundled));
        }
        self.against.resolver.resolve(reference).map(|found| (found, Found::Referenced))
    }
}

/// The resource of a Bundle that a reference names: by its full URL, or by type and id at the end of that.
fn bundled<'a>(root: &'a Value, reference: &str) -> Option<&'a Value> {
    let entries = root["entry"].as_array()?;
    let suffix = format!("/{reference}");
    let is_it = |entry: &&Value| {
        let url = entry["fullUrl"].as_str().unwrap_or_default();
        url == reference || url.ends_with(&suffix) && url.starts_with("http")
    };
    entries.iter().find(is_it)?.get("resource")
}

/// What is inside the document, then what the caller has.
pub(super) struct Inside<'a> {
    pub(super) root: &'a Value,
    pub(super) outside: &'a dyn Resolver<'a>,
}

impl<'b, 'a: 'b> Resolver<'b> for Inside<'a> {
    fn resolve(&self, reference: &str) -> Option<&'b Value> {
        bundled(self.root, reference).or_else(|| self.outside.resolve(reference))
    }
}
