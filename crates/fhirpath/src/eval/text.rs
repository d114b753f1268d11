//! Texts (N1, 5.6, and what release 2.1 adds).

use std::borrow::Cow;

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE};
use regex::{Regex, RegexBuilder};

use super::operator::made;
use super::{Evaluated, Evaluator, LONGEST_TEXT, Scope, maybe, one};
use crate::error::EvaluationError;
use crate::item::{Item, Items};
use crate::syntax::{Function as F, Node, Pattern};

/// Memory that a regular expression may take, bytes.
const REGEX_BYTES: usize = 1 << 20;

impl<'a> Evaluator<'_, 'a> {
    pub(super) fn text_function(
        &mut self,
        function: F,
        input: &Items<'a>,
        arguments: &'a [Node],
        pattern: Option<&'a Pattern>,
        scope: Scope<'_, 'a>,
    ) -> Evaluated<'a> {
        let what = function.name();
        let Some(text) = self.string(input, what)? else { return Ok(Items::new()) };
        if function == F::Substring {
            return self.substring(&text, arguments, scope);
        }
        let mut given: Vec<Cow<'a, str>> = Vec::with_capacity(arguments.len());
        for argument in arguments {
            let found = self.scoped(argument, scope)?;
            match self.string(&found, what)? {
                Some(argument) => given.push(argument),
                None => return Ok(Items::new()),
            }
        }
        let first = given.first().map_or("", |first| &**first);
        let second = given.get(1).map_or("", |second| &**second);
        match function {
            F::IndexOf => Ok(one(index(&text, text.find(first)))),
            F::LastIndexOf => Ok(one(index(&text, text.rfind(first)))),
            F::StartsWith => Ok(one(Item::boolean(text.starts_with(first)))),
            F::EndsWith => Ok(one(Item::boolean(text.ends_with(first)))),
            F::Contains => Ok(one(Item::boolean(text.contains(first)))),
            F::Upper => made(text.to_uppercase()),
            F::Lower => made(text.to_lowercase()),
            F::Replace => replaced(&text, first, second),
            F::Matches | F::MatchesFull | F::ReplaceMatches => {
                let flags = given.get(if function == F::ReplaceMatches { 2 } else { 1 }).map_or("", |f| &**f);
                let with = if function == F::ReplaceMatches { Some(second) } else { None };
                with_regex(pattern, first, flags, |regex| matched(function, regex, &text, with))
            }
            F::Length => Ok(one(Item::integer(i64::try_from(text.chars().count()).unwrap_or(i64::MAX)))),
            F::ToChars => self.many(text.chars().map(|c| c.to_string())),
            F::Encode => maybe_made(encode(first, &text)),
            F::Decode => maybe_made(decode(first, &text)),
            F::Escape => maybe_made(escape(first, &text)),
            F::Unescape => maybe_made(unescape(first, &text)),
            F::Trim => made(text.trim().to_owned()),
            F::Split if first.is_empty() => self.many(text.chars().map(|c| c.to_string())),
            _ => self.many(text.split(first).map(str::to_owned)),
        }
    }

    fn many(&self, texts: impl Iterator<Item = String>) -> Evaluated<'a> {
        let mut out = Items::new();
        for text in texts {
            self.push(&mut out, Item::text(text))?;
        }
        Ok(out)
    }

    fn substring(&mut self, text: &str, arguments: &'a [Node], scope: Scope<'_, 'a>) -> Evaluated<'a> {
        let mut numbers = Vec::with_capacity(2);
        for argument in arguments {
            let found = self.scoped(argument, scope)?;
            numbers.push(self.integer(&found, "substring()")?);
        }
        let start = numbers.first().copied().flatten().and_then(|start| usize::try_from(start).ok());
        let Some(start) = start.filter(|start| *start < text.chars().count()) else {
            return Ok(Items::new());
        };
        let length = match numbers.get(1) {
            // An empty length is none.
            None | Some(None) => usize::MAX,
            Some(Some(length)) => usize::try_from(*length).unwrap_or(0),
        };
        made(text.chars().skip(start).take(length).collect())
    }

    pub(super) fn join(
        &mut self,
        input: &Items<'a>,
        arguments: &'a [Node],
        scope: Scope<'_, 'a>,
    ) -> Evaluated<'a> {
        let between = match arguments {
            [between] => {
                let between = self.scoped(between, scope)?;
                self.string(&between, "join()")?.unwrap_or_default()
            }
            _ => Cow::Borrowed(""),
        };
        let mut out = String::new();
        for (at, item) in input.iter().enumerate() {
            let single = one(item.clone());
            if at > 0 {
                out.push_str(&between);
            }
            out.push_str(&self.string(&single, "join()")?.unwrap_or_default());
            if out.len() > LONGEST_TEXT {
                return Err(EvaluationError::Items);
            }
        }
        if input.is_empty() { Ok(Items::new()) } else { made(out) }
    }
}

