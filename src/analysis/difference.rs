//! What differs between two snapshots of one package.

use crate::model::{Snapshot, SnapshotFile, path};
use std::collections::BTreeMap;

/// What differs between an older and a newer snapshot. Sorted by folded path.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Difference {
    pub added: Vec<String>,
    pub removed: Vec<String>,
    pub changed: Vec<Changed>,
    pub version: Option<(Option<i64>, Option<i64>)>,
    pub path: Option<(Option<String>, Option<String>)>,
    /// Whether every file that is in both had a hash in both.
    pub compared_hashes: bool,
}

/// A file that is in both, but not the same.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Changed {
    pub path: String,
    pub hash: Option<(String, String)>,
    pub size: Option<(u64, u64)>,
    /// Times as written on their clocks, `2026-11-03 02:00:00`.
    pub time: Option<(String, String)>,
}

impl Difference {
    /// Whether the files differ in what is downloaded: names, sizes or hashes, not only in times.
    pub fn content_differs(&self) -> bool {
        !self.added.is_empty()
            || !self.removed.is_empty()
            || self
                .changed
                .iter()
                .any(|one| one.hash.is_some() || one.size.is_some())
    }

    /// Whether nothing at all differs.
    pub fn is_empty(&self) -> bool {
        self.added.is_empty()
            && self.removed.is_empty()
            && self.changed.is_empty()
            && self.version.is_none()
            && self.path.is_none()
    }

    /// A phrase that names at most `most` files of each sort.
    pub fn in_words(&self, most: usize) -> String {
        let content: Vec<&str> = self
            .changed
            .iter()
            .filter(|one| one.hash.is_some() || one.size.is_some())
            .map(|one| one.path.as_str())
            .collect();
        let added: Vec<&str> = self.added.iter().map(String::as_str).collect();
        let removed: Vec<&str> = self.removed.iter().map(String::as_str).collect();
        let parts: Vec<String> = [("changed", content), ("added", added), ("removed", removed)]
            .into_iter()
            .filter(|(_, files)| !files.is_empty())
            .map(|(what, files)| {
                let names: Vec<String> = files
                    .iter()
                    .take(most)
                    .map(|name| format!("`{name}`"))
                    .collect();
                let more = files.len().saturating_sub(most);
                let rest = if more > 0 {
                    format!(" and {more} more")
                } else {
                    String::new()
                };
                format!("{} {what} ({}{rest})", files.len(), names.join(", "))
            })
            .collect();
        if parts.is_empty() {
            "no file differs".to_owned()
        } else {
            parts.join("; ")
        }
    }
}

/// The files of a snapshot by their folded path.
pub(super) fn by_name(snapshot: &Snapshot) -> BTreeMap<String, &SnapshotFile> {
    let name = |file: &SnapshotFile| path::fold(&file.path, None);
    let files = snapshot.files.iter();
    files.map(|file| (name(file), file)).collect()
}

/// Compares two snapshots; `old` is the earlier one. Names are compared as Windows compares them.
pub fn compare(old: &Snapshot, new: &Snapshot) -> Difference {
    let (before, after) = (by_name(old), by_name(new));
    let mut difference = Difference {
        compared_hashes: !after.is_empty(),
        ..Difference::default()
    };
    difference.version = (old.version != new.version).then_some((old.version, new.version));
    let folded = |path: &Option<String>| path.as_deref().map(|path| path::fold(path, None));
    difference.path =
        (folded(&old.path) != folded(&new.path)).then(|| (old.path.clone(), new.path.clone()));
    difference.removed = before
        .iter()
        .filter(|(name, _)| !after.contains_key(*name))
        .map(|(_, file)| file.path.clone())
        .collect();
    for (name, file) in &after {
        let Some(earlier) = before.get(name) else {
            difference.added.push(file.path.clone());
            continue;
        };
        difference.compared_hashes &= earlier.hash.is_some() && file.hash.is_some();
        let hash = earlier
            .hash
            .clone()
            .zip(file.hash.clone())
            .filter(|(a, b)| !same_hash(a, b));
        let size = earlier.size.zip(file.size).filter(|(a, b)| a != b);
        let time = earlier.modified.zip(file.modified).filter(|(a, b)| {
            a.utc_ms().unwrap_or(a.local_ms()) != b.utc_ms().unwrap_or(b.local_ms())
        });
        if hash.is_some() || size.is_some() || time.is_some() {
            let time = time.map(|(a, b)| (a.local.to_string(), b.local.to_string()));
            difference.changed.push(Changed {
                path: file.path.clone(),
                hash,
                size,
                time,
            });
        }
    }
    difference
}

/// Hashes are base64, where case counts, or hex, where it does not.
fn same_hash(a: &str, b: &str) -> bool {
    let hex = |text: &str| {
        text.len().is_multiple_of(2) && text.bytes().all(|byte| byte.is_ascii_hexdigit())
    };
    a == b || (hex(a) && hex(b) && a.eq_ignore_ascii_case(b))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn file(path: &str, size: u64, hash: Option<&str>) -> SnapshotFile {
        SnapshotFile {
            path: path.into(),
            size: Some(size),
            modified: None,
            hash: hash.map(Into::into),
            line: 1,
        }
    }

    #[test]
    fn each_sort_of_change_is_told() {
        let old = Snapshot {
            files: vec![file("a.cab", 1, Some("x")), file("gone.txt", 2, Some("y"))],
            ..Snapshot::default()
        };
        let new = Snapshot {
            files: vec![file("A.CAB", 1, Some("z")), file("new.txt", 2, Some("y"))],
            ..Snapshot::default()
        };
        let difference = compare(&old, &new);
        assert_eq!(
            difference.in_words(3),
            "1 changed (`A.CAB`); 1 added (`new.txt`); 1 removed (`gone.txt`)"
        );
        assert!(difference.content_differs() && difference.compared_hashes);
    }

    #[test]
    fn a_hash_that_one_side_lacks_is_no_difference_but_is_not_compared_either() {
        let old = Snapshot {
            files: vec![file("a", 1, None)],
            ..Snapshot::default()
        };
        let new = Snapshot {
            files: vec![file("a", 1, Some("z"))],
            ..Snapshot::default()
        };
        let difference = compare(&old, &new);
        assert!(difference.is_empty() && !difference.compared_hashes);
    }

    #[test]
    fn hex_hashes_ignore_case_and_base64_does_not() {
        assert!(same_hash("ABCD", "abcd"));
        assert!(!same_hash("ABCx", "abcx"));
    }
}
