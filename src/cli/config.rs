//! The configuration file.

use std::path::Path;

use serde::Deserialize;

use crate::error::{Error, Result};
use crate::skill::{Area, SkillMap};
use crate::sm2::Rules;
use crate::terminal::pictures::Protocol;
use crate::terminal::view::Scale;

/// The file as it would be written by hand, every setting with its default.
pub const TEMPLATE: &str = r#"# plugg's configuration. Every line is optional; what is commented out is the default.

# The hour at which a study day ends: an answer at two in the morning still belongs to the evening before.
# rollover_hour = 4

# New cards a day.
# new_per_day = 10

# Reviews a day; without the line there is no limit.
# reviews_per_day = 200

# Minutes of a session; without the line there is no limit. `plugg quiz --minutes` goes before it.
# minutes = 10

# "four" grades (again, hard, good, easy), or "six" as in the original SM-2 (0 to 5).
# grades = "four"

# Draw the pictures of cards: "auto" where the terminal is known to take them, "never", or always as "kitty", "iterm2"
# or "sixel" has it.
# pictures = "auto"

# Spread intervals a little, so that cards learnt together do not stay together.
# fuzz = true

# Credit a card that was recalled late with the time that it really lasted.
# late_credit = true

# How often a card must be forgotten to be called a leech.
# leech_lapses = 8

# Take the decks that come with plugg.
# bundled_decks = true

# Areas of your own, listed after the others.
# [[area]]
# id = "sailing"
# title_en = "Sailing"
# title_sv = "Segling"
"#;

/// The settings.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Config {
    /// The hour at which the study day turns over, 0 to 23.
    pub rollover_hour: u32,
    /// New cards a day.
    pub new_per_day: u32,
    /// Reviews a day, none for no limit.
    pub reviews_per_day: Option<u32>,
    /// Minutes of a session, none for no limit.
    pub minutes: Option<u32>,
    /// The grades that there are keys for.
    pub grades: Scale,
    /// Whether and how pictures are drawn.
    pub pictures: Pictures,
    /// The scheduler's rules.
    pub rules: Rules,
    /// Whether the decks that come with plugg are taken in.
    pub bundled_decks: bool,
}

/// Whether and how the pictures of cards are drawn.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Pictures {
    /// Where the terminal is known to take them.
    #[default]
    Auto,
    /// Nowhere.
    Never,
    /// At every terminal, in this way.
    Always(Protocol),
}

impl Pictures {
    /// How pictures are drawn at a terminal of which this is known.
    pub fn protocol(self, known: Option<Protocol>) -> Option<Protocol> {
        match self {
            Pictures::Auto => known,
            Pictures::Never => None,
            Pictures::Always(protocol) => Some(protocol),
        }
    }
}

impl Default for Config {
    fn default() -> Self {
        Config {
            rollover_hour: 4,
            new_per_day: 10,
            reviews_per_day: None,
            minutes: None,
            grades: Scale::Four,
            pictures: Pictures::Auto,
            rules: Rules::default(),
            bundled_decks: true,
        }
    }
}

#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    rollover_hour: Option<u32>,
    new_per_day: Option<u32>,
    reviews_per_day: Option<u32>,
    minutes: Option<u32>,
    grades: Option<String>,
    pictures: Option<String>,
    fuzz: Option<bool>,
    late_credit: Option<bool>,
    leech_lapses: Option<u32>,
    bundled_decks: Option<bool>,
    #[serde(default)]
    area: Vec<Area>,
}

/// Reads the configuration; a file that is not there leaves the defaults, unless it was asked for by name.
///
/// # Errors
/// When it cannot be read, is not valid TOML, or has a key or value that there is not.
pub fn read(path: &Path, asked_for: bool, map: &mut SkillMap) -> Result<Config> {
    let place = path.display();
    let text = match std::fs::read_to_string(path) {
        Ok(text) => text,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound && !asked_for => return Ok(Config::default()),
        Err(error) => return Err(Error::user(format!("could not read the configuration {place}")).because(error)),
    };
    parse(&text, map).map_err(|error| Error { message: format!("{place}: {}", error.message), ..error })
}

