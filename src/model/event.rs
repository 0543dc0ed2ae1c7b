//! Events: one row of the timeline each.

use super::{Moment, PackageId, Server, SourceRef, StartTag};
use smallvec::SmallVec;
use std::ops::{Deref, DerefMut};
use std::sync::Arc;

/// One thing that the evidence says happened.
///
/// A log says the same again and again: what is said is held once, and an event reads as if it were
/// its own. To change it gives the event one of its own.
///
/// ```
/// use pkgtrail::model::{Event, Fact, Moment, Said};
/// let said = Said { fact: Fact::Assigned, message: "package was assigned".into(), ..Said::default() };
/// let mut event = Event { at: Moment::exact(0, None), server: None, said: said.into(), sources: Default::default(), record: None };
/// let other = event.clone();
/// event.fact = Fact::Unassigned;
/// assert_eq!((event.fact.kind(), other.fact.kind()), ("unassigned", "assigned"));
/// ```
#[derive(Debug, Clone)]
pub struct Event {
    /// When.
    pub at: Moment,
    /// On which Package Server, if the evidence says so.
    pub server: Option<Server>,
    /// What; equal records share it.
    pub said: Arc<Said>,
    /// Every place that tells it, sorted; never empty.
    pub sources: Sources,
    /// The log record's attributes, if a log record tells it.
    pub record: Option<Record>,
}

impl Deref for Event {
    type Target = Said;

    fn deref(&self) -> &Said {
        &self.said
    }
}

impl DerefMut for Event {
    fn deref_mut(&mut self) -> &mut Said {
        Arc::make_mut(&mut self.said)
    }
}

/// What is said, whoever says it and when.
#[derive(Debug, Clone, Default)]
pub struct Said {
    /// To which package it happened, if to one.
    pub package: Option<PackageId>,
    /// The package's display name, where the message gives it.
    pub name: Option<Box<str>>,
    /// What happened.
    pub fact: Fact,
    /// What the same message says besides, where that is found out already.
    pub besides: Option<Box<[Arc<Said>]>>,
    /// The text as written.
    pub message: Arc<str>,
    /// The name of the catalogue entry that recognised the text.
    pub pattern: Option<Arc<str>>,
    /// How well the wording is known.
    pub wording: Wording,
}

impl Said {
    /// Whether it tells of a failed download without naming its package.
    pub fn waits_for_a_package(&self) -> bool {
        let failed = matches!(
            self.fact,
            Fact::DownloadFailed { .. } | Fact::DownloadGivenUp { .. }
        );
        failed && self.package.is_none()
    }
}

/// Nearly every event has one source, which stands in the event itself: a list has its items elsewhere.
pub type Sources = SmallVec<[SourceRef; 1]>;

/// The attributes of a log record.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Record {
    /// 1 error, 2 warning, 4 information, 8 and 16 more verbose.
    pub severity: Option<u8>,
    /// Who wrote it; records of one writer share it.
    pub writer: Arc<Writer>,
    /// Thread number.
    pub thread: Option<u32>,
    /// Milliseconds since boot, as written.
    pub tick: Option<u64>,
    /// The start tag of a raw record as written, with all attributes; kept only where a report
    /// shows it.
    pub tag: Option<Arc<StartTag>>,
}

/// Who wrote a log record.
#[derive(Debug, Clone, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Writer {
    /// The attribute `source`: the part of the agent.
    pub component: Box<str>,
    /// Process name, with its number where known: `AeXNSAgent.exe (2684)`.
    pub process: Box<str>,
}

/// How well the wording of a message is known.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Wording {
    /// Word for word in an article, or the fact does not rest on a wording (a capture, a listing).
    #[default]
    Confirmed,
    /// Documented in prose.
    Documented,
    /// Taught by the user (`--messages`).
    User,
    /// A guess at a family of wordings; the report must not present it as certain.
    Assumed,
}

impl Wording {
    /// The word of the column `wording`.
    pub fn name(self) -> &'static str {
        match self {
            Wording::Confirmed => "confirmed",
            Wording::Documented => "documented",
            Wording::User => "user",
            Wording::Assumed => "assumed",
        }
    }
}

/// The state of a package on a Package Server. The words are those of `contract.md`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum State {
    Unknown,
    Assigned,
    Pending,
    Downloading,
    Ready,
    Retrying,
    /// The product says `Invalid` or `Not Ready`; both are the analysis state Invalid.
    Invalid,
    NotReady,
    Deleted,
}

impl State {
    /// All states, in the order of a package's life.
    pub const ALL: [State; 9] = [
        State::Unknown,
        State::Assigned,
        State::Pending,
        State::Downloading,
        State::Ready,
        State::Retrying,
        State::Invalid,
        State::NotReady,
        State::Deleted,
    ];

