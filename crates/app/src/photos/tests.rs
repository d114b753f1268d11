//! Stories of photos: cut off and resumed, broken, repeated, and nobody else's.

use std::io::Cursor;

use bianque_model::{Context, ResourceId, TenantId};
use bytes::Bytes;
use sha2::Digest;
use uuid::Uuid;

use super::view;
use crate::aggregate::Loaded;
use crate::testing::{Clinic, Doctor};
use crate::uploads::{self as upload, Announcement, Kept, Progress, Upload};
use crate::visits::end;
use crate::{Error, ErrorKind};

const KEY: &str = "a-key-of-the-browser";

/// A picture with grain, so that it does not compress to nothing.
fn picture(seed: u32) -> Vec<u8> {
    let pixel = |x: u32, y: u32| {
        let grain =
            (x.wrapping_mul(2_654_435_761) ^ y.wrapping_mul(40_503) ^ seed).wrapping_mul(2_246_822_519);
        let [red, green, blue, _] = grain.to_be_bytes();
        image::Rgb([red, green, blue])
    };
    let mut bytes = Cursor::new(Vec::new());
    image::RgbImage::from_fn(200, 150, pixel).write_to(&mut bytes, image::ImageFormat::Png).unwrap();
    bytes.into_inner()
}

fn announced(bytes: &[u8]) -> Announcement {
    Announcement {
        size: bytes.len() as u64,
        sha256: format!("{:x}", sha2::Sha256::digest(bytes)),
        content_type: "image/png".into(),
        body_site: "arm".into(),
        side: "left".into(),
        duration_ms: None,
        name: "rash.png".into(),
    }
}

/// A visit with its patient, and what their use cases are called with.
struct Story {
    clinic: Clinic,
    doctor: Doctor,
    visit: ResourceId,
    patient: Context,
}

async fn story() -> Story {
    let clinic = Clinic::open();
    let home = clinic.organization("Riverside").await;
    let doctor = clinic.clinician("li.na", &home).await;
    let ana = clinic.patient("Ana", &home).await;
    let visit = clinic.visit(&doctor, &ana).await;
    let patient = clinic.patient_of(&visit, &ana);
    Story { clinic, doctor, visit, patient }
}

impl Story {
    async fn begin(&self, announcement: Announcement) -> Result<Progress, Error> {
        upload::begin(&self.clinic.app, &self.patient, &self.visit, KEY, announcement).await
    }

    async fn send(&self, id: Uuid, offset: usize, bytes: &[u8]) -> Result<Progress, Error> {
        let bytes = Bytes::copy_from_slice(bytes);
        upload::append(&self.clinic.app, &self.patient, &self.visit, id, offset as u64, bytes).await
    }

    async fn photos(&self) -> Vec<serde_json::Value> {
        view::of_visit(&self.clinic.app, &self.patient, &self.visit).await.unwrap()
    }
}

fn open(progress: &Progress) -> (Uuid, u64) {
    match progress {
        Progress::Open { id, offset, .. } => (*id, *offset),
        Progress::Complete(kept) => panic!("complete: {kept:?}"),
    }
}

fn complete(progress: &Progress) -> ResourceId {
    match progress {
        Progress::Complete(Kept::Photo(photo)) => photo.id.clone(),
        Progress::Complete(Kept::Clip(clip)) => panic!("a clip: {clip:?}"),
        Progress::Open { offset, .. } => panic!("stands at {offset}"),
    }
}

#[tokio::test]
async fn a_photo_that_was_cut_off_goes_on_after_a_restart_and_arrives_once() {
    let mut story = story().await;
    let bytes = picture(1);
    let (id, _) = open(&story.begin(announced(&bytes)).await.unwrap());
    let (_, offset) = open(&story.send(id, 0, &bytes[..30_000]).await.unwrap());
    assert_eq!(offset, 30_000);
    story.clinic = story.clinic.reopened();
    assert_eq!(open(&story.begin(announced(&bytes)).await.unwrap()), (id, 30_000));
    // The browser did not hear of the last piece and sends it again.
    let error = story.send(id, 0, &bytes[..30_000]).await.unwrap_err();
    assert_eq!((error.code, error.details["offset"].as_u64()), ("upload.offset", Some(30_000)));
    let photo = complete(&story.send(id, 30_000, &bytes[30_000..]).await.unwrap());
    // Nor of the end.
    assert_eq!(complete(&story.send(id, 30_000, &bytes[30_000..]).await.unwrap()), photo);
    assert_eq!(complete(&story.begin(announced(&bytes)).await.unwrap()), photo);
    assert_eq!(story.photos().await.len(), 1);
    let back = view::original(&story.clinic.app, &story.doctor.context, &story.visit, &photo).await.unwrap();
    assert_eq!((back.content_type.as_str(), back.bytes), ("image/png", bytes));
}

