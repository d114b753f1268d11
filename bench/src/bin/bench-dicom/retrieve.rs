//! WADO-RS (DICOM PS3.18, 10.4) of a study of CT: the whole series, one image after the other, frames, pictures, metadata.

use std::time::Instant;

use anyhow::{Result, anyhow, ensure};
use bianque_bench::percentile;

use crate::Arguments;
use crate::image::{Bank, Image, Kind, Place};
use crate::servers::{Archive, Served};
use crate::store::OF_A_STUDY;
use crate::turns::{self, Measure};

const FILES: &str = r#"multipart/related; type="application/dicom"; transfer-syntax=*"#;
const FRAMES: &str = r#"multipart/related; type="application/octet-stream"; transfer-syntax=*"#;
const JSON: &str = "application/dicom+json";
const JPEG: &str = "image/jpeg";
/// Bytes of the pixels of a frame.
const FRAME: u64 = 512 * 512 * 2;
/// A series is retrieved so often in a stretch.
const SERIES: usize = 3;

/// What is asked for of an image, and how many bytes it has at least.
#[derive(Debug, Clone, Copy)]
struct Wanted {
    end: &'static str,
    accept: &'static str,
    least: u64,
}

/// Retrieves everything from every server.
pub(crate) fn retrieve(arguments: &Arguments, bank: &Bank, servers: &[Archive]) -> Result<()> {
    let of = |side| servers.iter().find(|server| server.side == side).ok_or_else(|| anyhow!("no server"));
    let (sides, rounds) = (&arguments.sides, arguments.rounds);
    turns::take("wado_series", sides, rounds, |side, _| series(of(side)?, bank))?;
    let kinds: [(&str, Wanted); 5] = [
        ("wado_instance", Wanted { end: "", accept: FILES, least: FRAME }),
        ("wado_frame", Wanted { end: "/frames/1", accept: FRAMES, least: FRAME }),
        ("wado_rendered", Wanted { end: "/rendered", accept: JPEG, least: 10_000 }),
        ("wado_rendered_128", Wanted { end: "/rendered?viewport=128,128", accept: JPEG, least: 1000 }),
        ("wado_instance_metadata", Wanted { end: "/metadata", accept: JSON, least: 1000 }),
    ];
    for (name, wanted) in kinds {
        turns::take(name, sides, rounds, |side, round| one_by_one(arguments, of(side)?, round, wanted))?;
    }
    turns::take("wado_frame_of_large", sides, rounds, |side, round| {
        large_frames(arguments, of(side)?, round)
    })?;
    turns::take("wado_series_metadata", sides, rounds, |side, _| {
        let mut waits = Vec::new();
        let (connection, begun) = (of(side)?.connect(), Instant::now());
        while begun.elapsed() < arguments.span || waits.is_empty() {
            let asked = Instant::now();
            connection.length(&format!("{}/metadata", path(place(0))), JSON)?;
            waits.push(asked.elapsed().as_secs_f64() * 1000.0);
        }
        Ok(vec![Measure::less("p50_ms", percentile(&waits, 0.5))])
    })
}

fn series(server: &Served, bank: &Bank) -> Result<Vec<Measure>> {
    let least = (0..OF_A_STUDY).map(|number| Image::new(Kind::Ct, place(number)).length(bank) as u64).sum();
    let connection = server.connect();
    let (begun, before) = (Instant::now(), server.process.cpu_s()?);
    let mut bytes = 0;
    for _ in 0..SERIES {
        let length = connection.length(&path(place(0)), FILES)?;
        ensure!(length > least, "the series has {length} bytes, and {least} were stored");
        bytes += length;
    }
    let megabytes = bytes as f64 / 1e6;
    let (seconds, cpu) = (begun.elapsed().as_secs_f64(), server.process.cpu_s()? - before);
    Ok(vec![Measure::more("mb_per_s", megabytes / seconds), Measure::more("mb_per_cpu_s", megabytes / cpu)])
}

/// One image after the other, each at most once in a round.
fn one_by_one(
    arguments: &Arguments,
    server: &Served,
    round: usize,
    Wanted { end, accept, least }: Wanted,
) -> Result<Vec<Measure>> {
    let paths = (0..OF_A_STUDY).map(|number| {
        let place = Place { study: round % arguments.ct_studies, ..place(number) };
        format!("{}/instances/{}{end}", path(place), place.instance_uid(Kind::Ct))
    });
    all_of(arguments, server, paths, accept, least)
}

/// Frames from all over an image of hundreds of megabytes, in an order that nobody reads ahead for.
fn large_frames(arguments: &Arguments, server: &Served, round: usize) -> Result<Vec<Measure>> {
    let (kind, place) = (Kind::Large(arguments.large_mb), place(0));
    let image = format!(
        "/studies/{}/series/{}/instances/{}",
        place.study_uid(kind),
        place.series_uid(kind),
        place.instance_uid(kind)
    );
    let frames = Image::new(kind, place).frames();
    let paths =
        (0..OF_A_STUDY).map(|number| format!("{image}/frames/{}", (number * 211 + round * 17) % frames + 1));
    all_of(arguments, server, paths, FRAMES, FRAME)
}

/// One path after the other, as far as the time reaches.
fn all_of(
    arguments: &Arguments,
    server: &Served,
    paths: impl Iterator<Item = String>,
    accept: &str,
    least: u64,
) -> Result<Vec<Measure>> {
    let connection = server.connect();
    let (begun, before) = (Instant::now(), server.process.cpu_s()?);
    let mut waits = Vec::new();
    for path in paths {
        if begun.elapsed() > arguments.span && !waits.is_empty() {
            break;
        }
        let asked = Instant::now();
        let length = connection.length(&path, accept)?;
        ensure!(length >= least, "{path} has {length} bytes");
        waits.push(asked.elapsed().as_secs_f64() * 1000.0);
    }
    let (answers, seconds) = (waits.len() as f64, begun.elapsed().as_secs_f64());
    // The clock of CPU time has ticks of 10 ms: what took less is not divided by.
    let cpu = (server.process.cpu_s()? - before).max(0.01);
    Ok(vec![
        Measure::less("p50_ms", percentile(&waits, 0.5)),
        Measure::less("p99_ms", percentile(&waits, 0.99)),
        Measure::more("per_s", answers / seconds),
        Measure::more("per_cpu_s", answers / cpu),
    ])
}

fn place(instance: usize) -> Place {
    Place { round: 0, study: 0, series: 0, instance }
}

fn path(place: Place) -> String {
    format!("/studies/{}/series/{}", place.study_uid(Kind::Ct), place.series_uid(Kind::Ct))
}
