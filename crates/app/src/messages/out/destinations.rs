//! Who is told, of what, and how it is written for them.

use bianque_hl7v2::Charset;
use bianque_mapping::outgoing::{Receiver, Tells};
use bianque_model::{Context, ResourceId, TenantId};
use bianque_store::{AuditAction, CommitError, StateKey};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use uuid::Uuid;

use super::made::{OutgoingMessage, State};
use crate::aggregate::{Aggregate, LAST, Loaded, shared};
use crate::messages::checks;
use crate::messages::senders::Authority;
use crate::ports::lines::End;
use crate::visits::access::{bounded, one_of, required};
use crate::{App, Change, Error, policy};

/// Destinations of a tenant.
pub(super) const MOST: u32 = 100;
/// Characters of a text, entries of a list.
const LONGEST: usize = 200;
const LISTED: usize = 100;
/// Versions of HL7 v2 that messages are written in.
const VERSIONS: [&str; 5] = ["2.3.1", "2.4", "2.5", "2.5.1", "2.6"];
/// Messages that are written.
const EVENTS: [&str; 5] = ["SIU", "ADT", "MDM", "ORU", "REF"];
/// What waits for a destination that goes is dropped by so many at a time.
const AT_ONCE: u32 = 100;

/// What is said of a destination.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Rules {
    /// What people call it.
    pub name: String,
    /// A name or an address.
    pub host: String,
    /// Its port.
    pub port: u16,
    /// It is reached without TLS from another machine.
    #[serde(default)]
    pub plain: bool,
    /// SHA-256 of the certificate that it has to show, in hexadecimal. Empty: one that an authority vouches for.
    #[serde(default)]
    pub certificate: String,
    /// What it calls itself (MSH-5).
    #[serde(default)]
    pub application: String,
    /// Its facility (MSH-6).
    #[serde(default)]
    pub facility: String,
    /// What we call ourselves (MSH-3); it is the authority of our numbers too.
    pub own_application: String,
    /// Our facility (MSH-4).
    #[serde(default)]
    pub own_facility: String,
    /// The institution whose visits it is told of. Empty: of all.
    #[serde(default)]
    pub organization_id: String,
    /// What it is told: of `SIU`, `ADT`, `MDM`, `ORU` and `REF`.
    pub events: Vec<String>,
    /// How a signed note goes: as `document` (MDM T02) or as `result` (ORU R01).
    #[serde(default = "document")]
    pub notes: String,
    /// The language of what is printed: `en` or `zh-CN`.
    #[serde(default = "english")]
    pub language: String,
    /// The version of HL7 (MSH-12).
    #[serde(default = "newest")]
    pub version: String,
    /// The character set of messages, as MSH-18 names it. Empty: UTF-8.
    #[serde(default)]
    pub charset: String,
    /// The zone that times are written in, for example `Asia/Shanghai`.
    pub zone: String,
    /// How authorities of identifiers are written for it.
    #[serde(default)]
    pub authorities: Vec<Authority>,
}

fn document() -> String {
    "document".to_owned()
}

fn english() -> String {
    "en".to_owned()
}

fn newest() -> String {
    "2.5.1".to_owned()
}

/// A destination.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Destination {
    /// Its id.
    pub id: ResourceId,
    /// What is said of it.
    pub rules: Rules,
    /// Nothing goes out to it; messages are made and wait.
    pub paused: bool,
    /// It is told what was committed after this version.
    pub(super) since: u64,
}

impl Aggregate for Destination {
    const KIND: &'static str = "hl7v2-destination";
    const ABOUT_PATIENT: bool = false;

    fn id(&self) -> String {
        self.id.to_string()
    }

    fn keys(&self) -> Vec<StateKey> {
        vec![shared("name", &self.rules.name)]
    }
}

impl Destination {
    /// One that is told of what happens from now on.
    fn new(app: &App, id: ResourceId, rules: Rules) -> Self {
        Self { id, rules, paused: false, since: *app.store.newest_version().borrow() }
    }

    /// How what happened goes to it, if it is told.
    pub(super) fn told(&self, tells: Tells, organization: &ResourceId, is_document: bool) -> Option<Tells> {
        let tells = if is_document && self.rules.notes == "result" { Tells::Result } else { tells };
        let [kind, _] = tells.kind();
        let theirs =
            self.rules.organization_id.is_empty() || self.rules.organization_id == organization.as_str();
        (theirs && self.rules.events.iter().any(|event| event == kind)).then_some(tells)
    }

