//! What was noticed beside the re-downloads: a state of things that harms sooner or later.

use super::{Moment, PackageId, Server, SourceRef};

/// One thing that was noticed, said once however many records tell it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finding {
    /// The stable name of its kind, as in `shared-folder`.
    pub kind: &'static str,
    /// The package, if it is about one.
    pub package: Option<PackageId>,
    /// Further packages that it is about, sorted; all of them where `package` is none.
    pub involved: Vec<PackageId>,
    pub server: Option<Server>,
    /// When it was first to be seen.
    pub at: Option<Moment>,
    /// What is so, in one sentence.
    pub text: String,
    /// What to do, in one sentence.
    pub advice: String,
    /// Sorted, never empty.
    pub sources: Vec<SourceRef>,
    /// Whether it rests on wording or behaviour of the product that is assumed, not confirmed.
    pub assumed: bool,
}
