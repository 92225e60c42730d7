//! The catalogues held against each other, against the sources and against a screen of eighty columns; and what the
//! report and the quiz look like in Swedish.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use expect_test::expect;
use fluent_syntax::ast;
use plugg::words::{Value, Words};

use crate::architecture::{production, sources};
use crate::harness::Desk;
use crate::quiz::play;

/// A message: the values that it names, and its longest form.
#[derive(Debug, Default)]
struct Message {
    values: BTreeSet<String>,
    text: String,
}

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// The messages of a language by key.
fn catalogue(language: &str) -> BTreeMap<String, Message> {
    let text = std::fs::read_to_string(root().join("locales").join(format!("{language}.ftl"))).unwrap();
    let resource = fluent_syntax::parser::parse(text.as_str()).unwrap_or_else(|(_, errors)| {
        panic!("{language}.ftl is not valid: {errors:?}");
    });
    let mut messages = BTreeMap::new();
    for entry in resource.body {
        match entry {
            ast::Entry::Message(ast::Message { id, value: Some(pattern), .. }) => {
                let mut message = Message::default();
                read(&pattern, &mut message);
                assert!(messages.insert(id.name.to_owned(), message).is_none(), "{language}.ftl has {} twice", id.name);
            }
            ast::Entry::Comment(_) | ast::Entry::GroupComment(_) | ast::Entry::ResourceComment(_) => {}
            other => panic!("{language}.ftl: only messages are used, no {other:?}"),
        }
    }
    messages
}

fn read(pattern: &ast::Pattern<&str>, message: &mut Message) {
    for element in &pattern.elements {
        match element {
            ast::PatternElement::TextElement { value } => message.text.push_str(value),
            ast::PatternElement::Placeable { expression } => match expression {
                ast::Expression::Inline(inline) => read_inline(inline, message),
                ast::Expression::Select { selector, variants } => {
                    read_inline(selector, message);
                    variants.iter().for_each(|variant| read(&variant.value, message));
                }
            },
        }
    }
}

fn read_inline(inline: &ast::InlineExpression<&str>, message: &mut Message) {
    match inline {
        ast::InlineExpression::VariableReference { id } => drop(message.values.insert(id.name.to_owned())),
        ast::InlineExpression::StringLiteral { value } => message.text.push_str(value),
        other => panic!("only values are used, no {other:?}"),
    }
}

/// The files that speak, with what they hold beside tests and comments.
fn speaking() -> Vec<(PathBuf, String)> {
    let src = root().join("src");
    let mut files = vec![src.join("words.rs")];
    for room in ["report", "terminal", "cli"] {
        sources(&src.join(room), &mut files);
    }
    files.into_iter().map(|file| (file.clone(), production(&std::fs::read_to_string(file).unwrap()))).collect()
}

/// The string literals of a text, as far as they stand on one line.
fn literals(text: &str) -> Vec<&str> {
    text.lines().flat_map(|line| line.split('"').skip(1).step_by(2)).collect()
}

/// Whether a literal is built like a key: words with hyphens between them, the first one of those that keys begin with.
fn is_key(literal: &str, families: &BTreeSet<&str>) -> bool {
    literal.split_once('-').is_some_and(|(family, rest)| families.contains(family) && !rest.is_empty())
        && literal.chars().all(|c| c.is_ascii_lowercase() || c == '-')
        // The page's own names for its tables.
        && (literal.starts_with("page-") || !literal.ends_with("-figures"))
}

