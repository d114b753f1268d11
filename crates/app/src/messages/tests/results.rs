//! Results and events that come late, again and corrected.

use super::*;

const ANA: &str = "4711^^^WEST^MR||Reyes^Ana||19700506|F";

fn report(control: &str, at: &str, status: &str, lines: &str) -> String {
    let obx = |(place, line): (usize, &str)| {
        let (code, value) = line.split_once('=').unwrap();
        format!("OBX|{}|NM|{code}^{code}^LN||{value}|g/L|||||{status}\n", place + 1)
    };
    let obx = lines.split(';').enumerate().map(obx).collect::<Vec<_>>().concat();
    format!(
        "MSH|^~\\&|HIS|WEST|BQ||{at}||ORU^R01|{control}|P|2.5.1\nPID|1||{ANA}\n\
         OBR|1|P1^HIS|F1^LAB|58410-2^CBC^LN|||20260105120000|||||||||||||||{at}|||{status}\n{obx}"
    )
}

#[tokio::test]
async fn a_correction_is_a_new_version_of_the_same_observation() {
    let story = Story::begin().await;
    story.accepted(&report("1", "20260105130000", "P", "a=1;b=2")).await;
    story.accepted(&report("2", "20260105140000", "F", "a=1;b=2")).await;
    // Only what is corrected comes.
    story.accepted(&report("3", "20260105150000", "C", "b=5")).await;
    let all = story.found("Observation", &[("_sort", "code")]).await;
    let seen: Vec<_> = all
        .iter()
        .map(|it| format!("{} {} {}", it["valueQuantity"]["value"], it["status"], it["meta"]["versionId"]))
        .collect();
    assert_eq!(seen, [r#"1 "final" "2""#, r#"5 "corrected" "3""#]);
    let report = story.only("DiagnosticReport", &[]).await;
    assert_eq!(
        (&report["status"], report["result"].as_array().map(Vec::len)),
        (&"corrected".into(), Some(2))
    );
}

#[tokio::test]
async fn whoever_saw_a_value_is_told_of_its_correction() {
    let story = Story { clinic: Clinic::open() };
    let home = story.clinic.organization("Home").await;
    let doctor = story.clinic.clinician("li.na", &home).await;
    let sender = Rules { organization_id: home.to_string(), ..rules() };
    senders::make(&story.clinic.app, &story.administrator(), sender).await.unwrap();
    story.accepted(&report("1", "20260105130000", "F", "a=1;b=2")).await;
    let patient = story.only("Patient", &[]).await["id"].as_str().unwrap().parse().unwrap();
    story.clinic.clock.pass(60);
    let context = Context { now: story.clinic.app.clock.now(), ..doctor.context.clone() };
    crate::directory::chart::load(&story.clinic.app, &context, &patient).await.unwrap();
    story.clinic.clock.pass(60);
    story.accepted(&report("2", "20260105150000", "C", "b=5")).await;
    crate::corrections::settle::settle(&story.clinic.app, story.clinic.tenant).await.unwrap();
    let told = crate::corrections::own::list(&story.clinic.app, &context).await.unwrap();
    let told = told["corrections"].as_array().unwrap();
    assert_eq!((told.len(), &told[0]["about"]), (1, &"CBC".into()));
    assert_eq!(told[0]["changes"], serde_json::json!([{"what": "b", "was": "2 g/L", "now": "5 g/L"}]));
}

#[tokio::test]
async fn what_comes_late_does_not_overwrite_what_happened_later() {
    let story = Story::begin().await;
    story.accepted(&report("2", "20260105140000", "F", "a=7")).await;
    story.accepted(&report("1", "20260105130000", "P", "a=3")).await;
    assert_eq!(story.only("Observation", &[]).await["valueQuantity"]["value"], 7);
    story.accepted(&adt("A08", "3", "20260105160000", &ANA.replace("Reyes", "Okafor"))).await;
    story.accepted(&adt("A08", "4", "20260105150000", ANA)).await;
    assert_eq!(story.only("Patient", &[]).await["name"][0]["family"], "Okafor");
    let kept = story.kept().await;
    assert_eq!(kept.len(), 4, "all were taken");
    let said = kept[3].faults();
    assert_eq!(said[0].text, "Patient left as it stands: something that happened later stands");
}

#[tokio::test]
async fn a_result_does_not_change_who_the_patient_is() {
    let story = Story::begin().await;
    story.accepted(&adt("A28", "1", "20260105120000", ANA)).await;
    story.accepted(&report("2", "20260105130000", "F", "a=7").replace("Reyes", "REYES")).await;
    assert_eq!(story.only("Patient", &[]).await["name"][0]["family"], "Reyes");
}

#[tokio::test]
async fn a_number_of_another_patients_order_is_a_fault() {
    let story = Story::begin().await;
    let order = |control: &str, patient: &str| {
        format!(
            "MSH|^~\\&|HIS|WEST|BQ||20260105130000||ORM^O01|{control}|P|2.3.1\nPID|1||{patient}\n\
             ORC|NW|P1^HIS\nOBR|1|P1^HIS||71020^Chest^C4\n"
        )
    };
    story.accepted(&order("1", ANA)).await;
    let (code, words) = story.refused(&order("2", "99^^^WEST^MR||Okafor^Grace||19810101|F")).await;
    assert_eq!(
        (code.as_str(), words.as_str()),
        ("AE", "the ServiceRequest with this number is another patient's")
    );
    assert_eq!(story.found("Patient", &[]).await.len(), 1, "nothing of it is written");
    story.accepted(&order("3", ANA).replace("ORC|NW", "ORC|CA")).await;
    assert_eq!(story.only("ServiceRequest", &[]).await["status"], "revoked");
}

#[tokio::test]
async fn a_number_of_another_patients_report_is_a_fault() {
    let story = Story::begin().await;
    story.accepted(&report("1", "20260105130000", "F", "a=1")).await;
    let other = "99^^^WEST^MR||Okafor^Grace||19810101|F";
    // A laboratory that counts anew, and names no order.
    let again = report("2", "20260105140000", "F", "a=2").replace(ANA, other).replace("P1^HIS", "");
    let (code, words) = story.refused(&again).await;
    assert_eq!(code, "AE");
    assert_eq!(words, "the Observation with this number is another patient's");
    assert_eq!(story.only("Observation", &[]).await["valueQuantity"]["value"], 1, "nothing of it is written");
}

#[tokio::test]
async fn local_codes_are_told_in_the_systems_that_a_map_translates_them_to() {
    let story = Story::begin().await;
    let local = |control: &str, value: &str| {
        report(control, "20260105140000", "F", &format!("K={value}")).replace("K^K^LN", "K^Kalium^99LAB")
    };
    story.accepted(&local("1", "4")).await;
    let map = serde_json::json!({"resourceType": "ConceptMap", "status": "active", "group": [{
        "source": "urn:hl7v2:99LAB", "target": "http://loinc.org",
        "element": [{"code": "K", "target": [{"code": "2823-3", "equivalence": "equivalent"}]}],
    }]});
    story.clinic.create(map).await;
    story.accepted(&local("2", "5").replace("20260105140000", "20260105150000")).await;
    let observation = story.only("Observation", &[("code", "http://loinc.org|2823-3")]).await;
    assert_eq!(observation["valueQuantity"]["value"], 5, "the same observation as before there was a map");
    let said = &observation["code"]["coding"][1];
    assert_eq!((&said["code"], &said["userSelected"]), (&"K".into(), &true.into()));
}
