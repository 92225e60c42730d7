//! A session that is killed at any moment: every acknowledged answer is there exactly once, and replay equals cache.

use std::io::{BufRead as _, BufReader, Write as _};
use std::process::{Command, Stdio};

use crate::harness::Desk;

/// Kills, spread over the moments around answers.
const KILLS: u32 = 60;

#[test]
fn every_acknowledged_answer_survives_a_kill_exactly_once() {
    let mut desk = Desk::new();
    desk.write("config.toml", "bundled_decks = false\nnew_per_day = 100000\n");
    let mut deck = crate::harness::FIRST.split("[[card]]").next().unwrap().to_owned();
    for card in 0..KILLS * 12 {
        deck.push_str(&format!(
            "[[card]]\nid = \"c{card}\"\nlevel = \"foundation\"\nkind = \"basic\"\nfront = \"Card {card}?\"\nback = \"yes\"\n\
             source = \"https://man7.org/\"\n"
        ));
    }
    desk.write("many.toml", deck);
    let _ = desk.run(&["import", "many.toml"]).success();
    let mut acknowledged = 0;
    let mut begun = 0;
    for kill in 0..KILLS {
        let mut command = Command::new(env!("CARGO_BIN_EXE_plugg"));
        command.args(["quiz", "--plain"]).env_clear().envs(desk.variables());
        let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::null()).spawn().unwrap();
        let mut input = child.stdin.take().unwrap();
        let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
        // A question that is put acknowledges the answer before it.
        let mut next_question =
            || lines.find(|line| line.as_ref().is_ok_and(|line| line.trim_start().starts_with("Card ")));
        let answers = kill % 5;
        let mut put = next_question().is_some();
        for _ in 0..answers {
            assert!(put);
            input.write_all(b"\n3\n").unwrap();
            put = next_question().is_some();
            acknowledged += 1;
            begun += 1;
        }
        // One more answer is under way when the process dies, at another moment each time.
        input.write_all(b"\n3\n").unwrap();
        begun += 1;
        for _ in 0..kill * 4000 {
            std::hint::spin_loop();
        }
        child.kill().unwrap();
        child.wait().unwrap();
        let kept = desk.count("select count(*) from review");
        assert!((acknowledged..=begun).contains(&kept), "{acknowledged} acknowledged, {kept} kept, {begun} begun");
        // Those that were not acknowledged may have been kept; they are from now on.
        (acknowledged, begun) = (kept, kept);
    }
    assert_eq!(desk.count("select count(*) from (select card from review group by card having count(*) > 1)"), 0);
    let doctor = desk.run(&["doctor"]).success();
    assert!(doctor.contains("replaying the log gives every card's memory exactly"), "{doctor}");
}
