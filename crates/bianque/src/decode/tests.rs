//! Frames that are decoded in processes of the program itself, and what happens to those processes.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::{Duration, Instant};

use bianque_app::ports::decoders::{
    DecodeFailure, Decoders, FrameHeader, Numbers, PictureFormat, Presentation, Rendered, Rendering,
    Transcoding, Viewport,
};
use bytes::Bytes;
use rustix::process::{Pid, Signal, kill_process};

use super::{Limits, Pool};

const PLAIN: &str = "1.2.840.10008.1.2.1";
const RLE: &str = "1.2.840.10008.1.2.5";
const JPEG_LOSSLESS: &str = "1.2.840.10008.1.2.4.70";

/// The program, which is built beside its tests.
fn program() -> PathBuf {
    let tests = std::env::current_exe().unwrap();
    let path = tests.parent().and_then(|deps| deps.parent()).unwrap().join("bianque");
    assert!(path.is_file(), "{} is not built; `cargo build -p bianque`", path.display());
    path
}

fn limits() -> Limits {
    Limits { workers: 1, ..Limits::new(1, 1 << 30) }
}

fn pool() -> Pool {
    Pool::new(program(), limits())
}

fn header(transfer_syntax: &str, rows: u16, columns: u16) -> FrameHeader {
    FrameHeader {
        transfer_syntax: transfer_syntax.to_owned(),
        rows,
        columns,
        samples: 1,
        bits_allocated: 16,
        bits_stored: 16,
        high_bit: 15,
        numbers: Numbers::Unsigned,
        planar: false,
        photometric: "MONOCHROME2".to_owned(),
        first_bit: 0,
    }
}

fn rendering(header: FrameHeader) -> Rendering {
    Rendering {
        header,
        presentation: Presentation::default(),
        format: PictureFormat::Png,
        window: None,
        view: 0,
        viewport: None,
        overlays: false,
    }
}

/// Ten rows of a hundred columns that get lighter.
fn ramp() -> (Bytes, Rendering) {
    let bytes = (0..10).flat_map(|_| (0..100_u16).flat_map(|column| (column * 9).to_le_bytes())).collect();
    (bytes, rendering(header(PLAIN, 10, 100)))
}

async fn renders(pool: &Pool) -> Rendered {
    let (frame, how) = ramp();
    pool.render(frame, &how).await.unwrap()
}

/// A frame that unfolds to zeros: so many pixels of 16 bits as RLE.
fn zeros(rows: u16, columns: u16) -> Bytes {
    let pixels = usize::from(rows) * usize::from(columns);
    let plane = [129, 0].repeat(pixels.div_ceil(128));
    let mut frame = vec![0; 64];
    frame[0] = 2;
    frame[4..8].copy_from_slice(&64_u32.to_le_bytes());
    frame[8..12].copy_from_slice(&u32::try_from(64 + plane.len()).unwrap().to_le_bytes());
    frame.extend(&plane);
    frame.extend(&plane);
    frame.into()
}

fn signal(process: u32, signal: Signal) {
    let process = Pid::from_raw(i32::try_from(process).unwrap()).unwrap();
    kill_process(process, signal).unwrap();
}

#[tokio::test]
async fn a_frame_becomes_a_picture_and_the_process_waits_for_the_next() {
    let pool = pool();
    assert!(pool.idle().is_empty(), "nothing is started before it is needed");
    let shown = renders(&pool).await;
    assert_eq!((shown.width, shown.height), (100, 10));
    let picture = image::load_from_memory(&shown.bytes).unwrap().into_luma8();
    assert_eq!((picture.get_pixel(0, 0).0, picture.get_pixel(99, 9).0), ([0], [255]));
    let process = pool.idle();
    assert_eq!(process.len(), 1);

    let (frame, how) = ramp();
    let viewport = Some(Viewport { width: 50, height: 50, source: None });
    let small = pool.render(frame, &Rendering { viewport, ..how }).await.unwrap();
    assert_eq!((small.width, small.height), (50, 5));
    assert_eq!(pool.idle(), process, "the same one");
}

#[tokio::test]
async fn a_frame_is_packed_anew_and_unpacked_to_what_it_was() {
    let pool = pool();
    let (frame, how) = ramp();
    let mut at = (frame.clone(), how.header);
    for syntax in [RLE, JPEG_LOSSLESS, PLAIN] {
        let asked = Transcoding { header: at.1.clone(), transfer_syntax: syntax.to_owned(), quality: 90 };
        let packed = pool.decode(at.0, &asked).await.unwrap();
        assert_eq!((packed.photometric.as_str(), packed.bits_stored), ("MONOCHROME2", 16));
        at = (packed.bytes, FrameHeader { transfer_syntax: syntax.to_owned(), ..at.1 });
    }
    assert_eq!(at.0, frame);
}

