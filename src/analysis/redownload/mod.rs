//! The case file of one re-download: all that a rule may look at, put together once.
//!
//! Each part answers one question about it; [`compile`] asks them all.

mod content;
mod drawers;
mod failures;
mod moments;
mod path;
mod presence;
mod retention;
mod siblings;
mod sides;
mod suspicious;
mod uncaptured;
mod version;

pub use retention::{Kept, Mark};
pub use version::version_words;

use super::downloads::Found;
use super::index::Own;
use super::places::Places;
use super::{DAILY_REFRESH_MS, Evidence, side_by_side};
use crate::model::{
    Capture, CaptureBasis, Event, Fact, Grade, Metadata, Moment, PackageId, Server, SideBySide,
    Snapshot, SourceRef, State, Window, Wording,
};
use content::hashes_same;
use drawers::sort_events;
use failures::failures;
use moments::{last_good, ready_throughout, refresh_before, settled};
use path::{Paths, fresh_place, path_same};
use presence::{fetched, last_seen, last_whole, missing_before, not_found};
use siblings::{carries_guid, siblings};
use sides::{Reach, Sides};
use suspicious::suspicious_beside;
use uncaptured::uncaptured;
use version::{Versions, version_same};

/// A value that some evidence states, and when.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Known<T> {
    pub value: T,
    pub at: Moment,
    pub sources: Vec<SourceRef>,
    /// How the time of a capture is known; `None` for a log record.
    pub basis: Option<CaptureBasis>,
}

/// Whether something is the same on both sides of the re-download.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Same {
    /// Stated on both sides.
    Observed(String, Vec<SourceRef>),
    /// Follows from something else that is stated.
    Follows(String, Vec<SourceRef>),
    /// Stated on both sides, and it differs. The moment is the first at which the new one is known.
    Differs {
        text: String,
        sources: Vec<SourceRef>,
        known: Moment,
        last_old: Option<Moment>,
        /// How well the change is known to be the one that this download fetched.
        grade: Grade,
    },
    Unknown,
}

/// Files that were found missing before the start.
#[derive(Debug, Clone)]
pub struct Missing {
    pub at: Moment,
    pub text: String,
    pub sources: Vec<SourceRef>,
    /// Seen in a folder that only its content shows to be the package's.
    pub inferred: bool,
    /// Whether all of its files were missing; `None` if it is not said.
    pub all: Option<bool>,
}

/// A clean-up of another package by the product.
#[derive(Debug, Clone)]
pub struct Sibling {
    pub package: PackageId,
    /// As sentences name it.
    pub named: String,
    pub at: Moment,
    /// Whether files were deleted (`Deleting inactive package`), not only marked.
    pub deleting: bool,
    /// Whether it was only marked, and so lately that the unused-for time forbids a deletion.
    pub young: bool,
    /// Whether it is known to be a package of the Package Server, not of the agent as a client.
    pub hosted: bool,
    /// Whether it shares the folder; `None` if one of the two places is unknown.
    pub same_folder: Option<bool>,
    /// Its own folder, if that is known.
    pub place: Option<Known<String>>,
    pub sources: Vec<SourceRef>,
}

/// What an operator asked for just before the start.
#[derive(Debug, Clone)]
pub struct Order {
    pub at: Moment,
    /// `Force download by CORP\\jdoe`.
    pub text: String,
    pub by: Option<String>,
    pub sources: Vec<SourceRef>,
}

impl Order {
    fn new(event: &Event, action: &str, user: &Option<Box<str>>, scope: &str) -> Order {
        let by = user
            .as_deref()
            .map_or(String::new(), |user| format!(" by {user}"));
        Order {
            at: event.at,
            text: format!("{action}{by}{scope}"),
            by: user.as_deref().map(str::to_owned),
            sources: event.sources.to_vec(),
        }
    }

    /// Whether it is one that downloads: a status that is sent again does not.
    pub fn downloads(&self) -> bool {
        !self.text.to_lowercase().contains("resend")
    }
}

/// What the error of a given-up download says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FailureKind {
    Access,
    Source,
    Other,
}

/// One error record of a given-up download.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Failure {
    pub kind: FailureKind,
    pub code: Option<u32>,
    /// The HTTP status that the record states beside its code.
    pub http: Option<u16>,
    /// What the record speaks of, as a noun phrase: `refused access`.
    pub what: &'static str,
    pub sources: Vec<SourceRef>,
}

