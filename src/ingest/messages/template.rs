//! Groups unknown wordings: `Package {1EC2...} took 5 s` becomes `Package <guid> took <n> s`.

use super::Sentence;
use crate::model::PackageId;
use std::fmt::Write as _;

/// The longest template, in characters; longer ones are cut.
const LONGEST: usize = 300;

/// The message with GUIDs, quoted text, paths, URLs, codes and numbers replaced by placeholders.
pub fn template(message: &str) -> String {
    template_of(&Sentence::new(message))
}

/// The same of a sentence.
pub(super) fn template_of(sentence: &Sentence<'_>) -> String {
    let mut out = String::with_capacity(sentence.text.len());
    for part in parts(sentence) {
        match part {
            Part::Text(text) if !text.contains(char::is_control) => out.push_str(text),
            Part::Text(text) => {
                for letter in text.chars() {
                    out.push(if letter.is_control() { ' ' } else { letter });
                }
            }
            Part::Guid(_) => out.push_str("<guid>"),
            Part::Name => out.push_str("<text>"),
            Part::Place => out.push_str("<path>"),
            Part::Code => out.push_str("<code>"),
            Part::Number => out.push_str("<n>"),
        }
    }
    // Whether a GUID has braces is no matter of wording.
    let out = out.replace("{<guid>}", "<guid>");
    let mut words = String::with_capacity(out.len());
    for word in out.split_whitespace() {
        if !words.is_empty() {
            words.push(' ');
        }
        words.push_str(word);
    }
    if let Some((cut, _)) = words.char_indices().nth(LONGEST) {
        words.truncate(cut);
    }
    words
}

/// One entry for a message file, ready to paste, that matches `sample` and its like.
pub fn as_entry(template: &str, sample: &str, count: u64) -> String {
    let mut pattern = String::from("^");
    let mut named = false;
    for part in parts(&Sentence::new(sample)) {
        match part {
            Part::Text(text) => pattern += &regex::escape(text),
            Part::Guid(id) if !named && Some(id) == super::package_in(sample) => {
                named = true;
                pattern += r"(?<package>[0-9A-Fa-f-]{36})";
            }
            Part::Guid(_) => pattern += r"[0-9A-Fa-f-]{36}",
            Part::Name => pattern += ".*?",
            Part::Place => pattern += r"[^\r\n]+?",
            Part::Code => pattern += "0[xX][0-9A-Fa-f]+",
            Part::Number => pattern += r"\d+",
        }
    }
    pattern.push('$');
    let mut name: String = template
        .to_lowercase()
        .split(|letter: char| !letter.is_ascii_alphanumeric())
        .filter(|word| !word.is_empty() && !["guid", "text", "path", "code", "n"].contains(word))
        .take(5)
        .collect::<Vec<_>>()
        .join("-");
    if name.is_empty() {
        name = "message".into();
    }
    let mut out = String::new();
    // Writing to a string cannot go wrong.
    let _ = writeln!(out, "# seen {count} times: {}", one_line(template));
    let _ = writeln!(out, "[[message]]");
    let _ = writeln!(out, "name = {}", quote(&name));
    let _ = writeln!(
        out,
        "kind = \"other\"  # choose one: `pkgtrail messages --kinds` lists them"
    );
    let literal = !pattern.contains('\'') && !pattern.contains(char::is_control);
    if literal {
        let _ = writeln!(out, "pattern = '{pattern}'");
    } else {
        let _ = writeln!(out, "pattern = {}", quote(&pattern));
    }
    let _ = writeln!(out, "samples = [{}]", quote(sample));
    out
}

fn one_line(text: &str) -> String {
    text.chars()
        .map(|letter| if letter.is_control() { ' ' } else { letter })
        .collect()
}

/// A TOML basic string.
fn quote(text: &str) -> String {
    let mut out = String::from("\"");
    for letter in text.chars() {
        match letter {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            '\t' => out.push_str("\\t"),
            control if control.is_control() => {
                let _ = write!(out, "\\u{:04X}", u32::from(control));
            }
            plain => out.push(plain),
        }
    }
    out.push('"');
    out
}

enum Part<'m> {
    Text(&'m str),
    Guid(PackageId),
    Name,
    Place,
    Code,
    Number,
}

/// Cuts a message into words and what stands between them.
fn parts<'m>(sentence: &Sentence<'m>) -> Vec<Part<'m>> {
    let (message, shade) = (sentence.text, sentence.shade());
    let mut parts = Vec::with_capacity(16);
    let mut text_from = 0;
    let mut at = 0;
    while at < shade.len() {
        let (part, end) = match shade[at] {
            b'G' => {
                let end = (at + 36).min(shade.len());
                match message.get(at..end).and_then(PackageId::parse) {
                    Some(id) => (Part::Guid(id), end),
                    None => (Part::Name, end),
                }
            }
            b'X' => {
                let mut end = run(shade, at, |byte| matches!(byte, b'X' | b'\\' | b'/' | b'.'));
                while shade[end - 1] == b'.' {
                    end -= 1;
                }
                (Part::Name, end)
            }
            _ if starts_place(shade, at) => {
                let end = run(shade, at, |byte| {
                    !byte.is_ascii_whitespace() && !b"',;()<>|".contains(&byte)
                });
                (Part::Place, end)
            }
            b'0' if shade[at..].starts_with(b"0x") && apart(shade, at) => {
                let end = run(shade, at + 2, |byte| byte.is_ascii_hexdigit());
                if end == at + 2 {
                    (Part::Number, at + 1)
                } else {
                    (Part::Code, end)
                }
            }
            digit if digit.is_ascii_digit() => {
                (Part::Number, run(shade, at, |byte| byte.is_ascii_digit()))
            }
            _ => {
                at += 1;
                continue;
            }
        };
        // A mask may cover bytes in the middle of a letter; stay on whole letters.
        let Some(text) = message.get(text_from..at) else {
            at += 1;
            continue;
        };
        let Some(end) = (end..=shade.len()).find(|end| message.is_char_boundary(*end)) else {
            break;
        };
        if !text.is_empty() {
            parts.push(Part::Text(text));
        }
        parts.push(part);
        at = end;
        text_from = end;
    }
    if let Some(rest) = message.get(text_from..).filter(|rest| !rest.is_empty()) {
        parts.push(Part::Text(rest));
    }
    parts
}

fn starts_place(shade: &[u8], at: usize) -> bool {
    let rest = &shade[at..];
    apart(shade, at)
        && (rest.starts_with(b"\\\\")
            || rest.starts_with(b"http://")
            || rest.starts_with(b"https://")
            || rest.len() > 2
                && rest[0].is_ascii_lowercase()
                && rest[1] == b':'
                && matches!(rest[2], b'\\' | b'/'))
}

fn apart(shade: &[u8], at: usize) -> bool {
    at == 0 || !shade[at - 1].is_ascii_alphanumeric()
}

fn run(shade: &[u8], from: usize, part: impl Fn(u8) -> bool) -> usize {
    from + shade[from.min(shade.len())..]
        .iter()
        .take_while(|byte| part(**byte))
        .count()
}
