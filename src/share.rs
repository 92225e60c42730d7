//! Share files: what a learner tells her employer, on her terms, and what a team of such files adds up to.
//!
//! It hides the format. `cli` shows her the file and writes it, `report` sets the [`team`] in tables. It never writes
//! anything itself, and nothing goes into a file but what [`Share`] holds: no answer, no time of day, no card.
//!
//! The format is TOML, version 1:
//!
//! ```toml
//! plugg_share = 1                # the version
//! name = "Anna Andersson"
//! date = 2026-11-25              # the day on which the levels are held
//! answers = 214                  # counted answers in the areas below, over all time
//!
//! [[area]]                       # areas with a level held or an answer, in the order of the skill map
//! id = "web-servers"
//! title = "Web servers and proxies"
//! holds = "foundation"           # none, foundation, practitioner or expert
//! answers = 214
//! retention = { share = 0.91, low = 0.864, high = 0.941, answers = 214, days = 90 }  # only if she adds it
//!
//! [[area.system]]                # only where a system holds more than its area
//! id = "nginx"
//! title = "nginx"
//! holds = "expert"
//! ```
//!
//! Files of others are hostile until shown otherwise: they are bounded, and a field that this version does not have
//! refuses the file. What plugg did not write, nobody signed off; a later format has a later version.

pub mod team;

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;

use serde::{Deserialize, Deserializer};
use toml::value::Datetime;

use crate::card::Level;
use crate::day::Day;
use crate::error::{Error, Result};
use crate::skill::{SkillMap, UNSORTED};
use crate::stats::{ENOUGH_ANSWERS, Interval, Summary};
use crate::text::visible;

/// The version of the format.
pub const VERSION: i64 = 1;
/// Bytes that a file may have.
pub const LARGEST: usize = 1 << 20;
/// Words and marks that a file may have: what it takes in memory grows with them.
const MOST_TOKENS: usize = 50_000;
/// Areas of a file, and systems of an area.
const MOST: usize = 200;
/// Characters of a name, a title or an id.
const LONGEST: usize = 100;

/// What one person says that she holds.
#[derive(Debug, Clone, PartialEq)]
pub struct Share {
    /// Her name, harmless to print.
    pub name: String,
    /// The study day on which the levels are held.
    pub date: Day,
    /// Counted answers in the areas shared, over all time; see [`crate::stats::counts`].
    pub answers: u32,
    /// The areas shared.
    pub areas: Vec<SharedArea>,
}

/// One area of a share file.
#[derive(Debug, Clone, PartialEq)]
pub struct SharedArea {
    /// Its id in the skill map.
    pub id: String,
    /// Its English title.
    pub title: String,
    /// The deepest level held; see [`crate::stats::Row::holds`].
    pub holds: Option<Level>,
    /// Counted answers, over all time.
    pub answers: u32,
    /// Retention, where she added it.
    pub retention: Option<Recalled>,
    /// Systems that hold more than the area.
    pub systems: Vec<SharedSystem>,
}

/// A system that holds more than its area: the leg of the T.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SharedSystem {
    /// Its id in the skill map.
    pub id: String,
    /// Its name.
    pub title: String,
    /// The deepest level held.
    pub holds: Level,
}

/// Retention as she shares it; see [`crate::stats::Rates::retention`].
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Recalled {
    /// The share recalled with its 95 % interval, to three decimals.
    pub share: Interval,
    /// Counted answers of the window, at least [`ENOUGH_ANSWERS`].
    pub answers: u32,
    /// Days of the window.
    pub days: u32,
}

