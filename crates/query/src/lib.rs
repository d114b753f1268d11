//! The algebra that records and images lower into.
//!
//! A resource becomes [`IndexRow`]s when it is written; a search becomes a [`Query`] over them. The store compiles a
//! query once per dialect and knows nothing of FHIR; the crates that know FHIR know nothing of SQL.
//! Text is folded here, in Rust ([`fold`]), so that every database compares plain bytes.

mod evaluate;
mod fold;
mod images;
mod index;
mod name_keys;
mod predicate;
mod scope;

pub use evaluate::Subject;
pub use fold::{FOLD_VERSION, fold};
pub use images::{ImageCondition, ImageLevel, ImageQuery, ImageTest, ImageValue, MOMENT};
pub use index::{DateRange, IndexRow, IndexValue, NORMALISED, Reference};
pub use name_keys::name_keys;
pub use predicate::{Bound, Cursor, Direction, Interval, Order, OrderKey, Page, Predicate, Query, Test};
pub use scope::{Asker, Bar, Clause, Compartment, Rule, Scope, Term, Tie};
