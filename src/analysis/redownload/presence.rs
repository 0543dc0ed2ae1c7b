//! Whether the files were there: when they were found missing, when they were last seen, and what
//! had to be fetched.

use super::Missing;
use super::sides::Reach;
use crate::analysis::Evidence;
use crate::analysis::downloads::Found;
use crate::analysis::index::{Equals, Own};
use crate::analysis::places::{Places, as_asked};
use crate::model::{Event, Fact, Moment, PackageId, Server, SourceRef};
use std::collections::{BTreeMap, BTreeSet};

/// Files found missing before the start, by the log or by a listing.
pub(super) fn missing_before(
    places: &Places,
    package: PackageId,
    server: &Option<Server>,
    events: &[&Event],
    found: &Found,
    good: Option<Moment>,
) -> Vec<Missing> {
    let start = found.download.started;
    let mut all: Vec<Missing> = Vec::new();
    let mut single: Option<(Moment, u32, Vec<SourceRef>)> = None;
    for event in events.iter().filter(|event| event.at.start <= start.start) {
        let (text, every) = match &event.fact {
            Fact::FileMissing { .. } => {
                let entry = single.get_or_insert((event.at, 0, Vec::new()));
                entry.1 += 1;
                entry.2.extend(&event.sources);
                continue;
            }
            Fact::FilesMissing { missing, of } if *missing > 0 => {
                let every = of.map(|of| *missing >= of);
                let are = if *missing == 1 { "is" } else { "are" };
                let of = of.map_or(String::new(), |of| format!(" of {of}"));
                let files = if *missing == 1 && of.is_empty() {
                    "file"
                } else {
                    "files"
                };
                let text = format!("the log says that {missing}{of} {files} {are} missing");
                (text, every)
            }
            _ => continue,
        };
        all.push(Missing {
            at: event.at,
            text,
            sources: event.sources.to_vec(),
            inferred: false,
            all: every,
        });
    }
    if let Some((at, count, mut sources)) = single {
        sources.truncate(12);
        let files = if count == 1 { "file" } else { "files" };
        all.push(Missing {
            at,
            text: format!("the log names {count} {files} that cannot be found"),
            sources,
            inferred: false,
            all: None,
        });
    }
    for sight in places.sightings(package, server) {
        let inside = good.is_none_or(|good| good.before(&sight.at)) && sight.at.before(&start);
        if inside && sight.missing > 0 {
            all.push(Missing {
                at: sight.at,
                text: format!(
                    "a listing of {} lacks {}{}",
                    sight.at.said(),
                    lacked(sight.missing, sight.listed),
                    if sight.inferred {
                        ", in a folder that only its content shows to be the package's"
                    } else {
                        ""
                    }
                ),
                sources: sight.sources.clone(),
                inferred: sight.inferred,
                all: Some(sight.missing >= sight.listed),
            });
        }
    }
    all.sort_by(|a, b| (a.at, &a.sources).cmp(&(b.at, &b.sources)));
    all
}

/// `3 of the 8 files of the snapshot`.
fn lacked(missing: u32, listed: u32) -> String {
    match listed {
        1 => "the only file of the snapshot".to_owned(),
        _ => format!("{missing} of the {listed} files of the snapshot"),
    }
}

/// Files that the web server did not find after the package was good and before `limit`, where the
/// refresh begins that decided: from then on the product may have taken the share away itself.
///
/// Only a file that the snapshot lists, or that had been served since, can be missed. One that was
/// served again was not gone.
pub(super) fn not_found(
    evidence: &Evidence<'_>,
    package: PackageId,
    server: &Option<Server>,
    before: &[&Event],
    good: Option<Moment>,
    limit: i64,
) -> Option<Missing> {
    let good = good?;
    let unshared = before
        .iter()
        .find(|event| event.fact == Fact::ShareRemoved)
        .map(|event| event.at);
    let inside = |event: &&&Event| {
        good.before(&event.at)
            && event.at.end <= limit
            && unshared.is_none_or(|share| event.at.before(&share))
    };
    // By file, the first end and the last end of the moments at which it was served.
    let mut served: BTreeMap<String, (i64, i64)> = BTreeMap::new();
    for event in before {
        if let Fact::FileServed { path } = &event.fact {
            let end = event.at.end;
            let known = served.entry(as_asked(path)).or_insert((end, end));
            *known = (known.0.min(end), known.1.max(end));
        }
    }
    let mut missed = before
        .iter()
        .filter(inside)
        .filter_map(|event| match &event.fact {
            Fact::FileNotFound { path, .. } => Some((*event, &**path)),
            _ => None,
        })
        .peekable();
    // The download before is over and the next one has not begun: it is one snapshot.
    let listed = Places::listed_at(evidence, package, server, missed.peek()?.0.at);
    let mut files = BTreeSet::new();
    let mut first: Option<(&Event, &str)> = None;
    for (event, path) in missed {
        let asked = as_asked(path);
        let (since, until) = served.get(&asked).copied().unwrap_or((i64::MAX, i64::MIN));
        let known =
            listed.as_ref().is_some_and(|files| files.contains(&asked)) || since <= event.at.start;
        if known && until <= event.at.start {
            files.insert(asked);
            first.get_or_insert((event, path));
        }
    }
    let (event, path) = first?;
    let more = match files.len() {
        1 => String::new(),
        2 => ", and later for 1 other file".to_owned(),
        many => format!(", and later for {} other files", many - 1),
    };
    Some(Missing {
        at: event.at,
        text: format!("the web server looked for `{path}` and did not find it (404){more}"),
        sources: event.sources.to_vec(),
        inferred: false,
        all: None,
    })
}

