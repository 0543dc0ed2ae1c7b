//! The rows of the event table: what each column says of an event.

use crate::model::{Event, Fact, SourceRef, State};
use serde::Serialize;

/// One event as the table shows it. The order of the fields is the order of the columns.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Row<'a> {
    pub time: String,
    pub time_end: String,
    pub utc: Option<String>,
    pub server: Option<&'a str>,
    pub package: Option<String>,
    pub kind: &'static str,
    pub state: Option<&'static str>,
    pub version: Option<i64>,
    pub path: Option<&'a str>,
    pub code: Option<String>,
    pub severity: Option<u8>,
    pub component: Option<&'a str>,
    pub process: Option<&'a str>,
    pub thread: Option<u32>,
    pub tick: Option<u64>,
    pub message: &'a str,
    pub sources: Vec<String>,
    pub pattern: Option<&'a str>,
    /// Null for a record that no pattern recognised.
    pub wording: Option<&'static str>,
}

impl<'a> Row<'a> {
    /// The row of an event; `paths` prints a source (`bundle/Agent.log:12`).
    pub fn new(event: &'a Event, paths: &dyn Fn(SourceRef) -> String) -> Row<'a> {
        let record = event.record.as_ref();
        let text = |text: &'a str| (!text.is_empty()).then_some(text);
        let cells = cells(&event.fact);
        Row {
            time: event.at.shown(),
            time_end: event.at.shown_end(),
            utc: event.at.utc(),
            server: event.server.as_deref(),
            package: event.package.map(|id| id.to_string()),
            kind: event.fact.kind(),
            state: cells.state,
            version: cells.version,
            path: cells.path,
            code: cells.code.map(|code| format!("0x{code:08X}")),
            severity: record.and_then(|record| record.severity),
            component: record.and_then(|record| text(&record.writer.component)),
            process: record.and_then(|record| text(&record.writer.process)),
            thread: record.and_then(|record| record.thread),
            tick: record.and_then(|record| record.tick),
            message: &event.message,
            sources: event.sources.iter().map(|source| paths(*source)).collect(),
            pattern: event.pattern.as_deref(),
            wording: wording(event),
        }
    }
}

/// How well the wording is known; nothing for a record that no pattern recognised.
pub(super) fn wording(event: &Event) -> Option<&'static str> {
    (event.pattern.is_some() || event.record.is_none()).then(|| event.wording.name())
}

/// What a fact says in columns.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Cells<'a> {
    pub state: Option<&'static str>,
    pub version: Option<i64>,
    pub path: Option<&'a str>,
    pub code: Option<u32>,
}

/// The columns `state`, `version`, `path` and `code` of a fact. Of two values, the new one.
pub fn cells(fact: &Fact) -> Cells<'_> {
    let none = Cells::default();
    let state = |state: State| Cells {
        state: Some(state.name()),
        ..none
    };
    let version = |version: Option<i64>| Cells { version, ..none };
    let code = |code: Option<u32>| Cells { code, ..none };
    fn path(path: &str) -> Cells<'_> {
        Cells {
            path: Some(path),
            ..Cells::default()
        }
    }
    match fact {
        Fact::StateChanged { to, .. } => state(*to),
        Fact::StateSeen { state: seen } => state(*seen),
        Fact::StatusCaptured { state: Some(seen) } => state(*seen),
        Fact::MarkedDeleted => state(State::Deleted),
        Fact::SnapshotReceived { version: it }
        | Fact::SnapshotChanged { version: it }
        | Fact::SnapshotUnchanged { version: it }
        | Fact::SnapshotCaptured { version: it } => version(*it),
        Fact::VersionStated { required, local } => version(required.or(*local)),
        Fact::VersionChanged { to, .. } => version(Some(*to)),
        Fact::FileMissing { path: it }
        | Fact::FileSeen { path: it, .. }
        | Fact::FileServed { path: it }
        | Fact::FileNotFound { path: it, .. }
        | Fact::RequestRefused { path: it, .. }
        | Fact::Location { path: it }
        | Fact::LocationChanged { to: it, .. }
        | Fact::PackagePathChanged { to: it, .. } => path(it),
        Fact::Block { file: Some(it), .. } => path(it),
        Fact::FileFailed {
            path: it,
            code: why,
            ..
        } => Cells {
            code: *why,
            ..path(it)
        },
        Fact::DownloadFailed { code: why, .. }
        | Fact::DownloadGivenUp { code: why }
        | Fact::NetworkFailed { code: why, .. }
        | Fact::AccessDenied { code: why } => code(*why),
        _ => none,
    }
}
