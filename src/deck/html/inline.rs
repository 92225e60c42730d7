//! Runs of styled text to one line of Markdown that shows the same text.
//!
//! Only [`super`] may call it. It hides what CommonMark reads as its own and how that is told apart from text: signs are
//! escaped where they would mean something, emphasis is written only where it will be read as such.

use std::borrow::Cow;

use super::is_blank;

/// How a run of text looks.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Look {
    pub(super) strong: bool,
    pub(super) emphasis: bool,
    pub(super) strike: bool,
    pub(super) code: bool,
    pub(super) raised: bool,
    pub(super) lowered: bool,
    /// The number of the link that it belongs to, from 1; 0 for none.
    pub(super) link: usize,
}

/// Text of one look; `raw` is Markdown already.
#[derive(Debug, Clone)]
pub(super) struct Run {
    pub(super) text: String,
    pub(super) look: Look,
    pub(super) raw: bool,
}

/// Writes runs as Markdown: blanks collapsed, signs escaped, emphasis only where it will be read as such.
pub(super) fn inline(line: Vec<Run>, links: &[String], table: bool) -> String {
    let runs = collapse(line);
    let mut out = String::new();
    let mut at = 0;
    while at < runs.len() {
        let link = runs[at].look.link;
        let end = runs[at..].iter().position(|run| run.look.link != link).map_or(runs.len(), |n| at + n);
        let place = Place { table, link: link > 0 };
        let mut label = if link == 0 { std::mem::take(&mut out) } else { String::new() };
        for index in at..end {
            let after = runs.get(index + 1).map(|next| if next.raw { '!' } else { first_char(&next.text) });
            emit(&mut label, &runs[index], after, place);
        }
        match links.get(link.wrapping_sub(1)) {
            None => out = label,
            Some(target) if runs[at..end].iter().map(|run| run.text.as_str()).collect::<String>() == *target => {
                let after = runs.get(end).map(|next| first_char(&next.text));
                escape(&mut out, target, after, Place { table, link: false });
            }
            Some(target) => {
                if out.ends_with('!') && !out.ends_with("\\!") {
                    out.insert(out.len() - 1, '\\');
                }
                out.push_str(&format!("[{label}]({})", destination(target)));
            }
        }
        at = end;
    }
    out
}

fn first_char(text: &str) -> char {
    text.chars().next().unwrap_or(' ')
}

/// Makes every run of blanks one blank, and puts blanks at the border of a look outside of it.
fn collapse(line: Vec<Run>) -> Vec<Run> {
    let mut runs: Vec<Run> = Vec::new();
    let mut blank: Option<Look> = None;
    let append = |runs: &mut Vec<Run>, text: &str, look: Look| match runs.last_mut() {
        Some(last) if last.look == look && !last.raw => last.text.push_str(text),
        _ => runs.push(Run { text: text.to_owned(), look, raw: false }),
    };
    for run in line {
        if run.raw {
            if blank.take().is_some() && !runs.is_empty() {
                append(&mut runs, " ", Look::default());
            }
            runs.push(run);
            continue;
        }
        let part = |runs: &mut Vec<Run>, blank: &mut Option<Look>| {
            if let Some(look) = blank.take()
                && !runs.is_empty()
            {
                let same = look == run.look && runs.last().is_some_and(|last| last.look == look && !last.raw);
                let between = Look { link: shared_link(runs, run.look), ..Look::default() };
                append(runs, " ", if same { look } else { between });
            }
        };
        // Most text goes in one piece.
        if is_tidy(&run.text) {
            part(&mut runs, &mut blank);
            match runs.last_mut() {
                Some(last) if last.look == run.look && !last.raw => last.text.push_str(&run.text),
                _ => runs.push(run),
            }
            continue;
        }
        let mut rest = run.text.as_str();
        while !rest.is_empty() {
            let word = &rest[..rest.find(is_blank).unwrap_or(rest.len())];
            rest = &rest[word.len()..];
            if !word.is_empty() {
                part(&mut runs, &mut blank);
                append(&mut runs, word, run.look);
            }
            let tail = rest.trim_start_matches(is_blank);
            if tail.len() < rest.len() {
                blank = Some(blank.map_or(run.look, |look| if look == run.look { look } else { Look::default() }));
            }
            rest = tail;
        }
    }
    runs
}

/// Whether all blanks are single spaces between words.
fn is_tidy(text: &str) -> bool {
    let mut last = b' ';
    for byte in text.bytes() {
        // 0xc2 begins the no-break space, among others.
        if matches!(byte, b'\t'..=b'\r' | 0xc2) || (byte == b' ' && last == b' ') {
            return false;
        }
        last = byte;
    }
    last != b' '
}

