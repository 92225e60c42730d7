//! Who may import whom. What is not listed is forbidden; the rule is the one of `lib.rs`.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

/// A room and the rooms that it may use, beside itself.
const MAY_USE: &[(&str, &[&str])] = &[
    ("error", &[]),
    ("text", &[]),
    ("day", &["error"]),
    ("card", &["error", "day"]),
    ("skill", &["error", "card"]),
    ("words", &["day", "card"]),
    ("media", &[]),
    ("answer", &["card"]),
    ("sm2", &["day", "card"]),
    ("recall", &["error", "day", "card"]),
    ("stats", &["day", "card", "skill", "recall"]),
    ("forecast", &["day", "card", "sm2", "stats", "session"]),
    ("share", &["error", "text", "day", "card", "skill", "stats"]),
    ("report", &["error", "text", "day", "card", "words", "stats", "share", "forecast"]),
    ("deck", &["error", "text", "card", "skill", "day"]),
    ("store", &["error", "card", "skill", "day", "sm2", "recall", "stats"]),
    ("session", &["error", "card", "skill", "day", "media", "answer", "sm2", "stats", "store"]),
    ("terminal", &["error", "text", "card", "skill", "day", "words", "media", "answer", "session", "store"]),
    (
        "cli",
        &[
            "error", "text", "card", "skill", "day", "words", "answer", "sm2", "recall", "stats", "forecast", "share",
            "report", "deck", "store", "session", "terminal",
        ],
    ),
    ("main", &["cli"]),
];

/// Libraries that only some rooms may use.
const ONLY_IN: &[(&str, &[&str])] = &[
    ("rusqlite", &["store", "deck"]),
    ("dialoguer", &["terminal", "cli"]),
    ("console", &["terminal", "cli"]),
    ("indicatif", &["cli"]),
    ("clap", &["cli"]),
    ("fsrs", &["recall"]),
    ("syntect", &["terminal"]),
    ("fluent_bundle", &["words"]),
    ("image", &["terminal"]),
    ("open", &["terminal"]),
    ("maud", &["report"]),
    ("svg", &["report"]),
];

/// The Rust files below a folder.
pub fn sources(folder: &Path, found: &mut Vec<PathBuf>) {
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            sources(&path, found);
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            found.push(path);
        }
    }
}

/// The part of a file that is not its tests, without comments.
pub fn production(text: &str) -> String {
    let text = text.split("#[cfg(test)]\nmod tests {").next().unwrap_or_default();
    text.lines().filter(|line| !line.trim_start().starts_with("//")).collect::<Vec<_>>().join("\n")
}

fn rooms() -> Vec<(String, PathBuf, String)> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut files = Vec::new();
    sources(&root, &mut files);
    files
        .into_iter()
        .filter(|file| file.file_name().is_some_and(|name| name != "tests.rs" && name != "lib.rs"))
        .map(|file| {
            let inside = file.strip_prefix(&root).unwrap();
            let room =
                inside.components().next().unwrap().as_os_str().to_string_lossy().trim_end_matches(".rs").to_owned();
            let text = production(&std::fs::read_to_string(&file).unwrap());
            (room, file, text)
        })
        .collect()
}

/// The rooms that a text names: `crate::room` or, within braces, `crate::{room, …}`.
fn named(text: &str) -> BTreeSet<String> {
    let mut names = BTreeSet::new();
    for prefix in ["crate::", "plugg::"] {
        for (at, _) in text.match_indices(prefix) {
            let rest = &text[at + prefix.len()..];
            let list = rest.strip_prefix('{').and_then(|rest| rest.split('}').next()).unwrap_or(rest);
            let items = if rest.starts_with('{') { list.split(',').collect() } else { vec![list] };
            for item in items {
                let name: String = item.trim().chars().take_while(|c| c.is_ascii_alphanumeric() || *c == '_').collect();
                names.insert(name);
            }
        }
    }
    names
}

#[test]
fn rooms_use_only_the_rooms_that_they_may() {
    let known: BTreeSet<&str> = MAY_USE.iter().map(|(room, _)| *room).collect();
    let mut seen = BTreeSet::new();
    for (room, file, text) in rooms() {
        let (_, allowed) =
            MAY_USE.iter().find(|(name, _)| *name == room).unwrap_or_else(|| panic!("{room} has no rule"));
        seen.insert(room.clone());
        for used in named(&text).iter().filter(|name| known.contains(name.as_str()) && **name != room) {
            assert!(allowed.contains(&used.as_str()), "{}: {room} may not use {used}", file.display());
        }
    }
    assert_eq!(seen.len(), known.len(), "a rule for a room that is gone");
}

#[test]
fn libraries_stay_in_their_rooms() {
    for (room, file, text) in rooms() {
        for (library, allowed) in ONLY_IN {
            let uses = text.contains(&format!("use {library}::")) || text.contains(&format!("{library}::"));
            assert!(!uses || allowed.contains(&room.as_str()), "{}: {room} may not use {library}", file.display());
        }
    }
}

#[test]
fn every_file_says_what_it_is_for() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut files = Vec::new();
    sources(&root.join("src"), &mut files);
    sources(&root.join("tests"), &mut files);
    for file in files {
        let text = std::fs::read_to_string(&file).unwrap();
        assert!(text.starts_with("//! "), "{} opens without saying what it is for", file.display());
    }
}

#[test]
fn the_clock_and_the_environment_are_read_in_one_place_each() {
    for (room, file, text) in rooms() {
        let name = file.file_name().unwrap().to_string_lossy().into_owned();
        for (call, place) in [("Utc::now", "day.rs"), ("Local::now", "day.rs"), ("env::var", "environment.rs")] {
            assert!(!text.contains(call) || name == place, "{room}/{name} calls {call}");
        }
    }
}