    /// As messages are written for it.
    pub(super) fn receiver(&self) -> Receiver {
        let Rules { application, facility, own_application, own_facility, authorities, .. } = &self.rules;
        Receiver {
            names: [application.clone(), facility.clone()],
            own_names: [own_application.clone(), own_facility.clone()],
            version: self.rules.version.clone(),
            charset: Charset::named(&self.rules.charset).unwrap_or(Charset::UTF_8),
            zone: jiff::tz::TimeZone::get(&self.rules.zone).unwrap_or(jiff::tz::TimeZone::UTC),
            authorities: authorities.iter().map(|one| (one.name.clone(), one.system.clone())).collect(),
        }
    }

    /// Where it is. Who alone has a server says where it may go; on a server of several tenants configuration does.
    pub(super) fn end(&self, app: &App) -> Result<End, Error> {
        let host = host(&self.rules.host)?;
        let is_here = match &host {
            url::Host::Domain(name) => name == "localhost",
            url::Host::Ipv4(address) => address.is_loopback(),
            url::Host::Ipv6(address) => address.is_loopback(),
        };
        Ok(End {
            host,
            port: self.rules.port,
            plain: self.rules.plain || is_here && self.rules.certificate.is_empty(),
            certificate: Some(self.rules.certificate.clone()).filter(|it| !it.is_empty()),
            inside: app.tenants.is_alone(),
        })
    }
}

impl Rules {
    fn checked(self) -> Result<Self, Error> {
        let rules = Self {
            name: required("name", &self.name, LONGEST)?,
            host: required("host", &self.host, LONGEST)?,
            application: bounded("application", &self.application, LONGEST)?,
            facility: bounded("facility", &self.facility, LONGEST)?,
            own_application: required("own_application", &self.own_application, LONGEST)?,
            own_facility: bounded("own_facility", &self.own_facility, LONGEST)?,
            ..self
        };
        host(&rules.host)?;
        one_of("notes", &rules.notes, &["document", "result"])?;
        one_of("language", &rules.language, &["en", "zh-CN"])?;
        if rules.port == 0 {
            return Err(Error::field("field.port", "port", "this is no port"));
        }
        if rules.events.is_empty() {
            return Err(Error::field("field.required", "events", "say what it is told"));
        }
        for event in &rules.events {
            one_of("events", event, &EVENTS)?;
        }
        if !VERSIONS.contains(&rules.version.as_str()) {
            return Err(Error::field("field.version", "version", "messages are not written in this version"));
        }
        checks::zone(&rules.zone)?;
        checks::charset(&rules.charset)?;
        checks::certificate(&rules.certificate)?;
        if rules.events.len() > EVENTS.len() || rules.authorities.len() > LISTED {
            return Err(Error::field("field.long", "authorities", "there are too many of one kind"));
        }
        Ok(rules)
    }
}

fn host(text: &str) -> Result<url::Host, Error> {
    let bare = text.parse::<std::net::Ipv6Addr>().map(url::Host::Ipv6);
    let host = bare.or_else(|_| url::Host::parse(text));
    host.map_err(|_| Error::field("field.host", "host", "this is no name and no address of a machine"))
}

/// All destinations of a tenant.
pub(super) async fn of(app: &App, tenant: TenantId) -> Result<Vec<Loaded<Destination>>, Error> {
    app.list::<Destination>(tenant, "name", ""..LAST, MOST).await
}

/// The ids of those that are to be told, of every tenant that is active.
pub async fn all(app: &App) -> Result<Vec<(TenantId, ResourceId)>, Error> {
    let mut found = Vec::new();
    for tenant in app.tenants.active() {
        found.extend(of(app, tenant).await?.into_iter().map(|one| (tenant, one.value.id)));
    }
    Ok(found)
}

/// All destinations by name, with how they do, for administrators.
pub async fn list(app: &App, context: &Context) -> Result<Value, Error> {
    policy::administrator(context)?;
    let mut shown = Vec::new();
    for one in of(app, context.tenant).await? {
        shown.push(show(app, context, &one.value).await?);
    }
    Ok(json!({"destinations": shown}))
}

