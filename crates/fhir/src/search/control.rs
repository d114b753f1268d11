//! Parameters that are about the answer.

use bianque_query::{Cursor, Direction, Order, OrderKey};

use super::asked::known;
use super::{LARGEST_PAGE, Reader, Refusal, Total, include};

/// Known here.
const CONTROLS: [&str; 11] = [
    "_sort",
    "_count",
    "_total",
    "_totalMethod",
    "_summary",
    "_elements",
    "_include",
    "_revinclude",
    "_cursor",
    "_format",
    "_pretty",
];
/// Known to FHIR, and not built.
const UNSUPPORTED: [&str; 7] =
    ["_type", "_contained", "_containedType", "_text", "_content", "_query", "_filter"];
/// Keys that a search may be sorted by.
const KEYS: usize = 4;

/// Whether a parameter of a search is about the answer, such as its order, and not a criterion.
pub fn is_about_the_answer(name: &str) -> bool {
    let bare = name.split(':').next().unwrap_or_default();
    CONTROLS.contains(&bare) || UNSUPPORTED.contains(&bare)
}

impl Reader<'_> {
    /// A parameter about the answer.
    pub(super) fn control(&mut self, name: &str, value: &str) -> Result<(), Refusal> {
        match name {
            "_sort" => self.search.order = self.sort(value)?,
            "_count" => {
                let count: u64 =
                    value.parse().map_err(|_| Refusal::Invalid("expected a whole number".into()))?;
                self.search.count = u32::try_from(count).unwrap_or(LARGEST_PAGE).min(LARGEST_PAGE);
                if self.search.count == 0 {
                    self.search.total = Total::Accurate;
                }
            }
            // `_totalMethod` is what fhirpy and Aidbox call it.
            "_total" | "_totalMethod" => {
                self.search.total = match value {
                    "accurate" | "count" => Total::Accurate,
                    "estimate" => Total::Estimate,
                    "none" => Total::None,
                    _ => return Err(Refusal::Invalid("expected none, estimate or accurate".into())),
                }
            }
            "_summary" if value == "count" => (self.search.count, self.search.total) = (0, Total::Accurate),
            "_summary" | "_elements" => {
                return Err(Refusal::Unsupported("a condition is about whole resources".into()));
            }
            "_cursor" => self.search.after = Some(Cursor(value.to_owned())),
            "_format" => {
                if !matches!(value, "json" | "application/json" | "application/fhir+json" | "text/json") {
                    return Err(Refusal::Unsupported("only JSON is supported".into()));
                }
            }
            "_pretty" => {}
            _ => match name.split_once(':').map_or((name, ""), |(bare, modifier)| (bare, modifier)) {
                (bare @ ("_include" | "_revinclude"), modifier @ ("" | "iterate" | "recurse")) => {
                    let reverse = bare == "_revinclude";
                    let resource_type = &self.search.resource_type;
                    let custom = self.options.custom;
                    let include =
                        include::read(resource_type, value, (reverse, !modifier.is_empty()), custom)?;
                    self.search.includes.push(include);
                }
                _ => return Err(Refusal::Unsupported("this is not supported".into())),
            },
        }
        Ok(())
    }

    fn sort(&self, value: &str) -> Result<Vec<Order>, Refusal> {
        let mut order = Vec::new();
        let keys: Vec<&str> = value.split(',').collect();
        for (at, key) in keys.iter().enumerate() {
            let (key, direction) = match key.strip_prefix('-') {
                Some(key) => (key, Direction::Descending),
                None => (*key, Direction::Ascending),
            };
            match key {
                "_lastUpdated" => order.push(Order { key: OrderKey::LastUpdated, direction }),
                // The store ends every order with the id.
                "_id" if at + 1 == keys.len() && direction == Direction::Ascending => {}
                _ => {
                    let found = known(&self.search.resource_type, key, self.options.custom)?;
                    let param = found.filter(|param| param.has_values());
                    let param =
                        param.ok_or_else(|| Refusal::Unsupported(format!("cannot sort by {key:?}")))?;
                    order.push(Order { key: OrderKey::Param(param.code().to_owned()), direction });
                }
            }
        }
        if order.len() > KEYS {
            return Err(Refusal::Unsupported(format!("at most {KEYS} keys")));
        }
        Ok(order)
    }
}
