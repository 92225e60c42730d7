//! A deck out to an Anki package that the real Anki imports.
//!
//! `cli` may call it, through [`write()`]. It hides which note type a note takes, how its fields are filled and how the
//! package is made. It never writes learning history, reads no clock, and lets no text of a deck become HTML of its own
//! (`markup` sees to that). What is written follows from the arguments alone.
//!
//! **Generation.** The oldest: `collection.anki2` of schema 11, `media` as JSON, no `meta`. Every Anki since 2.0, its
//! mobile kin and all other programs that read packages know it; a newer one would buy nothing that a deck has. Files
//! of the new generation hold a `collection.anki2`, too, which only asks to update; ours is the real one.
//!
//! **Identity.** The guid of a note is its id where the deck came from Anki (its id begins with `anki-`), else a hash of
//! the ids of deck and note; a card keeps its ordinal. Ids of note types, decks, notes and cards are hashes as well, so a
//! second export updates the first in Anki, where the learner's schedule stays. Anki takes a note only if it is newer than
//! its own: hence the argument `now`.
//!
//! **Note types**, named `plugg …`: *basic*; *basic and reverse*; *typed*; *cloze*, where all cards of a note are gaps in
//! one text; *N cards* for every other note with several cards or a card that is not its first, with fields `Front 1`,
//! `Back 1`, `Hint 1` and so on, so that cards keep their ordinals. Choice and order cards are basic: the options stand
//! below the question in an order that a hash decides. All have the fields `Explanation`, `Also right` (further accepted
//! answers), `Source`, `Since`, `Level`, `System` (area and system) and `Id`. What Anki has no place for is left out: the
//! mistaken answers of typed and cloze cards, and how answers are compared.
//!
//! **Decks.** The author's own (`Note::folder`), below the title unless it begins with it; where there are none and the
//! notes belong to several systems, title, area and system; else the title.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::io::Write as _;

use flate2::Compression;
use flate2::write::DeflateEncoder;
use rawzip::{CompressionMethod, ZipArchiveWriter};
use rusqlite::{Connection, params};
use serde_json::{Map, Value, json};
use sha2::{Digest, Sha256};
use tempfile::NamedTempFile;

use super::markup::{html, link, literal};
use crate::card::{Deck, Face, GAP, Kind, Note};
use crate::day::Moment;
use crate::deck::Media;
use crate::deck::html::{media_name, plain};
use crate::error::{Error, Result};

/// The tables of a collection.
const SCHEMA: &str = include_str!("collection.sql");
/// The highest ordinal of a card: Anki takes cloze numbers up to 500. Notes beyond are written as one note a card.
const ORDINAL: u32 = 499;
/// Fields of every note type, after its own.
const COMMON: [&str; 7] = ["Explanation", "Also right", "Source", "Since", "Level", "System", "Id"];
/// What every answer side says after the answer.
const BEYOND: &str = "{{#Also right}}<div>Also right: {{Also right}}</div>{{/Also right}}\
    {{#Explanation}}<div class=\"explanation\">{{Explanation}}</div>{{/Explanation}}\
    {{#Source}}<div class=\"source\">{{Source}}</div>{{/Source}}\
    {{#Since}}<div class=\"source\">{{Since}}</div>{{/Since}}";
/// How cards look: Anki's own default, with blocks to the left.
const STYLE: &str = ".card { font-family: arial; font-size: 20px; text-align: center; color: black; background: white; }\n\
    pre, ul, ol, table { text-align: left; }\n\
    ul, ol, table { display: inline-block; }\n\
    pre { overflow-x: auto; }\n\
    td, th { border: 1px solid #999; padding: 2px 8px; }\n\
    .explanation { margin-top: 1em; }\n\
    .source { margin-top: 1em; font-size: 14px; }\n\
    .cloze { font-weight: bold; color: blue; }\n\
    .nightMode .cloze { color: lightblue; }\n";

/// Writes a deck as an Anki package. `now` is when: Anki updates what it has from an earlier export only by a newer one.
/// `media` are the pictures and sounds that the notes name.
///
/// # Errors
/// A temporary file that cannot be made or written.
pub fn write(deck: &Deck, notes: &[Note], media: &[Media], now: Moment) -> Result<Vec<u8>> {
    let copy = NamedTempFile::new().map_err(failed)?;
    Exporter::new(deck, notes, now).collection(&copy, notes).map_err(failed)?;
    pack(&copy, media).map_err(failed)
}

fn failed(error: impl std::error::Error + Send + Sync + 'static) -> Error {
    Error::internal("could not write the Anki package").because(error).hint("look whether the disk is full")
}

/// What kind of note Anki makes of a note.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
enum Shape {
    Basic,
    Reverse,
    Typed,
    Cloze,
    /// A template for each ordinal; whether its answer is typed.
    Several(Vec<bool>),
}

/// A note as Anki has it.
struct Row {
    guid: String,
    shape: Shape,
    fields: Vec<String>,
    ordinals: Vec<u32>,
}

struct Exporter<'d> {
    deck: &'d Deck,
    from_anki: bool,
    several_systems: bool,
    /// When the package is written, in seconds since the Unix epoch.
    seconds: i64,
    note_types: BTreeMap<Shape, i64>,
    decks: BTreeSet<String>,
    /// Ids of notes and cards so far.
    ids: BTreeSet<i64>,
    position: i64,
}

// ------------------------------------------------------------------------------------------------------------- notes

