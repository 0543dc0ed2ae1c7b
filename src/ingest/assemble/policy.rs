//! What client policies require and set: versions, names, and the clean-up time.

use super::documents::Place;
use crate::ingest::parsers::policy::Policy;
use crate::ingest::{Ingested, Settings};
use crate::model::{EvidenceFile, Fact, PackageId, SourceRef};
use std::collections::BTreeMap;

/// What a policy requires, at the time of the file. Policies hold accounts and passwords, so the
/// sentence is made from what was read and no line is quoted.
pub(super) fn add_policy(
    out: &mut Ingested,
    entry: &mut EvidenceFile,
    names: &mut BTreeMap<PackageId, BTreeMap<String, u64>>,
    cleanups: &mut Vec<(Option<PackageId>, u32, SourceRef)>,
    place: &Place<'_>,
    policy: Policy,
) {
    let source = |line: u32| SourceRef {
        file: place.id,
        line,
    };
    entry.records = policy.packages.len() as u64;
    for (minutes, line) in &policy.cleanup {
        cleanups.push((None, *minutes, source(*line)));
    }
    for one in policy.packages {
        if let Some(minutes) = one.cleanup {
            cleanups.push((Some(one.package), minutes, source(one.line)));
        }
        if one.never_deleted {
            let told = out.settings.never_deleted.entry(one.package);
            told.or_insert(source(one.line));
        }
        if let Some(name) = &one.name {
            *names
                .entry(one.package)
                .or_default()
                .entry(name.clone())
                .or_default() += 100;
        }
        let Some(version) = one.version else {
            continue;
        };
        let message = format!("the client policy requires version {version}");
        let Some(capture) = place.capture(Some(one.package), one.line, ().into()) else {
            continue;
        };
        entry.from = Some(capture.at);
        entry.to = Some(capture.at);
        let fact = Fact::VersionStated {
            required: Some(version),
            local: None,
        };
        out.events.push(place.event(&capture, fact, &message));
    }
}

/// The clean-up time that most packages have.
pub(super) fn settle_cleanup(
    settings: &mut Settings,
    cleanups: &[(Option<PackageId>, u32, SourceRef)],
) {
    let ms = |minutes: u32| i64::from(minutes) * 60_000;
    let mut counts: BTreeMap<u32, (u64, SourceRef)> = BTreeMap::new();
    for (package, minutes, source) in cleanups {
        let count = counts.entry(*minutes).or_insert((0, *source));
        count.0 += 1;
        count.1 = count.1.min(*source);
        if let Some(package) = package {
            // Of policies that disagree the shortest time counts: the more may the product have done.
            let stated = (ms(*minutes), *source);
            let known = settings.unused_for.entry(*package).or_insert(stated);
            *known = stated.min(*known);
        }
    }
    let best = counts
        .into_iter()
        .max_by_key(|(minutes, (count, _))| (*count, *minutes));
    if let Some((minutes, (_, source))) = best {
        settings.unused_for_ms = Some(ms(minutes));
        settings.unused_for_source = Some(source);
    }
}
