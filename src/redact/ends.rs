//! Where a secret ends: with its quotes, which are escaped in ways that no pattern follows, or with its word or words.

use super::people::is_said;

/// Where a secret that begins at the match ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum End {
    /// Where the match does.
    Match,
    /// With its quotes, or with the word.
    Value,
    /// With its quotes, or where the words of a password end: `Password=correct horse, user=anna`.
    Phrase,
    /// With its quotes, or with the blank behind the word of a command.
    Word,
    /// With the element.
    Element,
}

/// Where the value ends that begins at `start`, in a match that begins at `whole`.
pub fn end_of(text: &str, whole: usize, start: usize, is_quoted: bool, end: End) -> usize {
    let rest = &text[start..];
    let length = match end {
        End::Element if text[..start].ends_with("<![CDATA[") => rest.find("]]>"),
        End::Element => rest.find('<'),
        _ if is_quoted => return start + quoted(&text[..start], rest),
        End::Word => Some(word(rest)),
        _ => {
            let head = &text[..whole];
            // In a URL a blank ends it.
            let is_phrase = end == End::Phrase && !head.ends_with(['?', '&', '/']);
            let in_row = head.ends_with(';') || text[whole..].starts_with(';');
            Some(bare(rest, in_row, is_phrase))
        }
    };
    start + length.unwrap_or(rest.len())
}

/// How long a value is that stands in quotes, which `head` ends with. Without a closing quote it is all.
fn quoted(head: &str, rest: &str) -> usize {
    const WRITTEN: [&str; 4] = ["&quot;", "&apos;", "&#34;", "&#39;"];
    if let Some(quote) = WRITTEN.iter().find(|quote| head.ends_with(**quote)) {
        let end = rest.find(quote).or_else(|| rest.find(['<', '\r', '\n']));
        return end.unwrap_or(rest.len());
    }
    let closing: &[char] = match head.chars().next_back() {
        Some('“' | '„') => &['”', '“', '"'],
        Some('‘') => &['’'],
        Some('«') => &['»'],
        Some('\'') => &['\''],
        _ => &['"'],
    };
    let quote = closing[0];
    if !matches!(quote, '\'' | '"') {
        return rest.find(closing).unwrap_or(rest.len());
    }
    let slashes = |text: &str| text.len() - text.trim_end_matches('\\').len();
    let opened = head.strip_suffix(quote).unwrap_or(head);
    let is_double = opened.ends_with(quote);
    let before = slashes(opened.strip_suffix(quote).unwrap_or(opened));
    if is_double && rest.starts_with([' ', ',', ';', '>', ')', '/', ']', '}', '\r', '\n']) {
        // An empty value.
        return 0;
    }
    let word = |one: Option<char>| one.is_some_and(char::is_alphanumeric);
    let mut escaped = None;
    let mut at = 0;
    while let Some(found) = rest[at..].find(quote) {
        let here = at + found;
        at = here + 1;
        let value = &rest[..here];
        let behind = &rest[at..];
        let written = slashes(value);
        let is_escaped = match before {
            // `\"` in `"..."`.
            0 => written % 2 == 1,
            // `\\\"` in `\"...\"`.
            _ => written > before,
        };
        if is_escaped {
            escaped = escaped.or(Some(here));
        } else if !is_double && here > 0 && behind.starts_with(quote) && word(behind.chars().nth(1))
        {
            // `''` in `'...'`.
            at += 1;
        } else if quote == '\'' && word(value.chars().next_back()) && word(behind.chars().next()) {
            // An apostrophe.
            escaped = escaped.or(Some(here));
        } else {
            return here - before.min(written);
        }
    }
    // What looked like an escape was a backslash before the closing quote.
    escaped.unwrap_or(rest.len())
}

/// How long the word of a command is. A quote behind it closes what stands around.
fn word(rest: &str) -> usize {
    let blank = rest.find(char::is_whitespace).unwrap_or(rest.len());
    let around = ["</", "]]>", "&lt;", "&quot;", "\",", "\"}", "\"]", "\">"].iter();
    let end = around.filter_map(|sign| rest[..blank].find(sign)).min();
    rest[..end.unwrap_or(blank)]
        .trim_end_matches(['"', '\'', '\\'])
        .len()
}

