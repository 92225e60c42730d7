//! The laws of the store: an answer and its effect are one, the log only grows, a replay gives the cache, an update
//! costs no progress.

use std::collections::BTreeSet;

use proptest::prelude::*;
use rand::SeedableRng as _;
use rand_chacha::ChaCha8Rng;

use super::log::{State, refolded};
use super::*;
use crate::card::{Compare, Deck, Ease, Evidence, Grade, Kind, Purpose};
use crate::day::Moment;
use crate::skill::{Mapping, SkillMap};
use crate::sm2::{Context, Rules, outcomes};
use crate::stats::Rate;

const TODAY: Day = Day(20_000);

fn empty_face() -> Face {
    Face::new(0, Kind::Basic, String::new(), Vec::new())
}

fn empty_note() -> Note {
    Note {
        id: String::new(),
        area: String::new(),
        system: String::new(),
        level: Level::Foundation,
        tags: Vec::new(),
        explanation: String::new(),
        source: String::new(),
        since: String::new(),
        folder: String::new(),
        reset: false,
        faces: Vec::new(),
    }
}

struct Desk {
    store: Store,
    random: ChaCha8Rng,
    _folder: tempfile::TempDir,
}

fn desk() -> Desk {
    let folder = tempfile::tempdir().unwrap();
    let store = Store::open(&folder.path().join("deep/plugg.db")).unwrap();
    Desk { store, random: ChaCha8Rng::seed_from_u64(1), _folder: folder }
}

fn stamp(day: Day) -> Stamp {
    Stamp { at: Moment { unix_ms: i64::from(day.0) * 86_400_000 + 43_200_000, offset_minutes: 60 }, day }
}

fn note(id: &str, area: &str, level: Level) -> Note {
    let face = Face { front: format!("front of {id}"), back: vec![format!("back of {id}")], ..empty_face() };
    Note { id: id.into(), area: area.into(), level, faces: vec![face], ..empty_note() }
}

fn notes(count: usize) -> Vec<Note> {
    (0..count).map(|index| note(&format!("n{index}"), "linux", Level::Foundation)).collect()
}

impl Desk {
    fn take(&mut self, notes: &[Note]) -> Merged {
        self.merge(notes, TODAY, false, false).unwrap()
    }

    fn merge(&mut self, notes: &[Note], day: Day, theirs: bool, dry_run: bool) -> Result<Merged> {
        let deck = Deck { id: "test".into(), title: "Test".into(), ..Deck::default() };
        let origin = Origin::Path("test.toml".into());
        let merge = Merge { origin, stamp: stamp(day), theirs, dry_run };
        self.store.merge(&merge, &deck, notes, &mut self.random)
    }

    fn answer(&mut self, card: i64, day: Day, purpose: Purpose, q: u8) -> Recorded {
        let answer = self.prepared(card, day, purpose, q);
        self.store.record(&answer).unwrap()
    }

    fn prepared(&mut self, card: i64, day: Day, purpose: Purpose, q: u8) -> Answer {
        let before = self.store.card(CardId(card)).unwrap().unwrap().memory;
        let context = Context { today: day, rules: Rules::default(), load: &|_| 0, spread: 0.3 };
        Answer {
            id: RowId::draw(&mut self.random),
            card: CardId(card),
            stamp: stamp(day),
            purpose,
            evidence: Evidence::Checked,
            proposed: Grade::new(q),
            grade: Grade::new(q).unwrap(),
            took_ms: 2000,
            before,
            outcomes: outcomes(&before, &context),
        }
    }

    fn take_back(&mut self, day: Day) -> Option<Taken> {
        self.store.take_back(RowId::draw(&mut self.random), stamp(day)).unwrap()
    }

    fn cached(&self, card: i64) -> State {
        self.store.connection.query_row("select * from card where id = ?1", [card], State::read).unwrap()
    }

