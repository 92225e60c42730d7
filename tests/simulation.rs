//! Thirty days of a learner of known accuracy over the bundled decks, and what the report makes of them.
//!
//! `cargo test --test plugg simulation -- --nocapture` prints the reports of days 1, 7 and 30.

use std::collections::BTreeMap;

use plugg::card::{Grade, Level, Memory};
use plugg::day::{Day, Moment, SteppedClock};
use plugg::error::{Error, Result};
use plugg::forecast::{self, Limits, Load, Retention};
use plugg::recall::{Model, Trace, log_loss};
use plugg::session::{self, Answered, Grading, Notice, Player, Question, Reply, Wishes};
use plugg::skill::{Profile, Scope, ScopeId, SkillMap};
use plugg::sm2::{self, Rules};
use plugg::stats::{self, Predicted, Standing};
use plugg::store::{Filter, Store};
use rand::{RngExt as _, SeedableRng as _};
use rand_chacha::ChaCha20Rng;

use crate::harness::Desk;

/// The share of answers that the simulated learner knows; the others she guesses.
const ACCURACY: f64 = 0.85;

/// The first session.
const START: &str = "2026-11-24T08:00:00+01:00";

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
    let mut now = Moment::parse(START).unwrap();
    now.unix_ms += day * 86_400_000;
    let mut random = ChaCha20Rng::seed_from_u64(day as u64);
    let profile = store.profile().unwrap();
    let agenda = session::agenda(&store, &map, &profile, &wishes, now.study_day(4), &mut random).unwrap();
    let clock = SteppedClock::new(now, 2000);
    session::run(&mut store, &clock, &mut random, agenda, &wishes, learner).unwrap();
}

/// What is forecast on the evening of a day, told how often the learner is right.
fn forecast_of_the_true_learner(desk: &Desk, day: i64) -> Vec<Load> {
    let map = SkillMap::parse(include_str!("../decks/areas.toml")).unwrap();
    let store = Store::open(&desk.path("plugg.db")).unwrap();
    let today = Moment::parse(START).unwrap().study_day(4).plus(day);
    let unseen = store.unseen_by_area(&Filter::default(), &map, &store.profile().unwrap()).unwrap();
    let activity = store.activity(today.plus(-30), today.plus(-1)).unwrap();
    forecast::days(
        &forecast::Inputs {
            today,
            rules: Rules::default(),
            limits: Limits { new_per_day: 10, reviews_per_day: None },
            retention: Retention::fixed(ACCURACY),
            cards: &store.memories().unwrap(),
            unseen: unseen.iter().map(|area| area.cards).sum(),
            reviewed: 0,
            fresh: store.fresh_on(today).unwrap(),
            activity: &activity.into_iter().map(|active| (active.day, active.answers)).collect(),
        },
        30,
    )
}