/// The link that both the last run and the next look belong to.
fn shared_link(runs: &[Run], next: Look) -> usize {
    runs.last().map_or(0, |last| if last.look.link == next.link { next.link } else { 0 })
}

/// Where text stands, for what must be escaped there.
#[derive(Clone, Copy)]
pub(super) struct Place {
    pub(super) table: bool,
    pub(super) link: bool,
}

/// Writes one run. `after` is the first character of what follows it on the line.
fn emit(out: &mut String, run: &Run, after: Option<char>, place: Place) {
    if run.raw {
        out.push_str(&run.text);
        return;
    }
    let look = run.look;
    if look.code {
        code_span(out, &run.text, place.table);
        return;
    }
    let raised = || script(&run.text, "0123456789+-=()ni", "⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻⁼⁽⁾ⁿⁱ");
    let lowered = || script(&run.text, "0123456789+-=()", "₀₁₂₃₄₅₆₇₈₉₊₋₌₍₎");
    let start = out.len();
    let before = out.chars().next_back();
    match if look.raised { raised() } else { None }.or_else(|| if look.lowered { lowered() } else { None }) {
        Some(script) => out.push_str(&script),
        None if look.raised && run.text != " " => {
            out.push_str("^(");
            escape(out, &run.text, Some(')'), place);
            out.push(')');
        }
        None => escape(out, &run.text, after, place),
    }
    if (look.strong || look.emphasis || look.strike) && flanks(before, &out[start..], after) {
        for (on, mark) in [(look.strike, "~~"), (look.emphasis, "*"), (look.strong, "**")] {
            if on {
                out.insert_str(start, mark);
                out.push_str(mark);
            }
        }
    }
}

/// Whether emphasis marks around the text would be read as such: CommonMark's flanking rules, on the safe side.
fn flanks(before: Option<char>, text: &str, after: Option<char>) -> bool {
    let open =
        |c: Option<char>| c.is_none_or(|c| c == ' ' || (c.is_ascii_punctuation() && !matches!(c, '*' | '~' | '\\')));
    let (first, last) = (first_char(text), text.chars().next_back().unwrap_or(' '));
    // Marks next to marks merge into one run; words directly before or after need a letter inside.
    !matches!(before, Some('*' | '~'))
        && !matches!(after, Some('*' | '~'))
        && !matches!(first, ' ' | '~' | '*')
        && !matches!(last, ' ' | '~' | '*')
        && (first.is_alphanumeric() || open(before))
        && (last.is_alphanumeric() || open(after))
}

/// The text in raised or lowered characters, where each has one.
fn script(text: &str, from: &str, to: &str) -> Option<String> {
    text.chars().map(|c| from.chars().position(|f| f == c).and_then(|at| to.chars().nth(at))).collect()
}

pub(super) fn longest_run(text: &str, wanted: char) -> usize {
    let (mut longest, mut current) = (0, 0);
    for c in text.chars() {
        current = if c == wanted { current + 1 } else { 0 };
        longest = longest.max(current);
    }
    longest
}

fn code_span(out: &mut String, text: &str, table: bool) {
    let fence = "`".repeat(longest_run(text, '`') + 1);
    let pad = if text.starts_with('`') || text.ends_with('`') { " " } else { "" };
    // A fence next to a backtick would grow.
    if out.ends_with('`') {
        out.push(' ');
    }
    out.push_str(&fence);
    out.push_str(pad);
    if table {
        out.push_str(&text.replace('|', "\\|"));
    } else {
        out.push_str(text);
    }
    out.push_str(pad);
    out.push_str(&fence);
}

/// Openings and endings of math and LaTeX, as Anki knows them.
const MATH: [(&str, &str); 5] =
    [("\\(", "\\)"), ("\\[", "\\]"), ("[latex]", "[/latex]"), ("[$$]", "[/$$]"), ("[$]", "[/$]")];

/// Appends text so that Markdown shows the same text, with math as inline code.
pub(super) fn escape(out: &mut String, text: &str, after: Option<char>, place: Place) {
    let mut open = [true; MATH.len()];
    let mut from = 0;
    let mut at = 0;
    while let Some(found) = text[at..].find(['\\', '[']) {
        at += found;
        let math = MATH.iter().enumerate().find_map(|(index, (start, end))| {
            if !open[index] || !text[at..].starts_with(start) {
                return None;
            }
            let length = text[at + start.len()..].find(end).map(|length| start.len() + length + end.len());
            open[index] = length.is_some();
            length
        });
        if let Some(length) = math {
            escape_text(out, &text[from..at], Some('`'), place);
            code_span(out, &text[at..at + length], place.table);
            at += length;
            from = at;
        } else {
            at += 1;
        }
    }
    escape_text(out, &text[from..], after, place);
}

