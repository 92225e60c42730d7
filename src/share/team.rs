//! What the share files of a team add up to: who holds what, and where the team rests on one person or on none.
//!
//! Pure. It never tells a figure of one person that only an average may tell: retention leaves this room only as a mean
//! of [`AVERAGES_FROM`] people or more.

use std::collections::BTreeMap;

use serde::Serialize;
use unicode_normalization::UnicodeNormalization as _;

use super::Share;
use crate::card::Level;
use crate::day::Day;
use crate::skill::SkillMap;

/// From this many people on an average is told: with fewer it says too much of each.
pub const AVERAGES_FROM: usize = 5;
/// With fewer people than this an area is at risk: the next one to leave takes it along.
pub const SAFE_FROM: usize = 2;

/// A team, and with these fields its JSON: days are ISO 8601, shares 0 to 1, and `null` is "none" or "too few to say".
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Team {
    /// The version of this schema; it changes when a field changes its meaning or goes.
    pub version: u32,
    /// The study day of the report.
    pub today: Day,
    /// Who holds this level or a deeper one counts for the bus factor.
    pub level: Level,
    /// The people, by name.
    pub people: Vec<Person>,
    /// All areas of the skill map in its order, then those that only the files know.
    pub areas: Vec<Area>,
    /// Counted answers that a person gave in the mean, from [`AVERAGES_FROM`] people on.
    pub mean_answers: Option<f64>,
    /// The oldest of the files that count.
    pub oldest: Option<Oldest>,
    /// Files that do not count because a newer one is by the same person.
    pub superseded: Vec<Superseded>,
}

/// Whose files were read.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Person {
    /// The name.
    pub name: String,
    /// The day of the file.
    pub date: Day,
    /// Counted answers, over all time.
    pub answers: u32,
}

/// One area over all people.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Area {
    /// Its id.
    pub id: String,
    /// Its title, short enough for a table where the skill map knows it.
    pub title: String,
    /// The level that each person holds, in the order of the people.
    pub holds: Vec<Option<Level>>,
    /// Where a person holds more in a system than in the area.
    pub deeper: Vec<Deeper>,
    /// How many hold each level or a deeper one.
    pub holders: BTreeMap<Level, usize>,
    /// **Bus factor**: how many people hold [`Team::level`] or deeper in the area as a whole.
    pub bus_factor: usize,
    /// Whether the bus factor is under [`SAFE_FROM`].
    pub at_risk: bool,
    /// The mean of the retention of those who told theirs, where those are at least [`AVERAGES_FROM`].
    pub mean_retention: Option<Mean>,
}

/// A person's depth in one system.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Deeper {
    /// The place of the person among the people, from 0.
    pub person: usize,
    /// The id of the system.
    pub system: String,
    /// Its name.
    pub title: String,
    /// The level.
    pub level: Level,
}

/// A mean and over how many people it is.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Mean {
    /// The mean; each person weighs the same.
    pub value: f64,
    /// How many people.
    pub people: usize,
}

/// How old the oldest file is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Oldest {
    /// Whose it is.
    pub name: String,
    /// Its day.
    pub date: Day,
    /// Days since then.
    pub days: u32,
}

/// A file that does not count.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Superseded {
    /// The file, as the user named it.
    pub file: String,
    /// Its day.
    pub date: Day,
    /// Whose it is.
    pub name: String,
    /// The file that counts instead.
    pub by: String,
}

