//! The course of a quiz: a small machine that asks, checks, grades, logs, drills and takes back, over a [`Player`].
//!
//! It decides what is asked and what is logged; the player shows it and reads the keys. It calls the store for every
//! effect, and never goes on to the next question before the answer to the last is durable. It reads the time through
//! the clock that it is handed and draws chance from the generator that it is handed.

pub mod plan;

use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet, VecDeque};

use rand::{Rng, RngExt as _};

use crate::answer::{self, Given, Verdict};
use crate::card::{Evidence, Face, Grade, Kind, Memory, Note, Purpose};
use crate::day::{Clock, Day};
use crate::error::{Error, Result};
use crate::media::{Named, names};
use crate::skill::{Profile, SkillMap};
use crate::sm2::{self, Context, Rules};
use crate::store::{
    Answer, Candidate, CardId, Filter, LoggedReview, MediaFile, Recorded, RowId, Stamp, Store, StoredCard,
};

/// A card that scored below 4 comes again after at least this many others, where there are that many.
const DRILL_AFTER: usize = 4;
/// An answer that took longer was left lying: milliseconds.
const LONGEST_ANSWER: i64 = 3_600_000;
/// Days looked back for what a usual day is.
pub const USUAL_DAYS: i64 = 30;

/// How a session is to run.
#[derive(Debug, Clone)]
pub struct Wishes {
    /// Which cards.
    pub filter: Filter,
    /// At most this many cards, drills not counted.
    pub limit: Option<usize>,
    /// At most this many new cards, today's earlier ones not counted; `None` takes what is left of `new_per_day`.
    pub new: Option<usize>,
    /// New cards a day.
    pub new_per_day: u32,
    /// Reviews a day; none for no limit.
    pub reviews_per_day: Option<u32>,
    /// No further card after this many minutes.
    pub minutes: Option<u32>,
    /// Goes on with cards that are not due yet.
    pub cram: bool,
    /// The scheduler's rules.
    pub rules: Rules,
    /// The hour at which the study day turns over.
    pub rollover_hour: u32,
}

impl Default for Wishes {
    /// Whatever is due, and ten new cards a day.
    fn default() -> Self {
        Wishes {
            filter: Filter::default(),
            limit: None,
            new: None,
            new_per_day: 10,
            reviews_per_day: None,
            minutes: None,
            cram: false,
            rules: Rules::default(),
            rollover_hour: 4,
        }
    }
}

/// A question, as the player shows it.
#[derive(Debug)]
pub struct Question<'a> {
    /// The card.
    pub card: &'a StoredCard,
    /// Why it is asked.
    pub purpose: Purpose,
    /// The order in which options or steps are shown: indices into [`answer::options`], or into the steps.
    pub shown: &'a [usize],
    /// Its number in the session, from 1.
    pub number: usize,
    /// How many there will be, as far as is known.
    pub total: usize,
    /// Whole minutes left, where the session has an end.
    pub minutes_left: Option<u32>,
    /// Whether there is a hint to ask for.
    pub has_hint: bool,
    /// The hint, once it was asked for.
    pub hint: Option<&'a Hint>,
    /// The card's answers so far, where it is a leech.
    pub leech: Option<&'a [LoggedReview]>,
    /// The pictures and sounds that the question names.
    pub media: &'a [Attachment],
}

/// A picture or sound of a card.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Attachment {
    /// Whether it stands in the text as a picture.
    pub picture: bool,
    /// The file.
    pub file: MediaFile,
}

/// The pictures and sounds of a card, each once: where it is seen first.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Media {
    /// Those of the question.
    pub question: Vec<Attachment>,
    /// Those that only the answer shows.
    pub answer: Vec<Attachment>,
}

/// What helps with a question.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Hint {
    /// The author's own, or the shape of a typed answer: Markdown.
    Text(String),
    /// This many of the options are right.
    RightOptions(usize),
}

