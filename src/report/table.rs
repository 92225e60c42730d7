//! The report as a table on a terminal: a row an area, or a row a system of one area, and what the figures are.

use unicode_width::UnicodeWidthStr as _;

use crate::card::Level;
use crate::stats::{ENOUGH_ANSWERS, ENOUGH_FOR_A_WEEK, Next, Period, Prediction, Rate, Row, Summary, known};
use crate::text::{Line, Style, cut, pad};

/// Marks of the trend, from half the answers recalled or fewer up to all.
const LEVELS: [char; 7] = ['▁', '▂', '▃', '▄', '▅', '▆', '▇'];

/// What `recalled` is, in a sentence.
pub(super) const RECALLED: &str =
    "recalled: right at the first try of a day, a day or more after the last, less luck; 95 % interval";
/// What `today` is, in a sentence.
pub(super) const TODAY: &str = "today: the share of all its cards you would know now, unseen ones counting nothing";

/// How the table is set.
#[derive(Debug, Clone, Copy)]
pub struct Layout {
    /// Columns that it may take.
    pub width: usize,
    /// Whether the definitions and the calibration are printed too.
    pub explain: bool,
}

/// The report over all areas.
pub fn areas(summary: &Summary, layout: &Layout) -> Vec<Line> {
    if summary.areas.is_empty() {
        return vec![Line::plain(" No cards yet.")];
    }
    let mut lines = table("area", &summary.areas, Some(&summary.total), summary, layout);
    let fading: Vec<Line> = summary.areas.iter().filter_map(fading).collect();
    if !fading.is_empty() {
        lines.push(Line::new());
        lines.extend(fading);
    }
    lines.extend(footnotes(summary, layout));
    lines
}

/// The report over one area: its systems, and what stands behind its figures.
pub fn area(row: &Row, summary: &Summary, layout: &Layout) -> Vec<Line> {
    let mut lines = vec![
        Line::of(Style::Strong, format!(" {}", row.title))
            .with(Style::Faint, format!(" · your goal here: {}", row.target)),
        Line::new(),
    ];
    lines.extend(table("system", &row.systems, Some(row), summary, layout));
    lines.extend(fading(row));
    lines.push(Line::new());
    lines.extend(levels(row));
    lines.push(Line::new());
    let parts = [
        ("young cards", &row.window.young, "interval under 21 days"),
        ("mature cards", &row.window.mature, "21 days or more"),
        ("checked answers", &row.window.checked, "the program compared them"),
        ("self-graded answers", &row.window.self_graded, "your own word, or a grade that you changed"),
    ];
    for (name, rate, meaning) in parts {
        let cell = format!(" {}{}", pad(name, 22), pad(&retention(rate), 24));
        lines.push(Line::plain(cell).with(Style::Faint, meaning));
    }
    lines.extend(footnotes(summary, layout));
    lines
}

/// The levels of an area one by one, and what is missing for the next.
fn levels(row: &Row) -> Vec<Line> {
    let mut lines = Vec::new();
    for level in &row.levels {
        let recalled = format!("{}/{} recalled", level.recalled, level.cards);
        let today = level.recall_today.map_or("–".to_owned(), |recall| percent(recall.value));
        let cell =
            format!(" {}{}{}", pad(level.level.name(), 22), pad(&retention(&level.retention), 24), pad(&recalled, 20));
        let mut line = Line::plain(cell).with(Style::Strong, format!("{today:>5}"));
        if Some(level.level) <= row.holds {
            line.push(Style::Good, "  held");
        }
        lines.push(line);
    }
    lines.extend(row.next.as_ref().map(next));
    lines
}

