//! The command line: one file a command. It reads the environment once, wires the rooms together and prints.

mod app;
mod args;
pub mod bundled;
mod card;
mod config;
mod deck;
mod doctor;
mod due;
mod environment;
mod forecast;
mod goal;
mod home;
mod import;
mod page;
mod quiz;
mod report;
mod share;
mod team;
mod tune;
mod undo;

use std::ffi::OsString;
use std::process::ExitCode;

use clap::Parser as _;
use clap::error::ErrorKind;

use self::app::App;
use self::args::{Args, Command};
use self::environment::Environment;
use crate::error::{Error, Kind, Result};
use crate::terminal::paint::Paint;
use crate::text::{Line, Style};
use crate::words::Words;

/// Runs the program with its arguments, the program's name first, and returns what the process ends with.
pub fn main(arguments: impl IntoIterator<Item = OsString>) -> ExitCode {
    let environment = Environment::read();
    let (out, err) = (environment.out, environment.err);
    let args = match Args::try_parse_from(arguments) {
        Ok(args) => args,
        Err(error) => return usage(&error, out, err),
    };
    match run(args, environment) {
        Ok(code) => code,
        // Whoever read the output had enough of it.
        Err(error) if error.is_closed_pipe() => ExitCode::SUCCESS,
        Err(error) => {
            explain(&error, err);
            ExitCode::from(error.kind.exit_code())
        }
    }
}

fn run(args: Args, environment: Environment) -> Result<ExitCode> {
    let words = language(args.lang.as_deref(), &environment)?;
    let mut app = App::new(environment, args.db, args.config, words)?;
    let done = |()| ExitCode::SUCCESS;
    match args.command {
        None => home::run(&app).map(done),
        Some(Command::Quiz(args)) => quiz::run(&mut app, args).map(done),
        Some(Command::Due(args)) => due::run(&app, &args).map(done),
        Some(Command::Report(args)) => report::run(&app, &args).map(done),
        Some(Command::Team(args)) => team::run(&app, &args).map(done),
        Some(Command::Goal(args)) => goal::run(&mut app, &args).map(done),
        Some(Command::Import(args)) => import::run(&mut app, &args),
        Some(Command::Deck(args)) => deck::run(&mut app, args),
        Some(Command::Card(args)) => card::run(&mut app, args).map(done),
        Some(Command::Undo(args)) => undo::run(&mut app, &args).map(done),
        Some(Command::Tune(args)) => tune::run(&mut app, &args).map(done),
        Some(Command::Doctor) => doctor::run(&app),
        Some(Command::Config(args)) => config_command(&app, args.template).map(done),
    }
}

/// The words of the language that was asked for, or that the environment's locale names; English where there are none,
/// with a sentence about it if it was asked for.
fn language(asked: Option<&str>, environment: &Environment) -> Result<Words> {
    let asked = asked.or(environment.language.as_deref());
    let Some(name) = asked.or(environment.locale.as_deref()) else { return Ok(Words::english()) };
    let found = Words::of(name);
    if found.is_none() && asked.is_some() {
        let known = Words::languages().collect::<Vec<_>>().join(", ");
        let told = format!("plugg does not speak `{name}` yet, so this is English; it speaks {known}.");
        app::write_err(&environment.err.lines(&[Line::of(Style::Warn, told)]))?;
    }
    Ok(found.unwrap_or_else(Words::english))
}

fn config_command(app: &App, template: bool) -> Result<()> {
    if template {
        return app.print_text(config::TEMPLATE);
    }
    let state = if app.config_path.exists() { "" } else { " (not there: the defaults hold)" };
    app.print(&[
        Line::plain(format!("configuration  {}{state}", app.config_path.display())),
        Line::plain(format!("database       {}", app.database.display())),
        Line::new(),
        Line::of(Style::Faint, "`plugg config --template` prints a file with every setting and its default."),
    ])
}

/// Prints clap's own words, through the gate: they can repeat an argument.
fn usage(error: &clap::Error, out: Paint, err: Paint) -> ExitCode {
    let help = matches!(error.kind(), ErrorKind::DisplayHelp | ErrorKind::DisplayVersion);
    let paint = if help { out } else { err };
    let text: String = error.render().to_string().lines().map(|line| paint.line(&Line::plain(line)) + "\n").collect();
    // Nothing is left to be told if this cannot be written.
    let _ = if help { app::write_out(&text) } else { app::write_err(&text) };
    if help { ExitCode::SUCCESS } else { ExitCode::from(Kind::User.exit_code()) }
}

fn explain(error: &Error, paint: Paint) {
    let mut lines = vec![Line::of(Style::Bad, "plugg: ").with(Style::Plain, error.to_string())];
    if let Some(hint) = &error.hint {
        lines.push(Line::of(Style::Faint, "hint:  ").with(Style::Plain, hint.clone()));
    }
    let _ = app::write_err(&paint.lines(&lines));
}