/// Makes a destination. It is told of what happens from now on.
pub async fn make(app: &App, context: &Context, rules: Rules) -> Result<Value, Error> {
    policy::administrator(context)?;
    let destination = Destination::new(app, Uuid::now_v7().into(), rules.checked()?);
    let mut change = Change::new(app, context);
    change.insert(&destination)?;
    change.audit(AuditAction::C, "destination.make", None, &format!("Destination/{}", destination.id));
    change.commit().await?;
    app.out.renewed();
    show(app, context, &destination).await
}

/// Makes or changes the destination of this id, in the name of the server.
pub(crate) async fn ensure(app: &App, context: &Context, id: ResourceId, rules: Rules) -> Result<(), Error> {
    let rules = rules.checked()?;
    let mut change = Change::new(app, context);
    if let Some(mut standing) = app.load::<Destination>(context.tenant, id.as_str()).await? {
        standing.value.rules = rules;
        change.update(&standing)?;
    } else {
        change.insert(&Destination::new(app, id, rules))?;
    }
    change.commit().await?;
    app.out.renewed();
    Ok(())
}

/// Says something else of a destination, whole. Messages that were made stay as they are.
pub async fn set(app: &App, context: &Context, id: &ResourceId, rules: Rules) -> Result<Value, Error> {
    policy::administrator(context)?;
    let rules = rules.checked()?;
    change(app, context, id, "destination.set", |destination| destination.rules = rules).await
}

/// Whether nothing goes out.
#[derive(Debug, Clone, Copy, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Pausing {
    /// It does not.
    pub paused: bool,
}

/// Holds messages back, or lets them go.
pub async fn pause(app: &App, context: &Context, id: &ResourceId, pausing: Pausing) -> Result<Value, Error> {
    policy::administrator(context)?;
    let operation = if pausing.paused { "destination.pause" } else { "destination.go-on" };
    change(app, context, id, operation, |destination| destination.paused = pausing.paused).await
}

/// Tries at once, without waiting for the next time.
pub async fn try_now(app: &App, context: &Context, id: &ResourceId) -> Result<(), Error> {
    policy::administrator(context)?;
    app.load::<Destination>(context.tenant, id.as_str()).await?.ok_or_else(Error::not_found)?;
    app.out.wake(context.tenant, id);
    Ok(())
}

/// Takes a destination away. What waits for it is dropped.
pub async fn remove(app: &App, context: &Context, id: &ResourceId) -> Result<(), Error> {
    policy::administrator(context)?;
    app.load::<Destination>(context.tenant, id.as_str()).await?.ok_or_else(Error::not_found)?;
    let mut removal = Change::new(app, context);
    removal.remove::<Destination>(id.as_str());
    removal.audit(AuditAction::D, "destination.remove", None, &format!("Destination/{id}"));
    removal.commit().await?;
    app.out.renewed();
    app.out.wake(context.tenant, id);
    loop {
        let waiting = OutgoingMessage::waiting_for(app, context.tenant, id, AT_ONCE).await?;
        if waiting.is_empty() {
            return Ok(());
        }
        let mut dropping = Change::new(app, context);
        for mut message in waiting {
            message.value.state = State::Dropped { reason: "its destination was removed".to_owned() };
            dropping.update(&message)?;
        }
        match dropping.try_commit().await {
            // One of them was on its way, and is not among those that wait any longer.
            Ok(_) | Err(CommitError::Version { .. }) => {}
            Err(error) => return Err(error.into()),
        }
    }
}

async fn change(
    app: &App,
    context: &Context,
    id: &ResourceId,
    operation: &str,
    with: impl FnOnce(&mut Destination),
) -> Result<Value, Error> {
    let standing = app.load::<Destination>(context.tenant, id.as_str()).await?;
    let mut standing = standing.ok_or_else(Error::not_found)?;
    with(&mut standing.value);
    let mut change = Change::new(app, context);
    change.update(&standing)?;
    change.audit(AuditAction::U, operation, None, &format!("Destination/{id}"));
    change.commit().await?;
    app.out.renewed();
    app.out.wake(context.tenant, id);
    show(app, context, &standing.value).await
}

async fn show(app: &App, context: &Context, destination: &Destination) -> Result<Value, Error> {
    let mut shown = json!(destination.rules);
    shown["id"] = json!(destination.id);
    let mut state = OutgoingMessage::counts(app, context.tenant, &destination.id).await?;
    app.out.tell(context.tenant, &destination.id, &mut state);
    state["paused"] = json!(destination.paused);
    shown["state"] = state;
    Ok(shown)
}
