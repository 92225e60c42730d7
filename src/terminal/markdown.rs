//! Card text on the terminal: Markdown to styled lines.
//!
//! Hides the crate `pulldown-cmark` and every rule of layout. The terminal's players call [`render`]. It never writes
//! an escape sequence and takes nothing in the text for one: HTML is shown as it stands, and spans may hold foreign
//! text, which the writer makes visible.

use std::collections::BTreeMap;
use std::ops::Range;

use pulldown_cmark::{Alignment, CodeBlockKind, Event, LinkType, Options, Parser, Tag, TagEnd, TextMergeWithOffset};

use crate::card::shallow;
use crate::terminal::flow::{Flow, cut, extend};
use crate::terminal::highlight::{BUDGET, highlight};
use crate::text::{Line, Style, visible};

/// How the text is to look.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Look {
    /// Columns that a line may take: 40 to 200 look well, 1 to 1000 are possible.
    pub width: usize,
    /// Bars, bullets and rules in ASCII only.
    pub ascii: bool,
    /// There will be no colours: inline code keeps its backticks.
    pub plain: bool,
}

/// No terminal is wider, and a rule would be as long as this.
const WIDEST: usize = 1000;
/// A bar, a bullet or an indent must leave this many columns; where it cannot it is left out.
const LEAST_ROOM: usize = 8;
/// Quotes and lists nested deeper are shown at this depth; no card has them, a hostile one may.
const DEEPEST: usize = 16;
/// Columns of a tab stop.
const TAB: usize = 4;
/// Columns between those of a table.
const GUTTER: usize = 2;
/// A table's column is not made narrower than its longest word, but for words longer than this.
const LONGEST_CELL_WORD: usize = 16;
/// A header longer than this does not stand before every cell.
const LONGEST_NAME: usize = 40;

/// Renders Markdown as lines of at most `look.width` columns.
///
/// A line feed in the source is a line break here, and a blank line is shown where the source has one: fronts are
/// written line by line. Only a wide character in one column sticks out.
pub fn render(markdown: &str, look: &Look) -> Vec<Line> {
    let source = markdown.replace("\r\n", "\n");
    let source = shallow(&source);
    let parser = Parser::new_ext(&source, Options::ENABLE_TABLES | Options::ENABLE_TASKLISTS);
    // Definitions of links are no text. Where nothing refers to one, it is more likely that the author meant it as text.
    let definitions = parser.reference_definitions().iter();
    let mut unused: BTreeMap<String, Range<usize>> =
        definitions.map(|(name, definition)| (name.to_lowercase(), definition.span.clone())).collect();

    let mut page = Page::new(&source, look);
    for (event, range) in TextMergeWithOffset::new(parser.into_offset_iter()) {
        if let Event::Start(Tag::Link { id, .. } | Tag::Image { id, .. }) = &event {
            unused.remove(&id.to_lowercase());
        }
        page.event(event, range.start);
    }
    let mut unused: Vec<Range<usize>> = unused.into_values().collect();
    unused.sort_by_key(|span| span.start);
    for span in unused {
        page.begin(span.start);
        page.text(source.get(span).unwrap_or_default());
    }
    page.flush();
    page.lines
}

/// What has been laid out, and what is being read.
struct Page<'s> {
    source: &'s str,
    look: Look,
    lines: Vec<Line>,
    /// Quotes and items around the present place, outermost first.
    containers: Vec<Container>,
    /// How many containers more are open than [`DEEPEST`] lets in.
    too_deep: usize,
    /// Nothing stands yet in the innermost container.
    fresh: bool,
    /// The next number of each open list; `None` for bullets.
    lists: Vec<Option<u64>>,
    /// The text being read.
    flow: Flow,
    styles: Vec<Style>,
    links: Vec<Link>,
    /// The language and text of the code block being read.
    code: Option<(String, String)>,
    table: Option<Table>,
    /// Bytes of code so far, against [`BUDGET`].
    highlighted: usize,
}

/// What stands before the lines of a quote or an item.
struct Container {
    style: Style,
    /// Before the first line, until that is written.
    first: Option<String>,
    /// Before every further line.
    rest: String,
    width: usize,
}

/// A link or image being read.
struct Link {
    /// Empty where the text is the address.
    address: String,
    /// Its text so far: an address that is the text is shown once.
    text: String,
}

#[derive(Default)]
struct Table {
    alignments: Vec<Alignment>,
    /// The header is the first.
    rows: Vec<Vec<Flow>>,
}

