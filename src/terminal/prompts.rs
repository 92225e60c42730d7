//! The player at a terminal: one question a screen, single keys, the next step always in the last line.

use console::Key;
use dialoguer::{Editor, Input};

use super::edit;
use super::opener::Opener;
use super::paint::Paint;
use super::pictures::{self, Drawing, Protocol, Room};
use super::screen::{Event, Screen};
use super::view::{View, flow, open_key};
use crate::card::Kind;
use crate::error::{Error, Result};
use crate::session::{Answered, Aside, Attachment, Grading, Notice, Player, Question, Reply};
use crate::terminal::markdown::Look;
use crate::text::{Line, Style};

/// A picture that would get fewer rows than this is only named.
const LEAST_ROWS: usize = 3;
/// Drawings that are kept for the next time that the screen is drawn.
const KEPT: usize = 16;

/// The learner at a terminal.
pub struct Prompts<'a> {
    screen: Screen,
    view: View<'a>,
    /// Told since the last question; shown above the next.
    notices: Vec<Line>,
    /// How the terminal takes pictures; `None` where it does not.
    protocol: Option<Protocol>,
    opener: Opener,
    /// What was drawn lately, by the file's hash and the room that it had; `None` for what is no picture.
    drawn: Vec<(String, Room, Option<Drawing>)>,
}

/// What a key at a question means for all kinds of cards.
enum Pressed {
    Reply(Reply),
    /// Nothing: wait for the next key.
    Nothing,
}