impl<'d> Exporter<'d> {
    fn new(deck: &'d Deck, notes: &[Note], now: Moment) -> Exporter<'d> {
        let place = |note: &'_ Note| (note.area.clone(), note.system.clone());
        Exporter {
            deck,
            from_anki: deck.id.starts_with("anki-"),
            several_systems: notes.iter().map(place).collect::<BTreeSet<_>>().len() > 1,
            seconds: now.unix_ms.div_euclid(1000),
            note_types: BTreeMap::new(),
            decks: BTreeSet::new(),
            ids: BTreeSet::new(),
            position: 0,
        }
    }

    fn html(&self, markdown: &str) -> String {
        html(markdown, self.from_anki)
    }

    /// The notes that Anki makes of a note: one, unless its ordinals are beyond what Anki takes.
    fn rows(&self, note: &Note) -> Vec<Row> {
        let guid =
            if self.from_anki { note.id.clone() } else { digest(&["note", &self.deck.id, &note.id])[..16].into() };
        let common = self.common(note);
        if note.faces.iter().all(|face| face.ordinal <= ORDINAL) {
            return vec![self.row(note, &note.faces, guid, &common)];
        }
        let alone = |face: &Face| {
            let first = Face { ordinal: 0, ..face.clone() };
            self.row(note, &[first], format!("{guid}-{}", face.ordinal), &common)
        };
        note.faces.iter().map(alone).collect()
    }

    fn row(&self, note: &Note, faces: &[Face], guid: String, common: &[String]) -> Row {
        let (shape, mut fields) = self.shape(note, faces);
        fields.extend_from_slice(common);
        Row { guid, shape, fields, ordinals: faces.iter().map(|face| face.ordinal).collect() }
    }

    /// The shape of a note and the fields of its own.
    fn shape(&self, note: &Note, faces: &[Face]) -> (Shape, Vec<String>) {
        if let Some(text) = self.cloze(faces) {
            let hints: BTreeSet<String> = faces.iter().map(|face| self.html(&face.hint)).collect();
            let hints: Vec<String> = hints.into_iter().filter(|hint| !hint.is_empty()).collect();
            return (Shape::Cloze, vec![text, hints.join("<br />")]);
        }
        match faces {
            [face] if face.ordinal == 0 => {
                let shape = if face.kind == Kind::Typed { Shape::Typed } else { Shape::Basic };
                return (shape, self.sides(note, face).into());
            }
            [there, back] if (there.ordinal, back.ordinal) == (0, 1) && is_reverse(there, back) => {
                return (Shape::Reverse, self.sides(note, there).into());
            }
            _ => {}
        }
        let count = faces.iter().map(|face| face.ordinal + 1).max().unwrap_or(1) as usize;
        let mut typed = vec![false; count];
        let mut fields = vec![String::new(); 3 * count];
        for face in faces {
            let at = face.ordinal as usize;
            typed[at] = face.kind == Kind::Typed;
            for (field, side) in fields[3 * at..].iter_mut().zip(self.sides(note, face)) {
                *field = side;
            }
        }
        (Shape::Several(typed), fields)
    }

    /// Front, back and hint of a card that is not a gap in a text.
    fn sides(&self, note: &Note, face: &Face) -> [String; 3] {
        let mut front = self.html(&face.front);
        let all = |tag: &str, options: &[&String]| {
            let items: String = options.iter().map(|option| format!("<li>{}</li>\n", self.html(option))).collect();
            format!("<{tag}>\n{items}</{tag}>")
        };
        let mut options: Vec<&String> = face.back.iter().collect();
        let back = match face.kind {
            Kind::Typed => options.iter().map(|back| literal(back)).collect::<Vec<_>>().join("<br />"),
            Kind::Cloze => {
                let back = options.first().map_or(String::new(), |back| literal(back));
                let (before, after) = front.split_once(GAP).unwrap_or((&front, ""));
                let (hint, after) = hint_behind(after).filter(|_| self.from_anki).unwrap_or(("…", after));
                let filled = format!("{before}<b>{back}</b>{after}");
                front = format!("{before}[{hint}]{after}");
                filled
            }
            Kind::Order => all("ol", &options),
            Kind::Basic | Kind::Choice if options.len() > 1 => all("ul", &options),
            Kind::Basic | Kind::Choice => options.first().map_or(String::new(), |back| self.html(back)),
        };
        if matches!(face.kind, Kind::Choice | Kind::Order) {
            if face.kind == Kind::Choice {
                options.extend(&face.wrong);
            }
            let before = options.clone();
            options.sort_by_cached_key(|option| digest(&["option", &note.id, option]));
            if options == before && face.kind == Kind::Order {
                options.rotate_left(1);
            }
            let tag = if face.kind == Kind::Choice { "ol" } else { "ul" };
            let _ = write!(front, "\n{}", all(tag, &options));
        }
        [front, back, self.html(&face.hint)]
    }

    /// The text of a cloze note, if all cards are gaps in one and the same text.
    fn cloze(&self, faces: &[Face]) -> Option<String> {
        struct Gap {
            before: String,
            answer: String,
            after: String,
            hint: Option<String>,
            ordinal: u32,
        }
        let mut gaps = Vec::new();
        for face in faces {
            let [back] = face.back.as_slice() else { return None };
            let html = self.html(&face.front);
            let (before, after) = html.split_once(GAP).filter(|_| face.kind == Kind::Cloze)?;
            // Text has no `<` of its own here: a gap behind an open one would break its tag.
            if after.contains(GAP) || before.rfind('<') > before.rfind('>') {
                return None;
            }
            gaps.push(Gap {
                before: before.to_owned(),
                answer: literal(back),
                after: after.to_owned(),
                hint: None,
                ordinal: face.ordinal,
            });
        }
        let whole = |gap: &Gap| format!("{}{}{}", gap.before, gap.answer, gap.after);
        let agree = |gaps: &[Gap]| gaps.windows(2).all(|pair| whole(&pair[0]) == whole(&pair[1]));
        // One gap alone cannot show whether brackets behind it are a hint or the author's own; in decks of Anki they are
        // taken for a hint.
        if if gaps.len() == 1 { self.from_anki } else { !agree(&gaps) } {
            for gap in &mut gaps {
                if let Some((hint, after)) = hint_behind(&gap.after) {
                    (gap.hint, gap.after) = (Some(hint.to_owned()), after.to_owned());
                }
            }
        }
        if !agree(&gaps) {
            return None;
        }
        let text = whole(gaps.first()?);
        gaps.sort_by_key(|gap| gap.before.len());
        let mut out = String::new();
        let mut from = 0;
        for gap in &gaps {
            // `None` where two gaps overlap.
            out.push_str(&outside(text.get(from..gap.before.len())?));
            let _ = write!(out, "{{{{c{}::{}", gap.ordinal + 1, inside(&gap.answer));
            if let Some(hint) = &gap.hint {
                let _ = write!(out, "::{}", inside(hint));
            }
            out.push_str("}}");
            from = gap.before.len() + gap.answer.len();
        }
        out.push_str(&outside(text.get(from..)?));
        Some(out)
    }

    fn common(&self, note: &Note) -> Vec<String> {
        let accepted: BTreeSet<&String> = note.faces.iter().flat_map(|face| &face.accept).collect();
        let accepted: Vec<String> = accepted.iter().map(|text| format!("<code>{}</code>", literal(text))).collect();
        let place = match (note.area.as_str(), note.system.as_str()) {
            ("unsorted", _) => String::new(),
            (area, "") => literal(area),
            (area, system) => literal(&format!("{area}::{system}")),
        };
        vec![
            self.html(&note.explanation),
            accepted.join(", "),
            link(&note.source),
            literal(&note.since),
            note.level.name().to_owned(),
            place,
            literal(&note.id),
        ]
    }

    fn deck_name(&self, note: &Note) -> String {
        let title = if self.deck.title.trim().is_empty() { &self.deck.id } else { &self.deck.title };
        let name = if self.from_anki {
            if note.folder.is_empty() { title.clone() } else { note.folder.clone() }
        } else if note.folder == *title || note.folder.starts_with(&format!("{title}::")) {
            note.folder.clone()
        } else {
            let mut name = title.replace("::", ":");
            if !note.folder.is_empty() {
                let _ = write!(name, "::{}", note.folder);
            } else if self.several_systems {
                let _ = write!(name, "::{}::{}", note.area, note.system);
            }
            name
        };
        let levels = name.split("::").map(|level| level.chars().filter(|c| !c.is_control()).collect::<String>());
        let levels: Vec<String> =
            levels.map(|level| level.trim().to_owned()).filter(|level| !level.is_empty()).collect();
        if levels.is_empty() { String::from("plugg") } else { levels.join("::") }
    }
}

fn is_reverse(there: &Face, back: &Face) -> bool {
    let basic = |face: &Face| face.kind == Kind::Basic && face.back.len() == 1;
    // The hint is one to the first card.
    basic(there) && basic(back) && back.hint.is_empty() && there.back[0] == back.front && back.back[0] == there.front
}

/// The hint in brackets with which text behind a gap begins, and what follows: so the reader of packages writes it.
fn hint_behind(after: &str) -> Option<(&str, &str)> {
    after.strip_prefix(" [")?.split_once(']')
}

/// Text around gaps, in which nothing opens another one.
fn outside(html: &str) -> String {
    let out = html.replace("{{", "&#123;&#123;");
    // Before a gap, a brace would become part of it.
    match out.strip_suffix('{') {
        Some(rest) => format!("{rest}&#123;"),
        None => out,
    }
}

/// Text within a gap, in which nothing ends it or begins its hint.
fn inside(html: &str) -> String {
    let html = html.replace('{', "&#123;").replace('}', "&#125;").replace("::", "&#58;&#58;");
    match html.strip_suffix(':') {
        Some(rest) => format!("{rest}&#58;"),
        None => html,
    }
}

/// A hash in hexadecimal digits; the parts are kept apart.
fn digest(parts: &[&str]) -> String {
    hash(parts).iter().fold(String::new(), |mut out, byte| {
        let _ = write!(out, "{byte:02x}");
        out
    })
}

fn hash(parts: &[&str]) -> [u8; 32] {
    let mut sha = Sha256::new();
    for part in parts {
        sha.update((part.len() as u64).to_le_bytes());
        sha.update(part.as_bytes());
    }
    sha.finalize().into()
}

/// An id as Anki has them, a moment in milliseconds: here one from 2001 to 2020, since Anki mends ids of the future.
fn stable_id(parts: &[&str]) -> i64 {
    let hash = hash(parts);
    let number = hash.iter().take(7).fold(0i64, |number, byte| number << 8 | i64::from(*byte));
    1_000_000_000_000 + number % 600_000_000_000
}

// -------------------------------------------------------------------------------------------------------- collection

impl Exporter<'_> {
    /// Writes the collection to a private temporary file.
    fn collection(&mut self, file: &NamedTempFile, notes: &[Note]) -> rusqlite::Result<()> {
        let mut connection = Connection::open(file.path())?;
        // Nobody else has the file, and it is of no use unless it is whole.
        connection.execute_batch("PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF;")?;
        let transaction = connection.transaction()?;
        transaction.execute_batch(SCHEMA)?;
        let mut tags = BTreeSet::new();
        {
            let mut add_note =
                transaction.prepare("INSERT INTO notes VALUES (?1, ?2, ?3, ?4, -1, ?5, ?6, ?7, ?8, 0, '')")?;
            let mut add_card = transaction
                .prepare("INSERT INTO cards VALUES (?1, ?2, ?3, ?4, ?5, -1, 0, 0, ?6, 0, 0, 0, 0, 0, 0, 0, 0, '')")?;
            for note in notes {
                let name = self.deck_name(note);
                let deck = deck_id(&name);
                self.decks.insert(name);
                let words = note.tags.iter().map(|tag| tag.split_whitespace().collect::<Vec<_>>().join("_"));
                let words: Vec<String> = words.filter(|tag| !tag.is_empty()).collect();
                let line = if words.is_empty() { String::new() } else { format!(" {} ", words.join(" ")) };
                tags.extend(words);
                for row in self.rows(note) {
                    let id = self.fresh_id(stable_id(&["note", &row.guid]));
                    let note_type = self.note_type(&row.shape);
                    let first = plain(&row.fields[0]);
                    let checksum = checksum(&first);
                    let fields = row.fields.join("\u{1f}");
                    add_note.execute(params![id, row.guid, note_type, self.seconds, line, fields, first, checksum])?;
                    self.position += 1;
                    for ordinal in row.ordinals {
                        let card = self.fresh_id(stable_id(&["card", &row.guid, &ordinal.to_string()]));
                        add_card.execute(params![card, id, deck, ordinal, self.seconds, self.position])?;
                    }
                }
            }
        }
        let tags: Map<String, Value> = tags.into_iter().map(|tag| (tag, json!(-1))).collect();
        transaction.execute(
            "INSERT INTO col VALUES (1, ?1, ?2, ?2, 11, 0, 0, 0, ?3, ?4, ?5, ?6, ?7)",
            params![
                self.seconds,
                self.seconds.saturating_mul(1000),
                self.configuration().to_string(),
                self.note_types_json().to_string(),
                self.decks_json().to_string(),
                self.options().to_string(),
                Value::Object(tags).to_string()
            ],
        )?;
        transaction.commit()?;
        connection.close().map_err(|(_, error)| error)
    }

