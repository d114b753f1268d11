//! Every route of the server.

mod images;
mod lines;
mod patients;
mod records;

use std::ops::Deref;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::middleware::{from_fn, from_fn_with_state};
use bianque_app::App;

use crate::admin::{applications, providers};
use crate::assets::Assets;
use crate::guard::{cross_origin, headers, limits, meter, origin, proxies, tenant};
use crate::identity::{factors, own_sessions, provider};
use crate::routes::{Route, delete, get, head, patch, post, put};
use crate::smart::{configuration, consent, oauth};
use crate::visits::{course, desk, people, quality, way_in, work};
use crate::{
    Trust, admin, answer, assets, clips, directory, fhir, identity, photos, recordings, signalling, system,
};

/// Requests of the protocols of applications and providers are short.
const OAUTH_LIMIT: usize = 32 << 10;

/// What every handler shares. Cloning it costs one count, and every layer does for every request.
#[derive(Clone)]
pub struct Edge(Arc<Shared>);

/// The parts of the edge.
pub struct Shared {
    /// The use cases.
    pub app: App,
    /// What connections are trusted with.
    pub trust: Trust,
    /// The embedded web application.
    pub(crate) assets: Arc<dyn Assets>,
    /// Writes the metrics of the process in the text format of Prometheus; none: there are none.
    pub(crate) metrics: Option<Render>,
    pub(crate) buckets: limits::Buckets,
}

type Render = Box<dyn Fn() -> String + Send + Sync>;

impl Deref for Edge {
    type Target = Shared;

    fn deref(&self) -> &Shared {
        &self.0
    }
}

impl Edge {
    /// The edge of these use cases.
    pub fn new(app: App, trust: Trust, assets: Arc<dyn Assets>) -> Self {
        Self::of(app, trust, assets, None)
    }

    /// The same, answering `/metrics` with what `render` writes.
    pub fn with_metrics(
        app: App,
        trust: Trust,
        assets: Arc<dyn Assets>,
        render: impl Fn() -> String + Send + Sync + 'static,
    ) -> Self {
        Self::of(app, trust, assets, Some(Box::new(render)))
    }

    fn of(app: App, trust: Trust, assets: Arc<dyn Assets>, metrics: Option<Render>) -> Self {
        Self(Arc::new(Shared { app, trust, assets, metrics, buckets: limits::Buckets::default() }))
    }
}

/// The whole surface.
pub fn router(edge: Edge) -> Router {
    let (mut own, mut of_applications) = (Router::new(), Router::new());
    let all = routes(&edge);
    edge.app.definitions.offer(all.iter().map(|route| route.path));
    for route in all {
        if route.applications {
            of_applications = route.mount(of_applications, &edge);
        } else {
            own = route.mount(own, &edge);
        }
    }
    // A browser asks first by a method that no route has, so that what refuses it stands inside.
    let of_applications = of_applications
        .method_not_allowed_fallback(answer::method_not_allowed)
        .layer(cross_origin::layer())
        .layer(from_fn(cross_origin::readable));
    own.merge(of_applications)
        .fallback(assets::serve)
        .method_not_allowed_fallback(answer::method_not_allowed)
        .layer(from_fn(answer::as_json))
        .layer(from_fn_with_state(edge.clone(), origin::same_host))
        .layer(from_fn(tenant::required))
        .layer(from_fn_with_state(edge.clone(), limits::per_address))
        .layer(from_fn(fhir::outcome::everywhere))
        .layer(from_fn_with_state(edge.clone(), headers::secure))
        .layer(from_fn_with_state(edge.clone(), tenant::resolve))
        .layer(from_fn_with_state(edge.clone(), proxies::resolve))
        .layer(from_fn(meter::count))
        .with_state(edge)
}

/// Every route, in the order of `docs/api.md`.
pub(crate) fn routes(edge: &Edge) -> Vec<Route> {
    let mut all = Vec::new();
    all.extend(of_system());
    all.extend(of_identity());
    all.extend(of_own_account());
    all.extend(edge.app.settings.demo.then(of_demo).into_iter().flatten());
    all.extend(of_administration());
    all.extend(of_identity_providers());
    all.extend(of_trust());
    all.extend(lines::of_lines());
    all.extend(images::of_images());
    all.extend(patients::of_directory());
    all.extend(of_visits());
    all.extend(of_people());
    all.extend(of_the_way_in());
    all.extend(of_photos());
    all.extend(of_recordings());
    all.extend(of_sockets());
    all.extend(records::of_records());
    all.extend(records::of_operations());
    all.extend(records::of_terminology());
    all.extend(of_consent());
    all.extend(of_applications());
    all
}

