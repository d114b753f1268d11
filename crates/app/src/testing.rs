//! A clinic for tests: a real store and real sealed files in a temporary folder, a clock that only tests move, and
//! calls that never happen.
//!
//! ```ignore
//! let clinic = Clinic::open();
//! let home = clinic.organization("Riverside").await;
//! let doctor = clinic.clinician("li.na", &home).await;
//! ```

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicI64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use bianque_blobs::{Blobs, MasterKey};
use bianque_media::{
    Command, EventSink, IceServer, Join, JoinSound, MediaControl, Refused, RoomId, SessionId, SoundInput, Tap,
};
use bianque_model::{Actor, Context, Purpose, ResourceId, Role, TenantId, Timestamp, UserId};
use bianque_store::sqlite;
use serde_json::{Value, json};
use tempfile::TempDir;
use uuid::Uuid;

use crate::admin::keys::MasterKeySource;
use crate::admin::prices::{PriceItem, Words};
use crate::admin::users;
use crate::identity::accounts::Account;
use crate::patients::authorities;
use crate::tenants::Registry;
use crate::tenants::create::{self, Making};
use crate::visits::book::{self, Booking};
use crate::{App, Change, Clock, Secrets, Settings, SystemClock};

/// The password of everybody in a test clinic.
pub const PASSWORD: &str = "three blue kites";

/// Monday, 5 January 2026, 08:00 UTC.
const BEGIN: i64 = 1_767_600_000_000_000;

/// A clinic in a temporary folder.
pub struct Clinic {
    /// The use cases.
    pub app: App,
    /// What time it is.
    pub clock: Arc<TestClock>,
    /// What was asked of calls.
    pub calls: Arc<SilentCalls>,
    /// The tenant that contexts and what is made are of.
    pub tenant: TenantId,
    folder: Arc<TempDir>,
}

/// A clock that stands until a test moves it.
#[derive(Debug)]
pub struct TestClock(AtomicI64);

impl TestClock {
    /// Moves it on.
    pub fn pass(&self, seconds: i64) {
        self.0.fetch_add(seconds * 1_000_000, Ordering::SeqCst);
    }
}

impl Clock for TestClock {
    fn now(&self) -> Timestamp {
        Timestamp(self.0.load(Ordering::SeqCst))
    }
}

/// Takes every command and calls nobody.
#[derive(Debug, Default)]
pub struct SilentCalls {
    commands: Mutex<Vec<Command>>,
    taps: Mutex<BTreeMap<RoomId, Tap>>,
}

impl SilentCalls {
    /// What was asked so far.
    pub fn commands(&self) -> Vec<Command> {
        self.commands.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// How a room is copied, if it is.
    pub fn tap(&self, room: &RoomId) -> Option<Tap> {
        self.taps.lock().unwrap_or_else(PoisonError::into_inner).get(room).cloned()
    }
}

impl MediaControl for SilentCalls {
    fn join(&self, _: Join, _: Arc<dyn EventSink>) -> Result<SessionId, Refused> {
        Err(Refused::Overloaded)
    }

    fn ice_servers(&self, room: &RoomId, host: &str, port: u16, _: u64) -> Vec<IceServer> {
        let urls = vec![format!("turns:{host}:{port}?transport=tcp")];
        vec![IceServer { urls, username: room.as_str().to_owned(), credential: String::new() }]
    }

    fn join_sound(&self, _: JoinSound, _: Arc<dyn EventSink>) -> Result<SessionId, Refused> {
        Err(Refused::Overloaded)
    }

    fn sound(&self, _: SessionId, _: SoundInput) -> Result<(), Refused> {
        Ok(())
    }

    fn command(&self, command: Command) -> Result<(), Refused> {
        if let Command::Tap { room, tap } = command {
            let mut taps = self.taps.lock().unwrap_or_else(PoisonError::into_inner);
            match tap {
                Some(tap) => drop(taps.insert(room, tap)),
                None => drop(taps.remove(&room)),
            }
            return Ok(());
        }
        self.commands.lock().unwrap_or_else(PoisonError::into_inner).push(command);
        Ok(())
    }
}

/// A clinician of a test clinic.
#[derive(Debug, Clone)]
pub struct Doctor {
    /// The account.
    pub account: Account,
    /// What their use cases are called with, at the moment they were made.
    pub context: Context,
}

#[expect(
    clippy::unwrap_used,
    clippy::missing_panics_doc,
    reason = "a clinic that cannot be made is a failed test"
)]
impl Clinic {
    /// Opens an empty one on Monday, 5 January 2026, 08:00 UTC.
    pub fn open() -> Self {
        Self::with(|_| {})
    }

