//! The index of images: what was written once is found by its values, counted, seen by whom policy lets, and never twice.
#![allow(clippy::unwrap_used, reason = "a failed unwrap is a failed story")]

mod clinic;

use bianque_model::{BlobId, Timestamp};
use bianque_query::ImageLevel::{Patient, Series, Study};
use bianque_query::{
    Compartment, ImageCondition, ImageLevel, ImageQuery, ImageTest, ImageValue, MOMENT, Scope, Term,
};
use bianque_store::{
    CommitError, ImageChange, ImageInstance, ImageInstanceWrite, ImagePatientWrite, ImageRow,
    ImageSeriesWrite, ImageStudyWrite, ImageWrite, ResourceWrite,
};
use uuid::Uuid;

use clinic::{Clinic, NOON, TENANT, clinic, commit, id, lies_in, write};

const NAME: u32 = 0x0010_0010;
const MODALITY: u32 = 0x0008_0060;
const MODALITIES: u32 = 0x0008_0061;

fn value(field: u32, text: &str) -> ImageValue {
    ImageValue { field, text: text.into() }
}

/// An image of a patient: `study` names day and study, `series` the modality.
fn image(patient: &str, study: &str, modality: &str, number: i64) -> ImageWrite {
    let series = format!("{study}.{modality}");
    ImageWrite {
        patient: ImagePatientWrite {
            identity: patient.into(),
            patient: Some(id(patient)),
            document: patient.into(),
            values: vec![value(NAME, patient)],
        },
        study: ImageStudyWrite {
            uid: study.into(),
            named: patient.into(),
            resource: ("ImagingStudy".into(), id(study)),
            moment: study.into(),
            document: study.into(),
            values: Vec::new(),
        },
        series: ImageSeriesWrite {
            uid: series.clone(),
            number: Some(1),
            modality: modality.into(),
            document: series.clone().into(),
            values: vec![value(MODALITY, modality)],
            study_values: vec![value(MODALITIES, modality)],
        },
        instance: ImageInstanceWrite {
            row: ImageInstance {
                uid: format!("{series}.{number}"),
                number: Some(number),
                class: "1.2.840.10008.5.1.4.1.1.2".into(),
                syntax: "1.2.840.10008.1.2.1".into(),
                blob: BlobId(Uuid::from_u128(7)),
                size: 100,
                data_set: 300,
                header: 50,
                frames: 1,
                received_at: NOON,
                document: b"{}".to_vec(),
            },
            places: vec![1, 2, 3],
        },
    }
}

fn resource(study: &str, patient: &str) -> ResourceWrite {
    write("ImagingStudy", study, "", Vec::new(), vec![lies_in("Patient", patient)])
}

async fn store(
    clinic: &Clinic,
    resources: Vec<ResourceWrite>,
    images: Vec<ImageWrite>,
) -> Result<(), CommitError> {
    let mut commit = commit();
    (commit.resources, commit.images) = (resources, images);
    clinic.store.commit(commit).await.map(|_| ())
}

async fn archive() -> Clinic {
    let clinic = clinic();
    let ana = vec![image("ana", "20260101", "CT", 2), image("ana", "20260101", "CT", 1)];
    store(&clinic, vec![resource("20260101", "ana")], ana).await.unwrap();
    let more = vec![image("ana", "20260101", "MR", 1), image("ana", "20260303", "CT", 1)];
    store(&clinic, vec![resource("20260303", "ana")], more).await.unwrap();
    store(&clinic, vec![resource("20260202", "bo")], vec![image("bo", "20260202", "US", 1)]).await.unwrap();
    clinic
}

fn query(level: ImageLevel) -> ImageQuery {
    ImageQuery::all(level, "ImagingStudy", Scope::All, 100)
}

fn condition(level: ImageLevel, field: u32, test: ImageTest) -> ImageCondition {
    ImageCondition { level, field, test }
}

async fn ask(clinic: &Clinic, query: ImageQuery) -> Vec<ImageRow> {
    clinic.store.images(TENANT, query).await.unwrap()
}

