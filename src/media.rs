//! Pictures and sounds: which of them a card's text names, and what kind of file one is.
//!
//! Pure: text and bytes in, names and kinds out. A file is judged by its content alone, never by the name that a
//! foreign package gave it, and it never opens one.

use pulldown_cmark::{Event, Parser, Tag};

/// A picture or sound as a text names it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Named {
    /// Its name, which is foreign text: to be compared and shown, never to be a path.
    pub name: String,
    /// Whether it stands there as a picture; else as a link, like a sound.
    pub picture: bool,
}

/// The names that a card's Markdown refers to, in its order, each once. Addresses and paths are no names; whether there
/// is such a file only the deck knows.
pub fn names(markdown: &str) -> Vec<Named> {
    let mut found: Vec<Named> = Vec::new();
    // Nearly every card names none: no look inside then.
    if !markdown.contains('[') {
        return found;
    }
    for event in Parser::new(markdown) {
        let (name, picture) = match event {
            Event::Start(Tag::Image { dest_url, .. }) => (dest_url.into_string(), true),
            Event::Start(Tag::Link { dest_url, .. }) => (dest_url.into_string(), false),
            _ => continue,
        };
        if !name.is_empty() && !name.contains(['/', '\\']) && found.iter().all(|known| known.name != name) {
            found.push(Named { name, picture });
        }
    }
    found
}

/// How many bytes of a file [`extension`] looks at.
pub const HEAD: usize = 64;

