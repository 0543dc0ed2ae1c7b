//! An operator asked for the download.
//!
//! # When it applies
//! A record of Force Download or Check integrity stands within ten minutes before the start, for
//! this package or for all, and nothing else explains the download.
//!
//! # When it does not
//! No such record stands before the start. "Resend status" downloads nothing, and "Check
//! integrity" is not the cause where files were missing: it only found that.
//!
//! # What to do
//! Ask the operator whom the record names.

use super::{Answer, Explanation, Rule};
use crate::analysis::redownload::{CaseFile, Order};
use crate::model::{Grade, Reason, Verdict};

pub const RULE: Rule = Rule {
    verdict: Verdict::OperatorAction,
    about: "an operator asked for it",
    source: include_str!("operator_action.rs"),
    judge,
};

fn judge(case: &CaseFile<'_>) -> Answer {
    let order = case.operators.iter().rfind(|one| one.downloads());
    let Some(Order {
        at, text, sources, ..
    }) = order
    else {
        let sources = case.good.map_or(Vec::new(), |(_, source, _)| {
            vec![source, case.found.download.source]
        });
        if !case.covered {
            let text = "no log covers the time just before the start".to_owned();
            return Answer::CannotTell {
                text,
                lacking: vec![super::advice::log_advice()],
            };
        }
        return Answer::DoesNot {
            text: "no record of an operator's order stands just before the start".to_owned(),
            sources,
            observed: true,
        };
    };
    // "Check integrity" downloads only what it finds missing, and took nothing away itself.
    if text.to_lowercase().contains("integrity") && !case.missing.is_empty() {
        return Answer::DoesNot {
            text: "the check that an operator asked for only found that files were missing"
                .to_owned(),
            sources: sources.clone(),
            observed: true,
        };
    }
    Answer::Explains(Explanation {
        grade: if !case.missing.is_empty() {
            // Files were missing too, and only that may have been the reason for the order.
            Grade::Likely
        } else if case.covered {
            Grade::Proven
        } else {
            // What the log does not tell may have made the order, or the download, necessary.
            Grade::Likely
        },
        after: Some(*at),
        known: *at,
        summary: format!("an operator asked for it ({text})"),
        reasons: vec![Reason {
            text: format!("an operator's order of {}: {text}", at.said()),
            sources: sources.clone(),
        }],
        lacking: super::advice::uncovered_advice(case),
    })
}

#[cfg(test)]
mod tests {
    use super::super::testing::History;
    use crate::model::{Fact, Grade, Verdict};

    fn order(action: &str) -> Fact {
        Fact::Operator {
            action: action.into(),
            user: Some(r"CORP\jdoe".into()),
        }
    }

    #[test]
    fn a_forced_download_is_the_operator_s() {
        let ruling = History::ready(7)
            .at(99, order("Force Download"))
            .again(7)
            .ruling();
        assert_eq!(
            (ruling.verdict, ruling.grade),
            (Verdict::OperatorAction, Grade::Proven)
        );
    }

    #[test]
    fn an_order_of_yesterday_or_a_resent_status_is_not() {
        let early = History::ready(7)
            .at(20, order("Force Download"))
            .pending(90_000)
            .start(90_001)
            .finish(90_010);
        assert_ne!(early.ruling().verdict, Verdict::OperatorAction);
        let resent = History::ready(7)
            .at(99, order("Resend status"))
            .pending(100)
            .start(101)
            .finish(110);
        assert_ne!(resent.ruling().verdict, Verdict::OperatorAction);
    }

    #[test]
    fn a_check_that_only_found_what_was_missing_is_not_the_cause() {
        let check = |missing: bool| {
            let history = History::ready(7).at(98, order("Check integrity"));
            let history = if missing {
                let missed = Fact::FilesMissing {
                    missing: 2,
                    of: Some(2),
                };
                history.at(99, missed)
            } else {
                history
            };
            let history = history.pending(100).start(101).received(101, 7);
            history.finish(110).ruling().verdict
        };
        assert_eq!(check(true), Verdict::ExternalRemoval);
        assert_eq!(check(false), Verdict::OperatorAction);
    }
}
