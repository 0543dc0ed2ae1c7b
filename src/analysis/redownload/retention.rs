//! The retention arithmetic: whether the product may have deleted the files by a mark.
//!
//! The clock starts when the package is marked Deleted and stops when it is assigned again. The
//! files may go once the unused-for time has passed, at a refresh after that.

use super::CaseFile;
use crate::analysis::Evidence;
use crate::model::{Moment, PackageId, Server, SourceRef};

/// How long an unused package is kept, as far as the evidence or the option says.
#[derive(Debug, Clone, Default)]
pub struct Kept {
    /// Its own time, else that of most packages.
    pub ms: Option<i64>,
    /// The shorter of the two, where both are stated.
    pub at_least_ms: Option<i64>,
    /// Where its own time is stated.
    pub own: Option<SourceRef>,
    /// Where it seems to be said that it is never deleted. How that is said is assumed.
    pub never: Option<SourceRef>,
}

impl Kept {
    pub(super) fn of(evidence: &Evidence<'_>, package: PackageId) -> Kept {
        Kept {
            ms: evidence.kept_ms(package),
            at_least_ms: evidence.kept_at_least_ms(package),
            own: evidence.unused_for.get(&package).map(|(_, source)| *source),
            never: evidence.never_deleted.get(&package).copied(),
        }
    }
}

/// What the product may do by one mark: from the start of its clock to the assignment that stops it.
#[derive(Debug, Clone)]
pub struct Mark {
    /// When the clock started: the Time of the status file, else the record's.
    pub at: Moment,
    /// `marked as deleted`, for sentences.
    pub what: &'static str,
    pub sources: Vec<SourceRef>,
    /// Another statement of the same mark whose time is another by more than a few minutes.
    pub disagrees: Option<(Moment, Vec<SourceRef>)>,
    /// The first of all its statements.
    pub earliest: Moment,
    /// The assignment that stopped its clock before the files were missed.
    pub reset: Option<(Moment, Vec<SourceRef>)>,
    /// The end of the time in which the product may have deleted by it: the assignment, else the miss.
    pub limit: Moment,
}

/// When something happened, and where that is told.
type Told = (Moment, Vec<SourceRef>);

/// How good the statement of a mark is: the first that a mark has starts its clock.
const BEST_FIRST: [&str; 4] = [
    "called Deleted by its status file",
    "marked as deleted",
    "in the state Deleted",
    "taken out of the configuration",
];

/// The record of a mark and the Time in the status file are written within this time.
const SAME_MARK_MS: i64 = 5 * 60_000;

