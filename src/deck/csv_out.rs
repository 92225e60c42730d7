//! A deck out to CSV, for spreadsheets and scripts.
//!
//! It hides quoting and what keeps a spreadsheet from running a cell. `cli` may call it. It never writes a byte order
//! mark, which scripts would take for part of the first name; a spreadsheet is told that the file is UTF-8.
//!
//! One row a card, after a row of names: `id` (with `#` and the ordinal where it is not the only card of its note),
//! `kind`, `front`, `back`, `wrong`, `accept`, `hint`, `note` (the explanation), `source`, `tags`, `level`, `area`,
//! `system`. Several answers or options stand in one cell, one a line; tags have a blank between. Text is Markdown as
//! plugg keeps it. Quotes and line ends are those of RFC 4180: cells in quotes where they need them, `"` doubled, rows
//! ended by CR LF; a line break within a cell stays as it is.
//!
//! **Formulas.** A spreadsheet runs a cell that begins with `=`, `+`, `-`, `@`, tab or carriage return (or a full-width
//! form of the signs), quoted or not, and foreign decks are hostile until shown otherwise. Such a cell gets an apostrophe
//! before it, as OWASP advises; so does one that begins with apostrophes and then such a sign, which makes it reversible:
//! a cell of apostrophes and such a sign has one apostrophe too many. That touches answers such as `--staged`, which a
//! spreadsheet would otherwise show as an error. Exact round trips are what TOML is for.

use crate::card::{Face, Note};
use crate::text::csv_row;

/// The names of the columns.
const COLUMNS: [&str; 13] =
    ["id", "kind", "front", "back", "wrong", "accept", "hint", "note", "source", "tags", "level", "area", "system"];

/// Writes the cards of a deck as CSV, in the order of its notes.
pub fn write(notes: &[Note]) -> String {
    let mut out = String::new();
    csv_row(&mut out, COLUMNS);
    for note in notes {
        for face in &note.faces {
            let id = identity(note, face);
            let (back, wrong, accept) = (face.back.join("\n"), face.wrong.join("\n"), face.accept.join("\n"));
            let tags = note.tags.join(" ");
            let cells: [&str; COLUMNS.len()] = [
                &id,
                face.kind.name(),
                &face.front,
                &back,
                &wrong,
                &accept,
                &face.hint,
                &note.explanation,
                &note.source,
                &tags,
                note.level.name(),
                &note.area,
                &note.system,
            ];
            csv_row(&mut out, cells);
        }
    }
    out
}

fn identity(note: &Note, face: &Face) -> String {
    if note.faces.len() == 1 && face.ordinal == 0 { note.id.clone() } else { format!("{}#{}", note.id, face.ordinal) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::card::{Compare, Kind, Level};
    use crate::text::is_formula;
    use proptest::prelude::*;

    fn note(front: &str, back: &[&str], ordinals: &[u32]) -> Note {
        let face = |ordinal: &u32| Face {
            ordinal: *ordinal,
            kind: Kind::Choice,
            front: front.into(),
            back: back.iter().map(|text| (*text).into()).collect(),
            wrong: vec!["w".into()],
            accept: Vec::new(),
            compare: Compare::Text,
            free: Vec::new(),
            hint: "h".into(),
        };
        Note {
            id: "n".into(),
            area: "linux".into(),
            system: "bash".into(),
            level: Level::Expert,
            folder: String::new(),
            tags: vec!["a".into(), "b::c".into()],
            explanation: "e".into(),
            source: "https://example.org".into(),
            since: String::new(),
            reset: false,
            faces: ordinals.iter().map(face).collect(),
        }
    }

    /// Reads CSV as RFC 4180 says, and takes the guard off.
    fn read(csv: &str) -> Vec<Vec<String>> {
        let mut rows = Vec::new();
        let (mut row, mut cell, mut quoted) = (Vec::new(), String::new(), false);
        let mut signs = csv.chars().peekable();
        while let Some(c) = signs.next() {
            match c {
                '"' if quoted && signs.peek() == Some(&'"') => cell.extend(signs.next()),
                '"' => quoted = !quoted,
                ',' if !quoted => row.push(std::mem::take(&mut cell)),
                '\r' if !quoted => {
                    assert_eq!(signs.next(), Some('\n'));
                    row.push(std::mem::take(&mut cell));
                    rows.push(std::mem::take(&mut row));
                }
                c => cell.push(c),
            }
        }
        for cell in rows.iter_mut().flatten() {
            if cell.starts_with('\'') && is_formula(cell) {
                cell.remove(0);
            }
        }
        rows
    }

    #[test]
    fn a_card_is_a_row() {
        let csv = write(&[note("a, \"b\"\nc", &["x", "y"], &[0]), note("=1+1", &["--staged"], &[0, 1])]);
        let expected = "id,kind,front,back,wrong,accept,hint,note,source,tags,level,area,system\r\n\
            n,choice,\"a, \"\"b\"\"\nc\",\"x\ny\",w,,h,e,https://example.org,a b::c,expert,linux,bash\r\n\
            n#0,choice,\"'=1+1\",\"'--staged\",w,,h,e,https://example.org,a b::c,expert,linux,bash\r\n\
            n#1,choice,\"'=1+1\",\"'--staged\",w,,h,e,https://example.org,a b::c,expert,linux,bash\r\n";
        assert_eq!(csv, expected);
    }

    proptest! {
        #[test]
        fn nothing_is_lost_and_nothing_runs(front in "['=@+,\"\r\n\ta-]{0,8}|.*", back in any::<String>()) {
            let csv = write(&[note(&front, &[&back], &[0])]);
            let rows = read(&csv);
            prop_assert_eq!(rows.len(), 2);
            prop_assert_eq!((&rows[1][2], &rows[1][3]), (&front, &back));
            for (text, sign) in [(&front, '='), (&back, '@')] {
                let mut guarded = String::new();
                csv_row(&mut guarded, [format!("{sign}{text}").as_str()]);
                prop_assert!(guarded.starts_with("\"'"));
            }
        }
    }
}
