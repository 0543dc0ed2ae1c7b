//! Streams to facts: finds out what a file is, reads it, and settles when everything happened.
//!
//! Two passes. The first reads every file once, as a stream, and keeps what matters with the times
//! as written. Only when all files are known can year and zone be settled, because one file tells
//! them for another; the second pass ([`assemble`]) turns stamps into moments and facts into events.

mod again;
mod assemble;
mod beside;
pub mod blocks;
pub mod clock;
mod dates;
pub mod encoding;
mod hashing;
pub mod messages;
pub mod parsers;
mod record;
mod servers;
pub mod stamps;
mod twice;
pub mod watch;
mod whole;

use crate::evidence::{self, Limits, Member, Modified, Stream, Visited};
use crate::model::lock::locked;
use crate::model::{
    Capture, Event, EvidenceFile, FileId, Listing, PackageId, Problem, Progress, Snapshot,
    SourceRef, Status, TimeZoneUsed,
};
use again::{Again, Content};
use hashing::{Hashing, Where};
use messages::Catalogue;
use parsers::{How, Kind, Parse, Parsed};
pub use record::LogRecord;
use std::collections::{BTreeMap, BTreeSet};
use std::io::{BufRead, Cursor, Read};
use std::path::PathBuf;
use std::sync::mpsc::{TrySendError, sync_channel};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

/// How to read.
pub struct Options {
    pub zone: Option<clock::ZoneChoice>,
    pub date_order: Option<stamps::DateOrder>,
    pub limits: Limits,
    pub catalogue: Arc<Catalogue>,
    /// The kinds of evidence that are looked for: [`parsers::KINDS`].
    pub kinds: &'static [Kind],
    /// How many threads read and parse; at least one does.
    pub threads: usize,
    /// How long a parser may rest: neither take a byte nor end. Then its file is given up.
    pub patience: Duration,
    /// Whether [`EvidenceFile::sha256`] is wanted; without, it may be empty.
    pub hashes: bool,
    /// Whether the start tags of log records are wanted, as a report shows them.
    pub tags: bool,
}

impl Default for Options {
    fn default() -> Self {
        Options {
            zone: None,
            date_order: None,
            limits: Limits::default(),
            catalogue: Arc::new(Catalogue::new()),
            kinds: parsers::KINDS,
            threads: 1,
            // The largest document takes 4 seconds.
            patience: Duration::from_secs(300),
            hashes: true,
            tags: true,
        }
    }
}

/// All that the evidence gave.
#[derive(Default)]
pub struct Ingested {
    pub events: Vec<Event>,
    /// Each in order of time.
    pub snapshots: Vec<Capture<Snapshot>>,
    pub statuses: Vec<Capture<Status>>,
    pub listings: Vec<Capture<Listing>>,
    pub coverage: Vec<crate::model::Coverage>,
    pub names: BTreeMap<PackageId, String>,
    /// Sorted by path; source references count in this order.
    pub files: Vec<EvidenceFile>,
    pub problems: Vec<Problem>,
    pub zone: TimeZoneUsed,
    /// By template: the wordings of records about packages; not all where the catalogue does not
    /// count them ([`messages::Catalogue::counting`]).
    pub wordings: BTreeMap<String, parsers::agent_log::Usage>,
    /// What policies and registry exports state.
    pub settings: Settings,
    /// Logs whose newest record stands first.
    pub newest_first: BTreeSet<FileId>,
    /// Text of cited lines in documents.
    pub excerpts: BTreeMap<SourceRef, String>,
}

/// Settings of the server, as far as the evidence states them.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Settings {
    /// How long an unused package is kept: the most common `CleanupAfter`; of equally common ones
    /// the longest, which accuses the product last.
    pub unused_for_ms: Option<i64>,
    /// Where that is stated first.
    pub unused_for_source: Option<SourceRef>,
    /// The same of single packages.
    pub unused_for: BTreeMap<PackageId, (i64, SourceRef)>,
    /// Packages that a policy or a status file says are never deleted. How they say so is assumed.
    pub never_deleted: BTreeMap<PackageId, SourceRef>,
    /// How often packages are refreshed.
    pub refresh_every_ms: Option<i64>,
}

/// What a document (anything that is not a log) turned out to be.
#[derive(Debug, Clone)]
pub enum Document {
    Snapshot(Arc<Snapshot>),
    Status(Status),
    Listing(Listing),
}

/// A defect inside one file; the path is added by the caller.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Defect {
    /// The line, from 1.
    pub line: Option<u32>,
    /// What is wrong, in the words of `Problem::defect`.
    pub what: String,
    /// What it costs the case.
    pub cost: String,
    /// Whether evidence was lost.
    pub lost: bool,
}

