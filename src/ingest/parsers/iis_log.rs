//! IIS logs (W3C extended): `2026-11-03 01:40:12 10.1.1.5 GET /.../pkggroup_{GUID}/a.cab - 80 - ... 404 0 2 15`.
//!
//! They say which file of a package the web server had and which it had not, to the second and in
//! UTC. Only lines about files of packages are kept, and of those, of one URL, the first and the
//! last of a run: consecutive lines of that URL in this file with the same outcome. So the last 200
//! and the first 404 stay exact, and a package that a thousand clients fetch is a few events.
//!
//! That clients fetch `.../pkggroup_{GUID}/file` is known from error messages. That the GUID may
//! also stand alone as a folder is assumed, as is what follows it: the path of the file within the
//! package. IIS writes a blank in a path as `+`, and a `+` too; it is left, and compared as either.

use super::{Defect, How};
use crate::ingest::encoding::text;
use crate::ingest::stamps;
use crate::model::{Fact, PackageId, Server, Stamp, Wording};
use chrono::{Days, NaiveDate, NaiveDateTime, NaiveTime};
use std::collections::BTreeMap;
use std::io::{BufRead, BufReader, Read};

/// Bytes read at a time, and the longest line; IIS itself takes requests of up to 16 KiB.
const BLOCK: usize = 1 << 20;
const LONGEST_LINE: usize = 64 << 10;
/// Characters of a line that are kept.
const MAX_QUOTE: usize = 300;
/// Different files that are told apart; random URLs must not fill the memory.
const MOST_FILES: usize = 200_000;

/// What one IIS log holds.
#[derive(Debug, Clone, Default)]
pub struct Requests {
    /// All requests, kept or not.
    pub records: u64,
    /// In the order of the file.
    pub kept: Vec<Request>,
    /// The column `s-computername`, where it is logged.
    pub computer: Option<Server>,
    /// Times of the first and the last request.
    pub span: Option<(Stamp, Stamp)>,
}

/// A request for a file of a package.
#[derive(Debug, Clone)]
pub struct Request {
    /// From 1.
    pub line: u32,
    pub stamp: Stamp,
    pub package: PackageId,
    pub fact: Fact,
    /// The line as written, shortened.
    pub text: Box<str>,
    pub wording: Wording,
}

/// Whether the beginning of a text looks like an IIS log. One that is cut begins anywhere.
pub fn recognise(prefix: &str) -> bool {
    let mut lines = prefix.lines().take(200);
    let named = |line: &str| line.starts_with("#Fields: ") && line.contains("cs-uri-stem");
    let is_request = |line: &str| {
        let mut words = line.split(' ');
        let dated = words
            .next()
            .is_some_and(|word| word.parse::<NaiveDate>().is_ok())
            && words
                .next()
                .is_some_and(|word| word.parse::<NaiveTime>().is_ok());
        dated
            && words.clone().any(|word| word.starts_with('/'))
            && words.any(|word| matches!(word, "GET" | "HEAD" | "POST"))
    };
    // Behind a cut first line.
    let bare = prefix
        .lines()
        .skip(1)
        .take(3)
        .filter(|line| is_request(line))
        .count()
        == 3;
    bare || lines.any(named)
}

/// Reads the requests for files of packages.
pub fn parse(reader: &mut dyn BufRead, _: &How<'_>, defects: &mut Vec<Defect>) -> Requests {
    let mut reader = BufReader::with_capacity(BLOCK, reader);
    let mut log = Log::default();
    let mut bytes = Vec::new();
    let mut number = 0_u32;
    while read_line(&mut reader, &mut bytes) {
        number = number.saturating_add(1);
        let line = bytes.trim_ascii_end();
        // IIS makes its files larger in advance; a crash leaves zeros behind.
        let line = line.strip_suffix(b"\0").map_or(line, |_| {
            let end = line.iter().rposition(|byte| *byte != 0);
            &line[..end.map_or(0, |end| end + 1)]
        });
        if line.first() == Some(&b'#') {
            log.directive(&text(line));
        } else if !line.is_empty() {
            log.request(line, number, bytes.ends_with(b"\n"));
        }
    }
    log.finish(defects)
}

