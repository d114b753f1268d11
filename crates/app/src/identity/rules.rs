//! Who has to have a second factor: set by administrators, role by role.

use bianque_model::{Context, Role, TenantId};
use bianque_store::AuditAction;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::{accounts, factors};
use crate::aggregate::Aggregate;
use crate::change::audit_row;
use crate::{App, Change, Error, policy};

const ID: &str = "sign-in-rules";

/// The rules of an installation.
#[derive(Debug, Clone, Default, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Rules {
    /// Roles that have to have a second factor.
    pub second_factor: Vec<Role>,
}

impl Aggregate for Rules {
    const KIND: &'static str = "sign-in-rules";
    const ABOUT_PATIENT: bool = false;

    fn id(&self) -> String {
        ID.to_owned()
    }
}

/// Whether a role has to have a second factor.
pub(super) async fn requires_second_factor(app: &App, tenant: TenantId, role: Role) -> Result<bool, Error> {
    Ok(read(app, tenant).await?.second_factor.contains(&role))
}

/// The rules, for an administrator.
pub async fn show(app: &App, context: &Context) -> Result<Value, Error> {
    policy::administrator(context)?;
    Ok(json!({"rules": read(app, context.tenant).await?}))
}

/// Sets the rules. Who has no second factor yet and has to, sets one up with the next request.
pub async fn set(app: &App, context: &Context, rules: Rules) -> Result<Value, Error> {
    policy::administrator(context)?;
    let mut second_factor = rules.second_factor;
    second_factor.dedup();
    if second_factor.iter().any(|role| accounts::is_registered(*role).is_none()) {
        return Err(Error::field("field.code", "second_factor", "no account has this role"));
    }
    // Who asks it of others has shown that it works here.
    let own = accounts::own(app, context).await?.value;
    if second_factor.contains(&own.role) && !factors::of(app, context.tenant, own.id).await?.is_there() {
        return Err(Error::conflict("factor.own-first", "set up a second factor for yourself first"));
    }
    let rules = Rules { second_factor };
    let mut row = audit_row(context, AuditAction::U, "sign-in.rules", None, "");
    row.detail = format!("second factor: {:?}", rules.second_factor);
    let mut change = Change::new(app, context);
    change.save(&rules)?;
    change.audit_with(row);
    change.commit().await?;
    Ok(json!({"rules": rules}))
}

async fn read(app: &App, tenant: TenantId) -> Result<Rules, Error> {
    Ok(app.load::<Rules>(tenant, ID).await?.map(|rules| rules.value).unwrap_or_default())
}