impl<'s> Page<'s> {
    fn new(source: &'s str, look: &Look) -> Page<'s> {
        Page {
            source,
            look: Look { width: look.width.clamp(1, WIDEST), ..*look },
            lines: Vec::new(),
            containers: Vec::new(),
            too_deep: 0,
            fresh: true,
            lists: Vec::new(),
            flow: Flow::new(),
            styles: Vec::new(),
            links: Vec::new(),
            code: None,
            table: None,
            highlighted: 0,
        }
    }

    fn event(&mut self, event: Event, start: usize) {
        match event {
            Event::Start(tag) => self.start(tag, start),
            Event::End(tag) => self.end(tag),
            Event::Text(text) => match &mut self.code {
                Some((_, code)) => code.push_str(&text),
                None => self.text(&text),
            },
            Event::Code(code) => self.inline_code(&code),
            Event::Html(html) | Event::InlineHtml(html) => self.text(&html),
            Event::SoftBreak | Event::HardBreak => self.flow.end_line(),
            Event::Rule => {
                self.begin(start);
                self.flush();
                let rule = self.glyph("─", "-").repeat(self.room());
                self.write(Line::of(Style::Faint, rule));
            }
            Event::TaskListMarker(done) => self.text(if done { "[x] " } else { "[ ] " }),
            // Not asked for in the options.
            Event::InlineMath(text) | Event::DisplayMath(text) | Event::FootnoteReference(text) => self.text(&text),
        }
    }

    fn start(&mut self, tag: Tag, start: usize) {
        match tag {
            Tag::Paragraph | Tag::HtmlBlock => self.begin(start),
            Tag::Heading { .. } => {
                self.begin(start);
                self.styles.push(Style::Strong);
            }
            Tag::BlockQuote(_) => {
                self.begin(start);
                let bar = self.glyph("│ ", "| ");
                self.enter(Style::Faint, None, bar);
            }
            Tag::CodeBlock(kind) => {
                self.begin(start);
                let language = match &kind {
                    CodeBlockKind::Fenced(info) => info.split([' ', '\t', ',', '{']).next().unwrap_or_default(),
                    CodeBlockKind::Indented => "",
                };
                self.code = Some((language.to_owned(), String::new()));
            }
            Tag::List(first) => {
                self.begin(start);
                self.lists.push(first);
                self.fresh = true;
            }
            Tag::Item => {
                self.begin(start);
                let marker = match self.lists.last_mut() {
                    Some(Some(number)) => {
                        let marker = format!("{number}. ");
                        *number = number.saturating_add(1);
                        marker
                    }
                    _ => self.glyph("• ", "- ").to_owned(),
                };
                let indent = " ".repeat(marker.chars().count());
                self.enter(Style::Plain, Some(marker), &indent);
            }
            Tag::Table(alignments) => {
                self.begin(start);
                self.flush();
                self.table = Some(Table { alignments, rows: Vec::new() });
            }
            Tag::TableHead => {
                self.styles.push(Style::Strong);
                self.row();
            }
            Tag::TableRow => self.row(),
            Tag::Emphasis => self.styles.push(Style::Emphasis),
            Tag::Strong => self.styles.push(Style::Strong),
            Tag::Link { link_type, dest_url, .. } => {
                let own = matches!(link_type, LinkType::Autolink | LinkType::Email);
                self.styles.push(if own { Style::Link } else { self.style() });
                let address = if own { String::new() } else { dest_url.into_string() };
                self.links.push(Link { address, text: String::new() });
            }
            Tag::Image { dest_url, .. } => {
                self.text("[image: ");
                self.styles.push(self.style());
                self.links.push(Link { address: dest_url.into_string(), text: String::new() });
            }
            _ => {}
        }
    }

    fn end(&mut self, tag: TagEnd) {
        match tag {
            TagEnd::Paragraph | TagEnd::HtmlBlock => self.flush(),
            TagEnd::Heading(_) => {
                self.flush();
                self.styles.pop();
            }
            TagEnd::BlockQuote(_) | TagEnd::Item => {
                self.flush();
                self.leave();
            }
            TagEnd::CodeBlock => self.code_block(),
            TagEnd::List(_) => {
                self.lists.pop();
                self.fresh = false;
            }
            TagEnd::TableHead => {
                self.styles.pop();
            }
            TagEnd::TableCell => {
                let cell = std::mem::take(&mut self.flow);
                if let Some(row) = self.table.as_mut().and_then(|table| table.rows.last_mut()) {
                    row.push(cell);
                }
            }
            TagEnd::Table => {
                if let Some(table) = self.table.take() {
                    let lines = table.lines(self.room(), self.glyph("─", "-"));
                    lines.into_iter().for_each(|line| self.write(line));
                }
            }
            TagEnd::Emphasis | TagEnd::Strong => {
                self.styles.pop();
            }
            TagEnd::Link => {
                self.styles.pop();
                let Some(Link { address, text }) = self.links.pop() else { return };
                self.links.last_mut().into_iter().for_each(|outer| outer.text.push_str(&text));
                if address != text && !address.is_empty() {
                    self.flow.text(self.style(), if text.is_empty() { "" } else { " " });
                    self.flow.solid(Style::Link, &format!("<{address}>"));
                    self.fresh = false;
                }
            }
            TagEnd::Image => {
                self.styles.pop();
                // Without a description the name says more than nothing.
                if let Some(link) = self.links.pop().filter(|link| link.text.is_empty()) {
                    self.text(&link.address);
                }
                self.text("]");
            }
            _ => {}
        }
    }

    fn style(&self) -> Style {
        self.styles.last().copied().unwrap_or_default()
    }

    fn glyph(&self, full: &'static str, ascii: &'static str) -> &'static str {
        if self.look.ascii { ascii } else { full }
    }