    fn figures(&self) -> String {
        let dump = |sql: &str| {
            let mut statement = self.store.connection.prepare(sql).unwrap();
            let rows = statement.query_map([], |row| row.get::<_, String>(0)).unwrap();
            rows.map(|row| row.unwrap()).collect::<Vec<_>>().join("\n")
        };
        [
            "select format('%d %d %d %d %d %d', day, scope, mature, evidence, answers, passed) from tally where answers > 0",
            "select format('%d %d %d %d', day, answers, fresh, took_ms) from activity where answers > 0",
            "select format('%d %d %d %d %.6f %.6f', day, bin, answers, passed, predicted, loss) from prediction where answers > 0",
            "select format('%d %d', answers, passed) from running",
            "select format('%d %d %d', cards, seen, recalled) from scope",
        ]
        .map(dump)
        .join("\n--\n")
    }

    fn count(&self, sql: &str) -> i64 {
        self.store.connection.query_row(sql, [], |row| row.get(0)).unwrap()
    }
}

#[test]
fn sqlite_is_new_enough_not_to_lose_commits_of_two_connections() {
    let version: Vec<u32> = Store::sqlite_version().split('.').map(|part| part.parse().unwrap()).collect();
    assert!(version >= vec![3, 51, 3], "{}", Store::sqlite_version());
}

#[test]
fn an_answer_and_its_effect_are_one() {
    let mut desk = desk();
    desk.take(&notes(1));
    let answer = desk.prepared(1, TODAY, Purpose::Quiz, 4);
    let recorded = desk.store.record(&answer).unwrap();
    let stored = desk.store.card(CardId(1)).unwrap().unwrap();
    assert_eq!(stored.memory, answer.outcomes[4], "what was promised is what the log and the card got");
    assert_eq!(recorded, Recorded { memory: answer.outcomes[4], lapses: 0, overtaken: false });
    // Handed in again: still one row.
    desk.store.record(&answer).unwrap();
    assert_eq!(desk.store.history(CardId(1)).unwrap().len(), 1);
    assert_eq!(desk.store.fresh_on(TODAY).unwrap(), 1);
}

#[test]
fn a_second_plugg_that_comes_late_counts_as_practice() {
    let mut desk = desk();
    desk.take(&notes(1));
    let late = desk.prepared(1, TODAY, Purpose::Quiz, 1);
    desk.answer(1, TODAY, Purpose::Quiz, 5);
    let due = desk.store.card(CardId(1)).unwrap().unwrap().memory;
    assert!(desk.store.record(&late).unwrap().overtaken);
    assert_eq!(desk.store.card(CardId(1)).unwrap().unwrap().memory, due);
}

#[test]
fn the_log_only_grows() {
    let mut desk = desk();
    desk.take(&notes(1));
    desk.answer(1, TODAY, Purpose::Quiz, 4);
    desk.take_back(TODAY);
    for sql in [
        "delete from review",
        "update review set grade = 5",
        "insert or replace into review select * from review",
        "replace into review select * from review",
        "delete from event",
        "update event set kind = 3",
        "insert or replace into event select * from event",
    ] {
        let error = desk.store.connection.execute(sql, []).unwrap_err().to_string();
        assert!(error.contains("only grows"), "{sql}: {error}");
    }
}

#[test]
fn a_retraction_and_what_it_retracts_count_for_nothing() {
    let mut desk = desk();
    desk.take(&notes(2));
    let fresh = (desk.figures(), desk.cached(1));
    desk.answer(1, TODAY, Purpose::Quiz, 4);
    let one_day = (desk.figures(), desk.cached(1));
    desk.answer(1, TODAY.plus(1), Purpose::Quiz, 1);
    desk.answer(1, TODAY.plus(1), Purpose::Drill, 4);
    for _ in 0..2 {
        assert_eq!(desk.take_back(TODAY.plus(1)).unwrap().card, CardId(1));
    }
    assert_eq!((desk.figures(), desk.cached(1)), one_day);
    assert_eq!(desk.take_back(TODAY.plus(9)).unwrap().day, TODAY);
    assert_eq!((desk.figures(), desk.cached(1)), fresh);
    assert_eq!(desk.take_back(TODAY), None);
    assert_eq!(desk.count("select count(*) from review"), 3);
    assert_eq!(desk.count("select count(*) from event"), 3);
}

