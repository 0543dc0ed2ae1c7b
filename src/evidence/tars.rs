//! Gzip and tar, read once from front to back.
//!
//! The headers are walked here and not by `tar::Archive`, which takes a missing end for an end,
//! a cut member for a whole one, and reads a long name of any length into memory.

use super::guard::{Counted, Counter, Exact, Layer, PREFIX, Peeked};
use super::{Kind, LINK, Member, Modified, Walk, kind, names};
use std::collections::BTreeMap;
use std::io::{self, BufReader, Read};
use tar::{EntryType, Header};

/// Bytes that a long name or an extended header may have.
const MAX_EXTENSION: u64 = 64 * 1_024;

/// Whether a stream begins with a tar header: its check sum is right. That holds for the old
/// format too, which has no magic.
pub(super) fn is_header(prefix: &[u8]) -> bool {
    let Some(block) = prefix.get(..PREFIX) else {
        return false;
    };
    block[0] != 0 && sums_up(block)
}

/// The sum of all bytes, the check sum itself taken for blanks, stands in the header.
fn sums_up(block: &[u8]) -> bool {
    let sum: u32 = block
        .iter()
        .enumerate()
        .map(|(at, byte)| {
            if (148..156).contains(&at) {
                32
            } else {
                u32::from(*byte)
            }
        })
        .sum();
    Header::from_byte_slice(block)
        .cksum()
        .is_ok_and(|stated| stated == sum)
}

/// A gzip: of a tar, whose members are handed out, or of anything else, which is handed out itself.
/// Whether what follows it may be read: no limit and no defect stands in between.
pub(super) fn gzip(walk: &mut Walk<'_>, found: &Member, stream: &mut dyn Read, depth: u32) -> bool {
    let packed = Counter::default();
    let counted = Counted {
        inner: stream,
        count: packed.clone(),
    };
    let mut peeked = Peeked::new(flate2::bufread::MultiGzDecoder::new(BufReader::new(
        counted,
    )));
    if kind(peeked.prefix()) == Kind::Tar {
        let cap = walk.limits.max_size;
        let mut layer = Layer::new(&mut peeked, &walk.limits, cap).packed(&packed, 0);
        let problems = walk.problems.len();
        if read(walk, &found.path, &mut layer, depth) {
            walk.drain(&found.path, &mut layer);
        }
        return walk.lost_nothing_since(problems);
    }
    if !walk.admits(&found.path) {
        return false;
    }
    let written = peeked.inner.header().map_or(0, flate2::GzHeader::mtime);
    let modified = match written {
        0 => found.modified,
        seconds => Some(Modified::Utc(i64::from(seconds) * 1_000)),
    };
    let name = names::last(&found.path);
    let stem = match name.rsplit_once('.') {
        Some((stem, ending)) if ending.eq_ignore_ascii_case("gz") && !stem.is_empty() => stem,
        _ => name,
    };
    let member = Member {
        path: format!("{}!{stem}", found.path),
        modified,
        own_report: false,
        size: None,
    };
    let mut layer = Layer::new(&mut peeked, &walk.limits, walk.limits.of_member())
        .packed(&packed, 0)
        .total(&walk.expanded);
    let problems = walk.problems.len();
    walk.member(member, &mut layer, depth + 1);
    walk.lost_nothing_since(problems)
}

/// What an extended header says about the member after it.
#[derive(Default)]
struct Extension {
    name: Option<Vec<u8>>,
    size: Option<u64>,
    /// Whether the member's holes are left out, in one of three ways of GNU.
    is_sparse: bool,
}

