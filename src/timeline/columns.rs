//! The table as columns, which Parquet and CSV are written from.

use self::Cell::{Again, Coded, Count, Number, Printed, Shown, Text, Time};
use self::Of::Said;
use super::column::{Builder, Built, Cell, Of, Paged, dtype};
use super::csv::{self, Spare};
use super::packed::{deltas_page, words_page};
use super::row::{cells, wording};
use super::table::{HandOver, Paths, SaveError, in_parts};
use crate::model::lock::locked;
use crate::model::{ByPlace, Event, Moment, PackageId};
use polars::prelude::{Field, PolarsError, PolarsResult, Schema};
use polars_arrow::array::{Array, DictionaryArray, PrimitiveArray};
use polars_io::prelude::{ParquetCompression, ParquetWriter};
use polars_parquet::parquet::CowBuffer;
use polars_parquet::parquet::compression::Compression;
use polars_parquet::parquet::metadata::ColumnDescriptor;
use polars_parquet::parquet::page::{CompressedDictPage, DataPageHeader};
use polars_parquet::parquet::schema::types::ParquetType;
use polars_parquet::write::{
    CompressedDataPage, CompressedPage, DynIter, DynStreamingIterator, Encoding, Page,
    SchemaDescriptor, StatisticsOptions, Version, WriteOptions, ZstdLevel, array_to_pages,
    fallible_streaming_iterator, to_nested,
};
use std::io::{self, Write};
use zstd::bulk::Compressor;

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
    out.write_all(csv::heading().as_bytes())?;
    let spare = Spare::default();
    let make = |part: &[Event], hand_over: HandOver<'_, String>| {
        csv::rows(&built(part, paths)?, part, &spare, hand_over)
    };
    in_parts(events, make, |rows| Ok(spare.write(rows, out)?))
}

/// Columns with types.
pub(super) fn parquet(
    events: &[Event],
    paths: Paths<'_>,
    out: &mut dyn Write,
) -> Result<(), SaveError> {
    packed(out, |form, take| {
        let make = |part: &[Event], hand_over: HandOver<'_, Pages>| {
            hand_over(form.pages(&built(part, paths)?, part.len())?)
        };
        in_parts(events, make, take)
    })
}

/// A piece of both forms.
enum Piece {
    Pages(Pages),
    Rows(String),
}

/// Both from the same parts, each of which is built once: the CSV into `out`, and the bytes of the
/// Parquet file.
pub(super) fn both(
    events: &[Event],
    paths: Paths<'_>,
    out: &mut dyn Write,
) -> Result<Vec<u8>, SaveError> {
    out.write_all(csv::heading().as_bytes())?;
    let (mut bytes, spare) = (Vec::new(), Spare::default());
    packed(&mut bytes, |form, take| {
        let make = |part: &[Event], hand_over: HandOver<'_, Piece>| {
            let built = built(part, paths)?;
            hand_over(Piece::Pages(form.pages(&built, part.len())?))?;
            csv::rows(&built, part, &spare, &mut |rows| {
                hand_over(Piece::Rows(rows))
            })
        };
        in_parts(events, make, |piece| match piece {
            Piece::Pages(pages) => take(pages),
            Piece::Rows(rows) => Ok(spare.write(rows, out)?),
        })
    })?;
    Ok(bytes)
}

/// The names and types of all columns.
fn schema() -> Schema {
    let fields = COLUMNS
        .iter()
        .map(|(name, _, cell)| Field::new((*name).into(), dtype(cell)));
    fields.collect()
}

/// The pages of some rows, encoded and compressed.
struct Pages {
    rows: u64,
    /// Nothing for a column that has those of the column before.
    columns: Vec<Option<Vec<CompressedPage>>>,
}

impl Pages {
    /// Those of each column, one behind the other.
    fn each(&self) -> impl Iterator<Item = &[CompressedPage]> {
        self.columns.iter().scan(&[][..], |before, column| {
            *before = column.as_deref().unwrap_or(before);
            Some(*before)
        })
    }
}

/// How a part becomes pages of a Parquet file.
struct Form {
    fields: SchemaDescriptor,
    options: WriteOptions,
}