impl<'a> Prompts<'a> {
    /// Takes the terminal over. `fixed_width` stands in for its own width, `protocol` is how it takes pictures.
    pub fn new(
        paint: Paint,
        fixed_width: Option<usize>,
        view: View<'a>,
        protocol: Option<Protocol>,
        opener: Opener,
    ) -> Prompts<'a> {
        let screen = Screen::new(paint, fixed_width);
        Prompts { screen, view, notices: Vec::new(), protocol, opener, drawn: Vec::new() }
    }

    /// What the session is shown with, at the width that the terminal has now.
    fn view(&self) -> View<'a> {
        let look = Look { width: self.screen.width().max(20), ..self.view.look };
        View { look, ..self.view }
    }

    /// Draws the question afresh, with `below` under it, then its pictures, and `keys` as its last line.
    fn draw(&mut self, question: &Question<'_>, below: Vec<Line>, media: &[Attachment], keys: &[Line]) -> Result<()> {
        let view = self.view();
        let mut lines = view.header(question);
        lines.push(Line::new());
        if !self.notices.is_empty() {
            lines.extend(self.notices.clone());
            lines.push(Line::new());
        }
        lines.extend(view.front(question));
        lines.push(Line::new());
        lines.extend(below);
        let drawings = self.drawings(media, lines.len() + keys.len());
        if drawings.is_empty() {
            lines.extend_from_slice(keys);
            return self.screen.show(&lines);
        }
        let below: Vec<Line> = std::iter::once(Line::new()).chain(keys.iter().cloned()).collect();
        self.screen.show_with(&lines, &drawings, &below)
    }

    /// The pictures among some files, in at most a third of the screen and in no more than `lines` of text leave of it.
    fn drawings(&mut self, media: &[Attachment], lines: usize) -> Vec<Drawing> {
        let Some(protocol) = self.protocol else { return Vec::new() };
        let height = self.screen.height();
        // One row is the empty one below them, one the cursor's.
        let mut rows = (height / 3).min(height.saturating_sub(lines + 2));
        let pictures: Vec<_> = media.iter().filter(|attachment| attachment.picture).collect();
        let columns = self.view().width().saturating_sub(2).max(1);
        let cell = self.screen.cell();
        let mut drawings = Vec::new();
        for (index, Attachment { file, .. }) in pictures.iter().enumerate() {
            let share = (rows / (pictures.len() - index)).max(LEAST_ROWS);
            if rows < share {
                break;
            }
            let room = Room { columns, rows: share, cell };
            let known = self.drawn.iter().find(|(hash, known, _)| *hash == file.hash && *known == room);
            let drawing = match known {
                Some((_, _, drawing)) => drawing.clone(),
                None => {
                    let drawing = pictures::draw_file(&file.path, protocol, room);
                    if self.drawn.len() >= KEPT {
                        self.drawn.clear();
                    }
                    self.drawn.push((file.hash.clone(), room, drawing.clone()));
                    drawing
                }
            };
            rows -= drawing.as_ref().map_or(0, |drawing| drawing.rows.min(rows));
            drawings.extend(drawing);
        }
        drawings
    }

    /// Keys that mean the same at every question; `answer` holds what the answer adds to the question's pictures and
    /// sounds, once it is seen.
    fn aside(&mut self, key: &Key, question: &Question<'_>, answer: &[Attachment]) -> Result<Pressed> {
        let reply = match key {
            Key::Char('q') | Key::CtrlC => Reply::Aside(Aside::Quit),
            Key::Char('h') => Reply::Hint,
            Key::Char('n') => Reply::Aside(Aside::Skip),
            Key::Char('s') => Reply::Aside(Aside::Suspend),
            Key::Char('u') => Reply::Aside(Aside::Undo),
            Key::Char('f') => match self.flag()? {
                Some(text) => Reply::Aside(Aside::Flag(text)),
                None => return Ok(Pressed::Nothing),
            },
            Key::Char('e') => match self.edit(question)? {
                Some(aside) => Reply::Aside(aside),
                None => return Ok(Pressed::Nothing),
            },
            Key::Char('o') => {
                let width = self.view().width();
                self.notices = self.opener.open(question.media.iter().chain(answer), width, self.view.words);
                return Ok(Pressed::Nothing);
            }
            Key::Char('?') => {
                self.keys()?;
                return Ok(Pressed::Nothing);
            }
            _ => return Ok(Pressed::Nothing),
        };
        Ok(Pressed::Reply(reply))
    }

    fn keys(&mut self) -> Result<()> {
        let rows = [
            ("Enter", "keys-enter"),
            ("1 …", "keys-number"),
            ("h", "keys-hint"),
            ("u", "keys-undo"),
            ("n", "keys-not-now"),
            ("s", "keys-suspend"),
            ("e", "keys-edit"),
            ("f", "keys-flag"),
            ("o", "keys-open"),
            ("q", "keys-quit"),
            ("Esc", "keys-escape"),
        ];
        let mut lines = vec![Line::of(Style::Strong, format!(" {}", self.view.say("keys-title"))), Line::new()];
        for (key, does) in rows {
            lines.push(Line::of(Style::Accent, format!(" {key:>6}  ")).with(Style::Plain, self.view.say(does)));
        }
        lines.push(Line::new());
        lines.push(Line::of(Style::Faint, format!(" {}", self.view.say("keys-back"))));
        self.screen.show(&lines)?;
        while self.screen.event()? == Event::Resized {
            self.screen.show(&lines)?;
        }
        Ok(())
    }

    fn flag(&mut self) -> Result<Option<String>> {
        let prompt = self.view.say("quiz-flag");
        let text = self.screen.lend(|| Input::<String>::new().with_prompt(prompt).allow_empty(true).interact_text());
        let text = text.map_err(|error| Error::internal("the terminal cannot be used").because(error))?;
        Ok(Some(text).filter(|text| !text.trim().is_empty()))
    }

    fn edit(&mut self, question: &Question<'_>) -> Result<Option<Aside>> {
        let mut text = edit::to_toml(&question.card.note, self.view.words);
        loop {
            let edited = self.screen.lend(|| Editor::new().extension(".toml").edit(&text));
            let edited =
                edited.map_err(|error| Error::user("the editor could not be run").because(error).hint("set EDITOR"));
            match edited {
                Ok(None) => return Ok(None),
                Err(error) => {
                    self.notices = vec![Line::of(Style::Bad, format!(" {error}"))];
                    return Ok(None);
                }
                Ok(Some(edited)) => match edit::from_toml(&edited, &question.card.note) {
                    Ok(note) => return Ok(Some(Aside::Edit(Box::new(note)))),
                    Err(error) => {
                        self.screen.add(&[Line::new(), Line::of(Style::Bad, format!(" {error}"))])?;
                        if !self.yes("quiz-edit-again")? {
                            return Ok(None);
                        }
                        text = edited;
                    }
                },
            }
        }
    }

    /// Asks the question of a message: yes or no; Enter is yes.
    fn yes(&mut self, question: &str) -> Result<bool> {
        let view = self.view;
        let line = Line::of(Style::Accent, format!(" {}", view.say(question)));
        self.screen.prompt(&line.with(Style::Faint, format!(" {} ", view.say("quiz-yes-no"))))?;
        loop {
            match self.screen.event()? {
                Event::Key(Key::Enter) => return Ok(true),
                Event::Key(Key::Char(letter)) if view.is_yes(&letter.to_string()) => return Ok(true),
                Event::Key(Key::Char('n' | 'N' | 'q') | Key::Escape | Key::CtrlC) | Event::Ended => return Ok(false),
                Event::Key(_) | Event::Resized => {}
            }
        }
    }

    fn ask_basic(&mut self, question: &Question<'_>) -> Result<Reply> {
        loop {
            let view = self.view();
            let hint = hint_key(question, "h");
            let keys: Vec<_> = std::iter::once(("Enter", "key-show")).chain(hint).chain(common(question)).collect();
            self.draw(question, Vec::new(), question.media, &flow(view.hints(&keys), view.width()))?;
            match self.screen.event()? {
                Event::Key(Key::Enter | Key::Char(' ')) => return Ok(Reply::Reveal),
                Event::Key(key) => {
                    if let Pressed::Reply(reply) = self.aside(&key, question, &[])? {
                        return Ok(reply);
                    }
                }
                Event::Resized => {}
                Event::Ended => return Ok(Reply::Aside(Aside::Quit)),
            }
        }
    }

    /// Choices and orders: places are picked by their number, or with the arrows.
    fn ask_picks(&mut self, question: &Question<'_>) -> Result<Reply> {
        let face = &question.card.face;
        let count = question.shown.len();
        let single = face.kind == Kind::Choice && face.back.len() == 1;
        let ordering = face.kind == Kind::Order;
        let mut picked: Vec<usize> = Vec::new();
        let mut cursor = 0;
        loop {
            let view = self.view();
            let mut below = view.options(question, &picked, Some(cursor));
            below.push(Line::new());
            let enter = match (single, ordering) {
                (true, _) => ("1 …", "key-choose"),
                (_, true) if picked.len() < count => ("1 …", "key-order"),
                (_, true) => ("Enter", "key-done"),
                _ => ("1 …", "key-choose-all"),
            };
            let undo = ordering.then_some(("Backspace", "key-take-back"));
            let hint = hint_key(question, "h");
            let keys: Vec<_> = std::iter::once(enter).chain(undo).chain(hint).chain(common(question)).collect();
            self.draw(question, below, question.media, &flow(view.hints(&keys), view.width()))?;
            let pick = match self.screen.event()? {
                Event::Key(Key::Char(digit @ '1'..='9')) => digit.to_digit(10).map(|digit| digit as usize - 1),
                Event::Key(Key::ArrowDown | Key::Char('j')) => {
                    cursor = (cursor + 1) % count.max(1);
                    None
                }
                Event::Key(Key::ArrowUp | Key::Char('k')) => {
                    cursor = (cursor + count.saturating_sub(1)) % count.max(1);
                    None
                }
                Event::Key(Key::Char(' ')) => Some(cursor),
                Event::Key(Key::Enter) if single => Some(cursor),
                Event::Key(Key::Enter) if ordering && picked.len() < count => Some(cursor),
                Event::Key(Key::Enter) => {
                    let indices = picked.iter().filter_map(|place| question.shown.get(*place).copied()).collect();
                    return Ok(match (ordering, picked.is_empty()) {
                        (true, _) => Reply::Ordered(indices),
                        (false, true) => Reply::Reveal,
                        (false, false) => Reply::Chosen(indices),
                    });
                }
                Event::Key(Key::Backspace) => {
                    picked.pop();
                    None
                }
                Event::Key(key) => {
                    if let Pressed::Reply(reply) = self.aside(&key, question, &[])? {
                        return Ok(reply);
                    }
                    None
                }
                Event::Resized => None,
                Event::Ended => return Ok(Reply::Aside(Aside::Quit)),
            };
            let Some(place) = pick.filter(|place| *place < count) else { continue };
            cursor = place;
            if single {
                return Ok(Reply::Chosen(question.shown.get(place).copied().into_iter().collect()));
            }
            match picked.iter().position(|known| *known == place) {
                Some(index) => drop(picked.remove(index)),
                None => picked.push(place),
            }
        }
    }

    /// Typed answers: a line with a cursor; Escape leads to the keys that letters would otherwise be.
    fn ask_typed(&mut self, question: &Question<'_>) -> Result<Reply> {
        let mut typed: Vec<char> = Vec::new();
        let mut at = 0;
        let mut redraw = true;
        loop {
            if redraw {
                let view = self.view();
                let keys: Vec<_> = [("Enter", "key-answer")]
                    .into_iter()
                    .chain(hint_key(question, "Tab"))
                    .chain([("Esc", "key-others")])
                    .collect();
                let mut keys = flow(view.hints(&keys), view.width());
                keys.push(Line::new());
                self.draw(question, Vec::new(), question.media, &keys)?;
                redraw = false;
            }
            self.line(&typed, at)?;
            match self.screen.event()? {
                Event::Key(Key::Enter) => {
                    let text: String = typed.iter().collect();
                    return Ok(if text.trim().is_empty() { Reply::Reveal } else { Reply::Typed(text) });
                }
                Event::Key(Key::Tab) => return Ok(Reply::Hint),
                Event::Key(Key::CtrlC) => return Ok(Reply::Aside(Aside::Quit)),
                Event::Key(Key::Escape) => {
                    if let Some(reply) = self.escaped(question)? {
                        return Ok(reply);
                    }
                    redraw = true;
                }
                Event::Key(key) => at = edited(&mut typed, at, &key),
                Event::Resized => redraw = true,
                Event::Ended => return Ok(Reply::Aside(Aside::Quit)),
            }
        }
    }

    /// Shows what was typed, the part around the cursor where it is longer than the line.
    fn line(&mut self, typed: &[char], at: usize) -> Result<()> {
        let room = self.screen.width().saturating_sub(5).max(8);
        let start = at.saturating_sub(room);
        let end = typed.len().min(start + room);
        let shown = |from: usize, to: usize| typed.get(from..to).unwrap_or_default().iter().collect::<String>();
        let line = Line::of(Style::Accent, " > ").with(Style::Code, shown(start, end));
        self.screen.prompt(&line)?;
        self.screen.back(Line::plain(shown(at, end)).width())
    }

    /// The keys behind Escape; `None` goes back to typing.
    fn escaped(&mut self, question: &Question<'_>) -> Result<Option<Reply>> {
        let rows: Vec<_> =
            hint_key(question, "h").into_iter().chain(common(question)).chain([("Esc", "key-back")]).collect();
        loop {
            let view = self.view();
            self.draw(question, Vec::new(), question.media, &flow(view.hints(&rows), view.width()))?;
            match self.screen.event()? {
                Event::Resized => {}
                Event::Key(Key::Escape) => return Ok(None),
                Event::Key(key) => {
                    return Ok(match self.aside(&key, question, &[])? {
                        Pressed::Reply(reply) => Some(reply),
                        Pressed::Nothing => None,
                    });
                }
                Event::Ended => return Ok(Some(Reply::Aside(Aside::Quit))),
            }
        }
    }
}

