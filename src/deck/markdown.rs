//! Markdown: lines that begin with `Q:`, `A:` and `C:`, or headings with the text beneath them.
//!
//! It hides how cards stand in prose. `cli` may call it. It takes the text of a card as it is and never looks at a file
//! that the text names.
//!
//! **Prefixes** (the form of hashcards). `Q:` begins a question and `A:` its answer, `C:` a text with gaps in square
//! brackets, each of which gives a card. A block ends at the next prefix or at a line `---`; text outside of blocks is
//! passed over. `[text](address)` is a link, `![…]` a picture, and what is code or stands behind a backslash is no gap;
//! of gaps within gaps the outermost counts. A gap with one short line is typed, all others are recalled.
//!
//! **Headings.** In a file without such lines each heading with text is a question and the text, up to the next heading,
//! its answer. The headings above it are its folder; a first heading that stands alone at the top level and has no text is
//! the deck's title instead.
//!
//! A file may begin with lines between `---`; of those, TOML's `name = "…"` is the deck's name.

use std::ops::Range;

use pulldown_cmark::{Event, HeadingLevel, Options, Parser, Tag, TagEnd};

use super::{FIELD, Ids, Problems, Reading, bare_note, deck_called, decode, face, refused, short, stem};
use crate::card::{Face, GAP, Kind, Note, shallow};
use crate::error::Result;

/// The largest file, in bytes.
pub const LARGEST_FILE: usize = 8 << 20;
/// The most cards.
const CARDS: usize = 100_000;
/// The most gaps in one text.
const GAPS: usize = 500;
/// How much text the cards of a file may hold: each gap repeats the whole.
const WORK: usize = 64 << 20;
/// The longest answer that is typed into a gap, in characters.
const GAP_LENGTH: usize = 60;
/// The longest name of a folder, in bytes.
const FOLDER: usize = 500;
/// The largest front matter, in bytes.
const FRONT_MATTER: usize = 16 << 10;

/// Reads a Markdown file; `file` is how the user named it.
///
/// # Errors
/// Refuses what is not UTF-8, holds no cards, or is larger than any sound deck.
pub fn read(file: &str, bytes: &[u8]) -> Result<Reading> {
    let text = decode(file, bytes, LARGEST_FILE)?;
    let text = shallow(&text);
    let mut problems = Problems::of(file);
    let (name, start) = front_matter(&text, &mut problems);
    let lines = 1 + text.get(..start).unwrap_or_default().matches('\n').count();
    let body = text.get(start..).unwrap_or_default();
    let mut reader = Reader {
        file,
        ids: Ids::default(),
        cards: 0,
        work: 0,
        reading: Reading { deck: deck_called(name.as_deref().unwrap_or(stem(file))), ..Reading::default() },
        problems,
    };
    reader.reading.derived_ids = true;
    if has_prefixes(body) {
        reader.prefixes(body, lines)?;
    } else {
        reader.headings(body, lines, name.is_some())?;
    }
    if reader.reading.notes.is_empty() {
        let first = reader
            .problems
            .found
            .iter()
            .find_map(|problem| problem.line.map(|line| format!("; line {line}: {}", problem.message)));
        let hint = "write lines that begin with Q: and A:, or headings with text";
        return Err(refused(file, format!("it holds no cards{}", first.unwrap_or_default())).hint(hint));
    }
    reader.reading.problems = reader.problems.finish();
    Ok(reader.reading)
}

/// The name that the front matter gives, and where the text after it begins.
fn front_matter(text: &str, problems: &mut Problems<'_>) -> (Option<String>, usize) {
    let none = (None, 0);
    let Some(rest) = text.strip_prefix("---\n") else { return none };
    let Some(end) = rest.find("\n---\n").or_else(|| rest.strip_suffix("\n---").map(str::len)) else { return none };
    let matter = rest.get(..end).unwrap_or_default();
    if matter.len() > FRONT_MATTER || matter.lines().any(|line| Prefix::of(line).is_some()) {
        return none;
    }
    let start = (4 + end + 5).min(text.len());
    match matter.parse::<::toml::Table>() {
        Ok(table) => (table.get("name").and_then(|name| name.as_str()).map(String::from), start),
        // Other programs write YAML there, which says nothing that we need.
        Err(_) => {
            let message = "the lines between --- at the beginning are not TOML and are passed over";
            problems.warning(Some(1), message, "");
            (None, start)
        }
    }
}

