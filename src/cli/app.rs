//! What every command needs: places, settings, the skill map, the clock, chance, and the two streams.

use std::io::Write as _;
use std::path::PathBuf;

use indicatif::{ProgressBar, ProgressStyle};
use rand::SeedableRng as _;
use rand_chacha::ChaCha20Rng;

use super::bundled;
use super::config::{self, Config};
use super::environment::Environment;
use crate::day::{Clock, Day};
use crate::error::{Error, Result};
use crate::skill::{SkillMap, UNSORTED, nearest};
use crate::store::{RowId, Stamp, Store};
use crate::text::Line;
use crate::words::Words;

/// Columns where nothing tells the width.
const USUAL_WIDTH: usize = 80;

/// The program as one call of it runs.
pub struct App {
    pub environment: Environment,
    pub config: Config,
    pub config_path: PathBuf,
    pub database: PathBuf,
    /// The areas and systems, with English titles.
    pub map: SkillMap,
    /// The learner's language.
    pub words: Words,
    pub clock: Box<dyn Clock>,
    pub random: ChaCha20Rng,
}

impl App {
    /// Wires a call together.
    pub fn new(environment: Environment, db: Option<PathBuf>, config: Option<PathBuf>, words: Words) -> Result<App> {
        let mut map = SkillMap::parse(bundled::AREAS)?;
        let database = db.or_else(|| environment.database.clone());
        let named = config.or_else(|| environment.config.clone());
        let asked_for = named.is_some();
        // Places that are named need no home directory.
        let (database, config_path) = match (database, named) {
            (Some(database), Some(config)) => (database, config),
            (database, named) => {
                let (default_database, default_config) = environment.places()?;
                (database.unwrap_or(default_database), named.unwrap_or(default_config))
            }
        };
        let config = config::read(&config_path, asked_for, &mut map)?;
        let clock = environment.clock()?;
        let random = ChaCha20Rng::from_seed(environment.seed()?);
        Ok(App { environment, config, config_path, database, map, words, clock, random })
    }

    /// Opens the database, making it where there is none, with the bundled decks as they are now.
    pub fn open(&mut self) -> Result<Store> {
        let mut store = Store::open(&self.database)?;
        if self.config.bundled_decks && !bundled::is_current(&store)? {
            let (_, stamp) = self.stamp();
            let what = self.words.say("quiz-decks", &[]);
            let bar = |count| bar(self.environment.talkative, count, &what);
            bundled::update(&mut store, &self.map, stamp, &mut self.random, bar)?;
        }
        Ok(store)
    }

    /// Opens the database to read it; `None` where there is none yet.
    pub fn open_to_read(&self) -> Result<Option<Store>> {
        if self.database.exists() { Store::open_to_read(&self.database).map(Some) } else { Ok(None) }
    }

    /// The study day.
    pub fn today(&self) -> Day {
        self.clock.now().study_day(self.config.rollover_hour)
    }

    /// A fresh row id, and now.
    pub fn stamp(&mut self) -> (RowId, Stamp) {
        let at = self.clock.now();
        (RowId::draw(&mut self.random), Stamp { at, day: at.study_day(self.config.rollover_hour) })
    }

    /// The areas and systems, with titles in the learner's language.
    pub fn spoken_map(&self) -> SkillMap {
        self.map.translated(self.words.language(), self.words.say("area-unsorted", &[]))
    }

    /// The columns of standard output.
    pub fn width(&self) -> usize {
        self.environment.columns.unwrap_or(USUAL_WIDTH)
    }

    /// Writes results to standard output.
    pub fn print(&self, lines: &[Line]) -> Result<()> {
        write_out(&self.environment.out.lines(lines))
    }

    /// Writes text, each line of it plain, to standard output.
    pub fn print_text(&self, text: &str) -> Result<()> {
        let lines: Vec<Line> = text.lines().map(Line::plain).collect();
        self.print(&lines)
    }

    /// Writes a value as JSON to standard output. JSON escapes every control character itself.
    pub fn print_json(&self, value: &impl serde::Serialize) -> Result<()> {
        let text = serde_json::to_string_pretty(value)
            .map_err(|error| Error::internal("the output could not be written as JSON").because(error))?;
        self.print_text(&text)
    }

    /// Writes talk to standard error.
    pub fn say(&self, lines: &[Line]) -> Result<()> {
        write_err(&self.environment.err.lines(lines))
    }

    /// A progress bar on standard error, hidden where that is no terminal.
    pub fn bar(&self, count: usize, what: &str) -> ProgressBar {
        bar(self.environment.talkative, count, what)
    }

    /// A counter on standard error for what has no known end.
    pub fn bar_of_unknown_length(&self, what: &str) -> ProgressBar {
        if !self.environment.talkative {
            return ProgressBar::hidden();
        }
        let bar = ProgressBar::no_length();
        match ProgressStyle::with_template(&format!("  {{pos}} {what}")) {
            Ok(style) => bar.with_style(style),
            Err(_) => bar,
        }
    }

    /// Checks names of areas and systems.
    ///
    /// # Errors
    /// Names the first that there is not, with the nearest that there is.
    pub fn check_places(&self, names: &[String]) -> Result<()> {
        for name in names {
            if name != UNSORTED && !self.map.names().any(|known| known == name) {
                let error = Error::user(format!("there is no area or system `{name}`"));
                return Err(match nearest(name, self.map.names()) {
                    Some(known) => error.hint(format!("did you mean `{known}`?")),
                    None => error.hint("`plugg goal` lists the areas"),
                });
            }
        }
        Ok(())
    }

    /// The area of a name that may be a system's.
    pub fn area_of(&self, name: &str) -> Result<String> {
        self.check_places(std::slice::from_ref(&name.to_owned()))?;
        Ok(match self.map.system(name) {
            // An area and a system can share a name: then it is the area that is meant, and contains the system.
            Some((area, _)) if self.map.area(name).is_none() => area.id.clone(),
            _ => name.to_owned(),
        })
    }
}

fn bar(talkative: bool, count: usize, what: &str) -> ProgressBar {
    if !talkative {
        return ProgressBar::hidden();
    }
    let bar = ProgressBar::new(u64::try_from(count).unwrap_or(u64::MAX));
    let style = ProgressStyle::with_template(&format!("  {{bar:30.cyan/dim}} {{pos}}/{{len}} {what}"));
    match style {
        Ok(style) => bar.with_style(style.progress_chars("━━╌")),
        Err(_) => bar,
    }
}

/// Writes to standard output.
pub fn write_out(text: &str) -> Result<()> {
    write_bytes(text.as_bytes())
}

/// Writes what is no text to standard output.
pub fn write_bytes(bytes: &[u8]) -> Result<()> {
    let mut out = std::io::stdout().lock();
    out.write_all(bytes)
        .and_then(|()| out.flush())
        .map_err(|error| Error::internal("the output cannot be written").because(error))
}

/// Writes to standard error.
pub fn write_err(text: &str) -> Result<()> {
    std::io::stderr()
        .lock()
        .write_all(text.as_bytes())
        .map_err(|error| Error::internal("standard error cannot be written").because(error))
}
