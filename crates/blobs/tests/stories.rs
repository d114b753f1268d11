//! Stories of sealed bytes: what comes back, what does not open, and what survives.
#![allow(clippy::unwrap_used, reason = "a failed unwrap is a failed story")]

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

use bianque_blobs::{BlobError, Blobs, CHUNK_BYTES, Known, Sealed};
use bianque_model::{BlobId, TenantId};
use proptest::prelude::*;
use tempfile::TempDir;
use uuid::Uuid;

const TENANT: TenantId = TenantId::FIRST;
const LI: &str = "Patient/li";
const SEALED_CHUNK: usize = CHUNK_BYTES + 16;
const HEADER: usize = 68;

fn open(folder: &TempDir) -> Result<Blobs, BlobError> {
    Blobs::open(&folder.path().join("blobs"), &folder.path().join("master.key"))
}

fn bytes(length: usize) -> Vec<u8> {
    (0..length).map(|place| u8::try_from(place * 31 % 251).unwrap()).collect()
}

fn keep(blobs: &Blobs, plain: &[u8]) -> Sealed {
    let mut writer = blobs.create(TENANT, LI).unwrap();
    for part in plain.chunks(50_000) {
        writer.write(part).unwrap();
    }
    writer.finish().unwrap()
}

fn file_of(folder: &TempDir, id: BlobId) -> PathBuf {
    let name = id.0.simple().to_string();
    folder.path().join("blobs").join(&name[..2]).join(name)
}

fn change(path: &Path, how: impl FnOnce(&mut Vec<u8>)) {
    let mut file = fs::read(path).unwrap();
    how(&mut file);
    fs::write(path, file).unwrap();
}

fn read_all(blobs: &Blobs, id: BlobId) -> Result<Vec<u8>, BlobError> {
    let reader = blobs.open_blob(TENANT, LI, id)?;
    reader.read_range(0, usize::try_from(reader.size()).unwrap())
}

#[test]
fn bytes_come_back_also_after_a_restart_and_no_plain_byte_lies_on_disk() {
    let folder = tempfile::tempdir().unwrap();
    let text = b"the patient says that it hurts since Tuesday".repeat(5_000);
    let sealed = keep(&open(&folder).unwrap(), &text);
    assert_eq!((sealed.size, sealed.blake3), (text.len() as u64, *blake3::hash(&text).as_bytes()));
    let blobs = open(&folder).unwrap();
    assert_eq!(read_all(&blobs, sealed.id).unwrap(), text);
    let file = fs::read(file_of(&folder, sealed.id)).unwrap();
    assert!(!file.windows(16).any(|window| window == &text[..16]));
    blobs.delete(sealed.id).unwrap();
    assert!(matches!(read_all(&blobs, sealed.id), Err(BlobError::NotFound)));
}

#[test]
fn ranges_open_across_the_borders_of_chunks() {
    let folder = tempfile::tempdir().unwrap();
    let blobs = open(&folder).unwrap();
    let plain = bytes(3 * CHUNK_BYTES + 100);
    let reader = blobs.open_blob(TENANT, LI, keep(&blobs, &plain).id).unwrap();
    for (offset, length) in [
        (0, 1),
        (CHUNK_BYTES - 1, 2),
        (CHUNK_BYTES, CHUNK_BYTES),
        (10, 2 * CHUNK_BYTES),
        (3 * CHUNK_BYTES + 90, 99),
    ] {
        let end = (offset + length).min(plain.len());
        assert_eq!(
            reader.read_range(offset as u64, length).unwrap(),
            plain[offset..end],
            "{offset}+{length}"
        );
    }
    assert!(reader.read_range(reader.size(), 10).unwrap().is_empty());
    assert!(reader.read_range(u64::MAX, usize::MAX).unwrap().is_empty());
}

#[test]
fn what_was_changed_on_disk_does_not_open() {
    let folder = tempfile::tempdir().unwrap();
    let blobs = open(&folder).unwrap();
    let plain = bytes(3 * CHUNK_BYTES);
    let spoil = |how: &dyn Fn(&mut Vec<u8>)| {
        let id = keep(&blobs, &plain).id;
        change(&file_of(&folder, id), how);
        read_all(&blobs, id)
    };
    let chunk = |number: usize| HEADER + number * SEALED_CHUNK;
    assert_eq!(spoil(&|_| {}).unwrap(), plain);
    for place in [0, 8, 30, 67, chunk(0), chunk(1) + 5, chunk(3) - 1] {
        let spoilt = spoil(&|file| file[place] ^= 1);
        assert!(matches!(spoilt, Err(BlobError::Corrupt { .. })), "bit at {place}");
    }
    for length in [0, 10, HEADER, HEADER + 15, chunk(1), chunk(2), chunk(2) + 20, chunk(3) - 1] {
        assert!(
            matches!(spoil(&|file| file.truncate(length)), Err(BlobError::Corrupt { .. })),
            "cut to {length}"
        );
    }
    let swapped = spoil(&|file| {
        let first = file[chunk(0)..chunk(1)].to_vec();
        file.copy_within(chunk(1)..chunk(2), chunk(0));
        file[chunk(1)..chunk(2)].copy_from_slice(&first);
    });
    assert!(matches!(swapped, Err(BlobError::Corrupt { .. })));
    let longer = spoil(&|file| file.extend_from_slice(&[0; 40]));
    assert!(matches!(longer, Err(BlobError::Corrupt { .. })));
}

