//! Colleagues of the institution.

use bianque_model::Context;
use serde_json::{Value, json};

use crate::aggregate::Loaded;
use crate::identity::accounts::Account;
use crate::people::display_name;
use crate::{App, Error, policy};

/// The clinicians of the asker's institution who can hold visits, by name.
pub async fn list(app: &App, context: &Context) -> Result<Value, Error> {
    let clinician = policy::clinician(context)?;
    let organization = app.resource(context.tenant, "Organization", clinician.organization).await?.value;
    let mut accounts: Vec<Account> = app
        .list::<Account>(context.tenant, "all", "account"..="account", 2000)
        .await?
        .into_iter()
        .map(|Loaded { value, .. }| value)
        .filter(|account| account.active && account.organization == *clinician.organization)
        .collect();
    accounts.sort_by(|a, b| a.name.cmp(&b.name));
    let shown: Vec<Value> = accounts
        .iter()
        .filter_map(|account| {
            let id = account.practitioner.as_ref()?;
            Some(json!({
                "id": id, "name": account.name, "title": account.title,
                "organization": {"id": account.organization, "name": display_name(&organization)},
            }))
        })
        .collect();
    Ok(json!({"practitioners": shown}))
}
