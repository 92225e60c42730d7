//! A team in words: a table on a terminal, CSV for spreadsheets, JSON for programs, and [`html`] for a page.
//!
//! The same things stand in all of them, and each says the rule by which it calls an area at risk. The JSON has the
//! fields of [`Team`], whose documentation defines them.

pub mod html;

use unicode_width::UnicodeWidthStr as _;

use crate::card::Level;
use crate::day::Day;
use crate::error::Result;
use crate::share::team::{Area, SAFE_FROM, Team};
use crate::text::{Line, Style, csv_row, cut, pad, wrapped};

/// Columns that a person's name takes at the most; a longer one goes on in the second row of the head.
const NAME: usize = 10;
/// Columns that an area's title takes at the most.
const TITLE: usize = 22;

/// The sign of a level in a matrix.
fn sign(level: Level) -> &'static str {
    match level {
        Level::Foundation => "F",
        Level::Practitioner => "P",
        Level::Expert => "E",
    }
}

/// A date as the report writes it.
fn date(day: Day) -> String {
    day.date().format("%-d %B %Y").to_string()
}

fn counted(number: usize, one: &str, many: &str) -> String {
    format!("{number} {}", if number == 1 { one } else { many })
}

fn percent(share: f64) -> String {
    format!("{:.0} %", share * 100.0)
}

/// The rule of the bus factor.
fn rule(team: &Team) -> String {
    format!("Bus factor: areas where fewer than {SAFE_FROM} people hold {} or deeper", team.level)
}

/// How old what was read is.
fn age(team: &Team) -> Option<String> {
    let oldest = team.oldest.as_ref()?;
    let days = usize::try_from(oldest.days).unwrap_or(usize::MAX);
    Some(format!(
        "oldest file: {}, {}, {} old",
        cut(&oldest.name, TITLE),
        date(oldest.date),
        counted(days, "day", "days")
    ))
}

/// What the averages come to, or why there are none.
fn averages(team: &Team) -> String {
    let Some(answers) = team.mean_answers else { return "Averages: fewer than five people".to_owned() };
    let told = team.areas.iter().any(|area| area.mean_retention.is_some());
    let retention = if told {
        "recalled: the mean of those who told theirs, where five or more did"
    } else {
        "fewer than five people told how much they recall"
    };
    format!("Averages: {answers:.0} counted answers a person; {retention}")
}

/// Who holds enough in an area at risk: nobody, or the one.
fn alone<'a>(team: &'a Team, area: &Area) -> Option<&'a str> {
    let place = area.holds.iter().position(|held| *held >= Some(team.level))?;
    team.people.get(place).map(|person| person.name.as_str())
}

/// The areas at risk: titles of those that nobody holds, and of those that one person holds, with the name.
fn at_risk(team: &Team) -> (Vec<&str>, Vec<(&str, &str)>) {
    let risky = || team.areas.iter().filter(|area| area.at_risk);
    let nobody = risky().filter(|area| alone(team, area).is_none()).map(|area| area.title.as_str()).collect();
    let one = risky().filter_map(|area| Some((area.title.as_str(), alone(team, area)?))).collect();
    (nobody, one)
}

/// Where people hold more in a system than in its area: the place of the person, the name of the system, the level.
fn deeper(team: &Team) -> impl Iterator<Item = (usize, &str, Level)> {
    let all = team.areas.iter().flat_map(|area| &area.deeper);
    all.map(|deeper| (deeper.person, deeper.title.as_str(), deeper.level))
}

/// One column of the matrix.
struct Column {
    /// Two rows of head.
    head: [String; 2],
    width: usize,
    cells: Vec<(String, Style)>,
}

