//! Does plugg feel on the thousandth day as it did on the first? `cargo bench --bench scale`
//!
//! A database of 100,000 cards and 1,000,000 reviews, and one with ten times the log. From process start to the first
//! question, and from an answer to the next question; each beside the least that it could take, measured in the same
//! run: starting the program at all, opening the file, one durable commit. Medians; the ratios are what counts.

#![allow(
    clippy::unwrap_used,
    clippy::print_stdout,
    clippy::disallowed_methods,
    reason = "a benchmark measures and prints"
)]

use std::io::{Read as _, Write as _};
use std::path::Path;
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};
use std::time::{Duration, Instant};

use rusqlite::{Connection, params};

const CARDS: i64 = 100_000;
const REVIEWS: i64 = 1_000_000;
const RUNS: usize = 21;
const ANSWERS: usize = 40;
const TODAY: i64 = 20_781;

fn main() {
    let folder = tempfile::tempdir().unwrap();
    let place = |name: &str| folder.path().join(name);
    std::fs::write(place("config.toml"), "bundled_decks = false\n").unwrap();
    println!("{:<52} {:>9} {:>9} {:>9}", "", "min", "median", "max");
    let mut firsts = Vec::new();
    for (name, reviews) in [("small.db", REVIEWS / 1000), ("large.db", REVIEWS), ("huge.db", 10 * REVIEWS)] {
        let cards = if reviews < REVIEWS { CARDS / 1000 } else { CARDS };
        fill(&place(name), &place("config.toml"), cards, reviews);
        println!("{cards} cards, {reviews} reviews, {} MB", std::fs::metadata(place(name)).unwrap().len() / 1_000_000);
        let (mut bare, mut open, mut first) = (Vec::new(), Vec::new(), Vec::new());
        for _ in 0..RUNS {
            bare.push(timed(|| {
                assert!(
                    plugg(&place(name), &place("config.toml"))
                        .arg("--version")
                        .stdout(Stdio::null())
                        .status()
                        .unwrap()
                        .success()
                )
            }));
            open.push(timed(|| assert!(opened(&place(name)) > 0)));
            first.push(first_question(&place(name), &place("config.toml")));
        }
        row("  the program started, printing its version", &mut bare);
        row("  the file opened, one row read", &mut open);
        firsts.push(row("  process start to first question", &mut first));
        let mut due: Vec<Duration> = (0..RUNS)
            .map(|_| {
                timed(|| {
                    assert!(
                        plugg(&place(name), &place("config.toml"))
                            .args(["due", "--short"])
                            .stdout(Stdio::null())
                            .status()
                            .unwrap()
                            .success()
                    )
                })
            })
            .collect();
        row("  due --short", &mut due);
        let mut report: Vec<Duration> = (0..5)
            .map(|_| {
                timed(|| {
                    assert!(
                        plugg(&place(name), &place("config.toml"))
                            .arg("report")
                            .stdout(Stdio::null())
                            .status()
                            .unwrap()
                            .success()
                    )
                })
            })
            .collect();
        let report = row("  report", &mut report);
        let look = Connection::open(place(name)).unwrap();
        let mut walks: Vec<Duration> = (0..5)
            .map(|_| {
                timed(|| {
                    let sum: i64 =
                        look.query_row("select sum(grade + after_interval) from review", [], |row| row.get(0)).unwrap();
                    assert!(sum > 0);
                })
            })
            .collect();
        let walk = row("  looking at the review table once in SQL", &mut walks);
        println!("  report ÷ one look at the log: {:.2}", ratio(report, walk));
        let (answer, commit) = answers(&place(name), &place("config.toml"), &place("commit.db"));
        println!("  an answer ÷ one durable commit: {:.2}", ratio(answer, commit));
    }
    println!("first question, ten times the log ÷ the log: {:.2}", ratio(firsts[2], firsts[1]));
}