    fn fresh_id(&mut self, mut id: i64) -> i64 {
        while !self.ids.insert(id) {
            id += 1;
        }
        id
    }

    fn note_type(&mut self, shape: &Shape) -> i64 {
        if let Some(id) = self.note_types.get(shape) {
            return *id;
        }
        let id = stable_id(&["note type", &shape.name(), &shape.own_fields().join("\n")]);
        self.note_types.insert(shape.clone(), id);
        id
    }

    fn note_types_json(&self) -> Value {
        let describe = |(shape, id): (&Shape, &i64)| {
            let own = shape.own_fields();
            let field = |(place, name): (usize, &str)| json!({"name": name, "ord": place, "sticky": false, "rtl": false, "font": "Arial", "size": 20, "media": []});
            let fields: Vec<Value> = own.iter().map(String::as_str).chain(COMMON).enumerate().map(field).collect();
            let templates = shape.templates();
            // Which fields a card needs; Anki before 2.1.28 reads it.
            let needs: Vec<Value> = templates
                .iter()
                .enumerate()
                .map(|(place, template)| json!([place, "any", [template.front_field]]))
                .collect();
            let template = |(place, template): (usize, &Template)| {
                json!({"name": template.name, "ord": place, "qfmt": template.question, "afmt": template.answer,
                    "bqfmt": "", "bafmt": "", "did": null, "bfont": "", "bsize": 0})
            };
            let description = json!({
                "id": id, "name": shape.name(), "type": i32::from(*shape == Shape::Cloze), "mod": self.seconds,
                "usn": -1, "sortf": 0, "did": 1, "css": STYLE, "flds": fields, "req": needs, "tags": [], "vers": [],
                "tmpls": templates.iter().enumerate().map(template).collect::<Vec<Value>>(),
                "latexPre": "\\documentclass[12pt]{article}\n\\usepackage{amssymb,amsmath}\n\\begin{document}\n",
                "latexPost": "\\end{document}", "latexsvg": false,
            });
            (id.to_string(), description)
        };
        Value::Object(self.note_types.iter().map(describe).collect())
    }

