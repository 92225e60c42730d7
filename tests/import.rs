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

#[test]
fn text_markdown_and_crowdanki_come_in_told_by_their_content() {
    let mut desk = Desk::new();
    let cases: [(&str, &[u8], &str); 5] = [
        (
            "list.dat",
            b"front;back;tags\nWhat lists sockets?;`ss`;linux net\nWhat traces calls?;strace;linux\n",
            "2 added",
        ),
        ("export.txt", b"#separator:tab\n#html:true\n#tags column:3\na <b>bold</b> front\tb\tx\n", "1 added"),
        ("cards.md", b"Q: Which signal is 9?\nA: SIGKILL\n\nC: The superuser is [root].\n", "2 added"),
        ("notes.md", b"# Net\n\n## What is port 22?\n\nSSH\n", "1 added"),
        ("deck.json", include_bytes!("fixtures/crowdanki/kinds.json"), "added"),
    ];
    for (name, bytes, expected) in cases {
        desk.write(name, bytes);
        let first = desk.run(&["import", name]);
        assert!(first.code == Some(0) || first.code == Some(4), "{name}: {}", first.out);
        assert!(first.out.contains(expected), "{name}: {}", first.out);
        let again = desk.run(&["import", name]);
        assert!(!again.out.contains("added") && again.out.contains("unchanged"), "{name}: {}", again.out);
    }
    let transcript = desk.say(&["quiz", "--plain", "--new", "50"], &"\n3\n".repeat(90)).success();
    assert!(transcript.contains("Which signal is 9?"), "{transcript}");
}

#[test]
fn a_changed_text_keeps_its_progress_where_a_format_has_no_ids() {
    let mut desk = Desk::new();
    desk.write("cards.md", "Q: Which signal is nine?\nA: SIGKILL\n\nQ: What is port 22?\nA: SSH\n");
    let _ = desk.run(&["import", "cards.md"]).success();
    let _ = desk.say(&["quiz", "--plain"], "\n3\n\n3\n").success();
    assert_eq!(desk.count("select count(*) from card where due is not null"), 2);
    desk.write("cards.md", "Q: What is port 22 for?\nA: SSH\n\nQ: Which signal is number nine?\nA: SIGKILL\n");
    let updated = desk.run(&["import", "cards.md"]).success();
    assert!(updated.contains("2 updated") && !updated.contains("added"), "{updated}");
    assert_eq!(desk.count("select count(*) from card where due is not null and retired = 0"), 2);
}

#[test]
fn bad_rows_are_named_and_left_out_and_bad_files_refused() {
    let mut desk = Desk::new();
    desk.write("rows.csv", "front,back\nWhat lists sockets?,ss\nonly one cell\nWhat traces calls?,strace\n");
    let partly = desk.run(&["import", "rows.csv"]);
    assert_eq!(partly.code, Some(4), "{}", partly.out);
    assert!(partly.out.contains("2 added") && partly.out.contains("rows.csv:3"), "{}", partly.out);
    let bad: [(&str, &[u8]); 5] = [
        ("header.csv", b"front,back\n"),
        ("latin.csv", b"front,back\nf\xe5r,b\n"),
        ("deep.json", &[b'['; 100_000]),
        ("nothing.xyz", b"\x7fELF\x02\x01\x01"),
        ("empty.md", b""),
    ];
    let before = desk.count("select count(*) from note");
    for (name, bytes) in bad {
        desk.write(name, bytes);
        let refused = desk.run(&["import", name]);
        assert_eq!(refused.code, Some(1), "{name}: {}", refused.transcript());
        assert!(refused.out.starts_with(&format!("{name}: refused; nothing was changed")), "{name}: {}", refused.out);
    }
    assert_eq!(desk.count("select count(*) from note"), before);
}
