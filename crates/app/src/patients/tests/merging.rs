//! What a merge does, for whom, and what it refuses.

use bianque_store::{AuditAction, AuditQuery};
use serde_json::json;

use super::*;
use crate::directory::{chart, patients};
use crate::patients::merge::says;
use crate::records::read;
use crate::testing::over_fhir;
use crate::visits::list;

#[tokio::test]
async fn the_survivors_record_has_what_was_written_to_the_other() {
    let story = Story::begin().await;
    let extra = story.measured(&story.ana, "x").await;
    let stored = || story.clinic.app.resource(story.clinic.tenant, "Observation", &extra);
    let before = stored().await.unwrap();
    let merged = story.merge(&story.ana, &story.anna).await.unwrap();
    assert_eq!((&merged.survivor_id, merged.open_visits), (&story.anna, 0));

    let (program, anna, ana) = (story.program(), story.anna.as_str(), story.ana.as_str());
    let all = story.measurements(&story.anna).await;
    assert_eq!(all.len(), 3);
    for pairs in [
        [("subject", format!("Patient/{anna}"))],
        [("subject", format!("Patient/{ana}"))],
        [("subject:Patient", anna.to_owned())],
        [("patient.name", "Anna".to_owned())],
        [("subject:Patient.name", "Anna".to_owned())],
        [("patient.organization.name", "Riverside".to_owned())],
    ] {
        let pairs = [(pairs[0].0, pairs[0].1.as_str())];
        assert_eq!(story.found(&program, "Observation", &pairs).await, all, "{pairs:?}");
    }
    let both = {
        let mut both = vec![ana.to_owned(), anna.to_owned()];
        both.sort();
        both
    };
    assert_eq!(
        story.found(&program, "Patient", &[("_has:Observation:patient:value-string", "old")]).await,
        both
    );
    let compartment =
        search::compartment(&story.clinic.app, &program, ("Patient", &story.anna), "Observation", &[], false);
    assert_eq!(ids(&serde_json::from_slice(&compartment.await.unwrap()).unwrap()), all);

    // Nothing that refers to the merged record was written.
    let after = stored().await.unwrap();
    assert_eq!((after.version, &after.value), (before.version, &before.value));

    for patient in [&story.ana, &story.anna] {
        let whole = story.everything(&story.doctor.context, patient).await;
        assert!(all.iter().chain(&both).all(|id| whole.contains(id)), "{patient}: {whole:?}");
        let chart = chart::load(&story.clinic.app, &story.doctor.context, patient).await.unwrap();
        assert_eq!(chart["patient"]["name"], "Anna Reyes", "what is shown is who they are now");
        assert_eq!(chart["observations"].as_array().unwrap().len(), 3);
    }
}

#[tokio::test]
async fn both_records_say_so_with_who_did_it_and_why() {
    let story = Story::begin().await;
    let merged = story.merge(&story.ana, &story.anna).await.unwrap();
    let (ana, anna) = (story.patient(&story.ana).await, story.patient(&story.anna).await);
    assert!(says(&ana, "replaced-by", &story.anna) && ana["active"] == false);
    assert!(says(&anna, "replaces", &story.ana) && anna["active"] != false);
    assert_eq!((bianque_fhir::validate(&ana), bianque_fhir::validate(&anna)), (Vec::new(), Vec::new()));

    let told =
        story.found(&story.program(), "Provenance", &[("target", &format!("Patient/{}", story.anna))]).await;
    let told = read::read(&story.clinic.app, &story.program(), "Provenance", &told[0].parse().unwrap())
        .await
        .unwrap();
    let told: Value = serde_json::from_slice(&told.body).unwrap();
    assert_eq!(bianque_fhir::validate(&told), []);
    assert_eq!(
        (&told["reason"][0]["text"], &told["activity"]["coding"][0]["code"]),
        (&json!("one passport"), &json!("merge"))
    );

    for patient in [&story.ana, &story.anna] {
        let query = AuditQuery { patient: Some(patient.clone()), limit: 50, ..AuditQuery::default() };
        let rows = story.clinic.app.store.audit(story.clinic.tenant, query).await.unwrap();
        let row = rows.iter().find(|(_, row)| row.operation == "patient.merge").unwrap();
        assert_eq!(row.1.action, AuditAction::U);
        assert!(row.1.detail.contains(merged.merge_id.as_str()));
    }
}

