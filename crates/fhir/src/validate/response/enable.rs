//! Whether a question is asked, by the answers to others (`enableWhen`).

use bianque_fhirpath::{Environment, Expression, Item};
use serde_json::Value;

use super::{extensions, list};
use crate::tables::r4;
use crate::validate::compare::{Order, stands, type_of_choice};

/// Levels of questions below questions.
const DEPTH: u8 = 32;

/// A question of a Questionnaire, on whatever level.
pub(super) fn question<'v>(questions: &'v [Value], link: &str) -> Option<&'v Value> {
    let found = questions.iter().find(|question| question["linkId"] == link);
    found.or_else(|| questions.iter().find_map(|below| question(list(below, "item"), link)))
}

/// Whether a question is asked.
pub(super) fn is_enabled(response: &Value, question: &Value) -> bool {
    let expression = extensions(question, "sdc-questionnaire-enableWhenExpression").next();
    if let Some(text) = expression.and_then(|found| found["valueExpression"]["expression"].as_str()) {
        return is_met(response, text);
    }
    let conditions = list(question, "enableWhen");
    let mut met = conditions.iter().map(|condition| holds(response, condition));
    match question["enableBehavior"].as_str() {
        Some("any") => conditions.is_empty() || met.any(|met| met),
        _ => met.all(|met| met),
    }
}

/// An expression about the response; one that cannot be evaluated bars nothing.
fn is_met(response: &Value, text: &str) -> bool {
    let Ok(expression) = Expression::parse(text) else { return true };
    let environment = Environment::new(r4()).within(response, response).lenient();
    expression.test(Item::resource(r4(), response), &environment).unwrap_or(Some(true)).unwrap_or(false)
}

fn holds(response: &Value, condition: &Value) -> bool {
    let link = condition["question"].as_str().unwrap_or_default();
    let mut answers = Vec::new();
    gather(list(response, "item"), link, DEPTH, &mut answers);
    let operator = condition["operator"].as_str().unwrap_or_default();
    let Some((name, wanted)) = value(condition, "answer") else { return true };
    match operator {
        "exists" => answers.is_empty() != (*wanted == true),
        "=" => answers.iter().any(|(_, found)| is_same(found, wanted)),
        "!=" => answers.iter().any(|(_, found)| !is_same(found, wanted)),
        _ => Order::of(operator).is_some_and(|order| {
            let stands =
                |found: &Value| stands(Item::element(found, None, type_of_choice(name)), order, name, wanted);
            answers.iter().any(|(_, found)| stands(found) == Some(true))
        }),
    }
}

/// The answers to a question, wherever it stands.
fn gather<'v>(items: &'v [Value], link: &str, depth: u8, out: &mut Vec<(&'v str, &'v Value)>) {
    for item in items {
        let answers = list(item, "answer");
        if item["linkId"] == link {
            out.extend(answers.iter().filter_map(|answer| value(answer, "value")));
        }
        if depth > 0 {
            gather(list(item, "item"), link, depth - 1, out);
            for answer in answers {
                gather(list(answer, "item"), link, depth - 1, out);
            }
        }
    }
}

/// The value of a choice, with the name of its type: `valueDecimal` has `Decimal`.
pub(super) fn value<'v>(of: &'v Value, name: &str) -> Option<(&'v str, &'v Value)> {
    let is_type = |rest: &str| rest.starts_with(|c: char| c.is_ascii_uppercase());
    of.as_object()?.iter().find_map(|(key, value)| {
        key.strip_prefix(name).filter(|rest| is_type(rest)).map(|rest| (rest, value))
    })
}

/// Whether two answers are the same: codes by system and code.
pub(super) fn is_same(a: &Value, b: &Value) -> bool {
    match (a.get("code"), b.get("code")) {
        (Some(code), Some(other)) => code == other && a["system"] == b["system"] && a["value"] == b["value"],
        _ => a == b,
    }
}
