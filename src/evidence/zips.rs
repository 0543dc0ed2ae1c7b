//! Zip: by its central directory, or by what is left of it.

use super::guard::{Counted, Counter, Layer, Leaf, Left, Peeked, Watched};
use super::locals::{self, Listed};
use super::{
    Each, Kind, LINK, Limits, Member, Modified, ReadSeek, Walk, broken, is_limit, is_own_head,
    kind, names,
};
use crate::model::Problem;
use chrono::{NaiveDate, NaiveDateTime};
use flate2::CrcReader;
use flate2::bufread::DeflateDecoder;
use std::collections::{BTreeMap, BTreeSet};
use std::fs::File;
use std::io::{self, BufReader, Read, Seek, SeekFrom};
use std::panic::resume_unwind;
use std::path::Path;
use std::sync::atomic::{AtomicUsize, Ordering};
use zip::read::{Config, ZipFile, ZipFileEntry, ZipReadOptions, read_zipfile_from_stream};
use zip::result::{ZipError, ZipResult};
use zip::unstable::read::ZipIterable;
use zip::{ExtraField, SUPPORTED_COMPRESSION_METHODS};

type Source<'a, 'b> = Counted<&'a mut (dyn ReadSeek + 'b)>;

/// A zip that lies on disk, so that several threads may read it.
pub(super) struct OnDisk<'a> {
    pub(super) place: &'a Path,
    pub(super) left: Left,
}

/// Hands out the members of a zip.
pub(super) fn read(
    walk: &mut Walk<'_>,
    path: &str,
    reader: &mut dyn ReadSeek,
    on_disk: Option<OnDisk<'_>>,
    depth: u32,
) {
    let packed = Counter::default();
    let source = Counted {
        inner: &mut *reader,
        count: packed.clone(),
    };
    let opened = ZipIterable::try_new(source, Config::default())
        .and_then(|mut zip| survey(&mut zip, walk.limits.max_entries).map(|found| (zip, found)));
    match opened {
        Ok((_, Survey { overlaps: true, .. })) => walk.loss(
            path,
            "its members overlap, as in a zip bomb".to_owned(),
            "nothing in it is read",
        ),
        Ok((mut zip, survey)) => {
            survey.tell(walk, path);
            let archive = Archive {
                path,
                on_disk,
                depth,
                survey: &survey,
            };
            if let Err(error) = listed(walk, &archive, &mut zip, &packed) {
                walk.broken(path, packed.get(), &io::Error::from(error));
            }
        }
        Err(_) => {
            walk.loss(
                path,
                "the list of members at its end is missing or damaged".to_owned(),
                "members are read up to the cut; what follows is lost",
            );
            salvage(walk, path, reader, depth);
        }
    }
}

/// What is to be known before the first member is read.
struct Survey {
    overlaps: bool,
    /// Folders that hold a report of ours.
    reports: BTreeSet<String>,
    /// What the headers in front of the members say otherwise: of a member, or of the archive.
    differs: Vec<(Option<String>, String)>,
}

impl Survey {
    fn tell(&self, walk: &mut Walk<'_>, path: &str) {
        for (member, defect) in &self.differs {
            match member {
                Some(name) => walk.note(
                    &format!("{path}!{name}"),
                    defect,
                    "it is read and cited as the list of members has it",
                ),
                None => walk.note(
                    path,
                    defect,
                    "they are not read; the list of members decides",
                ),
            }
        }
    }
}

fn survey(zip: &mut ZipIterable<Source<'_, '_>>, most: u64) -> ZipResult<Survey> {
    let mut ranges = Vec::new();
    let mut reports = BTreeSet::new();
    let mut listed = Vec::new();
    let files = zip.files()?;
    while let Some(entry) = files.next() {
        let entry = entry?;
        if ranges.len() as u64 > most {
            break;
        }
        // A lower bound of the member's length: names and extra fields come on top.
        let start = entry.header_start();
        let end = start
            .saturating_add(30)
            .saturating_add(entry.compressed_size());
        ranges.push((start, end, entry.central_header_start()));
        let name = names::member(&entry.name()?);
        listed.push(Listed {
            start,
            packed: entry.compressed_size(),
            raw: entry.name_raw().to_vec(),
            name: name.clone(),
        });
        if names::last(&name) == "verdicts.json" && !entry.encrypted() {
            let stream = entry.with_reader(files.reader_mut(), ZipReadOptions::new());
            if stream.is_ok_and(names::is_verdicts) {
                reports.insert(
                    name.rsplit_once('/')
                        .map_or("", |(folder, _)| folder)
                        .to_owned(),
                );
            }
        }
    }
    ranges.sort_unstable();
    let directory = ranges.iter().map(|range| range.2).min();
    let overlaps = ranges.windows(2).any(|pair| pair[0].1 > pair[1].0)
        || ranges.iter().any(|range| Some(range.1) > directory);
    let is_all = listed.len() as u64 <= most;
    let differs = match directory {
        // Where a header cannot be read, its member cannot, and that is told.
        Some(directory) if !overlaps && is_all => {
            locals::compare(files.reader_mut(), &mut listed, directory).unwrap_or_default()
        }
        _ => Vec::new(),
    };
    Ok(Survey {
        overlaps,
        reports,
        differs,
    })
}