#[tokio::test]
async fn who_looks_for_the_old_name_finds_who_they_are_now_once() {
    let story = Story::begin().await;
    story.merge(&story.ana, &story.anna).await.unwrap();
    for text in ["Ana Reyes", "Reyes", ""] {
        let shown = patients::search(&story.clinic.app, &story.desk.context, text, None).await.unwrap();
        let names: Vec<_> =
            shown["patients"].as_array().unwrap().iter().map(|one| one["name"].clone()).collect();
        assert_eq!(names, ["Anna Reyes"], "{text:?}");
    }
}

#[tokio::test]
async fn visits_that_are_open_go_on_and_the_patients_link_reads_the_one_record() {
    let story = Story::begin().await;
    let visit = story.clinic.visit(&story.doctor, &story.ana).await;
    let merged = story.merge(&story.ana, &story.anna).await.unwrap();
    assert_eq!(merged.open_visits, 1, "the desk is told");
    let day = list::day(&story.clinic.app, &story.desk.context, "2026-01-05", "UTC").await.unwrap();
    assert_eq!((&day[0]["id"], &day[0]["patient"]["name"]), (&json!(visit), &json!("Anna Reyes")));
    let chart = chart::of_visit(&story.clinic.app, &story.doctor.context, &visit).await.unwrap();
    assert_eq!((chart["visits"].as_array().unwrap().len(), &chart["visits"][0]["id"]), (1, &json!(visit)));
    let of_anna = chart::load(&story.clinic.app, &story.doctor.context, &story.anna).await.unwrap();
    assert_eq!(of_anna["visits"], chart["visits"]);

    let own = story.clinic.patient_of(&visit, &story.ana);
    let scope = crate::policy::scope(&own).unwrap();
    let all = bianque_query::Predicate::And(Vec::new());
    let seen = story
        .clinic
        .app
        .matching(story.clinic.tenant, "Observation", all.clone(), scope.clone())
        .await
        .unwrap();
    assert_eq!(seen.len(), 2);
    story.undo(&merged).await.unwrap();
    let seen = story.clinic.app.matching(story.clinic.tenant, "Observation", all, scope).await.unwrap();
    assert_eq!(seen.len(), 1, "and no longer when they are two people");
}

#[tokio::test]
async fn policy_is_asked_of_the_record_that_stands_for_both() {
    let story = Story::begin().await;
    let away = story.clinic.organization("Hillside").await;
    let far = story.clinic.patient("Far", &away).await;
    let of_far = story.measured(&far, "far").await;
    let stranger = story.clinic.clinician("wu", &away).await;
    let program = story.program();
    let merging = Merging { into: story.anna.clone(), reason: "one insurance".into() };
    merge(&story.clinic.app, &program, &far, merging).await.unwrap();

    let seen = story.found(&story.doctor.context, "Observation", &[]).await;
    assert!(seen.contains(&of_far.to_string()), "who sees the survivor sees all of it");
    assert_eq!(story.found(&stranger.context, "Observation", &[]).await, Vec::<String>::new());
    assert_eq!(
        refused(read::read(&story.clinic.app, &stranger.context, "Patient", &far).await).0,
        ErrorKind::NotFound
    );
}

