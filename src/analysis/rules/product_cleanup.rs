//! The product itself cleaned the package up, and later it was needed again.
//!
//! # When it applies
//! The package was marked Deleted (unassigned, or deleted from the database), the product deleted
//! its files at a later refresh, and then it was assigned or requested again.
//!
//! # When it does not
//! The package was never marked Deleted between the two downloads. A mark alone deletes nothing:
//! its clock starts at the Time in PackageStatus.xml (else at the record of the mark), any
//! assignment stops it, and the files go at the first refresh after the unused-for time. Where
//! that time is known (a policy, or `--unused-for`), a younger mark is ruled out, and so is one
//! whose clock was stopped in time. After an older one files that are found missing are taken for
//! cleaned up even if the log does not say so; that is strong at most, and likely if the log shows
//! no refresh at which they could go. A package that is set to "Never Delete" is not cleaned up.
//!
//! # What to do
//! Nothing is wrong with the files. If the package comes and goes, look at its assignments, at
//! "Delete package files if they are unused for", or set it to "Never Delete".

use super::advice::{audit_advice, log_advice, retention_advice, status_advice};
use super::{Answer, Explanation, Rule};
use crate::analysis::redownload::{CaseFile, Mark};
use crate::model::{Grade, MissingEvidence, Moment, Reason, Verdict};

pub const RULE: Rule = Rule {
    verdict: Verdict::ProductCleanup,
    about: "the product cleaned it up, then it was needed again",
    source: include_str!("product_cleanup.rs"),
    judge,
};

fn judge(case: &CaseFile<'_>) -> Answer {
    if case.deleted.is_empty() {
        return never_marked(case);
    }
    let cleaned = case
        .deleted
        .iter()
        .rfind(|(_, what, _)| *what == "cleaned up by the product")
        .map(|(at, ..)| *at);
    let marks = case.marks();
    // The product's own record of the deletion needs no arithmetic.
    if let Some(at) = cleaned {
        let mark = marks.iter().rfind(|mark| mark.at.start <= at.start);
        return cleaned_up(case, at, mark);
    }
    if let Some(source) = case.kept.never {
        return Answer::DoesNot {
            text: "it was marked, but it seems to be set to `Never Delete` (how that is written is assumed)"
                .into(),
            sources: vec![source],
            observed: false,
        };
    }
    let due = marks.iter().rfind(|mark| case.was_due(mark) == Some(true));
    match due {
        Some(mark) if !case.missing.is_empty() => long_unused(case, mark),
        None if case.covered && marks.iter().all(|mark| case.was_due(mark).is_some()) => {
            let Some(mark) = marks.last() else {
                return Answer::DoesNot {
                    text: "its files were missing before it was marked".into(),
                    sources: case.deleted[0].2.clone(),
                    observed: true,
                };
            };
            too_early(case, mark)
        }
        _ => Answer::CannotTell {
            text: "it was marked, but nothing shows that the product deleted its files".into(),
            lacking: [vec![log_advice(), retention_advice()], audit_advice(case)].concat(),
        },
    }
}

fn never_marked(case: &CaseFile<'_>) -> Answer {
    let (text, sources) = if case.covered {
        let sources = case.good.map_or(Vec::new(), |(_, source, _)| {
            vec![source, case.found.download.source]
        });
        (
            format!("{} and shows no `Deleted`", case.log_since_told()),
            sources,
        )
    } else if !case.status_not_deleted.is_empty() {
        (
            "its status file from in between does not say `Deleted`".to_owned(),
            case.status_not_deleted.clone(),
        )
    } else {
        return Answer::CannotTell {
            text: "no log and no status file covers the whole time from its last known good state to the start".into(),
            lacking: vec![log_advice(), status_advice()],
        };
    };
    Answer::DoesNot {
        text,
        sources,
        observed: true,
    }
}

