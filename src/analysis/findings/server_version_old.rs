//! `server-version-old`: the source kept an older version than the one required, for more than a day.
//!
//! The download fails with "the version of the package on the server(X) is older than required(Y)"
//! (163475) until the source has the version. Minutes of that are normal after a change.

use super::{Ground, Kind, named, sorted};
use crate::model::{Event, Fact, Finding, PackageId, Server, State, Wording};
use std::collections::BTreeMap;

pub(super) const KIND: Kind = Kind {
    name: "server-version-old",
    about: "the source stayed behind the required version for more than a day",
    find,
};

/// A source that is behind for this long does not come by itself.
const LONG_MS: i64 = 86_400_000;
/// Packages of one server that are told one by one; more are one cause.
const MOST: usize = 3;

/// The refusals of one package for one required version, with no success between.
struct Run<'a> {
    package: PackageId,
    required: Option<i64>,
    first: &'a Event,
    last: &'a Event,
    count: usize,
}

fn find(ground: &Ground<'_>) -> Vec<Finding> {
    let mut by_server: BTreeMap<&Option<Server>, Vec<Run<'_>>> = BTreeMap::new();
    for story in ground.stories {
        let long = runs(story.package, story.events)
            .into_iter()
            .filter(|run| run.last.at.start - run.first.at.end > LONG_MS);
        by_server.entry(&story.server).or_default().extend(long);
    }
    by_server
        .into_iter()
        .flat_map(|(server, runs)| told(ground, server, &runs))
        .collect()
}

/// Cuts the refusals of a package at each success and at each other required version.
fn runs<'a>(package: PackageId, events: &[&'a Event]) -> Vec<Run<'a>> {
    let mut all: Vec<Run<'_>> = Vec::new();
    let mut open = false;
    for event in events {
        match &event.fact {
            Fact::DownloadFailed { older: true, .. } => {
                let required = required(&event.message);
                match all
                    .last_mut()
                    .filter(|run| open && run.required == required)
                {
                    Some(run) => {
                        run.last = event;
                        run.count += 1;
                    }
                    None => all.push(Run {
                        package,
                        required,
                        first: event,
                        last: event,
                        count: 1,
                    }),
                }
                open = true;
            }
            Fact::DownloadFinished { .. }
            | Fact::Progress { percent: 100 }
            | Fact::StateChanged {
                to: State::Ready, ..
            } => open = false,
            _ => {}
        }
    }
    all
}

/// The version after the word "required".
fn required(message: &str) -> Option<i64> {
    let lower = message.to_ascii_lowercase();
    let (_, rest) = lower.rsplit_once("required")?;
    let digits = rest.trim_start_matches(|one: char| !one.is_ascii_digit());
    let end = digits
        .find(|one: char| !one.is_ascii_digit())
        .unwrap_or(digits.len());
    digits[..end].parse().ok()
}

fn told(ground: &Ground<'_>, server: &Option<Server>, runs: &[Run<'_>]) -> Vec<Finding> {
    let advice = "Look why the source does not get the required version: update its distribution points or the package on the Notification Server, and check the server that answers.";
    let finding = |package: Option<PackageId>, at, text, runs: &[Run<'_>]| Finding {
        kind: KIND.name,
        package,
        involved: match package {
            Some(_) => Vec::new(),
            None => sorted(runs.iter().map(|run| run.package).collect()),
        },
        server: server.clone(),
        at: Some(at),
        text,
        advice: advice.to_owned(),
        sources: runs
            .iter()
            .flat_map(|run| [run.first.sources[0], run.last.sources[0]])
            .collect(),
        assumed: runs.iter().any(|run| run.first.wording == Wording::Assumed),
    };
    if runs.len() <= MOST {
        return runs
            .iter()
            .map(|run| {
                let version = run
                    .required
                    .map_or(String::new(), |version| format!(" {version}"));
                let records = match run.count {
                    1 => "1 record says".to_owned(),
                    many => format!("{many} records say"),
                };
                let text = format!(
                    "The source of package {} had an older version than the required one{version} from {} to {} at least, as {records}, with no success between.",
                    named(ground, run.package),
                    run.first.at.said(),
                    run.last.at.said()
                );
                finding(Some(run.package), run.first.at, text, std::slice::from_ref(run))
            })
            .collect();
    }
    let Some(first) = runs.iter().map(|run| run.first.at).min() else {
        return Vec::new();
    };
    let packages = sorted(runs.iter().map(|run| run.package).collect());
    let text = format!(
        "For {} packages the source had an older version than the required one for more than a day, with no success between, the first from {} on.",
        packages.len(),
        first.said()
    );
    vec![finding(None, first, text, runs)]
}

#[cfg(test)]
mod tests {
    use super::super::testing::Scene;
    use super::*;

    const DAY: i64 = 86_400;

    fn older(scene: Scene, second: i64, package: u128, required: i64) -> Scene {
        let fact = Fact::DownloadFailed {
            code: None,
            busy: false,
            older: true,
        };
        let message = format!("The version on the server(5) is older than required({required})");
        scene.says(second, package, fact, &message)
    }

    fn twice(apart: i64, second_version: i64) -> Scene {
        let scene = older(Scene::new(), 10, 1, 6);
        older(scene, 10 + apart, 1, second_version)
    }

    #[test]
    fn the_required_version_is_the_number_after_the_word() {
        for (message, version) in [
            ("on the server(5) is older than required(6)", Some(6)),
            (
                "server 5 is older than the required version 16: {x}",
                Some(16),
            ),
            ("older than required", None),
            ("older", None),
        ] {
            assert_eq!(required(message), version, "{message}");
        }
    }

    #[test]
    fn more_than_a_day_behind_is_told_and_a_day_is_not() {
        let found = twice(DAY + 1, 6).find("server-version-old");
        assert_eq!(found.len(), 1);
        assert!(found[0].text.contains("required one 6 from"));
        let lines: Vec<u32> = found[0].sources.iter().map(|one| one.line).collect();
        assert_eq!(lines, [10, u32::try_from(DAY).unwrap() + 11]);
        assert!(twice(DAY, 6).find("server-version-old").is_empty());
    }

    #[test]
    fn a_success_or_another_required_version_between_begins_anew() {
        assert!(twice(2 * DAY, 7).find("server-version-old").is_empty());
        let finished = Fact::DownloadFinished { bytes: None };
        let with_success = twice(2 * DAY, 6).at(DAY, 1, finished.clone());
        assert!(with_success.find("server-version-old").is_empty());
        let of_another = twice(2 * DAY, 6).at(DAY, 2, finished);
        assert_eq!(of_another.find("server-version-old").len(), 1);
    }

    #[test]
    fn many_packages_behind_are_one_thing() {
        let behind = |packages: u128| {
            let mut scene = Scene::new();
            for package in 1..=packages {
                scene = older(scene, 10, package, 6);
                scene = older(scene, 10 + 2 * DAY, package, 6);
            }
            scene.find("server-version-old").len()
        };
        assert_eq!((behind(3), behind(4)), (3, 1));
    }
}
