//! What was seen of a package beside its states and downloads: one mark each in the timeline.

use super::{Moment, SourceRef, State};

/// One thing that was seen, told once where several neighbouring records say the same.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Observation {
    pub at: Moment,
    /// The time of the last record; that of the only one, if it is one.
    pub until: Moment,
    pub seen: Seen,
    /// Records that say so.
    pub records: u32,
    /// The first of them.
    pub source: SourceRef,
}

/// What was seen.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Seen {
    SnapshotCaptured {
        version: Option<i64>,
    },
    /// The log says that a new one came.
    SnapshotReceived {
        version: Option<i64>,
    },
    /// The log says that the server has another one than the disk.
    SnapshotChanged {
        version: Option<i64>,
    },
    /// The log says that the server has the same one.
    SnapshotUnchanged {
        version: Option<i64>,
    },
    SnapshotMissing,
    /// A listing shows the folder; `missing` of `listed` files of the snapshot are not in it.
    Listed {
        missing: u32,
        listed: u32,
    },
    /// Files were read, served or checked without a finding.
    FilesThere,
    FilesMissing,
    StatusCaptured {
        state: Option<State>,
    },
    StatusMissing,
    /// The web server refused a file of the package.
    Refused {
        http: u16,
        substatus: Option<u16>,
    },
    /// Something about the package failed.
    Failed {
        code: Option<u32>,
    },
}

/// Where an observation is drawn: one sub-lane each.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Row {
    Snapshot,
    Disk,
    Status,
    Error,
}

impl Row {
    /// All rows, in the order in which they are drawn.
    pub const ALL: [Row; 4] = [Row::Snapshot, Row::Disk, Row::Status, Row::Error];
}

impl Seen {
    /// The sub-lane.
    pub fn row(self) -> Row {
        match self {
            Seen::SnapshotCaptured { .. }
            | Seen::SnapshotReceived { .. }
            | Seen::SnapshotChanged { .. }
            | Seen::SnapshotUnchanged { .. }
            | Seen::SnapshotMissing => Row::Snapshot,
            Seen::Listed { .. } | Seen::FilesThere | Seen::FilesMissing => Row::Disk,
            Seen::StatusCaptured { .. } | Seen::StatusMissing => Row::Status,
            Seen::Refused { .. } | Seen::Failed { .. } => Row::Error,
        }
    }

    /// `snapshot`, `status` or `listing`, if a document was captured.
    pub fn captured(self) -> Option<&'static str> {
        match self {
            Seen::SnapshotCaptured { .. } => Some("snapshot"),
            Seen::StatusCaptured { .. } => Some("status"),
            Seen::Listed { .. } => Some("listing"),
            _ => None,
        }
    }
}

/// Two snapshots side by side.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SideBySide {
    pub before: Side,
    pub after: Side,
    /// Version and path, then the files that differ, then those that do not, each sorted by folded
    /// path: the first [`SideBySide::MOST_FILES`] of them.
    pub rows: Vec<SideRow>,
    /// Files that differ beyond those.
    pub more_files: usize,
    /// Files that are in both and do not differ.
    pub same_files: usize,
    /// Whether every file that is in both has a hash in both; without, only names and sizes are compared.
    pub compared_hashes: bool,
}

impl SideBySide {
    /// Files that are laid side by side: a new version may bring thousands, of each re-download.
    pub const MOST_FILES: usize = 200;
}

/// One of the two.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Side {
    pub at: Moment,
    pub source: SourceRef,
    /// Files that it lists.
    pub files: usize,
}

/// One property or file of both.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SideRow {
    pub what: Compared,
    /// As the snapshot says it; `None` where it does not have it.
    pub before: Option<String>,
    pub after: Option<String>,
}

impl SideRow {
    /// Whether the two sides differ.
    pub fn differs(&self) -> bool {
        self.before != self.after
    }
}

/// What a row compares.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Compared {
    Version,
    /// The path at the source, or the codebase.
    Path,
    /// A file, as the newer snapshot writes it (or the older one, if it is gone).
    File(String),
}