fn of_system() -> Vec<Route> {
    vec![
        get("/healthz", "Whether the process runs", system::health).open(),
        get("/readyz", "Whether the store answers", system::ready).open(),
        get("/metrics", "Metrics, for this machine and for tokens", system::metrics).open(),
        get("/api/openapi.json", "This list", system::openapi).open(),
    ]
}

fn of_identity() -> Vec<Route> {
    vec![
        get("/api/session", "Who is signed in", identity::current).open(),
        post("/api/session", "Sign in", identity::sign_in).open(),
        post("/api/session/second-step", "The second step of signing in", identity::second_step).open(),
        post("/api/session/passkey/challenge", "What a passkey signs", identity::passkey_challenge).open(),
        post("/api/session/passkey", "Sign in by passkey", identity::sign_in_by_passkey).open(),
        post("/api/session/provider", "Sign in by an identity provider", provider::begin).open(),
        post("/api/session/provider/finish", "Come back from an identity provider", provider::finish).open(),
        delete("/api/session", "Sign out", identity::sign_out).before_factor(),
        post("/api/session/provider/sign-out", "Sign out here and at one's provider", provider::sign_out)
            .before_factor(),
        post("/api/identity-providers/{provider}/logout", "Somebody signed out there", provider::logout)
            .open()
            .body_limit(OAUTH_LIMIT),
        post("/api/session/password", "Change one's password", identity::replace_password).before_factor(),
        post("/api/setup", "Set the server up", identity::set_up).open(),
        post("/api/password", "Choose a password by a one-time link", identity::choose_password).open(),
    ]
}

/// Where somebody is signed in, and by what they show who they are.
fn of_own_account() -> Vec<Route> {
    vec![
        get("/api/sessions", "Where one is signed in", own_sessions::list).before_factor(),
        delete("/api/sessions", "Sign out everywhere else", own_sessions::end_others).before_factor(),
        delete("/api/sessions/{session}", "Sign out in one place", own_sessions::end_one).before_factor(),
        post("/api/session/proof/challenge", "What a passkey signs as a proof", own_sessions::challenge)
            .before_factor(),
        post("/api/session/proof", "Prove again who one is", own_sessions::prove).before_factor(),
        post("/api/session/provider/proof", "Prove it at one's identity provider", provider::begin_proof)
            .before_factor(),
        get("/api/session/applications", "What one let applications do", consent::own).before_factor(),
        delete("/api/session/applications/{grant}", "Take it back", consent::end).before_factor(),
        get("/api/session/factors", "One's second factors", factors::own).before_factor(),
        post("/api/session/totp", "Offer an authenticator app", factors::offer_totp).before_factor().fresh(),
        post("/api/session/totp/confirm", "Confirm it by a code", factors::confirm_totp).before_factor(),
        delete("/api/session/totp", "Take it away", factors::remove_totp).before_factor().fresh(),
        post("/api/session/recovery-codes", "Make new recovery codes", factors::renew_codes)
            .before_factor()
            .fresh(),
        post("/api/session/passkeys/challenge", "Begin a new passkey", factors::begin_passkey)
            .before_factor()
            .fresh(),
        post("/api/session/passkeys", "Keep a new passkey", factors::add_passkey).before_factor(),
        patch("/api/session/passkeys/{passkey}", "Rename a passkey", factors::rename_passkey).before_factor(),
        delete("/api/session/passkeys/{passkey}", "Take a passkey away", factors::remove_passkey)
            .before_factor()
            .fresh(),
    ]
}

/// Routes that `serve` does not have.
fn of_demo() -> Vec<Route> {
    vec![
        get("/api/demo/people", "Whom one can be", identity::demo_people).open(),
        post("/api/demo/sign-in", "Be somebody", identity::demo_sign_in).open(),
    ]
}

/// By whom else people sign in. Every change asks for a fresh proof, and so does having an address asked.
fn of_identity_providers() -> Vec<Route> {
    let one = "/api/admin/identity-providers/{provider}";
    vec![
        get("/api/admin/identity-providers", "Identity providers", providers::list),
        post("/api/admin/identity-providers", "Write down an identity provider", providers::make).fresh(),
        put(one, "Change an identity provider", providers::change).fresh(),
        delete(one, "Take an identity provider away", providers::remove).fresh(),
        post(
            "/api/admin/identity-providers/{provider}/test",
            "Ask an identity provider what it publishes",
            providers::test,
        )
        .fresh(),
    ]
}

