//! When each document was captured, and how that is known.

use crate::evidence::Modified;
use crate::ingest::parsers::Parsed;
use crate::ingest::{Document, File, stamps};
use crate::model::moment::UNIX_SECONDS;
use crate::model::{CaptureBasis, Stamp};
use chrono::DateTime;
use std::collections::BTreeMap;

/// The stamp of each document's capture, with how it is known, by place in `files`.
pub(super) type Captured = BTreeMap<usize, (Stamp, CaptureBasis)>;

pub(super) fn captured_at(files: &[File]) -> Captured {
    // `captures.csv` names paths relative to its own folder.
    let mut stated: BTreeMap<String, Stamp> = BTreeMap::new();
    for file in files {
        if let Parsed::Captures(rows) = &file.parsed {
            let folder = file
                .path
                .rsplit_once(['/', '!'])
                .map_or("", |(folder, _)| folder);
            for (path, stamp) in rows {
                let path = path.replace('\\', "/");
                stated.insert(
                    format!("{folder}/{}", path.trim_start_matches("./")).to_lowercase(),
                    *stamp,
                );
            }
        }
    }
    let mut all = Captured::new();
    for (number, file) in files.iter().enumerate() {
        let (content, version) = match &file.parsed {
            Parsed::Document(document) => match &**document {
                Document::Listing(listing) => (listing.taken, None),
                Document::Snapshot(snapshot) => (None, snapshot.version.and_then(unix_stamp)),
                Document::Status(status) => (None, status.time),
            },
            Parsed::Policy(_) => (None, None),
            _ => continue,
        };
        let known = stamps::in_name(&file.path)
            .map(|stamp| (stamp, CaptureBasis::Name))
            .or_else(|| content.map(|stamp| (stamp, CaptureBasis::Content)))
            .or_else(|| {
                let path = file.path.replace('!', "/").to_lowercase();
                stated
                    .get(&path)
                    .map(|stamp| (*stamp, CaptureBasis::CapturesCsv))
            })
            .or_else(|| {
                file.modified
                    .and_then(modified_stamp)
                    .map(|stamp| (stamp, CaptureBasis::Modified))
            })
            .or_else(|| version.map(|stamp| (stamp, CaptureBasis::Version)));
        if let Some(known) = known {
            all.insert(number, known);
        }
    }
    all
}

fn unix_stamp(seconds: i64) -> Option<Stamp> {
    let plausible = UNIX_SECONDS.contains(&seconds);
    let local = DateTime::from_timestamp(seconds, 0)
        .filter(|_| plausible)?
        .naive_utc();
    Some(Stamp {
        local: local.into(),
        offset: Some(0),
        lasts: 1000,
        has_year: true,
    })
}

pub(super) fn modified_stamp(modified: Modified) -> Option<Stamp> {
    match modified {
        Modified::Utc(ms) => {
            let local = DateTime::from_timestamp_millis(ms)?.naive_utc();
            Some(Stamp {
                local: local.into(),
                offset: Some(0),
                lasts: 1000,
                has_year: true,
            })
        }
        // Zip times come in steps of two seconds.
        Modified::Local(local) => Some(Stamp {
            local: local.into(),
            offset: None,
            lasts: 2000,
            has_year: true,
        }),
    }
}