#[test]
fn a_reset_lets_a_card_be_learnt_anew_and_keeps_the_figures() {
    let mut desk = desk();
    desk.take(&notes(1));
    desk.answer(1, TODAY, Purpose::Quiz, 4);
    desk.answer(1, TODAY.plus(1), Purpose::Quiz, 4);
    let tallies = desk.store.tallies(TODAY, false).unwrap();
    let id = RowId::draw(&mut desk.random);
    desk.store.reset(CardId(1), id, stamp(TODAY.plus(2))).unwrap();
    assert_eq!(desk.store.card(CardId(1)).unwrap().unwrap().memory, Memory::NEW);
    assert_eq!(desk.store.tallies(TODAY, false).unwrap(), tallies);
    desk.answer(1, TODAY.plus(3), Purpose::Quiz, 5);
    assert_eq!(desk.store.card(CardId(1)).unwrap().unwrap().memory.repetitions, 1);
    assert_eq!(refolded(&desk.store.connection, &desk.store.model, CardId(1)).unwrap(), desk.cached(1));
}

#[test]
fn retention_counts_first_answers_of_known_cards_only() {
    let mut desk = desk();
    desk.take(&notes(1));
    desk.answer(1, TODAY, Purpose::Quiz, 4);
    desk.answer(1, TODAY.plus(1), Purpose::Quiz, 2);
    desk.answer(1, TODAY.plus(1), Purpose::Drill, 4);
    desk.answer(1, TODAY.plus(2), Purpose::Cram, 5);
    desk.answer(1, TODAY.plus(3), Purpose::Quiz, 4);
    let tallies = desk.store.tallies(TODAY, false).unwrap();
    let sum = tallies.iter().fold(Rate::default(), |rate, tally| Rate {
        answers: rate.answers + tally.answers,
        passed: rate.passed + tally.passed,
        guessed: rate.guessed + tally.guessed,
    });
    assert_eq!(sum, Rate { answers: 2, passed: 1, guessed: 0.0 });
    assert_eq!(desk.store.predictions(TODAY.plus(9)).unwrap().iter().map(|row| row.answers).sum::<u32>(), 2);
}

#[test]
fn the_weakest_cards_come_first_and_unseen_ones_not_at_all() {
    let mut desk = desk();
    desk.take(&notes(4));
    for (card, days) in [(1, 12), (2, 0), (3, 6)] {
        desk.answer(card, TODAY.plus(days), Purpose::Quiz, 4);
    }
    let on = TODAY.plus(20);
    let weakest = |most| desk.store.weakest("linux", Level::Expert, on, most).unwrap();
    assert_eq!(weakest(9).iter().map(|(card, _)| card.0).collect::<Vec<_>>(), [2, 3, 1]);
    assert_eq!(weakest(1).len(), 1);
    assert!(weakest(9).iter().all(|(_, chance)| (0.0..1.0).contains(chance)));
    assert!(desk.store.weakest("git", Level::Expert, on, 9).unwrap().is_empty());
}

#[test]
fn other_weights_replay_every_memory_and_last() {
    let mut desk = desk();
    desk.take(&notes(2));
    desk.answer(1, TODAY, Purpose::Quiz, 4);
    desk.answer(1, TODAY.plus(3), Purpose::Quiz, 4);
    let before = desk.cached(1);
    let mut weights = crate::recall::Model::default_weights().to_vec();
    weights[2] *= 3.0;
    desk.store.use_weights(Some(&weights)).unwrap();
    let after = desk.cached(1);
    assert_ne!(after.trace, before.trace);
    assert_eq!(after.replayed, before.replayed, "the schedule is SM-2's and does not move");
    assert_eq!(refolded(&desk.store.connection, &desk.store.model, CardId(1)).unwrap(), after);
    assert!(desk.store.examine().unwrap().faults.is_empty());
    // Kept for the next start; weights that are none change nothing.
    let reopened = Store::open(desk.store.path()).unwrap();
    assert!(reopened.examine().unwrap().faults.is_empty());
    assert!(desk.store.use_weights(Some(&[0.0; 3])).is_err());
    assert_eq!(desk.cached(1), after);
    desk.store.use_weights(None).unwrap();
    assert_eq!(desk.cached(1), before);
}

