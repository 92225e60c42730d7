//! Pictures on terminals that can show them: foreign bytes in, a terminal's own protocol out.
//!
//! Hides the crate `image` and the three protocols. The player at a terminal calls it; it reads no environment and asks
//! the terminal nothing, since an answer would come among the keys. No byte of a foreign file is ever sent: a picture is
//! decoded within limits, scaled, and encoded anew. What cannot be decoded is no picture, and its name has to do.

use std::fmt::Write as _;
use std::io::Cursor;
use std::path::Path;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use color_quant::NeuQuant;
use image::codecs::png::PngEncoder;
use image::metadata::Orientation;
use image::{
    ColorType, ExtendedColorType, ImageDecoder as _, ImageEncoder as _, ImageReader, Limits, Rgba, RgbaImage, imageops,
};

/// A larger file is not looked at: bytes.
const LARGEST_FILE: u64 = 32 * 1024 * 1024;
/// A longer side is not decoded: pixels.
const LONGEST_SIDE: u32 = 16_384;
/// What decoding may take: bytes.
const MEMORY: u64 = 160 * 1024 * 1024;
/// What a sixel picture has of colours.
const COLOURS: usize = 256;
/// Bytes of one part of a picture in kitty's protocol, as it asks for.
const PART: usize = 4096;

/// How a terminal takes pictures.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Protocol {
    /// <https://sw.kovidgoyal.net/kitty/graphics-protocol/>
    Kitty,
    /// <https://iterm2.com/documentation-images.html>
    Iterm2,
    /// DEC's, <https://vt100.net/docs/vt3xx-gp/chapter14.html>
    Sixel,
}

/// The place that a picture may take, and what a place on the terminal measures.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Room {
    /// At most this many columns.
    pub columns: usize,
    /// At most this many rows.
    pub rows: usize,
    /// Width and height of one character in pixels.
    pub cell: (u32, u32),
}

/// A picture as a terminal takes it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Drawing {
    /// Rows that it takes.
    pub rows: usize,
    /// What is sent where the picture's upper left corner is to be; it may leave the cursor anywhere.
    pub sequence: String,
    /// What takes it off the screen again, where clearing the text does not.
    pub clearing: &'static str,
}

/// The protocol that the terminal is known to speak, told from the environment's variables; `None` where it is not
/// known, and within tmux and screen, which hand pictures on only when they are told to.
pub fn protocol(variable: impl Fn(&str) -> Option<String>) -> Option<Protocol> {
    let term = variable("TERM").unwrap_or_default();
    if variable("TMUX").is_some() || variable("STY").is_some() || term.starts_with("tmux") || term.starts_with("screen")
    {
        return None;
    }
    // `TERM` goes before the others: those are inherited by a terminal that was started from another one.
    match term.as_str() {
        "xterm-kitty" | "xterm-ghostty" => return Some(Protocol::Kitty),
        "wezterm" => return Some(Protocol::Iterm2),
        "foot" | "foot-extra" | "mlterm" | "mlterm-256color" | "contour" | "yaft-256color" => {
            return Some(Protocol::Sixel);
        }
        _ => {}
    }
    match variable("TERM_PROGRAM").as_deref() {
        Some("iTerm.app" | "WezTerm" | "rio" | "mintty") => return Some(Protocol::Iterm2),
        Some("ghostty") => return Some(Protocol::Kitty),
        // Another one, of which nothing is known; what follows may be its parent's.
        Some(_) => return None,
        None => {}
    }
    // Unlike `TERM_PROGRAM`, these come along over ssh.
    match variable("LC_TERMINAL").as_deref() {
        Some("iTerm2") => return Some(Protocol::Iterm2),
        Some(_) => return None,
        None => {}
    }
    // Konsole speaks kitty's protocol since 22.04, and says its version as 220400.
    let konsole = variable("KONSOLE_VERSION").and_then(|version| version.parse::<u32>().ok());
    if variable("KITTY_WINDOW_ID").is_some() || konsole.is_some_and(|version| version >= 220_400) {
        return Some(Protocol::Kitty);
    }
    // Windows Terminal, since 1.22.
    variable("WT_SESSION").map(|_| Protocol::Sixel)
}

