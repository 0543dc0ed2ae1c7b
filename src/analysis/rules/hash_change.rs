//! The files of the package differ although its version does not.
//!
//! # When it applies
//! Two captures of `snapshot.xml`, before and after the download, have the same version but
//! another set of files, other sizes or other hashes. The Notification Server raises the version
//! with every change, so this means a rebuilt, restored or tampered snapshot, or a source that is
//! served by another server.
//!
//! # When it does not
//! The file lists are the same, or only the times of files differ: times are corrected without a
//! download. With a new version the hashes are its own, and the version decides.
//!
//! # What to do
//! Compare the package's source on the server with its snapshot (`pkgtrail snapshots`), look for a
//! restore or a copy from another Notification Server, update the distribution point once.

use super::advice::gap_advice;
use super::{Answer, Explanation, Rule, change_answer};
use crate::analysis::redownload::{CaseFile, Same};
use crate::model::{Grade, Reason, Verdict};

pub const RULE: Rule = Rule {
    verdict: Verdict::HashChange,
    about: "files differ although the version is the same",
    source: include_str!("hash_change.rs"),
    judge,
};

fn judge(case: &CaseFile<'_>) -> Answer {
    let Same::Differs {
        text,
        sources,
        known,
        last_old,
        grade,
    } = &case.hashes
    else {
        return change_answer(&case.hashes, "the file hashes");
    };
    let (grade, same_version) = match &case.version {
        Same::Differs { .. } => {
            let text = "the files differ because the version is another".to_owned();
            return Answer::DoesNot {
                text,
                sources: sources.clone(),
                observed: true,
            };
        }
        Same::Observed(text, sources) => (
            *grade,
            Some(Reason {
                text: text.clone(),
                sources: sources.clone(),
            }),
        ),
        Same::Follows(text, sources) => (
            (*grade).min(Grade::Strong),
            Some(Reason {
                text: text.clone(),
                sources: sources.clone(),
            }),
        ),
        Same::Unknown => (Grade::Likely, None),
    };
    let mut reasons = vec![Reason {
        text: text.clone(),
        sources: sources.clone(),
    }];
    reasons.extend(same_version);
    Answer::Explains(Explanation {
        grade,
        after: *last_old,
        known: *known,
        summary: "its files changed while its version stayed the same".to_owned(),
        reasons,
        lacking: gap_advice(grade),
    })
}

#[cfg(test)]
mod tests {
    use super::super::testing::History;
    use crate::model::{Grade, Verdict};

    #[test]
    fn other_hashes_under_the_same_version_are_a_hash_change() {
        let ruling = History::ready(7)
            .capture(50, 7, "x")
            .again(7)
            .capture(150, 7, "y")
            .ruling();
        assert_eq!(
            (ruling.verdict, ruling.grade),
            (Verdict::HashChange, Grade::Proven)
        );
    }

    #[test]
    fn the_same_hashes_are_none() {
        let ruling = History::ready(7)
            .capture(50, 7, "x")
            .again(7)
            .capture(150, 7, "x")
            .ruling();
        assert_ne!(ruling.verdict, Verdict::HashChange);
    }

    #[test]
    fn a_new_version_brings_its_own_hashes() {
        let ruling = History::ready(7)
            .capture(50, 7, "x")
            .again(8)
            .capture(150, 8, "y")
            .ruling();
        assert_eq!(ruling.verdict, Verdict::VersionChange);
    }
}
