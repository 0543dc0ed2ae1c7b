//! The product cleaned up another package in the same folder and took this one's files with it.
//!
//! # When it applies
//! Another package whose folder is the same, or holds this one's, was cleaned up between the two
//! downloads, and this package's files were missing afterwards. In an alternate location this
//! happens where packages have no sub-folder of their own.
//!
//! # When it does not
//! No other package was cleaned up, its folder is another, or the files were missing before.
//!
//! # What to do
//! Give each package a sub-folder of its own in the alternate location.

use super::advice::{listing_advice, log_advice};
use super::{Answer, Explanation, Rule};
use crate::analysis::redownload::{CaseFile, Same, Sibling};
use crate::model::{Grade, Reason, Verdict, path};

pub const RULE: Rule = Rule {
    verdict: Verdict::SiblingCleanup,
    about: "the clean-up of another package in the same folder took its files",
    source: include_str!("sibling_cleanup.rs"),
    judge,
};

fn judge(case: &CaseFile<'_>) -> Answer {
    let deleting: Vec<_> = case.siblings.iter().filter(|one| one.deleting).collect();
    let suspect = |one: &&&Sibling| case.suspects(one);
    let same = |one: &&&Sibling| one.same_folder == Some(true);
    let Some(sibling) = deleting.iter().filter(suspect).find(same) else {
        if let Some(cleared) = deleting.iter().find(same) {
            let text = "the files were missing before the other package was cleaned up, or were all there after it";
            let mut sources = cleared.sources.clone();
            sources.extend(case.missing.iter().flat_map(|one| &one.sources).take(6));
            return Answer::DoesNot {
                text: text.to_owned(),
                sources,
                observed: true,
            };
        }
        if let Some(unknown) = deleting.iter().find(suspect) {
            return Answer::CannotTell {
                text: format!(
                    "{} was cleaned up, and the two folders are not both known",
                    unknown.named
                ),
                lacking: vec![super::advice::location_advice()],
            };
        }
        if case.covered {
            let text =
                "no package that shares its folder was cleaned up in the time that the log covers"
                    .to_owned();
            let sources = case.good.map_or(Vec::new(), |(_, source, _)| {
                vec![source, case.found.download.source]
            });
            return Answer::DoesNot {
                text,
                sources,
                observed: true,
            };
        }
        return Answer::CannotTell {
            text: "no log covers the whole time from its last known good state to the start".into(),
            lacking: vec![log_advice()],
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
    let mut reasons = vec![Reason {
        text: format!("{} was cleaned up at {}", sibling.named, sibling.at.said()),
        sources: sibling.sources.clone(),
    }];
    reasons.extend(shared_folder(case, sibling));
    reasons.extend(case.missing.iter().map(|one| Reason {
        text: one.text.clone(),
        sources: one.sources.clone(),
    }));
    let mut lacking = Vec::new();
    let grade = if case.missing.is_empty() {
        lacking.push(listing_advice(case));
        Grade::Likely
    } else if matches!(case.version, Same::Unknown) && matches!(case.hashes, Same::Unknown) {
        // Files that only a new version has are missing too.
        lacking.push(super::advice::capture_advice());
        Grade::Likely
    } else if !case.no_refresh_unseen_since(sibling.at) {
        // A refresh that nobody saw may have fetched what the clean-up took.
        lacking.push(log_advice());
        Grade::Likely
    } else {
        Grade::Proven
    };
    Answer::Explains(Explanation {
        grade,
        after: case.last_seen.as_ref().map(|(at, ..)| *at),
        known: sibling.at,
        summary: format!(
            "the clean-up of {}, which shares its folder, took its files",
            sibling.named
        ),
        reasons,
        lacking,
    })
}

/// How the two packages share a folder.
fn shared_folder(case: &CaseFile<'_>, sibling: &Sibling) -> Option<Reason> {
    let (own, theirs) = (case.location.as_ref()?, sibling.place.as_ref()?);
    let host = case.server.as_deref();
    let text = match (
        path::fold(&own.value, host),
        path::fold(&theirs.value, host),
    ) {
        (a, b) if a == b => format!("both have the folder `{}`", own.value),
        (a, b) if path::within(&a, &b) => format!(
            "its folder `{}` lies in the other's folder `{}`",
            own.value, theirs.value
        ),
        _ => format!(
            "the other's folder `{}` lies in its folder `{}`",
            theirs.value, own.value
        ),
    };
    let mut sources = own.sources.clone();
    sources.extend(&theirs.sources);
    Some(Reason { text, sources })
}

#[cfg(test)]
mod tests {
    use super::super::testing::History;
    use crate::model::{Fact, Grade, Verdict};

    fn shared(theirs: &str) -> History {
        History::ready(7)
            .at(
                20,
                Fact::Location {
                    path: r"D:\Share\Temp".into(),
                },
            )
            .of_other(
                21,
                Fact::Location {
                    path: theirs.into(),
                },
            )
            .of_other(70, Fact::CleanedUp)
            .at(
                99,
                Fact::FilesMissing {
                    missing: 2,
                    of: Some(2),
                },
            )
            .again(7)
    }

    #[test]
    fn a_clean_up_in_the_same_folder_is_the_cause() {
        let ruling = shared(r"d:\share\temp\").ruling();
        assert_eq!(
            (ruling.verdict, ruling.grade),
            (Verdict::SiblingCleanup, Grade::Proven)
        );
    }

    #[test]
    fn a_clean_up_in_another_folder_is_not() {
        assert_ne!(
            shared(r"D:\Share\Temp2").ruling().verdict,
            Verdict::SiblingCleanup
        );
    }

    #[test]
    fn files_that_were_missing_before_are_not_its_doing() {
        let ruling = shared(r"D:\Share\Temp")
            .at(
                60,
                Fact::FilesMissing {
                    missing: 2,
                    of: Some(2),
                },
            )
            .ruling();
        assert_ne!(ruling.verdict, Verdict::SiblingCleanup);
    }
}
