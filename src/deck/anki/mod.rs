//! Anki packages: `.apkg` and `.colpkg` of every generation, schema 11 and 18.
//!
//! It hides the archive (`package`), the foreign database (`collection`), the template language (`template`, `cloze`)
//! and how an Anki card becomes one of plugg's (`faces`). `cli` may call it, through [`read`] or, for large packages,
//! [`stream`]. It never writes a file under a name of the package, never runs anything of it, and never trusts what it
//! says of its own size.
//!
//! **Identity.** A note is its `guid`; a card is its template ordinal, or its cloze number less one. The deck's id is
//! `anki-` and the slug of the deepest deck that all cards of the package share, without a version at its end (`v2.1`),
//! so that the next version of a shared deck gives the same id, whoever exported it and whatever its note types are.
//! Anki's own deck ids are not used: exporters make new ones. A package with several decks that share no parent is
//! `anki-collection`. The caller can put another id in its place.
//!
//! **Cards.** What the table `cards` lists and Anki would ask: a card whose question shows no field is left out. The
//! answer is what stands after `<hr id=answer>`, without `{{FrontSide}}`. `{{type:X}}` makes a typed card if X is one
//! line of at most 200 characters; a cloze card with one deletion of at most 60 characters in one line is a cloze, its
//! hint stands in brackets after the gap; all others are basic. The right answers of typed and cloze cards are plain
//! text, as they are typed; all other text is Markdown. What the answer side says beyond (the extra field of a cloze)
//! is the note's explanation where all its cards agree on it, else part of each answer. `{{hint:X}}` on a question
//! is the card's hint. Image occlusion and cards that need a script are left out and named.

mod ahead;
mod cloze;
mod collection;
mod faces;
mod loose;
mod markup;
mod package;
mod protobuf;
mod template;
#[cfg(test)]
mod tests;
pub mod write;

use std::collections::{BTreeSet, HashMap, HashSet};
use std::hash::{Hash, Hasher};
use std::io::{Read, Seek};

use rawzip::ReaderAt;

use collection::{CardRow, Collection, NoteRow};
pub(super) use collection::{NoteType, TemplateSource};
use faces::Source;
pub(super) use faces::{LeftOut, Made, Prepared};
pub(super) use loose::Loose;
use package::{Missing, Package, refused};

use super::{Media, PastReview, Problems, Reading, Severity};
use crate::card::{Deck, Grade, Level, Note};
use crate::error::Result;

/// The largest note, all fields together, in bytes.
const NOTE_SIZE: usize = 1 << 20;
/// The longest guid, in bytes; Anki's have ten.
const GUID_LENGTH: usize = 200;
/// Text that the cards of any package may make while they are built, in bytes, and how much more for each byte of its
/// collection: cards repeat their templates and their notes.
const WORK: u64 = 64 << 20;
const WORK_PER_BYTE: u64 = 64;
/// The most media files that the notes may name.
const MEDIA: usize = 200_000;
/// The longest time for one answer that counts, in milliseconds.
const HOUR_MS: i64 = 3_600_000;
/// The start of the year 2200, in milliseconds since the Unix epoch: no review is later.
const YEAR_2200_MS: i64 = 7_258_118_400_000;

/// What the learner wants of a package beyond its notes.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Wishes {
    /// Take the reviews, too: the package is the learner's own.
    pub history: bool,
}

/// A part of a package. The deck comes first, then its notes, the reviews oldest first, the media.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Item {
    /// What the package is, before all else.
    Deck(Deck),
    /// A note.
    Note(Note),
    /// A review of a card that came before.
    Review(PastReview),
    /// A picture or sound that a note before names.
    Media(Media),
}

/// Reads a package into memory; `file` is how the user named it.
///
/// # Errors
/// Refuses the package: it is damaged, hostile, made by a newer Anki, or holds no cards. Problems of single notes are in
/// the reading.
pub fn read(file: &str, archive: impl Read + Seek + Send, wishes: &Wishes) -> Result<Reading> {
    let mut whole = Reading::default();
    let rest = stream(file, archive, wishes, |item| {
        match item {
            Item::Deck(deck) => whole.deck = deck,
            Item::Note(note) => whole.notes.push(note),
            Item::Review(review) => whole.reviews.push(review),
            Item::Media(media) => whole.media.push(media),
        }
        Ok(())
    })?;
    Ok(Reading { problems: rest.problems, suspended: rest.suspended, ..whole })
}

