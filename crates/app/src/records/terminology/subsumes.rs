//! How two codes stand to each other (FHIR R4, CodeSystem `$subsumes`).

use bianque_fhir::terminology::Coding;
use bianque_fhir::{Issue, IssueCode};
use bianque_model::Context;
use serde_json::json;

use super::{known, may_ask, unanswered};
use crate::records::asked::{Asked, missing};
use crate::records::prepare::malformed;
use crate::{App, Error};

pub(in crate::records) const NAMES: [&str; 6] = ["codeA", "codeB", "system", "version", "codingA", "codingB"];

/// Parameters with the outcome: equivalent, subsumes, subsumed-by or not-subsumed.
pub async fn subsumes(app: &App, context: &Context, asked: &Asked) -> Result<Vec<u8>, Error> {
    may_ask(context)?;
    asked.only(&NAMES)?;
    let (first, second) = (code(asked, "codeA", "codingA")?, code(asked, "codeB", "codingB")?);
    if first.system != second.system {
        return Err(malformed(Issue::error(IssueCode::Invalid, "the codes are of two code systems")));
    }
    let system = first.system.ok_or_else(|| missing("system"))?;
    let url = match first.version {
        Some(version) => format!("{system}|{version}"),
        None => system.clone(),
    };
    let known = known::about(app, context, vec![system]).await?;
    let outcome = known.subsumes(&url, &first.code, &second.code).map_err(|refusal| unanswered(&refusal))?;
    let answer = json!({
        "resourceType": "Parameters",
        "parameter": [{"name": "outcome", "valueCode": outcome.code()}],
    });
    Ok(answer.to_string().into_bytes())
}

fn code(asked: &Asked, code: &str, coding: &str) -> Result<Coding, Error> {
    if let Some(coding) = asked.object(coding).and_then(Coding::read) {
        return Ok(coding);
    }
    let code = asked.text(code).ok_or_else(|| missing(&format!("{code} or {coding}")))?;
    Ok(Coding { system: asked.text("system"), version: asked.text("version"), code, display: None })
}
