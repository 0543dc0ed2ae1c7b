//! The table as columns, which Parquet and CSV are written from. All that knows polars.

use super::row::{cells, wording};
use super::table::{Paths, SaveError};
use crate::model::text::is_treacherous;
use crate::model::{Event, Record};
use polars::prelude::{
    Column, DataFrame, DataType, IntoColumn, NamedFrom, PolarsError, Series, StringChunkedBuilder,
    TimeUnit,
};
use polars_io::SerWriter;
use polars_io::prelude::{CsvWriter, ParquetWriter};
use std::borrow::Cow;
use std::fmt::Write as _;
use std::io::{self, Write};
use std::sync::mpsc::sync_channel;

/// Rows that are built at a time, so that a large table is never held twice.
const BATCH: usize = 32_768;

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

/// RFC 4180 with a heading.
pub(super) fn csv(
    events: &[Event],
    paths: Paths<'_>,
    out: &mut dyn Write,
) -> Result<(), SaveError> {
    let mut number = 0;
    each_frame(events, paths, Target::Text, |mut frame| {
        CsvWriter::new(&mut *out)
            .include_header(number == 0)
            .finish(&mut frame)?;
        number += 1;
        Ok(())
    })
}

/// Columns with types.
pub(super) fn parquet(
    events: &[Event],
    paths: Paths<'_>,
    out: &mut dyn Write,
) -> Result<(), SaveError> {
    // Through memory: the writer wants to share its output between threads, and the compressed
    // table is small.
    let mut bytes = Vec::new();
    let schema = frame(&[], paths, Target::Typed)?.schema().clone();
    let mut writer = ParquetWriter::new(&mut bytes).batched(&schema)?;
    each_frame(events, paths, Target::Typed, |frame| {
        Ok(writer.write_batch(&frame)?)
    })?;
    writer.finish()?;
    Ok(out.write_all(&bytes)?)
}

/// `utc` in milliseconds, for the column of Parquet.
fn utc_ms(event: &Event) -> Option<i64> {
    event.at.offset.map(|_| event.at.start)
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
