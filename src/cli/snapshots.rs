//! `pkgtrail snapshots`: what changed between captures of one package.

use super::arguments::{Reading, Snapshots};
use super::output::clean;
use super::{End, gather, redacted};
use crate::analysis::difference::compare;
use crate::analysis::redownload::version_words;
use crate::model::{Capture, CaptureBasis, Snapshot, ZoneBasis};
use anyhow::{Result, bail};
use std::io::Write;

pub fn run(options: &Snapshots) -> Result<End> {
    redacted::check(&options.reading, None)?;
    let mut ingested = gather::ingest(&options.captures, &options.reading, gather::Shows::Events)?;
    let by_disk = ingested
        .snapshots
        .iter()
        .all(|one| one.basis == CaptureBasis::Modified);
    if by_disk && ingested.zone.basis == ZoneBasis::Unknown {
        // Disks keep UTC, and nothing else is compared with it here.
        let reading = Reading {
            timezone: Some("+00:00".to_owned()),
            ..options.reading.clone()
        };
        ingested = gather::ingest(&options.captures, &reading, gather::Shows::Events)?;
    }
    // Copied files often have one time; a version only rises.
    ingested
        .snapshots
        .sort_by_key(|one| (one.at.start, one.document.version, one.source));
    gather::tell(&ingested.problems, &options.reading);
    redacted::write_map(
        &options.reading,
        &redacted::default_folder(&options.captures[0])?,
    )?;
    let captures = &ingested.snapshots;
    let mut packages: Vec<String> = captures
        .iter()
        .filter_map(|one| one.package)
        .map(|id| id.to_string())
        .collect();
    packages.sort();
    packages.dedup();
    if packages.len() > 1 {
        bail!(
            "the captures are of {} packages ({}); give the captures of one",
            packages.len(),
            packages.join(", ")
        );
    }
    if captures.len() < 2 {
        bail!(
            "{} of a snapshot found; two or more are needed to compare",
            crate::render::words::count(captures.len(), "capture")
        );
    }
    let cite = |capture: &Capture<Snapshot>| {
        let path = ingested
            .files
            .get(capture.source.file.0 as usize)
            .map_or("?", |file| file.path.as_str());
        clean(&redacted::path(path))
    };
    let mut out = std::io::stdout().lock();
    if let Some(package) = packages.first() {
        let name = captures
            .iter()
            .find_map(|one| one.document.name.as_deref())
            .map_or(String::new(), |name| format!(" {}", clean(name)));
        writeln!(out, "package {package}{name}")?;
    }
    for capture in captures {
        let version = capture
            .document
            .version
            .map_or("no version".to_owned(), version_words);
        let cut = if capture.document.complete {
            ""
        } else {
            "; INCOMPLETE, proves no absence"
        };
        writeln!(
            out,
            "\n{}  {}\n    version {version}, {} files{cut}; time from {}",
            capture.at.shown(),
            cite(capture),
            capture.document.files.len(),
            capture.basis.words()
        )?;
    }
    for pair in captures.windows(2) {
        writeln!(out, "\n{} -> {}", pair[0].at.shown(), pair[1].at.shown())?;
        tell(&mut out, &pair[0].document, &pair[1].document)?;
    }
    Ok(if gather::lossy(&ingested.problems) {
        End::Lossy
    } else {
        End::Whole
    })
}

fn tell(out: &mut impl Write, old: &Snapshot, new: &Snapshot) -> Result<()> {
    let difference = compare(old, new);
    if difference.is_empty() {
        writeln!(out, "    nothing changed")?;
    }
    if let Some((from, to)) = &difference.version {
        let words = |version: &Option<i64>| version.map_or("none".to_owned(), version_words);
        writeln!(
            out,
            "    version  {}\n          -> {}",
            words(from),
            words(to)
        )?;
    }
    if let Some((from, to)) = &difference.path {
        let words = |path: &Option<String>| path.as_deref().map_or("none".to_owned(), clean);
        writeln!(
            out,
            "    path     {}\n          -> {}",
            words(from),
            words(to)
        )?;
    }
    for file in &difference.added {
        writeln!(out, "    added    {}", clean(file))?;
    }
    for file in &difference.removed {
        // A cut capture lacks what it never showed.
        let doubt = if new.complete {
            ""
        } else {
            "  (the newer capture is incomplete: not proven)"
        };
        writeln!(out, "    removed  {}{doubt}", clean(file))?;
    }
    for file in &difference.changed {
        let mut parts = Vec::new();
        if let Some((from, to)) = &file.hash {
            parts.push(format!("hash {from} -> {to}"));
        }
        if let Some((from, to)) = &file.size {
            parts.push(format!("size {from} -> {to}"));
        }
        if let Some((from, to)) = &file.time {
            parts.push(format!("time {from} -> {to}"));
        }
        writeln!(out, "    changed  {}", clean(&file.path))?;
        for part in parts {
            writeln!(out, "             {}", clean(&part))?;
        }
    }
    Ok(())
}
