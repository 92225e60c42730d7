//! `plugg` alone: today at a glance, and the next step.

use std::collections::BTreeMap;

use super::app::App;
use crate::error::Result;
use crate::session::{self, Agenda, Wishes};
use crate::store::Store;
use crate::terminal::view::count;
use crate::text::{Line, Style, pad};

/// Seconds that an answer takes where nothing is known of this learner yet.
const USUAL_SECONDS: i64 = 20;
/// Systems and areas named in a row before the rest is summed up.
const NAMED: usize = 4;

pub fn run(app: &App) -> Result<()> {
    let today = app.today();
    let Some(store) = app.open_to_read()? else {
        return app.print(&[
            Line::of(Style::Strong, "Welcome. Twenty areas of your trade wait, ten new cards a day."),
            Line::new(),
            Line::plain("Next: ").with(Style::Accent, "plugg quiz"),
        ]);
    };
    let agenda = agenda(app, &store)?;
    let date = today.date().format("%A %-d %B");
    let cards = agenda.due.len() + agenda.new.len();
    let mut head = Line::of(Style::Strong, format!("{date}"));
    head.push(Style::Plain, format!(" · {} due, {} new", agenda.due.len(), agenda.new.len()));
    if cards > 0 {
        let seconds = usual_seconds(&store, today)? * i64::try_from(cards).unwrap_or(i64::MAX);
        head.push(
            Style::Plain,
            format!(" · about {}", count(u32::try_from((seconds + 59) / 60).unwrap_or(u32::MAX), "minute", "minutes")),
        );
    }
    let mut lines = vec![head];
    lines.extend(due_rows(app, &store, &agenda));
    if !agenda.to_drill.is_empty() {
        let cards = count(u32::try_from(agenda.to_drill.len()).unwrap_or(u32::MAX), "card", "cards");
        lines.push(Line::of(Style::Warn, format!("  {cards} of today's still to drill")));
    }
    if agenda.backlog > 0 {
        let days = agenda.backlog.div_ceil(agenda.days_worth.max(1));
        let days = count(u32::try_from(days).unwrap_or(u32::MAX), "day", "days");
        lines.push(Line::of(
            Style::Faint,
            format!("  {} more overdue, for the coming {days}; new cards wait until then", agenda.backlog),
        ));
    }
    lines.push(Line::new());
    if cards + agenda.to_drill.len() > 0 {
        lines.push(Line::plain("Next: ").with(Style::Accent, "plugg quiz"));
    } else {
        let next = store.load(today.plus(1), today.plus(366))?;
        lines.push(match next.first_key_value() {
            Some((day, due)) => Line::plain(format!(
                "All done. {} due on {}.",
                count(*due, "card is", "cards are"),
                day.date().format("%A %-d %B")
            )),
            None => Line::plain("All done. Nothing is due within a year."),
        });
        lines.push(Line::of(Style::Faint, "More: plugg quiz --new 5 · plugg quiz --cram · plugg report"));
    }
    app.print(&lines)
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
        let title = pad(app.map.area_title(area), 22);
        let mut line = Line::plain(format!("  {title}")).with(Style::Accent, format!("{due:>3} due"));
        let mut parts: Vec<(&str, u32)> = systems.into_iter().filter(|(system, _)| !system.is_empty()).collect();
        parts.sort_by_key(|(system, due)| (std::cmp::Reverse(*due), *system));
        if parts.len() > 1 {
            line.push(
                Style::Faint,
                format!("  ▸ {}", named(parts.iter().map(|(system, due)| (app.map.system_name(system), *due)))),
            );
        }
        lines.push(line);
    }
    if !new_by_area.is_empty() {
        let new = new_by_area.into_iter().map(|((_, area), new)| (app.map.area_title(area), new));
        lines.push(Line::new());
        lines.push(Line::of(Style::Faint, format!("  new: {}", named(new))));
    }
    lines
}

/// Names with numbers, the first few of them.
fn named<'a>(parts: impl Iterator<Item = (&'a str, u32)>) -> String {
    let parts: Vec<String> = parts.map(|(name, number)| format!("{name} {number}")).collect();
    let more = parts.len().saturating_sub(NAMED);
    let mut text = parts.iter().take(NAMED).cloned().collect::<Vec<_>>().join(", ");
    if more > 0 {
        text.push_str(&format!(" and {more} more"));
    }
    text
}
