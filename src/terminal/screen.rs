//! The terminal itself: its size, its keys, and what stands on it.
//!
//! Keys are read on a thread of their own, one at a time and only when asked for, so that a change of size can be seen
//! while nobody types and an editor started in between gets its own keys.

use std::io::{IsTerminal as _, Write as _};
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, channel};
use std::time::Duration;

use console::{Key, Term};

use super::paint::Paint;
use super::pictures::Drawing;
use crate::error::{Error, Result};
use crate::text::Line;

/// How often the size is looked at while nobody types.
const LOOK: Duration = Duration::from_millis(150);

/// Width and height of a character where the terminal does not tell, in pixels: rather too small, so that a picture
/// stays within its rows.
const USUAL_CELL: (u32, u32) = (8, 16);

/// What happened at the terminal.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Event {
    /// A key.
    Key(Key),
    /// The terminal has another size now.
    Resized,
    /// The input came to its end.
    Ended,
}

/// The terminal.
pub struct Screen {
    term: Term,
    paint: Paint,
    ask: Sender<()>,
    keys: Receiver<std::io::Result<Key>>,
    waiting: bool,
    /// A width that was set, instead of the terminal's own.
    fixed_width: Option<usize>,
    size: (u16, u16),
    /// What takes the pictures that stand there off the screen.
    clearing: &'static str,
    quiet: Option<Quiet>,
}

impl Screen {
    /// Takes the terminal over.
    pub fn new(paint: Paint, fixed_width: Option<usize>) -> Screen {
        let (ask, asked) = channel::<()>();
        let (found, keys) = channel();
        let reader = Term::stdout();
        // It ends with the channel; the last key that it waits for is nobody's any more.
        std::thread::spawn(move || {
            while asked.recv().is_ok() {
                if found.send(reader.read_key_raw()).is_err() {
                    return;
                }
            }
        });
        let term = Term::stdout();
        let size = term.size();
        Screen { term, paint, ask, keys, waiting: false, fixed_width, size, clearing: "", quiet: Quiet::on() }
    }

    /// Columns of the terminal.
    pub fn width(&self) -> usize {
        self.fixed_width.unwrap_or_else(|| usize::from(self.term.size().1))
    }

    /// Rows of the terminal.
    pub fn height(&self) -> usize {
        usize::from(self.term.size().0)
    }

    /// Width and height of one character in pixels, as far as the terminal tells.
    pub fn cell(&self) -> (u32, u32) {
        #[cfg(unix)]
        if let Ok(size) = rustix::termios::tcgetwinsize(std::io::stdout())
            && let (Some(width), Some(height)) =
                (size.ws_xpixel.checked_div(size.ws_col), size.ws_ypixel.checked_div(size.ws_row))
            && width > 0
            && height > 0
        {
            return (width.into(), height.into());
        }
        USUAL_CELL
    }

    /// Waits for a key or for another size.
    ///
    /// # Errors
    /// When the terminal cannot be read.
    pub fn event(&mut self) -> Result<Event> {
        if !self.waiting {
            if self.ask.send(()).is_err() {
                return Ok(Event::Ended);
            }
            self.waiting = true;
        }
        loop {
            match self.keys.recv_timeout(LOOK) {
                Ok(key) => {
                    self.waiting = false;
                    return match key {
                        Ok(key) => Ok(Event::Key(key)),
                        Err(error) if error.kind() == std::io::ErrorKind::UnexpectedEof => Ok(Event::Ended),
                        Err(error) => Err(failed(error)),
                    };
                }
                Err(RecvTimeoutError::Timeout) => {
                    let size = self.term.size();
                    if size != self.size {
                        self.size = size;
                        return Ok(Event::Resized);
                    }
                }
                Err(RecvTimeoutError::Disconnected) => return Ok(Event::Ended),
            }
        }
    }