/// No mark was in force for long enough.
fn too_early(case: &CaseFile<'_>, mark: &Mark) -> Answer {
    let mut sources = mark.sources.clone();
    let marked = format!("it was {} at {}", mark.what, mark.at.said());
    let due = case.due(mark);
    let early = due.map_or(String::new(), |due| {
        format!(
            "the unused-for time of {} had not passed before {}",
            in_words(case.kept.ms),
            due.said()
        )
    });
    let text = match &mark.reset {
        Some((assigned, told)) => {
            sources.extend(told);
            let why = match due {
                Some(due) if due.start >= mark.limit.end => early,
                _ => "all its files were seen after that".to_owned(),
            };
            format!("{marked}, but assigned again at {}; {why}", assigned.said())
        }
        None => format!("{marked}, but {early}"),
    };
    sources.extend(case.kept.own);
    Answer::DoesNot {
        text,
        sources,
        observed: true,
    }
}

/// The log itself says that the product cleaned it up.
fn cleaned_up(case: &CaseFile<'_>, at: Moment, mark: Option<&Mark>) -> Answer {
    let mut reasons = told(case);
    if let Some(due) = mark.and_then(|mark| case.due(mark)) {
        let text = if due.start <= at.end {
            format!(
                "by the unused-for time of {} its files might go from {} on",
                in_words(case.kept.ms),
                due.said()
            )
        } else {
            format!(
                "by the known unused-for time of {} its files should have stayed until {}; another setting was in force",
                in_words(case.kept.ms),
                due.said()
            )
        };
        reasons.push(sum(case, mark, text));
    }
    let grade = match (mark.is_some(), case.assigned.is_some()) {
        (true, true) => Grade::Proven,
        (true, false) | (false, true) => Grade::Strong,
        (false, false) => Grade::Likely,
    };
    let lacking = match grade {
        Grade::Proven => Vec::new(),
        _ => vec![log_advice(), status_advice()],
    };
    explain(case, grade, at, "at", reasons, lacking)
}

/// It was marked for so long that the product may delete it, and its files were missing after that.
fn long_unused(case: &CaseFile<'_>, mark: &Mark) -> Answer {
    let mut reasons = told(case);
    // That the product deleted follows from the mark and the time that passed.
    let (mut grade, mut lacking) = if case.assigned.is_some() {
        (Grade::Strong, vec![log_advice()])
    } else {
        (Grade::Likely, vec![log_advice(), status_advice()])
    };
    if let Some(due) = case.due(mark) {
        let text = format!(
            "with an unused-for time of {} its files might go at the first refresh after {}",
            in_words(case.kept.ms),
            due.said()
        );
        reasons.push(sum(case, Some(mark), text));
        match case.refresh_that_deletes(mark) {
            Ok((refresh, sources)) => {
                reasons.push(Reason {
                    text: format!("the first refresh after that began at {}", refresh.said()),
                    sources: sources.clone(),
                });
                // Mark, time, refresh, files gone, assigned again: every part is observed.
                if case.covered && case.assigned.is_some() && case.last_seen.is_some() {
                    (grade, lacking) = (Grade::Proven, Vec::new());
                }
            }
            Err(true) => {
                grade = grade.min(Grade::Likely);
                lacking.extend(audit_advice(case));
                reasons.push(Reason {
                    text: format!(
                        "against it: the log covers the time from {} on and shows no refresh at which they could go, unless its wording is not known",
                        due.said()
                    ),
                    sources: Vec::new(),
                });
            }
            Err(false) => {}
        }
    }
    let gone = case
        .missing
        .first()
        .map_or(case.found.decided, |one| one.at);
    explain(case, grade, gone, "before", reasons, lacking)
}

/// One term of the sum, with where it is stated.
fn sum(case: &CaseFile<'_>, mark: Option<&Mark>, text: String) -> Reason {
    let mut sources = mark.map_or(Vec::new(), |mark| mark.sources.clone());
    sources.extend(case.kept.own);
    Reason { text, sources }
}

/// `7 days`, `36 hours`, `90 minutes`.
fn in_words(ms: Option<i64>) -> String {
    let minutes = ms.unwrap_or(0) / 60_000;
    let (count, unit) = match minutes {
        days if days % 1_440 == 0 => (days / 1_440, "day"),
        hours if hours % 60 == 0 => (hours / 60, "hour"),
        minutes => (minutes, "minute"),
    };
    let plural = if count == 1 { "" } else { "s" };
    format!("{count} {unit}{plural}")
}

