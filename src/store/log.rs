//! The review log: recording an answer, taking one back, and folding a card's rows into what is cached on it.
//!
//! The fold [`State::after`] is the only rule that turns answers into a card's cached columns: an answer applies it to
//! the columns, an undo and the doctor apply it to all rows from the start. That the two agree is a law with a test.

use std::collections::HashMap;

use rand::Rng;
use rusqlite::{Connection, OptionalExtension as _, Row, params};

use super::{CardId, Store, WEIGHTS, broken, keep_meta, memory_at, trace_from, write};
use crate::card::{Evidence, Grade, Memory, Purpose, Review};
use crate::day::{Day, Moment};
use crate::error::{Error, Result};
use crate::recall::{Model, Past, Trace, implied_by_interval, log_loss};
use crate::skill::ScopeId;
use crate::sm2::{self, Replayed};
use crate::stats::{Counts, MATURE_FROM, counts};

/// The random id of a row: the same answer handed in twice is one row.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RowId(pub [u8; 16]);

impl RowId {
    /// Draws an id.
    pub fn draw(random: &mut dyn Rng) -> RowId {
        let mut id = [0; 16];
        random.fill_bytes(&mut id);
        RowId(id)
    }
}

/// When something was done: the moment, and the study day that it was fixed to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Stamp {
    /// The moment.
    pub at: Moment,
    /// The study day.
    pub day: Day,
}

/// An answer, ready to be logged.
#[derive(Debug, Clone)]
pub struct Answer {
    /// Drawn when the question was put.
    pub id: RowId,
    /// The card.
    pub card: CardId,
    /// When it was given.
    pub stamp: Stamp,
    /// Why the card was asked.
    pub purpose: Purpose,
    /// Who says whether it was right.
    pub evidence: Evidence,
    /// What the program proposed, where it checked.
    pub proposed: Option<Grade>,
    /// The grade.
    pub grade: Grade,
    /// Milliseconds from the question to the answer.
    pub took_ms: u32,
    /// The memory that the promise was made from.
    pub before: Memory,
    /// What was promised for each grade.
    pub outcomes: [Memory; 6],
}

/// What became of an answer.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Recorded {
    /// The memory that it left.
    pub memory: Memory,
    /// How often the card was forgotten by now.
    pub lapses: u32,
    /// Another plugg had answered the card in between: this answer was logged as practice.
    pub overtaken: bool,
}

/// An answer that was taken back.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Taken {
    /// The card.
    pub card: CardId,
    /// The grade that counts no more.
    pub grade: Grade,
    /// Why it had been asked.
    pub purpose: Purpose,
    /// The study day on which it had been answered.
    pub day: Day,
}

/// A row of the log, with what only the store needs.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct LoggedReview {
    /// Its place in the log.
    pub seq: i64,
    /// The card.
    pub card: CardId,
    /// What it belonged to then.
    pub scope: ScopeId,
    /// When it was given.
    pub at: Moment,
    /// Who says that it was right.
    pub evidence: Evidence,
    /// Milliseconds that it took.
    pub took_ms: u32,
    /// What it counts for.
    pub counted: Counts,
    /// The chance of recall that was predicted before it, where it was.
    pub predicted: Option<f64>,
    /// The share recalled so far, before it.
    pub average: Option<f64>,
    /// The chance that a blind guess was right.
    pub guess: f64,
    /// What the scheduler reads of it.
    pub review: Review,
}

