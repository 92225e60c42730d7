//! `plugg goal`: how deep to go in each area.

use std::collections::BTreeMap;

use serde::Serialize;

use super::app::App;
use super::args;
use crate::card::Level;
use crate::error::{Error, Result};
use crate::skill::Profile;
use crate::text::{Line, Style, pad};

#[derive(Serialize)]
struct Goal {
    base: Level,
    areas: BTreeMap<String, Level>,
}

pub fn run(app: &mut App, args: &args::Goal) -> Result<()> {
    if args.targets.is_empty() && args.base.is_none() {
        let profile = app.open_to_read()?.map(|store| store.profile()).transpose()?.unwrap_or_default();
        return show(app, &profile, args.json);
    }
    // Everything is checked before anything is written.
    let mut changes = Vec::new();
    for target in &args.targets {
        let Some((name, level)) = target.split_once('=') else {
            return Err(
                Error::user(format!("`{target}` is not AREA=LEVEL")).hint("for example: plugg goal linux=expert")
            );
        };
        let level = if level == "none" { None } else { Some(Level::parse(level)?) };
        changes.push((app.area_of(name)?, level));
    }
    let mut store = app.open()?;
    let mut profile = store.profile()?;
    profile.base = args.base.unwrap_or(profile.base);
    for (area, level) in changes {
        match level {
            Some(level) => profile.targets.insert(area, level),
            None => profile.targets.remove(&area),
        };
    }
    store.set_profile(&profile)?;
    show(app, &profile, args.json)
}

fn show(app: &App, profile: &Profile, json: bool) -> Result<()> {
    if json {
        let areas = app.map.areas.iter().map(|area| (area.id.clone(), profile.target(&area.id))).collect();
        return app.print_json(&Goal { base: profile.base, areas });
    }
    let mut lines = vec![Line::of(Style::Faint, format!("Base of all areas: {}", profile.base)), Line::new()];
    for area in &app.map.areas {
        let target = profile.target(&area.id);
        let depth = "━".repeat(4 * (target as usize + 1));
        let style = if profile.targets.contains_key(&area.id) { Style::Strong } else { Style::Plain };
        lines.push(
            Line::of(style, format!("  {}", pad(&area.title, 42)))
                .with(Style::Accent, pad(&depth, 13))
                .with(style, target.name()),
        );
    }
    app.print(&lines)
}
