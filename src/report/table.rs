//! The report as a table on a terminal: a row an area, or a row a system of one area, and what the figures are.

use unicode_width::UnicodeWidthStr as _;

use crate::card::Level;
use crate::stats::{ENOUGH_ANSWERS, ENOUGH_FOR_A_WEEK, Next, Period, Prediction, Rate, Row, Summary, known};
use crate::text::{Line, Style, cut, pad, wrapped};
use crate::words::{Value, Words};

/// Marks of the trend, from half the answers recalled or fewer up to all.
const LEVELS: [char; 7] = ['▁', '▂', '▃', '▄', '▅', '▆', '▇'];

/// How the table is set.
#[derive(Debug, Clone, Copy)]
pub struct Layout<'a> {
    /// The language.
    pub words: &'a Words,
    /// Columns that it may take.
    pub width: usize,
    /// Whether the definitions and the calibration are printed too.
    pub explain: bool,
}

/// The report over all areas.
pub fn areas(summary: &Summary, layout: &Layout<'_>) -> Vec<Line> {
    if summary.areas.is_empty() {
        return vec![Line::plain(format!(" {}", layout.words.say("report-no-cards", &[])))];
    }
    let first = layout.words.say("report-column-area", &[]);
    let mut lines = table(&first, &summary.areas, Some(&summary.total), summary, layout);
    let fading: Vec<Line> = summary.areas.iter().filter_map(|row| fading(row, layout.words)).collect();
    if !fading.is_empty() {
        lines.push(Line::new());
        lines.extend(fading);
    }
    lines.extend(footnotes(summary, layout));
    lines
}

/// The report over one area: its systems, and what stands behind its figures.
pub fn area(row: &Row, summary: &Summary, layout: &Layout<'_>) -> Vec<Line> {
    let words = layout.words;
    let goal = words.say("report-goal", &[("level", words.level(row.target).into())]);
    let mut lines =
        vec![Line::of(Style::Strong, format!(" {}", row.title)).with(Style::Faint, format!(" · {goal}")), Line::new()];
    lines.extend(table(&words.say("report-column-system", &[]), &row.systems, Some(row), summary, layout));
    lines.extend(fading(row, words));
    lines.push(Line::new());
    lines.extend(levels(row, words));
    lines.push(Line::new());
    let parts = [
        ("report-young", &row.window.young, "report-young-meaning"),
        ("report-mature", &row.window.mature, "report-mature-meaning"),
        ("report-checked", &row.window.checked, "report-checked-meaning"),
        ("report-self-graded", &row.window.self_graded, "report-self-graded-meaning"),
    ];
    for (name, rate, meaning) in parts {
        let cell = format!(" {}{}", pad(&words.say(name, &[]), 22), pad(&retention(rate, words), 24));
        lines.push(Line::plain(cell).with(Style::Faint, words.say(meaning, &[])));
    }
    lines.extend(footnotes(summary, layout));
    lines
}

/// The levels of an area one by one, and what is missing for the next.
fn levels(row: &Row, words: &Words) -> Vec<Line> {
    let mut lines = Vec::new();
    for level in &row.levels {
        let recalled =
            words.say("report-recalled-of", &[("recalled", level.recalled.into()), ("cards", level.cards.into())]);
        let today = level.recall_today.map_or("–".to_owned(), |recall| words.percent(recall.value));
        let cells =
            [pad(&words.level(level.level), 22), pad(&retention(&level.retention, words), 24), pad(&recalled, 20)];
        let mut line = Line::plain(format!(" {}", cells.concat())).with(Style::Strong, format!("{today:>5}"));
        if Some(level.level) <= row.holds {
            line.push(Style::Good, format!("  {}", words.say("report-held", &[])));
        }
        lines.push(line);
    }
    lines.extend(row.next.as_ref().map(|missing| next(missing, words)));
    lines
}

