//! Somebody outside the product removed the package's files.
//!
//! # When it applies
//! The earlier download was complete or the package was Ready, nothing about the package changed
//! (version, hashes and path are the same on both sides), its files were missing before the
//! download started, and the product itself deleted nothing. Nobody in particular is accused: an
//! antivirus, a script, a scheduled task or a person all look the same here.
//!
//! # When it does not
//! The version, a hash or the path changed; the product had marked the package Deleted, and neither
//! was it too early for a clean-up nor had an assignment stopped its clock; a package in the same
//! folder was cleaned up; the folder could not be reached; the earlier download never completed. Where one of these cannot be excluded, the grade falls, and without a version on
//! both sides there is no accusation at all.
//!
//! # What to do
//! Look for a job that runs in the removal window: scheduled tasks, clean-up scripts, antivirus,
//! replication. Audit deletions on the folder (the report gives the commands) and collect again.

use super::advice::{
    audit_advice, capture_advice, cite_denied, listing_advice, location_advice, log_advice,
    meaning_advice, retention_advice, status_advice,
};
use super::unchanged::Unchanged;
use super::{Answer, Explanation, Rule};
use crate::analysis::redownload::{CaseFile, Same};
use crate::model::{Grade, Reason, SourceRef, Verdict};

pub const RULE: Rule = Rule {
    verdict: Verdict::ExternalRemoval,
    about: "somebody outside the product removed its files",
    source: include_str!("external_removal.rs"),
    judge,
};

fn no(text: &str, sources: &[SourceRef]) -> Answer {
    Answer::DoesNot {
        text: text.to_owned(),
        sources: sources.to_vec(),
        observed: true,
    }
}

