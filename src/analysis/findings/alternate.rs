//! Which packages lie in an alternate location, and where.

use super::Ground;
use crate::model::{Event, Fact, Moment, PackageId, Server, SourceRef, Wording, path};

/// A package whose files lie outside the agent's own folder.
pub(super) struct Alternate<'a> {
    pub package: PackageId,
    pub server: &'a Option<Server>,
    /// As written.
    pub place: &'a str,
    /// For comparing.
    pub folded: String,
    /// Since when it is known to lie there, and what says so.
    pub since: Moment,
    pub source: SourceRef,
    /// Whether only assumed wording says so.
    pub assumed: bool,
}

/// The last stated place of each package that lies in an alternate location, in the order of the
/// packages. A place that only follows from a file's path is none: it may be a sub-folder.
pub(super) fn alternates<'a>(ground: &'a Ground<'_>) -> Vec<Alternate<'a>> {
    let mut all = Vec::new();
    for story in ground.stories {
        let Some(known) = ground.places.last(story.package, &story.server) else {
            continue;
        };
        let host = story.server.as_deref();
        let folded = path::fold(&known.value, host);
        let states = |event: &&&Event| {
            let place = match &event.fact {
                Fact::Location { path } => path,
                Fact::LocationChanged { to, .. } => to,
                _ => return false,
            };
            path::fold(place, host) == folded
        };
        let telling: Vec<_> = story.events.iter().filter(states).collect();
        let Some(first) = telling.first() else {
            continue;
        };
        if is_own(&folded) {
            continue;
        }
        all.push(Alternate {
            package: story.package,
            server: &story.server,
            place: known.value.trim_end_matches('\\'),
            folded,
            since: first.at,
            source: first.sources[0],
            assumed: telling
                .iter()
                .all(|event| event.wording == Wording::Assumed),
        });
    }
    all
}

/// Whether a folded path lies under the agent's own `Package Delivery\{GUID}`, with or without braces.
pub(super) fn is_own(folded: &str) -> bool {
    let mut parts = folded.split('\\');
    parts.any(|part| part == "package delivery")
        && parts
            .next()
            .is_some_and(|part| PackageId::parse(part).is_some())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_agent_s_own_folder_is_no_alternate_location() {
        let own = r"d:\agent\package delivery\{1ec214b8-e862-44a9-b3a6-27d918d136a2}\cache";
        assert!(is_own(own) && is_own(&own.replace(['{', '}'], "")));
        assert!(!is_own(r"d:\package delivery\contosovpn"));
        assert!(!is_own(
            r"d:\pkgshare\{1ec214b8-e862-44a9-b3a6-27d918d136a2}"
        ));
    }
}
