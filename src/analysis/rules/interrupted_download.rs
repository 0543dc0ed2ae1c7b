//! The earlier download never completed, for a reason that is neither rights nor the source.
//!
//! # When it applies
//! A download was given up (the log says that no more retries follow, or the state became Not
//! Ready, Invalid or Deleted) after errors such as failed blocks, partial data (0x000002C3), 404 on
//! single files or a locked snapshot.xml (0x00000020), and then began anew.
//!
//! # When it does not
//! The earlier download completed, or the package was Ready since. Retries within one download are its attempts, not re-downloads.
//!
//! # What to do
//! Look at the error: request filtering and hidden files in IIS (404), a proxy or a slow line
//! (partial data), a backup or antivirus that holds snapshot.xml (0x00000020).

use super::given_up::given_up_answer;
use super::{Answer, Rule};
use crate::analysis::redownload::{CaseFile, FailureKind};
use crate::model::Verdict;

pub const RULE: Rule = Rule {
    verdict: Verdict::InterruptedDownload,
    about: "the earlier download never completed",
    source: include_str!("interrupted_download.rs"),
    judge,
};

fn judge(case: &CaseFile<'_>) -> Answer {
    given_up_answer(case, FailureKind::Other, "an interrupted transfer")
}

#[cfg(test)]
mod tests {
    use super::super::testing::History;
    use crate::model::{Fact, Grade, State, Verdict};

    fn failed(code: u32) -> Fact {
        Fact::DownloadFailed {
            code: Some(code),
            busy: false,
            older: false,
        }
    }

    #[test]
    fn a_given_up_download_with_partial_data_is_interrupted() {
        let history = History::new()
            .start(10)
            .at(12, failed(0x2C3))
            .at(13, Fact::DownloadGivenUp { code: None });
        let ruling = history.again(7).ruling();
        assert_eq!(
            (ruling.verdict, ruling.grade),
            (Verdict::InterruptedDownload, Grade::Proven)
        );
    }

    #[test]
    fn an_unspecified_error_proves_no_cause() {
        let history = History::new()
            .start(10)
            .at(12, failed(0x8000_4005))
            .at(13, Fact::DownloadGivenUp { code: None });
        let ruling = history.again(7).ruling();
        assert_eq!(
            (ruling.verdict, ruling.grade),
            (Verdict::InterruptedDownload, Grade::Likely)
        );
    }

    #[test]
    fn retries_of_one_download_are_no_re_downloads() {
        let history = History::new()
            .start(10)
            .at(12, failed(0x2C3))
            .at(20, Fact::DownloadResumed { attempt: Some(2) })
            .finish(30);
        assert_eq!(history.redownloads(), 0);
    }

    #[test]
    fn a_given_up_download_after_which_it_was_ready_decides_nothing() {
        let left = Fact::StateChanged {
            from: Some(State::Ready),
            to: State::Pending,
        };
        let history = History::new()
            .start(10)
            .at(12, failed(0x2C3))
            .at(13, Fact::DownloadGivenUp { code: None })
            .at(9_000, left)
            .start(9_001)
            .finish(9_010);
        assert_ne!(history.ruling().verdict, Verdict::InterruptedDownload);
    }

    #[test]
    fn without_an_error_or_with_a_gap_after_it_is_only_likely() {
        let silent = History::new()
            .start(10)
            .at(13, Fact::DownloadGivenUp { code: None })
            .pending(100)
            .start(101)
            .finish(110)
            .ruling();
        assert_eq!(
            (silent.verdict, silent.grade),
            (Verdict::InterruptedDownload, Grade::Likely)
        );
        let gap = History::new()
            .start(10)
            .at(12, failed(0x2C3))
            .at(13, Fact::DownloadGivenUp { code: None })
            .gap(5_000, 15_000)
            .pending(20_000)
            .start(20_001)
            .finish(20_010)
            .ruling();
        assert_eq!(gap.grade, Grade::Likely);
    }
}
