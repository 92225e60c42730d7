//! The figures of the report, pure: what was answered and what is remembered in, a [`Summary`] out.
//!
//! Each figure's definition stands in the doc comment of its type. The store keeps the rows that go in ([`Tally`],
//! [`Standing`], [`Predicted`]) up to date as answers arrive; `report` turns the summary into words. Nothing here reads
//! a clock or a database.

use std::collections::BTreeMap;

use serde::Serialize;

use crate::card::{Evidence, Level, Memory, Purpose};
use crate::day::Day;
use crate::recall::{Model, Trace};
use crate::skill::{Profile, Scope, ScopeId, Scopes, SkillMap, UNSORTED};

/// From this interval on a card is mature: days.
pub const MATURE_FROM: u32 = 21;
/// Below this many answers no percentage is printed.
pub const ENOUGH_ANSWERS: u32 = 20;
/// Below this many answers a week of the trend is left blank.
pub const ENOUGH_FOR_A_WEEK: u32 = 10;
/// The share that coverage and the lower end of recall today must reach for a level to be held.
const HELD_FROM: f64 = 0.8;
/// Predicted answers needed before the learner's own calibration replaces the prior.
const CALIBRATED_FROM: u32 = 100;
/// How far the mean prediction may be off before that: one standard deviation.
const PRIOR_ERROR: f64 = 0.1;
/// The normal quantile of a 95 % interval.
const Z: f64 = 1.959_964;
/// Days over which the pace of learning is taken.
const PACE_DAYS: u32 = 28;

/// What an answer counts for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Counts {
    /// For nothing: a drill, a cram, a placement, a new card, a second answer of the day.
    Nothing = 0,
    /// For retention.
    Here = 1,
    /// For retention where the report is asked to count other programs' answers too.
    Imported = 2,
}

impl Counts {
    /// All of them, in the order of their numbers in the store.
    pub const ALL: [Counts; 3] = [Counts::Nothing, Counts::Here, Counts::Imported];
}

/// Returns what an answer counts for. Retention takes the first answer of a study day, of a card whose interval was at
/// least a day, asked because it was due; never drill, cram or placement, and imported answers only where asked for.
pub fn counts(purpose: Purpose, before: &Memory, first_of_the_day: bool) -> Counts {
    match purpose {
        _ if before.interval < 1 || !first_of_the_day => Counts::Nothing,
        Purpose::Quiz => Counts::Here,
        Purpose::Imported => Counts::Imported,
        Purpose::Drill | Purpose::Cram | Purpose::Placement => Counts::Nothing,
    }
}

/// Counted answers of one study day, scope, maturity and kind of evidence.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Tally {
    /// The study day.
    pub day: Day,
    /// What the cards belonged to when they were answered.
    pub scope: ScopeId,
    /// Whether the interval before was at least [`MATURE_FROM`] days.
    pub mature: bool,
    /// Who says that they were right.
    pub evidence: Evidence,
    /// Whether they were given in another program.
    pub imported: bool,
    /// How many.
    pub answers: u32,
    /// How many of them passed.
    pub passed: u32,
    /// How many would have passed had all been blind guesses: the sum of [`crate::card::Face::guess`].
    pub guessed: f64,
}

/// One card as it stands today; retired cards are left out.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Standing {
    /// What it belongs to now.
    pub scope: ScopeId,
    /// What the memory model remembers; `None` for a card never answered.
    pub trace: Option<Trace>,
    /// The study day on which it was first recalled a day or more after its first answer.
    pub recalled: Option<Day>,
    /// The study day on which it is due; `None` where it is new or suspended.
    pub due: Option<Day>,
    /// The chance that a blind guess at it is right.
    pub guess: f64,
}

/// What was done on one study day.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct Active {
    /// The study day.
    pub day: Day,
    /// Answers, drills too.
    pub answers: u32,
    /// Cards seen for the first time.
    pub fresh: u32,
    /// Milliseconds that the answers took.
    pub took_ms: u64,
}

/// Sums over the counted answers that were predicted, of one day and one tenth of predicted recall.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Predicted {
    /// The tenth, 0 to 9.
    pub bin: u8,
    /// How many answers.
    pub answers: u32,
    /// How many passed.
    pub passed: u32,
    /// Sum of the predicted chances.
    pub predicted: f64,
    /// Sum of the model's log losses.
    pub loss: f64,
    /// Sum of the log losses of always guessing the learner's average so far.
    pub loss_average: f64,
    /// Sum of the log losses of SM-2's implied curve.
    pub loss_interval: f64,
}

/// A level that was held at the end of a quiz.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Held {
    /// The area.
    pub area: String,
    /// The system, empty for the whole area.
    pub system: String,
    /// The level.
    pub level: Level,
    /// The last study day on which it was seen held.
    pub last_day: Day,
    /// The first on which it no longer was, where that is known.
    pub lost_day: Option<Day>,
}

