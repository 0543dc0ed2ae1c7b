//! Two snapshots side by side, for readers: version, path, and every file that differs.

use super::difference::{by_name, compare};
use crate::model::{Capture, Compared, Side, SideBySide, SideRow, Snapshot, SnapshotFile, path};
use std::collections::BTreeMap;

/// Lays the earlier and the later capture side by side.
pub fn lay(old: &Capture<Snapshot>, new: &Capture<Snapshot>) -> SideBySide {
    let difference = compare(&old.document, &new.document);
    let mut rows = Vec::new();
    let number = |version: Option<i64>| version.map(|version| version.to_string());
    rows.push(SideRow {
        what: Compared::Version,
        before: number(old.document.version),
        after: number(new.document.version),
    });
    // Written apart, but the same for Windows: shown as the newer one writes it.
    let path_before = match difference.path {
        None => new.document.path.clone(),
        Some((before, _)) => before,
    };
    rows.push(SideRow {
        what: Compared::Path,
        before: path_before,
        after: new.document.path.clone(),
    });
    rows.retain(|row| row.before.is_some() || row.after.is_some());
    let (before, after) = (by_name(&old.document), by_name(&new.document));
    let mut files: BTreeMap<String, SideRow> = BTreeMap::new();
    let changed = difference.changed.iter().map(|one| &one.path);
    let named = difference.added.iter().chain(&difference.removed);
    for name in named.chain(changed) {
        let folded = path::fold(name, None);
        let told = |side: &BTreeMap<String, &SnapshotFile>| side.get(&folded).map(|one| tell(one));
        let row = SideRow {
            what: Compared::File(name.clone()),
            before: told(&before),
            after: told(&after),
        };
        files.insert(folded, row);
    }
    let differing = difference.changed.len() + difference.added.len();
    let more_files = files.len().saturating_sub(SideBySide::MOST_FILES);
    let room = SideBySide::MOST_FILES.saturating_sub(files.len());
    let same = after
        .iter()
        .filter(|(name, _)| !files.contains_key(*name))
        // One side may state less of a file than the other; such a row would look like a difference.
        .filter(|(name, file)| before.get(*name).is_some_and(|old| tell(old) == tell(file)))
        .take(room);
    let same: Vec<SideRow> = same
        .map(|(_, file)| SideRow {
            what: Compared::File(file.path.clone()),
            before: Some(tell(file)),
            after: Some(tell(file)),
        })
        .collect();
    rows.extend(files.into_values().take(SideBySide::MOST_FILES));
    rows.extend(same);
    let side = |one: &Capture<Snapshot>| Side {
        at: one.at,
        source: one.source,
        files: one.document.files.len(),
    };
    SideBySide {
        before: side(old),
        after: side(new),
        rows,
        more_files,
        same_files: after.len().saturating_sub(differing),
        compared_hashes: difference.compared_hashes,
    }
}

/// `1024 bytes; hash 9f86d0…; 2026-11-03 02:00:00`: what the snapshot says of a file.
fn tell(file: &SnapshotFile) -> String {
    let size = file.size.map(|size| format!("{size} bytes"));
    let hash = file.hash.as_ref().map(|hash| format!("hash {hash}"));
    let time = file.modified.as_ref().map(|time| time.local.to_string());
    let parts: Vec<String> = [size, hash, time].into_iter().flatten().collect();
    if parts.is_empty() {
        "listed".to_owned()
    } else {
        parts.join("; ")
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{CaptureBasis, FileId, Moment, SourceRef};

    fn capture(at: i64, document: Snapshot) -> Capture<Snapshot> {
        Capture {
            at: Moment::exact(at, None),
            basis: CaptureBasis::CapturesCsv,
            server: None,
            package: None,
            source: SourceRef {
                file: FileId(0),
                line: 1,
            },
            document: document.into(),
        }
    }

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
    fn what_differs_is_told_on_both_sides_and_what_does_not_is_counted() {
        let old = Snapshot {
            version: Some(3),
            path: Some(r"\\NS\Packages\VPN\".into()),
            files: vec![
                file("same.txt", 5, Some("q")),
                file("a.cab", 1, Some("x")),
                file("gone.txt", 2, None),
            ],
            ..Snapshot::default()
        };
        let new = Snapshot {
            version: Some(4),
            path: Some(r"\\ns\packages\vpn".into()),
            files: vec![
                file("SAME.txt", 5, Some("q")),
                file("A.CAB", 1, Some("z")),
                file("new.txt", 7, None),
            ],
            ..Snapshot::default()
        };
        let laid = lay(&capture(1, old), &capture(2, new));
        let told: Vec<(String, Option<&str>, Option<&str>)> = laid
            .rows
            .iter()
            .map(|row| {
                let what = match &row.what {
                    Compared::Version => "version".to_owned(),
                    Compared::Path => "path".to_owned(),
                    Compared::File(name) => name.clone(),
                };
                (what, row.before.as_deref(), row.after.as_deref())
            })
            .collect();
        let path = Some(r"\\ns\packages\vpn");
        let expected = [
            ("version".to_owned(), Some("3"), Some("4")),
            ("path".to_owned(), path, path),
            (
                "A.CAB".to_owned(),
                Some("1 bytes; hash x"),
                Some("1 bytes; hash z"),
            ),
            ("gone.txt".to_owned(), Some("2 bytes"), None),
            ("new.txt".to_owned(), None, Some("7 bytes")),
            (
                "SAME.txt".to_owned(),
                Some("5 bytes; hash q"),
                Some("5 bytes; hash q"),
            ),
        ];
        assert_eq!(told, expected);
        assert!(laid.rows[0].differs() && !laid.rows[1].differs());
        assert_eq!(
            (laid.same_files, laid.before.files, laid.after.files),
            (1, 3, 3)
        );
    }

    #[test]
    fn equal_snapshots_have_no_differing_row() {
        let one = Snapshot {
            version: Some(3),
            files: vec![file("a", 1, Some("x")), file("b", 2, Some("y"))],
            ..Snapshot::default()
        };
        let laid = lay(&capture(1, one.clone()), &capture(2, one));
        assert!(!laid.rows.iter().any(SideRow::differs));
        assert_eq!((laid.rows.len(), laid.same_files), (3, 2));
    }

    #[test]
    fn of_thousands_the_first_are_shown_and_the_rest_is_counted() {
        let files = |number| {
            (0..number)
                .map(|one| file(&format!("f{one:04}"), 1, None))
                .collect()
        };
        let with = |number| Snapshot {
            files: files(number),
            ..Snapshot::default()
        };
        let laid = lay(&capture(1, with(3)), &capture(2, with(1_003)));
        let most = SideBySide::MOST_FILES;
        assert_eq!((laid.rows.len(), laid.more_files), (most, 1_000 - most));
        assert_eq!(laid.same_files, 3);
    }
}
