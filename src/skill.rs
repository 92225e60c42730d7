//! The skill map: areas, the systems within them, and the learner's goal profile.
//!
//! The map is data (`decks/areas.toml`); this room reads it and answers where a system belongs and how deep the learner
//! wants to go.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use crate::card::Level;
use crate::error::{Error, Result};

/// The area of cards that nothing maps.
pub const UNSORTED: &str = "unsorted";

/// Short forms that people write in tags, and the system or area that they mean.
const SHORT_FORMS: [(&str, &str); 21] = [
    ("k8s", "kubernetes"),
    ("postgres", "postgresql"),
    ("mariadb", "mysql"),
    ("mongo", "mongodb"),
    ("elk", "elasticsearch"),
    ("es6", "javascript"),
    ("js", "javascript"),
    ("node", "javascript"),
    ("golang", "go"),
    ("gcp", "google-cloud"),
    ("s3", "aws"),
    ("ec2", "aws"),
    ("lambda", "aws-lambda"),
    ("tcp", "network-protocols"),
    ("dns", "network-protocols"),
    ("iptables", "firewalls"),
    ("tls", "pki"),
    ("ci/cd", "ci-cd"),
    ("shell", "bash"),
    ("sql", "databases"),
    ("system-design", "microservices"),
];

/// What a card belongs to, and what an answer belonged to when it was given.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
pub struct Scope {
    /// The id of the area.
    pub area: String,
    /// The id of the system; empty where it belongs to none.
    pub system: String,
    /// How deep it goes.
    pub level: Level,
}

/// The number under which a [`Scope`] is kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ScopeId(pub i64);

/// The scopes that are in use, by number.
pub type Scopes = BTreeMap<ScopeId, Scope>;

/// The skill map in its fixed order.
#[derive(Debug, Clone)]
pub struct SkillMap {
    /// The areas in the order in which everything lists them.
    pub areas: Vec<Area>,
    /// The title of [`UNSORTED`].
    unsorted: String,
}

/// One skill area.
#[derive(Debug, Clone, Deserialize)]
pub struct Area {
    /// Stable and unique, kebab-case.
    pub id: String,
    /// The title: English, unless the map was [translated](SkillMap::translated).
    #[serde(rename = "title_en")]
    pub title: String,
    /// A title of at most 22 columns for narrow tables; the title where it is short enough.
    #[serde(default)]
    pub short: Option<String>,
    /// The systems that belong to it.
    #[serde(default, rename = "system")]
    pub systems: Vec<System>,
    /// Both titles in other languages: `title_sv`, `short_sv` and so on; and keys that only deck writers need.
    #[serde(flatten)]
    further: BTreeMap<String, toml::Value>,
}

impl Area {
    /// The title for narrow tables.
    pub fn short_title(&self) -> &str {
        self.short.as_deref().unwrap_or(&self.title)
    }
}

/// One system: a tool, a product or a theme that cards are about.
#[derive(Debug, Clone, Deserialize)]
pub struct System {
    /// Stable and unique over all areas, kebab-case.
    pub id: String,
    /// Its name as practitioners write it.
    pub name: String,
    /// How many cards each level should have at least.
    #[serde(default)]
    pub cards: BTreeMap<Level, usize>,
    /// How many cards should have a check at least.
    #[serde(default)]
    pub checked_min: usize,
    /// Where its primary documentation is rooted.
    #[serde(default)]
    pub docs: String,
    /// Its name in other languages, `name_sv` and so on, where it is no product's; and keys that only deck writers need.
    #[serde(flatten)]
    further: BTreeMap<String, toml::Value>,
}

/// The file as it is written: keys that only deck writers need are passed over.
#[derive(Deserialize)]
struct MapFile {
    #[serde(default)]
    area: Vec<Area>,
}

impl SkillMap {
    /// Reads the map from TOML.
    ///
    /// # Errors
    /// Refuses broken TOML, and an area or system id that stands twice.
    pub fn parse(toml: &str) -> Result<SkillMap> {
        let file: MapFile =
            toml::from_str(toml).map_err(|error| Error::data("the skill map is not valid").because(error))?;
        let map = SkillMap { areas: file.area, unsorted: "Unsorted".to_owned() };
        map.refuse_twins()?;
        Ok(map)
    }

