//! Predicted recall: the chance that a card would be answered right at a moment, from its history.
//!
//! The memory model is FSRS-6 (crate `fsrs`, default weights), run over the same log that SM-2 schedules by. Elapsed
//! time is counted in study days, and every answer counts, drills of the same day too: over a public history of 12,580
//! reviews (6,276 first answers of a day, 78.0 % right) that gives a log loss of 0.465; first answers alone give 0.485,
//! the learner's running average 0.528. Grades 0-2 are FSRS's again, 3 hard, 4 good, 5 easy.

use std::collections::HashMap;

use fsrs::{
    ComputeParametersInput, DEFAULT_PARAMETERS, FSRS, FSRS6_DEFAULT_DECAY, FSRSItem, FSRSReview, MemoryState,
    compute_parameters, current_retrievability,
};

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
    /// The weights that fit most people.
    pub fn default_weights() -> &'static [f32] {
        &DEFAULT_PARAMETERS
    }

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
            Ok(states) => match rating(grade) {
                1 => states.again.memory,
                2 => states.hard.memory,
                3 => states.good.memory,
                _ => states.easy.memory,
            },
            Err(_) => MemoryState { stability: 1.0, difficulty: 5.0 },
        };
        Trace { stability: memory.stability, difficulty: memory.difficulty, last }
    }
}

/// Answers needed before weights are fitted to a learner.
pub const ENOUGH_TO_TUNE: usize = 1000;
/// The part of the answers, latest last, that the weights are fitted to; the rest judges them.
const FITTED_TO: f64 = 0.8;

/// One answer, as fitting needs it.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Past {
    /// The card, by any number.
    pub card: i64,
    /// The study day.
    pub day: Day,
    /// How well it was recalled.
    pub grade: Grade,
    /// Whether it counts for retention: only such answers are predicted.
    pub counted: bool,
}

/// How weights fared on answers that they were not fitted to.
#[derive(Debug, Clone, PartialEq)]
pub struct Tuned {
    /// The fitted weights.
    pub weights: Vec<f32>,
    /// Answers that they were fitted to.
    pub fitted_to: usize,
    /// Counted answers after those, which were predicted.
    pub held_back: usize,
    /// Mean log loss of the fitted weights over these.
    pub loss: f64,
    /// That of the weights in use.
    pub loss_before: f64,
}

impl Tuned {
    /// Whether the fitted weights predict better.
    pub fn better(&self) -> bool {
        self.loss < self.loss_before
    }
}

/// Fits weights to the earlier four fifths of a history, oldest answer first, and holds them against `before` over the
/// rest, each answer predicted from those before it. `None` where there is too little to fit to or to judge by.
///
/// # Errors
/// When the fit fails.
pub fn tune(history: &[Past], before: &Model) -> Result<Option<Tuned>> {
    if history.len() < ENOUGH_TO_TUNE {
        return Ok(None);
    }
    let cut = (history.len() as f64 * FITTED_TO) as usize;
    let (earlier, later) = history.split_at(cut);
    let failed = |error| Error::internal(format!("the memory model could not be fitted ({error})"));
    let weights = compute_parameters(ComputeParametersInput { train_set: items(earlier), ..Default::default() })
        .map_err(|error| failed(error.to_string()))?;
    let after = Model::with_weights(&weights)?;
    let (loss, held_back) = loss_over(&after, earlier, later);
    let (loss_before, _) = loss_over(before, earlier, later);
    Ok((held_back > 0).then_some(Tuned { weights, fitted_to: cut, held_back, loss, loss_before }))
}

/// Each answer but a card's first, with all that came before it: what the fit learns from.
fn items(history: &[Past]) -> Vec<FSRSItem> {
    let mut cards: HashMap<i64, (Day, Vec<FSRSReview>)> = HashMap::new();
    let mut items = Vec::new();
    for past in history {
        let rating = rating(past.grade);
        let (last, reviews) = cards.entry(past.card).or_insert((past.day, Vec::new()));
        reviews.push(FSRSReview { rating, delta_t: past.day.since(*last) });
        *last = past.day.max(*last);
        if reviews.iter().any(|review| review.delta_t > 0) {
            items.push(FSRSItem { reviews: reviews.clone() });
        }
    }
    items
}

/// The mean log loss of a model over the counted answers of `later`, and how many there are.
fn loss_over(model: &Model, earlier: &[Past], later: &[Past]) -> (f64, usize) {
    let mut traces: HashMap<i64, Trace> = HashMap::new();
    let (mut sum, mut count) = (0.0, 0);
    for (index, past) in earlier.iter().chain(later).enumerate() {
        let trace = traces.get(&past.card);
        if index >= earlier.len()
            && past.counted
            && let Some(trace) = trace
        {
            sum += log_loss(model.recall(trace, past.day), past.grade.passed());
            count += 1;
        }
        traces.insert(past.card, model.after(trace, past.day, past.grade));
    }
    (if count == 0 { 0.0 } else { sum / count as f64 }, count)
}

/// FSRS's four buttons: 1 again, 2 hard, 3 good, 4 easy.
fn rating(grade: Grade) -> u32 {
    match grade.get() {
        0..=2 => 1,
        3 => 2,
        4 => 3,
        _ => 4,
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

    /// A learner who forgets by an exponential of her own, answering each card at growing distances.
    fn history_of(half_life_growth: f64, cards: i64) -> Vec<Past> {
        use rand::{RngExt as _, SeedableRng as _};
        let mut random = rand_chacha::ChaCha20Rng::seed_from_u64(7);
        let mut history = Vec::new();
        for card in 0..cards {
            let (mut day, mut wait, mut half_life) = (DAY.plus(card % 60), 1, 1.0);
            history.push(Past { card, day, grade: Grade::GOOD, counted: false });
            for _ in 0..8 {
                day = day.plus(wait);
                let right = random.random_bool(0.5_f64.powf(wait as f64 / half_life));
                let grade = if right { Grade::GOOD } else { Grade::AGAIN };
                history.push(Past { card, day, grade, counted: true });
                half_life = if right { half_life * half_life_growth } else { 1.0 };
                wait = if right { wait * 2 } else { 1 };
            }
        }
        history.sort_by_key(|past| past.day);
        history
    }

    #[test]
    fn weights_are_fitted_to_a_learner_who_is_not_the_average_one() {
        let history = history_of(1.6, 200);
        let tuned = tune(&history, &Model::default()).unwrap().unwrap();
        assert!(tuned.better() && tuned.loss < tuned.loss_before - 0.05, "{tuned:?}");
        assert_eq!((tuned.weights.len(), tuned.fitted_to), (21, history.len() * 4 / 5));
        // Judged once more by those weights, there is nothing left to gain but noise.
        let fitted = Model::with_weights(&tuned.weights).unwrap();
        let again = tune(&history, &fitted).unwrap().unwrap();
        assert!((again.loss_before - tuned.loss).abs() < 1e-9);
        assert_eq!(tune(&history[..ENOUGH_TO_TUNE - 1], &Model::default()).unwrap(), None);
        assert!(Model::with_weights(&[1.0; 20]).is_err());
        assert!(Model::with_weights(&[f32::NAN; 21]).is_err());
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
