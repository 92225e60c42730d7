//! The other commands, as transcripts.

use expect_test::expect;

use crate::harness::{Desk, FIRST};
use crate::quiz::{play, play_right};

#[test]
fn help_is_short_and_shows_examples() {
    let mut desk = Desk::new();
    expect![[r#"
        $ plugg --help
        Keep your DevOps skills alive: ten minutes of questions a day, in the terminal

        Usage: plugg [OPTIONS] [COMMAND]

        Commands:
          quiz    Answer today's questions
          due     Say how many cards are due, for a prompt or a status line
          report  Show what you know, area by area, and how sure that is
          team    Show who of a team holds what, from the files that its people shared
          goal    Show or set how deep to go in each area
          import  Take decks in, or their next versions; progress is kept
          deck    List, check, export or remove decks
          card    Find, show, edit, suspend or reset single cards
          undo    Take the last answers back
          tune    Fit the memory model behind predicted recall to your answers
          doctor  Check the database against its own log
          config  Say where things are, and print a configuration file

        Options:
              --db <FILE>        The database, instead of PLUGG_DB or the platform's
                                 data folder
              --config <FILE>    The configuration file, instead of PLUGG_CONFIG or the
                                 platform's folder
              --lang <LANGUAGE>  The language of the report and the quiz, like sv,
                                 instead of PLUGG_LANG or the locale
          -h, --help             Print help
          -V, --version          Print version

        Examples:
          plugg                         what is due, and the next step
          plugg quiz                    today's questions
          plugg quiz kubernetes --new 5 one system: what is due, and five new cards
          plugg quiz --minutes 10       ten minutes
          plugg report networking       what you know of one area
          plugg goal linux=expert       go deep in one area

        Exit codes: 0 all went well; 1 a deck, a file or the database is at fault;
        2 the call is at fault; 3 the machine or plugg is at fault; 4 a deck was taken
        in, but some of its notes were left out.
    "#]]
    .assert_eq(&desk.run(&["--help"]).transcript());
    for command in
        ["quiz", "due", "report", "team", "goal", "import", "deck", "deck test", "card", "undo", "doctor", "config"]
    {
        let args: Vec<&str> = command.split(' ').chain(["--help"]).collect();
        let help = desk.run(&args).success();
        assert!(help.contains("Usage: plugg"), "{help}");
        assert!(help.lines().all(|line| line.chars().count() <= 100), "{help}");
    }
}

#[test]
fn home_before_and_after() {
    let mut desk = Desk::new();
    expect![[r#"
        $ plugg
        Welcome. Twenty areas of your trade wait, ten new cards a day.

        Next: plugg quiz
    "#]]
    .assert_eq(&desk.run(&[]).transcript());
    let mut desk = Desk::with_cards();
    expect![[r#"
        $ plugg
        Tuesday 24 November · 0 due, 5 new · about 2 minutes

          new: Linux 5

        Next: plugg quiz
    "#]]
    .assert_eq(&desk.run(&[]).transcript());
    play_right(&mut desk, &[]);
    expect![[r#"
        $ plugg
        Tuesday 24 November · 0 due, 0 new

        All done. 5 cards are due on Wednesday 25 November.
        More: plugg quiz --new 5 · plugg quiz --cram · plugg report
    "#]]
    .assert_eq(&desk.run(&[]).transcript());
    desk.days_later(1);
    expect![[r#"
        $ plugg
        Wednesday 25 November · 5 due, 0 new · about 2 minutes

          Linux                   5 due

        Next: plugg quiz
    "#]]
    .assert_eq(&desk.run(&[]).transcript());
    assert_eq!(desk.run(&["due"]).success(), "5 due\n");
    expect![[r#"
        $ plugg due --json
        {
          "today": "2026-11-25",
          "due": 5,
          "areas": {
            "linux": 5
          }
        }
    "#]]
    .assert_eq(&desk.run(&["due", "--json"]).transcript());
}

#[test]
fn a_report_says_no_more_than_it_knows() {
    let mut desk = Desk::with_cards();
    assert!(desk.run(&["report"]).success().contains("no answers yet"));
    for day in 0..30 {
        play(&mut desk, &[], |question| (question + day) % 9 != 0);
        desk.days_later(1);
    }
    expect![[r#"
        $ plugg report
         24 December 2026

         area       depth  cover  recalled, 90 days     today  trend     due
         Linux      □··    100 %  too few answers (16)   81 %  ········    0

         depth: foundation, practitioner, expert: ■ held, □ aimed at, · beyond your goal
         recalled: right at the first try of a day, a day or more after the last, less
         luck; 95 % interval
         today: the share of all its cards you would know now, unseen ones counting
         nothing
         prediction: too few answers to judge it by (16)
    "#]]
    .assert_eq(&desk.run(&["report"]).transcript());
    expect![[r#"
        $ plugg report linux --explain
         24 December 2026

         Linux · your goal here: foundation

         system    depth  cover  recalled, 90 days     today  trend     due
         Linux     □··    100 %  too few answers (16)   81 %  ········    0

         foundation            too few answers (16)    5/5 recalled         98 %
         practitioner          no answers yet          0/1 recalled          0 %
         next: foundation, 7 points of recall today

         young cards           too few answers (16)    interval under 21 days
         mature cards          no answers yet          21 days or more
         checked answers       too few answers (16)    the program compared them
         self-graded answers   no answers yet          your own word, or a grade that you changed

         depth: foundation, practitioner, expert: ■ held, □ aimed at, · beyond your goal
         recalled: right at the first try of a day, a day or more after the last, less
         luck; 95 % interval
         today: the share of all its cards you would know now, unseen ones counting
         nothing
         cover: cards within your goal recalled a day or more after they were first seen
         ÷ cards within your goal
         holds: the deepest level of which, with all below it, at least 80 % are covered
         and the lower end of today's 95 % interval is at least 80 %; until 100 answers
         were predicted that interval is kept wide
         next: the shallowest level not held; cards still to be recalled for four in
         five, at the pace at which cards were first recalled in the last four weeks
         luck: who does not know a choice of three is right one time in three; of what
         was right, that share is taken off: known = (right − guess) ÷ (1 − guess)
         trend: the last eight weeks, each the share recalled, from half or less (▁) to
         all (▇); a dot for a week of fewer than ten answers
         drills, cramming and imported answers count for none of these; a percentage
         needs twenty answers
         prediction: too few answers to judge it by (16)

         predicted   recalled   answers
              97 %    too few        16
    "#]]
    .assert_eq(&desk.run(&["report", "linux", "--explain"]).transcript());
    expect![[r#"
        $ plugg report --markdown
        # What I know, 24 December 2026

        | area | depth | holds | cover | recalled, 90 days | today | trend | due |
        |---|---|---|---:|---|---:|---|---:|
        | Linux | □·· | – | 100 % | too few answers (16) | 81 % | ········ | 0 |
        | All areas | □·· | – | 100 % | too few answers (16) | 81 % | ········ | 0 |

        - depth: foundation, practitioner, expert: ■ held, □ aimed at, · beyond your goal
        - recalled: right at the first try of a day, a day or more after the last, less luck; 95 % interval
        - today: the share of all its cards you would know now, unseen ones counting nothing
        - cover: cards within your goal recalled a day or more after they were first seen ÷ cards within your goal
        - holds: the deepest level of which, with all below it, at least 80 % are covered and the lower end of today's 95 % interval is at least 80 %; until 100 answers were predicted that interval is kept wide
        - next: the shallowest level not held; cards still to be recalled for four in five, at the pace at which cards were first recalled in the last four weeks
        - luck: who does not know a choice of three is right one time in three; of what was right, that share is taken off: known = (right − guess) ÷ (1 − guess)
        - trend: the last eight weeks, each the share recalled, from half or less (▁) to all (▇); a dot for a week of fewer than ten answers
        - drills, cramming and imported answers count for none of these; a percentage needs twenty answers
        - prediction: too few answers to judge it by (16)
    "#]].assert_eq(&desk.run(&["report", "--markdown"]).transcript());
    let csv = desk.run(&["report", "--csv"]).success();
    assert_eq!(csv.lines().count(), 54, "a head, and a row a week of the year");
    expect!["area,title,week,answers,passed,guessed,share,low,high,young_answers,young_passed,mature_answers,mature_passed,checked_answers,checked_passed,self_graded_answers,self_graded_passed"].assert_eq(csv.lines().next().unwrap());
    expect!["linux,Linux,2026-12-21,0,0,0.00,,,,0,0,0,0,0,0,0,0"].assert_eq(csv.lines().last().unwrap());
    let calendar = desk.run(&["report", "--calendar"]).success();
    let calendar: Vec<String> = calendar.lines().rev().take(9).map(|line| format!("|{line}|")).collect();
    expect![[r#"
        | 22 answers on 11 of 368 days, 0.0 hours; · none … █ 5 in a day|
        | Sun ··················································░· |
        |     ···················································· |
        | Fri ·················································▒·· |
        |     ·················································░·░·|
        | Wed ················································█▒░··|
        |     ················································█░···|
        | Mon ·················································▒·░·|
        |     Dec   Feb Mar  Apr May Jun  Jul Aug  Sep Oct Nov  Dec |"#]]
    .assert_eq(&calendar.join("\n"));
    // The day before yesterday is what it was; tomorrow is not known.
    expect![[r#"
        $ plugg report --as-of 2026-11-24
         24 November 2026

         area       depth  cover  recalled, 90 days  today  trend     due
         Linux      □··      0 %  no answers yet      82 %  ········    0

         depth: foundation, practitioner, expert: ■ held, □ aimed at, · beyond your goal
         recalled: right at the first try of a day, a day or more after the last, less
         luck; 95 % interval
         today: the share of all its cards you would know now, unseen ones counting
         nothing
         prediction: nothing to judge it by yet
    "#]]
    .assert_eq(&desk.run(&["report", "--as-of", "2026-11-24"]).transcript());
    assert!(desk.run(&["report", "--as-of", "2030-01-01"]).failure(2).contains("has not been yet"));
    // The JSON has the same figures, and plain SQL over the log gives them too.
    let json: serde_json::Value = serde_json::from_str(&desk.run(&["report", "--json"]).success()).unwrap();
    let retention = &json["areas"][0]["retention"];
    let answers = desk.count("select count(*) from review where purpose = 0 and before_interval >= 1");
    let passed = desk.count("select count(*) from review where purpose = 0 and before_interval >= 1 and grade >= 3");
    assert_eq!(retention["answers"], answers);
    assert_eq!(retention["passed"], passed);
    assert_eq!(json["version"], 2);
    assert!(desk.run(&["report", "cdn"]).failure(2).contains("no card belongs to the area `cdn` yet"));
}

#[test]
fn an_update_is_told_and_costs_nothing() {
    let mut desk = Desk::with_cards();
    play_right(&mut desk, &[]);
    let again = desk.run(&["import", "first.toml"]).success();
    assert_eq!(again, "first.toml: deck first, 6 cards: 6 unchanged\n");
    let memory = "select group_concat(format('%d %d %d', id, interval, due), ';') from card where id <> 2";
    let remembered = |desk: &Desk| desk.database().query_row(memory, [], |row| row.get::<_, String>(0)).unwrap();
    let before = remembered(&desk);
    let second = FIRST
        .replace("Why can a zombie process not be killed?", "Why does `kill -9` not end a zombie?")
        .replace("id = \"kill-zero\"", "id = \"kill-null\"")
        .replace("version = \"1.0.0\"", "version = \"1.1.0\"");
    desk.write("second.toml", second);
    let dry = desk.run(&["import", "--dry-run", "second.toml"]).success();
    expect![[r#"
        second.toml: deck first, 6 cards: 1 added, 1 retired, 1 updated, 4 unchanged
          added        kill-null  What does `kill -0 PID` tell by its exit status?
          retired      kill-zero  What does `kill -0 PID` tell by its exit status?
          updated      zombie (front)  Why does `kill -9` not end a zombie?
    "#]]
    .assert_eq(&dry);
    assert_eq!(desk.count("select count(*) from note"), 6, "a dry run changes nothing");
    let done = desk.run(&["import", "second.toml"]).success();
    assert_eq!(done, dry, "a dry run prints exactly what is done");
    assert_eq!(remembered(&desk).split(';').take(5).collect::<Vec<_>>(), before.split(';').collect::<Vec<_>>());
    let json = desk.run(&["import", "--json", "second.toml"]).success();
    assert!(json.contains("\"unchanged\": 6"), "{json}");
}

#[test]
fn a_deck_goes_out_as_it_came_in() {
    let mut desk = Desk::with_cards();
    let text = desk.run(&["deck", "export", "first"]).success();
    desk.write("out.toml", &text);
    assert_eq!(desk.run(&["import", "out.toml"]).success(), "out.toml: deck first, 6 cards: 6 unchanged\n");
    assert!(desk.run(&["deck", "export", "second"]).failure(2).contains("there is no deck `second`"));
    expect![[r#"
        $ plugg deck list
        deck                     version   cards   seen  from
        first                    1.0.0         6      0  out.toml
    "#]]
    .assert_eq(&desk.run(&["deck", "list"]).transcript());
    expect![[r#"
        $ plugg deck remove first
        6 cards of `first` are retired; their log stays. Importing the deck revives them.
    "#]]
    .assert_eq(&desk.run(&["deck", "remove", "first"]).transcript());
    assert!(desk.run(&["deck", "list"]).success().contains("first                    1.0.0         0      0"));
    assert!(desk.run(&["import", "first.toml"]).success().contains("6 revived"));
}

#[test]
fn cards_are_found_shown_and_put_aside() {
    let mut desk = Desk::with_cards();
    play_right(&mut desk, &[]);
    expect![[r#"
        $ plugg card find signal
        first/kill-zero  What does `kill -0 PID` tell by its exit status?
    "#]]
    .assert_eq(&desk.run(&["card", "find", "signal"]).transcript());
    expect![[r#"
        $ plugg card show first/kill-zero
        first/kill-zero · Linux · Linux · foundation · choice

        What does `kill -0 PID` tell by its exit status?

        ✓ whether the process may be signalled
        ✗ whether the process has stopped
        ✗ whether the process ignores signals

        Signal 0 runs the checks and sends nothing.
        https://man7.org/linux/man-pages/man2/kill.2.html

        Due 2026-11-25 · interval 1 d · ease 2.60 · forgotten 0 times
          2026-11-24  5  quiz         1 s  then 1 d
    "#]]
    .assert_eq(&desk.run(&["card", "show", "first/kill-zero"]).transcript());
    let _ = desk.run(&["card", "suspend", "first/kill-zero"]).success();
    desk.days_later(1);
    assert_eq!(desk.run(&["due"]).success(), "4 due\n");
    let _ = desk.run(&["card", "resume", "first/kill-zero"]).success();
    let _ = desk.run(&["card", "reset", "first/inodes"]).success();
    assert_eq!(desk.run(&["due"]).success(), "4 due\n");
    assert_eq!(desk.count("select count(*) from review"), 5, "the log keeps what was reset");
    assert!(desk.run(&["card", "show", "first/none"]).failure(2).contains("there is no card `first/none`"));
    assert!(desk.run(&["card", "edit", "first/inodes"]).failure(2).contains("editing needs a terminal"));
}

#[test]
fn lint_names_file_line_card_and_remedy() {
    let mut desk = Desk::new();
    desk.write("good.toml", FIRST);
    let _ = desk.run(&["deck", "lint", "good.toml"]).success();
    let bad = FIRST
        .replace("level = \"practitioner\"", "level = \"master\"")
        .replace("id = \"boot\"", "id = \"inodes\"")
        .replace("hint = ", "hnit = ");
    desk.write("bad.toml", bad);
    expect![[r#"
        $ plugg deck lint bad.toml
        bad.toml:19: card `inodes`: a card has no key `hnit` (did you mean `hint`?)
        bad.toml:43: card `inodes`: the id `inodes` stands twice, first in line 13 (give one of the two cards another id)
        bad.toml:61: card `zombie`: unknown level `master` (it is one of foundation, practitioner, expert)
        ------- stderr -------
        0 decks, 0 cards: 3 faults, 0 warnings
        [exit status: Some(1)]
    "#]].assert_eq(&desk.run(&["deck", "lint", "bad.toml"]).transcript());
    let json: serde_json::Value = serde_json::from_str(&desk.run(&["deck", "lint", "--json", "bad.toml"]).out).unwrap();
    assert_eq!(json.as_array().unwrap().len(), 3);
}

#[test]
fn the_bundled_decks_are_valid_and_without_a_warning() {
    let mut desk = Desk::new();
    let lint = desk.run(&["deck", "lint"]);
    assert_eq!(lint.transcript().lines().filter(|line| line.contains(": card `")).count(), 0, "{}", lint.transcript());
    let coverage: serde_json::Value =
        serde_json::from_str(&desk.run(&["deck", "list", "--coverage", "--json"]).success()).unwrap();
    let rows = coverage.as_array().unwrap();
    assert_eq!(rows.len(), 61);
    for row in rows {
        assert!(row["cards"].as_u64().unwrap() >= 5, "{row}");
        assert_eq!(row["cards"], row["sourced"], "{row}");
    }
    for kind in ["basic", "cloze", "choice", "typed", "order"] {
        assert!(rows.iter().any(|row| row["kinds"][kind].as_u64().unwrap_or(0) > 0), "no card is {kind}");
    }
}

#[test]
fn the_bundled_decks_come_in_on_the_first_run() {
    let mut desk = Desk::new();
    desk.write("config.toml", "");
    let _ = desk.say(&["quiz", "--plain"], "").success();
    let cards = desk.count("select count(*) from card");
    assert!(cards >= 305, "{cards}");
    assert_eq!(desk.count("select count(*) from deck"), 61);
    let changes = desk.count("select max(imported_ms) from deck");
    let _ = desk.say(&["quiz", "--plain"], "").success();
    assert_eq!(desk.count("select max(imported_ms) from deck"), changes, "nothing changed: nothing is touched");
}

#[test]
fn checks_prove_refute_and_are_told() {
    let mut desk = Desk::new();
    let card = |id: &str, back: &str, check: &str, needs: &str| {
        format!(
            "[[card]]\nid = \"{id}\"\nlevel = \"foundation\"\nkind = \"typed\"\nfront = \"{id}: what does it print?\"\n\
             back = \"{back}\"\nsource = \"https://www.gnu.org/software/bash/manual/\"\nneeds = [{needs}]\ncheck = '''{check}'''\n"
        )
    };
    let head = FIRST.split("[[card]]").next().unwrap();
    let deck = [
        head.to_owned(),
        card("proved", "42", "test \"$BACK\" = $((6 * 7))", ""),
        card("refuted", "41", "test \"$BACK\" = $((6 * 7))", ""),
        card("toothless", "42", "test -n \"$BACK\" || test -z \"$BACK\"", ""),
        card("skipped", "42", "no-such-tool", "\"no-such-tool\""),
    ];
    desk.write("checks.toml", deck.concat());
    let tested = desk.run(&["deck", "test", "--jobs", "1", "checks.toml"]);
    expect![[r#"
        checks.toml:21: card `refuted`: refuted: with `41`
        checks.toml:30: card `toothless`: toothless: it passes with an empty answer too
        system                      proved   refuted toothless timed out   skipped unchecked
        linux                            1         1         1         ·         1         ·
        all                              1         1         1         ·         1         ·
        1 skipped, missing here: no-such-tool
    "#]]
    .assert_eq(&tested.out);
    assert_eq!(tested.code, Some(1));
    let one = desk.run(&["deck", "test", "--card", "proved", "checks.toml"]);
    assert_eq!(one.code, Some(0));
    let json = desk.run(&["deck", "test", "--json", "checks.toml"]);
    let json: serde_json::Value = serde_json::from_str(&json.out).unwrap();
    let outcomes: Vec<&str> = json.as_array().unwrap().iter().map(|card| card["outcome"].as_str().unwrap()).collect();
    assert_eq!(outcomes, ["proved", "refuted", "toothless", "skipped"]);
}

#[test]
fn the_configuration_is_explained() {
    let mut desk = Desk::new();
    expect![[r#"
        $ plugg config
        configuration  $DESK/config.toml
        database       $DESK/plugg.db

        `plugg config --template` prints a file with every setting and its default.
    "#]]
    .assert_eq(&desk.run(&["config"]).transcript());
    let template = desk.run(&["config", "--template"]).success();
    desk.write("config.toml", &template);
    let _ = desk.run(&["due"]).success();
}
