//! The desk of the record office over HTTP: whose it is, and what merging answers.

use axum::http::{Method, StatusCode};
use bianque_app::testing::Clinic;
use bianque_model::Role;
use serde_json::json;

use super::{Server, bare, with_json};

#[tokio::test]
async fn the_front_desk_merges_and_undoes_and_a_clinician_reads_one_record() {
    let clinic = Clinic::open();
    let home = clinic.organization("Riverside").await;
    clinic.clinician("li.na", &home).await;
    clinic.staff("mei", Role::FrontDesk, &home).await;
    let (ana, anna) = (clinic.patient("Ana", &home).await, clinic.patient("Anna", &home).await);
    let server = Server::start(clinic);
    let (doctor, desk) = (server.sign_in("li.na").await, server.sign_in("mei").await);

    let path = format!("/api/patients/{ana}/merge");
    let body = json!({"into": anna, "reason": "one passport"});
    let refused = server.ask(doctor.send(with_json(Method::POST, &path, &body))).await;
    assert_eq!(refused.status, StatusCode::FORBIDDEN);
    let merged = server.ask(desk.send(with_json(Method::POST, &path, &body))).await;
    assert_eq!((merged.status, &merged.body["survivor_id"]), (StatusCode::OK, &json!(anna)));
    let again = server.ask(desk.send(with_json(Method::POST, &path, &body))).await;
    assert_eq!((again.status, &again.body["error"]["code"]), (StatusCode::CONFLICT, &json!("merge.merged")));

    let read = server.ask(doctor.send(bare(Method::GET, &format!("/fhir/Patient/{ana}")))).await;
    assert_eq!((&read.body["active"], &read.body["link"][0]["type"]), (&json!(false), &json!("replaced-by")));
    let links = server.ask(doctor.send(bare(Method::GET, &format!("/api/patients/{ana}/links")))).await;
    assert_eq!((&links.body["survivor"]["name"], &links.body["merged_into"]), (&json!("Anna"), &json!(anna)));

    for path in ["/api/patients/pairs", "/api/patients/merges"] {
        assert_eq!(server.ask(doctor.send(bare(Method::GET, path))).await.status, StatusCode::FORBIDDEN);
        assert_eq!(server.ask(desk.send(bare(Method::GET, path))).await.status, StatusCode::OK);
    }
    let id = merged.body["merge_id"].as_str().unwrap();
    let path = format!("/api/patients/merges/{id}/undo");
    let undone =
        server.ask(desk.send(with_json(Method::POST, &path, &json!({"reason": "two sisters"})))).await;
    assert_eq!((undone.status, &undone.body["merged_id"]), (StatusCode::OK, &json!(ana)));
    let read = server.ask(doctor.send(bare(Method::GET, &format!("/fhir/Patient/{ana}")))).await;
    assert_eq!(read.body.get("link"), None);
}

#[tokio::test]
async fn people_merge_at_the_desk_and_programs_over_fhir() {
    let clinic = Clinic::open();
    let home = clinic.organization("Riverside").await;
    clinic.staff("mei", Role::FrontDesk, &home).await;
    let (ana, anna) = (clinic.patient("Ana", &home).await, clinic.patient("Anna", &home).await);
    let server = Server::start(clinic);
    let desk = server.sign_in("mei").await;
    let named =
        |name: &str, id| json!({"name": name, "valueReference": {"reference": format!("Patient/{id}")}});
    let body = json!({"resourceType": "Parameters", "parameter": [
        named("source-patient", &ana), named("target-patient", &anna),
    ]});
    let refused = server.ask(desk.send(with_json(Method::POST, "/fhir/Patient/$merge", &body))).await;
    assert_eq!(
        (refused.status, &refused.body["resourceType"]),
        (StatusCode::FORBIDDEN, &json!("OperationOutcome"))
    );
}
