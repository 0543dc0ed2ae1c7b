//! 7z: the list of members stands at the end, and many members are packed into one block.
//!
//! The list is often packed itself, and the crate that unpacks it takes counts and sizes from it
//! before it has seen that they are true. So the list is unpacked here within a limit, its counts
//! are looked at ([`list`]), and only then the crate gets the archive with the plain list behind it.
//!
//! A block can only be unpacked in order. What nobody reads of a member is still unpacked to reach
//! the next one, within the same limits; at a limit the unpacking stops, and the rest of the block
//! is lost.

mod list;

use super::guard::{Counted, Counter, Exact, Layer, Limit};
use super::{LINK, Limits, Member, Modified, ReadSeek, Walk, names};
use sevenz_rust2::{Archive, ArchiveEntry, Block, BlockDecoder, EncoderMethod, Error, Password};
use std::collections::BTreeMap;
use std::io::{self, Read, Seek, SeekFrom};
use std::panic::{AssertUnwindSafe, catch_unwind};

/// Bytes that the list of members may have, packed or not.
const LARGEST_LIST: u64 = 32 << 20;
/// As many members may be listed whatever the limit is; more than the limit are never read.
const MOST_LISTED: u64 = 1 << 18;
/// A list that is packed, whose list is packed, and so on.
const MOST_LISTS: u32 = 4;
/// Memory that the unpacking of one block may need.
const LARGEST_MEMORY: u64 = 1 << 30;

