//! Rows with columns: CSV, TSV and the text export of Anki.
//!
//! It hides how separators, quotes, a header and Anki's leading `#` lines are found. `cli` may call it. It never guesses
//! an encoding, and never takes a row whose quotes or columns are in disorder for a card: such rows are named and left
//! out.
//!
//! **Columns** are known by their names in a header or a `#columns:` line: `front`, `back`, `tags`, `hint`, `note`,
//! `source`, `level`, `id`, `deck`, and what else people call them (see [`Role`]); else by their place: front, back,
//! tags. In a file with Anki's lines, the fields after the second are the explanation. A row whose front has deletions
//! (`{{c1::…}}`), and one of Anki's reversed type, gives the cards that Anki would make of it; one with our own gap is a
//! cloze.
//!
//! **Text.** Three kinds, told by the file or the caller: *HTML* (`#html:true`) goes through the conversion that the
//! caller hands in; *Markdown* (`#markdown:true`) stays as it is; all else is *plain*, and is
//! escaped so that it reads the same: signs that Markdown would take for its own get a backslash, indentation stays. One
//! exception: what stands between backticks stays code, since in decks of this trade that is what it is meant to be.

use std::borrow::Cow;
use std::cmp::Reverse;

use super::anki::{LeftOut, Loose, NoteType, Prepared, TemplateSource};
use super::{
    FIELD, ID_LENGTH, Ids, Problems, Reading, Severity, bare_note, deck_called, decode, face, refused, short, stem,
};
use crate::card::{GAP, Kind, Level, Note};
use crate::error::{Error, Result};
use crate::skill::nearest;

/// The largest file, in bytes.
pub const LARGEST_FILE: usize = 32 << 20;
/// The most rows.
const ROWS: usize = 200_000;
/// The most columns.
const COLUMNS: usize = 200;
/// What separates columns, the likeliest first.
const SEPARATORS: [u8; 4] = [b'\t', b';', b',', b'|'];
/// How many rows are looked at to find the separator.
const SAMPLE: usize = 200;
/// The longest name of a folder, in bytes.
const FOLDER: usize = 500;
/// The most tags that the leading lines give every row.
const TAGS: usize = 50;
/// The keys of Anki's leading lines, and one of ours.
const DIRECTIVES: [&str; 14] = [
    "separator",
    "delimiter",
    "html",
    "markdown",
    "tags",
    "columns",
    "notetype",
    "deck",
    "notetype column",
    "deck column",
    "tags column",
    "guid column",
    "if matches",
    "match scope",
];

/// What the caller knows of a file.
pub struct Options<'a> {
    /// The separator of columns; found where not given.
    pub delimiter: Option<char>,
    /// Whether the first row names the columns; found where not given.
    pub header: Option<bool>,
    /// Whether text that is not HTML is Markdown.
    pub markdown: bool,
    /// Turns HTML into Markdown.
    pub html: &'a dyn Fn(&str) -> String,
}

/// What a column is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Role {
    Front,
    Back,
    Tags,
    Hint,
    Note,
    Source,
    Level,
    Id,
    Deck,
    NoteType,
    Unknown,
}

impl Role {
    /// What a header calls it.
    fn of(name: &str) -> Role {
        match name.trim().to_lowercase().as_str() {
            "front" | "question" | "term" | "prompt" => Role::Front,
            "back" | "answer" | "definition" => Role::Back,
            "tags" | "tag" => Role::Tags,
            "hint" => Role::Hint,
            "note" | "notes" | "explanation" | "extra" | "back extra" => Role::Note,
            "source" => Role::Source,
            "level" => Role::Level,
            "id" | "guid" => Role::Id,
            "deck" | "folder" => Role::Deck,
            "notetype" | "note type" => Role::NoteType,
            _ => Role::Unknown,
        }
    }
}

/// How text is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Markup {
    Plain,
    Markdown,
    Html,
}

/// Reads a file of rows. The media that its cards with deletions name are in [`Reading::media_beside`].
///
/// # Errors
/// Refuses what is not UTF-8, has no cards or no two columns, or is larger than any sound deck; a separator that is not
/// one.
pub fn read(file: &str, bytes: &[u8], options: &Options<'_>) -> Result<Reading> {
    let text = decode(file, bytes, LARGEST_FILE)?;
    let (directives, start) = Directives::read(&text);
    let body = text.get(start..).unwrap_or_default();
    if body.trim().is_empty() {
        return Err(refused(file, "it holds no cards"));
    }
    let delimiter = match (options.delimiter, directives.separator) {
        (Some(given), _) => separator(given)?,
        (None, Some(said)) => said,
        (None, None) => found(body).ok_or_else(|| {
            refused(file, "its rows have no common separator")
                .hint("give each row a front and a back, with a separator between: --delimiter says which")
        })?,
    };
    let mut rows = Rows::new(file, body, delimiter, directives.anki, directives.lines);
    let mut names = directives.columns.as_ref().map(|line| split(line, delimiter));
    let mut record = csv::StringRecord::new();
    let is_header = match (&names, options.header) {
        (Some(_), given) => given == Some(true),
        (None, Some(given)) => given,
        (None, None) => has_header_row(body, delimiter, directives.anki),
    };
    let mut problems = Problems::of(file);
    if is_header && let Some(row) = rows.next(&mut record)? {
        match row.fault {
            Some(fault) => problems.error(Some(row.line), format!("the header: {fault}"), ""),
            None => names = Some(record.iter().map(String::from).collect()),
        }
    }
    let width = match &names {
        Some(names) => names.len(),
        None => profile(body, delimiter).columns.max(1),
    };
    if width > COLUMNS {
        return Err(refused(file, format!("it has more than {COLUMNS} columns")));
    }
    let roles = roles(names.as_deref(), width, &directives, &mut problems);
    if !roles.contains(&Role::Front) || !roles.contains(&Role::Back) {
        let why = if width < 2 {
            String::from("it has one column only")
        } else {
            String::from("no column of it is the front or none the back")
        };
        return Err(refused(file, why)
            .hint("name the columns front and back in the first row; --delimiter says what parts them"));
    }
    let markup = match directives.html {
        Some(true) => Markup::Html,
        _ if directives.markdown || options.markdown => Markup::Markdown,
        _ => Markup::Plain,
    };
    let name = if directives.deck.is_empty() { stem(file) } else { &directives.deck };
    let mut reader = Reader {
        file,
        markup,
        html: options.html,
        roles,
        anki: directives.anki,
        directives: &directives,
        kinds: Kinds::default(),
        maker: Loose::new(text.len()),
        ids: Ids::default(),
        reading: Reading { deck: deck_called(name), ..Reading::default() },
        problems,
    };
    let mut count = 0;
    while let Some(row) = rows.next(&mut record)? {
        count += 1;
        if count > ROWS {
            return Err(refused(file, format!("it has more than {ROWS} rows")).hint("split it into several files"));
        }
        match row.fault {
            Some(fault) => reader.problems.error(Some(row.line), fault, "double the quotes within a quoted field"),
            None => reader.row(row.line, &record)?,
        }
    }
    reader.finish()
}

