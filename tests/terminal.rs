//! A session in a real pseudo-terminal: keys are sent, the screen is read.

use std::io::{BufRead as _, Read as _, Write};
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
    /// All that was sent to the screen.
    raw: Vec<u8>,
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
        Terminal { master: pair.master, child, input, output, screen, raw: Vec::new() }
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
                Ok(bytes) => {
                    self.raw.extend(&bytes);
                    self.screen.process(&bytes);
                }
                Err(_) => panic!("the screen never showed {texts:?}:\n{screen}"),
            }
        }
    }

    /// How often this was sent to the screen so far.
    fn sent(&self, sequence: &str) -> usize {
        String::from_utf8_lossy(&self.raw).matches(sequence).count()
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
fn the_same_keys_in_swedish() {
    let mut desk = Desk::with_cards();
    let variables = [("LC_ALL", "sv_SE.UTF-8")];
    let mut terminal = Terminal::start(&mut desk, &["quiz", "--level", "practitioner"], (24, 80), &variables);
    terminal.shows("Vad vill du kunna på djupet?");
    terminal.keys("\r");
    let screen = terminal.shows_all(&["Enter visa svaret", "n inte nu", "? tangenter"]);
    assert!(screen.contains("Linux · kunnig · nytt"), "{screen}");
    terminal.keys("?");
    let screen = terminal.shows("Tryck på valfri tangent");
    assert!(screen.contains("pausa kortet tills du tar upp det igen"), "{screen}");
    terminal.keys("x");
    terminal.shows("Enter visa svaret");
    terminal.keys("\r");
    let screen = terminal.shows_all(&["1 igen nu", "u ångra"]);
    assert!(screen.lines().all(|line| line.chars().count() <= 80), "{screen}");
    terminal.keys("3");
    terminal.shows_all(&["1 kort på under en minut", "Kom tillbaka i morgon"]);
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

/// How a picture begins on iTerm2, on kitty, and as a sixel.
const PICTURES: [&str; 3] = ["\u{1b}]1337;File=inline=1;", "\u{1b}_Ga=T,", "\u{1b}P0;1q"];

fn picture(shade: u8) -> Vec<u8> {
    let mut out = std::io::Cursor::new(Vec::new());
    let picture = image::RgbImage::from_pixel(40, 30, image::Rgb([shade; 3]));
    picture.write_to(&mut out, image::ImageFormat::Png).unwrap();
    out.into_inner()
}

/// A desk with one card: a picture and a sound in its question, another picture in its answer.
fn desk_with_pictures(front: &[u8]) -> Desk {
    let mut desk = Desk::new();
    desk.write("map.png", front);
    desk.write("back.png", picture(200));
    desk.write("beep.mp3", b"ID3\x04\0\0\0\0\0\0");
    let deck = serde_json::json!({
        "__type__": "Deck", "name": "Maps", "media_files": ["map.png", "back.png", "beep.mp3"], "children": [],
        "note_models": [{
            "__type__": "NoteModel", "crowdanki_uuid": "m", "name": "Basic", "type": 0,
            "flds": [{"name": "Front", "ord": 0}, {"name": "Back", "ord": 1}],
            "tmpls": [{"name": "Card", "ord": 0, "qfmt": "{{Front}}", "afmt": "{{FrontSide}}<hr id=answer>{{Back}}"}],
        }],
        "notes": [{
            "__type__": "Note", "guid": "n1", "note_model_uuid": "m", "tags": [],
            "fields": ["Which country? <img src='map.png'> [sound:beep.mp3]", "Sweden <img src='back.png'>"],
        }],
    });
    desk.write("deck.json", deck.to_string());
    let imported = desk.run(&["import", "deck.json"]).success();
    assert!(imported.contains("3 media"), "{imported}");
    desk
}

#[test]
fn pictures_are_drawn_where_the_terminal_takes_them() {
    let mut desk = desk_with_pictures(&picture(90));
    let mut terminal = Terminal::start(&mut desk, &["quiz"], (24, 80), &[("TERM_PROGRAM", "iTerm.app")]);
    terminal.shows("Go deep where?");
    terminal.keys("\r");
    let screen = terminal.shows_all(&["Which country?", "? keys"]);
    assert_eq!(PICTURES.map(|sequence| terminal.sent(sequence)), [1, 0, 0]);
    assert_eq!(terminal.sent("width=5;height=2;"), 1, "40 by 30 pixels on places of 8 by 16");
    let below = |screen: &str, text: &str| screen.lines().position(|line| line.contains(text)).unwrap();
    assert_eq!(below(&screen, "Enter show the answer") - below(&screen, "[image: map.png]"), 5, "{screen}");
    terminal.keys("\r");
    terminal.shows_all(&["Sweden [image: back.png]", "again now"]);
    assert_eq!(PICTURES.map(|sequence| terminal.sent(sequence)), [2, 0, 0], "the answer's own instead");
    terminal.keys("3");
    terminal.shows("1 card in");
    assert_eq!(terminal.end(), 0);
}

#[test]
fn elsewhere_pictures_are_named() {
    type Variables = &'static [(&'static str, &'static str)];
    const ITERM: (&str, &str) = ("TERM_PROGRAM", "iTerm.app");
    let mut claims = picture(90);
    // Its width, which stands behind the signature and the head of the first part; the checksum no longer fits either.
    claims[16..20].copy_from_slice(&100_000_u32.to_be_bytes());
    let cases: [(&[u8], &str, Variables, usize); 8] = [
        (&picture(90), "auto", &[], 0),
        (&picture(90), "never", &[ITERM], 0),
        (&picture(90), "auto", &[ITERM, ("NO_COLOR", "1")], 0),
        (&picture(90), "auto", &[ITERM, ("TMUX", "/tmp/tmux-0/default,1,0")], 0),
        (b"not a picture at all", "auto", &[ITERM], 0),
        (&claims, "auto", &[ITERM], 0),
        (&picture(90)[..60], "auto", &[ITERM], 0),
        (&picture(90), "sixel", &[], 1),
    ];
    for (front, setting, variables, drawn) in cases {
        let mut desk = desk_with_pictures(front);
        desk.write("config.toml", format!("bundled_decks = false\npictures = \"{setting}\"\n"));
        let mut terminal = Terminal::start(&mut desk, &["quiz"], (24, 80), variables);
        terminal.shows("Go deep where?");
        terminal.keys("\r");
        terminal.shows_all(&["[image: map.png]", "o open pictures and sounds", "? keys"]);
        let sent: usize = PICTURES.iter().map(|sequence| terminal.sent(sequence)).sum();
        assert_eq!(sent, drawn, "{setting} {variables:?}");
        terminal.keys("q");
        assert_eq!(terminal.end(), 0);
    }
}

#[test]
#[cfg(target_os = "linux")]
fn pictures_and_sounds_are_opened_by_the_systems_program() {
    use std::os::unix::fs::PermissionsExt as _;
    let mut desk = desk_with_pictures(&picture(90));
    // In the place of the system's opener: it hands over what it was called with, through a pipe that waits.
    let (bin, pipe) = (desk.path("bin"), desk.path("pipe"));
    std::fs::create_dir(&bin).unwrap();
    assert!(std::process::Command::new("mkfifo").arg(&pipe).status().unwrap().success());
    desk.write("bin/xdg-open", format!("#!/bin/sh\necho \"$*\" > '{}'\n", pipe.display()));
    std::fs::set_permissions(bin.join("xdg-open"), std::fs::Permissions::from_mode(0o755)).unwrap();
    // Open for writing too: then the pipe has no end between two callers.
    let pipe = std::fs::File::options().read(true).write(true).open(&pipe).unwrap();
    let (send, called) = channel();
    std::thread::spawn(move || {
        let mut lines = std::io::BufReader::new(pipe).lines().map_while(Result::ok);
        while lines.next().is_some_and(|line| send.send(std::path::PathBuf::from(line)).is_ok()) {}
    });
    let path = format!("{}:{}", bin.display(), std::env::var("PATH").unwrap());
    let variables = [("DISPLAY", ":0"), ("PATH", path.as_str())];
    let mut terminal = Terminal::start(&mut desk, &["quiz"], (24, 80), &variables);
    terminal.shows("Go deep where?");
    terminal.keys("\r");
    terminal.shows("o open pictures and sounds");
    // The programs start in no certain order.
    let opened = |count: usize| {
        let mut found = Vec::new();
        for _ in 0..count {
            let path = called.recv_timeout(PATIENCE).unwrap();
            let name = path.file_name().unwrap().to_str().unwrap();
            let (stem, ending) = name.split_once('.').unwrap();
            assert!(stem.len() == 16 && stem.bytes().all(|byte| byte.is_ascii_hexdigit()), "{name}");
            assert!(path.metadata().unwrap().permissions().readonly());
            found.push((ending.to_owned(), std::fs::read(&path).unwrap(), path));
        }
        found.sort();
        found
    };
    let contents = |found: &[(String, Vec<u8>, std::path::PathBuf)]| -> Vec<(String, Vec<u8>)> {
        found.iter().map(|(ending, content, _)| (ending.clone(), content.clone())).collect()
    };
    let (map, back, beep) = (picture(90), picture(200), b"ID3\x04\0\0\0\0\0\0".to_vec());
    terminal.keys("o");
    let first = opened(2);
    assert_eq!(contents(&first), [("mp3".to_owned(), beep.clone()), ("png".to_owned(), map.clone())]);
    let screen = terminal.shows_all(&["Opened: map.png", "Opened: beep.mp3"]);
    assert!(!screen.contains("back.png"), "the answer is not given away: {screen}");
    terminal.keys("\r");
    terminal.shows("again now");
    terminal.keys("o");
    let mut all = [("mp3".to_owned(), beep), ("png".to_owned(), map), ("png".to_owned(), back)];
    all.sort();
    let second = opened(3);
    assert_eq!(contents(&second), all);
    assert!(first.iter().all(|copy| second.contains(copy)), "one copy of each");
    terminal.shows("Opened: back.png");
    terminal.keys("q");
    assert_eq!(terminal.end(), 0);
    assert!(second.iter().all(|(_, _, copy)| !copy.exists()), "the copies go with the session");
}

#[test]
fn without_a_desktop_their_place_is_said() {
    let mut desk = desk_with_pictures(&picture(90));
    let mut terminal = Terminal::start(&mut desk, &["quiz"], (24, 80), &[("SSH_CONNECTION", "1")]);
    terminal.shows("Go deep where?");
    terminal.keys("\r");
    terminal.shows("o open pictures and sounds");
    terminal.keys("o");
    terminal.shows_all(&["No program can open map.png here. Until the session ends it is", ".png", ".mp3"]);
    terminal.keys("?");
    terminal.shows("o  open the card's pictures and sounds");
    terminal.keys("xq");
    assert_eq!(terminal.end(), 0);
    let transcript = desk.call(&["quiz", "--plain"], ":open\n\n3\n", &[("SSH_CONNECTION", "1")]).success();
    for text in
        ["[image: map.png]", " :open  open pictures and sounds", "No program can open beep.mp3 here.", "1 card in"]
    {
        assert!(transcript.contains(text), "{text} in {transcript}");
    }
    let shown = desk.run(&["card", "show", "maps/n1"]).success();
    let folder = "$DESK/media/";
    for (kind, name) in [("picture", "map.png"), ("sound", "beep.mp3"), ("picture", "back.png")] {
        assert!(shown.contains(&format!("{kind} {name}  {folder}")), "{shown}");
    }
}
