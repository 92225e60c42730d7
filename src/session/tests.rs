//! The course of a session against a player that follows a script.

use rand::SeedableRng as _;
use rand_chacha::ChaCha8Rng;

use super::*;
use crate::card::{Compare, Deck, Level};
use crate::day::{Moment, SteppedClock};
use crate::store::{Merge, Origin};

/// What the scripted learner does with one question.
#[derive(Debug, Clone)]
enum Act {
    /// Reveals and grades.
    Grade(u8),
    /// Replies, then accepts the proposed grade.
    Say(Reply),
    /// Does something at the question.
    Aside(Aside),
    /// Does something at the answer.
    Late(Aside),
}

#[derive(Default)]
struct Script {
    acts: VecDeque<Act>,
    seen: Vec<String>,
    failures: usize,
}

impl Player for Script {
    fn ask(&mut self, question: &Question<'_>) -> Result<Reply> {
        let purpose = question.purpose.name();
        self.seen.push(format!("{} {purpose} {}/{}", question.card.note.id, question.number, question.total));
        Ok(match self.acts.front().cloned() {
            None => Reply::Aside(Aside::Quit),
            Some(Act::Grade(_) | Act::Late(_)) => Reply::Reveal,
            Some(Act::Say(Reply::Hint)) => {
                self.acts.pop_front();
                assert!(question.hint.is_none());
                Reply::Hint
            }
            Some(Act::Say(reply)) => reply,
            Some(Act::Aside(aside)) => {
                self.acts.pop_front();
                Reply::Aside(aside)
            }
        })
    }

    fn grade(&mut self, answered: &Answered<'_>) -> Result<Grading> {
        Ok(match self.acts.pop_front() {
            Some(Act::Grade(q)) => Grading::Grade(Grade::new(q).unwrap()),
            Some(Act::Late(aside)) => Grading::Aside(aside),
            _ => {
                self.seen.push(format!("{:?} {}", answered.verdict, answered.proposed.get()));
                Grading::Grade(answered.proposed)
            }
        })
    }

    fn tell(&mut self, notice: &Notice<'_>) -> Result<()> {
        self.seen.push(format!("{notice:?}"));
        Ok(())
    }

    fn try_again(&mut self, _: &Error) -> Result<bool> {
        self.failures += 1;
        Ok(false)
    }
}

struct Desk {
    store: Store,
    random: ChaCha8Rng,
    map: SkillMap,
    wishes: Wishes,
    now: Moment,
    _folder: tempfile::TempDir,
}

fn face(kind: Kind, front: &str, back: &[&str], wrong: &[&str]) -> Face {
    let all = |texts: &[&str]| texts.iter().map(ToString::to_string).collect::<Vec<_>>();
    Face {
        ordinal: 0,
        kind,
        front: front.into(),
        back: all(back),
        wrong: all(wrong),
        accept: vec![],
        compare: Compare::Text,
        free: vec![],
        hint: String::new(),
    }
}

fn note(id: &str, area: &str, face: Face) -> Note {
    Note {
        id: id.into(),
        area: area.into(),
        system: String::new(),
        level: Level::Foundation,
        folder: String::new(),
        tags: vec![],
        explanation: String::new(),
        source: String::new(),
        since: String::new(),
        reset: false,
        faces: vec![face],
    }
}

fn basics(count: usize) -> Vec<Note> {
    (1..=count).map(|n| note(&format!("n{n}"), "linux", face(Kind::Basic, "?", &["!"], &[]))).collect()
}

fn desk(notes: &[Note]) -> Desk {
    let folder = tempfile::tempdir().unwrap();
    let mut store = Store::open(&folder.path().join("plugg.db")).unwrap();
    let mut random = ChaCha8Rng::seed_from_u64(5);
    let deck = Deck { id: "test".into(), ..Deck::default() };
    let now = Moment::parse("2026-11-24T08:00:00+01:00").unwrap();
    let stamp = Stamp { at: now, day: now.study_day(4) };
    let merge = Merge { origin: Origin::Bundled, stamp, theirs: false, dry_run: false };
    store.merge(&merge, &deck, notes, &mut random).unwrap();
    let wishes = Wishes { rules: Rules::ORIGINAL, ..Wishes::default() };
    let map = SkillMap::parse(include_str!("../../decks/areas.toml")).unwrap();
    Desk { store, random, map, wishes, now, _folder: folder }
}

