//! From whom messages are taken, how often, and what is kept of them.

use super::*;

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
