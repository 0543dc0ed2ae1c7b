//! What was noticed beside the re-downloads: one file per kind.
//!
//! A finding is a state of things that harms sooner or later, whether or not it started a
//! download yet. It is said once per thing, not once per record or package that shows it, and it
//! never takes part in a verdict.

mod alternate;
mod illegal_step;
mod no_own_subfolder;
mod path_too_long;
mod refresh_too_often;
mod server_version_old;
mod share_missing;
mod shared_folder;
mod snapshots_deleted;
#[cfg(test)]
pub mod testing;

use super::places::Places;
use super::{Evidence, Story};
use crate::model::{Finding, PackageId, SourceRef};

/// All that findings may look at.
pub struct Ground<'a> {
    pub evidence: &'a Evidence<'a>,
    pub places: &'a Places,
    /// Sorted by id, then server.
    pub stories: &'a [Story<'a>],
}

/// A kind of finding.
pub struct Kind {
    /// The stable name.
    pub name: &'static str,
    /// One line about it.
    pub about: &'static str,
    pub find: fn(&Ground<'_>) -> Vec<Finding>,
}

/// All kinds, by name.
pub const FINDINGS: &[Kind] = &[
    illegal_step::KIND,
    no_own_subfolder::KIND,
    path_too_long::KIND,
    refresh_too_often::KIND,
    server_version_old::KIND,
    share_missing::KIND,
    shared_folder::KIND,
    snapshots_deleted::KIND,
];

/// Places cited for one finding; more would not be read.
const MOST_SOURCES: usize = 12;

/// Looks for all kinds. Sorted by server, package, kind and time.
pub fn find(ground: &Ground<'_>) -> Vec<Finding> {
    let mut all: Vec<Finding> = FINDINGS
        .iter()
        .flat_map(|kind| (kind.find)(ground))
        .collect();
    for one in &mut all {
        one.sources = cited(std::mem::take(&mut one.sources));
    }
    all.sort_by(|a, b| {
        let key = |one: &Finding| (one.server.clone(), one.package, one.kind, one.at);
        key(a)
            .cmp(&key(b))
            .then_with(|| (&a.text, &a.sources).cmp(&(&b.text, &b.sources)))
    });
    all.dedup();
    all
}

/// Sorted, each once, and not more than a reader opens.
fn cited(mut sources: Vec<SourceRef>) -> Vec<SourceRef> {
    // The first of each part of the proof must survive the cut, so it is made before sorting.
    let mut seen = std::collections::BTreeSet::new();
    sources.retain(|source| seen.insert(*source));
    sources.truncate(MOST_SOURCES);
    sources.sort_unstable();
    sources
}

/// Packages in order, each once.
fn sorted(mut packages: Vec<PackageId>) -> Vec<PackageId> {
    packages.sort_unstable();
    packages.dedup();
    packages
}

/// A package as sentences name it.
fn named(ground: &Ground<'_>, package: PackageId) -> String {
    ground.evidence.named(package)
}

/// `A, B and 3 more`.
fn listed(all: &[String], most: usize) -> String {
    let shown = &all[..all.len().min(most)];
    match (shown, all.len() - shown.len()) {
        ([], _) => String::new(),
        ([only], 0) => only.clone(),
        ([first @ .., last], 0) => format!("{} and {last}", first.join(", ")),
        (shown, more) => format!("{} and {more} more", shown.join(", ")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_kinds_are_sorted_and_told_apart() {
        let names: Vec<&str> = FINDINGS.iter().map(|kind| kind.name).collect();
        let mut sorted = names.clone();
        sorted.sort_unstable();
        sorted.dedup();
        assert_eq!(names, sorted);
        assert!(FINDINGS.iter().all(|kind| !kind.about.is_empty()));
    }

    #[test]
    fn lists_are_cut_and_counted() {
        let all: Vec<String> = ["a", "b", "c"].map(String::from).to_vec();
        assert_eq!(listed(&all, 3), "a, b and c");
        assert_eq!(listed(&all, 2), "a, b and 1 more");
        assert_eq!(listed(&all[..1], 2), "a");
        assert_eq!(listed(&[], 2), "");
    }
}
