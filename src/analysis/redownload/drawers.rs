//! What the log says between two downloads, sorted into the drawers of the case file: marks,
//! orders, refusals, missing metadata.

use super::moments::near;
use super::suspicious::{names_two_places, speaks_of_deletion};
use super::{CaseFile, Order, SAME_REFRESH_MS};
use crate::analysis::Evidence;
use crate::model::{Event, Fact, Moment, State};

/// An operator's order is carried out within this time.
const OPERATOR_MS: i64 = 10 * 60_000;

/// Sorts the events between two downloads into the drawers of the case file.
pub(super) fn sort_events(
    case: &mut CaseFile<'_>,
    evidence: &Evidence<'_>,
    before: &[&Event],
    until_end: &[&Event],
    decision: Moment,
) {
    for event in before {
        // Most events go into no drawer.
        let sources = || event.sources.to_vec();
        match &event.fact {
            Fact::MarkedDeleted => case
                .deleted
                .push((event.at, "marked as deleted", sources())),
            Fact::Unassigned => {
                case.deleted
                    .push((event.at, "taken out of the configuration", sources()))
            }
            Fact::CleanedUp => {
                case.deleted
                    .push((event.at, "cleaned up by the product", sources()))
            }
            Fact::StateChanged {
                to: State::Deleted, ..
            }
            | Fact::StateSeen {
                state: State::Deleted,
            } => {
                case.deleted
                    .push((event.at, "in the state Deleted", sources()));
            }
            Fact::StatusCaptured {
                state: Some(State::Deleted),
            } => {
                let at = stated_by_status(evidence, event);
                // Still Deleted after an assignment: then that one has not stopped the clock.
                case.assignments
                    .retain(|(assigned, _)| assigned.start < at.start);
                case.deleted
                    .push((at, "called Deleted by its status file", sources()));
            }
            Fact::Assigned => {
                case.assignments.push((event.at, sources()));
                case.assigned = Some((event.at, sources()));
            }
            Fact::StateChanged {
                to: State::Ready, ..
            }
            | Fact::StateSeen {
                state: State::Ready,
            }
            | Fact::StatusCaptured {
                state: Some(State::Ready),
            } => case.called_ready.push((event.at, sources())),
            Fact::MetadataMissing { what } => case.metadata.push((*what, event.at, sources())),
            Fact::Operator { action, user } if near(event, decision, OPERATOR_MS) => {
                case.operators.push(Order::new(event, action, user, ""));
            }
            Fact::DownloadFailed { busy, older, .. }
                if (*busy || *older) && near(event, decision, SAME_REFRESH_MS) =>
            {
                let text = if *busy {
                    "the server was busy"
                } else {
                    "the server had an older version"
                };
                case.refused.push((event.at, text.to_owned(), sources()));
            }
            Fact::AccessDenied { .. } => case.denied.push((event.at, sources())),
            Fact::Other if names_two_places(&event.message) => {
                case.two_places.extend(&event.sources)
            }
            Fact::Other if speaks_of_deletion(&event.message) => {
                case.suspicious.extend(&event.sources)
            }
            _ => {}
        }
    }
    // "Assigned again" and "metadata gone" may stand after the record that we took for the decision.
    for event in until_end
        .iter()
        .filter(|event| near(event, decision, 60_000) && !event.at.before(&decision))
    {
        match &event.fact {
            Fact::MetadataMissing { what } if case.metadata.is_empty() => {
                case.metadata
                    .push((*what, event.at, event.sources.to_vec()));
            }
            Fact::Assigned if case.assigned.is_none() => {
                case.assigned = Some((event.at, event.sources.to_vec()))
            }
            _ => {}
        }
    }
    // An order for all packages names none.
    let since = case.good.map_or(i64::MIN, |(at, ..)| at.start);
    for event in evidence
        .index
        .server(&case.server)
        .orders
        .between(decision.start - OPERATOR_MS, decision.start)
    {
        if !near(event, decision, OPERATOR_MS)
            || event.at.start > decision.start
            || event.at.start < since
        {
            continue;
        }
        if let Fact::Operator { action, user } = &event.fact {
            let order = Order::new(event, action, user, " (for all packages)");
            case.operators.push(order);
        }
    }
}

/// When a status file says that the package became Deleted: its own time, else that of its capture.
pub(super) fn stated_by_status(evidence: &Evidence<'_>, event: &Event) -> Moment {
    let status = evidence
        .statuses
        .iter()
        .find(|one| event.sources.contains(&one.source));
    let stated = status.and_then(|one| {
        let time = one.document.time.filter(|time| time.has_year)?;
        let east = i64::from(one.at.offset.unwrap_or(0)) * 60_000;
        let start = match (one.at.offset, time.utc_ms()) {
            (Some(_), Some(utc)) => utc,
            (None, Some(_)) => return None,
            (_, None) => time.local_ms() - east,
        };
        (start <= event.at.start).then_some(Moment {
            start,
            end: start + i64::from(time.lasts),
            ..event.at
        })
    });
    stated.unwrap_or(event.at)
}