/// A zip with a list of its members.
struct Archive<'a> {
    path: &'a str,
    on_disk: Option<OnDisk<'a>>,
    depth: u32,
    survey: &'a Survey,
}

/// The members that are to be read: their paths, by their numbers in the list.
type Plan = BTreeMap<usize, String>;

/// Reads the members of the list: those that are no archives first, as several threads may, then
/// the archives among them in their order. Where the list says that a limit will be reached, one
/// after the other is read, so that the limit always hits the same member.
fn listed(
    walk: &mut Walk<'_>,
    archive: &Archive<'_>,
    zip: &mut ZipIterable<Source<'_, '_>>,
    packed: &Counter,
) -> ZipResult<()> {
    let mut plan = Plan::new();
    let room = walk.limits.max_size.saturating_sub(walk.expanded.get());
    let (mut size, mut largest) = (0_u64, 0);
    let counted = plan_members(walk, archive, zip, &mut |number, full, entry_size| {
        plan.insert(number, full);
        size = size.saturating_add(entry_size);
        largest = largest.max(entry_size);
    });
    let fits = size <= room && largest <= walk.limits.of_member();
    if fits {
        plan = read_plain(walk, archive, zip, &plan, packed);
    }
    let mut number = 0;
    let files = zip.files()?;
    // Where the list breaks off is told already.
    while let Some(Ok(entry)) = files.next() {
        number += 1;
        let Some(full) = plan.remove(&(number - 1)) else {
            continue;
        };
        if !walk.has_room(archive.path) {
            break;
        }
        let start = packed.get();
        match opened(entry, files.reader_mut(), full, archive.survey) {
            Ok((member, file)) => {
                let mut layer = Layer::new(file, &walk.limits, walk.limits.of_member())
                    .packed(packed, start)
                    .total(&walk.expanded);
                walk.member(member, &mut layer, archive.depth + 1);
            }
            Err(problem) => walk.problems.push(problem),
        }
    }
    counted
}

/// Tells `each` the number, the path and the stated size of each member that is to be read.
fn plan_members(
    walk: &mut Walk<'_>,
    archive: &Archive<'_>,
    zip: &mut ZipIterable<Source<'_, '_>>,
    each: &mut dyn FnMut(usize, String, u64),
) -> ZipResult<()> {
    let path = archive.path;
    let mut seen = BTreeMap::new();
    let mut number = 0;
    let files = zip.files()?;
    for entry in files.by_ref() {
        let entry = entry?;
        number += 1;
        if !walk.admits(path) {
            break;
        }
        let name = names::member(&entry.name()?);
        // What has content is a file, whatever its name ends with.
        if entry.is_dir() && entry.size() == 0 || !walk.names_well(path, &name) {
            continue;
        }
        let full = walk.once(&mut seen, format!("{path}!{name}"));
        if entry.is_symlink() {
            walk.note(&full, LINK, "it is not read");
        } else if entry.encrypted() {
            walk.loss(&full, "protected by a password".to_owned(), PASSWORD);
        } else {
            each(number - 1, full, entry.size());
        }
    }
    Ok(())
}