    /// The map with its titles in a language, by its tag; a title that it lacks there stays English. `unsorted` is the
    /// title of [`UNSORTED`].
    #[must_use]
    pub fn translated(&self, language: &str, unsorted: String) -> SkillMap {
        let mut map = SkillMap { unsorted, ..self.clone() };
        let text = |further: &BTreeMap<String, toml::Value>, key: &str| {
            further.get(&format!("{key}_{language}")).and_then(|text| text.as_str()).map(str::to_owned)
        };
        for area in &mut map.areas {
            if let Some(title) = text(&area.further, "title") {
                // An English short title would hide the translated one.
                area.short = text(&area.further, "short");
                area.title = title;
            }
            for system in &mut area.systems {
                system.name = text(&system.further, "name").unwrap_or_else(|| std::mem::take(&mut system.name));
            }
        }
        map
    }

    /// Adds the learner's own areas after the given ones.
    ///
    /// # Errors
    /// Refuses an id that stands twice.
    pub fn extend(&mut self, own: Vec<Area>) -> Result<()> {
        self.areas.extend(own);
        self.refuse_twins()
    }

    fn refuse_twins(&self) -> Result<()> {
        let mut seen = BTreeSet::from([UNSORTED]);
        for area in &self.areas {
            if !seen.insert(&area.id) {
                return Err(Error::data(format!("the skill map has the area `{}` twice", area.id)));
            }
        }
        let mut seen = BTreeSet::new();
        for system in self.areas.iter().flat_map(|area| &area.systems) {
            if !seen.insert(&system.id) {
                return Err(Error::data(format!("the skill map has the system `{}` twice", system.id)));
            }
        }
        Ok(())
    }

    /// The area with this id.
    pub fn area(&self, id: &str) -> Option<&Area> {
        self.areas.iter().find(|area| area.id == id)
    }

    /// The system with this id and its area.
    pub fn system(&self, id: &str) -> Option<(&Area, &System)> {
        self.areas
            .iter()
            .find_map(|area| area.systems.iter().find(|system| system.id == id).map(|system| (area, system)))
    }

    /// The title of an area, or its id where the map does not know it.
    pub fn area_title<'a>(&'a self, id: &'a str) -> &'a str {
        match self.area(id) {
            Some(area) => area.short_title(),
            None if id == UNSORTED => &self.unsorted,
            None => id,
        }
    }

    /// The name of a system, or its id where the map does not know it.
    pub fn system_name<'a>(&'a self, id: &'a str) -> &'a str {
        self.system(id).map_or(id, |(_, system)| system.name.as_str())
    }

    /// The place of an area in the order of the map; unknown areas come last.
    pub fn position(&self, area: &str) -> usize {
        self.areas.iter().position(|known| known.id == area).unwrap_or(self.areas.len())
    }

    /// The area and system that an id of either stands for; the system is empty where it is an area's.
    pub fn scope_of(&self, id: &str) -> Option<(&str, &str)> {
        match (self.area(id), self.system(id)) {
            (Some(area), _) => Some((&area.id, "")),
            (None, Some((area, system))) => Some((&area.id, &system.id)),
            (None, None) => None,
        }
    }

    /// The id of the area or system that a tag or a deck's name most likely means: one of its words is an id, a name or
    /// a usual short form.
    pub fn guess(&self, name: &str) -> Option<&str> {
        // The deepest level of a tag says most.
        name.to_lowercase().rsplit("::").find_map(|level| self.guess_level(level))
    }

    fn guess_level(&self, name: &str) -> Option<&str> {
        let words: Vec<&str> = name.split(|c: char| !c.is_alphanumeric() && c != '-' && c != '/').collect();
        let known = |id: &str, title: &str| words.contains(&id) || words.contains(&title.to_lowercase().as_str());
        let mut systems = self.areas.iter().flat_map(|area| &area.systems);
        let system = systems.find(|system| known(&system.id, &system.name)).map(|system| system.id.as_str());
        let short = || {
            let id = SHORT_FORMS.iter().find(|(form, _)| words.contains(form)).map(|(_, id)| *id)?;
            self.names().find(|known| *known == id)
        };
        let area = || self.areas.iter().find(|area| known(&area.id, area.short_title())).map(|area| area.id.as_str());
        system.or_else(short).or_else(area)
    }

