//! The scheduler: SM-2, pure. What the memory of a card becomes for every grade at once.
//!
//! Source: P. A. Wozniak, *Optimization of learning*, 1990, section 3.2 ("Algorithm SM-2"). Each deviation from it is a
//! field of [`Rules`]; [`Rules::ORIGINAL`] has none. The caller hands in the day, the load of the coming days and a
//! random number; nothing is read from anywhere else, so the interval that the screen promises is the one the log gets.

use crate::card::{Ease, Grade, Memory, Purpose, Review};
use crate::day::Day;

/// EF of a card never answered, and the lowest that EF may fall to (Wozniak 1990).
const LOWEST_EASE: u32 = 130;
/// The ease factor can only grow by 0.1 an answer; this bound keeps a damaged database from overflowing anything.
const HIGHEST_EASE: u32 = 10_000;
/// A hundred years: no promise goes further.
const LONGEST_INTERVAL: u32 = 36_500;
/// Intervals from this many days up are spread (deviation `fuzz`).
const FUZZ_FROM: u32 = 3;

/// The deviations from the original algorithm, and the point at which a card is a leech.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Rules {
    /// Spread intervals from 3 days up over ±(5 % + 1 day) and take the least loaded day of that window.
    pub fuzz: bool,
    /// Credit a card that was recalled late with its real elapsed time: all for 5, half for 4, none for 3.
    pub late_credit: bool,
    /// How many lapses make a leech.
    pub leech_lapses: u32,
}

impl Rules {
    /// SM-2 as published in 1990.
    pub const ORIGINAL: Rules = Rules { fuzz: false, late_credit: false, leech_lapses: 8 };
}

impl Default for Rules {
    /// The house rules: both deviations on.
    fn default() -> Self {
        Rules { fuzz: true, late_credit: true, ..Rules::ORIGINAL }
    }
}

/// Everything that a transition needs beside the memory itself.
pub struct Context<'a> {
    /// The study day of the answer.
    pub today: Day,
    /// Which deviations are on.
    pub rules: Rules,
    /// How many cards are due on a day, for `fuzz`.
    pub load: &'a dyn Fn(Day) -> u32,
    /// A number from 0 up to, not including, 1; it chooses among equally loaded days.
    pub spread: f64,
}

impl Context<'_> {
    /// A context without deviations.
    pub fn original(today: Day) -> Context<'static> {
        Context { today, rules: Rules::ORIGINAL, load: &|_| 0, spread: 0.0 }
    }
}

/// Returns the ease factor after an answer: EF' = EF + (0.1 − (5−q)·(0.08 + (5−q)·0.02)), at least 1.3.
///
/// A grade below 3 leaves it as it is, as the 1990 text says of step 6.
pub fn ease_after(ease: Ease, grade: Grade) -> Ease {
    if !grade.passed() {
        return ease;
    }
    let missing = i64::from(5 - grade.get());
    let change = 10 - missing * (8 + missing * 2);
    let sum = (i64::from(ease.0) + change).clamp(i64::from(LOWEST_EASE), i64::from(HIGHEST_EASE));
    Ease(u32::try_from(sum).unwrap_or(LOWEST_EASE))
}

/// Returns what the card's memory becomes for each grade from 0 to 5, when the answer schedules.
///
/// Intervals never shrink for a better grade, with every deviation on or off.
pub fn outcomes(memory: &Memory, context: &Context<'_>) -> [Memory; 6] {
    let mut shortest = 1;
    Grade::ALL.map(|grade| {
        let after = outcome(memory, grade, context, shortest);
        shortest = after.interval;
        after
    })
}

fn outcome(memory: &Memory, grade: Grade, context: &Context<'_>, shortest: u32) -> Memory {
    let ease = ease_after(memory.ease, grade);
    if !grade.passed() {
        return Memory { interval: 1, ease, repetitions: 0, due: Some(context.today.plus(1)) };
    }
    let days = interval_after(memory, grade, ease, context).max(shortest);
    let days = if context.rules.fuzz { least_loaded(days, context).max(shortest) } else { days };
    Memory {
        interval: days,
        ease,
        repetitions: memory.repetitions.saturating_add(1),
        due: Some(context.today.plus(i64::from(days))),
    }
}

