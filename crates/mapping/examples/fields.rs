//! Writes `docs/hl7v2-fields.md`: the fields of the published maps, and which of them are mapped here.
//!
//!     cargo run -p bianque-mapping --example fields -- FOLDER > docs/hl7v2-fields.md
//!
//! FOLDER holds the segment maps of HL7 v2-to-FHIR as CSV.

use std::collections::BTreeMap;
use std::error::Error;
use std::fmt::Write as _;
use std::fs;
use std::io::Write as _;
use std::path::Path;

/// A table of here, and the published maps that it follows.
const MAPS: &[(&str, &[&str])] = &[
    ("PID", &["PID[Patient]"]),
    ("PV1", &["PV1[Encounter]"]),
    ("NK1", &["NK1[RelatedPerson]"]),
    ("AL1", &["AL1[AllergyIntolerance]"]),
    ("DG1", &["DG1[Condition]"]),
    ("ORDER", &["ORC[ServiceRequest]", "OBR[ServiceRequest]"]),
    ("OBR", &["OBR[DiagnosticReport]"]),
    ("OBX", &["OBX[Observation]"]),
    ("SCH", &["SCH[Appointment]", "TQ1[ServiceRequest]"]),
    ("TXA", &["TXA[DocumentReference]"]),
    ("RF1", &[]),
];

const HEAD: &str = "# Fields of HL7 v2 that are mapped

Which fields go where, beside the published maps (HL7 v2-to-FHIR). A field that the published map gives no place is left out.
This page is written by `cargo run -p bianque-mapping --example fields`, from `crates/mapping/tables/`, which is what the server
maps by. Codes are in `crates/mapping/tables/codes.txt`; what the tables cannot say - which resources there are, and what an event
means for a status - is told in [HL7 v2](hl7v2.md).
";

/// Where a field goes: in the published map, and here.
#[derive(Default)]
struct Field {
    name: String,
    published: Vec<String>,
    here: Vec<String>,
}

fn main() -> Result<(), Box<dyn Error>> {
    let folder = std::env::args().nth(1).ok_or("where are the published maps?")?;
    let mut page = HEAD.to_owned();
    let (mut wanted, mut met) = (0, 0);
    for (table, maps) in MAPS {
        let mut fields = BTreeMap::new();
        for map in *maps {
            published(Path::new(&folder), map, &mut fields)?;
        }
        let head = here(table, &mut fields)?;
        write!(page, "\n## {head}\n\n| field | | in the published map | here |\n|---|---|---|---|\n")?;
        for ((segment, number), field) in fields {
            if field.published.is_empty() && field.here.is_empty() {
                continue;
            }
            wanted += usize::from(!field.published.is_empty());
            met += usize::from(!field.published.is_empty() && !field.here.is_empty());
            let list =
                |places: &[String]| places.iter().map(|it| format!("`{it}`")).collect::<Vec<_>>().join(", ");
            let (there, own) = (list(&field.published), list(&field.here));
            let own = if own.is_empty() { "-".to_owned() } else { own };
            writeln!(page, "| {segment}-{number} | {} | {there} | {own} |", field.name)?;
        }
    }
    write!(page, "\nOf {wanted} fields that have a place in these maps, {met} are mapped.\n")?;
    std::io::stdout().write_all(page.as_bytes())?;
    Ok(())
}

type Fields = BTreeMap<(String, usize), Field>;

/// Adds the rows of a published map.
fn published(folder: &Path, map: &str, fields: &mut Fields) -> Result<(), Box<dyn Error>> {
    let begin = format!("HL7 Segment - FHIR R4_ {map} ");
    let mut files = fs::read_dir(folder)?.filter_map(Result::ok);
    let file = files
        .find(|file| file.file_name().to_string_lossy().starts_with(&begin))
        .ok_or_else(|| format!("there is no map {map}"))?;
    for row in rows(&fs::read_to_string(file.path())?) {
        let cell = |place: usize| row.get(place).map(|cell| cell.trim()).unwrap_or_default();
        let Some(place) = field(cell(1)) else { continue };
        let known = fields.entry(place).or_default();
        if known.name.is_empty() {
            cell(2).clone_into(&mut known.name);
        }
        let target = cell(9).to_owned();
        if !target.is_empty() && !known.published.contains(&target) {
            known.published.push(target);
        }
    }
    Ok(())
}

/// Adds the rows of a table of here; gives its first line.
fn here(table: &str, fields: &mut Fields) -> Result<String, Box<dyn Error>> {
    let path = format!("{}/tables/{table}.txt", env!("CARGO_MANIFEST_DIR"));
    let text = fs::read_to_string(path)?;
    for line in text.lines().filter(|line| !line.starts_with(['#', '@'])) {
        let mut words = line.split_whitespace();
        if let (Some(source), Some(target)) = (words.next(), words.next())
            && let Some(place) = field(source)
        {
            let known = fields.entry(place).or_default();
            let target = target.to_owned();
            if !known.here.contains(&target) {
                known.here.push(target);
            }
        }
    }
    Ok(text
        .lines()
        .next()
        .unwrap_or_default()
        .trim_start_matches(['#', ' '])
        .trim_end_matches('.')
        .to_owned())
}

/// `PID-11.3` is of the field PID-11.
fn field(text: &str) -> Option<(String, usize)> {
    let (segment, rest) = text.split_once('-')?;
    let number = rest.split(|it: char| !it.is_ascii_digit()).next()?.parse().ok()?;
    (segment.len() == 3).then(|| (segment.to_owned(), number))
}

/// The cells of a CSV file: quoted ones may hold commas, line ends and doubled quotes.
fn rows(text: &str) -> Vec<Vec<String>> {
    let (mut rows, mut row, mut cell, mut quoted) = (Vec::new(), Vec::new(), String::new(), false);
    for character in text.chars() {
        match character {
            '"' => quoted = !quoted,
            ',' if !quoted => row.push(std::mem::take(&mut cell)),
            '\n' if !quoted => {
                row.push(std::mem::take(&mut cell));
                rows.push(std::mem::take(&mut row));
            }
            '\r' => {}
            other => cell.push(other),
        }
    }
    row.push(cell);
    rows.push(row);
    rows
}
