//! Stories of exports: what is in them, what is not, and what becomes of them.

use std::collections::{BTreeMap, BTreeSet};

use bianque_model::{Actor, Context, ResourceId};
use bianque_query::{Predicate, Query, Scope};
use bianque_store::AuditQuery;
use serde_json::{Value, json};

use super::{Level, ask, file};
use crate::jobs::{self, Named, Status, Step, cancel, status, work};
use crate::patients::merge::{Merging, merge};
use crate::records::Asked;
use crate::records::shred::shred;
use crate::testing::{Clinic, Doctor, over_fhir};
use crate::{App, Change, Error, ErrorKind};

const EVERYTHING: &[&str] = &["system/*.cruds"];

/// Names (`Type/id`) by type.
type Names = BTreeMap<String, BTreeSet<String>>;

fn program(clinic: &Clinic, scopes: &[&str]) -> Context {
    let scopes = scopes.iter().map(|scope| (*scope).to_owned()).collect();
    clinic.context(Actor::System { token: "t1".parse().unwrap(), scopes })
}

fn asked(pairs: &[(&str, &str)]) -> Asked {
    let pairs = pairs.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned()));
    Asked::read(pairs.collect(), None).unwrap()
}

/// A hospital with two patients and a clinic with one, three observations of each, and a practitioner in both.
struct Story {
    clinic: Clinic,
    here: Doctor,
    li: ResourceId,
    wang: ResourceId,
    far: ResourceId,
}

async fn story() -> Story {
    story_in(Clinic::open()).await
}

async fn story_in(clinic: Clinic) -> Story {
    let (home, away) = (clinic.organization("Home").await, clinic.organization("Away").await);
    let here = clinic.clinician("li.na", &home).await;
    clinic.clinician("ana", &away).await;
    let li = clinic.patient("李", &home).await;
    let wang = clinic.patient("王", &home).await;
    let far = clinic.patient("Far", &away).await;
    for patient in [&li, &wang, &far] {
        for day in 1..=3 {
            observe(&clinic, patient, day).await;
        }
    }
    Story { clinic, here, li, wang, far }
}

async fn observe(clinic: &Clinic, patient: &ResourceId, day: u32) -> ResourceId {
    let seen = json!({
        "resourceType": "Observation", "status": if day == 3 { "preliminary" } else { "final" }, "code": {"text": "pulse"},
        "subject": {"reference": format!("Patient/{patient}")}, "effectiveDateTime": format!("2024-05-{day:02}"),
    });
    clinic.create(seen).await
}

impl Story {
    fn app(&self) -> &App {
        &self.clinic.app
    }

    async fn export(&self, context: &Context, level: Level, pairs: &[(&str, &str)]) -> ResourceId {
        let job = ask(self.app(), context, level, &asked(pairs)).await.unwrap();
        work(self.app(), self.clinic.tenant, &job).await.unwrap();
        job
    }

    /// What is exported, by type.
    async fn exported(&self, context: &Context, level: Level, pairs: &[(&str, &str)]) -> Names {
        let job = self.export(context, level, pairs).await;
        names(&self.lines(context, &job).await)
    }

    /// The resources of all files.
    async fn lines(&self, context: &Context, job: &ResourceId) -> Vec<Value> {
        let manifest = self.manifest(context, job).await;
        let mut lines = Vec::new();
        for output in manifest["output"].as_array().unwrap() {
            let name = output["url"].as_str().unwrap().rsplit('/').next().unwrap();
            let file = file(self.app(), context, job, name).await.unwrap();
            let mut text = Vec::new();
            while (text.len() as u64) < file.size {
                text.extend(file.read(text.len() as u64, 1000).await.unwrap());
            }
            let text = String::from_utf8(text).unwrap();
            let before = lines.len();
            lines.extend(text.lines().map(|line| serde_json::from_str::<Value>(line).unwrap()));
            assert_eq!(output["count"], lines.len() - before);
            assert!(lines[before..].iter().all(|line| line["resourceType"] == output["type"]));
        }
        lines
    }

