//! Two tenants with the same people and ids, so that whatever crosses shows.

use bianque_model::{
    Actor, CommitId, Context, Duty, ImageRights, Purpose, ResourceId, TenantId, Timestamp, UserId,
};
use bianque_store::{Change, Commit, ResourceWrite};
use serde_json::{Value, json};
use uuid::Uuid;

use crate::policy::CONFIDENTIALITY;
use crate::testing::Clinic;

pub(super) const TYPES: [&str; 12] = [
    "Organization",
    "Practitioner",
    "Patient",
    "Observation",
    "Condition",
    "Encounter",
    "Task",
    "CareTeam",
    "Consent",
    "AllergyIntolerance",
    "Appointment",
    "ServiceRequest",
];
const ORGANIZATIONS: usize = 3;
const PRACTITIONERS: usize = 6;
const PATIENTS: usize = 14;
/// When some permissions end.
const END: &str = "2026-06-30T00:00:00Z";

/// A stored resource.
#[derive(Debug)]
pub(super) struct Resource {
    pub(super) tenant: TenantId,
    pub(super) document: Value,
}

impl Resource {
    pub(super) fn resource_type(&self) -> &str {
        self.document["resourceType"].as_str().unwrap()
    }

    pub(super) fn id(&self) -> &str {
        self.document["id"].as_str().unwrap()
    }

    /// Whom it is about.
    pub(super) fn patient(&self) -> Option<&str> {
        if self.resource_type() == "Patient" {
            return Some(self.id());
        }
        let of = |field: &str| self.document[field]["reference"].as_str()?.strip_prefix("Patient/");
        let actor =
            || self.document["participant"][0]["actor"]["reference"].as_str()?.strip_prefix("Patient/");
        of("subject").or_else(|| of("patient")).or_else(|| of("for")).or_else(actor)
    }

    pub(super) fn is_about(&self, patient: &str) -> bool {
        self.patient() == Some(patient)
    }

    pub(super) fn has_label(&self, code: &str) -> bool {
        let labels = self.document["meta"]["security"].as_array();
        labels.is_some_and(|labels| labels.iter().any(|label| label["code"] == code))
    }
}

/// Everything there is, and everybody who asks.
pub(super) struct World {
    pub(super) clinic: Clinic,
    pub(super) resources: Vec<Resource>,
    pub(super) patients: Vec<String>,
    pub(super) askers: Vec<Context>,
}

impl World {
    pub(super) async fn build() -> Self {
        let clinic = Clinic::open();
        let tenants = [TenantId(1), TenantId(2)];
        let mut resources = Vec::new();
        for (shift, tenant) in tenants.into_iter().enumerate() {
            // The second tenant has the ids of the first, and other ties.
            resources.extend(documents(shift).into_iter().map(|document| Resource { tenant, document }));
        }
        for resource in &resources {
            store(&clinic, resource).await;
        }
        let (before, after) = (instant("2026-01-05T08:00:00Z"), instant("2026-12-05T08:00:00Z"));
        // Time matters where Consents do.
        let asking = |tenant| askers(tenant, before).into_iter().chain(clinicians(tenant, after));
        let askers = tenants.into_iter().flat_map(asking).collect();
        let patients = (0..PATIENTS).map(|number| format!("patient-{number}")).collect();
        Self { clinic, resources, patients, askers }
    }

    pub(super) fn of_tenant(&self, tenant: TenantId) -> impl Iterator<Item = &Resource> {
        self.resources.iter().filter(move |resource| resource.tenant == tenant)
    }
}

pub(super) fn instant(text: &str) -> Timestamp {
    Timestamp(text.parse::<jiff::Timestamp>().unwrap().as_microsecond())
}

async fn store(clinic: &Clinic, resource: &Resource) {
    let indexed = bianque_fhir::index(&resource.document);
    let mut commit = Commit::new(resource.tenant, CommitId(Uuid::now_v7()), instant("2026-01-01T00:00:00Z"));
    commit.resources.push(ResourceWrite {
        resource_type: resource.resource_type().into(),
        id: resource.id().parse().unwrap(),
        change: Change::Put {
            document: bianque_fhir::to_stored(&resource.document),
            index: indexed.rows,
            compartments: indexed.compartments,
        },
    });
    clinic.app.store.commit(commit).await.unwrap();
}

fn documents(shift: usize) -> Vec<Value> {
    let mut all = Vec::new();
    for number in 0..ORGANIZATIONS {
        all.push(json!({"resourceType": "Organization", "id": format!("org-{number}"), "name": "x"}));
    }
    for number in 0..PRACTITIONERS {
        all.push(json!({"resourceType": "Practitioner", "id": format!("doctor-{number}")}));
    }
    for number in 0..PATIENTS {
        all.extend(of_patient(number, shift));
        all.extend(ties_of_patient(number, shift));
        all.extend(consent_of_patient(number, shift));
    }
    all
}

