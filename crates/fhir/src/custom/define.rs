//! Reads a SearchParameter resource that a tenant stores, and says what is wrong with it.

use bianque_fhirpath::{Expression, Model, Selection};
use serde_json::Value;

use crate::definitions::CANONICAL;
use crate::index::convertible;
use crate::outcome::{Issue, IssueCode};
use crate::search::is_about_the_answer;
use crate::tables::published::published;
use crate::tables::{ParamKind, params, r4, resource_types};

/// The longest expression.
const EXPRESSION: usize = 4_096;
/// The longest code.
const CODE: usize = 64;

/// What a stored SearchParameter is to searches.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Defined {
    /// A parameter of the tenant's own.
    Own(Definition),
    /// Nothing: it is not in force, or it describes one of R4's own parameters, which the program's table answers.
    Nothing,
}

/// A definition that was checked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Definition {
    /// Its canonical URL.
    pub url: String,
    /// As it is written in a search.
    pub code: String,
    /// What it is compared as: a code of SearchParamType.
    pub kind: String,
    /// The types whose resources are found by it.
    pub types: Vec<String>,
    /// Types it may refer to; none: any, or it is no reference.
    pub targets: Vec<String>,
    /// Its FHIRPath.
    pub expression: String,
}

/// What a resource that is valid R4 defines.
///
/// # Errors
/// What is wrong with it, each with its place.
pub fn define(resource: &Value) -> Result<Defined, Vec<Issue>> {
    if resource["status"] != "active" {
        return Ok(Defined::Nothing);
    }
    let text = |name: &str| resource[name].as_str().unwrap_or_default();
    let (url, code) = (text("url"), text("code"));
    if let Some(id) = url.strip_prefix(CANONICAL).filter(|id| published().contains_key(id)) {
        return describes(id, code).map(|()| Defined::Nothing);
    }
    let types = types(resource);
    let standard: Vec<&str> = types.iter().copied().filter(|of| standard(of, code).is_some()).collect();
    if !standard.is_empty() {
        return derived(resource, &types, code).map(|()| Defined::Nothing);
    }
    let definition = Definition {
        url: url.to_owned(),
        code: code.to_owned(),
        kind: text("type").to_owned(),
        types: types.iter().map(|&name| name.to_owned()).collect(),
        targets: strings(resource, "target").filter(|name| !is_any(name)).map(str::to_owned).collect(),
        expression: text("expression").to_owned(),
    };
    let issues = faults(&definition);
    if issues.is_empty() { Ok(Defined::Own(definition)) } else { Err(issues) }
}

/// The kind of a code of SearchParamType that can be defined; none: it cannot.
pub(super) fn kind(code: &str) -> Option<ParamKind> {
    Some(match code {
        "token" => ParamKind::Token,
        "string" => ParamKind::String,
        "date" => ParamKind::Date,
        "reference" => ParamKind::Reference,
        "number" => ParamKind::Number,
        "quantity" => ParamKind::Quantity,
        "uri" => ParamKind::Uri,
        _ => return None,
    })
}

/// The types that it is for: those that can be written.
fn types(resource: &Value) -> Vec<&'static str> {
    let bases: Vec<&str> = strings(resource, "base").collect();
    let wanted = |name: &&&'static str| {
        **name != "AuditEvent" && bases.iter().any(|base| base == *name || is_kind_of(name, base))
    };
    resource_types().iter().filter(wanted).copied().collect()
}

/// Whether a type is one of all that a base stands for.
fn is_kind_of(name: &str, base: &str) -> bool {
    let model = r4();
    let pair = model.type_named(name).zip(model.type_named(base));
    is_any(base) && pair.is_some_and(|(name, base)| model.is_kind_of(name, base))
}

/// Whether a name is that of all types, or of all that can have narratives and extensions.
fn is_any(name: &str) -> bool {
    matches!(name, "Resource" | "DomainResource")
}

/// The URL of R4's own parameter of a type with this code, which is searched by or only known.
fn standard(resource_type: &str, code: &str) -> Option<String> {
    let known = params(resource_type).iter().find(|param| param.code == code)?;
    Some(format!("{CANONICAL}{}", known.definition))
}

