//! Logs whose words about downloads nobody has taught us: what they do not say to us proves nothing.

use crate::ingest::Ingested;
use crate::model::{Event, Fact, Problem, Server};

/// With fewer unrecognised records about packages, a log may just have been quiet.
const MANY: usize = 10;

/// Takes away the coverage of each server whose logs name packages often, but never say in a known
/// wording that a package's state changed or that a download began, went on or ended.
pub(super) fn forget_deaf(out: &mut Ingested) {
    let mut servers: Vec<Option<Server>> =
        out.coverage.iter().map(|log| log.server.clone()).collect();
    servers.sort();
    servers.dedup();
    for server in servers {
        let records = || {
            let of_log = |event: &&Event| event.record.is_some() && event.server == server;
            out.events.iter().filter(of_log)
        };
        // Nearly always one of the first does.
        if records().any(|event| tells_of_a_download(&event.fact)) {
            continue;
        }
        let unheard = records()
            .filter(|event| event.package.is_some() && event.fact == Fact::Other)
            .count();
        if unheard < MANY {
            continue;
        }
        let name = server.as_deref().unwrap_or("the server");
        out.problems.push(Problem::note(
            "the bundle",
            None,
            format!(
                "{unheard} records of {name} about packages are in a wording that nobody has taught us, and none says in a known one that a download began or ended"
            ),
            "what these logs do not seem to say proves nothing; `pkgtrail messages` lists the wordings, --messages teaches them",
        ));
        out.coverage.retain(|log| log.server != server);
    }
}

/// Retries and blocks alone tell neither where a download begins nor where it ends.
fn tells_of_a_download(fact: &Fact) -> bool {
    matches!(
        fact,
        Fact::StateChanged { .. }
            | Fact::StateSeen { .. }
            | Fact::DownloadQueued
            | Fact::DownloadStarted
            | Fact::Progress { .. }
            | Fact::DownloadFinished { .. }
    )
}
