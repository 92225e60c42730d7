//! The ladder of schema versions.

use rusqlite::Connection;

use crate::error::{Error, Result};

/// Marks a database as plugg's: the letters "plug".
pub(super) const APPLICATION_ID: i64 = 0x706c_7567;

/// One step a version, oldest first; steps are added, never edited.
const LADDER: &[&str] = &[include_str!("schema_1.sql"), include_str!("schema_2.sql")];

/// The version that this program writes.
pub(super) const VERSION: usize = LADDER.len();

/// Returns the version of an open database.
pub(super) fn version(connection: &Connection) -> rusqlite::Result<usize> {
    connection.query_row("pragma user_version", [], |row| row.get::<_, i64>(0)).map(|v| usize::try_from(v).unwrap_or(0))
}

/// Climbs from the database's version to [`VERSION`], in the caller's transaction.
pub(super) fn climb(connection: &Connection, from: usize) -> Result<()> {
    for (index, step) in LADDER.iter().enumerate().skip(from) {
        connection.execute_batch(step).map_err(|error| {
            Error::internal(format!("could not bring the database to schema {}", index + 1)).because(error)
        })?;
    }
    connection
        .execute_batch(&format!("pragma user_version = {VERSION}; pragma application_id = {APPLICATION_ID}"))
        .map_err(|error| Error::internal("could not mark the database as plugg's").because(error))
}
