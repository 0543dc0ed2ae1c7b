//! Whether the package's path at its source, and its place on the server, are the same before and after.

use super::sides::{Reach, Sides, firm};
use super::{SAME_REFRESH_MS, Same};
use crate::analysis::downloads::Found;
use crate::analysis::index::Own;
use crate::model::{Capture, Event, Fact, Grade, Moment, Snapshot, SourceRef, path};

/// What a refresh says about the place of a package stands this close to its decision.
const JUST_BEFORE_MS: i64 = 5 * 60_000;

/// What the comparison of paths looks at.
#[derive(Clone, Copy)]
pub(super) struct Paths<'a> {
    pub(super) own: &'a Own<'a>,
    /// The first event after the download before.
    pub(super) first: usize,
    pub(super) found: &'a Found,
    /// The end of this download.
    pub(super) settled: Moment,
    pub(super) sides: &'a Sides<'a>,
    /// The record that says that the snapshot is unchanged.
    pub(super) unchanged: Option<&'a Event>,
    pub(super) host: Option<&'a str>,
    pub(super) reach: &'a Reach<'a>,
}

/// Compares the package's path at its source and its place on the server.
pub(super) fn path_same(all: &Paths<'_>) -> Same {
    let Paths {
        own,
        first,
        found,
        settled,
        sides,
        unchanged,
        host,
        reach,
    } = *all;
    let events = own.events;
    // A record that says so, since the download before.
    let told = events[first..=found.end_index.min(events.len() - 1)]
        .iter()
        .find_map(|event| {
            let (what, from, to) = match &event.fact {
                Fact::PackagePathChanged { from, to } => ("the package path", from, to),
                Fact::LocationChanged { from, to } => ("the location on the server", from, to),
                _ => return None,
            };
            let same = from
                .as_deref()
                .is_some_and(|from| path::fold(from, host) == path::fold(to, host));
            let old = from
                .as_deref()
                .map_or(String::new(), |from| format!(" from `{from}`"));
            (!same && event.at.start <= found.download.started.start + SAME_REFRESH_MS).then(|| {
                Same::Differs {
                    text: format!("{what} changed{old} to `{to}`"),
                    sources: event.sources.to_vec(),
                    known: event.at,
                    last_old: None,
                    grade: reach.grade(event.at, event.at, true),
                }
            })
        });
    if let Some(told) = told {
        return told;
    }
    // A share and its physical folder are two names of one place, so only like is compared with like.
    let place = |event: &&Event, share: bool| match &event.fact {
        Fact::Location { path } | Fact::LocationChanged { to: path, .. }
            if path.starts_with(r"\\") == share =>
        {
            Some((path.to_string(), event.at, event.sources.to_vec()))
        }
        _ => None,
    };
    // What is stated long after the download has ended belongs to a later change.
    let until = settled.start + SAME_REFRESH_MS;
    let places = |share: bool| {
        let earlier = own
            .placed
            .ahead_of(first)
            .iter()
            .rev()
            .find_map(|one| place(one, share));
        let mut since = own
            .placed
            .from(first)
            .iter()
            .take_while(|event| event.at.start <= until)
            .filter_map(|one| place(one, share));
        let old = earlier.or_else(|| since.next())?;
        let (mut same, mut other) = (None, None);
        for new in since {
            if path::fold(&new.0, host) != path::fold(&old.0, host) {
                other = other.or(Some(new));
            } else if new.1.start >= found.decided.start - SAME_REFRESH_MS {
                same = Some(new);
            }
        }
        Some((old, other.or(same)?))
    };
    let (physical, shared) = (places(false), places(true));
    let physical_before = own
        .placed
        .ahead_of(found.decided_index)
        .iter()
        .rev()
        .find_map(|one| place(one, false));
    let captured = sides
        .pair()
        .filter(|(a, b)| a.document.path.is_some() && b.document.path.is_some());
    for (what, old, new, firm) in [
        captured.map(|pair| {
            let side = |one: &Capture<Snapshot>| {
                (
                    one.document.path.clone().unwrap_or_default(),
                    one.at,
                    vec![one.path_source()],
                )
            };
            ("the package path", side(pair.0), side(pair.1), firm(pair))
        }),
        physical
            .clone()
            .map(|(old, new)| ("the location on the server", old, new, true)),
        shared
            .clone()
            .map(|(old, new)| ("the location on the server", old, new, true)),
    ]
    .into_iter()
    .flatten()
    {
        if path::fold(&old.0, host) != path::fold(&new.0, host) {
            let mut sources = old.2;
            sources.extend(&new.2);
            let text = format!("{what} changed from `{}` to `{}`", old.0, new.0);
            return Same::Differs {
                text,
                sources,
                known: new.1,
                last_old: Some(old.1),
                grade: reach.grade(old.1, new.1, firm),
            };
        }
    }
    if let Some(moved) = between_share_and_folder(own, found.decided, until, host, reach) {
        return moved;
    }
    if let Some(moved) = looked_elsewhere(events, first, found, physical_before, host) {
        return moved;
    }
    let place = physical.clone().or(shared.clone());
    let place_text = place
        .as_ref()
        .map(|(_, new)| format!("the location is `{}`", new.0));
    let place_sources: Vec<SourceRef> = place
        .iter()
        .flat_map(|(old, new)| old.2.iter().chain(&new.2).copied())
        .collect();
    if let Some(pair) = captured {
        let path = pair.1.document.path.as_deref().unwrap_or_default();
        let also = place_text.map_or(String::new(), |text| format!(", and {text}"));
        let mut sources = vec![pair.0.path_source(), pair.1.path_source()];
        sources.extend(&place_sources);
        let text = format!("the package path is `{path}`{also} before and after");
        // A whole log would tell of a move; where it is not whole, only the place itself says that
        // there was none.
        let told = place.is_some() || reach.covers(pair.0.at);
        return if told {
            Same::Observed(text, sources)
        } else {
            Same::Follows(text, sources)
        };
    }
    if let Some(event) = unchanged {
        return Same::Observed(
            "the log says that the snapshot, which holds the package path, is unchanged".into(),
            event.sources.to_vec(),
        );
    }
    if let Some((old, new)) = physical.or(shared) {
        let mut sources = old.2;
        sources.extend(&new.2);
        return Same::Observed(
            format!("the location is `{}` before and after", new.0),
            sources,
        );
    }
    Same::Unknown
}

