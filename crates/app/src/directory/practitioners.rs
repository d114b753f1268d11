//! Colleagues: who holds visits at an institution, and who can be asked for an opinion.

use bianque_model::{Context, ResourceId, Role};
use serde_json::{Value, json};

use crate::aggregate::Loaded;
use crate::identity::accounts::Account;
use crate::people::display_name;
use crate::{App, Error, policy};

/// Accounts of one tenant that are looked at.
const MOST: u32 = 2000;

/// Who is told the clinicians of their institution: who books with them, and who looks at how their visits went.
const ASKING: [Role; 3] = [Role::Clinician, Role::FrontDesk, Role::Supervisor];

/// The clinicians of the asker's institution who can hold visits, by name.
pub async fn list(app: &App, context: &Context) -> Result<Value, Error> {
    let asker = policy::member(context, &ASKING)?;
    let mut accounts = of_tenant(app, context).await?;
    accounts.retain(|account| account.role == Role::Clinician && account.organization == *asker.organization);
    shown(app, context, &accounts).await
}

/// Who with an account can be asked for an opinion: specialists, and clinicians of other institutions.
pub async fn to_ask(app: &App, context: &Context) -> Result<Value, Error> {
    let clinician = policy::clinician(context)?;
    let mut accounts = of_tenant(app, context).await?;
    accounts.retain(|account| match account.role {
        Role::Specialist => true,
        Role::Clinician => account.organization != *clinician.organization,
        _ => false,
    });
    shown(app, context, &accounts).await
}

/// The account of somebody who can be asked for an opinion.
pub(crate) async fn account_of(
    app: &App,
    context: &Context,
    practitioner: &ResourceId,
) -> Result<Option<Account>, Error> {
    let asks = |account: &Account| {
        matches!(account.role, Role::Specialist | Role::Clinician)
            && account.practitioner.as_ref() == Some(practitioner)
    };
    Ok(of_tenant(app, context).await?.into_iter().find(asks))
}

/// The active accounts of the tenant, by name.
async fn of_tenant(app: &App, context: &Context) -> Result<Vec<Account>, Error> {
    let all = app.list::<Account>(context.tenant, "all", "account"..="account", MOST).await?;
    let mut accounts: Vec<Account> =
        all.into_iter().map(|Loaded { value, .. }| value).filter(|account| account.active).collect();
    accounts.sort_by(|a, b| a.name.cmp(&b.name));
    Ok(accounts)
}

async fn shown(app: &App, context: &Context, accounts: &[Account]) -> Result<Value, Error> {
    let homes = accounts.iter().map(|account| ("Organization", &account.organization));
    let homes = app.read_many(context.tenant, homes).await?;
    let mut shown = Vec::with_capacity(accounts.len());
    for account in accounts {
        let Some(id) = &account.practitioner else { continue };
        let home = display_name(homes.get("Organization", &account.organization)?);
        shown.push(json!({
            "id": id, "name": account.name, "title": account.title, "role": account.role,
            "organization": {"id": account.organization, "name": home},
        }));
    }
    Ok(json!({"practitioners": shown}))
}
