//! What tells slices apart.

use bianque_fhirpath::{Element, Environment, Item, Model};
use serde_json::Value;

use super::super::Path;
use super::check::Check;
use super::slicing::fixed_text;
use super::tree::{Discriminator, Kind, Node};
use super::value::{has_pattern, inside, is_same};
use crate::tables::r4;

/// Nodes and profiles on the way to what is asked.
const DEPTH: u8 = 32;

/// Whether a value is as a slice asks where the discriminator looks; none when the slice says nothing there.
pub(super) fn is_met<'a>(
    check: &mut Check<'a>,
    discriminator: &'a Discriminator,
    slice: &'a Node,
    value: &Element<'a>,
    path: &Path<'_>,
) -> Option<bool> {
    let items = look(check, discriminator, value);
    let steps = steps(&discriminator.path);
    let mut answer = None;
    for asked in asked(check, slice, &steps, 0) {
        let is = match (discriminator.kind, asked) {
            (Kind::Exists, Asked::Node(node)) if node.max == Some(0) => Some(items.is_empty()),
            (Kind::Exists, _) => Some(!items.is_empty()),
            (_, Asked::Node(node)) if node.max == Some(0) => Some(items.is_empty()),
            (Kind::Type, Asked::Node(node)) => is_of_types(check, node, &items, &steps),
            (Kind::Profile, Asked::Node(node)) => fits_profiles(check, node, &items, &steps, path),
            (Kind::Value, Asked::Node(node)) if !node.fixes() => None,
            (Kind::Value, Asked::Node(node)) => {
                Some(items.iter().any(|item| is_valued(check, node, item, path)))
            }
            (_, Asked::Values { wanted, fixed }) => {
                let is = |item: &Element<'a>, wanted: &Value| {
                    item.value
                        .is_some_and(|v| if fixed { is_same(v, wanted) } else { has_pattern(v, wanted) })
                };
                Some(wanted.iter().all(|wanted| items.iter().any(|item| is(item, wanted))))
            }
        };
        answer = match (answer, is) {
            (Some(true), _) | (_, Some(true)) => Some(true),
            (Some(false), _) | (_, Some(false)) => Some(false),
            _ => None,
        };
    }
    answer
}

/// What a slice says at the place of a discriminator.
enum Asked<'a> {
    /// The node there.
    Node(&'a Node),
    /// Values out of what a node above fixes.
    Values { wanted: Vec<&'a Value>, fixed: bool },
}

/// The elements that a discriminator looks at.
fn look<'a>(check: &Check<'a>, discriminator: &'a Discriminator, value: &Element<'a>) -> Vec<Element<'a>> {
    let environment = Environment::new(r4())
        .within(check.resource, check.container)
        .resolver(check.against.resolver)
        .lenient();
    let found = discriminator.expression.evaluate(Item::Element(*value), &environment).unwrap_or_default();
    let element = |item| if let Item::Element(element) = item { Some(element) } else { None };
    found.into_iter().filter_map(element).collect()
}

/// A step of a discriminator's path.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Step {
    Member(String),
    Extension(String),
    OfType(String),
    Resolve,
}

fn steps(path: &str) -> Vec<Step> {
    let mut steps = Vec::new();
    let mut rest = path.trim();
    while !rest.is_empty() {
        let mut depth = 0_i32;
        let end = rest.find(|c| {
            depth += match c {
                '(' => 1,
                ')' => -1,
                _ => 0,
            };
            c == '.' && depth == 0
        });
        let (part, after) = end.map_or((rest, ""), |at| (&rest[..at], &rest[at + 1..]));
        rest = after;
        let argument =
            part.split_once('(').map(|(_, inner)| inner.trim_end_matches(')').trim_matches('\'').to_owned());
        match (part.split('(').next().unwrap_or(part), argument) {
            ("$this" | "", _) => {}
            ("resolve", Some(_)) => steps.push(Step::Resolve),
            ("extension", Some(url)) => steps.push(Step::Extension(url)),
            ("ofType" | "as", Some(name)) => steps.push(Step::OfType(name)),
            (name, _) => steps.push(Step::Member(name.to_owned())),
        }
    }
    steps
}

