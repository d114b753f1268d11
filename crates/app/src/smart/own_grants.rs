//! What somebody let applications do, as they see it themselves: to look at, and to take back.

use bianque_model::{Context, ResourceId, UserId};
use bianque_store::AuditAction;
use serde_json::{Value, json};

use super::client::{self, Client};
use super::grants::{self, Grant};
use super::scopes::Scopes;
use super::{access, consent};
use crate::identity::accounts;
use crate::{App, Change, Error, instant};

/// The grants of whoever is signed in that an application can use now, the last used first.
pub async fn list(app: &App, context: &Context) -> Result<Value, Error> {
    let user = accounts::own(app, context).await?.value.id;
    let mut held = Vec::new();
    for grant in grants::of_user(app, context, user).await? {
        let Some(client) = client::active(app, context, grant.client.as_str()).await? else { continue };
        // What was given for a session that is over is over.
        if let Some((grant, _)) = access::user_of(app, context, grant).await? {
            held.push((grant, client));
        }
    }
    held.sort_by_key(|(grant, _)| std::cmp::Reverse(grant.used_at));
    let shown = held.iter().map(|(grant, client)| show(grant, client)).collect::<Result<Vec<_>, _>>()?;
    Ok(json!({"grants": shown}))
}

/// Takes a grant back: its refresh and access tokens end at once.
pub async fn end(app: &App, context: &Context, id: &ResourceId) -> Result<(), Error> {
    let user = accounts::own(app, context).await?.value.id;
    let grant = of(app, context, id, user).await?;
    let mut change = Change::new(app, context);
    grants::end(app, context, id.as_str(), &mut change).await?;
    let entity = format!("Application/{}", grant.client);
    change.audit(AuditAction::D, "application.grant-end", grant.patient.as_ref(), &entity);
    change.commit().await.map(drop)
}

async fn of(app: &App, context: &Context, id: &ResourceId, user: UserId) -> Result<Grant, Error> {
    let grant = grants::standing(app, context, id.as_str()).await?;
    grant.map(|grant| grant.value).filter(|grant| grant.user == user).ok_or_else(Error::not_found)
}

fn show(grant: &Grant, client: &Client) -> Result<Value, Error> {
    let scopes = Scopes::allowed(&grant.scopes.join(" "))?;
    Ok(json!({
        "id": grant.id, "application": {"id": client.id, "name": client.name},
        "resources": scopes.resources.iter().map(consent::shown).collect::<Vec<_>>(),
        "identity": scopes.has("openid"), "offline": grant.offline,
        "encounter": grant.encounter.is_some(), "for_patient": grant.patient.is_some(),
        "created_at": instant::text(grant.created_at), "used_at": instant::text(grant.used_at),
        "until": instant::text(grant.until),
    }))
}
