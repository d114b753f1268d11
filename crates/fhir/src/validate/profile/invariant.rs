//! Invariants and bounds of a profile, in FHIRPath.

use std::sync::OnceLock;

use bianque_fhirpath::{Element, Environment, Expression, Item, Model};
use serde_json::Value;

use super::super::Path;
use super::check::Check;
use super::tree::Node;
use super::value::shown;
use crate::outcome::{Issue, IssueCode, Severity};
use crate::tables::r4;

/// `$this >= %limit` and `$this <= %limit`.
fn comparison(least: bool) -> Option<&'static Expression> {
    static LEAST: OnceLock<Option<Expression>> = OnceLock::new();
    static GREATEST: OnceLock<Option<Expression>> = OnceLock::new();
    if least {
        LEAST.get_or_init(|| Expression::parse("$this >= %limit").ok()).as_ref()
    } else {
        GREATEST.get_or_init(|| Expression::parse("$this <= %limit").ok()).as_ref()
    }
}

impl<'a> Check<'a> {
    pub(super) fn invariants(&mut self, node: &'a Node, element: &Element<'a>, path: &Path<'_>) {
        for rule in &node.constraints {
            let environment = Environment::new(r4())
                .within(self.resource, self.container)
                .resolver(self.against.resolver)
                .hooks(self.against.hooks)
                .lenient();
            let (severity, message) = match rule.expression.test(Item::Element(*element), &environment) {
                Ok(Some(true)) => continue,
                Ok(_) if rule.is_error => (Severity::Error, format!("{}: {}", rule.key, rule.human)),
                Ok(_) => (Severity::Warning, format!("{}: {}", rule.key, rule.human)),
                Err(error) => {
                    (Severity::Warning, format!("{}: {} (not evaluated: {error})", rule.key, rule.human))
                }
            };
            let issue = Issue { severity, ..Issue::error(IssueCode::Invariant, message) };
            self.issues.push(issue.at(path.to_string()));
        }
    }

    /// The least and the greatest value, and the length.
    pub(super) fn bounds(&mut self, node: &Node, element: &Element<'a>, path: &Path<'_>) {
        let text = element.value.and_then(Value::as_str);
        if let (Some(most), Some(text)) = (node.max_length, text)
            && text.chars().count() as u64 > most
        {
            self.fault(IssueCode::TooLong, path, format!("at most {most} characters"));
        }
        for (limit, least) in [(&node.least, true), (&node.greatest, false)] {
            let Some((name, limit)) = limit else { continue };
            if element.value.is_some() && exceeds(element, name, limit, least) {
                let word = if least { "at least" } else { "at most" };
                self.fault(IssueCode::Value, path, format!("the profile takes {word} {}", shown(limit)));
            }
        }
    }
}

/// Whether a value is on the wrong side of a limit; what cannot be compared is not.
fn exceeds(element: &Element<'_>, name: &str, limit: &Value, least: bool) -> bool {
    let (Some(value), Some(expression)) = (element.value, comparison(least)) else { return false };
    let lowered = name.chars().next().map_or(String::new(), |c| c.to_ascii_lowercase().to_string())
        + name.get(1..).unwrap_or_default();
    let type_id = r4().type_named(name).or_else(|| r4().type_named(&lowered));
    let variables = [("limit", vec![Item::element(limit, None, type_id)])];
    let environment = Environment::new(r4()).variables(&variables);
    matches!(
        expression.test(Item::element(value, element.beside, element.type_id), &environment),
        Ok(Some(false))
    )
}
