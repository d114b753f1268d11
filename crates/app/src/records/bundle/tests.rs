//! Stories of batches and transactions, of conditions and patches, and of two who want the same.

use bianque_model::{Actor, Context};
use serde_json::{Value, json};

use super::process;
use crate::patients::authorities::Sharing;
use crate::records::write::{Done, Patch, Target, What, Write, write};
use crate::records::{history, prepare, search};
use crate::testing::Clinic;
use crate::{Error, ErrorKind};

fn program(clinic: &Clinic) -> Context {
    clinic.context(Actor::System { token: "t1".parse().unwrap(), scopes: vec!["system/*.cruds".into()] })
}

async fn send(clinic: &Clinic, kind: &str, entries: Vec<Value>) -> Result<Vec<Value>, Error> {
    let bundle = json!({"resourceType": "Bundle", "type": kind, "entry": entries});
    let answer = process(&clinic.app, &program(clinic), bundle, false).await?;
    let answer: Value = serde_json::from_slice(&answer).unwrap();
    assert_eq!(bianque_fhir::validate(&answer), []);
    Ok(answer["entry"].as_array().cloned().unwrap_or_default())
}

async fn found(clinic: &Clinic, resource_type: &str, query: &[(&str, &str)]) -> Vec<Value> {
    let pairs: Vec<_> = query.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
    let bundle = search::search(&clinic.app, &program(clinic), resource_type, &pairs, false).await.unwrap();
    let bundle: Value = serde_json::from_slice(&bundle).unwrap();
    let entries = bundle["entry"].as_array().cloned().unwrap_or_default();
    entries.into_iter().map(|entry| entry["resource"].clone()).collect()
}

#[expect(clippy::needless_pass_by_value, reason = "entries are written where they are sent")]
fn post(name: &str, resource: Value) -> Value {
    let url = resource["resourceType"].clone();
    json!({"fullUrl": name, "resource": resource, "request": {"method": "POST", "url": url}})
}

fn patient(number: &str) -> Value {
    json!({"resourceType": "Patient", "identifier": [{"system": "urn:a", "value": number}]})
}

const LI: &str = "urn:uuid:c757873d-ec9a-4326-a141-556f43239520";

#[tokio::test]
async fn entries_of_a_transaction_refer_to_each_other_and_to_what_is_there() {
    let clinic = Clinic::open();
    let home = clinic.organization("Home").await;
    let mut li = patient("1");
    li["text"] = json!({"status": "generated", "div": format!("<div xmlns=\"http://www.w3.org/1999/xhtml\"><a href=\"{LI}\">Li</a></div>")});
    li["managingOrganization"] = json!({"reference": "Organization?name=Home"});
    let visit = json!({"resourceType": "Encounter", "status": "planned", "class": {"code": "VR"}, "subject": {"reference": LI}});
    let seen = json!({"resourceType": "Observation", "status": "final", "code": {"text": "x"},
        "subject": {"reference": "Patient/7"}, "encounter": {"reference": "urn:uuid:00000000-0000-0000-0000-000000000001"}});
    let other = json!({"fullUrl": "http://elsewhere.example/fhir/Patient/7", "resource": patient("7"), "request": {"method": "POST", "url": "Patient"}});
    let entries = vec![
        // The order of entries does not matter.
        post("urn:uuid:00000000-0000-0000-0000-000000000002", seen),
        post("urn:uuid:00000000-0000-0000-0000-000000000001", visit),
        post(LI, li),
        other,
        json!({"resource": {"resourceType": "Location", "id": "here", "name": "Here"}, "request": {"method": "PUT", "url": "Location/here"}}),
        json!({"request": {"method": "GET", "url": "Location?name=Here"}}),
    ];
    let answers = send(&clinic, "transaction", entries).await.unwrap();
    let statuses: Vec<&str> =
        answers.iter().map(|entry| entry["response"]["status"].as_str().unwrap()).collect();
    assert_eq!(statuses, ["201", "201", "201", "201", "201", "200"]);
    assert_eq!(answers[4]["response"]["location"], "Location/here/_history/1");
    assert_eq!(answers[5]["resource"]["total"], 1, "reads come after the writes");
    let [li] = found(&clinic, "Patient", &[("identifier", "urn:a|1")]).await.try_into().unwrap();
    let own = format!("Patient/{}", li["id"].as_str().unwrap());
    assert_eq!(li["managingOrganization"]["reference"], format!("Organization/{home}"));
    assert!(li["text"]["div"].as_str().unwrap().contains(&format!("href=\"{own}\"")));
    let visits = found(&clinic, "Encounter", &[("subject", &own)]).await;
    let seen = found(&clinic, "Observation", &[("encounter", visits[0]["id"].as_str().unwrap())]).await;
    let [seventh] = found(&clinic, "Patient", &[("identifier", "urn:a|7")]).await.try_into().unwrap();
    assert_eq!(seen[0]["subject"]["reference"], format!("Patient/{}", seventh["id"].as_str().unwrap()));
}

