//! What a learner lets her employer see, and what a team's files add up to, as transcripts.

use expect_test::expect;

use crate::harness::Desk;
use crate::quiz::play_right;

/// A desk on which foundation is held in Linux.
fn desk_with_a_level() -> Desk {
    let mut desk = Desk::with_cards();
    play_right(&mut desk, &[]);
    desk.days_later(1);
    play_right(&mut desk, &[]);
    desk
}

/// A share file: the name, its day, and areas with the levels held in them.
fn shared(name: &str, date: &str, areas: &[(&str, &str)]) -> String {
    let areas = areas.iter().map(|(id, level)| {
        format!("\n[[area]]\nid = \"{id}\"\ntitle = \"of the file\"\nholds = \"{level}\"\nanswers = 40\n")
    });
    format!("plugg_share = 1\nname = \"{name}\"\ndate = {date}\nanswers = 40\n{}", areas.collect::<String>())
}

#[test]
fn she_sees_the_whole_file_before_it_is_written() {
    let mut desk = desk_with_a_level();
    expect![[r#"
        $ plugg report --share anna.toml --name Anna
        # What a learner holds, as plugg counts it. The learner saw every line before this file was written.
        # A level is held when at least 80 % of its cards and of those below were recalled a day or more after
        # their first answer, and at least 80 % of them would be recalled on the date below.
        # Answers count once a day and card, and only where the card was due.
        plugg_share = 1
        name = "Anna"
        date = 2026-11-25
        answers = 5

        [[area]]
        id = "linux"
        title = "Linux environments"
        holds = "none"
        answers = 5
        ------- stderr -------
        plugg: nothing was written: the file needs your word
        hint:  run it on a terminal, or add --yes once you have read the above
        [exit status: Some(2)]
    "#]]
    .assert_eq(&desk.run(&["report", "--share", "anna.toml", "--name", "Anna"]).transcript());
    assert!(!desk.path("anna.toml").exists(), "nothing is written without her word");
    let written = desk.run(&["report", "--share", "anna.toml", "--name", "Anna", "--yes"]);
    assert_eq!(written.err, "anna.toml is written. It is yours to send.\n");
    assert_eq!(std::fs::read_to_string(desk.path("anna.toml")).unwrap(), written.success(), "she saw what is written");
    // No answer, no time of day, no retention.
    let text = std::fs::read_to_string(desk.path("anna.toml")).unwrap();
    for part in ["retention", "08:", "inodes", "grade"] {
        assert!(!text.contains(part), "{part}: {text}");
    }
    // Five answers are too few for retention, even where she adds it.
    let added = desk.run(&["report", "--share", "anna.toml", "--name", "Anna", "--with-retention", "--yes"]).success();
    assert_eq!(added, text);
    desk.days_later(1);
    assert!(desk.run(&["report", "--share", "anna.toml", "--name", "Anna", "--yes"]).success().contains("2026-11-26"));
    assert_ne!(std::fs::read_to_string(desk.path("anna.toml")).unwrap(), text, "her own older file is replaced");
}

#[test]
fn what_cannot_be_shared_is_said_and_nothing_is_overwritten() {
    let mut empty = Desk::new();
    assert!(empty.run(&["report", "--share", "a", "--name", "A", "--yes"]).failure(2).contains("nothing to share yet"));
    let mut desk = desk_with_a_level();
    std::fs::create_dir(desk.path("folder")).unwrap();
    let before = std::fs::read(desk.path("first.toml")).unwrap();
    let cases: &[(&[&str], &str)] = &[
        (&["--share", "first.toml", "--name", "A", "--yes"], "first.toml is there already and is no share file"),
        (&["--share", "plugg.db", "--name", "A", "--yes"], "plugg.db is there already and is no share file"),
        (&["--share", "folder", "--name", "A", "--yes"], "folder is there already and is no share file"),
        (&["--share", "none/a.toml", "--name", "A", "--yes"], "could not write none/a.toml"),
        (&["--share", "a.toml", "--yes"], "a share file needs your name"),
        (&["--share", "a.toml", "--yes", "--name", " "], "the name is empty"),
        (&["--share", "a.toml", "--yes", "--name", "a\nb"], "the name holds a control character"),
        (&["--share", "a.toml", "--yes", "--name", "a\u{202e}b"], "holds characters that do not show"),
        (&["cdn", "--share", "a.toml", "--yes", "--name", "A"], "there is nothing to share yet"),
        (&["--name", "A"], "--share"),
        (&["--share", "a.toml", "--json"], "--json"),
    ];
    for (args, expected) in cases {
        let args: Vec<&str> = ["report"].iter().chain(*args).copied().collect();
        let error = desk.run(&args).failure(2);
        assert!(error.contains(expected), "{args:?}: {error}");
    }
    assert_eq!(std::fs::read(desk.path("first.toml")).unwrap(), before);
    assert!(!desk.path("a.toml").exists());
    assert_eq!(std::fs::read_dir(desk.path("folder")).unwrap().count(), 0);
}

#[test]
fn a_team_is_a_matrix_with_its_holes() {
    let mut desk = desk_with_a_level();
    let _ = desk.run(&["report", "--share", "anna.toml", "--name", "Anna Andersson", "--yes"]).success();
    let bo = [("linux", "practitioner"), ("networking", "expert"), ("sailing", "practitioner")];
    desk.write("bo.toml", shared("Bo", "2026-11-02", &bo));
    desk.write("old.toml", shared("bo", "2026-09-01", &[("linux", "expert")]));
    desk.write("cilla.toml", shared("Cilla Ek", "2026-11-20", &[("linux", "expert"), ("git", "practitioner")]));
    let files = ["anna.toml", "old.toml", "bo.toml", "cilla.toml"];
    expect![[r#"
        $ plugg team anna.toml old.toml bo.toml cilla.toml
         3 people · 25 November 2026
         oldest file: Bo, 2 November 2026, 23 days old

         area                    Anna       Bo  Cilla  F+   P+   E+
                                 Andersson      Ek
         Linux                   –          P   E      2    2    1
         Scripting               –          –   –      0    0!   0
         Programming             –          –   –      0    0!   0
         Git                     –          –   P      1    1!   0
         CI/CD                   –          –   –      0    0!   0
         Containers              –          –   –      0    0!   0
         Infrastructure as code  –          –   –      0    0!   0
         Cloud                   –          –   –      0    0!   0
         Networking              –          E   –      1    1!   1
         Monitoring, logging     –          –   –      0    0!   0
         Databases               –          –   –      0    0!   0
         Automation              –          –   –      0    0!   0
         Troubleshooting         –          –   –      0    0!   0
         Microservices           –          –   –      0    0!   0
         Serverless              –          –   –      0    0!   0
         Web servers             –          –   –      0    0!   0
         Messaging               –          –   –      0    0!   0
         CDN                     –          –   –      0    0!   0
         Developer platforms     –          –   –      0    0!   0
         PKI, secrets, IAM       –          –   –      0    0!   0
         of the file             –          P   –      1    1!   0

         F foundation, P practitioner, E expert, – none; * deeper in a system, see below
         F+, P+, E+: how many hold that level or a deeper one; ! at risk

         Bus factor: areas where fewer than 2 people hold practitioner or deeper
          nobody   Scripting · Programming · CI/CD · Containers · Infrastructure as code
                   · Cloud · Monitoring, logging · Databases · Automation ·
                   Troubleshooting · Microservices · Serverless · Web servers ·
                   Messaging · CDN · Developer platforms · PKI, secrets, IAM
          only one Git (Cilla Ek) · Networking (Bo) · of the file (Bo)

         Averages: fewer than five people
        ------- stderr -------
        old.toml: 2026-09-01 of bo does not count; bo.toml does
    "#]]
    .assert_eq(&desk.run(&[&["team"], &files[..]].concat()).transcript());
    expect![[r#"
        area,system,title,Bo,Cilla Ek,foundation,practitioner,expert,bus factor,mean retention␍
        linux,,Linux,practitioner,expert,2,2,1,2,␍
        scripting,,Scripting,,,0,0,0,0,␍
        programming,,Programming,,,0,0,0,0,␍
        git,,Git,,practitioner,1,1,0,1,␍
        ci-cd,,CI/CD,,,0,0,0,0,␍
        containers,,Containers,,,0,0,0,0,␍
        infrastructure-as-code,,Infrastructure as code,,,0,0,0,0,␍
        cloud,,Cloud,,,0,0,0,0,␍
        networking,,Networking,expert,,1,1,1,1,␍
        monitoring-logging,,"Monitoring, logging",,,0,0,0,0,␍
        databases,,Databases,,,0,0,0,0,␍
        automation,,Automation,,,0,0,0,0,␍
        performance-troubleshooting,,Troubleshooting,,,0,0,0,0,␍
        microservices,,Microservices,,,0,0,0,0,␍
        serverless,,Serverless,,,0,0,0,0,␍
        web-servers,,Web servers,,,0,0,0,0,␍
        messaging,,Messaging,,,0,0,0,0,␍
        cdn,,CDN,,,0,0,0,0,␍
        platform-engineering,,Developer platforms,,,0,0,0,0,␍
        identity-secrets,,"PKI, secrets, IAM",,,0,0,0,0,␍
        sailing,,of the file,practitioner,,1,1,0,1,␍
    "#]]
    .assert_eq(&desk.run(&["team", "--csv", "bo.toml", "cilla.toml"]).success());
    let json = desk.run(&["team", "--json", "--level", "expert", "bo.toml", "cilla.toml"]).success();
    let json: serde_json::Value = serde_json::from_str(&json).unwrap();
    assert_eq!((&json["version"], &json["level"]), (&1.into(), &"expert".into()));
    assert_eq!(json["areas"][0]["holds"], serde_json::json!(["practitioner", "expert"]));
    assert_eq!(json["areas"][0]["bus_factor"], 1);
    assert_eq!(json["mean_answers"], serde_json::Value::Null);
    let page = desk.run(&["team", "--html", "bo.toml", "cilla.toml"]).success();
    assert!(page.starts_with("<!DOCTYPE html>") && !page.contains("<script"), "{page}");
    let _ = desk.run(&["team", "--html", "-o", "team.html", "bo.toml", "cilla.toml"]).success();
    assert_eq!(std::fs::read_to_string(desk.path("team.html")).unwrap(), page);
}

#[test]
fn a_team_of_five_has_averages_and_no_ones_own() {
    let mut desk = Desk::new();
    let names = ["Anna", "Bo", "Cilla", "David", "Eva"];
    for (place, name) in names.into_iter().enumerate() {
        let told = format!("retention = {{ share = 0.8{place}, low = 0.7, high = 0.95, answers = 40, days = 90 }}\n");
        desk.write(name, shared(name, "2026-11-20", &[("linux", "foundation")]) + &told);
    }
    let five = desk.run(&[&["team"], &names[..]].concat()).success();
    assert!(five.contains("recalled") && five.contains("82 %"), "{five}");
    assert!(five.contains("Averages: 40 counted answers a person"), "{five}");
    let four = desk.run(&[&["team"], &names[..4]].concat()).success();
    assert!(four.contains("Averages: fewer than five people") && !four.contains('%'), "{four}");
    for format in ["--json", "--csv", "--html"] {
        let text = desk.run(&[&["team", format], &names[..4]].concat()).success();
        assert!(!text.contains("0.8") && !text.contains("81") && !text.contains("82"), "{text}");
    }
}

#[test]
fn hostile_files_are_refused_by_name_or_made_harmless() {
    let mut desk = Desk::new();
    let good = shared("Bo", "2026-11-20", &[("linux", "expert")]);
    let cases = [
        (
            good.replace("= 1\n", "= 7\n").into_bytes(),
            "bad.toml: a share file of version 7, and this plugg reads version 1",
        ),
        (good.replacen("answers", "secret = 1\nanswers", 1).into_bytes(), "bad.toml:4: unknown field `secret`"),
        (b"[deck]\nid = 'x'\n".to_vec(), "bad.toml: not a share file of plugg"),
        (vec![0; 2 << 20], "bad.toml: too large for a share file"),
        (vec![b'['; 900_000], "bad.toml: it has over 50000 words and marks"),
    ];
    for (bytes, expected) in cases {
        desk.write("bad.toml", bytes);
        let error = desk.run(&["team", "bad.toml"]).failure(1);
        assert!(error.starts_with(&format!("plugg: {expected}")), "{error}");
    }
    assert!(desk.run(&["team", "none.toml"]).failure(2).contains("could not read none.toml"));
    assert!(desk.run(&["team"]).failure(2).contains("FILE"));
    let hostile = shared("=A1<b>\u{202e}", "2036-01-01", &[("\u{200b}", "expert")]);
    desk.write("a.toml", hostile.replace("of the file", "\u{200b}</td>"));
    let output = desk.run(&["team", "a.toml"]);
    assert!(output.err.contains("a.toml: dated 2036-01-01, which is yet to come"), "{}", output.err);
    for format in [None, Some("--json"), Some("--csv"), Some("--html")] {
        let args: Vec<&str> = ["team", "a.toml"].into_iter().chain(format).collect();
        let text = desk.run(&args).success();
        assert!(!text.contains(['\u{202e}', '\u{200b}', '\u{1b}']), "{text}");
        if format == Some("--html") {
            assert!(text.contains("⟨U+200B⟩&lt;/td&gt;") && text.contains("=A1&lt;b&gt;"), "{text}");
        }
    }
}
