//! The decks inside the program, and how they come into a database: by the same path as any deck.

use indicatif::ProgressBar;
use rand::Rng;

use crate::deck;
use crate::error::{Error, Result};
use crate::skill::SkillMap;
use crate::store::{Merge, Origin, Stamp, Store};

include!(concat!(env!("OUT_DIR"), "/bundled.rs"));

/// The skill map inside the program.
pub const AREAS: &str = include_str!("../../decks/areas.toml");

/// Under which key the store keeps the fingerprint of the decks that it has.
const KEY: &str = "bundled";

/// Whether a database has the bundled decks as they are now: one small look.
///
/// # Errors
/// When the database cannot be read.
pub fn is_current(store: &Store) -> Result<bool> {
    Ok(store.meta(KEY)?.as_deref() == Some(FINGERPRINT))
}

/// Brings the bundled decks into a database, by the same path as any deck. `progress` is told how many there are, and then of each.
///
/// # Errors
/// When a bundled deck is not valid, or the database cannot be written.
pub fn update(
    store: &mut Store,
    map: &SkillMap,
    stamp: Stamp,
    random: &mut dyn Rng,
    progress: impl FnOnce(usize) -> ProgressBar,
) -> Result<()> {
    let bar = progress(DECKS.len());
    for (name, text) in DECKS {
        let deck = read(name, text, map)?;
        let merge = Merge { origin: Origin::Bundled, stamp, theirs: false, dry_run: false };
        store.merge(&merge, &deck.reading.deck, &deck.reading.notes, random)?;
        bar.inc(1);
    }
    bar.finish_and_clear();
    store.set_meta(KEY, FINGERPRINT)
}

/// Reads a bundled deck.
///
/// # Errors
/// When it is not valid; a test sees to it that none is.
pub fn read(name: &str, text: &str, map: &SkillMap) -> Result<deck::toml::TomlDeck> {
    deck::toml::read(name, text.as_bytes(), map).map_err(|problems| {
        let first = problems.first().map(ToString::to_string).unwrap_or_default();
        Error::internal(format!("the bundled deck {name} is not valid: {first}"))
    })
}
