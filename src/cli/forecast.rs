//! `plugg report --forecast`: gathers what the forecast is made of, and prints it.

use super::app::App;
use super::args;
use crate::error::Result;
use crate::forecast::{self, Forecast, Inputs, Limits, Retention};
use crate::report;
use crate::report::table::Layout;
use crate::session::USUAL_DAYS;
use crate::store::{Filter, Store};

pub fn run(app: &App, store: &Store, args: &args::Report) -> Result<()> {
    let forecast = compute(app, store, args)?;
    if args.json {
        return app.print_json(&forecast);
    }
    let layout = Layout { words: &app.words, width: app.width().clamp(40, 120), explain: args.explain };
    app.print(&report::forecast::lines(&forecast, &layout))
}

/// What the coming days are expected to bring, at today's pace.
pub fn compute(app: &App, store: &Store, args: &args::Report) -> Result<Forecast> {
    let today = app.today();
    let tallies = store.tallies(today.plus(1 - i64::from(args.days)), args.imported)?;
    let unseen = store.unseen_by_area(&Filter::default(), &app.map, &store.profile()?)?;
    let activity = store.activity(today.plus(-USUAL_DAYS), today.plus(-1))?;
    let on_today = tallies.iter().filter(|tally| tally.day == today && !tally.imported);
    Ok(forecast::forecast(&Inputs {
        today,
        rules: app.config.rules,
        limits: Limits { new_per_day: app.config.new_per_day, reviews_per_day: app.config.reviews_per_day },
        retention: Retention::of(store.first_tries()?, &tallies),
        cards: &store.memories()?,
        unseen: unseen.iter().map(|area| area.cards).sum(),
        reviewed: on_today.map(|tally| tally.answers).sum(),
        fresh: store.fresh_on(today)?,
        activity: &activity.into_iter().map(|active| (active.day, active.answers)).collect(),
    }))
}
