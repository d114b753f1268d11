//! Stories of images that come, are asked for and leave again.

use std::net::{IpAddr, Ipv4Addr};

use bianque_dicom::{DataSet, TransferSyntax, VR, from_json, part10, tags};
use bianque_model::{Context, ResourceId, TenantId};
use bianque_query::ImageLevel;
use bianque_store::AuditQuery;
use serde_json::{Value, json};

use super::find::{self, Model};
use super::peers::{self, Line, NotAdmitted, Rules};
use super::receive::{Announced, Receiving, Stored};
use super::retrieve::{self, Selection};
use super::{Refusal, status, study, worklist};
use crate::testing::Clinic;

const CT: &str = "1.2.840.10008.5.1.4.1.1.2";
const EXPLICIT: &str = "1.2.840.10008.1.2.1";
const SYSTEM: &str = "urn:mrn";

/// An image: its patient by number, its study, its series, its own number.
fn image(patient: &str, study: &str, series: u32, number: i64) -> DataSet {
    let mut image = DataSet::new();
    image.set_text(tags::SOP_CLASS_UID, CT);
    image.set_text(tags::SOP_INSTANCE_UID, &format!("{study}.{series}.{number}"));
    image.set_text(tags::STUDY_DATE, "20260105");
    image.set_text(tags::STUDY_TIME, "081500");
    image.set_text(tags::ACCESSION_NUMBER, "A-17");
    image.set_text(tags::MODALITY, "CT");
    image.set_text(tags::STUDY_DESCRIPTION, "Thorax");
    image.set_text(tags::PATIENT_NAME, "Li^Na=李^娜");
    image.set_text(tags::PATIENT_ID, patient);
    image.set_text(tags::PATIENT_BIRTH_DATE, "19800301");
    image.set_text(tags::PATIENT_SEX, "F");
    image.set_text(tags::STUDY_INSTANCE_UID, study);
    image.set_text(tags::SERIES_INSTANCE_UID, &format!("{study}.{series}"));
    image.set_int(tags::SERIES_NUMBER, i64::from(series));
    image.set_int(tags::INSTANCE_NUMBER, number);
    image.set_int(tags::ROWS, 64);
    image.set_int(tags::COLUMNS, 64);
    image.set_bytes(tags::PIXEL_DATA, VR::OW, vec![7; 64 * 64 * 2]);
    image
}

fn bytes(image: &DataSet) -> Vec<u8> {
    image.to_bytes(TransferSyntax::EXPLICIT_LITTLE).unwrap()
}

fn announced(image: &DataSet) -> Announced {
    Announced {
        class: CT.into(),
        instance: image.uid(tags::SOP_INSTANCE_UID).unwrap(),
        syntax: EXPLICIT.into(),
        source: "SCANNER".into(),
    }
}

struct Archive {
    clinic: Clinic,
    scanner: Context,
}

impl Archive {
    async fn open(rules: impl FnOnce(&mut Rules)) -> Self {
        let clinic = Clinic::open();
        let mut said: Rules = serde_json::from_value(json!({
            "name": "Scanner", "title": "SCANNER", "store": true, "query": true, "retrieve": true, "worklist": true,
            "authorities": [{"name": "", "system": SYSTEM}],
        }))
        .unwrap();
        rules(&mut said);
        peers::make(&clinic.app, &clinic.server(), said).await.unwrap();
        let scanner = peers::admit(&clinic.app, &line(), "BIANQUE", "SCANNER").await.unwrap().context;
        Self { clinic, scanner }
    }

    /// An image comes in small pieces.
    async fn receive(&self, image: &DataSet) -> Result<Stored, Refusal> {
        let mut receiving = Receiving::of_data_set(&self.clinic.app, &self.scanner, announced(image));
        for piece in bytes(image).chunks(500) {
            receiving.push(piece)?;
        }
        receiving.finish().await
    }

    async fn find(&self, keys: &[(bianque_dicom::Tag, &str)], level: &str) -> Vec<DataSet> {
        let mut identifier = DataSet::new();
        identifier.set_text(tags::QUERY_RETRIEVE_LEVEL, level);
        for (tag, value) in keys {
            if value.is_empty() { identifier.set_empty(*tag) } else { identifier.set_text(*tag, value) }
        }
        let identifier = bytes(&identifier);
        let found = find::find(&self.clinic.app, &self.scanner, Model::Study, &identifier, EXPLICIT);
        let read = |answer: Vec<u8>| DataSet::read(&answer, TransferSyntax::EXPLICIT_LITTLE).unwrap();
        found.await.unwrap().map(read).collect()
    }

