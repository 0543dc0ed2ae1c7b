//! The table as columns, which Parquet and CSV are written from. All that knows polars.

use self::Cell::{Number, Printed, Text, Time};
use super::row::{cells, wording};
use super::table::{Paths, SaveError, in_parts};
use crate::model::Event;
use crate::model::text::{is_plain, is_treacherous};
use polars::prelude::{
    ChunkApply, ChunkedBuilder, Column, CompatLevel, DataFrame, DataType, Int64Type, IntoColumn,
    PolarsError, PrimitiveChunkedBuilder, StringChunkedBuilder, TimeUnit,
};
use polars_io::SerWriter;
use polars_io::prelude::{CsvWriter, ParquetCompression, ParquetWriter};
use polars_parquet::write::{
    CompressedPage, SchemaDescriptor, StatisticsOptions, Version, WriteOptions, ZstdLevel,
    array_to_columns, compress, get_dtype_encoding,
};
use std::borrow::Cow;
use std::fmt::Write as _;
use std::io::{self, Write};

/// Events that stay in the cache of a core while all columns take from them.
const NEAR: usize = 512;
/// How hard the pages of Parquet are compressed.
const LEVEL: i32 = 1;

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
    out.write_all(&heading(paths)?)?;
    let make = |part: &[Event]| text(&frame(part, paths)?, part);
    in_parts(events, make, |text| Ok(out.write_all(&text)?))
}

/// Columns with types.
pub(super) fn parquet(
    events: &[Event],
    paths: Paths<'_>,
    out: &mut dyn Write,
) -> Result<(), SaveError> {
    let bytes = packed(paths, |form, take| {
        in_parts(events, |part| form.pages(&frame(part, paths)?), take)
    })?;
    Ok(out.write_all(&bytes)?)
}

/// Both from the same parts, each of which is built once: the CSV into `out`, and the bytes of the
/// Parquet file.
pub(super) fn both(
    events: &[Event],
    paths: Paths<'_>,
    out: &mut dyn Write,
) -> Result<Vec<u8>, SaveError> {
    out.write_all(&heading(paths)?)?;
    packed(paths, |form, take| {
        let make = |part: &[Event]| {
            let frame = frame(part, paths)?;
            Ok((form.pages(&frame)?, text(&frame, part)?))
        };
        in_parts(events, make, |(pages, text)| {
            take(pages)?;
            Ok(out.write_all(&text)?)
        })
    })
}

/// The first line of a CSV.
fn heading(paths: Paths<'_>) -> Result<Vec<u8>, SaveError> {
    let mut line = Vec::new();
    CsvWriter::new(&mut line).finish(&mut frame(&[], paths)?)?;
    Ok(line)
}

/// The rows of a part as CSV, without a heading.
fn text(frame: &DataFrame, events: &[Event]) -> Result<Vec<u8>, SaveError> {
    let mut text = Vec::new();
    CsvWriter::new(&mut text)
        .include_header(false)
        .n_threads(1)
        .finish(&mut for_spreadsheets(frame, events)?)?;
    Ok(text)
}

/// The pages of each column of some rows, encoded and compressed.
struct Pages {
    rows: u64,
    columns: Vec<Vec<CompressedPage>>,
}

/// How a part becomes pages of a Parquet file.
struct Form {
    fields: SchemaDescriptor,
    options: WriteOptions,
}

impl Form {
    fn pages(&self, frame: &DataFrame) -> Result<Pages, SaveError> {
        let mut columns = Vec::new();
        // A frame of ours is one chunk.
        for chunk in frame.iter_chunks(CompatLevel::newest(), false) {
            for (array, field) in chunk.columns().iter().zip(self.fields.fields()) {
                let encoding = get_dtype_encoding(array.dtype());
                let encoded = array_to_columns(array, field.clone(), self.options, &encoding)?;
                for pages in encoded {
                    let compressed = pages.map(|page| {
                        let packed = compress(page?, Vec::new(), self.options.compression);
                        packed.map_err(PolarsError::from)
                    });
                    columns.push(compressed.collect::<Result<_, PolarsError>>()?);
                }
            }
        }
        Ok(Pages {
            rows: frame.height() as u64,
            columns,
        })
    }
}

