//! `plugg deck`: lists, checks, exports and removes decks.

use std::collections::BTreeMap;
use std::path::Path;
use std::process::ExitCode;
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};

use serde::Serialize;

use super::app::{App, write_bytes};
use super::args::{self, DeckCommand, DeckTest};
use super::{bundled, import};
use crate::answer;
use crate::card::{Kind as CardKind, Level};
use crate::deck::check::{Bounds, Outcome, Prover};
use crate::deck::lint;
use crate::deck::toml::TomlDeck;
use crate::deck::{self, Problem, Severity};
use crate::error::{Error, Kind, Result};
use crate::skill::Mapping;
use crate::store::differences;
use crate::text::{Line, Style, pad};

/// Mebibytes that a check may use.
const MEMORY: u64 = 2048;

pub fn run(app: &mut App, args: args::Deck) -> Result<ExitCode> {
    let done = |()| ExitCode::SUCCESS;
    match args.command {
        DeckCommand::List { json, coverage: false } => list(app, json).map(done),
        DeckCommand::List { json, coverage: true } => coverage(app, json).map(done),
        DeckCommand::Lint { paths, json } => lint_files(app, &paths, json),
        DeckCommand::Test(args) => test(app, &args),
        DeckCommand::Export { deck, format, output } => export(app, &deck, &format, output.as_deref()).map(done),
        DeckCommand::Diff { deck } => diff(app, &deck).map(done),
        DeckCommand::Map { deck, area, map } => remap(app, &deck, area.as_deref(), &map).map(done),
        DeckCommand::Remove { deck } => {
            let mut store = app.open()?;
            let (_, stamp) = app.stamp();
            let cards = store.remove_deck(&deck, stamp)?;
            let text =
                format!("{cards} cards of `{deck}` are retired; their log stays. Importing the deck revives them.");
            app.print(&[Line::plain(text)]).map(done)
        }
    }
}

#[derive(Serialize)]
struct Listed {
    id: String,
    title: String,
    version: String,
    license: String,
    origin: String,
    cards: u32,
    seen: u32,
}

fn list(app: &App, json: bool) -> Result<()> {
    let decks = app.open_to_read()?.map(|store| store.decks()).transpose()?.unwrap_or_default();
    let decks: Vec<Listed> = decks
        .into_iter()
        .map(|row| Listed {
            id: row.deck.id,
            title: row.deck.title,
            version: row.deck.version,
            license: row.deck.license,
            origin: row.origin,
            cards: row.cards,
            seen: row.seen,
        })
        .collect();
    if json {
        return app.print_json(&decks);
    }
    let mut lines = vec![Line::of(
        Style::Faint,
        format!("{}{}{:>6} {:>6}  from", pad("deck", 25), pad("version", 9), "cards", "seen"),
    )];
    for deck in &decks {
        lines.push(
            Line::plain(pad(&deck.id, 25))
                .with(Style::Faint, pad(&deck.version, 9))
                .with(Style::Plain, format!("{:>6} {:>6}  ", deck.cards, deck.seen))
                .with(Style::Faint, deck.origin.clone()),
        );
    }
    app.print(&lines)
}

/// Cards of one system, counted.
#[derive(Default, Serialize)]
struct Covered {
    area: String,
    system: String,
    cards: usize,
    foundation: usize,
    practitioner: usize,
    expert: usize,
    /// Cards with a check; `deck test` says whether it proves them.
    checked: usize,
    sourced: usize,
    kinds: BTreeMap<&'static str, usize>,
}

fn coverage(app: &App, json: bool) -> Result<()> {
    let mut rows = Vec::new();
    for area in &app.map.areas {
        for system in &area.systems {
            let mut row = Covered { area: area.id.clone(), system: system.id.clone(), ..Covered::default() };
            for (name, text) in bundled::DECKS.iter().filter(|(name, _)| name.starts_with(&format!("{}/", area.id))) {
                let deck = bundled::read(name, text, &app.map)?;
                for (note, source) in deck.reading.notes.iter().zip(&deck.cards) {
                    if note.system == system.id {
                        row.count(note, source.check.is_some());
                    }
                }
            }
            rows.push(row);
        }
    }
    if json {
        return app.print_json(&rows);
    }
    let head = format!(
        "{}{}{:>6} {:>6} {:>6} {:>6} {:>8} {:>8}  kinds",
        pad("area", 24),
        pad("system", 24),
        "cards",
        "found.",
        "pract.",
        "expert",
        "checked",
        "sourced"
    );
    let mut lines = vec![Line::of(Style::Faint, head)];
    let mut total = Covered { area: "all".to_owned(), ..Covered::default() };
    for row in &rows {
        lines.push(Line::plain(row.line()));
        total.add(row);
    }
    lines.push(Line::of(Style::Strong, total.line()));
    app.print(&lines)
}

