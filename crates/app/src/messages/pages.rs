//! A page of a desk: messages from one on, the newest first, as far as they are asked for.

use bianque_hl7v2::{Charset, Message};
use bianque_model::TenantId;

use crate::aggregate::Aggregate;
use crate::{App, Error};

/// Messages of one page.
const PAGE: usize = 50;
/// Messages that are read at once, and how often for one page: a search for few among many ends there, and says where.
const READ: u32 = 200;
const READINGS: usize = 10;

/// A message that is kept by a key that begins with when it was.
pub(super) trait Kept: Aggregate {
    /// That key.
    fn place(&self) -> String;
}

/// The messages of a page, and where the next begins.
pub(super) async fn page<T: Kept>(
    app: &App,
    tenant: TenantId,
    key: &'static str,
    before: &str,
    is_asked: impl Fn(&T) -> bool,
) -> Result<(Vec<T>, Option<String>), Error> {
    let (mut to, mut found, mut next) = (before.to_owned(), Vec::new(), None);
    for _ in 0..READINGS {
        let upper = if to.is_empty() { "~" } else { to.as_str() };
        let read = app.latest::<T>(tenant, key, upper, READ).await?;
        let is_last = read.len() < READ as usize;
        for message in read.into_iter().map(|one| one.value) {
            let place = message.place();
            if is_asked(&message) {
                if found.len() == PAGE {
                    return Ok((found, next));
                }
                found.push(message);
            }
            next = Some(place);
        }
        if is_last {
            return Ok((found, None));
        }
        to = next.clone().unwrap_or_default();
    }
    Ok((found, next))
}

/// Whether words stand in a message, in its own characters.
pub(super) fn says(raw: Vec<u8>, wanted: &str) -> bool {
    let Ok(parsed) = Message::parse(raw, Charset::UTF_8) else { return false };
    parsed.charset().decode(parsed.raw()).to_lowercase().contains(wanted)
}
