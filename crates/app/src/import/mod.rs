//! Take in what another system knows: patients, users and schedules as rows of tables, and resources of FHIR.
//!
//! Whoever reads the file sends [`Batch`]es and is told of each in a [`Report`]; nothing is kept between them. Every row
//! goes by the use cases and the one [`Change`](crate::Change), with its checks, its audit row and the version that was
//! read as an expectation. What is here already and the same is left alone, so that a file may be sent again.

mod institutions;
mod patients;
mod resources;
mod row;
mod schedules;
mod table;
mod users;

use std::pin::Pin;

use bianque_model::TenantId;
use futures_util::stream::{self, StreamExt};
use serde::{Deserialize, Serialize};

pub use resources::{Entry, Name, Named};
pub use row::Row;
pub use table::{Column, Table};

use crate::records::take_in::Done;
use crate::tenants::operator_of_active;
use crate::{App, Error, ErrorKind, policy};

/// Rows of one batch that are looked at and written at a time. Their commits share transactions, behind everyone who
/// waits for an answer, and the readers of the store stay free for others.
const AT_ONCE: usize = 48;

/// Rows of one kind.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(tag = "of", rename_all = "kebab-case", deny_unknown_fields)]
pub enum Batch {
    /// Rows of [`Table::Patients`].
    Patients {
        /// The rows.
        rows: Vec<Row>,
        /// Nothing is written.
        dry_run: bool,
    },
    /// Rows of [`Table::Users`].
    Users {
        /// The rows.
        rows: Vec<Row>,
        /// Nothing is written.
        dry_run: bool,
        /// Who is here and has chosen no password yet is given a new link.
        renew_links: bool,
    },
    /// Rows of [`Table::Schedules`]; all rows of one clinician are in one batch.
    Schedules {
        /// The rows.
        rows: Vec<Row>,
        /// Nothing is written.
        dry_run: bool,
    },
    /// Resources of FHIR.
    Resources {
        /// The entries.
        entries: Vec<Entry>,
        /// Nothing is written.
        dry_run: bool,
        /// All or nothing: a `transaction`.
        whole: bool,
    },
    /// Asks what entries that are known by a name will be called here.
    Names {
        /// The entries.
        entries: Vec<Named>,
    },
}

/// What a batch came to.
#[derive(Debug, Default, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Report {
    /// Rows that made something.
    pub new: u64,
    /// Rows that changed something.
    pub changed: u64,
    /// Rows of what is here already, the same.
    pub unchanged: u64,
    /// Rows that were not taken.
    pub refused: u64,
    /// Why.
    pub faults: Vec<Fault>,
    /// One-time links of users.
    pub links: Vec<Link>,
    /// Answers to [`Batch::Names`].
    pub names: Vec<Name>,
}

/// What is wrong with a row. It says nothing of what the row holds.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Fault {
    /// The line of a table or the number of an entry.
    pub place: u64,
    /// The column, or the FHIRPath of the element; empty when it is about the whole row.
    pub column: String,
    /// In words.
    pub words: String,
}

/// A link by which a user chooses a password.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Link {
    /// Whose.
    pub login: String,
    /// The link.
    pub link: String,
}

impl std::fmt::Debug for Link {
    /// A link is as good as a password.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Link({})", self.login)
    }
}

/// Takes a batch in; the operator on the machine asks.
///
/// # Errors
/// When there is no such tenant or it is closed, or the store does not answer. A row that is refused is no error: it is in the report.
pub async fn take(app: &App, tenant: TenantId, batch: Batch) -> Result<Report, Error> {
    let context = operator_of_active(app, tenant)?;
    policy::administrator(&context)?;
    match batch {
        Batch::Patients { rows, dry_run } => patients::take(app, &context, rows, dry_run).await,
        Batch::Users { rows, dry_run, renew_links } => {
            users::take(app, &context, rows, dry_run, renew_links).await
        }
        Batch::Schedules { rows, dry_run } => schedules::take(app, &context, rows, dry_run).await,
        Batch::Resources { entries, dry_run, whole: true } => {
            resources::take_whole(app, &context, &entries, dry_run).await
        }
        Batch::Resources { entries, dry_run, whole: false } => {
            resources::take(app, &context, &entries, dry_run).await
        }
        Batch::Names { entries } => resources::names(app, &context, &entries).await,
    }
}

/// The work of one row, with its place.
type Work<'a> = Pin<Box<dyn Future<Output = (u64, Result<Done, Error>)> + Send + 'a>>;

/// Does the work of rows, several at a time.
async fn gather(works: Vec<Work<'_>>) -> Result<Report, Error> {
    let mut report = Report::default();
    let mut done = stream::iter(works).buffer_unordered(AT_ONCE);
    while let Some((place, result)) = done.next().await {
        report.count(place, result)?;
    }
    report.faults.sort_by_key(|fault| fault.place);
    Ok(report)
}

impl Report {
    fn count(&mut self, place: u64, result: Result<Done, Error>) -> Result<(), Error> {
        match result {
            Ok(Done::New) => self.new += 1,
            Ok(Done::Changed) => self.changed += 1,
            Ok(Done::Unchanged) => self.unchanged += 1,
            Err(error) => self.refuse(place, error)?,
        }
        Ok(())
    }

    /// Writes down why a row was refused; gives the error back when it is not about the row.
    fn refuse(&mut self, place: u64, error: Error) -> Result<(), Error> {
        if matches!(error.kind, ErrorKind::Unavailable | ErrorKind::Internal) {
            return Err(error);
        }
        self.refused += 1;
        self.faults.extend(faults(place, &error));
        Ok(())
    }
}

/// An OperationOutcome has a fault per issue; anything else is one fault.
fn faults(place: u64, error: &Error) -> Vec<Fault> {
    let text = |value: &serde_json::Value| value.as_str().unwrap_or_default().to_owned();
    let issues = error.details["issue"].as_array().filter(|issues| !issues.is_empty());
    if let Some(issues) = issues {
        let of = |issue: &serde_json::Value| Fault {
            place,
            column: text(&issue["expression"][0]),
            words: text(&issue["details"]["text"]),
        };
        return issues.iter().map(of).collect();
    }
    let words = match error.code {
        "changed" | "matched" => "it was changed while it was imported; import the file again".to_owned(),
        _ => error.message.clone(),
    };
    vec![Fault { place, column: error.field.unwrap_or_default().to_owned(), words }]
}
