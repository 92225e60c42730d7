//! Words in the learner's language: messages by key, numbers, percentages and dates as her language writes them.
//!
//! Hides Project Fluent. Each language is one catalogue, `locales/LANGUAGE.ftl`, embedded as it is; `build.rs` finds
//! them. Whatever says something in the report and the quiz may use it, handed down from the command line; it reads
//! no environment and keeps nothing between two calls. A message that a catalogue lacks is said in English.

use std::borrow::Cow;
use std::fmt;

use chrono::Datelike as _;
use fluent_bundle::types::{FluentNumber, FluentNumberOptions};
use fluent_bundle::{FluentArgs, FluentBundle, FluentResource, FluentValue};

use crate::card::Level;
use crate::day::Day;

include!(concat!(env!("OUT_DIR"), "/locales.rs"));

/// The language that every message is in.
const ENGLISH: &str = "en";
/// From this number on a language with a decimal comma groups its digits.
const GROUPED_FROM: f64 = 10_000.0;
/// A narrow space at which no line breaks, between groups of three digits: SI brochure, 5.4.4.
const THIN: char = '\u{202f}';

/// What a message is told.
#[derive(Debug, Clone, PartialEq)]
pub enum Value<'a> {
    /// A name, or words that were said already.
    Text(Cow<'a, str>),
    /// How many of something: a message may choose its form by it.
    Count(u64),
    /// A number, rounded to so many decimals.
    Decimal(f64, usize),
}

impl<'a> From<&'a str> for Value<'a> {
    fn from(text: &'a str) -> Self {
        Value::Text(text.into())
    }
}

impl<'a> From<&'a String> for Value<'a> {
    fn from(text: &'a String) -> Self {
        Value::Text(text.into())
    }
}

impl From<String> for Value<'_> {
    fn from(text: String) -> Self {
        Value::Text(text.into())
    }
}

impl From<u32> for Value<'_> {
    fn from(count: u32) -> Self {
        Value::Count(count.into())
    }
}

impl From<u64> for Value<'_> {
    fn from(count: u64) -> Self {
        Value::Count(count)
    }
}

impl From<usize> for Value<'_> {
    fn from(count: usize) -> Self {
        Value::Count(u64::try_from(count).unwrap_or(u64::MAX))
    }
}

/// The words of one language.
pub struct Words {
    /// The language's own catalogue, and the English one behind it.
    bundles: Vec<FluentBundle<FluentResource>>,
    language: &'static str,
}

impl Words {
    /// The words of a language, by its tag (`sv`, `sv-SE`) or a locale's name (`sv_SE.UTF-8`); `None` where there is
    /// no catalogue of it.
    pub fn of(name: &str) -> Option<Words> {
        let language = name.split(['-', '_', '.', '@']).next().unwrap_or_default();
        let language = CATALOGUES.iter().map(|(known, _)| *known).find(|known| known.eq_ignore_ascii_case(language))?;
        let mut chain = vec![language];
        chain.extend((language != ENGLISH).then_some(ENGLISH));
        let bundles = chain.into_iter().filter_map(|language| {
            let (_, text) = CATALOGUES.iter().find(|(known, _)| *known == language)?;
            Some(bundle(language, text))
        });
        Some(Words { bundles: bundles.collect(), language })
    }

    /// The words that plugg is written in.
    pub fn english() -> Words {
        Words::of(ENGLISH).unwrap_or_else(|| Words { bundles: Vec::new(), language: ENGLISH })
    }

