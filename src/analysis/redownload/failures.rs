//! What the errors of a given-up download say: rights, the source, or something else.

use super::{Failure, FailureKind};
use crate::analysis::downloads::Found;
use crate::model::error_code::system_error;
use crate::model::{Event, Fact};

/// HRESULTs and Win32 errors that speak of rights, shares or paths (`product.md`, `access-denied`).
const ACCESS_CODES: &[u32] = &[5, 53, 67, 1789];

/// What the record of a locked snapshot says, whether or not it repeats the code.
const SHARING_VIOLATION: u32 = 0x20;

/// What the errors of a given-up download say.
pub(super) fn failures(events: &[&Event], given_up: &Found) -> Vec<Failure> {
    let slice = &events[given_up.decided_index..=given_up.end_index.min(events.len() - 1)];
    let mut all = Vec::new();
    for event in slice {
        let (kind, code, http) = match &event.fact {
            Fact::DownloadFailed {
                busy: true, code, ..
            }
            | Fact::DownloadFailed {
                older: true, code, ..
            } => (FailureKind::Source, *code, None),
            // That no more attempts follow is no error of its own.
            Fact::DownloadGivenUp { code: None } => continue,
            Fact::DownloadFailed { code, .. } | Fact::DownloadGivenUp { code } => {
                (kind_of(*code, None), *code, None)
            }
            Fact::NetworkFailed { code, http } | Fact::FileFailed { code, http, .. } => {
                (kind_of(*code, *http), *code, *http)
            }
            Fact::AccessDenied { code } => (FailureKind::Access, *code, None),
            Fact::SnapshotLocked => (FailureKind::Other, Some(SHARING_VIOLATION), None),
            Fact::Block {
                outcome: crate::model::BlockOutcome::Failed,
                ..
            } => (FailureKind::Other, None, None),
            _ => continue,
        };
        all.push(Failure {
            kind,
            code,
            http,
            sources: event.sources.clone(),
        });
    }
    all
}

fn kind_of(code: Option<u32>, http: Option<u16>) -> FailureKind {
    match http {
        Some(401 | 403) => return FailureKind::Access,
        Some(503) => return FailureKind::Source,
        _ => {}
    }
    match code.and_then(system_error) {
        Some(code) if ACCESS_CODES.contains(&code) => FailureKind::Access,
        _ => FailureKind::Other,
    }
}
