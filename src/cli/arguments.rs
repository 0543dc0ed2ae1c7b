//! The arguments, as `--help` shows them.

use clap::{Args, Parser, Subcommand, ValueEnum};
use std::path::PathBuf;

/// Tells why a Package Server downloads the same package again and again, and proves it.
#[derive(Debug, Parser)]
#[command(version, about, arg_required_else_help = true, after_help = EXAMPLES)]
pub struct Arguments {
    #[command(subcommand)]
    pub command: Command,
}

const EXAMPLES: &str = "\
Examples:
  pkgtrail report bundle.zip                    write bundle-report/ and print the summary
  pkgtrail report logs/ captures/ -o case-4711  merge several collections into one case
  pkgtrail timeline bundle.zip -o events.csv    only the event table
  pkgtrail snapshots before.xml after.xml       what changed between two captures
  pkgtrail messages bundle.zip                  which log wordings were recognised
  pkgtrail explain external-removal             what a verdict means
  pkgtrail schema                               the JSON Schema of verdicts.json

Exit status: 0 done; 1 done, but evidence was lost; 2 nothing written; 130 interrupted.";

#[derive(Debug, Subcommand)]
pub enum Command {
    /// Analyse a collected bundle and write the report
    Report(Report),
    /// Write the merged event table only
    Timeline(Timeline),
    /// Compare two or more captures of one package's snapshot.xml
    Snapshots(Snapshots),
    /// List the log wordings of a bundle, recognised and not
    Messages(Messages),
    /// Print the manual of a verdict, or list the verdicts
    Explain(Explain),
    /// Print the JSON Schema of verdicts.json
    Schema,
}

#[derive(Debug, Args)]
pub struct Report {
    #[command(flatten)]
    pub evidence: Evidence,
    /// Write the report to this folder [default: <name of the first EVIDENCE>-report]
    #[arg(short, long, value_name = "DIR")]
    pub output: Option<PathBuf>,
    /// Report only this package (its GUID); may be given several times
    #[arg(long, value_name = "ID")]
    pub package: Vec<String>,
    /// Report only re-downloads that start at this local time or later (2026-11-03 or 2026-11-03T02:00)
    #[arg(long, value_name = "TIME")]
    pub since: Option<String>,
    /// Report only re-downloads that start before this local time
    #[arg(long, value_name = "TIME")]
    pub until: Option<String>,
    /// The setting "Delete package files if they are unused for", where the evidence lacks it (7d, 12h, 90m)
    #[arg(long, value_name = "TIME")]
    pub unused_for: Option<String>,
    /// Also draw the timeline as timeline.svg
    #[arg(long)]
    pub svg: bool,
    /// Also draw each sick package (pictures/) and the charts (charts/, as SVG and PNG)
    #[arg(long)]
    pub pictures: bool,
    /// Draw every PNG at this size: 2 is twice as large and as sharp
    #[arg(long, value_name = "1|2", default_value_t = 1, value_parser = clap::value_parser!(u32).range(1..=2))]
    pub scale: u32,
}

#[derive(Debug, Args)]
pub struct Timeline {
    #[command(flatten)]
    pub evidence: Evidence,
    /// Write to this file, by its ending .parquet, .csv or .jsonl [default: JSON lines to standard output]
    #[arg(short, long, value_name = "FILE")]
    pub output: Option<PathBuf>,
}

#[derive(Debug, Args)]
pub struct Snapshots {
    /// Captures of one package's snapshot.xml, in any order; folders and archives too
    #[arg(required = true, value_name = "CAPTURE")]
    pub captures: Vec<PathBuf>,
    #[command(flatten)]
    pub reading: Reading,
}

#[derive(Debug, Args)]
pub struct Messages {
    /// Folders, archives or files
    #[arg(value_name = "EVIDENCE", required_unless_present = "kinds")]
    pub evidence: Vec<PathBuf>,
    /// List the kinds that a message file may name, and stop
    #[arg(long)]
    pub kinds: bool,
    #[command(flatten)]
    pub reading: Reading,
}