impl Share {
    /// Takes what may be shared out of a report. `answers` are the counted ones by area, over all time; retention is
    /// taken only where it is asked for and rests on enough answers. Cards that belong to no area hold nothing.
    ///
    /// # Errors
    /// Refuses a name that would not read as it is written, and a report in which nothing was answered.
    pub fn of(
        name: &str,
        summary: &Summary,
        answers: &BTreeMap<String, u32>,
        retention: bool,
        map: &SkillMap,
    ) -> Result<Share> {
        let name = check_name(name)?;
        let recalled = |rate: &crate::stats::Rate| {
            let share = rate.share().filter(|_| retention)?;
            let share = Interval { value: rounded(share.value), low: rounded(share.low), high: rounded(share.high) };
            Some(Recalled { share, answers: rate.answers, days: summary.window_days })
        };
        let areas: Vec<SharedArea> = summary
            .areas
            .iter()
            .filter(|row| row.id != UNSORTED)
            .map(|row| SharedArea {
                id: row.id.clone(),
                title: visible(map.area(&row.id).map_or(&row.title, |area| &area.title)).into_owned(),
                holds: row.holds,
                answers: answers.get(&row.id).copied().unwrap_or(0),
                retention: recalled(&row.window.retention),
                systems: row
                    .systems
                    .iter()
                    .filter(|system| system.holds > row.holds)
                    .filter_map(|system| {
                        let title = visible(&system.title).into_owned();
                        Some(SharedSystem { id: system.id.clone(), title, holds: system.holds? })
                    })
                    .collect(),
            })
            .filter(|area| area.holds.is_some() || area.answers > 0 || !area.systems.is_empty())
            .collect();
        if areas.is_empty() {
            return Err(Error::user("there is nothing to share yet: no answer counts so far")
                .hint("the first answer of a day counts from a card's second day on"));
        }
        let answers = areas.iter().map(|area| area.answers).fold(0, u32::saturating_add);
        Ok(Share { name, date: summary.today, answers, areas })
    }

    /// The file, exactly as it is to be written.
    pub fn to_toml(&self) -> String {
        let mut out = String::from(
            "# What a learner holds, as plugg counts it. The learner saw every line before this file was written.\n\
             # A level is held when at least 80 % of its cards and of those below were recalled a day or more after\n\
             # their first answer, and at least 80 % of them would be recalled on the date below.\n\
             # Answers count once a day and card, and only where the card was due.\n",
        );
        // Writing to a string cannot fail.
        let _ = writeln!(out, "plugg_share = {VERSION}");
        let _ = writeln!(out, "name = {}", quoted(&self.name));
        let _ = writeln!(out, "date = {}", self.date);
        let _ = writeln!(out, "answers = {}", self.answers);
        for area in &self.areas {
            let _ = writeln!(out, "\n[[area]]\nid = {}\ntitle = {}", quoted(&area.id), quoted(&area.title));
            let _ = writeln!(out, "holds = \"{}\"", area.holds.map_or("none", Level::name));
            let _ = writeln!(out, "answers = {}", area.answers);
            if let Some(Recalled { share, answers, days }) = area.retention {
                let _ = writeln!(
                    out,
                    "retention = {{ share = {}, low = {}, high = {}, answers = {answers}, days = {days} }}",
                    share.value, share.low, share.high
                );
            }
            for system in &area.systems {
                let (id, title) = (quoted(&system.id), quoted(&system.title));
                let _ = writeln!(out, "\n[[area.system]]\nid = {id}\ntitle = {title}\nholds = \"{}\"", system.holds);
            }
        }
        out
    }

    /// Reads a file that may come from anyone. `file` is its name as the user gave it. Every text in the result passed
    /// the gate and is one line.
    ///
    /// # Errors
    /// Refuses, with its line where there is one, whatever is not exactly a share file of this version.
    pub fn parse(file: &str, bytes: &[u8]) -> Result<Share> {
        let text = decode(bytes).map_err(|message| Error::data(format!("{file}: {message}")))?;
        let invalid = |error: toml::de::Error| {
            let at = error.span().map_or(text.len(), |span| span.start);
            let line = 1 + text.bytes().take(at).filter(|byte| *byte == b'\n').count();
            Error::data(format!("{file}:{line}: {}", error.message()))
        };
        let hint = "`plugg report --share FILE` writes one";
        let table: toml::Table = toml::from_str(text).map_err(|error| invalid(error).hint(hint))?;
        match table.get("plugg_share").map(toml::Value::as_integer) {
            Some(Some(VERSION)) => {}
            Some(Some(other)) => {
                let message =
                    format!("{file}: a share file of version {other}, and this plugg reads version {VERSION}");
                return Err(Error::data(message).hint("a newer plugg may read it"));
            }
            _ => return Err(Error::data(format!("{file}: not a share file of plugg")).hint(hint)),
        }
        let written: Written = toml::from_str(text).map_err(invalid)?;
        written.checked().map_err(|message| Error::data(format!("{file}: {message}")))
    }
}