    fn decks_json(&self) -> Value {
        let deck = |id: i64, name: &str, description: &str| {
            json!({"id": id, "name": name, "desc": description, "mod": self.seconds, "usn": -1, "conf": 1, "dyn": 0,
                "collapsed": false, "browserCollapsed": false, "extendNew": 0, "extendRev": 0, "newToday": [0, 0],
                "revToday": [0, 0], "lrnToday": [0, 0], "timeToday": [0, 0]})
        };
        let mut names: BTreeSet<&str> = BTreeSet::new();
        for name in &self.decks {
            names.insert(name);
            names.extend(name.match_indices("::").map(|(at, _)| &name[..at]));
        }
        let mut decks = Map::new();
        decks.insert(String::from("1"), deck(1, "Default", ""));
        let about = self.about();
        for name in names {
            // The licence stands where the deck begins.
            let top = !name.contains("::");
            let id = deck_id(name);
            decks.insert(id.to_string(), deck(id, name, if top { &about } else { "" }));
        }
        Value::Object(decks)
    }

    /// Who wrote the deck and under which licence, as HTML.
    fn about(&self) -> String {
        let Deck { authors, license, version, .. } = self.deck;
        let lines = [("by ", authors.join(", ")), ("", license.clone()), ("version ", version.clone())];
        let lines = lines.iter().filter(|(_, text)| !text.is_empty());
        lines.map(|(what, text)| format!("{what}{}", literal(text))).collect::<Vec<_>>().join("<br>")
    }

    fn configuration(&self) -> Value {
        json!({"activeDecks": [1], "curDeck": 1, "curModel": self.note_types.values().next(), "nextPos": self.position + 1,
            "addToCur": true, "collapseTime": 1200, "dueCounts": true, "estTimes": true, "newSpread": 0,
            "sortBackwards": false, "sortType": "noteFld", "timeLim": 0})
    }

    /// The default options of decks, which Anki keeps its own of.
    fn options(&self) -> Value {
        json!({"1": {"id": 1, "name": "Default", "mod": 0, "usn": 0, "maxTaken": 60, "autoplay": true, "replayq": true,
            "timer": 0, "dyn": false,
            "new": {"bury": true, "delays": [1, 10], "initialFactor": 2500, "ints": [1, 4, 7], "order": 1, "perDay": 20,
                "separate": true},
            "rev": {"bury": true, "ease4": 1.3, "fuzz": 0.05, "ivlFct": 1, "maxIvl": 36500, "minSpace": 1, "perDay": 200},
            "lapse": {"delays": [10], "leechAction": 0, "leechFails": 8, "minInt": 1, "mult": 0}}})
    }
}

