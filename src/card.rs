//! The nouns: deck, note, card, grade, and one line of the review log.
//!
//! Plain data with the rules that keep it valid. It knows no file format, no clock, no SQL and no terminal.

use std::borrow::Cow;
use std::fmt;

use serde::{Deserialize, Serialize};

use crate::error::{Error, Result};

/// What a deck says of itself.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Deck {
    /// Stable and unique: the progress of its cards hangs on it.
    pub id: String,
    /// Shown to the learner.
    pub title: String,
    /// BCP 47 language of the text, `en` by default.
    pub language: String,
    /// SPDX expression; empty where the source states none.
    pub license: String,
    /// Who wrote it.
    pub authors: Vec<String>,
    /// The author's version; empty where the source states none.
    pub version: String,
    /// The date of the last review by its authors, ISO 8601; empty where the source states none.
    pub reviewed: String,
}

/// How deep a card goes. The order is the order of learning.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Level {
    /// Anyone in the trade.
    Foundation,
    /// Does it weekly.
    Practitioner,
    /// Is asked when it breaks.
    Expert,
}

impl Level {
    /// All levels, shallow to deep.
    pub const ALL: [Level; 3] = [Level::Foundation, Level::Practitioner, Level::Expert];

    /// The name used in files and on the command line.
    pub fn name(self) -> &'static str {
        match self {
            Level::Foundation => "foundation",
            Level::Practitioner => "practitioner",
            Level::Expert => "expert",
        }
    }

    /// Reads a name.
    ///
    /// # Errors
    /// Says which names there are.
    pub fn parse(name: &str) -> Result<Level> {
        Level::ALL.into_iter().find(|level| level.name() == name).ok_or_else(|| {
            Error::user(format!("`{name}` is not a level")).hint("the levels are foundation, practitioner and expert")
        })
    }
}

impl fmt::Display for Level {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// How a card asks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Kind {
    /// Recall, reveal, grade oneself.
    Basic,
    /// A gap in the front, marked [`GAP`], to be filled by typing.
    Cloze,
    /// Options to choose from; several right ones make it a multiple choice.
    Choice,
    /// An answer typed, compared by [`Compare`].
    Typed,
    /// Steps to be put in order.
    Order,
}

impl Kind {
    /// The name used in deck files.
    pub fn name(self) -> &'static str {
        match self {
            Kind::Basic => "basic",
            Kind::Cloze => "cloze",
            Kind::Choice => "choice",
            Kind::Typed => "typed",
            Kind::Order => "order",
        }
    }
}

/// The gap of a cloze front.
pub const GAP: &str = "{{…}}";

/// The bytes of a line in which the marks of quotes and lists may stand.
const MARKS: usize = 200;

/// Card text with a backslash before each mark of a quote or a list that stands further in than two hundred bytes, so that
/// it is text. A Markdown parser asks every open quote and list about every further line: where thousands are open, the
/// time grows with the square of the text.
pub fn shallow(markdown: &str) -> Cow<'_, str> {
    let mut out = String::new();
    let mut from = 0;
    let mut line_at = 0;
    for line in markdown.split_inclusive('\n') {
        if let Some(at) = deep_mark(line) {
            out.push_str(markdown.get(from..line_at + at).unwrap_or_default());
            out.push('\\');
            from = line_at + at;
        }
        line_at += line.len();
    }
    if from == 0 {
        return Cow::Borrowed(markdown);
    }
    out.push_str(markdown.get(from..).unwrap_or_default());
    Cow::Owned(out)
}

/// Where a line has a mark of a quote or a list beyond [`MARKS`].
fn deep_mark(line: &str) -> Option<usize> {
    let bytes = line.as_bytes();
    let mut at = 0;
    loop {
        at += bytes.iter().skip(at).take_while(|byte| matches!(byte, b' ' | b'\t')).count();
        let digits = bytes.iter().skip(at).take(10).take_while(|byte| byte.is_ascii_digit()).count();
        let sign = at + digits;
        let blank_follows = bytes.get(sign + 1).is_none_or(u8::is_ascii_whitespace);
        match bytes.get(sign) {
            Some(b'>') if digits == 0 => {}
            Some(b'-' | b'+' | b'*') if digits == 0 && blank_follows => {}
            Some(b'.' | b')') if digits > 0 && blank_follows => {}
            _ => return None,
        }
        if sign >= MARKS {
            return Some(sign);
        }
        at = sign + 1;
    }
}