/// Reads a package part by part, in memory that does not grow with its notes and media, and returns what is left: the
/// deck, the problems and the suspended cards. It is read ahead on a thread of its own; `take` runs on the caller's.
///
/// # Errors
/// As [`read`], and what `take` returns. Parts may have been handed over by then: the caller drops them.
pub fn stream(
    file: &str,
    archive: impl Read + Seek + Send,
    wishes: &Wishes,
    take: impl FnMut(Item) -> Result<()>,
) -> Result<Reading> {
    ahead::ahead(|take| parts(file, archive, wishes, take), take)
}

/// Takes a package apart.
fn parts(
    file: &str,
    archive: impl Read + Seek,
    wishes: &Wishes,
    take: &mut dyn FnMut(Item) -> Result<()>,
) -> Result<Reading> {
    let package = package::open(file, archive)?;
    let (copy, length) = package.collection(file)?;
    let collection = Collection::open(file, copy, length)?;
    let decks = collection.decks()?;
    let cards = collection.cards()?;
    if cards.is_empty() {
        return Err(refused(file, "it holds no cards"));
    }
    let deck = identity(&decks, &cards);
    let kinds = collection.note_types()?.into_iter().map(|(id, kind)| (id, Prepared::of(kind))).collect();
    let mut reader = Reader {
        file,
        kinds,
        decks,
        cards,
        history: wishes.history.then(History::default),
        seen: HashSet::new(),
        media: BTreeSet::new(),
        work_left: WORK + length.saturating_mul(WORK_PER_BYTE),
        notes: 0,
        problems: Problems::of(file),
        suspended: Vec::new(),
        take,
    };
    (reader.take)(Item::Deck(deck.clone()))?;
    collection.each_note(|row| reader.note(&row))?;
    if reader.notes == 0 {
        // Taken in, it would retire all that an earlier version of the deck brought.
        let first = reader.problems.found.first().map(|problem| format!("; the first fault: {}", problem.message));
        return Err(refused(file, format!("none of its notes can come in{}", first.unwrap_or_default())));
    }
    reader.history(&collection)?;
    drop(collection);
    reader.media(package)?;
    Ok(Reading { deck, problems: reader.problems.finish(), suspended: reader.suspended, ..Reading::default() })
}

/// What a deck is called by all its versions.
fn identity(decks: &HashMap<i64, String>, cards: &[CardRow]) -> Deck {
    let used: BTreeSet<i64> = cards.iter().map(|card| card.deck).collect();
    let mut common: Option<Vec<&str>> = None;
    for id in used {
        let levels: Vec<&str> = decks.get(&id).map_or("", String::as_str).split("::").collect();
        common = Some(match common {
            None => levels,
            Some(common) => {
                let shared = common.iter().zip(&levels).take_while(|(a, b)| a == b).count();
                common.into_iter().take(shared).collect()
            }
        });
    }
    let title = common.unwrap_or_default().join("::");
    let title = title.trim();
    let mut words: Vec<&str> = title.split_whitespace().collect();
    let version = words.last().map(|word| word.trim_matches(['(', ')', '[', ']'])).filter(|word| {
        let digits = word.strip_prefix(['v', 'V']).unwrap_or_default();
        digits.starts_with(|c: char| c.is_ascii_digit()) && digits.chars().all(|c| c.is_ascii_digit() || c == '.')
    });
    if version.is_some() && words.len() > 1 {
        words.pop();
    }
    let slug = slug(&words.join(" "));
    let (id, title) = match (slug.as_str(), title) {
        ("", "") => (String::from("anki-collection"), "Anki collection"),
        ("", title) => (String::from("anki-deck"), title),
        (slug, title) => (format!("anki-{slug}"), title),
    };
    Deck {
        id,
        title: title.to_owned(),
        // BCP 47 for "not determined": no package says.
        language: String::from("und"),
        version: version.unwrap_or_default().to_owned(),
        ..Deck::default()
    }
}