    /// Opens one where a clinician opened a visit for a patient: clinician, patient, visit.
    pub async fn with_visit() -> (Self, Doctor, ResourceId, ResourceId) {
        let clinic = Self::open();
        let (doctor, ana, visit) = clinic.at_work().await;
        (clinic, doctor, ana, visit)
    }

    /// Makes a clinician who opened a visit for a patient: clinician, patient, visit.
    pub async fn at_work(&self) -> (Doctor, ResourceId, ResourceId) {
        let home = self.organization("Riverside").await;
        let doctor = self.clinician("li.na", &home).await;
        let ana = self.patient("Ana", &home).await;
        let visit = self.visit(&doctor, &ana).await;
        (doctor, ana, visit)
    }

    /// Opens an empty one with other settings.
    pub fn with(change: impl FnOnce(&mut Settings)) -> Self {
        let folder = Arc::new(tempfile::tempdir().unwrap());
        let clock = Arc::new(TestClock(AtomicI64::new(BEGIN)));
        let calls = Arc::new(SilentCalls::default());
        let app = open_app(
            folder.path(),
            Arc::<TestClock>::clone(&clock),
            &calls,
            sqlite::Synchronous::Full,
            change,
        );
        Self { app, clock, calls, tenant: TenantId::FIRST, folder }
    }

    /// Another clinic on the same server: a tenant of its own, reached at a host of its own.
    pub async fn beside(&self, host: &str) -> Self {
        let making = Making { name: host.to_owned(), hosts: vec![host.to_owned()], public_url: None };
        let tenant = create::create(&self.app, making).await.unwrap().tenant.id;
        let (clock, calls) = (Arc::clone(&self.clock), Arc::clone(&self.calls));
        Self { app: self.app.clone(), clock, calls, tenant, folder: Arc::clone(&self.folder) }
    }

    /// Closes the clinic and opens it again on the same folder, as after a crash.
    #[must_use]
    pub fn reopened(self) -> Self {
        let Self { app, clock, calls, tenant, folder } = self;
        drop(app);
        let app = open_app(
            folder.path(),
            Arc::<TestClock>::clone(&clock),
            &calls,
            sqlite::Synchronous::Full,
            |_| {},
        );
        Self { app, clock, calls, tenant, folder }
    }

    /// The data folder.
    pub fn folder(&self) -> &std::path::Path {
        self.folder.path()
    }

    /// A context of somebody, now.
    pub fn context(&self, actor: Actor) -> Context {
        Context {
            tenant: self.tenant,
            actor,
            emergencies: Vec::new(),
            purpose: Purpose::Treat,
            now: self.app.clock.now(),
            request: Uuid::now_v7(),
            address: "192.0.2.7".into(),
        }
    }

    /// The server's own context, now.
    pub fn server(&self) -> Context {
        self.context(Actor::Server)
    }

    /// Nobody's context, now.
    pub fn nobody(&self) -> Context {
        self.context(Actor::Anonymous)
    }

    /// Makes an institution.
    pub async fn organization(&self, name: &str) -> ResourceId {
        self.create(json!({"resourceType": "Organization", "active": true, "name": name})).await
    }

    /// Makes a clinician who can sign in with [`PASSWORD`].
    pub async fn clinician(&self, login: &str, organization: &ResourceId) -> Doctor {
        let account = self.account(login, Role::Clinician, organization).await;
        let context = self.context(account.actor().unwrap());
        Doctor { account, context }
    }

    /// Makes somebody else of an institution who can sign in with [`PASSWORD`].
    pub async fn staff(&self, login: &str, role: Role, organization: &ResourceId) -> Doctor {
        let account = self.account(login, role, organization).await;
        let context = self.context(account.actor().unwrap());
        Doctor { account, context }
    }

