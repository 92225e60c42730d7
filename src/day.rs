//! Instants and study days; the only place that reads the clock.
//!
//! A study day is the local date, turned over at a rollover hour so that an answer after midnight still belongs to the
//! evening. It is fixed at the answer and never computed again: travelling or a daylight-saving change moves no row.

use std::cell::Cell;
use std::fmt;

use chrono::{DateTime, Datelike, Duration, FixedOffset, NaiveDate, TimeZone};
use serde::Serialize;

use crate::error::{Error, Result};

/// A moment with the offset of the place where it was read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Moment {
    /// Milliseconds since the Unix epoch, UTC.
    pub unix_ms: i64,
    /// Minutes that local time is ahead of UTC, -1439 to 1439.
    pub offset_minutes: i32,
}

impl Moment {
    /// Returns the study day: the local date of this moment moved back by `rollover_hour` hours (0 to 23).
    pub fn study_day(self, rollover_hour: u32) -> Day {
        let local_ms = self
            .unix_ms
            .saturating_add(i64::from(self.offset_minutes) * 60_000)
            .saturating_sub(i64::from(rollover_hour) * 3_600_000);
        let days = local_ms.div_euclid(86_400_000);
        Day(days.clamp(i64::from(Day::FIRST.0), i64::from(Day::LAST.0)) as i32)
    }

    /// Reads an RFC 3339 date and time.
    ///
    /// # Errors
    /// Says what the form is.
    pub fn parse(text: &str) -> Result<Moment> {
        let parsed = DateTime::parse_from_rfc3339(text).map_err(|error| {
            Error::user(format!("`{text}` is not a moment"))
                .because(error)
                .hint("write it like 2026-11-24T08:00:00+01:00")
        })?;
        Ok(Moment::from(parsed))
    }

    /// The same moment as RFC 3339 with its own offset, to the second.
    pub fn rfc3339(self) -> String {
        let offset = FixedOffset::east_opt(self.offset_minutes * 60);
        match (offset, DateTime::from_timestamp_millis(self.unix_ms)) {
            (Some(offset), Some(utc)) => utc.with_timezone(&offset).to_rfc3339_opts(chrono::SecondsFormat::Secs, false),
            _ => format!("{} ms after 1970-01-01", self.unix_ms),
        }
    }
}

impl<Tz: TimeZone> From<DateTime<Tz>> for Moment
where
    Tz::Offset: chrono::Offset,
{
    fn from(time: DateTime<Tz>) -> Self {
        use chrono::Offset as _;
        Moment { unix_ms: time.timestamp_millis(), offset_minutes: time.offset().fix().local_minus_utc() / 60 }
    }
}

/// A study day, counted from 1970-01-01.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Day(pub i32);

impl Day {
    /// The earliest day that is kept: 0001-01-01.
    pub const FIRST: Day = Day(-719_162);
    /// The latest day that is kept: 9999-12-31.
    pub const LAST: Day = Day(2_932_896);

    /// Reads a date like 2026-11-24.
    ///
    /// # Errors
    /// Says what the form is.
    pub fn parse(text: &str) -> Result<Day> {
        NaiveDate::parse_from_str(text, "%Y-%m-%d")
            .ok()
            .and_then(Day::from_date)
            .ok_or_else(|| Error::user(format!("`{text}` is not a date")).hint("write it like 2026-11-24"))
    }

    fn from_date(date: NaiveDate) -> Option<Day> {
        let days = i64::from(date.num_days_from_ce()) - 719_163;
        let day = Day(i32::try_from(days).ok()?);
        (Day::FIRST..=Day::LAST).contains(&day).then_some(day)
    }

    /// The calendar date of this day.
    pub fn date(self) -> NaiveDate {
        NaiveDate::default() + Duration::days(i64::from(self.0.clamp(Day::FIRST.0, Day::LAST.0)))
    }

    /// The day `days` later (or earlier), kept within the calendar.
    #[must_use]
    pub fn plus(self, days: i64) -> Day {
        let sum = i64::from(self.0).saturating_add(days);
        Day(sum.clamp(i64::from(Day::FIRST.0), i64::from(Day::LAST.0)) as i32)
    }

    /// Days from `earlier` to this one; never negative, so a clock set back cannot make time negative.
    pub fn since(self, earlier: Day) -> u32 {
        u32::try_from(i64::from(self.0) - i64::from(earlier.0)).unwrap_or(0)
    }

    /// The Monday of this day's week.
    #[must_use]
    pub fn week(self) -> Day {
        Day(self.0 - (self.0 + 3).rem_euclid(7))
    }