/// Returns the matrix of areas and people, in as many blocks as the width makes of the people, and what it means.
pub fn table(team: &Team, width: usize) -> Vec<Line> {
    let mut head = Line::of(Style::Strong, format!(" {}", counted(team.people.len(), "person", "people")));
    head.push(Style::Faint, format!(" · {}", date(team.today)));
    let mut lines = vec![head];
    let say = |lines: &mut Vec<Line>, style: Style, text: &str| {
        let rows = wrapped(text, width.saturating_sub(1));
        lines.extend(rows.into_iter().map(|row| Line::of(style, format!(" {row}"))));
    };
    if let Some(age) = age(team) {
        say(&mut lines, Style::Faint, &age);
    }
    let names = team.areas.iter().map(|area| area.title.width()).max().unwrap_or(0).min(TITLE).max("area".len());
    for block in blocks(columns(team), width.saturating_sub(names + 1)) {
        lines.push(Line::new());
        lines.extend(block_lines(team, names, &block));
    }
    lines.push(Line::new());
    let legend = "F foundation, P practitioner, E expert, – none; * deeper in a system, see below";
    say(&mut lines, Style::Faint, legend);
    say(&mut lines, Style::Faint, "F+, P+, E+: how many hold that level or a deeper one; ! at risk");
    lines.push(Line::new());
    say(&mut lines, Style::Strong, &rule(team));
    let (nobody, one) = at_risk(team);
    let nobody: Vec<String> = nobody.iter().map(|area| cut(area, TITLE)).collect();
    let one: Vec<String> =
        one.iter().map(|(area, name)| format!("{} ({})", cut(area, TITLE), cut(name, TITLE))).collect();
    for (label, list, style) in [("nobody", nobody.join(" · "), Style::Bad), ("only one", one.join(" · "), Style::Warn)]
    {
        let rows = wrapped(&list, width.saturating_sub(11));
        for (index, row) in rows.into_iter().enumerate().filter(|(_, row)| !row.is_empty()) {
            let label = if index == 0 { label } else { "" };
            lines.push(Line::of(style, format!("  {label:<8} ")).with(Style::Plain, row));
        }
    }
    if !team.areas.iter().any(|area| area.at_risk) {
        say(&mut lines, Style::Good, " none");
    }
    if deeper(team).next().is_some() {
        lines.push(Line::new());
        lines.push(Line::of(Style::Strong, " Deeper in a system than in its area"));
    }
    for (place, person) in team.people.iter().enumerate() {
        let systems = deeper(team).filter(|(who, ..)| *who == place);
        let systems: Vec<String> =
            systems.map(|(_, system, level)| format!("{} {level}", cut(system, TITLE))).collect();
        if !systems.is_empty() {
            let text = format!("{}: {}", cut(&person.name, TITLE), systems.join(" · "));
            let rows = wrapped(&text, width.saturating_sub(4));
            lines.extend(rows.into_iter().enumerate().map(|(n, row)| Line::plain(row).indented(2 + 2 * n.min(1))));
        }
    }
    lines.push(Line::new());
    say(&mut lines, Style::Plain, &averages(team));
    lines
}

fn columns(team: &Team) -> Vec<Column> {
    let cell = |area: &Area, person: usize| {
        let more = area.deeper.iter().any(|deeper| deeper.person == person);
        let held = area.holds.get(person).copied().flatten();
        let style = match held {
            None => Style::Faint,
            Some(Level::Foundation) => Style::Plain,
            Some(Level::Practitioner) => Style::Good,
            Some(Level::Expert) => Style::Accent,
        };
        (format!("{}{}", held.map_or("–", sign), if more { "*" } else { "" }), style)
    };
    let mut columns: Vec<Column> = team
        .people
        .iter()
        .enumerate()
        .map(|(place, person)| {
            let (first, rest) = person.name.split_once(' ').unwrap_or((&person.name, ""));
            let head = [cut(first, NAME), cut(rest.trim(), NAME)];
            let width = head.iter().map(|row| row.width()).max().unwrap_or(0).max(2);
            Column { head, width, cells: team.areas.iter().map(|area| cell(area, place)).collect() }
        })
        .collect();
    let counts = |level: Level| Column {
        head: [format!("{}+", sign(level)), String::new()],
        width: 3,
        cells: team
            .areas
            .iter()
            .map(|area| {
                let holders = area.holders.get(&level).copied().unwrap_or(0);
                match level == team.level && area.at_risk {
                    true => (format!("{holders}!"), if holders == 0 { Style::Bad } else { Style::Warn }),
                    false => (holders.to_string(), Style::Faint),
                }
            })
            .collect(),
    };
    columns.extend(Level::ALL.map(counts));
    if team.areas.iter().any(|area| area.mean_retention.is_some()) {
        let mean = |area: &Area| area.mean_retention.map_or("few".to_owned(), |mean| percent(mean.value));
        columns.push(Column {
            head: ["recalled".to_owned(), String::new()],
            width: 8,
            cells: team.areas.iter().map(|area| (mean(area), Style::Faint)).collect(),
        });
    }
    columns
}

/// The columns in blocks that fit beside the titles: two blanks before each column.
fn blocks(columns: Vec<Column>, width: usize) -> Vec<Vec<Column>> {
    let mut blocks: Vec<Vec<Column>> = Vec::new();
    let mut used = 0;
    for column in columns {
        match blocks.last_mut() {
            Some(block) if used + 2 + column.width <= width => {
                used += 2 + column.width;
                block.push(column);
            }
            _ => {
                used = 2 + column.width;
                blocks.push(vec![column]);
            }
        }
    }
    blocks
}

