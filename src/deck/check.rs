//! The prover: runs the check of a card against the real tool.
//!
//! It hides the sandbox: namespaces where the system lets them be made, the process group where it does not, and that
//! nothing which a check started is left. It may be called by `cli deck test` only, with decks read from files on disk: a
//! check is a program, and is never run in a quiz, out of the database or out of a foreign format. It prints nothing.

use std::collections::BTreeMap;
use std::ffi::OsStr;
use std::io::{PipeReader, Read};
use std::os::unix::fs::PermissionsExt;
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::mpsc::{Receiver, RecvTimeoutError, channel};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;
use std::time::Duration;

use regex::Regex;
use rustix::io::Errno;
use rustix::process::{Pid, Signal, WaitId, WaitIdOptions, kill_process, kill_process_group, waitid};
use serde::Serialize;
use tempfile::TempDir;

use super::toml::CardSource;
use crate::card::{Compare, Face, Kind};
use crate::error::{Error, Result};

/// What a check says of its card.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(tag = "outcome", rename_all = "kebab-case")]
pub enum Outcome {
    /// It passes with every right answer and fails with every wrong one.
    Proved,
    /// It fails with an answer that the card calls right.
    Refuted {
        /// That answer.
        answer: String,
        /// The end of what the check wrote.
        output: String,
    },
    /// It passes with an answer that is not right, and so proves nothing.
    Toothless {
        /// That answer.
        answer: String,
    },
    /// It does not end in time with a wrong answer.
    TimedOut {
        /// That answer.
        answer: String,
    },
    /// It was not run, because tools are missing. Never counts as proved.
    Skipped {
        /// The entries of `needs` that are missing.
        missing: Vec<String>,
    },
    /// The card has no check.
    Unchecked,
}

/// What one run of a check may take.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Bounds {
    /// Seconds on the wall.
    pub seconds: u64,
    /// Mebibytes of data that each of its processes may hold.
    ///
    /// This is the limit on *data* (`RLIMIT_DATA`), which counts memory that can be written. The limit on address space
    /// would be hit by Java, Node and Go at their start, since they reserve far more than they use; a count of what all
    /// processes hold together would need a poll, or a control group and the right to make one.
    pub memory_mib: u64,
}

impl Default for Bounds {
    fn default() -> Self {
        Bounds { seconds: 10, memory_mib: 2048 }
    }
}

/// How much of a check's output is kept, in bytes.
const KEPT_OUTPUT: usize = 64 << 10;
/// How long to wait for the end of what has been killed.
const GRACE: Duration = Duration::from_secs(5);

/// Makes namespaces of its own for what follows: no network, no other processes, nothing that outlives the first.
const NAMESPACES: [&str; 9] =
    ["unshare", "--net", "--ipc", "--uts", "--pid", "--fork", "--kill-child", "--mount-proc", "--"];
/// The same without being root, by way of a user namespace.
const USER_NAMESPACES: [&str; 10] =
    ["unshare", "--map-root-user", "--net", "--ipc", "--uts", "--pid", "--fork", "--kill-child", "--mount-proc", "--"];

/// Runs within the namespaces and starts the check, whose script is $1; $2 is the limit on data in KiB.
///
/// In a namespace it is process 1: it reaps orphans, and when it ends the kernel ends everything else. Bash is its child,
/// because process 1 ignores signals that it sends to itself. Its standard input is a pipe that the prover holds open:
/// when that closes, because time is up or because the prover itself was killed, a watchman ends the group, which in a
/// namespace (`-1`) means everybody.
const SUPERVISOR: &str = r#"
exec 3<&0 4>&2 </dev/null 2>/dev/null
{ read -r _ <&3; kill -s KILL -- -$$; } >/dev/null 4>&- &
umask 022
ulimit -c 0
ulimit -d "$2"
(exec bash -euo pipefail -c "$1" 2>&4 3<&- 4>&-)
exit $?
"#;
/// Without it not even loopback answers in a network of one's own.
const LOOPBACK_UP: &str = "ip link set lo up || exit 125";

