//! The forecast on a terminal: the coming days and months with a bar each, and what other limits of new cards would do.
//! Only words and bars; every figure comes out of [`crate::forecast`].

use unicode_width::UnicodeWidthStr as _;

use super::table::Layout;
use crate::forecast::{Chance, DAYS, Forecast, Pace};
use crate::stats::ENOUGH_ANSWERS;
use crate::text::{Line, Style, pad, wrapped};
use crate::words::{Value, Words};

/// Days shown, where not all are asked for: with the months beside them and the limits below they fill 24 rows.
const NEXT_DAYS: usize = 14;
/// From this width on days and months stand side by side.
const SIDE_BY_SIDE: usize = 76;
/// Columns of a day's or month's name.
const NAME: usize = 10;
/// Less than this many cards are none.
const SOME: f64 = 0.5;

/// A day or a month.
struct Row {
    name: String,
    reviews: f64,
    fresh: f64,
    backlog: f64,
}

/// The forecast as lines of at most `layout.width` columns.
pub fn lines(forecast: &Forecast, layout: &Layout<'_>) -> Vec<Line> {
    if forecast.cards == 0 && forecast.unseen == 0 {
        return vec![Line::plain(format!(" {}", layout.words.say("forecast-nothing", &[])))];
    }
    let words = layout.words;
    let count = if layout.explain { DAYS } else { NEXT_DAYS };
    let (days, months) = (days(forecast, count, words), months(forecast, words));
    let all = || days.iter().chain(&months);
    let most = all().map(|row| row.reviews + row.fresh).fold(0.0, f64::max);
    let backlog = all().any(|row| row.backlog >= SOME);
    let block = |title: &str, rows: &[Row], width| {
        let mut lines = vec![header(&words.say(title, &[]), backlog, words)];
        lines.extend(rows.iter().map(|row| line(row, most, backlog, width)));
        lines
    };
    let mut lines = vec![title(forecast, words), Line::new()];
    if layout.width >= SIDE_BY_SIDE {
        let half = layout.width / 2;
        lines.extend(beside(block("forecast-day", &days, half - 1), block("forecast-month", &months, half - 1), half));
    } else {
        lines.extend(block("forecast-day", &days, layout.width));
        lines.push(Line::new());
        lines.extend(block("forecast-month", &months, layout.width));
    }
    lines.push(Line::new());
    lines.extend(paces(forecast, layout));
    let text = |style, text: &str| -> Vec<Line> {
        let rows = wrapped(text, layout.width.saturating_sub(1)).into_iter();
        rows.map(|row| Line::of(style, format!(" {row}"))).collect()
    };
    if let Some(warning) = warning(forecast, words) {
        lines.extend(text(Style::Warn, &warning));
    }
    lines.extend(text(Style::Faint, &basis(forecast, words)));
    if layout.explain {
        lines.extend(DEFINITIONS.into_iter().flat_map(|note| text(Style::Faint, &words.say(note, &[]))));
    }
    lines
}

fn days(forecast: &Forecast, count: usize, words: &Words) -> Vec<Row> {
    (forecast.days.iter().take(count))
        .map(|load| Row {
            name: words.day_short(load.day),
            reviews: load.reviews,
            fresh: load.fresh,
            backlog: load.backlog,
        })
        .collect()
}

fn months(forecast: &Forecast, words: &Words) -> Vec<Row> {
    (forecast.months.iter())
        .map(|month| Row {
            name: words.month_and_year(month.from),
            reviews: month.reviews,
            fresh: month.fresh,
            backlog: month.backlog,
        })
        .collect()
}

fn header(title: &str, backlog: bool, words: &Words) -> Line {
    let mut line = Line::of(Style::Faint, format!(" {}", pad(title, NAME)));
    let columns = [("forecast-reviews", 7), ("forecast-new", 5), ("forecast-left", 7)];
    for (key, width) in columns.into_iter().take(if backlog { 3 } else { 2 }) {
        line.push(Style::Faint, right(&words.say(key, &[]), width));
    }
    line
}

/// A text at the right end of a column.
fn right(text: &str, width: usize) -> String {
    " ".repeat(width.saturating_sub(text.width())) + text
}