fn next(next: &Next) -> Line {
    let cards = |count: u32| if count == 1 { "1 card".to_owned() } else { format!("{count} cards") };
    let missing = match (next.cards, next.days) {
        (0, _) => format!("{} points of recall today", (next.recall * 100.0).ceil()),
        (count, None) => format!("{} to recall a day later; none gained in four weeks", cards(count)),
        (count, Some(days)) => {
            format!("{} to recall a day later, about {days} days at the pace of four weeks", cards(count))
        }
    };
    Line::of(Style::Accent, format!(" next: {}, {missing}", next.level))
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
    cell: fn(&Row) -> (String, Style),
    /// Columns go in this order where the width is short; the first never do.
    rank: u8,
}

fn columns(first: &str, summary: &Summary, width: usize) -> Vec<Column> {
    let window = format!("recalled, {} days", summary.window_days);
    let column = |title: &str, right, rank, cell| Column { title: title.to_owned(), right, cell, rank };
    let mut columns = vec![
        column(first, false, 0, |row| (row.title.clone(), Style::Plain)),
        column("depth", false, 1, depth),
        column("holds", false, 4, holds),
        column("cover", true, 1, |row| (row.coverage.map_or("–".to_owned(), percent), Style::Plain)),
        column(&window, false, 0, |row| {
            let style = if row.window.retention.share().is_some() { Style::Plain } else { Style::Faint };
            (retention(&row.window.retention), style)
        }),
        column("today", true, 1, |row| {
            (row.recall_today.map_or("–".to_owned(), |recall| percent(recall.value)), Style::Strong)
        }),
        column("trend", false, 3, |row| (trend(&row.weeks), Style::Accent)),
        column("due", true, 2, |row| (row.due.to_string(), if row.due > 0 { Style::Accent } else { Style::Faint })),
    ];
    for rank in (1..=4).rev() {
        if minimum(&columns) <= width {
            break;
        }
        columns.retain(|column| column.rank < rank);
    }
    columns
}

/// The width that columns need at the least: typical cells, and two blanks between them.
fn minimum(columns: &[Column]) -> usize {
    let typical = |column: &Column| match column.title.as_str() {
        "holds" => 12,
        "trend" => 8,
        "cover" | "today" | "depth" => 5,
        "due" => 3,
        "area" | "system" => 16,
        _ => 19,
    };
    columns.iter().map(|column| typical(column) + 1).sum::<usize>() + 1
}

