//! `snapshots-deleted`: snapshot.xml was gone from many packages at once.
//!
//! A published script deletes every snapshot.xml (163475), and 433153 lists it among what must not
//! be deleted. A package that never was on the server has none yet, so only packages that were
//! there before count.

use super::{Ground, Kind, listed, named};
use crate::analysis::Story;
use crate::model::{Event, Fact, Finding, Metadata, Moment, Server, State, Wording};
use std::collections::{BTreeMap, BTreeSet};

pub(super) const KIND: Kind = Kind {
    name: "snapshots-deleted",
    about: "snapshot.xml was gone from many packages at once",
    find,
};

/// Fewer may be chance.
const MANY: usize = 3;
/// Records this close to the first were made by one check.
const AT_ONCE_MS: i64 = 10 * 60_000;
/// Packages that the sentence names.
const NAMED: usize = 6;

fn find(ground: &Ground<'_>) -> Vec<Finding> {
    let mut by_server: BTreeMap<&Option<Server>, Vec<(&Event, &Story<'_>)>> = BTreeMap::new();
    for story in ground.stories {
        for (place, event) in story.events.iter().enumerate() {
            if is_missing(&event.fact) && was_there(ground, story, place) {
                by_server
                    .entry(&story.server)
                    .or_default()
                    .push((event, story));
            }
        }
    }
    let mut found = Vec::new();
    for (server, mut missed) in by_server {
        missed.sort_by_key(|(event, story)| (event.at, story.package));
        let refreshes = refreshes(ground, server);
        let mut rest = &missed[..];
        while let Some((first, _)) = rest.first() {
            let end = refreshes
                .iter()
                .find(|(from, to)| from.start <= first.at.start && first.at.start <= *to)
                .map_or(i64::MIN, |(_, to)| *to)
                .max(first.at.start + AT_ONCE_MS);
            let count = rest.partition_point(|(event, _)| event.at.start <= end);
            let (now, later) = rest.split_at(count);
            rest = later;
            found.extend(told(ground, server, now));
        }
    }
    found
}

fn is_missing(fact: &Fact) -> bool {
    *fact
        == Fact::MetadataMissing {
            what: Metadata::Snapshot,
        }
}

/// Whether the package had a snapshot.xml before, as far as the evidence tells.
fn was_there(ground: &Ground<'_>, story: &Story<'_>, place: usize) -> bool {
    let here = |fact: &Fact| {
        matches!(
            fact,
            Fact::StateChanged {
                to: State::Ready,
                ..
            } | Fact::StateSeen {
                state: State::Ready
            } | Fact::StatusCaptured {
                state: Some(State::Ready)
            } | Fact::SnapshotCaptured { .. }
                | Fact::SnapshotReceived { .. }
                | Fact::SnapshotUnchanged { .. }
                | Fact::DownloadFinished { .. }
                | Fact::VerificationPassed
        )
    };
    let missed = story.events[place].at;
    let soon = |event: &&&Event| event.at.start <= missed.start + AT_ONCE_MS;
    // "Ready until now" in the record that follows says the same.
    let until_now = story.events[place..].iter().take_while(soon).any(|event| {
        matches!(
            event.fact,
            Fact::StateChanged {
                from: Some(State::Ready),
                ..
            }
        )
    });
    let captured = ground.evidence.snapshots.iter().any(|one| {
        one.package == Some(story.package) && one.server == story.server && one.at.before(&missed)
    });
    until_now || captured || story.events[..place].iter().any(|event| here(&event.fact))
}

/// The refreshes of a server, each with its end, where the log tells one.
fn refreshes(ground: &Ground<'_>, server: &Option<Server>) -> Vec<(Moment, i64)> {
    let mut all: Vec<(Moment, i64)> = Vec::new();
    let mut open = false;
    for event in ground
        .evidence
        .events
        .iter()
        .filter(|one| one.server == *server)
    {
        match event.fact {
            Fact::RefreshStarted { .. } => {
                all.push((event.at, event.at.start));
                open = true;
            }
            Fact::RefreshFinished if open => {
                if let Some(last) = all.last_mut() {
                    last.1 = event.at.start;
                }
                open = false;
            }
            _ => {}
        }
    }
    all
}

fn told(
    ground: &Ground<'_>,
    server: &Option<Server>,
    missed: &[(&Event, &Story<'_>)],
) -> Option<Finding> {
    let packages: BTreeSet<_> = missed.iter().map(|(_, story)| story.package).collect();
    if packages.len() < MANY {
        return None;
    }
    let names: Vec<String> = packages.iter().map(|one| named(ground, *one)).collect();
    Some(Finding {
        kind: KIND.name,
        package: None,
        involved: packages.iter().copied().collect(),
        server: server.clone(),
        at: Some(missed[0].0.at),
        text: format!(
            "snapshot.xml was gone from {} packages at once, found from {} on: {}.",
            packages.len(),
            missed[0].0.at.said(),
            listed(&names, NAMED)
        ),
        advice: "Look for a script or a person that deletes snapshot.xml files under Package Delivery; without them the product validates and may download every package anew.".to_owned(),
        sources: missed.iter().map(|(event, _)| event.sources[0]).collect(),
        assumed: missed
            .iter()
            .any(|(event, _)| event.wording == Wording::Assumed),
    })
}

#[cfg(test)]
mod tests {
    use super::super::testing::Scene;
    use super::*;

    fn gone() -> Fact {
        Fact::MetadataMissing {
            what: Metadata::Snapshot,
        }
    }

    /// Three packages that were Ready, and miss their snapshots at these seconds.
    fn missed(seconds: [i64; 3]) -> Scene {
        let mut scene = Scene::new();
        for (package, second) in (1..).zip(seconds) {
            let ready = Fact::StateSeen {
                state: State::Ready,
            };
            scene = scene.at(10, package, ready).at(second, package, gone());
        }
        scene
    }

    #[test]
    fn three_at_once_are_told_once_and_two_are_not() {
        let found = missed([1000, 1300, 1600]).find("snapshots-deleted");
        assert_eq!(found.len(), 1);
        assert!(found[0].text.contains("from 3 packages at once"));
        assert!(
            missed([1000, 1300, 1601])
                .find("snapshots-deleted")
                .is_empty()
        );
    }

    #[test]
    fn one_refresh_holds_them_together_however_long_it_takes() {
        let refresh = |from, to| {
            missed([1000, 2000, 5000])
                .at(from, 0, Fact::RefreshStarted { reason: None })
                .at(to, 0, Fact::RefreshFinished)
                .find("snapshots-deleted")
                .len()
        };
        assert_eq!(refresh(990, 5001), 1);
        assert_eq!(refresh(990, 4999), 0);
        assert_eq!(refresh(1001, 5001), 0);
    }

    #[test]
    fn packages_that_were_never_there_have_lost_nothing() {
        let mut scene = Scene::new();
        for package in 1..=5 {
            let fetched = Fact::StateChanged {
                to: State::Pending,
                from: None,
            };
            scene = scene.at(1000, package, gone()).at(1001, package, fetched);
        }
        assert!(scene.find("snapshots-deleted").is_empty());
        let mut known = Scene::new();
        for package in 1..=3 {
            let fetched = Fact::StateChanged {
                to: State::Pending,
                from: Some(State::Ready),
            };
            known = known.at(1000, package, gone()).at(1001, package, fetched);
        }
        assert_eq!(known.find("snapshots-deleted").len(), 1);
    }
}