    /// Makes an administrator who can sign in with [`PASSWORD`]; their context.
    pub async fn administrator(&self, login: &str, organization: &ResourceId) -> Context {
        let account = self.account(login, Role::Administrator, organization).await;
        self.context(account.actor().unwrap())
    }

    /// Makes a patient of an institution, born on 17 March 1984.
    pub async fn patient(&self, name: &str, organization: &ResourceId) -> ResourceId {
        let patient = json!({
            "resourceType": "Patient", "name": [{"text": name}], "gender": "female", "birthDate": "1984-03-17",
            "managingOrganization": {"reference": format!("Organization/{organization}")},
        });
        self.create(patient).await
    }

    /// Opens a visit without appointment; its id.
    pub async fn visit(&self, doctor: &Doctor, patient: &ResourceId) -> ResourceId {
        let context = Context { now: self.app.clock.now(), ..doctor.context.clone() };
        let booking = Booking {
            patient_id: patient.clone(),
            practitioner_id: None,
            start: None,
            visit_type: "video".into(),
            reason: "cough".into(),
        };
        self.price("video").await;
        book::book(&self.app, &context, booking).await.unwrap().visit
    }

    /// What the patient's use cases of a visit are called with.
    pub fn patient_of(&self, visit: &ResourceId, patient: &ResourceId) -> Context {
        self.context(Actor::VisitPatient { patient: patient.clone(), visit: visit.clone() })
    }

    /// Puts a visit type of 80 CNY and 15 minutes into the catalogue.
    pub async fn price(&self, code: &str) {
        let item = PriceItem {
            code: code.to_owned(),
            name: Words { en: code.to_owned(), zh: code.to_owned() },
            price: serde_json::from_value(json!({"amount": 80.0, "currency": "CNY"})).unwrap(),
            cost: None,
            reference_cost: None,
            minutes: 15,
            active: true,
        };
        let context = self.server();
        let mut change = Change::new(&self.app, &context);
        change.save(&item).unwrap();
        change.commit().await.unwrap();
    }

    /// Says what happens to doubles of an authority, and of no other.
    pub async fn authority(&self, system: &str, sharing: authorities::Sharing) {
        let one = authorities::Authority { system: system.to_owned(), name: String::new(), sharing };
        let setting = authorities::Setting { authorities: vec![one] };
        authorities::set(&self.app, &self.server(), setting).await.unwrap();
    }

    /// Writes a resource under a new id.
    pub async fn create(&self, mut resource: Value) -> ResourceId {
        let id = ResourceId::from(Uuid::now_v7());
        resource["id"] = json!(id);
        let context = self.server();
        let mut change = Change::new(&self.app, &context);
        change.create(&resource).unwrap();
        change.commit().await.unwrap();
        id
    }

    async fn account(&self, login: &str, role: Role, organization: &ResourceId) -> Account {
        let registered = crate::identity::accounts::is_registered(role).unwrap();
        let account = Account {
            id: UserId(Uuid::now_v7()),
            login: login.to_owned(),
            name: format!("Dr. {login}"),
            role,
            title: String::new(),
            registration: if registered { "110-2026".to_owned() } else { String::new() },
            practitioner: (role != Role::Administrator).then(|| Uuid::now_v7().into()),
            organization: organization.clone(),
            password: Some(crate::identity::passwords::hash(login, PASSWORD).await.unwrap()),
            active: true,
            created_at: self.app.clock.now(),
            last_seen_at: None,
        };
        let context = self.server();
        let mut change = Change::new(&self.app, &context);
        users::write_practitioner(&account, &mut change).unwrap();
        change.insert(&account).unwrap();
        change.commit().await.unwrap();
        account
    }
}

/// The use cases on a folder that stays, with the time of the day and with commits that wait for the disk or do not.
pub fn on(folder: &std::path::Path, synchronous: sqlite::Synchronous) -> App {
    open_app(folder, Arc::new(SystemClock), &Arc::default(), synchronous, |_| {})
}

