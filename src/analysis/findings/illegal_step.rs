//! `illegal-step`: a step of states that the product cannot make.
//!
//! The table of `analysis/states.rs` says which state may follow which. What is not in it is a
//! contradiction in the evidence: a lost record, or a record of another package or server.

use super::{Ground, Kind, named};
use crate::analysis::Story;
use crate::model::{Finding, State, Wording};
use std::collections::BTreeMap;

pub(super) const KIND: Kind = Kind {
    name: "illegal-step",
    about: "a state followed that cannot follow",
    find,
};

fn find(ground: &Ground<'_>) -> Vec<Finding> {
    ground
        .stories
        .iter()
        .flat_map(|story| steps(ground, story))
        .collect()
}

/// The first of each kind of step at its record; the same step again is counted there.
fn steps(ground: &Ground<'_>, story: &Story<'_>) -> Vec<Finding> {
    let mut kinds: BTreeMap<(State, State), Vec<usize>> = BTreeMap::new();
    for (index, from, to) in &story.history.illegal {
        kinds.entry((*from, *to)).or_default().push(*index);
    }
    let mut found = Vec::new();
    for ((from, to), places) in kinds {
        let event = story.events[places[0]];
        let again = match places.len() - 1 {
            0 => String::new(),
            1 => ", and once more later".to_owned(),
            more => format!(", and {more} times more later"),
        };
        found.push(Finding {
            kind: KIND.name,
            package: Some(story.package),
            involved: Vec::new(),
            server: story.server.clone(),
            at: Some(event.at),
            text: format!(
                "Package {} went from \u{201c}{}\u{201d} to \u{201c}{}\u{201d}{again}, which no known step of the product explains.",
                named(ground, story.package),
                from.name(),
                to.name()
            ),
            advice: "Look at the records around it: one may be lost, or belong to another package or server; the times and verdicts near it need care.".to_owned(),
            sources: places
                .iter()
                .flat_map(|place| &story.events[*place].sources)
                .copied()
                .collect(),
            assumed: event.wording == Wording::Assumed,
        });
    }
    found
}

#[cfg(test)]
mod tests {
    use super::super::testing::Scene;
    use crate::model::{Fact, State};

    fn state(to: State) -> Fact {
        Fact::StateChanged { to, from: None }
    }

    #[test]
    fn an_illegal_step_is_told_at_its_record_with_both_words() {
        let scene = Scene::new()
            .at(10, 1, state(State::Ready))
            .at(20, 1, state(State::Retrying))
            .at(30, 1, state(State::Ready));
        let found = scene.find("illegal-step");
        assert_eq!(found.len(), 1);
        assert_eq!(found[0].sources[0].line, 20);
        assert_eq!(found[0].at.unwrap().start, 20_000);
        assert!(found[0].text.contains("“Ready” to “Retrying Download”"));
    }

    #[test]
    fn the_same_step_again_is_counted_and_a_legal_one_is_not_told() {
        let mut scene = Scene::new().at(10, 1, state(State::Ready));
        assert!(scene.find("illegal-step").is_empty());
        for second in [20, 40, 60] {
            scene =
                scene
                    .at(second, 1, state(State::Retrying))
                    .at(second + 10, 1, state(State::Ready));
        }
        let found = scene.find("illegal-step");
        assert_eq!(found.len(), 1);
        assert!(found[0].text.contains("2 times more"));
        let lines: Vec<u32> = found[0].sources.iter().map(|source| source.line).collect();
        assert_eq!(lines, [20, 40, 60]);
    }
}
