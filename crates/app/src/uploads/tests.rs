//! Stories of voice clips: said once, heard by those in the room, and by nobody else.

use bianque_model::{Context, ResourceId, TenantId};
use bianque_store::AuditQuery;
use bytes::Bytes;
use serde_json::Value;
use sha2::Digest;
use uuid::Uuid;

use super::{Announcement, Kept, Progress, append, begin};
use crate::testing::{Clinic, Doctor};
use crate::visits::{chat, end};
use crate::voice::view::play;
use crate::{Error, ErrorKind};

const KEY: &str = "a-key-of-the-browser";

/// What a browser records, as far as the server looks at it.
fn voice() -> Vec<u8> {
    let head: &[u8] = &[0x1a, 0x45, 0xdf, 0xa3, 0x87, 0x42, 0x82, 0x84];
    let tracks: &[u8] = &[0x18, 0x53, 0x80, 0x67, 0xff, 0x16, 0x54, 0xae, 0x6b, 0x8a, 0xae, 0x88, 0x86, 0x86];
    [head, b"webm", tracks, b"A_OPUS", &[0x1f, 0x43, 0xb6, 0x75, 0xff], &vec![7; 90_000]].concat()
}

fn announced(bytes: &[u8]) -> Announcement {
    Announcement {
        size: bytes.len() as u64,
        sha256: format!("{:x}", sha2::Sha256::digest(bytes)),
        content_type: "audio/webm;codecs=opus".into(),
        body_site: String::new(),
        side: String::new(),
        duration_ms: Some(61_500),
        name: String::new(),
    }
}

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
    async fn begin(&self, announcement: Announcement) -> Result<Uuid, Error> {
        match begin(&self.clinic.app, &self.patient, &self.visit, KEY, announcement).await? {
            Progress::Open { id, .. } => Ok(id),
            Progress::Complete(kept) => panic!("complete: {kept:?}"),
        }
    }

    async fn send(&self, id: Uuid, offset: usize, bytes: &[u8]) -> Result<Progress, Error> {
        let bytes = Bytes::copy_from_slice(bytes);
        append(&self.clinic.app, &self.patient, &self.visit, id, offset as u64, bytes).await
    }

    async fn says(&self, bytes: &[u8]) -> ResourceId {
        let id = self.begin(announced(bytes)).await.unwrap();
        clip(&self.send(id, 0, bytes).await.unwrap())
    }

    async fn messages(&self, context: &Context) -> Vec<Value> {
        let list = chat::list(&self.clinic.app, context, &self.visit).await.unwrap();
        list["messages"].as_array().unwrap().clone()
    }
}

fn clip(progress: &Progress) -> ResourceId {
    match progress {
        Progress::Complete(Kept::Clip(clip)) => clip.id.clone(),
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn what_is_said_in_pieces_over_a_restart_is_one_message_that_both_hear() {
    let mut story = story().await;
    let bytes = voice();
    let id = story.begin(announced(&bytes)).await.unwrap();
    story.send(id, 0, &bytes[..40_000]).await.unwrap();
    story.clinic = story.clinic.reopened();
    let said = clip(&story.send(id, 40_000, &bytes[40_000..]).await.unwrap());
    // The browser did not hear of the end and sends it again.
    assert_eq!(clip(&story.send(id, 40_000, &bytes[40_000..]).await.unwrap()), said);
    for context in [&story.patient, &story.doctor.context] {
        let messages = story.messages(context).await;
        assert_eq!(messages.len(), 1);
        assert_eq!((&messages[0]["text"], &messages[0]["by"]["role"]), (&"".into(), &"patient".into()));
        let shown = &messages[0]["clip"];
        assert_eq!((&shown["content_type"], &shown["size"]), (&"audio/webm".into(), &bytes.len().into()));
        assert_eq!(shown["duration_ms"].as_f64(), Some(61_500.0));
        assert_eq!(shown["url"], format!("/api/visits/{}/clips/{said}", story.visit));
        let heard = play(&story.clinic.app, context, &story.visit, &said).await.unwrap();
        assert_eq!((heard.content_type.as_str(), heard.bytes), ("audio/webm", bytes.clone()));
    }
}

#[tokio::test]
async fn a_clip_is_in_the_record_and_its_playing_in_the_audit() {
    let story = story().await;
    let said = story.says(&voice()).await;
    let app = &story.clinic.app;
    let kept = app.resource(TenantId::FIRST, "Communication", &said).await.unwrap().value;
    assert_eq!(kept["payload"][0]["contentAttachment"]["url"], format!("Binary/{said}"));
    assert_eq!(kept["encounter"]["reference"], format!("Encounter/{}", story.visit));
    let binary = app.resource(TenantId::FIRST, "Binary", &said).await.unwrap().value;
    assert_eq!(binary["securityContext"], kept["subject"]);
    play(app, &story.doctor.context, &story.visit, &said).await.unwrap();
    let query = AuditQuery { limit: 100, ..AuditQuery::default() };
    let rows = app.store.audit(TenantId::FIRST, query).await.unwrap();
    for operation in ["clip.begin", "clip.add", "clip.play"] {
        assert_eq!(rows.iter().filter(|(_, row)| row.operation == operation).count(), 1, "{operation}");
    }
}

#[tokio::test]
async fn what_is_no_voice_or_too_much_of_it_is_refused() {
    let story = story().await;
    let refused = |change: &dyn Fn(&mut Announcement)| {
        let mut announcement = announced(&voice());
        change(&mut announcement);
        async { story.begin(announcement).await.unwrap_err() }
    };
    assert_eq!(refused(&|a| a.size = (4 << 20) + 1).await.code, "upload.too-large");
    assert_eq!(refused(&|a| a.duration_ms = Some(125_001)).await.code, "clip.duration");
    assert_eq!(refused(&|a| a.duration_ms = None).await.code, "clip.duration");
    assert_eq!(refused(&|a| a.content_type = "audio/wav".into()).await.code, "upload.type");
    let script = b"<svg onload=alert(1)>".repeat(10);
    let id = story.begin(announced(&script)).await.unwrap();
    assert_eq!(story.send(id, 0, &script).await.unwrap_err().kind, ErrorKind::WrongType);
    assert!(story.messages(&story.patient).await.is_empty());
}

#[tokio::test]
async fn nobody_outside_the_visit_hears_it() {
    let story = story().await;
    let said = story.says(&voice()).await;
    let app = &story.clinic.app;
    let home = story.clinic.organization("Hillside").await;
    let stranger = story.clinic.clinician("he.jun", &home).await;
    let ben = story.clinic.patient("Ben", &home).await;
    let other = story.clinic.visit(&stranger, &ben).await;
    let ben = story.clinic.patient_of(&other, &ben);
    for context in [&ben, &stranger.context] {
        for visit in [&story.visit, &other] {
            assert_eq!(play(app, context, visit, &said).await.unwrap_err().kind, ErrorKind::NotFound);
        }
    }
}

#[tokio::test]
async fn an_ended_visit_takes_nothing_new_but_what_is_under_way() {
    let story = story().await;
    let bytes = voice();
    let id = story.begin(announced(&bytes)).await.unwrap();
    let context = Context { now: story.clinic.server().now, ..story.doctor.context.clone() };
    end::cancel(&story.clinic.app, &context, &story.visit).await.unwrap();
    clip(&story.send(id, 0, &bytes).await.unwrap());
    let app = &story.clinic.app;
    let new = begin(app, &story.patient, &story.visit, "another-key", announced(&bytes));
    assert_eq!(new.await.unwrap_err().code, "visit.state");
}