impl Defect {
    /// The problem that this defect is in the file `path`.
    pub fn at(self, path: &str) -> Problem {
        let problem = Problem::note(path, self.line, self.what, self.cost);
        Problem {
            lost: self.lost,
            ..problem
        }
    }
}

/// What one file gave, with the times as written.
struct File {
    path: String,
    /// The path, told apart from that of another argument whose last name is the same: two
    /// servers' folders are both called `logs`. Not before [`finish`].
    rooted: String,
    /// The number of the argument that holds it.
    root: usize,
    modified: Option<Modified>,
    kind: &'static str,
    sha256: String,
    bytes: u64,
    parsed: Parsed,
    defects: Vec<Defect>,
    /// Dates that prove that the month stands first, and that the day does.
    proofs: (u64, u64),
    /// What it has if its dates could be either and neither it nor the user tells which.
    doubtful: Option<Doubtful>,
}

/// A document to be read again.
struct Doubtful {
    text: String,
    /// What was wrong with it before a parser saw it.
    defects: Vec<Defect>,
}

impl File {
    /// [`Parsed::distrust`]; nor does it tell others the order of day and month.
    fn distrust(&mut self) {
        self.parsed.distrust();
        self.proofs = (0, 0);
        if matches!(self.parsed, Parsed::Unused) {
            self.doubtful = None;
        }
    }
}

/// How much of a file is looked at to find out what it is.
const PREFIX: usize = 64 << 10;
/// A document with doubtful dates is kept to be read again, if it is not larger.
const LARGEST_DOUBTFUL: usize = 1 << 20;

/// Members up to this size are read whole and parsed on another thread; larger ones stream through,
/// and a log among them is parsed by all threads.
const LARGEST_HANDED_ON: usize = 4 << 20;

/// Reads all evidence. `progress` is told of each file before it is read, and of the bytes read.
///
/// Most archives can only be read in order, so one thread reads and the others parse; members of a
/// zip are read by all. What they find is sorted by path afterwards: the number of threads never
/// shows in the output.
pub fn read(arguments: &[PathBuf], options: &Options, progress: &dyn Progress) -> Ingested {
    if options.threads > 1 {
        // While files are looked for and the first is read.
        rayon::spawn(messages::prepare);
    }
    let (mut files, mut visited) = read_files(arguments, options, options.hashes, progress);
    // Files of equal path are put in order by their hashes, so these are needed after all.
    if !options.hashes && !paths_differ(&files) {
        files.clear();
        (files, visited) = read_files(arguments, options, true, progress);
    }
    for file in &mut files {
        if visited.is_damaged(&file.path) {
            file.distrust();
        }
    }
    finish(files, visited.problems, options)
}

/// Whether no path stands twice, as it does in some archives and where two arguments end alike.
fn paths_differ(files: &[File]) -> bool {
    let paths: BTreeSet<&str> = files.iter().map(|file| file.path.as_str()).collect();
    paths.len() == files.len()
}

fn read_files(
    arguments: &[PathBuf],
    options: &Options,
    hashes: bool,
    progress: &dyn Progress,
) -> (Vec<File>, Visited) {
    let again = Arc::default();
    let how = |threads: usize| Reading {
        options,
        hashes,
        threads,
        again: Arc::clone(&again),
    };
    let helpers = options.threads.saturating_sub(1).min(64);
    let found: Mutex<Vec<File>> = Mutex::new(Vec::new());
    let keep = |root: usize, mut file: File| {
        file.root = root;
        locked(&found).push(file);
    };
    let visited = std::thread::scope(|scope| {
        let (hand_on, work) = sync_channel::<(usize, Member, Vec<u8>)>(helpers * 2);
        let work = Arc::new(Mutex::new(work));
        for _ in 0..helpers {
            let work = Arc::clone(&work);
            scope.spawn(move || {
                loop {
                    let next = locked(&work).recv();
                    let Ok((root, member, bytes)) = next else {
                        break;
                    };
                    keep(root, read_file(member, &mut bytes.as_slice(), &how(1)));
                }
            });
        }
        let mut visited = Visited::default();
        let mut seen = BTreeSet::new();
        for (root, argument) in arguments.iter().enumerate() {
            // The same argument twice is one.
            if !seen.insert(std::fs::canonicalize(argument).unwrap_or_else(|_| argument.clone())) {
                continue;
            }
            let each = |member: Member, stream: &mut dyn Stream, threads: usize| {
                progress.file(&member.path);
                if threads <= 1 {
                    return keep(root, read_file(member, stream, &how(1)));
                }
                if member.size >= Some(LARGEST_HANDED_ON as u64) {
                    return keep(root, read_file(member, stream, &how(threads)));
                }
                let mut bytes = Vec::new();
                // Streams of the evidence stage end where they break, so an error means the same as an end.
                let _ = (&mut *stream)
                    .take(LARGEST_HANDED_ON as u64)
                    .read_to_end(&mut bytes);
                if bytes.len() < LARGEST_HANDED_ON {
                    // Where the helpers have enough to do, this thread is one of them.
                    match hand_on.try_send((root, member, bytes)) {
                        Ok(()) => {}
                        Err(TrySendError::Full(own) | TrySendError::Disconnected(own)) => {
                            let (root, member, bytes) = own;
                            keep(root, read_file(member, &mut bytes.as_slice(), &how(1)));
                        }
                    }
                } else {
                    let mut whole = Whole(Spent { bytes, at: 0 }.chain(stream));
                    keep(root, read_file(member, &mut whole, &how(threads)));
                }
            };
            let one = evidence::visit_parallel(
                std::slice::from_ref(argument),
                &options.limits,
                progress,
                options.threads,
                &each,
            );
            visited.problems.extend(one.problems);
            visited.damaged.extend(one.damaged);
        }
        drop(hand_on);
        visited
    });
    let files = found.into_inner().unwrap_or_else(PoisonError::into_inner);
    (files, visited)
}

