//! Queries drawn from the values that are there, and from what is near them.

use serde_json::Value;

use crate::ask::{Criterion, Wanted};
use crate::dice::Dice;
use crate::elements::{Found, Param, Target, target};
use crate::scan::{Link, Scan};
use crate::world::{BASE, TYPES, id_of};

const PREFIXES: [&str; 10] = ["", "eq", "ne", "gt", "ge", "lt", "le", "sa", "eb", "ap"];
const DATES: [&str; 10] = [
    "2025",
    "2026-01",
    "2025-12-31",
    "2026-01-01",
    "2025-12-31T23:30Z",
    "2026-01-01T07:30:00+08:00",
    "2025-12-31T23:59:59.999Z",
    "2024-02-29",
    "1984",
    "2025-11-20T08:00:00.123456Z",
];
const NUMBERS: [&str; 12] =
    ["5", "5.4", "5.40", "5.35", "100", "1e2", "1.0e2", "-5.4", "0", "0.5", "-0.5", "5400"];
const UNITS: [&str; 8] = ["mm[Hg]", "kPa", "mg/dL", "g/L", "kg", "g", "mg", "min"];

/// Draws queries.
pub(crate) struct Drawer<'s> {
    pub(crate) scan: &'s Scan<'s>,
    links: Vec<Link>,
    pub(crate) dice: Dice,
}

impl<'s> Drawer<'s> {
    /// The same queries for the same seed.
    pub(crate) fn new(scan: &'s Scan<'s>, seed: u64) -> Self {
        Self { scan, links: scan.links(), dice: Dice(seed) }
    }

    /// One to three criteria on a type.
    pub(crate) fn criteria(&mut self, kind: &str) -> Vec<Criterion> {
        let many = *self.dice.pick(&[1, 1, 1, 2, 2, 3]);
        (0..many).map(|_| self.criterion(kind, 0)).collect()
    }

    /// Keys of an order, the first with `-` where it runs down.
    pub(crate) fn order(&mut self, kind: &str) -> Vec<(&'static str, bool)> {
        let sortable = |param: &&Param| {
            matches!(param.kind, "date" | "string" | "token" | "number" | "quantity" | "uri")
        };
        let codes: Vec<&'static str> =
            self.scan.evaluated.params(kind).iter().filter(sortable).map(|param| param.code).collect();
        let many = 1 + self.dice.below(2);
        let key = |dice: &mut Dice| if dice.once_in(4) { "_lastUpdated" } else { *dice.pick(&codes) };
        (0..many).map(|_| (key(&mut self.dice), self.dice.once_in(2))).collect()
    }

    fn criterion(&mut self, kind: &str, depth: usize) -> Criterion {
        match self.dice.below(12) {
            0 => Criterion::Ids { ids: self.ids(kind), not: self.dice.once_in(3) },
            1 => Criterion::Updated(self.updated(kind)),
            2 if depth == 0 => Criterion::Lists(self.ids("List")),
            3 | 4 if depth < 3 => self.chain(kind, depth).unwrap_or_else(|| self.own(kind)),
            5 | 6 if depth < 3 => self.has(kind, depth).unwrap_or_else(|| self.own(kind)),
            _ => self.own(kind),
        }
    }

    fn ids(&mut self, kind: &str) -> Vec<String> {
        let many = TYPES.iter().find(|(name, _)| *name == kind).map_or(12, |(_, many)| *many) + 1;
        (0..=self.dice.below(3)).map(|_| id_of(kind, self.dice.below(many))).collect()
    }

    fn updated(&mut self, kind: &str) -> Vec<(&'static str, String)> {
        let written: Vec<_> = self.scan.world.of(kind).map(|(_, one)| one.written).collect();
        let one = |dice: &mut Dice| {
            let at = bianque_fhir::instant(*dice.pick(&written));
            let text = match dice.below(4) {
                0 => at[..10].to_owned(),
                1 => format!("{}Z", &at[..19]),
                2 => dice.pick(&DATES).to_string(),
                _ => at,
            };
            (*dice.pick(&PREFIXES), text)
        };
        (0..=self.dice.below(2)).map(|_| one(&mut self.dice)).collect()
    }

