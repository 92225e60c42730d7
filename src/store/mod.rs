//! The store: one SQLite file that holds decks, the append-only log and what is derived from it.
//!
//! It hides all SQL. `session` and `cli` call it. An answer and its effect are one transaction, durable before
//! [`Store::record`] returns. Reading commands never write.

mod catalogue;
mod examine;
mod figures;
mod log;
mod merge;
mod queue;
mod schema;

use std::path::{Path, PathBuf};
use std::time::Duration;

use rusqlite::{Connection, ErrorCode, OpenFlags, OptionalExtension as _, Transaction, TransactionBehavior};

use crate::card::{Face, Level, Memory, Note};
use crate::day::Day;
use crate::error::{Error, Result};
use crate::recall::{Model, Trace};
use crate::skill::{Profile, Scope, ScopeId, Scopes};

pub use catalogue::{DeckRow, Found};
pub use examine::Examined;
pub use log::{Answer, LoggedReview, Recorded, RowId, Stamp, Taken};
pub use merge::{Change, Changed, Merge, Merged, Origin, Taking, differences};
pub use queue::{Candidate, Filter, Unseen};

/// How long one plugg waits for another that is writing.
const BUSY_TIMEOUT: Duration = Duration::from_secs(10);

/// The key of the memory model's weights.
const WEIGHTS: &str = "weights";

/// The number of a card in the store.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct CardId(pub i64);

/// The open database.
#[derive(Debug)]
pub struct Store {
    connection: Connection,
    path: PathBuf,
    model: Model,
    scopes: Scopes,
}

/// A card with all that a question needs.
#[derive(Debug, Clone)]
pub struct StoredCard {
    /// Its number.
    pub id: CardId,
    /// The number of its note; cards of one note are siblings.
    pub note_id: i64,
    /// The key of its deck.
    pub deck: String,
    /// The title of its deck.
    pub deck_title: String,
    /// What it belongs to.
    pub scope: ScopeId,
    /// The note as the learner sees it: with her edits.
    pub note: Note,
    /// The face that this card asks.
    pub face: Face,
    /// What the scheduler remembers.
    pub memory: Memory,
    /// How often it was forgotten.
    pub lapses: u32,
    /// What the memory model remembers.
    pub trace: Option<Trace>,
    /// Whether the learner put it aside.
    pub suspended: bool,
    /// Whether its deck dropped it.
    pub retired: bool,
}

/// A picture or sound of a deck, as it lies beside the database.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MediaFile {
    /// The name that the deck's notes use: foreign text, to be shown only.
    pub name: String,
    /// SHA-256 of its content, in 64 hexadecimal digits.
    pub hash: String,
    /// Where it lies.
    pub path: PathBuf,
}

impl Store {
    /// Opens the database at `path`, making it and its folder where there is none, and brings its schema up to date.
    ///
    /// # Errors
    /// Says in one sentence what is in the way: no room, no right to write, another program's database, a newer plugg's.
    pub fn open(path: &Path) -> Result<Store> {
        let place = path.display();
        if path.is_dir() {
            return Err(Error::user(format!("{place} is a folder, not a database")).hint("name a file with --db"));
        }
        if let Some(folder) = path.parent().filter(|folder| !folder.as_os_str().is_empty()) {
            std::fs::create_dir_all(folder).map_err(|error| {
                Error::user(format!("could not make the folder {}", folder.display()))
                    .because(error)
                    .hint("choose another place with --db or PLUGG_DB")
            })?;
        }
        let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_CREATE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
        let connection = Connection::open_with_flags(path, flags).map_err(|error| cannot_open(path, error))?;
        let mut store = Store { connection, path: path.to_owned(), model: Model::default(), scopes: Scopes::new() };
        store.prepare()?;
        store.load_scopes()?;
        store.load_model()?;
        Ok(store)
    }

    /// Opens a database that is there, for commands that only read: nothing can be written through it.
    ///
    /// # Errors
    /// As [`Store::open`]; a database of an older schema has to be opened for writing once first.
    pub fn open_to_read(path: &Path) -> Result<Store> {
        let store = Store::open(path)?;
        store.connection.pragma_update(None, "query_only", true).map_err(broken)?;
        Ok(store)
    }

    /// Where the database is.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Where pictures and sounds of decks lie: beside the database.
    pub fn media_folder(&self) -> PathBuf {
        self.path.with_file_name("media")
    }

