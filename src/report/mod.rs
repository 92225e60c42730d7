//! The report: a [`Summary`](crate::stats::Summary), or a [`Team`](crate::share::team::Team), in words. Strings and
//! styled lines only; every figure is computed in `stats` or `share`, and none is computed here.

pub mod calendar;
pub mod csv;
pub mod forecast;
pub mod html;
pub mod json;
pub mod markdown;
pub mod table;
pub mod team;
