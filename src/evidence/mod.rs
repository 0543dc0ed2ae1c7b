//! Finds files and hands them out as named streams; knows archives and limits, not formats.
//!
//! Nothing is ever extracted to disk: members of archives are read as streams, and an archive
//! inside an archive is held in memory while it is read. What an archive claims about itself
//! (sizes, names, kinds) is never believed: bytes are counted as they are read, and names are only
//! names. A limit that is reached, a cut, a password: each becomes a [`Problem`], and the rest goes on.

mod guard;
mod locals;
mod names;
mod sevens;
mod tars;
mod zips;

use crate::model::lock::locked;
use crate::model::report::is_own_head;
use crate::model::{Problem, Progress};
use guard::{Counter, Layer, Leaf, Limit, OnDisk, Peeked, Watched};
pub use guard::{Detached, Stretch, Taken};
use std::collections::BTreeSet;
use std::fs::{self, File};
use std::io::{self, BufReader, Cursor, Read, Seek};
use std::path::{Path, PathBuf};
use std::sync::Mutex;
use std::time::UNIX_EPOCH;

/// How much of an archive is read. Files on disk are never limited.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// How deep archives may lie in archives; the outermost one is not counted.
    pub max_depth: u32,
    /// How many members all archives of one argument may have together.
    pub max_entries: u64,
    /// How many bytes all members of one argument may have together. A single member may have a
    /// tenth of it and an archive inside an archive a fortieth, but not less than 2 GiB and 512 MiB
    /// if the limit itself allows that.
    pub max_size: u64,
    /// How many times larger than its packed size a member may get, once past 64 MiB.
    pub max_ratio: u64,
}

impl Default for Limits {
    fn default() -> Self {
        Limits {
            max_depth: 2,
            max_entries: 100_000,
            max_size: 20 << 30,
            max_ratio: 200,
        }
    }
}

impl Limits {
    fn of_member(&self) -> u64 {
        self.max_size.min((self.max_size / 10).max(2 << 30))
    }

    fn of_nested(&self) -> u64 {
        self.max_size.min((self.max_size / 40).max(512 << 20))
    }
}

/// When a file was last written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Modified {
    /// Milliseconds since 1970 in UTC: files on disk, tar, gzip, 7z, zip with the extended time.
    Utc(i64),
    /// What the clock of the computer that packed the zip showed, in steps of two seconds.
    Local(chrono::NaiveDateTime),
}

/// A file, wherever it lies.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Member {
    /// `bundle/Agent.log`, `bundle/old.zip!logs.zip!Agent1.log`: as it is cited.
    pub path: String,
    pub modified: Option<Modified>,
    /// Whether it belongs to an earlier report of ours.
    pub own_report: bool,
    /// How long it is, as far as that is said before it is read. It may be longer or shorter.
    pub size: Option<u64>,
}

/// The bytes of a file.
pub trait Stream: Read {
    /// The same bytes for one who reads them instead, on a thread of his own: only of a large file on
    /// disk of which nothing was read.
    fn detach(&mut self) -> Option<Detached> {
        None
    }

    /// Tells how far the one has come who reads it instead.
    fn follow(&mut self) {}
}

impl Stream for &[u8] {}
impl<T: AsRef<[u8]>> Stream for Cursor<T> {}

/// Files that are worth to be read by the one who understands them.
const LARGE: u64 = 1 << 20;

/// Hands every file of the arguments to `each`: of folders and of archives in a settled order (of a
/// zip the archives in it last), each argument once. A stream never fails: where it breaks, it ends, and a problem tells where.
pub fn visit(
    arguments: &[PathBuf],
    limits: &Limits,
    progress: &dyn Progress,
    each: &mut (dyn FnMut(Member, &mut dyn Read) + Send),
) -> Vec<Problem> {
    let each = Mutex::new(each);
    let visited = visit_parallel(arguments, limits, progress, 1, &|member, stream, _| {
        (locked(&each))(member, stream);
    });
    visited.problems
}

/// What is known when all files were handed out.
#[derive(Debug, Default)]
pub struct Visited {
    pub problems: Vec<Problem>,
    /// Files, and archives with all that is in them, of which wrong bytes were handed out: a check sum
    /// does not match, or what was packed cannot be unpacked. A mere cut is not among them.
    pub damaged: BTreeSet<String>,
}

impl Visited {
    /// Whether what the file `path` said cannot be trusted.
    pub fn is_damaged(&self, path: &str) -> bool {
        let archives = path.match_indices('!').map(|(end, _)| &path[..end]);
        let mut places = archives.chain([path]);
        places.any(|place| self.damaged.contains(place))
    }
}

