//! The collection: a foreign SQLite database of schema 11 or 18.
//!
//! Only `anki` may call it. It hides SQL, both schemas and what is done so that a hostile file cannot do harm: the
//! database is a private copy, opened read-only and immutable; it may hold tables and indexes only, no views, triggers
//! or virtual tables; every statement has a budget of steps; lengths are limited. It never writes, and never reads a
//! clock: the deadline is counted in steps of SQLite's machine.

use std::collections::{BTreeMap, HashMap};
use std::io::{Read, Seek, SeekFrom};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use rusqlite::config::DbConfig;
use rusqlite::limits::Limit;
use rusqlite::types::ValueRef;
use rusqlite::{Connection, OpenFlags, Row};
use serde::Deserialize;
use tempfile::NamedTempFile;

use super::package::refused;
use super::protobuf;
use crate::error::{Error, Result};

/// The longest value that SQLite may handle, in bytes: note types of schema 11 are one value.
const VALUE: i32 = 32 << 20;
/// The most cards.
const CARDS: usize = 1_000_000;
/// All templates, names of fields and names of decks together, in bytes.
const DESCRIPTIONS: usize = 64 << 20;
/// The longest name of a deck with those of its parents, in bytes: each of its notes repeats it.
const DECK_NAME: usize = 500;
/// Steps of SQLite's machine between two looks at the budget.
const STRIDE: i32 = 10_000;
/// Steps that any collection may take.
const STEPS: u64 = 20_000_000;
/// Further steps for each byte of the collection: a row is at least ten bytes and costs some thirty steps to read, and
/// about as many to check.
const STEPS_PER_BYTE: u64 = 10;

/// A note type: what its fields are called, and its templates.
#[derive(Debug, Default)]
pub(in crate::deck) struct NoteType {
    pub(in crate::deck) name: String,
    pub(in crate::deck) cloze: bool,
    pub(in crate::deck) fields: Vec<String>,
    pub(in crate::deck) templates: Vec<TemplateSource>,
}

/// A card template as it is written.
#[derive(Debug, Default)]
pub(in crate::deck) struct TemplateSource {
    pub(in crate::deck) name: String,
    pub(in crate::deck) question: String,
    pub(in crate::deck) answer: String,
}

/// A row of `cards`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct CardRow {
    pub(super) note: i64,
    pub(super) ordinal: u32,
    pub(super) id: i64,
    pub(super) deck: i64,
    pub(super) suspended: bool,
}

/// A row of `notes`; text that is not UTF-8 is missing.
pub(super) struct NoteRow<'a> {
    pub(super) id: i64,
    pub(super) guid: Option<&'a str>,
    pub(super) note_type: i64,
    pub(super) tags: Option<&'a str>,
    pub(super) fields: Option<&'a str>,
}

/// A row of `revlog`.
pub(super) struct ReviewRow {
    pub(super) unix_ms: i64,
    pub(super) card: i64,
    pub(super) button: i64,
    pub(super) took_ms: i64,
    pub(super) kind: i64,
}

/// An open collection. Field order matters: the connection closes before its file goes.
pub(super) struct Collection {
    connection: Connection,
    _copy: NamedTempFile,
    file: String,
    /// Whether note types and decks have tables of their own.
    modern: bool,
}

impl Collection {
    /// Opens and checks a private copy of a collection of `length` bytes.
    ///
    /// # Errors
    /// What is no SQLite database, is damaged, holds more than tables and indexes, or has an unknown schema.
    pub(super) fn open(file: &str, mut copy: NamedTempFile, length: u64) -> Result<Collection> {
        let mut magic = [0; 16];
        let is_sqlite = copy.as_file_mut().seek(SeekFrom::Start(0)).is_ok()
            && copy.as_file_mut().read_exact(&mut magic).is_ok()
            && &magic == b"SQLite format 3\0";
        if !is_sqlite {
            return Err(refused(file, "its collection is no SQLite database").hint("download it again"));
        }
        let damaged = |error| damaged(file, error);
        let mut connection = Self::connect(&copy).map_err(damaged)?;
        let left = AtomicU64::new(STEPS + length.saturating_mul(STEPS_PER_BYTE));
        let left = Arc::new(left);
        let out_of_steps = move || {
            let stride = u64::from(STRIDE.unsigned_abs());
            left.fetch_update(Ordering::Relaxed, Ordering::Relaxed, |left| left.checked_sub(stride)).is_err()
        };
        connection.progress_handler(STRIDE, Some(out_of_steps)).map_err(damaged)?;
        let mut collection = Collection { connection, _copy: copy, file: file.to_owned(), modern: false };
        collection.check_schema()?;
        let version: i64 =
            collection.connection.query_row("SELECT ver FROM col", [], |row| row.get(0)).map_err(damaged)?;
        collection.modern = match version {
            11 => false,
            18 => true,
            other => return Err(refused(file, format!("its collection has the unknown schema {other}"))),
        };
        collection.check_tables()?;
        Ok(collection)
    }