fn judge(case: &CaseFile<'_>) -> Answer {
    for same in [&case.path, &case.version, &case.hashes] {
        if let Same::Differs {
            text: change,
            sources,
            last_old,
            known,
            ..
        } = same
        {
            let text = format!("the package really changed: {change}");
            // Missed while the old one was still in force: then the removal came first, and both are told.
            // Where the log has a gap since, another download may have fetched what was missed.
            let first = case.missing.first().is_some_and(|missing| {
                missing.at.before(known)
                    && case.whole_log_since(missing.at)
                    && last_old.is_some_and(|old| missing.at.end <= old.start + 1)
            });
            if !first {
                return no(&text, sources);
            }
        }
    }
    if let Some(previous) = case.given_up() {
        let source = previous
            .given_up_at
            .map_or(previous.download.source, |(_, source)| source);
        return no(
            "the download before was given up, so there was nothing complete to remove",
            &[source],
        );
    }
    let Some((_, good_source, _)) = case.good else {
        return Answer::CannotTell {
            text: "nothing shows that it was complete before".into(),
            lacking: vec![log_advice()],
        };
    };
    let mut reasons = Vec::new();
    let mut parts_that_follow = 0;
    if let Some((_, what, _)) = case.deleted.first() {
        let cleaned = |one: &&(_, &str, Vec<SourceRef>)| one.1 == "cleaned up by the product";
        if let Some((_, _, cleaned)) = case.deleted.iter().find(cleaned) {
            return no("the product itself cleaned the package up", cleaned);
        }
        let Some((text, sources)) = case.spared() else {
            return Answer::CannotTell {
                text: format!(
                    "the package was {what} in between, so the product may have deleted the files itself"
                ),
                lacking: [
                    vec![status_advice(), retention_advice()],
                    audit_advice(case),
                ]
                .concat(),
            };
        };
        // That the product kept to its own setting, or that the clock stopped, is not observed.
        parts_that_follow += 1;
        reasons.push(Reason { text, sources });
    }
    // Without a sight of missing files, another sign that explains the download speaks against a removal.
    if case.missing.is_empty() {
        let operator = case.operators.last().map(|one| {
            let text = "an operator had asked for the download";
            (text, &one.sources)
        });
        let metadata = case.metadata.last();
        let metadata = metadata.map(|one| ("its metadata was missing", &one.2));
        let refused = case.refused.last();
        let refused = refused.map(|one| ("the server had just refused", &one.2));
        if let Some((sign, told)) = operator.or(metadata).or(refused) {
            let (not_missed, mut sources) = case.not_missed();
            sources.extend(told);
            return no(&format!("{sign}, and {not_missed}"), &sources);
        }
    }
    let window_start = case.last_seen.as_ref().map(|(at, ..)| *at);
    if let Some(sibling) = case
        .siblings
        .iter()
        .find(|one| one.deleting && one.same_folder == Some(true) && case.suspects(one))
    {
        return no(
            &format!("{} was cleaned up, and it shares the folder", sibling.named),
            &sibling.sources,
        );
    }
    if let Some((_, sources)) = case.denied.first() {
        return Answer::CannotTell {
            text: "access was refused in between, so the files may only have been out of reach"
                .into(),
            lacking: vec![listing_advice(case), cite_denied(case, sources)],
        };
    }
    let Some(unchanged) = Unchanged::of(case) else {
        return Answer::CannotTell {
            text: "nothing states the version on both sides of this download".into(),
            lacking: vec![capture_advice()],
        };
    };
    if !case.two_places.is_empty() {
        return Answer::CannotTell {
            text: "a record in an unknown wording names two places, so the package may have moved"
                .into(),
            lacking: vec![meaning_advice(), location_advice()],
        };
    }
    if case.fresh_place.is_some() {
        return Answer::CannotTell {
            text: "its place on the server is first stated just before this download, so it may be a new one".into(),
            lacking: vec![log_advice(), location_advice()],
        };
    }
    if !case.covered && !matches!(case.path, Same::Observed(..) | Same::Differs { .. }) {
        return Answer::CannotTell {
            text: "no log covers the whole time from its last known good state to the start, and nothing states on both sides where its files were".into(),
            lacking: vec![log_advice(), location_advice()],
        };
    }
    let all_seen = [&case.version, &case.hashes, &case.path]
        .iter()
        .all(|same| matches!(same, Same::Observed(..) | Same::Differs { .. }));
    if case.changed_around && !all_seen {
        return Answer::CannotTell {
            text: "the captures around it differ, and that may have come with this download".into(),
            lacking: vec![capture_advice()],
        };
    }
    reasons.insert(
        0,
        Reason {
            text: case.good_told.clone(),
            sources: vec![good_source],
        },
    );
    reasons.extend(unchanged.reasons);
    let mut lacking = unchanged.lacking;
    parts_that_follow += unchanged.follow;
    let mut grade = Grade::Proven;

    match (&case.missing[..], &case.fetched) {
        ([], None) => {
            return Answer::CannotTell {
                text: "nothing shows that files were missing".into(),
                lacking: vec![listing_advice(case)],
            };
        }
        ([], Some((text, sources))) => {
            grade = Grade::Likely;
            lacking.push(listing_advice(case));
            reasons.push(Reason {
                text: format!("{text}, so they were not on the disk any more"),
                sources: sources.clone(),
            });
        }
        (missing, _) => {
            if missing.iter().all(|one| one.inferred) {
                grade = Grade::Likely;
                lacking.push(location_advice());
            }
            reasons.extend(missing.iter().map(|one| Reason {
                text: one.text.clone(),
                sources: one.sources.clone(),
            }));
        }
    }
    if case.covered {
        let nothing = if case.deleted.is_empty() {
            "no `Deleted` and no clean-up of this package"
        } else {
            "no clean-up of this package"
        };
        reasons.push(Reason {
            text: format!("{} and shows {nothing}", case.log_told()),
            sources: vec![good_source, case.found.download.source],
        });
    } else if case.status_not_deleted.is_empty() {
        grade = grade.min(Grade::Likely);
        lacking.extend([log_advice(), status_advice()]);
    } else {
        let text = "its status file from in between does not say `Deleted`";
        reasons.push(Reason {
            text: text.to_owned(),
            sources: case.status_not_deleted.clone(),
        });
        // The clean-up of a package in the same folder would stand in the log only, and so would
        // another download between the sight of missing files and this one.
        let missed = case.missing.iter().any(|one| case.whole_log_since(one.at));
        if case.alone() && missed {
            parts_that_follow += 1;
        } else {
            grade = grade.min(Grade::Likely);
        }
        lacking.push(log_advice());
    }
    for sibling in case.siblings.iter().filter(|one| case.suspects(one)) {
        if sibling.young {
            // That the product kept to its own setting is not observed.
            parts_that_follow += 1;
            continue;
        }
        if sibling.same_folder == Some(true) {
            return Answer::CannotTell {
                text: format!(
                    "{}, which shares the folder, was marked as deleted, and its clean-up may have taken the files",
                    sibling.named
                ),
                lacking: [vec![log_advice()], audit_advice(case)].concat(),
            };
        }
        if sibling.deleting && sibling.hosted {
            return Answer::CannotTell {
                text: format!(
                    "the product cleaned up {} in between, and it is not known whether it shares the folder",
                    sibling.named
                ),
                lacking: vec![location_advice()],
            };
        }
        grade = grade.min(Grade::Likely);
        lacking.push(location_advice());
    }
    if !case.suspicious.is_empty() {
        grade = grade.min(Grade::Likely);
        lacking.push(meaning_advice());
    }
    grade = grade.min(match parts_that_follow {
        0 => Grade::Proven,
        1 => Grade::Strong,
        _ => Grade::Likely,
    });
    let known = case
        .missing
        .first()
        .map_or(case.found.decided, |missing| missing.at);
    lacking.sort();
    lacking.dedup();
    Answer::Explains(Explanation {
        grade,
        after: window_start,
        known,
        summary: summary(case),
        reasons,
        lacking,
    })
}

