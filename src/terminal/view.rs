//! What a session looks like: a question, its answer, the grades and the summary, as styled lines. Both players show
//! these; nothing here reads a key or writes a byte.

use super::markdown::{self, Look};
use crate::answer::{self, Verdict};
use crate::card::{GAP, Grade, Kind, Purpose};
use crate::day::Day;
use crate::error::Error;
use crate::session::{Answered, Attachment, End, Hint, Notice, Outcome, Question, Reply};
use crate::skill::SkillMap;
use crate::store::LoggedReview;
use crate::text::{Line, Style, cut, pad};
use crate::words::{Value, Words};

/// Text is set no wider: long lines are hard to read.
const WIDEST: usize = 100;
/// Columns of the progress bar.
const BAR: usize = 15;
/// Answers of a leech that are shown.
const HISTORY: usize = 24;

/// Which grades there are keys for.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Scale {
    /// 1 again, 2 hard, 3 good, 4 easy.
    #[default]
    Four,
    /// 0 to 5, as SM-2 has them.
    Six,
}

impl Scale {
    /// The keys, the messages that name them, and their grades, worst first.
    pub fn keys(self) -> &'static [(char, &'static str, Grade)] {
        match self {
            Scale::Four => &[
                ('1', "grade-again", Grade::AGAIN),
                ('2', "grade-hard", Grade::HARD),
                ('3', "grade-good", Grade::GOOD),
                ('4', "grade-easy", Grade::EASY),
            ],
            Scale::Six => &[
                ('0', "grade-blank", Grade::ALL[0]),
                ('1', "grade-wrong", Grade::ALL[1]),
                ('2', "grade-almost", Grade::ALL[2]),
                ('3', "grade-hard", Grade::ALL[3]),
                ('4', "grade-good", Grade::ALL[4]),
                ('5', "grade-easy", Grade::ALL[5]),
            ],
        }
    }

    /// The grade of a key.
    pub fn grade(self, key: char) -> Option<Grade> {
        self.keys().iter().find(|(known, _, _)| *known == key).map(|(_, _, grade)| *grade)
    }

    /// The key of a grade, or of the nearest one below it.
    pub fn key(self, grade: Grade) -> char {
        let at_most = self.keys().iter().rev().find(|(_, _, known)| *known <= grade);
        at_most.or(self.keys().first()).map_or('1', |(key, _, _)| *key)
    }
}

/// What a session is shown with.
#[derive(Debug, Clone, Copy)]
pub struct View<'a> {
    /// Width and character set.
    pub look: Look,
    /// The names of areas and systems.
    pub map: &'a SkillMap,
    /// The grades.
    pub scale: Scale,
    /// The language.
    pub words: &'a Words,
}

