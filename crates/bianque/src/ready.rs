//! The ready line: the first and only line on standard output, once every listener is bound.

use std::io::Write;

use serde_json::{Map, Value};

/// Prints it.
pub(crate) fn print(fields: Map<String, Value>) -> std::io::Result<()> {
    let mut line = Map::from_iter([("ready".to_owned(), Value::Bool(true))]);
    line.extend(fields);
    let mut out = std::io::stdout().lock();
    writeln!(out, "{}", Value::Object(line))?;
    out.flush()
}
