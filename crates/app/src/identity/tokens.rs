//! Bearer tokens for programs: random, kept as a digest, good for a while, with SMART v2 system scopes.

use bianque_model::{Actor, Context, Purpose, ResourceId, TenantId, Timestamp};
use bianque_store::{AuditAction, StateKey};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::stored_form;
use crate::aggregate::{Aggregate, shared};
use crate::secrets::random_token;
use crate::smart::access;
use crate::tenants::operator_of_active;
use crate::{App, Change, Error, ErrorKind};

const PURPOSE: &str = "bearer";
/// Tells a token of ours by sight, and secret scanners with it.
const PREFIX: &str = "bqt_";

/// A token; its id is the stored form of its text.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Token {
    /// The stored form.
    pub id: String,
    /// What audit rows name it by.
    pub name: ResourceId,
    /// What it may do.
    pub scopes: Vec<String>,
    /// When it ends.
    pub until: Timestamp,
}

impl Aggregate for Token {
    const KIND: &'static str = "token";
    const ABOUT_PATIENT: bool = false;

    fn id(&self) -> String {
        self.id.clone()
    }

    fn keys(&self) -> Vec<StateKey> {
        vec![shared("name", self.name.to_string())]
    }

    fn expires(&self) -> Option<Timestamp> {
        Some(self.until)
    }
}

/// Makes a token; the operator on the machine asks.
pub async fn create(app: &App, tenant: TenantId, scope: &str, ttl_s: u64) -> Result<String, Error> {
    let scopes = parse_scopes(scope)?;
    let context = operator_of_active(app, tenant)?;
    let text = format!("{PREFIX}{}", random_token()?);
    let seconds = i64::try_from(ttl_s).map_err(Error::internal)?;
    let token = Token {
        id: stored_form(app, PURPOSE, &text),
        name: Uuid::now_v7().into(),
        scopes,
        until: context.now.plus_seconds(seconds),
    };
    let mut change = Change::new(app, &context);
    change.insert(&token)?;
    change.audit(AuditAction::C, "token.create", None, &format!("Token/{}", token.name));
    change.commit().await?;
    Ok(text)
}

/// Who holds a token.
pub async fn authenticate(app: &App, context: Context, text: &str) -> Result<Context, Error> {
    if text.len() > 256 {
        return Err(unknown());
    }
    if text.starts_with(access::PREFIX) {
        return access::authenticate(app, context, text).await;
    }
    let id = stored_form(app, PURPOSE, text);
    let token = app.load::<Token>(context.tenant, &id).await?.ok_or_else(unknown)?.value;
    if context.now >= token.until {
        return Err(unknown());
    }
    Ok(Context {
        actor: Actor::System { token: token.name, scopes: token.scopes },
        purpose: Purpose::Treat,
        ..context
    })
}

/// What the token of this name may do now; none: it has ended.
pub(crate) async fn scopes_of(
    app: &App,
    context: &Context,
    name: &ResourceId,
) -> Result<Option<Vec<String>>, Error> {
    let found = app.find::<Token>(context.tenant, "name", name.as_str()).await?.map(|found| found.value);
    Ok(found.filter(|token| context.now < token.until).map(|token| token.scopes))
}

/// The answer to a token that is nobody's, or nobody's any more.
pub(crate) fn unknown() -> Error {
    Error::new(ErrorKind::SignIn, "token.unknown", "the bearer token is not known or has ended")
}

/// Reads scopes of the form `system/Type.cruds`, with `*` for every type and the letters in that order.
fn parse_scopes(text: &str) -> Result<Vec<String>, Error> {
    let wrong = |scope: &str| {
        Error::field("scope.invalid", "scope", format!("{scope:?} is not a scope such as system/Patient.rs"))
    };
    let scopes: Vec<String> = text.split_whitespace().map(str::to_owned).collect();
    if scopes.is_empty() {
        return Err(wrong(text));
    }
    for scope in &scopes {
        let rest = scope.strip_prefix("system/").ok_or_else(|| wrong(scope))?;
        let (resource_type, letters) = rest.split_once('.').ok_or_else(|| wrong(scope))?;
        let named = !resource_type.is_empty() && resource_type.bytes().all(|b| b.is_ascii_alphanumeric());
        let mut all = "cruds".chars();
        let ordered = !letters.is_empty() && letters.chars().all(|letter| all.any(|known| known == letter));
        if !(ordered && (resource_type == "*" || named)) {
            return Err(wrong(scope));
        }
    }
    Ok(scopes)
}

#[cfg(test)]
mod tests {
    use super::parse_scopes;

    #[test]
    fn scopes_are_read_strictly() {
        for good in ["system/*.cruds", "system/Patient.rs", "system/Patient.r system/Observation.cud"] {
            assert!(parse_scopes(good).is_ok(), "{good}");
        }
        for bad in [
            "",
            "system/*",
            "user/*.cruds",
            "system/Patient.sr",
            "system/.r",
            "system/Patient.read",
            "system/Pa/t.r",
        ] {
            assert!(parse_scopes(bad).is_err(), "{bad}");
        }
    }
}
