//! Taking a deck in: the first time and every time after, by one path.
//!
//! A note is known by (deck, note id) and a card by (note, ordinal); never by text. An update is a three-way merge by
//! field between the text as imported last, the learner's edits and the new text. Notes that a deck drops are retired
//! with their log, and revived when they come back. Progress is kept in every case unless the author says `reset`.
//! One transaction: a deck is taken in wholly or not at all.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};
use std::path::{Path, PathBuf};

use rand::Rng;
use rusqlite::{Connection, OptionalExtension as _, params};
use serde_json::Value;
use sha2::{Digest as _, Sha256};

use super::log::{Answer, Event, RowId, Stamp, add_event, record, refold};
use super::{CardId, Store, broken, level_number, memory_at, write};
use crate::card::{Deck, Evidence, Face, Grade, Note, Purpose};
use crate::error::{Error, Result};
use crate::recall::Model;
use crate::skill::{Mapping, Scope, ScopeId};
use crate::sm2::{Context, outcomes};

/// Where a deck comes from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Origin {
    /// Embedded in the program.
    Bundled,
    /// A file or folder, as the user named it.
    Path(String),
}

impl Origin {
    fn text(&self) -> &str {
        match self {
            Origin::Bundled => "bundled",
            Origin::Path(path) => path,
        }
    }
}

/// How far a note may have moved in its deck to be recognised by its text.
const NEAR: i64 = 20;
/// How alike two texts must be to be two versions of one note, 0 to 1.
const ALIKE: f64 = 0.6;
/// Pairs of characters that are compared to recognise the notes of one deck: some seconds. Ten thousand changed notes with
/// fronts of fifty characters take as many.
const COMPARISONS: usize = 1_000_000_000;

/// How a deck is to be taken in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Merge {
    /// Where it comes from.
    pub origin: Origin,
    /// Now.
    pub stamp: Stamp,
    /// Whether the deck's text wins where both sides changed a field; the learner's does otherwise.
    pub theirs: bool,
    /// Whether to say only what would be done.
    pub dry_run: bool,
}

/// What was done with one note.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Change {
    /// It is new.
    Added,
    /// Its text changed in these fields.
    Updated(Vec<String>),
    /// The learner and the deck both changed these fields; one side's text stands.
    Conflicting(Vec<String>),
    /// Its deck dropped it.
    Retired,
    /// Its deck took it up again.
    Revived,
    /// Its meaning changed: it is learnt anew.
    Reset,
}

/// A note with which something was done.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Changed {
    /// The note's id.
    pub id: String,
    /// The first line of its first question.
    pub title: String,
    /// What was done.
    pub change: Change,
}

/// What was done with a deck.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Merged {
    /// Notes that something was done with, in the order of the deck; retired ones last. A note can stand in it more
    /// than once (revived and updated).
    pub changes: Vec<Changed>,
    /// Notes that stayed as they were.
    pub unchanged: usize,
    /// Cards that the deck has now.
    pub cards: usize,
    /// Answers of another program that were added to the log.
    pub reviews: usize,
    /// Answers of another program that were not: the log had them, or answers to the card that came later.
    pub reviews_known: usize,
    /// Pictures and sounds that came with it.
    pub media: usize,
    /// Cards that were put aside as they were in another program.
    pub suspended: usize,
}

impl Merged {
    /// How many notes have a change of this kind.
    pub fn count(&self, which: impl Fn(&Change) -> bool) -> usize {
        self.changes.iter().filter(|changed| which(&changed.change)).count()
    }
}

