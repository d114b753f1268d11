//! A row of a table, as whoever reads the file sends it.

use serde::{Deserialize, Serialize};

use super::table::Table;
use crate::Error;

/// A row. Its cells stand in the order of the table's columns; none where the file has no such column.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Row {
    /// The line of the file that it begins in, from 1.
    pub line: u64,
    /// The cells.
    pub cells: Vec<Option<String>>,
}

impl Row {
    /// The cell of a column, without blanks around it; none where the file has no such column.
    pub(super) fn cell(&self, table: Table, column: &str) -> Option<&str> {
        let at = table.columns().iter().position(|known| known.name == column)?;
        self.cells.get(at)?.as_deref().map(str::trim)
    }

    /// The cell of a column, empty where there is none.
    pub(super) fn text(&self, table: Table, column: &str) -> &str {
        self.cell(table, column).unwrap_or_default()
    }

    /// Whether a column says yes; none where it is empty or not there.
    pub(super) fn yes(&self, table: Table, column: &'static str) -> Result<Option<bool>, Error> {
        match self.text(table, column) {
            "" => Ok(None),
            "yes" | "true" | "1" => Ok(Some(true)),
            "no" | "false" | "0" => Ok(Some(false)),
            _ => Err(Error::field("field.code", column, format!("{column} is yes or no"))),
        }
    }
}