/// What the learner did with a question.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Reply {
    /// Typed this.
    Typed(String),
    /// Chose these options, by index into [`answer::options`].
    Chosen(Vec<usize>),
    /// Put the steps in this order, by index.
    Ordered(Vec<usize>),
    /// Wants to see the answer: for a basic card the way on, for others giving up.
    Reveal,
    /// Wants the hint.
    Hint,
    /// Does something else.
    Aside(Aside),
}

/// What the learner may do instead of answering or grading.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Aside {
    /// Leaves the card out of this session.
    Skip,
    /// Puts the card aside until she takes it up again.
    Suspend,
    /// Notes something about the card.
    Flag(String),
    /// Takes the last answer back.
    Undo,
    /// Replaces the note's text.
    Edit(Box<Note>),
    /// Ends the session.
    Quit,
}

/// A question with its answer, to be graded.
#[derive(Debug)]
pub struct Answered<'a> {
    /// The question.
    pub question: &'a Question<'a>,
    /// What was given; `None` where the answer was only revealed.
    pub given: Option<&'a Reply>,
    /// What the program makes of it; `None` for a card that only the learner can grade.
    pub verdict: Option<Verdict>,
    /// The grade that Enter accepts.
    pub proposed: Grade,
    /// What each grade from 0 to 5 would leave, `None` where the answer changes no schedule.
    pub outcomes: Option<&'a [Memory; 6]>,
    /// The study day of the answer.
    pub today: Day,
    /// The pictures and sounds that the answer adds to those of the question.
    pub media: &'a [Attachment],
}

/// What the learner did with an answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Grading {
    /// Graded it.
    Grade(Grade),
    /// Does something else; skipping or quitting here logs nothing.
    Aside(Aside),
}

/// Something that the player tells the learner in passing.
#[derive(Debug)]
pub enum Notice<'a> {
    /// The last answer was taken back; there was none if `None`.
    TakenBack(Option<Grade>),
    /// The card was put aside.
    Suspended,
    /// The note on the card was kept.
    Flagged,
    /// The card's text was kept.
    Edited,
    /// The card has no hint.
    NoHint,
    /// The card has become a leech: forgotten this often.
    Leech(u32),
    /// Another plugg answered this card in between; this answer was kept as practice.
    Overtaken,
    /// An edit could not be kept.
    Refused(&'a Error),
}

/// Shows questions and reads what the learner does.
pub trait Player {
    /// Puts a question.
    ///
    /// # Errors
    /// When the terminal fails.
    fn ask(&mut self, question: &Question<'_>) -> Result<Reply>;

    /// Shows the answer and asks for its grade.
    ///
    /// # Errors
    /// When the terminal fails.
    fn grade(&mut self, answered: &Answered<'_>) -> Result<Grading>;

    /// Tells something in passing.
    ///
    /// # Errors
    /// When the terminal fails.
    fn tell(&mut self, notice: &Notice<'_>) -> Result<()>;

    /// Says that an answer could not be kept, and asks whether to try again.
    ///
    /// # Errors
    /// When the terminal fails.
    fn try_again(&mut self, error: &Error) -> Result<bool>;
}

/// Why a session ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum End {
    /// Nothing is left.
    Done,
    /// The minutes are over.
    Time,
    /// The learner left.
    Quit,
}

/// What was done in one area.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Tried {
    /// Cards answered, drills not counted.
    pub cards: u32,
    /// Of them, those recalled at the first try.
    pub passed: u32,
    /// Of them, new ones.
    pub new: u32,
}

/// What a session came to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Outcome {
    /// Why it ended.
    pub end: End,
    /// What was done, by area.
    pub areas: BTreeMap<String, Tried>,
    /// Milliseconds from the first question to the last answer.
    pub took_ms: i64,
    /// The study day on which it ended.
    pub today: Day,
    /// Cards that still wait for their drill.
    pub to_drill: usize,
    /// Due cards that were left for other days because there is a backlog.
    pub backlog: usize,
    /// How many reviews a day holds, with a backlog.
    pub days_worth: usize,
}

