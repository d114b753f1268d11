//! Existence, filtering, subsetting, combining, aggregates (N1, 5.1 to 5.4, 5.9 and 7).

use super::{Evaluated, Evaluator, Scope, condition, maybe, one};
use crate::error::EvaluationError;
use crate::item::{Item, Items};
use crate::syntax::{Function as F, Node};

impl<'a> Evaluator<'_, 'a> {
    pub(super) fn existence(
        &mut self,
        function: F,
        input: Items<'a>,
        arguments: &'a [Node],
        scope: Scope<'_, 'a>,
    ) -> Evaluated<'a> {
        let answer = match (function, arguments) {
            (F::Iif, _) => return self.iif(&input, arguments, scope),
            (F::Empty, _) => input.is_empty(),
            (F::Exists, [criterion]) => self.any(&input, criterion, scope, true)?,
            (F::Exists, _) => !input.is_empty(),
            (F::All, [criterion]) => !self.any(&input, criterion, scope, false)?,
            (F::AllTrue, _) => all_are(&input, true, "allTrue()")?,
            (F::AllFalse, _) => all_are(&input, false, "allFalse()")?,
            (F::AnyTrue, _) => !all_are(&input, false, "anyTrue()")?,
            (F::AnyFalse, _) => !all_are(&input, true, "anyFalse()")?,
            (F::SubsetOf, [other]) => {
                let other = self.scoped(other, scope)?;
                self.all_in(&input, &other)?
            }
            (F::SupersetOf, [other]) => {
                let other = self.scoped(other, scope)?;
                self.all_in(&other, &input)?
            }
            (F::Count, _) => {
                return Ok(one(Item::integer(i64::try_from(input.len()).unwrap_or(i64::MAX))));
            }
            (F::IsDistinct, _) => {
                let count = input.len();
                self.distinct(input)?.len() == count
            }
            _ => return Ok(maybe(condition(&input, "not()")?.map(|value| Item::boolean(!value)))),
        };
        Ok(one(Item::boolean(answer)))
    }

    /// Whether a condition is so for some item.
    fn any(
        &mut self,
        input: &Items<'a>,
        criterion: &'a Node,
        scope: Scope<'_, 'a>,
        wanted: bool,
    ) -> Result<bool, EvaluationError> {
        for (at, item) in input.iter().enumerate() {
            if self.holds(criterion, item, at, scope)? == wanted {
                return Ok(true);
            }
        }
        Ok(false)
    }

    fn all_in(&mut self, some: &Items<'a>, all: &Items<'a>) -> Result<bool, EvaluationError> {
        for item in some {
            if !self.has(all, item)? {
                return Ok(false);
            }
        }
        Ok(true)
    }

    fn iif(&mut self, input: &Items<'a>, arguments: &'a [Node], scope: Scope<'_, 'a>) -> Evaluated<'a> {
        if input.len() > 1 {
            return Err(EvaluationError::NotSingle("iif()"));
        }
        let inside = Scope { this: input, ..scope };
        let [criterion, yes, rest @ ..] = arguments else { return Ok(Items::new()) };
        let found = self.scoped(criterion, inside)?;
        let holds = match found.as_slice() {
            [] => false,
            [item] => item.as_boolean().ok_or(EvaluationError::Type("iif()", "a condition"))?,
            _ => return Err(EvaluationError::NotSingle("iif()")),
        };
        match (holds, rest) {
            (true, _) => self.scoped(yes, inside),
            (false, [no]) => self.scoped(no, inside),
            _ => Ok(Items::new()),
        }
    }

    pub(super) fn collection(
        &mut self,
        function: F,
        input: Items<'a>,
        arguments: &'a [Node],
        scope: Scope<'_, 'a>,
    ) -> Evaluated<'a> {
        match (function, arguments) {
            (F::Distinct, _) => self.distinct(input),
            (F::Where, [criterion]) => {
                let mut out = Items::new();
                for (at, item) in input.into_iter().enumerate() {
                    if self.holds(criterion, &item, at, scope)? {
                        out.push(item);
                    }
                }
                Ok(out)
            }
            (F::Select, [projection]) => {
                let mut out = Items::new();
                for (at, item) in input.iter().enumerate() {
                    let found = self.each(projection, item, at, scope)?;
                    self.extend(&mut out, found)?;
                }
                Ok(out)
            }
            (F::Repeat, [projection]) => self.repeat(input, projection, scope),
            (F::Single, _) if input.len() > 1 => Err(EvaluationError::NotSingle("single()")),
            (F::Single | F::First, _) => Ok(maybe(input.into_iter().next())),
            (F::Last, _) => Ok(maybe(input.into_iter().next_back())),
            (F::Tail, _) => Ok(input.into_iter().skip(1).collect()),
            (F::Skip | F::Take, [count]) => self.part(function, input, count, scope),
            (F::Intersect | F::Exclude | F::Union | F::Combine, [other]) => {
                let other = self.scoped(other, scope)?;
                self.combined(function, input, other)
            }
            (F::Aggregate, [aggregator, rest @ ..]) => {
                self.aggregate(&input, aggregator, rest.first(), scope)
            }
            (F::Trace, [name, rest @ ..]) => self.trace(input, name, rest.first(), scope),
            (F::DefineVariable, [name, rest @ ..]) => self.define(input, name, rest.first(), scope),
            _ => Ok(Items::new()),
        }
    }

    fn repeat(&mut self, input: Items<'a>, projection: &'a Node, scope: Scope<'_, 'a>) -> Evaluated<'a> {
        let mut out = Items::new();
        let mut level = input;
        while !level.is_empty() {
            let mut next = Items::new();
            for (at, item) in level.iter().enumerate() {
                for found in self.each(projection, item, at, scope)? {
                    if !self.has(&out, &found)? {
                        self.push(&mut out, found.clone())?;
                        next.push(found);
                    }
                }
            }
            level = next;
        }
        Ok(out)
    }

    fn part(
        &mut self,
        function: F,
        input: Items<'a>,
        count: &'a Node,
        scope: Scope<'_, 'a>,
    ) -> Evaluated<'a> {
        let count = self.scoped(count, scope)?;
        let Some(count) = self.integer(&count, function.name())? else { return Ok(Items::new()) };
        let count = usize::try_from(count.max(0)).unwrap_or(usize::MAX);
        let items = input.into_iter();
        Ok(if function == F::Skip { items.skip(count).collect() } else { items.take(count).collect() })
    }

    fn combined(&mut self, function: F, mut input: Items<'a>, other: Items<'a>) -> Evaluated<'a> {
        match function {
            F::Union => self.union(input, other),
            F::Combine => {
                self.extend(&mut input, other)?;
                Ok(input)
            }
            _ => {
                let mut out = Items::new();
                for item in input {
                    if self.has(&other, &item)? == (function == F::Intersect) {
                        out.push(item);
                    }
                }
                if function == F::Intersect { self.distinct(out) } else { Ok(out) }
            }
        }
    }

    pub(super) fn union(&mut self, mut input: Items<'a>, other: Items<'a>) -> Evaluated<'a> {
        self.extend(&mut input, other)?;
        self.distinct(input)
    }

    fn aggregate(
        &mut self,
        input: &Items<'a>,
        aggregator: &'a Node,
        start: Option<&'a Node>,
        scope: Scope<'_, 'a>,
    ) -> Evaluated<'a> {
        let mut total = match start {
            Some(start) => self.scoped(start, scope)?,
            None => Items::new(),
        };
        for (at, item) in input.iter().enumerate() {
            total = self.each(aggregator, item, at, Scope { total: Some(&total), ..scope })?;
        }
        Ok(total)
    }

    fn trace(
        &mut self,
        input: Items<'a>,
        name: &'a Node,
        projection: Option<&'a Node>,
        scope: Scope<'_, 'a>,
    ) -> Evaluated<'a> {
        let name = self.scoped(name, scope)?;
        let name = self.string(&name, "trace()")?.unwrap_or_default();
        let mut shown = Items::new();
        if let Some(projection) = projection {
            for (at, item) in input.iter().enumerate() {
                let found = self.each(projection, item, at, scope)?;
                self.extend(&mut shown, found)?;
            }
        }
        self.environment.hooks.trace(&name, if projection.is_some() { &shown } else { &input });
        Ok(input)
    }

    fn define(
        &mut self,
        input: Items<'a>,
        name: &'a Node,
        value: Option<&'a Node>,
        scope: Scope<'_, 'a>,
    ) -> Evaluated<'a> {
        const GIVEN: [&str; 6] = ["context", "resource", "rootResource", "ucum", "sct", "loinc"];
        let name = self.scoped(name, scope)?;
        let name = self.string(&name, "defineVariable()")?.unwrap_or_default().into_owned();
        let given = self.environment.variables.iter().any(|(given, _)| *given == name);
        if given || GIVEN.contains(&name.as_str()) || self.defined.iter().any(|(defined, _)| *defined == name)
        {
            return Err(EvaluationError::Defined(name.chars().take(64).collect()));
        }
        let value = match value {
            Some(value) => self.scoped(value, Scope { this: &input, ..scope })?,
            None => input.clone(),
        };
        self.defined.push((name, value));
        Ok(input)
    }
}

fn all_are(input: &Items<'_>, wanted: bool, what: &'static str) -> Result<bool, EvaluationError> {
    let mut all = true;
    for item in input {
        all &= item.as_boolean().ok_or(EvaluationError::Type(what, "booleans"))? == wanted;
    }
    Ok(all)
}
