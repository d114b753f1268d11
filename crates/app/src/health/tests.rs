//! What figures mean, and who may see them.

use bianque_model::Timestamp;

use super::judge::{self, State};
use super::{BackupTaken, Certificate, DayPack, Exporting, Facts, ScrubDone, kept};
use crate::testing::Clinic;

const NOW: Timestamp = Timestamp(1_800_000_000_000_000);

/// A server with which all is well.
fn well() -> Facts {
    let mut facts = Facts {
        now: NOW.0,
        since: Some(NOW.plus_seconds(-90 * 86_400)),
        started: NOW.plus_seconds(-10 * 86_400),
        backup: Some(BackupTaken { at: NOW.plus_seconds(-8 * 3_600), set: "s".into(), files: 1 }),
        scrub: Some(ScrubDone { at: NOW.plus_seconds(-3_600), checked: 9, damaged: 0, removed: 0 }),
        export: Some(Exporting::default()),
        events_read: Some(NOW),
        ..Facts::default()
    };
    facts.machine.disk_free = 60 << 30;
    facts.machine.disk_size = 100 << 30;
    facts
}

/// What is not good when `change` has happened to a server with which all was well.
fn after(change: impl FnOnce(&mut Facts)) -> Vec<(&'static str, State)> {
    let mut facts = well();
    change(&mut facts);
    let judged = judge::all(&facts).into_iter();
    judged.flat_map(|part| part.why.into_iter().map(move |why| (why, part.state))).collect()
}

#[test]
fn each_part_is_good_until_something_happens_to_it() {
    assert_eq!(after(|_| {}), []);
    let bad = |why| vec![(why, State::Bad)];
    let look = |why| vec![(why, State::Look)];
    assert_eq!(after(|facts| facts.machine.disk_free = 9 << 30), bad("disk.full"));
    assert_eq!(after(|facts| facts.machine.disk_free = 15 << 30), look("disk.low"));
    assert_eq!(
        after(|facts| facts.backup.as_mut().unwrap().at = NOW.plus_seconds(-27 * 3_600)),
        bad("backup.old")
    );
    assert_eq!(after(|facts| facts.backup = None), bad("backup.none"));
    let young = |facts: &mut Facts| (facts.backup, facts.since) = (None, Some(NOW.plus_seconds(-3_600)));
    assert_eq!(after(young), look("backup.none"), "the first night has not come yet");
    let ends = |days: i64, own| {
        move |facts: &mut Facts| {
            facts.machine.certificate = Certificate::Ends { at: NOW.plus_seconds(days * 86_400 + 60), own };
        }
    };
    assert_eq!(after(ends(13, false)), bad("certificate.ends"));
    assert_eq!(after(ends(20, false)), look("certificate.soon"));
    assert_eq!(after(ends(60, true)), look("certificate.own"));
    assert_eq!(after(ends(60, false)), []);
    assert_eq!(after(|facts| facts.scrub.as_mut().unwrap().damaged = 1), bad("blobs.damaged"));
    assert_eq!(after(|facts| facts.scrub = None), look("blobs.unread"));
    assert_eq!(after(|facts| facts.store.commit_p95_us = 1_500_000), bad("store.slow"));
    assert_eq!(after(|facts| facts.export = None), look("audit.here-only"));
    let failing = |facts: &mut Facts| facts.export.as_mut().unwrap().failed = Some(NOW.plus_seconds(-1_000));
    assert_eq!(after(failing), bad("audit.failing"));
    assert_eq!(after(|facts| facts.events_read = Some(NOW.plus_seconds(-900))), bad("events.unread"));
    assert_eq!(
        after(|facts| facts.machine.day_pack = DayPack::Written(NOW.plus_seconds(-3_000))),
        bad("day-pack.old")
    );
    assert_eq!(after(|facts| facts.store.last_commit_at = NOW.plus_seconds(90).0), bad("clock.behind"));
}

#[tokio::test]
async fn an_administrator_sees_health_and_nobody_else() {
    let clinic = Clinic::open();
    let home = clinic.organization("Home").await;
    let doctor = clinic.clinician("li.na", &home).await;
    let admin = clinic.administrator("root", &home).await;
    assert!(super::show(&clinic.app, &doctor.context).await.is_err());
    assert!(super::summary(&clinic.app, &clinic.nobody()).await.is_err());
    kept::backup_taken(&clinic.app, "2026-01-05T08-00-00Z", 12).await.unwrap();
    let shown = super::show(&clinic.app, &admin).await.unwrap();
    let backup = shown["parts"].as_array().unwrap().iter().find(|part| part["id"] == "backup").unwrap();
    assert_eq!((&backup["state"], &backup["figures"]["files"]), (&"good".into(), &12.into()));
    let store = &shown["parts"][0]["figures"];
    assert!(
        store["commits"].as_u64().unwrap() > 3 && store["commit_p50_ms"].as_f64().unwrap() > 0.0,
        "{store}"
    );
}

#[test]
fn a_row_of_failures_is_counted_from_the_first() {
    let board = super::Board::default();
    board.exported("file:x", Some(Timestamp(1)));
    board.exported("file:x", Some(Timestamp(9)));
    assert_eq!(board.export(), Some(("file:x".into(), Some(Timestamp(1)))));
    board.exported("file:x", None);
    assert_eq!(board.export(), Some(("file:x".into(), None)));
}
