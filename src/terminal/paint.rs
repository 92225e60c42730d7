//! The one gate to the outside: styled lines become bytes here and nowhere else.
//!
//! Every span passes through [`visible`], so no foreign text can speak to the terminal; colours are added after it.
//! Where the locale is not UTF-8, characters become their nearest ASCII.

use console::Style as Ansi;

use crate::text::{Line, Style, visible};

/// How lines become bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Paint {
    /// Whether to use colours and weights.
    pub colours: bool,
    /// Whether only ASCII may be written.
    pub ascii: bool,
}

impl Paint {
    /// The bytes of a line, without a line feed.
    pub fn line(&self, line: &Line) -> String {
        line.spans.iter().map(|span| self.span(span.style, &span.text)).collect()
    }

    /// The bytes of lines, each with a line feed.
    pub fn lines<'a>(&self, lines: impl IntoIterator<Item = &'a Line>) -> String {
        lines.into_iter().map(|line| self.line(line) + "\n").collect()
    }

    fn span(&self, style: Style, text: &str) -> String {
        let text = visible(text);
        let text = if self.ascii { ascii(&text) } else { text.into_owned() };
        if !self.colours {
            return text;
        }
        // Only the sixteen colours of the terminal's own palette, and neither black nor white: what reads on a light
        // background reads on a dark one.
        let ansi = Ansi::new().force_styling(true);
        let ansi = match style {
            Style::Plain => return text,
            Style::Strong => ansi.bold(),
            Style::Faint | Style::Comment => ansi.dim(),
            Style::Accent => ansi.bold().cyan(),
            Style::Emphasis => ansi.italic(),
            Style::Code => ansi.cyan(),
            Style::Good => ansi.green(),
            Style::Bad => ansi.red(),
            Style::Warn => ansi.yellow(),
            Style::Link => ansi.dim().underlined(),
            Style::Keyword => ansi.magenta(),
            Style::Quoted => ansi.green(),
            Style::Number => ansi.yellow(),
        };
        // A line feed within a style would leave the rest of the line coloured on some terminals.
        text.split('\n')
            .map(|part| if part.is_empty() { String::new() } else { ansi.apply_to(part).to_string() })
            .collect::<Vec<_>>()
            .join("\n")
    }
}

/// The nearest ASCII of a text: marks of our own by their meaning, letters without their accents, others as `?`.
fn ascii(text: &str) -> String {
    use unicode_normalization::UnicodeNormalization as _;
    let mut out = String::with_capacity(text.len());
    for character in text.chars() {
        match character {
            character if character.is_ascii() => out.push(character),
            '\u{a0}' | '\u{202f}' => out.push(' '),
            '━' | '█' => out.push('#'),
            '╌' | '–' | '—' | '‐' | '‑' | '−' | '─' | '·' | '•' => out.push('-'),
            '▸' | '→' => out.push('>'),
            '✓' => out.push('+'),
            '✗' | '×' => out.push('x'),
            '≈' | '~' => out.push('~'),
            '↓' => out.push('v'),
            '↑' => out.push('^'),
            '│' => out.push('|'),
            '⏎' => out.push('*'),
            '…' => out.push_str("..."),
            '“' | '”' | '„' => out.push('"'),
            '‘' | '’' => out.push('\''),
            '≥' => out.push_str(">="),
            '≤' => out.push_str("<="),
            '▁' => out.push('_'),
            '▂' | '▃' => out.push('.'),
            '▄' | '▅' => out.push('o'),
            '▆' | '▇' => out.push('O'),
            character => {
                let base = std::iter::once(character).nfd().next().filter(char::is_ascii);
                out.push(base.unwrap_or('?'));
            }
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn colours_are_ours_and_foreign_ones_are_shown() {
        let line = Line::plain("a ").with(Style::Good, "b\u{1b}[31m\nc");
        let paint = Paint { colours: true, ascii: false };
        assert_eq!(paint.line(&line), "a \u{1b}[32mb␛[31m\u{1b}[0m\n\u{1b}[32mc\u{1b}[0m");
        assert_eq!(Paint { colours: false, ..paint }.line(&line), "a b␛[31m\nc");
    }

    #[test]
    fn without_utf8_everything_is_ascii() {
        let line = Line::plain("▸ Räksmörgås · ━╌ ✓ ✗ … “x” 日 \u{202e}");
        let text = Paint { colours: false, ascii: true }.line(&line);
        assert_eq!(text, "> Raksmorgas - #- + x ... \"x\" ? ?U+202E?");
        assert!(text.is_ascii());
    }
}
