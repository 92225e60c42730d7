//! Anki packages through the command line: what comes in, what is said, what an update costs.

use crate::harness::Desk;

const V3: &[u8] = include_bytes!("fixtures/anki/kinds-v3.apkg");
const V2: &[u8] = include_bytes!("fixtures/anki/kinds-v2.apkg");
const COLLECTION: &[u8] = include_bytes!("fixtures/anki/kinds-v3.colpkg");

#[test]
fn a_package_comes_in_and_the_same_one_again_changes_nothing() {
    let mut desk = Desk::new();
    desk.write("kinds.apkg", V3);
    let first = desk.run(&["import", "kinds.apkg"]);
    assert_eq!(first.code, Some(4), "a card that a terminal cannot show is left out, and the exit code says so");
    assert!(
        first.out.contains("deck anki-devops, 27 cards: 19 added, 0 unchanged, 3 media, 1 problem"),
        "{}",
        first.out
    );
    assert!(first.out.contains("it asks for a hidden part of a picture"), "{}", first.out);
    assert!(first.out.contains("--map 'DevOps::K8s=kubernetes'"), "{}", first.out);
    // The older generation of the same package has the same identities.
    for (name, bytes) in [("again.apkg", V3), ("old.apkg", V2)] {
        desk.write(name, bytes);
        let again = desk.run(&["import", name]);
        assert!(again.out.contains("27 cards: 19 unchanged, 3 media, 1 problem"), "{}", again.out);
    }
    assert_eq!(desk.count("select count(*) from card where retired = 0"), 27);
    assert_eq!(desk.count("select count(*) from review"), 0, "the author's history is not the learner's");
    let names: Vec<String> = std::fs::read_dir(desk.path("media"))
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    assert!(names.iter().all(|name| name.len() == 64 && name.bytes().all(|b| b.is_ascii_hexdigit())), "{names:?}");
    let transcript = desk.say(&["quiz", "--plain", "--limit", "27", "--new", "27"], &"\n3\n".repeat(80)).success();
    assert!(transcript.contains(" cards in"), "{transcript}");
}

#[test]
fn notes_are_placed_by_tag_and_the_next_version_remembers_it() {
    let mut desk = Desk::new();
    desk.write("kinds.apkg", V3);
    let rules = ["import", "kinds.apkg", "--map", "DevOps::K8s=kubernetes", "--area", "linux"];
    let first = desk.run(&rules);
    assert!(!first.out.contains("Unsorted"), "{}", first.out);
    let kubernetes = "select count(*) from card join scope on scope.id = card.scope where scope.system = 'kubernetes'";
    let placed = desk.count(kubernetes);
    assert!(placed > 0);
    let again = desk.run(&["import", "kinds.apkg"]);
    assert!(again.out.contains("19 unchanged"), "{}", again.out);
    assert_eq!(desk.count(kubernetes), placed);
    let moved = desk.run(&["deck", "map", "anki-devops", "--area", "git"]).success();
    assert!(moved.starts_with("19 notes moved"), "{moved}");
    assert_eq!(desk.count(kubernetes), 0);
    assert!(desk.run(&["import", "kinds.apkg", "--area", "sailing"]).failure(2).contains("there is no area or system"));
}

#[test]
fn ones_own_history_comes_along_when_asked_for() {
    let mut desk = Desk::new();
    desk.write("mine.colpkg", COLLECTION);
    let own = desk.run(&["import", "mine.colpkg", "--with-history"]);
    let rows = desk.count("select count(*) from review where purpose = 4");
    assert!(rows > 0, "{}", own.out);
    assert!(own.out.contains(&format!("{rows} answers added")), "{}", own.out);
    let again = desk.run(&["import", "mine.colpkg", "--with-history"]);
    assert!(again.out.contains(&format!("{rows} answers known")), "{}", again.out);
    assert_eq!(desk.count("select count(*) from review"), rows);
    assert!(desk.run(&["doctor"]).success().contains("sound"));
}

#[test]
fn a_dry_run_says_the_same_and_a_damaged_package_changes_nothing() {
    let mut desk = Desk::new();
    desk.write("kinds.apkg", V3);
    let dry = desk.run(&["import", "--dry-run", "kinds.apkg"]);
    assert_eq!(desk.count("select (select count(*) from deck) + (select count(*) from note)"), 0);
    assert!(!desk.path("media").exists());
    assert_eq!(dry.err, "Dry run: nothing was changed.\n");
    assert_eq!(desk.run(&["import", "kinds.apkg"]).out, dry.out);
    let before = desk.count("select count(*) from note");
    for cut in [10, V3.len() / 2, V3.len() - 30] {
        desk.write("cut.apkg", &V3[..cut]);
        let refused = desk.run(&["import", "cut.apkg"]);
        assert_eq!(refused.code, Some(1), "{}", refused.out);
        assert!(refused.out.starts_with("cut.apkg: refused; nothing was changed"), "{}", refused.out);
    }
    assert_eq!(desk.count("select count(*) from note"), before);
}

#[test]
fn a_deck_goes_out_to_anki_and_to_a_spreadsheet() {
    let mut desk = Desk::with_cards();
    let _ = desk.run(&["deck", "export", "first", "--format", "anki", "-o", "out.apkg"]).success();
    let mut other = Desk::new();
    other.write("out.apkg", std::fs::read(desk.path("out.apkg")).unwrap());
    let back = other.run(&["import", "out.apkg", "--area", "linux"]).success();
    assert!(back.contains("6 cards: 6 added"), "{back}");
    let csv = desk.run(&["deck", "export", "first", "--format", "csv"]).success();
    assert!(csv.starts_with("id,kind,front,back,"), "{csv}");
    assert!(csv.contains("df -i"), "{csv}");
    assert!(desk.run(&["deck", "export", "first", "--format", "pdf"]).failure(2).contains("`pdf` is not a format"));
    // From Anki to Anki: the pictures come along.
    let mut kinds = Desk::new();
    kinds.write("kinds.apkg", V3);
    assert_eq!(kinds.run(&["import", "kinds.apkg"]).code, Some(4));
    let _ = kinds.run(&["deck", "export", "anki-devops", "--format", "anki", "-o", "again.apkg"]).success();
    let again = kinds.run(&["import", "again.apkg", "--deck", "twice"]).success();
    assert!(again.contains("27 cards") && again.contains("3 media"), "{again}");
}
