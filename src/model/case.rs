//! The finished case: all that a report shows.

use super::{
    Doubt, Finding, Grade, MissingEvidence, Moment, Observation, PackageId, Problem, Raw, Reason,
    RuledOut, Server, SideBySide, SourceRef, State, Verdict, Window,
};
use std::borrow::Cow;
use std::collections::BTreeMap;
use std::ops::Bound::{Excluded, Unbounded};
use std::sync::Arc;

/// Records that are shown before and after a cited one.
pub const AROUND: usize = 2;

/// Kinds of files that hold records one after another.
const LOGS: [&str; 4] = ["agent-log", "viewer-copy", "ps-history", "iis-log"];

/// Texts by the places at which they stand. Shared: a case quotes a hundred thousand records, and
/// its clean copy has the same ones.
pub type Texts = Arc<BTreeMap<SourceRef, String>>;

/// Log records by the places at which they stand; shared as texts are.
pub type Records = Arc<BTreeMap<SourceRef, Raw>>;

/// Everything that analysis found, ready to be rendered.
#[derive(Debug, Clone, Default)]
pub struct Case {
    pub zone: TimeZoneUsed,
    /// Sorted by id, then server.
    pub packages: Vec<PackageCase>,
    /// What was noticed beside the re-downloads, sorted by server, package, kind and time.
    pub findings: Vec<Finding>,
    /// Sorted by path; [`super::FileId`] counts in this order.
    pub evidence: Vec<EvidenceFile>,
    pub problems: Vec<Problem>,
    /// The text at each place that is cited as a proof, to be quoted beside the sentence that cites
    /// it, and of the records next to it; at places that only the timeline of the page cites, where
    /// `raw` has none.
    pub quotes: Texts,
    /// Log records at all those places as written: the start tag with all attributes, then the text.
    pub raw: Records,
    /// First and last moment of the timeline.
    pub period: Option<(Moment, Moment)>,
    /// What `--package`, `--since` and `--until` left of it, in words.
    pub narrowed: Option<String>,
    /// Whether every text is harmless already; only what makes them so says so.
    pub clean: bool,
}

impl Case {
    /// `bundle.zip!Agent.log:120`.
    pub fn cite(&self, source: SourceRef) -> String {
        let mut text = String::new();
        self.cite_to(source, &mut text);
        text
    }

    /// [`Case::cite`], behind what stands in `out`: a table has one for each row.
    pub fn cite_to(&self, source: SourceRef, out: &mut String) {
        let path = self
            .evidence
            .get(source.file.0 as usize)
            .map_or("?", |file| file.path.as_str());
        out.push_str(path);
        out.push(':');
        // Not `write!`: there is one for each event of a table.
        out.push_str(itoa::Buffer::new().format(source.line));
    }

    /// What stands at `source`: the record as written, or else its quote.
    pub fn written(&self, source: SourceRef) -> Option<Cow<'_, str>> {
        let raw = self.raw.get(&source).map(Raw::written);
        raw.or_else(|| self.quotes.get(&source).map(Cow::from))
    }

    /// The records before and after the one at `source` in its file, at most two each, as far as
    /// they were kept: those about packages, and errors. Nothing for what is no log.
    pub fn around(&self, source: SourceRef) -> (Vec<SourceRef>, Vec<SourceRef>) {
        let is_log = self
            .evidence
            .get(source.file.0 as usize)
            .is_some_and(|file| LOGS.contains(&file.kind));
        if !is_log {
            return (vec![], vec![]);
        }
        let same_file = |one: &&SourceRef| one.file == source.file;
        let mut before: Vec<SourceRef> = self
            .quotes
            .range(..source)
            .rev()
            .map(|(one, _)| one)
            .take_while(same_file)
            .take(AROUND)
            .copied()
            .collect();
        before.reverse();
        let after = self
            .quotes
            .range((Excluded(source), Unbounded))
            .map(|(one, _)| one)
            .take_while(same_file)
            .take(AROUND)
            .copied()
            .collect();
        (before, after)
    }

    /// Every re-download with its package, in the order of the packages.
    pub fn redownloads(&self) -> impl Iterator<Item = (&PackageCase, &Redownload)> {
        self.packages
            .iter()
            .flat_map(|package| package.redownloads.iter().map(move |one| (package, one)))
    }
}

/// The zone of the times, and how it is known.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct TimeZoneUsed {
    /// Minutes east of UTC at the newest event.
    pub offset: Option<i16>,
    pub basis: ZoneBasis,
    /// The zone's name, if the evidence or the option gives one.
    pub name: Option<String>,
    /// Whether it is used for several servers of which not all are known to be in it.
    pub several: bool,
}

/// How the zone is known.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum ZoneBasis {
    Stated,
    EventLog,
    Registry,
    Option,
    #[default]
    Unknown,
}

impl ZoneBasis {
    /// The stable name.
    pub fn name(self) -> &'static str {
        match self {
            ZoneBasis::Stated => "stated",
            ZoneBasis::EventLog => "event-log",
            ZoneBasis::Registry => "registry",
            ZoneBasis::Option => "option",
            ZoneBasis::Unknown => "unknown",
        }
    }
}

