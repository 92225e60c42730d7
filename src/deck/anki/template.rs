//! Card templates: fields, sections, filters → the HTML of a question or an answer.
//!
//! Only `anki` may call it. It hides Anki's template language (read off Anki 26.9.3's behaviour). A template is a flat
//! list of steps with jumps, so nesting costs no stack, and what a field says is never read as a template. Scripts,
//! styles and comments of the template are dropped when it is read.

use std::borrow::Cow;
use std::collections::HashMap;

use super::cloze::{Clozes, Gaps};
use super::short;
use crate::deck::html;

/// More filters than anyone chains.
const FILTERS: usize = 16;
/// The most text that one side may handle, in bytes: a template can show a long field any number of times.
pub(super) const LARGEST_SIDE: usize = 16 << 20;
/// What a step costs apart from what it shows, in the measure of bytes handled.
const STEP: usize = 8;

/// One side of a card.
#[derive(Debug, Default)]
pub(super) struct Template {
    steps: Vec<Step>,
    /// Whether it holds a script.
    pub(super) scripted: bool,
}

#[derive(Debug)]
enum Step {
    Text(String),
    Show {
        slot: Slot,
        filters: Vec<Filter>,
    },
    /// Jumps behind `end` unless the slot is filled (or empty, for `negated`).
    Section {
        slot: Slot,
        negated: bool,
        end: usize,
    },
}

/// What a name stands for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Slot {
    Field(usize),
    Tags,
    NoteType,
    Deck,
    Subdeck,
    Card,
    Flag,
    CardId,
    FrontSide,
    /// `{{#c1}}`: whether the card asks for this deletion.
    Number(u32),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Filter {
    Text,
    Hint,
    Type,
    Cloze,
    ClozeOnly,
    Furigana,
    Kana,
    Kanji,
    Speech,
}

/// What a card fills into its templates.
pub(super) struct Card<'a> {
    /// The fields of the note, in the order of the note type.
    pub(super) fields: &'a [Cow<'a, str>],
    /// Which of them are blank: a template may ask any number of times.
    pub(super) blank: &'a [bool],
    /// The deletions of each field; empty where the note type has none.
    pub(super) clozes: &'a [Clozes],
    /// The number of the asked deletion; 0 on a card without.
    pub(super) number: u32,
    pub(super) tags: &'a str,
    pub(super) note_type: &'a str,
    pub(super) deck: &'a str,
    pub(super) name: &'a str,
    pub(super) id: i64,
}

/// One side of a card, rendered.
#[derive(Debug, Default)]
pub(super) struct Side {
    pub(super) html: String,
    /// Whether a field of the note that is not empty was shown.
    pub(super) filled: bool,
    /// The field whose text is to be typed.
    pub(super) typed: Option<usize>,
    /// The HTML that a click would show, of a question.
    pub(super) hint: String,
    /// The texts of the asked deletions, as HTML.
    pub(super) deletions: Vec<String>,
    /// What it cost, in bytes handled; beyond [`LARGEST_SIDE`] the side is not whole.
    pub(super) handled: usize,
}

/// How to render.
#[derive(Debug, Clone, Copy)]
pub(super) struct Manner {
    /// On the answer, hints and typed text are shown.
    pub(super) answer: bool,
    /// How the asked deletions are written.
    pub(super) gaps: Gaps,
    /// Whether the text to be typed stands where its box would be.
    pub(super) typed: bool,
}

/// The fields of a note type by their names; of two with one name, the first.
pub(super) struct Names<'a>(HashMap<&'a str, usize>);

