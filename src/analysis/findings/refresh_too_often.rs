//! `refresh-too-often`: the server refreshes its packages more often than its interval says.
//!
//! Each refresh compares disk and configuration, so with files that somebody removes each is a
//! re-download. Refreshes by hand, at the start of the agent and for a changed configuration are
//! as they should be and are not counted. Intervals over a start of the agent or a step of its
//! clock say nothing either. How refreshes are worded is assumed, so each finding here is.

use super::{Ground, Kind};
use crate::analysis::DAILY_REFRESH_MS;
use crate::model::{Event, Fact, Finding, Server, SourceRef};
use std::collections::BTreeMap;

pub(super) const KIND: Kind = Kind {
    name: "refresh-too-often",
    about: "the server refreshes its packages more often than its interval says",
    find,
};

/// So many short intervals are no accident.
const MANY: usize = 3;
/// Two records this close tell one refresh.
const SAME_MS: i64 = 120_000;
/// A refresh this soon after an order or a start was caused by it.
const CAUSED_MS: i64 = 10 * 60_000;
/// A reason with one of these words is no timer's.
const EXPLAINED: [&str; 18] = [
    "config", "setting", "polic", "change", "modif", "agent", "boot", "service", "manual", "user",
    "operator", "force", "demand", "hand", "console", "assign", "startup", "admin",
];

fn find(ground: &Ground<'_>) -> Vec<Finding> {
    let stories = ground.stories.iter();
    let mut servers: BTreeMap<&Option<Server>, Vec<&Event>> =
        stories.map(|story| (&story.server, Vec::new())).collect();
    // Once for all servers: a log may name a hundred thousand.
    for event in ground.evidence.events {
        if says_when(&event.fact)
            && let Some(own) = servers.get_mut(&event.server)
        {
            own.push(event);
        }
    }
    let several = servers.len() > 1;
    servers
        .into_iter()
        .filter_map(|(server, events)| of_server(ground, server, &events, several))
        .collect()
}

/// Whether an event is a refresh, or something that explains one.
fn says_when(fact: &Fact) -> bool {
    matches!(
        fact,
        Fact::AgentStarted
            | Fact::AgentStopped
            | Fact::ClockStepped { .. }
            | Fact::Operator { .. }
            | Fact::RefreshStarted { .. }
    )
}

/// What the `events` of one server that say when it refreshed come to.
fn of_server(
    ground: &Ground<'_>,
    server: &Option<Server>,
    events: &[&Event],
    several: bool,
) -> Option<Finding> {
    let every = ground.evidence.refresh_every_ms.filter(|ms| *ms > 0);
    let expected = every.unwrap_or(DAILY_REFRESH_MS);
    let same = SAME_MS.min(expected / 10);
    let mut last: Option<&Event> = None;
    let mut any: Option<&Event> = None;
    let mut cause: Option<i64> = None;
    let mut short: Vec<(i64, [SourceRef; 2])> = Vec::new();
    for event in events.iter().copied() {
        match &event.fact {
            Fact::AgentStarted | Fact::AgentStopped => {
                cause = Some(event.at.start);
                last = None;
            }
            Fact::ClockStepped { .. } => last = None,
            Fact::Operator { .. } => cause = Some(event.at.start),
            Fact::RefreshStarted { reason } => {
                let again = any.is_some_and(|any| event.at.start - any.at.start < same);
                any = Some(event);
                let caused = cause.is_some_and(|at| event.at.start - at <= CAUSED_MS);
                if again || caused || is_explained(reason.as_deref(), &event.message) {
                    continue;
                }
                if let Some(before) = last
                    && let Some(ms) = between(before, event)
                    && ms < expected / 2
                {
                    short.push((ms, [before.sources[0], event.sources[0]]));
                }
                last = Some(event);
            }
            _ => {}
        }
    }
    if short.len() < MANY {
        return None;
    }
    let (shortest, _) = short.iter().min_by_key(|(ms, _)| *ms)?;
    let first = short[0].1[0];
    let at = events
        .iter()
        .find(|event| event.sources.contains(&first))
        .map(|event| event.at);
    let setting = match (every, several) {
        (None, _) => "the documented default, as no registry export states the setting",
        (Some(_), true) => "as a registry export of one of the servers states",
        (Some(_), false) => "as the registry export states",
    };
    Some(Finding {
        kind: KIND.name,
        package: None,
        involved: Vec::new(),
        server: server.clone(),
        at,
        text: format!(
            "{} times a refresh of the packages followed the one before after less than half of the interval of {} ({setting}), the shortest after {}, and nothing tells why.",
            short.len(),
            in_words(expected),
            in_words(*shortest)
        ),
        advice: "Export the agent's registry key and look at AgentExecInterval, and for a task or script that refreshes the packages; with files that go missing each refresh is a re-download.".to_owned(),
        sources: short.into_iter().flat_map(|(_, sources)| sources).collect(),
        assumed: true,
    })
}

/// Whether the record says that something else than the timer caused the refresh. Without a
/// reason of its own all words of the message count: better silent than wrong.
fn is_explained(reason: Option<&str>, message: &str) -> bool {
    let told = reason.unwrap_or(message).to_lowercase();
    // The module's own name says nothing.
    let told = told.replace("package server agent", "");
    EXPLAINED.iter().any(|word| told.contains(word))
}

