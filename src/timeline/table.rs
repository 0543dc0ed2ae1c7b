//! The table of events as Parquet, CSV and JSON lines: the columns of `contract.md`.

use super::{Row, Timeline};
use crate::model::SourceRef;
use crate::model::text::escape_json;
use std::fmt;
use std::io::{self, Write};

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
                for event in self.events() {
                    let row = serde_json::to_string(&Row::new(event, &cite))
                        .map_err(|error| SaveError::Write(error.into()))?;
                    out.write_all(escape_json(&row).as_bytes())?;
                    out.write_all(b"\n")?;
                }
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
}
