//! `plugg due`: a number for a prompt, a status line or a script. It only reads, and reads little.

use serde::Serialize;

use super::app::{App, write_out};
use super::args;
use crate::error::Result;
use crate::text::Line;

/// What waits today.
#[derive(Serialize)]
struct Due {
    /// The study day, ISO 8601.
    today: crate::day::Day,
    /// Cards due today or before.
    due: u32,
    /// The same by area; areas with none are left out.
    areas: std::collections::BTreeMap<String, u32>,
}

pub fn run(app: &App, args: &args::Due) -> Result<()> {
    let today = app.today();
    let mut due = Due { today, due: 0, areas: std::collections::BTreeMap::new() };
    if let Some(store) = app.open_to_read()? {
        for (scope, count) in store.due_by_scope(today)? {
            due.due += count;
            if let Some(scope) = store.scopes().get(&scope) {
                *due.areas.entry(scope.area.clone()).or_default() += count;
            }
        }
    }
    if args.json {
        app.print_json(&due)
    } else if args.short {
        if due.due == 0 { Ok(()) } else { write_out(&format!("{}\n", due.due)) }
    } else {
        app.print(&[Line::plain(app.words.say("home-due", &[("due", due.due.into())]))])
    }
}