/// The separator that a user gives, as a byte.
fn separator(given: char) -> Result<u8> {
    match u8::try_from(given) {
        Ok(byte) if byte.is_ascii() && !matches!(byte, b'"' | b'\n' | b'\r' | 0) && !byte.is_ascii_alphanumeric() => {
            Ok(byte)
        }
        _ => {
            Err(Error::user(format!("`{given}` cannot separate columns"))
                .hint("give one sign, such as , or ; or a tab"))
        }
    }
}

// -------------------------------------------------------------------------------------------------- leading lines

/// What the leading lines say; numbers of columns count from 0.
#[derive(Default)]
struct Directives {
    anki: bool,
    separator: Option<u8>,
    html: Option<bool>,
    markdown: bool,
    tags: Vec<String>,
    deck: String,
    note_type: String,
    columns: Option<String>,
    places: Vec<(usize, Role)>,
    /// How many lines they are.
    lines: usize,
}

impl Directives {
    /// Reads the leading lines and returns where the rows begin.
    fn read(text: &str) -> (Directives, usize) {
        let mut directives = Directives::default();
        if !has_directives(text) {
            return (directives, 0);
        }
        directives.anki = true;
        let mut start = 0;
        for line in text.split_inclusive('\n') {
            let Some(said) = line.strip_prefix('#') else { break };
            start += line.len();
            directives.lines += 1;
            if let Some((key, value)) = said.split_once(':') {
                directives.take(key.trim(), value.trim_matches('\n'));
            }
        }
        (directives, start)
    }

    fn take(&mut self, key: &str, raw: &str) {
        let value = raw.trim();
        let place = |role| value.parse::<usize>().ok().and_then(|number| number.checked_sub(1)).map(|at| (at, role));
        match key.to_ascii_lowercase().as_str() {
            "separator" | "delimiter" => self.separator = named_separator(raw),
            "html" => self.html = Some(value.eq_ignore_ascii_case("true")),
            "markdown" => self.markdown = value.eq_ignore_ascii_case("true"),
            "tags" => self.tags = value.split_whitespace().take(TAGS).map(short).collect(),
            "deck" => self.deck = value.chars().take(FOLDER / 4).collect(),
            "notetype" => self.note_type = value.chars().take(FOLDER / 4).collect(),
            "columns" => self.columns = Some(raw.into()),
            "tags column" => self.places.extend(place(Role::Tags)),
            "deck column" => self.places.extend(place(Role::Deck)),
            "notetype column" => self.places.extend(place(Role::NoteType)),
            "guid column" => self.places.extend(place(Role::Id)),
            _ => {}
        }
    }
}

/// The separator by its name or its sign.
fn named_separator(raw: &str) -> Option<u8> {
    match raw.trim().to_ascii_lowercase().as_str() {
        "tab" | "\\t" => Some(b'\t'),
        "comma" => Some(b','),
        "semicolon" => Some(b';'),
        "pipe" => Some(b'|'),
        "colon" => Some(b':'),
        "space" => Some(b' '),
        _ if raw.len() == 1 => raw.chars().next().and_then(|sign| separator(sign).ok()),
        sign if sign.len() == 1 => sign.chars().next().and_then(|sign| separator(sign).ok()),
        _ => None,
    }
}

/// Whether the text begins with a line of Anki's text export.
pub(super) fn has_directives(text: &str) -> bool {
    let first = text.lines().next().and_then(|line| line.strip_prefix('#')).and_then(|line| line.split_once(':'));
    first.is_some_and(|(key, _)| DIRECTIVES.contains(&key.trim().to_ascii_lowercase().as_str()))
}

// ---------------------------------------------------------------------------------------------------------- rows

/// A row: where it begins, and what is wrong with its quotes.
struct Row {
    /// From 1.
    line: usize,
    fault: Option<&'static str>,
}

/// Cuts text into rows. The crate `csv` forgives any quotes, so that one that is not closed swallows the rows after it:
/// each row is looked at first, and after a bad one reading begins anew in the next line. That costs little: a line that
/// stands within an open quote without a fault has its quotes in pairs, so it leaves none open when it is read for itself.
struct Rows<'t> {
    file: &'t str,
    text: &'t str,
    delimiter: u8,
    comments: bool,
    at: usize,
    line: usize,
}

impl<'t> Rows<'t> {
    /// `lines` is how many lines stand before the text.
    fn new(file: &'t str, text: &'t str, delimiter: u8, comments: bool, lines: usize) -> Rows<'t> {
        Rows { file, text, delimiter, comments, at: 0, line: 1 + lines }
    }

    fn next(&mut self, record: &mut csv::StringRecord) -> Result<Option<Row>> {
        loop {
            let rest = self.text.get(self.at..).unwrap_or_default();
            let skipped = match rest.bytes().next() {
                None => return Ok(None),
                Some(b'\n') => 1,
                Some(b'#') if self.comments => rest.find('\n').map_or(rest.len(), |end| end + 1),
                Some(_) => break,
            };
            self.at += skipped;
            self.line += 1;
        }
        let rest = self.text.get(self.at..).unwrap_or_default();
        let scan = Scan::of(rest, self.delimiter);
        let line = self.line;
        if scan.columns > COLUMNS {
            return Err(refused(self.file, format!("line {line} has more than {COLUMNS} columns")));
        }
        if scan.fault.is_some() {
            self.at += rest.find('\n').map_or(rest.len(), |end| end + 1);
            self.line += 1;
            return Ok(Some(Row { line, fault: scan.fault }));
        }
        self.at += scan.length;
        self.line += scan.lines;
        cut(rest.get(..scan.length).unwrap_or_default(), self.delimiter, record);
        if let Some(long) = record.iter().position(|field| field.len() > FIELD) {
            let why = format!("line {line}: column {} is longer than {} MiB", long + 1, FIELD >> 20);
            return Err(refused(self.file, why));
        }
        Ok(Some(Row { line, fault: None }))
    }
}

/// Cuts a row without a fault into its fields. A reader of the crate `csv` for it would cost more than the row, since one
/// cannot go on after a fault.
fn cut(row: &str, delimiter: u8, record: &mut csv::StringRecord) {
    record.clear();
    let mut rest = row.strip_suffix('\n').unwrap_or(row);
    loop {
        if let Some(mut quoted) = rest.strip_prefix('"') {
            let mut field = String::new();
            while let Some((before, after)) = quoted.split_once('"') {
                field.push_str(before);
                quoted = after;
                match quoted.strip_prefix('"') {
                    Some(after) => {
                        field.push('"');
                        quoted = after;
                    }
                    None => break,
                }
            }
            record.push_field(&field);
            rest = quoted;
        } else {
            let end = rest.bytes().position(|byte| byte == delimiter).unwrap_or(rest.len());
            let (field, after) = rest.split_at(end);
            record.push_field(field);
            rest = after;
        }
        match rest.strip_prefix(char::from(delimiter)) {
            Some(after) => rest = after,
            None => return,
        }
    }
}

