//! Undoing a merge leaves everything as it was, and keeps what was written meanwhile.

use std::collections::BTreeMap;

use super::*;
use crate::testing::over_fhir;

/// Everything that anybody is shown of the records: every search and every document, by a name.
async fn seen(story: &Story, patients: &[ResourceId]) -> BTreeMap<String, Value> {
    let mut seen = BTreeMap::new();
    for patient in patients {
        seen.insert(format!("Patient/{patient}"), story.patient(patient).await);
        for (who, context) in [("program", story.program()), ("doctor", story.doctor.context.clone())] {
            for kind in ["Observation", "Condition", "Encounter"] {
                for param in ["patient", "subject"] {
                    let found = story.found(&context, kind, &[(param, patient.as_str())]).await;
                    seen.insert(format!("{who} {kind} {param} {patient}"), json!(found));
                }
            }
            let mut whole = story.everything(&context, patient).await;
            // Who merged and who undid it stays in both records.
            let provenances = story.found(&context, "Provenance", &[]).await;
            let by = story.desk.account.practitioner.as_ref().map(ToString::to_string);
            whole.retain(|id| !provenances.contains(id) && Some(id) != by.as_ref());
            seen.insert(format!("{who} everything {patient}"), json!(whole));
        }
    }
    for name in ["Reyes", "Ana", "Anna"] {
        let pairs = [("patient.name", name)];
        seen.insert(name.to_owned(), json!(story.found(&story.program(), "Observation", &pairs).await));
        let shown =
            crate::directory::patients::search(&story.clinic.app, &story.desk.context, name, None).await;
        seen.insert(format!("desk {name}"), shown.unwrap());
    }
    seen
}

/// Numbers from a seed, the same each time.
struct Dice(u64);

impl Dice {
    fn below(&mut self, end: usize) -> usize {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        usize::try_from(self.0 >> 33).unwrap() % end
    }
}

#[tokio::test]
async fn merge_and_undo_leave_every_search_and_read_as_before() {
    for seed in 0..6 {
        let (story, mut dice) = (Story::begin().await, Dice(seed));
        let mut patients = vec![story.ana.clone(), story.anna.clone()];
        for number in 0..3 {
            let active = [json!(null), json!(true), json!(false)][dice.below(3)].clone();
            let mut patient = json!({
                "resourceType": "Patient", "name": [{"text": format!("A. Reyes {number}")}],
                "managingOrganization": {"reference": format!("Organization/{}", story.home)},
            });
            if !active.is_null() {
                patient["active"] = active;
            }
            if dice.below(2) == 0 {
                let other = &patients[dice.below(patients.len())];
                let kind = ["seealso", "refer", "replaces"][dice.below(3)];
                patient["link"] = json!([{"other": {"reference": format!("Patient/{other}")}, "type": kind}]);
            }
            let id = story.clinic.create(patient).await;
            story.measured(&id, &format!("of {number}")).await;
            story.clinic.visit(&story.doctor, &id).await;
            patients.push(id);
        }
        let before = seen(&story, &patients).await;
        let mut standing = Vec::new();
        for _ in 0..8 {
            let (one, other) = (dice.below(patients.len()), dice.below(patients.len()));
            if let Ok(merged) = story.merge(&patients[one], &patients[other]).await {
                standing.push(merged);
            }
        }
        assert!(!standing.is_empty());
        assert_ne!(seen(&story, &patients).await, before);
        while !standing.is_empty() {
            let merged = standing.swap_remove(dice.below(standing.len()));
            story.undo(&merged).await.unwrap();
        }
        let after = seen(&story, &patients).await;
        for (name, before) in before {
            assert_eq!(after.get(&name), Some(&before), "{name}, seed {seed}");
        }
    }
}

#[tokio::test]
async fn what_was_written_meanwhile_stays_with_whom_it_was_written_to() {
    let story = Story::begin().await;
    let merged = story.merge(&story.ana, &story.anna).await.unwrap();
    let to_ana = story.measured(&story.ana, "meanwhile").await.to_string();
    let to_anna = story.measured(&story.anna, "meanwhile too").await.to_string();
    let mut ana = story.patient(&story.ana).await;
    ana["birthDate"] = json!("1984-03-18");
    let body = ana.to_string().into_bytes();
    over_fhir::update(&story.clinic.app, &story.program(), "Patient", &story.ana, &body, None).await.unwrap();

    let undone = story.undo(&merged).await.unwrap();
    assert_eq!(undone.merged_id, story.ana);
    let (of_ana, of_anna) = (story.measurements(&story.ana).await, story.measurements(&story.anna).await);
    assert!(of_ana.contains(&to_ana) && !of_ana.contains(&to_anna) && of_ana.len() == 2);
    assert!(of_anna.contains(&to_anna) && of_anna.len() == 2);
    let ana = story.patient(&story.ana).await;
    assert_eq!((&ana["birthDate"], ana.get("link"), ana.get("active")), (&json!("1984-03-18"), None, None));
    assert_eq!(refused(story.undo(&merged).await).1, "merge.undone");
    // Merged again, it is another merge.
    assert!(story.merge(&story.ana, &story.anna).await.unwrap().merge_id != merged.merge_id);
}

#[tokio::test]
async fn who_may_not_merge_does_not_undo() {
    let story = Story::begin().await;
    let merged = story.merge(&story.ana, &story.anna).await.unwrap();
    let away = story.clinic.organization("Hillside").await;
    let elsewhere = story.clinic.staff("yu", Role::FrontDesk, &away).await;
    let undoing = || Undoing { reason: "two".into() };
    let app = &story.clinic.app;
    assert_eq!(
        refused(undo(app, &elsewhere.context, &merged.merge_id, undoing()).await).0,
        ErrorKind::NotFound
    );
    assert_eq!(
        refused(undo(app, &story.doctor.context, &merged.merge_id, undoing()).await).0,
        ErrorKind::Forbidden
    );
}

#[tokio::test]
async fn who_is_shredded_goes_with_every_record_of_theirs() {
    use crate::records::shred::shred;
    let story = Story::begin().await;
    story.merge(&story.ana, &story.anna).await.unwrap();
    story.clinic.clock.pass(20 * 366 * 86_400);
    let (app, tenant) = (&story.clinic.app, story.clinic.tenant);
    assert_eq!(refused(shred(app, tenant, &story.ana, "asked to").await).1, "shred.merged");
    let shredded = shred(app, tenant, &story.anna, "asked to").await.unwrap();
    assert_eq!(
        (shredded.resources, shredded.shared),
        (5, 0),
        "two records, two measurements, the provenance"
    );
    for patient in [&story.ana, &story.anna] {
        assert_eq!(story.measurements(patient).await, Vec::<String>::new());
        assert_eq!(app.same_patient(tenant, patient).await.unwrap().all.len(), 1);
    }
}
