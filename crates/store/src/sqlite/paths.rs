//! Search parameters as numbers: index rows carry a small integer in place of type and parameter.

use std::collections::HashMap;

use bianque_query::IndexValue;
use rusqlite::{Connection, OptionalExtension, params};

/// The kinds of index values; each has its table.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    Token,
    Text,
    Date,
    Number,
    Quantity,
    Reference,
    Uri,
    Composite,
}

impl Kind {
    pub(super) const ALL: [Self; 8] = [
        Self::Token,
        Self::Text,
        Self::Date,
        Self::Number,
        Self::Quantity,
        Self::Reference,
        Self::Uri,
        Self::Composite,
    ];

    /// The kind of a value; none: no search finds by it.
    pub(super) const fn of(value: &IndexValue) -> Option<Self> {
        Some(match value {
            IndexValue::Token { .. } => Self::Token,
            IndexValue::Text { .. } => Self::Text,
            IndexValue::Date(_) => Self::Date,
            IndexValue::Number(_) => Self::Number,
            IndexValue::Quantity { .. } => Self::Quantity,
            IndexValue::Reference(_) => Self::Reference,
            IndexValue::Uri(_) => Self::Uri,
            IndexValue::Part { .. } => Self::Composite,
            IndexValue::Rule(_) => return None,
        })
    }

    /// The table of its rows.
    pub(super) const fn table(self) -> &'static str {
        match self {
            Self::Token => "index_token",
            Self::Text => "index_text",
            Self::Date => "index_date",
            Self::Number => "index_number",
            Self::Quantity => "index_quantity",
            Self::Reference => "index_reference",
            Self::Uri => "index_uri",
            Self::Composite => "index_composite",
        }
    }

    /// The column that orders its rows.
    pub(super) const fn sort_column(self) -> &'static str {
        match self {
            Self::Token => "code",
            Self::Text => "folded",
            Self::Date => "low",
            Self::Number | Self::Quantity => "value",
            Self::Reference => "target_id",
            Self::Uri => "uri",
            Self::Composite => "text1",
        }
    }

    /// Its number in the path table and in composites.
    pub(super) const fn number(self) -> u8 {
        self as u8
    }

    fn from_number(number: u8) -> Option<Self> {
        Self::ALL.get(usize::from(number)).copied()
    }
}

/// The writer's memory of the path table.
#[derive(Debug, Default)]
pub(super) struct Paths {
    known: HashMap<String, HashMap<String, [Option<i64>; 8]>>,
}

impl Paths {
    /// The number of a parameter, made when it is new.
    pub(super) fn number(
        &mut self,
        connection: &Connection,
        resource_type: &str,
        param: &str,
        kind: Kind,
    ) -> rusqlite::Result<i64> {
        let place = usize::from(kind.number());
        let known = self.known.get(resource_type).and_then(|params| params.get(param));
        if let Some(id) = known.and_then(|ids| ids[place]) {
            return Ok(id);
        }
        let id = find_or_make(connection, resource_type, param, kind)?;
        let params = self.known.entry(resource_type.to_owned()).or_default();
        params.entry(param.to_owned()).or_default()[place] = Some(id);
        Ok(id)
    }

    /// Forgets all: a transaction that may have made numbers was rolled back.
    pub(super) fn forget(&mut self) {
        self.known.clear();
    }
}

/// The numbers under which a parameter of a type was ever written, with the kind of each.
pub(super) fn numbers_of(
    connection: &Connection,
    resource_type: &str,
    param: &str,
) -> rusqlite::Result<Vec<(Kind, i64)>> {
    let mut statement =
        connection.prepare_cached("SELECT kind, id FROM path WHERE type = ?1 AND param = ?2")?;
    let rows =
        statement.query_map(params![resource_type, param], |row| Ok((row.get::<_, u8>(0)?, row.get(1)?)))?;
    rows.filter_map(|row| row.map(|(kind, id)| Kind::from_number(kind).map(|kind| (kind, id))).transpose())
        .collect()
}

fn find_or_make(
    connection: &Connection,
    resource_type: &str,
    param: &str,
    kind: Kind,
) -> rusqlite::Result<i64> {
    let found = connection
        .prepare_cached("SELECT id FROM path WHERE type = ?1 AND param = ?2 AND kind = ?3")?
        .query_row(params![resource_type, param, kind.number()], |row| row.get(0))
        .optional()?;
    if let Some(id) = found {
        return Ok(id);
    }
    connection
        .prepare_cached("INSERT INTO path (type, param, kind) VALUES (?1, ?2, ?3)")?
        .execute(params![resource_type, param, kind.number()])?;
    Ok(connection.last_insert_rowid())
}
