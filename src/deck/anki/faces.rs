//! How the cards of an Anki note become faces.
//!
//! Only `anki` may call it. It hides what makes a card typed, cloze or basic, and how the answer is parted from what an
//! answer side repeats and adds; the rules stand in the documentation of [`super`].

use std::borrow::Cow;
use std::collections::{BTreeSet, HashMap};

use super::cloze::{Clozes, Gaps};
use super::collection::{CardRow, NoteType, TemplateSource};
use super::short;
use super::template::{Card, LARGEST_SIDE, Manner, Names, Side, Template, is_blank_html};
use crate::card::{Face, GAP, Kind};
use crate::deck::{face, html};

/// The longest answer of a cloze card, in characters: longer ones are not typed but recalled.
const CLOZE_LENGTH: usize = 60;
/// The longest answer of a typed card, in characters.
const TYPED_LENGTH: usize = 200;
/// The most text that the cards of one note may make, in bytes.
const FACES_SIZE: usize = 8 << 20;

/// What a card costs that shows nothing, and a field of a note type that a note does not fill, in the measure of bytes
/// handled.
const CARD: usize = 100;
const FIELD: usize = 8;
/// What a tag costs beyond its length, in the same measure.
const TAG: usize = 16;
/// A tag longer than this is no `<hr id=answer>`, in bytes.
const RULE: usize = 200;

/// A note type with its templates read.
pub(in crate::deck) struct Prepared {
    pub(super) kind: NoteType,
    /// Question and answer of each template, or what is wrong with it.
    templates: Vec<Result<(Template, Template), String>>,
}

impl Prepared {
    /// Reads the templates of a note type.
    pub(in crate::deck) fn of(kind: NoteType) -> Prepared {
        let names = Names::of(&kind.fields);
        let parse = |source: &TemplateSource| {
            let question = Template::parse(&source.question, &names)?;
            Ok((question, Template::parse(&source.answer, &names)?))
        };
        Prepared { templates: kind.templates.iter().map(parse).collect(), kind }
    }
}

/// A note as the collection has it.
pub(super) struct Source<'a> {
    pub(super) fields: &'a str,
    pub(super) tags: &'a str,
    pub(super) cards: &'a [CardRow],
    pub(super) decks: &'a HashMap<i64, String>,
}

/// What became of a note.
#[derive(Default)]
pub(in crate::deck) struct Made {
    /// Its cards, by ordinal; empty if there is nothing to ask.
    pub(in crate::deck) faces: Vec<Face>,
    /// What all answer sides say beyond the answers.
    pub(in crate::deck) explanation: String,
    /// Cards that Anki would ask and we do not.
    pub(in crate::deck) left_out: Vec<LeftOut>,
}

/// Why a card is left out.
pub(in crate::deck) struct LeftOut {
    pub(in crate::deck) rule: &'static str,
    pub(in crate::deck) message: String,
    pub(in crate::deck) hint: &'static str,
}

/// A card before its note's explanation is settled.
struct Draft<'a> {
    face: Face,
    /// What the answer side says beyond the answer, where that can be told apart.
    beyond: Option<String>,
    question: Side,
    card: Card<'a>,
    sides: &'a (Template, Template),
}

