//! plugg: a spaced-repetition trainer for the terminal.
//!
//! The review log is the truth; everything else is derived from it. Data flows one way:
//!
//! ```text
//! deck file → deck → store → sm2 → session → review log → stats → report
//! ```
//!
//! | room | what it hides | may use |
//! |---|---|---|
//! | [`error`] | one error type: what failed, where, what to do | nothing |
//! | [`answer`] | whether an answer is right, and the grade it proposes | card |
//! | [`card`] | the nouns: deck, note, card, grade, a line of the log | error, day |
//! | [`day`] | instants and study days; the only reader of the clock | error |
//! | [`skill`] | areas, systems, levels, the goal profile | error, card |
//! | [`text`] | styled lines, and the gate that makes foreign text harmless | nothing |
//! | [`sm2`] | the scheduler | day, card |
//! | [`recall`] | the chance of recall | day, card |
//! | [`deck`] | deck formats: bytes in, notes out | the domain |
pub mod answer;
pub mod card;
pub mod day;
pub mod deck;
pub mod error;
pub mod recall;
pub mod skill;
pub mod sm2;
pub mod stats;
pub mod store;
pub mod text;
