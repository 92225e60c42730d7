//! The report as one page of HTML that needs nothing else: no script, no network, no font or picture of its own.
//!
//! It reads by itself in light and dark and prints on two sheets of A4. All text goes in through `maud`, which escapes
//! it, and the whole goes out through the gate of [`text`](crate::text). A policy within the page forbids everything but
//! its own style. Every chart is followed by its figures as a table.

mod charts;
#[cfg(test)]
mod tests;

use maud::{DOCTYPE, Markup, PreEscaped, html};

use self::charts::Trend;
use super::table;
use crate::day::Day;
use crate::forecast::Load;
use crate::stats::{ENOUGH_ANSWERS, Interval, Period, Prediction, Rate, Row, Summary};
use crate::text::visible;
use crate::words::Words;

const STYLE: &str = include_str!("style.css");
/// The style's SHA-256 in Base64, by which the policy knows it; a test holds it to the style.
const STYLE_HASH: &str = "SVrf2Xgekr/lIbBS4Y4834QeWD55Gkgzt5udhrsxGMs=";

/// Returns the page of a summary, and of the coming days where a forecast is at hand; they are one after the other.
pub fn page(summary: &Summary, ahead: &[Load]) -> String {
    let date = long_date(summary.today);
    let policy = format!("default-src 'none'; style-src 'sha256-{STYLE_HASH}'; base-uri 'none'; form-action 'none'");
    let markup = html! {
        (DOCTYPE)
        html lang="en" {
            head {
                meta charset="utf-8";
                meta http-equiv="Content-Security-Policy" content=(policy);
                meta name="viewport" content="width=device-width, initial-scale=1";
                meta name="color-scheme" content="light dark";
                meta name="referrer" content="no-referrer";
                title { "plugg report, " (date) }
                style { (PreEscaped(STYLE)) }
            }
            body {
                header {
                    h1 { "What I know, area by area" }
                    p { "plugg report of " time datetime=(summary.today) { (date) } }
                }
                main {
                    @if summary.areas.is_empty() {
                        p { "No cards yet." }
                    } @else {
                        (key_figures(summary))
                        div class="columns" {
                            (shape(summary))
                            div {
                                (year(summary))
                                (forecast(ahead, of_all(summary)))
                            }
                        }
                        (areas(summary))
                        (trends(summary))
                        div class="columns" {
                            (together(summary))
                            (calibration(summary))
                        }
                        (definitions())
                    }
                }
            }
        }
    };
    // Line feeds and everything that maud and the library of the charts wrote pass the gate as they are.
    visible(&markup.into_string()).into_owned() + "\n"
}

/// What stands for the whole: the one area of a report on one, else all together.
fn whole(summary: &Summary) -> &Row {
    if let [only] = &summary.areas[..] { only } else { &summary.total }
}

/// What the page tells apart, and what one of them is called: the systems of the one area, else the areas.
fn rows(summary: &Summary) -> (&'static str, &[Row]) {
    match &summary.areas[..] {
        [only] if !only.systems.is_empty() => ("system", &only.systems),
        areas => ("area", areas),
    }
}

/// Says that a figure is of all areas where the page is of one.
fn of_all(summary: &Summary) -> &'static str {
    if summary.areas.len() == 1 { ", all areas" } else { "" }
}

fn key_figures(summary: &Summary) -> Markup {
    let total = whole(summary);
    let (first, rows) = rows(summary);
    let goals = rows.iter().filter(|row| row.holds >= Some(row.target)).count();
    let answers: u64 = summary.activity.iter().map(|active| u64::from(active.answers)).sum();
    let days = plural(summary.activity.len() as u64, "day", "days");
    html! {
        dl class="figures" {
            div { dt { "known today" } dd { (part(total.recall_today, &format!("of {} cards", total.cards))) } }
            div {
                dt { "recalled, " (summary.window_days) " days" }
                @let rate = &total.window.retention;
                dd {
                    @match rate.share() {
                        Some(share) => (part(Some(share), &format!("n {}", rate.answers))),
                        None => small { (retention(rate)) },
                    }
                }
            }
            div { dt { "goals held" } dd { strong { (goals) } " " small { "of " (plural(rows.len() as u64, first, &format!("{first}s"))) } } }
            div {
                dt { "goal covered" }
                dd {
                    strong { (total.coverage.map_or("–".to_owned(), percent)) }
                    " " small { "of " (total.cards_in_profile) " cards" }
                }
            }
            div { dt { "due" } dd { strong { (total.due) } } }
            div { dt { "answers" (of_all(summary)) } dd { strong { (answers) } " " small { "on " (days) " of the year" } } }
        }
    }
}