/// Reads the members of `plan` that are no archives, by as many threads as `walk` has if the zip
/// lies on disk. Gives back those that are archives.
fn read_plain(
    walk: &mut Walk<'_>,
    archive: &Archive<'_>,
    zip: &mut ZipIterable<Source<'_, '_>>,
    plan: &Plan,
    packed: &Counter,
) -> Plan {
    let claimed = AtomicUsize::new(0);
    let reading = Plain {
        survey: archive.survey,
        plan,
        limits: walk.limits,
        each: walk.each,
        claimed: &claimed,
        threads: if plan.len() > 1 { 1 } else { walk.threads },
    };
    let progress = walk.progress;
    let handles = archive.on_disk.iter().flat_map(|disk| {
        let more = walk.threads.min(plan.len()).saturating_sub(1);
        // What cannot be opened once more is read by fewer threads.
        (0..more).map_while(|_| {
            let file = File::open(disk.place).ok()?;
            Some(Watched::again(file, &disk.left, progress))
        })
    });
    let handles: Vec<_> = handles.collect();
    let all = std::thread::scope(|scope| {
        let started: Vec<_> = handles
            .into_iter()
            .map(|file| {
                let reading = &reading;
                scope.spawn(move || {
                    let packed = Counter::default();
                    let mut file = BufReader::new(file);
                    let source = Counted {
                        inner: &mut file as &mut dyn ReadSeek,
                        count: packed.clone(),
                    };
                    ZipIterable::try_new(source, Config::default())
                        .map(|mut zip| reading.read(&mut zip, &packed))
                        .unwrap_or_default()
                })
            })
            .collect();
        let own = reading.read(zip, packed);
        let joined = started.into_iter().map(|thread| match thread.join() {
            Ok(found) => found,
            Err(why) => resume_unwind(why),
        });
        joined.chain([own]).collect::<Vec<Found>>()
    });
    let mut archives = Plan::new();
    for found in all {
        walk.expanded.set(walk.expanded.get() + found.expanded);
        walk.problems.extend(found.problems);
        walk.damaged.extend(found.damaged);
        archives.extend(found.archives);
    }
    archives
}

/// What reading some members found.
#[derive(Default)]
struct Found {
    problems: Vec<Problem>,
    /// Paths of members that gave wrong bytes.
    damaged: Vec<String>,
    archives: Plan,
    /// Bytes that came out.
    expanded: u64,
}

/// How the members that are no archives are read. Their stated sizes keep within the limits, and
/// more than the stated size does not come out of a member: only the ratio is left to be watched.
struct Plain<'a> {
    survey: &'a Survey,
    plan: &'a Plan,
    limits: Limits,
    each: Each<'a>,
    /// How many members were taken by somebody.
    claimed: &'a AtomicUsize,
    /// For `each`.
    threads: usize,
}

impl Plain<'_> {
    /// Reads members that nobody else reads until there are none.
    fn read(&self, zip: &mut ZipIterable<Source<'_, '_>>, packed: &Counter) -> Found {
        let claim = || self.claimed.fetch_add(1, Ordering::Relaxed);
        let total = Counter::default();
        let mut found = Found::default();
        let mut next = claim();
        let (mut number, mut place) = (0, 0);
        let Ok(files) = zip.files() else {
            return found;
        };
        // Where the list breaks off is told already.
        while let Some(Ok(entry)) = files.next() {
            number += 1;
            let Some(full) = self.plan.get(&(number - 1)) else {
                continue;
            };
            place += 1;
            if place - 1 != next {
                continue;
            }
            next = claim();
            let start = packed.get();
            let opened = opened(entry, files.reader_mut(), full.clone(), self.survey);
            let (mut member, file) = match opened {
                Ok(opened) => opened,
                Err(problem) => {
                    found.problems.push(problem);
                    continue;
                }
            };
            let mut layer = Layer::new(file, &self.limits, self.limits.of_member())
                .packed(packed, start)
                .total(&total);
            let mut peeked = Peeked::new(&mut layer);
            member.own_report |= is_own_head(names::last(&member.path), peeked.prefix());
            if kind(peeked.prefix()) != Kind::Plain && !member.own_report {
                // It is read again, and counted then.
                total.set(total.get() - peeked.prefix().len() as u64);
                found.archives.insert(number - 1, full.clone());
                continue;
            }
            let mut leaf = Leaf::new(&mut peeked, None);
            (self.each)(member, &mut leaf, self.threads);
            if let Some((read, error)) = leaf.broken() {
                found.problems.push(broken(full, read, &error));
                if !is_limit(&error) {
                    // The list stands behind the member, so nothing was cut.
                    found.damaged.push(full.clone());
                }
            }
        }
        found.expanded = total.get();
        found
    }
}

