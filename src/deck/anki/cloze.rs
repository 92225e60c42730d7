//! Cloze deletions within a field: `{{c1::text::hint}}`, nested, with several numbers.
//!
//! Only `template` may call it. A field is parsed once into a flat list of steps, so nesting costs no stack and each card
//! costs one pass over the list.

use std::ops::Range;

/// A field cut at its deletions.
#[derive(Debug, Default)]
pub(super) struct Clozes {
    steps: Vec<Step>,
    deletions: Vec<Deletion>,
}

#[derive(Debug)]
enum Step {
    Text(Range<usize>),
    Open(usize),
    Close,
}

#[derive(Debug, Default)]
struct Deletion {
    numbers: Vec<u32>,
    hint: Option<Range<usize>>,
}

/// How the deletions of the asked number are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Gaps {
    /// As [`crate::deck::html::MARK`], with the hint behind it.
    Marked,
    /// As `[…]` or the hint in brackets.
    Hidden,
    /// As their text.
    Filled,
}

impl Clozes {
    /// Cuts a field. A deletion that is not closed is dropped with all that follows, as Anki does.
    pub(super) fn parse(field: &str) -> Clozes {
        let mut clozes = Clozes::default();
        // For each open deletion its number and the step that opened it.
        let mut open: Vec<(usize, usize)> = Vec::new();
        let (mut from, mut at) = (0, 0);
        while let Some(found) = field[at..].find(['{', '}']) {
            at += found;
            if let Some((numbers, length)) = opening(&field[at..]) {
                clozes.text(field, from..at, &open);
                open.push((clozes.deletions.len(), clozes.steps.len()));
                clozes.steps.push(Step::Open(clozes.deletions.len()));
                clozes.deletions.push(Deletion { numbers, hint: None });
                at += length;
                from = at;
            } else if !open.is_empty() && field[at..].starts_with("}}") {
                clozes.text(field, from..at, &open);
                open.pop();
                clozes.steps.push(Step::Close);
                at += 2;
                from = at;
            } else {
                at += 1;
            }
        }
        clozes.text(field, from..field.len(), &open);
        if let Some((_, step)) = open.first() {
            clozes.steps.truncate(*step);
        }
        clozes
    }

    /// Adds text; within a deletion, what follows `::` is its hint.
    fn text(&mut self, field: &str, range: Range<usize>, open: &[(usize, usize)]) {
        let mut range = range;
        if let Some((deletion, _)) = open.last()
            && let Some(at) = field[range.clone()].find("::")
        {
            self.deletions[*deletion].hint = Some(range.start + at + 2..range.end);
            range.end = range.start + at;
        }
        if !range.is_empty() {
            self.steps.push(Step::Text(range));
        }
    }

    fn asks(&self, deletion: usize, number: u32) -> bool {
        self.deletions[deletion].numbers.contains(&number)
    }

    /// Whether a deletion has this number.
    pub(super) fn has(&self, number: u32) -> bool {
        self.steps.iter().any(|step| matches!(step, Step::Open(deletion) if self.asks(*deletion, number)))
    }

    /// The numbers of all deletions.
    pub(super) fn numbers(&self) -> impl Iterator<Item = u32> {
        self.deletions.iter().flat_map(|deletion| deletion.numbers.iter().copied())
    }

    /// Whether a deletion stands for a shape on a picture.
    pub(super) fn is_occlusion(&self, field: &str) -> bool {
        self.steps.windows(2).any(|steps| match steps {
            [Step::Open(_), Step::Text(range)] => field[range.clone()].starts_with("image-occlusion:"),
            _ => false,
        })
    }

