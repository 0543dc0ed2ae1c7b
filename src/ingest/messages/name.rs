//! The display name of a package, where it stands directly beside the GUID.
//!
//! `Package {G} 'Name'`, `{G} (Name): ...`, `{G} - Name has ...`, `'Name' {G}`, `Package Name [{G}]`.
//! No name is better than a wrong one: paths, file names, states, versions and words of a sentence
//! are refused, though a package may be called so.

use super::fact;
use crate::model::PackageId;
use std::ops::Range;

/// Words that a sentence has and a name without quotes hardly ever.
const SENTENCE: &[&str] = &[
    "is",
    "are",
    "was",
    "were",
    "has",
    "have",
    "had",
    "been",
    "be",
    "not",
    "no",
    "none",
    "will",
    "would",
    "cannot",
    "could",
    "with",
    "without",
    "access",
    "denied",
    "error",
    "errors",
    "failed",
    "failure",
    "found",
    "unavailable",
    "timeout",
    "http",
    "https",
    "win32",
    "status",
    "state",
    "version",
    "old",
    "new",
    "previous",
    "previously",
    "formerly",
    "ready",
    "pending",
    "download",
    "downloads",
    "downloading",
    "downloaded",
    "refused",
    "ok",
    "retrying",
    "retry",
    "attempt",
    "block",
    "blocks",
    "file",
    "files",
    "bytes",
    "missing",
    "deleted",
    "removed",
    "assigned",
    "unassigned",
    "scheduled",
    "because",
    "since",
    "unused",
    "by",
    "id",
    "guid",
    "package",
    "snapshot",
    "changed",
    "unchanged",
    "complete",
    "completed",
    "started",
    "starting",
    "finished",
    "verified",
    "verification",
    "integrity",
    "passed",
    "refresh",
    "reason",
    "user",
    "operator",
    "true",
    "false",
    "yes",
    "today",
    "yesterday",
    "daily",
    "of",
    "the",
    "this",
    "to",
    "from",
    "policy",
    "task",
    "server",
    "checking",
    "deleting",
    "removing",
    "progress",
    "location",
];

/// After these words, and before the GUID, quotes hold something else than the package's name.
const OTHER_THINGS: &[&str] = &[
    "file",
    "folder",
    "directory",
    "user",
    "operator",
    "policy",
    "task",
    "server",
    "host",
    "path",
    "share",
    "state",
    "status",
    "client",
    "computer",
    "codebase",
    "group",
    "job",
    "to",
    "from",
    "as",
    "action",
    "by",
    "selected",
    "download",
    "directory:",
    "location",
    "scheme",
    "rule",
];

const FILE_ENDINGS: &[&str] = &[
    "exe", "msi", "cab", "dll", "txt", "xml", "ps1", "bat", "cmd", "vbs", "zip", "msp", "msu",
    "ini", "inf", "sys", "dat", "log", "iso", "mst", "ico", "cat", "htm", "html", "config", "json",
    "reg", "tmp", "7z", "rar", "bin", "db", "chm", "pdf", "jar", "manifest", "sig", "csv", "rtf",
    "doc", "docx", "xls", "xlsx", "png", "jpg", "gif", "css", "js", "py", "lnk", "cfg", "conf",
];

/// The name beside one of the GUIDs of `package`.
pub(super) fn beside<'m>(message: &'m str, shade: &[u8], package: PackageId) -> Option<&'m str> {
    super::shade::guids(shade)
        .filter(|start| message.get(*start..start + 36).and_then(PackageId::parse) == Some(package))
        .find_map(|start| span(message, shade, start))
        .and_then(|(range, _)| message.get(range))
}

/// Where the name beside the GUID at `start` stands, and whether it is in quotes. `shade` needs to
/// have its GUIDs masked and its quotes made alike, not more.
pub(super) fn span(message: &str, shade: &[u8], start: usize) -> Option<(Range<usize>, bool)> {
    after(message, shade, start + 36).or_else(|| before(message, shade, start))
}

fn after(message: &str, shade: &[u8], mut at: usize) -> Option<(Range<usize>, bool)> {
    let closers = shade.get(at..)?.iter();
    at += closers.take_while(|byte| b"})]'".contains(byte)).count();
    if shade.get(at) == Some(&b',') {
        at += 1;
    }
    if shade.get(at) != Some(&b' ') {
        return None;
    }
    at += shade[at..].iter().take_while(|byte| **byte == b' ').count();
    let rest = &shade[at..];
    match rest.first()? {
        b'\'' => {
            let from = at + rest.iter().take_while(|byte| **byte == b'\'').count();
            let to = from + closing_quote(&shade[from..])?;
            good(message, from..to, true)
        }
        open @ (b'(' | b'[') => {
            let close = if *open == b'(' { b')' } else { b']' };
            let from = at + 1;
            let quotes = shade[from..]
                .iter()
                .take_while(|byte| **byte == b'\'')
                .count();
            if quotes > 0 {
                let to = from + quotes + closing_quote(&shade[from + quotes..])?;
                return good(message, from + quotes..to, true);
            }
            let to = from + closing_bracket(&shade[from..], *open, close)?;
            good(message, from..to, false)
        }
        b'-' if rest.get(1) == Some(&b' ') => {
            let from = at + 1 + rest[1..].iter().take_while(|byte| **byte == b' ').count();
            good(message, from..sentence_end(message, shade, from), false)
        }
        _ => None,
    }
}

