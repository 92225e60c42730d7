//! The one error type: what failed, where, and what to do.
//!
//! Every room may use it; it imports nothing. It never prints: `cli` turns it into one clear sentence, `main` into an
//! exit code.

use std::error::Error as StdError;
use std::fmt;

/// Whose move it is when something fails.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// The call or its arguments were wrong: the user can mend it. Exit code 2.
    User,
    /// A deck, a database or a configuration file is wrong. Exit code 1.
    Data,
    /// The machine or plugg itself failed. Exit code 3.
    Internal,
}

impl Kind {
    /// The process exit code that stands for this kind.
    pub fn exit_code(self) -> u8 {
        match self {
            Kind::User => 2,
            Kind::Data => 1,
            Kind::Internal => 3,
        }
    }
}

/// An error as the user meets it: a sentence, a remedy, and the cause beneath.
#[derive(Debug)]
pub struct Error {
    /// Whose move it is.
    pub kind: Kind,
    /// What failed and where, without a full stop.
    pub message: String,
    /// What to do about it, without a full stop.
    pub hint: Option<String>,
    /// The cause, if another library reported one.
    pub source: Option<Box<dyn StdError + Send + Sync>>,
}

/// The result of everything in plugg that can fail.
pub type Result<T, E = Error> = std::result::Result<T, E>;

impl Error {
    /// Returns an error that the user can mend.
    pub fn user(message: impl Into<String>) -> Self {
        Self::new(Kind::User, message)
    }

    /// Returns an error in a file that was read.
    pub fn data(message: impl Into<String>) -> Self {
        Self::new(Kind::Data, message)
    }

    /// Returns an error of the machine or of plugg itself.
    pub fn internal(message: impl Into<String>) -> Self {
        Self::new(Kind::Internal, message)
    }

    fn new(kind: Kind, message: impl Into<String>) -> Self {
        Self { kind, message: message.into(), hint: None, source: None }
    }

    /// Adds what to do about it.
    #[must_use]
    pub fn hint(mut self, hint: impl Into<String>) -> Self {
        self.hint = Some(hint.into());
        self
    }

    /// Whether the reader of the output went away: no error that anyone would want to hear of.
    pub fn is_closed_pipe(&self) -> bool {
        let io = self.source.as_deref().and_then(|source| source.downcast_ref::<std::io::Error>());
        io.is_some_and(|error| error.kind() == std::io::ErrorKind::BrokenPipe)
    }

    /// Adds the cause.
    #[must_use]
    pub fn because(mut self, source: impl Into<Box<dyn StdError + Send + Sync>>) -> Self {
        self.source = Some(source.into());
        self
    }
}

impl fmt::Display for Error {
    /// Writes the message and the chain of causes, separated by colons; the hint is not part of it.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)?;
        let mut cause = self.source.as_deref().map(|source| source as &dyn StdError);
        while let Some(error) = cause {
            write!(f, ": {error}")?;
            cause = error.source();
        }
        Ok(())
    }
}

// `source` is already part of the message (see Display), so the chain is not offered a second time.
impl StdError for Error {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_sentence_names_the_cause_once() {
        let cause = std::io::Error::other("disk on fire");
        let error = Error::internal("could not write plugg.db").because(cause).hint("free some room");
        assert_eq!(error.to_string(), "could not write plugg.db: disk on fire");
        assert_eq!(error.kind.exit_code(), 3);
        assert!(StdError::source(&error).is_none());
    }
}
