//! Numbers as they are written, compared exactly.

/// `digits * 10^power`.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Exact {
    digits: i128,
    power: i32,
}

impl Exact {
    /// Reads `5.40`, `-1`, `1e2`.
    pub(crate) fn read(text: &str) -> Option<Self> {
        let (mantissa, power) = match text.split_once(['e', 'E']) {
            Some((mantissa, power)) => (mantissa, power.parse().ok()?),
            None => (text, 0),
        };
        let (before, after) = mantissa.split_once('.').unwrap_or((mantissa, ""));
        let digits = format!("{before}{after}").parse().ok()?;
        Some(Self { digits, power: power - i32::try_from(after.len()).ok()? })
    }

    /// How many of the twentieth decimal place it is.
    fn scaled(self) -> i128 {
        self.digits * 10_i128.pow(u32::try_from(self.power + 20).unwrap())
    }

    fn as_f64(self) -> f64 {
        format!("{}e{}", self.digits, self.power).parse().unwrap()
    }
}

/// What a number with its prefix asks for: between two ends, each in or out; or not that.
pub(crate) struct Meant {
    low: Option<(Exact, bool)>,
    high: Option<(Exact, bool)>,
    outside: bool,
}

impl Meant {
    /// Reads it. A number means what rounds to it, `ap` a tenth of it to both sides.
    pub(crate) fn read(prefix: &str, text: &str) -> Self {
        let number = Exact::read(text).unwrap();
        let beside = |by: i128| Exact { digits: number.digits * 10 + by, power: number.power - 1 };
        let (low, high) = match prefix {
            "" | "eq" | "ne" => (Some((beside(-5), true)), Some((beside(5), false))),
            "ap" => {
                let tenth = number.digits.abs();
                (Some((beside(-tenth), true)), Some((beside(tenth), true)))
            }
            "gt" | "sa" => (Some((number, false)), None),
            "ge" => (Some((number, true)), None),
            "lt" | "eb" => (None, Some((number, false))),
            "le" => (None, Some((number, true))),
            other => unreachable!("{other}"),
        };
        Self { low, high, outside: prefix == "ne" }
    }

    /// Whether a number is asked for.
    pub(crate) fn holds(&self, number: &Exact) -> bool {
        let number = number.scaled();
        let above =
            self.low.is_none_or(
                |(low, included)| if included { number >= low.scaled() } else { number > low.scaled() },
            );
        let below =
            self.high.is_none_or(
                |(high, included)| if included { number <= high.scaled() } else { number < high.scaled() },
            );
        (above && below) != self.outside
    }

    /// Whether a number in base units is asked for; `into_base` takes the ends there.
    pub(crate) fn holds_in_base(&self, number: f64, into_base: impl Fn(f64) -> f64) -> bool {
        let above = self.low.is_none_or(|(low, included)| {
            let low = into_base(low.as_f64());
            if included { number >= low } else { number > low }
        });
        let below = self.high.is_none_or(|(high, included)| {
            let high = into_base(high.as_f64());
            if included { number <= high } else { number < high }
        });
        (above && below) != self.outside
    }
}
