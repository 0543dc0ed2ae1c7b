//! Whether the files were there: when they were found missing, when they were last seen, and what
//! had to be fetched.

use super::Missing;
use crate::analysis::downloads::Found;
use crate::analysis::places::Places;
use crate::model::{Event, Fact, Moment, PackageId, Server, SourceRef};

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
        let text = match &event.fact {
            Fact::FileMissing { .. } => {
                let entry = single.get_or_insert((event.at, 0, Vec::new()));
                entry.1 += 1;
                entry.2.extend(&event.sources);
                continue;
            }
            Fact::FilesMissing { missing, of } if *missing > 0 => {
                let of = of.map_or(String::new(), |of| format!(" of {of}"));
                format!("the log says that {missing}{of} files are missing")
            }
            _ => continue,
        };
        all.push(Missing {
            at: event.at,
            text,
            sources: event.sources.clone(),
            inferred: false,
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
        });
    }
    for sight in places.sightings(package, server) {
        let inside = good.is_none_or(|good| good.before(&sight.at)) && sight.at.before(&start);
        if inside && sight.missing > 0 {
            all.push(Missing {
                at: sight.at,
                text: format!(
                    "a listing lacks {} of the {} files of the snapshot{}",
                    sight.missing,
                    sight.listed,
                    if sight.inferred {
                        ", in a folder that only its content shows to be the package's"
                    } else {
                        ""
                    }
                ),
                sources: sight.sources.clone(),
                inferred: sight.inferred,
            });
        }
    }
    all.sort_by(|a, b| (a.at, &a.sources).cmp(&(b.at, &b.sources)));
    all
}

/// The last time the files were seen before they were missed (a mere Ready is no sighting).
pub(super) fn last_seen(
    places: &Places,
    package: PackageId,
    server: &Option<Server>,
    events: &[&Event],
    found: &Found,
    previous: Option<&Found>,
    missed: Option<&Missing>,
) -> Option<(Moment, &'static str, Vec<SourceRef>)> {
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
    for event in &events[..found.decided_index] {
        match event.fact {
            Fact::VerificationPassed => offer(
                event.at,
                "a check found nothing wrong",
                event.sources.clone(),
            ),
            Fact::FileSeen { .. } => {
                offer(event.at, "a file of it was hashed", event.sources.clone())
            }
            Fact::TimesCorrected => offer(
                event.at,
                "the times of its files were corrected",
                event.sources.clone(),
            ),
            _ => {}
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
    events: &[&Event],
    found: &Found,
    previous: Option<&Found>,
    missed: Option<&Missing>,
) -> Option<Moment> {
    let limit = missed.map_or(found.decided, |missed| missed.at);
    let checks = events[..found.decided_index]
        .iter()
        .filter(|event| event.fact == Fact::VerificationPassed)
        .map(|event| event.at);
    let listings = places
        .sightings(package, server)
        .iter()
        .filter(|sight| sight.missing == 0 && sight.listed > 0 && !sight.inferred)
        .map(|sight| sight.at);
    let done = previous.and_then(|one| one.download.completed);
    checks
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
            (
                format!("{needed} of {of} blocks were downloaded again"),
                source.sources.clone(),
            )
        });
    }
    let blocks: Vec<&&Event> = cycle
        .iter()
        .filter(|event| matches!(event.fact, Fact::Block { .. }))
        .collect();
    let (first, last) = (blocks.first()?, blocks.last()?);
    let mut sources = first.sources.clone();
    sources.extend(&last.sources);
    sources.dedup();
    Some((
        format!(
            "the log shows {} blocks that were downloaded again",
            blocks.len()
        ),
        sources,
    ))
}
