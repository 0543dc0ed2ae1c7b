//! Agent log records: `<event date='Sep 26 15:37:19' severity='4' ...><![CDATA[text]]></event>`.
//!
//! There is no root element: a log is a stream of records, cut anywhere by rotation, sometimes
//! written by two processes at once. Borders are found by byte search over blocks of 1 MiB, so
//! memory does not grow with the file. Only what is kept is copied or decoded.

use crate::ingest::encoding::text;
use crate::ingest::messages::{Catalogue, near_family, package_in, template};
use crate::ingest::stamps::{self, DateOrder};
use crate::ingest::{Defect, LogRecord};
use crate::model::{Fact, PackageId, Record, Server, Stamp, Wording};
use memchr::memmem::{self, Finder};
use nom::bytes::complete::{tag, take_till, take_while, take_while1};
use nom::character::complete::one_of;
use nom::{IResult, Parser};
use std::borrow::Cow;
use std::collections::BTreeMap;
use std::io::Read;
use std::sync::{Arc, LazyLock};

/// Bytes read at a time, and the longest record that is read whole.
const BLOCK: usize = 1 << 20;
/// The longest start tag. A longer one is a broken quote.
const LONGEST_TAG: usize = 64 << 10;
/// Bytes that are kept of a record cut by rotation.
const LONGEST_CUT: usize = 64 << 10;
/// Different wordings that are counted one by one; a log of random text must not fill the memory.
const MOST_WORDINGS: usize = 4_096;
/// Losses of one file that are told apart; more are taken for one that reaches from the last of these on.
const MOST_HOLES: usize = 1_024;
/// Defects of one file that are told one by one.
const MOST_DEFECTS: usize = 200;

// Built once: to prepare a search costs as much as to search a record.
static OPENING: LazyLock<Finder<'static>> = LazyLock::new(|| Finder::new(b"<event"));
static SECTION: LazyLock<Finder<'static>> = LazyLock::new(|| Finder::new(b"<![CDATA["));
static SECTION_END: LazyLock<Finder<'static>> = LazyLock::new(|| Finder::new(b"]]>"));

/// What one agent log holds.
#[derive(Debug, Clone, Default)]
pub struct LogFacts {
    /// All records, kept or not.
    pub records: u64,
    /// In the order of the file.
    pub kept: Vec<LogRecord>,
    /// Records whose wording was recognised.
    pub matched: u64,
    /// Records that name a package and whose wording was not recognised.
    pub unmatched: u64,
    /// How many records each host wrote.
    pub hosts: BTreeMap<Server, u64>,
    /// By template: the wordings of records that name a package, or come from a package-related
    /// source and are recognised or come near to what packages do.
    pub wordings: BTreeMap<String, Usage>,
    /// The line and the bytes before the first record, if they are the end of a record that rotation cut.
    pub head_cut: Option<(u32, Vec<u8>)>,
    /// The line and the bytes of the last record, if it is cut.
    pub tail_cut: Option<(u32, Vec<u8>)>,
    /// Where records inside the file are lost: the records before and after.
    pub holes: Vec<(Edge, Edge)>,
    /// The number of the file that holds the rest of the last record: nothing is lost between the two.
    pub goes_on_in: Option<usize>,
    /// Whether it may be a selection, so that what it does not tell may have happened all the same.
    pub is_selection: bool,
    /// Whether its newest record stands first.
    pub newest_first: bool,
    /// The place in the order of time of each line, where that is not the order of the file.
    pub ranks: BTreeMap<u32, u32>,
}

/// A record beside a loss: what the clock needs to tell when it was written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Edge {
    pub line: u32,
    pub stamp: Stamp,
    pub tick: Option<u64>,
}

impl LogFacts {
    /// Where the record of a line stands for the clock, which counts lines in the order of time.
    pub fn rank(&self, line: u32) -> u32 {
        self.ranks.get(&line).copied().unwrap_or(line)
    }

    /// Counts a record and, if it is `kept`, takes it in; the flag of `kept` tells whether its
    /// wording was recognised. `related` records are of a part of the agent that has to do with packages.
    pub fn add(
        &mut self,
        kept: Option<(LogRecord, bool)>,
        message: &str,
        line: u32,
        related: bool,
    ) {
        let mut pattern = None;
        let mut wording = Wording::Assumed;
        let mut named = false;
        if let Some((record, recognised)) = kept {
            named = record.package.is_some();
            if recognised {
                self.matched += 1;
                pattern.clone_from(&record.pattern);
                wording = record.wording;
            } else if named {
                self.unmatched += 1;
            }
            self.kept.push(record);
        }
        // Chatter of a package-related source that names no package teaches nobody anything.
        if named || related && (pattern.is_some() || near_family(message)) {
            self.count_wording(message, line, pattern, wording);
        }
    }

    fn count_wording(
        &mut self,
        message: &str,
        line: u32,
        pattern: Option<Arc<str>>,
        wording: Wording,
    ) {
        let template = template(message);
        if let Some(stats) = self.wordings.get_mut(&template) {
            stats.count += 1;
        } else if self.wordings.len() < MOST_WORDINGS {
            let stats = Usage {
                count: 1,
                sample: message.chars().take(2_000).collect(),
                line,
                pattern,
                wording,
            };
            self.wordings.insert(template, stats);
        }
    }
}

/// How often one wording occurred, and an example.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Usage {
    pub count: u64,
    /// The first message of this wording, at most 2,000 characters, and its line.
    pub sample: String,
    pub line: u32,
    /// The catalogue entry that recognised it.
    pub pattern: Option<Arc<str>>,
    pub wording: Wording,
}

/// Called for every record, kept or not: line, time, tick count. The clock listens here.
pub type Observe<'o> = &'o mut dyn FnMut(u32, Option<&Stamp>, Option<u64>);

