//! Places in a resource: `period.start`, `name[]` (another element each time), `participant[@ATND].individual` (another,
//! which begins as the constant `ATND`), `reaction[0].severity` (the first, made if there is none).

use serde_json::{Map, Value};

/// Where a value goes.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Target(Vec<Step>);

#[derive(Debug, Clone, PartialEq)]
struct Step {
    name: String,
    element: Element,
}

#[derive(Debug, Clone, PartialEq)]
enum Element {
    /// The member itself.
    Member,
    /// The first of a list.
    First,
    /// Another one, which begins as this.
    Another(Map<String, Value>),
}

impl Target {
    /// As it stands in a table; `None` when it is none. `$this` is the resource itself.
    pub(crate) fn read(text: &str, constants: &[(&str, Map<String, Value>)]) -> Option<Self> {
        if text == "$this" {
            return Some(Self(Vec::new()));
        }
        text.split('.').map(|step| Step::read(step, constants)).collect::<Option<_>>().map(Self)
    }

    /// Whether each repetition of a field has an element of its own.
    pub(crate) fn takes_many(&self) -> bool {
        self.0.iter().any(|step| matches!(step.element, Element::Another(_)))
    }

    /// The member of the resource that it is in.
    pub(crate) fn member(&self) -> Option<&str> {
        self.0.first().map(|step| step.name.as_str())
    }

    /// Puts a value there. Objects are joined with what is there already, other values stand instead of it.
    pub(crate) fn put(&self, resource: &mut Map<String, Value>, value: Value) {
        put(resource, &self.0, value);
    }
}

impl Step {
    fn read(text: &str, constants: &[(&str, Map<String, Value>)]) -> Option<Self> {
        let Some((name, index)) = text.split_once('[') else {
            return Some(Self { name: text.to_owned(), element: Element::Member });
        };
        let element = match index.strip_suffix(']')? {
            "" => Element::Another(Map::new()),
            "0" => Element::First,
            constant => {
                let wanted = constant.strip_prefix('@')?;
                let (_, begin) = constants.iter().find(|(name, _)| *name == wanted)?;
                Element::Another(begin.clone()).filled()?
            }
        };
        Some(Self { name: name.to_owned(), element })
    }
}

impl Element {
    /// A constant that is empty was not understood.
    fn filled(self) -> Option<Self> {
        (!matches!(&self, Self::Another(begin) if begin.is_empty())).then_some(self)
    }
}

fn put(object: &mut Map<String, Value>, steps: &[Step], value: Value) {
    let Some((step, rest)) = steps.split_first() else { return join(object, value) };
    let member = object.entry(step.name.as_str());
    let inner = match &step.element {
        Element::Member if rest.is_empty() && !value.is_object() => {
            object.insert(step.name.clone(), value);
            return;
        }
        Element::Member => member.or_insert_with(|| Value::Object(Map::new())),
        Element::First | Element::Another(_) => {
            let Value::Array(list) = member.or_insert_with(|| Value::Array(Vec::new())) else { return };
            if let Element::Another(begin) = &step.element {
                if rest.is_empty() && !value.is_object() {
                    list.push(value);
                    return;
                }
                list.push(Value::Object(begin.clone()));
            } else if list.is_empty() {
                list.push(Value::Object(Map::new()));
            }
            let place =
                if matches!(step.element, Element::First) { list.first_mut() } else { list.last_mut() };
            let Some(place) = place else { return };
            place
        }
    };
    if let Value::Object(inner) = inner {
        put(inner, rest, value);
    }
}

fn join(object: &mut Map<String, Value>, value: Value) {
    if let Value::Object(members) = value {
        object.extend(members);
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn values_go_where_the_path_says() {
        let constant = json!({"url": "u"});
        let constants = [("c", constant.as_object().cloned().unwrap())];
        let mut resource = Map::new();
        for (target, value) in [
            ("period.start", json!("2026")),
            ("period.end", json!("2027")),
            ("name[]", json!({"family": "A"})),
            ("name[]", json!({"family": "B"})),
            ("category[]", json!("food")),
            ("extension[@c].valueString", json!("x")),
            ("reaction[0].manifestation[].text", json!("rash")),
            ("reaction[0].severity", json!("mild")),
            ("code", json!({"coding": [1]})),
            ("code.text", json!("t")),
            ("$this", json!({"valueString": "v"})),
        ] {
            Target::read(target, &constants).unwrap().put(&mut resource, value);
        }
        let wanted = json!({
            "period": {"start": "2026", "end": "2027"},
            "name": [{"family": "A"}, {"family": "B"}],
            "category": ["food"],
            "extension": [{"url": "u", "valueString": "x"}],
            "reaction": [{"manifestation": [{"text": "rash"}], "severity": "mild"}],
            "code": {"coding": [1], "text": "t"},
            "valueString": "v",
        });
        assert_eq!(Value::Object(resource), wanted);
        assert_eq!(Target::read("name[@unknown]", &constants), None);
        assert_eq!(Target::read("name[", &constants), None);
    }
}
