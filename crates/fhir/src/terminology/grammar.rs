//! Code systems whose codes are told by a grammar or a short list that everybody knows.

use crate::ucum;

/// `alpha-2 alpha-3 number`, a line each (ISO 3166-1).
const COUNTRIES: &str = include_str!("countries.txt");
/// `code number name`, a line each (ISO 4217), with those that went since R4 was published and stand in records.
const CURRENCIES: &str = include_str!("currencies.txt");
/// The languages of two letters (ISO 639-1).
const LANGUAGES: &str = "aa ab ae af ak am an ar as av ay az ba be bg bi bm bn bo br bs ca ce ch co cr cs cu cv cy \
    da de dv dz ee el en eo es et eu fa ff fi fj fo fr fy ga gd gl gn gu gv ha he hi ho hr ht hu hy hz ia id ie ig ii \
    ik io is it iu ja jv ka kg ki kj kk kl km kn ko kr ks ku kv kw ky la lb lg li ln lo lt lu lv mg mh mi mk ml mn mr \
    ms mt my na nb nd ne ng nl nn no nr nv ny oc oj om or os pa pi pl ps pt qu rm rn ro ru rw sa sc sd se sg sh si sk \
    sl sm sn so sq sr ss st su sv sw ta te tg th ti tk tl tn to tr ts tt tw ty ug uk ur uz ve vi vo wa wo xh yi yo za \
    zh zu";

/// A code system that is known without a resource.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Grammar {
    /// UCUM.
    Units,
    /// BCP 47.
    Languages,
    /// BCP 13.
    MediaTypes,
    /// RFC 3986.
    Uris,
    /// ISO 4217.
    Currencies,
    /// ISO 3166-1: two letters, three letters, three digits.
    Countries,
}

impl Grammar {
    /// The grammar of a code system.
    pub(super) fn of(system: &str) -> Option<Self> {
        Some(match system {
            "http://unitsofmeasure.org" => Self::Units,
            "urn:ietf:bcp:47" => Self::Languages,
            "urn:ietf:bcp:13" => Self::MediaTypes,
            "urn:ietf:rfc:3986" => Self::Uris,
            "urn:iso:std:iso:4217" => Self::Currencies,
            "urn:iso:std:iso:3166" => Self::Countries,
            _ => return None,
        })
    }

    /// Its name, for a person.
    pub(super) const fn name(self) -> &'static str {
        match self {
            Self::Units => "UCUM",
            Self::Languages => "BCP 47",
            Self::MediaTypes => "BCP 13",
            Self::Uris => "RFC 3986",
            Self::Currencies => "ISO 4217",
            Self::Countries => "ISO 3166-1",
        }
    }

    /// Whether a text is a code of it.
    pub(super) fn has(self, code: &str) -> bool {
        match self {
            Self::Units => ucum::check(code).is_ok(),
            Self::Languages => is_language(code),
            Self::MediaTypes => is_media_type(code),
            Self::Uris => !code.is_empty() && !code.chars().any(|c| c.is_whitespace() || c.is_control()),
            Self::Currencies | Self::Countries => self.listed().any(|(listed, _)| listed == code),
        }
    }

    /// What a code of it is called, where that is known.
    pub(super) fn display(self, code: &str) -> Option<&'static str> {
        self.listed().find(|(listed, _)| *listed == code).map(|(_, display)| display)
    }

    /// Whether [`Grammar::listed`] has all its codes.
    pub(super) const fn can_be_listed(self) -> bool {
        matches!(self, Self::Currencies | Self::Countries)
    }

    /// Its codes with their displays, an empty one where there is none.
    pub(super) fn listed(self) -> Box<dyn Iterator<Item = (&'static str, &'static str)>> {
        match self {
            Self::Currencies => Box::new(CURRENCIES.lines().filter_map(|line| {
                let mut fields = line.splitn(3, ' ');
                Some((fields.next()?, fields.nth(1)?))
            })),
            Self::Countries => Box::new(COUNTRIES.split_whitespace().map(|code| (code, ""))),
            _ => Box::new(std::iter::empty()),
        }
    }
}

/// RFC 5646, 2.1: a language, and what narrows it. Of languages with two letters all are known.
fn is_language(code: &str) -> bool {
    let mut parts = code.split('-');
    let Some(language) = parts.next() else { return false };
    let parts: Vec<&str> = parts.collect();
    if parts.iter().any(|part| !is_subtag(part)) {
        return false;
    }
    match language.len() {
        1 => matches!(language, "x" | "X" | "i" | "I") && !parts.is_empty(),
        2 => LANGUAGES.split(' ').any(|known| known.eq_ignore_ascii_case(language)) && narrows(&parts),
        3..=8 => language.bytes().all(|b| b.is_ascii_alphabetic()) && narrows(&parts),
        _ => false,
    }
}