    fn chain(&mut self, kind: &str, depth: usize) -> Option<Criterion> {
        let links: Vec<&Link> = self.links.iter().filter(|(from, ..)| from == kind).collect();
        let (_, code, to) = (*links.get(self.dice.below(links.len().max(1)))?).clone();
        let inner = Box::new(self.criterion(&to, depth + 1));
        let targets: Vec<String> = self
            .links
            .iter()
            .filter(|(from, its, _)| from == kind && *its == code)
            .map(|(.., to)| to.clone())
            .collect();
        // Where the parameter leads to one type only, clients leave it out.
        if matches!(code, "patient" | "organization" | "partof" | "has-member" | "part-of" | "relatesto")
            && targets == [to.clone()]
            && self.dice.once_in(2)
        {
            return Some(Criterion::Chain { code, targets, written: None, inner });
        }
        Some(Criterion::Chain { code, targets: vec![to.clone()], written: Some(to), inner })
    }

    fn has(&mut self, kind: &str, depth: usize) -> Option<Criterion> {
        let links: Vec<&Link> = self.links.iter().filter(|(.., to)| to == kind).collect();
        let (from, code, _) = (*links.get(self.dice.below(links.len().max(1)))?).clone();
        let inner = Box::new(self.criterion(&from, depth + 1));
        Some(Criterion::Has { from, code, inner })
    }

    /// A parameter of the type itself.
    fn own(&mut self, kind: &str) -> Criterion {
        let scan = self.scan;
        let params = scan.evaluated.params(kind);
        loop {
            let param = self.dice.pick(params);
            if param.kind != "composite" && self.dice.once_in(10) {
                return Criterion::Missing { code: param.code, missing: self.dice.once_in(2) };
            }
            let modifier = self.modifier(kind, param);
            let many = *self.dice.pick(&[1, 1, 1, 2, 3]);
            let drawn: Vec<Wanted> = (0..many).filter_map(|_| self.wanted(kind, param, &modifier)).collect();
            if !drawn.is_empty() {
                return Criterion::Own { code: param.code, modifier, wanted: drawn };
            }
        }
    }

    fn modifier(&mut self, kind: &str, param: &Param) -> String {
        let of_kind: &[&str] = match param.kind {
            "token" => &["", "", "", "not", "text", "of-type"],
            "string" => &["", "", "contains", "exact"],
            "uri" => &["", "below", "above"],
            "reference" => &["", "", "identifier", "Type"],
            _ => &[""],
        };
        match *self.dice.pick(of_kind) {
            "Type" => {
                let to = self.links.iter().filter(|(from, code, _)| from == kind && *code == param.code);
                let to: Vec<String> = to.map(|(.., to)| to.clone()).collect();
                to.get(self.dice.below(to.len().max(1))).cloned().unwrap_or_default()
            }
            modifier => modifier.to_owned(),
        }
    }

    /// A value that some resource of the type has, or one near it; none when the parameter finds nothing there.
    fn wanted(&mut self, kind: &str, param: &Param, modifier: &str) -> Option<Wanted> {
        let all: Vec<usize> = self.scan.world.of(kind).map(|(place, _)| place).collect();
        for _ in 0..8 {
            let values = self.scan.evaluated.values(*self.dice.pick(&all), param.code);
            if param.kind == "composite" {
                let Some(parts) = values.composite.get(self.dice.below(values.composite.len().max(1))) else {
                    continue;
                };
                let each = parts.iter().map(|found| {
                    let found = found.get(self.dice.below(found.len().max(1)))?;
                    value(&mut self.dice, crate::rules::kind_of(&found.type_name), "", found)
                });
                if let Some(parts) = each.collect::<Option<Vec<_>>>() {
                    return Some(Wanted::Composite(parts));
                }
                continue;
            }
            let found = values.plain.get(self.dice.below(values.plain.len().max(1)));
            if let Some(wanted) = found.and_then(|found| value(&mut self.dice, param.kind, modifier, found)) {
                return Some(wanted);
            }
        }
        None
    }
}

