//! Styled text without escape sequences: what the report and the terminal hand to the one writer.
//!
//! A [`Line`] is a row of spans, each a piece of text with a [`Style`]. No span ever holds a control sequence that
//! means something: the writer passes every span through [`visible`] and adds the colours itself, so foreign text can
//! not speak to the terminal, whatever way it came here.

use std::borrow::Cow;

/// What a piece of text is; the writer decides how that looks.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash)]
pub enum Style {
    /// Running text.
    #[default]
    Plain,
    /// Headings, the names of things.
    Strong,
    /// Asides and explanations.
    Faint,
    /// The one accent: what to do next.
    Accent,
    /// Emphasis of an author.
    Emphasis,
    /// Inline code and code blocks.
    Code,
    /// Right, held.
    Good,
    /// Wrong, failed.
    Bad,
    /// Take care, fading.
    Warn,
    /// A link's address.
    Link,
    /// Keywords in highlighted code.
    Keyword,
    /// Strings in highlighted code.
    Quoted,
    /// Numbers and constants in highlighted code.
    Number,
    /// Comments in highlighted code.
    Comment,
}

/// A piece of text of one style.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Span {
    /// How it is meant.
    pub style: Style,
    /// What it says; may be foreign.
    pub text: String,
}

/// One line of output.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Line {
    /// Its pieces from left to right.
    pub spans: Vec<Span>,
}

impl Line {
    /// An empty line.
    pub fn new() -> Line {
        Line::default()
    }

    /// A line of one span.
    pub fn of(style: Style, text: impl Into<String>) -> Line {
        Line::new().with(style, text)
    }

    /// A line of running text.
    pub fn plain(text: impl Into<String>) -> Line {
        Line::of(Style::Plain, text)
    }

    /// The line with a span added at its end.
    #[must_use]
    pub fn with(mut self, style: Style, text: impl Into<String>) -> Line {
        self.push(style, text);
        self
    }

    /// Adds a span at the end.
    pub fn push(&mut self, style: Style, text: impl Into<String>) {
        let text = text.into();
        if !text.is_empty() {
            self.spans.push(Span { style, text });
        }
    }

    /// The line moved right by some columns.
    #[must_use]
    pub fn indented(mut self, columns: usize) -> Line {
        if columns > 0 && !self.spans.is_empty() {
            self.spans.insert(0, Span { style: Style::Plain, text: " ".repeat(columns) });
        }
        self
    }

    /// The columns that the line takes on a terminal.
    pub fn width(&self) -> usize {
        self.spans.iter().map(|span| unicode_width::UnicodeWidthStr::width(visible(&span.text).as_ref())).sum()
    }

    /// The text alone, made visible.
    pub fn text(&self) -> String {
        self.spans.iter().map(|span| visible(&span.text)).collect()
    }
}

/// Returns the text cut to a number of columns, with a mark where something is missing.
pub fn cut(text: &str, width: usize) -> String {
    use unicode_width::{UnicodeWidthChar as _, UnicodeWidthStr as _};
    let text = visible(text);
    if text.width() <= width {
        return text.into_owned();
    }
    let mut used = 1;
    let mut out: String = text
        .chars()
        .take_while(|character| {
            used += character.width().unwrap_or(0);
            used <= width
        })
        .collect();
    if width > 0 {
        out.push('…');
    }
    out
}

/// Returns the text cut, or filled with blanks, to a number of columns.
pub fn pad(text: &str, width: usize) -> String {
    use unicode_width::UnicodeWidthStr as _;
    let text = cut(text, width);
    let missing = width.saturating_sub(text.width());
    text + &" ".repeat(missing)
}

/// Returns the text with everything that could speak to a terminal or deceive the eye turned into visible marks:
/// control characters but line feed and tab, DEL, C1, bidi controls, zero-width and tag characters. Joiners stay
/// between letters and within emoji, where scripts need them.
pub fn visible(text: &str) -> Cow<'_, str> {
    // The common case costs one look: ASCII without controls passes as it is.
    if text.bytes().all(|byte| (0x20..0x7f).contains(&byte) || byte == b'\n' || byte == b'\t') {
        return Cow::Borrowed(text);
    }
    let characters: Vec<char> = text.chars().collect();
    let mut out = String::with_capacity(text.len());
    for (index, &character) in characters.iter().enumerate() {
        match character {
            '\n' | '\t' => out.push(character),
            // U+2400 and on are the pictures of the C0 controls.
            '\u{0}'..='\u{1f}' => out.push(char::from_u32(0x2400 + character as u32).unwrap_or('\u{fffd}')),
            '\u{7f}' => out.push('\u{2421}'),
            '\u{80}'..='\u{9f}' => out.push('\u{fffd}'),
            '\u{200c}' | '\u{200d}' if joins(&characters, index) => out.push(character),
            character if is_hidden(character) => {
                out.push_str(&format!("⟨U+{:04X}⟩", character as u32));
            }
            character => out.push(character),
        }
    }
    if out == text { Cow::Borrowed(text) } else { Cow::Owned(out) }
}

