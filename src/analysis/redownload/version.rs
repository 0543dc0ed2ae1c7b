//! Whether the version is the same before and after, as the log and the captures state it.

use super::moments::settled;
use super::sides::{Reach, Sides};
use super::{Known, SAME_REFRESH_MS, Same, given_up};
use crate::analysis::downloads::Found;
use crate::analysis::index::Own;
use crate::model::moment::UNIX_SECONDS;
use crate::model::{Capture, CaptureBasis, Event, Fact, Grade, Snapshot};

/// What the comparison of versions looks at.
pub(super) struct Versions<'a> {
    pub(super) reach: &'a Reach<'a>,
    pub(super) own: &'a Own<'a>,
    pub(super) previous: Option<&'a Found>,
    pub(super) found: &'a Found,
    /// The first event after the download before.
    pub(super) first: usize,
    /// Where the refresh that decided began.
    pub(super) refresh: i64,
    /// From the decision to the next download.
    pub(super) later: &'a [&'a Event],
    /// Until when the log goes on without a gap or a loss after the decision.
    pub(super) whole_until: i64,
    pub(super) sides: &'a Sides<'a>,
    pub(super) captures: &'a [&'a Capture<Snapshot>],
}

/// Compares the version before with the one after.
///
/// The old version is what was on the disk when the download before ended, or the first thing that
/// is known since. Whatever then states another one, up to the end of this download, is the change:
/// some servers fetch the snapshot before they leave Ready, others after.
pub(super) fn version_same(all: &Versions<'_>) -> Same {
    let (events, found, sides) = (all.own.events, all.found, all.sides);
    let end = found.end_index.min(events.len() - 1);
    let mut since: Vec<(Role, Known<i64>)> = Vec::new();
    // What is wanted long after the decision is wanted by a later refresh.
    let wanted_until = found.decided.start + SAME_REFRESH_MS;
    for event in events[all.first..=end]
        .iter()
        .filter(|event| event.at.start <= all.whole_until)
    {
        let fetched = matches!(event.fact, Fact::SnapshotReceived { .. });
        since.extend(
            versions_in(event)
                .into_iter()
                .filter(|(role, _)| {
                    *role == Role::Held || fetched || event.at.start <= wanted_until
                })
                .map(|(role, value)| (role, known(event, value))),
        );
    }
    since.extend(
        sides
            .between
            .iter()
            .filter_map(|one| Some((Role::Held, of_capture(one)?))),
    );
    since.sort_by_key(|(_, one)| one.at.start);
    let Some(mut old) = old_version(all, &since) else {
        return far_versions(sides, all.captures);
    };
    // A capture just before the decision is of the old snapshot or of the new one; another version tells.
    let late = sides.late.iter().filter_map(|one| of_capture(one));
    since.extend(
        late.filter(|one| one.value != old.value)
            .map(|one| (Role::New, one)),
    );
    since.sort_by_key(|(_, one)| one.at.start);
    let changed = since.iter().position(|(_, one)| one.value != old.value);
    let new = match changed {
        Some(place) => {
            // The latest sign of the old one narrows the time of the change.
            if let Some((_, last)) = since[..place]
                .iter()
                .rev()
                .find(|(_, one)| one.value == old.value)
            {
                old = last.clone();
            }
            Some(since[place].1.clone())
        }
        // What an earlier refresh wanted says nothing about this one.
        None => since
            .iter()
            .rev()
            .find(|(role, one)| *role == Role::New && one.at.start >= all.refresh)
            .map(|(_, one)| one.clone())
            .or_else(|| held_after(all)),
    };
    let told = events[all.first..=end]
        .iter()
        .find(|event| matches!(event.fact, Fact::SnapshotChanged { version: None }));
    let Some(new) = new else {
        // "The server has a newer one", without a number.
        return told.map_or_else(
            || far_versions(sides, all.captures),
            |event| Same::Differs {
                text: format!(
                    "the log says that the server has another snapshot than version {}",
                    version_words(old.value)
                ),
                sources: event.sources.to_vec(),
                known: event.at,
                last_old: Some(old.at),
                grade: Grade::Strong,
            },
        );
    };
    let mut sources = old.sources.clone();
    sources.extend(&new.sources);
    sources.sort_unstable();
    sources.dedup();
    if old.value == new.value {
        return Same::Observed(
            format!(
                "the version is {} before and after",
                version_words(old.value)
            ),
            sources,
        );
    }
    let firm = old.basis.is_none_or(|basis| basis < CaptureBasis::Modified)
        && new.basis.is_none_or(|basis| basis < CaptureBasis::Modified);
    let text = format!(
        "the version changed from {} to {}",
        version_words(old.value),
        version_words(new.value)
    );
    Same::Differs {
        text,
        sources,
        known: new.at,
        last_old: Some(old.at),
        grade: all.reach.grade(old.at, new.at, firm),
    }
}