#[test]
fn a_blob_opens_for_its_subject_and_tenant_alone() {
    let folder = tempfile::tempdir().unwrap();
    let blobs = open(&folder).unwrap();
    let id = keep(&blobs, b"x").id;
    keep(&blobs, b"y");
    blobs.create(TENANT, "Patient/wang").unwrap().finish().unwrap();
    assert!(matches!(blobs.open_blob(TENANT, "Patient/wang", id), Err(BlobError::Corrupt { .. })));
    assert!(matches!(blobs.open_blob(TenantId(2), LI, id), Err(BlobError::NotFound)));
    let other = keep(&blobs, b"z").id;
    fs::copy(file_of(&folder, id), file_of(&folder, other)).unwrap();
    assert!(read_all(&blobs, other).is_err(), "a file under another name is another blob");
}

#[test]
fn a_blob_that_was_not_finished_never_was() {
    let folder = tempfile::tempdir().unwrap();
    let blobs = open(&folder).unwrap();
    let mut writer = blobs.create(TENANT, LI).unwrap();
    writer.write(&bytes(200_000)).unwrap();
    let id = writer.id();
    drop(writer);
    let mut killed = blobs.create(TENANT, LI).unwrap();
    killed.write(b"x").unwrap();
    std::mem::forget(killed);
    assert!(matches!(read_all(&blobs, id), Err(BlobError::NotFound)));
    open(&folder).unwrap();
    assert_eq!(fs::read_dir(folder.path().join("blobs/incoming")).unwrap().count(), 0);
}

#[test]
fn the_master_key_is_private_and_the_right_one() {
    let folder = tempfile::tempdir().unwrap();
    keep(&open(&folder).unwrap(), b"x");
    let path = folder.path().join("master.key");
    assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
    let refused = |what: &str| match open(&folder) {
        Err(BlobError::MasterKey { why, .. }) => assert!(why.contains(what), "{why}"),
        other => panic!("{what}: {:?}", other.err()),
    };
    fs::set_permissions(&path, fs::Permissions::from_mode(0o644)).unwrap();
    refused("0600");
    fs::set_permissions(&path, fs::Permissions::from_mode(0o600)).unwrap();
    change(&path, |key| key[0] ^= 1);
    refused("not the key of this data");
    change(&path, |key| key.truncate(31));
    refused("32 bytes");
    fs::remove_file(&path).unwrap();
    refused("missing");
}

#[test]
fn an_upload_goes_on_after_a_restart_and_becomes_a_blob_once_it_is_whole() {
    let folder = tempfile::tempdir().unwrap();
    let plain = bytes(200_000);
    let upload = Uuid::new_v4();
    let mut stage = open(&folder).unwrap().stage(TENANT, LI, upload).unwrap();
    assert_eq!(stage.append(0, &plain[..70_000]).unwrap(), 70_000);
    assert!(matches!(stage.append(0, b"x"), Err(BlobError::Offset { expected: 70_000 })));
    let blobs = open(&folder).unwrap();
    assert!(matches!(blobs.stage(TENANT, LI, upload), Err(BlobError::Busy)));
    drop(stage);

    let mut stage = blobs.stage(TENANT, LI, upload).unwrap();
    assert_eq!(stage.offset(), 70_000);
    stage.append(70_000, &plain[70_000..]).unwrap();
    let mut hash = blake3::Hasher::new();
    stage
        .read(|piece| {
            hash.update(piece);
        })
        .unwrap();
    let sealed = stage.promote().unwrap();
    assert_eq!((sealed.size, sealed.blake3), (200_000, *hash.finalize().as_bytes()));
    assert_eq!(read_all(&blobs, sealed.id).unwrap(), plain);
    stage.discard().unwrap();
    assert_eq!(blobs.stage(TENANT, LI, upload).unwrap().offset(), 0);
}