    fn prepare(&mut self) -> Result<()> {
        let path = self.path.clone();
        let failed = |error| cannot_open(&path, error);
        self.connection.busy_timeout(BUSY_TIMEOUT).map_err(failed)?;
        let version = schema::version(&self.connection).map_err(failed)?;
        let application: i64 =
            self.connection.query_row("pragma application_id", [], |row| row.get(0)).map_err(failed)?;
        let tables: i64 =
            self.connection.query_row("select count(*) from sqlite_schema", [], |row| row.get(0)).map_err(failed)?;
        if application != schema::APPLICATION_ID && (tables > 0 || version > 0) {
            return Err(Error::data(format!("{} is a database of another program", path.display()))
                .hint("choose another place with --db or PLUGG_DB"));
        }
        if version > schema::VERSION {
            return Err(Error::data(format!(
                "{} was written by a newer plugg (schema {version}; this one knows {})",
                path.display(),
                schema::VERSION
            ))
            .hint("update plugg"));
        }
        // FULL: each commit is synced before it is acknowledged. recursive_triggers: without it INSERT OR REPLACE
        // would slip past the triggers that keep the log growing.
        self.connection
            .execute_batch(
                "pragma journal_mode = wal; pragma synchronous = full; pragma foreign_keys = on;
                 pragma recursive_triggers = on; pragma temp_store = memory; pragma trusted_schema = off;
                 pragma cache_size = -12288;",
            )
            .map_err(failed)?;
        if version < schema::VERSION {
            if version > 0 {
                self.copy_before_climbing(version)?;
            }
            let transaction =
                self.connection.transaction_with_behavior(TransactionBehavior::Immediate).map_err(failed)?;
            // Another plugg may have climbed while this one waited.
            let version = schema::version(&transaction).map_err(failed)?;
            if version < schema::VERSION {
                schema::climb(&transaction, version)?;
            }
            transaction.commit().map_err(failed)?;
        }
        Ok(())
    }

    fn copy_before_climbing(&self, version: usize) -> Result<()> {
        let mut copy = self.path.clone().into_os_string();
        copy.push(format!(".schema-{version}"));
        if Path::new(&copy).exists() {
            return Ok(());
        }
        self.connection.execute("vacuum into ?1", [copy.to_string_lossy()]).map(drop).map_err(|error| {
            Error::internal("could not copy the database before bringing it up to date").because(error)
        })
    }

    /// Weights fitted to the learner, where there are some; a value that is none leaves the default ones.
    fn load_model(&mut self) -> Result<()> {
        let kept = self.meta(WEIGHTS)?.and_then(|text| serde_json::from_str::<Vec<f32>>(&text).ok());
        self.model = kept.and_then(|weights| Model::with_weights(&weights).ok()).unwrap_or_default();
        Ok(())
    }

    fn load_scopes(&mut self) -> Result<()> {
        let mut statement = self.connection.prepare("select id, area, system, level from scope").map_err(broken)?;
        let rows = statement.query_map([], |row| {
            let level = level_from(row.get(3)?);
            Ok((ScopeId(row.get(0)?), Scope { area: row.get(1)?, system: row.get(2)?, level }))
        });
        self.scopes = rows.and_then(Iterator::collect).map_err(broken)?;
        Ok(())
    }

    /// What the scopes in use stand for, by number.
    pub fn scopes(&self) -> &Scopes {
        &self.scopes
    }

    /// What predicts recall.
    pub fn model(&self) -> &Model {
        &self.model
    }

    /// Reads a card with its note; `None` where there is none of that number.
    ///
    /// # Errors
    /// When the database cannot be read, or holds a note that is not valid.
    pub fn card(&self, id: CardId) -> Result<Option<StoredCard>> {
        let mut statement = self.connection.prepare_cached(include_str!("card.sql")).map_err(broken)?;
        let mut rows = statement.query([id.0]).map_err(broken)?;
        let Some(row) = rows.next().map_err(broken)? else { return Ok(None) };
        let content: String = row.get("content").map_err(broken)?;
        let ordinal: u32 = row.get("ordinal").map_err(broken)?;
        let note: Note = serde_json::from_str(&content)
            .map_err(|error| Error::data(format!("card {} holds a note that is not valid", id.0)).because(error))?;
        let face = note
            .faces
            .iter()
            .find(|face| face.ordinal == ordinal)
            .cloned()
            .ok_or_else(|| Error::data(format!("card {} has no face {ordinal} in its note", id.0)))?;
        let read = || {
            Ok(StoredCard {
                id,
                note_id: row.get("note")?,
                deck: row.get("deck")?,
                deck_title: row.get("deck_title")?,
                scope: ScopeId(row.get("scope")?),
                note,
                face,
                memory: memory_at(row, "")?,
                lapses: row.get("lapses")?,
                trace: trace_from(row)?,
                suspended: row.get("suspended")?,
                retired: row.get("retired")?,
            })
        };
        read().map(Some).map_err(broken)
    }

