//! TOML decks: the format that authors write, one file a system.
//!
//! It hides the TOML grammar and holds every rule of form, so that what leaves it is valid. A file is refused as a whole,
//! with all its faults at once, each with its line and card. It may be called by `cli` and by the other rooms of `deck`; it
//! must never run a check, judge style (that is [`lint`](super::lint)) or guess what was meant.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;

use toml::Spanned;
use toml::de::{DeTable, DeValue};

use super::{ID_LENGTH, Problem, Reading, Severity};
use crate::card::{Compare, Deck, Face, GAP, Kind, Level, Note};
use crate::skill::{SkillMap, UNSORTED, nearest};

/// The largest file that is read, in bytes: some 30,000 cards.
pub const LARGEST_FILE: usize = 16 << 20;
/// The largest single text, in bytes.
pub const LARGEST_TEXT: usize = 64 << 10;
/// The most tokens that are parsed: such a file in prose has fewer, one made to fill the memory has sixteen million.
const MOST_TOKENS: usize = 2_000_000;
/// Recovering after a syntax fault keeps every fault in memory, so that larger files are read to the first one only.
const LARGEST_RECOVERED: usize = 1 << 20;
/// Nobody reads more faults than this; a hostile file has one a byte.
const MOST_PROBLEMS: usize = 1000;

const DECK_KEYS: [&str; 11] =
    ["id", "title", "area", "system", "language", "license", "authors", "version", "reviewed", "tools", "meant"];
const CARD_KEYS: [&str; 23] = [
    "id", "level", "kind", "front", "back", "wrong", "accept", "compare", "free", "reverse", "steps", "hint", "tags",
    "note", "source", "since", "needs", "check", "reset", "meant", "area", "system", "folder",
];
const KINDS: [Kind; 5] = [Kind::Basic, Kind::Cloze, Kind::Choice, Kind::Typed, Kind::Order];
const COMPARES: [(&str, Compare); 4] =
    [("text", Compare::Text), ("command", Compare::Command), ("number", Compare::Number), ("regex", Compare::Regex)];

/// A deck file that is valid in form.
#[derive(Debug, Clone, Default)]
pub struct TomlDeck {
    /// What every format gives: the deck and its notes.
    pub reading: Reading,
    /// The tools that its checks were tested with, and their versions.
    pub tools: BTreeMap<String, String>,
    /// The lint rules that the deck as a whole breaks on purpose, each with its reason.
    pub meant: BTreeMap<String, String>,
    /// The line of the `[deck]` table, from 1.
    pub line: usize,
    /// What only the deck's authors need: one for each note, in the same order.
    pub cards: Vec<CardSource>,
}

/// What the file says of a card beyond its note.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct CardSource {
    /// The id of the card.
    pub id: String,
    /// The line of its `[[card]]`, from 1.
    pub line: usize,
    /// The line of each of its keys, from 1.
    pub key_lines: BTreeMap<String, usize>,
    /// What the check runs beyond Bash and the core utilities: commands, and Python modules as `python3:module`.
    pub needs: Vec<String>,
    /// The Bash script that exits 0 if and only if `$BACK` is true of the real tool.
    pub check: Option<String>,
    /// The lint rules that the card breaks on purpose, each with its reason.
    pub meant: BTreeMap<String, String>,
}

impl CardSource {
    /// The line of a key, or of the card where it has no such key.
    pub fn line_of(&self, key: &str) -> usize {
        self.key_lines.get(key).copied().unwrap_or(self.line)
    }
}

/// Reads a deck file. `file` is its name as the user gave it, for the problems.
///
/// # Errors
/// Returns every fault of the file by line, at most a thousand; all are of [`Severity::Error`].
pub fn read(file: &str, bytes: &[u8], map: &SkillMap) -> Result<TomlDeck, Vec<Problem>> {
    read_with(file, bytes, Some(map))
}

fn read_with(file: &str, bytes: &[u8], map: Option<&SkillMap>) -> Result<TomlDeck, Vec<Problem>> {
    let text = decode(bytes).map_err(|(line, message, hint)| vec![fault(file, line, message, hint)])?;
    if toml_parser::Source::new(&text).lex().nth(MOST_TOKENS).is_some() {
        let message = format!("the file has over {MOST_TOKENS} words and marks outside of texts");
        return Err(vec![fault(file, Some(1), message, "split the deck")]);
    }
    let (document, errors) = if text.len() <= LARGEST_RECOVERED {
        DeTable::parse_recoverable(&text)
    } else {
        match DeTable::parse(&text) {
            Ok(document) => (document, Vec::new()),
            Err(error) => (Spanned::new(0..0, DeTable::new()), vec![error]),
        }
    };
    let mut reader = Reader { file, map, lines: Lines::of(&text), card: None, problems: Vec::new() };
    for error in errors.iter().take(MOST_PROBLEMS) {
        let at = error.span().map_or(text.len(), |span| span.start);
        reader.card = card_at(document.get_ref(), at);
        reader.fault(
            at,
            format!("not valid TOML: {}", error.message()),
            "mend it first; the grammar is at https://toml.io",
        );
    }
    if !errors.is_empty() {
        // What a broken file means is guesswork: faults of meaning wait until it is whole.
        return Err(reader.sorted_problems());
    }
    let deck = reader.document(document.get_ref());
    if reader.problems.is_empty() { Ok(deck) } else { Err(reader.sorted_problems()) }
}

/// The bytes as text with plain line ends, or the fault: line, message and hint.
fn decode(bytes: &[u8]) -> Result<String, (Option<usize>, String, &'static str)> {
    if bytes.len() > LARGEST_FILE {
        let message = format!("the file has {} bytes; a deck file has at most {LARGEST_FILE}", bytes.len());
        return Err((None, message, "split the deck"));
    }
    let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
    let line_at = |at: usize| Some(1 + bytes.iter().take(at).filter(|byte| **byte == b'\n').count());
    if let Some(at) = bytes.iter().position(|byte| *byte == 0) {
        return Err((line_at(at), "not a text file: it holds a NUL byte".into(), "save the deck as UTF-8 text"));
    }
    let text = std::str::from_utf8(bytes)
        .map_err(|error| (line_at(error.valid_up_to()), "not valid UTF-8".into(), "save the deck as UTF-8 text"))?;
    // A checkout on Windows must not change the text of a card, nor break its check.
    Ok(text.replace("\r\n", "\n"))
}

/// The id of the card whose block holds the byte `at`.
fn card_at(document: &DeTable<'_>, at: usize) -> Option<String> {
    let cards = document.get("card")?.get_ref().as_array()?;
    let after = cards.partition_point(|card| card.span().start <= at);
    let block = cards.get(after.checked_sub(1)?)?;
    block.get_ref().as_table()?.get("id")?.get_ref().as_str().map(start_of_id)
}

fn fault(file: &str, line: Option<usize>, message: impl Into<String>, hint: impl Into<String>) -> Problem {
    Problem {
        file: file.into(),
        line,
        card: None,
        severity: Severity::Error,
        rule: "",
        message: message.into(),
        hint: hint.into(),
    }
}

/// Where each line begins, in bytes.
struct Lines(Vec<usize>);

impl Lines {
    fn of(text: &str) -> Lines {
        Lines(std::iter::once(0).chain(text.match_indices('\n').map(|(at, _)| at + 1)).collect())
    }

    fn at(&self, byte: usize) -> usize {
        self.0.partition_point(|start| *start <= byte)
    }
}