fn about(number: usize) -> Value {
    json!({"reference": format!("Patient/patient-{number}")})
}

fn doctor(number: usize) -> String {
    format!("Practitioner/doctor-{}", number % PRACTITIONERS)
}

fn home(number: usize) -> String {
    format!("Organization/org-{}", number % ORGANIZATIONS)
}

fn of_patient(number: usize, shift: usize) -> Vec<Value> {
    let about = about(number);
    let labels = |code: &str| json!({"security": [{"system": CONFIDENTIALITY, "code": code}]});
    let of_act = "http://terminology.hl7.org/CodeSystem/v3-ActCode";
    vec![
        json!({
            "resourceType": "Patient", "id": format!("patient-{number}"),
            "managingOrganization": {"reference": home(number + shift)},
        }),
        json!({"resourceType": "Observation", "id": format!("plain-{number}"), "subject": about}),
        json!({"resourceType": "Observation", "id": format!("restricted-{number}"), "subject": about, "meta": labels("R")}),
        json!({"resourceType": "Observation", "id": format!("secret-{number}"), "subject": about, "meta": labels("V")}),
        json!({"resourceType": "Condition", "id": format!("cold-{number}"), "subject": about, "meta": labels("N")}),
        json!({
            "resourceType": "Condition", "id": format!("hiv-{number}"), "subject": about,
            "meta": {"security": [{"system": of_act, "code": "HIV"}]},
        }),
        json!({"resourceType": "AllergyIntolerance", "id": format!("nuts-{number}"), "patient": about}),
        json!({
            "resourceType": "Appointment", "id": format!("appointment-{number}"),
            "participant": [{"actor": about, "status": "accepted"}],
        }),
        json!({
            "resourceType": "ServiceRequest", "id": format!("order-{number}"), "subject": about,
            "meta": labels(if number.is_multiple_of(2) { "R" } else { "N" }),
        }),
    ]
}

fn ties_of_patient(number: usize, shift: usize) -> Vec<Value> {
    let about = about(number);
    let with = |offset: usize| doctor(number + shift + offset);
    let pick = |offset: usize, of: &[&str]| of[(number + shift + offset) % of.len()].to_owned();
    vec![
        json!({
            "resourceType": "Encounter", "id": format!("visit-{number}"), "subject": about,
            "status": pick(0, &["planned", "cancelled", "finished", "in-progress"]),
            "participant": [{"individual": {"reference": with(1)}}],
        }),
        json!({
            "resourceType": "Task", "id": format!("consult-{number}"), "for": about,
            "status": pick(1, &["requested", "completed", "rejected", "accepted"]), "owner": {"reference": with(2)},
        }),
        json!({
            "resourceType": "CareTeam", "id": format!("team-{number}"), "subject": about,
            "status": pick(2, &["active", "inactive"]), "participant": [{"member": {"reference": with(3)}}],
        }),
    ]
}

fn consent_of_patient(number: usize, shift: usize) -> Option<Value> {
    let kind = number + shift;
    let (status, provision) = provision(kind, &doctor(kind + 4), &home(kind))?;
    Some(json!({
        "resourceType": "Consent", "id": format!("consent-{number}"), "status": status, "patient": about(number),
        "scope": {"coding": [{"code": "patient-privacy"}]}, "provision": provision,
    }))
}

/// Each kind of thing that a patient may decide.
fn provision(kind: usize, doctor: &str, home: &str) -> Option<(&'static str, Value)> {
    let actor = |name: &str| json!([{"reference": {"reference": name}}]);
    let code = |name: &str| json!([{"code": name}]);
    let but = |exception: Value| json!([exception]);
    let provision = match kind {
        0 | 7 => json!({"type": "deny"}),
        1 => json!({"type": "deny", "actor": actor(home)}),
        2 => json!({"type": "permit", "actor": actor(doctor)}),
        3 => json!({"type": "permit", "actor": actor(doctor), "period": {"end": END}}),
        4 => json!({"type": "deny", "securityLabel": code("HIV")}),
        5 => {
            let exception = json!({"actor": actor(doctor), "class": code("Observation")});
            json!({"type": "deny", "actor": actor(home), "provision": but(exception)})
        }
        6 => json!({"type": "permit", "actor": actor("Organization/org-0"), "class": code("Condition")}),
        8 => {
            let exception = json!({"type": "deny", "securityLabel": code("HIV")});
            json!({"type": "permit", "actor": actor(doctor), "provision": but(exception)})
        }
        9 => json!({"type": "deny", "class": code("Observation"), "period": {"end": END}}),
        10 => {
            let deepest = json!({"type": "deny", "actor": actor(doctor)});
            json!({"type": "deny", "provision": but(json!({"type": "permit", "provision": but(deepest)}))})
        }
        11 => json!({"type": "permit"}),
        _ => return None,
    };
    Some((if kind == 7 { "inactive" } else { "active" }, provision))
}

