//! Which application entities of DICOM are known here, and what each may.
//!
//! A peer is known by its AE title. That is no proof, so a peer may also have to come from certain addresses, over TLS, with
//! a certificate that is named here. Where images are sent to by C-MOVE is a peer too: its host and port are written here
//! and never come from the network.

use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::Arc;

use bianque_model::{Actor, Context, ImageRights, Purpose, ResourceId, TenantId};
use bianque_store::{AuditAction, CommitError, StateKey};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use uuid::Uuid;

use super::Refusal;
use super::refusal::status;
use crate::aggregate::{Aggregate, LAST, Loaded, unique};
use crate::messages::checks;
use crate::messages::senders::Authority;
pub use crate::messages::senders::Line;
use crate::per_tenant::PerTenant;
use crate::visits::access::{bounded, required};
use crate::{App, Change, Error, policy};

/// Peers of a tenant.
const MOST: u32 = 1_000;
/// What may be said of a peer: characters of a text, addresses.
const LONGEST: usize = 200;
const LISTED: usize = 100;
/// Characters of an AE title (PS3.5, 6.2).
const LONGEST_TITLE: usize = 16;

/// What is said of a peer.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[expect(clippy::struct_excessive_bools, reason = "each is a box that somebody ticks")]
#[serde(deny_unknown_fields)]
pub struct Rules {
    /// What people call it.
    pub name: String,
    /// Its AE title. Empty: whoever no other peer is.
    #[serde(default)]
    pub title: String,
    /// The institution whose patients it works with. Empty: all.
    #[serde(default)]
    pub organization_id: String,
    /// Which authorities its Patient IDs are of, by Issuer of Patient ID (0010,0021).
    #[serde(default)]
    pub authorities: Vec<Authority>,
    /// Images of a patient whom nobody knows make one.
    #[serde(default)]
    pub makes_patients: bool,
    /// Addresses it comes from. Empty: any.
    #[serde(default)]
    pub addresses: Vec<IpAddr>,
    /// SHA-256 of the certificate that it shows, in hexadecimal. Empty: none is asked for.
    #[serde(default)]
    pub certificate: String,
    /// It may come, and be reached, without TLS from another machine.
    #[serde(default)]
    pub plain: bool,
    /// It may send instances to be kept.
    #[serde(default)]
    pub store: bool,
    /// It may ask which there are.
    #[serde(default)]
    pub query: bool,
    /// It may have them sent.
    #[serde(default)]
    pub retrieve: bool,
    /// It may ask what is scheduled.
    #[serde(default)]
    pub worklist: bool,
    /// Where it is reached. Empty: nothing is sent to it.
    #[serde(default)]
    pub host: String,
    /// Its port.
    #[serde(default)]
    pub port: u16,
}

/// A peer.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Peer {
    /// Its id.
    pub id: ResourceId,
    /// What is said of it.
    pub rules: Rules,
}

impl Aggregate for Peer {
    const KIND: &'static str = "dicom-peer";
    const ABOUT_PATIENT: bool = false;

    fn id(&self) -> String {
        self.id.to_string()
    }

    fn keys(&self) -> Vec<StateKey> {
        vec![unique("title", self.rules.title.as_str())]
    }
}

/// The peers of a tenant by title: every association asks for one.
pub type Known = PerTenant<HashMap<String, Arc<Peer>>>;

/// A peer that was let in.
#[derive(Debug, Clone)]
pub struct Admitted {
    /// In whose name it acts, and in which tenant.
    pub context: Context,
    /// What is said of it.
    pub peer: Arc<Peer>,
}

/// Why a peer is not let in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NotAdmitted {
    /// Nobody here has the title that was called.
    Called,
    /// The title that calls is not known.
    Calling,
    /// It is known, and does not come as it must.
    Line,
    /// It cannot be told now.
    Unavailable,
}