fn table(first: &str, rows: &[Row], total: Option<&Row>, summary: &Summary, layout: &Layout) -> Vec<Line> {
    let columns = columns(first, summary, layout.width);
    let all: Vec<&Row> = rows.iter().chain(total).collect();
    let mut widths: Vec<usize> = columns
        .iter()
        .map(|column| {
            all.iter().map(|row| (column.cell)(row).0.width()).chain([column.title.width()]).max().unwrap_or(0)
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
    lines.extend(rows.iter().map(|row| row_line(columns.iter().map(|column| (column.cell)(row)).collect())));
    if let Some(total) = total.filter(|_| rows.len() != 1) {
        lines.push(row_line(columns.iter().map(|column| (column.cell)(total)).collect()));
        if let Some(name) = lines.last_mut().and_then(|line| line.spans.get_mut(1)) {
            name.style = Style::Strong;
        }
    }
    lines
}

fn holds(row: &Row) -> (String, Style) {
    let mark = if row.fading.is_some() { " ↓" } else { "" };
    match row.holds {
        Some(level) => (format!("{level}{mark}"), if mark.is_empty() { Style::Good } else { Style::Warn }),
        None => (format!("–{mark}"), if mark.is_empty() { Style::Faint } else { Style::Warn }),
    }
}

fn fading(row: &Row) -> Option<Line> {
    let fading = row.fading.as_ref()?;
    let date = fading.since.date().format("%-d %B %Y");
    Some(Line::of(Style::Warn, format!(" ↓ {}: {} no longer held since {date}", row.title, fading.level)))
}

pub(super) fn retention(rate: &Rate) -> String {
    match rate.share() {
        Some(share) => {
            format!("{} ({:.0}–{:.0}, n {})", percent(share.value), share.low * 100.0, share.high * 100.0, rate.answers)
        }
        None if rate.answers == 0 => "no answers yet".to_owned(),
        None => format!("too few answers ({})", rate.answers),
    }
}

pub(super) fn percent(share: f64) -> String {
    format!("{:.0} %", share * 100.0)
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

fn footnotes(summary: &Summary, layout: &Layout) -> Vec<Line> {
    let mut notes = vec![String::new()];
    notes.extend(SHORT.map(str::to_owned));
    if layout.explain {
        notes.extend(definitions().map(str::to_owned));
    }
    notes.push(prediction(&summary.prediction));
    let mut lines: Vec<Line> = notes
        .into_iter()
        .flat_map(|note| wrapped(&note, layout.width.saturating_sub(1)))
        .map(|note| if note.is_empty() { Line::new() } else { Line::of(Style::Faint, format!(" {note}")) })
        .collect();
    if summary.prediction.worse_than_the_average() {
        let warning = "The prediction has been worse than your average alone: take `today` with doubt.";
        lines.extend(
            wrapped(warning, layout.width.saturating_sub(1))
                .into_iter()
                .map(|line| Line::of(Style::Warn, format!(" {line}"))),
        );
    }
    if layout.explain {
        lines.extend(calibration(&summary.prediction));
    }
    lines
}

/// What stands below every report.
const SHORT: [&str; 3] =
    ["depth: foundation, practitioner, expert: ■ held, □ aimed at, · beyond your goal", RECALLED, TODAY];

/// All that says what the figures are, a paragraph each.
pub(super) fn footnotes_plain(summary: &Summary) -> Vec<String> {
    let fixed = SHORT.into_iter().chain(definitions()).map(str::to_owned);
    fixed.chain([prediction(&summary.prediction)]).collect()
}

pub(super) fn definitions() -> [&'static str; 6] {
    [
        "cover: cards within your goal recalled a day or more after they were first seen ÷ cards within your goal",
        "holds: the deepest level of which, with all below it, at least 80 % are covered and the lower end of today's 95 % interval is at least 80 %; until 100 answers were predicted that interval is kept wide",
        "next: the shallowest level not held; cards still to be recalled for four in five, at the pace at which cards were first recalled in the last four weeks",
        "luck: who does not know a choice of three is right one time in three; of what was right, that share is taken off: known = (right − guess) ÷ (1 − guess)",
        "trend: the last eight weeks, each the share recalled, from half or less (▁) to all (▇); a dot for a week of fewer than ten answers",
        "drills, cramming and imported answers count for none of these; a percentage needs twenty answers",
    ]
}

pub(super) fn prediction(prediction: &Prediction) -> String {
    let (Some(own), Some(average), Some(interval)) =
        (prediction.log_loss, prediction.log_loss_average, prediction.log_loss_interval)
    else {
        return "prediction: nothing to judge it by yet".to_owned();
    };
    if prediction.answers < ENOUGH_ANSWERS {
        return format!("prediction: too few answers to judge it by ({})", prediction.answers);
    }
    format!(
        "prediction so far: log loss {own:.2}, your average alone {average:.2}, SM-2's curve {interval:.2} (n {}; lower is better)",
        prediction.answers
    )
}

fn calibration(prediction: &Prediction) -> Vec<Line> {
    if prediction.calibration.is_empty() {
        return Vec::new();
    }
    let mut lines = vec![Line::new(), Line::of(Style::Faint, " predicted   recalled   answers")];
    for bin in &prediction.calibration {
        let few = bin.answers < ENOUGH_ANSWERS;
        let recalled = if few { "too few".to_owned() } else { percent(bin.passed) };
        let style = if few { Style::Faint } else { Style::Plain };
        lines.push(Line::of(style, format!(" {:>9}   {recalled:>8}   {:>7}", percent(bin.predicted), bin.answers)));
    }
    lines
}

pub(super) fn wrapped(text: &str, width: usize) -> Vec<String> {
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
