//! CrowdAnki: a deck as `deck.json`, with its sub-decks in it and its media in a folder `media` beside it.
//!
//! It hides the JSON and where things stand in it; what a template makes of a note is [`anki`](super::anki)'s. `cli` may
//! call it, and fetches the media that the reading names. It never opens a file, and it reads notes only: the author's
//! options of decks are nobody else's business.
//!
//! **Identity.** A note is its `guid`, a card its template or cloze number, as in a package. The deck's id is the slug of
//! the name of the outermost deck. The format lists no cards, so each note gets those that Anki would make of it, and it
//! says nothing of what is suspended.

use std::collections::{BTreeSet, HashMap};

use serde::Deserialize;
use serde::de::IgnoredAny;

use super::anki::{LeftOut, Loose, NoteType, Prepared, TemplateSource};
use super::{FIELD, ID_LENGTH, Ids, Problems, Reading, Severity, bare_note, deck_called, decode, html, refused, short};
use crate::error::Result;

/// The largest file, in bytes.
pub const LARGEST_FILE: usize = 64 << 20;
/// The most commas: each parts two values, and a value takes more memory than its text.
const COMMAS: usize = 4_000_000;
/// The most notes.
const NOTES: usize = 200_000;
/// The most decks and note types.
const DECKS: usize = 10_000;
/// The longest name of a deck with those of its parents, in bytes.
const FOLDER: usize = 500;

/// A deck or a part of one. Keys that are not named here are passed over.
#[derive(Deserialize)]
struct Part {
    name: String,
    #[serde(default)]
    children: Vec<Part>,
    #[serde(default)]
    note_models: Vec<Model>,
    #[serde(default)]
    notes: Vec<Row>,
    #[serde(default)]
    media_files: Vec<String>,
}

/// A note, or what stands in the place of one.
#[derive(Deserialize)]
#[serde(untagged)]
enum Row {
    Note(NoteRow),
    Other(IgnoredAny),
}

#[derive(Deserialize)]
struct NoteRow {
    guid: String,
    note_model_uuid: String,
    fields: Vec<String>,
    #[serde(default)]
    tags: Vec<String>,
}

#[derive(Deserialize)]
struct Model {
    crowdanki_uuid: String,
    #[serde(default)]
    name: String,
    /// 1 for a note type with deletions.
    #[serde(default, rename = "type")]
    kind: i64,
    flds: Vec<Named>,
    tmpls: Vec<Sides>,
}

#[derive(Deserialize)]
struct Named {
    name: String,
    #[serde(default)]
    ord: i64,
}

#[derive(Deserialize)]
struct Sides {
    #[serde(default)]
    name: String,
    #[serde(default)]
    ord: i64,
    #[serde(default)]
    qfmt: String,
    #[serde(default)]
    afmt: String,
}

impl Model {
    fn prepare(mut self) -> (String, Prepared) {
        self.flds.sort_by_key(|field| field.ord);
        self.tmpls.sort_by_key(|sides| sides.ord);
        let templates = self.tmpls.into_iter();
        let kind = NoteType {
            name: self.name,
            cloze: self.kind == 1,
            fields: self.flds.into_iter().map(|field| field.name).collect(),
            templates: templates
                .map(|sides| TemplateSource { name: sides.name, question: sides.qfmt, answer: sides.afmt })
                .collect(),
        };
        (self.crowdanki_uuid, Prepared::of(kind))
    }
}

/// Reads a `deck.json`; `file` is how the user named it. Media are named in [`Reading::media_beside`].
///
/// # Errors
/// Refuses what is no CrowdAnki deck, holds no cards, or is larger or nested deeper than any sound deck.
pub fn read(file: &str, bytes: &[u8]) -> Result<Reading> {
    let text = decode(file, bytes, LARGEST_FILE)?;
    if text.bytes().filter(|byte| *byte == b',').nth(COMMAS).is_some() {
        return Err(refused(file, format!("it holds more than {COMMAS} values")).hint("split the deck"));
    }
    let whole: Part = serde_json::from_str(&text).map_err(|error| {
        refused(file, "it is no CrowdAnki deck").hint("export the deck again, as CrowdAnki JSON").because(error)
    })?;
    let length = text.len();
    drop(text);
    let mut reader = Reader {
        file,
        kinds: HashMap::new(),
        ids: Ids::default(),
        maker: Loose::new(length),
        listed: BTreeSet::new(),
        decks: 0,
        told: 0,
        reading: Reading { deck: deck_called(&whole.name), ..Reading::default() },
        problems: Problems::of(file),
    };
    let mut parts = whole;
    reader.models(&mut parts)?;
    reader.part(parts, "")?;
    reader.finish()
}

