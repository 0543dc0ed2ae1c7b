//! What the errors of a given-up download say: rights, the source, or something else.

use super::{Failure, FailureKind};
use crate::analysis::downloads::Found;
use crate::model::error_code::system_error;
use crate::model::{Event, Fact};

/// HRESULTs and Win32 errors that speak of rights, shares or paths (`product.md`, `access-denied`).
const ACCESS_CODES: &[u32] = &[5, 53, 67, 1789];

/// What the record of a locked snapshot says, whether or not it repeats the code.
const SHARING_VIOLATION: u32 = 0x20;

/// `{Partial Data Received}`, as the agent words it.
const PARTIAL_DATA: u32 = 0x2C3;

/// What the errors of a given-up download say.
pub(super) fn failures(events: &[&Event], given_up: &Found) -> Vec<Failure> {
    let slice = &events[given_up.decided_index..=given_up.end_index.min(events.len() - 1)];
    let mut all = Vec::new();
    for event in slice {
        let mut said = None;
        let (kind, code, http) = match &event.fact {
            Fact::DownloadFailed {
                busy: true, code, ..
            } => {
                said = Some("a busy server");
                (FailureKind::Source, *code, None)
            }
            Fact::DownloadFailed {
                older: true, code, ..
            } => {
                said = Some("a server with an older version than required");
                (FailureKind::Source, *code, None)
            }
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
            } => {
                said = Some("failed blocks");
                (FailureKind::Other, None, None)
            }
            _ => continue,
        };
        all.push(Failure {
            kind,
            code,
            http,
            what: said.unwrap_or_else(|| what(kind, code, http)),
            sources: event.sources.to_vec(),
        });
    }
    all
}

/// What an error speaks of. The kind is coarse: a path that is too long is no refusal.
fn what(kind: FailureKind, code: Option<u32>, http: Option<u16>) -> &'static str {
    match (kind, http, code.and_then(system_error)) {
        (FailureKind::Access, Some(401 | 403), _) | (FailureKind::Access, _, Some(5)) => {
            "refused access"
        }
        (FailureKind::Access, _, Some(2 | 3)) => "a folder that was not found",
        (FailureKind::Access, _, Some(53 | 67)) => "a share or server that was not found",
        (FailureKind::Access, _, Some(206)) => "a path that is too long",
        (FailureKind::Access, _, Some(1789)) => "a failed trust between computer and domain",
        // Without a code the record may speak of rights, of a share or of a long path.
        (FailureKind::Access, ..) => "a folder, share or path that could not be used",
        (FailureKind::Source, ..) => "an unavailable source",
        (FailureKind::Other, Some(404), _) => "files that the source does not have",
        (FailureKind::Other, _, Some(SHARING_VIOLATION)) => "a file in use",
        (FailureKind::Other, _, Some(PARTIAL_DATA)) => "data that came only in part",
        (FailureKind::Other, ..) => "an interrupted transfer",
    }
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
