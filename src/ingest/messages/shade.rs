//! The shade of a message: as long as the message, byte for byte, with only the wording left.
//!
//! A package may be called 'Download failed fixer' and lie in `D:\Ready\`. Families of wordings
//! would read such names as words, so they look at the shade: lower case, quotes of any kind as
//! `'`, GUIDs as a run of `G`, and everything that is a name, a path or a URL as `X`, with only
//! the separators of paths left. Because nothing moves, a group that matched in the shade is cut
//! out of the message at the same place.

use super::lanes::Lanes;
use memchr::memmem::Finder;
use regex::bytes::Regex;
use std::sync::LazyLock;

/// What is left readable inside paths, because families ask for it.
const KNOWN_PARTS: [&str; 8] = [
    "snapshot.xml",
    "packagestatus.xml",
    "packagestatus\\",
    "package status\\",
    "software delivery\\",
    "softwaremanagement\\",
    "package delivery\\",
    "pkggroup_",
];

/// The letters that [`KNOWN_PARTS`] begin with.
const KNOWN_FIRST: [u8; 2] = *b"ps";

/// Quoted words that are wording, not names.
const KNOWN_QUOTED: [&str; 7] = [
    "force download",
    "check integrity",
    "integrity check",
    "resend",
    "refresh packages",
    "update packages",
    "get file",
];

/// Words after which an unquoted path has ended, however many blanks it may hold.
const AFTER_PATH: [&str; 24] = [
    "is", "are", "was", "were", "does", "do", "not", "missing", "could", "cannot", "can", "to",
    "from", "has", "have", "of", "with", "for", "and", "on", "in", "failed", "at", "into",
];

/// Phrases that name an error to say that there was none.
const NO_ERROR: [&str; 14] = [
    "without any errors",
    "without errors",
    "without error",
    "no errors",
    "no error",
    "0 errors",
    "0 error",
    "errors: 0",
    "errors=0",
    "0 failed",
    "none failed",
    "failed: 0",
    "failed=0",
    "no failures",
];

/// What every phrase of [`NO_ERROR`] holds one of.
static ERROR_WORDS: LazyLock<[Finder<'static>; 2]> =
    LazyLock::new(|| [Finder::new(b"error"), Finder::new(b"fail")]);

/// The shade of a letter of ASCII.
fn plain(letter: u8) -> u8 {
    match letter {
        b'"' | b'`' => b'\'',
        other => other.to_ascii_lowercase(),
    }
}

/// The shade of `message`; it has the same length in bytes and is plain ASCII.
pub(super) fn shade(message: &str) -> Vec<u8> {
    let mut out = Vec::with_capacity(message.len());
    if message.is_ascii() {
        out.extend(message.bytes().map(plain));
    }
    // What is left of it, which is all or nothing.
    for letter in message[out.len()..].chars() {
        match letter {
            '\u{2018}'..='\u{201f}' => out.extend_from_slice(b"'''"),
            '\u{ab}' | '\u{bb}' | '\u{b4}' => out.extend_from_slice(b"''"),
            '\u{2192}' => out.extend_from_slice(b"-->"),
            '\u{2013}' | '\u{2014}' => out.extend_from_slice(b" - "),
            '\u{2026}' => out.extend_from_slice(b"..."),
            '\u{a0}' => out.extend_from_slice(b"  "),
            // Upper case is kept for what this function masks.
            ascii if ascii.is_ascii() => out.push(plain(ascii as u8)),
            other => out.resize(out.len() + other.len_utf8(), b'X'),
        }
    }
    mask_guids(&mut out);
    let starts: Vec<usize> = guids(&out).collect();
    for start in starts {
        // Quoted names are masked with all that is quoted.
        if let Some((range, false)) = super::name::span(message, &out, start) {
            out[range].fill(b'X');
        }
    }
    mask_names(&mut out);
    // Most messages name no error at all, which two searches tell instead of fourteen.
    if ERROR_WORDS.iter().any(|word| word.find(&out).is_some()) {
        for phrase in NO_ERROR {
            mask_phrase(&mut out, phrase.as_bytes());
        }
    }
    out
}

/// The shade without what sounds bad and is not: "none missing", "36 of 36 blocks". Only a family
/// that tells a good end may look at it.
pub(super) fn calm(shade: &[u8]) -> Vec<u8> {
    static NOTHING_BAD: LazyLock<Lanes<Regex>> = LazyLock::new(|| {
        super::fact::plain(
            r"\b(?:no|none|nothing|zero|0|without|not one|neither)\b(?:[ :](?:any|of|them|the|files?|blocks?|items?|is|are|was|were|has|have|been|found|single|other|further|entry|entries))*[ :](?:missing|absent|lost|gone|mismatch\w*|differ\w*|deviat\w*|damage\w*|corrupt\w*|problems?|changed?|changes|errors?|wrong|bad|altered|modified|defect\w*|invalid|failed|failures?)\b|\b(?:missing|absent|lost|mismatch\w*|different|damaged|corrupt|errors?|wrong|bad|altered|changed|failed)(?: files?)?[ :=]+(?:0|none|no|nothing)\b|\b100 ?% (?:of the|on|there|present|of it)\b",
        )
    });
    static PAIR: LazyLock<Lanes<Regex>> =
        LazyLock::new(|| super::fact::plain(r"\b(\d+) ?(?:of|out of|/) ?(\d+)\b"));
    let mut out = shade.to_vec();
    for found in NOTHING_BAD.own().find_iter(shade) {
        out[found.range()].fill(b'X');
    }
    for pair in PAIR.own().captures_iter(shade) {
        if pair.get(1).map(|number| number.as_bytes())
            == pair.get(2).map(|number| number.as_bytes())
            && let Some(whole) = pair.get(0)
        {
            out[whole.range()].fill(b'X');
        }
    }
    out
}

/// Where GUIDs stand in a shade.
pub(super) fn guids(shade: &[u8]) -> impl Iterator<Item = usize> + '_ {
    let mut from = 0;
    std::iter::from_fn(move || {
        let start = from + memchr::memchr(b'G', shade.get(from..)?)?;
        from = start + 36;
        Some(start)
    })
}

