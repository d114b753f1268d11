//! Tables of what goes where: one line a field, `SOURCE TARGET TYPE [ARGUMENT] [if|unless CONDITION]`.

use std::str::FromStr as _;
use std::sync::LazyLock;

use bianque_hl7v2::Path;
use serde_json::{Map, Value};

use crate::datatypes::Datatype;
use crate::place::Target;

/// A table: its rows in order.
#[derive(Debug)]
pub(crate) struct Table {
    pub(crate) rows: Vec<Row>,
}

/// One field and its place.
#[derive(Debug)]
pub(crate) struct Row {
    pub(crate) source: Path,
    pub(crate) target: Target,
    pub(crate) datatype: Datatype,
    pub(crate) condition: Option<Condition>,
}

/// What must hold for a row.
#[derive(Debug)]
pub(crate) struct Condition {
    pub(crate) path: Path,
    /// Empty: that there is any value.
    pub(crate) values: Vec<String>,
    /// `unless` instead of `if`.
    pub(crate) negated: bool,
}

macro_rules! tables {
    ($($name:ident = $file:literal),* $(,)?) => {
        $(pub(crate) static $name: LazyLock<Table> =
            LazyLock::new(|| Table::read(include_str!(concat!("../tables/", $file, ".txt"))));)*

        /// All of them, by the names of their files.
        #[cfg(test)]
        fn all() -> Vec<(&'static str, &'static Table)> {
            vec![$(($file, &*$name)),*]
        }
    };
}

tables! {
    ALLERGY = "AL1",
    APPOINTMENT = "SCH",
    CONDITION = "DG1",
    DOCUMENT = "TXA",
    ENCOUNTER = "PV1",
    OBSERVATION = "OBX",
    ORDER = "ORDER",
    PATIENT = "PID",
    REFERRAL = "RF1",
    RELATED_PERSON = "NK1",
    STEP = "IPC",
    REPORT = "OBR",
}

impl Table {
    /// A line that cannot be read is a fault of the program, and every table is read by a test.
    fn read(text: &str) -> Self {
        let mut constants: Vec<(&str, Map<String, Value>)> = Vec::new();
        let mut rows = Vec::new();
        for line in text.lines().map(str::trim).filter(|line| !line.is_empty() && !line.starts_with('#')) {
            if let Some(constant) = line.strip_prefix('@') {
                let (name, json) = constant.split_once(char::is_whitespace).unwrap_or((constant, ""));
                constants.push((name, serde_json::from_str(json).unwrap_or_default()));
            } else {
                rows.extend(Row::read(line, &constants));
            }
        }
        Self { rows }
    }
}

impl Row {
    fn read(line: &str, constants: &[(&str, Map<String, Value>)]) -> Option<Self> {
        let mut words = line.split_whitespace().peekable();
        let source = Path::from_str(words.next()?).ok()?;
        let target = Target::read(words.next()?, constants)?;
        let datatype = words.next()?;
        let argument = words.next_if(|word| !["if", "unless"].contains(word));
        let datatype = Datatype::read(datatype, argument)?;
        let condition = match (words.next(), words.next()) {
            (Some(word), Some(text)) => Some(Condition::read(text, word == "unless")?),
            (None, _) => None,
            _ => return None,
        };
        words.next().is_none().then_some(Self { source, target, datatype, condition })
    }
}

impl Condition {
    fn read(text: &str, negated: bool) -> Option<Self> {
        let (path, values) = text.split_once('=').unwrap_or((text, ""));
        let values = values.split(',').filter(|value| !value.is_empty()).map(str::to_owned).collect();
        Some(Self { path: path.parse().ok()?, values, negated })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_line_of_every_table_is_read() {
        for (name, table) in all() {
            let text =
                std::fs::read_to_string(format!("{}/tables/{name}.txt", env!("CARGO_MANIFEST_DIR"))).unwrap();
            let lines = text
                .lines()
                .filter(|line| line.chars().next().is_some_and(|first| first.is_ascii_uppercase()));
            assert_eq!(table.rows.len(), lines.count(), "{name}");
        }
    }
}
