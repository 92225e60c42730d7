//! How long does a large package take? `cargo bench --bench import`
//!
//! A package of 100,000 notes, made by plugg's own export, is imported into an empty database: time and peak memory,
//! beside SQLite's own bulk insert of the same rows and, where PLUGG_ANKI_PYTHON names a Python with the package `anki`,
//! beside the real Anki on the same file in the same run. Then the package is imported once more, which changes nothing.
//! Medians of several rounds, one after another in each; the ratios are what counts.

#![allow(
    clippy::unwrap_used,
    clippy::print_stdout,
    clippy::disallowed_methods,
    reason = "a benchmark measures and prints"
)]

use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use rusqlite::Connection;
use rusqlite::types::Value;

const NOTES: usize = 100_000;
const ROUNDS: usize = 5;

fn main() {
    let folder = tempfile::tempdir().unwrap();
    let place = |name: &str| folder.path().join(name);
    std::fs::write(place("config.toml"), "bundled_decks = false\n").unwrap();
    std::fs::write(place("notes.tsv"), notes()).unwrap();
    let plugg = |database: &str, args: &[&str]| {
        let mut command = Command::new(env!("CARGO_BIN_EXE_plugg"));
        command.env_clear().env("PLUGG_DB", place(database)).env("PLUGG_CONFIG", place("config.toml"));
        command.current_dir(folder.path()).args(args).stdout(Stdio::null());
        command
    };
    assert!(plugg("source.db", &["import", "notes.tsv", "--deck", "big"]).status().unwrap().success());
    assert!(
        plugg("source.db", &["deck", "export", "big", "--format", "anki", "-o", "big.apkg"])
            .status()
            .unwrap()
            .success()
    );
    println!("{NOTES} notes, a package of {} MB", std::fs::metadata(place("big.apkg")).unwrap().len() / 1_000_000);

    let (mut first, mut again, mut bulk, mut anki) = (Vec::new(), Vec::new(), Vec::new(), Vec::new());
    let (mut peak, mut anki_peak) = (0, 0);
    for round in 0..ROUNDS {
        let database = format!("round-{round}.db");
        let (took, memory) = watched(plugg(&database, &["import", "big.apkg"]));
        first.push(took);
        peak = peak.max(memory);
        again.push(watched(plugg(&database, &["import", "big.apkg"])).0);
        bulk.push(bulk_insert(&place(&database), &place("bulk.db")));
        if let Some((took, memory)) = real_anki(&place("big.apkg")) {
            anki.push(took);
            anki_peak = anki_peak.max(memory);
        }
    }
    let bulk = row("SQLite's bulk insert of the same rows", &mut bulk, None);
    let first = row("plugg import", &mut first, Some(peak));
    row("plugg import once more, nothing changed", &mut again, None);
    println!("plugg ÷ bulk insert: {:.2}", ratio(first, bulk));
    if anki.is_empty() {
        println!("PLUGG_ANKI_PYTHON names no Python with the package `anki`: nothing to hold it against");
    } else {
        let anki = row("the real Anki", &mut anki, Some(anki_peak));
        println!("plugg ÷ Anki: time {:.2}, memory {:.2}", ratio(first, anki), peak as f64 / anki_peak as f64);
    }
}

/// Notes as a learner would write them: two or three lines, some with markup.
fn notes() -> String {
    let mut text = String::from("#separator:tab\n#html:true\n");
    for n in 0..NOTES {
        let code =
            if n % 3 == 0 { format!("<br><code>systemctl status unit-{n}.service</code>") } else { String::new() };
        text.push_str(&format!(
            "Question number {n}: what does the <b>{n}th</b> unit do, and when is it started?{code}\t\
             It is started by <i>target {}</i>, after the network is up, and does what its manual says &amp; no more.\t\
             set{} topic::number{}\n",
            n % 97,
            n % 11,
            n % 311
        ));
    }
    text
}

/// Runs a program; how long it took, and the most memory that it held, in KiB (0 where the system does not tell).
fn watched(mut command: Command) -> (Duration, u64) {
    let started = Instant::now();
    let mut child = command.spawn().unwrap();
    let status = format!("/proc/{}/status", child.id());
    let mut peak = 0;
    loop {
        if let Some(kib) = std::fs::read_to_string(&status).ok().and_then(|text| {
            let line = text.lines().find(|line| line.starts_with("VmHWM:"))?;
            line.split_whitespace().nth(1)?.parse().ok()
        }) {
            peak = kib;
        }
        if let Some(status) = child.try_wait().unwrap() {
            assert!(status.success());
            return (started.elapsed(), peak);
        }
        std::thread::sleep(Duration::from_millis(2));
    }
}

/// Inserts the notes and cards of a database into an empty one of the same schema, in one durable transaction.
fn bulk_insert(from: &Path, to: &Path) -> Duration {
    let _ = std::fs::remove_file(to);
    let source = Connection::open(from).unwrap();
    let rows = |table: &str| -> Vec<Vec<Value>> {
        let mut statement = source.prepare(&format!("select * from {table} order by id")).unwrap();
        let columns = statement.column_count();
        statement
            .query_map([], |row| (0..columns).map(|column| row.get(column)).collect())
            .unwrap()
            .collect::<Result<_, _>>()
            .unwrap()
    };
    let tables = ["deck", "scope", "note", "card"].map(|table| (table, rows(table)));
    let schema: Vec<String> = source
        .prepare("select sql from sqlite_schema where sql is not null and name not like 'sqlite_%'")
        .unwrap()
        .query_map([], |row| row.get(0))
        .unwrap()
        .collect::<Result<_, _>>()
        .unwrap();
    let mut target = Connection::open(to).unwrap();
    target.execute_batch("pragma journal_mode = wal; pragma synchronous = full").unwrap();
    target.execute_batch(&schema.join(";\n")).unwrap();
    let started = Instant::now();
    let transaction = target.transaction().unwrap();
    for (table, rows) in &tables {
        let marks = vec!["?"; rows.first().map_or(1, Vec::len)].join(", ");
        let mut statement = transaction.prepare(&format!("insert into {table} values ({marks})")).unwrap();
        for row in rows {
            statement.execute(rusqlite::params_from_iter(row)).unwrap();
        }
    }
    transaction.commit().unwrap();
    drop(target);
    started.elapsed()
}

/// Seconds and peak memory of the real Anki over the same package.
fn real_anki(package: &Path) -> Option<(Duration, u64)> {
    let python = std::env::var_os("PLUGG_ANKI_PYTHON")?;
    let script = concat!(env!("CARGO_MANIFEST_DIR"), "/benches/real_anki.py");
    let output = Command::new(python).arg(script).arg("import").arg(package).output().unwrap();
    let text = String::from_utf8(output.stdout).unwrap();
    let (seconds, kib) = text.trim().split_once(' ')?;
    Some((Duration::from_secs_f64(seconds.parse().ok()?), kib.parse().ok()?))
}

fn row(name: &str, times: &mut [Duration], peak: Option<u64>) -> Duration {
    times.sort();
    let ms = |time: Duration| time.as_secs_f64() * 1000.0;
    let median = times[times.len() / 2];
    let memory = peak.map_or(String::new(), |kib| format!("   {} MB", kib / 1024));
    println!("{name:<42} {:>8.0} {:>8.0} {:>8.0} ms{memory}", ms(times[0]), ms(median), ms(times[times.len() - 1]));
    median
}

fn ratio(a: Duration, b: Duration) -> f64 {
    a.as_secs_f64() / b.as_secs_f64()
}
