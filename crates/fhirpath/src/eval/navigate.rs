//! From elements to their members.

use serde_json::{Map, Value};

use super::{Evaluated, Evaluator};
use crate::error::EvaluationError;
use crate::item::{Element, Item, Items};
use crate::model::{Member, Model, TypeId};

impl<'a> Evaluator<'_, 'a> {
    /// A path's first name: the type of what is looked at, or a member of it.
    pub(super) fn first_member(&mut self, this: &Items<'a>, name: &str) -> Evaluated<'a> {
        if name.starts_with(|c: char| c.is_ascii_uppercase())
            && let Some(wanted) = self.model.type_named(name)
        {
            let fits = |item: &&Item<'a>| match item {
                Item::Element(Element { type_id: Some(found), .. }) => self.model.is_kind_of(*found, wanted),
                _ => false,
            };
            return Ok(this.iter().filter(fits).cloned().collect());
        }
        self.member(this, name)
    }

    /// The members of this name of all items.
    pub(super) fn member(&mut self, items: &Items<'a>, name: &str) -> Evaluated<'a> {
        let mut out = Items::new();
        for item in items {
            self.step()?;
            match item {
                Item::Element(element) => self.member_of(element, name, &mut out)?,
                Item::Type { namespace, name: type_name } => match name {
                    "name" => out.push(Item::text(*type_name)),
                    "namespace" => out.push(Item::text(*namespace)),
                    _ => {}
                },
                Item::System(_) => {}
            }
        }
        if out.len() > self.environment.budget.items { Err(EvaluationError::Items) } else { Ok(out) }
    }

    fn member_of(
        &self,
        element: &Element<'a>,
        name: &str,
        out: &mut Items<'a>,
    ) -> Result<(), EvaluationError> {
        let Some(members) = element.members() else { return Ok(()) };
        let Some(type_id) = element.type_id else {
            let beside = members.get(&format!("_{name}"));
            push_all(self.model, members.get(name), beside, None, out);
            return Ok(());
        };
        let spellings = self.model.element(type_id, name);
        if let [member] = spellings {
            self.push_member(members, member, out);
        } else if !spellings.is_empty() {
            // Of a choice with dozens of types one is there, among a few members.
            for key in members.keys() {
                let bare = key.strip_prefix('_').unwrap_or(key);
                let twice = bare.len() < key.len() && members.contains_key(bare);
                if bare.starts_with(name)
                    && !twice
                    && let Some(member) = spellings.iter().find(|member| member.json == bare)
                {
                    self.push_member(members, member, out);
                }
            }
        }
        match self.model.member(type_id, name).filter(|_| spellings.is_empty()) {
            Some((wanted, _)) if wanted != name => {
                Err(EvaluationError::Choice(name.to_owned(), wanted.to_owned()))
            }
            _ => Ok(()),
        }
    }

    fn push_member(&self, members: &'a Map<String, Value>, member: &'a Member<'a>, out: &mut Items<'a>) {
        let beside = self.model.primitive(member.type_id).and_then(|_| members.get(member.beside));
        push_all(self.model, members.get(member.json), beside, Some(member), out);
    }

    /// All direct members, in the order of the document.
    pub(super) fn children(&mut self, items: &Items<'a>) -> Evaluated<'a> {
        let mut out = Items::new();
        for item in items {
            self.step()?;
            let Item::Element(element) = item else { continue };
            for (key, value) in element.members().into_iter().flatten() {
                let bare = key.strip_prefix('_').unwrap_or(key);
                let members = element.members();
                let get = |name: &str| members.and_then(|members| members.get(name));
                if key == "resourceType" || (bare.len() < key.len() && get(bare).is_some()) {
                    continue;
                }
                let member =
                    element.type_id.and_then(|of| self.model.member(of, bare)).map(|(_, member)| member);
                let (value, beside) = if bare.len() < key.len() {
                    (None, Some(value))
                } else {
                    (Some(value), member.and_then(|member| get(member.beside)))
                };
                push_all(self.model, value, beside, member.as_ref(), &mut out);
            }
            if out.len() > self.environment.budget.items {
                return Err(EvaluationError::Items);
            }
        }
        Ok(out)
    }

    /// Children, their children, and so on.
    pub(super) fn descendants(&mut self, items: &Items<'a>) -> Evaluated<'a> {
        let mut out = Items::new();
        let mut level = self.children(items)?;
        while !level.is_empty() {
            let next = self.children(&level)?;
            self.extend(&mut out, level)?;
            level = next;
        }
        Ok(out)
    }
}

/// The values of a member: an array with what stands beside it in step, or one value.
fn push_all<'a>(
    model: &'a dyn Model,
    value: Option<&'a Value>,
    beside: Option<&'a Value>,
    member: Option<&Member<'a>>,
    out: &mut Items<'a>,
) {
    if value.is_none() && beside.is_none() {
        return;
    }
    let type_id = member.map(|member| member.type_id);
    let list = |value: Option<&'a Value>| value.and_then(Value::as_array);
    if list(value).is_none() && list(beside).is_none() {
        return push(model, value, beside, type_id, out);
    }
    let (values, besides) = (list(value), list(beside));
    let length = values.map_or(0, Vec::len).max(besides.map_or(0, Vec::len));
    for at in 0..length {
        push(model, values.and_then(|v| v.get(at)), besides.and_then(|v| v.get(at)), type_id, out);
    }
}

fn push<'a>(
    model: &'a dyn Model,
    value: Option<&'a Value>,
    beside: Option<&'a Value>,
    type_id: Option<TypeId>,
    out: &mut Items<'a>,
) {
    let value = value.filter(|value| !value.is_null());
    let beside = beside.filter(|beside| beside.is_object());
    match (value, type_id) {
        (None, _) if beside.is_none() => {}
        (Some(value), None) if value.get("resourceType").is_some() => out.push(Item::resource(model, value)),
        (Some(value), Some(of)) if model.is_resource(of) => out.push(Item::resource(model, value)),
        _ => out.push(Item::Element(Element { value, beside, type_id })),
    }
}
