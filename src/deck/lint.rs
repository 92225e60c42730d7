//! The rules of good cards, as far as a machine can see them.
//!
//! It hides how each rule is recognised. It may be called by `cli` for authors, with decks that are valid already; it must
//! never change a deck, run a check or refuse an import: style is the author's business. A card that breaks a rule on
//! purpose says so with `meant = { "rule-name" = "why" }`, a deck likewise in `[deck]`.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};
use std::sync::LazyLock;

use pulldown_cmark::{Event, Options, Parser, Tag, TagEnd};
use regex::Regex;
use unicode_width::UnicodeWidthStr;

use super::toml::{CardSource, TomlDeck};
use super::{Problem, Severity};
use crate::card::{Face, Kind, Note, shallow};
use crate::skill::{SkillMap, nearest};

/// A rule by which cards are judged.
#[derive(Debug, PartialEq, Eq)]
pub struct Rule {
    /// Its name in `meant` and in reports, kebab-case.
    pub name: &'static str,
    /// How bad it is to break it.
    pub severity: Severity,
    /// Why there is the rule, as the end of a sentence.
    pub reason: &'static str,
    /// What to do, without a full stop.
    pub remedy: &'static str,
}

const fn rule(name: &'static str, reason: &'static str, remedy: &'static str) -> Rule {
    Rule { name, severity: Severity::Warning, reason, remedy }
}

const fn fault(name: &'static str, reason: &'static str, remedy: &'static str) -> Rule {
    Rule { name, severity: Severity::Error, reason, remedy }
}

/// Every rule.
pub static RULES: [Rule; 24] = [
    BACK_TOO_LONG,
    ANSWER_TOO_LONG,
    FRONT_TOO_LONG,
    WIDE_CODE_LINE,
    YES_NO_FRONT,
    LIST_TO_RECITE,
    WHICH_IS_NOT,
    ANSWER_IN_FRONT,
    OPTION_COUNT,
    ALL_OF_THE_ABOVE,
    LONGEST_OPTION_RIGHT,
    NEAR_DUPLICATE_FRONT,
    MISSING_SOURCE,
    NOT_PRIMARY_SOURCE,
    CHECK_WEAK,
    NEEDS_WITHOUT_CHECK,
    REFUSES_ITSELF,
    BARE_HEADER,
    TWIN_DECK,
    BELOW_ITS_COUNT,
    MARKUP_EATS_TEXT,
    MEANT_UNKNOWN,
    MEANT_UNEXPLAINED,
    MEANT_IN_VAIN,
];

const BACK_TOO_LONG: Rule = rule(
    "back-too-long",
    "what takes longer to say is recited, not recalled",
    "split the card, or move the explanation into `note`",
);
const ANSWER_TOO_LONG: Rule =
    rule("answer-too-long", "typing it tests the fingers", "ask for the part that matters, or make it a basic card");
const FRONT_TOO_LONG: Rule =
    rule("front-too-long", "a question must be seen at one glance on a terminal", "cut what the answer does not need");
const WIDE_CODE_LINE: Rule = rule("wide-code-line", "it wraps on a terminal of 80 columns", "break the line");
const YES_NO_FRONT: Rule =
    rule("yes-no-front", "guessing is right half of the time", "ask which, what happens, why, or when rather than");
const LIST_TO_RECITE: Rule = rule(
    "list-to-recite",
    "a list is forgotten as a whole and graded in halves",
    "ask for the member that solves a given situation",
);
const WHICH_IS_NOT: Rule =
    rule("which-is-not", "it rehearses what is false and trips by wording", "turn the question round");
const ANSWER_IN_FRONT: Rule =
    rule("answer-in-front", "it can be read instead of recalled", "reword the front, or make it a choice");
const OPTION_COUNT: Rule = rule(
    "option-count",
    "fewer invite guessing, and more are seldom mistakes that people make",
    "give two or three wrong options",
);
const ALL_OF_THE_ABOVE: Rule = rule(
    "all-of-the-above",
    "options are shuffled, and knowing two of them gives it away",
    "write a mistake that people make, or several backs",
);
const LONGEST_OPTION_RIGHT: Rule = rule(
    "longest-option-right",
    "length gives the answer away",
    "make wrong options as long and as specific as right ones",
);
const NEAR_DUPLICATE_FRONT: Rule = rule(
    "near-duplicate-front",
    "the two are learnt as one, or confused",
    "drop one, or put into the fronts what tells them apart",
);
const MISSING_SOURCE: Rule =
    rule("missing-source", "nobody can check the card", "cite the maker's own documentation, standard or manual");
const NOT_PRIMARY_SOURCE: Rule = rule(
    "not-primary-source",
    "second hand knowledge ages and errs unseen",
    "cite the maker's own documentation, standard or manual, by https",
);
const CHECK_WEAK: Rule =
    rule("check-weak", "it would pass whatever the tool does", "derive the fact from the tool, or leave the check out");
const NEEDS_WITHOUT_CHECK: Rule =
    rule("needs-without-check", "`needs` says what a check runs", "write the check, or leave `needs` out");
const REFUSES_ITSELF: Rule = fault(
    "refuses-itself",
    "the quiz would mark right answers wrong, or wrong ones right",
    "mend `compare`, `accept` or `wrong`",
);
const BARE_HEADER: Rule = rule(
    "bare-header",
    "who uses the deck must know whose it is and how old",
    "state license, authors, version and reviewed in [deck]",
);
const TWIN_DECK: Rule =
    fault("twin-deck", "progress hangs on the ids of deck and card", "give one of the two decks another id");
const BELOW_ITS_COUNT: Rule =
    rule("below-its-count", "the skill map promises that many cards of the system", "write the missing ones");
