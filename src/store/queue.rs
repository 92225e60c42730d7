//! What may be asked: due cards, new cards within the goal profile, cards ahead of their time, unfinished drills.
//!
//! Only small rows come out of here, read off covering indexes; a card's text is read when its question is put. Nothing
//! here walks the log.

use std::collections::{BTreeMap, BTreeSet};

use rusqlite::{OptionalExtension as _, Row, params};

use super::{CardId, Store, broken};
use crate::card::{Grade, Level, Purpose};
use crate::day::Day;
use crate::error::Result;
use crate::skill::{Profile, Scope, ScopeId, SkillMap};

/// Which cards are wanted; empty lists leave all.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Filter {
    /// Ids of areas or systems.
    pub places: Vec<String>,
    /// Levels; where there are any, they stand in for the goal profile.
    pub levels: Vec<Level>,
}

impl Filter {
    fn takes(&self, scope: &Scope) -> bool {
        let place = |id: &String| *id == scope.area || *id == scope.system;
        (self.places.is_empty() || self.places.iter().any(place))
            && (self.levels.is_empty() || self.levels.contains(&scope.level))
    }
}

/// A card that may be asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Candidate {
    /// The card.
    pub card: CardId,
    /// Its note: cards of one note are siblings, and wait for another day.
    pub note: i64,
    /// What it belongs to.
    pub scope: ScopeId,
    /// Days between its last answer and its due day; 0 for a new card.
    pub interval: u32,
    /// The day on which it is due; `None` for a new card.
    pub due: Option<Day>,
}

/// New cards that wait in one area, within the profile.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Unseen {
    /// The area.
    pub area: String,
    /// How many cards within the profile were never answered.
    pub cards: u32,
}

