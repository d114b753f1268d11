//! Rendering.
mod colour;

pub(crate) use colour::full_to_rgb;