/// A member as it is cited, and what is in it.
fn opened<'r, R: Read + Seek>(
    entry: ZipFileEntry<'r>,
    reader: &'r mut R,
    full: String,
    survey: &Survey,
) -> Result<(Member, ZipFile<'r, R>), Problem> {
    let method = entry.compression();
    if !SUPPORTED_COMPRESSION_METHODS.contains(&method) {
        let what = format!("packed by the method `{method}`, which is not read");
        return Err(Problem::loss(full, None, what, METHOD));
    }
    let written = entry
        .last_modified()
        .map(|time| (time.datepart(), time.timepart()));
    let name = entry
        .name()
        .map(|name| names::member(&name))
        .unwrap_or_default();
    let file = match entry.with_reader(reader, ZipReadOptions::new()) {
        Ok(file) => file,
        Err(ZipError::UnsupportedArchive(why)) => {
            let what = format!("packed in a way that is not read: {why}");
            return Err(Problem::loss(full, None, what, METHOD));
        }
        Err(_) => return Err(broken(&full, 0, &io::ErrorKind::InvalidData.into())),
    };
    let exact = file.extra_data_fields().find_map(|field| match field {
        ExtraField::ExtendedTimestamp(time) => {
            Some(i64::from(time.mod_time()?.cast_signed()) * 1_000)
        }
        ExtraField::Ntfs(time) => {
            Some(i64::try_from(time.mtime() / 10_000).ok()? - 11_644_473_600_000)
        }
        _ => None,
    });
    let local = written.and_then(|(date, time)| dos_time(date, time));
    let member = Member {
        path: full,
        modified: exact.map(Modified::Utc).or(local.map(Modified::Local)),
        own_report: names::is_own(&survey.reports, &name),
        size: Some(file.size()),
    };
    Ok((member, file))
}

const PASSWORD: &str = "it is not read; unpack the archive and pass the folder";
const METHOD: &str = "it is not read; unpack the archive and pass the folder";

/// Two bytes of date and two of time; 1980-01-01 00:00:00 is what packers write that know none.
fn dos_time(date: u16, time: u16) -> Option<NaiveDateTime> {
    if (date, time) == (0x21, 0) {
        return None;
    }
    let (date, time) = (u32::from(date), u32::from(time));
    NaiveDate::from_ymd_opt(1980 + (date >> 9).cast_signed(), date >> 5 & 15, date & 31)?
        .and_hms_opt(time >> 11, time >> 5 & 63, (time & 31) * 2)
}

impl Walk<'_> {
    /// The path itself, or with a number if it stands in its archive already.
    pub(super) fn once(&mut self, seen: &mut BTreeMap<String, u32>, path: String) -> String {
        let count = seen.entry(path.clone()).or_default();
        *count += 1;
        if *count == 1 {
            return path;
        }
        let numbered = format!("{path} ({count})");
        self.problems.push(Problem::note(
            path,
            None,
            "stands more than once in its archive",
            format!(
                "all are read; this one is cited as `{}`",
                names::last(&numbered)
            ),
        ));
        numbered
    }
}

/// The header in front of a member.
struct Local {
    flags: u16,
    method: u16,
    date: u16,
    time: u16,
    packed: u64,
    name: String,
    /// Where the content begins.
    data: u64,
}

const LOCAL: &[u8] = b"PK\x03\x04";

/// Hands out the members of a zip without a central directory by walking the headers in front of them.
fn salvage(walk: &mut Walk<'_>, path: &str, reader: &mut dyn ReadSeek, depth: u32) {
    let mut seen = BTreeMap::new();
    let mut at = 0;
    while let Ok(Some(start)) = next_header(reader, at) {
        let Ok(Some(local)) = local_header(reader, start) else {
            return;
        };
        if !walk.admits(path) {
            return;
        }
        at = local.data.saturating_add(local.packed);
        let name = names::member(&local.name);
        if name.ends_with('/') || !walk.names_well(path, &name) {
            continue;
        }
        let full = walk.once(&mut seen, format!("{path}!{name}"));
        if local.flags & 1 != 0 {
            walk.loss(&full, "protected by a password".to_owned(), PASSWORD);
            continue;
        }
        let member = Member {
            path: full.clone(),
            modified: dos_time(local.date, local.time).map(Modified::Local),
            own_report: false,
            size: None,
        };
        let count = Counter::default();
        let mut source = Counted {
            inner: &mut *reader,
            count: count.clone(),
        };
        let streamed = local.flags & 8 != 0;
        if !streamed {
            if source.seek(SeekFrom::Start(start)).is_err() {
                return;
            }
            match read_zipfile_from_stream(&mut source) {
                Ok(Some(file)) => {
                    let mut layer = Layer::new(file, &walk.limits, walk.limits.of_member())
                        .packed(&count, 0)
                        .total(&walk.expanded);
                    walk.member(member, &mut layer, depth + 1);
                }
                _ => walk.loss(
                    &full,
                    format!(
                        "damaged, or packed by a method that is not read ({})",
                        local.method
                    ),
                    METHOD,
                ),
            }
        } else if local.method == 8 {
            if source.seek(SeekFrom::Start(local.data)).is_err() {
                return;
            }
            // Only the end of the deflate stream tells how long the member is.
            let mut deflated = CrcReader::new(DeflateDecoder::new(BufReader::new(source)));
            let mut layer = Layer::new(&mut deflated, &walk.limits, walk.limits.of_member())
                .packed(&count, 0)
                .total(&walk.expanded);
            let problems = walk.problems.len();
            walk.member(member, &mut layer, depth + 1);
            let drained = io::copy(&mut layer, &mut io::sink());
            let (crc, read) = (deflated.crc().sum(), deflated.get_ref().total_out());
            at = local.data.saturating_add(deflated.get_ref().total_in());
            drop(deflated);
            let whole = drained.is_ok() && is_descriptor(reader, at, crc);
            if !whole && walk.problems.len() == problems {
                let kind = match drained {
                    // It ends as it should, but nothing says that it is right.
                    Ok(_) => io::ErrorKind::InvalidData,
                    Err(_) => io::ErrorKind::UnexpectedEof,
                };
                walk.broken(&full, read, &kind.into());
            }
        } else {
            walk.loss(
                &full,
                "its length is not known".to_owned(),
                "it is not read; pack the files again",
            );
            at = local.data;
        }
    }
}

