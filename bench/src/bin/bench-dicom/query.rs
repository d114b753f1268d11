//! QIDO-RS (DICOM PS3.18, 10.6) in an archive of some ten thousand images: what worklists of viewers ask, by one asker for
//! the wait and by eight for the rate. An answer with other rows than there are ends the bench.

use std::thread;
use std::time::Instant;

use anyhow::{Result, anyhow, ensure};
use bianque_bench::percentile;
use serde_json::Value;

use crate::Arguments;
use crate::image::{Kind, Place};
use crate::servers::{Archive, Served};
use crate::store::OF_A_STUDY;
use crate::turns::{self, Measure};

const JSON: &str = "application/dicom+json";
const ASKERS: usize = 8;
/// Studies of a page, where a page is asked for.
const PAGE: usize = 25;
const LONG_PAGE: usize = 101;

struct Question {
    name: &'static str,
    path: String,
    rows: usize,
}

/// Asks every question of every server.
pub(crate) fn ask(arguments: &Arguments, servers: &[Archive]) -> Result<()> {
    for question in questions(arguments.small_studies, arguments.ct_studies) {
        for server in servers {
            let body = server.connect().get(&question.path, JSON)?;
            let rows = serde_json::from_slice::<Value>(&body)?.as_array().map_or(0, Vec::len);
            let Question { name, path, rows: expected } = &question;
            ensure!(
                rows == *expected,
                "{name}: {:?} has {rows} rows, not {expected}, for {path}",
                server.side
            );
        }
        let of = |side| servers.iter().find(|server| server.side == side);
        turns::take(&format!("qido_{}", question.name), &arguments.sides, arguments.rounds, |side, _| {
            let server = of(side).ok_or_else(|| anyhow!("no server"))?;
            stretch(arguments, server, &question.path)
        })?;
    }
    Ok(())
}

fn stretch(arguments: &Arguments, server: &Served, path: &str) -> Result<Vec<Measure>> {
    let (waits, _) = askers(arguments, server, path, 1)?;
    let before = server.process.cpu_s()?;
    let (many, seconds) = askers(arguments, server, path, ASKERS)?;
    let cpu = server.process.cpu_s()? - before;
    let answers = many.len() as f64;
    Ok(vec![
        Measure::less("p50_ms", percentile(&waits, 0.5)),
        Measure::less("p99_ms", percentile(&waits, 0.99)),
        Measure::more("by_8.per_s", answers / seconds),
        Measure::more("by_8.per_cpu_s", answers / cpu),
        Measure::less("by_8.p99_ms", percentile(&many, 0.99)),
    ])
}

/// What each answer waited, and how long all took.
fn askers(arguments: &Arguments, server: &Served, path: &str, askers: usize) -> Result<(Vec<f64>, f64)> {
    let begun = Instant::now();
    let one = || -> Result<Vec<f64>> {
        let (connection, mut waits) = (server.connect(), Vec::new());
        while begun.elapsed() < arguments.span || waits.is_empty() {
            let asked = Instant::now();
            connection.get(path, JSON)?;
            waits.push(asked.elapsed().as_secs_f64() * 1000.0);
        }
        Ok(waits)
    };
    let mut all = Vec::new();
    thread::scope(|scope| -> Result<()> {
        let threads: Vec<_> = (0..askers).map(|_| scope.spawn(one)).collect();
        for thread in threads {
            all.extend(thread.join().map_err(|_| anyhow!("an asker panicked"))??);
        }
        Ok(())
    })?;
    Ok((all, begun.elapsed().as_secs_f64()))
}

fn questions(small: usize, ct: usize) -> Vec<Question> {
    let place = |study| Place { round: 0, study, series: 0, instance: 0 };
    let chosen = place(small * 7 / 18);
    let patient = chosen.patient_id(Kind::Small);
    // A family name of few and its beginning; a month, with a modality of the small ones alone.
    let family = format!("Fam{}", chosen.study % 1009);
    let begin = &family[..family.len() - 1];
    // Beside the studies of small images and of CT there is that of the large image.
    let all = || (0..small).chain(0..ct).chain([0]).map(place);
    let named = all().filter(|place| place.patient_name().starts_with(begin)).count().min(PAGE);
    let in_march = |place: &Place| place.date().starts_with("202403");
    let dated = all().filter(in_march).count().min(PAGE);
    let dated_small = (0..small).map(place).filter(in_march).count().min(PAGE);
    let deep = small.saturating_sub(small / 20);
    let studies = small + ct + 1;
    let question = |name, path: String, rows| Question { name, path, rows };
    vec![
        question("patient", format!("/studies?PatientID={patient}"), 1),
        question("study", format!("/studies?StudyInstanceUID={}", chosen.study_uid(Kind::Small)), 1),
        question("name", format!("/studies?PatientName={begin}*&limit={PAGE}"), named),
        question("dates", format!("/studies?StudyDate=20240301-20240331&limit={PAGE}"), dated),
        question(
            "dates_modality_counts",
            format!(
                "/studies?StudyDate=20240301-20240331&ModalitiesInStudy=OT&includefield=00081030,00201206,00201208\
                 &limit={PAGE}"
            ),
            dated_small,
        ),
        question(
            "page",
            format!("/studies?limit={LONG_PAGE}&offset=0&includefield=00081030,00080061"),
            studies.min(LONG_PAGE),
        ),
        question("deep_page", format!("/studies?limit={PAGE}&offset={deep}"), (studies - deep).min(PAGE)),
        question("series", format!("/series?PatientID={patient}&limit=50"), 2),
        question(
            "instances",
            format!(
                "/studies/{0}/series/{1}/instances?limit={OF_A_STUDY}",
                place(0).study_uid(Kind::Ct),
                place(0).series_uid(Kind::Ct)
            ),
            OF_A_STUDY,
        ),
    ]
}