#[test]
fn thirty_days_of_a_learner_of_known_accuracy() {
    let mut desk = Desk::new();
    desk.write("config.toml", "");
    let _ = desk.say(&["quiz", "--plain"], "").success();
    let mut learner = Learner(ChaCha20Rng::seed_from_u64(30));
    let (mut known, mut printed) = (Vec::new(), serde_json::Value::Null);
    for day in 0..30 {
        play_a_day(&desk, day, &mut learner);
        if [0, 6, 29].contains(&day) {
            println!("day {}\n{}", day + 1, desk.run(&["report"]).success());
            println!("{}", desk.run(&["report", "--forecast"]).success());
        }
        if day == 6 {
            known = forecast_of_the_true_learner(&desk, day);
            printed = serde_json::from_str(&desk.run(&["report", "--forecast", "--json"]).success()).unwrap();
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
    // The forecast made after the first week beside the 23 days that came. Knowing her true recall it is off by the
    // learner's own luck, 3 to 4 % over so few days (one standard deviation; see the tests of `forecast`), and by some
    // 2 % that it is low: 10 %. What `report` prints has to take recall from a hundred answers, and says how much that
    // leaves open: what came lies within.
    let came = |what: &str| {
        let since = (Moment::parse(START).unwrap().study_day(4).plus(7)).0;
        desk.count(&format!(
            "select count(*) from review where purpose = 0 and before_due is {what} and day >= {since}"
        )) as f64
    };
    let days = &known[1..24];
    let expected = days.iter().map(|load| load.reviews).sum::<f64>();
    println!("forecast {expected:.0} reviews, came {}; printed: {}", came("not null"), printed["mean"]);
    assert!((expected / came("not null") - 1.0).abs() < 0.1);
    assert_eq!(days.iter().map(|load| load.fresh).sum::<f64>(), came("null"));
    assert_eq!(printed["version"], 1);
    let mean = |field: &str| {
        let days = printed["days"].as_array().unwrap();
        days[1..24].iter().map(|day| day[field].as_f64().unwrap()).sum::<f64>()
    };
    let open = |end: &str| printed["mean"][end].as_f64().unwrap() / printed["mean"]["reviews"].as_f64().unwrap();
    assert!(came("not null") > mean("reviews") * open("fewest") && came("not null") < mean("reviews") * open("most"));
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

/// A learner over one area of forty cards, and the report's rule on her: pure, so that hundreds of them cost seconds.
struct Fate {
    /// Days after which the foundation was first held, where it ever was.
    held_after: Option<i64>,
    /// Days on which it was held.
    days_held: i64,
}

/// A card of hers.
#[derive(Clone)]
struct Card {
    memory: Memory,
    trace: Option<Trace>,
    first: Option<Day>,
    recalled: Option<Day>,
}

/// Plays `days` days with ten new cards a day and everything due; she knows a card with the chance `knows`, else
/// guesses, and is lucky with the chance `guess`.
fn live(seed: u64, knows: f64, guess: f64, days: i64) -> Fate {
    const CARDS: usize = 40;
    let mut random = ChaCha20Rng::seed_from_u64(seed);
    let model = Model::default();
    let map = SkillMap::parse(include_str!("../decks/areas.toml")).unwrap();
    let scope = Scope { area: "linux".into(), system: "linux".into(), level: Level::Foundation };
    let scopes = BTreeMap::from([(ScopeId(1), scope)]);
    let start = Day(20_000);
    let mut cards = vec![Card { memory: Memory::NEW, trace: None, first: None, recalled: None }; CARDS];
    let (mut predicted, mut passed_so_far, mut answered) = (Vec::new(), 0.0, 0.0);
    let mut fate = Fate { held_after: None, days_held: 0 };
    for day in (0..days).map(|day| start.plus(day)) {
        let seen = (day.since(start) as usize + 1) * 10;
        for Card { memory, trace, first, recalled } in cards.iter_mut().take(seen) {
            if memory.due.is_some_and(|due| due > day) {
                continue;
            }
            let right = random.random_bool(knows) || random.random_bool(guess);
            let grade = if right { Grade::GOOD } else { Grade::AGAIN };
            if let Some(trace) = trace.as_ref().filter(|_| memory.interval >= 1) {
                let chance = model.recall(trace, day);
                predicted.push(Predicted {
                    bin: (chance * 10.0).min(9.0) as u8,
                    answers: 1,
                    passed: u32::from(right),
                    predicted: chance,
                    loss: log_loss(chance, right),
                    loss_average: log_loss((passed_so_far + 1.0) / (answered + 2.0), right),
                    loss_interval: 0.0,
                });
                (answered, passed_so_far) = (answered + 1.0, passed_so_far + f64::from(right));
            }
            if right && first.is_some_and(|first| first < day) {
                *recalled = recalled.or(Some(day));
            }
            *first = first.or(Some(day));
            *memory = sm2::outcomes(memory, &sm2::Context::original(day))[usize::from(grade.get())];
            *trace = Some(model.after(trace.as_ref(), day, grade));
        }
        let standings: Vec<Standing> = cards
            .iter()
            .map(|card| Standing {
                scope: ScopeId(1),
                trace: card.trace,
                recalled: card.recalled,
                due: card.memory.due,
                guess,
            })
            .collect();
        let summary = stats::summarize(&stats::Inputs {
            today: day,
            window: 90,
            weeks: 1,
            model: &model,
            map: &map,
            profile: &Profile::default(),
            scopes: &scopes,
            tallies: &[],
            standings: &standings,
            predictions: &predicted,
            held: &[],
            activity: &[],
        });
        if summary.areas[0].holds.is_some() {
            fate.held_after = fate.held_after.or(Some(i64::from(day.since(start)) + 1));
            fate.days_held += 1;
        }
    }
    fate
}

#[test]
fn who_guesses_never_holds_a_level_and_who_knows_does() {
    const SEEDS: u64 = 200;
    const DAYS: i64 = 90;
    println!(
        "{:<34} {:>9} {:>18} {:>12}",
        "learner, 200 seeds, 90 days", "ever held", "first day, median", "days held"
    );
    // What she knows, a blind guess's chance, and in which share of lives she may hold the level on some day.
    let cases = [
        ("guesses among two", 0.0, 0.5, 0.0..=0.0),
        ("guesses among three", 0.0, 1.0 / 3.0, 0.0..=0.0),
        ("knows nothing, has to write", 0.0, 0.0, 0.0..=0.0),
        ("knows half, guesses among three", 0.5, 1.0 / 3.0, 0.0..=0.0),
        ("knows 70 %, guesses among three", 0.7, 1.0 / 3.0, 0.0..=0.5),
        ("knows 95 %, has to write", 0.95, 0.0, 0.95..=1.0),
        ("knows 95 %, guesses among three", 0.95, 1.0 / 3.0, 0.95..=1.0),
    ];
    for (learner, knows, guess, expected) in cases {
        let fates: Vec<Fate> = (0..SEEDS).map(|seed| live(seed, knows, guess, DAYS)).collect();
        let mut first: Vec<i64> = fates.iter().filter_map(|fate| fate.held_after).collect();
        first.sort_unstable();
        let share = first.len() as f64 / SEEDS as f64;
        let median = first.get(first.len() / 2).map_or("–".to_owned(), i64::to_string);
        let days = fates.iter().map(|fate| fate.days_held).sum::<i64>() as f64 / (SEEDS as i64 * DAYS) as f64;
        println!("{learner:<34} {:>7.1} % {median:>18} {:>10.1} %", 100.0 * share, 100.0 * days);
        assert!(expected.contains(&share), "{learner}: {share}");
        // Whoever knows less than the rule asks for may seem to hold it on a lucky day: no oftener than the interval says.
        assert!(knows >= 0.8 || days <= 0.025 + 0.01, "{learner}: {days}");
    }
}
