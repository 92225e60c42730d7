//! The pictures of the page, as SVG in text: one function a chart.
//!
//! Only `page` may call it. A chart says its colours by class alone (`style.css` gives them, light, dark and printed),
//! keeps text as text, carries every difference in shape or words besides the colour, and names itself by title and
//! description. All of them are 360 units wide, or 180 where many stand side by side, so that their text is of one size.
//! Nothing is computed here but places on paper.

use svg::Node as _;
use svg::node::element::path::Data;
use svg::node::element::{Circle, Description, Group, Line, Path, Rectangle, SVG, Text, Title};

use crate::card::Level;
use crate::day::Day;
use crate::forecast::Load;
use crate::stats::{Active, CalibrationBin, Interval, Period, Row, wilson};
use crate::text::cut;
use crate::words::{Value, Words};

/// Units that a chart is wide.
const WIDTH: f64 = 360.0;
/// Units that a chart of many is wide.
const SMALL: f64 = 180.0;
/// Columns of text that an area's name may take beside the levels.
const NAME_COLUMNS: usize = 24;

/// What a chart says of itself to who does not see it.
struct Caption<'a> {
    /// Unique on the page.
    id: &'a str,
    title: String,
    description: String,
}

impl Caption<'_> {
    fn canvas(self, width: f64, height: f64) -> SVG {
        let (title, description) = (format!("{}-title", self.id), format!("{}-desc", self.id));
        let mut canvas = SVG::new()
            .set("viewBox", (0.0, 0.0, width, height))
            .set("role", "img")
            .set("aria-labelledby", format!("{title} {description}"))
            .add(Title::new(self.title).set("id", title))
            .add(Description::new().set("id", description).add(svg::node::Text::new(self.description)));
        // Within HTML the namespace goes without saying, and the page names no address.
        if let Some(attributes) = canvas.get_attributes_mut() {
            attributes.remove("xmlns");
        }
        canvas
    }
}

fn label(class: &str, x: f64, y: f64, text: impl Into<String>) -> Text {
    Text::new(text).set("class", class).set("x", round(x)).set("y", round(y))
}

fn bar(class: &str, x: f64, y: f64, width: f64, height: f64) -> Rectangle {
    Rectangle::new()
        .set("class", class)
        .set("x", round(x))
        .set("y", round(y))
        .set("width", round(width))
        .set("height", round(height))
}

fn rule(class: &str, from: (f64, f64), to: (f64, f64)) -> Line {
    Line::new()
        .set("class", class)
        .set("x1", round(from.0))
        .set("y1", round(from.1))
        .set("x2", round(to.0))
        .set("y2", round(to.1))
}

/// A tenth of a unit is finer than a printer.
fn round(units: f64) -> f64 {
    (units * 10.0).round() / 10.0
}