    /// Appends the field with the deletions of `number` written as `gaps` says, all others as their text.
    pub(super) fn render(&self, field: &str, number: u32, gaps: Gaps, out: &mut String) {
        // How many deletions are open, and at which depth the text is hidden.
        let (mut depth, mut hidden) = (0usize, None);
        for step in &self.steps {
            match step {
                Step::Text(range) if hidden.is_none() => out.push_str(&field[range.clone()]),
                Step::Text(_) => {}
                Step::Open(deletion) => {
                    depth += 1;
                    if hidden.is_none() && gaps != Gaps::Filled && self.asks(*deletion, number) {
                        hidden = Some(depth);
                        let hint = self.deletions[*deletion].hint.as_ref().map(|hint| &field[hint.clone()]);
                        match (gaps, hint) {
                            (Gaps::Marked, None) => out.push(crate::deck::html::MARK),
                            (Gaps::Marked, Some(hint)) => {
                                out.push(crate::deck::html::MARK);
                                out.push_str(" [");
                                out.push_str(hint);
                                out.push(']');
                            }
                            (_, hint) => {
                                out.push('[');
                                out.push_str(hint.unwrap_or("…"));
                                out.push(']');
                            }
                        }
                    }
                }
                Step::Close => {
                    if hidden == Some(depth) {
                        hidden = None;
                    }
                    depth = depth.saturating_sub(1);
                }
            }
        }
    }

    /// Returns the texts of the outermost deletions of `number`.
    pub(super) fn answers(&self, field: &str, number: u32) -> Vec<String> {
        let mut answers: Vec<String> = Vec::new();
        let (mut depth, mut within) = (0usize, None);
        for step in &self.steps {
            match step {
                Step::Text(range) => {
                    if let (Some(_), Some(answer)) = (within, answers.last_mut()) {
                        answer.push_str(&field[range.clone()]);
                    }
                }
                Step::Open(deletion) => {
                    depth += 1;
                    if within.is_none() && self.asks(*deletion, number) {
                        within = Some(depth);
                        answers.push(String::new());
                    }
                }
                Step::Close => {
                    if within == Some(depth) {
                        within = None;
                    }
                    depth = depth.saturating_sub(1);
                }
            }
        }
        answers
    }

    /// Returns what `{{cloze-only:…}}` shows in place of each outermost deletion of `number`: its hint, or `...`.
    pub(super) fn hints<'f>(&self, field: &'f str, number: u32) -> Vec<&'f str> {
        let asked = self.steps.iter().filter_map(|step| match step {
            Step::Open(deletion) if self.asks(*deletion, number) => Some(&self.deletions[*deletion]),
            _ => None,
        });
        asked.map(|deletion| deletion.hint.as_ref().map_or("…", |hint| &field[hint.clone()])).collect()
    }
}

