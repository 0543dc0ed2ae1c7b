//! Capture sets that lack one of a package's two documents although somebody collected both of others.

use crate::analysis::Evidence;
use crate::model::{Capture, CaptureBasis, Metadata, Moment, PackageId, Server, SourceRef};

/// The sets between two moments that hold the status file of the package but no snapshot.xml, or
/// the other way round, while they hold both of another package, and an earlier set held both of
/// this one. The sources are the document that is there.
///
/// Somebody may also have forgotten to copy it, so this is a hint and no proof.
pub(super) fn uncaptured(
    evidence: &Evidence<'_>,
    package: PackageId,
    server: &Option<Server>,
    from: Option<Moment>,
    to: Moment,
) -> Vec<(Metadata, Moment, Vec<SourceRef>)> {
    let snapshots = times(evidence.snapshots, server);
    let statuses = times(evidence.statuses, server);
    let both = |at: Moment, one: PackageId| {
        let has = |all: &[(Moment, PackageId, SourceRef)]| {
            all.iter()
                .any(|(when, whose, _)| (*when, *whose) == (at, one))
        };
        has(&snapshots) && has(&statuses)
    };
    let lone = |there: &[(Moment, PackageId, SourceRef)], what: Metadata| {
        let own = there.iter().filter(|(at, whose, _)| {
            *whose == package && at.before(&to) && from.is_none_or(|from| from.before(at))
        });
        let found = own.filter(|(at, ..)| {
            let others = there
                .iter()
                .any(|(when, whose, _)| when == at && both(*at, *whose));
            let before = there.iter().any(|(when, whose, _)| {
                *whose == package && when.before(at) && both(*when, package)
            });
            !both(*at, package) && others && before
        });
        found
            .map(|(at, _, source)| (what, *at, vec![*source]))
            .collect::<Vec<_>>()
    };
    let mut all = lone(&statuses, Metadata::Snapshot);
    all.extend(lone(&snapshots, Metadata::Status));
    all.sort_by_key(|(_, at, _)| *at);
    all
}

/// When whose documents of one kind were captured on a server; sets are told by a stated time.
fn times<T>(all: &[Capture<T>], server: &Option<Server>) -> Vec<(Moment, PackageId, SourceRef)> {
    all.iter()
        .filter(|one| one.server == *server && one.basis < CaptureBasis::Modified)
        .filter_map(|one| Some((one.at, one.package?, one.source)))
        .collect()
}
