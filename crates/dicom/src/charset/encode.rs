//! Text to bytes of a requested Specific Character Set.

use super::Repertoire;

/// The bytes of a text in the character set that these terms say, switching by escape sequences where there are several;
/// none when it does not have all characters, or when a term is not one. Values, and parts of names, begin and end in the
/// first of them, as PS3.5 section 6.1.2.5.3 asks.
pub fn encode(text: &str, terms: &[&str]) -> Option<Vec<u8>> {
    let sets: Vec<Repertoire> =
        terms.iter().map(|term| Repertoire::from_term(term)).collect::<Option<_>>()?;
    let first = sets.first().copied().unwrap_or(Repertoire::Ascii);
    if first.stands_alone() || sets.len() < 2 && !first.needs_escapes() {
        return first.encode(text);
    }
    let sets: Vec<Repertoire> = sets.into_iter().filter(|set| !set.stands_alone()).collect();
    let start = if first.needs_escapes() { Repertoire::Ascii } else { first };
    let mut writer = Writer { start, low: None, high: start, bytes: Vec::with_capacity(text.len() * 2) };
    for c in text.chars() {
        writer.push(c, &sets)?;
    }
    writer.back_to_start();
    Some(writer.bytes)
}

struct Writer {
    start: Repertoire,
    /// The set with two bytes for a character that stands in the lower half, instead of ASCII.
    low: Option<Repertoire>,
    high: Repertoire,
    bytes: Vec<u8>,
}

impl Writer {
    fn push(&mut self, c: char, sets: &[Repertoire]) -> Option<()> {
        let mut room = [0; 4];
        let text = c.encode_utf8(&mut room);
        if c.is_ascii() {
            self.ascii();
            self.bytes.push(u8::try_from(c).ok()?);
            if matches!(c, '\\' | '\n' | '\r' | '\t' | '\x0C' | '^' | '=') {
                self.back_to_start();
            }
            return Some(());
        }
        let current = self.low.unwrap_or(self.high);
        let (set, written) = std::iter::once(current)
            .filter(|current| sets.contains(current))
            .chain(sets.iter().copied())
            .find_map(|set| Some((set, set.encode(text)?)))?;
        self.switch(set);
        let clear = if self.low.is_some() { 0x7F } else { 0xFF };
        self.bytes.extend(written.iter().map(|byte| byte & clear));
        Some(())
    }

    fn switch(&mut self, set: Repertoire) {
        if matches!(set, Repertoire::JisX0208 | Repertoire::JisX0212) {
            if self.low != Some(set) {
                self.bytes.extend_from_slice(escape(set));
                self.low = Some(set);
            }
            return;
        }
        self.ascii();
        if self.high != set {
            self.bytes.extend_from_slice(escape(set));
            self.high = set;
        }
    }

    fn ascii(&mut self) {
        if self.low.take().is_some() {
            let back: &[u8] = if self.start == Repertoire::JisX0201 { b"\x1B(J" } else { b"\x1B(B" };
            self.bytes.extend_from_slice(back);
        }
    }

    fn back_to_start(&mut self) {
        self.ascii();
        self.high = self.start;
    }
}

fn escape(set: Repertoire) -> &'static [u8] {
    match set {
        Repertoire::JisX0201 => b"\x1B)I",
        Repertoire::JisX0208 => b"\x1B$B",
        Repertoire::JisX0212 => b"\x1B$(D",
        Repertoire::KsX1001 => b"\x1B$)C",
        Repertoire::Gb2312 => b"\x1B$)A",
        Repertoire::Latin1 => b"\x1B-A",
        Repertoire::Latin2 => b"\x1B-B",
        Repertoire::Latin3 => b"\x1B-C",
        Repertoire::Latin4 => b"\x1B-D",
        Repertoire::Latin5 => b"\x1B-M",
        Repertoire::Latin9 => b"\x1B-b",
        Repertoire::Cyrillic => b"\x1B-L",
        Repertoire::Arabic => b"\x1B-G",
        Repertoire::Greek => b"\x1B-F",
        Repertoire::Hebrew => b"\x1B-H",
        Repertoire::Thai => b"\x1B-T",
        // These are not among what is switched between.
        Repertoire::Ascii | Repertoire::Utf8 | Repertoire::Gb18030 | Repertoire::Gbk => b"",
    }
}