/// A tar. Whether its end was found: what stands behind that may still be read.
pub(super) fn read(walk: &mut Walk<'_>, path: &str, stream: &mut dyn Read, depth: u32) -> bool {
    let mut seen = BTreeMap::new();
    let mut extension = Extension::default();
    let mut at = 0_u64;
    // Whether an end was seen, and whether members behind one are told.
    let (mut ended, mut goes_on) = (false, false);
    loop {
        let mut block = Vec::with_capacity(PREFIX);
        let got = (&mut *stream).take(PREFIX as u64).read_to_end(&mut block);
        if let Err(error) = got {
            walk.broken(path, at + block.len() as u64, &error);
            return false;
        }
        if block.iter().all(|byte| *byte == 0) && (ended || block.len() == PREFIX) {
            if block.len() < PREFIX {
                return true;
            }
            // Where two tars were put together, or a block was lost, members follow.
            ended = true;
            at += PREFIX as u64;
            continue;
        }
        if block.len() < PREFIX || !sums_up(&block) {
            // Nothing says where the next header would stand.
            if ended {
                walk.loss(
                    path,
                    format!("behind its end, at byte {at}, stands something else"),
                    "it is not read",
                );
                return true;
            }
            let error = io::ErrorKind::UnexpectedEof.into();
            walk.broken(path, at + block.len() as u64, &error);
            return false;
        }
        if std::mem::take(&mut ended) && !std::mem::replace(&mut goes_on, true) {
            walk.note(
                path,
                "its end stands in its midst, as where two archives were put together",
                "nothing: the members behind it are read, too",
            );
        }
        let header = Header::from_byte_slice(&block);
        let Some(size) = extension.size.or(header.entry_size().ok()) else {
            walk.broken(path, at, &io::ErrorKind::InvalidData.into());
            return false;
        };
        at += PREFIX as u64;
        let mut content = Exact {
            inner: &mut *stream,
            left: size,
        };
        let mut broken = Ok(());
        match header.entry_type() {
            EntryType::GNULongName | EntryType::XHeader => {
                let mut bytes = Vec::new();
                broken = (&mut content)
                    .take(MAX_EXTENSION)
                    .read_to_end(&mut bytes)
                    .map(drop);
                if header.entry_type() == EntryType::GNULongName {
                    bytes.retain(|byte| *byte != 0);
                    extension.name = Some(bytes);
                } else {
                    extension = extended(&bytes);
                }
            }
            other => {
                let stated = std::mem::take(&mut extension);
                let is_sparse = stated.is_sparse;
                let name = stated
                    .name
                    .unwrap_or_else(|| header.path_bytes().into_owned());
                let name = names::member(&String::from_utf8_lossy(&name));
                if !walk.admits(path) {
                    return false;
                }
                let full = format!("{path}!{name}");
                if is_sparse || other == EntryType::GNUSparse {
                    walk.loss(
                        &full,
                        "a file with holes, which is not read".to_owned(),
                        "nothing of it is used; pack it again without `--sparse`",
                    );
                } else if other.is_symlink() || other.is_hard_link() {
                    walk.note(&full, LINK, "it is not read");
                } else if is_file(other) && walk.names_well(path, &name) {
                    let member = Member {
                        path: walk.once(&mut seen, full),
                        modified: header
                            .mtime()
                            .ok()
                            .and_then(|seconds| i64::try_from(seconds).ok()?.checked_mul(1_000))
                            .map(Modified::Utc),
                        own_report: false,
                        size: None,
                    };
                    let cap = walk.limits.of_member();
                    let mut layer =
                        Layer::new(&mut content, &walk.limits, cap).total(&walk.expanded);
                    walk.member(member, &mut layer, depth + 1);
                } else if size > 0 && b"3456".contains(&other.as_byte()) {
                    walk.loss(
                        &full,
                        format!("no file, but {size} bytes stand behind it"),
                        "they are not read",
                    );
                }
            }
        }
        let padding = size.next_multiple_of(PREFIX as u64) - size;
        if broken.is_ok() {
            content.left = content.left.saturating_add(padding);
            broken = io::copy(&mut content, &mut io::sink()).map(drop);
        }
        let left = content.left;
        at = at
            .saturating_add(size)
            .saturating_add(padding)
            .saturating_sub(left);
        if let Err(error) = broken {
            walk.broken(path, at, &error);
            return false;
        }
    }
}

/// Whether it is a file, or of a kind that nobody knows, which POSIX says to take for one.
fn is_file(kind: EntryType) -> bool {
    match kind {
        EntryType::Regular | EntryType::Continuous => true,
        other => !b"123456DNVgxSKLXA".contains(&other.as_byte()),
    }
}

/// Reads the lines `30 path=folder/name` of an extended header.
fn extended(bytes: &[u8]) -> Extension {
    let mut found = Extension::default();
    let mut rest = bytes;
    while let Some(blank) = memchr::memchr(b' ', rest) {
        let length = std::str::from_utf8(&rest[..blank])
            .ok()
            .and_then(|digits| digits.parse::<usize>().ok());
        let Some(line) = length.and_then(|length| rest.get(blank + 1..length)) else {
            break;
        };
        rest = &rest[blank + 1 + line.len()..];
        let line = line.strip_suffix(b"\n").unwrap_or(line);
        found.is_sparse |= line.starts_with(b"GNU.sparse.");
        if let Some(name) = line.strip_prefix(b"path=") {
            found.name = Some(name.to_vec());
        } else if let Some(size) = line.strip_prefix(b"size=") {
            found.size = std::str::from_utf8(size)
                .ok()
                .and_then(|size| size.parse().ok());
        }
    }
    found
}
