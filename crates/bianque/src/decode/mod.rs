//! Decoders of medical images: processes of this program that can reach nothing, asked over their standard streams.
//!
//! [`Pool`] is the server's side, behind `app::ports::decoders`; [`serve`] is the worker's, which alone runs `bianque_pixels`.

mod pool;
mod shapes;
mod wire;
mod worker;

pub(crate) use pool::{Limits, Pool};
pub(crate) use worker::serve;

#[cfg(test)]
mod tests;
