//! Guesses, counted before they are looked at: each more that was wrong makes the next wait longer.
//!
//! | what is guessed | counted by | free | longest wait |
//! |---|---|---|---|
//! | a password, from a browser that signed in to this account before | browser | 10 | 15 min |
//! | a password, from elsewhere | login and network | 5 | 15 min |
//! | | login | 20 | 2 min |
//! | | network, whatever the login | 30 | 15 min |
//! | a code after the right password | browser if known, else account and network | 5 | 15 min |
//! | | account, from all that are not known | 10 | 15 min |
//! | a password or code within a session | account | 5 | 15 min |
//!
//! So nobody is locked out by what others guess: who signed in before on this browser is counted apart from everybody
//! else, and a stranger to the server waits two minutes at most for a login that the whole world guesses at. A login is
//! counted whether anybody has it or not, so that waiting does not tell which logins exist. This machine's own address
//! is no network: behind a proxy it is everybody's, and a login is then the stricter counted.

use std::net::{IpAddr, Ipv6Addr};

use bianque_model::{Context, Timestamp, UserId};
use serde::{Deserialize, Serialize};

use super::accounts::folded_login;
use super::stored_form;
use crate::aggregate::{Aggregate, Loaded};
use crate::{App, Change, Error, ErrorKind};

/// Failures are forgotten after this long without another.
const REMEMBERED_S: i64 = 24 * 3600;
/// Times a count is tried again because another was counted at the same moment.
const AGAIN: u32 = 10;

/// How many failures are free, and the longest wait after more, seconds.
#[derive(Clone, Copy)]
struct Limit {
    free: u32,
    longest_s: i64,
}

/// Of one account from one place: people mistype, and then stop to think.
const PERSON: Limit = Limit { free: 5, longest_s: 15 * 60 };
/// Of a browser that its owner has signed in with before.
const KNOWN: Limit = Limit { free: 10, longest_s: 15 * 60 };
/// Of one account from everywhere: long enough to make guessing hopeless, short enough to wait for.
const LOGIN: Limit = Limit { free: 20, longest_s: 2 * 60 };
/// The same where addresses tell nothing.
const LOGIN_ALONE: Limit = Limit { free: 5, longest_s: 2 * 60 };
/// Codes for one account from all strangers who have its password: a code has a million values.
const CODES: Limit = Limit { free: 10, longest_s: 15 * 60 };
/// From one network: a hospital has one address and many forgetful people.
const NETWORK: Limit = Limit { free: 30, longest_s: 15 * 60 };

/// Failures in a row that are counted together.
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
    const ABOUT_PATIENT: bool = false;

    fn id(&self) -> String {
        self.id.clone()
    }

    fn expires(&self) -> Option<Timestamp> {
        Some(self.forgotten)
    }
}

/// What is guessed. `known` is the id of a browser that signed in to this account before.
#[derive(Debug, Clone, Copy)]
pub(super) enum Guess<'a> {
    /// A password, at the door.
    Password { login: &'a str, known: Option<&'a str> },
    /// A code, after the right password.
    Code { user: UserId, known: Option<&'a str> },
    /// A password or a code, within a session.
    Confirm { user: UserId },
}

/// An attempt that was counted as wrong before it was looked at, so that many at once are counted one by one.
pub(super) struct Attempt(Vec<Counted>);

struct Counter {
    id: String,
    limit: Limit,
    /// Being right once forgets what was wrong before; else only this attempt is not counted.
    forgets: bool,
}

struct Counted {
    counter: Counter,
    wait_before: Timestamp,
    wait_now: Timestamp,
}

impl Attempt {
    /// Counts an attempt; refused, and not counted, while one like it has to wait.
    pub(super) async fn begin(app: &App, context: &Context, guess: Guess<'_>) -> Result<Self, Error> {
        for _ in 0..AGAIN {
            match Self::count(app, context, guess).await {
                Err(error) if error.code == "changed" => {}
                other => return other,
            }
        }
        Err(too_many(1))
    }

    async fn count(app: &App, context: &Context, guess: Guess<'_>) -> Result<Self, Error> {
        let mut change = Change::new(app, context);
        let mut all = Vec::with_capacity(3);
        for counter in counters_of(app, context, guess) {
            let stands = app.load::<Failures>(context.tenant, &counter.id).await?;
            let wait_before = stands.as_ref().map_or(Timestamp(0), |stands| stands.value.wait_until);
            if context.now < wait_before {
                return Err(too_many(seconds_until(wait_before, context)));
            }
            let count = stands.as_ref().map_or(0, |stands| stands.value.count).saturating_add(1);
            let wait_now = context.now.plus_seconds(wait_s(count, counter.limit));
            let value = Failures {
                id: counter.id.clone(),
                count,
                wait_until: wait_now,
                forgotten: context.now.plus_seconds(REMEMBERED_S),
            };
            match stands {
                Some(stands) => change.update(&Loaded { value, ..stands })?,
                None => change.insert(&value)?,
            }
            all.push(Counted { counter, wait_before, wait_now });
        }
        change.commit().await?;
        Ok(Self(all))
    }