impl Desk {
    fn agenda(&mut self) -> Agenda {
        let today = self.now.study_day(4);
        let profile = Profile::default();
        agenda(&self.store, &self.map, &profile, &self.wishes, today, &mut self.random).unwrap()
    }

    /// Plays a session in which each look at the clock takes a second.
    fn play(&mut self, acts: Vec<Act>) -> (Outcome, Vec<String>) {
        let agenda = self.agenda();
        let mut player = Script { acts: acts.into(), ..Script::default() };
        let clock = SteppedClock::new(self.now, 1000);
        let wishes = self.wishes.clone();
        let outcome = run(&mut self.store, &clock, &mut self.random, agenda, &wishes, &mut player).unwrap();
        self.now = clock.now();
        (outcome, player.seen)
    }

    fn days_later(&mut self, days: i64) {
        self.now.unix_ms += days * 86_400_000;
    }
}

#[test]
fn a_session_asks_drills_and_ends() {
    let mut desk = desk(&basics(2));
    let (outcome, seen) = desk.play(vec![Act::Grade(1), Act::Grade(4), Act::Grade(3), Act::Grade(5)]);
    assert_eq!(seen, ["n1 quiz 1/2", "n2 quiz 2/3", "n1 drill 3/3", "n1 drill 4/4"]);
    assert_eq!(outcome.end, End::Done);
    assert_eq!(outcome.total(), Tried { cards: 2, passed: 1, new: 2 });
    assert_eq!(desk.agenda().due.len(), 0);
    desk.days_later(1);
    assert_eq!(desk.agenda().due.len(), 2, "drills changed no schedule");
}

#[test]
fn each_side_has_its_own_pictures_and_sounds() {
    let mut options = face(Kind::Choice, "![](front.png)", &["![](right.png)"], &["[sound: x](wrong.mp3)"]);
    options.hint = "![](hint.png)".into();
    let mut choice = note("n1", "linux", options);
    choice.explanation = "![](front.png) ![](after.png) ![](lost.png)".into();
    let basic = note("n2", "linux", face(Kind::Basic, "?", &["![](after.png)"], &[]));
    let mut desk = desk(&[]);
    let deck = Deck { id: "test".into(), ..Deck::default() };
    let stamp = Stamp { at: desk.now, day: desk.now.study_day(4) };
    let merge = Merge { origin: Origin::Bundled, stamp, theirs: false, dry_run: false };
    let take = |taking: &mut crate::store::Taking<'_>| {
        taking.deck(&deck)?;
        taking.note(&choice)?;
        taking.note(&basic)?;
        ["front.png", "right.png", "wrong.mp3", "hint.png", "after.png"]
            .iter()
            .try_for_each(|name| taking.media(name, name.as_bytes()))
    };
    desk.store.take_in(&merge, &mut desk.random, take).unwrap();
    let sides = |card, hinted| {
        let card = desk.store.card(CardId(card)).unwrap().unwrap();
        let media = attachments(&desk.store, &card, hinted).unwrap();
        [media.question, media.answer].map(|side| side.into_iter().map(|found| found.file.name).collect::<Vec<_>>())
    };
    let question = ["front.png", "right.png", "wrong.mp3"];
    assert_eq!(sides(1, false), [question.to_vec(), vec!["after.png"]]);
    assert_eq!(sides(1, true), [vec!["front.png", "hint.png", "right.png", "wrong.mp3"], vec!["after.png"]]);
    assert_eq!(sides(2, false), [vec![], vec!["after.png"]], "the question gives nothing away");
}

#[test]
fn a_failed_card_waits_for_four_others() {
    let mut desk = desk(&basics(7));
    let (_, seen) = desk.play([1, 4, 4, 4, 4, 4, 4, 4].map(Act::Grade).to_vec());
    let order: Vec<&str> = seen.iter().map(|line| line.split(' ').next().unwrap()).collect();
    assert_eq!(order, ["n1", "n2", "n3", "n4", "n5", "n1", "n6", "n7"]);
}

