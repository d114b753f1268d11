//! Filling a resource from segments, by a table.

use bianque_hl7v2::{Fault, Path, Segment, Severity, Value};
use serde_json::{Map, Value as Json};

use crate::Sender;
use crate::table::{Condition, Row, Table};

/// A resource that is being filled.
#[derive(Debug, Default)]
pub(crate) struct Filled {
    pub(crate) resource: Map<String, Json>,
    /// Members of which the sender says that there is no value.
    pub(crate) removed: Vec<String>,
    /// What could not be read, and was left out.
    pub(crate) faults: Vec<Fault>,
}

impl Filled {
    /// Puts every field of a table where it goes. A row is about the first of the segments that has its name.
    pub(crate) fn fill(&mut self, table: &Table, segments: &[Segment<'_>], sender: &Sender) {
        for row in &table.rows {
            self.row(row, segments, sender);
        }
    }

    fn row(&mut self, row: &Row, segments: &[Segment<'_>], sender: &Sender) {
        let at = |path: &Path| at(segments, path);
        let Some(segment) = named(segments, &row.source) else { return };
        if row.condition.as_ref().is_some_and(|condition| !condition.holds(segments)) {
            return;
        }
        let field = segment.field(row.source.field);
        if field.is_null() {
            let member = row.target.member().map(|member| member.trim_start_matches('_').to_owned());
            self.removed.extend(member.filter(|member| !self.removed.contains(member)));
            return;
        }
        let many = row.target.takes_many();
        let repetitions = field.repetitions().take(if many { usize::MAX } else { 1 });
        for (place, repetition) in repetitions.enumerate() {
            let value = part(repetition, &row.source);
            match row.datatype.convert(value, &at, sender) {
                Ok(Some(value)) => row.target.put(&mut self.resource, value),
                Ok(None) => {}
                Err(wrong) => {
                    let at = row.source.clone().of_repetition(place + 1);
                    let severity = Severity::Warning;
                    self.faults.push(Fault { at: Some(at), code: wrong.code, severity, text: wrong.text });
                }
            }
        }
    }

    /// Sets a member.
    pub(crate) fn set(&mut self, member: &str, value: impl Into<Json>) {
        self.resource.insert(member.to_owned(), value.into());
    }

    /// Sets a member that must be there, where the message has said nothing of it.
    pub(crate) fn otherwise(&mut self, member: &str, value: impl Into<Json>) {
        self.resource.entry(member).or_insert_with(|| value.into());
    }
}

impl Condition {
    fn holds(&self, segments: &[Segment<'_>]) -> bool {
        let text = at(segments, &self.path).and_then(|value| value.first().given());
        let found = text.is_some_and(|text| {
            let text = text.trim();
            !text.is_empty() && (self.values.is_empty() || self.values.iter().any(|value| value == text))
        });
        found != self.negated
    }
}

/// The segment that a path is about.
fn named<'s, 'm>(segments: &'s [Segment<'m>], path: &Path) -> Option<&'s Segment<'m>> {
    segments.iter().find(|segment| segment.name() == path.segment.as_str())
}

fn at<'m>(segments: &[Segment<'m>], path: &Path) -> Option<Value<'m>> {
    named(segments, path).map(|segment| segment.at(path)).filter(|value| !value.is_empty())
}

/// What of a repetition a path is about.
fn part<'m>(repetition: Value<'m>, path: &Path) -> Value<'m> {
    let value = path.component.map_or(repetition, |number| repetition.component(number));
    path.subcomponent.map_or(value, |number| value.subcomponent(number))
}
