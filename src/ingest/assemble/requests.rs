//! Requests to the web server as events. Their times are UTC, whatever the server's clock shows.

use super::documents::Place;
use crate::ingest::Ingested;
use crate::ingest::parsers::iis_log::Requests;
use crate::model::{Event, EvidenceFile, Problem, Said, Server, SourceRef};

pub(super) fn add_requests(
    out: &mut Ingested,
    entry: &mut EvidenceFile,
    server: Option<Server>,
    place: &Place<'_>,
    requests: Requests,
) {
    entry.records = requests.records;
    if let Some((first, last)) = requests.span {
        entry.from = Some(place.clock.place(&first));
        entry.to = Some(place.clock.place(&last));
    }
    let mut unordered = 0;
    for request in requests.kept {
        let at = place.clock.place(&request.stamp);
        unordered += u64::from(at.offset.is_none());
        out.events.push(Event {
            at,
            server: server.clone(),
            sources: [SourceRef {
                file: place.id,
                line: request.line,
            }]
            .into(),
            record: None,
            said: Said {
                package: Some(request.package),
                fact: request.fact,
                message: request.text.into(),
                wording: request.wording,
                ..Said::default()
            }
            .into(),
        });
    }
    if unordered > 0 {
        out.problems.push(Problem::note(
            place.path,
            None,
            "its times are UTC, and the time zone of the server is not known",
            "what was served or not found has no order with the log; `--timezone` gives one",
        ));
    }
}
