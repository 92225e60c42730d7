//! `plugg import`: takes decks of any format in, and says exactly what that did.

use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet, HashSet};
use std::fs::File;
use std::io::Read as _;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use serde::Serialize;

use super::app::App;
use super::args;
use crate::card::{Deck, Note};
use crate::day::Moment;
use crate::deck::{self, Problem, Reading, Severity, anki};
use crate::error::{Error, Kind, Result};
use crate::skill::{Mapping, SkillMap, UNSORTED};
use crate::store::{Change, Merge, Merged, Origin, Stamp, Store, Taking};
use crate::text::{Line, Style, cut};

/// Notes of one kind named before the rest is only counted.
const NAMED: usize = 20;
/// The cause of a refusal is not longer than this, in columns.
const LONGEST_CAUSE: usize = 300;
/// Tags and folders that are looked at for what they suggest.
const GUESSED: usize = 1000;
/// The exit code when a deck was taken in, but some of its notes were left out.
const PARTLY: u8 = 4;

/// What became of one file.
#[derive(Debug, Default, Serialize)]
struct Report {
    /// The file.
    file: String,
    /// The deck's id; empty where the file was refused.
    deck: String,
    /// Its title.
    title: String,
    /// Notes by what was done with them.
    notes: BTreeMap<&'static str, Vec<Told>>,
    /// Notes that stayed as they were.
    unchanged: usize,
    /// Cards that the deck has now.
    cards: usize,
    /// Pictures and sounds that came with it.
    media: usize,
    /// Answers of another program that were added to the log.
    reviews: usize,
    /// Answers of another program that the log had.
    reviews_known: usize,
    /// Cards put aside as they were in another program.
    suspended: usize,
    /// Cards by the area that they came to.
    areas: BTreeMap<String, usize>,
    /// Places that the tags and folders of unsorted notes suggest, by tag or folder.
    suggested: BTreeMap<String, String>,
    /// What was left out, or why the file was refused.
    problems: Vec<Problem>,
    /// Whether the file was refused as a whole.
    refused: bool,
}

/// One note in the report.
#[derive(Debug, Serialize)]
struct Told {
    id: String,
    title: String,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    fields: Vec<String>,
}

pub fn run(app: &mut App, args: &args::Import) -> Result<ExitCode> {
    let given = given_mapping(app, args)?;
    let format = args.format.as_deref().map(deck::Format::parse).transpose()?;
    let files = files(&args.paths)?;
    if args.deck.is_some() && files.len() > 1 {
        return Err(Error::user("--deck names one deck, and these are several files"));
    }
    let mut store = app.open()?;
    let mut reports = Vec::new();
    for path in &files {
        reports.push(one(app, &mut store, path, format, args, given.as_ref())?);
    }
    if args.json {
        app.print_json(&reports)?;
    } else {
        for report in &reports {
            app.print(&told(app, report, args))?;
        }
        if args.dry_run {
            app.say(&[Line::of(Style::Warn, "Dry run: nothing was changed.")])?;
        }
    }
    Ok(if reports.iter().any(|report| report.refused) {
        ExitCode::from(Kind::Data.exit_code())
    } else if reports.iter().any(|report| report.problems.iter().any(|problem| problem.severity == Severity::Error)) {
        ExitCode::from(PARTLY)
    } else {
        ExitCode::SUCCESS
    })
}

/// Where the notes of a foreign deck belong, as far as the call says.
pub fn mapping_from(app: &App, area: Option<&str>, rules: &[String]) -> Result<Option<Mapping>> {
    let rules: Vec<(String, String)> = rules.iter().map(|rule| Mapping::parse_rule(rule)).collect::<Result<_>>()?;
    let places: Vec<String> =
        area.map(str::to_owned).into_iter().chain(rules.iter().map(|(_, place)| place.clone())).collect();
    app.check_places(&places)?;
    let mapping = Mapping { rest: area.map(str::to_owned), rules };
    Ok((mapping != Mapping::default()).then_some(mapping))
}

fn given_mapping(app: &App, args: &args::Import) -> Result<Option<Mapping>> {
    mapping_from(app, args.area.as_deref(), &args.map)
}