/// Everything that a report is made of.
pub struct Inputs<'a> {
    /// The study day that the report is for.
    pub today: Day,
    /// How many days back retention looks, today included.
    pub window: u32,
    /// How many weeks the trend shows, this one included.
    pub weeks: u32,
    /// What predicts recall.
    pub model: &'a Model,
    /// Areas and systems in their order.
    pub map: &'a SkillMap,
    /// The learner's targets.
    pub profile: &'a Profile,
    /// What the numbers in the rows stand for.
    pub scopes: &'a Scopes,
    /// Counted answers, of the window and the trend at least; those of other programs where they are to count.
    pub tallies: &'a [Tally],
    /// The cards.
    pub standings: &'a [Standing],
    /// How predictions fared, over the whole history.
    pub predictions: &'a [Predicted],
    /// Levels held before.
    pub held: &'a [Held],
    /// What was done day by day, as far back as it is to be shown.
    pub activity: &'a [Active],
}

/// Passes and answers, with the interval that they leave open.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct Rate {
    /// Counted answers.
    pub answers: u32,
    /// Those with grade 3 or more.
    pub passed: u32,
    /// Those that would have passed had all been blind guesses.
    pub guessed: f64,
}

impl Rate {
    fn add(&mut self, tally: &Tally) {
        self.answers += tally.answers;
        self.passed += tally.passed;
        self.guessed += tally.guessed;
    }

    /// The share recalled with its 95 % interval, or `None` below [`ENOUGH_ANSWERS`]: the share that passed, less what
    /// blind guessing at choices would have given (see [`known`]).
    pub fn share(&self) -> Option<Interval> {
        (self.answers >= ENOUGH_ANSWERS).then(|| {
            let guess = self.guessed / f64::from(self.answers);
            let passed = wilson(self.passed, self.answers);
            Interval {
                value: known(passed.value, guess),
                low: known(passed.low, guess),
                high: known(passed.high, guess),
            }
        })
    }
}

/// Returns the share that was known, of a share that was right where a blind guess is right with the chance `guess`: who
/// does not know guesses, so right = known + (1 − known) × guess (F. M. Lord, *Journal of Educational Measurement* 12,
/// 1975). Less than guessing gives is nothing known.
pub fn known(right: f64, guess: f64) -> f64 {
    if guess >= 1.0 { 0.0 } else { ((right - guess) / (1.0 - guess)).clamp(0.0, 1.0) }
}

/// Passes and answers, parted by what was asked and who said that it was right.
#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize)]
pub struct Rates {
    /// **Retention**: passes ÷ counted answers, see [`counts`] and [`Rate::share`].
    pub retention: Rate,
    /// Of it, cards with intervals below [`MATURE_FROM`] days.
    pub young: Rate,
    /// Of it, the others.
    pub mature: Rate,
    /// Of it, answers that the program checked.
    pub checked: Rate,
    /// Of it, answers that the learner graded herself, or whose proposed grade she changed.
    pub self_graded: Rate,
    /// Of it, by level: foundation, practitioner, expert.
    pub by_level: [Rate; 3],
}

impl Rates {
    fn add(&mut self, tally: &Tally, level: Level) {
        self.retention.add(tally);
        let age = if tally.mature { &mut self.mature } else { &mut self.young };
        age.add(tally);
        match tally.evidence {
            Evidence::Checked => self.checked.add(tally),
            Evidence::SelfGraded | Evidence::Overridden => self.self_graded.add(tally),
        }
        self.by_level[level as usize].add(tally);
    }
}

impl Serialize for Rate {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        use serde::ser::SerializeStruct as _;
        let mut fields = serializer.serialize_struct("Rate", 4)?;
        fields.serialize_field("answers", &self.answers)?;
        fields.serialize_field("passed", &self.passed)?;
        fields.serialize_field("guessed", &self.guessed)?;
        fields.serialize_field("share", &self.share())?;
        fields.end()
    }
}

/// A share with the 95 % interval around it, all 0 to 1.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Interval {
    /// The best estimate.
    pub value: f64,
    /// The lower end.
    pub low: f64,
    /// The upper end.
    pub high: f64,
}

/// Returns the share `passed` ÷ `answers` with Wilson's 95 % score interval (E. B. Wilson, *Journal of the American
/// Statistical Association* 22, 1927); nothing answered leaves everything open.
pub fn wilson(passed: u32, answers: u32) -> Interval {
    if answers == 0 {
        return Interval { value: 0.0, low: 0.0, high: 1.0 };
    }
    let n = f64::from(answers);
    let share = f64::from(passed.min(answers)) / n;
    let middle = share + Z * Z / (2.0 * n);
    let reach = Z * (share * (1.0 - share) / n + Z * Z / (4.0 * n * n)).sqrt();
    let scale = 1.0 + Z * Z / n;
    Interval {
        value: share,
        low: ((middle - reach) / scale).clamp(0.0, share),
        high: ((middle + reach) / scale).clamp(share, 1.0),
    }
}

/// One week or month of the trend.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Period {
    /// Its first day: a Monday, or the first of a month.
    pub from: Day,
    /// What was answered in it.
    #[serde(flatten)]
    pub rates: Rates,
}

/// The cards of one level alone.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct LevelRow {
    /// The level.
    pub level: Level,
    /// Its cards.
    pub cards: u32,
    /// Those recalled a day or more after their first answer.
    pub recalled: u32,
    /// What was answered in the window.
    pub retention: Rate,
    /// The expected share of its cards that she would answer now.
    pub recall_today: Option<Interval>,
}