    async fn manifest(&self, context: &Context, job: &ResourceId) -> Value {
        let Status::Done { body, .. } = status(self.app(), context, job).await.unwrap() else {
            panic!("it is not done")
        };
        serde_json::from_slice(&body).unwrap()
    }

    /// What is stored of a type.
    async fn stored(&self, resource_type: &str) -> BTreeSet<String> {
        let query = Query {
            resource_type: resource_type.to_owned(),
            filter: Predicate::And(Vec::new()),
            scope: Scope::All,
            order: Vec::new(),
            after: None,
            limit: 10_000,
        };
        let rows = self.app().store.search(self.clinic.tenant, query).await.unwrap().rows;
        rows.iter().map(|row| format!("{resource_type}/{}", row.id)).collect()
    }
}

/// By type; nothing is there twice.
fn names(lines: &[Value]) -> Names {
    let mut names = Names::new();
    for line in lines {
        let of = line["resourceType"].as_str().unwrap();
        let name = format!("{of}/{}", line["id"].as_str().unwrap());
        assert!(line["meta"]["versionId"].is_string() && line["meta"]["lastUpdated"].is_string());
        assert!(names.entry(of.to_owned()).or_default().insert(name.clone()), "{name} is there twice");
    }
    names
}

fn kind(result: Result<impl Sized, Error>) -> ErrorKind {
    match result {
        Ok(_) => panic!("it was allowed"),
        Err(error) => error.kind,
    }
}

#[tokio::test]
async fn what_is_exported_is_what_is_stored_type_by_type() {
    let story = story().await;
    let context = program(&story.clinic, EVERYTHING);
    let job = story.export(&context, Level::System, &[]).await;
    let exported = names(&story.lines(&context, &job).await);
    for (resource_type, found) in &exported {
        assert_eq!(*found, story.stored(resource_type).await, "{resource_type}");
    }
    let types: Vec<&str> = exported.keys().map(String::as_str).collect();
    assert_eq!(types, ["Observation", "Organization", "Patient", "Practitioner", "PractitionerRole"]);
    let manifest = story.manifest(&context, &job).await;
    assert_eq!(manifest["requiresAccessToken"], true);
    assert_eq!(manifest["error"], json!([]));
    assert_eq!(manifest["request"], "https://clinic.example/fhir/$export");
    assert!(manifest["transactionTime"].as_str().unwrap().starts_with("2026-01-05T08:00:00"));
    let url = manifest["output"][0]["url"].as_str().unwrap();
    assert_eq!(url, format!("https://clinic.example/fhir/$jobs/{job}/Observation-1.ndjson"));
}

#[tokio::test]
async fn an_export_of_patients_has_their_records_and_no_more() {
    let story = story().await;
    let context = program(&story.clinic, EVERYTHING);
    let exported = story.exported(&context, Level::Patient, &[]).await;
    assert_eq!(exported.keys().collect::<Vec<_>>(), ["Observation", "Patient"]);
    assert_eq!(exported["Observation"].len(), 9);
    let some = [("patient", format!("Patient/{}", story.li))];
    let some: Vec<_> = some.iter().map(|(name, value)| (*name, value.as_str())).collect();
    let exported = story.exported(&context, Level::Patient, &some).await;
    assert_eq!(exported["Patient"], BTreeSet::from([format!("Patient/{}", story.li)]));
    assert_eq!(exported["Observation"].len(), 3);
}