/// A Parquet file, in memory: the compressed table is small. `fill` gives pages to what it gets.
fn packed(
    paths: Paths<'_>,
    fill: impl FnOnce(&Form, &mut dyn FnMut(Pages) -> Result<(), SaveError>) -> Result<(), SaveError>,
) -> Result<Vec<u8>, SaveError> {
    let compression = ParquetCompression::Zstd(Some(ZstdLevel::try_new(LEVEL)?));
    let mut bytes = Vec::new();
    let mut writer = ParquetWriter::new(&mut bytes)
        .with_compression(compression)
        .batched(frame(&[], paths)?.schema())?;
    let form = Form {
        fields: writer.parquet_schema().clone(),
        options: WriteOptions {
            statistics: StatisticsOptions::default(),
            version: Version::V1,
            compression: compression.into(),
            data_page_size: None,
        },
    };
    fill(&form, &mut |pages| {
        Ok(writer.write_row_group(pages.rows, &pages.columns)?)
    })?;
    writer.finish()?;
    drop(writer);
    Ok(bytes)
}

/// The same rows as text that no spreadsheet takes for a formula, with `utc` as text.
fn for_spreadsheets(frame: &DataFrame, events: &[Event]) -> Result<DataFrame, SaveError> {
    let columns = frame.columns().iter().map(|column| {
        if column.name() == "utc" {
            let mut utc = StringChunkedBuilder::new("utc".into(), events.len());
            for event in events {
                utc.append_option(event.at.utc());
            }
            return Ok(utc.finish().into_column());
        }
        let Ok(cells) = column.str() else {
            return Ok(column.clone());
        };
        // Nearly all columns can stay as they are.
        let stays = |cell: &str| matches!(guarded(cell), Cow::Borrowed(_));
        if cells.iter().flatten().all(stays) {
            return Ok(column.clone());
        }
        Ok(cells.apply_values(guarded).into_column())
    });
    let columns: Result<Vec<Column>, SaveError> = columns.collect();
    Ok(DataFrame::new(frame.height(), columns?)?)
}