/// The T: a row an area (or whatever one row is called), a cell a level. What is held is filled, what was recalled of the rest is filled in part, and
/// the goal is the frame around it.
pub fn shape(by_system: bool, rows: &[Row], words: &Words) -> String {
    const NAMES: f64 = 140.0;
    const CELL: f64 = (WIDTH - NAMES - 2.0) / 3.0;
    const ROW: f64 = 18.0;
    const TOP: f64 = 18.0;
    let reached = rows.iter().filter(|row| row.holds >= Some(row.target)).count();
    let bottom = TOP + ROW * rows.len() as f64;
    let caption = Caption {
        id: "shape",
        title: words.say(if by_system { "chart-shape-systems" } else { "chart-shape-areas" }, &[]),
        description: words.say(
            if by_system { "chart-shape-systems-note" } else { "chart-shape-areas-note" },
            &[("reached", reached.into()), ("count", rows.len().into())],
        ),
    };
    let mut canvas = caption.canvas(WIDTH, bottom + 26.0);
    for (index, level) in Level::ALL.into_iter().enumerate() {
        canvas.append(label("faint middle", NAMES + CELL * (index as f64 + 0.5), 12.0, words.level(level)));
    }
    for (index, row) in rows.iter().enumerate() {
        let y = TOP + ROW * index as f64;
        canvas.append(label("", 0.0, y + 12.5, cut(&row.title, NAME_COLUMNS)));
        for level in &row.levels {
            let x = NAMES + CELL * f64::from(level.level as u8);
            let share = f64::from(level.recalled) / f64::from(level.cards.max(1));
            let (width, inner) = (CELL - 2.0, ROW - 4.0);
            canvas.append(bar("track", x + 1.0, y + 2.0, width, inner));
            let faded = row.fading.as_ref().is_some_and(|fading| fading.level == level.level);
            let held = row.holds >= Some(level.level);
            canvas.append(bar(
                if held { "held" } else { "part" },
                x + 1.0,
                y + 2.0,
                if held { width } else { width * share },
                inner,
            ));
            let mark = if held {
                "✓ "
            } else if faded {
                "↓ "
            } else {
                ""
            };
            let class = if held { "on-held middle" } else { "middle" };
            let text = format!("{mark}{}/{}", level.recalled, level.cards);
            canvas.append(label(class, x + CELL / 2.0, y + 12.5, text));
        }
        let cells = f64::from(row.target as u8) + 1.0;
        canvas.append(bar("goal", NAMES, y + 1.0, CELL * cells, ROW - 2.0).set("rx", 2));
    }
    let y = bottom + 10.0;
    canvas.append(bar("held", 0.0, y, 14.0, 11.0));
    canvas.append(label("on-held middle", 7.0, y + 9.0, "✓"));
    canvas.append(label("", 18.0, y + 9.0, words.say("chart-held", &[])));
    canvas.append(bar("track", 58.0, y, 14.0, 11.0));
    canvas.append(bar("part", 58.0, y, 8.0, 11.0));
    canvas.append(label("", 76.0, y + 9.0, words.say("chart-recalled", &[])));
    canvas.append(bar("goal", 182.0, y - 1.0, 16.0, 13.0).set("rx", 2));
    canvas.append(label("", 202.0, y + 9.0, words.say("chart-goal", &[])));
    canvas.append(label("", 280.0, y + 9.0, words.say("chart-faded", &[])));
    canvas.to_string()
}

/// The heat map of the year: a square a day, the larger and stronger the more answers it had, in two rows of weeks.
pub fn year(activity: &[Active], today: Day, weeks: usize, words: &Words) -> String {
    const LEFT: f64 = 28.0;
    const ROWS: usize = 2;
    let per_row = weeks.max(1).div_ceil(ROWS);
    let pitch = ((WIDTH - LEFT) / per_row as f64).min(14.0);
    let part = 7.0 * pitch + 18.0;
    let total: u64 = activity.iter().map(|active| u64::from(active.answers)).sum();
    let step = step(activity);
    let caption = Caption {
        id: "year",
        title: words.say("chart-year", &[("weeks", weeks.into()), ("date", words.date(today).into())]),
        description: words.say("chart-year-note", &[("answers", total.into()), ("days", activity.len().into())]),
    };
    let mut canvas = caption.canvas(WIDTH, part * ROWS as f64 + 18.0);
    let first = today.week().plus(-7 * (weeks.max(1) as i64 - 1));
    let mut answers = activity.iter().peekable();
    for week in 0..weeks {
        let monday = first.plus(7 * week as i64);
        let (row, column) = (week / per_row, week % per_row);
        let (x, top) = (LEFT + pitch * column as f64, part * row as f64 + 14.0);
        if column == 0 {
            for weekday in [0, 2, 4, 6] {
                let name = words.weekday_short(monday.plus(weekday));
                canvas.append(label("small faint", 0.0, top + pitch * (weekday as f64 + 0.8), name));
            }
        }
        // A month is named over the week that holds its first day; a name needs three weeks of room.
        let sunday = monday.plus(6);
        if sunday.month() >= monday && column + 3 <= per_row && week + 2 < weeks {
            canvas.append(label("small faint", x, top - 4.0, words.month_short(sunday)));
        }
        for weekday in 0..7 {
            let day = monday.plus(weekday);
            if day > today {
                break;
            }
            while answers.next_if(|active| active.day < day).is_some() {}
            let active = answers.peek().filter(|active| active.day == day);
            let class = active.map_or(0, |active| class_of(active.answers, step));
            let side = pitch * [0.16, 0.4, 0.58, 0.76, 0.92][class];
            let margin = (pitch - side) / 2.0;
            let mut square =
                bar(&format!("heat{class}"), x + margin, top + pitch * weekday as f64 + margin, side, side);
            if let Some(active) = active {
                let values = [("date", words.date(day).into()), ("answers", active.answers.into())];
                square.append(Title::new(words.say("chart-day", &values)));
            }
            canvas.append(square);
        }
    }
    let (mut x, y) = (LEFT, part * ROWS as f64 + 4.0);
    for (class, side) in [0.16, 0.4, 0.58, 0.76, 0.92].into_iter().enumerate() {
        let margin = 6.0 - 6.0 * side;
        canvas.append(bar(&format!("heat{class}"), x + margin, y + margin, 12.0 * side, 12.0 * side));
        let last = step * class as u32;
        let text = match class {
            0 => words.say("chart-none", &[]),
            4 => words.say("chart-and-more", &[("number", (last - step + 1).into())]),
            _ if step == 1 => last.to_string(),
            _ => format!("{}–{last}", last - step + 1),
        };
        canvas.append(label("small", x + 16.0, y + 9.5, text.clone()));
        x += 16.0 + 6.0 * text.chars().count() as f64 + 12.0;
    }
    canvas.to_string()
}

