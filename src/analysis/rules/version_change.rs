//! The package has a new version: the server made a new snapshot and the Package Server fetched it.
//!
//! # When it applies
//! The version on the disk before the download differs from the one that the download fetched.
//! Versions come from snapshot captures and from log records that state them. Real versions decode
//! as Unix seconds, so the report prints them as dates too (assumed).
//!
//! # When it does not
//! The same version is stated on both sides. After a download that was given up, its error decides.
//! If the package's path changed at the same moment, the path decides.
//!
//! # What to do
//! Nothing on the Package Server: it did what it should. If the version rises too often, ask on the
//! Notification Server who updates the package: scheduled package updates, a task that rebuilds
//! the source, an import.

use super::{Answer, Rule, change_answer};
use crate::analysis::redownload::CaseFile;
use crate::model::Verdict;

pub const RULE: Rule = Rule {
    verdict: Verdict::VersionChange,
    about: "the package has a new version",
    source: include_str!("version_change.rs"),
    judge,
};

fn judge(case: &CaseFile<'_>) -> Answer {
    change_answer(&case.version, "the version")
}

#[cfg(test)]
mod tests {
    use super::super::testing::History;
    use crate::model::{Fact, Grade, Verdict};

    #[test]
    fn a_version_that_rises_is_a_version_change() {
        let ruling = History::ready(7).again(8).ruling();
        assert_eq!(
            (ruling.verdict, ruling.grade),
            (Verdict::VersionChange, Grade::Proven)
        );
    }

    #[test]
    fn the_same_version_is_none() {
        let ruling = History::ready(7).again(7).ruling();
        assert_ne!(ruling.verdict, Verdict::VersionChange);
    }

    #[test]
    fn files_that_only_the_new_version_misses_accuse_nobody() {
        let ruling = History::ready(7)
            .at(
                99,
                Fact::VersionStated {
                    required: Some(8),
                    local: Some(7),
                },
            )
            .at(
                99,
                Fact::FilesMissing {
                    missing: 3,
                    of: Some(9),
                },
            )
            .again(8)
            .ruling();
        assert_eq!(ruling.verdict, Verdict::VersionChange);
    }

    #[test]
    fn a_version_from_before_a_gap_may_have_come_with_a_download_that_nobody_saw() {
        let changed = |history: History| {
            let history = history.pending(20_000).start(20_001).received(20_001, 8);
            history.finish(20_010).ruling()
        };
        assert_eq!(changed(History::ready(7)).grade, Grade::Proven);
        let gap = changed(History::ready(7).gap(5_000, 15_000));
        assert_eq!(
            (gap.verdict, gap.grade),
            (Verdict::VersionChange, Grade::Likely)
        );
    }

    #[test]
    fn what_the_download_before_was_to_fetch_is_no_change_of_the_next_one() {
        let wanted = Fact::VersionStated {
            required: Some(8),
            local: Some(7),
        };
        let history = History::ready(7)
            .at(999, wanted)
            .pending(1_000)
            .start(1_001);
        let ruling = history
            .finish(1_010)
            .pending(9_000)
            .start(9_001)
            .received(9_001, 8)
            .finish(9_010)
            .ruling();
        assert_ne!(ruling.verdict, Verdict::VersionChange);
    }
}