impl Store {
    /// Takes a whole deck in, or says what that would do.
    ///
    /// # Errors
    /// When a note id stands twice, or the database cannot be written; then nothing was changed.
    pub fn merge(&mut self, merge: &Merge, deck: &Deck, notes: &[Note], random: &mut dyn Rng) -> Result<Merged> {
        let take = |taking: &mut Taking<'_>| {
            taking.deck(deck)?;
            notes.iter().try_for_each(|note| taking.note(note))
        };
        self.take_in(merge, random, take).map(|(merged, ())| merged)
    }

    /// Takes a deck in part by part, as `take` hands them over, in memory that does not grow with it. All of it is one
    /// transaction: where `take` fails, nothing was changed.
    ///
    /// # Errors
    /// What `take` returns, and as [`Store::merge`].
    pub fn take_in<T>(
        &mut self,
        merge: &Merge,
        random: &mut dyn Rng,
        take: impl FnOnce(&mut Taking<'_>) -> Result<T>,
    ) -> Result<(Merged, T)> {
        let model = self.model.clone();
        let scopes: HashMap<Scope, ScopeId> = self.scopes.iter().map(|(id, scope)| (scope.clone(), *id)).collect();
        let media_folder = self.media_folder();
        let transaction = write(&mut self.connection)?;
        let mut taking = Taking {
            connection: &transaction,
            model: &model,
            merge,
            random,
            scopes,
            media_folder,
            deck: None,
            first_time: false,
            present: HashSet::new(),
            merged: Merged::default(),
        };
        let taken = take(&mut taking)?;
        taking.retire()?;
        let merged = taking.merged;
        if merge.dry_run {
            transaction.rollback().map_err(broken)?;
        } else {
            transaction.commit().map_err(broken)?;
            self.load_scopes()?;
        }
        Ok((merged, taken))
    }

    /// Where the notes of a deck belong, as it was said when it was taken in.
    ///
    /// # Errors
    /// When there is no such deck, or the database cannot be read.
    pub fn mapping(&self, deck: &str) -> Result<Mapping> {
        let text: Option<String> = self
            .connection
            .query_row("select mapping from deck where key = ?1", [deck], |row| row.get(0))
            .optional()
            .map_err(broken)?;
        read_mapping(&text.ok_or_else(|| super::catalogue::no_deck(deck))?, deck)
    }

    /// Moves the notes of a deck to where a mapping says; answers given before stay where they were given. Returns how
    /// many notes moved.
    ///
    /// # Errors
    /// When there is no such deck, or the database cannot be written; then nothing was moved.
    pub fn remap(&mut self, deck: &str, mapping: &Mapping, place: impl Fn(&Note) -> (String, String)) -> Result<usize> {
        let mut scopes: HashMap<Scope, ScopeId> = self.scopes.iter().map(|(id, scope)| (scope.clone(), *id)).collect();
        let transaction = write(&mut self.connection)?;
        let changed = transaction
            .execute("update deck set mapping = ?2 where key = ?1", (deck, write_mapping(mapping)?))
            .map_err(broken)?;
        if changed == 0 {
            return Err(super::catalogue::no_deck(deck));
        }
        let rows: Vec<(i64, String, Option<String>)> = transaction
            .prepare("select note.id, base, local from note join deck on deck.id = note.deck where deck.key = ?1")
            .and_then(|mut statement| {
                statement.query_map([deck], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)))?.collect()
            })
            .map_err(broken)?;
        let mut moved = 0;
        for (id, base, local) in rows {
            let mut base = read_note(&base, deck)?;
            let (area, system) = place(&base);
            if (&base.area, &base.system) == (&area, &system) {
                continue;
            }
            (base.area, base.system) = (area.clone(), system.clone());
            let local = local
                .map(|local| {
                    let mut local = read_note(&local, deck)?;
                    (local.area, local.system) = (area, system);
                    write_note(&local)
                })
                .transpose()?;
            let scope = scope_id(&transaction, &mut scopes, &base)?;
            transaction
                .execute("update note set base = ?2, local = ?3 where id = ?1", (id, write_note(&base)?, local))
                .and_then(|_| transaction.execute("update card set scope = ?2 where note = ?1", (id, scope.0)))
                .map_err(broken)?;
            moved += 1;
        }
        transaction.commit().map_err(broken)?;
        self.load_scopes()?;
        Ok(moved)
    }

    /// Gives notes whose ids were derived from their text the ids of the notes that they are new versions of: of those
    /// that the deck no longer has, the most similar one near the same place. Returns how many were recognised. Of a deck
    /// of which more changed than can be compared in some seconds, the rest is taken for new.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub fn recognise(&self, deck: &str, notes: &mut [Note]) -> Result<usize> {
        self.recognise_within(COMPARISONS, deck, notes)
    }

    pub(super) fn recognise_within(&self, most: usize, deck: &str, notes: &mut [Note]) -> Result<usize> {
        let known: Vec<(String, i64, String)> = self
            .connection
            .prepare(
                "select note.key, note.position, note.base from note join deck on deck.id = note.deck
                 where deck.key = ?1 and note.retired_day is null order by note.position",
            )
            .and_then(|mut statement| {
                statement.query_map([deck], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)))?.collect()
            })
            .map_err(broken)?;
        let present: HashSet<String> = notes.iter().map(|note| note.id.clone()).collect();
        let keys: HashSet<&str> = known.iter().map(|(key, _, _)| key.as_str()).collect();
        let mut gone = Vec::new();
        for (key, position, base) in &known {
            if !present.contains(key) {
                gone.push(Gone {
                    key,
                    position: *position,
                    front: start_of_front(&read_note(base, key)?),
                    taken: false,
                });
            }
        }
        let (mut recognised, mut left) = (0, most);
        for (index, note) in notes.iter_mut().enumerate().filter(|(_, note)| !keys.contains(note.id.as_str())) {
            let here = i64::try_from(index).unwrap_or(i64::MAX);
            let front = start_of_front(note);
            let from = gone.partition_point(|old| old.position < here.saturating_sub(NEAR));
            let mut best: Option<(f64, usize)> = None;
            for (slot, old) in gone.iter().enumerate().skip(from) {
                if old.position > here.saturating_add(NEAR) {
                    break;
                }
                let cost = old.front.len() * front.len();
                if old.taken || cost > left {
                    continue;
                }
                left -= cost;
                let likeness = likeness(&old.front, &front);
                if likeness >= best.map_or(ALIKE, |(best, _)| best.next_up()) {
                    best = Some((likeness, slot));
                }
            }
            if let Some(old) = best.and_then(|(_, slot)| gone.get_mut(slot)) {
                note.id.clone_from(old.key);
                old.taken = true;
                recognised += 1;
            }
        }
        Ok(recognised)
    }

    /// The notes of a deck that the learner edited: as the deck has them, and as she does.
    ///
    /// # Errors
    /// When there is no such deck, or the database cannot be read.
    pub fn edits(&self, deck: &str) -> Result<Vec<(Note, Note)>> {
        self.mapping(deck)?;
        let rows: Vec<(String, String)> = self
            .connection
            .prepare(
                "select note.base, note.local from note join deck on deck.id = note.deck
                 where deck.key = ?1 and note.local is not null order by note.position",
            )
            .and_then(|mut statement| statement.query_map([deck], |row| Ok((row.get(0)?, row.get(1)?)))?.collect())
            .map_err(broken)?;
        rows.into_iter().map(|(base, local)| Ok((read_note(&base, deck)?, read_note(&local, deck)?))).collect()
    }

    /// Keeps the learner's own text of a note. Equal to the imported text, it is no edit any more.
    ///
    /// # Errors
    /// When the note's faces are not those that its cards ask, or the database cannot be written.
    pub fn edit(&mut self, note_id: i64, local: &Note) -> Result<()> {
        let transaction = write(&mut self.connection)?;
        let base: String = transaction
            .query_row("select base from note where id = ?1", [note_id], |row| row.get(0))
            .map_err(broken)?;
        let base: Note = read_note(&base, &local.id)?;
        let ordinals = |note: &Note| note.faces.iter().map(|face| face.ordinal).collect::<Vec<_>>();
        if ordinals(&base) != ordinals(local) || base.id != local.id {
            return Err(Error::user("an edit changes the text of a note, not its id or its cards"));
        }
        let text = if base == *local { None } else { Some(write_note(local)?) };
        transaction.execute("update note set local = ?2 where id = ?1", (note_id, text)).map_err(broken)?;
        for face in &local.faces {
            transaction
                .execute(
                    "update card set guess = ?3 where note = ?1 and ordinal = ?2",
                    (note_id, face.ordinal, face.guess()),
                )
                .map_err(broken)?;
        }
        transaction.commit().map_err(broken)
    }
}

