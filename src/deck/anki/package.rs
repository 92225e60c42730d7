//! The archive: a zip with `meta`, a collection, a media list and media files named by number.
//!
//! Only `anki` may call it. It hides which generation a package is of and how its members are packed. Members are read
//! to memory or to a temporary file under a name of ours; nothing is ever written under a name of the package. Every
//! limit counts the bytes that come out of a decoder, never what the archive says of itself.

use std::collections::HashMap;
use std::io::{Read, Seek, Write};

use flate2::read::DeflateDecoder;
use rawzip::{CompressionMethod, ReaderAt, ZipArchive, ZipArchiveEntryWayfinder};
use ruzstd::decoding::StreamingDecoder;
use serde::Deserialize;
use tempfile::NamedTempFile;

use super::protobuf;
use crate::deck::html::media_name;
use crate::error::{Error, Result};

/// The most members that a package may have.
const MEMBERS: usize = 200_000;
/// The largest collection, unpacked, in bytes.
const COLLECTION: u64 = 1 << 30;
/// The largest media list, unpacked, in bytes.
const LIST: u64 = 64 << 20;
/// The largest media file, unpacked, in bytes.
const FILE: u64 = 64 << 20;
/// All media files, unpacked, in bytes.
const FILES: u64 = 512 << 20;
/// A collection larger than this may be at most [`RATIO`] times its packed size.
const UNSUSPECTED: u64 = 4 << 20;
/// Text in SQLite packs to a fifth or a tenth, an empty database to a fiftieth.
const RATIO: u64 = 250;

/// How a member is packed.
#[derive(Clone, Copy)]
struct Member {
    way: ZipArchiveEntryWayfinder,
    method: CompressionMethod,
    packed: u64,
}

/// An open package.
pub(super) struct Package<R> {
    archive: ZipArchive<R>,
    members: HashMap<String, Member>,
    /// Members with names that mean nothing in a package.
    pub(super) strangers: usize,
    /// Whether collection, media list and media are packed with zstd inside the zip.
    zstd: bool,
    collection: &'static str,
    /// Bytes of media that may still be unpacked, and those that may be unpacked in vain.
    media_left: u64,
    vain_left: u64,
}

/// Why a media file was left out.
pub(super) enum Missing {
    /// The package does not hold it.
    Absent,
    /// It, or all files together, are too large.
    TooLarge,
    /// It cannot be unpacked.
    Damaged,
}

/// Reads the list of members and finds out which collection is the real one.
///
/// # Errors
/// What is no zip archive, no package, made by a newer Anki, or holds a name twice.
pub(super) fn open(file: &str, reader: impl Read + Seek) -> Result<Package<impl ReaderAt>> {
    let mut buffer = vec![0; rawzip::RECOMMENDED_BUFFER_SIZE];
    let broken = |error: rawzip::Error| {
        Error::data(format!("{file} is not a whole zip archive, as every Anki package is"))
            .because(error)
            .hint("download it again")
    };
    let archive = ZipArchive::from_seekable(reader, &mut buffer).map_err(broken)?;
    let mut members = HashMap::new();
    let (mut count, mut strangers) = (0, 0);
    let mut entries = archive.entries(&mut buffer);
    while let Some(entry) = entries.next_entry().map_err(broken)? {
        count += 1;
        if count > MEMBERS {
            return Err(refused(file, format!("it has more than {MEMBERS} members")));
        }
        let path = entry.file_path();
        let name = std::str::from_utf8(path.as_bytes()).ok().filter(|name| is_expected(name));
        let Some(name) = name else {
            strangers += 1;
            continue;
        };
        let member =
            Member { way: entry.wayfinder(), method: entry.compression_method(), packed: entry.compressed_size_hint() };
        if members.insert(name.to_owned(), member).is_some() {
            return Err(refused(file, format!("it holds `{name}` twice")));
        }
    }
    let mut package = Package {
        archive,
        members,
        strangers,
        zstd: false,
        collection: "collection.anki2",
        media_left: FILES,
        vain_left: FILES,
    };
    let version = package.version(file)?;
    package.zstd = version == Some(3);
    package.collection = match version {
        Some(1) => "collection.anki2",
        Some(2) => "collection.anki21",
        Some(3) => "collection.anki21b",
        Some(version) => {
            return Err(Error::data(format!("{file} was made by a newer Anki (package version {version})"))
                .hint("export it again with “Support older Anki versions” ticked"));
        }
        None if package.members.contains_key("collection.anki21b") => {
            return Err(refused(file, "its `meta` member is missing"));
        }
        None if package.members.contains_key("collection.anki21") => "collection.anki21",
        None => "collection.anki2",
    };
    if package.members.contains_key(package.collection) {
        return Ok(package);
    }
    // Newer packages hold a `collection.anki2`, too, with one card that asks to update: never that one.
    Err(if package.members.contains_key("collection.anki2") {
        Error::data(format!("{file} lacks `{}`; what is left of it only asks to update Anki", package.collection))
            .hint("download it again, or export it again from Anki")
    } else {
        Error::data(format!("{file} is a zip archive, but holds no Anki collection"))
    })
}

