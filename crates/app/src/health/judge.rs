//! What figures mean: good, to be looked at, or bad, each with its reasons.

use bianque_model::Timestamp;
use serde::Serialize;
use serde_json::{Value, json};

use super::board::ms;
use super::{Certificate, DayPack, Facts};
use crate::instant;

const HOUR: f64 = 3_600.0;
const DAY: f64 = 24.0 * HOUR;
const GIB: u64 = 1 << 30;
/// A backup each night, with two hours for a long one.
const BACKUP: f64 = 26.0 * HOUR;
/// A scrub a day; a second may be missed over a restart.
const SCRUB: f64 = 72.0 * HOUR;

/// How a part does.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum State {
    /// Good.
    Good,
    /// To be looked at in the next days.
    Look,
    /// To be looked at now.
    Bad,
}

impl State {
    /// 0, 1, 2.
    pub const fn number(self) -> u8 {
        self as u8
    }
}

/// A part, judged.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Judged {
    /// Its name, which stays the same.
    pub id: &'static str,
    /// How it does.
    pub state: State,
    /// Why it is not good: codes that screens put into words.
    pub why: Vec<&'static str>,
    /// Its figures, with units in their names.
    pub figures: Value,
}

/// A part under judgement.
struct Case {
    state: State,
    why: Vec<&'static str>,
}

impl Case {
    const fn new() -> Self {
        Self { state: State::Good, why: Vec::new() }
    }

    fn when(&mut self, holds: bool, state: State, why: &'static str) {
        if holds {
            self.state = self.state.max(state);
            self.why.push(why);
        }
    }

    /// The worse of two limits.
    fn over(&mut self, value: f64, (look, bad): (f64, f64), why: &'static str) {
        let state = if value > bad { State::Bad } else { State::Look };
        self.when(value > look, state, why);
    }

    fn end(self, id: &'static str, figures: Value) -> Judged {
        Judged { id, state: self.state, why: self.why, figures }
    }
}

/// Judges every part, in the order in which they are shown.
pub(super) fn all(facts: &Facts) -> Vec<Judged> {
    vec![
        store(facts),
        disk(facts),
        blobs(facts),
        audit(facts),
        events(facts),
        calls(facts),
        certificate(facts),
        backup(facts),
        day_pack(facts),
        clock(facts),
    ]
}

fn store(facts: &Facts) -> Judged {
    let (store, machine) = (facts.store, facts.machine);
    let mut case = Case::new();
    case.over(store.commit_p95_us as f64, (200_000.0, 1_000_000.0), "store.slow");
    case.over(store.waiting as f64, (256.0, 768.0), "store.queue");
    case.over(machine.log_bytes as f64, ((GIB / 4) as f64, GIB as f64), "store.log");
    case.end(
        "store",
        json!({
            "database_bytes": machine.database_bytes, "log_bytes": machine.log_bytes, "commits": store.commits,
            "commit_p50_ms": ms(store.commit_p50_us), "commit_p95_ms": ms(store.commit_p95_us),
            "waiting": store.waiting, "waiting_bulk": store.waiting_bulk,
        }),
    )
}

fn disk(facts: &Facts) -> Judged {
    let (free, size) = (facts.machine.disk_free, facts.machine.disk_size);
    let mut case = Case::new();
    let share = free as f64 / size.max(1) as f64;
    let is_known = size > 0;
    case.when(is_known && (share < 0.10 || free < GIB), State::Bad, "disk.full");
    case.when(is_known && (0.10..0.20).contains(&share) && free >= GIB, State::Look, "disk.low");
    case.end("disk", json!({"free_bytes": free, "size_bytes": size, "free_percent": (share * 100.0).round()}))
}

fn blobs(facts: &Facts) -> Judged {
    let mut case = Case::new();
    let since = facts.scrub.as_ref().map_or(facts.started, |scrub| scrub.at);
    case.when(age(facts, since) > SCRUB, State::Look, "blobs.unread");
    case.when(facts.scrub.as_ref().is_some_and(|scrub| scrub.damaged > 0), State::Bad, "blobs.damaged");
    let scrub = facts.scrub.as_ref();
    case.end(
        "blobs",
        json!({
            "count": facts.machine.blobs.0, "bytes": facts.machine.blobs.1,
            "scrubbed_at": scrub.map(|scrub| instant::text(scrub.at)),
            "checked": scrub.map(|scrub| scrub.checked), "damaged": scrub.map(|scrub| scrub.damaged),
        }),
    )
}

