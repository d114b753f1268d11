//! Entries of a Bundle, and lines of NDJSON, one at a time.

use std::cell::Cell;
use std::fs::File;
use std::io::{self, BufRead, BufReader, Read};
use std::path::Path;
use std::rc::Rc;

use anyhow::{Context, anyhow, bail};
use encoding_rs::UTF_8;
use serde::Deserialize;
use serde::de::{DeserializeSeed, Deserializer, Error as _, IgnoredAny, MapAccess, SeqAccess, Visitor};
use serde_json::value::RawValue;

use super::text::Text;

/// The largest entry, bytes.
pub(super) const LONGEST: u64 = 4 << 20;

/// An entry of a Bundle.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Item {
    /// What others in the file call it.
    #[serde(default)]
    pub full_url: String,
    /// The resource.
    pub resource: Option<Box<RawValue>>,
    /// What the sender would have done with it.
    pub request: Option<Asked>,
}

/// `Bundle.entry.request`.
#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub(super) struct Asked {
    /// `POST` or `PUT`.
    pub method: String,
    /// Where to.
    pub url: String,
    /// The version that must stand.
    pub if_match: Option<String>,
    /// Only when nothing matches.
    pub if_none_exist: Option<String>,
}

/// What is read of a file.
#[derive(Debug)]
pub(super) enum Found {
    /// An entry.
    Item(Box<Item>),
    /// Something that is none, with why.
    Wrong(String),
}

/// Whether a file has a resource a line, by its name.
pub(super) fn is_lines(path: &Path) -> bool {
    path.extension()
        .is_some_and(|end| end.eq_ignore_ascii_case("ndjson") || end.eq_ignore_ascii_case("jsonl"))
}

/// Reads lines; each has its number from 1. `take` says whether to go on.
pub(super) fn lines(path: &Path, mut take: impl FnMut(u64, Found) -> bool) -> anyhow::Result<()> {
    let mut file = open(path)?;
    let mut line = Vec::new();
    for number in 1.. {
        line.clear();
        if file.by_ref().take(LONGEST + 1).read_until(b'\n', &mut line)? == 0 {
            return Ok(());
        }
        let long = line.len() as u64 > LONGEST;
        if long {
            file.skip_until(b'\n')?;
        }
        if line.trim_ascii().is_empty() {
            continue;
        }
        let found = if long { Found::Wrong(too_long()) } else { resource(&line) };
        if !take(number, found) {
            return Ok(());
        }
    }
    Ok(())
}

fn resource(line: &[u8]) -> Found {
    match serde_json::from_slice(line) {
        Ok(resource) => {
            Found::Item(Box::new(Item { full_url: String::new(), resource: Some(resource), request: None }))
        }
        Err(error) => Found::Wrong(format!("not a JSON document: {error}")),
    }
}

/// Reads the entries of a Bundle; each has its number from 1. `take` says whether to go on. Gives the Bundle's type.
pub(super) fn entries(path: &Path, take: impl FnMut(u64, Found) -> bool) -> anyhow::Result<String> {
    let left = Rc::new(Cell::new(LONGEST));
    let bounded = Bounded { inner: open(path)?, left: Rc::clone(&left) };
    let mut json = serde_json::Deserializer::from_reader(bounded);
    let mut reading = Reading { take, left, number: 0, stopped: false };
    let read = json.deserialize_map(&mut reading);
    let (number, stopped) = (reading.number, reading.stopped);
    match read {
        Ok(kind) => Ok(kind),
        Err(_) if stopped => bail!("stopped"),
        Err(error) => Err(anyhow!(error)).with_context(|| {
            format!("{} is no Bundle that can be read, after its entry {number}", path.display())
        }),
    }
}

fn open(path: &Path) -> anyhow::Result<BufReader<Text<File>>> {
    let file = File::open(path).with_context(|| format!("read {}", path.display()))?;
    Ok(BufReader::with_capacity(64 << 10, Text::new(file, UTF_8)))
}

fn too_long() -> String {
    format!("the entry is larger than {LONGEST} bytes")
}

/// Ends when more is read than one entry may have.
struct Bounded<R> {
    inner: R,
    left: Rc<Cell<u64>>,
}

impl<R: Read> Read for Bounded<R> {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        let read = self.inner.read(into)?;
        match self.left.get().checked_sub(read as u64) {
            Some(left) => self.left.set(left),
            None => return Err(io::Error::new(io::ErrorKind::InvalidData, too_long())),
        }
        Ok(read)
    }
}

struct Reading<F> {
    take: F,
    left: Rc<Cell<u64>>,
    number: u64,
    stopped: bool,
}

impl<'de, F: FnMut(u64, Found) -> bool> Visitor<'de> for &mut Reading<F> {
    type Value = String;

    fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("a Bundle")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut members: A) -> Result<String, A::Error> {
        let (mut kind, mut is_bundle) = (String::new(), false);
        while let Some(name) = members.next_key::<String>()? {
            match name.as_str() {
                "resourceType" => is_bundle = members.next_value::<String>()? == "Bundle",
                "type" => kind = members.next_value()?,
                "entry" => members.next_value_seed(Entries(self))?,
                _ => drop(members.next_value::<IgnoredAny>()?),
            }
            self.left.set(LONGEST);
        }
        if is_bundle { Ok(kind) } else { Err(A::Error::custom("it is another resource")) }
    }
}

struct Entries<'r, F>(&'r mut Reading<F>);

impl<'de, F: FnMut(u64, Found) -> bool> DeserializeSeed<'de> for Entries<'_, F> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_seq(self)
    }
}

impl<'de, F: FnMut(u64, Found) -> bool> Visitor<'de> for Entries<'_, F> {
    type Value = ();

    fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("the entries of a Bundle")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<(), A::Error> {
        while let Some(raw) = items.next_element::<Box<RawValue>>()? {
            self.0.left.set(LONGEST);
            self.0.number += 1;
            let found = match serde_json::from_str(raw.get()) {
                Ok(item) => Found::Item(Box::new(item)),
                Err(error) => Found::Wrong(format!("not an entry: {error}")),
            };
            if !(self.0.take)(self.0.number, found) {
                self.0.stopped = true;
                return Err(A::Error::custom("stopped"));
            }
        }
        Ok(())
    }
}
