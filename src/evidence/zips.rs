//! Zip: by its central directory, or by what is left of it.

use super::guard::{Counted, Counter, Layer};
use super::{LINK, Member, Modified, ReadSeek, Walk, names};
use chrono::{NaiveDate, NaiveDateTime};
use flate2::CrcReader;
use flate2::bufread::DeflateDecoder;
use std::collections::{BTreeMap, BTreeSet};
use std::io::{self, BufReader, Read, Seek, SeekFrom};
use zip::ExtraField;
use zip::read::{Config, ZipReadOptions, read_zipfile_from_stream};
use zip::result::{ZipError, ZipResult};
use zip::unstable::read::ZipIterable;

type Source<'a, 'b> = Counted<&'a mut (dyn ReadSeek + 'b)>;

/// Hands out the members of a zip.
pub(super) fn read(walk: &mut Walk<'_>, path: &str, reader: &mut dyn ReadSeek, depth: u32) {
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
            if let Err(error) = listed(walk, path, &mut zip, &survey, &packed, depth) {
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
}

fn survey(zip: &mut ZipIterable<Source<'_, '_>>, most: u64) -> ZipResult<Survey> {
    let mut ranges = Vec::new();
    let mut reports = BTreeSet::new();
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
    Ok(Survey { overlaps, reports })
}

fn listed(
    walk: &mut Walk<'_>,
    path: &str,
    zip: &mut ZipIterable<Source<'_, '_>>,
    survey: &Survey,
    packed: &Counter,
    depth: u32,
) -> ZipResult<()> {
    let mut seen = BTreeMap::new();
    let files = zip.files()?;
    while let Some(entry) = files.next() {
        let entry = entry?;
        if !walk.admits(path) {
            return Ok(());
        }
        let name = names::member(&entry.name()?);
        if entry.is_dir() || !walk.names_well(path, &name) {
            continue;
        }
        let full = walk.once(&mut seen, format!("{path}!{name}"));
        if entry.is_symlink() {
            walk.note(&full, LINK, "it is not read");
            continue;
        }
        if entry.encrypted() {
            walk.loss(&full, "protected by a password".to_owned(), PASSWORD);
            continue;
        }
        let method = entry.compression();
        let written = entry
            .last_modified()
            .map(|time| (time.datepart(), time.timepart()));
        let start = packed.get();
        let file = match entry.with_reader(files.reader_mut(), ZipReadOptions::new()) {
            Ok(file) => file,
            Err(ZipError::UnsupportedArchive(_)) => {
                walk.loss(
                    &full,
                    format!("packed by the method `{method}`, which is not read"),
                    METHOD,
                );
                continue;
            }
            Err(_) => {
                walk.broken(&full, 0, &io::ErrorKind::InvalidData.into());
                continue;
            }
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
        };
        let mut layer = Layer::new(file, &walk.limits, walk.limits.of_member())
            .packed(packed, start)
            .total(&walk.expanded);
        walk.member(member, &mut layer, depth + 1);
    }
    Ok(())
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
        self.problems.push(crate::model::Problem::note(
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
                walk.broken(&full, read, &io::ErrorKind::UnexpectedEof.into());
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