/// Whether the beginning of a text looks like agent log records.
pub fn recognise(prefix: &str) -> bool {
    let bytes = prefix.as_bytes();
    let mut from = 0;
    while let Some(open) = find_open(&bytes[from..]) {
        let start = from + open;
        from = start + 6;
        let rest = &bytes[start..];
        let tag_text = match tag_end(rest) {
            Tag::Ends(end) => &rest[..end],
            // The prefix may end within the tag.
            Tag::Unfinished => rest,
            Tag::Broken(_) => continue,
        };
        let attributes = Attributes::read(tag_text);
        if attributes.date.is_some() && attributes.told >= 2
            || attributes.severity.is_some() && attributes.source.is_some()
        {
            return true;
        }
    }
    false
}

/// Reads all records of a log. `reader` gives UTF-8 or Windows-1252 bytes.
pub fn parse(
    reader: &mut dyn Read,
    catalogue: &Catalogue,
    observe: Observe<'_>,
    defects: &mut Vec<Defect>,
) -> LogFacts {
    let mut log = Log {
        catalogue,
        observe,
        defects,
        more_defects: 0,
        more_lost: false,
        facts: LogFacts::default(),
        last_date: Vec::new(),
        last_stamp: None,
        last_host: None,
        started: false,
        broken: false,
        owed: 0,
        before: None,
        hole: None,
    };
    let mut buffer: Vec<u8> = Vec::with_capacity(2 * BLOCK);
    // Line of the first byte of the buffer.
    let mut line = 1_u32;
    let mut skipping = false;
    loop {
        let filled = fill(reader, &mut buffer);
        if let Err(error) = &filled {
            log.defect(
                Some(line),
                format!("reading stopped: {error}"),
                "what follows in this file is lost",
                true,
            );
        }
        let last = !matches!(filled, Ok(true));
        let mut used = 0;
        while used < buffer.len() || last {
            let data = &buffer[used..];
            let step = if skipping {
                let (step, ended) = skip(data, last);
                skipping = !ended;
                step
            } else {
                next(data, last)
            };
            let Some(length) = log.take(&step, data, line) else {
                break;
            };
            skipping |= matches!(step, Step::Long { .. });
            line = line.saturating_add(lines(&data[..length]));
            used += length;
            if length == 0 || last && used == buffer.len() {
                break;
            }
        }
        buffer.drain(..used);
        if last {
            break;
        }
    }
    log.finish()
}

/// A record whose halves lay in two files.
pub struct Joined {
    pub stamp: Option<Stamp>,
    /// The record, if it is one that is kept. Its line is 1.
    pub record: Option<LogRecord>,
}

/// Joins the two halves of a record that rotation put into two files. `None` if they do not make
/// one whole record.
pub fn parse_joined(tail: &[u8], head: &[u8], catalogue: &Catalogue) -> Option<Joined> {
    let joined = [tail, head].concat();
    let Step::Record {
        end, body, open, ..
    } = next(&joined, true)
    else {
        return None;
    };
    let whole =
        open == 0 && joined[..end].ends_with(b">") && joined.get(end..)?.trim_ascii().is_empty();
    if !whole || joined[..end].strip_suffix(b"</event>").is_none() {
        return None;
    }
    let attributes = Attributes::read(&joined[open..body]);
    let message = body_text(&joined[body..end]);
    let stamp = attributes.date.and_then(stamp_of);
    let host = attributes
        .host
        .map(|host| Server::from(value(host).as_ref()));
    let severity = attributes.severity();
    let kept = keep(
        severity,
        &message,
        || attributes.record(),
        stamp,
        host,
        1,
        catalogue,
    );
    Some(Joined {
        stamp,
        record: kept.map(|(record, _)| record),
    })
}

/// The time of a record of which only the first half is there: `None` if its start tag is cut,
/// `Some(None)` if it has none that can be read.
pub fn tail_stamp(tail: &[u8]) -> Option<Option<Stamp>> {
    match tag_end(tail) {
        Tag::Ends(end) => Some(Attributes::read(&tail[..end]).date.and_then(stamp_of)),
        _ => None,
    }
}

/// One step through the bytes of a log.
enum Step {
    /// A record: the tag stands at `open..body`, text and end tag at `body..end`. `whole` is false
    /// if the end tag is missing although the text is complete.
    Record {
        open: usize,
        body: usize,
        end: usize,
        whole: bool,
    },
    /// A record at `open` that breaks off at `end`, where reading goes on.
    Unfinished { open: usize, end: usize },
    /// A record that is longer than can be read whole; its rest has to be skipped.
    Long {
        open: usize,
        body: usize,
        end: usize,
    },
    /// The last record, cut by the end of the file.
    Tail { open: usize },
    /// No record in the first `end` bytes.
    Gone { end: usize },
    /// The block ends within a record.
    More,
}

struct Log<'o, 'c> {
    catalogue: &'c Catalogue,
    observe: Observe<'o>,
    defects: &'o mut Vec<Defect>,
    more_defects: u64,
    more_lost: bool,
    facts: LogFacts,
    last_date: Vec<u8>,
    last_stamp: Option<Stamp>,
    last_host: Option<(Vec<u8>, Server, u64)>,
    /// Whether a record was seen; before, text is the rest of a record of an older file.
    started: bool,
    /// Whether the text that follows may be the rest of a record already told as broken.
    broken: bool,
    /// How many broken-off records may yet show their rest.
    owed: u32,
    /// The record before.
    before: Option<Edge>,
    /// The record before the loss that has not ended yet.
    hole: Option<Edge>,
}

