//! Which other packages the product cleaned up or marked, and whether they share the folder.

use super::drawers::stated_by_status;
use super::{Known, Sibling};
use crate::analysis::Evidence;
use crate::analysis::places::Places;
use crate::model::{Fact, Moment, PackageId, Server, State, path};

/// Clean-ups of other packages since this one was good.
pub(super) fn siblings(
    evidence: &Evidence<'_>,
    places: &Places,
    package: PackageId,
    server: &Option<Server>,
    done: Option<Moment>,
    good: Option<Moment>,
    decision: Moment,
) -> Vec<Sibling> {
    let own = places.of(package, server, decision);
    let mut all = Vec::new();
    for event in evidence
        .index
        .server(server)
        .deleted
        .between(i64::MIN, decision.start)
        .iter()
        .filter(|event| event.at.start <= decision.start)
    {
        let Some(other) = event.package.filter(|other| *other != package) else {
            continue;
        };
        let deleting = event.fact == Fact::CleanedUp;
        let at = match event.fact {
            Fact::CleanedUp
            | Fact::MarkedDeleted
            | Fact::Unassigned
            | Fact::StateChanged {
                to: State::Deleted, ..
            } => event.at,
            Fact::StatusCaptured {
                state: Some(State::Deleted),
            } => stated_by_status(evidence, event),
            _ => continue,
        };
        // A mark is older than the deletion that follows it, so an early mark still matters.
        if deleting && done.is_some_and(|done| event.at.before(&done)) {
            continue;
        }
        // One that was needed again has led to no deletion.
        let young = evidence
            .kept_at_least_ms(other)
            .is_some_and(|unused| decision.end - at.start < unused);
        if !deleting
            && (needed_again(evidence, other, server, at, good)
                || cleaned_since(evidence, other, server, at))
        {
            continue;
        }
        let hosted = places.is_server_package(other, server);
        if !hosted && is_client_package(evidence, other, server) {
            continue;
        }
        let mut same_folder = same_folder(places, package, own, other, server, event.at);
        // A place that was stated beyond a gap in the log may have been left since.
        let stale = own.is_some_and(|own| {
            let (from, to) = (own.at.min(event.at), own.at.max(event.at));
            !carries_guid(own, package) && !evidence.logs.cover(server, from, to)
        });
        if stale && same_folder == Some(false) {
            same_folder = None;
        }
        if same_folder != Some(false) {
            all.push(Sibling {
                package: other,
                named: match evidence.names.get(&other) {
                    Some(_) => evidence.named(other),
                    None => format!("package {other}"),
                },
                at,
                deleting,
                young: young && !deleting,
                hosted,
                same_folder,
                place: places.of(other, server, event.at).cloned(),
                sources: event.sources.to_vec(),
            });
        }
    }
    all
}

/// Whether another package's folder is this one's, holds it, or lies in it.
fn same_folder(
    places: &Places,
    package: PackageId,
    own: Option<&Known<String>>,
    other: PackageId,
    server: &Option<Server>,
    at: Moment,
) -> Option<bool> {
    let host = server.as_deref();
    let known = own?;
    let own = path::fold(&known.value, host);
    match places.of(other, server, at) {
        Some(theirs) => compared(&own, &path::fold(&theirs.value, host)),
        // The product's own folders carry the GUID and are nobody else's.
        None if carries_guid(known, package) => Some(false),
        None => None,
    }
}

/// Whether a place carries the GUID of the package, as the product's own folders do: then no other
/// package shares it.
pub(super) fn carries_guid(place: &Known<String>, package: PackageId) -> bool {
    place.value.to_lowercase().contains(&package.to_string())
}

/// Whether two folded folders overlap; `None` if that cannot be told from how they are written: a
/// share of this server, or of a host that is named by a number, may be any local folder, and a
/// short name any long one.
fn compared(one: &str, other: &str) -> Option<bool> {
    if overlap(one, other) {
        return Some(true);
    }
    let is_share = |path: &str| path.starts_with(r"\\");
    let own_share = |path: &str| {
        let host = path
            .trim_start_matches('\\')
            .split('\\')
            .next()
            .unwrap_or("");
        is_share(path) && (host == "." || host.starts_with(|first: char| first.is_ascii_digit()))
    };
    let short = |path: &str| path.contains('~');
    let unlike = is_share(one) != is_share(other) && (own_share(one) || own_share(other));
    let two_shares = is_share(one) && is_share(other) && own_share(one) && own_share(other);
    (!unlike && !two_shares && !short(one) && !short(other)).then_some(false)
}

/// Whether one of two folded folders is the other or lies in it.
pub(super) fn overlap(one: &str, other: &str) -> bool {
    path::within(one, other) || path::within(other, one)
}

/// Whether a marked package was used again after the mark and before this one was good: any use
/// resets the clock of the clean-up.
fn needed_again(
    evidence: &Evidence<'_>,
    other: PackageId,
    server: &Option<Server>,
    marked: Moment,
    good: Option<Moment>,
) -> bool {
    let used = |fact: &Fact| {
        matches!(
            fact,
            Fact::Assigned
                | Fact::DownloadStarted
                | Fact::DownloadFinished { .. }
                | Fact::StateChanged {
                    to: State::Ready | State::Pending | State::Downloading,
                    ..
                }
        )
    };
    let Some(good) = good else {
        return false;
    };
    let lane = evidence.index.package(other, server);
    lane.between(marked.end, good.start)
        .iter()
        .any(|event| used(&event.fact) && marked.before(&event.at) && event.at.before(&good))
}

/// Whether a mark is spent: the deletion that it announced is in the log, and counts by itself.
fn cleaned_since(
    evidence: &Evidence<'_>,
    other: PackageId,
    server: &Option<Server>,
    marked: Moment,
) -> bool {
    let lane = evidence.index.package(other, server);
    let since = lane.between(marked.end, i64::MAX);
    since
        .iter()
        .any(|event| event.fact == Fact::CleanedUp && marked.before(&event.at))
}

/// Whether the agent had the package as a client only: then its files are not a Package Server's.
fn is_client_package(evidence: &Evidence<'_>, other: PackageId, server: &Option<Server>) -> bool {
    let lane = evidence.index.package(other, server);
    let mut all = lane.events.iter();
    all.any(|event| event.fact == Fact::ClientDelivery)
}
