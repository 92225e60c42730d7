//! The player for pipes, screen readers and tests: one line asked, one line read. No key, no cursor, no colour needed.

use std::io::{BufRead, Write};

use super::opener::Opener;
use super::paint::Paint;
use super::view::{View, open_key};
use crate::card::{Grade, Kind};
use crate::error::{Error, Result};
use crate::session::{Answered, Aside, Grading, Notice, Player, Question, Reply};
use crate::text::{Line, Style};

/// A line longer than this is no answer: bytes.
const LONGEST_LINE: u64 = 64 * 1024;

/// The learner at the other end of two streams.
pub struct Plain<'a, R, W> {
    input: R,
    output: W,
    paint: Paint,
    view: View<'a>,
    opener: Opener,
}

/// A line that was read, as far as it means the same everywhere.
enum Said {
    Text(String),
    Reply(Reply),
    Open,
    Ended,
}

impl<'a, R: BufRead, W: Write> Plain<'a, R, W> {
    /// Plays over two streams.
    pub fn new(input: R, output: W, paint: Paint, view: View<'a>, opener: Opener) -> Self {
        Plain { input, output, paint, view, opener }
    }

    fn write(&mut self, lines: &[Line]) -> Result<()> {
        let text = self.paint.lines(lines);
        self.output.write_all(text.as_bytes()).and_then(|()| self.output.flush()).map_err(unwritable)
    }

    fn read(&mut self, prompt: &str) -> Result<Said> {
        let prompt = self.paint.line(&Line::of(Style::Accent, prompt));
        self.output.write_all(prompt.as_bytes()).and_then(|()| self.output.flush()).map_err(unwritable)?;
        let mut bytes = Vec::new();
        let unreadable = |error| Error::internal("the input cannot be read").because(error);
        std::io::Read::take(&mut self.input, LONGEST_LINE).read_until(b'\n', &mut bytes).map_err(unreadable)?;
        if bytes.is_empty() {
            return Ok(Said::Ended);
        }
        // What was typed does not show on a pipe: a line feed keeps the next line apart.
        self.write(&[Line::new()])?;
        let text = String::from_utf8_lossy(&bytes).trim().to_owned();
        let Some(command) = text.strip_prefix(':') else { return Ok(Said::Text(text)) };
        let (command, rest) = command.split_once(char::is_whitespace).unwrap_or((command, ""));
        Ok(match command {
            "hint" | "h" => Said::Reply(Reply::Hint),
            "skip" | "n" => Said::Reply(Reply::Aside(Aside::Skip)),
            "suspend" | "s" => Said::Reply(Reply::Aside(Aside::Suspend)),
            "undo" | "u" => Said::Reply(Reply::Aside(Aside::Undo)),
            "open" | "o" => Said::Open,
            "quit" | "q" => Said::Reply(Reply::Aside(Aside::Quit)),
            "flag" | "f" if !rest.trim().is_empty() => Said::Reply(Reply::Aside(Aside::Flag(rest.trim().to_owned()))),
            // A shell's own builtin `:` is a command that a card may ask for.
            "" => Said::Text(text),
            "help" | "?" => {
                self.help()?;
                return self.read(&prompt);
            }
            _ => {
                let told = self.view.words.say("plain-no-command", &[("command", command.into())]);
                self.write(&[Line::plain(format!(" {told}"))])?;
                return self.read(&prompt);
            }
        })
    }

    fn help(&mut self) -> Result<()> {
        let rows = [
            format!(" {}", self.view.say("plain-help")),
            " :hint  :undo  :skip  :suspend  :flag TEXT  :open  :quit".to_owned(),
        ];
        self.write(&rows.map(Line::plain))
    }

    /// Reads numbers that stand for places, separated by blanks or commas, or as one run of digits.
    fn places(text: &str, count: usize) -> Option<Vec<usize>> {
        let separated = text.contains([' ', ',']);
        let words: Vec<String> = if separated {
            text.split([' ', ',']).filter(|word| !word.is_empty()).map(str::to_owned).collect()
        } else if count < 10 {
            text.chars().map(String::from).collect()
        } else {
            vec![text.to_owned()]
        };
        let places: Option<Vec<usize>> = words
            .iter()
            .map(|word| word.parse::<usize>().ok().filter(|place| (1..=count).contains(place)).map(|place| place - 1))
            .collect();
        places.filter(|places| {
            let distinct: std::collections::BTreeSet<_> = places.iter().collect();
            !places.is_empty() && distinct.len() == places.len()
        })
    }