    async fn search(&self, level: ImageLevel, pairs: &[(&str, &str)]) -> Vec<Value> {
        let pairs: Vec<_> = pairs.iter().map(|(name, value)| ((*name).into(), (*value).into())).collect();
        let found =
            find::search(&self.clinic.app, &self.scanner, level, (None, None), &pairs, "http://a/dicomweb")
                .await;
        serde_json::from_slice(&found.unwrap().json).unwrap()
    }

    async fn person(&self, number: &str, birth_date: &str) -> ResourceId {
        let person = json!({
            "resourceType": "Patient", "identifier": [{"system": SYSTEM, "value": number}],
            "name": [{"family": "李", "given": ["娜"], "text": "李娜"}], "birthDate": birth_date, "gender": "female",
        });
        self.clinic.create(person).await
    }

    async fn resource(&self, uid: &str) -> Value {
        let id = study::id_of(TenantId::FIRST, uid);
        self.clinic.app.resource(TenantId::FIRST, "ImagingStudy", &id).await.unwrap().value
    }
}

fn line() -> Line {
    Line { address: IpAddr::V4(Ipv4Addr::LOCALHOST), secure: false, certificate: None }
}

#[tokio::test]
async fn an_image_that_came_in_pieces_is_found_and_leaves_as_it_came() {
    let archive = Archive::open(|_| {}).await;
    let sent = image("17", "1.2.3", 1, 1);
    let stored = archive.receive(&sent).await.unwrap();
    assert_eq!((stored.study.as_str(), stored.known_before), ("1.2.3", false));
    archive.receive(&image("17", "1.2.3", 1, 2)).await.unwrap();

    let keys = [
        (tags::PATIENT_NAME, "li*"),
        (tags::STUDY_DATE, "20260101-20260131"),
        (tags::STUDY_INSTANCE_UID, ""),
        (tags::NUMBER_OF_STUDY_RELATED_INSTANCES, ""),
        (tags::MODALITIES_IN_STUDY, "CT"),
    ];
    let found = archive.find(&keys, "STUDY").await;
    assert_eq!(found.len(), 1);
    assert_eq!(found[0].uid(tags::STUDY_INSTANCE_UID).as_deref(), Some("1.2.3"));
    assert_eq!(found[0].text(tags::PATIENT_NAME).as_deref(), Some("Li^Na=李^娜"));
    assert_eq!(found[0].int(tags::NUMBER_OF_STUDY_RELATED_INSTANCES), Some(2));
    assert!(archive.find(&[(tags::PATIENT_NAME, "wang*")], "STUDY").await.is_empty());

    let images = archive.search(ImageLevel::Instance, &[("InstanceNumber", "1"), ("00100020", "17")]).await;
    assert_eq!(images[0]["00280010"]["Value"][0], 64);
    assert_eq!(
        images[0]["00081190"]["Value"][0],
        "http://a/dicomweb/studies/1.2.3/series/1.2.3.1/instances/1.2.3.1.1"
    );
    assert!(from_json(&serde_json::to_vec(&images).unwrap()).is_ok());

    let selection = Selection { studies: vec!["1.2.3".into()], ..Selection::default() };
    let (app, context) = (&archive.clinic.app, &archive.scanner);
    let outgoing = retrieve::retrieve(app, context, selection).await.unwrap();
    assert_eq!(outgoing.len(), 2);
    let file = outgoing[0].open(app, context).unwrap().read_all(1 << 20).unwrap();
    let meta = part10::read(&file).unwrap();
    assert_eq!(meta.transfer_syntax.uid(), EXPLICIT);
    assert_eq!(file[meta.data_set_offset..], bytes(&sent));
    assert_eq!(outgoing[0].open_data_set(app, context).unwrap().read_all(1 << 20).unwrap(), bytes(&sent));
}

