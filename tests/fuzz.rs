//! Mutated decks and cards from a fixed seed: whatever comes in is read or refused in a sentence, in bounded time,
//! shows nothing that speaks to a terminal, and leaves a sound database.
//!
//! An ordinary run makes a small fixed number of inputs. `PLUGG_FUZZ_SECONDS=N` makes each target run that long (best
//! with `cargo test --release --test plugg fuzz -- --nocapture --test-threads 1`), `PLUGG_FUZZ_SEED` gives another
//! seed. An input that fails, or takes longer than a second, is kept in the target folder's `tmp`; `PLUGG_FUZZ_INPUT`
//! names one to be run alone. The clock is read here for the bounds of time only.

#![expect(clippy::print_stdout, reason = "a long run says what it did")]

use std::cell::RefCell;
use std::collections::BTreeSet;
use std::io::{Cursor, Read as _, Write as _};
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::time::{Duration, Instant};

use plugg::card::{Deck, Note};
use plugg::day::{Day, Moment};
use plugg::deck::{self, Reading};
use plugg::error::{Error, Kind, Result};
use plugg::skill::SkillMap;
use plugg::store::{Merge, Origin, Stamp, Store};
use plugg::terminal::markdown::{Look, render};
use plugg::terminal::paint::Paint;
use plugg::text::visible;
use rand::{Rng as _, RngExt as _, SeedableRng as _};
use rand_chacha::ChaCha8Rng;
use serde_json::{Value, json};

use crate::harness::{FIRST, dump};

/// What one input may take, in a debug build on a busy machine.
const LONGEST: Duration = Duration::from_secs(5);
/// What is worth a look, though no failure.
const SLOW: Duration = Duration::from_secs(1);
/// Inputs of an ordinary run.
const ORDINARY: u64 = 120;
/// The length of most inputs at most, in bytes; one in a hundred of a long run is up to [`LARGE`].
const SMALL: usize = 24 << 10;
const LARGE: usize = 1 << 20;

/// Bytes and words that have made readers stumble.
#[rustfmt::skip]
const INTERESTING: [&[u8]; 34] = [
    b"\0", b"\x1b[2J", b"\x1b]0;x\x07", b"\x7f", b"\xc2\x9b31m", b"\xff", b"\xc0\x80", b"\xed\xa0\x80",
    b"\xf4\x90\x80\x80", b"\xe2\x80\xae", b"\xe2\x80\x8b", b"\xef\xbb\xbf", b"\xf3\xa0\x81\x81", b"\xef\xb7\x90",
    b"\xcc\x81", b"\r", b"\r\n", b"\n\n", b"\t", b"    ", b"9223372036854775807", b"-9223372036854775808",
    b"18446744073709551616", b"4294967296", b"1e999", b"\"", b"'", b"\\", b"[[[[[[[[", b"{{{{", b"}}", b"&#27;",
    b"&#x10ffff;", b"\x1f",
];
/// Words of HTML and of Anki's templates.
#[rustfmt::skip]
const MARKUP: [&str; 42] = [
    "{{c1::a}}", "{{c2::b::hint}}", "{{c1::", "{{c99999999999::x}}", "{{c1,2::x}}", "{{Front}}", "{{#Front}}",
    "{{/Front}}", "{{^Back}}", "{{type:Back}}", "{{hint:Back}}", "{{cloze:Text}}", "{{FrontSide}}",
    "{{text:furigana:Front}}", "<hr id=answer>", "<hr", "<ul><li>", "<ol>", "</ul>", "<table><tr><td>", "</table>",
    "<pre><code class=\"language-sh\">", "</pre>", "<b>", "<i>", "</b>", "<a href=\"https://x\">",
    "<img src=\"a.png\" alt='", "<br>", "<div>", "</div>", "<!--", "-->", "<script>", "</script>", "<style>",
    "[sound:x.mp3]", "[latex]", "\\(x\\)", "&nbsp;", "&amp;lt;", "<blockquote>",
];
/// Words of Markdown.
#[rustfmt::skip]
const MARKDOWN: [&str; 36] = [
    "Q: ", "A: ", "C: ", "# ", "## ", "---\n", "- ", "* ", "1. ", "> ", "    ", "```sh\n", "```\n", "~~~\n", "`",
    "``", "**", "*", "_", "[", "](x)", "![", "](a.png)", "[a]: b\n", "[a]", "<b>", "| a | b |\n|---|---|\n", "|",
    "{{…}}", "\\", "<!--", "https://x.y/", "&lt;", "- [x] ", "===\n", "  \n",
];
/// Words of the other formats.
#[rustfmt::skip]
const WORDS: [&str; 44] = [
    "[deck]\n", "[[card]]\n", "id = \"x\"\n", "front = '''", "back = [", "wrong = [\"a\", \"b\"]\n",
    "kind = \"cloze\"\n", "kind = \"order\"\n", "steps = [\"a\", \"b\", \"c\"]\n", "compare = \"regex\"\n",
    "accept = [\"(\"]\n", "reviewed = 2026-11-24\n", "\\u001b", "\\u202e", "\\ud800", "true", "null", "{}", "[]",
    ",", ";", "\t", "\"\"", "front,back\n", "#separator:tab\n", "#html:true\n", "#columns:Front\tBack\tTags\n",
    "#tags column:3\n", "#guid column:1\n", "#notetype:Cloze\n", "#deck:a::b\n", "\"guid\": \"g\",",
    "\"fields\": [\"a\", \"b\"],", "\"children\": [", "\"note_models\": [", "\"ord\": -1,", "\"type\": 1,", "\":",
    "0", "-1", "{\"", "\"},", "[a.b.c]\n", "a = {b = {c = ",
];

