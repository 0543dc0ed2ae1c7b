//! Which captures lie before and after the re-download, and how far a difference between them may
//! be laid to it.

use super::Same;
use crate::analysis::downloads::Found;
use crate::analysis::{DAILY_REFRESH_MS, Evidence, difference};
use crate::model::{Capture, CaptureBasis, Grade, Moment, Server, Snapshot, path};

/// A snapshot fetched before the package left Ready may lie on the disk this long before the decision.
const FETCHED_EARLY_MS: i64 = 120_000;

/// Until the next daily refresh, a finished download is the last one; it may come an hour early.
const NEXT_REFRESH_MS: i64 = DAILY_REFRESH_MS - 3_600_000;

/// The captures on both sides of the re-download.
pub(super) struct Sides<'a> {
    /// Those after the download before and before this one: they hold the old snapshot.
    pub(super) between: Vec<&'a Capture<Snapshot>>,
    /// Those just before this one, which may hold the new snapshot already.
    pub(super) late: Vec<&'a Capture<Snapshot>>,
    /// The first one after this download, and before the next.
    pub(super) after: Option<&'a Capture<Snapshot>>,
    /// The nearest ones, whatever lies between; only good for "nothing changed".
    pub(super) far_before: Option<&'a Capture<Snapshot>>,
    pub(super) far_after: Option<&'a Capture<Snapshot>>,
}

impl<'a> Sides<'a> {
    pub(super) fn of(
        captures: &[&'a Capture<Snapshot>],
        downloads: &[Found],
        place: usize,
        settled: Moment,
        fetched_at: Option<Moment>,
    ) -> Sides<'a> {
        let found = &downloads[place];
        let previous = place
            .checked_sub(1)
            .map(|before| &downloads[before].download);
        let usable =
            |one: &&&Capture<Snapshot>| one.document.complete && one.basis != CaptureBasis::Version;
        // The new snapshot may be on the disk before the package leaves Ready: from the record
        // that says so on, and where the log says nothing, shortly before.
        let early = found.decided.start - FETCHED_EARLY_MS;
        let old_until = fetched_at.map_or(early, |at| at.start.min(found.decided.start));
        let is_old = |one: &&&Capture<Snapshot>| one.at.end <= old_until;
        let far_before = captures.iter().filter(usable).rfind(is_old).copied();
        let far_after = captures
            .iter()
            .filter(usable)
            .find(|one| settled.before(&one.at))
            .copied();
        let since = |one: &&&Capture<Snapshot>| {
            previous
                .is_none_or(|earlier| earlier.completed.unwrap_or(earlier.started).before(&one.at))
        };
        let (between, late) = captures
            .iter()
            .filter(usable)
            .filter(|one| one.at.before(&found.decided))
            .filter(since)
            .partition(|one| is_old(one));
        let after = far_after.filter(|one| {
            downloads
                .get(place + 1)
                .is_none_or(|next| one.at.before(&next.decided))
        });
        Sides {
            between,
            late,
            after,
            far_before,
            far_after,
        }
    }

    /// Both adjacent captures.
    pub(super) fn pair(&self) -> Option<(&'a Capture<Snapshot>, &'a Capture<Snapshot>)> {
        // The first one since the download before: what changed later than that, changed in between.
        self.between.first().copied().zip(self.after)
    }

    /// The last capture before and the first after, for readers: between the downloads if there is
    /// one, else the nearest at all.
    pub(super) fn nearest(&self) -> Option<(&'a Capture<Snapshot>, &'a Capture<Snapshot>)> {
        self.between.last().copied().zip(self.after).or(self.wide())
    }

    /// Whether the nearest captures differ in path, or in content under one version. Another
    /// version is told by `version`, and came with another download if that is known to be the same.
    pub(super) fn changed_around(&self, version: &Same, host: Option<&str>) -> bool {
        let fold = |one: &Capture<Snapshot>| {
            let path = one.document.path.as_deref();
            path.map(|path| path::fold(path, host))
        };
        self.wide().is_some_and(|(old, new)| {
            let moved = fold(old).zip(fold(new)).is_some_and(|(a, b)| a != b);
            let versions = old.document.version.zip(new.document.version);
            let explained =
                versions.is_some_and(|(a, b)| a != b) && matches!(version, Same::Observed(..));
            let differs = || difference::compare(&old.document, &new.document).content_differs();
            moved || (!explained && differs())
        })
    }

    /// The nearest captures, whatever lies between.
    pub(super) fn wide(&self) -> Option<(&'a Capture<Snapshot>, &'a Capture<Snapshot>)> {
        self.far_before.zip(self.far_after)
    }
}

/// Whether the times of both captures are good enough to say on which side they are.
pub(super) fn firm(pair: (&Capture<Snapshot>, &Capture<Snapshot>)) -> bool {
    pair.0.basis < CaptureBasis::Modified && pair.1.basis < CaptureBasis::Modified
}

/// How far back a difference may be laid to this download.
pub(super) struct Reach<'a> {
    pub(super) evidence: &'a Evidence<'a>,
    pub(super) server: &'a Option<Server>,
    pub(super) decision: Moment,
    /// The end of this download, if the log tells it.
    pub(super) completed: Option<Moment>,
}

impl Reach<'_> {
    /// Whether the logs cover the time from `old` to the decision without a gap.
    pub(super) fn covers(&self, old: Moment) -> bool {
        self.evidence.logs.cover(self.server, old, self.decision)
    }

    /// Whether what is known at `new` is what this download fetched: a gap in the log after the
    /// decision may hide another download. After the end of the logs, the next daily refresh may.
    fn reaches(&self, new: Moment) -> bool {
        if new.start <= self.decision.start {
            return true;
        }
        let Some(until) = self.evidence.logs.until(self.server, self.decision) else {
            return false;
        };
        let done = self.completed.is_some_and(|done| done.start <= until.start);
        let last = self.evidence.logs.end(self.server) == Some(until);
        let soon = new.start < self.decision.start + NEXT_REFRESH_MS;
        new.start <= until.start || done && last && soon
    }

    /// The grade of a change that is known not to have happened at `old`, and to have happened at
    /// `new`: where no log covers the time between, a download that nobody saw may have fetched it.
    pub(super) fn grade(&self, old: Moment, new: Moment, firm: bool) -> Grade {
        if !self.covers(old) || !self.reaches(new) {
            Grade::Likely
        } else if firm {
            Grade::Proven
        } else {
            Grade::Strong
        }
    }
}
