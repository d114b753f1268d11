//! Cells of a table in bounded memory, over the state machine of `csv-core`.

use std::io::{self, Read};

use csv_core::{ReadRecordResult, Reader, ReaderBuilder};

/// The longest row, bytes. What is longer is read over and told.
pub(super) const LONGEST: usize = 256 << 10;
/// The most cells of a row.
const WIDEST: usize = 256;
/// Bytes that are read at a time.
const CHUNK: usize = 64 << 10;

/// A row of a file.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Record {
    /// The line that it begins in, from 1.
    pub line: u64,
    /// Its cells; none: there are more or longer ones than are taken.
    pub cells: Option<Vec<String>>,
}

/// Reads rows.
pub(super) struct Cells<R> {
    input: R,
    machine: Reader,
    chunk: Vec<u8>,
    at: usize,
    end: usize,
    line: u64,
    row: Vec<u8>,
    ends: Vec<usize>,
}

impl<R: Read> Cells<R> {
    /// Finds out what stands between cells: what the first line has most of, or says itself as `sep=;`.
    pub(super) fn open(mut input: R) -> io::Result<Self> {
        let mut chunk = vec![0; CHUNK];
        let mut end = 0;
        while end < CHUNK && !chunk[..end].contains(&b'\n') {
            match input.read(&mut chunk[end..])? {
                0 => break,
                read => end += read,
            }
            if CHUNK - end < 4 {
                break;
            }
        }
        let head = chunk[..end].split(|byte| *byte == b'\n').next().unwrap_or_default();
        let told = head.strip_prefix(b"sep=").and_then(|rest| rest.first()).copied();
        let at = if told.is_some() { head.len() } else { 0 };
        let between = told.unwrap_or_else(|| most(head));
        let machine = ReaderBuilder::new().delimiter(between).build();
        Ok(Self { input, machine, chunk, at, end, line: 1, row: vec![0; LONGEST], ends: vec![0; WIDEST] })
    }

    /// The next row; lines without anything are no rows.
    pub(super) fn next(&mut self) -> io::Result<Option<Record>> {
        self.skip_ends()?;
        let line = self.line;
        let (mut row, mut ends, mut fits) = (0, 0, true);
        loop {
            if self.at == self.end {
                self.fill()?;
            }
            let from = &self.chunk[self.at..self.end];
            let (result, read, written, ended) =
                self.machine.read_record(from, &mut self.row[row..], &mut self.ends[ends..]);
            self.line += count(&from[..read], b'\n') as u64;
            self.at += read;
            (row, ends) = (row + written, ends + ended);
            match result {
                ReadRecordResult::InputEmpty => {}
                ReadRecordResult::OutputFull | ReadRecordResult::OutputEndsFull => {
                    (row, ends, fits) = (0, 0, false);
                }
                ReadRecordResult::Record => {
                    let cells = fits.then(|| self.cells(ends));
                    return Ok(Some(Record { line, cells }));
                }
                ReadRecordResult::End => return Ok(None),
            }
        }
    }

    fn cells(&self, ends: usize) -> Vec<String> {
        let mut begin = 0;
        let mut cells = Vec::with_capacity(ends);
        for end in &self.ends[..ends] {
            // What was decoded is UTF-8, and is cut at characters of one byte.
            cells.push(String::from_utf8_lossy(&self.row[begin..*end]).into_owned());
            begin = *end;
        }
        cells
    }

    fn skip_ends(&mut self) -> io::Result<()> {
        loop {
            if self.at == self.end && !self.fill()? {
                return Ok(());
            }
            match self.chunk[self.at] {
                b'\n' => self.line += 1,
                b'\r' => {}
                _ => return Ok(()),
            }
            self.at += 1;
        }
    }

    fn fill(&mut self) -> io::Result<bool> {
        (self.at, self.end) = (0, self.input.read(&mut self.chunk)?);
        Ok(self.end > 0)
    }
}

/// What the first line has most of.
fn most(head: &[u8]) -> u8 {
    [b'\t', b';', b','].into_iter().max_by_key(|between| count(head, *between)).unwrap_or(b',')
}

fn count(bytes: &[u8], wanted: u8) -> usize {
    bytes.split(|byte| *byte == wanted).count() - 1
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rows(text: &str) -> Vec<(u64, Option<Vec<String>>)> {
        let mut cells = Cells::open(text.as_bytes()).unwrap();
        std::iter::from_fn(|| cells.next().unwrap()).map(|record| (record.line, record.cells)).collect()
    }

    fn row(line: u64, cells: &[&str]) -> (u64, Option<Vec<String>>) {
        (line, Some(cells.iter().map(|cell| (*cell).to_owned()).collect()))
    }

    #[test]
    fn commas_semicolons_and_tabs_are_told_apart() {
        for text in ["a,b\r\n1,\"2,\n3\"\r\n\r\n4,5", "a;b\n1;\"2,\n3\"\n\n4;5\n", "sep=\t\r\na\tb\r\n1\t2"] {
            let found = rows(text);
            let first = if text.starts_with("sep") { 2 } else { 1 };
            assert_eq!(found[0], row(first, &["a", "b"]), "{text:?}");
        }
        assert_eq!(
            rows("a,b\r\n1,\"2,\n3\"\r\n\r\n4,5")[1..],
            [row(2, &["1", "2,\n3"]), row(5, &["4", "5"])]
        );
    }

    #[test]
    fn a_field_of_ten_megabytes_is_told_and_what_follows_is_read() {
        let text = format!("a,b\n1,\"{}\"\n3,4\n", "x".repeat(10 << 20));
        assert_eq!(rows(&text), [row(1, &["a", "b"]), (2, None), row(3, &["3", "4"])]);
    }

    #[test]
    fn a_quote_that_is_not_closed_takes_no_memory() {
        let text = format!("a,b\n1,\"{}", "x,y\n".repeat(1 << 20));
        assert_eq!(rows(&text), [row(1, &["a", "b"]), (2, None)]);
        assert_eq!(rows(""), []);
    }
}