/// One row as it stands at the beginning of a text.
struct Scan {
    /// Its bytes, with its line end.
    length: usize,
    lines: usize,
    columns: usize,
    fault: Option<&'static str>,
}

impl Scan {
    /// Looks at a row that is not empty, as far as its first fault.
    fn of(text: &str, delimiter: u8) -> Scan {
        let bytes = text.as_bytes();
        let mut scan = Scan { length: 0, lines: 0, columns: 1, fault: None };
        let (mut start, mut quoted) = (true, false);
        while let Some(byte) = bytes.get(scan.length) {
            scan.length += 1;
            let next = bytes.get(scan.length);
            scan.lines += usize::from(*byte == b'\n');
            match byte {
                b'"' if quoted && next == Some(&b'"') => scan.length += 1,
                b'"' if quoted => {
                    quoted = false;
                    if next.is_some_and(|next| *next != delimiter && *next != b'\n') {
                        scan.fault = Some("a quote within a quoted field is not doubled");
                        return scan;
                    }
                }
                _ if quoted => {}
                b'"' if start => (quoted, start) = (true, false),
                b'\n' => return scan,
                byte if *byte == delimiter => {
                    scan.columns += 1;
                    start = true;
                }
                _ => start = false,
            }
        }
        if quoted {
            scan.fault = Some("a quote is opened and not closed");
        }
        scan
    }
}

/// The fields of one line.
fn split(line: &str, delimiter: u8) -> Vec<String> {
    let mut record = csv::StringRecord::new();
    let mut reader =
        csv::ReaderBuilder::new().delimiter(delimiter).has_headers(false).flexible(true).from_reader(line.as_bytes());
    match reader.read_record(&mut record) {
        Ok(true) => record.iter().map(String::from).collect(),
        _ => Vec::new(),
    }
}

// ---------------------------------------------------------------------------------------------------- what a file is

/// What a separator makes of the first rows of a text.
#[derive(Debug, Clone, Copy, PartialEq)]
struct Profile {
    rows: usize,
    /// How many columns most rows have.
    columns: usize,
    /// The share of rows that have them.
    share: f64,
    /// Whether it seldom stands before a blank, as a comma of prose does.
    tight: bool,
}

fn profile(text: &str, delimiter: u8) -> Profile {
    let mut counts = vec![0usize; COLUMNS + 2];
    let (mut rows, mut looked_at, mut rest) = (0, 0, text);
    while !rest.is_empty() && looked_at < SAMPLE {
        if let Some(after) = rest.strip_prefix('\n') {
            rest = after;
            continue;
        }
        let scan = Scan::of(rest, delimiter);
        let length = match scan.fault {
            // A row that is cut off, or faulty, says nothing.
            Some(_) => rest.find('\n').map_or(rest.len(), |end| end + 1),
            None => {
                if let Some(count) = counts.get_mut(scan.columns.min(COLUMNS + 1)) {
                    *count += 1;
                }
                rows += 1;
                scan.length
            }
        };
        looked_at += 1;
        rest = rest.get(length..).unwrap_or_default();
    }
    let (columns, most) = counts
        .iter()
        .copied()
        .enumerate()
        .max_by_key(|(columns, count)| (*count, Reverse(*columns)))
        .unwrap_or_default();
    let seen = text.as_bytes().get(..text.len() - rest.len()).unwrap_or_default();
    let (mut all, mut blank) = (0usize, 0usize);
    for pair in seen.windows(2).filter(|pair| pair.first() == Some(&delimiter)) {
        all += 1;
        blank += usize::from(pair.get(1) == Some(&b' '));
    }
    Profile { rows, columns, share: most as f64 / rows.max(1) as f64, tight: blank * 2 <= all }
}

/// The separator that gives most rows the same number of columns, at least two.
fn found(text: &str) -> Option<u8> {
    if let Some(named) = SEPARATORS.into_iter().find(|separator| has_header_row(text, *separator, false)) {
        return Some(named);
    }
    let mut best: Option<(f64, bool, u8)> = None;
    for separator in SEPARATORS {
        let profile = profile(text, separator);
        let better = match best {
            None => true,
            Some((share, tight, _)) => (profile.share, profile.tight) > (share, tight),
        };
        if profile.columns >= 2 && profile.share >= 0.5 && better {
            best = Some((profile.share, profile.tight, separator));
        }
    }
    best.map(|(_, _, separator)| separator)
}

/// Whether the first row names its columns: a front and a back, or nothing that is unknown.
fn has_header_row(text: &str, delimiter: u8, comments: bool) -> bool {
    let mut lines = text.lines().filter(|line| !(line.trim().is_empty() || comments && line.starts_with('#')));
    let Some(first) = lines.next().filter(|line| line.len() < 10_000) else { return false };
    let roles: Vec<Role> = split(first, delimiter).iter().map(|name| Role::of(name)).collect();
    let sides = [Role::Front, Role::Back].into_iter().filter(|side| roles.contains(side)).count();
    sides == 2 || (sides == 1 && roles.len() >= 2 && !roles.contains(&Role::Unknown))
}

/// Whether the text begins with a row that names columns.
pub(super) fn has_header(text: &str) -> bool {
    SEPARATORS.into_iter().any(|separator| has_header_row(text, separator, false))
}

/// Whether the text looks like rows with columns: at least two rows, nearly all with the same number.
pub(super) fn is_table(text: &str) -> bool {
    SEPARATORS.into_iter().any(|separator| {
        let Profile { rows, columns, share, tight } = profile(text, separator);
        columns >= 2 && share >= 0.9 && (rows >= 2 && tight || separator == b'\t')
    })
}

/// What each column is.
fn roles(names: Option<&[String]>, width: usize, directives: &Directives, problems: &mut Problems<'_>) -> Vec<Role> {
    let mut roles = vec![Role::Unknown; width];
    for (at, role) in &directives.places {
        if let Some(place) = roles.get_mut(*at) {
            *place = *role;
        }
    }
    for (at, name) in names.unwrap_or_default().iter().enumerate() {
        let role = Role::of(name);
        // Several columns may explain; of all else there is one.
        if (role == Role::Note || !roles.contains(&role))
            && let Some(place) = roles.get_mut(at).filter(|place| **place == Role::Unknown)
        {
            *place = role;
        }
    }
    let mut missing: Vec<Role> = [Role::Front, Role::Back].into_iter().filter(|role| !roles.contains(role)).collect();
    if names.is_none() && !directives.anki {
        missing.push(Role::Tags);
    }
    let mut missing = missing.into_iter();
    let mut unused: Vec<String> = Vec::new();
    for (at, role) in roles.iter_mut().enumerate().filter(|(_, role)| **role == Role::Unknown) {
        let name = names.and_then(|names| names.get(at)).map(|name| name.trim()).unwrap_or_default();
        *role = match missing.next() {
            Some(role) => role,
            None if directives.anki => Role::Note,
            None => {
                let near = nearest(&name.to_lowercase(), ["tags", "hint", "note", "explanation", "source", "level"]);
                unused.push(match (name, near) {
                    ("", _) => format!("{}", at + 1),
                    (name, Some(near)) if !name.is_empty() => format!("`{}` (did you mean `{near}`?)", short(name)),
                    (name, _) => format!("`{}`", short(name)),
                });
                Role::Unknown
            }
        };
    }
    if !unused.is_empty() {
        let more = if unused.len() > 5 { " …" } else { "" };
        unused.truncate(5);
        problems.warning(
            Some(1),
            format!("columns that are left out: {}{more}", unused.join(", ")),
            "known are front, back, tags, hint, note, source, level, id and deck",
        );
    }
    roles
}