#[test]
fn the_forecast_is_given_the_cards_by_class_and_the_first_tries() {
    let mut desk = desk();
    desk.take(&notes(6));
    for (card, q) in [(1, 4), (2, 4), (3, 3), (4, 1), (5, 4)] {
        desk.answer(card, TODAY, Purpose::Quiz, q);
    }
    desk.answer(4, TODAY, Purpose::Drill, 4);
    desk.answer(1, TODAY.plus(1), Purpose::Quiz, 1);
    desk.store.suspend(CardId(5), true, RowId::draw(&mut desk.random), stamp(TODAY)).unwrap();
    let due = |interval, ease, repetitions, days| Memory {
        interval,
        ease: Ease(ease),
        repetitions,
        due: Some(TODAY.plus(days)),
    };
    // Cards 2, 3 (EF 2.36) and 4 failed are due tomorrow; 1 failed then; 5 is put aside; 6 is new.
    let expected = [(due(1, 240, 1, 1), 1), (due(1, 250, 0, 1), 1), (due(1, 250, 1, 1), 1), (due(1, 250, 0, 2), 1)];
    assert_eq!(desk.store.memories().unwrap(), expected);
    assert_eq!(desk.store.first_tries().unwrap(), Rate { answers: 5, passed: 4, guessed: 0.0 });
    desk.answer(6, TODAY.plus(1), Purpose::Quiz, 1);
    desk.take_back(TODAY.plus(1));
    assert_eq!(desk.store.first_tries().unwrap(), Rate { answers: 5, passed: 4, guessed: 0.0 });
}

#[test]
fn siblings_and_broken_off_drills_wait_for_their_turn() {
    let mut desk = desk();
    let mut twin = note("twin", "linux", Level::Foundation);
    twin.faces.push(Face { ordinal: 1, ..twin.faces[0].clone() });
    desk.take(&[twin, note("other", "linux", Level::Foundation)]);
    desk.answer(1, TODAY, Purpose::Quiz, 3);
    let map = SkillMap::parse(include_str!("../../decks/areas.toml")).unwrap();
    let unseen = |desk: &Desk, day| {
        let found = desk.store.unseen(&Filter::default(), &map, &Profile::default(), 9, day, &BTreeSet::new());
        found.unwrap().into_iter().map(|candidate| candidate.card.0).collect::<Vec<_>>()
    };
    assert_eq!(unseen(&desk, TODAY), [3]);
    assert_eq!(unseen(&desk, TODAY.plus(1)), [2, 3]);
    assert_eq!(desk.store.unfinished(TODAY).unwrap(), [CardId(1)]);
    desk.answer(1, TODAY, Purpose::Drill, 4);
    assert_eq!(desk.store.unfinished(TODAY).unwrap(), []);
    assert_eq!(desk.store.unfinished(TODAY.plus(1)).unwrap(), []);
    let candidate = desk.store.due(&Filter::default(), TODAY.plus(1)).unwrap()[0];
    assert_eq!((candidate.card, candidate.interval), (CardId(1), 1));
    assert!(!desk.store.sibling_answered(&candidate, TODAY).unwrap());
    assert!(desk.store.sibling_answered(&Candidate { card: CardId(2), ..candidate }, TODAY).unwrap());
}

#[test]
fn new_cards_come_from_the_widest_gap_and_within_the_profile() {
    let mut desk = desk();
    let mut all = notes(4);
    all.push(note("deep", "linux", Level::Expert));
    all.push(note("cdn", "cdn", Level::Foundation));
    all.push(note("own", "sailing", Level::Foundation));
    desk.take(&all);
    let map = SkillMap::parse(include_str!("../../decks/areas.toml")).unwrap();
    let mut profile = Profile::default();
    let ids = |desk: &Desk, filter: &Filter, profile: &Profile, wanted| {
        let found = desk.store.unseen(filter, &map, profile, wanted, TODAY, &BTreeSet::new()).unwrap();
        found.into_iter().map(|candidate| candidate.card.0).collect::<Vec<_>>()
    };
    let all = Filter::default();
    assert_eq!(ids(&desk, &all, &profile, 3), [1, 6, 7], "one of each area first");
    assert_eq!(ids(&desk, &all, &profile, 99), [1, 6, 7, 2, 3, 4], "expert cards lie outside the profile");
    profile.targets.insert("linux".into(), Level::Expert);
    assert_eq!(ids(&desk, &all, &profile, 99), [1, 6, 7, 2, 3, 4, 5]);
    let linux = Filter { places: vec!["linux".into()], levels: vec![Level::Expert] };
    assert_eq!(ids(&desk, &linux, &Profile::default(), 99), [5], "a level asked for stands in for the profile");
    assert_eq!(desk.store.unseen_by_area(&all, &map, &profile).unwrap()[0], Unseen { area: "linux".into(), cards: 5 });
}