/// Why an archive or a block cannot be read: what is wrong, and what helps.
type Refusal = (String, &'static str);

const LIST_LOST: &str =
    "nothing in it is read; get the archive again, or unpack it and pass the folder";
const UNPACK: &str = "unpack the archive and pass the folder";

/// Hands out the members of a 7z.
pub(super) fn read(walk: &mut Walk<'_>, path: &str, reader: &mut dyn ReadSeek, depth: u32) {
    let read = catch_unwind(AssertUnwindSafe(|| open(walk, path, reader, depth)));
    match read {
        Ok(Ok(())) => {}
        Ok(Err((defect, cost))) => walk.loss(path, defect, cost),
        Err(_) => walk.loss(
            path,
            "its unpacking broke down".to_owned(),
            "what was not read until then is lost; please report this with the archive",
        ),
    }
}

fn open(
    walk: &mut Walk<'_>,
    path: &str,
    reader: &mut dyn ReadSeek,
    depth: u32,
) -> Result<(), Refusal> {
    let Some(plain) = plain_list(reader, &walk.limits)? else {
        return Ok(());
    };
    let mut relisted = Relisted::new(reader, plain).map_err(|_| damaged_list())?;
    let archive = Archive::read(&mut relisted, &Password::empty()).map_err(|_| damaged_list())?;
    let packed = Counter::default();
    let mut source = Counted {
        inner: relisted,
        count: packed.clone(),
    };
    let mut seen = BTreeMap::new();
    for block in 0..archive.blocks.len() {
        let mut one = InBlock {
            walk: &mut *walk,
            seen: &mut seen,
            path,
            depth,
            packed: &packed,
            from: packed.get(),
            out: 0,
            done: 0,
            ends: false,
        };
        one.block(&archive, block, &mut source);
        if one.ends {
            return Ok(());
        }
    }
    // Files without content belong to no block.
    for (file, block) in archive
        .files
        .iter()
        .zip(&archive.stream_map.file_block_index)
    {
        if block.is_some() {
            continue;
        }
        let mut one = InBlock {
            walk: &mut *walk,
            seen: &mut seen,
            path,
            depth,
            packed: &packed,
            from: 0,
            out: 0,
            done: 0,
            ends: false,
        };
        one.entry(file, &mut io::empty());
        if one.ends {
            return Ok(());
        }
    }
    Ok(())
}

fn damaged_list() -> Refusal {
    (
        "the list of members at its end is missing or damaged".to_owned(),
        LIST_LOST,
    )
}

/// The list of members, unpacked. `None` if the archive is empty.
fn plain_list(reader: &mut dyn ReadSeek, limits: &Limits) -> Result<Option<Vec<u8>>, Refusal> {
    let Some(mut list) = stored_list(reader).map_err(|_| damaged_list())? else {
        return Err(damaged_list());
    };
    if list.is_empty() {
        return Ok(None);
    }
    for _ in 0..MOST_LISTS {
        if list.first() != Some(&PACKED_LIST) {
            let counts = list::counts(&list).ok_or_else(damaged_list)?;
            if counts.largest() > limits.max_entries.max(MOST_LISTED) {
                return Err((Limit::entries(limits).to_string(), "nothing in it is read"));
            }
            return Ok(Some(list));
        }
        list = unpacked_list(reader, &list)?;
    }
    Err(damaged_list())
}

/// Begins a list that says where the real list is packed.
const PACKED_LIST: u8 = 0x17;
/// Bytes in front of the content: signature, version, check sum, and where the list stands.
const START: usize = 32;

/// The list as it stands at the end of the archive; `None` if it is not whole.
fn stored_list(reader: &mut dyn ReadSeek) -> io::Result<Option<Vec<u8>>> {
    let mut start = [0; START];
    let length = reader.seek(SeekFrom::End(0))?;
    reader.seek(SeekFrom::Start(0))?;
    reader.read_exact(&mut start)?;
    let number = |at: usize, bytes: usize| {
        start[at..at + bytes]
            .iter()
            .rev()
            .fold(0, |value, byte| value << 8 | u64::from(*byte))
    };
    let (offset, size) = (number(12, 8), number(20, 8));
    let end = offset
        .checked_add(size)
        .and_then(|end| end.checked_add(START as u64));
    let fits = end.is_some_and(|end| end <= length) && size <= LARGEST_LIST;
    if start[6] != 0 || sum(&start[12..]) != number(8, 4) || !fits {
        return Ok(None);
    }
    let mut list = Vec::new();
    reader.seek(SeekFrom::Start(START as u64 + offset))?;
    reader.take(size).read_to_end(&mut list)?;
    Ok(Some(list).filter(|list| list.len() as u64 == size && sum(list) == number(28, 4)))
}

/// The check sum of 7z: CRC-32.
fn sum(bytes: &[u8]) -> u64 {
    let mut crc = flate2::Crc::new();
    crc.update(bytes);
    u64::from(crc.sum())
}

/// Unpacks a list: to the crate it is the only member of an archive.
fn unpacked_list(reader: &mut dyn ReadSeek, stored: &[u8]) -> Result<Vec<u8>, Refusal> {
    // `04 <streams> 00` becomes `01 04 <streams> 08 00 00`, where one member has one stream,
    // and `05 01 00 00`, one member of which nothing more is told.
    let [PACKED_LIST, streams @ .., 0] = stored else {
        return Err(damaged_list());
    };
    let mut wrapped = vec![1, 4];
    wrapped.extend(streams);
    wrapped.extend([8, 0, 0, 5, 1, 0, 0]);
    let counts = list::counts(&wrapped).ok_or_else(damaged_list)?;
    if (counts.blocks, counts.streams, counts.files) != (1, 1, 1) {
        return Err(damaged_list());
    }
    let mut relisted = Relisted::new(reader, wrapped).map_err(|_| damaged_list())?;
    let archive = Archive::read(&mut relisted, &Password::empty()).map_err(|_| damaged_list())?;
    let (Some(block), Some(file)) = (archive.blocks.first(), archive.files.first()) else {
        return Err(damaged_list());
    };
    if let Some(method) = refused(block) {
        let defect = format!("its list of members is {method}");
        return Err((
            defect,
            "nothing in it is read; unpack it and pass the folder",
        ));
    }
    if file.size > LARGEST_LIST {
        let defect = format!("its list of members has more than {LARGEST_LIST} bytes");
        return Err((
            defect,
            "nothing in it is read; unpack it and pass the folder",
        ));
    }
    let size = file.size;
    let mut unpacked = Vec::new();
    let password = Password::empty();
    let decoded = BlockDecoder::new(1, 0, &archive, &password, &mut relisted).for_each_entries(
        &mut |_, stream| {
            Exact {
                inner: &mut Unpacked::new(stream),
                left: size,
            }
            .read_to_end(&mut unpacked)?;
            Ok(true)
        },
    );
    decoded.map_err(|_| damaged_list())?;
    Ok(unpacked)
}

/// Methods that make data smaller; the others only filter it.
const UNPACKERS: [&[u8]; 5] = [
    EncoderMethod::ID_LZMA,
    EncoderMethod::ID_LZMA2,
    EncoderMethod::ID_PPMD,
    EncoderMethod::ID_BZIP2,
    EncoderMethod::ID_DEFLATE,
];
/// Those that can read without end and give nothing, so that no limit on what comes out stops them.
/// That is harmless as long as they read the archive itself and not what another one unpacked.
const IDLERS: [&[u8]; 2] = [EncoderMethod::ID_BZIP2, EncoderMethod::ID_DEFLATE];

/// Why a block cannot be unpacked, to be read behind "is"; `None` if it can.
fn refused(block: &Block) -> Option<String> {
    let (mut memory, mut unpackers, mut may_idle) = (0_u64, 0, false);
    for coder in &block.coders {
        let properties = coder.properties();
        let four = properties.get(1..5).and_then(|four| four.try_into().ok());
        let stated = u64::from(four.map_or(0, u32::from_le_bytes));
        let id = coder.encoder_method_id();
        unpackers += u32::from(UNPACKERS.contains(&id));
        may_idle |= IDLERS.contains(&id);
        memory += match id {
            EncoderMethod::ID_AES256_SHA256 => return Some("protected by a password".to_owned()),
            EncoderMethod::ID_LZMA => stated.min(block.get_unpack_size()),
            EncoderMethod::ID_PPMD => stated,
            EncoderMethod::ID_LZMA2 => {
                let bits = u64::from(properties.first().copied().unwrap_or(0)).min(40);
                ((2 | bits & 1) << (bits / 2 + 11)).min(block.get_unpack_size())
            }
            EncoderMethod::ID_COPY
            | EncoderMethod::ID_DELTA
            | EncoderMethod::ID_BZIP2
            | EncoderMethod::ID_DEFLATE
            | EncoderMethod::ID_BCJ2
            | EncoderMethod::ID_BCJ_X86
            | EncoderMethod::ID_BCJ_ARM
            | EncoderMethod::ID_BCJ_ARM64
            | EncoderMethod::ID_BCJ_ARM_THUMB
            | EncoderMethod::ID_BCJ_PPC
            | EncoderMethod::ID_BCJ_IA64
            | EncoderMethod::ID_BCJ_SPARC
            | EncoderMethod::ID_BCJ_RISCV => 0,
            other => {
                let id: String = other.iter().map(|byte| format!("{byte:02x}")).collect();
                let name =
                    EncoderMethod::by_id(other).map_or(id, |method| method.name().to_owned());
                return Some(format!("packed by the method `{name}`, which is not read"));
            }
        };
    }
    if unpackers > 1 && may_idle {
        return Some("packed by a chain of methods, which is not read".to_owned());
    }
    (memory > LARGEST_MEMORY).then(|| {
        format!(
            "packed so that it needs {} MiB of memory to unpack, more than {}",
            memory >> 20,
            LARGEST_MEMORY >> 20
        )
    })
}

/// The reading of one block, member by member.
struct InBlock<'a, 'w> {
    walk: &'a mut Walk<'w>,
    seen: &'a mut BTreeMap<String, u32>,
    path: &'a str,
    depth: u32,
    packed: &'a Counter,
    /// Where the counter of packed bytes stood at the beginning of the block.
    from: u64,
    /// Bytes that came out of the block: a second copy of a log costs next to nothing, so the
    /// ratio is that of the block so far and not of one member.
    out: u64,
    /// Members that were handed out, skipped or told.
    done: usize,
    /// Whether a limit ends the whole archive.
    ends: bool,
}

impl InBlock<'_, '_> {
    fn block<R: Read + Seek>(&mut self, archive: &Archive, block: usize, source: &mut R) {
        let password = Password::empty();
        let decoder = BlockDecoder::new(1, block, archive, &password, source);
        let entries = &archive.files[archive.stream_map.block_first_file_index[block]..];
        let entries = &entries[..decoder.entry_count()];
        if let Some(defect) = archive.blocks.get(block).and_then(refused) {
            return self.lost(entries, &defect, UNPACK);
        }
        let decoded = decoder.for_each_entries(&mut |entry, stream| Ok(self.entry(entry, stream)));
        if !self.ends && (decoded.is_err() || self.done < entries.len()) {
            let defect = if decoded.is_err() {
                "packed in a block that is damaged"
            } else {
                "packed behind a member that was not read to its end"
            };
            self.lost(entries, defect, UNPACK);
        }
    }

    /// Tells the members from `done` on that have content, in one problem.
    fn lost(&mut self, entries: &[ArchiveEntry], defect: &str, help: &str) {
        let mut left = entries[self.done.min(entries.len())..]
            .iter()
            .filter(|entry| entry.has_stream);
        let Some(first) = left.next() else {
            return;
        };
        let place = format!("{}!{}", self.path, names::member(&first.name));
        let cost = match left.count() {
            0 => format!("it is not read; {help}"),
            1 => format!("it and the member packed behind it are not read; {help}"),
            more => format!("it and the {more} members packed behind it are not read; {help}"),
        };
        self.walk.loss(&place, defect.to_owned(), &cost);
    }

    /// Hands out one member. Says whether the next one of the block can be read.
    fn entry(&mut self, entry: &ArchiveEntry, stream: &mut dyn Read) -> bool {
        if !self.walk.admits(self.path) {
            self.ends = true;
            return false;
        }
        self.done += 1;
        let name = names::member(&entry.name);
        let is_file = !entry.is_directory && !entry.is_anti_item;
        let is_usable = is_file && self.walk.names_well(self.path, &name);
        let mut full = format!("{}!{name}", self.path);
        if is_usable {
            full = self.walk.once(self.seen, full);
        }
        let mut unpacked = Unpacked::new(stream);
        let mut exact = Exact {
            inner: &mut unpacked,
            left: entry.size,
        };
        let mut layer = Layer::new(&mut exact, &self.walk.limits, self.walk.limits.of_member())
            .packed(self.packed, self.from)
            .after(self.out)
            .total(&self.walk.expanded);
        let problems = self.walk.problems.len();
        if is_usable && is_link(entry) {
            self.walk.note(&full, LINK, "it is not read");
        } else if is_usable {
            let member = Member {
                path: full.clone(),
                modified: modified(entry),
                own_report: false,
                size: None,
            };
            self.walk.member(member, &mut layer, self.depth + 1);
        }
        let drained = io::copy(&mut layer, &mut io::sink());
        let read = entry.size - exact.left;
        self.out += read;
        let Err(error) = drained else {
            return true;
        };
        let is_told = self.walk.problems[problems..]
            .iter()
            .any(|problem| problem.lost && problem.place.path == full);
        if !is_told {
            self.walk.broken(&full, read, &error);
        }
        // With a wrong check sum all of it was unpacked, and the next member begins where it should.
        unpacked.is_sum
    }
}

/// Links of Windows, and of Unix in the upper half of the attributes.
fn is_link(entry: &ArchiveEntry) -> bool {
    const REPARSE_POINT: u32 = 0x400;
    const UNIX: u32 = 0x8000;
    let attributes = entry.windows_attributes;
    let unix_link = attributes & UNIX != 0 && attributes >> 16 & 0o170_000 == 0o120_000;
    entry.has_windows_attributes && (unix_link || attributes & REPARSE_POINT != 0)
}

/// The time is one of Windows: tenths of microseconds since 1601 in UTC.
fn modified(entry: &ArchiveEntry) -> Option<Modified> {
    let ticks = u64::from(entry.last_modified_date);
    let known = entry.has_last_modified_date && ticks > 0;
    let ms = i64::try_from(ticks / 10_000).ok().filter(|_| known)?;
    Some(Modified::Utc(ms - 11_644_473_600_000))
}

/// Ends for good at the first error: a decoder that is asked again after one may never return
/// (lzma-rust2 0.23.0, LZMA2 with wrong properties).
struct Unpacked<'a> {
    inner: &'a mut dyn Read,
    is_broken: bool,
    /// Whether the error is a wrong check sum: then all of the member was unpacked.
    is_sum: bool,
}

