//! The server or the source was at fault: busy, unavailable, or its version too old.
//!
//! # When it applies
//! A download was given up after "Server is busy", HTTP 503 or "older than required"; or such an
//! answer stands just before the package, unchanged and complete, left Ready.
//!
//! # When it does not
//! The earlier download completed and no such answer stands before this one, or its errors are others.
//!
//! # What to do
//! Look at the load of the Notification Server and of the source; for "older than required" let
//! the source server finish its own update first.

use super::given_up::given_up_answer;
use super::{Answer, Explanation, Rule};
use crate::analysis::redownload::{CaseFile, FailureKind, Same};
use crate::model::{Grade, Reason, Verdict};

pub const RULE: Rule = Rule {
    verdict: Verdict::SourceUnavailable,
    about: "the server was busy, or its version too old",
    source: include_str!("source_unavailable.rs"),
    judge,
};

fn judge(case: &CaseFile<'_>) -> Answer {
    let given_up = case.given_up().is_some();
    let changed = [&case.version, &case.hashes, &case.path]
        .iter()
        .any(|same| matches!(same, Same::Differs { .. }));
    let Some((at, text, sources)) = case
        .refused
        .last()
        .filter(|_| !given_up && !changed && case.missing.is_empty())
    else {
        return given_up_answer(case, FailureKind::Source, "an unavailable source");
    };
    let reasons = vec![Reason {
        text: text.clone(),
        sources: sources.clone(),
    }];
    let unchanged = matches!(case.version, Same::Observed(..));
    Answer::Explains(Explanation {
        grade: if unchanged {
            Grade::Proven
        } else {
            Grade::Likely
        },
        after: case.good.map(|(at, ..)| at),
        known: *at,
        summary: format!("{text} when the package was checked"),
        reasons,
        lacking: if unchanged {
            Vec::new()
        } else {
            vec![super::advice::capture_advice()]
        },
    })
}

#[cfg(test)]
mod tests {
    use super::super::testing::History;
    use crate::model::{Fact, Grade, Verdict};

    fn busy() -> Fact {
        Fact::DownloadFailed {
            code: Some(0x8000_4005),
            busy: true,
            older: false,
        }
    }

    #[test]
    fn a_given_up_download_from_a_busy_server_is_the_source_s_fault() {
        let history = History::new()
            .start(10)
            .at(12, busy())
            .at(13, Fact::DownloadGivenUp { code: None });
        let ruling = history.again(7).ruling();
        assert_eq!(
            (ruling.verdict, ruling.grade),
            (Verdict::SourceUnavailable, Grade::Proven)
        );
    }

    #[test]
    fn a_busy_answer_at_the_check_is_too() {
        let ruling = History::ready(7).at(99, busy()).again(7).ruling();
        assert_eq!(
            (ruling.verdict, ruling.grade),
            (Verdict::SourceUnavailable, Grade::Proven)
        );
    }

    #[test]
    fn a_new_version_beats_a_busy_answer() {
        let ruling = History::ready(7).at(99, busy()).again(8).ruling();
        assert_eq!(ruling.verdict, Verdict::VersionChange);
    }
}
