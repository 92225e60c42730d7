//! Cards of Anki notes that come without their collection: CrowdAnki, text exports.
//!
//! The readers of those formats call it. It hides which cards Anki would make of a note: one for each template whose
//! question shows a field, or for each number of a deletion. It has the same bounds as a package.

use std::collections::{BTreeSet, HashMap};

use super::cloze::Clozes;
use super::collection::CardRow;
use super::faces::{Made, Prepared, Source, make};
use super::{WORK, WORK_PER_BYTE};

/// The highest number of a deletion, as in Anki.
const NUMBERS: u32 = 500;

/// Makes cards, within bounds.
pub(in crate::deck) struct Loose {
    work_left: u64,
    /// The names of media that the cards show.
    pub(in crate::deck) media: BTreeSet<String>,
}

impl Loose {
    /// For a file of so many bytes.
    pub(in crate::deck) fn new(length: usize) -> Loose {
        Loose { work_left: WORK + (length as u64).saturating_mul(WORK_PER_BYTE), media: BTreeSet::new() }
    }

    /// Makes the cards of a note. Nothing where the cards of the file repeat more text than those of any sound deck.
    pub(in crate::deck) fn make(
        &mut self,
        kind: &Prepared,
        fields: &[String],
        tags: &[String],
        folder: &str,
    ) -> Option<Made> {
        let ordinals: BTreeSet<u32> = if kind.kind.cloze {
            let fields = fields.iter().take(kind.kind.fields.len());
            let mut numbers = BTreeSet::new();
            for field in fields.filter(|field| field.contains("{{c")) {
                numbers.extend(Clozes::parse(field).numbers().filter(|number| (1..=NUMBERS).contains(number)));
            }
            numbers.into_iter().map(|number| number - 1).collect()
        } else {
            (0..kind.kind.templates.len()).filter_map(|ordinal| u32::try_from(ordinal).ok()).collect()
        };
        let cards: Vec<CardRow> = ordinals
            .into_iter()
            .map(|ordinal| CardRow { note: 0, ordinal, id: i64::from(ordinal), deck: 0, suspended: false })
            .collect();
        // What parts the fields of a note can not stand in one.
        let fields: Vec<String> = fields.iter().map(|field| field.replace('\u{1f}', "\u{fffd}")).collect();
        let (fields, tags) = (fields.join("\u{1f}"), tags.join(" "));
        let decks = HashMap::from([(0, folder.to_owned())]);
        let source = Source { fields: &fields, tags: &tags, cards: &cards, decks: &decks };
        let made = make(&source, kind, &mut self.media, &mut self.work_left);
        (self.work_left > 0).then_some(made)
    }
}