impl Outcome {
    /// The sum over all areas.
    pub fn total(&self) -> Tried {
        self.areas.values().fold(Tried::default(), |sum, area| Tried {
            cards: sum.cards + area.cards,
            passed: sum.passed + area.passed,
            new: sum.new + area.new,
        })
    }
}

/// What would be asked now.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Agenda {
    /// Due cards in the order of asking.
    pub due: Vec<Candidate>,
    /// New cards in the order of asking.
    pub new: Vec<Candidate>,
    /// Cards ahead of their time, with `cram`.
    pub ahead: Vec<Candidate>,
    /// Cards whose drill was broken off earlier today.
    pub to_drill: Vec<CardId>,
    /// Due cards left for other days, because there are more than a day's worth.
    pub backlog: usize,
    /// How many reviews a day holds.
    pub days_worth: usize,
}

/// Draws up what would be asked on a study day.
///
/// # Errors
/// When the database cannot be read.
pub fn agenda(
    store: &Store,
    map: &SkillMap,
    profile: &Profile,
    wishes: &Wishes,
    today: Day,
    random: &mut dyn Rng,
) -> Result<Agenda> {
    let usual = store.activity(today.plus(-USUAL_DAYS), today.plus(-1))?;
    let days_worth = plan::days_worth(usual.into_iter().map(|active| active.answers));
    let all_due = store.due(&wishes.filter, today)?;
    let count = all_due.len();
    let overdue = all_due.iter().filter(|candidate| candidate.due.is_some_and(|due| due < today)).count();
    let reviewed: u32 = store.tallies(today, false)?.iter().map(|tally| tally.answers).sum();
    let mut room = wishes.limit.unwrap_or(usize::MAX);
    if overdue > days_worth {
        room = room.min(days_worth.saturating_sub(reviewed as usize));
    }
    if let Some(most) = wishes.reviews_per_day {
        room = room.min(most.saturating_sub(reviewed) as usize);
    }
    let mut busy = BTreeSet::new();
    let mut due = Vec::new();
    for candidate in plan::in_order(plan::most_valuable(all_due, room, today), today, store.scopes(), random) {
        if !busy.contains(&candidate.note) && !store.sibling_answered(&candidate, today)? {
            busy.insert(candidate.note);
            due.push(candidate);
        }
    }
    let left = wishes.limit.map_or(usize::MAX, |limit| limit.saturating_sub(due.len()));
    let per_day = wishes.new_per_day.saturating_sub(store.fresh_on(today)?) as usize;
    // More than a day's worth overdue: new cards would only add to it, unless they are asked for.
    let per_day = if overdue > days_worth { 0 } else { per_day };
    let wanted = wishes.new.unwrap_or(per_day).min(left);
    let new = store.unseen(&wishes.filter, map, profile, wanted, today, &busy)?;
    let mut ahead = Vec::new();
    if wishes.cram {
        busy.extend(new.iter().map(|candidate| candidate.note));
        let left = left.saturating_sub(new.len());
        for candidate in store.ahead(&wishes.filter, today)? {
            if ahead.len() >= left {
                break;
            }
            if !busy.contains(&candidate.note) && !store.sibling_answered(&candidate, today)? {
                busy.insert(candidate.note);
                ahead.push(candidate);
            }
        }
    }
    let backlog = if overdue > days_worth { count.saturating_sub(due.len()) } else { 0 };
    Ok(Agenda { due, new, ahead, to_drill: store.unfinished(today)?, backlog, days_worth })
}

