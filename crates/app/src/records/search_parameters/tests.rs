//! Stories of search parameters that a tenant defines.

use bianque_model::{Actor, Context};
use serde_json::{Value, json};

use super::{covered, in_force};
use crate::records::search::search;
use crate::records::{Asked, reindex};
use crate::testing::{Clinic, over_fhir};
use crate::{App, Error, ErrorKind, jobs};

fn program(clinic: &Clinic) -> Context {
    let scopes = vec!["system/*.cruds".to_owned()];
    clinic.context(Actor::System { token: "t1".parse().unwrap(), scopes })
}

fn kin(id: &str) -> Value {
    json!({
        "resourceType": "SearchParameter", "id": id, "url": format!("https://clinic.example/{id}"),
        "name": "Kin", "status": "active", "description": "the names of a patient's kin", "code": "kin",
        "base": ["Patient"], "type": "string", "expression": "Patient.contact.name",
    })
}

fn patient(id: &str, kin: &str) -> Value {
    json!({"resourceType": "Patient", "id": id, "contact": [{"name": {"family": kin}}]})
}

async fn put(app: &App, context: &Context, resource: &Value) -> Result<(), Error> {
    let (of, id) = (resource["resourceType"].as_str().unwrap(), resource["id"].as_str().unwrap());
    let body = resource.to_string();
    over_fhir::update(app, context, of, &id.parse().unwrap(), body.as_bytes(), None).await.map(drop)
}

/// The ids that a search finds, or what it is refused with.
async fn found(
    app: &App,
    context: &Context,
    of: &str,
    name: &str,
    value: &str,
) -> Result<Vec<String>, Error> {
    let pairs = [(name.to_owned(), value.to_owned())];
    let bundle: Value = serde_json::from_slice(&search(app, context, of, &pairs, false).await?).unwrap();
    let entries = bundle["entry"].as_array().into_iter().flatten();
    Ok(entries.map(|entry| entry["resource"]["id"].as_str().unwrap().to_owned()).collect())
}

/// Indexes all patients anew, as `$reindex` does.
async fn reindex(clinic: &Clinic, lab: &Context) {
    let job = reindex::ask(&clinic.app, lab, Some("Patient"), &Asked::default()).await.unwrap();
    jobs::work(&clinic.app, clinic.tenant, &job).await.unwrap();
}

#[tokio::test]
async fn where_nobody_is_yet_a_parameter_finds_at_once() {
    let clinic = Clinic::open();
    let (app, lab) = (&clinic.app, program(&clinic));
    put(app, &lab, &kin("kin")).await.unwrap();
    put(app, &lab, &patient("ana", "Silva")).await.unwrap();
    put(app, &lab, &patient("bo", "Berg")).await.unwrap();
    assert_eq!(found(app, &lab, "Patient", "kin", "silva").await.unwrap(), ["ana"]);
    assert_eq!(found(app, &lab, "Patient", "kin:exact", "Berg").await.unwrap(), ["bo"]);
    put(app, &lab, &patient("bo", "Silva")).await.unwrap();
    assert_eq!(found(app, &lab, "Patient", "kin", "silva").await.unwrap().len(), 2);
    let clinic = clinic.reopened();
    assert_eq!(
        found(&clinic.app, &lab, "Patient", "kin", "silva").await.unwrap().len(),
        2,
        "also after a restart"
    );
}

#[tokio::test]
async fn older_resources_are_never_missed_silently() {
    let clinic = Clinic::open();
    let (app, lab) = (&clinic.app, program(&clinic));
    put(app, &lab, &patient("ana", "Silva")).await.unwrap();
    put(app, &lab, &kin("kin")).await.unwrap();
    put(app, &lab, &patient("bo", "Silva")).await.unwrap();
    let told = found(app, &lab, "Patient", "kin", "silva").await.unwrap_err();
    assert_eq!(told.kind, ErrorKind::Malformed);
    assert!(told.details.to_string().contains("$reindex"), "{}", told.details);
    reindex(&clinic, &lab).await;
    assert_eq!(found(app, &lab, "Patient", "kin", "silva").await.unwrap().len(), 2);

    let mut other = kin("kin");
    other["expression"] = "Patient.contact.name.where(use = 'official')".into();
    put(app, &lab, &other).await.unwrap();
    assert!(
        found(app, &lab, "Patient", "kin", "silva").await.is_err(),
        "the rows are those of another expression"
    );
    let before = in_force(app, clinic.tenant).await.unwrap().generation - 1;
    covered(app, &clinic.server(), before, &["Patient".to_owned()]).await.unwrap();
    assert!(found(app, &lab, "Patient", "kin", "silva").await.is_err(), "a reindexing that began before");
    reindex(&clinic, &lab).await;
    assert_eq!(found(app, &lab, "Patient", "kin", "silva").await.unwrap(), Vec::<String>::new());

    let mut described = other.clone();
    described["description"] = "said better".into();
    put(app, &lab, &described).await.unwrap();
    assert!(found(app, &lab, "Patient", "kin", "silva").await.is_ok(), "other words index nothing anew");
}