/// Answers that one class of the heat map spans: a quarter of a busy day's, which nineteen days in twenty do not pass.
fn step(activity: &[Active]) -> u32 {
    let mut counts: Vec<u32> = activity.iter().map(|active| active.answers).collect();
    counts.sort_unstable();
    let busy = counts.get(counts.len().saturating_sub(1) * 19 / 20).copied().unwrap_or(4);
    busy.div_ceil(4).max(1)
}

fn class_of(answers: u32, step: u32) -> usize {
    answers.div_ceil(step).min(4) as usize
}

/// The cards of the coming days: reviews as bars, new cards as frames on top of them.
pub fn ahead(days: &[Load], words: &Words) -> String {
    const PLOT: Plot = Plot { left: 30.0, top: 8.0, width: WIDTH - 30.0, height: 92.0 };
    let most = days.iter().map(|day| day.reviews + day.fresh).fold(0.0, f64::max);
    let scale = nice(most);
    let sum: f64 = days.iter().map(|day| day.reviews + day.fresh).sum();
    let caption = Caption {
        id: "ahead",
        title: words.say("chart-ahead", &[("days", days.len().into())]),
        description: words
            .say("chart-ahead-note", &[("sum", Value::Decimal(sum, 0)), ("most", Value::Decimal(most, 0))]),
    };
    let mut canvas = caption.canvas(WIDTH, 136.0);
    for part in [0.0, 0.5, 1.0] {
        let y = PLOT.y(part);
        canvas.append(rule("grid", (PLOT.left, y), (WIDTH, y)));
        canvas.append(label("small faint end", PLOT.left - 4.0, y + 3.5, format!("{:.0}", scale * part)));
    }
    let pitch = PLOT.width / days.len().max(1) as f64;
    let gap = (pitch * 0.2).min(2.0);
    let every = (days.len() / 5).max(1);
    for (index, day) in days.iter().enumerate() {
        let x = PLOT.left + pitch * index as f64;
        let (reviews, fresh) = (PLOT.height * day.reviews / scale, PLOT.height * day.fresh / scale);
        let base = PLOT.y(0.0);
        let mut pair = Group::new();
        let values = [
            ("date", words.date(day.day).into()),
            ("reviews", Value::Decimal(day.reviews, 0)),
            ("new", Value::Decimal(day.fresh, 0)),
        ];
        pair.append(Title::new(words.say("chart-ahead-day", &values)));
        pair.append(bar("reviews", x + gap, base - reviews, pitch - gap, reviews));
        if fresh > 0.0 {
            pair.append(bar("fresh", x + gap + 0.5, base - reviews - fresh, (pitch - gap - 1.0).max(0.2), fresh));
        }
        canvas.append(pair);
        if index % every == 0 && index + every / 2 < days.len() {
            canvas.append(label("small faint", x, base + 13.0, words.day_and_month(day.day)));
        }
    }
    canvas.append(bar("reviews", PLOT.left, 122.0, 11.0, 11.0));
    let reviews = words.say("page-reviews", &[]);
    // Some six units a letter.
    let next = PLOT.left + 28.0 + 6.0 * reviews.chars().count() as f64;
    canvas.append(label("small", PLOT.left + 15.0, 131.0, reviews));
    canvas.append(bar("fresh", next + 0.5, 122.5, 10.0, 10.0));
    canvas.append(label("small", next + 15.0, 131.0, words.say("page-new-cards", &[])));
    canvas.to_string()
}

