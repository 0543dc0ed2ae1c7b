//! Writes made-up evidence: `cargo bench --bench generate -- log 256M big.log` or
//! `-- captures 1000 2000 FOLDER` (captures, files of each).

mod made_up;

use std::fs::{self, File};
use std::io::{self, BufWriter, Write};
use std::path::Path;

fn main() -> io::Result<()> {
    let words: Vec<String> = std::env::args()
        .skip(1)
        .filter(|word| word != "--bench")
        .collect();
    let words: Vec<&str> = words.iter().map(String::as_str).collect();
    match words.as_slice() {
        ["log", size, file] => log(size, 30, file),
        ["log", size, percent, file] => log(size, percent.parse().map_err(io::Error::other)?, file),
        ["captures", captures, files, folder] => {
            let number = |word: &str| word.parse::<u64>().map_err(io::Error::other);
            write_captures(number(captures)?, number(files)?, Path::new(folder))
        }
        // `cargo bench` starts every benchmark; without arguments there is nothing to write.
        _ => {
            eprintln!("log SIZE [PERCENT] FILE, or captures CAPTURES FILES FOLDER");
            Ok(())
        }
    }
}

fn log(size: &str, percent: u64, file: &str) -> io::Result<()> {
    let mut out = BufWriter::new(File::create(file)?);
    made_up::log_about(&mut out, bytes(size)?, percent)?;
    out.flush()
}

/// Folders named with the time, as an hourly job would leave them.
fn write_captures(captures: u64, files: u64, folder: &Path) -> io::Result<()> {
    for capture in 0..captures {
        let (day, hour) = (capture / 24, capture % 24);
        let package = capture % made_up::PACKAGES;
        let month = 3 + day / 28;
        let day = 1 + day % 28;
        let place = folder.join(format!("2026{month:02}{day:02}-{hour:02}00/{package}"));
        fs::create_dir_all(&place)?;
        let mut out = BufWriter::new(File::create(place.join("snapshot.xml"))?);
        made_up::snapshot(&mut out, package, 1_700_000_000 + capture / 200, files)?;
        out.flush()?;
    }
    Ok(())
}

/// `256M`, `8G` or plain bytes.
fn bytes(size: &str) -> io::Result<u64> {
    let digits = size.trim_end_matches(|letter: char| letter.is_ascii_alphabetic());
    let factor: u64 = match &size[digits.len()..] {
        "" => 1,
        "K" => 1 << 10,
        "M" => 1 << 20,
        "G" => 1 << 30,
        other => {
            return Err(io::Error::other(format!(
                "`{other}` is no unit; use K, M or G"
            )));
        }
    };
    let number: u64 = digits.parse().map_err(io::Error::other)?;
    Ok(number * factor)
}
