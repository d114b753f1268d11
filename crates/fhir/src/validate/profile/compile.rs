//! StructureDefinitions into trees.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use bianque_fhirpath::{Expression, Model, TypeId};
use serde_json::{Map, Value};

use super::Profiles;
use super::tree::{Allowed, Context, Discriminator, Kind, Node, Profile, Rule, Rules, Slicing};
use crate::tables::{Kind as TypeKind, elements, r4};

/// Where the definitions of R4's own types are.
pub(super) const CORE: &str = "http://hl7.org/fhir/StructureDefinition/";
/// Which element of a profile a value has to fit.
const PROFILE_ELEMENT: &str = "http://hl7.org/fhir/StructureDefinition/elementdefinition-profile-element";
/// Elements of one definition.
const ELEMENTS: usize = 20_000;
/// Parts of a path.
const DEPTH: usize = 40;

/// Why a StructureDefinition was not taken.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ProfileError {
    /// It has no differential over a base that is at hand, and no snapshot.
    #[error("neither its base ({0}) nor a snapshot is there")]
    Base(String),
    /// Its base is built upon itself.
    #[error("it is built upon itself")]
    Circle,
    /// It defines something else than a constraint on a type of R4.
    #[error("it constrains no type of R4")]
    Type,
    /// It speaks of an element that its type does not have.
    #[error("{0} is no element")]
    Path(String),
    /// It is larger than is taken.
    #[error("it is too large")]
    Size,
    /// An expression in it cannot be read.
    #[error("{0}: {1}")]
    Expression(String, String),
}

/// Compiles definitions, bases first.
pub(super) fn add(profiles: &mut Profiles, definitions: Vec<&Value>) {
    let mut given: HashMap<&str, &Value> = HashMap::new();
    for definition in definitions {
        if definition["resourceType"] == "StructureDefinition"
            && let Some(url) = definition["url"].as_str()
        {
            given.insert(url, definition);
        }
    }
    let mut urls: Vec<&str> = given.keys().copied().collect();
    urls.sort_unstable();
    for url in urls {
        let _ = compiled(profiles, url, &given, &mut HashSet::new());
    }
    take_parts(profiles);
}

/// Makes profiles of the elements of profiles that others name.
fn take_parts(profiles: &mut Profiles) {
    let mut named = Vec::new();
    for profile in profiles.by_url.values() {
        parts_named(&profile.root, &mut named);
    }
    for url in named {
        let Some((bare, id)) = url.split_once('#') else { continue };
        let mut of = String::new();
        let found = profiles.by_url.get(bare).and_then(|profile| {
            let mut node = &profile.root;
            for (at, part) in id.split('.').enumerate() {
                let (name, slice) =
                    part.split_once(':').map_or((part, None), |(name, slice)| (name, Some(slice)));
                if at > 0 {
                    of.push('.');
                    node = node.child(name)?;
                }
                of.push_str(name);
                if let Some(slice) = slice {
                    node = node.slices.iter().find(|found| found.slice.as_deref() == Some(slice))?;
                }
            }
            Some(node.clone())
        });
        let Some(mut root) = found else { continue };
        (root.min, root.max) = (None, None);
        let part = Profile { url: url.clone(), of, contexts: Vec::new(), is_modifier: false, root };
        profiles.by_url.insert(url, Arc::new(part));
    }
}

fn parts_named(node: &Node, named: &mut Vec<String>) {
    let urls = node.types.iter().flat_map(|allowed| &allowed.profiles);
    named.extend(urls.filter(|url| url.contains('#')).cloned());
    for below in node.children.iter().chain(&node.slices) {
        parts_named(below, named);
    }
}

fn compiled<'v>(
    profiles: &mut Profiles,
    url: &'v str,
    given: &HashMap<&'v str, &'v Value>,
    under_way: &mut HashSet<&'v str>,
) -> Result<Arc<Profile>, ProfileError> {
    if let Some(found) = profiles.shared(url) {
        return Ok(Arc::clone(found));
    }
    let result = match given.get(url) {
        Some(_) if !under_way.insert(url) => Err(ProfileError::Circle),
        Some(definition) => compile(profiles, url, definition, given, under_way),
        None => Err(ProfileError::Base(url.to_owned())),
    };
    match result {
        Ok(profile) => {
            let profile = Arc::new(profile);
            profiles.by_url.insert(url.to_owned(), Arc::clone(&profile));
            Ok(profile)
        }
        Err(error) => {
            if given.contains_key(url) {
                profiles.refused.insert(url.to_owned(), error.clone());
            }
            Err(error)
        }
    }
}

