//! What happens at the same moment.

use super::*;
use crate::patients::merge::says;
use crate::testing::over_fhir;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn of_two_merges_at_once_that_contradict_one_stands() {
    for _ in 0..5 {
        let story = Story::begin().await;
        let (one, other) =
            tokio::join!(story.merge(&story.ana, &story.anna), story.merge(&story.anna, &story.ana),);
        assert_eq!(usize::from(one.is_ok()) + usize::from(other.is_ok()), 1);
        let lost = one.err().or(other.err()).unwrap();
        assert_eq!(lost.code, "merge.merged");
        assert_eq!(story.measurements(&story.ana).await.len(), 2);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn writes_to_the_merged_record_meanwhile_are_kept_and_so_is_the_merge() {
    for _ in 0..5 {
        let story = Story::begin().await;
        let body = story.patient(&story.ana).await;
        let writes = async {
            for number in 0..10 {
                let mut ana = body.clone();
                ana["name"] = json!([{"text": format!("Ana {number}")}]);
                let body = ana.to_string().into_bytes();
                let (app, program) = (&story.clinic.app, story.program());
                over_fhir::update(app, &program, "Patient", &story.ana, &body, None).await.unwrap();
                story.measured(&story.ana, &format!("number {number}")).await;
            }
        };
        let ((), merged) = tokio::join!(writes, story.merge(&story.ana, &story.anna));
        let merged = merged.unwrap();
        let ana = story.patient(&story.ana).await;
        assert!(says(&ana, "replaced-by", &story.anna) && ana["active"] == false);
        assert_eq!(ana["name"][0]["text"], "Ana 9");
        assert_eq!(story.measurements(&story.anna).await.len(), 12);
        story.undo(&merged).await.unwrap();
        assert_eq!(story.measurements(&story.ana).await.len(), 11);
        assert_eq!(story.patient(&story.ana).await.get("link"), None);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn of_two_who_undo_one_merge_one_does() {
    let story = Story::begin().await;
    let merged = story.merge(&story.ana, &story.anna).await.unwrap();
    let (one, other) = tokio::join!(story.undo(&merged), story.undo(&merged));
    assert_eq!(usize::from(one.is_ok()) + usize::from(other.is_ok()), 1);
    assert_eq!(story.measurements(&story.ana).await.len(), 1);
}
