//! The table of a history: separated by commas, semicolons, tabs or bars, or aligned with blanks.

use crate::ingest::parsers::csv;
use crate::model::PackageId;

/// Lines in which the header must come; above it is prose.
const HEADER_WITHIN: usize = 60;
/// The longest line that may be a header.
const LONGEST_HEADER: usize = 2_000;

/// One row, by meaning. Texts that are not there are empty.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Row {
    pub line: u32,
    pub time: String,
    pub package: Option<PackageId>,
    /// The display name.
    pub name: String,
    pub state: String,
    pub old: String,
    pub details: String,
    pub host: String,
}

/// What a column means.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Meaning {
    Time,
    /// The day, if the time of day stands beside it.
    Date,
    Package,
    State,
    Old,
    Details,
    Host,
}

/// Header words, without blanks and signs, in lower case.
const WORDS: &[(Meaning, &[&str])] = &[
    (
        Meaning::Time,
        &[
            "time",
            "when",
            "timestamp",
            "datetime",
            "datetimeutc",
            "timeutc",
            "timelocal",
            "changetime",
            "changed",
            "changedat",
            "statustime",
            "eventtime",
            "occurred",
            "logged",
            "zeit",
            "zeitpunkt",
            "heure",
            "hora",
        ],
    ),
    (
        Meaning::Date,
        &["date", "day", "dateutc", "datum", "fecha", "data"],
    ),
    (
        Meaning::Package,
        &[
            "package",
            "packagename",
            "packageid",
            "packageguid",
            "guid",
            "id",
            "name",
            "pkg",
            "paket",
            "resource",
            "software",
            "displayname",
        ],
    ),
    (
        Meaning::State,
        &[
            "status",
            "state",
            "newstatus",
            "newstate",
            "packagestatus",
            "packagestate",
            "currentstatus",
            "currentstate",
            "tostate",
            "tostatus",
            "to",
            "statut",
            "estado",
            "stato",
        ],
    ),
    (
        Meaning::Old,
        &[
            "oldstatus",
            "oldstate",
            "previousstatus",
            "previousstate",
            "fromstate",
            "fromstatus",
            "from",
        ],
    ),
    (
        Meaning::Details,
        &[
            "description",
            "details",
            "detail",
            "message",
            "remark",
            "remarks",
            "comment",
            "comments",
            "note",
            "notes",
            "info",
            "information",
            "text",
            "reason",
            "result",
            "error",
        ],
    ),
    (
        Meaning::Host,
        &[
            "server",
            "host",
            "hostname",
            "servername",
            "computer",
            "computername",
            "machine",
            "packageserver",
        ],
    ),
];

/// Where cells end.
enum Layout {
    Separated(char),
    /// The place of each column's first letter.
    Aligned(Vec<usize>),
}

struct Header {
    layout: Layout,
    columns: Vec<Option<Meaning>>,
    is_utc: bool,
}

/// The rows below the first header, and whether the header says that times are UTC.
pub fn rows(text: &str) -> (Vec<Row>, bool) {
    let text = text.trim_start_matches('\u{FEFF}');
    let mut start = 0;
    for (number, line) in text.split_inclusive('\n').enumerate().take(HEADER_WITHIN) {
        if let Some(header) = header(line.trim_end_matches(['\r', '\n'])) {
            let below = &text[start + line.len()..];
            let first = u32::try_from(number + 2).unwrap_or(u32::MAX);
            return (header.rows(below, first), header.is_utc);
        }
        start += line.len();
    }
    (Vec::new(), false)
}

fn header(line: &str) -> Option<Header> {
    if line.len() > LONGEST_HEADER || line.trim_start().starts_with('<') {
        return None;
    }
    for separator in ['\t', ';', ',', '|'] {
        if line.contains(separator) {
            let record = csv::records(line, separator).into_iter().next()?;
            let cells: Vec<&str> = record.cells.iter().map(String::as_str).collect();
            if let Some((columns, is_utc)) = columns(&cells) {
                return Some(Header {
                    layout: Layout::Separated(separator),
                    columns,
                    is_utc,
                });
            }
        }
    }
    let starts = starts(line);
    let cells: Vec<&str> = aligned(line, &starts);
    let (columns, is_utc) = columns(&cells)?;
    Some(Header {
        layout: Layout::Aligned(starts),
        columns,
        is_utc,
    })
}

