//! `plugg report --html`: a file that is there wholly or not at all, or standard output.

use crate::harness::Desk;

#[test]
fn the_report_as_a_page() {
    let mut desk = Desk::with_cards();
    let _ = desk.run(&["report", "--html", "page.html"]).success();
    let page = std::fs::read_to_string(desk.path("page.html")).unwrap();
    assert!(page.starts_with("<!DOCTYPE html>") && page.ends_with("</html>\n"), "{page}");
    assert!(page.contains("<svg") && page.contains("The coming 30 days"));
    assert_eq!(desk.run(&["report", "--html", "-"]).success(), page);
    // One area alone, and a day in the past, which has nothing ahead of it.
    let area = desk.run(&["report", "linux", "--html", "-"]).success();
    assert!(area.contains(", all areas"));
    desk.days_later(3);
    let past = desk.run(&["report", "--as-of", "2026-11-24", "--html", "-"]).success();
    assert!(past.contains("24 November 2026") && !past.contains("The coming"));
}

#[test]
fn what_cannot_be_written_is_said_and_leaves_nothing() {
    let mut desk = Desk::with_cards();
    let error = desk.run(&["report", "--html", "nowhere/page.html"]).failure(2);
    assert!(error.contains("could not write nowhere/page.html"), "{error}");
    let error = desk.run(&["report", "--html", "page.html", "--json"]).failure(2);
    assert!(error.contains("cannot be used with"), "{error}");
    assert!(!desk.path("page.html").exists());
}