/// One table of the file, with the byte at which it begins.
#[derive(Clone, Copy)]
struct Block<'t> {
    table: &'t DeTable<'t>,
    at: usize,
}

impl<'t> Block<'t> {
    /// The value of a key and the byte where its line begins.
    fn entry(self, key: &str) -> Option<(usize, &'t DeValue<'t>)> {
        self.table.get_key_value(key).map(|(key, value)| (key.span().start, value.get_ref()))
    }

    fn has(self, key: &str) -> bool {
        self.table.contains_key(key)
    }

    /// The byte of a key, or of the table where it has no such key.
    fn at(self, key: &str) -> usize {
        self.entry(key).map_or(self.at, |(at, _)| at)
    }
}

/// Where a card belongs; an empty system means none.
#[derive(Default)]
struct Place {
    area: String,
    system: String,
}

/// Collects faults while it reads. A value that is at fault is read as empty: the file is refused anyway.
struct Reader<'a> {
    file: &'a str,
    /// Without a map, areas and systems are taken as they are.
    map: Option<&'a SkillMap>,
    lines: Lines,
    /// The card that is being read.
    card: Option<String>,
    problems: Vec<Problem>,
}

impl Reader<'_> {
    fn fault(&mut self, at: usize, message: impl Into<String>, hint: impl Into<String>) {
        if !self.is_full() {
            let problem = fault(self.file, Some(self.lines.at(at)), message, hint);
            self.problems.push(Problem { card: self.card.clone(), ..problem });
        }
    }

    /// Whether nothing more would be kept: what a remedy is found by costs time for each fault.
    fn is_full(&self) -> bool {
        self.problems.len() >= MOST_PROBLEMS
    }

    fn sorted_problems(mut self) -> Vec<Problem> {
        self.problems.sort_by_key(|problem| problem.line);
        self.problems
    }

    fn document(&mut self, document: &DeTable<'_>) -> TomlDeck {
        for (key, value) in document {
            if !["deck", "card"].contains(&key.get_ref().as_ref()) {
                // A table's own place is better than its key's, which may stand inside of a dotted header.
                let at = key.span().start.max(value.span().start);
                self.fault(
                    at,
                    format!("unknown key `{}`", brief(key.get_ref())),
                    "a deck file has one [deck] table and [[card]] blocks",
                );
            }
        }
        let mut deck = TomlDeck { line: 1, ..TomlDeck::default() };
        let place = match document.get("deck").map(|value| (value.span().start, value.get_ref().as_table())) {
            Some((at, Some(table))) => self.header(Block { table, at }, &mut deck),
            Some((at, None)) => {
                self.fault(at, "`deck` is not a table", "write the deck's keys beneath a line [deck]");
                Place::default()
            }
            None => {
                self.fault(0, "the [deck] table is missing", "begin the file with [deck] and its id, title and area");
                Place::default()
            }
        };
        match document.get("card").map(|value| (value.span().start, value.get_ref())) {
            Some((_, DeValue::Array(blocks))) if !blocks.is_empty() => {
                self.cards(blocks.iter().map(|block| (block.span().start, block.get_ref())), &place, &mut deck);
            }
            Some((at, DeValue::Table(_))) => self.fault(at, "`card` is one table", "write [[card]], with two brackets"),
            Some((at, DeValue::Array(_))) => self.fault(at, "no cards", "write at least one [[card]]"),
            Some((at, _)) => self.fault(at, "`card` is not a table", "write each card beneath a line [[card]]"),
            None => self.fault(0, "no cards", "write at least one [[card]]"),
        }
        deck
    }

    /// Reads the `[deck]` table.
    fn header(&mut self, block: Block<'_>, deck: &mut TomlDeck) -> Place {
        deck.line = self.lines.at(block.at);
        self.refuse_unknown_keys(block, &DECK_KEYS, "[deck]");
        deck.reading.deck = Deck {
            id: self.id(block, "[deck]"),
            title: self.required(block, "title", "[deck]"),
            language: self.text(block, "language"),
            license: self.text(block, "license"),
            authors: self.texts(block, "authors"),
            version: self.text(block, "version"),
            reviewed: self.date(block, "reviewed"),
        };
        if deck.reading.deck.language.is_empty() {
            deck.reading.deck.language = "en".into();
        }
        deck.tools = self.pairs(block, "tools");
        deck.meant = self.pairs(block, "meant");
        let place = Place { area: self.required(block, "area", "[deck]"), system: self.text(block, "system") };
        self.check_place(block, &place);
        place
    }

    fn cards<'t>(
        &mut self,
        blocks: impl Iterator<Item = (usize, &'t DeValue<'t>)>,
        place: &Place,
        deck: &mut TomlDeck,
    ) {
        let mut lines_of_ids: BTreeMap<String, usize> = BTreeMap::new();
        for (at, value) in blocks {
            if self.is_full() {
                break;
            }
            self.card = None;
            let Some(table) = value.as_table() else {
                self.fault(at, "a card is not a table", "write each card beneath a line [[card]]");
                continue;
            };
            let block = Block { table, at };
            self.card = block.entry("id").and_then(|(_, id)| id.as_str()).map(start_of_id);
            let (note, source) = self.card(block, place);
            if let Some(first) = lines_of_ids.get(&note.id) {
                let message = format!("the id `{}` stands twice, first in line {first}", brief(&note.id));
                self.fault(block.at("id"), message, "give one of the two cards another id");
            } else if !note.id.is_empty() {
                lines_of_ids.insert(note.id.clone(), self.lines.at(block.at("id")));
            }
            deck.reading.notes.push(note);
            deck.cards.push(source);
        }
        self.card = None;
    }

    fn card(&mut self, block: Block<'_>, deck: &Place) -> (Note, CardSource) {
        self.refuse_unknown_keys(block, &CARD_KEYS, "a card");
        let id = self.id(block, "the card");
        let place = self.place(block, deck);
        let note = Note {
            id: id.clone(),
            area: place.area,
            system: place.system,
            level: self
                .one_of(block, "level", "the card", &Level::ALL.map(|level| (level.name(), level)))
                .unwrap_or(Level::Foundation),
            folder: self.text(block, "folder"),
            tags: self.texts(block, "tags"),
            explanation: self.text(block, "note"),
            source: self.text(block, "source"),
            since: self.text(block, "since"),
            reset: self.flag(block, "reset"),
            faces: self.faces(block),
        };
        let source = CardSource {
            id,
            line: self.lines.at(block.at),
            key_lines: block
                .table
                .keys()
                .map(|key| (key.get_ref().to_string(), self.lines.at(key.span().start)))
                .collect(),
            needs: self.texts(block, "needs"),
            check: block.has("check").then(|| self.required(block, "check", "the card")),
            meant: self.pairs(block, "meant"),
        };
        (note, source)
    }

    /// Where a card belongs: it may name another system of the deck's area, or another area.
    fn place(&mut self, block: Block<'_>, deck: &Place) -> Place {
        let area = self.text(block, "area");
        let own_area = !area.is_empty() && area != deck.area;
        let system = if block.has("system") {
            self.text(block, "system")
        } else if own_area {
            String::new()
        } else {
            deck.system.clone()
        };
        let place = Place { area: if own_area { area } else { deck.area.clone() }, system };
        if block.has("area") || block.has("system") {
            self.check_place(block, &place);
        }
        place
    }

    fn check_place(&mut self, block: Block<'_>, place: &Place) {
        let Some(map) = self.map else { return };
        let Place { area, system } = place;
        // An empty area is reported as missing already.
        if !area.is_empty() && area != UNSORTED && map.area(area).is_none() {
            let known: Vec<&str> = map.areas.iter().map(|area| area.id.as_str()).collect();
            let hint = suggestion(area, &known, "the areas are");
            self.fault(block.at("area"), format!("unknown area `{}`", brief(area)), hint);
        }
        if system.is_empty() {
            return;
        }
        match map.system(system) {
            Some((home, _)) if home.id != *area => self.fault(
                block.at("system"),
                format!("the system `{system}` belongs to the area `{}`, not to `{}`", home.id, brief(area)),
                format!("move the card to a deck of `{}`, or name a system of `{}`", home.id, brief(area)),
            ),
            Some(_) => {}
            None => {
                let known: Vec<&str> = match map.area(area) {
                    Some(area) => area.systems.iter().map(|system| system.id.as_str()).collect(),
                    None => map.names().collect(),
                };
                let hint = suggestion(system, &known, "the systems of its area are");
                self.fault(block.at("system"), format!("unknown system `{}`", brief(system)), hint);
            }
        }
    }

    /// Reads what the card asks, and holds the rules of its kind.
    fn faces(&mut self, block: Block<'_>) -> Vec<Face> {
        let kind = self.one_of(block, "kind", "the card", &KINDS.map(|kind| (kind.name(), kind)));
        let mut face = Face {
            ordinal: 0,
            kind: kind.unwrap_or(Kind::Basic),
            front: self.required(block, "front", "the card"),
            back: self.text_or_texts(block, "back"),
            // Elsewhere than among options, the empty answer is a mistake that a check must refuse.
            wrong: self.list(block, "wrong", kind != Some(Kind::Choice)),
            accept: self.texts(block, "accept"),
            compare: if block.has("compare") {
                self.one_of(block, "compare", "the card", &COMPARES).unwrap_or_default()
            } else {
                Compare::default()
            },
            free: self.texts(block, "free"),
            hint: self.text(block, "hint"),
        };
        let steps = self.texts(block, "steps");
        let reverse = self.flag(block, "reverse");
        // Without its kind nothing more can be said of the card.
        let Some(kind) = kind else { return vec![face] };

        let typed = matches!(kind, Kind::Typed | Kind::Cloze);
        let only = [
            ("steps", kind == Kind::Order, "order cards"),
            ("back", kind != Kind::Order, "cards that are not of kind `order`, which has `steps` instead"),
            ("wrong", kind != Kind::Order, "cards that are not of kind `order`, which need none"),
            ("accept", typed, "typed and cloze cards"),
            ("compare", typed, "typed and cloze cards"),
            ("free", typed, "typed and cloze cards"),
            ("reverse", kind == Kind::Basic, "basic cards"),
        ];
        for (key, allowed, owners) in only {
            if block.has(key) && !allowed {
                let message = format!("a card of kind `{}` has no `{key}`", kind.name());
                self.fault(block.at(key), message, format!("`{key}` belongs to {owners}"));
            }
        }
        match kind {
            Kind::Order if steps.len() < 3 => {
                self.fault(block.at("steps"), "an order card needs at least three `steps`", "ask it as another kind");
            }
            Kind::Order => {}
            _ if !block.has("back") => {
                self.fault(block.at, "the card has no `back`", "write the right answer as `back`");
            }
            Kind::Choice if face.wrong.is_empty() => self.fault(
                block.at("wrong"),
                "a choice needs at least one wrong option",
                "write two or three mistakes that people make as `wrong`",
            ),
            Kind::Choice => {}
            _ if face.back.len() > 1 => {
                let message = format!("a card of kind `{}` has one `back`", kind.name());
                self.fault(
                    block.at("back"),
                    message,
                    "several backs make a choice; further spellings go into `accept`",
                );
            }
            _ => {}
        }
        if kind == Kind::Cloze {
            let gaps = face.front.matches(GAP).count();
            if gaps != 1 {
                let message = format!("a cloze front has exactly one {GAP}; this one has {gaps}");
                let hint = if face.front.contains("{{...}}") {
                    "write the ellipsis as the one character U+2026"
                } else {
                    "put it where the back belongs"
                };
                self.fault(block.at("front"), message, hint);
            }
        }
        self.check_answers(block, &face);

        if kind == Kind::Order {
            face.back = steps;
        }
        let swapped = reverse.then(|| swapped(&face));
        std::iter::once(face).chain(swapped).collect()
    }

    /// Refuses answers that contradict each other or cannot be compared.
    fn check_answers(&mut self, block: Block<'_>, face: &Face) {
        let (backs, accepted): (BTreeSet<&String>, BTreeSet<&String>) =
            (face.back.iter().collect(), face.accept.iter().collect());
        for wrong in &face.wrong {
            if backs.contains(wrong) {
                let message = format!("`{}` is both right and wrong", brief(wrong));
                self.fault(block.at("wrong"), message, "take it out of `back` or of `wrong`");
            } else if accepted.contains(wrong) {
                let message = format!("`{}` is both accepted and wrong", brief(wrong));
                self.fault(block.at("wrong"), message, "take it out of `accept` or of `wrong`");
            }
        }
        if !face.free.is_empty() && face.compare != Compare::Command {
            let hint = "set compare = \"command\", or leave `free` out";
            self.fault(block.at("free"), "`free` is about the flags of a command", hint);
        }
        if face.compare == Compare::Regex {
            if face.accept.is_empty() {
                let hint = "`accept` holds the patterns, `back` the model answer";
                self.fault(block.at("compare"), "a card compared by regex needs `accept`", hint);
            }
            for pattern in &face.accept {
                if let Err(error) = regex::Regex::new(pattern) {
                    let reason = error.to_string();
                    let reason = reason.lines().last().unwrap_or_default().trim_start_matches("error: ");
                    let message = format!("`{}` is not a regular expression: {reason}", brief(pattern));
                    self.fault(
                        block.at("accept"),
                        message,
                        "mend the pattern; the grammar is at https://docs.rs/regex",
                    );
                }
            }
        }
    }

    // The values of single keys.

    fn refuse_unknown_keys(&mut self, block: Block<'_>, known: &[&str], owner: &str) {
        for key in block.table.keys().filter(|key| !known.contains(&key.get_ref().as_ref())) {
            if self.is_full() {
                break;
            }
            let hint = suggestion(key.get_ref(), known, &format!("the keys of {owner} are"));
            self.fault(key.span().start, format!("{owner} has no key `{}`", brief(key.get_ref())), hint);
        }
    }

    fn wrong_type(&mut self, at: usize, key: &str, value: &DeValue<'_>, expected: &str) {
        let found = match value {
            DeValue::String(_) => "text",
            DeValue::Integer(_) | DeValue::Float(_) => "a number",
            DeValue::Boolean(_) => "true or false",
            DeValue::Datetime(_) => "a date or time",
            DeValue::Array(_) => "a list",
            DeValue::Table(_) => "a table",
        };
        let hint = if expected == "text" && !matches!(value, DeValue::Array(_) | DeValue::Table(_)) {
            "put it into quotes".to_owned()
        } else {
            format!("write {expected}")
        };
        self.fault(at, format!("`{}` is {found}, not {expected}", brief(key)), hint);
    }

    /// Text that may stand in a deck.
    fn sound(&mut self, at: usize, key: &str, text: &str) -> String {
        if text.len() > LARGEST_TEXT {
            let message = format!("`{}` has {} bytes; a text has at most {LARGEST_TEXT}", brief(key), text.len());
            self.fault(at, message, "shorten it");
        }
        if text.contains('\0') {
            self.fault(at, format!("`{}` holds a NUL character", brief(key)), "take it out");
        }
        text.to_owned()
    }

    /// An optional text; blank is as good as absent.
    fn text(&mut self, block: Block<'_>, key: &str) -> String {
        match block.entry(key) {
            None => String::new(),
            Some((_, DeValue::String(text))) if text.trim().is_empty() => String::new(),
            Some((at, DeValue::String(text))) => self.sound(at, key, text),
            Some((at, other)) => {
                self.wrong_type(at, key, other, "text");
                String::new()
            }
        }
    }

    /// A text that must be there and say something.
    fn required(&mut self, block: Block<'_>, key: &str, owner: &str) -> String {
        let text = self.text(block, key);
        match block.entry(key) {
            None => self.fault(block.at, format!("{owner} has no `{key}`"), format!("write {key} = \"…\"")),
            Some((at, DeValue::String(_))) if text.is_empty() => self.empty(at, key),
            Some(_) => {}
        }
        text
    }

    fn empty(&mut self, at: usize, key: &str) {
        self.fault(at, format!("`{key}` is empty"), "fill it, or leave it out where it is optional");
    }

    /// An optional list of distinct texts that say something.
    fn texts(&mut self, block: Block<'_>, key: &str) -> Vec<String> {
        self.list(block, key, false)
    }

    fn list(&mut self, block: Block<'_>, key: &str, blank: bool) -> Vec<String> {
        let (at, items) = match block.entry(key) {
            None => return Vec::new(),
            Some((at, DeValue::Array(items))) => (at, items),
            Some((at, other)) => {
                self.wrong_type(at, key, other, "a list of texts");
                return Vec::new();
            }
        };
        let mut seen = BTreeSet::new();
        let mut texts = Vec::new();
        for item in items {
            let place = item.span().start;
            match item.get_ref() {
                DeValue::String(text) if !blank && text.trim().is_empty() => {
                    self.fault(place, format!("`{key}` holds an empty text"), "fill it, or take it out");
                }
                DeValue::String(text) if !seen.insert(text.trim()) => {
                    self.fault(place, format!("`{key}` holds `{}` twice", brief(text)), "take one of them out");
                }
                DeValue::String(text) => texts.push(self.sound(place, key, text)),
                other => self.wrong_type(at, key, other, "a list of texts"),
            }
        }
        texts
    }

    /// A text, or a list of them.
    fn text_or_texts(&mut self, block: Block<'_>, key: &str) -> Vec<String> {
        match block.entry(key) {
            None => Vec::new(),
            Some((at, DeValue::Array(items))) if items.is_empty() => {
                self.empty(at, key);
                Vec::new()
            }
            Some((_, DeValue::Array(_))) => self.texts(block, key),
            Some(_) => {
                Some(self.required(block, key, "the card")).filter(|text| !text.is_empty()).into_iter().collect()
            }
        }
    }

    /// An optional table of texts.
    fn pairs(&mut self, block: Block<'_>, key: &str) -> BTreeMap<String, String> {
        match block.entry(key) {
            None => BTreeMap::new(),
            Some((_, DeValue::Table(table))) => {
                let mut pairs = BTreeMap::new();
                for (name, value) in table {
                    let (at, name) = (name.span().start, name.get_ref().to_string());
                    match value.get_ref() {
                        DeValue::String(text) => {
                            let text = self.sound(at, &name, text);
                            pairs.insert(name, text);
                        }
                        other => self.wrong_type(at, &name, other, "text"),
                    }
                }
                pairs
            }
            Some((at, other)) => {
                self.wrong_type(at, key, other, "a table of texts");
                BTreeMap::new()
            }
        }
    }

    fn flag(&mut self, block: Block<'_>, key: &str) -> bool {
        match block.entry(key) {
            None => false,
            Some((_, DeValue::Boolean(flag))) => *flag,
            Some((at, other)) => {
                self.wrong_type(at, key, other, "true or false");
                false
            }
        }
    }

    /// An optional date as ISO 8601 text.
    fn date(&mut self, block: Block<'_>, key: &str) -> String {
        match block.entry(key) {
            None => String::new(),
            Some((_, DeValue::Datetime(date))) if date.date.is_some() && date.time.is_none() => date.to_string(),
            Some((at, other)) => {
                self.wrong_type(at, key, other, "a date like 2026-11-24, without quotes");
                String::new()
            }
        }
    }

    fn id(&mut self, block: Block<'_>, owner: &str) -> String {
        let id = self.required(block, "id", owner);
        if !id.is_empty() && !is_kebab_case(&id) {
            let hint = format!("lower-case letters, digits and single hyphens, such as `{}`", brief(&kebab_case(&id)));
            self.fault(block.at("id"), format!("the id `{}` is not kebab-case", brief(&id)), hint);
        }
        id
    }

    /// A required word out of a fixed few.
    fn one_of<T: Copy>(&mut self, block: Block<'_>, key: &str, owner: &str, known: &[(&str, T)]) -> Option<T> {
        let word = self.required(block, key, owner);
        let found = known.iter().find(|(name, _)| *name == word).map(|(_, value)| *value);
        if found.is_none() && !word.is_empty() {
            let names: Vec<&str> = known.iter().map(|(name, _)| *name).collect();
            let hint = suggestion(&word, &names, "it is one of");
            self.fault(block.at(key), format!("unknown {key} `{}`", brief(&word)), hint);
        }
        found
    }
}

