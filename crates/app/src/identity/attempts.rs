//! Wrong passwords, counted by login and by address: each more makes the next attempt wait longer.
//!
//! A login is counted whether anybody has it or not, so that waiting does not tell which logins exist. Attempts from
//! this machine are counted by login only: behind a proxy its address is everybody's.

use std::net::IpAddr;

use bianque_model::{Context, Timestamp};
use serde::{Deserialize, Serialize};

use super::accounts::folded_login;
use super::stored_form;
use crate::aggregate::{Aggregate, Loaded};
use crate::{App, Change, Error, ErrorKind};

/// Failures of one login that are free.
const FREE_OF_LOGIN: u32 = 5;
/// Failures from one address that are free: a hospital has one address and many forgetful people.
const FREE_OF_ADDRESS: u32 = 30;
/// The longest wait between attempts.
const LONGEST_WAIT_S: i64 = 15 * 60;
/// Failures are forgotten after this long without another.
const REMEMBERED_S: i64 = 24 * 3600;

/// Failures in a row of one login, or from one address.
#[derive(Debug, Clone, Serialize, Deserialize)]
struct Failures {
    /// Whose, in stored form.
    id: String,
    /// How many in a row.
    count: u32,
    /// No attempt is looked at before this.
    wait_until: Timestamp,
    /// When they are forgotten.
    forgotten: Timestamp,
}

impl Aggregate for Failures {
    const KIND: &'static str = "sign-in-failures";

    fn id(&self) -> String {
        self.id.clone()
    }

    fn expires(&self) -> Option<Timestamp> {
        Some(self.forgotten)
    }
}

/// The counters that an attempt touches.
pub(super) struct Attempt {
    counters: Vec<(Counter, Option<Loaded<Failures>>)>,
}

struct Counter {
    id: String,
    free: u32,
}

impl Attempt {
    /// Begins an attempt; refused while its login or its address has to wait.
    pub(super) async fn begin(app: &App, context: &Context, login: &str) -> Result<Self, Error> {
        let mut counters = Vec::with_capacity(2);
        for counter in counters_of(app, context, login) {
            let stands = app.load::<Failures>(context.tenant, &counter.id).await?;
            let wait = stands.as_ref().map_or(Timestamp(0), |stands| stands.value.wait_until);
            if context.now < wait {
                return Err(too_many(seconds_until(wait, context)));
            }
            counters.push((counter, stands));
        }
        Ok(Self { counters })
    }

    /// Counts it as wrong within the caller's change, which must not be applied when another was counted meanwhile.
    pub(super) fn fail(self, context: &Context, change: &mut Change<'_>) -> Result<(), Error> {
        for (Counter { id, free }, stands) in self.counters {
            let count = stands.as_ref().map_or(0, |stands| stands.value.count).saturating_add(1);
            let value = Failures {
                id,
                count,
                wait_until: context.now.plus_seconds(wait_s(count, free)),
                forgotten: context.now.plus_seconds(REMEMBERED_S),
            };
            match stands {
                Some(stands) => change.update(&Loaded { value, ..stands })?,
                None => change.insert(&value)?,
            }
        }
        Ok(())
    }

    /// Forgets the failures of the login within the caller's change; those of the address stay.
    pub(super) fn succeed(self, change: &mut Change<'_>) {
        if let Some((Counter { id, .. }, Some(_))) = self.counters.into_iter().next() {
            change.remove::<Failures>(id);
        }
    }
}

/// The answer to somebody who has to wait.
pub(super) fn too_many(retry_after_s: u32) -> Error {
    Error::new(
        ErrorKind::TooMany { retry_after_s },
        "login.attempts",
        "too many wrong passwords; wait a moment",
    )
}

/// The login's counter first.
fn counters_of(app: &App, context: &Context, login: &str) -> Vec<Counter> {
    let id = |what: &str, value: &str| stored_form(app, "sign-in-failures", &format!("{what}|{value}"));
    let mut counters = vec![Counter { id: id("login", &folded_login(login)), free: FREE_OF_LOGIN }];
    if context.address.parse::<IpAddr>().is_ok_and(|address| !address.is_loopback()) {
        counters.push(Counter { id: id("address", &context.address), free: FREE_OF_ADDRESS });
    }
    counters
}

/// 0 for the first failures, then 2, 4, 8 ... seconds.
fn wait_s(failures: u32, free: u32) -> i64 {
    match failures.checked_sub(free) {
        None => 0,
        Some(over) => 2_i64.saturating_pow(over.saturating_add(1)).min(LONGEST_WAIT_S),
    }
}

fn seconds_until(until: Timestamp, context: &Context) -> u32 {
    let micros = until.0.saturating_sub(context.now.0).max(0);
    u32::try_from(micros / 1_000_000 + 1).unwrap_or(u32::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn waiting_doubles_and_has_an_end() {
        assert_eq!([1, 4, 5, 6, 7].map(|failures| wait_s(failures, 5)), [0, 0, 2, 4, 8]);
        assert_eq!(wait_s(u32::MAX, 5), LONGEST_WAIT_S);
    }
}
