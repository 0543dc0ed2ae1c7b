//! The table of events as Parquet, CSV and JSON lines: the columns of `contract.md`.

use super::Timeline;
use crate::model::text::{escape_json, is_treacherous};
use crate::model::{Event, Fact, Record, SourceRef, State};
use polars::prelude::{
    Column, DataFrame, DataType, IntoColumn, NamedFrom, PolarsError, Series, StringChunkedBuilder,
    TimeUnit,
};
use polars_io::SerWriter;
use polars_io::prelude::{CsvWriter, ParquetWriter};
use serde::Serialize;
use std::borrow::Cow;
use std::fmt::{self, Write as _};
use std::io::{self, Write};
use std::sync::mpsc::sync_channel;

/// Rows that are built at a time, so that a large table is never held twice.
const BATCH: usize = 32_768;

/// Prints a source behind what stands in a text.
pub type Paths<'p> = &'p (dyn Fn(SourceRef, &mut String) + Sync);

/// How a table is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Format {
    /// Columns with types, compressed with zstd; `utc` is a date and time.
    Parquet,
    /// RFC 4180 with a heading. Cells that a spreadsheet would take for a formula begin with `'`.
    Csv,
    /// One JSON object per line; `sources` is an array.
    Jsonl,
}

/// Why a table was not written.
#[derive(Debug)]
pub enum SaveError {
    /// The output cannot be written to.
    Write(io::Error),
    /// The table cannot be encoded.
    Encode(String),
}

impl std::error::Error for SaveError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            SaveError::Write(error) => Some(error),
            SaveError::Encode(_) => None,
        }
    }
}

impl fmt::Display for SaveError {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            SaveError::Write(error) => write!(out, "cannot write the table: {error}"),
            SaveError::Encode(why) => write!(out, "cannot encode the table: {why}"),
        }
    }
}

impl From<io::Error> for SaveError {
    fn from(error: io::Error) -> Self {
        SaveError::Write(error)
    }
}

impl From<PolarsError> for SaveError {
    fn from(error: PolarsError) -> Self {
        match error {
            PolarsError::IO { error, .. } => {
                SaveError::Write(io::Error::new(error.kind(), error.to_string()))
            }
            other => SaveError::Encode(other.to_string()),
        }
    }
}

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
        let record = event.record.as_deref();
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
            component: record.and_then(|record| text(&record.component)),
            process: record.and_then(|record| text(&record.process)),
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
fn wording(event: &Event) -> Option<&'static str> {
    (event.pattern.is_some() || event.record.is_none()).then(|| event.wording.name())
}

