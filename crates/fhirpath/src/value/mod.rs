//! The values of FHIRPath's own types (N1, section 5.5 and 6).

mod boundary;
mod calendar;
mod number;
mod quantity;
mod temporal;
mod ucum;

pub(crate) use boundary::{Side, decimal_boundary, temporal_boundary};
pub(crate) use calendar::Calendar;
pub(crate) use number::{decimal, decimal_of, equivalent, integer_of};
pub use quantity::Quantity;
pub(crate) use quantity::is_number;
pub use temporal::{Temporal, TemporalKind};
