//! Addresses: IPv4, also with hyphens in a host's name, IPv6 and MAC; and version numbers, which are none.

use std::net::{Ipv4Addr, Ipv6Addr};
use std::ops::Range;

/// What a row of digits and dots is by what stands around it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Row {
    /// An address, for that is where one stands.
    Address,
    /// A version.
    Version,
    /// Either.
    Open,
}

/// Four numbers in a row, with what they look like.
pub fn rows(text: &str) -> Vec<(Range<usize>, Ipv4Addr, Row)> {
    let bytes = text.as_bytes();
    let mut found: Vec<(Range<usize>, Ipv4Addr, Row)> = vec![];
    let mut at = 0;
    while at < bytes.len() {
        if !bytes[at].is_ascii_digit() {
            at += 1;
            continue;
        }
        let (end, address, separator) = row(bytes, at);
        let before = at.checked_sub(1).map(|at| bytes[at]);
        let fits =
            !before.is_some_and(|one| one.is_ascii_digit() || one == b'.' && separator == b'.');
        let dotted =
            bytes.get(end) == Some(&b'.') && bytes.get(end + 1).is_some_and(u8::is_ascii_digit);
        match address {
            Some(address) if fits && !dotted && !bytes.get(end).is_some_and(u8::is_ascii_digit) => {
                let last = found.last().map(|(place, _, row)| (place.end, *row));
                let kind = match separator {
                    // `from 10.2.3.4 to 10.2.3.5`
                    b'.' if last.is_some_and(|(from, row)| {
                        row == Row::Version && [" to ", " -> ", "->"].contains(&&text[from..at])
                    }) =>
                    {
                        Some(Row::Version)
                    }
                    b'.' => dotted_kind(text, at, end, address),
                    other => parted_kind(bytes, at, end, other, address),
                };
                if let Some(kind) = kind {
                    found.push((at..end, address, kind));
                }
                at = end;
            }
            // Past the whole row: its rest is none either.
            _ => {
                while bytes.get(at).is_some_and(u8::is_ascii_digit) {
                    at += 1;
                }
            }
        }
    }
    found
}

/// The end of a row that begins at `at`, the address that it would be, and what separates its numbers.
fn row(bytes: &[u8], at: usize) -> (usize, Option<Ipv4Addr>, u8) {
    let mut parts = [0_u8; 4];
    let (mut end, mut separator) = (at, 0);
    for (place, part) in parts.iter_mut().enumerate() {
        if place > 0 {
            let Some(one) = bytes.get(end).filter(|one| b".-_".contains(one)) else {
                return (end, None, separator);
            };
            if place > 1 && *one != separator {
                return (end, None, separator);
            }
            separator = *one;
            end += 1;
        }
        let digits = bytes[end..]
            .iter()
            .take_while(|one| one.is_ascii_digit())
            .count();
        let number = bytes
            .get(end..end + digits)
            .and_then(|one| std::str::from_utf8(one).ok());
        // `4.01.2` is a version: addresses are not written so.
        let is_padded = digits > 1 && bytes[end] == b'0';
        let Some(number) = number
            .filter(|_| !is_padded)
            .and_then(|one| one.parse().ok())
        else {
            return (end, None, separator);
        };
        *part = number;
        end += digits;
    }
    (end, Some(Ipv4Addr::from(parts)), separator)
}

