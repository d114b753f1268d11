//! Versions in the order in which they were committed, and the messages that are made of them.
//!
//! How far a tenant's were read is kept with every message that is made, in one commit; and a message has a key that none
//! other of the same version and destination has. So none is made twice, and none is left out.

use std::collections::HashMap;

use bianque_model::TenantId;
use bianque_store::{CommitError, StoredResource};
use serde::{Deserialize, Serialize};
use tokio::sync::watch;

use super::compose::Told;
use super::destinations::{self, Destination};
use super::made::{Making, OutgoingMessage};
use super::occasion::{self, Occasion, TYPES};
use crate::aggregate::Aggregate;
use crate::{App, Change, Error, ErrorKind};

/// Versions after which it is written down how far they were read, though nothing was made of them.
const PASSED: u64 = 5_000;

/// How far versions were read for a tenant.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct Place {
    number: u64,
}

impl Aggregate for Place {
    const KIND: &'static str = "hl7v2-told-through";
    const ABOUT_PATIENT: bool = false;

    fn id(&self) -> String {
        Self::ID.to_owned()
    }
}

impl Place {
    /// There is one of each tenant.
    const ID: &'static str = "all";
}

/// Who reads versions and makes messages. There is one in a process.
#[derive(Debug)]
pub struct Follower {
    /// Up to this version all were read.
    number: u64,
    places: HashMap<TenantId, u64>,
    known: HashMap<TenantId, Vec<Destination>>,
    renewals: watch::Receiver<u64>,
}

impl Follower {
    /// Goes on where the process before stopped.
    pub async fn begin(app: &App) -> Result<Self, Error> {
        let newest = *app.store.newest_version().borrow();
        let mut renewals = app.out.renewals();
        renewals.mark_unchanged();
        let known = known(app).await?;
        let mut places = HashMap::new();
        for (tenant, all) in &known {
            let since = all.iter().map(|one| one.since).min().unwrap_or(newest);
            let place = app.load::<Place>(*tenant, Place::ID).await?.map(|place| place.value.number);
            places.insert(*tenant, place.unwrap_or(since).max(since));
        }
        let number = places.values().copied().min().unwrap_or(newest);
        Ok(Self { number, places, known, renewals })
    }

    /// Reads what is next, and makes the messages of it. False: nothing is left.
    pub async fn round(&mut self, app: &App) -> Result<bool, Error> {
        if self.renewals.has_changed().unwrap_or_default() {
            self.renewals.mark_unchanged();
            self.known = known(app).await?;
        }
        if self.known.is_empty() {
            self.number = *app.store.newest_version().borrow();
            return Ok(false);
        }
        let types = TYPES.iter().map(|&name| name.to_owned()).collect();
        let read = app.store.versions_after(self.number, types).await?;
        for (number, tenant, stored) in &read.rows {
            let place = self.places.get(tenant).copied().unwrap_or_default();
            let all = self.known.get(tenant).into_iter().flatten();
            let told: Vec<&Destination> = all.filter(|one| one.since < *number && place < *number).collect();
            if !told.is_empty() && app.tenants.is_active(*tenant) {
                let made = match make(app, *tenant, (*number, stored), &told).await {
                    Ok(made) => made,
                    Err(error) if error.kind == ErrorKind::Unavailable => return Err(error),
                    // Nothing of this version would ever be made, and everything after it would wait for it.
                    Err(error) => {
                        let of = format!("{}/{}", stored.resource_type, stored.id);
                        tracing::error!(of, %error, "other systems are not told of a version");
                        false
                    }
                };
                if made {
                    self.places.insert(*tenant, *number);
                } else if *number >= place + PASSED {
                    write_down(app, *tenant, *number).await?;
                    self.places.insert(*tenant, *number);
                }
            }
            self.number = *number;
        }
        let more = read.through > self.number || !read.rows.is_empty();
        self.number = self.number.max(read.through);
        Ok(more)
    }
}