    /// Every id of an area or system that a user may name, to suggest the nearest one.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.areas.iter().flat_map(|area| {
            std::iter::once(area.id.as_str()).chain(area.systems.iter().map(|system| system.id.as_str()))
        })
    }
}

/// Where the notes of a foreign deck belong: rules over their tags and folders, and a place for all others.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Mapping {
    /// The id of the area or system of all notes that no rule matches.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rest: Option<String>,
    /// Patterns and the id of an area or system for each; the first that matches counts.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub rules: Vec<(String, String)>,
}

impl Mapping {
    /// The id of the area or system of a note with these tags, in this folder.
    pub fn place(&self, tags: &[String], folder: &str) -> Option<&str> {
        let names = || tags.iter().map(String::as_str).chain(std::iter::once(folder)).filter(|name| !name.is_empty());
        let rule = self.rules.iter().find(|(pattern, _)| names().any(|name| matches_pattern(pattern, name)));
        rule.map(|(_, place)| place).or(self.rest.as_ref()).map(String::as_str)
    }

    /// Reads a rule like `aws::*=cloud`.
    ///
    /// # Errors
    /// Says what the form is.
    pub fn parse_rule(text: &str) -> Result<(String, String)> {
        match text.rsplit_once('=') {
            Some((pattern, place)) if !pattern.is_empty() && !place.is_empty() => {
                Ok((pattern.to_owned(), place.to_owned()))
            }
            _ => Err(Error::user(format!("`{text}` is not TAG=AREA")).hint("for example: --map 'aws::*=cloud'")),
        }
    }
}

/// Whether a name matches a pattern in which `*` stands for anything, in any case. `aws::*` matches `aws` too: the
/// levels of a tag are one thing.
fn matches_pattern(pattern: &str, name: &str) -> bool {
    let (pattern, name) = (pattern.to_lowercase(), name.to_lowercase());
    if pattern.strip_suffix("::*") == Some(name.as_str()) {
        return true;
    }
    let mut parts = pattern.split('*');
    let first = parts.next().unwrap_or_default();
    let Some(mut rest) = name.strip_prefix(first) else { return false };
    let mut parts: Vec<&str> = parts.collect();
    let Some(last) = parts.pop() else { return rest.is_empty() };
    for part in parts {
        match rest.split_once(part) {
            Some((_, after)) => rest = after,
            None => return false,
        }
    }
    rest.ends_with(last)
}

/// How deep the learner wants to go in each area: the T-shape.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Profile {
    /// The target where nothing else is said.
    pub base: Level,
    /// Targets of single areas.
    pub targets: BTreeMap<String, Level>,
}

impl Default for Profile {
    /// Broad basics everywhere.
    fn default() -> Self {
        Profile { base: Level::Foundation, targets: BTreeMap::new() }
    }
}

impl Profile {
    /// The target level of an area.
    pub fn target(&self, area: &str) -> Level {
        self.targets.get(area).copied().unwrap_or(self.base)
    }

    /// Whether a card of this area and level lies within the profile.
    pub fn includes(&self, area: &str, level: Level) -> bool {
        level <= self.target(area)
    }
}