impl Covered {
    fn count(&mut self, note: &crate::card::Note, checked: bool) {
        self.cards += 1;
        *match note.level {
            Level::Foundation => &mut self.foundation,
            Level::Practitioner => &mut self.practitioner,
            Level::Expert => &mut self.expert,
        } += 1;
        self.checked += usize::from(checked);
        self.sourced += usize::from(!note.source.is_empty());
        let kind = note.faces.first().map_or(CardKind::Basic, |face| face.kind);
        *self.kinds.entry(kind.name()).or_default() += 1;
    }

    fn add(&mut self, other: &Covered) {
        self.cards += other.cards;
        self.foundation += other.foundation;
        self.practitioner += other.practitioner;
        self.expert += other.expert;
        self.checked += other.checked;
        self.sourced += other.sourced;
        for (kind, count) in &other.kinds {
            *self.kinds.entry(kind).or_default() += count;
        }
    }

    fn line(&self) -> String {
        let kinds: Vec<String> = self.kinds.iter().map(|(kind, count)| format!("{kind} {count}")).collect();
        format!(
            "{}{}{:>6} {:>6} {:>6} {:>6} {:>8} {:>8}  {}",
            pad(&self.area, 24),
            pad(&self.system, 24),
            self.cards,
            self.foundation,
            self.practitioner,
            self.expert,
            self.checked,
            self.sourced,
            kinds.join(", ")
        )
    }
}

/// Deck files as they were read: those that are valid by name, and the faults of the others.
type Files = (Vec<(String, TomlDeck)>, Vec<Problem>);

fn read_all(app: &App, paths: &[std::path::PathBuf]) -> Result<Files> {
    let (mut decks, mut problems) = Files::default();
    for path in import::files(paths)? {
        let name = path.display().to_string();
        match deck::toml::read(&name, &import::read(&path)?, &app.map) {
            Ok(deck) => decks.push((name, deck)),
            Err(faults) => problems.extend(faults),
        }
    }
    Ok((decks, problems))
}

fn lint_files(app: &App, paths: &[std::path::PathBuf], json: bool) -> Result<ExitCode> {
    let (decks, mut problems) = if paths.is_empty() {
        let decks: Result<Vec<_>> = bundled::DECKS
            .iter()
            .map(|(name, text)| Ok(((*name).to_owned(), bundled::read(name, text, &app.map)?)))
            .collect();
        (decks?, Vec::new())
    } else {
        read_all(app, paths)?
    };
    problems.extend(lint::lint(&decks, &answer::accepts_itself));
    problems.sort_by(|a, b| (&a.file, a.line).cmp(&(&b.file, b.line)));
    let faults = problems.iter().filter(|problem| problem.severity == Severity::Error).count();
    if json {
        app.print_json(&problems)?;
    } else {
        let styled = problems.iter().map(|problem| {
            let style = if problem.severity == Severity::Error { Style::Bad } else { Style::Warn };
            let rule = if problem.rule.is_empty() { String::new() } else { format!(" [{}]", problem.rule) };
            Line::of(style, problem.to_string()).with(Style::Faint, rule)
        });
        app.print(&styled.collect::<Vec<_>>())?;
        let cards: usize = decks.iter().map(|(_, deck)| deck.cards.len()).sum();
        app.say(&[Line::plain(format!(
            "{} decks, {cards} cards: {faults} faults, {} warnings",
            decks.len(),
            problems.len() - faults
        ))])?;
    }
    // A warning is a matter for the author, who can say that it is meant so; in our own decks none is left standing.
    Ok(if problems.is_empty() { ExitCode::SUCCESS } else { ExitCode::from(Kind::Data.exit_code()) })
}

/// What became of one card's check.
#[derive(Serialize)]
struct Tested {
    file: String,
    line: usize,
    card: String,
    system: String,
    outcome: &'static str,
    /// The answer with which it went wrong, what it printed, or what is missing.
    #[serde(skip_serializing_if = "String::is_empty")]
    detail: String,
}

