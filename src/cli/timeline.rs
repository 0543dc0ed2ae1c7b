//! `pkgtrail timeline`: the event table only.

use super::arguments::Timeline as Options;
use super::{End, gather, output, redacted};
use crate::timeline::Format;
use anyhow::{Result, bail};
use std::io::BufWriter;
use std::path::Path;

pub fn run(options: &Options) -> Result<End> {
    let format = options
        .output
        .as_deref()
        .map_or(Ok(Format::Jsonl), format_of)?;
    let reading = &options.evidence.reading;
    redacted::check(reading, None)?;
    let ingested = gather::ingest(
        &options.evidence.evidence,
        &options.evidence.reading,
        gather::Shows::Events,
    )?;
    gather::usable(&ingested, &options.evidence.evidence)?;
    let (case, timeline) = gather::table(ingested);
    gather::tell(&case.problems, &options.evidence.reading);
    redacted::write_map(
        reading,
        &redacted::default_folder(&options.evidence.evidence[0])?,
    )?;
    let cite = |source, out: &mut String| case.cite_to(source, out);
    match &options.output {
        Some(path) => {
            let folder = path
                .parent()
                .filter(|folder| !folder.as_os_str().is_empty())
                .unwrap_or(Path::new("."));
            let Some(name) = path.file_name() else {
                bail!("`{}` names no file", path.display())
            };
            let count = timeline.events().len();
            output::write(folder, &name.to_string_lossy(), |out| {
                timeline.save(&cite, format, out)?;
                // While the disk takes the rest of it.
                rayon::spawn(|| timeline.let_go());
                Ok(())
            })?;
            if !options.evidence.reading.quiet {
                let place = output::clean(&path.display().to_string());
                eprintln!("{count} events in {place}");
            }
        }
        None => {
            // Not straight: standard output writes each line by itself.
            let mut out = BufWriter::new(std::io::stdout().lock());
            timeline.save(&cite, format, &mut out)?;
            timeline.let_go();
        }
    }
    let lossy = gather::lossy(&case.problems);
    Ok(if lossy { End::Lossy } else { End::Whole })
}

fn format_of(path: &Path) -> Result<Format> {
    let ending = path
        .extension()
        .map(|ending| ending.to_string_lossy().to_ascii_lowercase());
    Ok(match ending.as_deref() {
        Some("parquet") => Format::Parquet,
        Some("csv") => Format::Csv,
        Some("jsonl") => Format::Jsonl,
        _ => bail!(
            "`{}` has no known ending; use .parquet, .csv or .jsonl",
            path.display()
        ),
    })
}