#[tokio::test]
async fn an_image_leaves_in_another_encoding_for_who_takes_no_other() {
    let archive = Archive::open(|_| {}).await;
    let mut sent = image("17", "1.2.3", 1, 1);
    // Longer than what is read at once, and of words that can be told from their mirror images.
    let pixels: Vec<u8> = (0..300_002u32).map(|at| at.to_le_bytes()[at as usize % 2]).collect();
    sent.set_bytes(tags::PIXEL_DATA, VR::OW, pixels);
    archive.receive(&sent).await.unwrap();
    let selection = Selection { studies: vec!["1.2.3".into()], ..Selection::default() };
    let (app, context) = (&archive.clinic.app, &archive.scanner);
    let outgoing = &retrieve::retrieve(app, context, selection).await.unwrap()[0];
    assert_eq!(outgoing.syntaxes(), [EXPLICIT, "1.2.840.10008.1.2", "1.2.840.10008.1.2.2"]);
    for syntax in outgoing.syntaxes() {
        let mut encoded = outgoing.open_as(app, context, &syntax).unwrap();
        let mut given = Vec::new();
        while let Some(piece) = encoded.next_piece().unwrap() {
            given.extend(piece);
        }
        let syntax = TransferSyntax::from_uid(&syntax);
        assert_eq!(given, sent.to_bytes(syntax).unwrap(), "{}", syntax.uid());
    }
    assert!(outgoing.open_as(app, context, "1.2.840.10008.1.2.4.50").is_err());
}

#[tokio::test]
async fn an_image_that_comes_again_is_stored_once_and_another_under_its_name_is_refused() {
    let archive = Archive::open(|_| {}).await;
    archive.receive(&image("17", "1.2.3", 1, 1)).await.unwrap();
    assert!(archive.receive(&image("17", "1.2.3", 1, 1)).await.unwrap().known_before);
    let mut other = image("17", "1.2.3", 1, 1);
    other.set_text(tags::STUDY_DESCRIPTION, "Abdomen");
    assert_eq!(archive.receive(&other).await.unwrap_err().status, status::DUPLICATE_INSTANCE);
    let elsewhere = image("18", "1.2.3", 1, 2);
    assert_eq!(archive.receive(&elsewhere).await.unwrap_err().status, status::DOES_NOT_MATCH);
    assert_eq!(archive.search(ImageLevel::Instance, &[]).await.len(), 1);
    let blobs = archive.clinic.app.store.blob_totals().await.unwrap().0;
    assert_eq!(blobs, 1);
}

#[tokio::test]
async fn what_is_no_instance_is_refused_and_leaves_nothing() {
    let archive = Archive::open(|_| {}).await;
    let refused = async |change: fn(&mut DataSet)| {
        let mut image = image("17", "1.2.3", 1, 1);
        let announced = announced(&image);
        change(&mut image);
        let mut receiving = Receiving::of_data_set(&archive.clinic.app, &archive.scanner, announced);
        let pushed = receiving.push(&bytes(&image));
        assert!(pushed.is_ok());
        receiving.finish().await.unwrap_err().status
    };
    assert_eq!(refused(|image| drop(image.remove(tags::STUDY_INSTANCE_UID))).await, status::NOT_UNDERSTOOD);
    assert_eq!(
        refused(|image| image.set_text(tags::SERIES_INSTANCE_UID, "../../etc")).await,
        status::NOT_UNDERSTOOD
    );
    assert_eq!(refused(|image| image.set_text(tags::SOP_INSTANCE_UID, "2.9")).await, status::DOES_NOT_MATCH);
    let image = image("17", "1.2.3", 1, 1);
    let mut twice = Receiving::of_data_set(&archive.clinic.app, &archive.scanner, announced(&image));
    let mut of_another_study = bytes(&image);
    of_another_study.extend(b"\x20\0\x0d\0UI\x06\x001.2.9\0");
    for piece in of_another_study.chunks(500) {
        twice.push(piece).unwrap();
    }
    assert_eq!(twice.finish().await.unwrap_err().status, status::NOT_UNDERSTOOD);
    let mut cut = Receiving::of_data_set(&archive.clinic.app, &archive.scanner, announced(&image));
    let all = bytes(&image);
    cut.push(&all[..all.len() - 100]).unwrap();
    assert_eq!(cut.finish().await.unwrap_err().status, status::NOT_UNDERSTOOD);
    assert!(archive.search(ImageLevel::Patient, &[]).await.is_empty());
    let folder = archive.clinic.folder().join("blobs");
    let files = |path: std::path::PathBuf| std::fs::read_dir(path).unwrap().count();
    assert_eq!(files(folder.join("incoming")), 0, "nothing is left of what was refused");
}

#[tokio::test]
async fn images_are_of_the_patient_whose_number_they_have_unless_they_contradict_the_record() {
    let archive = Archive::open(|_| {}).await;
    let known = archive.person("17", "1980-03-01").await;
    archive.person("18", "1999-09-09").await;
    for (number, uid) in [("17", "1.1"), ("18", "1.2"), ("19", "1.3")] {
        archive.receive(&image(number, uid, 1, 1)).await.unwrap();
    }
    assert_eq!(archive.resource("1.1").await["subject"]["reference"], format!("Patient/{known}"));
    for uid in ["1.2", "1.3"] {
        assert!(archive.resource(uid).await["subject"]["reference"].is_null(), "{uid}");
    }
}

