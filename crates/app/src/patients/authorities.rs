//! Which authorities give identifiers that name one patient each, and what happens when a program gives a second patient
//! one of them.
//!
//! An authority of which nothing is said is taken at its word: its identifiers name one patient each. People who take
//! somebody in are told at once that the identifier is another's. A program's message must not be lost because of it: it
//! is taken, and the two records go to the desk as a conflict, unless the authority is one whose doubles are refused.

use std::sync::Arc;

use bianque_model::{Actor, Context};
use bianque_store::AuditAction;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use crate::aggregate::Aggregate;
use crate::visits::access::{bounded, required};
use crate::{App, Change, Error, policy};

/// Authorities of a tenant that something is said about.
const MOST: usize = 200;

/// What happens when a program gives a second patient an identifier.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Sharing {
    /// The write is refused.
    Refused,
    /// It is taken, and the two records are a conflict on the desk.
    #[default]
    Reported,
    /// It is nothing to look at: a number of a family or a household.
    Allowed,
}

/// An authority that gives identifiers.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Authority {
    /// Its URI: `identifier.system`.
    pub system: String,
    /// What people call it.
    #[serde(default)]
    pub name: String,
    /// What happens when two patients have one of its identifiers.
    pub sharing: Sharing,
}

/// What a tenant says of authorities.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub struct Authorities {
    list: Vec<Authority>,
}

impl Aggregate for Authorities {
    const KIND: &'static str = "identifier-authorities";
    const ABOUT_PATIENT: bool = false;

    fn id(&self) -> String {
        ID.to_owned()
    }
}

const ID: &str = "all";

impl Authorities {
    /// What is said in a tenant.
    pub async fn load(app: &App, context: &Context) -> Result<Arc<Self>, Error> {
        let reading = async {
            let found = app.load::<Self>(context.tenant, ID).await?;
            Ok(found.map(|loaded| loaded.value).unwrap_or_default())
        };
        app.authorities.of(context.tenant, reading).await
    }

    /// What happens to a double of this authority.
    pub fn sharing(&self, system: &str) -> Sharing {
        self.list.iter().find(|one| one.system == system).map_or(Sharing::Reported, |one| one.sharing)
    }

    /// What people call an authority; empty: nothing is said.
    pub fn name(&self, system: &str) -> &str {
        self.list.iter().find(|one| one.system == system).map_or("", |one| one.name.as_str())
    }

    /// Whether a write by this asker that would make a double is refused.
    pub fn refuses(&self, context: &Context, system: &str) -> bool {
        match self.sharing(system) {
            Sharing::Allowed => false,
            Sharing::Refused => true,
            Sharing::Reported => {
                let by_program = matches!(
                    context.actor,
                    Actor::System { .. }
                        | Actor::Application { .. }
                        | Actor::Sender { .. }
                        | Actor::Peer { .. }
                        | Actor::Server
                );
                !by_program
            }
        }
    }
}

/// What is wanted of authorities, whole.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Setting {
    /// All of which something is said.
    pub authorities: Vec<Authority>,
}

/// What is said of authorities, for administrators.
pub async fn list(app: &App, context: &Context) -> Result<Value, Error> {
    policy::administrator(context)?;
    Ok(json!({"authorities": Authorities::load(app, context).await?.list}))
}

/// Says what happens to doubles of which authorities.
pub async fn set(app: &App, context: &Context, setting: Setting) -> Result<Value, Error> {
    policy::administrator(context)?;
    if setting.authorities.len() > MOST {
        return Err(Error::field("field.long", "authorities", "there are too many authorities"));
    }
    let mut list: Vec<Authority> = Vec::with_capacity(setting.authorities.len());
    for one in setting.authorities {
        let system = required("system", &one.system, 200)?;
        if list.iter().any(|known| known.system == system) {
            return Err(Error::field("field.double", "system", "one authority is named twice"));
        }
        list.push(Authority { system, name: bounded("name", &one.name, 100)?, sharing: one.sharing });
    }
    let mut change = Change::new(app, context);
    change.save(&Authorities { list: list.clone() })?;
    change.audit(AuditAction::U, "identifier-authorities.set", None, "IdentifierAuthorities");
    change.commit().await?;
    app.authorities.renew(context.tenant);
    Ok(json!({"authorities": list}))
}