/// What is said there: by the slice's own elements, by what a node above fixes, or by the profiles of a type on the way.
fn asked<'a>(check: &Check<'a>, node: &'a Node, steps: &[Step], depth: u8) -> Vec<Asked<'a>> {
    if depth > DEPTH {
        return Vec::new();
    }
    let depth = depth + 1;
    let Some((step, rest)) = steps.split_first() else { return vec![Asked::Node(node)] };
    let mut found = Vec::new();
    let members: Option<Vec<&str>> = steps
        .iter()
        .filter(|step| !matches!(step, Step::OfType(_)))
        .map(|step| if let Step::Member(name) = step { Some(name.as_str()) } else { None })
        .collect();
    if let Some(members) = members {
        for (value, fixed) in [(&node.fixed, true), (&node.pattern, false)] {
            let Some(value) = value else { continue };
            let wanted = inside(value, &members);
            if !wanted.is_empty() {
                found.push(Asked::Values { wanted, fixed });
            }
        }
    }
    match step {
        Step::Member(name) => match node.child(name) {
            Some(child) => {
                found.extend(asked(check, child, rest, depth));
                // Of a choice something may be said for each of its types.
                let slices = child.slices.iter().filter(|_| child.name.ends_with("[x]"));
                found.extend(slices.flat_map(|slice| asked(check, slice, rest, depth)));
            }
            None => found.extend(of_profiles(check, node, false, steps, depth)),
        },
        Step::Extension(url) => {
            for child in node.child("extension").into_iter().flat_map(|child| &child.slices) {
                if extension_url(check, child).as_deref() == Some(url) {
                    found.extend(asked(check, child, rest, depth));
                    found.extend(of_profiles(check, child, false, rest, depth));
                }
            }
        }
        Step::OfType(_) => found.extend(asked(check, node, rest, depth)),
        Step::Resolve if rest.is_empty() => found.push(Asked::Node(node)),
        Step::Resolve => found.extend(of_profiles(check, node, true, rest, depth)),
    }
    found
}

fn of_profiles<'a>(
    check: &Check<'a>,
    node: &'a Node,
    targets: bool,
    steps: &[Step],
    depth: u8,
) -> Vec<Asked<'a>> {
    let urls =
        node.types.iter().flat_map(|allowed| if targets { &allowed.targets } else { &allowed.profiles });
    let profiles = urls.filter_map(|url| check.against.profiles.get(url));
    profiles.flat_map(|profile| asked(check, &profile.root, steps, depth)).collect()
}

/// The URL of the extensions that a slice is for: fixed, or that of the definition it names.
pub(super) fn extension_url(check: &Check<'_>, slice: &Node) -> Option<String> {
    if let Some(text) = slice.child("url").and_then(fixed_text) {
        return Some(text.to_owned());
    }
    let url = slice.types.iter().flat_map(|allowed| &allowed.profiles).next()?;
    let own = check
        .against
        .profiles
        .get(url)
        .and_then(|profile| profile.root.child("url").and_then(fixed_text).map(str::to_owned));
    Some(own.unwrap_or_else(|| url.split('|').next().unwrap_or(url).to_owned()))
}

fn is_of_types(check: &Check<'_>, node: &Node, items: &[Element<'_>], steps: &[Step]) -> Option<bool> {
    let is = |item: &Element<'_>, name: &str| {
        item.type_id.zip(r4().type_named(name)).is_some_and(|(of, wanted)| r4().is_kind_of(of, wanted))
    };
    let names: Vec<&str> = if steps.last() == Some(&Step::Resolve) {
        let targets = node.types.iter().flat_map(|allowed| &allowed.targets);
        let of_url = |url: &'_ String| check.against.profiles.get(url).map(|profile| profile.of.as_str());
        targets.filter_map(|url| of_url(url).or_else(|| url.rsplit('/').next())).collect()
    } else {
        node.types.iter().map(|allowed| allowed.code.as_str()).collect()
    };
    (!names.is_empty()).then(|| items.iter().any(|item| names.iter().any(|name| is(item, name))))
}

fn fits_profiles<'a>(
    check: &mut Check<'a>,
    node: &'a Node,
    items: &[Element<'a>],
    steps: &[Step],
    path: &Path<'_>,
) -> Option<bool> {
    let targets = steps.last() == Some(&Step::Resolve);
    let urls =
        node.types.iter().flat_map(|allowed| if targets { &allowed.targets } else { &allowed.profiles });
    let urls: Vec<&String> = urls.collect();
    let mut fits = |item: &Element<'a>, url: &str| check.fits_url(url, item, path).unwrap_or(false);
    (!urls.is_empty()).then(|| items.iter().any(|item| urls.iter().any(|url| fits(item, url))))
}

/// Whether a value is as a node and those below it fix it.
fn is_valued<'a>(check: &mut Check<'a>, node: &'a Node, item: &Element<'a>, path: &Path<'_>) -> bool {
    let bound = match (&node.required_set, item.value) {
        (Some(set), Some(value)) => check.against.hooks.member_of(value, set).unwrap_or(true),
        _ => true,
    };
    bound && check.silently(|check| check.node(node, item, path))
}