/// Like [`visit`], but the members of a zip on disk are read by several threads at once, in no
/// settled order. `each` gets with a stream the threads that it may use itself. How many threads
/// there are changes nothing else: not what is read, and not the problems but for their order.
pub fn visit_parallel(
    arguments: &[PathBuf],
    limits: &Limits,
    progress: &dyn Progress,
    threads: usize,
    each: Each<'_>,
) -> Visited {
    let mut walk = Walk {
        limits: *limits,
        progress,
        threads,
        each,
        problems: Vec::new(),
        damaged: BTreeSet::new(),
        expanded: Counter::default(),
        entries: 0,
    };
    let mut seen = BTreeSet::new();
    for argument in arguments {
        walk.expanded.set(0);
        walk.entries = 0;
        walk.argument(argument, &mut seen);
    }
    Visited {
        problems: walk.problems,
        damaged: walk.damaged,
    }
}

/// Takes a file, its stream, and how many threads may read it.
pub type Each<'e> = &'e (dyn Fn(Member, &mut dyn Stream, usize) + Sync);

/// The bytes of all files of the arguments on disk, as far as they can be told without reading:
/// what [`Progress::read`] will have been told in the end.
pub fn size_on_disk(arguments: &[PathBuf]) -> u64 {
    let mut seen = BTreeSet::new();
    let mut all = 0;
    for argument in arguments {
        if fs::canonicalize(argument).is_ok_and(|place| seen.insert(place)) {
            let files = walkdir::WalkDir::new(argument).follow_root_links(true);
            let sizes = files.into_iter().flatten().filter_map(|entry| {
                let about = entry.metadata().ok()?;
                about.is_file().then_some(about.len())
            });
            all += sizes.sum::<u64>();
        }
    }
    all
}

/// Archives that are told by their first bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    Plain,
    Zip,
    Gzip,
    Tar,
    SevenZip,
}

fn kind(prefix: &[u8]) -> Kind {
    match prefix {
        [b'P', b'K', 3, 4, ..]
        | [b'P', b'K', 5, 6, ..]
        | [b'P', b'K', 7, 8, b'P', b'K', 3, 4, ..] => {
            // Office documents are zips, and no bundles: `[Content_Types].xml`, `mimetype`.
            let name = prefix.get(30..).unwrap_or_default();
            if name.starts_with(b"[Content_Types].xml") || name.starts_with(b"mimetype") {
                Kind::Plain
            } else {
                Kind::Zip
            }
        }
        [0x1F, 0x8B, 8, ..] => Kind::Gzip,
        [b'7', b'z', 0xBC, 0xAF, 0x27, 0x1C, ..] => Kind::SevenZip,
        _ if tars::is_header(prefix) => Kind::Tar,
        _ => Kind::Plain,
    }
}

const LINK: &str = "a link, which is not followed";
const NEITHER: &str = "neither a file nor a folder";

trait ReadSeek: Read + Seek {}
impl<T: Read + Seek> ReadSeek for T {}

struct Walk<'a> {
    limits: Limits,
    progress: &'a dyn Progress,
    threads: usize,
    each: Each<'a>,
    problems: Vec<Problem>,
    /// [`Visited::damaged`].
    damaged: BTreeSet<String>,
    /// Bytes that came out of archives of the present argument.
    expanded: Counter,
    /// Members of archives of the present argument.
    entries: u64,
}