/// How long it took, by the tick counts where both records have one; `None` over a restart.
fn between(before: &Event, after: &Event) -> Option<i64> {
    let tick = |event: &Event| event.record.as_ref().and_then(|record| record.tick);
    let clock = after.at.start - before.at.start;
    match (tick(before), tick(after)) {
        (Some(old), Some(new)) if new < old => None,
        // The clock may have been set; the ticks cannot.
        (Some(old), Some(new)) => i64::try_from(new - old).ok().map(|ticks| ticks.max(clock)),
        _ => Some(clock),
    }
}

fn in_words(ms: i64) -> String {
    let seconds = ms / 1000;
    let (hours, minutes) = (seconds / 3600, seconds % 3600 / 60);
    match (hours, minutes, seconds % 60) {
        (0, 0, seconds) => format!("{seconds} s"),
        (0, minutes, _) => format!("{minutes} min"),
        (hours, 0, _) => format!("{hours} h"),
        (hours, minutes, _) => format!("{hours} h {minutes} min"),
    }
}

#[cfg(test)]
mod tests {
    use super::super::testing::Scene;
    use super::*;

    const HOUR: i64 = 3_600;

    fn refresh(reason: Option<&str>) -> Fact {
        Fact::RefreshStarted {
            reason: reason.map(Into::into),
        }
    }

    /// A refresh at each of these hours.
    fn at_hours(hours: &[i64], reason: Option<&str>) -> Scene {
        let mut scene = Scene::new().located(1, r"D:\Share\Vpn");
        for hour in hours {
            scene = scene.at(100 + hour * HOUR, 0, refresh(reason));
        }
        scene
    }

    fn count(scene: &Scene) -> usize {
        scene.find("refresh-too-often").len()
    }

    #[test]
    fn three_short_intervals_are_told_and_two_are_not() {
        let found = at_hours(&[0, 2, 5, 16], Some("scheduled")).find("refresh-too-often");
        assert_eq!(found.len(), 1);
        assert!(found[0].text.starts_with("3 times"), "{}", found[0].text);
        assert!(found[0].text.contains("the documented default"));
        assert!(found[0].text.contains("shortest after 2 h,"));
        assert!(found[0].assumed);
        assert_eq!(count(&at_hours(&[0, 2, 5], Some("scheduled"))), 0);
        // Half of it is not less than half.
        assert_eq!(count(&at_hours(&[0, 12, 24, 36], None)), 0);
        assert_eq!(count(&at_hours(&[0, 11, 22, 33], None)), 1);
    }

    #[test]
    fn the_stated_interval_counts() {
        let every_two_hours = at_hours(&[0, 2, 4, 6, 8], Some("timer"));
        assert_eq!(count(&every_two_hours), 1);
        assert_eq!(count(&every_two_hours.clone().refresh_every(2 * HOUR)), 0);
        let stated = every_two_hours.refresh_every(4 * HOUR + 1);
        let found = stated.find("refresh-too-often");
        assert!(found[0].text.contains("as the registry export states"));
    }

    #[test]
    fn other_reasons_are_as_they_should_be() {
        for reason in [
            "configuration changed",
            "agent start",
            "new settings",
            "manual",
        ] {
            assert_eq!(
                count(&at_hours(&[0, 1, 2, 3, 4], Some(reason))),
                0,
                "{reason}"
            );
        }
        let mut ordered = at_hours(&[0, 1, 2, 3, 4], Some("scheduled"));
        for hour in 0..=4 {
            let order = Fact::Operator {
                action: "force download".into(),
                user: None,
            };
            ordered = ordered.at(90 + hour * HOUR, 1, order);
        }
        assert_eq!(count(&ordered), 0);
    }

    #[test]
    fn the_ticks_are_believed_over_the_clock_and_a_restart_says_nothing() {
        let record = |second: i64, tick: Option<u64>| Event {
            at: super::super::testing::moment(second),
            server: None,
            sources: Default::default(),
            record: tick.map(|tick| crate::model::Record {
                tick: Some(tick),
                ..Default::default()
            }),
            said: crate::model::Said {
                fact: refresh(None),
                wording: crate::model::Wording::Assumed,
                ..Default::default()
            }
            .into(),
        };
        let first = record(0, Some(5_000));
        // Set back by an hour in between.
        assert_eq!(
            between(&first, &record(60, Some(3_665_000))),
            Some(3_660_000)
        );
        assert_eq!(between(&first, &record(60, Some(4_999))), None);
        assert_eq!(between(&first, &record(60, None)), Some(60_000));
    }

    #[test]
    fn restarts_and_steps_of_the_clock_fool_nobody() {
        for event in [
            Fact::AgentStarted,
            Fact::AgentStopped,
            Fact::ClockStepped { by_ms: -3_600_000 },
        ] {
            let mut scene = at_hours(&[0, 1, 2, 3, 4], Some("scheduled"));
            for hour in 0..4 {
                scene = scene.at(hour * HOUR + 1_800, 0, event.clone());
            }
            assert_eq!(count(&scene), 0, "{event:?}");
        }
        // Two records of one refresh.
        let mut doubled = at_hours(&[0, 24, 48, 72], Some("scheduled"));
        for day in 0..4 {
            doubled = doubled.at(101 + day * 24 * HOUR, 0, refresh(None));
        }
        assert_eq!(count(&doubled), 0);
    }
}
