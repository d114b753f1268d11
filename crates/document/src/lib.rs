//! Documents for people: the plan of a visit as PDF.