/// Every change asks for a fresh proof.
fn of_administration() -> Vec<Route> {
    vec![
        get("/api/admin/users", "Users", admin::users),
        post("/api/admin/users", "Make a user", admin::make_user).fresh(),
        patch("/api/admin/users/{user}", "Change a user", admin::change_user).fresh(),
        post(
            "/api/admin/users/{user}/password-link",
            "Make a one-time link for a password",
            admin::password_link,
        )
        .fresh(),
        get("/api/admin/users/{user}/sessions", "Where a user is signed in", admin::sessions),
        delete("/api/admin/users/{user}/sessions", "Sign a user out everywhere", admin::end_sessions).fresh(),
        delete(
            "/api/admin/users/{user}/second-factor",
            "Take a user's second factors away",
            admin::reset_second_factor,
        )
        .fresh(),
        get("/api/admin/sign-in", "Who has to have a second factor", admin::sign_in_rules),
        put("/api/admin/sign-in", "Set who has to have one", admin::set_sign_in_rules).fresh(),
        get("/api/admin/organizations", "Institutions", admin::organizations),
        post("/api/admin/organizations", "Make an institution", admin::make_organization).fresh(),
        patch("/api/admin/organizations/{organization}", "Change an institution", admin::change_organization)
            .fresh(),
        get("/api/admin/schedules", "Weekly hours", admin::schedules),
        put("/api/admin/schedules/{practitioner}", "Set weekly hours", admin::set_schedule).fresh(),
        get("/api/admin/prices", "The price catalogue", admin::prices),
        put("/api/admin/prices/{code}", "Set a price", admin::set_price).fresh(),
        get("/api/admin/consents", "Texts of consent", admin::consents::list),
        put("/api/admin/consents/draft", "Save a draft", admin::consents::save).fresh(),
        post("/api/admin/consents", "Publish a draft", admin::consents::publish).fresh(),
        get("/api/admin/health", "Health of the parts", admin::health::show),
        get("/api/admin/health/summary", "Whether all parts are well", admin::health::summary),
        get("/api/admin/emergencies", "Records opened in emergencies", admin::emergencies),
        get("/api/admin/applications", "Applications", applications::list),
        post("/api/admin/applications", "Register an application", applications::make).fresh(),
        patch("/api/admin/applications/{application}", "Change an application", applications::change).fresh(),
        post("/api/admin/applications/{application}/secret", "Make a new secret", applications::renew_secret)
            .fresh(),
        get("/api/admin/applications/{application}/grants", "What users let it do", applications::grants),
        delete("/api/admin/applications/{application}/grants/{grant}", "End a grant", applications::revoke)
            .fresh(),
    ]
}

/// What was done, and what is kept. Every change asks for a fresh proof, and so does taking the audit away.
fn of_trust() -> Vec<Route> {
    vec![
        get("/api/admin/audit", "Who did what", admin::audit::list),
        get("/api/admin/audit/state", "How the audit stands", admin::audit::state),
        post("/api/admin/audit/export", "Take the audit away", admin::audit::take).fresh(),
        get("/api/admin/retention", "How long records are kept", admin::retention::period),
        put("/api/admin/retention", "Set how long records are kept", admin::retention::set_period).fresh(),
        get("/api/admin/holds", "Records that must be kept", admin::retention::holds),
        post("/api/admin/holds", "Put a hold on a record", admin::retention::place).fresh(),
        post("/api/admin/holds/{patient}/lift", "Take a hold away", admin::retention::lift).fresh(),
        get("/api/admin/recordings", "Recordings that are kept", admin::retention::recordings),
        post(
            "/api/admin/recordings/{recording}/delete",
            "Delete a recording",
            admin::retention::delete_recording,
        )
        .fresh(),
        post("/api/admin/patients/identify", "The id of a patient", admin::retention::identify).fresh(),
        get("/api/admin/identifier-authorities", "Who gives identifiers", directory::identity::authorities),
        put(
            "/api/admin/identifier-authorities",
            "Say who gives identifiers",
            directory::identity::set_authorities,
        )
        .fresh(),
        get("/api/admin/keys", "The keys of the installation", admin::keys::show),
    ]
}