/// Extended languages, a script, a region, variants, then extensions behind single letters; in this order.
fn narrows(parts: &[&str]) -> bool {
    let mut last = 0;
    for part in parts {
        let digits = part.bytes().all(|b| b.is_ascii_digit());
        let letters = part.bytes().all(|b| b.is_ascii_alphabetic());
        let kind = match part.len() {
            1 => return part != parts.last().unwrap_or(part),
            3 if letters => 1,
            4 if letters => 2,
            2 if letters => 3,
            3 if digits => 3,
            5..=8 => 4,
            4 if part.starts_with(|c: char| c.is_ascii_digit()) => 4,
            _ => return false,
        };
        if kind < last || (kind == last && matches!(kind, 2 | 3)) {
            return false;
        }
        last = kind;
    }
    true
}

fn is_subtag(part: &str) -> bool {
    (1..=8).contains(&part.len()) && part.bytes().all(|b| b.is_ascii_alphanumeric())
}

/// RFC 2045, 5.1, and the short names that FHIR gives its own formats.
fn is_media_type(code: &str) -> bool {
    if matches!(code, "json" | "xml" | "ttl") {
        return true;
    }
    let mut parts = code.split(';');
    let whole = parts.next().and_then(|whole| whole.split_once('/'));
    whole.is_some_and(|(kind, subtype)| is_token(kind) && is_token(subtype)) && parts.all(is_parameter)
}

/// A name and a value; values are written without the quotes that blanks and strokes ask for, also in R4's examples.
fn is_parameter(text: &str) -> bool {
    text.split_once('=').is_some_and(|(name, value)| {
        is_token(name.trim()) && !value.trim().is_empty() && !value.chars().any(char::is_control)
    })
}

fn is_token(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|b| b.is_ascii_graphic() && !b"()<>@,;:\\\"/[]?=".contains(&b))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn codes_of_grammars_are_told_from_others() {
        for (system, good, bad) in [
            ("http://unitsofmeasure.org", &["mg/dL", "mm[Hg]", "10*9/L"][..], &["mmHg", "mg per dL", ""][..]),
            (
                "urn:ietf:bcp:47",
                &[
                    "zh",
                    "zh-Hant-TW",
                    "en-US",
                    "de-CH-1996",
                    "sl-rozaj",
                    "yue",
                    "es-419",
                    "zh-cmn-Hans-CN",
                    "x-clinic",
                    "en-x-us",
                ],
                &["", "zz", "english-", "en_US", "en-US-GB", "TW-Hant-zh-Hans-Hant", "中文", "en-u"],
            ),
            (
                "urn:ietf:bcp:13",
                &[
                    "image/jpeg",
                    "text/plain; charset=utf-8",
                    "application/fhir+json",
                    "json",
                    "a/b;c=\"d e\"",
                    "application/dicom; variant=DICOM QIDO-RS",
                ],
                &["", "image", "image/", "image/a b", "jpeg/", "text/plain;x"],
            ),
            ("urn:iso:std:iso:4217", &["CNY", "USD", "EUR", "XAF"], &["", "cny", "DEM", "YUAN"]),
            ("urn:iso:std:iso:3166", &["CN", "CHN", "156", "AX"], &["", "China", "XX", "cn"]),
            ("urn:ietf:rfc:3986", &["urn:x", "http://a/b"], &["", "a b"]),
        ] {
            let grammar = Grammar::of(system).unwrap();
            assert!(good.iter().all(|code| grammar.has(code)), "{system} {good:?}");
            for code in bad {
                assert!(!grammar.has(code), "{system} {code:?}");
            }
        }
        assert_eq!(Grammar::Currencies.display("CNY"), Some("Yuan Renminbi"));
        assert_eq!(Grammar::of("http://loinc.org"), None);
    }

    #[test]
    fn the_lists_are_whole() {
        assert_eq!(COUNTRIES.lines().count(), 249);
        for line in COUNTRIES.lines() {
            let fields: Vec<usize> = line.split(' ').map(str::len).collect();
            assert_eq!(fields, [2, 3, 3], "{line}");
        }
        for line in CURRENCIES.lines() {
            let lengths: Vec<usize> = line.splitn(3, ' ').map(str::len).collect();
            assert!(lengths[..2] == [3, 3] && lengths[2] > 0, "{line}");
        }
        assert_eq!(LANGUAGES.split(' ').count(), 184);
    }

    proptest! {
        #[test]
        fn any_text_is_answered(text in "\\PC{0,40}", near in "[a-zA-Z0-9;=\"/+-]{0,20}") {
            for grammar in [Grammar::Units, Grammar::Languages, Grammar::MediaTypes, Grammar::Uris] {
                let _ = (grammar.has(&text), grammar.has(&near));
            }
        }
    }
}