// --------------------------------------------------------------------------------------------------------- notes

/// The note types of Anki that a text export can hold cards of.
struct Kinds {
    reversed: Prepared,
    cloze: Prepared,
}

impl Default for Kinds {
    fn default() -> Kinds {
        let kind = |cloze, templates: &[(&str, &str)]| {
            let template = |(question, answer): &(&str, &str)| TemplateSource {
                name: String::new(),
                question: String::from(*question),
                answer: format!("{answer}{{{{#More}}}}<br><br>{{{{More}}}}{{{{/More}}}}"),
            };
            Prepared::of(NoteType {
                name: String::new(),
                cloze,
                fields: ["Front", "Back", "More"].map(String::from).to_vec(),
                templates: templates.iter().map(template).collect(),
            })
        };
        Kinds {
            reversed: kind(
                false,
                &[
                    ("{{Front}}", "{{FrontSide}}<hr id=answer>{{Back}}"),
                    ("{{Back}}", "{{FrontSide}}<hr id=answer>{{Front}}"),
                ],
            ),
            cloze: kind(true, &[("{{cloze:Front}}", "{{cloze:Front}}<br>{{Back}}")]),
        }
    }
}

struct Reader<'a> {
    file: &'a str,
    markup: Markup,
    html: &'a dyn Fn(&str) -> String,
    roles: Vec<Role>,
    anki: bool,
    directives: &'a Directives,
    kinds: Kinds,
    maker: Loose,
    ids: Ids,
    reading: Reading,
    problems: Problems<'a>,
}

impl Reader<'_> {
    fn row(&mut self, line: usize, record: &csv::StringRecord) -> Result<()> {
        if record.iter().all(|field| field.trim().is_empty()) {
            return Ok(());
        }
        if record.len() > self.roles.len() {
            let message = format!("expected {} columns, found {}", self.roles.len(), record.len());
            self.problems.error(Some(line), message, "put fields that hold the separator in quotes");
            return Ok(());
        }
        let field = |wanted: Role| {
            let at = self.roles.iter().position(|role| *role == wanted);
            at.and_then(|at| record.get(at)).map(str::trim).unwrap_or_default()
        };
        let explanations =
            self.roles.iter().zip(record).filter(|(role, text)| **role == Role::Note && !text.trim().is_empty());
        let explanations: Vec<&str> = explanations.map(|(_, text)| text.trim()).collect();
        let (front, back) = (field(Role::Front), field(Role::Back));
        let cloze = has_deletion(front);
        if record.len() < 2 {
            let message = format!("expected {} columns, found {}", self.roles.len().max(2), record.len());
            self.problems.error(Some(line), message, "give it a front and a back");
            return Ok(());
        }
        for (text, name) in [(front, "front"), (back, "back")] {
            if text.is_empty() && !cloze {
                self.problems.error(Some(line), format!("the {name} is empty"), "");
                return Ok(());
            }
        }
        let level = match field(Role::Level) {
            "" => Level::Foundation,
            name => match Level::parse(&name.to_lowercase()) {
                Ok(level) => level,
                Err(error) => {
                    let message = format!("`{}` is not a level", short(name));
                    self.problems.error(Some(line), message, &error.hint.unwrap_or_default());
                    return Ok(());
                }
            },
        };
        let folder = field(Role::Deck);
        if folder.len() > FOLDER {
            self.problems.error(Some(line), format!("the name of its deck is longer than {FOLDER} bytes"), "");
            return Ok(());
        }
        let given = field(Role::Id);
        if given.len() > ID_LENGTH {
            self.problems.error(Some(line), format!("its id is longer than {ID_LENGTH} bytes"), "");
            return Ok(());
        }
        let mut tags = self.directives.tags.clone();
        tags.extend(self.tags(field(Role::Tags)));
        let kind = match field(Role::NoteType) {
            "" => self.directives.note_type.as_str(),
            kind => kind,
        };
        let reversed = self.anki && kind.starts_with("Basic (and reversed card)");
        let mut note =
            Note { level, folder: folder.into(), source: field(Role::Source).into(), ..bare_note(String::new()) };
        if cloze || reversed {
            let fields = [front, back, &explanations.join("\n\n")].map(|text| self.to_html(text).into_owned());
            let kind = if cloze { &self.kinds.cloze } else { &self.kinds.reversed };
            let Some(made) = self.maker.make(kind, &fields, &tags, folder) else {
                return Err(refused(self.file, "its cards repeat more text than those of any sound deck"));
            };
            for LeftOut { rule, message, hint } in made.left_out {
                let card = (!given.is_empty()).then_some(given);
                self.problems.add(Some(line), card, Severity::Error, rule, message, hint);
            }
            note.faces = made.faces;
            note.explanation = made.explanation;
            if note.faces.is_empty() {
                return Ok(());
            }
        } else {
            let sides = [front, back].map(|text| self.to_markdown(text));
            if sides.iter().any(|side| side.is_empty()) {
                self.problems.error(Some(line), "its front or back has no text that a terminal can show", "");
                return Ok(());
            }
            let gap = sides.iter().map(|side| side.matches(GAP).count()).eq([1, 0]) && !back.contains('\n');
            let [front, shown] = sides;
            note.explanation = explanations.iter().map(|text| self.to_markdown(text)).collect::<Vec<_>>().join("\n\n");
            // What is typed into our own gap is no Markdown.
            let typed = gap && self.markup != Markup::Html;
            note.faces.push(if typed {
                face(0, Kind::Cloze, front, back.to_owned())
            } else {
                face(0, Kind::Basic, front, shown)
            });
        }
        let hint = self.to_markdown(field(Role::Hint));
        for face in note.faces.iter_mut().filter(|face| face.hint.is_empty()) {
            face.hint.clone_from(&hint);
        }
        note.id = if given.is_empty() {
            self.reading.derived_ids = true;
            self.ids.derive(front)
        } else if self.ids.take(given) {
            given.to_owned()
        } else {
            self.problems.add(
                Some(line),
                Some(given),
                Severity::Error,
                "identity",
                "a second row has this id".into(),
                "",
            );
            return Ok(());
        };
        note.tags = tags;
        self.reading.notes.push(note);
        Ok(())
    }

    /// Anki's tags hold no blanks; people part them by commas, too.
    fn tags(&self, text: &str) -> Vec<String> {
        let parts: Vec<&str> = if !self.anki && text.contains([',', ';']) {
            text.split([',', ';']).collect()
        } else {
            text.split_whitespace().collect()
        };
        parts.into_iter().map(str::trim).filter(|tag| !tag.is_empty()).map(String::from).collect()
    }

    fn to_markdown(&self, text: &str) -> String {
        match self.markup {
            Markup::Html => (self.html)(text),
            Markup::Markdown => text.to_owned(),
            Markup::Plain => verbatim(text).into_owned(),
        }
    }

    fn to_html<'t>(&self, text: &'t str) -> Cow<'t, str> {
        if self.markup == Markup::Html || !text.contains(['&', '<', '>', '\n']) {
            return Cow::Borrowed(text);
        }
        let text = text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;");
        Cow::Owned(text.replace('\n', "<br>"))
    }

    fn finish(mut self) -> Result<Reading> {
        if self.reading.notes.is_empty() {
            let first = self.problems.found.iter().find(|problem| problem.severity == Severity::Error);
            let first = first.map(|problem| match problem.line {
                Some(line) => format!("; line {line}: {}", problem.message),
                None => format!("; {}", problem.message),
            });
            return Err(refused(self.file, format!("it holds no cards{}", first.unwrap_or_default())));
        }
        self.reading.media_beside = self.maker.media.into_iter().collect();
        self.reading.problems = self.problems.finish();
        Ok(self.reading)
    }
}