fn audit(facts: &Facts) -> Judged {
    let mut case = Case::new();
    let Some(export) = &facts.export else {
        case.when(true, State::Look, "audit.here-only");
        return case.end("audit", json!({"exported": false}));
    };
    let failing = export.failed.map_or(0.0, |since| age(facts, since));
    case.over(failing, (0.0, 15.0 * 60.0), "audit.failing");
    let waits = export.oldest.map_or(0.0, |oldest| age(facts, oldest));
    case.over(waits, (5.0 * 60.0, HOUR), "audit.late");
    case.end(
        "audit",
        json!({
            "exported": true, "waiting": export.waiting, "sent_at": export.sent.map(instant::text),
            "waits_s": waits.round(), "failing_s": failing.round(),
        }),
    )
}

fn events(facts: &Facts) -> Judged {
    let mut case = Case::new();
    let since = age(facts, facts.events_read.unwrap_or(facts.started));
    case.over(since, (2.0 * 60.0, 10.0 * 60.0), "events.unread");
    case.over(facts.events as f64, (500.0, 999.0), "events.many");
    case.end("events", json!({"waiting": facts.events, "read_at": facts.events_read.map(instant::text)}))
}

fn calls(facts: &Facts) -> Judged {
    let media = facts.machine.media;
    let mut case = Case::new();
    case.over(media.lag_p99_us as f64, (20_000.0, 100_000.0), "calls.late");
    case.over(media.busy_permille as f64, (700.0, 850.0), "calls.many");
    case.when(media.send_failures > 0, State::Look, "calls.unsent");
    case.when(media.refused_rooms > 0, State::Look, "calls.refused");
    case.end(
        "calls",
        json!({
            "rooms": media.rooms, "peers": media.peers, "packets_per_s": media.packets_per_s.round(),
            "lag_p99_ms": ms(media.lag_p99_us), "send_failures": media.send_failures,
            "busy_percent": (media.busy_permille as f64 / 10.0).round(), "refused_rooms": media.refused_rooms,
        }),
    )
}

fn certificate(facts: &Facts) -> Judged {
    let mut case = Case::new();
    let figures = match facts.machine.certificate {
        Certificate::None => json!({"kind": "none"}),
        Certificate::Unreadable => {
            case.when(true, State::Bad, "certificate.unreadable");
            json!({"kind": "unreadable"})
        }
        Certificate::Ends { at, own } => {
            let days = -age(facts, at) / DAY;
            case.when(days < 14.0, State::Bad, "certificate.ends");
            case.when((14.0..30.0).contains(&days), State::Look, "certificate.soon");
            case.when(own, State::Look, "certificate.own");
            json!({"kind": if own { "own" } else { "given" }, "ends_at": instant::text(at), "days": days.floor()})
        }
    };
    case.end("certificate", figures)
}

/// Without a backup yet, a day is given to make the first.
fn backup(facts: &Facts) -> Judged {
    let mut case = Case::new();
    match (&facts.backup, facts.since) {
        (Some(backup), _) => case.when(age(facts, backup.at) > BACKUP, State::Bad, "backup.old"),
        (None, since) => {
            let old = since.is_some_and(|since| age(facts, since) > BACKUP);
            case.when(true, if old { State::Bad } else { State::Look }, "backup.none");
        }
    }
    let backup = facts.backup.as_ref();
    case.end(
        "backup",
        json!({
            "taken_at": backup.map(|backup| instant::text(backup.at)),
            "set": backup.map(|backup| &backup.set), "files": backup.map(|backup| backup.files),
        }),
    )
}

fn day_pack(facts: &Facts) -> Judged {
    let mut case = Case::new();
    let (kind, at) = match facts.machine.day_pack {
        DayPack::Off => ("off", None),
        DayPack::Never => ("on", None),
        DayPack::Written(at) => ("on", Some(at)),
    };
    if kind == "on" {
        let since = age(facts, at.unwrap_or(facts.started));
        case.over(since, (20.0 * 60.0, 45.0 * 60.0), "day-pack.old");
    }
    case.end("day-pack", json!({"kind": kind, "written_at": at.map(instant::text)}))
}

/// The store never steps back: how far its last commit lies before the clock shows that the clock did.
fn clock(facts: &Facts) -> Judged {
    let mut case = Case::new();
    let behind = (-age(facts, Timestamp(facts.store.last_commit_at))).max(0.0);
    case.over(behind, (2.0, 60.0), "clock.behind");
    let up = age(facts, facts.started);
    case.end("clock", json!({"behind_s": (behind * 10.0).round() / 10.0, "up_s": up.max(0.0).round()}))
}

/// Seconds from an instant to now.
fn age(facts: &Facts, at: Timestamp) -> f64 {
    Timestamp(facts.now).seconds_since(at)
}