impl Walk<'_> {
    fn argument(&mut self, argument: &Path, seen: &mut BTreeSet<PathBuf>) {
        let given = names::clean(&argument.to_string_lossy());
        let canonical = match fs::canonicalize(argument) {
            Ok(canonical) => canonical,
            Err(error) => return self.unreadable(&given, &error),
        };
        if !seen.insert(canonical.clone()) {
            return;
        }
        let name = argument.file_name().or(canonical.file_name()).map_or_else(
            || "evidence".to_owned(),
            |name| names::clean(&name.to_string_lossy()),
        );
        match fs::metadata(argument) {
            Ok(about) if about.is_dir() => self.folder(argument, &name),
            Ok(about) if about.is_file() => {
                let report = argument.parent().is_some_and(is_report);
                let reports = report.then(String::new).into_iter().collect();
                let own_report = names::is_own(&reports, &name);
                self.file(argument, name, own_report);
            }
            Ok(_) => self.loss(&given, NEITHER.to_owned(), "it is not read"),
            Err(error) => self.unreadable(&given, &error),
        }
    }

    fn folder(&mut self, root: &Path, name: &str) {
        let mut reports = BTreeSet::new();
        for entry in walkdir::WalkDir::new(root)
            .follow_root_links(true)
            .sort_by_file_name()
        {
            let entry = match entry {
                Ok(entry) => entry,
                Err(error) => {
                    let place = inside(root, name, error.path().unwrap_or(root));
                    let error = error.into_io_error().unwrap_or_else(|| {
                        io::Error::other("its folders lead back into themselves")
                    });
                    self.unreadable(&place, &error);
                    continue;
                }
            };
            let path = inside(root, name, entry.path());
            let file_type = entry.file_type();
            if file_type.is_dir() || entry.depth() == 0 {
                if is_report(entry.path()) {
                    reports.insert(path);
                }
            } else if file_type.is_symlink() {
                self.note(&path, LINK, "it is not read");
            } else if file_type.is_file() {
                let own_report = names::is_own(&reports, &path);
                self.file(entry.path(), path, own_report);
            } else {
                self.note(&path, NEITHER, "it is not read");
            }
        }
    }

    /// A file on disk.
    fn file(&mut self, place: &Path, path: String, own_report: bool) {
        let opened = File::open(place).and_then(|file| {
            let about = file.metadata()?;
            Ok((file, about))
        });
        let (file, about) = match opened {
            Ok(opened) => opened,
            Err(error) => return self.unreadable(&path, &error),
        };
        let modified = about.modified().ok().map(|time| {
            let ms = |age: std::time::Duration| i64::try_from(age.as_millis()).unwrap_or(i64::MAX);
            Modified::Utc(match time.duration_since(UNIX_EPOCH) {
                Ok(after) => ms(after),
                Err(before) => -ms(before.duration()),
            })
        });
        let member = Member {
            path,
            modified,
            own_report,
            size: Some(about.len()),
        };
        let own = Some(&file).filter(|_| about.len() > LARGE);
        let own = own.and_then(|file| file.try_clone().ok());
        let file = Watched::new(file, about.len(), self.progress);
        let on_disk = own.map(|own| OnDisk {
            file: own,
            left: file.left(),
            progress: self.progress,
        });
        let mut peeked = Peeked::new(BufReader::new(file));
        match kind(peeked.prefix()) {
            Kind::Zip if !own_report => {
                let mut file = peeked.into_inner();
                let left = file.get_ref().left();
                let on_disk = Some(zips::OnDisk { place, left });
                zips::read(self, &member.path, &mut file, on_disk, 0);
            }
            Kind::SevenZip if !own_report => {
                sevens::read(self, &member.path, &mut peeked.into_inner(), 0);
            }
            _ => self.member_of(member, &mut peeked, 0, on_disk),
        }
    }

    /// A stream: hands it out, or opens it if it is an archive, which then lies `depth` archives deep.
    fn member(&mut self, member: Member, stream: &mut dyn Read, depth: u32) {
        self.member_of(member, stream, depth, None);
    }

    fn member_of(
        &mut self,
        mut member: Member,
        stream: &mut dyn Read,
        depth: u32,
        on_disk: Option<OnDisk<'_>>,
    ) {
        let mut peeked = Peeked::new(stream);
        // A tar or a block of a 7z is read once from front to back: our verdicts, by which a folder or
        // a zip is known, may come last. And they may be missing, in a part of a report.
        member.own_report |= is_own_head(names::last(&member.path), peeked.prefix());
        let kind = kind(peeked.prefix());
        if kind == Kind::Plain || member.own_report {
            let path = member.path.clone();
            let mut leaf = Leaf::new(&mut peeked, on_disk);
            (self.each)(member, &mut leaf, self.threads);
            if let Some((read, error)) = leaf.broken() {
                self.broken(&path, read, &error);
            }
            return;
        }
        let path = member.path.as_str();
        if depth > self.limits.max_depth {
            let limit = Limit::depth(&self.limits);
            return self.loss(path, limit.to_string(), "nothing in it is read");
        }
        match kind {
            Kind::Gzip => {
                if tars::gzip(self, &member, &mut peeked, depth) {
                    self.drain(path, &mut peeked);
                }
            }
            Kind::Tar => {
                if tars::read(self, path, &mut peeked, depth) {
                    self.drain(path, &mut peeked);
                }
            }
            _ => {
                let cap = self.limits.of_nested();
                let mut held = Vec::new();
                let mut layer = Layer::new(&mut peeked, &self.limits, cap);
                if let Err(error) = layer.read_to_end(&mut held) {
                    self.broken(path, held.len() as u64, &error);
                }
                let mut held = Cursor::new(held);
                if kind == Kind::SevenZip {
                    sevens::read(self, path, &mut held, depth);
                } else {
                    zips::read(self, path, &mut held, None, depth);
                }
            }
        }
    }

    /// Reads what is left of a stream whose end was found: only behind it stands a check sum.
    fn drain(&mut self, path: &str, stream: &mut dyn Read) {
        let mut rest = Leaf::new(stream, None);
        let _ = io::copy(&mut rest, &mut io::sink());
        if let Some((read, error)) = rest.broken() {
            self.broken(path, read, &error);
        }
    }

    /// Counts a member of the archive `path`. Says no, and tells it, where a limit is reached.
    fn admits(&mut self, path: &str) -> bool {
        self.entries += 1;
        if self.entries > self.limits.max_entries {
            self.refuses(path, &Limit::entries(&self.limits));
            return false;
        }
        self.has_room(path)
    }

    /// Whether more may come out of the archive `path`; tells it if not.
    fn has_room(&mut self, path: &str) -> bool {
        let has_room = self.expanded.get() < self.limits.max_size;
        if !has_room {
            self.refuses(path, &Limit::size(&self.limits, self.limits.max_size));
        }
        has_room
    }

    fn refuses(&mut self, path: &str, limit: &Limit) {
        self.loss(path, limit.to_string(), "its other members are not read");
    }

    /// Whether the name of a member can be used; tells it if it points outside of its archive.
    fn names_well(&mut self, archive: &str, name: &str) -> bool {
        if name.len() > names::MAX_LENGTH || name.split('/').count() > names::MAX_DEPTH {
            self.loss(
                archive,
                format!(
                    "a member's path has {} bytes in {} folders, more than {} or {}",
                    name.len(),
                    name.split('/').count() - 1,
                    names::MAX_LENGTH,
                    names::MAX_DEPTH
                ),
                "that member is not read",
            );
            return false;
        }
        if names::is_outside(name) {
            self.note(
                &format!("{archive}!{name}"),
                "a name that points outside of its archive",
                "nothing: members are read, never unpacked",
            );
        }
        true
    }

    /// A stream that broke off after `read` bytes.
    fn broken(&mut self, path: &str, read: u64, error: &io::Error) {
        self.problems.push(broken(path, read, error));
        if is_damage(error) {
            self.damaged.insert(path.to_owned());
        }
    }

    fn unreadable(&mut self, path: &str, error: &io::Error) {
        let why = match error.kind() {
            io::ErrorKind::NotFound => "no such file or folder".to_owned(),
            io::ErrorKind::PermissionDenied => "access denied".to_owned(),
            other => other.to_string(),
        };
        self.loss(
            path,
            format!("cannot be opened: {why}"),
            "nothing of it is read",
        );
    }

    fn loss(&mut self, path: &str, defect: String, cost: &str) {
        self.problems.push(Problem::loss(path, None, defect, cost));
    }

    /// Whether none of the problems from that number on is a loss.
    fn lost_nothing_since(&self, number: usize) -> bool {
        self.problems[number..].iter().all(|problem| !problem.lost)
    }

    fn note(&mut self, path: &str, defect: &str, cost: &str) {
        self.problems.push(Problem::note(path, None, defect, cost));
    }
}