/// Whether a text has a deletion of Anki: `{{c1::`.
fn has_deletion(text: &str) -> bool {
    text.match_indices("{{c").any(|(at, _)| {
        let rest = text.get(at + 3..).unwrap_or_default().trim_start_matches(|c: char| c.is_ascii_digit() || c == ',');
        rest.starts_with("::")
    })
}

// ------------------------------------------------------------------------------------------------------ plain text

/// Plain text as Markdown that reads the same; what stands between backticks stays code.
pub(super) fn verbatim(text: &str) -> Cow<'_, str> {
    let special = |c: char| {
        matches!(
            c,
            '+' | '\\' | '`' | '*' | '_' | '~' | '[' | '<' | '&' | '#' | '>' | '=' | '-' | '|' | ':' | '.' | ')'
        )
    };
    if !text.contains(special) && !text.contains("\n ") && !text.contains('\t') {
        return Cow::Borrowed(text);
    }
    let links = text.contains("](") || text.contains("]:") || text.contains("][");
    let mut out = String::with_capacity(text.len() + 16);
    let mut lines = text.split('\n').peekable();
    let mut first = true;
    // A fence that was searched for and is not closed is not searched for again.
    let mut unclosed = usize::MAX;
    while let Some(line) = lines.next() {
        if !std::mem::take(&mut first) {
            out.push('\n');
        }
        let body = line.trim_start_matches([' ', '\t']);
        let ticks = body.len() - body.trim_start_matches('`').len();
        if ticks >= 3 && ticks < unclosed && !body.trim_start_matches('`').contains('`') {
            let closes = |line: &&str| {
                let line = line.trim();
                line.len() >= ticks && line.bytes().all(|byte| byte == b'`')
            };
            if lines.clone().any(|line| closes(&line)) {
                out.push_str(body);
                for code in lines.by_ref() {
                    out.push('\n');
                    if closes(&code) {
                        out.push_str(code.trim());
                        break;
                    }
                    out.push_str(code);
                }
                continue;
            }
            unclosed = ticks;
        }
        let bullet =
            body.strip_prefix(['-', '+', '*']).is_some_and(|rest| rest.starts_with(' ') && !rest.trim().is_empty());
        let indent = line.strip_suffix(body).unwrap_or_default();
        if bullet && indent.len() < 4 && !indent.contains('\t') && !is_rule(body) {
            out.push_str(indent);
            out.push_str(body.get(..2).unwrap_or_default());
            escape_line(body.get(2..).unwrap_or_default().trim_start(), links, &mut out);
            continue;
        }
        for blank in indent.chars() {
            out.push_str(if blank == '\t' { "\u{a0}\u{a0}\u{a0}\u{a0}" } else { "\u{a0}" });
        }
        if body.starts_with(['-', '+', '*']) && bullet {
            // Too deep to be read as a bullet alike everywhere.
            out.push('\\');
            out.push_str(body.get(..1).unwrap_or_default());
            escape_rest(body.get(1..).unwrap_or_default(), Some('-'), links, &mut out);
        } else {
            escape_line(body, links, &mut out);
        }
    }
    Cow::Owned(out)
}

/// Whether a line could be a rule, the underline of a heading or of a table's head.
fn is_rule(line: &str) -> bool {
    !line.trim().is_empty()
        && line.bytes().all(|byte| matches!(byte, b'-' | b'=' | b'*' | b'_' | b'|' | b':' | b' ' | b'\t' | b'+'))
}

/// Writes a line whose beginning could mean something.
fn escape_line(line: &str, links: bool, out: &mut String) {
    let digits = line.bytes().take_while(u8::is_ascii_digit).count();
    let hashes = line.bytes().take_while(|byte| *byte == b'#').count();
    let blank_at = |at: usize| line.as_bytes().get(at).is_none_or(u8::is_ascii_whitespace);
    let at = match line.bytes().next() {
        Some(b'#') if hashes <= 6 && blank_at(hashes) => 0,
        Some(b'>') => 0,
        Some(b'-' | b'+' | b'=' | b'|' | b':' | b'*' | b'_') if is_rule(line) => 0,
        Some(b'-' | b'+' | b'*') if blank_at(1) => 0,
        Some(_) if digits > 0 && matches!(line.as_bytes().get(digits), Some(b'.' | b')')) && blank_at(digits + 1) => {
            digits
        }
        _ => return escape_rest(line, None, links, out),
    };
    let (head, tail) = line.split_at(at);
    let mut tail = tail.chars();
    out.push_str(head);
    out.push('\\');
    let sign = tail.next();
    out.extend(sign);
    escape_rest(tail.as_str(), sign, links, out);
}