impl Log<'_, '_> {
    /// Uses one step; returns how many bytes are done, `None` if more are needed.
    fn take(&mut self, step: &Step, data: &[u8], line: u32) -> Option<usize> {
        let open = match *step {
            Step::Record { open, .. }
            | Step::Unfinished { open, .. }
            | Step::Long { open, .. }
            | Step::Tail { open } => open,
            Step::Gone { end } => end,
            Step::More => return None,
        };
        self.between(&data[..open], line);
        let at = line.saturating_add(lines(&data[..open]));
        match *step {
            Step::Record {
                open,
                body,
                end,
                whole,
            } => {
                self.started = true;
                self.broken = !whole;
                if !whole {
                    self.defect(
                        Some(at),
                        "record without an end tag".into(),
                        "its text is complete and was used",
                        false,
                    );
                }
                self.record(&data[open..body], &data[body..end], at);
                Some(end)
            }
            Step::Unfinished { end, .. } => {
                self.started = true;
                self.owed = self.owed.saturating_add(1);
                self.lose();
                self.defect(
                    Some(at),
                    "record broken off by the next record".into(),
                    "its event is lost",
                    true,
                );
                Some(end)
            }
            Step::Long { open, body, end } => {
                self.started = true;
                self.broken = true;
                self.defect(
                    Some(at),
                    "record longer than 1 MiB".into(),
                    "its text was cut there",
                    true,
                );
                if body > open {
                    self.record(&data[open..body], &data[body..end], at);
                }
                Some(end)
            }
            Step::Tail { open } => {
                self.defect(
                    Some(at),
                    "record cut at the end of the file".into(),
                    "its event is lost",
                    false,
                );
                let cut = &data[open..];
                self.facts.tail_cut = Some((at, cut[..cut.len().min(LONGEST_CUT)].to_vec()));
                Some(data.len())
            }
            Step::Gone { end } => Some(end),
            Step::More => None,
        }
    }

    /// Text between records.
    fn between(&mut self, text: &[u8], line: u32) {
        let text = text.strip_prefix(b"\xef\xbb\xbf").unwrap_or(text);
        let inner = text.trim_ascii();
        if inner.is_empty() {
            return;
        }
        let at = line.saturating_add(lines(&text[..text.len() - text.trim_ascii_start().len()]));
        // A text section has lost its tag; without one, it may be the rest of a record already told.
        let section = SECTION.find(inner).is_some();
        if self.broken && !section {
            return;
        }
        let markup = inner.starts_with(b"<") && !inner.starts_with(b"</event") && !holds_end(inner);
        if markup {
            return;
        }
        if !self.started {
            if self.facts.head_cut.is_none() {
                self.defect(
                    Some(at),
                    "record cut at the start of the file".into(),
                    "its event is lost",
                    false,
                );
                let kept = text.len().min(LONGEST_CUT);
                self.facts.head_cut = Some((line, text[text.len() - kept..].to_vec()));
            }
            return;
        }
        let end = holds_end(inner) || section;
        if end && self.owed > 0 {
            self.owed -= 1;
            return;
        }
        if end {
            self.lose();
        }
        self.defect(
            Some(at),
            "text between records".into(),
            if end {
                "the record that it belongs to is lost"
            } else {
                "it was not used"
            },
            end,
        );
    }

    fn record(&mut self, tag: &[u8], body: &[u8], line: u32) {
        self.facts.records += 1;
        let attributes = Attributes::read(tag);
        if let Some(date) = attributes.date {
            // Records come in bursts; the same second need not be read again.
            if date != self.last_date.as_slice() {
                if let Some(stamp) = stamp_of(date) {
                    self.last_stamp = Some(stamp);
                    self.last_date.clear();
                    self.last_date.extend_from_slice(date);
                } else {
                    self.defect(
                        Some(line),
                        format!("time `{}` is of no known form", shown(date)),
                        "the time of the record before it is used",
                        false,
                    );
                }
            }
        }
        let host = self.host(attributes.host);
        let tick = attributes.tick.and_then(number);
        (self.observe)(line, self.last_stamp.as_ref(), tick);
        self.pass(line, tick);
        if body_is_lost(body) {
            self.lose();
            self.defect(
                Some(line),
                "record without text".into(),
                "what it said is lost",
                true,
            );
            return;
        }
        let names_guid = holds_guid(body);
        let related = attributes.source.is_some_and(related);
        let error = attributes.severity == Some(b"1");
        if !names_guid && !related && !error && !self.catalogue.may_match(body, names_guid) {
            return;
        }
        let message = body_text(body);
        let stamp = self.last_stamp;
        let severity = attributes.severity();
        let header = || attributes.record();
        let kept = keep(
            severity,
            &message,
            header,
            stamp,
            host,
            line,
            self.catalogue,
        );
        self.facts.add(kept, &message, line, related);
    }

    /// A record is lost after the one before.
    fn lose(&mut self) {
        self.hole = self.hole.or(self.before);
    }

    /// A record follows: what was lost, was lost before it.
    fn pass(&mut self, line: u32, tick: Option<u64>) {
        let Some(stamp) = self.last_stamp else {
            return;
        };
        let edge = Edge { line, stamp, tick };
        self.close_hole(edge);
        self.before = Some(edge);
    }

    fn close_hole(&mut self, after: Edge) {
        let Some(before) = self.hole.take() else {
            return;
        };
        if self.facts.holes.len() < MOST_HOLES {
            self.facts.holes.push((before, after));
        } else if let Some(last) = self.facts.holes.last_mut() {
            last.1 = after;
        }
    }

    /// The host as a shared name, counted.
    fn host(&mut self, written: Option<&[u8]>) -> Option<Server> {
        let written = written?.trim_ascii();
        if written.is_empty() {
            return None;
        }
        match &mut self.last_host {
            Some((bytes, server, count)) if bytes.as_slice() == written => {
                *count += 1;
                Some(server.clone())
            }
            _ => {
                self.count_host();
                let name = value(written);
                let known = self.facts.hosts.get_key_value(name.as_ref());
                let server =
                    known.map_or_else(|| Server::from(name.as_ref()), |(known, _)| known.clone());
                self.last_host = Some((written.to_vec(), server.clone(), 1));
                Some(server)
            }
        }
    }

    fn count_host(&mut self) {
        if let Some((_, server, count)) = self.last_host.take() {
            *self.facts.hosts.entry(server).or_insert(0) += count;
        }
    }

    fn defect(&mut self, line: Option<u32>, what: String, cost: &str, lost: bool) {
        if self.defects.len() >= MOST_DEFECTS {
            self.more_defects += 1;
            self.more_lost |= lost;
            return;
        }
        self.defects.push(Defect {
            line,
            what,
            cost: cost.into(),
            lost,
        });
    }

