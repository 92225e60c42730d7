//! `plugg report --html`: the report as a page.

use std::path::Path;

use super::app::{App, write_out};
use super::deck::write_file;
use super::{args, forecast};
use crate::error::Result;
use crate::report::html;
use crate::stats::Summary;
use crate::store::Store;

/// Writes the page to a file, or to standard output where that is called `-`. Ahead of a day in the past it does not look.
pub fn write(app: &App, store: &Store, summary: &Summary, args: &args::Report, file: &Path) -> Result<()> {
    let past = summary.today < app.today();
    let ahead = if past { Vec::new() } else { forecast::compute(app, store, args)?.days };
    let page = html::page(summary, &ahead, &app.words);
    if file == Path::new("-") { write_out(&page) } else { write_file(file, page.as_bytes(), true) }
}