    /// The product's word for it.
    pub fn name(self) -> &'static str {
        match self {
            State::Unknown => "Unknown",
            State::Assigned => "Assigned",
            State::Pending => "Download Pending",
            State::Downloading => "Downloading",
            State::Ready => "Ready",
            State::Retrying => "Retrying Download",
            State::Invalid => "Invalid",
            State::NotReady => "Not Ready",
            State::Deleted => "Deleted",
        }
    }

    /// Reads a state word in any case, with the synonyms that `product.md` lists.
    ///
    /// ```
    /// use pkgtrail::model::State;
    /// assert_eq!(State::parse("waiting to retry"), Some(State::Retrying));
    /// assert_eq!(State::parse("AEXSWD_PKG_RETRYING"), Some(State::Retrying));
    /// assert_eq!(State::parse("idle"), None);
    /// ```
    pub fn parse(word: &str) -> Option<State> {
        let word = word
            .trim()
            .trim_matches(['"', '\'', '.', '[', ']'])
            .to_ascii_lowercase();
        let word = word
            .strip_prefix("aexswd_pkg_")
            .unwrap_or(&word)
            .replace(['_', '-'], " ");
        Some(match word.as_str() {
            "ready" => State::Ready,
            "download pending" | "pending" | "downloadpending" => State::Pending,
            "downloading" | "download in progress" => State::Downloading,
            "retrying download" | "retrying" | "waiting to retry" | "waiting for retry" => {
                State::Retrying
            }
            "invalid" => State::Invalid,
            "not ready" | "notready" => State::NotReady,
            "deleted" | "unassigned" => State::Deleted,
            "assigned" => State::Assigned,
            "unknown" => State::Unknown,
            _ => return None,
        })
    }
}

/// What happened to one block.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum BlockOutcome {
    Downloaded,
    Failed,
    Retried,
}

/// Which metadata of a package.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Metadata {
    Snapshot,
    Status,
}

/// What an event says. One variant per kind of fact; [`Fact::kind`] gives the stable name.
#[derive(Debug, Clone, Default, PartialEq, Eq, PartialOrd, Ord)]
pub enum Fact {
    /// The state became `to`.
    StateChanged {
        to: State,
        from: Option<State>,
    },
    /// The state was told in passing ("checked. Status: Ready").
    StateSeen {
        state: State,
    },
    DownloadQueued,
    DownloadStarted,
    DownloadResumed {
        attempt: Option<u32>,
    },
    /// 100 is finished.
    Progress {
        percent: u8,
    },
    DownloadFinished {
        bytes: Option<u64>,
    },
    /// One attempt failed; `busy` when the source answered that it is busy, `older` when the version there is too old.
    DownloadFailed {
        code: Option<u32>,
        busy: bool,
        older: bool,
    },
    /// The log says that no more retries follow.
    DownloadGivenUp {
        code: Option<u32>,
    },
    Block {
        number: u32,
        of: Option<u32>,
        outcome: BlockOutcome,
        file: Option<Box<str>>,
    },
    /// "25 of 61 blocks to download".
    BlocksNeeded {
        needed: u32,
        of: u32,
    },
    /// One file of the package was found missing.
    FileMissing {
        path: Box<str>,
    },
    /// A check found so many files missing.
    FilesMissing {
        missing: u32,
        of: Option<u32>,
    },
    VerificationStarted,
    /// A check of the files found nothing wrong.
    VerificationPassed,
    VerificationFailed,
    /// A file existed ("hashed file").
    FileSeen {
        path: Box<str>,
        hash: Option<Box<str>>,
    },
    /// The download of one file failed.
    FileFailed {
        path: Box<str>,
        code: Option<u32>,
        http: Option<u16>,
    },
    /// The web server sent a file of the package, or said that it had not changed: it was there.
    FileServed {
        path: Box<str>,
    },
    /// The web server looked for a file of the package and did not find it.
    FileNotFound {
        path: Box<str>,
        http: u16,
        substatus: Option<u16>,
        win32: Option<u32>,
    },
    /// The web server refused a file of the package: filters, rights, errors. It says nothing
    /// about whether the file was there.
    RequestRefused {
        path: Box<str>,
        http: u16,
        substatus: Option<u16>,
        win32: Option<u32>,
    },
    /// A snapshot arrived and was stored.
    SnapshotReceived {
        version: Option<i64>,
    },
    /// The server has another snapshot than the disk.
    SnapshotChanged {
        version: Option<i64>,
    },
    /// The server has the same snapshot: version, hashes and paths are the same.
    SnapshotUnchanged {
        version: Option<i64>,
    },
    /// snapshot.xml or PackageStatus.xml was looked for and not found.
    MetadataMissing {
        what: Metadata,
    },
    /// snapshot.xml could not be opened because another process holds it.
    SnapshotLocked,
    /// Versions were stated side by side.
    VersionStated {
        required: Option<i64>,
        local: Option<i64>,
    },
    VersionChanged {
        from: Option<i64>,
        to: i64,
    },
    /// The physical place of the files on the server.
    Location {
        path: Box<str>,
    },
    LocationChanged {
        from: Option<Box<str>>,
        to: Box<str>,
    },
    /// The path of the package at its source, or its codebase.
    PackagePathChanged {
        from: Option<Box<str>>,
        to: Box<str>,
    },
    RefreshStarted {
        reason: Option<Box<str>>,
    },
    RefreshFinished,
    /// Force download, check integrity, resend status, by somebody.
    Operator {
        action: Box<str>,
        user: Option<Box<str>>,
    },
    Assigned,
    Unassigned,
    /// PackageStatus became Deleted: the product's clean-up clock starts.
    MarkedDeleted,
    /// The product itself deletes the package's files.
    CleanedUp,
    /// A network operation failed.
    NetworkFailed {
        code: Option<u32>,
        http: Option<u16>,
    },
    /// Rights, a share or a path were refused.
    AccessDenied {
        code: Option<u32>,
    },
    /// Times of files were corrected; nothing was downloaded.
    TimesCorrected,
    /// The virtual directory of the package was taken away, as before a new version.
    ShareRemoved,
    AgentStarted,
    AgentStopped,
    /// Another plug-in of the agent downloads a package for this computer itself, not as a Package Server.
    ClientDelivery,
    /// A snapshot.xml was captured.
    SnapshotCaptured {
        version: Option<i64>,
    },
    /// A PackageStatus.xml was captured.
    StatusCaptured {
        state: Option<State>,
    },
    /// A listing shows the package's folder.
    ListingTaken {
        missing: u32,
        listed: u32,
    },
    /// The server's clock was set; positive is forward.
    ClockStepped {
        by_ms: i64,
    },
    /// About a package, but not recognised; or an error of the agent.
    #[default]
    Other,
}

