//! Running text, broken into lines of a given width.
//!
//! Hides where a line may break and how wide text is. Everything in this room that shows prose may use it. It measures
//! and breaks what the writer will show ([`visible`]), so that no line grows after it was measured.

use unicode_width::{UnicodeWidthChar, UnicodeWidthStr};

use crate::text::{Line, Style, visible};

/// Running text in pieces of one style each.
#[derive(Debug, Clone, Default)]
pub struct Flow {
    pieces: Vec<Piece>,
}

#[derive(Debug, Clone)]
enum Piece {
    /// Broken at its blanks, of which a run counts as one.
    Text(Style, String),
    /// Broken only where it is wider than the line; its blanks stay.
    Solid(Style, String),
    /// A line ends here.
    Break,
}

/// What can not be broken, unless it is wider than the line.
#[derive(Default)]
struct Word {
    /// The style of the blank before it; `None` where a break is possible without one.
    blank: Option<Style>,
    spans: Vec<(Style, String)>,
    width: usize,
}

/// What a terminal shows in one place: a character with everything that combines with it.
struct Cell<'a> {
    style: Style,
    text: &'a str,
    width: usize,
}

impl Flow {
    /// Running text without anything in it.
    pub fn new() -> Flow {
        Flow::default()
    }

    /// Adds text; its line feeds end lines.
    pub fn text(&mut self, style: Style, text: &str) {
        match self.pieces.last_mut() {
            // In one piece, so that joiners see their neighbours.
            Some(Piece::Text(last, so_far)) if *last == style => so_far.push_str(text),
            _ => self.pieces.push(Piece::Text(style, text.to_owned())),
        }
    }

    /// Adds text that is to stay on one line.
    pub fn solid(&mut self, style: Style, text: &str) {
        self.pieces.push(Piece::Solid(style, text.replace(['\n', '\t'], " ")));
    }

    /// Ends the line.
    pub fn end_line(&mut self) {
        self.pieces.push(Piece::Break);
    }

    /// Adds all of another one.
    pub fn append(&mut self, other: &Flow) {
        self.pieces.extend(other.pieces.iter().cloned());
    }

    /// Whether nothing was added to it.
    pub fn is_empty(&self) -> bool {
        self.pieces.is_empty()
    }

    /// The columns of its longest line when nothing is broken.
    pub fn widest_line(&self) -> usize {
        let width = |row: &Vec<Word>| {
            row.iter()
                .enumerate()
                .map(|(index, word)| word.width + usize::from(index > 0 && word.blank.is_some()))
                .sum()
        };
        self.rows().iter().map(width).max().unwrap_or(0)
    }

    /// The columns of its longest word.
    pub fn widest_word(&self) -> usize {
        self.rows().iter().flatten().map(|word| word.width).max().unwrap_or(0)
    }

    /// Breaks it into lines of at most `width` columns (at least 1). Only a character that is itself wider than that
    /// sticks out. Empty lines at the end are left out.
    pub fn lines(&self, width: usize) -> Vec<Line> {
        let mut lines = Vec::new();
        for row in self.rows() {
            let mut line = Line::new();
            let mut used = 0;
            for word in row {
                let blank = word.blank.filter(|_| !line.spans.is_empty());
                if !line.spans.is_empty() && used + usize::from(blank.is_some()) + word.width > width {
                    lines.push(std::mem::take(&mut line));
                    used = 0;
                } else if let Some(style) = blank {
                    extend(&mut line, style, " ");
                    used += 1;
                }
                if word.width <= width {
                    word.spans.iter().for_each(|(style, text)| extend(&mut line, *style, text));
                    used += word.width;
                } else {
                    let mut parts = word.broken(width);
                    line = parts.pop().unwrap_or_default();
                    used = line.width();
                    lines.append(&mut parts);
                }
            }
            lines.push(line);
        }
        while lines.last().is_some_and(|line| line.spans.is_empty()) {
            lines.pop();
        }
        lines
    }

    /// The words of each line.
    fn rows(&self) -> Vec<Vec<Word>> {
        let mut rows = vec![Vec::new()];
        // A word is open as long as no blank came: pieces of several styles make one word.
        let (mut open, mut blank) = (false, None);
        for piece in &self.pieces {
            let (style, text, solid) = match piece {
                Piece::Text(style, text) => (*style, text, false),
                Piece::Solid(style, text) => (*style, text, true),
                Piece::Break => {
                    rows.push(Vec::new());
                    (open, blank) = (false, None);
                    continue;
                }
            };
            for cell in cells(style, &visible(text)) {
                if cell.text == "\n" && !solid {
                    rows.push(Vec::new());
                    (open, blank) = (false, None);
                } else if is_blank(cell.text) && !solid {
                    (open, blank) = (false, Some(style));
                } else if let Some(row) = rows.last_mut() {
                    let between_wide = !solid && cell.width > 1 && row.last().is_some_and(Word::ends_wide);
                    if !open || between_wide {
                        row.push(Word { blank: blank.take(), ..Word::default() });
                    }
                    if let Some(word) = row.last_mut() {
                        word.push(&cell);
                    }
                    open = true;
                }
            }
        }
        rows
    }
}