fn columns(cells: &[&str]) -> Option<(Vec<Option<Meaning>>, bool)> {
    let mut is_utc = false;
    let columns: Vec<Option<Meaning>> = cells
        .iter()
        .map(|cell| {
            let folded = cell.to_lowercase();
            let word: String = folded
                .split('(')
                .next()
                .unwrap_or_default()
                .chars()
                .filter(|one| one.is_alphanumeric())
                .collect();
            let meaning = WORDS
                .iter()
                .find(|(_, words)| words.contains(&word.as_str()))
                .map(|(meaning, _)| *meaning);
            is_utc |= matches!(meaning, Some(Meaning::Time | Meaning::Date))
                && (folded.contains("utc") || folded.contains("gmt"));
            meaning
        })
        .collect();
    let has = |meaning: Meaning| columns.contains(&Some(meaning));
    let told =
        (has(Meaning::Time) || has(Meaning::Date)) && has(Meaning::Package) && has(Meaning::State);
    told.then_some((columns, is_utc))
}

/// Where the columns of an aligned header begin: behind two blanks or more.
fn starts(line: &str) -> Vec<usize> {
    let mut starts = Vec::new();
    let mut blanks = 2;
    for (at, letter) in line.char_indices() {
        if letter == ' ' {
            blanks += 1;
        } else {
            if blanks >= 2 {
                starts.push(at);
            }
            blanks = 0;
        }
    }
    starts
}

/// The cells of a line under a header, by place; where a cell runs over its column, by the blanks
/// between cells.
fn aligned<'t>(line: &'t str, header: &[usize]) -> Vec<&'t str> {
    // Blanks count letters, not bytes.
    let places: Vec<usize> = line.char_indices().map(|(at, _)| at).collect();
    let byte = |letter: usize| places.get(letter).copied().unwrap_or(line.len());
    let clean = header.iter().all(|start| {
        *start == 0
            || *start >= places.len()
            || line[byte(start.saturating_sub(1))..].starts_with(' ')
    });
    let cut = |ends: &[usize]| -> Vec<&'t str> {
        (0..ends.len())
            .map(|at| {
                let end = ends.get(at + 1).copied().unwrap_or(line.len());
                line.get(ends[at]..end).unwrap_or_default().trim()
            })
            .collect()
    };
    if clean {
        cut(&header.iter().map(|start| byte(*start)).collect::<Vec<_>>())
    } else {
        cut(&starts(line))
    }
}

impl Header {
    fn rows(&self, below: &str, first: u32) -> Vec<Row> {
        let mut rows = Vec::new();
        match &self.layout {
            Layout::Separated(separator) => {
                for record in csv::records(below, *separator) {
                    let line = first.saturating_add(record.line - 1);
                    let cells: Vec<&str> = record.cells.iter().map(String::as_str).collect();
                    rows.extend(self.row(&cells, line));
                }
            }
            Layout::Aligned(starts) => {
                for (line, text) in (first..).zip(below.lines()) {
                    // A rule below the header is no row.
                    if !text.trim_matches(['-', '=', ' ', '+', '|']).is_empty() {
                        rows.extend(self.row(&aligned(text, starts), line));
                    }
                }
            }
        }
        rows
    }

    fn row(&self, cells: &[&str], line: u32) -> Option<Row> {
        let of = |meaning: Meaning| {
            self.columns
                .iter()
                .zip(cells)
                .filter(move |(column, _)| **column == Some(meaning))
                .map(|(_, cell)| cell.trim())
        };
        let first = |meaning: Meaning| {
            of(meaning)
                .find(|cell| !cell.is_empty())
                .unwrap_or_default()
                .to_owned()
        };
        let (day, time) = (first(Meaning::Date), first(Meaning::Time));
        let time = if day.is_empty() {
            time
        } else if time.is_empty() || day.contains(':') {
            day
        } else {
            format!("{day} {time}")
        };
        let package = of(Meaning::Package).find_map(PackageId::find);
        let name = of(Meaning::Package)
            .filter(|cell| PackageId::find(cell).is_none())
            .find(|cell| cell.chars().any(char::is_alphabetic))
            .unwrap_or_default();
        let row = Row {
            line,
            time,
            package,
            name: name.to_owned(),
            state: first(Meaning::State),
            old: first(Meaning::Old),
            details: first(Meaning::Details),
            host: first(Meaning::Host),
        };
        // A line of another kind: prose, a footer, the header once more.
        let is_row = row.time.bytes().any(|byte| byte.is_ascii_digit())
            && (package.is_some() || !row.state.is_empty());
        is_row.then_some(row)
    }
}