/// What stands in the cells of a column.
enum Cell {
    /// Text that is there already.
    Text(for<'e> fn(&'e Event) -> Option<&'e str>),
    /// Text that is put together, behind what stands in a text.
    Printed(fn(&Event, Paths<'_>, &mut String) -> Option<()>),
    Number(fn(&Event) -> Option<i64>),
    /// Milliseconds since 1970.
    Time(fn(&Event) -> Option<i64>),
}

/// The cells of [`Row`](super::Row), without a text of their own for each.
const COLUMNS: &[(&str, Cell)] = &[
    (
        "time",
        Printed(|event, _, cell| {
            event.at.show(cell);
            Some(())
        }),
    ),
    (
        "time_end",
        Printed(|event, _, cell| {
            event.at.show_end(cell);
            Some(())
        }),
    ),
    ("utc", Time(|event| event.at.offset.map(|_| event.at.start))),
    ("server", Text(|event| event.server.as_deref())),
    (
        "package",
        Printed(|event, _, cell| write!(cell, "{}", event.package?).ok()),
    ),
    ("kind", Text(|event| Some(event.fact.kind()))),
    ("state", Text(|event| cells(&event.fact).state)),
    ("version", Number(|event| cells(&event.fact).version)),
    ("path", Text(|event| cells(&event.fact).path)),
    (
        "code",
        Printed(|event, _, cell| write!(cell, "0x{:08X}", cells(&event.fact).code?).ok()),
    ),
    (
        "severity",
        Number(|event| event.record.as_ref()?.severity.map(i64::from)),
    ),
    (
        "component",
        Text(|event| filled(&event.record.as_ref()?.writer.component)),
    ),
    (
        "process",
        Text(|event| filled(&event.record.as_ref()?.writer.process)),
    ),
    (
        "thread",
        Number(|event| event.record.as_ref()?.thread.map(i64::from)),
    ),
    (
        "tick",
        Number(|event| {
            let tick = event.record.as_ref()?.tick?;
            Some(i64::try_from(tick).unwrap_or(i64::MAX))
        }),
    ),
    ("message", Text(|event| Some(&event.message))),
    (
        "sources",
        Printed(|event, paths, cell| {
            for (number, source) in event.sources.iter().enumerate() {
                cell.push_str(if number > 0 { "; " } else { "" });
                paths(*source, cell);
            }
            Some(())
        }),
    ),
    ("pattern", Text(|event| event.pattern.as_deref())),
    ("wording", Text(wording)),
];

fn filled(text: &str) -> Option<&str> {
    (!text.is_empty()).then_some(text)
}

/// A column that is being built.
enum Builder {
    Text(StringChunkedBuilder),
    Number(PrimitiveChunkedBuilder<Int64Type>),
}

impl Builder {
    fn new(name: &str, cell: &Cell, rows: usize) -> Builder {
        match cell {
            Text(_) | Printed(_) => Builder::Text(StringChunkedBuilder::new(name.into(), rows)),
            Number(_) | Time(_) => Builder::Number(PrimitiveChunkedBuilder::new(name.into(), rows)),
        }
    }

    fn add(&mut self, cell: &Cell, events: &[Event], paths: Paths<'_>) {
        match (self, cell) {
            (Builder::Text(column), Text(value)) => {
                for event in events {
                    column.append_option(value(event));
                }
            }
            (Builder::Text(column), Printed(print)) => {
                let mut text = String::new();
                for event in events {
                    text.clear();
                    let is_there = print(event, paths, &mut text);
                    column.append_option(is_there.map(|()| text.as_str()));
                }
            }
            (Builder::Number(column), Number(value) | Time(value)) => {
                for event in events {
                    column.append_option(value(event));
                }
            }
            // A builder is made for its cells.
            _ => {}
        }
    }

    fn column(self, cell: &Cell) -> Result<Column, PolarsError> {
        let column = match self {
            Builder::Text(column) => column.finish().into_column(),
            Builder::Number(column) => column.finish().into_column(),
        };
        match cell {
            Time(_) => column.cast(&DataType::Datetime(TimeUnit::Milliseconds, None)),
            _ => Ok(column),
        }
    }
}

/// The rows of some events as a frame.
fn frame(events: &[Event], paths: Paths<'_>) -> Result<DataFrame, SaveError> {
    let begin = |(name, cell): &(&str, Cell)| Builder::new(name, cell, events.len());
    let mut builders: Vec<Builder> = COLUMNS.iter().map(begin).collect();
    // Not column by column: the events would come from the memory as often as there are columns.
    for few in events.chunks(NEAR) {
        for (builder, (_, cell)) in builders.iter_mut().zip(COLUMNS) {
            builder.add(cell, few, paths);
        }
    }
    let all = builders.into_iter().zip(COLUMNS);
    let columns: Result<Vec<Column>, PolarsError> = all
        .map(|(builder, (_, cell))| builder.column(cell))
        .collect();
    Ok(DataFrame::new(events.len(), columns?)?)
}

/// A cell that no spreadsheet takes for a formula.
fn guarded(text: &str) -> Cow<'_, str> {
    let text = if text.starts_with(['=', '+', '-', '@', '\t', '\r', '\0']) {
        Cow::Owned(format!("'{text}"))
    } else {
        Cow::Borrowed(text)
    };
    if is_plain(&text, false) {
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