fn of_visits() -> Vec<Route> {
    vec![
        get("/api/visits", "Visits of a day", desk::day),
        get("/api/consults", "What one was asked", desk::consults).watching(),
        post("/api/visits", "Book a visit", desk::create),
        get("/api/visits/{visit}", "A visit", desk::read),
        post("/api/visits/{visit}/link", "Make a new link", course::link),
        post("/api/visits/{visit}/let-in", "Let one more browser in", course::let_in),
        post("/api/visits/{visit}/admit", "Admit the patient", course::admit),
        post("/api/visits/{visit}/away", "Step away", course::away),
        post("/api/visits/{visit}/back", "Come back", course::back),
        post("/api/visits/{visit}/end", "End the visit", course::end),
        post("/api/visits/{visit}/cancel", "Cancel the visit", course::cancel),
        post("/api/visits/{visit}/no-show", "The patient did not come", course::no_show),
        get("/api/visits/{visit}/chart", "The chart beside a visit", work::chart),
        get("/api/visits/{visit}/vitals", "Vital signs", work::vitals),
        post("/api/visits/{visit}/vitals", "Record a vital sign", work::add_vital),
        get("/api/visits/{visit}/note", "The note", work::note),
        put("/api/visits/{visit}/note", "Save the note", work::save_note),
        post("/api/visits/{visit}/sign", "Sign the note", work::sign),
        post("/api/visits/{visit}/addenda", "Add to a signed note", work::add),
        get("/api/visits/{visit}/plan", "The plan", work::plan),
        post("/api/visits/{visit}/plan/confirm", "Confirm the plan", work::confirm_plan),
        get("/api/visits/{visit}/plan.pdf", "The plan as PDF", work::plan_pdf),
        get("/api/visits/{visit}/quality", "Quality of the visit", quality::of_visit),
        get("/api/visits/{visit}/chat", "Messages", work::chat),
        post("/api/visits/{visit}/chat", "Send a message", work::say),
        post("/api/visits/{visit}/invitations", "Invite a clinician of another institution", work::invite),
        delete("/api/visits/{visit}/invitations/{invitation}", "Take an invitation back", work::revoke),
        get("/api/visits/{visit}/opinion", "The opinion", work::opinion),
        put("/api/visits/{visit}/opinion", "Save the opinion", work::save_opinion),
        post("/api/visits/{visit}/opinion/sign", "Sign the opinion", work::sign_opinion).fresh(),
    ]
}

/// Guests of a visit, and what the clinician decides about whoever is in its room.
fn of_people() -> Vec<Route> {
    vec![
        post("/api/visits/{visit}/guests", "Invite a guest by link", people::invite),
        post("/api/visits/{visit}/guests/{guest}/link", "Make a guest a new link", people::renew),
        delete("/api/visits/{visit}/guests/{guest}", "Take a guest's invitation back", people::take_back),
        post("/api/visits/{visit}/guests/{guest}/admit", "Let a guest in", people::admit),
        post("/api/visits/{visit}/guests/{guest}/turn-away", "Do not let a guest in", people::turn_away),
        post("/api/visits/{visit}/guests/{guest}/remove", "Put a guest out", people::remove),
        post(
            "/api/visits/{visit}/guests/{guest}/allow",
            "The patient lets an observer look on",
            people::allow,
        ),
        post(
            "/api/visits/{visit}/guests/{guest}/refuse",
            "The patient does not, or no longer",
            people::refuse,
        ),
        get("/api/visits/{visit}/guest-text", "The text that guests agree to", people::words),
        post("/api/visits/{visit}/knock", "A guest asks to be let in", people::knock),
        get("/api/visits/{visit}/people", "What happened among the people of a visit", people::log),
        post("/api/visits/{visit}/people/{person}/mute", "Mute somebody", people::mute),
        post("/api/visits/{visit}/people/{person}/ask", "Ask somebody who is muted to speak", people::ask),
        post("/api/visits/{visit}/unmute", "Be heard again, when asked", people::unmute),
        post("/api/visits/{visit}/lock", "Nobody new comes in", people::lock),
        post("/api/visits/{visit}/unlock", "New people come in again", people::unlock),
    ]
}

