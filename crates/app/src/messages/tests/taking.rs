//! From whom messages are taken, how often, and what is kept of them.

use super::*;
use crate::messages::{desk, replay};
use crate::records::shred;
use crate::testing;

const ANA: &str = "4711^^^WEST^MR||Reyes^Ana||19700506|F";

#[tokio::test]
async fn an_admission_makes_the_patient_and_the_encounter() {
    let mut rules = rules();
    rules.authorities =
        serde_json::from_str(r#"[{"name": "WEST", "system": "https://west.example/mrn"}]"#).unwrap();
    let story = Story::with(rules).await;
    let visit = "PV1|1|I|2 WEST^12^B||||||||||||||||V77^^^WEST\n";
    story.accepted(&format!("{}{visit}", adt("A01", "1", "20260105160000", ANA))).await;
    let patient = story.only("Patient", &[("identifier", "https://west.example/mrn|4711")]).await;
    assert_eq!(
        (&patient["name"][0]["family"], &patient["birthDate"]),
        (&"Reyes".into(), &"1970-05-06".into())
    );
    let encounter = story.only("Encounter", &[("patient", patient["id"].as_str().unwrap())]).await;
    assert_eq!(encounter["status"], "in-progress");
    story.accepted(&format!("{}{visit}", adt("A03", "2", "20260106090000", ANA))).await;
    let encounter = story.only("Encounter", &[("patient", patient["id"].as_str().unwrap())]).await;
    assert_eq!((&encounter["status"], &encounter["meta"]["versionId"]), (&"finished".into(), &"2".into()));
    assert!(encounter["meta"]["source"].as_str().unwrap().ends_with("#2"));
    let kept = story.kept().await;
    assert_eq!(kept.iter().map(|it| it.kind.as_str()).collect::<Vec<_>>(), ["ADT^A01", "ADT^A03"]);
    assert!(
        String::from_utf8(kept[0].raw())
            .unwrap()
            .ends_with("PV1|1|I|2 WEST^12^B||||||||||||||||V77^^^WEST\r")
    );
}

#[tokio::test]
async fn a_repeat_is_applied_once_and_another_content_under_the_same_number_is_a_new_message() {
    let story = Story::begin().await;
    let first = adt("A28", "1", "20260105160000", ANA);
    story.accepted(&first).await;
    // Sent again later: MSH-7 alone differs.
    story.accepted(&first.replacen("20260105160000", "20260105160500", 1)).await;
    assert_eq!(story.kept().await.len(), 1);
    assert_eq!(story.only("Patient", &[]).await["meta"]["versionId"], "1");
    story.accepted(&adt("A28", "1", "20260105170000", "4712^^^WEST^MR||Okafor^Grace||19810101|F")).await;
    let kept = story.kept().await;
    assert_eq!(kept.iter().map(|it| it.reused_control).collect::<Vec<_>>(), [false, true]);
    assert_eq!(story.found("Patient", &[]).await.len(), 2);
}

#[tokio::test]
async fn the_same_by_many_lines_at_once_is_applied_once() {
    let story = Story::begin().await;
    let text = adt("A28", "1", "20260105160000", ANA);
    let other = adt("A31", "2", "20260105160000", ANA);
    let sent = (0..8).map(|place| story.send(if place % 2 == 0 { &text } else { &other }));
    for answer in futures_util::future::join_all(sent).await {
        assert_eq!(answer.text("MSA-1"), "AA", "{}", answer.text("MSA-3"));
    }
    assert_eq!((story.kept().await.len(), story.found("Patient", &[]).await.len()), (2, 1));
}

#[tokio::test]
async fn what_cannot_be_applied_is_kept_and_tried_anew() {
    let story = Story::begin().await;
    let order =
        "MSH|^~\\&|HIS|WEST|BQ||20260105160000||ORM^O01|9|P|2.3.1\nPID|1||4711^^^WEST^MR||Reyes^Ana\n";
    for tries in 1..=2 {
        let (code, words) = story.refused(order).await;
        assert_eq!((code.as_str(), words.as_str()), ("AE", "the message has no ORC"));
        let kept = story.kept().await;
        assert_eq!((kept.len(), kept[0].tries, kept[0].is_applied()), (1, tries, false));
    }
    assert!(story.found("Patient", &[]).await.is_empty(), "nothing of it is written");
}

#[tokio::test]
async fn what_is_not_for_here_is_rejected_and_not_kept() {
    let mut rules = rules();
    rules.kinds = vec!["ADT".into()];
    let story = Story::with(rules).await;
    let good = adt("A28", "1", "20260105160000", ANA);
    for (text, words) in [
        (good.replace("HIS", "LIS"), "no sender LIS|WEST is known here"),
        (good.replace("ADT^A28", "ORU^R01"), "ORU^R01 is not taken from this sender"),
        (good.replace("ADT^A28", "ADT^A99"), "ADT^A99 is not taken"),
        (good.replace("|P|", "|T|"), "only production messages are taken from this sender"),
        (good.replace("|1|P|", "||P|"), "the message has no number"),
        ("PID|1\n".into(), "the message does not begin with MSH and separators that can separate"),
    ] {
        let (code, said) = story.refused(&text).await;
        assert_eq!(code, "AR", "{words}");
        assert_eq!(said, words);
    }
    assert!(story.kept().await.is_empty());
    let far = Line { address: "192.0.2.7".parse().unwrap(), ..local() };
    assert_eq!(story.send_by(&far, &good).await.text("MSA-3"), "this sender comes over TLS");
    let over_tls = Line { secure: true, ..far };
    assert_eq!(story.send_by(&over_tls, &good).await.text("MSA-1"), "AA");
}

#[tokio::test]
async fn a_sender_has_its_own_characters_and_its_own_acknowledgements() {
    let mut rules = rules();
    rules.charset = "GB 18030-2000".into();
    let story = Story::with(rules).await;
    let text = adt("A28", "1", "20260105160000", "4711^^^WEST^MR||王^兰").replace("|2.5.1", "|2.5.1|||AL|ER");
    let raw = Charset::GB_18030.encode(&text.replace('\n', "\r")).unwrap().into_owned();
    let answers = receive(&story.clinic.app, &local(), raw).await;
    let said: Vec<_> = answers
        .into_iter()
        .map(|answer| Message::parse(answer, Charset::UTF_8).unwrap().text("MSA-1").into_owned())
        .collect();
    assert_eq!(said, ["CA"], "kept safe; good news of the rest is not wanted");
    assert_eq!(story.only("Patient", &[]).await["name"][0]["family"], "王");
}

#[tokio::test]
async fn what_a_sender_may_is_asked_of_what_was_said_last() {
    let story = Story::begin().await;
    let (app, administrator) = (&story.clinic.app, story.administrator());
    let text = adt("A28", "1", "20260105160000", ANA);
    story.accepted(&text).await;
    let all = senders::list(app, &administrator).await.unwrap();
    let id = all["senders"][0]["id"].as_str().unwrap().parse().unwrap();
    let narrow = Rules { kinds: vec!["ORU".into()], ..rules() };
    senders::set(app, &administrator, &id, narrow).await.unwrap();
    assert_eq!(story.refused(&text.replace("|1|P|", "|2|P|")).await.0, "AR");
    senders::set(app, &administrator, &id, rules()).await.unwrap();
    story.accepted(&text.replace("|1|P|", "|2|P|")).await;
    senders::remove(app, &administrator, &id).await.unwrap();
    assert_eq!(story.refused(&text.replace("|1|P|", "|3|P|")).await.1, "no sender HIS|WEST is known here");
}

#[tokio::test]
async fn a_message_is_looked_at_tried_again_and_set_aside_at_the_desk() {
    let story = Story::begin().await;
    let (app, administrator) = (&story.clinic.app, story.administrator());
    story.accepted(&adt("A28", "1", "20260105160000", ANA)).await;
    let other = adt("A31", "2", "20260105160000", "4711^^^WEST^MR||Reyes^Ana||19810101|F");
    assert_eq!(story.refused(&other).await.0, "AE");
    let asked = |text: &str| desk::Asked { text: text.into(), ..desk::Asked::default() };
    let found = desk::list(app, &administrator, asked("reyes")).await.unwrap();
    let states: Vec<_> = found["messages"].as_array().unwrap().iter().map(|it| it["state"].clone()).collect();
    assert_eq!((states, &found["failed"]), (vec!["failed".into(), "applied".into()], &1.into()));
    let id: bianque_model::ResourceId = found["messages"][0]["id"].as_str().unwrap().parse().unwrap();
    let shown = desk::show(app, &administrator, &id).await.unwrap();
    assert_eq!(shown["segments"][2]["fields"][2], "4711^^^WEST^MR");
    assert_eq!(shown["resources"][0]["resource"]["birthDate"], "1981-01-01");
    let again = || replay::Replaying { messages: vec![id.clone()] };
    let tried = replay::replay(app, &administrator, again()).await.unwrap();
    assert_eq!(
        (&tried["messages"][0]["state"], &tried["messages"][0]["tries"]),
        (&"failed".into(), &2.into())
    );
    // The record is corrected, and then it is.
    let mut patient = story.only("Patient", &[]).await;
    patient["birthDate"] = "1981-01-01".into();
    let id_of = patient["id"].as_str().unwrap().parse().unwrap();
    let body = serde_json::to_vec(&patient).unwrap();
    testing::over_fhir::update(app, &story.program(), "Patient", &id_of, &body, None).await.unwrap();
    let tried = replay::replay(app, &administrator, again()).await.unwrap();
    assert_eq!(tried["messages"][0]["state"], "applied");
    let settling = || desk::Settling { reason: "a test".into() };
    assert_eq!(desk::settle(app, &administrator, &id, settling()).await.unwrap_err().code, "message.applied");
    assert_eq!(
        story.refused("MSH|^~\\&|HIS|WEST|||2026||ORM^O01|9|P|2.3\nPID|1||4711^^^WEST\n").await.0,
        "AE"
    );
    let found = desk::list(app, &administrator, asked("9")).await.unwrap();
    let id = found["messages"][0]["id"].as_str().unwrap().parse().unwrap();
    desk::settle(app, &administrator, &id, settling()).await.unwrap();
    assert_eq!(desk::flow(app, &administrator).await.unwrap()["failed"], 0);
    assert_eq!(desk::list(app, &story.program(), asked("")).await.unwrap_err().code, "forbidden");
}

#[tokio::test]
async fn messages_go_with_the_patient_who_is_shredded() {
    let story = Story { clinic: Clinic::with(|settings| settings.retention_years = 0) };
    senders::make(&story.clinic.app, &story.administrator(), rules()).await.unwrap();
    story.accepted(&adt("A28", "1", "20260105160000", ANA)).await;
    story.accepted(&adt("A28", "2", "20260105160000", "99^^^WEST^MR||Okafor^Grace||19810101|F")).await;
    let patient = story.only("Patient", &[("identifier", "urn:hl7v2:WEST|4711")]).await;
    let id = patient["id"].as_str().unwrap().parse().unwrap();
    story.clinic.clock.pass(24 * 3600);
    shred::shred(&story.clinic.app, story.clinic.tenant, &id, "asked for").await.unwrap();
    let kept = story.kept().await;
    assert_eq!(kept.iter().map(|it| it.control.as_str()).collect::<Vec<_>>(), ["2"]);
}

#[tokio::test]
async fn a_sender_may_call_itself_by_a_chinese_name() {
    let story = Story::with(Rules { application: "医院".into(), ..rules() }).await;
    let named =
        adt("A28", "1", "20260105120000", "4711^^^WEST^MR||Reyes^Ana||19700506|F").replace("|HIS|", "|医院|");
    story.accepted(&named).await;
    let listed = senders::list(&story.clinic.app, &story.administrator()).await.unwrap();
    assert_eq!(listed["senders"][0]["application"], "医院");
}