/// What begins a block.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Prefix {
    Question,
    Answer,
    Gaps,
}

impl Prefix {
    fn of(line: &str) -> Option<(Prefix, &str)> {
        [("Q:", Prefix::Question), ("A:", Prefix::Answer), ("C:", Prefix::Gaps)]
            .into_iter()
            .find_map(|(sign, prefix)| line.strip_prefix(sign).map(|rest| (prefix, rest)))
    }
}

/// The lines of a text that are no code, by number from 0, with their text. A fence that is not closed is no fence.
fn prose(text: &str) -> impl Iterator<Item = (usize, &str, bool)> {
    let lines: Vec<&str> = text.split('\n').collect();
    let fence = |line: &str| {
        let line = line.trim_start();
        ['`', '~'].into_iter().find_map(|sign| {
            let length = line.chars().take_while(|c| *c == sign).count();
            let rest = line.get(length..).unwrap_or_default();
            (length >= 3 && !(sign == '`' && rest.contains('`'))).then(|| (sign, length, rest.trim().is_empty()))
        })
    };
    let mut code = vec![false; lines.len()];
    // The lines that are fences: a search for an end looks at these alone, so that none is measured twice.
    let fences: Vec<(usize, (char, usize, bool))> =
        lines.iter().enumerate().filter_map(|(at, line)| fence(line).map(|fence| (at, fence))).collect();
    // The shortest fence of each sign that was searched for in vain.
    let mut unclosed = [usize::MAX; 2];
    let mut next = 0;
    while let Some((start, (sign, length, _))) = fences.get(next).copied() {
        next += 1;
        let Some(vain) = unclosed.get_mut(usize::from(sign == '~')).filter(|vain| length < **vain) else { continue };
        let closes = |(_, (other, other_length, bare)): &(usize, (char, usize, bool))| {
            *bare && *other == sign && *other_length >= length
        };
        match fences.iter().skip(next).position(closes) {
            Some(further) => {
                next += further + 1;
                let end = fences.get(next - 1).map_or(start, |(end, _)| *end);
                code.iter_mut().take(end + 1).skip(start).for_each(|line| *line = true);
            }
            None => *vain = length,
        }
    }
    lines.into_iter().zip(code).enumerate().map(|(number, (line, code))| (number, line, code))
}

/// Whether the text has a question or a text with gaps.
pub(super) fn has_prefixes(text: &str) -> bool {
    prose(text).any(|(_, line, code)| !code && matches!(Prefix::of(line), Some((Prefix::Question | Prefix::Gaps, _))))
}

/// Whether the text has headings.
pub(super) fn has_headings(text: &str) -> bool {
    prose(text).any(|(_, line, code)| {
        let rest = line.trim_start_matches('#');
        !code && (1..=6).contains(&(line.len() - rest.len())) && rest.starts_with(' ') && !rest.trim().is_empty()
    })
}

/// A block of text with the line where it begins.
#[derive(Default)]
struct Block<'t> {
    line: usize,
    lines: Vec<&'t str>,
}

impl Block<'_> {
    fn text(&self) -> String {
        self.lines.join("\n").trim().to_owned()
    }
}

/// What is being read.
enum State<'t> {
    Between,
    Question(Block<'t>),
    Answer(Block<'t>, Block<'t>),
    Gaps(Block<'t>),
}

struct Reader<'f> {
    file: &'f str,
    ids: Ids,
    cards: usize,
    work: usize,
    reading: Reading,
    problems: Problems<'f>,
}