    fn connect(copy: &NamedTempFile) -> rusqlite::Result<Connection> {
        let path = copy.path().to_string_lossy();
        let mut uri = String::from("file:");
        for byte in path.bytes() {
            match byte {
                b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'/' | b'.' | b'-' | b'_' => uri.push(char::from(byte)),
                b'\\' if cfg!(windows) => uri.push('/'),
                byte => uri.push_str(&format!("%{byte:02X}")),
            }
        }
        uri.push_str("?mode=ro&immutable=1");
        let flags = OpenFlags::SQLITE_OPEN_READ_ONLY
            | OpenFlags::SQLITE_OPEN_URI
            | OpenFlags::SQLITE_OPEN_NO_MUTEX
            | OpenFlags::SQLITE_OPEN_PRIVATE_CACHE;
        let connection = Connection::open_with_flags(uri, flags)?;
        // Before anything else: without it SQLite takes sound files for damaged.
        connection.create_collation("unicase", |a: &str, b: &str| {
            unicase::UniCase::unicode(a).cmp(&unicase::UniCase::unicode(b))
        })?;
        for (switch, on) in [
            (DbConfig::SQLITE_DBCONFIG_DEFENSIVE, true),
            (DbConfig::SQLITE_DBCONFIG_TRUSTED_SCHEMA, false),
            (DbConfig::SQLITE_DBCONFIG_WRITABLE_SCHEMA, false),
            (DbConfig::SQLITE_DBCONFIG_ENABLE_VIEW, false),
            (DbConfig::SQLITE_DBCONFIG_ENABLE_TRIGGER, false),
            (DbConfig::SQLITE_DBCONFIG_ENABLE_ATTACH_CREATE, false),
            (DbConfig::SQLITE_DBCONFIG_ENABLE_ATTACH_WRITE, false),
            (DbConfig::SQLITE_DBCONFIG_DQS_DML, false),
            (DbConfig::SQLITE_DBCONFIG_DQS_DDL, false),
        ] {
            connection.set_db_config(switch, on)?;
        }
        for (limit, value) in [
            (Limit::SQLITE_LIMIT_LENGTH, VALUE),
            (Limit::SQLITE_LIMIT_SQL_LENGTH, 100_000),
            (Limit::SQLITE_LIMIT_COLUMN, 100),
            (Limit::SQLITE_LIMIT_EXPR_DEPTH, 20),
            (Limit::SQLITE_LIMIT_COMPOUND_SELECT, 3),
            (Limit::SQLITE_LIMIT_VDBE_OP, 25_000),
            (Limit::SQLITE_LIMIT_FUNCTION_ARG, 8),
            (Limit::SQLITE_LIMIT_ATTACHED, 0),
            (Limit::SQLITE_LIMIT_LIKE_PATTERN_LENGTH, 50),
            (Limit::SQLITE_LIMIT_VARIABLE_NUMBER, 10),
            (Limit::SQLITE_LIMIT_TRIGGER_DEPTH, 1),
            (Limit::SQLITE_LIMIT_WORKER_THREADS, 0),
        ] {
            connection.set_limit(limit, value)?;
        }
        connection.execute_batch(
            "PRAGMA trusted_schema = OFF; PRAGMA cell_size_check = ON; PRAGMA mmap_size = 0; PRAGMA query_only = ON;",
        )?;
        Ok(connection)
    }