    fn finish(mut self) -> LogFacts {
        self.count_host();
        if let Some(last) = self.before {
            self.close_hole(last);
        }
        if self.more_defects > 0 {
            self.defects.push(Defect {
                line: None,
                what: format!("{} more defects like these", self.more_defects),
                cost: "they are not listed one by one".into(),
                lost: self.more_lost,
            });
        }
        self.facts
    }
}

/// Whether a record has neither a text section nor text: a line of it is lost.
fn body_is_lost(body: &[u8]) -> bool {
    let end = body.strip_suffix(b"</event>").unwrap_or(body);
    end.trim_ascii().is_empty()
}

/// Decides whether a record is kept; the flag tells whether its wording was recognised. `header`
/// is asked only for what is kept.
pub(super) fn keep(
    severity: Option<u8>,
    message: &str,
    header: impl FnOnce() -> Record,
    stamp: Option<Stamp>,
    host: Option<Server>,
    line: u32,
    catalogue: &Catalogue,
) -> Option<(LogRecord, bool)> {
    let found = catalogue.recognise(message);
    let recognised = found.is_some();
    let (fact, package, name, pattern, wording) = match found {
        Some(found) => (
            found.fact,
            found.package,
            found.name,
            Some(found.pattern),
            found.wording,
        ),
        None => {
            let package = package_in(message);
            if package.is_none() && severity != Some(1) && !deletes_a_path(message) {
                return None;
            }
            // `Other` says nothing, so nothing in it is assumed.
            (Fact::Other, package, None, None, Wording::Confirmed)
        }
    };
    let record = LogRecord {
        line,
        stamp,
        host,
        record: header(),
        message: message.into(),
        package,
        name,
        fact,
        pattern,
        wording,
    };
    Some((record, recognised))
}

/// Whether a record without a package may tell of a deletion in a folder, which may be a package's.
fn deletes_a_path(message: &str) -> bool {
    let lower = message.to_ascii_lowercase();
    (lower.contains(":\\") || lower.contains(r"\\"))
        && ["delet", "remov", "purg", "eras", "wip", "clean"]
            .iter()
            .any(|stem| lower.contains(stem))
}

/// Reads until a block more is in the buffer; `false` at the end of the file.
fn fill(reader: &mut dyn Read, buffer: &mut Vec<u8>) -> std::io::Result<bool> {
    // Not `resize`: clearing a block costs more than most small logs of an archive hold.
    let read = reader.take(BLOCK as u64).read_to_end(buffer)?;
    Ok(read == BLOCK)
}

/// The next step in `data`; `last` says that nothing follows.
fn next(data: &[u8], last: bool) -> Step {
    let Some(open) = find_open(data) else {
        if last {
            // `<even` at the very end is the start of a cut record, too.
            let cut = memchr::memrchr(b'<', data)
                .filter(|start| data.len() - start > 2 && b"<event".starts_with(&data[*start..]));
            return cut.map_or(Step::Gone { end: data.len() }, |open| Step::Tail { open });
        }
        let end = data.len().saturating_sub(8);
        return if end == 0 {
            Step::More
        } else {
            Step::Gone { end }
        };
    };
    let rest = &data[open..];
    let body = match tag_end(rest) {
        Tag::Ends(end) => open + end,
        Tag::Broken(at) => {
            return Step::Unfinished {
                open,
                end: open + at,
            };
        }
        Tag::Unfinished if last => return Step::Tail { open },
        Tag::Unfinished => return Step::More,
    };
    if data[..body].ends_with(b"/>") {
        return Step::Record {
            open,
            body,
            end: body,
            whole: true,
        };
    }
    let unfinished = |last: bool| {
        if data.len() - open > BLOCK {
            Step::Long {
                open,
                body,
                end: open + BLOCK,
            }
        } else if last {
            Step::Tail { open }
        } else {
            Step::More
        }
    };
    let mut at = body;
    // Where the last CDATA section ended, if only white space followed.
    let mut closed = None;
    loop {
        let Some(found) = memchr::memchr(b'<', &data[at..]) else {
            return match closed {
                Some(end) if last && data[end..].trim_ascii().is_empty() => Step::Record {
                    open,
                    body,
                    end,
                    whole: false,
                },
                _ => unfinished(last),
            };
        };
        let start = at + found;
        if closed.is_some_and(|end| !data[end..start].trim_ascii().is_empty()) {
            closed = None;
        }
        let rest = &data[start..];
        if rest.starts_with(b"</event>") {
            let end = start + 8;
            return Step::Record {
                open,
                body,
                end,
                whole: true,
            };
        }
        if rest.starts_with(b"<![CDATA[") {
            let inside = start + 9;
            let Some(end) = SECTION_END.find(&data[inside..]) else {
                if let Some(inner) = inner_record(&data[inside..], last) {
                    return Step::Unfinished {
                        open,
                        end: inside + inner,
                    };
                }
                return unfinished(last);
            };
            let text = &data[inside..inside + end];
            if let Some(inner) = broken_by(text, &data[inside + end..]) {
                return Step::Unfinished {
                    open,
                    end: inside + inner,
                };
            }
            at = inside + end + 3;
            closed = Some(at);
            if at - open > BLOCK {
                return Step::Long {
                    open,
                    body,
                    end: open + BLOCK,
                };
            }
        } else if is_open(rest) && tells_attributes(rest) {
            return match closed {
                Some(end) => Step::Record {
                    open,
                    body,
                    end,
                    whole: false,
                },
                None => Step::Unfinished { open, end: start },
            };
        } else if rest.len() < 9
            && (b"</event>".starts_with(rest) || b"<![CDATA[".starts_with(rest))
        {
            // A border that the block cuts. At the end of the file a record whose text is complete is used.
            return match closed {
                Some(end) if last && b"</event>".starts_with(rest) => Step::Record {
                    open,
                    body,
                    end,
                    whole: false,
                },
                _ => unfinished(last),
            };
        } else {
            at = start + 1;
        }
    }
}

