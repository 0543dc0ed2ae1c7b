//! "Did you mean": the nearest of the names that would have been right.
//!
//! Options and commands are clap's business; this is for names that only the evidence, the disk or
//! the tables of verdicts and zones know.

use super::arguments::Reading;
use super::colour;
use super::output::clean;
use crate::ingest::clock::{ZoneChoice, parse_zone};
use crate::model::{Case, PackageId};
use std::path::{Path, PathBuf};

/// Packages that are named where none is near.
const MOST_NAMES: usize = 8;

/// The candidate that is nearest to `wanted`, if one is near: a typing error or two. Of equally near
/// ones the first. Capitals do not count.
pub fn nearest<'a>(wanted: &str, candidates: impl Iterator<Item = &'a str>) -> Option<&'a str> {
    let wanted: Vec<char> = wanted.to_lowercase().chars().collect();
    let near = (wanted.len() / 3).clamp(1, 3);
    candidates
        .map(|name| {
            let letters: Vec<char> = name.to_lowercase().chars().collect();
            (name, distance(&wanted, &letters))
        })
        .filter(|(name, distance)| *distance <= near && *distance < name.chars().count())
        .min_by_key(|(_, distance)| *distance)
        .map(|(name, _)| name)
}

/// How many letters must be added, left out, replaced or swapped with their neighbour.
fn distance(one: &[char], other: &[char]) -> usize {
    let mut before: Vec<usize> = Vec::new();
    let mut above: Vec<usize> = (0..=other.len()).collect();
    for (row, letter) in one.iter().enumerate() {
        let mut here = vec![row + 1];
        for (column, against) in other.iter().enumerate() {
            let replaced = above[column] + usize::from(letter != against);
            let mut least = replaced.min(above[column + 1] + 1).min(here[column] + 1);
            let swapped =
                row > 0 && column > 0 && *letter == other[column - 1] && one[row - 1] == *against;
            if swapped {
                least = least.min(before[column - 1] + 1);
            }
            here.push(least);
        }
        before = std::mem::replace(&mut above, here);
    }
    above[other.len()]
}

/// Tells where an EVIDENCE that does not exist has a neighbour of a similar name.
pub fn tell_missing(evidence: &[PathBuf], reading: &Reading) {
    // Nobody has seen yet which names of neighbours are identities.
    for path in evidence
        .iter()
        .filter(|path| !path.exists() && !reading.quiet && !reading.redact)
    {
        if let Some(near) = neighbour(path) {
            let (path, near) = (path.display().to_string(), near.display().to_string());
            let text = format!("`{path}` does not exist; did you mean `{near}`?");
            colour::tell(colour::NOTE, "note", &clean(&text));
        }
    }
}

/// The file or folder beside `path` whose name is nearest.
fn neighbour(path: &Path) -> Option<PathBuf> {
    let wanted = path.file_name()?.to_string_lossy();
    let folder = path
        .parent()
        .filter(|folder| !folder.as_os_str().is_empty());
    let entries = std::fs::read_dir(folder.unwrap_or(Path::new("."))).ok()?;
    let names = entries
        .flatten()
        .map(|entry| entry.file_name().to_string_lossy().into_owned());
    let mut names: Vec<String> = names.collect();
    names.sort();
    // A link into nowhere stands there by that very name.
    names.retain(|name| *name != wanted);
    let near = nearest(&wanted, names.iter().map(String::as_str))?;
    Some(path.with_file_name(near))
}

/// The value of `--timezone`.
///
/// # Errors
/// The message of the parser, with the nearest IANA name.
pub fn zone(text: &str) -> Result<ZoneChoice, String> {
    parse_zone(text).map_err(|message| match near_zone(text) {
        Some(name) => format!("{message}; did you mean `{name}`?"),
        None => message,
    })
}