// ------------------------------------------------------------------------------------------------------- mutation

/// Makes a new input of known ones.
fn mutate(random: &mut ChaCha8Rng, corpus: &[Vec<u8>], words: &[&str], largest: usize) -> Vec<u8> {
    let mut bytes = pick(random, corpus).clone();
    for _ in 0..random.random_range(1..6) {
        change(random, &mut bytes, corpus, words, largest);
    }
    bytes.truncate(largest);
    bytes
}

fn pick<'a, T>(random: &mut ChaCha8Rng, of: &'a [T]) -> &'a T {
    &of[random.random_range(0..of.len())]
}

/// A stretch of so many bytes, most often a short one.
fn stretch(random: &mut ChaCha8Rng, length: usize) -> std::ops::Range<usize> {
    let from = random.random_range(0..=length);
    let most = if random.random_bool(0.8) { 40 } else { length };
    from..(from + random.random_range(0..=most)).min(length)
}

fn change(random: &mut ChaCha8Rng, bytes: &mut Vec<u8>, corpus: &[Vec<u8>], words: &[&str], largest: usize) {
    let range = stretch(random, bytes.len());
    match random.random_range(0..12) {
        0 if !bytes.is_empty() => {
            for _ in 0..random.random_range(1..8) {
                let at = random.random_range(0..bytes.len());
                bytes[at] ^= 1 << random.random_range(0..8);
            }
        }
        1 => drop(bytes.splice(range, pick(random, &INTERESTING).iter().copied())),
        2 | 3 => drop(bytes.splice(range.start..range.start, pick(random, words).bytes())),
        4 => drop(bytes.drain(range)),
        5 => bytes.truncate(range.start),
        6 => {
            // The beginning of one, the end of another.
            let other = pick(random, corpus);
            let from = random.random_range(0..=other.len());
            bytes.truncate(range.start);
            bytes.extend(&other[from..]);
        }
        7 => {
            let other = pick(random, corpus);
            let part = other[stretch(random, other.len())].to_vec();
            drop(bytes.splice(range.start..range.start, part));
        }
        8 | 9 => {
            // A piece or a word again and again: what is cheap once may not be.
            let piece = if random.random_bool(0.5) {
                bytes[range.clone()].to_vec()
            } else {
                pick(random, words).as_bytes().to_vec()
            };
            let times = match random.random_range(0..3) {
                0 => random.random_range(2..10),
                1 => random.random_range(10..1000),
                _ => largest,
            };
            let room = largest.saturating_sub(bytes.len()) / piece.len().max(1);
            drop(bytes.splice(range.start..range.start, piece.repeat(times.min(room))));
        }
        10 => {
            let part = bytes[range.clone()].to_vec();
            drop(bytes.drain(range));
            let to = random.random_range(0..=bytes.len());
            drop(bytes.splice(to..to, part));
        }
        _ => {
            if let Some(at) = bytes.iter().skip(range.start).position(u8::is_ascii_digit) {
                let at = range.start + at;
                drop(bytes.splice(at..=at, pick(random, &INTERESTING[20..25]).iter().copied()));
            }
        }
    }
}

/// Changes one value of a tree, so that its form stays whole.
fn change_value(random: &mut ChaCha8Rng, value: &mut Value, words: &[&str], largest: usize) {
    let deeper = random.random_bool(0.9);
    match value {
        Value::Array(items) if !items.is_empty() => {
            let at = random.random_range(0..items.len());
            match random.random_range(0..3) {
                _ if deeper => change_value(random, &mut items[at], words, largest),
                0 => drop(items.remove(at)),
                1 => items.push(items[at].clone()),
                _ => *value = Value::Array(vec![value.take()]),
            }
        }
        Value::Object(object) if !object.is_empty() => {
            let name = object.keys().nth(random.random_range(0..object.len())).unwrap().clone();
            match object.get_mut(&name) {
                Some(inner) if deeper => change_value(random, inner, words, largest),
                _ => drop(object.remove(&name)),
            }
        }
        Value::String(text) if deeper => {
            let bytes = mutate(random, &[text.clone().into_bytes()], words, largest);
            *text = String::from_utf8_lossy(&bytes).replace('\0', "");
        }
        Value::Number(_) if deeper => *value = Value::from(*pick(random, &[-1, 0, 1, 500, i64::MIN, i64::MAX])),
        other => {
            *other =
                pick(random, &[Value::Bool(true), Value::from(1), Value::from("x"), Value::Array(Vec::new())]).clone()
        }
    }
}

