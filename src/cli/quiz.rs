//! `plugg quiz`: today's questions.

use std::io::stdin;

use dialoguer::MultiSelect;

use super::app::{App, write_out};
use super::args;
use super::report::{Scale, summary};
use crate::card::Level;
use crate::error::{Error, Result};
use crate::session::{self, End, Outcome, Wishes};
use crate::skill::Profile;
use crate::stats;
use crate::store::{Filter, Store};
use crate::terminal::markdown::Look;
use crate::terminal::opener::Opener;
use crate::terminal::plain::Plain;
use crate::terminal::prompts::Prompts;
use crate::terminal::view::View;
use crate::text::Line;

/// Under which key the store keeps that the focus was offered.
const OFFERED: &str = "focus offered";
/// Days of the forecast in the summary.
const FORECAST: i64 = 7;

pub fn run(app: &mut App, args: args::Quiz) -> Result<()> {
    app.check_places(&args.areas)?;
    let mut store = app.open()?;
    let interactive = app.environment.interactive && !args.plain;
    if interactive {
        offer_focus(app, &mut store)?;
    }
    let wishes = Wishes {
        filter: Filter { places: args.areas, levels: args.level },
        limit: args.limit,
        new: args.new,
        new_per_day: app.config.new_per_day,
        reviews_per_day: app.config.reviews_per_day,
        minutes: args.minutes.or(app.config.minutes),
        cram: args.cram,
        rules: app.config.rules,
        rollover_hour: app.config.rollover_hour,
    };
    let profile = store.profile()?;
    let today = app.today();
    let agenda = session::agenda(&store, &app.map, &profile, &wishes, today, &mut app.random)?;
    let (paint, width) = (app.environment.out, app.width());
    let map = app.spoken_map();
    let look = Look { width, ascii: paint.ascii, plain: !paint.colours };
    let view = View { look, map: &map, scale: app.config.grades, words: &app.words };
    let opener = Opener::new(app.environment.scratch.clone(), app.environment.desktop);
    let outcome = if interactive {
        let protocol = app.config.pictures.protocol(app.environment.pictures);
        let fixed = app.environment.fixed_columns.then_some(width);
        let mut player = Prompts::new(paint, fixed, view, protocol, opener);
        let outcome = session::run(&mut store, &*app.clock, &mut app.random, agenda, &wishes, &mut player)?;
        let look = Look { width: player.width(), ..look };
        let lines = closing(&View { look, ..view }, &store, &outcome)?;
        player.close(&lines)?;
        outcome
    } else {
        let input = stdin().lock();
        let mut output = std::io::stdout().lock();
        let mut player = Plain::new(input, &mut output, paint, view, opener);
        let outcome = session::run(&mut store, &*app.clock, &mut app.random, agenda, &wishes, &mut player)?;
        drop(output);
        write_out(&paint.lines(&closing(&view, &store, &outcome)?))?;
        outcome
    };
    if outcome.total().cards > 0 {
        keep_held(app, &mut store, &profile)?;
    }
    Ok(())
}

/// What stands at the end: what was done, and when to come back.
fn closing(view: &View<'_>, store: &Store, outcome: &Outcome) -> Result<Vec<Line>> {
    let load = store.load(outcome.today, outcome.today.plus(FORECAST))?;
    let coming: Vec<u32> =
        (1..=FORECAST).map(|ahead| load.get(&outcome.today.plus(ahead)).copied().unwrap_or(0)).collect();
    let mut lines = view.summary(outcome, &coming);
    if outcome.end == End::Done && outcome.total().cards == 0 {
        lines.push(Line::plain(format!(" {}", view.say("quiz-more"))));
    }
    Ok(lines)
}

/// Notes which levels are held now and which no longer are, so that the report can say since when.
fn keep_held(app: &App, store: &mut Store, profile: &Profile) -> Result<()> {
    let summary = summary(app, store, profile, Scale::usual(app.today()))?;
    let now = stats::levels_held(&summary);
    let lost: Vec<_> = stats::levels_lost(&summary, &store.held()?);
    if now.is_empty() && lost.is_empty() { Ok(()) } else { store.keep_held(&now, &lost) }
}

/// The one question of the first run: where to go deep. Enter leaves broad basics everywhere.
fn offer_focus(app: &App, store: &mut Store) -> Result<()> {
    if store.meta(OFFERED)?.is_some() {
        return Ok(());
    }
    let map = app.spoken_map();
    let titles: Vec<&str> = map.areas.iter().map(|area| area.title.as_str()).collect();
    let picked = MultiSelect::new()
        .with_prompt(app.words.say("quiz-focus", &[]))
        .items(&titles)
        .max_length(20)
        .report(false)
        .interact_opt()
        .map_err(|error| Error::internal("the terminal cannot be used").because(error))?;
    let mut profile = store.profile()?;
    for index in picked.unwrap_or_default() {
        if let Some(area) = app.map.areas.get(index) {
            profile.targets.insert(area.id.clone(), Level::Expert);
        }
    }
    store.set_profile(&profile)?;
    store.set_meta(OFFERED, "yes")
}