/// R4's own definition, stored again, must be that.
fn describes(id: &str, code: &str) -> Result<(), Vec<Issue>> {
    let is_own = |name: &&str| params(name).iter().any(|param| param.definition == id && param.code == code);
    let of_store = matches!((id, code), ("Resource-id", "_id") | ("Resource-lastUpdated", "_lastUpdated"));
    if of_store || resource_types().iter().any(is_own) {
        return Ok(());
    }
    let message = format!("the URL is that of FHIR's own parameter {id}, which has another code");
    Err(vec![Issue::error(IssueCode::BusinessRule, message).at("SearchParameter.url")])
}

/// A code of R4 is only taken by what says that it is derived from R4's parameter: that goes on being the one that is
/// searched by.
fn derived(resource: &Value, types: &[&str], code: &str) -> Result<(), Vec<Issue>> {
    let from = resource["derivedFrom"].as_str().unwrap_or_default();
    let from = from.split('|').next().unwrap_or_default();
    let all = types.iter().map(|of| standard(of, code));
    if all.clone().all(|url| url.as_deref() == Some(from)) {
        return Ok(());
    }
    let name = all.flatten().next().unwrap_or_default();
    let message = format!(
        "{code} is a code of FHIR's own parameter {name}: choose another, or say that this is derivedFrom it; it is then \
         kept as a description, and searches go on by FHIR's"
    );
    Err(vec![Issue::error(IssueCode::BusinessRule, message).at("SearchParameter.code")])
}

/// What is wrong with a definition of the tenant's own.
fn faults(definition: &Definition) -> Vec<Issue> {
    let mut issues = Vec::new();
    let mut fault = |code: IssueCode, at: &str, message: String| {
        issues.push(Issue::error(code, message).at(format!("SearchParameter.{at}")));
    };
    let code = &definition.code;
    let is_plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_');
    if code.is_empty() || code.len() > CODE || !code.chars().all(is_plain) || code.starts_with('_') {
        let message =
            format!("a code has letters, digits, - and _, at most {CODE}, and does not begin with _");
        fault(IssueCode::Value, "code", message);
    }
    if is_about_the_answer(code) {
        fault(IssueCode::Value, "code", format!("{code} says how a search is answered"));
    }
    if definition.types.is_empty() {
        fault(IssueCode::Value, "base", "no type that can be written is named".to_owned());
    }
    let Some(kind) = kind(&definition.kind) else {
        let message = format!("parameters of type {} cannot be defined here", definition.kind);
        fault(IssueCode::NotSupported, "type", message);
        return issues;
    };
    if definition.expression.is_empty() || definition.expression.len() > EXPRESSION {
        let message = format!("an expression is needed, of at most {EXPRESSION} bytes");
        fault(IssueCode::Required, "expression", message);
        return issues;
    }
    let expression = match Expression::parse(&definition.expression) {
        Ok(expression) => expression,
        Err(error) => {
            fault(IssueCode::Invalid, "expression", error.to_string());
            return issues;
        }
    };
    let all = definition.types.iter().filter_map(|name| not_indexed(&expression, kind, name));
    if let Some(message) = all.take(1).next() {
        fault(IssueCode::NotSupported, "expression", message);
    }
    issues
}

/// Why what the expression gives of a type cannot be indexed as this kind; none: it can.
fn not_indexed(expression: &Expression, kind: ParamKind, resource_type: &str) -> Option<String> {
    let model = r4();
    let of = model.type_named(resource_type)?;
    let types = match expression.selection(model, of) {
        Err(error) => return Some(format!("of {resource_type}: {error}")),
        Ok(Selection::Truth) if kind == ParamKind::Token => return None,
        Ok(Selection::Truth) => return Some(format!("it gives true or false, which is no {}", kind.code())),
        Ok(Selection::Elements(types)) => types,
    };
    if types.is_empty() {
        return Some(format!("it gives nothing of {resource_type}"));
    }
    let other = types.iter().map(|of| model.name(*of)).find(|name| !convertible(kind, name))?;
    Some(format!("it may give a {other}, which is not indexed as a {}: choose by ofType()", kind.code()))
}

fn strings<'v>(resource: &'v Value, name: &str) -> impl Iterator<Item = &'v str> {
    resource[name].as_array().into_iter().flatten().filter_map(Value::as_str)
}
