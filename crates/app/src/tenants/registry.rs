//! Which host is whose, in memory: looked at for every request, replaced as a whole whenever tenants change.
//!
//! Tenants change in the process that holds the data folder, so that what is here is what is written down.

use std::collections::{BTreeMap, HashMap};
use std::sync::{Arc, PoisonError, RwLock};

use bianque_model::{TenantId, Timestamp};
use url::Url;

use super::{HostName, State, Tenant, host_taken};
use crate::Error;

/// The tenants that are served.
#[derive(Debug)]
pub struct Registry {
    /// What links of the first tenant begin with, unless its record says.
    public_url: String,
    /// The host that the configuration gives it.
    configured: Option<HostName>,
    known: RwLock<Arc<Known>>,
}

#[derive(Debug, Default)]
struct Known {
    tenants: BTreeMap<TenantId, Tenant>,
    hosts: HashMap<HostName, TenantId>,
}

impl Registry {
    /// A server with its first tenant alone. `is_configured`: the operator chose the public URL, so that its host is the
    /// first tenant's also when there are others.
    pub fn new(public_url: String, is_configured: bool) -> Self {
        let host = Url::parse(&public_url).ok().and_then(|url| HostName::parse(url.host_str()?).ok());
        let configured = host.filter(|_| is_configured);
        Self { public_url, configured, known: RwLock::default() }
    }

    /// Whose a host is; none: nobody's who is served. Without a second tenant every host is the first one's, so that a
    /// clinic that has one tenant has no hosts to name.
    pub fn at(&self, host: Option<&HostName>) -> Option<TenantId> {
        let known = self.known();
        if known.is_alone() {
            return Some(TenantId::FIRST);
        }
        let tenant = *known.hosts.get(host?)?;
        known.is_active(tenant).then_some(tenant)
    }

    /// Whether there are tenants besides the first, closed ones too: hosts have to be told apart.
    pub fn is_alone(&self) -> bool {
        self.known().is_alone()
    }

    /// What links of a tenant begin with.
    pub(crate) fn public_url(&self, tenant: TenantId) -> String {
        let known = self.known();
        let own = known.tenants.get(&tenant).and_then(|tenant| tenant.public_url.clone());
        own.unwrap_or_else(|| self.public_url.clone())
    }

    /// Those that are served, by number.
    pub fn active(&self) -> Vec<TenantId> {
        self.of(|tenant| tenant.state == State::Active)
    }

    /// Those that are not.
    pub fn closed(&self) -> Vec<TenantId> {
        self.of(|tenant| tenant.state == State::Closed)
            .into_iter()
            .filter(|id| *id != TenantId::FIRST)
            .collect()
    }

    /// All of them.
    pub fn ids(&self) -> Vec<TenantId> {
        self.of(|_| true)
    }

    /// Whether there is such a tenant.
    pub fn knows(&self, tenant: TenantId) -> bool {
        tenant == TenantId::FIRST || self.known().tenants.contains_key(&tenant)
    }

    /// Whether it is served.
    pub fn is_active(&self, tenant: TenantId) -> bool {
        self.known().is_active(tenant)
    }

    /// The hosts of a tenant, that of the configuration first.
    pub fn hosts(&self, tenant: TenantId) -> Vec<HostName> {
        let configured = self.configured.clone().filter(|_| tenant == TenantId::FIRST);
        let known = self.known();
        let written = known.tenants.get(&tenant).into_iter().flat_map(|tenant| &tenant.hosts);
        let other = written.filter(|host| Some(*host) != configured.as_ref()).cloned();
        configured.clone().into_iter().chain(other).collect()
    }

    /// Every tenant as it is served, with the hosts and the public URL that the configuration gives the first.
    pub(super) fn all(&self, now: Timestamp) -> Vec<Tenant> {
        let mut tenants = self.known().tenants.clone();
        tenants.entry(TenantId::FIRST).or_insert_with(|| Tenant::first(now));
        let shown = tenants.into_values().map(|tenant| Tenant {
            hosts: self.hosts(tenant.id),
            public_url: Some(self.public_url(tenant.id)).filter(|url| !url.is_empty()),
            ..tenant
        });
        shown.collect()
    }

    /// Serves these from now on.
    ///
    /// # Errors
    /// `tenant.host-taken` when the configured host is another tenant's.
    pub(super) fn replace(&self, tenants: Vec<Tenant>) -> Result<(), Error> {
        let mut known = Known::default();
        known.hosts.extend(self.configured.clone().map(|host| (host, TenantId::FIRST)));
        for tenant in tenants {
            for host in &tenant.hosts {
                let before = known.hosts.insert(host.clone(), tenant.id);
                if before.is_some_and(|before| before != tenant.id) {
                    return Err(host_taken().with_details(serde_json::json!({"host": host.as_str()})));
                }
            }
            known.tenants.insert(tenant.id, tenant);
        }
        *self.known.write().unwrap_or_else(PoisonError::into_inner) = Arc::new(known);
        Ok(())
    }

    fn of(&self, wanted: impl Fn(&Tenant) -> bool) -> Vec<TenantId> {
        self.all(Timestamp(0)).into_iter().filter(wanted).map(|tenant| tenant.id).collect()
    }

    fn known(&self) -> Arc<Known> {
        Arc::clone(&self.known.read().unwrap_or_else(PoisonError::into_inner))
    }
}

impl Known {
    fn is_alone(&self) -> bool {
        self.tenants.keys().all(|id| *id == TenantId::FIRST)
    }

    fn is_active(&self, tenant: TenantId) -> bool {
        let state = self.tenants.get(&tenant).map(|tenant| tenant.state);
        state.map_or(tenant == TenantId::FIRST, |state| state == State::Active)
    }
}
