//! What a session that began at a provider remembers of it: by what the provider ends it, and how it is ended there.

use bianque_model::{Context, Timestamp, UserId};
use bianque_store::StateKey;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::admission::Link;
use super::metadata::Metadata;
use super::settings::Provider;
use crate::aggregate::{Aggregate, shared};
use crate::identity::stored_form;
use crate::{App, Change, Error};

const SID: &str = "provider-sid";
/// Longest ID token that is kept, bytes: it travels in an address, and servers take addresses of 8 kB.
const LONGEST_HINT: usize = 6 << 10;
/// Longest name of a session at a provider that is looked at, bytes.
const LONGEST_SID: usize = 500;

/// A session at a provider.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct There {
    /// The provider.
    pub(super) provider: String,
    /// The stored form of who somebody is there: the id of their link.
    pub(super) subject: String,
    /// The stored form of the session's name there; none: the provider named none.
    pub(super) sid: Option<String>,
    /// The ID token, sealed; none: it is too long to be sent back.
    hint: Option<String>,
    /// Whether people sign out there at an address of its own.
    signs_out: bool,
}

/// The same, kept beside the session here whose id it has.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct AtProvider {
    id: String,
    /// Whose session here.
    pub(super) user: UserId,
    until: Timestamp,
    /// The session there.
    pub(super) there: There,
}

impl Aggregate for AtProvider {
    const KIND: &'static str = "session-at-provider";
    const ABOUT_PATIENT: bool = false;

    fn id(&self) -> String {
        self.id.clone()
    }

    fn keys(&self) -> Vec<StateKey> {
        let sid = self.there.sid.iter().map(|sid| shared("sid", sid.as_str()));
        std::iter::once(shared("subject", self.there.subject.as_str())).chain(sid).collect()
    }

    fn expires(&self) -> Option<Timestamp> {
        Some(self.until)
    }
}

impl There {
    /// What is remembered of an ID token that was taken.
    pub(super) fn of(
        app: &App,
        provider: &Provider,
        published: &Metadata,
        token: &str,
        claims: &Value,
    ) -> Result<Self, Error> {
        let hint = (token.len() <= LONGEST_HINT)
            .then(|| app.secrets.seal(&about(&provider.id), token.as_bytes()))
            .transpose()?;
        Ok(Self {
            provider: provider.id.clone(),
            subject: Link::subject_id(app, provider, claims["sub"].as_str().unwrap_or_default()),
            sid: sid(app, provider, claims),
            hint,
            signs_out: published.end_session_endpoint.is_some(),
        })
    }

    /// Keeps it beside a session, within the caller's change.
    pub(crate) fn keep(
        &self,
        session: &str,
        user: UserId,
        until: Timestamp,
        change: &mut Change<'_>,
    ) -> Result<(), Error> {
        change.insert(&AtProvider { id: session.to_owned(), user, until, there: self.clone() })
    }

    /// What is remembered of the provider at which a session began; none: it began here.
    pub(crate) async fn of_session(
        app: &App,
        context: &Context,
        session: &str,
    ) -> Result<Option<Self>, Error> {
        Ok(app.load::<AtProvider>(context.tenant, session).await?.map(|loaded| loaded.value.there))
    }

    /// The ID token, opened.
    pub(super) fn open_hint(&self, app: &App) -> Result<Option<String>, Error> {
        let Some(sealed) = &self.hint else { return Ok(None) };
        let plain = app.secrets.unseal(&about(&self.provider), sealed)?;
        String::from_utf8(plain).map(Some).map_err(Error::internal)
    }

    /// The `provider` of a session: where else its owner can sign out. Null: nowhere.
    pub(crate) async fn shown(&self, app: &App, context: &Context) -> Result<Value, Error> {
        if !self.signs_out {
            return Ok(Value::Null);
        }
        let provider = app.load::<Provider>(context.tenant, &self.provider).await?;
        Ok(provider.map_or(Value::Null, |provider| json!({"name": provider.value.settings.name})))
    }
}

/// The stored form of the name that a provider gives a session; none: it gives none that can be used.
pub(super) fn sid(app: &App, provider: &Provider, claims: &Value) -> Option<String> {
    let sid = claims["sid"].as_str().filter(|sid| !sid.is_empty() && sid.len() <= LONGEST_SID)?;
    Some(stored_form(app, SID, &format!("{}|{}|{sid}", provider.id, provider.settings.issuer)))
}

fn about(provider: &str) -> String {
    format!("provider-hint|{provider}")
}