/// All that is known about one re-download.
pub struct CaseFile<'a> {
    pub package: PackageId,
    pub server: Option<Server>,
    pub found: &'a Found,
    pub previous: Option<&'a Found>,
    /// The end of the download before, or the first time since then that the package is known to have been Ready.
    pub good: Option<(Moment, SourceRef, &'static str)>,
    /// The same as a phrase, with its time; empty if nothing is known.
    pub good_told: String,
    pub version: Same,
    pub hashes: Same,
    pub path: Same,
    /// The first statement of its place, if that stands just before the decision.
    pub fresh_place: Option<Vec<SourceRef>>,
    /// Whether the nearest captures differ, however far they are: then something changed around
    /// this download, even if it may have come with another one.
    pub changed_around: bool,
    /// The nearest snapshots before and after, side by side.
    pub snapshots: Option<SideBySide>,
    /// The last time the files were seen before they were missed, with what saw them.
    pub last_seen: Option<(Moment, &'static str, Vec<SourceRef>)>,
    /// The last time all files were seen before they were missed.
    pub whole: Option<Moment>,
    /// Files found missing between `good` and the start, earliest first.
    pub missing: Vec<Missing>,
    /// The blocks that the download fetched, in words, if that says that files were lacking.
    pub fetched: Option<(String, Vec<SourceRef>)>,
    /// Marks and clean-ups of this package by the product since it was good.
    pub deleted: Vec<(Moment, &'static str, Vec<SourceRef>)>,
    /// The setting "Delete package files if they are unused for", as far as it is known.
    pub kept: Kept,
    /// The last assignment before the start, or just after it.
    pub assigned: Option<(Moment, Vec<SourceRef>)>,
    /// All assignments before the start: each stops the clock of an earlier mark.
    pub assignments: Vec<(Moment, Vec<SourceRef>)>,
    /// Records and status files that call it Ready since it was good.
    pub called_ready: Vec<(Moment, Vec<SourceRef>)>,
    /// Every refresh of the server before the decision that the log tells; a clean-up needs one.
    pub refreshes: Vec<(Moment, Vec<SourceRef>)>,
    /// When the refresh that led to the decision began: it deletes nothing that it wants.
    pub deciding_refresh: i64,
    pub siblings: Vec<Sibling>,
    pub metadata: Vec<(Metadata, Moment, Vec<SourceRef>)>,
    /// Capture sets since it was good that lack its snapshot.xml or its status file.
    pub uncaptured: Vec<(Metadata, Moment, Vec<SourceRef>)>,
    pub operators: Vec<Order>,
    /// The server answered busy or had an older version just before the decision.
    pub refused: Vec<(Moment, String, Vec<SourceRef>)>,
    /// Rights or shares refused since it was good.
    pub denied: Vec<(Moment, Vec<SourceRef>)>,
    /// The errors of a given-up download before, with what they say.
    pub failures: Vec<Failure>,
    /// Whether the logs cover the time from `good` to the start without a gap.
    pub covered: bool,
    /// Since when the logs cover the time up to the decision without a gap.
    pub log_since: Option<Moment>,
    /// Status files captured in that time that do not say Deleted.
    pub status_not_deleted: Vec<SourceRef>,
    /// Unrecognised records since it was good that may speak of a deletion.
    pub suspicious: Vec<SourceRef>,
    /// Unrecognised records since it was good that name two places: it may have moved.
    pub two_places: Vec<SourceRef>,
    /// Where the package's files are.
    pub location: Option<Known<String>>,
    /// Whether what decides here was recognised by assumed wording.
    pub assumed_wording: bool,
}

impl CaseFile<'_> {
    /// The stretch in which the files went, if they were seen missing and had been seen before.
    pub fn window(&self) -> Option<Window> {
        let before = self.missing.first()?.at;
        let after = self.last_seen.as_ref()?.0;
        Some(Window { after, before })
    }

    /// Whether the clean-up of another package can have taken files that were missed here:
    /// not if they were missed before, or were all there after it.
    pub fn suspects(&self, sibling: &Sibling) -> bool {
        let late = self
            .missing
            .first()
            .is_some_and(|missing| missing.at.before(&sibling.at));
        let harmless = sibling.deleting
            && self
                .whole
                .is_some_and(|whole| sibling.at.end + DELETING_MS <= whole.start);
        !late && !harmless
    }

    /// Whether the logs cover the time from `moment` to the decision without a gap.
    pub fn whole_log_since(&self, moment: Moment) -> bool {
        self.log_since
            .is_some_and(|since| since.start <= moment.end)
    }

    /// Whether what was gone at a moment may be what this download fetched: no refresh that nobody
    /// saw lies between.
    pub fn no_refresh_unseen_since(&self, moment: Moment) -> bool {
        self.whole_log_since(moment) || self.found.decided.start - moment.start <= DAILY_REFRESH_MS
    }

    /// The download before, if it was given up and the package was not Ready since.
    pub fn given_up(&self) -> Option<&Found> {
        given_up(self.previous, self.found)
    }

    /// From when to when the log covers the time, as a phrase. Only if it does.
    pub fn log_told(&self) -> String {
        let from = self.good.map_or(self.found.decided, |(at, ..)| at);
        format!(
            "the log covers the time from {} to {}",
            from.said(),
            self.found.decided.said()
        )
    }

    /// The same without the times, for what is said of every re-download alike.
    pub fn log_since_told(&self) -> &'static str {
        match self.previous.and_then(|one| one.download.completed) {
            Some(_) => "the log covers the time since the earlier download",
            None => "the log covers the time since it was first known to be Ready",
        }
    }

    /// What saw its files last, and that nothing misses one since, as a phrase with its sources.
    pub fn not_missed(&self) -> (String, Vec<SourceRef>) {
        match &self.last_seen {
            Some((at, what, sources)) => (
                format!(
                    "no file is known to have been missing (last sight, at {}: {what})",
                    at.said()
                ),
                sources.clone(),
            ),
            None => (
                "no file is known to have been missing".to_owned(),
                Vec::new(),
            ),
        }
    }

    /// Whether the package lies in a folder that carries its own GUID, which no other package shares.
    pub fn alone(&self) -> bool {
        self.location
            .as_ref()
            .is_some_and(|one| carries_guid(one, self.package))
    }
}