    fn text(&mut self, text: &str) {
        self.fresh = false;
        self.links.last_mut().into_iter().for_each(|link| link.text.push_str(text));
        self.flow.text(self.style(), text);
    }

    fn inline_code(&mut self, code: &str) {
        self.fresh = false;
        self.links.last_mut().into_iter().for_each(|link| link.text.push_str(code));
        if !self.look.plain {
            return self.flow.solid(Style::Code, code);
        }
        // As Markdown has it: more backticks around than within, and blanks where they would touch.
        let longest = code.split(|mark| mark != '`').map(str::len).max().unwrap_or(0);
        let ticks = "`".repeat(longest + 1);
        let blank = if code.starts_with('`') || code.ends_with('`') { " " } else { "" };
        self.flow.solid(Style::Code, &format!("{ticks}{blank}{code}{blank}{ticks}"));
    }

    // ---- blocks

    /// Begins a block that starts at this byte of the source.
    fn begin(&mut self, start: usize) {
        // Before the first block of a container there is nothing but its mark, which belongs on the block's line.
        if std::mem::take(&mut self.fresh) {
            return;
        }
        self.flush();
        if self.too_deep == 0 && follows_blank_line(self.source, start) {
            self.write(Line::new());
        }
    }

    /// Writes the text read so far.
    fn flush(&mut self) {
        if !self.flow.is_empty() {
            let flow = std::mem::take(&mut self.flow);
            flow.lines(self.room()).into_iter().for_each(|line| self.write(line));
        }
    }

    fn enter(&mut self, style: Style, first: Option<String>, rest: &str) {
        self.fresh = true;
        if self.containers.len() >= DEEPEST {
            self.too_deep += 1;
            return self.flow.text(style, first.as_deref().unwrap_or_default());
        }
        let width = rest.chars().count();
        if self.room() < width + LEAST_ROOM {
            self.flow.text(style, first.as_deref().unwrap_or_default());
            self.containers.push(Container { style, first: None, rest: String::new(), width: 0 });
        } else {
            self.containers.push(Container { style, first, rest: rest.to_owned(), width });
        }
    }

    fn leave(&mut self) {
        self.fresh = false;
        if self.too_deep > 0 {
            self.too_deep -= 1;
            return;
        }
        // An item or a quote without anything in it.
        if self.containers.last().is_some_and(|container| container.first.is_some()) {
            self.write(Line::new());
        }
        self.containers.pop();
    }

    /// Columns left by the containers.
    fn room(&self) -> usize {
        self.look.width - self.containers.iter().map(|container| container.width).sum::<usize>()
    }

    /// Adds a line behind what its containers put before it.
    fn write(&mut self, line: Line) {
        let mut whole = Line::new();
        for container in &mut self.containers {
            let first = container.first.take();
            whole.push(container.style, first.unwrap_or_else(|| container.rest.clone()));
        }
        line.spans.into_iter().for_each(|span| extend(&mut whole, span.style, &span.text));
        // Blanks at the end are nothing that anyone sees.
        while let Some(mut span) = whole.spans.pop() {
            span.text.truncate(span.text.trim_end_matches(' ').len());
            if !span.text.is_empty() {
                whole.spans.push(span);
                break;
            }
        }
        self.lines.push(whole);
    }

