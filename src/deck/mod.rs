//! Deck formats: bytes in, a [`Reading`] out, and back out again.
//!
//! One file (or folder) a format. A format knows nothing of the store: it fills a neutral [`Reading`] of notes, reviews
//! and problems, and `cli` hands that over to `store::merge`. A problem in one note leaves that note out and is named; a
//! problem of the file refuses the file, as the `Err` of the reader.

pub mod anki;
pub mod check;
pub mod crowdanki;
pub mod csv_out;
pub mod html;
pub mod lint;
pub mod markdown;
pub mod text;
pub mod toml;

use std::collections::{HashMap, HashSet};
use std::fmt;

use serde::Serialize;
use sha2::{Digest, Sha256};
use unicode_normalization::UnicodeNormalization;

use crate::card::{Deck, Face, Grade, Kind, Level, Note};
use crate::error::{Error, Result};
use crate::skill::UNSORTED;

/// A format that decks come in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Format {
    /// plugg's own.
    Toml,
    /// An Anki package, `.apkg` or `.colpkg`.
    Anki,
    /// Rows with columns: CSV, TSV, Anki's text export.
    Text,
    /// The `deck.json` of CrowdAnki.
    CrowdAnki,
    /// `Q:` and `A:` lines, or headings with text.
    Markdown,
}

impl Format {
    /// All formats.
    pub const ALL: [Format; 5] = [Format::Toml, Format::Anki, Format::Text, Format::CrowdAnki, Format::Markdown];

    /// The name used on the command line.
    pub fn name(self) -> &'static str {
        match self {
            Format::Toml => "toml",
            Format::Anki => "anki",
            Format::Text => "text",
            Format::CrowdAnki => "crowdanki",
            Format::Markdown => "markdown",
        }
    }

    /// Reads a name.
    ///
    /// # Errors
    /// Says which names there are.
    pub fn parse(name: &str) -> Result<Format> {
        Format::ALL.into_iter().find(|format| format.name() == name).ok_or_else(|| {
            let names: Vec<&str> = Format::ALL.iter().map(|format| format.name()).collect();
            Error::user(format!("`{name}` is not a format")).hint(format!("the formats are {}", names.join(", ")))
        })
    }
}

/// Bytes at the beginning of a file that are enough to tell its format.
pub const HEAD: usize = 64 << 10;

/// Tells the format of a file from the beginning of its content, [`HEAD`] bytes or the whole; the name decides only
/// where the content could be several formats, or none.
pub fn detect(name: &str, head: &[u8]) -> Option<Format> {
    let head = head.get(..HEAD).unwrap_or(head);
    if [b"PK\x03\x04", b"PK\x05\x06"].iter().any(|magic| head.starts_with(*magic)) {
        return Some(Format::Anki);
    }
    let extension = name.rsplit_once('.').map(|(_, extension)| extension.to_ascii_lowercase()).unwrap_or_default();
    let named = match extension.as_str() {
        "toml" => Some(Format::Toml),
        "apkg" | "colpkg" => Some(Format::Anki),
        "csv" | "tsv" => Some(Format::Text),
        "json" => Some(Format::CrowdAnki),
        "md" | "markdown" => Some(Format::Markdown),
        _ => None,
    };
    let head = head.strip_prefix(b"\xef\xbb\xbf").unwrap_or(head);
    let text = match std::str::from_utf8(head) {
        Ok(text) => text,
        // The head may end within a character.
        Err(error) if error.error_len().is_none() => {
            head.get(..error.valid_up_to()).and_then(|head| std::str::from_utf8(head).ok()).unwrap_or_default()
        }
        // No format is told from what is not text: the reader that the name asks for says what is wrong.
        Err(_) => return named,
    };
    if text.contains('\0') {
        return named;
    }
    if text.trim_start().starts_with('{') {
        let says_deck = text.contains("\"__type__\"") && text.contains("\"Deck\"");
        if says_deck || text.contains("\"note_models\"") {
            return Some(Format::CrowdAnki);
        }
    }
    if text::has_directives(text) {
        return Some(Format::Text);
    }
    if text.lines().any(|line| matches!(line.trim(), "[deck]" | "[[card]]")) {
        return Some(Format::Toml);
    }
    let header = text::has_header(text);
    if !header && markdown::has_prefixes(text) {
        return Some(Format::Markdown);
    }
    match (header || text::is_table(text), markdown::has_headings(text)) {
        (true, false) => Some(Format::Text),
        (false, true) => Some(Format::Markdown),
        (true, true) if named == Some(Format::Markdown) && !header => named,
        (true, true) => Some(Format::Text),
        (false, false) => named,
    }
}