    /// Refuses everything but tables and indexes with pages of their own. Turning views off does not stop a virtual table,
    /// and a table under another's name could run for ever.
    fn check_schema(&self) -> Result<()> {
        let sql = "SELECT type, name, rootpage, sql FROM sqlite_schema LIMIT 1001";
        let mut count = 0;
        self.each(sql, |row| {
            count += 1;
            let (kind, name, root) = (text(row, 0)?, text(row, 1)?, integer(row, 2)?);
            let virtual_table = text(row, 3)?.unwrap_or_default().to_ascii_uppercase().contains("CREATE VIRTUAL");
            if !matches!(kind, Some("table" | "index")) || root <= 0 || virtual_table {
                let (kind, name) = (if virtual_table { "virtual table" } else { kind.unwrap_or("thing") }, name);
                let name: String = name.unwrap_or("without a name").chars().take(60).collect();
                return Err(
                    self.refused(format!("its collection holds a {kind} `{name}`, which no Anki collection does"))
                );
            }
            Ok(())
        })?;
        if count > 1000 {
            return Err(self.refused("its collection holds more than a thousand tables"));
        }
        Ok(())
    }

    /// Refuses damage in the tables that are read, and computed columns in them.
    fn check_tables(&self) -> Result<()> {
        let modern = ["notetypes", "fields", "templates", "decks"];
        for table in ["col", "notes", "cards", "revlog"].iter().chain(modern.iter().filter(|_| self.modern)) {
            let mut columns = 0;
            self.each(&format!("PRAGMA table_xinfo({table})"), |row| {
                columns += 1;
                match row.get_ref(6).map_err(|error| self.damaged(error))? {
                    ValueRef::Integer(0) => Ok(()),
                    _ => Err(self.refused(format!("the table `{table}` of its collection has computed columns"))),
                }
            })?;
            if columns == 0 {
                return Err(self.refused(format!("its collection has no table `{table}`")));
            }
            self.each(&format!("PRAGMA quick_check({table})"), |row| match text(row, 0)? {
                Some("ok") => Ok(()),
                _ => Err(self
                    .refused(format!("the table `{table}` of its collection is damaged"))
                    .hint("download it again")),
            })?;
        }
        Ok(())
    }

    /// Returns the note types by their ids.
    ///
    /// # Errors
    /// Damage.
    pub(super) fn note_types(&self) -> Result<HashMap<i64, NoteType>> {
        let mut types: HashMap<i64, NoteType> = HashMap::new();
        if !self.modern {
            let models: BTreeMap<String, Model> = self.json("SELECT models FROM col")?;
            for (id, mut model) in models {
                let Ok(id) = id.parse() else { continue };
                model.flds.sort_by_key(|field| field.ord);
                model.tmpls.sort_by_key(|template| template.ord);
                types.insert(
                    id,
                    NoteType {
                        name: model.name,
                        cloze: model.kind == 1,
                        fields: model.flds.into_iter().map(|field| field.name).collect(),
                        templates: model.tmpls.into_iter().map(ModelTemplate::source).collect(),
                    },
                );
            }
            return Ok(types);
        }
        let mut left = DESCRIPTIONS;
        self.each("SELECT id, name, config FROM notetypes", |row| {
            self.spend(&mut left, row)?;
            let mut cloze = false;
            for field in protobuf::fields(bytes(row, 2)?) {
                if let (1, protobuf::Value::Number(kind)) = field.map_err(|_| self.bad_config("notetypes"))? {
                    cloze = kind == 1;
                }
            }
            let name = text(row, 1)?.unwrap_or_default().to_owned();
            types.insert(integer(row, 0)?, NoteType { name, cloze, ..NoteType::default() });
            Ok(())
        })?;
        self.each("SELECT ntid, name FROM fields ORDER BY ntid, ord", |row| {
            self.spend(&mut left, row)?;
            if let Some(note_type) = types.get_mut(&integer(row, 0)?) {
                note_type.fields.push(text(row, 1)?.unwrap_or_default().to_owned());
            }
            Ok(())
        })?;
        self.each("SELECT ntid, name, config FROM templates ORDER BY ntid, ord", |row| {
            self.spend(&mut left, row)?;
            let Some(note_type) = types.get_mut(&integer(row, 0)?) else { return Ok(()) };
            let mut source =
                TemplateSource { name: text(row, 1)?.unwrap_or_default().to_owned(), ..Default::default() };
            for field in protobuf::fields(bytes(row, 2)?) {
                let (number, value) = field.map_err(|_| self.bad_config("templates"))?;
                let protobuf::Value::Bytes(value) = value else { continue };
                let side = match number {
                    1 => &mut source.question,
                    2 => &mut source.answer,
                    _ => continue,
                };
                *side = std::str::from_utf8(value).map_err(|_| self.bad_config("templates"))?.to_owned();
            }
            note_type.templates.push(source);
            Ok(())
        })?;
        Ok(types)
    }

