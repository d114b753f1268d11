//! Writes the MD5 of each frame of a file, a line each: what a server would send for it.

use bianque_dicom::{FrameTable, HeaderReader, part10};
use md5::{Digest as _, Md5};

#[expect(clippy::print_stdout, reason = "it is what the program is for")]
fn main() -> Result<(), Box<dyn std::error::Error>> {
    for path in std::env::args().skip(1) {
        let file = std::fs::read(&path)?;
        let meta = part10::read(&file)?;
        let bytes = &file[meta.data_set_offset..];
        let mut reader = HeaderReader::new(meta.transfer_syntax);
        reader.push(bytes)?;
        let Some(table) = FrameTable::of(&reader.finish()?)? else { continue };
        let inflated;
        let bytes = if table.is_inflated() {
            let mut all = Vec::new();
            std::io::Read::read_to_end(&mut flate2::read::DeflateDecoder::new(bytes), &mut all)?;
            inflated = all;
            &inflated
        } else {
            bytes
        };
        for frame in (0..table.frames()).filter_map(|number| table.frame(number)) {
            let mut hash = Md5::new();
            for range in frame.ranges {
                let start = usize::try_from(range.offset)?;
                hash.update(
                    bytes.get(start..start + range.length as usize).ok_or("a range outside of the file")?,
                );
            }
            for byte in hash.finalize() {
                print!("{byte:02x}");
            }
            println!();
        }
    }
    Ok(())
}