    /// The first day of this day's month.
    #[must_use]
    pub fn month(self) -> Day {
        self.plus(-i64::from(self.date().day0()))
    }
}

impl fmt::Display for Day {
    /// Writes the date as ISO 8601.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.date().format("%Y-%m-%d"))
    }
}

impl Serialize for Day {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> std::result::Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

/// Where the time comes from.
pub trait Clock {
    /// The present moment.
    fn now(&self) -> Moment;
}

/// The clock of the machine.
#[derive(Debug, Default)]
pub struct SystemClock;

impl Clock for SystemClock {
    #[expect(clippy::disallowed_methods, reason = "this is the one place that reads the clock")]
    fn now(&self) -> Moment {
        Moment::from(chrono::Local::now())
    }
}

/// A clock that stands still but for a fixed step at each reading, so that two runs print the same bytes.
#[derive(Debug)]
pub struct SteppedClock {
    next: Cell<Moment>,
    step_ms: i64,
}

impl SteppedClock {
    /// Starts at `start`; every reading moves it on by `step_ms` milliseconds.
    pub fn new(start: Moment, step_ms: i64) -> Self {
        Self { next: Cell::new(start), step_ms }
    }
}

impl Clock for SteppedClock {
    fn now(&self) -> Moment {
        let now = self.next.get();
        self.next.set(Moment { unix_ms: now.unix_ms.saturating_add(self.step_ms), ..now });
        now
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn day(text: &str) -> Day {
        Day::parse(text).unwrap()
    }

    #[test]
    fn the_study_day_turns_over_at_the_rollover_hour() {
        // moment, rollover hour, study day
        let cases = [
            ("2026-11-24T03:59:59+01:00", 4, "2026-11-23"),
            ("2026-11-24T04:00:00+01:00", 4, "2026-11-24"),
            ("2026-11-24T00:00:00+01:00", 0, "2026-11-24"),
            ("2026-11-24T23:59:59-11:00", 4, "2026-11-24"),
            // The night when clocks go back in Stockholm: 02:30 comes twice and is the same study day both times.
            ("2026-10-25T02:30:00+02:00", 4, "2026-10-24"),
            ("2026-10-25T02:30:00+01:00", 4, "2026-10-24"),
            // The night when they go forward: 03:30 is half an hour after 01:59.
            ("2026-03-29T03:30:00+02:00", 4, "2026-03-28"),
            ("2028-02-29T12:00:00Z", 4, "2028-02-29"),
            ("2100-03-01T03:00:00Z", 4, "2100-02-28"),
            ("1969-12-31T12:00:00Z", 4, "1969-12-31"),
        ];
        for (moment, rollover, expected) in cases {
            assert_eq!(Moment::parse(moment).unwrap().study_day(rollover), day(expected), "{moment}");
        }
    }

    #[test]
    fn days_are_read_written_and_counted() {
        assert_eq!(day("1970-01-01"), Day(0));
        assert_eq!(day("0001-01-01"), Day::FIRST);
        assert_eq!(day("9999-12-31"), Day::LAST);
        assert_eq!(day("2026-11-24").to_string(), "2026-11-24");
        assert_eq!(day("2026-11-24").since(day("2026-11-20")), 4);
        assert_eq!(day("2026-11-20").since(day("2026-11-24")), 0);
        assert_eq!(day("2026-11-24").week(), day("2026-11-23"));
        assert_eq!(day("2026-11-23").week(), day("2026-11-23"));
        assert_eq!(day("2026-11-22").week(), day("2026-11-16"));
        assert!(Day::parse("2026-02-29").is_err());
        assert!(Day::parse("yesterday").is_err());
        assert_eq!(Day::LAST.plus(1), Day::LAST);
    }

    #[test]
    fn a_stepped_clock_moves_only_when_read() {
        let clock = SteppedClock::new(Moment::parse("2026-11-24T08:00:00+01:00").unwrap(), 1500);
        assert_eq!(clock.now().rfc3339(), "2026-11-24T08:00:00+01:00");
        assert_eq!(clock.now().unix_ms - clock.now().unix_ms, -1500);
    }

    proptest! {
        #[test]
        fn any_moment_has_a_day_and_any_day_a_date(unix_ms: i64, offset in -1439..1440, rollover in 0u32..24, days: i32) {
            let moment = Moment { unix_ms, offset_minutes: offset };
            let day = moment.study_day(rollover);
            prop_assert!((Day::FIRST..=Day::LAST).contains(&day));
            let _ = moment.rfc3339();
            prop_assert_eq!(Day::parse(&day.to_string()).unwrap(), day);
            let _ = Day(days).date();
        }
    }
}
