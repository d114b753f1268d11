//! A grant: what a user let an application do. Every token that comes of it ends with it.

use bianque_model::{Context, ResourceId, Timestamp, UserId};
use bianque_store::{AuditAction, StateKey};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::access::AccessToken;
use super::client;
use crate::aggregate::{Aggregate, Loaded, shared};
use crate::identity::accounts::Account;
use crate::{App, Change, Error, instant, policy};

/// Grants of one user or one application that are looked at.
const MOST: u32 = 1000;

/// What a user let an application do.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Grant {
    /// Its id.
    pub id: ResourceId,
    /// The application.
    pub client: ResourceId,
    /// Who let it.
    pub user: UserId,
    /// What they let it do.
    pub scopes: Vec<String>,
    /// The patient it was opened for.
    pub patient: Option<ResourceId>,
    /// The visit that it was opened from.
    #[serde(default)]
    pub encounter: Option<ResourceId>,
    /// The session in which it was given; without offline access it ends with that.
    pub session: String,
    /// It outlives the session.
    pub offline: bool,
    /// When it was given.
    pub created_at: Timestamp,
    /// When tokens were last given for it.
    pub used_at: Timestamp,
    /// When it ends.
    pub until: Timestamp,
    /// Which refresh token is the one to be used next.
    pub generation: u32,
    /// What its refresh tokens are made with, besides the installation's key.
    pub salt: String,
}

impl Aggregate for Grant {
    const KIND: &'static str = "application-grant";
    const ABOUT_PATIENT: bool = true;

    fn id(&self) -> String {
        self.id.to_string()
    }

    fn keys(&self) -> Vec<StateKey> {
        vec![shared("application", self.client.to_string()), shared("user", self.user.to_string())]
    }

    fn expires(&self) -> Option<Timestamp> {
        Some(self.until)
    }
}

/// The grant, while it holds.
pub(super) async fn standing(app: &App, context: &Context, id: &str) -> Result<Option<Loaded<Grant>>, Error> {
    let found = app.load::<Grant>(context.tenant, id).await?;
    Ok(found.filter(|grant| context.now < grant.value.until))
}

/// Ends a grant and its access tokens within the caller's change.
pub(super) async fn end(
    app: &App,
    context: &Context,
    id: &str,
    change: &mut Change<'_>,
) -> Result<(), Error> {
    for token in app.list::<AccessToken>(context.tenant, "grant", id..=id, MOST).await? {
        change.remove::<AccessToken>(token.value.id);
    }
    change.remove::<Grant>(id);
    Ok(())
}

/// Ends the grants of a user but those of one session, within the caller's change.
pub(crate) async fn end_of_user(
    app: &App,
    context: &Context,
    user: UserId,
    kept_session: Option<&str>,
    change: &mut Change<'_>,
) -> Result<(), Error> {
    for grant in of_user(app, context, user).await? {
        if kept_session != Some(grant.session.as_str()) {
            end(app, context, grant.id.as_str(), change).await?;
        }
    }
    Ok(())
}

/// The grants of a user that hold.
pub(super) async fn of_user(app: &App, context: &Context, user: UserId) -> Result<Vec<Grant>, Error> {
    let key = user.to_string();
    let found = app.list::<Grant>(context.tenant, "user", key.as_str()..=key.as_str(), MOST).await?;
    Ok(found.into_iter().map(|grant| grant.value).filter(|grant| context.now < grant.until).collect())
}

/// Ends every grant of an application within the caller's change.
pub(super) async fn end_of_client(
    app: &App,
    context: &Context,
    client: &ResourceId,
    change: &mut Change<'_>,
) -> Result<(), Error> {
    for grant in of_client(app, context, client).await? {
        end(app, context, grant.id.as_str(), change).await?;
    }
    Ok(())
}

/// The grants of an application that hold, newest first: who gave them and what for.
pub async fn list(app: &App, context: &Context, client: &ResourceId) -> Result<Value, Error> {
    policy::administrator(context)?;
    client::existing(app, context, client).await?;
    let mut grants = of_client(app, context, client).await?;
    grants.sort_by_key(|grant| std::cmp::Reverse(grant.created_at));
    let mut shown = Vec::with_capacity(grants.len());
    for grant in grants {
        let account = app.load::<Account>(context.tenant, &grant.user.to_string()).await?;
        shown.push(json!({
            "id": grant.id, "user": account.map(|account| account.value.name), "scopes": grant.scopes,
            "for_patient": grant.patient.is_some(), "offline": grant.offline,
            "created_at": instant::text(grant.created_at), "used_at": instant::text(grant.used_at),
            "until": instant::text(grant.until),
        }));
    }
    Ok(json!({"grants": shown}))
}

/// An administrator takes a grant back.
pub async fn revoke(app: &App, context: &Context, client: &ResourceId, id: &ResourceId) -> Result<(), Error> {
    policy::administrator(context)?;
    let grant = standing(app, context, id.as_str()).await?.filter(|grant| grant.value.client == *client);
    let grant = grant.ok_or_else(Error::not_found)?.value;
    let mut change = Change::new(app, context);
    end(app, context, id.as_str(), &mut change).await?;
    change.audit(AuditAction::D, "application.grant-end", None, &format!("Application/{}", grant.client));
    change.commit().await?;
    Ok(())
}

async fn of_client(app: &App, context: &Context, client: &ResourceId) -> Result<Vec<Grant>, Error> {
    let key = client.as_str();
    let found = app.list::<Grant>(context.tenant, "application", key..=key, MOST).await?;
    Ok(found.into_iter().map(|grant| grant.value).filter(|grant| context.now < grant.until).collect())
}