fn kinds(merged: &Merged) -> Vec<(String, Change)> {
    merged.changes.iter().map(|changed| (changed.id.clone(), changed.change.clone())).collect()
}

#[test]
fn a_deck_is_moved_to_another_area_and_its_answers_stay_where_they_were() {
    let mut desk = desk();
    desk.take(&notes(2));
    desk.answer(1, TODAY, Purpose::Quiz, 4);
    desk.answer(1, TODAY.plus(1), Purpose::Quiz, 4);
    let mapping = Mapping { rest: Some("cdn".into()), rules: vec![] };
    let moved = desk.store.remap("test", &mapping, |_| ("cdn".to_owned(), "cdn".to_owned())).unwrap();
    assert_eq!((moved, desk.store.mapping("test").unwrap()), (2, mapping.clone()));
    assert_eq!(desk.store.remap("test", &mapping, |_| ("cdn".to_owned(), "cdn".to_owned())).unwrap(), 0);
    assert_eq!(desk.store.card(CardId(1)).unwrap().unwrap().note.area, "cdn");
    let scope = desk.store.tallies(TODAY, false).unwrap()[0].scope;
    assert_eq!(desk.store.scopes()[&scope].area, "linux");
    assert!(desk.store.remap("none", &mapping, |_| (String::new(), String::new())).is_err());
    assert_eq!(desk.store.examine().unwrap().faults, Vec::<String>::new());
}

#[test]
fn an_update_costs_no_progress() {
    let mut desk = desk();
    let first = notes(3);
    let added = desk.take(&first);
    assert_eq!((added.changes.len(), added.cards), (3, 3));
    desk.answer(1, TODAY, Purpose::Quiz, 4);
    desk.answer(2, TODAY, Purpose::Quiz, 4);
    let progress = desk.cached(1);

    let again = desk.take(&first);
    assert_eq!((again.changes.len(), again.unchanged), (0, 3), "the same file twice changes nothing");

    let mut second = first.clone();
    second[0].faces[0].front = "reworded".into();
    second[0].level = Level::Practitioner;
    second.remove(1);
    second.insert(0, note("late", "cdn", Level::Foundation));
    let dry = desk.merge(&second, TODAY, false, true).unwrap();
    let figures = desk.figures();
    let updated = desk.take(&second);
    assert_eq!(dry, updated, "a dry run says exactly what is done");
    assert_ne!(figures, desk.figures());
    assert_eq!(
        kinds(&updated),
        [
            ("late".into(), Change::Added),
            ("n0".into(), Change::Updated(vec!["front".into(), "level".into()])),
            ("n1".into(), Change::Retired),
        ]
    );
    assert_eq!(desk.cached(1), progress);
    let card = desk.store.card(CardId(1)).unwrap().unwrap();
    assert_eq!((card.face.front.as_str(), card.note.level), ("reworded", Level::Practitioner));
    assert!(desk.store.card(CardId(2)).unwrap().unwrap().retired);

    let revived = desk.take(&first);
    assert!(kinds(&revived).contains(&("n1".into(), Change::Revived)));
    assert!(!desk.store.card(CardId(2)).unwrap().unwrap().retired);
    assert_eq!(desk.cached(2).first_day, Some(TODAY));
}