/// Whether the bytes at `at` say that a member with this check sum ends here.
fn is_descriptor(reader: &mut dyn ReadSeek, at: u64, crc: u32) -> bool {
    let mut bytes = [0; 8];
    reader.seek(SeekFrom::Start(at)).is_ok()
        && reader.read_exact(&mut bytes).is_ok()
        && (bytes[..4] == crc.to_le_bytes()
            || bytes[..4] == *b"PK\x07\x08" && bytes[4..] == crc.to_le_bytes())
}

/// The place of the first local header at or after `from`.
fn next_header(reader: &mut dyn ReadSeek, from: u64) -> io::Result<Option<u64>> {
    const BLOCK: usize = 64 * 1_024;
    let mut block = Vec::new();
    let mut at = from;
    reader.seek(SeekFrom::Start(from))?;
    loop {
        let read = (&mut *reader).take(BLOCK as u64).read_to_end(&mut block)?;
        if let Some(found) = memchr::memmem::find(&block, LOCAL) {
            return Ok(Some(at + found as u64));
        }
        if read == 0 {
            return Ok(None);
        }
        // A signature may lie across two blocks.
        let kept = block.len().saturating_sub(LOCAL.len() - 1);
        at += kept as u64;
        block.drain(..kept);
    }
}

fn local_header(reader: &mut dyn ReadSeek, start: u64) -> io::Result<Option<Local>> {
    let mut fixed = [0; 30];
    reader.seek(SeekFrom::Start(start))?;
    reader.read_exact(&mut fixed)?;
    let two = |at: usize| u16::from_le_bytes([fixed[at], fixed[at + 1]]);
    let size = u32::from_le_bytes([fixed[18], fixed[19], fixed[20], fixed[21]]);
    let (name_length, extra_length) = (two(26), two(28));
    let mut name = vec![0; usize::from(name_length)];
    reader.read_exact(&mut name)?;
    let mut extra = vec![0; usize::from(extra_length)];
    reader.read_exact(&mut extra)?;
    let packed = if size == u32::MAX {
        let Some(large) = zip64_size(&extra) else {
            return Ok(None);
        };
        large
    } else {
        u64::from(size)
    };
    Ok(Some(Local {
        flags: two(6),
        method: two(8),
        time: two(10),
        date: two(12),
        packed,
        name: String::from_utf8_lossy(&name).into_owned(),
        data: start + 30 + u64::from(name_length) + u64::from(extra_length),
    }))
}

/// The packed size in the extra field 1, where it stands behind the other size.
fn zip64_size(mut extra: &[u8]) -> Option<u64> {
    while let [id_low, id_high, low, high, rest @ ..] = extra {
        let field = rest.get(..usize::from(u16::from_le_bytes([*low, *high])))?;
        if u16::from_le_bytes([*id_low, *id_high]) == 1 {
            return Some(u64::from_le_bytes(field.get(8..16)?.try_into().ok()?));
        }
        extra = &rest[field.len()..];
    }
    None
}
