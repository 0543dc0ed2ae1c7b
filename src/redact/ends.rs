//! Where a secret ends: with its quotes, which are escaped in ways that no pattern follows, or with its word.

/// Where a secret that begins at the match ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum End {
    /// Where the match does.
    Match,
    /// With its quotes, or with the word.
    Value,
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
        _ => {
            let head = &text[..whole];
            Some(bare(
                rest,
                head.ends_with(';') || text[whole..].starts_with(';'),
            ))
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

/// How long a value without quotes is. `in_row`: it stands behind another value and a semicolon.
fn bare(rest: &str, in_row: bool) -> usize {
    let mut at = 0;
    if rest.starts_with('{') {
        // `Pwd={a;b}`.
        at = rest.find(['}', '\r', '\n']).unwrap_or_default();
    }
    while let Some(one) = rest[at..].chars().next() {
        let behind = &rest[at + one.len_utf8()..];
        let goes_on = match one {
            ';' | '<' | '>' => false,
            '"' | '\'' => at > 0 && behind.starts_with(char::is_alphanumeric),
            '&' => {
                const ENDS: [&str; 6] = ["quot;", "apos;", "lt;", "gt;", "#34;", "#39;"];
                let next = behind.strip_prefix("amp;").unwrap_or(behind);
                !ENDS.iter().any(|end| behind.starts_with(end)) && !is_named(next)
            }
            ',' => !is_named(behind),
            one if one.is_whitespace() => {
                return at + blanks(&rest[at..], in_row).unwrap_or_default();
            }
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