/// A row with its bar: blocks for reviews, strokes for new cards, so that it reads without colour.
fn line(row: &Row, most: f64, backlog: bool, width: usize) -> Line {
    let mut line = Line::plain(format!(" {}{:>7}{:>5}", pad(&row.name, NAME), number(row.reviews), number(row.fresh)));
    if backlog {
        let style = if row.backlog >= SOME { Style::Warn } else { Style::Faint };
        line.push(style, format!("{:>7}", number(row.backlog)));
    }
    let room = width.saturating_sub(line.width() + 2);
    let columns = |cards: f64| if most > 0.0 { (cards / most * room as f64).round() as usize } else { 0 };
    // Both ends are rounded, not both parts: so no bar is wider than its room.
    let (reviews, all) = (columns(row.reviews).min(room), columns(row.reviews + row.fresh).min(room));
    if all > 0 {
        line.push(Style::Plain, "  ");
    }
    line.push(Style::Accent, "█".repeat(reviews));
    line.push(Style::Faint, "╌".repeat(all.saturating_sub(reviews)));
    line
}

/// Two blocks side by side, the left one `width` columns wide.
fn beside(left: Vec<Line>, right: Vec<Line>, width: usize) -> Vec<Line> {
    let rows = left.len().max(right.len());
    let (mut left, mut right) = (left.into_iter(), right.into_iter());
    (0..rows)
        .map(|_| {
            let mut line = left.next().unwrap_or_default();
            if let Some(right) = right.next() {
                line.push(Style::Plain, " ".repeat(width.saturating_sub(line.width())));
                line.spans.extend(right.spans);
            }
            line
        })
        .collect()
}

/// A number of cards in a column.
fn number(cards: f64) -> String {
    match cards {
        cards if cards < 0.05 => "–".to_owned(),
        cards if cards < SOME => "<1".to_owned(),
        cards => format!("{cards:.0}"),
    }
}

/// A number of cards in a sentence, whose form it may choose.
fn whole(cards: f64) -> Value<'static> {
    // As it would be written without decimals.
    Value::Count(cards.round_ties_even().max(0.0) as u64)
}

/// A row for each limit of new cards.
fn paces(forecast: &Forecast, layout: &Layout<'_>) -> Vec<Line> {
    let words = layout.words;
    let [limit, title, seen] =
        ["forecast-limit", "forecast-quarters", "forecast-all-seen"].map(|key| words.say(key, &[]));
    // Four quarters of six columns each.
    let quarters_width = title.width().max(24) + 3;
    let mut lines =
        vec![Line::of(Style::Faint, format!(" {}{}{seen}", pad(&limit, NAME + 2), pad(&title, quarters_width)))];
    for (index, pace) in forecast.paces.iter().enumerate() {
        let mut name = pace.new_per_day.to_string();
        if index == 0 {
            name = words.say("forecast-limit-now", &[("limit", Value::from(pace.new_per_day))]);
        }
        let quarters: String = pace.quarters.iter().map(|quarter| format!("{:>6}", number(quarter.reviews))).collect();
        let style = if index == 0 { Style::Strong } else { Style::Plain };
        let line = Line::of(style, format!(" {}{}", pad(&name, NAME + 2), pad(&quarters, quarters_width)));
        let line = line.with(Style::Plain, all_seen(pace, words));
        let behind = pace.quarters.last().filter(|quarter| quarter.backlog >= SOME);
        let behind = behind.map(|quarter| words.say("forecast-left-over", &[("cards", whole(quarter.backlog))]));
        let behind = behind.map(|told| format!(" · {told}")).unwrap_or_default();
        lines.push(if line.width() + behind.width() <= layout.width { line.with(Style::Warn, behind) } else { line });
    }
    lines
}

fn all_seen(pace: &Pace, words: &Words) -> String {
    match pace.all_seen {
        Some(day) => words.date_short(day),
        None if pace.unseen < SOME => "–".to_owned(),
        None => words.say("forecast-unseen", &[("cards", whole(pace.unseen))]),
    }
}

