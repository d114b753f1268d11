//! The tables that can be imported, and their columns.

use serde::{Deserialize, Serialize};

/// A table.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Table {
    /// Patients, known by an identifier with its authority.
    Patients,
    /// Accounts of people who sign in, known by their login.
    Users,
    /// Weekly hours of clinicians, known by their login.
    Schedules,
}

/// A column.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Column {
    /// Its name in the first line of the file.
    pub name: &'static str,
    /// Whether the file must have it.
    pub needed: bool,
    /// Whether it belongs to what a row is known by.
    pub key: bool,
}

const fn key(name: &'static str) -> Column {
    Column { name, needed: true, key: true }
}

const fn needed(name: &'static str) -> Column {
    Column { name, needed: true, key: false }
}

const fn optional(name: &'static str) -> Column {
    Column { name, needed: false, key: false }
}

const PATIENTS: &[Column] = &[
    key("identifier_system"),
    key("identifier"),
    needed("name"),
    needed("birth_date"),
    needed("sex"),
    needed("institution"),
    optional("phone"),
    optional("language"),
    optional("active"),
];

const USERS: &[Column] = &[
    key("login"),
    needed("name"),
    needed("role"),
    needed("institution"),
    optional("registration"),
    optional("title"),
    optional("active"),
];

const SCHEDULES: &[Column] = &[
    key("login"),
    key("day"),
    key("from"),
    needed("to"),
    needed("slot_minutes"),
    needed("zone"),
    optional("active"),
];

impl Table {
    /// Its columns, in the order of a row's cells.
    pub const fn columns(self) -> &'static [Column] {
        match self {
            Self::Patients => PATIENTS,
            Self::Users => USERS,
            Self::Schedules => SCHEDULES,
        }
    }
}
