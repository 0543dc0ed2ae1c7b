//! Listings that name every file with its full path: they have no end, so they prove presence only.

use super::super::{Defects, csv, guessed_order};
use super::{MAX_QUOTE, MOST_FILES, is_absolute, loss, number, too_many};
use crate::ingest::stamps::{self, DateOrder};
use crate::ingest::{Defect, parsers::csv::Record};
use crate::model::path::fold;
use crate::model::{ListedFile, ListedFolder, Listing};
use std::collections::{BTreeMap, BTreeSet};

/// Lines that a plain list of paths must have at least.
const LEAST: usize = 3;

/// Where the columns of a table stand.
struct Columns {
    separator: char,
    count: usize,
    path: usize,
    size: Option<usize>,
    modified: Option<usize>,
    is_utc: bool,
    mode: Option<usize>,
    container: Option<usize>,
}

/// `#TYPE System.IO.FileInfo` may stand above the header.
fn header(text: &str) -> Option<&str> {
    text.lines()
        .find(|line| !line.starts_with("#TYPE") && !line.trim().is_empty())
}

fn columns(text: &str) -> Option<Columns> {
    let header = header(text)?;
    [',', ';', '\t'].into_iter().find_map(|separator| {
        let record = csv::records(header, separator).into_iter().next()?;
        let cells: Vec<String> = record
            .cells
            .iter()
            .map(|cell| cell.trim().to_lowercase())
            .collect();
        let place = |names: &[&str]| {
            names
                .iter()
                .find_map(|name| cells.iter().position(|cell| cell == name))
        };
        let utc = place(&["lastwritetimeutc", "modifiedutc"]);
        let size = place(&["length", "size", "bytes"]);
        let modified =
            utc.or_else(|| place(&["lastwritetime", "modified", "lastmodified", "mtime"]));
        (size.is_some() || modified.is_some()).then_some(())?;
        Some(Columns {
            separator,
            count: cells.len(),
            path: place(&["fullname", "fullpath", "path", "pspath"])?,
            size,
            modified,
            is_utc: utc.is_some(),
            mode: place(&["mode", "attributes"]),
            container: place(&["psiscontainer"]),
        })
    })
}

pub(super) fn is_csv(text: &str) -> bool {
    columns(text).is_some()
}

/// At least three lines, and all are full paths. The last one may be cut.
pub(super) fn is_list(text: &str) -> bool {
    let mut lines = text
        .lines()
        .filter(|line| !line.trim().is_empty())
        .peekable();
    let mut paths = 0;
    while let Some(line) = lines.next() {
        if is_absolute(unquoted(line)) {
            paths += 1;
        } else if lines.peek().is_some() || text.ends_with('\n') {
            return false;
        }
    }
    paths >= LEAST
}

fn unquoted(line: &str) -> &str {
    line.trim().trim_matches('"')
}

/// Folders in the order in which they appear.
#[derive(Default)]
struct Folders {
    list: Vec<ListedFolder>,
    places: BTreeMap<String, usize>,
}

impl Folders {
    fn get(&mut self, path: &str, line: u32, text: &str) -> &mut ListedFolder {
        let place = *self.places.entry(fold(path, None)).or_insert_with(|| {
            self.list.push(ListedFolder {
                path: path.to_owned(),
                line,
                text: text.trim().chars().take(MAX_QUOTE).collect(),
                ..ListedFolder::default()
            });
            self.list.len() - 1
        });
        &mut self.list[place]
    }

    fn add_folder(&mut self, path: &str, line: u32, text: &str) {
        let path = path.trim_end_matches('\\');
        if let Some((above, name)) = split(path) {
            self.get(above, line, text).folders.push(name.to_owned());
        }
        self.get(path, line, text);
    }
}

/// The folder and the name; `D:\a.txt` lies in `D:\`.
fn split(path: &str) -> Option<(&str, &str)> {
    let at = path.rfind('\\').filter(|at| *at > 1)?;
    let above = if path[..at].ends_with(':') {
        &path[..=at]
    } else {
        &path[..at]
    };
    let name = &path[at + 1..];
    (!name.is_empty()).then_some((above, name))
}

