//! What is wrong, as FHIR says it: issues and OperationOutcome.

use serde_json::{Value, json};

/// One fault of an input.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Issue {
    /// How bad.
    pub severity: Severity,
    /// What kind.
    pub code: IssueCode,
    /// For a person.
    pub message: String,
    /// FHIRPath of the element at fault; empty when it is about none.
    pub expression: String,
}

/// How bad an issue is (value set issue-severity).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Severity {
    /// The input was refused for it.
    Error,
    /// It was taken, and this should be known.
    Warning,
    /// Good to know.
    Information,
}

/// What kind of issue (value set issue-type, the part of it that is used here).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[expect(missing_docs, reason = "the names are the codes of FHIR's issue-type")]
pub enum IssueCode {
    Invalid,
    Structure,
    Required,
    Value,
    Invariant,
    CodeInvalid,
    Login,
    Forbidden,
    NotSupported,
    Duplicate,
    MultipleMatches,
    NotFound,
    Deleted,
    TooLong,
    TooCostly,
    BusinessRule,
    Conflict,
    Transient,
    Throttled,
    Exception,
    Informational,
}

impl IssueCode {
    /// The code as FHIR writes it.
    pub const fn code(self) -> &'static str {
        match self {
            Self::Invalid => "invalid",
            Self::Structure => "structure",
            Self::Required => "required",
            Self::Value => "value",
            Self::Invariant => "invariant",
            Self::CodeInvalid => "code-invalid",
            Self::Login => "login",
            Self::Forbidden => "forbidden",
            Self::NotSupported => "not-supported",
            Self::Duplicate => "duplicate",
            Self::MultipleMatches => "multiple-matches",
            Self::NotFound => "not-found",
            Self::Deleted => "deleted",
            Self::TooLong => "too-long",
            Self::TooCostly => "too-costly",
            Self::BusinessRule => "business-rule",
            Self::Conflict => "conflict",
            Self::Transient => "transient",
            Self::Throttled => "throttled",
            Self::Exception => "exception",
            Self::Informational => "informational",
        }
    }
}

impl Issue {
    /// An error about no element in particular.
    pub fn error(code: IssueCode, message: impl Into<String>) -> Self {
        Self { severity: Severity::Error, code, message: message.into(), expression: String::new() }
    }

    /// The same issue at an element.
    #[must_use]
    pub fn at(mut self, expression: impl Into<String>) -> Self {
        self.expression = expression.into();
        self
    }
}

/// The OperationOutcome of these issues, at least one.
pub fn operation_outcome(issues: &[Issue]) -> Value {
    let issues: Vec<Value> = issues.iter().map(issue).collect();
    json!({"resourceType": "OperationOutcome", "issue": issues})
}

fn issue(issue: &Issue) -> Value {
    let severity = match issue.severity {
        Severity::Error => "error",
        Severity::Warning => "warning",
        Severity::Information => "information",
    };
    let mut value = json!({"severity": severity, "code": issue.code.code(), "diagnostics": issue.message});
    if !issue.expression.is_empty() {
        value["expression"] = json!([issue.expression]);
    }
    value
}
