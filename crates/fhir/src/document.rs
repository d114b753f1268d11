//! JSON as FHIR wants it (RFC 8259; FHIR R4, JSON representation): read strictly, bounded, nothing lost.
//!
//! Numbers keep their digits as written (`1.10` stays `1.10`). A member that stands twice, U+0000, a lone surrogate and
//! nesting without end are refused, since readers further on would each understand them in their own way.

use serde_json::{Map, Number, Value};

/// Documents nested deeper than this are refused.
pub const DEPTH: u32 = 64;
/// Numbers written longer than this are refused.
const NUMBER_LENGTH: usize = 64;

/// Bytes that are no document, and where reading stopped.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("line {line}, column {column}: {fault}")]
pub struct ParseError {
    /// Counted from 1.
    pub line: usize,
    /// In bytes, counted from 1.
    pub column: usize,
    /// What is wrong there.
    pub fault: Fault,
}

/// What is wrong with a document.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Fault {
    /// The bytes are not UTF-8.
    #[error("not UTF-8")]
    Encoding,
    /// Something else should stand here.
    #[error("expected {0}")]
    Expected(&'static str),
    /// The document ends too early.
    #[error("the document ends too early")]
    Truncated,
    /// More follows the document.
    #[error("more follows the end of the document")]
    Trailing,
    /// A member stands twice in one object.
    #[error("the member {0:?} stands twice")]
    Duplicate(String),
    /// Nested deeper than is taken.
    #[error("nested deeper than 64 levels")]
    Depth,
    /// A character that a text may not hold.
    #[error("a text may not hold this character")]
    Character,
    /// A number longer than is taken.
    #[error("a number of more than 64 characters")]
    Number,
}

/// Reads one document. Its size is bounded by whoever received the bytes.
pub fn parse(bytes: &[u8]) -> Result<Value, ParseError> {
    let text = match std::str::from_utf8(bytes) {
        Ok(text) => text,
        Err(error) => return Err(locate(bytes, error.valid_up_to(), Fault::Encoding)),
    };
    let mut reader = Reader { text, at: 0 };
    let read = reader.document();
    read.map_err(|fault| locate(bytes, reader.at, fault))
}

fn locate(bytes: &[u8], at: usize, fault: Fault) -> ParseError {
    let before = &bytes[..at.min(bytes.len())];
    let line_start = before.iter().rposition(|b| *b == b'\n').map_or(0, |newline| newline + 1);
    let line = before.split(|b| *b == b'\n').count();
    ParseError { line, column: before.len() - line_start + 1, fault }
}

struct Reader<'t> {
    text: &'t str,
    at: usize,
}

