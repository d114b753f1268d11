//! Which module answers which function.

use super::{Evaluated, Evaluator, Scope};
use crate::item::Items;
use crate::syntax::{Function as F, Node, Pattern};

impl<'a> Evaluator<'_, 'a> {
    #[expect(clippy::too_many_lines, reason = "a flat table")]
    pub(super) fn call(
        &mut self,
        function: F,
        input: Items<'a>,
        arguments: &'a [Node],
        pattern: Option<&'a Pattern>,
        scope: Scope<'_, 'a>,
    ) -> Evaluated<'a> {
        match function {
            F::Empty
            | F::Exists
            | F::All
            | F::AllTrue
            | F::AnyTrue
            | F::AllFalse
            | F::AnyFalse
            | F::SubsetOf
            | F::SupersetOf
            | F::Count
            | F::IsDistinct
            | F::Not
            | F::Iif => self.existence(function, input, arguments, scope),
            F::Distinct
            | F::Where
            | F::Select
            | F::Repeat
            | F::Single
            | F::First
            | F::Last
            | F::Tail
            | F::Skip
            | F::Take
            | F::Intersect
            | F::Exclude
            | F::Union
            | F::Combine
            | F::Aggregate
            | F::Trace
            | F::DefineVariable => self.collection(function, input, arguments, scope),
            F::Sort => self.sort(input, arguments, scope),
            F::OfType | F::As | F::Is => match arguments {
                [Node::Type(name)] if function == F::OfType => self.of_type(input, name),
                [Node::Type(name)] if function == F::As => self.cast(input, name, "as()"),
                [Node::Type(name)] => self.is(&input, name),
                _ => Ok(Items::new()),
            },
            F::Type => Ok(self.types(&input)),
            F::ToBoolean
            | F::ConvertsToBoolean
            | F::ToInteger
            | F::ConvertsToInteger
            | F::ToDate
            | F::ConvertsToDate
            | F::ToDateTime
            | F::ConvertsToDateTime
            | F::ToDecimal
            | F::ConvertsToDecimal
            | F::ToQuantity
            | F::ConvertsToQuantity
            | F::ToText
            | F::ConvertsToText
            | F::ToTime
            | F::ConvertsToTime => self.convert(function, &input, arguments, scope),
            F::IndexOf
            | F::LastIndexOf
            | F::Substring
            | F::StartsWith
            | F::EndsWith
            | F::Contains
            | F::Upper
            | F::Lower
            | F::Replace
            | F::Matches
            | F::MatchesFull
            | F::ReplaceMatches
            | F::Length
            | F::ToChars
            | F::Encode
            | F::Decode
            | F::Escape
            | F::Unescape
            | F::Trim
            | F::Split => self.text_function(function, &input, arguments, pattern, scope),
            F::Join => self.join(&input, arguments, scope),
            F::Abs
            | F::Ceiling
            | F::Exp
            | F::Floor
            | F::Ln
            | F::Log
            | F::Power
            | F::Round
            | F::Sqrt
            | F::Truncate => self.math(function, &input, arguments, scope),
            F::Children => self.children(&input),
            F::Descendants => self.descendants(&input),
            F::Now
            | F::TimeOfDay
            | F::Today
            | F::LowBoundary
            | F::HighBoundary
            | F::Precision
            | F::YearOf
            | F::MonthOf
            | F::DayOf
            | F::HourOf
            | F::MinuteOf
            | F::SecondOf
            | F::MillisecondOf
            | F::TimezoneOffsetOf
            | F::DateOf
            | F::TimeOf => self.date_function(function, &input, arguments, scope),
            F::Comparable => self.comparable(&input, arguments, scope),
            F::Extension
            | F::HasValue
            | F::GetValue
            | F::Resolve
            | F::MemberOf
            | F::Subsumes
            | F::SubsumedBy
            | F::ConformsTo
            | F::HtmlChecks
            | F::ElementDefinition
            | F::Slice
            | F::CheckModifiers => self.of_fhir(function, &input, arguments, scope),
        }
    }
}