/// Runs a session over an agenda to its end.
///
/// # Errors
/// When the database or the terminal fails; every answer before that is kept.
pub fn run(
    store: &mut Store,
    clock: &dyn Clock,
    random: &mut dyn Rng,
    agenda: Agenda,
    wishes: &Wishes,
    player: &mut dyn Player,
) -> Result<Outcome> {
    let start = clock.now();
    let item = |purpose| move |candidate: Candidate| Item { card: candidate.card, purpose };
    let queue = (agenda.due.into_iter().chain(agenda.new).map(item(Purpose::Quiz)))
        .chain(agenda.ahead.into_iter().map(item(Purpose::Cram)))
        .collect();
    let drill = agenda.to_drill.into_iter().map(|card| (Item { card, purpose: Purpose::Drill }, 0)).collect();
    let today = start.study_day(wishes.rollover_hour);
    let outcome = Outcome {
        end: End::Done,
        areas: BTreeMap::new(),
        took_ms: 0,
        today,
        to_drill: 0,
        backlog: agenda.backlog,
        days_worth: agenda.days_worth,
    };
    let mut session = Session {
        store,
        clock,
        random,
        wishes,
        queue,
        drill,
        asked: 0,
        start_ms: start.unix_ms,
        outcome,
        tried: Vec::new(),
        load: RefCell::default(),
    };
    session.outcome.end = session.course(player)?;
    session.outcome.to_drill = session.drill.len();
    Ok(session.outcome)
}

/// A card in the queue.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Item {
    card: CardId,
    purpose: Purpose,
}

/// What became of one question.
enum Step {
    /// On to the next.
    Next,
    /// The session ends here.
    Quit,
}

struct Session<'a> {
    store: &'a mut Store,
    clock: &'a dyn Clock,
    random: &'a mut dyn Rng,
    wishes: &'a Wishes,
    queue: VecDeque<Item>,
    /// With the number of the question before which each must not come.
    drill: VecDeque<(Item, usize)>,
    asked: usize,
    start_ms: i64,
    outcome: Outcome,
    /// What this session added to its outcome, for undo: the area and the figures.
    tried: Vec<(CardId, Option<(String, Tried)>)>,
    /// Cards due by day, looked up once a day of the calendar.
    load: RefCell<BTreeMap<Day, u32>>,
}