fn compile<'v>(
    profiles: &mut Profiles,
    url: &str,
    definition: &'v Value,
    given: &HashMap<&'v str, &'v Value>,
    under_way: &mut HashSet<&'v str>,
) -> Result<Profile, ProfileError> {
    let of = definition["type"].as_str().unwrap_or_default();
    let base = definition["baseDefinition"].as_str().unwrap_or_default();
    let known = elements().by_name(of).is_some_and(|found| !matches!(found.kind, TypeKind::Abstract));
    if !known || url.strip_prefix(CORE) == Some(of) {
        return Err(ProfileError::Type);
    }
    let list = |name: &str| definition[name]["element"].as_array().map_or(&[][..], Vec::as_slice);
    let bare = base.split('|').next().unwrap_or(base);
    let is_core = bare.strip_prefix(CORE).is_some_and(|name| elements().by_name(name).is_some());
    let inherited = if is_core { None } else { Some(compiled(profiles, bare, given, under_way)) };
    let (mut root, said) = match inherited {
        None if !list("differential").is_empty() => (Node::default(), list("differential")),
        Some(Ok(base)) if !list("differential").is_empty() => (base.root.clone(), list("differential")),
        None | Some(_) if !list("snapshot").is_empty() => (Node::default(), list("snapshot")),
        None => (Node::default(), list("differential")),
        Some(Ok(base)) => (base.root.clone(), &[][..]),
        Some(Err(ProfileError::Circle)) => return Err(ProfileError::Circle),
        Some(Err(_)) => return Err(ProfileError::Base(bare.to_owned())),
    };
    if said.len() > ELEMENTS {
        return Err(ProfileError::Size);
    }
    of.clone_into(&mut root.name);
    overlay(&mut root, said)?;
    let is_modifier = ["differential", "snapshot"]
        .iter()
        .any(|name| list(name).first().is_some_and(|first| first["isModifier"] == true));
    Ok(Profile { url: url.to_owned(), of: of.to_owned(), contexts: contexts(definition), is_modifier, root })
}

/// The elements of a definition over what its base says.
fn overlay(root: &mut Node, said: &[Value]) -> Result<(), ProfileError> {
    // The slices that one is inside of, each with the path of its element.
    let mut inside: Vec<(String, String)> = Vec::new();
    for element in said {
        let Some(path) = element["path"].as_str() else { continue };
        let parts: Vec<&str> = path.split('.').collect();
        if parts.len() > DEPTH {
            return Err(ProfileError::Size);
        }
        inside.retain(|(of, _)| {
            path.len() > of.len() && path.starts_with(of.as_str()) && path.as_bytes()[of.len()] == b'.'
        });
        if let Some(name) = element["sliceName"].as_str().filter(|_| parts.len() > 1) {
            inside.push((path.to_owned(), name.to_owned()));
        }
        let mut node = &mut *root;
        let mut so_far = parts[0].to_owned();
        let mut of = r4().type_named(parts[0]);
        for part in &parts[1..] {
            so_far = format!("{so_far}.{part}");
            let named = element_named(of, part).ok_or_else(|| ProfileError::Path(path.to_owned()));
            let (name, spelled, inner) = named?;
            of = inner;
            node = node.child_mut(&name);
            if let Some((_, slice)) = inside.iter().find(|(of, _)| *of == so_far) {
                node = node.slice_mut(slice);
            } else if let Some(spelled) = spelled {
                let code = of.map_or("", |of| r4().name(of)).to_owned();
                node = node.slice_mut(spelled);
                node.types = vec![Allowed { code, ..Allowed::default() }];
            }
        }
        say(node, element)?;
    }
    Ok(())
}

/// The element of a path's part, and the type of its values. A choice that is spelled with a type (`valueQuantity`) is a
/// slice of it by that type.
fn element_named(of: Option<TypeId>, part: &str) -> Option<(String, Option<&str>, Option<TypeId>)> {
    let bare = part.trim_end_matches("[x]");
    let Some(of) = of else { return Some((part.to_owned(), None, None)) };
    Some(match (r4().element(of, bare), r4().member(of, bare)) {
        ([only], _) => {
            // Of a resource inside another the type is not known here.
            let inner = Some(only.type_id).filter(|inner| !r4().is_resource(*inner));
            (part.to_owned(), None, inner)
        }
        ([], Some((name, member))) => (format!("{name}[x]"), Some(part), Some(member.type_id)),
        // The value of a primitive is an element in definitions, and none in JSON.
        ([], None) if bare == "value" && r4().primitive(of).is_some() => (part.to_owned(), None, None),
        ([], None) => return None,
        // A choice: below it the type is said by the slice, which is not known here.
        _ => (format!("{bare}[x]"), None, None),
    })
}