#[test]
fn edits_stay_and_conflicts_are_named() {
    let mut desk = desk();
    let base = notes(1);
    desk.take(&base);
    let mut local = base[0].clone();
    local.faces[0].front = "mine".into();
    local.explanation = "my note".into();
    desk.store.edit(1, &local).unwrap();
    let mut theirs = base.clone();
    theirs[0].faces[0].front = "theirs".into();
    theirs[0].source = "https://example.org/".into();

    let wins = |desk: &mut Desk, theirs_wins| desk.merge(&theirs, TODAY, theirs_wins, true).unwrap();
    let named = [("n0".to_owned(), Change::Conflicting(vec!["front".into()]))];
    assert_eq!(kinds(&wins(&mut desk, false)), named);
    assert_eq!(kinds(&wins(&mut desk, true)), named);
    desk.take(&theirs);
    let note = desk.store.card(CardId(1)).unwrap().unwrap().note;
    assert_eq!(note.faces[0].front, "mine");
    assert_eq!((note.explanation.as_str(), note.source.as_str()), ("my note", "https://example.org/"));
    // An edit that says what the deck says is no edit.
    desk.store.edit(1, &theirs[0]).unwrap();
    assert_eq!(desk.count("select count(*) from note where local is not null"), 0);
    assert!(desk.store.edit(1, &Note { id: "else".into(), ..theirs[0].clone() }).is_err());
}

#[test]
fn a_note_without_an_id_of_its_own_is_recognised_by_its_text() {
    let mut desk = desk();
    let with = |id: &str, front: &str| {
        let mut note = note(id, "linux", Level::Foundation);
        note.faces[0].front = front.into();
        note
    };
    desk.take(&[
        with("h1", "What does kill -0 tell?"),
        with("h2", "Which signal ends a process?"),
        with("h3", "Short"),
    ]);
    // Reworded a little, moved, quite another one.
    let mut next = [
        with("h4", "Which signal ends any process?"),
        with("h5", "What does `kill -0` tell you?"),
        with("h6", "Something else entirely, about disks"),
    ];
    let mut too_costly = next.clone();
    assert_eq!(desk.store.recognise_within(100, "test", &mut too_costly).unwrap(), 0);
    assert_eq!(desk.store.recognise_within(2000, "test", &mut too_costly).unwrap(), 1);
    assert_eq!(desk.store.recognise("test", &mut next).unwrap(), 2);
    assert_eq!(next.map(|note| note.id), ["h2", "h1", "h6"]);
    let mut far = vec![with("x", "y"); 40];
    far.push(with("h9", "What does kill -0 tell??"));
    assert_eq!(desk.store.recognise("test", &mut far).unwrap(), 0, "too far away");
    let edited = Note { explanation: "mine".into(), ..with("h3", "Short!") };
    desk.store.edit(3, &edited).unwrap();
    let edits = desk.store.edits("test").unwrap();
    let fields = differences(&edits[0].0, &edits[0].1).unwrap();
    assert_eq!(
        fields,
        [("front".into(), "Short".into(), "Short!".into()), ("explanation".into(), String::new(), "mine".into())]
    );
}

#[test]
fn the_author_may_ask_for_a_card_to_be_learnt_anew() {
    let mut desk = desk();
    let mut deck = notes(2);
    desk.take(&deck);
    desk.answer(1, TODAY, Purpose::Quiz, 4);
    deck[0].reset = true;
    deck[0].faces[0].back = vec!["the opposite".into()];
    let merged = desk.take(&deck);
    assert_eq!(merged.count(|change| *change == Change::Reset), 1);
    assert_eq!(desk.store.card(CardId(1)).unwrap().unwrap().memory, Memory::NEW);
    desk.answer(1, TODAY, Purpose::Quiz, 4);
    assert_eq!(desk.take(&deck).changes, [], "once");
    assert_eq!(desk.store.card(CardId(1)).unwrap().unwrap().memory.repetitions, 1);
}

#[test]
fn a_deck_with_a_note_twice_changes_nothing() {
    let mut desk = desk();
    let mut twice = notes(2);
    twice[1].id = "n0".into();
    let error = desk.merge(&twice, TODAY, false, false).unwrap_err();
    assert_eq!(error.to_string(), "the deck `test` has the note `n0` twice");
    assert_eq!(desk.count("select (select count(*) from deck) + (select count(*) from note)"), 0);
}