impl<R: ReaderAt> Package<R> {
    /// The version that `meta` states.
    fn version(&self, file: &str) -> Result<Option<u64>> {
        let Some(member) = self.members.get("meta").copied() else { return Ok(None) };
        let mut meta = Vec::new();
        self.read(member, false, 4096, &mut meta).map_err(|error| damaged(file, "meta", error))?;
        let mut version = 0;
        for field in protobuf::fields(&meta) {
            if let (1, protobuf::Value::Number(number)) = field.map_err(|_| refused(file, "its `meta` is damaged"))? {
                version = number;
            }
        }
        // Version 1 is the oldest; a message that does not say has the number 0.
        Ok(Some(version.max(1)))
    }

    /// Unpacks the collection to a private temporary file, and tells its length in bytes.
    ///
    /// # Errors
    /// A damaged or an outsized collection; a full disk.
    pub(super) fn collection(&self, file: &str) -> Result<(NamedTempFile, u64)> {
        let member = self.members.get(self.collection).copied();
        let member = member.ok_or_else(|| refused(file, "it holds no collection"))?;
        let mut copy =
            NamedTempFile::new().map_err(|error| Error::internal("could not make a temporary file").because(error))?;
        let limit = COLLECTION.min(UNSUSPECTED.max(member.packed.saturating_mul(RATIO)));
        let length =
            self.read(member, self.zstd, limit, &mut copy).map_err(|error| damaged(file, self.collection, error))?;
        copy.flush().map_err(|error| Error::internal("could not write a temporary file").because(error))?;
        Ok((copy, length))
    }

    /// Returns the number of each media file by its name; of two files with one name, the first.
    ///
    /// # Errors
    /// A damaged list.
    pub(super) fn media(&self, file: &str) -> Result<HashMap<String, String>> {
        let Some(member) = self.members.get("media").copied() else { return Ok(HashMap::new()) };
        let mut list = Vec::new();
        self.read(member, self.zstd, LIST, &mut list).map_err(|error| damaged(file, "media", error))?;
        let bad = || refused(file, "its list of media is damaged");
        let mut numbers = HashMap::new();
        if self.zstd {
            let mut number = 0;
            for field in protobuf::fields(&list) {
                let (1, protobuf::Value::Bytes(entry)) = field.map_err(|_| bad())? else { continue };
                let mut name = "";
                for field in protobuf::fields(entry) {
                    if let (1, protobuf::Value::Bytes(bytes)) = field.map_err(|_| bad())? {
                        name = std::str::from_utf8(bytes).map_err(|_| bad())?;
                    }
                }
                if let Some(name) = media_name(name) {
                    numbers.entry(name).or_insert_with(|| number.to_string());
                }
                number += 1;
            }
        } else if !list.is_empty() {
            let names: Pairs = serde_json::from_slice(&list).map_err(|error| bad().because(error))?;
            for (number, name) in names.0 {
                if let Some(name) = media_name(&name) {
                    numbers.entry(name).or_insert(number);
                }
            }
        }
        Ok(numbers)
    }

    /// Unpacks a media file by its number.
    pub(super) fn file(&mut self, number: &str) -> std::result::Result<Vec<u8>, Missing> {
        let member = self.members.get(number).filter(|_| is_number(number)).copied().ok_or(Missing::Absent)?;
        let mut content = Vec::new();
        let limit = FILE.min(self.media_left).min(self.vain_left);
        match self.read(member, self.zstd, limit, &mut content) {
            Ok(length) => {
                self.media_left -= length;
                Ok(content)
            }
            Err(error) => {
                // One small member can be named again and again, and each time unpack to much.
                self.vain_left = self.vain_left.saturating_sub(content.len() as u64 + 1);
                Err(if matches!(error, Unpack::TooLarge) { Missing::TooLarge } else { Missing::Damaged })
            }
        }
    }

