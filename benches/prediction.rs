//! How good is predicted recall over a real history? `cargo bench --bench prediction -- HISTORY.csv…`
//!
//! A history is CSV with the columns `card_id`, `review_rating` (1 again, 2 hard, 3 good, 4 easy) and `review_time`
//! (RFC 3339), as FSRS's own test data has it. Every first answer of a study day to a card seen before is predicted from
//! what came before it: by the memory model with its default weights, by always guessing the learner's average so far, by
//! SM-2's implied curve over the intervals that SM-2 would have given, and, over the last fifth, by weights fitted to the
//! earlier four fifths. Log loss, lower is better; then calibration of the default weights by tenths.

#![allow(clippy::unwrap_used, clippy::print_stdout, clippy::print_stderr, reason = "a benchmark measures and prints")]

use std::collections::HashMap;

use plugg::card::{Grade, Memory, Purpose, Review};
use plugg::day::{Day, Moment};
use plugg::recall::{Model, Past, Trace, implied_by_interval, log_loss, tune};
use plugg::sm2;

/// Sums of log losses over predicted answers.
#[derive(Default)]
struct Losses {
    answers: u32,
    passed: u32,
    model: f64,
    average: f64,
    interval: f64,
    bins: [(u32, u32, f64); 10],
}

fn main() {
    let files: Vec<String> = std::env::args().skip(1).filter(|argument| !argument.starts_with("--")).collect();
    if files.is_empty() {
        eprintln!("name one or more histories: cargo bench --bench prediction -- HISTORY.csv");
        return;
    }
    println!("{:<24} {:>8} {:>8} {:>8} {:>8} {:>8} {:>8}", "", "n", "recalled", "default", "average", "SM-2", "fitted");
    for file in files {
        let history = read(&file);
        let name = file.rsplit('/').next().unwrap();
        let model = Model::default();
        let cut = history.len() * 4 / 5;
        let (all, last) = (losses(&history, 0, &model), losses(&history, cut, &model));
        row(&format!("{name}, all"), &all, None);
        let fitted = tune(&history, &model).unwrap();
        row(&format!("{name}, last fifth"), &last, fitted.map(|fitted| fitted.loss));
        println!("\npredicted  recalled  answers");
        for (answers, passed, predicted) in all.bins.into_iter().filter(|(answers, _, _)| *answers > 0) {
            let n = f64::from(answers);
            println!("{:>8.1}%  {:>7.1}%  {answers:>7}", 100.0 * predicted / n, 100.0 * f64::from(passed) / n);
        }
    }
}

fn row(name: &str, losses: &Losses, fitted: Option<f64>) {
    let n = f64::from(losses.answers);
    println!(
        "{name:<24} {:>8} {:>7.1}% {:>8.3} {:>8.3} {:>8.3} {:>8}",
        losses.answers,
        100.0 * f64::from(losses.passed) / n,
        losses.model / n,
        losses.average / n,
        losses.interval / n,
        fitted.map_or("–".to_owned(), |loss| format!("{loss:.3}"))
    );
}

fn losses(history: &[Past], from: usize, model: &Model) -> Losses {
    let mut cards: HashMap<i64, (Trace, Memory)> = HashMap::new();
    let mut losses = Losses::default();
    let (mut answers, mut passed) = (0.0, 0.0);
    for (index, past) in history.iter().enumerate() {
        let known = cards.get(&past.card).copied();
        let right = past.grade.passed();
        let first_today = known.is_none_or(|(trace, _)| trace.last < past.day);
        if let Some((trace, memory)) = known.filter(|_| past.counted) {
            let average = (passed + 1.0) / (answers + 2.0);
            (answers, passed) = (answers + 1.0, passed + f64::from(right));
            if index >= from {
                let predicted = model.recall(&trace, past.day);
                let implied = implied_by_interval(memory.interval, past.day.since(trace.last));
                losses.answers += 1;
                losses.passed += u32::from(right);
                losses.model += log_loss(predicted, right);
                losses.average += log_loss(average, right);
                losses.interval += log_loss(implied, right);
                let bin = &mut losses.bins[((predicted * 10.0) as usize).min(9)];
                *bin = (bin.0 + 1, bin.1 + u32::from(right), bin.2 + predicted);
            }
        }
        let before = known.map_or(Memory::NEW, |(_, memory)| memory);
        let purpose = if first_today { Purpose::Quiz } else { Purpose::Drill };
        let outcomes = sm2::outcomes(&before, &sm2::Context::original(past.day));
        let after = sm2::apply(&before, &outcomes, purpose, past.grade);
        let review = Review { day: past.day, purpose, grade: past.grade, before, after };
        let trace = model.after(known.as_ref().map(|(trace, _)| trace), review.day, review.grade);
        cards.insert(past.card, (trace, after));
    }
    losses
}

/// Reads a history, oldest answer first; an answer counts if it is the card's first of the day and not its first ever.
fn read(file: &str) -> Vec<Past> {
    let mut reader = csv::Reader::from_path(file).unwrap();
    let names = reader.headers().unwrap().clone();
    let column = |name: &str| names.iter().position(|found| found == name).unwrap();
    let (card, rating, time) = (column("card_id"), column("review_rating"), column("review_time"));
    let mut rows: Vec<(i64, i64, Grade, Day)> = reader
        .records()
        .map(|record| {
            let record = record.unwrap();
            let at = Moment::parse(&record[time]).unwrap();
            let grade = match &record[rating] {
                "1" => Grade::AGAIN,
                "2" => Grade::HARD,
                "3" => Grade::GOOD,
                _ => Grade::EASY,
            };
            (at.unix_ms, record[card].parse().unwrap(), grade, at.study_day(4))
        })
        .collect();
    rows.sort_by_key(|row| row.0);
    let mut last: HashMap<i64, Day> = HashMap::new();
    rows.into_iter()
        .map(|(_, card, grade, day)| {
            let before = last.insert(card, day);
            Past { card, day, grade, counted: before.is_some_and(|before| before < day) }
        })
        .collect()
}