impl LoggedReview {
    fn read(row: &Row<'_>) -> rusqlite::Result<LoggedReview> {
        let grade: u8 = row.get("grade")?;
        let purpose: u8 = row.get("purpose")?;
        let evidence: u8 = row.get("evidence")?;
        Ok(LoggedReview {
            seq: row.get("seq")?,
            card: CardId(row.get("card")?),
            scope: ScopeId(row.get("scope")?),
            at: Moment { unix_ms: row.get("at_ms")?, offset_minutes: row.get("offset_minutes")? },
            evidence: Evidence::ALL.get(usize::from(evidence)).copied().unwrap_or(Evidence::SelfGraded),
            took_ms: row.get("took_ms")?,
            counted: Counts::ALL.get(usize::from(row.get::<_, u8>("counted")?)).copied().unwrap_or(Counts::Nothing),
            predicted: row.get("predicted")?,
            average: row.get("average")?,
            guess: row.get("guess")?,
            review: Review {
                day: Day(row.get("day")?),
                // A number that this program does not know cannot schedule anything.
                purpose: Purpose::ALL.get(usize::from(purpose)).copied().unwrap_or(Purpose::Placement),
                grade: Grade::new(grade).unwrap_or(Grade::AGAIN),
                before: memory_at(row, "before_")?,
                after: memory_at(row, "after_")?,
            },
        })
    }

    fn mature(&self) -> bool {
        self.review.before.interval >= MATURE_FROM
    }
}

/// Everything that is cached on a card.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub(super) struct State {
    pub(super) replayed: Replayed,
    pub(super) trace: Option<Trace>,
    pub(super) first_day: Option<Day>,
    pub(super) recalled_day: Option<Day>,
}

impl State {
    /// The state after one more row.
    pub(super) fn after(self, review: &Review, model: &Model) -> State {
        let first_day = self.first_day.unwrap_or(review.day);
        let recalled = matches!(review.purpose, Purpose::Quiz | Purpose::Imported)
            && review.grade.passed()
            && review.day.since(first_day) >= 1;
        State {
            replayed: sm2::fold(self.replayed, review),
            trace: Some(model.after(self.trace.as_ref(), review.day, review.grade)),
            first_day: Some(first_day),
            recalled_day: self.recalled_day.or(recalled.then_some(review.day)),
        }
    }

    pub(super) fn read(row: &Row<'_>) -> rusqlite::Result<State> {
        let day = |name| row.get::<_, Option<i32>>(name).map(|day| day.map(Day));
        Ok(State {
            replayed: Replayed { memory: memory_at(row, "")?, lapses: row.get("lapses")? },
            trace: trace_from(row)?,
            first_day: day("first_day")?,
            recalled_day: day("recalled_day")?,
        })
    }

    pub(super) fn write(&self, connection: &Connection, card: CardId) -> rusqlite::Result<()> {
        let memory = self.replayed.memory;
        connection
            .prepare_cached(
                "update card set interval = ?2, ease = ?3, repetitions = ?4, lapses = ?5, due = ?6, stability = ?7,
                 difficulty = ?8, first_day = ?9, last_day = ?10, recalled_day = ?11 where id = ?1",
            )?
            .execute(params![
                card.0,
                memory.interval,
                memory.ease.0,
                memory.repetitions,
                self.replayed.lapses,
                memory.due.map(|day| day.0),
                self.trace.map(|trace| f64::from(trace.stability)),
                self.trace.map(|trace| f64::from(trace.difficulty)),
                self.first_day.map(|day| day.0),
                self.trace.map(|trace| trace.last.0),
                self.recalled_day.map(|day| day.0),
            ])
            .map(drop)
    }
}

const REVIEW_COLUMNS: &str = "seq, card, at_ms, offset_minutes, day, scope, purpose, evidence, grade, took_ms, \
     before_interval, before_ease, before_repetitions, before_due, after_interval, after_ease, after_repetitions, \
     after_due, counted, predicted, average, guess";

/// Rows that count for something: not retracted.
const STANDING: &str = "not exists (select 1 from event where event.review = review.seq and event.kind = 0)";

/// What an event in the event log says; the numbers in the store.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Event {
    /// A review counts for nothing.
    Retraction = 0,
    /// The card is learnt anew from here.
    Reset = 1,
    /// The card was put aside.
    Suspension = 2,
    /// The card was taken up again.
    Resumption = 3,
    /// The learner noted something about the card.
    Flag = 4,
}