/// A deck on its way in: first the deck, then its notes in its own order, then what belongs to them.
pub struct Taking<'a> {
    connection: &'a Connection,
    model: &'a Model,
    merge: &'a Merge,
    random: &'a mut dyn Rng,
    scopes: HashMap<Scope, ScopeId>,
    media_folder: PathBuf,
    deck: Option<(i64, String)>,
    /// Whether the deck has no notes yet.
    first_time: bool,
    present: HashSet<i64>,
    merged: Merged,
}

/// A note as the database has it.
struct Kept {
    id: i64,
    base: String,
    local: Option<String>,
    retired: bool,
    position: i64,
}

impl Taking<'_> {
    /// Says which deck it is.
    ///
    /// # Errors
    /// When the database cannot be written.
    pub fn deck(&mut self, deck: &Deck) -> Result<()> {
        let about =
            serde_json::to_string(deck).map_err(|error| Error::internal("could not keep the deck").because(error))?;
        let id = self
            .connection
            .query_row(
                "insert into deck (key, title, about, origin, imported_ms) values (?1, ?2, ?3, ?4, ?5)
                 on conflict (key) do update set title = excluded.title, about = excluded.about,
                   origin = excluded.origin, imported_ms = excluded.imported_ms returning id",
                params![deck.id, deck.title, about, self.merge.origin.text(), self.merge.stamp.at.unix_ms],
                |row| row.get(0),
            )
            .map_err(broken)?;
        self.first_time = self
            .connection
            .query_row("select not exists (select 1 from note where deck = ?1)", [id], |row| row.get(0))
            .map_err(broken)?;
        self.deck = Some((id, deck.id.clone()));
        Ok(())
    }

    /// Where the deck's notes belong, as it was said when it was taken in before.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub fn mapping(&self) -> Result<Mapping> {
        let Some((deck, key)) = &self.deck else { return Ok(Mapping::default()) };
        let text: String = self
            .connection
            .query_row("select mapping from deck where id = ?1", [deck], |row| row.get(0))
            .map_err(broken)?;
        read_mapping(&text, key)
    }

    /// Keeps where the deck's notes belong, for its next version.
    ///
    /// # Errors
    /// When the database cannot be written.
    pub fn keep_mapping(&self, mapping: &Mapping) -> Result<()> {
        let Some((deck, _)) = self.deck else { return Ok(()) };
        self.connection
            .execute("update deck set mapping = ?2 where id = ?1", (deck, write_mapping(mapping)?))
            .map(drop)
            .map_err(broken)
    }

    /// Takes the next note.
    ///
    /// # Errors
    /// When its id stood before, or the database cannot be written.
    pub fn note(&mut self, note: &Note) -> Result<()> {
        let (deck, key) = self.deck.clone().ok_or_else(|| Error::internal("a note came before its deck"))?;
        let position = i64::try_from(self.present.len()).unwrap_or(i64::MAX);
        let id = self.merged_note(deck, position, note)?;
        if !self.present.insert(id) {
            return Err(Error::data(format!("the deck `{key}` has the note `{}` twice", note.id)));
        }
        self.merged.cards += note.faces.len();
        Ok(())
    }

    /// Adds an answer that the learner gave in another program, unless the log has it, or a later one of its card.
    /// Answers of a card come oldest first; the memory is what SM-2 as published makes of them.
    ///
    /// # Errors
    /// When the database cannot be written.
    pub fn review(&mut self, note: &str, ordinal: u32, stamp: Stamp, grade: Grade, took_ms: u32) -> Result<()> {
        let Some((card, deck)) = self.card(note, ordinal)? else { return Ok(()) };
        let latest: Option<i64> = self
            .connection
            .prepare_cached("select max(at_ms) from review where card = ?1")
            .and_then(|mut statement| statement.query_row([card.0], |row| row.get(0)))
            .map_err(broken)?;
        if latest.is_some_and(|latest| latest >= stamp.at.unix_ms) {
            self.merged.reviews_known += 1;
            return Ok(());
        }
        let before = self
            .connection
            .prepare_cached("select interval, ease, repetitions, due from card where id = ?1")
            .and_then(|mut statement| statement.query_row([card.0], |row| memory_at(row, "")))
            .map_err(broken)?;
        // The id comes from what the answer is: the same one imported on two machines is one row.
        let name = format!("{deck}\0{note}\0{ordinal}\0{}", stamp.at.unix_ms);
        let mut id = [0; 16];
        id.copy_from_slice(&Sha256::digest(name.as_bytes())[..16]);
        let answer = Answer {
            id: RowId(id),
            card,
            stamp,
            purpose: Purpose::Imported,
            evidence: Evidence::SelfGraded,
            proposed: None,
            grade,
            took_ms,
            before,
            outcomes: outcomes(&before, &Context::original(stamp.day)),
        };
        record(self.connection, self.model, &answer).map_err(broken)?;
        self.merged.reviews += 1;
        Ok(())
    }

    /// Puts a card aside, as it was in another program.
    ///
    /// # Errors
    /// When the database cannot be written.
    pub fn suspend(&mut self, note: &str, ordinal: u32) -> Result<()> {
        let Some((card, _)) = self.card(note, ordinal)? else { return Ok(()) };
        let changed = self
            .connection
            .execute("update card set suspended = 1 where id = ?1 and suspended = 0", [card.0])
            .map_err(broken)?;
        if changed > 0 {
            let id = RowId::draw(self.random);
            add_event(self.connection, Event::Suspension, Some(card), None, "", id, self.merge.stamp)
                .map_err(broken)?;
            self.merged.suspended += 1;
        }
        Ok(())
    }

    /// Keeps a picture or sound under the hash of its content, never under a name of the deck.
    ///
    /// # Errors
    /// When it cannot be written.
    pub fn media(&mut self, name: &str, content: &[u8]) -> Result<()> {
        let (deck, _) = self.deck.clone().ok_or_else(|| Error::internal("a picture came before its deck"))?;
        let hash: String = Sha256::digest(content).iter().map(|byte| format!("{byte:02x}")).collect();
        if !self.merge.dry_run {
            keep_file(&self.media_folder, &hash, content).map_err(|error| {
                Error::internal(format!("could not keep the media in {}", self.media_folder.display())).because(error)
            })?;
        }
        self.connection
            .prepare_cached("insert or replace into media (deck, name, hash, size) values (?1, ?2, ?3, ?4)")
            .and_then(|mut statement| statement.execute((deck, name, hash, i64::try_from(content.len()).unwrap_or(0))))
            .map_err(broken)?;
        self.merged.media += 1;
        Ok(())
    }

    fn card(&self, note: &str, ordinal: u32) -> Result<Option<(CardId, String)>> {
        let Some((deck, key)) = &self.deck else { return Ok(None) };
        self.connection
            .prepare_cached(
                "select card.id from card join note on note.id = card.note
                 where note.deck = ?1 and note.key = ?2 and card.ordinal = ?3",
            )
            .and_then(|mut statement| statement.query_row((deck, note, ordinal), |row| row.get(0)).optional())
            .map(|id| id.map(|id| (CardId(id), key.clone())))
            .map_err(broken)
    }

    fn merged_note(&mut self, deck: i64, position: i64, note: &Note) -> Result<i64> {
        let text = write_note(note)?;
        // To try the insertion is one look at the index of keys, not two.
        let added = self
            .connection
            .prepare_cached(
                "insert into note (deck, key, position, base) values (?1, ?2, ?3, ?4)
                 on conflict (deck, key) do nothing",
            )
            .and_then(|mut statement| statement.execute(params![deck, note.id, position, text]))
            .map_err(broken)?;
        if added > 0 {
            let id = self.connection.last_insert_rowid();
            self.ask(id, note)?;
            self.change(note, Change::Added);
            return Ok(id);
        }
        let kept = self.kept(deck, &note.id)?;
        if kept.retired {
            self.change(note, Change::Revived);
        }
        // The same text under another version of plugg may be written otherwise; then the notes themselves compare.
        let base = if kept.base == text { None } else { Some(read_note(&kept.base, &note.id)?) };
        match base.filter(|base| base != note) {
            None if !kept.retired => {
                self.merged.unchanged += 1;
                self.move_to(&kept, position)?;
            }
            None => {
                self.keep(kept.id, position, &text, kept.local.as_deref())?;
                self.cards(kept.id, note)?;
            }
            Some(base) => self.update(&kept, position, &base, note, &text)?,
        }
        Ok(kept.id)
    }

    fn update(&mut self, kept: &Kept, position: i64, base: &Note, note: &Note, text: &str) -> Result<()> {
        let (local, change) = match &kept.local {
            None => (None, Change::Updated(changed_fields(base, note)?)),
            Some(local) => {
                let local = read_note(local, &note.id)?;
                let (merged, conflicts) = three_way(base, &local, note, self.merge.theirs)?;
                let local = if merged == *note { None } else { Some(write_note(&merged)?) };
                let change = if conflicts.is_empty() {
                    Change::Updated(changed_fields(base, note)?)
                } else {
                    Change::Conflicting(conflicts)
                };
                (local, change)
            }
        };
        self.keep(kept.id, position, text, local.as_deref())?;
        self.cards(kept.id, note)?;
        self.change(note, change);
        if note.reset {
            self.reset(kept.id, note)?;
        }
        Ok(())
    }

    fn kept(&self, deck: i64, key: &str) -> Result<Kept> {
        self.connection
            .prepare_cached(
                "select id, base, local, retired_day is not null, position from note where deck = ?1 and key = ?2",
            )
            .and_then(|mut statement| {
                statement.query_row((deck, key), |row| {
                    Ok(Kept {
                        id: row.get(0)?,
                        base: row.get(1)?,
                        local: row.get(2)?,
                        retired: row.get(3)?,
                        position: row.get(4)?,
                    })
                })
            })
            .map_err(broken)
    }

    fn keep(&self, id: i64, position: i64, base: &str, local: Option<&str>) -> Result<()> {
        self.connection
            .prepare_cached("update note set position = ?2, base = ?3, local = ?4, retired_day = null where id = ?1")
            .and_then(|mut statement| statement.execute((id, position, base, local)))
            .map(drop)
            .map_err(broken)
    }

    fn move_to(&self, kept: &Kept, position: i64) -> Result<()> {
        if kept.position == position {
            return Ok(());
        }
        self.connection
            .prepare_cached("update note set position = ?2 where id = ?1")
            .and_then(|mut statement| statement.execute((kept.id, position)))
            .map(drop)
            .map_err(broken)
    }

    /// Makes the cards that the faces of a note ask for.
    fn ask(&mut self, note_id: i64, note: &Note) -> Result<()> {
        let scope = scope_id(self.connection, &mut self.scopes, note)?;
        for face in &note.faces {
            self.connection
                .prepare_cached(
                    "insert into card (note, ordinal, scope, guess) values (?1, ?2, ?3, ?4)
                     on conflict (note, ordinal) do update
                       set scope = excluded.scope, guess = excluded.guess, retired = 0",
                )
                .and_then(|mut statement| statement.execute((note_id, face.ordinal, scope.0, face.guess())))
                .map_err(broken)?;
        }
        Ok(())
    }

    /// Makes the cards of a note those that its faces ask for; one whose face is gone is retired with its log.
    fn cards(&mut self, note_id: i64, note: &Note) -> Result<()> {
        self.ask(note_id, note)?;
        let wanted: BTreeSet<u32> = note.faces.iter().map(|face| face.ordinal).collect();
        let present: Vec<(i64, u32)> = self
            .connection
            .prepare_cached("select id, ordinal from card where note = ?1 and retired = 0")
            .and_then(|mut statement| statement.query_map([note_id], |row| Ok((row.get(0)?, row.get(1)?)))?.collect())
            .map_err(broken)?;
        for (card, _) in present.into_iter().filter(|(_, ordinal)| !wanted.contains(ordinal)) {
            self.connection.execute("update card set retired = 1 where id = ?1", [card]).map_err(broken)?;
        }
        Ok(())
    }

    fn reset(&mut self, note_id: i64, note: &Note) -> Result<()> {
        let answered: Vec<i64> = self
            .connection
            .prepare_cached("select id from card where note = ?1 and first_day is not null")
            .and_then(|mut statement| statement.query_map([note_id], |row| row.get(0))?.collect())
            .map_err(broken)?;
        for card in answered.iter().copied().map(CardId) {
            let stamp = self.merge.stamp;
            add_event(self.connection, Event::Reset, Some(card), None, "", RowId::draw(self.random), stamp)
                .and_then(|()| refold(self.connection, self.model, card))
                .map_err(broken)?;
        }
        if !answered.is_empty() {
            self.change(note, Change::Reset);
        }
        Ok(())
    }

    /// Retires what the deck no longer has.
    fn retire(&mut self) -> Result<()> {
        let Some((deck, _)) = self.deck else { return Ok(()) };
        // Of a deck that had no notes before, none can be gone.
        if self.first_time {
            return Ok(());
        }
        let kept: Vec<(i64, String)> = self
            .connection
            .prepare_cached("select id, key from note where deck = ?1 and retired_day is null order by position, id")
            .and_then(|mut statement| statement.query_map([deck], |row| Ok((row.get(0)?, row.get(1)?)))?.collect())
            .map_err(broken)?;
        for (id, key) in kept.into_iter().filter(|(id, _)| !self.present.contains(id)) {
            self.connection
                .execute("update note set retired_day = ?2 where id = ?1", (id, self.merge.stamp.day.0))
                .and_then(|_| self.connection.execute("update card set retired = 1 where note = ?1", [id]))
                .map_err(broken)?;
            let base: String = self
                .connection
                .prepare_cached("select base from note where id = ?1")
                .and_then(|mut statement| statement.query_row([id], |row| row.get(0)))
                .map_err(broken)?;
            let title = title(&read_note(&base, &key)?);
            self.merged.changes.push(Changed { id: key, title, change: Change::Retired });
        }
        Ok(())
    }

    fn change(&mut self, note: &Note, change: Change) {
        self.merged.changes.push(Changed { id: note.id.clone(), title: title(note), change });
    }
}