/// Predicted against recalled, a point a tenth with its interval; on the diagonal the prediction was right.
pub fn calibration(bins: &[CalibrationBin], enough: u32, words: &Words) -> String {
    const PLOT: Plot = Plot { left: 40.0, top: 8.0, width: WIDTH - 56.0, height: 100.0 };
    let shown: Vec<_> = bins.iter().filter(|bin| bin.answers >= enough).collect();
    let point = |bin: &&CalibrationBin| {
        let values =
            [("predicted", words.percent(bin.predicted).into()), ("recalled", words.percent(bin.passed).into())];
        words.say("chart-calibration-point", &values)
    };
    let points: Vec<String> = shown.iter().map(point).collect();
    let caption = Caption {
        id: "calibration",
        title: words.say("chart-calibration", &[]),
        description: if shown.is_empty() { words.say("chart-no-points", &[]) } else { points.join("; ") },
    };
    let mut canvas = caption.canvas(WIDTH, 138.0);
    for part in [0.0, 0.25, 0.5, 0.75, 1.0] {
        let (x, y) = (PLOT.x(part), PLOT.y(part));
        canvas.append(rule("grid", (PLOT.left, y), (PLOT.x(1.0), y)));
        canvas.append(rule("grid", (x, PLOT.y(0.0)), (x, PLOT.y(1.0))));
        canvas.append(label("small faint end", PLOT.left - 4.0, y + 3.5, words.percent(part)));
        canvas.append(label("small faint middle", x, PLOT.y(0.0) + 13.0, words.percent(part)));
    }
    canvas.append(rule("ideal", (PLOT.x(0.0), PLOT.y(0.0)), (PLOT.x(1.0), PLOT.y(1.0))));
    canvas.append(label("small faint end", PLOT.x(1.0), 136.0, format!("{} →", words.say("report-predicted", &[]))));
    canvas.append(label(
        "small faint",
        PLOT.left + 4.0,
        PLOT.y(1.0) + 12.0,
        format!("↑ {}", words.say("report-recalled", &[])),
    ));
    for bin in shown {
        let x = PLOT.x(bin.predicted);
        let interval = interval_of(bin);
        canvas.append(rule("reach", (x, PLOT.y(interval.low)), (x, PLOT.y(interval.high))));
        let point = Circle::new().set("class", "point").set("cx", round(x));
        canvas.append(point.set("cy", round(PLOT.y(interval.value))).set("r", 3.5));
    }
    canvas.to_string()
}

/// The share that passed in a bin, with its interval.
pub fn interval_of(bin: &CalibrationBin) -> Interval {
    wilson((bin.passed * f64::from(bin.answers)).round() as u32, bin.answers)
}

/// Retention over time: a line, the interval as a band around it, gaps where too few were answered.
pub struct Trend<'a> {
    /// Unique on the page.
    pub id: &'a str,
    /// What it is the retention of.
    pub title: &'a str,
    /// Its points, oldest first.
    pub periods: &'a [Period],
    /// Where the share axis starts, 0 to 0.9: the same for all charts that are to be compared.
    pub floor: f64,
}

/// Where the share axis of trends must start to hold all of their bands: a quarter, half or three quarters.
pub fn floor<'a>(periods: impl Iterator<Item = &'a Period>) -> f64 {
    let low = periods.filter_map(|period| period.rates.retention.share()).map(|share| share.low).fold(0.5, f64::min);
    (low * 4.0).floor() / 4.0
}

