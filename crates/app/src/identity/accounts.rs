//! Accounts of people who sign in.

use bianque_model::{Actor, Context, Duty, Purpose, ResourceId, Role, TenantId, Timestamp, UserId};
use bianque_store::StateKey;
use serde::{Deserialize, Serialize};

use crate::aggregate::{Aggregate, Loaded, shared, unique};
use crate::visits::access::required;
use crate::{App, Error};

/// An account. Patients have none: they come by link.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Account {
    /// Its id.
    pub id: UserId,
    /// What is typed to sign in.
    pub login: String,
    /// The person's name.
    pub name: String,
    /// What they may do.
    pub role: Role,
    /// Their title, or empty.
    pub title: String,
    /// Their registration number, or empty.
    pub registration: String,
    /// Their Practitioner; an administrator has none.
    pub practitioner: Option<ResourceId>,
    /// Their Organization.
    pub organization: ResourceId,
    /// The argon2id hash; none until they choose a password.
    pub password: Option<String>,
    /// Whether they may sign in.
    pub active: bool,
    /// When the account was made.
    pub created_at: Timestamp,
    /// When they last signed in.
    pub last_seen_at: Option<Timestamp>,
}

impl Account {
    /// Who they are once signed in; none for an account that cannot act.
    pub fn actor(&self) -> Option<Actor> {
        match (self.role, &self.practitioner) {
            (Role::Administrator, _) => Some(Actor::Administrator { user: self.id }),
            (Role::Clinician, Some(practitioner)) => Some(Actor::Clinician {
                user: self.id,
                practitioner: practitioner.clone(),
                organization: self.organization.clone(),
            }),
            (role, Some(practitioner)) => Some(Actor::Staff {
                user: self.id,
                duty: Duty::of(role)?,
                practitioner: practitioner.clone(),
                organization: self.organization.clone(),
            }),
            _ => None,
        }
    }

    /// Why they use data, unless they say otherwise.
    pub const fn purpose(&self) -> Purpose {
        match self.role {
            Role::Administrator => Purpose::SysAdmin,
            Role::FrontDesk | Role::Supervisor => Purpose::HOperat,
            _ => Purpose::Treat,
        }
    }
}

/// What an account can be, and whether it has a registration number that signatures carry.
pub const ROLES: [(Role, bool); 6] = [
    (Role::Clinician, true),
    (Role::Specialist, true),
    (Role::Reporter, true),
    (Role::FrontDesk, false),
    (Role::Supervisor, false),
    (Role::Administrator, false),
];

/// Whether somebody of this role has a registration number; none: no account has this role.
pub fn is_registered(role: Role) -> Option<bool> {
    ROLES.into_iter().find(|(known, _)| *known == role).map(|(_, registered)| registered)
}

/// A login as it is compared.
pub fn folded_login(login: &str) -> String {
    bianque_query::fold(login)
}

/// A login as it may be given to a new account.
pub fn new_login(login: &str) -> Result<String, Error> {
    let login = required("login", login, 100)?;
    if folded_login(&login).contains(char::is_whitespace) {
        return Err(Error::field("field.blank", "login", "a login has no blanks"));
    }
    Ok(login)
}

/// The account with this login.
pub async fn by_login(app: &App, tenant: TenantId, login: &str) -> Result<Option<Loaded<Account>>, Error> {
    app.find::<Account>(tenant, "login", &folded_login(login)).await
}

/// The account that is signed in.
pub async fn own(app: &App, context: &Context) -> Result<Loaded<Account>, Error> {
    let user = context.actor.user().ok_or_else(Error::sign_in)?;
    app.load::<Account>(context.tenant, &user.to_string()).await?.ok_or_else(Error::sign_in)
}

impl Aggregate for Account {
    const KIND: &'static str = "account";
    const ABOUT_PATIENT: bool = false;

    fn id(&self) -> String {
        self.id.to_string()
    }

    fn keys(&self) -> Vec<StateKey> {
        vec![unique("login", folded_login(&self.login)), shared("all", "account")]
    }
}
