//! Stories of keys: a master key that is replaced and cut off on the way, a subject that is shredded, a blob that changes
//! hands, secrets that were plain.
#![allow(clippy::unwrap_used, reason = "a failed unwrap is a failed story")]

use std::fs;
use std::path::{Path, PathBuf};

use bianque_blobs::{BlobError, Blobs, MasterKey, MasterKeys, Options, Sealed, Subjects};
use bianque_model::TenantId;
use tempfile::TempDir;

const TENANT: TenantId = TenantId::FIRST;
const SUBJECTS: usize = 20;

fn subject(number: usize) -> String {
    format!("Patient/{number}")
}

fn key(byte: u8) -> MasterKey {
    MasterKey::parse(&[byte; 32], "a test").unwrap()
}

fn open(folder: &TempDir, master: impl Into<MasterKeys>) -> Result<Blobs, BlobError> {
    Blobs::open_with(Options { folder: folder.path().join("blobs"), master: master.into(), durable: false })
}

fn keep(blobs: &Blobs, number: usize) -> Sealed {
    let mut writer = blobs.create(TENANT, &subject(number)).unwrap();
    writer.write(subject(number).as_bytes()).unwrap();
    writer.finish().unwrap()
}

fn all_open(blobs: &Blobs, kept: &[Sealed]) -> bool {
    kept.iter().enumerate().all(|(number, sealed)| {
        let read = blobs.open_blob(TENANT, &subject(number), sealed.id).and_then(|reader| reader.blake3());
        read.is_ok_and(|hash| hash == sealed.blake3)
    })
}

fn key_files(folder: &TempDir) -> Vec<PathBuf> {
    let keys = fs::read_dir(folder.path().join("blobs/keys")).unwrap();
    keys.map(|entry| entry.unwrap().path()).filter(|path| !path.ends_with("master-check")).collect()
}

fn spoil(path: &Path) {
    fs::write(path, [0; 120]).unwrap();
}

#[test]
fn a_rotation_that_is_cut_off_anywhere_leaves_every_key_readable_and_goes_on() {
    let mut halfway = 0;
    for round in 0..16 {
        let folder = tempfile::tempdir().unwrap();
        let blobs = open(&folder, key(1)).unwrap();
        let kept: Vec<Sealed> = (0..SUBJECTS).map(|number| keep(&blobs, number)).collect();
        let before = key_files(&folder);
        // A file that no key opens ends the rotation wherever the folder lists it.
        let stone = folder.path().join(format!("blobs/keys/{round:064x}"));
        spoil(&stone);
        assert!(matches!(blobs.rotate(&key(2), &Subjects::new()), Err(BlobError::Corrupt { .. })));
        assert!(all_open(&blobs, &kept), "beside a rotation everything is read");
        let left = before.iter().filter(|path| path.exists()).count();
        let shown = blobs.generations().unwrap();
        // The stone lies there too, and under no key.
        assert_eq!((shown.subjects, shown.behind), (SUBJECTS as u64 + 1, left as u64 + 1));
        assert_eq!((shown.current, shown.before), (key(2).name(), Some(key(1).name())));
        halfway += usize::from(left > 0 && left < SUBJECTS);
        drop(blobs);
        fs::remove_file(stone).unwrap();

        let both = MasterKeys { current: key(2), before: Some(key(1)) };
        let blobs = open(&folder, both).unwrap();
        assert!(all_open(&blobs, &kept), "after a restart everything is read");
        blobs.rotate(&key(2), &Subjects::new()).unwrap();
        let shown = blobs.generations().unwrap();
        assert_eq!((shown.subjects, shown.behind, shown.before), (SUBJECTS as u64, 0, None));
        drop(blobs);
        assert!(all_open(&open(&folder, key(2)).unwrap(), &kept));
        assert_eq!(key_files(&folder).len(), SUBJECTS);
        assert!(matches!(open(&folder, key(1)), Err(BlobError::MasterKey { .. })));
    }
    assert!(halfway > 0, "some were cut off halfway");
}

#[test]
fn key_files_that_do_not_say_whose_they_are_are_found_by_those_who_are_known() {
    let folder = tempfile::tempdir().unwrap();
    let blobs = open(&folder, key(1)).unwrap();
    let kept = [keep(&blobs, 0), keep(&blobs, 1)];
    for path in key_files(&folder) {
        let record = fs::read(&path).unwrap();
        fs::write(&path, &record[..60]).unwrap();
    }
    let blobs = open(&folder, key(1)).unwrap();
    assert!(all_open(&blobs, &kept));
    let known = vec![(TENANT, subject(0)), (TENANT, subject(1)), (TENANT, subject(2))];
    assert_eq!(blobs.rotate(&key(2), &known).unwrap(), 3);
    assert!(all_open(&open(&folder, key(2)).unwrap(), &kept));
}

#[test]
fn what_a_shredded_subject_left_opens_no_more_and_others_do() {
    let folder = tempfile::tempdir().unwrap();
    let blobs = open(&folder, key(1)).unwrap();
    let kept = [keep(&blobs, 0), keep(&blobs, 1)];
    blobs.shred_key(TENANT, &subject(1)).unwrap();
    blobs.shred_key(TENANT, &subject(1)).unwrap();
    assert!(matches!(blobs.open_blob(TENANT, &subject(1), kept[1].id), Err(BlobError::NotFound)));
    assert!(all_open(&blobs, &kept[..1]));
    // A key that is made later is another one.
    keep(&blobs, 1);
    assert!(matches!(blobs.open_blob(TENANT, &subject(1), kept[1].id), Err(BlobError::Corrupt { .. })));
}

#[test]
fn a_blob_changes_hands_under_a_new_id() {
    let folder = tempfile::tempdir().unwrap();
    let blobs = open(&folder, key(1)).unwrap();
    let old = keep(&blobs, 0);
    let new = blobs.rewrap(TENANT, old.id, &subject(0), &subject(7)).unwrap();
    assert_ne!(new.id, old.id);
    assert_eq!((new.size, new.blake3), (old.size, old.blake3));
    let read = |owner, id| blobs.open_blob(TENANT, &subject(owner), id).and_then(|reader| reader.blake3());
    assert_eq!(read(7, new.id).unwrap(), old.blake3);
    assert!(read(0, new.id).is_err() && read(0, old.id).is_ok());
    assert!(blobs.rewrap(TENANT, old.id, &subject(7), &subject(0)).is_err(), "only whose it is");
}

#[test]
fn a_secret_that_lay_plain_is_sealed_at_the_first_look_and_follows_the_master_key() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("link.key");
    fs::write(&path, b"thirty-two bytes of great secret").unwrap();
    let none = || unreachable!("it is there");
    let look = |keys: MasterKeys| keys.secret(&path, none);
    let secret = look(key(1).into()).unwrap();
    assert_eq!(secret, b"thirty-two bytes of great secret");
    assert!(!fs::read(&path).unwrap().windows(10).any(|part| part == &secret[..10]));
    assert!(matches!(look(key(2).into()), Err(BlobError::Corrupt { .. })));
    assert_eq!(look(MasterKeys { current: key(2), before: Some(key(1)) }).unwrap(), secret);
    assert_eq!(look(key(2).into()).unwrap(), secret);
    fs::rename(&path, folder.path().join("signing.p8")).unwrap();
    let other = MasterKeys::from(key(2)).secret(&folder.path().join("signing.p8"), none);
    assert!(matches!(other, Err(BlobError::Corrupt { .. })), "one secret is not taken for another");
}
