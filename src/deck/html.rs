//! HTML of note fields to the Markdown that plugg shows.
//!
//! It hides how HTML from an editor looks. Any reader of a foreign format may call it. It is no HTML engine: tags are
//! read one after the other, nothing is fetched, run or styled, and what is not understood is left out while its text
//! stays. It never recurses, and its cost grows with the length of the text alone.
//!
//! A tokenizer of its own instead of html5ever: fields are fragments without a document around them, we need a dozen
//! tags and no tree, and html5ever brings some twenty crates and a tree whose depth an attacker chooses. The names of
//! character references are the ones pulldown-cmark knows already.
//!
//! What becomes of what: blocks and `<br>` end a line (a backslash at the end of the line before), paragraphs and empty
//! lines part with a blank line; lists, quotes, headings, `<pre>` (fenced), tables with two columns or more, rules,
//! `<code>`, strong, emphasis, strike, links to the web and to mail keep their meaning; digits of `<sup>` and `<sub>`
//! become the Unicode ones. Math (`\(…\)`, `\[…\]`, `[$]…[/$]`, `[$$]…[/$$]`, `[latex]…[/latex]`) stays as it was
//! written, as inline code, so that no sign of it is taken for Markdown. Pictures are `![alt](name)`, sounds are
//! `[sound: name](name)`. Style, script and comments are gone.

mod inline;

use std::borrow::Cow;
use std::collections::BTreeSet;

use inline::{Look, Place, Run, destination, escape, guard_start, inline, longest_run};
use unicode_normalization::UnicodeNormalization;

/// Stands for a gap while a card is built; passes through [`markdown`] as it is. A Unicode noncharacter, which character
/// references cannot make.
pub(crate) const MARK: char = '\u{fdd0}';

/// Quotes and lists within each other beyond this are flattened, so that indentation cannot outgrow the text.
const NESTING: usize = 12;
/// Wider tables become lines.
const COLUMNS: usize = 64;
/// Larger tables become lines: rows are padded to the widest one.
const CELLS: usize = 20_000;

/// Turns HTML into Markdown and adds the names of the pictures and sounds that it shows to `media`.
pub fn markdown(html: &str, media: &mut BTreeSet<String>) -> String {
    let mut writer = Writer::new(media);
    for token in Tokens::new(html) {
        match token {
            Token::Text(text) => writer.text(text),
            Token::Open { name, attributes } => writer.open(&name, attributes),
            Token::Close(name) => writer.close(&name),
        }
    }
    writer.finish()
}

/// Returns the text alone, without pictures and sounds: runs of blanks are one blank, blocks are lines, empty lines are
/// gone.
pub fn plain(html: &str) -> String {
    let mut raw = String::with_capacity(html.len());
    for token in Tokens::new(html) {
        match token {
            Token::Text(text) => {
                let decoded = decode(text);
                let mut rest: &str = &decoded;
                while let Some((start, end, _)) = find_sound(rest) {
                    raw.push_str(&rest[..start]);
                    rest = &rest[end..];
                }
                raw.push_str(rest);
            }
            Token::Open { name, .. } | Token::Close(name) if name == "br" || is_block(&name) => raw.push('\n'),
            Token::Open { name, .. } if name == "td" || name == "th" => raw.push(' '),
            Token::Open { .. } | Token::Close(_) => {}
        }
    }
    let mut out = String::with_capacity(raw.len());
    for line in raw.split('\n') {
        let mut words = line.split(is_blank).filter(|word| !word.is_empty()).peekable();
        if words.peek().is_some() && !out.is_empty() {
            out.push('\n');
        }
        while let Some(word) = words.next() {
            out.push_str(word);
            if words.peek().is_some() {
                out.push(' ');
            }
        }
    }
    out
}

/// Returns the HTML without tags, comments, styles and scripts; character references stay, so the result is HTML still.
pub fn strip_tags(html: &str) -> String {
    Tokens::new(html).filter_map(|token| if let Token::Text(text) = token { Some(text) } else { None }).collect()
}

/// Returns the name of a media file as notes and packages agree on it (NFC), or nothing where it could be taken for a
/// path, is longer than 255 bytes or holds control characters.
pub fn media_name(name: &str) -> Option<String> {
    let name: String = name.nfc().collect();
    let bad = name.is_empty()
        || name.len() > 255
        || name == "."
        || name == ".."
        || name.chars().any(|c| c.is_control() || matches!(c, '/' | '\\' | '\u{fdd0}'..='\u{fdef}'));
    (!bad).then_some(name)
}

// ---------------------------------------------------------------------------------------------------------- tokens

/// A piece of HTML; names are in lower case.
enum Token<'a> {
    Text(&'a str),
    Open { name: String, attributes: &'a str },
    Close(String),
}

/// Cuts HTML into tokens. Each byte is looked at a bounded number of times: a search that failed once is not repeated.
struct Tokens<'a> {
    rest: &'a str,
    /// A quoted attribute ran to the end of the text: from here on quotes mean nothing.
    ignore_quotes: bool,
    /// No `>` is left: everything is text.
    text_only: bool,
}

impl<'a> Tokens<'a> {
    fn new(html: &'a str) -> Self {
        Tokens { rest: html, ignore_quotes: false, text_only: false }
    }

