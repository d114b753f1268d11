//! Pixels decoded in another process: what comes back, and what happens when it does not.

#![allow(clippy::unwrap_used, reason = "a failed unwrap is a failed test")]

use std::io::Cursor;
use std::os::unix::fs::PermissionsExt;
use std::path::PathBuf;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use bianque_app::photos::preview::{DecodeWorker, PhotoError};
use image::{DynamicImage, ImageFormat, Rgb, RgbImage};

/// The example of this package, which is built beside its tests.
fn program() -> PathBuf {
    let tests = std::env::current_exe().unwrap();
    let path = tests.parent().and_then(|deps| deps.parent()).unwrap().join("examples/decode_worker");
    assert!(path.is_file(), "{} is not built; `cargo build --example decode_worker`", path.display());
    path
}

fn photo(width: u32, height: u32, format: ImageFormat) -> Vec<u8> {
    let image = RgbImage::from_fn(width, height, |x, y| Rgb([x.to_le_bytes()[0], y.to_le_bytes()[0], 90]));
    let mut bytes = Vec::new();
    DynamicImage::from(image).write_to(&mut Cursor::new(&mut bytes), format).unwrap();
    bytes
}

/// A program that is no decoder.
fn script(body: &str) -> (tempfile::TempDir, DecodeWorker) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("worker");
    std::fs::write(&path, format!("#!/bin/sh\n{body}\n")).unwrap();
    std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o700)).unwrap();
    let worker = DecodeWorker::new(path);
    (folder, worker)
}

#[tokio::test]
async fn previews_come_back_from_the_worker() {
    let worker = DecodeWorker::new(program());
    for format in [ImageFormat::Jpeg, ImageFormat::Png, ImageFormat::WebP] {
        let preview = worker.preview(&photo(2400, 1600, format)).await.unwrap();
        assert_eq!((preview.width, preview.height), (2400, 1600), "{format:?}");
        let shown = image::load_from_memory(&preview.jpeg).unwrap();
        assert_eq!((shown.width(), shown.height()), (1600, 1067), "{format:?}");
    }
    let heic = include_bytes!("../src/photos/preview/testdata/corner.heic");
    assert_eq!(worker.preview(heic).await.map(|preview| preview.width), Ok(96));
}

#[tokio::test]
async fn what_the_worker_refuses_has_its_reason() {
    let worker = DecodeWorker::new(program());
    assert_eq!(worker.preview(b"").await, Err(PhotoError::Unsupported));
    assert_eq!(worker.preview(b"GIF89a and more").await, Err(PhotoError::Unsupported));
    let mut broken = photo(64, 64, ImageFormat::Png);
    let middle = broken.len() / 2;
    broken[middle] ^= 0xff;
    assert!(matches!(worker.preview(&broken).await, Err(PhotoError::Corrupt(_))));
}

#[test]
fn a_worker_is_confined_before_it_reads() {
    let mut worker = Command::new(program()).stdin(Stdio::piped()).stdout(Stdio::null()).spawn().unwrap();
    let limits = format!("/proc/{}/limits", worker.id());
    let confined = |text: &str| {
        let is = |name: &str, most: &str| {
            text.lines()
                .any(|line| line.starts_with(name) && line.split_whitespace().any(|word| word == most))
        };
        is("Max address space", "1073741824") && is("Max cpu time", "20") && is("Max file size", "0")
    };
    let deadline = Instant::now() + Duration::from_secs(10);
    while !std::fs::read_to_string(&limits).is_ok_and(|text| confined(&text)) {
        assert!(Instant::now() < deadline, "{:?}", std::fs::read_to_string(&limits));
        std::thread::sleep(Duration::from_millis(10));
    }
    worker.kill().unwrap();
    worker.wait().unwrap();
}

#[tokio::test]
async fn a_worker_that_is_missing_hangs_or_lies_costs_one_preview() {
    let image = photo(64, 64, ImageFormat::Jpeg);
    let lost = |answer: Result<_, PhotoError>| assert!(matches!(answer, Err(PhotoError::NoPreview(_))));
    lost(DecodeWorker::new("/nowhere/at/all").preview(&image).await);

    let started = Instant::now();
    let (_folder, hanging) = script("exec sleep 60");
    lost(hanging.with_patience(Duration::from_millis(300)).preview(&image).await);
    assert!(started.elapsed() < Duration::from_secs(10));

    for body in ["exit 0", "echo nonsense", "kill -9 $$", "exit 101", "head -c 40000000 /dev/zero"] {
        let (_folder, lying) = script(body);
        lost(lying.preview(&image).await);
    }
}

#[tokio::test]
async fn a_worker_inherits_no_environment() {
    let (_folder, curious) = script("[ -z \"$HOME$CARGO_MANIFEST_DIR\" ] && exit 11; exit 0");
    assert!(matches!(curious.preview(b"x").await, Err(PhotoError::Corrupt(_))));
}
