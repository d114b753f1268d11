//! The primitive types and their formats (FHIR R4, Data types 2.24.0.1).

use serde_json::{Number, Value};

use crate::date::{self, Precision};

/// Texts longer than this are refused (FHIR R4: 1 MB).
const LONGEST: usize = 1 << 20;

/// A primitive type.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Primitive {
    Boolean,
    Integer,
    UnsignedInt,
    PositiveInt,
    Decimal,
    String,
    Code,
    Id,
    Uri,
    Oid,
    Uuid,
    Date,
    DateTime,
    Instant,
    Time,
    Base64,
    Xhtml,
}

impl Primitive {
    /// The type of this FHIR name; what has no format of its own is a text.
    pub(crate) fn named(name: &str) -> Self {
        match name {
            "boolean" => Self::Boolean,
            "integer" => Self::Integer,
            "unsignedInt" => Self::UnsignedInt,
            "positiveInt" => Self::PositiveInt,
            "decimal" => Self::Decimal,
            "code" => Self::Code,
            "id" => Self::Id,
            "uri" | "url" | "canonical" => Self::Uri,
            "oid" => Self::Oid,
            "uuid" => Self::Uuid,
            "date" => Self::Date,
            "dateTime" => Self::DateTime,
            "instant" => Self::Instant,
            "time" => Self::Time,
            "base64Binary" => Self::Base64,
            "xhtml" => Self::Xhtml,
            _ => Self::String,
        }
    }

    /// What is wrong with the value, if anything is.
    pub(crate) fn fault(self, value: &Value) -> Option<&'static str> {
        match (self, value) {
            (Self::Boolean, Value::Bool(_)) => None,
            (Self::Boolean, _) => Some("a boolean is true or false, without quotes"),
            (Self::Integer, Value::Number(number)) => integer(number, i64::from(i32::MIN)),
            (Self::UnsignedInt, Value::Number(number)) => integer(number, 0),
            (Self::PositiveInt, Value::Number(number)) => integer(number, 1),
            (Self::Decimal, Value::Number(number)) => decimal(number),
            (Self::Integer | Self::UnsignedInt | Self::PositiveInt | Self::Decimal, _) => {
                Some("a number stands without quotes")
            }
            (_, Value::String(text)) if !self.accepts(text) => Some(self.format()),
            // Data and narrative are bounded by the size of the body alone.
            (Self::Base64 | Self::Xhtml, Value::String(_)) => None,
            (_, Value::String(text)) if text.len() > LONGEST => Some("a text is at most 1 MB long"),
            (_, Value::String(_)) => None,
            _ => Some("expected a JSON string"),
        }
    }

    /// Whether a text has the format.
    pub(crate) fn accepts(self, text: &str) -> bool {
        if text.is_empty() {
            return false;
        }
        match self {
            Self::Boolean | Self::Integer | Self::UnsignedInt | Self::PositiveInt | Self::Decimal => false,
            Self::String | Self::Xhtml => !text.chars().any(|c| c < ' ' && !matches!(c, '\t' | '\n' | '\r')),
            Self::Code => is_code(text),
            Self::Id => {
                text.len() <= 64
                    && text.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'.'))
            }
            Self::Uri => !text.chars().any(char::is_whitespace) && !text.contains('\0'),
            Self::Oid => is_oid(text),
            Self::Uuid => is_uuid(text),
            Self::Date => date::parse(text).is_some_and(|written| written.precision <= Precision::Day),
            Self::DateTime => date::parse(text).is_some_and(|written| match written.precision {
                Precision::Minute => false,
                Precision::Second => written.zoned,
                _ => true,
            }),
            Self::Instant => date::parse(text)
                .is_some_and(|written| written.precision == Precision::Second && written.zoned),
            Self::Time => date::is_time(text),
            Self::Base64 => is_base64(text),
        }
    }

    const fn format(self) -> &'static str {
        match self {
            Self::Code => "a code has no blanks around it and single ones inside",
            Self::Id => "an id is 1 to 64 letters, digits, '-' and '.'",
            Self::Uri => "a URI is not empty and has no blanks",
            Self::Oid => "an OID is urn:oid: and numbers parted by dots",
            Self::Uuid => "a UUID is urn:uuid: and 32 hexadecimal digits in five groups",
            Self::Date => "a date is YYYY, YYYY-MM or YYYY-MM-DD, and a real one",
            Self::DateTime => "a dateTime is a date, or a date with hh:mm:ss and a time zone",
            Self::Instant => "an instant is YYYY-MM-DDThh:mm:ss with a time zone",
            Self::Time => "a time is hh:mm:ss",
            Self::Base64 => "not base64",
            _ => "a text is not empty and has no control characters",
        }
    }
}