/// Letters and digits in lower case, with a hyphen for everything between; at most eighty characters.
pub(super) fn slug(text: &str) -> String {
    let mut slug = String::new();
    for c in text.chars().flat_map(char::to_lowercase).take(80) {
        if c.is_alphanumeric() {
            slug.push(c);
        } else if !slug.is_empty() && !slug.ends_with('-') {
            slug.push('-');
        }
    }
    slug.truncate(slug.trim_end_matches('-').len());
    slug
}

/// Which card of which note a review belongs to.
#[derive(Default)]
struct History {
    guids: Vec<Box<str>>,
    cards: HashMap<i64, (usize, u32)>,
}

struct Reader<'f> {
    file: &'f str,
    kinds: HashMap<i64, Prepared>,
    decks: HashMap<i64, String>,
    cards: Vec<CardRow>,
    history: Option<History>,
    /// Hashes of the guids so far.
    seen: HashSet<u64>,
    /// The names of media that the notes show.
    media: BTreeSet<String>,
    work_left: u64,
    /// How many were handed over.
    notes: usize,
    problems: Problems<'f>,
    suspended: Vec<(String, u32)>,
    take: &'f mut dyn FnMut(Item) -> Result<()>,
}

impl Reader<'_> {
    fn problem(&mut self, card: Option<&str>, severity: Severity, rule: &'static str, message: String, hint: &str) {
        self.problems.add(None, card, severity, rule, message, hint);
    }

    /// Turns a row into a note and hands it over, or tells why not.
    fn note(&mut self, row: &NoteRow<'_>) -> Result<()> {
        let guid = row.guid.unwrap_or_default();
        let fail = |reader: &mut Self, rule, message: &str, hint| {
            reader.problem(Some(guid), Severity::Error, rule, message.to_owned(), hint);
            Ok(())
        };
        if guid.is_empty() || guid.len() > GUID_LENGTH {
            return fail(self, "identity", &format!("the note {} has no usable guid", row.id), "");
        }
        if !self.seen.insert(hash(guid)) {
            return fail(self, "identity", "a second note has this guid", "");
        }
        let (Some(fields), Some(tags)) = (row.fields, row.tags) else {
            return fail(self, "encoding", "its text is not UTF-8", "");
        };
        if fields.len() + tags.len() > NOTE_SIZE {
            return fail(self, "size", &format!("the note is larger than {} MiB", NOTE_SIZE >> 20), "");
        }
        let from = self.cards.partition_point(|card| card.note < row.id);
        let length = self.cards[from..].partition_point(|card| card.note == row.id);
        let Some(&first) = self.cards[from..from + length].first() else {
            return fail(self, "no-cards", "the note has no cards", "");
        };
        let Some(kind) = self.kinds.get(&row.note_type) else {
            return fail(self, "note-type", "its note type is missing", "");
        };
        let source = Source { fields, tags, cards: &self.cards[from..from + length], decks: &self.decks };
        let made = faces::make(&source, kind, &mut self.media, &mut self.work_left);
        let Made { faces, explanation, left_out } = made;
        for LeftOut { rule, message, hint } in left_out {
            self.problem(Some(guid), Severity::Error, rule, message, hint);
        }
        if self.work_left == 0 {
            return Err(refused(self.file, "its cards repeat more text than those of any sound deck"));
        }
        if self.media.len() > MEDIA {
            return Err(refused(self.file, format!("its notes name more than {MEDIA} pictures and sounds")));
        }
        if faces.is_empty() {
            return Ok(());
        }
        if let Some(history) = &mut self.history {
            let place = history.guids.len();
            history.guids.push(guid.into());
            for card in &self.cards[from..from + length] {
                if faces.iter().any(|face| face.ordinal == card.ordinal) {
                    history.cards.insert(card.id, (place, card.ordinal));
                }
            }
        }
        for card in &self.cards[from..from + length] {
            if card.suspended && faces.iter().any(|face| face.ordinal == card.ordinal) {
                self.suspended.push((guid.to_owned(), card.ordinal));
            }
        }
        let note = Note {
            id: guid.to_owned(),
            area: String::from("unsorted"),
            system: String::new(),
            level: Level::Foundation,
            folder: self.decks.get(&first.deck).cloned().unwrap_or_default(),
            tags: tags.split_whitespace().map(str::to_owned).collect(),
            explanation,
            source: String::new(),
            since: String::new(),
            reset: false,
            faces,
        };
        self.notes += 1;
        (self.take)(Item::Note(note))
    }

    /// Hands over the learner's own answers to the cards that came in.
    fn history(&mut self, collection: &Collection) -> Result<()> {
        let Some(history) = self.history.take() else { return Ok(()) };
        let (mut strange, mut lost) = (0usize, 0usize);
        collection.each_review(|review| {
            // Other kinds are filtered decks and days set by hand: no answer that a schedule follows from.
            if !matches!(review.kind, 0..=2) || review.button == 0 {
                return Ok(());
            }
            let grade = match review.button {
                1 => Grade::AGAIN,
                2 => Grade::HARD,
                3 => Grade::GOOD,
                4 => Grade::EASY,
                _ => {
                    strange += 1;
                    return Ok(());
                }
            };
            if !(0..YEAR_2200_MS).contains(&review.unix_ms) {
                strange += 1;
                return Ok(());
            }
            let Some(&(note, ordinal)) = history.cards.get(&review.card) else {
                lost += 1;
                return Ok(());
            };
            (self.take)(Item::Review(PastReview {
                note: history.guids[note].to_string(),
                ordinal,
                unix_ms: review.unix_ms,
                grade,
                took_ms: u32::try_from(review.took_ms.clamp(0, HOUR_MS)).unwrap_or(0),
            }))
        })?;
        if lost > 0 {
            let message = format!("{} of cards that did not come in are left out", count(lost, "review"));
            self.problem(None, Severity::Warning, "history", message, "");
        }
        if strange > 0 {
            let message = format!("{} with an impossible button or time are left out", count(strange, "review"));
            self.problem(None, Severity::Warning, "history", message, "");
        }
        Ok(())
    }

    /// Hands over the media that the notes name.
    fn media(&mut self, mut package: Package<impl ReaderAt>) -> Result<()> {
        if package.strangers > 0 {
            let message = format!("{} with names that no package has are ignored", count(package.strangers, "member"));
            self.problem(None, Severity::Warning, "member", message, "");
        }
        let names = std::mem::take(&mut self.media);
        if names.is_empty() {
            return Ok(());
        }
        let numbers = package.media(self.file)?;
        let mut absent: Vec<String> = Vec::new();
        for name in names {
            let content = match numbers.get(&name) {
                Some(number) => package.file(number),
                None => Err(Missing::Absent),
            };
            let why = match content {
                Ok(content) => {
                    (self.take)(Item::Media(Media { name, content }))?;
                    continue;
                }
                Err(Missing::Absent) => {
                    absent.push(name);
                    continue;
                }
                Err(Missing::TooLarge) => "is, or all files together are, too large",
                Err(Missing::Damaged) => "is damaged",
            };
            self.problem(None, Severity::Error, "media", format!("the file `{}` {why}", short(&name)), "");
        }
        if let Some(first) = absent.first() {
            let message = format!(
                "{} that the notes name {} not in the package: {}{}",
                count(absent.len(), "file"),
                if absent.len() == 1 { "is" } else { "are" },
                short(first),
                if absent.len() > 1 { " …" } else { "" }
            );
            self.problem(None, Severity::Warning, "media", message, "");
        }
        Ok(())
    }
}

fn hash(guid: &str) -> u64 {
    let mut hasher = std::hash::DefaultHasher::new();
    guid.hash(&mut hasher);
    hasher.finish()
}

/// A foreign name in a message.
fn short(name: &str) -> String {
    name.chars().take(60).collect()
}

fn count(n: usize, what: &str) -> String {
    if n == 1 { format!("1 {what}") } else { format!("{n} {what}s") }
}