impl Reader<'_> {
    /// Reads blocks; the first line has the number `first`.
    fn prefixes(&mut self, text: &str, first: usize) -> Result<()> {
        let mut state = State::Between;
        for (number, line, code) in prose(text) {
            let number = first + number;
            let prefix = if code { None } else { Prefix::of(line) };
            let Some((prefix, rest)) = prefix else {
                if !code && line.trim_end() == "---" {
                    self.end(std::mem::replace(&mut state, State::Between))?;
                    continue;
                }
                match &mut state {
                    State::Between => {}
                    State::Question(block) | State::Answer(_, block) | State::Gaps(block) => block.lines.push(line),
                }
                continue;
            };
            let block = Block { line: number, lines: vec![rest.trim_start()] };
            let before = std::mem::replace(&mut state, State::Between);
            state = match (prefix, before) {
                (Prefix::Answer, State::Question(question)) => State::Answer(question, block),
                (prefix, before) => {
                    self.end(before)?;
                    match prefix {
                        Prefix::Question => State::Question(block),
                        Prefix::Gaps => State::Gaps(block),
                        Prefix::Answer => {
                            self.problems.error(
                                Some(number),
                                "an answer without a question",
                                "write a line Q: before it",
                            );
                            State::Between
                        }
                    }
                }
            };
        }
        self.end(state)
    }

    /// Ends a block.
    fn end(&mut self, state: State<'_>) -> Result<()> {
        match state {
            State::Between => Ok(()),
            State::Question(block) => {
                self.problems.error(Some(block.line), "a question without an answer", "write a line A: after it");
                Ok(())
            }
            State::Answer(question, answer) => {
                self.basic(question.line, &question.text(), answer.text(), String::new())
            }
            State::Gaps(block) => self.gaps(block.line, &block.text()),
        }
    }

    fn basic(&mut self, line: usize, front: &str, back: String, folder: String) -> Result<()> {
        for (text, name) in [(front, "question"), (&back, "answer")] {
            if text.is_empty() {
                self.problems.error(Some(line), format!("the {name} is empty"), "");
                return Ok(());
            }
        }
        let faces = vec![face(0, Kind::Basic, front.to_owned(), back)];
        self.note(line, front, faces, folder)
    }

    fn note(&mut self, line: usize, front: &str, faces: Vec<Face>, folder: String) -> Result<()> {
        if faces.iter().any(|face| face.front.len() + face.back.iter().map(String::len).sum::<usize>() > FIELD) {
            self.problems.error(Some(line), format!("the card is larger than {} MiB", FIELD >> 20), "");
            return Ok(());
        }
        self.cards += faces.len();
        if self.cards > CARDS {
            let why = format!("it holds more than {CARDS} cards");
            return Err(refused(self.file, why).hint("split it into several files"));
        }
        let id = self.ids.derive(front);
        self.reading.notes.push(Note { faces, folder, ..bare_note(id) });
        Ok(())
    }

    fn gaps(&mut self, line: usize, text: &str) -> Result<()> {
        let gaps = gaps(text);
        if gaps.is_empty() {
            let hint = "put what is to be recalled in [square brackets]";
            self.problems.error(Some(line), "a text without a gap", hint);
            return Ok(());
        }
        if gaps.len() > GAPS {
            self.problems.error(Some(line), format!("a text with more than {GAPS} gaps"), "split it");
            return Ok(());
        }
        self.work += gaps.len() * text.len();
        if self.work > WORK {
            return Err(refused(self.file, "its gaps repeat more text than those of any sound deck"));
        }
        // The text with all gaps filled: more or fewer gaps make no new note.
        let filled = without_gaps(text, &gaps, None, "");
        let mut faces = Vec::with_capacity(gaps.len());
        for (number, gap) in gaps.iter().enumerate() {
            let answer = text.get(gap.start + 1..gap.end - 1).unwrap_or_default();
            let typed = plain(answer);
            let typed = Some(typed).filter(|typed| {
                !typed.is_empty() && !typed.contains('\n') && typed.chars().count() <= GAP_LENGTH && !text.contains(GAP)
            });
            let ordinal = u32::try_from(number).unwrap_or(u32::MAX);
            faces.push(match typed {
                Some(typed) => face(ordinal, Kind::Cloze, without_gaps(text, &gaps, Some(number), GAP), typed),
                None => {
                    let front = without_gaps(text, &gaps, Some(number), "[…]");
                    face(ordinal, Kind::Basic, front, filled.clone())
                }
            });
        }
        self.note(line, &filled, faces, String::new())
    }

    /// Reads headings; the first line has the number `first`. `named` says that the deck has a name already.
    fn headings(&mut self, text: &str, first: usize, named: bool) -> Result<()> {
        let headings = headings(text);
        let mut above: Vec<(HeadingLevel, String)> = Vec::new();
        let (mut counted, mut line) = (0, first);
        for (at, heading) in headings.iter().enumerate() {
            line += text.get(counted..heading.whole.start).unwrap_or_default().matches('\n').count();
            counted = heading.whole.start;
            let next = headings.get(at + 1);
            let end = next.map_or(text.len(), |next| next.whole.start);
            let title = text.get(heading.title.clone()).unwrap_or_default().trim();
            let answer = text.get(heading.whole.end..end).unwrap_or_default().trim_matches('\n').trim_end();
            above.retain(|(level, _)| *level < heading.level);
            let holds = next.is_some_and(|next| next.level > heading.level);
            let is_title = at == 0
                && answer.is_empty()
                && holds
                && headings.iter().skip(1).all(|other| other.level > heading.level);
            if is_title {
                if !named && !title.is_empty() {
                    self.reading.deck = deck_called(&plain(title));
                }
                continue;
            }
            if answer.is_empty() {
                if !holds {
                    self.problems.error(Some(line), format!("the heading `{}` has no text", short(title)), "");
                }
            } else {
                if above.iter().map(|(_, title)| title.len() + 2).sum::<usize>() > FOLDER {
                    let message = format!("the headings above it are longer than {FOLDER} bytes");
                    self.problems.error(Some(line), message, "");
                } else {
                    let folder: Vec<&str> = above.iter().map(|(_, title)| title.as_str()).collect();
                    self.basic(line, title, answer.to_owned(), folder.join("::"))?;
                }
            }
            above.push((heading.level, plain(title)));
        }
        Ok(())
    }
}

