//! Files as spreadsheets write them: UTF-8 with or without a mark, UTF-16 with one, GB 18030.

use std::fs::File;
use std::io::{self, BufReader, Read};
use std::path::Path;

use anyhow::{Context, bail};
use clap::ValueEnum;
use encoding_rs::{Decoder, DecoderResult, Encoding, GB18030, UTF_8};

/// Bytes that are read at a time.
const CHUNK: usize = 32 << 10;

/// Room that every character fits into.
const ROOM: usize = 16;

/// How a file is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Written {
    /// UTF-8, with or without a mark at the beginning.
    #[value(name = "utf-8")]
    Utf8,
    /// GB 18030, and so also GBK and GB 2312.
    #[value(name = "gb18030")]
    Gb18030,
}

/// A file as UTF-8, without a mark at its beginning. What is no character of its encoding is an error.
pub(super) struct Text<R> {
    inner: R,
    decoder: Decoder,
    chunk: Vec<u8>,
    at: usize,
    end: usize,
    last: bool,
    done: bool,
    /// What was decoded for a reader with too little room for it.
    left: Vec<u8>,
}

/// Opens a file. Without a mark and without being told, it is UTF-8 when all of it is, else GB 18030 when all of it is:
/// the whole file is looked through for that, a part at a time.
pub(super) fn open(path: &Path, told: Option<Written>) -> anyhow::Result<Text<File>> {
    let opened = || File::open(path).with_context(|| format!("read {}", path.display()));
    let mut head = Vec::new();
    opened()?.take(3).read_to_end(&mut head)?;
    let encoding = match (told, Encoding::for_bom(&head)) {
        (Some(Written::Utf8), _) => UTF_8,
        (Some(Written::Gb18030), None) => GB18030,
        (_, Some((marked, _))) => marked,
        (None, None) if whole(opened()?, UTF_8)? => UTF_8,
        (None, None) if whole(opened()?, GB18030)? => GB18030,
        (None, None) => bail!("{} is neither UTF-8 nor GB 18030", path.display()),
    };
    Ok(Text::new(opened()?, encoding))
}

/// Whether all of a file is of an encoding.
fn whole(file: File, encoding: &'static Encoding) -> io::Result<bool> {
    match io::copy(&mut BufReader::with_capacity(CHUNK, Text::new(file, encoding)), &mut io::sink()) {
        Ok(_) => Ok(true),
        Err(cause) if cause.kind() == io::ErrorKind::InvalidData => Ok(false),
        Err(cause) => Err(cause),
    }
}

impl<R: Read> Text<R> {
    pub(super) fn new(inner: R, encoding: &'static Encoding) -> Self {
        let decoder = encoding.new_decoder_with_bom_removal();
        Self {
            inner,
            decoder,
            chunk: vec![0; CHUNK],
            at: 0,
            end: 0,
            last: false,
            done: false,
            left: Vec::new(),
        }
    }
}

impl<R: Read> Read for Text<R> {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        if self.left.is_empty() {
            if into.len() >= ROOM {
                return self.decode(into);
            }
            let mut room = [0; ROOM];
            let read = self.decode(&mut room)?;
            self.left.extend_from_slice(&room[..read]);
        }
        let read = self.left.len().min(into.len());
        into[..read].copy_from_slice(&self.left[..read]);
        self.left.drain(..read);
        Ok(read)
    }
}

impl<R: Read> Text<R> {
    fn decode(&mut self, into: &mut [u8]) -> io::Result<usize> {
        while !self.done {
            if self.at == self.end && !self.last {
                (self.at, self.end) = (0, self.inner.read(&mut self.chunk)?);
                self.last = self.end == 0;
            }
            let from = &self.chunk[self.at..self.end];
            let (result, read, written) =
                self.decoder.decode_to_utf8_without_replacement(from, into, self.last);
            self.at += read;
            match result {
                DecoderResult::Malformed(..) => {
                    let words = format!("a character that is not {}", self.decoder.encoding().name());
                    return Err(io::Error::new(io::ErrorKind::InvalidData, words));
                }
                DecoderResult::InputEmpty => self.done = self.last,
                DecoderResult::OutputFull => {}
            }
            if written > 0 {
                return Ok(written);
            }
        }
        Ok(0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(bytes: &[u8], told: Option<Written>) -> anyhow::Result<String> {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("file.csv");
        std::fs::write(&path, bytes).unwrap();
        let mut text = String::new();
        BufReader::new(open(&path, told)?).read_to_string(&mut text)?;
        Ok(text)
    }

    #[test]
    fn each_encoding_of_a_spreadsheet_is_known_and_marks_are_gone() {
        let name = "姓名,张伟";
        let gb = GB18030.encode(name).0.into_owned();
        let utf_16: Vec<u8> =
            std::iter::once(0xfeff).chain(name.encode_utf16()).flat_map(u16::to_le_bytes).collect();
        let marked = [b"\xef\xbb\xbf", name.as_bytes()].concat();
        for bytes in [name.as_bytes(), &marked, &gb, &utf_16] {
            assert_eq!(read(bytes, None).unwrap(), name);
        }
        assert_eq!(read(&gb, Some(Written::Gb18030)).unwrap(), name);
        assert!(read(&gb, Some(Written::Utf8)).is_err(), "what was told holds");
        assert!(read(b"\xff\xff\xff\xff", None).is_err());
    }

    #[test]
    fn characters_over_the_border_of_two_reads_stay_whole() {
        let long = "张".repeat(CHUNK);
        assert_eq!(read(long.as_bytes(), None).unwrap(), long);
        assert_eq!(read(&GB18030.encode(&long).0, None).unwrap(), long);
    }
}