/// The area and system of a note of a foreign deck: where the mapping says, else where its format said.
pub fn place(map: &SkillMap, mapping: &Mapping, note: &Note) -> (String, String) {
    let place = mapping.place(&note.tags, &note.folder).and_then(|id| map.scope_of(id));
    match place {
        Some((area, system)) => (area.to_owned(), system.to_owned()),
        None => (note.area.clone(), note.system.clone()),
    }
}

fn one(
    app: &mut App,
    store: &mut Store,
    path: &Path,
    format: Option<deck::Format>,
    args: &args::Import,
    given: Option<&Mapping>,
) -> Result<Report> {
    let name = path.display().to_string();
    let gone = |error| Error::user(format!("could not read {name}")).because(error);
    let mut head = Vec::new();
    let mut file = File::open(path).map_err(gone)?;
    file.by_ref().take(deck::HEAD as u64).read_to_end(&mut head).map_err(gone)?;
    let refused = |problems| Ok(Report { file: name.clone(), problems, refused: true, ..Report::default() });
    let Some(format) = format.or_else(|| deck::detect(&name, &head)) else {
        let hint = "it is none of: TOML, Anki package, CSV or TSV, CrowdAnki, Markdown; --format names one";
        return refused(vec![problem(&name, "the format is not known", hint)]);
    };
    let at = app.clock.now();
    let merge = Merge {
        origin: Origin::Path(name.clone()),
        stamp: Stamp { at, day: at.study_day(app.config.rollover_hour) },
        theirs: args.theirs && !args.ours,
        dry_run: args.dry_run,
    };
    // All formats but packages are small enough to be read as a whole, before the database is touched.
    let mut reading = match format {
        deck::Format::Anki => None,
        _ => match read_whole(app, path, &name, format, args) {
            Ok(reading) => Some(reading),
            Err(error) if error.kind == Kind::Data => return refused(Refusal::unwrap(&name, error)),
            Err(error) => return Err(error),
        },
    };
    if let Some(reading) = reading.as_mut().filter(|reading| reading.derived_ids) {
        let deck = args.deck.as_deref().unwrap_or(&reading.deck.id);
        store.recognise(deck, &mut reading.notes)?;
    }
    let bar = app.bar_of_unknown_length("notes");
    let desk = RefCell::new(Desk {
        map: &app.map,
        given,
        id: args.deck.as_deref(),
        mapping: Mapping::default(),
        guessed: HashSet::new(),
        report: Report::default(),
    });
    let rollover = app.config.rollover_hour;
    let stamp_of = |unix_ms: i64| {
        let at = Moment { unix_ms, offset_minutes: at.offset_minutes };
        Stamp { at, day: at.study_day(rollover) }
    };
    let taken = store.take_in(&merge, &mut app.random, |taking| {
        let mut take = |part: Part<'_>| desk.borrow_mut().take(taking, part, &stamp_of, &bar);
        match format {
            deck::Format::Anki => {
                let file = File::open(path).map_err(gone)?;
                let wishes = anki::Wishes { history: args.with_history };
                let rest = anki::stream(&name, file, &wishes, |item| match item {
                    anki::Item::Deck(deck) => take(Part::Deck(&deck)),
                    anki::Item::Note(note) => take(Part::Note(note)),
                    anki::Item::Review(review) => take(Part::Review(&review)),
                    anki::Item::Media(media) => take(Part::Media(&media)),
                })?;
                take(Part::Rest(rest, args.with_history))
            }
            _ => whole(reading.take().unwrap_or_default(), &mut take),
        }
    });
    bar.finish_and_clear();
    match taken {
        Ok((merged, ())) => Ok(desk.into_inner().finished(name, &merged)),
        // A fault of the file refuses the file; one of the machine or of the database ends the call.
        Err(error) if error.kind == Kind::Data => refused(Refusal::unwrap(&name, error)),
        Err(error) => Err(error),
    }
}