fn warning(forecast: &Forecast, words: &Words) -> Option<String> {
    if let Some(backlog) = &forecast.backlog {
        let cards = ("cards", whole(backlog.cards));
        return Some(match backlog.cleared {
            Some(day) => words.say("forecast-cleared", &[cards, ("date", words.date_short(day).into())]),
            None => words.say("forecast-not-cleared", &[cards]),
        });
    }
    let last = forecast.months.last().filter(|month| month.backlog >= SOME)?;
    Some(words.say("forecast-piling-up", &[("cards", whole(last.backlog))]))
}

fn title(forecast: &Forecast, words: &Words) -> Line {
    let mean = &forecast.mean;
    let reviews = words.say("forecast-mean", &[("reviews", whole(mean.reviews))]);
    let span = [("days", DAYS.into()), ("fewest", whole(mean.fewest)), ("most", whole(mean.most))];
    Line::of(Style::Faint, format!(" {} · ", words.date(forecast.today)))
        .with(Style::Strong, reviews)
        .with(Style::Faint, format!(" {}", words.say("forecast-span", &span)))
}

/// What the forecast stands on.
fn basis(forecast: &Forecast, words: &Words) -> String {
    let recall = |name: &'static str, chance: &Chance| {
        let assumed = if chance.answers < ENOUGH_ANSWERS { "≈" } else { "" };
        (name, Value::from(format!("{assumed}{}", words.percent(chance.value))))
    };
    let retention = &forecast.retention;
    let values = [
        ("seen", forecast.cards.into()),
        ("unseen", forecast.unseen.into()),
        recall("first", &retention.first),
        recall("young", &retention.young),
        recall("mature", &retention.mature),
    ];
    words.say("forecast-basis", &values)
}

/// What stands below a forecast that explains itself.
const DEFINITIONS: [&str; 5] = [
    "forecast-note-expected",
    "forecast-note-reviews",
    "forecast-note-recall",
    "forecast-note-span",
    "forecast-note-limit",
];

#[cfg(test)]
mod tests {
    use super::*;
    use crate::card::{Ease, Memory};
    use crate::day::Day;
    use crate::forecast::{Inputs, Limits, Retention, forecast};
    use crate::sm2::Rules;
    use expect_test::expect;
    use std::collections::BTreeMap;

    const TODAY: Day = Day(20_781);

    fn made(cards: &[(Memory, u32)], unseen: u32, reviews_per_day: Option<u32>) -> Forecast {
        forecast(&Inputs {
            today: TODAY,
            rules: Rules::ORIGINAL,
            limits: Limits { new_per_day: 10, reviews_per_day },
            retention: Retention::of(Default::default(), &[]),
            cards,
            unseen,
            reviewed: 0,
            fresh: 0,
            activity: &BTreeMap::new(),
        })
    }

    fn overdue(count: u32) -> [(Memory, u32); 1] {
        [(Memory { interval: 20, ease: Ease(250), repetitions: 3, due: Some(TODAY.plus(-5)) }, count)]
    }

    /// The lines without their left margin, which `expect!` would take off one way only.
    fn shown(forecast: &Forecast, width: usize, explain: bool) -> String {
        let lines = lines(forecast, &Layout { words: &Words::english(), width, explain });
        lines.iter().map(|line| line.text().trim_end().trim_start_matches(' ').to_owned() + "\n").collect()
    }