/// A value made of one that was found; none when it has none that this modifier is about.
fn value(dice: &mut Dice, kind: &str, modifier: &str, found: &Found) -> Option<Wanted> {
    match (kind, modifier) {
        ("token", "text") => part_of(dice, &texts(found)).map(Wanted::Text),
        ("token", "of-type") => of_type(dice, &found.value),
        ("token", _) => token(dice, found),
        ("reference", "identifier") => token_of(dice, &found.value["identifier"], "value"),
        ("reference", _) => reference(dice, modifier, found),
        ("string", "exact") => {
            let texts = texts(found);
            (!texts.is_empty()).then(|| Wanted::Text(dice.pick(&texts).clone()))
        }
        ("string", _) => part_of(dice, &texts(found)).map(Wanted::Text),
        ("uri", _) => Some(Wanted::Uri(uri(dice, found.value.as_str()?))),
        ("date", _) => Some(Wanted::Date { prefix: dice.pick::<&str>(&PREFIXES), text: date(dice, found) }),
        ("number", _) => {
            Some(Wanted::Number { prefix: dice.pick::<&str>(&PREFIXES), text: number(dice, &found.value) })
        }
        ("quantity", _) => Some(quantity(dice, &found.value)),
        _ => None,
    }
}

fn token(dice: &mut Dice, found: &Found) -> Option<Wanted> {
    let bare = |code: String| Wanted::Token { system: None, code: Some(code) };
    match found.type_name.as_str() {
        "CodeableConcept" => {
            let codings = found.value["coding"].as_array()?;
            let coding = dice.pick(codings);
            token_of(dice, coding, "code")
        }
        "Coding" => token_of(dice, &found.value, "code"),
        "Identifier" => token_of(dice, &found.value, "value"),
        "ContactPoint" => Some(bare(found.value["value"].as_str()?.to_owned())),
        "boolean" => Some(bare(if dice.once_in(2) { "true" } else { "false" }.into())),
        _ => {
            let code = found.value.as_str()?.to_owned();
            Some(match (found.implied, dice.below(6)) {
                (Some(system), 0) => Wanted::Token { system: Some(system.to_owned()), code: None },
                (Some(system), 1 | 2) => Wanted::Token { system: Some(system.to_owned()), code: Some(code) },
                (_, 3) => Wanted::Token { system: Some("http://example.org/codes".into()), code: Some(code) },
                _ => bare(code),
            })
        }
    }
}

fn token_of(dice: &mut Dice, value: &Value, member: &str) -> Option<Wanted> {
    let code = value[member].as_str()?.to_owned();
    let system = value["system"].as_str().map(str::to_owned);
    Some(match dice.below(6) {
        0 => Wanted::Token { system: Some(String::new()), code: Some(code) },
        1 => Wanted::Token { system: None, code: Some(code.to_uppercase()) },
        2 if system.is_some() => Wanted::Token { system, code: None },
        3 => Wanted::Token { system: Some("http://example.org/codes".into()), code: Some(code) },
        4 => Wanted::Token { system: None, code: Some(code) },
        _ => Wanted::Token { system, code: Some(code) },
    })
}

fn of_type(dice: &mut Dice, identifier: &Value) -> Option<Wanted> {
    let codings = identifier["type"]["coding"].as_array()?;
    let coding = dice.pick(codings);
    let value = identifier["value"].as_str()?.to_owned();
    let value = if dice.once_in(4) { "1".to_owned() } else { value };
    let system = coding["system"].as_str().unwrap_or_default().to_owned();
    Some(Wanted::OfType { system, code: coding["code"].as_str()?.to_owned(), value })
}