/// Whether a file is a share file, of any version and of anyone: one that a newer one may replace.
pub fn is_share(bytes: &[u8]) -> bool {
    let table = decode(bytes).ok().and_then(|text| toml::from_str::<toml::Table>(text).ok());
    table.is_some_and(|table| table.get("plugg_share").is_some_and(toml::Value::is_integer))
}

/// Returns the name as the file will say it.
///
/// # Errors
/// Refuses a name that is empty, too long, or would not read as it is written.
pub fn check_name(name: &str) -> Result<String> {
    let name = name.trim();
    match one_line("the name", name) {
        Err(message) => Err(Error::user(message)),
        Ok(shown) if shown != name => Err(Error::user(format!("the name `{name}` holds characters that do not show"))),
        Ok(shown) => Ok(shown),
    }
}

/// The bytes as text, if they may be a share file at all.
fn decode(bytes: &[u8]) -> Result<&str, String> {
    if bytes.len() > LARGEST {
        return Err("too large for a share file, which has at most 1 MiB".to_owned());
    }
    let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
    let text = std::str::from_utf8(bytes).map_err(|_| "not a share file: it is not UTF-8 text".to_owned())?;
    if toml_parser::Source::new(text).lex().nth(MOST_TOKENS).is_some() {
        return Err(format!("it has over {MOST_TOKENS} words and marks, and no share file has"));
    }
    Ok(text)
}

/// Three decimals: what a share is told with.
fn rounded(share: f64) -> f64 {
    (share * 1000.0).round() / 1000.0
}

fn quoted(text: &str) -> String {
    toml::Value::from(text).to_string()
}

/// The text through the gate, if it is one line that says something.
fn one_line(what: &str, text: &str) -> Result<String, String> {
    if text.trim().is_empty() {
        return Err(format!("{what} is empty"));
    }
    if text.chars().count() > LONGEST {
        return Err(format!("{what} has over {LONGEST} characters"));
    }
    if text.chars().any(char::is_control) {
        return Err(format!("{what} holds a control character"));
    }
    Ok(visible(text.trim()).into_owned())
}