#[tokio::test]
async fn what_a_worker_refuses_has_its_reason() {
    let pool = pool();
    let refused = |frame: Bytes, header| {
        let (pool, how) = (&pool, rendering(header));
        async move { pool.render(frame, &how).await.unwrap_err() }
    };
    let zero = Bytes::from_static(&[0; 64]);
    let bomb = refused(zero.clone(), header(RLE, 65535, 65535)).await;
    assert!(matches!(bomb, DecodeFailure::TooLarge(_)), "{bomb}");
    let short = refused(zero.clone(), header(PLAIN, 10, 10)).await;
    assert!(matches!(short, DecodeFailure::Damaged(_)), "{short}");
    let video = refused(zero.clone(), header("1.2.840.10008.1.2.4.102", 10, 10)).await;
    assert!(matches!(video, DecodeFailure::Unsupported(_)), "{video}");
    let odd = FrameHeader { photometric: "PLAID".to_owned(), ..header(PLAIN, 1, 1) };
    assert!(matches!(refused(zero, odd).await, DecodeFailure::Unsupported(_)));
    renders(&pool).await;
}

#[tokio::test]
async fn a_frame_that_takes_more_memory_than_there_is_costs_the_process_and_no_more() {
    // A frame may unfold to nearly all of the memory, and unpacking it needs more than that.
    let pool = Pool::new(program(), Limits { frame: 1 << 30, ..limits() });
    renders(&pool).await;
    let before = pool.idle();
    let (rows, columns) = (20_000, 25_000);
    let died = pool.render(zeros(rows, columns), &rendering(header(RLE, rows, columns))).await;
    assert_eq!(died, Err(DecodeFailure::Died));
    assert!(pool.idle().is_empty());
    renders(&pool).await;
    assert_ne!(pool.idle(), before);
}

#[tokio::test]
async fn a_process_that_dies_at_work_is_told_and_replaced() {
    let pool = Arc::new(pool());
    renders(&pool).await;
    let process = pool.idle()[0];
    // It stands still, so that it dies with the request in its hands.
    signal(process, Signal::STOP);
    let at_work = tokio::spawn({
        let pool = Arc::clone(&pool);
        async move {
            let (frame, how) = ramp();
            pool.render(frame, &how).await
        }
    });
    while !pool.idle().is_empty() {
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    signal(process, Signal::ABORT);
    signal(process, Signal::CONT);
    assert_eq!(at_work.await.unwrap(), Err(DecodeFailure::Died));
    renders(&pool).await;
    assert_ne!(pool.idle(), [process]);
}

#[tokio::test]
async fn a_process_that_died_while_it_waited_costs_nobody_a_request() {
    let pool = pool();
    renders(&pool).await;
    let process = pool.idle()[0];
    signal(process, Signal::KILL);
    tokio::time::sleep(Duration::from_millis(200)).await;
    renders(&pool).await;
    assert_ne!(pool.idle(), [process]);
}

#[tokio::test]
async fn a_process_that_takes_too_long_is_ended_and_replaced() {
    let pool = Pool::new(program(), Limits { deadline: Duration::from_secs(2), ..limits() });
    renders(&pool).await;
    let process = pool.idle()[0];
    signal(process, Signal::STOP);
    let (frame, how) = ramp();
    let begun = Instant::now();
    assert_eq!(pool.render(frame, &how).await, Err(DecodeFailure::TooSlow));
    assert!(begun.elapsed() < Duration::from_secs(8));
    renders(&pool).await;
    assert_ne!(pool.idle(), [process]);
}

#[tokio::test]
async fn more_requests_than_may_wait_are_refused_at_once() {
    let pool = Arc::new(Pool::new(program(), Limits { queue: 1, ..limits() }));
    renders(&pool).await;
    let process = pool.idle()[0];
    signal(process, Signal::STOP);
    let ask = || {
        let pool = Arc::clone(&pool);
        tokio::spawn(async move {
            let (frame, how) = ramp();
            pool.render(frame, &how).await
        })
    };
    let (one, other, third) = (ask(), ask(), ask());
    // Whichever came last finds both places taken.
    tokio::time::sleep(Duration::from_millis(300)).await;
    signal(process, Signal::CONT);
    let answers = [one.await.unwrap(), other.await.unwrap(), third.await.unwrap()];
    let busy = answers.iter().filter(|answer| **answer == Err(DecodeFailure::Busy)).count();
    let shown = answers.iter().filter(|answer| answer.is_ok()).count();
    assert_eq!((shown, busy), (2, 1));
}

#[tokio::test]
async fn a_program_that_is_no_decoder_is_found_out() {
    let (frame, how) = ramp();
    let nowhere = Pool::new("/nowhere/at/all", limits());
    assert_eq!(nowhere.render(frame.clone(), &how).await, Err(DecodeFailure::Missing));
    let other = Pool::new("/bin/false", limits());
    assert_eq!(other.render(frame, &how).await, Err(DecodeFailure::Died));
}