/// After a record that is too long: skips up to its end tag or the next record, and tells whether
/// that was reached.
fn skip(data: &[u8], last: bool) -> (Step, bool) {
    let end = memmem::find(data, b"</event>").map(|at| at + 8);
    let mut from = 0;
    let mut open = None;
    while let Some(at) = find_open(&data[from..]) {
        if tells_attributes(&data[from + at..]) {
            open = Some(from + at);
            break;
        }
        from += at + 6;
    }
    let step = match (end, open) {
        (Some(end), Some(open)) => Step::Gone { end: end.min(open) },
        (Some(end), None) | (None, Some(end)) => Step::Gone { end },
        (None, None) if last => Step::Gone { end: data.len() },
        (None, None) => match data.len().saturating_sub(LONGEST_TAG) {
            0 => Step::More,
            end => Step::Gone { end },
        },
    };
    (step, end.is_some() || open.is_some())
}

/// Where in a CDATA section another record begins, if the section was broken off by it: the
/// record's own CDATA opens in it, and the `]]>` that ends it is not one that was split in two.
fn broken_by(text: &[u8], after: &[u8]) -> Option<usize> {
    let opens = SECTION.find(text)?;
    if text.ends_with(b"]]") && after.starts_with(b"]]><![CDATA[>") {
        return None;
    }
    inner_record(&text[..opens], true)
}

/// The first place in `text` where a whole start tag of a record stands.
fn inner_record(text: &[u8], last: bool) -> Option<usize> {
    let mut from = 0;
    while let Some(at) = find_open(&text[from..]) {
        let start = from + at;
        if tells_attributes(&text[start..]) {
            // Text may quote a record in one piece; that does not break it. Only at the end of the
            // data, where no end of the section was found, is it taken for a real one.
            return last.then_some(start);
        }
        from = start + 6;
    }
    None
}

/// `<event` and then something that is not a letter.
fn find_open(data: &[u8]) -> Option<usize> {
    let mut from = 0;
    loop {
        let at = from + OPENING.find(&data[from..])?;
        if is_open(&data[at..]) {
            return Some(at);
        }
        from = at + 6;
    }
}

fn is_open(rest: &[u8]) -> bool {
    rest.starts_with(b"<event")
        && rest
            .get(6)
            .is_some_and(|byte| byte.is_ascii_whitespace() || matches!(byte, b'>' | b'/'))
}

/// Whether the tag at the start of `rest` has the attributes of a record.
fn tells_attributes(rest: &[u8]) -> bool {
    match tag_end(rest) {
        Tag::Ends(end) => Attributes::read(&rest[..end]).told >= 2,
        _ => false,
    }
}

enum Tag {
    /// After the `>`.
    Ends(usize),
    /// At a `<` that cannot stand in a tag, or after too many bytes.
    Broken(usize),
    Unfinished,
}

fn tag_end(rest: &[u8]) -> Tag {
    let mut at = 6;
    let mut quote = None;
    while let Some(byte) = rest.get(at) {
        match (quote, byte) {
            (_, b'<') => return Tag::Broken(at),
            (None, b'>') => return Tag::Ends(at + 1),
            (None, b'\'' | b'"') => quote = Some(*byte),
            (Some(open), byte) if open == *byte => quote = None,
            _ => {}
        }
        at += 1;
        if at > LONGEST_TAG {
            return Tag::Broken(at);
        }
    }
    Tag::Unfinished
}

/// The attributes of one record, as written.
#[derive(Debug, Default)]
struct Attributes<'t> {
    date: Option<&'t [u8]>,
    severity: Option<&'t [u8]>,
    host: Option<&'t [u8]>,
    source: Option<&'t [u8]>,
    process: Option<&'t [u8]>,
    pid: Option<&'t [u8]>,
    thread: Option<&'t [u8]>,
    tick: Option<&'t [u8]>,
    /// How many known attributes there are.
    told: u8,
}

impl<'t> Attributes<'t> {
    /// Reads what can be read of `<event ...>`; what cannot is passed over.
    fn read(tag_text: &'t [u8]) -> Self {
        let mut all = Attributes::default();
        let mut rest = tag_text.strip_prefix(b"<event").unwrap_or(tag_text);
        while !rest.is_empty() {
            let Ok((after, (name, value))) = attribute(rest) else {
                rest = &rest[1..];
                continue;
            };
            rest = after;
            let slot = match name {
                _ if name.eq_ignore_ascii_case(b"date") => &mut all.date,
                _ if name.eq_ignore_ascii_case(b"severity") => &mut all.severity,
                _ if name.eq_ignore_ascii_case(b"hostName") => &mut all.host,
                _ if name.eq_ignore_ascii_case(b"source") => &mut all.source,
                _ if name.eq_ignore_ascii_case(b"process") => &mut all.process,
                _ if name.eq_ignore_ascii_case(b"pid") => &mut all.pid,
                _ if name.eq_ignore_ascii_case(b"thread") => &mut all.thread,
                _ if name.eq_ignore_ascii_case(b"tickCount") => &mut all.tick,
                _ => continue,
            };
            if slot.is_none() {
                *slot = Some(value);
                all.told = all.told.saturating_add(1);
            }
        }
        all
    }

    fn severity(&self) -> Option<u8> {
        self.severity
            .and_then(number)
            .and_then(|level| u8::try_from(level).ok())
    }

    /// What stands on the timeline.
    fn record(&self) -> Record {
        let text = |bytes: Option<&[u8]>| {
            bytes
                .map(|bytes| value(bytes).into_owned())
                .unwrap_or_default()
        };
        let mut process = text(self.process);
        if let Some(pid) = self.pid.and_then(number) {
            if process.is_empty() {
                process = pid.to_string();
            } else {
                process += &format!(" ({pid})");
            }
        }
        Record {
            severity: self.severity(),
            component: text(self.source).into(),
            process: process.into(),
            thread: self
                .thread
                .and_then(number)
                .and_then(|thread| u32::try_from(thread).ok()),
            tick: self.tick.and_then(number),
        }
    }
}