/// Characters without a shape of their own, or that reorder others.
fn is_hidden(character: char) -> bool {
    matches!(character,
        '\u{ad}' | '\u{34f}' | '\u{61c}' | '\u{115f}' | '\u{1160}' | '\u{17b4}' | '\u{17b5}' | '\u{180b}'..='\u{180f}'
        | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{3164}' | '\u{feff}'
        | '\u{ffa0}' | '\u{fff0}'..='\u{fffb}' | '\u{1bca0}'..='\u{1bca3}' | '\u{1d173}'..='\u{1d17a}'
        | '\u{e0000}'..='\u{e0fff}')
}

/// Whether a joiner at `index` stands where a script or an emoji needs it: between two characters that can join.
fn joins(characters: &[char], index: usize) -> bool {
    let joinable = |character: char| {
        // Variation selector 16 stands between an emoji and its joiner.
        character == '\u{fe0f}'
            || ('\u{1f000}'..='\u{1faff}').contains(&character)
            || ('\u{2190}'..='\u{2bff}').contains(&character)
            || (character.is_alphabetic() && character > '\u{5ff}' && character < '\u{2000}')
            || ('\u{900}'..='\u{dff}').contains(&character)
    };
    let before = index.checked_sub(1).and_then(|index| characters.get(index));
    let after = characters.get(index + 1);
    before.copied().is_some_and(joinable) && after.copied().is_some_and(joinable)
}

/// Breaks plain text between words, so that no line takes more than `width` columns unless a word alone does.
pub fn wrapped(text: &str, width: usize) -> Vec<String> {
    use unicode_width::UnicodeWidthStr as _;
    let mut lines = vec![String::new()];
    for word in text.split(' ') {
        let Some(line) = lines.last_mut() else { break };
        if !line.is_empty() && line.width() + 1 + word.width() > width {
            lines.push(word.to_owned());
        } else {
            if !line.is_empty() {
                line.push(' ');
            }
            line.push_str(word);
        }
    }
    lines
}

/// Appends a row of CSV as RFC 4180 has it: cells in quotes where they need them, ended by CR LF. A spreadsheet runs a
/// cell that begins like a formula: such a one gets an apostrophe before it, as OWASP advises; so does one that begins
/// with apostrophes and then such a sign, which makes it reversible.
pub fn csv_row<'a>(out: &mut String, cells: impl IntoIterator<Item = &'a str>) {
    for (place, cell) in cells.into_iter().enumerate() {
        if place > 0 {
            out.push(',');
        }
        let guard = if is_formula(cell) { "'" } else { "" };
        if guard.is_empty() && !cell.contains([',', '"', '\n', '\r']) {
            out.push_str(cell);
        } else {
            out.push('"');
            out.push_str(guard);
            out.push_str(&cell.replace('"', "\"\""));
            out.push('"');
        }
    }
    out.push_str("\r\n");
}

/// Whether a spreadsheet would run the cell, or would if apostrophes at its start were taken away.
pub(crate) fn is_formula(cell: &str) -> bool {
    cell.trim_start_matches('\'').starts_with(['=', '+', '-', '@', '\t', '\r', '＝', '＋', '－', '＠'])
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn foreign_text_cannot_speak_to_the_terminal() {
        let cases = [
            ("plain\ttext\n", "plain\ttext\n"),
            ("\u{1b}[31mred\u{1b}]0;title\u{7}", "␛[31mred␛]0;title␇"),
            ("a\rb\u{8}c\u{7f}", "a␍b␈c␡"),
            ("\u{9b}2J", "\u{fffd}2J"),
            ("abc\u{202e}fed", "abc⟨U+202E⟩fed"),
            ("zero\u{200b}width\u{feff}", "zero⟨U+200B⟩width⟨U+FEFF⟩"),
            ("a\u{200d}b", "a⟨U+200D⟩b"),
            ("tag\u{e0041}", "tag⟨U+E0041⟩"),
            // Joiners that scripts and emoji need.
            ("🧑\u{200d}💻", "🧑\u{200d}💻"),
            ("❤\u{fe0f}\u{200d}🔥", "❤\u{fe0f}\u{200d}🔥"),
            ("क्\u{200d}ष", "क्\u{200d}ष"),
            ("می\u{200c}خواهم", "می\u{200c}خواهم"),
            ("åäö שלום 日本語 é", "åäö שלום 日本語 é"),
        ];
        for (text, expected) in cases {
            assert_eq!(visible(text), expected, "{text:?}");
        }
    }

    #[test]
    fn a_line_knows_its_width() {
        let line = Line::plain("åä").with(Style::Code, "日本").with(Style::Faint, "");
        assert_eq!(line.width(), 6);
        assert_eq!(line.spans.len(), 2);
    }

    #[test]
    fn texts_are_cut_and_filled_to_a_width() {
        for (text, width, expected) in [
            ("abc", 3, "abc"),
            ("abcd", 3, "ab…"),
            ("日本語", 5, "日本…"),
            ("日本語", 4, "日… "),
            ("a", 3, "a  "),
            ("ab", 0, ""),
        ] {
            assert_eq!(pad(text, width), expected, "{text} {width}");
        }
    }

    proptest! {
        #[test]
        fn nothing_that_is_printed_holds_a_control(text in any::<String>()) {
            let out = visible(&text);
            let silent = |c: char| !c.is_control() && !('\u{202a}'..='\u{202e}').contains(&c);
            prop_assert!(out.chars().all(|c| c == '\n' || c == '\t' || silent(c)));
            let twice = visible(&out).into_owned();
            prop_assert_eq!(twice, out.into_owned());
        }
    }
}
