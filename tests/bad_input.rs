//! Whatever goes wrong gives one clear sentence or is survived, and leaves the database as it was.

use crate::harness::{Desk, FIRST, dump};
use crate::quiz::play_right;

#[test]
fn a_broken_deck_is_refused_whole_and_changes_nothing() {
    let mut desk = Desk::with_cards();
    play_right(&mut desk, &[]);
    let before = dump(&desk.database());
    std::fs::create_dir(desk.path("empty")).unwrap();
    let no_cards = FIRST.split("[[card]]").next().unwrap();
    let replaced = |from: &str, to: &str| {
        assert!(FIRST.contains(from));
        FIRST.replacen(from, to, 1).into_bytes()
    };
    let cases: Vec<(&str, Vec<u8>, &str)> = vec![
        ("syntax", replaced("[[card]]", "[[card"), ":12"),
        ("unknown key", replaced("hint =", "hints ="), "hints"),
        ("duplicate id", replaced("\"boot\"", "\"inodes\""), "inodes"),
        ("missing field", replaced("back = \"df -i\"\n", ""), "back"),
        ("unknown system", replaced("system = \"linux\"", "system = \"linus\""), "linus"),
        ("wrong type", replaced("version = \"1.0.0\"", "version = 1"), "version"),
        ("not UTF-8", [FIRST.as_bytes(), b"# \xff\n"].concat(), "UTF-8"),
        ("binary", vec![0, 1, 2, 255, 0], ""),
        ("empty", Vec::new(), ""),
        ("a header alone", no_cards.as_bytes().to_vec(), "card"),
    ];
    for (what, bytes, part) in cases {
        desk.write("bad.toml", bytes);
        let refused = desk.run(&["import", "bad.toml"]);
        assert_eq!(refused.code, Some(1), "{what}: {}", refused.transcript());
        assert!(refused.out.starts_with("bad.toml: refused; nothing was changed\n"), "{what}: {}", refused.out);
        assert!(refused.out.contains(part), "{what}: {}", refused.out);
        assert_eq!(dump(&desk.database()), before, "{what}");
    }
    assert!(desk.run(&["import", "none.toml"]).failure(2).contains("could not read none.toml"));
    assert!(desk.run(&["import", "empty"]).failure(2).contains("empty holds no decks"));
    assert_eq!(dump(&desk.database()), before);
}

#[test]
fn a_foreign_deck_cannot_speak_to_the_terminal() {
    let mut desk = Desk::new();
    let evil = FIRST
        .replace("title = \"First\"", "title = \"\\u001b]0;owned\\u0007\"")
        .replace("Why can a zombie", "\\u001b[2J\\u202eWhy can\\u200b a zombie")
        .replace("not the blocks", "\\u009b31m");
    desk.write("evil\u{1b}[31m.toml", &evil);
    let mut printed = desk.run(&["import", "evil\u{1b}[31m.toml"]).transcript();
    printed += &desk.run(&["deck", "list"]).transcript();
    printed += &desk.run(&["card", "find", "zombie"]).transcript();
    printed += &desk.run(&["card", "show", "first/zombie"]).transcript();
    printed += &desk.say(&["quiz", "--plain", "--level", "practitioner"], ":hint\n\n\n").transcript();
    printed += &desk.say(&["quiz", "--plain"], ":hint\n\n\n").transcript();
    printed += &desk.run(&["deck", "lint", "evil\u{1b}[31m.toml"]).transcript();
    printed += &desk.run(&["quiz", "\u{1b}[31m"]).transcript();
    printed += &desk.run(&["\u{1b}[31m"]).transcript();
    printed += &desk.run(&["--db", "\u{1b}[31m/\u{202e}", "config"]).transcript();
    assert!(printed.contains("␛"), "what is hidden is shown: {printed}");
    let spoken: Vec<char> = printed
        .chars()
        .filter(|c| {
            (c.is_control() && *c != '\n' && *c != '\t') || ('\u{202a}'..='\u{202e}').contains(c) || *c == '\u{200b}'
        })
        .collect();
    assert_eq!(spoken, Vec::<char>::new(), "{printed:?}");
}

