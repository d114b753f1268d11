//! What a search asks.

use bianque_model::{ResourceId, Timestamp};

use crate::{Compartment, DateRange, Reference, Scope};

/// A search over one resource type of one tenant (the tenant travels beside it).
#[derive(Debug, Clone, PartialEq)]
pub struct Query {
    /// The type that is searched.
    pub resource_type: String,
    /// What must hold.
    pub filter: Predicate,
    /// What policy lets the asker see; applied to every joined part.
    pub scope: Scope,
    /// The order of the answer. The store adds the id as the last key, so that every order is total.
    pub order: Vec<Order>,
    /// Where the page before ended.
    pub after: Option<Cursor>,
    /// Rows wanted, at least 1.
    pub limit: u32,
}

/// A condition on one resource.
#[derive(Debug, Clone, PartialEq)]
pub enum Predicate {
    /// All of these. Empty: always true.
    And(Vec<Predicate>),
    /// Any of these. Empty: never true.
    Or(Vec<Predicate>),
    /// Not this.
    Not(Box<Predicate>),
    /// The resource has one of these ids.
    Ids(Vec<ResourceId>),
    /// It lies in this compartment.
    In(Compartment),
    /// The instant of the last change lies in this range.
    LastUpdated(Test),
    /// It refers by `param` to a resource of `target_type`, visible to the asker, for which `filter` holds: a chain.
    Chain {
        /// The search parameter's code.
        param: String,
        /// The type that is referred to.
        target_type: String,
        /// What must hold of the other resource.
        filter: Box<Predicate>,
    },
    /// A resource of `resource_type`, visible to the asker, for which `filter` holds refers to this one: `_has`.
    ReferredBy {
        /// The type that refers.
        resource_type: String,
        /// Its search parameter.
        param: String,
        /// What must hold of the other resource.
        filter: Box<Predicate>,
    },
    /// In one element, each part of `param` passes its test: a composite.
    Together {
        /// The composite's code.
        param: String,
        /// The number of each part and its test.
        tests: Vec<(u8, Test)>,
    },
    /// Some index row of `param` passes the test.
    Param {
        /// The search parameter's code.
        param: String,
        /// What its value must pass.
        test: Test,
    },
    /// The parameter has (false) or has not (true) a row at all: `:missing`.
    Missing {
        /// The search parameter's code.
        param: String,
        /// Wanted missing.
        missing: bool,
    },
}

/// What one index value must pass.
#[derive(Debug, Clone, PartialEq)]
pub enum Test {
    /// Token by code; `system` none means any, empty means none.
    Token {
        /// Wanted system.
        system: Option<String>,
        /// Wanted code; none means any code of the system.
        code: Option<String>,
    },
    /// Token by one of these codes of a system: `:in`, `:below`.
    TokenAny {
        /// Wanted system.
        system: String,
        /// Wanted codes.
        codes: Vec<String>,
    },
    /// Folded text starts with this (already folded).
    StartsWith(String),
    /// Folded text contains this (already folded): `:contains`.
    Contains(String),
    /// Text as written: `:exact`.
    Exact(String),
    /// `eq`: the resource's range lies within this one.
    DateWithin(DateRange),
    /// `ne`: it does not.
    DateNotWithin(DateRange),
    /// `lt`: some part of it lies before.
    DateBefore(Timestamp),
    /// `gt`: some part of it lies at or after.
    DateAfter(Timestamp),
    /// `sa`: all of it lies at or after.
    DateStartsAtOrAfter(Timestamp),
    /// `eb`: all of it lies before.
    DateEndsBefore(Timestamp),
    /// Refers to this resource.
    Refers(Reference),
    /// Refers to a resource of any type with this id.
    RefersToId(ResourceId),
    /// Refers to one of these resources of one type.
    RefersToAny {
        /// Their type.
        resource_type: String,
        /// Their ids.
        ids: Vec<ResourceId>,
    },
    /// The URI, whole.
    Uri(String),
    /// The URI begins with this: `:below`.
    UriBelow(String),
    /// This begins with the URI: `:above`.
    UriAbove(String),
    /// The number lies in the interval.
    Number(Interval),
    /// It does not.
    NumberOutside(Interval),
    /// The quantity lies in the interval, or with `outside` not in it.
    Quantity {
        /// Wanted numbers.
        interval: Interval,
        /// Whether those are the numbers that are not wanted.
        outside: bool,
        /// Wanted system; none means any.
        system: Option<String>,
        /// Wanted unit; none means any.
        unit: Option<String>,
    },
}

/// Numbers between two bounds; without a bound, to the end of all numbers.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Interval {
    /// The lower bound.
    pub low: Option<Bound>,
    /// The upper bound.
    pub high: Option<Bound>,
}

/// Where an interval ends.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Bound {
    /// The number.
    pub value: f64,
    /// Whether it lies in the interval itself.
    pub included: bool,
}

impl Interval {
    /// Whether a number lies in it.
    pub fn contains(self, number: f64) -> bool {
        let above = self.low.is_none_or(|low| number > low.value || (low.included && number == low.value));
        let below =
            self.high.is_none_or(|high| number < high.value || (high.included && number == high.value));
        above && below
    }
}

/// One key of an order.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Order {
    /// What is compared.
    pub key: OrderKey,
    /// Which way.
    pub direction: Direction,
}

/// What an order compares.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum OrderKey {
    /// The instant of the last change.
    LastUpdated,
    /// The lowest (ascending) or highest (descending) value of a search parameter; resources without it come last.
    Param(String),
}

/// Which way an order runs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Direction {
    /// Lowest first.
    Ascending,
    /// Highest first.
    Descending,
}

/// Where a page ended: opaque to everyone but the store that made it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Cursor(pub String);

/// One page of an answer.
#[derive(Debug, Clone, PartialEq)]
pub struct Page<T> {
    /// The rows, in order.
    pub rows: Vec<T>,
    /// Where to go on; none when this was the last.
    pub next: Option<Cursor>,
}
