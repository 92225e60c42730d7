//! Reading ahead: a package is taken apart on one thread while its parts are taken in on another.
//!
//! Only `anki` may call it. It hides the thread and the bound on what may wait between the two: memory does not grow with
//! the package. Parts arrive in their order; the first fault, of either side, ends both.

use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::thread;

use super::Item;
use crate::error::{Error, Result};

/// Parts that are handed over together at most: the two threads wake each other for a heap, not for each note.
const PARTS: usize = 64;
/// Text and media that are handed over together, in bytes, before they go on their way.
const BYTES: usize = 1 << 20;

/// Runs `read` on a thread of its own and hands to `take`, on this one, what it hands over.
///
/// # Errors
/// What `take` returns, else what `read` does.
pub(super) fn ahead<T: Send>(
    read: impl FnOnce(&mut dyn FnMut(Item) -> Result<()>) -> Result<T> + Send,
    mut take: impl FnMut(Item) -> Result<()>,
) -> Result<T> {
    thread::scope(|scope| {
        let (sender, receiver) = sync_channel(1);
        let reader = scope.spawn(move || {
            let mut heap = Heap { sender, parts: Vec::new(), bytes: 0 };
            let rest = read(&mut |item| heap.add(item))?;
            heap.send()?;
            Ok(rest)
        });
        let taken = drain(receiver, &mut take);
        let rest = reader.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic));
        taken.and(rest)
    })
}

/// Takes the heaps until there are no more. At a fault the receiver is dropped, which ends the reader, too.
fn drain(receiver: Receiver<Vec<Item>>, take: &mut impl FnMut(Item) -> Result<()>) -> Result<()> {
    receiver.into_iter().flatten().try_for_each(take)
}

/// Parts that wait to be handed over.
struct Heap {
    sender: SyncSender<Vec<Item>>,
    parts: Vec<Item>,
    bytes: usize,
}

impl Heap {
    fn add(&mut self, item: Item) -> Result<()> {
        self.bytes += size(&item);
        self.parts.push(item);
        if self.parts.len() >= PARTS || self.bytes >= BYTES { self.send() } else { Ok(()) }
    }

    fn send(&mut self) -> Result<()> {
        self.bytes = 0;
        // The caller sees its own fault, never this one.
        self.sender
            .send(std::mem::take(&mut self.parts))
            .map_err(|_| Error::internal("reading ended because its parts were no longer taken"))
    }
}

/// About the bytes of a part.
fn size(item: &Item) -> usize {
    match item {
        Item::Deck(_) | Item::Review(_) => 100,
        Item::Note(note) => {
            let face = |face: &crate::card::Face| face.front.len() + face.back.iter().map(String::len).sum::<usize>();
            note.explanation.len() + note.faces.iter().map(face).sum::<usize>()
        }
        Item::Media(media) => media.content.len(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::deck::Media;

    fn media(name: &str, size: usize) -> Item {
        Item::Media(Media { name: name.to_owned(), content: vec![0; size] })
    }

    #[test]
    fn parts_arrive_whole_and_in_order() {
        for (count, size) in [(0, 0), (1, 0), (64, 1), (1000, 10), (5, BYTES), (200, BYTES / 100)] {
            let mut arrived = Vec::new();
            let rest = ahead(
                |hand_over| {
                    (0..count).try_for_each(|index| hand_over(media(&index.to_string(), size)))?;
                    Ok("the rest")
                },
                |item| {
                    arrived.push(item);
                    Ok(())
                },
            );
            assert_eq!(rest.unwrap(), "the rest");
            let expected: Vec<Item> = (0..count).map(|index| media(&index.to_string(), size)).collect();
            assert!(arrived == expected, "{count} parts of {size} bytes");
        }
    }

    #[test]
    fn the_first_fault_of_either_side_ends_both() {
        let mut taken = 0;
        let endless = ahead(
            |hand_over| -> Result<()> {
                loop {
                    hand_over(media("again", 1))?;
                }
            },
            |_| {
                taken += 1;
                if taken < 100 { Ok(()) } else { Err(Error::data("the disk is full")) }
            },
        );
        assert_eq!((endless.unwrap_err().message.as_str(), taken), ("the disk is full", 100));
        let mut taken = 0;
        let damaged: Result<()> = ahead(
            |hand_over| {
                hand_over(media("one", 1))?;
                Err(Error::data("damaged"))
            },
            |_| {
                taken += 1;
                Ok(())
            },
        );
        assert_eq!(damaged.unwrap_err().message, "damaged");
        assert!(taken <= 1);
    }
}
