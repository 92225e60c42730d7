//! Deck formats: bytes in, a [`Reading`] out, and back out again.
//!
//! One file (or folder) a format. A format knows nothing of the store: it fills a neutral [`Reading`] of notes, reviews
//! and problems, and `cli` hands that over to `store::merge`. A problem in one note leaves that note out and is named; a
//! problem of the file refuses the file, as the `Err` of the reader.

pub mod toml;

use std::fmt;

use serde::Serialize;

use crate::card::{Deck, Note};

/// What a format made of a deck.
#[derive(Debug, Clone, Default)]
pub struct Reading {
    /// What the deck says of itself.
    pub deck: Deck,
    /// Its notes, in the deck's order.
    pub notes: Vec<Note>,
    /// What was left out or is doubtful, with its place.
    pub problems: Vec<Problem>,
}

/// How bad a problem is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Severity {
    /// A matter of taste or style: the deck is valid.
    Warning,
    /// The card (or the deck) is not valid.
    Error,
}

/// One fault, with its place and the remedy.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Problem {
    /// The file, as the user named it.
    pub file: String,
    /// The line in it, from 1, where there is one.
    pub line: Option<usize>,
    /// The id of the card, where there is one.
    pub card: Option<String>,
    /// How bad it is.
    pub severity: Severity,
    /// The lint rule's name, kebab-case; empty for a fault of form.
    pub rule: &'static str,
    /// What is wrong, without a full stop.
    pub message: String,
    /// What to do, without a full stop; empty where the message says it.
    pub hint: String,
}

impl fmt::Display for Problem {
    /// Writes `file:line: card: message (hint)`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.file)?;
        if let Some(line) = self.line {
            write!(f, ":{line}")?;
        }
        if let Some(card) = &self.card {
            write!(f, ": card `{card}`")?;
        }
        write!(f, ": {}", self.message)?;
        if !self.hint.is_empty() {
            write!(f, " ({})", self.hint)?;
        }
        Ok(())
    }
}