    fn take(&mut self, length: usize) -> &'a str {
        let (head, tail) = self.rest.split_at(length);
        self.rest = tail;
        head
    }

    /// Drops the text up to and with `end`, or all of it where `end` does not come.
    fn skip_past(&mut self, from: usize, end: &str) {
        let at = self.rest[from..].find(end).map_or(self.rest.len(), |at| from + at + end.len());
        self.take(at);
    }

    /// The length of the tag at the start of the rest, `<` and `>` included.
    fn tag_length(&mut self) -> Option<usize> {
        if !self.ignore_quotes {
            let mut quote = None;
            let mut after_equals = false;
            for (index, byte) in self.rest.bytes().enumerate() {
                match (quote, byte) {
                    (Some(open), _) if open == byte => quote = None,
                    (Some(_), _) => {}
                    (None, b'>') => return Some(index + 1),
                    (None, b'"' | b'\'') if after_equals => quote = Some(byte),
                    (None, _) => {}
                }
                if !byte.is_ascii_whitespace() {
                    after_equals = byte == b'=';
                }
            }
            self.ignore_quotes = true;
        }
        let length = self.rest.find('>').map(|index| index + 1);
        self.text_only = length.is_none();
        length
    }
}

impl<'a> Iterator for Tokens<'a> {
    type Item = Token<'a>;

    fn next(&mut self) -> Option<Token<'a>> {
        loop {
            if self.rest.is_empty() {
                return None;
            }
            if self.text_only {
                let length = self.rest.len();
                return Some(Token::Text(self.take(length)));
            }
            let bytes = self.rest.as_bytes();
            let second = bytes.get(1).copied().unwrap_or(b' ');
            if bytes[0] != b'<' || !(second.is_ascii_alphabetic() || matches!(second, b'/' | b'!' | b'?')) {
                // Text, the first byte included, up to the next `<`.
                let length = memchr(b'<', &bytes[1..]).map_or(bytes.len(), |at| at + 1);
                return Some(Token::Text(self.take(length)));
            }
            if self.rest.starts_with("<!--") {
                self.skip_past(4, "-->");
                continue;
            }
            let closing = second == b'/';
            let letter = bytes.get(1 + usize::from(closing)).copied().unwrap_or(b' ');
            if !letter.is_ascii_alphabetic() {
                self.skip_past(1, ">");
                continue;
            }
            let Some(length) = self.tag_length() else { continue };
            let inner = &self.take(length)[1 + usize::from(closing)..length - 1];
            let end = inner.find(|c: char| c.is_ascii_whitespace() || c == '/').unwrap_or(inner.len());
            let name = inner[..end].to_ascii_lowercase();
            if closing {
                return Some(Token::Close(name));
            }
            if name == "script" || name == "style" {
                self.skip_element(&name);
                continue;
            }
            return Some(Token::Open { name, attributes: &inner[end..] });
        }
    }
}

impl Tokens<'_> {
    /// Drops the text up to the closing tag of a script or style, which then comes as a token that means nothing.
    fn skip_element(&mut self, name: &str) {
        let mut from = 0;
        while let Some(at) = self.rest[from..].find("</") {
            from += at + 2;
            if self
                .rest
                .as_bytes()
                .get(from..from + name.len())
                .is_some_and(|b| b.eq_ignore_ascii_case(name.as_bytes()))
            {
                self.take(from - 2);
                return;
            }
        }
        self.rest = "";
    }
}

fn memchr(byte: u8, bytes: &[u8]) -> Option<usize> {
    bytes.iter().position(|&b| b == byte)
}

/// The value of an attribute, character references decoded.
fn attribute(attributes: &str, wanted: &str) -> Option<String> {
    let mut rest = attributes;
    loop {
        rest = rest.trim_start_matches(|c: char| c.is_ascii_whitespace() || c == '/');
        if rest.is_empty() {
            return None;
        }
        let end = rest.find(|c: char| c.is_ascii_whitespace() || c == '=' || c == '/').unwrap_or(rest.len());
        // A sign out of place is passed over, so that each turn takes something.
        let (name, tail) = rest.split_at(end.max(rest.chars().next().map_or(1, char::len_utf8)));
        rest = tail.trim_start();
        let mut value = "";
        if let Some(tail) = rest.strip_prefix('=') {
            let tail = tail.trim_start();
            let (found, tail) = match tail.chars().next() {
                Some(quote @ ('"' | '\'')) => tail[1..].split_once(quote).unwrap_or((&tail[1..], "")),
                _ => tail.split_at(tail.find(|c: char| c.is_ascii_whitespace()).unwrap_or(tail.len())),
            };
            (value, rest) = (found, tail);
        }
        if name.eq_ignore_ascii_case(wanted) {
            return Some(decode(value).into_owned());
        }
    }
}

/// What browsers make of the references to 128 to 159, which old pages wrote for Windows.
const WINDOWS: &str = "€\u{81}‚ƒ„…†‡ˆ‰Š‹Œ\u{8d}Ž\u{8f}\u{90}‘’“”•–—˜™š›œ\u{9d}žŸ";

/// Replaces character references by what they stand for, once.
fn decode(text: &str) -> Cow<'_, str> {
    if !text.contains('&') {
        return Cow::Borrowed(text);
    }
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find('&') {
        out.push_str(&rest[..at]);
        rest = &rest[at..];
        let length = reference(rest, &mut out);
        rest = &rest[length..];
    }
    out.push_str(rest);
    Cow::Owned(out)
}