fn next(next: &Next, words: &Words) -> Line {
    let level = || ("level", Value::from(words.level(next.level)));
    let told = match (next.cards, next.days) {
        (0, _) => {
            let points = (next.recall * 100.0).ceil().max(0.0) as u64;
            words.say("report-next-recall", &[level(), ("points", points.into())])
        }
        (cards, None) => words.say("report-next-cards", &[level(), ("cards", cards.into())]),
        (cards, Some(days)) => {
            words.say("report-next-cards-pace", &[level(), ("cards", cards.into()), ("days", days.into())])
        }
    };
    Line::of(Style::Accent, format!(" {told}"))
}

/// Breadth and depth: a mark a level, held, aimed at, or beyond the goal.
pub(super) fn depth(row: &Row) -> (String, Style) {
    let mark = |level: Level| match level {
        level if Some(level) <= row.holds => '■',
        level if level <= row.target => '□',
        _ => '·',
    };
    let marks: String = Level::ALL.into_iter().map(mark).collect();
    if row.fading.is_some() {
        (marks + "↓", Style::Warn)
    } else {
        (marks, if row.holds.is_some() { Style::Good } else { Style::Faint })
    }
}

/// One column of the table.
struct Column {
    title: String,
    right: bool,
    cell: fn(&Row, &Words) -> (String, Style),
    /// Columns go in this order where the width is short; the first never do.
    rank: u8,
    /// The width of a typical cell.
    typical: usize,
}

fn columns(first: &str, summary: &Summary, layout: &Layout<'_>) -> Vec<Column> {
    let words = layout.words;
    let column = |title: String, right, rank, typical, cell| Column { title, right, cell, rank, typical };
    let window = words.say("report-column-recalled", &[("days", summary.window_days.into())]);
    let mut columns = vec![
        column(first.to_owned(), false, 0, 16, |row, _| (row.title.clone(), Style::Plain)),
        column(words.say("report-column-depth", &[]), false, 1, 5, |row, _| depth(row)),
        column(words.say("report-column-holds", &[]), false, 4, 12, holds),
        column(words.say("report-column-cover", &[]), true, 1, 5, |row, words| {
            (row.coverage.map_or("–".to_owned(), |share| words.percent(share)), Style::Plain)
        }),
        column(window, false, 0, 19, |row, words| {
            let style = if row.window.retention.share().is_some() { Style::Plain } else { Style::Faint };
            (retention(&row.window.retention, words), style)
        }),
        column(words.say("report-column-today", &[]), true, 1, 5, |row, words| {
            (row.recall_today.map_or("–".to_owned(), |recall| words.percent(recall.value)), Style::Strong)
        }),
        column(words.say("report-column-trend", &[]), false, 3, 8, |row, _| (trend(&row.weeks), Style::Accent)),
        column(words.say("report-column-due", &[]), true, 2, 3, |row, _| {
            (row.due.to_string(), if row.due > 0 { Style::Accent } else { Style::Faint })
        }),
    ];
    for rank in (1..=4).rev() {
        if minimum(&columns) <= layout.width {
            break;
        }
        columns.retain(|column| column.rank < rank);
    }
    columns
}

/// The width that columns need at the least: typical cells, and a blank between them.
fn minimum(columns: &[Column]) -> usize {
    columns.iter().map(|column| column.typical.max(column.title.width()) + 1).sum::<usize>() + 1
}