/// Appends text with a backslash before each sign that Markdown would read as its own.
fn escape_text(out: &mut String, text: &str, after: Option<char>, place: Place) {
    let sign = |b: u8| matches!(b, b'`' | b'*' | b'_' | b'\\' | b'<' | b'&' | b'[' | b']' | b'!' | b'~' | b'|');
    let mut from = 0;
    while let Some(found) = text.as_bytes()[from..].iter().position(|b| sign(*b)) {
        let at = from + found;
        out.push_str(&text[from..at]);
        from = at + 1;
        let before = out.chars().next_back();
        let within = text[from..].chars().next();
        // `Some` of what follows on the line, in this run or the next.
        let next = within.or(after);
        let blank = |c: Option<char>| c.is_none_or(|c| c == ' ');
        let word = |c: Option<char>| c.is_some_and(char::is_alphanumeric);
        let must = match text.as_bytes()[at] {
            b'`' => true,
            b'*' => !(blank(before) && blank(next)),
            b'_' => !(word(before) && word(within)),
            b'\\' => within.is_none_or(|c| c.is_ascii_punctuation()),
            b'<' => within.is_none() || next.is_some_and(|c| c.is_ascii_alphabetic() || matches!(c, '/' | '!' | '?')),
            b'&' => is_reference(&text[from..], after.is_some()),
            b'[' => place.link || next == Some('^'),
            b']' => place.link || matches!(next, Some('(' | '[' | ':')),
            b'!' => next == Some('[') || (within.is_none() && next == Some('!')),
            b'~' => !blank(before) || next == Some('~') || within.is_none(),
            _ => place.table,
        };
        if must {
            out.push('\\');
        }
        out.push_str(&text[at..from]);
    }
    out.push_str(&text[from..]);
}

/// Whether what follows an `&` makes it a character reference, or might with `more` text after it.
fn is_reference(rest: &str, more: bool) -> bool {
    let length = rest.bytes().take(40).take_while(|b| b.is_ascii_alphanumeric() || *b == b'#').count();
    (length == rest.len() && more) || (length > 0 && rest.as_bytes().get(length) == Some(&b';'))
}

/// Puts a backslash where the start of a line would be read as a block: heading, quote, item, rule, table.
pub(super) fn guard_start(text: &str) -> Cow<'_, str> {
    let bytes = text.as_bytes();
    let ends_word = |at: usize| bytes.get(at).is_none_or(|b| *b == b' ');
    let digits = bytes.iter().take_while(|b| b.is_ascii_digit()).count();
    let hashes = bytes.iter().take_while(|b| **b == b'#').count();
    let at = match bytes.first() {
        Some(b'#') if hashes <= 6 && ends_word(hashes) => 0,
        Some(b'>') => 0,
        Some(b'-' | b'+' | b'*') if ends_word(1) => 0,
        Some(b'0'..=b'9') if digits <= 9 && matches!(bytes.get(digits), Some(b'.' | b')')) && ends_word(digits + 1) => {
            digits
        }
        Some(b'-' | b'=' | b'_' | b'|' | b':' | b'+')
            if bytes.iter().all(|b| matches!(b, b'-' | b'=' | b'_' | b'|' | b':' | b'+' | b' ' | b'\\')) =>
        {
            0
        }
        _ => return Cow::Borrowed(text),
    };
    Cow::Owned(format!("{}\\{}", &text[..at], &text[at..]))
}

/// Writes a link target or a media name as Markdown reads it back unchanged.
pub(super) fn destination(target: &str) -> String {
    let mut out = String::from("<");
    for c in target.chars() {
        match c {
            '<' | '>' | '\\' | '&' | '|' | '`' | '*' | '_' | '[' | ']' => {
                out.push('\\');
                out.push(c);
            }
            '\n' | '\r' => out.push(' '),
            c => out.push(c),
        }
    }
    out.push('>');
    // The short form where nothing needs the long one.
    let simple =
        |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '-' | '/' | ':' | '?' | '=' | '%' | '#' | '@');
    if !target.is_empty() && target.chars().all(simple) { target.to_owned() } else { out }
}
