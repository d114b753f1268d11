//! The FHIRPath of search parameters, as far as R4 uses it: paths, `as`, `ofType`, `where(x='y')`,
//! `where(resolve() is X)`, an index, and one test of existence.

use anyhow::{Context, Result, bail};

/// One step of a path.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Step {
    /// Into a member.
    Member(String),
    /// Only values of this type, for a choice.
    OfType(String),
    /// Only values whose member is this text.
    WhereEquals(String, String),
    /// Only references to this type.
    WhereRefers(String),
    /// Only one item; no parameter we serve needs it.
    Index,
    /// Whether it is there and not `false`.
    Present,
}

/// The branches of an expression, each from the type it starts at.
pub(crate) fn branches(expression: &str) -> Result<Vec<(String, Vec<Step>)>> {
    expression.split('|').map(|branch| parse(branch.trim()).with_context(|| branch.to_owned())).collect()
}

fn parse(branch: &str) -> Result<(String, Vec<Step>)> {
    let present = branch.split_once(".exists() and ");
    let path = flatten(present.map_or(branch, |(path, _)| path));
    let mut parts = parts(&path).into_iter();
    let start = parts.next().context("an empty branch")?;
    let mut steps = Vec::new();
    for part in parts {
        steps.extend(step(&part)?);
    }
    steps.extend(present.map(|_| Step::Present));
    Ok((start, steps))
}

/// `(a.b as T).c` becomes `a.b.ofType(T).c`: parentheses that only group go away.
fn flatten(path: &str) -> String {
    let mut text = path.trim().to_owned();
    while let Some(inner) = text.strip_prefix('(') {
        let Some((group, rest)) = closing(inner) else { break };
        let group = match group.split_once(" as ") {
            Some((value, name)) => format!("{value}.ofType({})", name.trim()),
            None => group.to_owned(),
        };
        text = format!("{group}{rest}");
    }
    match text.split_once(" as ") {
        Some((value, name)) => format!("{value}.ofType({})", name.trim()),
        None => text,
    }
}

/// Splits `group)rest` where the parenthesis closes.
fn closing(text: &str) -> Option<(&str, &str)> {
    let mut depth = 1;
    for (at, c) in text.char_indices() {
        match c {
            '(' => depth += 1,
            ')' => depth -= 1,
            _ => {}
        }
        if depth == 0 {
            return Some((&text[..at], &text[at + 1..]));
        }
    }
    None
}

/// The parts between dots that lie in no parentheses.
fn parts(path: &str) -> Vec<String> {
    let (mut parts, mut depth) = (vec![String::new()], 0);
    for c in path.chars() {
        match c {
            '(' => depth += 1,
            ')' => depth -= 1,
            _ => {}
        }
        match parts.last_mut() {
            Some(last) if c != '.' || depth > 0 => last.push(c),
            _ => parts.push(String::new()),
        }
    }
    parts
}

fn step(part: &str) -> Result<Vec<Step>> {
    if let Some((name, _)) = part.split_once('[') {
        return Ok(vec![Step::Member(name.to_owned()), Step::Index]);
    }
    let Some((function, argument)) = part.split_once('(') else {
        return Ok(vec![Step::Member(part.to_owned())]);
    };
    let argument = argument.trim_end_matches(')');
    Ok(vec![match function {
        "as" | "ofType" => Step::OfType(argument.to_owned()),
        "where" => {
            if let Some(name) =
                argument.strip_prefix("resolve() is ").or_else(|| argument.strip_prefix("resolve( is "))
            {
                Step::WhereRefers(name.to_owned())
            } else {
                let (name, value) = argument.split_once('=').context("a where of another form")?;
                Step::WhereEquals(name.to_owned(), value.trim_matches('\'').to_owned())
            }
        }
        other => bail!("{other}() is not known"),
    }])
}

#[cfg(test)]
mod tests {
    use super::*;

    fn one(text: &str) -> Vec<Step> {
        branches(text).unwrap().remove(0).1
    }

    #[test]
    fn every_form_that_r4_uses_is_read() {
        let member = |name: &str| Step::Member(name.into());
        assert_eq!(one("Patient.name.family"), [member("name"), member("family")]);
        assert_eq!(
            one("(Observation.value as Quantity)"),
            [member("value"), Step::OfType("Quantity".into())]
        );
        assert_eq!(
            one("(Observation.value.ofType(CodeableConcept)).text"),
            [member("value"), Step::OfType("CodeableConcept".into()), member("text")]
        );
        assert_eq!(
            one("Task.for.where(resolve() is Patient)"),
            [member("for"), Step::WhereRefers("Patient".into())]
        );
        assert_eq!(
            one("Person.telecom.where(system='phone')"),
            [member("telecom"), Step::WhereEquals("system".into(), "phone".into())]
        );
        assert_eq!(
            one("Patient.deceased.exists() and Patient.deceased != false"),
            [member("deceased"), Step::Present]
        );
        assert_eq!(branches("A.b | (C.d as E)").unwrap().len(), 2);
    }

    #[test]
    fn a_form_that_is_not_known_stops_the_generator() {
        assert!(branches("Patient.name.first()").is_err());
        assert!(branches("Patient.name.where(use)").is_err());
    }
}