#[tokio::test]
async fn a_peer_that_makes_patients_makes_one_for_whom_nobody_knows() {
    let archive = Archive::open(|rules| rules.makes_patients = true).await;
    archive.receive(&image("17", "1.1", 1, 1)).await.unwrap();
    archive.receive(&image("17", "1.2", 1, 1)).await.unwrap();
    let subject = archive.resource("1.1").await["subject"].clone();
    assert_eq!(subject, archive.resource("1.2").await["subject"]);
    let id = subject["reference"].as_str().unwrap().strip_prefix("Patient/").unwrap().parse().unwrap();
    let person = archive.clinic.app.resource(TenantId::FIRST, "Patient", &id).await.unwrap().value;
    assert_eq!(person["identifier"], json!([{"system": SYSTEM, "value": "17"}]));
    assert_eq!(person["name"][1]["family"], "李");
    assert_eq!(person["birthDate"], "1980-03-01");
}

#[tokio::test]
async fn the_resource_of_a_study_follows_once_it_is_quiet() {
    let archive = Archive::open(|_| {}).await;
    for (series, number) in [(1, 1), (1, 2), (2, 1)] {
        archive.receive(&image("17", "1.2.3", series, number)).await.unwrap();
    }
    let app = &archive.clinic.app;
    assert_eq!(study::project(app).await.unwrap(), 0, "it is not quiet yet");
    archive.clinic.clock.pass(11);
    assert_eq!(study::project(app).await.unwrap(), 1);
    let resource = archive.resource("1.2.3").await;
    assert_eq!((&resource["numberOfSeries"], &resource["numberOfInstances"]), (&json!(2), &json!(3)));
    assert_eq!(resource["series"][0]["numberOfInstances"], 2);
    assert_eq!(resource["started"], "2026-01-05");
    assert_eq!(study::project(app).await.unwrap(), 0);
    archive.receive(&image("17", "1.2.3", 2, 2)).await.unwrap();
    archive.clinic.clock.pass(11);
    assert_eq!(study::project(app).await.unwrap(), 1);
    assert_eq!(archive.resource("1.2.3").await["numberOfInstances"], 4);
}

#[tokio::test]
async fn who_looks_and_who_brings_is_written_down_once_for_a_while() {
    let archive = Archive::open(|_| {}).await;
    archive.person("17", "1980-03-01").await;
    let (app, clock) = (&archive.clinic.app, &archive.clinic.clock);
    for number in 1..=3 {
        archive.receive(&image("17", "1.2.3", 1, number)).await.unwrap();
    }
    let at = |context: &Context| Context { now: app.clock.now(), ..context.clone() };
    let look = async || {
        let selection = Selection { studies: vec!["1.2.3".into()], ..Selection::default() };
        retrieve::retrieve(app, &at(&archive.scanner), selection).await.unwrap()
    };
    look().await;
    look().await;
    let told = async |operation: &str| {
        let query = AuditQuery { limit: 100, ..AuditQuery::default() };
        let rows = app.store.audit(TenantId::FIRST, query).await.unwrap();
        rows.into_iter().filter(|(_, row)| row.operation == operation && row.patients.len() == 1).count()
    };
    assert_eq!((told("archive.store").await, told("archive.retrieve").await), (1, 1));
    clock.pass(301);
    look().await;
    assert_eq!(told("archive.retrieve").await, 2);
}

#[tokio::test]
async fn a_peer_is_let_in_as_it_must_come_and_does_what_it_may() {
    let archive = Archive::open(|rules| {
        rules.addresses = vec![IpAddr::V4(Ipv4Addr::LOCALHOST)];
        rules.retrieve = false;
    })
    .await;
    let app = &archive.clinic.app;
    let refused = async |line: Line, called: &str, calling: &str| {
        peers::admit(app, &line, called, calling).await.map(|_| ()).unwrap_err()
    };
    assert_eq!(refused(line(), "OTHER", "SCANNER").await, NotAdmitted::Called);
    assert_eq!(refused(line(), "BIANQUE", "STRANGER").await, NotAdmitted::Calling);
    let elsewhere = Line { address: IpAddr::V4(Ipv4Addr::new(10, 0, 0, 9)), secure: true, certificate: None };
    assert_eq!(refused(elsewhere, "BIANQUE", "SCANNER").await, NotAdmitted::Line);
    archive.receive(&image("17", "1.2.3", 1, 1)).await.unwrap();
    let selection = Selection { studies: vec!["1.2.3".into()], ..Selection::default() };
    assert!(retrieve::retrieve(app, &archive.scanner, selection).await.is_err());
}