// -------------------------------------------------------------------------------------------------------- the laws

/// Holds that a text shows nothing that speaks to a terminal.
#[track_caller]
fn silent(text: &str) {
    let spoken = |c: char| {
        (c.is_control() && c != '\n' && c != '\t')
            || matches!(c, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{200b}' | '\u{feff}' | '\u{e0000}'..='\u{e007f}')
    };
    let shown = visible(text);
    assert!(!shown.contains(spoken), "{shown:?} speaks");
}

/// Every text of a note.
fn texts(note: &Note) -> impl Iterator<Item = &str> {
    let own = [&note.id, &note.folder, &note.explanation, &note.source, &note.since];
    let faces = note.faces.iter().flat_map(|face| {
        let lists = [&face.back, &face.wrong, &face.accept].into_iter().flatten();
        [&face.front, &face.hint].into_iter().chain(lists)
    });
    own.into_iter().chain(&note.tags).chain(faces).map(String::as_str)
}

/// Shows a text as a quiz would.
fn show(markdown: &str, width: usize, plain: bool) {
    let lines = render(markdown, &Look { width, ascii: plain, plain });
    let printed = Paint { colours: false, ascii: plain }.lines(&lines);
    assert!(!printed.contains(|c: char| c.is_control() && c != '\n'), "{printed:?} speaks");
    assert!(!plain || printed.is_ascii());
}

fn check_reading(reading: &Reading) {
    assert!(!reading.notes.is_empty(), "a reading without notes is a refusal");
    let mut ids = BTreeSet::new();
    silent(&reading.deck.title);
    for note in &reading.notes {
        assert!(!note.id.is_empty() && ids.insert(&note.id), "the id {:?} is empty or stands twice", note.id);
        assert!(!note.faces.is_empty(), "the note {:?} asks nothing", note.id);
        let ordinals: BTreeSet<u32> = note.faces.iter().map(|face| face.ordinal).collect();
        assert_eq!(ordinals.len(), note.faces.len(), "two faces of {:?} are one card", note.id);
        texts(note).for_each(silent);
    }
    reading.problems.iter().take(100).for_each(|problem| silent(&problem.to_string()));
    for note in reading.notes.iter().take(3) {
        note.faces.iter().take(3).for_each(|face| show(&face.front, 60, false));
    }
    for media in &reading.media {
        assert_eq!(deck::html::media_name(&media.name).as_ref(), Some(&media.name));
    }
}

fn check_refusal(error: &Error) {
    assert!(error.kind != Kind::Internal, "no fault of the deck: {error}");
    assert!(!error.message.is_empty());
    silent(&error.to_string());
}

/// A database that decks are taken into, one after the other.
struct Desk {
    folder: tempfile::TempDir,
    store: Store,
    merges: u32,
}

impl Desk {
    fn new() -> Desk {
        let folder = tempfile::tempdir().unwrap();
        let mut store = Store::open(&folder.path().join("plugg.db")).unwrap();
        // Something that a refusal has to leave alone.
        let read = deck::toml::read("first.toml", FIRST.as_bytes(), &map()).unwrap().reading;
        store.merge(&merge(), &read.deck, &read.notes, &mut ChaCha8Rng::seed_from_u64(0)).unwrap();
        Desk { folder, store, merges: 0 }
    }

    fn dump(&self) -> String {
        dump(&rusqlite::Connection::open(self.folder.path().join("plugg.db")).unwrap())
    }

    fn take(&mut self, reading: &Reading, random: &mut ChaCha8Rng) -> Result<bool> {
        let mut notes = reading.notes.clone();
        if reading.derived_ids {
            self.store.recognise(&reading.deck.id, &mut notes)?;
        }
        let (merged, ()) = self.store.take_in(&merge(), random, |taking| {
            taking.deck(&reading.deck)?;
            notes.iter().try_for_each(|note| taking.note(note))?;
            for review in &reading.reviews {
                let at = Moment { unix_ms: review.unix_ms, offset_minutes: 0 };
                let stamp = Stamp { at, day: at.study_day(4) };
                taking.review(&review.note, review.ordinal, stamp, review.grade, review.took_ms)?;
            }
            reading.suspended.iter().try_for_each(|(note, ordinal)| taking.suspend(note, *ordinal))
        })?;
        Ok(merged.changes.is_empty() && merged.reviews == 0 && merged.suspended == 0)
    }

    /// Takes a reading in, twice.
    fn check(&mut self, reading: &Reading, random: &mut ChaCha8Rng) {
        let before = self.dump();
        self.merges += 1;
        match self.take(reading, random) {
            Err(error) => {
                check_refusal(&error);
                assert_eq!(self.dump(), before, "a refusal changed something: {error}");
            }
            Ok(_) => {
                let once = self.dump();
                assert!(self.take(reading, random).unwrap(), "the second time changed something");
                assert_eq!(self.dump(), once, "the second time changed something");
            }
        }
        let faults = self.store.examine().unwrap().faults;
        assert!(faults.is_empty(), "{faults:?}");
    }
}

fn merge() -> Merge {
    let at = Moment { unix_ms: 1_795_500_000_000, offset_minutes: 60 };
    Merge { origin: Origin::Path("x".into()), stamp: Stamp { at, day: Day(20_781) }, theirs: false, dry_run: false }
}

fn map() -> SkillMap {
    SkillMap::parse(include_str!("../decks/areas.toml")).unwrap()
}

// ------------------------------------------------------------------------------------------------------- the loop

/// What became of an input.
enum Outcome {
    Read(Box<Reading>),
    Refused(Error),
    /// A text that was shown.
    Shown,
}

impl From<Result<Reading>> for Outcome {
    fn from(read: Result<Reading>) -> Outcome {
        read.map_or_else(Outcome::Refused, |reading| Outcome::Read(Box::new(reading)))
    }
}

/// Runs a target: `make` makes an input, `read` reads it.
fn fuzz(
    target: &str,
    make: impl Fn(&mut ChaCha8Rng, usize) -> Vec<u8>,
    read: impl Fn(&[u8], &mut ChaCha8Rng) -> Outcome,
) {
    let number = |name: &str| std::env::var(name).ok().map(|value| value.parse::<u64>().unwrap());
    let (seconds, seed) = (number("PLUGG_FUZZ_SECONDS"), number("PLUGG_FUZZ_SEED").unwrap_or(1));
    let given = std::env::var("PLUGG_FUZZ_INPUT").ok().map(|path| std::fs::read(path).unwrap());
    let start = Instant::now();
    let (mut executions, mut accepted, mut refused, mut merges) = (0u64, 0u64, 0u64, 0u64);
    let mut slowest = (Duration::ZERO, 0);
    let mut desk = Desk::new();
    loop {
        let done = match seconds {
            _ if given.is_some() => executions == 1,
            Some(seconds) => start.elapsed() >= Duration::from_secs(seconds),
            None => executions == ORDINARY,
        };
        if done {
            break;
        }
        // Each input has a seed of its own, so that it can be made again without those before it.
        let mut random = ChaCha8Rng::seed_from_u64(seed.wrapping_mul(1 << 32).wrapping_add(executions));
        let large = seconds.is_some() && random.random_bool(0.01);
        let input = given.clone().unwrap_or_else(|| make(&mut random, if large { LARGE } else { SMALL }));
        let number = executions;
        let keep = |why: &str| {
            let place = std::path::Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("{target}-{seed}-{number}"));
            std::fs::write(&place, &input).unwrap();
            println!("{target}: input {number} of the seed {seed} {why}; it is kept in {}", place.display());
        };
        let begun = Instant::now();
        let result = catch_unwind(AssertUnwindSafe(|| {
            let outcome = read(&input, &mut random);
            let took = begun.elapsed();
            match &outcome {
                Outcome::Read(reading) => check_reading(reading),
                Outcome::Refused(error) => check_refusal(error),
                Outcome::Shown => {}
            }
            (outcome, took)
        }));
        let (outcome, took) = result.unwrap_or_else(|panic| {
            keep("fails");
            resume_unwind(panic)
        });
        if took >= SLOW {
            keep(&format!("({} bytes) took {took:?}", input.len()));
        }
        assert!(took < LONGEST, "{target}: {took:?}");
        slowest = slowest.max((took, input.len()));
        executions += 1;
        match outcome {
            Outcome::Read(reading) => {
                accepted += 1;
                if reading.notes.len() < 500 && (seconds.is_none() || accepted % 10 == 0) && accepted % 3 == 0 {
                    merges += 1;
                    catch_unwind(AssertUnwindSafe(|| desk.check(&reading, &mut random))).unwrap_or_else(|panic| {
                        keep("fails when it is taken in");
                        resume_unwind(panic)
                    });
                    if desk.merges == 40 {
                        desk = Desk::new();
                    }
                }
            }
            Outcome::Refused(_) => refused += 1,
            Outcome::Shown => accepted += 1,
        }
    }
    println!(
        "{target}: seed {seed}, {executions} inputs, {accepted} accepted, {refused} refused, {merges} taken in twice, \
         slowest {:?} ({} bytes), {:?} in all",
        slowest.0,
        slowest.1,
        start.elapsed()
    );
}