fn table(first: &str, rows: &[Row], total: Option<&Row>, summary: &Summary, layout: &Layout<'_>) -> Vec<Line> {
    let columns = columns(first, summary, layout);
    let all: Vec<&Row> = rows.iter().chain(total).collect();
    let mut widths: Vec<usize> = columns
        .iter()
        .map(|column| {
            all.iter()
                .map(|row| (column.cell)(row, layout.words).0.width())
                .chain([column.title.width()])
                .max()
                .unwrap_or(0)
        })
        .collect();
    // The names give way first.
    let gap = if widths.iter().sum::<usize>() + 2 * widths.len() <= layout.width { 2 } else { 1 };
    let used = 1 + widths.iter().sum::<usize>() + gap * widths.len().saturating_sub(1);
    if let Some(names) = widths.first_mut() {
        *names = names.saturating_sub(used.saturating_sub(layout.width)).max(8);
    }
    let row_line = |cells: Vec<(String, Style)>| {
        let mut line = Line::plain(" ");
        let last = cells.len().saturating_sub(1);
        for (index, ((text, style), (column, width))) in cells.into_iter().zip(columns.iter().zip(&widths)).enumerate()
        {
            let text = cut(&text, *width);
            let blanks = " ".repeat(width.saturating_sub(text.width()));
            if column.right {
                line.push(Style::Plain, &blanks);
            }
            line.push(style, text);
            if index < last {
                line.push(Style::Plain, if column.right { String::new() } else { blanks } + &" ".repeat(gap));
            }
        }
        line
    };
    let mut lines = vec![row_line(columns.iter().map(|column| (column.title.clone(), Style::Faint)).collect())];
    lines.extend(
        rows.iter().map(|row| row_line(columns.iter().map(|column| (column.cell)(row, layout.words)).collect())),
    );
    if let Some(total) = total.filter(|_| rows.len() != 1) {
        lines.push(row_line(columns.iter().map(|column| (column.cell)(total, layout.words)).collect()));
        if let Some(name) = lines.last_mut().and_then(|line| line.spans.get_mut(1)) {
            name.style = Style::Strong;
        }
    }
    lines
}

fn holds(row: &Row, words: &Words) -> (String, Style) {
    let mark = if row.fading.is_some() { " ↓" } else { "" };
    match row.holds {
        Some(level) => (words.level(level) + mark, if mark.is_empty() { Style::Good } else { Style::Warn }),
        None => (format!("–{mark}"), if mark.is_empty() { Style::Faint } else { Style::Warn }),
    }
}

/// The cards that slip, each with the chance that it is known: by title, the least known first.
pub fn slipping(cards: &[(String, f64)], layout: &Layout<'_>) -> Vec<Line> {
    let mut lines = vec![Line::new(), Line::of(Style::Faint, format!(" {}", layout.words.say("report-slipping", &[])))];
    lines.extend(cards.iter().map(|(title, chance)| {
        let chance = format!(" {:>6}  ", layout.words.percent(*chance));
        Line::of(Style::Warn, chance).with(Style::Plain, cut(title, layout.width.saturating_sub(10)))
    }));
    lines
}

fn fading(row: &Row, words: &Words) -> Option<Line> {
    Some(Line::of(Style::Warn, format!(" ↓ {}", faded(row, words)?)))
}

/// Which level is no longer held, in a sentence.
pub(super) fn faded(row: &Row, words: &Words) -> Option<String> {
    let fading = row.fading.as_ref()?;
    let values = [
        ("title", Value::from(&row.title)),
        ("level", words.level(fading.level).into()),
        ("date", words.date(fading.since).into()),
    ];
    Some(words.say("report-fading", &values))
}

pub(super) fn retention(rate: &Rate, words: &Words) -> String {
    let percent = |share: f64| Value::Decimal(share * 100.0, 0);
    match rate.share() {
        Some(share) => words.say(
            "report-share",
            &[
                ("share", percent(share.value)),
                ("low", percent(share.low)),
                ("high", percent(share.high)),
                ("answers", rate.answers.into()),
            ],
        ),
        None if rate.answers == 0 => words.say("report-no-answers", &[]),
        None => words.say("report-too-few", &[("answers", rate.answers.into())]),
    }
}

/// A mark a week: the share recalled, or a dot where too few were answered to say.
pub(super) fn trend(weeks: &[Period]) -> String {
    weeks
        .iter()
        .map(|week| {
            let rate = &week.rates.retention;
            if rate.answers < ENOUGH_FOR_A_WEEK {
                return '·';
            }
            let share = known(f64::from(rate.passed) / f64::from(rate.answers), rate.guessed / f64::from(rate.answers));
            let step = ((share - 0.5) * 2.0 * LEVELS.len() as f64).clamp(0.0, LEVELS.len() as f64 - 1.0);
            LEVELS.get(step as usize).copied().unwrap_or('▁')
        })
        .collect()
}