fn summary(case: &CaseFile<'_>) -> String {
    let gone = if case.missing.is_empty() {
        "must have gone"
    } else {
        "were removed from outside the product"
    };
    let counts = || case.missing.iter().filter_map(|one| one.all);
    let files = if counts().next().is_some() && !counts().any(|all| all) {
        "some of its files"
    } else {
        "its files"
    };
    match case.window() {
        Some(window) => format!(
            "nothing about the package changed; {files} {gone} between {} and {}",
            window.after.said(),
            window.before.said()
        ),
        None => format!(
            "nothing about the package changed; {files} {gone} before {}",
            case.found.decided.said()
        ),
    }
}

#[cfg(test)]
mod tests {
    use super::super::testing::{History, PACKAGE};
    use crate::model::{Fact, Grade, State, Verdict};

    fn removal() -> History {
        removal_at(100)
    }

    fn removal_at(second: i64) -> History {
        History::ready(7)
            .capture(50, 7, "x")
            .at(
                second - 1,
                Fact::FilesMissing {
                    missing: 2,
                    of: Some(2),
                },
            )
            .pending(second)
            .start(second + 1)
            .received(second + 1, 7)
            .finish(second + 10)
            .capture(second + 50, 7, "x")
    }

    #[test]
    fn with_every_fact_it_is_proven() {
        let ruling = removal().ruling();
        assert_eq!(
            (ruling.verdict, ruling.grade),
            (Verdict::ExternalRemoval, Grade::Proven)
        );
        assert!(ruling.window.is_some());
    }

    #[test]
    fn the_sentence_says_how_much_was_missing_and_until_when_it_was_ready() {
        let told = |missing: u32| {
            let of = Some(2);
            let missed = Fact::FilesMissing { missing, of };
            let history = History::ready(7).capture(50, 7, "x").at(99, missed);
            let history = history.again(7).capture(150, 7, "x");
            let ruling = history.ruling();
            (ruling.summary, ruling.reasons[0].text.clone())
        };
        assert!(
            told(1)
                .0
                .contains("changed; some of its files were removed")
        );
        assert!(told(2).0.contains("changed; its files were removed"));
        assert_eq!(
            told(2).1,
            "Its earlier download was complete at 1970-01-01 00:00:30."
        );
        let left = Fact::StateChanged {
            from: Some(State::Ready),
            to: State::Pending,
        };
        let missing = Fact::FilesMissing {
            missing: 2,
            of: Some(2),
        };
        let until = History::new()
            .capture(50, 7, "x")
            .at(99, missing)
            .at(100, left);
        let until = until.start(101).received(101, 7).finish(110);
        let reasons = until.capture(150, 7, "x").ruling().reasons;
        let good = |one: &&crate::model::Reason| one.text.starts_with("It was Ready");
        let good = reasons.iter().find(good).map(|one| one.text.as_str());
        assert_eq!(good, Some("It was Ready until 1970-01-01 00:16:40."));
    }

