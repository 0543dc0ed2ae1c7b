//! The evidence does not decide.
//!
//! # When it applies
//! No cause explains the download, or two of different kind that the evidence cannot order or
//! tell apart.
//!
//! # When it does not
//! One cause is shown to have come first.
//!
//! # What to do
//! Collect what the report names under "missing evidence", over at least one more cycle, and run again.

use super::{Answer, Rule};
use crate::model::Verdict;

pub const RULE: Rule = Rule {
    verdict: Verdict::Undetermined,
    about: "the evidence does not decide",
    source: include_str!("undetermined.rs"),
    judge: |_| Answer::CannotTell {
        text: String::new(),
        lacking: Vec::new(),
    },
};
