//! What comes to the desk, why, and what does not come again.

use super::*;
use crate::directory::patients::{self, Identifier, NewPatient};
use crate::patients::authorities::Sharing;
use crate::patients::{desk, look, refused as refusals};
use crate::testing::over_fhir;

/// Looks until there is nothing new.
async fn look_all(story: &Story) {
    while look::look(&story.clinic.app, story.clinic.tenant).await.unwrap() > 0 {}
}

/// What is on the desk, after looking.
async fn on_desk(story: &Story) -> Value {
    look_all(story).await;
    desk::pairs(&story.clinic.app, &story.desk.context, None).await.unwrap()
}

/// A patient whom a program writes.
async fn sent(story: &Story, mut patient: Value) -> ResourceId {
    patient["resourceType"] = json!("Patient");
    patient["managingOrganization"] = json!({"reference": format!("Organization/{}", story.home)});
    let body = patient.to_string().into_bytes();
    let written =
        over_fhir::create(&story.clinic.app, &story.program(), "Patient", &body, None).await.unwrap();
    written.record.unwrap().id
}

fn agreement(pair: &Value, part: &str) -> String {
    let parts = pair["parts"].as_array().unwrap();
    let part = parts.iter().find(|one| one["part"] == part).unwrap();
    part["agreement"].as_str().unwrap().to_owned()
}

#[tokio::test]
async fn two_who_are_alike_come_to_the_desk_with_in_what_they_agree() {
    let story = Story::begin().await;
    let twin = json!({"name": [{"family": "Reyes", "given": ["Ana"]}], "birthDate": "1984-03-17", "gender": "female"});
    let twin = sent(&story, twin).await;
    let shown = on_desk(&story).await;
    let pairs = shown["pairs"].as_array().unwrap();
    let of_twin: Vec<&Value> = pairs
        .iter()
        .filter(|pair| pair["one"]["id"] == json!(twin) || pair["other"]["id"] == json!(twin))
        .collect();
    assert_eq!(of_twin.len(), 1, "{shown}");
    let pair = of_twin[0];
    assert_eq!(
        (&pair["why"], agreement(pair, "name"), agreement(pair, "birth_date")),
        (&json!("duplicate"), "same".into(), "same".into())
    );
    assert_eq!((agreement(pair, "sex"), agreement(pair, "identifier")), ("same".into(), "unknown".into()));
    assert_eq!(
        look::look(&story.clinic.app, story.clinic.tenant).await.unwrap(),
        0,
        "nothing is looked at twice"
    );
}

#[tokio::test]
async fn not_the_same_is_remembered_and_a_pair_that_is_none_any_longer_goes() {
    let story = Story::begin().await;
    let twin = json!({"name": [{"text": "Ana Reyes"}], "birthDate": "1984-03-17"});
    let twin = sent(&story, twin.clone()).await;
    let shown = on_desk(&story).await;
    let pair = shown["pairs"][0]["id"].as_str().unwrap().to_owned();
    desk::different(&story.clinic.app, &story.desk.context, &pair).await.unwrap();
    let mut again = story.patient(&twin).await;
    again["telecom"] = json!([{"system": "phone", "value": "+8613800000000"}]);
    let body = again.to_string().into_bytes();
    over_fhir::update(&story.clinic.app, &story.program(), "Patient", &twin, &body, None).await.unwrap();
    assert_eq!(on_desk(&story).await["pairs"], json!([]), "it does not come again");

    let third = sent(&story, json!({"name": [{"text": "Anna Reyes"}], "birthDate": "1984-03-17"})).await;
    assert_eq!(on_desk(&story).await["pairs"].as_array().unwrap().len(), 1);
    let mut other = story.patient(&third).await;
    (other["name"], other["birthDate"]) = (json!([{"text": "Bo Ek"}]), json!("1950-01-01"));
    let body = other.to_string().into_bytes();
    over_fhir::update(&story.clinic.app, &story.program(), "Patient", &third, &body, None).await.unwrap();
    assert_eq!(on_desk(&story).await["pairs"], json!([]), "they are not alike any longer");
}