/// What was probably meant, or else what there is.
fn suggestion(word: &str, known: &[&str], lead: &str) -> String {
    // The distance of spelling costs time by the product of the lengths.
    let near = if word.len() <= 64 { nearest(word, known.iter().copied()) } else { None };
    match near {
        Some(near) => format!("did you mean `{near}`?"),
        None => format!("{lead} {}", known.join(", ")),
    }
}

/// An id for the problems of its card, each of which repeats it.
fn start_of_id(id: &str) -> String {
    id.chars().take(ID_LENGTH).collect()
}

/// The beginning of a text, to name it in a message.
fn brief(text: &str) -> String {
    let mut characters = text.chars();
    let mut start: String = characters.by_ref().take(40).collect();
    if characters.next().is_some() {
        start.push('…');
    }
    start
}

fn is_kebab_case(id: &str) -> bool {
    id.len() <= 100
        && id
            .split('-')
            .all(|word| !word.is_empty() && word.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit()))
}

/// An id made of a text; `card` where nothing of it can stand in an id.
fn kebab_case(text: &str) -> String {
    let lower: String =
        text.chars().take(60).map(|c| if c.is_ascii() { c.to_ascii_lowercase() } else { ' ' }).collect();
    let words: Vec<&str> = lower.split(|c: char| !c.is_ascii_alphanumeric()).filter(|word| !word.is_empty()).collect();
    if words.is_empty() { "card".into() } else { words.join("-") }
}