fn before(message: &str, shade: &[u8], start: usize) -> Option<(Range<usize>, bool)> {
    let line = memchr::memrchr(b'\n', &shade[..start]).map_or(0, |end| end + 1);
    let opened = shade[line..start]
        .iter()
        .rev()
        .take_while(|byte| b"{([".contains(byte))
        .count();
    let head = &shade[line..start - opened];
    // `SetState({G})` calls something.
    let apart = head.ends_with(b" ");
    let head = head.trim_ascii_end();
    let head = head.strip_suffix(b",").unwrap_or(head);
    let end = line + head.len();
    if head.last() == Some(&b'\'') {
        let run = head.iter().rev().take_while(|byte| **byte == b'\'').count();
        let inner = &head[..head.len() - run];
        // `O'Neil's tool`: a quote within a word does not open.
        let open = memchr::memrchr_iter(b'\'', inner)
            .find(|open| *open == 0 || !inner[*open - 1].is_ascii_alphanumeric())?;
        let lead = head[..=open].trim_ascii_end();
        let lead = &lead[..lead.len() - lead.iter().rev().take_while(|b| **b == b'\'').count()];
        let word = lead.trim_ascii_end().rsplit(|byte| *byte == b' ').next()?;
        if OTHER_THINGS.iter().any(|other| other.as_bytes() == word) {
            return None;
        }
        return good(message, line + open + 1..end - run, true);
    }
    if opened == 0 || !apart || head.is_empty() || fact::names_no_package(&shade[line..start]) {
        return None;
    }
    let from = match memchr::memmem::rfind(head, b"package ") {
        Some(found) if found == 0 || !head[found - 1].is_ascii_alphanumeric() => found + 8,
        // At the head of a line only where the GUID ends the subject: `Name [G]: ...`.
        _ => {
            let after = shade.get(start + 36..)?;
            let closed = after.iter().take_while(|b| b"})]".contains(b)).count();
            let bracket = shade[start - opened] != b'{';
            // `SetPackageState (G): ...` is a function.
            let calls = [
                &b"package"[..],
                b"state",
                b"status",
                b"download",
                b"verif",
                b"check",
            ]
            .iter()
            .any(|word| memchr::memmem::find(head, word).is_some());
            if !bracket || calls || after.get(closed) != Some(&b':') {
                return None;
            }
            0
        }
    };
    good(message, line + from..end, false)
}

/// Where the bracket closes that opened before `text`: `Drivers 3 (old)) is Ready`.
fn closing_bracket(text: &[u8], open: u8, close: u8) -> Option<usize> {
    let mut depth = 1;
    text.iter().position(|byte| {
        depth += i32::from(*byte == open) - i32::from(*byte == close);
        depth == 0
    })
}

/// Where the quote closes; a quote within a word does not.
fn closing_quote(text: &[u8]) -> Option<usize> {
    memchr::memchr_iter(b'\'', text)
        .take_while(|at| memchr::memchr(b'\n', &text[..*at]).is_none())
        .find(|at| {
            let rest = &text[*at..];
            let run = rest.iter().take_while(|byte| **byte == b'\'').count();
            !rest.get(run).is_some_and(u8::is_ascii_alphanumeric)
        })
}

/// Where a name without quotes ends: at punctuation or at the first word of a sentence.
fn sentence_end(message: &str, shade: &[u8], from: usize) -> usize {
    let stop = shade[from..]
        .iter()
        .position(|byte| b":;,([\n\r=".contains(byte))
        .map_or(shade.len(), |found| from + found);
    let Some(text) = message.get(from..stop) else {
        return from;
    };
    let mut at = from;
    for word in text.split(' ') {
        if at > from && SENTENCE.contains(&word.to_lowercase().as_str()) || word == "-" {
            return at.saturating_sub(1).max(from);
        }
        at += word.len() + 1;
    }
    stop
}

fn good(message: &str, range: Range<usize>, quoted: bool) -> Option<(Range<usize>, bool)> {
    let name = message.get(range.clone())?;
    let marks = ['"', '\'', '‘', '’', '“', '”', '„', '«', '»', '`', '´', ' '];
    let trimmed = name.trim_start_matches(marks);
    let from = range.start + name.len() - trimmed.len();
    let trimmed = trimmed.trim_end_matches(marks);
    is_name(trimmed, quoted).then_some((from..from + trimmed.len(), quoted))
}

