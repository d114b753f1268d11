//! A DICOM object: in pieces it is what it is as a whole; what was read can be written and reads the same then; its frames lie
//! within it; and whatever is asked of it is answered.

#![no_main]

use bianque_dicom::matching::Query;
use bianque_dicom::{
    DataSet, FrameTable, Header, HeaderReader, InstanceAttributes, JsonOptions, Lengths, ReadError, TransferSyntax,
    from_json, part10, write_json,
};
use libfuzzer_sys::fuzz_target;

const SYNTAXES: [&str; 6] = [
    "1.2.840.10008.1.2",
    "1.2.840.10008.1.2.1",
    "1.2.840.10008.1.2.2",
    "1.2.840.10008.1.2.1.99",
    "1.2.840.10008.1.2.4.50",
    "1.2.840.10008.1.2.5",
];

fuzz_target!(|data: &[u8]| {
    let Some(([chosen, size], bytes)) = data.split_first_chunk() else { return };
    let _ = part10::read(bytes);
    let _ = from_json(bytes);
    let syntax = TransferSyntax::from_uid(SYNTAXES[usize::from(*chosen) % SYNTAXES.len()]);
    let whole = header(syntax, bytes, bytes.len().max(1));
    let pieces = header(syntax, bytes, usize::from(*size).max(1));
    assert_eq!(whole, pieces);
    let Ok(header) = whole else { return };
    if let Ok(Some(table)) = FrameTable::of(&header) {
        assert_eq!(FrameTable::from_bytes(&table.to_bytes()).as_ref(), Ok(&table));
        for number in (0..table.frames()).take(100) {
            for range in table.frame(number).expect("a frame of the table").ranges {
                assert!(range.offset + u64::from(range.length) <= header.length);
            }
        }
    }
    let _ = InstanceAttributes::of(&header.data_set);
    if let Ok(query) = Query::from_identifier(&header.data_set, size % 2 == 0) {
        let _ = query.matches(&header.data_set);
        let _ = query.answer(&header.data_set);
    }
    let Ok(data_set) = DataSet::read(bytes, syntax) else { return };
    json(&data_set);
    let Ok(written) = data_set.to_bytes_from(TransferSyntax::EXPLICIT_LITTLE, Lengths::Explicit, None) else { return };
    let again = DataSet::read(&written, TransferSyntax::EXPLICIT_LITTLE).expect("what was written is read");
    let settled = again.to_bytes(TransferSyntax::EXPLICIT_LITTLE).expect("it is held");
    assert_eq!(DataSet::read(&settled, TransferSyntax::EXPLICIT_LITTLE), Ok(again));
});

fn header(syntax: TransferSyntax, bytes: &[u8], size: usize) -> Result<Header, ReadError> {
    let mut reader = HeaderReader::new(syntax);
    for piece in bytes.chunks(size) {
        reader.push(piece)?;
    }
    reader.finish()
}

fn json(data_set: &DataSet) {
    let mut json = Vec::new();
    write_json(data_set, &JsonOptions::default(), &mut json);
    if let Ok(mut read) = from_json(&json) {
        let mut again = Vec::new();
        write_json(&read.remove(0).data_set, &JsonOptions::default(), &mut again);
        let same = from_json(&again).expect("what was read is written");
        assert_eq!(same.len(), 1);
    }
}