/// Writes what is within a line. `before` is the sign before it.
fn escape_rest(line: &str, before: Option<char>, links: bool, out: &mut String) {
    let mut before = before;
    let mut rest = line;
    // Runs of backticks of this length and no mate in the line.
    let mut lonely: Vec<usize> = Vec::new();
    while let Some(c) = rest.chars().next() {
        let tail = rest.get(c.len_utf8()..).unwrap_or_default();
        let after = tail.chars().next();
        if c == '`' {
            let ticks = rest.len() - rest.trim_start_matches('`').len();
            let body = rest.get(ticks..).unwrap_or_default();
            // So many different ones are no code, and each costs a search.
            let hopeless = lonely.len() >= 64 || lonely.contains(&ticks);
            let end = if hopeless { None } else { closing(body, ticks) };
            match end {
                Some(end) => {
                    let length = ticks + end + ticks;
                    out.push_str(rest.get(..length).unwrap_or_default());
                    rest = rest.get(length..).unwrap_or_default();
                }
                None => {
                    if !hopeless {
                        lonely.push(ticks);
                    }
                    out.push_str(&"\\`".repeat(ticks));
                    rest = body;
                }
            }
            before = Some('`');
            continue;
        }
        let blank = |side: Option<char>| side.is_none_or(char::is_whitespace);
        let word = |side: Option<char>| side.is_some_and(char::is_alphanumeric);
        let means = match c {
            '\\' => after.is_none_or(|after| after.is_ascii_punctuation()),
            '*' => !(blank(before) && blank(after)),
            '_' => !(blank(before) && blank(after) || word(before) && word(after)),
            '~' => before == Some('~') || after == Some('~'),
            '[' => links || before == Some('!'),
            '<' => after.is_some_and(|after| after.is_ascii_alphabetic() || matches!(after, '/' | '!' | '?')),
            '&' => tail.bytes().take(40).find(|byte| !byte.is_ascii_alphanumeric() && *byte != b'#') == Some(b';'),
            _ => false,
        };
        if means {
            out.push('\\');
        }
        out.push(c);
        before = Some(c);
        rest = tail;
    }
}

