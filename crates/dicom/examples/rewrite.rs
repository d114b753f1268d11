//! Writes a file anew: `rewrite IN OUT [TRANSFER-SYNTAX-UID [undefined]]`. Pixels are not coded anew.

use bianque_dicom::{DataSet, Lengths, TransferSyntax, part10, tags};

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [from, to, rest @ ..] = arguments.as_slice() else {
        return Err("rewrite IN OUT [UID [undefined]]".into());
    };
    let file = std::fs::read(from)?;
    let meta = part10::read(&file)?;
    let syntax = rest.first().map_or(meta.transfer_syntax, |uid| TransferSyntax::from_uid(uid));
    let lengths = if rest.len() > 1 { Lengths::Undefined } else { Lengths::Explicit };
    let bytes = &file[meta.data_set_offset..];
    let data_set = DataSet::read(bytes, meta.transfer_syntax)?;
    let uid = |tag| data_set.uid(tag).unwrap_or_default();
    let mut out =
        part10::file_meta(&uid(tags::SOP_CLASS_UID), &uid(tags::SOP_INSTANCE_UID), syntax, Some("REWRITE"));
    out.extend(data_set.to_bytes_from(syntax, lengths, Some(bytes))?);
    std::fs::write(to, out)?;
    Ok(())
}
