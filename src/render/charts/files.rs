//! Files that differ between the snapshots around each re-download, and those found missing before it.
//!
//! A row is a file, a column a re-download with a snapshot on both sides or a listing that lacks
//! files. Listings tell how many files were missing, not which: they have a row of their own.

use super::{Body, Cell, Chart, Fill};
use crate::model::{Case, Compared, PackageCase, Redownload};
use crate::render::drawing::{BLUE, GREEN, ORANGE, VERMILLION};
use crate::render::{reading_order, words};
use std::collections::BTreeMap;

/// Rows and columns that can be read.
const ROWS: usize = 40;
const COLUMNS: usize = 30;

const ADDED: Fill = Fill::Solid(GREEN);
const GONE: Fill = Fill::Solid(ORANGE);
const CHANGED: Fill = Fill::Solid(BLUE);
const MISSING: Fill = Fill::Hatched(VERMILLION);

/// One re-download with what is known of its files.
struct Column<'a> {
    package: &'a PackageCase,
    one: &'a Redownload,
    /// By package and file.
    cells: BTreeMap<(usize, String), Cell>,
}

/// Lays it out; nothing where no file is known to differ or to be missing.
pub fn lay_out(case: &Case) -> Option<Chart> {
    let mut columns: Vec<Column> = vec![];
    let mut compared = 0;
    for (number, package) in reading_order(case).into_iter().enumerate() {
        let mut since = i64::MIN;
        for one in &package.redownloads {
            let cells = cells(number, package, one, since);
            since = one.started_at.start;
            compared += usize::from(one.snapshots.is_some());
            if !cells.is_empty() {
                columns.push(Column {
                    package,
                    one,
                    cells,
                });
            }
        }
    }
    if columns.is_empty() {
        return None;
    }
    columns.sort_by_key(|column| column.one.started_at);
    let mut notes = vec![words::files_compared(compared)];
    let left_out = columns.len().saturating_sub(COLUMNS);
    columns.drain(..left_out);
    if left_out > 0 {
        notes.push(words::earlier_left_out(left_out));
    }
    let mut names: Vec<&(usize, String)> =
        columns.iter().flat_map(|one| one.cells.keys()).collect();
    names.sort();
    names.dedup();
    let several = columns
        .iter()
        .any(|column| !std::ptr::eq(column.package, columns[0].package));
    let order = reading_order(case);
    let mut rows: Vec<(String, Vec<Cell>)> = names
        .iter()
        .take(ROWS)
        .map(|name| {
            let label = match several {
                true => format!("{}: {}", words::full_title(case, order[name.0]), name.1),
                false => name.1.clone(),
            };
            let cell = |column: &Column| column.cells.get(name).cloned().unwrap_or_default();
            (label, columns.iter().map(cell).collect())
        })
        .collect();
    if let Some(rest) = names.get(ROWS..).filter(|rest| !rest.is_empty()) {
        let count = |column: &Column| {
            let number = rest
                .iter()
                .filter(|name| column.cells.contains_key(**name))
                .count();
            Cell {
                text: if number > 0 {
                    number.to_string()
                } else {
                    String::new()
                },
                fill: Fill::None,
            }
        };
        rows.push((
            words::more(rest.len(), "row"),
            columns.iter().map(count).collect(),
        ));
    }
    let labels: Vec<String> = columns
        .iter()
        .map(|column| words::minute(&column.one.started_at))
        .collect();
    let mut table = vec![];
    for (name, cells) in &rows {
        for (label, cell) in labels
            .iter()
            .zip(cells)
            .filter(|one| !one.1.text.is_empty())
        {
            table.push((format!("{name}, {label}"), cell.text.clone()));
        }
    }
    Some(Chart {
        name: "",
        title: words::CHART_FILES.to_owned(),
        reading: words::CHART_FILES_READING.to_owned(),
        legend: [ADDED, GONE, CHANGED, MISSING]
            .into_iter()
            .zip(words::CHART_FILES_LEGEND)
            .filter(|(fill, _)| {
                rows.iter()
                    .flat_map(|row| &row.1)
                    .any(|cell| cell.fill == *fill)
            })
            .map(|(fill, meaning)| (fill, meaning.to_owned()))
            .collect(),
        notes,
        body: Body::Grid {
            down: "file".to_owned(),
            across: "re-download".to_owned(),
            columns: labels,
            rows,
        },
        table,
    })
}

/// What is known of the files around `one`; `since` is the start of the re-download before it.
fn cells(
    number: usize,
    package: &PackageCase,
    one: &Redownload,
    since: i64,
) -> BTreeMap<(usize, String), Cell> {
    let mut cells = BTreeMap::new();
    for row in one.snapshots.iter().flat_map(|both| &both.rows) {
        let Compared::File(name) = &row.what else {
            continue;
        };
        let (text, fill) = match (&row.before, &row.after) {
            (None, Some(_)) => ("+", ADDED),
            (Some(_), None) => ("−", GONE),
            _ if row.differs() => ("≠", CHANGED),
            _ => continue,
        };
        let text = text.to_owned();
        cells.insert((number, name.clone()), Cell { text, fill });
    }
    let listed = package.missing_while_ready.iter();
    let before = listed.filter(|seen| (since..one.started_at.start).contains(&seen.at.start));
    if let Some(most) = before.map(|seen| seen.files_missing).max() {
        let text = most.to_string();
        cells.insert(
            (number, words::CHART_FILES_MISSING.to_owned()),
            Cell {
                text,
                fill: MISSING,
            },
        );
    }
    cells
}

#[cfg(test)]
mod tests {
    use super::super::super::fixture;
    use super::*;
    use crate::model::SideRow;

    #[test]
    fn each_kind_of_difference_has_its_sign_and_a_listing_counts_for_the_next_download() {
        let mut case = fixture::case();
        case.packages.truncate(1);
        let package = &mut case.packages[0];
        let row = |name: &str, before: Option<&str>, after: Option<&str>| SideRow {
            what: Compared::File(name.into()),
            before: before.map(Into::into),
            after: after.map(Into::into),
        };
        package.redownloads[0].snapshots.as_mut().unwrap().rows = vec![
            row("a", None, Some("1")),
            row("b", Some("1"), None),
            row("c", Some("1"), Some("2")),
            row("d", Some("1"), Some("1")),
        ];
        package.redownloads[2].snapshots = None;
        let chart = lay_out(&case).unwrap();
        let cells: Vec<(&str, &str)> = chart
            .table
            .iter()
            .map(|one| (one.0.as_str(), one.1.as_str()))
            .collect();
        assert_eq!(
            cells,
            [
                ("(files missing in a listing), 2026-11-03 03:00", "12"),
                ("a, 2026-11-02 03:00", "+"),
                ("b, 2026-11-02 03:00", "−"),
                ("c, 2026-11-02 03:00", "≠"),
                ("setup.msi, 2026-11-03 03:00", "≠"),
            ]
        );
        for one in &mut case.packages[0].redownloads {
            one.snapshots = None;
        }
        case.packages[0].missing_while_ready.clear();
        assert_eq!(lay_out(&case), None);
    }
}
