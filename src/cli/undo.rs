//! `plugg undo`: takes the last answers back, whichever session they came from.

use super::app::App;
use super::args;
use crate::error::Result;
use crate::store::Store;
use crate::text::{Line, Style};

pub fn run(app: &mut App, args: &args::Undo) -> Result<()> {
    let mut store = Store::open(&app.database)?;
    for _ in 0..args.answers {
        let (id, stamp) = app.stamp();
        let Some(taken) = store.take_back(id, stamp)? else {
            return app.print(&[Line::of(Style::Warn, "There is no answer to take back.")]);
        };
        let name = store.name_of(taken.card)?;
        let text = format!("Taken back: {name}, graded {} on {}", taken.grade.get(), taken.day);
        app.print(&[Line::plain(text)])?;
    }
    Ok(())
}