/// A note that its deck no longer has.
struct Gone<'a> {
    key: &'a String,
    position: i64,
    front: String,
    /// Whether another note is its new version.
    taken: bool,
}

/// What is compared of a front: of long ones the beginning.
fn start_of_front(note: &Note) -> String {
    note.faces.first().map_or(String::new(), |face| face.front.chars().take(200).collect())
}

/// How alike two fronts are, 0 to 1.
fn likeness(a: &str, b: &str) -> f64 {
    let longest = a.chars().count().max(b.chars().count());
    if longest == 0 { 1.0 } else { 1.0 - strsim::osa_distance(a, b) as f64 / longest as f64 }
}

/// The names and values of the fields in which two versions of a note differ, the first's value before the second's.
///
/// # Errors
/// When a note cannot be taken apart, which none is known for.
pub fn differences(a: &Note, b: &Note) -> Result<Vec<(String, String, String)>> {
    let (old, new) = (fields(a)?, fields(b)?);
    let text = |value: Option<&Value>| match value {
        None => String::new(),
        Some(Value::String(text)) => text.clone(),
        Some(other) => other.to_string(),
    };
    let names: BTreeSet<&String> = old.keys().chain(new.keys()).collect();
    let differing = names.into_iter().filter(|name| old.get(*name) != new.get(*name));
    Ok(differing.map(|name| (shown(name, b), text(old.get(name)), text(new.get(name)))).collect())
}

