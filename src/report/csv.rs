//! The report for a spreadsheet: a row an area and week.

use crate::stats::{Rate, Summary};
use crate::text::csv_row;

/// The names of the columns: shares are 0 to 1, empty under twenty answers; a week is named by its Monday.
const HEAD: [&str; 17] = [
    "area",
    "title",
    "week",
    "answers",
    "passed",
    "guessed",
    "share",
    "low",
    "high",
    "young_answers",
    "young_passed",
    "mature_answers",
    "mature_passed",
    "checked_answers",
    "checked_passed",
    "self_graded_answers",
    "self_graded_passed",
];

/// Returns the weeks of every area as CSV.
pub fn render(summary: &Summary) -> String {
    let mut out = String::new();
    csv_row(&mut out, HEAD);
    for row in &summary.areas {
        for week in &row.weeks {
            let rates = &week.rates;
            let mut cells = vec![row.id.clone(), row.title.clone(), week.from.to_string()];
            cells.extend(counts(&rates.retention));
            cells.push(format!("{:.2}", rates.retention.guessed));
            cells.extend(share(&rates.retention));
            for part in [&rates.young, &rates.mature, &rates.checked, &rates.self_graded] {
                cells.extend(counts(part));
            }
            csv_row(&mut out, cells.iter().map(String::as_str));
        }
    }
    out
}

fn counts(rate: &Rate) -> [String; 2] {
    [rate.answers.to_string(), rate.passed.to_string()]
}

fn share(rate: &Rate) -> [String; 3] {
    rate.share()
        .map_or_else(Default::default, |share| [share.value, share.low, share.high].map(|part| format!("{part:.4}")))
}