const MARKUP_EATS_TEXT: Rule = rule(
    "markup-eats-text",
    "options and steps are Markdown, and part of this one is not shown as it is written",
    "put code in backticks",
);
const MEANT_UNKNOWN: Rule = fault("meant-unknown", "it would silence nothing", "name a rule as a report names it");
const MEANT_UNEXPLAINED: Rule = fault("meant-unexplained", "an exception needs its reason", "write why");
const MEANT_IN_VAIN: Rule = rule("meant-in-vain", "the card keeps the rule", "leave it out");

/// Hosts that are never a primary source, each with what it is. A path narrows a host down to a part of it.
const SECOND_HAND: [(&str, &str); 40] = [
    ("stackoverflow.com", "questions and answers"),
    ("stackexchange.com", "questions and answers"),
    ("serverfault.com", "questions and answers"),
    ("superuser.com", "questions and answers"),
    ("askubuntu.com", "questions and answers"),
    ("quora.com", "questions and answers"),
    ("reddit.com", "questions and answers"),
    ("news.ycombinator.com", "questions and answers"),
    ("medium.com", "blogs"),
    ("dev.to", "blogs"),
    ("hashnode.dev", "blogs"),
    ("hashnode.com", "blogs"),
    ("substack.com", "blogs"),
    ("blogspot.com", "blogs"),
    ("wordpress.com", "blogs"),
    ("hackernoon.com", "blogs"),
    ("linkedin.com", "blogs"),
    ("youtube.com", "films"),
    ("geeksforgeeks.org", "tutorials of third parties"),
    ("w3schools.com", "tutorials of third parties"),
    ("tutorialspoint.com", "tutorials of third parties"),
    ("javatpoint.com", "tutorials of third parties"),
    ("baeldung.com", "tutorials of third parties"),
    ("freecodecamp.org", "tutorials of third parties"),
    ("digitalocean.com/community", "tutorials of third parties"),
    ("phoenixnap.com", "tutorials of third parties"),
    ("linuxize.com", "tutorials of third parties"),
    ("tecmint.com", "tutorials of third parties"),
    ("cyberciti.biz", "tutorials of third parties"),
    ("guru99.com", "tutorials of third parties"),
    ("tldr.sh", "summaries of third parties"),
    ("cheat.sh", "summaries of third parties"),
    ("ss64.com", "summaries of third parties"),
    ("wikipedia.org", "an encyclopaedia, which itself cites the sources"),
    ("die.net", "old copies of manuals"),
    ("examtopics.com", "a question bank"),
    ("quizlet.com", "a question bank"),
    ("udemy.com", "a question bank"),
    ("ankiweb.net", "a question bank"),
    ("interviewbit.com", "a question bank"),
];

const MOST_WORDS_OF_A_BACK: usize = 25;
const MOST_CHARACTERS_TO_TYPE: usize = 40;
const MOST_CHARACTERS_OF_A_FRONT: usize = 350;
const MOST_CODE_LINES_OF_A_FRONT: usize = 14;
const MOST_COLUMNS_OF_CODE: usize = 76;
/// Shorter answers, such as a digit, stand in a front by chance.
const FEWEST_CHARACTERS_GIVEN_AWAY: usize = 3;
/// Fewer single choices say nothing about an author's habit.
const FEWEST_CHOICES: usize = 6;
/// Of their word triples, the share that two fronts have in common when they are near duplicates (Jaccard).
const NEAR: f64 = 0.8;

/// Judges decks together: each is a file name and what [`read`](super::toml::read) made of it. `accepts_itself` says
/// whether the comparison of answers takes a card's own answers and refuses its wrong ones.
///
/// The problems come in the order of the decks, and by line within each.
pub fn lint(
    decks: &[(String, TomlDeck)],
    map: &SkillMap,
    accepts_itself: &dyn Fn(&Face) -> Result<(), String>,
) -> Vec<Problem> {
    let mut report = Report::default();
    for (file, deck) in decks {
        let place = Place { file, deck, card: None };
        judge_deck(&mut report, place);
        judge_count(&mut report, place, map);
        for (note, source) in deck.reading.notes.iter().zip(&deck.cards) {
            let place = Place { card: Some(source), ..place };
            judge_note(&mut report, place, note);
            for face in &note.faces {
                judge_face(&mut report, place, face);
                if let Err(why) = accepts_itself(face) {
                    report.add(place, &REFUSES_ITSELF, "back", why);
                }
            }
        }
    }
    judge_likeness(&mut report, decks);
    judge_exceptions(&mut report, decks);
    let mut files_of_ids = BTreeMap::new();
    for (file, deck) in decks {
        if let Some(first) = files_of_ids.insert(&deck.reading.deck.id, file) {
            let what = format!("the deck id `{}` stands in {first} too", deck.reading.deck.id);
            report.add(Place { file, deck, card: None }, &TWIN_DECK, "", what);
        }
    }
    let order: BTreeMap<&str, usize> = decks.iter().enumerate().map(|(n, (file, _))| (file.as_str(), n)).collect();
    report.problems.sort_by_key(|problem| (order.get(problem.file.as_str()).copied(), problem.line));
    report.problems
}

/// Where the judge stands: at a card, or at the deck as a whole.
#[derive(Clone, Copy)]
struct Place<'a> {
    file: &'a str,
    deck: &'a TomlDeck,
    card: Option<&'a CardSource>,
}

impl<'a> Place<'a> {
    fn meant(self) -> &'a BTreeMap<String, String> {
        self.card.map_or(&self.deck.meant, |card| &card.meant)
    }
}