impl Session<'_> {
    fn course(&mut self, player: &mut dyn Player) -> Result<End> {
        loop {
            if self.minutes_left() == Some(0) {
                return Ok(End::Time);
            }
            let Some(item) = self.next_item() else { return Ok(End::Done) };
            // Retired or put aside in another window since the agenda was drawn up.
            let Some(card) = self.store.card(item.card)?.filter(|card| !card.suspended && !card.retired) else {
                continue;
            };
            if let Step::Quit = self.question(item, card, player)? {
                return Ok(End::Quit);
            }
        }
    }

    fn next_item(&mut self) -> Option<Item> {
        let ripe = self.drill.front().is_some_and(|(_, not_before)| *not_before <= self.asked);
        if ripe || self.queue.is_empty() {
            self.drill.pop_front().map(|(item, _)| item)
        } else {
            self.queue.pop_front()
        }
    }

    fn minutes_left(&self) -> Option<u32> {
        let limit = i64::from(self.wishes.minutes?) * 60_000;
        let left = limit - (self.clock.now().unix_ms - self.start_ms).max(0);
        // The last begun minute counts as one.
        Some(u32::try_from((left + 59_999).div_euclid(60_000)).unwrap_or(0))
    }

    fn question(&mut self, item: Item, mut card: StoredCard, player: &mut dyn Player) -> Result<Step> {
        let shown = shown_order(&card.face, self.random);
        let id = RowId::draw(self.random);
        let leech = card.lapses >= self.wishes.rules.leech_lapses;
        let history = if leech { self.store.history(card.id)? } else { Vec::new() };
        let hint = hint(&card.face);
        let mut hinted = false;
        let mut media = attachments(self.store, &card, hinted)?;
        let begun = self.clock.now().unix_ms;
        loop {
            let minutes_left = self.minutes_left();
            let question = Question {
                card: &card,
                purpose: item.purpose,
                shown: &shown,
                number: self.asked + 1,
                total: self.asked + 1 + self.queue.len() + self.drill.len(),
                minutes_left,
                has_hint: hint.is_some(),
                hint: hint.as_ref().filter(|_| hinted),
                leech: leech.then_some(history.as_slice()),
                media: &media.question,
            };
            let aside = match player.ask(&question)? {
                Reply::Hint => {
                    hinted = hint.is_some();
                    if !hinted {
                        player.tell(&Notice::NoHint)?;
                    }
                    media = attachments(self.store, &card, hinted)?;
                    continue;
                }
                Reply::Aside(aside) => aside,
                reply => {
                    let took_ms = (self.clock.now().unix_ms - begun).clamp(0, LONGEST_ANSWER) as u32;
                    match self.answered(&question, item, id, &reply, took_ms, player)? {
                        None => return Ok(Step::Next),
                        Some(aside) => aside,
                    }
                }
            };
            match self.aside(aside, item, &mut card, player)? {
                None => {}
                Some(step) => return Ok(step),
            }
        }
    }

    /// Grades and logs an answer; `None` when that is done, else what the learner did instead.
    fn answered(
        &mut self,
        question: &Question<'_>,
        item: Item,
        id: RowId,
        reply: &Reply,
        took_ms: u32,
        player: &mut dyn Player,
    ) -> Result<Option<Aside>> {
        let face = &question.card.face;
        let verdict = judge(face, reply);
        let proposed = match verdict {
            Some(verdict) => answer::propose(verdict, question.hint.is_some(), took_ms, face),
            None if question.hint.is_some() => Grade::HARD,
            None => Grade::GOOD,
        };
        let at = self.clock.now();
        let today = at.study_day(self.wishes.rollover_hour);
        let before = question.card.memory;
        let outcomes = self.outcomes(&before, today);
        let media = attachments(self.store, question.card, question.hint.is_some())?.answer;
        let answered = Answered {
            question,
            given: (*reply != Reply::Reveal).then_some(reply),
            verdict,
            proposed,
            outcomes: Grade::ALL.iter().any(|grade| item.purpose.schedules(*grade)).then_some(&outcomes),
            today,
            media: &media,
        };
        let grade = match player.grade(&answered)? {
            Grading::Grade(grade) => grade,
            Grading::Aside(aside) => return Ok(Some(aside)),
        };
        let evidence = match verdict {
            None => Evidence::SelfGraded,
            Some(_) if grade == proposed => Evidence::Checked,
            Some(_) => Evidence::Overridden,
        };
        let answer = Answer {
            id,
            card: item.card,
            stamp: Stamp { at, day: today },
            purpose: item.purpose,
            evidence,
            proposed: verdict.map(|_| proposed),
            grade,
            took_ms,
            before,
            outcomes,
        };
        let recorded = self.record(&answer, player)?;
        self.settle(&answer, &recorded, question.card, player)?;
        Ok(None)
    }

    fn outcomes(&mut self, memory: &Memory, today: Day) -> [Memory; 6] {
        let spread = self.random.random();
        let store = &*self.store;
        let known = &self.load;
        // A day whose load cannot be read counts as free: the promise is a day off at worst.
        let load = |day: Day| {
            *known
                .borrow_mut()
                .entry(day)
                .or_insert_with(|| store.load(day, day).ok().and_then(|load| load.get(&day).copied()).unwrap_or(0))
        };
        sm2::outcomes(memory, &Context { today, rules: self.wishes.rules, load: &load, spread })
    }

    /// Logs an answer, as often as the learner wants to try when the disk fails.
    fn record(&mut self, answer: &Answer, player: &mut dyn Player) -> Result<Recorded> {
        loop {
            match self.store.record(answer) {
                Ok(recorded) => return Ok(recorded),
                Err(error) => {
                    if !player.try_again(&error)? {
                        return Err(error);
                    }
                }
            }
        }
    }

    /// What follows from an answer for this session.
    fn settle(
        &mut self,
        answer: &Answer,
        recorded: &Recorded,
        card: &StoredCard,
        player: &mut dyn Player,
    ) -> Result<()> {
        self.asked += 1;
        self.outcome.today = answer.stamp.day;
        self.outcome.took_ms = (answer.stamp.at.unix_ms - self.start_ms).max(0);
        if let Some(due) = recorded.memory.due {
            self.load.borrow_mut().entry(due).and_modify(|count| *count += 1);
        }
        let first_try = answer.purpose != Purpose::Drill && !recorded.overtaken;
        let added = first_try.then(|| {
            let tried = Tried {
                cards: 1,
                passed: u32::from(answer.grade.passed()),
                new: u32::from(answer.before.due.is_none()),
            };
            (card.note.area.clone(), tried)
        });
        if let Some((area, tried)) = &added {
            let sum = self.outcome.areas.entry(area.clone()).or_default();
            sum.cards += tried.cards;
            sum.passed += tried.passed;
            sum.new += tried.new;
        }
        self.tried.push((answer.card, added));
        if answer.grade < Grade::GOOD {
            let item = Item { card: answer.card, purpose: Purpose::Drill };
            self.drill.push_back((item, self.asked + DRILL_AFTER));
        }
        if recorded.overtaken {
            player.tell(&Notice::Overtaken)?;
        }
        if recorded.lapses > card.lapses && recorded.lapses == self.wishes.rules.leech_lapses {
            player.tell(&Notice::Leech(recorded.lapses))?;
        }
        Ok(())
    }

    /// Does what the learner did instead; `None` puts the question again.
    fn aside(
        &mut self,
        aside: Aside,
        item: Item,
        card: &mut StoredCard,
        player: &mut dyn Player,
    ) -> Result<Option<Step>> {
        match aside {
            Aside::Quit => {
                if item.purpose == Purpose::Drill {
                    self.drill.push_front((item, 0));
                }
                Ok(Some(Step::Quit))
            }
            Aside::Skip => Ok(Some(Step::Next)),
            Aside::Suspend => {
                let (id, stamp) = self.event();
                self.store.suspend(item.card, true, id, stamp)?;
                player.tell(&Notice::Suspended)?;
                Ok(Some(Step::Next))
            }
            Aside::Flag(text) => {
                let (id, stamp) = self.event();
                self.store.flag(item.card, &text, id, stamp)?;
                player.tell(&Notice::Flagged)?;
                Ok(None)
            }
            Aside::Edit(note) => {
                match self.store.edit(card.note_id, &note) {
                    Ok(()) => {
                        // The options may have changed with the text: the card is put again from the start.
                        self.queue.push_front(item);
                        player.tell(&Notice::Edited)?;
                        return Ok(Some(Step::Next));
                    }
                    Err(error) => player.tell(&Notice::Refused(&error))?,
                }
                Ok(None)
            }
            Aside::Undo => self.take_back(item, player),
        }
    }

    fn event(&mut self) -> (RowId, Stamp) {
        let at = self.clock.now();
        (RowId::draw(self.random), Stamp { at, day: at.study_day(self.wishes.rollover_hour) })
    }

    /// Takes the last answer back, of this session or an earlier one, and asks its card again.
    fn take_back(&mut self, item: Item, player: &mut dyn Player) -> Result<Option<Step>> {
        let (id, stamp) = self.event();
        let Some(taken) = self.store.take_back(id, stamp)? else {
            player.tell(&Notice::TakenBack(None))?;
            return Ok(None);
        };
        if self.tried.last().is_some_and(|(card, _)| *card == taken.card)
            && let Some((_, added)) = self.tried.pop()
        {
            self.asked = self.asked.saturating_sub(1);
            if let Some((area, tried)) = added
                && let Some(sum) = self.outcome.areas.get_mut(&area)
            {
                sum.cards -= tried.cards;
                sum.passed -= tried.passed;
                sum.new -= tried.new;
            }
        }
        self.outcome.areas.retain(|_, tried| tried.cards > 0);
        self.drill.retain(|(waiting, _)| waiting.card != taken.card);
        self.queue.retain(|waiting| waiting.card != taken.card);
        if item.card != taken.card {
            self.queue.push_front(item);
        }
        self.queue.push_front(Item { card: taken.card, purpose: taken.purpose });
        player.tell(&Notice::TakenBack(Some(taken.grade)))?;
        Ok(Some(Step::Next))
    }
}

