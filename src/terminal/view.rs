//! What a session looks like: a question, its answer, the grades and the summary, as styled lines. Both players show
//! these; nothing here reads a key or writes a byte.

use super::markdown::{self, Look};
use crate::answer::{self, Verdict};
use crate::card::{GAP, Grade, Kind, Purpose};
use crate::day::Day;
use crate::session::{Answered, Attachment, End, Notice, Outcome, Question, Reply};
use crate::skill::SkillMap;
use crate::store::LoggedReview;
use crate::text::{Line, Style, cut, pad};

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
    /// The keys with their names and grades, worst first.
    pub fn keys(self) -> &'static [(char, &'static str, Grade)] {
        match self {
            Scale::Four => &[
                ('1', "again", Grade::AGAIN),
                ('2', "hard", Grade::HARD),
                ('3', "good", Grade::GOOD),
                ('4', "easy", Grade::EASY),
            ],
            Scale::Six => &[
                ('0', "blank", Grade::ALL[0]),
                ('1', "wrong", Grade::ALL[1]),
                ('2', "almost", Grade::ALL[2]),
                ('3', "hard", Grade::ALL[3]),
                ('4', "good", Grade::ALL[4]),
                ('5', "easy", Grade::ALL[5]),
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
        parts.push(note.level.name());
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
            Purpose::Drill => place.push(Style::Warn, " · again"),
            Purpose::Cram => place.push(Style::Faint, " · ahead of its time"),
            Purpose::Quiz if question.card.memory.due.is_none() => place.push(Style::Accent, " · new"),
            Purpose::Quiz | Purpose::Placement | Purpose::Imported => {}
        }
        let total = question.total.max(question.number);
        let done = BAR * (question.number.saturating_sub(1)) / total.max(1);
        let mut progress = Line::of(Style::Faint, format!("{}/{} ", question.number, total))
            .with(Style::Accent, "━".repeat(done))
            .with(Style::Faint, "╌".repeat(BAR - done));
        if let Some(minutes) = question.minutes_left {
            progress.push(Style::Faint, format!("  {minutes} min left"));
        }
        spread(place, progress, self.width())
    }

    /// The question itself, with its hint once that was asked for.
    pub fn front(&self, question: &Question<'_>) -> Vec<Line> {
        let face = &question.card.face;
        let mut lines = self.text(&with_blank(&face.front));
        if let Some(hint) = question.hint {
            lines.push(Line::new());
            lines.extend(self.labelled("Hint: ", Style::Warn, hint));
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
        let told = format!("A leech: forgotten {} times  {marks}", question.card.lapses);
        let advice = "Too much in one card, or look-alikes? Edit it (e), or suspend it (s).";
        vec![Line::of(Style::Warn, format!(" {told}")), Line::of(Style::Faint, format!(" {advice}"))]
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
        let since = (!note.since.is_empty()).then(|| format!("since {}", note.since));
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
        let (mark, style, word) = match (answered.verdict, answered.given) {
            (Some(Verdict::Right), _) => ("✓", Style::Good, "Right."),
            (Some(Verdict::Near), _) => ("≈", Style::Warn, "Nearly."),
            (_, None) => ("▸", Style::Accent, "The answer:"),
            _ => ("✗", Style::Bad, "Not right."),
        };
        let mut lines = vec![Line::of(style, format!(" {mark} {word}"))];
        let Some(right) = right else { return lines };
        let differs = given.is_some_and(|given| given != right);
        if let Some(given) = given.filter(|_| differs) {
            lines.extend(self.hanging(Line::of(Style::Faint, "   you typed  "), &as_code(given)));
        }
        let label = if differs { "   answer     " } else { "   " };
        lines.extend(self.hanging(Line::of(Style::Faint, label), &as_code(right)));
        lines
    }

    /// The keys that grade, each with the interval that it gives.
    pub fn grades(&self, answered: &Answered<'_>) -> Vec<Line> {
        let proposed = self.scale.key(answered.proposed);
        let mut tokens = Vec::new();
        for (key, name, grade) in self.scale.keys() {
            let mut token = Line::of(Style::Accent, key.to_string());
            let style = if *key == proposed { Style::Strong } else { Style::Plain };
            token.push(style, format!(" {name}{}", self.promise(answered, *grade)));
            if *key == proposed {
                token.push(Style::Accent, " ⏎");
            }
            tokens.push(token);
        }
        let media: Vec<_> = answered.question.media.iter().chain(answered.media).cloned().collect();
        let keys: Vec<_> = [("u", "undo")].into_iter().chain(open_key(&media)).chain([("?", "keys")]).collect();
        tokens.extend(self.hints(&keys));
        flow(tokens, self.width())
    }

    /// What a grade gives: its interval, or that the card comes again in this session.
    pub fn promise(&self, answered: &Answered<'_>, grade: Grade) -> String {
        let purpose = answered.question.purpose;
        if !grade.passed() {
            return " now".to_owned();
        }
        let Some(outcomes) = answered.outcomes.filter(|_| purpose.schedules(grade)) else { return String::new() };
        outcomes
            .get(usize::from(grade.get()))
            .and_then(|memory| memory.due)
            .map_or_else(String::new, |due| format!(" {}", days(due.since(answered.today))))
    }

    /// Keys with what they do, for a line at the bottom.
    pub fn hints(&self, keys: &[(&str, &str)]) -> Vec<Line> {
        keys.iter().map(|(key, does)| Line::of(Style::Accent, *key).with(Style::Faint, format!(" {does}"))).collect()
    }

    /// What is told in passing.
    pub fn notice(&self, notice: &Notice<'_>) -> Line {
        match notice {
            Notice::TakenBack(None) => Line::of(Style::Warn, " There is no answer to take back."),
            Notice::TakenBack(Some(grade)) => Line::of(
                Style::Warn,
                format!(" Taken back: the answer graded {} counts no more.", self.grade_name(*grade)),
            ),
            Notice::Suspended => Line::of(Style::Warn, " Suspended: `plugg card resume` brings it back."),
            Notice::Flagged => Line::of(Style::Good, " Noted."),
            Notice::Edited => Line::of(Style::Good, " Kept. The next version of the deck will not overwrite it."),
            Notice::NoHint => Line::of(Style::Faint, " This card has no hint."),
            Notice::Leech(times) => Line::of(
                Style::Warn,
                format!(" Forgotten {times} times: a leech. Edit it or suspend it when it comes."),
            ),
            Notice::Overtaken => {
                Line::of(Style::Warn, " Another plugg answered this card meanwhile; this answer was kept as practice.")
            }
            Notice::Refused(error) => Line::of(Style::Bad, format!(" {error}")),
        }
    }

    /// The name of a grade on the scale in use.
    pub fn grade_name(&self, grade: Grade) -> &'static str {
        let key = self.scale.key(grade);
        self.scale.keys().iter().find(|(known, _, _)| *known == key).map_or("", |(_, name, _)| *name)
    }

    /// What a session came to, and when to come back.
    pub fn summary(&self, outcome: &Outcome, coming: &[u32]) -> Vec<Line> {
        let total = outcome.total();
        let mut lines = vec![Line::new()];
        if total.cards == 0 && outcome.end == End::Done {
            lines.push(Line::of(Style::Strong, " Nothing to ask now."));
        } else if total.cards == 0 {
            lines.push(Line::of(Style::Strong, " Nothing was answered."));
        } else {
            let minutes = (outcome.took_ms + 30_000) / 60_000;
            let took = if minutes < 1 { "under a minute".to_owned() } else { format!("{minutes} min") };
            let mut line = Line::of(Style::Strong, format!(" {} in {took}", count(total.cards, "card", "cards")));
            line.push(Style::Plain, format!(" · {} right at the first try", total.passed));
            if total.new > 0 {
                line.push(Style::Plain, format!(" · {} new", total.new));
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
                lines.push(
                    Line::plain(format!("   {title}")).with(style, format!("{} of {}", tried.passed, tried.cards)),
                );
            }
        }
        lines.push(Line::new());
        match outcome.end {
            End::Time => lines.push(Line::of(Style::Faint, " The time is over. Everything answered is kept.")),
            End::Quit if total.cards == 0 => {}
            End::Quit => lines.push(Line::of(Style::Faint, " Everything answered is kept.")),
            End::Done => {}
        }
        if outcome.to_drill > 0 {
            let cards = count(u32::try_from(outcome.to_drill).unwrap_or(u32::MAX), "card", "cards");
            lines.push(Line::of(
                Style::Faint,
                format!(" {cards} still to drill; the next quiz today begins with them."),
            ));
        }
        if outcome.backlog > 0 {
            let days = outcome.backlog.div_ceil(outcome.days_worth.max(1));
            lines.push(Line::of(
                Style::Faint,
                format!(
                    " {} more are overdue: at {} a day, {} to go.",
                    outcome.backlog,
                    outcome.days_worth,
                    count(u32::try_from(days).unwrap_or(u32::MAX), "day", "days")
                ),
            ));
        }
        lines.push(self.come_back(coming, outcome.today));
        lines
    }

    /// When to come back, from the cards due on each of the coming days.
    fn come_back(&self, coming: &[u32], today: Day) -> Line {
        let Some(ahead) = coming.iter().position(|due| *due > 0) else {
            return Line::of(Style::Accent, " Come back when you like: nothing is due in the coming week.");
        };
        let due = coming.get(ahead).copied().unwrap_or(0);
        let when = match ahead {
            0 => "tomorrow".to_owned(),
            _ => format!("on {}", today.plus(i64::try_from(ahead).unwrap_or(0) + 1).date().format("%A")),
        };
        let week: u32 = coming.iter().sum();
        Line::of(Style::Accent, format!(" Come back {when}: {due} due then, {week} within a week."))
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

/// The key that opens a card's pictures and sounds, with what it does; `None` for a card without them.
pub fn open_key(media: &[Attachment]) -> Option<(&'static str, &'static str)> {
    let pictures = media.iter().filter(|attachment| attachment.picture).count();
    let does = match (pictures, media.len() - pictures) {
        (0, 0) => return None,
        (1, 0) => "open the picture",
        (_, 0) => "open the pictures",
        (0, 1) => "open the sound",
        (0, _) => "open the sounds",
        _ => "open pictures and sounds",
    };
    Some(("o", does))
}

/// Days as people write them: exact up to 999, then years.
pub fn days(days: u32) -> String {
    if days < 1000 { format!("{days} d") } else { format!("{:.1} y", f64::from(days) / 365.25) }
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