impl Store {
    /// Logs an answer with all that follows from it, in one durable transaction: when this returns, the answer is
    /// synced to the disk. Handing in the same answer again changes nothing.
    ///
    /// # Errors
    /// When the database cannot be written; then nothing of the answer was kept.
    pub fn record(&mut self, answer: &Answer) -> Result<Recorded> {
        let transaction = write(&mut self.connection)?;
        let recorded = record(&transaction, &self.model, answer).map_err(broken)?;
        transaction.commit().map_err(broken)?;
        recorded.ok_or_else(|| Error::data(format!("card {} is not in the database", answer.card.0)))
    }

    /// Takes the latest answer back: it and what it did count for nothing. `None` where there is none left.
    ///
    /// Nothing is deleted: a retraction is one more row. Imported rows are not answers of this program and stay.
    ///
    /// # Errors
    /// When the database cannot be read or written; then nothing was taken back.
    pub fn take_back(&mut self, id: RowId, stamp: Stamp) -> Result<Option<Taken>> {
        let transaction = write(&mut self.connection)?;
        let taken = take_back(&transaction, &self.model, id, stamp).map_err(broken)?;
        transaction.commit().map_err(broken)?;
        Ok(taken)
    }

    /// The answers of a card that count, oldest first, since it was last reset.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub fn history(&self, card: CardId) -> Result<Vec<LoggedReview>> {
        rows_of(&self.connection, card, i64::MAX).map_err(broken)
    }

    /// Every answer that counts, oldest first, as fitting the memory model needs it.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub fn past(&self) -> Result<Vec<Past>> {
        let mut statement = self
            .connection
            .prepare_cached(&format!("select {REVIEW_COLUMNS} from review where {STANDING} order by day, seq"))
            .map_err(broken)?;
        statement
            .query_map([], |row| {
                let logged = LoggedReview::read(row)?;
                let Review { day, grade, .. } = logged.review;
                Ok(Past { card: logged.card.0, day, grade, counted: logged.counted != Counts::Nothing })
            })
            .and_then(Iterator::collect)
            .map_err(broken)
    }

    /// Uses other weights of the memory model from now on, the default ones for `None`, and replays every card's memory
    /// under them. Predictions that were made stay as they were made.
    ///
    /// # Errors
    /// When the weights are none, or the database cannot be written; then nothing was changed.
    pub fn use_weights(&mut self, weights: Option<&[f32]>) -> Result<()> {
        let model = weights.map_or(Ok(Model::default()), Model::with_weights)?;
        let transaction = write(&mut self.connection)?;
        match weights {
            None => transaction.execute("delete from meta where key = ?1", [WEIGHTS]).map(drop).map_err(broken)?,
            Some(weights) => keep_meta(&transaction, WEIGHTS, &serde_json::json!(weights).to_string())?,
        }
        let cards: Vec<i64> = transaction
            .prepare("select id from card where first_day is not null")
            .and_then(|mut statement| statement.query_map([], |row| row.get(0))?.collect())
            .map_err(broken)?;
        for card in cards {
            refold(&transaction, &model, CardId(card)).map_err(broken)?;
        }
        transaction.commit().map_err(broken)?;
        self.model = model;
        Ok(())
    }

    /// Puts a card aside, or takes it up again.
    ///
    /// # Errors
    /// When the database cannot be written.
    pub fn suspend(&mut self, card: CardId, suspended: bool, id: RowId, stamp: Stamp) -> Result<()> {
        let event = if suspended { Event::Suspension } else { Event::Resumption };
        self.with_event(event, card, "", id, stamp, |connection| {
            connection.execute("update card set suspended = ?2 where id = ?1", (card.0, suspended)).map(drop)
        })
    }

    /// Notes something about a card for its author or for later.
    ///
    /// # Errors
    /// When the database cannot be written.
    pub fn flag(&mut self, card: CardId, text: &str, id: RowId, stamp: Stamp) -> Result<()> {
        self.with_event(Event::Flag, card, text, id, stamp, |_| Ok(()))
    }

    /// Lets a card be learnt anew: its earlier answers stay in the log and in the figures, and schedule nothing more.
    ///
    /// # Errors
    /// When the database cannot be written.
    pub fn reset(&mut self, card: CardId, id: RowId, stamp: Stamp) -> Result<()> {
        let model = self.model.clone();
        self.with_event(Event::Reset, card, "", id, stamp, |connection| refold(connection, &model, card))
    }

    /// What was noted about a card, oldest first, each with its day.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub fn flags(&self, card: CardId) -> Result<Vec<(Day, String)>> {
        let mut statement = self
            .connection
            .prepare_cached("select day, detail from event where card = ?1 and kind = 4 order by seq")
            .map_err(broken)?;
        statement
            .query_map([card.0], |row| Ok((Day(row.get(0)?), row.get(1)?)))
            .and_then(Iterator::collect)
            .map_err(broken)
    }

    fn with_event(
        &mut self,
        kind: Event,
        card: CardId,
        detail: &str,
        id: RowId,
        stamp: Stamp,
        effect: impl FnOnce(&Connection) -> rusqlite::Result<()>,
    ) -> Result<()> {
        let transaction = write(&mut self.connection)?;
        add_event(&transaction, kind, Some(card), None, detail, id, stamp).map_err(broken)?;
        effect(&transaction).map_err(broken)?;
        transaction.commit().map_err(broken)
    }
}