/// Where a peer is reached.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Destination {
    /// Its AE title.
    pub title: String,
    /// Its host.
    pub host: String,
    /// Its port.
    pub port: u16,
    /// Over TLS.
    pub secure: bool,
    /// SHA-256 of the certificate that it shows, in hexadecimal; empty: one that the server trusts.
    pub certificate: String,
}

/// Lets a peer in, or says why not.
///
/// # Errors
/// [`NotAdmitted`].
pub async fn admit(app: &App, line: &Line, called: &str, calling: &str) -> Result<Admitted, NotAdmitted> {
    if !called.eq_ignore_ascii_case(&app.settings.ae_title) {
        return Err(NotAdmitted::Called);
    }
    for tenant in app.tenants.active() {
        let known = known(app, tenant).await.map_err(|error| {
            tracing::error!(%error, "peers of DICOM could not be read");
            NotAdmitted::Unavailable
        })?;
        if let Some(peer) = known.get(calling).or_else(|| known.get("")) {
            peer.rules.admit(line)?;
            let context = peer.context(app, tenant, line, calling);
            return Ok(Admitted { context, peer: Arc::clone(peer) });
        }
    }
    Err(NotAdmitted::Calling)
}

/// Where a peer is reached that images are to be sent to.
///
/// # Errors
/// A801: there is none of this title, or it is not reached anywhere.
pub async fn destination(app: &App, context: &Context, title: &str) -> Result<Destination, Refusal> {
    let unknown = || Refusal::new(status::MOVE_DESTINATION_UNKNOWN, format!("{title} is not known here"));
    let known = known(app, context.tenant).await?;
    let peer = known.get(title).filter(|peer| !peer.rules.host.is_empty()).ok_or_else(unknown)?;
    Ok(Destination {
        title: peer.rules.title.clone(),
        host: peer.rules.host.clone(),
        port: peer.rules.port,
        secure: !peer.rules.plain,
        certificate: peer.rules.certificate.clone(),
    })
}

async fn known(app: &App, tenant: TenantId) -> Result<Arc<HashMap<String, Arc<Peer>>>, Error> {
    let reading = async {
        let all = app.list::<Peer>(tenant, "title", ""..LAST, MOST).await?;
        Ok(all.into_iter().map(|one| (one.value.rules.title.clone(), Arc::new(one.value))).collect())
    };
    app.archive.peers.of(tenant, reading).await
}

/// What is said of the peer that acts, if one does.
pub(super) async fn of_context(app: &App, context: &Context) -> Result<Option<Arc<Peer>>, Error> {
    let Actor::Peer { peer, .. } = &context.actor else { return Ok(None) };
    let known = known(app, context.tenant).await?;
    Ok(known.values().find(|one| one.id == *peer).cloned())
}

impl Peer {
    fn context(&self, app: &App, tenant: TenantId, line: &Line, calling: &str) -> Context {
        let rights = ImageRights {
            store: self.rules.store,
            query: self.rules.query,
            retrieve: self.rules.retrieve,
            worklist: self.rules.worklist,
        };
        let organization = self.rules.organization_id.parse().ok();
        Context {
            actor: Actor::Peer { peer: self.id.clone(), organization, rights },
            address: format!("{} {calling}", line.address),
            purpose: Purpose::Treat,
            ..app.server_context(tenant)
        }
    }
}

impl Rules {
    fn admit(&self, line: &Line) -> Result<(), NotAdmitted> {
        let local = line.address.is_loopback();
        let shown = line.certificate.as_deref().unwrap_or_default();
        let admitted = (line.secure || self.plain || local)
            && (self.addresses.is_empty() || self.addresses.contains(&line.address))
            && (self.certificate.is_empty() || self.certificate.eq_ignore_ascii_case(shown));
        if admitted { Ok(()) } else { Err(NotAdmitted::Line) }
    }

