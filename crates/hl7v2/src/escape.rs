//! Escape sequences (HL7 v2.5.1, section 2.7).

use std::borrow::Cow;

use crate::charset::Charset;
use crate::delimiters::Delimiters;
use crate::message::Syntax;

/// More lines than this one `.sp` does not skip.
const LINES: usize = 100;

/// The text of what is written. Line breaks of formatted text become line feeds, marks of highlighting go, and sequences
/// that are not known stay as they are.
pub(crate) fn text<'a>(bytes: &'a [u8], syntax: &Syntax) -> Cow<'a, str> {
    let (charset, delimiters) = (syntax.charset, &syntax.delimiters);
    let Some(escape) = delimiters.escape else { return charset.decode(bytes) };
    let Some(mut next) = charset.find(bytes, escape) else { return charset.decode(bytes) };
    let mut plain = Vec::with_capacity(bytes.len());
    let mut rest = bytes;
    loop {
        let (before, behind) = (&rest[..next], &rest[next + 1..]);
        plain.extend_from_slice(before);
        match charset.find(behind, escape) {
            Some(end) if sequence(&behind[..end], delimiters, escape, &mut plain) => {
                rest = &behind[end + 1..];
            }
            // What is no sequence is text, and its end may be another's beginning.
            _ => {
                plain.push(escape);
                rest = behind;
            }
        }
        let Some(at) = charset.find(rest, escape) else { break };
        next = at;
    }
    plain.extend_from_slice(rest);
    Cow::Owned(charset.decode(&plain).into_owned())
}

/// Writes what a sequence stands for; answers whether it is one.
fn sequence(name: &[u8], delimiters: &Delimiters, escape: u8, into: &mut Vec<u8>) -> bool {
    let delimiter = match name {
        b"F" => Some(delimiters.field),
        b"S" => Some(delimiters.component),
        b"R" => Some(delimiters.repetition),
        b"T" => delimiters.subcomponent,
        b"P" => delimiters.truncation,
        b"E" => Some(escape),
        _ => None,
    };
    match name {
        _ if delimiter.is_some() => into.extend(delimiter),
        b"H" | b"N" | b".fi" | b".nf" => {}
        b".br" | b".ce" => into.push(b'\n'),
        [b'X', digits @ ..] => return bytes(digits, into),
        [b'.', b's', b'p', count @ ..] => return lines(count, into),
        [b'.', b'i' | b't', b'n' | b'i', ..] => {}
        [b'.', b's', b'k', ..] => into.push(b' '),
        _ => return false,
    }
    true
}

/// `\X0D0A\`: bytes of the message's character set.
fn bytes(digits: &[u8], into: &mut Vec<u8>) -> bool {
    if digits.is_empty() || !digits.len().is_multiple_of(2) || !digits.iter().all(u8::is_ascii_hexdigit) {
        return false;
    }
    let digit =
        |byte: u8| char::from(byte).to_digit(16).and_then(|digit| u8::try_from(digit).ok()).unwrap_or(0);
    into.extend(digits.chunks_exact(2).map(|pair| digit(pair[0]) << 4 | digit(pair[1])));
    true
}

/// `\.sp3\`: lines to skip, one unless it says how many.
fn lines(count: &[u8], into: &mut Vec<u8>) -> bool {
    let count = std::str::from_utf8(count).unwrap_or("x").trim().trim_start_matches('+');
    let count = if count.is_empty() { Some(1) } else { count.parse().ok() };
    into.extend(std::iter::repeat_n(b'\n', count.map_or(0, |count: usize| count.min(LINES))));
    count.is_some()
}

/// A text as it is written: delimiters escaped, line ends as `.br`; `None` when the character set lacks a character, or a
/// delimiter is in it and the message has no escape for it.
pub(crate) fn written(text: &str, syntax: &Syntax) -> Option<Vec<u8>> {
    let Syntax { delimiters, charset } = syntax;
    if text.is_ascii() && !text.bytes().any(|byte| name_of(byte, delimiters).is_some()) {
        return Some(text.as_bytes().to_vec());
    }
    let mut plain = String::with_capacity(text.len() + 8);
    let mut characters = text.chars().peekable();
    while let Some(character) = characters.next() {
        let name =
            u8::try_from(character).ok().filter(u8::is_ascii).and_then(|byte| name_of(byte, delimiters));
        let Some(name) = name else {
            plain.push(character);
            continue;
        };
        if character == '\r' && characters.peek() == Some(&'\n') {
            continue;
        }
        let escape = char::from(delimiters.escape?);
        plain.extend([escape]);
        plain.push_str(name);
        plain.push(escape);
    }
    encoded(&plain, *charset)
}

fn encoded(text: &str, charset: Charset) -> Option<Vec<u8>> {
    charset.encode(text).map(Cow::into_owned)
}

/// What stands between escapes for a byte that cannot stand for itself.
fn name_of(byte: u8, delimiters: &Delimiters) -> Option<&'static str> {
    Some(match byte {
        b'\r' | b'\n' => ".br",
        _ if byte == delimiters.field => "F",
        _ if byte == delimiters.component => "S",
        _ if byte == delimiters.repetition => "R",
        _ if Some(byte) == delimiters.subcomponent => "T",
        _ if Some(byte) == delimiters.escape => "E",
        _ if Some(byte) == delimiters.truncation => "P",
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    const UTF_8: Charset = Charset::UTF_8;

    fn syntax(charset: Charset) -> Syntax {
        Syntax { delimiters: Delimiters::default(), charset }
    }

    #[test]
    fn sequences_become_what_they_stand_for() {
        for (written, text_of_it) in [
            ("a\\F\\b\\S\\c\\T\\d\\R\\e\\E\\f", "a|b^c&d~e\\f"),
            ("one\\.br\\two\\.sp2\\three", "one\ntwo\n\nthree"),
            ("\\H\\bold\\N\\", "bold"),
            ("\\.in+2\\in\\.ti-1\\\\.sk4\\x", "in x"),
            ("\\X0D0A\\", "\r\n"),
            ("\\XE68981\\", "扁"),
            // Not sequences.
            ("C:\\temp\\x", "C:\\temp\\x"),
            ("50\\ off", "50\\ off"),
            ("\\Xzz\\\\F\\", "\\Xzz\\|"),
            ("\\Zdef\\", "\\Zdef\\"),
            ("\\P\\", "\\P\\"),
        ] {
            assert_eq!(text(written.as_bytes(), &syntax(UTF_8)), text_of_it, "{written}");
        }
        assert_eq!(text(b"\\.sp999999999\\", &syntax(UTF_8)).len(), LINES);
    }

    #[test]
    fn what_is_written_reads_the_same() {
        for value in ["", "plain", "a|b^c~d\\e&f", "扁鹊 & Söhne", "one\ntwo", "\\F\\"] {
            for charset in [UTF_8, Charset::GB_18030] {
                let syntax = syntax(charset);
                let Some(bytes) = written(value, &syntax) else { panic!("{value}") };
                assert_eq!(text(&bytes, &syntax), value);
                for byte in [b'|', b'^', b'~', b'&', b'\r'] {
                    assert_eq!(charset.find(&bytes, byte), None, "{value}");
                }
            }
        }
        assert_eq!(text(&written("a\r\nb", &syntax(UTF_8)).unwrap(), &syntax(UTF_8)), "a\nb");
        assert_eq!(written("扁", &syntax(Charset::named("8859/1").unwrap())), None);
        let delimiters = Delimiters { escape: None, subcomponent: None, ..Delimiters::default() };
        assert_eq!(written("a|b", &Syntax { delimiters, charset: UTF_8 }), None);
    }
}