fn dotted_kind(text: &str, at: usize, end: usize, address: Ipv4Addr) -> Option<Row> {
    let before = text[..at].trim_end_matches([' ', '=', ':', '"', '\'', '(', '[', '\t', '>']);
    let word: String = before
        .chars()
        .rev()
        .take_while(|one| one.is_alphanumeric())
        .map(|one| one.to_ascii_lowercase())
        .collect();
    let word: String = word.chars().rev().collect();
    // `/user:pass@10.0.0.1`, `\\10.0.0.1\share`, `http://10.0.0.1`.
    let head = &text[..at];
    let is_place = head.ends_with(r"\\") || head.ends_with("//") || head.ends_with('@');
    let port = text[end..].strip_prefix(':');
    let has_port = port.is_some_and(|rest| rest.starts_with(|one: char| one.is_ascii_digit()));
    const VERSION: [&str; 9] = [
        "version",
        "ver",
        "v",
        "build",
        "release",
        "fileversion",
        "productversion",
        "rev",
        "vers",
    ];
    const ADDRESS: [&str; 16] = [
        "ip",
        "ipv4",
        "address",
        "addr",
        "host",
        "hostname",
        "server",
        "client",
        "gateway",
        "dns",
        "peer",
        "proxy",
        "from",
        "by",
        "destination",
        "dhcp",
    ];
    if is_place || has_port {
        return Some(Row::Address);
    }
    if word.ends_with("version") || VERSION.contains(&word.as_str()) {
        return Some(Row::Version);
    }
    if word == "from" && is_of_versions(&before[..before.len() - word.len()]) {
        return Some(Row::Version);
    }
    if ["from", "by"].contains(&word.as_str()) && !address.is_private() {
        // Many things come from a version; what is one elsewhere is one here.
        return Some(match address.octets() {
            [0, ..] | [.., 0] => Row::Version,
            _ => Row::Open,
        });
    }
    if ADDRESS.contains(&word.as_str()) || word.ends_with("ipaddress") {
        return Some(Row::Address);
    }
    // `Vpn4.1.2.3`, `Mozilla/5.0.0.0` with a product before it.
    let glued = head.ends_with(|one: char| one.is_alphabetic());
    let octets = address.octets();
    if glued || !address.is_private() && (octets[0] == 0 || octets[3] == 0) {
        return Some(Row::Version);
    }
    // `D:\Apps\Drawing 10.2.3.4\`: a folder that is named by a product and its version.
    if is_in_folder(head, &text[end..], &word) {
        return Some(Row::Version);
    }
    // A folder or file that is named by a version.
    let in_path = head.ends_with(['\\', '/', '_']);
    if in_path && !address.is_private() {
        return Some(Row::Version);
    }
    Some(Row::Open)
}

/// Whether a sentence speaks of versions before its "from".
fn is_of_versions(head: &str) -> bool {
    const VERSIONS: [&str; 6] = ["upgrad", "updat", "version", "migrat", "chang", "downgrad"];
    const ADDRESSES: [&str; 3] = ["address", "ip ", "host"];
    let near = tail(head, 60).to_lowercase();
    VERSIONS.iter().any(|word| near.contains(word))
        && !ADDRESSES.iter().any(|word| near.contains(word))
}

/// The last bytes of a text, cut between letters.
fn tail(text: &str, most: usize) -> &str {
    let mut start = text.len().saturating_sub(most);
    while !text.is_char_boundary(start) {
        start += 1;
    }
    &text[start..]
}

/// Words before an address, not before the version of a product.
const NO_PRODUCTS: [&str; 7] = ["of", "on", "at", "to", "for", "in", "from"];

/// Whether a row in a path stands behind the name of a product: `Drawing 10.2.3.4\setup.exe`.
pub fn is_of_product(path: &str, place: &Range<usize>) -> bool {
    let name = path[..place.start]
        .rsplit(['\\', '/'])
        .next()
        .unwrap_or_default();
    let word = name.trim_end_matches([' ', '_', '-']);
    let last = word.rsplit(' ').next().unwrap_or_default();
    path[place.clone()].contains('.')
        && word.len() > 1
        && word.len() < name.len()
        && !NO_PRODUCTS.contains(&last.to_ascii_lowercase().as_str())
}

/// Whether a row stands behind a word in the name of a folder.
fn is_in_folder(head: &str, behind: &str, word: &str) -> bool {
    // Names of folders are not longer, and a long text shall not be read for each of its rows.
    let Some((_, name)) = tail(head, 64).rsplit_once(['\\', '/']) else {
        return false;
    };
    name.ends_with(' ')
        && word.len() > 1
        && !NO_PRODUCTS.contains(&word)
        && !name.contains([':', '"', '\'', '<', '>', '|', ',', ';'])
        && behind.starts_with(['\\', '/', '\'', '"', ' ', '-', '_'])
        && behind
            .chars()
            .take(64)
            .find(|one| !one.is_alphanumeric() && !" -_.()".contains(*one))
            .is_some_and(|one| "\\/'\"".contains(one))
}

