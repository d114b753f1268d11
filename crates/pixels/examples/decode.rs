//! Decodes the frames that a folder lists in `frames.json`, and lays what comes of them beside them: `NAME.raw` with the
//! samples, the small end first, and `NAME.jpg` as it is looked at, or `NAME.err`. `NAME.txt` says the bits of a sample, the best
//! times of decoding and of rendering (microseconds) where `times` asks for some, and what the samples stand for.
//!
//! `frames.json` is a list of objects: `name`, `transfer_syntax`, `rows`, `columns`, `samples`, `bits_allocated`,
//! `bits_stored`, `high_bit`, `number` (unsigned, signed, float), `planar`, `photometric`, `first_bit`. The frame is `NAME.bin`.

#![allow(clippy::print_stdout, reason = "a tool tells what it did")]

use std::error::Error;
use std::fs;
use std::path::Path;
use std::time::{Duration, Instant};

use bianque_pixels::render::{Format, ImageDescription, Request, render};
use bianque_pixels::{Codec, Limits, Number, Photometric, Shape, decode};
use serde_json::Value;

fn main() -> Result<(), Box<dyn Error>> {
    let folder = std::env::args().nth(1).ok_or("which folder?")?;
    let folder = Path::new(&folder);
    let listed: Vec<Value> = serde_json::from_slice(&fs::read(folder.join("frames.json"))?)?;
    for frame in &listed {
        let name = frame["name"].as_str().ok_or("a frame without name")?;
        let lay = |kind: &str, bytes: &[u8]| fs::write(folder.join(format!("{name}.{kind}")), bytes);
        let bytes = fs::read(folder.join(format!("{name}.bin")))?;
        match one(frame, &bytes) {
            Ok(Done { raw, picture, note }) => {
                lay("raw", &raw)?;
                lay("jpg", &picture)?;
                lay("txt", note.as_bytes())?;
            }
            Err(error) => lay("err", error.to_string().as_bytes())?,
        }
    }
    println!("{} frames", listed.len());
    Ok(())
}

/// What comes of a frame.
struct Done {
    raw: Vec<u8>,
    picture: Vec<u8>,
    note: String,
}

fn one(frame: &Value, bytes: &[u8]) -> Result<Done, Box<dyn Error>> {
    let codec = Codec::of_transfer_syntax(frame["transfer_syntax"].as_str().ok_or("no transfer syntax")?);
    let codec = codec.ok_or("a transfer syntax that is not decoded")?;
    let number = |name: &str| u16::try_from(frame[name].as_u64().unwrap_or(0));
    let shape = Shape {
        rows: number("rows")?,
        columns: number("columns")?,
        samples: number("samples")?,
        bits_allocated: number("bits_allocated")?,
        bits_stored: number("bits_stored")?,
        high_bit: number("high_bit")?,
        number: match frame["number"].as_str() {
            Some("signed") => Number::Signed,
            Some("float") => Number::Float,
            _ => Number::Unsigned,
        },
        planar: frame["planar"] == true,
        photometric: Photometric::from_term(frame["photometric"].as_str().unwrap_or_default())
            .ok_or("photometric")?,
        first_bit: u8::try_from(number("first_bit")?)?,
    };
    let limits = Limits::default();
    let times = frame["times"].as_u64().unwrap_or(0);
    let (samples, decoding) = best(times, || decode(bytes, codec, &shape, &limits))?;
    let request = Request::new(Format::Jpeg { quality: 85 });
    let description = ImageDescription::new(shape);
    // The palette is not told.
    let (picture, rendering) = if shape.photometric == Photometric::PaletteColor {
        (Vec::new(), Duration::MAX)
    } else {
        let (rendered, time) = best(times, || render(bytes, codec, &description, &request, &limits))?;
        (rendered.bytes, time)
    };
    let (bits, now) = (samples.values.bits(), samples.photometric.term());
    let note = format!("{bits} {} {} {now}", decoding.as_micros(), rendering.as_micros());
    Ok(Done { raw: samples.values.to_le_bytes(), picture, note })
}

/// What comes of it, and the best time of so many more.
fn best<T, E>(times: u64, mut work: impl FnMut() -> Result<T, E>) -> Result<(T, Duration), E> {
    let (mut done, mut best) = (work()?, Duration::MAX);
    for _ in 0..times {
        let begun = Instant::now();
        done = work()?;
        best = best.min(begun.elapsed());
    }
    Ok((done, best))
}
