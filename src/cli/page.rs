//! `plugg report --html`: the report as a page.

use std::path::Path;

use super::app::{App, write_out};
use super::deck::write_file;
use crate::day::Day;
use crate::error::Result;
use crate::report::html::{self, DayLoad};
use crate::stats::Summary;
use crate::store::Store;

/// Days that the page looks ahead.
const DAYS_AHEAD: i64 = 30;

/// Writes the page to a file, or to standard output where that is called `-`.
pub fn write(app: &App, store: &Store, summary: &Summary, file: &Path) -> Result<()> {
    let page = html::page(summary, &ahead(app, store, summary)?);
    if file == Path::new("-") { write_out(&page) } else { write_file(file, page.as_bytes()) }
}

/// The coming days, as far as cards are scheduled already; none where the page is for a day in the past.
fn ahead(app: &App, store: &Store, summary: &Summary) -> Result<Vec<DayLoad>> {
    let today = summary.today;
    if today < app.today() {
        return Ok(Vec::new());
    }
    let due = store.load(Day::FIRST, today.plus(DAYS_AHEAD - 1))?;
    let reviews = |day| {
        let from = if day == today { Day::FIRST } else { day };
        due.range(from..=day).map(|(_, cards)| f64::from(*cards)).sum()
    };
    Ok((0..DAYS_AHEAD)
        .map(|days| today.plus(days))
        .map(|day| DayLoad { day, reviews: reviews(day), fresh: 0.0 })
        .collect())
}
