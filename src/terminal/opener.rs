//! Opens a card's pictures and sounds with the system's own program for them.
//!
//! Hides the crate `open` and where the copies lie. The players call it. What is opened is a copy in a private folder
//! under a name of ours, a picture, sound or film by its content: never the package's name, never what could run.

use std::io::{Read as _, Seek as _, Write as _};
use std::path::{Path, PathBuf};

use tempfile::TempDir;

use super::flow::Flow;
use crate::error::{Error, Result};
use crate::media::{HEAD, extension};
use crate::session::Attachment;
use crate::text::{Line, Style};
use crate::words::{Value, Words};

/// Files that one key opens: as many windows come up.
const MOST: usize = 8;
/// Digits of the hash that name a copy.
const DIGITS: usize = 16;

/// Opens files for as long as it lives; their copies go with it.
#[derive(Debug)]
pub struct Opener {
    scratch: PathBuf,
    desktop: bool,
    folder: Option<TempDir>,
}

impl Opener {
    /// Makes its folder in `scratch` when it is needed. Without a `desktop` it only says where the files are.
    pub fn new(scratch: PathBuf, desktop: bool) -> Opener {
        Opener { scratch, desktop, folder: None }
    }

    /// Opens files, and says what came of it in lines of at most `width` columns.
    pub fn open<'a>(
        &mut self,
        files: impl IntoIterator<Item = &'a Attachment>,
        width: usize,
        words: &Words,
    ) -> Vec<Line> {
        let mut said = Vec::new();
        for Attachment { file, .. } in files.into_iter().take(MOST) {
            let mut flow = Flow::new();
            let name = || ("name", Value::from(&file.name));
            match self.copy(&file.path, &file.hash) {
                Err(error) => {
                    let error = ("error", error.to_string().into());
                    flow.text(Style::Bad, &words.say("media-failed", &[name(), error]));
                }
                Ok(None) => flow.text(Style::Warn, &words.say("media-unknown", &[name()])),
                Ok(Some(copy)) if self.desktop && open::that_detached(&copy).is_ok() => {
                    flow.text(Style::Faint, &words.say("media-opened", &[name()]));
                }
                Ok(Some(copy)) => {
                    flow.text(Style::Warn, &format!("{} ", words.say("media-without-program", &[name()])));
                    // In one piece, so that it can be copied from the screen.
                    flow.solid(Style::Link, &copy.display().to_string());
                }
            }
            said.push(flow);
        }
        if said.is_empty() {
            let mut flow = Flow::new();
            flow.text(Style::Faint, &words.say("media-none", &[]));
            said.push(flow);
        }
        let lines = said.iter().flat_map(|flow| flow.lines(width.saturating_sub(1).max(1)));
        lines.map(|line| line.indented(1)).collect()
    }

    /// Copies a file to where a program may have it, for reading only; `None` where it is of no kind to be opened.
    fn copy(&mut self, path: &Path, hash: &str) -> Result<Option<PathBuf>> {
        let unreadable = |error| Error::data("its file cannot be read").because(error);
        let unwritable = |error| Error::internal("it cannot be copied").because(error);
        let mut file = std::fs::File::open(path).map_err(unreadable)?;
        let mut head = Vec::new();
        (&mut file).take(HEAD as u64).read_to_end(&mut head).map_err(unreadable)?;
        let Some(extension) = extension(&head) else { return Ok(None) };
        let folder = match self.folder.take() {
            Some(folder) => folder,
            None => private_folder(&self.scratch).map_err(unwritable)?,
        };
        let place =
            self.folder.insert(folder).path().join(hash.get(..DIGITS).unwrap_or(hash)).with_extension(extension);
        if place.exists() {
            return Ok(Some(place));
        }
        file.rewind().map_err(unreadable)?;
        let mut copy = tempfile::NamedTempFile::new_in(place.parent().unwrap_or(&self.scratch)).map_err(unwritable)?;
        std::io::copy(&mut file, &mut copy).and_then(|_| copy.flush()).map_err(unwritable)?;
        let mut permissions = copy.as_file().metadata().map_err(unwritable)?.permissions();
        permissions.set_readonly(true);
        copy.as_file().set_permissions(permissions).map_err(unwritable)?;
        copy.persist(&place).map_err(|error| unwritable(error.error))?;
        Ok(Some(place))
    }
}