fn corpus(seeds: &[&str]) -> Vec<Vec<u8>> {
    seeds.iter().map(|seed| seed.as_bytes().to_vec()).collect()
}

// ----------------------------------------------------------------------------------------------------- the targets

const CARDS: [&str; 5] = [
    "A *b* **c** `d` [e](https://f) ![g](h.png)\n\n- i\n  - j\n\n1. k\n\n> l\n\n```sh\nls -l | wc\n```\n\n| m | n |\n|---|:-:|\n| o | p |\n",
    "# Heading\n\nText {{…}} more\\\nline\n***\n<b>html</b> &amp; &#27; \u{1b}[31m \u{202e}x\n",
    "日本語 🧑\u{200d}💻 e\u{301} می\u{200c}خواهم\n\n[a]: b 'c'\n\n[a] [x][a]\n\n~~~python\nprint('x')  # c\n~~~\n",
    "- [ ] a\n- [x] b\n\n    code\n\n\tcode\n\n* * *\n",
    "",
];

#[test]
fn toml_decks() {
    let more = "[deck]\nid = \"d\"\ntitle = \"D\"\narea = \"linux\"\n[[card]]\nid = \"c\"\nlevel = \"expert\"\nkind = \"order\"\n\
                front = \"f\"\nsteps = [\"a\", \"b\", \"c\"]\ntags = [\"t\"]\nhint = 'h'\nneeds = [\"ls\"]\ncheck = '''\nls\n'''\n\
                [[card]]\nid = \"e\"\nlevel = \"foundation\"\nkind = \"typed\"\nfront = \"f\"\nback = \"b\"\naccept = [\"(?i)b+\"]\n\
                compare = \"regex\"\nmeant = { long = \"why\" }\nsince = \"1\"\n";
    let corpus = corpus(&[FIRST, more, include_str!("../decks/areas.toml")]);
    let map = map();
    let trees: Vec<Value> =
        [FIRST, more].map(|deck| toml::from_str(&deck.replace("reviewed = ", "# ")).unwrap()).to_vec();
    fuzz(
        "toml",
        |random, largest| {
            if random.random_bool(0.4) {
                return mutate(random, &corpus, &WORDS, largest);
            }
            let mut tree = pick(random, &trees).clone();
            for _ in 0..random.random_range(1..4) {
                change_value(random, &mut tree, &MARKDOWN, largest);
            }
            toml::to_string(&tree).map_or_else(|_| FIRST.into(), String::into_bytes)
        },
        |bytes, _| {
            let _ = deck::detect("x", bytes);
            match deck::toml::read("x.toml", bytes, &map) {
                Ok(read) => Outcome::Read(Box::new(read.reading)),
                Err(problems) => {
                    assert!(!problems.is_empty());
                    problems.iter().take(100).for_each(|problem| silent(&problem.to_string()));
                    Outcome::Refused(Error::data(problems[0].to_string()))
                }
            }
        },
    );
}