fn mask_guids(out: &mut [u8]) {
    let mut from = 0;
    // A GUID has its first hyphen after eight digits.
    while let Some(hyphen) = out
        .get(from + 8..)
        .and_then(|rest| memchr::memchr(b'-', rest))
    {
        from += hyphen;
        if from + 36 > out.len() {
            break;
        }
        if is_guid(out, from) {
            out[from..from + 36].fill(b'G');
            from += 36;
        } else {
            from += 1;
        }
    }
}

/// Whether a GUID other than all zeros stands at `start`; the rules are those of `PackageId::find`.
fn is_guid(text: &[u8], start: usize) -> bool {
    let guid = &text[start..start + 36];
    if guid[8] != b'-' || (start > 0 && text[start - 1].is_ascii_hexdigit()) {
        return false;
    }
    let shaped = guid.iter().enumerate().all(|(place, byte)| match place {
        8 | 13 | 18 | 23 => *byte == b'-',
        _ => byte.is_ascii_hexdigit(),
    });
    shaped
        && !text.get(start + 36).is_some_and(u8::is_ascii_hexdigit)
        && guid.iter().any(|byte| !matches!(byte, b'0' | b'-'))
}

fn mask_names(out: &mut [u8]) {
    let mut at = 0;
    while at < out.len() {
        let starts_word = at == 0 || !is_word(out[at - 1]);
        if out[at] == b'\'' {
            at = quoted(out, at);
        } else if starts_word && (starts_path(out, at) || starts_url(out, at)) {
            let end = path_end(out, at);
            mask(&mut out[at..end], true);
            at = end;
        } else if starts_word && is_word(out[at]) {
            at = token(out, at);
        } else {
            at += 1;
        }
    }
}

/// Masks the quoted text that opens at `at`, if one does; returns where to go on.
fn quoted(out: &mut [u8], at: usize) -> usize {
    let run = out[at..].iter().take_while(|byte| **byte == b'\'').count();
    let inside = at + run;
    let opens = (at == 0 || !is_word(out[at - 1]))
        && out
            .get(inside)
            .is_some_and(|byte| !byte.is_ascii_whitespace());
    if !opens {
        return inside;
    }
    let mut end = inside;
    loop {
        match out.get(end) {
            None | Some(b'\n') => return inside,
            Some(b'\'') => {
                let after = end + out[end..].iter().take_while(|byte| **byte == b'\'').count();
                // `Karl's tool`: a quote within a word does not close.
                if !out.get(after).is_some_and(|byte| is_word(*byte)) {
                    break;
                }
                end = after;
            }
            Some(_) => end += 1,
        }
    }
    let named = out[..at].trim_ascii_end().ends_with(b"package");
    let content = &out[inside..end];
    let text = String::from_utf8_lossy(content);
    let text = text.trim();
    let wording = text
        .bytes()
        .all(|byte| byte.is_ascii_digit() || b"xX%.,".contains(&byte))
        && text.bytes().any(|byte| byte.is_ascii_digit())
        || KNOWN_QUOTED.iter().any(|known| text.starts_with(known))
        || super::fact::state_of(text).is_some();
    if named || !wording {
        mask(&mut out[inside..end], true);
    }
    end + 1
}

