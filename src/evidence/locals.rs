//! What stands in front of the members of a zip, compared with the list at its end.
//!
//! The list decides: programs on Windows go by it, too. But who packs two stories into one archive
//! shows each program another one, so where the headers say something else, that is told.

use super::names;
use std::io::{self, Read, Seek, SeekFrom};

/// A member as the list has it.
pub(super) struct Listed {
    /// Where it begins.
    pub start: u64,
    /// Its packed bytes.
    pub packed: u64,
    /// Its name, byte by byte.
    pub raw: Vec<u8>,
    /// Its name as it is cited.
    pub name: String,
}

/// Bytes that may stand behind a member: its sizes and its check sum.
const BEHIND: usize = 24;
const FIXED: usize = 30;
const HEADER: &[u8] = b"PK\x03\x04";

/// What differs: the member concerned, if it is one, and what is wrong. Of what the list does not
/// have, only the first is named. `directory` is where the list begins.
pub(super) fn compare(
    reader: &mut (impl Read + Seek),
    listed: &mut [Listed],
    directory: u64,
) -> io::Result<Vec<(Option<String>, String)>> {
    listed.sort_by_key(|member| member.start);
    let mut told = Vec::new();
    // In front of the first one may stand a program that unpacks itself, but no member.
    let first = listed.first().map_or(directory, |first| first.start);
    let mut hidden = match first {
        0 => None,
        // What is no header may announce a name beyond the end.
        _ => local(reader, 0).ok().flatten().map(|(name, _)| name),
    };
    for (at, member) in listed.iter().enumerate() {
        // A member without its header is told when it is read.
        let Some((name, extra)) = local(reader, member.start)? else {
            continue;
        };
        if name != member.raw {
            let shown = names::member(&String::from_utf8_lossy(&name));
            told.push((
                Some(member.name.clone()),
                format!("in front of it stands the name `{shown}`"),
            ));
        }
        let end = member.start + (FIXED + name.len() + extra) as u64 + member.packed;
        let next = listed.get(at + 1).map_or(directory, |next| next.start);
        if hidden.is_none() && end + (FIXED as u64) < next {
            let mut gap = Vec::new();
            reader.seek(SeekFrom::Start(end))?;
            let most = (BEHIND + HEADER.len()) as u64;
            reader.take(most.min(next - end)).read_to_end(&mut gap)?;
            if let Some(found) = memchr::memmem::find(&gap, HEADER) {
                hidden = local(reader, end + found as u64)?.map(|(name, _)| name);
            }
        }
    }
    told.extend(hidden.map(|name| {
        let shown = names::member(&String::from_utf8_lossy(&name));
        let what = format!("members that its list does not have, `{shown}` first");
        (None, what)
    }));
    Ok(told)
}

/// The name in the header at `start`, and the length of what follows the name; `None` if there is none.
fn local(reader: &mut (impl Read + Seek), start: u64) -> io::Result<Option<(Vec<u8>, usize)>> {
    let mut fixed = [0; FIXED];
    reader.seek(SeekFrom::Start(start))?;
    reader.read_exact(&mut fixed)?;
    let two = |at: usize| usize::from(u16::from_le_bytes([fixed[at], fixed[at + 1]]));
    let mut name = vec![0; two(26)];
    reader.read_exact(&mut name)?;
    Ok(fixed.starts_with(HEADER).then_some((name, two(28))))
}
