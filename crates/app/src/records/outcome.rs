//! Errors as FHIR says them: an OperationOutcome with a coded issue.

use bianque_fhir::{Issue, IssueCode, operation_outcome};
use serde_json::Value;

use crate::{Error, ErrorKind};

/// A resource or search that cannot be taken, with all that is wrong with it.
pub(super) fn refused(kind: ErrorKind, code: &'static str, issues: &[Issue]) -> Error {
    let first = issues.first().map_or("refused", |issue| issue.message.as_str());
    Error::new(kind, code, first).with_details(operation_outcome(issues))
}

/// The OperationOutcome of an error.
pub fn of(error: &Error) -> Value {
    if error.details["resourceType"] == "OperationOutcome" {
        return error.details.clone();
    }
    operation_outcome(&[Issue::error(issue_code(error), error.message.clone())])
}

/// The HTTP status of an error, as FHIR's RESTful API has it.
pub fn status(error: &Error) -> u16 {
    match error.code {
        // The condition that the client sent with the request does not hold.
        "fhir.version" | "fhir.matches" => 412,
        "fhir.read-only" => 405,
        _ => error.kind.status(),
    }
}

/// The OperationOutcome of a refusal that no use case made, by its code and message.
pub fn plain(status: u16, message: &str) -> Value {
    let code = match status {
        401 => IssueCode::Login,
        403 => IssueCode::Forbidden,
        404 => IssueCode::NotFound,
        405 | 406 | 415 => IssueCode::NotSupported,
        413 => IssueCode::TooLong,
        429 => IssueCode::Throttled,
        503 => IssueCode::Transient,
        500.. => IssueCode::Exception,
        _ => IssueCode::Invalid,
    };
    operation_outcome(&[Issue::error(code, message)])
}

fn issue_code(error: &Error) -> IssueCode {
    match (error.kind, error.code) {
        (_, "fhir.type" | "fhir.read-only") => IssueCode::NotSupported,
        (_, "fhir.duplicate") => IssueCode::Duplicate,
        (_, "fhir.matches") => IssueCode::MultipleMatches,
        (ErrorKind::Malformed, _) => IssueCode::Invalid,
        (ErrorKind::SignIn, _) => IssueCode::Login,
        (ErrorKind::Forbidden, _) => IssueCode::Forbidden,
        (ErrorKind::NotFound, _) => IssueCode::NotFound,
        (ErrorKind::Conflict | ErrorKind::Stale, _) => IssueCode::Conflict,
        (ErrorKind::Over, _) => IssueCode::Deleted,
        (ErrorKind::TooLarge, _) => IssueCode::TooLong,
        (ErrorKind::WrongType | ErrorKind::NotAcceptable, _) => IssueCode::NotSupported,
        (ErrorKind::Refused, _) => IssueCode::BusinessRule,
        (ErrorKind::TooMany { .. }, _) => IssueCode::Throttled,
        (ErrorKind::Unavailable, _) => IssueCode::Transient,
        (ErrorKind::Internal, _) => IssueCode::Exception,
    }
}
