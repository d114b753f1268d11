//! Whose a message is, and what becomes of records that are one.

use super::*;

const ANA: &str = "4711^^^WEST^MR||Reyes^Ana||19700506|F";
const ANNA: &str = "4799^^^WEST^MR||Reyes^Anna||19700506|F";

fn result(control: &str, patient: &str, value: &str) -> String {
    format!(
        "MSH|^~\\&|HIS|WEST|BQ||20260105160000||ORU^R01|{control}|P|2.5.1\nPID|1||{patient}\n\
         OBR|1||{control}^LAB|718-7^Hemoglobin^LN|||20260105150000\n\
         OBX|1|NM|718-7^Hemoglobin^LN||{value}|g/dL|||||F\n"
    )
}

fn owners(observations: &[Value]) -> Vec<String> {
    let mut all: Vec<String> = observations
        .iter()
        .map(|it| {
            format!("{} {}", it["valueQuantity"]["value"], it["subject"]["reference"].as_str().unwrap())
        })
        .collect();
    all.sort();
    all
}

#[tokio::test]
async fn somebody_with_the_identifier_and_another_birth_date_is_for_people_to_decide() {
    let story = Story::begin().await;
    story.accepted(&adt("A28", "1", "20260105160000", ANA)).await;
    let other = "4711^^^WEST^MR||Okafor^Grace||19810101|F";
    let (code, words) = story.refused(&result("2", other, "12.1")).await;
    assert_eq!(code, "AE");
    assert_eq!(words, "the patient with this identifier has another birth date here");
    assert!(story.found("Observation", &[]).await.is_empty());
    story.accepted(&adt("A31", "3", "20260105170000", &ANA.replace("Reyes", "Okafor"))).await;
    assert_eq!(story.only("Patient", &[]).await["name"][0]["family"], "Okafor", "who married is the same");
}

#[tokio::test]
async fn identifiers_of_two_patients_are_nobodys() {
    let story = Story::begin().await;
    story.accepted(&adt("A28", "1", "20260105160000", ANA)).await;
    story.accepted(&adt("A28", "2", "20260105160000", ANNA)).await;
    let both = "4711^^^WEST^MR~4799^^^WEST^MR||Reyes^Ana||19700506|F";
    let (code, words) = story.refused(&adt("A31", "3", "20260105170000", both)).await;
    assert_eq!((code.as_str(), words.contains("different patients")), ("AE", true), "{words}");
    let nobody = "4711||Reyes^Ana";
    let (code, _) = story.refused(&adt("A31", "4", "20260105170000", nobody).replace("4711", "")).await;
    assert_eq!(code, "AE");
}

#[tokio::test]
async fn everything_keeps_its_owner_while_records_are_merged_and_parted() {
    let story = Story::begin().await;
    story.accepted(&adt("A28", "1", "20260105160000", ANA)).await;
    story.accepted(&adt("A28", "2", "20260105160000", ANNA)).await;
    story.accepted(&result("3", ANA, "11.1")).await;
    story.accepted(&result("4", ANNA, "12.2")).await;
    let of = async |number: &str| {
        let identifier = format!("urn:hl7v2:WEST|{number}");
        story.only("Patient", &[("identifier", &identifier)]).await["id"].as_str().unwrap().to_owned()
    };
    let (ana, anna) = (of("4711").await, of("4799").await);
    let merge = format!("{}MRG|4799^^^WEST^MR\n", adt("A40", "5", "20260105170000", ANA));
    story.accepted(&merge).await;
    assert_eq!(story.found("Observation", &[("patient", &ana)]).await.len(), 2, "one record is read");
    story.accepted(&merge.replace("|5|", "|6|")).await;
    // What is told of either while they are one.
    story.accepted(&result("7", ANNA, "13.3")).await;
    story.accepted(&result("8", ANA, "14.4")).await;
    assert_eq!(story.found("Observation", &[("patient", &anna)]).await.len(), 4);
    let part = format!("{}PID|2||{ANNA}\n", adt("A37", "9", "20260105180000", ANA));
    story.accepted(&part).await;
    let of_ana = owners(&story.found("Observation", &[("patient", &ana)]).await);
    let of_anna = owners(&story.found("Observation", &[("patient", &anna)]).await);
    assert_eq!(of_ana, [format!("11.1 Patient/{ana}"), format!("14.4 Patient/{ana}")]);
    assert_eq!(of_anna, [format!("12.2 Patient/{anna}"), format!("13.3 Patient/{anna}")]);
}

#[tokio::test]
async fn a_merge_with_a_record_that_is_not_known_gives_its_number_to_the_one_that_is() {
    let story = Story::begin().await;
    story.accepted(&adt("A28", "1", "20260105160000", ANA)).await;
    story.accepted(&format!("{}MRG|100^^^WEST^MR\n", adt("A40", "2", "20260105170000", ANA))).await;
    story.accepted(&format!("{}MRG|4711^^^WEST^MR\n", adt("A40", "3", "20260105180000", ANNA))).await;
    let patient = story.only("Patient", &[("identifier", "urn:hl7v2:WEST|100")]).await;
    let numbers: Vec<_> =
        patient["identifier"].as_array().unwrap().iter().map(|it| it["value"].as_str().unwrap()).collect();
    assert_eq!(numbers, ["4711", "100", "4799"]);
    assert_eq!(patient["identifier"][1]["use"], "old");
    let unknown = adt("A40", "4", "20260105190000", "8^^^WEST||Okafor^Grace");
    story.accepted(&format!("{unknown}MRG|7^^^WEST\n")).await;
    let known = story.only("Patient", &[("identifier", "urn:hl7v2:WEST|7")]).await;
    assert_eq!(known["identifier"][0]["value"], "8", "what comes under the former number finds them");
}