/// Marks the first folder of a path with the argument that it comes from.
fn rooted(path: &str, root: usize) -> String {
    match path.find(['/', '!']) {
        Some(end) if root > 0 => format!("{}\0{root}{}", &path[..end], &path[end..]),
        _ => path.to_owned(),
    }
}

/// Reads members that are in memory already, for tests and fuzzing: (path, bytes) each.
pub fn read_memory(members: &[(String, &[u8])], options: &Options) -> Ingested {
    let again = Arc::default();
    let files = members.iter().map(|(path, bytes)| {
        let member = Member {
            path: path.clone(),
            modified: None,
            own_report: false,
            size: None,
        };
        let how = Reading {
            options,
            hashes: true,
            threads: options.threads,
            again: Arc::clone(&again),
        };
        read_file(member, &mut Cursor::new(bytes), &how)
    });
    finish(files.collect(), Vec::new(), options)
}

fn finish(mut files: Vec<File>, problems: Vec<Problem>, options: &Options) -> Ingested {
    root_by_content(&mut files);
    let key = |file: &File| (file.sha256.clone(), file.modified, file.root);
    files.sort_by(|a, b| a.path.cmp(&b.path).then_with(|| key(a).cmp(&key(b))));
    dates::settle(&mut files, options);
    assemble::join_cut_records(&mut files, options);
    assemble::assemble(files, problems, options)
}

/// Numbers the arguments by what they hold, so that their order does not show.
fn root_by_content(files: &mut [File]) {
    let told = |file: &File| (file.path.clone(), file.sha256.clone(), file.modified);
    let mut held: BTreeMap<usize, Vec<_>> = BTreeMap::new();
    for file in &*files {
        held.entry(file.root).or_default().push(told(file));
    }
    let mut roots: Vec<_> = held.into_iter().collect();
    for (_, told) in &mut roots {
        told.sort_unstable();
    }
    roots.sort_by(|one, other| one.1.cmp(&other.1));
    let numbers: BTreeMap<usize, usize> = roots.into_iter().map(|one| one.0).zip(0..).collect();
    for file in files {
        file.root = numbers.get(&file.root).copied().unwrap_or(file.root);
        file.rooted = rooted(&file.path, file.root);
    }
}

/// How one file is read.
struct Reading<'o> {
    options: &'o Options,
    hashes: bool,
    threads: usize,
    /// What was read before.
    again: Arc<Again>,
}

/// What a parser is told of how to read, for as long as it may take.
struct Orders {
    catalogue: Arc<Catalogue>,
    kinds: &'static [Kind],
    order: Option<stamps::DateOrder>,
    threads: usize,
    tags: bool,
    again: Arc<Again>,
}

/// Reads one file. A parser that gives up or never ends costs its own file only.
fn read_file(member: Member, stream: &mut dyn Stream, how: &Reading<'_>) -> File {
    let (path, modified) = (member.path.clone(), member.modified);
    let place = match (how.hashes, how.threads) {
        (false, _) => Where::Nowhere,
        // On two cores it would only take its time from the parsers.
        (true, 0..=2) => Where::Here,
        (true, _) => Where::Beside,
    };
    let orders = Orders {
        catalogue: Arc::clone(&how.options.catalogue),
        kinds: how.options.kinds,
        order: how.options.date_order,
        threads: how.threads,
        tags: how.options.tags,
        again: Arc::clone(&how.again),
    };
    let patience = how.options.patience;
    let read = watch::run(stream, patience, move |stream| {
        let parse = |stream: &mut Hashing<'_>| parse_file(member, stream, &orders);
        let (file, sha256, bytes) = hashing::through(stream, place, parse);
        File {
            sha256,
            bytes,
            ..file
        }
    });
    read.unwrap_or_else(|lost| File {
        rooted: String::new(),
        root: 0,
        path,
        modified,
        kind: "unused",
        sha256: String::new(),
        bytes: 0,
        parsed: Parsed::Unused,
        proofs: (0, 0),
        doubtful: None,
        defects: vec![Defect {
            line: None,
            what: match lost {
                watch::Lost::Panicked => "a parser gave up on it".to_owned(),
                watch::Lost::Stuck => {
                    format!(
                        "a parser went no further for {} seconds",
                        patience.as_secs()
                    )
                }
            },
            cost: "the file is not used; please report this with the file".to_owned(),
            lost: true,
        }],
    })
}