#[tokio::test]
async fn who_may_not_merge_does_not() {
    let story = Story::begin().await;
    let app = &story.clinic.app;
    let away = story.clinic.organization("Hillside").await;
    let far = story.clinic.patient("Far", &away).await;
    let merging = |into: &ResourceId| Merging { into: into.clone(), reason: "one".into() };
    assert_eq!(refused(story.merge(&story.ana, &far).await).0, ErrorKind::NotFound, "of another institution");
    assert_eq!(refused(story.merge(&far, &story.ana).await).0, ErrorKind::NotFound);
    for context in [&story.doctor.context, &story.clinic.administrator("root", &story.home).await] {
        let tried = merge(app, context, &story.ana, merging(&story.anna)).await;
        assert_eq!(refused(tried).0, ErrorKind::Forbidden);
    }
    let reader = story
        .clinic
        .context(Actor::System { token: "t2".parse().unwrap(), scopes: vec!["system/*.rs".into()] });
    assert_eq!(refused(merge(app, &reader, &story.ana, merging(&story.anna)).await).0, ErrorKind::Forbidden);
    assert_eq!(
        refused(merge(app, &story.clinic.nobody(), &story.ana, merging(&story.anna)).await).0,
        ErrorKind::SignIn
    );
    assert_eq!(refused(story.merge(&story.ana, &story.ana).await).1, "merge.same");
    let silent = Merging { into: story.anna.clone(), reason: " ".into() };
    assert_eq!(refused(merge(app, &story.desk.context, &story.ana, silent).await).1, "field.required");
}

#[tokio::test]
async fn merges_make_chains_and_no_circles() {
    let story = Story::begin().await;
    let third = story.clinic.patient("A. Reyes", &story.home).await;
    story.measured(&third, "third").await;
    let first = story.merge(&story.ana, &story.anna).await.unwrap();
    assert_eq!(refused(story.merge(&story.anna, &story.ana).await).1, "merge.merged");
    assert_eq!(refused(story.merge(&story.ana, &third).await).1, "merge.merged");
    assert_eq!(refused(story.merge(&third, &story.ana).await).1, "merge.merged", "into what stands for it");
    story.merge(&story.anna, &third).await.unwrap();
    for patient in [&story.ana, &story.anna, &third] {
        assert_eq!(story.measurements(patient).await.len(), 3);
    }
    // The first link of the chain is undone, and the second stands.
    story.undo(&first).await.unwrap();
    assert_eq!(story.measurements(&story.ana).await.len(), 1);
    assert_eq!(story.measurements(&third).await.len(), 2);
}

#[tokio::test]
async fn links_of_other_kinds_are_shown_and_join_nothing() {
    let story = Story::begin().await;
    let mut ana = story.patient(&story.ana).await;
    ana["link"] = json!([{"other": {"reference": format!("Patient/{}", story.anna)}, "type": "seealso"}]);
    let body = ana.to_string().into_bytes();
    over_fhir::update(&story.clinic.app, &story.program(), "Patient", &story.ana, &body, None).await.unwrap();
    assert_eq!(story.measurements(&story.anna).await.len(), 1);
    assert_eq!(story.patient(&story.ana).await["link"], ana["link"]);
}

#[tokio::test]
async fn a_document_from_before_does_not_undo_a_merge_and_a_merged_record_is_not_deleted() {
    let story = Story::begin().await;
    let (app, program) = (&story.clinic.app, story.program());
    let before = story.patient(&story.ana).await;
    story.merge(&story.ana, &story.anna).await.unwrap();
    let mut again = before.clone();
    again["active"] = json!(true);
    again["name"] = json!([{"text": "Ana R."}]);
    let body = again.to_string().into_bytes();
    over_fhir::update(app, &program, "Patient", &story.ana, &body, None).await.unwrap();
    let stands = story.patient(&story.ana).await;
    assert!(says(&stands, "replaced-by", &story.anna) && stands["active"] == false);
    assert_eq!(stands["name"][0]["text"], "Ana R.");
    for patient in [&story.ana, &story.anna] {
        assert_eq!(
            refused(over_fhir::delete(app, &program, "Patient", patient, None).await).1,
            "merge.merged"
        );
    }
    assert_eq!(story.measurements(&story.anna).await.len(), 2);
}