impl View<'_> {
    /// The columns that text is set to.
    pub fn width(&self) -> usize {
        self.look.width.min(WIDEST)
    }

    /// Where a card belongs: area, system, level.
    pub fn place(&self, question: &Question<'_>) -> String {
        let note = &question.card.note;
        let area = self.map.area_title(&note.area);
        let system = self.map.system_name(&note.system);
        let mut parts = vec![area];
        if !system.is_empty() && system != area {
            parts.push(system);
        }
        if note.area == crate::skill::UNSORTED {
            parts.push(&question.card.deck_title);
        }
        let level = self.words.level(note.level);
        parts.push(&level);
        // On a narrow terminal the system says enough.
        if parts.len() > 2 && parts.join(" · ").chars().count() + 10 > self.width() {
            parts.remove(0);
        }
        parts.join(" · ")
    }

    /// Where the card belongs, how far the session is, and what is left of its time.
    pub fn header(&self, question: &Question<'_>) -> Vec<Line> {
        let mut place = Line::of(Style::Faint, " ").with(Style::Strong, cut(&self.place(question), self.width() - 1));
        match question.purpose {
            Purpose::Drill => place.push(Style::Warn, format!(" · {}", self.say("quiz-again"))),
            Purpose::Cram => place.push(Style::Faint, format!(" · {}", self.say("quiz-ahead"))),
            Purpose::Quiz if question.card.memory.due.is_none() => {
                place.push(Style::Accent, format!(" · {}", self.say("quiz-new")));
            }
            Purpose::Quiz | Purpose::Placement | Purpose::Imported => {}
        }
        let total = question.total.max(question.number);
        let done = BAR * (question.number.saturating_sub(1)) / total.max(1);
        let mut progress = Line::of(Style::Faint, format!("{}/{} ", question.number, total))
            .with(Style::Accent, "━".repeat(done))
            .with(Style::Faint, "╌".repeat(BAR - done));
        if let Some(minutes) = question.minutes_left {
            let left = self.words.say("quiz-minutes-left", &[("minutes", minutes.into())]);
            progress.push(Style::Faint, format!("  {left}"));
        }
        spread(place, progress, self.width())
    }

    /// The question itself, with its hint once that was asked for.
    pub fn front(&self, question: &Question<'_>) -> Vec<Line> {
        let face = &question.card.face;
        let mut lines = self.text(&with_blank(&face.front));
        if let Some(hint) = question.hint {
            lines.push(Line::new());
            let hint = match hint {
                Hint::Text(text) => text.clone(),
                Hint::RightOptions(count) => self.words.say("quiz-hint-options", &[("count", (*count).into())]),
            };
            lines.extend(self.labelled(&format!("{} ", self.say("quiz-hint")), Style::Warn, &hint));
        }
        if let Some(history) = question.leech {
            lines.push(Line::new());
            lines.extend(self.leech(question, history));
        }
        lines
    }

    fn leech(&self, question: &Question<'_>, history: &[LoggedReview]) -> Vec<Line> {
        let marks: String = history
            .iter()
            .rev()
            .take(HISTORY)
            .rev()
            .map(|row| if row.review.grade.passed() { '✓' } else { '✗' })
            .collect();
        let told = self.words.say("quiz-leech", &[("times", question.card.lapses.into())]);
        vec![
            Line::of(Style::Warn, format!(" {told}  {marks}")),
            Line::of(Style::Faint, format!(" {}", self.say("quiz-leech-advice"))),
        ]
    }

    /// The options of a choice, or the steps of an order card, in the order shown. `picked` holds places in that order,
    /// in the order in which they were picked; `cursor` is the place that the arrow keys are on.
    pub fn options(&self, question: &Question<'_>, picked: &[usize], cursor: Option<usize>) -> Vec<Line> {
        let face = &question.card.face;
        let texts = answer::options(face);
        let ordering = face.kind == Kind::Order;
        let mut lines = Vec::new();
        for (place, index) in question.shown.iter().enumerate() {
            let Some(text) = texts.get(*index) else { continue };
            let chosen = picked.iter().position(|known| *known == place);
            let mark = match chosen {
                Some(turn) if ordering => format!("{}.", turn + 1),
                Some(_) => "✓".to_owned(),
                None if cursor == Some(place) => "▸".to_owned(),
                None => String::new(),
            };
            let label = Line::of(Style::Accent, format!(" {mark:>2} "))
                .with(if chosen.is_some() { Style::Accent } else { Style::Strong }, format!("{}  ", place + 1));
            lines.extend(self.hanging(label, text));
        }
        lines
    }

    /// The answer: what was given, what is right, why, and where that stands.
    pub fn answer(&self, answered: &Answered<'_>) -> Vec<Line> {
        let question = answered.question;
        let face = &question.card.face;
        let mut lines = Vec::new();
        match face.kind {
            Kind::Choice => {
                lines.extend(self.judged_options(question, answered.given));
                lines.push(Line::new());
                lines.extend(self.verdict(answered, None));
            }
            Kind::Order => {
                lines.extend(self.verdict(answered, None));
                for (place, step) in face.back.iter().enumerate() {
                    lines.extend(self.hanging(Line::of(Style::Good, format!("   {}  ", place + 1)), step));
                }
            }
            Kind::Typed | Kind::Cloze => {
                let right = face.back.first().map_or("", String::as_str);
                lines.extend(self.verdict(answered, Some(right)));
            }
            Kind::Basic => {
                let right = face.back.join("\n\n");
                lines.extend(self.labelled(" ", Style::Good, &right));
            }
        }
        let note = &question.card.note;
        if !note.explanation.is_empty() {
            lines.push(Line::new());
            lines.extend(self.text(&note.explanation));
        }
        let since =
            (!note.since.is_empty()).then(|| self.words.say("quiz-since", &[("version", Value::from(&note.since))]));
        let source = note.source.strip_prefix("https://").unwrap_or(&note.source);
        let source = (!source.is_empty()).then(|| source.to_owned());
        let origin: Vec<String> = since.into_iter().chain(source).collect();
        if !origin.is_empty() {
            lines.push(Line::of(Style::Link, cut(&origin.join(" · "), self.width().saturating_sub(1))).indented(1));
        }
        lines
    }

    fn judged_options(&self, question: &Question<'_>, given: Option<&Reply>) -> Vec<Line> {
        let face = &question.card.face;
        let texts = answer::options(face);
        let chosen: &[usize] = match given {
            Some(Reply::Chosen(chosen)) => chosen,
            _ => &[],
        };
        let mut lines = Vec::new();
        for (place, index) in question.shown.iter().enumerate() {
            let Some(text) = texts.get(*index) else { continue };
            let right = *index < face.back.len();
            let (mark, style) = match (right, chosen.contains(index)) {
                (true, _) => ("✓", Style::Good),
                (false, true) => ("✗", Style::Bad),
                (false, false) => (" ", Style::Faint),
            };
            let label = Line::of(style, format!("  {mark} {}  ", place + 1));
            lines.extend(self.hanging(label, text));
        }
        lines
    }

    fn verdict(&self, answered: &Answered<'_>, right: Option<&str>) -> Vec<Line> {
        let given = match answered.given {
            Some(Reply::Typed(text)) if !text.trim().is_empty() => Some(text.trim()),
            _ => None,
        };
        let (mark, style, key) = match (answered.verdict, answered.given) {
            (Some(Verdict::Right), _) => ("✓", Style::Good, "quiz-right"),
            (Some(Verdict::Near), _) => ("≈", Style::Warn, "quiz-nearly"),
            (_, None) => ("▸", Style::Accent, "quiz-answer"),
            _ => ("✗", Style::Bad, "quiz-wrong"),
        };
        let mut lines = vec![Line::of(style, format!(" {mark} {}", self.say(key)))];
        let Some(right) = right else { return lines };
        let differs = given.is_some_and(|given| given != right);
        let [typed, correct] = ["quiz-label-typed", "quiz-label-answer"].map(|key| self.say(key));
        let width = Line::plain(typed.as_str()).width().max(Line::plain(correct.as_str()).width());
        let label = |text: &str| Line::of(Style::Faint, format!("   {}  ", pad(text, width)));
        if let Some(given) = given.filter(|_| differs) {
            lines.extend(self.hanging(label(&typed), &as_code(given)));
        }
        let label = if differs { label(&correct) } else { Line::of(Style::Faint, "   ") };
        lines.extend(self.hanging(label, &as_code(right)));
        lines
    }

    /// The keys that grade, each with the interval that it gives.
    pub fn grades(&self, answered: &Answered<'_>) -> Vec<Line> {
        let proposed = self.scale.key(answered.proposed);
        let mut tokens = Vec::new();
        for (key, name, grade) in self.scale.keys() {
            let mut token = Line::of(Style::Accent, key.to_string());
            let style = if *key == proposed { Style::Strong } else { Style::Plain };
            token.push(style, format!(" {}{}", self.say(name), self.promise(answered, *grade)));
            if *key == proposed {
                token.push(Style::Accent, " ⏎");
            }
            tokens.push(token);
        }
        let media: Vec<_> = answered.question.media.iter().chain(answered.media).cloned().collect();
        let keys: Vec<_> = [("u", "key-undo")].into_iter().chain(open_key(&media)).chain([("?", "key-keys")]).collect();
        tokens.extend(self.hints(&keys));
        flow(tokens, self.width())
    }

    /// What a grade gives: its interval, or that the card comes again in this session.
    pub fn promise(&self, answered: &Answered<'_>, grade: Grade) -> String {
        let purpose = answered.question.purpose;
        if !grade.passed() {
            return format!(" {}", self.say("interval-now"));
        }
        let Some(outcomes) = answered.outcomes.filter(|_| purpose.schedules(grade)) else { return String::new() };
        outcomes
            .get(usize::from(grade.get()))
            .and_then(|memory| memory.due)
            .map_or_else(String::new, |due| format!(" {}", days(due.since(answered.today), self.words)))
    }

    /// Keys with the messages that say what they do, for a line at the bottom.
    pub fn hints(&self, keys: &[(&str, &str)]) -> Vec<Line> {
        let does = |message| format!(" {}", self.say(message));
        keys.iter().map(|(key, message)| Line::of(Style::Accent, *key).with(Style::Faint, does(message))).collect()
    }

    /// A message without values.
    pub fn say(&self, key: &str) -> String {
        self.words.say(key, &[])
    }

    /// What is told in passing.
    pub fn notice(&self, notice: &Notice<'_>) -> Line {
        let (style, told) = match notice {
            Notice::TakenBack(None) => (Style::Warn, self.say("notice-nothing-to-take-back")),
            Notice::TakenBack(Some(grade)) => {
                let grade = self.grade_name(*grade).into();
                (Style::Warn, self.words.say("notice-taken-back", &[("grade", grade)]))
            }
            Notice::Suspended => (Style::Warn, self.say("notice-suspended")),
            Notice::Flagged => (Style::Good, self.say("notice-flagged")),
            Notice::Edited => (Style::Good, self.say("notice-edited")),
            Notice::NoHint => (Style::Faint, self.say("notice-no-hint")),
            Notice::Leech(times) => (Style::Warn, self.words.say("notice-leech", &[("times", (*times).into())])),
            Notice::Overtaken => (Style::Warn, self.say("notice-overtaken")),
            Notice::Refused(error) => (Style::Bad, error.to_string()),
        };
        Line::of(style, format!(" {told}"))
    }

    /// That an answer could not be kept.
    pub fn unkept(&self, error: &Error) -> Line {
        let told = self.words.say("quiz-unkept", &[("error", error.to_string().into())]);
        Line::of(Style::Bad, format!(" {told}"))
    }

    /// Whether a text is the letter for yes.
    pub fn is_yes(&self, text: &str) -> bool {
        text.to_lowercase() == self.say("yes-letter")
    }

    /// The name of a grade on the scale in use.
    pub fn grade_name(&self, grade: Grade) -> String {
        let key = self.scale.key(grade);
        let known = self.scale.keys().iter().find(|(known, _, _)| *known == key);
        known.map_or_else(String::new, |(_, name, _)| self.say(name))
    }

    /// What a session came to, and when to come back.
    pub fn summary(&self, outcome: &Outcome, coming: &[u32]) -> Vec<Line> {
        let words = self.words;
        let total = outcome.total();
        let mut lines = vec![Line::new()];
        if total.cards == 0 {
            let key = if outcome.end == End::Done { "quiz-nothing" } else { "quiz-unanswered" };
            lines.push(Line::of(Style::Strong, format!(" {}", self.say(key))));
        } else {
            let cards = ("cards", Value::from(total.cards));
            let done = match u32::try_from((outcome.took_ms + 30_000) / 60_000).unwrap_or(0) {
                0 => words.say("quiz-done-quickly", &[cards]),
                minutes => words.say("quiz-done", &[cards, ("minutes", minutes.into())]),
            };
            let mut line = Line::of(Style::Strong, format!(" {done}"));
            let passed = words.say("quiz-passed", &[("passed", total.passed.into())]);
            line.push(Style::Plain, format!(" · {passed}"));
            if total.new > 0 {
                line.push(Style::Plain, format!(" · {}", words.say("quiz-fresh", &[("new", total.new.into())])));
            }
            lines.push(line);
        }
        if !outcome.areas.is_empty() {
            lines.push(Line::new());
            let mut areas: Vec<_> = outcome.areas.iter().collect();
            areas.sort_by_key(|(area, _)| (self.map.position(area), area.as_str()));
            for (area, tried) in areas {
                let title = pad(self.map.area_title(area), 24);
                let style = if tried.passed == tried.cards { Style::Good } else { Style::Plain };
                let told = words.say("quiz-of", &[("passed", tried.passed.into()), ("cards", tried.cards.into())]);
                lines.push(Line::plain(format!("   {title}")).with(style, told));
            }
        }
        lines.push(Line::new());
        let mut faint = |told: String| lines.push(Line::of(Style::Faint, format!(" {told}")));
        match outcome.end {
            End::Time => faint(self.say("quiz-time-over")),
            End::Quit if total.cards == 0 => {}
            End::Quit => faint(self.say("quiz-kept")),
            End::Done => {}
        }
        if outcome.to_drill > 0 {
            faint(words.say("quiz-to-drill", &[("cards", outcome.to_drill.into())]));
        }
        if outcome.backlog > 0 {
            let days = outcome.backlog.div_ceil(outcome.days_worth.max(1));
            let values =
                [("cards", outcome.backlog.into()), ("worth", outcome.days_worth.into()), ("days", days.into())];
            faint(words.say("quiz-backlog", &values));
        }
        lines.push(self.come_back(coming, outcome.today));
        lines
    }

    /// When to come back, from the cards due on each of the coming days.
    fn come_back(&self, coming: &[u32], today: Day) -> Line {
        let week: u32 = coming.iter().sum();
        let values = |due: u32| vec![("due", Value::from(due)), ("week", week.into())];
        let told = match coming.iter().enumerate().find(|(_, due)| **due > 0) {
            None => self.say("quiz-back-any"),
            Some((0, due)) => self.words.say("quiz-back-tomorrow", &values(*due)),
            Some((ahead, due)) => {
                let day = today.plus(i64::try_from(ahead).unwrap_or(0) + 1);
                let mut values = values(*due);
                values.push(("weekday", self.words.weekday(day).into()));
                self.words.say("quiz-back-on", &values)
            }
        };
        Line::of(Style::Accent, format!(" {told}"))
    }

    /// Card text as lines, indented by one.
    fn text(&self, markdown: &str) -> Vec<Line> {
        let look = Look { width: self.width().saturating_sub(1), ..self.look };
        markdown::render(markdown, &look).into_iter().map(|line| line.indented(1)).collect()
    }

    /// Card text behind a label, further lines under its first.
    fn hanging(&self, label: Line, markdown: &str) -> Vec<Line> {
        let indent = label.width();
        let look = Look { width: self.width().saturating_sub(indent).max(8), ..self.look };
        let mut lines = markdown::render(markdown, &look).into_iter();
        let mut first = label;
        if let Some(line) = lines.next() {
            first.spans.extend(line.spans);
        }
        std::iter::once(first).chain(lines.map(|line| line.indented(indent))).collect()
    }

    fn labelled(&self, label: &str, style: Style, markdown: &str) -> Vec<Line> {
        self.hanging(Line::of(style, format!(" {}", label.trim_start())), markdown)
    }
}

