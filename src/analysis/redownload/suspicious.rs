//! Which unrecognised records may speak of a deletion, of the package itself or in its folder.

use super::CaseFile;
use super::siblings::overlap;
use crate::analysis::Evidence;
use crate::analysis::places::Places;
use crate::model::{Event, Fact, Moment, SourceRef, path};

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
        event.fact == Fact::Other
            && event.server == case.server
            && event.package != Some(case.package)
            && (since..=decision.start).contains(&event.at.start)
    };
    let about = |event: &&Event| {
        let text = event.message.to_lowercase().replace('/', "\\");
        let shares = event
            .package
            .and_then(|other| places.of(other, &case.server, event.at))
            .is_some_and(|theirs| overlap(&root, &path::fold(&theirs.value, host)));
        shares || text.contains(&root)
    };
    let events = evidence.events.iter().filter(inside);
    events
        .filter(|event| speaks_of_deletion(&event.message))
        .filter(about)
        .flat_map(|event| event.sources.clone())
        .collect()
}

pub(super) fn speaks_of_deletion(message: &str) -> bool {
    let lower = message.to_lowercase();
    DELETION_STEMS.iter().any(|stem| lower.contains(stem))
}