/// A share in large, with its interval and what it is a share of.
fn part(share: Option<Interval>, of: &str) -> Markup {
    html! {
        @match share {
            Some(share) => {
                strong { (percent(share.value)) }
                " " small { "(" (ends(share)) ") " (of) }
            },
            None => strong { "–" },
        }
    }
}

fn ends(share: Interval) -> String {
    format!("{:.0}–{:.0}", share.low * 100.0, share.high * 100.0)
}

fn shape(summary: &Summary) -> Markup {
    let (first, rows) = rows(summary);
    html! {
        section {
            h2 { "Breadth and depth" }
            p { "Breadth goes down, depth to the right; framed is your goal." }
            (PreEscaped(charts::shape(first, rows)))
            (figures("Levels in figures", "level-figures", html! {
                thead { tr {
                    th scope="col" { (first) }
                    th scope="col" { "level" }
                    th scope="col" class="number" { "cards" }
                    th scope="col" class="number" { "recalled" }
                    th scope="col" { "answers, " (summary.window_days) " days" }
                    th scope="col" { "today" }
                } }
                tbody {
                    @for (row, level) in rows.iter().flat_map(|row| row.levels.iter().map(move |level| (row, level))) {
                        tr {
                            th scope="row" { (row.title) }
                            td { (level.level) }
                            td class="number" { (level.cards) }
                            td class="number" { (level.recalled) }
                            td { (retention(&level.retention)) }
                            td { (today(level.recall_today)) }
                        }
                    }
                }
            }))
        }
    }
}

fn today(share: Option<Interval>) -> String {
    share.map_or("–".to_owned(), |share| format!("{} ({})", percent(share.value), ends(share)))
}

/// A table that stands folded up after its chart.
fn figures(summary: &str, id: &str, table: Markup) -> Markup {
    html! {
        details {
            summary id=(id) { (summary) }
            (scrolling(id, html! { table aria-labelledby=(id) { (table) } }))
        }
    }
}

/// Room for what may be wider than the screen: it scrolls by itself, by keys too.
fn scrolling(labelled_by: &str, inside: Markup) -> Markup {
    html! { div class="scroll" role="region" tabindex="0" aria-labelledby=(labelled_by) { (inside) } }
}

fn year(summary: &Summary) -> Markup {
    let weeks = summary.total.weeks.len();
    html! {
        section {
            h2 { "The year" (of_all(summary)) }
            (PreEscaped(charts::year(&summary.activity, summary.today, weeks)))
            (figures("The year in figures", "year-figures", html! {
                thead { tr {
                    th scope="col" { "day" }
                    th scope="col" class="number" { "answers" }
                    th scope="col" class="number" { "new cards" }
                    th scope="col" class="number" { "minutes" }
                } }
                tbody {
                    @for active in summary.activity.iter().rev() {
                        tr {
                            th scope="row" { (active.day) }
                            td class="number" { (active.answers) }
                            td class="number" { (active.fresh) }
                            td class="number" { (active.took_ms.div_ceil(60_000)) }
                        }
                    }
                }
            }))
        }
    }
}

fn forecast(ahead: &[Load], of: &str) -> Markup {
    html! {
        @if !ahead.is_empty() {
            section {
                h2 { "The coming " (plural(ahead.len() as u64, "day", "days")) (of) }
                (PreEscaped(charts::ahead(ahead)))
                (figures("The coming days in figures", "ahead-figures", html! {
                    thead { tr {
                        th scope="col" { "day" }
                        th scope="col" class="number" { "reviews" }
                        th scope="col" class="number" { "new cards" }
                    } }
                    tbody {
                        @for load in ahead {
                            tr {
                                th scope="row" { (load.day) }
                                td class="number" { (format!("{:.0}", load.reviews)) }
                                td class="number" { (format!("{:.0}", load.fresh)) }
                            }
                        }
                    }
                }))
            }
        }
    }
}