#[test]
fn databases_and_places_that_cannot_be_used() {
    let mut desk = Desk::new();
    let said = |desk: &mut Desk, place: &str, code| {
        let error = desk.run(&["--db", place, "quiz", "--plain"]).failure(code);
        assert_eq!(error.lines().filter(|line| line.starts_with("plugg: ")).count(), 1, "{error}");
        assert!(error.lines().count() <= 2, "one sentence and a hint: {error}");
        error
    };
    desk.write("text.db", "this is no database, however long one looks at it, and it is long enough to be looked at");
    assert!(said(&mut desk, "text.db", 1).contains("text.db is not a database"));
    rusqlite::Connection::open(desk.path("other.db")).unwrap().execute_batch("create table t (x)").unwrap();
    assert!(said(&mut desk, "other.db", 1).contains("other.db is a database of another program"));
    let _ = desk.run(&["--db", "newer.db", "quiz", "--plain"]).success();
    rusqlite::Connection::open(desk.path("newer.db")).unwrap().pragma_update(None, "user_version", 99).unwrap();
    assert!(said(&mut desk, "newer.db", 1).contains("was written by a newer plugg"));
    assert!(said(&mut desk, ".", 2).contains("is a folder, not a database"));
    desk.write("file", "");
    assert!(said(&mut desk, "file/plugg.db", 2).contains("could not make the folder"));
    assert!(said(&mut desk, "/proc/plugg.db", 2).contains("could not open /proc/plugg.db"));
    // A damaged page.
    let _ = desk.run(&["--db", "damaged.db", "import", "--help"]).success();
    desk.write("first.toml", FIRST);
    let _ = desk.run(&["--db", "damaged.db", "import", "first.toml"]).success();
    let mut bytes = std::fs::read(desk.path("damaged.db")).unwrap();
    let length = bytes.len();
    bytes[4096..length].fill(0xa5);
    desk.write("damaged.db", bytes);
    assert!(said(&mut desk, "damaged.db", 1).contains("damaged"));
}

#[test]
fn a_configuration_that_is_wrong_is_named() {
    let mut desk = Desk::new();
    desk.write("config.toml", "new_per_day = 5\nnew_per_dya = 6\n");
    let error = desk.run(&["due"]).failure(1);
    assert!(error.contains("config.toml: line 2: unknown field `new_per_dya`"), "{error}");
    let error = desk.run(&["--config", "none.toml", "due"]).failure(2);
    assert!(error.contains("could not read the configuration none.toml"), "{error}");
}

#[test]
fn the_end_of_the_input_ends_the_session_and_keeps_the_answers() {
    let mut desk = Desk::with_cards();
    for (input, rows) in [("", 0), ("df -i", 0), ("df -i\n", 0), ("df -i\n\n", 1)] {
        let transcript = desk.say(&["quiz", "--plain", "--level", "foundation"], input).success();
        assert!(transcript.contains("kept") || transcript.contains("Nothing was answered"), "{transcript}");
        assert_eq!(desk.count("select count(*) from review"), rows, "after {input:?}");
    }
    let binary = desk.say(&["quiz", "--plain"], &"\u{fffd}".repeat(70_000)).success();
    assert!(binary.contains(" > "), "{}", binary.len());
}

#[test]
fn a_closed_pipe_is_a_quiet_end() {
    let mut desk = Desk::with_cards();
    let mut command = std::process::Command::new(env!("CARGO_BIN_EXE_plugg"));
    command.args(["config", "--template"]).env_clear().envs(desk.variables());
    let mut child = command.stdout(std::process::Stdio::piped()).stderr(std::process::Stdio::piped()).spawn().unwrap();
    drop(child.stdout.take());
    let output = child.wait_with_output().unwrap();
    assert_eq!((output.status.code(), String::from_utf8(output.stderr).unwrap().as_str()), (Some(0), ""));
}

#[test]
fn without_utf8_every_byte_is_ascii() {
    let mut desk = Desk::with_cards();
    for args in [vec![], vec!["report"], vec!["goal"], vec!["quiz", "--plain"]] {
        let output = desk.call(&args, "", &[("LC_ALL", "C")]);
        assert!(output.out.is_ascii(), "{}", output.out);
        assert_eq!(output.code, Some(0));
    }
}

#[test]
fn two_at_once_wait_for_each_other() {
    let mut desk = Desk::with_cards();
    let database = desk.database();
    database.execute_batch("begin immediate").unwrap();
    // The other one holds the database for a moment; the quiz waits and then keeps its answer.
    let holder = std::thread::spawn(move || {
        std::thread::park_timeout(std::time::Duration::from_millis(700));
        database.execute_batch("commit").unwrap();
    });
    let _ = desk.say(&["quiz", "--plain", "--limit", "1"], "df -i\n\n").success();
    holder.join().unwrap();
    assert_eq!(desk.count("select count(*) from review"), 1);
}
