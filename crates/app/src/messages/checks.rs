//! What is said of senders and of destinations alike, looked at before it is kept.

use bianque_hl7v2::Charset;

use crate::Error;

/// A time zone, such as `Asia/Shanghai`.
pub(super) fn zone(text: &str) -> Result<(), Error> {
    let unknown = |_| Error::field("field.zone", "zone", "this is no time zone");
    jiff::tz::TimeZone::get(text).map(drop).map_err(unknown)
}

/// A character set as MSH-18 names it, or nothing.
pub(super) fn charset(text: &str) -> Result<(), Error> {
    if text.is_empty() || Charset::named(text).is_some() {
        return Ok(());
    }
    Err(Error::field("field.charset", "charset", "this character set is not known"))
}

/// SHA-256 of a certificate in hexadecimal, or nothing.
pub(crate) fn certificate(text: &str) -> Result<(), Error> {
    let hexadecimal = text.len() == 64 && text.bytes().all(|byte| byte.is_ascii_hexdigit());
    if text.is_empty() || hexadecimal {
        return Ok(());
    }
    Err(Error::field("field.certificate", "certificate", "this is no SHA-256"))
}
