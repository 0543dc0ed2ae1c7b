//! Plain values that all stages agree on. No I/O, no parsing of files, no opinion.

pub mod by_place;
pub mod case;
pub mod document;
pub mod error_code;
pub mod event;
pub mod finding;
pub mod lock;
pub mod moment;
pub mod observation;
pub mod package;
pub mod path;
pub mod problem;
pub mod progress;
pub mod raw;
pub mod report;
pub mod room;
pub mod source;
pub mod text;
pub mod verdict;

pub use by_place::ByPlace;
pub use case::{
    Attempt, Case, Coverage, Download, EvidenceFile, Gap, MissingWhileReady, Outcome, PackageCase,
    Records, Redownload, StateSpan, Texts, TimeZoneUsed, ZoneBasis,
};
pub use document::{
    Capture, CaptureBasis, ListedFile, ListedFolder, Listing, Snapshot, SnapshotFile, Status,
};
pub use event::{
    BlockOutcome, Event, Fact, Metadata, Record, Said, Sources, State, Wording, Writer,
};
pub use finding::Finding;
pub use moment::{Local, Moment, SameMinute, Stamp};
pub use observation::{Compared, Observation, Row, Seen, Side, SideBySide, SideRow};
pub use package::PackageId;
pub use problem::{Place, Problem};
pub use progress::{Progress, Silent};
pub use raw::{Raw, StartTag, TagForm};
pub use source::{FileId, SourceRef};
pub use verdict::{Doubt, Grade, MissingEvidence, Reason, RuledOut, Step, Verdict, Wanted, Window};

/// The name of a Package Server, as its log records or its folder state it.
pub type Server = std::sync::Arc<str>;