/// What is missing for the next level.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Next {
    /// The level: the shallowest beyond the one held that has cards.
    pub level: Level,
    /// Cards of it and below still to be recalled a day or more after they were first seen, for four in five of them.
    pub cards: u32,
    /// How far the lower end of recall today over those cards is below 80 %: 0 to 0.8.
    pub recall: f64,
    /// Days until `cards` is nothing at the pace of the last four weeks; `None` where nothing was gained in them.
    pub days: Option<u32>,
}

/// A level that was held and no longer is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Fading {
    /// The level.
    pub level: Level,
    /// The first study day on which it was not held.
    pub since: Day,
}

/// One area, or one system of an area.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Row {
    /// The id of the area or system.
    pub id: String,
    /// Its title.
    pub title: String,
    /// How deep the learner wants to go here.
    pub target: Level,
    /// Its cards, at every level.
    pub cards: u32,
    /// Those answered at least once.
    pub seen: u32,
    /// Those within the profile.
    pub cards_in_profile: u32,
    /// **Coverage**: cards within the profile that were recalled a day or more after their first answer ÷ cards within
    /// the profile; `None` where there are none.
    pub coverage: Option<f64>,
    /// What was answered in the window.
    #[serde(flatten)]
    pub window: Rates,
    /// **Recall today**: the expected share of the cards, of every level, that she would answer now, those answered today
    /// the next morning; unseen ones count nothing; what luck at choices would give is taken off. Its interval joins the spread of the cards themselves and the prediction's error on this learner.
    pub recall_today: Option<Interval>,
    /// Cards due today or before.
    pub due: u32,
    /// **Mastery**: the deepest level held. A level is held when, over the cards of that level and below, at least 80 %
    /// were recalled a day or more after their first answer, and the lower end of recall today is at least 80 %.
    pub holds: Option<Level>,
    /// The deepest level that was held and no longer is.
    pub fading: Option<Fading>,
    /// What is missing for the next level; `None` where all are held.
    pub next: Option<Next>,
    /// The levels that have cards, one by one.
    pub levels: Vec<LevelRow>,
    /// The last weeks, oldest first.
    pub weeks: Vec<Period>,
    /// The months of those weeks, oldest first.
    pub months: Vec<Period>,
    /// The systems of an area.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub systems: Vec<Row>,
}

/// One tenth of predicted recall: what was predicted and what came.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct CalibrationBin {
    /// Lower end of the bin, 0 to 0.9.
    pub from: f64,
    /// Answers in it.
    pub answers: u32,
    /// Their mean predicted chance.
    pub predicted: f64,
    /// The share that passed.
    pub passed: f64,
}

/// How good the prediction has been: mean log loss (lower is better), each prediction made before its answer.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Prediction {
    /// Predicted answers.
    pub answers: u32,
    /// The memory model's log loss; `None` before the first answer.
    pub log_loss: Option<f64>,
    /// That of always guessing the learner's average so far.
    pub log_loss_average: Option<f64>,
    /// That of SM-2's implied curve: 0.9 at the interval, falling exponentially.
    pub log_loss_interval: Option<f64>,
    /// Calibration by tenths of predicted recall, empty ones left out.
    pub calibration: Vec<CalibrationBin>,
}

impl Prediction {
    /// Whether the model has been worse than always guessing the average, over enough answers to say so.
    pub fn worse_than_the_average(&self) -> bool {
        self.answers >= CALIBRATED_FROM && self.log_loss > self.log_loss_average
    }
}

/// The report's figures.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Summary {
    /// The version of this schema.
    pub version: u32,
    /// The study day that it is for.
    pub today: Day,
    /// How many days back retention looks.
    pub window_days: u32,
    /// The areas that have cards or answers, in the order of the map.
    pub areas: Vec<Row>,
    /// All of them together; it holds no level.
    pub total: Row,
    /// How good the prediction has been.
    pub prediction: Prediction,
    /// What was done, day by day; days without an answer are left out.
    pub activity: Vec<Active>,
}

/// Computes the report's figures.
pub fn summarize(inputs: &Inputs<'_>) -> Summary {
    let prediction = prediction(inputs.predictions);
    let error = prediction_error(inputs.predictions);
    let mut groups: BTreeMap<(usize, &str), Group> = BTreeMap::new();
    let mut total = Group::default();
    // Scopes first, so that a card or a tally costs a look in a small table and nothing else.
    let places: BTreeMap<ScopeId, (usize, &Scope)> =
        inputs.scopes.iter().map(|(id, scope)| (*id, (inputs.map.position(&scope.area), scope))).collect();
    let window_from = inputs.today.plus(1 - i64::from(inputs.window.max(1)));
    for tally in inputs.tallies {
        let Some((position, scope)) = places.get(&tally.scope) else { continue };
        let group = groups.entry((*position, &scope.area)).or_default();
        for group in [&mut total, &mut *group] {
            group.answered(tally, scope.level, window_from, inputs.today);
        }
        group.systems.entry(&scope.system).or_default().answered(tally, scope.level, window_from, inputs.today);
    }
    let mut by_scope: BTreeMap<ScopeId, LevelSums> = BTreeMap::new();
    for standing in inputs.standings {
        by_scope.entry(standing.scope).or_default().card(standing, inputs.model, inputs.today);
    }
    for (id, sums) in &by_scope {
        let Some((position, scope)) = places.get(id) else { continue };
        let wanted = inputs.profile.includes(&scope.area, scope.level);
        let group = groups.entry((*position, &scope.area)).or_default();
        for group in [&mut total, &mut *group] {
            group.stands(scope.level, sums, wanted);
        }
        group.systems.entry(&scope.system).or_default().stands(scope.level, sums, wanted);
    }
    let reading = Reading { inputs, error, places: &places };
    let areas = groups
        .iter()
        .map(|((_, area), group)| {
            let mut row = reading.row(area, inputs.map.area_title(area), area, "", group);
            let mut systems: Vec<&str> = group.systems.keys().copied().filter(|system| !system.is_empty()).collect();
            systems.sort_by_key(|system| system_position(inputs.map, system));
            row.systems = systems
                .into_iter()
                .map(|system| reading.row(system, inputs.map.system_name(system), area, system, &group.systems[system]))
                .collect();
            row
        })
        .collect();
    let mut total = reading.row("all", "All areas", "", "", &total);
    total.holds = None;
    Summary {
        version: 2,
        today: inputs.today,
        window_days: inputs.window,
        areas,
        total,
        prediction,
        activity: inputs.activity.iter().filter(|active| active.day <= inputs.today).copied().collect(),
    }
}