/// `name = 'value'`, with white space anywhere and either quote.
fn attribute(input: &[u8]) -> IResult<&[u8], (&[u8], &[u8])> {
    let blank = |byte: u8| byte.is_ascii_whitespace();
    let (input, _) = take_while(blank).parse(input)?;
    let (input, name) =
        take_while1(|byte: u8| byte.is_ascii_alphanumeric() || b"_:-.".contains(&byte))
            .parse(input)?;
    let (input, _) = (take_while(blank), tag(&b"="[..]), take_while(blank)).parse(input)?;
    let (input, quote) = one_of("'\"").parse(input)?;
    let (input, value) = take_till(|byte: u8| char::from(byte) == quote).parse(input)?;
    let (input, _) = nom::bytes::complete::take(1_usize).parse(input)?;
    Ok((input, (name, value)))
}

/// The text of `body`, which ends with the end tag: CDATA sections joined, entities outside them decoded.
fn body_text(body: &[u8]) -> Cow<'_, str> {
    let body = body.strip_suffix(b"</event>").unwrap_or(body);
    let trimmed = body.trim_ascii();
    if let Some(inside) = trimmed
        .strip_prefix(b"<![CDATA[")
        .and_then(|rest| rest.strip_suffix(b"]]>"))
        && memmem::find(inside, b"]]>").is_none()
    {
        return unix_lines(text(inside));
    }
    let mut out = Vec::with_capacity(trimmed.len());
    let mut rest = trimmed;
    while let Some(start) = memmem::find(rest, b"<![CDATA[") {
        push_plain(&mut out, &rest[..start]);
        let inside = &rest[start + 9..];
        let end = memmem::find(inside, b"]]>").unwrap_or(inside.len());
        out.extend_from_slice(&inside[..end]);
        rest = inside.get(end + 3..).unwrap_or_default();
    }
    push_plain(&mut out, rest);
    unix_lines(Cow::Owned(text(&out).into_owned()))
}

/// Line ends depend on who copied the log; the message does not.
fn unix_lines(message: Cow<'_, str>) -> Cow<'_, str> {
    if memchr::memchr(b'\r', message.as_bytes()).is_none() {
        return message;
    }
    Cow::Owned(message.replace("\r\n", "\n").replace('\r', "\n"))
}

/// Text outside CDATA; white space alone is layout.
fn push_plain(out: &mut Vec<u8>, plain: &[u8]) {
    if !plain.trim_ascii().is_empty() {
        out.extend_from_slice(&entities(plain));
    }
}

/// Decodes the five named entities and character references; anything else stays as it is.
fn entities(plain: &[u8]) -> Cow<'_, [u8]> {
    if memchr::memchr(b'&', plain).is_none() {
        return Cow::Borrowed(plain);
    }
    let mut out = Vec::with_capacity(plain.len());
    let mut rest = plain;
    while let Some(start) = memchr::memchr(b'&', rest) {
        out.extend_from_slice(&rest[..start]);
        rest = &rest[start..];
        let end = memchr::memchr(b';', &rest[..rest.len().min(12)]);
        let letter = end.and_then(|end| entity(&rest[1..end]));
        match (end, letter) {
            (Some(end), Some(letter)) => {
                out.extend_from_slice(letter.encode_utf8(&mut [0; 4]).as_bytes());
                rest = &rest[end + 1..];
            }
            _ => {
                out.push(b'&');
                rest = &rest[1..];
            }
        }
    }
    out.extend_from_slice(rest);
    Cow::Owned(out)
}

fn entity(name: &[u8]) -> Option<char> {
    Some(match name {
        b"lt" => '<',
        b"gt" => '>',
        b"amp" => '&',
        b"apos" => '\'',
        b"quot" => '"',
        _ => {
            let digits = std::str::from_utf8(name.strip_prefix(b"#")?).ok()?;
            let code = match digits.strip_prefix(['x', 'X']) {
                Some(hex) => u32::from_str_radix(hex, 16).ok()?,
                None => digits.parse().ok()?,
            };
            char::from_u32(code)?
        }
    })
}

/// An attribute's value, decoded.
fn value(written: &[u8]) -> Cow<'_, str> {
    match entities(written) {
        Cow::Borrowed(bytes) => text(bytes),
        Cow::Owned(bytes) => Cow::Owned(text(&bytes).into_owned()),
    }
}

fn shown(bytes: &[u8]) -> String {
    value(bytes)
        .chars()
        .map(|letter| if letter.is_control() { ' ' } else { letter })
        .take(40)
        .collect()
}

fn number(bytes: &[u8]) -> Option<u64> {
    std::str::from_utf8(bytes).ok()?.trim().parse().ok()
}

/// Whether the agent's Package Server or Package Delivery part wrote the record.
pub(super) fn related(source: &[u8]) -> bool {
    [&b"Package"[..], b"Snapshot", b"package", b"snapshot"]
        .iter()
        .any(|word| memmem::find(source, word).is_some())
}

fn holds_end(text: &[u8]) -> bool {
    memmem::find(text, b"</event>").is_some() || memmem::find(text, b"]]>").is_some()
}

/// Whether a GUID stands in the bytes, found by its hyphens.
fn holds_guid(bytes: &[u8]) -> bool {
    memchr::memchr_iter(b'-', bytes).any(|at| {
        at >= 8
            && bytes.get(at + 5) == Some(&b'-')
            && bytes.get(at + 10) == Some(&b'-')
            && bytes.get(at + 15) == Some(&b'-')
            && bytes
                .get(at - 8..at + 28)
                .and_then(|guid| std::str::from_utf8(guid).ok())
                .is_some_and(|guid| PackageId::parse(guid).is_some())
    })
}

fn lines(bytes: &[u8]) -> u32 {
    u32::try_from(memchr::memchr_iter(b'\n', bytes).count()).unwrap_or(u32::MAX)
}

/// Raw logs write `Sep 26 15:37:19` or American dates; nothing in them is European.
fn stamp_of(date: &[u8]) -> Option<Stamp> {
    stamps::parse(&value(date), Some(DateOrder::Mdy))
}