/// Reads `{{c1::` or `{{c1,2::` at the start of the text: the numbers, and how many bytes they took.
fn opening(text: &str) -> Option<(Vec<u32>, usize)> {
    let body = text.strip_prefix("{{c")?;
    let length = body.bytes().take(200).take_while(|b| b.is_ascii_digit() || *b == b',').count();
    if !body[length..].starts_with("::") {
        return None;
    }
    let numbers: Option<Vec<u32>> =
        body[..length].split(',').filter(|number| !number.is_empty()).map(|number| number.parse().ok()).collect();
    numbers.filter(|numbers| !numbers.is_empty()).map(|numbers| (numbers, 3 + length + 2))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::deck::html::MARK;
    use proptest::prelude::*;

    fn render(field: &str, number: u32, gaps: Gaps) -> String {
        let mut out = String::new();
        Clozes::parse(field).render(field, number, gaps, &mut out);
        out
    }

    #[test]
    fn deletions_are_hidden_and_filled_as_anki_does() {
        // Field, number, question, answer; as Anki 26.9.3 shows them.
        let cases = [
            ("A {{c1::x}} and {{c2::y}}.", 1, "A […] and y.", "A x and y."),
            ("A {{c1::x}} and {{c2::y}}.", 2, "A x and […].", "A x and y."),
            ("{{c1::a::b::c}} {{c1::x::}} {{c1::::h}} {{c1::}} z", 1, "[b::c] [] [h] […] z", "a x   z"),
            ("{{c1::a {{c1::b}} c}} d {{c1::e", 1, "[…] d ", "a b c d "),
            ("{{c1::a {{c2::b::hint2}} c::hint1}} d }} e", 1, "[hint1] d }} e", "a b c d }} e"),
            ("{{c1::a {{c2::b::hint2}} c::hint1}} d }} e", 2, "a [hint2] c d }} e", "a b c d }} e"),
            ("{{c1,2::both}} {{c3::three}} {{c2,3::x::y}}", 2, "[…] three [y]", "both three x"),
            ("{{c1,2::both}} {{c3::three}} {{c2,3::x::y}}", 3, "both […] [y]", "both three x"),
            (
                "{{C1::upper}} {{c1:single}} {{c01::zeroed}}",
                1,
                "{{C1::upper}} {{c1:single}} […]",
                "{{C1::upper}} {{c1:single}} zeroed",
            ),
            ("\\(x {{c1::y^{2}}} z\\)", 1, "\\(x […]} z\\)", "\\(x y^{2} z\\)"),
            ("{{c4294967297::x}} {{c1::a}}", 1, "{{c4294967297::x}} […]", "{{c4294967297::x}} a"),
            (
                "{{c1,c2::a}} {{c1 ,2::b}} {{c1,2,::b}} {{c1,1::d}}",
                1,
                "{{c1,c2::a}} {{c1 ,2::b}} […] […]",
                "{{c1,c2::a}} {{c1 ,2::b}} b d",
            ),
            ("{{c1::outer {{c2::mid {{c3::in}} m}} o}} end", 2, "outer […] o end", "outer mid in m o end"),
            ("{{c1::{{c2::std::vector}}}}", 2, "[vector]", "std"),
            ("a:: b {{c1::x}} c::d", 1, "a:: b […] c::d", "a:: b x c::d"),
            ("{{c1:: a {{c2::b", 1, "", ""),
        ];
        for (field, number, question, answer) in cases {
            assert_eq!(render(field, number, Gaps::Hidden), question, "{field}");
            assert_eq!(render(field, number, Gaps::Filled), answer, "{field}");
        }
        assert_eq!(render("a {{c1::b::h}} {{c2::c}}", 1, Gaps::Marked), format!("a {MARK} [h] c"));
    }

    #[test]
    fn the_answers_of_a_number_are_listed() {
        let field = "{{c1::a {{c2::b}}::h}} {{c1::c}} {{c2::d}}";
        let clozes = Clozes::parse(field);
        assert_eq!(clozes.answers(field, 1), ["a b", "c"]);
        assert_eq!(clozes.answers(field, 2), ["b", "d"]);
        assert_eq!(clozes.hints(field, 1), ["h", "…"]);
        assert!(clozes.has(2) && !clozes.has(3));
    }

    #[test]
    fn depth_and_number_cost_no_stack() {
        let nested = format!("{}x{}", "{{c1::".repeat(100_000), "}}".repeat(100_000));
        assert_eq!(render(&nested, 1, Gaps::Hidden), "[…]");
        assert_eq!(render(&nested, 2, Gaps::Hidden), "x");
        let many: String = (1..=100_000).map(|n| format!("{{{{c{n}::x}}}}")).collect();
        assert_eq!(render(&many, 100_000, Gaps::Filled).len(), 100_000);
    }

    proptest! {
        #[test]
        fn any_field_is_rendered(field in "(\\{\\{c[0-9,]{1,3}::|\\}\\}|::|[a-zé{}]|\u{fdd0}){0,40}", number in 0u32..4) {
            for gaps in [Gaps::Marked, Gaps::Hidden, Gaps::Filled] {
                prop_assert!(render(&field, number, gaps).len() <= field.len() * 3 + 6);
            }
            Clozes::parse(&field).answers(&field, number);
        }
    }
}