/// How a typed answer is compared with the right one.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Compare {
    /// Equal up to outer blanks, runs of blanks, canonical form and letter case of prose.
    #[default]
    Text,
    /// Equal as the words that a shell would make of it; the order of the flags in `free` does not matter.
    Command,
    /// Equal as a number.
    Number,
    /// The further right answers are regular expressions, one of which must match the whole; the back is the model
    /// answer that is shown.
    Regex,
}

/// One question of a note, ready to be asked. All text is Markdown.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Face {
    /// Which card of its note this is: 0 for the only one; the cloze number or template of an Anki note.
    pub ordinal: u32,
    /// How it asks.
    pub kind: Kind,
    /// The question.
    pub front: String,
    /// The right answer; several for a multiple choice; the steps in their right order for an order card.
    pub back: Vec<String>,
    /// Wrong options of a choice; elsewhere mistaken answers, which the comparison must refuse.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub wrong: Vec<String>,
    /// Further right answers of a typed or cloze card.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub accept: Vec<String>,
    /// How a typed answer is compared.
    #[serde(default)]
    pub compare: Compare,
    /// Flags whose order is free when commands are compared.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub free: Vec<String>,
    /// Shown on request before the answer; empty for none.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub hint: String,
}

impl Face {
    /// A face with nothing beyond its question and answers.
    pub fn new(ordinal: u32, kind: Kind, front: String, back: Vec<String>) -> Face {
        Face {
            ordinal,
            kind,
            front,
            back,
            wrong: Vec::new(),
            accept: Vec::new(),
            compare: Compare::Text,
            free: Vec::new(),
            hint: String::new(),
        }
    }
}

impl Face {
    /// The first line of the question, as far as it fits a line.
    pub fn title(&self) -> String {
        // A heading's marks say nothing here.
        self.front
            .lines()
            .map(|line| line.trim().trim_start_matches('#').trim_start())
            .find(|line| !line.is_empty())
            .unwrap_or_default()
            .chars()
            .take(80)
            .collect()
    }

    /// The chance, 0 to 1, that a blind guess is right: one of the options, one set of them where several are right, one
    /// order of the steps; 0 for an answer that has to be written.
    pub fn guess(&self) -> f64 {
        let options = self.back.len() + self.wrong.len();
        match self.kind {
            Kind::Choice if options == 0 => 0.0,
            Kind::Choice if self.back.len() == 1 => 1.0 / options as f64,
            // Every set of options but the empty one.
            Kind::Choice => 1.0 / (2.0_f64.powi(options.min(60) as i32) - 1.0),
            Kind::Order => 1.0 / (1..=self.back.len()).map(|step| step as f64).product::<f64>(),
            Kind::Basic | Kind::Cloze | Kind::Typed => 0.0,
        }
    }
}

/// The unit that an author writes: one idea, which gives one card or several.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Note {
    /// Stable within its deck: progress hangs on it, never on the text.
    pub id: String,
    /// The id of the skill area, `unsorted` where nothing maps it.
    pub area: String,
    /// The id of the system within the area; empty where it belongs to none.
    pub system: String,
    /// How deep it goes.
    pub level: Level,
    /// The author's deck within the package, `::` between levels; empty where the deck has no parts.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub folder: String,
    /// The author's tags, `::` between levels.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub tags: Vec<String>,
    /// Shown after the answer; empty for none.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub explanation: String,
    /// The primary source: a URL; empty for none.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub source: String,
    /// Since which version the fact holds; empty where it does not date.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub since: String,
    /// The meaning changed: it must be learnt anew.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub reset: bool,
    /// Its cards by ordinal; never empty.
    pub faces: Vec<Face>,
}

/// How well an answer was recalled, 0 to 5, on SM-2's scale (Wozniak 1990): 3 and above passes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Grade(u8);

