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
//! | [`text`] | styled lines, and the gate that makes foreign text harmless | nothing |
//! | [`day`] | instants and study days; the only reader of the clock | error |
//! | [`card`] | the nouns: deck, note, card, grade, a line of the log | error, day |
//! | [`skill`] | areas, systems, levels, the goal profile | error, card |
//! | [`words`] | messages, numbers and dates in the learner's language | day, card |
//! | [`media`] | which pictures and sounds a text names, and of what kind a file is | nothing |
//! | [`answer`] | is this answer right? | card |
//! | [`sm2`] | the scheduler, pure | day, card |
//! | [`recall`] | the chance of recall at a moment | day, card |
//! | [`stats`] | the report's figures, pure | day, card, skill, recall |
//! | [`share`] | what is told to an employer: share files, and what a team's add up to | the domain, stats, text |
//! | [`report`] | the figures in words and pictures | error, text, card, day, words, stats, share, forecast |
//! | [`deck`] | deck formats: bytes in, notes out; lint and proof | error, card, skill, day |
//! | [`store`] | SQLite: the log and all that is derived from it | error, card, skill, day, sm2, recall, stats |
//! | [`session`] | the course of a quiz over `trait Player` | the domain, store |
//! | [`forecast`] | the load of the coming days, pure | day, card, sm2, stats, session's plan |
//! | [`terminal`] | the players, and what a session looks like | session, the domain, text, words |
//! | [`cli`] | the command line: wires it all together | everything |
//!
//! What is not listed is forbidden; `tests/architecture.rs` holds the rule.

pub mod answer;
pub mod card;
pub mod cli;
pub mod day;
pub mod deck;
pub mod error;
pub mod forecast;
pub mod media;
pub mod recall;
pub mod report;
pub mod session;
pub mod share;
pub mod skill;
pub mod sm2;
pub mod stats;
pub mod store;
pub mod terminal;
pub mod text;
pub mod words;