/// Reads a file and draws it; `None` where that is no picture that can be shown in this room.
pub fn draw_file(path: &Path, protocol: Protocol, room: Room) -> Option<Drawing> {
    let small = std::fs::metadata(path).is_ok_and(|about| about.is_file() && about.len() <= LARGEST_FILE);
    draw(&std::fs::read(path).ok().filter(|_| small)?, protocol, room)
}

/// Draws a picture, never larger than it is; `None` where it cannot be decoded within the limits.
pub fn draw(content: &[u8], protocol: Protocol, room: Room) -> Option<Drawing> {
    let (columns, rows) = (u32::try_from(room.columns).ok()?, u32::try_from(room.rows).ok()?);
    let (wide, high) = (columns.checked_mul(room.cell.0)?, rows.checked_mul(room.cell.1)?);
    if wide == 0 || high == 0 || wide > LONGEST_SIDE || high > LONGEST_SIDE {
        return None;
    }
    let mut picture = decoded(content)?;
    // As the sides of the room allow, in whole numbers: the smaller of both scales, and never nothing.
    let (width, height) = picture.dimensions();
    if width > wide || height > high {
        let by_height = u64::from(width) * u64::from(high) / u64::from(height.max(1));
        let (width, height) = if by_height <= u64::from(wide) {
            (u32::try_from(by_height).unwrap_or(wide), high)
        } else {
            let by_width = u64::from(height) * u64::from(wide) / u64::from(width.max(1));
            (wide, u32::try_from(by_width).unwrap_or(high))
        };
        picture = imageops::thumbnail(&picture, width.max(1), height.max(1));
    }
    let (columns, rows) = (picture.width().div_ceil(room.cell.0), picture.height().div_ceil(room.cell.1));
    // It fills whole places, so that no terminal has to stretch it; what it does not cover stays as the terminal is.
    let mut canvas = RgbaImage::new(columns * room.cell.0, rows * room.cell.1);
    for (x, y, pixel) in picture.enumerate_pixels() {
        canvas.put_pixel(x, y, on_white(*pixel));
    }
    let (sequence, clearing) = match protocol {
        Protocol::Kitty => (kitty(&png(&canvas)?, columns, rows), "\u{1b}_Ga=d,d=A,q=2\u{1b}\\"),
        Protocol::Iterm2 => (iterm2(&png(&canvas)?, columns, rows), ""),
        Protocol::Sixel => (sixel(&canvas), ""),
    };
    Some(Drawing { rows: rows as usize, sequence, clearing })
}

/// Decodes a picture of one of the four formats, as it is to be seen. Not by way of the library's own type for pictures
/// of all kinds, which would bring the encoders of all formats and the conversion of colour spaces into the program.
fn decoded(content: &[u8]) -> Option<RgbaImage> {
    let decode = || {
        let mut limits = Limits::default();
        limits.max_image_width = Some(LONGEST_SIDE);
        limits.max_image_height = Some(LONGEST_SIDE);
        limits.max_alloc = Some(MEMORY);
        // The content tells the format; the name is the package's.
        let mut reader = ImageReader::new(Cursor::new(content)).with_guessed_format().ok()?;
        reader.limits(limits.clone());
        let mut decoder = reader.into_decoder().ok()?;
        let turned = decoder.orientation().ok()?;
        let (width, height) = decoder.dimensions();
        let colours = decoder.color_type();
        limits.reserve(decoder.total_bytes()).ok()?;
        limits.reserve(u64::from(width) * u64::from(height) * 4).ok()?;
        let mut bytes = vec![0; usize::try_from(decoder.total_bytes()).ok()?];
        decoder.read_image(&mut bytes).ok()?;
        let picture = RgbaImage::from_raw(width, height, rgba(bytes, colours)?)?;
        Some(upright(picture, turned))
    };
    // Four decoders of foreign bytes: should one have a fault, the session goes on without the picture.
    std::panic::catch_unwind(decode).ok().flatten()
}

