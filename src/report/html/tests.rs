//! The page of a small summary: what it says, that it is well-formed, and that nothing foreign gets through.

use std::collections::BTreeMap;

use expect_test::expect;
use regex::Regex;
use sha2::{Digest as _, Sha256};

use super::*;
use crate::card::{Evidence, Level};
use crate::day::Day;
use crate::recall::{Model, Trace};
use crate::skill::{Profile, Scope, ScopeId, SkillMap};
use crate::stats::{Active, Held, Inputs, Predicted, Standing, Tally, summarize};

const TODAY: Day = Day(20_781);

/// Two areas: one that is held and was answered for a year, one that was lost and has too few answers.
fn summary(titles: [&str; 2]) -> Summary {
    let title = |text: &str| serde_json::to_string(text).unwrap();
    let map = format!(
        "[[area]]\nid = \"linux\"\ntitle_en = {0}\ntitle_sv = \"\"\nshort = {0}\n[[area.system]]\nid = \"bash\"\nname = {0}\n\
         [[area]]\nid = \"git\"\ntitle_en = {1}\ntitle_sv = \"\"\nshort = {1}\n",
        title(titles[0]),
        title(titles[1])
    );
    let scope = |area: &str, system: &str, level| Scope { area: area.into(), system: system.into(), level };
    let scopes = BTreeMap::from([
        (ScopeId(1), scope("linux", "bash", Level::Foundation)),
        (ScopeId(2), scope("linux", "bash", Level::Practitioner)),
        (ScopeId(3), scope("git", "", Level::Foundation)),
    ]);
    let tally = |back: i64, scope, answers, passed| Tally {
        day: TODAY.plus(-back),
        scope: ScopeId(scope),
        mature: false,
        evidence: Evidence::Checked,
        imported: false,
        answers,
        passed,
        guessed: 0.0,
    };
    let mut tallies: Vec<Tally> =
        (0..12).filter(|month| *month != 5).map(|month| tally(30 * month, 1, 40, 36)).collect();
    tallies.push(tally(0, 3, 9, 7));
    let standing = |scope, seen: bool| Standing {
        scope: ScopeId(scope),
        trace: seen.then_some(Trace { stability: 5000.0, difficulty: 5.0, last: TODAY.plus(-1) }),
        recalled: seen.then_some(TODAY.plus(-3)),
        due: seen.then_some(TODAY),
        guess: 0.0,
    };
    let mut standings = vec![standing(1, true); 50];
    standings.extend([standing(2, false); 4]);
    standings.extend([standing(3, true), standing(3, false)]);
    let predicted = |bin, answers, passed, predicted| Predicted {
        bin,
        answers,
        passed,
        predicted,
        loss: 400.0,
        loss_average: 420.0,
        loss_interval: 500.0,
    };
    let held = Held {
        area: "git".into(),
        system: String::new(),
        level: Level::Foundation,
        last_day: TODAY.plus(-40),
        lost_day: Some(TODAY.plus(-30)),
    };
    let active = |back: i64, answers| Active { day: TODAY.plus(-back), answers, fresh: 2, took_ms: 61_000 };
    summarize(&Inputs {
        today: TODAY,
        window: 90,
        weeks: 53,
        model: &Model::default(),
        map: &SkillMap::parse(&map).unwrap(),
        profile: &Profile::default(),
        scopes: &scopes,
        tallies: &tallies,
        standings: &standings,
        predictions: &[predicted(9, 2000, 1900, 1900.0), predicted(3, 7, 2, 2.5)],
        held: &[held],
        activity: &[active(300, 40), active(1, 8), active(0, 49)],
    })
}

fn ahead() -> Vec<Load> {
    (0..3).map(|day| Load { day: TODAY.plus(day), reviews: 51.4 - day as f64, fresh: 4.0, backlog: 0.0 }).collect()
}

