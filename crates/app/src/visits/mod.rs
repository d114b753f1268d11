//! A visit, from booking to the confirmed plan: one use case per file.
//!
//! The Encounter holds a visit's state (FHIR is the clinical truth); [`Visit`] holds beside it what only the server can
//! know: the join link, attempts, the browser it is bound to, the device check. Every change of state writes both in
//! one commit.
//!
//! ```text
//! book ─ link ─ join ─ device check ─ consent ─ intake ─ arrive ─ admit ─ call ─ end ─ sign ─ plan
//! planned ............................................ arrived  in-progress/onleave  finished
//! ```

pub mod access;
pub mod addendum;
pub mod admit;
pub mod arrive;
pub mod book;
pub mod call;
pub mod chat;
pub mod consent;
pub mod consent_text;
pub mod consults;
pub mod device_check;
pub mod encounter;
pub mod end;
pub mod guests;
pub mod intake;
pub mod invite;
pub mod join;
mod legs;
mod lines;
pub mod link;
pub mod list;
pub mod note;
pub mod opinion;
pub mod pause;
pub mod people;
pub mod plan;
pub mod plan_pdf;
pub mod presence;
pub mod quality;
pub mod rungs;
pub mod sign;
pub mod test_call;
mod undecided;
pub mod view;
pub mod visit;
pub mod vitals;
pub mod windows;

pub use access::Access;
pub use visit::Visit;