    fn asked(path: &str, answer: u16) -> Fact {
        let path = path.into();
        match answer {
            200 => Fact::FileServed { path },
            404 => Fact::FileNotFound {
                path,
                http: 404,
                substatus: Some(0),
                win32: Some(2),
            },
            _ => Fact::RequestRefused {
                path,
                http: 404,
                substatus: Some(7),
                win32: Some(0),
            },
        }
    }

    /// Ready in the same version before and after, nothing told about its files but by the web server.
    fn asked_for() -> History {
        History::ready(7)
            .capture(50, 7, "x")
            .again(7)
            .capture(150, 7, "x")
    }

    #[test]
    fn what_the_web_server_had_and_had_not_gives_the_window() {
        let served = asked_for().at(60, asked("a.cab", 200));
        let ruling = served.clone().at(80, asked("A.CAB", 404)).ruling();
        assert_eq!(
            (ruling.verdict, ruling.grade),
            (Verdict::ExternalRemoval, Grade::Proven)
        );
        let window = ruling.window.unwrap();
        assert_eq!(
            (window.after.start, window.before.start),
            (600_000, 800_000)
        );
        // Without the 200 the last sighting is the end of the download.
        let ruling = asked_for().at(80, asked("a.cab", 404)).ruling();
        assert_eq!(ruling.window.unwrap().after.start, 30_000);
        // A file of no snapshot proves nothing, neither that the others were there.
        let window = removal().at(60, asked("other.txt", 200)).ruling().window;
        assert_eq!(window.unwrap().after.start, 30_000);
        let window = removal().at(60, asked("a.cab", 200)).ruling().window;
        assert_eq!(window.unwrap().after.start, 600_000);
    }

    #[test]
    fn what_the_web_server_did_not_have_is_not_always_gone() {
        let plain = asked_for().ruling();
        assert_eq!(plain.window, None);
        for history in [
            asked_for().at(80, asked("other.txt", 404)),
            // Configuration: a filter hides the file.
            asked_for().at(80, asked("a.cab", 403)),
            // It was there again.
            asked_for()
                .at(80, asked("a.cab", 404))
                .at(85, asked("a.cab", 200)),
            // The product had taken the share away.
            asked_for()
                .at(79, Fact::ShareRemoved)
                .at(80, asked("a.cab", 404)),
            asked_for()
                .at(79, Fact::RefreshStarted { reason: None })
                .at(80, asked("a.cab", 404)),
            asked_for().at(98, asked("a.cab", 404)),
            asked_for().at(105, asked("a.cab", 404)),
            // Before the package was good.
            asked_for().at(2, asked("a.cab", 404)),
        ] {
            let ruling = history.ruling();
            assert_eq!(ruling.window, None);
            assert_eq!((ruling.verdict, ruling.grade), (plain.verdict, plain.grade));
        }
        // A file that was served is known even if no snapshot lists it.
        let known = asked_for()
            .at(60, asked("other.txt", 200))
            .at(80, asked("other.txt", 404));
        let window = known.ruling().window.unwrap();
        assert_eq!(
            (window.after.start, window.before.start),
            (600_000, 800_000)
        );
        assert!(
            asked_for()
                .at(78, Fact::RefreshStarted { reason: None })
                .at(70, asked("a.cab", 404))
                .ruling()
                .window
                .is_some()
        );
    }

    #[test]
    fn what_is_asked_for_makes_no_package_and_no_download() {
        let requests = History::new()
            .at(10, asked("a.cab", 200))
            .at(20, asked("a.cab", 404))
            .at(30, asked("a.cab", 200));
        assert_eq!(requests.redownloads(), 0);
        assert_eq!(requests.packages(), 0);
        assert_eq!(History::ready(7).at(20, asked("a.cab", 404)).packages(), 1);
    }

