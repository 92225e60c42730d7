//! The command line's words.

use std::path::PathBuf;

use clap::{Args as ClapArgs, Parser, Subcommand};

use crate::card::Level;

const EXAMPLES: &str = "\
Examples:
  plugg                         what is due, and the next step
  plugg quiz                    today's questions
  plugg quiz kubernetes --new 5 one system: what is due, and five new cards
  plugg quiz --minutes 10       ten minutes
  plugg report networking       what you know of one area
  plugg goal linux=expert       go deep in one area

Exit codes: 0 all went well; 1 a deck, a file or the database is at fault;
2 the call is at fault; 3 the machine or plugg is at fault; 4 a deck was taken
in, but some of its notes were left out.";

/// Keep your DevOps skills alive: ten minutes of questions a day, in the terminal.
#[derive(Debug, Parser)]
#[command(name = "plugg", version, after_help = EXAMPLES, max_term_width = 100, disable_help_subcommand = true)]
pub struct Args {
    /// The database, instead of PLUGG_DB or the platform's data folder
    #[arg(long, global = true, value_name = "FILE")]
    pub db: Option<PathBuf>,
    /// The configuration file, instead of PLUGG_CONFIG or the platform's folder
    #[arg(long, global = true, value_name = "FILE")]
    pub config: Option<PathBuf>,
    /// The language of the report and the quiz, like sv, instead of PLUGG_LANG or the locale
    #[arg(long, global = true, value_name = "LANGUAGE")]
    pub lang: Option<String>,
    #[command(subcommand)]
    pub command: Option<Command>,
}

/// What to do.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Answer today's questions
    Quiz(Quiz),
    /// Say how many cards are due, for a prompt or a status line
    Due(Due),
    /// Show what you know, area by area, and how sure that is
    Report(Report),
    /// Show who of a team holds what, from the files that its people shared
    Team(Team),
    /// Show or set how deep to go in each area
    Goal(Goal),
    /// Take decks in, or their next versions; progress is kept
    Import(Import),
    /// List, check, export or remove decks
    Deck(Deck),
    /// Find, show, edit, suspend or reset single cards
    Card(Card),
    /// Take the last answers back
    Undo(Undo),
    /// Fit the memory model behind predicted recall to your answers
    Tune(Tune),
    /// Check the database against its own log
    Doctor,
    /// Say where things are, and print a configuration file
    Config(Config),
}

#[derive(Debug, ClapArgs)]
#[command(after_help = "\
Examples:
  plugg quiz
  plugg quiz networking git --level foundation
  plugg quiz --cram --limit 20")]
pub struct Quiz {
    /// Areas or systems; all where none is named
    #[arg(value_name = "AREA")]
    pub areas: Vec<String>,
    /// Only this level; can be repeated, and stands in for the goal
    #[arg(long, value_name = "LEVEL", value_parser = level)]
    pub level: Vec<Level>,
    /// No further card after this many minutes
    #[arg(long, value_name = "MINUTES")]
    pub minutes: Option<u32>,
    /// At most this many cards, drills not counted
    #[arg(long, value_name = "CARDS")]
    pub limit: Option<usize>,
    /// This many new cards, whatever was set for a day
    #[arg(long, value_name = "CARDS")]
    pub new: Option<usize>,
    /// Go on with cards that are not due yet; that changes no schedule unless they fail
    #[arg(long)]
    pub cram: bool,
    /// Plain lines instead of single keys: for pipes and screen readers
    #[arg(long)]
    pub plain: bool,
}

#[derive(Debug, ClapArgs)]
#[command(after_help = "\
It takes a thousand answers. The fit is made on the earlier four fifths of them,
and kept only if it predicts the last fifth better than the weights in use.")]
pub struct Tune {
    /// Back to the weights that fit most people
    #[arg(long)]
    pub default: bool,
}

#[derive(Debug, ClapArgs)]
pub struct Due {
    /// Only the number, nothing at all where none is due
    #[arg(long, conflicts_with = "json")]
    pub short: bool,
    /// As JSON
    #[arg(long)]
    pub json: bool,
}

#[derive(Debug, ClapArgs)]
#[command(after_help = "\
Examples:
  plugg report                        every area, the last ninety days
  plugg report networking --explain   its systems and levels, and what the figures mean
  plugg report --as-of 2026-06-30     as it was then
  plugg report --csv > weeks.csv      a row an area and week")]