/// `utc` in milliseconds, for the column of Parquet.
fn utc_ms(event: &Event) -> Option<i64> {
    event.at.offset.map(|_| event.at.start)
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

impl Timeline {
    /// Writes the table. The same events give the same bytes. `paths` prints a source
    /// (`bundle/Agent.log:12`) behind what stands in a text.
    ///
    /// # Errors
    /// When `out` cannot be written to.
    pub fn save(
        &self,
        paths: Paths<'_>,
        format: Format,
        out: &mut dyn Write,
    ) -> Result<(), SaveError> {
        match format {
            Format::Jsonl => {
                let cite = |source| {
                    let mut text = String::new();
                    paths(source, &mut text);
                    text
                };
                for event in self.events() {
                    let row = serde_json::to_string(&Row::new(event, &cite))
                        .map_err(|error| SaveError::Write(error.into()))?;
                    out.write_all(escape_json(&row).as_bytes())?;
                    out.write_all(b"\n")?;
                }
            }
            Format::Csv => {
                let mut number = 0;
                each_frame(self.events(), paths, Target::Text, |mut frame| {
                    CsvWriter::new(&mut *out)
                        .include_header(number == 0)
                        .finish(&mut frame)?;
                    number += 1;
                    Ok(())
                })?;
            }
            Format::Parquet => {
                // Through memory: the writer wants to share its output between threads, and the
                // compressed table is small.
                let mut bytes = Vec::new();
                let schema = frame(&[], paths, Target::Typed)?.schema().clone();
                let mut writer = ParquetWriter::new(&mut bytes).batched(&schema)?;
                each_frame(self.events(), paths, Target::Typed, |frame| {
                    Ok(writer.write_batch(&frame)?)
                })?;
                writer.finish()?;
                out.write_all(&bytes)?;
            }
        }
        out.flush()?;
        Ok(())
    }
}

/// Builds the table part by part, each while the one before it is written.
fn each_frame(
    events: &[Event],
    paths: Paths<'_>,
    target: Target,
    mut write: impl FnMut(DataFrame) -> Result<(), SaveError>,
) -> Result<(), SaveError> {
    if events.len() <= BATCH {
        return write(frame(events, paths, target)?);
    }
    std::thread::scope(|scope| {
        // Nothing waits in it: a part takes tens of megabytes.
        let (hand_on, parts) = sync_channel(0);
        scope.spawn(move || {
            for part in batches(events) {
                // Nobody takes it where writing has ended with an error.
                if hand_on.send(frame(part, paths, target)).is_err() {
                    break;
                }
            }
        });
        parts.into_iter().try_for_each(|frame| write(frame?))
    })
}

/// Parts of the events of [`BATCH`] rows; one empty part if there are none.
fn batches(events: &[Event]) -> impl Iterator<Item = &[Event]> {
    let none = events.is_empty().then_some(events);
    none.into_iter().chain(events.chunks(BATCH))
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Target {
    /// Values as they are.
    Typed,
    /// For spreadsheets: no cell is a formula, `utc` is text.
    Text,
}

/// The rows of some events as a frame: the cells of [`Row`], without a text of their own for each.
fn frame(events: &[Event], paths: Paths<'_>, target: Target) -> Result<DataFrame, SaveError> {
    let append = |column: &mut StringChunkedBuilder, text: Option<&str>| match (text, target) {
        (Some(text), Target::Text) => column.append_value(guarded(text)),
        (text, _) => column.append_option(text),
    };
    // Text that is there already, and text that is put together here.
    let text = |name: &str, value: &dyn for<'e> Fn(&'e Event) -> Option<&'e str>| -> Column {
        let mut column = StringChunkedBuilder::new(name.into(), events.len());
        for event in events {
            append(&mut column, value(event));
        }
        column.finish().into_column()
    };
    let printed = |name: &str, print: &dyn Fn(&Event, &mut String) -> Option<()>| -> Column {
        let mut column = StringChunkedBuilder::new(name.into(), events.len());
        let mut cell = String::new();
        for event in events {
            cell.clear();
            let is_there = print(event, &mut cell);
            append(&mut column, is_there.map(|()| cell.as_str()));
        }
        column.finish().into_column()
    };
    let number = |name: &str, value: &dyn Fn(&Event) -> Option<i64>| -> Column {
        let values: Vec<Option<i64>> = events.iter().map(value).collect();
        Series::new(name.into(), values).into_column()
    };
    fn record<T>(event: &Event, value: impl FnOnce(&Record) -> Option<T>) -> Option<T> {
        event.record.as_deref().and_then(value)
    }
    fn filled(text: &str) -> Option<&str> {
        (!text.is_empty()).then_some(text)
    }
    let utc = match target {
        Target::Text => printed("utc", &|event, cell| {
            cell.push_str(&event.at.utc()?);
            Some(())
        }),
        Target::Typed => {
            number("utc", &utc_ms).cast(&DataType::Datetime(TimeUnit::Milliseconds, None))?
        }
    };
    let columns = vec![
        printed("time", &|event, cell| {
            event.at.show(cell);
            Some(())
        }),
        printed("time_end", &|event, cell| {
            event.at.show_end(cell);
            Some(())
        }),
        utc,
        text("server", &|event| event.server.as_deref()),
        printed("package", &|event, cell| {
            write!(cell, "{}", event.package?).ok()
        }),
        text("kind", &|event| Some(event.fact.kind())),
        text("state", &|event| cells(&event.fact).state),
        number("version", &|event| cells(&event.fact).version),
        text("path", &|event| cells(&event.fact).path),
        printed("code", &|event, cell| {
            write!(cell, "0x{:08X}", cells(&event.fact).code?).ok()
        }),
        number("severity", &|event| {
            record(event, |record| record.severity.map(i64::from))
        }),
        text("component", &|event| {
            event
                .record
                .as_deref()
                .and_then(|one| filled(&one.component))
        }),
        text("process", &|event| {
            event.record.as_deref().and_then(|one| filled(&one.process))
        }),
        number("thread", &|event| {
            record(event, |record| record.thread.map(i64::from))
        }),
        number("tick", &|event| {
            let tick = record(event, |record| record.tick);
            tick.map(|tick| i64::try_from(tick).unwrap_or(i64::MAX))
        }),
        text("message", &|event| Some(&event.message)),
        printed("sources", &|event, cell| {
            for (number, source) in event.sources.iter().enumerate() {
                cell.push_str(if number > 0 { "; " } else { "" });
                paths(*source, cell);
            }
            Some(())
        }),
        text("pattern", &|event| event.pattern.as_deref()),
        text("wording", &|event| wording(event)),
    ];
    Ok(DataFrame::new(events.len(), columns)?)
}

/// A cell that no spreadsheet takes for a formula.
fn guarded(text: &str) -> Cow<'_, str> {
    let text = if text.starts_with(['=', '+', '-', '@', '\t', '\r', '\0']) {
        Cow::Owned(format!("'{text}"))
    } else {
        Cow::Borrowed(text)
    };
    // Nearly all text is plain, which is told at a glance.
    if text.bytes().all(|byte| matches!(byte, b' '..=b'~')) {
        return text;
    }
    // A CSV is read in terminals too.
    let harmful = |one: char| !matches!(one, '\n' | '\r' | '\t') && is_treacherous(one);
    if !text.contains(harmful) {
        return text;
    }
    text.chars()
        .map(|one| if harmful(one) { '\u{fffd}' } else { one })
        .collect()
}