/// Collects what is found, and passes over what is meant.
#[derive(Default)]
struct Report<'a> {
    problems: Vec<Problem>,
    /// The exceptions that were needed: file, card, rule.
    needed: BTreeSet<(&'a str, Option<&'a str>, &'static str)>,
}

impl<'a> Report<'a> {
    /// Adds that the key of a card (or a deck) breaks a rule; `what` is the fault as the start of a sentence.
    fn add(&mut self, place: Place<'a>, rule: &'static Rule, key: &str, what: impl Into<String>) {
        let Place { file, deck, card } = place;
        if rule.severity == Severity::Warning && place.meant().contains_key(rule.name) {
            self.needed.insert((file, card.map(|card| card.id.as_str()), rule.name));
            return;
        }
        self.problems.push(Problem {
            file: file.into(),
            line: Some(card.map_or(deck.line, |card| card.line_of(key))),
            card: card.map(|card| card.id.clone()),
            severity: rule.severity,
            rule: rule.name,
            message: format!("{}: {}", what.into(), rule.reason),
            hint: rule.remedy.into(),
        });
    }
}

fn judge_deck<'a>(report: &mut Report<'a>, place: Place<'a>) {
    let deck = &place.deck.reading.deck;
    let header = [
        ("license", deck.license.is_empty()),
        ("authors", deck.authors.is_empty()),
        ("version", deck.version.is_empty()),
        ("reviewed", deck.reviewed.is_empty()),
    ];
    let missing: Vec<&str> = header.into_iter().filter(|(_, missing)| *missing).map(|(key, _)| key).collect();
    if !missing.is_empty() {
        report.add(place, &BARE_HEADER, "", format!("[deck] has no {}", missing.join(", ")));
    }

    let choices = place.deck.reading.notes.iter().flat_map(|note| &note.faces).filter(|face| face.kind == Kind::Choice);
    let length = |text: &String| text.chars().count();
    let mut chances = Vec::new();
    let mut longest = 0;
    for face in choices {
        if let ([back], Some(other)) = (face.back.as_slice(), face.wrong.iter().map(length).max()) {
            chances.push(1.0 / (face.wrong.len() as f64 + 1.0));
            longest += usize::from(length(back) > other);
        }
    }
    if chances.len() >= FEWEST_CHOICES && chance_of_at_least(longest, &chances) < 0.05 {
        let (count, expected) = (chances.len(), chances.iter().sum::<f64>());
        let what = format!("the right option is the longest in {longest} of {count} choices, by chance {expected:.0}");
        report.add(place, &LONGEST_OPTION_RIGHT, "", what);
    }
}

/// The deck that bears a system's own id is the one that the skill map counts on.
fn judge_count<'a>(report: &mut Report<'a>, place: Place<'a>, map: &SkillMap) {
    let Some((_, system)) = map.system(&place.deck.reading.deck.id) else { return };
    let notes = &place.deck.reading.notes;
    for (level, wanted) in &system.cards {
        let count = notes.iter().filter(|note| note.level == *level).map(|note| note.faces.len()).sum::<usize>();
        if count < *wanted {
            report.add(place, &BELOW_ITS_COUNT, "", format!("{count} cards of level {level}, of {wanted}"));
        }
    }
    let checked = place.deck.cards.iter().filter(|card| card.check.is_some()).count();
    if checked < system.checked_min {
        report.add(place, &BELOW_ITS_COUNT, "", format!("{checked} cards with a check, of {}", system.checked_min));
    }
}

/// Whether signs of an option are taken for markup: all but the backticks of code should be shown.
fn eaten(option: &str) -> bool {
    let mut shown = String::new();
    for event in Parser::new(&shallow(option)) {
        match event {
            // Whole blocks of code, and words set off on purpose, are shown otherwise and lose nothing that counts.
            Event::Start(Tag::CodeBlock(_) | Tag::Emphasis | Tag::Strong) if !option.starts_with('*') => return false,
            Event::Text(text) | Event::Code(text) => shown.push_str(&text),
            Event::SoftBreak | Event::HardBreak => shown.push(' '),
            _ => {}
        }
    }
    let bare = |text: &str| text.chars().filter(|c| !c.is_whitespace() && *c != '`').collect::<String>();
    bare(option) != bare(&shown)
}

/// The chance that at least `hits` of independent events happen, each with its own chance (the Poisson binomial
/// distribution, by its recurrence over the events).
fn chance_of_at_least(hits: usize, chances: &[f64]) -> f64 {
    // `exactly[n]`: the chance of n hits among the events seen so far.
    let mut exactly = vec![0.0; chances.len() + 1];
    exactly[0] = 1.0;
    for (seen, chance) in chances.iter().enumerate() {
        for n in (0..=seen).rev() {
            exactly[n + 1] += exactly[n] * chance;
            exactly[n] *= 1.0 - chance;
        }
    }
    exactly.iter().skip(hits).sum()
}

fn judge_note<'a>(report: &mut Report<'a>, place: Place<'a>, note: &Note) {
    if note.source.is_empty() {
        report.add(place, &MISSING_SOURCE, "source", "the card names no source");
    } else if let Some(what) = second_hand(&note.source) {
        report.add(place, &NOT_PRIMARY_SOURCE, "source", what);
    }
    let Some(card) = place.card else { return };
    match &card.check {
        Some(script) => {
            if let Some(what) = weakness(script) {
                report.add(place, &CHECK_WEAK, "check", what);
            }
        }
        None if !card.needs.is_empty() => {
            report.add(place, &NEEDS_WITHOUT_CHECK, "needs", "the card has `needs` and no `check`");
        }
        None => {}
    }
    let Some(face) = note.faces.first() else { return };
    let texts = [("front", &face.front), ("note", &note.explanation)];
    for (key, text) in texts.into_iter().chain(face.back.iter().map(|back| ("back", back))) {
        let widest = Markdown::of(text).code_lines.iter().map(|line| line.width()).max().unwrap_or(0);
        if widest > MOST_COLUMNS_OF_CODE {
            report.add(place, &WIDE_CODE_LINE, key, format!("a line of code in `{key}` has {widest} columns"));
        }
    }
}