/// Returns every level that an area or a system of the summary holds, for the store to keep.
pub fn levels_held(summary: &Summary) -> Vec<Held> {
    let mut all = Vec::new();
    for area in &summary.areas {
        let rows = std::iter::once((area, "")).chain(area.systems.iter().map(|row| (row, row.id.as_str())));
        for (row, system) in rows {
            let levels = Level::ALL.into_iter().filter(|level| Some(*level) <= row.holds);
            all.extend(levels.map(|level| Held {
                area: area.id.clone(),
                system: system.to_owned(),
                level,
                last_day: summary.today,
                lost_day: None,
            }));
        }
    }
    all
}

/// Returns those of the levels held before that the summary no longer holds, each with the day on which it was lost.
pub fn levels_lost(summary: &Summary, before: &[Held]) -> Vec<Held> {
    let row = |held: &Held| {
        let area = summary.areas.iter().find(|row| row.id == held.area)?;
        if held.system.is_empty() { Some(area) } else { area.systems.iter().find(|row| row.id == held.system) }
    };
    before
        .iter()
        .filter(|held| row(held).is_none_or(|row| Some(held.level) > row.holds))
        .map(|held| {
            let since = row(held).and_then(|row| row.fading.as_ref()).map_or(summary.today, |fading| fading.since);
            Held { lost_day: held.lost_day.or(Some(since)), ..held.clone() }
        })
        .collect()
}

fn system_position(map: &SkillMap, system: &str) -> usize {
    map.areas.iter().flat_map(|area| &area.systems).position(|known| known.id == system).unwrap_or(usize::MAX)
}

/// Sums over the cards of one level.
#[derive(Debug, Clone, Copy, Default)]
struct LevelSums {
    cards: u32,
    seen: u32,
    recalled: u32,
    due: u32,
    recall: f64,
    spread: f64,
    /// Cards first recalled in the last [`PACE_DAYS`].
    gained: u32,
    /// The day of the first of all.
    first_gain: Option<Day>,
}

impl LevelSums {
    fn card(&mut self, standing: &Standing, model: &Model, today: Day) {
        self.cards += 1;
        self.seen += u32::from(standing.trace.is_some());
        if let Some(day) = standing.recalled.filter(|day| *day <= today) {
            self.recalled += 1;
            self.gained += u32::from(today.since(day) < PACE_DAYS);
            self.first_gain = earliest(self.first_gain, Some(day));
        }
        self.due += u32::from(standing.due.is_some_and(|due| due <= today));
        if let Some(trace) = standing.trace {
            // Not before the next morning: what was just read is no memory yet, least of all after a failure.
            let right = model.recall(&trace, today.max(trace.last.plus(1)));
            self.recall += known(right, standing.guess);
            self.spread += right * (1.0 - right) / (1.0 - standing.guess.min(0.99)).powi(2);
        }
    }

    fn add(&mut self, other: &LevelSums) {
        self.cards += other.cards;
        self.seen += other.seen;
        self.recalled += other.recalled;
        self.due += other.due;
        self.recall += other.recall;
        self.spread += other.spread;
        self.gained += other.gained;
        self.first_gain = earliest(self.first_gain, other.first_gain);
    }

    /// Recall today with its interval; the prediction's error weighs in proportion to the cards that are predicted.
    fn recall_today(&self, error: f64) -> Option<Interval> {
        if self.cards == 0 {
            return None;
        }
        let n = f64::from(self.cards);
        let value = self.recall / n;
        let error = error * f64::from(self.seen) / n;
        let reach = Z * (self.spread / (n * n) + error * error).sqrt();
        Some(Interval { value, low: (value - reach).max(0.0), high: (value + reach).min(f64::from(self.seen) / n) })
    }