/// Makes the faces of a note. Names of media are added to `media`, the text that was handled is taken from `work_left`;
/// when that is spent, the cards that are left are not made.
pub(super) fn make(source: &Source<'_>, kind: &Prepared, media: &mut BTreeSet<String>, work_left: &mut u64) -> Made {
    let NoteType { name: note_type, cloze, fields: names, templates: sources } = &kind.kind;
    let mut fields: Vec<Cow<'_, str>> = source.fields.split('\u{1f}').take(names.len()).map(clean).collect();
    fields.resize(names.len(), Cow::Borrowed(""));
    let blank: Vec<bool> = fields.iter().map(|field| is_blank_html(field)).collect();
    let clozes: Vec<Clozes> = fields.iter().filter(|_| *cloze).map(|field| Clozes::parse(field)).collect();
    let mut made = Made::default();
    if clozes.iter().zip(&fields).any(|(clozes, field)| clozes.is_occlusion(field)) {
        let message = String::from("it asks for a hidden part of a picture, which a terminal cannot show");
        made.left_out.push(LeftOut { rule: "image-occlusion", message, hint: "" });
        return made;
    }
    let tags: Vec<&str> = source.tags.split_whitespace().collect();
    let tags = tags.join(" ");
    let mut maker = Maker { media, work_left, too_large: false };
    maker.spend(source.fields.len() + names.len() * FIELD);
    let mut drafts: Vec<Draft<'_>> = Vec::new();
    let (mut size, mut last) = (0, None);
    for row in source.cards {
        if *maker.work_left == 0 || last.replace(row.ordinal) == Some(row.ordinal) {
            continue;
        }
        let index = if *cloze { 0 } else { row.ordinal as usize };
        let card = Card {
            fields: &fields,
            blank: &blank,
            clozes: &clozes,
            number: if *cloze { row.ordinal.saturating_add(1) } else { 0 },
            tags: &tags,
            note_type,
            deck: source.decks.get(&row.deck).map_or("", String::as_str),
            name: sources.get(index).map_or("", |template| &template.name),
            id: row.id,
        };
        maker.spend(CARD);
        let draft = match kind.templates.get(index) {
            Some(Ok(sides)) => maker.draft(row.ordinal, card, sides),
            Some(Err(fault)) => Err(Some(LeftOut {
                rule: "template",
                message: format!("its template `{}` is faulty: {fault}", short(card.name)),
                hint: "mend the template in Anki and export the deck again",
            })),
            None => {
                let message = format!("its card {} has no template", row.ordinal);
                Err(Some(LeftOut { rule: "template", message, hint: "" }))
            }
        };
        match draft {
            Ok(draft) => {
                size += draft.face.front.len() + draft.face.back.iter().map(String::len).sum::<usize>();
                drafts.push(draft);
            }
            Err(left_out) => made.left_out.extend(left_out),
        }
        if size > FACES_SIZE || maker.too_large {
            let message = format!("its cards hold more than {} MiB of text", FACES_SIZE >> 20);
            return Made { left_out: vec![LeftOut { rule: "size", message, hint: "" }], ..Made::default() };
        }
    }
    match agreed(&drafts) {
        Some(explanation) => {
            for draft in &mut drafts {
                if let (None, Some(back)) = (&draft.beyond, draft.face.back.first_mut())
                    && let Some(shorter) = without(back, &explanation)
                {
                    *back = shorter.to_owned();
                }
            }
            made.explanation = explanation;
        }
        None => {
            // The cards disagree: each answer says all that its side says.
            for draft in &mut drafts {
                if draft.beyond.as_ref().is_some_and(|beyond| !beyond.is_empty()) {
                    draft.face = maker.basic(draft.face.ordinal, &draft.question, &draft.card, draft.sides);
                }
            }
        }
    }
    // Not collected: that would keep the room of the drafts, which are much larger.
    made.faces.reserve_exact(drafts.len());
    made.faces.extend(drafts.into_iter().map(|draft| draft.face));
    made
}

/// What all cards say beyond their answers; nothing where they disagree.
fn agreed(drafts: &[Draft<'_>]) -> Option<String> {
    let explanation = drafts.iter().filter_map(|draft| draft.beyond.as_ref()).max_by_key(|beyond| beyond.len());
    let Some(explanation) = explanation.filter(|explanation| !explanation.is_empty()) else {
        return Some(String::new());
    };
    let agrees = |draft: &Draft<'_>| match &draft.beyond {
        Some(beyond) => beyond == explanation,
        None => draft.face.back.first().is_some_and(|back| without(back, explanation).is_some()),
    };
    drafts.iter().all(agrees).then(|| explanation.clone())
}

/// An answer without the explanation at its end.
fn without<'b>(back: &'b str, explanation: &str) -> Option<&'b str> {
    let before = back.strip_suffix(explanation).filter(|before| !explanation.is_empty() && before.ends_with('\n'))?;
    let before = before.trim_end_matches(['\\', '\n']);
    (!before.is_empty()).then_some(before)
}

struct Maker<'m> {
    media: &'m mut BTreeSet<String>,
    work_left: &'m mut u64,
    /// Whether a side was more than a card can hold.
    too_large: bool,
}