    fn code_block(&mut self) {
        self.flush();
        let Some((language, code)) = self.code.take() else { return };
        // Before it is highlighted, since the styles count bytes of what is shown.
        let code = visible(&code);
        self.highlighted = self.highlighted.saturating_add(code.len());
        let styles = if self.highlighted <= BUDGET { highlight(&language, &code) } else { None };
        self.enter(Style::Plain, None, "  ");
        let mark = if self.room() > LEAST_ROOM { self.glyph("↳ ", "> ") } else { "" };
        let (width, further) = (self.room(), self.room() - mark.chars().count());
        for (index, line) in code.trim_end_matches('\n').split('\n').enumerate() {
            let styles = styles.as_ref().and_then(|styles| styles.get(index)).map_or(&[] as &[_], Vec::as_slice);
            for (row, line) in cut(line.trim_end(), styles, width, further, TAB).into_iter().enumerate() {
                let mut whole = Line::of(Style::Faint, if row == 0 { "" } else { mark });
                line.spans.into_iter().for_each(|span| extend(&mut whole, span.style, &span.text));
                self.write(whole);
            }
        }
        self.leave();
    }

    fn row(&mut self) {
        self.table.iter_mut().for_each(|table| table.rows.push(Vec::new()));
    }
}

/// Whether the line before the one in which a block starts is empty, but for the marks of quotes.
fn follows_blank_line(source: &str, start: usize) -> bool {
    let before = source.get(..start).unwrap_or_default();
    let Some((above, _)) = before.rsplit_once('\n') else { return false };
    let line = above.rsplit('\n').next().unwrap_or_default();
    line.chars().all(|character| character == '>' || character.is_whitespace())
}

impl Table {
    /// The rows in columns, or one `header: cell` a line where the columns cannot fit.
    fn lines(&self, room: usize, rule: &str) -> Vec<Line> {
        let Some(widths) = self.widths(room) else { return self.as_list(room) };
        let mut lines = Vec::new();
        for (index, row) in self.rows.iter().enumerate() {
            self.write_row(row, &widths, &mut lines);
            if index == 0 {
                let rules: Vec<String> = widths.iter().map(|width| rule.repeat(*width)).collect();
                lines.push(Line::of(Style::Faint, rules.join(&" ".repeat(GUTTER))));
            }
        }
        lines
    }

    /// The columns' widths: as wide as their content, or as even as their longest words allow.
    fn widths(&self, room: usize) -> Option<Vec<usize>> {
        let columns = self.alignments.len();
        let room = room.checked_sub(GUTTER * columns.checked_sub(1)?)?;
        let widest = |measure: fn(&Flow) -> usize| -> Vec<usize> {
            let cells = |column: usize| self.rows.iter().filter_map(move |row| row.get(column));
            (0..columns).map(|column| cells(column).map(measure).max().unwrap_or(0).max(1)).collect()
        };
        let natural = widest(Flow::widest_line);
        if natural.iter().sum::<usize>() <= room {
            return Some(natural);
        }
        let least: Vec<usize> = widest(Flow::widest_word).iter().map(|width| (*width).min(LONGEST_CELL_WORD)).collect();
        let at_most = |cap: usize| -> Vec<usize> {
            natural.iter().zip(&least).map(|(natural, least)| (*natural).min(cap.max(*least))).collect()
        };
        let mut widths = (0..=room).rev().map(at_most).find(|widths| widths.iter().sum::<usize>() <= room)?;
        // What the even share leaves over goes to the first that can use it.
        let mut left = room - widths.iter().sum::<usize>();
        for (width, natural) in widths.iter_mut().zip(&natural) {
            let more = usize::from(left > 0 && *width < *natural);
            *width += more;
            left -= more;
        }
        Some(widths)
    }

    fn write_row(&self, row: &[Flow], widths: &[usize], lines: &mut Vec<Line>) {
        let cells: Vec<Vec<Line>> = row.iter().zip(widths).map(|(cell, width)| cell.lines(*width)).collect();
        for index in 0..cells.iter().map(Vec::len).max().unwrap_or(0).max(1) {
            let mut whole = Line::new();
            let mut column = 0;
            for ((cell, width), alignment) in cells.iter().zip(widths).zip(&self.alignments) {
                if let Some(line) = cell.get(index) {
                    let slack = width.saturating_sub(line.width());
                    let indent = match alignment {
                        Alignment::None | Alignment::Left => 0,
                        Alignment::Center => slack / 2,
                        Alignment::Right => slack,
                    };
                    let gap = (column + indent).saturating_sub(whole.width());
                    extend(&mut whole, Style::Plain, &" ".repeat(gap));
                    line.spans.iter().for_each(|span| extend(&mut whole, span.style, &span.text));
                }
                column += width + GUTTER;
            }
            lines.push(whole);
        }
    }