    #[test]
    fn eighty_columns() {
        expect![[r#"
             24 November 2026 · 48 reviews a day for 30 days (34–50)

             day       reviews  new   left           month     reviews  new   left
             Tue 24 Nov     50    –    350  ██████   Nov 2026       50    –    150  ██████
             Wed 25 Nov     50    –    310  ██████   Dec 2026       48    9     34  ██████╌
             Thu 26 Nov     50    –    278  ██████   Jan 2027       45   <1      –  █████
             Fri 27 Nov     50    –    246  ██████   Feb 2027       21    –      –  ██
             Sat 28 Nov     50    –    214  ██████   Mar 2027       10    –      –  █
             Sun 29 Nov     50    –    182  ██████   Apr 2027        4    –      –
             Mon 30 Nov     50    –    150  ██████   May 2027       22    –      –  ███
             Tue 1 Dec      50    –    118  ██████   Jun 2027       12    –      –  █
             Wed 2 Dec      50    –     92  ██████   Jul 2027        6    –      –  █
             Thu 3 Dec      50   10     67  ██████╌  Aug 2027        3    –      –
             Fri 4 Dec      50   10     51  ██████╌  Sep 2027        1    –      –
             Sat 5 Dec      50   10     40  ██████╌  Oct 2027        2    –      –
             Sun 6 Dec      50   10     28  ██████╌  Nov 2027        2    –      –
             Mon 7 Dec      50   10     16  ██████╌

             new a day   reviews a day, by quarter   all seen
             10 (now)        41    11    10     2    1 Jan 2027
             5               38    12    10     2    3 Feb 2027
             20              41    11     9     2    21 Dec 2026
             0               18     5     5     1    300 left
             350 due cards are more than today holds; the backlog is cleared on 9 Dec 2026.
             400 cards seen, 300 new ones wait; recall: new ≈50 %, young ≈80 %, mature ≈90 %
        "#]]
        .assert_eq(&shown(&made(&overdue(400), 300, Some(50)), 80, false));
    }

    #[test]
    fn a_narrow_terminal() {
        expect![[r#"
             24 November 2026 · 10 reviews a day for 30 days (8–18)

             day       reviews  new
             Tue 24 Nov      –   10  ╌╌╌╌╌╌╌╌
             Wed 25 Nov     10   10  ████████╌╌╌╌╌╌╌╌
             Thu 26 Nov     16   10  █████████████╌╌╌╌╌╌╌╌
             Fri 27 Nov     19   10  ███████████████╌╌╌╌╌╌╌╌
             Sat 28 Nov     20   10  ████████████████╌╌╌╌╌╌╌╌
             Sun 29 Nov     21   10  █████████████████╌╌╌╌╌╌╌╌
             Mon 30 Nov     21    –  █████████████████
             Tue 1 Dec      16    –  █████████████
             Wed 2 Dec      14    –  ███████████
             Thu 3 Dec      14    –  ███████████
             Fri 4 Dec      14    –  ███████████
             Sat 5 Dec      15    –  ████████████
             Sun 6 Dec      15    –  ████████████
             Mon 7 Dec      11    –  █████████

             month     reviews  new
             Nov 2026       15    9  ████████████╌╌╌╌╌╌╌
             Dec 2026        8    –  ██████
             Jan 2027        3    –  ██
             Feb 2027        2    –  █
             Mar 2027        1    –
             Apr 2027        1    –  █
             May 2027        2    –  ██
             Jun 2027        1    –
             Jul 2027       <1    –
             Aug 2027       <1    –
             Sep 2027       <1    –
             Oct 2027       <1    –
             Nov 2027       <1    –

             new a day   reviews a day, by quarter   all seen
             10 (now)         5     1    <1    <1    29 Nov 2026
             5                5     1     1    <1    5 Dec 2026
             20               5     1    <1    <1    26 Nov 2026
             0                –     –     –     –    60 left
             0 cards seen, 60 new ones wait; recall: new ≈50
             %, young ≈80 %, mature ≈90 %
        "#]]
        .assert_eq(&shown(&made(&[], 60, None), 50, false));
    }

    #[test]
    fn it_says_what_will_not_go_well() {
        let said = |cards: &[(Memory, u32)], unseen, limit| {
            warning(&made(cards, unseen, limit), &Words::english()).unwrap_or_default()
        };
        assert_eq!(said(&[], 20, None), "");
        assert_eq!(said(&overdue(40), 0, None), "");
        let never = "400 due cards are more than today holds; the backlog is not cleared within a year.";
        assert_eq!(said(&overdue(400), 0, Some(0)), never);
        assert!(said(&[], 4000, Some(12)).starts_with("Reviews will pile up: in a year "));
        assert_eq!(shown(&made(&[], 0, None), 80, true), "No cards yet: nothing to forecast.\n");
    }

    #[test]
    fn no_line_is_too_long() {
        for width in [40, 50, 75, 76, 80, 99, 120] {
            for forecast in [made(&overdue(123_456), 99_999, Some(1000)), made(&[], 12, None)] {
                for line in lines(&forecast, &Layout { words: &Words::english(), width, explain: true }) {
                    // The title and the table of limits need some sixty columns.
                    assert!(line.width() <= width.max(62), "{width}: {}", line.text());
                }
            }
        }
    }
}