impl CaseFile<'_> {
    /// When the files were first missed, else when the download was decided.
    fn gone(&self) -> Moment {
        let missed = self.missing.first();
        missed.map_or(self.found.decided, |one| one.at)
    }

    /// The marks before the files were missed, earliest first; statements that no assignment parts
    /// are one mark.
    pub fn marks(&self) -> Vec<Mark> {
        let gone = self.gone();
        let mut runs: Vec<(Option<&Told>, Vec<usize>)> = Vec::new();
        let mut order: Vec<usize> = (0..self.deleted.len()).collect();
        order.sort_by_key(|place| self.deleted[*place].0);
        for place in order {
            let (at, what, _) = &self.deleted[place];
            if !BEST_FIRST.contains(what) || at.start > gone.start {
                continue;
            }
            let reset = self
                .assignments
                .iter()
                .filter(|(assigned, _)| at.before(assigned) && assigned.start <= gone.start)
                .min_by_key(|(assigned, _)| assigned.start);
            match runs.last_mut() {
                Some((known, places)) if *known == reset => places.push(place),
                _ => runs.push((reset, vec![place])),
            }
        }
        let rank = |what: &str| BEST_FIRST.iter().position(|one| *one == what);
        runs.into_iter()
            .filter_map(|(reset, places)| {
                let best = *places.iter().min_by_key(|place| {
                    let (at, what, _) = &self.deleted[**place];
                    (rank(what), at.start)
                })?;
                let (at, what, sources) = &self.deleted[best];
                let told = |place: &&usize| {
                    let (other, what, _) = &self.deleted[**place];
                    *what == BEST_FIRST[1] && (other.start - at.start).abs() > SAME_MARK_MS
                };
                let disagrees = places.iter().find(told).map(|place| {
                    let (other, _, sources) = &self.deleted[*place];
                    (*other, sources.clone())
                });
                Some(Mark {
                    at: *at,
                    what,
                    sources: sources.clone(),
                    disagrees,
                    earliest: self.deleted[*places.first()?].0,
                    reset: reset.cloned(),
                    limit: reset.map_or(gone, |(assigned, _)| *assigned),
                })
            })
            .collect()
    }

    /// Whether the unused-for time of a mark had passed before its clock was stopped or the files
    /// were missed, and they were not all seen after that; `None` if the time is not known.
    pub fn was_due(&self, mark: &Mark) -> Option<bool> {
        if self.seen_after_reset(mark) {
            return Some(false);
        }
        Some(mark.limit.end - mark.at.start >= self.kept.ms?)
    }

    /// The first moment at which the product may delete by a mark.
    pub fn due(&self, mark: &Mark) -> Option<Moment> {
        let ms = self.kept.ms?;
        Some(Moment {
            start: mark.at.start + ms,
            end: mark.at.end + ms,
            ..mark.at
        })
    }

    /// Whether all files were seen after the assignment that stopped a mark's clock.
    fn seen_after_reset(&self, mark: &Mark) -> bool {
        let stopped = mark.reset.as_ref();
        stopped.is_some_and(|(at, _)| self.whole.is_some_and(|whole| at.end <= whole.start))
    }

    /// The first refresh at which the product can have deleted by a mark: after it was due, after
    /// the files were last all seen, and before the refresh that found them missing or wanted them
    /// again. `Err` tells whether the log shows that there was none.
    pub fn refresh_that_deletes(&self, mark: &Mark) -> Result<&Told, bool> {
        let Some(due) = self.due(mark) else {
            return Err(false);
        };
        let from = due.start.max(self.whole.map_or(i64::MIN, |at| at.start));
        // A listing is no refresh: one that ran just before it may have deleted.
        let by_log = mark.reset.is_none() && mark.limit.start >= self.deciding_refresh;
        let before = if by_log {
            self.deciding_refresh
        } else {
            mark.limit.start
        };
        let wanting = mark.reset.as_ref().and_then(|(at, _)| {
            let latest = self.refreshes.iter().rfind(|one| one.0.start <= at.start)?;
            (at.start - latest.0.start <= ASSIGNING_MS).then_some(latest.0.start)
        });
        let before = wanting.unwrap_or(before).min(before);
        let found = self
            .refreshes
            .iter()
            .find(|(at, _)| at.end > from && at.start < before);
        // Wording that is never recognised shows nothing by its absence.
        let known = !self.refreshes.is_empty();
        found.ok_or(known && self.whole_log_since(due))
    }

    /// Why the product cannot have deleted by any mark, with what says so; `None` if it may have.
    ///
    /// Who is accused in its place has to be spared in doubt: the shortest time that may be in
    /// force counts, from the earliest statement of each mark, and an assignment counts only if
    /// something else calls the package Ready after it.
    pub fn spared(&self) -> Option<(String, Vec<SourceRef>)> {
        if !self.covered || self.deleted.is_empty() || self.missing.is_empty() {
            return None;
        }
        let gone = self.gone();
        let too_short = |from: &Moment, to: &Moment| {
            self.kept
                .at_least_ms
                .is_some_and(|ms| to.end - from.start < ms)
        };
        let marks = self.marks();
        let first = self.deleted.iter().min_by_key(|(at, ..)| at.start)?;
        if too_short(&first.0, &gone) {
            let text = format!(
                "it was {} at {}, but its files went before the unused-for time had passed",
                first.1,
                first.0.said()
            );
            return Some((text, first.2.clone()));
        }
        let mut told = None;
        let mut stopped: Option<Moment> = None;
        for mark in &marks {
            // What is told late of a mark may have begun as soon as the one before was stopped.
            let from = stopped.unwrap_or(mark.earliest);
            stopped = mark.reset.as_ref().map(|(at, _)| *at);
            if too_short(&from, &gone) {
                continue;
            }
            let (assigned, sources) = mark.reset.as_ref()?;
            let ready = self
                .called_ready
                .iter()
                .find(|(at, _)| assigned.before(at) && at.before(&gone))?;
            if !too_short(&from, assigned) && !self.seen_after_reset(mark) {
                return None;
            }
            let text = format!(
                "it was {} at {}, but assigned again at {} and Ready after that, which stops the clock of its clean-up",
                mark.what,
                mark.at.said(),
                assigned.said()
            );
            let sources = [&mark.sources, sources, &ready.1].into_iter().flatten();
            told.get_or_insert((text, sources.copied().collect()));
        }
        told
    }
}

/// An assignment comes with the refresh that brings it, which begins this long before at most.
const ASSIGNING_MS: i64 = 5 * 60_000;

/// The refreshes of a server until the decision.
pub(super) fn refreshes(
    evidence: &Evidence<'_>,
    server: &Option<Server>,
    decision: Moment,
) -> Vec<Told> {
    evidence
        .index
        .server(server)
        .refreshes
        .between(i64::MIN, decision.start)
        .iter()
        .filter(|event| event.at.start <= decision.start)
        .map(|event| (event.at, event.sources.to_vec()))
        .collect()
}