    /// Returns the names of the decks by their ids, `::` between levels.
    ///
    /// # Errors
    /// Damage.
    pub(super) fn decks(&self) -> Result<HashMap<i64, String>> {
        let decks = self.deck_names()?;
        if decks.values().any(|name| name.len() > DECK_NAME) {
            return Err(self.refused(format!("the name of a deck is longer than {DECK_NAME} bytes")));
        }
        Ok(decks)
    }

    fn deck_names(&self) -> Result<HashMap<i64, String>> {
        if !self.modern {
            let decks: BTreeMap<String, JsonDeck> = self.json("SELECT decks FROM col")?;
            return Ok(decks.into_iter().filter_map(|(id, deck)| Some((id.parse().ok()?, deck.name))).collect());
        }
        let mut decks = HashMap::new();
        let mut left = DESCRIPTIONS;
        self.each("SELECT id, name FROM decks", |row| {
            self.spend(&mut left, row)?;
            decks.insert(integer(row, 0)?, text(row, 1)?.unwrap_or_default().replace('\u{1f}', "::"));
            Ok(())
        })?;
        Ok(decks)
    }

    /// Counts a row, and its text, among what a collection may describe.
    fn spend(&self, left: &mut usize, row: &Row<'_>) -> Result<()> {
        let mut size = 100;
        for column in 0..row.as_ref().column_count() {
            if let Ok(ValueRef::Text(bytes) | ValueRef::Blob(bytes)) = row.get_ref(column) {
                size += bytes.len();
            }
        }
        *left = left.checked_sub(size).ok_or_else(|| self.refused("its note types and decks are larger than any"))?;
        Ok(())
    }

    /// Returns the cards, by note and ordinal.
    ///
    /// # Errors
    /// Damage, or more cards than a million.
    pub(super) fn cards(&self) -> Result<Vec<CardRow>> {
        let mut cards = Vec::new();
        self.each("SELECT nid, ord, id, did, odid, queue FROM cards", |row| {
            if cards.len() == CARDS {
                return Err(self.refused(format!("it holds more than {CARDS} cards")));
            }
            // A card in a filtered deck has its own deck beside.
            let home = integer(row, 4)?;
            cards.push(CardRow {
                note: integer(row, 0)?,
                ordinal: u32::try_from(integer(row, 1)?)
                    .map_err(|_| self.refused("a card of it has an impossible number"))?,
                id: integer(row, 2)?,
                deck: if home == 0 { integer(row, 3)? } else { home },
                suspended: integer(row, 5)? == -1,
            });
            Ok(())
        })?;
        cards.sort_unstable();
        Ok(cards)
    }