/// A stream that broke off after `read` bytes.
fn broken(path: &str, read: u64, error: &io::Error) -> Problem {
    let limit = error
        .get_ref()
        .and_then(|inner| inner.downcast_ref::<Limit>());
    match limit {
        Some(limit) => Problem::loss(
            path,
            None,
            limit.to_string(),
            "what follows in it is not read",
        ),
        None if is_wrong_sum(error) => Problem::loss(
            path,
            None,
            "its check sum does not match: it is damaged".to_owned(),
            DISTRUSTED,
        ),
        None => Problem::loss(
            path,
            None,
            format!("cut or damaged after {read} bytes"),
            "what follows in it is lost",
        ),
    }
}

const DISTRUSTED: &str =
    "a log proves no absence, and a document in which a byte may be wrong is not used";

/// Whether a stream that ends with this error gave wrong bytes: it is neither a cut nor a limit.
fn is_damage(error: &io::Error) -> bool {
    !is_limit(error) && error.kind() != io::ErrorKind::UnexpectedEof
}

fn is_limit(error: &io::Error) -> bool {
    error.get_ref().is_some_and(|inner| inner.is::<Limit>())
}

/// Whether all was unpacked, and only the check sum behind it differs.
fn is_wrong_sum(error: &io::Error) -> bool {
    is_damage(error) && error.to_string().to_ascii_lowercase().contains("checksum")
}

/// The path of `place` below `root`, beginning with `name`, as it is cited.
fn inside(root: &Path, name: &str, place: &Path) -> String {
    let mut path = name.to_owned();
    for part in place.strip_prefix(root).unwrap_or(place) {
        path.push('/');
        path += &names::clean(&part.to_string_lossy());
    }
    path
}

/// Whether a folder on disk holds an earlier report of ours.
fn is_report(folder: &Path) -> bool {
    let verdicts = folder.join("verdicts.json");
    let regular = fs::symlink_metadata(&verdicts).is_ok_and(|about| about.is_file());
    regular && File::open(verdicts).is_ok_and(names::is_verdicts)
}

#[cfg(test)]
mod tests;
