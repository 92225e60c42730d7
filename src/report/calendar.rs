//! The year as a heat map on a terminal: a column a week, a row a day of the week, and what the marks mean.

use crate::day::Day;
use crate::stats::Summary;
use crate::text::{Line, Style};

/// Marks of a day, from no answer to the busiest; they read without colour.
const MARKS: [char; 5] = ['·', '░', '▒', '▓', '█'];
/// Days of the week that are named.
const ROWS: [&str; 7] = ["Mon", "", "Wed", "", "Fri", "", "Sun"];
/// Columns that the names of days take.
const MARGIN: usize = 5;

/// The days up to the summary's, as many weeks as fit `width`, at most 53.
pub fn calendar(summary: &Summary, width: usize) -> Vec<Line> {
    let weeks = width.saturating_sub(MARGIN + 1).clamp(1, 53);
    let first = summary.today.week().plus(-7 * (weeks as i64 - 1));
    let active: Vec<_> = summary.activity.iter().filter(|active| active.day >= first).collect();
    let most = active.iter().map(|active| active.answers).max().unwrap_or(0);
    let on = |day: Day| {
        let found = active.binary_search_by_key(&day, |active| active.day).ok().and_then(|index| active.get(index));
        found.map_or(0, |active| active.answers)
    };
    let mut lines = vec![Line::of(Style::Faint, format!("{:MARGIN$}{}", "", months(first, weeks)))];
    for (weekday, name) in ROWS.into_iter().enumerate() {
        let days = (0..weeks).map(|week| first.plus(7 * week as i64 + weekday as i64));
        let marks: String = days.map(|day| if day > summary.today { ' ' } else { mark(on(day), most) }).collect();
        lines.push(Line::of(Style::Faint, format!(" {name:<4}")).with(Style::Good, marks));
    }
    let answers: u64 = active.iter().map(|active| u64::from(active.answers)).sum();
    let hours = active.iter().map(|active| active.took_ms).sum::<u64>() as f64 / 3_600_000.0;
    let text = format!(
        " {answers} answers on {} of {} days, {hours:.1} hours; · none … █ {most} in a day",
        active.len(),
        summary.today.since(first) + 1
    );
    lines.push(Line::of(Style::Faint, text));
    lines
}

/// A mark for a number of answers, in four even steps up to the most.
fn mark(answers: u32, most: u32) -> char {
    let step = if answers == 0 { 0 } else { (answers * 4).div_ceil(most.max(1)).clamp(1, 4) };
    MARKS.get(step as usize).copied().unwrap_or(' ')
}

/// The names of months above the weeks in which they begin.
fn months(first: Day, weeks: usize) -> String {
    let mut row = String::new();
    for week in 0..weeks {
        let monday = first.plus(7 * week as i64);
        let begins = week == 0 || monday.month() != monday.plus(-7).month();
        // A name takes three columns and one of air.
        if begins && row.len() <= week && week + 3 <= weeks {
            row.push_str(&" ".repeat(week - row.len()));
            row.push_str(&monday.date().format("%b ").to_string());
        }
    }
    row
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn marks_grow_with_the_answers() {
        let cases = [(0, 0, '·'), (0, 9, '·'), (1, 9, '░'), (3, 9, '▒'), (5, 9, '▓'), (9, 9, '█'), (1, 1, '█')];
        for (answers, most, expected) in cases {
            assert_eq!(mark(answers, most), expected, "{answers} of {most}");
        }
    }

    #[test]
    fn months_stand_above_the_weeks_in_which_they_begin() {
        let first = Day::parse("2025-11-24").unwrap();
        let row = months(first, 53);
        assert!(row.starts_with("Nov   Jan Feb"), "{row}");
        assert!(row.trim_end().len() <= 53, "{row}");
        assert_eq!(months(first, 1), "");
    }
}