fn parse(text: &str, map: &mut SkillMap) -> Result<Config> {
    let file: File = toml::from_str(text).map_err(|error: toml::de::Error| {
        // The library's own message draws the line and a caret; one sentence with the line's number says it too.
        let line = error.span().map_or(0, |span| text[..span.start.min(text.len())].matches('\n').count() + 1);
        let message = error.message().lines().next().unwrap_or_default().to_owned();
        Error::data(format!("line {line}: {message}")).hint("`plugg config --template` prints every setting")
    })?;
    let default = Config::default();
    let grades = match file.grades.as_deref() {
        None | Some("four") => Scale::Four,
        Some("six") => Scale::Six,
        Some(other) => {
            return Err(Error::data(format!("grades is `{other}`")).hint("the scales are \"four\" and \"six\""));
        }
    };
    let pictures = match file.pictures.as_deref() {
        None | Some("auto") => Pictures::Auto,
        Some("never") => Pictures::Never,
        Some("kitty") => Pictures::Always(Protocol::Kitty),
        Some("iterm2") => Pictures::Always(Protocol::Iterm2),
        Some("sixel") => Pictures::Always(Protocol::Sixel),
        Some(other) => {
            return Err(Error::data(format!("pictures is `{other}`"))
                .hint("it is \"auto\", \"never\", \"kitty\", \"iterm2\" or \"sixel\""));
        }
    };
    let rollover_hour = file.rollover_hour.unwrap_or(default.rollover_hour);
    if rollover_hour > 23 {
        return Err(Error::data(format!("rollover_hour is {rollover_hour}")).hint("it is an hour from 0 to 23"));
    }
    map.extend(file.area)?;
    Ok(Config {
        rollover_hour,
        new_per_day: file.new_per_day.unwrap_or(default.new_per_day),
        reviews_per_day: file.reviews_per_day,
        minutes: file.minutes,
        grades,
        pictures,
        bundled_decks: file.bundled_decks.unwrap_or(default.bundled_decks),
        rules: Rules {
            fuzz: file.fuzz.unwrap_or(default.rules.fuzz),
            late_credit: file.late_credit.unwrap_or(default.rules.late_credit),
            leech_lapses: file.leech_lapses.unwrap_or(default.rules.leech_lapses).max(1),
        },
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn map() -> SkillMap {
        SkillMap::parse(super::super::bundled::AREAS).unwrap()
    }

    #[test]
    fn the_template_says_the_defaults() {
        assert_eq!(parse(TEMPLATE, &mut map()).unwrap(), Config::default());
        let all: String = TEMPLATE
            .lines()
            .map(|line| match line.strip_prefix("# ") {
                Some(setting) if setting.contains(" = ") || setting.starts_with("[[") => format!("{setting}\n"),
                _ => format!("{line}\n"),
            })
            .collect();
        let mut map = map();
        let config = parse(&all, &mut map).unwrap();
        let limits = Config { reviews_per_day: Some(200), minutes: Some(10), ..Config::default() };
        assert_eq!(config, limits);
        assert_eq!(map.areas.last().unwrap().id, "sailing");
    }

    #[test]
    fn pictures_are_drawn_as_set() {
        let known = Some(Protocol::Iterm2);
        for (value, expected) in [
            ("auto", known),
            ("never", None),
            ("kitty", Some(Protocol::Kitty)),
            ("iterm2", Some(Protocol::Iterm2)),
            ("sixel", Some(Protocol::Sixel)),
        ] {
            let config = parse(&format!("pictures = \"{value}\""), &mut map()).unwrap();
            assert_eq!(config.pictures.protocol(known), expected, "{value}");
        }
        assert_eq!(Pictures::Auto.protocol(None), None);
    }

    #[test]
    fn what_is_wrong_is_said_with_its_line() {
        let cases = [
            ("new_per_day = 5\nnew_per_dya = 6", "line 2: unknown field `new_per_dya`"),
            ("rollover_hour = 24", "rollover_hour is 24"),
            ("grades = \"five\"", "grades is `five`"),
            ("pictures = \"always\"", "pictures is `always`"),
            ("minutes = \"ten\"", "line 1: invalid type: string \"ten\", expected u32"),
            ("minutes = ", "line 1: "),
            (
                "[[area]]\nid = \"linux\"\ntitle_en = \"L\"\ntitle_sv = \"L\"",
                "the skill map has the area `linux` twice",
            ),
        ];
        for (text, expected) in cases {
            let said = parse(text, &mut map()).unwrap_err().to_string();
            assert!(said.starts_with(expected), "{text}: {said}");
        }
    }
}