/// Reads one line; of one that is too long, its beginning. `false` at the end.
fn read_line(reader: &mut impl BufRead, line: &mut Vec<u8>) -> bool {
    line.clear();
    // Streams of the evidence stage end where they break, so an error means the same as an end.
    let read = reader.take(LONGEST_LINE as u64).read_until(b'\n', line);
    let mut rest = line.len() == LONGEST_LINE && !line.ends_with(b"\n");
    while rest {
        let Ok(more) = reader.fill_buf() else { break };
        let end = memchr::memchr(b'\n', more);
        let used = end.map_or(more.len(), |end| end + 1);
        rest = end.is_none() && used > 0;
        reader.consume(used);
    }
    read.is_ok() && !line.is_empty()
}

/// Where the columns stand, by the line `#Fields:`.
#[derive(Debug, Default)]
struct Columns {
    count: usize,
    date: Option<usize>,
    time: Option<usize>,
    stem: Option<usize>,
    status: Option<usize>,
    substatus: Option<usize>,
    win32: Option<usize>,
    method: Option<usize>,
    computer: Option<usize>,
}

/// What the server answered, and with what.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Outcome {
    Served,
    NotFound,
    Refused(u16, Option<u16>),
}

/// The requests of one URL with the same outcome so far.
struct Run {
    outcome: Outcome,
    /// The last one, if it is not the first one, which is kept already.
    last: Option<Request>,
}

#[derive(Default)]
struct Log {
    found: Requests,
    columns: Option<Columns>,
    /// By `#Date:`, or by the requests since where the time begins anew.
    date: Option<NaiveDate>,
    time: Option<NaiveTime>,
    runs: BTreeMap<(PackageId, String), Run>,
    first: Option<Stamp>,
    /// The last request and the number of columns that it should have.
    last: Option<Stamp>,
    /// Lines about packages before any `#Fields`, and the first of them.
    nameless: (u64, u32),
    /// Lines about packages that lack columns or a time, and the first of them.
    unread: (u64, u32),
    /// Whether the last of those is the end of the file, which is being written or is cut.
    only_end: bool,
    dropped: u64,
}

impl Log {
    fn directive(&mut self, line: &str) {
        if let Some(names) = line.strip_prefix("#Fields:") {
            let names: Vec<&str> = names.split_whitespace().collect();
            let place = |name: &str| names.iter().position(|one| one.eq_ignore_ascii_case(name));
            self.columns = Some(Columns {
                count: names.len(),
                date: place("date"),
                time: place("time"),
                stem: place("cs-uri-stem"),
                status: place("sc-status"),
                substatus: place("sc-substatus"),
                win32: place("sc-win32-status"),
                method: place("cs-method"),
                computer: place("s-computername"),
            });
        } else if let Some(date) = line.strip_prefix("#Date:") {
            let stamp = stamps::parse(date.trim(), None).filter(|stamp| stamp.has_year);
            self.date = stamp.map(|stamp| stamp.local.naive().date());
            self.time = stamp.map(|stamp| stamp.local.naive().time());
        }
    }