impl<'a> Names<'a> {
    pub(super) fn of(fields: &'a [String]) -> Names<'a> {
        Names(fields.iter().enumerate().rev().map(|(index, name)| (name.as_str(), index)).collect())
    }
}

impl Template {
    /// Reads a template for a note type with these fields.
    ///
    /// # Errors
    /// Says what Anki, too, would refuse: unknown fields, sections that do not nest.
    pub(super) fn parse(source: &str, fields: &Names<'_>) -> Result<Template, String> {
        let trimmed = source.trim_start();
        // The old way to change the brackets.
        let (source, open, close) = match trimmed.strip_prefix("{{=<% %>=}}") {
            Some(rest) => (rest, "<%", "%>"),
            None => (source, "{{", "}}"),
        };
        let mut template = Template::default();
        let mut sections: Vec<(&str, usize)> = Vec::new();
        let mut dropped = None;
        let mut rest = source;
        // Where the next bracket opens, counted from the end, so that comments before it do not search for it anew.
        let mut ahead = usize::MAX;
        let mut comments = true;
        while !rest.is_empty() {
            if ahead > rest.len() {
                ahead = rest.find(open).map_or(0, |at| rest.len() - at);
            }
            let at = rest.len() - ahead;
            if comments && let Some(comment) = rest[..at].find("<!--") {
                if let Some(end) = rest[comment..].find("-->") {
                    template.text(&rest[..comment], &mut dropped);
                    rest = &rest[comment + end + 3..];
                    continue;
                }
                comments = false;
            }
            let Some(end) = rest[at..].find(close) else {
                template.text(rest, &mut dropped);
                break;
            };
            template.text(&rest[..at], &mut dropped);
            let tag = rest[at + open.len()..at + end.max(open.len())].trim_start_matches('{').trim();
            rest = &rest[at + end + close.len()..];
            if let Some(name) = tag.strip_prefix(['#', '^']) {
                let name = name.trim();
                let slot = section(name, fields).ok_or_else(|| unknown(tag))?;
                sections.push((name, template.steps.len()));
                template.steps.push(Step::Section { slot, negated: tag.starts_with('^'), end: 0 });
            } else if let Some(name) = tag.strip_prefix('/') {
                let here = template.steps.len();
                match sections.pop() {
                    Some((opened, at)) if opened == name.trim() => {
                        if let Step::Section { end, .. } = &mut template.steps[at] {
                            *end = here;
                        }
                    }
                    _ => return Err(format!("`{{{{{}}}}}` closes a section that is not the open one", short(tag))),
                }
            } else {
                let mut parts = tag.rsplit(':');
                let name = parts.next().unwrap_or_default();
                let filters: Vec<Filter> = parts.by_ref().take(FILTERS).filter_map(filter).collect();
                if parts.next().is_some() {
                    return Err(String::from("a field goes through more than sixteen filters"));
                }
                let slot = match slot(name, fields) {
                    Some(slot) => slot,
                    // `{{tts-voices:}}` lists what can speak.
                    None if name.is_empty() && tag.starts_with("tts-voices") => continue,
                    None => return Err(unknown(tag)),
                };
                if dropped.is_none() {
                    template.steps.push(Step::Show { slot, filters });
                }
            }
        }
        match sections.pop() {
            Some((name, _)) => Err(format!("the section `{{{{#{}}}}}` is not closed", short(name))),
            None => Ok(template),
        }
    }

    /// Adds text without its scripts and styles. `dropped` is the element that the text stands in.
    fn text(&mut self, text: &str, dropped: &mut Option<&'static str>) {
        let mut rest = text;
        loop {
            if let Some(element) = *dropped {
                let Some((at, _)) = find_tag(rest, "</", &[element]) else { return };
                rest = rest[at..].split_once('>').map_or("", |(_, tail)| tail);
                *dropped = None;
            }
            let found = find_tag(rest, "<", &["script", "style"]);
            let shown = found.map_or(rest, |(at, _)| &rest[..at]);
            if !shown.is_empty() {
                self.steps.push(Step::Text(shown.to_owned()));
            }
            let Some((at, element)) = found else { return };
            self.scripted |= element == "script";
            *dropped = Some(element);
            rest = &rest[at + 1..];
        }
    }