#[test]
fn every_message_is_in_every_catalogue_and_no_other() {
    let english = catalogue("en");
    for language in Words::languages() {
        let messages = catalogue(language);
        let missing: Vec<_> = english.keys().filter(|key| !messages.contains_key(*key)).collect();
        let unknown: Vec<_> = messages.keys().filter(|key| !english.contains_key(*key)).collect();
        assert!(
            missing.is_empty() && unknown.is_empty(),
            "{language}.ftl lacks {missing:?}, and nobody says {unknown:?}"
        );
        for (key, message) in &messages {
            assert_eq!(message.values, english[key].values, "{language}.ftl: {key} is told these values");
            let same = language != "en" && message.text == english[key].text;
            let words = message.text.split(|c: char| !c.is_alphabetic()).filter(|word| word.chars().count() > 1);
            assert!(!same || words.count() < 2, "{language}.ftl: {key} is still in English");
        }
    }
}

#[test]
fn every_key_is_used_and_every_used_key_is_there() {
    let english = catalogue("en");
    let families: BTreeSet<&str> = english.keys().filter_map(|key| Some(key.split_once('-')?.0)).collect();
    let mut used = BTreeSet::new();
    for (file, text) in speaking() {
        for literal in literals(&text) {
            if is_key(literal, &families) {
                assert!(english.contains_key(literal), "{}: no catalogue has `{literal}`", file.display());
            }
            used.extend(english.keys().filter(|key| *key == literal));
        }
    }
    let unused: Vec<_> = english.keys().filter(|key| !used.contains(key)).collect();
    assert!(unused.is_empty(), "no code says {unused:?}");
}

/// Where sentences may stand in the sources: commands that are all English yet, and words for programs.
const ENGLISH: [&str; 24] = [
    "bundled.rs",
    "args.rs",
    "card.rs",
    "config.rs",
    "csv.rs",
    "deck.rs",
    "doctor.rs",
    "environment.rs",
    "goal.rs",
    "import.rs",
    "json.rs",
    "share.rs",
    "team.rs",
    "tune.rs",
    "undo.rs",
    "html.rs",
    "words.rs",
    "markdown.rs",
    "pictures.rs",
    "screen.rs",
    "highlight.rs",
    "app.rs",
    "edit.rs",
    "tests.rs",
];

#[test]
fn what_a_learner_reads_comes_from_a_catalogue() {
    for (file, text) in speaking() {
        let name = file.file_name().unwrap().to_string_lossy().into_owned();
        // The report's own `markdown.rs` speaks, the terminal's reads what others wrote.
        let english = ENGLISH.contains(&name.as_str()) || file.ends_with("cli/mod.rs");
        if english && !file.ends_with("report/markdown.rs") {
            continue;
        }
        for line in text.lines() {
            // Errors are English; what is expected to be so is said so.
            if ["Error::", "hint(", "class=", "content=", "let policy", "reason =", "const OFFERED", "let command ="]
                .iter()
                .any(|mark| line.contains(mark))
            {
                continue;
            }
            for literal in literals(line) {
                let spoken = literal.split(|c: char| !c.is_alphabetic()).filter(|word| word.chars().count() > 2);
                // The classes of a style sheet.
                let spoken = spoken.filter(|word| !["small", "faint", "middle", "end", "held"].contains(word));
                let sentence = literal.contains(' ') && !literal.contains(['{', ':']) && spoken.count() > 1;
                assert!(!sentence, "{}: `{literal}` is not in the catalogue", file.display());
            }
        }
    }
}