#[tokio::test]
async fn a_programs_double_is_taken_and_is_a_conflict_unless_the_authority_says_otherwise() {
    let story = Story::begin().await;
    let numbered = |name: &str, born: &str| {
        let assigner = json!({"display": "Riverside"});
        json!({"name": [{"text": name}], "birthDate": born,
            "identifier": [{"system": "urn:mrn", "value": "7", "assigner": assigner}]})
    };
    sent(&story, numbered("Bo Ek", "1950-01-01")).await;
    sent(&story, numbered("Cho Lim", "1990-12-31")).await;
    let shown = on_desk(&story).await;
    let pair = &shown["pairs"][0];
    assert_eq!(
        (&pair["why"], agreement(pair, "identifier"), agreement(pair, "name")),
        (&json!("conflict"), "same".into(), "different".into())
    );
    assert_eq!(pair["one"]["identifiers"][0]["authority"], "Riverside");

    story.clinic.authority("urn:mrn", Sharing::Refused).await;
    let body = json!({"resourceType": "Patient", "identifier": [{"system": "urn:mrn", "value": "7"}]});
    let (program, body) = (story.program(), body.to_string().into_bytes());
    let tried = over_fhir::create(&story.clinic.app, &program, "Patient", &body, None);
    assert_eq!(refused(tried.await), (ErrorKind::Conflict, "fhir.duplicate"));

    story.clinic.authority("urn:mrn", Sharing::Allowed).await;
    sent(&story, numbered("Dee Falk", "1970-06-06")).await;
    let left = on_desk(&story).await;
    let conflicts = left["pairs"].as_array().unwrap().iter().filter(|pair| pair["why"] == "conflict").count();
    assert_eq!(conflicts, 1, "a number that a family shares is nothing to look at");
}

#[tokio::test]
async fn who_is_refused_at_the_desk_is_told_and_the_claim_is_kept() {
    let story = Story::begin().await;
    let known = json!({"name": [{"text": "Bo Ek"}], "birthDate": "1950-01-01", "identifier": [{"system": "urn:mrn", "value": "7"}]});
    let known = sent(&story, known).await;
    let wanted = |name: &str, born: &str| NewPatient {
        name: name.into(),
        birth_date: born.into(),
        sex: "male".into(),
        phone: String::new(),
        identifier: Some(Identifier { system: "urn:mrn".into(), value: "7".into() }),
        language: "en".into(),
    };
    let app = &story.clinic.app;
    for (name, born, kept) in [("Bo Ek", "1950-01-01", 0), ("Cho Lim", "1990-12-31", 1)] {
        let tried = patients::create(app, &story.desk.context, wanted(name, born)).await;
        assert_eq!(refused(tried), (ErrorKind::Conflict, "patient.exists"));
        assert_eq!(on_desk(&story).await["refused"].as_array().unwrap().len(), kept, "{name}");
    }
    let shown = on_desk(&story).await;
    let claim = &shown["refused"][0];
    assert_eq!((&claim["name"], &claim["patient"]["id"]), (&json!("Cho Lim"), &json!(known)));
    let id = claim["id"].as_str().unwrap().parse().unwrap();
    refusals::settle(app, &story.desk.context, &id).await.unwrap();
    assert_eq!(on_desk(&story).await["refused"], json!([]));
}

#[tokio::test]
async fn what_another_system_says_was_replaced_is_asked_about_and_a_merge_takes_it_away() {
    let story = Story::begin().await;
    let link = json!([{"other": {"reference": format!("Patient/{}", story.anna)}, "type": "replaced-by"}]);
    let old = sent(&story, json!({"name": [{"text": "Somebody Else"}], "active": false, "link": link})).await;
    let shown = on_desk(&story).await;
    assert_eq!((shown["pairs"].as_array().unwrap().len(), &shown["pairs"][0]["why"]), (1, &json!("stated")));
    let merged = story.merge(&old, &story.anna).await.unwrap();
    assert_eq!(on_desk(&story).await["pairs"], json!([]));
    let merges = desk::merges(&story.clinic.app, &story.desk.context).await.unwrap();
    assert_eq!(
        (&merges["merges"][0]["id"], &merges["merges"][0]["reason"]),
        (&json!(merged.merge_id), &json!("one passport"))
    );
    story.undo(&merged).await.unwrap();
    assert_eq!(on_desk(&story).await["pairs"].as_array().unwrap().len(), 1, "and undoing brings it back");
    let merges = desk::merges(&story.clinic.app, &story.desk.context).await.unwrap();
    assert_eq!(merges["merges"][0]["undone"]["reason"], "two sisters");
}

#[tokio::test]
async fn a_desk_has_what_its_institution_has_and_nobody_else_has_a_desk() {
    let story = Story::begin().await;
    sent(&story, json!({"name": [{"text": "Ana Reyes"}], "birthDate": "1984-03-17"})).await;
    assert_eq!(on_desk(&story).await["pairs"].as_array().unwrap().len(), 1);
    let pair = on_desk(&story).await["pairs"][0]["id"].as_str().unwrap().to_owned();
    let away = story.clinic.organization("Hillside").await;
    let elsewhere = story.clinic.staff("yu", Role::FrontDesk, &away).await;
    let app = &story.clinic.app;
    let shown = desk::pairs(app, &elsewhere.context, None).await.unwrap();
    assert_eq!((&shown["pairs"], &shown["refused"]), (&json!([]), &json!([])));
    assert_eq!(refused(desk::different(app, &elsewhere.context, &pair).await).0, ErrorKind::NotFound);
    assert_eq!(refused(desk::pairs(app, &story.doctor.context, None).await).0, ErrorKind::Forbidden);
    assert_eq!(refused(desk::merges(app, &story.program()).await).0, ErrorKind::Forbidden);
}