fn integer(number: &Number, least: i64) -> Option<&'static str> {
    match number.as_i64() {
        Some(value) if (least..=i64::from(i32::MAX)).contains(&value) => None,
        Some(_) => Some("the number is out of the range of its type"),
        None => Some("expected a whole number"),
    }
}

fn decimal(number: &Number) -> Option<&'static str> {
    match number.as_f64() {
        Some(value) if value.is_finite() => None,
        _ => Some("the number is out of range"),
    }
}

fn is_code(text: &str) -> bool {
    let blanks: Vec<usize> =
        text.char_indices().filter(|(_, c)| c.is_whitespace()).map(|(at, _)| at).collect();
    let apart = blanks.windows(2).all(|pair| pair[1] - pair[0] > 1);
    apart && !text.starts_with(char::is_whitespace) && !text.ends_with(char::is_whitespace)
}

fn is_oid(text: &str) -> bool {
    let Some(arcs) = text.strip_prefix("urn:oid:") else { return false };
    let mut arcs = arcs.split('.');
    let number = |arc: &str| {
        !arc.is_empty() && arc.bytes().all(|b| b.is_ascii_digit()) && (arc == "0" || !arc.starts_with('0'))
    };
    arcs.next().is_some_and(|first| matches!(first, "0" | "1" | "2")) && arcs.all(number)
}

fn is_uuid(text: &str) -> bool {
    let Some(rest) = text.strip_prefix("urn:uuid:") else { return false };
    rest.len() == 36
        && rest.bytes().enumerate().all(|(at, b)| match at {
            8 | 13 | 18 | 23 => b == b'-',
            _ => b.is_ascii_hexdigit(),
        })
}

fn is_base64(text: &str) -> bool {
    let (mut length, mut padding) = (0_usize, 0_usize);
    for b in text.bytes().filter(|b| !b.is_ascii_whitespace()) {
        length += 1;
        match b {
            b'=' => padding += 1,
            _ if padding > 0 => return false,
            b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'+' | b'/' => {}
            _ => return false,
        }
    }
    length > 0 && length.is_multiple_of(4) && padding <= 2
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn formats_are_kept() {
        let all = |kind: Primitive, good: &[&str], bad: &[&str]| {
            assert!(good.iter().all(|text| kind.accepts(text)), "{kind:?} {good:?}");
            assert!(!bad.iter().any(|text| kind.accepts(text)), "{kind:?} {bad:?}");
        };
        all(Primitive::Code, &["a", "a b", "<="], &["", " a", "a ", "a  b", "a\tb c ", "\n"]);
        all(Primitive::Id, &["a.B-1"], &["a_b", "a/b", "é"]);
        all(Primitive::Uri, &["http://a", "urn:x", "#a"], &["a b", "\u{a0}"]);
        all(Primitive::Oid, &["urn:oid:1.2.840"], &["1.2", "urn:oid:3.1", "urn:oid:1.02", "urn:oid:1."]);
        all(Primitive::Uuid, &["urn:uuid:c757873d-ec9a-4326-a141-556f43239520"], &["urn:uuid:c757873d"]);
        all(
            Primitive::Date,
            &["1974", "1974-12", "1974-12-25"],
            &["1974-12-25T10:00:00Z", "1974-13", "25.12.1974"],
        );
        all(
            Primitive::DateTime,
            &["1974", "1974-12-25T14:35:45Z", "1974-12-25T14:35:45.123-05:00"],
            &["1974-12-25T14:35Z", "1974-12-25T14:35:45", "1974-02-30"],
        );
        all(Primitive::Instant, &["2015-02-07T13:28:17.239+02:00"], &["2015-02-07", "2015-02-07T13:28:17"]);
        all(Primitive::Base64, &["AQID", "AQI=", "AQ==", "AQ ID"], &["A", "A===", "AQ=I", "AQ-_"]);
        all(Primitive::String, &["a", " a\n"], &["", "a\u{b}"]);
    }

    #[test]
    fn numbers_are_numbers() {
        let number = |text: &str| text.parse::<Number>().map(Value::Number).unwrap();
        assert!(Primitive::Integer.fault(&number("-2147483648")).is_none());
        assert!(Primitive::Integer.fault(&number("2147483648")).is_some());
        assert!(Primitive::Integer.fault(&number("1.0")).is_some());
        assert!(Primitive::PositiveInt.fault(&number("0")).is_some());
        assert!(Primitive::Decimal.fault(&number("1.00e-2")).is_none());
        assert!(Primitive::Decimal.fault(&number("1e999999")).is_some());
        assert!(Primitive::Decimal.fault(&Value::String("1".into())).is_some());
        assert!(Primitive::Boolean.fault(&Value::String("true".into())).is_some());
    }
}
