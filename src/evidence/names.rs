//! Names of files: what of them may be shown, and what they give away.

use crate::model::report::{FILES, FOLDERS, is_verdicts_head};
use std::collections::BTreeSet;
use std::io::Read;

/// Bytes that the path of a member may have.
pub(super) const MAX_LENGTH: usize = 1_024;
/// Names that the path of a member may have.
pub(super) const MAX_DEPTH: usize = 64;

/// A name in which characters that would steer a terminal or turn the direction of text are
/// spelled out: `x<U+202E>gpj.exe`.
pub(super) fn clean(name: &str) -> String {
    let mut out = String::with_capacity(name.len());
    for letter in name.chars() {
        let spelled = match letter {
            '\u{200E}'
            | '\u{200F}'
            | '\u{61C}'
            | '\u{2028}'..='\u{202E}'
            | '\u{2066}'..='\u{2069}'
            | '\u{FEFF}' => true,
            other => other.is_control(),
        };
        if spelled {
            out += &format!("<U+{:04X}>", u32::from(letter));
        } else {
            out.push(letter);
        }
    }
    out
}

/// The name of an archive's member as it is cited: with `/` between folders.
pub(super) fn member(name: &str) -> String {
    let name = clean(name).replace('\\', "/");
    match name.trim_start_matches("./") {
        "" => "(no name)".to_owned(),
        rest => rest.to_owned(),
    }
}

/// Whether a name would lead out of the folder into which its archive is unpacked.
pub(super) fn is_outside(name: &str) -> bool {
    let drive = name.as_bytes().get(1) == Some(&b':') && name.as_bytes()[0].is_ascii_alphabetic();
    drive || name.starts_with('/') || name.split('/').any(|part| part == "..")
}

/// The last name of a path.
pub(super) fn last(path: &str) -> &str {
    path.rsplit(['/', '!']).next().unwrap_or(path)
}

/// Whether the file `path` belongs to a report of ours in one of the folders `reports`.
pub(super) fn is_own(reports: &BTreeSet<String>, path: &str) -> bool {
    if reports.is_empty() {
        return false;
    }
    let (folder, name) = path.rsplit_once('/').unwrap_or(("", path));
    let (above, last) = folder.rsplit_once('/').unwrap_or(("", folder));
    FILES.contains(&name) && reports.contains(folder)
        || FOLDERS.contains(&last) && reports.contains(above)
}

/// Whether a stream begins like our `verdicts.json`.
pub(super) fn is_verdicts(stream: impl Read) -> bool {
    let mut head = Vec::new();
    let read = stream.take(200).read_to_end(&mut head);
    read.is_ok() && is_verdicts_head(&head)
}
