//! Parameters that are about the answer, and the two that ask the store's own columns.

use bianque_query::{Cursor, Direction, Order, OrderKey, Predicate};

use super::{LARGEST_PAGE, Reader, Refusal, ids, values};

/// Known to FHIR, and not built.
const UNSUPPORTED: [&str; 12] = [
    "_include",
    "_revinclude",
    "_has",
    "_contained",
    "_containedType",
    "_elements",
    "_text",
    "_content",
    "_list",
    "_query",
    "_filter",
    "_type",
];

impl Reader<'_> {
    /// A parameter whose name begins with `_`.
    pub(super) fn control(&mut self, name: &str, value: &str) -> Result<(), Refusal> {
        match name {
            "_id" => self.all.push(Predicate::Ids(ids(value))),
            "_lastUpdated" => {
                let any = value
                    .split(',')
                    .map(|part| values::date(part, self.options.now).map(Predicate::LastUpdated));
                let any = any.collect::<Result<_, _>>()?;
                self.all.push(Predicate::Or(any));
            }
            "_sort" => self.search.order = self.sort(value)?,
            "_count" => {
                let count: u64 =
                    value.parse().map_err(|_| Refusal::Invalid("expected a whole number".into()))?;
                self.search.count = u32::try_from(count).unwrap_or(LARGEST_PAGE).min(LARGEST_PAGE);
                self.search.total |= self.search.count == 0;
            }
            // `_totalMethod` is what fhirpy and Aidbox call it.
            "_total" | "_totalMethod" => match value {
                "accurate" | "count" => self.search.total = true,
                "none" | "estimate" => {}
                _ => return Err(Refusal::Invalid("expected none, estimate or accurate".into())),
            },
            "_summary" => match value {
                "count" => (self.search.count, self.search.total) = (0, true),
                "false" => {}
                _ => return Err(Refusal::Unsupported("only count and false are supported".into())),
            },
            "_cursor" => self.search.after = Some(Cursor(value.to_owned())),
            "_format" => {
                if !matches!(value, "json" | "application/json" | "application/fhir+json" | "text/json") {
                    return Err(Refusal::Unsupported("only JSON is supported".into()));
                }
            }
            "_pretty" => {}
            _ => {
                let bare = name.split([':', '.']).next().unwrap_or_default();
                let known = UNSUPPORTED.contains(&bare) || matches!(bare, "_id" | "_lastUpdated" | "_sort");
                let why = if known { "this is not supported" } else { "no such parameter" };
                return Err(Refusal::Unsupported(why.into()));
            }
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
                    let param = self.param(key).filter(|param| param.code == key && !param.paths.is_empty());
                    let param =
                        param.ok_or_else(|| Refusal::Unsupported(format!("cannot sort by {key:?}")))?;
                    order.push(Order { key: OrderKey::Param(param.code.to_owned()), direction });
                }
            }
        }
        if order.len() > 3 {
            return Err(Refusal::Unsupported("at most three keys".into()));
        }
        Ok(order)
    }
}
