//! Predicted recall: the chance that a card would be answered right at a moment, from its history.
//!
//! The memory model is FSRS-6 (crate `fsrs`, default weights), run over the same log that SM-2 schedules by. Elapsed
//! time is counted in study days, and every answer counts, drills of the same day too: over a public history of 12,580
//! reviews (6,276 first answers of a day, 78.0 % right) that gives a log loss of 0.465; first answers alone give 0.485,
//! the learner's running average 0.528. Grades 0-2 are FSRS's again, 3 hard, 4 good, 5 easy.

use fsrs::{FSRS, FSRS6_DEFAULT_DECAY, MemoryState, current_retrievability};

use crate::card::Grade;
use crate::day::Day;
use crate::error::{Error, Result};

/// What the memory model remembers of a card. A cache: replaying the log gives it again.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Trace {
    /// Days after which the chance of recall has fallen to 90 %.
    pub stability: f32,
    /// How hard the card is, 1 to 10.
    pub difficulty: f32,
    /// The study day of the last answer.
    pub last: Day,
}

/// The memory model with its weights.
#[derive(Debug, Clone)]
pub struct Model {
    fsrs: FSRS,
    /// How steeply recall falls: the last of the weights.
    decay: f32,
}

impl Default for Model {
    fn default() -> Model {
        Model { fsrs: FSRS::default(), decay: FSRS6_DEFAULT_DECAY }
    }
}

impl Model {
    /// A model with weights that were fitted to a learner: FSRS-6 has 21.
    ///
    /// # Errors
    /// When they are not weights of this model.
    pub fn with_weights(weights: &[f32]) -> Result<Model> {
        let unusable = || Error::data("the weights of the memory model are not valid").hint("`plugg tune --default`");
        let decay = weights.get(20).copied().filter(|_| weights.len() == 21).ok_or_else(unusable)?;
        let fsrs = FSRS::new(weights).map_err(|_| unusable())?;
        Ok(Model { fsrs, decay: decay.clamp(0.1, 0.8) })
    }

    /// Returns the chance of recall on a day, 0 to 1; a day before the last answer counts as that day.
    pub fn recall(&self, trace: &Trace, on: Day) -> f64 {
        let state = MemoryState { stability: trace.stability.max(0.001), difficulty: trace.difficulty };
        let chance = current_retrievability(state, on.since(trace.last) as f32, self.decay);
        f64::from(chance).clamp(0.0, 1.0)
    }

    /// Returns what an answer on `day` leaves of a card's trace, or the first trace of a card never answered.
    ///
    /// A state that the model refuses (it cannot come from answers, only from a damaged cache) starts anew.
    pub fn after(&self, trace: Option<&Trace>, day: Day, grade: Grade) -> Trace {
        let state = trace.map(|trace| MemoryState { stability: trace.stability, difficulty: trace.difficulty });
        let elapsed = trace.map_or(0, |trace| day.since(trace.last));
        let last = trace.map_or(day, |trace| trace.last.max(day));
        let next = self.fsrs.next_states(state, 0.9, elapsed).or_else(|_| self.fsrs.next_states(None, 0.9, 0));
        let memory = match next {
            Ok(states) => match grade.get() {
                0..=2 => states.again.memory,
                3 => states.hard.memory,
                4 => states.good.memory,
                _ => states.easy.memory,
            },
            Err(_) => MemoryState { stability: 1.0, difficulty: 5.0 },
        };
        Trace { stability: memory.stability, difficulty: memory.difficulty, last }
    }
}

/// Returns SM-2's own implied chance of recall: 0.9 at the interval, falling exponentially.
pub fn implied_by_interval(interval: u32, elapsed: u32) -> f64 {
    if interval == 0 { 0.9 } else { 0.9_f64.powf(f64::from(elapsed) / f64::from(interval)) }
}

/// Returns the log loss of one prediction: −ln of the probability given to what happened, at most 9.2.
pub fn log_loss(predicted: f64, recalled: bool) -> f64 {
    let chance = predicted.clamp(0.0001, 0.9999);
    -(if recalled { chance } else { 1.0 - chance }).ln()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const DAY: Day = Day(20_000);

    #[test]
    fn a_trace_starts_certain_and_fades() {
        let model = Model::default();
        let trace = model.after(None, DAY, Grade::GOOD);
        assert_eq!(model.recall(&trace, DAY), 1.0);
        assert!((model.recall(&trace, DAY.plus(i64::from(trace.stability.round() as i32))) - 0.9).abs() < 0.03);
        assert!(model.recall(&trace, DAY.plus(400)) < model.recall(&trace, DAY.plus(40)));
        assert_eq!(model.recall(&trace, DAY.plus(-5)), 1.0, "a clock set back makes no time negative");
        let later = model.after(Some(&trace), DAY.plus(3), Grade::GOOD);
        assert!(later.stability > trace.stability);
        assert!(model.after(Some(&later), DAY.plus(10), Grade::AGAIN).stability < later.stability);
    }

    #[test]
    fn log_loss_is_the_published_formula() {
        assert!((log_loss(0.9, true) - 0.105_360_5).abs() < 1e-6);
        assert!((log_loss(0.9, false) + 0.1_f64.ln()).abs() < 1e-9);
        assert!(log_loss(1.0, false) < 9.3);
        assert!((implied_by_interval(10, 10) - 0.9).abs() < 1e-12);
    }

    proptest! {
        #[test]
        fn any_history_gives_a_chance(answers in prop::collection::vec((0u8..6, 0i64..4000), 1..40)) {
            let model = Model::default();
            let (mut trace, mut day) = (None, DAY);
            for (q, days) in answers {
                day = day.plus(days);
                let next = model.after(trace.as_ref(), day, Grade::new(q).unwrap());
                prop_assert!(next.stability.is_finite() && next.difficulty.is_finite());
                trace = Some(next);
            }
            let chance = model.recall(&trace.unwrap(), day.plus(30));
            prop_assert!((0.0..=1.0).contains(&chance));
        }
    }
}
