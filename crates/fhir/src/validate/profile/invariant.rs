//! Invariants and bounds of a profile, in FHIRPath.

use bianque_fhirpath::{Element, Environment, Item};
use serde_json::Value;

use super::super::Path;
use super::super::compare::{Order, stands};
use super::check::Check;
use super::tree::Node;
use super::value::shown;
use crate::outcome::{Issue, IssueCode, Severity};
use crate::tables::r4;

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
        let limits = [
            (&node.least, Order::GreaterOrEqual, "at least"),
            (&node.greatest, Order::LessOrEqual, "at most"),
        ];
        for (limit, order, word) in limits {
            let Some((name, limit)) = limit else { continue };
            let answer = element.value.and_then(|_| stands(Item::Element(*element), order, name, limit));
            if answer == Some(false) {
                self.fault(IssueCode::Value, path, format!("the profile takes {word} {}", shown(limit)));
            }
        }
    }
}