/// Decodes the reference at the start of the text, which begins with `&`; returns how many bytes it took.
fn reference(text: &str, out: &mut String) -> usize {
    let body = &text[1..];
    if let Some(number) = body.strip_prefix('#') {
        let (digits, radix) = match number.strip_prefix(['x', 'X']) {
            Some(digits) => (digits, 16),
            None => (number, 10),
        };
        let length = digits.bytes().take_while(|b| char::from(*b).is_digit(radix)).count();
        if length == 0 {
            out.push('&');
            return 1;
        }
        out.push(match u32::from_str_radix(&digits[..length], radix).unwrap_or(0) {
            0 | 0xfdd0..=0xfdef => char::REPLACEMENT_CHARACTER,
            code @ 0x80..=0x9f => WINDOWS.chars().nth(code as usize - 0x80).unwrap_or(char::REPLACEMENT_CHARACTER),
            code => char::from_u32(code).unwrap_or(char::REPLACEMENT_CHARACTER),
        });
        let used = text.len() - digits.len() + length;
        return used + usize::from(text[used..].starts_with(';'));
    }
    let length = body.bytes().take(40).take_while(u8::is_ascii_alphanumeric).count();
    let (name, closed) = (&body[..length], body[length..].starts_with(';'));
    let known = match name {
        "lt" => Some("<"),
        "gt" => Some(">"),
        "amp" => Some("&"),
        "quot" => Some("\""),
        "nbsp" => Some("\u{a0}"),
        _ => None,
    };
    if let Some(known) = known {
        out.push_str(known);
        return 1 + length + usize::from(closed);
    }
    if closed && length > 0 {
        // pulldown-cmark has the whole table of HTML 5 and hands a reference over as text of its own.
        let whole = &text[..length + 2];
        if let Some(pulldown_cmark::Event::Text(decoded)) = pulldown_cmark::Parser::new(whole).nth(1)
            && decoded.as_ref() != whole
            && decoded.as_ref() != "&"
        {
            out.push_str(&decoded);
            return length + 2;
        }
    }
    out.push('&');
    1
}

fn is_blank(c: char) -> bool {
    matches!(c, ' ' | '\t' | '\r' | '\n' | '\u{b}' | '\u{c}' | '\u{a0}')
}

/// Elements that stand on lines of their own.
fn is_block(name: &str) -> bool {
    const BLOCKS: [&str; 37] = [
        "address",
        "article",
        "aside",
        "blockquote",
        "center",
        "dd",
        "details",
        "div",
        "dl",
        "dt",
        "figure",
        "figcaption",
        "footer",
        "form",
        "h1",
        "h2",
        "h3",
        "h4",
        "h5",
        "h6",
        "header",
        "hr",
        "li",
        "main",
        "nav",
        "ol",
        "p",
        "pre",
        "section",
        "summary",
        "table",
        "tbody",
        "tfoot",
        "thead",
        "tr",
        "ul",
        "fieldset",
    ];
    BLOCKS.contains(&name)
}

// ---------------------------------------------------------------------------------------------------------- writer

/// What parts the next line from the last one. The order is by strength.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Gap {
    /// A new line of source only: the next item, the next line of a block.
    Source,
    /// A line break that is seen.
    Line,
    /// A blank line.
    Paragraph,
}

/// A container that puts something before each line in it.
#[derive(Debug)]
enum Holder {
    Quote,
    List { ordered: bool, items: u32 },
    Item { marker: String, written: bool },
}

#[derive(Debug, Default)]
struct Table {
    rows: Vec<Vec<String>>,
    /// Whether a cell is open; text outside of cells stands before the table.
    in_cell: bool,
    /// Tables within this one, whose cells run into its own.
    inner: usize,
}

#[derive(Debug, Default)]
struct Pre {
    text: String,
    language: String,
}

#[derive(Debug, Default)]
struct Depths {
    strong: usize,
    emphasis: usize,
    strike: usize,
    code: usize,
    raised: usize,
    lowered: usize,
}

struct Writer<'m> {
    out: String,
    line: Vec<Run>,
    gap: Gap,
    rule: bool,
    heading: usize,
    depths: Depths,
    link: usize,
    links: Vec<String>,
    holders: Vec<Holder>,
    /// Containers beyond [`NESTING`].
    flattened: usize,
    pre: Option<Pre>,
    table: Option<Table>,
    media: &'m mut BTreeSet<String>,
}

impl<'m> Writer<'m> {
    fn new(media: &'m mut BTreeSet<String>) -> Self {
        Writer {
            out: String::new(),
            line: Vec::new(),
            gap: Gap::Source,
            rule: false,
            heading: 0,
            depths: Depths::default(),
            link: 0,
            links: Vec::new(),
            holders: Vec::new(),
            flattened: 0,
            pre: None,
            table: None,
            media,
        }
    }

    fn finish(mut self) -> String {
        self.end_pre();
        if let Some(table) = &mut self.table {
            table.inner = 0;
        }
        self.end_table();
        self.end_line();
        self.out.shrink_to_fit();
        self.out
    }

    // ------------------------------------------------------------------------------------------------- tokens

    fn text(&mut self, html: &str) {
        let mut decoded = decode(html);
        if decoded.contains('\0') {
            decoded = Cow::Owned(decoded.replace('\0', "\u{fffd}"));
        }
        let mut rest: &str = &decoded;
        while let Some((start, end, name)) = find_sound(rest) {
            self.plain_text(&rest[..start]);
            self.sound(&name);
            rest = &rest[end..];
        }
        self.plain_text(rest);
    }