    /// What is missing for these cards to be held.
    fn missing(&self, level: Level, error: f64, today: Day) -> Next {
        let wanted = (f64::from(self.cards) * HELD_FROM).ceil() as u32;
        let cards = wanted.saturating_sub(self.recalled);
        let low = self.recall_today(error).map_or(0.0, |recall| recall.low);
        // A first week is taken as one, so that its first day makes no pace of its own.
        let watched = self.first_gain.map_or(0, |first| today.since(first) + 1).clamp(7, PACE_DAYS);
        let days = (self.gained > 0).then(|| (u64::from(cards) * u64::from(watched)).div_ceil(u64::from(self.gained)));
        Next { level, cards, recall: (HELD_FROM - low).max(0.0), days: days.and_then(|days| u32::try_from(days).ok()) }
    }

    fn held(&self, error: f64) -> bool {
        let enough = |share: f64| share >= HELD_FROM;
        self.cards > 0
            && enough(f64::from(self.recalled) / f64::from(self.cards))
            && self.recall_today(error).is_some_and(|recall| enough(recall.low))
    }
}

fn earliest(a: Option<Day>, b: Option<Day>) -> Option<Day> {
    a.into_iter().chain(b).min()
}

/// What was gathered of an area or a system.
#[derive(Debug, Default)]
struct Group<'a> {
    window: Rates,
    /// By their first days.
    weeks: BTreeMap<Day, Rates>,
    months: BTreeMap<Day, Rates>,
    levels: [LevelSums; 3],
    in_profile: LevelSums,
    systems: BTreeMap<&'a str, Group<'a>>,
}

impl Group<'_> {
    fn answered(&mut self, tally: &Tally, level: Level, from: Day, today: Day) {
        if tally.day > today {
            return;
        }
        self.weeks.entry(tally.day.week()).or_default().add(tally, level);
        self.months.entry(tally.day.month()).or_default().add(tally, level);
        if tally.day >= from {
            self.window.add(tally, level);
        }
    }

    fn stands(&mut self, level: Level, sums: &LevelSums, wanted: bool) {
        self.levels[level as usize].add(sums);
        if wanted {
            self.in_profile.add(sums);
        }
    }

    /// Sums over a level and those below it.
    fn up_to(&self, level: Level) -> LevelSums {
        let mut sums = LevelSums::default();
        self.levels[..=level as usize].iter().for_each(|level| sums.add(level));
        sums
    }
}

struct Reading<'a, 'b> {
    inputs: &'b Inputs<'a>,
    error: f64,
    places: &'b BTreeMap<ScopeId, (usize, &'a Scope)>,
}

impl Reading<'_, '_> {
    fn row(&self, id: &str, title: &str, area: &str, system: &str, group: &Group<'_>) -> Row {
        let all = group.up_to(Level::Expert);
        // A level without cards of its own adds nothing that could be held.
        let holds = Level::ALL
            .into_iter()
            .rev()
            .find(|level| group.levels[*level as usize].cards > 0 && group.up_to(*level).held(self.error))
            .filter(|_| area != UNSORTED);
        let weeks = self.weeks();
        Row {
            id: id.to_owned(),
            title: title.to_owned(),
            target: self.inputs.profile.target(area),
            cards: all.cards,
            seen: all.seen,
            cards_in_profile: group.in_profile.cards,
            coverage: (group.in_profile.cards > 0)
                .then(|| f64::from(group.in_profile.recalled) / f64::from(group.in_profile.cards)),
            window: group.window,
            recall_today: all.recall_today(self.error),
            due: all.due,
            holds,
            fading: self.fading(area, system, holds),
            next: self.next(group, holds).filter(|_| area != UNSORTED),
            levels: self.levels(group),
            months: self.months(group),
            weeks: periods(&group.weeks, weeks.iter().copied()),
            systems: Vec::new(),
        }
    }

    fn weeks(&self) -> Vec<Day> {
        let this_week = self.inputs.today.week();
        (0..i64::from(self.inputs.weeks)).rev().map(|back| this_week.plus(-7 * back)).collect()
    }

    /// The months that the weeks touch.
    fn months(&self, group: &Group<'_>) -> Vec<Period> {
        let mut months: Vec<Day> = self.weeks().into_iter().map(Day::month).collect();
        months.push(self.inputs.today.month());
        months.dedup();
        periods(&group.months, months.into_iter())
    }

    fn levels(&self, group: &Group<'_>) -> Vec<LevelRow> {
        let with_cards = Level::ALL.into_iter().filter(|level| group.levels[*level as usize].cards > 0);
        with_cards
            .map(|level| {
                let sums = &group.levels[level as usize];
                LevelRow {
                    level,
                    cards: sums.cards,
                    recalled: sums.recalled,
                    retention: group.window.by_level[level as usize],
                    recall_today: sums.recall_today(self.error),
                }
            })
            .collect()
    }

    fn next(&self, group: &Group<'_>, holds: Option<Level>) -> Option<Next> {
        let level =
            Level::ALL.into_iter().find(|level| group.levels[*level as usize].cards > 0 && Some(*level) > holds)?;
        Some(group.up_to(level).missing(level, self.error, self.inputs.today))
    }

    fn fading(&self, area: &str, system: &str, holds: Option<Level>) -> Option<Fading> {
        let lost = self
            .inputs
            .held
            .iter()
            .filter(|held| held.area == area && held.system == system && Some(held.level) > holds)
            .max_by_key(|held| held.level)?;
        let since = lost.lost_day.unwrap_or_else(|| self.day_lost(area, system, lost));
        Some(Fading { level: lost.level, since: since.min(self.inputs.today) })
    }