/// Every statement about its mark and its clean-up.
fn told(case: &CaseFile<'_>) -> Vec<Reason> {
    let mut reasons: Vec<Reason> = Vec::new();
    for (at, what, sources) in &case.deleted {
        let text = format!("it was {what} at {}", at.said());
        // Each capture of one status file states the same.
        match reasons.iter_mut().find(|one| one.text == text) {
            Some(known) => known.sources.extend(sources),
            None => reasons.push(Reason {
                text,
                sources: sources.clone(),
            }),
        }
    }
    for mark in case.marks() {
        if let Some((other, sources)) = mark.disagrees {
            reasons.push(Reason {
                text: format!(
                    "the log marks it at {}, its status file says {}; the file starts the clock",
                    other.said(),
                    mark.at.said()
                ),
                sources: [mark.sources, sources].concat(),
            });
        }
    }
    reasons
}

fn explain(
    case: &CaseFile<'_>,
    grade: Grade,
    known: Moment,
    when: &str,
    mut reasons: Vec<Reason>,
    lacking: Vec<MissingEvidence>,
) -> Answer {
    reasons.extend(case.missing.iter().map(|one| Reason {
        text: one.text.clone(),
        sources: one.sources.clone(),
    }));
    if let Some((at, sources)) = &case.assigned {
        reasons.push(Reason {
            text: format!("it was assigned again at {}", at.said()),
            sources: sources.clone(),
        });
    }
    Answer::Explains(Explanation {
        grade,
        after: case.deleted.first().map(|(at, ..)| *at),
        known,
        summary: format!(
            "the product cleaned it up {when} {}, and then it was needed again",
            known.said()
        ),
        reasons,
        lacking,
    })
}

#[cfg(test)]
mod tests {
    use super::super::testing::History;
    use crate::model::{Fact, Grade, State, Verdict};

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

    const DAY: i64 = 86_400_000;
    /// The same in tens of seconds, in which histories count.
    const DAY_LATER: i64 = 8_640;

    /// Ready in version 7, then what is added, then two files missed and a download of version 7.
    fn missed_at(history: History, second: i64) -> History {
        let missed = Fact::FilesMissing {
            missing: 2,
            of: Some(2),
        };
        history
            .at(second, missed)
            .pending(second + 1)
            .start(second + 2)
            .received(second + 2, 7)
            .finish(second + 10)
    }

    /// Marked at 30, assigned again then, missed a little later; the unused-for time is a day.
    fn marked_and_assigned(assigned: i64) -> History {
        let history = History::ready(7)
            .at(30, Fact::MarkedDeleted)
            .at(assigned, Fact::Assigned)
            .unused_for(DAY);
        missed_at(history, assigned + 2)
    }

    fn answer(history: &History) -> (Verdict, Grade) {
        let ruling = history.ruling();
        (ruling.verdict, ruling.grade)
    }

    fn says(history: &History, text: &str) -> bool {
        let ruling = history.ruling();
        let reasons = ruling.reasons.iter().map(|one| &one.text);
        let rivals = ruling.ruled_out.iter().map(|one| &one.text);
        reasons
            .chain(rivals)
            .any(|one| one.to_lowercase().contains(&text.to_lowercase()))
    }

    #[test]
    fn the_time_runs_from_the_mark_to_the_assignment() {
        let due = 30 + DAY_LATER;
        let enough = marked_and_assigned(due);
        assert_eq!(answer(&enough), (Verdict::ProductCleanup, Grade::Strong));
        // The mark and the term are named with the day that they give.
        let sum = "with an unused-for time of 1 day its files might go at the first refresh after 1970-01-02 00:05:00";
        assert!(says(&enough, sum), "{:#?}", enough.ruling().reasons);
        let short = marked_and_assigned(due - 1);
        assert_ne!(answer(&short).0, Verdict::ProductCleanup);
        assert!(says(&short, "the unused-for time of 1 day had not passed"));
    }

