//! A query as it is asked: what it means, and how a client writes it.

/// One criterion on resources of a type.
#[derive(Debug, Clone)]
pub(crate) enum Criterion {
    /// `_id`, or with `:not`.
    Ids { ids: Vec<String>, not: bool },
    /// `_lastUpdated`.
    Updated(Vec<(&'static str, String)>),
    /// `_list`.
    Lists(Vec<String>),
    /// A parameter by any of these values.
    Own { code: &'static str, modifier: String, wanted: Vec<Wanted> },
    /// `:missing`.
    Missing { code: &'static str, missing: bool },
    /// It refers to one of a type: `code:Type.inner`, or without the type where none is written.
    Chain { code: &'static str, targets: Vec<String>, written: Option<String>, inner: Box<Criterion> },
    /// One of a type refers to it: `_has:Type:code:inner`.
    Has { from: String, code: &'static str, inner: Box<Criterion> },
}

/// What a value is compared with.
#[derive(Debug, Clone)]
pub(crate) enum Wanted {
    /// `code`, `system|code`, `|code`, `system|`.
    Token { system: Option<String>, code: Option<String> },
    /// `system|code|value`, for `:of-type`.
    OfType { system: String, code: String, value: String },
    /// A string, or the text of a token.
    Text(String),
    /// A date with its prefix.
    Date { prefix: &'static str, text: String },
    /// A number with its prefix.
    Number { prefix: &'static str, text: String },
    /// A quantity: without unit, of a system (empty: any).
    Quantity { prefix: &'static str, text: String, unit: Option<(String, String)> },
    /// A reference.
    Reference(String),
    /// A URI.
    Uri(String),
    /// The parts of a composite.
    Composite(Vec<Wanted>),
}

impl Criterion {
    /// The pair of the URL.
    pub(crate) fn pair(&self) -> (String, String) {
        match self {
            Self::Ids { ids, not } => (if *not { "_id:not" } else { "_id" }.into(), ids.join(",")),
            Self::Lists(ids) => ("_list".into(), ids.join(",")),
            Self::Updated(dates) => {
                let all: Vec<String> = dates.iter().map(|(prefix, text)| format!("{prefix}{text}")).collect();
                ("_lastUpdated".into(), all.join(","))
            }
            Self::Own { code, modifier, wanted } => {
                let colon = if modifier.is_empty() { "" } else { ":" };
                let all: Vec<String> = wanted.iter().map(Wanted::written).collect();
                (format!("{code}{colon}{modifier}"), all.join(","))
            }
            Self::Missing { code, missing } => (format!("{code}:missing"), missing.to_string()),
            Self::Chain { code, written, inner, .. } => {
                let (name, value) = inner.pair();
                let of = written.as_ref().map(|name| format!(":{name}")).unwrap_or_default();
                (format!("{code}{of}.{name}"), value)
            }
            Self::Has { from, code, inner } => {
                let (name, value) = inner.pair();
                (format!("_has:{from}:{code}:{name}"), value)
            }
        }
    }
}

impl Wanted {
    /// The value as a client writes it, without the separator of alternatives.
    pub(crate) fn written(&self) -> String {
        match self {
            Self::Token { system, code } => {
                let system = system.as_ref().map(|system| format!("{}|", escaped(system)));
                format!("{}{}", system.unwrap_or_default(), escaped(code.as_deref().unwrap_or_default()))
            }
            Self::OfType { system, code, value } => [system, code, value].map(|part| escaped(part)).join("|"),
            Self::Text(text) | Self::Uri(text) | Self::Reference(text) => escaped(text),
            Self::Date { prefix, text } | Self::Number { prefix, text } => format!("{prefix}{text}"),
            Self::Quantity { prefix, text, unit } => match unit {
                None => format!("{prefix}{text}"),
                Some((system, unit)) => format!("{prefix}{text}|{}|{}", escaped(system), escaped(unit)),
            },
            Self::Composite(parts) => parts.iter().map(Self::written).collect::<Vec<_>>().join("$"),
        }
    }
}

fn escaped(text: &str) -> String {
    let mut out = String::new();
    for c in text.chars() {
        if matches!(c, '\\' | ',' | '|' | '$') {
            out.push('\\');
        }
        out.push(c);
    }
    out
}
