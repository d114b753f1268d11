//! A provider says that somebody signed out there (OpenID Connect Back-Channel Logout 1.0): their sessions here end.

use std::collections::BTreeSet;

use bianque_model::{Context, Timestamp, UserId};
use bianque_store::AuditAction;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::admission::Link;
use super::begin::active;
use super::settings::{Provider, entity};
use super::there::{self, AtProvider};
use super::token::{self, SKEW_S};
use super::{metadata, refused};
use crate::aggregate::Aggregate;
use crate::identity::{sessions, stored_form};
use crate::smart::grants;
use crate::{App, Change, Error};

/// What a logout token is about (section 2.4).
const EVENT: &str = "http://schemas.openid.net/event/backchannel-logout";
/// A token that was issued longer ago is refused, seconds. So long its name is remembered.
const OLDEST_S: i64 = 10 * 60;
/// Longest name of a token that is looked at, bytes.
const LONGEST_JTI: usize = 500;
/// Sessions that one token ends.
const MOST: u32 = 1000;
const PURPOSE: &str = "provider-logout";

/// A logout token that was taken; its id is the stored form of its name.
#[derive(Debug, Clone, Serialize, Deserialize)]
struct Taken {
    id: String,
    until: Timestamp,
}

impl Aggregate for Taken {
    const KIND: &'static str = "provider-logout";
    const ABOUT_PATIENT: bool = false;

    fn id(&self) -> String {
        self.id.clone()
    }

    fn expires(&self) -> Option<Timestamp> {
        Some(self.until)
    }
}

/// Ends the sessions that a provider's logout token names, once. That there are none is no error.
pub async fn logout(app: &App, context: &Context, provider: &str, logout_token: &str) -> Result<(), Error> {
    let provider = active(app, context, provider).await?;
    let issuer = &provider.settings.issuer;
    let published = metadata::of(app, issuer).await?;
    let claims = token::verified(app, issuer, &published, logout_token).await?;
    if !token::is_of_type(logout_token, "logout+jwt") {
        return Err(refused("its token is of another kind"));
    }
    check(&claims, &provider, context.now)?;
    end(app, context, &provider, &claims).await
}

async fn end(app: &App, context: &Context, provider: &Provider, claims: &Value) -> Result<(), Error> {
    let named = named(app, context, provider, claims).await?;
    let users: BTreeSet<UserId> = named.iter().map(|session| session.user).collect();
    let mut change = Change::new(app, context);
    change.insert(&taken(app, context, provider, claims))?;
    for session in &named {
        sessions::remove(&mut change, &session.id());
    }
    if claims["sid"].is_null()
        && let Some(link) = Link::of_subject(app, context, provider, claims).await?
    {
        // All that they have there is over: so is what applications were let do for longer than a session.
        grants::end_of_user(app, context, link.user, None, &mut change).await?;
    }
    for user in &users {
        change.audit(AuditAction::E, "session.end-at-provider", None, &format!("User/{user}"));
    }
    if users.is_empty() {
        change.audit(AuditAction::E, "session.end-at-provider", None, &entity(&provider.id));
    }
    change.commit().await.map_err(|error| match error.code {
        "changed" => refused("its token came before"),
        _ => error,
    })?;
    for user in users {
        sessions::tell_ended(app, context, Some(user));
    }
    Ok(())
}

/// Section 2.6.
fn check(claims: &Value, provider: &Provider, now: Timestamp) -> Result<(), Error> {
    if claims["iss"] != provider.settings.issuer {
        return Err(refused("its token is from another issuer"));
    }
    if !token::audience(claims).any(|one| *one == provider.settings.client_id) {
        return Err(refused("its token is for somebody else"));
    }
    token::check_times(claims, now, OLDEST_S)?;
    if !claims["events"][EVENT].is_object() {
        return Err(refused("its token does not say that somebody signed out"));
    }
    // So that no ID token is taken for one.
    if !claims["nonce"].is_null() {
        return Err(refused("its token is one of signing in"));
    }
    let text = |name: &str| claims[name].as_str().is_some_and(|text| !text.is_empty());
    let absent_or_text = |name: &str| claims[name].is_null() || text(name);
    if !(text("sub") || text("sid")) || !absent_or_text("sub") || !absent_or_text("sid") {
        return Err(refused("its token does not say who signed out"));
    }
    match claims["jti"].as_str() {
        Some(name) if !name.is_empty() && name.len() <= LONGEST_JTI => Ok(()),
        _ => Err(refused("its token has no name")),
    }
}

/// The sessions here that a token names: of one session there, or of somebody. One whose name there was never told is
/// any of theirs.
async fn named(
    app: &App,
    context: &Context,
    provider: &Provider,
    claims: &Value,
) -> Result<Vec<AtProvider>, Error> {
    let sid = there::sid(app, provider, claims);
    let Some(subject) = claims["sub"].as_str() else {
        let Some(sid) = sid else { return Ok(Vec::new()) };
        return of_key(app, context, "sid", &sid).await;
    };
    let mut found = of_key(app, context, "subject", &Link::subject_id(app, provider, subject)).await?;
    if !claims["sid"].is_null() {
        found.retain(|session| session.there.sid.is_none() || session.there.sid == sid);
    }
    Ok(found)
}

async fn of_key(
    app: &App,
    context: &Context,
    key: &'static str,
    value: &str,
) -> Result<Vec<AtProvider>, Error> {
    let all = app.list::<AtProvider>(context.tenant, key, value..=value, MOST).await?;
    Ok(all.into_iter().map(|loaded| loaded.value).collect())
}

fn taken(app: &App, context: &Context, provider: &Provider, claims: &Value) -> Taken {
    let name = claims["jti"].as_str().unwrap_or_default();
    let id = stored_form(app, PURPOSE, &format!("{}|{}|{name}", provider.id, provider.settings.issuer));
    Taken { id, until: context.now.plus_seconds(OLDEST_S + 2 * SKEW_S) }
}