/// What a format made of a deck.
#[derive(Debug, Clone, Default)]
pub struct Reading {
    /// What the deck says of itself.
    pub deck: Deck,
    /// Its notes, in the deck's order.
    pub notes: Vec<Note>,
    /// The learner's own history of them, oldest first, where the format carries one and it was asked for.
    pub reviews: Vec<PastReview>,
    /// Pictures and sounds that the notes name.
    pub media: Vec<Media>,
    /// What was left out or is doubtful, with its place.
    pub problems: Vec<Problem>,
    /// Cards that the author had suspended: the id of the note and the card's ordinal.
    pub suspended: Vec<(String, u32)>,
    /// Whether the format gave no ids, to some notes at least, so that they were made of the fronts' text: a changed
    /// front is a new id, and the store has to look for the note that it was.
    pub derived_ids: bool,
    /// The names of pictures and sounds that lie beside the file, for the caller to fetch: sorted, each a plain file
    /// name, never a path.
    pub media_beside: Vec<String>,
}

/// An answer given in another program.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PastReview {
    /// The id of the note.
    pub note: String,
    /// Which card of the note.
    pub ordinal: u32,
    /// Milliseconds since the Unix epoch, UTC.
    pub unix_ms: i64,
    /// How well it was recalled, on SM-2's scale.
    pub grade: Grade,
    /// Milliseconds that the answer took, at most an hour.
    pub took_ms: u32,
}

/// A picture or sound that came with a deck. It is kept under the hash of its content, never under a name of the deck.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Media {
    /// The name that the notes use for it; foreign text, never a path.
    pub name: String,
    /// Its content.
    pub content: Vec<u8>,
}

/// How bad a problem is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Severity {
    /// A matter of taste or style: the deck is valid.
    Warning,
    /// The card (or the deck) is not valid.
    Error,
}

/// One fault, with its place and the remedy.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Problem {
    /// The file, as the user named it.
    pub file: String,
    /// The line in it, from 1, where there is one.
    pub line: Option<usize>,
    /// The id of the card, where there is one.
    pub card: Option<String>,
    /// How bad it is.
    pub severity: Severity,
    /// The lint rule's name, kebab-case; empty for a fault of form.
    pub rule: &'static str,
    /// What is wrong, without a full stop.
    pub message: String,
    /// What to do, without a full stop; empty where the message says it.
    pub hint: String,
}

impl fmt::Display for Problem {
    /// Writes `file:line: card: message (hint)`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.file)?;
        if let Some(line) = self.line {
            write!(f, ":{line}")?;
        }
        if let Some(card) = &self.card {
            write!(f, ": card `{card}`")?;
        }
        write!(f, ": {}", self.message)?;
        if !self.hint.is_empty() {
            write!(f, " ({})", self.hint)?;
        }
        Ok(())
    }
}

/// The most problems that are told one by one.
const PROBLEMS: usize = 10_000;
/// The longest id that a file may give a note, in bytes.
const ID_LENGTH: usize = 200;
/// The longest text of one field, in bytes.
const FIELD: usize = 1 << 20;

/// A file that is refused as a whole.
fn refused(file: &str, why: impl fmt::Display) -> Error {
    Error::data(format!("{file}: {why}"))
}

/// A foreign text in a message: not too long.
fn short(text: &str) -> String {
    let mut short: String = text.chars().take(60).collect();
    if short.len() < text.len() {
        short.push('…');
    }
    short
}

/// The problems of one file; those that nobody would read are counted.
struct Problems<'f> {
    file: &'f str,
    found: Vec<Problem>,
    untold: usize,
}