    /// The tags of all languages that there are.
    pub fn languages() -> impl Iterator<Item = &'static str> {
        CATALOGUES.iter().map(|(language, _)| *language)
    }

    /// The language's tag.
    pub fn language(&self) -> &'static str {
        self.language
    }

    /// The message of a key, told these values by name. A key that no catalogue has is said as it is; a test sees to
    /// it that there is none.
    pub fn say(&self, key: &str, values: &[(&str, Value<'_>)]) -> String {
        let args: FluentArgs<'_> = values.iter().map(|(name, value)| (*name, fluent(value))).collect();
        let found = self.bundles.iter().find_map(|bundle| Some((bundle, bundle.get_message(key)?.value()?)));
        let Some((bundle, pattern)) = found else { return key.to_owned() };
        // What cannot be resolved stays in the text as its own name: nothing better could be said of it here.
        bundle.format_pattern(pattern, Some(&args), &mut Vec::new()).into_owned()
    }

    /// A share from 0 to 1 as a whole percentage: `93 %`.
    pub fn percent(&self, share: f64) -> String {
        self.say("percent", &[("number", Value::Decimal(share * 100.0, 0))])
    }

    /// A date: `24 November 2026`.
    pub fn date(&self, day: Day) -> String {
        let date = day.date();
        self.say(
            "date",
            &[
                ("day", date.day().into()),
                ("month", self.say("month", &[("month", date.month().into())]).into()),
                // Without groups: a year is a name more than a number.
                ("year", date.year().to_string().into()),
            ],
        )
    }

    /// A date with its month in three columns: `24 Nov 2026`.
    pub fn date_short(&self, day: Day) -> String {
        let date = day.date();
        let values = [
            ("day", date.day().into()),
            ("month", self.month_short(day).into()),
            ("year", date.year().to_string().into()),
        ];
        self.say("date-short", &values)
    }

    /// A day of the coming weeks in ten columns: `Tue 24 Nov`.
    pub fn day_short(&self, day: Day) -> String {
        let values = [
            ("weekday", self.weekday_short(day).into()),
            ("day", day.date().day().into()),
            ("month", self.month_short(day).into()),
        ];
        self.say("day-short", &values)
    }

    /// A day of the coming weeks without its weekday: `24 Nov`.
    pub fn day_and_month(&self, day: Day) -> String {
        self.say("day-and-month", &[("day", day.date().day().into()), ("month", self.month_short(day).into())])
    }

    /// A month in eight columns: `Nov 2026`.
    pub fn month_and_year(&self, day: Day) -> String {
        let year = day.date().year().to_string().into();
        self.say("month-and-year", &[("month", self.month_short(day).into()), ("year", year)])
    }

    /// A month below a chart of some years: `Nov 26`.
    pub fn month_in_years(&self, day: Day) -> String {
        let year = format!("{:02}", day.date().year().rem_euclid(100)).into();
        self.say("month-in-years", &[("month", self.month_short(day).into()), ("year", year)])
    }

    /// A date of this year: `Tuesday 24 November`.
    pub fn date_with_weekday(&self, day: Day) -> String {
        let date = day.date();
        self.say(
            "date-with-weekday",
            &[
                ("weekday", self.weekday(day).into()),
                ("day", date.day().into()),
                ("month", self.say("month", &[("month", date.month().into())]).into()),
            ],
        )
    }

    /// The day of the week: `Tuesday`.
    pub fn weekday(&self, day: Day) -> String {
        self.say("weekday", &[("weekday", day.date().weekday().number_from_monday().into())])
    }

    /// The day of the week in at most four columns, where its row of a calendar is named.
    pub fn weekday_short(&self, day: Day) -> String {
        self.say("weekday-short", &[("weekday", day.date().weekday().number_from_monday().into())])
    }

    /// The month in three columns.
    pub fn month_short(&self, day: Day) -> String {
        self.say("month-short", &[("month", day.date().month().into())])
    }

    /// The name of a level in running text and tables. On the command line and in files it has another, that never
    /// changes: [`Level::name`].
    pub fn level(&self, level: Level) -> String {
        let key = match level {
            Level::Foundation => "level-foundation",
            Level::Practitioner => "level-practitioner",
            Level::Expert => "level-expert",
        };
        self.say(key, &[])
    }
}

impl fmt::Debug for Words {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Words({})", self.language)
    }
}

fn bundle(language: &str, text: &str) -> FluentBundle<FluentResource> {
    let mut bundle = FluentBundle::new(vec![language.parse().unwrap_or_default()]);
    // The marks would part right-to-left from left-to-right text; on a terminal they show.
    bundle.set_use_isolating(false);
    // A message that is no Fluent is left out, and said in English then.
    let resource = FluentResource::try_new(text.to_owned()).unwrap_or_else(|(resource, _)| resource);
    bundle.add_resource_overriding(resource);
    let mark = bundle.get_message("decimal-mark").and_then(|message| message.value());
    let comma = mark.is_some_and(|mark| bundle.format_pattern(mark, None, &mut Vec::new()) == ",");
    // The library takes a plain function, so there is one for each mark.
    if comma {
        bundle.set_formatter(Some(|value, _| written(value, true)));
    } else {
        bundle.set_formatter(Some(|value, _| written(value, false)));
    }
    bundle
}

