//! Where a page ended, as text: the values of the order's keys and the id, tied to the question by a hash.
//!
//! The scope is not part of the tie: it is asked anew with every page, and may change between two of them.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use bianque_model::TenantId;
use bianque_query::{Cursor, Query};
use rusqlite::types::Value;

use crate::ReadError;

const TIE: usize = 8;

/// A cursor after the row with these values.
pub(super) fn encode(tenant: TenantId, question: &[Query], values: &[Value]) -> Cursor {
    let mut bytes = tie(tenant, question).to_vec();
    for value in values {
        match value {
            Value::Null | Value::Blob(_) => bytes.push(0),
            Value::Integer(number) => {
                bytes.push(1);
                bytes.extend(number.to_le_bytes());
            }
            Value::Real(number) => {
                bytes.push(2);
                bytes.extend(number.to_le_bytes());
            }
            Value::Text(text) => {
                bytes.push(3);
                bytes.extend((text.len() as u64).to_le_bytes());
                bytes.extend(text.as_bytes());
            }
        }
    }
    Cursor(URL_SAFE_NO_PAD.encode(bytes))
}

/// The values of a cursor that was made for this question.
pub(super) fn decode(tenant: TenantId, question: &[Query], cursor: &Cursor) -> Result<Vec<Value>, ReadError> {
    let bytes = URL_SAFE_NO_PAD.decode(&cursor.0).map_err(|_| ReadError::Cursor)?;
    let rest = bytes.strip_prefix(&tie(tenant, question)).ok_or(ReadError::Cursor)?;
    values(rest).ok_or(ReadError::Cursor)
}

fn values(mut rest: &[u8]) -> Option<Vec<Value>> {
    let mut values = Vec::new();
    while let Some((tag, after)) = rest.split_first() {
        let (value, after) = match tag {
            0 => (Value::Null, after),
            1 => after
                .split_first_chunk()
                .map(|(bytes, after)| (Value::Integer(i64::from_le_bytes(*bytes)), after))?,
            2 => after
                .split_first_chunk()
                .map(|(bytes, after)| (Value::Real(f64::from_le_bytes(*bytes)), after))?,
            3 => {
                let (length, after) = after.split_first_chunk()?;
                let (text, after) =
                    after.split_at_checked(usize::try_from(u64::from_le_bytes(*length)).ok()?)?;
                (Value::Text(str::from_utf8(text).ok()?.to_owned()), after)
            }
            _ => return None,
        };
        values.push(value);
        rest = after;
    }
    Some(values)
}

fn tie(tenant: TenantId, question: &[Query]) -> [u8; TIE] {
    let mut hasher = blake3::Hasher::new();
    hasher.update(tenant.to_string().as_bytes());
    for query in question {
        let asked = format!(" {} {:?} {:?}", query.resource_type, query.filter, query.order);
        hasher.update(asked.as_bytes());
    }
    let mut tie = [0; TIE];
    tie.copy_from_slice(&hasher.finalize().as_bytes()[..TIE]);
    tie
}

#[cfg(test)]
mod tests {
    use bianque_query::{Predicate, Scope};
    use proptest::prelude::*;

    use super::*;

    fn query(resource_type: &str) -> [Query; 1] {
        [Query {
            resource_type: resource_type.to_owned(),
            filter: Predicate::And(Vec::new()),
            scope: Scope::All,
            order: Vec::new(),
            after: None,
            limit: 10,
        }]
    }

    #[test]
    fn a_cursor_is_of_one_tenant_and_question() {
        let cursor = encode(TenantId(1), &query("Patient"), &[Value::Text("x".into())]);
        assert!(decode(TenantId(1), &query("Patient"), &cursor).is_ok());
        assert!(decode(TenantId(2), &query("Patient"), &cursor).is_err());
        assert!(decode(TenantId(1), &query("Encounter"), &cursor).is_err());
        assert!(decode(TenantId(1), &query("Patient"), &Cursor("%%".into())).is_err());
        let cut = Cursor(cursor.0[..cursor.0.len() - 2].to_owned());
        assert!(decode(TenantId(1), &query("Patient"), &cut).is_err());
    }

    proptest! {
        #[test]
        fn values_come_back(number in any::<i64>(), real in -1e300..1e300_f64, text in ".*") {
            let values = [Value::Null, Value::Integer(number), Value::Real(real), Value::Text(text)];
            let cursor = encode(TenantId(1), &query("Patient"), &values);
            prop_assert_eq!(decode(TenantId(1), &query("Patient"), &cursor).unwrap(), values);
        }

        #[test]
        fn any_text_is_refused_without_harm(text in ".*") {
            prop_assert!(decode(TenantId(1), &query("Patient"), &Cursor(text)).is_err());
        }
    }
}