    /// The value kept under a key, if any.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub fn meta(&self, key: &str) -> Result<Option<String>> {
        self.connection
            .prepare_cached("select value from meta where key = ?1")
            .and_then(|mut statement| statement.query_row([key], |row| row.get(0)).optional())
            .map_err(broken)
    }

    /// Keeps a value under a key.
    ///
    /// # Errors
    /// When the database cannot be written.
    pub fn set_meta(&mut self, key: &str, value: &str) -> Result<()> {
        keep_meta(&self.connection, key, value)
    }

    /// The goal profile; broad basics where none was set.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub fn profile(&self) -> Result<Profile> {
        let mut statement = self.connection.prepare_cached("select area, level from goal").map_err(broken)?;
        let rows = statement
            .query_map([], |row| Ok((row.get::<_, String>(0)?, level_from(row.get(1)?))))
            .and_then(Iterator::collect::<rusqlite::Result<Vec<_>>>)
            .map_err(broken)?;
        let mut profile = Profile::default();
        for (area, level) in rows {
            if area.is_empty() {
                profile.base = level;
            } else {
                profile.targets.insert(area, level);
            }
        }
        Ok(profile)
    }

    /// Keeps the goal profile.
    ///
    /// # Errors
    /// When the database cannot be written.
    pub fn set_profile(&mut self, profile: &Profile) -> Result<()> {
        let transaction = write(&mut self.connection)?;
        transaction.execute("delete from goal", []).map_err(broken)?;
        let rows = std::iter::once(("", profile.base))
            .chain(profile.targets.iter().map(|(area, level)| (area.as_str(), *level)));
        for (area, level) in rows {
            transaction
                .execute("insert into goal (area, level) values (?1, ?2)", (area, level_number(level)))
                .map_err(broken)?;
        }
        transaction.commit().map_err(broken)
    }

    /// The version of the SQLite library inside.
    pub fn sqlite_version() -> &'static str {
        rusqlite::version()
    }
}

fn keep_meta(connection: &Connection, key: &str, value: &str) -> Result<()> {
    connection
        .execute(
            "insert into meta (key, value) values (?1, ?2) on conflict do update set value = excluded.value",
            (key, value),
        )
        .map(drop)
        .map_err(broken)
}

/// Begins a transaction that writes; at once, so that two programs wait for each other instead of failing midway.
fn write(connection: &mut Connection) -> Result<Transaction<'_>> {
    connection.transaction_with_behavior(TransactionBehavior::Immediate).map_err(broken)
}

/// Turns an error of SQLite into a sentence about the database in use.
fn broken(error: rusqlite::Error) -> Error {
    match error.sqlite_error_code() {
        Some(ErrorCode::DiskFull) => {
            Error::internal("the disk is full; nothing of this step was kept").hint("free some room and try again")
        }
        // A full disk shows as this, too, where a file beside the database cannot grow.
        Some(ErrorCode::SystemIoFailure) => Error::internal("the disk is full or fails; nothing of this step was kept")
            .because(plainly(error))
            .hint("see that there is room and try again"),
        Some(ErrorCode::ReadOnly) => Error::user("the database cannot be written")
            .because(plainly(error))
            .hint("check the rights of the file and its folder, or choose another place with --db"),
        Some(ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked) => {
            Error::user("another plugg is busy with this database").hint("wait for it and try again")
        }
        Some(ErrorCode::DatabaseCorrupt | ErrorCode::NotADatabase) => Error::data("the database is damaged")
            .because(plainly(error))
            .hint("`plugg doctor` says more; put a copy of the file aside before anything else"),
        _ => Error::internal("the database could not be used").because(plainly(error)),
    }
}

/// What SQLite says, once; the library's own words say it twice, with a number.
fn plainly(error: rusqlite::Error) -> String {
    match error {
        rusqlite::Error::SqliteFailure(_, Some(message)) => message,
        other => other.to_string(),
    }
}

fn cannot_open(path: &Path, error: rusqlite::Error) -> Error {
    let place = path.display();
    match error.sqlite_error_code() {
        Some(ErrorCode::NotADatabase) => {
            Error::data(format!("{place} is not a database")).hint("choose another place with --db or PLUGG_DB")
        }
        Some(ErrorCode::CannotOpen | ErrorCode::PermissionDenied) => Error::user(format!("could not open {place}"))
            .because(plainly(error))
            .hint("check the rights of the file and its folder, or choose another place with --db"),
        _ => broken(error),
    }
}

fn level_number(level: Level) -> i64 {
    level as i64
}

fn level_from(number: i64) -> Level {
    match number {
        0 => Level::Foundation,
        1 => Level::Practitioner,
        _ => Level::Expert,
    }
}

/// Reads interval, ease, repetitions and due with a prefix to their names.
fn memory_at(row: &rusqlite::Row<'_>, prefix: &str) -> rusqlite::Result<Memory> {
    let name = |field: &str| format!("{prefix}{field}");
    Ok(Memory {
        interval: row.get(name("interval").as_str())?,
        ease: crate::card::Ease(row.get(name("ease").as_str())?),
        repetitions: row.get(name("repetitions").as_str())?,
        due: row.get::<_, Option<i32>>(name("due").as_str())?.map(Day),
    })
}

fn trace_from(row: &rusqlite::Row<'_>) -> rusqlite::Result<Option<Trace>> {
    let stability: Option<f64> = row.get("stability")?;
    let difficulty: Option<f64> = row.get("difficulty")?;
    let last: Option<i32> = row.get("last_day")?;
    Ok(match (stability, difficulty, last) {
        (Some(stability), Some(difficulty), Some(last)) => {
            Some(Trace { stability: stability as f32, difficulty: difficulty as f32, last: Day(last) })
        }
        _ => None,
    })
}

#[cfg(test)]
mod tests;
