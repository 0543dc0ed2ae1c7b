//! Documents that are captured as a whole: snapshots, status files, listings.

use super::{Moment, PackageId, Server, SourceRef, Stamp, State};
use std::sync::Arc;

/// How it is known when a document was captured, best first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum CaptureBasis {
    /// A time in the document (a listing's header).
    Content,
    /// A time in the file's or a folder's name.
    Name,
    /// A `captures.csv` beside the captures.
    CapturesCsv,
    /// The modification time on disk or in the archive.
    Modified,
    /// Only the version: not before it.
    Version,
}

impl CaptureBasis {
    /// For sentences: "captured at X, known from ...".
    pub fn words(self) -> &'static str {
        match self {
            CaptureBasis::Content => "its content",
            CaptureBasis::Name => "its name or folder",
            CaptureBasis::CapturesCsv => "captures.csv",
            CaptureBasis::Modified => "its modification time",
            CaptureBasis::Version => "its version only (not before)",
        }
    }
}

/// A document with the time and place of its capture.
#[derive(Debug, Clone)]
pub struct Capture<T> {
    pub at: Moment,
    pub basis: CaptureBasis,
    pub server: Option<Server>,
    /// The package, from the document or from a GUID in the path; a listing has none.
    pub package: Option<PackageId>,
    /// Where its deciding line stands (version, state, first folder).
    pub source: SourceRef,
    /// Captures of what did not change share it.
    pub document: Arc<T>,
}

impl Capture<Snapshot> {
    /// Where its path stands.
    pub fn path_source(&self) -> SourceRef {
        SourceRef {
            line: self.document.path_line.max(1),
            ..self.source
        }
    }
}

/// The content of a `snapshot.xml`: the manifest of a package.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Snapshot {
    pub package: Option<PackageId>,
    pub name: Option<String>,
    pub version: Option<i64>,
    /// The package path at its source, or its codebase, as written.
    pub path: Option<String>,
    pub created: Option<Stamp>,
    /// The hash over the whole snapshot.
    pub hash: Option<String>,
    /// The files, sorted by folded path.
    pub files: Vec<SnapshotFile>,
    /// Whether the document was read to its end. A cut snapshot proves no absence.
    pub complete: bool,
    /// Line of the version, from 1 (of the root element, if there is no version).
    pub version_line: u32,
    /// Line of the path (of the root element, if there is no path).
    pub path_line: u32,
    /// The text of those two lines, trimmed and shortened to 300 characters, to be quoted.
    pub version_text: String,
    pub path_text: String,
}

/// One file of a snapshot.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SnapshotFile {
    /// Relative to the package, with backslashes, as written.
    pub path: String,
    pub size: Option<u64>,
    pub modified: Option<Stamp>,
    /// As written: base64 or hex.
    pub hash: Option<String>,
    pub line: u32,
}

/// The content of a `PackageStatus.xml`.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Status {
    pub package: Option<PackageId>,
    /// The state, if the word is known.
    pub state: Option<State>,
    /// The word as written.
    pub word: String,
    /// The time that the file states.
    pub time: Option<Stamp>,
    /// Whether it says that the package is never deleted. How it says so is assumed.
    pub never_deleted: bool,
    pub complete: bool,
    /// Line of the state word, and its text (trimmed, at most 300 characters).
    pub line: u32,
    pub text: String,
}

/// What a folder listing shows.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Listing {
    /// A time stated in the listing itself.
    pub taken: Option<Stamp>,
    /// In the order of the listing.
    pub folders: Vec<ListedFolder>,
    /// Whether the listing says how many files a folder has and so shows that nothing was cut
    /// (`dir`). A list of paths has no such end and proves presence only.
    pub counted: bool,
    /// Whether it was read to its end without a cut.
    pub complete: bool,
}

/// One folder of a listing.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ListedFolder {
    /// As written.
    pub path: String,
    /// Line that names the folder (`Directory of ...`), or the first line of a file in it.
    pub line: u32,
    pub text: String,
    pub files: Vec<ListedFile>,
    /// Names of sub-folders that are shown, junctions not among them.
    pub folders: Vec<String>,
    /// Names of junctions and links.
    pub links: Vec<String>,
    /// Where each of them leads, as written; empty where that is not shown.
    pub targets: Vec<String>,
    /// Whether the folder's end (file count) was seen and agrees.
    pub complete: bool,
}

/// One file of a listing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ListedFile {
    pub name: String,
    pub size: Option<u64>,
    pub modified: Option<Stamp>,
    pub line: u32,
}
