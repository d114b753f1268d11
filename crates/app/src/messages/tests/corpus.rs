//! Messages of many hospitals, each in a clinic of its own.

use std::path::PathBuf;

use super::*;

#[tokio::test]
async fn every_message_of_a_kind_that_is_taken_is_applied_and_stays_byte_for_byte() {
    let beside = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../../shared/corpora");
    let folder = std::env::var_os("BIANQUE_CORPORA").map_or(beside, PathBuf::from).join("hl7v2");
    let Ok(files) = std::fs::read_dir(&folder) else {
        eprintln!("there is no corpus in {}: its messages are not sent", folder.display());
        return;
    };
    let mut files: Vec<PathBuf> = files.map(|file| file.unwrap().path()).collect();
    files.retain(|file| file.extension().is_some_and(|end| end == "hl7"));
    files.sort();
    let mut rules = rules();
    (rules.application, rules.training) = (String::new(), true);
    let (mut applied, mut rejected) = (0, 0);
    for file in files {
        let story = Story::with(rules.clone()).await;
        let raw = std::fs::read(&file).unwrap();
        receive(&story.clinic.app, &local(), raw.clone()).await;
        let name = file.file_stem().unwrap().to_str().unwrap();
        let kept = story.kept().await;
        let Some(kept) = kept.first() else {
            rejected += 1;
            continue;
        };
        assert_eq!(kept.raw(), raw, "{name}");
        let said = kept.faults().first().map(|fault| fault.text.clone()).unwrap_or_default();
        assert!(kept.is_applied(), "{name}: {said}");
        applied += 1;
    }
    println!("{applied} applied, {rejected} of kinds that are not taken");
    assert!(applied >= 70 && rejected <= 20, "{applied} applied, {rejected} rejected");
}