#[expect(clippy::unwrap_used, reason = "a clinic that cannot be made is a failed test")]
fn open_app(
    folder: &std::path::Path,
    clock: Arc<dyn Clock>,
    calls: &Arc<SilentCalls>,
    synchronous: sqlite::Synchronous,
    change: impl FnOnce(&mut Settings),
) -> App {
    let store_clock = Arc::clone(&clock);
    let master = MasterKey::read_or_make(&folder.join("master.key"), &folder.join("blobs")).unwrap();
    let secrets = Secrets::open(&folder.join("keys"), &master.into()).unwrap();
    let options = sqlite::Options {
        clock: Arc::new(move || store_clock.now()),
        synchronous,
        ..sqlite::Options::new(folder, secrets.audit_key())
    };
    let mut settings = Settings {
        demo: false,
        font: None,
        decoder: "/nonexistent".into(),
        rating: bianque_quality::RatingConstants::default(),
        retention_years: 15,
        recording_years: 3,
        ae_title: "BIANQUE".into(),
        transaction_entries: 500,
        subscription_patience_s: 24 * 3600,
        export_hours: 24,
        export_jobs: 4,
        export_file_bytes: 64 << 20,
        master_key: MasterKeySource::File { name: "master.key".into(), in_data: true },
        rotate_command: "bianque keys rotate".into(),
    };
    change(&mut settings);
    App {
        store: sqlite::open(options).unwrap(),
        blobs: Arc::new(Blobs::open(&folder.join("blobs"), &folder.join("master.key")).unwrap()),
        clock,
        live: crate::live::Live::default(),
        presence: Arc::default(),
        uploads: Arc::default(),
        recorders: Arc::default(),
        looks: Arc::default(),
        health: Arc::default(),
        jobs: Arc::default(),
        senders: Arc::default(),
        archive: Arc::default(),
        authorities: Arc::default(),
        flow: Arc::default(),
        out: Arc::default(),
        media: Arc::clone(calls) as Arc<dyn MediaControl>,
        outbound: Arc::new(crate::ports::outbound::Closed),
        lines: Arc::new(crate::ports::lines::NoLines),
        decoders: Arc::new(crate::ports::decoders::NoDecoders),
        published: Arc::default(),
        application_keys: Arc::default(),
        definitions: Arc::default(),
        search_parameters: Arc::default(),
        terminology: Arc::default(),
        concept_maps: Arc::default(),
        profiles: Arc::default(),
        subscriptions: Arc::default(),
        secrets: Arc::new(secrets),
        tenants: Arc::new(Registry::new("https://clinic.example".into(), true)),
        settings: Arc::new(settings),
    }
}

/// Writes over FHIR as an edge asks for them, with the bytes of a body.
pub mod over_fhir {
    use bianque_model::{Context, ResourceId};

    use crate::records::prepare;
    use crate::records::write::{Expected, Target, What, Write, Written, write};
    use crate::{App, Error};

    /// Creates a resource, with a condition only when nothing matches it.
    pub async fn create(
        app: &App,
        context: &Context,
        resource_type: &str,
        body: &[u8],
        unless: Option<&[(String, String)]>,
    ) -> Result<Written, Error> {
        let what = What::Create { resource: prepare::read(body)?, unless: unless.map(<[_]>::to_vec) };
        write(app, context, Write { resource_type: resource_type.to_owned(), what }).await
    }

    /// Writes a resource under its id, with a version only when that stands.
    pub async fn update(
        app: &App,
        context: &Context,
        resource_type: &str,
        id: &ResourceId,
        body: &[u8],
        version: Option<u64>,
    ) -> Result<Written, Error> {
        let (target, expected) = (Target::Id(id.clone()), version.map(Expected::Version));
        let what = What::Update { target, resource: prepare::read(body)?, expected };
        write(app, context, Write { resource_type: resource_type.to_owned(), what }).await
    }

    /// Deletes a resource, with a version only when that stands.
    pub async fn delete(
        app: &App,
        context: &Context,
        resource_type: &str,
        id: &ResourceId,
        version: Option<u64>,
    ) -> Result<Written, Error> {
        let what = What::Delete { target: Target::Id(id.clone()), expected: version.map(Expected::Version) };
        write(app, context, Write { resource_type: resource_type.to_owned(), what }).await
    }
}
