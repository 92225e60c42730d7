//! A session in a real pseudo-terminal: keys are sent, the screen is read.

use std::io::{Read as _, Write};
use std::num::NonZeroU16;
use std::sync::mpsc::{Receiver, channel};
use std::time::Duration;

use portable_pty::{Child, CommandBuilder, MasterPty, PtySize, native_pty_system};

use crate::harness::Desk;

/// How long a screen may take to show what is waited for; only a failing test takes it.
const PATIENCE: Duration = Duration::from_secs(30);

struct Terminal {
    master: Box<dyn MasterPty + Send>,
    child: Box<dyn Child + Send + Sync>,
    input: Box<dyn Write + Send>,
    output: Receiver<Vec<u8>>,
    screen: vt100::Parser,
}

impl Terminal {
    fn start(desk: &mut Desk, args: &[&str], (rows, cols): (u16, u16), variables: &[(&str, &str)]) -> Terminal {
        let size = PtySize { rows, cols, pixel_width: 0, pixel_height: 0 };
        let pair = native_pty_system().openpty(size).unwrap();
        let mut command = CommandBuilder::new(env!("CARGO_BIN_EXE_plugg"));
        command.args(args);
        command.cwd(desk.path("."));
        command.env_clear();
        for (name, value) in desk.variables() {
            // The width is the terminal's own here.
            if name != "COLUMNS" {
                command.env(name, value);
            }
        }
        for (name, value) in variables {
            command.env(name, value);
        }
        let child = pair.slave.spawn_command(command).unwrap();
        drop(pair.slave);
        let mut reader = pair.master.try_clone_reader().unwrap();
        let (send, output) = channel();
        std::thread::spawn(move || {
            let mut buffer = [0; 4096];
            while let Ok(read @ 1..) = reader.read(&mut buffer) {
                if send.send(buffer[..read].to_vec()).is_err() {
                    return;
                }
            }
        });
        let input = pair.master.take_writer().unwrap();
        let screen = vt100::Parser::new(size_of(rows), size_of(cols), 0);
        Terminal { master: pair.master, child, input, output, screen }
    }

    fn keys(&mut self, keys: &str) {
        self.input.write_all(keys.as_bytes()).unwrap();
        self.input.flush().unwrap();
    }

    /// Waits until the screen shows a text, and returns the screen.
    #[track_caller]
    fn shows(&mut self, text: &str) -> String {
        self.shows_all(&[text])
    }

    /// Waits until the screen shows all of these texts at once: a screen can arrive in pieces.
    #[track_caller]
    fn shows_all(&mut self, texts: &[&str]) -> String {
        loop {
            let screen = self.screen.screen().contents();
            if texts.iter().all(|text| screen.contains(text)) {
                return screen;
            }
            match self.output.recv_timeout(PATIENCE) {
                Ok(bytes) => self.screen.process(&bytes),
                Err(_) => panic!("the screen never showed {texts:?}:\n{screen}"),
            }
        }
    }

    /// Waits for the end and returns the exit code.
    fn end(mut self) -> u32 {
        while let Ok(bytes) = self.output.recv_timeout(PATIENCE) {
            self.screen.process(&bytes);
        }
        self.child.wait().unwrap().exit_code()
    }
}

impl Drop for Terminal {
    fn drop(&mut self) {
        // A test that failed leaves no program behind.
        let _ = self.child.kill();
    }
}

fn size_of(cells: u16) -> NonZeroU16 {
    NonZeroU16::new(cells).unwrap()
}

/// The first of these texts that stands on the screen.
fn which<'a>(screen: &str, texts: &[&'a str]) -> &'a str {
    texts.iter().find(|text| screen.contains(**text)).unwrap_or_else(|| panic!("none of {texts:?} in\n{screen}"))
}

const FRONTS: [&str; 5] = ["No space left", "kill -0", "Which of these modes", "order does a machine", "/etc/fstab"];

/// The number before an option on the screen.
fn number(screen: &str, option: &str) -> char {
    let line = screen.lines().find(|line| line.trim_end().ends_with(option)).unwrap();
    line.chars().find(char::is_ascii_digit).unwrap()
}