    fn plain_text(&mut self, text: &str) {
        if let Some(pre) = &mut self.pre {
            pre.text.push_str(text);
            return;
        }
        if text.is_empty() || (self.outside_cells() && text.chars().all(is_blank)) {
            return;
        }
        let depths = &self.depths;
        let look = Look {
            strong: depths.strong > 0,
            emphasis: depths.emphasis > 0,
            strike: depths.strike > 0,
            code: depths.code > 0,
            raised: depths.raised > 0,
            lowered: depths.lowered > 0,
            link: self.link,
        };
        match self.line.last_mut() {
            Some(last) if last.look == look && !last.raw => last.text.push_str(text),
            _ => self.line.push(Run { text: text.to_owned(), look, raw: false }),
        }
    }

    fn sound(&mut self, name: &str) {
        match media_name(name) {
            Some(name) if self.pre.is_none() => {
                let mut label = String::from("sound: ");
                escape(&mut label, &name, None, Place { table: self.table.is_some(), link: true });
                self.raw(format!("[{label}]({})", destination(&name)));
                self.media.insert(name);
            }
            _ => self.plain_text(&format!("[sound: {name}]")),
        }
    }

    fn image(&mut self, attributes: &str) {
        let source = attribute(attributes, "src").unwrap_or_default();
        let alt = attribute(attributes, "alt").unwrap_or_default();
        let remote = is_web(&source);
        let name = if remote { Some(source.clone()) } else { media_name(&percent_decode(&source)) };
        match name {
            Some(name) if self.pre.is_none() && !name.starts_with("data:") => {
                let mut label = String::new();
                let alt: String = alt.split(is_blank).filter(|word| !word.is_empty()).collect::<Vec<_>>().join(" ");
                escape(&mut label, &alt, None, Place { table: self.table.is_some(), link: true });
                self.raw(format!("![{label}]({})", destination(&name)));
                if !remote {
                    self.media.insert(name);
                }
            }
            _ if source.is_empty() => {}
            _ => self.plain_text(if alt.is_empty() { "[image]" } else { &alt }),
        }
    }

    fn raw(&mut self, markdown: String) {
        self.line.push(Run { text: markdown, look: Look::default(), raw: true });
    }

    fn open(&mut self, name: &str, attributes: &str) {
        if self.table.is_some() && self.open_in_table(name) {
            return;
        }
        if let Some(pre) = &mut self.pre {
            match name {
                "br" => pre.text.push('\n'),
                "code" if pre.language.is_empty() => pre.language = language(attributes),
                "img" => self.image(attributes),
                name if is_block(name) && !pre.text.is_empty() && !pre.text.ends_with('\n') => pre.text.push('\n'),
                _ => {}
            }
            return;
        }
        match name {
            "br" if self.heading > 0 => self.plain_text(" "),
            "br" => self.line_break(),
            "img" => self.image(attributes),
            "a" => {
                let target = attribute(attributes, "href").unwrap_or_default();
                if is_web(&target) || target.starts_with("mailto:") {
                    self.links.push(target);
                    self.link = self.links.len();
                }
            }
            "b" | "strong" => self.depths.strong += 1,
            "i" | "em" | "cite" | "dfn" | "var" => self.depths.emphasis += 1,
            "s" | "del" | "strike" => self.depths.strike += 1,
            "code" | "kbd" | "tt" | "samp" => self.depths.code += 1,
            "sup" => self.depths.raised += 1,
            "sub" => self.depths.lowered += 1,
            "rt" => self.plain_text("("),
            "td" | "th" => self.plain_text(" "),
            "pre" => {
                self.end_line();
                self.pre = Some(Pre { text: String::new(), language: language(attributes) });
            }
            "ul" | "ol" | "menu" => {
                self.end_line();
                let nested = self.holders.iter().any(|holder| matches!(holder, Holder::Item { .. }));
                if !nested {
                    self.gap = Gap::Paragraph;
                }
                self.hold(Holder::List { ordered: name == "ol", items: 0 });
            }
            "li" => self.open_item(),
            "blockquote" => {
                self.end_line();
                self.part(Gap::Paragraph);
                self.hold(Holder::Quote);
            }
            "table" => {
                self.end_line();
                self.table = Some(Table::default());
            }
            "hr" => {
                self.end_line();
                self.rule = !self.out.is_empty();
                self.part(Gap::Paragraph);
            }
            "p" => {
                self.end_line();
                self.part(Gap::Paragraph);
            }
            "h1" | "h2" | "h3" | "h4" | "h5" | "h6" => {
                self.end_line();
                self.heading = usize::from(name.as_bytes()[1] - b'0');
                self.part(Gap::Paragraph);
            }
            name if is_block(name) => self.end_line(),
            _ => {}
        }
    }

