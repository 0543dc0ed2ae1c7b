//! Agent log records: `<event date='Sep 26 15:37:19' severity='4' ...><![CDATA[text]]></event>`.
//!
//! There is no root element: a log is a stream of records, cut anywhere by rotation, sometimes
//! written by two processes at once. Borders are found by byte search over blocks of 1 MiB, so
//! memory does not grow with the file. Only what is kept is copied or decoded.

mod attributes;
mod cutter;
mod habits;
mod pieces;
mod steps;
#[cfg(test)]
mod tests;

use super::{Defects, How};
use crate::ingest::blocks::{self, Blocks};
use crate::ingest::messages::{Catalogue, Sentence, is_counted, template};
use crate::ingest::stamps::{self, DateOrder};
use crate::ingest::{Defect, LogRecord};
use crate::model::room::make_room;
use crate::model::{PackageId, Record, Server, Stamp, Wording};
use attributes::{Attributes, Writers, body_text, value};
use cutter::{Cutter, cut_next, lock, try_lock};
use memchr::memmem;
use pieces::{Date, Found, Piece, Plain, Told, What};
use std::any::Any;
use std::borrow::Cow;
use std::collections::BTreeMap;
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::slice::IterMut;
use std::sync::mpsc::{Sender, channel};
use std::sync::{Arc, Mutex, MutexGuard};
use steps::{SECTION, Step, Tag, find_open, next, tag_end};

/// The longest record that is read whole.
const BLOCK: usize = 1 << 20;
/// The longest start tag. A longer one is a broken quote.
const LONGEST_TAG: usize = 64 << 10;
/// Bytes that are kept of a record cut by rotation.
const LONGEST_CUT: usize = 64 << 10;
/// Different wordings that are counted one by one; a log of random text must not fill the memory.
const MOST_WORDINGS: usize = 4_096;
/// Characters of a sample of a wording.
const LONGEST_SAMPLE: usize = 2_000;
/// Losses of one file that are told apart; more are taken for one that reaches from the last of these on.
const MOST_HOLES: usize = 1_024;
/// Bytes of memory that a thread takes in small pieces while it reads a log.
const ROOM: usize = 4 << 20;
/// Threads that read one log at most.
const MOST_THREADS: usize = 16;

/// What one agent log holds.
#[derive(Debug, Clone, Default)]
pub struct LogFacts {
    /// All records, kept or not.
    pub records: u64,
    /// In the order of the file.
    pub kept: Vec<LogRecord>,
    /// Whether all of `kept` have a time, stand in the order of their lines and say what they say
    /// whatever stands beside them, as far as that is known without a look at each.
    pub is_plain: bool,
    /// How often they give a package a name; only of use if `is_plain`.
    pub names: BTreeMap<(PackageId, Box<str>), u64>,
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
            named = record.said.package.is_some();
            if recognised {
                pattern.clone_from(&record.said.pattern);
                wording = record.said.wording;
            }
            self.keep(record, recognised);
        }
        if is_counted(&Sentence::new(message), named, pattern.is_some(), related) {
            self.count_wording(message, line, pattern, wording);
        }
    }

    /// Keeps a record, with what it says besides behind it.
    pub fn keep(&mut self, record: LogRecord, recognised: bool) {
        // Who puts one in may put it anywhere.
        self.is_plain = false;
        if recognised {
            self.matched += 1;
        } else if record.said.package.is_some() {
            self.unmatched += 1;
        }
        self.put(record);
    }

    fn put(&mut self, record: LogRecord) {
        let besides: Vec<LogRecord> = record.besides().collect();
        self.kept.push(record);
        self.kept.extend(besides);
    }

    fn count_wording(
        &mut self,
        message: &str,
        line: u32,
        pattern: Option<Arc<str>>,
        wording: Wording,
    ) {
        let usage = Usage::first(message, line, pattern, wording);
        self.take_wording(&template(message), usage);
    }

    /// Takes in how often a wording occurred after all that is counted already.
    fn take_wording(&mut self, template: &str, usage: Usage) {
        if let Some(stats) = self.wordings.get_mut(template) {
            stats.count += usage.count;
        } else if self.wordings.len() < MOST_WORDINGS {
            self.wordings.insert(template.to_owned(), usage);
        }
    }
}