    /// The first day after `held.last_day` on which the level was not held: without answers in between, recall only
    /// falls, so the day can be searched for by halves.
    fn day_lost(&self, area: &str, system: &str, held: &Held) -> Day {
        let cards: Vec<&Standing> = self
            .inputs
            .standings
            .iter()
            .filter(|standing| {
                self.places.get(&standing.scope).is_some_and(|(_, scope)| {
                    scope.area == area && (system.is_empty() || scope.system == system) && scope.level <= held.level
                })
            })
            .collect();
        let held_on = |day: Day| {
            let mut sums = LevelSums::default();
            cards.iter().for_each(|standing| sums.card(standing, self.inputs.model, day));
            sums.held(self.error)
        };
        let (mut held_day, mut lost_day) = (held.last_day, self.inputs.today.max(held.last_day.plus(1)));
        while lost_day.since(held_day) > 1 {
            let middle = held_day.plus(i64::from(lost_day.since(held_day) / 2));
            if held_on(middle) { held_day = middle } else { lost_day = middle }
        }
        lost_day
    }
}

fn periods(found: &BTreeMap<Day, Rates>, wanted: impl Iterator<Item = Day>) -> Vec<Period> {
    wanted.map(|from| Period { from, rates: found.get(&from).copied().unwrap_or_default() }).collect()
}

fn prediction(rows: &[Predicted]) -> Prediction {
    let mut bins: BTreeMap<u8, Predicted> = BTreeMap::new();
    for row in rows {
        let bin = bins.entry(row.bin).or_insert(Predicted {
            bin: row.bin,
            answers: 0,
            passed: 0,
            predicted: 0.0,
            loss: 0.0,
            loss_average: 0.0,
            loss_interval: 0.0,
        });
        bin.answers += row.answers;
        bin.passed += row.passed;
        bin.predicted += row.predicted;
        bin.loss += row.loss;
        bin.loss_average += row.loss_average;
        bin.loss_interval += row.loss_interval;
    }
    let answers: u32 = bins.values().map(|bin| bin.answers).sum();
    let mean =
        |of: fn(&Predicted) -> f64| (answers > 0).then(|| bins.values().map(of).sum::<f64>() / f64::from(answers));
    Prediction {
        answers,
        log_loss: mean(|bin| bin.loss),
        log_loss_average: mean(|bin| bin.loss_average),
        log_loss_interval: mean(|bin| bin.loss_interval),
        calibration: bins
            .values()
            .filter(|bin| bin.answers > 0)
            .map(|bin| CalibrationBin {
                from: f64::from(bin.bin) / 10.0,
                answers: bin.answers,
                predicted: bin.predicted / f64::from(bin.answers),
                passed: f64::from(bin.passed) / f64::from(bin.answers),
            })
            .collect(),
    }
}