impl<'f> Problems<'f> {
    fn of(file: &'f str) -> Problems<'f> {
        Problems { file, found: Vec::new(), untold: 0 }
    }

    fn error(&mut self, line: Option<usize>, message: impl Into<String>, hint: &str) {
        self.add(line, None, Severity::Error, "", message.into(), hint);
    }

    fn warning(&mut self, line: Option<usize>, message: impl Into<String>, hint: &str) {
        self.add(line, None, Severity::Warning, "", message.into(), hint);
    }

    fn add(
        &mut self,
        line: Option<usize>,
        card: Option<&str>,
        severity: Severity,
        rule: &'static str,
        message: String,
        hint: &str,
    ) {
        if self.found.len() >= PROBLEMS {
            self.untold += 1;
            return;
        }
        let card = card.map(|card| card.chars().take(ID_LENGTH).collect());
        self.found.push(Problem { file: self.file.into(), line, card, severity, rule, message, hint: hint.into() });
    }

    fn finish(mut self) -> Vec<Problem> {
        if self.untold > 0 {
            self.found.push(Problem {
                file: self.file.into(),
                line: None,
                card: None,
                severity: Severity::Error,
                rule: "more-problems",
                message: format!("{} further problems are not told one by one", self.untold),
                hint: String::new(),
            });
        }
        self.found
    }
}

/// The bytes as text with plain line ends, without a byte order mark.
fn decode(file: &str, bytes: &[u8], largest: usize) -> Result<String> {
    const SAVE: &str = "save the file as UTF-8 text";
    if bytes.len() > largest {
        let why = format!("it is larger than {} MiB", largest >> 20);
        return Err(refused(file, why).hint("split it into several files"));
    }
    let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
    let place = |at: usize| format!("line {}", 1 + bytes.iter().take(at).filter(|byte| **byte == b'\n').count());
    if bytes.starts_with(b"\xff\xfe") || bytes.starts_with(b"\xfe\xff") {
        return Err(refused(file, "it is UTF-16").hint(SAVE));
    }
    if let Some(at) = bytes.iter().position(|byte| *byte == 0) {
        return Err(refused(file, format!("it is not text: {} holds a NUL byte", place(at))).hint(SAVE));
    }
    let text = std::str::from_utf8(bytes)
        .map_err(|error| refused(file, format!("{} is not valid UTF-8", place(error.valid_up_to()))).hint(SAVE))?;
    Ok(if text.contains('\r') { text.replace("\r\n", "\n").replace('\r', "\n") } else { text.to_owned() })
}

/// The name of a file without folder and extension.
fn stem(file: &str) -> &str {
    let name = file.rsplit(['/', '\\']).next().unwrap_or(file);
    name.rsplit_once('.').map_or(name, |(stem, _)| stem)
}

/// A deck of which only a name is known: its slug is the id.
fn deck_called(name: &str) -> Deck {
    let name = name.trim();
    let slug = anki::slug(name);
    Deck {
        id: if slug.is_empty() { String::from("deck") } else { slug },
        title: if name.is_empty() { String::from("Deck") } else { name.chars().take(200).collect() },
        // BCP 47 for "not determined".
        language: String::from("und"),
        ..Deck::default()
    }
}

/// The id of a note whose format gives none: the first 16 hexadecimal digits of the SHA-256 of its front in Unicode's
/// compatible form, in lower case, with single blanks.
pub fn derived_id(front: &str) -> String {
    let folded: String = front.nfkc().flat_map(char::to_lowercase).collect();
    let mut hash = Sha256::new();
    for (place, word) in folded.split_whitespace().enumerate() {
        if place > 0 {
            hash.update(b" ");
        }
        hash.update(word.as_bytes());
    }
    hash.finalize().iter().take(8).map(|byte| format!("{byte:02x}")).collect()
}

/// The ids of one file, each of which may stand once.
#[derive(Default)]
struct Ids {
    taken: HashSet<String>,
    /// How many notes have the same front, by the id that it gives.
    twins: HashMap<String, usize>,
}

impl Ids {
    /// Takes an id that the file gives; false where it is taken.
    fn take(&mut self, id: &str) -> bool {
        self.taken.insert(id.to_owned())
    }

