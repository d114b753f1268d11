//! Where a line may end, for Latin and for Chinese, Japanese and Korean.
//!
//! A plain reading of the rules that matter on a page (after UAX #14 and the Chinese text layout requirements of the W3C):
//! between words, and between any two ideographs, but never before closing punctuation and never after opening
//! punctuation.

/// Punctuation that must not begin a line.
const NOT_FIRST: &str = "，。、；：？！）》」』】〉〕〗｝］”’…—～％‰℃·,.;:!?)]}%»›°";
/// Punctuation that must not end a line.
const NOT_LAST: &str = "（《「『【〈〔〖｛［“‘([{«‹￥¥$€£";

/// Whether a line may end between two neighbouring characters. Spaces belong to the line before them.
pub(crate) fn may_break(before: char, after: char) -> bool {
    if after.is_whitespace() || NOT_FIRST.contains(after) || NOT_LAST.contains(before) {
        return false;
    }
    if is_space(before) || is_wide(before) || is_wide(after) {
        return true;
    }
    // After a hyphen inside a word, but not in front of a number: "-5" stays together.
    before == '-' && after.is_alphabetic()
}

/// A space at which a line may end.
pub(crate) fn is_space(c: char) -> bool {
    c.is_whitespace() && c != '\u{a0}' && c != '\u{202f}'
}

fn is_wide(c: char) -> bool {
    matches!(u32::from(c),
        0x2E80..=0x9FFF | 0xAC00..=0xD7AF | 0xF900..=0xFAFF | 0xFE30..=0xFE4F | 0xFF00..=0xFFEF | 0x2_0000..=0x3_FFFF)
}

/// The text as it can be printed, line by line: tabs become spaces, other control characters vanish.
pub(crate) fn hard_lines(text: &str) -> impl Iterator<Item = String> + '_ {
    let text = text.trim_end();
    text.split('\n').map(|line| {
        line.chars()
            .filter_map(|c| match c {
                '\t' | '\u{2028}' | '\u{2029}' => Some(' '),
                c if c.is_control() || c == '\u{feff}' || is_direction(c) => None,
                c => Some(c),
            })
            .collect()
    })
}

/// Marks that reorder text: what is printed must be what was signed.
fn is_direction(c: char) -> bool {
    matches!(c, '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

/// The ends of lines, as numbers of pieces: `widths` are the pieces' widths, `breakable[i]` says whether a line may end
/// after piece i, `hanging[i]` whether piece i may stick out at the end of a line. A word wider than the line is cut.
pub(crate) fn fill(widths: &[f32], breakable: &[bool], hanging: &[bool], width: f32) -> Vec<usize> {
    let mut ends = Vec::new();
    let (mut start, mut last, mut used) = (0, None, 0.0_f32);
    let mut at = 0;
    while at < widths.len() {
        if used + widths[at] > width && !hanging[at] && at > start {
            let end = last.unwrap_or(at);
            ends.push(end);
            (start, last, at, used) = (end, None, end, 0.0);
            continue;
        }
        used += widths[at];
        at += 1;
        if breakable[at - 1] {
            last = Some(at);
        }
    }
    ends.push(widths.len());
    ends
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// Breaks text as if every ideograph were two wide and everything else one.
    fn wrap(text: &str, width: f32) -> Vec<String> {
        let chars: Vec<char> = text.chars().collect();
        let widths: Vec<f32> = chars.iter().map(|c| if is_wide(*c) { 2.0 } else { 1.0 }).collect();
        let breakable: Vec<bool> = (0..chars.len())
            .map(|at| chars.get(at + 1).is_some_and(|after| may_break(chars[at], *after)))
            .collect();
        let hanging: Vec<bool> = chars.iter().map(|c| is_space(*c)).collect();
        let mut from = 0;
        fill(&widths, &breakable, &hanging, width)
            .into_iter()
            .map(|end| {
                let line = chars[from..end].iter().collect();
                from = end;
                line
            })
            .collect()
    }

    #[test]
    fn words_stay_whole_and_spaces_hang() {
        assert_eq!(wrap("take one tablet", 8.0), ["take one ", "tablet"]);
        assert_eq!(wrap("well-known", 6.0), ["well-", "known"]);
        assert_eq!(wrap("below -5 degrees", 8.0), ["below -5 ", "degrees"]);
        assert_eq!(wrap("10\u{a0}mg twice", 8.0), ["10\u{a0}mg ", "twice"]);
    }

    #[test]
    fn ideographs_break_anywhere_but_before_closing_punctuation() {
        assert_eq!(wrap("每日三次饭后服用", 8.0), ["每日三次", "饭后服用"]);
        assert_eq!(wrap("每日三次，饭后", 8.0), ["每日三", "次，饭后"]);
        assert_eq!(wrap("请按（说明）用药", 6.0), ["请按", "（说", "明）用", "药"]);
        assert_eq!(wrap("体温38.5℃以上", 8.0), ["体温", "38.5℃以", "上"]);
    }

    #[test]
    fn a_word_wider_than_the_line_is_cut() {
        assert_eq!(wrap("abcdefghij", 4.0), ["abcd", "efgh", "ij"]);
        assert_eq!(wrap("", 4.0), [""]);
        assert_eq!(wrap("字", 1.0), ["字"], "a piece wider than the line stands alone");
    }

    #[test]
    fn what_cannot_be_printed_is_taken_out() {
        let lines: Vec<String> = hard_lines("a\tb\r\nc\u{0}\u{202e}d\n\n").collect();
        assert_eq!(lines, ["a b", "cd"]);
    }

    proptest! {
        #[test]
        fn nothing_is_lost_and_every_line_moves_on(text in "[a-z 中文，。（）-]{0,60}", width in 1.0..12.0_f32) {
            let lines = wrap(&text, width);
            prop_assert_eq!(lines.concat(), text.clone());
            prop_assert!(text.is_empty() || lines.iter().all(|line| !line.is_empty()));
        }
    }
}