/// Pixels of any of the formats' kinds as red, green, blue and opacity of eight bits each.
fn rgba(bytes: Vec<u8>, colours: ColorType) -> Option<Vec<u8>> {
    let samples = match colours {
        ColorType::Rgba8 => return Some(bytes),
        ColorType::L8 | ColorType::La8 | ColorType::Rgb8 => bytes,
        // The upper half of each, as the machine orders its bytes.
        ColorType::L16 | ColorType::La16 | ColorType::Rgb16 | ColorType::Rgba16 => {
            bytes.as_chunks().0.iter().map(|pair| (u16::from_ne_bytes(*pair) >> 8) as u8).collect()
        }
        _ => return None,
    };
    Some(match colours.channel_count() {
        1 => samples.iter().flat_map(|grey| [*grey, *grey, *grey, 255]).collect(),
        2 => samples.as_chunks().0.iter().flat_map(|[grey, opacity]| [*grey, *grey, *grey, *opacity]).collect(),
        3 => samples.as_chunks().0.iter().flat_map(|[red, green, blue]| [*red, *green, *blue, 255]).collect(),
        _ => samples,
    })
}

/// A photograph the way it was taken, as its camera noted.
fn upright(picture: RgbaImage, turned: Orientation) -> RgbaImage {
    use imageops::{flip_horizontal, flip_vertical, rotate90, rotate180, rotate270};
    match turned {
        Orientation::NoTransforms => picture,
        Orientation::Rotate90 => rotate90(&picture),
        Orientation::Rotate180 => rotate180(&picture),
        Orientation::Rotate270 => rotate270(&picture),
        Orientation::FlipHorizontal => flip_horizontal(&picture),
        Orientation::FlipVertical => flip_vertical(&picture),
        Orientation::Rotate90FlipH => flip_horizontal(&rotate90(&picture)),
        Orientation::Rotate270FlipH => flip_horizontal(&rotate270(&picture)),
    }
}

/// Drawings on a transparent ground are made for white paper; on a dark terminal their lines would not be seen.
fn on_white(Rgba([red, green, blue, alpha]): Rgba<u8>) -> Rgba<u8> {
    let over = |value: u8| {
        let mixed = u32::from(value) * u32::from(alpha) + 255 * (255 - u32::from(alpha));
        u8::try_from(mixed / 255).unwrap_or(255)
    };
    Rgba([over(red), over(green), over(blue), 255])
}

fn png(canvas: &RgbaImage) -> Option<Vec<u8>> {
    let mut out = Vec::new();
    let (width, height) = canvas.dimensions();
    PngEncoder::new(&mut out).write_image(canvas.as_raw(), width, height, ExtendedColorType::Rgba8).ok()?;
    Some(out)
}

fn kitty(png: &[u8], columns: u32, rows: u32) -> String {
    let text = BASE64.encode(png);
    let mut out = String::with_capacity(text.len() + text.len() / PART * 16 + 64);
    let mut rest = text.as_str();
    // Quiet (q=2): an answer of the terminal would be read as keys.
    let mut about = format!("a=T,f=100,q=2,C=1,c={columns},r={rows},");
    loop {
        let (part, after) = rest.split_at(rest.len().min(PART));
        let more = u8::from(!after.is_empty());
        // Writing to a string does not fail.
        let _ = write!(out, "\u{1b}_G{about}m={more};{part}\u{1b}\\");
        about = "q=2,".to_owned();
        rest = after;
        if rest.is_empty() {
            return out;
        }
    }
}

fn iterm2(png: &[u8], columns: u32, rows: u32) -> String {
    let about = format!("inline=1;size={};width={columns};height={rows};preserveAspectRatio=1", png.len());
    format!("\u{1b}]1337;File={about}:{}\u{7}", BASE64.encode(png))
}

