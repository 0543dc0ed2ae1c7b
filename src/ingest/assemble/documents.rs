//! Captured documents: snapshots, status files and listings, each at the time of its capture.

use crate::ingest::clock::Clock;
use crate::ingest::{Document, Ingested};
use crate::model::{
    Capture, CaptureBasis, Event, EvidenceFile, Fact, FileId, Listing, Moment, PackageId, Problem,
    Said, Server, Snapshot, SourceRef, Stamp, Status,
};
use std::collections::BTreeMap;
use std::sync::Arc;

/// Where a document lies and when it was captured.
pub(super) struct Place<'a> {
    pub(super) id: FileId,
    pub(super) path: &'a str,
    pub(super) captured: Option<(Stamp, CaptureBasis)>,
    pub(super) server: Option<Server>,
    pub(super) clock: &'a Clock,
}

impl Place<'_> {
    pub(super) fn capture<T>(
        &self,
        package: Option<PackageId>,
        line: u32,
        document: Arc<T>,
    ) -> Option<Capture<T>> {
        let (stamp, basis) = self.captured?;
        Some(Capture {
            at: self.clock.place(&stamp),
            basis,
            server: self.server.clone(),
            package,
            source: SourceRef {
                file: self.id,
                line,
            },
            document,
        })
    }

    pub(super) fn event<T>(&self, capture: &Capture<T>, fact: Fact, message: &str) -> Event {
        Event {
            at: capture.at,
            server: capture.server.clone(),
            sources: [capture.source].into(),
            record: None,
            said: Said {
                package: capture.package,
                fact,
                message: message.into(),
                ..Said::default()
            }
            .into(),
        }
    }
}

pub(super) fn add_document(
    out: &mut Ingested,
    entry: &mut EvidenceFile,
    names: &mut BTreeMap<PackageId, BTreeMap<String, u64>>,
    place: &Place<'_>,
    document: Document,
) {
    entry.records = 1;
    if place.captured.is_none() {
        out.problems.push(Problem::note(
            place.path,
            None,
            "nothing says when it was captured",
            "it is not used; put the time into its name or folder: 20261103-0200",
        ));
        return;
    }
    let at = match document {
        Document::Snapshot(snapshot) => add_snapshot(out, names, place, snapshot),
        Document::Status(status) => add_status(out, place, status.into()),
        Document::Listing(listing) => add_listing(out, entry, place, listing.into()),
    };
    entry.from = at;
    entry.to = at;
}

/// The package that the document names, else the last GUID in its path.
fn package_of(
    stated: Option<PackageId>,
    place: &Place<'_>,
    out: &mut Ingested,
) -> Option<PackageId> {
    let in_path = PackageId::find_all(place.path).last();
    if let (Some(stated), Some(path)) = (stated, in_path)
        && stated != path
    {
        out.problems.push(Problem::note(
            place.path,
            None,
            format!("it is of the package {stated}, but lies in a folder of {path}"),
            "the document is believed",
        ));
    }
    let package = stated.or(in_path);
    if package.is_none() {
        out.problems.push(Problem::note(
            place.path,
            None,
            "neither it nor its path names a package",
            "it is not used; put it into a folder named by the package's GUID",
        ));
    }
    package
}

fn add_snapshot(
    out: &mut Ingested,
    names: &mut BTreeMap<PackageId, BTreeMap<String, u64>>,
    place: &Place<'_>,
    snapshot: Arc<Snapshot>,
) -> Option<Moment> {
    let package = package_of(snapshot.package, place, out)?;
    if let Some(name) = &snapshot.name {
        // A snapshot names its package on purpose; a log may shorten it.
        *names
            .entry(package)
            .or_default()
            .entry(name.clone())
            .or_default() += 1000;
    }
    for (line, text) in [
        (snapshot.path_line, &snapshot.path_text),
        (snapshot.version_line, &snapshot.version_text),
    ] {
        out.excerpts.insert(
            SourceRef {
                file: place.id,
                line,
            },
            text.clone(),
        );
    }
    let (version, line) = (snapshot.version, snapshot.version_line);
    let capture = place.capture(Some(package), line, snapshot)?;
    out.events.push(place.event(
        &capture,
        Fact::SnapshotCaptured { version },
        &capture.document.version_text,
    ));
    let at = capture.at;
    out.snapshots.push(capture);
    Some(at)
}

fn add_status(out: &mut Ingested, place: &Place<'_>, status: Arc<Status>) -> Option<Moment> {
    let package = package_of(status.package, place, out)?;
    out.excerpts.insert(
        SourceRef {
            file: place.id,
            line: status.line,
        },
        status.text.clone(),
    );
    let (state, line) = (status.state, status.line);
    if status.never_deleted {
        let told = out.settings.never_deleted.entry(package);
        told.or_insert(SourceRef {
            file: place.id,
            line,
        });
    }
    let capture = place.capture(Some(package), line, status)?;
    out.events.push(place.event(
        &capture,
        Fact::StatusCaptured { state },
        &capture.document.text,
    ));
    let at = capture.at;
    out.statuses.push(capture);
    Some(at)
}

fn add_listing(
    out: &mut Ingested,
    entry: &mut EvidenceFile,
    place: &Place<'_>,
    listing: Arc<Listing>,
) -> Option<Moment> {
    entry.records = listing
        .folders
        .iter()
        .map(|folder| folder.files.len() as u64)
        .sum();
    for folder in &listing.folders {
        out.excerpts.insert(
            SourceRef {
                file: place.id,
                line: folder.line,
            },
            folder.text.clone(),
        );
    }
    let line = listing.folders.first().map_or(1, |folder| folder.line);
    let capture = place.capture(None, line, listing)?;
    let at = capture.at;
    out.listings.push(capture);
    Some(at)
}
