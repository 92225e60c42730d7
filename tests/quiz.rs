//! A quiz over plain lines, as a transcript.

use expect_test::expect;

use crate::harness::Desk;

/// The answers by what the question says, so that a test need not know the order of chance.
fn answers(transcript: &str) -> Vec<&'static str> {
    let keys = [
        ("No space left", "df -i"),
        ("kill -0", "kill"),
        ("Which of these modes", "modes"),
        ("order does a machine", "boot"),
        ("/etc/fstab", "-a"),
        ("zombie", ""),
    ];
    transcript
        .lines()
        .filter_map(|line| keys.iter().find(|(part, _)| line.contains(part)).map(|(_, key)| *key))
        .collect()
}

/// Plays today's quiz, right everywhere, and returns what was printed.
pub fn play_right(desk: &mut Desk, args: &[&str]) -> String {
    play(desk, args, |_| true)
}

/// Plays a quiz question by question: `right` says for each whether the answer is to be right.
pub fn play(desk: &mut Desk, args: &[&str], mut right: impl FnMut(usize) -> bool) -> String {
    // The dialogue cannot be seen ahead: each answer is found by asking for the transcript so far. The same seed and
    // clock give the same questions, and nothing is kept of a call that was only a look, because it works on a copy.
    let mut input = String::new();
    let mut asked = 0;
    let args: Vec<&str> = ["quiz", "--plain"].iter().chain(args).copied().collect();
    loop {
        let look = desk.look(&args, &input);
        let Some(question) = look.rsplit("\n\n Linux").next().filter(|_| look.ends_at_question()) else {
            return desk.say(&args, &input).success();
        };
        asked += 1;
        input.push_str(&answer_to(question, right(asked)));
    }
}

/// Whether a transcript ended because an answer was wanted.
trait Ends {
    fn ends_at_question(&self) -> bool;
}

impl Ends for String {
    fn ends_at_question(&self) -> bool {
        self.contains("Everything answered is kept.") || self.contains("Nothing was answered.")
    }
}

/// The lines that answer a question, and accept or give its grade.
fn answer_to(question: &str, right: bool) -> String {
    let numbered = |wanted: &[&str]| -> Vec<String> {
        let places = question.lines().filter_map(|line| {
            let (number, text) = line.trim().split_once("  ")?;
            number.parse::<u32>().ok().map(|number| (number.to_string(), text.trim().to_owned()))
        });
        let places: Vec<_> = places.collect();
        wanted
            .iter()
            .filter_map(|text| places.iter().find(|(_, known)| known == text).map(|(number, _)| number.clone()))
            .collect()
    };
    let key = answers(question).last().copied().unwrap_or_default();
    let line = match (key, right) {
        ("kill", true) => numbered(&["whether the process may be signalled"]).join(" "),
        ("kill", false) => numbered(&["whether the process has stopped"]).join(" "),
        ("modes", true) => numbered(&["755", "700"]).join(" "),
        ("modes", false) => numbered(&["644"]).join(" "),
        ("boot", true) => numbered(&["firmware", "boot loader", "kernel"]).join(" "),
        ("boot", false) => numbered(&["kernel", "boot loader", "firmware"]).join(" "),
        ("", true) => "\n3".to_owned(),
        ("", false) => "\n1".to_owned(),
        (text, true) => text.to_owned(),
        (_, false) => "something else".to_owned(),
    };
    // A self-graded card was graded above already.
    if key.is_empty() { format!("{line}\n") } else { format!("{line}\n\n") }
}

