//! The report: a [`Summary`](crate::stats::Summary) in words. Strings and styled lines only; every figure is computed
//! in `stats`, and none is computed here.

pub mod calendar;
pub mod csv;
pub mod json;
pub mod markdown;
pub mod table;
