//! The report as Markdown: for a wiki, a ticket, or a note of one's own.

use super::table::{depth, footnotes_plain, retention, trend};
use crate::stats::Summary;
use crate::words::Words;

/// Returns the report over all areas as a Markdown table with its definitions below.
pub fn render(summary: &Summary, words: &Words) -> String {
    let heading = words.say("report-heading", &[("date", words.date(summary.today).into())]);
    let mut text = format!("# {heading}\n\n");
    let head = [
        words.say("report-column-area", &[]),
        words.say("report-column-depth", &[]),
        words.say("report-column-holds", &[]),
        words.say("report-column-cover", &[]),
        words.say("report-column-recalled", &[("days", summary.window_days.into())]),
        words.say("report-column-today", &[]),
        words.say("report-column-trend", &[]),
        words.say("report-column-due", &[]),
    ];
    text.push_str(&format!("| {} |\n", head.join(" | ")));
    text.push_str("|---|---|---|---:|---|---:|---|---:|\n");
    for row in summary.areas.iter().chain([&summary.total]) {
        let cells = [
            escaped(&row.title),
            depth(row).0,
            row.holds.map_or("–".to_owned(), |level| words.level(level)),
            row.coverage.map_or("–".to_owned(), |share| words.percent(share)),
            retention(&row.window.retention, words),
            row.recall_today.map_or("–".to_owned(), |recall| words.percent(recall.value)),
            trend(&row.weeks),
            row.due.to_string(),
        ];
        text.push_str(&format!("| {} |\n", cells.join(" | ")));
    }
    text.push('\n');
    for note in footnotes_plain(summary, words) {
        text.push_str(&format!("- {note}\n"));
    }
    text
}

/// Text with what Markdown or a table would take for its own.
fn escaped(text: &str) -> String {
    let mut escaped = String::new();
    for c in text.chars() {
        if matches!(c, '|' | '\\' | '`' | '*' | '_' | '<' | '[' | ']' | '#') {
            escaped.push('\\');
        }
        escaped.push(if c.is_control() { ' ' } else { c });
    }
    escaped
}