impl Grade {
    /// All grades, worst first.
    pub const ALL: [Grade; 6] = [Grade(0), Grade(1), Grade(2), Grade(3), Grade(4), Grade(5)];
    /// Wrong: the default key 1.
    pub const AGAIN: Grade = Grade(1);
    /// Recalled with serious difficulty: the default key 2.
    pub const HARD: Grade = Grade(3);
    /// Recalled after hesitation: the default key 3.
    pub const GOOD: Grade = Grade(4);
    /// Recalled at once: the default key 4.
    pub const EASY: Grade = Grade(5);

    /// Returns the grade of a number from 0 to 5.
    pub fn new(q: u8) -> Option<Grade> {
        Grade::ALL.get(usize::from(q)).copied()
    }

    /// The number, 0 to 5.
    pub fn get(self) -> u8 {
        self.0
    }

    /// Whether it counts as recalled.
    pub fn passed(self) -> bool {
        self.0 >= 3
    }
}

/// SM-2's ease factor, held in hundredths so that its arithmetic is exact: 250 is 2.50.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Ease(pub u32);

/// What the scheduler remembers of a card. A cache: replaying the log gives it again.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Memory {
    /// Days between the last answer and the due day; 0 for a card never answered.
    pub interval: u32,
    /// The ease factor.
    pub ease: Ease,
    /// Successful answers in a row that count, SM-2's n.
    pub repetitions: u32,
    /// The study day on which the card is due; `None` for a card never answered.
    pub due: Option<crate::day::Day>,
}

impl Memory {
    /// A card never answered.
    pub const NEW: Memory = Memory { interval: 0, ease: Ease(250), repetitions: 0, due: None };
}

/// Why a card was asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Purpose {
    /// It was due, or new: schedules.
    Quiz = 0,
    /// It came again in the same session: practice only.
    Drill = 1,
    /// Before its time, on request: schedules only if it failed.
    Cram = 2,
    /// To find out where to begin: practice only.
    Placement = 3,
    /// Taken from another program's history: schedules.
    Imported = 4,
}

impl Purpose {
    /// All purposes, in the order of their numbers in the store.
    pub const ALL: [Purpose; 5] = [Purpose::Quiz, Purpose::Drill, Purpose::Cram, Purpose::Placement, Purpose::Imported];

    /// The name used in JSON.
    pub fn name(self) -> &'static str {
        match self {
            Purpose::Quiz => "quiz",
            Purpose::Drill => "drill",
            Purpose::Cram => "cram",
            Purpose::Placement => "placement",
            Purpose::Imported => "imported",
        }
    }

    /// Whether an answer with this grade changes the card's schedule.
    pub fn schedules(self, grade: Grade) -> bool {
        match self {
            Purpose::Quiz | Purpose::Imported => true,
            Purpose::Cram => !grade.passed(),
            Purpose::Drill | Purpose::Placement => false,
        }
    }
}

/// Who says that the answer was right.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Evidence {
    /// The learner graded herself.
    SelfGraded = 0,
    /// The program compared the answer and the learner accepted its grade.
    Checked = 1,
    /// The program compared the answer and the learner overrode its grade.
    Overridden = 2,
}

impl Evidence {
    /// All kinds of evidence, in the order of their numbers in the store.
    pub const ALL: [Evidence; 3] = [Evidence::SelfGraded, Evidence::Checked, Evidence::Overridden];
}

/// One line of the review log, as the scheduler reads it.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Review {
    /// The study day of the answer, fixed when it was given.
    pub day: crate::day::Day,
    /// Why the card was asked.
    pub purpose: Purpose,
    /// How well it was recalled.
    pub grade: Grade,
    /// The memory that the answer met.
    pub before: Memory,
    /// The memory that it left.
    pub after: Memory,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn marks_far_in_are_text() {
        let (blanks, marks) = (" ".repeat(200), "- ".repeat(100));
        let cases = [
            ("a\n- b\n  > c\n1. d\n", "a\n- b\n  > c\n1. d\n"),
            ("", ""),
            (&format!("{marks}a"), &format!("{marks}a")),
            (&format!("{marks}- - a\nb\n{marks}1) c"), &format!("{marks}\\- - a\nb\n{marks}1\\) c")),
            (&format!("{blanks}>>"), &format!("{blanks}\\>>")),
            (&format!("{blanks}-a"), &format!("{blanks}-a")),
        ];
        for (text, expected) in cases {
            assert_eq!(shallow(text), expected);
        }
    }
}
