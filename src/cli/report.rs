//! `plugg report`: what she knows, area by area, and how sure that is.

use super::app::{App, write_out};
use super::args;
use super::forecast;
use crate::error::{Error, Result};
use crate::report::{json, table};
use crate::skill::Profile;
use crate::stats::{self, Inputs, Summary, TREND_WEEKS};
use crate::store::Store;
use crate::text::{Line, Style};

pub fn run(app: &App, args: &args::Report) -> Result<()> {
    let area = args.area.as_deref().map(|name| app.area_of(name)).transpose()?;
    let Some(store) = app.open_to_read()? else {
        return app.print(&[Line::plain(" Nothing to report yet. Next: plugg quiz")]);
    };
    if args.forecast {
        return forecast::run(app, &store, args);
    }
    let mut summary = summary(app, &store, &store.profile()?, args.days, args.imported)?;
    if let Some(area) = &area {
        summary.areas.retain(|row| row.id == *area);
        if summary.areas.is_empty() {
            return Err(Error::user(format!("no card belongs to the area `{area}` yet")));
        }
    }
    if args.json {
        return write_out(&json::render(&summary)?);
    }
    let layout = table::Layout { width: app.width().clamp(40, 120), explain: args.explain };
    let date = summary.today.date().format("%-d %B %Y").to_string();
    let mut lines = vec![Line::of(Style::Faint, format!(" {date}")), Line::new()];
    lines.extend(match summary.areas.first() {
        Some(row) if area.is_some() => table::area(row, &summary, &layout),
        _ => table::areas(&summary, &layout),
    });
    app.print(&lines)
}

/// Computes the report's figures from the store.
pub fn summary(app: &App, store: &Store, profile: &Profile, window: u32, imported: bool) -> Result<Summary> {
    let today = app.today();
    let from = today.plus(-i64::from(window)).min(today.plus(-7 * TREND_WEEKS));
    Ok(stats::summarize(&Inputs {
        today,
        window,
        map: &app.map,
        profile,
        scopes: store.scopes(),
        tallies: &store.tallies(from, imported)?,
        standings: &store.standings()?,
        predictions: &store.predictions(today)?,
        held: &store.held()?,
    }))
}