fn footnotes(summary: &Summary, layout: &Layout<'_>) -> Vec<Line> {
    let words = layout.words;
    let mut notes = vec![String::new()];
    notes.extend(SHORT.map(|note| words.say(note, &[])));
    if layout.explain {
        notes.extend(DEFINITIONS.map(|note| words.say(note, &[])));
    }
    notes.push(prediction(&summary.prediction, words));
    let mut lines: Vec<Line> = notes
        .into_iter()
        .flat_map(|note| wrapped(&note, layout.width.saturating_sub(1)))
        .map(|note| if note.is_empty() { Line::new() } else { Line::of(Style::Faint, format!(" {note}")) })
        .collect();
    if summary.prediction.worse_than_the_average() {
        let warning = words.say("report-prediction-poor", &[]);
        lines.extend(
            wrapped(&warning, layout.width.saturating_sub(1))
                .into_iter()
                .map(|line| Line::of(Style::Warn, format!(" {line}"))),
        );
    }
    if layout.explain {
        lines.extend(calibration(&summary.prediction, words));
    }
    lines
}

/// What stands below every report.
const SHORT: [&str; 3] = ["report-note-depth", "report-note-recalled", "report-note-today"];

/// What stands below a report that explains itself, too.
pub(super) const DEFINITIONS: [&str; 6] = [
    "report-note-cover",
    "report-note-holds",
    "report-note-next",
    "report-note-luck",
    "report-note-trend",
    "report-note-excluded",
];

/// All that says what the figures are, a paragraph each.
pub(super) fn footnotes_plain(summary: &Summary, words: &Words) -> Vec<String> {
    let fixed = SHORT.into_iter().chain(DEFINITIONS).map(|note| words.say(note, &[]));
    fixed.chain([prediction(&summary.prediction, words)]).collect()
}

pub(super) fn prediction(prediction: &Prediction, words: &Words) -> String {
    let (Some(own), Some(average), Some(interval)) =
        (prediction.log_loss, prediction.log_loss_average, prediction.log_loss_interval)
    else {
        return words.say("report-prediction-none", &[]);
    };
    let answers = ("answers", Value::from(prediction.answers));
    if prediction.answers < ENOUGH_ANSWERS {
        return words.say("report-prediction-few", &[answers]);
    }
    let loss = |name, loss| (name, Value::Decimal(loss, 2));
    let values = [loss("own", own), loss("average", average), loss("interval", interval), answers];
    words.say("report-prediction", &values)
}

fn calibration(prediction: &Prediction, words: &Words) -> Vec<Line> {
    if prediction.calibration.is_empty() {
        return Vec::new();
    }
    let head = ["report-predicted", "report-recalled", "report-answers"].map(|key| words.say(key, &[]));
    let few = words.say("report-few", &[]);
    let [predicted, recalled, answers] = &head;
    // A cell is at most `100 %`, or says that there were too few.
    let widths = [predicted.width(), recalled.width().max(few.width()), answers.width()];
    let row = |cells: [&str; 3]| -> String {
        let cells = cells
            .iter()
            .zip(widths)
            .map(|(cell, width)| format!("{}{cell}", " ".repeat(width.max(5).saturating_sub(cell.width()))));
        format!(" {}", cells.collect::<Vec<_>>().join("   "))
    };
    let mut lines = vec![Line::new(), Line::of(Style::Faint, row([predicted, recalled, answers]))];
    for bin in &prediction.calibration {
        let enough = bin.answers >= ENOUGH_ANSWERS;
        let recalled = if enough { words.percent(bin.passed) } else { few.clone() };
        let style = if enough { Style::Plain } else { Style::Faint };
        let cells = [words.percent(bin.predicted), recalled, bin.answers.to_string()];
        lines.push(Line::of(style, row([&cells[0], &cells[1], &cells[2]])));
    }
    lines
}
