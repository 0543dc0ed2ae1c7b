//! The table of events as Parquet, CSV and JSON lines: the columns of `contract.md`.

use super::{Row, Timeline};
use crate::model::room::make_room;
use crate::model::text::escape_json;
use crate::model::{Event, SourceRef};
use std::fmt;
use std::io::{self, Write};
use std::sync::mpsc::sync_channel;

/// Rows that are built at a time, at most, so that a large table is never held twice.
const BATCH: usize = 16_384;
/// Bytes that one part takes while it is built.
const ROOM: usize = 4 << 20;
/// Parts that are built at once, at most: each takes megabytes.
const AT_ONCE: usize = 4;
/// Rows whose text is made and written at a time: what is not written yet stays in the cache.
pub(super) const PIECE: usize = 1_024;
/// Pieces that wait until they are taken, at most: half of a part.
const AHEAD: usize = 8;

/// Takes one more piece of a part.
pub(super) type HandOver<'h, T> = &'h mut dyn FnMut(T) -> Result<(), SaveError>;

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
                let make = |part: &[Event], hand_over: HandOver<'_, String>| {
                    part.chunks(PIECE).try_for_each(|few| {
                        let mut lines = String::new();
                        for event in few {
                            let row = serde_json::to_string(&Row::new(event, &cite))
                                .map_err(|error| SaveError::Write(error.into()))?;
                            lines.push_str(&escape_json(row));
                            lines.push('\n');
                        }
                        hand_over(lines)
                    })
                };
                in_parts(self.events(), make, |lines| {
                    Ok(out.write_all(lines.as_bytes())?)
                })?;
            }
            #[cfg(feature = "tables")]
            Format::Csv => super::columns::csv(self.events(), paths, out)?,
            #[cfg(feature = "tables")]
            Format::Parquet => super::columns::parquet(self.events(), paths, out)?,
            #[cfg(not(feature = "tables"))]
            Format::Csv | Format::Parquet => {
                let why = "this build writes JSON lines only";
                return Err(SaveError::Encode(why.to_owned()));
            }
        }
        out.flush()?;
        Ok(())
    }

    /// Writes the table as CSV and gives it as the bytes of a Parquet file, in less time than one
    /// after the other; each is the same as [`Timeline::save`] makes it.
    ///
    /// # Errors
    /// When `csv` cannot be written to.
    pub fn save_both(&self, paths: Paths<'_>, csv: &mut dyn Write) -> Result<Vec<u8>, SaveError> {
        #[cfg(feature = "tables")]
        let parquet = super::columns::both(self.events(), paths, csv)?;
        #[cfg(not(feature = "tables"))]
        let parquet = self.save(paths, Format::Csv, csv).map(|()| Vec::new())?;
        csv.flush()?;
        Ok(parquet)
    }
}

/// Makes pieces of each part of the events, several parts at a time, and takes the pieces in order.
/// `make` hands over one after the other.
pub(super) fn in_parts<T: Send>(
    events: &[Event],
    make: impl Fn(&[Event], HandOver<'_, T>) -> Result<(), SaveError> + Sync,
    mut take: impl FnMut(T) -> Result<(), SaveError>,
) -> Result<(), SaveError> {
    // Threads that have as many parts as the others end with them.
    let parts = match events.len().div_ceil(BATCH) {
        one @ (0 | 1) => one,
        many => many.next_multiple_of(AT_ONCE),
    };
    let rows = events.len().div_ceil(parts.max(1));
    let parts: Vec<&[Event]> = events.chunks(rows.max(1)).collect();
    let at_once = rayon::current_num_threads().min(AT_ONCE).min(parts.len());
    if at_once <= 1 {
        return parts.into_iter().try_for_each(|part| make(part, &mut take));
    }
    std::thread::scope(|scope| {
        // Each has every so-manieth part, and waits until the one before is taken.
        let all: Vec<_> = (0..at_once)
            .map(|first| {
                let (hand_over, made) = sync_channel(AHEAD);
                let (own, make) = (parts.iter().skip(first).step_by(at_once), &make);
                scope.spawn(move || {
                    make_room(ROOM);
                    for part in own {
                        let mut put = |piece| {
                            let nobody = |_| SaveError::Encode("nobody takes it".to_owned());
                            hand_over.send(Ok(Some(piece))).map_err(nobody)
                        };
                        let end = make(part, &mut put).map(|()| None);
                        // Nobody takes more where making or taking has failed.
                        let is_last = end.is_err();
                        if hand_over.send(end).is_err() || is_last {
                            break;
                        }
                    }
                });
                made
            })
            .collect();
        for made in all.iter().cycle().take(parts.len()) {
            loop {
                // One that panicked ends all.
                let Ok(piece) = made.recv() else {
                    return Ok(());
                };
                let Some(piece) = piece? else { break };
                take(piece)?;
            }
        }
        Ok(())
    })
}