    fn picked(&self, question: &Question<'_>, text: &str) -> std::result::Result<Reply, String> {
        let count = question.shown.len();
        let face = &question.card.face;
        let ordering = face.kind == Kind::Order;
        let wanted = match (ordering, face.back.len()) {
            (true, _) => "plain-give-order",
            (false, 1) => "plain-give-one",
            (false, _) => "plain-give-all",
        };
        let places = Self::places(text, count).filter(|places| match (ordering, face.back.len()) {
            (true, _) => places.len() == count,
            (false, 1) => places.len() == 1,
            (false, _) => true,
        });
        let places = places.ok_or_else(|| self.view.words.say(wanted, &[("count", count.into())]))?;
        let indices = places.iter().filter_map(|place| question.shown.get(*place).copied()).collect();
        Ok(if ordering { Reply::Ordered(indices) } else { Reply::Chosen(indices) })
    }
}

impl<R: BufRead, W: Write> Player for Plain<'_, R, W> {
    fn ask(&mut self, question: &Question<'_>) -> Result<Reply> {
        let view = self.view;
        let mut lines = vec![Line::new()];
        lines.extend(view.header(question));
        lines.push(Line::new());
        lines.extend(view.front(question));
        lines.push(Line::new());
        if matches!(question.card.face.kind, Kind::Choice | Kind::Order) {
            lines.extend(view.options(question, &[], None));
            lines.push(Line::new());
        }
        if let Some((_, does)) = open_key(question.media) {
            lines.push(Line::of(Style::Accent, " :open").with(Style::Faint, format!("  {}", view.say(does))));
        }
        self.write(&lines)?;
        let prompt = match question.card.face.kind {
            Kind::Basic => format!(" {} > ", view.say("plain-show")),
            Kind::Choice if question.card.face.back.len() > 1 => format!(" {} > ", view.say("plain-which-all")),
            Kind::Choice => format!(" {} > ", view.say("plain-which")),
            Kind::Order => format!(" {} > ", view.say("plain-order")),
            Kind::Typed | Kind::Cloze => " > ".to_owned(),
        };
        loop {
            let text = match self.read(&prompt)? {
                Said::Ended => return Ok(Reply::Aside(Aside::Quit)),
                Said::Reply(reply) => return Ok(reply),
                Said::Open => {
                    let lines = self.opener.open(question.media, view.look.width, view.words);
                    self.write(&lines)?;
                    continue;
                }
                Said::Text(text) => text,
            };
            if text.is_empty() || question.card.face.kind == Kind::Basic {
                return Ok(Reply::Reveal);
            }
            if matches!(question.card.face.kind, Kind::Typed | Kind::Cloze) {
                return Ok(Reply::Typed(text));
            }
            match self.picked(question, &text) {
                Ok(reply) => return Ok(reply),
                Err(wanted) => self.write(&[Line::plain(format!(" {wanted}"))])?,
            }
        }
    }

    fn grade(&mut self, answered: &Answered<'_>) -> Result<Grading> {
        let view = self.view;
        let mut lines = view.answer(answered);
        lines.push(Line::new());
        self.write(&lines)?;
        let proposed = self.view.scale.key(answered.proposed);
        let keys: Vec<String> = self
            .view
            .scale
            .keys()
            .iter()
            .map(|(key, name, grade)| format!("{key} {}{}", view.say(name), view.promise(answered, *grade)))
            .collect();
        let prompt = format!(" {} [{proposed}] > ", keys.join(", "));
        loop {
            match self.read(&prompt)? {
                Said::Ended => return Ok(Grading::Aside(Aside::Quit)),
                Said::Reply(Reply::Aside(aside)) => return Ok(Grading::Aside(aside)),
                Said::Reply(_) => {}
                Said::Open => {
                    let lines = self.opener.open(
                        answered.question.media.iter().chain(answered.media),
                        view.look.width,
                        view.words,
                    );
                    self.write(&lines)?;
                }
                Said::Text(text) => match self.grade_of(&text, answered.proposed) {
                    Some(grade) => return Ok(Grading::Grade(grade)),
                    None => self.write(&[Line::plain(format!(" {}", view.say("plain-give-grade")))])?,
                },
            }
        }
    }

    fn tell(&mut self, notice: &Notice<'_>) -> Result<()> {
        let line = self.view.notice(notice);
        self.write(&[line])
    }

    fn try_again(&mut self, error: &Error) -> Result<bool> {
        let view = self.view;
        self.write(&[view.unkept(error)])?;
        match self.read(&format!(" {} > ", view.say("plain-try-again")))? {
            Said::Text(text) => Ok(text.is_empty() || view.is_yes(&text)),
            Said::Reply(_) | Said::Open | Said::Ended => Ok(false),
        }
    }
}

impl<R: BufRead, W: Write> Plain<'_, R, W> {
    fn grade_of(&self, text: &str, proposed: Grade) -> Option<Grade> {
        let mut characters = text.chars();
        match (characters.next(), characters.next()) {
            (None, _) => Some(proposed),
            (Some(key), None) => self.view.scale.grade(key),
            _ => None,
        }
    }
}

fn unwritable(error: std::io::Error) -> Error {
    Error::internal("the output cannot be written").because(error)
}
