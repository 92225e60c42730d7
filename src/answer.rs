//! Is this answer right? Text, command, number, pattern, choice and order, and the grade that the answer proposes.
//!
//! Hides every rule of comparison. The terminal and the linter of decks call it; it sees a [`Face`] and what the learner
//! gave, and nothing else. It never runs, opens or looks up anything: a command is compared as what it says.

use std::collections::BTreeSet;

use regex::RegexBuilder;
use unicode_normalization::UnicodeNormalization;

use crate::card::{Compare, Face, Grade, Kind};

/// What the learner gave.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Given<'a> {
    /// The answer as typed.
    Typed(&'a str),
    /// The options chosen, as indices into [`options`], in any order.
    Chosen(&'a [usize]),
    /// The learner's order: indices into [`Face::back`], the first step first.
    Ordered(&'a [usize]),
}

/// What the program makes of an answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verdict {
    /// As good as the model answer.
    Right,
    /// A slip of the finger, not of the mind: shown as such.
    Near,
    /// Anything else.
    Wrong,
}

/// Silent reading takes 42 ms a character: 238 words a minute (Brysbaert 2019, Journal of Memory and Language 109) of
/// six characters with their blank.
const READING_MS: u32 = 42;
/// Typing takes 230 ms a character: 52 words a minute of five characters (Dhakal et al. 2018, 136 million keystrokes).
const TYPING_MS: u32 = 230;
/// Finding a step of an order card and putting it in its place: a look and a key or two.
const PLACING_MS: u32 = 1_500;
/// What is known comes to mind within three seconds; what takes longer was worked out, which is recall with hesitation.
const RECALLING_MS: u32 = 3_000;

/// A shorter word than this is another word after one edit (`mount`, `count`), not a slip.
const LETTERS_OF_A_SLIP: usize = 6;
/// With two steps the only wrong order is one swap away, so there it cannot be a slip.
const STEPS_OF_A_SLIP: usize = 3;
/// Bytes that a pattern may take once compiled: 200 times what a card needs, and too little to be a burden.
const PATTERN_BYTES: usize = 1 << 20;

/// Returns the options of a choice card in the deck's order: the right ones, then the wrong ones. Who shows them
/// shuffles them.
pub fn options(face: &Face) -> Vec<&str> {
    face.back.iter().chain(&face.wrong).map(String::as_str).collect()
}

/// Judges an answer. Giving nothing is wrong.
///
/// A typed answer is right if it equals a back or, but for patterns, an accepted answer, by the rule of
/// [`Face::compare`]; several backs are alternatives, but for a multiple choice, which cannot be answered by typing one
/// of them. Only an answer that is neither right nor one of the listed mistakes can be near.
pub fn judge(face: &Face, given: &Given) -> Verdict {
    match *given {
        Given::Typed(text) => judge_typed(face, text),
        Given::Chosen(indices) => {
            let chosen: BTreeSet<usize> = indices.iter().copied().collect();
            right_if(!chosen.is_empty() && chosen.into_iter().eq(0..face.back.len()))
        }
        Given::Ordered(indices) => judge_order(face, indices),
    }
}

/// Proposes the grade of a checked answer: wrong 1; near, or right after the hint, 3; right 4; right and quick 5.
///
/// `took_ms` counts from the question's appearance to the answer. Quick is an answer within the time that it takes to
/// read what is on the screen, to recall ([`RECALLING_MS`]) and to enter the answer, so that a long front or a long
/// command is not held against the learner.
pub fn propose(verdict: Verdict, hinted: bool, took_ms: u32, face: &Face) -> Grade {
    match verdict {
        Verdict::Wrong => Grade::AGAIN,
        Verdict::Near => Grade::HARD,
        Verdict::Right if hinted => Grade::HARD,
        Verdict::Right if took_ms <= quick_ms(face) => Grade::EASY,
        Verdict::Right => Grade::GOOD,
    }
}

/// Checks that a card accepts its own answers and refuses its own mistakes.
///
/// # Errors
/// Says which answer is judged otherwise than the card says, or which pattern does not compile.
pub fn accepts_itself(face: &Face) -> Result<(), String> {
    let all: Vec<usize> = (0..face.back.len()).collect();
    match face.kind {
        Kind::Choice | Kind::Order if all.is_empty() => Err("it has no right answer".to_owned()),
        Kind::Choice => {
            let options = options(face);
            let twin = options.iter().enumerate().find(|(index, option)| options[..*index].contains(option));
            twin.map_or(Ok(()), |(_, option)| Err(format!("the option `{option}` stands twice")))
        }
        Kind::Order => Ok(()),
        Kind::Basic | Kind::Cloze | Kind::Typed => typed_accepts_itself(face),
    }
}

fn typed_accepts_itself(face: &Face) -> Result<(), String> {
    if face.back.is_empty() {
        return Err("it has no right answer".to_owned());
    }
    let refused = |text: &&String| judge_typed(face, text) != Verdict::Right;
    if let Some(back) = face.back.iter().find(refused) {
        return Err(format!("its own answer `{back}` is refused"));
    }
    if face.compare == Compare::Regex {
        for accept in &face.accept {
            pattern(accept).map_err(|error| format!("the pattern `{accept}` is not valid: {error}"))?;
        }
    } else if let Some(accept) = face.accept.iter().find(refused) {
        return Err(format!("the accepted answer `{accept}` is refused"));
    }
    match face.wrong.iter().find(|wrong| judge_typed(face, wrong) != Verdict::Wrong) {
        Some(wrong) => Err(format!("the mistaken answer `{wrong}` is accepted")),
        None => Ok(()),
    }
}

fn right_if(right: bool) -> Verdict {
    if right { Verdict::Right } else { Verdict::Wrong }
}

fn judge_order(face: &Face, indices: &[usize]) -> Verdict {
    let steps: Vec<&str> = face.back.iter().map(String::as_str).collect();
    // By their text, so that two equal steps may change places.
    let order: Option<Vec<&str>> = indices.iter().map(|&index| steps.get(index).copied()).collect();
    let Some(order) = order.filter(|order| !order.is_empty() && order.len() == steps.len()) else {
        return Verdict::Wrong;
    };
    if order == steps {
        Verdict::Right
    } else if steps.len() >= STEPS_OF_A_SLIP && slip(&order, &steps) == Some(Slip::Swap) {
        Verdict::Near
    } else {
        Verdict::Wrong
    }
}

fn quick_ms(face: &Face) -> u32 {
    let length = |text: &str| u32::try_from(text.chars().count()).unwrap_or(u32::MAX);
    let reading = |text: &str| length(text).saturating_mul(READING_MS);
    let entering = match face.kind {
        Kind::Basic => 0,
        Kind::Cloze | Kind::Typed => {
            face.back.iter().map(|back| length(back)).min().unwrap_or(0).saturating_mul(TYPING_MS)
        }
        Kind::Choice => options(face).into_iter().map(reading).fold(0, u32::saturating_add),
        Kind::Order => {
            face.back.iter().map(|step| reading(step).saturating_add(PLACING_MS)).fold(0, u32::saturating_add)
        }
    };
    reading(&face.front).saturating_add(RECALLING_MS).saturating_add(entering)
}

fn judge_typed(face: &Face, given: &str) -> Verdict {
    let incomplete = matches!(face.kind, Kind::Choice | Kind::Order) && face.back.len() > 1;
    if given.trim().is_empty() || incomplete {
        return Verdict::Wrong;
    }
    let patterns = if face.compare == Compare::Regex { face.accept.as_slice() } else { &[] };
    let further = if face.compare == Compare::Regex { &[] } else { face.accept.as_slice() };
    let rights = || face.back.iter().chain(further);
    let equals = |answer: &String| compare(face, answer, given);

    if rights().any(|right| equals(right) == Verdict::Right) || patterns.iter().any(|accept| fits(accept, given)) {
        return Verdict::Right;
    }
    // A mistake that the author foresaw is no slip, however near it looks: `-r` for `-R`.
    if face.wrong.iter().any(|wrong| equals(wrong) == Verdict::Right) {
        return Verdict::Wrong;
    }
    if rights().any(|right| equals(right) == Verdict::Near) { Verdict::Near } else { Verdict::Wrong }
}

fn compare(face: &Face, right: &str, given: &str) -> Verdict {
    match face.compare {
        Compare::Text | Compare::Regex => compare_text(right, given),
        Compare::Command => right_if(same_command(right, given, &face.free)),
        Compare::Number => match (number(right), number(given)) {
            (Some(right), Some(given)) => right_if(right == given),
            (Some(_), None) => Verdict::Wrong,
            // `0x10`, `10.0.0.0/8` and the like are no numbers here: they are right as they are written.
            (None, _) => compare_text(right, given),
        },
    }
}

// ---- text

/// The text in canonical form, without outer blanks, runs of blanks as one, typographic marks as the plain ones.
fn squeeze(text: &str) -> String {
    let words: Vec<String> = text.split_whitespace().map(|word| word.nfc().map(plain_mark).collect()).collect();
    words.join(" ")
}

fn plain_mark(mark: char) -> char {
    match mark {
        '‘' | '’' | '‚' | '‛' | '′' => '\'',
        '“' | '”' | '„' | '‟' | '″' | '«' | '»' => '"',
        '‐' | '‑' | '‒' | '–' | '—' | '―' | '−' => '-',
        mark => mark,
    }
}

/// The text without the backticks that make all of it one code span.
fn unquote(text: &str) -> &str {
    let ticks = text.len() - text.trim_start_matches('`').len();
    let Some(inner) = text.get(ticks..text.len().saturating_sub(ticks)) else { return text };
    let closes = !text.ends_with(&"`".repeat(ticks + 1)) && text.ends_with(&"`".repeat(ticks));
    // A run of as many backticks within would be the end of the span: "`a` and `b`" is not one span.
    let one_span = !inner.split(|mark| mark != '`').any(|run| run.len() == ticks);
    if ticks > 0 && closes && one_span && !inner.trim().is_empty() { inner.trim() } else { text }
}

/// Whether the text is made of words alone: letters and blanks, apostrophes and hyphens between letters.
fn is_words(text: &str) -> bool {
    let characters: Vec<char> = text.chars().collect();
    let letter = |index: usize| characters.get(index).is_some_and(|character| is_letter(*character));
    characters.iter().enumerate().all(|(index, &character)| match character {
        ' ' => true,
        '\'' | '-' => index > 0 && letter(index - 1) && letter(index + 1),
        character => is_letter(character),
    })
}

/// Letters, and the marks that NFC leaves beside them.
fn is_letter(character: char) -> bool {
    character.is_alphabetic() || unicode_normalization::char::is_combining_mark(character)
}

/// Whether letter case carries no meaning in an answer. Capitals throughout are an abbreviation or a variable, and a
/// single letter is an option or a unit: there it does.
fn is_prose(text: &str) -> bool {
    let letters = text.chars().filter(|character| character.is_alphabetic());
    is_words(text) && letters.clone().nth(1).is_some() && !letters.clone().all(char::is_uppercase)
}

/// A sentence of prose without its full stop.
fn without_stop(text: &str) -> &str {
    text.strip_suffix('.').filter(|rest| is_words(rest)).unwrap_or(text)
}

fn compare_text(right: &str, given: &str) -> Verdict {
    let (right, given_whole) = (squeeze(right), squeeze(given));
    // Before the backticks go: an author who sets an answer as code means its letters as they are.
    let prose = is_prose(without_stop(&right));
    let (mut right, mut given) = (unquote(&right), unquote(&given_whole));
    // "`` `date` ``" is answered by "`date`", whose backticks are then part of the answer.
    if right == given || right == given_whole {
        return Verdict::Right;
    }
    if prose {
        (right, given) = (without_stop(right), without_stop(given));
    }
    let (right_folded, given_folded) = (right.to_lowercase(), given.to_lowercase());
    if right_folded == given_folded {
        return match prose {
            true => Verdict::Right,
            false if case_is_all(right, given) => Verdict::Wrong,
            false => Verdict::Near,
        };
    }
    let letters = right.chars().filter(|character| character.is_alphabetic()).count();
    if prose && letters >= LETTERS_OF_A_SLIP && is_words(given) {
        let right: Vec<char> = right_folded.chars().collect();
        let given: Vec<char> = given_folded.chars().collect();
        if slip(&right, &given).is_some() {
            return Verdict::Near;
        }
    }
    Verdict::Wrong
}

/// Whether two texts that differ in letter case alone differ in a word where case is the whole meaning: a short option
/// (`-R`, `-lS`) or a single letter (`K`, `10m`). That is another answer, not a slip.
fn case_is_all(right: &str, given: &str) -> bool {
    right.split(' ').zip(given.split(' ')).filter(|(right, given)| right != given).any(|(right, _)| {
        let short_option = right.starts_with('-') && !right.starts_with("--");
        short_option || right.chars().filter(|character| character.is_alphabetic()).count() == 1
    })
}

/// One edit between two unequal sequences.
#[derive(Debug, PartialEq, Eq)]
enum Slip {
    /// One item too many, too few, or another.
    Item,
    /// Two neighbours changed places.
    Swap,
}

/// The one edit (Damerau 1964) that makes `right` of `given`, if one does. Own code and not `strsim`, whose table takes
/// memory by the product of the lengths: the right answer may be foreign and long. This takes one pass.
fn slip<T: PartialEq>(right: &[T], given: &[T]) -> Option<Slip> {
    let same_start = right.iter().zip(given).take_while(|(right, given)| right == given).count();
    let (right, given) = (&right[same_start..], &given[same_start..]);
    let same_end = right.iter().rev().zip(given.iter().rev()).take_while(|(right, given)| right == given).count();
    match (&right[..right.len() - same_end], &given[..given.len() - same_end]) {
        ([_], []) | ([], [_]) | ([_], [_]) => Some(Slip::Item),
        ([a, b], [c, d]) if a == d && b == c => Some(Slip::Swap),
        _ => None,
    }
}

// ---- pattern

/// Compiles a pattern that has to fit the whole answer.
fn pattern(accept: &str) -> Result<regex::Regex, regex::Error> {
    let compile =
        |source: &str| RegexBuilder::new(source).size_limit(PATTERN_BYTES).dfa_size_limit(PATTERN_BYTES).build();
    // Alone first: `a)|(?:b` is no pattern, though it would be one between the anchors.
    compile(accept)?;
    compile(&format!(r"\A(?:{accept})\z"))
}

/// Whether a pattern fits the answer, as typed or in its plain form.
fn fits(accept: &str, given: &str) -> bool {
    let squeezed = squeeze(given);
    pattern(accept).is_ok_and(|pattern| pattern.is_match(given.trim()) || pattern.is_match(unquote(&squeezed)))
}

// ---- number

/// A decimal number and its unit, exact: `digits` × 10^`exponent`.
#[derive(Debug, PartialEq, Eq)]
struct Number {
    negative: bool,
    /// Without zeros at either end; empty for zero.
    digits: String,
    exponent: i64,
    unit: String,
}

/// Reads a number: a sign, digits with or without blanks or underscores between groups of three, a decimal point, an
/// exponent, a unit. A comma is not read: it parts thousands in one language and decimals in the next.
fn number(text: &str) -> Option<Number> {
    let text = squeeze(text);
    let text = unquote(&text);
    let (negative, rest) = match text.strip_prefix('-') {
        Some(rest) => (true, rest),
        None => (false, text.strip_prefix('+').unwrap_or(text)),
    };
    let (mut digits, mut rest) = leading_digits(rest);
    if digits.is_empty() {
        return None;
    }
    while let Some((group, after)) = rest.strip_prefix([' ', '_']).map(leading_digits)
        && group.len() == 3
    {
        digits.push_str(&group);
        rest = after;
    }
    let mut exponent = 0;
    if let Some((fraction, after)) = rest.strip_prefix('.').map(leading_digits)
        && !fraction.is_empty()
    {
        exponent = -i64::try_from(fraction.len()).ok()?;
        digits.push_str(&fraction);
        rest = after;
    }
    if let Some(after) = rest.strip_prefix(['e', 'E']) {
        let (sign, after) = match after.strip_prefix('-') {
            Some(after) => (-1, after),
            None => (1, after.strip_prefix('+').unwrap_or(after)),
        };
        // `5 eggs` and `5e` are a number and a unit.
        if let (power, after) = leading_digits(after)
            && let Ok(power) = power.parse::<u32>()
        {
            exponent += sign * i64::from(power);
            rest = after;
        }
    }
    // A unit with digits in it is none: 10.0.0.1, 10-20, 0x10, 1,5.
    let unit: String = rest.trim_start().nfkc().collect();
    if unit.chars().any(char::is_numeric) {
        return None;
    }
    let significant = digits.trim_end_matches('0');
    exponent += i64::try_from(digits.len() - significant.len()).ok()?;
    let significant = significant.trim_start_matches('0');
    let zero = significant.is_empty();
    Some(Number {
        negative: negative && !zero,
        digits: significant.to_owned(),
        exponent: if zero { 0 } else { exponent },
        unit,
    })
}

fn leading_digits(text: &str) -> (String, &str) {
    let rest = text.trim_start_matches(|character: char| character.is_ascii_digit());
    (text[..text.len() - rest.len()].to_owned(), rest)
}

// ---- command

/// The shell's operators, the longer before the shorter that begin them.
const OPERATORS: [&str; 19] =
    ["<<<", "&>>", "&&", "||", ";;", "|&", "&>", ">>", ">&", ">|", "<<", "<&", "<>", "|", "&", ";", "<", ">", "("];

/// Commands that only the shell itself can run, so that `sudo` before them is a mistake.
const OF_THE_SHELL: [&str; 10] = ["cd", "export", "source", ".", "alias", "set", "ulimit", "umask", "unset", "exec"];

/// Whether a shell would take both for the same command, and the flags in `free` in any order.
///
/// A prompt copied along (`$ `) is passed over: no command begins so. A `sudo` that the right answer does not have is
/// passed over too, since it is a habit and not part of what was asked, but only before one plain command: in
/// `sudo echo x > f` and `sudo cd d` it is the very mistake. A `sudo` that the right answer does have is never passed
/// over: without it the command fails.
fn same_command(right: &str, given: &str, free: &[String]) -> bool {
    let (right, given) = (without_prompt(right), without_prompt(given));
    let (Some(mut right_words), Some(mut given_words)) = (shell_words(right), shell_words(given)) else {
        return squeeze(right) == squeeze(given);
    };
    let habit = given_words.first().is_some_and(|word| word == "sudo");
    let plain = right_words.first().is_some_and(|word| word != "sudo" && !OF_THE_SHELL.contains(&word.as_str()))
        && !right_words.iter().any(|word| is_operator(word));
    if habit && plain {
        given_words.remove(0);
    }
    unbundle(&mut right_words, free);
    unbundle(&mut given_words, free);
    // A flag has the next word for its argument, unless one of the two shows that it stands alone.
    let alone: BTreeSet<String> =
        [&right_words, &given_words].into_iter().flat_map(|words| flags_alone(words, free)).collect();
    in_fixed_order(right_words, free, &alone) == in_fixed_order(given_words, free, &alone)
}

fn without_prompt(command: &str) -> &str {
    let command = unquote(command.trim());
    command.strip_prefix("$ ").map_or(command, str::trim_start)
}

/// Parts bundles of short flags (`-la`) of which every single one is free.
fn unbundle(words: &mut Vec<String>, free: &[String]) {
    let parts = |word: &str| -> Option<Vec<String>> {
        let letters = word.strip_prefix('-').filter(|letters| letters.chars().nth(1).is_some())?;
        if free.iter().any(|flag| flag == word) {
            return None;
        }
        let parts = letters.chars().map(|letter| format!("-{letter}"));
        parts.map(|part| free.contains(&part).then_some(part)).collect()
    };
    *words = words.drain(..).flat_map(|word| parts(&word).unwrap_or_else(|| vec![word])).collect();
}

/// The free flags that are followed by another flag, an operator or nothing.
fn flags_alone(words: &[String], free: &[String]) -> Vec<String> {
    let followed = words.iter().zip(words.iter().skip(1).map(Some).chain([None]));
    let alone = followed.filter(|(word, next)| {
        free.contains(word) && next.is_none_or(|next| next.starts_with('-') || is_operator(next))
    });
    alone.map(|(word, _)| word.clone()).collect()
}

/// The words with the free flags of each command, and their arguments, sorted over the places where such flags stand.
fn in_fixed_order(words: Vec<String>, free: &[String], alone: &BTreeSet<String>) -> Vec<Vec<String>> {
    let mut units: Vec<Vec<String>> = Vec::new();
    let mut places: Vec<usize> = Vec::new();
    let settle = |units: &mut Vec<Vec<String>>, places: &mut Vec<usize>| {
        let mut flags: Vec<Vec<String>> = places.iter().map(|&place| std::mem::take(&mut units[place])).collect();
        flags.sort();
        for (place, flag) in places.drain(..).zip(flags) {
            units[place] = flag;
        }
    };
    let mut words = words.into_iter();
    while let Some(word) = words.next() {
        if is_operator(&word) {
            settle(&mut units, &mut places);
        }
        let mut unit = vec![word];
        if free.contains(&unit[0]) {
            places.push(units.len());
            if !alone.contains(&unit[0]) {
                unit.extend(words.next());
            }
        }
        units.push(unit);
    }
    settle(&mut units, &mut places);
    units
}

/// Whether a word of [`shell_words`] is an operator, with or without the number of a file descriptor.
fn is_operator(word: &str) -> bool {
    let word = word.trim_start_matches(|character: char| character.is_ascii_digit());
    word.starts_with(['|', '&', ';', '<', '>', '(', ')'])
}

/// Splits a command into the words that a shell would make of it; `None` where a quote is left open.
///
/// Own code and not the crate `shell-words`: that forgets which characters were quoted, so it takes
/// `find . -name *.log` for `find . -name '*.log'` and `echo "$x"` for `echo '$x'`. Here a character that would mean
/// something to the shell stands bare where it does, after a backslash where quotes took its meaning, and after a double
/// quote where it is an expansion between double quotes. Braces count as ordinary: `{}` is one.
fn shell_words(command: &str) -> Option<Vec<String>> {
    let mut words = Words::default();
    let mut rest = command;
    while let Some(character) = rest.chars().next() {
        let operator = OPERATORS.into_iter().chain([")"]).find(|operator| rest.starts_with(operator));
        if let Some(operator) = operator {
            words.operator(operator);
            rest = &rest[operator.len()..];
            continue;
        }
        rest = &rest[character.len_utf8()..];
        match character {
            '\'' => {
                let (quoted, after) = rest.split_once('\'')?;
                // Nothing between quotes is a word too.
                words.word();
                quoted.chars().for_each(|character| words.literal(character));
                rest = after;
            }
            '"' => rest = words.double_quoted(rest)?,
            '\\' => {
                let next = rest.chars().next();
                rest = &rest[next.map_or(0, char::len_utf8)..];
                match next {
                    // The line goes on.
                    Some('\n') => {}
                    next => words.literal(next.unwrap_or('\\')),
                }
            }
            '\n' => words.line_end(),
            character if character.is_whitespace() => words.end(),
            '$' if !expands(rest, true) => words.literal('$'),
            character => words.word().push(character),
        }
    }
    words.end();
    Some(words.done)
}

/// Whether a dollar sign before `rest` begins an expansion.
fn expands(rest: &str, quotes_may_follow: bool) -> bool {
    rest.chars().next().is_some_and(|next| {
        next.is_alphanumeric() || "_{(@*#?-$!".contains(next) || (quotes_may_follow && "'\"".contains(next))
    })
}

/// The words so far, and the one being read: present but empty after `''`.
#[derive(Default)]
struct Words {
    done: Vec<String>,
    current: Option<String>,
}

impl Words {
    fn word(&mut self) -> &mut String {
        self.current.get_or_insert_default()
    }

    fn end(&mut self) {
        self.done.extend(self.current.take());
    }

    /// Adds a character that quotes made mean itself.
    fn literal(&mut self, character: char) {
        let word = self.word();
        let at_start = "~#".contains(character) && word.is_empty();
        if at_start || "|&;<>()*?[$`\"\\".contains(character) {
            word.push('\\');
        }
        word.push(character);
    }

    /// Adds an operator; digits right before a redirection are its file descriptor.
    fn operator(&mut self, operator: &str) {
        let descriptor = operator.starts_with(['<', '>'])
            && self.current.as_ref().is_some_and(|word| word.bytes().all(|byte| byte.is_ascii_digit()));
        let descriptor = if descriptor { self.current.take().unwrap_or_default() } else { String::new() };
        self.end();
        self.done.push(descriptor + operator);
    }

    /// A line's end parts commands, but for the end of one that goes on.
    fn line_end(&mut self) {
        self.end();
        if self.done.last().is_some_and(|word| !is_operator(word) || word == ")") {
            self.done.push(";".to_owned());
        }
    }

    /// Reads on to the closing double quote and returns what comes after it.
    fn double_quoted<'a>(&mut self, mut rest: &'a str) -> Option<&'a str> {
        self.word();
        loop {
            let character = rest.chars().next()?;
            rest = &rest[character.len_utf8()..];
            match character {
                '"' => return Some(rest),
                '\\' => {
                    let next = rest.chars().next()?;
                    if "$`\"\\\n".contains(next) {
                        rest = &rest[next.len_utf8()..];
                        if next != '\n' {
                            self.literal(next);
                        }
                    } else {
                        self.literal('\\');
                    }
                }
                '$' if expands(rest, false) => self.word().push_str("\"$"),
                '`' => self.word().push_str("\"`"),
                character => self.literal(character),
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Verdict::{Near, Right, Wrong};
    use super::*;
    use proptest::prelude::*;

    fn face(kind: Kind, back: &[&str]) -> Face {
        let back = back.iter().map(|text| (*text).to_owned()).collect();
        Face {
            ordinal: 0,
            kind,
            front: "Which?".into(),
            back,
            wrong: vec![],
            accept: vec![],
            compare: Compare::Text,
            free: vec![],
            hint: String::new(),
        }
    }

    fn strings(texts: &[&str]) -> Vec<String> {
        texts.iter().map(|text| (*text).to_owned()).collect()
    }

    fn typed(compare: Compare, back: &str) -> Face {
        Face { compare, ..face(Kind::Typed, &[back]) }
    }

    fn check(compare: Compare, cases: &[(&str, &str, Verdict)]) {
        for (back, given, verdict) in cases {
            assert_eq!(judge(&typed(compare, back), &Given::Typed(given)), *verdict, "{back:?} answered by {given:?}");
        }
    }

    #[test]
    fn text() {
        check(
            Compare::Text,
            &[
                // Blanks and canonical form.
                ("copy on write", "copy on write", Right),
                ("copy on write", "  copy \t on\nwrite ", Right),
                ("copy on write", "copy\u{a0}on write", Right),
                ("copyonwrite", "copy on write", Wrong),
                ("é", "e\u{301}", Right),
                ("main..feature", "main..feature", Right),
                ("main..feature", "main...feature", Wrong),
                // Typographic marks.
                ("copy-on-write", "copy‐on–write", Right),
                ("the kernel's", "the kernel’s", Right),
                ("it’s “done”", "it's \"done\"", Right),
                ("--help", "—help", Wrong),
                // Letter case of prose.
                ("copy on write", "Copy On Write", Right),
                ("Alertmanager", "alertmanager", Right),
                ("StatefulSet", "statefulset", Right),
                ("Source IP", "source ip", Right),
                ("don't fragment", "Don't Fragment", Right),
                ("Åre älv", "åre ÄLV", Right),
                // Letter case that means something.
                ("PATH", "path", Near),
                ("path", "PATH", Right),
                ("`path`", "PATH", Near),
                ("`path`", "path", Right),
                ("TCP", "tcp", Near),
                ("/etc/Hosts", "/etc/hosts", Near),
                ("ENTRYPOINT [\"a\"]", "entrypoint [\"a\"]", Near),
                ("--Force", "--force", Near),
                ("-R", "-r", Wrong),
                ("cp -R", "cp -r", Wrong),
                ("ls -lS", "ls -ls", Wrong),
                ("10M", "10m", Wrong),
                ("K", "k", Wrong),
                // One edit on prose of six letters or more.
                ("unicast", "uncast", Near),
                ("unicast", "uniicast", Near),
                ("unicast", "unucast", Near),
                ("unicast", "uincast", Near),
                ("Unicast", "uincast", Near),
                ("copy on write", "copy on wrte", Near),
                ("copy on write", "copy onwrite", Near),
                ("copy on write", "cpy on wrte", Wrong),
                ("unicast", "anycast", Wrong),
                ("mount", "count", Wrong),
                ("egress", "ingress", Wrong),
                // Never on digits, code, abbreviations.
                ("port 8080", "port 8081", Wrong),
                ("kernel", "kernel5", Wrong),
                ("/etc/hosts", "/etc/host", Wrong),
                ("--dry-run=client", "--dry-run=clien", Wrong),
                ("`unicast`", "uncast", Wrong),
                ("SIGTERM", "SIGTERN", Wrong),
                ("10.0.2.0/24", "10.0.2.0/25", Wrong),
                // Backticks around either.
                ("`df -i`", "df -i", Right),
                ("df -i", "`df -i`", Right),
                ("df -i", "``df -i``", Right),
                ("`` `date` ``", "`date`", Right),
                ("`a` and `b`", "a` and `b", Wrong),
                ("`a` and `b`", "`a` and `b`", Right),
                ("`", "`", Right),
                ("`", "``", Wrong),
                ("``", "`", Wrong),
                // The full stop of a sentence.
                ("The kernel kills it.", "the kernel kills it", Right),
                ("the kernel kills it", "The kernel kills it.", Right),
                (".", ".", Right),
                ("..", ".", Wrong),
                ("/x.", "/x", Wrong),
                // Nothing.
                ("x", "", Wrong),
                ("x", " \t\n", Wrong),
                ("", "", Wrong),
                ("", "x", Wrong),
                ("日本語", "日本語", Right),
                ("日本語", "日本", Wrong),
            ],
        );
    }

    #[test]
    fn commands() {
        check(
            Compare::Command,
            &[
                ("df -i", "df -i", Right),
                ("df -i", "  df   -i ", Right),
                ("df -i", "df -I", Wrong),
                ("df -i", "DF -i", Wrong),
                ("df -i", "df -ii", Wrong),
                ("df -i", "df", Wrong),
                ("`df -i`", "df -i", Right),
                ("ls -l -a", "ls -a -l", Wrong),
                ("ls -la", "ls -l -a", Wrong),
                // Quotes: which does not matter, where it does not matter.
                ("grep 'a b' f", "grep \"a b\" f", Right),
                ("grep 'a b' f", "grep a\\ b f", Right),
                ("grep 'a b' f", "grep a b f", Wrong),
                ("echo ''", "echo \"\"", Right),
                ("echo ''", "echo", Wrong),
                ("echo 'ab'", "echo a'b'", Right),
                ("find . -name '*.log'", "find . -name \"*.log\"", Right),
                ("find . -name '*.log'", "find . -name \\*.log", Right),
                ("find . -name '*.log'", "find . -name *.log", Wrong),
                ("rm *.log", "rm '*.log'", Wrong),
                ("find . -exec rm {} \\;", "find . -exec rm '{}' ';'", Right),
                ("find . -exec rm {} \\;", "find . -exec rm {} ;", Wrong),
                ("awk '{print $1}'", "awk \"{print $1}\"", Wrong),
                ("awk '{print $1}'", "awk \"{print \\$1}\"", Right),
                ("echo \"$x\"", "echo '$x'", Wrong),
                ("echo \"$x\"", "echo $x", Wrong),
                ("echo $x", "echo  $x", Right),
                ("grep 'x$' f", "grep x$ f", Right),
                ("grep \"x$\" f", "grep 'x$' f", Right),
                ("echo \"a\\tb\"", "echo 'a\\tb'", Right),
                ("grep '#' f", "grep \"#\" f", Right),
                ("grep '#' f", "grep # f", Wrong),
                ("ls '~'", "ls ~", Wrong),
                ("git log HEAD~2", "git log 'HEAD~2'", Right),
                // Operators need no blanks.
                ("ps aux | grep x", "ps aux|grep x", Right),
                ("ps aux | grep x", "ps aux || grep x", Wrong),
                ("grep 'a|b'", "grep a|b", Wrong),
                ("make && make install", "make&&make install", Right),
                ("make > log 2>&1", "make >log 2>&1", Right),
                ("make > log 2>&1", "make 2>&1 > log", Wrong),
                ("make 2> log", "make 2 > log", Wrong),
                ("cd a; ls", "cd a ;ls", Right),
                ("cd a; ls", "cd a\nls", Right),
                ("cd a; ls", "cd a ls", Wrong),
                ("ps |\n grep x", "ps | grep x", Right),
                ("docker run \\\n  nginx", "docker run nginx", Right),
                ("echo $(date)", "echo $( date )", Right),
                // Quotes left open: as text.
                ("echo 'a", "echo 'a", Right),
                ("echo 'a", "echo  'a", Right),
                ("echo 'a'", "echo 'a", Wrong),
                ("echo \"a", "echo a", Wrong),
                ("it's", "it’s", Right),
                // A prompt and a habit.
                ("df -i", "$ df -i", Right),
                ("$ df -i", "df -i", Right),
                ("df -i", "# df -i", Wrong),
                ("systemctl restart nginx", "sudo systemctl restart nginx", Right),
                ("systemctl restart nginx", "$ sudo systemctl restart nginx", Right),
                ("sudo systemctl restart nginx", "systemctl restart nginx", Wrong),
                ("sudo -u x id", "sudo id", Wrong),
                ("echo x > f", "sudo echo x > f", Wrong),
                ("cd /root", "sudo cd /root", Wrong),
                ("sudo", "sudo sudo", Wrong),
                ("df", "sudo", Wrong),
                // Nothing is near.
                ("kubectl get pods", "kubectl get pod", Wrong),
                ("make", "", Wrong),
                ("# note", "# note", Right),
                ("# note", "# other", Wrong),
            ],
        );
    }

    #[test]
    fn free_flags() {
        // back, free, given, verdict
        let cases: [(&str, &[&str], &str, Verdict); 26] = [
            ("ls -l -a", &["-l", "-a"], "ls -a -l", Right),
            ("ls -l -a", &["-l"], "ls -a -l", Wrong),
            ("ls -l -a d", &["-l", "-a"], "ls -a -l d", Right),
            ("ls -l -a d", &["-l", "-a"], "ls -a -a d", Wrong),
            ("ls -l -a d", &["-l", "-a"], "ls -a d", Wrong),
            // Places stay places.
            ("ls -l -a d", &["-l", "-a"], "ls -l d -a", Wrong),
            // Bundles, only if all of it is free.
            ("ls -la", &["-l", "-a"], "ls -l -a", Right),
            ("ls -la", &["-l", "-a"], "ls -al", Right),
            ("ls -l -a", &["-l", "-a"], "ls -al", Right),
            ("ls -l -a", &["-l"], "ls -la", Wrong),
            ("ls -lah", &["-l", "-a"], "ls -alh", Wrong),
            ("ls -la d", &["-la"], "ls -l -a d", Wrong),
            // Arguments go with their flag.
            ("docker run -d --name web nginx", &["-d", "--name"], "docker run --name web -d nginx", Right),
            ("docker run -d --name web nginx", &["-d", "--name"], "docker run --name nginx -d web", Wrong),
            // Torn off its argument: by its words alone this is `ls -a -l d` for `ls -l -a d`, so it passes.
            ("docker run -d --name web nginx", &["-d", "--name"], "docker run --name -d web nginx", Right),
            ("tail -n 5 -f log", &["-n", "-f"], "tail -f -n 5 log", Right),
            ("tail -n 5 -f log", &["-n", "-f"], "tail -n -f 5 log", Wrong),
            ("tail -n 5 -f log", &["-n", "-f"], "tail -f 5 -n log", Wrong),
            ("tail -n 5 -f log", &["-n", "-f"], "tail -f log -n 5", Right),
            ("useradd -m -s /bin/sh u", &["-m", "-s"], "useradd -s /bin/sh -m u", Right),
            ("curl -o f -L u", &["-o", "-L"], "curl -L -o f u", Right),
            // `=` makes one word of both.
            ("k get p --a=1 --b=2", &["--a=1", "--b=2"], "k get p --b=2 --a=1", Right),
            ("k get p --a=1 --b=2", &["--a=1", "--b=2"], "k get p --b=1 --a=2", Wrong),
            // Each command of a pipe has its own.
            ("ls -l | grep -v x", &["-l", "-v"], "ls -v | grep -l x", Wrong),
            ("ls -l -a | grep -v x", &["-l", "-a", "-v"], "ls -a -l|grep -v x", Right),
            ("ls -l -a", &["-l", "-a", ""], "ls -a '' -l", Wrong),
        ];
        for (back, free, given, verdict) in cases {
            let face = Face { free: strings(free), ..typed(Compare::Command, back) };
            assert_eq!(
                judge(&face, &Given::Typed(given)),
                verdict,
                "{back:?} with {free:?} free answered by {given:?}"
            );
        }
    }

    #[test]
    fn numbers() {
        check(
            Compare::Number,
            &[
                ("1", "1.0", Right),
                ("1.0", "1", Right),
                ("1", "01", Right),
                ("1", "+1", Right),
                ("-1", "−1", Right),
                ("-1", "1", Wrong),
                ("0", "-0.0", Right),
                ("0.5", ".5", Wrong),
                ("0.50", "0.5", Right),
                ("1000", "1 000", Right),
                ("1000000", "1_000_000", Right),
                ("1 000", "1\u{202f}000", Right),
                ("1000", "1 0 0 0", Wrong),
                ("10", "1 0", Wrong),
                ("1000", "1e3", Right),
                ("0.001", "1e-3", Right),
                ("1000", "1001", Wrong),
                ("1000", "100", Wrong),
                ("123456789012345678901234567890", "123456789012345678901234567891", Wrong),
                ("123456789012345678901234567890", "123456789012345678901234567890.0", Right),
                // Units.
                ("10 MB", "10MB", Right),
                ("10 MB", "10.0 MB", Right),
                ("10 MB", "10 Mb", Wrong),
                ("10 MB", "10", Wrong),
                ("10", "10 MB", Wrong),
                ("50 %", "50%", Right),
                ("5 µs", "5 μs", Right),
                ("5 eggs", "5 eggs", Right),
                ("1e", "1e", Right),
                // No numbers: as written.
                ("0x10", "0x10", Right),
                ("0x10", "16", Wrong),
                ("16", "0x10", Wrong),
                ("0x10", "0x010", Wrong),
                ("10.0.0.1", "10.0.0.1", Right),
                ("10.0.0.1", "10.0.0.10", Wrong),
                ("1/2", "0.5", Wrong),
                ("1,5", "1,5", Right),
                ("1.5", "1,5", Wrong),
                ("10-20", "10–20", Right),
                ("none", "None", Right),
                ("`8`", "8", Right),
                ("8", "eight", Wrong),
                ("1", "1e99999999999", Wrong),
                ("1e4000000000", "1e4000000000", Right),
                ("1", "", Wrong),
            ],
        );
    }

    #[test]
    fn patterns() {
        // accept, given, verdict; the back is "model answer"
        let cases: [(&[&str], &str, Verdict); 16] = [
            (&[], "model answer", Right),
            (&[], "Model answer", Right),
            (&[], "model anwser", Near),
            (&["ab+"], "abbb", Right),
            (&["ab+"], " abbb ", Right),
            (&["ab+"], "xabbb", Wrong),
            (&["ab+"], "ABBB", Wrong),
            (&["(?i)ab+"], "ABBB", Right),
            (&["a|ab"], "ab", Right),
            (&["(?m)^a$"], "a\nb", Wrong),
            (&["a\\s+b"], "a   b", Right),
            (&["`?ab`?"], "`ab`", Right),
            (&["it's"], "it’s", Right),
            // Invalid ones fit nothing, whatever is around them.
            (&["(", "x)|(?:y"], "y", Wrong),
            (&["(?:a{1000}){1000}"], "a", Wrong),
            (&["(", "yes"], "yes", Right),
        ];
        for (accept, given, verdict) in cases {
            let face = Face { accept: strings(accept), ..typed(Compare::Regex, "model answer") };
            assert_eq!(judge(&face, &Given::Typed(given)), verdict, "{accept:?} answered by {given:?}");
        }
        // Linear time: this would take another program for ever.
        let face = Face { accept: strings(&["(a*)*b"]), ..typed(Compare::Regex, "x") };
        assert_eq!(judge(&face, &Given::Typed(&"a".repeat(50_000))), Wrong);
    }

    #[test]
    fn further_answers_and_foreseen_mistakes() {
        let face = Face {
            accept: strings(&["working tree", "the worktree"]),
            wrong: strings(&["working trees", "index"]),
            ..typed(Compare::Text, "working directory")
        };
        let cases = [
            ("working tree", Right),
            ("Working directory", Right),
            ("the worktre", Near),
            // One edit from a right answer, but foreseen.
            ("working trees", Wrong),
            ("Working Trees", Wrong),
            ("index", Wrong),
        ];
        for (given, verdict) in cases {
            assert_eq!(judge(&face, &Given::Typed(given)), verdict, "{given}");
        }
    }

    #[test]
    fn choices() {
        // backs, chosen, verdict; the wrong ones follow the backs
        let cases: [(&[&str], &[usize], Verdict); 10] = [
            (&["a"], &[0], Right),
            (&["a"], &[1], Wrong),
            (&["a"], &[0, 1], Wrong),
            (&["a"], &[], Wrong),
            (&["a"], &[9], Wrong),
            (&["a", "b"], &[1, 0], Right),
            (&["a", "b"], &[1, 0, 1], Right),
            (&["a", "b"], &[0], Wrong),
            (&["a", "b"], &[0, 1, 2], Wrong),
            (&[], &[], Wrong),
        ];
        for (back, chosen, verdict) in cases {
            let face = Face { wrong: strings(&["x", "y"]), ..face(Kind::Choice, back) };
            assert_eq!(judge(&face, &Given::Chosen(chosen)), verdict, "{back:?} answered by {chosen:?}");
        }
        let face = Face { wrong: strings(&["c"]), ..face(Kind::Choice, &["a", "b"]) };
        assert_eq!(options(&face), ["a", "b", "c"]);
        assert_eq!(judge(&face, &Given::Typed("a")), Wrong, "half a multiple choice");
    }

    #[test]
    fn orders() {
        // steps, the learner's order, verdict
        let cases: [(&[&str], &[usize], Verdict); 11] = [
            (&["a", "b", "c", "d"], &[0, 1, 2, 3], Right),
            (&["a", "b", "c", "d"], &[1, 0, 2, 3], Near),
            (&["a", "b", "c", "d"], &[0, 1, 3, 2], Near),
            (&["a", "b", "c", "d"], &[1, 0, 3, 2], Wrong),
            (&["a", "b", "c", "d"], &[2, 1, 0, 3], Wrong),
            (&["a", "b", "c", "d"], &[0, 1, 2], Wrong),
            (&["a", "b", "c", "d"], &[0, 1, 2, 9], Wrong),
            // Equal steps may change places.
            (&["a", "b", "a"], &[2, 1, 0], Right),
            // With two steps the swap is the only mistake there is.
            (&["a", "b"], &[1, 0], Wrong),
            (&["a"], &[0], Right),
            (&[], &[], Wrong),
        ];
        for (steps, order, verdict) in cases {
            let face = face(Kind::Order, steps);
            assert_eq!(judge(&face, &Given::Ordered(order)), verdict, "{steps:?} answered by {order:?}");
        }
    }

    #[test]
    fn grades() {
        let typed = Face { front: "x".repeat(100), ..face(Kind::Typed, &["df -i"]) };
        // Reading 100 characters 4.2 s, recalling 3 s, typing five of them 1.15 s.
        let cases = [
            (Wrong, false, 0, 1),
            (Wrong, true, 0, 1),
            (Near, false, 0, 3),
            (Right, true, 0, 3),
            (Right, false, 8_350, 5),
            (Right, false, 8_351, 4),
            (Right, false, u32::MAX, 4),
        ];
        for (verdict, hinted, took_ms, grade) in cases {
            assert_eq!(propose(verdict, hinted, took_ms, &typed).get(), grade, "{verdict:?} {hinted} {took_ms}");
        }
        let limit =
            |kind| quick_ms(&Face { wrong: strings(&["cc", "dd"]), front: String::new(), ..face(kind, &["aa"]) });
        assert_eq!(limit(Kind::Basic), 3_000);
        assert_eq!(limit(Kind::Cloze), 3_000 + 2 * 230);
        assert_eq!(limit(Kind::Choice), 3_000 + 6 * 42);
        assert_eq!(limit(Kind::Order), 3_000 + 2 * 42 + 1_500);
    }

    #[test]
    fn the_linter_finds_what_the_comparison_gets_wrong() {
        let typed = |compare, back: &str, accept: &[&str], wrong: &[&str]| Face {
            accept: strings(accept),
            wrong: strings(wrong),
            ..typed(compare, back)
        };
        let choice = |back: &[&str], wrong: &[&str]| Face { wrong: strings(wrong), ..face(Kind::Choice, back) };
        let cases = [
            (typed(Compare::Text, "a", &["b"], &["c"]), ""),
            (typed(Compare::Text, "-R", &[], &["-r"]), ""),
            (typed(Compare::Text, "unicast", &[], &["uncast"]), ""),
            (typed(Compare::Text, " ", &[], &[]), "its own answer ` ` is refused"),
            (typed(Compare::Text, "a", &[""], &[]), "the accepted answer `` is refused"),
            (typed(Compare::Text, "Service", &[], &["service"]), "the mistaken answer `service` is accepted"),
            (typed(Compare::Number, "1", &[], &["1.0"]), "the mistaken answer `1.0` is accepted"),
            (typed(Compare::Command, "ls", &[], &["sudo ls"]), "the mistaken answer `sudo ls` is accepted"),
            (typed(Compare::Regex, "a", &["a+"], &["b"]), ""),
            (typed(Compare::Regex, "a", &["a+"], &["aa"]), "the mistaken answer `aa` is accepted"),
            (typed(Compare::Regex, "a", &["("], &[]), "the pattern `(` is not valid: "),
            (face(Kind::Cloze, &[]), "it has no right answer"),
            (choice(&["a", "b"], &["c"]), ""),
            (choice(&["a"], &["b", "a"]), "the option `a` stands twice"),
            (choice(&[], &["b"]), "it has no right answer"),
            (face(Kind::Order, &["a", "b"]), ""),
            (face(Kind::Order, &[]), "it has no right answer"),
        ];
        for (face, expected) in cases {
            let found = accepts_itself(&face).err().unwrap_or_default();
            assert!(
                if expected.is_empty() { found.is_empty() } else { found.starts_with(expected) },
                "{face:?}: {found}"
            );
        }
    }

    /// Text of the marks that the rules look at, and of any others.
    fn any_text() -> impl Strategy<Value = String> {
        prop_oneof!["[-a-zA-Z0-9 `'\"$*|&;<>()\\\\~#._eé’–]{0,14}", any::<String>()]
    }

    fn any_face() -> impl Strategy<Value = Face> {
        let kind = prop::sample::select(vec![Kind::Basic, Kind::Cloze, Kind::Choice, Kind::Typed, Kind::Order]);
        let compare = prop::sample::select(vec![Compare::Text, Compare::Command, Compare::Number, Compare::Regex]);
        let texts = || prop::collection::vec(any_text(), 0..4);
        let free = prop::collection::vec("-{0,2}[a-c]{0,2}", 0..4);
        (kind, compare, any_text(), texts(), texts(), texts(), free).prop_map(
            |(kind, compare, front, back, wrong, accept, free)| Face {
                ordinal: 0,
                kind,
                front,
                back,
                wrong,
                accept,
                compare,
                free,
                hint: String::new(),
            },
        )
    }

    proptest! {
        #[test]
        fn nothing_panics_and_outer_blanks_do_not_matter(
            face in any_face(), text in any_text(), indices in prop::collection::vec(0usize..5, 0..5), took_ms: u32,
        ) {
            let verdict = judge(&face, &Given::Typed(&text));
            prop_assert_eq!(judge(&face, &Given::Typed(&format!(" \t{text}\n\u{a0}"))), verdict);
            judge(&face, &Given::Chosen(&indices));
            judge(&face, &Given::Ordered(&indices));
            propose(verdict, false, took_ms, &face);
            let _ = accepts_itself(&face);
        }

        #[test]
        fn the_back_is_right(face in any_face()) {
            let all: Vec<usize> = (0..face.back.len()).collect();
            if !all.is_empty() {
                prop_assert_eq!(judge(&face, &Given::Chosen(&all)), Right);
                prop_assert_eq!(judge(&face, &Given::Ordered(&all)), Right);
            }
            let typed = !matches!(face.kind, Kind::Choice | Kind::Order);
            for back in face.back.iter().filter(|back| typed && !back.trim().is_empty()) {
                prop_assert_eq!(judge(&face, &Given::Typed(back)), Right);
            }
        }

        #[test]
        fn free_flags_of_one_command_commute(flags in prop::collection::vec("-[a-z]", 0..6).prop_shuffle()) {
            let mut sorted = flags.clone();
            sorted.sort();
            let line = |flags: &[String]| format!("tool {} end", flags.join(" "));
            let face = Face { free: flags.clone(), ..typed(Compare::Command, &line(&sorted)) };
            prop_assert_eq!(judge(&face, &Given::Typed(&line(&flags))), Right);
        }
    }
}