    #[test]
    fn without_captures_the_hashes_only_follow() {
        let history = History::ready(7)
            .at(
                99,
                Fact::FilesMissing {
                    missing: 2,
                    of: Some(2),
                },
            )
            .again(7);
        let ruling = history.ruling();
        assert_eq!(ruling.verdict, Verdict::ExternalRemoval);
        assert!(ruling.grade < Grade::Proven);
        assert!(!ruling.missing_evidence.is_empty());
    }

    #[test]
    fn nobody_is_accused_without_a_version_on_both_sides() {
        let history = History::ready_without_version()
            .at(
                99,
                Fact::FilesMissing {
                    missing: 2,
                    of: Some(2),
                },
            )
            .pending(100)
            .start(101)
            .finish(110);
        assert_eq!(history.ruling().verdict, Verdict::Undetermined);
    }

    #[test]
    fn nobody_is_accused_if_the_product_had_marked_it() {
        for fact in [
            Fact::MarkedDeleted,
            Fact::Unassigned,
            Fact::StateChanged {
                to: State::Deleted,
                from: None,
            },
        ] {
            let ruling = removal().at(60, fact.clone()).ruling();
            assert_ne!(ruling.verdict, Verdict::ExternalRemoval, "{fact:?}");
        }
    }

    #[test]
    fn nobody_is_accused_if_a_package_of_unknown_place_was_cleaned_up() {
        let ruling = removal()
            .of_other(
                60,
                Fact::StateSeen {
                    state: State::Ready,
                },
            )
            .of_other(70, Fact::CleanedUp)
            .ruling();
        assert_ne!(ruling.verdict, Verdict::ExternalRemoval);
    }

    #[test]
    fn a_clean_up_in_another_folder_is_no_alibi() {
        let ruling = removal()
            .at(
                20,
                Fact::Location {
                    path: r"D:\Share\Vpn".into(),
                },
            )
            .of_other(
                21,
                Fact::Location {
                    path: r"D:\Share\Office".into(),
                },
            )
            .of_other(70, Fact::CleanedUp)
            .ruling();
        assert_eq!(
            (ruling.verdict, ruling.grade),
            (Verdict::ExternalRemoval, Grade::Proven)
        );
    }

    #[test]
    fn a_log_with_a_gap_and_no_status_file_is_likely_at_most() {
        let ruling = removal_at(20_000).gap(5_000, 15_000).ruling();
        assert!(ruling.grade <= Grade::Likely, "{ruling:?}");
    }

    #[test]
    fn an_unknown_wording_that_may_be_a_deletion_lowers_the_grade() {
        let ruling = removal().other(60, "Purging cached content of it").ruling();
        assert!(ruling.grade <= Grade::Likely);
        assert_eq!(
            removal()
                .other(60, "Publishing codebases of it")
                .ruling()
                .grade,
            Grade::Proven
        );
    }

    #[test]
    fn refused_access_is_no_removal() {
        let ruling = removal()
            .at(
                98,
                Fact::AccessDenied {
                    code: Some(0x8007_0005),
                },
            )
            .ruling();
        assert_ne!(ruling.verdict, Verdict::ExternalRemoval);
    }

    fn other_ready(history: History, second: i64) -> History {
        let ready = Fact::StateSeen {
            state: State::Ready,
        };
        history.of_other(second, ready)
    }

    #[test]
    fn a_clean_up_after_the_files_were_missed_or_before_they_were_seen_whole_is_no_rival() {
        let here = || Fact::Location {
            path: r"D:\Share\Vpn".into(),
        };
        let shared = || removal_at(9_000).at(20, here()).of_other(21, here());
        let missed = Fact::FilesMissing {
            missing: 2,
            of: Some(2),
        };
        let late = shared().at(4_000, missed).of_other(5_000, Fact::CleanedUp);
        assert_eq!(late.ruling().verdict, Verdict::ExternalRemoval);
        let harmless = shared()
            .of_other(4_000, Fact::CleanedUp)
            .at(5_000, Fact::VerificationPassed);
        assert_eq!(harmless.ruling().verdict, Verdict::ExternalRemoval);
        let between = shared().of_other(5_000, Fact::CleanedUp);
        assert_eq!(between.ruling().verdict, Verdict::SiblingCleanup);
    }