/// What one element says, into its node.
fn say(node: &mut Node, element: &Value) -> Result<(), ProfileError> {
    let Some(members) = element.as_object() else { return Ok(()) };
    node.min = element["min"].as_u64().or(node.min);
    if let Some(max) = element["max"].as_str() {
        node.max = max.parse().ok();
    }
    if let Some(types) = element["type"].as_array() {
        node.types = types.iter().map(allowed).collect();
    }
    let of_choice = |prefix: &str| {
        let found = members.iter().find(|(name, _)| {
            name.strip_prefix(prefix).is_some_and(|rest| rest.starts_with(|c: char| c.is_ascii_uppercase()))
        });
        found.map(|(name, value)| (name[prefix.len()..].to_owned(), value.clone()))
    };
    node.fixed = of_choice("fixed").map(|(_, value)| value).or(node.fixed.take());
    node.pattern = of_choice("pattern").map(|(_, value)| value).or(node.pattern.take());
    node.least = of_choice("minValue").or(node.least.take());
    node.greatest = of_choice("maxValue").filter(|(name, _)| name != "Set").or(node.greatest.take());
    node.max_length = element["maxLength"].as_u64().or(node.max_length);
    if element["binding"]["strength"] == "required" {
        node.required_set = element["binding"]["valueSet"].as_str().map(str::to_owned);
    }
    if let Some(slicing) = element["slicing"].as_object() {
        node.slicing = Some(self::slicing(slicing)?);
    }
    for constraint in element["constraint"].as_array().into_iter().flatten() {
        node.constraints
            .extend(rule(constraint)?.filter(|rule| !node.constraints.iter().any(|r| r.key == rule.key)));
    }
    Ok(())
}

fn texts(value: &Value) -> Vec<String> {
    let list = value.as_array().map_or(&[][..], Vec::as_slice);
    list.iter().filter_map(Value::as_str).map(str::to_owned).collect()
}

fn allowed(value: &Value) -> Allowed {
    let code = value["code"].as_str().unwrap_or_default();
    let code = match code.strip_prefix("http://hl7.org/fhirpath/System.") {
        Some("String") => "string".to_owned(),
        Some(other) => other.to_lowercase(),
        None => code.to_owned(),
    };
    // A profile may be taken of one element in it: `url#element`.
    let beside = value["_profile"].as_array().map_or(&[][..], Vec::as_slice);
    let part = |beside: &Value| {
        let found = beside["extension"].as_array()?.iter().find(|found| found["url"] == PROFILE_ELEMENT)?;
        found["valueString"].as_str().map(|id| format!("#{id}"))
    };
    let parts =
        beside.iter().map(|beside| part(beside).unwrap_or_default()).chain(std::iter::repeat(String::new()));
    Allowed {
        code,
        profiles: texts(&value["profile"]).into_iter().zip(parts).map(|(url, part)| url + &part).collect(),
        targets: texts(&value["targetProfile"]),
        aggregation: texts(&value["aggregation"]),
    }
}

fn slicing(members: &Map<String, Value>) -> Result<Slicing, ProfileError> {
    let mut discriminators = Vec::new();
    for found in members.get("discriminator").and_then(Value::as_array).into_iter().flatten() {
        let path = found["path"].as_str().unwrap_or("$this");
        let kind = match found["type"].as_str() {
            Some("exists") => Kind::Exists,
            Some("type") => Kind::Type,
            Some("profile") => Kind::Profile,
            _ => Kind::Value,
        };
        discriminators.push(Discriminator {
            kind,
            path: path.to_owned(),
            expression: expression(path, path)?,
        });
    }
    Ok(Slicing {
        discriminators,
        ordered: members.get("ordered") == Some(&Value::Bool(true)),
        rules: match members.get("rules").and_then(Value::as_str) {
            Some("closed") => Rules::Closed,
            Some("openAtEnd") => Rules::OpenAtEnd,
            _ => Rules::Open,
        },
    })
}

/// An invariant; none when R4 has it for every such type, where it is checked already.
fn rule(constraint: &Value) -> Result<Option<Rule>, ProfileError> {
    let text = |name: &str| constraint[name].as_str().unwrap_or_default();
    let (key, written) = (text("key"), text("expression"));
    let source = text("source").strip_prefix(CORE).unwrap_or(text("source"));
    let of_core =
        elements().by_name(source).is_some() || matches!(key, "ele-1" | "ext-1") || key.starts_with("dom-");
    if written.is_empty() || of_core {
        return Ok(None);
    }
    Ok(Some(Rule {
        key: key.to_owned(),
        human: text("human").to_owned(),
        is_error: text("severity") == "error",
        expression: expression(key, written)?,
    }))
}

fn expression(of: &str, text: &str) -> Result<Expression, ProfileError> {
    Expression::parse(text).map_err(|error| ProfileError::Expression(of.to_owned(), error.to_string()))
}

/// Where an extension may stand; an expression that cannot be read allows nothing.
fn contexts(definition: &Value) -> Vec<Context> {
    let list = definition["context"].as_array().map_or(&[][..], Vec::as_slice);
    let context = |context: &Value| {
        let expression = context["expression"].as_str()?;
        match context["type"].as_str()? {
            "extension" => Some(Context::Extension(expression.to_owned())),
            "fhirpath" => Expression::parse(expression).ok().map(Context::Path),
            _ => Some(Context::Element(expression.to_owned())),
        }
    };
    list.iter().filter_map(context).collect()
}
