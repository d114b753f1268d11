//! Text into tokens (FHIRPath N1, Appendix A: lexical rules).

use rust_decimal::Decimal;

use super::ParseFault;
use crate::value::{Temporal, decimal};

/// What a token is.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Token {
    /// A name or a keyword.
    Word(String),
    /// A name in backticks, which is no keyword.
    Name(String),
    /// A text in quotes.
    Text(String),
    Integer(i64),
    Decimal(Decimal),
    Temporal(Temporal),
    /// `$this` and its kind, without the mark.
    Special(String),
    /// `%name`, without the mark.
    Variable(String),
    /// An operator or a mark.
    Mark(&'static str),
    End,
}

/// Operators and marks, longer ones first.
const MARKS: [&str; 24] = [
    "<=", ">=", "!=", "!~", "(", ")", "[", "]", "{", "}", ".", ",", "+", "-", "*", "/", "&", "|", "<", ">",
    "=", "~", ";", ":",
];

/// The tokens of a text, each with the byte it begins at.
pub(super) fn tokens(text: &str) -> Result<Vec<(Token, usize)>, (ParseFault, usize)> {
    let mut lexer = Lexer { text, at: 0 };
    let mut found = Vec::new();
    loop {
        lexer.blanks().map_err(|fault| (fault, lexer.at))?;
        let start = lexer.at;
        let token = lexer.token().map_err(|fault| (fault, start))?;
        let end = token == Token::End;
        found.push((token, start));
        if end {
            return Ok(found);
        }
    }
}

struct Lexer<'t> {
    text: &'t str,
    at: usize,
}

impl<'t> Lexer<'t> {
    fn rest(&self) -> &'t str {
        &self.text[self.at..]
    }

    fn peek(&self) -> Option<char> {
        self.rest().chars().next()
    }

    /// Takes the characters that fit.
    fn take(&mut self, fits: impl Fn(char) -> bool) -> &'t str {
        let rest = self.rest();
        let taken = &rest[..rest.find(|c| !fits(c)).unwrap_or(rest.len())];
        self.at += taken.len();
        taken
    }

    fn blanks(&mut self) -> Result<(), ParseFault> {
        loop {
            self.take(char::is_whitespace);
            if self.rest().starts_with("//") {
                self.take(|c| c != '\n' && c != '\r');
            } else if self.rest().starts_with("/*") {
                let end = self.rest().find("*/").ok_or(ParseFault::Comment)?;
                self.at += end + 2;
            } else {
                return Ok(());
            }
        }
    }

    fn token(&mut self) -> Result<Token, ParseFault> {
        let Some(first) = self.peek() else { return Ok(Token::End) };
        match first {
            '\'' => self.quoted('\'').map(Token::Text),
            '`' => self.quoted('`').map(Token::Name),
            '@' => self.temporal(),
            '0'..='9' => self.number(),
            '$' => {
                self.at += 1;
                Ok(Token::Special(self.take(is_word).to_owned()))
            }
            '%' => self.variable(),
            c if c.is_ascii_alphabetic() || c == '_' => Ok(Token::Word(self.take(is_word).to_owned())),
            _ => self.mark(),
        }
    }

    fn mark(&mut self) -> Result<Token, ParseFault> {
        let found = MARKS.iter().find(|mark| self.rest().starts_with(**mark));
        let mark = found.ok_or(ParseFault::Character)?;
        self.at += mark.len();
        Ok(Token::Mark(mark))
    }

    fn variable(&mut self) -> Result<Token, ParseFault> {
        self.at += 1;
        let name = match self.peek() {
            Some(mark @ ('`' | '\'' | '"')) => self.quoted(mark)?,
            _ => self.take(is_word).to_owned(),
        };
        if name.is_empty() {
            Err(ParseFault::Expected("the name of a variable"))
        } else {
            Ok(Token::Variable(name))
        }
    }

    fn number(&mut self) -> Result<Token, ParseFault> {
        let start = self.at;
        self.take(|c| c.is_ascii_digit());
        let mut after = self.rest().chars();
        let fraction = after.next() == Some('.') && after.next().is_some_and(|c| c.is_ascii_digit());
        if fraction {
            self.at += 1;
            self.take(|c| c.is_ascii_digit());
        }
        let lexeme = &self.text[start..self.at];
        if fraction {
            decimal(lexeme).map(Token::Decimal).ok_or(ParseFault::Number)
        } else {
            lexeme.parse().map(Token::Integer).map_err(|_| ParseFault::Number)
        }
    }

    /// `@2015-02-04T14:34:28Z`, `@2015T`, `@T14:30`.
    fn temporal(&mut self) -> Result<Token, ParseFault> {
        self.at += 1;
        let start = self.at;
        self.take(|c| c.is_ascii_digit() || c == '-');
        if self.peek() == Some('T') {
            self.at += 1;
            self.take(|c| c.is_ascii_digit() || c == ':');
            let mut after = self.rest().chars();
            if after.next() == Some('.') && after.next().is_some_and(|c| c.is_ascii_digit()) {
                self.at += 1;
                self.take(|c| c.is_ascii_digit());
            }
            if self.at > start + 1 && self.text.as_bytes()[start] != b'T' {
                self.zone();
            }
        }
        Temporal::literal(&self.text[start..self.at]).map(Token::Temporal).ok_or(ParseFault::Date)
    }

    fn zone(&mut self) {
        let rest = self.rest().as_bytes();
        if rest.first() == Some(&b'Z') {
            self.at += 1;
        } else if rest.len() >= 6 && matches!(rest[0], b'+' | b'-') && rest[3] == b':' {
            // Six bytes are looked at; that they are digits is found when they are read.
            if rest[1..6].iter().all(|b| b.is_ascii_digit() || *b == b':') {
                self.at += 6;
            }
        }
    }

    fn quoted(&mut self, mark: char) -> Result<String, ParseFault> {
        self.at += 1;
        let mut out = String::new();
        loop {
            let c = self.peek().ok_or(ParseFault::Unclosed)?;
            self.at += c.len_utf8();
            match c {
                c if c == mark => return Ok(out),
                '\\' => out.push(self.escape()?),
                c => out.push(c),
            }
        }
    }

    fn escape(&mut self) -> Result<char, ParseFault> {
        let c = self.peek().ok_or(ParseFault::Unclosed)?;
        self.at += c.len_utf8();
        Ok(match c {
            'n' => '\n',
            'r' => '\r',
            't' => '\t',
            'f' => '\u{c}',
            '\\' | '/' | '\'' | '"' | '`' => c,
            'u' => {
                let digits =
                    self.rest().get(..4).filter(|digits| digits.bytes().all(|b| b.is_ascii_hexdigit()));
                let unit = digits.and_then(|digits| u32::from_str_radix(digits, 16).ok());
                self.at += 4;
                unit.and_then(char::from_u32).ok_or(ParseFault::Escape)?
            }
            _ => return Err(ParseFault::Escape),
        })
    }
}

fn is_word(c: char) -> bool {
    c.is_ascii_alphanumeric() || c == '_'
}