/// Adds files up, each with its name as the user gave it. Files of one name are one person's, whatever the case and the
/// blanks; her newest counts, of two of the same day the one named last.
pub fn of(files: Vec<(String, Share)>, map: &SkillMap, level: Level, today: Day) -> Team {
    let mut by_person: BTreeMap<String, (String, Share)> = BTreeMap::new();
    let mut passed_over = Vec::new();
    for (file, share) in files {
        let key = key(&share.name);
        let (newer, older) = match by_person.remove(&key) {
            Some(known) if known.1.date > share.date => (known, Some((file, share))),
            known => ((file, share), known),
        };
        passed_over.extend(older.map(|older| (key.clone(), older)));
        by_person.insert(key, newer);
    }
    let superseded = passed_over
        .into_iter()
        .map(|(key, (file, share))| {
            let by = by_person.get(&key).map(|(file, _)| file.clone()).unwrap_or_default();
            Superseded { file, date: share.date, name: share.name, by }
        })
        .collect();
    let shares: Vec<Share> = by_person.into_values().map(|(_, share)| share).collect();
    let oldest = shares.iter().min_by_key(|share| share.date).map(|share| Oldest {
        name: share.name.clone(),
        date: share.date,
        days: today.since(share.date),
    });
    let answers: Vec<f64> = shares.iter().map(|share| f64::from(share.answers)).collect();
    Team {
        version: 1,
        today,
        level,
        areas: places(&shares, map).into_iter().map(|(id, title)| area(id, title, &shares, map, level)).collect(),
        mean_answers: mean(&answers).map(|mean| mean.value),
        oldest,
        superseded,
        people: shares
            .into_iter()
            .map(|share| Person { name: share.name, date: share.date, answers: share.answers })
            .collect(),
    }
}