impl Trend<'_> {
    /// As one chart of many.
    pub fn small(&self, words: &Words) -> String {
        self.draw(Plot { left: 38.0, top: 6.0, width: SMALL - 42.0, height: 46.0 }, SMALL, 3, words)
    }

    /// As a chart of its own.
    pub fn large(&self, words: &Words) -> String {
        self.draw(Plot { left: 40.0, top: 8.0, width: WIDTH - 46.0, height: 96.0 }, WIDTH, 6, words)
    }

    fn draw(&self, plot: Plot, width: f64, names: usize, words: &Words) -> String {
        let shares: Vec<Option<Interval>> = self.periods.iter().map(|period| period.rates.retention.share()).collect();
        let shown = shares.iter().flatten().count();
        let last = shares.iter().rev().flatten().next();
        let caption = Caption {
            id: self.id,
            title: words.say("chart-trend", &[("title", self.title.into())]),
            description: match last {
                None => words.say("chart-no-points", &[]),
                Some(share) => words.say(
                    "chart-trend-note",
                    &[
                        ("shown", shown.into()),
                        ("points", shares.len().into()),
                        ("share", Value::Decimal(share.value * 100.0, 0)),
                        ("low", Value::Decimal(share.low * 100.0, 0)),
                        ("high", Value::Decimal(share.high * 100.0, 0)),
                    ],
                ),
            },
        };
        let mut canvas = caption.canvas(width, plot.top + plot.height + 18.0);
        let part = |share: f64| ((share - self.floor) / (1.0 - self.floor)).clamp(0.0, 1.0);
        for share in [0.0, 0.25, 0.5, 0.75, 1.0].into_iter().filter(|share| *share >= self.floor) {
            let y = plot.y(part(share));
            canvas.append(rule("grid", (plot.left, y), (plot.left + plot.width, y)));
            canvas.append(label("small faint end", plot.left - 4.0, y + 3.5, words.percent(share)));
        }
        let x = |index: usize| plot.x((index as f64 + 0.5) / shares.len().max(1) as f64);
        let y = |share: f64| plot.y(part(share));
        for run in runs(&shares) {
            if let [(index, share)] = run[..] {
                canvas.append(rule("reach", (x(index), y(share.low)), (x(index), y(share.high))));
            } else {
                let edge = run.iter().map(|(index, share)| (x(*index), y(share.high)));
                let back = run.iter().rev().map(|(index, share)| (x(*index), y(share.low)));
                canvas.append(Path::new().set("class", "band").set("d", path(edge.chain(back)).close()));
                let line = path(run.iter().map(|(index, share)| (x(*index), y(share.value))));
                canvas.append(Path::new().set("class", "line").set("d", line));
            }
            for (index, share) in run {
                let point = Circle::new().set("class", "point").set("cx", round(x(index)));
                canvas.append(point.set("cy", round(y(share.value))).set("r", 1.7));
            }
        }
        if shown == 0 {
            canvas.append(label("faint middle", plot.x(0.5), plot.y(0.5) + 4.0, words.say("chart-too-few", &[])));
        }
        for (index, name) in time_names(self.periods, names, words) {
            let (class, at) = match index {
                0 => ("small faint", plot.left),
                _ => ("small faint middle", x(index)),
            };
            canvas.append(label(class, at, plot.top + plot.height + 13.0, name));
        }
        canvas.to_string()
    }
}

/// Neighbouring points, gaps left out.
fn runs(shares: &[Option<Interval>]) -> Vec<Vec<(usize, Interval)>> {
    let points: Vec<(usize, Interval)> =
        shares.iter().enumerate().filter_map(|(index, share)| share.map(|share| (index, share))).collect();
    points.chunk_by(|(before, _), (after, _)| before + 1 == *after).map(<[_]>::to_vec).collect()
}

fn path(mut points: impl Iterator<Item = (f64, f64)>) -> Data {
    let place = |(x, y): (f64, f64)| (round(x), round(y));
    let start = points.next().map_or(Data::new(), |point| Data::new().move_to(place(point)));
    points.fold(start, |data, point| data.line_to(place(point)))
}

/// Names of months for about `wanted` places along periods, each with the place's index.
fn time_names(periods: &[Period], wanted: usize, words: &Words) -> Vec<(usize, String)> {
    let every = periods.len().div_ceil(wanted.max(1)).max(1);
    let named = periods.iter().enumerate().step_by(every);
    // A name at the very end would not have its room.
    named
        .filter(|(index, _)| index + every / 3 < periods.len() || periods.len() <= wanted)
        .map(|(index, period)| (index, words.month_in_years(period.from)))
        .collect()
}

/// The next of 1, 2, 4, 6, 10, 20, 40 … from which bars of this height do not stand out.
fn nice(most: f64) -> f64 {
    let power = 10f64.powf(most.max(2.0).log10().floor());
    [1.0, 2.0, 4.0, 6.0, 8.0, 10.0].into_iter().map(|step| step * power).find(|step| *step >= most).unwrap_or(most)
}

/// The part of a chart that data is drawn in.
#[derive(Debug, Clone, Copy)]
struct Plot {
    left: f64,
    top: f64,
    width: f64,
    height: f64,
}

impl Plot {
    fn x(&self, part: f64) -> f64 {
        self.left + self.width * part
    }

    fn y(&self, part: f64) -> f64 {
        self.top + self.height * (1.0 - part)
    }
}
