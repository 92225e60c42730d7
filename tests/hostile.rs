//! Decks that mean harm, through the command line: each is refused in a sentence or taken safely, in bounded time and
//! memory; a refusal leaves the database as it was, and nothing that is printed speaks to the terminal.
//!
//! Most are made here. The clock is read for the bound of time only.

use std::time::{Duration, Instant};

use serde_json::json;

use crate::fuzz::{Members, altered, crowdanki_deck, packed, unpacked, zip};
use crate::harness::{Desk, FIRST, dump};

/// What one deck may take in a debug build on a busy machine.
const LONGEST: Duration = Duration::from_secs(60);
/// The address space of a call, in KiB.
const ROOM: u32 = 1 << 20;

/// What is to become of a deck.
#[derive(Clone, Copy)]
enum Fate {
    /// Refused, with this part of a sentence.
    Refused(&'static str),
    /// Taken in, whole or in part.
    Taken,
}
use Fate::{Refused, Taken};

type Case = (&'static str, Vec<u8>, Fate);

/// Imports each, all under this name.
fn check(name: &str, cases: Vec<Case>) {
    let mut desk = Desk::with_cards();
    let mut before = dump(&desk.database());
    let mut wrong = Vec::new();
    for (what, bytes, fate) in cases {
        desk.write(name, bytes);
        let begun = Instant::now();
        let output = desk.confined(&["import", name], ROOM);
        let took = begun.elapsed();
        let printed = format!("{}{}", output.out, output.err);
        let spoken = |c: char| (c.is_control() && c != '\n' && c != '\t') || ('\u{202a}'..='\u{202e}').contains(&c);
        let after = dump(&desk.database());
        let as_expected = match fate {
            Refused(why) => {
                output.code == Some(1)
                    && printed.starts_with(&format!("{name}: refused; nothing was changed\n"))
                    && printed.contains(why)
                    && after == before
            }
            Taken => matches!(output.code, Some(0 | 4)),
        };
        if !as_expected || took > LONGEST || printed.contains(spoken) || printed.len() > 20_000 {
            let printed: String = printed.chars().take(400).collect();
            wrong.push(format!("{what}: {:?} after {took:?}, changed: {}: {printed:?}", output.code, after != before));
        }
        before = after;
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    assert!(desk.run(&["doctor"]).success().contains("sound"));
}

/// The first deck with another text in one place, and more at its end.
fn first(from: &str, to: &str, more: &str) -> Vec<u8> {
    assert!(FIRST.contains(from));
    (FIRST.replacen(from, to, 1) + more).into_bytes()
}

fn card(keys: &str) -> String {
    format!("\n[[card]]\nid = \"evil\"\nlevel = \"expert\"\n{keys}\n")
}

fn numbered(count: usize, line: impl Fn(usize) -> String) -> String {
    (0..count).map(line).collect()
}

#[test]
fn toml_decks() {
    let end = |more: &str| first("", "", more);
    let more = |keys: &str| end(&card(keys));
    let typed = |keys: &str| more(&format!("kind = \"typed\"\nfront = \"f\"\nback = \"b\"\n{keys}"));
    let list = |name: &str, count: usize| format!("{name} = [{}]\n", numbered(count, |n| format!("\"{name}{n}\",")));
    let (header, _) = FIRST.split_once("[[card]]").unwrap();
    let cases: Vec<Case> = vec![
        ("NUL", end("\0"), Refused("NUL")),
        ("escaped NUL", first("df -i", "\\u0000", ""), Refused("NUL")),
        ("escaped half of a pair", first("df -i", "\\ud800", ""), Refused("not valid TOML")),
        ("UTF-16", FIRST.encode_utf16().flat_map(u16::to_le_bytes).collect(), Refused("")),
        ("invalid UTF-8", [FIRST.as_bytes(), b"# \xc0\x80"].concat(), Refused("UTF-8")),
        ("byte order mark and CRLF", format!("\u{feff}{}", FIRST.replace('\n', "\r\n")).into_bytes(), Taken),
        ("lists a hundred thousand deep", end(&format!("a = {}", "[".repeat(100_000))), Refused("not valid TOML")),
        ("tables in tables", end(&format!("a = {}", "{b = ".repeat(50_000))), Refused("not valid TOML")),
        ("a dotted key", end(&format!("{}a = 1", "a.".repeat(100_000))), Refused("")),
        ("a dotted header", end(&format!("[{}a]", "a.".repeat(100_000))), Refused("")),
        ("headers, each deeper", end(&numbered(400, |n| format!("[{}a]\n", "a.".repeat(n)))), Refused("")),
        ("17 MB", end(&"#".repeat(17 << 20)), Refused("at most")),
        ("a field of 10 MB", typed(&format!("hint = \"{}\"", "x".repeat(10 << 20))), Refused("a text has at most")),
        ("three million words", end(&"a=1\n".repeat(1_000_000)), Refused("words and marks")),
        ("fifty thousand cards with one id", end(&card("kind = \"x\"").repeat(50_000)), Refused("kind")),
        (
            "faults before cards",
            end(&format!("{}{}", "=\n".repeat(200_000), "[[card]]\n".repeat(60_000))),
            Refused("not valid TOML"),
        ),
        ("unclosed headers", end(&"[[card]]]]\n".repeat(90_000)), Refused("not valid TOML")),
        ("unknown keys", more(&numbered(100_000, |n| format!("keyy{n} = 1\n"))), Refused("has no key")),
        ("unknown systems", end(&numbered(20_000, |n| card(&format!("system = \"s{n}\"")))), Refused("unknown system")),
        (
            "many right and wrong answers",
            more(&format!("kind = \"choice\"\nfront = \"f\"\n{}{}", list("back", 40_000), list("wrong", 40_000))),
            Taken,
        ),
        (
            "a pattern that grows",
            typed("compare = \"regex\"\naccept = [\"((a{500}){500}){500}\"]"),
            Refused("not a regular expression"),
        ),
        (
            "a pattern nested deep",
            typed(&format!("compare = \"regex\"\naccept = [\"{}\"]", "(".repeat(30_000))),
            Refused("not a regular expression"),
        ),
        ("a huge number", first("version = \"1.0.0\"", &format!("version = {}", "9".repeat(50)), ""), Refused("")),
        ("an infinite number", first("version = \"1.0.0\"", "version = 1e99999", ""), Refused("")),
        ("a day that is none", first("reviewed = 2026-11-24", "reviewed = 2026-99-99", ""), Refused("not valid TOML")),
        ("a path for an id", first("id = \"first\"", "id = \"../../etc/passwd\"", ""), Refused("not kebab-case")),
        ("an escape for an id", first("id = \"first\"", "id = \"\\u001b[2J\"", ""), Refused("not kebab-case")),
        ("escapes for a title", first("title = \"First\"", "title = \"\\u001b]0;x\\u0007\\u202e\\u009b\"", ""), Taken),
        ("escapes in a key", first("[deck]", "\"\\u001b[31m\\u202e\" = 1\n[deck]", ""), Refused("unknown key")),
        (
            "long names of all kinds",
            first(
                "[deck]",
                &format!("{0} = 1\n[deck]\n{0} = 2", "k".repeat(1 << 20)),
                &numbered(1000, |n| {
                    card(&format!("{} = {n}\nsystem = \"{}\"", "n".repeat(900), "s".repeat(60_000 / (n + 1))))
                }),
            ),
            Refused("unknown key"),
        ),
        (
            "a long id with many faults",
            end(&format!(
                "\n[[card]]\nid = \"{}\"\n{}",
                "i".repeat(8 << 20),
                numbered(2000, |n| format!("x{n} = 1\n"))
            )),
            Refused("has no key"),
        ),
        ("the deck twice", end(FIRST), Refused("not valid TOML")),
        ("cards that are numbers", format!("card = [1, 2, 3]\n{header}").into_bytes(), Refused("not a table")),
        ("quotes without an end", end(&"'''\n".repeat(100_001)), Refused("not valid TOML")),
        ("open lists", typed(&format!("hint = \"{}a\\n{}\"", "- ".repeat(10_000), "a\\n".repeat(10_000))), Taken),
        ("a check that would do something", typed("check = 'touch \"$HOME/owned\" /tmp/plugg-owned'"), Taken),
    ];
    check("evil.toml", cases);
    assert!(!std::path::Path::new("/tmp/plugg-owned").exists(), "a check ran");
}

#[test]
fn tables() {
    let rows = |field: &str| format!("front,back\n{field},b\n").into_bytes();
    let table = |rows: &str| format!("front,back\n{rows}").into_bytes();
    let html = |field: &str| format!("#separator:tab\n#html:true\n{field}\tb\n").into_bytes();
    let wide = "a,".repeat(1_000_000);
    let utf16: Vec<u8> = "\u{feff}front,back\n".encode_utf16().flat_map(u16::to_le_bytes).collect();
    let pictures = "<img src=../../../../etc/passwd>{{c1::a}}<img src=\"file:///etc/passwd\">[sound:/etc/passwd]";
    let cases: Vec<Case> = vec![
        ("a million columns", wide.clone().into_bytes(), Refused("columns")),
        ("a million columns in a later row", table(&format!("a,b\n{wide}\n")), Refused("columns")),
        ("a million names", format!("#separator:comma\n#columns:{wide}\na,b\n").into_bytes(), Refused("columns")),
        ("too many rows", table(&"a,\n".repeat(200_001)), Refused("rows")),
        ("faults in many rows", table(&format!("a,b\n{}", "a,\"b\" c\n".repeat(100_000))), Taken),
        ("a field of 10 MB", rows(&"x".repeat(10 << 20)), Refused("longer than")),
        ("a quote without an end", rows(&format!("\"{}", "x\n".repeat(1_000_000))), Refused("rows")),
        ("quotes without an end", table(&"\"a\n".repeat(100_000)), Refused("holds no cards")),
        ("quotes, open and closed", rows(&"\"\"".repeat(1_000_000)), Taken),
        ("NUL", rows("a\0b"), Refused("NUL")),
        ("UTF-16", utf16, Refused("UTF-16")),
        ("half a character", rows("a").into_iter().chain(*b"\xf0\x9f").collect(), Refused("UTF-8")),
        ("separators alone", ",,,,\n".repeat(1000).into_bytes(), Refused("")),
        ("carriage returns alone", b"front,back\ra,b\rc,d\r".to_vec(), Taken),
        (
            "a million tags",
            format!("#separator:tab\n#tags:{}\n{}", "t ".repeat(1_000_000), "a\tb\n".repeat(2_000)).into_bytes(),
            Taken,
        ),
        ("deletions to a hundred thousand", rows(&numbered(50_000, |n| format!("{{{{c{n}::x}}}}"))), Refused("")),
        ("deletions nested", rows(&format!("{}x{}", "{{c1::".repeat(50_000), "}}".repeat(50_000))), Taken),
        ("tags nested", html(&"<div><ul><li>".repeat(40_000)), Refused("")),
        ("bold nested", html(&format!("{}x", "<b><i><a href='https://x'>".repeat(30_000))), Taken),
        ("rules without an end", html(&format!("{{{{c1::a}}}} {}>", "<hr".repeat(100_000))), Taken),
        ("references", html(&"&NotEqualTilde;&#27;&x;".repeat(10_000)), Taken),
        ("cells", html(&format!("<table>{}", "<tr><td>a<td>b".repeat(30_000))), Taken),
        (
            "escapes in every cell",
            b"front,back,tags,deck\n\x1b[2J\xe2\x80\xae,\xc2\x9b31m,\x1b]0;x\x07,\x1b[31m\n".to_vec(),
            Taken,
        ),
        ("a formula", rows("=cmd|' /C calc'!A0"), Taken),
        ("a long id", format!("id,front,back\n{},a,b\n", "i".repeat(100_000)).into_bytes(), Refused("id is longer")),
        (
            "a deep folder",
            format!("deck,front,back\n{},a,b\n", "a::".repeat(100_000)).into_bytes(),
            Refused("longer than 500 bytes"),
        ),
        ("a level that is none", b"level,front,back\n\x1b[31m,a,b\n".to_vec(), Refused("is not a level")),
        ("paths for pictures", html(pictures), Taken),
        ("36 MB", "a,b\n".repeat(9 << 20).into_bytes(), Refused("larger than")),
    ];
    check("evil.csv", cases);
}

#[test]
fn markdown() {
    let card = |text: &str| format!("Q: {text}\nA: b\n").into_bytes();
    let prose = |text: &str| format!("# a\n{text}").into_bytes();
    let gaps = |text: &str| format!("C: {text}\n").into_bytes();
    let table = format!("\n|{}\n|{}\n{}", "a|".repeat(2000), "-|".repeat(2000), "|\n".repeat(50_000));
    let cases: Vec<Case> = vec![
        ("NUL", card("\0"), Refused("NUL")),
        ("invalid UTF-8", b"Q: \xed\xa0\x80\nA: b\n".to_vec(), Refused("UTF-8")),
        ("9 MB", card(&"x".repeat(9 << 20)), Refused("larger than")),
        ("a field of more than 1 MB", card(&"x".repeat(2 << 20)), Refused("larger than")),
        ("open lists", prose(&format!("{}a\n{}", "- ".repeat(100_000), "a\n".repeat(100_000))), Taken),
        ("open quotes", gaps(&format!("[x]\n{}a\n{}", ">".repeat(100_000), "a\n".repeat(100_000))), Taken),
        ("fences, each shorter", prose(&numbered(1400, |n| "`".repeat(1403 - n) + "\n")), Taken),
        ("gaps nested", gaps(&format!("{}x{}", "[".repeat(100_000), "]".repeat(100_000))), Taken),
        ("gaps that stay open", gaps(&format!("[a] {}", "[".repeat(100_000))), Taken),
        ("too many gaps", gaps(&"[x] ".repeat(501)), Refused("500 gaps")),
        (
            "gaps in a long text",
            gaps(&format!("{}{}", "[x] ".repeat(499), "x".repeat(800_000))),
            Refused("repeat more"),
        ),
        ("too many cards", "Q: a\nA: b\n".repeat(100_001).into_bytes(), Refused("cards")),
        ("answers alone", "A: b\n".repeat(100_000).into_bytes(), Refused("")),
        ("links to pictures", card(&"![".repeat(100_000)), Taken),
        ("definitions", card(&numbered(10_000, |n| format!("\n[a{n}]: b\n[a{n}]"))), Taken),
        ("a comment without an end", card(&"<!--\n".repeat(50_000)), Taken),
        ("emphasis", card(&"*a **b _c ".repeat(20_000)), Taken),
        ("a wide table", card(&table), Taken),
        ("front matter that is none", format!("---\n{}\n---\nQ: a\nA: b\n", "a: [".repeat(50_000)).into_bytes(), Taken),
        ("escapes", b"# \x1b]0;x\x07\xe2\x80\xae\n\n\xc2\x9b31m &#27;[2J\n".to_vec(), Taken),
        ("headings", numbered(5_000, |n| format!("{} h{n}\n\nt\n\n", "#".repeat(n % 6 + 1))).into_bytes(), Taken),
        ("paths for pictures", card("![x](../../../../etc/passwd) ![y](/etc/passwd)"), Taken),
    ];
    check("evil.md", cases);
}

#[test]
fn crowdanki() {
    let whole = include_str!("fixtures/crowdanki/kinds.json");
    let named = |name: &str| json!({"__type__": "Deck", "name": name}).to_string().into_bytes();
    let wide = |fields: usize, templates: usize, notes: usize| {
        let field = |n: usize| json!({"name": n.to_string()});
        let note = |n: usize| json!({"guid": n.to_string(), "note_model_uuid": "m", "fields": ["a"]});
        let template = json!({"qfmt": "{{nope}}", "afmt": ""});
        let model = json!({"crowdanki_uuid": "m", "flds": (0..fields).map(field).collect::<Vec<_>>(),
                           "tmpls": vec![template; templates]});
        let deck = json!({"__type__": "Deck", "name": "D", "note_models": [model],
                          "notes": (0..notes).map(note).collect::<Vec<_>>()});
        deck.to_string().into_bytes()
    };
    let replaced = |from: &str, to: &str| {
        assert!(whole.contains(from), "{from}");
        whole.replace(from, to).into_bytes()
    };
    let sections = format!("{}{{{{Front}}}}{}", "{{#Front}}".repeat(50_000), "{{/Front}}".repeat(50_000));
    let hidden = format!("{{{{c1::{}}}}}", "x".repeat(400_000));
    let cases: Vec<Case> = vec![
        ("lists a hundred thousand deep", vec![b'['; 100_000], Refused("")),
        (
            "decks a hundred thousand deep",
            "{\"__type__\": \"Deck\", \"name\": \"a\", \"children\": [".repeat(100_000).into_bytes(),
            Refused("no CrowdAnki deck"),
        ),
        (
            "five million values",
            format!("{{\"name\": \"a\", \"x\": [{}1]}}", "1,".repeat(5_000_000)).into_bytes(),
            Refused("values"),
        ),
        ("cut short", whole.as_bytes()[..whole.len() / 2].to_vec(), Refused("no CrowdAnki deck")),
        ("no name", b"{\"__type__\": \"Deck\", \"note_models\": []}".to_vec(), Refused("no CrowdAnki deck")),
        ("a number for a name", b"{\"__type__\": \"Deck\", \"name\": 1e999}".to_vec(), Refused("no CrowdAnki deck")),
        ("nothing in it", named("a"), Refused("holds no cards")),
        ("a name of 1 MB", named(&"n".repeat(1 << 20)), Refused("longer than 500 bytes")),
        (
            "a text for a list",
            replaced("\"children\": []", &format!("\"children\": \"{}\"", "x".repeat(1 << 20))),
            Refused("no CrowdAnki deck"),
        ),
        (
            "a tag of 1 MB",
            crowdanki_deck("a", &format!("{{{{/{}}}}}", "x".repeat(1 << 20))),
            Refused("closes a section"),
        ),
        ("half of a pair", replaced("DevOps", "\\ud800"), Refused("no CrowdAnki deck")),
        ("escapes", replaced("DevOps", "\\u001b[2J\\u202e"), Taken),
        ("one guid for two", replaced("basic-0002", "basic-0001"), Taken),
        ("a long guid", replaced("basic-0001", &"g".repeat(100_000)), Taken),
        ("no note types", replaced("\"note_models\"", "\"note_models_x\""), Refused("note type is missing")),
        ("paths for pictures", crowdanki_deck("a {{c1::b}} <img src=../../etc/passwd> [sound:../x.mp3]", ""), Taken),
        (
            "a template that shows a field again and again",
            crowdanki_deck(&"x".repeat(500_000), &"{{Front}}".repeat(100_000)),
            Refused("hold more than"),
        ),
        (
            "a template that hides a field again and again",
            crowdanki_deck(&hidden, &"{{cloze:Front}}".repeat(50_000)),
            Refused(""),
        ),
        (
            "a template that asks for a blank field",
            crowdanki_deck(&"<br>".repeat(200_000), &"{{#Front}}{{/Front}}".repeat(100_000)),
            Refused(""),
        ),
        (
            "a template that strips a field",
            crowdanki_deck(&"<b>".repeat(300_000), &"{{text:text:text:text:Front}}".repeat(50_000)),
            Refused(""),
        ),
        ("sections nested", crowdanki_deck("a", &sections), Taken),
        ("sections that stay open", crowdanki_deck("a", &"{{#Front}}".repeat(100_000)), Refused("is not closed")),
        ("a template of scripts", crowdanki_deck("a", &"<script>".repeat(100_000)), Refused("")),
        ("comments", crowdanki_deck("a", &format!("{{{{Front}}}}{}", "<!-- --><!--".repeat(50_000))), Taken),
        ("many fields", wide(200_000, 1, 2_000), Refused("repeat more text")),
        ("many faulty templates", wide(1, 50_000, 20_000), Refused("repeat more text")),
        (
            "deletions to a hundred thousand",
            crowdanki_deck(&numbered(100_000, |n| format!("{{{{c{n}::x}}}}")), ""),
            Refused(""),
        ),
        (
            "deletions nested",
            crowdanki_deck(&format!("{}x{}", "{{c1::".repeat(100_000), "}}".repeat(100_000)), ""),
            Taken,
        ),
        ("rules without an end", crowdanki_deck(&format!("{{{{c1::a}}}}{}>", "<hr".repeat(200_000)), ""), Taken),
        ("open lists", crowdanki_deck(&"<ul><li>x".repeat(50_000), ""), Taken),
    ];
    check("deck.json", cases);
}

/// All entries of the central directory name the first member's content.
fn overlapping(mut archive: Vec<u8>) -> Vec<u8> {
    let places: Vec<usize> =
        archive.windows(4).enumerate().filter(|(_, bytes)| bytes == b"PK\x01\x02").map(|(at, _)| at).collect();
    for at in places {
        archive[at + 42..at + 46].fill(0);
    }
    archive
}

/// An archive with a member of zeros.
fn bomb(name: &str, mebibytes: usize, others: &[(&str, &[u8])]) -> Vec<u8> {
    use std::io::Write as _;
    let mut out = Vec::new();
    let mut archive = rawzip::ZipArchiveWriter::new(&mut out);
    let deflate = rawzip::CompressionMethod::DEFLATE;
    let (mut entry, config) = archive.new_file(name).compression_method(deflate).start().unwrap();
    let mut writer = config.wrap(flate2::write::DeflateEncoder::new(&mut entry, flate2::Compression::fast()));
    (0..mebibytes).for_each(|_| writer.write_all(&vec![0; 1 << 20]).unwrap());
    let (encoder, descriptor) = writer.finish().unwrap();
    encoder.finish().unwrap();
    entry.finish(descriptor).unwrap();
    for (name, content) in others {
        let (mut entry, config) = archive.new_file(*name).start().unwrap();
        let mut writer = config.wrap(&mut entry);
        writer.write_all(content).unwrap();
        let (_, descriptor) = writer.finish().unwrap();
        entry.finish(descriptor).unwrap();
    }
    archive.finish().unwrap();
    out
}

#[test]
fn archives() {
    let package = include_bytes!("fixtures/anki/kinds-v3.apkg");
    let old = unpacked(include_bytes!("fixtures/anki/kinds-v2.apkg"));
    let sound = old.iter().max_by_key(|(_, content)| content.len()).unwrap().1.as_slice();
    let with = |more: &[(&str, &[u8])]| {
        let mut members: Vec<(&str, &[u8])> = vec![("meta", b"\x08\x02"), ("collection.anki21", sound)];
        members.extend(more);
        zip(&members)
    };
    let names = numbered(1000, |n| format!("{}\"0\": \"{n}.png\"", if n > 0 { "," } else { "" }));
    let many = altered(sound, |connection| {
        let pictures = numbered(1000, |n| format!("<img src={n}.png>"));
        connection.execute("UPDATE notes SET flds = ?1 || flds WHERE guid = 'basic-0001'", [pictures]).map(drop)
    });
    let flipped = |at: usize| {
        let mut bytes = package.to_vec();
        bytes[at] ^= 0x55;
        bytes
    };
    let cut = |length: usize| package[..length].to_vec();
    let list = br#"{"0": "../../x", "1": "/etc/passwd", "2": "graf.png"}"#;
    let paths = ["../../../tmp/plugg-owned", "/tmp/plugg-owned", "..\\owned"].map(|path| (path, b"x".as_slice()));
    let huge = b"\x08\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01";
    let collection = [("collection.anki2", sound)];
    let cases: Vec<Case> = vec![
        ("empty", Vec::new(), Refused("")),
        ("a beginning alone", b"PK\x03\x04".to_vec(), Refused("not a whole zip archive")),
        ("an end alone", [b"PK\x05\x06".as_slice(), &[0; 18]].concat(), Refused("holds no Anki collection")),
        ("cut after the first member", cut(200), Refused("not a whole zip archive")),
        ("cut in the middle", cut(package.len() / 2), Refused("not a whole zip archive")),
        ("cut in the directory", cut(package.len() - 100), Refused("not a whole zip archive")),
        ("cut at the end", cut(package.len() - 1), Refused("")),
        ("a flipped byte in the middle", flipped(package.len() / 2), Refused("")),
        ("overlapping members", overlapping(package.to_vec()), Refused("")),
        ("paths", with(&paths), Taken),
        ("names with escapes", with(&[("\x1b[2J", b"x"), ("\u{202e}", b"x"), ("media", b"{}")]), Taken),
        (
            "paths in the list of media",
            with(&[("media", list), ("0", b"x"), ("1", b"x"), ("2", b"/etc/passwd")]),
            Taken,
        ),
        ("a number that is a path", with(&[("media", br#"{"../../etc/passwd": "graf.png"}"#)]), Taken),
        ("two collections", with(&[("collection.anki21", sound)]), Refused("twice")),
        ("two lists of media", with(&[("media", b"{}"), ("media", b"{}")]), Refused("twice")),
        ("a list of media nested deep", with(&[("media", &[b'['; 100_000])]), Refused("list of media is damaged")),
        ("a version that is none", zip(&[("meta", huge), ("collection.anki2", sound)]), Refused("newer Anki")),
        ("a collection of zeros", bomb("collection.anki2", 300, &[]), Refused("")),
        ("a `meta` of zeros", bomb("meta", 100, &collection), Refused("unpacks to more")),
        ("a list of media of zeros", bomb("media", 100, &collection), Refused("unpacks to more")),
        (
            "one picture of zeros, a thousand times",
            bomb("0", 65, &[("collection.anki2", &many), ("media", format!("{{{names}}}").as_bytes())]),
            Taken,
        ),
        ("many members", zip(&vec![("x", b"".as_slice()); 100_000]), Refused("holds no Anki collection")),
    ];
    check("evil.apkg", cases);
    assert!(!std::path::Path::new("/tmp/plugg-owned").exists(), "something was unpacked");
}

#[test]
fn collections() {
    let members: Members = unpacked(include_bytes!("fixtures/anki/kinds-v2.apkg"));
    let modern: Members = unpacked(include_bytes!("fixtures/anki/kinds-v3.apkg"));
    let with = |members: &Members, change: &dyn Fn(&[u8]) -> Vec<u8>| {
        let mut members = members.clone();
        let collection = members.iter_mut().max_by_key(|(_, content)| content.len()).unwrap();
        collection.1 = change(&collection.1);
        packed(&members)
    };
    let run = |members: &Members, sql: &str| {
        with(members, &|bytes| altered(bytes, |connection| connection.execute_batch(sql)))
    };
    let sql = |statements: &str| run(&members, statements);
    let new = |statements: &str| run(&modern, statements);
    let schema =
        |set: &str| sql(&format!("PRAGMA writable_schema = ON; UPDATE sqlite_schema SET {set} WHERE name = 'notes'"));
    let bytes = |change: &dyn Fn(&mut Vec<u8>)| {
        with(&members, &|collection| {
            let mut collection = collection.to_vec();
            change(&mut collection);
            collection
        })
    };
    let endless = "AS WITH RECURSIVE c(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM c) SELECT x";
    let utf16 = "PRAGMA encoding = 'UTF-16le'; CREATE TABLE col (ver); INSERT INTO col VALUES (11)";
    let templates =
        "UPDATE col SET models = replace(models, '{{Task}}', replace(hex(zeroblob(1000000)), '00', '{{Task}}'))";
    let escapes = "UPDATE notes SET flds = char(27) || '[2J' || char(8238) || flds, tags = char(27) || '[31m'; \
                   UPDATE col SET decks = replace(decks, 'DevOps', '\\u001b[2J')";
    let deletions = "UPDATE notes SET flds = replace(hex(zeroblob(50000)), '00', '{{c1::{{c2::') || char(31) \
                     WHERE guid = 'cloze-0001'";
    let cycle = |file: &mut Vec<u8>| {
        let copy = file[4096..8192].to_vec();
        file.chunks_mut(4096).skip(2).for_each(|page| page.copy_from_slice(&copy[..page.len()]));
    };
    let cases: Vec<Case> = vec![
        (
            "a view for a table",
            sql(&format!(
                "DROP TABLE cards; CREATE VIEW cards {endless} nid, 0 ord, x id, 1 did, 0 odid, 0 queue FROM c"
            )),
            Refused("holds a view"),
        ),
        (
            "a view for a table, newer",
            new(&format!("DROP TABLE notes; CREATE VIEW notes {endless} id, '' guid, 1 mid, '' tags, '' flds FROM c")),
            Refused("holds a view"),
        ),
        (
            "a trigger",
            new("CREATE TRIGGER t BEFORE UPDATE ON col BEGIN DELETE FROM notes; END"),
            Refused("holds a trigger"),
        ),
        ("a virtual table", new("CREATE VIRTUAL TABLE v USING fts5(a)"), Refused("holds a virtual table")),
        (
            "a virtual table for a table",
            sql("DROP TABLE notes; CREATE VIRTUAL TABLE notes USING rtree(id, a, b)"),
            Refused("holds a virtual table"),
        ),
        ("a virtual table, hidden", schema("sql = 'CREATE/**/VIRTUAL TABLE notes USING fts5(a)'"), Refused("")),
        (
            "computed columns",
            new("ALTER TABLE cards ADD COLUMN x AS (hex(zeroblob(1000000000)))"),
            Refused("computed columns"),
        ),
        ("an index over an expression", sql("CREATE INDEX x ON notes (length(flds || hex(zeroblob(10))))"), Taken),
        ("a schema that is no SQL", schema("sql = 'CREATE TABLE notes ((('"), Refused("")),
        ("a schema of 2 MB", schema("sql = sql || hex(zeroblob(1000000))"), Refused("")),
        (
            "two tables on one page",
            schema("rootpage = (SELECT rootpage FROM sqlite_schema WHERE name = 'cards')"),
            Refused(""),
        ),
        ("a table on page 1", schema("rootpage = 1"), Refused("")),
        ("a table beyond the file", schema("rootpage = 999999"), Refused("")),
        ("many tables", sql(&numbered(1001, |n| format!("CREATE TABLE t{n} (a);"))), Refused("a thousand tables")),
        (
            "many columns",
            sql(&format!(
                "DROP TABLE revlog; CREATE TABLE revlog (id, cid, ease, time, type{})",
                numbered(1500, |n| format!(", x{n}"))
            )),
            Refused(""),
        ),
        (
            "UTF-16",
            with(&members, &|_| altered(b"", |connection| connection.execute_batch(utf16))),
            Refused("has no table"),
        ),
        ("no rows", sql("DELETE FROM notes"), Refused("none of its notes can come in")),
        ("no types", sql("UPDATE col SET models = '{}'"), Refused("none of its notes can come in")),
        ("blobs for texts", sql("UPDATE notes SET guid = CAST(guid AS BLOB)"), Refused("wrong type")),
        ("texts for blobs", new("UPDATE templates SET config = 'x'"), Refused("damaged")),
        (
            "a message without an end",
            new("UPDATE templates SET config = x'0affffffffffffffffff01'"),
            Refused("damaged"),
        ),
        (
            "a field of 10 MB",
            sql("UPDATE notes SET flds = replace(hex(zeroblob(5000000)), '0', 'x')"),
            Refused("larger than 1 MiB"),
        ),
        ("a value of 40 MB", sql("UPDATE notes SET flds = zeroblob(40000000) WHERE guid = 'basic-0001'"), Refused("")),
        ("types of 8 MB", sql(templates), Taken),
        ("a name of 1 MB", new("UPDATE decks SET name = hex(zeroblob(5000)) || id"), Refused("longer than 500 bytes")),
        ("impossible cards", sql("UPDATE cards SET ord = 4294967296 + id"), Refused("impossible number")),
        (
            "cards of the last numbers",
            sql("UPDATE cards SET ord = 4294967295 - rowid % 100"),
            Refused("none of its notes can come in"),
        ),
        ("impossible reviews", sql("UPDATE revlog SET id = -9223372036854775807 + rowid, ease = 99, time = -1"), Taken),
        ("escapes everywhere", sql(escapes), Taken),
        ("deletions that stay open", sql(deletions), Taken),
        (
            "JSON nested deep",
            sql("UPDATE col SET decks = replace(hex(zeroblob(100000)), '00', '{\"1\":')"),
            Refused("description of its decks"),
        ),
        ("write-ahead mode", bytes(&|file| file[18..20].fill(2)), Taken),
        ("pages of no size", bytes(&|file| file[16..18].fill(0)), Refused("")),
        ("more pages than there are", bytes(&|file| file[28..32].fill(0xff)), Refused("")),
        ("half a page", bytes(&|file| file.truncate(5000)), Refused("")),
        ("the first page alone", bytes(&|file| file.truncate(4096)), Refused("")),
        ("no first page", bytes(&|file| file[100..4096].fill(0)), Refused("")),
        ("a page of noise", bytes(&|file| file[8192..12288].fill(0xa5)), Refused("damaged")),
        ("pages that are their own children", bytes(&cycle), Refused("")),
        ("no magic", bytes(&|file| file[0] = b'X'), Refused("no SQLite database")),
    ];
    check("evil.apkg", cases);
}

#[cfg(unix)]
#[test]
fn links_and_pipes_beside_a_deck() {
    let mut desk = Desk::new();
    desk.write("secret", "the key");
    let evil = desk.path("evil");
    std::fs::create_dir_all(evil.join("media")).unwrap();
    for (link, target) in
        [("media/a.png", desk.path("secret")), ("b.png", desk.path("secret")), ("again", evil.clone())]
    {
        std::os::unix::fs::symlink(target, evil.join(link)).unwrap();
    }
    let deck = crowdanki_deck("{{c1::a}} <img src=a.png> <img src=b.png> <img src=c.png>", "");
    let mut deck: serde_json::Value = serde_json::from_slice(&deck).unwrap();
    deck["media_files"] = json!(["a.png", "b.png", "c.png", "../secret"]);
    std::fs::write(evil.join("deck.json"), deck.to_string()).unwrap();
    std::fs::write(evil.join("c.png"), "a picture").unwrap();
    assert!(std::process::Command::new("mkfifo").arg(evil.join("pipe.csv")).status().unwrap().success());
    let output = desk.run(&["import", "evil"]);
    assert!(output.out.contains("1 media"), "{}", output.out);
    let kept: Vec<Vec<u8>> = std::fs::read_dir(desk.path("media"))
        .unwrap()
        .map(|entry| std::fs::read(entry.unwrap().path()).unwrap())
        .collect();
    assert_eq!(kept, [b"a picture"], "what a link leads to is nobody's picture");
}