fn deck_id(name: &str) -> i64 {
    stable_id(&["deck", name])
}

/// What stands in `notes.csum`, where Anki finds notes with the same first field. It counts anew on import; ours only
/// has to be a number that differs.
fn checksum(text: &str) -> u32 {
    let hash = hash(&[text]);
    u32::from_be_bytes([hash[0], hash[1], hash[2], hash[3]])
}

/// A card template.
struct Template {
    name: String,
    question: String,
    answer: String,
    /// Without text in this field there is no card.
    front_field: usize,
}

impl Shape {
    fn name(&self) -> String {
        match self {
            Shape::Basic => "plugg basic".into(),
            Shape::Reverse => "plugg basic and reverse".into(),
            Shape::Typed => "plugg typed".into(),
            Shape::Cloze => "plugg cloze".into(),
            Shape::Several(typed) => {
                let mut name = format!("plugg {} cards", typed.len());
                let numbers = typed.iter().enumerate().filter(|(_, typed)| **typed);
                let numbers: Vec<String> = numbers.map(|(place, _)| (place + 1).to_string()).collect();
                if !numbers.is_empty() {
                    let _ = write!(name, ", typed {}", numbers.join(" "));
                }
                name
            }
        }
    }

    /// The fields before those that all note types have.
    fn own_fields(&self) -> Vec<String> {
        match self {
            Shape::Cloze => vec!["Text".into(), "Hint".into()],
            Shape::Several(typed) => {
                let number = |n| ["Front", "Back", "Hint"].map(|name| format!("{name} {n}"));
                (1..=typed.len()).flat_map(number).collect()
            }
            _ => ["Front", "Back", "Hint"].map(String::from).into(),
        }
    }

    fn templates(&self) -> Vec<Template> {
        match self {
            Shape::Basic => vec![template("Card 1", ["Front", "Back", "Hint"], false, 0)],
            Shape::Typed => vec![template("Card 1", ["Front", "Back", "Hint"], true, 0)],
            Shape::Reverse => vec![
                template("Card 1", ["Front", "Back", "Hint"], false, 0),
                template("Card 2", ["Back", "Front", ""], false, 1),
            ],
            Shape::Cloze => vec![Template {
                name: "Cloze".into(),
                question: "{{cloze:Text}}{{#Hint}}<br>{{hint:Hint}}{{/Hint}}".into(),
                answer: format!("{{{{cloze:Text}}}}<br>{BEYOND}"),
                front_field: 0,
            }],
            Shape::Several(typed) => typed
                .iter()
                .zip(1..)
                .map(|(typed, n)| {
                    let [front, back, hint] = ["Front", "Back", "Hint"].map(|name| format!("{name} {n}"));
                    let template = template(&format!("Card {n}"), [&front, &back, &hint], *typed, 3 * (n - 1));
                    // A note need not have all cards of its type.
                    let question = format!("{{{{#{front}}}}}{}{{{{/{front}}}}}", template.question);
                    Template { question, ..template }
                })
                .collect(),
        }
    }
}

fn template(name: &str, [front, back, hint]: [&str; 3], typed: bool, front_field: usize) -> Template {
    let hint = match hint {
        "" => String::new(),
        hint => format!("{{{{#{hint}}}}}<br>{{{{hint:{hint}}}}}{{{{/{hint}}}}}"),
    };
    let (question, answer) = if typed {
        // The answer side repeats the field, not the side: that has the box to type in.
        (
            format!("{{{{{front}}}}}{hint}<br>{{{{type:{back}}}}}"),
            format!("{{{{{front}}}}}<hr id=answer>{{{{type:{back}}}}}<br>{BEYOND}"),
        )
    } else {
        (format!("{{{{{front}}}}}{hint}"), format!("{{{{FrontSide}}}}<hr id=answer>{{{{{back}}}}}{BEYOND}"))
    };
    Template { name: name.into(), question, answer, front_field }
}

// ----------------------------------------------------------------------------------------------------------- archive

fn pack(collection: &NamedTempFile, media: &[Media]) -> std::io::Result<Vec<u8>> {
    let mut out = Vec::new();
    let mut archive = ZipArchiveWriter::new(&mut out);
    let mut file = std::fs::File::open(collection.path())?;
    let (mut entry, config) = archive
        .new_file("collection.anki2")
        .compression_method(CompressionMethod::DEFLATE)
        .start()
        .map_err(std::io::Error::other)?;
    let mut writer = config.wrap(DeflateEncoder::new(&mut entry, Compression::default()));
    std::io::copy(&mut file, &mut writer)?;
    let (encoder, descriptor) = writer.finish().map_err(std::io::Error::other)?;
    encoder.finish()?;
    entry.finish(descriptor).map_err(std::io::Error::other)?;

    let mut list = Map::new();
    let mut seen = BTreeSet::new();
    for media in media {
        let Some(name) = media_name(&media.name).filter(|name| seen.insert(name.clone())) else { continue };
        let number = list.len().to_string();
        store(&mut archive, &number, &media.content)?;
        list.insert(number, Value::String(name));
    }
    store(&mut archive, "media", Value::Object(list).to_string().as_bytes())?;
    archive.finish().map_err(std::io::Error::other)?;
    Ok(out)
}