/// The destinations of every tenant that has some.
async fn known(app: &App) -> Result<HashMap<TenantId, Vec<Destination>>, Error> {
    let mut known = HashMap::new();
    for tenant in app.tenants.active() {
        let all: Vec<_> = destinations::of(app, tenant).await?.into_iter().map(|one| one.value).collect();
        if !all.is_empty() {
            known.insert(tenant, all);
        }
    }
    Ok(known)
}

/// Makes the messages of a version, and wakes whoever sends them. Whether there were any.
async fn make(
    app: &App,
    tenant: TenantId,
    (number, stored): (u64, &StoredResource),
    destinations: &[&Destination],
) -> Result<bool, Error> {
    let Some(occasion) = occasion::of(app, tenant, stored).await? else { return Ok(false) };
    let is_document = stored.resource_type == "Composition";
    let wanted = destinations.iter().filter_map(|one| {
        let tells = one.told(occasion.tells, &occasion.visit.organization, is_document)?;
        Some((*one, tells))
    });
    let wanted: Vec<_> = wanted.collect();
    if wanted.is_empty() {
        return Ok(false);
    }
    let Some(told) = Told::of(app, tenant, &occasion).await? else { return Ok(false) };
    let context = app.server_context(tenant);
    let mut messages = Vec::with_capacity(wanted.len());
    for (destination, tells) in &wanted {
        let mut message = OutgoingMessage::new(Making {
            at: context.now,
            happened: occasion.happened,
            destination: destination.id.clone(),
            tells: *tells,
            patient: occasion.visit.patient.clone(),
            visit: occasion.visit.id.clone(),
            about: format!("{}/{}", stored.resource_type, stored.id),
            version: stored.version,
            number,
        });
        message.written(told.write(app, tenant, destination, &message, &occasion).await?);
        messages.push(message);
    }
    loop {
        let mut change = Change::new(app, &context).bulk();
        for message in &messages {
            change.insert(message)?;
        }
        change.save(&Place { number })?;
        match change.try_commit().await {
            Ok(_) => break,
            // They were made before the process stopped.
            Err(CommitError::KeyTaken { .. }) => return Ok(true),
            Err(error @ CommitError::TooLarge { .. }) if messages.iter().any(OutgoingMessage::is_written) => {
                for message in &mut messages {
                    message.written(Err(error.to_string()));
                }
            }
            Err(error) => return Err(error.into()),
        }
    }
    for message in &messages {
        app.out.made(tenant, context.now, message);
    }
    for (destination, _) in &wanted {
        app.out.wake(tenant, &destination.id);
    }
    Ok(true)
}

async fn write_down(app: &App, tenant: TenantId, number: u64) -> Result<(), Error> {
    let context = app.server_context(tenant);
    let mut change = Change::new(app, &context).bulk();
    change.save(&Place { number })?;
    change.commit().await?;
    Ok(())
}

/// Makes a message anew from what stands now.
pub(super) async fn again(
    app: &App,
    tenant: TenantId,
    destination: &Destination,
    message: &mut OutgoingMessage,
) -> Result<(), Error> {
    let (kind, id) = message.about.split_once('/').unwrap_or_default();
    let id = id.parse().map_err(Error::internal)?;
    let stored = app.store.resource_version(tenant, kind, &id, message.version).await?;
    let stored = stored.ok_or_else(Error::not_found)?;
    let visit = app.load::<crate::visits::Visit>(tenant, message.visit.as_str()).await?;
    let focus = stored.document.as_deref().and_then(|document| serde_json::from_slice(document).ok());
    let (Some(tells), Some(visit), Some(focus)) = (message.tells(), visit, focus) else {
        return Err(Error::not_found());
    };
    let occasion = Occasion { tells, visit: visit.value, focus, happened: message.happened };
    match Told::of(app, tenant, &occasion).await? {
        Some(told) => message.written(told.write(app, tenant, destination, message, &occasion).await?),
        None => message.written(Err("the institution may not be told of it any longer".to_owned())),
    }
    Ok(())
}