/// Why a source is not the maker's own word, if it is not.
fn second_hand(source: &str) -> Option<String> {
    let Some(rest) = source.strip_prefix("https://") else {
        return Some("the source is no https address".into());
    };
    let address = rest.split(['?', '#']).next().unwrap_or_default();
    let (host, path) = address.split_once('/').unwrap_or((address, ""));
    let host = host.rsplit('@').next().unwrap_or_default().split(':').next().unwrap_or_default().to_ascii_lowercase();
    SECOND_HAND.iter().find_map(|(known, what)| {
        let (known_host, known_path) = known.split_once('/').unwrap_or((known, ""));
        let of_host = host.strip_suffix(known_host).is_some_and(|rest| rest.is_empty() || rest.ends_with('.'));
        (of_host && path.starts_with(known_path)).then(|| format!("{known} holds {what}"))
    })
}

/// Why a check proves nothing, if that can be seen without running it.
fn weakness(script: &str) -> Option<&'static str> {
    let lines: Vec<&str> =
        script.lines().map(str::trim).filter(|line| !line.is_empty() && !line.starts_with('#')).collect();
    let code = lines.join("\n");
    if ["true", ":", "exit", "exit 0"].contains(&code.as_str()) {
        Some("the check always passes")
    } else if !code.contains("BACK") {
        Some("the check never looks at $BACK")
    } else if OWN_TEXT.is_match(&code) {
        Some("the check compares $BACK with a text of its own")
    } else if MANUAL.is_match(&code) {
        Some("the check reads a manual")
    } else {
        None
    }
}

fn judge_face<'a>(report: &mut Report<'a>, place: Place<'a>, face: &Face) {
    let markdown = Markdown::of(&face.front);
    let prose = markdown.prose.as_str();
    let options = || face.back.iter().chain(&face.wrong);

    let characters = markdown.characters;
    let code_lines = markdown.code_lines.len();
    if characters > MOST_CHARACTERS_OF_A_FRONT {
        report.add(
            place,
            &FRONT_TOO_LONG,
            "front",
            format!("the front has {characters} characters beside its blocks of code"),
        );
    } else if code_lines > MOST_CODE_LINES_OF_A_FRONT {
        report.add(place, &FRONT_TOO_LONG, "front", format!("the front has {code_lines} lines of code"));
    }

    let questions: Vec<&str> = QUESTION.find_iter(prose).map(|question| question.as_str()).collect();
    let asks_yes_or_no =
        questions.iter().any(|question| YES_NO.is_match(question) && !QUESTION_WORD.is_match(question));
    if asks_yes_or_no || (face.kind == Kind::Choice && options().all(|option| YES_OR_NO.is_match(option))) {
        report.add(place, &YES_NO_FRONT, "front", "the front asks for yes or no");
    }

    if matches!(face.kind, Kind::Choice | Kind::Order) {
        for option in options().filter(|option| eaten(option)) {
            let key = if face.kind == Kind::Order { "steps" } else { "back" };
            report.add(place, &MARKUP_EATS_TEXT, key, format!("`{option}` loses characters"));
        }
    }

    match face.kind {
        Kind::Choice => {
            let wrong = face.wrong.len();
            let fewest = if face.back.len() > 1 { 1 } else { 2 };
            if wrong < fewest || wrong > 4 || face.back.len() + wrong > 6 {
                let what = format!("the choice has {} right and {wrong} wrong options", face.back.len());
                report.add(place, &OPTION_COUNT, "wrong", what);
            }
            if let Some(option) = options().find(|option| ABOVE.is_match(option)) {
                let key = if face.back.contains(option) { "back" } else { "wrong" };
                report.add(place, &ALL_OF_THE_ABOVE, key, format!("`{option}` is about the other options"));
            }
            if questions.iter().any(|question| IS_NOT.is_match(question)) {
                report.add(place, &WHICH_IS_NOT, "front", "the front asks for what is not so");
            }
        }
        Kind::Order => {
            if face.back.len() > 6 {
                let what = format!("the order has {} steps", face.back.len());
                report.add(place, &OPTION_COUNT, "steps", what);
            }
        }
        Kind::Basic | Kind::Typed | Kind::Cloze => {
            // What is typed as one word or command is no list, even where the command is to list something.
            let recited = face.kind == Kind::Basic || face.back.iter().any(|back| back.contains(','));
            if recited && LIST.is_match(prose) {
                report.add(place, &LIST_TO_RECITE, "front", "the front asks for a list");
            }
            // Code is the data of the question: to find the answer in it is the work. So is to pick a number.
            let given = |back: &&String| {
                back.chars().count() >= FEWEST_CHARACTERS_GIVEN_AWAY
                    && back.parse::<f64>().is_err()
                    && holds_word(prose, back)
            };
            if let Some(back) = face.back.iter().find(given) {
                report.add(place, &ANSWER_IN_FRONT, "front", format!("the front holds the answer `{back}`"));
            }
        }
    }

    // The second direction of a basic card answers with its front.
    if face.ordinal > 0 {
        return;
    }
    for back in &face.back {
        let (words, characters) = (back.split_whitespace().count(), back.chars().count());
        if words > MOST_WORDS_OF_A_BACK {
            report.add(place, &BACK_TOO_LONG, "back", format!("the back has {words} words"));
        }
        if matches!(face.kind, Kind::Typed | Kind::Cloze) && characters > MOST_CHARACTERS_TO_TYPE {
            report.add(place, &ANSWER_TOO_LONG, "back", format!("the answer has {characters} characters"));
        }
    }
}