/// Where a run of exactly so many backticks begins.
fn closing(text: &str, ticks: usize) -> Option<usize> {
    let mut at = 0;
    while let Some(found) = text.get(at..)?.find('`') {
        at += found;
        let run = text.get(at..)?;
        let length = run.len() - run.trim_start_matches('`').len();
        if length == ticks {
            return Some(at);
        }
        at += length;
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use pulldown_cmark::{Event, Parser, TagEnd};
    use std::collections::BTreeSet;

    fn to_markdown(html: &str) -> String {
        crate::deck::html::markdown(html, &mut BTreeSet::new())
    }

    fn found() -> Options<'static> {
        Options { delimiter: None, header: None, markdown: false, html: &to_markdown }
    }

    fn reading(text: &str) -> Reading {
        read("decks/My deck.csv", text.as_bytes(), &found()).unwrap()
    }

    fn refusal(text: &str) -> String {
        read("x.csv", text.as_bytes(), &found()).unwrap_err().to_string()
    }

    /// Front and back of each card.
    fn cards(reading: &Reading) -> Vec<(&str, &str)> {
        let faces = reading.notes.iter().flat_map(|note| &note.faces);
        faces.map(|face| (face.front.as_str(), face.back[0].as_str())).collect()
    }

    fn problems(reading: &Reading) -> Vec<String> {
        reading.problems.iter().map(|problem| problem.to_string().replace("decks/My deck.csv", "")).collect()
    }

    #[test]
    fn the_separator_and_the_header_are_found() {
        let cases = [
            ("a,b\nc,d\n", vec![("a", "b"), ("c", "d")]),
            ("a\tb, c\nd, e, f\tg", vec![("a", "b, c"), ("d, e, f", "g")]),
            ("Was ist A, B?;x\nUnd C, D?;y", vec![("Was ist A, B?", "x"), ("Und C, D?", "y")]),
            ("a|b\nc|d", vec![("a", "b"), ("c", "d")]),
            ("front,back\na,b", vec![("a", "b")]),
            ("Answer;Tags;Question\na, b;x;c, d", vec![("c, d", "a, b")]),
            ("\u{feff}Question,Answer\r\na,b\r\n\r\nc,d\r\n", vec![("a", "b"), ("c", "d")]),
            ("a,b\rc,d\r", vec![("a", "b"), ("c", "d")]),
            ("\"a, \"\"x\"\"\",\"b\r\nc\"\nd,e", vec![("a, \"x\"", "b\nc"), ("d", "e")]),
            ("  a , b \n\n , \nc,d", vec![("a", "b"), ("c", "d")]),
            ("a,b", vec![("a", "b")]),
            ("#include <x>,b\n#y,c", vec![("#include \\<x>", "b"), ("#y", "c")]),
        ];
        for (text, expected) in cases {
            let reading = reading(text);
            assert_eq!(cards(&reading), expected, "{text:?}");
            assert_eq!(problems(&reading), Vec::<String>::new(), "{text:?}");
            assert!(reading.derived_ids && reading.deck.id == "my-deck");
        }
    }

    #[test]
    fn the_caller_may_know_better() {
        let read = |options: Options<'_>, text: &str| read("x", text.as_bytes(), &options).unwrap();
        let reading = read(Options { delimiter: Some(':'), ..found() }, "a,b:c,d");
        assert_eq!(cards(&reading), [("a,b", "c,d")]);
        let reading = read(Options { header: Some(false), ..found() }, "front,back\na,b");
        assert_eq!(cards(&reading), [("front", "back"), ("a", "b")]);
        let reading = read(Options { header: Some(true), ..found() }, "Frage,Antwort\na,b");
        assert_eq!(cards(&reading), [("a", "b")]);
        let reading = read(Options { markdown: true, ..found() }, "*a*,b_\nc,d");
        assert_eq!(cards(&reading), [("*a*", "b_"), ("c", "d")]);
        for wrong in ['"', 'é', 'x', '\n'] {
            let options = Options { delimiter: Some(wrong), ..found() };
            assert!(super::read("x", b"a,b", &options).is_err(), "{wrong}");
        }
    }

    #[test]
    fn columns_are_known_by_name() {
        let text = "id,Front,Back,Tags,Hint,Explanation,Extra,Source,Level,Deck\n\
                    k1,f,b,\"x y, z::w\",h,e1,e2,https://x.y,Expert,A::B\n\
                    ,g,c,x  y,,,,,,\n";
        let reading = reading(text);
        let [first, second] = reading.notes.as_slice() else { panic!("two notes") };
        assert_eq!((first.id.as_str(), first.level, first.folder.as_str()), ("k1", Level::Expert, "A::B"));
        assert_eq!(first.tags, ["x y", "z::w"]);
        assert_eq!((first.explanation.as_str(), first.source.as_str()), ("e1\n\ne2", "https://x.y"));
        assert_eq!(first.faces[0].hint, "h");
        assert_eq!((second.id.as_str(), second.level), (super::super::derived_id("G ").as_str(), Level::Foundation));
        assert_eq!((second.area.as_str(), &second.tags), ("unsorted", &vec!["x".to_owned(), "y".to_owned()]));
        assert!(reading.derived_ids);
        assert_eq!(problems(&reading), Vec::<String>::new());
        let all = super::read("x", b"id,front,back\n1,a,b\n", &found()).unwrap();
        assert!(!all.derived_ids);
    }

    #[test]
    fn columns_are_known_by_place() {
        let reading = reading("a,b,x y,z\nc,d,,\n");
        assert_eq!(reading.notes[0].tags, ["x", "y"]);
        assert_eq!(
            problems(&reading),
            [":1: columns that are left out: 4 (known are front, back, tags, hint, note, source, level, id and deck)"]
        );
        let named = super::read("x", b"front,back,sorce,abc\n1,2,3,4\n", &found()).unwrap();
        assert!(named.problems[0].message.ends_with("left out: `sorce` (did you mean `source`?), `abc`"));
    }

    #[test]
    fn bad_rows_are_named_and_left_out() {
        let text = "id,front,back,level\n1,a,b,\n2,,b,\n3,a,,\n4,a,b,guru\n1,c,d,\n5\n6,a,b,c,d\n\"7,x,y,\n\
                    \"8\",c,\"d\",\n9,\"a\"b,c,\n10,\"a\nb\",c,\n11,x,\"y\nz,\n";
        let reading = reading(text);
        assert_eq!(cards(&reading), [("a", "b"), ("c", "d"), ("a\nb", "c")]);
        let expected = [
            ":3: the front is empty",
            ":4: the back is empty",
            ":5: `guru` is not a level (the levels are foundation, practitioner and expert)",
            ":6: card `1`: a second row has this id",
            ":7: expected 4 columns, found 1 (give it a front and a back)",
            ":8: expected 4 columns, found 5 (put fields that hold the separator in quotes)",
            ":9: a quote within a quoted field is not doubled (double the quotes within a quoted field)",
            ":11: a quote within a quoted field is not doubled (double the quotes within a quoted field)",
            ":14: a quote is opened and not closed (double the quotes within a quoted field)",
            ":15: the front is empty",
        ];
        assert_eq!(problems(&reading), expected);
    }

    /// What Anki 26.9.3 wrote, and a note type of its own columns.
    #[test]
    fn text_exports_of_anki_are_read() {
        let text = "#separator:tab\n#html:true\n#guid column:1\n#notetype column:2\n#deck column:3\n#tags column:6\n\
            \"dyte#u-/#e\"\tBasic\tA::B\t\"What is <b>x</b>?<br>\"\"quoted\"\"\"\t\"y &amp; z\tt\"\tt1 t::2\n\
            j~u.3XRxT~\tBasic\tA\t\"#hash first\"\t\"a\nb\"\t\n# a remark\n\
            sXzd@a1Yn_\tCloze\tA::B\t{{c1::one}} and {{c2::two::hint}}\textra\t\n\
            m3c<}v3i_m\tBasic (and reversed card)\tC\tf\tb\t\n";
        let whole = reading(text);
        assert_eq!(problems(&whole), Vec::<String>::new());
        let expected = [
            ("What is **x**?\\\n\"quoted\"", "y & z t"),
            ("#hash first", "a b"),
            ("{{…}} and two", "one"),
            ("one and {{…}} [hint]", "two"),
            ("f", "b"),
            ("b", "f"),
        ];
        assert_eq!(cards(&whole), expected);
        assert_eq!(whole.notes[2].explanation, "extra");
        assert_eq!(whole.notes[0].tags, ["t1", "t::2"]);
        assert_eq!(
            whole.notes.iter().map(|note| note.id.as_str()).collect::<Vec<_>>(),
            ["dyte#u-/#e", "j~u.3XRxT~", "sXzd@a1Yn_", "m3c<}v3i_m"]
        );
        assert_eq!(whole.notes.iter().map(|note| note.folder.as_str()).collect::<Vec<_>>(), ["A::B", "A", "A::B", "C"]);
        assert!(!whole.derived_ids);
        let plain =
            reading("#separator:tab\n#html:false\n\"What is x? \"\"quoted\"\"\"\t\"y & z\tt\"\n{{c1::<a>}} b\textra\n");
        assert_eq!(cards(&plain), [("What is x? \"quoted\"", "y & z\tt"), ("{{…}} b", "<a>")]);
        let columns =
            reading("#separator:Semicolon\n#columns:Extra;Text;Answer;Remark\n#tags:x y\n#deck:Deep Deck\ne;t;a;r\n");
        assert_eq!(cards(&columns), [("t", "a")]);
        assert_eq!((columns.notes[0].explanation.as_str(), columns.deck.id.as_str()), ("e\n\nr", "deep-deck"));
        assert_eq!(columns.notes[0].tags, ["x", "y"]);
        let gap = reading("#separator:comma\n#markdown:true\nid,front,back\nk,run {{…}} or `x`,a*b\n");
        assert_eq!((gap.notes[0].faces[0].kind, cards(&gap)), (Kind::Cloze, vec![("run {{…}} or `x`", "a*b")]));
        assert_eq!(cards(&reading("#separator:|\n#markdown:true\n*a*|b\n")), [("*a*", "b")]);
    }

    #[test]
    fn bad_files_are_refused() {
        let columns = ",".repeat(1_000_000);
        let late = format!("a,b\n{columns}\n");
        let field = format!("a,{}\n", "x".repeat(10 << 20));
        let rows = "a,b\n".repeat(ROWS + 1);
        let cases = [
            ("", "it holds no cards"),
            ("\u{feff}\n\n", "it holds no cards"),
            ("front,back\n", "it holds no cards"),
            ("#separator:tab\n#html:true\n", "it holds no cards"),
            ("#separator:tab\na\nb\n", "it has one column only"),
            ("one\ntwo\n", "its rows have no common separator"),
            ("front,tags\na,b\n", "no column of it is the front or none the back"),
            ("a,b\nc,\0\n", "it is not text: line 2 holds a NUL byte"),
            (&columns, "it has more than 200 columns"),
            (&late, "line 2 has more than 200 columns"),
            (&field, "line 1: column 2 is longer than 1 MiB"),
            (&rows, "it has more than 200000 rows"),
            ("front,back\n\"a,b\nc,\"d", "it holds no cards; line 2: a quote within a quoted field is not doubled"),
        ];
        for (text, expected) in cases {
            assert_eq!(refusal(text), format!("x.csv: {expected}"), "{:?}", text.get(..20));
        }
        let not_text = |bytes: &[u8]| read("x.csv", bytes, &found()).unwrap_err().to_string();
        assert_eq!(not_text(b"a,b\nc,\xe9\n"), "x.csv: line 2 is not valid UTF-8");
        assert_eq!(not_text(b"\xff\xfea\0,\0"), "x.csv: it is UTF-16");
        assert_eq!(not_text(&vec![b'a'; LARGEST_FILE + 1]), "x.csv: it is larger than 32 MiB");
    }

    #[test]
    fn disorder_ends_in_time() {
        // Each row opens a quote that the next one closes wrongly, or that nothing closes.
        let opened = reading(&format!("a,b\n{}", "x\"y,\"z\"\"\n".repeat(20_000)));
        assert_eq!((opened.notes.len(), opened.problems.len()), (1, super::super::PROBLEMS + 1));
        assert_eq!(reading(&format!("front,back\na,b\nc,d\n{}", "\"\n".repeat(99_999))).notes.len(), 2);
        let escape = reading("\u{1b}[31m,\u{202e}b\u{7}\nc,d");
        assert_eq!(cards(&escape)[0], ("\u{1b}[31m", "\u{202e}b\u{7}"), "the gate is at the output");
        for hostile in ["`".repeat(100_000), "``` \n".repeat(50_000), "*_[".repeat(100_000), "{{c1::".repeat(50_000)] {
            let _ = read("x", format!("a,b\n{hostile},\"{hostile}\"\n").as_bytes(), &found());
        }
    }

    /// The text that Markdown shows, a line a line; bullets are written out.
    fn shown(markdown: &str) -> String {
        let mut out = String::new();
        for event in Parser::new_ext(markdown, pulldown_cmark::Options::ENABLE_TABLES) {
            match event {
                Event::Text(text) | Event::Code(text) => out.push_str(&text),
                Event::Start(pulldown_cmark::Tag::Item) => out.push_str("• "),
                Event::SoftBreak | Event::HardBreak | Event::End(TagEnd::Paragraph | TagEnd::Item) => out.push('\n'),
                Event::Start(pulldown_cmark::Tag::Paragraph | pulldown_cmark::Tag::List(None)) | Event::End(_) => {}
                other => out.push_str(&format!("<{other:?}>")),
            }
        }
        words(&out)
    }

    /// A line with its bullet as it is shown, whatever sign it was.
    fn bulleted(line: &str) -> String {
        let body = line.trim_start_matches([' ', '\t']);
        let indent = line.strip_suffix(body).unwrap();
        let bullet = body.strip_prefix(['-', '+', '*']).filter(|rest| {
            rest.starts_with(' ')
                && !rest.trim().is_empty()
                && indent.len() < 4
                && !indent.contains('\t')
                && !is_rule(body)
        });
        bullet.map_or(line.to_owned(), |rest| format!("• {rest}"))
    }

    fn words(text: &str) -> String {
        text.split_whitespace().collect::<Vec<_>>().join(" ")
    }

    #[test]
    fn plain_text_reads_the_same() {
        let cases = [
            (
                "snake_case 2 * 3 ~/.bashrc #tag #include 3.14 a-b x[0] $HOME",
                "snake_case 2 * 3 ~/.bashrc #tag #include 3.14 a-b x[0] $HOME",
            ),
            ("__init__ *args **kw", r"\_\_init\_\_ \*args \*\*kw"),
            ("# root\n> out\n---\n1. x", "\\# root\n\\> out\n\\---\n1\\. x"),
            (r"\d+\.\w", r"\d+\\.\w"),
            ("a &lt; b & c && d", r"a \&lt; b & c && d"),
            ("<div> a < b", r"\<div> a < b"),
            ("[a](b)", r"\[a](b)"),
            ("`a*b*` `c", r"`a*b*` \`c"),
            ("x\n```sh\nls *.*\n```\ny*z*", "x\n```sh\nls *.*\n```\ny\\*z\\*"),
            ("- a\n- b_c_", "- a\n- b_c\\_"),
            ("if x:\n    y\n\tz", "if x:\n\u{a0}\u{a0}\u{a0}\u{a0}y\n\u{a0}\u{a0}\u{a0}\u{a0}z"),
            ("a|b\n-|-\nc|d", "a|b\n\\-|-\nc|d"),
        ];
        for (text, expected) in cases {
            assert_eq!(verbatim(text), expected);
        }
        assert_eq!(verbatim(GAP), GAP);
    }

    #[test]
    fn leading_tags_are_a_few_short_ones() {
        let text = format!("#separator:tab\n#tags:{}{}\na\tb\n", "x".repeat(1000), " t".repeat(1000));
        let tags = &reading(&text).notes[0].tags;
        assert_eq!((tags.len(), tags[0].chars().count(), tags[1].as_str()), (50, 61, "t"));
    }

    proptest! {
        #[test]
        fn a_sound_row_is_cut_as_the_crate_cuts_it(row in "(\"([a;\n]|\"\"){0,4}\"|[a\"é]{0,4}|;){0,12}") {
            let scan = Scan::of(&row, b';');
            let row = row.get(..scan.length).unwrap();
            if scan.fault.is_none() && !row.trim_matches('\n').is_empty() {
                let mut record = csv::StringRecord::new();
                cut(row, b';', &mut record);
                prop_assert_eq!(record.iter().collect::<Vec<_>>(), split(row, b';'));
                prop_assert_eq!(record.len(), scan.columns);
            }
        }

        #[test]
        fn any_plain_text_reads_the_same(text in r"([-+*_~#>=|:.)(!&;<>\[\]\\ \n]|[-] |&lt;|a|b1|1\.|\t|    ){0,30}") {
            let text = text.trim();
            let markdown = verbatim(text);
            let expected = words(&text.lines().map(bulleted).collect::<Vec<_>>().join("\n"));
            prop_assert_eq!(shown(&markdown), expected, "{}", markdown);
        }

        #[test]
        fn no_bytes_make_it_panic(bytes in proptest::collection::vec(any::<u8>(), 0..300)) {
            let _ = read("x", &bytes, &found());
        }

        #[test]
        fn no_text_makes_it_panic(text in "(#separator:tab\n|#html:true\n|#columns:a,b\n|#tags column:[0-9]\n)?(\"|,|\t|;|\n|a|å|`|\\{\\{c1::|\\}\\}|front|back|<b>| ){0,60}") {
            if let Ok(reading) = read("x", text.as_bytes(), &found()) {
                prop_assert!(!reading.notes.is_empty());
                let ids: BTreeSet<&str> = reading.notes.iter().map(|note| note.id.as_str()).collect();
                prop_assert_eq!(ids.len(), reading.notes.len());
                prop_assert!(reading.notes.iter().all(|note| !note.faces.is_empty()));
            }
        }

        #[test]
        fn what_the_writer_of_csv_writes_is_read(rows in proptest::collection::vec(("[a-z\"\n,;é ]{0,8}x", "y[a-z\"\n,;\t]{0,8}z"), 1..6)) {
            let mut writer = csv::WriterBuilder::new().from_writer(Vec::new());
            writer.write_record(["front", "back"]).unwrap();
            for (front, back) in &rows {
                writer.write_record([front, back]).unwrap();
            }
            let bytes = writer.into_inner().unwrap();
            let reading = read("x", &bytes, &Options { markdown: true, ..found() }).unwrap();
            let expected: Vec<(&str, &str)> = rows.iter().map(|(front, back)| (front.trim(), back.trim())).collect();
            prop_assert_eq!(cards(&reading), expected);
        }
    }
}
