//! Markdown of plugg to the HTML of an Anki field.
//!
//! Only [`super::write`] may call it. It hides what Anki reads as its own in a field (sounds, LaTeX, pictures) and keeps
//! foreign text from becoming any of it. Raw HTML of the Markdown is shown as text and never passed through; of links,
//! those to the web and to mail stay links. A single line break shows as one, as in the terminal.

use pulldown_cmark::{CowStr, Event, Options, Parser, Tag, TagEnd, TextMergeStream};

use crate::card::{GAP, shallow};
use crate::deck::html::media_name;

/// What Anki replaces in a field wherever it stands, even within code.
const ANKI_TAGS: [&str; 8] = ["[sound:", "[anki:", "[latex]", "[/latex]", "[$]", "[/$]", "[$$]", "[/$$]"];
/// Math as Anki knows it: what it begins and ends with.
const MATH: [(&str, &str); 5] =
    [("\\(", "\\)"), ("\\[", "\\]"), ("[latex]", "[/latex]"), ("[$$]", "[/$$]"), ("[$]", "[/$]")];

/// Turns Markdown into HTML; one paragraph alone comes without its tag. With `math`, inline code that is nothing but
/// math becomes math again: that is how the reader of packages keeps it.
pub(super) fn html(markdown: &str, math: bool) -> String {
    let markdown = shallow(markdown);
    let parser = Parser::new_ext(&markdown, Options::ENABLE_TABLES | Options::ENABLE_STRIKETHROUGH);
    let mut writer = Writer { math, ..Writer::default() };
    for event in TextMergeStream::new(parser) {
        writer.take(event);
    }
    let mut out = String::with_capacity(markdown.len() * 5 / 4);
    pulldown_cmark::html::push_html(&mut out, writer.events.into_iter());
    out.truncate(out.trim_end().len());
    match out.strip_prefix("<p>").and_then(|out| out.strip_suffix("</p>")) {
        Some(alone) if !alone.contains("<p>") => alone.to_owned(),
        _ => out,
    }
}

/// Escapes plain text, and breaks up what Anki would take for a tag of its own.
pub(super) fn literal(text: &str) -> String {
    let mut out = escape(text);
    if out.contains('[') {
        for tag in ANKI_TAGS {
            out = out.replace(tag, &format!("&#91;{}", &tag[1..]));
        }
    }
    out
}

/// A link to the web or to mail, or the text alone.
pub(super) fn link(target: &str) -> String {
    let text = literal(target);
    if is_link(target) { format!("<a href=\"{text}\">{text}</a>") } else { text }
}

/// Escapes what HTML reads as its own. Control characters, among them Anki's separator of fields, become U+FFFD.
fn escape(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\n' | '\t' => out.push(c),
            c if c.is_control() => out.push(char::REPLACEMENT_CHARACTER),
            c => out.push(c),
        }
    }
    out
}

fn is_web(target: &str) -> bool {
    ["https://", "http://"]
        .iter()
        .any(|scheme| target.get(..scheme.len()).is_some_and(|start| start.eq_ignore_ascii_case(scheme)))
}

fn is_link(target: &str) -> bool {
    is_web(target) || target.starts_with("mailto:")
}

fn is_math(code: &str) -> bool {
    MATH.iter().any(|(start, end)| {
        let inner = code.strip_prefix(start).and_then(|rest| rest.strip_suffix(end));
        inner.is_some_and(|inner| !inner.contains(end) && ANKI_TAGS.iter().all(|tag| !inner.contains(tag)))
    })
}

/// A picture or a link whose end has not come yet.
struct Open {
    target: String,
    /// Its text without any style.
    label: String,
    /// The place of its opening tag among the events.
    place: usize,
    /// Pictures within a picture's text.
    inner: usize,
}

#[derive(Default)]
struct Writer<'e> {
    events: Vec<Event<'e>>,
    picture: Option<Open>,
    link: Option<Open>,
    math: bool,
}

impl<'e> Writer<'e> {
    fn put(&mut self, html: String) {
        self.events.push(Event::InlineHtml(CowStr::from(html)));
    }

    fn open(&mut self, target: &str) -> Open {
        Open { target: target.to_owned(), label: String::new(), place: self.events.len(), inner: 0 }
    }

    fn take(&mut self, event: Event<'e>) {
        if self.picture.is_some() {
            return self.take_in_picture(&event);
        }
        if let (Some(link), Event::Text(text) | Event::Code(text)) = (&mut self.link, &event) {
            link.label.push_str(text);
        }
        match event {
            Event::Start(Tag::Image { dest_url, .. }) => self.picture = Some(self.open(&dest_url)),
            Event::Start(Tag::Link { dest_url, .. }) => {
                self.link = Some(self.open(&dest_url));
                self.put(String::new());
            }
            Event::End(TagEnd::Link) => self.end_link(),
            Event::Text(text) => self.put(literal(&text)),
            Event::Code(code) if self.math && is_math(&code) => self.put(escape(&code)),
            Event::Code(code) => self.put(format!("<code>{}</code>", literal(&code))),
            Event::Html(html) | Event::InlineHtml(html) => self.put(literal(&html).replace('\n', "<br />\n")),
            Event::Start(Tag::HtmlBlock) => self.events.push(Event::Start(Tag::Paragraph)),
            Event::End(TagEnd::HtmlBlock) => self.events.push(Event::End(TagEnd::Paragraph)),
            Event::SoftBreak => self.events.push(Event::HardBreak),
            event => self.events.push(event),
        }
    }