/// Whether `text` holds `word` with no letter, digit or hyphen at its ends.
fn holds_word(text: &str, word: &str) -> bool {
    let joins = |c: char| c.is_alphanumeric() || c == '_' || c == '-';
    text.match_indices(word).any(|(at, _)| {
        let before = text.get(..at).and_then(|text| text.chars().next_back());
        let after = text.get(at + word.len()..).and_then(|text| text.chars().next());
        !before.is_some_and(joins) && !after.is_some_and(joins)
    })
}

/// A text, taken apart.
#[derive(Default)]
struct Markdown {
    /// What is said outside of code; a piece of inline code is one accent.
    prose: String,
    /// How many characters it has beside its code blocks.
    characters: usize,
    /// The lines of its code blocks.
    code_lines: Vec<String>,
}

impl Markdown {
    fn of(text: &str) -> Markdown {
        let mut markdown = Markdown::default();
        let mut in_block = false;
        for event in Parser::new_ext(&shallow(text), Options::ENABLE_TABLES | Options::ENABLE_STRIKETHROUGH) {
            match event {
                Event::Start(Tag::CodeBlock(_)) => in_block = true,
                Event::End(TagEnd::CodeBlock) => in_block = false,
                Event::Text(code) if in_block => markdown.code_lines.extend(code.lines().map(String::from)),
                Event::Text(text) => {
                    markdown.characters += text.chars().count();
                    markdown.prose.push_str(&text);
                }
                Event::Code(code) => {
                    markdown.characters += code.chars().count();
                    markdown.prose.push('`');
                }
                Event::SoftBreak => markdown.prose.push(' '),
                Event::HardBreak | Event::End(TagEnd::Paragraph | TagEnd::Item) => markdown.prose.push('\n'),
                _ => {}
            }
        }
        markdown
    }
}

/// Compiles a pattern of this file.
#[expect(clippy::expect_used, reason = "the patterns are constants, and a test compiles each")]
fn pattern(text: &str) -> Regex {
    Regex::new(text).expect("a constant pattern")
}