#[test]
fn what_is_put_aside_is_not_asked() {
    let mut desk = desk();
    desk.take(&notes(2));
    desk.answer(1, TODAY, Purpose::Quiz, 4);
    let id = RowId::draw(&mut desk.random);
    desk.store.suspend(CardId(1), true, id, stamp(TODAY)).unwrap();
    assert_eq!(desk.store.due(&Filter::default(), TODAY.plus(30)).unwrap(), []);
    assert_eq!(desk.store.standings().unwrap()[0].due, None);
    let id = RowId::draw(&mut desk.random);
    desk.store.suspend(CardId(1), false, id, stamp(TODAY)).unwrap();
    assert_eq!(desk.store.due(&Filter::default(), TODAY.plus(30)).unwrap().len(), 1);
    let id = RowId::draw(&mut desk.random);
    desk.store.flag(CardId(1), "wrong since 1.31", id, stamp(TODAY)).unwrap();
    assert_eq!(desk.store.flags(CardId(1)).unwrap(), [(TODAY, "wrong since 1.31".to_owned())]);
}

#[test]
fn databases_of_others_are_refused() {
    let folder = tempfile::tempdir().unwrap();
    let path = |name: &str| folder.path().join(name);
    let said = |path: &std::path::Path| Store::open(path).unwrap_err().to_string();
    std::fs::write(path("text"), "this is no database, whatever it may look like from afar").unwrap();
    assert!(said(&path("text")).ends_with("text is not a database"));
    Connection::open(path("other")).unwrap().execute_batch("create table t (x)").unwrap();
    assert!(said(&path("other")).ends_with("other is a database of another program"));
    drop(Store::open(&path("newer")).unwrap());
    Connection::open(path("newer")).unwrap().pragma_update(None, "user_version", 99).unwrap();
    assert!(said(&path("newer")).contains("was written by a newer plugg (schema 99; this one knows"));
    assert!(said(folder.path()).ends_with("is a folder, not a database"));
}

#[test]
fn meta_and_profile_are_kept() {
    let mut desk = desk();
    assert_eq!(desk.store.meta("decks").unwrap(), None);
    desk.store.set_meta("decks", "1").unwrap();
    desk.store.set_meta("decks", "2").unwrap();
    assert_eq!(desk.store.meta("decks").unwrap().as_deref(), Some("2"));
    let mut profile = Profile { base: Level::Practitioner, ..Profile::default() };
    profile.targets.insert("cdn".into(), Level::Expert);
    desk.store.set_profile(&profile).unwrap();
    assert_eq!(desk.store.profile().unwrap(), profile);
}

#[test]
fn a_compared_answer_survives_the_store() {
    let mut desk = desk();
    let mut typed = note("typed", "linux", Level::Foundation);
    typed.faces[0] = Face {
        kind: Kind::Typed,
        compare: Compare::Command,
        accept: vec!["ls -a -l".into()],
        free: vec!["-a".into()],
        hint: "two flags".into(),
        ..typed.faces[0].clone()
    };
    desk.take(std::slice::from_ref(&typed));
    assert_eq!(desk.store.card(CardId(1)).unwrap().unwrap().note, typed);
    assert!(desk.store.card(CardId(2)).unwrap().is_none());
}