    /// It was right: what was wrong before is forgotten. Of a network only this attempt is taken back, so that who has an
    /// account of their own cannot guess at others' by turns.
    pub(super) async fn succeed(self, app: &App, context: &Context) -> Result<(), Error> {
        for counted in &self.0 {
            for _ in 0..AGAIN {
                match counted.take_back(app, context).await {
                    Err(error) if error.code == "changed" => {}
                    other => {
                        other?;
                        break;
                    }
                }
            }
        }
        Ok(())
    }
}

impl Counted {
    async fn take_back(&self, app: &App, context: &Context) -> Result<(), Error> {
        let Some(mut stands) = app.load::<Failures>(context.tenant, &self.counter.id).await? else {
            return Ok(());
        };
        let mut change = Change::new(app, context);
        if self.counter.forgets {
            change.remove::<Failures>(self.counter.id.clone());
        } else {
            stands.value.count = stands.value.count.saturating_sub(1);
            if stands.value.wait_until == self.wait_now {
                stands.value.wait_until = self.wait_before;
            }
            change.update(&stands)?;
        }
        change.commit().await.map(drop)
    }
}

/// The answer to somebody who has to wait.
pub(super) fn too_many(retry_after_s: u32) -> Error {
    Error::new(
        ErrorKind::TooMany { retry_after_s },
        "login.attempts",
        "too many wrong passwords or codes; wait a moment",
    )
}

fn counters_of(app: &App, context: &Context, guess: Guess<'_>) -> Vec<Counter> {
    let counter = |what: &str, value: &str, limit: Limit| Counter {
        id: stored_form(app, "sign-in-failures", &format!("{what}|{value}")),
        limit,
        forgets: true,
    };
    let network = network_of(&context.address);
    let of_network =
        network.iter().map(|network| Counter { forgets: false, ..counter("network", network, NETWORK) });
    match guess {
        Guess::Password { known: Some(known), .. } => vec![counter("known", known, KNOWN)],
        Guess::Password { login, known: None } => {
            let login = folded_login(login);
            let Some(network) = &network else { return vec![counter("login", &login, LOGIN_ALONE)] };
            let here = counter("login-here", &format!("{network}|{login}"), PERSON);
            [here, counter("login", &login, LOGIN)].into_iter().chain(of_network).collect()
        }
        Guess::Code { known: Some(known), .. } => vec![counter("known-code", known, PERSON)],
        Guess::Code { user, known: None } => {
            let here =
                counter("code-here", &format!("{}|{user}", network.as_deref().unwrap_or_default()), PERSON);
            [here, counter("code", &user.to_string(), CODES)].into_iter().chain(of_network).collect()
        }
        Guess::Confirm { user } => vec![counter("confirm", &user.to_string(), PERSON)],
    }
}

/// What one subscriber of a network has: an address of IPv4, 64 bits of IPv6. None for this machine.
fn network_of(address: &str) -> Option<String> {
    match address.parse().ok()? {
        address if IpAddr::is_loopback(&address) => None,
        IpAddr::V4(address) => Some(address.to_string()),
        IpAddr::V6(address) => {
            let [a, b, c, d, ..] = address.segments();
            Some(Ipv6Addr::new(a, b, c, d, 0, 0, 0, 0).to_string())
        }
    }
}

/// 0 for the free failures, then 2, 4, 8 ... seconds.
fn wait_s(failures: u32, limit: Limit) -> i64 {
    match failures.checked_sub(limit.free) {
        None => 0,
        Some(over) => 2_i64.saturating_pow(over.saturating_add(1)).min(limit.longest_s),
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
        assert_eq!([1, 4, 5, 6, 7].map(|failures| wait_s(failures, PERSON)), [0, 0, 2, 4, 8]);
        assert_eq!(wait_s(u32::MAX, PERSON), 15 * 60);
        assert_eq!(wait_s(u32::MAX, LOGIN), 2 * 60);
    }

    #[test]
    fn a_subscriber_of_ipv6_is_one_however_many_addresses_they_use() {
        assert_eq!(network_of("2001:db8:1:2:aaaa::1"), network_of("2001:db8:1:2:bbbb::2"));
        assert_ne!(network_of("2001:db8:1:2::1"), network_of("2001:db8:1:3::1"));
        assert_eq!(network_of("127.0.0.1"), None);
        assert_eq!(network_of("::1"), None);
        assert_eq!(network_of("198.51.100.9").as_deref(), Some("198.51.100.9"));
    }
}