fn fluent<'a>(value: &'a Value<'_>) -> FluentValue<'a> {
    match value {
        Value::Text(text) => FluentValue::String(Cow::Borrowed(text)),
        // As it would be read from a catalogue: it must equal the number that a form is chosen by.
        Value::Count(count) => FluentValue::Number(FluentNumber::new(*count as f64, FluentNumberOptions::default())),
        Value::Decimal(number, places) => FluentValue::Number(FluentNumber::new(
            *number,
            FluentNumberOptions {
                minimum_fraction_digits: Some(*places),
                maximum_fraction_digits: Some(*places),
                ..FluentNumberOptions::default()
            },
        )),
    }
}

/// A number with its decimal mark and, behind a decimal comma, thin spaces between thousands.
fn written(value: &FluentValue<'_>, comma: bool) -> Option<String> {
    let FluentValue::Number(number) = value else { return None };
    let places = number.options.maximum_fraction_digits.unwrap_or(0);
    let text = format!("{:.places$}", number.value);
    if !comma {
        return Some(text);
    }
    let (whole, decimals) = text.split_once('.').unwrap_or((&text, ""));
    let mut out = String::new();
    for (index, digit) in whole.chars().enumerate() {
        let left = whole.len() - index;
        if left % 3 == 0
            && digit.is_ascii_digit()
            && out.ends_with(|c: char| c.is_ascii_digit())
            && number.value.abs() >= GROUPED_FROM
        {
            out.push(THIN);
        }
        out.push(digit);
    }
    if !decimals.is_empty() {
        out.push(',');
        out.push_str(decimals);
    }
    Some(out)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn swedish() -> Words {
        Words::of("sv").unwrap()
    }

    #[test]
    fn a_language_is_found_by_its_tag_or_a_locale() {
        for (name, expected) in [
            ("sv", Some("sv")),
            ("sv-SE", Some("sv")),
            ("sv_FI.UTF-8", Some("sv")),
            ("SV", Some("sv")),
            ("en_GB@euro", Some("en")),
            ("C.UTF-8", None),
            ("xx", None),
            ("", None),
        ] {
            assert_eq!(Words::of(name).map(|words| words.language()), expected, "{name}");
        }
    }

    #[test]
    fn numbers_are_written_as_the_language_does() {
        for (value, english, expected) in [
            (Value::Count(0), "0 %", "0 %"),
            (Value::Count(9999), "9999 %", "9999 %"),
            (Value::Count(10_000), "10000 %", "10\u{202f}000 %"),
            (Value::Count(1_234_567), "1234567 %", "1\u{202f}234\u{202f}567 %"),
            (Value::Decimal(0.125, 2), "0.12 %", "0,12 %"),
            (Value::Decimal(-12_345.6, 1), "-12345.6 %", "-12\u{202f}345,6 %"),
            (Value::Decimal(f64::NAN, 1), "NaN %", "NaN %"),
        ] {
            let values = [("number", value)];
            assert_eq!(Words::english().say("percent", &values), english);
            assert_eq!(swedish().say("percent", &values), expected);
        }
        assert_eq!(swedish().percent(0.934), "93 %");
    }

    #[test]
    fn dates_are_written_as_the_language_does() {
        let day = Day::parse("2026-05-01").unwrap();
        assert_eq!(Words::english().date(day), "1 May 2026");
        assert_eq!(swedish().date(day), "1 maj 2026");
        assert_eq!(Words::english().date_with_weekday(day), "Friday 1 May");
        assert_eq!(swedish().date_with_weekday(day), "fredag 1 maj");
        // As the library of dates names them in English.
        for ahead in 0..366 {
            let day = day.plus(ahead);
            let known = day.date().format("%-d %B %Y, %A, %a, %b").to_string();
            let words = Words::english();
            let said = [words.date(day), words.weekday(day), words.weekday_short(day), words.month_short(day)];
            assert_eq!(said.join(", "), known);
        }
    }

    #[test]
    fn forms_follow_the_number() {
        let say = |words: &Words, count: u32| words.say("home-minutes", &[("minutes", count.into())]);
        assert_eq!(say(&Words::english(), 1), "about 1 minute");
        assert_eq!(say(&Words::english(), 0), "about 0 minutes");
        assert_eq!(say(&swedish(), 1), "ungefär 1 minut");
        assert_eq!(say(&swedish(), 20_000), "ungefär 20\u{202f}000 minuter");
    }

    #[test]
    fn what_no_catalogue_has_is_said_as_it_is() {
        assert_eq!(swedish().say("no-such-key", &[]), "no-such-key");
        assert_eq!(swedish().say("percent", &[]), "{$number} %");
    }
}