/// The number of what a note belongs to, made where there is none yet.
fn scope_id(connection: &Connection, scopes: &mut HashMap<Scope, ScopeId>, note: &Note) -> Result<ScopeId> {
    let scope = Scope { area: note.area.clone(), system: note.system.clone(), level: note.level };
    if let Some(id) = scopes.get(&scope) {
        return Ok(*id);
    }
    let id = connection
        .query_row(
            "insert into scope (area, system, level) values (?1, ?2, ?3)
             on conflict (area, system, level) do update set area = excluded.area returning id",
            (&scope.area, &scope.system, level_number(scope.level)),
            |row| row.get(0).map(ScopeId),
        )
        .map_err(broken)?;
    scopes.insert(scope, id);
    Ok(id)
}

fn write_mapping(mapping: &Mapping) -> Result<String> {
    serde_json::to_string(mapping).map_err(|error| Error::internal("could not keep the mapping").because(error))
}

fn read_mapping(text: &str, deck: &str) -> Result<Mapping> {
    serde_json::from_str(text)
        .map_err(|error| Error::data(format!("the mapping of the deck `{deck}` is not valid")).because(error))
}

/// The first line of a note's first question, as far as it fits a line.
fn title(note: &Note) -> String {
    note.faces.first().map(Face::title).unwrap_or_default()
}