/// Adds a member as it is: pictures and sounds are packed already.
fn store(archive: &mut ZipArchiveWriter<&mut Vec<u8>>, name: &str, content: &[u8]) -> std::io::Result<()> {
    let (mut entry, config) = archive.new_file(name).start().map_err(std::io::Error::other)?;
    let mut writer = config.wrap(&mut entry);
    writer.write_all(content)?;
    let (_, descriptor) = writer.finish().map_err(std::io::Error::other)?;
    entry.finish(descriptor).map_err(std::io::Error::other)?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use std::io::Cursor;

    use super::super::{
        Wishes, read,
        tests::{fixture, shown, words},
    };
    use super::*;
    use crate::card::{Compare, Level};
    use crate::deck::{Reading, toml};
    use crate::skill::SkillMap;

    const NOW: Moment = Moment { unix_ms: 1_790_000_000_000, offset_minutes: 0 };

    fn face(ordinal: u32, kind: Kind, front: &str, back: &[&str]) -> Face {
        Face {
            ordinal,
            kind,
            front: front.into(),
            back: back.iter().map(|text| (*text).into()).collect(),
            wrong: Vec::new(),
            accept: Vec::new(),
            compare: Compare::Text,
            free: Vec::new(),
            hint: String::new(),
        }
    }

    fn note(id: &str, faces: Vec<Face>) -> Note {
        Note {
            id: id.into(),
            area: "linux".into(),
            system: "bash".into(),
            level: Level::Practitioner,
            folder: String::new(),
            tags: vec!["a".into(), "b::c".into(), "with blanks".into()],
            explanation: "Because *so*.".into(),
            source: "https://example.org/?a=b&c".into(),
            since: "Bash 5".into(),
            reset: false,
            faces,
        }
    }

    /// A deck with every kind of card, text that means something to Anki, and media.
    fn every_kind() -> (Deck, Vec<Note>, Vec<Media>) {
        let deck = Deck {
            id: "kinds".into(),
            title: "Every kind: \u{e5}\u{e4}\u{f6} <b> \u{65e5}\u{672c}".into(),
            license: "CC-BY-4.0".into(),
            authors: vec!["A & B".into()],
            version: "1.2".into(),
            ..Deck::default()
        };
        let one = |id: &str, kind, front: &str, back: &[&str]| note(id, vec![face(0, kind, front, back)]);
        let code = "Read:\n\n```sh\nif [ \"$x\" ]; then\n\techo '<b>' && :\nfi\n```\n\n| a | b |\n|---|---|\n| 1 | `x\\|y` |\n\n1. one\n2. two";
        let mut notes = vec![
            one("basic", Kind::Basic, "What is `a < b`?\nSecond line", &["**bold**\n\n- item\n- other"]),
            one("code", Kind::Basic, code, &["`{{ .Values.x }}` and [a link](https://example.org/a_b)"]),
            one("html", Kind::Basic, "Not <script>alert(1)</script> & not &amp;lt;", &["<div onclick=x>\nq\n</div>"]),
            one("anki-signs", Kind::Basic, "\\[latex]x[/latex] `[latex]y[/latex]` {{Front}} {{c1::x}}", &["[$]z[/$]"]),
            one(
                "media",
                Kind::Basic,
                "![a \"plot\"](<graph 100% \u{e5}.png>)",
                &["Listen: [sound: beep.mp3](beep.mp3)"],
            ),
            note(
                "both",
                vec![face(0, Kind::Basic, "there", &["and `back`"]), face(1, Kind::Basic, "and `back`", &["there"])],
            ),
            one("cloze", Kind::Cloze, "`git diff {{\u{2026}}} HEAD` a::b {{x}}", &["--staged"]),
            one("cloze-signs", Kind::Cloze, "In {{{\u{2026}}} end", &["std::vec<{{x}}>:"]),
            one("typed", Kind::Typed, "Which command?", &["ls *_* <x> | wc"]),
            one("choice", Kind::Choice, "Which?", &["`755`"]),
            one("choices", Kind::Choice, "Which ones?", &["755", "700"]),
            one("order", Kind::Order, "In which order?", &["firmware", "boot loader", "kernel"]),
            note(
                "gaps",
                vec![
                    face(0, Kind::Cloze, "A {{\u{2026}}} owns ReplicaSets, they own Pods", &["Deployment"]),
                    face(1, Kind::Cloze, "A Deployment owns {{\u{2026}}}, they own Pods", &["ReplicaSets"]),
                    face(4, Kind::Cloze, "A Deployment owns ReplicaSets, they own {{\u{2026}}}", &["Pods"]),
                ],
            ),
            note(
                "mixed",
                vec![
                    face(1, Kind::Typed, "Second card", &["typed"]),
                    face(3, Kind::Cloze, "Fourth {{\u{2026}}}", &["card"]),
                ],
            ),
            note("far", vec![face(0, Kind::Basic, "near", &["a"]), face(70_000, Kind::Basic, "far", &["b"])]),
        ];
        for note in &mut notes {
            for face in &mut note.faces {
                if face.kind == Kind::Choice {
                    face.wrong = vec!["644".into(), "a **wrong** one".into()];
                }
                if face.kind == Kind::Typed {
                    face.accept = vec!["ls -1".into(), "<x>".into()];
                    face.hint = "short, *very*".into();
                }
            }
        }
        let mut others = notes[0].clone();
        (others.id, others.folder) = ("elsewhere".into(), "Part::Sub".into());
        notes.push(others);
        let mut elsewhere = notes[0].clone();
        (elsewhere.id, elsewhere.area, elsewhere.system) = ("system".into(), "git".into(), "git".into());
        elsewhere.level = Level::Expert;
        notes.push(elsewhere);
        let media = vec![
            Media { name: "graph 100% \u{e5}.png".into(), content: b"\x89PNG not really".to_vec() },
            Media { name: "beep.mp3".into(), content: vec![0, 1, 2, 255] },
        ];
        (deck, notes, media)
    }

    fn again(deck: &Deck, notes: &[Note], media: &[Media]) -> Reading {
        let package = write(deck, notes, media, NOW).unwrap();
        read("out.apkg", Cursor::new(package), &Wishes { history: true }).unwrap()
    }

    #[test]
    fn our_own_reader_takes_it_back() {
        let (deck, notes, media) = every_kind();
        let reading = again(&deck, &notes, &media);
        assert_eq!(reading.problems, []);
        assert!(reading.reviews.is_empty() && reading.suspended.is_empty());
        let mut ours = media.clone();
        ours.sort_by(|a, b| a.name.cmp(&b.name));
        assert_eq!(reading.media, ours);
        // `far` becomes two notes.
        assert_eq!(reading.notes.len(), notes.len() + 1);
        let exporter = exporter(&deck, &notes);
        for note in &notes {
            for row in exporter.rows(note) {
                let read = reading.notes.iter().find(|read| read.id == row.guid).unwrap();
                let tags = ["a", "b::c", "with_blanks"];
                assert_eq!(
                    (read.tags.as_slice(), &read.folder),
                    (&tags.map(String::from)[..], &exporter.deck_name(note))
                );
                let ordinals: Vec<u32> = read.faces.iter().map(|face| face.ordinal).collect();
                assert_eq!(ordinals, row.ordinals, "{}", note.id);
                for (face, now) in note
                    .faces
                    .iter()
                    .filter(|face| note.id != "far" || row.guid.ends_with(&format!("-{}", face.ordinal)))
                    .zip(&read.faces)
                {
                    let (front, back) = expected(note, face);
                    let plain = |text: &str| text.replace("{{[\u{2026}]}}", "[\u{2026}]");
                    let told = if now.kind == Kind::Basic { shown(&now.back[0]) } else { words(&now.back[0]) };
                    let (front, back) = (plain(&front), plain(&back));
                    let asked = plain(&shown(&now.front));
                    assert!(asked.starts_with(&front), "{}: {asked} / {front}", note.id);
                    assert!(told.starts_with(&back), "{}: {told} / {back}", note.id);
                    let kept = matches!(face.kind, Kind::Basic | Kind::Typed) || row.shape == Shape::Cloze;
                    assert_eq!(now.kind, if kept { face.kind } else { Kind::Basic }, "{}", note.id);
                    assert_eq!(now.hint, face.hint);
                    let all = format!("{told} {}", shown(&read.explanation));
                    for part in ["Because so.", "https://example.org/?a=b&c", "Bash 5"] {
                        assert!(all.contains(part), "{}: {all}", note.id);
                    }
                }
            }
        }
    }

    /// The words of front and back that must come out again: fronts may have options behind them.
    fn expected(note: &Note, face: &Face) -> (String, String) {
        // In plugg raw HTML is text.
        let shown = |markdown: &str| {
            if note.id == "html" { shown(&markdown.replace('<', "\\<")) } else { shown(markdown) }
        };
        let [back] = face.back.as_slice() else { return (shown(&face.front), String::new()) };
        match face.kind {
            Kind::Cloze if note.faces.len() == 1 || note.id == "gaps" => (shown(&face.front), words(back)),
            Kind::Cloze => (shown(&face.front), shown(&face.front).replace("{{[\u{2026}]}}", back)),
            Kind::Typed => (shown(&face.front), words(back)),
            _ => (shown(&face.front), shown(back)),
        }
    }

    fn exporter<'d>(deck: &'d Deck, notes: &[Note]) -> Exporter<'d> {
        Exporter::new(deck, notes, NOW)
    }

    #[test]
    fn notes_take_the_shape_of_their_cards() {
        let (deck, notes, _) = every_kind();
        let exporter = exporter(&deck, &notes);
        let first = |id: &str| exporter.rows(notes.iter().find(|note| note.id == id).unwrap()).remove(0);
        let cases = [
            ("both", Shape::Reverse, "there"),
            ("typed", Shape::Typed, "Which command?"),
            ("cloze", Shape::Cloze, "<code>git diff {{c1::--staged}} HEAD</code> a::b &#123;&#123;x}}"),
            (
                "cloze-signs",
                Shape::Cloze,
                "In &#123;{{c1::std&#58;&#58;vec&lt;&#123;&#123;x&#125;&#125;&gt;&#58;}} end",
            ),
            ("gaps", Shape::Cloze, "A {{c1::Deployment}} owns {{c2::ReplicaSets}}, they own {{c5::Pods}}"),
            ("mixed", Shape::Several(vec![false, true, false, false]), ""),
        ];
        for (id, shape, text) in cases {
            let row = first(id);
            assert_eq!((row.shape, row.fields[0].as_str()), (shape, text), "{id}");
        }
        let order = first("order");
        assert!(!order.fields[0].contains("firmware</li>\n<li>boot loader</li>\n<li>kernel"), "{}", order.fields[0]);
        let hinted = |k: u32, front: &str, back| face(k, Kind::Cloze, front, &[back]);
        let gaps = [hinted(0, "{{\u{2026}}} [who?] and y", "x"), hinted(1, "x and {{\u{2026}}}", "y")];
        assert_eq!(exporter.cloze(&gaps).unwrap(), "{{c1::x::who?}} and {{c2::y}}");
        for front in [
            "```{{\u{2026}}}\nx\n```",
            "![a](<{{\u{2026}}}.png>)",
            "![{{\u{2026}}}](a.png)",
            "[a](<https://{{\u{2026}}}>)",
        ] {
            assert_eq!(exporter.cloze(&[hinted(0, front, "\" onload=\"x")]), None, "{front}");
        }
        // One text with the same gap twice, or different texts, are no cloze.
        assert_eq!(exporter.cloze(&[gaps[0].clone(), hinted(1, "other {{\u{2026}}}", "y")]), None);
    }

    #[test]
    fn decks_are_named_as_their_authors_named_them() {
        let (_, notes, _) = every_kind();
        let cases = [
            ("linux", "C++: std::x", "", &notes[..1], "C++: std:x"),
            ("linux", "Linux", "", &notes[..], "Linux::linux::bash"),
            ("linux", "Linux", "Part::Sub", &notes[..], "Linux::Part::Sub"),
            ("linux", "Linux", "Linux::Sub", &notes[..], "Linux::Sub"),
            ("anki-collection", "Anki collection", "A::B", &notes[..], "A::B"),
            ("anki-x", "", "", &notes[..], "anki-x"),
        ];
        for (id, title, folder, all, name) in cases {
            let deck = Deck { id: id.into(), title: title.into(), ..Deck::default() };
            let note = Note { folder: folder.into(), ..all[0].clone() };
            assert_eq!(exporter(&deck, all).deck_name(&note), name);
        }
    }

    #[test]
    fn the_same_deck_gives_the_same_package() {
        let (deck, notes, media) = every_kind();
        assert_eq!(write(&deck, &notes, &media, NOW).unwrap(), write(&deck, &notes, &media, NOW).unwrap());
        let empty = write(&deck, &[], &[], NOW).unwrap();
        let refused = read("out.apkg", Cursor::new(empty), &Wishes::default()).unwrap_err();
        assert!(refused.to_string().contains("it holds no cards"));
    }

    #[test]
    fn a_deck_of_anki_comes_back_as_it_was() {
        for name in ["kinds-v3.apkg", "odd-v3.apkg"] {
            let first = read(name, Cursor::new(fixture(name)), &Wishes::default()).unwrap();
            let second = again(&first.deck, &first.notes, &first.media);
            assert_eq!(second.deck.id, first.deck.id);
            assert_eq!(second.media, first.media);
            let key = |note: &Note| {
                let ordinals: Vec<u32> = note.faces.iter().map(|face| face.ordinal).collect();
                (note.id.clone(), ordinals, note.tags.clone(), note.folder.clone())
            };
            let keys = |notes: &[Note]| notes.iter().map(key).collect::<BTreeSet<_>>();
            assert_eq!(keys(&second.notes), keys(&first.notes), "{name}");
        }
    }

    /// For `tests/fixtures/anki/check_export.py`, which imports what this writes with the real Anki.
    #[test]
    #[ignore = "writes packages to target/anki-export for a check with the real Anki"]
    fn packages_for_the_real_anki() {
        let root = env!("CARGO_MANIFEST_DIR");
        let folder = format!("{root}/target/anki-export");
        std::fs::create_dir_all(&folder).unwrap();
        let put = |name: &str, deck: &Deck, notes: &[Note], media: &[Media]| {
            let exporter = exporter(deck, notes);
            let mut rows = Vec::new();
            for note in notes {
                for row in exporter.rows(note) {
                    let alone = row.guid.rsplit('-').next().and_then(|tail| tail.parse::<u32>().ok());
                    let cards: Vec<Value> = note
                        .faces
                        .iter()
                        .filter(|face| note.id != "far" || alone == Some(face.ordinal))
                        .zip(&row.ordinals)
                        .map(|(face, ordinal)| {
                            let (front, back) = expected(note, face);
                            json!({"ord": ordinal, "front": front, "back": back})
                        })
                        .collect();
                    rows.push(json!({"guid": row.guid, "type": row.shape.name(), "deck": exporter.deck_name(note),
                        "tags": note.tags.iter().map(|tag| tag.replace(' ', "_")).collect::<Vec<_>>(),
                        "fields": row.fields, "cards": cards}));
                }
            }
            let media: Map<String, Value> = media
                .iter()
                .map(|media| {
                    let hash = Sha256::digest(&media.content);
                    (media.name.clone(), json!(hash.iter().map(|b| format!("{b:02x}")).collect::<String>()))
                })
                .collect();
            let all = json!({"notes": rows, "media": media});
            std::fs::write(format!("{folder}/{name}.json"), all.to_string()).unwrap();
        };
        let save = |name: &str, deck: &Deck, notes: &[Note], media: &[Media], now: Moment| {
            put(name, deck, notes, media);
            std::fs::write(format!("{folder}/{name}.apkg"), write(deck, notes, media, now).unwrap()).unwrap();
        };
        let (deck, mut notes, media) = every_kind();
        save("kinds", &deck, &notes, &media, NOW);
        let later = Moment { unix_ms: NOW.unix_ms + 86_400_000, ..NOW };
        notes[0].faces[0].back[0].push_str(" changed");
        save("kinds-later", &deck, &notes, &media, later);
        let map = SkillMap::parse(&std::fs::read_to_string(format!("{root}/decks/areas.toml")).unwrap()).unwrap();
        for area in std::fs::read_dir(format!("{root}/decks")).unwrap().map(|entry| entry.unwrap().path()) {
            for file in std::fs::read_dir(&area).into_iter().flatten().map(|entry| entry.unwrap().path()) {
                if file.extension().is_some_and(|extension| extension == "toml") {
                    let deck = toml::read("deck.toml", &std::fs::read(&file).unwrap(), &map).unwrap();
                    let name = format!("bundled-{}", file.file_stem().unwrap().to_string_lossy());
                    save(&name, &deck.reading.deck, &deck.reading.notes, &[], NOW);
                }
            }
        }
        let community = std::fs::read_dir(format!("{root}/../shared/community-decks")).into_iter().flatten();
        let fixtures = std::fs::read_dir(format!("{root}/tests/fixtures/anki")).unwrap();
        for file in community.chain(fixtures).map(|entry| entry.unwrap().path()) {
            if file.extension().is_some_and(|extension| extension == "apkg") {
                let reading = read("in.apkg", std::fs::File::open(&file).unwrap(), &Wishes::default()).unwrap();
                let name = format!("again-{}", file.file_stem().unwrap().to_string_lossy());
                save(&name, &reading.deck, &reading.notes, &reading.media, NOW);
                std::fs::copy(&file, format!("{folder}/{name}.original")).unwrap();
            }
        }
    }
}