/// The second direction of a basic card. The hint stays with the first: it is worded for it.
fn swapped(face: &Face) -> Face {
    Face {
        ordinal: 1,
        front: face.back.first().cloned().unwrap_or_default(),
        back: vec![face.front.clone()],
        wrong: Vec::new(),
        hint: String::new(),
        ..face.clone()
    }
}

/// Writes a deck as a file that [`read`] takes back to the same deck and notes. What the format cannot hold is named in
/// the problems: an id that is not kebab-case becomes one, a note of several cards becomes several notes, a note that
/// breaks a rule of its kind is left out. Checks are not written, because notes have none.
pub fn write(file: &str, deck: &Deck, notes: &[Note]) -> (String, Vec<Problem>) {
    let mut problems = Vec::new();
    let mut warn = |card: Option<&str>, message: String, hint: &str| {
        let problem = Problem { severity: Severity::Warning, ..fault(file, None, message, hint) };
        problems.push(Problem { card: card.map(String::from), ..problem });
    };

    let place = notes.first().map_or((UNSORTED, ""), |note| (note.area.as_str(), note.system.as_str()));
    let mut header = deck.clone();
    if !is_kebab_case(&header.id) {
        header.id = kebab_case(&header.id);
        warn(None, format!("the deck's id `{}` becomes `{}`", brief(&deck.id), header.id), "");
    }
    if header.title.trim().is_empty() {
        header.title.clone_from(&header.id);
    }
    if !header.reviewed.is_empty() && crate::day::Day::parse(&header.reviewed).is_err() {
        warn(None, format!("its date of review, `{}`, is left out: it is not a date", brief(&deck.reviewed)), "");
        header.reviewed.clear();
    }
    let header = header_block(&header, place);

    let mut out = header.clone();
    let mut taken = BTreeSet::new();
    for note in notes {
        for (mut part, split) in parts(note) {
            if !is_kebab_case(&part.id) || taken.contains(&part.id) {
                let stem = kebab_case(&part.id);
                let numbered = (2..).map(|number: usize| format!("{stem}-{number}"));
                part.id =
                    std::iter::once(stem.clone()).chain(numbered).find(|id| !taken.contains(id)).unwrap_or_default();
            }
            let block = card_block(&part, place);
            // The reader is the judge of what the format can hold.
            let again = read_with(file, format!("{header}{block}").as_bytes(), None);
            match again.as_ref().map(|deck| deck.reading.notes.as_slice()) {
                Ok([read]) if *read == part => {
                    if part.id != note.id {
                        let message = if split {
                            format!("one of its {} cards becomes the card `{}`", note.faces.len(), part.id)
                        } else {
                            format!("its id becomes `{}`", part.id)
                        };
                        warn(Some(&note.id), message, "its progress does not follow it");
                    }
                    taken.insert(part.id);
                    out.push_str(&block);
                }
                Ok(_) => warn(Some(&note.id), "left out: the format cannot hold it exactly".into(), ""),
                Err(faults) => {
                    let reason = faults.first().map_or("", |fault| fault.message.as_str());
                    warn(Some(&note.id), format!("left out: {reason}"), "mend the card, then export again");
                }
            }
        }
    }
    (out, problems)
}

