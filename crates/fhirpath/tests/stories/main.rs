//! What expressions answer, and what stops them.

#[cfg(test)]
mod bounds;
#[cfg(test)]
mod clinic;
#[cfg(test)]
mod functions;
