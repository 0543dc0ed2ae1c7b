//! The earlier download was given up because access was refused or the share was not there.
//!
//! # When it applies
//! A download was given up after errors of rights, shares or paths: HTTP 401 or 403, or one of the
//! system errors 5 (0x80070005, access is denied), 53 (the network path was not found), 67 (the
//! network name was not found), 1789 (the trust between the computer and its domain failed).
//!
//! # When it does not
//! The earlier download completed, or its errors are others.
//!
//! # What to do
//! Check that the alternate folder exists, is shared if a UNC path is used, and that the agent's
//! account may read, write and modify there; that the path is shorter than 254 characters.

use super::given_up::given_up_answer;
use super::{Answer, Rule};
use crate::analysis::redownload::{CaseFile, FailureKind};
use crate::model::Verdict;

pub const RULE: Rule = Rule {
    verdict: Verdict::AccessDenied,
    about: "rights or a share were refused",
    source: include_str!("access_denied.rs"),
    judge,
};

fn judge(case: &CaseFile<'_>) -> Answer {
    given_up_answer(case, FailureKind::Access, "rights, shares or paths")
}

#[cfg(test)]
mod tests {
    use super::super::testing::History;
    use crate::model::{Fact, Grade, Verdict};

    #[test]
    fn a_given_up_download_without_rights_is_access_denied() {
        let denied = Fact::DownloadFailed {
            code: Some(0x8007_0005),
            busy: false,
            older: false,
        };
        let history = History::new()
            .start(10)
            .at(12, denied)
            .at(13, Fact::DownloadGivenUp { code: None });
        let ruling = history.again(7).ruling();
        assert_eq!(
            (ruling.verdict, ruling.grade),
            (Verdict::AccessDenied, Grade::Proven)
        );
        assert_eq!(
            ruling.summary,
            "The download before was given up after 1 attempt because of refused access: 0x80070005 (access is denied)."
        );
    }

    #[test]
    fn the_codes_stand_in_words_and_a_status_beside_the_general_code() {
        let told = |code, http| {
            let history = History::new()
                .start(10)
                .at(12, Fact::NetworkFailed { code, http })
                .at(13, Fact::DownloadGivenUp { code: None });
            history.again(7).ruling().reasons[0].text.clone()
        };
        let begin = "1 of its error records speaks of refused access";
        assert_eq!(
            told(Some(0x8004_2D21), Some(401)),
            format!(
                "{begin}; the last code is 0x80042D21 (a general HTTP error of the agent; the status stands in the text), HTTP 401 (not authorised: no log-on, or a wrong one)."
            )
        );
        assert_eq!(
            told(None, Some(403)),
            format!("{begin}; the last code is HTTP 403 (forbidden).")
        );
        // A code that no list names stands alone.
        assert_eq!(
            told(Some(0x8123_4567), Some(403)),
            format!("{begin}; the last code is 0x81234567, HTTP 403 (forbidden).")
        );
    }

    #[test]
    fn a_share_that_is_not_there_and_a_path_too_long_are_no_refusals() {
        let told = |fact: Fact| {
            let history = History::new()
                .start(10)
                .at(12, fact)
                .at(13, Fact::DownloadGivenUp { code: None });
            history.again(7).ruling().summary
        };
        let failed = |code| Fact::DownloadFailed {
            code: Some(code),
            busy: false,
            older: false,
        };
        let begin = "The download before was given up after 1 attempt because of";
        let share = "a share or server that was not found";
        assert_eq!(
            told(failed(0x8007_0035)),
            format!("{begin} {share}: 0x80070035 (the network path was not found).")
        );
        assert_eq!(
            told(failed(0x8007_0043)),
            format!("{begin} {share}: 0x80070043 (the network name was not found).")
        );
        let denied = |code| Fact::AccessDenied { code };
        assert_eq!(
            told(denied(Some(0x8007_00CE))),
            format!(
                "{begin} a path that is too long: 0x800700CE (the file name or extension is too long)."
            )
        );
        assert_eq!(
            told(denied(None)),
            format!("{begin} a folder, share or path that could not be used.")
        );
    }

    #[test]
    fn another_error_is_not() {
        let partial = Fact::DownloadFailed {
            code: Some(0x2C3),
            busy: false,
            older: false,
        };
        let history = History::new()
            .start(10)
            .at(12, partial)
            .at(13, Fact::DownloadGivenUp { code: None });
        assert_ne!(
            history.pending(100).start(101).finish(110).ruling().verdict,
            Verdict::AccessDenied
        );
    }
}