#[test]
fn answers_of_another_program_become_rows_once() {
    let mut desk = desk();
    let deck = Deck { id: "test".into(), ..Deck::default() };
    let merge = Merge { origin: Origin::Path("a".into()), stamp: stamp(TODAY), theirs: false, dry_run: false };
    let history = [(-40, 4u8), (-39, 4), (-33, 1), (-32, 4)];
    let take = |desk: &mut Desk, days: &[(i64, u8)]| {
        let take = |taking: &mut Taking<'_>| {
            taking.deck(&deck)?;
            taking.note(&notes(1)[0])?;
            for (day, q) in days {
                taking.review("n0", 0, stamp(TODAY.plus(*day)), Grade::new(*q).unwrap(), 3000)?;
            }
            taking.review("unknown", 0, stamp(TODAY), Grade::GOOD, 1)?;
            taking.suspend("n0", 0)
        };
        desk.store.take_in(&merge, &mut desk.random, take).unwrap().0
    };
    let first = take(&mut desk, &history[..3]);
    assert_eq!((first.reviews, first.reviews_known, first.suspended), (3, 0, 1));
    let second = take(&mut desk, &history);
    assert_eq!((second.reviews, second.reviews_known, second.suspended), (1, 3, 0));
    let state = desk.cached(1);
    assert_eq!((state.replayed.memory.repetitions, state.replayed.lapses), (1, 1));
    assert_eq!(refolded(&desk.store.connection, &desk.store.model, CardId(1)).unwrap(), state);
    let sum = |desk: &Desk, imported| {
        desk.store.tallies(TODAY.plus(-99), imported).unwrap().iter().map(|tally| tally.answers).sum::<u32>()
    };
    assert_eq!((sum(&desk, false), sum(&desk, true)), (0, 3), "counted only where asked for");
    assert_eq!(desk.take_back(TODAY), None, "what was imported is not undone as if it were an answer here");
    assert_eq!(desk.store.examine().unwrap().faults, Vec::<String>::new());
}

#[test]
fn media_lie_under_their_hash() {
    let mut desk = desk();
    let merge = Merge { origin: Origin::Path("a".into()), stamp: stamp(TODAY), theirs: false, dry_run: false };
    let deck = Deck { id: "test".into(), ..Deck::default() };
    let take = |taking: &mut Taking<'_>| {
        taking.deck(&deck)?;
        taking.note(&notes(1)[0])?;
        taking.media("../../etc/passwd", b"abc")?;
        taking.media("twin.png", b"abc")
    };
    assert_eq!(desk.store.take_in(&merge, &mut desk.random, take).unwrap().0.media, 2);
    let names: Vec<String> = std::fs::read_dir(desk.store.media_folder())
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    // SHA-256 of "abc", FIPS 180-4.
    assert_eq!(names, ["ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"]);
    let found = desk.store.media_named(1, "twin.png").unwrap().unwrap();
    assert_eq!((found.name.as_str(), found.hash.as_str()), ("twin.png", names[0].as_str()));
    assert_eq!(std::fs::read(found.path).unwrap(), b"abc");
    assert_eq!(desk.store.media_named(1, "other.png").unwrap(), None);
    assert_eq!(desk.store.media_named(2, "twin.png").unwrap(), None, "another note");
    desk.store.connection.execute("update media set hash = '../../etc/passwd' where name = 'twin.png'", []).unwrap();
    assert_eq!(desk.store.media_named(1, "twin.png").unwrap(), None, "no hash is no path");
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]
    #[test]
    fn replaying_the_log_gives_the_cache(
        steps in prop::collection::vec((0u8..8, 1i64..4, 0u8..6, 0i64..9, 0usize..3), 1..40),
    ) {
        let mut desk = desk();
        desk.take(&notes(3));
        let mut day = TODAY;
        let mut rows = 0;
        for (what, card, q, days, purpose) in steps {
            day = day.plus(days);
            match what {
                0 => drop(desk.take_back(day)),
                1 => {
                    let id = RowId::draw(&mut desk.random);
                    desk.store.reset(CardId(card), id, stamp(day)).unwrap();
                }
                _ => drop(desk.answer(card, day, Purpose::ALL[purpose], q)),
            }
            let now = desk.count("select (select count(*) from review) + (select count(*) from event)");
            prop_assert!(now >= rows);
            rows = now;
        }
        for card in 1..=3 {
            let replayed = refolded(&desk.store.connection, &desk.store.model, CardId(card)).unwrap();
            prop_assert_eq!(replayed, desk.cached(card));
        }
        prop_assert_eq!(desk.store.standings_on(day).unwrap(), desk.store.standings().unwrap());
        let counted = desk.count("select count(*) from review where counted = 1 and not exists
            (select 1 from event where event.review = review.seq and event.kind = 0)");
        prop_assert_eq!(counted, desk.count("select coalesce(sum(answers), 0) from tally"));
        prop_assert_eq!(counted, desk.count("select answers from running"));
    }
}