#[tokio::test]
async fn a_transaction_that_fails_in_its_last_entry_leaves_nothing() {
    let clinic = Clinic::open();
    clinic.authority("urn:a", Sharing::Refused).await;
    let before = everything(&clinic).await;
    let mut entries: Vec<Value> = (0..499).map(|number| post("", patient(&number.to_string()))).collect();
    entries.push(post("", json!({"resourceType": "Patient", "birthDate": "soon"})));
    let error = send(&clinic, "transaction", entries).await.unwrap_err();
    assert_eq!(error.details["issue"][0]["expression"][0], "Bundle.entry[499].resource.birthDate");
    for last in [
        post("", patient("3")),
        json!({"resource": {"resourceType": "Patient", "id": "x"}, "request": {"method": "PUT", "url": "Patient/x", "ifMatch": "W/\"4\""}}),
        json!({"request": {"method": "DELETE", "url": "Patient/nobody"}}),
        post(
            "",
            json!({"resourceType": "Encounter", "status": "planned", "class": {"code": "VR"}, "subject": {"reference": "Patient?identifier=urn:a|none"}}),
        ),
        json!({"request": {"method": "FETCH", "url": "Patient/x"}}),
        json!({"request": {"method": "PUT", "url": "http://elsewhere.example/fhir/Patient/x"}, "resource": patient("9")}),
        json!("no entry"),
    ] {
        let mut entries: Vec<Value> = (0..9).map(|number| post("", patient(&number.to_string()))).collect();
        entries.push(last.clone());
        let error = send(&clinic, "transaction", entries).await.unwrap_err();
        let place = error.details["issue"][0]["expression"][0].as_str().unwrap_or_default().to_owned();
        assert!(
            place.starts_with("Bundle.entry[9]") || place.starts_with("Bundle.entry[3]"),
            "{last}: {place} {error}"
        );
    }
    let twice = json!({"resource": {"resourceType": "Location", "id": "a"}, "request": {"method": "PUT", "url": "Location/a"}});
    assert_eq!(
        send(&clinic, "transaction", vec![twice.clone(), twice]).await.unwrap_err().kind,
        ErrorKind::Malformed
    );
    let many = (0..501).map(|number| post("", patient(&number.to_string()))).collect();
    assert_eq!(send(&clinic, "transaction", many).await.unwrap_err().kind, ErrorKind::Malformed);
    assert_eq!(send(&clinic, "collection", Vec::new()).await.unwrap_err().kind, ErrorKind::Malformed);
    assert_eq!(everything(&clinic).await, before);
}

/// How many versions there are of anything.
async fn everything(clinic: &Clinic) -> usize {
    let wanted = history::Wanted::read(&[("_count".to_owned(), "500".to_owned())]).unwrap();
    let answer =
        history::history(&clinic.app, &clinic.server(), history::Whose::Everything, wanted).await.unwrap();
    serde_json::from_slice::<Value>(&answer).unwrap()["entry"].as_array().map_or(0, Vec::len)
}