impl<'a> Unpacked<'a> {
    fn new(inner: &'a mut dyn Read) -> Self {
        Unpacked {
            inner,
            is_broken: false,
            is_sum: false,
        }
    }
}

impl Read for Unpacked<'_> {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        if self.is_broken {
            return Err(io::ErrorKind::InvalidData.into());
        }
        self.inner.read(out).map_err(|error| {
            let inner = error.get_ref().and_then(|inner| inner.downcast_ref());
            self.is_broken = true;
            self.is_sum = matches!(inner, Some(Error::ChecksumVerificationFailed));
            io::ErrorKind::InvalidData.into()
        })
    }
}

/// An archive with another list of members behind it.
struct Relisted<'a> {
    inner: &'a mut dyn ReadSeek,
    length: u64,
    start: [u8; START],
    list: Vec<u8>,
    at: u64,
    /// Where the inner stream stands, if that is known.
    inner_at: Option<u64>,
}

impl<'a> Relisted<'a> {
    fn new(inner: &'a mut dyn ReadSeek, list: Vec<u8>) -> io::Result<Self> {
        let length = inner.seek(SeekFrom::End(0))?;
        let mut start = [0; START];
        start[..8].copy_from_slice(b"7z\xBC\xAF\x27\x1C\x00\x04");
        start[12..20].copy_from_slice(&length.saturating_sub(START as u64).to_le_bytes());
        start[20..28].copy_from_slice(&(list.len() as u64).to_le_bytes());
        start[28..].copy_from_slice(&sum(&list).to_le_bytes()[..4]);
        let own = sum(&start[12..]).to_le_bytes();
        start[8..12].copy_from_slice(&own[..4]);
        Ok(Relisted {
            inner,
            length: length.max(START as u64),
            start,
            list,
            at: 0,
            inner_at: None,
        })
    }
}

