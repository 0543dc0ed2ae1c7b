//! `pkgtrail messages`: which wordings of a bundle were recognised, and which were not.

use super::arguments::Messages;
use super::output::clean;
use super::{End, gather, redacted};
use crate::ingest::messages::{KINDS, as_entry, template};
use crate::model::text::is_treacherous;
use anyhow::Result;
use std::collections::BTreeMap;
use std::io::Write;

pub fn run(options: &Messages) -> Result<End> {
    let mut out = std::io::stdout().lock();
    if options.kinds {
        for (kind, about, groups) in KINDS {
            writeln!(
                out,
                "{kind:<22}{about}{}",
                groups
                    .iter()
                    .map(|group| format!(" (?<{group}>)"))
                    .collect::<String>()
            )?;
        }
        return Ok(End::Whole);
    }
    redacted::check(&options.reading, None)?;
    let ingested = gather::ingest(&options.evidence, &options.reading, gather::Shows::Wordings)?;
    gather::usable(&ingested, &options.evidence)?;
    gather::tell(&ingested.problems, &options.reading);
    redacted::write_map(
        &options.reading,
        &redacted::default_folder(&options.evidence[0])?,
    )?;
    let (known, unknown): (Vec<_>, Vec<_>) = ingested
        .wordings
        .iter()
        .partition(|(_, one)| one.pattern.is_some());
    writeln!(out, "# {} recognised wordings", known.len())?;
    for (template, one) in &known {
        let pattern = one.pattern.as_deref().unwrap_or_default();
        writeln!(
            out,
            "# {:>8}  {:<10} {:<28} {}",
            one.count,
            one.wording.name(),
            redacted::line(pattern),
            clean(&told(template, &one.sample))
        )?;
    }
    writeln!(
        out,
        "\n# {} wordings about packages that were not recognised, ready to paste into a file for --messages",
        unknown.len()
    )?;
    let mut names: BTreeMap<String, u32> = BTreeMap::new();
    for (template, one) in &unknown {
        let sample = redacted::line(&one.sample);
        let entry = as_entry(&told(template, &one.sample), &sample, one.count);
        writeln!(out, "\n{}", harmless(&unique(&entry, &mut names)))?;
    }
    Ok(if gather::lossy(&ingested.problems) {
        End::Lossy
    } else {
        End::Whole
    })
}

/// The wording to be shown. One with placeholders hides where a name begins, so it is made anew of a
/// sample that was changed.
fn told(wording: &str, sample: &str) -> String {
    let shown = redacted::line(sample);
    match shown == sample {
        true => redacted::line(wording),
        false => redacted::line(&template(&shown)),
    }
}

/// Gives each entry a name of its own: templates that differ late have the same first words.
fn unique(entry: &str, names: &mut BTreeMap<String, u32>) -> String {
    let Some(line) = entry.lines().find(|line| line.starts_with("name = ")) else {
        return entry.to_owned();
    };
    let count = names.entry(line.to_owned()).or_default();
    *count += 1;
    match *count {
        1 => entry.to_owned(),
        number => entry.replacen(
            line,
            &format!("{}-{number}\"", line.trim_end_matches('"')),
            1,
        ),
    }
}

/// What could steer a terminal, as the escapes that TOML strings and patterns know.
fn harmless(entry: &str) -> String {
    let escaped = |one: char| {
        if one != '\n' && is_treacherous(one) && u32::from(one) <= 0xFFFF {
            format!("\\u{:04X}", u32::from(one))
        } else {
            one.to_string()
        }
    };
    entry.chars().map(escaped).collect()
}
