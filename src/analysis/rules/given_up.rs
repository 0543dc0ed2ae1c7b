//! What a download that was given up says about the next one; the three failure rules share it.

use super::advice::{gap_advice, log_advice};
use super::{Answer, Explanation};
use crate::analysis::redownload::{CaseFile, Failure, FailureKind};
use crate::model::error_code::{told, told_http};
use crate::model::{Grade, Reason};

/// `Unspecified error`.
const E_FAIL: u32 = 0x8000_4005;

/// What a given-up download before says, if the errors are of `kind`; the three failure rules share it.
pub(super) fn given_up_answer(case: &CaseFile<'_>, kind: FailureKind, what: &str) -> Answer {
    let Some(previous) = case.given_up() else {
        if !case.covered {
            let text =
                "a download in the time that no log covers may have been given up".to_owned();
            return Answer::CannotTell {
                text,
                lacking: vec![log_advice()],
            };
        }
        return Answer::DoesNot {
            text: "no earlier download was given up".to_owned(),
            sources: case.good.map_or(Vec::new(), |(_, source, _)| vec![source]),
            observed: case.good.is_some(),
        };
    };
    // Unassigned or deleted while it waited: that is the product's doing, not the error's.
    let (at, source) = previous
        .given_up_at
        .unwrap_or((previous.download.started, previous.download.source));
    if case.deleted.iter().any(|(when, ..)| when.start <= at.start) && case.failures.is_empty() {
        return Answer::DoesNot {
            text: "the earlier download ended because the package was taken away".to_owned(),
            sources: vec![source],
            observed: true,
        };
    }
    let decisive = decisive_failure(case);
    let silent = decisive.is_none() && kind == FailureKind::Other;
    if decisive != Some(kind) && !silent {
        let text = match decisive {
            Some(other) => format!(
                "the errors of the download that was given up speak of {}, not of {what}",
                spoken(case, other)
            ),
            None => "the download that was given up states no error".to_owned(),
        };
        let sources = case
            .failures
            .iter()
            .filter(|one| Some(one.kind) == decisive)
            .flat_map(|one| one.sources.clone())
            .take(6)
            .collect();
        return match decisive {
            Some(_) => Answer::DoesNot {
                text,
                sources,
                observed: true,
            },
            None => Answer::CannotTell {
                text,
                lacking: vec![log_advice()],
            },
        };
    }
    let errors: Vec<&Failure> = case
        .failures
        .iter()
        .filter(|one| one.kind == kind)
        .collect();
    let last = errors.iter().rev().find_map(|one| told_failure(one));
    let told_code = last
        .as_ref()
        .map_or_else(String::new, |code| format!(": {code}"));
    // What the log counts itself is better than what it happens to show of it.
    let attempts = previous
        .stated_attempts
        .unwrap_or(previous.download.attempts.len());
    let times = if attempts == 1 { "attempt" } else { "attempts" };
    // `Unspecified error` names no cause, so it proves none. One record without a code may be the one that gives up.
    let codes = |wanted: Option<u32>| errors.iter().filter(|one| one.code == wanted).count();
    let (vague, none) = (codes(Some(E_FAIL)), codes(None));
    let unspecified =
        kind == FailureKind::Other && vague > 0 && none <= 1 && vague + none == errors.len();
    // Without a log up to the decision, another download may lie between; without an error, the
    // cause of the failure is a guess.
    let seen = case.whole_log_since(at);
    let grade = if seen && !silent && !unspecified {
        Grade::Proven
    } else {
        Grade::Likely
    };
    let told = if silent {
        "it was given up, and the log states no error".to_owned()
    } else {
        let last = last.map_or_else(String::new, |code| format!("; the last code is {code}"));
        let records = match errors.len() {
            1 => "1 of its error records speaks".to_owned(),
            many => format!("{many} of its error records speak"),
        };
        format!("{records} of {}{last}", spoken(case, kind))
    };
    // The code that is told belongs to the record that is named.
    let named = errors.iter().rev().find(|one| told_failure(one).is_some());
    let because = match named.or(errors.last()) {
        Some(error) => format!(" because of {}{told_code}", error.what),
        None => ", and the log states no error".to_owned(),
    };
    Answer::Explains(Explanation {
        grade,
        after: Some(previous.download.started),
        known: at,
        summary: format!("the download before was given up after {attempts} {times}{because}"),
        reasons: vec![
            Reason {
                text: told,
                sources: errors
                    .iter()
                    .rev()
                    .take(6)
                    .flat_map(|one| one.sources.clone())
                    .collect(),
            },
            Reason {
                text: "it was given up and never completed".to_owned(),
                sources: vec![source],
            },
        ],
        lacking: gap_advice(grade),
    })
}

/// What the errors of one kind speak of, each thing once: `failed blocks and a file in use`.
fn spoken(case: &CaseFile<'_>, kind: FailureKind) -> String {
    let mut things: Vec<&str> = Vec::new();
    for error in case.failures.iter().filter(|one| one.kind == kind) {
        if !things.contains(&error.what) {
            things.push(error.what);
        }
    }
    match things.as_slice() {
        [first @ .., last] if !first.is_empty() => format!("{} and {last}", first.join(", ")),
        things => things.concat(),
    }
}

/// The code of an error and its HTTP status in words: the product's general HTTP code says little alone.
fn told_failure(error: &Failure) -> Option<String> {
    match (error.code, error.http) {
        (Some(code), Some(status)) => Some(format!("{}, {}", told(code), told_http(status, None))),
        (Some(code), None) => Some(told(code)),
        (None, Some(status)) => Some(told_http(status, None)),
        (None, None) => None,
    }
}

/// What the errors of the given-up download say together: rights and source are specific, and a
/// general code beside them ("failed, 0x80004005") says nothing against them.
fn decisive_failure(case: &CaseFile<'_>) -> Option<FailureKind> {
    let last_specific = case
        .failures
        .iter()
        .rev()
        .find(|one| one.kind != FailureKind::Other)
        .map(|one| one.kind);
    last_specific.or_else(|| case.failures.last().map(|one| one.kind))
}