/// The usual ending for a file that begins with these bytes (64 are enough): a picture, a sound or a film of a common
/// kind; `None` for all else. What can hold a program for whoever opens it (SVG, HTML, scripts, documents) is not among
/// them.
pub fn extension(head: &[u8]) -> Option<&'static str> {
    let at = |offset: usize, sign: &[u8]| head.get(offset..).is_some_and(|rest| rest.starts_with(sign));
    // The signatures are those of the formats' own specifications.
    let simple: &[(&[u8], &str)] = &[
        (b"\x89PNG\r\n\x1a\n", "png"),
        (b"\xff\xd8\xff", "jpg"),
        (b"GIF87a", "gif"),
        (b"GIF89a", "gif"),
        (b"II*\0", "tiff"),
        (b"MM\0*", "tiff"),
        (b"ID3", "mp3"),
        (b"OggS", "ogg"),
        (b"fLaC", "flac"),
    ];
    if let Some((_, extension)) = simple.iter().find(|(sign, _)| head.starts_with(sign)) {
        return Some(extension);
    }
    // Resource Interchange File Format: the form stands behind the length.
    if at(0, b"RIFF") {
        let forms: &[(&[u8], &str)] = &[(b"WEBP", "webp"), (b"WAVE", "wav"), (b"AVI ", "avi")];
        return forms.iter().find(|(form, _)| at(8, form)).map(|(_, extension)| *extension);
    }
    if at(0, b"FORM") && (at(8, b"AIFF") || at(8, b"AIFC")) {
        return Some("aiff");
    }
    // A Windows bitmap: its reserved fields are zero and its header has one of few lengths.
    if at(0, b"BM") && at(6, &[0; 4]) && head.get(14).is_some_and(|length| [12, 40, 52, 56, 108, 124].contains(length))
    {
        return Some("bmp");
    }
    // ISO base media: the brand tells what it is for.
    if at(4, b"ftyp") {
        let brands: &[(&[u8], &str)] = &[
            (b"M4A", "m4a"),
            (b"M4B", "m4a"),
            (b"avi", "avif"),
            (b"hei", "heic"),
            (b"hev", "heic"),
            (b"mif1", "heic"),
            (b"qt  ", "mov"),
            (b"3g", "3gp"),
        ];
        return Some(brands.iter().find(|(brand, _)| at(8, brand)).map_or("mp4", |(_, extension)| extension));
    }
    // Matroska; WebM is the part of it for browsers.
    if at(0, b"\x1a\x45\xdf\xa3") {
        return Some(if head.windows(4).any(|part| part == b"webm") { "webm" } else { "mkv" });
    }
    // A frame of MPEG audio: eleven set bits, a version and a layer that there are, then a rate that there is.
    if let [0xff, second, third, ..] = head
        && second & 0xe0 == 0xe0
        && third & 0xf0 != 0xf0
    {
        let (version, layer) = (second >> 3 & 3, second >> 1 & 3);
        return match (version, layer) {
            // ADTS has the layer 0 and twelve set bits.
            (2 | 3, 0) => Some("aac"),
            (0 | 2 | 3, 1) => Some("mp3"),
            _ => None,
        };
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_stand_in_pictures_and_links() {
        let cases: &[(&str, &[(&str, bool)])] = &[
            ("no media, only `![code](a.png)`", &[]),
            ("![a cat](cat.png) and [sound: b.mp3](b.mp3)", &[("cat.png", true), ("b.mp3", false)]),
            (
                "![](<m\u{e5}ne 1.png>) ![](<a\\_b.png>) ![](cat.png) ![](cat.png)",
                &[("m\u{e5}ne 1.png", true), ("a_b.png", true), ("cat.png", true)],
            ),
            ("[site](https://example.org/a.png) ![](../../etc/passwd) ![](..\\\\x) ![]()", &[]),
        ];
        for (markdown, expected) in cases {
            let found = names(markdown);
            let found: Vec<_> = found.iter().map(|named| (named.name.as_str(), named.picture)).collect();
            assert_eq!(&found, expected, "{markdown}");
        }
    }

    #[test]
    fn a_file_is_what_its_content_says() {
        let cases: &[(&[u8], Option<&str>)] = &[
            (b"\x89PNG\r\n\x1a\n....", Some("png")),
            (b"\xff\xd8\xff\xe0..JFIF", Some("jpg")),
            (b"GIF89a....", Some("gif")),
            (b"RIFF\0\0\0\0WEBPVP8 ", Some("webp")),
            (b"RIFF\0\0\0\0WAVEfmt ", Some("wav")),
            (b"RIFF\0\0\0\0ACON", None),
            (b"BM\x46\0\0\0\0\0\0\0\x36\0\0\0\x28\0\0\0", Some("bmp")),
            (b"BMXX a text that begins like a bitmap", None),
            (b"ID3\x04\0", Some("mp3")),
            (b"\xff\xfb\x90\x64", Some("mp3")),
            (b"\xff\xf3\x44\xc4", Some("mp3")),
            (b"\xff\xf1\x50\x80", Some("aac")),
            (b"\xff\xfe<\0h\0t\0m\0l\0", None),
            (b"OggS\0", Some("ogg")),
            (b"fLaC\0", Some("flac")),
            (b"\0\0\0\x20ftypM4A \0", Some("m4a")),
            (b"\0\0\0\x20ftypisom\0", Some("mp4")),
            (b"\0\0\0\x20ftypavif\0", Some("avif")),
            (b"\x1a\x45\xdf\xa3\x9f\x42\x86\x81\x01\x42\x82\x84webm", Some("webm")),
            (b"<svg xmlns=\"http://www.w3.org/2000/svg\">", None),
            (b"<!DOCTYPE html>", None),
            (b"#!/bin/sh\n", None),
            (b"[Desktop Entry]\n", None),
            (b"%PDF-1.7", None),
            (b"MZ\x90\0", None),
            (b"\x7fELF", None),
            (b"\xff", None),
            (b"", None),
        ];
        for (head, expected) in cases {
            assert_eq!(extension(head), *expected, "{:?}", String::from_utf8_lossy(head));
        }
    }

    proptest::proptest! {
        #[test]
        fn nothing_is_too_odd_to_be_judged(head: Vec<u8>, text: String) {
            let _ = extension(&head);
            let _ = names(&text);
        }
    }
}