#[test]
fn a_torn_piece_is_cut_off_and_the_upload_goes_on_before_it() {
    let folder = tempfile::tempdir().unwrap();
    let blobs = open(&folder).unwrap();
    let upload = Uuid::new_v4();
    let path = folder.path().join("blobs/staged").join(upload.simple().to_string());
    let mut stage = blobs.stage(TENANT, LI, upload).unwrap();
    stage.append(0, &bytes(1_000)).unwrap();
    let whole = fs::metadata(&path).unwrap().len();
    stage.append(1_000, &bytes(1_000)).unwrap();
    drop(stage);
    change(&path, |log| log.truncate(log.len() - 1));
    let mut stage = blobs.stage(TENANT, LI, upload).unwrap();
    assert_eq!((stage.offset(), fs::metadata(&path).unwrap().len()), (1_000, whole));
    assert_eq!(stage.append(1_000, b"anew").unwrap(), 1_004);
    drop(stage);
    change(&path, |log| log.truncate(20));
    assert_eq!(blobs.stage(TENANT, LI, upload).unwrap().offset(), 0, "a torn beginning is a new beginning");
    assert!(blobs.stage(TENANT, "Patient/wang", upload).is_err(), "an upload is its subject's");
}

#[test]
fn a_scrub_tells_the_spoilt_and_the_forgotten_and_spares_the_young() {
    let folder = tempfile::tempdir().unwrap();
    let blobs = open(&folder).unwrap();
    let [good, spoilt, forgotten] = [b"1", b"2", b"3"].map(|plain| keep(&blobs, plain));
    change(&file_of(&folder, spoilt.id), |file| file[HEADER] ^= 1);
    blobs.stage(TENANT, LI, Uuid::new_v4()).unwrap();
    let known = |id| {
        let row = [good, spoilt].into_iter().find(|sealed| sealed.id == id);
        Ok(row.map(|row| Known { tenant: TENANT, subject: LI.into(), blake3: row.blake3 }))
    };
    let day = Duration::from_hours(24);
    let young = blobs.scrub(SystemTime::now(), day, known).unwrap();
    assert_eq!((young.checked, young.corrupt, young.unreferenced), (3, vec![spoilt.id], vec![]));
    assert!(blobs.remove_abandoned(SystemTime::now(), day, |_| false).unwrap().is_empty());
    let later = SystemTime::now() + 2 * day;
    let old = blobs.scrub(later, day, known).unwrap();
    assert_eq!(old.unreferenced, [forgotten.id]);
    blobs.remove_unreferenced(&old).unwrap();
    assert!(blobs.remove_abandoned(later, day, |_| true).unwrap().is_empty(), "what is spoken of stays");
    assert_eq!(blobs.remove_abandoned(later, day, |_| false).unwrap().len(), 1);
    assert_eq!(blobs.scrub(later, day, known).unwrap().checked, 2);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    #[test]
    fn any_length_in_any_pieces_comes_back(
        length in prop_oneof![0..300_usize, (0..4_usize, -2..3_i64).prop_map(|(chunks, by)| {
            usize::try_from(i64::try_from(chunks * CHUNK_BYTES).unwrap() + by).unwrap_or(0)
        }), 0..250_000_usize],
        piece in 1..100_000_usize,
        offset in 0..250_000_usize,
        wanted in 0..150_000_usize,
    ) {
        let folder = tempfile::tempdir().unwrap();
        let blobs = open(&folder).unwrap();
        let plain = bytes(length);
        let mut writer = blobs.create(TENANT, LI).unwrap();
        let mut stage = blobs.stage(TENANT, LI, Uuid::new_v4()).unwrap();
        for part in plain.chunks(piece) {
            writer.write(part).unwrap();
            stage.append(stage.offset(), part).unwrap();
        }
        let (direct, staged) = (writer.finish().unwrap(), stage.promote().unwrap());
        prop_assert_eq!(direct.blake3, staged.blake3);
        prop_assert_eq!(read_all(&blobs, staged.id).unwrap(), plain.clone());
        let reader = blobs.open_blob(TENANT, LI, direct.id).unwrap();
        let (begin, end) = (offset.min(length), (offset + wanted).min(length));
        prop_assert_eq!(&reader.read_range(offset as u64, wanted).unwrap()[..], &plain[begin..end.max(begin)]);
    }
}

#[test]
fn while_deletions_are_held_a_copy_finds_everything_and_afterwards_it_is_gone() {
    let folder = tempfile::tempdir().unwrap();
    let blobs = open(&folder).unwrap();
    let sealed = keep(&blobs, b"a photo");
    let mut stage = blobs.stage(TENANT, LI, Uuid::now_v7()).unwrap();
    stage.append(0, b"half of one").unwrap();
    let (one, other) = (blobs.hold_deletions(), blobs.hold_deletions());
    blobs.delete(sealed.id).unwrap();
    stage.discard().unwrap();
    let files = blobs.files().unwrap();
    // The blob, the upload, the key of the subject and the check of the master key.
    assert_eq!(files.len(), 4, "{files:?}");
    assert!(files.iter().all(|file| blobs.folder().join(file).is_file()));
    drop(one);
    assert_eq!(read_all(&blobs, sealed.id).unwrap(), b"a photo");
    drop(other);
    assert!(matches!(read_all(&blobs, sealed.id), Err(BlobError::NotFound)));
    assert_eq!(blobs.files().unwrap().len(), 2);
}
