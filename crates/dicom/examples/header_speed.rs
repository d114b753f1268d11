//! How fast headers are read: the file named, again and again, then pixel data that is only counted.

use std::hint::black_box;
use std::time::{Duration, Instant};

use bianque_dicom::{DataSet, HeaderReader, TransferSyntax, VR, part10, tags};

#[expect(clippy::print_stdout, reason = "it is what the program is for")]
fn main() -> Result<(), Box<dyn std::error::Error>> {
    for path in std::env::args().skip(1) {
        let file = std::fs::read(&path)?;
        let meta = part10::read(&file)?;
        let bytes = &file[meta.data_set_offset..];
        let read = || -> Result<usize, bianque_dicom::ReadError> {
            let mut reader = HeaderReader::new(meta.transfer_syntax);
            bytes.chunks(64 << 10).try_for_each(|piece| reader.push(piece))?;
            Ok(reader.finish()?.data_set.len())
        };
        let elements = read()?;
        let each = time(|| read().is_ok());
        println!("{each:>10.1?} {elements:>5} elements {:>10} bytes {path}", bytes.len());
    }
    let mut data_set = DataSet::new();
    data_set.set_bytes(tags::PIXEL_DATA, VR::OW, vec![0; 256 << 20]);
    let bytes = data_set.to_bytes(TransferSyntax::EXPLICIT_LITTLE)?;
    let each = time(|| {
        let mut reader = HeaderReader::new(TransferSyntax::EXPLICIT_LITTLE);
        bytes.chunks(64 << 10).all(|piece| reader.push(piece).is_ok())
    });
    println!("{each:>10.1?} for 256 MiB of pixel data");
    Ok(())
}

/// The time of one of many.
fn time<T>(mut run: impl FnMut() -> T) -> Duration {
    let start = Instant::now();
    let mut runs = 0;
    while start.elapsed() < Duration::from_millis(500) {
        black_box(run());
        runs += 1;
    }
    start.elapsed() / runs
}
