//! Reading what proxies write: `Forwarded` (RFC 7239) and the lists of `X-Forwarded-…`.

use std::net::{IpAddr, SocketAddr};

use axum::http::{HeaderMap, HeaderName, header};

/// One hop, as the proxy that it asked tells of it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Hop {
    /// Who asked; none: not told, or not an address.
    pub(super) address: Option<IpAddr>,
    /// By which scheme.
    pub(super) proto: Option<String>,
    /// For which host.
    pub(super) host: Option<String>,
}

/// The parts of a header that is a list, over all its lines, in order; a line that is not text is one empty part.
pub(super) fn values<'h>(headers: &'h HeaderMap, name: &HeaderName) -> impl Iterator<Item = &'h str> {
    let lines = headers.get_all(name).into_iter().map(|line| line.to_str().unwrap_or_default());
    lines.flat_map(|line| line.split(',').map(str::trim))
}

/// The elements of `Forwarded` over all its lines, in order.
pub(super) fn elements(headers: &HeaderMap) -> Vec<Hop> {
    let lines = headers.get_all(header::FORWARDED).into_iter().map(|line| line.to_str().unwrap_or_default());
    lines.flat_map(|line| split(line, ',').into_iter().map(element)).collect()
}

/// An address as proxies write it: bare, with a port, in brackets; v4 as v4. `unknown` and `_names` are none.
pub(super) fn address(text: &str) -> Option<IpAddr> {
    let bracketed = || text.strip_prefix('[')?.strip_suffix(']')?.parse::<IpAddr>().ok();
    let with_port = || text.parse::<SocketAddr>().ok().map(|with_port| with_port.ip());
    text.parse::<IpAddr>().ok().or_else(with_port).or_else(bracketed).map(|address| address.to_canonical())
}

fn element(text: &str) -> Hop {
    let mut hop = Hop::default();
    for pair in split(text, ';') {
        let Some((name, value)) = pair.split_once('=') else { continue };
        let value = unquoted(value.trim());
        match name.trim().to_ascii_lowercase().as_str() {
            "for" => hop.address = address(&value),
            "proto" => hop.proto = Some(value),
            "host" => hop.host = Some(value),
            _ => {}
        }
    }
    hop
}

/// Splits at a mark that is not inside quotes.
fn split(text: &str, mark: char) -> Vec<&str> {
    let (mut quoted, mut escaped) = (false, false);
    text.split(|character| {
        let was_escaped = std::mem::take(&mut escaped);
        match character {
            '\\' if quoted && !was_escaped => escaped = true,
            '"' if !was_escaped => quoted = !quoted,
            _ => {}
        }
        character == mark && !quoted
    })
    .map(str::trim)
    .collect()
}

fn unquoted(text: &str) -> String {
    match text.strip_prefix('"').and_then(|text| text.strip_suffix('"')) {
        None => text.to_owned(),
        Some(inner) => {
            let mut escaped = false;
            inner
                .chars()
                .filter(|character| {
                    escaped = *character == '\\' && !escaped;
                    !escaped
                })
                .collect()
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quotes_hold_commas_and_semicolons_together() {
        assert_eq!(split(r#"for="a,b";x=1, for=c"#, ','), [r#"for="a,b";x=1"#, "for=c"]);
        assert_eq!(split(r#"for="a\",;b";host=h"#, ';'), [r#"for="a\",;b""#, "host=h"]);
        assert_eq!(unquoted(r#""a\"b\\c""#), r#"a"b\c"#);
    }

    #[test]
    fn addresses_are_read_as_proxies_write_them() {
        for (text, expected) in [
            ("192.0.2.1", Some("192.0.2.1")),
            ("192.0.2.1:80", Some("192.0.2.1")),
            ("2001:db8::1", Some("2001:db8::1")),
            ("[2001:db8::1]", Some("2001:db8::1")),
            ("[2001:db8::1]:80", Some("2001:db8::1")),
            ("::ffff:192.0.2.1", Some("192.0.2.1")),
            ("unknown", None),
            ("_hidden", None),
            ("", None),
            ("192.0.2.1:80:90", None),
            ("192.0.2.256", None),
        ] {
            assert_eq!(address(text).map(|address| address.to_string()).as_deref(), expected, "{text}");
        }
    }

    #[test]
    fn an_unclosed_quote_ends_with_the_line() {
        let mut headers = HeaderMap::new();
        headers.append("forwarded", axum::http::HeaderValue::from_static("for=\"192.0.2.1, for=192.0.2.2"));
        assert_eq!(elements(&headers), [Hop::default()]);
    }
}