/// Masks a relative path, a file name or the method of a `Class::Method()`; returns its end.
fn token(out: &mut [u8], at: usize) -> usize {
    let rest = &out[at..];
    let letters = rest.iter().take_while(|byte| is_word(**byte)).count();
    let others = rest[letters..].iter();
    let length = others.take_while(|byte| is_word(**byte) || b"\\./:-$~".contains(byte));
    let end = at + letters + length.count();
    // Most words are nothing but letters.
    if end == at + letters {
        return end;
    }
    let word = &out[at..end];
    if let Some(colons) = memchr::memmem::rfind(word, b"::") {
        let method = &word[colons + 2..];
        let telling = [
            &b"package"[..],
            b"download",
            b"refresh",
            b"state",
            b"status",
            b"delete",
            b"mark",
            b"assign",
            b"verify",
        ]
        .iter()
        .any(|part| memchr::memmem::find(method, part).is_some());
        if !telling && out.get(end) == Some(&b'(') {
            out[at + colons + 2..end].fill(b'X');
        }
    } else if word.contains(&b'\\') || is_file_name(word) {
        mask(&mut out[at..end], false);
    }
    end
}

/// `readme.txt`, but neither `4.1` nor the end of a sentence.
fn is_file_name(word: &[u8]) -> bool {
    let Some(dot) = memchr::memrchr(b'.', word) else {
        return false;
    };
    let ending = &word[dot + 1..];
    dot > 0
        && (2..=4).contains(&ending.len())
        && ending.iter().all(u8::is_ascii_alphanumeric)
        && ending.iter().any(u8::is_ascii_alphabetic)
}

fn starts_path(out: &[u8], at: usize) -> bool {
    let rest = &out[at..];
    let drive = rest.len() > 3
        && rest[0].is_ascii_lowercase()
        && rest[1] == b':'
        && matches!(rest[2], b'\\' | b'/');
    drive || rest.len() > 3 && rest.starts_with(b"\\\\") && rest[2] != b'\\'
}

fn starts_url(out: &[u8], at: usize) -> bool {
    out[at..].starts_with(b"http://") || out[at..].starts_with(b"https://")
}

/// Where the unquoted path or URL at `at` ends. A path goes on over a blank only if a further
/// backslash follows soon: `C:\Program Files\x.msi`, but not `C:\x.msi failed`.
fn path_end(out: &[u8], at: usize) -> usize {
    let stop = |byte: u8| b"'<>|,;()\r\n\t*?".contains(&byte);
    let url = starts_url(out, at);
    let mut end = at;
    loop {
        while end < out.len() && out[end] != b' ' && !stop(out[end]) {
            end += 1;
        }
        if out[end..].starts_with(b"(x86)") {
            end += 5;
            continue;
        }
        if url || out.get(end) != Some(&b' ') {
            break;
        }
        // Up to three words ahead, is this still the path?
        let mut goes_on = false;
        let line_end = memchr::memchr(b'\n', &out[end..]).map_or(out.len(), |found| end + found);
        for word in out[end + 1..line_end].split(|byte| *byte == b' ').take(3) {
            if AFTER_PATH.iter().any(|after| after.as_bytes() == word)
                || starts_path(word, 0)
                || word.starts_with(b"\\\\")
            {
                break;
            }
            let stopped = word.iter().position(|byte| stop(*byte));
            let word_in = &word[..stopped.unwrap_or(word.len())];
            let last = out[at..end].rsplit(|byte| *byte == b'\\').next();
            if word_in.contains(&b'\\')
                || word.starts_with(b"(x86)")
                || is_file_name(word_in) && !last.is_some_and(is_file_name)
            {
                goes_on = true;
                break;
            }
            if stopped.is_some() {
                break;
            }
        }
        if !goes_on {
            break;
        }
        end += 1;
    }
    // A sentence may end with a path.
    while end > at + 3 && matches!(out[end - 1], b'.' | b':') {
        end -= 1;
    }
    end
}