#[tokio::test]
async fn entries_of_a_batch_stand_alone() {
    let clinic = Clinic::open();
    let answers = send(
        &clinic,
        "batch",
        vec![
            post("", patient("1")),
            post("", json!({"resourceType": "Patient", "birthDate": "soon"})),
            json!({"request": {"method": "GET", "url": "Patient?identifier=urn:a|1"}}),
            json!({"request": {"method": "GET", "url": "Patient/nobody"}}),
            json!({"request": {"method": "DELETE", "url": "Patient?identifier=urn:a|1"}}),
            json!({"request": {"method": "GET", "url": "Patient?identifier=urn:a|1&_summary=count"}}),
        ],
    )
    .await
    .unwrap();
    let statuses: Vec<&str> =
        answers.iter().map(|entry| entry["response"]["status"].as_str().unwrap()).collect();
    assert_eq!(statuses, ["201", "422", "200", "404", "204", "200"]);
    assert_eq!(answers[1]["response"]["outcome"]["issue"][0]["expression"][0], "Patient.birthDate");
    assert_eq!((&answers[2]["resource"]["total"], &answers[5]["resource"]["total"]), (&json!(1), &json!(0)));
}

async fn one(clinic: &Clinic, what: What) -> Result<(Done, Option<Value>), Error> {
    let written =
        write(&clinic.app, &program(clinic), Write { resource_type: "Patient".into(), what }).await?;
    Ok((written.done, written.record.map(|record| serde_json::from_slice(&record.body).unwrap())))
}

fn of(number: &str) -> Target {
    Target::Matching(vec![("identifier".into(), format!("urn:a|{number}"))])
}

#[tokio::test]
async fn a_condition_finds_the_one_or_none_and_refuses_several() {
    let clinic = Clinic::open();
    let update = |number: &str, resource| What::Update { target: of(number), resource, expected: None };
    let (done, first) = one(&clinic, update("1", patient("1"))).await.unwrap();
    assert_eq!(done, Done::Created);
    let mut again = patient("1");
    again["active"] = true.into();
    let (done, second) = one(&clinic, update("1", again.clone())).await.unwrap();
    assert_eq!((done, &second.as_ref().unwrap()["id"]), (Done::Updated, &first.unwrap()["id"]));
    again["id"] = "another".into();
    assert_eq!(one(&clinic, update("1", again)).await.unwrap_err().kind, ErrorKind::Malformed);
    let mut chosen = patient("2");
    chosen["id"] = "chosen".into();
    let (done, chosen) = one(&clinic, update("2", chosen)).await.unwrap();
    assert_eq!((done, &chosen.unwrap()["id"]), (Done::Created, &json!("chosen")));
    let all = Target::Matching(vec![("identifier".into(), "1,2".into())]);
    let delete = |target| What::Delete { target, expected: None };
    assert_eq!(one(&clinic, delete(all)).await.unwrap_err().code, "fhir.matches");
    assert_eq!(one(&clinic, delete(of("1"))).await.unwrap().0, Done::Deleted);
    assert_eq!(one(&clinic, delete(of("1"))).await.unwrap().0, Done::Deleted, "there is nothing to do");
    assert_eq!(
        one(&clinic, delete(Target::Matching(Vec::new()))).await.unwrap_err().kind,
        ErrorKind::Malformed
    );
    assert_eq!(found(&clinic, "Patient", &[]).await.len(), 1);
}