#[cfg(test)]
mod tests {
    use super::*;

    const ID: &str = "{1EC214B8-E862-44A9-B3A6-27D918D136A2}";
    const REAL: &str = "<event date='May 16 11:51:05' severity='2' hostName='pc100' source='CreateDirectoryPath' module='AeXNSAgent.exe' process='AeXNSAgent.exe' pid='724' thread='1740' tickCount='495844828' >\n  <![CDATA[Cannot create directory: 0x80070005 [Access is denied] d:]]></event>\n<event date='May 16 11:51:05' severity='2' hostName='pc100' source='EventTransport' module='AeXNSAgent.exe' process='AeXNSAgent.exe' pid='724' thread='1740' tickCount='495844843' >\n  <![CDATA[Error while copying event to capture directory: Access is denied (-2147024891)]]></event>\n";

    fn read(bytes: &[u8]) -> (LogFacts, Vec<Defect>) {
        let mut defects = Vec::new();
        let facts = parse(
            &mut &bytes[..],
            &Catalogue::new(),
            &mut |_, _, _| (),
            &mut defects,
        );
        (facts, defects)
    }

    fn event(text: &str) -> String {
        format!(
            "<event date='Nov 03 02:00:00' severity='4' hostName='PS01' source='Package Delivery' process='a.exe' pid='7' thread='8' tickCount='9' >\r\n<![CDATA[{text}]]>\r\n</event>\r\n"
        )
    }

    #[test]
    fn real_records_are_read() {
        assert!(recognise(REAL));
        let (facts, defects) = read(REAL.as_bytes());
        assert_eq!((facts.records, facts.kept.len(), defects.len()), (2, 1, 0));
        let kept = &facts.kept[0];
        assert_eq!(kept.line, 1);
        assert_eq!(
            kept.fact,
            Fact::AccessDenied {
                code: Some(0x8007_0005)
            }
        );
        assert_eq!(kept.host.as_deref(), Some("pc100"));
        assert_eq!(&*kept.record.process, "AeXNSAgent.exe (724)");
        assert_eq!(
            (kept.record.thread, kept.record.tick, kept.record.severity),
            (Some(1740), Some(495_844_828), Some(2))
        );
        assert_eq!(
            facts.hosts.into_iter().collect::<Vec<_>>(),
            [("pc100".into(), 2)]
        );
    }

    #[test]
    fn other_kinds_of_files_are_not_taken() {
        for text in [
            "",
            "<Event xmlns='http'><System/></Event>",
            "<events><event/></events>",
            "Date: 1/1/2020",
            "<event name='x'>",
        ] {
            assert!(!recognise(text), "{text}");
        }
        assert!(recognise(
            "rest of a record]]></event>\n<event severity=\"1\" date=\"Sep 26 15:37:19\" hostN"
        ));
    }

    #[test]
    fn attributes_come_in_any_order_and_quoting() {
        let tag = "<event\r\n tickCount = \"12\"\tsource='Package &amp; Delivery' x='1' hostName=\"P'S\" thread='' date='Sep 26 15:37:19'>";
        let attributes = Attributes::read(tag.as_bytes());
        assert_eq!(attributes.tick, Some(&b"12"[..]));
        assert_eq!(value(attributes.source.unwrap()), "Package & Delivery");
        assert_eq!(attributes.host, Some(&b"P'S"[..]));
        assert_eq!(attributes.severity, None);
        let text = format!("{tag}Marking package id: {ID} as deleted &lt;now&gt;&#33;</event>");
        let (facts, _) = read(text.as_bytes());
        assert_eq!(facts.kept[0].fact, Fact::MarkedDeleted);
        assert!(facts.kept[0].message.ends_with("deleted <now>!"));
    }

    #[test]
    fn text_may_hold_markup_and_lines() {
        let tricky = format!(
            "a <event date='x' severity='4'> b </event> {ID}\nline 2\nline 3 ]]]]><![CDATA[> end"
        );
        let log = event(&tricky) + &event(&format!("Starting download of package {ID}"));
        let (facts, defects) = read(log.as_bytes());
        assert_eq!(defects, []);
        assert_eq!(facts.records, 2);
        assert_eq!(
            &*facts.kept[0].message,
            tricky.replace("]]]]><![CDATA[>", "]]>")
        );
        assert_eq!(facts.kept[1].line, 6);
    }

    #[test]
    fn what_happens_twice_stays_twice_and_chatter_is_counted() {
        let one = event(&format!("Starting download of package {ID}"));
        let log = format!(
            "{one}{one}{}{}",
            event("Free space on D: 280 GB"),
            event(&format!("Something odd with {ID}"))
        );
        let (facts, _) = read(log.as_bytes());
        assert_eq!(
            (
                facts.records,
                facts.kept.len(),
                facts.matched,
                facts.unmatched
            ),
            (4, 3, 2, 1)
        );
        assert_eq!(facts.kept[2].fact, Fact::Other);
        assert!(!facts.wordings.contains_key("Free space on D: <n> GB"));
        assert_eq!(
            facts.wordings["Starting download of package <guid>"].count,
            2
        );
        assert_eq!(facts.wordings["Something odd with <guid>"].pattern, None);
    }

    #[test]
    fn bytes_of_windows_1252_are_read() {
        let mut log = event(&format!(
            "{ID}: missing file 'D:\\Pkg\\\u{1}bersetzung.dll'"
        ))
        .into_bytes();
        for byte in &mut log {
            if *byte == 1 {
                *byte = 0xdc;
            }
        }
        let (facts, _) = read(&log);
        assert_eq!(
            facts.kept[0].fact,
            Fact::FileMissing {
                path: r"D:\Pkg\Übersetzung.dll".into()
            }
        );
    }

    /// A log of about 6 KB in which every record differs.
    fn sample() -> (String, Vec<(usize, usize)>) {
        let (mut log, mut places) = (String::new(), Vec::new());
        for index in 0..24 {
            let start = log.len();
            log += &event(&format!(
                "Package {ID}: block {index} of 96 downloaded (a.txt)"
            ))
            .replace("]]>\r\n", ["]]>\r\n", "]]>"][index % 2]);
            places.push((start, log.trim_end().len()));
        }
        (log, places)
    }