/// Appends an event; a reset notes the last row that it makes forget.
pub(super) fn add_event(
    connection: &Connection,
    kind: Event,
    card: Option<CardId>,
    review: Option<i64>,
    detail: &str,
    id: RowId,
    stamp: Stamp,
) -> rusqlite::Result<()> {
    let review = match (kind, card) {
        (Event::Reset, Some(card)) => {
            connection.query_row("select max(seq) from review where card = ?1", [card.0], |row| row.get(0))?
        }
        _ => review,
    };
    connection
        .prepare_cached(
            "insert into event (id, kind, card, review, at_ms, offset_minutes, day, detail)
             values (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)",
        )?
        .execute(params![
            id.0,
            kind as i64,
            card.map(|card| card.0),
            review,
            stamp.at.unix_ms,
            stamp.at.offset_minutes,
            stamp.day.0,
            detail
        ])
        .map(drop)
}

pub(super) fn record(connection: &Connection, model: &Model, answer: &Answer) -> rusqlite::Result<Option<Recorded>> {
    let found = connection
        .prepare_cached(
            "select interval, ease, repetitions, lapses, due, stability, difficulty, first_day, last_day, recalled_day,
             scope, guess from card where id = ?1",
        )?
        .query_row([answer.card.0], |row| {
            Ok((State::read(row)?, row.get::<_, i64>("scope")?, row.get::<_, f64>("guess")?))
        })
        .optional()?;
    let Some((state, scope, guess)) = found else { return Ok(None) };
    let before = state.replayed.memory;
    let logged: Option<i64> = connection
        .prepare_cached("select seq from review where id = ?1")?
        .query_row([answer.id.0], |row| row.get(0))
        .optional()?;
    if logged.is_some() {
        return Ok(Some(Recorded { memory: before, lapses: state.replayed.lapses, overtaken: false }));
    }
    let overtaken = before != answer.before;
    let purpose = if overtaken { Purpose::Drill } else { answer.purpose };
    let day = answer.stamp.day;
    let review = Review {
        day,
        purpose,
        grade: answer.grade,
        before,
        after: sm2::apply(&before, &answer.outcomes, purpose, answer.grade),
    };
    let first_of_the_day = state.trace.is_none_or(|trace| trace.last < day);
    let counted = counts(purpose, &before, first_of_the_day);
    // Only answers given here are predicted: imported ones were known before the prediction was made.
    let here = counted == Counts::Here;
    let predicted = state.trace.filter(|_| here).map(|trace| model.recall(&trace, day));
    let average = if here { Some(average_so_far(connection)?) } else { None };
    connection
        .prepare_cached(
            "insert into review (id, card, at_ms, offset_minutes, day, scope, purpose, evidence, proposed, grade, took_ms,
             before_interval, before_ease, before_repetitions, before_due, after_interval, after_ease,
             after_repetitions, after_due, counted, predicted, average, guess)
             values (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16, ?17, ?18, ?19, ?20, ?21, ?22,
             ?23)",
        )?
        .execute(params![
            answer.id.0,
            answer.card.0,
            answer.stamp.at.unix_ms,
            answer.stamp.at.offset_minutes,
            day.0,
            scope,
            purpose as i64,
            answer.evidence as i64,
            answer.proposed.map(Grade::get),
            answer.grade.get(),
            answer.took_ms,
            review.before.interval,
            review.before.ease.0,
            review.before.repetitions,
            review.before.due.map(|day| day.0),
            review.after.interval,
            review.after.ease.0,
            review.after.repetitions,
            review.after.due.map(|day| day.0),
            counted as i64,
            predicted,
            average,
            guess,
        ])?;
    let logged = LoggedReview {
        seq: connection.last_insert_rowid(),
        card: answer.card,
        scope: ScopeId(scope),
        at: answer.stamp.at,
        evidence: answer.evidence,
        took_ms: answer.took_ms,
        counted,
        predicted,
        average,
        guess,
        review,
    };
    let after = state.after(&review, model);
    after.write(connection, answer.card)?;
    tally(connection, &logged, state.first_day.is_none(), state.trace, 1)?;
    Ok(Some(Recorded { memory: after.replayed.memory, lapses: after.replayed.lapses, overtaken }))
}