/// The note as the format can hold it: whole, or a note for each of its cards. Also whether it was split.
fn parts(note: &Note) -> Vec<(Note, bool)> {
    let mut note = note.clone();
    for text in [&mut note.explanation, &mut note.source, &mut note.since, &mut note.folder] {
        forget_blank(text);
    }
    forget_twins(&mut note.tags);
    for face in &mut note.faces {
        forget_blank(&mut face.hint);
        forget_twins(&mut face.accept);
    }
    let whole = match note.faces.as_slice() {
        [one] => one.ordinal == 0,
        [one, two] => one.kind == Kind::Basic && one.ordinal == 0 && *two == swapped(one),
        _ => false,
    };
    if whole {
        return vec![(note, false)];
    }
    let part = |face: &Face| Note {
        id: format!("{}-{}", kebab_case(&note.id), u64::from(face.ordinal) + 1),
        faces: vec![Face { ordinal: 0, ..face.clone() }],
        ..note.clone()
    };
    note.faces.iter().map(|face| (part(face), true)).collect()
}

/// A blank text says as little as none.
fn forget_blank(text: &mut String) {
    if text.trim().is_empty() {
        text.clear();
    }
}

/// What stands twice, or is blank, in a list where order says nothing.
fn forget_twins(texts: &mut Vec<String>) {
    let mut seen = BTreeSet::new();
    texts.retain(|text| !text.trim().is_empty() && seen.insert(text.trim().to_owned()));
}

fn header_block(deck: &Deck, (area, system): (&str, &str)) -> String {
    let mut block = Written(String::from("[deck]\n"));
    block.text("id", &deck.id);
    block.text("title", &deck.title);
    block.text("area", area);
    block.text("system", system);
    block.text("language", &deck.language);
    block.text("license", &deck.license);
    block.texts("authors", &deck.authors);
    block.text("version", &deck.version);
    if !deck.reviewed.is_empty() {
        block.raw("reviewed", &deck.reviewed);
    }
    block.0
}

fn card_block(note: &Note, (deck_area, deck_system): (&str, &str)) -> String {
    let mut block = Written(String::from("\n[[card]]\n"));
    block.text("id", &note.id);
    if note.area != deck_area {
        block.text("area", &note.area);
        block.text("system", &note.system);
    } else if note.system != deck_system {
        block.raw("system", &quoted(&note.system));
    }
    block.text("level", note.level.name());
    if let Some(face) = note.faces.first() {
        block.text("kind", face.kind.name());
        block.text("front", &face.front);
        match face.back.as_slice() {
            steps if face.kind == Kind::Order => block.texts("steps", steps),
            [back] => block.text("back", back),
            backs => block.texts("back", backs),
        }
        block.texts("wrong", &face.wrong);
        block.texts("accept", &face.accept);
        if face.compare != Compare::default() {
            let name = COMPARES.iter().find(|(_, compare)| *compare == face.compare).map_or("", |(name, _)| *name);
            block.text("compare", name);
        }
        block.texts("free", &face.free);
        block.text("hint", &face.hint);
    }
    if note.faces.len() > 1 {
        block.raw("reverse", "true");
    }
    block.text("note", &note.explanation);
    block.text("source", &note.source);
    block.text("since", &note.since);
    block.text("folder", &note.folder);
    block.texts("tags", &note.tags);
    if note.reset {
        block.raw("reset", "true");
    }
    block.0
}

fn quoted(text: &str) -> String {
    toml::Value::from(text).to_string()
}

/// A block that is being written; what is empty is left out.
struct Written(String);

impl Written {
    fn raw(&mut self, key: &str, value: &str) {
        // Writing to a string cannot fail.
        let _ = writeln!(self.0, "{key} = {value}");
    }

    fn text(&mut self, key: &str, text: &str) {
        if !text.is_empty() {
            self.raw(key, &quoted(text));
        }
    }