/// Masks a name or path, except separators, GUIDs, a drive and the parts that families ask for.
fn mask(part: &mut [u8], rooted: bool) {
    let keep_drive = rooted && starts_path(part, 0);
    let mut at = if starts_url(part, 0) { 4 } else { 0 };
    while at < part.len() {
        if KNOWN_FIRST.contains(&part[at])
            && let Some(known) = KNOWN_PARTS
                .iter()
                .find(|known| part[at..].starts_with(known.as_bytes()))
        {
            for byte in &mut part[at..at + known.len()] {
                if *byte == b' ' {
                    *byte = b'X';
                }
            }
            at += known.len();
            continue;
        }
        let kept = matches!(part[at], b'\\' | b'/' | b'.' | b'G' | b'{' | b'}')
            || keep_drive && at < 2
            || part[at] == b':' && part[at..].starts_with(b"://");
        if !kept {
            part[at] = b'X';
        }
        at += 1;
    }
}

fn mask_phrase(out: &mut [u8], phrase: &[u8]) {
    let mut from = 0;
    while let Some(found) = memchr::memmem::find(&out[from..], phrase) {
        let start = from + found;
        from = start + phrase.len();
        let apart = (start == 0 || !is_word(out[start - 1]))
            && !out.get(from).is_some_and(|byte| is_word(*byte));
        if apart {
            out[start..from].fill(b'X');
        }
    }
}

fn is_word(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || byte == b'_'
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(message: &str) -> String {
        let shade = shade(message);
        assert_eq!(shade.len(), message.len(), "{message}");
        String::from_utf8(shade).unwrap()
    }

    #[test]
    fn names_and_paths_lose_their_words_and_nothing_moves() {
        let id = "{1EC214B8-E862-44A9-B3A6-27D918D136A2}";
        let guid = format!("{{{}}}", "G".repeat(36));
        for (message, shade) in [
            (
                format!("Package 'Download failed' {id} Ready"),
                format!("package 'XXXXXXXXXXXXXXX' {guid} ready"),
            ),
            (
                r"missing file D:\Ready Files\failed 1.msi".into(),
                r"missing file d:\XXXXXXXXXXX\XXXXXXXX.XXX".into(),
            ),
            ("state “Ready” set".into(), "state '''ready''' set".into()),
            (
                "can't find 'Karl's tool' now".into(),
                "can't find 'XXXXXXXXXXX' now".into(),
            ),
            (
                r"'C:\Program Files (x86)\a\snapshot.xml' does not exist".into(),
                r"'c:\XXXXXXXXXXXXXXXXXXX\X\snapshot.xml' does not exist".into(),
            ),
            (
                r"C:\Program Files (x86)\a\snapshot.xml is gone".into(),
                r"c:\XXXXXXXXXXXXXXXXXXX\X\snapshot.xml is gone".into(),
            ),
            (
                "CPackageDownload::Start(): up to date".into(),
                "cpackagedownload::XXXXX(): up to date".into(),
            ),
            (
                "block 4 of 6 downloaded (failed.txt)".into(),
                "block 4 of 6 downloaded (XXXXXX.XXX)".into(),
            ),
            (
                "Ready → Download Pending".into(),
                "ready --> download pending".into(),
            ),
            (
                "finished without errors, Größe 5".into(),
                "finished XXXXXXXXXXXXXX, grXXXXe 5".into(),
            ),
        ] {
            assert_eq!(shown(&message), shade);
        }
    }

    #[test]
    fn parts_that_stay_readable_are_looked_for_where_they_may_begin() {
        let first = |part: &&str| KNOWN_FIRST.contains(&part.as_bytes()[0]);
        assert!(KNOWN_PARTS.iter().all(first));
    }

    #[test]
    fn broken_quotes_and_odd_bytes_do_not_panic() {
        for message in [
            "'", "''", "'a", "\"a\nb\"", "\\\\", "c:\\", "::(", "a::(", "’s", "http://", "'''''x'",
        ] {
            shown(message);
        }
    }
}
