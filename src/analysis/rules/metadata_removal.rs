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
use crate::model::{Grade, Metadata, Reason, Verdict};

pub const RULE: Rule = Rule {
    verdict: Verdict::MetadataRemoval,
    about: "snapshot.xml or the status folder was removed",
    source: include_str!("metadata_removal.rs"),
    judge,
};

fn judge(case: &CaseFile<'_>) -> Answer {
    let Some((what, at, sources)) = case.metadata.first() else {
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
    let text = format!("its {name} was missing although the package was assigned");
    let mut reasons = vec![Reason {
        text: text.clone(),
        sources: sources.clone(),
    }];
    let (not_missed, seen) = case.not_missed();
    if case.missing.is_empty() && !seen.is_empty() {
        reasons.push(Reason {
            text: not_missed,
            sources: seen,
        });
    }
    Answer::Explains(Explanation {
        // Without a log or a version on both sides, a change that nobody saw may have come first.
        grade: if !case.covered && !matches!(case.version, Same::Observed(..)) {
            Grade::Likely
        } else if withdrawn {
            // That the product kept to its own setting is not observed.
            Grade::Strong
        } else {
            Grade::Proven
        },
        after: case.good.map(|(at, ..)| at),
        known: *at,
        summary: text,
        reasons,
        lacking: super::advice::uncovered_advice(case),
    })
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
    use crate::model::{Fact, Grade, Metadata, Verdict};

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
}