/// How long a value without quotes is. `in_row`: it stands behind another value and a semicolon;
/// `is_phrase`: blanks and semicolons may be in it.
fn bare(rest: &str, in_row: bool, is_phrase: bool) -> usize {
    let mut at = 0;
    if rest.starts_with('{') {
        // `Pwd={a;b}`.
        at = rest.find(['}', '\r', '\n']).unwrap_or_default();
    }
    while let Some(one) = rest[at..].chars().next() {
        let behind = &rest[at + one.len_utf8()..];
        let goes_on = match one {
            '<' | '>' => false,
            ';' => is_phrase && behind.starts_with(char::is_alphanumeric) && !is_named(behind),
            '"' | '\'' => at > 0 && behind.starts_with(char::is_alphanumeric),
            '&' => {
                const ENDS: [&str; 6] = ["quot;", "apos;", "lt;", "gt;", "#34;", "#39;"];
                let next = behind.strip_prefix("amp;").unwrap_or(behind);
                !ENDS.iter().any(|end| behind.starts_with(end)) && !is_named(next)
            }
            ',' => !is_named(behind),
            one if one.is_whitespace() => match blanks(&rest[at..], in_row) {
                Some(more) => return at + more,
                None => is_phrase && one == ' ' && says_more(&rest[..at], behind),
            },
            _ => true,
        };
        if !goes_on {
            break;
        }
        at += one.len_utf8();
    }
    if rest[at..].starts_with(['"', '\'']) {
        // `\"` closes what stands around.
        return rest[..at].trim_end_matches('\\').len();
    }
    at
}

/// What the sentence goes on with behind a password.
const TAILS: &[&str] = &[
    "abgelehnt",
    "accepted",
    "account",
    "am",
    "at",
    "bei",
    "benutzer",
    "by",
    "denied",
    "durch",
    "expired",
    "failed",
    "fehlgeschlagen",
    "for",
    "from",
    "für",
    "instead",
    "invalid",
    "on",
    "par",
    "pour",
    "rejected",
    "retry",
    "retrying",
    "server",
    "succeeded",
    "to",
    "ungültig",
    "user",
    "using",
    "via",
    "von",
    "wurde",
];

/// Words before one that tells whether a sentence goes on: `is wrong`, `and user=anna`, `new name: x`.
const LINKS: &[&str] = &[
    "and", "computer", "display", "domain", "full", "host", "ist", "is", "last", "login", "logon",
    "mit", "new", "old", "or", "und", "war", "was", "with",
];

/// Whether a password goes on behind a blank: not with a switch, a path, a label or the sentence.
fn says_more(before: &str, behind: &str) -> bool {
    if before.ends_with([',', ';', ')', ']', '}', '\t']) {
        return false;
    }
    let mut next = behind.splitn(3, ' ');
    let (one, two) = (next.next().unwrap_or(""), next.next().unwrap_or(""));
    // A full stop ends the sentence.
    let is_sentence = before.ends_with('.') && one.starts_with(char::is_uppercase);
    let is_word = one == "&"
        || one.starts_with(|one: char| one.is_alphanumeric() || "!$%*+~^°§_.".contains(one));
    let is_label = |word: &str| {
        let name = word.trim_end_matches(|one| one != ':' && one != '=');
        is_named(word)
            || name.len() > 1 && name.ends_with(':') && !word.starts_with(char::is_numeric)
    };
    let is_sign = |word: &str| [":", "=", ":=", "->", "=>"].contains(&word);
    let bare = |word: &str| {
        let word = word.trim_end_matches(['.', ',', ';', ':', '!', '?', '\r', '\n']);
        word.to_lowercase()
    };
    let is_tail = TAILS.contains(&bare(one).as_str())
        || LINKS.contains(&bare(one).as_str()) && (is_said(&bare(two)) || is_label(two));
    is_word
        && !is_sentence
        && !one.contains('\\')
        && !one.contains("//")
        && !is_label(one)
        && !is_sign(two)
        && !is_tail
}

/// Whether a text begins with a name and a sign: `Initial Catalog=`.
fn is_named(text: &str) -> bool {
    let name = text
        .bytes()
        .take(40)
        .position(|one| !(one.is_ascii_alphanumeric() || b" _.-".contains(&one)));
    name.is_some_and(|end| end > 0 && text.as_bytes()[end] == b'=')
}

/// Where a value with blanks ends in a row of values: `Uid=sa;Pwd=a b;Timeout=3`.
fn blanks(rest: &str, in_row: bool) -> Option<usize> {
    let end = rest
        .bytes()
        .take(64)
        .position(|one| b";=:\"'<>\r\n".contains(&one))?;
    let behind = rest[end..].strip_prefix(';')?;
    (in_row || is_named(behind)).then_some(end)
}
