//! The report as JSON: the fields of [`Summary`](crate::stats::Summary), whose documentation defines each figure.
//!
//! Shares are numbers from 0 to 1, days are ISO 8601 dates; a share of too few answers is `null`. The field `version`
//! changes when a field changes its meaning or goes.

use serde::Serialize;

use crate::error::{Error, Result};

/// Returns a summary, or a team, as indented JSON with a line feed at its end.
///
/// # Errors
/// When a figure cannot be written, which no summary holds.
pub fn render(figures: &impl Serialize) -> Result<String> {
    let text = serde_json::to_string_pretty(figures)
        .map_err(|error| Error::internal("the report could not be written").because(error))?;
    Ok(text + "\n")
}