/// Whom a name means.
fn key(name: &str) -> String {
    let folded = name.nfkc().collect::<String>().to_lowercase();
    folded.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// Ids and titles of the areas. A file's own title counts only where the map has none: it may say anything.
fn places(shares: &[Share], map: &SkillMap) -> Vec<(String, String)> {
    let foreign: BTreeMap<&str, &str> = shares
        .iter()
        .flat_map(|share| &share.areas)
        .filter(|area| map.area(&area.id).is_none())
        .map(|area| (area.id.as_str(), area.title.as_str()))
        .collect();
    let known = map.areas.iter().map(|area| (area.id.as_str(), area.short_title()));
    known.chain(foreign).map(|(id, title)| (id.to_owned(), title.to_owned())).collect()
}

fn area(id: String, title: String, shares: &[Share], map: &SkillMap, level: Level) -> Area {
    let told: Vec<_> = shares.iter().map(|share| share.areas.iter().find(|area| area.id == id)).collect();
    let holds: Vec<Option<Level>> = told.iter().map(|area| area.and_then(|area| area.holds)).collect();
    let at_least = |level| holds.iter().filter(|held| **held >= Some(level)).count();
    let deeper = told.iter().enumerate().flat_map(|(person, area)| {
        area.iter().flat_map(|area| &area.systems).map(move |system| Deeper {
            person,
            system: system.id.clone(),
            title: map.system(&system.id).map_or(&system.title, |(_, known)| &known.name).clone(),
            level: system.holds,
        })
    });
    let retention: Vec<f64> = told.iter().flatten().filter_map(|area| Some(area.retention?.share.value)).collect();
    Area {
        deeper: deeper.collect(),
        holders: Level::ALL.into_iter().map(|level| (level, at_least(level))).collect(),
        bus_factor: at_least(level),
        at_risk: at_least(level) < SAFE_FROM,
        mean_retention: mean(&retention),
        id,
        title,
        holds,
    }
}

/// The mean of enough values.
fn mean(values: &[f64]) -> Option<Mean> {
    (values.len() >= AVERAGES_FROM)
        .then(|| Mean { value: values.iter().sum::<f64>() / values.len() as f64, people: values.len() })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::share::{Recalled, SharedArea, SharedSystem};
    use crate::stats::Interval;

    const TODAY: Day = Day(20_000);

    fn area(id: &str, holds: Option<Level>, retention: Option<f64>) -> SharedArea {
        let recalled = |value| Recalled { share: Interval { value, low: 0.0, high: 1.0 }, answers: 30, days: 90 };
        SharedArea {
            id: id.into(),
            title: format!("{id} of a file"),
            holds,
            answers: 30,
            retention: retention.map(recalled),
            systems: Vec::new(),
        }
    }

    fn share(name: &str, age: i64, areas: Vec<SharedArea>) -> (String, Share) {
        (format!("{name}-{age}"), Share { name: name.into(), date: TODAY.plus(-age), answers: 30, areas })
    }

    fn team(files: Vec<(String, Share)>) -> Team {
        let map = SkillMap::parse(include_str!("../../decks/areas.toml")).unwrap();
        of(files, &map, Level::Practitioner, TODAY)
    }

    #[test]
    fn who_holds_what_and_where_one_leaves_a_hole() {
        use Level::{Expert, Foundation, Practitioner};
        let one = |level| vec![area("linux", level, None)];
        // levels in Linux, holders of each level or deeper, at risk
        let cases = [
            (vec![None, None], [0, 0, 0], true),
            (vec![Some(Foundation), Some(Foundation)], [2, 0, 0], true),
            (vec![Some(Practitioner), Some(Foundation)], [2, 1, 0], true),
            (vec![Some(Practitioner), Some(Expert)], [2, 2, 1], false),
        ];
        for (levels, holders, at_risk) in cases {
            let files = levels.iter().enumerate().map(|(at, level)| share(&format!("{at}"), 0, one(*level))).collect();
            let team = team(files);
            let linux = &team.areas[0];
            assert_eq!(linux.holds, levels);
            assert_eq!(linux.holders.values().copied().collect::<Vec<_>>(), holders);
            assert_eq!((linux.bus_factor, linux.at_risk), (holders[1], at_risk), "{levels:?}");
        }
    }

    #[test]
    fn areas_of_the_map_come_first_and_keep_their_titles() {
        let mut linux = area("linux", None, None);
        linux.systems.push(SharedSystem { id: "nginx".into(), title: "x".into(), holds: Level::Expert });
        linux.systems.push(SharedSystem { id: "mine".into(), title: "Mine".into(), holds: Level::Expert });
        let team = team(vec![share("A", 0, vec![area("sailing", Some(Level::Expert), None), linux])]);
        assert_eq!(team.areas.len(), 21);
        assert_eq!((team.areas[0].title.as_str(), team.areas[20].title.as_str()), ("Linux", "sailing of a file"));
        assert_eq!(team.areas[0].bus_factor, 0, "depth in a system is not the area");
        let titles: Vec<&str> = team.areas[0].deeper.iter().map(|deeper| deeper.title.as_str()).collect();
        assert_eq!(titles, ["Nginx", "Mine"]);
    }

    #[test]
    fn of_one_person_the_newest_file_counts() {
        // ages of the files in the order of the call, the age that counts
        for (ages, counts) in [([3, 1, 2], 1), ([1, 2, 3], 1), ([3, 2, 1], 1), ([2, 2, 5], 2)] {
            let names = ["Åsa  Öberg", "åsa öberg", "A\u{30a}SA O\u{308}BERG"];
            let files = names.into_iter().zip(ages).map(|(name, age)| share(name, age, vec![])).collect();
            let team = team(files);
            assert_eq!(team.people.len(), 1);
            assert_eq!(team.people[0].date, TODAY.plus(-counts));
            assert_eq!(team.superseded.len(), 2);
            assert!(team.superseded.iter().all(|old| old.by.ends_with(&format!("-{counts}"))), "{:?}", team.superseded);
            assert_eq!(team.oldest.as_ref().unwrap().days, counts as u32);
        }
        let same_day = team(vec![share("A", 1, vec![]), ("later".into(), share("A", 1, vec![]).1)]);
        assert_eq!((same_day.superseded[0].file.as_str(), same_day.superseded[0].by.as_str()), ("A-1", "later"));
    }

    #[test]
    fn averages_are_told_from_five_people_up() {
        for (people, told, answers, retention) in [(4, 4, false, false), (5, 4, true, false), (5, 5, true, true)] {
            let files = (0..people)
                .map(|at| {
                    let retention = (at < told).then_some(0.5 + f64::from(at) / 10.0);
                    share(&format!("{at}"), 0, vec![area("linux", None, retention)])
                })
                .collect();
            let team = team(files);
            assert_eq!(team.mean_answers.is_some(), answers, "{people} {told}");
            let mean = team.areas[0].mean_retention;
            assert_eq!(mean.is_some(), retention, "{people} {told}");
            assert!(mean.is_none_or(|mean| mean.people == 5 && (mean.value - 0.7).abs() < 1e-9));
        }
    }
}
