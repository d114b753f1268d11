//! Who wrote a subscription, and what they may do now: they see by it what they would see themselves, for as long as they
//! may see anything.

use bianque_model::{Actor, Context, Purpose, ResourceId, TenantId};
use serde::{Deserialize, Serialize};

use crate::identity::tokens;
use crate::smart::service;
use crate::{App, Error};

/// A program that wrote a subscription. People have none: what they write has use cases of its own.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "kebab-case")]
pub(super) enum Writer {
    /// A program with a token of the operator.
    Token {
        /// What audit rows name it by.
        name: ResourceId,
    },
    /// An application that acts for itself.
    Application {
        /// Its id.
        client: ResourceId,
        /// What it was given when it wrote.
        scopes: Vec<String>,
    },
    /// The server itself.
    Server,
}

impl Writer {
    /// Who acts; none: they write no subscriptions.
    pub(super) fn of(actor: &Actor) -> Option<Self> {
        match actor {
            Actor::System { token, .. } => Some(Self::Token { name: token.clone() }),
            Actor::Application { client, grant: None, user: None, scopes, .. } => {
                Some(Self::Application { client: client.clone(), scopes: scopes.clone() })
            }
            Actor::Server => Some(Self::Server),
            _ => None,
        }
    }

    /// Whether it is who acts.
    pub(super) fn is(&self, actor: &Actor) -> bool {
        match (self, Self::of(actor)) {
            (Self::Application { client, .. }, Some(Self::Application { client: other, .. })) => {
                *client == other
            }
            (own, Some(other)) => *own == other,
            (_, None) => false,
        }
    }

    /// What it acts as now; none: it may do nothing any more.
    pub(super) async fn context(&self, app: &App, tenant: TenantId) -> Result<Option<Context>, Error> {
        let context = app.server_context(tenant);
        let actor = match self {
            Self::Token { name } => {
                let scopes = tokens::scopes_of(app, &context, name).await?;
                scopes.map(|scopes| Actor::System { token: name.clone(), scopes })
            }
            Self::Application { client, scopes } => {
                let scopes = service::still_allowed(app, &context, client, scopes).await?;
                let client = client.clone();
                scopes.map(|scopes| Actor::Application {
                    client,
                    grant: None,
                    user: None,
                    scopes,
                    patient: None,
                })
            }
            Self::Server => Some(Actor::Server),
        };
        Ok(actor.map(|actor| Context { actor, purpose: Purpose::Treat, ..context }))
    }
}