impl Read for Relisted<'_> {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        let behind = |at: u64| usize::try_from(at).unwrap_or(usize::MAX);
        let read = if self.at < START as u64 {
            (&self.start[behind(self.at)..]).read(out)?
        } else if self.at < self.length {
            if self.inner_at != Some(self.at) {
                self.inner_at = None;
                self.inner.seek(SeekFrom::Start(self.at))?;
            }
            let most = out.len().min(behind(self.length - self.at));
            let read = self.inner.read(&mut out[..most])?;
            self.inner_at = Some(self.at + read as u64);
            read
        } else {
            let left = self.list.get(behind(self.at - self.length)..);
            left.unwrap_or_default().read(out)?
        };
        self.at += read as u64;
        Ok(read)
    }
}

impl Seek for Relisted<'_> {
    fn seek(&mut self, to: SeekFrom) -> io::Result<u64> {
        let end = self.length + self.list.len() as u64;
        let at = match to {
            SeekFrom::Start(at) => Some(at),
            SeekFrom::End(by) => end.checked_add_signed(by),
            SeekFrom::Current(by) => self.at.checked_add_signed(by),
        };
        self.at = at.ok_or(io::ErrorKind::InvalidInput)?;
        Ok(self.at)
    }
}

#[cfg(test)]
mod samples;
#[cfg(test)]
pub(super) mod tests;
