//! Everything that the process is told from outside, read once: variables, streams, places.

use std::ffi::OsString;
use std::io::IsTerminal as _;
use std::path::PathBuf;

use etcetera::{AppStrategy as _, AppStrategyArgs, choose_app_strategy};

use crate::day::{Clock, Moment, SteppedClock, SystemClock};
use crate::error::{Error, Result};
use crate::terminal::opener;
use crate::terminal::paint::Paint;
use crate::terminal::pictures::{self, Protocol};

/// What the process was told.
#[derive(Debug, Clone)]
pub struct Environment {
    /// `PLUGG_DB`.
    pub database: Option<PathBuf>,
    /// `PLUGG_CONFIG`.
    pub config: Option<PathBuf>,
    /// `PLUGG_LANG`: the language that was asked for.
    pub language: Option<String>,
    /// The locale of messages: `LC_ALL`, `LC_MESSAGES` or `LANG`.
    pub locale: Option<String>,
    /// `COLUMNS`, or the width of the terminal.
    pub columns: Option<usize>,
    /// Whether the width was set by `COLUMNS` and stays.
    pub fixed_columns: bool,
    /// The search path for commands.
    pub path: OsString,
    /// Where temporary folders are made.
    pub scratch: PathBuf,
    /// How standard output is painted.
    pub out: Paint,
    /// How standard error is painted.
    pub err: Paint,
    /// Whether a person sits at standard input and output.
    pub interactive: bool,
    /// How the terminal takes pictures, as far as it is known; `None` too where no colours are wanted.
    pub pictures: Option<Protocol>,
    /// Whether there is a desktop on which a program could show something.
    pub desktop: bool,
    /// Whether standard error is a terminal.
    pub talkative: bool,
    /// `PLUGG_TEST_CLOCK`: a moment, a comma, and milliseconds by which each look at the clock moves it.
    clock: Option<String>,
    /// `PLUGG_TEST_SEED`: what chance begins with.
    seed: Option<String>,
}

impl Environment {
    /// Reads it.
    #[expect(clippy::disallowed_methods, reason = "this is the one place that reads the environment")]
    pub fn read() -> Environment {
        let text = |name: &str| std::env::var(name).ok().filter(|value| !value.is_empty());
        let place = |name: &str| std::env::var_os(name).filter(|value| !value.is_empty()).map(PathBuf::from);
        let dumb = text("TERM").is_some_and(|term| term == "dumb");
        let colours = |terminal: bool| {
            text("NO_COLOR").is_none()
                && !dumb
                && (terminal || text("CLICOLOR_FORCE").is_some_and(|force| force != "0"))
        };
        let locale = text("LC_ALL").or_else(|| text("LC_CTYPE")).or_else(|| text("LANG")).unwrap_or_default();
        let locale = locale.to_ascii_lowercase();
        // A locale that says nothing of its encoding, like C, promises no more than ASCII.
        let ascii = cfg!(unix) && !locale.contains("utf-8") && !locale.contains("utf8");
        let (input, out, err) =
            (std::io::stdin().is_terminal(), std::io::stdout().is_terminal(), std::io::stderr().is_terminal());
        let fixed = text("COLUMNS").and_then(|columns| columns.parse().ok()).filter(|columns| *columns > 0);
        let columns = fixed.or_else(|| console::Term::stdout().size_checked().map(|(_, columns)| usize::from(columns)));
        Environment {
            database: place("PLUGG_DB"),
            config: place("PLUGG_CONFIG"),
            language: text("PLUGG_LANG"),
            locale: text("LC_ALL").or_else(|| text("LC_MESSAGES")).or_else(|| text("LANG")),
            columns,
            fixed_columns: fixed.is_some(),
            path: std::env::var_os("PATH").unwrap_or_default(),
            scratch: std::env::temp_dir(),
            out: Paint { colours: colours(out), ascii },
            err: Paint { colours: colours(err), ascii },
            interactive: input && out && !dumb,
            pictures: pictures::protocol(text).filter(|_| colours(out)),
            desktop: opener::has_desktop(text),
            talkative: err,
            clock: text("PLUGG_TEST_CLOCK"),
            seed: text("PLUGG_TEST_SEED"),
        }
    }

    /// The clock: the machine's, unless a test set one.
    ///
    /// # Errors
    /// When the test's clock cannot be read.
    pub fn clock(&self) -> Result<Box<dyn Clock>> {
        let Some(text) = &self.clock else { return Ok(Box::new(SystemClock)) };
        let (start, step) = text.split_once(',').unwrap_or((text, "0"));
        let step = step.parse().map_err(|_| Error::user(format!("PLUGG_TEST_CLOCK has the step `{step}`")))?;
        Ok(Box::new(SteppedClock::new(Moment::parse(start)?, step)))
    }

    /// The seed of chance: the machine's entropy, unless a test set one.
    ///
    /// # Errors
    /// When the machine has no entropy, or the test's seed cannot be read.
    pub fn seed(&self) -> Result<[u8; 32]> {
        use rand::TryRng as _;
        let mut seed = [0; 32];
        match &self.seed {
            Some(text) => {
                let number: u64 =
                    text.parse().map_err(|_| Error::user(format!("PLUGG_TEST_SEED is `{text}`, not a number")))?;
                seed[..8].copy_from_slice(&number.to_le_bytes());
            }
            None => rand::rngs::SysRng
                .try_fill_bytes(&mut seed)
                .map_err(|error| Error::internal("the machine gives no randomness").because(error.to_string()))?,
        }
        Ok(seed)
    }

    /// The default database and configuration file: the platform's places, XDG on Linux.
    ///
    /// # Errors
    /// When there is no home directory.
    pub fn places(&self) -> Result<(PathBuf, PathBuf)> {
        let strategy = choose_app_strategy(AppStrategyArgs {
            top_level_domain: "org".to_owned(),
            author: "plugg".to_owned(),
            app_name: "plugg".to_owned(),
        });
        let strategy = strategy.map_err(|error| {
            Error::user("there is no home directory").because(error).hint("name the database with --db or PLUGG_DB")
        })?;
        Ok((strategy.in_data_dir("plugg.db"), strategy.in_config_dir("config.toml")))
    }
}