#[tokio::test]
async fn what_the_record_says_of_a_photo_is_true() {
    let story = story().await;
    let bytes = picture(2);
    let (id, _) = open(&story.begin(announced(&bytes)).await.unwrap());
    let photo = complete(&story.send(id, 0, &bytes).await.unwrap());
    let document =
        story.clinic.app.resource(TenantId::FIRST, "DocumentReference", &photo).await.unwrap().value;
    let attachment = &document["content"][0]["attachment"];
    assert_eq!(attachment["size"].as_u64(), Some(bytes.len() as u64));
    assert_eq!(attachment["contentType"], "image/png");
    let sha1 = {
        use base64::Engine;
        base64::engine::general_purpose::STANDARD.encode(sha1::Sha1::digest(&bytes))
    };
    assert_eq!(attachment["hash"], sha1.as_str());
    assert_eq!(document["context"]["encounter"][0]["reference"], format!("Encounter/{}", story.visit));
    let texts: Vec<&str> =
        document["category"].as_array().unwrap().iter().filter_map(|c| c["text"].as_str()).collect();
    assert_eq!(texts, ["arm", "left"]);
    let shown = &story.photos().await[0];
    assert_eq!((shown["width"].as_u64(), shown["height"].as_u64()), (Some(200), Some(150)));
}

#[tokio::test]
async fn bytes_that_are_not_those_announced_leave_nothing() {
    let story = story().await;
    let (bytes, other) = (picture(3), picture(4));
    let lie = Announcement { size: other.len() as u64, ..announced(&bytes) };
    let (id, _) = open(&story.begin(lie).await.unwrap());
    let error = story.send(id, 0, &other).await.unwrap_err();
    assert_eq!((error.kind, error.code), (ErrorKind::Refused, "upload.hash"));
    assert!(story.photos().await.is_empty());
    assert!(story.clinic.app.load::<Upload>(TenantId::FIRST, &id.to_string()).await.unwrap().is_none());
    // The same key may try again, from the start.
    let (id, offset) = open(&story.begin(announced(&bytes)).await.unwrap());
    assert_eq!(offset, 0);
    complete(&story.send(id, 0, &bytes).await.unwrap());
}

#[tokio::test]
async fn what_is_no_image_or_too_large_is_refused() {
    let story = story().await;
    let refused = |change: &dyn Fn(&mut Announcement)| {
        let mut announcement = announced(&picture(5));
        change(&mut announcement);
        async { story.begin(announcement).await.unwrap_err() }
    };
    assert_eq!(refused(&|a| a.size = (50 << 20) + 1).await.code, "upload.too-large");
    assert_eq!(refused(&|a| a.size = 0).await.code, "upload.empty");
    assert_eq!(refused(&|a| a.content_type = "application/pdf".into()).await.code, "upload.type");
    assert_eq!(refused(&|a| a.body_site = "<script>".into()).await.code, "field.code");
    assert_eq!(refused(&|a| a.sha256 = "00".into()).await.code, "field.hash");

    let script = b"<svg onload=alert(1)>".repeat(10);
    let (id, _) = open(&story.begin(announced(&script)).await.unwrap());
    assert_eq!(story.send(id, 0, &script).await.unwrap_err().kind, ErrorKind::WrongType);
    let cut = &picture(6)[..20_000];
    let (id, _) = open(&story.begin(announced(cut)).await.unwrap());
    assert_eq!(story.send(id, 0, cut).await.unwrap_err().code, "upload.corrupt");
    let short = announced(&picture(7)[..10]);
    let (id, _) = open(&story.begin(short).await.unwrap());
    assert_eq!(story.send(id, 0, &picture(7)).await.unwrap_err().kind, ErrorKind::TooLarge);
    assert!(story.photos().await.is_empty());
}