#[derive(Debug, Args)]
pub struct Explain {
    /// The verdict; without it, all are listed
    #[arg(value_name = "VERDICT")]
    pub verdict: Option<String>,
}

/// What every command that reads a bundle takes.
#[derive(Debug, Args)]
pub struct Evidence {
    /// Folders, archives (zip, 7z, tar, tar.gz, gz; archives in archives too) or single files, merged into one case
    #[arg(required = true, value_name = "EVIDENCE")]
    pub evidence: Vec<PathBuf>,
    #[command(flatten)]
    pub reading: Reading,
}

#[derive(Debug, Clone, Args)]
pub struct Reading {
    /// The zone of times that state none: IANA (Europe/Berlin), Windows (W. Europe Standard Time) or offset (+01:00)
    #[arg(long, value_name = "ZONE", allow_hyphen_values = true)]
    pub timezone: Option<String>,
    /// The order of day and month where they cannot be told apart
    #[arg(long, value_name = "ORDER")]
    pub date_order: Option<Order>,
    /// Add message patterns from this file
    #[arg(long, value_name = "FILE")]
    pub messages: Option<PathBuf>,
    /// Work on this many threads [default: all cores]
    #[arg(long, value_name = "N")]
    pub threads: Option<std::num::NonZeroUsize>,
    /// Read archives in archives to this depth
    #[arg(long, value_name = "N", default_value_t = 2)]
    pub max_depth: u32,
    /// Read at most this many entries of an archive
    #[arg(long, value_name = "N", default_value_t = 100_000)]
    pub max_entries: u64,
    /// Read at most this many unpacked bytes from the archives of one EVIDENCE (20G, 500M)
    #[arg(long, value_name = "SIZE", default_value = "20G", value_parser = size)]
    pub max_size: u64,
    /// Stop unpacking an entry over 64 MiB that grows to more than this many times its packed size
    #[arg(long, value_name = "N", default_value_t = 200)]
    pub max_ratio: u64,
    /// Print nothing but errors and the result
    #[arg(short, long, conflicts_with = "verbose")]
    pub quiet: bool,
    /// Name each file that is read, and every problem
    #[arg(short, long)]
    pub verbose: bool,
}

#[derive(Debug, Clone, Copy, ValueEnum)]
pub enum Order {
    /// 11/03/2026 is November 3
    Mdy,
    /// 03/11/2026 is November 3
    Dmy,
    /// 2026/11/03
    Ymd,
}

/// Reads a size: bytes, or with K, M, G or T behind (powers of 1,024).
fn size(text: &str) -> Result<u64, String> {
    let upper = text.trim().to_ascii_uppercase();
    let digits = upper.trim_end_matches(|letter: char| letter.is_ascii_alphabetic());
    let factor = match &upper[digits.len()..] {
        "" | "B" => 1,
        "K" | "KB" | "KIB" => 1 << 10,
        "M" | "MB" | "MIB" => 1 << 20,
        "G" | "GB" | "GIB" => 1 << 30,
        "T" | "TB" | "TIB" => 1_u64 << 40,
        _ => 0,
    };
    let bytes = digits
        .parse::<u64>()
        .ok()
        .and_then(|number| number.checked_mul(factor))
        .filter(|_| factor > 0);
    bytes.ok_or_else(|| format!("`{text}` is no size; use bytes or K, M, G, T: 20G"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_are_read() {
        assert_eq!(size("20G"), Ok(20 << 30));
        assert_eq!(size("512"), Ok(512));
        assert!(size("20X").is_err() && size("").is_err() && size("99999999999T").is_err());
    }

    #[test]
    fn the_command_line_is_consistent() {
        use clap::CommandFactory;
        Arguments::command().debug_assert();
    }
}