    fn close(&mut self, name: &str) {
        if self.table.is_some() && self.close_in_table(name) {
            return;
        }
        if self.pre.is_some() {
            match (name, &mut self.pre) {
                ("pre", _) => self.end_pre(),
                (name, Some(pre)) if is_block(name) && !pre.text.is_empty() && !pre.text.ends_with('\n') => {
                    pre.text.push('\n');
                }
                _ => {}
            }
            return;
        }
        let depths = &mut self.depths;
        let down = |depth: &mut usize| *depth = depth.saturating_sub(1);
        match name {
            "a" => self.link = 0,
            "b" | "strong" => down(&mut depths.strong),
            "i" | "em" | "cite" | "dfn" | "var" => down(&mut depths.emphasis),
            "s" | "del" | "strike" => down(&mut depths.strike),
            "code" | "kbd" | "tt" | "samp" => down(&mut depths.code),
            "sup" => down(&mut depths.raised),
            "sub" => down(&mut depths.lowered),
            "rt" => self.plain_text(")"),
            "ul" | "ol" | "menu" => self.release(|holder| matches!(holder, Holder::List { .. })),
            "blockquote" => self.release(|holder| matches!(holder, Holder::Quote)),
            "li" => {
                self.end_line();
                self.close_item();
            }
            "p" | "h1" | "h2" | "h3" | "h4" | "h5" | "h6" => {
                self.end_line();
                self.heading = 0;
                self.part(Gap::Paragraph);
            }
            // Browsers read a stray `</br>` as `<br>`.
            "br" => self.line_break(),
            name if is_block(name) => self.end_line(),
            _ => {}
        }
    }

    // ------------------------------------------------------------------------------------------------- lists

    fn hold(&mut self, holder: Holder) {
        if self.holders.len() < NESTING {
            self.holders.push(holder);
        } else {
            self.flattened += 1;
        }
    }

    /// Closes the innermost container of a kind, and what is open within it.
    fn release(&mut self, wanted: impl Fn(&Holder) -> bool) {
        self.end_line();
        if self.flattened > 0 {
            self.flattened -= 1;
        } else if let Some(at) = self.holders.iter().rposition(wanted) {
            self.holders.truncate(at);
        } else {
            return;
        }
        self.part(Gap::Paragraph);
    }

    fn open_item(&mut self) {
        self.end_line();
        if self.flattened > 0 {
            return;
        }
        self.close_item();
        if !matches!(self.holders.last(), Some(Holder::List { .. })) {
            self.part(Gap::Paragraph);
            self.hold(Holder::List { ordered: false, items: 0 });
        }
        let nested = self.holders.iter().any(|holder| matches!(holder, Holder::Item { .. }));
        if let Some(Holder::List { ordered, items }) = self.holders.last_mut() {
            *items = items.saturating_add(1);
            let marker = if *ordered { format!("{items}. ") } else { String::from("- ") };
            // The first item of a list parts from the text before, all others follow closely.
            if *items > 1 || nested {
                self.gap = Gap::Source;
            }
            self.hold(Holder::Item { marker, written: false });
        }
    }

    fn close_item(&mut self) {
        let open = self.holders.iter().rposition(|holder| matches!(holder, Holder::Item { .. } | Holder::List { .. }));
        if let Some(at) = open
            && matches!(self.holders[at], Holder::Item { .. })
        {
            self.holders.truncate(at);
        }
    }

    // ------------------------------------------------------------------------------------------------- tables

    fn outside_cells(&self) -> bool {
        self.table.as_ref().is_some_and(|table| !table.in_cell)
    }

    /// Handles an opening tag within a table; returns whether that was all.
    fn open_in_table(&mut self, name: &str) -> bool {
        let Some(table) = &mut self.table else { return false };
        match name {
            "table" => table.inner += 1,
            "tr" if table.inner == 0 => {
                self.end_cell();
                if let Some(table) = &mut self.table {
                    table.rows.push(Vec::new());
                }
            }
            "td" | "th" if table.inner == 0 => {
                self.end_cell();
                if let Some(table) = &mut self.table {
                    table.in_cell = true;
                    if table.rows.is_empty() {
                        table.rows.push(Vec::new());
                    }
                }
            }
            // Code within a cell cannot be a block.
            "pre" => self.depths.code += 1,
            "td" | "th" | "br" => self.plain_text(" "),
            name if is_block(name) => self.plain_text(" "),
            _ => return false,
        }
        true
    }

    fn close_in_table(&mut self, name: &str) -> bool {
        let Some(table) = &mut self.table else { return false };
        match name {
            "table" if table.inner == 0 => self.end_table(),
            "table" => table.inner -= 1,
            "td" | "th" | "tr" if table.inner == 0 => self.end_cell(),
            "pre" => self.depths.code = self.depths.code.saturating_sub(1),
            name if name == "br" || is_block(name) => self.plain_text(" "),
            _ => return false,
        }
        true
    }

    fn end_cell(&mut self) {
        let line = std::mem::take(&mut self.line);
        let text = inline(line, &self.links, true);
        match &mut self.table {
            Some(table) if table.in_cell => {
                table.in_cell = false;
                if let Some(row) = table.rows.last_mut() {
                    row.push(text);
                }
            }
            _ if text.is_empty() => {}
            _ => self.put_text(&text),
        }
    }

    fn end_table(&mut self) {
        if self.table.is_none() {
            return;
        }
        self.end_cell();
        let Some(mut table) = self.table.take() else { return };
        table.rows.retain(|row| row.iter().any(|cell| !cell.is_empty()));
        let columns = table.rows.iter().map(Vec::len).max().unwrap_or(0);
        if !(2..=COLUMNS).contains(&columns) || columns * table.rows.len() > CELLS {
            for row in &table.rows {
                self.put_text(&row.join(" "));
            }
            return;
        }
        self.part(Gap::Paragraph);
        for (index, row) in table.rows.iter().enumerate() {
            let mut line = String::from("|");
            for column in 0..columns {
                line.push(' ');
                line.push_str(row.get(column).map_or("", String::as_str));
                line.push_str(" |");
            }
            self.put(&line);
            self.gap = Gap::Source;
            if index == 0 {
                self.put(&format!("|{}", " --- |".repeat(columns)));
                self.gap = Gap::Source;
            }
        }
        self.gap = Gap::Paragraph;
    }