/// Six rows of pixels are one band; in a band each colour has its own line of characters, one a column, whose lowest six
/// bits say which of the six pixels have it.
fn sixel(canvas: &RgbaImage) -> String {
    let (palette, indices) = palette(canvas);
    let (width, height) = canvas.dimensions();
    // The second parameter: what no colour covers stays as it is.
    let mut out = format!("\u{1b}P0;1q\"1;1;{width};{height}");
    for (number, colour) in palette.iter().enumerate() {
        let [red, green, blue] = colour.map(|value| (u32::from(value) * 100 + 127) / 255);
        let _ = write!(out, "#{number};2;{red};{green};{blue}");
    }
    let width = width as usize;
    for band in indices.chunks(width.max(1) * 6) {
        let mut lines: Vec<Option<Vec<u8>>> = vec![None; palette.len()];
        for (place, index) in band.iter().enumerate() {
            if let Some(line) = index.and_then(|index| lines.get_mut(usize::from(index))) {
                let line = line.get_or_insert_with(|| vec![0; width]);
                if let Some(bits) = line.get_mut(place % width) {
                    *bits |= 1 << (place / width);
                }
            }
        }
        for (number, line) in lines.iter().enumerate() {
            let Some(line) = line else { continue };
            let _ = write!(out, "#{number}");
            for run in line.chunk_by(|one, next| one == next) {
                let character = char::from(63 + run.first().copied().unwrap_or(0));
                match run.len() {
                    length @ 1..=3 => (0..length).for_each(|_| out.push(character)),
                    length => drop(write!(out, "!{length}{character}")),
                }
            }
            out.push('$');
        }
        out.push('-');
    }
    out.push_str("\u{1b}\\");
    out
}

/// The colours of a picture, and which of them each pixel has; `None` for those that it does not cover.
fn palette(canvas: &RgbaImage) -> (Vec<[u8; 3]>, Vec<Option<u8>>) {
    let covered = canvas.pixels().filter(|pixel| pixel.0[3] > 0);
    let colour = |Rgba([red, green, blue, _]): &Rgba<u8>| [*red, *green, *blue];
    let mut exact = std::collections::BTreeSet::new();
    for pixel in covered.clone() {
        exact.insert(colour(pixel));
        if exact.len() > COLOURS {
            break;
        }
    }
    if exact.len() <= COLOURS {
        let exact: Vec<[u8; 3]> = exact.into_iter().collect();
        let place = |pixel: &Rgba<u8>| exact.binary_search(&colour(pixel)).ok().and_then(|at| u8::try_from(at).ok());
        let indices = canvas.pixels().map(|pixel| place(pixel).filter(|_| pixel.0[3] > 0)).collect();
        return (exact, indices);
    }
    let bytes: Vec<u8> = covered.flat_map(|pixel| pixel.0).collect();
    // Every tenth pixel teaches it, as its author advises for speed.
    let learnt = NeuQuant::new(10, COLOURS, &bytes);
    let palette = learnt.color_map_rgb().chunks_exact(3).map(|rgb| [rgb[0], rgb[1], rgb[2]]).collect();
    let index = |pixel: &Rgba<u8>| u8::try_from(learnt.index_of(&pixel.0)).ok();
    (palette, canvas.pixels().map(|pixel| index(pixel).filter(|_| pixel.0[3] > 0)).collect())
}

#[cfg(test)]
mod tests {
    use expect_test::expect;
    use image::ImageFormat;

    use super::*;

    type Variables = &'static [(&'static str, &'static str)];

    const ROOM: Room = Room { columns: 40, rows: 8, cell: (2, 4) };

    /// Two by two pixels: red, green; blue, and none at all.
    fn small() -> Vec<u8> {
        let mut picture = RgbaImage::new(2, 2);
        picture.put_pixel(0, 0, Rgba([255, 0, 0, 255]));
        picture.put_pixel(1, 0, Rgba([0, 255, 0, 255]));
        picture.put_pixel(0, 1, Rgba([0, 0, 255, 255]));
        png(&picture).unwrap()
    }

    fn coloured(width: u32, height: u32) -> Vec<u8> {
        let shade = |value: u32| u8::try_from(value % 256).unwrap();
        png(&RgbaImage::from_fn(width, height, |x, y| Rgba([shade(x), shade(y), shade(x * y), 255]))).unwrap()
    }

    /// What the terminal would decode from a drawing in a protocol that carries PNG.
    fn carried(drawing: &Drawing) -> RgbaImage {
        let text: String = drawing
            .sequence
            .split("\u{1b}_G")
            .flat_map(|part| part.split_once([';', ':']).map(|(_, rest)| rest.rsplit(':').next().unwrap_or(rest)))
            .map(|part| part.trim_end_matches(['\u{1b}', '\\', '\u{7}']))
            .collect();
        image::load_from_memory(&BASE64.decode(text).unwrap()).unwrap().into_rgba8()
    }