fn context(tenant: TenantId, now: Timestamp, actor: Actor, emergencies: Vec<ResourceId>) -> Context {
    Context {
        tenant,
        actor,
        emergencies,
        purpose: Purpose::Treat,
        now,
        request: Uuid::nil(),
        address: String::new(),
    }
}

fn id(text: &str) -> ResourceId {
    text.parse().unwrap()
}

/// Each person with an account, by what they do.
fn staff(tenant: TenantId, now: Timestamp) -> Vec<Context> {
    let people = (0..PRACTITIONERS).flat_map(|number| Duty::ALL.into_iter().map(move |duty| (number, duty)));
    let actor = |(number, duty): (usize, Duty)| Actor::Staff {
        user: UserId(Uuid::nil()),
        duty,
        practitioner: id(&format!("doctor-{number}")),
        organization: id(&format!("org-{}", number % ORGANIZATIONS)),
    };
    people.map(|person| context(tenant, now, actor(person), Vec::new())).collect()
}

/// Each clinician: at work, in an emergency, and invited to a visit.
fn clinicians(tenant: TenantId, now: Timestamp) -> Vec<Context> {
    let user = UserId(Uuid::nil());
    let asks = |actor, emergencies| context(tenant, now, actor, emergencies);
    let mut all = Vec::new();
    for number in 0..PRACTITIONERS {
        let practitioner = id(&format!("doctor-{number}"));
        let organization = id(&format!("org-{}", number % ORGANIZATIONS));
        let clinician =
            Actor::Clinician { user, practitioner: practitioner.clone(), organization: organization.clone() };
        all.push(asks(clinician.clone(), Vec::new()));
        all.push(asks(clinician, vec![id(&format!("patient-{}", number + 2)), id("nobody")]));
        let (patient, visit) = (id(&format!("patient-{number}")), id(&format!("visit-{number}")));
        let invitation = id("invitation");
        let consultant = Actor::Consultant { invitation, visit, patient, practitioner, organization };
        all.push(asks(consultant, Vec::new()));
    }
    all
}

/// Everybody who can ask.
fn askers(tenant: TenantId, now: Timestamp) -> Vec<Context> {
    let asks = |actor| context(tenant, now, actor, Vec::new());
    let mut all = clinicians(tenant, now);
    all.extend(staff(tenant, now));
    for number in 0..PATIENTS {
        let (patient, visit) = (id(&format!("patient-{number}")), id(&format!("visit-{number}")));
        let proxy =
            Actor::VisitProxy { person: id("parent"), patient: patient.clone(), visit: visit.clone() };
        let guest = Actor::Guest { guest: id("guest"), person: id("aunt"), visit: visit.clone() };
        all.extend([Actor::VisitPatient { patient, visit }, proxy, guest].map(asks));
    }
    for scope in ["system/*.cruds", "system/Observation.rs"] {
        all.push(asks(Actor::System { token: id("token"), scopes: vec![scope.into()] }));
    }
    all.extend(applications(tenant, now));
    let administrator = Actor::Administrator { user: UserId(Uuid::nil()) };
    let sender = Actor::Sender { sender: id("sender"), organization: None };
    for organization in [None, Some(id("org-0"))] {
        all.push(asks(Actor::Peer { peer: id("scanner"), organization, rights: ImageRights::default() }));
    }
    all.extend([administrator, sender, Actor::Server, Actor::Anonymous].map(asks));
    all
}

/// Each clinician by an application, opened for a patient, for nobody, and with scopes of each level; and services.
fn applications(tenant: TenantId, now: Timestamp) -> Vec<Context> {
    let clinicians =
        clinicians(tenant, now).into_iter().filter(|asker| matches!(asker.actor, Actor::Clinician { .. }));
    let scopes = [
        "patient/*.rs",
        "patient/Observation.rs",
        "user/*.cruds",
        "user/Condition.s",
        "patient/Observation.rs user/Encounter.rs",
        "system/*.cruds",
    ];
    let mut all = Vec::new();
    for (number, asker) in clinicians.enumerate() {
        let scopes = scopes[number % scopes.len()].split(' ').map(str::to_owned).collect();
        let patient = (number % 5 != 4).then(|| id(&format!("patient-{}", number % PATIENTS)));
        let user = Some(Box::new(asker.actor.clone()));
        let actor = Actor::Application { client: id("app"), grant: Some(id("grant")), user, scopes, patient };
        all.push(Context { actor, ..asker });
    }
    for scope in ["system/*.cruds", "system/Observation.rs", "patient/*.rs", "user/*.rs"] {
        let scopes = vec![scope.to_owned()];
        let actor = Actor::Application { client: id("app"), grant: None, user: None, scopes, patient: None };
        all.push(context(tenant, now, actor, Vec::new()));
    }
    all
}
