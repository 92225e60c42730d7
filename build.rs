//! Lists the decks under `decks/` for the binary to embed, with a fingerprint that says whether they changed, and the
//! catalogues under `locales/`.

use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};

#[expect(clippy::disallowed_methods, reason = "cargo tells a build script its places through the environment")]
fn main() -> Result<(), Box<dyn std::error::Error>> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("decks");
    println!("cargo::rerun-if-changed=decks");
    let mut files = Vec::new();
    for area in fs::read_dir(&root)? {
        let area = area?.path();
        if area.is_dir() {
            let decks = fs::read_dir(&area)?.collect::<Result<Vec<_>, _>>()?;
            files.extend(
                decks
                    .into_iter()
                    .map(|entry| entry.path())
                    .filter(|path| path.extension().is_some_and(|e| e == "toml")),
            );
        }
    }
    files.sort();
    let mut hash = 0xcbf2_9ce4_8422_2325_u64;
    // A static, not a constant: of that each part of the program that names it may get a copy, two megabytes large.
    let mut list = String::from(
        "/// Each bundled deck: its path below `decks/`, and its text.\npub static DECKS: &[(&str, &str)] = &[\n",
    );
    for file in &files {
        // FNV-1a: the fingerprint only has to change with the decks, it keeps nothing secret.
        for byte in fs::read(file)? {
            hash = (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3);
        }
        let name = file.strip_prefix(&root)?.to_string_lossy().replace('\\', "/");
        writeln!(list, "    ({name:?}, include_str!({:?})),", file.to_string_lossy())?;
    }
    writeln!(list, "];\n\n/// Changes when a bundled deck does.\npub const FINGERPRINT: &str = \"{hash:016x}\";")?;
    let out: PathBuf = std::env::var_os("OUT_DIR").ok_or("cargo sets OUT_DIR")?.into();
    fs::write(out.join("bundled.rs"), list)?;
    fs::write(out.join("locales.rs"), locales()?)?;
    Ok(())
}

/// A catalogue is a file named by the tag of its language.
fn locales() -> Result<String, Box<dyn std::error::Error>> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("locales");
    println!("cargo::rerun-if-changed=locales");
    let files = fs::read_dir(&root)?.map(|entry| Ok(entry?.path())).collect::<Result<Vec<_>, std::io::Error>>()?;
    let mut files: Vec<_> = files.into_iter().filter(|path| path.extension().is_some_and(|e| e == "ftl")).collect();
    files.sort();
    let mut list = String::from(
        "/// Each catalogue: the tag of its language, and its text.\nconst CATALOGUES: &[(&str, &str)] = &[\n",
    );
    for file in files {
        let language = file.file_stem().unwrap_or_default().to_string_lossy().into_owned();
        writeln!(list, "    ({language:?}, include_str!({:?})),", file.to_string_lossy())?;
    }
    list.push_str("];\n");
    Ok(list)
}