/// A typed answer shown as it is, whatever it holds.
fn as_code(text: &str) -> String {
    let text = text.replace('\n', " ");
    let longest = text.split(|c| c != '`').map(str::len).max().unwrap_or(0);
    let fence = "`".repeat(longest + 1);
    // The blanks keep a backtick at either end apart from the fence; Markdown takes one pair of them away.
    if text.starts_with('`') || text.ends_with('`') {
        format!("{fence} {text} {fence}")
    } else {
        format!("{fence}{text}{fence}")
    }
}

/// The key that opens a card's pictures and sounds, with the message that says what it does; `None` for a card without them.
pub fn open_key(media: &[Attachment]) -> Option<(&'static str, &'static str)> {
    let pictures = media.iter().filter(|attachment| attachment.picture).count();
    let does = match (pictures, media.len() - pictures) {
        (0, 0) => return None,
        (1, 0) => "key-open-picture",
        (_, 0) => "key-open-pictures",
        (0, 1) => "key-open-sound",
        (0, _) => "key-open-sounds",
        _ => "key-open-all",
    };
    Some(("o", does))
}

/// Days as people write them: exact up to 999, then years.
pub fn days(days: u32, words: &Words) -> String {
    if days < 1000 {
        words.say("interval-days", &[("days", days.into())])
    } else {
        words.say("interval-years", &[("years", Value::Decimal(f64::from(days) / 365.25, 1))])
    }
}

/// A number with the right form of its noun.
pub fn count(number: u32, one: &str, many: &str) -> String {
    format!("{number} {}", if number == 1 { one } else { many })
}

/// Tokens side by side, three blanks between them, on as many lines as they need.
pub fn flow(tokens: Vec<Line>, width: usize) -> Vec<Line> {
    let mut lines: Vec<Line> = Vec::new();
    for token in tokens {
        match lines.last_mut() {
            Some(line) if line.width() + 3 + token.width() <= width => {
                line.push(Style::Plain, "   ");
                line.spans.extend(token.spans);
            }
            _ => lines.push(token.indented(1)),
        }
    }
    lines
}

/// Two pieces at the ends of a line, or one below the other where they do not fit.
fn spread(left: Line, right: Line, width: usize) -> Vec<Line> {
    let used = left.width() + right.width();
    if used + 2 > width {
        return vec![left, right.indented(1)];
    }
    let mut line = left.with(Style::Plain, " ".repeat(width - used));
    line.spans.extend(right.spans);
    vec![line]
}

/// A cloze front with its gap shown as a blank of no particular length.
pub fn with_blank(front: &str) -> String {
    front.replace(GAP, "[…]")
}
