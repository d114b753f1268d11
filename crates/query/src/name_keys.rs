//! The keys a name is found by: how people type it, in any script.
//!
//! A search is a starts-with over folded text. So a name is indexed from each of its words, a Chinese name from each
//! of its characters and in pinyin: 张伟 is found by 张, 张伟, 伟, `zhang wei`, `zhangwei`, `zw`, `wei` and `wei zhang`.

use pinyin::ToPinyinMulti;

use crate::fold::{fold, is_han};

/// A name of more characters than this is indexed from its first ones only.
const SUFFIXES: usize = 12;
/// Readings of a name with several are taken up to this many.
const READINGS: usize = 6;
/// Longer texts are no names; they get no pinyin.
const LONGEST_READ: usize = 6;

/// Folded keys of a name, each once; the first is [`fold`] of the name itself.
pub fn name_keys(name: &str) -> Vec<String> {
    let folded = fold(name);
    let mut keys = vec![folded.clone()];
    let han: String = folded.chars().filter(|c| is_han(*c)).collect();
    if han.is_empty() {
        keys.extend(folded.match_indices(' ').take(SUFFIXES).map(|(at, _)| folded[at + 1..].to_owned()));
    } else {
        let joined: String = folded.chars().filter(|c| *c != ' ').collect();
        keys.extend(joined.char_indices().take(SUFFIXES).map(|(at, _)| joined[at..].to_owned()));
        if han.chars().count() <= LONGEST_READ {
            keys.extend(readings(&han).iter().flat_map(|syllables| spellings(syllables)));
        }
    }
    let mut seen = std::collections::HashSet::new();
    keys.retain(|key| !key.is_empty() && seen.insert(key.clone()));
    keys
}

/// The syllables of each reading. Characters without one are left out.
fn readings(han: &str) -> Vec<Vec<String>> {
    let mut all: Vec<Vec<String>> = vec![Vec::new()];
    for multi in han.to_pinyin_multi().flatten() {
        let mut syllables: Vec<String> = Vec::new();
        for reading in multi {
            let plain = reading.plain();
            let typed = [plain.replace('ü', "u"), plain.replace('ü', "v")];
            syllables.extend(typed.into_iter().filter(|s| s.is_ascii()));
        }
        syllables.dedup();
        let mut seen = std::collections::HashSet::new();
        syllables.retain(|syllable| seen.insert(syllable.clone()));
        let longer = |reading: &Vec<String>| {
            let reading = reading.clone();
            syllables.clone().into_iter().map(move |syllable| {
                let mut longer = reading.clone();
                longer.push(syllable);
                longer
            })
        };
        all = all.iter().flat_map(longer).take(READINGS).collect();
    }
    all.retain(|reading| !reading.is_empty());
    all
}

/// From each syllable on, apart and together; the initials; given name first, as written abroad.
fn spellings(syllables: &[String]) -> Vec<String> {
    let mut all: Vec<String> =
        (0..syllables.len()).flat_map(|at| [syllables[at..].join(" "), syllables[at..].concat()]).collect();
    if let [surname, given @ ..] = syllables
        && !given.is_empty()
    {
        all.push(syllables.iter().filter_map(|s| s.chars().next()).collect());
        all.push(format!("{surname} {}", given.concat()));
        all.push(format!("{} {surname}", given.concat()));
    }
    all
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(name: &str, typed: &str) -> bool {
        let typed = fold(typed);
        name_keys(name).iter().any(|key| key.starts_with(&typed))
    }

    #[test]
    fn a_chinese_name_is_found_as_people_type_it() {
        for typed in ["张", "张伟", "伟", "zhang wei", "ZhangWei", "zw", "wei", "Wei Zhang", "zhangw", "zh"]
        {
            assert!(found("张伟", typed), "{typed}");
        }
        for typed in ["李", "wz", "hang", "zhang li", "伟张"] {
            assert!(!found("张伟", typed), "{typed}");
        }
        for typed in ["欧阳小明", "小明", "ouyang", "ouyangxiaoming", "ou yang xiao ming", "oyxm", "xiaoming"]
        {
            assert!(found("欧阳 小明", typed), "{typed}");
        }
    }

    #[test]
    fn a_character_with_several_readings_is_found_by_each() {
        for typed in ["shan", "dan", "chan"] {
            assert!(found("单雄信", typed), "{typed}");
        }
        for typed in ["lu", "lv", "lü"] {
            assert!(found("吕布", typed), "{typed}");
        }
    }

    #[test]
    fn a_name_in_letters_is_found_by_each_word() {
        for typed in ["anna", "María", "smith", "Maria Smith", "anna m"] {
            assert!(found("Anna María Smith", typed), "{typed}");
        }
        assert!(!found("Anna Smith", "nna"));
    }

    #[test]
    fn keys_are_bounded_and_never_empty() {
        let long: String = std::iter::repeat_n("单重乐行长解查曾", 60).collect();
        assert!(name_keys(&long).len() <= SUFFIXES + 1);
        assert!(name_keys("单重乐行长解").len() <= SUFFIXES + 1 + READINGS * 15);
        assert!(name_keys("   ").is_empty());
    }
}