/// `dhcp-192-168-0-66`: only behind letters, or where the address is a private one that no date looks like.
fn parted_kind(
    bytes: &[u8],
    at: usize,
    end: usize,
    separator: u8,
    address: Ipv4Addr,
) -> Option<Row> {
    let before = at.checked_sub(1).map(|at| bytes[at]);
    let behind = bytes.get(end).copied();
    if behind == Some(separator) && bytes.get(end + 1).is_some_and(u8::is_ascii_hexdigit) {
        return None;
    }
    let letters = match before {
        Some(one) if one == separator => at.checked_sub(2).map(|at| bytes[at]),
        other => other,
    };
    let named = letters.is_some_and(|one| one.is_ascii_alphabetic());
    let is_private = address.is_private() && address.octets()[0] > 31;
    (named || is_private).then_some(Row::Open)
}

/// Whether an address is of a network somewhere: not this computer, not nobody.
pub fn is_somewhere(address: Ipv4Addr) -> bool {
    !address.is_loopback()
        && !address.is_link_local()
        && !address.is_unspecified()
        && !address.is_broadcast()
        && address.octets()[0] != 0
        && address.octets()[0] != 255
}

/// IPv6 addresses of a network somewhere.
pub fn sixes(text: &str) -> Vec<(Range<usize>, Ipv6Addr)> {
    let bytes = text.as_bytes();
    let of_one = |one: &u8| one.is_ascii_hexdigit() || matches!(one, b':' | b'.');
    let mut found = vec![];
    let mut at = 0;
    while at < bytes.len() {
        if !of_one(&bytes[at]) {
            at += 1;
            continue;
        }
        let length = bytes[at..].iter().take_while(|one| of_one(one)).count();
        let start = at;
        at += length;
        let run = text[start..at].trim_end_matches('.');
        let run = match run.strip_suffix(':') {
            Some(shorter) if !shorter.ends_with(':') => shorter,
            _ => run,
        };
        let word =
            |one: Option<&u8>| one.is_some_and(|one| one.is_ascii_alphanumeric() || *one == b'_');
        let inside =
            word(start.checked_sub(1).map(|at| &bytes[at])) || word(bytes.get(start + run.len()));
        let plain = run.len() < 6
            || run.matches(':').count() < 2
            || !run.bytes().any(|one| one.is_ascii_digit());
        if inside || plain {
            continue;
        }
        if let Ok(address) = run.parse::<Ipv6Addr>() {
            // An address of the own link tells the MAC address, or as much as one does.
            let segments = address.segments();
            let nobody = segments[0] & 0xffc0 == 0xfe80 && segments[4..7] == [0; 3];
            if !(address.is_loopback() || address.is_unspecified() || nobody) {
                found.push((start..start + run.len(), address));
            }
        }
    }
    found
}

/// MAC addresses: `00-15-5D-01-02-03`, `00:15:5d:01:02:03`, `0015.5d01.0203`; and twelve bare digits,
/// which are one only if it is known, so the second is false.
pub fn macs(text: &str) -> Vec<(Range<usize>, bool)> {
    let bytes = text.as_bytes();
    let is_word = |one: Option<&u8>| one.is_some_and(u8::is_ascii_alphanumeric);
    let mut found = vec![];
    let mut at = 0;
    while at + 12 <= bytes.len() {
        if !bytes[at].is_ascii_hexdigit() || at > 0 && is_word(bytes.get(at - 1)) {
            at += 1;
            continue;
        }
        let digits = bytes[at..]
            .iter()
            .take_while(|one| one.is_ascii_hexdigit())
            .count();
        let separator = bytes.get(at + digits).copied().unwrap_or_default();
        let length = match (digits, separator) {
            (2, b'-' | b':' | b'.') => 17,
            (4, b'.') => 14,
            (12, _) => 12,
            _ => 0,
        };
        let run = bytes.get(at..at + length).unwrap_or_default();
        let fits =
            run.iter()
                .enumerate()
                .all(|(place, one)| match place % (digits + 1) == digits {
                    true => *one == separator,
                    false => one.is_ascii_hexdigit(),
                });
        let around = |one: Option<&u8>| {
            is_word(one) || length > 12 && one.is_some_and(|one| *one == separator)
        };
        // The full stop of a sentence is none of the address.
        let behind = bytes.get(at + length);
        let ends = behind == Some(&b'.') && !is_word(bytes.get(at + length + 1));
        let alone = (at == 0 || !around(bytes.get(at - 1))) && (ends || !around(behind));
        let has_letter = run.iter().any(u8::is_ascii_alphabetic);
        let is_one = match separator {
            b'.' if length > 12 => has_letter,
            _ if length == 17 => has_letter || !is_time(run),
            _ => true,
        };
        if length > 0 && fits && alone && is_one {
            found.push((at..at + length, length > 12));
            at += length;
        } else {
            at += digits.max(1);
        }
    }
    found
}