fn test(app: &App, args: &DeckTest) -> Result<ExitCode> {
    let (decks, problems) = read_all(app, &args.paths)?;
    if !problems.is_empty() {
        app.print(&problems.iter().map(|problem| Line::of(Style::Bad, problem.to_string())).collect::<Vec<_>>())?;
        return Ok(ExitCode::from(Kind::Data.exit_code()));
    }
    let bounds = Bounds { seconds: args.seconds, memory_mib: MEMORY };
    let prover = Prover::new(&app.environment.path, &app.environment.scratch, bounds)?;
    let mut jobs = Vec::new();
    for (file, deck) in &decks {
        for (note, source) in deck.reading.notes.iter().zip(&deck.cards) {
            if let Some(face) = note.faces.first().filter(|_| args.card.is_empty() || args.card.contains(&note.id)) {
                jobs.push((file, note, face, source));
            }
        }
    }
    if let Some(unknown) = args.card.iter().find(|id| !jobs.iter().any(|(_, note, _, _)| note.id == **id)) {
        return Err(Error::user(format!("no card is called `{unknown}` in these files")));
    }
    let bar = app.bar(jobs.len(), "cards");
    let next = AtomicUsize::new(0);
    let results: Mutex<Vec<(usize, Result<Outcome>)>> = Mutex::new(Vec::new());
    let side_by_side = args.jobs.or_else(|| std::thread::available_parallelism().ok().map(Into::into)).unwrap_or(1);
    std::thread::scope(|scope| {
        for _ in 0..side_by_side.clamp(1, 64) {
            scope.spawn(|| {
                loop {
                    let index = next.fetch_add(1, Ordering::Relaxed);
                    let Some((_, _, face, source)) = jobs.get(index) else { break };
                    let outcome = prover.prove(face, source);
                    bar.inc(1);
                    if let Ok(mut results) = results.lock() {
                        results.push((index, outcome));
                    }
                }
            });
        }
    });
    let mut results = results.into_inner().unwrap_or_else(std::sync::PoisonError::into_inner);
    results.sort_by_key(|(index, _)| *index);
    // What failed beside others runs once more alone: only what fails then, too, is a fault of the card.
    let mut unsteady = Vec::new();
    for _ in 0..args.again {
        for (index, outcome) in &mut results {
            let Some((_, note, face, source)) = jobs.get(*index).filter(|_| outcome.as_ref().is_ok_and(failed)) else {
                continue;
            };
            *outcome = prover.prove(face, source);
            if !outcome.as_ref().is_ok_and(failed) {
                unsteady.push(note.id.clone());
            }
        }
    }
    bar.finish_and_clear();
    let mut tested = Vec::new();
    for ((_, outcome), (file, note, _, source)) in results.into_iter().zip(&jobs) {
        let (outcome, detail) = described(outcome?);
        let (card, system) = (note.id.clone(), note.system.clone());
        tested.push(Tested { file: (*file).clone(), line: source.line, card, system, outcome, detail });
    }
    let bad = tested.iter().any(|card| matches!(card.outcome, "refuted" | "toothless" | "timed out"));
    if args.json {
        app.print_json(&tested)?;
    } else {
        app.print(&tested_lines(&tested))?;
        if !unsteady.is_empty() {
            let text = format!("Proved only when run alone: {}", unsteady.join(", "));
            app.say(&[Line::of(Style::Warn, text)])?;
        }
        if !prover.cut_off() {
            app.say(&[Line::of(Style::Warn, "The network could not be cut off here: a check could reach it.")])?;
        }
    }
    Ok(if bad { ExitCode::from(Kind::Data.exit_code()) } else { ExitCode::SUCCESS })
}

fn failed(outcome: &Outcome) -> bool {
    matches!(outcome, Outcome::Refuted { .. } | Outcome::Toothless { .. } | Outcome::TimedOut { .. })
}

fn described(outcome: Outcome) -> (&'static str, String) {
    let with = |answer: String| if answer.is_empty() { "an empty answer".to_owned() } else { format!("`{answer}`") };
    match outcome {
        Outcome::Proved => ("proved", String::new()),
        Outcome::Unchecked => ("unchecked", String::new()),
        Outcome::Refuted { answer, output } => {
            ("refuted", format!("with {}: {}", with(answer), output.trim()).trim_end_matches(": ").to_owned())
        }
        Outcome::Toothless { answer } => ("toothless", format!("it passes with {} too", with(answer))),
        Outcome::TimedOut { answer } => ("timed out", format!("with {}", with(answer))),
        Outcome::Skipped { missing } => ("skipped", format!("missing here: {}", missing.join(", "))),
    }
}

const OUTCOMES: [&str; 6] = ["proved", "refuted", "toothless", "timed out", "skipped", "unchecked"];