/// Runs checks. Make one and share it between threads.
#[derive(Debug)]
pub struct Prover {
    search_path: std::ffi::OsString,
    scratch: PathBuf,
    /// What tools may keep from one run to the next, such as Go its compiled library; gone with the prover.
    cache: TempDir,
    bounds: Bounds,
    /// The words in front of the supervisor's command; none where nothing can be cut off.
    wrapper: &'static [&'static str],
    /// Which needs are met, as far as asked.
    known: Mutex<BTreeMap<String, bool>>,
}

/// How a run ended.
#[derive(Debug, PartialEq, Eq)]
enum End {
    Passed,
    Failed,
    OutOfTime,
}

impl Prover {
    /// Finds out how far checks can be shut in here. `search_path` is the `PATH` that they get, `scratch` the folder in
    /// which each run gets an empty one of its own.
    ///
    /// # Errors
    /// Fails where not even a check that does nothing can be run.
    pub fn new(search_path: &OsStr, scratch: &Path, bounds: Bounds) -> Result<Prover> {
        let mut prover = Prover::bare(search_path, scratch, bounds).map_err(|error| {
            Error::internal("could not make a folder for checks").because(error).hint("see that there is room")
        })?;
        for wrapper in [NAMESPACES.as_slice(), USER_NAMESPACES.as_slice(), &[]] {
            prover.wrapper = wrapper;
            if matches!(prover.run("true", ""), Ok((End::Passed, _))) {
                return Ok(prover);
            }
        }
        Err(Error::internal("could not run a check that does nothing").hint("see that `sh` and `bash` are on the PATH"))
    }

    fn bare(search_path: &OsStr, scratch: &Path, bounds: Bounds) -> std::io::Result<Prover> {
        Ok(Prover {
            search_path: search_path.to_owned(),
            scratch: scratch.to_owned(),
            cache: tempfile::Builder::new().prefix("plugg-cache-").tempdir_in(scratch)?,
            bounds,
            wrapper: &[],
            known: Mutex::default(),
        })
    }

    /// Whether checks are cut off from the network and from the processes of this machine. Where they are not, only
    /// their process group and what carries their environment is ended.
    pub fn cut_off(&self) -> bool {
        !self.wrapper.is_empty()
    }

    /// Runs the check of a card: with every right answer, then with every wrong one, until one of them tells.
    ///
    /// # Errors
    /// Fails where the machine does: no folder can be made, no process started.
    pub fn prove(&self, face: &Face, source: &CardSource) -> Result<Outcome> {
        let Some(script) = &source.check else { return Ok(Outcome::Unchecked) };
        let mut missing = Vec::new();
        for need in &source.needs {
            if !self.has(need)? {
                missing.push(need.clone());
            }
        }
        if !missing.is_empty() {
            return Ok(Outcome::Skipped { missing });
        }
        for answer in right_answers(face) {
            match self.run(script, &answer)? {
                (End::Passed, _) => {}
                (End::Failed, output) => return Ok(Outcome::Refuted { answer, output }),
                (End::OutOfTime, output) => {
                    let output = format!("did not end within {} s\n{output}", self.bounds.seconds);
                    return Ok(Outcome::Refuted { answer, output: output.trim_end().to_owned() });
                }
            }
        }
        for answer in wrong_answers(face) {
            match self.run(script, &answer)?.0 {
                End::Failed => {}
                End::Passed => return Ok(Outcome::Toothless { answer }),
                End::OutOfTime => return Ok(Outcome::TimedOut { answer }),
            }
        }
        Ok(Outcome::Proved)
    }