/// A heading: its level, where it stands with its signs, and its text alone.
struct Heading {
    level: HeadingLevel,
    whole: Range<usize>,
    title: Range<usize>,
}

/// The headings that stand in no quote and no list.
fn headings(text: &str) -> Vec<Heading> {
    let mut found: Vec<Heading> = Vec::new();
    let (mut depth, mut open) = (0usize, false);
    for (event, range) in Parser::new_ext(text, Options::ENABLE_TABLES).into_offset_iter() {
        match event {
            Event::Start(Tag::Heading { level, .. }) if depth == 0 => {
                open = true;
                found.push(Heading { level, title: range.end..range.end, whole: range });
                depth += 1;
                continue;
            }
            Event::End(TagEnd::Heading(_)) if depth == 1 => open = false,
            _ => {}
        }
        if open && let Some(heading) = found.last_mut() {
            if heading.title.is_empty() {
                heading.title = range.clone();
            }
            heading.title.end = heading.title.end.max(range.end);
        }
        match event {
            Event::Start(_) => depth += 1,
            Event::End(_) => depth = depth.saturating_sub(1),
            _ => {}
        }
    }
    found
}

/// The text that Markdown shows, in one line but for its line breaks.
fn plain(markdown: &str) -> String {
    let mut out = String::new();
    for event in Parser::new(markdown) {
        match event {
            Event::Text(text) | Event::Code(text) | Event::Html(text) | Event::InlineHtml(text) => out.push_str(&text),
            Event::SoftBreak | Event::HardBreak | Event::End(TagEnd::Paragraph | TagEnd::Item) => out.push('\n'),
            _ => {}
        }
    }
    out.trim().to_owned()
}

