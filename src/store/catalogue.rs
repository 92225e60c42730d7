//! Which decks and cards there are: listing, finding, naming, retiring.

use rusqlite::{OptionalExtension as _, params};

use super::log::Stamp;
use super::{CardId, MediaFile, Store, broken, write};
use crate::card::{Deck, Note};
use crate::error::{Error, Result};

/// A deck in the database.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DeckRow {
    /// What it says of itself.
    pub deck: Deck,
    /// Where it came from.
    pub origin: String,
    /// Its cards that are not retired.
    pub cards: u32,
    /// Of them, those answered at least once.
    pub seen: u32,
}

/// A card that was found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Found {
    /// The card.
    pub card: CardId,
    /// How it is called on the command line: DECK/NOTE, and `#ORDINAL` where its note has several.
    pub name: String,
    /// Its question.
    pub front: String,
    /// Whether it may be asked.
    pub active: bool,
}

impl Store {
    /// The decks, by title.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub fn decks(&self) -> Result<Vec<DeckRow>> {
        let mut statement = self
            .connection
            .prepare(
                "select deck.about, deck.origin, count(card.id), count(card.due)
                 from deck left join note on note.deck = deck.id left join card on card.note = note.id and card.retired = 0
                 group by deck.id order by deck.title collate nocase, deck.key",
            )
            .map_err(broken)?;
        let rows = statement
            .query_map([], |row| Ok((row.get::<_, String>(0)?, row.get(1)?, row.get(2)?, row.get(3)?)))
            .and_then(Iterator::collect::<rusqlite::Result<Vec<_>>>)
            .map_err(broken)?;
        rows.into_iter()
            .map(|(about, origin, cards, seen)| {
                let deck = serde_json::from_str(&about)
                    .map_err(|error| Error::data("the database holds a deck that is not valid").because(error))?;
                Ok(DeckRow { deck, origin, cards, seen })
            })
            .collect()
    }

    /// A deck with its notes as the learner sees them, in the deck's order; retired notes are left out.
    ///
    /// # Errors
    /// When there is no such deck, or the database cannot be read.
    pub fn deck(&self, key: &str) -> Result<(Deck, Vec<Note>)> {
        let Some(row) = self.decks()?.into_iter().find(|row| row.deck.id == key) else {
            return Err(no_deck(key));
        };
        let mut statement = self
            .connection
            .prepare(
                "select coalesce(note.local, note.base) from note join deck on deck.id = note.deck
                 where deck.key = ?1 and note.retired_day is null order by note.position, note.id",
            )
            .map_err(broken)?;
        let texts = statement
            .query_map([key], |row| row.get::<_, String>(0))
            .and_then(Iterator::collect::<rusqlite::Result<Vec<_>>>)
            .map_err(broken)?;
        let notes = texts.iter().map(|text| {
            serde_json::from_str(text)
                .map_err(|error| Error::data(format!("the deck `{key}` holds a note that is not valid")).because(error))
        });
        Ok((row.deck, notes.collect::<Result<_>>()?))
    }

    /// The pictures and sounds of a deck, by the names that its notes use.
    ///
    /// # Errors
    /// When the database or a file cannot be read.
    pub fn media_of(&self, key: &str) -> Result<Vec<(String, Vec<u8>)>> {
        let mut statement = self
            .connection
            .prepare("select media.name, media.hash from media join deck on deck.id = media.deck where deck.key = ?1")
            .map_err(broken)?;
        let rows: Vec<(String, String)> = statement
            .query_map([key], |row| Ok((row.get(0)?, row.get(1)?)))
            .and_then(Iterator::collect)
            .map_err(broken)?;
        let folder = self.media_folder();
        rows.into_iter()
            .map(|(name, hash)| {
                let content = std::fs::read(folder.join(&hash))
                    .map_err(|error| Error::data(format!("the media file {hash} cannot be read")).because(error))?;
                Ok((name, content))
            })
            .collect()
    }

    /// The picture or sound that a note means by a name; `None` where its deck brought none.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub fn media_named(&self, note: i64, name: &str) -> Result<Option<MediaFile>> {
        let hash: Option<String> = self
            .connection
            .prepare_cached(
                "select media.hash from media join note on note.deck = media.deck where note.id = ?1 and media.name = ?2",
            )
            .and_then(|mut statement| statement.query_row((note, name), |row| row.get(0)).optional())
            .map_err(broken)?;
        // Only a hash is ever part of a path, whatever stands in the database.
        let hash = hash.filter(|hash| hash.len() == 64 && hash.bytes().all(|byte| byte.is_ascii_hexdigit()));
        let folder = self.media_folder();
        Ok(hash.map(|hash| MediaFile { name: name.to_owned(), path: folder.join(&hash), hash }))
    }

    /// Retires all notes of a deck; their log stays, and taking the deck in again revives them. Returns how many cards
    /// that were.
    ///
    /// # Errors
    /// When there is no such deck, or the database cannot be written.
    pub fn remove_deck(&mut self, key: &str, stamp: Stamp) -> Result<usize> {
        let transaction = write(&mut self.connection)?;
        let id: Option<i64> = transaction
            .query_row("select id from deck where key = ?1", [key], |row| row.get(0))
            .optional()
            .map_err(broken)?;
        let Some(id) = id else {
            return Err(no_deck(key));
        };
        transaction
            .execute("update note set retired_day = ?2 where deck = ?1 and retired_day is null", (id, stamp.day.0))
            .map_err(broken)?;
        let cards = transaction
            .execute(
                "update card set retired = 1 where retired = 0 and note in (select id from note where deck = ?1)",
                [id],
            )
            .map_err(broken)?;
        transaction.commit().map_err(broken)?;
        Ok(cards)
    }

    /// Cards whose texts hold all the words, in any case; at most `most` of them, by deck and position.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub fn find(&self, words: &[String], most: usize) -> Result<Vec<Found>> {
        let mut statement = self
            .connection
            .prepare(
                "select card.id, deck.key, note.key, card.ordinal, coalesce(note.local, note.base),
                        card.suspended = 0 and card.retired = 0
                 from card join note on note.id = card.note join deck on deck.id = note.deck
                 order by deck.title collate nocase, note.position, card.ordinal",
            )
            .map_err(broken)?;
        let words: Vec<String> = words.iter().map(|word| word.to_lowercase()).collect();
        let mut rows = statement.query([]).map_err(broken)?;
        let mut found = Vec::new();
        while let Some(row) = rows.next().map_err(broken)? {
            if found.len() == most {
                break;
            }
            let read = |row: &rusqlite::Row<'_>| -> rusqlite::Result<(i64, String, String, u32, String, bool)> {
                Ok((row.get(0)?, row.get(1)?, row.get(2)?, row.get(3)?, row.get(4)?, row.get(5)?))
            };
            let (card, deck, key, ordinal, content, active) = read(row).map_err(broken)?;
            let Ok(note) = serde_json::from_str::<Note>(&content) else { continue };
            let Some(face) = note.faces.iter().find(|face| face.ordinal == ordinal) else { continue };
            let texts = [face.front.as_str(), &note.explanation, &note.system, &note.area, &key, &deck];
            let text = texts.into_iter().chain(face.back.iter().map(String::as_str)).collect::<Vec<_>>().join("\n");
            let text = text.to_lowercase();
            if words.iter().all(|word| text.contains(word.as_str())) {
                let name = named(&deck, &key, ordinal, u32::try_from(note.faces.len()).unwrap_or(u32::MAX));
                found.push(Found { card: CardId(card), name, front: face.front.clone(), active });
            }
        }
        Ok(found)
    }

    /// The card called DECK/NOTE or DECK/NOTE#ORDINAL.
    ///
    /// # Errors
    /// When there is none of that name, or its note has several cards and none is named.
    pub fn named(&self, name: &str) -> Result<CardId> {
        let unknown = || Error::user(format!("there is no card `{name}`")).hint("`plugg card find WORD` finds cards");
        let (deck, rest) = name.split_once('/').ok_or_else(unknown)?;
        // A note id may hold a `#` of its own: the whole is tried first.
        let cards = self.cards_of(deck, rest)?;
        if let [(card, _)] = cards.as_slice() {
            return Ok(*card);
        }
        if let [(_, first), ..] = cards.as_slice() {
            return Err(Error::user(format!("the note `{name}` has {} cards", cards.len()))
                .hint(format!("name one of them, like {name}#{first}")));
        }
        let (key, ordinal) = rest.rsplit_once('#').ok_or_else(unknown)?;
        let ordinal: u32 = ordinal.parse().map_err(|_| unknown())?;
        let cards = self.cards_of(deck, key)?;
        cards.into_iter().find(|(_, known)| *known == ordinal).map(|(card, _)| card).ok_or_else(unknown)
    }

    fn cards_of(&self, deck: &str, note: &str) -> Result<Vec<(CardId, u32)>> {
        let mut statement = self
            .connection
            .prepare(
                "select card.id, card.ordinal from card join note on note.id = card.note join deck on deck.id = note.deck
                 where deck.key = ?1 and note.key = ?2 order by card.ordinal",
            )
            .map_err(broken)?;
        statement
            .query_map(params![deck, note], |row| Ok((CardId(row.get(0)?), row.get(1)?)))
            .and_then(Iterator::collect)
            .map_err(broken)
    }

    /// What a card is called on the command line.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub fn name_of(&self, card: CardId) -> Result<String> {
        self.connection
            .query_row(
                "select deck.key, note.key, card.ordinal, (select count(*) from card twin where twin.note = card.note)
                 from card join note on note.id = card.note join deck on deck.id = note.deck where card.id = ?1",
                [card.0],
                |row| Ok(named(&row.get::<_, String>(0)?, &row.get::<_, String>(1)?, row.get(2)?, row.get(3)?)),
            )
            .map_err(broken)
    }
}

pub(super) fn no_deck(key: &str) -> Error {
    Error::user(format!("there is no deck `{key}`")).hint("`plugg deck list` lists them")
}

fn named(deck: &str, note: &str, ordinal: u32, cards: u32) -> String {
    if cards > 1 { format!("{deck}/{note}#{ordinal}") } else { format!("{deck}/{note}") }
}
