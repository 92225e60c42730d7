//! The examination: is the file sound, and does replaying the log give what is cached?

use super::log::{State, refolded};
use super::{CardId, Store, broken};
use crate::error::Result;

/// What an examination found.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Examined {
    /// Cards in the database.
    pub cards: u32,
    /// Answers in the log, those taken back included.
    pub answers: u32,
    /// Answers taken back.
    pub retracted: u32,
    /// What is wrong, each in a sentence; empty when all is well.
    pub faults: Vec<String>,
}

/// Faults named before the rest is only counted.
const NAMED: usize = 20;

impl Store {
    /// Examines the database. It reads everything and changes nothing.
    ///
    /// # Errors
    /// When the database cannot be read at all.
    pub fn examine(&self) -> Result<Examined> {
        let count = |sql: &str| self.connection.query_row(sql, [], |row| row.get::<_, u32>(0)).map_err(broken);
        let mut examined = Examined {
            cards: count("select count(*) from card")?,
            answers: count("select count(*) from review")?,
            retracted: count("select count(*) from event where kind = 0")?,
            faults: self.file_faults()?,
        };
        examined.faults.extend(self.memory_faults()?);
        let sums = [
            (
                "the figures of retention",
                "select (select count(*) from review where counted > 0 and not exists
                   (select 1 from event where event.review = review.seq and event.kind = 0))
                 - (select coalesce(sum(answers), 0) from tally)",
            ),
            (
                "the figures of activity",
                "select (select count(*) from review where not exists
                   (select 1 from event where event.review = review.seq and event.kind = 0))
                 - (select coalesce(sum(answers), 0) from activity)",
            ),
            (
                "the counters of cards",
                "select (select count(*) from card where retired = 0) - (select coalesce(sum(cards), 0) from scope)",
            ),
        ];
        for (what, sql) in sums {
            let off: i64 = self.connection.query_row(sql, [], |row| row.get(0)).map_err(broken)?;
            if off != 0 {
                examined.faults.push(format!("{what} do not agree with the log: off by {off}"));
            }
        }
        let faults = examined.faults.len();
        if faults > NAMED {
            examined.faults.truncate(NAMED);
            examined.faults.push(format!("and {} more", faults - NAMED));
        }
        Ok(examined)
    }

    fn file_faults(&self) -> Result<Vec<String>> {
        let mut statement = self.connection.prepare("pragma integrity_check").map_err(broken)?;
        let found: Vec<String> = statement
            .query_map([], |row| row.get(0))
            .and_then(Iterator::collect::<rusqlite::Result<Vec<_>>>)
            .map_err(broken)?;
        let mut faults: Vec<String> =
            found.into_iter().filter(|line| line != "ok").map(|line| format!("the file is damaged: {line}")).collect();
        let mut statement = self.connection.prepare("pragma foreign_key_check").map_err(broken)?;
        let orphans: Vec<String> = statement
            .query_map([], |row| row.get(0))
            .and_then(Iterator::collect::<rusqlite::Result<Vec<_>>>)
            .map_err(broken)?;
        faults.extend(orphans.into_iter().map(|table| format!("a row of {table} belongs to nothing")));
        Ok(faults)
    }

    fn memory_faults(&self) -> Result<Vec<String>> {
        let mut statement = self
            .connection
            .prepare(
                "select * from card where first_day is not null or due is not null or id in (select card from review)",
            )
            .map_err(broken)?;
        let cards = statement
            .query_map([], |row| Ok((CardId(row.get("id")?), State::read(row)?)))
            .and_then(Iterator::collect::<rusqlite::Result<Vec<_>>>)
            .map_err(broken)?;
        let mut faults = Vec::new();
        for (card, cached) in cards {
            if refolded(&self.connection, &self.model, card).map_err(broken)? != cached {
                faults.push(format!("the memory of card {} is not what its log says", self.name_of(card)?));
            }
        }
        Ok(faults)
    }
}