    /// Unpacks a member into `out`, at most `limit` bytes, and checks its length and checksum.
    fn read(&self, member: Member, zstd: bool, limit: u64, out: &mut impl Write) -> std::result::Result<u64, Unpack> {
        let entry = self.archive.get_entry(member.way)?;
        let reader = entry.reader();
        match member.method {
            CompressionMethod::STORE => copy(entry.verifying_reader(reader), zstd, limit, out),
            CompressionMethod::DEFLATE => copy(entry.verifying_reader(DeflateDecoder::new(reader)), zstd, limit, out),
            _ => Err(Unpack::Method),
        }
    }
}

/// Copies what a reader gives, unpacked if it is zstd, up to a limit.
fn copy(reader: impl Read, zstd: bool, limit: u64, out: &mut impl Write) -> std::result::Result<u64, Unpack> {
    let mut reader = std::io::BufReader::with_capacity(1 << 16, reader);
    if !zstd {
        return pump(&mut reader, limit, out);
    }
    let mut decoder = StreamingDecoder::new(&mut reader).map_err(|error| Unpack::Zstd(error.to_string()))?;
    let length = pump(&mut decoder, limit, out)?;
    // The zip's own checksum is compared at its end only.
    pump(&mut reader, 0, &mut std::io::sink())?;
    Ok(length)
}

fn pump(reader: &mut impl Read, limit: u64, out: &mut impl Write) -> std::result::Result<u64, Unpack> {
    let mut buffer = vec![0; 1 << 16];
    let mut length = 0u64;
    loop {
        let read = match reader.read(&mut buffer) {
            Ok(0) => return Ok(length),
            Ok(read) => read,
            Err(error) if error.kind() == std::io::ErrorKind::Interrupted => continue,
            Err(error) => return Err(error.into()),
        };
        length += read as u64;
        if length > limit {
            return Err(Unpack::TooLarge);
        }
        out.write_all(&buffer[..read])?;
    }
}

/// Why a member could not be unpacked.
#[derive(Debug)]
enum Unpack {
    TooLarge,
    Method,
    Zstd(String),
    Io(std::io::Error),
    Zip(rawzip::Error),
}

impl From<std::io::Error> for Unpack {
    fn from(error: std::io::Error) -> Unpack {
        Unpack::Io(error)
    }
}

impl From<rawzip::Error> for Unpack {
    fn from(error: rawzip::Error) -> Unpack {
        Unpack::Zip(error)
    }
}

fn damaged(file: &str, member: &str, why: Unpack) -> Error {
    let error = |what: &str| Error::data(format!("{file} is refused: its member `{member}` {what}"));
    match why {
        Unpack::TooLarge => error("unpacks to more than a deck can be"),
        Unpack::Method => error("is encrypted or packed in a way that Anki does not use"),
        Unpack::Zstd(cause) => error("is damaged").because(cause).hint("download it again"),
        Unpack::Io(cause) => error("is damaged").because(cause).hint("download it again"),
        Unpack::Zip(cause) => error("is damaged").because(cause).hint("download it again"),
    }
}

/// An error that refuses a package.
pub(super) fn refused(file: &str, why: impl std::fmt::Display) -> Error {
    Error::data(format!("{file} is refused: {why}"))
}

fn is_expected(name: &str) -> bool {
    matches!(name, "meta" | "media" | "collection.anki2" | "collection.anki21" | "collection.anki21b")
        || is_number(name)
}

fn is_number(name: &str) -> bool {
    !name.is_empty() && name.len() <= 9 && name.bytes().all(|b| b.is_ascii_digit())
}

/// A JSON object of strings in its own order, names that come twice included.
struct Pairs(Vec<(String, String)>);

impl<'de> Deserialize<'de> for Pairs {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> std::result::Result<Pairs, D::Error> {
        struct Visitor;
        impl<'de> serde::de::Visitor<'de> for Visitor {
            type Value = Pairs;
            fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str("names of files by their numbers")
            }
            fn visit_map<A: serde::de::MapAccess<'de>>(self, mut map: A) -> std::result::Result<Pairs, A::Error> {
                let mut pairs = Vec::new();
                while let Some(pair) = map.next_entry()? {
                    pairs.push(pair);
                }
                Ok(Pairs(pairs))
            }
        }
        deserializer.deserialize_map(Visitor)
    }
}