fn of_the_way_in() -> Vec<Route> {
    const SLOW: Duration = Duration::from_mins(2);
    vec![
        get("/api/join/{token}", "What a link is", way_in::look).open(),
        post("/api/visits/{visit}/confirm", "Confirm who opens a link", way_in::confirm).open(),
        get("/api/visits/{visit}/me", "Who this browser is in a visit", way_in::me),
        get("/api/visits/{visit}/accesses", "Who read the patient's record", way_in::accesses),
        get("/api/consents/visit", "The text of consent for all", way_in::consent_text).open(),
        get(
            "/api/visits/{visit}/consent-text",
            "The text of consent of a visit",
            way_in::consent_text_of_visit,
        ),
        post("/api/visits/{visit}/consent", "Consent", way_in::consent),
        post("/api/visits/{visit}/device-check", "What the device check found", way_in::device_check),
        get("/api/visits/{visit}/probe", "Bytes to measure the way down", way_in::probe_down),
        post("/api/visits/{visit}/probe", "Bytes to measure the way up", way_in::probe_up)
            .body_limit(way_in::PROBE_LIMIT)
            .patience(SLOW),
        put("/api/visits/{visit}/intake", "What the patient tells before", way_in::intake),
        post("/api/visits/{visit}/arrive", "Into the waiting room", way_in::arrive),
        post("/api/visits/{visit}/leave", "This browser lets go", way_in::leave),
    ]
}

fn of_photos() -> Vec<Route> {
    /// A slow phone sends what it can; what arrived stays.
    const SLOW: Duration = Duration::from_mins(10);
    vec![
        post("/api/visits/{visit}/uploads", "Begin an upload", photos::begin),
        head("/api/visits/{visit}/uploads/{upload}", "Where an upload stands", photos::stands),
        patch("/api/visits/{visit}/uploads/{upload}", "Go on with an upload", photos::append)
            .body_limit(photos::BODY_LIMIT)
            .patience(SLOW),
        get("/api/visits/{visit}/clips/{clip}", "A voice message", clips::play),
        get("/api/visits/{visit}/photos", "Photos of a visit", photos::list),
        get("/api/visits/{visit}/photos/{photo}/preview", "A photo to look at", photos::preview),
        get("/api/visits/{visit}/photos/{photo}/original", "A photo as it came", photos::original),
    ]
}

/// A recording is taken away by somebody who has just proved who they are.
fn of_recordings() -> Vec<Route> {
    vec![
        get("/api/visits/{visit}/recordings", "Recordings of a visit", recordings::list),
        post("/api/visits/{visit}/recordings", "Ask to record", recordings::ask),
        post("/api/visits/{visit}/recordings/{recording}/answer", "Agree or decline", recordings::answer),
        post("/api/visits/{visit}/recordings/{recording}/stop", "Stop recording", recordings::stop),
        get("/api/visits/{visit}/recordings/{recording}/files/{file}", "Play a recording", recordings::play),
        get(
            "/api/visits/{visit}/recordings/{recording}/download",
            "Take a recording away",
            recordings::download,
        )
        .fresh()
        .patience(Duration::from_hours(1)),
    ]
}

fn of_sockets() -> Vec<Route> {
    vec![
        get("/api/visits/{visit}/socket", "The socket of a visit", signalling::visit::open),
        get("/api/visits/{visit}/sound", "The sound of a visit, without WebRTC", signalling::sound::open),
        get(
            "/api/visits/{visit}/test-call",
            "A call with oneself, to try the network",
            signalling::test_call::open,
        ),
        get("/api/queue/socket", "The socket of a day", signalling::queue::open),
    ]
}

/// The authorization server. Its answers are for applications, who show who they are in ways of the protocol's own.
fn of_applications() -> Vec<Route> {
    let authorize =
        get("/oauth2/authorize", "Ask a user on an application's behalf", oauth::authorize).open();
    let endpoints = vec![
        get("/.well-known/smart-configuration", "Where applications sign in", configuration::smart),
        get("/.well-known/openid-configuration", "Where identity tokens come from", configuration::openid),
        get("/oauth2/jwks", "The keys of identity tokens", configuration::keys),
        post("/oauth2/token", "Tokens for an application", oauth::token).body_limit(OAUTH_LIMIT),
        post("/oauth2/introspect", "What a token is", oauth::introspect).body_limit(OAUTH_LIMIT),
        post("/oauth2/revoke", "Give a token back", oauth::revoke).body_limit(OAUTH_LIMIT),
    ];
    let endpoints = endpoints.into_iter().map(|route| route.for_applications().open());
    std::iter::once(authorize).chain(endpoints).collect()
}

/// What clinicians do with applications.
fn of_consent() -> Vec<Route> {
    vec![
        get("/api/applications", "Applications to open a chart in", consent::list),
        post("/api/launches", "Open a chart in an application", consent::open),
        post("/api/authorizations/look", "What an application asks", consent::look),
        post("/api/authorizations", "Let an application, or not", consent::decide),
    ]
}
