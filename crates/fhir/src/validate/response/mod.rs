//! Answers against the questions they answer (FHIR R4, QuestionnaireResponse 14.2 and Questionnaire 14.1; the extensions of
//! R4 on questions, and three of Structured Data Capture).

mod answer;
mod enable;

use bianque_fhirpath::Hooks;
use serde_json::Value;

use super::{ISSUES, Path};
use crate::outcome::{Issue, IssueCode};

/// Adds what is wrong with a QuestionnaireResponse against its Questionnaire.
pub(super) fn check(response: &Value, questionnaire: &Value, hooks: &dyn Hooks, issues: &mut Vec<Issue>) {
    let is_complete = matches!(response["status"].as_str(), Some("completed" | "amended"));
    let mut answers = Answers { response, questionnaire, hooks, is_complete, issues };
    let root = Path::root("QuestionnaireResponse");
    answers.items(list(questionnaire, "item"), list(response, "item"), &root);
}

struct Answers<'v, 'i> {
    response: &'v Value,
    questionnaire: &'v Value,
    hooks: &'v dyn Hooks,
    /// Answers that are not complete yet may lack some.
    is_complete: bool,
    issues: &'i mut Vec<Issue>,
}

/// The items of an array member, or none.
fn list<'v>(value: &'v Value, name: &str) -> &'v [Value] {
    value[name].as_array().map_or(&[], Vec::as_slice)
}

/// The extensions of this name among those of HL7.
fn extensions<'v>(value: &'v Value, name: &str) -> impl Iterator<Item = &'v Value> {
    let wanted = format!("/{name}");
    list(value, "extension").iter().filter(move |found| {
        let url = found["url"].as_str().unwrap_or_default();
        url.starts_with("http://hl7.org/fhir/") && url.ends_with(&wanted)
    })
}

fn count_of(value: &Value, name: &str) -> Option<u64> {
    extensions(value, name).next().and_then(|found| found["valueInteger"].as_u64())
}

impl<'v> Answers<'v, '_> {
    fn fault(&mut self, code: IssueCode, path: &Path<'_>, message: impl Into<String>) {
        if self.issues.len() < ISSUES {
            self.issues.push(Issue::error(code, message).at(path.to_string()));
        }
    }

    /// The items of one level: of the response, of a group, or below an answer.
    fn items(&mut self, questions: &'v [Value], items: &'v [Value], around: &Path<'_>) {
        let path = around.member("item");
        for (at, item) in items.iter().enumerate() {
            let link = item["linkId"].as_str().unwrap_or_default();
            if !questions.iter().any(|question| question["linkId"] == link) {
                let message = if enable::question(list(self.questionnaire, "item"), link).is_some() {
                    format!("the question {link:?} stands elsewhere in the Questionnaire")
                } else {
                    format!("the Questionnaire has no question {link:?}")
                };
                self.fault(IssueCode::NotFound, &path.item(at), message);
            }
        }
        for question in questions {
            let found: Vec<(usize, &'v Value)> =
                items.iter().enumerate().filter(|(_, item)| item["linkId"] == question["linkId"]).collect();
            self.question(question, &found, around);
        }
    }

    fn question(&mut self, question: &'v Value, found: &[(usize, &'v Value)], around: &Path<'_>) {
        let (link, path) = (question["linkId"].as_str().unwrap_or_default(), around.member("item"));
        let is_enabled = enable::is_enabled(self.response, question);
        let there =
            found.iter().any(|(_, item)| !list(item, "answer").is_empty() || !list(item, "item").is_empty());
        if !is_enabled {
            if there {
                self.fault(
                    IssueCode::Invalid,
                    around,
                    format!("{link:?} is answered and not asked (enableWhen)"),
                );
            }
            return;
        }
        if question["required"] == true && !there && self.is_complete && question["type"] != "display" {
            self.fault(IssueCode::Required, around, format!("{link:?} has to be answered"));
        }
        let is_group = question["type"] == "group";
        if found.len() > 1 && (!is_group || question["repeats"] != true) {
            self.fault(IssueCode::Duplicate, around, format!("{link:?} may stand once"));
        }
        for (at, item) in found {
            let place = path.item(*at);
            if is_group {
                if !list(item, "answer").is_empty() {
                    self.fault(IssueCode::Structure, &place, "a group has no answer of its own");
                }
                self.items(list(question, "item"), list(item, "item"), &place);
            } else {
                self.answers(question, item, &place);
            }
        }
    }

    fn answers(&mut self, question: &'v Value, item: &'v Value, path: &Path<'_>) {
        let answers = list(item, "answer");
        if matches!(question["type"].as_str(), Some("display" | "question")) && !answers.is_empty() {
            return self.fault(IssueCode::Structure, path, "this question takes no answer");
        }
        if !list(item, "item").is_empty() {
            self.fault(IssueCode::Structure, path, "questions below a question stand below its answer");
        }
        let most = count_of(question, "questionnaire-maxOccurs");
        let most = if question["repeats"] == true { most } else { Some(1) };
        if let Some(most) = most.filter(|most| answers.len() as u64 > *most) {
            self.fault(IssueCode::Invalid, path, format!("at most {most} answers"));
        }
        let least = count_of(question, "questionnaire-minOccurs").filter(|_| self.is_complete);
        if let Some(least) = least.filter(|least| (answers.len() as u64) < *least) {
            self.fault(IssueCode::Required, path, format!("at least {least} answers"));
        }
        let list_path = path.member("answer");
        for (at, found) in answers.iter().enumerate() {
            let place = list_path.item(at);
            self.answer(question, found, answers.len(), &place);
            self.items(list(question, "item"), list(found, "item"), &place);
        }
    }
}
