//! Browsers that signed in to an account before: their guesses are counted apart from everybody else's, so that strangers
//! who guess at a login do not keep its owner out.
//!
//! Such a browser holds a random cookie of its own, good for nothing but that.

use bianque_model::{Context, Timestamp, UserId};
use serde::{Deserialize, Serialize};

use super::stored_form;
use crate::aggregate::Aggregate;
use crate::secrets::random_token;
use crate::{App, Change, Error};

/// A browser is known for this long after its last sign-in.
pub const KNOWN_S: i64 = 180 * 24 * 3600;
const PURPOSE: &str = "known-browser";
/// Longest cookie that is looked at, bytes.
const LONGEST: usize = 128;

/// A browser that signed in to an account.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) struct KnownBrowser {
    /// The stored form of cookie and account.
    pub(super) id: String,
    /// Until when it is known.
    until: Timestamp,
}

impl Aggregate for KnownBrowser {
    const KIND: &'static str = "known-browser";
    const ABOUT_PATIENT: bool = false;

    fn id(&self) -> String {
        self.id.clone()
    }

    fn expires(&self) -> Option<Timestamp> {
        Some(self.until)
    }
}

/// The id of a browser if it signed in to this account before.
pub(super) async fn find(
    app: &App,
    context: &Context,
    user: UserId,
    secret: Option<&str>,
) -> Result<Option<String>, Error> {
    let Some(secret) = secret.filter(|secret| secret.len() <= LONGEST) else { return Ok(None) };
    let id = id_of(app, secret, user);
    let found = app.load::<KnownBrowser>(context.tenant, &id).await?;
    Ok(found.filter(|known| context.now < known.value.until).map(|known| known.value.id))
}

/// Knows a browser from now on; answers the secret that it has to hold, which is the one it holds already if it has one.
pub(super) fn remember(
    app: &App,
    context: &Context,
    user: UserId,
    secret: Option<&str>,
    change: &mut Change<'_>,
) -> Result<String, Error> {
    let secret = match secret.filter(|secret| !secret.is_empty() && secret.len() <= LONGEST) {
        Some(secret) => secret.to_owned(),
        None => random_token()?,
    };
    let id = id_of(app, &secret, user);
    change.save(&KnownBrowser { id, until: context.now.plus_seconds(KNOWN_S) })?;
    Ok(secret)
}

fn id_of(app: &App, secret: &str, user: UserId) -> String {
    stored_form(app, PURPOSE, &format!("{user}|{secret}"))
}
