//! Packages that the real Anki made, beside what it shows of them; and packages that mean harm.
//!
//! `tests/fixtures/anki/make.py` makes both the packages and the `.json` beside each. Compared are, card by card, the
//! words of question and answer after this normalisation: Markdown and HTML tags gone, blanks and line breaks one blank,
//! a gap written `[…]`, raised and lowered digits as digits, pictures `[image: NAME]` and sounds `[sound: NAME]` with
//! their names decoded. Where a template has no `<hr id=answer>`, Anki's answer may begin with the question.

use std::collections::BTreeMap;
use std::io::Cursor;

use serde_json::Value;
use unicode_normalization::UnicodeNormalization;

use super::*;
use crate::card::{GAP, Kind};

pub(super) fn fixture(name: &str) -> Vec<u8> {
    std::fs::read(format!("{}/tests/fixtures/anki/{name}", env!("CARGO_MANIFEST_DIR"))).unwrap()
}

fn read_bytes(bytes: &[u8]) -> Result<Reading> {
    read("deck.apkg", Cursor::new(bytes), &Wishes { history: true })
}

/// The text that Markdown shows.
pub(super) fn shown(markdown: &str) -> String {
    use pulldown_cmark::{Event, Options, Parser, Tag, TagEnd};
    let mut out = String::new();
    let (mut sound, mut alternative) = (false, false);
    for event in Parser::new_ext(markdown, Options::ENABLE_TABLES | Options::ENABLE_STRIKETHROUGH) {
        match event {
            Event::Start(Tag::Image { dest_url, .. }) => {
                alternative = true;
                out.push_str(&format!("[image: {dest_url}]"));
            }
            Event::End(TagEnd::Image) => alternative = false,
            // What stands for a picture where there is none is no text of the card.
            _ if alternative => {}
            Event::Text(text) if text.starts_with("sound: ") => {
                sound = true;
                out.push('[');
                out.push_str(&text);
            }
            Event::Text(text) | Event::Code(text) => out.push_str(&text),
            Event::Html(html) | Event::InlineHtml(html) => panic!("HTML {html:?} in {markdown:?}"),
            Event::End(TagEnd::Link) if sound => {
                sound = false;
                out.push(']');
            }
            Event::End(TagEnd::Strong | TagEnd::Emphasis | TagEnd::Strikethrough | TagEnd::Link) => {}
            Event::Start(Tag::Strong | Tag::Emphasis | Tag::Strikethrough | Tag::Link { .. }) => {}
            _ => out.push(' '),
        }
    }
    words(&out)
}