#[tokio::test]
async fn one_photo_comes_of_a_last_piece_that_is_sent_eight_times_at_once() {
    let story = story().await;
    let bytes = picture(8);
    let (id, _) = open(&story.begin(announced(&bytes)).await.unwrap());
    let mut sending = Vec::new();
    for _ in 0..8 {
        let (app, patient, visit) = (story.clinic.app.clone(), story.patient.clone(), story.visit.clone());
        let bytes = Bytes::from(bytes.clone());
        sending.push(tokio::spawn(async move { upload::append(&app, &patient, &visit, id, 0, bytes).await }));
    }
    for one in sending {
        complete(&one.await.unwrap().unwrap());
    }
    assert_eq!(story.photos().await.len(), 1);
}

#[tokio::test]
async fn two_visits_see_nothing_of_each_others_photos() {
    let story = story().await;
    let app = &story.clinic.app;
    let bytes = picture(9);
    let (id, _) = open(&story.begin(announced(&bytes)).await.unwrap());
    let home = story.clinic.organization("Hillside").await;
    let stranger = story.clinic.clinician("he.jun", &home).await;
    let ben = story.clinic.patient("Ben", &home).await;
    let other = story.clinic.visit(&stranger, &ben).await;
    let ben = story.clinic.patient_of(&other, &ben);
    for context in [&ben, &stranger.context] {
        for visit in [&story.visit, &other] {
            let error = upload::progress(app, context, visit, id).await.unwrap_err();
            assert_eq!(error.kind, ErrorKind::NotFound);
            let error =
                upload::append(app, context, visit, id, 0, Bytes::from_static(b"x")).await.unwrap_err();
            assert_eq!(error.kind, ErrorKind::NotFound);
        }
    }
    let photo = complete(&story.send(id, 0, &bytes).await.unwrap());
    for context in [&ben, &stranger.context] {
        for visit in [&story.visit, &other] {
            assert_eq!(
                view::original(app, context, visit, &photo).await.unwrap_err().kind,
                ErrorKind::NotFound
            );
            assert_eq!(
                view::preview(app, context, visit, &photo).await.unwrap_err().kind,
                ErrorKind::NotFound
            );
        }
        assert_eq!(view::list(app, context, &story.visit).await.unwrap_err().kind, ErrorKind::NotFound);
    }
    // The same key in another visit is another upload.
    let progress = upload::begin(app, &ben, &other, KEY, announced(&bytes)).await.unwrap();
    assert_ne!(open(&progress).0, id);
}

#[tokio::test]
async fn a_photo_without_a_decoder_is_kept_without_a_preview() {
    let story = story().await;
    let bytes = picture(10);
    let (id, _) = open(&story.begin(announced(&bytes)).await.unwrap());
    let photo = complete(&story.send(id, 0, &bytes).await.unwrap());
    let error = view::preview(&story.clinic.app, &story.patient, &story.visit, &photo).await.unwrap_err();
    assert_eq!(error.code, "photo.no-preview");
    view::original(&story.clinic.app, &story.patient, &story.visit, &photo).await.unwrap();
}

#[tokio::test]
async fn an_ended_visit_takes_no_new_photo_but_the_one_under_way() {
    let story = story().await;
    let (one, other) = (picture(11), picture(12));
    let (id, _) = open(&story.begin(announced(&one)).await.unwrap());
    let context = Context { now: story.clinic.server().now, ..story.doctor.context.clone() };
    end::cancel(&story.clinic.app, &context, &story.visit).await.unwrap();
    complete(&story.send(id, 0, &one).await.unwrap());
    let new =
        upload::begin(&story.clinic.app, &story.patient, &story.visit, "another-key", announced(&other));
    assert_eq!(new.await.unwrap_err().code, "visit.state");
    let photos: Vec<Loaded<super::record::Photo>> = story
        .clinic
        .app
        .list(TenantId::FIRST, "visit", story.visit.as_str()..=story.visit.as_str(), 10)
        .await
        .unwrap();
    assert_eq!(photos.len(), 1);
}
