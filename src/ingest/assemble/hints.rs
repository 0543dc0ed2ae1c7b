//! Which hints on year and zone the files give to the clock.

use super::captured::{Captured, modified_stamp};
use crate::ingest::clock::{self, Clock, Trace, YearHints, ZoneHints};
use crate::ingest::parsers::Parsed;
use crate::ingest::{Document, File, Options};
use crate::model::CaptureBasis;

/// Collects all hints on year and zone and settles the clock.
pub(super) fn settle(files: &[File], captured: &Captured, options: &Options) -> Clock {
    let mut years = YearHints::default();
    let mut zones = ZoneHints {
        option: options.zone.clone(),
        ..ZoneHints::default()
    };
    let mut traces: Vec<Trace> = Vec::new();
    for (stamp, basis) in captured.values() {
        if stamp.has_year
            && matches!(
                basis,
                CaptureBasis::Name | CaptureBasis::Content | CaptureBasis::CapturesCsv
            )
        {
            years.dated.push(stamp.utc_ms().unwrap_or(stamp.local_ms()));
        }
    }
    for file in files {
        match &file.parsed {
            Parsed::Log(_, trace) => {
                years.modified.push(
                    file.modified
                        .and_then(modified_stamp)
                        .map(|stamp| stamp.local_ms()),
                );
                traces.push((**trace).clone());
            }
            Parsed::Registry(registry) => {
                zones.registry = zones.registry.or_else(|| registry.zone.clone());
                zones.registry_bias = zones.registry_bias.or(registry.bias_minutes);
            }
            Parsed::Document(document) => match &**document {
                Document::Snapshot(snapshot) => years.versions.extend(snapshot.version),
                Document::Status(status) => {
                    // The server wrote it, in its own time.
                    let stated = status.time.filter(|time| time.has_year);
                    zones
                        .stated
                        .extend(stated.and_then(|time| time.utc_ms().zip(time.offset)));
                    years.dated.extend(
                        status
                            .time
                            .filter(|time| time.has_year)
                            .map(|time| time.utc_ms().unwrap_or(time.local_ms())),
                    );
                }
                Document::Listing(_) => {}
            },
            _ => {}
        }
    }
    clock::settle(&traces, &years, &zones)
}

/// How many registry exports state the zone, if all that do state the same.
pub(super) fn one_zone_stated(files: &[File]) -> usize {
    let zones: Vec<&String> = files
        .iter()
        .filter_map(|file| match &file.parsed {
            Parsed::Registry(registry) => registry.zone.as_ref(),
            _ => None,
        })
        .collect();
    let alike = zones.windows(2).all(|pair| pair[0] == pair[1]);
    if alike { zones.len() } else { 0 }
}
