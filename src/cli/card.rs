//! `plugg card`: finds, shows, edits, suspends and resets single cards.

use dialoguer::Editor;

use super::app::App;
use super::args::{self, CardCommand};
use crate::answer;
use crate::card::Kind;
use crate::error::{Error, Result};
use crate::session::attachments;
use crate::store::{CardId, Store, StoredCard};
use crate::terminal::edit;
use crate::terminal::markdown::{self, Look};
use crate::terminal::view::{days, with_blank};
use crate::text::{Line, Style, cut, pad};
use crate::words::Words;

/// Cards that a search lists.
const MOST: usize = 100;

pub fn run(app: &mut App, args: args::Card) -> Result<()> {
    let mut store = app.open()?;
    match args.command {
        CardCommand::Find { words } => find(app, &store, &words),
        CardCommand::Show { card } => show(app, &store, store.named(&card)?),
        CardCommand::Edit { card } => change(app, &mut store, &card),
        CardCommand::Suspend { card } => suspend(app, &mut store, &card, true),
        CardCommand::Resume { card } => suspend(app, &mut store, &card, false),
        CardCommand::Reset { card } => {
            let id = store.named(&card)?;
            let (row, stamp) = app.stamp();
            store.reset(id, row, stamp)?;
            app.print(&[Line::plain(format!("{card} will be learnt anew; its earlier answers stay in the log."))])
        }
    }
}

fn find(app: &App, store: &Store, words: &[String]) -> Result<()> {
    let found = store.find(words, MOST + 1)?;
    if found.is_empty() {
        return Err(Error::user("no card holds these words"));
    }
    let names = found.iter().map(|card| card.name.chars().count()).max().unwrap_or(0).min(40);
    let mut lines = Vec::new();
    for card in found.iter().take(MOST) {
        let front = card.front.split_whitespace().collect::<Vec<_>>().join(" ");
        let style = if card.active { Style::Plain } else { Style::Faint };
        let room = app.width().saturating_sub(names + 2).max(20);
        lines.push(Line::of(Style::Accent, pad(&card.name, names)).with(style, format!("  {}", cut(&front, room))));
    }
    if found.len() > MOST {
        lines.push(Line::of(Style::Faint, "and more: another word narrows it down"));
    }
    app.print(&lines)
}

fn show(app: &App, store: &Store, id: CardId) -> Result<()> {
    let card = card(store, id)?;
    let look =
        Look { width: app.width().min(100), ascii: app.environment.out.ascii, plain: !app.environment.out.colours };
    let mut lines = vec![Line::of(Style::Faint, about(app, store, &card)?), Line::new()];
    lines.extend(markdown::render(&with_blank(&card.face.front), &look));
    lines.push(Line::new());
    match card.face.kind {
        Kind::Choice => {
            for (index, option) in answer::options(&card.face).iter().enumerate() {
                let right = index < card.face.back.len();
                let (mark, style) = if right { ("✓", Style::Good) } else { ("✗", Style::Faint) };
                lines.push(Line::of(style, format!("{mark} {option}")));
            }
        }
        Kind::Order => {
            lines.extend(card.face.back.iter().enumerate().map(|(n, step)| Line::plain(format!("{}. {step}", n + 1))));
        }
        Kind::Basic => lines.extend(markdown::render(&card.face.back.join("\n\n"), &look)),
        Kind::Typed | Kind::Cloze => {
            lines
                .extend(card.face.back.iter().chain(&card.face.accept).map(|back| Line::of(Style::Code, back.clone())));
        }
    }
    if !card.note.explanation.is_empty() {
        lines.push(Line::new());
        lines.extend(markdown::render(&card.note.explanation, &look));
    }
    if !card.note.source.is_empty() {
        lines.push(Line::of(Style::Link, card.note.source.clone()));
    }
    let media = attachments(store, &card, true)?;
    for attachment in media.question.iter().chain(&media.answer) {
        let (name, path) = (&attachment.file.name, attachment.file.path.display());
        let kind = if attachment.picture { "picture" } else { "sound" };
        lines.push(Line::plain(format!("{kind} {name}  ")).with(Style::Link, path.to_string()));
    }
    lines.push(Line::new());
    lines.extend(history(store, &card, &Words::english())?);
    app.print(&lines)
}

fn about(app: &App, store: &Store, card: &StoredCard) -> Result<String> {
    let mut parts = vec![
        store.name_of(card.id)?,
        app.map.area_title(&card.note.area).to_owned(),
        app.map.system_name(&card.note.system).to_owned(),
        card.note.level.name().to_owned(),
        card.face.kind.name().to_owned(),
    ];
    if card.suspended {
        parts.push("suspended".to_owned());
    }
    if card.retired {
        parts.push("retired".to_owned());
    }
    parts.retain(|part| !part.is_empty());
    Ok(parts.join(" · "))
}

fn history(store: &Store, card: &StoredCard, words: &Words) -> Result<Vec<Line>> {
    let mut lines = Vec::new();
    match card.memory.due {
        None => lines.push(Line::of(Style::Faint, "Never answered.")),
        Some(due) => {
            let memory = card.memory;
            let ease = f64::from(memory.ease.0) / 100.0;
            lines.push(Line::plain(format!(
                "Due {due} · interval {} · ease {ease:.2} · forgotten {} times",
                days(memory.interval, words),
                card.lapses
            )));
        }
    }
    for row in store.history(card.id)? {
        let review = row.review;
        let style = if review.grade.passed() { Style::Good } else { Style::Bad };
        lines.push(Line::plain(format!("  {}  ", review.day)).with(style, format!("{}", review.grade.get())).with(
            Style::Faint,
            format!(
                "  {:<9} {:>4} s  then {}",
                review.purpose.name(),
                row.took_ms / 1000,
                days(review.after.interval, words)
            ),
        ));
    }
    for (day, text) in store.flags(card.id)? {
        lines.push(Line::plain(format!("  {day}  ")).with(Style::Warn, format!("flagged: {text}")));
    }
    Ok(lines)
}

fn change(app: &App, store: &mut Store, name: &str) -> Result<()> {
    let card = card(store, store.named(name)?)?;
    if !app.environment.interactive {
        return Err(Error::user("editing needs a terminal"));
    }
    let edited = Editor::new()
        .extension(".toml")
        .edit(&edit::to_toml(&card.note, &app.words))
        .map_err(|error| Error::user("the editor could not be run").because(error).hint("set EDITOR"))?;
    let Some(edited) = edited else { return app.print(&[Line::plain("Nothing was changed.")]) };
    store.edit(card.note_id, &edit::from_toml(&edited, &card.note)?)?;
    app.print(&[Line::plain("Kept. The next version of the deck will not overwrite it.")])
}

fn suspend(app: &mut App, store: &mut Store, name: &str, suspended: bool) -> Result<()> {
    let id = store.named(name)?;
    let (row, stamp) = app.stamp();
    store.suspend(id, suspended, row, stamp)?;
    let text = if suspended { "is suspended" } else { "is taken up again" };
    app.print(&[Line::plain(format!("{name} {text}."))])
}

fn card(store: &Store, id: CardId) -> Result<StoredCard> {
    store.card(id)?.ok_or_else(|| Error::internal(format!("card {} is gone", id.0)))
}
