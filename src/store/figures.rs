//! The rows that the report is made of. All but the cards themselves are kept as answers arrive.

use super::log::states_on;
use super::{CardId, Store, broken, level_from, level_number, trace_from, write};
use crate::card::{Ease, Evidence, Level, Memory, Purpose};
use crate::day::Day;
use crate::error::Result;
use crate::skill::ScopeId;
use crate::stats::{Active, Held, Predicted, Rate, Standing, Tally, known};

/// How far back the log is read for what is not counted as answers arrive.
const RECENT_ANSWERS: u32 = 5000;

impl Store {
    /// Counted answers by day, scope, maturity and evidence, from a day on; those of other programs only if asked for.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub fn tallies(&self, from: Day, imported: bool) -> Result<Vec<Tally>> {
        let mut statement = self
            .connection
            .prepare_cached(
                "select day, scope, mature, evidence, answers, passed, imported, guessed from tally
                 where day >= ?1 and answers > 0 and imported <= ?2",
            )
            .map_err(broken)?;
        statement
            .query_map((from.0, imported), |row| {
                let evidence: u8 = row.get(3)?;
                Ok(Tally {
                    day: Day(row.get(0)?),
                    scope: ScopeId(row.get(1)?),
                    mature: row.get(2)?,
                    evidence: Evidence::ALL.get(usize::from(evidence)).copied().unwrap_or(Evidence::SelfGraded),
                    answers: row.get(4)?,
                    passed: row.get(5)?,
                    imported: row.get(6)?,
                    guessed: row.get(7)?,
                })
            })
            .and_then(Iterator::collect)
            .map_err(broken)
    }

    /// Every card that is not retired, as it stands.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub fn standings(&self) -> Result<Vec<Standing>> {
        let mut statement = self
            .connection
            .prepare_cached(
                "select scope, guess, stability, difficulty, last_day, recalled_day,
                        case suspended when 0 then due end as due
                 from card where retired = 0",
            )
            .map_err(broken)?;
        statement
            .query_map([], |row| {
                Ok(Standing {
                    scope: ScopeId(row.get("scope")?),
                    trace: trace_from(row)?,
                    recalled: row.get::<_, Option<i32>>("recalled_day")?.map(Day),
                    guess: row.get("guess")?,
                    due: row.get::<_, Option<i32>>("due")?.map(Day),
                })
            })
            .and_then(Iterator::collect)
            .map_err(broken)
    }

    /// Every card as it stood at the end of a day in the past, replayed from the log. Which cards there were then is not
    /// kept: cards that are retired now are left out unless their note was retired later, and cards that came later
    /// stand as unseen.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub fn standings_on(&self, day: Day) -> Result<Vec<Standing>> {
        let states = states_on(&self.connection, &self.model, day).map_err(broken)?;
        let mut statement = self
            .connection
            .prepare_cached(
                "select card.id, scope, guess, suspended from card join note on note.id = card.note
                 where card.retired = 0 or note.retired_day > ?1",
            )
            .map_err(broken)?;
        statement
            .query_map([day.0], |row| {
                let state = states.get(&CardId(row.get(0)?)).copied().unwrap_or_default();
                let suspended: bool = row.get(3)?;
                Ok(Standing {
                    scope: ScopeId(row.get(1)?),
                    trace: state.trace,
                    recalled: state.recalled_day,
                    due: state.replayed.memory.due.filter(|_| !suspended),
                    guess: row.get(2)?,
                })
            })
            .and_then(Iterator::collect)
            .map_err(broken)
    }

    /// The memories of all cards that were answered before and may be asked, each with how many cards share it. EF is
    /// rounded to tenths, so that they are few.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub fn memories(&self) -> Result<Vec<(Memory, u32)>> {
        let mut statement = self
            .connection
            .prepare_cached(
                "select due, interval, (ease + 5) / 10 * 10 as tenths, repetitions, count(*) from card
                 where suspended = 0 and retired = 0 and due is not null
                 group by due, interval, tenths, repetitions",
            )
            .map_err(broken)?;
        statement
            .query_map([], |row| {
                let (due, interval, ease, repetitions) = (row.get(0)?, row.get(1)?, row.get(2)?, row.get(3)?);
                Ok((Memory { interval, ease: Ease(ease), repetitions, due: Some(Day(due)) }, row.get(4)?))
            })
            .and_then(Iterator::collect)
            .map_err(broken)
    }

    /// The cards of an area up to a level that are known least on a day, of those answered before, with the chance that
    /// each is; at most `most`, the least known first.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub fn weakest(&self, area: &str, level: Level, day: Day, most: usize) -> Result<Vec<(CardId, f64)>> {
        let mut statement = self
            .connection
            .prepare_cached(
                "select id, guess, stability, difficulty, last_day from card
                 where retired = 0 and stability is not null
                   and scope in (select id from scope where area = ?1 and level <= ?2)",
            )
            .map_err(broken)?;
        let mut cards: Vec<(CardId, f64)> = statement
            .query_map((area, level_number(level)), |row| {
                let chance = trace_from(row)?.map_or(0.0, |trace| self.model.recall(&trace, day));
                Ok((CardId(row.get("id")?), known(chance, row.get("guess")?)))
            })
            .and_then(Iterator::collect)
            .map_err(broken)?;
        cards.sort_by(|a, b| a.1.total_cmp(&b.1).then(a.0.cmp(&b.0)));
        cards.truncate(most);
        Ok(cards)
    }

    /// What was done on each day of a span, both ends included, oldest first; days without an answer are left out.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub fn activity(&self, from: Day, to: Day) -> Result<Vec<Active>> {
        let mut statement = self
            .connection
            .prepare_cached(
                "select day, answers, fresh, took_ms from activity
                 where day between ?1 and ?2 and answers > 0 order by day",
            )
            .map_err(broken)?;
        statement
            .query_map((from.0, to.0), |row| {
                let took_ms: i64 = row.get(3)?;
                Ok(Active {
                    day: Day(row.get(0)?),
                    answers: row.get(1)?,
                    fresh: row.get::<_, i64>(2)?.try_into().unwrap_or(0),
                    took_ms: took_ms.try_into().unwrap_or(0),
                })
            })
            .and_then(Iterator::collect)
            .map_err(broken)
    }

    /// How the first answers to new cards went, among the last thousands of answers in the log: further back it is not
    /// read.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub fn first_tries(&self) -> Result<Rate> {
        self.connection
            .prepare_cached(
                "select count(*), coalesce(sum(grade >= 3), 0), coalesce(sum(guess), 0)
                 from (select seq, grade, purpose, before_due, guess from review order by seq desc limit ?1) as recent
                 where purpose = ?2 and before_due is null
                   and not exists (select 1 from event where event.review = recent.seq and event.kind = 0)",
            )
            .and_then(|mut statement| {
                statement.query_row((RECENT_ANSWERS, Purpose::Quiz as i64), |row| {
                    Ok(Rate { answers: row.get(0)?, passed: row.get(1)?, guessed: row.get(2)? })
                })
            })
            .map_err(broken)
    }

    /// How predictions fared, by tenths of predicted recall, up to a day.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub fn predictions(&self, until: Day) -> Result<Vec<Predicted>> {
        let mut statement = self
            .connection
            .prepare_cached(
                "select bin, sum(answers), sum(passed), sum(predicted), sum(loss), sum(loss_average), sum(loss_interval)
                 from prediction where day <= ?1 group by bin",
            )
            .map_err(broken)?;
        statement
            .query_map([until.0], |row| {
                Ok(Predicted {
                    bin: row.get(0)?,
                    answers: row.get(1)?,
                    passed: row.get(2)?,
                    predicted: row.get(3)?,
                    loss: row.get(4)?,
                    loss_average: row.get(5)?,
                    loss_interval: row.get(6)?,
                })
            })
            .and_then(Iterator::collect)
            .map_err(broken)
    }

    /// The levels that were held at the end of some quiz.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub fn held(&self) -> Result<Vec<Held>> {
        let mut statement = self
            .connection
            .prepare_cached("select area, system, level, last_day, lost_day from held")
            .map_err(broken)?;
        statement
            .query_map([], |row| {
                Ok(Held {
                    area: row.get(0)?,
                    system: row.get(1)?,
                    level: level_from(row.get(2)?),
                    last_day: Day(row.get(3)?),
                    lost_day: row.get::<_, Option<i32>>(4)?.map(Day),
                })
            })
            .and_then(Iterator::collect)
            .map_err(broken)
    }

    /// Keeps which levels are held now, and since when others no longer are.
    ///
    /// # Errors
    /// When the database cannot be written.
    pub fn keep_held(&mut self, now: &[Held], lost: &[Held]) -> Result<()> {
        let transaction = write(&mut self.connection)?;
        for held in now.iter().chain(lost) {
            transaction
                .prepare_cached(
                    "insert into held (area, system, level, last_day, lost_day) values (?1, ?2, ?3, ?4, ?5)
                     on conflict do update set last_day = excluded.last_day, lost_day = excluded.lost_day",
                )
                .and_then(|mut statement| {
                    let lost_day = held.lost_day.map(|day| day.0);
                    statement.execute((&held.area, &held.system, level_number(held.level), held.last_day.0, lost_day))
                })
                .map_err(broken)?;
        }
        transaction.commit().map_err(broken)
    }
}