impl Form {
    fn pages(&self, built: &[Built], rows: usize) -> Result<Pages, SaveError> {
        let mut packer = Compressor::new(LEVEL)?;
        let fields = self.fields.fields().iter().zip(self.fields.columns());
        let columns = built.iter().zip(fields).map(|(column, (field, own))| {
            let Some(paged) = column.pages() else {
                return Ok(None);
            };
            let pages = match paged {
                Paged::Printed(column) => vec![column.page(own)],
                Paged::Deltas(column) => vec![deltas_page(column, own)],
                Paged::Words(column) => self.words(column, field, own)?,
                Paged::Array(array, encoding) => self.array(array, encoding, field, own)?,
            };
            let mut all = Vec::with_capacity(pages.len());
            for page in pages {
                all.push(compressed(page, &mut packer)?);
            }
            Ok(Some(all))
        });
        Ok(Pages {
            rows: rows as u64,
            columns: columns.collect::<Result<_, SaveError>>()?,
        })
    }

    /// As polars makes them.
    fn array(
        &self,
        array: &dyn Array,
        encoding: Encoding,
        field: &ParquetType,
        own: &ColumnDescriptor,
    ) -> PolarsResult<Vec<Page>> {
        // Not `array_to_columns`: where all is missing, it fills 8 MiB with zeros once.
        let nested = to_nested(array, field)?;
        let (form, options) = (own.descriptor.primitive_type.clone(), self.options);
        let nested = nested.first().map_or(&[][..], Vec::as_slice);
        array_to_pages(array, form, nested, options, encoding)?.collect()
    }

    /// The words as polars makes them, each once, and which of them stands in each row.
    fn words(
        &self,
        column: &DictionaryArray<u32>,
        field: &ParquetType,
        own: &ColumnDescriptor,
    ) -> PolarsResult<Vec<Page>> {
        let words = column.values();
        // They are as many as rows at most.
        let each = (0..u32::try_from(words.len()).unwrap_or(u32::MAX)).collect();
        let each = PrimitiveArray::from_vec(each);
        let each = DictionaryArray::try_from_keys(each, words.clone(), false)?;
        let mut pages = self.array(&each, Encoding::RleDictionary, field, own)?;
        match &pages[..] {
            [Page::Dict(_), Page::Data(rows)] => {
                let statistics = match rows.header() {
                    DataPageHeader::V1(header) => header.statistics.clone(),
                    DataPageHeader::V2(header) => header.statistics.clone(),
                };
                pages[1] = words_page(column, statistics, own);
                Ok(pages)
            }
            _ => self.array(column, Encoding::RleDictionary, field, own),
        }
    }
}

/// A page, packed by `packer`. The same one for many pages: its memory, taken anew for each, costs as
/// much as to pack the page.
fn compressed(page: Page, packer: &mut Compressor<'_>) -> io::Result<CompressedPage> {
    let mut pack = |bytes: &[u8]| packer.compress(bytes).map(CowBuffer::Owned);
    Ok(match page {
        Page::Data(page) => CompressedPage::Data(CompressedDataPage::new(
            page.header().clone(),
            pack(page.buffer())?,
            Compression::Zstd,
            page.buffer().len(),
            page.descriptor.clone(),
            page.num_rows
                .ok_or_else(|| io::Error::other("a page without a number of rows"))?,
        )),
        Page::Dict(page) => CompressedPage::Dict(CompressedDictPage::new(
            pack(&page.buffer)?,
            Compression::Zstd,
            page.buffer.len(),
            page.num_values,
            page.is_sorted,
        )),
    })
}

/// Writes a Parquet file. `fill` gives pages to what it gets.
fn packed(
    out: &mut dyn Write,
    fill: impl FnOnce(&Form, &mut dyn FnMut(Pages) -> Result<(), SaveError>) -> Result<(), SaveError>,
) -> Result<(), SaveError> {
    let compression = ParquetCompression::Zstd(Some(ZstdLevel::try_new(LEVEL)?));
    let mut writer = ParquetWriter::new(out)
        .with_compression(compression)
        .batched(&schema())?;
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
        let columns = pages.each().map(|pages| {
            let pages = pages.iter().map(PolarsResult::Ok);
            Ok(DynStreamingIterator::new(
                fallible_streaming_iterator::convert(pages),
            ))
        });
        let mut file = locked(writer.get_writer());
        Ok(file.write(pages.rows, DynIter::new(columns))?)
    })?;
    writer.finish()?;
    Ok(())
}