    fn as_list(&self, room: usize) -> Vec<Line> {
        let Some((header, rows)) = self.rows.split_first() else { return Vec::new() };
        let mut lines = Vec::new();
        // Names of empty columns would get lost, and long ones, repeated in every row, could fill the memory: then the
        // header stands once, above.
        let used = |column: usize| rows.iter().any(|row| row.get(column).is_some_and(|cell| !cell.is_empty()));
        let short = |name: &Flow| name.widest_line() <= LONGEST_NAME;
        let named = header.iter().enumerate().all(|(column, name)| name.is_empty() || used(column) && short(name));
        if !named {
            header.iter().for_each(|name| lines.append(&mut name.lines(room)));
        }
        for row in rows {
            if !lines.is_empty() {
                lines.push(Line::new());
            }
            for (name, cell) in header.iter().zip(row).filter(|(_, cell)| !cell.is_empty()) {
                let mut flow = Flow::new();
                if named && !name.is_empty() {
                    flow.append(name);
                    flow.text(Style::Strong, ": ");
                }
                flow.append(cell);
                lines.append(&mut flow.lines(room));
            }
        }
        lines
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const LOOK: Look = Look { width: 40, ascii: false, plain: false };

    fn shown(markdown: &str, look: &Look) -> String {
        let lines: Vec<String> = render(markdown, look).iter().map(Line::text).collect();
        lines.join("\n")
    }

    fn check(cases: &[(&str, usize, &str)]) {
        for (markdown, width, expected) in cases {
            assert_eq!(shown(markdown, &Look { width: *width, ..LOOK }), *expected, "{markdown:?} at {width}");
        }
    }

    #[test]
    fn paragraphs() {
        check(&[
            ("", 40, ""),
            ("\n\n", 40, ""),
            ("one two three", 40, "one two three"),
            ("one two three", 7, "one two\nthree"),
            ("one two three", 8, "one two\nthree"),
            ("one  two\tthree", 40, "one two three"),
            // A line feed is a line break; a blank line is one blank line.
            ("one\ntwo  \nthree\\\nfour", 40, "one\ntwo\nthree\nfour"),
            ("one\r\ntwo\r\n\r\nthree", 40, "one\ntwo\n\nthree"),
            ("one\n\n\n\ntwo", 40, "one\n\ntwo"),
            // Words longer than the line.
            ("abcdefghij", 4, "abcd\nefgh\nij"),
            ("a abcdefghij k", 4, "a\nabcd\nefgh\nij k"),
            ("abc", 1, "a\nb\nc"),
            ("a b", 0, "a\nb"),
            // Wide characters, marks that combine, emoji that join.
            ("日本語日本語", 5, "日本\n語日\n本語"),
            ("a日本 b", 4, "a日\n本 b"),
            ("e\u{301}e\u{301}e\u{301}", 2, "e\u{301}e\u{301}\ne\u{301}"),
            ("🧑\u{200d}💻🧑\u{200d}💻", 3, "🧑\u{200d}💻\n🧑\u{200d}💻"),
            ("日", 1, "日"),
            // No-break spaces hold.
            ("a 10\u{a0}MB", 6, "a\n10\u{a0}MB"),
            // What is not asked for stays as it is.
            ("~~a~~ $b$ a_b_c [x] [^1] :d:", 40, "~~a~~ $b$ a_b_c [x] [^1] :d:"),
            ("a \\* b &amp; c", 40, "a * b & c"),
            // Foreign text: shown, measured as shown.
            ("a\u{1b}[31mb&#27;c", 40, "a␛[31mb␛c"),
            ("a\u{202e}b", 4, "a⟨U+\n202E\n⟩b"),
            ("a&#10;b&#9;c", 40, "a\nb c"),
            ("&#x1F9D1;&zwj;&#x1F4BB;", 40, "🧑\u{200d}💻"),
        ]);
    }

    #[test]
    fn gaps_survive() {
        for markdown in
            ["a {{…}} b", "a `b {{…}} c` d", "| a |\n|---|\n| {{…}} |", "- {{…}}", "```sh\nx {{…}}\n```", "**{{…}}**"]
        {
            assert!(shown(markdown, &LOOK).contains("{{…}}"), "{markdown:?}");
        }
        let lines = render("a `b {{…}} c` d", &LOOK);
        assert_eq!(lines, [Line::plain("a ").with(Style::Code, "b {{…}} c").with(Style::Plain, " d")]);
    }

    #[test]
    fn inline_styles() {
        use Style::*;
        let cases: [(&str, &[(Style, &str)]); 12] = [
            ("a *b* **c** d", &[(Plain, "a "), (Emphasis, "b"), (Plain, " "), (Strong, "c"), (Plain, " d")]),
            ("**a *b* c**", &[(Strong, "a "), (Emphasis, "b"), (Strong, " c")]),
            ("# a `b` c", &[(Strong, "a "), (Code, "b"), (Strong, " c")]),
            ("a\n===", &[(Strong, "a")]),
            ("a`b`c.", &[(Plain, "a"), (Code, "b"), (Plain, "c.")]),
            // Links: text and address, once.
            ("[a b](http://x/y)", &[(Plain, "a b "), (Link, "<http://x/y>")]),
            ("<http://x/y>.", &[(Link, "http://x/y"), (Plain, ".")]),
            ("<me@example.org>", &[(Link, "me@example.org")]),
            ("[http://x](http://x)", &[(Plain, "http://x")]),
            ("[a][b]\n\n[b]: http://x 'title'", &[(Plain, "a "), (Link, "<http://x>")]),
            ("**[a](b)**", &[(Strong, "a "), (Link, "<b>")]),
            ("[](b)", &[(Link, "<b>")]),
        ];
        for (markdown, spans) in cases {
            let mut expected = Line::new();
            spans.iter().for_each(|(style, text)| expected.push(*style, *text));
            assert_eq!(render(markdown, &LOOK), [expected], "{markdown:?}");
        }
    }

    #[test]
    fn inline_code_is_not_broken() {
        check(&[
            ("use `ls -l -a` now", 11, "use\nls -l -a\nnow"),
            ("use `ls  -l`", 40, "use ls  -l"),
            // Unless it is wider than the line.
            ("`kubectl get pods --all`, then", 12, "kubectl get\npods --all,\nthen"),
            ("`abcdefghij`", 4, "abcd\nefgh\nij"),
            ("`a\nb`", 40, "a b"),
        ]);
        let plain = Look { plain: true, ..LOOK };
        let cases = [
            ("a `b c` d", "a `b c` d"),
            ("`` a`b ``", "``a`b``"),
            ("`` `a` ``", "`` `a` ``"),
            ("```a``b`c```", "```a``b`c```"),
        ];
        for (markdown, expected) in cases {
            assert_eq!(shown(markdown, &plain), expected, "{markdown:?}");
        }
    }

    #[test]
    fn images_html_rules_and_definitions() {
        check(&[
            ("![a cat](cat.png)", 40, "[image: a cat]"),
            ("![](cat.png)", 40, "[image: cat.png]"),
            ("[![a](b)](c)", 40, "[image: a] <c>"),
            ("![a [b](c)](d)", 40, "[image: a b <c>]"),
            // HTML is text.
            ("a <b>c</b> <none>", 40, "a <b>c</b> <none>"),
            ("<div>\n<p>x</p>\n</div>\n\ny", 40, "<div>\n<p>x</p>\n</div>\n\ny"),
            ("<!-- a -->", 40, "<!-- a -->"),
            ("<script>alert(1)</script>", 40, "<script>alert(1)</script>"),
            ("a\n\n---\n\nb", 5, "a\n\n─────\n\nb"),
            // A definition that nothing uses was meant as text.
            ("[Unit]: x", 40, "[Unit]: x"),
            ("a\n\n[b]: c\n[d]: e", 40, "a\n\n[b]: c\n[d]: e"),
        ]);
    }

    #[test]
    fn lists() {
        check(&[
            ("- a\n- b", 40, "• a\n• b"),
            ("Which?\n- a\n- b\n\nThen.", 40, "Which?\n• a\n• b\n\nThen."),
            ("- a b c d e f\n- b", 11, "• a b c d e\n  f\n• b"),
            ("9. a\n10. b", 40, "9. a\n10. b"),
            ("1) a b c d e f g", 12, "1. a b c d e\n   f g"),
            ("- a\n  - b\n    1. c\n- d", 40, "• a\n  • b\n    1. c\n• d"),
            ("- a\n\n- b\n\n  c", 40, "• a\n\n• b\n\n  c"),
            ("- a\n\n  ```\n  x\n  ```\n- b", 40, "• a\n\n    x\n• b"),
            ("- ```\n  x\n  ```", 40, "•   x"),
            ("-\n- b", 40, "•\n• b"),
            ("- - a", 40, "• • a"),
            ("- > a\n  > b", 40, "• │ a\n  │ b"),
            ("- [ ] a\n- [x] b", 40, "• [ ] a\n• [x] b"),
            ("- # a\n- b", 40, "• a\n• b"),
            // No room for an indent: the mark stays.
            ("- abc def\n- ghi", 7, "• abc\ndef\n• ghi"),
            ("1. a\n\n   b", 3, "1.\na\n\nb"),
            ("- - - - - - - x", 12, "• • • • • •\n    • x"),
        ]);
        assert_eq!(shown("- a\n- b", &Look { ascii: true, ..LOOK }), "- a\n- b");
    }

    #[test]
    fn quotes() {
        check(&[
            ("> a\n> b", 40, "│ a\n│ b"),
            ("> a\n>\n> b\n\nc", 40, "│ a\n│\n│ b\n\nc"),
            ("> > a", 40, "│ │ a"),
            ("> a b c d e f", 10, "│ a b c d\n│ e f"),
            ("> - a\n> - b", 40, "│ • a\n│ • b"),
            ("> a", 5, "a"),
        ]);
        assert_eq!(shown("> a", &Look { ascii: true, ..LOOK }), "| a");
    }

    #[test]
    fn code_blocks() {
        check(&[
            ("```\na  b\n\n  c\n```", 40, "  a  b\n\n    c"),
            ("a\n\n    b\n\nc", 40, "a\n\n  b\n\nc"),
            ("a\n```\nb\n```\nc", 40, "a\n  b\nc"),
            ("```\na\tb\n\tc\nabcd\te\n```", 40, "  a   b\n      c\n  abcd    e"),
            ("```\n日\tb\n```", 40, "  日  b"),
            ("```\nabcdefghijklmno\n```", 12, "  abcdefghij\n  ↳ klmno"),
            ("```\nabcdefghijklmnopqrstuvwx\n```", 12, "  abcdefghij\n  ↳ klmnopqr\n  ↳ stuvwx"),
            ("```\nabcdef\n```", 4, "abcd\nef"),
            ("```\n```", 40, ""),
            ("```\n*a* `b` <c> &amp;\n```", 40, "  *a* `b` <c> &amp;"),
            ("```sh\necho \u{1b}[0m\n```", 40, "  echo ␛[0m"),
            ("> ```\n> a\n> ```", 40, "│   a"),
        ]);
        let ascii = Look { ascii: true, width: 12, ..LOOK };
        assert_eq!(shown("```\nabcdefghijklmno\n```", &ascii), "  abcdefghij\n  > klmno");
    }

    #[test]
    fn code_is_highlighted_where_its_language_is_known() {
        use Style::*;
        let line = render("```bash\nif x; then echo 'a' # b\n```", &LOOK).remove(0);
        let spans: Vec<(Style, &str)> = line.spans.iter().map(|span| (span.style, span.text.as_str())).collect();
        let expected = [
            (Plain, "  "),
            (Keyword, "if"),
            (Code, " x; "),
            (Keyword, "then"),
            (Code, " "),
            (Keyword, "echo"),
            (Code, " "),
            (Quoted, "'a'"),
            (Code, " "),
            (Comment, "# b"),
        ];
        assert_eq!(spans, expected);
        for markdown in ["```\nif x\n```", "```text\nif x\n```", "    if x"] {
            assert_eq!(render(markdown, &LOOK), [Line::plain("  ").with(Code, "if x")], "{markdown:?}");
        }
        // Words after the language are no part of it.
        assert_eq!(render("```json title=x\n1\n```", &LOOK), [Line::plain("  ").with(Number, "1")]);
    }

    #[test]
    fn tables() {
        check(&[
            ("| a | bcd |\n|---|---|\n| efg | h |", 40, "a    bcd\n───  ───\nefg  h"),
            (
                "| a | b | c |\n|:--|:-:|--:|\n| dddd | eeee | ffff |\n| d | e | f |",
                40,
                "a      b       c\n────  ────  ────\ndddd  eeee  ffff\nd      e       f",
            ),
            ("a\n\n|b|\n|-|\n|c|\n\nd", 40, "a\n\nb\n─\nc\n\nd"),
            ("| a |\n|---|", 40, "a\n─"),
            ("| a | b |\n|---|---|\n| `x\\|y` | |", 40, "a    b\n───  ─\nx|y"),
            // Cells wrap.
            ("| a | b |\n|---|---|\n| x | one two three four |", 14, "a  b\n─  ───────────\nx  one two\n   three four"),
            (
                "| a | b |\n|---|---|\n| one two three | four five six |",
                16,
                "a        b\n───────  ───────\none two  four\nthree    five\n         six",
            ),
            // Or stand one below the other where they cannot.
            (
                "| key | value |\n|---|---|\n| abcdefgh | ijklmnop |\n| q | |",
                12,
                "key:\nabcdefgh\nvalue:\nijklmnop\n\nkey: q",
            ),
            ("| a | b |\n|---|---|", 3, "a\nb"),
            ("- | a |\n  |---|\n  | b |", 40, "• a\n  ─\n  b"),
        ]);
        let header = render("| a |\n|---|\n| b |", &LOOK);
        assert_eq!(header, [Line::of(Style::Strong, "a"), Line::of(Style::Faint, "─"), Line::plain("b")]);
    }

    #[test]
    fn hostile_nesting_is_survived() {
        for unit in [">", "- ", "1. ", "> - ", "*", "**", "[", "![", "`", "<", "(", "|", "#", "&#", "_a", "[a](", "\t"]
        {
            let markdown = unit.repeat(20_000);
            let lines = render(&markdown, &Look { width: 80, ..LOOK });
            assert!(lines.iter().all(|line| line.width() <= 80), "{unit:?}");
        }
        let deep = format!("{}x", "> ".repeat(100));
        assert!(shown(&deep, &LOOK).ends_with('x'));
        let table = format!("|{}\n|{}\n{}", "a|".repeat(500), "-|".repeat(500), "|b\n".repeat(500));
        assert!(render(&table, &LOOK).len() < 2_000);
    }

    /// Markdown of all kinds, and anything else.
    fn any_markdown() -> impl Strategy<Value = String> {
        let line = prop_oneof![
            "[-#>*+1-9. |`~_\\[\\]()<>!:&;{}…a-z日é\u{200d}\u{301}🧑\\\\\t]{0,30}",
            "(> ?|- |1\\. |    |\\| ?|# |```[a-z]{0,4}|\\[x\\] ){0,4}[a-z `*|<>:/日]{0,20}",
            "```(bash|yaml|json|sql|py|toml|tf)?",
            "(\\|[-:]{1,4}){1,4}\\|?",
        ];
        let text = prop::collection::vec(line, 0..12).prop_map(|lines| lines.join("\n"));
        prop_oneof![4 => text, 1 => any::<String>()]
    }

    fn any_look() -> impl Strategy<Value = Look> {
        let width = prop_oneof![2usize..12, 12usize..200, Just(usize::MAX)];
        (width, any::<bool>(), any::<bool>()).prop_map(|(width, ascii, plain)| Look { width, ascii, plain })
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(512))]