pub struct Report {
    /// An area, to see its systems
    pub area: Option<String>,
    /// Days that retention looks back
    #[arg(long, value_name = "DAYS", default_value_t = 90, value_parser = clap::value_parser!(u32).range(1..=36500))]
    pub days: u32,
    /// As it was at the end of a day in the past, like 2026-11-24
    #[arg(long, value_name = "DATE")]
    pub as_of: Option<String>,
    /// Count answers that were imported from other programs, too
    #[arg(long)]
    pub imported: bool,
    /// Say how each figure is defined, and how good the predictions were
    #[arg(long)]
    pub explain: bool,
    /// Show how many reviews the coming days and the year will bring
    #[arg(long, conflicts_with_all = ["area", "csv", "markdown"])]
    pub forecast: bool,
    /// The year as a heat map
    #[arg(long)]
    pub calendar: bool,
    /// As JSON, with every figure
    #[arg(long, group = "face")]
    pub json: bool,
    /// As CSV, a row an area and week of the last year
    #[arg(long, group = "face")]
    pub csv: bool,
    /// As Markdown
    #[arg(long, group = "face")]
    pub markdown: bool,
    /// As a page for the browser and for paper, with charts; - stands for standard output
    #[arg(long, value_name = "FILE", group = "face", conflicts_with_all = ["explain", "calendar", "forecast"])]
    pub html: Option<PathBuf>,
    /// Write the levels that you hold to a file for others; you see every line of it first, and say yes or no
    #[arg(long, value_name = "FILE", conflicts_with_all = ["explain", "calendar", "face"])]
    pub share: Option<PathBuf>,
    /// Your name, as the shared file is to say it
    #[arg(long, requires = "share")]
    pub name: Option<String>,
    /// Share retention too, where it rests on twenty answers or more
    #[arg(long, requires = "share")]
    pub with_retention: bool,
    /// Share without a question; the file is printed all the same
    #[arg(long, requires = "share")]
    pub yes: bool,
}

