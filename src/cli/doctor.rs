//! `plugg doctor`: checks the database against its own log.

use std::process::ExitCode;

use super::app::App;
use crate::error::{Kind, Result};
use crate::terminal::view::count;
use crate::text::{Line, Style};

pub fn run(app: &App) -> Result<ExitCode> {
    let Some(store) = app.open_to_read()? else {
        app.print(&[Line::plain(format!("There is no database at {} yet.", app.database.display()))])?;
        return Ok(ExitCode::SUCCESS);
    };
    let found = store.examine()?;
    let mut lines = vec![Line::plain(format!(
        "{}: {}, {}, {} taken back",
        app.database.display(),
        count(found.cards, "card", "cards"),
        count(found.answers, "answer", "answers"),
        found.retracted
    ))];
    if found.faults.is_empty() {
        lines
            .push(Line::of(Style::Good, "The file is sound, and replaying the log gives every card's memory exactly."));
        app.print(&lines)?;
        return Ok(ExitCode::SUCCESS);
    }
    lines.extend(found.faults.iter().map(|fault| Line::of(Style::Bad, fault.clone())));
    app.print(&lines)?;
    Ok(ExitCode::from(Kind::Data.exit_code()))
}