/// The nearest zone; a city alone is enough.
fn near_zone(text: &str) -> Option<&'static str> {
    let text = text.trim().replace(' ', "_");
    let names = || {
        chrono_tz::TZ_VARIANTS
            .iter()
            .copied()
            .map(chrono_tz::Tz::name)
    };
    let city = |name: &'static str| name.rsplit('/').next().unwrap_or(name);
    if let Some(name) = names().find(|name| city(name).eq_ignore_ascii_case(&text)) {
        return Some(name);
    }
    nearest(&text, names()).or_else(|| {
        let near = nearest(&text, names().map(city))?;
        names().find(|name| city(name) == near)
    })
}

/// Why `--package` names none of the packages, and which it could have meant.
pub fn no_such_package(wanted: PackageId, case: &Case) -> String {
    let text = wanted.to_string();
    let same = |one: &PackageId| one.to_string().chars().take(4).eq(text.chars().take(4));
    let ids: std::collections::BTreeSet<PackageId> =
        case.packages.iter().map(|one| one.id).collect();
    let named = |id: &PackageId| {
        let names = case.packages.iter().filter(|one| one.id == *id);
        let name = names.into_iter().find_map(|one| one.name.as_deref());
        name.map_or_else(|| id.to_string(), |name| format!("{id} ({})", clean(name)))
    };
    let texts: Vec<String> = ids.iter().map(PackageId::to_string).collect();
    let near = nearest(&text, texts.iter().map(String::as_str)).and_then(PackageId::parse);
    let mut like: Vec<String> = ids.iter().filter(|id| same(id)).map(named).collect();
    if like.is_empty() {
        like.extend(near.as_ref().map(named));
    }
    if !like.is_empty() {
        let like = like.join(", ");
        return format!("--package {text} is not in the evidence; did you mean {like}?");
    }
    let mut names: Vec<String> = ids.iter().take(MOST_NAMES).map(named).collect();
    if ids.len() > MOST_NAMES {
        names.push(format!("{} more", ids.len() - MOST_NAMES));
    }
    let known = match names.is_empty() {
        true => "the evidence names no package".to_owned(),
        false => format!("it names {}", names.join(", ")),
    };
    format!(
        "--package {text} is not in the evidence; {known}; without --package the report lists all packages"
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_distance_counts_typing_errors() {
        let count = |one: &str, other: &str| {
            distance(
                &one.chars().collect::<Vec<_>>(),
                &other.chars().collect::<Vec<_>>(),
            )
        };
        assert_eq!(count("", ""), 0);
        assert_eq!(count("", "abc"), 3);
        assert_eq!(count("abc", ""), 3);
        assert_eq!(count("bundle", "bundel"), 1);
        assert_eq!(count("kitten", "sitting"), 3);
        assert_eq!(count("ab", "ba"), 1);
    }

    #[test]
    fn only_what_is_near_is_offered() {
        let names = ["hash-change", "path-change", "external-removal", "x"];
        let near = |text: &str| nearest(text, names.into_iter());
        assert_eq!(near("External-Removel"), Some("external-removal"));
        assert_eq!(
            near("pash-change"),
            Some("hash-change"),
            "the first of equals"
        );
        assert_eq!(near("external-remo"), Some("external-removal"));
        assert_eq!(near("external-rem"), None);
        assert_eq!(near("sabotage"), None);
        assert_eq!(near("y"), None, "one letter is like any other");
    }

    #[test]
    fn zones_are_found_by_city_and_by_typing_errors() {
        assert_eq!(near_zone("Berlin"), Some("Europe/Berlin"));
        assert_eq!(near_zone("europe/berln"), Some("Europe/Berlin"));
        assert_eq!(near_zone("new york"), Some("America/New_York"));
        assert_eq!(near_zone("Warsawa"), Some("Europe/Warsaw"));
        assert_eq!(near_zone("Winterfell"), None);
        assert!(
            zone("Berlin")
                .unwrap_err()
                .ends_with("did you mean `Europe/Berlin`?")
        );
        assert!(zone("Europe/Berlin").is_ok());
    }
}
