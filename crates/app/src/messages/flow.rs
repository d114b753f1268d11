//! How messages flow: how many came of late, what became of them and how long they waited, and who knocked that is not
//! known. It is of this process, and begins anew with it. Each tenant sees its own; what is nobody's is the first tenant's to see.

use std::collections::{HashMap, VecDeque};
use std::sync::{Mutex, MutexGuard, PoisonError};

use bianque_model::{TenantId, Timestamp};
use serde_json::{Value, json};

use crate::instant;

/// Microseconds of a bucket, and buckets that are kept: a day in pieces of five minutes.
const BUCKET: i64 = 300_000_000;
const KEPT: usize = 288;
const DAY: i64 = 86_400_000_000;
/// Waits of a bucket that are kept to find their median and their 95th percentile.
const WAITS: usize = 1000;
/// Senders that are not known, of which the last are kept.
const STRANGERS: usize = 50;
/// What is kept of what a stranger calls itself.
const NAME: usize = 100;

/// What became of a message.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Became {
    Applied,
    Failed,
    Rejected,
    Lost,
}

/// How messages flow.
#[derive(Debug, Default)]
pub struct Flow {
    tenants: Mutex<HashMap<TenantId, Inner>>,
}

#[derive(Debug, Default)]
struct Inner {
    buckets: VecDeque<Bucket>,
    strangers: VecDeque<Stranger>,
}

#[derive(Debug, Default)]
struct Bucket {
    begins: i64,
    applied: u64,
    failed: u64,
    rejected: u64,
    lost: u64,
    /// Milliseconds from the first byte's being here to the answer.
    waits: Vec<u32>,
}

/// A sender that is not known here.
#[derive(Debug)]
struct Stranger {
    application: String,
    facility: String,
    address: String,
    times: u64,
    last: Timestamp,
}

impl Flow {
    /// Notes a message.
    pub(super) fn note(&self, tenant: TenantId, now: Timestamp, became: Became, waited_ms: u32) {
        let mut tenants = self.tenants();
        let inner = tenants.entry(tenant).or_default();
        let begins = now.0 - now.0.rem_euclid(BUCKET);
        if inner.buckets.back().is_none_or(|last| last.begins < begins) {
            inner.buckets.push_back(Bucket { begins, ..Bucket::default() });
            while inner.buckets.len() > KEPT {
                inner.buckets.pop_front();
            }
        }
        let Some(bucket) = inner.buckets.back_mut() else { return };
        let count = match became {
            Became::Applied => &mut bucket.applied,
            Became::Failed => &mut bucket.failed,
            Became::Rejected => &mut bucket.rejected,
            Became::Lost => &mut bucket.lost,
        };
        *count += 1;
        if bucket.waits.len() < WAITS {
            bucket.waits.push(waited_ms);
        }
    }

    /// Notes somebody who is not known.
    pub(super) fn knock(&self, now: Timestamp, application: &str, facility: &str, address: &str) {
        let cut = |text: &str| text.chars().take(NAME).collect::<String>();
        let (application, facility) = (cut(application), cut(facility));
        let mut tenants = self.tenants();
        let inner = tenants.entry(TenantId::FIRST).or_default();
        let same = |one: &Stranger| {
            one.application == application && one.facility == facility && one.address == address
        };
        let times = match inner.strangers.iter().position(same) {
            Some(place) => inner.strangers.remove(place).map_or(0, |one| one.times),
            None => 0,
        };
        let address = address.to_owned();
        inner.strangers.push_back(Stranger { application, facility, address, times: times + 1, last: now });
        while inner.strangers.len() > STRANGERS {
            inner.strangers.pop_front();
        }
    }

    /// As it is shown: buckets oldest first, strangers newest first.
    pub(super) fn shown(&self, tenant: TenantId, now: Timestamp) -> Value {
        let mut tenants = self.tenants();
        let inner = tenants.entry(tenant).or_default();
        let recent = |bucket: &&Bucket| bucket.begins > now.0 - DAY;
        let buckets: Vec<Value> = inner.buckets.iter().filter(recent).map(Bucket::shown).collect();
        let strangers = inner.strangers.iter().rev().map(|one| {
            json!({
                "application": one.application, "facility": one.facility, "address": one.address,
                "times": one.times, "last_at": instant::text(one.last),
            })
        });
        json!({
            "bucket_s": BUCKET / 1_000_000,
            "buckets": buckets,
            "strangers": strangers.collect::<Vec<_>>(),
        })
    }

    fn tenants(&self) -> MutexGuard<'_, HashMap<TenantId, Inner>> {
        self.tenants.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Bucket {
    fn shown(&self) -> Value {
        let mut waits = self.waits.clone();
        waits.sort_unstable();
        let at = |percent: usize| waits.get((waits.len() * percent / 100).min(waits.len().saturating_sub(1)));
        json!({
            "at": instant::text(Timestamp(self.begins)),
            "applied": self.applied, "failed": self.failed, "rejected": self.rejected, "lost": self.lost,
            "p50_ms": at(50), "p95_ms": at(95),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn messages_are_counted_in_pieces_of_five_minutes_of_the_last_day() {
        let flow = Flow::default();
        let minute = |minute: i64| Timestamp(1_767_600_000_000_000 + minute * 60_000_000);
        flow.note(TenantId::FIRST, minute(0), Became::Applied, 900);
        for wait in 1..=100 {
            flow.note(TenantId::FIRST, minute(24 * 60), Became::Applied, wait);
        }
        flow.note(TenantId::FIRST, minute(24 * 60 + 1), Became::Failed, 7);
        let shown = flow.shown(TenantId::FIRST, minute(24 * 60 + 2));
        let buckets = shown["buckets"].as_array().unwrap();
        assert_eq!(buckets.len(), 1, "what came a day ago is left out");
        assert_eq!((&buckets[0]["applied"], &buckets[0]["failed"]), (&json!(100), &json!(1)));
        assert_eq!((&buckets[0]["p50_ms"], &buckets[0]["p95_ms"]), (&json!(50), &json!(95)));
        assert_eq!(
            flow.shown(TenantId(2), minute(24 * 60 + 2))["buckets"],
            json!([]),
            "another tenant's are its own"
        );
    }

    #[test]
    fn strangers_are_bounded_and_the_last_come_first() {
        let flow = Flow::default();
        for place in 0..60 {
            flow.knock(Timestamp(place), &"x".repeat(500), &place.to_string(), "192.0.2.7");
        }
        flow.knock(Timestamp(99), &"x".repeat(500), "20", "192.0.2.7");
        let shown = flow.shown(TenantId::FIRST, Timestamp(100));
        let strangers = shown["strangers"].as_array().unwrap();
        assert_eq!(
            (strangers.len(), &strangers[0]["facility"], &strangers[0]["times"]),
            (50, &json!("20"), &json!(2))
        );
        assert_eq!(strangers[0]["application"].as_str().map(str::len), Some(100));
    }
}