/// Every start and end tag, in order.
fn tags(page: &str) -> Vec<(bool, String)> {
    let tag = Regex::new(r#"<(/?)([a-zA-Z0-9]+)(?:\s+[a-zA-Z0-9-]+="[^"<>]*")*\s*(/?)>"#).unwrap();
    let void = ["meta", "br", "link", "img"];
    let all = tag.captures_iter(page).filter(|found| found[3].is_empty() && !void.contains(&&found[2]));
    all.map(|found| (found[1].is_empty(), found[2].to_owned())).collect()
}

#[track_caller]
fn assert_well_formed(page: &str) {
    let mut open = Vec::new();
    for (opens, name) in tags(page) {
        if opens {
            open.push(name);
        } else {
            assert_eq!(open.pop(), Some(name), "within {open:?}");
        }
    }
    assert_eq!(open, Vec::<String>::new());
    // What looks like no tag is no tag: every `<` begins one.
    let body = page.replacen("<!DOCTYPE html>", "", 1);
    let begun = Regex::new(r#"<(/?)([a-zA-Z0-9]+)(?:\s+[a-zA-Z0-9-]+="[^"<>]*")*\s*(/?)>"#).unwrap();
    assert_eq!(body.matches('<').count(), begun.find_iter(&body).count());
    let ids = Regex::new(r#" id="([^"]*)""#).unwrap();
    let mut seen = std::collections::BTreeSet::new();
    ids.captures_iter(page).for_each(|id| assert!(seen.insert(id[1].to_owned()), "{} stands twice", &id[1]));
    let named = Regex::new(r#" aria-labelledby="([^"]*)""#).unwrap();
    let mut names =
        named.captures_iter(page).flat_map(|name| name[1].split(' ').map(str::to_owned).collect::<Vec<_>>());
    assert!(names.all(|name| seen.contains(&name)));
}

/// What is read of the page: a line a heading, a paragraph, a chart's own words, a row of a table.
fn read(page: &str) -> String {
    let text =
        Regex::new("(?s)<style>.*?</style>|<rect[^>]*><title>|<g><title>.*?</title>").unwrap().replace_all(page, "");
    let piece = Regex::new(
        "(?s)<(h1|h2|p|dt|dd|li|figcaption|summary|tr)[ >].*?</(?:h1|h2|p|dt|dd|li|figcaption|summary|tr)>|<(desc|title) .*?</(?:desc|title)>",
    )
    .unwrap();
    let markup = Regex::new("<[^>]*>").unwrap();
    let mut lines = String::new();
    for found in piece.captures_iter(&text) {
        let name = found.get(1).or(found.get(2)).map_or("", |name| name.as_str());
        let cells = found[0].replace("</th><t", "</th> | <t").replace("</td><td", "</td> | <td");
        let words = markup.replace_all(&cells, " ");
        lines.push_str(&format!("{name}: {}\n", words.split_whitespace().collect::<Vec<_>>().join(" ")));
    }
    lines
}

#[test]
fn what_the_page_says() {
    let mut summary = summary(["Linux", "Git"]);
    // A year of weeks and months is said by two of each.
    for row in summary.areas.iter_mut().chain([&mut summary.total]) {
        row.weeks.drain(..51);
        row.months.drain(..11);
    }
    expect![[r#"
        h1: What I know, area by area
        p: plugg report of 24 November 2026
        dt: known today
        dd: 91 % (90–91) of 56 cards
        dt: recalled, 90 days
        dd: 89 % (83–93) n 129
        dt: goals held
        dd: 1 of 2 areas
        dt: goal covered
        dd: 98 % of 52 cards
        dt: due
        dd: 51
        dt: answers
        dd: 97 on 3 days of the year
        h2: Breadth and depth
        p: Breadth goes down, depth to the right; framed is your goal.
        title: Levels held and goals, area by area
        desc: 1 of 2 areas hold their goal. The table below has each figure.
        summary: Levels in figures
        tr: area | level | cards | recalled | answers, 90 days | today
        tr: Linux | foundation | 50 | 50 | 90 % (83–94, n 120) | 100 % (99–100)
        tr: Linux | practitioner | 4 | 0 | no answers yet | 0 % (0–0)
        tr: Git | foundation | 2 | 1 | too few answers (9) | 50 % (49–50)
        h2: The year
        title: Answers a day, 2 weeks up to 24 November 2026
        desc: 97 answers on 3 days.
        summary: The year in figures
        tr: day | answers | new cards | minutes
        tr: 2026-11-24 | 49 | 2 | 2
        tr: 2026-11-23 | 8 | 2 | 2
        tr: 2026-01-28 | 40 | 2 | 2
        h2: The coming 3 days
        title: Cards a day, the coming 3 days
        desc: 163 in all, at most 55 a day.
        summary: The coming days in figures
        tr: day | reviews | new cards
        tr: 2026-11-24 | 51 | 4
        tr: 2026-11-25 | 50 | 4
        tr: 2026-11-26 | 49 | 4
        h2: The areas
        tr: area | goal | holds | cover | recalled, 90 days | today | due | to the next level
        tr: Linux | foundation | practitioner | 100 % | 90 % (83–94, n 120) | 93 % (92–93) | 50 | all held
        tr: Git | foundation | – ↓ | 50 % | too few answers (9) | 50 % (49–50) | 1 | foundation: 1 card, 7 days
        tr: All areas | | | 98 % | 89 % (83–93, n 129) | 91 % (90–91) | 51 |
        li: ↓ Git: foundation no longer held since 25 October 2026
        summary: System by system
        tr: system | goal | holds | cover | recalled, 90 days | today | due | to the next level
        tr: Linux Linux | foundation | practitioner | 100 % | 90 % (83–94, n 120) | 93 % (92–93) | 50 | all held
        h2: Recalled over time
        p: A point is the share recalled of at least 20 answers, the band its 95 % interval: month by month. All of these charts share one scale.
        figcaption: Linux 90 % (83–94, n 120)
        title: Linux: share recalled over time
        desc: 2 of 2 points with enough answers; the last of them 90 %, between 77 and 96 %.
        figcaption: Git too few answers (9)
        title: Git: share recalled over time
        desc: Too few answers for any point.
        summary: Months in figures
        tr: area | Oct 2026 | Nov 2026
        tr: Linux | 90 % (77–96, n 40) | 90 % (77–96, n 40)
        tr: Git | – | too few answers (9)
        tr: All areas | 90 % (77–96, n 40) | 88 % (76–94, n 49)
        h2: All areas, week by week
        p: recalled in 90 days: 89 % (83–93, n 129)
        title: All areas: share recalled over time
        desc: 1 of 2 points with enough answers; the last of them 88 %, between 76 and 94 %.
        summary: Weeks in figures
        tr: week from | recalled
        tr: 2026-11-23 | 88 % (76–94, n 49)
        tr: 2026-11-16 | –
        h2: How good the prediction was
        p: prediction so far: log loss 0.40, your average alone 0.42, SM-2's curve 0.50 (n 2007; lower is better)
        title: Predicted and actual recall
        desc: predicted 95 %, recalled 95 %
        summary: The prediction in figures
        tr: predicted | recalled | answers
        tr: 36 % | too few | 7
        tr: 95 % | 95 % (94–96) | 2000
        h2: What the figures mean
        dt: recalled
        dd: right at the first try of a day, a day or more after the last, less luck; 95 % interval
        dt: today
        dd: the share of all its cards you would know now, unseen ones counting nothing
        dt: cover
        dd: cards within your goal recalled a day or more after they were first seen ÷ cards within your goal
        dt: holds
        dd: the deepest level of which, with all below it, at least 80 % are covered and the lower end of today's 95 % interval is at least 80 %; until 100 answers were predicted that interval is kept wide
        dt: next
        dd: the shallowest level not held; cards still to be recalled for four in five, at the pace at which cards were first recalled in the last four weeks
        dt: luck
        dd: who does not know a choice of three is right one time in three; of what was right, that share is taken off: known = (right − guess) ÷ (1 − guess)
        dt: to the next level
        dd: cards still to be recalled a day or more after they were first seen, and the days that takes at the pace of the last four weeks; or how far the lower end of today's interval is below 80 %
        dt: the coming days
        dd: reviews expected to fall due, and new cards expected to be taken in
        dt: prediction
        dd: each was made before its answer; on the broken line predicted and actual recall agree; bars are 95 % intervals
        dt: not counted
        dd: drills, cramming and imported answers; a percentage needs twenty answers
    "#]].assert_eq(&read(&page(&summary, &ahead(), &Words::english())));
}

#[test]
fn it_is_well_formed_and_needs_nothing_else() {
    for page in [
        page(&summary(["Linux", "Git"]), &ahead(), &Words::english()),
        page(&summary(["Linux", "Git"]), &[], &Words::english()),
        page(&summarize_nothing(), &ahead(), &Words::english()),
    ] {
        assert_well_formed(&page);
        let lower = page.to_lowercase();
        for never in
            ["<script", "javascript:", "http:", "https:", "//", "url(", "@import", " src=", " href=", " style=", " on"]
        {
            // `on` begins words too: an attribute is followed by its value.
            let found = lower.match_indices(never).any(|(at, _)| {
                never != " on"
                    || lower[at + 1..]
                        .split(|c: char| !c.is_ascii_lowercase())
                        .next()
                        .is_some_and(|word| lower[at + 1 + word.len()..].starts_with("=\""))
            });
            assert!(!found, "{never}");
        }
        assert!(page.starts_with("<!DOCTYPE html><html lang=\"en\">"));
    }
}

#[test]
fn the_policy_knows_the_style() {
    const DIGITS: &[u8] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let digest = Sha256::digest(STYLE.as_bytes());
    let base64: String = digest
        .chunks(3)
        .flat_map(|bytes| {
            let bits = (0..3).fold(0usize, |bits, index| bits << 8 | usize::from(*bytes.get(index).unwrap_or(&0)));
            (0..4)
                .map(move |digit| if digit > bytes.len() { '=' } else { DIGITS[bits >> (18 - 6 * digit) & 63] as char })
        })
        .collect();
    assert_eq!(STYLE_HASH, base64, "the style was changed: this is its new hash");
}

#[test]
fn foreign_titles_are_text() {
    let hostile = [
        "</title><script>alert(1)</script>",
        "\"><img src=x onerror=alert(1)>&#x202e;",
        "' onload='x\u{1b}[31m\u{202e}\u{0}",
        "]]><!-- <svg/onload=x>",
    ];
    for title in hostile {
        let page = page(&summary([title, title]), &ahead(), &Words::english());
        assert_well_formed(&page);
        assert!(!page.contains("<script") && !page.contains("<img") && !page.contains("<svg/"), "{title}");
        assert!(!page.contains("&#x202e;"), "{title}");
        assert!(page.chars().all(|character| character == '\n' || !character.is_control()), "{title}");
        assert!(!page.contains('\u{202e}'), "{title}");
    }
}

fn summarize_nothing() -> Summary {
    summarize(&Inputs {
        today: TODAY,
        window: 90,
        weeks: 53,
        model: &Model::default(),
        map: &SkillMap::parse("").unwrap(),
        profile: &Profile::default(),
        scopes: &BTreeMap::new(),
        tallies: &[],
        standings: &[],
        predictions: &[],
        held: &[],
        activity: &[],
    })
}

#[test]
fn nothing_to_show_is_said() {
    let page = page(&summarize_nothing(), &[], &Words::english());
    assert!(page.contains("No cards yet."));
    assert!(!page.contains("<svg"));
}

#[test]
fn cards_without_answers_make_no_percentage() {
    let mut summary = summary(["Linux", "Git"]);
    summary.activity.clear();
    summary.prediction = summarize_nothing().prediction;
    for row in summary.areas.iter_mut().chain([&mut summary.total]) {
        row.window = Default::default();
        row.weeks.iter_mut().chain(&mut row.months).for_each(|period| period.rates = Default::default());
    }
    let page = page(&summary, &[], &Words::english());
    assert_well_formed(&page);
    assert!(page.contains("no answers yet") && page.contains("too few answers"));
    assert!(page.contains("0 answers on 0 days"));
    assert!(!page.contains("class=\"band\"") && !page.contains("class=\"point\""));
    assert!(!page.contains("NaN") && !page.contains("inf"));
}
