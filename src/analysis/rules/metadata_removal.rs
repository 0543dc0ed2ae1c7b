//! The package's metadata (snapshot.xml or its status folder) was removed, so the product checked it anew.
//!
//! # When it applies
//! A record says that snapshot.xml or PackageStatus.xml was not there while the package was
//! assigned. A published script deletes every snapshot.xml to force a fresh start; article 433153
//! lists these files as "do not delete".
//!
//! # When it does not
//! No record and no capture shows that metadata was missing, or the package really changed.
//!
//! # What to do
//! Stop the script or person that deletes metadata; the files themselves were not the cause.

use super::{Answer, Explanation, Rule};
use crate::analysis::redownload::{CaseFile, Same};
use crate::model::{Grade, Metadata, Reason, SourceRef, Verdict};

pub const RULE: Rule = Rule {
    verdict: Verdict::MetadataRemoval,
    about: "snapshot.xml or the status folder was removed",
    source: include_str!("metadata_removal.rs"),
    judge,
};

fn judge(case: &CaseFile<'_>) -> Answer {
    let hint = || case.uncaptured.first().filter(|_| nothing_else(case));
    let Some((what, at, sources)) = case.metadata.first().or_else(hint) else {
        let sources = case.good.map_or(Vec::new(), |(_, source, _)| {
            vec![source, case.found.download.source]
        });
        if case.covered {
            let text = "no record says that metadata of the package was missing".to_owned();
            return Answer::DoesNot {
                text,
                sources,
                observed: true,
            };
        }
        return Answer::CannotTell {
            text: "no log covers the whole time from its last known good state to the start".into(),
            lacking: vec![super::advice::log_advice()],
        };
    };
    for same in [&case.version, &case.hashes, &case.path] {
        if let Same::Differs { text, sources, .. } = same {
            return Answer::DoesNot {
                text: text.clone(),
                sources: sources.clone(),
                observed: true,
            };
        }
    }
    let withdrawn = taken_back(case);
    if !case.deleted.is_empty() && !withdrawn {
        let text = "the product itself had marked the package, and takes the metadata away then"
            .to_owned();
        return Answer::DoesNot {
            text,
            sources: case.deleted[0].2.clone(),
            observed: true,
        };
    }
    let name = match what {
        Metadata::Snapshot => "snapshot.xml",
        Metadata::Status => "PackageStatus.xml",
    };
    let recorded = !case.metadata.is_empty();
    let text = if recorded {
        format!("its {name} was missing although the package was assigned")
    } else {
        format!("a set of captures holds no {name} of it, and both documents of others")
    };
    Answer::Explains(Explanation {
        // Without a log or a version on both sides, a change that nobody saw may have come first.
        // So may a document that somebody forgot to copy.
        grade: if !recorded
            || !case.no_refresh_unseen_since(*at)
            || !case.covered && !matches!(case.version, Same::Observed(..))
        {
            Grade::Likely
        } else if withdrawn {
            // That the product kept to its own setting is not observed.
            Grade::Strong
        } else {
            Grade::Proven
        },
        after: case.good.map(|(at, ..)| at),
        known: *at,
        summary: text.clone(),
        reasons: reasons(case, text, sources, *what),
        lacking: super::advice::uncovered_advice(case),
    })
}

/// Whether nothing else may explain the download, so that a hint counts.
fn nothing_else(case: &CaseFile<'_>) -> bool {
    case.missing.is_empty()
        && case.operators.is_empty()
        && case.refused.is_empty()
        && case.given_up().is_none()
}

/// What says that the document was missing, and which sets of captures lack it too.
fn reasons(
    case: &CaseFile<'_>,
    text: String,
    sources: &[SourceRef],
    what: Metadata,
) -> Vec<Reason> {
    let mut all = vec![Reason {
        text,
        sources: sources.to_vec(),
    }];
    let recorded = !case.metadata.is_empty();
    let lacking = case
        .uncaptured
        .iter()
        .filter(|(kind, ..)| recorded && *kind == what);
    all.extend(lacking.map(|(_, at, sources)| Reason {
        text: format!("the captures of {} lack it, too", at.said()),
        sources: sources.clone(),
    }));
    let (not_missed, seen) = case.not_missed();
    if case.missing.is_empty() && !seen.is_empty() {
        all.push(Reason {
            text: not_missed,
            sources: seen,
        });
    }
    all
}

