//! `plugg` alone: today at a glance, and the next step.

use std::collections::BTreeMap;

use super::app::App;
use crate::error::Result;
use crate::session::{self, Agenda, Wishes};
use crate::store::Store;
use crate::text::{Line, Style, pad};
use crate::words::Words;

/// Seconds that an answer takes where nothing is known of this learner yet.
const USUAL_SECONDS: i64 = 20;
/// Systems and areas named in a row before the rest is summed up.
const NAMED: usize = 4;

pub fn run(app: &App) -> Result<()> {
    let words = &app.words;
    let today = app.today();
    let next = || {
        let command = "plugg quiz";
        Line::plain(format!("{} ", words.say("home-next", &[]))).with(Style::Accent, command)
    };
    let Some(store) = app.open_to_read()? else {
        return app.print(&[Line::of(Style::Strong, words.say("home-welcome", &[])), Line::new(), next()]);
    };
    let agenda = agenda(app, &store)?;
    let cards = agenda.due.len() + agenda.new.len();
    let mut head = Line::of(Style::Strong, sentence(&words.date_with_weekday(today)));
    let waiting = words.say("home-today", &[("due", agenda.due.len().into()), ("new", agenda.new.len().into())]);
    head.push(Style::Plain, format!(" · {waiting}"));
    if cards > 0 {
        let seconds = usual_seconds(&store, today)? * i64::try_from(cards).unwrap_or(i64::MAX);
        let minutes = u32::try_from((seconds + 59) / 60).unwrap_or(u32::MAX);
        head.push(Style::Plain, format!(" · {}", words.say("home-minutes", &[("minutes", minutes.into())])));
    }
    let mut lines = vec![head];
    lines.extend(due_rows(app, &store, &agenda));
    if !agenda.to_drill.is_empty() {
        let told = words.say("home-to-drill", &[("cards", agenda.to_drill.len().into())]);
        lines.push(Line::of(Style::Warn, format!("  {told}")));
    }
    if agenda.backlog > 0 {
        let days = agenda.backlog.div_ceil(agenda.days_worth.max(1));
        let told = words.say("home-backlog", &[("cards", agenda.backlog.into()), ("days", days.into())]);
        lines.push(Line::of(Style::Faint, format!("  {told}")));
    }
    lines.push(Line::new());
    if cards + agenda.to_drill.len() > 0 {
        lines.push(next());
    } else {
        let next = store.load(today.plus(1), today.plus(366))?;
        lines.push(Line::plain(match next.first_key_value() {
            Some((day, due)) => {
                let date = words.date_with_weekday(*day).into();
                words.say("home-done", &[("due", (*due).into()), ("date", date)])
            }
            None => words.say("home-done-for-a-year", &[]),
        }));
        lines.push(Line::of(Style::Faint, words.say("home-more", &[])));
    }
    app.print(&lines)
}

/// A text as it opens a line: with a capital letter, which a day of the week has of its own only in some languages.
fn sentence(text: &str) -> String {
    let mut characters = text.chars();
    characters.next().map_or_else(String::new, |first| first.to_uppercase().chain(characters).collect())
}

/// What a quiz without further wishes would ask.
pub fn agenda(app: &App, store: &Store) -> Result<Agenda> {
    let wishes = Wishes {
        new_per_day: app.config.new_per_day,
        reviews_per_day: app.config.reviews_per_day,
        rules: app.config.rules,
        rollover_hour: app.config.rollover_hour,
        ..Wishes::default()
    };
    // The order by chance does not show here: a generator of its own leaves the quiz's alone.
    let mut random = app.random.clone();
    session::agenda(store, &app.map, &store.profile()?, &wishes, app.today(), &mut random)
}

/// Seconds that an answer took this learner lately, with what stands around it.
fn usual_seconds(store: &Store, today: crate::day::Day) -> Result<i64> {
    let (answers, took) = store
        .activity(today.plus(-30), today)?
        .into_iter()
        .map(|active| (i64::from(active.answers), i64::try_from(active.took_ms).unwrap_or(i64::MAX)))
        .fold((0i64, 0i64), |(answers, took), (n, ms)| (answers + n, took + ms.min(n * 120_000)));
    Ok(if answers < 20 { USUAL_SECONDS } else { (took / answers / 1000 + 5).max(5) })
}

fn due_rows(app: &App, store: &Store, agenda: &Agenda) -> Vec<Line> {
    let (map, words) = (app.spoken_map(), &app.words);
    let mut by_area: BTreeMap<(usize, &str), BTreeMap<&str, u32>> = BTreeMap::new();
    let mut new_by_area: BTreeMap<(usize, &str), u32> = BTreeMap::new();
    for candidate in &agenda.due {
        if let Some(scope) = store.scopes().get(&candidate.scope) {
            let area = by_area.entry((app.map.position(&scope.area), &scope.area)).or_default();
            *area.entry(&scope.system).or_default() += 1;
        }
    }
    for candidate in &agenda.new {
        if let Some(scope) = store.scopes().get(&candidate.scope) {
            *new_by_area.entry((app.map.position(&scope.area), &scope.area)).or_default() += 1;
        }
    }
    let mut rows: Vec<_> =
        by_area.into_iter().map(|(area, systems)| (systems.values().sum::<u32>(), area, systems)).collect();
    rows.sort_by_key(|(due, area, _)| (std::cmp::Reverse(*due), *area));
    let mut lines = Vec::new();
    if !rows.is_empty() {
        lines.push(Line::new());
    }
    for (due, (_, area), systems) in rows {
        let title = pad(map.area_title(area), 22);
        let told = words.say("home-due", &[("due", due.into())]);
        // Numbers of up to three digits stand below each other.
        let blanks = " ".repeat(3usize.saturating_sub(due.to_string().len()));
        let mut line = Line::plain(format!("  {title}")).with(Style::Accent, blanks + &told);
        let mut parts: Vec<(&str, u32)> = systems.into_iter().filter(|(system, _)| !system.is_empty()).collect();
        parts.sort_by_key(|(system, due)| (std::cmp::Reverse(*due), *system));
        if parts.len() > 1 {
            let names = parts.iter().map(|(system, due)| (map.system_name(system), *due));
            line.push(Style::Faint, format!("  ▸ {}", named(names, words)));
        }
        lines.push(line);
    }
    if !new_by_area.is_empty() {
        let new = new_by_area.into_iter().map(|((_, area), new)| (map.area_title(area), new));
        lines.push(Line::new());
        let told = words.say("home-new", &[("areas", named(new, words).into())]);
        lines.push(Line::of(Style::Faint, format!("  {told}")));
    }
    lines
}

/// Names with numbers, the first few of them.
fn named<'a>(parts: impl Iterator<Item = (&'a str, u32)>, words: &Words) -> String {
    let parts: Vec<String> = parts.map(|(name, number)| format!("{name} {number}")).collect();
    let more = parts.len().saturating_sub(NAMED);
    let names = parts.iter().take(NAMED).cloned().collect::<Vec<_>>().join(", ");
    if more > 0 { words.say("home-and-more", &[("names", names.into()), ("count", more.into())]) } else { names }
}
