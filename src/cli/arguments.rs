//! The arguments, as `--help` shows them.

use clap::{Args, Parser, Subcommand, ValueEnum};
use std::path::PathBuf;

/// Tells why a Package Server downloads the same package again and again, and proves it.
#[derive(Debug, Parser)]
#[command(version, about, arg_required_else_help = true, after_help = EXAMPLES)]
pub struct Arguments {
    #[command(subcommand)]
    pub command: Command,
    /// Use colours: auto follows the terminal and NO_COLOR
    #[arg(long, global = true, value_name = "WHEN", default_value = "auto")]
    pub color: When,
}

/// When colours are used.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum When {
    Auto,
    Always,
    Never,
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
  pkgtrail completions bash                     completions for a shell
  pkgtrail man                                  the manual page

Exit status: 0 done; 1 done, but evidence was lost; 2 nothing written; 130 interrupted.";

const REPORT_EXAMPLES: &str = "\
Examples:
  pkgtrail report bundle.zip --open             write bundle-report/ and open it
  pkgtrail report PS01/ PS02/ -o case-4711      two servers, one case
  pkgtrail report bundle.zip --timezone +01:00  no evidence states the zone
  pkgtrail report bundle.zip --since 2026-11-03 --package 1ec214b8-e862-44a9-b3a6-27d918d136a2
  pkgtrail report bundle.zip --format xlsx,jsonl
  pkgtrail report bundle.zip --redact           names of people and hosts stay here

Exit status: 0 written; 1 written, but evidence was lost; 2 nothing written; 130 interrupted.";

const TIMELINE_EXAMPLES: &str = "\
Examples:
  pkgtrail timeline bundle.zip                     JSON lines to standard output
  pkgtrail timeline bundle.zip -o events.csv       for a spreadsheet
  pkgtrail timeline logs/ more/ -o events.parquet  for DuckDB, polars or pandas";

const SNAPSHOTS_EXAMPLES: &str = "\
Examples:
  pkgtrail snapshots before.xml after.xml  what changed in between
  pkgtrail snapshots captures/             all captures in a folder, in order of time";

const MESSAGES_EXAMPLES: &str = "\
Examples:
  pkgtrail messages bundle.zip                       wordings, recognised and not
  pkgtrail messages bundle.zip --messages mine.toml  the same with your own patterns
  pkgtrail messages --kinds                          what a pattern may say";

const EXPLAIN_EXAMPLES: &str = "\
Examples:
  pkgtrail explain                   all verdicts in a line each
  pkgtrail explain external-removal  its manual
  pkgtrail explain shared-folder     a finding";

const SCHEMA_EXAMPLES: &str = "\
Examples:
  pkgtrail schema  print it; redirect it into a file for a validator";

const COMPLETIONS_EXAMPLES: &str = "\
Examples:
  pkgtrail completions bash        append it to ~/.local/share/bash-completion/completions/pkgtrail
  pkgtrail completions powershell  append it to the file that $PROFILE names";

const MAN_EXAMPLES: &str = "\
Examples:
  pkgtrail man       the main page to standard output
  pkgtrail man man1  a page for each command into the folder man1";

#[derive(Debug, Subcommand)]
pub enum Command {
    /// Analyse a collected bundle and write the report
    #[command(after_help = REPORT_EXAMPLES)]
    Report(Report),
    /// Write the merged event table only
    #[command(after_help = TIMELINE_EXAMPLES)]
    Timeline(Timeline),
    /// Compare two or more captures of one package's snapshot.xml
    #[command(after_help = SNAPSHOTS_EXAMPLES)]
    Snapshots(Snapshots),
    /// List the log wordings of a bundle, recognised and not
    #[command(after_help = MESSAGES_EXAMPLES)]
    Messages(Messages),
    /// Print the manual of a verdict or what a finding is, or list the verdicts
    #[command(after_help = EXPLAIN_EXAMPLES)]
    Explain(Explain),
    /// Print the JSON Schema of verdicts.json
    #[command(after_help = SCHEMA_EXAMPLES)]
    Schema,
    /// Print the completions for a shell
    #[command(after_help = COMPLETIONS_EXAMPLES)]
    Completions(Completions),
    /// Print the manual page, or write the pages of all commands
    #[command(after_help = MAN_EXAMPLES)]
    Man(Man),
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
    /// Write more forms of the report too; may be given several times, or separated by commas
    #[arg(long, value_name = "FORM", value_delimiter = ',')]
    pub format: Vec<Form>,
    /// Open report.html when it is written
    #[arg(long)]
    pub open: bool,
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

/// A form of the report that is written on request.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Form {
    /// report.xlsx: a workbook with verdicts, timeline, evidence and problems
    Xlsx,
    /// timesketch.jsonl: events and verdicts for Timesketch
    Jsonl,
    /// trace.json: states, downloads and removal windows for Perfetto, speedscope or Chrome
    Trace,
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
    /// The verdict, or the kind of a finding; without it, all verdicts are listed
    #[arg(value_name = "VERDICT")]
    pub verdict: Option<String>,
}

#[derive(Debug, Args)]
pub struct Completions {
    /// The shell that will read them
    #[arg(value_name = "SHELL")]
    pub shell: clap_complete::Shell,
}

#[derive(Debug, Args)]
pub struct Man {
    /// Write a page for each command into this folder [default: the main page to standard output]
    #[arg(value_name = "DIR")]
    pub folder: Option<PathBuf>,
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
    /// Replace names of hosts, users and domains, addresses, SIDs and mail in all output by HOST-01, USER-01, ...
    #[arg(long)]
    pub redact: bool,
    /// Write what the names of --redact stand for to this file [default: <report folder>-redaction-map.json]
    #[arg(long, value_name = "FILE", requires = "redact")]
    pub redact_map: Option<PathBuf>,
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

    /// Every command with its name as it is typed.
    fn commands() -> Vec<(String, clap::Command)> {
        use clap::CommandFactory;
        let main = Arguments::command();
        let mut all: Vec<_> = main
            .get_subcommands()
            .map(|one| (one.get_name().to_owned(), one.clone()))
            .collect();
        all.push((String::new(), main));
        all
    }

    #[test]
    fn every_command_has_examples_that_can_be_typed() {
        for (name, command) in commands() {
            let help = command.get_after_help().map(ToString::to_string);
            let help = help.unwrap_or_default();
            let examples: Vec<&str> = help
                .lines()
                .filter_map(|line| line.strip_prefix("  pkgtrail "))
                .collect();
            assert!(!examples.is_empty(), "{name} has no example");
            for example in examples {
                // What it does stands behind two spaces.
                let typed = example.split("  ").next().unwrap_or_default();
                assert!(typed.starts_with(&name), "{example} is not about {name}");
                let words = ["pkgtrail"].into_iter().chain(typed.split(' '));
                if let Err(error) = Arguments::try_parse_from(words) {
                    panic!("{example}: {error}");
                }
            }
            assert!(
                help.lines().all(|line| line.chars().count() <= 100),
                "{help}"
            );
        }
    }
}
