//! `plugg report --share`: writes what the learner lets her employer see, once she saw it herself and said yes.

use std::collections::BTreeMap;
use std::fs::File;
use std::io::{ErrorKind, Read as _};
use std::path::Path;

use dialoguer::{Confirm, Input};

use super::app::App;
use super::deck::write_file;
use super::{args, report};
use crate::day::Day;
use crate::error::{Error, Result};
use crate::share::{self, Share};
use crate::text::{Line, Style, visible};

pub fn run(app: &App, args: &args::Report, file: &Path) -> Result<()> {
    let area = args.area.as_deref().map(|name| app.area_of(name)).transpose()?;
    let replaces = replaces(file)?;
    let Some(store) = app.open_to_read()? else {
        return Err(Error::user("there is nothing to share yet").hint("plugg quiz"));
    };
    let mut summary = report::summary(app, &store, &store.profile()?, report::scale(app, args)?)?;
    summary.areas.retain(|row| area.as_ref().is_none_or(|area| row.id == *area));
    let mut answers: BTreeMap<String, u32> = BTreeMap::new();
    for tally in store.tallies(Day::FIRST, args.imported)?.iter().filter(|tally| tally.day <= summary.today) {
        if let Some(scope) = store.scopes().get(&tally.scope) {
            *answers.entry(scope.area.clone()).or_default() += tally.answers;
        }
    }
    let name = name(app, args.name.as_deref())?;
    let text = Share::of(&name, &summary, &answers, args.with_retention, &app.map)?.to_toml();
    app.print_text(&text)?;
    if app.environment.out.ascii && !text.is_ascii() {
        let note =
            "Letters beyond ASCII stand here as the nearest that this locale has; the file has them as they are.";
        app.say(&[Line::of(Style::Warn, note)])?;
    }
    if !args.yes {
        if !app.environment.interactive {
            return Err(Error::user("nothing was written: the file needs your word")
                .hint("run it on a terminal, or add --yes once you have read the above"));
        }
        let doing = if replaces { "Replace" } else { "Write" };
        if !agreed(&format!("{doing} {} with exactly these lines?", file.display()))? {
            return app.say(&[Line::plain("Nothing was written.")]);
        }
    }
    write_file(file, text.as_bytes(), replaces)?;
    app.say(&[Line::plain(format!("{} is written. It is yours to send.", file.display()))])
}

/// Reads a file of which a share file's size is enough; a byte more shows that it is larger.
pub fn read(path: &Path) -> Result<Vec<u8>> {
    let failed = |error| Error::user(format!("could not read {}", path.display())).because(error);
    let mut bytes = Vec::new();
    File::open(path).map_err(failed)?.take(share::LARGEST as u64 + 1).read_to_end(&mut bytes).map_err(failed)?;
    Ok(bytes)
}

/// Whether a share file is there already.
///
/// # Errors
/// When something else is.
fn replaces(path: &Path) -> Result<bool> {
    let taken = || {
        let message = format!("{} is there already and is no share file: it stays as it is", path.display());
        Error::user(message).hint("name another file")
    };
    match path.metadata() {
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(false),
        Err(error) => Err(Error::user(format!("could not read {}", path.display())).because(error)),
        Ok(found) if found.is_file() && share::is_share(&read(path)?) => Ok(true),
        Ok(_) => Err(taken()),
    }
}

fn name(app: &App, given: Option<&str>) -> Result<String> {
    match given {
        Some(name) => share::check_name(name),
        None if app.environment.interactive => {
            let typed = Input::<String>::new()
                .with_prompt("Your name, as the file is to say it")
                .validate_with(|name: &String| share::check_name(name).map(drop).map_err(|error| error.to_string()))
                .interact_text()
                .map_err(|error| Error::internal("the terminal cannot be used").because(error))?;
            share::check_name(&typed)
        }
        None => Err(Error::user("a share file needs your name").hint("--name 'Anna Andersson'")),
    }
}

/// Asks; Enter alone is no.
fn agreed(question: &str) -> Result<bool> {
    let answer = Confirm::new().with_prompt(visible(question)).default(false).interact_opt();
    let answer = answer.map_err(|error| Error::internal("the terminal cannot be used").because(error))?;
    Ok(answer == Some(true))
}