/// Whether every mark of the package was taken back by an assignment before its time was over.
fn taken_back(case: &CaseFile<'_>) -> bool {
    let marks = case.marks();
    case.covered
        && !marks.is_empty()
        && marks
            .iter()
            .all(|mark| mark.reset.is_some() && case.was_due(mark) == Some(false))
}

#[cfg(test)]
mod tests {
    use super::super::testing::History;
    use crate::model::{Fact, Grade, Metadata, State, Verdict};

    #[test]
    fn a_missing_snapshot_is_the_cause() {
        let gone = Fact::MetadataMissing {
            what: Metadata::Snapshot,
        };
        let ruling = History::ready(7).at(99, gone).again(7).ruling();
        assert_eq!(
            (ruling.verdict, ruling.grade),
            (Verdict::MetadataRemoval, Grade::Proven)
        );
    }

    #[test]
    fn what_saw_the_files_last_is_cited() {
        let gone = Fact::MetadataMissing {
            what: Metadata::Snapshot,
        };
        let history = History::ready(7).at(60, Fact::VerificationPassed);
        let ruling = history.at(99, gone).again(7).ruling();
        let sight = &ruling.reasons[1];
        assert_eq!(
            sight.text,
            "No file is known to have been missing (last sight, at 1970-01-01 00:10:00: a check found nothing wrong)."
        );
        let rival = |one: &&crate::model::RuledOut| one.verdict == Verdict::ExternalRemoval;
        let rival = ruling.ruled_out.iter().find(rival).unwrap();
        assert!(
            rival
                .text
                .starts_with("Its metadata was missing, and no file is known")
        );
        assert!(rival.sources.contains(&sight.sources[0]) && rival.sources.len() == 2);
    }

    #[test]
    fn a_new_version_is_not_its_doing() {
        let gone = Fact::MetadataMissing {
            what: Metadata::Snapshot,
        };
        let ruling = History::ready(7).at(99, gone).again(8).ruling();
        assert_eq!(ruling.verdict, Verdict::VersionChange);
    }

    #[test]
    fn a_capture_set_that_lacks_it_is_a_hint_if_it_holds_both_of_another_package() {
        let whole = History::ready(7)
            .capture(40, 7, "x")
            .status(40, State::Ready, 20)
            .set_of_other(40)
            .set_of_other(60);
        let lacking = whole.clone().status(60, State::Ready, 20).again(7);
        let ruling = lacking.ruling();
        assert_eq!(
            (ruling.verdict, ruling.grade),
            (Verdict::MetadataRemoval, Grade::Likely)
        );
        // Nobody collected anything of the package then, or both, or only status files.
        let nothing = whole.clone().again(7);
        let both = whole
            .capture(60, 7, "x")
            .status(60, State::Ready, 20)
            .again(7);
        let statuses = History::ready(7)
            .capture(40, 7, "x")
            .status(40, State::Ready, 20)
            .status(60, State::Ready, 20)
            .again(7);
        for other in [nothing, both, statuses] {
            assert_eq!(other.ruling().verdict, Verdict::Undetermined);
        }
        // Beside a record it is one more reason; against missing files it says nothing.
        let gone = Fact::MetadataMissing {
            what: Metadata::Snapshot,
        };
        let recorded = lacking.clone().at(99, gone).ruling();
        assert_eq!(recorded.grade, Grade::Proven);
        let too = |reason: &crate::model::Reason| reason.text.contains("lack it, too");
        assert!(recorded.reasons.iter().any(too));
        let missed = lacking.at(
            98,
            Fact::FilesMissing {
                missing: 1,
                of: Some(1),
            },
        );
        assert_eq!(missed.ruling().verdict, Verdict::ExternalRemoval);
    }
}