#[tokio::test]
async fn a_patch_changes_what_it_names_and_leaves_a_valid_resource() {
    let clinic = Clinic::open();
    one(&clinic, What::Create { resource: patient("1"), unless: None }).await.unwrap();
    let patch = |operations: Value| {
        let patch = Patch::read(operations.to_string().as_bytes()).unwrap();
        What::Patch { target: of("1"), patch, expected: None }
    };
    let birth = json!([{"op": "add", "path": "/birthDate", "value": "1984-03-17"}]);
    let (done, changed) = one(&clinic, patch(birth)).await.unwrap();
    assert_eq!((done, &changed.unwrap()["birthDate"]), (Done::Updated, &json!("1984-03-17")));
    for bad in [
        json!([{"op": "test", "path": "/birthDate", "value": "1999"}, {"op": "remove", "path": "/birthDate"}]),
        json!([{"op": "replace", "path": "/nothing", "value": 1}]),
        json!([{"op": "replace", "path": "/birthDate", "value": "soon"}]),
        json!([{"op": "add", "path": "/colour", "value": "red"}]),
    ] {
        assert_eq!(one(&clinic, patch(bad)).await.unwrap_err().kind, ErrorKind::Refused);
    }
    let moved = json!([{"op": "replace", "path": "/id", "value": "other"}]);
    assert_eq!(one(&clinic, patch(moved)).await.unwrap_err().kind, ErrorKind::Malformed);
    for bad in ["{}", "[{\"op\": \"jump\"}]", "[", "[{\"op\":\"add\",\"path\":\"x\",\"value\":1}]"] {
        assert!(Patch::read(bad.as_bytes()).is_err(), "{bad}");
    }
    let [stands] = found(&clinic, "Patient", &[]).await.try_into().unwrap();
    assert_eq!((&stands["birthDate"], &stands["meta"]["versionId"]), (&json!("1984-03-17"), &json!("2")));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn of_those_who_book_one_slot_at_once_one_gets_it() {
    let clinic = Clinic::open();
    let free = |status: &str| json!({"resourceType": "Slot", "id": "nine", "status": status, "schedule": {"reference": "Schedule/s"}, "start": "2030-01-01T09:00:00Z", "end": "2030-01-01T09:15:00Z"});
    send(
        &clinic,
        "batch",
        vec![json!({"resource": free("free"), "request": {"method": "PUT", "url": "Slot/nine"}})],
    )
    .await
    .unwrap();
    let tries: Vec<_> = (0..12)
        .map(|number| {
            let (app, context) = (clinic.app.clone(), program(&clinic));
            let taken = free("busy");
            tokio::spawn(async move {
                let booked = json!({"resourceType": "Appointment", "status": "booked", "slot": [{"reference": "Slot/nine"}],
                    "start": "2030-01-01T09:00:00Z", "end": "2030-01-01T09:15:00Z",
                    "participant": [{"status": "accepted", "actor": {"reference": format!("Patient/p{number}")}}]});
                let bundle = json!({"resourceType": "Bundle", "type": "transaction", "entry": [
                    post("", booked),
                    {"resource": taken, "request": {"method": "PUT", "url": "Slot/nine", "ifMatch": "W/\"1\""}},
                ]});
                process(&app, &context, bundle, false).await.is_ok()
            })
        })
        .collect();
    let mut got = 0;
    for handle in tries {
        got += usize::from(handle.await.unwrap());
    }
    assert_eq!((got, found(&clinic, "Appointment", &[]).await.len()), (1, 1));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn no_patch_of_many_at_once_is_lost() {
    let clinic = Clinic::open();
    let (_, made) = one(&clinic, What::Create { resource: patient("1"), unless: None }).await.unwrap();
    let id: bianque_model::ResourceId = made.unwrap()["id"].as_str().unwrap().parse().unwrap();
    let tries: Vec<_> = (0..8)
        .map(|number| {
            let (app, context, id) = (clinic.app.clone(), program(&clinic), id.clone());
            tokio::spawn(async move {
                let name = json!([{"op": "add", "path": "/identifier/-", "value": {"system": "urn:b", "value": number.to_string()}}]);
                let patch = Patch::read(name.to_string().as_bytes()).unwrap();
                let what = What::Patch { target: Target::Id(id), patch, expected: None };
                write(&app, &context, Write { resource_type: "Patient".into(), what }).await.is_ok()
            })
        })
        .collect();
    let mut done = 0;
    for handle in tries {
        done += usize::from(handle.await.unwrap());
    }
    let [stands] = found(&clinic, "Patient", &[]).await.try_into().unwrap();
    assert_eq!(stands["identifier"].as_array().unwrap().len(), 1 + done, "who was told so is there");
    assert!(done > 0);
    assert!(prepare::read(b"{").is_err());
}

#[tokio::test]
async fn operations_are_asked_in_a_bundle_too() {
    let clinic = Clinic::open();
    let home = clinic.organization("Home").await;
    let patient = clinic.patient("张伟", &home).await;
    let get = |url: String| json!({"request": {"method": "GET", "url": url}});
    let asked = vec![
        get(format!("Patient/{patient}/$everything?_count=5")),
        get(format!("Patient/{patient}/$meta")),
        get(format!("Observation/$lastn?patient={patient}")),
    ];
    let answers = send(&clinic, "batch", asked).await.unwrap();
    let of = |at: usize| answers[at]["resource"]["resourceType"].as_str().unwrap_or_default().to_owned();
    assert_eq!([of(0), of(1), of(2)], ["Bundle", "Parameters", "Bundle"], "{answers:?}");
    assert_eq!(answers[0]["resource"]["total"], 1);
}