#[tokio::test]
async fn what_is_taken_away_or_not_in_force_is_not_searched_by() {
    let clinic = Clinic::open();
    let (app, lab) = (&clinic.app, program(&clinic));
    put(app, &lab, &kin("kin")).await.unwrap();
    put(app, &lab, &patient("ana", "Silva")).await.unwrap();
    let mut retired = kin("kin");
    retired["status"] = "retired".into();
    put(app, &lab, &retired).await.unwrap();
    assert!(found(app, &lab, "Patient", "kin", "silva").await.is_err());
    put(app, &lab, &patient("bo", "Silva")).await.unwrap();
    put(app, &lab, &kin("kin")).await.unwrap();
    assert!(
        found(app, &lab, "Patient", "kin", "silva").await.is_err(),
        "what was written meanwhile has no rows"
    );
    over_fhir::delete(app, &lab, "SearchParameter", &"kin".parse().unwrap(), None).await.unwrap();
    let told = found(app, &lab, "Patient", "kin", "silva").await.unwrap_err();
    assert!(told.details.to_string().contains("no such search parameter"), "{}", told.details);
}

#[tokio::test]
async fn what_cannot_be_indexed_or_means_two_things_is_refused_with_the_reason() {
    let clinic = Clinic::open();
    let (app, lab) = (&clinic.app, program(&clinic));
    let mut wrong = kin("kin");
    wrong["expression"] = "Patient.contact".into();
    let told = put(app, &lab, &wrong).await.unwrap_err();
    assert_eq!((told.kind, told.code), (ErrorKind::Refused, "fhir.search-parameter"));
    assert!(told.details.to_string().contains("SearchParameter.expression"), "{}", told.details);
    put(app, &lab, &kin("kin")).await.unwrap();
    let told = put(app, &lab, &kin("other")).await.unwrap_err();
    assert!(told.details.to_string().contains("SearchParameter/kin"), "{}", told.details);
    put(app, &lab, &kin("kin")).await.unwrap();
}

#[tokio::test]
async fn a_parameter_is_of_its_tenant_alone() {
    let clinic = Clinic::open();
    let beside = clinic.beside("beside.example").await;
    let lab = program(&clinic);
    put(&clinic.app, &lab, &kin("kin")).await.unwrap();
    assert!(found(&clinic.app, &lab, "Patient", "kin", "x").await.is_ok());
    assert!(found(&clinic.app, &program(&beside), "Patient", "kin", "x").await.is_err());
}

/// Parameters come and go while patients are written: whatever is searched by afterwards finds everybody.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn patients_written_while_a_parameter_comes_are_all_found() {
    let clinic = Clinic::open();
    let lab = program(&clinic);
    let writers = (0..4).map(|writer| {
        let (app, lab) = (clinic.app.clone(), lab.clone());
        tokio::spawn(async move {
            for number in 0..25 {
                put(&app, &lab, &patient(&format!("p{writer}-{number}"), "Silva")).await.unwrap();
            }
        })
    });
    let writers: Vec<_> = writers.collect();
    for _ in 0..5 {
        put(&clinic.app, &lab, &kin("kin")).await.unwrap();
        reindex(&clinic, &lab).await;
        let by_kin = found(&clinic.app, &lab, "Patient", "kin:missing", "true").await.unwrap();
        assert_eq!(by_kin, Vec::<String>::new(), "everybody has kin");
        let mut retired = kin("kin");
        retired["status"] = "retired".into();
        put(&clinic.app, &lab, &retired).await.unwrap();
    }
    for writer in writers {
        writer.await.unwrap();
    }
}