/// The pictures and sounds of a card; those of its hint belong to the question once it was `hinted`, else to neither.
///
/// # Errors
/// When the database cannot be read.
pub fn attachments(store: &Store, card: &StoredCard, hinted: bool) -> Result<Media> {
    let face = &card.face;
    let mut question = vec![face.front.as_str()];
    question.extend(hinted.then_some(face.hint.as_str()));
    match face.kind {
        Kind::Choice => question.extend(answer::options(face)),
        Kind::Order => question.extend(face.back.iter().map(String::as_str)),
        Kind::Basic | Kind::Cloze | Kind::Typed => {}
    }
    let answer: Vec<&str> = face.back.iter().chain([&card.note.explanation]).map(String::as_str).collect();
    let mut seen = BTreeSet::new();
    let mut found = |texts: &[&str]| -> Result<Vec<Attachment>> {
        let mut files = Vec::new();
        for Named { name, picture } in texts.iter().flat_map(|text| names(text)) {
            if seen.insert(name.clone())
                && let Some(file) = store.media_named(card.note_id, &name)?
            {
                files.push(Attachment { picture, file });
            }
        }
        Ok(files)
    };
    Ok(Media { question: found(&question)?, answer: found(&answer)? })
}

/// The order in which options or steps are shown.
fn shown_order(face: &Face, random: &mut dyn Rng) -> Vec<usize> {
    match face.kind {
        Kind::Choice => plan::shuffled(answer::options(face).len(), false, random),
        Kind::Order => plan::shuffled(face.back.len(), true, random),
        Kind::Basic | Kind::Cloze | Kind::Typed => Vec::new(),
    }
}