/// One package on one server.
#[derive(Debug, Clone)]
pub struct PackageCase {
    pub id: PackageId,
    pub name: Option<String>,
    pub server: Option<Server>,
    /// The last known physical place of the files on the server.
    pub location: Option<String>,
    /// The last known state.
    pub state: State,
    pub missing_while_ready: Vec<MissingWhileReady>,
    /// All downloads, the first one too.
    pub downloads: Vec<Download>,
    pub redownloads: Vec<Redownload>,
    /// The state over time, without gaps between neighbours unless unknown.
    pub spans: Vec<StateSpan>,
    /// What was seen of it beside states and downloads, by time.
    pub observations: Vec<Observation>,
    /// Bytes of its files by the newest whole snapshot, if that states the size of each.
    pub size: Option<u64>,
}

impl PackageCase {
    /// When snapshots, status files and listings were captured: when, `snapshot`, `status` or
    /// `listing`, and where.
    pub fn captures(&self) -> impl Iterator<Item = (Moment, &'static str, SourceRef)> {
        self.observations
            .iter()
            .filter_map(|one| Some((one.at, one.seen.captured()?, one.source)))
    }
}

/// A listing that lacks files while the package was Ready.
#[derive(Debug, Clone)]
pub struct MissingWhileReady {
    pub at: Moment,
    pub files_missing: u32,
    pub files_listed: u32,
    pub sources: Vec<SourceRef>,
}

/// One download with its attempts.
#[derive(Debug, Clone)]
pub struct Download {
    pub started: Moment,
    pub source: SourceRef,
    pub completed: Option<Moment>,
    pub completed_source: Option<SourceRef>,
    /// At least one.
    pub attempts: Vec<Attempt>,
    /// Whether the product gave it up: the log says that no more retries follow, or the state left the retry cycle.
    pub given_up: bool,
    /// Blocks that the log says were needed, of how many.
    pub blocks_needed: Option<(u32, u32)>,
    /// Bytes that the log says were downloaded.
    pub bytes: Option<u64>,
}

/// One attempt of a download.
#[derive(Debug, Clone)]
pub struct Attempt {
    pub started: Moment,
    pub ended: Option<Moment>,
    pub outcome: Outcome,
    /// The record with which it begins.
    pub source: SourceRef,
}

impl Attempt {
    /// One that has begun and of which nothing more is known.
    pub fn begun(started: Moment, source: SourceRef) -> Attempt {
        Attempt {
            started,
            ended: None,
            outcome: Outcome::Open,
            source,
        }
    }
}

/// How an attempt ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outcome {
    Completed,
    /// With the error code, if the log gives one.
    Failed(Option<u32>),
    /// The evidence does not say.
    Open,
}

/// A stretch of time in one state.
#[derive(Debug, Clone)]
pub struct StateSpan {
    pub state: State,
    pub from: Moment,
    /// The next change, or the end of the evidence.
    pub to: Moment,
    pub source: SourceRef,
}

/// A re-download and its cause.
#[derive(Debug, Clone)]
pub struct Redownload {
    /// Index into [`PackageCase::downloads`].
    pub download: usize,
    pub started_at: Moment,
    pub completed_at: Option<Moment>,
    pub previous_completed_at: Option<Moment>,
    pub verdict: Verdict,
    pub grade: Grade,
    pub window: Option<Window>,
    pub actor: Option<String>,
    /// What happened, in one sentence, for people in a hurry.
    pub summary: String,
    pub reasons: Vec<Reason>,
    pub ruled_out: Vec<RuledOut>,
    /// Causes that cannot be decided; only with `undetermined`.
    pub doubts: Vec<Doubt>,
    pub missing_evidence: Vec<MissingEvidence>,
    /// The nearest snapshots before and after it, side by side.
    pub snapshots: Option<SideBySide>,
    /// Whether the verdict rests on assumed wording; the report says so.
    pub assumed_wording: bool,
}

/// One file of the evidence.
#[derive(Debug, Clone, Default)]
pub struct EvidenceFile {
    /// As cited: the last name of the argument that holds it, `/` between folders, `!` before archive members.
    pub path: String,
    /// `agent-log`, `snapshot`, `package-status`, `listing`, ... or `unused`.
    pub kind: &'static str,
    /// Lower-case hex.
    pub sha256: String,
    pub bytes: u64,
    pub records: u64,
    pub from: Option<Moment>,
    pub to: Option<Moment>,
    pub gaps: Vec<Gap>,
    /// Records whose wording was recognised, and records about packages whose wording was not.
    pub matched: u64,
    pub unmatched: u64,
}

/// A stretch that a log does not cover.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Gap {
    pub from: Moment,
    pub to: Moment,
}

/// The stretch of time that one log file covers.
#[derive(Debug, Clone)]
pub struct Coverage {
    pub server: Option<Server>,
    pub from: Moment,
    pub to: Moment,
    pub gaps: Vec<Gap>,
    /// Where single records are known to be lost: between the two neighbours that are left. The log
    /// goes on, but proves no absence there.
    pub holes: Vec<Gap>,
}
