//! The timeline and the captures to verdicts.
//!
//! [`downloads`] cuts the history of each package into downloads, [`redownload`] puts the case
//! file of each re-download together, [`rules`] judge it; [`findings`] are what harms beside that.
//! Nothing here reads files or knows wordings.

pub mod coverage;
pub mod difference;
pub mod downloads;
pub mod findings;
pub mod index;
pub mod observations;
pub mod places;
pub mod redownload;
pub mod rules;
pub mod shown;
pub mod side_by_side;
pub mod states;
#[cfg(test)]
mod tests;

use crate::model::{
    Capture, Event, Fact, FileId, Finding, Listing, MissingWhileReady, Moment, PackageCase,
    PackageId, Redownload, Server, Snapshot, SourceRef, State, StateSpan, Status, Verdict,
};
use coverage::Logs;
use index::{Index, Own};
use places::Places;
use rayon::prelude::*;
use std::collections::{BTreeMap, BTreeSet};

/// Packages are refreshed daily where nothing else is set (`AgentExecInterval`, article 422201).
const DAILY_REFRESH_MS: i64 = 24 * 3_600_000;

/// All that analysis looks at.
pub struct Evidence<'a> {
    /// In the order of the timeline.
    pub events: &'a [Event],
    /// Those events by server and kind.
    pub index: &'a Index<'a>,
    /// Each in order of time.
    pub snapshots: &'a [Capture<Snapshot>],
    pub statuses: &'a [Capture<Status>],
    pub listings: &'a [Capture<Listing>],
    /// What the logs of each server cover.
    pub logs: &'a Logs,
    /// Display names, as logs and documents give them.
    pub names: &'a BTreeMap<PackageId, String>,
    /// The setting "Delete package files if they are unused for", if it is known.
    pub unused_for_ms: Option<i64>,
    /// The same of single packages, with where it is stated.
    pub unused_for: &'a BTreeMap<PackageId, (i64, SourceRef)>,
    /// Packages that the evidence says are never deleted. How it says so is assumed.
    pub never_deleted: &'a BTreeMap<PackageId, SourceRef>,
    /// How often the server refreshes its packages, if a registry export states it.
    pub refresh_every_ms: Option<i64>,
    /// Files that hold copies of records: tickets, histories. What a log tells too is cited from the log.
    pub copies: &'a BTreeSet<FileId>,
}

impl Evidence<'_> {
    /// A package as sentences name it: by its display name with its id, else by its id.
    pub fn named(&self, package: PackageId) -> String {
        match self.names.get(&package) {
            Some(name) => format!("\u{201c}{name}\u{201d} ({package})"),
            None => package.to_string(),
        }
    }

    /// How long an unused package is kept: its own time, else that of most.
    pub fn kept_ms(&self, package: PackageId) -> Option<i64> {
        let own = self.unused_for.get(&package).map(|(ms, _)| *ms);
        own.or(self.unused_for_ms)
    }

    /// The shortest time that the evidence gives for it. Who is spared by "too early for the
    /// product" has to be spared by every setting that may be in force.
    pub fn kept_at_least_ms(&self, package: PackageId) -> Option<i64> {
        let own = self.unused_for.get(&package).map(|(ms, _)| *ms);
        own.into_iter().chain(self.unused_for_ms).min()
    }
}

/// One package on one server: its events in order, and the walk over them.
pub struct Story<'a> {
    pub package: PackageId,
    pub server: Option<Server>,
    pub events: &'a [&'a Event],
    pub history: downloads::History,
}

/// What analysis finds.
#[derive(Debug, Clone, Default)]
pub struct Analysis {
    /// Sorted by id, then server.
    pub packages: Vec<PackageCase>,
    /// Sorted by server, package, kind and time.
    pub findings: Vec<Finding>,
}

