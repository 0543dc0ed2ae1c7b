//! Finds the error codes in a raw text, so that a report can explain them where they stand.

use super::{Described, describe, describe_http};

/// The codes that a raw text names and that a table knows: as the text spells them, and in words.
/// Each once, in the order of the text.
///
/// Only spellings that are no ordinary number count: eight hexadecimal digits behind `0x`, the
/// signed decimal form of a failed HRESULT, a number behind `error code` or `system error`, and a
/// status behind `HTTP`. Small codes count only in a text that speaks of a failure. A block number,
/// a size or a tick count never becomes an error.
pub fn in_text(text: &str) -> Vec<(String, String)> {
    let mut found: Vec<(String, String)> = Vec::new();
    let mut add = |spelt: &str, words: String| {
        if !found.iter().any(|one| one.0 == spelt) {
            found.push((spelt.to_owned(), words));
        }
    };
    for (start, end) in words_with_digits(text) {
        let word = &text[start..end];
        if let Some(code) = code_of(text, start, word) {
            if let Some(known) =
                describe(code).filter(|_| code >> 16 != 0 || speaks_of_failure(text))
            {
                add(word, in_full(code, word, known));
            }
        } else if let Some((status, sub)) = http_of(text, start, word)
            && let Some(words) = describe_http(status, sub)
        {
            add(&format!("HTTP {word}"), words.to_owned());
        }
    }
    found
}

/// `access is denied (ERROR_ACCESS_DENIED)`, with the hexadecimal form where the text has another.
fn in_full(code: u32, word: &str, known: Described) -> String {
    let hex = if word.starts_with("0x") || word.starts_with("0X") {
        String::new()
    } else {
        format!("0x{code:08X}, ")
    };
    match known.name {
        "" => format!("{hex}{}", known.words),
        name => format!("{hex}{} ({name})", known.words),
    }
}

/// Whether a text is about something that went wrong: `0x00000002` may be any flag, and is an error
/// only beside such a word.
fn speaks_of_failure(text: &str) -> bool {
    const WORDS: &[&str] = &[
        "error",
        "fail",
        "denied",
        "cannot",
        "could not",
        "unable",
        "exception",
        "hresult",
    ];
    let text = text.to_ascii_lowercase();
    WORDS.iter().any(|word| text.contains(word))
}

/// Where runs of letters, digits, `.` and a leading `-` stand that begin with a digit.
fn words_with_digits(text: &str) -> Vec<(usize, usize)> {
    let bytes = text.as_bytes();
    let part = |at: usize| {
        bytes
            .get(at)
            .is_some_and(|one| one.is_ascii_alphanumeric() || *one == b'_')
    };
    let mut all = Vec::new();
    let mut at = 0;
    while at < bytes.len() {
        let begins = bytes[at].is_ascii_digit() && (at == 0 || !part(at - 1));
        if !begins {
            at += 1;
            continue;
        }
        let (start, mut end) = (at, at);
        while part(end)
            || (bytes.get(end) == Some(&b'.') && bytes.get(end + 1).is_some_and(u8::is_ascii_digit))
        {
            end += 1;
        }
        // A hyphen between two words is no sign.
        let signed = start > 0 && bytes[start - 1] == b'-' && (start == 1 || !part(start - 2));
        all.push((if signed { start - 1 } else { start }, end));
        at = end.max(start + 1);
    }
    all
}

/// The code that a word spells, by its own form or by what stands before it.
fn code_of(text: &str, start: usize, word: &str) -> Option<u32> {
    if let Some(hex) = word.strip_prefix("0x").or_else(|| word.strip_prefix("0X")) {
        let code = u32::from_str_radix(hex, 16).ok()?;
        return (hex.len() == 8).then_some(code);
    }
    let number: i64 = word.parse().ok()?;
    // A failed HRESULT; without the sign it would look like a size or a tick count.
    if number < 0 {
        let code = u32::try_from(number + (1 << 32)).ok()?;
        return (0x8000_0000..0x9000_0000).contains(&code).then_some(code);
    }
    let named = ["error code", "system error", "win32 error", "last error"];
    let before = ahead(text, start, &[' ', ':', '=', '(', '#', '\'', '"']);
    let behind = named.iter().any(|name| ends_with(before, name));
    (behind && before.len() < start && (1..=15_999).contains(&number))
        .then(|| u32::try_from(number).ok())
        .flatten()
}

/// The status that stands behind `HTTP`, `HTTP/1.1`, `HTTP error:` or `Http status:`.
fn http_of(text: &str, start: usize, word: &str) -> Option<(u16, Option<u16>)> {
    let (status, sub) = match word.split_once('.') {
        Some((status, sub)) => (status, Some(sub.parse().ok()?)),
        None => (word, None),
    };
    let status: u16 = status.parse().ok()?;
    if !(400..=599).contains(&status) {
        return None;
    }
    let before = ahead(text, start, &[' ', ':', '=', '(']);
    let names = [
        "http",
        "http error",
        "http status",
        "http status code",
        "http/1.1",
        "http/1.0",
        "http/2",
        "http code",
    ];
    let behind = names.iter().any(|name| ends_with(before, name));
    (behind && before.len() < start).then_some((status, sub))
}

/// The text before `start` without the marks at its end.
fn ahead<'a>(text: &'a str, start: usize, marks: &[char]) -> &'a str {
    text[..start].trim_end_matches(marks)
}

fn ends_with(text: &str, name: &str) -> bool {
    let from = text.len().checked_sub(name.len());
    from.and_then(|from| text.get(from..))
        .is_some_and(|end| end.eq_ignore_ascii_case(name))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_are_found_in_raw_text_and_numbers_are_not() {
        let of = |text: &str| -> Vec<String> {
            in_text(text)
                .into_iter()
                .map(|(spelt, words)| format!("{spelt}: {words}"))
                .collect()
        };
        assert_eq!(
            of("GetFiles failed: HTTP error: 404 Not Found (-2147209951)"),
            [
                "HTTP 404: not found",
                "-2147209951: 0x80042D21, a general HTTP error of the agent; the status stands in the text"
            ]
        );
        assert_eq!(
            of("Cannot create directory: 0x80070005 [Access is denied] d:, again 0x80070005"),
            ["0x80070005: access is denied (ERROR_ACCESS_DENIED)"]
        );
        assert_eq!(
            of("create failed (0x00000020)"),
            ["0x00000020: the file is in use by another process (ERROR_SHARING_VIOLATION)"]
        );
        assert_eq!(
            of("Error code: 12007"),
            [
                "12007: 0x00002EE7, the server name cannot be resolved (ERROR_WINHTTP_NAME_NOT_RESOLVED)"
            ]
        );
        assert_eq!(
            of("HTTP/1.1 503, Http status: 404.8"),
            [
                "HTTP 503: the service is not available",
                "HTTP 404.8: not found: request filtering hides a part of the path"
            ]
        );
        // Letters of more than one byte stand on either side.
        assert_eq!(of("ü0x80070005ü").len(), 1);
        for text in [
            "Block 5 of 32, offset 404, size 2097152",
            "pid='5228' tickCount='2147942405' 0x5 0x80070005A A0x80070005",
            "Http://host:404/x error: 2 files, code 5",
            "{1EC214B8-2147024891-E862} Error code: {Partial Data Received} Error code: 0",
            "flags 0x00000002, mode (0x00000020)",
            "http status 200; error code5; -5; 0x81234567; -2147483648",
        ] {
            let found = of(text);
            assert!(found.is_empty(), "{text}: {found:?}");
        }
    }
}
