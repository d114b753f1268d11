//! Tags and labels, added and taken away.

use serde_json::{Value, json};

use super::{answer, asked, kind, posted, program};
use crate::ErrorKind;
use crate::records::operations::meta::{Way, change, meta};
use crate::records::read;
use crate::testing::Clinic;

fn given(meta: &Value) -> crate::records::Asked {
    posted(&json!([{"name": "meta", "valueMeta": meta}]))
}

#[tokio::test]
async fn tags_and_labels_are_sets_and_each_change_is_a_version() {
    let clinic = Clinic::open();
    let home = clinic.organization("Home").await;
    let patient = clinic.patient("张伟", &home).await;
    let (app, all) = (&clinic.app, program(&clinic, &["system/*.cruds"]));
    let told = |answer: Value| answer["parameter"][0]["valueMeta"].clone();
    let here = ("Patient", &patient);
    let label = json!({"system": "http://terminology.hl7.org/CodeSystem/v3-Confidentiality", "code": "R"});
    let more = json!({"tag": [{"system": "urn:t", "code": "a"}, {"system": "urn:t", "code": "b"}], "security": [label],
        "profile": ["https://clinic.example/p"]});
    let added = told(answer(change(app, &all, here, Way::Add, &given(&more)).await));
    assert_eq!(
        (&added["versionId"], &added["tag"], &added["security"]),
        (&json!("2"), &more["tag"], &more["security"])
    );
    // The same again, with another display, changes nothing.
    let again = json!({"tag": [{"system": "urn:t", "code": "a", "display": "A"}]});
    assert_eq!(told(answer(change(app, &all, here, Way::Add, &given(&again)).await)), added);
    assert_eq!(told(answer(meta(app, &all, "Patient", &patient, &asked(&[])).await)), added);

    let gone = told(answer(change(app, &all, here, Way::Delete, &given(&again)).await));
    assert_eq!((&gone["versionId"], &gone["tag"]), (&json!("3"), &json!([{"system": "urn:t", "code": "b"}])));
    let bare = told(answer(change(app, &all, here, Way::Delete, &given(&more)).await));
    assert_eq!(bare.as_object().unwrap().len(), 2, "versionId and lastUpdated alone: {bare}");
    let stored = read::read(app, &all, "Patient", &patient).await.unwrap();
    let stored: Value = serde_json::from_slice(&stored.body).unwrap();
    assert_eq!((&stored["meta"], &stored["name"][0]["text"]), (&bare, &json!("张伟")));
}

#[tokio::test]
async fn who_may_not_write_changes_no_tag_and_what_is_not_there_has_none() {
    let clinic = Clinic::open();
    let home = clinic.organization("Home").await;
    let doctor = clinic.clinician("li.na", &home).await;
    let patient = clinic.patient("张伟", &home).await;
    let app = &clinic.app;
    let tag = given(&json!({"tag": [{"code": "t"}]}));
    for context in [doctor.context.clone(), program(&clinic, &["system/Patient.rs"])] {
        assert!(meta(app, &context, "Patient", &patient, &asked(&[])).await.is_ok());
        let refused = change(app, &context, ("Patient", &patient), Way::Add, &tag).await;
        assert_eq!(kind(refused), ErrorKind::Forbidden);
    }
    let all = program(&clinic, &["system/*.cruds"]);
    let nobody = "nobody".parse().unwrap();
    assert_eq!(kind(change(app, &all, ("Patient", &nobody), Way::Add, &tag).await), ErrorKind::NotFound);
    assert_eq!(kind(meta(app, &all, "Patient", &nobody, &asked(&[])).await), ErrorKind::NotFound);
    let without = change(app, &all, ("Patient", &patient), Way::Add, &asked(&[])).await;
    assert_eq!(kind(without), ErrorKind::Malformed);
}