#[tokio::test]
async fn a_group_is_exported_with_what_its_members_share_once() {
    let story = story().await;
    let context = program(&story.clinic, EVERYTHING);
    let who = |id: &ResourceId| json!({"entity": {"reference": format!("Patient/{id}")}});
    let mut left = who(&story.far);
    left["inactive"] = json!(true);
    let members = json!([who(&story.wang), who(&story.li), left]);
    let group = json!({"resourceType": "Group", "type": "person", "actual": true, "member": members});
    let group = story.clinic.create(group).await;
    let participant =
        |id: &ResourceId| json!({"actor": {"reference": format!("Patient/{id}")}, "status": "accepted"});
    let both = json!([participant(&story.li), participant(&story.wang)]);
    story
        .clinic
        .create(json!({"resourceType": "Appointment", "status": "booked", "participant": both}))
        .await;
    let exported = story.exported(&context, Level::Group(group.clone()), &[]).await;
    assert_eq!(exported["Patient"].len(), 2);
    assert_eq!(exported["Observation"].len(), 6);
    assert_eq!(exported["Appointment"].len(), 1);
    let only = format!("Patient/{},Patient/{}", story.li, story.far);
    let exported =
        story.exported(&context, Level::Group(group), &[("patient", &only), ("_type", "Patient")]).await;
    assert_eq!(exported["Patient"], BTreeSet::from([format!("Patient/{}", story.li)]), "of members alone");

    let thought = json!({"resourceType": "Group", "type": "person", "actual": false});
    let thought = Level::Group(story.clinic.create(thought).await);
    assert_eq!(kind(ask(story.app(), &context, thought, &asked(&[])).await), ErrorKind::Refused);
    let nobody = Level::Group("nobody".parse().unwrap());
    assert_eq!(kind(ask(story.app(), &context, nobody, &asked(&[])).await), ErrorKind::NotFound);
}

#[tokio::test]
async fn who_has_two_records_is_exported_with_both() {
    let story = story().await;
    let context = program(&story.clinic, EVERYTHING);
    let merging = Merging { into: story.wang.clone(), reason: "registered twice".to_owned() };
    merge(story.app(), &context, &story.li, merging).await.unwrap();
    let members = json!([{"entity": {"reference": format!("Patient/{}", story.wang)}}]);
    let group = json!({"resourceType": "Group", "type": "person", "actual": true, "member": members});
    let group = story.clinic.create(group).await;
    let exported = story.exported(&context, Level::Group(group), &[("_type", "Patient,Observation")]).await;
    assert_eq!(exported["Patient"].len(), 2);
    assert_eq!(exported["Observation"].len(), 6, "of both, each once");
}

#[tokio::test]
async fn what_is_asked_for_is_what_comes() {
    let story = story().await;
    let context = program(&story.clinic, EVERYTHING);
    let finals =
        [("_type", "Observation,Patient"), ("_typeFilter", "Observation?status=final&date=ge2024-05-02")];
    let exported = story.exported(&context, Level::System, &finals).await;
    assert_eq!(exported["Observation"].len(), 3, "the second day of each");
    assert_eq!(exported["Patient"].len(), 3);
    let either = [("_typeFilter", "Observation?date=2024-05-01,2024-05-02,Observation?status=preliminary")];
    assert_eq!(story.exported(&context, Level::System, &either).await["Observation"].len(), 9);

    story.clinic.clock.pass(60);
    let context = program(&story.clinic, EVERYTHING);
    let job =
        story.export(&context, Level::System, &[("_type", "Patient"), ("_elements", "birthDate")]).await;
    for line in story.lines(&context, &job).await {
        assert_eq!(line["birthDate"], "1984-03-17");
        assert!(line["name"].is_null(), "{line}");
        assert_eq!(line["meta"]["tag"][0]["code"], "SUBSETTED");
    }
    let since = story.manifest(&context, &job).await["transactionTime"].as_str().unwrap().to_owned();
    story.clinic.clock.pass(60);
    let new = observe(&story.clinic, &story.li, 9).await;
    let later = story.exported(&context, Level::System, &[("_since", &since)]).await;
    assert_eq!(
        later.into_iter().collect::<Vec<_>>(),
        [("Observation".to_owned(), BTreeSet::from([format!("Observation/{new}")]))]
    );

    for refused in [
        ("_count", "5"),
        ("_outputFormat", "text/csv"),
        ("_since", "yesterday"),
        ("_type", "Nothing"),
        ("_type", "AuditEvent"),
        ("_type", "Binary"),
        ("_typeFilter", "Observation?colour=red"),
        ("_typeFilter", "Observation?_sort=date"),
        ("_typeFilter", "status=final"),
        ("patient", "Patient/1"),
    ] {
        let result = ask(story.app(), &context, Level::System, &asked(&[refused])).await;
        assert_eq!(kind(result), ErrorKind::Malformed, "{refused:?}");
    }
    let elsewhere = ask(story.app(), &context, Level::Patient, &asked(&[("_type", "Organization")])).await;
    assert_eq!(kind(elsewhere), ErrorKind::Malformed);
}

