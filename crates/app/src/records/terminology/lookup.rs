//! What a code is (FHIR R4, CodeSystem `$lookup`).

use bianque_fhir::terminology::Lookup;
use bianque_model::Context;

use super::{known, may_ask, unanswered};
use crate::records::asked::{Asked, missing};
use crate::{App, Error};

pub(in crate::records) const NAMES: [&str; 6] =
    ["code", "system", "version", "coding", "displayLanguage", "property"];

/// Parameters with the name of the system, the display, and designations and properties where there are some.
pub async fn lookup(app: &App, context: &Context, asked: &Asked) -> Result<Vec<u8>, Error> {
    may_ask(context)?;
    asked.only(&NAMES)?;
    let coding = asked.codings("system", "version")?.into_iter().next();
    let coding = coding.ok_or_else(|| missing("code or coding"))?;
    let system = coding.system.ok_or_else(|| missing("system"))?;
    let known = known::about(app, context, vec![system.clone()]).await?;
    let wanted = Lookup {
        system,
        version: coding.version,
        code: coding.code,
        language: asked.text("displayLanguage"),
        properties: asked.texts("property").map(str::to_owned).collect(),
    };
    let found = known.lookup(&wanted).map_err(|refusal| unanswered(&refusal))?;
    Ok(found.to_string().into_bytes())
}