/// All of a file but its hash and its length, which are known only when it was read to its end.
fn parse_file(member: Member, stream: &mut Hashing<'_>, orders: &Orders) -> File {
    // A block is longer, where it is not all. Streams of the evidence stage end where they break, so
    // an error means the same as an end.
    let block = stream.fill_buf().unwrap_or_default();
    let prefix = block[..block.len().min(PREFIX)].to_vec();
    let encoding = encoding::detect(&prefix);
    let recognise = || parsers::recognise(orders.kinds, &encoding::decode(&prefix));
    let kind = if member.own_report {
        None
    } else {
        orders.again.kind(&prefix, recognise)
    };
    let mut defects = Vec::new();
    let (mut proofs, mut doubtful) = ((0, 0), None);
    let how = How {
        catalogue: &orders.catalogue,
        order: orders.order,
        threads: orders.threads,
        tags: orders.tags,
    };
    let parsed = match kind {
        None => {
            let is_all = prefix.len() < PREFIX && !member.own_report;
            if is_all && parsers::is_cut_xml(&encoding::decode(&prefix)) {
                defects.push(cut_xml());
            }
            Parsed::Unused
        }
        Some(Kind {
            parse: Parse::Log(parse),
            ..
        }) => {
            let mut text = encoding::Utf8Reader::new(stream, encoding);
            parse(&mut text, &how, &mut defects)
        }
        Some(Kind {
            name,
            parse: Parse::Document(parse),
            ..
        }) => {
            let text = whole::text(stream, encoding, &mut defects);
            let read = || content(&text, *parse, &how);
            let content = orders.again.content(name, &text, read);
            proofs = content.proofs;
            let is_doubtful = content.defects.contains(&parsers::guessed_order());
            doubtful = (is_doubtful && text.len() <= LARGEST_DOUBTFUL).then(|| Doubtful {
                text,
                defects: defects.clone(),
            });
            defects.extend(content.defects);
            content.parsed
        }
    };
    File {
        rooted: String::new(),
        root: 0,
        path: member.path,
        modified: member.modified,
        kind: kind.map_or("unused", |kind| kind.name),
        sha256: String::new(),
        bytes: 0,
        parsed,
        defects,
        proofs,
        doubtful,
    }
}

/// What a parser makes of a document, and what the zeros in it cost.
fn content(
    text: &str,
    parse: fn(&str, &How<'_>, &mut Vec<Defect>) -> Parsed,
    how: &How<'_>,
) -> Content {
    let mut defects = Vec::new();
    let mut parsed = parse(text, how, &mut defects);
    if matches!(parsed, Parsed::Document(_)) && memchr::memchr(0, text.as_bytes()).is_some() {
        parsed.prove_no_absence();
        defects.push(overwritten());
    }
    Content {
        parsed,
        defects,
        proofs: stamps::proofs(text),
    }
}

/// Told of a document in which zeros stand, as where it was not written to the disk in time.
fn overwritten() -> Defect {
    Defect {
        line: None,
        what: "bytes that are no text".to_owned(),
        cost: "what stood there is lost, and a listing proves no absence".to_owned(),
        lost: true,
    }
}

/// Told of XML that is cut before it says what it is.
fn cut_xml() -> Defect {
    Defect {
        line: None,
        what: "begins like XML and is cut".to_owned(),
        cost: "if it was a snapshot or a status, it says nothing".to_owned(),
        lost: false,
    }
}

/// Bytes in memory that go when they are read.
struct Spent {
    bytes: Vec<u8>,
    at: usize,
}

/// What was read of a stream, and the rest of it.
struct Whole<R>(R);

impl<R: Read> Read for Whole<R> {
    fn read(&mut self, out: &mut [u8]) -> std::io::Result<usize> {
        self.0.read(out)
    }
}

impl<R: Read> Stream for Whole<R> {}

impl Read for Spent {
    fn read(&mut self, out: &mut [u8]) -> std::io::Result<usize> {
        let count = (&self.bytes[self.at..]).read(out)?;
        self.at += count;
        if count == 0 {
            *self = Spent {
                bytes: Vec::new(),
                at: 0,
            };
        }
        Ok(count)
    }
}

#[cfg(test)]
mod tests;
