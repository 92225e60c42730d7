//! Databases of earlier schemas, kept as they were written: each opens, climbs, and loses nothing.
//!
//! A new schema adds its file here before it is released; none is ever changed.

use crate::harness::Desk;

/// Schema by schema: the file, its answers, and those taken back.
const KEPT: &[(usize, &[u8], i64, i64)] = &[(1, include_bytes!("fixtures/schema_1.db"), 24, 1)];

#[test]
fn every_schema_that_was_ever_written_still_opens() {
    for (schema, bytes, answers, retracted) in KEPT {
        let mut desk = Desk::new();
        desk.write("plugg.db", bytes);
        let doctor = desk.run(&["doctor"]).success();
        let expected = format!("6 cards, {answers} answers, {retracted} taken back");
        assert!(doctor.contains(&expected), "schema {schema}: {doctor}");
        assert!(doctor.contains("replaying the log gives every card's memory exactly"), "schema {schema}: {doctor}");
        let _ = desk.run(&["undo"]).success();
        let _ = desk.say(&["quiz", "--plain"], "\n\n\n\n").success();
        let _ = desk.run(&["report"]).success();
        assert!(desk.run(&["doctor"]).success().contains("sound"), "schema {schema}");
        // What was suspended and aimed at is still so.
        assert_eq!(desk.count("select count(*) from card where suspended = 1"), 1);
        assert!(desk.run(&["goal", "--json"]).success().contains("\"linux\": \"expert\""));
    }
}

#[test]
fn a_copy_is_kept_before_a_climb() {
    // A file that says it is older than any schema there was has to climb from the first rung.
    let mut desk = Desk::with_cards();
    let database = desk.database();
    database.pragma_update(None, "user_version", 0).unwrap();
    drop(database);
    // Its tables are there already, so the climb fails, and leaves everything as it was.
    let error = desk.run(&["due"]).failure(3);
    assert!(error.contains("could not bring the database to schema 1"), "{error}");
    assert_eq!(desk.count("select count(*) from note"), 6);
}
