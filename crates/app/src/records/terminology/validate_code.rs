//! Whether a code is one of a value set, or of a code system (FHIR R4, `$validate-code` of ValueSet and CodeSystem).

use bianque_fhir::terminology::{Lenience, Verdict};
use bianque_model::{Context, ResourceId};

use super::expand::{Subject, subject, taken_from};
use super::{known, may_ask, unanswered};
use crate::records::asked::{Asked, missing};
use crate::{App, Error};

pub(in crate::records) const OF_SETS: [&str; 12] = [
    "url",
    "valueSet",
    "valueSetVersion",
    "code",
    "system",
    "systemVersion",
    "display",
    "coding",
    "codeableConcept",
    "abstract",
    "displayLanguage",
    "inferSystem",
];
pub(in crate::records) const OF_SYSTEMS: [&str; 9] = [
    "url",
    "codeSystem",
    "code",
    "version",
    "display",
    "coding",
    "codeableConcept",
    "abstract",
    "displayLanguage",
];

/// Whether a code is of a value set: Parameters with result, message and display.
pub async fn in_value_set(
    app: &App,
    context: &Context,
    id: Option<&ResourceId>,
    asked: &Asked,
) -> Result<Vec<u8>, Error> {
    may_ask(context)?;
    asked.only(&OF_SETS)?;
    let codings = asked.codings("system", "systemVersion")?;
    let language = asked.text("displayLanguage");
    let lenience = Lenience { abstract_codes: asked.flag("abstract")?, language: language.as_deref() };
    let mut looked_at: Vec<String> = codings.iter().filter_map(|coding| coding.system.clone()).collect();
    let verdict = match subject(app, context, id, asked).await? {
        Subject::Url(url) => {
            looked_at.push(url.clone());
            known::about(app, context, looked_at).await?.validate_in_set(&url, &codings, lenience)
        }
        Subject::Resource(value_set) => {
            looked_at.extend(taken_from(&value_set));
            let known = known::about(app, context, looked_at).await?;
            known.validate_in_resource(&value_set, &codings, lenience)
        }
    };
    Ok(answer(&verdict.map_err(|refusal| unanswered(&refusal))?))
}

/// Whether a code is of a code system: Parameters with result, message and display.
pub async fn in_code_system(app: &App, context: &Context, asked: &Asked) -> Result<Vec<u8>, Error> {
    may_ask(context)?;
    asked.only(&OF_SYSTEMS)?;
    let given = asked.resource("codeSystem", "CodeSystem")?;
    let url = asked.text("url").or_else(|| given?["url"].as_str().map(str::to_owned));
    let language = asked.text("displayLanguage");
    let lenience = Lenience { abstract_codes: asked.flag("abstract")?, language: language.as_deref() };
    let mut codings = asked.codings("url", "version")?;
    for coding in &mut codings {
        coding.system = coding.system.take().or_else(|| url.clone());
    }
    let urls: Vec<String> = codings.iter().filter_map(|coding| coding.system.clone()).collect();
    if urls.is_empty() {
        return Err(missing("the url of a code system"));
    }
    let known = match given {
        Some(given) => known::with(given),
        None => known::about(app, context, urls).await?,
    };
    let of_system = codings.iter().filter(|coding| url.is_none() || coding.system == url);
    let mut verdicts = of_system.map(|coding| known.validate_in_system(coding, lenience));
    let first = verdicts.next().unwrap_or_else(|| Verdict {
        message: Some("there is no code of this code system".to_owned()),
        ..Verdict::default()
    });
    let verdict = if first.valid { first } else { verdicts.find(|verdict| verdict.valid).unwrap_or(first) };
    Ok(answer(&verdict))
}

fn answer(verdict: &Verdict) -> Vec<u8> {
    verdict.parameters().to_string().into_bytes()
}