/// I(1) = 1, I(2) = 6, I(n) = ⌈I(n−1) · EF'⌉.
fn interval_after(memory: &Memory, grade: Grade, ease: Ease, context: &Context<'_>) -> u32 {
    let late = memory.due.map_or(0, |due| context.today.since(due));
    let credit = match grade {
        _ if !context.rules.late_credit => 0,
        Grade::EASY => late,
        Grade::GOOD => late / 2,
        _ => 0,
    };
    let base = memory.interval.saturating_add(credit);
    let days = match memory.repetitions {
        0 => 1,
        // The first two intervals are fixed; a card that held far longer than they ask has shown that it holds.
        1 => base.max(6),
        _ => u32::try_from((u64::from(base) * u64::from(ease.0)).div_ceil(100)).unwrap_or(u32::MAX),
    };
    days.clamp(1, LONGEST_INTERVAL)
}

/// The day within ±(5 % + 1 day) on which the fewest cards are due; among equals, the one that `spread` points to.
fn least_loaded(days: u32, context: &Context<'_>) -> u32 {
    if days < FUZZ_FROM {
        return days;
    }
    let reach = days / 20 + 1;
    let loads: Vec<(u32, u32)> = (days - reach..=days + reach)
        .map(|candidate| ((context.load)(context.today.plus(i64::from(candidate))), candidate))
        .collect();
    let fewest = loads.iter().map(|(load, _)| *load).min().unwrap_or(0);
    let best: Vec<u32> = loads.into_iter().filter(|(load, _)| *load == fewest).map(|(_, day)| day).collect();
    let index = (context.spread.clamp(0.0, 1.0) * best.len() as f64) as usize;
    best.get(index.min(best.len().saturating_sub(1))).copied().unwrap_or(days)
}

/// Returns the memory after an answer for a purpose: the promised outcome, or the memory unchanged where the purpose
/// does not schedule this grade.
pub fn apply(memory: &Memory, outcomes: &[Memory; 6], purpose: Purpose, grade: Grade) -> Memory {
    if purpose.schedules(grade) { outcomes[usize::from(grade.get())] } else { *memory }
}

/// What a replay of a card's log gives.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Replayed {
    /// The memory that the log leaves.
    pub memory: Memory,
    /// How often a card that was known was failed.
    pub lapses: u32,
}

impl Default for Replayed {
    fn default() -> Self {
        Replayed { memory: Memory::NEW, lapses: 0 }
    }
}

/// Folds one more line of the log into what was replayed so far.
///
/// The outcome that the learner was promised stands in the row, so a replay needs no random number. Where an earlier
/// row was retracted the row no longer starts from this memory; then its grade is applied anew, without fuzz.
pub fn fold(so_far: Replayed, review: &Review) -> Replayed {
    let Replayed { memory, lapses } = so_far;
    if !review.purpose.schedules(review.grade) {
        return so_far;
    }
    let after = if review.before == memory {
        review.after
    } else {
        outcomes(&memory, &Context::original(review.day))[usize::from(review.grade.get())]
    };
    let lapsed = !review.grade.passed() && memory.repetitions > 0;
    Replayed { memory: after, lapses: lapses + u32::from(lapsed) }
}