/// The file as it is written.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Written {
    #[serde(rename = "plugg_share")]
    _version: i64,
    name: String,
    date: Datetime,
    answers: u32,
    #[serde(default)]
    area: Vec<WrittenArea>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct WrittenArea {
    id: String,
    title: String,
    #[serde(deserialize_with = "level_or_none")]
    holds: Option<Level>,
    answers: u32,
    retention: Option<WrittenRetention>,
    #[serde(default)]
    system: Vec<WrittenSystem>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct WrittenRetention {
    share: f64,
    low: f64,
    high: f64,
    answers: u32,
    days: u32,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct WrittenSystem {
    id: String,
    title: String,
    holds: Level,
}

fn level_or_none<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Level>, D::Error> {
    let name = String::deserialize(deserializer)?;
    if name == "none" {
        return Ok(None);
    }
    Level::parse(&name).map(Some).map_err(|error| serde::de::Error::custom(error.to_string()))
}

impl Written {
    fn checked(self) -> Result<Share, String> {
        let date = match self.date {
            Datetime { date: Some(date), time: None, offset: None } => Day::parse(&date.to_string()).ok(),
            _ => None,
        };
        let date = date.ok_or_else(|| format!("the date `{}` is not a day like 2026-11-24", self.date))?;
        Ok(Share {
            name: one_line("the name", &self.name)?,
            date,
            answers: self.answers,
            areas: all_once("area", self.area, |area| Ok((area.id.clone(), area.checked()?)))?,
        })
    }
}

impl WrittenArea {
    fn checked(self) -> Result<SharedArea, String> {
        let id = one_line("the id of an area", &self.id)?;
        let title = one_line(&format!("the title of `{id}`"), &self.title)?;
        let retention = self.retention.map(|retention| retention.checked(&id)).transpose()?;
        let systems = all_once("system", self.system, |system| {
            let id = one_line("the id of a system", &system.id)?;
            let title = one_line(&format!("the title of `{id}`"), &system.title)?;
            Ok((system.id, SharedSystem { id, title, holds: system.holds }))
        })?;
        // A system that holds no more than its area says nothing, whoever wrote it.
        let systems = systems.into_iter().filter(|system| Some(system.holds) > self.holds).collect();
        Ok(SharedArea { id, title, holds: self.holds, answers: self.answers, retention, systems })
    }
}

impl WrittenRetention {
    fn checked(self, area: &str) -> Result<Recalled, String> {
        let WrittenRetention { share, low, high, answers, days } = self;
        // Anything that is not a number fails this, too.
        if !(0.0 <= low && low <= share && share <= high && high <= 1.0) {
            return Err(format!("the retention of `{area}` is no share within an interval from 0 to 1"));
        }
        if answers < ENOUGH_ANSWERS {
            return Err(format!("the retention of `{area}` rests on fewer than {ENOUGH_ANSWERS} answers"));
        }
        Ok(Recalled { share: Interval { value: share, low, high }, answers, days })
    }
}

/// Checks items, of which there are not too many and each id only once.
fn all_once<T, U>(
    what: &str,
    items: Vec<T>,
    check: impl Fn(T) -> Result<(String, U), String>,
) -> Result<Vec<U>, String> {
    if items.len() > MOST {
        return Err(format!("it has over {MOST} {what}s in one place"));
    }
    let mut seen = BTreeSet::new();
    let mut checked = Vec::new();
    for item in items {
        let (id, item) = check(item)?;
        if !seen.insert(id.clone()) {
            return Err(format!("the {what} `{id}` stands twice"));
        }
        checked.push(item);
    }
    Ok(checked)
}

#[cfg(test)]
mod tests {
    use super::*;
    use expect_test::expect;
    use proptest::prelude::*;

    const GOOD: &str = "plugg_share = 1\nname = \"Bo\"\ndate = 2026-11-24\nanswers = 3\n\
        [[area]]\nid = \"linux\"\ntitle = \"Linux\"\nholds = \"foundation\"\nanswers = 30\n\
        retention = { share = 0.9, low = 0.8, high = 0.95, answers = 30, days = 90 }\n\
        [[area.system]]\nid = \"nginx\"\ntitle = \"nginx\"\nholds = \"expert\"\n";

    fn read(text: &str) -> Result<Share> {
        Share::parse("f.toml", text.as_bytes())
    }

    #[test]
    fn the_file_reads_as_it_is_written() {
        let share = read(GOOD).unwrap();
        expect![[r##"
            # What a learner holds, as plugg counts it. The learner saw every line before this file was written.
            # A level is held when at least 80 % of its cards and of those below were recalled a day or more after
            # their first answer, and at least 80 % of them would be recalled on the date below.
            # Answers count once a day and card, and only where the card was due.
            plugg_share = 1
            name = "Bo"
            date = 2026-11-24
            answers = 3

            [[area]]
            id = "linux"
            title = "Linux"
            holds = "foundation"
            answers = 30
            retention = { share = 0.9, low = 0.8, high = 0.95, answers = 30, days = 90 }

            [[area.system]]
            id = "nginx"
            title = "nginx"
            holds = "expert"
        "##]]
        .assert_eq(&share.to_toml());
        assert_eq!(read(&share.to_toml()).unwrap(), share);
        assert!(is_share(GOOD.as_bytes()));
        let windows = format!("\u{feff}{}", GOOD.replace('\n', "\r\n"));
        assert_eq!(read(&windows).unwrap(), share);
    }

    #[test]
    fn whatever_is_no_share_file_is_refused_in_a_sentence() {
        let changed = |from: &str, to: &str| {
            assert!(GOOD.contains(from), "{from}");
            GOOD.replacen(from, to, 1).into_bytes()
        };
        let area = "[[area]]\nid = \"linux\"\ntitle = \"Linux\"\nholds = \"none\"\nanswers = 0\n";
        let cases: Vec<(Vec<u8>, &str)> = vec![
            (
                changed("plugg_share = 1", "plugg_share = 2"),
                "f.toml: a share file of version 2, and this plugg reads version 1",
            ),
            (changed("plugg_share = 1", "plugg_share = \"1\""), "f.toml: not a share file of plugg"),
            (changed("plugg_share = 1\n", ""), "f.toml: not a share file of plugg"),
            (Vec::new(), "f.toml: not a share file of plugg"),
            (b"name = ".to_vec(), "f.toml:1: "),
            (b"\xff\xfe".to_vec(), "f.toml: not a share file: it is not UTF-8 text"),
            (vec![b'#'; LARGEST + 1], "f.toml: too large for a share file, which has at most 1 MiB"),
            (b"a=[".iter().chain(&[b'['; 60_000]).copied().collect(), "f.toml: it has over 50000 words and marks"),
            (vec![b'['; 10_000], "f.toml:1: "),
            ([b"a.".repeat(9_000), b"a=1".to_vec()].concat(), "f.toml"),
            (changed("answers = 3\n", "answers = 3\nemail = \"x\"\n"), "f.toml:5: unknown field `email`"),
            (changed("answers = 30\n", "answers = 30\ngrades = [1]\n"), "f.toml:10: unknown field `grades`"),
            (changed("answers = 3\n", "answers = -3\n"), "f.toml:4: invalid value: integer `-3`, expected u32"),
            (changed("answers = 3\n", ""), "f.toml:1: missing field `answers`"),
            (changed("\"foundation\"", "\"master\""), "f.toml:8: `master` is not a level"),
            (changed("2026-11-24", "2026-11-24T10:00:00Z"), "f.toml: the date `2026-11-24T10:00:00Z` is not a day"),
            (changed("2026-11-24", "10:00:00"), "f.toml: the date `10:00:00` is not a day"),
            (changed("2026-11-24", "2026-02-31"), "f.toml:3: "),
            (changed("2026-11-24", "0000-01-01"), "f.toml: the date `0000-01-01` is not a day"),
            (changed("\"Bo\"", "\"  \""), "f.toml: the name is empty"),
            (changed("\"Bo\"", "\"B\\no\""), "f.toml: the name holds a control character"),
            (changed("\"Bo\"", "\"\\u001b[31mBo\""), "f.toml: the name holds a control character"),
            (changed("\"Bo\"", &format!("\"{}\"", "x".repeat(101))), "f.toml: the name has over 100 characters"),
            (changed("\"Linux\"", "\"\""), "f.toml: the title of `linux` is empty"),
            (changed("share = 0.9", "share = 1.9"), "f.toml: the retention of `linux` is no share"),
            (changed("share = 0.9", "share = nan"), "f.toml: the retention of `linux` is no share"),
            (changed("high = 0.95", "high = inf"), "f.toml: the retention of `linux` is no share"),
            (changed("answers = 30, d", "answers = 19, d"), "f.toml: the retention of `linux` rests on fewer than 20"),
            (format!("{GOOD}{area}").into_bytes(), "f.toml: the area `linux` stands twice"),
            (format!("{GOOD}{}", area.repeat(200)).into_bytes(), "f.toml: it has over 200 areas in one place"),
        ];
        for (bytes, expected) in cases {
            let error = Share::parse("f.toml", &bytes).unwrap_err();
            let message = error.to_string();
            assert!(message.starts_with(expected), "{message} is not {expected}");
            assert!(!message.contains('\n'), "{message}");
            assert_eq!(error.kind, crate::error::Kind::Data);
        }
    }

    #[test]
    fn foreign_texts_pass_the_gate_and_idle_systems_go() {
        let share = read(&GOOD.replace("Bo", "B\u{202e}o").replace("\"foundation\"", "\"expert\"")).unwrap();
        assert_eq!(share.name, "B⟨U+202E⟩o");
        assert_eq!(share.areas[0].systems, []);
        assert!(!is_share(b"[deck]\nid = 'x'"));
        assert!(is_share(b"plugg_share = 9"));
    }

    #[test]
    fn a_name_reads_as_it_is_written() {
        for (name, expected) in [(" Åsa Öberg ", Some("Åsa Öberg")), ("日本 太郎", Some("日本 太郎"))] {
            assert_eq!(check_name(name).ok().as_deref(), expected);
        }
        for name in ["", " ", "a\nb", "a\u{7}", "a\u{200b}b", &"x".repeat(101)] {
            assert!(check_name(name).is_err(), "{name:?}");
        }
    }

    #[test]
    fn only_what_is_held_or_answered_goes_out() {
        use crate::card::Evidence;
        use crate::recall::Trace;
        use crate::skill::{Profile, Scope, ScopeId};
        use crate::stats::{Inputs, Predicted, Standing, Tally, summarize};
        let today = Day(20_000);
        let map = SkillMap::parse(include_str!("../decks/areas.toml")).unwrap();
        let scope =
            |area: &str, system: &str| Scope { area: area.into(), system: system.into(), level: Level::Foundation };
        let scopes = BTreeMap::from([
            (ScopeId(1), scope("web-servers", "nginx")),
            (ScopeId(2), scope("web-servers", "haproxy")),
            (ScopeId(3), scope("linux", "linux")),
            (ScopeId(4), scope("cdn", "cdn")),
            (ScopeId(5), scope(UNSORTED, "")),
        ]);
        let known = Some(Trace { stability: 1000.0, difficulty: 5.0, last: today });
        let card = |scope, trace: Option<Trace>| Standing {
            scope: ScopeId(scope),
            trace,
            recalled: trace.map(|trace| trace.last),
            due: None,
            guess: 0.0,
        };
        let mut standings = vec![card(1, known); 20];
        standings.extend(vec![card(2, None); 20]);
        standings.extend([card(3, None), card(4, None), card(5, known)]);
        let tally = |scope, answers| Tally {
            day: today,
            scope: ScopeId(scope),
            mature: false,
            evidence: Evidence::Checked,
            imported: false,
            answers,
            passed: answers - 1,
            guessed: 0.0,
        };
        let summary = summarize(&Inputs {
            today,
            window: 90,
            weeks: 1,
            model: &crate::recall::Model::default(),
            map: &map,
            profile: &Profile::default(),
            scopes: &scopes,
            tallies: &[tally(1, 40), tally(3, 19), tally(5, 50)],
            standings: &standings,
            predictions: &[Predicted {
                bin: 9,
                answers: 2000,
                passed: 1900,
                predicted: 1900.0,
                loss: 400.0,
                loss_average: 420.0,
                loss_interval: 500.0,
            }],
            held: &[],
            activity: &[],
        });
        let answers =
            BTreeMap::from([("web-servers".to_owned(), 140), ("linux".to_owned(), 19), (UNSORTED.to_owned(), 50)]);
        let share = |retention| Share::of("Anna", &summary, &answers, retention, &map);
        let plain = share(false).unwrap();
        expect![[r#"
            plugg_share = 1
            name = "Anna"
            date = 2024-10-04
            answers = 159

            [[area]]
            id = "linux"
            title = "Linux environments"
            holds = "none"
            answers = 19

            [[area]]
            id = "web-servers"
            title = "Apache, Nginx and HAProxy"
            holds = "none"
            answers = 140

            [[area.system]]
            id = "nginx"
            title = "Nginx"
            holds = "foundation"
        "#]]
        .assert_eq(plain.to_toml().split("\n").skip(4).collect::<Vec<_>>().join("\n").as_str());
        assert_eq!(Share::parse("", plain.to_toml().as_bytes()).unwrap(), plain);
        let told = share(true).unwrap();
        assert!(
            told.to_toml()
                .contains("retention = { share = 0.975, low = 0.871, high = 0.996, answers = 40, days = 90 }")
        );
        assert_eq!(told.areas.iter().filter(|area| area.retention.is_some()).count(), 1, "19 answers are too few");
        assert_eq!(Share::parse("", told.to_toml().as_bytes()).unwrap(), told);
        assert!(Share::of("Anna", &Summary { areas: Vec::new(), ..summary.clone() }, &answers, true, &map).is_err());
    }

    proptest! {
        #[test]
        fn any_share_survives_the_file(
            name in "[ -~åäöé日本🧑\"\\\\]{1,40}",
            day in Day::FIRST.0..Day::LAST.0,
            answers in any::<u32>(),
            held in prop::option::of(0usize..3),
        ) {
            prop_assume!(check_name(&name).is_ok());
            let holds = held.map(|level| Level::ALL[level]);
            let area = SharedArea {
                id: "linux".into(), title: check_name(&name).unwrap(), holds, answers, retention: None, systems: vec![],
            };
            let share = Share { name: check_name(&name).unwrap(), date: Day(day), answers, areas: vec![area] };
            prop_assert_eq!(read(&share.to_toml()).unwrap(), share);
        }

        #[test]
        fn no_bytes_break_the_reader(text in "(plugg_share = 1\n)?[\\[\\]a-z={}\"'0-9.,\n -]{0,200}") {
            if let Ok(share) = read(&text) {
                prop_assert_eq!(visible(&share.name), share.name.as_str());
            }
        }
    }
}