/// The cells of [`Row`](super::Row), without a text of their own for each.
pub(super) const COLUMNS: &[(&str, Of, Cell)] = &[
    ("time", Of::Event, Shown(Moment::show)),
    (
        "time_end",
        Of::Event,
        Again(|event| event.at.end - 1 == event.at.start, Moment::show_end),
    ),
    (
        "utc",
        Of::Event,
        Time(|event| event.at.offset.map(|_| event.at.start)),
    ),
    ("server", Of::Event, Text(|event| event.server.as_deref())),
    (
        "package",
        Said,
        Coded(
            |event| event.package.map(|PackageId(id)| id),
            |id, cell| cell.push_str(&PackageId(id).to_string()),
        ),
    ),
    ("kind", Said, Text(|event| Some(event.fact.kind()))),
    ("state", Said, Text(|event| cells(&event.fact).state)),
    ("version", Said, Number(|event| cells(&event.fact).version)),
    ("path", Said, Text(|event| cells(&event.fact).path)),
    (
        "code",
        Said,
        Coded(
            |event| cells(&event.fact).code.map(u128::from),
            |code, cell| cell.push_str(&format!("0x{code:08X}")),
        ),
    ),
    (
        "severity",
        Of::Event,
        Number(|event| event.record.as_ref()?.severity.map(i64::from)),
    ),
    (
        "component",
        Of::Event,
        Text(|event| filled(&event.record.as_ref()?.writer.component)),
    ),
    (
        "process",
        Of::Event,
        Text(|event| filled(&event.record.as_ref()?.writer.process)),
    ),
    (
        "thread",
        Of::Event,
        Number(|event| event.record.as_ref()?.thread.map(i64::from)),
    ),
    (
        "tick",
        Of::Event,
        Count(|event| {
            let tick = event.record.as_ref()?.tick?;
            Some(i64::try_from(tick).unwrap_or(i64::MAX))
        }),
    ),
    ("message", Said, Text(|event| Some(&event.message))),
    (
        "sources",
        Of::Event,
        Printed(|event, paths, cell| {
            for (number, source) in event.sources.iter().enumerate() {
                cell.push_str(if number > 0 { "; " } else { "" });
                paths(*source, cell);
            }
        }),
    ),
    ("pattern", Said, Text(|event| event.pattern.as_deref())),
    ("wording", Of::Event, Text(wording)),
];

fn filled(text: &str) -> Option<&str> {
    (!text.is_empty()).then_some(text)
}

/// The columns of some events.
fn built<'e>(events: &'e [Event], paths: Paths<'_>) -> Result<Vec<Built>, SaveError> {
    // Events that say the same have the same cells, which the first of them tells.
    let (mut known, mut first) = (ByPlace::default(), Vec::<&'e Event>::new());
    let mut number = |event: &'e Event| {
        *known.of(&event.said, || {
            first.push(event);
            first.len() - 1
        })
    };
    let begin = |(_, _, cell): &(&str, Of, Cell)| Builder::new(cell, events);
    let mut builders: Vec<Builder<'_>> = COLUMNS.iter().map(begin).collect();
    // Not column by column: the events would come from the memory as often as there are columns.
    let mut rows: Vec<usize> = Vec::with_capacity(events.len());
    for few in events.chunks(NEAR) {
        rows.extend(few.iter().map(&mut number));
        for (builder, (_, of, cell)) in builders.iter_mut().zip(COLUMNS) {
            if *of == Of::Event {
                builder.add(cell, few.iter(), paths);
            }
        }
    }
    for (builder, (_, of, cell)) in builders.iter_mut().zip(COLUMNS) {
        if *of == Said {
            builder.add(cell, first.iter().copied(), paths);
            builder.spread(&rows);
        }
    }
    let all = builders.into_iter().zip(COLUMNS);
    all.map(|(builder, (_, _, cell))| builder.finish(cell))
        .collect()
}
