//! The earlier download was given up because access was refused or the share was not there.
//!
//! # When it applies
//! A download was given up after errors of rights, shares or paths: 0x80070005, HTTP 401 or 403,
//! Win32 5, 53, 67, 1789.
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
    given_up_answer(case, FailureKind::Access, "refused access")
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