/// A row an area; a row a system where the page is of one area. All together come last.
fn areas(summary: &Summary) -> Markup {
    let (first, rows) = rows(summary);
    let faded: Vec<_> =
        summary.areas.iter().filter_map(|row| row.fading.as_ref().map(|fading| (row, fading))).collect();
    html! {
        section {
            h2 id="areas" { "The " (first) "s" }
            (scrolling("areas", html! {
                table class="wide" {
                    (row_head(first, summary))
                    tbody { @for row in rows.iter().chain((rows.len() > 1).then(|| whole(summary))) { (row_line(row, None)) } }
                }
            }))
            @if !faded.is_empty() {
                ul class="fading" {
                    @for (row, fading) in faded {
                        li { "↓ " (row.title) ": " (fading.level) " no longer held since " (long_date(fading.since)) }
                    }
                }
            }
            @if summary.areas.len() > 1 {
                (figures("System by system", "systems", html! {
                    (row_head("system", summary))
                    tbody {
                        @for area in &summary.areas {
                            @for system in &area.systems { (row_line(system, Some(&area.title))) }
                        }
                    }
                }))
            }
        }
    }
}

fn row_head(first: &str, summary: &Summary) -> Markup {
    html! {
        thead { tr {
            th scope="col" { (first) }
            th scope="col" { "goal" }
            th scope="col" { "holds" }
            th scope="col" class="number" { "cover" }
            th scope="col" { "recalled, " (summary.window_days) " days" }
            th scope="col" { "today" }
            th scope="col" class="number" { "due" }
            th scope="col" { "to the next level" }
        } }
    }
}

fn row_line(row: &Row, of: Option<&str>) -> Markup {
    // All areas together have no goal and no level of their own.
    let alone = row.id == "all";
    html! {
        tr {
            th scope="row" { (row.title) @if let Some(of) = of { " " small { (of) } } }
            td { @if !alone { (row.target) } }
            td {
                @if !alone {
                    (row.holds.map_or("–".to_owned(), |level| level.to_string()))
                    @if row.fading.is_some() { " ↓" }
                }
            }
            td class="number" { (row.coverage.map_or("–".to_owned(), percent)) }
            td { (retention(&row.window.retention)) }
            td { (today(row.recall_today)) }
            td class="number" { (row.due) }
            td { @if !alone { (next(row)) } }
        }
    }
}

/// What is missing for the next level, where that is a deeper one than is held.
fn next(row: &Row) -> String {
    let Some(next) = row.next else {
        return if row.holds.is_some() { "all held" } else { "–" }.to_owned();
    };
    if Some(next.level) <= row.holds {
        return "–".to_owned();
    }
    if next.cards == 0 {
        return format!("{}: {:.0} points of recall", next.level, (next.recall * 100.0).max(1.0));
    }
    let cards = plural(u64::from(next.cards), "card", "cards");
    let days = next.days.map(|days| format!(", {}", plural(u64::from(days), "day", "days")));
    format!("{}: {cards}{}", next.level, days.unwrap_or_default())
}

fn trends(summary: &Summary) -> Markup {
    let months = || summary.areas.iter().flat_map(|area| &area.months);
    let floor = charts::floor(months());
    html! {
        section class="sheet" {
            h2 { "Recalled over time" }
            p {
                "A point is the share recalled of at least " (ENOUGH_ANSWERS)
                " answers, the band its 95 % interval: month by month. All of these charts share one scale."
            }
            div class="many" {
                @for (index, area) in summary.areas.iter().enumerate() {
                    @let id = format!("trend-{index}");
                    figure {
                        figcaption { (area.title) small { (retention(&area.window.retention)) } }
                        (PreEscaped(Trend { id: &id, title: &area.title, periods: &area.months, floor }.small()))
                    }
                }
            }
            (figures("Months in figures", "month-figures", html! {
                thead { tr {
                    th scope="col" { "area" }
                    @for month in &summary.total.months {
                        th scope="col" { (month.from.date().format("%b %Y")) }
                    }
                } }
                tbody {
                    @for row in summary.areas.iter().chain((summary.areas.len() > 1).then_some(&summary.total)) {
                        tr {
                            th scope="row" { (row.title) }
                            @for month in &row.months { td { (period(month)) } }
                        }
                    }
                }
            }))
        }
    }
}