/// Finds every package, its downloads and re-downloads, and judges them; then looks what else there is.
pub fn analyse(evidence: &Evidence<'_>) -> Analysis {
    let copied = |event: &Event| evidence.copies.contains(&event.sources[0].file);
    let in_doubt = |event: &Event| event.sources.len() > 1 && copied(event);
    if evidence.copies.is_empty() || !evidence.events.iter().any(in_doubt) {
        return analyse_ordered(evidence);
    }
    let mut events = evidence.events.to_vec();
    for event in &mut events {
        event
            .sources
            .sort_by_key(|source| (evidence.copies.contains(&source.file), *source));
    }
    analyse_ordered(&Evidence {
        events: &events,
        index: &Index::of(&events),
        ..*evidence
    })
}

/// The same, where the first source of each event is the best one.
fn analyse_ordered(evidence: &Evidence<'_>) -> Analysis {
    let all: Vec<_> = evidence.index.packages().collect();
    let hosted = all.into_par_iter().filter(|(.., events)| is_hosted(events));
    let by_package: Vec<_> = hosted.collect();
    let keys: Vec<(PackageId, Option<Server>)> = by_package
        .iter()
        .map(|(package, server, _)| (*package, (*server).clone()))
        .collect();
    // Packages are told and judged by themselves, so the number of threads does not show.
    let told = by_package
        .into_par_iter()
        .map(|(package, server, events)| tell(evidence, package, server.clone(), events));
    let (places, stories): (_, Vec<Story<'_>>) =
        rayon::join(|| Places::learn(evidence, &keys), || told.collect());
    let ground = findings::Ground {
        evidence,
        places: &places,
        stories: &stories,
    };
    let (packages, findings) = rayon::join(
        || {
            let judged = stories
                .par_iter()
                .map(|story| judge(evidence, &places, story));
            judged.collect()
        },
        || findings::find(&ground),
    );
    Analysis { packages, findings }
}

/// Walks over the events of one package on one server.
fn tell<'a>(
    evidence: &Evidence<'_>,
    package: PackageId,
    server: Option<Server>,
    events: &'a [&'a Event],
) -> Story<'a> {
    let ends = evidence
        .events
        .iter()
        .rev()
        .find(|event| event.server == server)
        .map(|event| event.at);
    let history = downloads::walk(events, &evidence.logs.gaps(&server), ends);
    Story {
        package,
        server,
        events,
        history,
    }
}

/// Whether the Package Server hosts the package, rather than downloads it for itself as a client.
fn is_hosted(events: &[&Event]) -> bool {
    let as_client = events
        .iter()
        .any(|event| matches!(event.fact, Fact::ClientDelivery));
    // The patch agent tells states of its own downloads too.
    let told = |fact: &Fact| hosts(fact) && !(as_client && matches!(fact, Fact::StateSeen { .. }));
    events.iter().any(|event| told(&event.fact))
}

/// Whether a fact shows that the Package Server hosts the package, rather than that its GUID was named.
fn hosts(fact: &Fact) -> bool {
    !matches!(
        fact,
        Fact::Other
            | Fact::ClientDelivery
            | Fact::NetworkFailed { .. }
            | Fact::CleanedUp
            | Fact::AccessDenied { .. }
            // Anybody can ask a web server for anything.
            | Fact::FileServed { .. }
            | Fact::FileNotFound { .. }
            | Fact::RequestRefused { .. }
    )
}