async fn studies(clinic: &Clinic, conditions: Vec<ImageCondition>) -> Vec<String> {
    let rows = ask(clinic, ImageQuery { conditions, ..query(Study) }).await;
    rows.into_iter().map(|row| row.study.unwrap().uid).collect()
}

#[tokio::test]
async fn every_level_is_answered_in_order_and_says_how_much_there_is() {
    let clinic = archive().await;
    assert_eq!(studies(&clinic, vec![]).await, ["20260303", "20260202", "20260101"], "newest first");
    let rows =
        ask(&clinic, ImageQuery { studies: vec!["20260101".into()], ..query(ImageLevel::Instance) }).await;
    let uids: Vec<&str> = rows.iter().map(|row| row.instance.as_ref().unwrap().uid.as_str()).collect();
    assert_eq!(uids, ["20260101.CT.1", "20260101.CT.2", "20260101.MR.1"]);
    let counts = rows[0].counts;
    assert_eq!((counts.patient_studies, counts.patient_series, counts.patient_instances), (2, 3, 4));
    assert_eq!((counts.study_series, counts.study_instances, counts.series_instances), (2, 3, 2));
    let study = rows[0].study.as_ref().unwrap();
    assert_eq!(
        (study.bytes, study.modalities.as_slice()),
        (300, ["CT".to_owned(), "MR".to_owned()].as_slice())
    );
    assert_eq!(clinic.store.image_places(TENANT, "20260101.CT.1").await.unwrap(), Some(vec![1, 2, 3]));
    let patients = ask(&clinic, query(Patient)).await;
    assert_eq!(patients.len(), 2);
    let second = ask(&clinic, ImageQuery { offset: 1, limit: 1, ..query(Series) }).await;
    assert_eq!(second[0].series.as_ref().unwrap().uid, "20260202.US");
}

#[tokio::test]
async fn studies_are_found_by_what_is_above_and_below_them() {
    let clinic = archive().await;
    let by = async |level, field, test| studies(&clinic, vec![condition(level, field, test)]).await;
    assert_eq!(by(Patient, NAME, ImageTest::AnyOf(vec!["bo".into()])).await, ["20260202"]);
    assert_eq!(by(Patient, NAME, ImageTest::Starts("an".into())).await, ["20260303", "20260101"]);
    assert_eq!(by(Patient, NAME, ImageTest::Like("*n?".into())).await, ["20260303", "20260101"]);
    assert_eq!(by(Patient, NAME, ImageTest::Like("a[n]a".into())).await, Vec::<String>::new());
    assert_eq!(
        by(Study, MODALITIES, ImageTest::AnyOf(vec!["MR".into(), "US".into()])).await,
        ["20260202", "20260101"]
    );
    assert_eq!(by(Series, MODALITY, ImageTest::AnyOf(vec!["MR".into()])).await, ["20260101"]);
    let year = ImageTest::Between(Some("20260201".into()), Some("20260228".into()));
    assert_eq!(by(Study, MOMENT, year).await, ["20260202"]);
    assert_eq!(by(Patient, 1, ImageTest::Missing).await.len(), 3);
    assert_eq!(by(Patient, NAME, ImageTest::Missing).await.len(), 0);
    let numbered = ask(&clinic, ImageQuery { numbers: vec![2], ..query(Series) }).await;
    assert_eq!(numbered.len(), 1);
}

#[tokio::test]
async fn only_what_policy_lets_through_is_there() {
    let clinic = archive().await;
    let of_bo = Scope::any([Term::In(Compartment { kind: "Patient".into(), id: id("bo") })]);
    for level in [Patient, Study, Series, ImageLevel::Instance] {
        let rows = ask(&clinic, ImageQuery { scope: of_bo.clone(), ..query(level) }).await;
        assert_eq!(rows.len(), 1, "{level:?}");
        assert_eq!(rows[0].patient.identity, "bo");
    }
}