    #[test]
    fn the_time_in_the_status_file_starts_the_clock() {
        let history = |with_file: bool| {
            let mut history = History::ready(7)
                .at(130, Fact::MarkedDeleted)
                .at(31 + DAY_LATER, Fact::Assigned)
                .unused_for(DAY);
            if with_file {
                history = history.status(200, State::Deleted, 30);
            }
            missed_at(history, 33 + DAY_LATER)
        };
        assert_ne!(answer(&history(false)).0, Verdict::ProductCleanup);
        assert_eq!(answer(&history(true)).0, Verdict::ProductCleanup);
        assert!(says(&history(true), "the file starts the clock"));
        // Captured twice, it is still one statement.
        let twice = history(true).status(300, State::Deleted, 30).ruling();
        let told = twice.reasons.iter();
        let told: Vec<_> = told
            .filter(|one| {
                one.text
                    .starts_with("It was called Deleted by its status file at")
            })
            .collect();
        assert_eq!((told.len(), told[0].sources.len()), (1, 2));
    }

    #[test]
    fn marks_within_minutes_agree() {
        let history = |marked: i64| {
            let history = History::ready(7)
                .at(marked, Fact::MarkedDeleted)
                .status(200, State::Deleted, 30)
                .at(30 + DAY_LATER, Fact::Assigned)
                .unused_for(DAY);
            missed_at(history, 33 + DAY_LATER)
        };
        assert!(!says(&history(60), "the file starts the clock"));
        assert!(says(&history(61), "the file starts the clock"));
    }

    #[test]
    fn an_assignment_stops_the_clock_and_ready_after_it_proves_it() {
        let ready = Fact::StateChanged {
            to: State::Ready,
            from: None,
        };
        let history = |assigned: i64, called_ready: bool| {
            let mut history = History::ready(7)
                .capture(10, 7, "x")
                .at(30, Fact::MarkedDeleted)
                .at(assigned, Fact::Assigned)
                .unused_for(DAY);
            if called_ready {
                history = history.at(assigned + 1, ready.clone());
            }
            missed_at(history, 3 * DAY_LATER).capture(3 * DAY_LATER + 20, 7, "x")
        };
        let reset = history(500, true);
        assert_eq!(answer(&reset), (Verdict::ExternalRemoval, Grade::Strong));
        assert!(says(&reset, "stops the clock"));
        assert!(!says(&reset, "shows no “Deleted”"));
        // An assignment alone may be a misread record: nobody is accused.
        assert_eq!(answer(&history(500, false)).0, Verdict::Undetermined);
        // Too late: the product may have deleted before it.
        let late = history(30 + DAY_LATER, true);
        assert_eq!(answer(&late).0, Verdict::ProductCleanup);
        let last_moment = history(29 + DAY_LATER, true);
        assert_eq!(answer(&last_moment).0, Verdict::ExternalRemoval);
    }

    #[test]
    fn only_ready_after_the_assignment_and_no_deleted_after_that_clear_the_product() {
        let seen = |state: State| Fact::StateSeen { state };
        let history = |ready: i64| {
            History::ready(7)
                .at(30, Fact::MarkedDeleted)
                .at(500, Fact::Assigned)
                .at(ready, seen(State::Ready))
                .unused_for(DAY)
        };
        let verdict = |history: History| answer(&missed_at(history, 3 * DAY_LATER)).0;
        assert_eq!(verdict(history(501)), Verdict::ExternalRemoval);
        assert_eq!(verdict(history(20)), Verdict::Undetermined);
        // Told late: since when it is Deleted again is not known.
        let deleted = history(501).at(3 * DAY_LATER - 100, seen(State::Deleted));
        assert_eq!(verdict(deleted), Verdict::Undetermined);
    }

    #[test]
    fn a_second_mark_after_the_assignment_starts_anew() {
        let history = |second: i64| {
            let history = History::ready(7)
                .at(30, Fact::MarkedDeleted)
                .at(500, Fact::Assigned)
                .at(second, Fact::MarkedDeleted)
                .at(3 * DAY_LATER, Fact::Assigned)
                .unused_for(DAY);
            missed_at(history, 3 * DAY_LATER + 2)
        };
        assert_eq!(answer(&history(2 * DAY_LATER)).0, Verdict::ProductCleanup);
        let young = answer(&history(2 * DAY_LATER + 1)).0;
        // Too young for the product; when exactly it was marked is not proven, so nobody else is accused.
        assert_eq!(young, Verdict::Undetermined);
    }

