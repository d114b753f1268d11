//! Pages while others write: every resource that nobody wrote in between appears exactly once.
