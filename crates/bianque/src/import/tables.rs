//! Tables as rows: comma, semicolon or tab between cells, a name for each column in the first line.

mod cells;

use std::collections::HashMap;

use anyhow::bail;
use bianque_app::import::{Batch, Fault, Row, Table};

use super::{Import, text};
use crate::cli::ImportFlags;
use cells::{Cells, Record};

/// Rows of one batch. Those of users are few, so that links are on the disk soon after they were made.
const PATIENTS: usize = 1_000;
const USERS: usize = 50;
/// Rows of schedules are put together, and so are all read first.
const SCHEDULES: usize = 50_000;
/// The longest cell, bytes.
const CELL: usize = 4_096;

/// Reads a table and sends its rows.
pub(super) async fn read(
    import: &mut Import,
    table: Table,
    flags: &ImportFlags,
    renew_links: bool,
) -> anyhow::Result<()> {
    let mut cells = Cells::open(text::open(&flags.file, flags.encoding)?)?;
    let places = match cells.next()? {
        Some(Record { cells: Some(names), .. }) => columns(table, &names)?,
        _ => bail!("{} has no line with the names of its columns", flags.file.display()),
    };
    let most = match table {
        Table::Patients => PATIENTS,
        Table::Users => USERS,
        Table::Schedules => SCHEDULES,
    };
    let mut reading = Reading { table, width: places.len(), places, known: HashMap::new() };
    let (mut rows, mut faults) = (Vec::new(), Vec::new());
    while let Some(record) = cells.next()? {
        match reading.row(record) {
            Ok(None) => {}
            Ok(Some(row)) => rows.push(row),
            Err(fault) => faults.push(fault),
        }
        if rows.len() + faults.len() == most {
            if table == Table::Schedules {
                bail!("more than {SCHEDULES} rows of schedules: split the file by login");
            }
            let batch = batch(table, std::mem::take(&mut rows), import.dry_run, renew_links);
            import.send(batch, &mut faults).await?;
        }
    }
    import.send(batch(table, rows, import.dry_run, renew_links), &mut faults).await
}

fn batch(table: Table, rows: Vec<Row>, dry_run: bool, renew_links: bool) -> Batch {
    match table {
        Table::Patients => Batch::Patients { rows, dry_run },
        Table::Users => Batch::Users { rows, dry_run, renew_links },
        Table::Schedules => Batch::Schedules { rows, dry_run },
    }
}

/// Which column of the table each cell of the file is. What is missing, twice or not known is told together, with what is
/// expected.
fn columns(table: Table, names: &[String]) -> anyhow::Result<Vec<usize>> {
    let known = table.columns();
    let (mut places, mut wrong) = (Vec::new(), Vec::new());
    for name in names {
        let name = name.trim().to_ascii_lowercase();
        match known.iter().position(|column| column.name == name) {
            Some(place) if places.contains(&place) => wrong.push(format!("{name:?} stands twice")),
            Some(place) => places.push(place),
            None => wrong.push(format!("{:?} is not known", name.chars().take(64).collect::<String>())),
        }
    }
    let missing = known.iter().enumerate().filter(|(place, column)| column.needed && !places.contains(place));
    wrong.extend(missing.map(|(_, column)| format!("{:?} is missing", column.name)));
    if wrong.is_empty() {
        return Ok(places);
    }
    let list = |needed: bool| -> Vec<&str> {
        known.iter().filter(|column| column.needed == needed).map(|column| column.name).collect()
    };
    bail!(
        "columns: {}. The first line names each column: {}; and may have: {}",
        wrong.join(", "),
        list(true).join(", "),
        list(false).join(", ")
    )
}

struct Reading {
    table: Table,
    /// Cells of the first line.
    width: usize,
    places: Vec<usize>,
    /// The lines of keys that were read, by hash: about 40 bytes a row.
    known: HashMap<[u8; 16], u64>,
}

impl Reading {
    /// The row of a record; none: it is empty.
    fn row(&mut self, record: Record) -> Result<Option<Row>, Fault> {
        let Record { line, cells } = record;
        let fault = |column: &str, words: String| Fault { place: line, column: column.to_owned(), words };
        let Some(cells) = cells else {
            let words = format!("the row is longer than {} bytes; is a quote not closed?", cells::LONGEST);
            return Err(fault("", words));
        };
        if cells.iter().all(|cell| cell.trim().is_empty()) {
            return Ok(None);
        }
        if cells.len() != self.width {
            let words = format!("{} cells, and the first line has {}", cells.len(), self.width);
            return Err(fault("", words));
        }
        let columns = self.table.columns();
        let mut placed = vec![None; columns.len()];
        for (place, cell) in self.places.iter().zip(cells) {
            if cell.len() > CELL {
                let name = columns[*place].name;
                return Err(fault(name, format!("{name} is longer than {CELL} bytes")));
            }
            placed[*place] = Some(cell);
        }
        let keys = columns.iter().zip(&placed).filter(|(column, _)| column.key);
        let mut hash = blake3::Hasher::new();
        for (_, cell) in keys {
            let text = cell.as_deref().unwrap_or_default().trim();
            let text = if self.table == Table::Patients { text.to_owned() } else { text.to_lowercase() };
            hash.update(&(text.len() as u64).to_le_bytes()).update(text.as_bytes());
        }
        let key = hash.finalize().as_bytes().first_chunk().copied().unwrap_or_default();
        if let Some(first) = self.known.insert(key, line) {
            self.known.insert(key, first);
            let name = columns.iter().rfind(|column| column.key).map_or("", |column| column.name);
            return Err(fault(name, format!("line {first} is about the same one already")));
        }
        Ok(Some(Row { line, cells: placed }))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(line: &str) -> Vec<String> {
        line.split(',').map(str::to_owned).collect()
    }

    #[test]
    fn wrong_columns_are_told_together_with_what_is_expected() {
        let told =
            columns(Table::Users, &names("login,Name,rolle,login,institution")).unwrap_err().to_string();
        for part in [
            "\"rolle\" is not known",
            "\"login\" stands twice",
            "\"role\" is missing",
            "may have: registration",
        ] {
            assert!(told.contains(part), "{told}");
        }
        assert_eq!(columns(Table::Users, &names(" LOGIN,name,institution,role")).unwrap(), [0, 1, 3, 2]);
    }

    #[test]
    fn a_row_about_the_same_one_is_refused_and_names_the_first() {
        let places = columns(Table::Users, &names("login,name,role,institution")).unwrap();
        let mut reading = Reading { table: Table::Users, width: 4, places, known: HashMap::new() };
        let mut row = |line, text: &str| reading.row(Record { line, cells: Some(names(text)) });
        assert!(row(2, "Li.Na,Li Na,clinician,Home").unwrap().is_some());
        assert_eq!(row(3, " , ,,").unwrap(), None);
        assert_eq!(
            row(4, "li.na ,Other,clinician,Home").unwrap_err().words,
            "line 2 is about the same one already"
        );
        assert_eq!(row(5, "a,b").unwrap_err().words, "2 cells, and the first line has 4");
        let long = row(6, &format!("b,{},c,d", "x".repeat(CELL + 1))).unwrap_err();
        assert_eq!(long.column, "name");
    }
}
