//! The verdict rules: one file each, whose head is its manual.
//!
//! Every rule looks at the same case file and answers *explains*, *does not apply* or *cannot
//! tell*. [`rule`] weighs the answers: the first thing after which the product had to download
//! again wins (`contract.md`, "Which verdict"); two causes that the evidence cannot order, or none
//! that explains, are `undetermined`.

mod access_denied;
mod advice;
mod external_removal;
mod given_up;
mod hash_change;
mod interrupted_download;
mod metadata_removal;
mod operator_action;
mod path_change;
mod product_cleanup;
mod sentence;
mod sibling_cleanup;
mod source_unavailable;
#[cfg(test)]
pub mod testing;
mod unchanged;
mod undetermined;
mod version_change;
mod weighing;

use super::redownload::{CaseFile, Same};
use crate::model::{
    Doubt, Grade, MissingEvidence, Moment, Reason, RuledOut, SourceRef, Verdict, Window,
};
pub use advice::name_the_hours;
use sentence::{closed, sentence};
use weighing::{decided, undecided, winner};

/// A rule: the cause it knows, its manual, and its judgement.
pub struct Rule {
    pub verdict: Verdict,
    /// One line for `pkgtrail explain`.
    pub about: &'static str,
    /// The source of the rule's file, whose head is the manual.
    pub source: &'static str,
    pub judge: fn(&CaseFile<'_>) -> Answer,
}

/// What a rule answers.
#[derive(Debug, Clone)]
pub enum Answer {
    Explains(Explanation),
    DoesNot {
        text: String,
        sources: Vec<SourceRef>,
        /// Whether an observation says so, or it only follows.
        observed: bool,
    },
    CannotTell {
        text: String,
        lacking: Vec<MissingEvidence>,
    },
}

/// A cause that explains the re-download.
#[derive(Debug, Clone)]
pub struct Explanation {
    pub grade: Grade,
    /// The last time it is known not to have happened yet.
    pub after: Option<Moment>,
    /// The first time it is known to have happened.
    pub known: Moment,
    /// What happened, in one sentence without full stop.
    pub summary: String,
    pub reasons: Vec<Reason>,
    pub lacking: Vec<MissingEvidence>,
}

/// The final judgement of one re-download.
#[derive(Debug, Clone)]
pub struct Ruling {
    pub verdict: Verdict,
    pub grade: Grade,
    pub window: Option<Window>,
    pub summary: String,
    pub reasons: Vec<Reason>,
    pub ruled_out: Vec<RuledOut>,
    pub doubts: Vec<Doubt>,
    pub missing_evidence: Vec<MissingEvidence>,
}

/// All rules, in the order of `contract.md`.
pub const RULES: &[Rule] = &[
    version_change::RULE,
    hash_change::RULE,
    path_change::RULE,
    external_removal::RULE,
    product_cleanup::RULE,
    sibling_cleanup::RULE,
    metadata_removal::RULE,
    interrupted_download::RULE,
    access_denied::RULE,
    source_unavailable::RULE,
    operator_action::RULE,
    undetermined::RULE,
];

impl Rule {
    /// The manual: the head of the rule's file, as text.
    pub fn manual(&self) -> String {
        let lines = self
            .source
            .lines()
            .take_while(|line| line.starts_with("//!"));
        lines
            .map(|line| {
                format!(
                    "{}\n",
                    line.trim_start_matches("//!")
                        .strip_prefix(' ')
                        .unwrap_or("")
                )
            })
            .collect()
    }
}

/// Judges one re-download by all rules.
pub fn rule(case: &CaseFile<'_>) -> Ruling {
    let answers: Vec<(Verdict, Answer)> = RULES
        .iter()
        .map(|rule| (rule.verdict, (rule.judge)(case)))
        .collect();
    let explaining: Vec<(Verdict, &Explanation)> = answers
        .iter()
        .filter_map(|(verdict, answer)| match answer {
            Answer::Explains(explanation) => Some((*verdict, explanation)),
            _ => None,
        })
        .collect();
    let mut ruling = match winner(case, &explaining) {
        Some((verdict, explanation)) => decided(case, verdict, explanation, &explaining, &answers),
        None => undecided(case, &explaining, &answers),
    };
    ruling.summary = sentence(&ruling.summary);
    let reasons = ruling.reasons.iter_mut().map(|one| &mut one.text);
    for text in reasons.chain(ruling.ruled_out.iter_mut().map(|one| &mut one.text)) {
        *text = sentence(text);
    }
    for doubt in &mut ruling.doubts {
        doubt.text = closed(&doubt.text);
    }
    ruling
}

/// What the three change rules answer from "the same on both sides, or not".
fn change_answer(same: &Same, what: &str) -> Answer {
    let (text, sources, observed) = match same {
        Same::Differs {
            text,
            sources,
            known,
            last_old,
            grade,
        } => {
            return Answer::Explains(Explanation {
                grade: *grade,
                after: *last_old,
                known: *known,
                summary: text.clone(),
                reasons: vec![Reason {
                    text: text.clone(),
                    sources: sources.clone(),
                }],
                lacking: advice::gap_advice(*grade),
            });
        }
        Same::Unknown => {
            return Answer::CannotTell {
                text: format!("nothing states {what} on both sides of this download"),
                lacking: vec![advice::capture_advice()],
            };
        }
        Same::Observed(text, sources) => (text, sources, true),
        Same::Follows(text, sources) => (text, sources, false),
    };
    Answer::DoesNot {
        text: text.clone(),
        sources: sources.clone(),
        observed,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_verdict_has_one_rule_and_a_manual_with_its_parts() {
        let verdicts: Vec<Verdict> = RULES.iter().map(|rule| rule.verdict).collect();
        assert_eq!(verdicts, Verdict::ALL);
        for rule in RULES {
            let manual = rule.manual();
            for part in ["# When it applies", "# When it does not", "# What to do"] {
                assert!(
                    manual.contains(part),
                    "{} lacks `{part}`",
                    rule.verdict.name()
                );
            }
        }
    }
}