/// Replays a card's log, oldest row first, without the retracted rows.
pub fn replay<'a>(log: impl IntoIterator<Item = &'a Review>) -> Replayed {
    log.into_iter().fold(Replayed::default(), fold)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const TODAY: Day = Day(20_000);

    fn grade(q: u8) -> Grade {
        Grade::new(q).unwrap()
    }

    fn memory(interval: u32, ease: u32, repetitions: u32, due: i32) -> Memory {
        Memory { interval, ease: Ease(ease), repetitions, due: Some(Day(TODAY.0 + due)) }
    }

    /// Answers on the due day with each grade in turn; the (interval, EF) after each.
    fn course(grades: &[u8]) -> Vec<(u32, u32)> {
        let mut memory = Memory::NEW;
        let mut today = TODAY;
        grades
            .iter()
            .map(|&q| {
                memory = outcomes(&memory, &Context::original(today))[usize::from(q)];
                today = memory.due.unwrap();
                (memory.interval, memory.ease.0)
            })
            .collect()
    }

    #[test]
    fn the_ease_factor_follows_the_published_table() {
        // q, EF' − EF in hundredths: worked out by hand from the formula of 1990.
        for (q, change) in [(5, 10), (4, 0), (3, -14)] {
            assert_eq!(i64::from(ease_after(Ease(250), grade(q)).0) - 250, change, "q = {q}");
        }
        for q in 0..3 {
            assert_eq!(ease_after(Ease(250), grade(q)), Ease(250), "a failure leaves EF as it is");
        }
        assert_eq!(ease_after(Ease(140), grade(3)), Ease(130), "1.26 is raised to 1.3");
        assert_eq!(ease_after(Ease(130), grade(5)), Ease(140));
    }

    #[test]
    fn courses_worked_out_by_hand_from_the_text_of_1990() {
        // Each answer is given on the due day. (interval in days, EF in hundredths) after each grade.
        type Course<'a> = (&'a [u8], &'a [(u32, u32)]);
        let cases: [Course<'_>; 7] = [
            // All 4: EF stays 2.5. 1, 6, 6·2.5 = 15, 37.5 → 38, 95, 237.5 → 238.
            (&[4, 4, 4, 4, 4, 4], &[(1, 250), (6, 250), (15, 250), (38, 250), (95, 250), (238, 250)]),
            // All 5: EF 2.6, 2.7, 2.8, 2.9, 3.0. 6·2.8 = 16.8 → 17, 17·2.9 = 49.3 → 50, 50·3.0 = 150.
            (&[5, 5, 5, 5, 5], &[(1, 260), (6, 270), (17, 280), (50, 290), (150, 300)]),
            // All 3: EF 2.36, 2.22, 2.08, 1.94. 6·2.08 = 12.48 → 13, 13·1.94 = 25.22 → 26.
            (&[3, 3, 3, 3], &[(1, 236), (6, 222), (13, 208), (26, 194)]),
            // Down to the floor: 1.80, 1.66, 1.52, 1.38, 1.30.
            (
                &[3, 3, 3, 3, 3, 3, 3, 3, 3],
                &[(1, 236), (6, 222), (13, 208), (26, 194), (47, 180), (79, 166), (121, 152), (167, 138), (218, 130)],
            ),
            // A failure starts the repetitions anew and keeps EF: tomorrow, then I(1), I(2), I(3) = 6·2.5.
            (&[4, 4, 4, 2, 4, 4, 4], &[(1, 250), (6, 250), (15, 250), (1, 250), (1, 250), (6, 250), (15, 250)]),
            // Failing at once, twice: still tomorrow.
            (&[0, 1, 5], &[(1, 250), (1, 250), (1, 260)]),
            // EF moves before it multiplies: the third grade's EF' gives I(3). 6·2.6 = 15.6 → 16.
            (&[4, 4, 5, 3], &[(1, 250), (6, 250), (16, 260), (40, 246)]),
        ];
        for (grades, expected) in cases {
            assert_eq!(course(grades), expected, "{grades:?}");
        }
    }

    #[test]
    fn late_credit_alone() {
        let rules = Rules { late_credit: true, ..Rules::ORIGINAL };
        // memory (interval 10, EF 2.5, third repetition), days late, grade, interval after
        let cases = [
            (0, 4, 25),
            // 10 days late: half of them for 4: (10 + 5)·2.5 = 37.5 → 38.
            (10, 4, 38),
            // All of them for 5: (10 + 10)·2.6 = 52.
            (10, 5, 52),
            // None for 3: 10·2.36 = 23.6 → 24.
            (10, 3, 24),
            (10, 2, 1),
            // Early is not late.
            (-4, 5, 26),
        ];
        for (late, q, expected) in cases {
            let context = Context { rules, ..Context::original(TODAY) };
            let after = outcomes(&memory(10, 250, 2, -late), &context)[q];
            assert_eq!(after.interval, expected, "{late} days late, graded {q}");
        }
        // The second interval is 6, or what the card has shown that it holds: 1 + 20 days for 5, 1 + 10 for 4.
        let context = Context { rules, ..Context::original(TODAY) };
        let after = outcomes(&memory(1, 250, 1, -20), &context);
        assert_eq!([3, 4, 5].map(|q: usize| after[q].interval), [6, 11, 21]);
    }

    #[test]
    fn fuzz_alone_takes_the_least_loaded_day_of_the_window() {
        let rules = Rules { fuzz: true, ..Rules::ORIGINAL };
        let after = |spread: f64, load: &dyn Fn(Day) -> u32| {
            let context = Context { today: TODAY, rules, load, spread };
            outcomes(&memory(16, 250, 2, 0), &context)[4].interval
        };
        // 16·2.5 = 40; the window is 40 ± (2 + 1).
        assert_eq!(after(0.0, &|_| 0), 37);
        assert_eq!(after(0.5, &|_| 0), 40);
        assert_eq!(after(0.999, &|_| 0), 43);
        assert_eq!(after(0.0, &|day| u32::from(day != TODAY.plus(42))), 42);
        assert_eq!(after(0.0, &|day| if day < TODAY.plus(39) { 5 } else { 4 }), 39);
        // Below three days nothing is spread.
        let context = Context { today: TODAY, rules, load: &|_| 0, spread: 0.9 };
        assert_eq!(outcomes(&Memory::NEW, &context)[4].interval, 1);
    }

    #[test]
    fn practice_changes_no_schedule_unless_a_crammed_card_failed() {
        let before = memory(15, 250, 3, 4);
        let promised = outcomes(&before, &Context::original(TODAY));
        let cases = [
            (Purpose::Quiz, 4, promised[4]),
            (Purpose::Drill, 1, before),
            (Purpose::Drill, 5, before),
            (Purpose::Cram, 5, before),
            (Purpose::Cram, 1, promised[1]),
            (Purpose::Placement, 1, before),
            (Purpose::Imported, 3, promised[3]),
        ];
        for (purpose, q, expected) in cases {
            assert_eq!(apply(&before, &promised, purpose, grade(q)), expected, "{purpose:?} {q}");
        }
    }

    fn any_memory() -> impl Strategy<Value = Memory> {
        (1u32..40_000, 130u32..1000, 0u32..50, -4000i32..4000).prop_map(|(i, e, n, due)| memory(i, e, n, due))
    }

    fn any_rules() -> impl Strategy<Value = Rules> {
        (any::<bool>(), any::<bool>()).prop_map(|(fuzz, late_credit)| Rules { fuzz, late_credit, leech_lapses: 8 })
    }

    proptest! {
        #[test]
        fn a_better_grade_never_shortens_and_ease_never_falls_below_the_floor(
            memory in any_memory(), rules in any_rules(), spread in 0.0f64..1.0, seed: u32,
        ) {
            let load = |day: Day| (day.0 as u32).wrapping_mul(seed) % 7;
            let after = outcomes(&memory, &Context { today: TODAY, rules, load: &load, spread });
            for pair in after.windows(2) {
                prop_assert!(pair[0].interval <= pair[1].interval);
            }
            for memory in after {
                prop_assert!(memory.ease.0 >= 130);
                prop_assert!(memory.interval >= 1);
                prop_assert_eq!(memory.due, Some(TODAY.plus(i64::from(memory.interval))));
            }
        }

        #[test]
        fn a_replay_gives_what_the_answers_left(
            answers in prop::collection::vec((0u8..6, 0u32..40, 0usize..3, 0.0f64..1.0), 0..60), rules in any_rules(),
        ) {
            let mut memory = Memory::NEW;
            let mut today = TODAY;
            let mut log = Vec::new();
            for (q, days, purpose, spread) in answers {
                today = today.plus(i64::from(days));
                let purpose = Purpose::ALL[purpose];
                let promised = outcomes(&memory, &Context { today, rules, load: &|day| day.0 as u32 % 3, spread });
                let after = apply(&memory, &promised, purpose, grade(q));
                log.push(Review { day: today, purpose, grade: grade(q), before: memory, after });
                memory = after;
            }
            prop_assert_eq!(replay(&log).memory, memory);
        }
    }
}