#[test]
fn text() {
    let corpus = corpus(&[
        "front,back,tags,hint,note,source,level,id,deck\nWhat?,`ss`,a b,h,n,https://x,expert,i1,d\n\"a\nb\",\"c \"\"d\"\"\",,,,,,,\n",
        "#separator:tab\n#html:true\n#guid column:1\n#notetype column:2\n#deck column:3\n#tags column:6\n\
         g1\tBasic\tD::E\tfront <b>x</b>\tback<br>y\tt1 t2\ng2\tCloze\tD\t{{c1::a::h}} and {{c2::b}}\tmore\t\n\
         g3\tBasic (and reversed card)\tD\t\"f \"\"q\"\"\"\tb\t\n",
        "a;b\nc;d\ne;\"f;g\"\n",
        "one|two|three\n1|2|3\n",
        "Question\tAnswer\n*a* {{…}}\tb\n",
    ]);
    let words: Vec<&str> = WORDS.iter().chain(&MARKUP).copied().collect();
    let html = |text: &str| deck::html::markdown(text, &mut BTreeSet::new());
    fuzz(
        "text",
        |random, largest| mutate(random, &corpus, &words, largest),
        |bytes, random| {
            let _ = deck::detect("x", bytes);
            let options = deck::text::Options {
                delimiter: *pick(random, &[None, None, None, Some(','), Some('\t'), Some('\u{e5}'), Some('"')]),
                header: *pick(random, &[None, None, Some(true), Some(false)]),
                markdown: random.random(),
                html: &html,
            };
            deck::text::read("x.csv", bytes, &options).into()
        },
    );
}

#[test]
fn markdown() {
    let mut corpus = corpus(&[
        "---\nname = \"N\"\n---\n\nQ: What?\nA: That\nand more\n\nC: A [gap] and [another [inner]] ![p](q.png) `[code]`\n---\nQ: 1\nA: 2\n",
        "# Deck\n\n## What?\n\nThat.\n\n### Deeper\n\n- a\n- b\n\n## Other\n=====\n\n```sh\n# no heading\n```\n",
    ]);
    corpus.extend(CARDS.map(|card| card.as_bytes().to_vec()));
    fuzz(
        "markdown",
        |random, largest| mutate(random, &corpus, &MARKDOWN, largest),
        |bytes, _| {
            let _ = deck::detect("x", bytes);
            deck::markdown::read("x.md", bytes).into()
        },
    );
}