fn together(summary: &Summary) -> Markup {
    let Row { title, weeks, window, .. } = whole(summary);
    let trend = Trend { id: "trend-all", title, periods: weeks, floor: charts::floor(weeks.iter()) };
    html! {
        section {
            h2 { (title) ", week by week" }
            p { "recalled in " (summary.window_days) " days: " (retention(&window.retention)) }
            (PreEscaped(trend.large()))
            (figures("Weeks in figures", "week-figures", html! {
                thead { tr { th scope="col" { "week from" } th scope="col" { "recalled" } } }
                tbody {
                    @for week in weeks.iter().rev() {
                        tr { th scope="row" { (week.from) } td { (period(week)) } }
                    }
                }
            }))
        }
    }
}

fn period(period: &Period) -> String {
    let rate = &period.rates.retention;
    if rate.answers == 0 { "–".to_owned() } else { retention(rate) }
}

fn calibration(summary: &Summary) -> Markup {
    let bins = &summary.prediction.calibration;
    html! {
        section {
            h2 { "How good the prediction was" }
            p { (prediction(&summary.prediction)) }
            @if summary.prediction.worse_than_the_average() {
                p class="warning" { "The prediction has been worse than your average alone: take " b { "today" } " with doubt." }
            }
            @if !bins.is_empty() {
                (PreEscaped(charts::calibration(bins, ENOUGH_ANSWERS)))
                (figures("The prediction in figures", "calibration-figures", html! {
                    thead { tr {
                        th scope="col" class="number" { "predicted" }
                        th scope="col" { "recalled" }
                        th scope="col" class="number" { "answers" }
                    } }
                    tbody {
                        @for bin in bins {
                            @let share = charts::interval_of(bin);
                            tr {
                                td class="number" { (percent(bin.predicted)) }
                                td { @if bin.answers < ENOUGH_ANSWERS { "too few" } @else { (today(Some(share))) } }
                                td class="number" { (bin.answers) }
                            }
                        }
                    }
                }))
            }
        }
    }
}

fn definitions() -> Markup {
    // The page explains its trends where they stand.
    let terms = ["report-note-recalled", "report-note-today"].into_iter().chain(table::DEFINITIONS);
    let terms = terms.filter(|term| *term != "report-note-trend").map(|term| Words::english().say(term, &[]));
    let terms: Vec<String> = terms.collect();
    let terms = terms.iter().filter_map(|definition| definition.split_once(": "));
    html! {
        section {
            h2 { "What the figures mean" }
            dl class="terms" {
                @for (term, meaning) in terms {
                    div { dt { (term) } dd { (meaning) } }
                }
                div { dt { "to the next level" }
                dd {
                    "cards still to be recalled a day or more after they were first seen, and the days that takes at the "
                    "pace of the last four weeks; or how far the lower end of today's interval is below 80 %"
                } }
                div {
                    dt { "the coming days" }
                    dd { "reviews expected to fall due, and new cards expected to be taken in" }
                }
                div { dt { "prediction" }
                dd { "each was made before its answer; on the broken line predicted and actual recall agree; bars are 95 % intervals" } }
                div { dt { "not counted" }
                dd { "drills, cramming and imported answers; a percentage needs twenty answers" } }
            }
        }
    }
}

fn long_date(day: Day) -> String {
    day.date().format("%-d %B %Y").to_string()
}

fn plural(count: u64, one: &str, many: &str) -> String {
    format!("{count} {}", if count == 1 { one } else { many })
}

fn percent(share: f64) -> String {
    Words::english().percent(share)
}

fn retention(rate: &Rate) -> String {
    table::retention(rate, &Words::english())
}

fn prediction(of: &Prediction) -> String {
    table::prediction(of, &Words::english())
}