fn maybe_made<'a>(text: Option<String>) -> Evaluated<'a> {
    text.map_or_else(|| Ok(maybe(None)), made)
}

/// A place in bytes as one in characters; -1 for none.
fn index<'a>(text: &str, at: Option<usize>) -> Item<'a> {
    Item::integer(at.map_or(-1, |at| i64::try_from(text[..at].chars().count()).unwrap_or(i64::MAX)))
}

fn replaced<'a>(text: &str, from: &str, to: &str) -> Evaluated<'a> {
    // An empty text stands between all characters, and around them.
    let places = if from.is_empty() { text.chars().count() + 1 } else { text.matches(from).count() };
    if places.saturating_mul(to.len()).saturating_add(text.len()) > LONGEST_TEXT {
        return Err(EvaluationError::Items);
    }
    made(text.replace(from, to))
}

fn with_regex<'a>(
    pattern: Option<&Pattern>,
    text: &str,
    flags: &str,
    then: impl FnOnce(&Regex) -> Evaluated<'a>,
) -> Evaluated<'a> {
    match pattern {
        Some(pattern) => match pattern.made.get_or_init(|| compile(text, flags)) {
            Ok(regex) => then(regex),
            Err(reason) => Err(EvaluationError::Regex(reason.clone())),
        },
        None => then(&compile(text, flags).map_err(EvaluationError::Regex)?),
    }
}

/// Compiles with `.` standing for line ends too, as FHIRPath has it.
fn compile(text: &str, flags: &str) -> Result<Regex, String> {
    let mut builder = RegexBuilder::new(text);
    builder.dot_matches_new_line(true).size_limit(REGEX_BYTES).dfa_size_limit(REGEX_BYTES);
    builder.case_insensitive(flags.contains('i')).multi_line(flags.contains('m'));
    builder.build().map_err(|error| error.to_string().lines().last().unwrap_or_default().to_owned())
}

fn matched<'a>(function: F, regex: &Regex, text: &str, with: Option<&str>) -> Evaluated<'a> {
    match (function, with) {
        (F::MatchesFull, _) => {
            // The leftmost match may be a shorter one of several; the whole is asked for.
            let whole = compile(&format!("^(?:{})$", regex.as_str()), "").map_err(EvaluationError::Regex)?;
            Ok(one(Item::boolean(whole.is_match(text))))
        }
        (_, Some(_)) if regex.as_str().is_empty() => made(text.to_owned()),
        (_, Some(with)) => {
            let places = regex.find_iter(text).count();
            // A group that is named in the replacement is at most as long as the text.
            let longest = places.saturating_mul(with.len().saturating_add(if with.contains('$') {
                text.len()
            } else {
                0
            }));
            if longest.saturating_add(text.len()) > LONGEST_TEXT {
                return Err(EvaluationError::Items);
            }
            made(regex.replace_all(text, with).into_owned())
        }
        _ => Ok(one(Item::boolean(regex.is_match(text)))),
    }
}

fn encode(format: &str, text: &str) -> Option<String> {
    match format {
        "hex" => Some(text.bytes().flat_map(hex).collect()),
        "base64" => Some(STANDARD.encode(text)),
        "urlbase64" => Some(URL_SAFE.encode(text)),
        _ => None,
    }
}

fn hex(b: u8) -> [char; 2] {
    [b >> 4, b & 15].map(|half| char::from_digit(u32::from(half), 16).unwrap_or('0'))
}

fn decode(format: &str, text: &str) -> Option<String> {
    let bytes = match format {
        "hex" => {
            let pair = |at: usize| text.get(at..at + 2).and_then(|pair| u8::from_str_radix(pair, 16).ok());
            if !text.len().is_multiple_of(2) {
                return None;
            }
            (0..text.len()).step_by(2).map(pair).collect::<Option<Vec<u8>>>()?
        }
        "base64" => STANDARD.decode(text).ok()?,
        "urlbase64" => URL_SAFE.decode(text).ok()?,
        _ => return None,
    };
    String::from_utf8(bytes).ok()
}

const HTML: [(&str, &str); 5] =
    [("&", "&amp;"), ("<", "&lt;"), (">", "&gt;"), ("\"", "&quot;"), ("'", "&#39;")];

fn escape(target: &str, text: &str) -> Option<String> {
    match target {
        "html" => {
            Some(HTML.iter().fold(text.to_owned(), |text, (plain, escaped)| text.replace(plain, escaped)))
        }
        "json" => {
            let quoted = serde_json::to_string(text).ok()?;
            Some(quoted[1..quoted.len() - 1].to_owned())
        }
        _ => None,
    }
}

fn unescape(target: &str, text: &str) -> Option<String> {
    match target {
        "html" => {
            let plain = HTML
                .iter()
                .rev()
                .fold(text.to_owned(), |text, (plain, escaped)| text.replace(escaped, plain));
            Some(plain)
        }
        "json" => serde_json::from_str(&format!("\"{text}\"")).ok(),
        _ => None,
    }
}