    #[test]
    fn a_log_cut_anywhere_gives_every_whole_record() {
        let (log, places) = sample();
        for cut in 0..=log.len() {
            let (facts, defects) = read(&log.as_bytes()[..cut]);
            let whole = places.iter().filter(|(_, end)| *end <= cut).count();
            let found = facts.kept.len();
            // A record whose text is complete counts although its end tag is cut.
            assert!(
                found == whole || found == whole + 1,
                "{cut}: {found} of {whole}"
            );
            assert!(
                defects.iter().all(|defect| !defect.lost),
                "{cut}: {defects:?}"
            );
            let (facts, defects) = read(&log.as_bytes()[cut..]);
            let whole = places.iter().filter(|(start, _)| *start >= cut).count();
            assert_eq!(facts.kept.len(), whole, "{cut}");
            assert!(
                defects.iter().all(|defect| !defect.lost),
                "{cut}: {defects:?}"
            );
            if let Some(first) = facts.kept.first() {
                let line = log[cut..]
                    .find("<event")
                    .map(|at| lines(&log.as_bytes()[cut..cut + at]) + 1);
                assert_eq!(Some(first.line), line);
            }
        }
    }

    #[test]
    fn the_halves_of_a_cut_record_can_be_joined() {
        let (log, _) = sample();
        let bytes = log.as_bytes();
        let mut joined = 0;
        for cut in 400..1_000 {
            let (old, _) = read(&bytes[..cut]);
            let (new, _) = read(&bytes[cut..]);
            if let (Some((_, tail)), Some((_, head))) = (&old.tail_cut, &new.head_cut) {
                let whole = parse_joined(tail, head, &Catalogue::new());
                assert!(whole.is_some_and(|whole| whole.record.is_some()), "{cut}");
                joined += 1;
                assert_eq!(old.kept.len() + new.kept.len() + 1, 24, "{cut}");
            }
        }
        assert!(joined > 400, "{joined}");
    }

    #[test]
    fn two_writers_cost_one_record_not_two() {
        let inner = event(&format!("Starting download of package {ID}"));
        let outer = "<event date='Nov 03 02:00:00' severity='4' source='x'>\n<![CDATA[half a sen";
        let log = format!("{outer}{inner}tence]]></event>\n{inner}");
        let (facts, defects) = read(log.as_bytes());
        assert_eq!(facts.kept.len(), 2);
        assert_eq!(defects.len(), 1, "{defects:?}");
        assert_eq!((defects[0].line, defects[0].lost), (Some(1), true));
        assert_eq!((facts.kept[0].line, facts.kept[1].line), (2, 6));
        let tag = "<event date='Nov 03 02:00:00' sever";
        let (facts, defects) = read(format!("{inner}{tag}{inner}").as_bytes());
        assert_eq!((facts.kept.len(), defects.len()), (2, 1));
    }

    #[test]
    fn text_between_records_is_told_with_its_line() {
        let one = event(&format!("Starting download of package {ID}"));
        let (facts, defects) =
            read(format!("{one}pasted by hand\n{one}rest]]></event>\n{one}").as_bytes());
        assert_eq!(facts.kept.len(), 3);
        assert_eq!(
            defects
                .iter()
                .map(|defect| (defect.line, defect.lost))
                .collect::<Vec<_>>(),
            [(Some(4), false), (Some(8), true)]
        );
    }

    #[test]
    fn a_record_over_a_mebibyte_is_cut_and_reading_goes_on() {
        let long = event(&format!("{ID} {}", "x\n".repeat(700_000)));
        let one = event(&format!("Starting download of package {ID}"));
        let filler = event("chatter").repeat(9_000);
        let (facts, defects) = read(format!("{one}{long}{filler}{one}").as_bytes());
        assert_eq!(facts.records, 9_003);
        assert_eq!(facts.kept.len(), 3);
        assert_eq!(defects.len(), 1);
        assert_eq!(facts.kept[2].line, 1 + 3 + 3 + 700_000 + 3 * 9_000);
        let endless = format!(
            "{one}<event date='a' severity='4'><![CDATA[{}",
            "y".repeat(5 << 20)
        );
        let (facts, defects) = read(endless.as_bytes());
        assert_eq!(
            (
                facts.records,
                defects.iter().filter(|defect| defect.lost).count()
            ),
            (2, 1)
        );
    }

    #[test]
    fn flipped_bytes_are_survived() {
        let (log, _) = sample();
        let mut seed = 7_u64;
        for _ in 0..400 {
            let mut bytes = log.clone().into_bytes();
            for _ in 0..12 {
                seed = seed
                    .wrapping_mul(6_364_136_223_846_793_005)
                    .wrapping_add(1_442_695_040_888_963_407);
                let at = (seed >> 33) as usize % bytes.len();
                bytes[at] = (seed >> 20) as u8;
            }
            let (facts, _) = read(&bytes);
            assert!(facts.records >= 8);
        }
    }

    #[test]
    fn a_reader_that_gives_single_bytes_changes_nothing() {
        struct Slow<'b>(&'b [u8]);
        impl Read for Slow<'_> {
            fn read(&mut self, into: &mut [u8]) -> std::io::Result<usize> {
                let Some((first, rest)) = self.0.split_first() else {
                    return Ok(0);
                };
                into[0] = *first;
                self.0 = rest;
                Ok(1)
            }
        }
        let (log, _) = sample();
        let mut seen = Vec::new();
        let facts = parse(
            &mut Slow(log.as_bytes()),
            &Catalogue::new(),
            &mut |line, stamp, tick| seen.push((line, stamp.is_some(), tick)),
            &mut Vec::new(),
        );
        assert_eq!(facts.kept.len(), 24);
        assert_eq!(seen[0], (1, true, Some(9)));
        assert_eq!(seen.len(), 24);
    }
}