/// The last time the files were seen before they were missed (a mere Ready is no sighting).
pub(super) fn last_seen(
    reach: &Reach<'_>,
    places: &Places,
    package: PackageId,
    own: &Own<'_>,
    found: &Found,
    previous: Option<&Found>,
    missed: Option<&Missing>,
) -> Option<(Moment, &'static str, Vec<SourceRef>)> {
    let (evidence, server) = (reach.evidence, reach.server);
    let limit = missed.map_or(found.decided, |missed| missed.at);
    let mut best: Option<(Moment, &'static str, Vec<SourceRef>)> = previous
        .and_then(|one| one.download.completed.zip(one.download.completed_source))
        .map(|(at, source)| (at, "the download before was complete", vec![source]));
    let mut offer = |at: Moment, what: &'static str, sources: Vec<SourceRef>| {
        if at.before(&limit)
            && best
                .as_ref()
                .is_none_or(|(known, ..)| at.start > known.start)
        {
            best = Some((at, what, sources));
        }
    };
    let decided = found.decided_index;
    let in_time = |event: &Event| event.at.before(&limit);
    if let Some(event) = own.seen.newest(decided, Equals::First, in_time) {
        let what = match event.fact {
            Fact::VerificationPassed => "a check found nothing wrong",
            Fact::FileSeen { .. } => "a file of it was hashed",
            _ => "the times of its files were corrected",
        };
        offer(event.at, what, event.sources.to_vec());
    }
    let mut served = own
        .served
        .ahead_of(decided)
        .iter()
        .rev()
        .filter(|event| event.at.before(&limit))
        .filter_map(|event| match &event.fact {
            Fact::FileServed { path } => Some((event, path)),
            _ => None,
        })
        .peekable();
    if let Some((newest, _)) = served.peek() {
        let listed = Places::listed_at(evidence, package, server, newest.at);
        // The very file that was not found later was there until then, listed or not.
        let lost = own.events.iter().find_map(|event| match &event.fact {
            Fact::FileNotFound { path, .. } if event.at == limit => Some(as_asked(path)),
            _ => None,
        });
        let is_own = |path: &str| {
            let asked = as_asked(path);
            let files = listed.as_ref();
            lost.as_ref() == Some(&asked) || files.is_none_or(|files| files.contains(&asked))
        };
        if let Some((event, _)) = served.find(|(_, path)| is_own(path)) {
            let what = "the web server served a file of it";
            offer(event.at, what, event.sources.to_vec());
        }
    }
    for sight in places.sightings(package, server) {
        if sight.missing == 0 && sight.listed > 0 {
            offer(
                sight.at,
                "a listing shows all of them",
                sight.sources.clone(),
            );
        }
    }
    best
}

/// The last time all of the files were seen before they were missed; one hashed file is not all of them.
pub(super) fn last_whole(
    places: &Places,
    package: PackageId,
    server: &Option<Server>,
    own: &Own<'_>,
    found: &Found,
    previous: Option<&Found>,
    missed: Option<&Missing>,
) -> Option<Moment> {
    let limit = missed.map_or(found.decided, |missed| missed.at);
    let in_time = |event: &Event| event.at.before(&limit);
    let checks = own
        .passed
        .newest(found.decided_index, Equals::Last, in_time)
        .map(|event| event.at);
    let listings = places
        .sightings(package, server)
        .iter()
        .filter(|sight| sight.missing == 0 && sight.listed > 0 && !sight.inferred)
        .map(|sight| sight.at);
    let done = previous.and_then(|one| one.download.completed);
    checks
        .into_iter()
        .chain(listings)
        .chain(done)
        .filter(|at| at.before(&limit))
        .max_by_key(|at| at.start)
}

/// What the blocks of the download say about the files that were lacking.
pub(super) fn fetched(cycle: &[&Event], found: &Found) -> Option<(String, Vec<SourceRef>)> {
    if let Some((needed, of)) = found.download.blocks_needed {
        let source = cycle
            .iter()
            .find(|event| matches!(event.fact, Fact::BlocksNeeded { .. }))?;
        return (needed > 0).then(|| {
            let were = if needed == 1 { "was" } else { "were" };
            (
                format!("{needed} of {of} blocks {were} downloaded again"),
                source.sources.to_vec(),
            )
        });
    }
    let blocks: Vec<&&Event> = cycle
        .iter()
        .filter(|event| matches!(event.fact, Fact::Block { .. }))
        .collect();
    let (first, last) = (blocks.first()?, blocks.last()?);
    let mut sources = first.sources.to_vec();
    sources.extend(&last.sources);
    sources.dedup();
    let text = match blocks.len() {
        1 => "the log shows 1 block that was downloaded again".to_owned(),
        many => format!("the log shows {many} blocks that were downloaded again"),
    };
    Some((text, sources))
}