#[derive(Debug, ClapArgs)]
#[command(after_help = "\
Examples:
  plugg team anna.toml bo.toml
  plugg team shared/*.toml --html -o team.html

An area is at risk where fewer than two people hold --level or deeper. Averages are
told from five people up. The files come from `plugg report --share FILE`; of two
files of one person the newer counts.")]
pub struct Team {
    /// Files that people shared
    #[arg(required = true, value_name = "FILE")]
    pub files: Vec<PathBuf>,
    /// The level that counts for the bus factor
    #[arg(long, value_name = "LEVEL", value_parser = level, default_value = "practitioner")]
    pub level: Level,
    /// As JSON
    #[arg(long, group = "team_format")]
    pub json: bool,
    /// As CSV, a column a person
    #[arg(long, group = "team_format")]
    pub csv: bool,
    /// As one HTML page, to send or to print
    #[arg(long, group = "team_format")]
    pub html: bool,
    /// The file for JSON, CSV or HTML; standard output where none is named
    #[arg(long, short, value_name = "FILE", requires = "team_format")]
    pub output: Option<PathBuf>,
}

#[derive(Debug, ClapArgs)]
#[command(after_help = "\
Examples:
  plugg goal                              the goal, and how far you are
  plugg goal kubernetes=expert            an area by a system in it
  plugg goal cloud=practitioner cdn=none  deeper here, back to the base there
  plugg goal --base practitioner          the same depth everywhere")]
pub struct Goal {
    /// AREA=LEVEL; AREA=none goes back to the base
    #[arg(value_name = "AREA=LEVEL")]
    pub targets: Vec<String>,
    /// The level of all areas that have no target of their own
    #[arg(long, value_name = "LEVEL", value_parser = level)]
    pub base: Option<Level>,
    /// As JSON
    #[arg(long)]
    pub json: bool,
}

#[derive(Debug, ClapArgs)]
#[command(after_help = "\
Examples:
  plugg import decks/                       every deck in a folder
  plugg import aws.apkg --area cloud        an Anki deck, into one area
  plugg import all.apkg --map 'k8s::*=kubernetes' --map 'linux=linux'
  plugg import mine.colpkg --with-history   your own collection with its history")]
pub struct Import {
    /// Deck files, or folders of them
    #[arg(required = true, value_name = "PATH")]
    pub paths: Vec<PathBuf>,
    /// Say what would be done, and do nothing
    #[arg(long)]
    pub dry_run: bool,
    /// The format, where it is not told from the content: toml, anki, text, crowdanki, markdown
    #[arg(long, value_name = "FORMAT")]
    pub format: Option<String>,
    /// What separates the columns of a text file, where it is not found
    #[arg(long, value_name = "CHARACTER")]
    pub delimiter: Option<char>,
    /// Whether the first row of a text file names its columns, where that is not found
    #[arg(long, value_name = "true|false")]
    pub header: Option<bool>,
    /// Take the cells of a text file as Markdown, not as plain text
    #[arg(long)]
    pub markdown: bool,
    /// The deck's id, instead of its own: which deck this is the next version of
    #[arg(long, value_name = "ID")]
    pub deck: Option<String>,
    /// The area or system of notes that no --map matches; remembered for the deck's next version
    #[arg(long, value_name = "AREA")]
    pub area: Option<String>,
    /// The area or system of notes with a tag, or in a sub-deck, like 'aws::*=cloud'; can be repeated, remembered
    #[arg(long, value_name = "TAG=AREA")]
    pub map: Vec<String>,
    /// Take your own learning history too; of a shared deck it is the author's, and left out
    #[arg(long)]
    pub with_history: bool,
    /// Where you and the deck both changed a text, take the deck's
    #[arg(long, conflicts_with = "ours")]
    pub theirs: bool,
    /// Where you and the deck both changed a text, keep yours: the default
    #[arg(long)]
    pub ours: bool,
    /// Name every note, not only the first twenty of each kind
    #[arg(long)]
    pub verbose: bool,
    /// As JSON
    #[arg(long)]
    pub json: bool,
}

#[derive(Debug, ClapArgs)]
pub struct Deck {
    #[command(subcommand)]
    pub command: DeckCommand,
}

#[derive(Debug, Subcommand)]
pub enum DeckCommand {
    /// List the decks in the database
    List {
        /// As JSON
        #[arg(long)]
        json: bool,
        /// Count the bundled cards by area, system, level and proof
        #[arg(long)]
        coverage: bool,
    },
    /// Find faults in deck files
    Lint {
        /// Deck files, or folders of them; the bundled decks where none is named
        paths: Vec<PathBuf>,
        /// As JSON
        #[arg(long)]
        json: bool,
    },
    /// Prove the cards of deck files by running their checks
    Test(DeckTest),
    /// Write a deck out, as you see it: with your edits
    Export {
        /// The deck's id
        deck: String,
        /// toml, csv, or anki: a package that Anki imports
        #[arg(long, value_name = "FORMAT", default_value = "toml")]
        format: String,
        /// The file; standard output where none is named
        #[arg(long, short, value_name = "FILE")]
        output: Option<PathBuf>,
    },
    /// Show or change to which areas the notes of a deck belong; answers given before stay where they were
    Map {
        /// The deck's id
        deck: String,
        /// The area or system of notes that no --map matches
        #[arg(long, value_name = "AREA")]
        area: Option<String>,
        /// The area or system of notes with a tag, or in a sub-deck, like 'aws::*=cloud'; can be repeated
        #[arg(long, value_name = "TAG=AREA")]
        map: Vec<String>,
    },
    /// Show which texts of a deck you edited, beside the deck's own
    Diff {
        /// The deck's id
        deck: String,
    },
    /// Retire a deck: its cards are asked no more, their log stays
    Remove {
        /// The deck's id
        deck: String,
    },
}

#[derive(Debug, ClapArgs)]
#[command(after_help = "\
A check runs code of the deck, in a folder of its own, without network where the
system lets it be cut off. Run only checks of decks that you would run as scripts.")]
pub struct DeckTest {
    /// Deck files, or folders of them
    #[arg(required = true, value_name = "PATH")]
    pub paths: Vec<PathBuf>,
    /// Only this card; can be repeated
    #[arg(long, value_name = "ID")]
    pub card: Vec<String>,
    /// Checks side by side; as many as the machine has processors where not given
    #[arg(long)]
    pub jobs: Option<usize>,
    /// Seconds that one run may take
    #[arg(long, default_value_t = 30, value_parser = clap::value_parser!(u64).range(1..=3600))]
    pub seconds: u64,
    /// Run what failed again, alone, up to this many times: on a busy machine times and races lie
    #[arg(long, value_name = "TIMES", default_value_t = 1)]
    pub again: u32,
    /// As JSON
    #[arg(long)]
    pub json: bool,
}

#[derive(Debug, ClapArgs)]
pub struct Card {
    #[command(subcommand)]
    pub command: CardCommand,
}

#[derive(Debug, Subcommand)]
pub enum CardCommand {
    /// Find cards by words in their text
    Find {
        /// What to look for
        #[arg(required = true)]
        words: Vec<String>,
    },
    /// Show a card with its history
    Show {
        /// DECK/NOTE, as `card find` prints it
        card: String,
    },
    /// Edit a card's text in your editor; its progress and your text outlive the deck's next version
    Edit {
        /// DECK/NOTE
        card: String,
    },
    /// Put a card aside
    Suspend {
        /// DECK/NOTE
        card: String,
    },
    /// Take a suspended card up again
    Resume {
        /// DECK/NOTE
        card: String,
    },
    /// Learn a card anew; its earlier answers stay in the log
    Reset {
        /// DECK/NOTE
        card: String,
    },
}

#[derive(Debug, ClapArgs)]
pub struct Undo {
    /// How many answers
    #[arg(default_value_t = 1, value_parser = clap::value_parser!(u32).range(1..=1000))]
    pub answers: u32,
}

#[derive(Debug, ClapArgs)]
pub struct Config {
    /// Print a configuration file with every setting and its default
    #[arg(long)]
    pub template: bool,
}

fn level(name: &str) -> Result<Level, String> {
    Level::parse(name).map_err(|error| format!("{error}; {}", error.hint.as_deref().unwrap_or_default()))
}
