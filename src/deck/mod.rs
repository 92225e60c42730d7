//! Deck formats: bytes in, a [`Reading`] out, and back out again.
//!
//! One file (or folder) a format. A format knows nothing of the store: it fills a neutral [`Reading`] of notes, reviews
//! and problems, and `cli` hands that over to `store::merge`. A problem in one note leaves that note out and is named; a
//! problem of the file refuses the file, as the `Err` of the reader.

pub mod anki;
pub mod check;
pub mod csv_out;
pub mod html;
pub mod lint;
pub mod toml;

use std::fmt;

use serde::Serialize;

use crate::card::{Deck, Grade, Note};
use crate::error::{Error, Result};

/// A format that decks come in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Format {
    /// plugg's own.
    Toml,
    /// An Anki package, `.apkg` or `.colpkg`.
    Anki,
}

impl Format {
    /// All formats.
    pub const ALL: [Format; 2] = [Format::Toml, Format::Anki];

    /// The name used on the command line.
    pub fn name(self) -> &'static str {
        match self {
            Format::Toml => "toml",
            Format::Anki => "anki",
        }
    }

    /// Reads a name.
    ///
    /// # Errors
    /// Says which names there are.
    pub fn parse(name: &str) -> Result<Format> {
        Format::ALL.into_iter().find(|format| format.name() == name).ok_or_else(|| {
            let names: Vec<&str> = Format::ALL.iter().map(|format| format.name()).collect();
            Error::user(format!("`{name}` is not a format")).hint(format!("the formats are {}", names.join(", ")))
        })
    }
}

/// Tells the format of a file from the beginning of its content.
pub fn detect(_name: &str, head: &[u8]) -> Option<Format> {
    Some(if head.starts_with(b"PK") { Format::Anki } else { Format::Toml })
}

/// What a format made of a deck.
#[derive(Debug, Clone, Default)]
pub struct Reading {
    /// What the deck says of itself.
    pub deck: Deck,
    /// Its notes, in the deck's order.
    pub notes: Vec<Note>,
    /// The learner's own history of them, oldest first, where the format carries one and it was asked for.
    pub reviews: Vec<PastReview>,
    /// Pictures and sounds that the notes name.
    pub media: Vec<Media>,
    /// What was left out or is doubtful, with its place.
    pub problems: Vec<Problem>,
    /// Cards that the author had suspended: the id of the note and the card's ordinal.
    pub suspended: Vec<(String, u32)>,
}

/// An answer given in another program.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PastReview {
    /// The id of the note.
    pub note: String,
    /// Which card of the note.
    pub ordinal: u32,
    /// Milliseconds since the Unix epoch, UTC.
    pub unix_ms: i64,
    /// How well it was recalled, on SM-2's scale.
    pub grade: Grade,
    /// Milliseconds that the answer took, at most an hour.
    pub took_ms: u32,
}

/// A picture or sound that came with a deck. It is kept under the hash of its content, never under a name of the deck.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Media {
    /// The name that the notes use for it; foreign text, never a path.
    pub name: String,
    /// Its content.
    pub content: Vec<u8>,
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