    /// Whether a tool is there: a command on the `PATH`, a Python module as `python3:module`, or a module of Node's that
    /// was installed globally as `node:module`.
    fn has(&self, need: &str) -> Result<bool> {
        let known = || self.known.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(met) = known().get(need) {
            return Ok(*met);
        }
        // Asked where the check will run, so that the two see the same.
        let (script, name) = match need.split_once(':') {
            Some(("python3", module)) => {
                (r#"python3 -c 'import importlib, os; importlib.import_module(os.environ["BACK"])'"#, module)
            }
            Some(("node", module)) => {
                (r#"NODE_PATH=$(npm root -g) node -e 'require.resolve(process.env.BACK)'"#, module)
            }
            _ => (r#"type -P -- "$BACK""#, need),
        };
        let met = self.run(script, name)?.0 == End::Passed;
        known().insert(need.to_owned(), met);
        Ok(met)
    }

    /// The supervisor of a script, wrapped as far as this machine lets it be, in a group of its own.
    fn command(&self, script: &str) -> Command {
        let supervisor = if self.cut_off() { format!("{LOOPBACK_UP}\n{SUPERVISOR}") } else { SUPERVISOR.into() };
        let limit = self.bounds.memory_mib.saturating_mul(1024).to_string();
        let mut words = self.wrapper.iter().copied().chain(["sh", "-c", &supervisor, "check", script, &limit]);
        let mut command = Command::new(words.next().unwrap_or("sh"));
        command.args(words).env_clear().env("PATH", &self.search_path).stdin(Stdio::piped()).process_group(0);
        command
    }

    /// Runs a script once with `$BACK`, and returns how it ended and the end of what it wrote.
    fn run(&self, script: &str, answer: &str) -> Result<(End, String)> {
        let place = Place::new(&self.scratch).map_err(|error| {
            Error::internal("could not make an empty folder for a check").because(error).hint("see that there is room")
        })?;
        let failed = |error| Error::internal("could not run a check").because(error);

        let mut command = self.command(script);
        let (reader, writer) = std::io::pipe().map_err(failed)?;
        command
            .env("HOME", place.folder("home"))
            .env("TMPDIR", place.folder("tmp"))
            .env("XDG_CACHE_HOME", self.cache.path())
            .env("LANG", "C.UTF-8")
            .env("LC_ALL", "C.UTF-8")
            .env("TZ", "UTC")
            .env("BACK", answer)
            .current_dir(place.folder("work"))
            .stdout(writer.try_clone().map_err(failed)?)
            .stderr(writer);
        let mut child = command.spawn().map_err(failed)?;
        // The command holds the writing end; the reader sees the end of the output only once all such are closed.
        drop(command);
        let lifeline = child.stdin.take();
        let group = Pid::from_child(&child);

        let (kept, drained) = collect(reader);
        let ended = watch(group);
        let in_time = ended.recv_timeout(Duration::from_secs(self.bounds.seconds)) != Err(RecvTimeoutError::Timeout);
        // The gentle way to end it: in a namespace, the supervisor is gone only after everything else is.
        drop(lifeline);
        if !in_time {
            let _ = ended.recv_timeout(GRACE);
        }
        // The leader is still to be waited for, so that its group cannot be another's by now.
        let _ = kill_process_group(group, Signal::KILL);
        let status = child.wait().map_err(failed)?;
        if !self.cut_off() {
            place.end_strays();
        }
        // Something that escaped may hold the pipe open for ever.
        let _ = drained.recv_timeout(GRACE);
        let output = kept.lock().unwrap_or_else(PoisonError::into_inner).text();
        place.remove();

        let end = match (in_time, status.success()) {
            (false, _) => End::OutOfTime,
            (true, true) => End::Passed,
            (true, false) => End::Failed,
        };
        Ok((end, output))
    }
}

/// Tells when a process has ended, and leaves it to be waited for.
fn watch(process: Pid) -> Receiver<()> {
    let (tell, ended) = channel();
    thread::spawn(move || {
        let options = WaitIdOptions::EXITED | WaitIdOptions::NOWAIT;
        while matches!(waitid(WaitId::Pid(process), options), Err(Errno::INTR)) {}
        let _ = tell.send(());
    });
    ended
}

/// Reads a pipe to its end, however much comes, and keeps the last of it. Tells when the end has come.
fn collect(mut pipe: PipeReader) -> (Arc<Mutex<Tail>>, Receiver<()>) {
    let kept = Arc::new(Mutex::new(Tail::default()));
    let (tell, drained) = channel();
    let tail = Arc::clone(&kept);
    thread::spawn(move || {
        let mut buffer = vec![0; KEPT_OUTPUT];
        loop {
            match pipe.read(&mut buffer) {
                Ok(0) => break,
                Ok(count) => {
                    tail.lock().unwrap_or_else(PoisonError::into_inner).push(buffer.get(..count).unwrap_or_default());
                }
                Err(error) if error.kind() == std::io::ErrorKind::Interrupted => {}
                Err(_) => break,
            }
        }
        let _ = tell.send(());
    });
    (kept, drained)
}

/// The last bytes of an output.
#[derive(Debug, Default)]
struct Tail {
    bytes: Vec<u8>,
    cut: bool,
}

impl Tail {
    fn push(&mut self, bytes: &[u8]) {
        self.bytes.extend_from_slice(bytes);
        if let Some(excess) = self.bytes.len().checked_sub(KEPT_OUTPUT).filter(|excess| *excess > 0) {
            self.bytes.drain(..excess);
            self.cut = true;
        }
    }

    fn text(&self) -> String {
        let text = String::from_utf8_lossy(&self.bytes);
        format!("{}{}", if self.cut { "…" } else { "" }, text.trim_end())
    }
}

/// The empty folder of one run, with `home`, `tmp` and `work` in it.
struct Place(TempDir);

impl Place {
    fn new(scratch: &Path) -> std::io::Result<Place> {
        // Servers that drop their rights must be able to reach what the check makes for them.
        let open = std::fs::Permissions::from_mode(0o755);
        let place = Place(tempfile::Builder::new().prefix("plugg-").permissions(open.clone()).tempdir_in(scratch)?);
        for (name, mode) in [("home", 0o700), ("tmp", 0o755), ("work", 0o755)] {
            std::fs::create_dir(place.folder(name))?;
            std::fs::set_permissions(place.folder(name), std::fs::Permissions::from_mode(mode))?;
        }
        Ok(place)
    }

    fn folder(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    /// Ends what left the process group, known by the `TMPDIR` in its environment. There is no other way without a
    /// namespace; a process that cleared its environment too stays.
    fn end_strays(&self) {
        let mut mark = b"TMPDIR=".to_vec();
        mark.extend_from_slice(self.folder("tmp").as_os_str().as_encoded_bytes());
        // A process may start another between the look and the kill.
        for _ in 0..10 {
            let mut found = false;
            for entry in std::fs::read_dir("/proc").into_iter().flatten().flatten() {
                let id = entry.file_name().to_str().and_then(|name| name.parse().ok()).and_then(Pid::from_raw);
                let environment = std::fs::read(entry.path().join("environ")).unwrap_or_default();
                if let Some(id) = id
                    && environment.split(|byte| *byte == 0).any(|variable| variable == mark)
                {
                    found |= kill_process(id, Signal::KILL).is_ok();
                }
            }
            if !found {
                return;
            }
        }
    }

    fn remove(self) {
        let path = self.0.path().to_owned();
        if self.0.close().is_err() {
            // Some tools, such as Go with its module cache, take from themselves the right to delete.
            let _ = Command::new("chmod").args(["-R", "u+rwX", "--"]).arg(&path).stderr(Stdio::null()).status();
            let _ = std::fs::remove_dir_all(&path);
        }
    }
}

/// The answers with which a check must pass.
fn right_answers(face: &Face) -> Vec<String> {
    let mut answers = vec![face.back.join("\n")];
    // Patterns are not answers.
    if face.compare != Compare::Regex {
        answers.extend(face.accept.iter().cloned());
    }
    answers
}

/// The answers with which a check must fail: the author's, or else small changes of the right one.
fn wrong_answers(face: &Face) -> Vec<String> {
    if !face.wrong.is_empty() {
        return face.wrong.clone();
    }
    if face.kind == Kind::Order {
        return (1..face.back.len())
            .map(|second| {
                let mut steps = face.back.clone();
                steps.swap(second - 1, second);
                steps.join("\n")
            })
            .collect();
    }
    let back = face.back.join("\n");
    let mut changed = vec![String::new(), format!("{back}x")];
    match back.parse::<i64>() {
        Ok(number) => changed.extend([number.saturating_add(1), number.saturating_sub(1)].map(|n| n.to_string())),
        Err(_) => changed.extend(back.char_indices().next_back().and_then(|(at, _)| back.get(..at)).map(String::from)),
    }
    let patterns: Vec<Regex> = match face.compare {
        Compare::Regex => face.accept.iter().filter_map(|text| Regex::new(&format!("^(?:{text})$")).ok()).collect(),
        _ => Vec::new(),
    };
    let mut answers: Vec<String> = Vec::new();
    for answer in changed {
        let is_right =
            answer == back || face.accept.contains(&answer) || patterns.iter().any(|pattern| pattern.is_match(&answer));
        if !is_right && !answers.contains(&answer) {
            answers.push(answer);
        }
    }
    answers
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::fs::File;
    use std::net::TcpListener;

    const SEARCH_PATH: &str = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";

    fn face(kind: Kind, back: &[&str]) -> Face {
        Face {
            ordinal: 0,
            kind,
            front: "?".into(),
            back: back.iter().map(ToString::to_string).collect(),
            wrong: vec![],
            accept: vec![],
            compare: Compare::Text,
            free: vec![],
            hint: String::new(),
        }
    }

    fn source(check: &str) -> CardSource {
        CardSource { check: Some(check.into()), ..CardSource::default() }
    }

    /// A prover without any namespace, and one with them where this machine lets them be made.
    fn provers(scratch: &Path, bounds: Bounds) -> Vec<Prover> {
        let plain = Prover::bare(SEARCH_PATH.as_ref(), scratch, bounds).unwrap();
        let best = Prover::new(SEARCH_PATH.as_ref(), scratch, bounds).unwrap();
        if best.cut_off() { vec![plain, best] } else { vec![plain] }
    }

    /// What each prover says; they must agree, and leave nothing in the scratch folder.
    fn outcome(check: &str, face: &Face) -> Outcome {
        let scratch = tempfile::tempdir().unwrap();
        let bounds = Bounds { seconds: 60, memory_mib: 64 };
        let outcomes: Vec<Outcome> =
            provers(scratch.path(), bounds).iter().map(|prover| prover.prove(face, &source(check)).unwrap()).collect();
        assert!(outcomes.windows(2).all(|pair| pair[0] == pair[1]), "{outcomes:?}");
        assert_eq!(std::fs::read_dir(scratch.path()).unwrap().count(), 0, "{check}");
        outcomes[0].clone()
    }

    fn refuted(answer: &str, output: &str) -> Outcome {
        Outcome::Refuted { answer: answer.into(), output: output.into() }
    }

    fn toothless(answer: &str) -> Outcome {
        Outcome::Toothless { answer: answer.into() }
    }

    #[test]
    fn a_check_proves_refutes_or_has_no_teeth() {
        let typed = face(Kind::Typed, &["3"]);
        let cases = [
            (r#"test "$(expr 1 + 2)" = "$BACK""#, Outcome::Proved),
            (r#"echo "no $BACK" >&2; test "$(expr 2 + 2)" = "$BACK""#, refuted("3", "no 3")),
            ("true", toothless("")),
            (r#"test -n "$BACK""#, toothless("3x")),
            (r#"test "$BACK" -ge 3 2>/dev/null"#, toothless("4")),
            // The options of Bash.
            (r#"false; test "$BACK" = 3"#, refuted("3", "")),
            (r#"false | true; test "$BACK" = 3"#, refuted("3", "")),
            (r#"echo $unset; test "$BACK" = 3"#, refuted("3", "bash: line 1: unset: unbound variable")),
            ("exit 9", refuted("3", "")),
        ];
        for (check, expected) in cases {
            assert_eq!(outcome(check, &typed), expected, "{check}");
        }
        let gone = tempfile::tempdir().unwrap();
        let prover = Prover::bare(SEARCH_PATH.as_ref(), gone.path(), Bounds::default()).unwrap();
        drop(gone);
        assert_eq!(prover.prove(&typed, &CardSource::default()).unwrap(), Outcome::Unchecked);
        assert!(prover.prove(&typed, &source("true")).is_err(), "a machine that fails is no verdict");
    }

    #[test]
    fn it_runs_with_each_right_and_each_wrong_answer() {
        let accepting = |accept: &[&str], compare| Face {
            accept: accept.iter().map(ToString::to_string).collect(),
            compare,
            ..face(Kind::Typed, &["ab"])
        };
        let choice = Face { wrong: vec!["c".into(), "d".into()], ..face(Kind::Choice, &["a", "b"]) };
        let cases = [
            (face(Kind::Typed, &["ab"]), vec!["ab"], vec!["", "abx", "a"]),
            (face(Kind::Typed, &["å"]), vec!["å"], vec!["", "åx"]),
            (face(Kind::Typed, &["-7"]), vec!["-7"], vec!["", "-7x", "-6", "-8"]),
            (accepting(&["a"], Compare::Text), vec!["ab", "a"], vec!["", "abx"]),
            (accepting(&["abx?"], Compare::Regex), vec!["ab"], vec!["", "a"]),
            (choice, vec!["a\nb"], vec!["c", "d"]),
            (face(Kind::Order, &["1", "2", "3"]), vec!["1\n2\n3"], vec!["2\n1\n3", "1\n3\n2"]),
        ];
        for (face, right, wrong) in cases {
            assert_eq!((right_answers(&face), wrong_answers(&face)), (to_strings(&right), to_strings(&wrong)));
        }
    }

    fn to_strings(texts: &[&str]) -> Vec<String> {
        texts.iter().map(ToString::to_string).collect()
    }

    /// The text as one word of a shell.
    fn quoted(text: &str) -> String {
        format!("'{}'", text.replace('\'', r"'\''"))
    }

    #[test]
    fn an_answer_passes_as_it_is() {
        for answer in ["--help", "-n", "it's \"x\" $HOME `id` \\", "two\nlines\n", " blanks ", "*", "å💻", "!{a,b}"]
        {
            let check = format!("test \"$BACK\" = {}", quoted(answer));
            assert_eq!(outcome(&check, &face(Kind::Typed, &[answer])), Outcome::Proved, "{answer}");
        }
    }

    #[test]
    fn the_place_is_empty_and_private() {
        let check = r#"
            test -z "$(ls -A . "$HOME" "$TMPDIR" | grep -v :)"
            test "$(env | cut -d= -f1 | sort | xargs)" = "BACK HOME LANG LC_ALL PATH PWD SHLVL TMPDIR TZ XDG_CACHE_HOME _"
            test "$TZ $LANG $(umask)" = "UTC C.UTF-8 0022"
            echo x > "$HOME/.rc"; echo x > here; echo x > "$(mktemp)"; mkdir -m 0 closed
            ! read -r line
            test "$BACK" = 1"#;
        assert_eq!(outcome(check, &face(Kind::Typed, &["1"])), Outcome::Proved);
    }

    #[test]
    fn signals_reach_the_check_itself() {
        let check = r#"
            trap 'test "$BACK" = 1; exit' INT
            kill -INT $$
            exit 9"#;
        assert_eq!(outcome(check, &face(Kind::Typed, &["1"])), Outcome::Proved);
        assert_eq!(outcome("kill -KILL $$", &face(Kind::Typed, &["1"])), refuted("1", ""));
    }

    #[test]
    fn a_flood_is_cut() {
        let check = "head -c 5000000 /dev/zero | tr '\\0' x; echo; echo end; exit 1";
        let Outcome::Refuted { output, .. } = outcome(check, &face(Kind::Typed, &["1"])) else { panic!("refuted") };
        assert!(output.starts_with('…') && output.ends_with("xx\nend") && output.len() <= KEPT_OUTPUT + 3);
    }

    #[test]
    fn memory_is_bounded() {
        let check = r#"dd if=/dev/zero of=/dev/null bs=200M count=1 status=none || test "$BACK" = 1"#;
        assert_eq!(outcome(check, &face(Kind::Typed, &["1"])), Outcome::Proved);
    }

    #[test]
    fn missing_tools_skip_the_card() {
        let scratch = tempfile::tempdir().unwrap();
        for prover in provers(scratch.path(), Bounds { seconds: 60, ..Bounds::default() }) {
            let needs = ["ls", "no-such-tool", "python3:no_such_module", "true; true", "cd"];
            let source = CardSource { needs: to_strings(&needs), ..source("exit 1") };
            let missing = to_strings(&["no-such-tool", "python3:no_such_module", "true; true", "cd"]);
            assert_eq!(prover.prove(&face(Kind::Typed, &["1"]), &source).unwrap(), Outcome::Skipped { missing });
        }
    }

    #[test]
    fn time_is_bounded() {
        let scratch = tempfile::tempdir().unwrap();
        for prover in provers(scratch.path(), Bounds { seconds: 3, ..Bounds::default() }) {
            let prove = |check| prover.prove(&face(Kind::Typed, &["1"]), &source(check)).unwrap();
            let expected = refuted("1", "did not end within 3 s\nbegun");
            assert_eq!(prove("trap '' TERM INT HUP; echo begun; sleep 600"), expected);
            assert_eq!(prove(r#"test "$BACK" = 1 || sleep 600"#), Outcome::TimedOut { answer: String::new() });
            let left = std::fs::read_dir(scratch.path()).unwrap().map(|entry| entry.unwrap().file_name());
            // What all runs of a prover share is gone with it.
            let left = left.filter(|name| !name.to_string_lossy().starts_with("plugg-cache-"));
            assert_eq!(left.count(), 0);
        }
    }

    #[test]
    fn nothing_that_was_started_is_left() {
        let scratch = tempfile::tempdir().unwrap();
        let lock = scratch.path().join("lock");
        File::create(&lock).unwrap();
        // Each leaves a process that holds the lock: in the group, as a daemon, and one that ignores signals.
        let rest = [
            "sleep 600 & true",
            "setsid sh -c 'sleep 600 & sleep 600' >/dev/null 2>&1 & true",
            "(trap '' HUP TERM INT; setsid -f sleep 600)",
            "setsid sleep 600 & sleep 600",
        ];
        for prover in provers(scratch.path(), Bounds { seconds: 3, ..Bounds::default() }) {
            for rest in rest {
                let check = format!("exec 9>{}; flock 9; {rest}", quoted(&lock.to_string_lossy()));
                prover.run(&check, "").unwrap();
                let (tell, free) = channel();
                let file = File::open(&lock).unwrap();
                thread::spawn(move || tell.send(file.lock().is_ok()));
                assert_eq!(
                    free.recv_timeout(Duration::from_secs(20)),
                    Ok(true),
                    "{rest}, cut off {}",
                    prover.cut_off()
                );
            }
        }
    }

    #[test]
    fn a_check_ends_with_its_prover() {
        // The operating system closes the pipe when the prover dies; here the test does.
        let scratch = tempfile::tempdir().unwrap();
        for prover in provers(scratch.path(), Bounds::default()) {
            let mut child = prover.command("sleep 20").spawn().unwrap();
            drop(child.stdin.take());
            assert!(!child.wait().unwrap().success(), "cut off {}", prover.cut_off());
        }
    }

    #[test]
    fn there_is_no_network_but_loopback() {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let port = listener.local_addr().unwrap().port();
        let check = format!("exec 3<>/dev/tcp/127.0.0.1/{port}");
        let scratch = tempfile::tempdir().unwrap();
        for prover in provers(scratch.path(), Bounds { seconds: 60, ..Bounds::default() }) {
            let (end, output) = prover.run(&check, "").unwrap();
            // The loopback of a network of its own is up, and not this machine's.
            assert_eq!(end == End::Failed, prover.cut_off(), "{output}");
            assert_eq!(output.contains("Connection refused"), prover.cut_off(), "{output}");
        }
    }
}
