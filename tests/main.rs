//! The program as its user meets it: the real binary, in a place of its own, under a fixed clock, seed and width.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::disallowed_methods,
    reason = "a test may fail"
)]

mod architecture;
mod bad_input;
mod commands;
mod fuzz;
mod harness;
mod hostile;
mod import;
mod killed;
mod locales;
mod migration;
mod page;
mod quiz;
mod simulation;
mod team;
mod terminal;
