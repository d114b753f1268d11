//! Which layer of whose picture each receiver gets.
//!
//! A sender's camera may come in several encodings of one picture (simulcast), told apart by `rid` and stated smallest
//! first. A line carries one of them at a time and goes over to another at a keyframe of that one. Which one follows from
//! three things: what the receiver shows and how large ([`Shown`](crate::Shown)), what its link carries (the estimate of
//! str0m, from transport-wide feedback), and what comes from the sender at present.
//!
//! Sound is not allocated: it is always sent, and what it takes is taken from the estimate first. What is left goes to
//! every picture's smallest layer, the most important first, and then to larger layers in the same order: a shared screen,
//! then by size on the receiver's screen. A picture whose smallest layer does not fit is paused, and the receiver told.

mod allocate;
mod climb;
mod fall;
mod flow;
mod layer;
mod receiver;
mod room;

pub(crate) use flow::{Admission, Flow};
pub(crate) use layer::{Layer, LayerId};
pub(crate) use receiver::{Receiver, Sought};
