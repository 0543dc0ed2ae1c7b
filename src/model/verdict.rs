//! Verdicts and how well the evidence carries them.

use super::{Moment, SourceRef};

/// What started a re-download. The order is that of `contract.md`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Verdict {
    VersionChange,
    HashChange,
    PathChange,
    ExternalRemoval,
    ProductCleanup,
    SiblingCleanup,
    MetadataRemoval,
    InterruptedDownload,
    AccessDenied,
    SourceUnavailable,
    OperatorAction,
    Undetermined,
}

impl Verdict {
    /// All verdicts.
    pub const ALL: [Verdict; 12] = [
        Verdict::VersionChange,
        Verdict::HashChange,
        Verdict::PathChange,
        Verdict::ExternalRemoval,
        Verdict::ProductCleanup,
        Verdict::SiblingCleanup,
        Verdict::MetadataRemoval,
        Verdict::InterruptedDownload,
        Verdict::AccessDenied,
        Verdict::SourceUnavailable,
        Verdict::OperatorAction,
        Verdict::Undetermined,
    ];

    /// The stable name.
    pub fn name(self) -> &'static str {
        match self {
            Verdict::VersionChange => "version-change",
            Verdict::HashChange => "hash-change",
            Verdict::PathChange => "path-change",
            Verdict::ExternalRemoval => "external-removal",
            Verdict::ProductCleanup => "product-cleanup",
            Verdict::SiblingCleanup => "sibling-cleanup",
            Verdict::MetadataRemoval => "metadata-removal",
            Verdict::InterruptedDownload => "interrupted-download",
            Verdict::AccessDenied => "access-denied",
            Verdict::SourceUnavailable => "source-unavailable",
            Verdict::OperatorAction => "operator-action",
            Verdict::Undetermined => "undetermined",
        }
    }

    /// Whether the package really changed.
    pub fn is_real_change(self) -> bool {
        matches!(
            self,
            Verdict::VersionChange | Verdict::HashChange | Verdict::PathChange
        )
    }
}

/// How well the evidence carries a verdict, weakest first, so that `min` lowers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Grade {
    Undetermined,
    Likely,
    Strong,
    Proven,
}

impl Grade {
    /// The stable name.
    pub fn name(self) -> &'static str {
        match self {
            Grade::Undetermined => "undetermined",
            Grade::Likely => "likely",
            Grade::Strong => "strong",
            Grade::Proven => "proven",
        }
    }
}

/// A sentence with its proof.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reason {
    pub text: String,
    /// Sorted; empty only if the sentence is about what the evidence lacks.
    pub sources: Vec<SourceRef>,
}

/// A rival cause, and why it is none.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RuledOut {
    pub verdict: Verdict,
    pub text: String,
    pub sources: Vec<SourceRef>,
}

/// What would decide, or raise the grade, and how to get it.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct MissingEvidence {
    pub what: String,
    /// The command to run on the server, the folder, the time to do it.
    pub collect: String,
}

/// The stretch in which the files went.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Window {
    /// The last time the files were seen.
    pub after: Moment,
    /// The first time they were seen missing.
    pub before: Moment,
}
