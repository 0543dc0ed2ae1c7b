//! Verdicts and how well the evidence carries them.

use super::{Moment, SourceRef};
use std::fmt;

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

/// A cause that the evidence can neither show nor rule out, and why.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Doubt {
    pub verdict: Verdict,
    /// What is not known, as a phrase with a full stop: it stands after a colon.
    pub text: String,
}

/// What kind of evidence is missing. The order is that of use: what decides most comes first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Wanted {
    /// Agent logs of a time that none covers.
    Logs,
    /// Captures of snapshot.xml.
    Captures,
    /// A listing of the package's folder.
    Listing,
    /// Captures of PackageStatus.xml.
    Status,
    /// The folders of two packages.
    Folders,
    /// What unrecognised records say.
    Meaning,
    /// The unused-for setting.
    Retention,
    /// Whether a folder could be reached.
    Reach,
    /// Who removed the files: what the server has to record.
    Who,
    /// The same: on which folder.
    WhoHere,
}

/// What would decide, or raise the grade, and exactly how to get it.
///
/// Two that are equal ask for the same thing, so they are told once, however many re-downloads they serve.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct MissingEvidence {
    pub wanted: Wanted,
    /// A phrase: `who removed the files`.
    pub what: String,
    /// The machine and the folder.
    pub place: String,
    /// In their order.
    pub steps: Vec<Step>,
    /// When to do it.
    pub when: String,
}

/// One step of a collection.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Step {
    /// A phrase: `copy the logs`.
    pub what: String,
    /// One line, ready to be pasted; what it names from evidence is quoted.
    pub command: Option<String>,
}

/// The whole in one sentence without full stop.
///
/// ```
/// use pkgtrail::model::{MissingEvidence, Step, Wanted};
/// let missing = MissingEvidence {
///     wanted: Wanted::Reach,
///     what: "the shares of that time".into(),
///     place: "PS01".into(),
///     steps: vec![Step { what: "list them".into(), command: Some("net share".into()) }],
///     when: "now".into(),
/// };
/// assert_eq!(
///     missing.to_string(),
///     "the shares of that time; where: PS01; how: 1. list them: net share; when: now"
/// );
/// ```
impl fmt::Display for MissingEvidence {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "{}; where: {}; how:", self.what, self.place)?;
        for (place, step) in self.steps.iter().enumerate() {
            write!(out, " {}. {}", place + 1, step.what)?;
            if let Some(command) = &step.command {
                write!(out, ": {command}")?;
            }
            out.write_str(";")?;
        }
        write!(out, " when: {}", self.when)
    }
}

/// The stretch in which the files went.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Window {
    /// The last time the files were seen.
    pub after: Moment,
    /// The first time they were seen missing.
    pub before: Moment,
}