/// The key that asks for the hint, with the message that says so, where there is one that was not asked for yet.
fn hint_key(question: &Question<'_>, key: &'static str) -> Option<(&'static str, &'static str)> {
    (question.has_hint && question.hint.is_none()).then_some((key, "key-hint"))
}

/// What the last line offers at every question.
fn common(question: &Question<'_>) -> Vec<(&'static str, &'static str)> {
    let mut keys = Vec::new();
    if question.number > 1 {
        keys.push(("u", "key-undo"));
    }
    keys.extend(open_key(question.media));
    keys.extend([("n", "key-not-now"), ("q", "key-quit"), ("?", "key-keys")]);
    keys
}

/// Applies a key to a line being typed; returns where the cursor is then.
fn edited(typed: &mut Vec<char>, at: usize, key: &Key) -> usize {
    match key {
        Key::Char('\u{15}') => {
            typed.drain(..at);
            0
        }
        Key::Char('\u{b}') => {
            typed.truncate(at);
            at
        }
        Key::Char('\u{17}') => {
            let blanks = typed[..at].iter().rev().take_while(|c| c.is_whitespace()).count();
            let word = typed[..at - blanks].iter().rev().take_while(|c| !c.is_whitespace()).count();
            let start = at - blanks - word;
            typed.drain(start..at);
            start
        }
        Key::Char(character) if !character.is_control() => {
            typed.insert(at, *character);
            at + 1
        }
        Key::Backspace if at > 0 => {
            typed.remove(at - 1);
            at - 1
        }
        Key::Del if at < typed.len() => {
            typed.remove(at);
            at
        }
        Key::ArrowLeft => at.saturating_sub(1),
        Key::ArrowRight => (at + 1).min(typed.len()),
        Key::Home => 0,
        Key::End => typed.len(),
        _ => at,
    }
}