fn block_lines(team: &Team, names: usize, block: &[Column]) -> Vec<Line> {
    let row = |title: &str, style: Style, cells: &[(&str, Style)]| {
        let mut line = Line::of(style, format!(" {}", pad(title, names)));
        let mut blanks = 2;
        for ((text, style), column) in cells.iter().zip(block) {
            if text.is_empty() {
                blanks += column.width + 2;
                continue;
            }
            line.push(Style::Plain, " ".repeat(blanks));
            line.push(*style, *text);
            blanks = 2 + column.width.saturating_sub(text.width());
        }
        line
    };
    let head = |place: usize| -> Vec<(&str, Style)> {
        block.iter().map(|column| (column.head[place].as_str(), Style::Faint)).collect()
    };
    let mut lines = vec![row("area", Style::Faint, &head(0))];
    if block.iter().any(|column| !column.head[1].is_empty()) {
        lines.push(row("", Style::Faint, &head(1)));
    }
    for (place, area) in team.areas.iter().enumerate() {
        let cells: Vec<(&str, Style)> = block
            .iter()
            .filter_map(|column| column.cells.get(place).map(|(text, style)| (text.as_str(), *style)))
            .collect();
        lines.push(row(&area.title, Style::Plain, &cells));
    }
    lines
}

/// Returns the team as indented JSON with a line feed at its end.
///
/// # Errors
/// When a figure cannot be written, which no team holds.
pub fn json(team: &Team) -> Result<String> {
    super::json::render(team)
}

