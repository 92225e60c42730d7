//! What a session asks and in which order, pure: the due cards by relative overdueness, the areas interleaved, and a
//! day's worth of them where there are more.

use std::collections::{BTreeMap, VecDeque};

use rand::{Rng, RngExt as _};

use crate::day::Day;
use crate::skill::Scopes;
use crate::store::Candidate;

/// The least that counts as a day's worth of reviews.
const LEAST_DAYS_WORTH: u32 = 60;

/// Returns how many reviews a day holds for this learner: half as much again as on her average day with answers, and
/// never less than [`LEAST_DAYS_WORTH`]. More than that overdue is a backlog.
pub fn days_worth(answers_by_day: impl IntoIterator<Item = u32>) -> usize {
    let (sum, days) = answers_by_day.into_iter().fold((0u64, 0u64), |(sum, days), n| (sum + u64::from(n), days + 1));
    let average = sum.checked_div(days).unwrap_or(0);
    usize::try_from(average + average / 2).unwrap_or(usize::MAX).max(LEAST_DAYS_WORTH as usize)
}

/// Days late ÷ interval: how far past its time a card is, seen from how long it was meant to last.
fn overdueness(candidate: &Candidate, today: Day) -> f64 {
    let late = candidate.due.map_or(0, |due| today.since(due));
    f64::from(late) / f64::from(candidate.interval.max(1))
}

/// Keeps at most `room` cards of a backlog: those least past their time, because they are still known and one answer
/// saves them, while the ones long lost lose nothing more by waiting.
pub fn most_valuable(mut due: Vec<Candidate>, room: usize, today: Day) -> Vec<Candidate> {
    if due.len() > room {
        due.sort_by(|a, b| overdueness(a, today).total_cmp(&overdueness(b, today)).then(a.card.cmp(&b.card)));
        due.truncate(room);
    }
    due
}

/// Puts due cards in the order of asking: the most overdue first, equals by chance, and the areas taking turns.
pub fn in_order(due: Vec<Candidate>, today: Day, scopes: &Scopes, random: &mut dyn Rng) -> Vec<Candidate> {
    let mut keyed: Vec<(f64, u32, Candidate)> =
        due.into_iter().map(|candidate| (overdueness(&candidate, today), random.random(), candidate)).collect();
    keyed.sort_by(|a, b| b.0.total_cmp(&a.0).then(a.1.cmp(&b.1)).then(a.2.card.cmp(&b.2.card)));
    // An area's place among the others is that of its most overdue card.
    let mut turns: Vec<VecDeque<Candidate>> = Vec::new();
    let mut turn_of: BTreeMap<&str, usize> = BTreeMap::new();
    for (_, _, candidate) in keyed {
        let area = scopes.get(&candidate.scope).map_or("", |scope| scope.area.as_str());
        let turn = *turn_of.entry(area).or_insert_with(|| {
            turns.push(VecDeque::new());
            turns.len() - 1
        });
        if let Some(turn) = turns.get_mut(turn) {
            turn.push_back(candidate);
        }
    }
    let mut ordered = Vec::new();
    while !turns.is_empty() {
        ordered.extend(turns.iter_mut().filter_map(VecDeque::pop_front));
        turns.retain(|turn| !turn.is_empty());
    }
    ordered
}

/// Returns `0..count` shuffled; `never_sorted` keeps it from coming out in order, where that would give the answer away.
pub fn shuffled(count: usize, never_sorted: bool, random: &mut dyn Rng) -> Vec<usize> {
    let mut order: Vec<usize> = (0..count).collect();
    for last in (1..count).rev() {
        order.swap(last, random.random_range(0..=last));
    }
    if never_sorted && count > 1 && order.is_sorted() {
        order.rotate_left(1);
    }
    order
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::card::Level;
    use crate::skill::{Scope, ScopeId};
    use crate::store::CardId;
    use rand::SeedableRng as _;
    use rand_chacha::ChaCha8Rng;

    const TODAY: Day = Day(20_000);

    fn card(id: i64, scope: i64, interval: u32, late: i64) -> Candidate {
        let due = Some(TODAY.plus(-late));
        Candidate { card: CardId(id), note: id, scope: ScopeId(scope), interval, due }
    }

    fn ids(cards: &[Candidate]) -> Vec<i64> {
        cards.iter().map(|candidate| candidate.card.0).collect()
    }

    #[test]
    fn a_days_worth_follows_the_learner() {
        for (days, expected) in [(vec![], 60), (vec![10, 20], 60), (vec![100, 140], 180)] {
            assert_eq!(days_worth(days.clone()), expected, "{days:?}");
        }
    }

    #[test]
    fn the_most_overdue_first_and_the_areas_in_turn() {
        let scope = |area: &str| Scope { area: area.into(), system: String::new(), level: Level::Foundation };
        let scopes = Scopes::from([(ScopeId(1), scope("linux")), (ScopeId(2), scope("git"))]);
        let mut random = ChaCha8Rng::seed_from_u64(7);
        let due = vec![card(1, 1, 10, 20), card(2, 1, 10, 5), card(3, 1, 100, 20), card(4, 2, 10, 1), card(5, 2, 1, 0)];
        assert_eq!(ids(&in_order(due, TODAY, &scopes, &mut random)), [1, 4, 2, 5, 3]);
    }

    #[test]
    fn a_backlog_is_met_with_what_is_still_known() {
        let due = vec![card(1, 1, 10, 100), card(2, 1, 10, 1), card(3, 1, 10, 2)];
        assert_eq!(ids(&most_valuable(due.clone(), 2, TODAY)), [2, 3]);
        assert_eq!(ids(&most_valuable(due, 9, TODAY)), [1, 2, 3]);
    }

    #[test]
    fn a_shuffle_is_fair_and_never_gives_the_order_away() {
        let mut random = ChaCha8Rng::seed_from_u64(3);
        let mut first = [0; 3];
        for _ in 0..3000 {
            first[shuffled(3, false, &mut random)[0]] += 1;
            assert!(!shuffled(3, true, &mut random).is_sorted());
        }
        assert!(first.iter().all(|count| (900..1100).contains(count)), "{first:?}");
        assert!(shuffled(0, true, &mut random).is_empty());
        assert_eq!(shuffled(1, true, &mut random), [0]);
    }
}