    // ------------------------------------------------------------------------------------------------- lines

    /// Asks for at least this much between the last line and the next; the first line of a list item follows its marker.
    fn part(&mut self, gap: Gap) {
        let fresh = matches!(self.holders.last(), Some(Holder::Item { written: false, .. }));
        if !fresh {
            self.gap = self.gap.max(gap);
        }
    }

    fn line_break(&mut self) {
        if self.line.iter().any(|run| !run.text.chars().all(is_blank)) {
            self.end_line();
        } else {
            self.line.clear();
            // An empty line. It shows only after a line that it can part from the next.
            if self.gap == Gap::Line {
                self.gap = Gap::Paragraph;
            }
        }
    }

    fn end_line(&mut self) {
        let line = std::mem::take(&mut self.line);
        let text = inline(line, &self.links, false);
        self.put_text(&text);
    }

    fn put_text(&mut self, text: &str) {
        if text.is_empty() {
            return;
        }
        if self.heading > 0 {
            // A `#` at the end would be taken for the closing sequence of the heading.
            let end = if text.ends_with('#') { " #" } else { "" };
            self.put(&format!("{} {text}{end}", &"######"[..self.heading.min(6)]));
            self.gap = Gap::Paragraph;
        } else {
            self.put(&guard_start(text));
            self.gap = Gap::Line;
        }
    }

    /// Writes a line of Markdown with what its containers put before it.
    fn put(&mut self, line: &str) {
        if self.rule {
            self.rule = false;
            self.gap = Gap::Paragraph;
            self.put("---");
            self.gap = Gap::Paragraph;
        }
        if !self.out.is_empty() {
            self.out.push_str(match self.gap {
                Gap::Source => "\n",
                Gap::Line => "\\\n",
                Gap::Paragraph => "\n\n",
            });
        }
        for holder in &mut self.holders {
            match holder {
                Holder::Quote => self.out.push_str("> "),
                Holder::List { .. } => {}
                Holder::Item { marker, written: false } if !line.is_empty() => self.out.push_str(marker),
                Holder::Item { marker, .. } => self.out.extend(marker.chars().map(|_| ' ')),
            }
        }
        for holder in &mut self.holders {
            if let Holder::Item { written, .. } = holder {
                *written = true;
            }
        }
        self.out.push_str(line);
    }

    fn end_pre(&mut self) {
        let Some(Pre { text, language }) = self.pre.take() else { return };
        let text = text.replace('\r', "").replace('\u{a0}', " ");
        let text = text.strip_prefix('\n').unwrap_or(&text).trim_end();
        if text.is_empty() {
            return;
        }
        let fence = "`".repeat(longest_run(text, '`').max(2) + 1);
        self.part(Gap::Paragraph);
        self.put(&format!("{fence}{language}"));
        for line in text.split('\n') {
            self.gap = Gap::Source;
            self.put(line);
        }
        self.gap = Gap::Source;
        self.put(&fence);
        self.gap = Gap::Paragraph;
    }
}

fn is_web(target: &str) -> bool {
    ["http://", "https://", "ftp://"]
        .iter()
        .any(|scheme| target.get(..scheme.len()).is_some_and(|s| s.eq_ignore_ascii_case(scheme)))
}

/// The language of a code block, from a class such as `language-sh`.
fn language(attributes: &str) -> String {
    let class = attribute(attributes, "class").unwrap_or_default();
    let name =
        class.split_ascii_whitespace().find_map(|c| c.strip_prefix("language-").or_else(|| c.strip_prefix("lang-")));
    name.filter(|name| {
        name.len() <= 20 && name.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'+' | b'-' | b'#'))
    })
    .unwrap_or_default()
    .to_owned()
}

/// Finds the first `[sound:NAME]`: its start, its end, its name.
fn find_sound(text: &str) -> Option<(usize, usize, String)> {
    let start = text.find("[sound:")?;
    let name = start + "[sound:".len();
    let end = name + text[name..].find(']')?;
    Some((start, end + 1, text[name..end].trim().to_owned()))
}