/// Where the outermost gaps stand, with their brackets.
fn gaps(text: &str) -> Vec<Range<usize>> {
    let code = code(text);
    let mut code = code.iter().peekable();
    let mut found: Vec<Range<usize>> = Vec::new();
    // The open brackets: where, and whether of a picture.
    let mut open: Vec<(usize, bool)> = Vec::new();
    let bytes = text.as_bytes();
    let mut at = 0;
    while let Some(byte) = bytes.get(at) {
        while code.next_if(|range| range.end <= at).is_some() {}
        if let Some(range) = code.peek().filter(|range| range.contains(&at)) {
            at = range.end;
            continue;
        }
        match byte {
            b'\\' => at += 1,
            b'[' => open.push((at, at.checked_sub(1).and_then(|before| bytes.get(before)) == Some(&b'!'))),
            b']' => {
                if let Some((start, picture)) = open.pop() {
                    let link = bytes.get(at + 1) == Some(&b'(');
                    let blank = text.get(start + 1..at).is_none_or(|inner| inner.trim().is_empty());
                    if !picture && !link && !blank {
                        // Those within it count no more.
                        while found.last().is_some_and(|inner| inner.start > start) {
                            found.pop();
                        }
                        found.push(start..at + 1);
                    }
                }
            }
            _ => {}
        }
        at += 1;
    }
    found
}

/// Where code stands.
fn code(text: &str) -> Vec<Range<usize>> {
    let mut found: Vec<Range<usize>> = Vec::new();
    for (event, range) in Parser::new(text).into_offset_iter() {
        if matches!(event, Event::Code(_) | Event::Start(Tag::CodeBlock(_))) {
            found.push(range);
        }
    }
    found
}