pub(super) fn words(text: &str) -> String {
    let text: String = text.nfkc().collect();
    let text = text.replace("...", "…").replace("[…]", "…").replace('…', "[…]");
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// Where two texts part.
fn apart(ours: &str, anki: &str) -> String {
    let same = ours.chars().zip(anki.chars()).take_while(|(a, b)| a == b).count();
    let tail = |text: &str| text.chars().skip(same.saturating_sub(20)).take(80).collect::<String>();
    format!("…{:?}, Anki's …{:?}", tail(ours), tail(anki))
}

/// Compares a package with what Anki shows of it: how many cards there are, and which differ.
fn compare(name: &str, reading: &Reading, anki: &Value) -> (usize, Vec<String>) {
    let mut faces = BTreeMap::new();
    for note in &reading.notes {
        for face in &note.faces {
            faces.insert((note.id.clone(), u64::from(face.ordinal)), (note, face));
        }
    }
    let mut different = Vec::new();
    let cards = anki["cards"].as_array().unwrap();
    for card in cards {
        let key = (card["guid"].as_str().unwrap().to_owned(), card["ord"].as_u64().unwrap());
        let Some((note, face)) = faces.remove(&key) else {
            different.push(format!("{name} {key:?}: missing"));
            continue;
        };
        let (question, answer) = (words(card["question"].as_str().unwrap()), words(card["answer"].as_str().unwrap()));
        let back = if face.kind == Kind::Basic { shown(&face.back[0]) } else { words(&face.back[0]) };
        let beyond = shown(&note.explanation);
        let (ours, told) = if face.kind == Kind::Cloze {
            let (before, after) = face.front.split_once(GAP).unwrap();
            let (hint, rest) = match after.strip_prefix(" [").and_then(|rest| rest.split_once(']')) {
                Some((hint, rest)) => (hint, rest),
                None => ("…", after),
            };
            let asked = shown(&format!("{before}[{hint}]{rest}"));
            (
                asked,
                words(&format!("{} {beyond}", shown(&format!("{before}\u{fdd1}{rest}")).replace('\u{fdd1}', &back))),
            )
        } else {
            (shown(&face.front), words(&format!("{back} {beyond}")))
        };
        if ours != question {
            different.push(format!("{name} {key:?}: question {}", apart(&ours, &question)));
        } else if told != answer && words(&format!("{question} {told}")) != answer {
            different.push(format!("{name} {key:?}: answer {}", apart(&told, &answer)));
        }
        let tags: Vec<&str> = card["tags"].as_array().unwrap().iter().map(|tag| tag.as_str().unwrap()).collect();
        let mut ours: Vec<&str> = note.tags.iter().map(String::as_str).collect();
        ours.sort_unstable();
        assert_eq!(ours, tags, "{key:?}");
        assert_eq!(note.folder, card["deck"].as_str().unwrap(), "{key:?}");
        let suspended = reading.suspended.contains(&(key.0.clone(), u32::try_from(key.1).unwrap()));
        assert_eq!(suspended, card["suspended"].as_bool().unwrap(), "{key:?}");
    }
    assert!(faces.is_empty(), "Anki does not have {:?}", faces.keys());
    (cards.len(), different)
}

#[test]
fn packages_read_as_anki_reads_them() {
    // Where plugg means to differ: the label of a hint, readings in brackets, pictures that hide a part, and the card
    // without a deletion, which Anki shows as a complaint.
    let kinds = ["(\"custm-0001\", 0): answer", "(\"imocc-0001\", 0): missing"];
    let odd = ["(\"odd-0018\", 0): question", "(\"odd-0026\", 0): missing"];
    let cases = [
        ("kinds-v2.apkg", 28, kinds),
        ("kinds-v3.apkg", 28, kinds),
        ("kinds-v3.colpkg", 28, kinds),
        ("odd-v2.apkg", 63, odd),
        ("odd-v3.apkg", 63, odd),
    ];
    for (name, cards, expected) in cases {
        let reading = read_bytes(&fixture(name)).unwrap();
        let anki: Value = serde_json::from_slice(&fixture(&format!("{name}.json"))).unwrap();
        let (count, different) = compare(name, &reading, &anki);
        assert_eq!(count, cards, "{name}");
        assert_eq!(different.len(), expected.len(), "{different:#?}");
        for (difference, expected) in different.iter().zip(expected) {
            assert!(difference.contains(expected), "{difference}");
        }
    }
}

#[test]
#[ignore = "needs the community decks in ../shared, which are not part of the product"]
fn community_decks_read_as_anki_reads_them() {
    for (name, cards) in [("oo-design", 6), ("system-design", 42), ("system-design-exercises", 8)] {
        let folder = format!("{}/../shared/community-decks", env!("CARGO_MANIFEST_DIR"));
        let reading = read_bytes(&std::fs::read(format!("{folder}/{name}.apkg")).unwrap()).unwrap();
        let anki = std::fs::read(format!("{folder}/{name}.oracle.json")).unwrap();
        let (count, different) = compare(name, &reading, &serde_json::from_slice(&anki).unwrap());
        assert_eq!(count, cards, "{name}");
        assert!(different.is_empty(), "{different:#?}");
    }
}

#[test]
fn a_package_brings_its_deck_history_and_media() {
    for name in ["kinds-v2.apkg", "kinds-v3.apkg"] {
        let anki: Value = serde_json::from_slice(&fixture(&format!("{name}.json"))).unwrap();
        let reading = read_bytes(&fixture(name)).unwrap();
        assert_eq!((reading.deck.id.as_str(), reading.deck.title.as_str()), ("anki-devops", "DevOps"));
        // One of Anki's rows belongs to the picture that hides a part.
        assert_eq!(reading.reviews.len() as u64 + 1, anki["revlog"].as_u64().unwrap());
        assert!(reading.reviews.is_sorted_by_key(|review| review.unix_ms));
        assert!(reading.reviews.iter().all(|review| review.grade == Grade::GOOD && review.took_ms <= 3_600_000));
        let names: Vec<&str> = reading.media.iter().map(|media| media.name.as_str()).collect();
        let theirs: Vec<&str> = anki["media"].as_object().unwrap().keys().map(String::as_str).collect();
        assert_eq!(names, theirs);
        assert!(reading.media.iter().any(|media| media.content.starts_with(b"\x89PNG")));
        assert_eq!(reading.suspended, [(String::from("basic-0002"), 0)]);
        let kinds = |id: &str| -> Vec<Kind> {
            reading
                .notes
                .iter()
                .filter(|note| note.id == id)
                .flat_map(|note| &note.faces)
                .map(|face| face.kind)
                .collect()
        };
        assert_eq!(kinds("typed-0001"), [Kind::Typed]);
        assert_eq!(kinds("cloze-0001"), [Kind::Cloze; 3]);
        assert_eq!(kinds("cloze-0002"), [Kind::Basic, Kind::Cloze]);
        assert_eq!(kinds("basic-0001"), [Kind::Basic]);
        let cloze = reading.notes.iter().find(|note| note.id == "cloze-0001").unwrap();
        assert_eq!(cloze.faces[1].front, "A Deployment owns {{…}} [what?], they own Pods.");
        assert_eq!(
            (cloze.faces[1].back.as_slice(), cloze.explanation.as_str()),
            (&[String::from("ReplicaSets")][..], "extra")
        );
        let without = read("f", Cursor::new(fixture(name)), &Wishes::default()).unwrap();
        assert!(without.reviews.is_empty());
        assert_eq!(without.notes, reading.notes);
    }
}

#[test]
fn a_deck_keeps_its_id_over_its_versions() {
    let cases: [(&[&str], &str, &str, &str); 8] = [
        (&["Linux"], "anki-linux", "Linux", ""),
        (&["Linux v1.2"], "anki-linux", "Linux v1.2", "v1.2"),
        (&["Linux (V3)"], "anki-linux", "Linux (V3)", "V3"),
        (&["Java 11"], "anki-java-11", "Java 11", ""),
        (&["A::B", "A::C::D", "A::C"], "anki-a", "A", ""),
        (&["A::B::C", "A::B"], "anki-a-b", "A::B", ""),
        (&["A", "B"], "anki-collection", "Anki collection", ""),
        (&["日本語 N5"], "anki-日本語-n5", "日本語 N5", ""),
    ];
    for (names, id, title, version) in cases {
        let decks = names.iter().zip(1..).map(|(name, id)| (id, (*name).to_owned())).collect();
        let card = |deck| CardRow { note: 1, ordinal: 0, id: 1, deck, suspended: false };
        let cards: Vec<CardRow> = (1..=names.len() as i64).map(card).collect();
        let deck = identity(&decks, &cards);
        assert_eq!((deck.id.as_str(), deck.title.as_str(), deck.version.as_str()), (id, title, version));
    }
}

// ------------------------------------------------------------------------------------------------ hostile packages

fn zip(members: &[(&str, &[u8])]) -> Vec<u8> {
    use std::io::Write;
    let mut out = Vec::new();
    let mut archive = rawzip::ZipArchiveWriter::new(&mut out);
    for (name, content) in members {
        let path = rawzip::path::EntryPath::verbatim(name.as_bytes());
        let (mut entry, config) =
            archive.new_file(path).compression_method(rawzip::CompressionMethod::STORE).start().unwrap();
        let mut writer = config.wrap(&mut entry);
        writer.write_all(content).unwrap();
        let (_, descriptor) = writer.finish().unwrap();
        entry.finish(descriptor).unwrap();
    }
    archive.finish().unwrap();
    out
}

/// The collection of a fixture.
fn database(name: &str) -> Vec<u8> {
    let package = package::open(name, Cursor::new(fixture(name))).unwrap();
    std::fs::read(package.collection(name).unwrap().0.path()).unwrap()
}

fn packed(database: &[u8]) -> Vec<u8> {
    zip(&[("meta", b"\x08\x02"), ("collection.anki21", database), ("media", b"{}")])
}

/// A package whose collection was altered by SQL.
fn altered(sql: &str) -> Vec<u8> {
    let file = tempfile::NamedTempFile::new().unwrap();
    std::fs::write(file.path(), database("kinds-v2.apkg")).unwrap();
    let connection = rusqlite::Connection::open(file.path()).unwrap();
    connection.create_collation("unicase", |a: &str, b: &str| a.to_lowercase().cmp(&b.to_lowercase())).unwrap();
    connection.execute_batch(&format!("PRAGMA journal_mode = DELETE; {sql}")).unwrap();
    drop(connection);
    packed(&std::fs::read(file.path()).unwrap())
}

/// A zstd frame of a few bytes that unpacks to `blocks` times 128 KiB.
fn zstd_bomb(blocks: usize) -> Vec<u8> {
    let mut bomb = vec![0x28, 0xb5, 0x2f, 0xfd, 0x00, 0x58];
    for block in 1..=blocks {
        let header = u32::from(block == blocks) | 1 << 1 | (1 << 17) << 3;
        bomb.extend(&header.to_le_bytes()[..3]);
        bomb.push(b'x');
    }
    bomb
}

#[test]
fn hostile_archives_are_refused_in_a_sentence() {
    let whole = fixture("kinds-v3.apkg");
    let sound = database("kinds-v2.apkg");
    // The method of the collection, the second member of the central directory: 99 is encryption.
    let mut encrypted = packed(&sound);
    let at = encrypted.windows(4).enumerate().filter(|(_, w)| w == b"PK\x01\x02").nth(1).unwrap().0;
    encrypted[at + 10] = 99;
    let mut wrong_sum = packed(&sound);
    wrong_sum[sound.len() / 2] ^= 1;
    let cases: Vec<(&str, Vec<u8>, &str)> = vec![
        ("empty", Vec::new(), "not a whole zip archive"),
        ("no zip", b"hello".repeat(1000), "not a whole zip archive"),
        ("cut short", whole[..whole.len() - 40].to_vec(), "not a whole zip archive"),
        ("other zip", zip(&[("word/document.xml", b"x")]), "holds no Anki collection"),
        ("dummy alone, v3", zip(&[("meta", b"\x08\x03"), ("collection.anki2", &sound)]), "only asks to update Anki"),
        ("dummy alone, v2", zip(&[("meta", b"\x08\x02"), ("collection.anki2", &sound)]), "only asks to update Anki"),
        (
            "newer",
            zip(&[("meta", b"\x08\x09"), ("collection.anki2", &sound)]),
            "made by a newer Anki (package version 9)",
        ),
        ("no meta", zip(&[("collection.anki21b", b"x"), ("collection.anki2", &sound)]), "`meta` member is missing"),
        ("bad meta", zip(&[("meta", b"\xff"), ("collection.anki2", &sound)]), "`meta` is damaged"),
        ("twice", zip(&[("collection.anki2", &sound), ("collection.anki2", &sound)]), "holds `collection.anki2` twice"),
        ("no SQLite", packed(b"hello"), "is no SQLite database"),
        (
            "zstd bomb",
            zip(&[("meta", b"\x08\x03"), ("collection.anki21b", &zstd_bomb(40_000))]),
            "unpacks to more than a deck can be",
        ),
        ("no zstd", zip(&[("meta", b"\x08\x03"), ("collection.anki21b", &sound)]), "`collection.anki21b` is damaged"),
        ("bad sum", wrong_sum, "is damaged"),
        ("encrypted", encrypted, "is encrypted or packed in a way that Anki does not use"),
        ("bad media list", zip(&[("collection.anki2", &sound), ("media", b"[")]), "list of media is damaged"),
    ];
    for (what, bytes, message) in cases {
        let error = read_bytes(&bytes).map(|_| what).unwrap_err();
        assert!(error.to_string().contains(message), "{what}: {error}");
        assert!(error.to_string().starts_with("deck.apkg"), "{what}: {error}");
    }
}

#[test]
fn strange_members_are_never_used() {
    let sound = database("kinds-v2.apkg");
    let list = br#"{"0": "../../etc/passwd", "1": "graf.png", "2": "beep.mp3", "3": "/abs"}"#;
    let bytes = zip(&[
        ("../../evil", b"x"),
        ("/etc/passwd", b"x"),
        ("collection.media/a.png", b"x"),
        ("meta", b"\x08\x02"),
        ("collection.anki21", &sound),
        ("media", list),
        ("0", b"p"),
        ("1", b"picture"),
        ("3", b"x"),
    ]);
    let reading = read_bytes(&bytes).unwrap();
    assert_eq!(reading.media, [Media { name: String::from("graf.png"), content: b"picture".to_vec() }]);
    let problems: Vec<&str> = reading.problems.iter().map(|problem| problem.rule).collect();
    assert_eq!(problems, ["image-occlusion", "history", "member", "media"]);
}

/// A note that shows nothing and yet costs much for each of its many cards.
const BLANK_CLOZES: &str = "UPDATE notes SET flds = (WITH RECURSIVE c(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM c WHERE \
    n < 20000) SELECT group_concat('{{c' || n || '::<b></b>}}', '') || char(31) FROM c) WHERE guid = 'cloze-0001'; \
    INSERT INTO cards SELECT 1000 + n, (SELECT id FROM notes WHERE guid = 'cloze-0001'), 1, n, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, \
    0, 0, 0, '' FROM (WITH RECURSIVE c(n) AS (SELECT 3 UNION ALL SELECT n + 1 FROM c WHERE n < 19000) SELECT n FROM c);";

#[test]
fn hostile_collections_are_refused_in_a_sentence() {
    let endless = "ALTER TABLE notes RENAME TO old; CREATE VIEW notes AS WITH RECURSIVE c(x) AS (SELECT 1 UNION ALL \
                   SELECT x + 1 FROM c) SELECT x id, '' guid, 1 mid, '' tags, '' flds FROM c;";
    let cases = [
        ("CREATE VIEW x AS SELECT 1", "holds a view `x`"),
        (endless, "holds a view `notes`"),
        ("CREATE TRIGGER t AFTER INSERT ON notes BEGIN SELECT 1; END", "holds a trigger `t`"),
        ("CREATE VIRTUAL TABLE v USING fts5(a)", "holds a virtual table `v`"),
        (
            "ALTER TABLE notes ADD COLUMN g AS (hex(zeroblob(1000000000)))",
            "`notes` of its collection has computed columns",
        ),
        ("UPDATE col SET ver = 12", "has the unknown schema 12"),
        ("DROP TABLE revlog", "has no table `revlog`"),
        ("DELETE FROM cards", "it holds no cards"),
        ("DELETE FROM col", "its collection is damaged"),
        ("UPDATE col SET models = '{'", "description of its decks or note types is damaged"),
        (
            "UPDATE col SET models = replace(hex(zeroblob(100000)), '0', '[')",
            "description of its decks or note types is damaged",
        ),
        ("UPDATE col SET decks = '{\"1\": {\"name\": 5}}'", "description of its decks or note types is damaged"),
        ("UPDATE notes SET mid = 1", "none of its notes can come in; the first fault: its note type is missing"),
        (
            "UPDATE col SET decks = replace(decks, 'DevOps', replace(hex(zeroblob(501)), '00', 'x'))",
            "the name of a deck is longer than 500 bytes",
        ),
        (BLANK_CLOZES, "its cards repeat more text than those of any sound deck"),
        ("UPDATE cards SET ord = -1", "a card of it has an impossible number"),
        (
            "DROP TABLE cards; CREATE TABLE cards (id, nid, did, ord, odid, queue); INSERT INTO cards VALUES ('a', 1, 1, 0, 0, 0)",
            "a column of its collection has the wrong type",
        ),
    ];
    for (sql, message) in cases {
        let error = read_bytes(&altered(sql)).unwrap_err();
        assert!(error.to_string().contains(message), "{sql}: {error}");
    }
}

#[test]
fn damage_in_one_note_leaves_that_note_out() {
    let many = "UPDATE notes SET flds = (WITH RECURSIVE c(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM c WHERE n < 10000) \
                SELECT group_concat('{{c' || n || '::x of ten letters}}', '') || char(31) FROM c) WHERE guid = 'cloze-0001'; \
                INSERT INTO cards SELECT 1000 + n, (SELECT id FROM notes WHERE guid = 'cloze-0001'), 1, n, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, '' \
                FROM (WITH RECURSIVE c(n) AS (SELECT 3 UNION ALL SELECT n + 1 FROM c WHERE n < 400) SELECT n FROM c);";
    let cases = [
        (
            "UPDATE notes SET flds = replace(hex(zeroblob(5000000)), '0', 'x') WHERE guid = 'basic-0001'",
            "basic-0001",
            "size",
        ),
        ("UPDATE notes SET flds = CAST(x'ff1f61' AS TEXT) WHERE guid = 'basic-0001'", "basic-0001", "encoding"),
        ("UPDATE notes SET guid = '' WHERE guid = 'basic-0001'", "", "identity"),
        ("UPDATE notes SET guid = 'basic-0002' WHERE guid = 'basic-0001'", "basic-0002", "identity"),
        ("UPDATE notes SET mid = 1 WHERE guid = 'basic-0001'", "basic-0001", "note-type"),
        (
            "UPDATE cards SET ord = 9 WHERE nid = (SELECT id FROM notes WHERE guid = 'basic-0001')",
            "basic-0001",
            "template",
        ),
        ("DELETE FROM cards WHERE nid = (SELECT id FROM notes WHERE guid = 'basic-0001')", "basic-0001", "no-cards"),
        ("UPDATE notes SET flds = '&nbsp;' || char(31) WHERE guid = 'basic-0001'", "basic-0001", "empty-question"),
        ("UPDATE col SET models = replace(models, '{{Task}}', '{{Nope}}')", "custm-0001", "template"),
        (
            "UPDATE col SET models = replace(models, '{{#Deprecated}}', '<script>draw({{Task}})</script>{{#Deprecated}}'); \
             UPDATE col SET models = replace(models, '{{Task}}{{^Note}}', '{{^Note}}')",
            "custm-0001",
            "script",
        ),
        (many, "cloze-0001", "size"),
        (
            "UPDATE col SET models = replace(models, '{{Task}}', replace(hex(zeroblob(20000)), '00', '{{Task}}')); \
             UPDATE notes SET flds = replace(hex(zeroblob(1000)), '00', 'x') || char(31) WHERE guid = 'custm-0001'",
            "custm-0001",
            "size",
        ),
    ];
    for (sql, guid, rule) in cases {
        let reading = read_bytes(&altered(sql)).unwrap();
        assert!(reading.notes.len() >= 15, "{sql}");
        let found =
            reading.problems.iter().find(|problem| problem.rule == rule && problem.card.as_deref() == Some(guid));
        assert!(found.is_some(), "{sql}: {:?}", reading.problems);
    }
    // Control characters come in; the gate is at the output. NUL ends no text.
    let reading = read_bytes(&altered(
        "UPDATE notes SET flds = 'a' || char(0, 27) || '[31m&#27;' || char(31) || 'b' WHERE guid = 'basic-0001'",
    ));
    let note = reading.unwrap().notes.into_iter().find(|note| note.id == "basic-0001").unwrap();
    assert_eq!(note.faces[0].front, "a\u{fffd}\u{1b}[31m\u{1b}");
}

proptest::proptest! {
    #![proptest_config(proptest::prelude::ProptestConfig { cases: 64, failure_persistence: None, ..Default::default() })]

    #[test]
    fn any_bytes_are_refused(bytes in proptest::collection::vec(proptest::prelude::any::<u8>(), 0..2000)) {
        proptest::prop_assert!(read_bytes(&bytes).is_err());
    }

    #[test]
    fn any_damage_is_survived(spots in proptest::collection::vec((0.0f64..1.0, proptest::prelude::any::<u8>()), 1..20), archive: bool) {
        let mut bytes = if archive { fixture("kinds-v3.apkg") } else { database("kinds-v2.apkg") };
        for (at, byte) in spots {
            let at = (at * bytes.len() as f64) as usize;
            bytes[at] = byte;
        }
        let _ = read_bytes(&if archive { bytes } else { packed(&bytes) });
    }
}