/// Decodes `%20` and the like; text that would not be UTF-8 stays as it is.
fn percent_decode(text: &str) -> String {
    let bytes = text.as_bytes();
    let mut out = Vec::with_capacity(bytes.len());
    let mut at = 0;
    while at < bytes.len() {
        let code = bytes.get(at + 1..at + 3).and_then(|hex| std::str::from_utf8(hex).ok());
        match code.and_then(|hex| u8::from_str_radix(hex, 16).ok()) {
            Some(byte) if bytes[at] == b'%' => {
                out.push(byte);
                at += 3;
            }
            _ => {
                out.push(bytes[at]);
                at += 1;
            }
        }
    }
    String::from_utf8(out).unwrap_or_else(|_| text.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use pulldown_cmark::{Event, Options, Parser};

    fn convert(html: &str) -> String {
        markdown(html, &mut BTreeSet::new())
    }

    /// The text that Markdown shows, blanks collapsed.
    fn shown(markdown: &str) -> String {
        let mut out = String::new();
        for event in Parser::new_ext(markdown, Options::ENABLE_TABLES | Options::ENABLE_STRIKETHROUGH) {
            match event {
                Event::Text(text) | Event::Code(text) => out.push_str(&text),
                Event::Html(html) | Event::InlineHtml(html) => panic!("HTML {html:?} in {markdown:?}"),
                Event::SoftBreak | Event::HardBreak | Event::Start(_) => out.push(' '),
                _ => {}
            }
        }
        out.split_whitespace().collect::<Vec<_>>().join(" ")
    }

    #[test]
    fn html_becomes_markdown() {
        let cases = [
            // Lines and paragraphs.
            ("a<br>b", "a\\\nb"),
            ("a<div>b</div>c", "a\\\nb\\\nc"),
            ("a<br><br>b<br>", "a\n\nb"),
            ("a<div><br></div>b", "a\n\nb"),
            ("<p>a</p><p>b</p>", "a\n\nb"),
            ("  a\n  b&nbsp; c ", "a b c"),
            ("<h2>Head</h2>text", "## Head\n\ntext"),
            ("<hr>a<hr><hr>b<hr>", "a\n\n---\n\nb"),
            ("<blockquote>a<br>b</blockquote>c", "> a\\\n> b\n\nc"),
            // Lists.
            ("x<ul><li>a</li><li>b</li></ul>y", "x\n\n- a\n- b\n\ny"),
            ("<ol><li>a<li>b</ol>", "1. a\n2. b"),
            ("<ol><li>a<ul><li>b</li></ul></li><li>c</li></ol>", "1. a\n   - b\n2. c"),
            ("<ul><li>a<br>b<p>c</p></li></ul>", "- a\\\n  b\n\n  c"),
            ("<ul><li><pre>x\n\ny</pre></li></ul>", "- ```\n  x\n  \n  y\n  ```"),
            ("<ul><li></li><li>a</li></ul></ul></li>", "- a"),
            ("<li>a</li><li>b", "- a\n- b"),
            // Tables.
            (
                "<table><tr><th>a|b</th><th>c</th></tr><tr><td><code>x|y</code></td></tr></table>",
                "| a\\|b | c |\n| --- | --- |\n| `x\\|y` |  |",
            ),
            ("<table><tr><td>a<br>b</td></tr><tr><td>c</td></tr></table>", "a b\\\nc"),
            ("<table><tr><td>a<table><tr><td>b</td></tr></table></td><td>c</td></tr>", "| a b | c |\n| --- | --- |"),
            // Code.
            (
                "<pre><code class=\"hljs language-sh\">a &amp;&amp; b\n\n  <b>c</b></code></pre>",
                "```sh\na && b\n\n  c\n```",
            ),
            ("<pre>```</pre>", "````\n```\n````"),
            ("<code>a*b</code> <code>c`d</code> <kbd>`</kbd>", "`a*b` ``c`d`` `` ` ``"),
            // Emphasis, only where it is read as such.
            ("<b>a</b> <i>b</i> <s>c</s> <b><i>d</i></b>", "**a** *b* ~~c~~ ***d***"),
            ("a<b>b</b>c", "a**b**c"),
            ("<b> a </b>b", "**a** b"),
            ("a<b>\"b\"</b>c", "a\"b\"c"),
            ("<b></b><b> </b>x", "x"),
            ("<b>a</b><b>b</b>", "**ab**"),
            ("<b>a</b><i>b</i>", "**a**b"),
            // Links, pictures, sounds.
            ("<a href=\"https://e.org/a_(b)?c&amp;d\">t]</a>", "[t\\]](<https://e.org/a\\_(b)?c\\&d>)"),
            ("<a href='https://e.org'>https://e.org</a>", "https://e.org"),
            ("<a href=\"javascript:alert(1)\">t</a>", "t"),
            ("<img src=\"a%20b.png\" alt='x'>", "![x](<a b.png>)"),
            ("<img src=\"../../etc/passwd\"><img src=\"data:image/png;base64,AAAA\">", "[image\\][image]"),
            ("[sound:a b.mp3]", "[sound: a b.mp3](<a b.mp3>)"),
            ("[sound:../x] [sound:", "[sound: ../x] [sound:"),
            // Character references, once.
            (
                "&lt;b&gt; &amp;lt; &eacute; &rarr; &#8594; &#x2192; &#146; &nosuch; AT&T &amp",
                "\\<b> \\&lt; é → → → ’ \\&nosuch; AT&T &",
            ),
            ("&#0;&#xd800;&#x110000;&#xfdd0;&#;", "\u{fffd}\u{fffd}\u{fffd}\u{fffd}\\&#;"),
            // What is Markdown's own.
            ("*a* _b_ c_d `e` [f](g) 2 * 3 \\* \\ x", "\\*a\\* \\_b\\_ c_d \\`e\\` [f\\](g) 2 * 3 \\\\\\* \\ x"),
            ("# a<br>- b<br>1. c<br>---<br>&gt; d", "\\# a\\\n\\- b\\\n1\\. c\\\n\\---\\\n\\> d"),
            // Math stays as it was written.
            ("x \\(a_1 * b_2\\) \\[y\\] [$]z[/$] \\( open", "x `\\(a_1 * b_2\\)` `\\[y\\]` `[$]z[/$]` \\\\( open"),
            ("2<sup>10</sup> H<sub>2</sub> a<sup>xy</sup>", "2¹⁰ H₂ a^(xy)"),
            // What is gone, and what is no tag.
            ("a<style>b</style><script>c</script >d<!-- e -->f<script>g", "adf"),
            ("a < b <3 x<y", "a < b <3 x\\<y"),
            ("<b <i>x", "**x**"),
            ("<span title=\"a>b\">x</span>", "x"),
            ("a\0b", "a\u{fffd}b"),
            ("\u{1b}[31m&#27;[0m", "\u{1b}[31m\u{1b}[0m"),
        ];
        for (html, expected) in cases {
            assert_eq!(convert(html), expected, "{html}");
        }
    }

    #[test]
    fn media_are_named() {
        let mut media = BTreeSet::new();
        markdown("<img src='m%C3%A5ne.png'> [sound:b.mp3] <img src=\"http://x/c.png\"> <img src=\"a/b\">", &mut media);
        assert_eq!(media.into_iter().collect::<Vec<_>>(), ["b.mp3", "måne.png"]);
        let cases = [
            ("a.png", true),
            ("", false),
            (".", false),
            ("..", false),
            ("a/b", false),
            ("a\\b", false),
            ("a\nb", false),
        ];
        for (name, good) in cases {
            assert_eq!(media_name(name).is_some(), good, "{name:?}");
        }
        assert_eq!(media_name(&"x".repeat(256)), None);
    }

    #[test]
    fn plain_text_is_plain() {
        let cases = [
            ("git <b>log</b> &lt;x&gt;", "git log <x>"),
            ("a<br>b<div> c&nbsp; d</div>", "a\nb\nc d"),
            ("[sound:x.mp3]a<img src=x>*b*", "a*b*"),
        ];
        for (html, expected) in cases {
            assert_eq!(plain(html), expected, "{html}");
        }
        assert_eq!(strip_tags("a<br>b &lt;<i>c</i><style>d</style>"), "ab &lt;c");
    }

    #[test]
    fn cost_grows_with_the_length_alone() {
        // Each would take minutes if its cost grew with the square of the length.
        const LENGTH: usize = 1 << 16;
        let cases = [
            "<b>",
            "<ul><li>x",
            "<blockquote>x",
            "<table><tr><td>x",
            "<td>x",
            "<a x='",
            "<a ",
            "<!--",
            "<script>",
            "</",
            "&",
            "&#",
            "&a",
            "[sound:",
            "\\(",
            "[latex]",
            "<pre>",
            "`",
            "<code>`",
            "<sup>x",
            "<i>a</i>",
            "<a href='http://x'>y",
            "<tr><td>a<td>b",
            "<br>",
            "[sound:x]",
            "<img src=x>",
            "<style></style>",
            "<p>x",
            "x ",
            "*",
            "<rt>x",
        ];
        for piece in cases {
            let html = piece.repeat(LENGTH / piece.len());
            assert!(convert(&html).len() <= LENGTH * 40, "{piece}");
            assert!(plain(&html).len() <= LENGTH, "{piece}");
        }
    }

    /// HTML out of the pieces that matter.
    fn tags() -> impl Strategy<Value = String> {
        let pieces = "(</?(b|i|s|code|pre|ul|ol|li|p|div|br|table|tr|td|a href='http://x'|sup|sub|h2|blockquote|hr|img src=x)>\
                      |&(lt|amp|#42|#0|x);?|[-*_`~#+=|:!<>&\\\\()\\[\\]. \n]|[a-z0-9é]|\u{fdd0}|[$]|\\[sound:x\\]){0,30}";
        proptest::string::string_regex(pieces).unwrap()
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(1024))]

        #[test]
        fn text_is_shown_as_it_is(text in "[-*_`~#+=|:!<>&;\\\\()\\[\\]^.0-9a-cé\u{a0} \n]{0,24}") {
            prop_assume!(!text.contains("\\(") && !text.contains("\\["));
            let html = text.replace('&', "&amp;").replace('<', "&lt;").replace('\n', "<br>");
            let expected = text.split(is_blank).filter(|word| !word.is_empty()).collect::<Vec<_>>().join(" ");
            let markdown = convert(&html);
            prop_assert_eq!(shown(&markdown), expected, "{:?}", markdown);
        }

        #[test]
        fn styled_text_is_shown_as_it_is(words in proptest::collection::vec(("[-*_`~!&a-c. ]{1,4}", 0usize..6), 0..6)) {
            let style = [("", ""), ("<b>", "</b>"), ("<i>", "</i>"), ("<s>", "</s>"), ("<b><i>", "</i></b>"), ("<code>", "</code>")];
            let html: String = words.iter().map(|(w, s)| format!("{}{}{}", style[*s].0, w.replace('&', "&amp;"), style[*s].1)).collect();
            let strip = |text: &str| text.chars().filter(|c| !c.is_whitespace()).collect::<String>();
            let expected: String = words.iter().map(|(word, _)| word.as_str()).collect();
            let markdown = convert(&html);
            prop_assert_eq!(strip(&shown(&markdown)), strip(&expected), "{:?}", markdown);
        }

        #[test]
        fn any_html_becomes_markdown_without_html(html in tags()) {
            let markdown = convert(&html);
            shown(&markdown);
            plain(&html);
        }

        #[test]
        fn any_text_is_taken(html in any::<String>()) {
            convert(&html);
            plain(&html);
            strip_tags(&html);
        }
    }
}
