//! Access tokens: random, kept as a digest, good for minutes; what they mean is looked up at every request, so that a
//! token ends the moment its application, its user, its session or its grant does.

use bianque_model::{Actor, Context, Purpose, ResourceId, Timestamp};
use bianque_store::StateKey;
use serde::{Deserialize, Serialize};

use super::client;
use super::grants::{self, Grant};
use crate::aggregate::{Aggregate, shared};
use crate::identity::accounts::Account;
use crate::identity::{sessions, stored_form, tokens};
use crate::secrets::random_token;
use crate::{App, Change, Error, emergency};

const PURPOSE: &str = "application-access";
/// Tells an access token of an application by sight.
pub(crate) const PREFIX: &str = "bqa_";

/// An access token; its id is the stored form of its text.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct AccessToken {
    /// The stored form.
    pub id: String,
    /// Whose.
    pub client: ResourceId,
    /// By which grant; none: the application acts for itself.
    pub grant: Option<ResourceId>,
    /// What it may do.
    pub scopes: Vec<String>,
    /// When it was given.
    pub since: Timestamp,
    /// When it ends.
    pub until: Timestamp,
}

impl Aggregate for AccessToken {
    const KIND: &'static str = "application-token";
    const ABOUT_PATIENT: bool = false;

    fn id(&self) -> String {
        self.id.clone()
    }

    fn keys(&self) -> Vec<StateKey> {
        let of = self.grant.as_ref().map(|grant| shared("grant", grant.to_string()));
        of.into_iter().collect()
    }

    fn expires(&self) -> Option<Timestamp> {
        Some(self.until)
    }
}

/// Makes one within the caller's change; its text.
pub(super) fn make(
    app: &App,
    context: &Context,
    of: (&ResourceId, Option<&ResourceId>),
    scopes: Vec<String>,
    lasts_s: i64,
    change: &mut Change<'_>,
) -> Result<String, Error> {
    let text = format!("{PREFIX}{}", random_token()?);
    change.insert(&AccessToken {
        id: id_of(app, &text),
        client: of.0.clone(),
        grant: of.1.cloned(),
        scopes,
        since: context.now,
        until: context.now.plus_seconds(lasts_s),
    })?;
    Ok(text)
}

/// The id of the token with this text.
pub(super) fn id_of(app: &App, text: &str) -> String {
    stored_form(app, PURPOSE, text)
}

/// A token that holds, with what it stands on.
pub(super) struct Held {
    pub(super) token: AccessToken,
    pub(super) for_user: Option<(Grant, Account)>,
}

/// The token with this text, if it and everything it stands on hold.
pub(super) async fn held(app: &App, context: &Context, text: &str) -> Result<Option<Held>, Error> {
    let token = app.load::<AccessToken>(context.tenant, &id_of(app, text)).await?.map(|token| token.value);
    let Some(token) = token.filter(|token| context.now < token.until) else { return Ok(None) };
    if client::active(app, context, token.client.as_str()).await?.is_none() {
        return Ok(None);
    }
    let Some(grant) = &token.grant else { return Ok(Some(Held { token, for_user: None })) };
    let Some(grant) = grants::standing(app, context, grant.as_str()).await? else { return Ok(None) };
    let for_user = user_of(app, context, grant.value).await?;
    Ok(for_user.map(|for_user| Held { token, for_user: Some(for_user) }))
}

/// A grant with its user, if the user may still act and, without offline access, the session still stands.
pub(super) async fn user_of(
    app: &App,
    context: &Context,
    grant: Grant,
) -> Result<Option<(Grant, Account)>, Error> {
    let account =
        app.load::<Account>(context.tenant, &grant.user.to_string()).await?.map(|account| account.value);
    let Some(account) = account.filter(|account| account.active) else { return Ok(None) };
    let stands = grant.offline || sessions::stands(app, context, &grant.session).await?;
    Ok(stands.then_some((grant, account)))
}

/// Who holds an access token of an application.
pub(crate) async fn authenticate(app: &App, context: Context, text: &str) -> Result<Context, Error> {
    let Some(Held { token, for_user }) = held(app, &context, text).await? else {
        return Err(tokens::unknown());
    };
    let scopes = token.scopes;
    let Some((grant, account)) = for_user else {
        let actor =
            Actor::Application { client: token.client, grant: None, user: None, scopes, patient: None };
        return Ok(Context { actor, purpose: Purpose::Treat, ..context });
    };
    let user = account.actor().ok_or_else(tokens::unknown)?;
    let emergencies = emergency::active(app, &Context { actor: user.clone(), ..context.clone() }).await?;
    let actor = Actor::Application {
        client: token.client,
        grant: Some(grant.id),
        user: Some(Box::new(user)),
        scopes,
        patient: grant.patient,
    };
    Ok(Context { actor, purpose: account.purpose(), emergencies, ..context })
}
