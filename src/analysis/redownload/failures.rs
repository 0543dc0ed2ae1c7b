//! What the errors of a given-up download say: rights, the source, or something else.

use super::FailureKind;
use crate::analysis::downloads::Found;
use crate::model::{Event, Fact, SourceRef};

/// HRESULTs and Win32 errors that speak of rights, shares or paths (`product.md`, `access-denied`).
const ACCESS_CODES: &[u32] = &[5, 53, 67, 1789];

/// What the errors of a given-up download say.
pub(super) fn failures(
    events: &[&Event],
    given_up: &Found,
) -> Vec<(FailureKind, Option<u32>, Vec<SourceRef>)> {
    let slice = &events[given_up.decided_index..=given_up.end_index.min(events.len() - 1)];
    let mut all = Vec::new();
    for event in slice {
        let (kind, code) = match &event.fact {
            Fact::DownloadFailed {
                busy: true, code, ..
            }
            | Fact::DownloadFailed {
                older: true, code, ..
            } => (FailureKind::Source, *code),
            // That no more attempts follow is no error of its own.
            Fact::DownloadGivenUp { code: None } => continue,
            Fact::DownloadFailed { code, .. } | Fact::DownloadGivenUp { code } => {
                (kind_of(*code, None), *code)
            }
            Fact::NetworkFailed { code, http } | Fact::FileFailed { code, http, .. } => {
                (kind_of(*code, *http), *code)
            }
            Fact::AccessDenied { code } => (FailureKind::Access, *code),
            Fact::SnapshotLocked => (FailureKind::Other, Some(0x20)),
            Fact::Block {
                outcome: crate::model::BlockOutcome::Failed,
                ..
            } => (FailureKind::Other, None),
            _ => continue,
        };
        all.push((kind, code, event.sources.clone()));
    }
    all
}

fn kind_of(code: Option<u32>, http: Option<u16>) -> FailureKind {
    match http {
        Some(401 | 403) => return FailureKind::Access,
        Some(503) => return FailureKind::Source,
        _ => {}
    }
    // An HRESULT of a Win32 error carries it in the low 16 bits.
    match code.map(|code| {
        if code >> 16 == 0x8007 {
            code & 0xFFFF
        } else {
            code
        }
    }) {
        Some(code) if ACCESS_CODES.contains(&code) => FailureKind::Access,
        _ => FailureKind::Other,
    }
}