fn tested_lines(tested: &[Tested]) -> Vec<Line> {
    let mut lines = Vec::new();
    let mut systems: BTreeMap<&str, [usize; OUTCOMES.len()]> = BTreeMap::new();
    let mut total = [0; OUTCOMES.len()];
    let mut missing: BTreeMap<&str, usize> = BTreeMap::new();
    for card in tested {
        let index = OUTCOMES.iter().position(|name| *name == card.outcome).unwrap_or(0);
        systems.entry(&card.system).or_default()[index] += 1;
        total[index] += 1;
        match card.outcome {
            "refuted" | "toothless" | "timed out" => {
                let place = format!("{}:{}: card `{}`: ", card.file, card.line, card.card);
                lines.push(
                    Line::plain(place).with(Style::Bad, card.outcome).with(Style::Plain, format!(": {}", card.detail)),
                );
            }
            "skipped" => *missing.entry(&card.detail).or_default() += 1,
            _ => {}
        }
    }
    lines.push(Line::of(
        Style::Faint,
        format!("{}{}", pad("system", 24), OUTCOMES.map(|name| format!("{name:>10}")).concat()),
    ));
    let row = |name: &str, counts: &[usize]| {
        let counts: String = counts
            .iter()
            .map(|count| if *count == 0 { format!("{:>10}", "·") } else { format!("{count:>10}") })
            .collect();
        format!("{}{counts}", pad(name, 24))
    };
    lines.extend(systems.iter().map(|(system, counts)| Line::plain(row(system, counts))));
    lines.push(Line::of(Style::Strong, row("all", &total)));
    lines.extend(missing.iter().map(|(what, cards)| Line::of(Style::Warn, format!("{cards} skipped, {what}"))));
    lines
}

fn remap(app: &mut App, deck: &str, area: Option<&str>, rules: &[String]) -> Result<()> {
    let mut store = app.open()?;
    let mut lines = Vec::new();
    if let Some(mapping) = import::mapping_from(app, area, rules)? {
        let moved = store.remap(deck, &mapping, |note| import::place(&app.map, &mapping, note))?;
        lines.push(Line::plain(format!("{moved} notes moved; their earlier answers stay where they were given.")));
    }
    let mapping = store.mapping(deck)?;
    let rules = mapping.rules.iter().map(|(pattern, place)| Line::plain(format!("  {pattern} → {place}")));
    lines.extend(rules);
    lines.extend(mapping.rest.iter().map(|place| Line::plain(format!("  all others → {place}"))));
    if mapping == Mapping::default() {
        lines.push(Line::plain("  the deck's notes are where its own text says"));
    }
    app.print(&lines)
}

fn diff(app: &mut App, deck: &str) -> Result<()> {
    let store = app.open()?;
    let mut lines = Vec::new();
    for (base, local) in store.edits(deck)? {
        lines.push(Line::of(Style::Strong, format!("{deck}/{}", base.id)));
        for (field, theirs, ours) in differences(&base, &local)? {
            lines.push(Line::of(Style::Faint, format!("  {field}")));
            lines.extend(theirs.lines().map(|line| Line::of(Style::Bad, format!("  - {line}"))));
            lines.extend(ours.lines().map(|line| Line::of(Style::Good, format!("  + {line}"))));
        }
    }
    if lines.is_empty() {
        lines.push(Line::plain("You edited nothing in this deck."));
    }
    app.print(&lines)
}

fn export(app: &App, key: &str, format: &str, output: Option<&Path>) -> Result<()> {
    let Some(store) = app.open_to_read()? else {
        return Err(Error::user(format!("there is no deck `{key}`: there is no database yet")));
    };
    let (deck, notes) = store.deck(key)?;
    let bytes = match format {
        "toml" => {
            let (text, problems) = deck::toml::write(key, &deck, &notes);
            app.say(&problems.iter().map(|problem| Line::of(Style::Warn, problem.to_string())).collect::<Vec<_>>())?;
            text.into_bytes()
        }
        "csv" => deck::csv_out::write(&notes).into_bytes(),
        "anki" => {
            if output.is_none() && app.environment.interactive {
                return Err(Error::user("a package is no text for a terminal").hint("name a file with --output"));
            }
            {
                let media = store.media_of(key)?.into_iter().map(|(name, content)| deck::Media { name, content });
                deck::anki::write::write(&deck, &notes, &media.collect::<Vec<_>>(), app.clock.now())?
            }
        }
        other => {
            return Err(Error::user(format!("`{other}` is not a format to write")).hint("there are toml, csv and anki"));
        }
    };
    // A file must read back as it was, so what is exported does not pass the gate for text; on a terminal it does.
    match output {
        Some(path) => write_file(path, &bytes),
        None if app.environment.interactive => app.print_text(&String::from_utf8_lossy(&bytes)),
        None => write_bytes(&bytes),
    }
}

/// Writes a file that is there wholly or not at all.
pub(super) fn write_file(path: &Path, bytes: &[u8]) -> Result<()> {
    use std::io::Write as _;
    let failed = |error| Error::user(format!("could not write {}", path.display())).because(error);
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let mut file = tempfile::NamedTempFile::new_in(folder).map_err(failed)?;
    file.write_all(bytes).and_then(|()| file.as_file().sync_all()).map_err(failed)?;
    file.persist(path).map(drop).map_err(|error| failed(error.error))
}