impl Fact {
    /// The stable name that stands in the column `kind` and in message files.
    pub fn kind(&self) -> &'static str {
        match self {
            Fact::StateChanged { .. } => "state-changed",
            Fact::StateSeen { .. } => "state-seen",
            Fact::DownloadQueued => "download-queued",
            Fact::DownloadStarted => "download-started",
            Fact::DownloadResumed { .. } => "download-resumed",
            Fact::Progress { .. } => "progress",
            Fact::DownloadFinished { .. } => "download-finished",
            Fact::DownloadFailed { .. } => "download-failed",
            Fact::DownloadGivenUp { .. } => "download-given-up",
            Fact::Block { .. } => "block",
            Fact::BlocksNeeded { .. } => "blocks-needed",
            Fact::FileMissing { .. } => "file-missing",
            Fact::FilesMissing { .. } => "files-missing",
            Fact::VerificationStarted => "verification-started",
            Fact::VerificationPassed => "verification-passed",
            Fact::VerificationFailed => "verification-failed",
            Fact::FileSeen { .. } => "file-seen",
            Fact::FileFailed { .. } => "file-failed",
            Fact::FileServed { .. } => "file-served",
            Fact::FileNotFound { .. } => "file-not-found",
            Fact::RequestRefused { .. } => "request-refused",
            Fact::SnapshotReceived { .. } => "snapshot-received",
            Fact::SnapshotChanged { .. } => "snapshot-changed",
            Fact::SnapshotUnchanged { .. } => "snapshot-unchanged",
            Fact::MetadataMissing {
                what: Metadata::Snapshot,
            } => "snapshot-missing",
            Fact::MetadataMissing {
                what: Metadata::Status,
            } => "status-missing",
            Fact::SnapshotLocked => "snapshot-locked",
            Fact::VersionStated { .. } => "version-stated",
            Fact::VersionChanged { .. } => "version-changed",
            Fact::Location { .. } => "location",
            Fact::LocationChanged { .. } => "location-changed",
            Fact::PackagePathChanged { .. } => "package-path-changed",
            Fact::RefreshStarted { .. } => "refresh-started",
            Fact::RefreshFinished => "refresh-finished",
            Fact::Operator { .. } => "operator",
            Fact::Assigned => "assigned",
            Fact::Unassigned => "unassigned",
            Fact::MarkedDeleted => "marked-deleted",
            Fact::CleanedUp => "cleaned-up",
            Fact::NetworkFailed { .. } => "network-failed",
            Fact::AccessDenied { .. } => "access-denied",
            Fact::TimesCorrected => "times-corrected",
            Fact::ShareRemoved => "share-removed",
            Fact::AgentStarted => "agent-started",
            Fact::AgentStopped => "agent-stopped",
            Fact::ClientDelivery => "client-delivery",
            Fact::SnapshotCaptured { .. } => "snapshot-captured",
            Fact::StatusCaptured { .. } => "status-captured",
            Fact::ListingTaken { .. } => "listing",
            Fact::ClockStepped { .. } => "clock-stepped",
            Fact::Other => "other",
        }
    }
}