/// The share of counted answers recalled so far; before the first it is even, and it moves off that gently.
fn average_so_far(connection: &Connection) -> rusqlite::Result<f64> {
    connection.prepare_cached("select (passed + 1.0) / (answers + 2.0) from running")?.query_row([], |row| row.get(0))
}

/// Adds an answer to the per-day figures, or takes it out of them again (`sign` 1 or -1).
fn tally(
    connection: &Connection,
    logged: &LoggedReview,
    first_ever: bool,
    trace: Option<Trace>,
    sign: i64,
) -> rusqlite::Result<()> {
    let review = &logged.review;
    let day = review.day.0;
    connection
        .prepare_cached(
            "insert into activity (day, answers, fresh, took_ms) values (?1, ?2, ?3, ?4)
             on conflict do update set answers = answers + ?2, fresh = fresh + ?3, took_ms = took_ms + ?4",
        )?
        .execute((day, sign, sign * i64::from(first_ever), sign * i64::from(logged.took_ms)))?;
    if logged.counted == Counts::Nothing {
        return Ok(());
    }
    let imported = logged.counted == Counts::Imported;
    let passed = review.grade.passed();
    connection
        .prepare_cached(
            "insert into tally (day, scope, mature, evidence, imported, answers, passed, guessed)
             values (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)
             on conflict do update set answers = answers + ?6, passed = passed + ?7, guessed = guessed + ?8",
        )?
        .execute(params![
            day,
            logged.scope.0,
            logged.mature(),
            logged.evidence as i64,
            imported,
            sign,
            sign * i64::from(passed),
            sign as f64 * logged.guess
        ])?;
    if imported {
        return Ok(());
    }
    connection
        .prepare_cached("update running set answers = answers + ?1, passed = passed + ?2")?
        .execute((sign, sign * i64::from(passed)))?;
    let (Some(predicted), Some(average), Some(trace)) = (logged.predicted, logged.average, trace) else {
        return Ok(());
    };
    let implied = implied_by_interval(review.before.interval, review.day.since(trace.last));
    let sign_real = sign as f64;
    connection
        .prepare_cached(
            "insert into prediction (day, bin, answers, passed, predicted, loss, loss_average, loss_interval)
             values (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)
             on conflict do update set answers = answers + ?3, passed = passed + ?4, predicted = predicted + ?5,
               loss = loss + ?6, loss_average = loss_average + ?7, loss_interval = loss_interval + ?8",
        )?
        .execute(params![
            day,
            ((predicted * 10.0) as i64).clamp(0, 9),
            sign,
            sign * i64::from(passed),
            sign_real * predicted,
            sign_real * log_loss(predicted, passed),
            sign_real * log_loss(average, passed),
            sign_real * log_loss(implied, passed),
        ])
        .map(drop)
}