/// Writes a file named by its hash, synced, unless it is there already.
fn keep_file(folder: &Path, hash: &str, content: &[u8]) -> std::io::Result<()> {
    use std::io::Write as _;
    let place = folder.join(hash);
    if std::fs::metadata(&place).is_ok_and(|known| known.len() == content.len() as u64) {
        return Ok(());
    }
    std::fs::create_dir_all(folder)?;
    let mut file = tempfile::NamedTempFile::new_in(folder)?;
    file.write_all(content)?;
    file.as_file().sync_all()?;
    file.persist(place).map(drop).map_err(|error| error.error)
}

fn write_note(note: &Note) -> Result<String> {
    serde_json::to_string(note)
        .map_err(|error| Error::internal(format!("could not keep the note `{}`", note.id)).because(error))
}

fn read_note(text: &str, id: &str) -> Result<Note> {
    serde_json::from_str(text)
        .map_err(|error| Error::data(format!("the database holds a note `{id}` that is not valid")).because(error))
}

/// A note as named fields; those of a face carry its ordinal.
fn fields(note: &Note) -> Result<BTreeMap<String, Value>> {
    let unusable = |error| Error::internal(format!("could not compare the note `{}`", note.id)).because(error);
    let Value::Object(object) = serde_json::to_value(note).map_err(unusable)? else { return Ok(BTreeMap::new()) };
    let mut fields: BTreeMap<String, Value> = object.into_iter().filter(|(name, _)| name != "faces").collect();
    for face in &note.faces {
        if let Value::Object(object) = serde_json::to_value(face).map_err(unusable)? {
            fields.extend(object.into_iter().map(|(name, value)| (format!("{}.{name}", face.ordinal), value)));
        }
    }
    Ok(fields)
}