/// Whether a record tells that the package was Ready by saying that it no longer is.
fn left_ready(events: &[&Event], at: Moment, source: SourceRef) -> bool {
    let from = events.partition_point(|event| event.at.start < at.start);
    let mut near = events[from..]
        .iter()
        .take_while(|event| event.at.start <= at.end);
    near.any(|event| {
        let leaves = matches!(&event.fact, Fact::StateChanged { from: Some(State::Ready), to } if *to != State::Ready);
        leaves && event.sources.contains(&source)
    })
}

/// The events since the download before, up to the end of this one.
fn cycle_until<'e, 'a>(events: &'e [&'a Event], first: usize, found: &Found) -> &'e [&'a Event] {
    &events[first..=found.end_index.min(events.len() - 1)]
}

fn given_up<'a>(previous: Option<&'a Found>, found: &Found) -> Option<&'a Found> {
    previous.filter(|one| one.download.given_up && found.ready_before.is_none())
}

/// A clean-up has deleted what it deletes after this time.
const DELETING_MS: i64 = 10 * 60_000;

/// Records of one refresh come this close to the decision.
const SAME_REFRESH_MS: i64 = 30 * 60_000;

/// Where no refresh is stated: the product takes a share away this long before it tells the new
/// state at most. Assumed.
const UNSHARING_MS: i64 = 2 * 60_000;