/// Returns the matrix as CSV: a row an area, and one for each system in which someone holds more than in its area,
/// where `system` is filled and only those people's cells are. A column a person, with the levels by name; then how many
/// hold each level or a deeper one, the bus factor, and the mean retention in per cent where it may be told.
///
/// A cell that a spreadsheet would run as a formula gets an apostrophe before it: names come from anyone.
pub fn csv(team: &Team) -> String {
    let before = ["area", "system", "title"].map(str::to_owned);
    let after = ["foundation", "practitioner", "expert", "bus factor", "mean retention"].map(str::to_owned);
    let people = team.people.iter().map(|person| person.name.clone());
    let mut rows: Vec<Vec<String>> = vec![before.into_iter().chain(people).chain(after).collect()];
    for area in &team.areas {
        let mut row = vec![area.id.clone(), String::new(), area.title.clone()];
        row.extend(area.holds.iter().map(|held| held.map_or(String::new(), |level| level.name().to_owned())));
        row.extend(Level::ALL.map(|level| area.holders.get(&level).copied().unwrap_or(0).to_string()));
        row.push(area.bus_factor.to_string());
        row.push(area.mean_retention.map_or(String::new(), |mean| format!("{:.0}", mean.value * 100.0)));
        rows.push(row);
        let mut systems: Vec<(&str, &str)> =
            area.deeper.iter().map(|deeper| (deeper.system.as_str(), deeper.title.as_str())).collect();
        systems.sort_unstable();
        systems.dedup_by_key(|(system, _)| *system);
        for (system, title) in systems {
            let mut row = vec![area.id.clone(), system.to_owned(), title.to_owned()];
            row.extend((0..team.people.len()).map(|person| {
                let held = area.deeper.iter().find(|deeper| deeper.person == person && deeper.system == system);
                held.map_or(String::new(), |deeper| deeper.level.name().to_owned())
            }));
            // What is counted over all people is counted for areas alone.
            row.extend(std::iter::repeat_n(String::new(), 5));
            rows.push(row);
        }
    }
    let mut out = String::new();
    for row in &rows {
        csv_row(&mut out, row.iter().map(String::as_str));
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::share::Share;
    use crate::share::team;
    use crate::skill::SkillMap;
    use expect_test::expect;

    const MAP: &str = "[[area]]\nid='linux'\ntitle_en='Linux'\ntitle_sv='L'\n\
        [[area]]\nid='cdn'\ntitle_en='CDN'\ntitle_sv='C'\n[[area.system]]\nid='cloudflare'\nname='Cloudflare'\n\
        [[area]]\nid='git'\ntitle_en='Git'\ntitle_sv='G'";

    /// A team of people who each hold one level in Linux, and the first more in a system.
    fn team(names: &[&str], levels: &[&str]) -> Team {
        let files = names.iter().enumerate().map(|(place, name)| {
            let system = match place {
                0 => {
                    "[[area]]\nid='cdn'\ntitle='x'\nholds='none'\nanswers=1\n\
                      [[area.system]]\nid='cloudflare'\ntitle='x'\nholds='expert'"
                }
                _ => "",
            };
            let level = levels[place % levels.len()];
            let text = format!(
                "plugg_share=1\nname='{name}'\ndate=2026-11-{:02}\nanswers=30\n\
                 [[area]]\nid='linux'\ntitle='x'\nholds='{level}'\nanswers=30\n\
                 retention={{share=0.9,low=0.8,high=0.95,answers=30,days=90}}\n{system}",
                place % 28 + 1,
            );
            (format!("{place}.toml"), Share::parse("x", text.as_bytes()).unwrap())
        });
        let today = Day::parse("2026-11-24").unwrap();
        team::of(files.collect(), &SkillMap::parse(MAP).unwrap(), Level::Practitioner, today)
    }

    fn text(lines: &[Line]) -> String {
        lines.iter().map(|line| line.text() + "\n").collect()
    }

    #[test]
    fn a_small_team() {
        let team = team(&["Anna Andersson", "Bo"], &["practitioner", "foundation"]);
        // The first line keeps the blanks before the others.
        expect![[r#"
            60 columns
             2 people · 24 November 2026
             oldest file: Anna Andersson, 1 November 2026, 23 days old

             area   Anna       Bo  F+   P+   E+
                    Andersson
             Linux  P          F   2    1!   0
             CDN    –*         –   0    0!   0
             Git    –          –   0    0!   0

             F foundation, P practitioner, E expert, – none; * deeper in
             a system, see below
             F+, P+, E+: how many hold that level or a deeper one; ! at
             risk

             Bus factor: areas where fewer than 2 people hold
             practitioner or deeper
              nobody   CDN · Git
              only one Linux (Anna Andersson)

             Deeper in a system than in its area
              Anna Andersson: Cloudflare expert

             Averages: fewer than five people
        "#]]
        .assert_eq(&format!("60 columns\n{}", text(&table(&team, 60))));
        expect![[r#"
            area,system,title,Anna Andersson,Bo,foundation,practitioner,expert,bus factor,mean retention
            linux,,Linux,practitioner,foundation,2,1,0,1,
            cdn,,CDN,,,0,0,0,0,
            cdn,cloudflare,Cloudflare,expert,,,,,,
            git,,Git,,,0,0,0,0,
        "#]]
        .assert_eq(&csv(&team).replace("\r\n", "\n"));
    }

    #[test]
    fn many_people_go_into_blocks_that_fit() {
        let names: Vec<String> = (0..40).map(|place| format!("Person{place} Name")).collect();
        let names: Vec<&str> = names.iter().map(String::as_str).collect();
        for width in [40, 80, 120] {
            let lines = table(&team(&names, &["expert"]), width);
            assert!(lines.iter().all(|line| line.width() <= width), "{}", text(&lines));
            let all = text(&lines);
            for name in &names {
                let first = name.split(' ').next().unwrap();
                assert!(all.split_whitespace().any(|word| word == first), "{first} at {width}");
            }
        }
    }

    #[test]
    fn foreign_names_do_nothing_on_a_page_nor_in_a_spreadsheet() {
        let names = ["<script>alert(1)</script>", "=1+1", "a\" onclick=\"b", "\u{202e}x&amp;", "'-1"];
        let names: Vec<String> = names.iter().map(|name| name.replace('\'', "\u{2019}")).collect();
        let names: Vec<&str> = names.iter().map(String::as_str).collect();
        let team = team(&names, &["expert"]);
        let page = html::page(&team);
        for part in ["<script", "\" onclick", "\u{202e}"] {
            assert!(!page.contains(part), "{part}: {page}");
        }
        for part in
            ["<bdi>&lt;script&gt;alert(1)&lt;/script&gt;</bdi>", "⟨U+202E⟩x&amp;amp;", "a&quot; onclick=&quot;b"]
        {
            assert!(page.contains(part), "{part}: {page}");
        }
        // Nothing but what is written here is markup: every sign of a tag belongs to one of ours.
        let tags: std::collections::BTreeSet<&str> = page
            .split('<')
            .skip(1)
            .map(|tag| tag.trim_start_matches('/').split([' ', '>']).next().unwrap_or_default())
            .collect();
        let ours = "!DOCTYPE abbr bdi body br div h1 h2 head html li meta p small span style table tbody td th thead title tr ul";
        assert_eq!(tags.into_iter().collect::<Vec<_>>().join(" "), ours);
        assert!(csv(&team).lines().next().unwrap().contains(",\"'=1+1\","));
    }

    #[test]
    fn json_says_what_the_figures_say() {
        let team = team(&["A", "B", "C", "D", "E"], &["expert"]);
        let json: serde_json::Value = serde_json::from_str(&json(&team).unwrap()).unwrap();
        assert_eq!(json["version"], 1);
        assert_eq!(json["level"], "practitioner");
        assert_eq!(json["people"][4], serde_json::json!({"name": "E", "date": "2026-11-05", "answers": 30}));
        assert_eq!(json["areas"][0]["holders"], serde_json::json!({"foundation": 5, "practitioner": 5, "expert": 5}));
        assert_eq!(json["areas"][0]["mean_retention"]["people"], 5);
        assert_eq!(json["areas"][1]["deeper"][0]["title"], "Cloudflare");
        assert_eq!(json["oldest"], serde_json::json!({"name": "A", "date": "2026-11-01", "days": 23}));
        assert!(!json.to_string().contains("\"retention\""), "no one's own retention is told");
    }
}