impl Maker<'_> {
    /// Counts work, in bytes handled.
    fn spend(&mut self, bytes: usize) {
        *self.work_left = self.work_left.saturating_sub(bytes as u64);
    }

    fn render(&mut self, template: &Template, card: &Card<'_>, manner: Manner) -> Side {
        let side = template.render(card, manner);
        self.spend(side.handled);
        self.too_large |= side.handled > LARGEST_SIDE;
        side
    }

    /// Makes a card. `Err(None)` is one that Anki would not ask either.
    fn draft<'a>(
        &mut self,
        ordinal: u32,
        card: Card<'a>,
        sides: &'a (Template, Template),
    ) -> Result<Draft<'a>, Option<LeftOut>> {
        let question = self.render(&sides.0, &card, Manner { answer: false, gaps: Gaps::Hidden, typed: false });
        let scripted = sides.0.scripted || sides.1.scripted;
        let needs_script = || LeftOut {
            rule: "script",
            message: String::from("it is drawn by a script, which plugg does not run"),
            hint: "",
        };
        if if card.number > 0 { question.deletions.is_empty() } else { !question.filled } {
            return Err(sides.0.scripted.then(needs_script));
        }
        let (face, beyond) = match self.typed(&question, &card, sides) {
            Some((front, back, beyond)) => (face(ordinal, Kind::Typed, front, back), Some(beyond)),
            None if card.number > 0 => self.cloze(ordinal, &question, &card, sides),
            None => (self.basic(ordinal, &question, &card, sides), None),
        };
        if face.front.is_empty() {
            let message = String::from("its question has no text that a terminal can show");
            return Err(Some(LeftOut { rule: "empty-question", message, hint: "" }));
        }
        let silent = face.back.iter().all(String::is_empty) && beyond.as_ref().is_none_or(String::is_empty);
        if scripted && silent {
            return Err(Some(needs_script()));
        }
        let hint = self.markdown(&question.hint);
        Ok(Draft { face: Face { hint, ..face }, beyond, question, card, sides })
    }

    /// Front, answer and what is beyond, of a card with an answer that can be typed.
    fn typed(
        &mut self,
        question: &Side,
        card: &Card<'_>,
        sides: &(Template, Template),
    ) -> Option<(String, String, String)> {
        let field = card.fields.get(question.typed?)?;
        let back = html::plain(field);
        if back.is_empty() || back.contains('\n') || back.chars().count() > TYPED_LENGTH || holds_media(field) {
            return None;
        }
        let front = self.markdown(&question.html);
        let beyond = self.answer(card, sides, Gaps::Filled, false);
        // Some answer sides show the field itself in place of the box.
        let beyond = if beyond == self.markdown(field) { String::new() } else { beyond };
        Some((front, back, beyond))
    }

    fn cloze(
        &mut self,
        ordinal: u32,
        question: &Side,
        card: &Card<'_>,
        sides: &(Template, Template),
    ) -> (Face, Option<String>) {
        let manner = |gaps, answer| Manner { answer, gaps, typed: false };
        // Both sides with marks in place of the gaps: the answer side begins as the question, then comes the rest.
        let asked = self.render(&sides.0, card, manner(Gaps::Marked, false)).html;
        let asked = self.markdown(&asked);
        let told = self.answer(card, sides, Gaps::Marked, false);
        let beyond = told.strip_prefix(&asked).filter(|beyond| {
            !beyond.contains(html::MARK) && (beyond.is_empty() || beyond.starts_with(['\\', '\n', ' ']))
        });
        let Some(beyond) = beyond.map(|beyond| beyond.trim_start_matches(['\\', '\n', ' ']).to_owned()) else {
            return (self.basic(ordinal, question, card, sides), None);
        };
        if let [deletion] = question.deletions.as_slice()
            && asked.matches(html::MARK).count() == 1
            && !asked.contains(GAP)
            && !holds_media(deletion)
        {
            let back = html::plain(deletion);
            if !back.is_empty() && !back.contains('\n') && back.chars().count() <= CLOZE_LENGTH {
                let front = asked.replace(html::MARK, GAP);
                return (face(ordinal, Kind::Cloze, front, back), Some(beyond));
            }
        }
        let front = self.markdown(&question.html);
        let filled = self.render(&sides.0, card, manner(Gaps::Filled, true)).html;
        let back = self.markdown(&filled);
        (face(ordinal, Kind::Basic, front, back), Some(beyond))
    }

    fn basic(&mut self, ordinal: u32, question: &Side, card: &Card<'_>, sides: &(Template, Template)) -> Face {
        let front = self.markdown(&question.html);
        let back = self.answer(card, sides, Gaps::Filled, true);
        let hint = self.markdown(&question.hint);
        Face { hint, ..face(ordinal, Kind::Basic, front, back) }
    }

    /// The answer side without what it repeats of the question.
    fn answer(&mut self, card: &Card<'_>, sides: &(Template, Template), gaps: Gaps, typed: bool) -> String {
        let html = self.render(&sides.1, card, Manner { answer: true, gaps, typed }).html;
        self.markdown(after_rule(&html))
    }

    fn markdown(&mut self, html: &str) -> String {
        self.spend(html.len() + TAG * html.bytes().filter(|byte| *byte == b'<').count());
        html::markdown(html, self.media)
    }
}

/// What follows the first `<hr id=answer>`; all of it where there is none.
fn after_rule(html: &str) -> &str {
    for (at, _) in html.match_indices("<hr") {
        let Some(end) = html.bytes().skip(at).take(RULE).position(|byte| byte == b'>') else { continue };
        let tag: String = html[at + 3..at + end].chars().filter(|c| !matches!(c, '"' | '\'' | '/')).collect();
        if tag.split_ascii_whitespace().any(|word| word == "id=answer") {
            return &html[at + end + 1..];
        }
    }
    html
}

fn holds_media(html: &str) -> bool {
    html.contains("<img") || html.contains("[sound:")
}

/// A field without the mark that stands for a gap while cards are made.
fn clean(field: &str) -> Cow<'_, str> {
    if field.contains(html::MARK) { Cow::Owned(field.replace(html::MARK, "\u{fffd}")) } else { Cow::Borrowed(field) }
}
