//! `plugg tune`: fits the memory model to the learner, and keeps the fit only if it predicts better.

use super::app::App;
use super::args;
use crate::error::Result;
use crate::recall::{self, ENOUGH_TO_TUNE};
use crate::text::{Line, Style};

pub fn run(app: &mut App, args: &args::Tune) -> Result<()> {
    let mut store = app.open()?;
    if args.default {
        store.use_weights(None)?;
        return app.print(&[Line::plain(" The memory model has its default weights.")]);
    }
    let history = store.past()?;
    let spinner = app.bar_of_unknown_length("fitting the memory model to your answers");
    let tuned = recall::tune(&history, store.model())?;
    spinner.finish_and_clear();
    let Some(tuned) = tuned else {
        let answers = history.len();
        let text = format!(" Too few answers to fit to: {answers} of {ENOUGH_TO_TUNE}. Nothing was changed.");
        return app.print(&[Line::plain(text)]);
    };
    let mut lines = vec![Line::plain(format!(
        " Fitted to {} answers; held against the {} after them:",
        tuned.fitted_to, tuned.held_back
    ))];
    lines.push(Line::plain(format!(
        " log loss {:.4} fitted, {:.4} as it was (lower is better)",
        tuned.loss, tuned.loss_before
    )));
    if tuned.better() {
        store.use_weights(Some(&tuned.weights))?;
        lines.push(Line::of(Style::Good, " Kept: it predicts better. `plugg tune --default` goes back."));
    } else {
        lines.push(Line::of(Style::Warn, " Not kept: it predicts no better. Nothing was changed."));
    }
    app.print(&lines)
}