#[tokio::test]
async fn peers_are_said_by_administrators_and_checked() {
    let clinic = Clinic::open();
    let rules = |change: fn(&mut Value)| {
        let mut said = json!({"name": "Archive", "title": "ARCHIVE", "host": "pacs.example", "port": 104});
        change(&mut said);
        serde_json::from_value::<Rules>(said).unwrap()
    };
    let server = clinic.server();
    peers::make(&clinic.app, &server, rules(|_| {})).await.unwrap();
    let code = async |rules: Rules| peers::make(&clinic.app, &server, rules).await.unwrap_err().code;
    assert_eq!(code(rules(|_| {})).await, "peer.known");
    assert_eq!(code(rules(|said| said["title"] = json!("AN AE TITLE TOO LONG"))).await, "field.title");
    assert_eq!(code(rules(|said| said["title"] = json!("A\\B"))).await, "field.title");
    assert_eq!(code(rules(|said| said["port"] = json!(0))).await, "field.required");
    assert_eq!(code(rules(|said| said["certificate"] = json!("abc"))).await, "field.certificate");
    let there = peers::destination(&clinic.app, &server, "ARCHIVE").await.unwrap();
    assert_eq!((there.host.as_str(), there.port, there.secure), ("pacs.example", 104, true));
    let unknown = peers::destination(&clinic.app, &server, "NOWHERE").await.unwrap_err();
    assert_eq!(unknown.status, status::MOVE_DESTINATION_UNKNOWN);
    assert!(peers::list(&clinic.app, &clinic.nobody()).await.is_err());
}

#[tokio::test]
async fn an_order_stands_on_the_worklist_until_it_is_done() {
    let archive = Archive::open(|_| {}).await;
    let patient = archive.person("17", "1980-03-01").await;
    let order = |status: &str, modality: &str| {
        json!({
            "resourceType": "ServiceRequest", "status": status, "intent": "filler-order",
            "subject": {"reference": format!("Patient/{patient}")},
            "requisition": {"value": "A-17"}, "identifier": [{"value": "A-17/3"}],
            "code": {"text": "CT of the chest"}, "occurrenceDateTime": "2026-01-05T09:30:00+08:00",
            "orderDetail": [{"coding": [{"code": modality}]}],
            "performer": [{"type": "Device", "identifier": {"value": "CT1"}}],
        })
    };
    for (status, modality) in [("active", "CT"), ("active", "MR"), ("completed", "CT")] {
        archive.clinic.create(order(status, modality)).await;
    }
    let mut step = DataSet::new();
    step.set_text(tags::MODALITY, "CT");
    step.set_empty(tags::SCHEDULED_PROCEDURE_STEP_ID);
    step.set_empty(tags::SCHEDULED_PROCEDURE_STEP_START_TIME);
    let mut asked = DataSet::new();
    asked.set_empty(tags::PATIENT_ID);
    asked.set_empty(tags::STUDY_INSTANCE_UID);
    asked.set_sequence(tags::SCHEDULED_PROCEDURE_STEP_SEQUENCE, vec![step]);
    let found = worklist::worklist(&archive.clinic.app, &archive.scanner, &bytes(&asked), EXPLICIT).await;
    let found: Vec<DataSet> = found
        .unwrap()
        .map(|answer| DataSet::read(&answer, TransferSyntax::EXPLICIT_LITTLE).unwrap())
        .collect();
    assert_eq!(found.len(), 1);
    assert_eq!(found[0].text(tags::PATIENT_ID).as_deref(), Some("17"));
    assert!(found[0].uid(tags::STUDY_INSTANCE_UID).unwrap().starts_with("2.25."));
    let step = &found[0].sequence(tags::SCHEDULED_PROCEDURE_STEP_SEQUENCE)[0];
    assert_eq!(step.text(tags::SCHEDULED_PROCEDURE_STEP_ID).as_deref(), Some("3"));
    assert_eq!(step.text(tags::SCHEDULED_PROCEDURE_STEP_START_TIME).as_deref(), Some("093000"));
}