/// The place was a local folder and is a share now, or the other way round. A share of this server
/// may be that very folder under another name, so that change is likely at most.
fn between_share_and_folder(
    own: &Own<'_>,
    decided: Moment,
    until: i64,
    host: Option<&str>,
    reach: &Reach<'_>,
) -> Option<Same> {
    let events = own.events;
    let since = decided.start - JUST_BEFORE_MS;
    let first = events.partition_point(|event| event.at.start < since);
    let stated = |event: &&Event| match &event.fact {
        Fact::Location { path } => Some((path.to_string(), event.at, event.sources.to_vec())),
        _ => None,
    };
    let after = || {
        let placed = own.placed.from(first).iter();
        placed.take_while(|one| one.at.start <= until)
    };
    let new = after().find_map(stated)?;
    let before = own.placed.ahead_of(first);
    let old = before.iter().rev().find_map(stated)?;
    let is_share = |path: &str| path.starts_with(r"\\");
    let (was, is) = (is_share(&old.0), is_share(&new.0));
    // Where both are stated side by side, they are two names of one place.
    let of_kind = |event: &&Event, kind: bool| match &event.fact {
        Fact::Location { path } => is_share(path) == kind,
        _ => true,
    };
    if was == is
        || !after().all(|one| of_kind(one, is))
        || !before.iter().all(|one| of_kind(one, was))
    {
        return None;
    }
    let share = path::fold(if was { &old.0 } else { &new.0 }, host);
    let grade = if share.starts_with(r"\\.") {
        Grade::Likely
    } else {
        reach.grade(old.1, new.1, true)
    };
    Some(Same::Differs {
        text: format!(
            "the location on the server changed from `{}` to `{}`",
            old.0, new.0
        ),
        sources: old.2.iter().chain(&new.2).copied().collect(),
        known: new.1,
        last_old: Some(old.1),
        grade,
    })
}

/// The first statement of the package's place, if it stands just before the decision: then the
/// place may be a new one.
pub(super) fn fresh_place(own: &Own<'_>, found: &Found) -> Option<Vec<SourceRef>> {
    let events = own.events;
    let since = found.decided.start - JUST_BEFORE_MS;
    let first = events.partition_point(|event| event.at.start < since);
    let states = |event: &&&Event| matches!(event.fact, Fact::Location { .. });
    let stated = own
        .placed
        .from(first)
        .iter()
        .take_while(|event| event.at.start <= found.decided.start)
        .find(states)?;
    let before = own.placed.ahead_of(first);
    let earlier = before.iter().any(|event| states(&event));
    (!earlier).then(|| stated.sources.to_vec())
}

/// A file that was looked for outside the stated folder: the place is another, or the same under
/// another name (a junction), so nobody may be accused, and the change is likely at most.
fn looked_elsewhere(
    events: &[&Event],
    first: usize,
    found: &Found,
    stated: Option<(String, Moment, Vec<SourceRef>)>,
    host: Option<&str>,
) -> Option<Same> {
    let (old, at, sources) = stated?;
    let root = path::fold(&old, host);
    let last = found.end_index.min(events.len() - 1);
    events[first..=last].iter().find_map(|event| {
        let Fact::FileMissing { path: file } = &event.fact else {
            return None;
        };
        let local = file.as_bytes().get(1) == Some(&b':');
        (local && !path::within(&path::fold(file, host), &root)).then(|| Same::Differs {
            text: format!("a file was looked for at `{file}`, outside of `{old}`"),
            sources: sources.iter().chain(&event.sources).copied().collect(),
            known: event.at,
            last_old: Some(at),
            grade: Grade::Likely,
        })
    })
}