#[test]
fn a_session_reads_like_this() {
    let mut desk = Desk::with_cards();
    let transcript = desk.say(&["quiz", "--plain", "--limit", "2"], "df -h\n\n:undo\n:hint\ndf -i\n\n2\n\n\n");
    expect![[r#"
        $ plugg quiz --plain --limit 2

         Linux · foundation · new                                    1/2 ╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌

         `touch f` fails with No space left on device, yet `df -h` shows 1 % used. Which
         command shows the exhausted resource?

         > 
         ✗ Not right.
           you typed  `df -h`
           answer     `df -i`

         A file needs an inode too.
         man7.org/linux/man-pages/man1/df.1.html

         1 again now, 2 hard 1 d, 3 good 1 d, 4 easy 1 d [1] > 

         Linux · foundation · new                                    2/3 ━━━━━╌╌╌╌╌╌╌╌╌╌

         What does `kill -0 PID` tell by its exit status?

            1  whether the process has stopped
            2  whether the process may be signalled
            3  whether the process ignores signals

         Which > 
         Taken back: the answer graded again counts no more.

         Linux · foundation · new                                    1/2 ╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌

         `touch f` fails with No space left on device, yet `df -h` shows 1 % used. Which
         command shows the exhausted resource?

         > 

         Linux · foundation · new                                    1/2 ╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌

         `touch f` fails with No space left on device, yet `df -h` shows 1 % used. Which
         command shows the exhausted resource?

         Hint: not the blocks

         > 
         ✓ Right.
           `df -i`

         A file needs an inode too.
         man7.org/linux/man-pages/man1/df.1.html

         1 again now, 2 hard 1 d, 3 good 1 d, 4 easy 1 d [2] > 

         Linux · foundation · new                                    2/3 ━━━━━╌╌╌╌╌╌╌╌╌╌

         What does `kill -0 PID` tell by its exit status?

            1  whether the process may be signalled
            2  whether the process ignores signals
            3  whether the process has stopped

         Which > 
          ✓ 1  whether the process may be signalled
          ✗ 2  whether the process ignores signals
            3  whether the process has stopped

         ✗ Not right.

         Signal 0 runs the checks and sends nothing.
         man7.org/linux/man-pages/man2/kill.2.html

         1 again now, 2 hard 1 d, 3 good 1 d, 4 easy 1 d [1] > 

         Linux · foundation · again                                  3/4 ━━━━━━━╌╌╌╌╌╌╌╌

         `touch f` fails with No space left on device, yet `df -h` shows 1 % used. Which
         command shows the exhausted resource?

         > 
         ▸ The answer:
           `df -i`

         A file needs an inode too.
         man7.org/linux/man-pages/man1/df.1.html

         1 again now, 2 hard, 3 good, 4 easy [1] > 
         2 cards in under a minute · 1 right at the first try · 2 new

           Linux                   1 of 2

         Everything answered is kept.
         2 cards still to drill; the next quiz today begins with them.
         Come back tomorrow: 2 due then, 2 within a week.
    "#]]
    .assert_eq(&transcript.transcript());
}

#[test]
fn days_go_by() {
    let mut desk = Desk::with_cards();
    play_right(&mut desk, &[]);
    assert_eq!(desk.count("select count(*) from review"), 5, "the practitioner card lies outside the goal");
    assert_eq!(desk.run(&["due", "--short"]).success(), "");
    desk.days_later(1);
    assert_eq!(desk.run(&["due", "--short"]).success(), "5\n");
    let transcript = play(&mut desk, &[], |question| question != 1);
    assert!(transcript.contains(" 5 cards in"), "{transcript}");
    assert!(transcript.contains("4 right at the first try"), "{transcript}");
    assert_eq!(desk.count("select count(*) from review where purpose = 1"), 1, "what failed was drilled");
    assert_eq!(desk.count("select count(*) from review where counted"), 5);
    let doctor = desk.run(&["doctor"]).success();
    assert!(doctor.contains("11 answers"), "{doctor}");
}

#[test]
fn an_answer_stays_undone_across_sessions() {
    let mut desk = Desk::with_cards();
    let _ = desk.say(&["quiz", "--plain", "--limit", "1"], "df -i\n\n").success();
    expect![[r#"
        $ plugg undo 2
        Taken back: first/inodes, graded 5 on 2026-11-24
        There is no answer to take back.
    "#]]
    .assert_eq(&desk.run(&["undo", "2"]).transcript());
    assert_eq!(desk.count("select count(*) from review"), 1);
    assert_eq!(desk.count("select count(*) from card where due is not null"), 0);
}

#[test]
fn wishes_are_kept() {
    let mut desk = Desk::with_cards();
    // The level asked for stands in for the goal.
    let asked = desk.say(&["quiz", "--plain", "--level", "practitioner"], "\n4\n").success();
    assert!(asked.contains("zombie"), "{asked}");
    assert!(asked.contains("1 card in"), "{asked}");
    // No area but one that is known.
    let error = desk.run(&["quiz", "linus"]).failure(2);
    assert_eq!(error, "plugg: there is no area or system `linus`\nhint:  did you mean `linux`?\n");
    let none = desk.run(&["quiz", "--plain", "cdn"]).success();
    assert!(none.contains("Nothing to ask now."), "{none}");
    // Cramming asks what is not due.
    let crammed = desk.say(&["quiz", "--plain", "--cram", "--new", "0", "--level", "practitioner"], "\n4\n").success();
    assert!(crammed.contains("Nothing to ask now."), "answered today already: {crammed}");
    desk.days_later(1);
    let _ = desk.say(&["quiz", "--plain", "--new", "0"], "\n4\n").success();
    desk.days_later(1);
    let crammed = desk.say(&["quiz", "--plain", "--cram", "--new", "0"], "\n4\n").success();
    assert!(crammed.contains("ahead of its time"), "{crammed}");
    // The six grades of the original.
    desk.write("config.toml", "bundled_decks = false\ngrades = \"six\"\n");
    let six = desk.say(&["quiz", "--plain", "--limit", "1"], "nonsense\n\n").success();
    assert!(six.contains("0 blank now, 1 wrong now, 2 almost now, 3 hard 1 d, 4 good 1 d, 5 easy 1 d [1] >"), "{six}");
}

#[test]
fn a_goal_brings_deeper_cards() {
    let mut desk = Desk::with_cards();
    let goal = desk.run(&["goal", "linux=practitioner"]).success();
    assert!(goal.contains("Linux environments"), "{goal}");
    assert_eq!(desk.run(&["goal", "--json"]).success(), desk.run(&["goal", "--json"]).success());
    let transcript = play_right(&mut desk, &[]);
    assert!(transcript.contains("6 cards in"), "{transcript}");
    assert!(desk.run(&["goal", "linux=deep"]).failure(2).contains("`deep` is not a level"));
    assert!(desk.run(&["goal", "linux"]).failure(2).contains("is not AREA=LEVEL"));
}