#[tokio::test]
async fn what_an_asker_may_not_see_is_not_exported() {
    let story = story().await;
    let narrow = program(&story.clinic, &["system/Patient.rs"]);
    let exported = story.exported(&narrow, Level::System, &[]).await;
    assert_eq!(exported.keys().collect::<Vec<_>>(), ["Patient"]);
    let more = ask(story.app(), &narrow, Level::System, &asked(&[("_type", "Observation")])).await;
    assert_eq!(kind(more), ErrorKind::Forbidden);
    let writer = program(&story.clinic, &["system/*.cud"]);
    assert_eq!(kind(ask(story.app(), &writer, Level::System, &asked(&[])).await), ErrorKind::Forbidden);
    // People read record by record.
    let person = &story.here.context;
    assert_eq!(kind(ask(story.app(), person, Level::System, &asked(&[])).await), ErrorKind::Forbidden);

    let of_doctor = story.clinic.context(Actor::Application {
        client: "app".parse().unwrap(),
        grant: Some("grant".parse().unwrap()),
        user: Some(Box::new(person.actor.clone())),
        scopes: vec!["user/*.rs".to_owned()],
        patient: None,
    });
    let restricted = json!({
        "resourceType": "Observation", "status": "final", "code": {"text": "secret"},
        "subject": {"reference": format!("Patient/{}", story.li)},
        "meta": {"security": [{"system": "http://terminology.hl7.org/CodeSystem/v3-Confidentiality", "code": "R"}]},
    });
    story.clinic.create(restricted).await;
    let exported = story.exported(&of_doctor, Level::Patient, &[]).await;
    let own = [&story.li, &story.wang].map(|id| format!("Patient/{id}"));
    assert_eq!(exported["Patient"], BTreeSet::from(own), "and nobody of the other institution");
    assert_eq!(exported["Observation"].len(), 6, "and nothing that is labelled");
}

#[tokio::test]
async fn a_job_belongs_to_who_asked_for_it() {
    let story = story().await;
    let context = program(&story.clinic, EVERYTHING);
    let job = story.export(&context, Level::System, &[("_type", "Patient")]).await;
    let other = Context {
        actor: Actor::System { token: "t2".parse().unwrap(), scopes: vec!["system/*.cruds".to_owned()] },
        ..context.clone()
    };
    let name = "Patient-1.ndjson";
    assert_eq!(kind(status(story.app(), &other, &job).await), ErrorKind::NotFound);
    assert_eq!(kind(file(story.app(), &other, &job, name).await), ErrorKind::NotFound);
    assert_eq!(kind(cancel(story.app(), &other, &job).await), ErrorKind::NotFound);
    // The same program with a narrower token.
    let narrow = program(&story.clinic, &["system/Observation.rs"]);
    assert_eq!(kind(file(story.app(), &narrow, &job, name).await), ErrorKind::Forbidden);
    let neighbour = story.clinic.beside("other.example").await;
    let elsewhere = program(&neighbour, EVERYTHING);
    assert_eq!(kind(file(story.app(), &elsewhere, &job, name).await), ErrorKind::NotFound);
    assert!(file(story.app(), &context, &job, name).await.is_ok());
    assert_eq!(kind(file(story.app(), &context, &job, "Patient-2.ndjson").await), ErrorKind::NotFound);
}

