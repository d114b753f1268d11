//! The quality of a visit: R = T x C / D, transmission rating, windows and control charts.
//!
//! | figure | what it is | unit | module |
//! |---|---|---|---|
//! | T | communication speed: available rate of the patient's connection | Mbit/s | [`speed`] |
//! | C | cost of the service | ISO 4217 currency | [`cost`] |
//! | D | delay of the service, at least 1 | s | [`delay`] |
//! | R | T x C / D | Mbit/s.CNY/s | [`assess()`] |
//! | R_ref | T x C0 / D, with C0 the reference cost of the visit type | Mbit/s.CNY/s | [`assess()`] |
//! | R_network | T x C / D_network | Mbit/s.CNY/s | [`assess()`] |
//! | MOS | listening quality by the E-model, ITU-T G.107 | 1 to 4.5 | [`rating`], [`call`] |
//!
//! Everything here is a pure function of its arguments. Figures are full doubles and are never rounded: what is shown
//! with three digits is rounded by whoever shows it. A figure that cannot be computed is an `Err` with its [`Reason`],
//! never a zero. R grows as care gets dearer, which is why R_ref stands beside it and why charts run on ln R_ref; R
//! never ranks clinicians.

#![cfg_attr(test, expect(clippy::float_cmp, reason = "what is computed by hand agrees to the last bit"))]

pub mod assess;
pub mod call;
pub mod chart;
pub mod cost;
pub mod delay;
pub mod far;
pub mod rating;
mod reason;
mod spans;
pub mod speed;
mod weighted;
mod window;

pub use assess::{Assessment, Quality, Ratio, assess};
pub use rating::RatingConstants;
pub use reason::Reason;
pub use window::{MediaWindow, RateWindow, Source, VideoSample, WINDOW_SECONDS, application_limited};

/// The version of the method. It stands beside every figure; a change of any rule in this crate changes it.
pub const METHOD_VERSION: &str = "1.2";
