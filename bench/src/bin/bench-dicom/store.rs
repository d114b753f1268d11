//! C-STORE into an empty archive: every stretch has a server of its own, so that none pays for what came before.

use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::Instant;

use anyhow::{Context, Result, ensure};

use crate::Arguments;
use crate::image::{Bank, Image, Kind, Place};
use crate::sender;
use crate::servers::{Archive, Served, Side};
use crate::turns::{self, Measure};

/// Images of a study of CT.
pub(crate) const OF_A_STUDY: usize = 250;
const LARGE: usize = 4;
const ASSOCIATIONS: [usize; 2] = [1, 4];

/// Slices of CT by the sender of this bench.
pub(crate) fn ct(arguments: &Arguments, bank: &Bank) -> Result<()> {
    let images = images(arguments);
    for associations in ASSOCIATIONS {
        let name = format!("store_ct.by_{associations}");
        turns::take(&name, &arguments.sides, arguments.rounds, |side, _| {
            let server = Archive::start(side, &arguments.folder)?;
            let before = server.process.cpu_s()?;
            let sent = sender::send(&server, bank, &images, associations)?;
            let cpu = server.process.cpu_s()? - before;
            let count = images.len() as f64;
            Ok(vec![
                Measure::more("per_s", count / sent.seconds),
                Measure::more("per_cpu_s", count / cpu),
                Measure::less("p50_ms", sent.p50_ms),
                Measure::less("p99_ms", sent.p99_ms),
            ])
        })?;
    }
    Ok(())
}

/// The same images as files, by storescu of dcmtk, which costs more than either server.
pub(crate) fn storescu(arguments: &Arguments, bank: &Bank) -> Result<()> {
    let files = files(&arguments.folder, bank, &images(arguments))?;
    for associations in ASSOCIATIONS {
        let name = format!("storescu_ct.by_{associations}");
        turns::take(&name, &arguments.sides, arguments.rounds, |side, _| {
            let server = Archive::start(side, &arguments.folder)?;
            let (begun, before) = (Instant::now(), server.process.cpu_s()?);
            let shares = files.chunks(files.len().div_ceil(associations));
            let senders: Vec<Child> =
                shares.map(|share| start_storescu(&server, share)).collect::<Result<_>>()?;
            for sender in senders {
                let ended = sender.wait_with_output()?;
                ensure!(ended.status.success(), "storescu: {}", String::from_utf8_lossy(&ended.stderr));
            }
            let (seconds, cpu) = (begun.elapsed().as_secs_f64(), server.process.cpu_s()? - before);
            let count = files.len() as f64;
            Ok(vec![Measure::more("per_s", count / seconds), Measure::more("per_cpu_s", count / cpu)])
        })?;
    }
    Ok(())
}

/// Multi-frame images of hundreds of megabytes, and how much memory they cost above an idle server.
pub(crate) fn large(arguments: &Arguments, bank: &Bank) -> Result<()> {
    let images: Vec<Image> = (0..LARGE).map(|instance| large_image(arguments, instance)).collect();
    let megabytes = images.iter().map(|image| image.length(bank)).sum::<usize>() as f64 / 1e6;
    for associations in ASSOCIATIONS {
        let name = format!("store_large.by_{associations}");
        turns::take(&name, &arguments.sides, arguments.rounds, |side, _| {
            let server = Archive::start(side, &arguments.folder)?;
            let (before, idle) = (server.process.cpu_s()?, server.process.memory_mb()?);
            server.process.forget_most_memory()?;
            let sent = sender::send(&server, bank, &images, associations)?;
            let cpu = server.process.cpu_s()? - before;
            Ok(vec![
                Measure::more("mb_per_s", megabytes / sent.seconds),
                Measure::more("mb_per_cpu_s", megabytes / cpu),
                Measure::less("memory_above_idle_mb", server.process.most_memory_mb()? - idle),
            ])
        })?;
    }
    Ok(())
}

fn large_image(arguments: &Arguments, instance: usize) -> Image {
    Image::new(Kind::Large(arguments.large_mb), Place { round: 0, study: 0, series: 0, instance })
}

fn images(arguments: &Arguments) -> Vec<Image> {
    let place =
        |number| Place { round: 0, study: number / OF_A_STUDY, series: 0, instance: number % OF_A_STUDY };
    (0..arguments.ct_studies * OF_A_STUDY).map(|number| Image::new(Kind::Ct, place(number))).collect()
}

/// The images as files. They are kept for the next run.
fn files(folder: &Path, bank: &Bank, images: &[Image]) -> Result<Vec<PathBuf>> {
    let folder = folder.join("ct");
    std::fs::create_dir_all(&folder)?;
    let written = images.iter().map(|image| {
        let path = folder.join(format!("{}.dcm", image.instance_uid));
        image.write(bank, &path).with_context(|| format!("writing {}", path.display()))?;
        Ok(path)
    });
    written.collect()
}

fn start_storescu(server: &Served, files: &[PathBuf]) -> Result<Child> {
    let (host, port) = (server.dimse.ip().to_string(), server.dimse.port().to_string());
    Command::new("storescu")
        .args(["-aet", "BENCH", "-aec", server.ae_title, &host, &port])
        .args(files)
        .env("TCP_NODELAY", "1")
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::piped())
        .spawn()
        .context("starting storescu of dcmtk")
}

/// Fills an archive with what is asked for later: small images, studies of CT, one large image.
pub(crate) fn fill(arguments: &Arguments, bank: &Bank, server: &Served) -> Result<()> {
    let place = |number| Place {
        round: 0,
        study: number / OF_A_SMALL_STUDY,
        series: number % OF_A_SMALL_STUDY / OF_A_SMALL_SERIES,
        instance: number % OF_A_SMALL_STUDY,
    };
    let small: Vec<Image> = (0..arguments.small_studies * OF_A_SMALL_STUDY)
        .map(|number| Image::new(Kind::Small, place(number)))
        .collect();
    sender::send(server, bank, &small, 4)?;
    sender::send(server, bank, &images(arguments), 4)?;
    sender::send(server, bank, &[large_image(arguments, 0)], 1)?;
    Ok(())
}

/// Images of a study of small ones.
pub(crate) const OF_A_SMALL_STUDY: usize = 10;
const OF_A_SMALL_SERIES: usize = 5;

/// An archive of each side, filled.
pub(crate) fn filled(arguments: &Arguments, bank: &Bank) -> Result<Vec<Archive>> {
    let start = |side: &Side| {
        let server = Archive::start(*side, &arguments.folder)?;
        fill(arguments, bank, &server)?;
        Ok(server)
    };
    arguments.sides.iter().map(start).collect()
}
