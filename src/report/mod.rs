//! The report: a [`Summary`](crate::stats::Summary) in words. Strings and styled lines only; every figure is computed
//! in `stats`, and none is computed here.

pub mod html;
pub mod json;
pub mod table;
