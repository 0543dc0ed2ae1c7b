//! The product itself cleaned the package up, and later it was needed again.
//!
//! # When it applies
//! The package was marked Deleted (unassigned, or deleted from the database), the product deleted
//! its files at a later refresh, and then it was assigned or requested again.
//!
//! # When it does not
//! The package was never marked Deleted between the two downloads. A mark alone deletes nothing:
//! the files go only after the unused-for time, at a refresh. Where that time is known
//! (`--unused-for`), a younger mark is ruled out, and after an older one files that are found
//! missing are taken for cleaned up even if the log does not say so; that is strong at most.
//!
//! # What to do
//! Nothing is wrong with the files. If the package comes and goes, look at its assignments, at
//! "Delete package files if they are unused for", or set it to "Never Delete".

use super::advice::{audit_advice, log_advice, retention_advice, status_advice};
use super::{Answer, Explanation, Rule};
use crate::analysis::redownload::CaseFile;
use crate::model::{Grade, Reason, Verdict};

pub const RULE: Rule = Rule {
    verdict: Verdict::ProductCleanup,
    about: "the product cleaned it up, then it was needed again",
    source: include_str!("product_cleanup.rs"),
    judge,
};

fn judge(case: &CaseFile<'_>) -> Answer {
    if case.deleted.is_empty() {
        if case.covered {
            let text = "the log covers the time between and shows no `Deleted`".to_owned();
            let sources = case.good.map_or(Vec::new(), |(_, source, _)| {
                vec![source, case.found.download.source]
            });
            return Answer::DoesNot {
                text,
                sources,
                observed: true,
            };
        }
        if !case.status_not_deleted.is_empty() {
            let text = "its status file from in between does not say `Deleted`".to_owned();
            return Answer::DoesNot {
                text,
                sources: case.status_not_deleted.clone(),
                observed: true,
            };
        }
        return Answer::CannotTell {
            text: "no log and no status file covers the time between".into(),
            lacking: vec![log_advice(), status_advice()],
        };
    }
    let cleaned = case
        .deleted
        .iter()
        .rfind(|(_, what, _)| *what == "cleaned up by the product")
        .map(|(at, ..)| *at);
    let gone = case.missing.first().map(|one| one.at);
    let known = match (cleaned, case.unused_long_enough(), gone) {
        (Some(at), ..) => at,
        (None, Some(true), Some(gone)) => gone,
        (None, Some(false), _) => {
            return Answer::DoesNot {
                text: "it was marked, but the unused-for time had not passed before it was needed again".into(),
                sources: case.deleted[0].2.clone(),
                observed: true,
            };
        }
        _ => {
            return Answer::CannotTell {
                text: "it was marked, but nothing shows that the product deleted its files".into(),
                lacking: [vec![log_advice(), retention_advice()], audit_advice(case)].concat(),
            };
        }
    };
    let mut reasons: Vec<Reason> = case
        .deleted
        .iter()
        .map(|(at, what, sources)| Reason {
            text: format!("it was {what} at {}", at.shown()),
            sources: sources.clone(),
        })
        .collect();
    let marked = case
        .deleted
        .iter()
        .any(|(at, what, _)| *what != "cleaned up by the product" && at.start <= known.start);
    reasons.extend(case.missing.iter().map(|one| Reason {
        text: one.text.clone(),
        sources: one.sources.clone(),
    }));
    if let Some((at, sources)) = &case.assigned {
        reasons.push(Reason {
            text: format!("it was assigned again at {}", at.shown()),
            sources: sources.clone(),
        });
    }
    let mut lacking = Vec::new();
    let grade = match (marked && cleaned.is_some(), case.assigned.is_some()) {
        (true, true) => Grade::Proven,
        // The mark and the time that passed are known; that the product deleted follows.
        (false, true) if cleaned.is_none() => {
            lacking.push(log_advice());
            Grade::Strong
        }
        (false, false) if cleaned.is_none() => {
            lacking.extend([log_advice(), status_advice()]);
            Grade::Likely
        }
        (true, false) | (false, true) => {
            lacking.extend([log_advice(), status_advice()]);
            Grade::Strong
        }
        (false, false) => {
            lacking.extend([log_advice(), status_advice()]);
            Grade::Likely
        }
    };
    Answer::Explains(Explanation {
        grade,
        after: case.deleted.first().map(|(at, ..)| *at),
        known,
        summary: format!(
            "the product cleaned it up {} {}, and then it was needed again",
            if cleaned.is_some() { "at" } else { "before" },
            known.shown()
        ),
        reasons,
        lacking,
    })
}

#[cfg(test)]
mod tests {
    use super::super::testing::History;
    use crate::model::{Fact, Grade, Verdict};

    #[test]
    fn marked_deleted_and_assigned_again_is_the_product_s_own_doing() {
        let history = History::ready(7)
            .at(30, Fact::MarkedDeleted)
            .at(80, Fact::CleanedUp)
            .at(99, Fact::Assigned);
        let ruling = history.again(7).ruling();
        assert_eq!(
            (ruling.verdict, ruling.grade),
            (Verdict::ProductCleanup, Grade::Proven)
        );
    }

    #[test]
    fn a_mark_alone_deletes_nothing() {
        let history = History::ready(7)
            .at(30, Fact::MarkedDeleted)
            .at(99, Fact::Assigned);
        let ruling = history.again(7).ruling();
        assert_eq!(ruling.verdict, Verdict::Undetermined);
    }

    #[test]
    fn an_old_mark_and_missing_files_are_a_clean_up_and_a_young_mark_is_none() {
        let marked = |days: i64| {
            let missed = Fact::FilesMissing {
                missing: 2,
                of: Some(2),
            };
            let history = History::ready(7)
                .at(30, Fact::MarkedDeleted)
                .at(8_998, Fact::Assigned)
                .at(8_999, missed)
                .unused_for(days * 86_400_000);
            let history = history.pending(9_000).start(9_001).received(9_001, 7);
            history.finish(9_010).ruling()
        };
        let old = marked(1);
        assert_eq!(
            (old.verdict, old.grade),
            (Verdict::ProductCleanup, Grade::Strong)
        );
        assert_ne!(marked(2).verdict, Verdict::ProductCleanup);
    }
}