#[test]
fn every_message_can_be_said() {
    for language in Words::languages() {
        let words = Words::of(language).unwrap();
        for (key, message) in catalogue(language) {
            for number in [0, 1, 2, 7, 12, 12_345] {
                let values: Vec<(&str, Value<'_>)> =
                    message.values.iter().map(|name| (name.as_str(), Value::Count(number))).collect();
                let said = words.say(&key, &values);
                assert!(!said.is_empty() && said != key, "{language}: {key}");
                assert!(!said.contains(['{', '}', '\u{2068}', '\u{2069}']), "{language}: {key} says {said:?}");
            }
        }
    }
}

#[test]
fn labels_have_the_room_that_they_need() {
    use unicode_width::UnicodeWidthStr as _;
    for language in Words::languages() {
        let words = Words::of(language).unwrap();
        let holds = |key: &str, most: usize, values: &[(&str, Value<'_>)]| {
            let said = words.say(key, values);
            assert!(said.width() <= most, "{language}: {key} takes more than {most} columns: {said:?}");
        };
        let answers = || ("answers", Value::Count(9999));
        for (key, most) in [
            ("report-column-area", 16),
            ("report-column-system", 16),
            ("report-column-depth", 5),
            ("report-column-holds", 12),
            ("report-column-cover", 5),
            ("report-column-today", 5),
            ("report-column-trend", 8),
            ("report-column-due", 4),
            ("report-no-answers", 23),
            ("report-young", 21),
            ("report-mature", 21),
            ("report-checked", 21),
            ("report-self-graded", 21),
            ("level-foundation", 12),
            ("level-practitioner", 12),
            ("level-expert", 12),
            ("area-unsorted", 22),
            ("area-all", 22),
        ] {
            holds(key, most, &[]);
        }
        holds("report-column-recalled", 19, &[("days", Value::Count(365))]);
        holds("report-too-few", 23, &[answers()]);
        holds("report-recalled-of", 19, &[("recalled", Value::Count(999)), ("cards", Value::Count(999))]);
        let share = |name| (name, Value::Decimal(100.0, 0));
        holds("report-share", 23, &[share("share"), share("low"), share("high"), answers()]);
        for (key, _) in catalogue(language).iter().filter(|(key, _)| key.starts_with("keys-")) {
            holds(key, 70, &[]);
        }
        for number in 1..=12 {
            let text = words.say("month-short", &[("month", Value::Count(number))]);
            assert_eq!(text.width(), 3, "{language}: {text}");
        }
        for number in 1..=7 {
            holds("weekday-short", 4, &[("weekday", Value::Count(number))]);
        }
    }
}

#[test]
fn the_report_in_swedish() {
    let mut desk = Desk::with_cards();
    for day in 0..30 {
        play(&mut desk, &[], |question| (question + day) % 9 != 0);
        desk.days_later(1);
    }
    expect![[r#"
        $ plugg report --lang sv
         24 december 2026

         område        djup  täckt  mindes, 90 dagar  i dag  trend     dags
         Linux         □··   100 %  för få svar (17)   81 %  ········     1

         djup: grund, kunnig, expert: ■ nådd, □ ditt mål, · bortom målet
         mindes: rätt på dagens första försök, minst en dag efter det förra, minus ren
         tur; 95 % konfidensintervall
         i dag: så stor del av alla korten skulle du kunna just nu; kort du aldrig har
         sett räknas som noll
         prognos: för få svar att bedöma den efter (17)
    "#]]
    .assert_eq(&desk.run(&["report", "--lang", "sv"]).transcript());
    let explained = desk.call(&["report", "linux", "--explain"], "", &[("PLUGG_LANG", "sv")]);
    expect![[r#"
        $ plugg report linux --explain
         24 december 2026

         Linux · ditt mål här: grund

         system    djup  täckt  mindes, 90 dagar  i dag  trend     dags
         Linux     □··   100 %  för få svar (17)   81 %  ········     1

         grund                 för få svar (17)        5 av 5 sitter        97 %
         kunnig                inga svar än            0 av 1 sitter         0 %
         nästa: grund, det saknas 9 procentenheter i dag

         unga kort             för få svar (17)        intervall under 21 dagar
         mogna kort            inga svar än            21 dagar eller mer
         rättade svar          för få svar (17)        programmet jämförde dem
         självrättade svar     inga svar än            din bedömning, eller ändrat betyg

         djup: grund, kunnig, expert: ■ nådd, □ ditt mål, · bortom målet
         mindes: rätt på dagens första försök, minst en dag efter det förra, minus ren
         tur; 95 % konfidensintervall
         i dag: så stor del av alla korten skulle du kunna just nu; kort du aldrig har
         sett räknas som noll
         täckt: kort inom ditt mål som du mindes minst en dag efter att du först såg dem
         ÷ kort inom ditt mål
         nivå: den djupaste nivån där, tillsammans med allt under den, minst 80 % är
         täckt och undre gränsen för dagens 95-procentsintervall är minst 80 %;
         intervallet hålls brett tills 100 svar har förutsagts
         nästa: den grundaste nivån du inte har nått; kort som återstår innan fyra av
         fem sitter, i den takt som nya kort har satt sig de senaste fyra veckorna
         tur: den som gissar bland tre svar får rätt en gång av tre; den andelen dras av
         från de rätta svaren: kan = (rätt − gissat) ÷ (1 − gissat)
         trend: de senaste åtta veckorna, andelen du mindes per vecka, från hälften
         eller mindre (▁) till allt (▇); en punkt för en vecka med färre än tio svar
         nötning, råplugg och importerade svar räknas inte med någonstans; en
         procentsats kräver tjugo svar
         prognos: för få svar att bedöma den efter (17)

         prognos   mindes    svar
            90 %   för få       1
            97 %   för få      16
    "#]]
    .assert_eq(&explained.transcript());
    let markdown = desk.run(&["--lang", "sv", "report", "--markdown"]).success();
    expect![[r#"
        # Det här kan jag, 24 december 2026

        | område | djup | nivå | täckt | mindes, 90 dagar | i dag | trend | dags |
        |---|---|---|---:|---|---:|---|---:|
        | Linux | □·· | – | 100 % | för få svar (17) | 81 % | ········ | 1 |
        | Alla områden | □·· | – | 100 % | för få svar (17) | 81 % | ········ | 1 |"#]]
    .assert_eq(&markdown.lines().take(6).collect::<Vec<_>>().join("\n"));
    expect![[r#"
        $ plugg report --forecast --explain --lang sv
         24 december 2026 · 0 repetitioner om dagen i 30 dagar (0–0)

         dag        repet.  nya                  månad      repet.  nya
         tor 24 dec      1    –  ██████████████  dec 2026       <1    –  ██
         fre 25 dec     <1    –  █               jan 2027       <1    –  ██
         lör 26 dec     <1    –  █               feb 2027       <1    –  ██
         sön 27 dec      –    –                  mar 2027        –    –
         mån 28 dec      –    –                  apr 2027       <1    –  █
         tis 29 dec      –    –                  maj 2027       <1    –  █
         ons 30 dec      –    –                  jun 2027       <1    –  █
         tor 31 dec     <1    –  █               jul 2027        –    –
         fre 1 jan       –    –                  aug 2027        –    –  █
         lör 2 jan       –    –                  sep 2027        –    –
         sön 3 jan       –    –                  okt 2027        –    –
         mån 4 jan       –    –                  nov 2027        –    –
         tis 5 jan       –    –                  dec 2027       <1    –  █
         ons 6 jan       –    –
         tor 7 jan       –    –
         fre 8 jan       –    –
         lör 9 jan       –    –
         sön 10 jan      1    –  ██████████████
         mån 11 jan     <1    –  █
         tis 12 jan     <1    –  █
         ons 13 jan      –    –
         tor 14 jan      –    –
         fre 15 jan      –    –
         lör 16 jan     <1    –  █
         sön 17 jan     <1    –  █
         mån 18 jan      –    –
         tis 19 jan      –    –  █
         ons 20 jan      1    –  ██████████████
         tor 21 jan     <1    –  ██
         fre 22 jan     <1    –  █

         nya per dag repet. per dag och kvartal   alla sedda
         10 (nu)         <1    <1     –     –     –
         5 kort sedda, 0 nya väntar; mindes: nya ≈60 %, unga ≈84 %, mogna ≈90 %
         alla siffror är väntevärden om du kommer varje dag; för i dag det som återstår,
         för en månad en genomsnittlig dag
         repet.: kort som repeteras, nötning räknas inte; kvar: kort som gränserna
         skjuter till andra dagar
         mindes: av dina räknade svar; ≈ till största delen antaget, färre än tjugo
         svar; ett kort du minns räknas som ”bra”
         inom parentes: repetitioner om dagen om du minns så bra, eller så dåligt, som
         dina svar lämnar öppet
         nya per dag: året med dagens gräns för nya kort, sedan med andra gränser
    "#]]
    .assert_eq(&desk.run(&["report", "--forecast", "--explain", "--lang", "sv"]).transcript());
    // No sentence of the English catalogue is left in any of them.
    let swedish = catalogue("sv");
    for args in [
        &["report", "--explain", "--calendar", "--lang", "sv"][..],
        &["report", "linux", "--explain", "--lang", "sv"],
        &["report", "--markdown", "--lang", "sv"],
        &["report", "--html", "-", "--lang", "sv"],
        &["report", "linux", "--html", "-", "--lang", "sv"],
        &["report", "--forecast", "--explain", "--lang", "sv"],
    ] {
        let text = desk.run(args).success();
        for (key, message) in catalogue("en") {
            let sentence =
                message.values.is_empty() && message.text.contains(' ') && message.text != swedish[&key].text;
            assert!(!sentence || !text.contains(&message.text), "{args:?} says {key} in English: {}", message.text);
        }
    }
    let page = desk.run(&["report", "--html", "-", "--lang", "sv"]).success();
    assert!(page.contains("<html lang=\"sv\">") && page.contains("Det här kan jag, område för område"), "{page}");
    // The locale chooses too; what programs read does not change with it.
    let locale = [("LC_ALL", "sv_SE.UTF-8")];
    let calendar = desk.call(&["report", "--calendar"], "", &locale).success();
    let calendar: Vec<_> = calendar.lines().rev().take(9).map(|line| format!("|{line}")).collect();
    expect![[r#"
        | 24 svar på 11 av 368 dagar, 0,0 timmar; · inga … █ 5 på en dag
        | sön ··················································░· 
        |     ··················································░· 
        | fre ·················································░·░ 
        |     ·················································░···
        | ons ················································█▓···
        |     ················································█▓···
        | mån ·················································▒·░·
        |     dec   feb mar  apr maj jun  jul aug  sep okt nov  dec "#]]
    .assert_eq(&calendar.join("\n"));
    for face in ["--json", "--csv"] {
        let english = desk.run(&["report", face]).success();
        assert_eq!(desk.call(&["report", face], "", &locale).success(), english);
    }
    // Every line of it fits.
    for (args, columns) in [(["report", "--calendar"], 80), (["report", "linux"], 80)] {
        let text = desk.call(&args, "", &locale).success();
        assert!(text.lines().all(|line| line.chars().count() <= columns), "{text}");
    }
}

#[test]
fn a_session_in_swedish() {
    let mut desk = Desk::with_cards();
    let args = ["quiz", "--plain", "--limit", "2", "--lang", "sv"];
    let input = "df -h\n\n:undo\n:nej\n:hint\ndf -i\n\n9\n2\n\n\n";
    expect![[r#"
        $ plugg quiz --plain --limit 2 --lang sv

         Linux · grund · nytt                                        1/2 ╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌

         `touch f` fails with No space left on device, yet `df -h` shows 1 % used. Which
         command shows the exhausted resource?

         > 
         ✗ Inte rätt.
           du skrev  `df -h`
           svar      `df -i`

         A file needs an inode too.
         man7.org/linux/man-pages/man1/df.1.html

         1 igen nu, 2 svårt 1 d, 3 bra 1 d, 4 lätt 1 d [1] > 

         Linux · grund · nytt                                        2/3 ━━━━━╌╌╌╌╌╌╌╌╌╌

         What does `kill -0 PID` tell by its exit status?

            1  whether the process has stopped
            2  whether the process may be signalled
            3  whether the process ignores signals

         Vilket > 
         Ångrat: svaret med betyget igen räknas inte längre.

         Linux · grund · nytt                                        1/2 ╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌

         `touch f` fails with No space left on device, yet `df -h` shows 1 % used. Which
         command shows the exhausted resource?

         > 
         Kommandot :nej finns inte; :help visar vilka som finns.
         > 

         Linux · grund · nytt                                        1/2 ╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌

         `touch f` fails with No space left on device, yet `df -h` shows 1 % used. Which
         command shows the exhausted resource?

         Ledtråd: not the blocks

         > 
         ✓ Rätt.
           `df -i`

         A file needs an inode too.
         man7.org/linux/man-pages/man1/df.1.html

         1 igen nu, 2 svårt 1 d, 3 bra 1 d, 4 lätt 1 d [2] > 

         Linux · grund · nytt                                        2/3 ━━━━━╌╌╌╌╌╌╌╌╌╌

         What does `kill -0 PID` tell by its exit status?

            1  whether the process may be signalled
            2  whether the process ignores signals
            3  whether the process has stopped

         Vilket > 
         Skriv ett tal från 1 till 3.
         Vilket > 
          ✓ 1  whether the process may be signalled
          ✗ 2  whether the process ignores signals
            3  whether the process has stopped

         ✗ Inte rätt.

         Signal 0 runs the checks and sends nothing.
         man7.org/linux/man-pages/man2/kill.2.html

         1 igen nu, 2 svårt 1 d, 3 bra 1 d, 4 lätt 1 d [1] > 

         Linux · grund · igen                                        3/4 ━━━━━━━╌╌╌╌╌╌╌╌

         `touch f` fails with No space left on device, yet `df -h` shows 1 % used. Which
         command shows the exhausted resource?

         > 
         ▸ Svaret:
           `df -i`

         A file needs an inode too.
         man7.org/linux/man-pages/man1/df.1.html

         1 igen nu, 2 svårt, 3 bra, 4 lätt [1] > 
         2 kort på under en minut · 1 rätt på första försöket · 2 nya

           Linux                   1 av 2

         Alla svar är sparade.
         2 kort kvar att nöta; nästa förhör i dag börjar med dem.
         Kom tillbaka i morgon: 2 att repetera då, 2 inom en vecka.
    "#]]
    .assert_eq(&desk.say(&args, input).transcript());
    expect![[r#"
        $ plugg --lang sv
        Tisdag 24 november · 0 att repetera, 3 nya · ungefär 1 minut

          nya: Linux 3
          2 av dagens kort kvar att nöta

        Nästa steg: plugg quiz
    "#]]
    .assert_eq(&desk.run(&["--lang", "sv"]).transcript());
    assert_eq!(desk.run(&["due", "--lang", "sv"]).success(), "0 att repetera\n");
}

#[test]
fn an_unknown_language_is_english_and_says_so() {
    let mut desk = Desk::new();
    expect![[r#"
        $ plugg due --lang xx
        0 due
        ------- stderr -------
        plugg does not speak `xx` yet, so this is English; it speaks en, sv.
    "#]]
    .assert_eq(&desk.run(&["due", "--lang", "xx"]).transcript());
    // A locale is not asked for: nothing is said of it.
    assert_eq!(desk.call(&["due"], "", &[("LC_ALL", "xx_XX.UTF-8")]).transcript(), "$ plugg due\n0 due\n");
    // The call goes before the variable, the variable before the locale.
    let both = [("PLUGG_LANG", "sv"), ("LC_ALL", "de_DE.UTF-8")];
    assert_eq!(desk.call(&["due"], "", &both).success(), "0 att repetera\n");
    assert_eq!(desk.call(&["due", "--lang", "en"], "", &both).success(), "0 due\n");
}
