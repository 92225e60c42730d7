//! plugg: a spaced-repetition trainer for the terminal.

pub mod card;
pub mod day;
pub mod deck;
pub mod error;
pub mod skill;
pub mod text;
