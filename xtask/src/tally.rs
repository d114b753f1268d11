//! How many tests a run had, read from what each kind of runner prints at its end.

/// Tests that ran.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Tally {
    /// Passed.
    pub(crate) passed: u64,
    /// Failed.
    pub(crate) failed: u64,
}

impl Tally {
    /// Both together.
    pub(crate) fn plus(self, other: Self) -> Self {
        Self { passed: self.passed + other.passed, failed: self.failed + other.failed }
    }

    /// Reads nextest (`Summary … 12 passed, 1 failed`), cargo test (`test result: ok. 12 passed; 1 failed`), vitest
    /// (`Tests  1 failed | 12 passed`), Playwright (`12 passed (3.4s)`, `1 failed`), pytest (`= 1 failed, 12 passed in
    /// 3.4s =`) and Node (`ℹ pass 12`, `ℹ fail 1`). Sums of this program itself are not read: they would count twice.
    pub(crate) fn of(output: &str) -> Self {
        output.lines().map(plain).filter(|line| closes(line)).fold(Self::default(), |sum, line| {
            sum.plus(Self {
                passed: before(&line, "passed") + after(&line, "ℹ pass "),
                failed: before(&line, "failed") + after(&line, "ℹ fail "),
            })
        })
    }
}

fn closes(line: &str) -> bool {
    let line = line.trim();
    let starts = |word| line.strip_prefix(word).is_some_and(|rest: &str| rest.starts_with([' ', ':']));
    let playwright = {
        let mut words = line.split_whitespace();
        let number = words.next().is_some_and(|word| word.parse::<u64>().is_ok());
        let word = words.next().is_some_and(|word| matches!(word, "passed" | "failed"));
        number && word && words.next().is_none_or(|rest| rest.starts_with('('))
    };
    let pytest = line.starts_with('=') && line.contains(" in ");
    let node = ["ℹ pass ", "ℹ fail "].iter().any(|start| line.starts_with(start));
    starts("Summary") || starts("test result") || starts("Tests") || playwright || pytest || node
}

/// The number that stands before a word.
fn before(line: &str, word: &str) -> u64 {
    let words: Vec<&str> =
        line.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty()).collect();
    let pairs = words.windows(2);
    pairs.filter(|pair| pair[1] == word).find_map(|pair| pair[0].parse().ok()).unwrap_or_default()
}

/// The number that a line ends with, after this beginning.
fn after(line: &str, start: &str) -> u64 {
    line.trim().strip_prefix(start).and_then(|number| number.parse().ok()).unwrap_or_default()
}

/// The line without the colours of a terminal.
fn plain(line: &str) -> String {
    let mut kept = String::new();
    let mut rest = line;
    while let Some((before, after)) = rest.split_once("\u{1b}[") {
        kept.push_str(before);
        rest = after.split_once('m').map_or("", |(_, rest)| rest);
    }
    kept + rest
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_runner_is_understood() {
        for (line, passed, failed) in [
            ("     Summary [   1.234s] 14 tests run: 13 passed (2 slow), 1 failed, 2 skipped", 13, 1),
            ("test result: ok. 12 passed; 0 failed; 0 ignored; 0 measured; 0 filtered out", 12, 0),
            ("      Tests  1 failed | 12 passed (13)", 12, 1),
            ("\u{1b}[2m      Tests \u{1b}[22m \u{1b}[1m\u{1b}[32m9 passed\u{1b}[39m\u{1b}[22m (9)", 9, 0),
            ("  7 passed (12.3s)", 7, 0),
            ("  1 failed", 0, 1),
            ("========================= 1 failed, 26 passed in 1.49s ==========================", 26, 1),
            ("================ ERRORS ================", 0, 0),
            ("\u{2139} pass 12", 12, 0),
            ("\u{2139} fail 2", 0, 2),
            ("39 passed, 0 failed", 0, 0),
            ("        PASS [   0.011s] bianque-model id::tests::one", 0, 0),
            ("Test Files  3 passed (3)", 0, 0),
        ] {
            assert_eq!(Tally::of(line), Tally { passed, failed }, "{line}");
        }
    }

    #[test]
    fn several_closing_lines_add_up() {
        let output = "test result: ok. 2 passed; 0 failed\ntest result: ok. 3 passed; 0 failed\n";
        assert_eq!(Tally::of(output), Tally { passed: 5, failed: 0 });
    }
}