    fn texts(&mut self, key: &str, texts: &[String]) {
        if !texts.is_empty() {
            let texts: Vec<String> = texts.iter().map(|text| quoted(text)).collect();
            self.raw(key, &format!("[{}]", texts.join(", ")));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const HEADER: &str = "[deck]\nid = 'web'\ntitle = 'Web'\narea = 'web-servers'\nsystem = 'nginx'\n";
    const CARD: &str = "[[card]]\nid = 'a'\nlevel = 'foundation'\nkind = 'basic'\nfront = 'f'\nback = 'b'\n";

    fn map() -> SkillMap {
        SkillMap::parse(include_str!("../../decks/areas.toml")).unwrap()
    }

    fn faults(text: &str) -> Vec<String> {
        let problems = read("web.toml", text.as_bytes(), &map()).expect_err(text);
        problems.iter().map(ToString::to_string).collect()
    }

    #[test]
    fn a_deck_in_full_becomes_notes() {
        let text = r#"
[deck]
id = "nginx"
title = "nginx"
area = "web-servers"
system = "nginx"
language = "sv"
license = "CC-BY-4.0"
authors = ["A", "B"]
version = "1.0.0"
reviewed = 2026-11-24
tools = { nginx = "1.22.1" }

[[card]]
id = "path"
level = "practitioner"
kind = "choice"
front = "Which?"
back = ["/x", "/y"]
wrong = ["/z"]
note = "Why."
source = "https://nginx.org/"
needs = ["nginx", "python3:luqum"]
check = '''
test "$BACK"
'''
meant = { yes-no-front = "it is one" }

[[card]]
id = "typed"
level = "expert"
kind = "typed"
system = "apache"
front = "Type"
back = "ls -l -a"
accept = ["ls -la"]
wrong = ["ls", ""]
compare = "command"
free = ["-l", "-a"]
hint = "two flags"
tags = ["x::y"]
since = "coreutils 9"
reset = true

[[card]]
id = "steps"
level = "foundation"
kind = "order"
front = "In which order?"
steps = ["1", "2", "3"]

[[card]]
id = "both"
level = "foundation"
kind = "basic"
front = "f"
back = "b"
hint = "h"
reverse = true
since = ""
"#;
        let deck = read("nginx.toml", text.as_bytes(), &map()).unwrap();
        assert_eq!(deck.reading.deck.reviewed, "2026-11-24");
        assert_eq!(deck.reading.deck.language, "sv");
        assert_eq!(deck.tools["nginx"], "1.22.1");
        assert_eq!(deck.line, 2);
        let [path, typed, steps, both] = deck.reading.notes.as_slice() else { panic!("four notes") };
        assert_eq!(path.faces[0].back, ["/x", "/y"]);
        assert_eq!((path.area.as_str(), path.system.as_str()), ("web-servers", "nginx"));
        assert_eq!(deck.cards[0].needs, ["nginx", "python3:luqum"]);
        assert_eq!(deck.cards[0].check.as_deref(), Some("test \"$BACK\"\n"));
        assert_eq!(deck.cards[0].meant["yes-no-front"], "it is one");
        assert_eq!((deck.cards[0].line, deck.cards[0].line_of("back"), deck.cards[0].line_of("hint")), (14, 19, 14));
        assert_eq!(typed.system, "apache");
        assert_eq!((typed.faces[0].compare, typed.faces[0].free.len()), (Compare::Command, 2));
        assert_eq!(typed.faces[0].wrong, ["ls", ""]);
        assert!(typed.reset && typed.tags == ["x::y"] && typed.since == "coreutils 9");
        assert_eq!(steps.faces[0].back, ["1", "2", "3"]);
        assert_eq!((both.faces[1].front.as_str(), both.faces[1].back[0].as_str()), ("b", "f"));
        assert_eq!((both.faces[1].ordinal, both.faces[0].hint.as_str(), both.faces[1].hint.as_str()), (1, "h", ""));

        let (written, problems) = write("nginx.toml", &deck.reading.deck, &deck.reading.notes);
        assert_eq!(problems, []);
        let again = read("nginx.toml", written.as_bytes(), &map()).unwrap();
        assert_eq!((again.reading.deck, again.reading.notes), (deck.reading.deck, deck.reading.notes));
    }

    #[test]
    fn each_fault_of_a_card_has_its_line_and_remedy() {
        // What replaces or follows a line of a sound card, and the fault; the card begins in line 6.
        let cases = [
            ("id = 'a'", "", "6: the card has no `id` (write id = \"…\")"),
            (
                "id = 'a'",
                "id = 'A b'",
                "7: card `A b`: the id `A b` is not kebab-case (lower-case letters, digits and single hyphens, such as `a-b`)",
            ),
            ("id = 'a'", "id = 3", "7: `id` is a number, not text (put it into quotes)"),
            (
                "level = 'foundation'",
                "level = 'expret'",
                "8: card `a`: unknown level `expret` (did you mean `expert`?)",
            ),
            (
                "level = 'foundation'",
                "level = 'guru'",
                "8: card `a`: unknown level `guru` (it is one of foundation, practitioner, expert)",
            ),
            ("kind = 'basic'", "", "6: card `a`: the card has no `kind` (write kind = \"…\")"),
            ("kind = 'basic'", "kind = 'tpyed'", "9: card `a`: unknown kind `tpyed` (did you mean `typed`?)"),
            (
                "front = 'f'",
                "front = ' '",
                "10: card `a`: `front` is empty (fill it, or leave it out where it is optional)",
            ),
            (
                "front = 'f'",
                "fornt = 'f'\nfront = 'f'",
                "10: card `a`: a card has no key `fornt` (did you mean `front`?)",
            ),
            ("front = 'f'", "front = \"\\u0000\"", "10: card `a`: `front` holds a NUL character (take it out)"),
            ("back = 'b'", "", "6: card `a`: the card has no `back` (write the right answer as `back`)"),
            (
                "back = 'b'",
                "back = []",
                "11: card `a`: `back` is empty (fill it, or leave it out where it is optional)",
            ),
            (
                "back = 'b'",
                "back = ['b', 'c']",
                "11: card `a`: a card of kind `basic` has one `back` (several backs make a choice; further spellings go into `accept`)",
            ),
            (
                "back = 'b'",
                "back = 'b'\nwrong = ['b']",
                "12: card `a`: `b` is both right and wrong (take it out of `back` or of `wrong`)",
            ),
            (
                "back = 'b'",
                "back = 'b'\nwrong = ['c', ' c']",
                "12: card `a`: `wrong` holds ` c` twice (take one of them out)",
            ),
            (
                "back = 'b'",
                "back = 'b'\nwrong = 'c'",
                "12: card `a`: `wrong` is text, not a list of texts (write a list of texts)",
            ),
            (
                "back = 'b'",
                "back = 'b'\naccept = ['c']",
                "12: card `a`: a card of kind `basic` has no `accept` (`accept` belongs to typed and cloze cards)",
            ),
            (
                "back = 'b'",
                "back = 'b'\nsteps = ['c']",
                "12: card `a`: a card of kind `basic` has no `steps` (`steps` belongs to order cards)",
            ),
            (
                "back = 'b'",
                "back = 'b'\nreset = 'yes'",
                "12: card `a`: `reset` is text, not true or false (write true or false)",
            ),
            (
                "back = 'b'",
                "back = 'b'\ntags = ['x', '']",
                "12: card `a`: `tags` holds an empty text (fill it, or take it out)",
            ),
            (
                "back = 'b'",
                "back = 'b'\nmeant = { x = 1 }",
                "12: card `a`: `x` is a number, not text (put it into quotes)",
            ),
            (
                "back = 'b'",
                "back = 'b'\ncheck = ''",
                "12: card `a`: `check` is empty (fill it, or leave it out where it is optional)",
            ),
            (
                "back = 'b'",
                "back = 'b'\nsystem = 'linux'",
                "12: card `a`: the system `linux` belongs to the area `linux`, not to `web-servers` (move the card to a deck of `linux`, or name a system of `web-servers`)",
            ),
            (
                "back = 'b'",
                "back = 'b'\nsystem = 'ngnix'",
                "12: card `a`: unknown system `ngnix` (did you mean `nginx`?)",
            ),
            (
                "kind = 'basic'",
                "kind = 'choice'",
                "6: card `a`: a choice needs at least one wrong option (write two or three mistakes that people make as `wrong`)",
            ),
            (
                "kind = 'basic'",
                "kind = 'choice'\nwrong = ['']",
                "10: card `a`: `wrong` holds an empty text (fill it, or take it out)",
            ),
            (
                "kind = 'basic'",
                "kind = 'typed'\nreverse = true",
                "10: card `a`: a card of kind `typed` has no `reverse` (`reverse` belongs to basic cards)",
            ),
            (
                "kind = 'basic'",
                "kind = 'typed'\nfree = ['-a']",
                "10: card `a`: `free` is about the flags of a command (set compare = \"command\", or leave `free` out)",
            ),
            (
                "kind = 'basic'",
                "kind = 'typed'\ncompare = 'regexp'",
                "10: card `a`: unknown compare `regexp` (did you mean `regex`?)",
            ),
            (
                "kind = 'basic'",
                "kind = 'typed'\ncompare = 'regex'",
                "10: card `a`: a card compared by regex needs `accept` (`accept` holds the patterns, `back` the model answer)",
            ),
            (
                "kind = 'basic'",
                "kind = 'typed'\ncompare = 'regex'\naccept = ['(']",
                "11: card `a`: `(` is not a regular expression: unclosed group (mend the pattern; the grammar is at https://docs.rs/regex)",
            ),
            (
                "kind = 'basic'",
                "kind = 'typed'\naccept = ['c']\nwrong = ['c']",
                "11: card `a`: `c` is both accepted and wrong (take it out of `accept` or of `wrong`)",
            ),
            (
                "kind = 'basic'",
                "kind = 'cloze'",
                "10: card `a`: a cloze front has exactly one {{…}}; this one has 0 (put it where the back belongs)",
            ),
            (
                "kind = 'basic'\nfront = 'f'",
                "kind = 'cloze'\nfront = '{{...}}'",
                "10: card `a`: a cloze front has exactly one {{…}}; this one has 0 (write the ellipsis as the one character U+2026)",
            ),
            (
                "kind = 'basic'\nfront = 'f'",
                "kind = 'cloze'\nfront = '{{…}} {{…}}'",
                "10: card `a`: a cloze front has exactly one {{…}}; this one has 2 (put it where the back belongs)",
            ),
            (
                "kind = 'basic'\nfront = 'f'\nback = 'b'",
                "kind = 'order'\nfront = 'f'",
                "6: card `a`: an order card needs at least three `steps` (ask it as another kind)",
            ),
            (
                "kind = 'basic'\nfront = 'f'\nback = 'b'",
                "kind = 'order'\nfront = 'f'\nsteps = ['1', '2', '3']\nback = 'b'",
                "12: card `a`: a card of kind `order` has no `back` (`back` belongs to cards that are not of kind `order`, which has `steps` instead)",
            ),
            (
                "kind = 'basic'\nfront = 'f'\nback = 'b'",
                "kind = 'order'\nfront = 'f'\nsteps = ['1', '2', '2']",
                "11: card `a`: `steps` holds `2` twice (take one of them out)",
            ),
        ];
        for (sound, broken, expected) in cases {
            let card = CARD.replace(sound, broken);
            assert_ne!(card, CARD, "{sound}");
            let found = faults(&format!("{HEADER}{card}"));
            assert!(found.contains(&format!("web.toml:{expected}")), "{broken}: {found:#?}");
        }
    }

    #[test]
    fn each_fault_of_a_file_has_its_line_and_remedy() {
        let cases = [
            (
                CARD.to_owned(),
                "web.toml:1: the [deck] table is missing (begin the file with [deck] and its id, title and area)",
            ),
            (HEADER.to_owned(), "web.toml:1: no cards (write at least one [[card]])"),
            (String::new(), "web.toml:1: no cards (write at least one [[card]])"),
            (format!("card = []\n{HEADER}"), "web.toml:1: no cards (write at least one [[card]])"),
            (
                format!("{HEADER}[card]\nid = 'a'"),
                "web.toml:6: `card` is one table (write [[card]], with two brackets)",
            ),
            (
                format!("deck = 1\n{CARD}"),
                "web.toml:1: `deck` is not a table (write the deck's keys beneath a line [deck])",
            ),
            (
                format!("{HEADER}{CARD}[cards]\n"),
                "web.toml:12: unknown key `cards` (a deck file has one [deck] table and [[card]] blocks)",
            ),
            (
                format!("{HEADER}licence = 'x'\n{CARD}"),
                "web.toml:6: [deck] has no key `licence` (did you mean `license`?)",
            ),
            (
                format!("{HEADER}reviewed = '2026-11-24'\n{CARD}"),
                "web.toml:6: `reviewed` is text, not a date like 2026-11-24, without quotes (write a date like 2026-11-24, without quotes)",
            ),
            (
                format!("{}{CARD}", HEADER.replace("title = 'Web'\n", "")),
                "web.toml:1: [deck] has no `title` (write title = \"…\")",
            ),
            (
                format!("{}{CARD}", HEADER.replace("'web-servers'", "'web-server'")),
                "web.toml:4: unknown area `web-server` (did you mean `web-servers`?)",
            ),
            (
                format!("{}{CARD}", HEADER.replace("'nginx'", "'linux'")),
                "web.toml:5: the system `linux` belongs to the area `linux`, not to `web-servers` (move the card to a deck of `linux`, or name a system of `web-servers`)",
            ),
            (
                format!("{HEADER}{CARD}{CARD}"),
                "web.toml:13: card `a`: the id `a` stands twice, first in line 7 (give one of the two cards another id)",
            ),
            (
                format!("{HEADER}{CARD}hint = x\n"),
                "web.toml:12: card `a`: not valid TOML: string values must be quoted, expected literal string (mend it first; the grammar is at https://toml.io)",
            ),
            (
                format!("{HEADER}{CARD}back = 'c'\n"),
                "web.toml:12: card `a`: not valid TOML: duplicate key (mend it first; the grammar is at https://toml.io)",
            ),
            (
                format!("{HEADER}\0{CARD}"),
                "web.toml:6: not a text file: it holds a NUL byte (save the deck as UTF-8 text)",
            ),
        ];
        for (text, expected) in cases {
            let found = faults(&text);
            assert!(found.contains(&expected.to_owned()), "{text}: {found:#?}");
        }
    }

    #[test]
    fn all_faults_come_at_once_in_the_order_of_lines() {
        let text = "[deck]\nid = 'X'\narea = 'web-servers'\n[[card]]\nfront = 'f'\n[[card]]\nid = 'b'\nlevel = 1\nkind = 'typed'\n";
        let lines: Vec<_> = read("x", text.as_bytes(), &map()).unwrap_err().iter().map(|fault| fault.line).collect();
        assert_eq!(lines, [1, 2, 4, 4, 4, 6, 6, 8].map(Some));
    }

    #[test]
    fn bytes_that_are_no_text_are_named_by_line() {
        let problems = read("x", b"[deck]\nid = '\xff'\n", &map()).unwrap_err();
        assert_eq!((problems[0].line, problems[0].message.as_str()), (Some(2), "not valid UTF-8"));
        let large = vec![b'#'; LARGEST_FILE + 1];
        assert!(read("x", &large, &map()).unwrap_err()[0].message.contains("at most 16777216"));
        let many = "[[card]]\n".repeat(400_000);
        assert!(read("x", many.as_bytes(), &map()).unwrap_err()[0].message.contains("over 2000000 words and marks"));
        let text = format!("{HEADER}{CARD}note = '{}'\n", "x".repeat(LARGEST_TEXT + 1));
        assert!(faults(&text)[0].contains("12: card `a`: `note` has 65537 bytes"));
    }

    #[test]
    fn marks_and_line_ends_of_windows_change_nothing() {
        let text = format!("{HEADER}{CARD}check = '''\na\nb\n'''\n");
        let plain = read("x", text.as_bytes(), &map()).unwrap();
        let windows = format!("\u{feff}{}", text.replace('\n', "\r\n"));
        let windows = read("x", windows.as_bytes(), &map()).unwrap();
        assert_eq!((plain.reading.notes, plain.cards), (windows.reading.notes, windows.cards));
    }

    #[test]
    fn a_card_may_belong_elsewhere() {
        // What the card says, and where it then belongs.
        let cases = [
            ("", "web-servers", "nginx"),
            ("system = ''\n", "web-servers", ""),
            ("system = 'apache'\n", "web-servers", "apache"),
            ("area = 'linux'\n", "linux", ""),
            ("area = 'unsorted'\n", "unsorted", ""),
            ("area = 'linux'\nsystem = 'linux'\n", "linux", "linux"),
        ];
        for (keys, area, system) in cases {
            let deck = read("x", format!("{HEADER}{CARD}{keys}").as_bytes(), &map()).unwrap();
            let note = &deck.reading.notes[0];
            assert_eq!((note.area.as_str(), note.system.as_str()), (area, system), "{keys}");
        }
    }

    fn note(id: &str, faces: Vec<Face>) -> Note {
        Note {
            id: id.into(),
            area: UNSORTED.into(),
            system: String::new(),
            level: Level::Foundation,
            folder: "A::B".into(),
            tags: vec!["t".into(), "t".into()],
            explanation: " ".into(),
            source: String::new(),
            since: String::new(),
            reset: false,
            faces,
        }
    }

    fn face(ordinal: u32, kind: Kind, front: &str, back: &str) -> Face {
        Face {
            ordinal,
            kind,
            front: front.into(),
            back: vec![back.into()],
            wrong: vec![],
            accept: vec![],
            compare: Compare::Text,
            free: vec![],
            hint: String::new(),
        }
    }

    #[test]
    fn what_the_format_cannot_hold_is_named() {
        let cloze = |ordinal| face(ordinal, Kind::Cloze, &format!("{ordinal} {GAP}"), "x");
        let notes = [
            note("k;G(x", vec![face(0, Kind::Basic, "f", "b")]),
            note("k-g-x", vec![face(0, Kind::Basic, "g", "b")]),
            note("two", vec![cloze(0), cloze(1)]),
            note("none", vec![face(0, Kind::Basic, "only a front", " ")]),
        ];
        let deck = Deck { id: "1498".into(), title: "Old".into(), reviewed: "spring".into(), ..Deck::default() };
        let (text, problems) = write("old.toml", &deck, &notes);
        let read = read("old.toml", text.as_bytes(), &map()).unwrap();
        let ids: Vec<&str> = read.reading.notes.iter().map(|note| note.id.as_str()).collect();
        assert_eq!(ids, ["k-g-x", "k-g-x-2", "two-1", "two-2"]);
        assert_eq!(read.reading.notes[0].folder, "A::B");
        let problems: Vec<String> = problems.iter().map(ToString::to_string).collect();
        assert_eq!(
            problems,
            [
                "old.toml: its date of review, `spring`, is left out: it is not a date",
                "old.toml: card `k;G(x`: its id becomes `k-g-x` (its progress does not follow it)",
                "old.toml: card `k-g-x`: its id becomes `k-g-x-2` (its progress does not follow it)",
                "old.toml: card `two`: one of its 2 cards becomes the card `two-1` (its progress does not follow it)",
                "old.toml: card `two`: one of its 2 cards becomes the card `two-2` (its progress does not follow it)",
                "old.toml: card `none`: left out: `back` is empty (mend the card, then export again)",
            ]
        );
    }

    /// Text with what is hard to quote: line ends, quotes, backslashes, controls.
    fn hard_text() -> impl Strategy<Value = String> {
        "[a-zå {}\"'\\\\\n\r\t\u{1b}\u{7f}#=\\[\\]]{0,12}[a-z]"
    }

    prop_compose! {
        fn any_face()(
            kind in prop::sample::select(KINDS.to_vec()),
            front in hard_text(),
            texts in prop::collection::btree_set(hard_text(), 6),
            hint in prop::option::of(hard_text()),
            several: bool,
            compare in prop::sample::select(COMPARES.map(|(_, compare)| compare).to_vec()),
        ) -> Face {
            let texts: Vec<String> = texts.into_iter().enumerate().map(|(n, text)| format!("{text}{n}")).collect();
            let mut face = face(0, kind, &front, &texts[0]);
            face.hint = hint.unwrap_or_default();
            match kind {
                Kind::Order => face.back = texts,
                Kind::Choice => {
                    face.wrong = texts[3..].to_vec();
                    face.back = texts[..if several { 2 } else { 1 }].to_vec();
                }
                Kind::Cloze | Kind::Typed => {
                    if kind == Kind::Cloze {
                        face.front.push_str(GAP);
                    }
                    face.compare = compare;
                    face.accept = texts[1..3].iter().map(|text| regex::escape(text)).collect();
                    face.wrong = texts[5..].to_vec();
                    if compare == Compare::Command {
                        face.free = texts[3..5].to_vec();
                    }
                }
                Kind::Basic => {}
            }
            face
        }
    }

    proptest! {
        #[test]
        fn what_is_written_is_read_again(
            faces in prop::collection::vec(any_face(), 1..5),
            reverse: bool,
            explanation in hard_text(),
            place in prop::sample::select(vec![("web-servers", "nginx"), ("web-servers", ""), ("linux", "linux"), ("unsorted", "")]),
        ) {
            let notes: Vec<Note> = faces.into_iter().enumerate().map(|(n, face)| Note {
                explanation: explanation.clone(),
                tags: vec![],
                area: if n == 0 { UNSORTED.into() } else { place.0.into() },
                system: if n == 0 { String::new() } else { place.1.into() },
                faces: if reverse && face.kind == Kind::Basic { vec![face.clone(), swapped(&face)] } else { vec![face] },
                ..note(&format!("n{n}"), vec![])
            }).collect();
            let deck = Deck { id: "d".into(), title: "\"D\"".into(), language: "en".into(), ..Deck::default() };
            let (text, problems) = write("d", &deck, &notes);
            prop_assert_eq!(problems, vec![]);
            let again = read("d", text.as_bytes(), &map()).unwrap();
            prop_assert_eq!(again.reading.notes, notes);
            prop_assert_eq!(again.reading.deck, deck);
        }

        #[test]
        fn no_input_makes_it_panic(cuts in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 0..8), bytes: Vec<u8>) {
            let mut mangled = format!("{HEADER}{CARD}").into_bytes();
            for (at, byte) in cuts {
                let at = at.index(mangled.len());
                mangled[at] = byte;
            }
            for input in [mangled, bytes] {
                if let Err(problems) = read("x", &input, &map()) {
                    prop_assert!(problems.iter().all(|problem| problem.line.is_some() && !problem.hint.is_empty()));
                }
            }
        }
    }
}