fn latest(connection: &Connection) -> rusqlite::Result<Option<LoggedReview>> {
    connection
        .prepare_cached(&format!(
            "select {REVIEW_COLUMNS} from review where purpose <> {} and {STANDING} order by seq desc limit 1",
            Purpose::Imported as i64
        ))?
        .query_row([], LoggedReview::read)
        .optional()
}

fn take_back(connection: &Connection, model: &Model, id: RowId, stamp: Stamp) -> rusqlite::Result<Option<Taken>> {
    let Some(logged) = latest(connection)? else { return Ok(None) };
    add_event(connection, Event::Retraction, Some(logged.card), Some(logged.seq), "", id, stamp)?;
    refold(connection, model, logged.card)?;
    // What the answer met; not what the card is now, should it have been reset since.
    let met = fold(&rows_of(connection, logged.card, logged.seq)?, model);
    tally(connection, &logged, met.first_day.is_none(), met.trace, -1)?;
    Ok(Some(Taken {
        card: logged.card,
        grade: logged.review.grade,
        purpose: logged.review.purpose,
        day: logged.review.day,
    }))
}

/// The rows of a card that count, before a place in the log and since the last reset before it, oldest first.
fn rows_of(connection: &Connection, card: CardId, before: i64) -> rusqlite::Result<Vec<LoggedReview>> {
    connection
        .prepare_cached(&format!(
            "select {REVIEW_COLUMNS} from review where card = ?1 and seq < ?2 and {STANDING}
             and seq > coalesce((select max(review) from event where card = ?1 and kind = 1 and review < ?2), 0)
             order by seq"
        ))?
        .query_map((card.0, before), LoggedReview::read)?
        .collect()
}

fn fold(rows: &[LoggedReview], model: &Model) -> State {
    rows.iter().fold(State::default(), |state, row| state.after(&row.review, model))
}

/// What each card that was answered by the end of a day stood at then. Answers taken back since count for nothing: they
/// were slips; a reset counts from its own day on.
pub(super) fn states_on(connection: &Connection, model: &Model, day: Day) -> rusqlite::Result<HashMap<CardId, State>> {
    let resets: HashMap<CardId, i64> = connection
        .prepare_cached(
            "select card, max(review) from event where kind = 1 and day <= ?1 and review is not null group by card",
        )?
        .query_map([day.0], |row| Ok((CardId(row.get(0)?), row.get(1)?)))?
        .collect::<rusqlite::Result<_>>()?;
    let mut states: HashMap<CardId, State> = HashMap::new();
    let mut statement = connection
        .prepare_cached(&format!("select {REVIEW_COLUMNS} from review where day <= ?1 and {STANDING} order by seq"))?;
    for row in statement.query_map([day.0], LoggedReview::read)? {
        let row = row?;
        if resets.get(&row.card).is_none_or(|reset| row.seq > *reset) {
            let state = states.entry(row.card).or_default();
            *state = state.after(&row.review, model);
        }
    }
    Ok(states)
}

/// What a card's rows say that its cached columns should be.
pub(super) fn refolded(connection: &Connection, model: &Model, card: CardId) -> rusqlite::Result<State> {
    Ok(fold(&rows_of(connection, card, i64::MAX)?, model))
}

pub(super) fn refold(connection: &Connection, model: &Model, card: CardId) -> rusqlite::Result<()> {
    refolded(connection, model, card)?.write(connection, card)
}