#[test]
fn crowdanki() {
    let corpus = [
        include_bytes!("fixtures/crowdanki/kinds.json").to_vec(),
        include_bytes!("fixtures/crowdanki/odd.json").to_vec(),
        br#"{"__type__": "Deck", "name": "D", "note_models": [{"crowdanki_uuid": "m", "name": "M", "type": 1,
            "flds": [{"name": "Text", "ord": 0}, {"name": "Extra", "ord": 1}], "tmpls": [{"name": "T", "ord": 0,
            "qfmt": "{{cloze:Text}}", "afmt": "{{cloze:Text}}<br>{{Extra}}"}]}], "notes": [{"guid": "g",
            "note_model_uuid": "m", "fields": ["a {{c1::b}} {{c2::c::h}}", "e"], "tags": ["t"]}], "media_files": ["a.png"]}"#
            .to_vec(),
    ];
    let words: Vec<&str> = WORDS.iter().chain(&MARKUP).copied().collect();
    let trees: Vec<Value> = corpus.iter().map(|deck| serde_json::from_slice(deck).unwrap()).collect();
    fuzz(
        "crowdanki",
        |random, largest| {
            if random.random_bool(0.4) {
                return mutate(random, &corpus, &words, largest);
            }
            let mut tree = pick(random, &trees).clone();
            for _ in 0..random.random_range(1..4) {
                change_value(random, &mut tree, &words, largest);
            }
            tree.to_string().into_bytes()
        },
        |bytes, _| {
            let _ = deck::detect("x", bytes);
            deck::crowdanki::read("deck.json", bytes).into()
        },
    );
}

#[test]
fn renderer() {
    let corpus = corpus(&CARDS);
    let words: Vec<&str> = MARKDOWN.iter().chain(&MARKUP).copied().collect();
    fuzz(
        "renderer",
        |random, largest| mutate(random, &corpus, &words, largest),
        |bytes, random| {
            let width = *pick(random, &[0, 1, 7, 40, 80, 80, 200, 5000]);
            show(&String::from_utf8_lossy(bytes), width, random.random());
            Outcome::Shown
        },
    );
}

#[test]
fn html() {
    let corpus = corpus(&[
        "<div>a <b>b</b><br><ul><li>c<ol><li>d</ol></ul><table><tr><td>e<td>f</table><pre><code class='lang-sh'>g</code></pre></div>",
        "<a href=\"https://h\">i</a> <img src=\"j.png\" alt='k'> [sound:l.mp3] \\(m\\) [latex]n[/latex] x<sup>2</sup> &lt;&amp;&#65;",
        "<blockquote>o<hr>p</blockquote><h1>q</h1><!-- r --><style>s</style><script>t</script>",
    ]);
    fuzz(
        "html",
        |random, largest| mutate(random, &corpus, &MARKUP, largest),
        |bytes, _| {
            let html = String::from_utf8_lossy(bytes);
            let markdown = deck::html::markdown(&html, &mut BTreeSet::new());
            let _ = (deck::html::plain(&html), deck::html::strip_tags(&html));
            silent(&markdown);
            show(&markdown, 80, false);
            Outcome::Shown
        },
    );
}

/// A CrowdAnki deck with one note of a type with deletions and one without, all templates with this question.
pub fn crowdanki_deck(field: &str, question: &str) -> Vec<u8> {
    let model = |id: u8, question: &str| {
        json!({"crowdanki_uuid": id.to_string(), "type": id, "flds": [{"name": "Front"}, {"name": "Back"}],
               "tmpls": [{"qfmt": question, "afmt": format!("{{{{FrontSide}}}}<hr id=answer>{question}{{{{Back}}}}")}]})
    };
    let note = |id: u8| json!({"guid": id.to_string(), "note_model_uuid": id.to_string(), "fields": [field, "back"]});
    let cloze = if question.is_empty() { "{{cloze:Front}}" } else { question };
    let basic = if question.is_empty() { "{{Front}}" } else { question };
    let deck = json!({"__type__": "Deck", "name": "D", "note_models": [model(0, basic), model(1, cloze)],
                      "notes": [note(0), note(1)]});
    deck.to_string().into_bytes()
}

type Reader<'a> = &'a dyn Fn(&str);

