//! Writes each file named as DICOM JSON, a line each.

use std::io::Write as _;

use bianque_dicom::{DataSet, JsonOptions, part10, write_json};

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let mut out = std::io::stdout().lock();
    for path in std::env::args().skip(1) {
        let file = std::fs::read(&path)?;
        let meta = part10::read(&file)?;
        let data_set = DataSet::read(&file[meta.data_set_offset..], meta.transfer_syntax)?;
        let mut json = Vec::new();
        write_json(&data_set, &JsonOptions::default(), &mut json);
        json.push(b'\n');
        out.write_all(&json)?;
    }
    Ok(())
}