/// The author's hint; without one the shape of a typed answer, or the number of right options.
fn hint(face: &Face) -> Option<Hint> {
    if !face.hint.is_empty() {
        return Some(Hint::Text(face.hint.clone()));
    }
    match face.kind {
        Kind::Typed | Kind::Cloze => {
            let shape = |(index, character): (usize, char)| {
                if index > 0 && character.is_alphanumeric() { '_' } else { character }
            };
            let shape = |back: &String| format!("`{}`", back.chars().enumerate().map(shape).collect::<String>());
            face.back.first().map(shape).map(Hint::Text)
        }
        Kind::Choice if face.back.len() > 1 => Some(Hint::RightOptions(face.back.len())),
        Kind::Choice | Kind::Basic | Kind::Order => None,
    }
}

/// What the program makes of a reply; `None` where only the learner can say.
fn judge(face: &Face, reply: &Reply) -> Option<Verdict> {
    if face.kind == Kind::Basic {
        return None;
    }
    Some(match reply {
        Reply::Typed(text) => answer::judge(face, &Given::Typed(text)),
        Reply::Chosen(chosen) => answer::judge(face, &Given::Chosen(chosen)),
        Reply::Ordered(order) => answer::judge(face, &Given::Ordered(order)),
        // Giving up is not knowing.
        Reply::Reveal | Reply::Hint | Reply::Aside(_) => Verdict::Wrong,
    })
}

#[cfg(test)]
mod tests;