/// Puts the case file together. `own` are this package's events, `place` is the re-download's index in `downloads`.
pub fn compile<'a>(
    evidence: &Evidence<'_>,
    places: &Places,
    package: PackageId,
    server: &Option<Server>,
    own: &Own<'_>,
    downloads: &'a [Found],
    place: usize,
) -> CaseFile<'a> {
    let events = own.events;
    let found = &downloads[place];
    let previous = place.checked_sub(1).map(|before| &downloads[before]);
    let next_start = downloads.get(place + 1).map(|next| next.decided);
    let decision = found.decided;
    let mut good = last_good(found, previous);
    // Everything between two downloads lies in this stretch of the package's events.
    let first = previous
        .map_or(0, |before| before.end_index + 1)
        .min(found.decided_index);
    let before = &events[first..found.decided_index];
    let mut good_told = good.map_or(String::new(), |(at, source, what)| {
        let when = if left_ready(events, at, source) {
            "until"
        } else {
            "at"
        };
        format!("{what} {when} {}", at.said())
    });
    if let Some((at, ..)) = &mut good
        && let Some(since) = ready_throughout(before, *at, decision)
    {
        good_told += &format!(", and no other state is told since {}", since.said());
        *at = since;
    }
    let until_end = cycle_until(events, first, found);
    let since_start = match next_start {
        Some(next) => events[found.decided_index..]
            .iter()
            .take_while(|event| event.at.start < next.start)
            .count(),
        None => events.len() - found.decided_index,
    };
    let cycle = &events[found.decided_index..found.decided_index + since_start];
    // What is told after a gap in the log may be of another download.
    let whole_until = evidence
        .logs
        .until(server, decision)
        .map_or(i64::MAX, |until| until.start);

    let captures: Vec<&Capture<Snapshot>> = evidence
        .snapshots
        .iter()
        .filter(|one| one.package == Some(package) && one.server == *server)
        .collect();
    let fetched_at = before
        .iter()
        .find_map(|event| matches!(event.fact, Fact::SnapshotReceived { .. }).then_some(event.at));
    let settled = settled(events, found);
    let sides = Sides::of(&captures, downloads, place, settled, fetched_at);
    let refresh = refresh_before(evidence, server, decision);
    let reach = Reach {
        evidence,
        server,
        decision,
        completed: found.download.completed,
    };
    let version = version_same(&Versions {
        reach: &reach,
        own,
        previous,
        found,
        first,
        refresh,
        later: cycle,
        whole_until,
        sides: &sides,
        captures: &captures,
    });
    let unchanged = before.iter().rev().find(|event| {
        matches!(event.fact, Fact::SnapshotUnchanged { .. }) && event.at.start >= refresh
    });
    let changed = until_end.iter().rev().find(|event| {
        matches!(event.fact, Fact::SnapshotChanged { .. }) && event.at.start >= refresh
    });
    let hashes = hashes_same(
        &sides,
        unchanged.copied(),
        changed.copied(),
        &version,
        &reach,
    );
    let host = server.as_deref();
    let path = path_same(&Paths {
        own,
        first,
        found,
        settled,
        sides: &sides,
        unchanged: unchanged.copied(),
        host,
        reach: &reach,
    });

    let mut missing = missing_before(
        places,
        package,
        server,
        until_end,
        found,
        good.map(|(at, ..)| at),
    );
    let good_at = good.map(|(at, ..)| at);
    let is_stated = refresh > decision.start - SAME_REFRESH_MS;
    let shared_until = if is_stated {
        refresh
    } else {
        decision.start - UNSHARING_MS
    };
    missing.extend(not_found(
        evidence,
        package,
        server,
        before,
        good_at,
        shared_until,
    ));
    missing.sort_by(|a, b| (a.at, &a.sources).cmp(&(b.at, &b.sources)));
    let last_seen = last_seen(
        &reach,
        places,
        package,
        own,
        found,
        previous,
        missing.first(),
    );
    let whole = last_whole(
        places,
        package,
        server,
        own,
        found,
        previous,
        missing.first(),
    );
    let from = good.map(|(at, ..)| at);
    // "Ready until now" covers nothing.
    let covered = from.is_some_and(|from| {
        from.start < decision.start && evidence.logs.cover(server, from, decision)
    });
    let status_not_deleted = evidence
        .statuses
        .iter()
        .filter(|one| one.package == Some(package) && one.server == *server)
        .filter(|one| {
            one.document.complete && !matches!(one.document.state, None | Some(State::Deleted))
        })
        .filter(|one| {
            one.at.before(&found.download.started) && from.is_none_or(|from| from.before(&one.at))
        })
        .map(|one| one.source)
        .collect();
    let location = places.of(package, server, decision).cloned();
    let done = previous.and_then(|one| one.download.completed);
    let changed_around = sides.changed_around(&version, host);
    let mut case = CaseFile {
        package,
        server: server.clone(),
        found,
        previous,
        good,
        good_told,
        version,
        hashes,
        path,
        fresh_place: fresh_place(own, found),
        changed_around,
        snapshots: sides
            .nearest()
            .map(|(old, new)| side_by_side::lay(old, new)),
        last_seen,
        whole,
        missing,
        fetched: fetched(cycle, found),
        deleted: Vec::new(),
        kept: Kept::of(evidence, package),
        assigned: None,
        assignments: Vec::new(),
        called_ready: Vec::new(),
        refreshes: Vec::new(),
        deciding_refresh: refresh,
        siblings: siblings(evidence, places, package, server, done, from, decision),
        metadata: Vec::new(),
        uncaptured: uncaptured(evidence, package, server, from, decision),
        operators: Vec::new(),
        refused: Vec::new(),
        denied: Vec::new(),
        failures: given_up(previous, found).map_or(Vec::new(), |one| failures(events, one)),
        covered,
        log_since: evidence.logs.since(server, decision),
        status_not_deleted,
        suspicious: Vec::new(),
        two_places: Vec::new(),
        location,
        assumed_wording: false,
    };
    sort_events(&mut case, evidence, before, until_end, decision);
    if !case.deleted.is_empty() {
        case.refreshes = retention::refreshes(evidence, server, decision);
    }
    case.suspicious
        .extend(suspicious_beside(evidence, places, &case, decision));
    case.assumed_wording = until_end
        .iter()
        .any(|event| event.wording == Wording::Assumed && decides(&event.fact));
    case
}

/// Whether a verdict may rest on this fact.
fn decides(fact: &Fact) -> bool {
    !matches!(
        fact,
        Fact::Other | Fact::Block { .. } | Fact::RefreshStarted { .. } | Fact::RefreshFinished
    )
}