        #[test]
        fn no_line_is_wider_than_the_width(markdown in any_markdown(), look in any_look()) {
            for line in render(&markdown, &look) {
                prop_assert!(line.width() <= look.width, "{:?} is {} wide", line, line.width());
                prop_assert!(line.spans.iter().all(|span| !span.text.contains('\n') && !span.text.contains('\t')));
                prop_assert!(!line.text().ends_with(' '));
            }
        }

        #[test]
        fn one_column_and_none_are_survived(markdown in any_markdown(), width in 0usize..2) {
            render(&markdown, &Look { width, ..LOOK });
        }

        #[test]
        fn all_the_words_survive(markdown in any_markdown(), look in any_look()) {
            // A Russian capital ends each line: no syntax, no entity and no picture of a control has one.
            let letters = |text: &str| -> String {
                text.chars().filter(|character| ('А'..='Я').contains(character)).collect()
            };
            let capital = |index: usize| ('А'..='Я').nth(index % 32).unwrap();
            let lines = markdown.lines().enumerate().map(|(index, line)| {
                let line = line.replace(['[', ']', '\\', '<'], "");
                // What follows a fence is the name of a language.
                let fence = line.contains("```") || line.contains("~~~");
                if fence { line } else { format!("{line} {}", capital(index)) }
            });
            let markdown = lines.collect::<Vec<String>>().join("\n");
            let shown: String = render(&markdown, &look).iter().map(Line::text).collect();
            prop_assert_eq!(letters(&shown), letters(&markdown));
        }

        #[test]
        fn all_the_words_of_a_table_survive(
            cells in prop::collection::vec("[a-z]{0,20}( [a-z]{1,9}){0,5}", 1..24), columns in 1usize..6, look in any_look(),
        ) {
            let rule = "|-".repeat(columns);
            let mut rows: Vec<String> = cells.chunks(columns).map(|row| format!("|{}|", row.join("|"))).collect();
            rows.insert(1, rule);
            let missing = columns.saturating_sub(cells.len());
            rows[0].push_str(&"x|".repeat(missing));
            let shown: String = render(&rows.join("\n"), &look).iter().map(Line::text).collect();
            let letters = |text: &str| -> BTreeMap<char, usize> {
                text.chars().filter(char::is_ascii_lowercase).fold(BTreeMap::new(), |mut counts, letter| {
                    *counts.entry(letter).or_default() += 1;
                    counts
                })
            };
            let source = cells.concat() + &"x".repeat(missing);
            // Where it stands as a list a header comes once a row.
            for (letter, count) in letters(&source) {
                prop_assert!(letters(&shown).get(&letter) >= Some(&count), "{letter} in {shown}");
            }
        }
    }
}
