//! What says that nothing about the package changed: the version, the hashes and the path, each
//! observed or only following from others.

use super::advice::capture_advice;
use crate::analysis::redownload::{CaseFile, Same};
use crate::model::{MissingEvidence, Reason};

/// What says that nothing about the package changed.
pub(super) struct Unchanged {
    pub(super) reasons: Vec<Reason>,
    pub(super) lacking: Vec<MissingEvidence>,
    /// How many parts only follow from others.
    pub(super) follow: u32,
}

impl Unchanged {
    /// `None` if the version is not known on both sides: without it nobody is accused.
    pub(super) fn of(case: &CaseFile<'_>) -> Option<Unchanged> {
        let mut all = Unchanged {
            reasons: Vec::new(),
            lacking: Vec::new(),
            follow: 0,
        };
        // A record "unchanged" or equal hashes say as much about the version as a number does.
        let version_known = matches!(case.version, Same::Observed(..) | Same::Follows(..));
        let hashes_known = matches!(case.hashes, Same::Observed(..));
        if !version_known && !hashes_known {
            return None;
        }
        for same in [&case.version, &case.hashes, &case.path] {
            match same {
                Same::Observed(text, sources) => all.reasons.push(Reason {
                    text: text.clone(),
                    sources: sources.clone(),
                }),
                Same::Follows(text, sources) => {
                    all.follow += 1;
                    all.lacking.push(capture_advice());
                    all.reasons.push(Reason {
                        text: format!("{text} (this follows, it is not observed)"),
                        sources: sources.clone(),
                    });
                }
                Same::Unknown => {
                    all.follow += 1;
                    all.lacking.push(capture_advice());
                }
                // Known to have changed later than the files went; told by its own rule.
                Same::Differs { .. } => {}
            }
        }
        Some(all)
    }
}