    #[test]
    fn each_protocol_carries_the_picture() {
        let drawn = |protocol| draw(&small(), protocol, ROOM).unwrap();
        expect![[r#"
            Drawing {
                rows: 1,
                sequence: "\u{1b}_Ga=T,f=100,q=2,C=1,c=1,r=1,m=0;iVBORw0KGgoAAAANSUhEUgAAAAIAAAAECAYAAACk7+45AAAAL0lEQVR4AQEkANv/AP8AAP8A/wD/AAAA////////AAAAAAAAAAAAAAAAAAAAAAAA/SYJ9yyLiv8AAAAASUVORK5CYII=\u{1b}\\",
                clearing: "\u{1b}_Ga=d,d=A,q=2\u{1b}\\",
            }
        "#]].assert_debug_eq(&drawn(Protocol::Kitty));
        expect![[r#"
            Drawing {
                rows: 1,
                sequence: "\u{1b}]1337;File=inline=1;size=104;width=1;height=1;preserveAspectRatio=1:iVBORw0KGgoAAAANSUhEUgAAAAIAAAAECAYAAACk7+45AAAAL0lEQVR4AQEkANv/AP8AAP8A/wD/AAAA////////AAAAAAAAAAAAAAAAAAAAAAAA/SYJ9yyLiv8AAAAASUVORK5CYII=\u{7}",
                clearing: "",
            }
        "#]].assert_debug_eq(&drawn(Protocol::Iterm2));
        expect![[r#"
            Drawing {
                rows: 1,
                sequence: "\u{1b}P0;1q\"1;1;2;4#0;2;0;0;100#1;2;0;100;0#2;2;100;0;0#3;2;100;100;100#0A?$#1?@$#2@?$#3?A$-\u{1b}\\",
                clearing: "",
            }
        "#]].assert_debug_eq(&drawn(Protocol::Sixel));
        for protocol in [Protocol::Kitty, Protocol::Iterm2] {
            let picture = carried(&drawn(protocol));
            assert_eq!(picture.dimensions(), (2, 4), "whole places");
            let seen: Vec<[u8; 4]> = picture.pixels().take(4).map(|pixel| pixel.0).collect();
            assert_eq!(seen, [[255, 0, 0, 255], [0, 255, 0, 255], [0, 0, 255, 255], [255; 4]], "on white");
        }
    }

    #[test]
    fn a_large_picture_comes_in_parts_and_within_its_room() {
        let picture = coloured(400, 300);
        let drawing = draw(&picture, Protocol::Kitty, Room { columns: 40, rows: 8, cell: (8, 16) }).unwrap();
        assert_eq!(drawing.rows, 8);
        // 128 rows of pixels, and as wide as the shape asks for: 171 columns of them, 22 of characters.
        assert_eq!(carried(&drawing).dimensions(), (176, 128));
        let parts: Vec<&str> = drawing.sequence.split("\u{1b}_G").skip(1).collect();
        assert!(parts.len() > 2);
        assert!(parts[0].starts_with("a=T,f=100,q=2,C=1,c=22,r=8,m=1;"), "{}", parts[0]);
        assert!(parts[1..parts.len() - 1].iter().all(|part| part.starts_with("q=2,m=1;") && part.len() < PART + 16));
        assert!(parts[parts.len() - 1].starts_with("q=2,m=0;"));
    }

    #[test]
    fn a_sixel_picture_has_at_most_its_colours() {
        let room = Room { columns: 10, rows: 5, cell: (8, 16) };
        let drawing = draw(&coloured(300, 300), Protocol::Sixel, room).unwrap();
        assert!(drawing.sequence.starts_with("\u{1b}P0;1q\"1;1;80;80#0;2;"), "{:.40}", drawing.sequence);
        assert!(drawing.sequence.ends_with("-\u{1b}\\"));
        assert!(drawing.sequence.contains("#255;2;") && !drawing.sequence.contains("#256"));
        assert_eq!(drawing.sequence.matches('-').count(), 80usize.div_ceil(6), "bands of six");
        let inside = &drawing.sequence[2..drawing.sequence.len() - 2];
        assert!(inside.bytes().all(|byte| (b' '..=b'~').contains(&byte)));
    }

    #[test]
    fn a_gif_shows_its_first_frame_and_other_formats_are_read_too() {
        let picture = image::load_from_memory(&small()).unwrap();
        for format in [ImageFormat::Gif, ImageFormat::Jpeg, ImageFormat::WebP] {
            let mut out = Cursor::new(Vec::new());
            let picture = if format == ImageFormat::Jpeg { picture.to_rgb8().into() } else { picture.clone() };
            picture.write_to(&mut out, format).unwrap();
            let drawing = draw(&out.into_inner(), Protocol::Iterm2, ROOM).unwrap();
            assert_eq!((drawing.rows, carried(&drawing).dimensions()), (1, (2, 4)), "{format:?}");
        }
    }

    /// A PNG that says to be of this size, of 16-bit colours, and holds next to nothing.
    fn claiming(width: u32, height: u32) -> Vec<u8> {
        let mut header = b"IHDR".to_vec();
        header.extend(width.to_be_bytes());
        header.extend(height.to_be_bytes());
        header.extend([16, 6, 0, 0, 0]);
        let mut crc = flate2::Crc::new();
        crc.update(&header);
        let mut out = b"\x89PNG\r\n\x1a\n\0\0\0\x0d".to_vec();
        out.extend(header);
        out.extend(crc.sum().to_be_bytes());
        out.extend(b"\0\0\0\x0cIDATx\x9c\x63\0\0\0\x01\0\x01\0\0\0\0");
        out
    }

    fn gif(width: u16, height: u16) -> Vec<u8> {
        let mut out = b"GIF89a".to_vec();
        out.extend(width.to_le_bytes());
        out.extend(height.to_le_bytes());
        out.extend(b"\x80\0\0\0\0\0\xff\xff\xff,\0\0\0\0\x01\0\x01\0\0\x02\x02\x44\x01\0;");
        out
    }

    #[test]
    fn what_is_no_picture_or_too_large_is_not_drawn() {
        let whole = coloured(400, 300);
        let cases: &[(&str, Vec<u8>)] = &[
            ("nothing", Vec::new()),
            ("a text", b"not a picture\n".to_vec()),
            ("markup", b"<svg xmlns=\"http://www.w3.org/2000/svg\"/>".to_vec()),
            ("a PNG cut off", whole[..whole.len() / 2].to_vec()),
            ("a PNG of ten thousand million pixels", claiming(100_000, 100_000)),
            ("a PNG of sides just short enough", claiming(LONGEST_SIDE, LONGEST_SIDE)),
            ("a PNG without a width", claiming(0, 5)),
            ("a GIF as large as it can say", gif(65_535, 65_535)),
            ("a GIF of sides just short enough", gif(16_384, 16_384)),
            ("a JPEG of nothing", b"\xff\xd8\xff\xe0\0\x10JFIF".to_vec()),
            ("a WebP of nothing", b"RIFF\x10\0\0\0WEBPVP8L\x04\0\0\0".to_vec()),
        ];
        for (what, content) in cases {
            for protocol in [Protocol::Kitty, Protocol::Iterm2, Protocol::Sixel] {
                assert_eq!(draw(content, protocol, ROOM), None, "{what}");
            }
        }
        assert!(draw(&gif(3, 3), Protocol::Sixel, ROOM).is_some(), "the bomb is one by its size alone");
        for room in [Room { columns: 0, ..ROOM }, Room { rows: 0, ..ROOM }, Room { columns: usize::MAX, ..ROOM }] {
            assert_eq!(draw(&whole, Protocol::Kitty, room), None);
        }
    }

    #[test]
    fn every_kind_of_pixel_is_read_and_photographs_stand_upright() {
        let cases = [
            (ColorType::L8, vec![7], [7, 7, 7, 255]),
            (ColorType::La8, vec![7, 9], [7, 7, 7, 9]),
            (ColorType::Rgb8, vec![1, 2, 3], [1, 2, 3, 255]),
            (ColorType::Rgba8, vec![1, 2, 3, 4], [1, 2, 3, 4]),
            (ColorType::L16, 0x0703_u16.to_ne_bytes().to_vec(), [7, 7, 7, 255]),
            (ColorType::Rgba16, [0x0100_u16, 0x0200, 0x03ff, 0x0400].map(u16::to_ne_bytes).concat(), [1, 2, 3, 4]),
        ];
        for (colours, bytes, expected) in cases {
            assert_eq!(rgba(bytes, colours).unwrap(), expected, "{colours:?}");
        }
        assert_eq!(rgba(vec![0; 12], ColorType::Rgb32F), None);
        // As the library itself turns them; the eight of Exif.
        let picture = image::load_from_memory(&coloured(3, 2)).unwrap();
        for turned in (1..=8).filter_map(Orientation::from_exif) {
            let mut expected = picture.clone();
            expected.apply_orientation(turned);
            assert_eq!(upright(picture.to_rgba8(), turned), expected.into_rgba8(), "{turned:?}");
        }
    }

    #[test]
    fn a_file_that_is_gone_or_none_is_not_drawn() {
        let folder = tempfile::tempdir().unwrap();
        for path in [folder.path().join("gone"), folder.path().to_owned()] {
            assert_eq!(draw_file(&path, Protocol::Kitty, ROOM), None);
        }
        let path = folder.path().join("small");
        std::fs::write(&path, small()).unwrap();
        assert_eq!(draw_file(&path, Protocol::Kitty, ROOM), draw(&small(), Protocol::Kitty, ROOM));
    }

    #[test]
    fn the_protocol_is_told_from_variables() {
        const USUAL: (&str, &str) = ("TERM", "xterm-256color");
        let cases: &[(Variables, Option<Protocol>)] = &[
            (&[], None),
            (&[USUAL], None),
            (&[("TERM", "xterm-kitty")], Some(Protocol::Kitty)),
            (&[USUAL, ("KITTY_WINDOW_ID", "1")], Some(Protocol::Kitty)),
            (&[("TERM", "xterm-ghostty"), ("TERM_PROGRAM", "ghostty")], Some(Protocol::Kitty)),
            (&[USUAL, ("TERM_PROGRAM", "ghostty")], Some(Protocol::Kitty)),
            (&[USUAL, ("TERM_PROGRAM", "iTerm.app")], Some(Protocol::Iterm2)),
            (&[USUAL, ("TERM_PROGRAM", "WezTerm")], Some(Protocol::Iterm2)),
            (&[USUAL, ("LC_TERMINAL", "iTerm2")], Some(Protocol::Iterm2)),
            (&[USUAL, ("TERM_PROGRAM", "Apple_Terminal")], None),
            (&[USUAL, ("TERM_PROGRAM", "vscode"), ("KITTY_WINDOW_ID", "1")], None),
            (&[("TERM", "foot"), ("KITTY_WINDOW_ID", "1")], Some(Protocol::Sixel)),
            (&[("TERM", "mlterm")], Some(Protocol::Sixel)),
            (&[USUAL, ("KONSOLE_VERSION", "230804")], Some(Protocol::Kitty)),
            (&[USUAL, ("KONSOLE_VERSION", "211200")], None),
            (&[USUAL, ("WT_SESSION", "6b2f")], Some(Protocol::Sixel)),
            (&[("TERM", "tmux-256color"), ("TERM_PROGRAM", "tmux"), ("LC_TERMINAL", "iTerm2")], None),
            (&[("TERM", "xterm-kitty"), ("TMUX", "/tmp/tmux-0/default,1,0")], None),
            (&[("TERM", "screen.xterm-256color"), ("KITTY_WINDOW_ID", "1")], None),
            (&[("TERM", "linux")], None),
            (&[("TERM", "dumb")], None),
        ];
        for (variables, expected) in cases {
            let look = |name: &str| variables.iter().find(|(known, _)| *known == name).map(|(_, v)| (*v).to_owned());
            assert_eq!(protocol(look), *expected, "{variables:?}");
        }
    }

    proptest::proptest! {
        #![proptest_config(proptest::prelude::ProptestConfig::with_cases(64))]
        #[test]
        fn no_damage_is_too_odd(at in 0usize..2000, bytes in proptest::collection::vec(0u8.., 0..40)) {
            let mut content = coloured(20, 20);
            let at = at.min(content.len());
            let end = (at + bytes.len()).min(content.len());
            content.splice(at..end, bytes);
            let _ = draw(&content, Protocol::Sixel, ROOM);
        }
    }
}
