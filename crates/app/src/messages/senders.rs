//! Who may send HL7 v2 here, and how they are understood.
//!
//! A sender is known by what it calls itself: the application and the facility of MSH-3 and MSH-4. That is no proof, so a
//! sender may also have to come from certain addresses, over TLS, with a certificate that is named here.

use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::Arc;

use bianque_hl7v2::{Charset, Message};
use bianque_model::{Actor, Context, ResourceId, TenantId};
use bianque_store::{AuditAction, StateKey};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use uuid::Uuid;

use super::answer::Refusal;
use super::checks;
use crate::aggregate::{Aggregate, LAST, Loaded, unique};
use crate::per_tenant::PerTenant;
use crate::visits::access::{bounded, required};
use crate::{App, Change, Error, policy};

/// Senders of a tenant.
const MOST: u32 = 500;
/// What a sender may say of itself, of networks, kinds and authorities.
const LONGEST: usize = 200;
const LISTED: usize = 100;

/// What is said of a sender.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Rules {
    /// What people call it.
    pub name: String,
    /// What it calls itself (MSH-3, first component). Empty: whoever no other sender is.
    #[serde(default)]
    pub application: String,
    /// Its facility (MSH-4, first component). Empty: any.
    #[serde(default)]
    pub facility: String,
    /// The institution whose patients it tells of. Empty: none; a patient that it makes is then nobody's in particular.
    #[serde(default)]
    pub organization_id: String,
    /// The zone that its times are in when they have no offset, for example `Asia/Shanghai`.
    pub zone: String,
    /// The character set of messages that name none in MSH-18, as MSH-18 would name it. Empty: UTF-8.
    #[serde(default)]
    pub charset: String,
    /// Kinds it may send, such as `ADT` or `ORU^R01`. Empty: all that are taken here.
    #[serde(default)]
    pub kinds: Vec<String>,
    /// Addresses it comes from. Empty: any.
    #[serde(default)]
    pub addresses: Vec<IpAddr>,
    /// SHA-256 of the certificate that it shows, in hexadecimal. Empty: none is asked for.
    #[serde(default)]
    pub certificate: String,
    /// It may come without TLS from another machine.
    #[serde(default)]
    pub plain: bool,
    /// What it marks as training or debugging (MSH-11) is taken as well.
    #[serde(default)]
    pub training: bool,
    /// Which authorities its identifiers are of.
    #[serde(default)]
    pub authorities: Vec<Authority>,
}

/// An assigning authority as a sender writes it, and what it is here.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Authority {
    /// As it stands in the identifier: a namespace, or a universal id. Empty: identifiers that name none.
    pub name: String,
    /// Its URI: `identifier.system`.
    pub system: String,
}

/// A sender.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Sender {
    /// Its id.
    pub id: ResourceId,
    /// What is said of it.
    pub rules: Rules,
}

impl Aggregate for Sender {
    const KIND: &'static str = "hl7v2-sender";
    const ABOUT_PATIENT: bool = false;

    fn id(&self) -> String {
        self.id.to_string()
    }

    fn keys(&self) -> Vec<StateKey> {
        vec![unique("says", says(&self.rules.application, &self.rules.facility))]
    }
}

/// The senders of a tenant, by what they call themselves: every message asks for one.
pub type Known = PerTenant<HashMap<String, Sender>>;

async fn known_senders(app: &App, tenant: TenantId) -> Result<Arc<HashMap<String, Sender>>, Error> {
    let reading = async {
        let all = app.list::<Sender>(tenant, "says", ""..LAST, MOST).await?;
        let named =
            |one: Loaded<Sender>| (says(&one.value.rules.application, &one.value.rules.facility), one.value);
        Ok(all.into_iter().map(named).collect())
    };
    app.senders.of(tenant, reading).await
}

fn says(application: &str, facility: &str) -> String {
    format!("{application}|{facility}")
}

/// By what line a message came.
#[derive(Debug, Clone)]
pub struct Line {
    /// From where.
    pub address: IpAddr,
    /// Over TLS.
    pub secure: bool,
    /// SHA-256 of the certificate that was shown, in hexadecimal.
    pub certificate: Option<String>,
}

impl Sender {
    /// The sender of a message, where it may send it by this line.
    pub(super) async fn of(app: &App, line: &Line, message: &Message) -> Result<(TenantId, Self), Refusal> {
        let text = |path: &str| message.text(path).trim().to_owned();
        let (application, facility) = (text("MSH-3.1"), text("MSH-4.1"));
        for tenant in app.tenants.active() {
            let known = known_senders(app, tenant).await?;
            let names = [says(&application, &facility), says(&application, ""), says("", "")];
            if let Some(sender) = names.iter().find_map(|name| known.get(name)) {
                sender.rules.admit(line, message)?;
                return Ok((tenant, sender.clone()));
            }
        }
        app.flow.knock(app.clock.now(), &application, &facility, &line.address.to_string());
        Err(Refusal::rejected(207, "MSH-3", format!("no sender {application}|{facility} is known here")))
    }

    /// In whose name its messages act.
    pub(super) fn context(&self, app: &App, tenant: TenantId, line: &Line) -> Context {
        let organization = self.rules.organization_id.parse().ok();
        Context {
            actor: Actor::Sender { sender: self.id.clone(), organization },
            address: line.address.to_string(),
            purpose: bianque_model::Purpose::Treat,
            ..app.server_context(tenant)
        }
    }