    fn request(&mut self, line: &[u8], number: u32, ended: bool) {
        self.found.records += 1;
        let about_package = has_guid(line);
        let Some(columns) = &self.columns else {
            if about_package {
                count(&mut self.nameless, number);
            }
            return;
        };
        let cells: Vec<&[u8]> = line.split(|byte| *byte == b' ').collect();
        let cell = |place: Option<usize>| {
            let cell = std::str::from_utf8(cells.get(place?)?).ok()?;
            (cell != "-").then_some(cell)
        };
        let time = cell(columns.time).and_then(|time| time.parse::<NaiveTime>().ok());
        let date = match columns.date {
            Some(_) => cell(columns.date).and_then(|date| date.parse().ok()),
            // Without the column, a time that falls back is past midnight.
            None => match (self.date, self.time, time) {
                (Some(date), Some(before), Some(now)) if (before - now).num_hours() >= 12 => {
                    date.checked_add_days(Days::new(1))
                }
                (date, ..) => date,
            },
        };
        let stamp = date.zip(time).map(|(date, time)| Stamp {
            local: NaiveDateTime::new(date, time).into(),
            offset: Some(0),
            lasts: 1_000,
            has_year: true,
        });
        let whole = cells.len() == columns.count;
        let computer = cell(columns.computer).filter(|_| whole);
        let status = |place| cell(place).and_then(|number| number.parse::<u32>().ok());
        let answer = (
            status(columns.status),
            status(columns.substatus),
            status(columns.win32),
        );
        let method = cell(columns.method);
        let stem = columns.stem.and_then(|place| cells.get(place).copied());
        if whole && let Some(stamp) = stamp {
            (self.date, self.time) = (date, time);
            self.first = self.first.or(Some(stamp));
            self.last = Some(stamp);
        }
        if !about_package {
            return;
        }
        let (Some(stamp), Some(http), Some(stem)) = (stamp.filter(|_| whole), answer.0, stem)
        else {
            count(&mut self.unread, number);
            self.only_end = self.unread.0 == 1 && !ended;
            return;
        };
        if self.found.computer.is_none() {
            self.found.computer = computer.map(Server::from);
        }
        let known = ["GET", "HEAD"];
        let fetches =
            method.is_none_or(|method| known.iter().any(|it| method.eq_ignore_ascii_case(it)));
        let Some((package, path, wording)) = file_of(stem).filter(|_| fetches) else {
            return;
        };
        let (http, substatus) = (narrow(http), answer.1.map(narrow));
        let Some(outcome) = outcome(http, substatus, answer.2) else {
            return;
        };
        let key = (package, path.to_lowercase());
        let fact = fact(outcome, path, (http, substatus, answer.2));
        let request = Request {
            line: number,
            stamp,
            package,
            fact,
            text: text(line)
                .chars()
                .take(MAX_QUOTE)
                .collect::<String>()
                .into(),
            wording,
        };
        self.add(key, outcome, request);
    }

    fn add(&mut self, key: (PackageId, String), outcome: Outcome, request: Request) {
        let many = self.runs.len() >= MOST_FILES;
        match self.runs.get_mut(&key) {
            Some(run) if run.outcome == outcome => run.last = Some(request),
            Some(run) => {
                self.found.kept.extend(run.last.take());
                run.outcome = outcome;
                self.found.kept.push(request);
            }
            None if many => self.dropped += 1,
            None => {
                self.runs.insert(
                    key,
                    Run {
                        outcome,
                        last: None,
                    },
                );
                self.found.kept.push(request);
            }
        }
    }

    fn finish(mut self, defects: &mut Vec<Defect>) -> Requests {
        let pending = self.runs.into_values().filter_map(|run| run.last);
        self.found.kept.extend(pending);
        self.found.kept.sort_by_key(|request| request.line);
        self.found.span = self.first.zip(self.last);
        let mut tell = |line: Option<u32>, what: String, cost: &str, lost: bool| {
            defects.push(Defect {
                line,
                what,
                cost: cost.to_owned(),
                lost,
            });
        };
        if self.nameless.0 > 0 {
            tell(
                Some(self.nameless.1),
                format!(
                    "requests for packages stand before any line `#Fields`, which names the columns: {}",
                    self.nameless.0
                ),
                "they are not used; add the beginning of the log",
                true,
            );
        }
        if self.unread.0 > 0 {
            tell(
                Some(self.unread.1),
                format!(
                    "requests for packages are cut, or lack columns or a date: {}",
                    self.unread.0
                ),
                "they are not used",
                !self.only_end,
            );
        }
        if self.dropped > 0 {
            tell(
                None,
                format!(
                    "it names more than {MOST_FILES} files of packages; {} requests for others are left out",
                    self.dropped
                ),
                "what they tell is not on the timeline",
                true,
            );
        }
        self.found
    }
}