    /// Makes an id of a front. Where several notes have the same, the second becomes `…-2` and so on.
    fn derive(&mut self, front: &str) -> String {
        let first = derived_id(front);
        let twins = self.twins.entry(first.clone()).or_default();
        loop {
            *twins += 1;
            let id = if *twins == 1 { first.clone() } else { format!("{first}-{twins}") };
            if self.taken.insert(id.clone()) {
                return id;
            }
        }
    }
}

/// A note of which nothing is known but its id; it has no faces yet.
fn bare_note(id: String) -> Note {
    Note {
        id,
        area: UNSORTED.to_owned(),
        system: String::new(),
        level: Level::Foundation,
        folder: String::new(),
        tags: Vec::new(),
        explanation: String::new(),
        source: String::new(),
        since: String::new(),
        reset: false,
        faces: Vec::new(),
    }
}

/// A face with one answer.
fn face(ordinal: u32, kind: Kind, front: String, back: String) -> Face {
    Face::new(ordinal, kind, front, vec![back])
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn formats_have_names() {
        for format in Format::ALL {
            assert_eq!(Format::parse(format.name()).unwrap(), format);
        }
        let error = Format::parse("docx").unwrap_err();
        assert_eq!(error.to_string(), "`docx` is not a format");
        assert_eq!(error.hint.as_deref(), Some("the formats are toml, anki, text, crowdanki, markdown"));
    }

    #[test]
    fn formats_are_told_from_the_content() {
        use Format::{Anki, CrowdAnki, Markdown, Text, Toml};
        let long = format!("Q: {}å", "x".repeat(HEAD - 5));
        let cases: [(&str, &[u8], Option<Format>); 27] = [
            ("x", b"PK\x03\x04rest", Some(Anki)),
            ("deck.csv", b"PK\x03\x04rest", Some(Anki)),
            ("deck.apkg", b"\x00\xffnot a zip", Some(Anki)),
            ("x", b"\x00\xff", None),
            ("x", b"", None),
            ("x.toml", b"", Some(Toml)),
            ("x", b"# a deck\n[deck]\nid = 'x'\n", Some(Toml)),
            ("x.md", b"\xef\xbb\xbf[deck]\nid = 'x'\n", Some(Toml)),
            ("x", b"[[card]]\nfront = \"Q: x\"\n", Some(Toml)),
            ("x.txt", br#"{"__type__": "Deck", "children": []}"#, Some(CrowdAnki)),
            ("x", b"\n{\"children\": [], \"note_models\": []}", Some(CrowdAnki)),
            ("x", b"{\"a\": 1}", None),
            ("x.json", b"{\"a\": 1}", Some(CrowdAnki)),
            ("x.md", b"#separator:tab\n#html:true\na\tb\n", Some(Text)),
            ("x", b"front,back\na,b\n", Some(Text)),
            ("x.md", b"Question;Answer\n# a;b\n", Some(Text)),
            ("x", b"a\tb\n", Some(Text)),
            ("x", b"a,b\nc,d\n", Some(Text)),
            ("x", b"Q: a, b\nA: c, d\n", Some(Markdown)),
            ("x.csv", b"intro\n\nC: [a] b\n", Some(Markdown)),
            ("x", b"# a\n\ntext, of prose\nmore\n", Some(Markdown)),
            ("x.md", b"# a, b\n# c, d\n", Some(Markdown)),
            ("x.txt", b"# a,b\n# c,d\n", Some(Text)),
            ("x", b"Dear Sir, or Madam\nplease find this, enclosed\n", None),
            ("x.md", b"Dear Sir\n", Some(Markdown)),
            ("x.CSV", b"one\ntwo\n", Some(Text)),
            ("x", long.as_bytes(), Some(Markdown)),
        ];
        for (name, head, expected) in cases {
            assert_eq!(
                detect(name, head),
                expected,
                "{name} {:?}",
                String::from_utf8_lossy(&head[..head.len().min(40)])
            );
        }
    }

    #[test]
    fn an_id_hangs_on_the_words_alone() {
        assert_eq!(derived_id("  What\n is\u{a0}X? "), derived_id("what is x?"));
        assert_eq!(derived_id("ﬁ Å"), derived_id("fi å"));
        assert_ne!(derived_id("a b"), derived_id("ab"));
        assert_eq!(derived_id("abc"), "ba7816bf8f01cfea", "the published test vector of SHA-256");
    }

    #[test]
    fn a_file_gives_the_deck_its_name() {
        let cases = [
            ("a/b/My Deck.v2.csv", "my-deck-v2"),
            ("C:\\x\\y.md", "y"),
            ("", "deck"),
            (".csv", "deck"),
            ("日本.csv", "日本"),
        ];
        for (file, id) in cases {
            assert_eq!(deck_called(stem(file)).id, id, "{file}");
        }
    }

    proptest! {
        #[test]
        fn any_head_has_an_answer(name in ".{0,8}", head in proptest::collection::vec(any::<u8>(), 0..200)) {
            let _ = detect(&name, &head);
        }
    }
}
