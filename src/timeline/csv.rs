//! The rows of a table as CSV (RFC 4180).
//!
//! Not by the writer of polars: it wants each cell as a text of its own, and looks at each for what
//! must be quoted, while most cells of a table are one of a few.

use super::column::Built;
use super::columns::COLUMNS;
use super::printed::Printed;
use super::table::{HandOver, PIECE, SaveError};
use crate::model::Event;
use crate::model::lock::locked;
use crate::model::text::{is_plain, is_treacherous};
use polars_arrow::array::{PrimitiveArray, Utf8ViewArray};
use polars_arrow::bitmap::Bitmap;
use polars_arrow::types::NativeType;
use std::io::{self, Write};
use std::sync::{Mutex, MutexGuard};

/// The first line.
pub(super) fn heading() -> String {
    let names: Vec<&str> = COLUMNS.iter().map(|(name, ..)| *name).collect();
    names.join(",") + "\n"
}

/// Texts that were written and may be filled anew: to take new memory for each takes as long as to
/// fill it.
#[derive(Default)]
pub(super) struct Spare(Mutex<Vec<String>>);

impl Spare {
    fn take(&self) -> String {
        self.all().pop().unwrap_or_default()
    }

    /// Writes a text that was taken.
    pub(super) fn write(&self, mut text: String, out: &mut dyn Write) -> io::Result<()> {
        out.write_all(text.as_bytes())?;
        text.clear();
        self.all().push(text);
        Ok(())
    }

    fn all(&self) -> MutexGuard<'_, Vec<String>> {
        locked(&self.0)
    }
}

/// Hands over the rows of a part, without a heading, a few at a time.
pub(super) fn rows(
    built: &[Built],
    events: &[Event],
    spare: &Spare,
    hand_over: HandOver<'_, String>,
) -> Result<(), SaveError> {
    let columns: Vec<Cells<'_>> = built.iter().map(Cells::of).collect();
    let mut rows = events.iter().enumerate().peekable();
    while rows.peek().is_some() {
        let mut out = spare.take();
        for (row, event) in rows.by_ref().take(PIECE) {
            put_row(&columns, row, event, &mut out);
        }
        hand_over(out)?;
    }
    Ok(())
}

fn put_row(columns: &[Cells<'_>], row: usize, event: &Event, out: &mut String) {
    let mut last = 0..0;
    for (number, column) in columns.iter().enumerate() {
        if number > 0 {
            out.push(',');
        }
        let begin = out.len();
        match column {
            Cells::Words(words, rows) => {
                if let Some(word) = rows.get(row) {
                    out.push_str(&words[word as usize]);
                }
            }
            Cells::Text(column) => {
                if let Some(text) = column.get(row) {
                    put(text, out);
                }
            }
            Cells::Printed(column) => put(column.text(row), out),
            Cells::Number(rows) => {
                if let Some(number) = rows.get(row) {
                    out.push_str(itoa::Buffer::new().format(number));
                }
            }
            Cells::Again => out.extend_from_within(last),
            Cells::Time => event.at.show_utc(out),
        }
        last = begin..out.len();
    }
    out.push('\n');
}

/// The cells of a column. Of what is not there the cell is empty; an empty text is `""`.
enum Cells<'b> {
    /// Each word as it stands in the file, and which of them stands in each row.
    Words(Vec<String>, Rows<'b, u32>),
    Text(&'b Utf8ViewArray),
    Printed(&'b Printed),
    Number(Rows<'b, i64>),
    /// As the column before.
    Again,
    /// `utc`, which is a text here.
    Time,
}

impl<'b> Cells<'b> {
    fn of(column: &'b Built) -> Cells<'b> {
        match column {
            Built::Words(column) => {
                let words = column.values().as_any();
                let words = if let Some(texts) = words.downcast_ref::<Utf8ViewArray>() {
                    texts.values_iter().map(cell).collect()
                } else if let Some(numbers) = words.downcast_ref::<PrimitiveArray<i64>>() {
                    numbers.values_iter().map(i64::to_string).collect()
                } else {
                    Vec::new()
                };
                Cells::Words(words, Rows::of(column.keys()))
            }
            Built::Text(column) => Cells::Text(column),
            Built::Printed(column) => Cells::Printed(column),
            Built::Number(column) | Built::Count(column) => Cells::Number(Rows::of(column)),
            Built::Again => Cells::Again,
            Built::Time(_) => Cells::Time,
        }
    }
}

/// What stands in each row, of which some may hold nothing.
struct Rows<'b, T> {
    all: &'b [T],
    there: Option<&'b Bitmap>,
}

impl<'b, T: NativeType> Rows<'b, T> {
    fn of(column: &'b PrimitiveArray<T>) -> Rows<'b, T> {
        Rows {
            all: column.values(),
            there: column.validity(),
        }
    }

    fn get(&self, row: usize) -> Option<T> {
        let is_there = self.there.is_none_or(|there| there.get_bit(row));
        is_there.then(|| self.all[row])
    }
}

/// A text as it stands in the file.
fn cell(text: &str) -> String {
    let mut out = String::new();
    put(text, &mut out);
    out
}

/// A cell: no spreadsheet takes it for a formula, and a CSV is read in terminals too.
fn put(text: &str, out: &mut String) {
    let has_quote = memchr::memchr(b'"', text.as_bytes()).is_some();
    // An empty text is not nothing.
    let is_quoted = has_quote
        || text.is_empty()
        || memchr::memchr3(b',', b'\n', b'\r', text.as_bytes()).is_some();
    let quote = if is_quoted { "\"" } else { "" };
    let is_formula = text.starts_with(['=', '+', '-', '@', '\t', '\r', '\0']);
    out.push_str(quote);
    out.push_str(if is_formula { "'" } else { "" });
    let harmful = |one: char| !matches!(one, '\n' | '\r' | '\t') && is_treacherous(one);
    if !has_quote && (is_plain(text, true) || !text.contains(harmful)) {
        out.push_str(text);
    } else {
        for one in text.chars() {
            match one {
                '"' => out.push_str("\"\""),
                one if harmful(one) => out.push('\u{fffd}'),
                one => out.push(one),
            }
        }
    }
    out.push_str(quote);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cell_is_quoted_where_it_must_be_and_never_a_formula() {
        for (text, expected) in [
            ("plain", "plain"),
            ("", r#""""#),
            ("a,b", r#""a,b""#),
            ("a\nb", "\"a\nb\""),
            ("a\rb", "\"a\rb\""),
            ("a\tb", "a\tb"),
            (r#"say "a""#, r#""say ""a""""#),
            (r#""=1""#, r#""""=1""""#),
            ("=1", "'=1"),
            ("\r=1,", "\"'\r=1,\""),
            ("-é", "'-é"),
            ("é\u{202e}\u{1b}x", "é\u{fffd}\u{fffd}x"),
            ("\u{202e}\"", "\"\u{fffd}\"\"\""),
        ] {
            assert_eq!(cell(text), expected, "{text:?}");
        }
    }
}
