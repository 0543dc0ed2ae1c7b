//! Weighs the answers of all rules: which cause came first, and what the report says about the others.

use super::advice::{audit_advice, capture_advice, listing_advice, log_advice};
use super::{Answer, Explanation, Ruling};
use crate::analysis::redownload::{CaseFile, Missing};
use crate::model::{Doubt, Grade, MissingEvidence, Reason, RuledOut, SourceRef, Verdict};

/// The explanation that comes first, if the evidence can say which one does.
pub(super) fn winner<'a>(
    case: &CaseFile<'_>,
    all: &[(Verdict, &'a Explanation)],
) -> Option<(Verdict, &'a Explanation)> {
    let first = |one: &(Verdict, &Explanation)| {
        all.iter()
            .filter(|other| other.0 != one.0)
            .all(|other| precedes(case, one, other))
    };
    all.iter().find(|one| first(one)).copied()
}

/// Whether one cause is known to come first, or wins by the rules of the contract.
fn precedes(
    case: &CaseFile<'_>,
    one: &(Verdict, &Explanation),
    other: &(Verdict, &Explanation),
) -> bool {
    let failure = |verdict| {
        matches!(
            verdict,
            Verdict::InterruptedDownload | Verdict::AccessDenied | Verdict::SourceUnavailable
        )
    };
    // After a given-up download its error decides.
    if case.given_up().is_some() && failure(one.0) != failure(other.0) {
        return failure(one.0);
    }
    let in_order = |a: &Explanation, b: &Explanation| {
        b.after.is_some_and(|after| a.known.end <= after.start + 1)
    };
    if in_order(one.1, other.1) {
        return true;
    }
    if in_order(other.1, one.1) {
        return false;
    }
    // At the same moment: path over version over hash; a new version always brings new hashes.
    let rank = |verdict| {
        [
            Verdict::PathChange,
            Verdict::VersionChange,
            Verdict::HashChange,
        ]
        .iter()
        .position(|one| *one == verdict)
    };
    match (rank(one.0), rank(other.0)) {
        (Some(a), Some(b)) => a < b,
        _ => false,
    }
}

pub(super) fn decided(
    case: &CaseFile<'_>,
    verdict: Verdict,
    explanation: &Explanation,
    explaining: &[(Verdict, &Explanation)],
    answers: &[(Verdict, Answer)],
) -> Ruling {
    let mut reasons = explanation.reasons.clone();
    for (other, told) in explaining.iter().filter(|(other, _)| *other != verdict) {
        let later = format!(
            "also, but not what started this download ({}): {}",
            other.name(),
            told.summary
        );
        let sources = told
            .reasons
            .iter()
            .flat_map(|reason| reason.sources.clone())
            .collect();
        reasons.push(Reason {
            text: later,
            sources,
        });
    }
    // Files that went before the change was known are told, though the change started the download.
    let gone_before = |one: &&Missing| one.at.before(&explanation.known);
    if verdict.is_real_change()
        && let Some(missing) = case.missing.iter().find(gone_before)
    {
        reasons.push(Reason {
            text: format!(
                "also, before that is known to have changed: {}",
                missing.text
            ),
            sources: missing.sources.clone(),
        });
    }
    let mut ruled_out = Vec::new();
    for (rival, answer) in answers.iter().filter(|(rival, _)| *rival != verdict) {
        if let Answer::DoesNot { text, sources, .. } = answer {
            ruled_out.push(RuledOut {
                verdict: *rival,
                text: text.clone(),
                sources: tidy(sources.clone()),
            });
        }
    }
    let mut missing = explanation.lacking.clone();
    if verdict == Verdict::ExternalRemoval {
        missing.extend(audit_advice(case));
    }
    let missing = by_use(missing);
    let window = case.window().filter(|_| {
        matches!(
            verdict,
            Verdict::ExternalRemoval | Verdict::SiblingCleanup | Verdict::ProductCleanup
        )
    });
    Ruling {
        verdict,
        grade: explanation.grade,
        window,
        summary: explanation.summary.clone(),
        reasons: reasons
            .into_iter()
            .map(|reason| Reason {
                sources: tidy(reason.sources),
                ..reason
            })
            .collect(),
        ruled_out,
        doubts: Vec::new(),
        missing_evidence: missing,
    }
}

pub(super) fn undecided(
    case: &CaseFile<'_>,
    explaining: &[(Verdict, &Explanation)],
    answers: &[(Verdict, Answer)],
) -> Ruling {
    let mut reasons: Vec<Reason> = Vec::new();
    let mut ruled_out = Vec::new();
    let mut doubts = Vec::new();
    let mut missing = Vec::new();
    for (verdict, answer) in answers {
        match answer {
            Answer::Explains(told) => {
                reasons.push(Reason {
                    text: format!("it may be {}: {}", verdict.name(), told.summary),
                    sources: tidy(
                        told.reasons
                            .iter()
                            .flat_map(|reason| reason.sources.clone())
                            .collect(),
                    ),
                });
                missing.extend(told.lacking.clone());
            }
            Answer::DoesNot { text, sources, .. } => {
                ruled_out.push(RuledOut {
                    verdict: *verdict,
                    text: text.clone(),
                    sources: tidy(sources.clone()),
                });
            }
            Answer::CannotTell { text, lacking } => {
                if !text.is_empty() {
                    doubts.push(Doubt {
                        verdict: *verdict,
                        text: text.clone(),
                    });
                }
                missing.extend(lacking.clone());
            }
        }
    }
    for seen in &case.missing {
        reasons.push(Reason {
            text: seen.text.clone(),
            sources: tidy(seen.sources.clone()),
        });
    }
    if !case.covered {
        missing.push(log_advice());
    }
    // Two causes that are both shown still lack their order.
    if missing.is_empty() {
        missing.extend([capture_advice(), listing_advice(case)]);
    }
    let missing = by_use(missing);
    let summary = match explaining {
        [] => "the evidence does not show why it was downloaded again".to_owned(),
        several => {
            let names: Vec<&str> = several.iter().map(|(verdict, _)| verdict.name()).collect();
            format!(
                "the evidence cannot tell which came first: {}",
                names.join(" or ")
            )
        }
    };
    Ruling {
        verdict: Verdict::Undetermined,
        grade: Grade::Undetermined,
        window: None,
        summary,
        reasons,
        ruled_out,
        doubts,
        missing_evidence: missing,
    }
}

/// What decides most comes first, each once.
fn by_use(mut missing: Vec<MissingEvidence>) -> Vec<MissingEvidence> {
    missing.sort();
    missing.dedup();
    missing
}

fn tidy(mut sources: Vec<SourceRef>) -> Vec<SourceRef> {
    sources.sort_unstable();
    sources.dedup();
    sources
}