/// Reads a file of any format but packages, and the media that lie beside it.
fn read_whole(app: &App, path: &Path, name: &str, format: deck::Format, args: &args::Import) -> Result<Reading> {
    let bytes = read(path)?;
    let mut reading = match format {
        deck::Format::Toml => match deck::toml::read(name, &bytes, &app.map) {
            Ok(read) => read.reading,
            Err(problems) => return Err(Refusal::wrap(problems)),
        },
        deck::Format::CrowdAnki => deck::crowdanki::read(name, &bytes)?,
        deck::Format::Markdown => deck::markdown::read(name, &bytes)?,
        deck::Format::Text => {
            let html = |text: &str| deck::html::markdown(text, &mut BTreeSet::new());
            let options = deck::text::Options {
                delimiter: args.delimiter,
                header: args.header,
                markdown: args.markdown,
                html: &html,
            };
            deck::text::read(name, &bytes, &options)?
        }
        deck::Format::Anki => return Err(Error::internal("a package is not read as a whole")),
    };
    let folder = path.parent().unwrap_or(Path::new("."));
    // A link could lead to what is no picture of the deck's, and come out again with the next export.
    let own = |place: &Path| std::fs::symlink_metadata(place).is_ok_and(|found| !found.is_symlink());
    let folders = [Some(folder.join("media")).filter(|media| own(media)), Some(folder.to_owned())];
    let mut left = MEDIA;
    for name in std::mem::take(&mut reading.media_beside) {
        // A name of the deck is looked up only where it is a name and no path.
        let Some(plain) = deck::html::media_name(&name) else { continue };
        let mut places = folders.iter().flatten().map(|folder| folder.join(&plain));
        let found = places.find(|place| place.is_file() && own(place));
        if let Some(content) = found.and_then(|place| read(&place).ok()).filter(|content| content.len() <= left) {
            left -= content.len();
            reading.media.push(deck::Media { name: plain, content });
        }
    }
    Ok(reading)
}

/// Hands over a deck that was read as a whole.
fn whole(reading: Reading, take: &mut impl FnMut(Part<'_>) -> Result<()>) -> Result<()> {
    take(Part::Deck(&reading.deck))?;
    reading.notes.into_iter().try_for_each(|note| take(Part::Note(note)))?;
    reading.reviews.iter().try_for_each(|review| take(Part::Review(review)))?;
    reading.media.iter().try_for_each(|media| take(Part::Media(media)))?;
    let rest = Reading { problems: reading.problems, suspended: reading.suspended, ..Reading::default() };
    take(Part::Rest(rest, true))
}

/// A part of a deck on its way from its format to the store.
enum Part<'a> {
    Deck(&'a Deck),
    Note(Note),
    Review(&'a deck::PastReview),
    Media(&'a deck::Media),
    /// What is left at the end, and whether its suspended cards are the learner's own.
    Rest(Reading, bool),
}

/// Where a deck's parts are placed and counted on their way.
struct Desk<'a> {
    map: &'a SkillMap,
    given: Option<&'a Mapping>,
    id: Option<&'a str>,
    mapping: Mapping,
    /// Tags and folders of unsorted notes so far.
    guessed: HashSet<String>,
    report: Report,
}

impl Desk<'_> {
    fn take(
        &mut self,
        taking: &mut Taking<'_>,
        part: Part<'_>,
        stamp_of: &dyn Fn(i64) -> Stamp,
        bar: &indicatif::ProgressBar,
    ) -> Result<()> {
        match part {
            Part::Deck(deck) => {
                let deck = Deck { id: self.id.unwrap_or(&deck.id).to_owned(), ..deck.clone() };
                taking.deck(&deck)?;
                self.mapping = match self.given {
                    Some(given) => {
                        taking.keep_mapping(given)?;
                        given.clone()
                    }
                    None => taking.mapping()?,
                };
                (self.report.deck, self.report.title) = (deck.id, deck.title);
            }
            Part::Note(mut note) => {
                (note.area, note.system) = place(self.map, &self.mapping, &note);
                if note.area == UNSORTED {
                    self.suggest(&note);
                }
                *self.report.areas.entry(note.area.clone()).or_default() += note.faces.len();
                taking.note(&note)?;
                bar.inc(1);
            }
            Part::Review(review) => {
                let stamp = stamp_of(review.unix_ms);
                taking.review(&review.note, review.ordinal, stamp, review.grade, review.took_ms)?;
            }
            Part::Media(media) => taking.media(&media.name, &media.content)?,
            Part::Rest(rest, own) => {
                if own {
                    rest.suspended.iter().try_for_each(|(note, ordinal)| taking.suspend(note, *ordinal))?;
                }
                self.report.problems = rest.problems;
            }
        }
        Ok(())
    }

    fn suggest(&mut self, note: &Note) {
        for name in note.tags.iter().chain(std::iter::once(&note.folder)) {
            if self.report.suggested.len() < NAMED
                && self.guessed.len() < GUESSED
                && !self.guessed.contains(name)
                && self.guessed.insert(name.clone())
                && let Some(place) = self.map.guess(name)
            {
                self.report.suggested.insert(name.clone(), place.to_owned());
            }
        }
    }

    fn finished(self, file: String, merged: &Merged) -> Report {
        let mut notes: BTreeMap<&'static str, Vec<Told>> = BTreeMap::new();
        for changed in &merged.changes {
            let (kind, fields) = match &changed.change {
                Change::Added => ("added", Vec::new()),
                Change::Updated(fields) => ("updated", fields.clone()),
                Change::Conflicting(fields) => ("conflicting", fields.clone()),
                Change::Retired => ("retired", Vec::new()),
                Change::Revived => ("revived", Vec::new()),
                Change::Reset => ("learnt anew", Vec::new()),
            };
            let told = Told { id: changed.id.clone(), title: changed.title.clone(), fields };
            notes.entry(kind).or_default().push(told);
        }
        Report {
            file,
            notes,
            unchanged: merged.unchanged,
            cards: merged.cards,
            media: merged.media,
            reviews: merged.reviews,
            reviews_known: merged.reviews_known,
            suspended: merged.suspended,
            ..self.report
        }
    }
}

/// A refusal with all its faults, on its way through an error.
#[derive(Debug)]
struct Refusal(Vec<Problem>);

impl std::fmt::Display for Refusal {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} faults", self.0.len())
    }
}