fn count((lines, first): &mut (u64, u32), number: u32) {
    *first = if *lines == 0 { number } else { *first };
    *lines += 1;
}

fn narrow(number: u32) -> u16 {
    u16::try_from(number).unwrap_or(u16::MAX)
}

/// What an answer means for the file that was asked for; `None` if it means nothing.
fn outcome(http: u16, substatus: Option<u16>, win32: Option<u32>) -> Option<Outcome> {
    let refused = Outcome::Refused(http, substatus);
    match (http, substatus.unwrap_or(0)) {
        (200 | 206 | 304, _) => Some(Outcome::Served),
        // File or path not found. Any other reason, or a filter (404.2 to 404.20), is no removal.
        (404, 0) if matches!(win32, None | Some(0 | 2 | 3)) => Some(Outcome::NotFound),
        // The ordinary beginning of an authentication.
        (401, 0..=2) => None,
        (400.., _) => Some(refused),
        _ => None,
    }
}

fn fact(
    outcome: Outcome,
    path: String,
    (http, substatus, win32): (u16, Option<u16>, Option<u32>),
) -> Fact {
    let path = path.into();
    match outcome {
        Outcome::Served => Fact::FileServed { path },
        Outcome::NotFound => Fact::FileNotFound {
            path,
            http,
            substatus,
            win32,
        },
        Outcome::Refused(..) => Fact::RequestRefused {
            path,
            http,
            substatus,
            win32,
        },
    }
}

/// Whether four hyphens stand as far apart as in a GUID.
fn has_guid(line: &[u8]) -> bool {
    memchr::memchr_iter(b'-', line).any(|at| {
        [5, 10, 15]
            .iter()
            .all(|more| line.get(at + more) == Some(&b'-'))
    })
}

/// The package and the path within it, with backslashes, of `/a/pkggroup_{GUID}/folder/file`.
/// `None` for the virtual directory itself, for a folder, and for a path that leads out of it.
fn file_of(stem: &[u8]) -> Option<(PackageId, String, Wording)> {
    const GROUP: &str = "pkggroup_";
    let stem = text(&decoded(stem)).into_owned();
    let parts: Vec<&str> = stem.split(['/', '\\']).collect();
    let group = |part: &&str| {
        let (head, rest) = part.split_at_checked(GROUP.len())?;
        head.eq_ignore_ascii_case(GROUP)
            .then(|| PackageId::parse(rest))?
    };
    let (at, package, wording) = parts
        .iter()
        .enumerate()
        .find_map(|(at, part)| Some((at, group(part)?, Wording::Confirmed)))
        .or_else(|| {
            let bare =
                |(at, part): (usize, &&str)| Some((at, PackageId::parse(part)?, Wording::Assumed));
            parts.iter().enumerate().find_map(bare)
        })
        .filter(|(_, package, _)| package.0 != 0)?;
    let inside = &parts[at + 1..];
    let is_file = !inside.is_empty() && inside.iter().all(|part| !matches!(*part, "" | "." | ".."));
    is_file.then(|| (package, inside.join("\\"), wording))
}

/// Undoes `%7B`, once: a name that was encoded twice holds percent signs. What is no code is left.
fn decoded(stem: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(stem.len());
    let mut rest = stem;
    while let [first, more @ ..] = rest {
        let digit = |at: usize| more.get(at).and_then(|byte| char::from(*byte).to_digit(16));
        rest = more;
        match (first, digit(0), digit(1)) {
            (b'%', Some(high), Some(low)) => {
                out.extend(u8::try_from(high << 4 | low));
                rest = &more[2..];
            }
            _ => out.push(*first),
        }
    }
    out
}

#[cfg(test)]
mod tests;
