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
use super::table::{self, prediction, retention};
use crate::forecast::Load;
use crate::stats::{ENOUGH_ANSWERS, Interval, Period, Row, Summary};
use crate::text::visible;
use crate::words::{Value, Words};

const STYLE: &str = include_str!("style.css");
/// The style's SHA-256 in Base64, by which the policy knows it; a test holds it to the style.
const STYLE_HASH: &str = "SVrf2Xgekr/lIbBS4Y4834QeWD55Gkgzt5udhrsxGMs=";

/// Returns the page of a summary, and of the coming days where a forecast is at hand; they are one after the other.
pub fn page(summary: &Summary, ahead: &[Load], words: &Words) -> String {
    let date = words.date(summary.today);
    let policy = format!("default-src 'none'; style-src 'sha256-{STYLE_HASH}'; base-uri 'none'; form-action 'none'");
    let markup = html! {
        (DOCTYPE)
        html lang=(words.language()) {
            head {
                meta charset="utf-8";
                meta http-equiv="Content-Security-Policy" content=(policy);
                meta name="viewport" content="width=device-width, initial-scale=1";
                meta name="color-scheme" content="light dark";
                meta name="referrer" content="no-referrer";
                title { (words.say("page-title", &[("date", (&date).into())])) }
                style { (PreEscaped(STYLE)) }
            }
            body {
                header {
                    h1 { (words.say("page-heading", &[])) }
                    p { (words.say("page-of", &[])) " " time datetime=(summary.today) { (date) } }
                }
                main {
                    @if summary.areas.is_empty() {
                        p { (words.say("report-no-cards", &[])) }
                    } @else {
                        (key_figures(summary, words))
                        div class="columns" {
                            (shape(summary, words))
                            div {
                                (year(summary, words))
                                (forecast(ahead, &of_all(summary, words), words))
                            }
                        }
                        (areas(summary, words))
                        (trends(summary, words))
                        div class="columns" {
                            (together(summary, words))
                            (calibration(summary, words))
                        }
                        (definitions(words))
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

/// What the page tells apart.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum By {
    Area,
    System,
}

impl By {
    /// What one of them is called.
    fn name(self, words: &Words) -> String {
        words.say(if self == By::Area { "report-column-area" } else { "report-column-system" }, &[])
    }
}

/// What the page tells apart: the systems of the one area, else the areas.
fn rows(summary: &Summary) -> (By, &[Row]) {
    match &summary.areas[..] {
        [only] if !only.systems.is_empty() => (By::System, &only.systems),
        areas => (By::Area, areas),
    }
}

/// Says that a figure is of all areas where the page is of one.
fn of_all(summary: &Summary, words: &Words) -> String {
    if summary.areas.len() == 1 { words.say("page-all-areas", &[]) } else { String::new() }
}

fn key_figures(summary: &Summary, words: &Words) -> Markup {
    let total = whole(summary);
    let (first, rows) = rows(summary);
    let goals = rows.iter().filter(|row| row.holds >= Some(row.target)).count();
    let answers: u64 = summary.activity.iter().map(|active| u64::from(active.answers)).sum();
    let of_cards = |cards: u32| words.say("page-of-cards", &[("cards", cards.into())]);
    let of_rows =
        words.say(if first == By::Area { "page-of-areas" } else { "page-of-systems" }, &[("count", rows.len().into())]);
    let on_days = words.say("page-on-days", &[("days", summary.activity.len().into())]);
    html! {
        dl class="figures" {
            div { dt { (words.say("page-known", &[])) } dd { (part(total.recall_today, &of_cards(total.cards), words)) } }
            div {
                dt { (recalled(summary, words)) }
                @let rate = &total.window.retention;
                dd {
                    @match rate.share() {
                        Some(share) => (part(Some(share), &format!("n {}", rate.answers), words)),
                        None => small { (retention(rate, words)) },
                    }
                }
            }
            div { dt { (words.say("page-goals-held", &[])) } dd { strong { (goals) } " " small { (of_rows) } } }
            div {
                dt { (words.say("page-goal-covered", &[])) }
                dd {
                    strong { (total.coverage.map_or("–".to_owned(), |share| words.percent(share))) }
                    " " small { (of_cards(total.cards_in_profile)) }
                }
            }
            div { dt { (words.say("page-due", &[])) } dd { strong { (total.due) } } }
            div { dt { (words.say("report-answers", &[])) (of_all(summary, words)) } dd { strong { (answers) } " " small { (on_days) } } }
        }
    }
}

fn recalled(summary: &Summary, words: &Words) -> String {
    words.say("report-column-recalled", &[("days", summary.window_days.into())])
}

/// A share in large, with its interval and what it is a share of.
fn part(share: Option<Interval>, of: &str, words: &Words) -> Markup {
    html! {
        @match share {
            Some(share) => {
                strong { (words.percent(share.value)) }
                " " small { "(" (ends(share)) ") " (of) }
            },
            None => strong { "–" },
        }
    }
}

fn ends(share: Interval) -> String {
    format!("{:.0}–{:.0}", share.low * 100.0, share.high * 100.0)
}

fn shape(summary: &Summary, words: &Words) -> Markup {
    let (first, rows) = rows(summary);
    html! {
        section {
            h2 { (words.say("page-shape", &[])) }
            p { (words.say("page-shape-note", &[])) }
            (PreEscaped(charts::shape(first == By::System, rows, words)))
            (figures(&words.say("page-levels-figures", &[]), "level-figures", html! {
                thead { tr {
                    th scope="col" { (first.name(words)) }
                    th scope="col" { (words.say("page-level", &[])) }
                    th scope="col" class="number" { (words.say("page-cards", &[])) }
                    th scope="col" class="number" { (words.say("report-recalled", &[])) }
                    th scope="col" { (words.say("page-answers-in", &[("days", summary.window_days.into())])) }
                    th scope="col" { (words.say("report-column-today", &[])) }
                } }
                tbody {
                    @for (row, level) in rows.iter().flat_map(|row| row.levels.iter().map(move |level| (row, level))) {
                        tr {
                            th scope="row" { (row.title) }
                            td { (words.level(level.level)) }
                            td class="number" { (level.cards) }
                            td class="number" { (level.recalled) }
                            td { (retention(&level.retention, words)) }
                            td { (today(level.recall_today, words)) }
                        }
                    }
                }
            }))
        }
    }
}

fn today(share: Option<Interval>, words: &Words) -> String {
    share.map_or("–".to_owned(), |share| format!("{} ({})", words.percent(share.value), ends(share)))
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

fn year(summary: &Summary, words: &Words) -> Markup {
    let weeks = summary.total.weeks.len();
    html! {
        section {
            h2 { (words.say("page-year", &[])) (of_all(summary, words)) }
            (PreEscaped(charts::year(&summary.activity, summary.today, weeks, words)))
            (figures(&words.say("page-year-figures", &[]), "year-figures", html! {
                thead { tr {
                    th scope="col" { (words.say("forecast-day", &[])) }
                    th scope="col" class="number" { (words.say("report-answers", &[])) }
                    th scope="col" class="number" { (words.say("page-new-cards", &[])) }
                    th scope="col" class="number" { (words.say("page-minutes", &[])) }
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

fn forecast(ahead: &[Load], of: &str, words: &Words) -> Markup {
    html! {
        @if !ahead.is_empty() {
            section {
                h2 { (words.say("page-ahead", &[("days", ahead.len().into())])) (of) }
                (PreEscaped(charts::ahead(ahead, words)))
                (figures(&words.say("page-ahead-figures", &[]), "ahead-figures", html! {
                    thead { tr {
                        th scope="col" { (words.say("forecast-day", &[])) }
                        th scope="col" class="number" { (words.say("page-reviews", &[])) }
                        th scope="col" class="number" { (words.say("page-new-cards", &[])) }
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
fn areas(summary: &Summary, words: &Words) -> Markup {
    let (first, rows) = rows(summary);
    let faded: Vec<String> = summary.areas.iter().filter_map(|row| table::faded(row, words)).collect();
    html! {
        section {
            h2 id="areas" { (words.say(if first == By::Area { "page-areas" } else { "page-systems" }, &[])) }
            (scrolling("areas", html! {
                table class="wide" {
                    (row_head(first, summary, words))
                    tbody { @for row in rows.iter().chain((rows.len() > 1).then(|| whole(summary))) { (row_line(row, None, words)) } }
                }
            }))
            @if !faded.is_empty() {
                ul class="fading" {
                    @for told in faded { li { "↓ " (told) } }
                }
            }
            @if summary.areas.len() > 1 {
                (figures(&words.say("page-systems-figures", &[]), "systems", html! {
                    (row_head(By::System, summary, words))
                    tbody {
                        @for area in &summary.areas {
                            @for system in &area.systems { (row_line(system, Some(&area.title), words)) }
                        }
                    }
                }))
            }
        }
    }
}

fn row_head(first: By, summary: &Summary, words: &Words) -> Markup {
    html! {
        thead { tr {
            th scope="col" { (first.name(words)) }
            th scope="col" { (words.say("page-goal", &[])) }
            th scope="col" { (words.say("report-column-holds", &[])) }
            th scope="col" class="number" { (words.say("report-column-cover", &[])) }
            th scope="col" { (recalled(summary, words)) }
            th scope="col" { (words.say("report-column-today", &[])) }
            th scope="col" class="number" { (words.say("page-due", &[])) }
            th scope="col" { (words.say("page-to-next", &[])) }
        } }
    }
}

fn row_line(row: &Row, of: Option<&str>, words: &Words) -> Markup {
    // All areas together have no goal and no level of their own.
    let alone = row.id == "all";
    html! {
        tr {
            th scope="row" { (row.title) @if let Some(of) = of { " " small { (of) } } }
            td { @if !alone { (words.level(row.target)) } }
            td {
                @if !alone {
                    (row.holds.map_or("–".to_owned(), |level| words.level(level)))
                    @if row.fading.is_some() { " ↓" }
                }
            }
            td class="number" { (row.coverage.map_or("–".to_owned(), |share| words.percent(share))) }
            td { (retention(&row.window.retention, words)) }
            td { (today(row.recall_today, words)) }
            td class="number" { (row.due) }
            td { @if !alone { (next(row, words)) } }
        }
    }
}

/// What is missing for the next level, where that is a deeper one than is held.
fn next(row: &Row, words: &Words) -> String {
    let Some(next) = row.next else {
        return if row.holds.is_some() { words.say("page-all-held", &[]) } else { "–".to_owned() };
    };
    if Some(next.level) <= row.holds {
        return "–".to_owned();
    }
    let level = ("level", Value::from(words.level(next.level)));
    let cards = ("cards", Value::from(next.cards));
    match (next.cards, next.days) {
        (0, _) => {
            let points = (next.recall * 100.0).round_ties_even().max(1.0) as u64;
            words.say("page-next-recall", &[level, ("points", points.into())])
        }
        (_, None) => words.say("page-next-cards", &[level, cards]),
        (_, Some(days)) => words.say("page-next-days", &[level, cards, ("days", days.into())]),
    }
}

fn trends(summary: &Summary, words: &Words) -> Markup {
    let months = || summary.areas.iter().flat_map(|area| &area.months);
    let floor = charts::floor(months());
    html! {
        section class="sheet" {
            h2 { (words.say("page-trends", &[])) }
            p { (words.say("page-trends-note", &[("answers", ENOUGH_ANSWERS.into())])) }
            div class="many" {
                @for (index, area) in summary.areas.iter().enumerate() {
                    @let id = format!("trend-{index}");
                    figure {
                        figcaption { (area.title) small { (retention(&area.window.retention, words)) } }
                        (PreEscaped(Trend { id: &id, title: &area.title, periods: &area.months, floor }.small(words)))
                    }
                }
            }
            (figures(&words.say("page-months-figures", &[]), "month-figures", html! {
                thead { tr {
                    th scope="col" { (words.say("report-column-area", &[])) }
                    @for month in &summary.total.months {
                        th scope="col" { (words.month_and_year(month.from)) }
                    }
                } }
                tbody {
                    @for row in summary.areas.iter().chain((summary.areas.len() > 1).then_some(&summary.total)) {
                        tr {
                            th scope="row" { (row.title) }
                            @for month in &row.months { td { (period(month, words)) } }
                        }
                    }
                }
            }))
        }
    }
}

fn together(summary: &Summary, words: &Words) -> Markup {
    let Row { title, weeks, window, .. } = whole(summary);
    let trend = Trend { id: "trend-all", title, periods: weeks, floor: charts::floor(weeks.iter()) };
    let values = [("days", summary.window_days.into()), ("share", retention(&window.retention, words).into())];
    html! {
        section {
            h2 { (words.say("page-weeks", &[("title", title.into())])) }
            p { (words.say("page-recalled-in", &values)) }
            (PreEscaped(trend.large(words)))
            (figures(&words.say("page-weeks-figures", &[]), "week-figures", html! {
                thead { tr { th scope="col" { (words.say("page-week-from", &[])) } th scope="col" { (words.say("report-recalled", &[])) } } }
                tbody {
                    @for week in weeks.iter().rev() {
                        tr { th scope="row" { (week.from) } td { (period(week, words)) } }
                    }
                }
            }))
        }
    }
}

fn period(period: &Period, words: &Words) -> String {
    let rate = &period.rates.retention;
    if rate.answers == 0 { "–".to_owned() } else { retention(rate, words) }
}

fn calibration(summary: &Summary, words: &Words) -> Markup {
    let bins = &summary.prediction.calibration;
    html! {
        section {
            h2 { (words.say("page-prediction", &[])) }
            p { (prediction(&summary.prediction, words)) }
            @if summary.prediction.worse_than_the_average() {
                p class="warning" { (words.say("page-prediction-poor", &[])) }
            }
            @if !bins.is_empty() {
                (PreEscaped(charts::calibration(bins, ENOUGH_ANSWERS, words)))
                (figures(&words.say("page-prediction-figures", &[]), "calibration-figures", html! {
                    thead { tr {
                        th scope="col" class="number" { (words.say("report-predicted", &[])) }
                        th scope="col" { (words.say("report-recalled", &[])) }
                        th scope="col" class="number" { (words.say("report-answers", &[])) }
                    } }
                    tbody {
                        @for bin in bins {
                            @let share = charts::interval_of(bin);
                            tr {
                                td class="number" { (words.percent(bin.predicted)) }
                                td { @if bin.answers < ENOUGH_ANSWERS { (words.say("report-few", &[])) } @else { (today(Some(share), words)) } }
                                td class="number" { (bin.answers) }
                            }
                        }
                    }
                }))
            }
        }
    }
}

/// What only the page has to explain.
const OWN_TERMS: [(&str, &str); 4] = [
    ("page-to-next", "page-to-next-meaning"),
    ("page-coming", "page-coming-meaning"),
    ("page-term-prediction", "page-term-prediction-meaning"),
    ("page-not-counted", "page-not-counted-meaning"),
];

fn definitions(words: &Words) -> Markup {
    // The page explains its trends where they stand.
    let terms = ["report-note-recalled", "report-note-today"].into_iter().chain(table::DEFINITIONS);
    let terms = terms.filter(|term| *term != "report-note-trend").map(|term| words.say(term, &[]));
    let terms: Vec<String> = terms.collect();
    let terms = terms.iter().filter_map(|definition| definition.split_once(": "));
    html! {
        section {
            h2 { (words.say("page-meaning", &[])) }
            dl class="terms" {
                @for (term, meaning) in terms {
                    div { dt { (term) } dd { (meaning) } }
                }
                @for (term, meaning) in OWN_TERMS {
                    div { dt { (words.say(term, &[])) } dd { (words.say(meaning, &[])) } }
                }
            }
        }
    }
}