/// Whether the text may be a display name.
pub(super) fn is_name(text: &str, quoted: bool) -> bool {
    let lower = text.to_lowercase();
    let ending = lower.rsplit_once('.').map_or("", |(_, ending)| ending);
    let odd = text.is_empty()
        || text.len() > 120
        || text.contains(['\\', '/', '=', '%', '<', '>', '|', '\n'])
        || !text.contains(char::is_alphabetic)
        || lower.starts_with("0x")
        || FILE_ENDINGS.contains(&ending)
        || fact::state_of(text).is_some()
        || PackageId::find(text).is_some()
        || is_version(&lower);
    if odd {
        return false;
    }
    let capital = text
        .chars()
        .next()
        .is_some_and(|first| first.is_uppercase() || first.is_numeric());
    let mut words = lower.split(|letter: char| !letter.is_alphanumeric());
    quoted
        || capital
            && !text.contains([':', ',', ';', '?', '!'])
            && text.split(' ').count() <= 8
            && !words.any(|word| SENTENCE.contains(&word))
}

/// `version 5`, `v5`, `5 files`.
fn is_version(lower: &str) -> bool {
    let rest = lower.trim_start_matches(|letter: char| letter.is_ascii_alphabetic());
    let word = &lower[..lower.len() - rest.len()];
    let number = rest.trim_start_matches([' ', '.', '#', ':']);
    let numbered = !number.is_empty()
        && number
            .bytes()
            .all(|byte| byte.is_ascii_digit() || byte == b'.');
    let counted = lower.split_once(' ').is_some_and(|(count, unit)| {
        count.bytes().all(|byte| byte.is_ascii_digit())
            && [
                "file", "files", "block", "blocks", "bytes", "days", "minutes", "mb", "gb", "s",
            ]
            .contains(&unit)
    });
    counted
        || numbered
            && [
                "", "v", "ver", "version", "rev", "revision", "snapshot", "block", "attempt",
                "retry", "no", "nr", "build",
            ]
            .contains(&word)
}

#[cfg(test)]
mod tests {
    use super::super::trials::find;

    #[test]
    fn names_stand_beside_the_guid_in_many_ways() {
        for (name, message) in [
            (
                "Driver Library G5",
                "Package {G} (Driver Library G5): status changed from 'Ready' to 'Download Pending'",
            ),
            (
                "Kiosk Shell",
                "{G} 'Kiosk Shell': version 7 is current, integrity verified for 7 files",
            ),
            (
                "Kiosk Shell",
                "Download of package {G} 'Kiosk Shell' initiated: version 5",
            ),
            ("Kiosk Shell", "'Kiosk Shell' ({G}): status: Ready"),
            ("Kiosk Shell", "Kiosk Shell [{G}]: status: Ready"),
            (
                "Kiosk Shell",
                "Package Kiosk Shell [{G}] assigned to this server",
            ),
            (
                "Crane Planner 4",
                "HTTP download for package {G} - Crane Planner 4 has completed",
            ),
            (
                "Crane Planner 4",
                "Integrity of {G} - Crane Planner 4: 9 checked, none missing, version 5",
            ),
            (
                "Crane Planner 4",
                "Starting HTTP download for package {G} – Crane Planner 4",
            ),
            (
                "O'Neil's Tool",
                "Status of package “O'Neil's Tool” {G} = Ready",
            ),
            (
                "7-Zip 24.08",
                "[{G}] «7-Zip 24.08» assigned by configuration, required version 5",
            ),
            (
                "Paint.NET",
                "Package \"Paint.NET\" {G}: verified, no difference to snapshot 77",
            ),
            (
                "Übersicht",
                "Package {G} (Übersicht) is assigned to this package server",
            ),
            (
                "Download failed fixer",
                "Package {G} 'Download failed fixer': status: Ready",
            ),
        ] {
            let found = find(message).unwrap_or_else(|| panic!("{message}"));
            assert_eq!(found.name.as_deref(), Some(name), "{message}");
        }
    }

    #[test]
    fn what_else_stands_beside_the_guid_is_no_name() {
        for message in [
            r"Package {G} 'bin\helper.exe': block #1 downloaded",
            "Package {G} 'setup.exe': block #1 downloaded",
            "Package {G}: status changed from 'Ready' to 'Invalid'",
            "SetPackageStatus({G}, Ready)",
            "SetPackageState {G}: state is now Ready, it was Downloading",
            "Package {G} 'Ready'",
            "Package {G} (version 5): status: Ready",
            "Package {G} (5): status: Ready",
            "Package {G} (Access is denied): download failed",
            "Package {G} (old: Ready, new: Download Pending)",
            "Package {G} - Download completed",
            "Package {G} - retrying in 3 minutes, download failed",
            "Starting download [{G}]: attempt 1",
            "File 'Readme' {G} is missing",
            r"User 'CORP\a' {G} force download",
            "Verification of package {G} (12 files) passed",
            "Download of package {G} failed (0x80070005)",
        ] {
            let name = find(message).and_then(|found| found.name);
            assert_eq!(name, None, "{message}");
        }
    }
}