    /// Fills the template, as far as [`LARGEST_SIDE`] allows.
    pub(super) fn render(&self, card: &Card<'_>, manner: Manner) -> Side {
        let mut side = Side::default();
        let mut at = 0;
        while let Some(step) = self.steps.get(at).filter(|_| side.handled <= LARGEST_SIDE) {
            at += 1;
            side.handled += STEP;
            match step {
                Step::Text(text) => {
                    side.handled += text.len();
                    side.html.push_str(text);
                }
                Step::Section { slot, negated, end } => {
                    if is_empty(*slot, card) != *negated {
                        at = *end;
                    }
                }
                Step::Show { slot, filters } => show(*slot, filters, card, manner, &mut side),
            }
        }
        side
    }
}

fn unknown(tag: &str) -> String {
    format!("`{{{{{}}}}}` names no field", short(tag))
}

fn slot(name: &str, fields: &Names<'_>) -> Option<Slot> {
    if let Some(index) = fields.0.get(name) {
        return Some(Slot::Field(*index));
    }
    match name {
        "Tags" => Some(Slot::Tags),
        "Type" => Some(Slot::NoteType),
        "Deck" => Some(Slot::Deck),
        "Subdeck" => Some(Slot::Subdeck),
        "Card" => Some(Slot::Card),
        "CardFlag" => Some(Slot::Flag),
        "CardID" => Some(Slot::CardId),
        "FrontSide" => Some(Slot::FrontSide),
        _ => None,
    }
}

/// What a section may ask for: all but the front side, and the number of a deletion.
fn section(name: &str, fields: &Names<'_>) -> Option<Slot> {
    let number = || name.strip_prefix('c').and_then(|number| number.parse().ok()).map(Slot::Number);
    slot(name, fields).filter(|slot| *slot != Slot::FrontSide).or_else(number)
}

/// The filter of a name; unknown ones change nothing, they belong to add-ons.
fn filter(name: &str) -> Option<Filter> {
    match name {
        "text" => Some(Filter::Text),
        "hint" => Some(Filter::Hint),
        "type" => Some(Filter::Type),
        "cloze" => Some(Filter::Cloze),
        "cloze-only" => Some(Filter::ClozeOnly),
        "furigana" => Some(Filter::Furigana),
        "kana" => Some(Filter::Kana),
        "kanji" => Some(Filter::Kanji),
        name if name.starts_with("tts") => Some(Filter::Speech),
        _ => None,
    }
}

fn is_empty(slot: Slot, card: &Card<'_>) -> bool {
    match slot {
        Slot::Field(index) => card.blank.get(index).is_none_or(|blank| *blank),
        Slot::Tags => card.tags.is_empty(),
        Slot::Number(number) => card.number != number,
        // Each of the others has a value on every card.
        _ => false,
    }
}

/// Whether a field counts as empty: blanks, `<br>` and `<div>` without attributes.
pub(super) fn is_blank_html(field: &str) -> bool {
    let mut rest = field.trim_start_matches(|c: char| c.is_ascii_whitespace());
    while !rest.is_empty() {
        let Some(tag) = rest.strip_prefix('<') else { return false };
        let tag = tag.strip_prefix('/').unwrap_or(tag);
        let Some(name) = tag.get(..3).map(str::to_ascii_lowercase) else { return false };
        let length = if name == "div" {
            3
        } else if name.starts_with("br") {
            2
        } else {
            return false;
        };
        let tail = tag[length..].strip_prefix(' ').unwrap_or(&tag[length..]);
        let tail = tail.strip_prefix('/').unwrap_or(tail);
        let Some(tail) = tail.strip_prefix('>') else { return false };
        rest = tail.trim_start_matches(|c: char| c.is_ascii_whitespace());
    }
    true
}

/// Appends what a slot shows after its filters.
fn show(slot: Slot, filters: &[Filter], card: &Card<'_>, manner: Manner, side: &mut Side) {
    let id;
    let (text, field): (&str, Option<usize>) = match slot {
        Slot::Field(index) => (card.fields.get(index).map_or("", |field| field), Some(index)),
        Slot::Tags => (card.tags, None),
        Slot::NoteType => (card.note_type, None),
        Slot::Deck => (card.deck, None),
        Slot::Subdeck => (card.deck.rsplit("::").next().unwrap_or_default(), None),
        Slot::Card => (card.name, None),
        Slot::Flag => ("flag0", None),
        Slot::CardId => {
            id = card.id.to_string();
            (&id, None)
        }
        // The answer loses what it repeats of the question.
        Slot::FrontSide | Slot::Number(_) => ("", None),
    };
    let mut text = Cow::Borrowed(text);
    side.handled += text.len();
    for (index, filter) in filters.iter().enumerate() {
        side.handled += if index > 0 { text.len() } else { 0 };
        match filter {
            Filter::Text => text = Cow::Owned(html::strip_tags(&text)),
            Filter::Hint if is_blank_html(&text) => {}
            Filter::Hint if !manner.answer => {
                if !side.hint.is_empty() {
                    side.hint.push_str("<br>");
                }
                side.hint.push_str(&text);
                side.filled = true;
                return;
            }
            Filter::Hint => {}
            // Typing into a gap is what a cloze card does anyway.
            Filter::Type if filters[..index].contains(&Filter::Cloze) => return,
            Filter::Type => {
                side.typed = side.typed.or(field);
                side.filled |= !is_blank_html(&text);
                if !manner.typed {
                    return;
                }
            }
            // `{{type:cloze:X}}`: only the box.
            Filter::Cloze if filters[index..].contains(&Filter::Type) => {}
            Filter::Cloze | Filter::ClozeOnly => {
                let parsed;
                let clozes = match field.and_then(|field| card.clozes.get(field)) {
                    Some(clozes) if index == 0 => clozes,
                    _ => {
                        parsed = Clozes::parse(&text);
                        &parsed
                    }
                };
                // On a note type without deletions the filter works, on the first.
                let number = card.number.max(1);
                if !clozes.has(number) {
                    return;
                }
                let answers = clozes.answers(&text, number);
                let mut out = String::with_capacity(text.len());
                match filter {
                    Filter::Cloze => clozes.render(&text, number, manner.gaps, &mut out),
                    _ if manner.answer => out = answers.join(", "),
                    _ => out = clozes.hints(&text, number).join(", "),
                }
                side.deletions.extend(answers);
                text = Cow::Owned(out);
            }
            Filter::Furigana | Filter::Kana | Filter::Kanji => text = Cow::Owned(readings(&text, *filter)),
            Filter::Speech => return,
        }
    }
    side.filled |= field.is_some() && !is_blank_html(&text);
    side.html.push_str(&text);
}

/// Japanese text with readings in brackets, `漢字[かんじ]`: both, the reading alone, or the base alone.
fn readings(text: &str, filter: Filter) -> String {
    let text = text.replace("&nbsp;", " ");
    let mut out = String::with_capacity(text.len());
    let mut rest: &str = &text;
    while let Some(open) = rest.find('[') {
        let Some(length) = rest[open..].find(']') else { break };
        let base = rest[..open].rfind([' ', '>']).map_or(0, |at| at + usize::from(rest.as_bytes()[at] == b'>'));
        let reading = &rest[open + 1..open + length];
        let word = rest[base..open].trim_start_matches(' ');
        if word.is_empty() || reading.starts_with("sound:") {
            out.push_str(&rest[..open + length + 1]);
        } else {
            out.push_str(&rest[..base]);
            match filter {
                Filter::Kana => out.push_str(reading),
                Filter::Kanji => out.push_str(word),
                _ => out.extend([word, "(", reading, ")"]),
            }
        }
        rest = &rest[open + length + 1..];
    }
    out.push_str(rest);
    out
}

/// Finds the first tag of one of these elements, whatever its letter case.
fn find_tag(text: &str, start: &str, elements: &[&'static str]) -> Option<(usize, &'static str)> {
    text.match_indices(start).find_map(|(at, _)| {
        let name = &text.as_bytes()[at + start.len()..];
        let is =
            |element: &&&str| name.get(..element.len()).is_some_and(|n| n.eq_ignore_ascii_case(element.as_bytes()));
        elements.iter().find(is).map(|element| (at, *element))
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const FIELDS: [&str; 2] = ["Front", "Back"];

    fn render(template: &str, values: [&str; 2], answer: bool) -> Result<Side, String> {
        let names = FIELDS.map(str::to_owned);
        let fields = values.map(Cow::Borrowed);
        let clozes: Vec<Clozes> = fields.iter().map(|field| Clozes::parse(field)).collect();
        let blank = [is_blank_html(values[0]), is_blank_html(values[1])];
        let card = Card {
            fields: &fields,
            blank: &blank,
            clozes: &clozes,
            number: 1,
            tags: "a b::c",
            note_type: "Kind",
            deck: "D::Sub",
            name: "Card name",
            id: 7,
        };
        let gaps = if answer { Gaps::Filled } else { Gaps::Hidden };
        Template::parse(template, &Names::of(&names))
            .map(|template| template.render(&card, Manner { answer, gaps, typed: false }))
    }

    #[test]
    fn templates_say_what_anki_says() {
        // Template, front, back, question; as Anki 26.9.3 shows them.
        let cases = [
            ("{{Front}} {{ Front }}{{\nFront\n}}", "f", "b", "f ff"),
            ("{{#Front}}y{{/Front}}{{^Front}}n{{/Front}}", "", "", "n"),
            ("{{# Front }}y{{/ Front }}", "x", "", "y"),
            ("{{#Back}}{{#Front}}both{{/Front}}{{/Back}}", "x", "y", "both"),
            ("{{#Back}}{{#Front}}both{{/Front}}{{/Back}}end", "x", "<br>", "end"),
            (
                "{{Tags}}|{{Type}}|{{Deck}}|{{Subdeck}}|{{Card}}|{{CardFlag}}|{{CardID}}",
                "",
                "",
                "a b::c|Kind|D::Sub|Sub|Card name|flag0|7",
            ),
            (
                "{{#Tags}}T{{/Tags}}{{#Deck}}D{{/Deck}}{{#CardFlag}}F{{/CardFlag}}{{#c1}}1{{/c1}}{{^c2}}2{{/c2}}",
                "",
                "",
                "TDF12",
            ),
            ("{{Front}}{{FrontSide}}", "f", "", "f"),
            ("{{Front}} {{Front", "f", "", "f {{Front"),
            ("{{Front}} <!-- {{Nope}} {{#x}} -->!", "f", "", "f !"),
            ("{{=<% %>=}}<%Front%> {{Back}}<%#Front%>y<%/Front%>", "f", "b", "f {{Back}}y"),
            ("{{Front}} {{{Back}}} }} {", "f", "b", "f b} }} {"),
            ("{{Front}}", "{{Back}} {{#x}}", "b", "{{Back}} {{#x}}"),
            ("{{text:Front}}", "a<br>b <b>c</b> &lt;d&gt;<!-- x --><style>y</style>", "", "ab c &lt;d&gt;"),
            ("{{weird:Front}} {{tts en_US:Front}}{{tts-voices:}}", "f", "", "f "),
            (
                "{{furigana:Front}}|{{kana:Front}}|{{kanji:Front}}",
                "これ 漢字[かんじ] x a[b]",
                "",
                "これ漢字(かんじ) xa(b)|これかんじ xb|これ漢字 xa",
            ),
            (
                "{{cloze:Front}} {{text:cloze:Front}} {{cloze-only:Front}}",
                "{{c1::<b>a</b>::h}} b {{c2::c}}",
                "",
                "[h] b c [h] b c h",
            ),
            ("{{cloze:Back}}", "{{c1::a}}", "{{c2::b}}", ""),
            ("<style>{{Front}}</style>a<SCRIPT x>{{#Front}}b{{/Front}}</Script >c", "f", "", "ac"),
        ];
        for (template, front, back, question) in cases {
            assert_eq!(render(template, [front, back], false).unwrap().html, question, "{template}");
        }
    }

    #[test]
    fn faulty_templates_are_named() {
        let cases = [
            ("{{Nope}}", "`{{Nope}}` names no field"),
            ("{{text: Front}}", "`{{text: Front}}` names no field"),
            ("{{}}", "`{{}}` names no field"),
            ("{{front}}", "`{{front}}` names no field"),
            ("{{#Nope}}x{{/Nope}}", "`{{#Nope}}` names no field"),
            ("{{#FrontSide}}x{{/FrontSide}}", "`{{#FrontSide}}` names no field"),
            ("{{#Front}}x", "the section `{{#Front}}` is not closed"),
            ("x{{/Front}}", "`{{/Front}}` closes a section that is not the open one"),
            ("{{#Front}}{{#Back}}{{/Front}}{{/Back}}", "`{{/Front}}` closes a section that is not the open one"),
            (
                "{{text:text:text:text:text:text:text:text:text:text:text:text:text:text:text:text:text:Front}}",
                "a field goes through more than sixteen filters",
            ),
        ];
        for (template, message) in cases {
            assert_eq!(render(template, ["f", "b"], false).unwrap_err(), message, "{template}");
        }
    }

    #[test]
    fn what_is_typed_hinted_and_shown_is_told() {
        let side = render("{{type:Back}}{{hint:Front}}", ["h", "b"], false).unwrap();
        assert_eq!((side.html.as_str(), side.typed, side.hint.as_str(), side.filled), ("", Some(1), "h", true));
        assert_eq!(render("{{hint:Front}}", ["h", "b"], true).unwrap().html, "h");
        assert!(!render("text {{Tags}}", ["f", "b"], false).unwrap().filled);
        assert_eq!(render("{{cloze:Front}}", ["{{c1::a}} {{c1::b}}", ""], false).unwrap().deletions, ["a", "b"]);
        assert!(
            Template::parse("<script>{{Front}}</script>", &Names::of(&FIELDS.map(str::to_owned))).unwrap().scripted
        );
        assert!(!render("<script>{{Front}}</script>", ["f", "b"], false).unwrap().filled);
    }

    #[test]
    fn blank_fields_are_blank_as_anki_sees_them() {
        for field in ["", "  ", "<br>", "<br/>", "<BR />", "<div></div>", "<div><br></div>", "</div>\n"] {
            assert!(is_blank_html(field), "{field}");
        }
        for field in
            ["x", "<p></p>", "&nbsp;", "\u{a0}", "<div class=x></div>", "<img src=x>", "<b></b>", "<!-- c -->", "<é"]
        {
            assert!(!is_blank_html(field), "{field}");
        }
    }

    #[test]
    fn deep_sections_cost_no_stack() {
        let deep = format!("{}{{{{Back}}}}{}", "{{#Front}}".repeat(100_000), "{{/Front}}".repeat(100_000));
        assert_eq!(render(&deep, ["f", "b"], false).unwrap().html, "b");
        assert_eq!(render(&deep, ["", "b"], false).unwrap().html, "");
    }

    proptest! {
        #[test]
        fn any_template_is_rendered_or_refused(
            template in "(\\{\\{|\\}\\}|[#^/]|Front|Back|:|text|cloze|<!--|-->|<script>|</style|[ a-zé<>]){0,40}",
            front in ".{0,20}",
        ) {
            let _ = render(&template, [&front, "{{c1::b}}"], true);
        }
    }
}