#[tokio::test]
async fn nothing_is_there_twice_and_nothing_moves() {
    let clinic = archive().await;
    let known = async |image: ImageWrite| match store(&clinic, vec![], vec![image]).await {
        Err(CommitError::ImageKnown { level, .. }) => level,
        other => panic!("{other:?}"),
    };
    assert_eq!(known(image("ana", "20260101", "CT", 1)).await, ImageLevel::Instance);
    let mut elsewhere = image("ana", "20260303", "CT", 9);
    elsewhere.series.uid = "20260101.CT".into();
    assert_eq!(known(elsewhere).await, Series);
    assert_eq!(known(image("bo", "20260101", "CT", 9)).await, Study);
    assert_eq!(known(image("bo", "20260101", "XA", 9)).await, Study);
    assert_eq!(ask(&clinic, query(ImageLevel::Instance)).await.len(), 5, "nothing of them was written");
}

#[tokio::test]
async fn a_study_has_changed_until_its_resource_says_so() {
    let clinic = archive().await;
    let later = Timestamp(NOON.0 + 60_000_000);
    let changed = clinic.store.changed_images(later, 10).await.unwrap();
    assert_eq!(changed.len(), 3);
    assert!(
        clinic.store.changed_images(Timestamp(NOON.0 - 1), 10).await.unwrap().is_empty(),
        "not quiet yet"
    );
    let project = async |last_at| {
        let mut commit = commit();
        commit.image_changes = vec![ImageChange::Projected { study: changed[0].uid.clone(), last_at }];
        clinic.store.commit(commit).await.unwrap();
        clinic.store.changed_images(later, 10).await.unwrap().len()
    };
    assert_eq!(project(Timestamp(1)).await, 3, "another instance came meanwhile");
    assert_eq!(project(changed[0].last_at).await, 2);
}

#[tokio::test]
async fn the_studies_of_a_patient_go_with_them_and_those_of_others_stay() {
    let clinic = archive().await;
    let about = clinic.store.traces(TENANT, id("ana")).await.unwrap();
    assert_eq!((about.studies.len(), about.blobs.len()), (2, 4));
    clinic.store.erase(TENANT, id("ana"), about).await.unwrap();
    for (level, left) in [(Patient, 1), (Study, 1), (ImageLevel::Instance, 1)] {
        assert_eq!(ask(&clinic, query(level)).await.len(), left, "{level:?}");
    }
    assert!(clinic.store.traces(TENANT, id("ana")).await.unwrap().is_empty());
    assert_eq!(clinic.store.image_places(TENANT, "20260101.CT.1").await.unwrap(), None);
}

#[tokio::test]
async fn a_study_that_is_somebody_elses_is_found_under_them_and_may_come_back() {
    let clinic = archive().await;
    let move_to = async |identity: Option<&str>, patient: Option<&str>| {
        let mut commit = commit();
        let change = ImageChange::Moved {
            study: "20260303".into(),
            identity: identity.map(str::to_owned),
            patient: patient.map(id),
        };
        commit.image_changes = vec![change];
        clinic.store.commit(commit).await.unwrap();
        let mut patients = ask(&clinic, query(Patient)).await;
        patients.sort_by(|a, b| a.patient.identity.cmp(&b.patient.identity));
        let told = patients.into_iter().map(|row| {
            let counts = row.counts;
            (row.patient.identity, counts.patient_studies, counts.patient_instances)
        });
        told.collect::<Vec<_>>()
    };
    let moved = move_to(Some("bo"), Some("bo")).await;
    assert_eq!(moved, [("ana".to_owned(), 1, 3), ("bo".to_owned(), 2, 2)]);
    let under_bo = vec![condition(Patient, NAME, ImageTest::AnyOf(vec!["bo".into()]))];
    assert_eq!(studies(&clinic, under_bo).await, ["20260303", "20260202"]);
    store(&clinic, vec![], vec![image("ana", "20260303", "CT", 2)]).await.unwrap();
    assert_eq!(move_to(None, None).await, [("ana".to_owned(), 2, 5), ("bo".to_owned(), 1, 1)]);
    let made = move_to(Some("cy"), None).await;
    assert_eq!(made.last().unwrap(), &("cy".to_owned(), 1, 2));
    let unknown = ImageQuery { unknown_patients: true, ..query(Study) };
    assert_eq!(ask(&clinic, unknown).await.len(), 1, "nobody has said which record cy is");
}
