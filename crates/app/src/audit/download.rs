//! The audit taken away by an administrator: what a filter shows, as CSV or as FHIR AuditEvents, one a line. Made a
//! stretch at a time, however long it is. That it was taken is in the audit before the first line is given.

use std::collections::VecDeque;

use bianque_model::Context;
use bianque_store::{AuditAction, AuditList};
use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::Value;

use super::list::{Filter, Teller, without_findings};
use crate::change::audit_row;
use crate::records::audit_event;
use crate::{App, Error, policy};

/// Rows of one stretch.
const STRETCH: usize = 1_000;

/// How rows are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Format {
    /// One row a line, for spreadsheets.
    Csv,
    /// One AuditEvent a line.
    Ndjson,
}

/// What is taken away.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Taking {
    /// How.
    pub format: Format,
    /// What.
    #[serde(default)]
    pub filter: Filter,
}

/// The audit on its way to an administrator.
pub struct Download {
    app: App,
    context: Context,
    teller: Teller,
    format: Format,
    /// Where to go on; none: at the end.
    rest: Option<AuditList>,
    ready: VecDeque<String>,
}

/// Begins: everything that the filter shows up to now.
pub async fn begin(app: &App, context: &Context, taking: Taking) -> Result<Download, Error> {
    policy::administrator(context)?;
    let Taking { format, filter } = taking;
    let mut list = filter.read()?;
    list.limit = STRETCH;
    // Rows that are written meanwhile, its own among them, are not waited for.
    list.before = list.before.min((context.now, 0));
    let mut row = audit_row(context, AuditAction::R, "audit.export", filter.patient.as_ref(), "AuditEvent");
    row.detail = filter.text();
    app.store.audit_read(context.tenant, row).await?;
    let head = (format == Format::Csv).then(|| line(&COLUMNS.map(|(name, _)| name.to_owned())));
    Ok(Download {
        app: app.clone(),
        context: context.clone(),
        teller: Teller::new(app, context),
        format,
        rest: Some(list),
        ready: head.into_iter().collect(),
    })
}

impl Download {
    /// How it is written.
    pub const fn format(&self) -> Format {
        self.format
    }

    /// The next stretch of it; none: that was all.
    pub async fn next(&mut self) -> Result<Option<String>, Error> {
        loop {
            if let Some(ready) = self.ready.pop_front() {
                return Ok(Some(ready));
            }
            let Some(list) = self.rest.take() else { return Ok(None) };
            let page = self.app.store.audit_list(self.context.tenant, list.clone()).await?;
            self.rest = page.reached.map(|before| AuditList { before, ..list });
            let mut text = String::new();
            for (sequence, row) in page.rows {
                match self.format {
                    Format::Csv => text.push_str(&csv(&self.teller.tell(sequence, row).await?)),
                    Format::Ndjson => {
                        let event = audit_event::event(sequence, &without_findings(row));
                        text.push_str(&event.to_string());
                        text.push('\n');
                    }
                }
            }
            if !text.is_empty() {
                self.ready.push_back(text);
            }
        }
    }
}

/// Columns, and where in a told row each is.
const COLUMNS: [(&str, &str); 16] = [
    ("sequence", "/sequence"),
    ("at", "/at"),
    ("action", "/action"),
    ("operation", "/operation"),
    ("done", "/done"),
    ("who", "/who/agent"),
    ("name", "/who/name"),
    ("application", "/application/agent"),
    ("organization", "/organization"),
    ("purpose", "/purpose"),
    ("address", "/address"),
    ("request", "/request"),
    ("patients", "/patients"),
    ("entity", "/entity"),
    ("detail", "/detail"),
    ("reason", "/reason"),
];

fn csv(told: &Value) -> String {
    line(&COLUMNS.map(|(_, place)| match told.pointer(place) {
        None | Some(Value::Null) => String::new(),
        Some(Value::String(text)) => text.clone(),
        Some(Value::Array(ids)) => ids.iter().filter_map(Value::as_str).collect::<Vec<_>>().join(" "),
        Some(other) => other.to_string(),
    }))
}

/// A line of CSV (RFC 4180). What a spreadsheet would take for a formula begins with an apostrophe.
fn line(cells: &[String]) -> String {
    let cell = |text: &String| {
        let formula = text.starts_with(['=', '+', '-', '@', '\t', '\r']);
        let text = if formula { format!("'{text}") } else { text.clone() };
        if text.contains([',', '"', '\n', '\r']) {
            format!("\"{}\"", text.replace('"', "\"\""))
        } else {
            text
        }
    };
    let mut line = cells.iter().map(cell).collect::<Vec<_>>().join(",");
    line.push_str("\r\n");
    line
}

#[cfg(test)]
mod tests {
    use super::line;

    #[test]
    fn a_cell_is_neither_a_formula_nor_two_cells() {
        let cells = ["=1+1", "a,b", "say \"no\"", "two\nlines", "plain"].map(str::to_owned);
        assert_eq!(line(&cells), "'=1+1,\"a,b\",\"say \"\"no\"\"\",\"two\nlines\",plain\r\n");
    }
}
