//! The report as Markdown: for a wiki, a ticket, or a note of one's own.

use super::table::{depth, footnotes_plain, percent, retention, trend};
use crate::stats::Summary;

/// Returns the report over all areas as a Markdown table with its definitions below.
pub fn render(summary: &Summary) -> String {
    let date = summary.today.date().format("%-d %B %Y");
    let mut text = format!("# What I know, {date}\n\n");
    text.push_str(&format!(
        "| area | depth | holds | cover | recalled, {} days | today | trend | due |\n",
        summary.window_days
    ));
    text.push_str("|---|---|---|---:|---|---:|---|---:|\n");
    for row in summary.areas.iter().chain([&summary.total]) {
        let cells = [
            escaped(&row.title),
            depth(row).0,
            row.holds.map_or("–".to_owned(), |level| level.name().to_owned()),
            row.coverage.map_or("–".to_owned(), percent),
            retention(&row.window.retention),
            row.recall_today.map_or("–".to_owned(), |recall| percent(recall.value)),
            trend(&row.weeks),
            row.due.to_string(),
        ];
        text.push_str(&format!("| {} |\n", cells.join(" | ")));
    }
    text.push('\n');
    for note in footnotes_plain(summary) {
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
