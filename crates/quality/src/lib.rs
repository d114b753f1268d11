//! R = T x C / D, transmission rating, windows and control charts.