/// How far the mean prediction may be off for this learner, one standard deviation: [`PRIOR_ERROR`] until
/// [`CALIBRATED_FROM`] answers were predicted, then the measured difference and what chance adds to it.
fn prediction_error(rows: &[Predicted]) -> f64 {
    let answers: u32 = rows.iter().map(|row| row.answers).sum();
    if answers < CALIBRATED_FROM {
        return PRIOR_ERROR;
    }
    let n = f64::from(answers);
    let passed = rows.iter().map(|row| f64::from(row.passed)).sum::<f64>() / n;
    let predicted = rows.iter().map(|row| row.predicted).sum::<f64>() / n;
    ((passed - predicted).powi(2) + passed * (1.0 - passed) / n).sqrt()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const TODAY: Day = Day(20_000);

    fn map() -> SkillMap {
        SkillMap::parse(include_str!("../decks/areas.toml")).unwrap()
    }

    fn scopes() -> Scopes {
        let scope = |area: &str, system: &str, level| Scope { area: area.into(), system: system.into(), level };
        BTreeMap::from([
            (ScopeId(1), scope("web-servers", "nginx", Level::Foundation)),
            (ScopeId(2), scope("web-servers", "nginx", Level::Practitioner)),
            (ScopeId(3), scope("web-servers", "haproxy", Level::Foundation)),
            (ScopeId(4), scope("linux", "linux", Level::Foundation)),
        ])
    }

    fn card(scope: i64, stability: Option<f32>, recalled: bool) -> Standing {
        let trace = stability.map(|stability| Trace { stability, difficulty: 5.0, last: TODAY.plus(-1) });
        let recalled = recalled.then(|| TODAY.plus(-1));
        Standing { scope: ScopeId(scope), trace, recalled, due: trace.map(|_| TODAY), guess: 0.0 }
    }

    fn tally(day: i64, scope: i64, answers: u32, passed: u32) -> Tally {
        Tally {
            day: TODAY.plus(day),
            scope: ScopeId(scope),
            mature: false,
            evidence: Evidence::Checked,
            imported: false,
            answers,
            passed,
            guessed: 0.0,
        }
    }

    fn calibrated() -> Vec<Predicted> {
        vec![Predicted {
            bin: 9,
            answers: 2000,
            passed: 1900,
            predicted: 1900.0,
            loss: 400.0,
            loss_average: 420.0,
            loss_interval: 500.0,
        }]
    }

    fn summary(tallies: &[Tally], standings: &[Standing], predictions: &[Predicted], held: &[Held]) -> Summary {
        summarize(&Inputs {
            today: TODAY,
            window: 90,
            weeks: 8,
            model: &Model::default(),
            map: &map(),
            profile: &Profile::default(),
            scopes: &scopes(),
            tallies,
            standings,
            predictions,
            held,
            activity: &[],
        })
    }

    #[test]
    fn wilson_as_in_the_literature() {
        // passed, answers, lower and upper end: worked out by hand from the formula.
        for (passed, answers, low, high) in
            [(81, 100, 0.7222, 0.8749), (0, 10, 0.0, 0.2775), (10, 10, 0.7225, 1.0), (1, 2, 0.0945, 0.9055)]
        {
            let interval = wilson(passed, answers);
            assert!((interval.low - low).abs() < 5e-4 && (interval.high - high).abs() < 5e-4, "{interval:?}");
        }
        assert_eq!(wilson(0, 0), Interval { value: 0.0, low: 0.0, high: 1.0 });
    }

    #[test]
    fn which_answers_count() {
        let known = Memory { interval: 1, ..Memory::NEW };
        let cases = [
            (Purpose::Quiz, known, true, Counts::Here),
            (Purpose::Quiz, known, false, Counts::Nothing),
            (Purpose::Quiz, Memory::NEW, true, Counts::Nothing),
            (Purpose::Drill, known, true, Counts::Nothing),
            (Purpose::Cram, known, true, Counts::Nothing),
            (Purpose::Placement, known, true, Counts::Nothing),
            (Purpose::Imported, known, true, Counts::Imported),
            (Purpose::Imported, Memory::NEW, true, Counts::Nothing),
        ];
        for (purpose, before, first, expected) in cases {
            assert_eq!(counts(purpose, &before, first), expected, "{purpose:?} {before:?} {first}");
        }
    }

    #[test]
    fn a_few_answers_are_no_percentage() {
        let summary = summary(&[tally(0, 1, 12, 11), tally(-3, 3, 7, 7), tally(-200, 1, 500, 0)], &[], &[], &[]);
        let row = &summary.areas[0];
        assert_eq!(row.id, "web-servers");
        assert_eq!((row.window.retention.answers, row.window.retention.passed), (19, 18));
        assert_eq!(row.window.retention.share(), None);
        assert_eq!(row.systems.iter().map(|row| row.id.as_str()).collect::<Vec<_>>(), ["nginx", "haproxy"]);
        assert_eq!(row.holds, None);
        let share = Rate { answers: 20, passed: 18, guessed: 0.0 }.share().unwrap();
        assert_eq!(share.value, 0.9);
    }

    #[test]
    fn luck_is_taken_off() {
        // right, chance of a guess, known
        let cases = [(0.25, 0.25, 0.0), (1.0, 0.25, 1.0), (0.625, 0.25, 0.5), (0.1, 0.25, 0.0), (0.7, 0.0, 0.7)];
        for (right, guess, expected) in cases {
            assert!((known(right, guess) - expected).abs() < 1e-9, "{right} {guess}");
        }
        let lucky = Tally { guessed: 25.0, ..tally(0, 1, 100, 40) };
        let share = summary(&[lucky], &[], &[], &[]).areas[0].window.retention.share().unwrap();
        assert!((share.value - 0.2).abs() < 1e-9 && share.low < 0.12 && share.high > 0.3, "{share:?}");
        // A card of two options that was answered long ago: half of what is right now would be luck.
        let choice = Standing { guess: 0.5, ..card(4, Some(1.0), true) };
        let row = |standing: &Standing| summarize_far_ahead(&[*standing]);
        assert!(row(&choice) < row(&card(4, Some(1.0), true)) - 0.1);
    }

    fn summarize_far_ahead(standings: &[Standing]) -> f64 {
        let later: Vec<Standing> = standings
            .iter()
            .map(|standing| Standing {
                trace: standing.trace.map(|trace| Trace { last: trace.last.plus(-200), ..trace }),
                ..*standing
            })
            .collect();
        summary(&[], &later, &[], &[]).areas[0].recall_today.unwrap().value
    }

    #[test]
    fn what_is_missing_for_the_next_level() {
        // Ten cards; six recalled, three of them in the last four weeks, the first 40 days ago.
        let recalled = |days: i64| Standing { recalled: Some(TODAY.plus(-days)), ..card(4, Some(900.0), true) };
        let mut standings: Vec<Standing> = [40, 35, 30, 20, 10, 1].into_iter().map(recalled).collect();
        standings.extend(vec![card(4, None, false); 4]);
        let next = summary(&[], &standings, &calibrated(), &[]).areas[0].next.unwrap();
        assert_eq!((next.level, next.cards), (Level::Foundation, 2));
        assert_eq!(next.days, Some(19), "2 cards at 3 in 28 days");
        assert!((next.recall - 0.21).abs() < 0.03, "{next:?}");
        // Nothing gained lately: no promise.
        let idle: Vec<Standing> = [400, 350].into_iter().map(recalled).chain([card(4, None, false); 2]).collect();
        assert_eq!(summary(&[], &idle, &[], &[]).areas[0].next.unwrap().days, None);
        let held = vec![recalled(3); 50];
        assert_eq!(summary(&[], &held, &calibrated(), &[]).areas[0].next, None);
    }

    #[test]
    fn unseen_cards_count_nothing_and_suspended_ones_are_not_due() {
        let mut suspended = card(1, Some(1000.0), true);
        suspended.due = None;
        let standings = [card(1, Some(1000.0), true), suspended, card(1, None, false), card(2, None, false)];
        let summary = summary(&[], &standings, &[], &[]);
        let row = &summary.areas[0];
        assert_eq!((row.cards, row.seen, row.cards_in_profile, row.due), (4, 2, 3, 1));
        assert!((row.coverage.unwrap() - 2.0 / 3.0).abs() < 1e-9, "practitioner cards lie outside the profile");
        let recall = row.recall_today.unwrap();
        assert!((recall.value - 0.5).abs() < 0.01);
        assert!(recall.high <= 0.5, "what was never answered cannot be known");
    }

    #[test]
    fn a_level_is_held_only_with_coverage_recall_and_a_proven_prediction() {
        let many = |stability, recalled| vec![card(4, Some(stability), recalled); 50];
        // stability, recalled, enough predicted answers, held
        let cases = [
            (1000.0, true, true, true),
            // Never recalled a day later: no coverage.
            (1000.0, false, true, false),
            // Recall has faded.
            (0.01, true, true, false),
            // The prediction has not been tried on this learner yet: its wide prior keeps the level open.
            (2.0, true, false, false),
        ];
        for (stability, recalled, known, held) in cases {
            let predictions = if known { calibrated() } else { Vec::new() };
            let summary = summary(&[], &many(stability, recalled), &predictions, &[]);
            assert_eq!(summary.areas[0].holds.is_some(), held, "{stability} {recalled} {known}");
            assert_eq!(summary.areas[0].holds.is_some(), !levels_held(&summary).is_empty());
            assert_eq!(summary.total.holds, None);
        }
    }

    #[test]
    fn a_level_lost_without_an_answer_has_a_date() {
        let faded = vec![card(4, Some(20.0), true); 50];
        let held = |last_day| Held {
            area: "linux".into(),
            system: String::new(),
            level: Level::Foundation,
            last_day,
            lost_day: None,
        };
        let later = TODAY.plus(400);
        let mut inputs = Inputs {
            today: later,
            window: 90,
            weeks: 8,
            model: &Model::default(),
            map: &map(),
            profile: &Profile::default(),
            scopes: &scopes(),
            tallies: &[],
            standings: &faded,
            predictions: &calibrated(),
            held: &[held(TODAY)],
            activity: &[],
        };
        let since = summarize(&inputs).areas[0].fading.clone().unwrap().since;
        assert!(since > TODAY && since < later);
        // It was held the day before and not on the day itself.
        inputs.today = since.plus(-1);
        assert_eq!(summarize(&inputs).areas[0].holds, Some(Level::Foundation));
        assert_eq!(summarize(&inputs).areas[0].fading, None);
        inputs.today = since;
        assert_eq!(summarize(&inputs).areas[0].fading.clone().unwrap().since, since);
    }

    #[test]
    fn the_trend_has_eight_weeks_and_the_prediction_its_losses() {
        let summary = summary(&[tally(0, 4, 5, 4), tally(-7, 4, 3, 3), tally(-70, 4, 3, 3)], &[], &calibrated(), &[]);
        let weeks = &summary.areas[0].weeks;
        assert_eq!(weeks.len(), 8);
        assert_eq!(weeks[7].rates.retention, Rate { answers: 5, passed: 4, guessed: 0.0 });
        assert_eq!(weeks[6].rates.retention, Rate { answers: 3, passed: 3, guessed: 0.0 });
        assert_eq!(weeks[7].rates.by_level[0], Rate { answers: 5, passed: 4, guessed: 0.0 });
        assert_eq!(weeks.iter().map(|week| week.rates.retention.answers).sum::<u32>(), 8);
        let prediction = &summary.prediction;
        assert_eq!((prediction.log_loss, prediction.log_loss_average), (Some(0.2), Some(0.21)));
        assert!(!prediction.worse_than_the_average());
        assert_eq!(prediction.calibration[0].predicted, 0.95);
    }

    proptest! {
        #[test]
        fn wilson_holds_the_share(answers in 1u32..10_000, part in 0.0f64..=1.0) {
            let passed = (f64::from(answers) * part) as u32;
            let interval = wilson(passed, answers);
            prop_assert!(0.0 <= interval.low && interval.low <= interval.value);
            prop_assert!(interval.value <= interval.high && interval.high <= 1.0);
        }

        #[test]
        fn recall_stays_between_nothing_and_what_was_seen(
            cards in prop::collection::vec((1i64..5, prop::option::of(0.01f32..5000.0), any::<bool>()), 1..60),
        ) {
            let standings: Vec<Standing> = cards.into_iter().map(|(s, t, r)| card(s, t, r && t.is_some())).collect();
            let summary = summary(&[], &standings, &[], &[]);
            for row in summary.areas.iter().chain([&summary.total]) {
                let recall = row.recall_today.unwrap();
                let seen = f64::from(row.seen) / f64::from(row.cards);
                prop_assert!(0.0 <= recall.low && recall.low <= recall.value + 1e-9);
                prop_assert!(recall.value <= seen + 1e-9 && recall.high <= seen + 1e-9);
            }
        }
    }
}