macro_rules! patterns {
    ($($(#[$doc:meta])* $name:ident = $text:expr;)*) => {
        $($(#[$doc])* static $name: LazyLock<Regex> = LazyLock::new(|| pattern($text));)*
        #[cfg(test)]
        fn every_pattern() -> Vec<&'static Regex> {
            vec![$(&*$name),*]
        }
    };
}

patterns! {
    /// A sentence that asks.
    QUESTION = r"[^.?!\n][^?!\n]*?\?|[^?!\n]*\?";
    /// The beginning of a question, or of its main clause.
    YES_NO = r"(?i)(^|[.,:;]\s+)(is|are|was|were|do|does|did|can|could|will|would|should|must|may|has|have)\b";
    QUESTION_WORD = r"(?i)\b(which|what|why|how|who|whose|where)\b";
    YES_OR_NO = r"(?i)^(yes|no)\b";
    LIST = r"(?ix)\b( list\s+(all|the|every)\b | enumerate\b
        | name\s+(all|every|(the\s+)?(two|three|four|five|six|seven|\d+))\b
        | what\s+are\s+the\b | which\s+are\s+the\s+(two|three|four|five|six|seven|\d+)\b )";
    IS_NOT = r"(?x)\bNOT\b
        | (?i:(^|[:;]\s)\W*which(\s+(one|of\s+(these|the\s+following)))?(\s+\w+)?\s+(is|are|was|does|do|did|can|will)(\s+not\b|n't\b))
        | (?i:\b(all|each|every|any|these|following)\b[^.?!]*\bexcept\b)";
    ABOVE = r"(?i)^\W*(all|none|any|both|neither)\s+(of\s+)?(the\s+|these\s+)?(above|options|answers|others|these|those)\b\W*$";
    /// One comparison of the answer with words alone.
    OWN_TEXT = r#"^(test|\[\[?|case)\s[^$`|;&<>()\n]*\$\{?BACK\}?[^$`|;&<>()\n]*$"#;
    MANUAL = r"(^|[\s;|&(])man\s+(-\w+\s+)*\w|/usr/share/(man|doc)/";
}

/// Finds fronts that are nearly the same, over all decks.
///
/// Two fronts are compared as sets of word triples. Sets that have so much in common share at least one of their rarest
/// triples (prefix filtering: Chaudhuri, Ganti, Kaushik 2006), so that only few pairs are looked at.
fn judge_likeness<'a>(report: &mut Report<'a>, decks: &'a [(String, TomlDeck)]) {
    let mut places = Vec::new();
    let mut shingles: Vec<HashSet<[String; 3]>> = Vec::new();
    for (file, deck) in decks {
        for (note, source) in deck.reading.notes.iter().zip(&deck.cards) {
            places.push(Place { file, deck, card: Some(source) });
            shingles.push(note.faces.first().map(|face| word_triples(&face.front)).unwrap_or_default());
        }
    }
    let mut frequency: HashMap<&[String; 3], usize> = HashMap::new();
    for triple in shingles.iter().flatten() {
        *frequency.entry(triple).or_default() += 1;
    }

    let mut seen: HashMap<&[String; 3], Vec<usize>> = HashMap::new();
    for (index, (place, own)) in places.iter().zip(&shingles).enumerate() {
        let mut rarest_first: Vec<&[String; 3]> = own.iter().collect();
        rarest_first.sort_by_key(|triple| (frequency.get(triple).copied(), *triple));
        let prefix = own.len() - (NEAR * own.len() as f64).ceil() as usize + 1;
        let mut candidates = BTreeSet::new();
        for triple in rarest_first.into_iter().take(prefix) {
            let holders = seen.entry(triple).or_default();
            candidates.extend(holders.iter().copied());
            holders.push(index);
        }
        let likeness = |other: usize| {
            let other = shingles.get(other).map_or(own, |other| other);
            let common = own.intersection(other).count();
            common as f64 / (own.len() + other.len() - common).max(1) as f64
        };
        let Some(twin) =
            candidates.into_iter().find(|other| likeness(*other) >= NEAR).and_then(|twin| places.get(twin))
        else {
            continue;
        };
        let Some(card) = twin.card else { continue };
        let what = format!("the front is nearly that of `{}` in {}:{}", card.id, twin.file, card.line_of("front"));
        report.add(*place, &NEAR_DUPLICATE_FRONT, "front", what);
    }
}

/// The triples of neighbouring words of a text. Case counts in code only, where `-a` is not `-A`.
fn word_triples(text: &str) -> HashSet<[String; 3]> {
    let mut words: Vec<String> = text
        .split_whitespace()
        .map(|word| word.trim_matches(['.', ',', ':', ';', '?', '!', '`', '*', '(', ')', '"']))
        .filter(|word| !word.is_empty())
        .map(|word| if word.chars().all(char::is_alphabetic) { word.to_lowercase() } else { word.to_owned() })
        .collect();
    while words.len() < 3 {
        words.push(String::new());
    }
    words.windows(3).filter_map(|window| <[String; 3]>::try_from(window.to_vec()).ok()).collect()
}

/// Judges what is `meant`: it must name a rule that is broken, and say why.
fn judge_exceptions<'a>(report: &mut Report<'a>, decks: &'a [(String, TomlDeck)]) {
    for (file, deck) in decks {
        let cards = deck.cards.iter().map(Some);
        for card in std::iter::once(None).chain(cards) {
            let place = Place { file, deck, card };
            for (name, why) in place.meant() {
                if !RULES.iter().any(|rule| rule.name == name) {
                    let near = nearest(name, RULES.iter().map(|rule| rule.name));
                    let near = near.map(|near| format!(", did you mean `{near}`?")).unwrap_or_default();
                    report.add(place, &MEANT_UNKNOWN, "meant", format!("there is no rule `{name}`{near}"));
                } else if why.trim().is_empty() {
                    report.add(place, &MEANT_UNEXPLAINED, "meant", format!("`{name}` is meant without a why"));
                } else if !report.needed.iter().any(|(f, c, rule)| {
                    (*f, *c, *rule) == (file.as_str(), card.map(|card| card.id.as_str()), name.as_str())
                }) {
                    report.add(place, &MEANT_IN_VAIN, "meant", format!("`{name}` is meant in vain"));
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::deck::toml;
    use crate::skill::SkillMap;

    const HEADER: &str = "[deck]\nid = 'web'\ntitle = 'Web'\narea = 'web-servers'\nlicense = 'MIT'\nauthors = ['A']\n\
                          version = '1.0.0'\nreviewed = 2026-11-24\n";

    fn map() -> SkillMap {
        SkillMap::parse(include_str!("../../decks/areas.toml")).unwrap()
    }

    fn deck(file: &str, text: &str) -> (String, TomlDeck) {
        (
            file.into(),
            toml::read(file, text.as_bytes(), &map()).map_err(|faults| format!("{faults:?}\n{text}")).unwrap(),
        )
    }

    fn rules(text: &str) -> Vec<&'static str> {
        lint(&[deck("web.toml", text)], &map(), &|_| Ok(())).iter().map(|problem| problem.rule).collect()
    }

    /// A card that keeps every rule but for the given lines, which replace lines of the same key.
    fn card(id: &str, lines: &str) -> String {
        let key = |line: &str| line.split(" =").next().unwrap_or_default().to_owned();
        let given: Vec<String> = lines.lines().map(key).collect();
        let sound = format!(
            "id = '{id}'\nlevel = 'foundation'\nkind = 'basic'\nfront = 'nginx {id}: why?'\nback = 'b'\nsource = 'https://nginx.org/'"
        );
        let kept: Vec<&str> = sound.lines().filter(|line| !given.contains(&key(line))).collect();
        format!("[[card]]\n{}\n{lines}\n", kept.join("\n"))
    }

    #[test]
    fn every_rule_has_its_own_name_and_every_pattern_compiles() {
        let names: BTreeSet<&str> = RULES.iter().map(|rule| rule.name).collect();
        assert_eq!(names.len(), RULES.len());
        assert!(every_pattern().iter().all(|pattern| !pattern.as_str().is_empty()));
    }

    #[test]
    fn a_card_is_judged_by_each_rule() {
        let words = |n: usize| vec!["word"; n].join(" ");
        let choice = "kind = 'choice'\nwrong = ['c', 'd']";
        let front = |front: &str| format!("front = '{front}'");
        let options = |back: &str, wrong: &str| format!("kind = 'choice'\nback = {back}\nwrong = {wrong}");
        let source = |source: &str| format!("source = '{source}'");
        let check = |check: &str| format!("check = '''{check}'''");
        let code = |columns: usize| format!("front = '''\nWhy?\n```text\n{}\n```\n'''", "x".repeat(columns));
        // Lines of the card, and the rule that they break; none where they keep them all.
        let cases: Vec<(String, &[&str])> = vec![
            (String::new(), &[]),
            (format!("back = '{}'", words(25)), &[]),
            (format!("back = '{}'", words(26)), &["back-too-long"]),
            (format!("reverse = true\nfront = '{}'", words(26)), &[]),
            (format!("kind = 'typed'\nback = '{}'", "x".repeat(40)), &[]),
            (format!("kind = 'typed'\nback = '{}'", "x".repeat(41)), &["answer-too-long"]),
            (front(&format!("{} why?", words(68))), &[]),
            (front(&format!("{} why?", words(71))), &["front-too-long"]),
            (format!("front = '''\nWhy?\n```text\n{}\n```\n'''", "x\n".repeat(15)), &["front-too-long"]),
            (code(76), &[]),
            (code(77), &["wide-code-line"]),
            (format!("note = '''\n```text\n{}\n```\n'''", "x".repeat(77)), &["wide-code-line"]),
            (front("nginx: does `proxy_pass` keep the slash?"), &["yes-no-front"]),
            (front("Is it hot?"), &["yes-no-front"]),
            (front("When a pod restarts, do its volumes survive?"), &["yes-no-front"]),
            (front("A pod restarts. Which of its volumes do survive?"), &[]),
            (front("A pod is restarted. Why is it slow?"), &[]),
            (front("Can you tell what `ls` prints?"), &[]),
            (options("'yes, it does'", "['no', 'No, never']"), &["yes-no-front"]),
            (front("List all options of `ls`."), &["list-to-recite"]),
            (front("Name the three kinds of probe."), &["list-to-recite"]),
            (front("What are the parts of a URL?"), &["list-to-recite"]),
            (format!("kind = 'typed'\n{}", front("List all files: which command?")), &[]),
            (format!("kind = 'typed'\nback = 'a, b'\n{}", front("Name all two.")), &["list-to-recite"]),
            (format!("{choice}\n{}", front("Which of these is not a probe?")), &["which-is-not"]),
            (format!("{choice}\n{}", front("Which command does NOT wait?")), &["which-is-not"]),
            (
                format!("{choice}\n{}", front("Kubernetes: which probe isn’t one? Why all of these except one?")),
                &["which-is-not"],
            ),
            (format!("{choice}\n{}", front("It is on a branch which is not the default. What happens?")), &[]),
            (format!("{choice}\n{}", front("Which status does Bash give when a command is not found?")), &[]),
            ("front = 'Why is the canary in the mine?'\nback = 'canary'".into(), &["answer-in-front"]),
            ("front = 'Why are canary-like birds canaries?'\nback = 'canary'".into(), &[]),
            ("front = 'Which is it, `canary` or `shadow`?'\nback = 'canary'".into(), &[]),
            ("front = 'max 128 or 1024: which counts?'\nback = '128'".into(), &[]),
            (options("'a'", "['b']"), &["option-count"]),
            (options("['a', 'b']", "['c']"), &[]),
            (options("'a'", "['b', 'c', 'd', 'e', 'f']"), &["option-count"]),
            (
                "kind = 'order'\nsteps = ['1', '2', '3', '4', '5', '6', '7']".replace("kind", "hint = 'h'\nkind"),
                &["option-count"],
            ),
            (options("'a'", "['b', 'All of the above']"), &["all-of-the-above"]),
            (options("'None of these.'", "['b', 'c']"), &["all-of-the-above"]),
            (options("'both replicas above the quorum'", "['none of the two is elected, ever', 'c']"), &[]),
            (source(""), &["missing-source"]),
            (source("http://nginx.org/"), &["not-primary-source"]),
            (source("nginx manual"), &["not-primary-source"]),
            (source("https://en.wikipedia.org/wiki/Nginx"), &["not-primary-source"]),
            (source("https://a@Medium.com:443?x"), &["not-primary-source"]),
            (source("https://www.digitalocean.com/community/tutorials/x"), &["not-primary-source"]),
            (source("https://docs.digitalocean.com/products/"), &[]),
            (source("https://notmedium.com/"), &[]),
            (check("true"), &["check-weak"]),
            (check("# why\n exit 0\n"), &["check-weak"]),
            (check("nginx -t"), &["check-weak"]),
            (check("test \"$BACK\" = 3"), &["check-weak"]),
            (check("[[ ${BACK} == 3 ]]"), &["check-weak"]),
            (check("man ls | grep -q -- \"$BACK\""), &["check-weak"]),
            (check("test \"$BACK\" = \"$(nginx -v)\""), &[]),
            (check("test 3 = $BACK\nnginx -t"), &[]),
            ("needs = ['nginx']".into(), &["needs-without-check"]),
            ("meant = { yes-no-front = 'it is a play on words' }\nfront = 'Is it?'".into(), &[]),
            ("meant = { yes-no-front = ' ' }\nfront = 'Is it?'".into(), &["meant-unexplained"]),
            ("meant = { yes-no-fornt = 'x' }\nfront = 'Is it?'".into(), &["yes-no-front", "meant-unknown"]),
            ("meant = { yes-no-front = 'x' }".into(), &["meant-in-vain"]),
        ];
        for (lines, expected) in cases {
            let mut text = card("a", &lines);
            if lines.contains("'order'") {
                text = text.replace("back = 'b'\n", "");
            }
            let mut found = rules(&format!("{HEADER}{text}"));
            found.sort_by_key(|rule| expected.iter().position(|name| name == rule));
            assert_eq!(found, expected, "{lines}");
        }
    }

    #[test]
    fn a_problem_says_where_what_why_and_what_to_do() {
        let text = format!("{HEADER}{}", card("a", "front = 'Is it?'"));
        let problems = lint(&[deck("web.toml", &text)], &map(), &|face| {
            if face.back == ["b"] { Err("`b` is refused as a spelling of itself".into()) } else { Ok(()) }
        });
        let problems: Vec<String> = problems.iter().map(ToString::to_string).collect();
        assert_eq!(
            problems,
            [
                "web.toml:13: card `a`: `b` is refused as a spelling of itself: the quiz would mark right answers wrong, or \
                 wrong ones right (mend `compare`, `accept` or `wrong`)",
                "web.toml:15: card `a`: the front asks for yes or no: guessing is right half of the time (ask which, what \
                 happens, why, or when rather than)",
            ]
        );
    }

    #[test]
    fn the_header_is_judged() {
        let bare = format!("[deck]\nid = 'web'\ntitle = 'Web'\narea = 'web-servers'\n{}", card("a", ""));
        assert_eq!(rules(&bare), ["bare-header"]);
        let meant = bare.replace("[[card]]", "meant = { bare-header = 'a draft' }\n[[card]]");
        assert_eq!(rules(&meant), Vec::<&str>::new());
    }

    #[test]
    fn the_deck_of_a_system_has_the_cards_that_the_map_promises() {
        let own = HEADER.replace("id = 'web'", "id = 'travis-ci'");
        assert_ne!(own, HEADER);
        let problems = lint(&[deck("t.toml", &format!("{own}{}", card("a", "")))], &map(), &|_| Ok(()));
        let said: Vec<String> = problems.iter().map(|problem| problem.message.clone()).collect();
        assert_eq!(problems.iter().filter(|problem| problem.rule == "below-its-count").count(), said.len());
        assert!(said[0].starts_with("1 cards of level foundation, of "), "{said:?}");
        assert!(said.last().unwrap().starts_with("0 cards with a check, of 5"), "{said:?}");
    }

    #[test]
    fn options_are_shown_as_they_are_written() {
        let cases = [
            ("location ~ \\.png$", true),
            ("`location ~ \\.png$`", false),
            ("*.paid.*", true),
            ("*:0/15", false),
            ("*/15:*", true),
            ("a<b>c", true),
            ("- a list", true),
            ("it is *not* run", false),
            ("``a `b` c``", false),
            ("```sh\n- x\n```", false),
            ("plain words, 5 % of them", false),
        ];
        for (option, expected) in cases {
            assert_eq!(eaten(option), expected, "{option}");
        }
    }

    #[test]
    fn decks_are_told_apart() {
        let decks = [
            deck("a.toml", &format!("{HEADER}{}", card("a", ""))),
            deck("b.toml", &format!("{HEADER}{}", card("b", ""))),
        ];
        let problems = lint(&decks, &map(), &|_| Ok(()));
        assert_eq!(problems.iter().map(|problem| problem.rule).collect::<Vec<_>>(), ["twin-deck"]);
        assert_eq!((problems[0].file.as_str(), problems[0].severity), ("b.toml", Severity::Error));
    }

    #[test]
    fn the_longest_option_may_be_right_by_chance_only() {
        let deck = |longest: usize, count: usize, own: &str| {
            let cards: String = (0..count)
                .map(|n| {
                    let back = if n < longest { "a long one" } else { "a" };
                    card(&format!("c{n}"), &format!("kind = 'choice'\nback = '{back}'\nwrong = ['bb', 'cc']"))
                })
                .collect();
            format!("{HEADER}{own}{cards}")
        };
        // Longest right options of so many choices of three; whether that is too many. By chance, 6 of 6 happens once in
        // 729 times, 4 of 6 once in 10, 5 of 6 once in 56; 15 of 30 once in 23, 14 of 30 once in 11.
        for (longest, count, too_many) in
            [(5, 5, false), (6, 6, true), (5, 6, true), (4, 6, false), (15, 30, true), (14, 30, false), (0, 30, false)]
        {
            let expected: &[&str] = if too_many { &["longest-option-right"] } else { &[] };
            assert_eq!(rules(&deck(longest, count, "")), expected, "{longest} of {count}");
        }
        let own = "meant = { longest-option-right = 'they are commands' }\n";
        assert_eq!(rules(&deck(6, 6, own)), Vec::<&str>::new());
        assert!((chance_of_at_least(5, &[1.0 / 3.0; 6]) - 13.0 / 729.0).abs() < 1e-12);
    }

    #[test]
    fn near_duplicates_are_found_across_decks() {
        let long = "nginx: a client asks for a page that the upstream takes two minutes to build, and gets status 504 after \
                    sixty seconds from the proxy. Which directive is to be raised in the location";
        let first = format!("{HEADER}{}", card("a", &format!("front = '{long}?'")));
        let other = |front: &str| {
            let text = format!("{HEADER}{}", card("b", &format!("front = '{front}'")));
            let decks = [deck("a.toml", &first), deck("b.toml", &text.replace("id = 'web'", "id = 'b'"))];
            lint(&decks, &map(), &|_| Ok(())).iter().map(ToString::to_string).collect::<Vec<_>>()
        };
        let expected = "b.toml:15: card `b`: the front is nearly that of `a` in a.toml:15: the two are learnt as one, or \
                        confused (drop one, or put into the fronts what tells them apart)";
        assert_eq!(other(&format!("{long} block?")), [expected]);
        assert_eq!(other(&long.replace("client", "Browser").to_uppercase().to_lowercase()), [expected]);
        assert_eq!(other("nginx: `ls -a` or `ls -A`?"), Vec::<String>::new());
        // The same situation with another question is another card.
        let asked = long
            .replace("Which directive is to be raised in the location", "What does its error log say of it, and where");
        assert_eq!(other(&asked), Vec::<String>::new());
    }

    #[test]
    fn case_tells_options_apart_but_not_words() {
        assert_eq!(word_triples("The file, now!"), word_triples("the File now"));
        assert_ne!(word_triples("print `date +%m` now"), word_triples("print `date +%M` now"));
        assert_eq!(word_triples("why").len(), 1);
        assert_eq!(word_triples("").len(), 1);
    }
}