impl std::error::Error for Refusal {}

impl Refusal {
    fn wrap(problems: Vec<Problem>) -> Error {
        Error::data("the deck is not valid").because(Refusal(problems))
    }

    fn unwrap(file: &str, error: Error) -> Vec<Problem> {
        match error.source.map(|source| source.downcast::<Refusal>()) {
            Some(Ok(refusal)) => refusal.0,
            // A library's words may repeat the whole text that it did not expect.
            Some(Err(source)) => {
                let cause = cut(&source.to_string(), LONGEST_CAUSE);
                vec![problem(file, &format!("{}: {cause}", error.message), "")]
            }
            None => vec![problem(file, &error.message, error.hint.as_deref().unwrap_or_default())],
        }
    }
}

fn problem(file: &str, message: &str, hint: &str) -> Problem {
    // A reader's own words name the file already.
    let message = message.strip_prefix(file).map_or(message, |rest| rest.trim_start_matches([':', ' ']));
    Problem {
        file: file.to_owned(),
        line: None,
        card: None,
        severity: Severity::Error,
        rule: "",
        message: message.to_owned(),
        hint: hint.to_owned(),
    }
}

fn told(app: &App, report: &Report, args: &args::Import) -> Vec<Line> {
    let mut lines = Vec::new();
    if report.refused {
        lines.push(Line::of(Style::Bad, format!("{}: refused; nothing was changed", report.file)));
    } else {
        lines.push(headline(report));
        for (kind, notes) in &report.notes {
            let most = if args.verbose { notes.len() } else { NAMED };
            let style = if *kind == "conflicting" { Style::Warn } else { Style::Faint };
            for note in notes.iter().take(most) {
                let fields =
                    if note.fields.is_empty() { String::new() } else { format!(" ({})", note.fields.join(", ")) };
                let text = format!("  {kind:<12} {}{fields}  {}", note.id, note.title);
                lines.push(Line::of(style, cut(&text, app.width())));
            }
            if notes.len() > most {
                let more = notes.len() - most;
                lines.push(Line::of(style, format!("  {kind:<12} and {more} more (--verbose names them)")));
            }
        }
        lines.extend(placed(app, report));
    }
    let most = if args.verbose { report.problems.len() } else { NAMED };
    lines.extend(report.problems.iter().take(most).map(|problem| Line::of(Style::Warn, format!("  {problem}"))));
    if report.problems.len() > most {
        lines
            .push(Line::of(Style::Warn, format!("  and {} more (--verbose names them)", report.problems.len() - most)));
    }
    lines
}