impl Player for Prompts<'_> {
    fn ask(&mut self, question: &Question<'_>) -> Result<Reply> {
        match question.card.face.kind {
            Kind::Basic => self.ask_basic(question),
            Kind::Choice | Kind::Order => self.ask_picks(question),
            Kind::Typed | Kind::Cloze => self.ask_typed(question),
        }
    }

    fn grade(&mut self, answered: &Answered<'_>) -> Result<Grading> {
        let question = answered.question;
        loop {
            let view = self.view();
            let mut below = view.answer(answered);
            below.push(Line::new());
            // The answer's own pictures; the question's where it has none.
            let own = answered.media.iter().any(|attachment| attachment.picture);
            let shown = if own { answered.media } else { question.media };
            self.draw(question, below, shown, &view.grades(answered))?;
            let key = match self.screen.event()? {
                Event::Key(key) => key,
                Event::Resized => continue,
                Event::Ended => return Ok(Grading::Aside(Aside::Quit)),
            };
            let grade = match key {
                Key::Enter | Key::Char(' ') => Some(answered.proposed),
                Key::Char(key) => self.view.scale.grade(key),
                _ => None,
            };
            if let Some(grade) = grade {
                self.notices.clear();
                return Ok(Grading::Grade(grade));
            }
            if let Pressed::Reply(Reply::Aside(aside)) = self.aside(&key, question, answered.media)? {
                return Ok(Grading::Aside(aside));
            }
        }
    }

    fn tell(&mut self, notice: &Notice<'_>) -> Result<()> {
        let line = self.view().notice(notice);
        self.notices.push(line);
        Ok(())
    }

    fn try_again(&mut self, error: &Error) -> Result<bool> {
        let mut lines = vec![Line::new(), self.view.unkept(error)];
        lines.extend(error.hint.as_ref().map(|hint| Line::of(Style::Faint, format!(" {hint}"))));
        self.screen.add(&lines)?;
        self.yes("quiz-try-again")
    }
}

impl Prompts<'_> {
    /// Columns of the terminal.
    pub fn width(&self) -> usize {
        self.screen.width()
    }

    /// Shows lines on an empty screen and leaves them there.
    ///
    /// # Errors
    /// When the terminal cannot be written.
    pub fn close(mut self, lines: &[Line]) -> Result<()> {
        self.screen.show(lines)
    }
}