    fn checked(self) -> Result<Self, Error> {
        let rules = Self {
            name: required("name", &self.name, LONGEST)?,
            title: title(&self.title)?,
            host: bounded("host", &self.host, LONGEST)?,
            ..self
        };
        checks::certificate(&rules.certificate)?;
        if rules.addresses.len() > LISTED || rules.authorities.len() > LISTED {
            return Err(Error::field("field.long", "addresses", "there are too many of one kind"));
        }
        if !rules.host.is_empty() && (rules.port == 0 || rules.title.is_empty()) {
            return Err(Error::field(
                "field.required",
                "port",
                "who is reached has a title, a host and a port",
            ));
        }
        if rules.makes_patients && rules.authorities.is_empty() {
            let words = "patients are made by identifiers, and these have an authority";
            return Err(Error::field("field.required", "authorities", words));
        }
        Ok(rules)
    }
}

/// An AE title: up to 16 characters of ASCII without backslash and control characters, blanks around it apart.
fn title(text: &str) -> Result<String, Error> {
    let text = text.trim_matches(' ');
    let valid = text.bytes().all(|byte| (b' '..=b'~').contains(&byte) && byte != b'\\');
    if valid && text.len() <= LONGEST_TITLE {
        return Ok(text.to_owned());
    }
    Err(Error::field("field.title", "title", "an AE title has up to 16 plain characters"))
}

/// All peers by name, for administrators.
pub async fn list(app: &App, context: &Context) -> Result<Value, Error> {
    policy::administrator(context)?;
    let mut all = app.list::<Peer>(context.tenant, "title", ""..LAST, MOST).await?;
    all.sort_by(|a, b| a.value.rules.name.cmp(&b.value.rules.name));
    let shown: Vec<Value> = all.iter().map(|one| shown(&one.value)).collect();
    Ok(json!({"ae_title": app.settings.ae_title, "peers": shown}))
}

/// Makes a peer.
///
/// # Errors
/// `peer.known` when another has its title.
pub async fn make(app: &App, context: &Context, rules: Rules) -> Result<Value, Error> {
    policy::administrator(context)?;
    let peer = Peer { id: Uuid::now_v7().into(), rules: rules.checked()? };
    let mut change = Change::new(app, context);
    change.insert(&peer)?;
    change.audit(AuditAction::C, "peer.make", None, &format!("Peer/{}", peer.id));
    change.try_commit().await.map_err(taken)?;
    app.archive.peers.renew(context.tenant);
    Ok(shown(&peer))
}

/// Says something else of a peer, whole.
///
/// # Errors
/// As [`make`].
pub async fn set(app: &App, context: &Context, id: &ResourceId, rules: Rules) -> Result<Value, Error> {
    policy::administrator(context)?;
    let mut standing = loaded(app, context, id).await?;
    standing.value.rules = rules.checked()?;
    let mut change = Change::new(app, context);
    change.update(&standing)?;
    change.audit(AuditAction::U, "peer.set", None, &format!("Peer/{id}"));
    change.try_commit().await.map_err(taken)?;
    app.archive.peers.renew(context.tenant);
    Ok(shown(&standing.value))
}

/// Takes a peer away: it is let in no longer, and what it sent stays.
pub async fn remove(app: &App, context: &Context, id: &ResourceId) -> Result<(), Error> {
    policy::administrator(context)?;
    loaded(app, context, id).await?;
    let mut change = Change::new(app, context);
    change.remove::<Peer>(id.as_str());
    change.audit(AuditAction::D, "peer.remove", None, &format!("Peer/{id}"));
    change.commit().await?;
    app.archive.peers.renew(context.tenant);
    Ok(())
}

async fn loaded(app: &App, context: &Context, id: &ResourceId) -> Result<Loaded<Peer>, Error> {
    app.load::<Peer>(context.tenant, id.as_str()).await?.ok_or_else(Error::not_found)
}

fn shown(peer: &Peer) -> Value {
    let mut shown = json!(peer.rules);
    shown["id"] = json!(peer.id);
    shown
}

fn taken(error: CommitError) -> Error {
    match error {
        CommitError::KeyTaken { .. } => Error::conflict("peer.known", "another peer has this title"),
        error => error.into(),
    }
}