fn headline(report: &Report) -> Line {
    let mut parts: Vec<String> = report.notes.iter().map(|(kind, notes)| format!("{} {kind}", notes.len())).collect();
    parts.push(format!("{} unchanged", report.unchanged));
    for (count, what) in [
        (report.media, "media"),
        (report.reviews, "answers added"),
        (report.reviews_known, "answers known"),
        (report.suspended, "suspended"),
        (report.problems.len(), if report.problems.len() == 1 { "problem" } else { "problems" }),
    ] {
        if count > 0 {
            parts.push(format!("{count} {what}"));
        }
    }
    Line::plain(format!("{}: deck ", report.file))
        .with(Style::Strong, report.deck.clone())
        .with(Style::Plain, format!(", {} cards: {}", report.cards, parts.join(", ")))
}

/// Where the cards of a foreign deck came to, and what its tags suggest for the others.
fn placed(app: &App, report: &Report) -> Vec<Line> {
    let unsorted = report.areas.get(UNSORTED).copied().unwrap_or(0);
    if unsorted == 0 {
        return Vec::new();
    }
    let mut lines = Vec::new();
    let areas: Vec<String> =
        report.areas.iter().map(|(area, cards)| format!("{} {cards}", app.map.area_title(area))).collect();
    lines.push(Line::plain(format!("  areas        {}", areas.join(", "))));
    if report.suggested.is_empty() {
        lines.push(Line::of(
            Style::Accent,
            format!("  `plugg deck map {} --area AREA` gives the unsorted an area", report.deck),
        ));
    } else {
        let rules: Vec<String> =
            report.suggested.iter().map(|(name, place)| format!("--map '{name}={place}'")).collect();
        lines.push(Line::of(
            Style::Accent,
            format!("  suggested    plugg deck map {} {}", report.deck, rules.join(" ")),
        ));
    }
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
    let mut seen = BTreeSet::new();
    files.retain(|file| seen.insert(file.clone()));
    Ok(files)
}

/// Folders deeper than this hold no decks of anyone.
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
            // A link could lead anywhere, and back.
            if !entry.is_symlink() {
                below(&entry, found, depth + 1)?;
            }
        } else if is_deck(&entry) && entry.is_file() {
            found.push(entry);
        }
    }
    Ok(())
}

/// Within a folder only what looks like a deck is taken: the skill map beside the bundled decks is none.
fn is_deck(path: &Path) -> bool {
    let named = |names: &[&str]| {
        let extension = path.extension().and_then(|extension| extension.to_str()).unwrap_or_default();
        names.contains(&extension.to_ascii_lowercase().as_str())
    };
    named(&["toml", "apkg", "colpkg", "csv", "tsv", "md"]) && path.file_name().is_some_and(|name| name != "areas.toml")
        || path.file_name().is_some_and(|name| name == "deck.json")
}

/// The largest text file that is read: bytes.
const LARGEST: u64 = 64 << 20;
/// All media beside a deck: bytes.
const MEDIA: usize = 512 << 20;

/// Reads a text file that a user named.
pub fn read(path: &Path) -> Result<Vec<u8>> {
    let gone = |error| Error::user(format!("could not read {}", path.display())).because(error);
    let length = std::fs::metadata(path).map_err(gone)?.len();
    if length > LARGEST {
        return Err(Error::data(format!("{} is {} MiB; a deck of text has at most 64", path.display(), length >> 20)));
    }
    std::fs::read(path).map_err(gone)
}