/// All texts inside a value, and not what stands in machine-readable members.
fn texts(found: &Found) -> Vec<String> {
    fn all(value: &Value, into: &mut Vec<String>) {
        match value {
            Value::String(text) => into.push(text.clone()),
            Value::Array(items) => items.iter().for_each(|item| all(item, into)),
            Value::Object(members) => {
                let of_text = |name: &str| !matches!(name, "use" | "system" | "code" | "value");
                members.iter().filter(|(name, _)| of_text(name)).for_each(|(_, value)| all(value, into));
            }
            _ => {}
        }
    }
    let mut into = Vec::new();
    all(&found.value, &mut into);
    into
}

/// A piece of a text, in whatever case, with or without its accents.
fn part_of(dice: &mut Dice, texts: &[String]) -> Option<String> {
    if texts.is_empty() {
        return None;
    }
    let text = dice.pick(texts).clone();
    let length = text.chars().count();
    let (from, many) = match dice.below(4) {
        0 => (dice.below(length), 1 + dice.below(3)),
        1 => (0, 1 + dice.below(length)),
        _ => (0, length),
    };
    let part: String = text.chars().skip(from).take(many).collect();
    let part = match dice.below(4) {
        0 => part.to_uppercase(),
        1 => bianque_query::fold(&part),
        2 => dice.pick(&["zhang", "wei", "muller", "ou", "li", "press", "ana m"]).to_string(),
        _ => part,
    };
    (!bianque_query::fold(&part).is_empty()).then_some(part)
}

fn uri(dice: &mut Dice, found: &str) -> String {
    match dice.below(5) {
        0 => format!("{found}/x"),
        1 => format!("{found}0"),
        2 => found.rsplit_once('/').map_or(found, |(above, _)| above).to_owned(),
        _ => found.to_owned(),
    }
}

fn date(dice: &mut Dice, found: &Found) -> String {
    let value = &found.value;
    let own = value.as_str().or_else(|| value["start"].as_str()).or_else(|| value["end"].as_str());
    let own = own.or_else(|| value["event"][0].as_str());
    match own {
        Some(own) if !dice.once_in(3) => {
            let length = *dice.pick(&[4, 7, 10, own.len()]);
            own[..length.min(own.len())].to_owned()
        }
        _ => dice.pick(&DATES).to_string(),
    }
}

fn number(dice: &mut Dice, found: &Value) -> String {
    if dice.once_in(2) { found.to_string() } else { dice.pick(&NUMBERS).to_string() }
}

fn quantity(dice: &mut Dice, found: &Value) -> Wanted {
    let text = number(dice, &found["value"]);
    let of = |name: &str| found[name].as_str().map(str::to_owned);
    let ucum = bianque_fhir::ucum::SYSTEM.to_owned();
    let unit = match dice.below(6) {
        0 => None,
        1 => of("code").map(|code| (String::new(), code)),
        2 => of("unit").map(|unit| (String::new(), unit)),
        3 => Some((ucum, dice.pick(&UNITS).to_string())),
        _ => of("system").zip(of("code").or_else(|| of("unit"))),
    };
    Wanted::Quantity { prefix: dice.pick::<&str>(&PREFIXES), text, unit }
}

fn reference(dice: &mut Dice, modifier: &str, found: &Found) -> Option<Wanted> {
    let text = found.value["reference"].as_str().or_else(|| found.value.as_str())?;
    let text = match target(text) {
        Target::Elsewhere(url) if modifier.is_empty() => url,
        Target::Nothing | Target::Elsewhere(_) => return None,
        Target::Here(_, id) if !modifier.is_empty() => id,
        Target::Here(kind, id) => match dice.below(4) {
            0 => id,
            1 => format!("{BASE}/{kind}/{id}"),
            2 => format!("{kind}/{}", &id[..id.len().max(2) - 1]),
            _ => format!("{kind}/{id}"),
        },
    };
    Some(Wanted::Reference(text))
}