    #[test]
    fn a_clean_up_of_a_package_that_nothing_else_names_lowers_the_grade() {
        let ruling = removal().of_other(70, Fact::CleanedUp).ruling();
        assert!(ruling.grade <= Grade::Likely, "{ruling:?}");
        // The agent's own deliveries lie elsewhere.
        let client = removal()
            .of_other(60, Fact::ClientDelivery)
            .of_other(70, Fact::CleanedUp);
        assert_eq!(client.ruling().grade, Grade::Proven);
    }

    #[test]
    fn the_product_s_own_folder_is_shared_with_nobody() {
        let own = Fact::Location {
            path: format!(r"C:\Agent\Package Delivery\{{{PACKAGE}}}\cache").into(),
        };
        let ruling = other_ready(removal().at(20, own), 60)
            .of_other(70, Fact::CleanedUp)
            .ruling();
        assert_eq!(ruling.grade, Grade::Proven);
    }

    #[test]
    fn a_mark_younger_than_the_unused_for_time_is_no_alibi_and_an_older_one_is() {
        let marked = |days: i64| {
            let history = removal_at(9_000).at(50, Fact::MarkedDeleted);
            history.unused_for(days * 86_400_000).ruling()
        };
        // Marked about a day before the files were missed.
        let young = marked(2);
        assert_eq!(
            (young.verdict, young.grade),
            (Verdict::ExternalRemoval, Grade::Strong)
        );
        assert_ne!(marked(1).verdict, Verdict::ExternalRemoval);
    }

    #[test]
    fn ready_until_now_covers_nothing() {
        let leaving = || {
            let left = Fact::StateChanged {
                from: Some(State::Ready),
                to: State::Pending,
            };
            let missed = Fact::FilesMissing {
                missing: 2,
                of: Some(2),
            };
            let unchanged = Fact::SnapshotUnchanged { version: Some(7) };
            let begun = History::new().at(998, unchanged).at(999, missed);
            begun.at(1_000, left).start(1_001).received(1_001, 7)
        };
        assert!(leaving().finish(1_010).ruling().grade <= Grade::Likely);
        // A check of the day before: Ready since then, by the same log.
        let seen = Fact::VersionStated {
            required: Some(7),
            local: Some(7),
        };
        let longer = leaving().finish(1_010).at(10, seen);
        assert_eq!(longer.ruling().grade, Grade::Proven);
    }

    #[test]
    fn a_capture_of_the_new_version_just_before_the_start_is_not_the_old_one() {
        let missed = Fact::FilesMissing {
            missing: 2,
            of: Some(2),
        };
        let history = |captured: i64| {
            History::ready_without_version()
                .capture(captured, 8, "y")
                .at(999, missed.clone())
                .pending(1_000)
                .start(1_001)
                .received(1_001, 8)
                .finish(1_010)
                .capture(1_050, 8, "y")
        };
        assert_ne!(history(998).ruling().verdict, Verdict::ExternalRemoval);
        assert_eq!(history(500).ruling().verdict, Verdict::ExternalRemoval);
    }

    #[test]
    fn a_version_that_an_earlier_refresh_wanted_says_nothing_about_this_one() {
        let wanted = |second: i64| {
            let stated = Fact::VersionStated {
                required: Some(7),
                local: Some(7),
            };
            let missed = Fact::FilesMissing {
                missing: 2,
                of: Some(2),
            };
            let history = History::ready(7).at(second, stated).at(8_999, missed);
            history.pending(9_000).start(9_001).finish(9_010).ruling()
        };
        assert_eq!(wanted(500).verdict, Verdict::Undetermined);
        assert_eq!(wanted(8_998).verdict, Verdict::ExternalRemoval);
    }

    #[test]
    fn a_file_looked_for_elsewhere_accuses_nobody() {
        let place = |path: &str| Fact::Location { path: path.into() };
        let look = |path: &str| {
            let looked = Fact::FileMissing { path: path.into() };
            let history = removal().at(20, place(r"D:\Share\Vpn")).at(99, looked);
            history.ruling().verdict
        };
        assert_ne!(look(r"E:\New\Vpn\a.cab"), Verdict::ExternalRemoval);
        assert_eq!(look(r"D:\Share\Vpn\a.cab"), Verdict::ExternalRemoval);
    }
}