fn judge(evidence: &Evidence<'_>, places: &Places, story: &Story<'_>) -> PackageCase {
    let Story {
        package,
        server,
        events,
        history,
    } = story;
    let package = *package;
    let mut redownloads = Vec::new();
    let own = Own::of(events);
    for (place, found) in history
        .downloads
        .iter()
        .enumerate()
        .filter(|(_, found)| found.again)
    {
        let case = redownload::compile(
            evidence,
            places,
            package,
            server,
            &own,
            &history.downloads,
            place,
        );
        let ruling = rules::rule(&case);
        let previous = place
            .checked_sub(1)
            .and_then(|before| history.downloads[before].download.completed);
        redownloads.push(Redownload {
            download: place,
            started_at: found.download.started,
            completed_at: found.download.completed,
            previous_completed_at: previous,
            verdict: ruling.verdict,
            grade: ruling.grade,
            window: ruling.window,
            actor: (ruling.verdict == Verdict::OperatorAction)
                .then(|| {
                    case.operators
                        .iter()
                        .rfind(|one| one.downloads())?
                        .by
                        .clone()
                })
                .flatten(),
            summary: ruling.summary,
            reasons: ruling.reasons,
            ruled_out: ruling.ruled_out,
            doubts: ruling.doubts,
            missing_evidence: ruling.missing_evidence,
            snapshots: case.snapshots,
            // Without a verdict there is none that could rest on it.
            assumed_wording: case.assumed_wording && ruling.verdict != Verdict::Undetermined,
        });
    }
    rules::name_the_hours(&mut redownloads);
    let missing_while_ready = missing_while_ready(places, package, server, &history.spans, events);
    PackageCase {
        id: package,
        name: evidence.names.get(&package).cloned(),
        server: server.clone(),
        location: places
            .last(package, server)
            .map(|known| known.value.clone()),
        state: last_word(evidence, package, server, history),
        missing_while_ready,
        downloads: history
            .downloads
            .iter()
            .map(|found| found.download.clone())
            .collect(),
        redownloads,
        spans: history.spans.clone(),
        observations: observations::observe(evidence, places, package, server, events),
        size: observations::size(evidence, package, server),
    }
}

/// The last known state: by the log, or by a status file that is newer than all that the log says.
fn last_word(
    evidence: &Evidence<'_>,
    package: PackageId,
    server: &Option<Server>,
    history: &downloads::History,
) -> State {
    let newest = evidence.statuses.iter().rfind(|one| {
        one.package == Some(package) && one.server == *server && one.document.state.is_some()
    });
    let since = history.spans.last().map(|span| span.from);
    match newest {
        Some(status) if since.is_none_or(|since| since.before(&status.at)) => status.document.state,
        _ => history.state,
    }
    .unwrap_or(State::Unknown)
}

/// Listings that lack files of the snapshot although the package was Ready.
fn missing_while_ready(
    places: &Places,
    package: PackageId,
    server: &Option<Server>,
    spans: &[StateSpan],
    events: &[&Event],
) -> Vec<MissingWhileReady> {
    let ready_at = |at: Moment| {
        // Ready for as long as the listing's time is wide: a minute holds the start of a download.
        let left = spans.iter().any(|span| {
            span.state != State::Ready
                && span.from.start < at.end
                && !span.from.before(&at)
                && span.from.end > at.start
        });
        if left {
            return false;
        }
        let span = spans.iter().rev().find(|span| span.from.before(&at));
        let by_log = span.map(|span| span.state);
        let by_status = events.iter().rev().find_map(|event| match event.fact {
            Fact::StatusCaptured { state } if event.at.start <= at.start => {
                state.map(|state| (event.at, state))
            }
            _ => None,
        });
        match (span, by_status) {
            (Some(span), Some((when, state))) if when.start > span.from.start => {
                state == State::Ready && span.state != State::Pending
            }
            (Some(_), _) => by_log == Some(State::Ready),
            // Before its first record: what that record says it had been.
            (None, Some((_, state))) => state == State::Ready,
            (None, None) => events
                .iter()
                .find_map(|event| match &event.fact {
                    Fact::StateChanged { from, .. } => Some(*from == Some(State::Ready)),
                    Fact::StateSeen { state } => Some(*state == State::Ready),
                    Fact::DownloadStarted | Fact::DownloadQueued | Fact::Assigned => Some(false),
                    _ => None,
                })
                .unwrap_or(false),
        }
    };
    places
        .sightings(package, server)
        .iter()
        .filter(|sight| sight.missing > 0 && ready_at(sight.at))
        .map(|sight| MissingWhileReady {
            at: sight.at,
            files_missing: sight.missing,
            files_listed: sight.listed,
            sources: sight.sources.clone(),
        })
        .collect()
}