/// `26-11-03-02-40-00`: a time of this century.
fn is_time(run: &[u8]) -> bool {
    let most = [50, 12, 31, 23, 59, 59];
    let least = [15, 1, 1, 0, 0, 0];
    let parts = run.chunks(3).map(|part| {
        let digit = |one: u8| u32::from(one.saturating_sub(b'0'));
        digit(part[0]) * 10 + digit(part[1])
    });
    parts
        .zip(least)
        .zip(most)
        .all(|((part, least), most)| (least..=most).contains(&part))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn only(text: &str) -> Option<Row> {
        let all = rows(text);
        assert!(all.len() <= 1, "{text}: {all:?}");
        all.first().map(|one| one.2)
    }

    #[test]
    fn addresses_and_versions_are_told_apart_by_context() {
        for text in [
            r"\\10.1.2.3\share",
            "http://8.7.1.4/a",
            "Host: 8.7.1.4",
            "8.7.1.4:52028",
            "client 8.8.8.8",
            "anna came from 10.2.3.4",
            "its address changed from 10.2.3.4",
        ] {
            assert_eq!(only(text), Some(Row::Address), "{text}");
        }
        for text in [
            "version 8.7.1.0",
            "Version: 10.1.2.3",
            "v10.1.2.3",
            "ProductVersion='8.7.1.4'",
            "FileVersion=10.0.0.1",
            "agent 8.7.1.0",
            r"D:\Vpn\4.1.2.3\a.exe",
            r"D:\Apps\Drawing 10.2.3.4\a.exe",
            r"'D:\Apps\Drawing 10.2.3.4'",
            r"D:\Apps\Drawing 10.2.3.4 x64\a.exe",
            "package was upgraded from 10.2.3.4",
            "it comes from 8.7.1.0",
            "Mozilla/5.1.2.3",
        ] {
            assert_eq!(only(text), Some(Row::Version), "{text}");
        }
        for text in [
            "10.1.2.3",
            "moved to 8.8.8.8 now",
            "dhcp-192-168-0-66",
            "ip-10-1-2-3.ec2",
            r"logs\10.1.2.3\a.log",
            r"D:\logs of 10.1.2.3\a.log",
            "taken from 8.8.4.4",
            r"read D:\a.log on Pc 10.1.2.3 now",
        ] {
            assert_eq!(only(text), Some(Row::Open), "{text}");
        }
        for text in [
            "1.2.3",
            "1.2.3.4.5",
            "1.2.3.400",
            "4.01.2.3",
            "2026-11-03-02",
            "10-11-03-02",
            "98.412.316.864",
            "1-2.3-4",
        ] {
            assert_eq!(only(text), None, "{text}");
        }
    }

    #[test]
    fn both_ends_of_an_upgrade_are_versions() {
        let all = rows("upgraded from 10.2.3.4 to 10.2.3.5, from 10.1.1.1 to 10.1.1.2");
        let kinds: Vec<Row> = all.iter().map(|one| one.2).collect();
        assert_eq!(kinds[..2], [Row::Version, Row::Version]);
        let all = rows("moved from 10.1.1.1 to 10.1.1.2");
        let kinds: Vec<Row> = all.iter().map(|one| one.2).collect();
        assert_eq!(kinds, [Row::Address, Row::Open]);
    }

    #[test]
    fn sixes_and_macs_are_found_and_times_are_not() {
        let six = |text: &str| {
            sixes(text)
                .iter()
                .map(|one| text[one.0.clone()].to_owned())
                .collect::<Vec<_>>()
        };
        assert_eq!(six("from 2001:db8::7 on"), ["2001:db8::7"]);
        assert_eq!(six("[fd00:1:2:3:4:5:6:7]:80"), ["fd00:1:2:3:4:5:6:7"]);
        assert!(six("at 12:30:45, ::1, fe80::1, A::Bed, 00:15:5d:01:02:03, Class::Add").is_empty());
        let mac = |text: &str| macs(text).len();
        assert_eq!(mac("00-15-5D-01-02-03 and 00:15:5d:01:02:03"), 2);
        assert_eq!(
            mac("00-15-5D-01-02-03-04 00:15-5D:01:02:03 2026-11-03-02-40-00"),
            0
        );
    }
}
