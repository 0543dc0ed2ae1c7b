//! Which moments the rest is measured by: when the package was last good, when the download had
//! settled, when the refresh that decided began.

use super::SAME_REFRESH_MS;
use crate::analysis::downloads::Found;
use crate::analysis::{Evidence, states};
use crate::model::{Event, Fact, Moment, Server, SourceRef, State};

/// The end of the download before, else the first known Ready since.
pub(super) fn last_good(
    found: &Found,
    previous: Option<&Found>,
) -> Option<(Moment, SourceRef, &'static str)> {
    if let Some(done) =
        previous.and_then(|one| one.download.completed.zip(one.download.completed_source))
    {
        return Some((done.0, done.1, "its earlier download was complete"));
    }
    found
        .ready_before
        .map(|(at, source)| (at, source, "it was Ready"))
}

/// Where the only sign is "Ready until now", the first record of an earlier refresh since when the
/// log states no other state: it was Ready from then on.
pub(super) fn ready_throughout(
    before: &[&Event],
    good: Moment,
    decision: Moment,
) -> Option<Moment> {
    let recent = decision.start - SAME_REFRESH_MS;
    let other = |event: &&&Event| {
        states::state_after(event, State::Ready).is_some_and(|state| state != State::Ready)
    };
    if good.start < recent || before.iter().any(|event| other(&event)) {
        return None;
    }
    // A capture shows a document, and a web server what clients want: no refresh of the package.
    let captured = |event: &&&Event| {
        matches!(
            event.fact,
            Fact::SnapshotCaptured { .. }
                | Fact::StatusCaptured { .. }
                | Fact::ListingTaken { .. }
                | Fact::FileServed { .. }
                | Fact::FileNotFound { .. }
                | Fact::RequestRefused { .. }
        )
    };
    let first = before.iter().find(|event| !captured(event))?;
    (first.at.start < recent).then_some(first.at)
}

/// The end of a download: its completion, else the last record about it.
pub(super) fn settled(events: &[&Event], found: &Found) -> Moment {
    found.download.completed.unwrap_or_else(|| {
        let last = found.end_index.min(events.len() - 1);
        events[last].at.max(found.download.started)
    })
}

/// Where the refresh that led to the decision began, as the log says, but half an hour before at most:
/// what an earlier refresh found says nothing about this one.
pub(super) fn refresh_before(
    evidence: &Evidence<'_>,
    server: &Option<Server>,
    decision: Moment,
) -> i64 {
    let earliest = decision.start - SAME_REFRESH_MS;
    let begun = evidence
        .index
        .server(server)
        .refreshes
        .between(i64::MIN, decision.start)
        .iter()
        .rev()
        .find(|event| event.at.start <= decision.start);
    begun.map_or(earliest, |event| event.at.start.max(earliest))
}

pub(super) fn near(event: &Event, moment: Moment, within_ms: i64) -> bool {
    (event.at.start - moment.start).abs() <= within_ms
}
