//! Which unrecognised records may speak of a deletion, of the package itself or in its folder.

use super::CaseFile;
use super::siblings::overlap;
use crate::analysis::Evidence;
use crate::analysis::places::Places;
use crate::model::{Event, Moment, SourceRef, path};

/// What a deletion may be called in a wording that nobody has taught us.
const DELETION_STEMS: &[&str] = &[
    "delet",
    "remov",
    "purg",
    "clean",
    "expir",
    "unused",
    "inactive",
    "retention",
    "prun",
    "wip",
    "eras",
    "evict",
    "discard",
    "obsolete",
    "reclaim",
    "drop",
];

/// Unrecognised records that may speak of a deletion in the package's folder: they name a path in
/// it, or a package whose folder is the same.
pub(super) fn suspicious_beside(
    evidence: &Evidence<'_>,
    places: &Places,
    case: &CaseFile<'_>,
    decision: Moment,
) -> Vec<SourceRef> {
    let Some(own) = &case.location else {
        return Vec::new();
    };
    let host = case.server.as_deref();
    let root = path::fold(&own.value, host);
    let since = case.good.map_or(i64::MIN, |(at, ..)| at.start);
    let inside = |event: &&Event| {
        event.package != Some(case.package) && (since..=decision.start).contains(&event.at.start)
    };
    let about = |event: &&Event| {
        let text = event.message.to_lowercase().replace('/', "\\");
        let shares = event
            .package
            .and_then(|other| places.of(other, &case.server, event.at))
            .is_some_and(|theirs| overlap(&root, &path::fold(&theirs.value, host)));
        shares || text.contains(&root)
    };
    let unrecognised = &evidence.index.server(&case.server).unrecognised;
    let near = unrecognised.between(since, decision.start).iter().copied();
    let events = near.filter(inside);
    events
        .filter(|event| speaks_of_deletion(&event.message))
        .filter(about)
        .flat_map(|event| event.sources.to_vec())
        .collect()
}

pub(super) fn speaks_of_deletion(message: &str) -> bool {
    let lower = message.to_lowercase();
    DELETION_STEMS.iter().any(|stem| lower.contains(stem))
}

/// Whether a message names two different absolute paths, neither in the other: old and new, maybe.
pub(super) fn names_two_places(message: &str) -> bool {
    let ends = [
        '"', '\'', '<', '>', '|', ',', ';', '(', ')', '\n', '\u{2019}', '\u{201d}',
    ];
    let mut places: Vec<String> = Vec::new();
    let mut rest = message;
    while let Some(start) = place_start(rest) {
        let text = &rest[start..];
        // Without quotes, the next path begins behind a blank.
        let next = place_start(&text[2..]).map_or(text.len(), |next| next + 2);
        let end = text[..next].find(ends).unwrap_or(next);
        places.push(path::fold(&text[..end], None));
        rest = &text[end..];
    }
    // Where each lies within the next shorter one, all lie within each other.
    places.sort_by_key(String::len);
    let apart = |pair: &[String]| !path::within(&pair[1], &pair[0]);
    places.windows(2).any(apart)
}

/// Where a local or a UNC path begins.
fn place_start(text: &str) -> Option<usize> {
    let bytes = text.as_bytes();
    (0..bytes.len().saturating_sub(2)).find(|at| {
        let apart = *at == 0 || !(bytes[at - 1].is_ascii_alphanumeric() || bytes[at - 1] == b'\\');
        let local = bytes[*at].is_ascii_alphabetic()
            && bytes[at + 1] == b':'
            && matches!(bytes[at + 2], b'\\' | b'/');
        let share = bytes[*at] == b'\\'
            && bytes[at + 1] == b'\\'
            && (bytes[at + 2].is_ascii_alphanumeric() || bytes[at + 2] == b'%');
        apart && (local || share)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn two_places_are_told_from_one() {
        for two in [
            r"Alternate location of x changed: 'D:\Share\Vpn' to 'E:\Other\Vpn'",
            r"Source path is now \\smp2\pk\Vpn (was \\smp1\pk\Vpn)",
            r"New home of x: E:\Büro\Vpn previous D:\Büro\Vpn",
        ] {
            assert!(names_two_places(two), "{two}");
        }
        for one in [
            r"x lives in 'D:\Share\Vpn', file 'D:\Share\Vpn\a.msi'",
            r"x: D:\Share\Vpn",
            "nothing: at all, http://a/b",
            "",
        ] {
            assert!(!names_two_places(one), "{one}");
        }
    }
}