impl Word {
    fn push(&mut self, cell: &Cell) {
        self.width += cell.width;
        match self.spans.last_mut() {
            Some((style, text)) if *style == cell.style => text.push_str(cell.text),
            _ => self.spans.push((cell.style, cell.text.to_owned())),
        }
    }

    /// Chinese and Japanese have no blanks: a line may break between any two wide characters.
    fn ends_wide(&self) -> bool {
        let last = self.spans.last().and_then(|(_, text)| text.chars().next_back());
        last.is_some_and(|character| character.width() == Some(2))
    }

    /// Breaks a word that is wider than the line: at a blank if it has one there, else at the width.
    fn broken(&self, width: usize) -> Vec<Line> {
        let cells: Vec<Cell> = self.spans.iter().flat_map(|(style, text)| cells(*style, text)).collect();
        let mut rest = cells.as_slice();
        let mut lines = Vec::new();
        while !rest.is_empty() {
            let fit = fitting(rest, width);
            let at_blank = rest.get(..=fit).and_then(|cells| cells.iter().rposition(|cell| cell.text == " "));
            let (part, after) = match at_blank.filter(|&index| index > 0) {
                Some(index) => (&rest[..index], &rest[index + 1..]),
                None => rest.split_at(fit),
            };
            lines.push(line_of(part));
            rest = after;
        }
        lines
    }
}

/// How many of the cells fit into the width; at least one, so that every loop ends.
fn fitting(cells: &[Cell], width: usize) -> usize {
    let mut used = 0;
    let fit = cells.iter().take_while(|cell| {
        used += cell.width;
        used <= width
    });
    fit.count().max(1)
}

fn line_of(cells: &[Cell]) -> Line {
    let mut line = Line::new();
    cells.iter().for_each(|cell| extend(&mut line, cell.style, cell.text));
    line
}

/// Adds text to the last span if it has this style, else as a new one.
pub fn extend(line: &mut Line, style: Style, text: &str) {
    match line.spans.last_mut() {
        Some(span) if span.style == style => span.text.push_str(text),
        _ => line.push(style, text),
    }
}

/// Cuts a line of code into rows of at most `width` columns, the rows after the first of at most `further` columns.
/// `styles` says from which byte on which style holds; tabs go to the next multiple of `tab` columns.
pub fn cut(code: &str, styles: &[(usize, Style)], width: usize, further: usize, tab: usize) -> Vec<Line> {
    let blanks = " ".repeat(tab);
    let mut row = Vec::new();
    let (mut offset, mut column) = (0, 0);
    for mut cell in cells(Style::Code, code) {
        // The style of a cell is that of its first byte: a change within it must not tear it apart.
        let style = styles.iter().rev().find(|(start, _)| *start <= offset);
        cell.style = style.map_or(Style::Code, |(_, style)| *style);
        offset += cell.text.len();
        if cell.text == "\t" {
            let stop = tab - column % tab;
            row.extend(
                (0..stop)
                    .filter_map(|index| Some(Cell { style: cell.style, text: blanks.get(index..=index)?, width: 1 })),
            );
            column += stop;
        } else {
            column += cell.width;
            row.push(cell);
        }
    }
    let mut rest = row.as_slice();
    let mut lines = Vec::new();
    while !rest.is_empty() {
        let (part, after) = rest.split_at(fitting(rest, if lines.is_empty() { width } else { further }));
        lines.push(line_of(part));
        rest = after;
    }
    if lines.is_empty() { vec![Line::new()] } else { lines }
}

/// Blanks at which a line may break: all but the no-break ones.
fn is_blank(text: &str) -> bool {
    text.chars().all(|character| character.is_whitespace() && !matches!(character, '\u{a0}' | '\u{2007}' | '\u{202f}'))
}

/// Parts visible text into what takes one place on the screen.
fn cells(style: Style, text: &str) -> impl Iterator<Item = Cell<'_>> {
    let mut rest = text;
    std::iter::from_fn(move || {
        let mut characters = rest.char_indices();
        let (_, mut last) = characters.next()?;
        let end = characters.find(|&(_, character)| {
            let apart = matches!(last, '\n' | '\t');
            let combines = !apart && (last == '\u{200d}' || character.width() == Some(0));
            last = character;
            !combines
        });
        let (text, after) = rest.split_at(end.map_or(rest.len(), |(index, _)| index));
        rest = after;
        Some(Cell { style, text, width: text.width() })
    })
}
