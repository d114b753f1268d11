//! The use cases of Bianque, one per file.
//!
//! Every use case takes the [`App`] and a [`Context`], asks [`policy`] once at the top, reads,
//! builds one [`Change`], commits it and answers. It knows no HTTP, no SQL and no socket; what it needs of edges is in
//! [`ports`].

pub mod admin;
pub mod aggregate;
pub mod archive;
pub mod audit;
pub mod change;
mod clock;
pub mod corrections;
pub mod day_pack;
pub mod demo;
pub mod directory;
pub mod emergency;
pub mod error;
pub mod health;
pub mod identity;
pub mod import;
pub mod instant;
pub mod jobs;
pub mod live;
pub mod messages;
pub mod patients;
pub mod people;
pub mod per_tenant;
pub mod photos;
pub mod policy;
pub mod ports;
pub mod quality;
pub mod recording;
pub mod records;
pub mod resources;
pub mod secrets;
mod settings;
pub mod smart;
pub mod tenants;
#[cfg(any(test, feature = "testing"))]
pub mod testing;

pub mod uploads;
pub mod visits;
pub mod voice;

use std::sync::Arc;

use bianque_blobs::Blobs;
use bianque_model::{Actor, Context, Purpose, TenantId};
pub use bianque_quality::RatingConstants;
use bianque_store::Store;
use uuid::Uuid;

pub use change::Change;
pub use clock::{Clock, SystemClock};
pub use error::{Error, ErrorKind};
pub use secrets::Secrets;
pub use settings::Settings;

/// Everything a use case may need, shared by all edges. Cloning it is cheap.
#[derive(Clone)]
pub struct App {
    /// Resources, state, audit, outbox.
    pub store: Store,
    /// Sealed bytes.
    pub blobs: Arc<Blobs>,
    /// What time it is.
    pub clock: Arc<dyn Clock>,
    /// What changed, for whoever watches.
    pub live: live::Live,
    /// Who is here now.
    pub presence: Arc<visits::presence::Presence>,
    /// Keeps requests of one upload apart.
    pub uploads: Arc<uploads::Lanes>,
    /// The recordings under way.
    pub recorders: Arc<recording::Recorders>,
    /// Who looks at which recording.
    pub looks: Arc<recording::play::Looks>,
    /// How the process does.
    pub health: Arc<health::Board>,
    /// Jobs under way.
    pub jobs: Arc<jobs::Board>,
    /// Who sends HL7 v2.
    pub senders: Arc<messages::senders::Known>,
    /// What is remembered of images.
    pub archive: Arc<archive::Memory>,
    /// Who gives identifiers.
    pub authorities: Arc<per_tenant::PerTenant<patients::authorities::Authorities>>,
    /// How messages of HL7 v2 flow.
    pub flow: Arc<messages::flow::Flow>,
    /// How those do whom messages go to.
    pub out: Arc<messages::out::Board>,
    /// The calls.
    pub media: Arc<dyn ports::MediaControl>,
    /// The way out to other servers.
    pub outbound: Arc<dyn ports::outbound::Outbound>,
    /// The way on which HL7 v2 goes out.
    pub lines: Arc<dyn ports::lines::Lines>,
    /// Decoders of medical images.
    pub decoders: Arc<dyn ports::decoders::Decoders>,
    /// What identity providers publish of themselves.
    pub published: Arc<identity::provider::Published>,
    /// The keys that applications publish.
    pub application_keys: Arc<smart::PublishedKeys>,
    /// What the server defines of itself.
    pub definitions: Arc<records::definitions::Known>,
    /// The search parameters that tenants define.
    pub search_parameters: Arc<records::search_parameters::Known>,
    /// What was read of stored value sets and code systems.
    pub terminology: Arc<records::terminology::Known>,
    /// What codes are translated to.
    pub concept_maps: Arc<per_tenant::PerTenant<records::concept_maps::Maps>>,
    /// What was read of stored profiles.
    pub profiles: Arc<records::profiles::Known>,
    /// Who listens to subscriptions over sockets.
    pub subscriptions: Arc<records::subscriptions::Hub>,
    /// Keys of this installation.
    pub secrets: Arc<Secrets>,
    /// Which tenants there are, and which host is whose.
    pub tenants: Arc<tenants::Registry>,
    /// Configuration that use cases ask for.
    pub settings: Arc<Settings>,
}

impl App {
    /// The context in which the server itself acts for a tenant now: housekeeping, the operator on the machine.
    pub fn server_context(&self, tenant: TenantId) -> Context {
        Context {
            tenant,
            actor: Actor::Server,
            emergencies: Vec::new(),
            purpose: Purpose::SysAdmin,
            now: self.clock.now(),
            request: Uuid::now_v7(),
            address: String::new(),
        }
    }
}