/// The wordings of one piece, in the order in which they first occur.
#[derive(Debug, Default)]
struct Wordings {
    all: Vec<(Arc<str>, Usage)>,
    places: BTreeMap<Arc<str>, usize>,
}

impl Wordings {
    /// Where the wording of a message stands in `all`, with a count of 0 if it is new there;
    /// `recognised` is the entry that recognised it, with its grade.
    fn place<'m>(
        &mut self,
        template: &Arc<str>,
        message: impl FnOnce() -> Cow<'m, str>,
        line: u32,
        recognised: Option<(Option<Arc<str>>, Wording)>,
    ) -> usize {
        if let Some(place) = self.places.get(template) {
            return *place;
        }
        let (pattern, wording) = recognised.unwrap_or((None, Wording::Assumed));
        let usage = Usage {
            count: 0,
            ..Usage::first(&message(), line, pattern, wording)
        };
        self.places.insert(template.clone(), self.all.len());
        self.all.push((template.clone(), usage));
        self.all.len() - 1
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

impl Usage {
    /// The first time that a wording occurs.
    fn first(message: &str, line: u32, pattern: Option<Arc<str>>, wording: Wording) -> Usage {
        Usage {
            count: 1,
            sample: message.chars().take(LONGEST_SAMPLE).collect(),
            line,
            pattern,
            wording,
        }
    }
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
///
/// The log is cut before the last record of each block of the reader; that record makes a part of its
/// own with the rest of it in the next one, so that nothing large is copied. Parts are read as
/// if nothing lay before them, by several threads if `how` allows, and put together in order; where a
/// part turns out to begin within something, it is read again behind what was left over. So the
/// number of threads changes nothing.
pub fn parse(
    reader: &mut dyn Blocks,
    how: &How<'_>,
    observe: Observe<'_>,
    defects: &mut Vec<Defect>,
) -> LogFacts {
    if how.threads > 1 {
        make_room(ROOM);
    }
    let mut joiner = Joiner {
        log: Log {
            observe,
            told: Defects::default(),
            facts: LogFacts {
                is_plain: true,
                ..LogFacts::default()
            },
            last_stamp: None,
            last_host: None,
            near_host: None,
            started: false,
            broken: false,
            in_text: false,
            owed: 0,
            before: None,
            hole: None,
        },
        reader: pieces::Reader::new(how),
        rest: Vec::new(),
        waits: false,
        skipping: false,
        line: 1,
    };
    let mut cutter = Cutter::new(reader);
    let mut first = Portion::default();
    cutter.next(&mut first);
    // Half a block is read before another thread is there.
    if how.threads <= 1 || first.whole.bytes.len() < blocks::BLOCK / 2 {
        loop {
            joiner.join(&mut first);
            if !cutter.next(&mut first) {
                break;
            }
        }
    } else {
        in_parallel(first, cutter, &mut joiner, how);
    }
    let Joiner { log, reader, .. } = joiner;
    reader.end();
    let (facts, told) = log.finish();
    defects.extend(told);
    facts
}

/// What is read of a log in one go.
#[derive(Default)]
struct Portion {
    /// Its place among all of the log.
    number: usize,
    /// A record that lay in two blocks of the reader.
    between: Part,
    /// What follows it in the second one.
    whole: Part,
    /// Whether nothing follows.
    last: bool,
    /// Why reading stopped, if not because of the end.
    error: Option<String>,
    /// Whose memory it is.
    owner: usize,
}

/// A part of a log, with what it says by itself once it is read.
#[derive(Default)]
struct Part {
    bytes: blocks::Block,
    /// Where the part begins in the bytes.
    from: usize,
    /// Where it ends.
    to: usize,
    piece: Option<Piece>,
    /// An empty piece, whose memory takes what is read.
    spare: Piece,
}

impl Part {
    fn text(&self) -> &[u8] {
        &self.bytes[self.from..self.to]
    }

    /// Says what it says by itself.
    fn read(&mut self, reader: &mut pieces::Reader<'_>, last: bool) {
        let spare = std::mem::take(&mut self.spare);
        self.piece = Some(reader.read(self.text(), last, false, spare));
    }
}

impl Portion {
    /// What both parts say by themselves.
    fn read(&mut self, reader: &mut pieces::Reader<'_>) {
        self.between.read(reader, self.last);
        self.whole.read(reader, false);
    }
}

/// Puts parts together in their order.
struct Joiner<'o, 'c> {
    log: Log<'o>,
    reader: pieces::Reader<'c>,
    /// Bytes that the parts before could not use.
    rest: Vec<u8>,
    /// Whether these are read when it is known whether something follows.
    waits: bool,
    skipping: bool,
    /// Line of the next byte.
    line: u32,
}

impl Joiner<'_, '_> {
    /// Takes the next portion, with what a thread made of it if one did.
    fn join(&mut self, portion: &mut Portion) {
        if let Some(error) = portion.error.take() {
            self.log.defect(
                Some(self.line),
                format!("reading stopped: {error}"),
                "what follows in this file is lost",
                true,
            );
        }
        self.join_part(&mut portion.between, portion.last);
        if !portion.last {
            self.join_part(&mut portion.whole, false);
        }
    }

    fn join_part(&mut self, part: &mut Part, last: bool) {
        if part.text().is_empty() && !last {
            return;
        }
        if self.waits && !last {
            self.join_rest(false, Piece::default());
        }
        let is_clean = self.rest.is_empty() && !self.skipping;
        part.spare = if is_clean {
            if part.piece.is_none() {
                part.read(&mut self.reader, last);
            }
            let piece = part.piece.take().unwrap_or_default();
            self.add(piece, part.text())
        } else {
            let spare = part.piece.take();
            let spare = spare.unwrap_or_else(|| std::mem::take(&mut part.spare));
            self.rest.extend_from_slice(part.text());
            // What is too long for a record is another thing at the end of the file.
            self.waits = self.rest.len() > BLOCK && !last;
            if self.waits {
                spare
            } else {
                self.join_rest(last, spare)
            }
        };
    }

    /// Takes what is left of the parts before; `last` says that nothing follows. Gives `spare` back.
    fn join_rest(&mut self, last: bool, spare: Piece) -> Piece {
        self.waits = false;
        let rest = std::mem::take(&mut self.rest);
        let piece = self.reader.read(&rest, last, self.skipping, spare);
        self.add(piece, &rest)
    }

    /// Takes what `bytes` say.
    fn add(&mut self, mut piece: Piece, bytes: &[u8]) -> Piece {
        self.skipping = piece.skipping;
        self.rest.extend_from_slice(&bytes[piece.used..]);
        let lines = piece.lines;
        self.log.add(&mut piece, self.line);
        self.line = self.line.saturating_add(lines);
        piece
    }
}

/// Portions that one thread has begun and that are not put together yet, at most.
const MOST_AHEAD: usize = 4;

/// Reads portions by several threads, each with memory of its own that stays in the cache of its
/// core; this one puts them together, too.
fn in_parallel(first: Portion, cutter: Cutter<'_>, joiner: &mut Joiner<'_, '_>, how: &How<'_>) {
    let threads = how.threads.min(MOST_THREADS);
    let cutter = Mutex::new(cutter);
    let (hand_on, done) = channel::<Result<Portion, Box<dyn Any + Send>>>();
    std::thread::scope(|scope| {
        let (others, ends): (Vec<Sender<Portion>>, Vec<_>) = (1..threads)
            .map(|owner| {
                let (give_back, spent) = channel();
                let (cutter, hand_on) = (&cutter, hand_on.clone());
                let end = scope.spawn(move || {
                    make_room(ROOM);
                    let mut reader = pieces::Reader::new(how);
                    let mut own = Own::new(owner);
                    loop {
                        own.free.extend(spent.try_iter());
                        let Some(mut portion) = own.next().or_else(|| spent.recv().ok()) else {
                            break;
                        };
                        let read = || {
                            let is_there = cut_next(cutter, lock(cutter), &mut portion);
                            is_there.then(|| {
                                portion.read(&mut reader);
                                portion
                            })
                        };
                        let read = catch_unwind(AssertUnwindSafe(read));
                        let Some(read) = read.transpose() else { break };
                        if hand_on.send(read).is_err() {
                            break;
                        }
                    }
                    reader.end();
                });
                (give_back, end)
            })
            .unzip();
        drop(hand_on);
        let mut own = Own::new(0);
        own.count = 1;
        let mut next = Some(first);
        let mut waiting = BTreeMap::new();
        let mut joined = 0;
        'all: loop {
            let one = match next {
                Some(mut portion) => {
                    portion.read(&mut joiner.reader);
                    portion
                }
                None => match done.recv() {
                    Ok(Ok(portion)) => portion,
                    Ok(Err(why)) => resume_unwind(why),
                    Err(_) => break,
                },
            };
            waiting.insert(one.number, one);
            // While another thread has the cutter, what was read is put together first.
            next = own.cut(&cutter, try_lock);
            for portion in done.try_iter() {
                let portion = portion.unwrap_or_else(|why| resume_unwind(why));
                waiting.insert(portion.number, portion);
            }
            while let Some(mut portion) = waiting.remove(&joined) {
                joiner.join(&mut portion);
                joined += 1;
                if portion.last {
                    break 'all;
                }
                match portion
                    .owner
                    .checked_sub(1)
                    .and_then(|other| others.get(other))
                {
                    // One that has ended needs it no more.
                    Some(owner) => drop(owner.send(portion)),
                    None => own.free.push(portion),
                }
            }
            next = next.or_else(|| own.cut(&cutter, |cutter| Some(lock(cutter))));
        }
        // Whoever goes on finds their cores idle: a thread that is woken while they still give back
        // their memory is put behind the one that wakes it, and left there.
        drop(others);
        for end in ends {
            // What it may have to tell was told.
            let _ = end.join();
        }
    });
}

/// The portions of one thread.
struct Own {
    owner: usize,
    free: Vec<Portion>,
    count: usize,
}

impl Own {
    fn new(owner: usize) -> Own {
        Own {
            owner,
            free: Vec::new(),
            count: 0,
        }
    }

    /// The next one, filled by a cutter; nothing if all are in use, `lock` does not get the cutter, or
    /// the log has ended.
    fn cut<'m, 'r>(
        &mut self,
        cutter: &'m Mutex<Cutter<'r>>,
        lock: impl FnOnce(&'m Mutex<Cutter<'r>>) -> Option<MutexGuard<'m, Cutter<'r>>>,
    ) -> Option<Portion> {
        let mut portion = self.next()?;
        let Some(own) = lock(cutter) else {
            self.free.push(portion);
            return None;
        };
        cut_next(cutter, own, &mut portion).then_some(portion)
    }

    /// One to be filled: the last one that was given back, which the cache still holds, or a new one.
    fn next(&mut self) -> Option<Portion> {
        self.free.pop().or_else(|| {
            let is_fine = self.count < MOST_AHEAD;
            self.count += usize::from(is_fine);
            let owner = self.owner;
            is_fine.then(|| Portion {
                owner,
                ..Portion::default()
            })
        })
    }
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
        || attributes.record(&mut Writers::default()),
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

/// What depends on the records before: put together here, record by record.
struct Log<'o> {
    observe: Observe<'o>,
    told: Defects,
    facts: LogFacts,
    last_stamp: Option<Stamp>,
    last_host: Option<(Vec<u8>, Server, u64)>,
    /// The number of `last_host` among those of the piece, if it was told there.
    near_host: Option<u32>,
    /// Whether a record was seen; before, text is the rest of a record of an older file.
    started: bool,
    /// Whether the text that follows may be the rest of a record already told as broken.
    broken: bool,
    /// Whether text between records was told and no record followed: one that is long comes in pieces.
    in_text: bool,
    /// How many broken-off records may yet show their rest.
    owed: u32,
    /// The record before.
    before: Option<Edge>,
    /// The record before the loss that has not ended yet.
    hole: Option<Edge>,
}

impl Log<'_> {
    /// Takes in a piece whose first line is `line`.
    fn add(&mut self, piece: &mut Piece, line: u32) {
        self.near_host = None;
        let mut kept = piece.kept.iter_mut();
        let (hosts, mut done) = (&piece.hosts, 0);
        for other in piece.others.drain(..) {
            for plain in &piece.plain[done..other.after] {
                self.plain(plain, line, hosts, &mut kept);
            }
            done = other.after;
            self.take(other, line, hosts, &mut kept);
        }
        for plain in &piece.plain[done..] {
            self.plain(plain, line, hosts, &mut kept);
        }
        self.facts.matched += piece.matched;
        self.facts.unmatched += piece.unmatched;
        self.facts.is_plain &= !piece.asks;
        for (count, said) in piece.named.drain(..) {
            if let Some(name) = said.package.zip(said.name.clone()) {
                *self.facts.names.entry(name).or_insert(0) += count;
            }
        }
        // Most say nothing besides, and are put behind the others in one go.
        if piece.tells_more {
            let kept = piece.kept.drain(..);
            kept.for_each(|record| self.facts.put(record));
        } else {
            self.facts.kept.append(&mut piece.kept);
        }
        for (template, mut usage) in piece.wordings.all.drain(..) {
            usage.line = usage.line.saturating_add(line);
            self.facts.take_wording(&template, usage);
        }
    }

    /// Takes in a record of a piece that begins in line `from`.
    fn plain(
        &mut self,
        plain: &Plain,
        from: u32,
        hosts: &[Box<[u8]>],
        kept: &mut IterMut<'_, LogRecord>,
    ) {
        let (at, tick) = (from.saturating_add(plain.line), Some(plain.tick));
        (self.started, self.broken, self.in_text) = (true, false, false);
        self.count(at, Some(&plain.stamp), tick, plain.host, hosts);
        self.pass(at, Some(&plain.stamp), tick);
        self.last_stamp = Some(plain.stamp);
        if plain.kept {
            self.place(kept.next(), at, plain.host);
        }
    }

    /// The same for anything else that was found.
    fn take(
        &mut self,
        found: Found,
        from: u32,
        hosts: &[Box<[u8]>],
        kept: &mut IterMut<'_, LogRecord>,
    ) {
        let at = from.saturating_add(found.line);
        self.in_text &= matches!(found.what, What::Between(_));
        match found.what {
            What::Between(text) => self.between(&text, at),
            What::Record { whole, told } => {
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
                self.record(&told, at, hosts, kept);
            }
            What::Unfinished => {
                self.started = true;
                self.owed = self.owed.saturating_add(1);
                self.lose();
                self.defect(
                    Some(at),
                    "record broken off by the next record".into(),
                    "its event is lost",
                    true,
                );
            }
            What::Long(told) => {
                self.started = true;
                self.broken = true;
                self.defect(
                    Some(at),
                    "record longer than 1 MiB".into(),
                    "its text was cut there",
                    true,
                );
                // What it said behind the cut is lost.
                self.lose();
                if let Some(told) = told {
                    self.record(&told, at, hosts, kept);
                    self.lose();
                }
            }
            What::Tail(cut) => {
                // A single `<` may as well be that of an end tag, whose record is used.
                if *cut != *b"<" {
                    self.defect(
                        Some(at),
                        "record cut at the end of the file".into(),
                        "its event is lost",
                        false,
                    );
                }
                self.facts.tail_cut = Some((at, cut.into_vec()));
            }
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
        if self.started && is_overwritten(inner) {
            self.lose();
            if !std::mem::replace(&mut self.in_text, true) {
                self.defect(
                    Some(at),
                    "bytes that are no text between records".into(),
                    "records that stood there are lost",
                    true,
                );
            }
            return;
        }
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
        // Whatever it is: a record may have stood there.
        self.lose();
        if !end && std::mem::replace(&mut self.in_text, true) {
            return;
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

    /// A record of any form.
    fn record(
        &mut self,
        told: &Told,
        line: u32,
        hosts: &[Box<[u8]>],
        kept: &mut IterMut<'_, LogRecord>,
    ) {
        match &told.date {
            Date::None => {}
            Date::Read(stamp) => self.last_stamp = Some(*stamp),
            Date::Unknown(shown) => self.defect(
                Some(line),
                format!("time `{shown}` is of no known form"),
                "the time of the record before it is used",
                false,
            ),
        }
        let stamp = self.last_stamp;
        self.count(line, stamp.as_ref(), told.tick, told.host, hosts);
        if told.text.overwritten {
            self.lose();
        }
        self.pass(line, stamp.as_ref(), told.tick);
        if told.text.overwritten {
            self.lose();
            self.defect(
                Some(line),
                "record with bytes that are no text".into(),
                "what it said there is lost",
                true,
            );
        }
        if told.text.lost {
            self.lose();
            self.defect(
                Some(line),
                "record without text".into(),
                "what it said is lost",
                true,
            );
            return;
        }
        if told.text.kept {
            self.place(kept.next(), line, told.host);
        }
    }

    /// Takes note of a record, kept or not.
    fn count(
        &mut self,
        line: u32,
        stamp: Option<&Stamp>,
        tick: Option<u64>,
        host: Option<u32>,
        hosts: &[Box<[u8]>],
    ) {
        self.facts.records += 1;
        (self.observe)(line, stamp, tick);
        match &mut self.last_host {
            // Nearly all records of a log name one host.
            Some((.., count)) if host == self.near_host && host.is_some() => *count += 1,
            _ => {
                let written = host.and_then(|place| hosts.get(place as usize));
                if let Some(written) = written {
                    self.count_as(written);
                    self.near_host = host;
                }
            }
        }
    }

    /// Tells a record that is kept what depends on those before; it was counted just now.
    fn place(&mut self, next: Option<&mut LogRecord>, line: u32, host: Option<u32>) {
        let named = self.last_host.as_ref().filter(|_| host.is_some());
        let host = named.map(|(_, server, _)| server.clone());
        if let Some(record) = next {
            record.place(line, self.last_stamp, host);
        }
        self.facts.is_plain &= self.last_stamp.is_some();
    }

    /// A record is lost after the one before.
    fn lose(&mut self) {
        self.hole = self.hole.or(self.before);
    }

    /// A record follows: what was lost, was lost before it.
    fn pass(&mut self, line: u32, stamp: Option<&Stamp>, tick: Option<u64>) {
        let Some(stamp) = stamp else { return };
        let edge = Edge {
            line,
            stamp: *stamp,
            tick,
        };
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

    /// Counts a record of a host.
    fn count_as(&mut self, written: &[u8]) {
        match &mut self.last_host {
            Some((bytes, _, count)) if bytes.as_slice() == written => *count += 1,
            _ => {
                self.count_host();
                let name = value(written);
                let known = self.facts.hosts.get_key_value(name.as_ref());
                let server =
                    known.map_or_else(|| Server::from(name.as_ref()), |(known, _)| known.clone());
                self.last_host = Some((written.to_vec(), server, 1));
            }
        }
    }

    fn count_host(&mut self) {
        if let Some((_, server, count)) = self.last_host.take() {
            *self.facts.hosts.entry(server).or_insert(0) += count;
        }
    }

    fn defect(&mut self, line: Option<u32>, what: String, cost: &str, lost: bool) {
        self.told.push(Defect {
            line,
            what,
            cost: cost.into(),
            lost,
        });
    }

    fn finish(mut self) -> (LogFacts, Vec<Defect>) {
        self.count_host();
        if let Some(last) = self.before {
            self.close_hole(last);
        }
        (self.facts, self.told.finish())
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
    let (said, recognised) = catalogue.said(message, severity == Some(1))?;
    let record = LogRecord::new(header(), said.into()).at(line, stamp, host);
    Some((record, recognised))
}

/// Whether the agent's Package Server or Package Delivery part wrote the record.
pub(super) fn related(source: &[u8]) -> bool {
    [&b"Package"[..], b"Snapshot", b"package", b"snapshot"]
        .iter()
        .any(|word| memmem::find(source, word).is_some())
}

/// Whether bytes stand in the text that nobody writes: zeros, as where a file was not written to the
/// disk before the power went, or a run of erased memory.
fn is_overwritten(text: &[u8]) -> bool {
    memchr::memchr(0, text).is_some() || memmem::find(text, &[0xFF; 4]).is_some()
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
    // What stands between records mostly.
    if bytes.len() < 8 {
        return bytes.iter().map(|byte| u32::from(*byte == b'\n')).sum();
    }
    u32::try_from(memchr::memchr_iter(b'\n', bytes).count()).unwrap_or(u32::MAX)
}

/// Raw logs write `Sep 26 15:37:19` or American dates; nothing in them is European.
fn stamp_of(date: &[u8]) -> Option<Stamp> {
    stamps::parse(&value(date), Some(DateOrder::Mdy))
}