#[test]
fn a_session_with_every_kind_of_card() {
    let mut desk = Desk::with_cards();
    let mut terminal = Terminal::start(&mut desk, &["quiz"], (24, 80), &[]);
    terminal.shows("Go deep where?");
    terminal.keys("\r");
    for done in 1..=5 {
        let screen = terminal.shows_all(&[&format!("{done}/5"), "keys"]);
        let front = which(&screen, &FRONTS);
        match front {
            "No space left" => {
                terminal.keys("\t");
                terminal.shows("Hint: not the blocks");
                terminal.keys("df  -x\u{7f}i\r");
            }
            "kill -0" => terminal.keys(&number(&screen, "whether the process may be signalled").to_string()),
            "Which of these modes" => {
                terminal.keys(&number(&screen, "755").to_string());
                terminal.keys(&number(&screen, "700").to_string());
                terminal.keys("\r");
            }
            "order does a machine" => {
                for step in ["firmware", "boot loader", "kernel"] {
                    terminal.keys(&number(&screen, step).to_string());
                }
                terminal.keys("\r");
            }
            _ => terminal.keys("-a\r"),
        }
        let screen = terminal.shows_all(&["again now", "? keys"]);
        assert!(screen.contains("✓ Right."), "{screen}");
        assert!(screen.lines().all(|line| line.chars().count() <= 80), "{screen}");
        // What was recalled with a hint is hard, and would be drilled: it is graded good here.
        terminal.keys("3");
    }
    let screen = terminal.shows_all(&["5 cards in", "Come back"]);
    assert!(screen.contains("5 right at the first try"), "{screen}");
    assert!(screen.contains("Come back tomorrow: 5 due then"), "{screen}");
    assert_eq!(terminal.end(), 0);
    assert_eq!(desk.count("select count(*) from review where grade = 4"), 5);
}

#[test]
fn asides_undo_and_quitting() {
    let mut desk = Desk::with_cards();
    let _ = desk.say(&["quiz", "--plain", "--limit", "1"], "nonsense\n4\n").success();
    let mut terminal = Terminal::start(&mut desk, &["quiz", "--level", "practitioner"], (24, 80), &[]);
    terminal.shows("Go deep where?");
    terminal.keys("\r");
    terminal.shows("Enter show the answer");
    terminal.keys("?");
    terminal.shows("Any key goes back.");
    terminal.keys("x");
    terminal.shows("Enter show the answer");
    terminal.keys("u");
    terminal.shows("Taken back: the answer graded");
    assert_eq!(desk.count("select count(*) from card where due is not null"), 0);
    terminal.keys("\u{3}");
    terminal.shows("Nothing was answered.");
    assert_eq!(terminal.end(), 0);
}

#[test]
fn a_resize_draws_the_question_again() {
    let mut desk = Desk::with_cards();
    let mut terminal = Terminal::start(&mut desk, &["quiz", "--level", "practitioner"], (24, 80), &[]);
    terminal.shows("Go deep where?");
    terminal.keys("\r");
    terminal.shows("Enter show the answer");
    terminal.screen.screen_mut().set_size(size_of(24), size_of(40));
    terminal.master.resize(PtySize { rows: 24, cols: 40, pixel_width: 0, pixel_height: 0 }).unwrap();
    let screen = terminal.shows_all(&["1/1 ╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌\n", "? keys"]);
    assert!(screen.lines().all(|line| line.chars().count() <= 40), "{screen}");
    terminal.keys("q");
    assert_eq!(terminal.end(), 0);
}

#[test]
fn without_colour_nothing_but_the_place_of_the_cursor_is_sent() {
    let mut desk = Desk::with_cards();
    let mut terminal = Terminal::start(&mut desk, &["quiz"], (24, 80), &[("NO_COLOR", "1")]);
    terminal.shows("Go deep where?");
    terminal.keys("\r");
    terminal.shows("1/5");
    let mut raw = String::new();
    terminal.keys("\u{3}");
    while let Ok(bytes) = terminal.output.recv_timeout(PATIENCE) {
        raw.push_str(&String::from_utf8_lossy(&bytes));
    }
    assert!(raw.contains("Nothing was answered."), "{raw:?}");
    assert!(!raw.contains("\u{1b}[3") && !raw.contains("\u{1b}[1m"), "{raw:?}");
}

#[test]
fn a_terminal_that_goes_away_ends_the_session() {
    let mut desk = Desk::with_cards();
    let mut terminal = Terminal::start(&mut desk, &["quiz"], (24, 80), &[]);
    terminal.shows("Go deep where?");
    terminal.keys("\r");
    terminal.shows("1/5");
    // What a terminal's end sends to the programs on it: a hang-up.
    terminal.child.kill().unwrap();
    terminal.child.wait().unwrap();
    assert!(desk.run(&["doctor"]).success().contains("sound"));
}

#[test]
fn a_share_file_is_written_only_on_a_yes() {
    let mut desk = Desk::with_cards();
    crate::quiz::play_right(&mut desk, &[]);
    desk.days_later(1);
    crate::quiz::play_right(&mut desk, &[]);
    // keys at the question, whether the file is there afterwards
    for (key, written) in [("\r", false), ("n", false), ("y", true)] {
        let mut terminal = Terminal::start(&mut desk, &["report", "--share", "anna.toml"], (40, 100), &[]);
        terminal.shows("Your name, as the file is to say it");
        terminal.keys("Anna\r");
        terminal.shows_all(&["name = \"Anna\"", "id = \"linux\"", "Write anna.toml with exactly these lines?"]);
        assert!(!desk.path("anna.toml").exists());
        terminal.keys(key);
        terminal.shows(if written { "anna.toml is written" } else { "Nothing was written." });
        assert_eq!(terminal.end(), 0);
        assert_eq!(desk.path("anna.toml").exists(), written);
    }
}