/// Makes a folder for the learner alone.
fn private_folder(scratch: &Path) -> std::io::Result<TempDir> {
    let mut builder = tempfile::Builder::new();
    builder.prefix("plugg-");
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt as _;
        builder.permissions(std::fs::Permissions::from_mode(0o700));
    }
    builder.tempdir_in(scratch)
}

/// Whether there is a desktop on which a program could show something, told from the environment's variables.
pub fn has_desktop(variable: impl Fn(&str) -> Option<String>) -> bool {
    if cfg!(any(windows, target_os = "macos")) {
        // From elsewhere: a window would come up where the learner does not sit.
        return variable("SSH_CONNECTION").is_none();
    }
    // Over ssh these are there only when the windows come along. Without them `xdg-open` would start a browser in the
    // middle of the session's screen.
    ["DISPLAY", "WAYLAND_DISPLAY", "WSL_DISTRO_NAME"].into_iter().any(|name| variable(name).is_some())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::MediaFile;

    fn attachment(folder: &Path, name: &str, content: &[u8]) -> Attachment {
        let hash = format!("{:0>64}", content.len());
        let path = folder.join(&hash);
        std::fs::write(&path, content).unwrap();
        Attachment { picture: true, file: MediaFile { name: name.to_owned(), hash, path } }
    }

    #[test]
    fn without_a_desktop_it_says_where_a_copy_of_our_name_is() {
        let folder = tempfile::tempdir().unwrap();
        let mut opener = Opener::new(folder.path().to_owned(), false);
        let picture = attachment(folder.path(), "../../evil.desktop", b"\x89PNG\r\n\x1a\n and the rest");
        let lines = opener.open([&picture], 500, &Words::english());
        let text = lines[0].text();
        let (said, copy) = text.split_once(" it is ").unwrap();
        assert_eq!(said, " No program can open ../../evil.desktop here. Until the session ends");
        let copy = PathBuf::from(copy);
        assert_eq!(copy.file_name().unwrap(), "0000000000000000.png");
        assert_eq!(std::fs::read(&copy).unwrap(), b"\x89PNG\r\n\x1a\n and the rest");
        assert!(copy.metadata().unwrap().permissions().readonly());
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt as _;
            assert_eq!(copy.parent().unwrap().metadata().unwrap().permissions().mode() & 0o777, 0o700);
            assert_eq!(copy.metadata().unwrap().permissions().mode() & 0o111, 0, "nothing that can run");
        }
        assert_eq!(opener.open([&picture], 500, &Words::english()), lines, "once more, the same copy");
        drop(opener);
        assert!(!copy.exists());
    }

    #[test]
    fn what_could_run_or_is_gone_is_not_copied() {
        let folder = tempfile::tempdir().unwrap();
        let scratch = tempfile::tempdir().unwrap();
        let mut opener = Opener::new(scratch.path().to_owned(), true);
        let unknown = " is no picture, sound or film of a known kind.";
        for (name, content) in [
            ("a.svg", &b"<svg xmlns='http://www.w3.org/2000/svg' onload='x()'/>"[..]),
            ("a.png", b"#!/bin/sh\nrm -r ~\n"),
            ("a.png", b"<html><script>"),
            ("a.desktop", b"[Desktop Entry]\nExec=x\n"),
        ] {
            let lines = opener.open([&attachment(folder.path(), name, content)], 80, &Words::english());
            assert_eq!(lines[0].text(), format!(" {name}{unknown}"));
        }
        let mut gone = attachment(folder.path(), "gone.png", b"GIF89a");
        gone.file.path = folder.path().join("gone");
        let said = opener.open([&gone], 200, &Words::english())[0].text();
        assert!(said.starts_with(" gone.png cannot be opened: its file cannot be read"), "{said}");
        assert_eq!(opener.open([], 80, &Words::english())[0].text(), " There is no picture or sound to open.");
        assert_eq!(std::fs::read_dir(scratch.path()).unwrap().count(), 0);
    }

    #[test]
    fn a_desktop_is_told_from_variables() {
        if cfg!(any(windows, target_os = "macos")) {
            assert!(has_desktop(|_| None));
            assert!(!has_desktop(|name| (name == "SSH_CONNECTION").then(String::new)));
        } else {
            assert!(!has_desktop(|_| None));
            for name in ["DISPLAY", "WAYLAND_DISPLAY", "WSL_DISTRO_NAME"] {
                assert!(has_desktop(|asked| (asked == name).then(|| ":0".to_owned())), "{name}");
            }
        }
    }
}