/// Pieces again and again: four times as many must not take much more than four times as long.
#[test]
fn repeated_pieces() {
    let words: Vec<&str> =
        MARKUP.iter().chain(&MARKDOWN).chain(&WORDS).copied().chain(["a", " ", "\n", "<", "x\n", "\t"]).collect();
    let html = |text: &str| deck::html::markdown(text, &mut BTreeSet::new());
    let (map, options) = (map(), deck::text::Options { delimiter: None, header: None, markdown: false, html: &html });
    let readers: [(&str, Reader<'_>); 8] = [
        ("card", &|text| show(text, 80, false)),
        ("html", &|text| {
            html(text);
            deck::html::plain(text);
        }),
        ("markdown", &|text| drop(deck::markdown::read("x.md", text.as_bytes()))),
        ("gaps", &|text| drop(deck::markdown::read("x.md", format!("C: [gap] {text}").as_bytes()))),
        ("text", &|text| drop(deck::text::read("x.csv", text.as_bytes(), &options))),
        ("toml", &|text| drop(deck::toml::read("x.toml", format!("{FIRST}{text}").as_bytes(), &map))),
        ("field", &|text| drop(deck::crowdanki::read("deck.json", &crowdanki_deck(text, "")))),
        ("template", &|text| drop(deck::crowdanki::read("deck.json", &crowdanki_deck("<br>", text)))),
    ];
    fuzz(
        "pieces",
        |random, _| {
            let mut word = |chance| if random.random_bool(chance) { *pick(random, &words) } else { "" };
            let (before, after) = (word(0.3), word(0.3));
            let piece = [word(1.0), word(0.5), word(0.2)].concat();
            let other = [word(0.5), word(0.5)].concat();
            let (name, _) = pick(random, &readers);
            format!("{name}\u{1}{before}\u{1}{piece}\u{1}{other}\u{1}{after}").into_bytes()
        },
        |input, _| {
            let text = std::str::from_utf8(input).unwrap();
            let [name, before, piece, other, after] = text.split('\u{1}').collect::<Vec<_>>()[..] else {
                panic!("five parts")
            };
            let long = std::env::var("PLUGG_FUZZ_SECONDS").is_ok();
            let (_, reader) = readers.iter().find(|(known, _)| *known == name).unwrap();
            let took = |length: usize| {
                let [piece, other] = [piece, other].map(|piece| piece.repeat(length / piece.len().max(1)));
                let whole = format!("{before}{piece}{other}{after}");
                let begun = Instant::now();
                reader(&whole);
                begun.elapsed()
            };
            // The least of three is what it takes when nothing else is in the way.
            let least = |length: usize| (0..3).map(|_| took(length)).min().unwrap_or_default();
            let kib = if long { 32 } else { 1 };
            let (once, four) = (took(kib << 10), took(kib << 12));
            if long && four > SLOW / 20 && four > once * 8 {
                let (once, four) = (least(kib << 10), least(kib << 12));
                if four > once * 8 {
                    println!("{text:?}: {once:?}, four times as long: {four:?}");
                }
            }
            Outcome::Shown
        },
    );
}

/// The members of a package, unpacked.
pub type Members = Vec<(String, Vec<u8>)>;

pub fn unpacked(package: &[u8]) -> Members {
    let mut members = Members::new();
    let archive = rawzip::ZipArchive::from_slice(package).unwrap();
    for entry in archive.entries() {
        let entry = entry.unwrap();
        let name = String::from_utf8(entry.file_path().as_bytes().to_vec()).unwrap();
        let data = archive.get_entry(entry.wayfinder()).unwrap();
        let mut content = data.data().to_vec();
        if entry.compression_method() == rawzip::CompressionMethod::DEFLATE {
            let mut plain = Vec::new();
            flate2::read::DeflateDecoder::new(content.as_slice()).read_to_end(&mut plain).unwrap();
            content = plain;
        }
        if content.starts_with(b"\x28\xb5\x2f\xfd") {
            let mut plain = Vec::new();
            let mut decoder = ruzstd::decoding::StreamingDecoder::new(content.as_slice()).unwrap();
            decoder.read_to_end(&mut plain).unwrap();
            content = plain;
        }
        members.push((name, content));
    }
    members
}

/// A zip of members, each as it is.
pub fn zip(members: &[(&str, &[u8])]) -> Vec<u8> {
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

/// A package of unpacked members: what the newest generation packs with zstd is packed again.
pub fn packed(members: &Members) -> Vec<u8> {
    let modern = members.iter().any(|(name, _)| name == "collection.anki21b");
    let contents: Vec<Vec<u8>> = members
        .iter()
        .map(|(name, content)| {
            if !modern || name == "meta" || name == "collection.anki2" {
                return content.clone();
            }
            ruzstd::encoding::compress_to_vec(content.as_slice(), ruzstd::encoding::CompressionLevel::Fastest)
        })
        .collect();
    zip(&members
        .iter()
        .zip(&contents)
        .map(|((name, _), content)| (name.as_str(), content.as_slice()))
        .collect::<Vec<_>>())
}

/// A collection after statements; one that cannot be opened stays as it is.
pub fn altered(collection: &[u8], alter: impl FnOnce(&rusqlite::Connection) -> rusqlite::Result<()>) -> Vec<u8> {
    let file = tempfile::NamedTempFile::new().unwrap();
    std::fs::write(file.path(), collection).unwrap();
    let connection = rusqlite::Connection::open(file.path()).unwrap();
    connection.create_collation("unicase", |a: &str, b: &str| a.to_lowercase().cmp(&b.to_lowercase())).unwrap();
    let _ = connection.execute_batch("PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF;");
    let _ = alter(&connection);
    drop(connection);
    std::fs::read(file.path()).unwrap()
}

/// Cells that a mutation may change, and statements that none of our decks would hold.
#[rustfmt::skip]
const CELLS: [(&str, &str); 16] = [
    ("notes", "flds"), ("notes", "flds"), ("notes", "flds"), ("notes", "tags"), ("notes", "guid"), ("notes", "mid"),
    ("cards", "ord"), ("cards", "nid"), ("cards", "did"), ("col", "models"), ("col", "models"), ("col", "decks"),
    ("decks", "name"), ("fields", "name"), ("notetypes", "config"), ("revlog", "ease"),
];
const STATEMENTS: [&str; 12] = [
    "UPDATE cards SET ord = ord + 1",
    "UPDATE cards SET nid = (SELECT min(nid) FROM cards)",
    "UPDATE notes SET guid = 'same'",
    "UPDATE notes SET mid = (SELECT max(mid) FROM notes)",
    "UPDATE notes SET flds = flds || char(31) || flds",
    "DELETE FROM notes WHERE id % 3 = 0",
    "INSERT INTO cards SELECT id + 1, nid, did, ord + 2, mod, usn, type, queue, due, ivl, factor, reps, lapses, left, odue, odid, flags, data FROM cards",
    "UPDATE revlog SET cid = (SELECT min(id) FROM cards), time = -1",
    "UPDATE revlog SET id = id * 1000000",
    "UPDATE cards SET odid = 99, queue = -1",
    "CREATE VIEW v AS SELECT 1",
    "PRAGMA page_size = 512; VACUUM",
];

fn alter(
    random: &mut ChaCha8Rng,
    connection: &rusqlite::Connection,
    words: &[&str],
    largest: usize,
) -> rusqlite::Result<()> {
    for _ in 0..random.random_range(1..4) {
        match random.random_range(0..8) {
            0 => {
                let statement = *pick(random, &STATEMENTS);
                let _ = connection.execute_batch(statement);
            }
            1 => {
                // The sides of a template of the newer schema.
                let mut config = Vec::new();
                for tag in [0x0a, 0x12] {
                    let side = mutate(
                        random,
                        &corpus(&["{{Front}}", "{{FrontSide}}<hr id=answer>{{Back}}", "{{cloze:Text}}"]),
                        words,
                        largest,
                    );
                    let side = String::from_utf8_lossy(&side).into_owned();
                    config.push(tag);
                    let mut length = side.len();
                    while length > 0x7f {
                        config.push(length as u8 | 0x80);
                        length >>= 7;
                    }
                    config.push(length as u8);
                    config.extend(side.bytes());
                }
                let _ = connection.execute(
                    "UPDATE templates SET config = ?1 WHERE ntid % 2 = ?2",
                    (config, random.random_range(0..2)),
                );
            }
            _ => {
                let (table, column) = pick(random, &CELLS);
                let rows =
                    connection.query_row(&format!("SELECT count(*) FROM {table}"), [], |row| row.get::<_, u32>(0));
                let Ok(rows @ 1..) = rows else { continue };
                let sql = format!(
                    "SELECT rowid, CAST({column} AS BLOB) FROM {table} LIMIT 1 OFFSET {}",
                    random.next_u32() % rows
                );
                let Ok((id, old)) =
                    connection.query_row(&sql, [], |row| Ok((row.get::<_, i64>(0)?, row.get::<_, Vec<u8>>(1)?)))
                else {
                    continue;
                };
                let new = mutate(random, &[old], words, largest);
                let cast = if random.random_bool(0.1) { "?2" } else { "CAST(?2 AS TEXT)" };
                let _ =
                    connection.execute(&format!("UPDATE {table} SET {column} = {cast} WHERE rowid = ?1"), (id, new));
            }
        }
    }
    Ok(())
}

#[test]
fn anki() {
    let packages = [
        include_bytes!("fixtures/anki/kinds-v2.apkg").to_vec(),
        include_bytes!("fixtures/anki/kinds-v3.apkg").to_vec(),
        include_bytes!("fixtures/anki/odd-v2.apkg").to_vec(),
        include_bytes!("fixtures/anki/odd-v3.apkg").to_vec(),
    ];
    let members: Vec<Members> = packages.iter().map(|package| unpacked(package)).collect();
    let words: Vec<&str> = MARKUP.iter().chain(&WORDS[12..]).copied().collect();
    let scratch = RefCell::new(());
    fuzz(
        "anki",
        |random, largest| {
            let _alone = scratch.borrow_mut();
            if random.random_bool(0.2) {
                return mutate(random, &packages, &WORDS[..8], largest.max(64 << 10));
            }
            let mut members = pick(random, &members).clone();
            let most = members.len();
            match random.random_range(0..10) {
                0 => members.swap(0, most - 1),
                1 => drop(members.remove(random.random_range(0..most))),
                2 => {
                    let twice = pick(random, &members).clone();
                    members.push(twice);
                }
                3..=5 => {
                    // Bytes of one member, a page of the collection for most.
                    let member = random.random_range(0..most);
                    let other = members[member].1.clone();
                    members[member].1 = mutate(random, &[other], &words, LARGE);
                }
                _ => {
                    let collection = members.iter_mut().max_by_key(|(_, content)| content.len()).unwrap();
                    collection.1 = altered(&collection.1, |connection| alter(random, connection, &words, largest));
                }
            }
            packed(&members)
        },
        |bytes, random| {
            let wishes = deck::anki::Wishes { history: random.random() };
            deck::anki::read("x.apkg", Cursor::new(bytes), &wishes).into()
        },
    );
}

/// The same reading twice is one deck, whatever it is called.
#[test]
fn a_deck_twice_is_one_deck() {
    let mut desk = Desk::new();
    let read = deck::toml::read("first.toml", FIRST.as_bytes(), &map()).unwrap().reading;
    let renamed = Reading { deck: Deck { title: "\u{1b}[31m".into(), ..read.deck.clone() }, ..read };
    desk.check(&renamed, &mut ChaCha8Rng::seed_from_u64(2));
}
