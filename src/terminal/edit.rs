//! A note as a learner edits it: the texts only, as TOML, and back.

use serde::{Deserialize, Serialize};

use crate::card::{Kind, Note};
use crate::error::{Error, Result};
use crate::words::Words;

/// The texts of a note.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Texts {
    #[serde(default)]
    note: String,
    #[serde(default)]
    source: String,
    card: Vec<Text>,
}

/// The texts of one of its cards.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Text {
    front: String,
    back: Vec<String>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    wrong: Vec<String>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    accept: Vec<String>,
    #[serde(default)]
    hint: String,
}

/// Returns the note's texts for an editor.
pub fn to_toml(note: &Note, words: &Words) -> String {
    let texts = Texts {
        note: note.explanation.clone(),
        source: note.source.clone(),
        card: note
            .faces
            .iter()
            .map(|face| Text {
                front: face.front.clone(),
                back: face.back.clone(),
                wrong: face.wrong.clone(),
                accept: face.accept.clone(),
                hint: face.hint.clone(),
            })
            .collect(),
    };
    let text = toml::to_string_pretty(&texts).unwrap_or_default();
    format!("# {}\n{text}", words.say("quiz-edit", &[]))
}

/// Returns the note with the edited texts.
///
/// # Errors
/// Says what the text lacks.
pub fn from_toml(text: &str, note: &Note) -> Result<Note> {
    let texts: Texts = toml::from_str(text).map_err(|error| Error::user("the text is not valid").because(error))?;
    if texts.card.len() != note.faces.len() {
        return Err(Error::user(format!("the note has {} cards, the text {}", note.faces.len(), texts.card.len())));
    }
    let mut edited = Note { explanation: texts.note, source: texts.source, ..note.clone() };
    for (face, text) in edited.faces.iter_mut().zip(texts.card) {
        if text.front.trim().is_empty() || text.back.is_empty() || text.back.iter().any(|back| back.trim().is_empty()) {
            return Err(Error::user("a card needs a front and a back"));
        }
        if face.kind == Kind::Choice && text.wrong.is_empty() {
            return Err(Error::user("a choice needs a wrong option"));
        }
        face.front = text.front;
        face.back = text.back;
        face.wrong = text.wrong;
        face.accept = text.accept;
        face.hint = text.hint;
    }
    Ok(edited)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::card::{Compare, Face, Level};

    fn note() -> Note {
        let face = Face {
            ordinal: 0,
            kind: Kind::Choice,
            front: "two\nlines with \"\"\" and `code`".into(),
            back: vec!["right".into()],
            wrong: vec!["wrong".into()],
            accept: vec![],
            compare: Compare::Text,
            free: vec![],
            hint: String::new(),
        };
        Note {
            id: "n".into(),
            area: "linux".into(),
            system: String::new(),
            level: Level::Expert,
            folder: String::new(),
            tags: vec!["t".into()],
            explanation: "why".into(),
            source: "https://example.org/".into(),
            since: String::new(),
            reset: false,
            faces: vec![face],
        }
    }

    #[test]
    fn what_is_not_edited_comes_back_as_it_was() {
        assert_eq!(from_toml(&to_toml(&note(), &Words::english()), &note()).unwrap(), note());
        let edited = from_toml(&to_toml(&note(), &Words::english()).replace("right", "better"), &note()).unwrap();
        assert_eq!(edited.faces[0].back, ["better"]);
    }

    #[test]
    fn an_edit_that_makes_no_card_is_refused() {
        let text = to_toml(&note(), &Words::english());
        for (from, to) in
            [("[\"right\"]", "[]"), ("[\"wrong\"]", "[]"), ("hint = ", "hnit = "), ("[[card]]", "[[crad]]")]
        {
            assert!(text.contains(from), "{text}");
            assert!(from_toml(&text.replace(from, to), &note()).is_err(), "{from}");
        }
    }
}
