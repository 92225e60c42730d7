select card.note, card.ordinal, coalesce(note.local, note.base) as content, deck.key as deck, deck.title as deck_title,
       card.scope, card.interval, card.ease, card.repetitions, card.due, card.lapses,
       card.stability, card.difficulty, card.first_day, card.last_day, card.recalled_day,
       card.suspended, card.retired
from card join note on note.id = card.note join deck on deck.id = note.deck
where card.id = ?1
