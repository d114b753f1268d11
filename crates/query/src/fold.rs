//! Text as searches compare it.
//!
//! Case, accents, width and ligatures do not matter to somebody who searches. Only marks that a reader of the script
//! takes for decoration are dropped: vowel signs of Indic scripts and the voicing marks of kana change the word, so
//! they stay.

use unicode_normalization::UnicodeNormalization;
use unicode_normalization::char::is_combining_mark;

/// The version of the folding. A change here means that every text row must be indexed again.
pub const FOLD_VERSION: u32 = 2;

/// Lower case, without accents, full-width forms as plain ones, runs of blanks as one.
pub fn fold(text: &str) -> String {
    if text.is_ascii() {
        return single_blanks(text.chars().map(|c| c.to_ascii_lowercase()));
    }
    let bare = text.nfkd().filter(|c| !is_accent(*c)).flat_map(char::to_lowercase);
    let mut folded = String::with_capacity(text.len());
    for c in bare {
        match plain(c) {
            Some(plain) => folded.push_str(plain),
            None if is_accent(c) => {}
            None => folded.push(c),
        }
    }
    single_blanks(folded.nfc())
}

/// Whether a character is a Han ideograph.
pub(crate) fn is_han(c: char) -> bool {
    matches!(c, '\u{3007}' | '\u{3400}'..='\u{4dbf}' | '\u{4e00}'..='\u{9fff}' | '\u{f900}'..='\u{faff}' | '\u{20000}'..='\u{323af}')
}

fn single_blanks(chars: impl Iterator<Item = char>) -> String {
    let mut out = String::new();
    let mut blank = false;
    for c in chars {
        if c.is_whitespace() {
            blank = !out.is_empty();
        } else {
            if std::mem::take(&mut blank) {
                out.push(' ');
            }
            out.push(c);
        }
    }
    out
}

/// Marks above and below letters of Latin, Greek and Cyrillic; the optional vowel points of Arabic and Hebrew.
fn is_accent(c: char) -> bool {
    matches!(c,
        '\u{0300}'..='\u{036f}' | '\u{1ab0}'..='\u{1aff}' | '\u{1dc0}'..='\u{1dff}' | '\u{20d0}'..='\u{20ff}'
        | '\u{fe20}'..='\u{fe2f}' | '\u{0591}'..='\u{05bd}' | '\u{064b}'..='\u{065f}' | '\u{0670}')
        && is_combining_mark(c)
}

/// Letters that no decomposition takes apart, and marks that keyboards write in several ways.
fn plain(c: char) -> Option<&'static str> {
    Some(match c {
        'ß' => "ss",
        'æ' => "ae",
        'œ' => "oe",
        'ø' => "o",
        'ł' => "l",
        'đ' | 'ð' => "d",
        'þ' => "th",
        'ı' => "i",
        'ς' => "σ",
        '\u{2018}' | '\u{2019}' | '\u{02bc}' | '\u{0060}' | '\u{00b4}' => "'",
        '\u{2010}'..='\u{2015}' | '\u{2212}' => "-",
        '\u{00b7}' | '\u{30fb}' => " ",
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn case_accents_width_and_blanks_do_not_matter() {
        for (text, folded) in [
            ("  Ana   MARÍA ", "ana maria"),
            ("Müller-Straße", "muller-strasse"),
            ("Łukasz Ørsted", "lukasz orsted"),
            ("ＡＢＣ１２３", "abc123"),
            ("ﬁlip", "filip"),
            ("İstanbul Işık", "istanbul isik"),
            ("O’Neil", "o'neil"),
            ("Νίκος", "νικοσ"),
            ("张\u{3000}伟", "张 伟"),
            ("阿卜杜拉·买买提", "阿卜杜拉 买买提"),
        ] {
            assert_eq!(fold(text), folded, "{text}");
        }
    }

    #[test]
    fn marks_that_change_the_word_stay() {
        assert_ne!(fold("が"), fold("か"));
        assert_ne!(fold("कि"), fold("क"));
        assert_eq!(fold("한국"), "한국");
    }

    proptest! {
        #[test]
        fn folding_twice_changes_nothing(text in "\\PC{0,40}") {
            let once = fold(&text);
            prop_assert_eq!(fold(&once), once);
        }
    }
}
