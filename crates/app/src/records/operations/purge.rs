//! Erase a patient's record for good (`Patient/[id]/$purge`): every resource of their compartment with all its versions,
//! what it is found by, and the key of their sealed files. Not while retention runs or a hold exists.

use bianque_fhir::{Issue, IssueCode, Severity, operation_outcome};
use bianque_model::{Context, ResourceId};

use crate::policy::{self, Action};
use crate::records::asked::{Asked, missing};
use crate::records::shred::{Shredded, destroy};
use crate::{App, Error};

/// An OperationOutcome that tells what went and what is left behind. Administrators may, and programs that may delete
/// every resource of every type.
pub async fn purge(
    app: &App,
    context: &Context,
    patient: &ResourceId,
    asked: &Asked,
) -> Result<Vec<u8>, Error> {
    policy::administrator(context).or_else(|_| policy::everything(context, Action::Delete))?;
    asked.only(&["reason"])?;
    let reason = asked.text("reason").ok_or_else(|| missing("reason"))?;
    let shredded = destroy(app, context, patient, &reason).await?;
    Ok(operation_outcome(&told(&shredded)).to_string().into_bytes())
}

fn told(shredded: &Shredded) -> Vec<Issue> {
    let Shredded { resources, blobs, shared, referring, .. } = shredded;
    let issue = |severity, code, message: String| Issue { severity, ..Issue::error(code, message) };
    let went =
        format!("{resources} resources with all their versions and {blobs} sealed files are gone for good");
    let mut issues = vec![issue(Severity::Information, IssueCode::Informational, went)];
    if *shared > 0 {
        let message = format!("{shared} resources lie in another patient's record too, and stay there");
        issues.push(issue(Severity::Warning, IssueCode::BusinessRule, message));
    }
    if *referring > 0 {
        let message = format!("{referring} resources that stay refer to what is gone");
        issues.push(issue(Severity::Warning, IssueCode::NotFound, message));
    }
    issues
}