/// The text without the brackets of its gaps, and with `mark` in place of one gap.
fn without_gaps(text: &str, gaps: &[Range<usize>], asked: Option<usize>, mark: &str) -> String {
    let mut out = String::with_capacity(text.len() + mark.len());
    let mut from = 0;
    for (number, gap) in gaps.iter().enumerate() {
        out.push_str(text.get(from..gap.start).unwrap_or_default());
        if asked == Some(number) {
            out.push_str(mark);
        } else {
            out.push_str(text.get(gap.start + 1..gap.end - 1).unwrap_or_default());
        }
        from = gap.end;
    }
    out.push_str(text.get(from..).unwrap_or_default());
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn reading(text: &str) -> Reading {
        read("notes/My deck.md", text.as_bytes()).unwrap()
    }

    /// Kind, front and back of each card, a note a row.
    fn cards(reading: &Reading) -> Vec<Vec<(Kind, &str, &str)>> {
        reading
            .notes
            .iter()
            .map(|note| note.faces.iter().map(|face| (face.kind, face.front.as_str(), face.back[0].as_str())).collect())
            .collect()
    }

    fn problems(reading: &Reading) -> Vec<String> {
        reading.problems.iter().map(ToString::to_string).collect()
    }

    #[test]
    fn prefixes_begin_blocks() {
        let text = "Prose before.\n\nQ: What?\nmore\nA:\n\n- a\n- b\n\nC: [Paris] is the capital of [France].\n---\nprose\n\n\
                    Q: two\nA: `[x]`\n```\nQ: code\n---\n```\nend\n";
        let reading = reading(text);
        let expected = vec![
            vec![(Kind::Basic, "What?\nmore", "- a\n- b")],
            vec![
                (Kind::Cloze, "{{…}} is the capital of France.", "Paris"),
                (Kind::Cloze, "Paris is the capital of {{…}}.", "France"),
            ],
            vec![(Kind::Basic, "two", "`[x]`\n```\nQ: code\n---\n```\nend")],
        ];
        assert_eq!(cards(&reading), expected);
        assert_eq!(problems(&reading), Vec::<String>::new());
        assert_eq!((reading.deck.id.as_str(), reading.deck.title.as_str()), ("my-deck", "My deck"));
        assert!(reading.derived_ids);
        assert_eq!(reading.notes[1].faces.iter().map(|face| face.ordinal).collect::<Vec<_>>(), [0, 1]);
    }

    #[test]
    fn what_is_a_gap() {
        let long = "x".repeat(61);
        type Card<'a> = (Kind, &'a str, &'a str);
        let cases: [(&str, &[Card<'_>]); 9] = [
            (
                "[a] `[b]` \\[c\\] [d](http://x) ![e](f) [ ]",
                &[(Kind::Cloze, "{{…}} `[b]` \\[c\\] [d](http://x) ![e](f) [ ]", "a")],
            ),
            ("[a [b] c] d", &[(Kind::Cloze, "{{…}} d", "a [b] c")]),
            ("[6]:[9] ]", &[(Kind::Cloze, "{{…}}:9 ]", "6"), (Kind::Cloze, "6:{{…}} ]", "9")]),
            ("[[a]", &[(Kind::Cloze, "[{{…}}", "a")]),
            (
                "run [`ls -l`] or [**b**]",
                &[(Kind::Cloze, "run {{…}} or **b**", "ls -l"), (Kind::Cloze, "run `ls -l` or {{…}}", "b")],
            ),
            ("[a\nb] c", &[(Kind::Basic, "[…] c", "a\nb c")]),
            ("```\n[a]\n```\n[b]", &[(Kind::Cloze, "```\n[a]\n```\n{{…}}", "b")]),
            ("å [ö] ä", &[(Kind::Cloze, "å {{…}} ä", "ö")]),
            ("{{…}} [a]", &[(Kind::Basic, "{{…}} […]", "{{…}} a")]),
        ];
        for (text, expected) in cases {
            assert_eq!(cards(&reading(&format!("C: {text}\n"))), [expected.to_vec()], "{text}");
        }
        let text = format!("C: [{long}] y");
        assert_eq!(cards(&reading(&text))[0][0], (Kind::Basic, "[…] y", format!("{long} y").as_str()));
    }

    #[test]
    fn a_gap_more_is_no_new_note() {
        let id = |text: &str| reading(text).notes[0].id.clone();
        assert_eq!(id("C: [a] b c"), id("C: [A]  b [c]"));
        assert_ne!(id("C: [a] b c"), id("C: [a] b d"));
        let twins = reading("Q: x\nA: 1\nQ: x\nA: 2\nQ: X \nA: 3");
        let first = &twins.notes[0].id;
        assert_eq!(twins.notes[1].id, format!("{first}-2"));
        assert_eq!(twins.notes[2].id, format!("{first}-3"));
        assert!(first.len() == 16 && first.bytes().all(|byte| byte.is_ascii_hexdigit()));
    }

    #[test]
    fn bad_blocks_are_named_and_left_out() {
        let text =
            "A: lone\nQ: no answer\nQ: good\nA: yes\nA: second\nC: no gap\nQ:\nA: empty\nQ: q\nA:\n\n---\nA: after\n";
        let reading = reading(text);
        assert_eq!(cards(&reading), [[(Kind::Basic, "good", "yes")]]);
        let expected = [
            "notes/My deck.md:1: an answer without a question (write a line Q: before it)",
            "notes/My deck.md:2: a question without an answer (write a line A: after it)",
            "notes/My deck.md:5: an answer without a question (write a line Q: before it)",
            "notes/My deck.md:6: a text without a gap (put what is to be recalled in [square brackets])",
            "notes/My deck.md:7: the question is empty",
            "notes/My deck.md:9: the answer is empty",
            "notes/My deck.md:13: an answer without a question (write a line Q: before it)",
        ];
        assert_eq!(problems(&reading), expected);
    }

    #[test]
    fn headings_are_questions() {
        let text = "# Docker\n\n## Images\n\n### What is a *layer*?\n\nA diff.\n\n    code\n\n```\n# no heading\n```\n\
                    ### Empty\n## Networks\nUnderlined\n---\nanswer\n\n> # quoted\n\n### Which `driver`? ###\nbridge\n";
        let reading = reading(text);
        assert_eq!(reading.deck.title, "Docker");
        let notes: Vec<(&str, &str, &str)> = reading
            .notes
            .iter()
            .map(|note| (note.folder.as_str(), note.faces[0].front.as_str(), note.faces[0].back[0].as_str()))
            .collect();
        let expected = [
            ("Images", "What is a *layer*?", "A diff.\n\n    code\n\n```\n# no heading\n```"),
            ("", "Underlined", "answer\n\n> # quoted"),
            ("Underlined", "Which `driver`?", "bridge"),
        ];
        assert_eq!(notes, expected);
        assert_eq!(
            problems(&reading),
            [
                "notes/My deck.md:14: the heading `Empty` has no text",
                "notes/My deck.md:15: the heading `Networks` has no text",
            ]
        );
    }

    #[test]
    fn front_matter_names_the_deck() {
        let cases = [
            ("---\nname = \"Cell Biology\"\n---\n\nQ: a\nA: b", ("cell-biology", 0, 6)),
            ("---\ntitle: yaml: x\n---\nQ: a\nA: b", ("my-deck", 1, 4)),
            ("---\nQ: a\nA: b\n---\n", ("my-deck", 0, 2)),
            ("---\r\nname = 'X'\r\n---\r\n# a\r\nb\r\n", ("x", 0, 0)),
        ];
        for (text, (id, faults, line)) in cases {
            let broken = if line > 0 { format!("{text}\nC: none") } else { text.to_owned() };
            let reading = reading(&broken);
            assert_eq!((reading.deck.id.as_str(), reading.notes.len()), (id, 1), "{text}");
            let expected = faults + usize::from(line > 0);
            assert_eq!(reading.problems.len(), expected, "{text}");
            if line > 0 {
                assert_eq!(reading.problems.last().unwrap().line, Some(broken.matches('\n').count() + 1), "{text}");
            }
        }
    }

    #[test]
    fn bad_files_are_refused() {
        let big = vec![b'x'; LARGEST_FILE + 1];
        let many = "Q: a\nA: b\n".repeat(CARDS + 1);
        let repeats = format!("C: {}{}", "[a] ".repeat(GAPS), "x".repeat(200_000));
        let hint = "it holds no cards";
        let cases: [(&[u8], &str); 9] = [
            (b"", hint),
            (b"just prose\n", hint),
            (b"# only\n## headings\n", "it holds no cards; line 2: the heading `headings` has no text"),
            (b"\xff\xfeQ\0", "it is UTF-16"),
            (b"Q: a\nA: \xc3\n", "line 2 is not valid UTF-8"),
            (b"Q: a\nA: \0\n", "it is not text: line 2 holds a NUL byte"),
            (&big, "it is larger than 8 MiB"),
            (many.as_bytes(), "it holds more than 100000 cards"),
            (repeats.as_bytes(), "its gaps repeat more text than those of any sound deck"),
        ];
        for (bytes, expected) in cases {
            assert_eq!(read("x.md", bytes).unwrap_err().to_string(), format!("x.md: {expected}"));
        }
    }

    #[test]
    fn hostile_shapes_end() {
        let n = 20_000;
        let cases = [
            format!("C: {}[a]", "[".repeat(n)),
            format!("C: {}{}", "[".repeat(n), "]".repeat(n)),
            format!("C: [a]{}", "`".repeat(n)),
            format!("C: [a]\n{}", "> ".repeat(n)),
            format!("C: [a]\n{}", "```x\n".repeat(n)),
            format!("# a\n{}", "- ".repeat(n)),
            format!("# {}\n{}", "x".repeat(n), "## a\nb\n".repeat(n / 10)),
            format!("Q: \u{1b}[31m\nA: {}", "*a_".repeat(n)),
            (3..600).rev().map(|length| format!("{}\n", "`".repeat(length))).collect::<String>() + "C: [a]",
        ];
        for text in cases {
            let _ = read("x.md", text.as_bytes());
        }
        let escape = reading("Q: \u{1b}[31m\u{202e}\nA: \u{7}b");
        assert_eq!(cards(&escape), [[(Kind::Basic, "\u{1b}[31m\u{202e}", "\u{7}b")]], "the gate is at the output");
    }

    proptest! {
        #[test]
        fn no_bytes_make_it_panic(bytes in proptest::collection::vec(any::<u8>(), 0..400)) {
            let _ = read("x", &bytes);
        }

        #[test]
        fn no_text_makes_it_panic(text in "([QAC]:|---|#|##|\\[|\\]|\\(|`|```|\\\\|!|å|x|\n| |name = 'x'){0,60}") {
            if let Ok(reading) = read("x", text.as_bytes()) {
                prop_assert!(!reading.notes.is_empty());
                for face in reading.notes.iter().flat_map(|note| &note.faces) {
                    prop_assert!(!face.front.is_empty() && face.back.iter().all(|back| !back.is_empty()));
                }
            }
        }
    }
}
