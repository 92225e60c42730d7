//! Thirty days of a learner of known accuracy over the bundled decks, and what the report makes of them.
//!
//! `cargo test --test plugg simulation -- --nocapture` prints the reports of days 1, 7 and 30.

use plugg::card::Grade;
use plugg::day::{Moment, SteppedClock};
use plugg::error::{Error, Result};
use plugg::session::{self, Answered, Grading, Notice, Player, Question, Reply, Wishes};
use plugg::skill::SkillMap;
use plugg::store::Store;
use rand::{RngExt as _, SeedableRng as _};
use rand_chacha::ChaCha20Rng;

use crate::harness::Desk;

/// The share of answers that the simulated learner knows; the others she guesses.
const ACCURACY: f64 = 0.85;

/// Knows with a fixed chance, whatever the card; else she guesses, and is right by luck where options are shown.
struct Learner(ChaCha20Rng);

impl Player for Learner {
    fn ask(&mut self, _: &Question<'_>) -> Result<Reply> {
        Ok(Reply::Reveal)
    }

    fn grade(&mut self, answered: &Answered<'_>) -> Result<Grading> {
        let luck = answered.question.card.face.guess();
        let right = self.0.random_bool(ACCURACY) || self.0.random_bool(luck);
        Ok(Grading::Grade(if right { Grade::GOOD } else { Grade::AGAIN }))
    }

    fn tell(&mut self, _: &Notice<'_>) -> Result<()> {
        Ok(())
    }

    fn try_again(&mut self, _: &Error) -> Result<bool> {
        Ok(false)
    }
}

fn play_a_day(desk: &Desk, day: i64, learner: &mut Learner) {
    let map = SkillMap::parse(include_str!("../decks/areas.toml")).unwrap();
    let mut store = Store::open(&desk.path("plugg.db")).unwrap();
    let wishes = Wishes::default();
    let mut now = Moment::parse("2026-11-24T08:00:00+01:00").unwrap();
    now.unix_ms += day * 86_400_000;
    let mut random = ChaCha20Rng::seed_from_u64(day as u64);
    let profile = store.profile().unwrap();
    let agenda = session::agenda(&store, &map, &profile, &wishes, now.study_day(4), &mut random).unwrap();
    let clock = SteppedClock::new(now, 2000);
    session::run(&mut store, &clock, &mut random, agenda, &wishes, learner).unwrap();
}

#[test]
fn thirty_days_of_a_learner_of_known_accuracy() {
    let mut desk = Desk::new();
    desk.write("config.toml", "");
    let _ = desk.say(&["quiz", "--plain"], "").success();
    let mut learner = Learner(ChaCha20Rng::seed_from_u64(30));
    for day in 0..30 {
        play_a_day(&desk, day, &mut learner);
        if [0, 6, 29].contains(&day) {
            println!("day {}\n{}", day + 1, desk.run(&["report"]).success());
        }
        desk.days_later(1);
    }
    let json: serde_json::Value = serde_json::from_str(&desk.run(&["report", "--json"]).success()).unwrap();
    // Every area's figure again, from the log alone and in plain SQL: the first answer of a day of a card whose interval
    // was a day or more, asked because it was due.
    for area in json["areas"].as_array().unwrap() {
        let sql = |what: &str| {
            format!(
                "select {what} from review join scope on scope.id = review.scope
                 where purpose = 0 and before_interval >= 1 and scope.area = '{}'
                   and not exists (select 1 from review earlier where earlier.card = review.card
                                   and earlier.day = review.day and earlier.seq < review.seq)",
                area["id"].as_str().unwrap()
            )
        };
        assert_eq!(area["retention"]["answers"], desk.count(&sql("count(*)")), "{}", area["id"]);
        assert_eq!(area["retention"]["passed"], desk.count(&sql("coalesce(sum(grade >= 3), 0)")), "{}", area["id"]);
    }
    let total = &json["total"]["retention"];
    let (answers, share) = (total["answers"].as_f64().unwrap(), &total["share"]);
    println!("in all: {share} of {answers}");
    // Luck is taken off: what passed alone claims more than she knows.
    assert!(total["passed"].as_f64().unwrap() / answers > share["value"].as_f64().unwrap(), "{total}");
    assert!(answers > 300.0, "{answers}");
    // The learner's true accuracy lies within the interval that is printed.
    assert!(share["low"].as_f64().unwrap() < ACCURACY && ACCURACY < share["high"].as_f64().unwrap(), "{share}");
    assert_eq!(json["total"]["holds"], serde_json::Value::Null);
    let doctor = desk.run(&["doctor"]).success();
    assert!(doctor.contains("replaying the log gives every card's memory exactly"), "{doctor}");
}