struct Reader<'f> {
    file: &'f str,
    kinds: HashMap<String, Prepared>,
    ids: Ids,
    maker: Loose,
    /// The names of media that the file lists.
    listed: BTreeSet<String>,
    decks: usize,
    /// The notes so far, with those that were left out.
    told: usize,
    reading: Reading,
    problems: Problems<'f>,
}

impl Reader<'_> {
    /// Takes the note types, which any deck of the file may use. The depth is the one that the JSON parser let through.
    fn models(&mut self, part: &mut Part) -> Result<()> {
        self.decks += 1;
        if self.decks > DECKS || self.kinds.len() + part.note_models.len() > DECKS {
            return Err(refused(self.file, format!("it holds more than {DECKS} decks or note types")));
        }
        self.kinds.extend(std::mem::take(&mut part.note_models).into_iter().map(Model::prepare));
        part.children.iter_mut().try_for_each(|child| self.models(child))
    }

    fn part(&mut self, part: Part, parent: &str) -> Result<()> {
        let name = part.name.trim();
        let folder = match parent {
            "" => name.to_owned(),
            parent if name == parent || name.strip_prefix(parent).is_some_and(|rest| rest.starts_with("::")) => {
                name.to_owned()
            }
            parent => format!("{parent}::{name}"),
        };
        if folder.len() > FOLDER {
            return Err(refused(self.file, format!("the name of a deck is longer than {FOLDER} bytes")));
        }
        self.listed.extend(part.media_files);
        for row in part.notes {
            self.told += 1;
            if self.told > NOTES {
                let why = format!("it holds more than {NOTES} notes");
                return Err(refused(self.file, why).hint("split the deck"));
            }
            self.note(row, &folder)?;
        }
        part.children.into_iter().try_for_each(|child| self.part(child, &folder))
    }

    fn note(&mut self, row: Row, folder: &str) -> Result<()> {
        let Row::Note(row) = row else {
            let message =
                format!("note {} of the file is not one: its guid, note type or fields are missing", self.told);
            self.problems.error(None, message, "");
            return Ok(());
        };
        let guid = row.guid.as_str();
        let mut fail = |rule, message: String, hint: &str| {
            self.problems.add(None, Some(guid), Severity::Error, rule, message, hint);
        };
        if guid.trim().is_empty() || guid.len() > ID_LENGTH {
            fail("identity", format!("note {} of the file has no usable guid", self.told), "");
            return Ok(());
        }
        if !self.ids.take(guid) {
            fail("identity", String::from("a second note has this guid"), "");
            return Ok(());
        }
        if row.fields.iter().map(String::len).sum::<usize>() > FIELD {
            fail("size", format!("the note is larger than {} MiB", FIELD >> 20), "");
            return Ok(());
        }
        let Some(kind) = self.kinds.get(&row.note_model_uuid) else {
            fail("note-type", String::from("its note type is missing"), "export the deck again");
            return Ok(());
        };
        let Some(made) = self.maker.make(kind, &row.fields, &row.tags, folder) else {
            return Err(refused(self.file, "its cards repeat more text than those of any sound deck"));
        };
        let none_left_out = made.left_out.is_empty();
        for LeftOut { rule, message, hint } in made.left_out {
            fail(rule, message, hint);
        }
        if made.faces.is_empty() {
            if none_left_out {
                fail("no-cards", String::from("the note has no cards: none of its questions shows a field"), "");
            }
            return Ok(());
        }
        let tags = row.tags.iter().flat_map(|tag| tag.split_whitespace()).map(str::to_owned).collect();
        let note = bare_note(row.guid);
        self.reading.notes.push(crate::card::Note {
            folder: folder.to_owned(),
            tags,
            explanation: made.explanation,
            faces: made.faces,
            ..note
        });
        Ok(())
    }

    fn finish(mut self) -> Result<Reading> {
        if self.reading.notes.is_empty() {
            let first = self.problems.found.first().map(|problem| format!("; the first fault: {}", problem.message));
            return Err(refused(self.file, format!("it holds no cards{}", first.unwrap_or_default())));
        }
        let shown = std::mem::take(&mut self.maker.media);
        let listed: BTreeSet<String> = self.listed.iter().filter_map(|name| html::media_name(name)).collect();
        if let Some(odd) = self.listed.iter().find(|name| html::media_name(name).is_none()) {
            let message = format!("its list of media has a name that could be taken for a path: `{}`", short(odd));
            self.problems.warning(None, message, "");
        }
        let unlisted: Vec<&String> = shown.difference(&listed).collect();
        if let Some(first) = unlisted.first() {
            let message = format!(
                "{} of the media that the notes show are not in its list, `{}` first",
                unlisted.len(),
                short(first)
            );
            self.problems.warning(None, message, "");
        }
        self.reading.media_beside = shown.into_iter().filter(|name| listed.contains(name)).collect();
        self.reading.problems = self.problems.finish();
        Ok(self.reading)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::card::{GAP, Kind};
    use proptest::prelude::*;
    use serde_json::{Value, json};

    fn deck() -> Value {
        let model = |uuid: &str, kind: i64, fields: &[&str], templates: &[(&str, &str)]| {
            json!({
                "__type__": "NoteModel", "crowdanki_uuid": uuid, "name": uuid, "type": kind, "css": ".card {}",
                "flds": fields.iter().enumerate().map(|(ord, name)| json!({"name": name, "ord": ord})).collect::<Vec<_>>(),
                "tmpls": templates.iter().enumerate().map(|(ord, (question, answer))| {
                    json!({"name": format!("Card {ord}"), "ord": ord, "qfmt": question, "afmt": answer})
                }).collect::<Vec<_>>(),
            })
        };
        let note = |guid: &str, model: &str, fields: &[&str], tags: &[&str]| json!({"__type__": "Note", "data": "", "guid": guid, "note_model_uuid": model, "fields": fields, "tags": tags, "flags": 0});
        json!({
            "__type__": "Deck", "crowdanki_uuid": "d", "name": "Ultimate Test", "desc": "", "deck_configurations": [{"deep": [[[]]]}],
            "media_files": ["fi.png", "unused.png", "../../etc/passwd"],
            "note_models": [
                model("basic", 0, &["Front", "Back"], &[("{{Front}}", "{{FrontSide}}<hr id=answer>{{Back}}"), ("{{#Back}}{{Back}}{{/Back}}", "{{Front}}")]),
                model("cloze", 1, &["Text", "Extra"], &[("{{cloze:Text}}", "{{cloze:Text}}<br>{{Extra}}")]),
                model("broken", 0, &["Front"], &[("{{Nothing}}", "")]),
            ],
            "notes": [
                note("g1", "basic", &["What is <b>x</b>?", "<img src=\"fi.png\"> y"], &["Europe", "a::b"]),
                note("g1", "basic", &["twice", "b"], &[]),
                note("g2", "nowhere", &["f", "b"], &[]),
                {"guid": 5},
                17,
                note("g3", "basic", &["", ""], &[]),
                note("g4", "broken", &["f"], &[]),
            ],
            "children": [{
                "__type__": "Deck", "name": "Sub", "media_files": [], "children": [{"name": "Ultimate Test::Sub::Deep", "notes": [
                    note("g6", "basic", &["only front", ""], &[]),
                ]}],
                "notes": [note("g5", "cloze", &["{{c1::one}} and {{c3::two}} <img src='lost.png'>", "more", "too many"], &[])],
            }],
        })
    }

    fn cards(note: &crate::card::Note) -> Vec<(u32, Kind, &str, &str)> {
        note.faces.iter().map(|face| (face.ordinal, face.kind, face.front.as_str(), face.back[0].as_str())).collect()
    }

    #[test]
    fn decks_within_decks_are_read() {
        let reading = read("deck.json", deck().to_string().as_bytes()).unwrap();
        assert_eq!((reading.deck.id.as_str(), reading.deck.title.as_str()), ("ultimate-test", "Ultimate Test"));
        let [first, cloze, deep] = reading.notes.as_slice() else { panic!("{:?}", reading.notes) };
        assert_eq!((first.id.as_str(), first.folder.as_str()), ("g1", "Ultimate Test"));
        assert_eq!(first.tags, ["Europe", "a::b"]);
        assert_eq!(cards(first)[0], (0, Kind::Basic, "What is **x**?", "![](fi.png) y"));
        assert_eq!(cards(first)[1].3, "What is **x**?");
        assert_eq!((cloze.folder.as_str(), cloze.explanation.as_str()), ("Ultimate Test::Sub", "more"));
        let fronts = [format!("{GAP} and two ![](lost.png)"), format!("one and {GAP} ![](lost.png)")];
        assert_eq!(
            cards(cloze),
            [(0, Kind::Cloze, fronts[0].as_str(), "one"), (2, Kind::Cloze, fronts[1].as_str(), "two")]
        );
        assert_eq!((deep.folder.as_str(), deep.faces.len()), ("Ultimate Test::Sub::Deep", 1));
        assert_eq!(reading.media_beside, ["fi.png"]);
        assert!(!reading.derived_ids && reading.media.is_empty());
        let problems: Vec<String> = reading.problems.iter().map(ToString::to_string).collect();
        let expected = [
            "deck.json: card `g1`: a second note has this guid",
            "deck.json: card `g2`: its note type is missing (export the deck again)",
            "deck.json: note 4 of the file is not one: its guid, note type or fields are missing",
            "deck.json: note 5 of the file is not one: its guid, note type or fields are missing",
            "deck.json: card `g3`: the note has no cards: none of its questions shows a field",
            "deck.json: card `g4`: its template `Card 0` is faulty: `{{Nothing}}` names no field (mend the template in Anki and export the deck again)",
            "deck.json: its list of media has a name that could be taken for a path: `../../etc/passwd`",
            "deck.json: 1 of the media that the notes show are not in its list, `lost.png` first",
        ];
        assert_eq!(problems, expected);
    }

    /// `tests/fixtures/crowdanki/make.py` wrote the notes of the packages with the real Anki; the reader of packages is
    /// held against what Anki shows of them.
    #[test]
    fn it_agrees_with_the_package_of_the_same_notes() {
        let fixture =
            |path: &str| std::fs::read(format!("{}/tests/fixtures/{path}", env!("CARGO_MANIFEST_DIR"))).unwrap();
        for (deck, package, notes) in
            [("crowdanki/odd.json", "anki/odd-v3.apkg", 40), ("crowdanki/kinds.json", "anki/kinds-v3.apkg", 15)]
        {
            let package = std::io::Cursor::new(fixture(package));
            let package = crate::deck::anki::read("x.apkg", package, &crate::deck::anki::Wishes::default()).unwrap();
            let deck = read("deck.json", &fixture(deck)).unwrap();
            assert!(deck.notes.len() >= notes, "{}", deck.notes.len());
            let by_id = |reading: Reading| -> std::collections::BTreeMap<String, crate::card::Note> {
                reading.notes.into_iter().map(|note| (note.id.clone(), note)).collect()
            };
            let (deck, package) = (by_id(deck), by_id(package));
            assert!(deck.keys().eq(package.keys()));
            for (ours, theirs) in deck.values().zip(package.values()) {
                assert_eq!(ours, theirs);
            }
        }
    }

    #[test]
    fn bad_files_are_refused() {
        let deep = "[".repeat(100_000);
        let children = format!("{}{}", "{\"children\":[".repeat(100_000), "]}".repeat(100_000));
        let unknown = format!("{{\"x\":{deep}");
        let commas = format!("{{\"notes\":[0{}]}}", ",0".repeat(COMMAS + 1));
        let nested_note = format!("{{\"notes\":[{{\"guid\":{}", deep);
        let decks = format!("{{\"name\":\"\",\"children\":[{}]}}", vec!["{\"name\":\"\"}"; DECKS + 1].join(","));
        let cases: [(&str, &str); 11] = [
            ("", "it is no CrowdAnki deck"),
            ("[]", "it is no CrowdAnki deck"),
            ("{", "it is no CrowdAnki deck"),
            ("{\"name\": \"\"}", "it holds no cards"),
            ("{\"name\": \"\", \"notes\": [{}]}", "it holds no cards; the first fault: note 1"),
            (&deep, "it is no CrowdAnki deck"),
            (&children, "it is no CrowdAnki deck"),
            (&unknown, "it is no CrowdAnki deck"),
            (&nested_note, "it is no CrowdAnki deck"),
            (&commas, "it holds more than 4000000 values"),
            (&decks, "it holds more than 10000 decks"),
        ];
        for (text, expected) in cases {
            let error = read("d.json", text.as_bytes()).unwrap_err().to_string();
            assert!(error.starts_with(&format!("d.json: {expected}")), "{error}");
            assert!(error.len() < 300, "{error}");
        }
        assert!(read("d.json", b"{\"name\":\"\xff\"}").unwrap_err().to_string().contains("UTF-8"));
        // Nesting in what is passed over costs no stack.
        let mut sound = deck().to_string();
        sound.truncate(sound.len() - 1);
        let nested = format!("{sound},\"zz\":{}{}}}", "[".repeat(100_000), "]".repeat(100_000));
        assert_eq!(read("d.json", nested.as_bytes()).unwrap().notes.len(), 3);
    }

    #[test]
    fn hostile_notes_are_bounded() {
        let with = |fields: Vec<String>, model: &str, guid: &str| {
            let mut deck = deck();
            deck["notes"]
                .as_array_mut()
                .unwrap()
                .push(json!({"guid": guid, "note_model_uuid": model, "fields": fields}));
            read("d.json", deck.to_string().as_bytes()).map(|reading| {
                (
                    reading.notes.len(),
                    reading.problems.iter().map(|problem| problem.message.clone()).collect::<Vec<_>>(),
                )
            })
        };
        let (notes, problems) = with(vec!["x".repeat(10 << 20)], "basic", "h").unwrap();
        assert!(notes == 3 && problems.contains(&"the note is larger than 1 MiB".to_owned()));
        let (notes, problems) = with(vec!["x".into(), "y".into()], "basic", &"g".repeat(201)).unwrap();
        assert!(notes == 3 && problems.iter().any(|problem| problem.ends_with("has no usable guid")));
        let numbers: String = (1..100_000).map(|number| format!("{{{{c{number}::x}}}}")).collect();
        let _ = with(vec![numbers], "cloze", "h");
        let _ = with(vec!["{{c1::".repeat(100_000)], "cloze", "h");
        let (notes, _) = with(vec!["a\u{1f}b\u{0}\u{1b}[31m".into(), "c".into()], "basic", "h").unwrap();
        assert_eq!(notes, 4, "what parts fields elsewhere is text here, and the gate is at the output");
    }

    proptest! {
        #[test]
        fn no_bytes_make_it_panic(bytes in proptest::collection::vec(any::<u8>(), 0..300)) {
            let _ = read("x", &bytes);
        }

        #[test]
        fn no_damage_makes_it_panic(at in 0usize..3000, byte in any::<u8>(), cut in 0usize..3000) {
            let mut bytes = deck().to_string().into_bytes();
            if let Some(place) = bytes.get_mut(at) {
                *place = byte;
            }
            let _ = read("x", &bytes);
            bytes.truncate(cut);
            let _ = read("x", &bytes);
        }
    }
}
