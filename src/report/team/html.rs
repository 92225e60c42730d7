//! A team as one page: no script, nothing fetched, light or dark as its reader likes it, and fit to print.
//!
//! Every text that is not written here passes the gate for text and is escaped: names and titles come from anyone.

use std::fmt::Write as _;

use super::{age, at_risk, averages, date, deeper, percent, rule, sign};
use crate::card::Level;
use crate::share::team::{AVERAGES_FROM, Area, Team};
use crate::text::visible;

const STYLE: &str = "\
:root{color-scheme:light dark;--f:#e8e4f4;--p:#bfe3c8;--e:#2f7d4f;--on:#fff;--risk:#b3261e;--line:#8886}
@media(prefers-color-scheme:dark){:root{--f:#3a3650;--p:#245c3a;--e:#8fdcae;--on:#10301c;--risk:#ff8a80}}
body{font:1rem/1.5 system-ui,sans-serif;margin:2rem auto;max-width:72rem;padding:0 1rem}
h1{font-size:1.4rem;margin:0}h2{font-size:1.1rem;margin:1.5rem 0 .3rem}
.wide{overflow-x:auto}table{border-collapse:collapse;margin-top:1rem}
th,td{border-bottom:1px solid var(--line);padding:.2rem .6rem;text-align:center}
th:first-child{text-align:left;white-space:nowrap}thead th{vertical-align:bottom}small{font-weight:normal;white-space:nowrap}
.f{background:var(--f)}.p{background:var(--p)}.e{background:var(--e);color:var(--on);font-weight:bold}
.risk{color:var(--risk);font-weight:bold}.note{opacity:.75;font-size:.9rem}
@media print{body{margin:0;max-width:none;font-size:.8rem}.wide{overflow:visible}tr{break-inside:avoid}
thead{display:table-header-group}td,th{print-color-adjust:exact;-webkit-print-color-adjust:exact}}
";

/// Returns the page.
pub fn page(team: &Team) -> String {
    let mut out = String::from(
        "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n\
         <meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline'\">\n\
         <meta name=\"viewport\" content=\"width=device-width\">\n<title>Team</title>\n<style>\n",
    );
    // Writing to a string cannot fail, here and below.
    let _ = writeln!(out, "{STYLE}</style>\n</head>\n<body>\n<h1>Who holds what</h1>");
    let about = std::iter::once(date(team.today)).chain(age(team)).collect::<Vec<_>>().join(" · ");
    let _ = writeln!(out, "<p class=\"note\">{}</p>", escaped(&about));
    matrix(&mut out, team);
    let _ = writeln!(
        out,
        "<p class=\"note\">F foundation, P practitioner, E expert, – none; * deeper in a system, see below. \
         F+, P+, E+: how many hold that level or a deeper one; ! at risk; averages only from {AVERAGES_FROM} people up.</p>"
    );
    let _ = writeln!(out, "<h2>{}</h2>\n<ul>", escaped(&rule(team)));
    let (nobody, one) = at_risk(team);
    for area in &nobody {
        let _ = writeln!(out, "<li>{}: <span class=\"risk\">nobody</span></li>", bdi(area));
    }
    for (area, name) in &one {
        let _ = writeln!(out, "<li>{}: only {}</li>", bdi(area), bdi(name));
    }
    if nobody.is_empty() && one.is_empty() {
        out.push_str("<li>none</li>\n");
    }
    out.push_str("</ul>\n");
    if deeper(team).next().is_some() {
        out.push_str("<h2>Deeper in a system than in its area</h2>\n<ul>\n");
        for (place, person) in team.people.iter().enumerate() {
            for (_, system, level) in deeper(team).filter(|(who, ..)| *who == place) {
                let _ = writeln!(out, "<li>{}: {}, {level}</li>", bdi(&person.name), bdi(system));
            }
        }
        out.push_str("</ul>\n");
    }
    let _ = writeln!(out, "<p>{}</p>\n</body>\n</html>", escaped(&averages(team)));
    out
}

fn matrix(out: &mut String, team: &Team) {
    let recalled = team.areas.iter().any(|area| area.mean_retention.is_some());
    out.push_str("<div class=\"wide\">\n<table>\n<thead>\n<tr><th scope=\"col\">area</th>");
    for person in &team.people {
        let _ = write!(out, "<th scope=\"col\">{}<br><small>{}</small></th>", bdi(&person.name), person.date);
    }
    for level in Level::ALL {
        let _ = write!(out, "<th scope=\"col\" title=\"{level} or deeper\">{}+</th>", sign(level));
    }
    if recalled {
        out.push_str("<th scope=\"col\">recalled</th>");
    }
    out.push_str("</tr>\n</thead>\n<tbody>\n");
    for area in &team.areas {
        let _ = write!(out, "<tr><th scope=\"row\">{}</th>", bdi(&area.title));
        for place in 0..team.people.len() {
            held(out, area, place);
        }
        for level in Level::ALL {
            let holders = area.holders.get(&level).copied().unwrap_or(0);
            let _ = match level == team.level && area.at_risk {
                true => write!(out, "<td class=\"risk\">{holders}!</td>"),
                false => write!(out, "<td>{holders}</td>"),
            };
        }
        if recalled {
            let mean = area.mean_retention.map_or("few".to_owned(), |mean| percent(mean.value));
            let _ = write!(out, "<td>{mean}</td>");
        }
        out.push_str("</tr>\n");
    }
    out.push_str("</tbody>\n</table>\n</div>\n");
}

fn held(out: &mut String, area: &Area, person: usize) {
    let more = if area.deeper.iter().any(|deeper| deeper.person == person) { "*" } else { "" };
    let _ = match area.holds.get(person).copied().flatten() {
        None => write!(out, "<td>–{more}</td>"),
        Some(level) => {
            write!(
                out,
                "<td class=\"{}\"><abbr title=\"{level}\">{}</abbr>{more}</td>",
                sign(level).to_lowercase(),
                sign(level)
            )
        }
    };
}

/// Foreign text on its own: its direction of writing does not reach its neighbours.
fn bdi(text: &str) -> String {
    format!("<bdi>{}</bdi>", escaped(text))
}

/// The text with what HTML reads as its own escaped, after the gate.
fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for character in visible(text).chars() {
        match character {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\'' => out.push_str("&#39;"),
            character => out.push(character),
        }
    }
    out
}