    fn take_in_picture(&mut self, event: &Event<'_>) {
        let Some(picture) = &mut self.picture else { return };
        match event {
            Event::Text(text) | Event::Code(text) | Event::InlineHtml(text) => picture.label.push_str(text),
            Event::SoftBreak | Event::HardBreak => picture.label.push(' '),
            Event::Start(Tag::Image { .. }) => picture.inner += 1,
            Event::End(TagEnd::Image) if picture.inner > 0 => picture.inner -= 1,
            Event::End(TagEnd::Image) => {
                let Some(Open { target, label, .. }) = self.picture.take() else { return };
                // A gap within an attribute would end it.
                let label = label.replace(GAP, "…");
                if is_web(&target) {
                    self.put(format!("<img src=\"{}\" alt=\"{}\" />", literal(&target), literal(&label)));
                } else if let Some(name) = media_name(&target) {
                    // As it is: Anki's import looks for the file under the very name that stands here.
                    let name = escape(&name);
                    let alt = if label.is_empty() { String::new() } else { format!(" alt=\"{}\"", literal(&label)) };
                    self.put(format!("<img src=\"{name}\"{alt} />"));
                } else {
                    self.put(literal(&label));
                }
            }
            _ => {}
        }
    }

    fn end_link(&mut self) {
        let Some(Open { target, label, place, .. }) = self.link.take() else { return };
        match media_name(&target) {
            Some(name) if label == format!("sound: {target}") => {
                self.events.truncate(place);
                self.put(format!("[sound:{}]", escape(&name)));
            }
            _ if is_link(&target) && !target.contains(GAP) => {
                if let Some(start) = self.events.get_mut(place) {
                    *start = Event::InlineHtml(CowStr::from(format!("<a href=\"{}\">", literal(&target))));
                }
                self.put(String::from("</a>"));
            }
            _ => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn markdown_becomes_what_anki_shows() {
        let cases = [
            ("plain", "plain"),
            ("a\nb\\\nc", "a<br />\nb<br />\nc"),
            ("one\n\ntwo", "<p>one</p>\n<p>two</p>"),
            ("`a < b` & **c**", "<code>a &lt; b</code> &amp; <strong>c</strong>"),
            ("```sh\nls \"x\"\n```", "<pre><code class=\"language-sh\">ls &quot;x&quot;\n</code></pre>"),
            ("- a\n- b", "<ul>\n<li>a</li>\n<li>b</li>\n</ul>"),
            ("![a \"b\"](<x 100% y.png>)", "<img src=\"x 100% y.png\" alt=\"a &quot;b&quot;\" />"),
            ("[sound: b c.mp3](<b c.mp3>)", "[sound:b c.mp3]"),
            ("<https://example.org/?a&b>", "<a href=\"https://example.org/?a&amp;b\">https://example.org/?a&amp;b</a>"),
            ("`\\(a < b\\)`", "\\(a &lt; b\\)"),
            ("`{{…}} x`", "<code>{{…}} x</code>"),
        ];
        for (markdown, expected) in cases {
            assert_eq!(html(markdown, true), expected, "{markdown}");
        }
        assert_eq!(html("`\\(a\\)`", false), "<code>\\(a\\)</code>");
    }

    #[test]
    fn foreign_text_stays_text() {
        let cases = [
            ("a <script>x()</script> b", "a &lt;script&gt;x()&lt;/script&gt; b"),
            ("<div onclick=x>\ny\n</div>", "&lt;div onclick=x&gt;<br />\ny<br />\n&lt;/div&gt;"),
            ("[x](javascript:alert(1))", "x"),
            ("[x](<https://a\"b>)", "<a href=\"https://a&quot;b\">x</a>"),
            ("![x](../../a.png)", "x"),
            ("![\" onerror=\"x](a.png)", "<img src=\"a.png\" alt=\"&quot; onerror=&quot;x\" />"),
            ("\\[sound:x.mp3] `[latex]`", "&#91;sound:x.mp3] <code>&#91;latex]</code>"),
            (
                "`[latex]\\input{x}[/latex][latex]y[/latex]`",
                "<code>&#91;latex]\\input{x}&#91;/latex]&#91;latex]y&#91;/latex]</code>",
            ),
            ("a\u{1f}b\u{1b}", "a\u{fffd}b\u{fffd}"),
        ];
        for (markdown, expected) in cases {
            assert_eq!(html(markdown, true).trim_end_matches("<br />"), expected, "{markdown}");
        }
    }
}