impl Reader<'_> {
    fn document(&mut self) -> Result<Value, Fault> {
        let value = self.value(0)?;
        self.blanks();
        if self.at == self.text.len() { Ok(value) } else { Err(Fault::Trailing) }
    }

    fn value(&mut self, depth: u32) -> Result<Value, Fault> {
        if depth > DEPTH {
            return Err(Fault::Depth);
        }
        self.blanks();
        match self.peek()? {
            b'{' => self.object(depth),
            b'[' => self.array(depth),
            b'"' => self.string().map(Value::String),
            b't' => self.word("true", Value::Bool(true)),
            b'f' => self.word("false", Value::Bool(false)),
            b'n' => self.word("null", Value::Null),
            b'-' | b'0'..=b'9' => self.number(),
            _ => Err(Fault::Expected("a value")),
        }
    }

    fn object(&mut self, depth: u32) -> Result<Value, Fault> {
        self.at += 1;
        let mut members = Map::new();
        self.blanks();
        if self.peek()? == b'}' {
            self.at += 1;
            return Ok(Value::Object(members));
        }
        loop {
            self.blanks();
            if self.peek()? != b'"' {
                return Err(Fault::Expected("the name of a member"));
            }
            let start = self.at;
            let name = self.string()?;
            if members.contains_key(&name) {
                self.at = start;
                return Err(Fault::Duplicate(name.chars().take(64).collect()));
            }
            self.blanks();
            self.take(b':', "a colon")?;
            let value = self.value(depth + 1)?;
            members.insert(name, value);
            if self.closes(b'}', "a comma or the end of the object")? {
                return Ok(Value::Object(members));
            }
        }
    }

    fn array(&mut self, depth: u32) -> Result<Value, Fault> {
        self.at += 1;
        let mut items = Vec::new();
        self.blanks();
        if self.peek()? == b']' {
            self.at += 1;
            return Ok(Value::Array(items));
        }
        loop {
            items.push(self.value(depth + 1)?);
            if self.closes(b']', "a comma or the end of the array")? {
                return Ok(Value::Array(items));
            }
        }
    }

    /// Reads a comma (false) or the closing mark (true).
    fn closes(&mut self, mark: u8, expected: &'static str) -> Result<bool, Fault> {
        self.blanks();
        let found = self.peek()?;
        if found != mark && found != b',' {
            return Err(Fault::Expected(expected));
        }
        self.at += 1;
        Ok(found == mark)
    }

    fn string(&mut self) -> Result<String, Fault> {
        self.at += 1;
        let mut out = String::new();
        loop {
            let rest = self.text.get(self.at..).unwrap_or_default();
            let plain =
                rest.bytes().position(|b| b == b'"' || b == b'\\' || b < 0x20).ok_or(Fault::Truncated);
            let plain = plain.inspect_err(|_| self.at = self.text.len())?;
            out.push_str(&rest[..plain]);
            self.at += plain;
            match self.peek()? {
                b'"' => {
                    self.at += 1;
                    return Ok(out);
                }
                b'\\' => out.push(self.escape()?),
                _ => return Err(Fault::Character),
            }
        }
    }

    fn escape(&mut self) -> Result<char, Fault> {
        let start = self.at;
        self.at += 1;
        let mark = self.peek()?;
        self.at += 1;
        Ok(match mark {
            b'"' => '"',
            b'\\' => '\\',
            b'/' => '/',
            b'b' => '\u{8}',
            b'f' => '\u{c}',
            b'n' => '\n',
            b'r' => '\r',
            b't' => '\t',
            b'u' => {
                let unit = self.unit()?;
                let low = if (0xd800..0xdc00).contains(&unit) && self.text[self.at..].starts_with("\\u") {
                    self.at += 2;
                    Some(self.unit()?)
                } else {
                    None
                };
                let c = char::decode_utf16([unit].into_iter().chain(low)).next().and_then(Result::ok);
                match c {
                    // U+0000 ends texts early in many a reader.
                    Some(c) if c != '\0' => c,
                    _ => {
                        self.at = start;
                        return Err(Fault::Character);
                    }
                }
            }
            _ => {
                self.at = start;
                return Err(Fault::Expected("an escape"));
            }
        })
    }

    fn unit(&mut self) -> Result<u16, Fault> {
        let digits = self
            .text
            .get(self.at..self.at + 4)
            .filter(|digits| digits.bytes().all(|b| b.is_ascii_hexdigit()));
        let unit = digits.and_then(|digits| u16::from_str_radix(digits, 16).ok());
        self.at += 4;
        unit.ok_or(Fault::Expected("four hexadecimal digits"))
    }

    fn number(&mut self) -> Result<Value, Fault> {
        let rest = &self.text[self.at..];
        let end = rest.bytes().position(|b| !matches!(b, b'0'..=b'9' | b'-' | b'+' | b'.' | b'e' | b'E'));
        let lexeme = &rest[..end.unwrap_or(rest.len())];
        if lexeme.len() > NUMBER_LENGTH {
            return Err(Fault::Number);
        }
        let number: Number = lexeme.parse().map_err(|_| Fault::Expected("a number"))?;
        self.at += lexeme.len();
        Ok(Value::Number(number))
    }

    fn word(&mut self, word: &'static str, value: Value) -> Result<Value, Fault> {
        if !self.text[self.at..].starts_with(word) {
            return Err(Fault::Expected("a value"));
        }
        self.at += word.len();
        Ok(value)
    }

    fn take(&mut self, mark: u8, expected: &'static str) -> Result<(), Fault> {
        if self.peek()? != mark {
            return Err(Fault::Expected(expected));
        }
        self.at += 1;
        Ok(())
    }

    fn peek(&self) -> Result<u8, Fault> {
        self.text.as_bytes().get(self.at).copied().ok_or(Fault::Truncated)
    }

    fn blanks(&mut self) {
        let rest = &self.text.as_bytes()[self.at.min(self.text.len())..];
        self.at += rest.iter().take_while(|b| matches!(b, b' ' | b'\n' | b'\r' | b'\t')).count();
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn fault(text: &str) -> String {
        parse(text.as_bytes()).unwrap_err().to_string()
    }

    #[test]
    fn what_was_written_comes_back() {
        let text = r#"{"b":1.10,"a":[-0,1e+5,12345678901234567890.5],"t":"é😀\n\"\\/","n":null,"e":{}}"#;
        assert_eq!(parse(text.as_bytes()).unwrap().to_string(), text);
        assert_eq!(parse(br#" "\ud83d\ude00\u00e9\/" "#).unwrap(), "😀é/");
    }

    #[test]
    fn faults_say_what_and_where() {
        assert_eq!(fault("{\n \"a\": 1,\n \"a\": 2}"), "line 3, column 2: the member \"a\" stands twice");
        assert_eq!(fault(r#"{"a":"b\u0000"}"#), "line 1, column 8: a text may not hold this character");
        assert_eq!(fault(r#""\ud800x""#), "line 1, column 2: a text may not hold this character");
        assert_eq!(fault("\"a\u{1}\""), "line 1, column 3: a text may not hold this character");
        assert_eq!(fault("{\"a\":01}"), "line 1, column 6: expected a number");
        assert_eq!(fault("[1,]"), "line 1, column 4: expected a value");
        assert_eq!(fault("{,}"), "line 1, column 2: expected the name of a member");
        assert_eq!(fault("{} {}"), "line 1, column 4: more follows the end of the document");
        assert_eq!(fault("{\"a\": \"b"), "line 1, column 9: the document ends too early");
        assert_eq!(fault(&"[".repeat(100)), "line 1, column 66: nested deeper than 64 levels");
        assert_eq!(fault(&"1".repeat(100)), "line 1, column 1: a number of more than 64 characters");
        assert_eq!(fault("\u{feff}{}"), "line 1, column 1: expected a value");
        assert_eq!(parse(b"{\"a\":\"\xff\"}").unwrap_err().fault, Fault::Encoding);
        for bad in [
            "",
            "nul",
            "+1",
            "1.",
            ".5",
            "1e",
            "'a'",
            "NaN",
            "{\"a\" 1}",
            "[1 2]",
            "\"\\x\"",
            "\"\\u12",
            "\u{a0}1",
        ] {
            assert!(parse(bad.as_bytes()).is_err(), "{bad}");
        }
    }

    proptest! {
        #[test]
        fn bytes_of_any_kind_are_answered(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
            let _ = parse(&bytes);
        }

        #[test]
        fn agrees_with_another_reader(text in r#"[\[\]{}",:0-9eE.+\-a-u\\ ]{0,24}"#) {
            if let Ok(ours) = parse(text.as_bytes()) {
                let theirs: Value = serde_json::from_str(&text).unwrap();
                prop_assert_eq!(ours.to_string(), theirs.to_string());
            }
        }
    }
}
