//! A place where nothing of the machine shows: an empty environment, own folders, a clock that only moves when it is
//! told to, chance from a seed.

use std::io::Write as _;
use std::path::PathBuf;
use std::process::{Command, Stdio};

/// The decks that most tests use.
pub const FIRST: &str = include_str!("fixtures/first.toml");

/// A learner's desk.
pub struct Desk {
    folder: tempfile::TempDir,
    /// Days since the first.
    day: u32,
    /// Calls so far: each has a seed of its own.
    calls: u32,
}

/// What a call printed, as one text: standard output, standard error, exit status.
#[must_use = "hold the output against what is expected, or ask whether it succeeded"]
pub struct Output {
    /// What was called.
    pub call: String,
    /// Standard output.
    pub out: String,
    /// Standard error.
    pub err: String,
    /// The exit status; `None` after a signal.
    pub code: Option<i32>,
}

impl Output {
    /// The whole, as a transcript.
    pub fn transcript(&self) -> String {
        let mut text = format!("$ {}\n{}", plugg::text::visible(&self.call), self.out);
        if !self.err.is_empty() {
            text.push_str("------- stderr -------\n");
            text.push_str(&self.err);
        }
        if self.code != Some(0) {
            text.push_str(&format!("[exit status: {:?}]\n", self.code));
        }
        text
    }

    /// Standard output of a call that must have gone well.
    #[track_caller]
    pub fn success(self) -> String {
        assert_eq!(self.code, Some(0), "{}{}", self.out, self.err);
        self.out
    }

    /// Standard error of a call that must have failed with this status.
    #[track_caller]
    pub fn failure(self, code: i32) -> String {
        assert_eq!(self.code, Some(code), "{}{}", self.out, self.err);
        self.err
    }
}

impl Desk {
    /// An empty desk, without the bundled decks.
    pub fn new() -> Desk {
        let folder = tempfile::tempdir().unwrap();
        let desk = Desk { folder, day: 0, calls: 0 };
        desk.write("config.toml", "bundled_decks = false\n");
        desk
    }

    /// A desk with the deck of most tests on it.
    pub fn with_cards() -> Desk {
        let mut desk = Desk::new();
        desk.write("first.toml", FIRST);
        let _ = desk.run(&["import", "first.toml"]).success();
        desk
    }

    /// A file on the desk.
    pub fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// Writes a file.
    pub fn write(&self, name: &str, text: impl AsRef<[u8]>) {
        std::fs::write(self.path(name), text).unwrap();
    }

    /// Lets days pass.
    pub fn days_later(&mut self, days: u32) {
        self.day += days;
    }

    /// Runs plugg without input.
    pub fn run(&mut self, args: &[&str]) -> Output {
        self.say(args, "")
    }

    /// Runs plugg with this input.
    pub fn say(&mut self, args: &[&str], input: &str) -> Output {
        self.call(args, input, &[])
    }

    /// The variables of a call: nothing of the machine but what a program cannot do without.
    pub fn variables(&mut self) -> Vec<(String, String)> {
        self.calls += 1;
        let start = chrono::NaiveDate::from_ymd_opt(2026, 11, 24).unwrap() + chrono::Days::new(self.day.into());
        let minute = self.calls % 60;
        let place = |name: &str| self.path(name).display().to_string();
        [
            ("HOME", place("home")),
            ("PLUGG_DB", place("plugg.db")),
            ("PLUGG_CONFIG", place("config.toml")),
            ("PLUGG_TEST_CLOCK", format!("{start}T08:{minute:02}:00+01:00,1500")),
            ("PLUGG_TEST_SEED", self.calls.to_string()),
            ("COLUMNS", "80".to_owned()),
            ("LC_ALL", "C.UTF-8".to_owned()),
            ("TERM", "xterm-256color".to_owned()),
            ("PATH", std::env::var("PATH").unwrap()),
        ]
        .map(|(name, value)| (name.to_owned(), value))
        .to_vec()
    }

    /// Runs plugg in an address space of so many KiB: what needs more ends by a signal.
    pub fn confined(&mut self, args: &[&str], kib: u32) -> Output {
        let mut command = Command::new("sh");
        command.args(["-c", "ulimit -v \"$0\"; exec \"$@\"", &kib.to_string(), env!("CARGO_BIN_EXE_plugg")]);
        self.spawn(command, args, "", &[])
    }

    /// Runs plugg with this input and further variables.
    pub fn call(&mut self, args: &[&str], input: &str, variables: &[(&str, &str)]) -> Output {
        self.spawn(Command::new(env!("CARGO_BIN_EXE_plugg")), args, input, variables)
    }

    fn spawn(&mut self, mut command: Command, args: &[&str], input: &str, variables: &[(&str, &str)]) -> Output {
        command.args(args).current_dir(self.folder.path()).env_clear().envs(self.variables());
        command.envs(variables.iter().copied());
        let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        // A program that ends before it read everything is no fault of the test.
        let _ = child.stdin.take().unwrap().write_all(input.as_bytes());
        let output = child.wait_with_output().unwrap();
        let text = |bytes: Vec<u8>| self.cleaned(&String::from_utf8(bytes).unwrap());
        let call = ["plugg"].iter().chain(args).copied().collect::<Vec<_>>().join(" ");
        Output { call, out: text(output.stdout), err: text(output.stderr), code: output.status.code() }
    }

    /// What a call would print, without keeping anything of it: it runs on a copy of the database, and the next call
    /// has the same seed and clock.
    pub fn look(&mut self, args: &[&str], input: &str) -> String {
        let copy = self.path("look.db");
        let _ = std::fs::remove_file(&copy);
        self.database().execute("vacuum into ?1", [copy.display().to_string()]).unwrap();
        let calls = self.calls;
        let output = self.call(args, input, &[("PLUGG_DB", &copy.display().to_string())]);
        self.calls = calls;
        output.success()
    }

    fn cleaned(&self, text: &str) -> String {
        text.replace(&self.folder.path().display().to_string(), "$DESK")
    }

    /// The database, for tests that look into it.
    pub fn database(&self) -> rusqlite::Connection {
        rusqlite::Connection::open(self.path("plugg.db")).unwrap()
    }

    /// One number out of the database.
    pub fn count(&self, sql: &str) -> i64 {
        self.database().query_row(sql, [], |row| row.get(0)).unwrap()
    }
}

/// Everything in the database, as text.
pub fn dump(database: &rusqlite::Connection) -> String {
    let mut text = String::new();
    let tables: Vec<String> = database
        .prepare("select name from sqlite_schema where type = 'table' order by name")
        .unwrap()
        .query_map([], |row| row.get(0))
        .unwrap()
        .map(Result::unwrap)
        .collect();
    for table in tables {
        let mut statement = database.prepare(&format!("select * from {table}")).unwrap();
        let columns = statement.column_count();
        let mut rows = statement.query([]).unwrap();
        while let Some(row) = rows.next().unwrap() {
            let values: Vec<String> =
                (0..columns).map(|column| format!("{:?}", row.get_ref(column).unwrap())).collect();
            text.push_str(&format!("{table}: {}\n", values.join(" ")));
        }
    }
    text
}