    /// Clears the screen and writes lines from its top; one write, so that it does not flicker over a slow link.
    ///
    /// # Errors
    /// When the terminal cannot be written.
    pub fn show(&mut self, lines: &[Line]) -> Result<()> {
        self.show_with(lines, &[], &[])
    }

    /// As [`Screen::show`], with pictures between the lines above and those below.
    ///
    /// # Errors
    /// When the terminal cannot be written.
    pub fn show_with(&mut self, above: &[Line], drawings: &[Drawing], below: &[Line]) -> Result<()> {
        let mut text = std::mem::take(&mut self.clearing).to_owned();
        // Home, clear to the end, clear what is scrolled back of it only on the screen.
        text.push_str("\u{1b}[H\u{1b}[2J");
        text.push_str(&self.paint.lines(above));
        for Drawing { rows, sequence, clearing } in drawings {
            // Its rows are made first, so that nothing scrolls while it is drawn; wherever it leaves the cursor, the
            // next line is below it.
            text.push_str(&"\n".repeat(*rows));
            text.push_str(&format!("\u{1b}[{rows}A\u{1b}7\u{1b}[C{sequence}\u{1b}8\u{1b}[{rows}B"));
            self.clearing = clearing;
        }
        text.push_str(&self.paint.lines(below));
        self.write(&text)
    }

    /// Writes lines below what stands there.
    ///
    /// # Errors
    /// When the terminal cannot be written.
    pub fn add(&mut self, lines: &[Line]) -> Result<()> {
        self.write(&self.paint.lines(lines))
    }

    /// Writes a line without ending it: a prompt.
    ///
    /// # Errors
    /// When the terminal cannot be written.
    pub fn prompt(&mut self, line: &Line) -> Result<()> {
        self.write(&format!("\r\u{1b}[K{}", self.paint.line(line)))
    }

    /// Moves the cursor left.
    ///
    /// # Errors
    /// When the terminal cannot be written.
    pub fn back(&mut self, columns: usize) -> Result<()> {
        if columns == 0 { Ok(()) } else { self.write(&format!("\u{1b}[{columns}D")) }
    }

    fn write(&self, text: &str) -> Result<()> {
        let mut out = std::io::stdout().lock();
        // With echo off the terminal may still want its carriage returns: output processing stays on.
        out.write_all(text.as_bytes()).and_then(|()| out.flush()).map_err(failed)
    }

    /// Gives the terminal back for as long as something else uses it.
    pub fn lend<T>(&mut self, use_it: impl FnOnce() -> T) -> T {
        self.quiet = None;
        let result = use_it();
        self.quiet = Quiet::on();
        result
    }
}

fn failed(error: std::io::Error) -> Error {
    Error::internal("the terminal cannot be used").because(error)
}

/// While it lives the terminal echoes nothing and hands over each key at once: keys typed between two questions neither
/// stain the screen nor get lost. Dropping it restores what was.
struct Quiet {
    #[cfg(unix)]
    before: rustix::termios::Termios,
}

impl Quiet {
    #[cfg(unix)]
    fn on() -> Option<Quiet> {
        use rustix::termios::{LocalModes, OptionalActions, tcgetattr, tcsetattr};
        let input = std::io::stdin();
        if !input.is_terminal() {
            return None;
        }
        let before = tcgetattr(&input).ok()?;
        let mut quiet = before.clone();
        // Ctrl-C is a key too: it ends the session, which says so and leaves the terminal in order.
        quiet.local_modes.remove(LocalModes::ECHO | LocalModes::ICANON | LocalModes::ISIG);
        tcsetattr(&input, OptionalActions::Drain, &quiet).ok()?;
        Some(Quiet { before })
    }

    #[cfg(not(unix))]
    fn on() -> Option<Quiet> {
        None
    }
}

#[cfg(unix)]
impl Drop for Quiet {
    fn drop(&mut self) {
        use rustix::termios::{OptionalActions, tcsetattr};
        // Nothing could be done about a failure here.
        let _ = tcsetattr(std::io::stdin(), OptionalActions::Drain, &self.before);
    }
}