#[tokio::test]
async fn an_export_that_a_crash_cut_off_goes_on() {
    let mut story = story_in(Clinic::with(|settings| settings.export_file_bytes = 1)).await;
    for day in 4..=90 {
        observe(&story.clinic, &story.li, day % 28 + 1).await;
    }
    let context = program(&story.clinic, EVERYTHING);
    let job = ask(story.app(), &context, Level::System, &asked(&[])).await.unwrap();
    let mut named = Named::default();
    let tenant = story.clinic.tenant;
    assert_eq!(jobs::step(story.app(), tenant, &job, &mut named).await.unwrap(), Step::More);
    let Status::UnderWay { progress, retry_after_s } = status(story.app(), &context, &job).await.unwrap()
    else {
        panic!("it is done")
    };
    assert!(progress.ends_with("50 resources in 1 files") && retry_after_s > 0, "{progress}");
    assert_eq!(kind(file(story.app(), &context, &job, "Observation-1.ndjson").await), ErrorKind::NotFound);

    story.clinic = story.clinic.reopened();
    work(story.app(), tenant, &job).await.unwrap();
    let lines = story.lines(&context, &job).await;
    let exported = names(&lines);
    assert_eq!(exported["Observation"], story.stored("Observation").await, "everything, once");
    let manifest = story.manifest(&context, &job).await;
    let files = manifest["output"].as_array().unwrap().iter().filter(|file| file["type"] == "Observation");
    assert_eq!(files.count(), 2);
}

#[tokio::test]
async fn everything_is_shown_as_it_stood_at_one_instant() {
    let story = story_in(Clinic::with(|settings| settings.export_file_bytes = 1)).await;
    let context = program(&story.clinic, EVERYTHING);
    let job = ask(story.app(), &context, Level::System, &asked(&[])).await.unwrap();
    let tenant = story.clinic.tenant;
    // Observations come first; meanwhile patients change.
    jobs::step(story.app(), tenant, &job, &mut Named::default()).await.unwrap();
    story.clinic.clock.pass(60);
    let changed = json!({"resourceType": "Patient", "id": story.li, "gender": "male"});
    let body = changed.to_string();
    over_fhir::update(story.app(), &context, "Patient", &story.li, body.as_bytes(), None).await.unwrap();
    over_fhir::delete(story.app(), &context, "Patient", &story.wang, None).await.unwrap();
    let new = story.clinic.patient("New", &story.here.account.organization).await;
    work(story.app(), tenant, &job).await.unwrap();
    let lines = story.lines(&context, &job).await;
    let of = |id: &ResourceId| lines.iter().find(|line| line["id"] == id.as_str());
    let li = of(&story.li).unwrap();
    assert_eq!((&li["gender"], &li["meta"]["versionId"]), (&json!("female"), &json!("1")));
    assert!(of(&new).is_none() && of(&story.wang).is_none() && of(&story.far).is_some());
}

#[tokio::test]
async fn cancelled_or_over_it_leaves_nothing() {
    let story = story_in(Clinic::with(|settings| settings.export_file_bytes = 1)).await;
    let (app, tenant) = (story.app(), story.clinic.tenant);
    let context = program(&story.clinic, EVERYTHING);
    let running = ask(app, &context, Level::System, &asked(&[])).await.unwrap();
    jobs::step(app, tenant, &running, &mut Named::default()).await.unwrap();
    assert_eq!(app.store.blob_totals().await.unwrap().0, 1);
    cancel(app, &context, &running).await.unwrap();
    assert_eq!(jobs::step(app, tenant, &running, &mut Named::default()).await.unwrap(), Step::Done);
    assert_eq!(app.store.blob_totals().await.unwrap().0, 0);
    assert_eq!(kind(status(app, &context, &running).await), ErrorKind::NotFound);
    assert_eq!(kind(cancel(app, &context, &running).await), ErrorKind::NotFound);

    let job = story.export(&context, Level::System, &[]).await;
    assert!(app.store.blob_totals().await.unwrap().0 > 3);
    story.clinic.clock.pass(24 * 3600 + 1);
    let later = Context { now: app.clock.now(), ..context.clone() };
    assert_eq!(kind(status(app, &later, &job).await), ErrorKind::NotFound, "before it is swept, too");
    jobs::expire(app).await.unwrap();
    assert_eq!(app.store.blob_totals().await.unwrap().0, 0);
    let sealed = app.blobs.files().unwrap();
    let kept: Vec<_> = sealed.iter().filter(|path| !path.starts_with("keys")).collect();
    assert!(kept.is_empty(), "{kept:?}");
}