/// The names of the fields in which two versions of a note differ; a face's ordinal is named only beside others.
fn changed_fields(before: &Note, after: &Note) -> Result<Vec<String>> {
    Ok(differences(before, after)?.into_iter().map(|(name, _, _)| name).collect())
}

fn shown(field: &str, note: &Note) -> String {
    match field.split_once('.') {
        Some((_, name)) if note.faces.len() == 1 => name.to_owned(),
        Some((ordinal, name)) => format!("{name} of card {ordinal}"),
        None => field.to_owned(),
    }
}

/// Merges the learner's edits with a new version, field by field. Returns the merged note and the fields that both
/// sides changed, each in its own way. Which cards there are is the deck's to say.
fn three_way(base: &Note, local: &Note, theirs: &Note, favour_theirs: bool) -> Result<(Note, Vec<String>)> {
    let (base, ours, new) = (fields(base)?, fields(local)?, fields(theirs)?);
    let mut conflicts = Vec::new();
    let mut merged = new.clone();
    let names: BTreeSet<&String> = ours.keys().chain(new.keys()).collect();
    for name in names {
        let (base, ours, new) = (base.get(name), ours.get(name), new.get(name));
        let edited = ours != base;
        // A face that the deck dropped is not brought back by an edit of it.
        let belongs = name
            .split_once('.')
            .is_none_or(|(ordinal, _)| theirs.faces.iter().any(|face| face.ordinal.to_string() == ordinal));
        if !edited || ours == new || !belongs {
            continue;
        }
        if new != base {
            conflicts.push(shown(name, theirs));
            if favour_theirs {
                continue;
            }
        }
        match ours {
            Some(value) => merged.insert(name.clone(), value.clone()),
            None => merged.remove(name),
        };
    }
    Ok((from_fields(merged, theirs)?, conflicts))
}

fn from_fields(fields: BTreeMap<String, Value>, like: &Note) -> Result<Note> {
    let mut object = serde_json::Map::new();
    let mut faces: BTreeMap<u32, serde_json::Map<String, Value>> = BTreeMap::new();
    for (name, value) in fields {
        match name.split_once('.').and_then(|(ordinal, name)| Some((ordinal.parse().ok()?, name))) {
            Some((ordinal, name)) => {
                faces.entry(ordinal).or_default().insert(name.to_owned(), value);
            }
            None => {
                object.insert(name, value);
            }
        }
    }
    let in_order = like.faces.iter().filter_map(|face| faces.remove(&face.ordinal)).map(Value::Object);
    object.insert("faces".to_owned(), Value::Array(in_order.collect()));
    serde_json::from_value(Value::Object(object))
        .map_err(|error| Error::internal(format!("could not merge the note `{}`", like.id)).because(error))
}
