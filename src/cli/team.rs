//! `plugg team`: the share files of a team as one matrix. It reads those files alone; no database is opened.

use super::app::{App, write_out};
use super::deck::write_file;
use super::{args, share};
use crate::error::Result;
use crate::report::team as report;
use crate::share::{Share, team};
use crate::text::{Line, Style, visible};

pub fn run(app: &App, args: &args::Team) -> Result<()> {
    let today = app.today();
    let mut files = Vec::new();
    for path in &args.files {
        let name = path.display().to_string();
        let read = Share::parse(&name, &share::read(path)?)?;
        // A day ahead is another time zone.
        if read.date > today.plus(1) {
            let note = format!("{name}: dated {}, which is yet to come", read.date);
            app.say(&[Line::of(Style::Warn, note)])?;
        }
        files.push((name, read));
    }
    let team = team::of(files, &app.map, args.level, today);
    for old in &team.superseded {
        let note = format!("{}: {} of {} does not count; {} does", old.file, old.date, old.name, old.by);
        app.say(&[Line::of(Style::Warn, note)])?;
    }
    let text = match (args.json, args.csv, args.html) {
        (true, ..) => report::json(&team)?,
        (_, true, _) => report::csv(&team),
        (_, _, true) => report::html::page(&team),
        _ => return app.print(&report::table(&team, app.width().clamp(40, 120))),
    };
    match &args.output {
        Some(path) => write_file(path, text.as_bytes(), true),
        None => write_out(&visible(&text)),
    }
}