/// `"FullName","Length","LastWriteTime"`.
pub(super) fn csv(text: &str, option: Option<DateOrder>) -> (Listing, Vec<Defect>) {
    let (mut folders, mut told) = (Folders::default(), Defects::default());
    let Some(columns) = columns(text) else {
        return (Listing::default(), Vec::new());
    };
    let records = csv::records(text, columns.separator);
    let is_typed = |record: &Record| record.cells[0].starts_with("#TYPE");
    let rows: Vec<&Record> = records
        .iter()
        .filter(|record| !is_typed(record))
        .skip(1)
        .collect();
    let cell = |row: &Record, column: Option<usize>| {
        column
            .and_then(|column| row.cells.get(column))
            .map_or("", |cell| cell.trim())
            .to_owned()
    };
    let settled = stamps::settle(rows.iter().map(|row| cell(row, columns.modified)), option);
    let order = settled.order;
    let lines: Vec<&str> = text.lines().collect();
    for (count, row) in rows.iter().enumerate() {
        if count == MOST_FILES {
            told.push(too_many(row.line));
            break;
        }
        let path = cell(row, Some(columns.path)).replace('/', "\\");
        let path = path
            .rsplit_once("::")
            .map_or(path.as_str(), |(_, path)| path);
        if !is_absolute(path) || row.cells.len() < columns.count {
            told.push(loss(
                row.line,
                "a row that is cut, or without a full path".to_owned(),
                "the file that it names is not used",
            ));
            continue;
        }
        let line_text = lines
            .get(row.line as usize - 1)
            .copied()
            .unwrap_or_default();
        let size = cell(row, columns.size);
        let is_folder = columns.size.is_some() && size.is_empty()
            || cell(row, columns.mode).starts_with(['d', 'D'])
            || cell(row, columns.container).eq_ignore_ascii_case("true");
        if is_folder {
            folders.add_folder(path, row.line, line_text);
        } else if let Some((above, name)) = split(path) {
            let modified = stamps::parse(&cell(row, columns.modified), order).map(|mut stamp| {
                if columns.is_utc {
                    stamp.offset = stamp.offset.or(Some(0));
                }
                stamp
            });
            folders
                .get(above, row.line, line_text)
                .files
                .push(ListedFile {
                    name: name.to_owned(),
                    size: number(&size),
                    modified,
                    line: row.line,
                });
        }
    }
    let complete = records.last().is_some_and(|record| record.ended) && told.is_empty();
    let mut defects = told.finish();
    defects.extend(settled.is_guess.then(guessed_order));
    let listing = Listing {
        folders: folders.list,
        complete,
        ..Listing::default()
    };
    (listing, defects)
}

/// One full path in each line. What others lie in is a folder.
pub(super) fn list(text: &str) -> (Listing, Vec<Defect>) {
    let plain = |line: &str| unquoted(line).replace('/', "\\");
    let all: BTreeSet<String> = text.lines().map(|line| fold(&plain(line), None)).collect();
    let holds_others = |path: &str| {
        let inside = fold(path, None) + "\\";
        all.range(inside.clone()..)
            .next()
            .is_some_and(|next| next.starts_with(&inside))
    };
    let (mut folders, mut defects) = (Folders::default(), Vec::new());
    for (index, line) in text.lines().enumerate() {
        let number = u32::try_from(index + 1).unwrap_or(u32::MAX);
        if index == MOST_FILES {
            defects.push(too_many(number));
            break;
        }
        let path = plain(line);
        if !is_absolute(&path) {
            continue;
        }
        if path.ends_with('\\') || holds_others(&path) {
            folders.add_folder(&path, number, line);
        } else if let Some((folder, name)) = split(&path) {
            folders.get(folder, number, line).files.push(ListedFile {
                name: name.to_owned(),
                size: None,
                modified: None,
                line: number,
            });
        }
    }
    let listing = Listing {
        folders: folders.list,
        complete: text.ends_with('\n') && defects.is_empty(),
        ..Listing::default()
    };
    (listing, defects)
}
