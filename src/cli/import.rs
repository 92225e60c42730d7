//! `plugg import`: takes decks in, and says exactly what that did.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use serde::Serialize;

use super::app::App;
use super::args;
use crate::deck::{self, Problem};
use crate::error::{Error, Kind, Result};
use crate::store::{Change, Merge, Merged, Origin, Stamp};
use crate::text::{Line, Style};

/// Notes of one kind named before the rest is only counted.
const NAMED: usize = 20;

/// What became of one file.
#[derive(Debug, Default, Serialize)]
struct Report {
    /// The file.
    file: String,
    /// The deck's id; empty where the file was refused.
    deck: String,
    /// Notes by what was done with them.
    notes: BTreeMap<&'static str, Vec<String>>,
    /// Notes that stayed as they were.
    unchanged: usize,
    /// Cards that the deck has now.
    cards: usize,
    /// What was left out, or why the file was refused.
    problems: Vec<Problem>,
    /// Whether the file was refused as a whole.
    refused: bool,
}

pub fn run(app: &mut App, args: &args::Import) -> Result<ExitCode> {
    let files = files(&args.paths)?;
    let mut store = app.open()?;
    let bar = app.bar(files.len(), "files");
    let mut reports = Vec::new();
    for path in &files {
        let name = path.display().to_string();
        let bytes = read(path)?;
        let report = match deck::toml::read(&name, &bytes, &app.map) {
            Err(problems) => Report { file: name, problems, refused: true, ..Report::default() },
            Ok(read) => {
                let reading = read.reading;
                let at = app.clock.now();
                let merge = Merge {
                    origin: Origin::Path(name.clone()),
                    stamp: Stamp { at, day: at.study_day(app.config.rollover_hour) },
                    theirs: args.theirs && !args.ours,
                    dry_run: args.dry_run,
                };
                let merged = store.merge(&merge, &reading.deck, &reading.notes, &mut app.random)?;
                report(name, &reading.deck.id, &merged, reading.problems)
            }
        };
        reports.push(report);
        bar.inc(1);
    }
    bar.finish_and_clear();
    if args.json {
        app.print_json(&reports)?;
    } else {
        for report in &reports {
            app.print(&told(report, args))?;
        }
    }
    let refused = reports.iter().any(|report| report.refused);
    Ok(if refused { ExitCode::from(Kind::Data.exit_code()) } else { ExitCode::SUCCESS })
}

fn report(file: String, deck: &str, merged: &Merged, problems: Vec<Problem>) -> Report {
    let mut notes: BTreeMap<&'static str, Vec<String>> = BTreeMap::new();
    for (id, change) in &merged.changes {
        let (kind, text) = match change {
            Change::Added => ("added", id.clone()),
            Change::Updated(fields) => ("updated", format!("{id}: {}", fields.join(", "))),
            Change::Conflicting(fields) => ("conflicting", format!("{id}: {}", fields.join(", "))),
            Change::Retired => ("retired", id.clone()),
            Change::Revived => ("revived", id.clone()),
            Change::Reset => ("learnt anew", id.clone()),
        };
        notes.entry(kind).or_default().push(text);
    }
    let (unchanged, cards) = (merged.unchanged, merged.cards);
    Report { file, deck: deck.to_owned(), notes, unchanged, cards, problems, refused: false }
}

fn told(report: &Report, args: &args::Import) -> Vec<Line> {
    let mut lines = Vec::new();
    if report.refused {
        lines.push(Line::of(Style::Bad, format!("{}: refused; nothing was changed", report.file)));
    } else {
        let would = if args.dry_run { "would be " } else { "" };
        let mut parts: Vec<String> =
            report.notes.iter().map(|(kind, notes)| format!("{} {would}{kind}", notes.len())).collect();
        parts.push(format!("{} unchanged", report.unchanged));
        lines.push(
            Line::plain(format!("{}: deck ", report.file))
                .with(Style::Strong, report.deck.clone())
                .with(Style::Plain, format!(", {} cards: {}", report.cards, parts.join(", "))),
        );
        for (kind, notes) in &report.notes {
            let most = if args.verbose { notes.len() } else { NAMED };
            let style = if *kind == "conflicting" { Style::Warn } else { Style::Faint };
            lines.extend(notes.iter().take(most).map(|note| Line::of(style, format!("  {kind:<12} {note}"))));
            if notes.len() > most {
                lines.push(Line::of(
                    style,
                    format!("  {kind:<12} and {} more (--verbose names them)", notes.len() - most),
                ));
            }
        }
    }
    lines.extend(report.problems.iter().map(|problem| Line::of(Style::Warn, format!("  {problem}"))));
    lines
}

/// The files that paths name: files as they are, folders with the decks in them, by name.
pub fn files(paths: &[PathBuf]) -> Result<Vec<PathBuf>> {
    let mut files = Vec::new();
    for path in paths {
        let gone = |error| Error::user(format!("could not read {}", path.display())).because(error);
        if std::fs::metadata(path).map_err(gone)?.is_dir() {
            let mut found = Vec::new();
            below(path, &mut found, 0)?;
            if found.is_empty() {
                return Err(Error::user(format!("{} holds no decks", path.display())));
            }
            files.extend(found);
        } else {
            files.push(path.clone());
        }
    }
    Ok(files)
}

/// Folders deeper than this hold no decks of anyone; links in a circle end here too.
const DEEPEST: usize = 8;

fn below(folder: &Path, found: &mut Vec<PathBuf>, depth: usize) -> Result<()> {
    if depth > DEEPEST {
        return Ok(());
    }
    let gone = |error| Error::user(format!("could not read {}", folder.display())).because(error);
    let mut entries: Vec<PathBuf> = std::fs::read_dir(folder)
        .and_then(|entries| entries.map(|entry| entry.map(|entry| entry.path())).collect())
        .map_err(gone)?;
    entries.sort();
    for entry in entries {
        if entry.is_dir() {
            below(&entry, found, depth + 1)?;
        } else if is_deck(&entry) {
            found.push(entry);
        }
    }
    Ok(())
}

/// Within a folder only what looks like a deck is taken: the skill map beside the bundled decks is none.
fn is_deck(path: &Path) -> bool {
    path.extension().is_some_and(|extension| extension == "toml")
        && path.file_name().is_some_and(|name| name != "areas.toml")
}

/// The largest file that is read: bytes.
const LARGEST: u64 = 64 << 20;

/// Reads a file that a user named.
pub fn read(path: &Path) -> Result<Vec<u8>> {
    let gone = |error| Error::user(format!("could not read {}", path.display())).because(error);
    let length = std::fs::metadata(path).map_err(gone)?.len();
    if length > LARGEST {
        return Err(Error::data(format!("{} is {} MiB; a deck has at most 64", path.display(), length >> 20)));
    }
    std::fs::read(path).map_err(gone)
}