#[test]
fn quitting_loses_nothing_and_the_drill_comes_back() {
    let mut desk = desk(&basics(3));
    let (outcome, _) = desk.play(vec![Act::Grade(1)]);
    assert_eq!((outcome.end, outcome.to_drill), (End::Quit, 1));
    let agenda = desk.agenda();
    assert_eq!((agenda.to_drill.len(), agenda.new.len()), (1, 2));
    let (_, seen) = desk.play(vec![]);
    assert_eq!(seen[0], "n1 drill 1/3");
}

#[test]
fn undo_goes_back_several_steps_and_across_sessions() {
    let mut desk = desk(&basics(3));
    desk.play(vec![Act::Grade(4)]);
    let undo = || Act::Aside(Aside::Undo);
    let (outcome, seen) = desk.play(vec![Act::Grade(1), undo(), undo(), undo(), Act::Grade(5), Act::Grade(5)]);
    assert_eq!(
        seen[..8],
        [
            "n2 quiz 1/2",
            "n3 quiz 2/3",
            "TakenBack(Some(Grade(1)))",
            "n2 quiz 1/2",
            "TakenBack(Some(Grade(4)))",
            "n1 quiz 1/3",
            "TakenBack(None)",
            "n1 quiz 1/3"
        ]
    );
    assert_eq!(outcome.total(), Tried { cards: 2, passed: 2, new: 2 });
    let card = desk.store.card(CardId(1)).unwrap().unwrap();
    assert_eq!((card.memory.ease.0, card.memory.repetitions), (260, 1));
}

#[test]
fn a_checked_answer_proposes_its_grade() {
    let typed = note("typed", "linux", face(Kind::Typed, "?", &["df -i"], &[]));
    let choice = note("choice", "git", face(Kind::Choice, "?", &["a", "b"], &["c"]));
    let order = note("order", "cdn", face(Kind::Order, "?", &["x", "y", "z"], &[]));
    let mut desk = desk(&[typed, choice, order]);
    let (outcome, seen) = desk.play(vec![
        Act::Say(Reply::Hint),
        Act::Say(Reply::Typed("df -i".into())),
        Act::Say(Reply::Chosen(vec![1, 0])),
        Act::Say(Reply::Ordered(vec![2, 1, 0])),
        Act::Say(Reply::Reveal),
    ]);
    assert!(seen.contains(&"Some(Right) 3".to_owned()), "right after a hint: {seen:?}");
    assert!(seen.contains(&"Some(Wrong) 1".to_owned()));
    assert_eq!(outcome.total(), Tried { cards: 3, passed: 2, new: 3 });
    let evidence = |card| desk.store.history(CardId(card)).unwrap()[0].evidence;
    assert_eq!(evidence(1), Evidence::Checked);
    assert_eq!(evidence(3), Evidence::Checked);
}

#[test]
fn skip_suspend_flag_and_edit() {
    let notes = basics(4);
    let mut desk = desk(&notes);
    let mut edited = notes[2].clone();
    edited.faces[0].front = "better".into();
    let mut foreign = notes[3].clone();
    foreign.id = "other".into();
    let (outcome, seen) = desk.play(vec![
        Act::Aside(Aside::Skip),
        Act::Late(Aside::Suspend),
        Act::Aside(Aside::Flag("doubtful".into())),
        Act::Aside(Aside::Edit(Box::new(edited))),
        Act::Grade(4),
        Act::Aside(Aside::Edit(Box::new(foreign))),
        Act::Grade(4),
    ]);
    assert_eq!(outcome.total().cards, 2);
    assert!(seen.iter().any(|line| line.starts_with("Refused")));
    assert!(desk.store.card(CardId(2)).unwrap().unwrap().suspended);
    assert_eq!(desk.store.card(CardId(3)).unwrap().unwrap().face.front, "better");
    assert_eq!(desk.store.flags(CardId(3)).unwrap().len(), 1);
    assert_eq!(desk.agenda().new.len(), 1, "what was skipped comes another time");
}