#[tokio::test]
async fn a_tenant_has_a_few_at_a_time() {
    let story = story_in(Clinic::with(|settings| settings.export_jobs = 2)).await;
    let context = program(&story.clinic, EVERYTHING);
    let first = ask(story.app(), &context, Level::System, &asked(&[])).await.unwrap();
    ask(story.app(), &context, Level::System, &asked(&[])).await.unwrap();
    let third = ask(story.app(), &context, Level::System, &asked(&[])).await;
    assert!(matches!(kind(third), ErrorKind::TooMany { retry_after_s: 1.. }));
    let neighbour = program(&story.clinic.beside("other.example").await, EVERYTHING);
    assert!(ask(story.app(), &neighbour, Level::System, &asked(&[])).await.is_ok(), "each tenant by itself");
    work(story.app(), story.clinic.tenant, &first).await.unwrap();
    assert!(ask(story.app(), &context, Level::System, &asked(&[])).await.is_ok());
}

#[tokio::test]
async fn the_audit_says_what_was_asked_and_whom_it_is_about() {
    let story = story().await;
    let context = program(&story.clinic, EVERYTHING);
    let filter = [("_type", "Patient"), ("_typeFilter", "Patient?name=李")];
    let job = story.export(&context, Level::System, &filter).await;
    story.lines(&context, &job).await;
    let rows = |patient: Option<&ResourceId>| {
        let query = AuditQuery { patient: patient.cloned(), limit: 100, ..AuditQuery::default() };
        let store = story.app().store.clone();
        async move {
            let rows = store.audit(story.clinic.tenant, query).await.unwrap().into_iter();
            rows.map(|(_, row)| row)
                .filter(|row| row.operation.starts_with("fhir.export"))
                .collect::<Vec<_>>()
        }
    };
    let all = rows(None).await;
    let operations: Vec<_> = all.iter().rev().map(|row| row.operation.as_str()).collect();
    assert_eq!(operations, ["fhir.export", "fhir.export", "fhir.export-file"]);
    let asked = &all.last().unwrap().detail;
    assert!(asked.starts_with("/$export?_type=Patient&_typeFilter=Patient?name=~"), "{asked}");
    assert_eq!(rows(Some(&story.li)).await.len(), 1);
    assert_eq!(rows(Some(&story.wang)).await.len(), 0);
}

#[tokio::test]
async fn a_record_that_is_destroyed_is_in_no_export() {
    let story = story_in(Clinic::with(|settings| settings.retention_years = 0)).await;
    let context = program(&story.clinic, EVERYTHING);
    let job = story.export(&context, Level::System, &[]).await;
    story.clinic.clock.pass(3600);
    shred(story.app(), story.clinic.tenant, &story.li, "asked for by the court").await.unwrap();
    assert_eq!(kind(status(story.app(), &context, &job).await), ErrorKind::NotFound);
    assert_eq!(story.app().store.blob_totals().await.unwrap().0, 0);
}

#[tokio::test]
async fn a_place_that_another_program_left_is_begun_again() {
    let story = story_in(Clinic::with(|settings| settings.export_file_bytes = 1)).await;
    for _ in 0..60 {
        observe(&story.clinic, &story.li, 1).await;
    }
    let context = program(&story.clinic, EVERYTHING);
    let job = ask(story.app(), &context, Level::System, &asked(&[])).await.unwrap();
    let tenant = story.clinic.tenant;
    jobs::step(story.app(), tenant, &job, &mut Named::default()).await.unwrap();
    let mut loaded = story.app().load::<jobs::Job>(tenant, job.as_str()).await.unwrap().unwrap();
    let jobs::Work::Export(export) = &mut loaded.value.work else { panic!() };
    assert!(export.place.after.is_some());
    export.place.after = Some("of-another-program".to_owned());
    let server = story.clinic.server();
    let mut change = Change::new(story.app(), &server);
    change.update(&loaded).unwrap();
    change.commit().await.unwrap();
    work(story.app(), tenant, &job).await.unwrap();
    let exported = names(&story.lines(&context, &job).await);
    assert_eq!(exported["Observation"], story.stored("Observation").await);
}