    /// Hands over each note in the order of the table.
    ///
    /// # Errors
    /// Damage, or what `take` returns.
    pub(super) fn each_note(&self, mut take: impl FnMut(NoteRow<'_>) -> Result<()>) -> Result<()> {
        self.each("SELECT id, guid, mid, tags, flds FROM notes", |row| {
            take(NoteRow {
                id: integer(row, 0)?,
                guid: text(row, 1)?,
                note_type: integer(row, 2)?,
                tags: text(row, 3)?,
                fields: text(row, 4)?,
            })
        })
    }

    /// Hands over each review in the order of the table, which is that of time.
    ///
    /// # Errors
    /// Damage, or what `take` returns.
    pub(super) fn each_review(&self, mut take: impl FnMut(ReviewRow) -> Result<()>) -> Result<()> {
        self.each("SELECT id, cid, ease, time, type FROM revlog ORDER BY id", |row| {
            take(ReviewRow {
                unix_ms: integer(row, 0)?,
                card: integer(row, 1)?,
                button: integer(row, 2)?,
                took_ms: integer(row, 3)?,
                kind: integer(row, 4)?,
            })
        })
    }

    /// Runs a statement and hands over each of its rows.
    fn each(&self, sql: &str, mut take: impl FnMut(&Row<'_>) -> Result<()>) -> Result<()> {
        let mut statement = self.connection.prepare(sql).map_err(|error| self.damaged(error))?;
        let mut rows = statement.query([]).map_err(|error| self.damaged(error))?;
        while let Some(row) = rows.next().map_err(|error| self.damaged(error))? {
            take(row).map_err(|error| self.placed(error))?;
        }
        Ok(())
    }

    /// Reads the one JSON value that a statement returns.
    fn json<T: for<'de> Deserialize<'de>>(&self, sql: &str) -> Result<T> {
        let mut value = None;
        self.each(sql, |row| {
            let json = text(row, 0)?.unwrap_or_default();
            value = Some(serde_json::from_str(json).map_err(|error| {
                self.refused("the description of its decks or note types is damaged").because(error)
            })?);
            Ok(())
        })?;
        value.ok_or_else(|| self.refused("its collection is empty"))
    }

    fn damaged(&self, error: rusqlite::Error) -> Error {
        damaged(&self.file, error)
    }

    fn refused(&self, why: impl std::fmt::Display) -> Error {
        refused(&self.file, why)
    }

    fn bad_config(&self, table: &str) -> Error {
        self.refused(format!("a row of the table `{table}` of its collection is damaged"))
    }

    /// Adds the file to an error that a cell caused.
    fn placed(&self, error: Error) -> Error {
        if error.message.is_empty() { self.refused("a column of its collection has the wrong type") } else { error }
    }
}

fn damaged(file: &str, error: rusqlite::Error) -> Error {
    match error.sqlite_error_code() {
        Some(rusqlite::ErrorCode::OperationInterrupted) => {
            refused(file, "reading its collection takes more steps than any sound one").because(error)
        }
        Some(rusqlite::ErrorCode::TooBig) => {
            refused(file, format!("its collection holds a value of more than {} MiB", VALUE >> 20)).because(error)
        }
        _ => refused(file, "its collection is damaged").because(error).hint("download it again"),
    }
}

/// A cell of the wrong type; the statement's owner says where.
fn wrong_type() -> Error {
    Error::data("")
}

fn integer(row: &Row<'_>, column: usize) -> Result<i64> {
    match row.get_ref(column) {
        Ok(ValueRef::Integer(value)) => Ok(value),
        Ok(ValueRef::Null) => Ok(0),
        _ => Err(wrong_type()),
    }
}

/// Text, if it is UTF-8. Numbers never come as text: the columns have text affinity, or the file is not Anki's.
fn text<'a>(row: &'a Row<'_>, column: usize) -> Result<Option<&'a str>> {
    match row.get_ref(column) {
        Ok(ValueRef::Text(bytes)) => Ok(std::str::from_utf8(bytes).ok()),
        Ok(ValueRef::Null) => Ok(None),
        _ => Err(wrong_type()),
    }
}

fn bytes<'a>(row: &'a Row<'_>, column: usize) -> Result<&'a [u8]> {
    match row.get_ref(column) {
        Ok(ValueRef::Blob(bytes) | ValueRef::Text(bytes)) => Ok(bytes),
        Ok(ValueRef::Null) => Ok(&[]),
        _ => Err(wrong_type()),
    }
}

// ------------------------------------------------------------------------------------------- JSON of schema 11

#[derive(Deserialize)]
struct Model {
    #[serde(default)]
    name: String,
    #[serde(default, rename = "type")]
    kind: i64,
    flds: Vec<ModelField>,
    tmpls: Vec<ModelTemplate>,
}

#[derive(Deserialize)]
struct ModelField {
    name: String,
    #[serde(default)]
    ord: i64,
}

#[derive(Deserialize)]
struct ModelTemplate {
    #[serde(default)]
    name: String,
    #[serde(default)]
    ord: i64,
    qfmt: String,
    afmt: String,
}

impl ModelTemplate {
    fn source(self) -> TemplateSource {
        TemplateSource { name: self.name, question: self.qfmt, answer: self.afmt }
    }
}

#[derive(Deserialize)]
struct JsonDeck {
    name: String,
}