impl Store {
    /// The cards due on a day or before, in no order that means anything.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub fn due(&self, filter: &Filter, today: Day) -> Result<Vec<Candidate>> {
        self.candidates(filter, "due <= ?1", today)
    }

    /// The cards that were answered before, though not today, and are not due yet, soonest first.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub fn ahead(&self, filter: &Filter, today: Day) -> Result<Vec<Candidate>> {
        let mut cards = self.candidates(filter, "due > ?1 and last_day < ?1", today)?;
        cards.sort_by_key(|candidate| (candidate.due, candidate.card));
        Ok(cards)
    }

    fn candidates(&self, filter: &Filter, which: &str, today: Day) -> Result<Vec<Candidate>> {
        let wanted: BTreeSet<ScopeId> =
            self.scopes.iter().filter(|(_, scope)| filter.takes(scope)).map(|(id, _)| *id).collect();
        let mut statement = self
            .connection
            .prepare_cached(&format!(
                "select id, note, scope, interval, due from card
                 where suspended = 0 and retired = 0 and due is not null and {which}"
            ))
            .map_err(broken)?;
        let mut rows = statement.query([today.0]).map_err(broken)?;
        let mut candidates = Vec::new();
        while let Some(row) = rows.next().map_err(broken)? {
            let candidate = candidate(row).map_err(broken)?;
            if wanted.contains(&candidate.scope) {
                candidates.push(candidate);
            }
        }
        Ok(candidates)
    }

    /// Up to `wanted` new cards within the filter and the profile: always from the area of which the smallest share was
    /// seen so far, so that the twentieth area does not wait for months; within it shallow levels first, and of them
    /// the system that was seen least. Notes in `busy`, and siblings of cards answered today, wait.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub fn unseen(
        &self,
        filter: &Filter,
        map: &SkillMap,
        profile: &Profile,
        wanted: usize,
        today: Day,
        busy: &BTreeSet<i64>,
    ) -> Result<Vec<Candidate>> {
        let mut wells = self.wells(filter, map, profile)?;
        let mut busy = busy.clone();
        let mut chosen = Vec::new();
        while chosen.len() < wanted {
            // Share seen of an area, counting what was chosen just now; then the order of the map.
            let mut areas: BTreeMap<usize, (u32, u32)> = BTreeMap::new();
            for well in &wells {
                let (seen, cards) = areas.entry(well.area).or_default();
                *seen += well.seen;
                *cards += well.cards;
            }
            let next = wells
                .iter()
                .enumerate()
                .filter(|(_, well)| !well.dry)
                .min_by(|(_, a), (_, b)| {
                    share(areas[&a.area], areas[&b.area])
                        .then(a.area.cmp(&b.area))
                        .then(a.level.cmp(&b.level))
                        .then(share((a.seen, a.cards), (b.seen, b.cards)))
                        .then(a.scope.cmp(&b.scope))
                })
                .map(|(index, _)| index);
            let Some(well) = next.and_then(|index| wells.get_mut(index)) else { break };
            match self.next_unseen(well, today)? {
                Some(candidate) => {
                    if busy.insert(candidate.note) {
                        well.seen += 1;
                        chosen.push(candidate);
                    }
                }
                None => well.dry = true,
            }
        }
        Ok(chosen)
    }

    /// How many new cards wait within the filter and the profile, by area in the order of the map.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub fn unseen_by_area(&self, filter: &Filter, map: &SkillMap, profile: &Profile) -> Result<Vec<Unseen>> {
        let mut areas: BTreeMap<usize, Unseen> = BTreeMap::new();
        for well in self.wells(filter, map, profile)? {
            let Some(scope) = self.scopes.get(&well.scope) else { continue };
            areas.entry(well.area).or_insert_with(|| Unseen { area: scope.area.clone(), cards: 0 }).cards +=
                well.cards - well.seen;
        }
        Ok(areas.into_values().filter(|unseen| unseen.cards > 0).collect())
    }

    fn wells(&self, filter: &Filter, map: &SkillMap, profile: &Profile) -> Result<Vec<Well>> {
        let mut statement = self.connection.prepare_cached("select id, cards, seen from scope").map_err(broken)?;
        let rows = statement
            .query_map([], |row| Ok((ScopeId(row.get(0)?), row.get::<_, u32>(1)?, row.get::<_, u32>(2)?)))
            .and_then(Iterator::collect::<rusqlite::Result<Vec<_>>>)
            .map_err(broken)?;
        // Areas that the map does not know come last, in the order of their first scope, each as an area of its own.
        let mut strangers: BTreeMap<&str, usize> = BTreeMap::new();
        let mut wells = Vec::new();
        for (id, cards, seen) in rows {
            let Some(scope) = self.scopes.get(&id) else { continue };
            let deep_enough = !filter.levels.is_empty() || profile.includes(&scope.area, scope.level);
            if cards == 0 || !filter.takes(scope) || !deep_enough {
                continue;
            }
            let known = map.position(&scope.area);
            let next_stranger = map.areas.len() + strangers.len();
            let area =
                if known < map.areas.len() { known } else { *strangers.entry(&scope.area).or_insert(next_stranger) };
            wells.push(Well { scope: id, area, level: scope.level, cards, seen, last: 0, dry: seen >= cards });
        }
        Ok(wells)
    }

    fn next_unseen(&self, well: &mut Well, today: Day) -> Result<Option<Candidate>> {
        let found = self
            .connection
            .prepare_cached(
                "select id, note, scope, 0 as interval, null as due from card
                 where suspended = 0 and retired = 0 and due is null and scope = ?1 and id > ?2
                   and not exists (select 1 from card sibling
                                   where sibling.note = card.note and sibling.id <> card.id and sibling.last_day = ?3)
                 order by id limit 1",
            )
            .and_then(|mut statement| {
                statement.query_row(params![well.scope.0, well.last, today.0], candidate).optional()
            })
            .map_err(broken)?;
        if let Some(candidate) = found {
            well.last = candidate.card.0;
        }
        Ok(found)
    }

    /// Whether another card of the same note was answered on this day.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub fn sibling_answered(&self, candidate: &Candidate, today: Day) -> Result<bool> {
        self.connection
            .prepare_cached("select exists (select 1 from card where note = ?1 and id <> ?2 and last_day = ?3)")
            .and_then(|mut statement| {
                statement.query_row((candidate.note, candidate.card.0, today.0), |row| row.get(0))
            })
            .map_err(broken)
    }

    /// Cards answered today whose last answer asks for another go, oldest first: a drill that was broken off.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub fn unfinished(&self, today: Day) -> Result<Vec<CardId>> {
        let mut statement = self
            .connection
            .prepare_cached(
                "select review.card, review.grade, review.day, review.purpose, card.suspended or card.retired
                 from review join card on card.id = review.card
                 where not exists (select 1 from event where event.review = review.seq and event.kind = 0)
                 order by review.seq desc",
            )
            .map_err(broken)?;
        let mut rows = statement.query([]).map_err(broken)?;
        let mut met = BTreeSet::new();
        let mut unfinished = Vec::new();
        while let Some(row) = rows.next().map_err(broken)? {
            let read = |row: &Row<'_>| -> rusqlite::Result<(i64, u8, i32, i64, bool)> {
                Ok((row.get(0)?, row.get(1)?, row.get(2)?, row.get(3)?, row.get(4)?))
            };
            let (card, grade, day, purpose, away) = read(row).map_err(broken)?;
            // The log is in the order of its writing: the first row of another day ends the look back.
            if day != today.0 || purpose == Purpose::Imported as i64 {
                break;
            }
            let drilled = purpose == Purpose::Quiz as i64 || purpose == Purpose::Drill as i64;
            if met.insert(card) && drilled && !away && grade < Grade::GOOD.get() {
                unfinished.push(CardId(card));
            }
        }
        unfinished.reverse();
        Ok(unfinished)
    }

    /// How many cards are due on each day of a span, both ends included; days without any are left out.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub fn load(&self, from: Day, to: Day) -> Result<BTreeMap<Day, u32>> {
        self.connection
            .prepare_cached(
                "select due, count(*) from card
                 where suspended = 0 and retired = 0 and due is not null and due between ?1 and ?2 group by due",
            )
            .and_then(|mut statement| {
                statement.query_map((from.0, to.0), |row| Ok((Day(row.get(0)?), row.get(1)?)))?.collect()
            })
            .map_err(broken)
    }

    /// Cards due on a day or before, by what they belong to.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub fn due_by_scope(&self, today: Day) -> Result<BTreeMap<ScopeId, u32>> {
        let mut counts = BTreeMap::new();
        for candidate in self.due(&Filter::default(), today)? {
            *counts.entry(candidate.scope).or_default() += 1;
        }
        Ok(counts)
    }

    /// How many new cards were seen for the first time on a day.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub fn fresh_on(&self, day: Day) -> Result<u32> {
        self.connection
            .prepare_cached("select fresh from activity where day = ?1")
            .and_then(|mut statement| statement.query_row([day.0], |row| row.get(0)).optional())
            .map(Option::unwrap_or_default)
            .map_err(broken)
    }
}

/// New cards of one scope, drawn in the deck's order.
struct Well {
    scope: ScopeId,
    area: usize,
    level: Level,
    cards: u32,
    seen: u32,
    last: i64,
    dry: bool,
}

/// Compares seen ÷ cards of two, without dividing.
fn share(a: (u32, u32), b: (u32, u32)) -> std::cmp::Ordering {
    (u64::from(a.0) * u64::from(b.1)).cmp(&(u64::from(b.0) * u64::from(a.1)))
}

fn candidate(row: &Row<'_>) -> rusqlite::Result<Candidate> {
    Ok(Candidate {
        card: CardId(row.get("id")?),
        note: row.get("note")?,
        scope: ScopeId(row.get("scope")?),
        interval: row.get("interval")?,
        due: row.get::<_, Option<i32>>("due")?.map(Day),
    })
}