/// The version on the disk when the download before had ended.
fn old_version(all: &Versions<'_>, since: &[(Role, Known<i64>)]) -> Option<Known<i64>> {
    let given_up = given_up(all.previous, all.found).is_some();
    let done = all
        .previous
        .filter(|one| one.download.completed.is_some())
        .map(|one| one.decided.start - SAME_REFRESH_MS);
    let ahead = all.own.versions.ahead_of(all.first);
    let earlier = ahead.iter().rev().find_map(|event| {
        let stated = versions_in(event);
        let fetched = matches!(event.fact, Fact::SnapshotReceived { .. });
        // What the download before was to fetch it has fetched, and what a given-up one was to
        // fetch is no news to the next one.
        let wanted = given_up || done.is_some_and(|from| event.at.start >= from);
        let usable = |role: Role| role == Role::Held || fetched || wanted;
        stated
            .iter()
            .rev()
            .find(|(role, _)| usable(*role))
            .map(|(_, value)| known(event, *value))
    });
    // Stated before the download before had begun: that download may have brought another one.
    let stale = |one: &Known<i64>| {
        all.previous
            .is_some_and(|previous| one.at.start < previous.decided.start - SAME_REFRESH_MS)
    };
    let held = since
        .iter()
        .find(|(role, _)| *role == Role::Held)
        .map(|(_, one)| one.clone());
    let captured = || {
        all.sides
            .far_before
            .and_then(of_capture)
            .filter(|_| all.previous.is_none())
    };
    match earlier {
        Some(one) if !stale(&one) => Some(one),
        _ => held.or_else(captured),
    }
}

/// The version on the disk after this download, as a check or a capture states it before the next one.
fn held_after(all: &Versions<'_>) -> Option<Known<i64>> {
    let settled = settled(all.own.events, all.found);
    all.later
        .iter()
        .filter(|event| settled.before(&event.at) && event.at.start <= all.whole_until)
        .flat_map(|event| versions_in(event).into_iter().map(|one| (*event, one)))
        .find(|(_, (role, _))| *role == Role::Held)
        .map(|(event, (_, value))| known(event, value))
        .or_else(|| all.sides.after.and_then(of_capture))
}

/// Without a value on either side of this very download: equal values farther out still say that
/// nothing changed, because a version only rises.
fn far_versions(sides: &Sides<'_>, captures: &[&Capture<Snapshot>]) -> Same {
    let Some((old, new)) = sides.wide() else {
        return Same::Unknown;
    };
    let between = captures
        .iter()
        .all(|one| one.document.version == old.document.version);
    match (old.document.version, new.document.version) {
        (Some(a), Some(b)) if a == b && between => Same::Follows(
            format!(
                "all captures around it have the version {}",
                version_words(a)
            ),
            vec![old.source, new.source],
        ),
        _ => Same::Unknown,
    }
}

/// What one record says about the version.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Role {
    /// It is on the disk.
    Held,
    /// It is wanted, or has just been fetched.
    New,
}

/// What an event says about versions, in the order in which it says it.
fn versions_in(event: &Event) -> Vec<(Role, i64)> {
    let both = |held: Option<i64>, new: Option<i64>| {
        let held = held.map(|version| (Role::Held, version));
        held.into_iter()
            .chain(new.map(|version| (Role::New, version)))
            .collect()
    };
    match event.fact {
        // On the disk, and on the server too.
        Fact::SnapshotUnchanged { version } => both(version, version),
        Fact::VersionStated { required, local } => both(local, required),
        Fact::VersionChanged { from, to } => both(from, Some(to)),
        Fact::SnapshotReceived { version } | Fact::SnapshotChanged { version } => {
            both(None, version)
        }
        _ => Vec::new(),
    }
}

fn known(event: &Event, value: i64) -> Known<i64> {
    Known {
        value,
        at: event.at,
        sources: event.sources.to_vec(),
        basis: None,
    }
}

fn of_capture(capture: &Capture<Snapshot>) -> Option<Known<i64>> {
    Some(Known {
        value: capture.document.version?,
        at: capture.at,
        sources: vec![capture.source],
        basis: Some(capture.basis),
    })
}

/// A version with the date that it decodes to: real ones are Unix seconds (assumed, strong).
pub fn version_words(version: i64) -> String {
    let plausible = UNIX_SECONDS.contains(&version);
    match chrono::DateTime::from_timestamp(version, 0).filter(|_| plausible) {
        Some(date) => format!(
            "{version} ({} UTC, if it is Unix time)",
            date.format("%Y-%m-%d %H:%M:%S")
        ),
        None => version.to_string(),
    }
}
