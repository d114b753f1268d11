//! One answer: its type, what is permitted, and its limits.

use bianque_fhirpath::{Environment, Expression, Item};
use serde_json::Value;

use super::enable::{is_same, value};
use super::{Answers, extensions, list};
use crate::outcome::IssueCode;
use crate::tables::{is_resource_type, r4};
use crate::validate::compare::{Order, stands, type_of_choice};
use crate::validate::{Literal, Path, literal};

/// The types of a question's answers, as JSON spells them.
fn spelled(kind: &str) -> &'static [&'static str] {
    match kind {
        "boolean" => &["Boolean"],
        "decimal" => &["Decimal"],
        "integer" => &["Integer"],
        "date" => &["Date"],
        "dateTime" => &["DateTime"],
        "time" => &["Time"],
        "string" | "text" => &["String"],
        "url" => &["Uri"],
        "choice" => &["Coding"],
        "open-choice" => &["Coding", "String"],
        "attachment" => &["Attachment"],
        "reference" => &["Reference"],
        "quantity" => &["Quantity"],
        _ => &[],
    }
}

impl<'v> Answers<'v, '_> {
    pub(super) fn answer(&mut self, question: &'v Value, answer: &'v Value, of: usize, path: &Path<'_>) {
        let Some((name, given)) = value(answer, "value") else { return };
        let kind = question["type"].as_str().unwrap_or_default();
        let options = list(question, "answerOption");
        let in_options =
            options.iter().any(|option| value(option, "value").is_some_and(|(of, _)| of == name));
        if !spelled(kind).contains(&name) && !in_options {
            return self.fault(IssueCode::Value, path, format!("an answer to this question is no {name}"));
        }
        let is_free = kind == "open-choice" && name == "String";
        if !options.is_empty() && !is_free {
            self.option(options, given, of, path);
        }
        if let Some(set) = question["answerValueSet"].as_str()
            && name == "Coding"
            && self.hooks.member_of(given, set) == Some(false)
        {
            self.fault(IssueCode::CodeInvalid, path, format!("no code of {set}"));
        }
        self.length_and_form(question, given, path);
        self.limits(question, name, given, path);
        match name {
            "Reference" => self.target(question, given, path),
            "Attachment" => self.attachment(question, given, path),
            "Quantity" => self.unit(question, given, path),
            _ => {}
        }
    }

    /// An answer is one of the options; one that excludes others stands alone.
    fn option(&mut self, options: &[Value], given: &Value, of: usize, path: &Path<'_>) {
        let is_it =
            |option: &&Value| value(option, "value").is_some_and(|(_, option)| is_same(option, given));
        let Some(option) = options.iter().find(is_it) else {
            return self.fault(IssueCode::Value, path, "none of the answers that the question offers");
        };
        let excludes =
            extensions(option, "questionnaire-optionExclusive").any(|found| found["valueBoolean"] == true);
        if excludes && of > 1 {
            self.fault(IssueCode::Invariant, path, "this answer excludes all others");
        }
    }

    fn length_and_form(&mut self, question: &Value, given: &Value, path: &Path<'_>) {
        let Some(text) = given.as_str() else { return };
        let length = text.chars().count() as u64;
        let most = question["maxLength"].as_u64();
        if let Some(most) = most.filter(|most| length > *most) {
            self.fault(IssueCode::TooLong, path, format!("at most {most} characters"));
        }
        let least = super::count_of(question, "minLength");
        if let Some(least) = least.filter(|least| length < *least) {
            self.fault(IssueCode::Value, path, format!("at least {least} characters"));
        }
        let pattern = extensions(question, "regex").find_map(|found| found["valueString"].as_str());
        if pattern.is_some_and(|pattern| matches(text, pattern) == Some(false)) {
            self.fault(IssueCode::Value, path, "not of the form that the question asks for");
        }
    }

    fn limits(&mut self, question: &Value, name: &str, given: &Value, path: &Path<'_>) {
        for (extension, order, words) in [
            ("minValue", Order::GreaterOrEqual, "less than the question takes"),
            ("maxValue", Order::LessOrEqual, "more than the question takes"),
            (
                "sdc-questionnaire-minQuantity",
                Order::GreaterOrEqual,
                "less than it takes, or of another unit",
            ),
            ("sdc-questionnaire-maxQuantity", Order::LessOrEqual, "more than it takes, or of another unit"),
        ] {
            let Some((of, limit)) = extensions(question, extension).find_map(|found| value(found, "value"))
            else {
                continue;
            };
            let coded = |quantity: &Value| quantity["code"].is_string() && quantity["system"].is_string();
            let compared = stands(Item::element(given, None, type_of_choice(name)), order, of, limit);
            let answer = match (of, name) {
                // Units without a code say nothing.
                ("Quantity", "Quantity") if !coded(limit) || !coded(given) => Some(false),
                ("Quantity", "Quantity") => compared.or(Some(false)),
                _ => compared,
            };
            if answer == Some(false) {
                self.fault(IssueCode::Value, path, words);
            }
        }
        let places = super::count_of(question, "maxDecimalPlaces");
        let written = given.as_number().map(serde_json::Number::as_str).unwrap_or_default();
        let digits = written.split_once('.').map_or(0, |(_, digits)| digits.len() as u64);
        if let Some(most) = places.filter(|most| digits > *most) {
            self.fault(IssueCode::Value, path, format!("at most {most} digits after the point"));
        }
    }

    /// A reference is to a type that there is, and that the question asks for.
    fn target(&mut self, question: &Value, given: &Value, path: &Path<'_>) {
        let text = given["reference"].as_str().unwrap_or_default();
        let stated = given["type"].as_str();
        let named = match literal(text) {
            Some(Literal::Local { resource_type, .. } | Literal::Elsewhere(Some(resource_type))) => {
                Some(resource_type)
            }
            Some(Literal::Elsewhere(None)) => stated.or_else(|| type_in_url(text)),
            _ => stated,
        };
        let Some(named) = named else { return };
        let allowed: Vec<&str> = extensions(question, "questionnaire-referenceResource")
            .filter_map(|found| found["valueCode"].as_str())
            .collect();
        if !is_resource_type(named) {
            let named: String = named.chars().take(64).collect();
            self.fault(IssueCode::Value, path, format!("{named:?} is no type of resource"));
        } else if !allowed.is_empty() && !allowed.contains(&named) {
            self.fault(IssueCode::Value, path, format!("the question asks for {}", allowed.join(", ")));
        }
    }

    fn attachment(&mut self, question: &Value, given: &Value, path: &Path<'_>) {
        let limit = extensions(question, "maxSize").find_map(|found| found["valueDecimal"].as_f64());
        let size = given["size"].as_f64();
        if limit.zip(size).is_some_and(|(limit, size)| size > limit) {
            self.fault(IssueCode::TooLong, path, "larger than the question takes");
        }
        let kinds: Vec<&str> =
            extensions(question, "mimeType").filter_map(|found| found["valueCode"].as_str()).collect();
        let kind = given["contentType"].as_str();
        if !kinds.is_empty() && kind.is_some_and(|kind| !kinds.contains(&kind)) {
            self.fault(IssueCode::Value, path, format!("the question asks for {}", kinds.join(", ")));
        }
    }

    fn unit(&mut self, question: &Value, given: &Value, path: &Path<'_>) {
        let set = extensions(question, "questionnaire-unitValueSet")
            .find_map(|found| found["valueCanonical"].as_str());
        let Some(set) = set else { return };
        let outside = given["code"].is_null() || self.hooks.member_of(given, set) == Some(false);
        if outside {
            self.fault(IssueCode::CodeInvalid, path, format!("its unit is none of {set}"));
        }
    }
}

/// What stands where a URL of a server has the type.
fn type_in_url(url: &str) -> Option<&str> {
    let mut parts = url.strip_prefix("http")?.rsplit('/');
    let (_, name) = (parts.next()?, parts.next()?);
    name.starts_with(|c: char| c.is_ascii_uppercase()).then_some(name)
}

/// Whether a text has a form; none when the form cannot be read.
fn matches(text: &str, pattern: &str) -> Option<bool> {
    let expression = Expression::parse("%text.matchesFull(%pattern)").ok()?;
    let variables = [("text", vec![Item::text(text)]), ("pattern", vec![Item::text(pattern)])];
    let environment = Environment::new(r4()).variables(&variables);
    expression.test(Item::text(text), &environment).ok()?
}