    /// As mapping knows it.
    pub(super) fn mapping(&self) -> bianque_mapping::Sender {
        let named = |one: &Authority| (one.name.clone(), one.system.clone());
        let own = self.rules.authorities.iter().find(|one| one.name.is_empty());
        bianque_mapping::Sender {
            zone: jiff::tz::TimeZone::get(&self.rules.zone).unwrap_or(jiff::tz::TimeZone::UTC),
            authorities: self.rules.authorities.iter().map(named).collect(),
            own: Some(own.map_or_else(|| format!("urn:hl7v2:sender:{}", self.id), |one| one.system.clone())),
        }
    }

    /// The character set of messages that name none.
    pub(super) fn charset(&self) -> Charset {
        Charset::named(&self.rules.charset).unwrap_or(Charset::UTF_8)
    }
}

impl Rules {
    fn admit(&self, line: &Line, message: &Message) -> Result<(), Refusal> {
        let no = |text: &str| Err(Refusal::rejected(207, "MSH-3", text));
        if !(line.secure || self.plain || line.address.is_loopback()) {
            return no("this sender comes over TLS");
        }
        if !self.addresses.is_empty() && !self.addresses.contains(&line.address) {
            return no("this sender does not come from this address");
        }
        let shown = line.certificate.as_deref().unwrap_or_default();
        if !self.certificate.is_empty() && !self.certificate.eq_ignore_ascii_case(shown) {
            return no("this sender shows another certificate");
        }
        let (code, event) = (message.text("MSH-9.1"), message.text("MSH-9.2"));
        let is_named = |kind: &String| **kind == *code || *kind == format!("{code}^{event}");
        if !self.kinds.is_empty() && !self.kinds.iter().any(is_named) {
            return Err(Refusal::rejected(
                200,
                "MSH-9",
                format!("{code}^{event} is not taken from this sender"),
            ));
        }
        match message.text("MSH-11.1").trim() {
            "" | "P" => Ok(()),
            "T" | "D" if self.training => Ok(()),
            _ => Err(Refusal::rejected(202, "MSH-11", "only production messages are taken from this sender")),
        }
    }

    fn checked(self) -> Result<Self, Error> {
        let rules = Self {
            name: required("name", &self.name, LONGEST)?,
            application: bounded("application", &self.application, LONGEST)?,
            facility: bounded("facility", &self.facility, LONGEST)?,
            ..self
        };
        checks::zone(&rules.zone)?;
        checks::charset(&rules.charset)?;
        checks::certificate(&rules.certificate)?;
        if !rules.facility.is_empty() && rules.application.is_empty() {
            return Err(Error::field("field.required", "application", "a facility alone names no sender"));
        }
        if [rules.kinds.len(), rules.addresses.len(), rules.authorities.len()].iter().any(|it| *it > LISTED) {
            return Err(Error::field("field.long", "kinds", "there are too many of one kind"));
        }
        Ok(rules)
    }
}

/// All senders by name, for administrators.
pub async fn list(app: &App, context: &Context) -> Result<Value, Error> {
    policy::administrator(context)?;
    let mut all = app.list::<Sender>(context.tenant, "says", ""..LAST, MOST).await?;
    all.sort_by(|a, b| a.value.rules.name.cmp(&b.value.rules.name));
    Ok(json!({"senders": all.iter().map(|one| shown(&one.value)).collect::<Vec<_>>()}))
}

/// Makes a sender.
///
/// # Errors
/// `sender.known` when another calls itself the same.
pub async fn make(app: &App, context: &Context, rules: Rules) -> Result<Value, Error> {
    policy::administrator(context)?;
    let sender = Sender { id: Uuid::now_v7().into(), rules: rules.checked()? };
    let mut change = Change::new(app, context);
    change.insert(&sender)?;
    change.audit(AuditAction::C, "sender.make", None, &format!("Sender/{}", sender.id));
    change.try_commit().await.map_err(known)?;
    app.senders.renew(context.tenant);
    Ok(shown(&sender))
}

/// Says something else of a sender, whole.
pub async fn set(app: &App, context: &Context, id: &ResourceId, rules: Rules) -> Result<Value, Error> {
    policy::administrator(context)?;
    let mut standing = app.load::<Sender>(context.tenant, id.as_str()).await?.ok_or_else(Error::not_found)?;
    standing.value.rules = rules.checked()?;
    let mut change = Change::new(app, context);
    change.update(&standing)?;
    change.audit(AuditAction::U, "sender.set", None, &format!("Sender/{id}"));
    change.try_commit().await.map_err(known)?;
    app.senders.renew(context.tenant);
    Ok(shown(&standing.value))
}

/// Takes a sender away: nothing of it is taken any longer, and what it told stays.
pub async fn remove(app: &App, context: &Context, id: &ResourceId) -> Result<(), Error> {
    policy::administrator(context)?;
    app.load::<Sender>(context.tenant, id.as_str()).await?.ok_or_else(Error::not_found)?;
    let mut change = Change::new(app, context);
    change.remove::<Sender>(id.as_str());
    change.audit(AuditAction::D, "sender.remove", None, &format!("Sender/{id}"));
    change.commit().await?;
    app.senders.renew(context.tenant);
    Ok(())
}

fn shown(sender: &Sender) -> Value {
    let mut shown = json!(sender.rules);
    shown["id"] = json!(sender.id);
    shown
}

fn known(error: bianque_store::CommitError) -> Error {
    match error {
        bianque_store::CommitError::KeyTaken { .. } => {
            Error::conflict("sender.known", "another sender calls itself the same")
        }
        error => error.into(),
    }
}