fn plugg(database: &Path, config: &Path) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_plugg"));
    command
        .env_clear()
        .env("PLUGG_DB", database)
        .env("PLUGG_CONFIG", config)
        .env("LC_ALL", "C.UTF-8")
        .env("COLUMNS", "80");
    command.env("PLUGG_TEST_CLOCK", "2026-11-24T08:00:00+01:00,1000");
    command
}

/// Fills a database by SQL, with what many answers would have left; the program itself made its schema.
fn fill(database: &Path, config: &Path, cards: i64, reviews: i64) {
    assert!(
        plugg(database, config)
            .args(["quiz", "--plain"])
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .status()
            .unwrap()
            .success()
    );
    let mut connection = Connection::open(database).unwrap();
    connection.execute_batch("pragma synchronous = off; pragma recursive_triggers = on").unwrap();
    let transaction = connection.transaction().unwrap();
    transaction.execute("insert into deck (id, key, title, about, origin, imported_ms) values (1, 'big', 'Big', '{\"id\":\"big\",\"title\":\"Big\",\"language\":\"en\",\"license\":\"\",\"authors\":[],\"version\":\"\",\"reviewed\":\"\"}', 'bench', 0)", []).unwrap();
    let areas = ["linux", "git", "networking", "cloud", "databases", "cdn", "containers", "monitoring-logging"];
    for (index, area) in areas.iter().enumerate() {
        transaction
            .execute(
                "insert into scope (id, area, system, level) values (?1, ?2, '', 0)",
                params![index as i64 + 1, area],
            )
            .unwrap();
    }
    for card in 1..=cards {
        let scope = card % areas.len() as i64 + 1;
        let note = format!(
            "{{\"id\":\"n{card}\",\"area\":\"{}\",\"system\":\"\",\"level\":\"foundation\",\"explanation\":\"Because it is so, and the manual says it at some length.\",\"source\":\"https://man7.org/\",\"faces\":[{{\"ordinal\":0,\"kind\":\"basic\",\"front\":\"Question number {card}: what does it do, and when?\",\"back\":[\"What it says, whenever it may.\"]}}]}}",
            areas[(scope - 1) as usize]
        );
        transaction
            .prepare_cached("insert into note (id, deck, key, position, base) values (?1, 1, ?2, ?1, ?3)")
            .unwrap()
            .execute(params![card, format!("n{card}"), note])
            .unwrap();
        // One in ten is new; the others are spread over a year, and sixty are due.
        let seen = card % 10 != 0;
        let due = if card <= 60 { TODAY - card % 5 } else { TODAY + 1 + card % 365 };
        transaction
            .prepare_cached("insert into card (id, note, ordinal, scope, interval, ease, repetitions, due, stability, difficulty, first_day, last_day, recalled_day) values (?1, ?1, 0, ?2, ?3, 250, ?4, ?5, ?6, ?7, ?8, ?9, ?10)")
            .unwrap()
            .execute(params![
                card,
                scope,
                if seen { 30 } else { 0 },
                if seen { 4 } else { 0 },
                seen.then_some(due),
                seen.then_some(40.0),
                seen.then_some(5.0),
                seen.then_some(TODAY - 400),
                seen.then_some(due - 30),
                seen.then_some(TODAY - 390),
            ])
            .unwrap();
    }
    let days = 1500;
    for review in 0..reviews {
        let card = review * 7 % cards + 1;
        let day = TODAY - days + review * days / reviews;
        transaction
            .prepare_cached("insert into review (id, card, at_ms, offset_minutes, day, scope, purpose, evidence, proposed, grade, took_ms, before_interval, before_ease, before_repetitions, before_due, after_interval, after_ease, after_repetitions, after_due, counted, predicted, average) values (?1, ?2, ?3, 60, ?4, ?5, 0, 1, 4, ?6, 8000, 12, 250, 3, ?4, 30, 250, 4, ?7, 1, 0.9, 0.88)")
            .unwrap()
            .execute(params![
                [review.to_le_bytes(), (!review).to_le_bytes()].concat(),
                card,
                day * 86_400_000,
                day,
                card % areas.len() as i64 + 1,
                if review % 9 == 0 { 1 } else { 4 },
                day + 30,
            ])
            .unwrap();
    }
    transaction.execute_batch("
        insert into tally (day, scope, mature, evidence, imported, answers, passed) select day, scope, 0, 1, 0, count(*), sum(grade >= 3) from review group by day, scope;
        insert into activity select day, count(*), 0, sum(took_ms) from review group by day;
        insert into prediction select day, 9, count(*), sum(grade >= 3), sum(0.9), sum(0.3), sum(0.35), sum(0.5) from review group by day;
        update running set answers = (select count(*) from review), passed = (select count(*) from review where grade >= 3);
    ").unwrap();
    transaction.commit().unwrap();
    connection.execute_batch("pragma wal_checkpoint(truncate); analyze").unwrap();
}

fn opened(path: &Path) -> i64 {
    let connection = Connection::open(path).unwrap();
    connection.query_row("select max(seq) from review", [], |row| row.get(0)).unwrap()
}

/// A quiz on two pipes.
struct Quiz {
    child: Child,
    input: ChildStdin,
    output: ChildStdout,
    seen: Vec<u8>,
}

impl Quiz {
    fn start(database: &Path, config: &Path) -> Quiz {
        let mut command = plugg(database, config);
        let mut child = command
            .args(["quiz", "--plain", "--new", "0"])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let (input, output) = (child.stdin.take().unwrap(), child.stdout.take().unwrap());
        Quiz { child, input, output, seen: Vec::new() }
    }

    /// Reads until a text was printed.
    fn wait_for(&mut self, text: &str) {
        let mut buffer = [0; 8192];
        while !self.seen.windows(text.len()).any(|window| window == text.as_bytes()) {
            let read = self.output.read(&mut buffer).unwrap();
            assert!(read > 0, "{}", String::from_utf8_lossy(&self.seen));
            self.seen.extend_from_slice(&buffer[..read]);
        }
        self.seen.clear();
    }

    fn say(&mut self, text: &str) {
        self.input.write_all(text.as_bytes()).unwrap();
    }

    fn end(mut self) {
        self.say(":quit\n");
        drop(self.input);
        let mut rest = Vec::new();
        self.output.read_to_end(&mut rest).unwrap();
        assert!(self.child.wait().unwrap().success());
    }
}

fn first_question(database: &Path, config: &Path) -> Duration {
    let start = Instant::now();
    let mut quiz = Quiz::start(database, config);
    quiz.wait_for("shows the answer >");
    let took = start.elapsed();
    quiz.end();
    took
}

/// Times answers and durable commits in turn.
fn answers(database: &Path, config: &Path, other: &Path) -> (Duration, Duration) {
    let commits = Connection::open(other).unwrap();
    commits
        .execute_batch("pragma journal_mode = wal; pragma synchronous = full; create table if not exists t (x)")
        .unwrap();
    let mut quiz = Quiz::start(database, config);
    quiz.wait_for("shows the answer >");
    let (mut answers, mut durable) = (Vec::new(), Vec::new());
    for _ in 0..ANSWERS {
        quiz.say("\n");
        quiz.wait_for("[3] >");
        answers.push(timed(|| {
            quiz.say("3\n");
            quiz.wait_for("shows the answer >");
        }));
        durable.push(timed(|| assert_eq!(commits.execute("insert into t values (1)", []), Ok(1))));
    }
    quiz.end();
    (row("  an answer: key to next question", &mut answers), row("  one durable commit", &mut durable))
}

fn timed(run: impl FnOnce()) -> Duration {
    let start = Instant::now();
    run();
    start.elapsed()
}

fn row(name: &str, times: &mut [Duration]) -> Duration {
    times.sort();
    let shown = |time: Duration| format!("{:.2} ms", time.as_secs_f64() * 1000.0);
    let median = times[times.len() / 2];
    println!("{name:<52} {:>9} {:>9} {:>9}", shown(times[0]), shown(median), shown(times[times.len() - 1]));
    median
}

fn ratio(a: Duration, b: Duration) -> f64 {
    a.as_secs_f64() / b.as_secs_f64()
}