#[test]
fn minutes_and_limits_end_a_session() {
    let mut desk = desk(&basics(9));
    desk.wishes.limit = Some(2);
    assert_eq!(desk.play(vec![Act::Grade(4); 9]).0.total().cards, 2);
    desk.wishes.limit = None;
    desk.wishes.new = Some(1);
    assert_eq!(desk.play(vec![Act::Grade(4); 9]).0.total().cards, 1);
    desk.wishes.new = None;
    desk.wishes.minutes = Some(0);
    assert_eq!(desk.play(vec![Act::Grade(4); 9]).0.end, End::Time);
    desk.wishes.minutes = Some(1);
    let (outcome, seen) = desk.play(vec![Act::Grade(4); 9]);
    assert!(outcome.end == End::Done || outcome.end == End::Time);
    assert!(!seen.is_empty());
}

#[test]
fn cramming_changes_no_schedule_unless_it_failed() {
    let mut desk = desk(&basics(2));
    desk.play(vec![Act::Grade(4), Act::Grade(4)]);
    desk.days_later(1);
    desk.play(vec![Act::Grade(4), Act::Grade(4)]);
    desk.days_later(1);
    assert_eq!(desk.agenda().due.len() + desk.agenda().ahead.len(), 0);
    desk.wishes.cram = true;
    let before = desk.store.card(CardId(1)).unwrap().unwrap().memory;
    let (_, seen) = desk.play(vec![Act::Grade(5), Act::Grade(1), Act::Grade(4)]);
    assert_eq!(seen, ["n1 cram 1/2", "n2 cram 2/2", "n2 drill 3/3"]);
    assert_eq!(desk.store.card(CardId(1)).unwrap().unwrap().memory, before);
    assert_eq!(desk.store.card(CardId(2)).unwrap().unwrap().memory.interval, 1);
}

#[test]
fn a_backlog_is_capped_and_new_cards_wait() {
    let mut desk = desk(&basics(110));
    desk.wishes.new = Some(100);
    desk.play(vec![Act::Grade(4); 100]);
    desk.wishes.new = None;
    // The usual day of this learner is 100 answers, so 150 would be a day's worth; a month later it is forgotten.
    desk.days_later(40);
    let agenda = desk.agenda();
    assert_eq!((agenda.due.len(), agenda.new.len(), agenda.backlog, agenda.days_worth), (60, 0, 40, 60));
    desk.wishes.new = Some(3);
    assert_eq!(desk.agenda().new.len(), 3, "unless they are asked for");
}

#[test]
fn the_promise_on_the_screen_is_what_the_log_gets() {
    struct Watch(Vec<Memory>);
    impl Player for Watch {
        fn ask(&mut self, _: &Question<'_>) -> Result<Reply> {
            Ok(Reply::Reveal)
        }
        fn grade(&mut self, answered: &Answered<'_>) -> Result<Grading> {
            self.0.push(answered.outcomes.unwrap()[5]);
            Ok(Grading::Grade(Grade::EASY))
        }
        fn tell(&mut self, _: &Notice<'_>) -> Result<()> {
            Ok(())
        }
        fn try_again(&mut self, _: &Error) -> Result<bool> {
            Ok(false)
        }
    }
    let mut desk = desk(&basics(5));
    desk.wishes.rules = Rules::default();
    let mut watch = Watch(Vec::new());
    for gap in [400, 900, 0] {
        let agenda = desk.agenda();
        let clock = SteppedClock::new(desk.now, 1000);
        run(&mut desk.store, &clock, &mut desk.random, agenda, &desk.wishes, &mut watch).unwrap();
        desk.days_later(gap);
    }
    let mut logged: Vec<(i64, Memory)> = Vec::new();
    for card in 1..=5 {
        logged.extend(desk.store.history(CardId(card)).unwrap().iter().map(|row| (row.seq, row.review.after)));
    }
    logged.sort_by_key(|(seq, _)| *seq);
    assert_eq!(logged.into_iter().map(|(_, memory)| memory).collect::<Vec<_>>(), watch.0);
    assert_eq!(watch.0.len(), 15);
}
