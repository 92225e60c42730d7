//! `plugg report`: what she knows, area by area, and how sure that is.

use super::app::{App, write_out};
use super::{args, forecast, page, share};
use crate::day::Day;
use crate::error::{Error, Result};
use crate::report::{calendar, csv, json, markdown, table};
use crate::skill::Profile;
use crate::stats::{self, Inputs, Row, Summary};
use crate::store::Store;
use crate::text::{Line, Style};

pub fn run(app: &App, args: &args::Report) -> Result<()> {
    if let Some(file) = &args.share {
        return share::run(app, args, file);
    }
    let area = args.area.as_deref().map(|name| app.area_of(name)).transpose()?;
    let Some(store) = app.open_to_read()? else {
        return app.print(&[Line::plain(format!(" {}", app.words.say("report-nothing", &[])))]);
    };
    if args.forecast {
        return forecast::run(app, &store, args);
    }
    let mut summary = summary(app, &store, &store.profile()?, scale(app, args)?)?;
    if let Some(area) = &area {
        summary.areas.retain(|row| row.id == *area);
        if summary.areas.is_empty() {
            return Err(Error::user(format!("no card belongs to the area `{area}` yet")));
        }
    }
    if args.json {
        return write_out(&json::render(&summary)?);
    }
    if args.csv {
        return app.print_text(&csv::render(&summary));
    }
    let summary = spoken(app, summary);
    if let Some(file) = &args.html {
        return page::write(app, &store, &summary, args, file);
    }
    if args.markdown {
        return app.print_text(&markdown::render(&summary, &app.words));
    }
    let layout = table::Layout { words: &app.words, width: app.width().clamp(40, 120), explain: args.explain };
    let mut lines = vec![Line::of(Style::Faint, format!(" {}", app.words.date(summary.today))), Line::new()];
    lines.extend(match summary.areas.first() {
        Some(row) if area.is_some() => table::area(row, &summary, &layout),
        _ => table::areas(&summary, &layout),
    });
    if let Some(row) = summary.areas.first().filter(|_| area.is_some() && summary.today == app.today()) {
        let cards = slipping(&store, row, summary.today)?;
        if !cards.is_empty() {
            lines.extend(table::slipping(&cards, &layout));
        }
    }
    if args.calendar {
        lines.push(Line::new());
        lines.extend(calendar::calendar(&summary, app.width(), &app.words));
    }
    app.print(&lines)
}

/// Cards that slip, named in the report of an area.
const SLIPPING: usize = 8;
/// A card slips once it is known with less than this chance: from here on a review would soon be due.
const SLIPS_BELOW: f64 = 0.9;

/// The titles of the cards that a fading level, else the next one, lacks most, each with the chance that it is known.
fn slipping(store: &Store, row: &Row, day: Day) -> Result<Vec<(String, f64)>> {
    let Some(level) = row.fading.as_ref().map(|fading| fading.level).or(row.next.map(|next| next.level)) else {
        return Ok(Vec::new());
    };
    let mut cards = Vec::new();
    let weakest = store.weakest(&row.id, level, day, SLIPPING)?;
    for (id, chance) in weakest.into_iter().filter(|(_, chance)| *chance < SLIPS_BELOW) {
        cards.extend(store.card(id)?.map(|card| (card.face.title(), chance)));
    }
    Ok(cards)
}

/// The summary with its titles in the learner's language: for people. What programs read keeps the English ones.
fn spoken(app: &App, mut summary: Summary) -> Summary {
    let map = app.spoken_map();
    for row in &mut summary.areas {
        row.title = map.area_title(&row.id).to_owned();
        for system in &mut row.systems {
            system.title = map.system_name(&system.id).to_owned();
        }
    }
    summary.total.title = app.words.say("area-all", &[]);
    summary
}

/// What the call asks the report to look at.
///
/// # Errors
/// When the day is none, or lies ahead.
pub fn scale(app: &App, args: &args::Report) -> Result<Scale> {
    let today = app.today();
    let day = args.as_of.as_deref().map(Day::parse).transpose()?.unwrap_or(today);
    if day > today {
        return Err(Error::user(format!("{day} has not been yet")).hint("`plugg report --forecast` looks ahead"));
    }
    let whole_year = args.json || args.csv || args.html.is_some();
    let weeks = if whole_year { YEAR_WEEKS } else { TREND_WEEKS };
    Ok(Scale { window: args.days, weeks, imported: args.imported, ..Scale::usual(day) })
}

/// What a report looks at.
#[derive(Debug, Clone, Copy)]
pub struct Scale {
    /// The study day that it is for.
    pub day: Day,
    /// Days that retention looks back.
    pub window: u32,
    /// Weeks in the trend.
    pub weeks: u32,
    /// Whether answers of other programs count.
    pub imported: bool,
}

/// Weeks in the trend of the table.
const TREND_WEEKS: u32 = 8;
/// Weeks in all other faces: a year, and the week that is not over.
const YEAR_WEEKS: u32 = 53;

impl Scale {
    /// What the table shows by default.
    pub fn usual(day: Day) -> Scale {
        Scale { day, window: 90, weeks: TREND_WEEKS, imported: false }
    }
}

/// Computes the report's figures from the store.
pub fn summary(app: &App, store: &Store, profile: &Profile, scale: Scale) -> Result<Summary> {
    let Scale { day, window, weeks, imported } = scale;
    let back = |weeks: u32| day.week().plus(-7 * (i64::from(weeks) - 1));
    let first_week = back(weeks);
    let now = day >= app.today();
    Ok(stats::summarize(&Inputs {
        today: day,
        window,
        weeks,
        model: store.model(),
        map: &app.map,
        profile,
        scopes: store.scopes(),
        tallies: &store.tallies(day.plus(1 - i64::from(window)).min(first_week.month()), imported)?,
        standings: &if now { store.standings()? } else { store.standings_on(day)? },
        predictions: &store.predictions(day)?,
        // Since when a level is no longer held is known for now alone.
        held: &if now { store.held()? } else { Vec::new() },
        activity: &store.activity(back(YEAR_WEEKS), day)?,
    }))
}