/// Returns the candidate nearest to `word` in spelling, if one is near enough to be what was meant.
pub fn nearest<'a>(word: &str, candidates: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    candidates
        .into_iter()
        .map(|candidate| (strsim::damerau_levenshtein(word, candidate), candidate))
        .filter(|(distance, candidate)| *distance <= 1 + candidate.chars().count() / 4)
        .min()
        .map(|(_, candidate)| candidate)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shipped() -> SkillMap {
        SkillMap::parse(include_str!("../decks/areas.toml")).unwrap()
    }

    #[test]
    fn the_shipped_map_has_twenty_areas_and_sixty_one_systems() {
        let map = shipped();
        assert_eq!(map.areas.len(), 20);
        assert_eq!(map.areas.iter().map(|area| area.systems.len()).sum::<usize>(), 61);
        assert_eq!(map.system("nginx").unwrap().0.id, "web-servers");
        assert_eq!(map.position("linux"), 0);
        assert_eq!(map.position("elsewhere"), 20);
        assert!(map.areas.iter().all(|area| area.short_title().chars().count() <= 22), "titles fit the narrow table");
    }

    #[test]
    fn an_id_stands_once() {
        let twice = "[[area]]\nid='a'\ntitle_en='A'\ntitle_sv='A'\n[[area]]\nid='a'\ntitle_en='B'\ntitle_sv='B'";
        assert_eq!(SkillMap::parse(twice).unwrap_err().to_string(), "the skill map has the area `a` twice");
        let mut map = shipped();
        let own = map.areas[0].clone();
        assert!(map.extend(vec![own]).is_err());
    }

    #[test]
    fn titles_are_translated_where_the_map_knows_them() {
        let swedish = shipped().translated("sv", "Osorterat".into());
        assert_eq!(swedish.area_title("networking"), "Nätverk");
        assert_eq!(swedish.area_title(UNSORTED), "Osorterat");
        assert_eq!((swedish.system_name("firewalls"), swedish.system_name("nginx")), ("Brandväggar", "Nginx"));
        assert_eq!(swedish.areas[0].title, "Linux-miljöer");
        assert!(
            swedish.areas.iter().all(|area| area.short_title().chars().count() <= 22),
            "titles fit the narrow table"
        );
        let own = SkillMap::parse("[[area]]\nid='a'\ntitle_en='Sailing'\nshort='Sails'\ntitle_sv='Segling'").unwrap();
        assert_eq!(own.translated("sv", String::new()).area_title("a"), "Segling");
        assert_eq!(own.translated("de", String::new()).area_title("a"), "Sails");
    }

    #[test]
    fn the_profile_is_broad_and_deep_where_she_picked() {
        let mut profile = Profile::default();
        profile.targets.insert("linux".into(), Level::Expert);
        assert!(profile.includes("cdn", Level::Foundation));
        assert!(!profile.includes("cdn", Level::Practitioner));
        assert!(profile.includes("linux", Level::Expert));
    }

    #[test]
    fn foreign_notes_are_placed_by_their_tags() {
        let rule = |text: &str| Mapping::parse_rule(text).unwrap();
        let rules = vec![rule("aws::*=cloud"), rule("*k8s*=kubernetes"), rule("Net=networking")];
        let mapping = Mapping { rest: Some("linux".into()), rules };
        let cases = [
            ("aws::s3", "", Some("cloud")),
            ("AWS", "", Some("cloud")),
            ("awsome", "", Some("linux")),
            ("", "My deck::k8s basics", Some("kubernetes")),
            ("net", "", Some("networking")),
            ("network", "", Some("linux")),
            ("", "", Some("linux")),
        ];
        for (tag, folder, expected) in cases {
            assert_eq!(mapping.place(&[tag.to_owned()], folder), expected, "{tag} {folder}");
        }
        assert_eq!(Mapping::default().place(&[], "x"), None);
        assert!(Mapping::parse_rule("aws").is_err());
        assert!(matches_pattern("a*b*c", "aXbYc") && !matches_pattern("a*b*c", "aXcYb"));
    }

    #[test]
    fn a_place_is_guessed_from_what_people_write() {
        let map = shipped();
        let cases = [
            ("kubernetes", Some("kubernetes")),
            ("k8s::pods", Some("kubernetes")),
            ("aws::s3", Some("aws")),
            ("My Linux notes", Some("linux")),
            ("Networking", Some("networking")),
            ("DNS", Some("network-protocols")),
            ("DevOps::Shell", Some("bash")),
            ("DevOps::Språk", None),
            ("leech", None),
            ("", None),
        ];
        for (name, expected) in cases {
            assert_eq!(map.guess(name), expected, "{name}");
        }
        assert_eq!(map.scope_of("nginx"), Some(("web-servers", "nginx")));
        assert_eq!(map.scope_of("linux"), Some(("linux", "")));
        assert_eq!(map.scope_of("elsewhere"), None);
    }

    #[test]
    fn a_slip_of_the_finger_is_understood() {
        let map = shipped();
        assert_eq!(nearest("kubernets", map.names()), Some("kubernetes"));
        assert_eq!(nearest("ngnix", map.names()), Some("nginx"));
        assert_eq!(nearest("quantum", map.names()), None);
    }
}
