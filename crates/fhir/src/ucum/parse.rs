//! The grammar of units (UCUM, 2 to 12).
//!
//! ```text
//! unit      = "/" term | term
//! term      = component { ("." | "/") component }
//! component = ("(" term ")" | digits | simple [exponent]) [annotation] | annotation
//! exponent  = ["+" | "-"] digits
//! ```

use super::LONGEST;
use super::atoms::{Atoms, simple};
use super::factor::Factor;
use super::unit::Unit;

/// Parentheses nested deeper than this are refused.
const DEPTH: u32 = 16;
/// Digits of an exponent and of a number.
const EXPONENT_DIGITS: usize = 3;
const NUMBER_DIGITS: usize = 12;

/// Why a text is no unit of UCUM.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum UnitError {
    /// It is empty or too long.
    #[error("a unit is 1 to 256 characters long")]
    Length,
    /// Nothing is known by this code.
    #[error("{0:?} is no unit of UCUM")]
    Unknown(String),
    /// Something else should stand there.
    #[error("expected {expected} at character {at} of the unit")]
    Expected {
        /// What should stand there.
        expected: &'static str,
        /// Counted from 1.
        at: usize,
    },
    /// A number, an exponent or a nesting that is out of range.
    #[error("a number, an exponent or the nesting of the unit is out of range")]
    Range,
}

/// Reads a unit with these atoms.
pub(super) fn parse(text: &str, atoms: &Atoms) -> Result<Unit, UnitError> {
    if text.is_empty() || text.len() > LONGEST {
        return Err(UnitError::Length);
    }
    let mut reader = Reader { text, at: 0, atoms };
    let unit = reader.term(0)?;
    if reader.at == text.len() { Ok(unit) } else { Err(reader.expected("the end of the unit")) }
}

struct Reader<'t> {
    text: &'t str,
    at: usize,
    atoms: &'t Atoms,
}

impl Reader<'_> {
    fn term(&mut self, depth: u32) -> Result<Unit, UnitError> {
        if depth > DEPTH {
            return Err(UnitError::Range);
        }
        let mut unit = Unit::number(Factor::ONE);
        // Only a whole unit begins with a stroke; others take it inside parentheses too, as `L/(/min)`.
        let mut divided = self.takes(b'/');
        loop {
            let component = self.component(depth)?;
            let component = if divided { component.power(-1) } else { Some(component) };
            unit = component.and_then(|component| unit.times(component)).ok_or(UnitError::Range)?;
            divided = match self.peek() {
                Some(b'.') => false,
                Some(b'/') => true,
                _ => return Ok(unit),
            };
            self.at += 1;
        }
    }

    fn component(&mut self, depth: u32) -> Result<Unit, UnitError> {
        let rest = &self.text[self.at..];
        let unit = match self.peek() {
            Some(b'(') => {
                self.at += 1;
                let unit = self.term(depth + 1)?;
                if !self.takes(b')') {
                    return Err(self.expected("a closing parenthesis"));
                }
                unit
            }
            Some(b'{') => Unit::number(Factor::ONE),
            Some(b'0'..=b'9') if !rest.starts_with("10*") && !rest.starts_with("10^") => self.number()?,
            _ => self.simple()?,
        };
        self.annotation()?;
        Ok(unit)
    }

    fn number(&mut self) -> Result<Unit, UnitError> {
        let digits = self.digits();
        if digits.len() > NUMBER_DIGITS {
            return Err(UnitError::Range);
        }
        Factor::read(digits).map(Unit::number).ok_or(UnitError::Range)
    }

    fn simple(&mut self) -> Result<Unit, UnitError> {
        let length = code_length(&self.text[self.at..]);
        let code = &self.text[self.at..self.at + length];
        if code.is_empty() {
            return Err(self.expected("a unit"));
        }
        let unit = simple(self.atoms, code).ok_or_else(|| UnitError::Unknown(code.to_owned()))?;
        self.at += length;
        let sign = self.peek().filter(|byte| matches!(byte, b'+' | b'-'));
        if sign.is_some() {
            self.at += 1;
        }
        let digits = self.digits();
        if digits.is_empty() {
            return if sign.is_none() { Ok(unit) } else { Err(self.expected("an exponent")) };
        }
        if digits.len() > EXPONENT_DIGITS {
            return Err(UnitError::Range);
        }
        let power: i32 = digits.parse().map_err(|_| UnitError::Range)?;
        unit.power(if sign == Some(b'-') { -power } else { power }).ok_or(UnitError::Range)
    }

    /// What is measured, in braces: it says nothing of the unit. UCUM wants no blanks there and nothing behind parentheses;
    /// units that HL7 publishes have both.
    fn annotation(&mut self) -> Result<(), UnitError> {
        if !self.takes(b'{') {
            return Ok(());
        }
        while let Some(b' '..=b'z' | b'|' | b'~') = self.peek() {
            self.at += 1;
        }
        if self.takes(b'}') { Ok(()) } else { Err(self.expected("a closing brace")) }
    }

    fn digits(&mut self) -> &str {
        let rest = &self.text[self.at..];
        let length = rest.bytes().take_while(u8::is_ascii_digit).count();
        self.at += length;
        &rest[..length]
    }

    fn takes(&mut self, mark: u8) -> bool {
        let there = self.peek() == Some(mark);
        self.at += usize::from(there);
        there
    }

    fn peek(&self) -> Option<u8> {
        self.text.as_bytes().get(self.at).copied()
    }

    fn expected(&self, expected: &'static str) -> UnitError {
        UnitError::Expected { expected, at: self.at + 1 }
    }
}

/// How long the code is that a text begins with. In brackets stands anything; outside, a code has no digits but the two
/// that stand for ten.
fn code_length(text: &str) -> usize {
    if text.starts_with("10*") || text.starts_with("10^") {
        return 3;
    }
    let mut inside = false;
    for (at, byte) in text.bytes().enumerate() {
        match byte {
            b'[' => inside = true,
            b']' => inside = false,
            b'!'..=b'~' if inside => {}
            b'0'..=b'9' | b'+' | b'-' | b'.' | b'/' | b'(' | b')' | b'{' | b'}' => return at,
            b'!'..=b'~' => {}
            _ => return at,
        }
    }
    text.len()
}