    #[test]
    fn a_status_file_that_still_says_deleted_makes_an_assignment_void() {
        let ready = Fact::StateSeen {
            state: State::Ready,
        };
        let history = History::ready(7)
            .at(30, Fact::MarkedDeleted)
            .at(500, Fact::Assigned)
            .at(501, ready)
            .unused_for(DAY);
        let contradicted = history.clone().status(600, State::Deleted, 30);
        assert_eq!(
            answer(&missed_at(history, 3 * DAY_LATER)).0,
            Verdict::ExternalRemoval
        );
        assert_ne!(
            answer(&missed_at(contradicted, 3 * DAY_LATER)).0,
            Verdict::ExternalRemoval
        );
    }

    #[test]
    fn without_the_term_only_files_seen_after_the_assignment_clear_the_product() {
        let history = |seen: i64| {
            let ready = Fact::StateSeen {
                state: State::Ready,
            };
            let history = History::ready(7)
                .at(30, Fact::MarkedDeleted)
                .at(500, Fact::Assigned)
                .at(502, ready)
                .at(seen, Fact::VerificationPassed);
            missed_at(history, 3 * DAY_LATER)
        };
        assert_eq!(answer(&history(501)).0, Verdict::ExternalRemoval);
        assert!(says(&history(501), "all its files were seen after that"));
        assert_eq!(answer(&history(499)).0, Verdict::Undetermined);
    }

    #[test]
    fn files_go_at_a_refresh_after_the_term() {
        let due = 30 + DAY_LATER;
        let history = |refresh: i64| {
            marked_and_assigned(due + 1_000)
                .refresh(20)
                .refresh(refresh)
        };
        let between = history(due + 50);
        assert_eq!(answer(&between), (Verdict::ProductCleanup, Grade::Proven));
        assert!(says(&between, "the first refresh after that began at"));
        for (refresh, why) in [
            (due - 1, "before the term"),
            (due + 999, "the one that brought the assignment"),
            (due + 1_001, "after it"),
        ] {
            let history = history(refresh);
            assert_eq!(
                answer(&history),
                (Verdict::ProductCleanup, Grade::Likely),
                "{why}"
            );
            assert!(says(&history, "shows no refresh"), "{why}");
        }
        // Where no refresh is ever told, or the log has a gap, nothing follows from that.
        let untold = marked_and_assigned(due + 1_000);
        assert_eq!(answer(&untold).1, Grade::Strong);
        let cut = history(due - 1).gap(due + 10, due + 900);
        assert_eq!(answer(&cut).1, Grade::Strong);
    }

    #[test]
    fn a_package_s_own_term_counts_and_the_shorter_one_accuses() {
        let history = |own: i64, common: i64| {
            let history = History::ready(7)
                .at(30, Fact::MarkedDeleted)
                .unused_for(common * DAY)
                .own_unused_for(own * DAY);
            let history = history.at(30 + 2 * DAY_LATER - 1, Fact::Assigned);
            missed_at(history, 30 + 2 * DAY_LATER + 1)
        };
        assert_eq!(answer(&history(1, 9)).0, Verdict::ProductCleanup);
        // By its own term the product could not, by the common one it could.
        assert_eq!(answer(&history(3, 1)).0, Verdict::Undetermined);
        assert_eq!(answer(&history(3, 9)).0, Verdict::ExternalRemoval);
    }

    #[test]
    fn never_delete_forbids_it_but_for_the_product_s_own_record() {
        let never = marked_and_assigned(30 + 2 * DAY_LATER).never_deleted();
        let ruling = never.ruling();
        assert_eq!(ruling.verdict, Verdict::Undetermined);
        assert!(says(&never, "Never Delete"));
        let told = never.at(40, Fact::CleanedUp);
        assert_eq!(answer(&told), (Verdict::ProductCleanup, Grade::Proven));
        assert!(says(&told, "another setting was in force"));
    }
}
