//! XML element by element, with limits, and with its own idea of what a whole document is.
//!
//! `quick-xml` expands no entity and opens no file, but it also takes a document without an end
//! for one, and a second document behind the first. An incomplete manifest must never prove that
//! a file is absent, so that is checked here. No recursion: depth costs nothing but a vector.

use crate::ingest::Defect;
use quick_xml::Reader;
use quick_xml::events::{BytesStart, Event};
use std::borrow::Cow;
use std::rc::Rc;

const MAX_DEPTH: usize = 256;
const MAX_ATTRIBUTES: usize = 4_096;
const MAX_TEXT: usize = 1 << 20;
/// Elements of one document: no manifest has a million files [A], and a small element costs ten times its bytes.
const MAX_ELEMENTS: u32 = 1_000_000;
/// Characters of a line that are quoted.
const MAX_QUOTE: usize = 300;

/// An attribute, or a child element with nothing but text.
#[derive(Debug, Clone)]
pub struct Field<'t> {
    /// In lower case, without prefix.
    pub name: Rc<str>,
    pub value: Cow<'t, str>,
    pub line: u32,
    /// Where it begins, in bytes.
    pub at: usize,
    /// 0 for attributes of the element itself, 1 for its children.
    pub depth: u32,
}

/// An element that was opened.
#[derive(Debug, Clone)]
pub struct Element<'t> {
    /// In lower case, without prefix.
    pub name: Rc<str>,
    pub line: u32,
    pub at: usize,
    pub fields: Vec<Field<'t>>,
    /// Without what is only white space around child elements.
    pub text: String,
    /// Whether it has child elements.
    pub has_children: bool,
    /// For the caller.
    pub marked: bool,
}

impl<'t> Element<'t> {
    /// Takes over what a closed child says: its text or `value` under its own name, its attributes under theirs.
    pub fn absorb(&mut self, child: Element<'t>) {
        let text = child.text.trim();
        let own = child.fields.iter().find(|field| &*field.name == "value");
        let value = match own {
            _ if child.has_children => None,
            _ if !text.is_empty() => Some(Cow::Owned(text.to_owned())),
            own => own.map(|field| field.value.clone()),
        };
        if let Some(value) = value {
            self.push(Field {
                name: child.name,
                value,
                line: child.line,
                at: child.at,
                depth: 1,
            });
        }
        for mut field in child.fields {
            field.depth += 1;
            self.push(field);
        }
    }

    /// Adds a field, unless there are too many.
    pub fn push(&mut self, field: Field<'t>) {
        if self.fields.len() < MAX_ATTRIBUTES {
            self.fields.push(field);
        }
    }

    /// The first field of a family of names, in the order of the family; of those, the outermost.
    pub fn find<'a>(
        &'a self,
        family: &[&str],
        fits: impl Fn(&str) -> bool + Copy + 'a,
    ) -> Option<&'a Field<'t>> {
        family.iter().find_map(|name| {
            self.fields
                .iter()
                .filter(|field| &*field.name == *name && fits(field.value.trim()))
                .min_by_key(|field| field.depth)
        })
    }
}

/// What was read.
pub struct Document<'t> {
    /// The root element, if it was closed.
    pub root: Option<Element<'t>>,
    /// The elements that were still open at the end, the outermost first.
    pub open: Vec<Element<'t>>,
    /// Whether there was one root, closed, and nothing behind it.
    pub complete: bool,
    pub defects: Vec<Defect>,
}

impl Document<'_> {
    /// Tells what breaks the document, which is incomplete then.
    pub fn spoil(&mut self, line: u32, what: impl Into<String>) {
        self.complete = false;
        self.defects.push(Defect {
            line: Some(line),
            what: what.into(),
            cost: "the file is incomplete and proves no absence".to_owned(),
            lost: true,
        });
    }
}

/// Reads `text` and gives every element to `closed` when it ends, with the elements around it.
/// The root is not given but kept.
pub fn read<'t>(
    text: &'t str,
    closed: &mut dyn FnMut(Element<'t>, &mut [Element<'t>]),
) -> Document<'t> {
    let mut reader = Reader::from_str(text);
    let mut lines = Lines::new(text);
    let mut elements = 0;
    let mut names = Names::default();
    let mut document = Document {
        root: None,
        open: Vec::new(),
        complete: true,
        defects: Vec::new(),
    };
    loop {
        let at = usize::try_from(reader.buffer_position()).unwrap_or(text.len());
        let event = reader.read_event();
        let (start, ends) = match event {
            Ok(Event::Start(start)) => (start, false),
            Ok(Event::Empty(start)) => (start, true),
            Ok(Event::End(_)) => {
                if let Some(element) = document.open.pop() {
                    match document.open.is_empty() {
                        true => document.root = Some(element),
                        false => closed(element, &mut document.open),
                    }
                }
                continue;
            }
            Ok(Event::Eof) => break,
            Err(error) => {
                document.spoil(
                    lines.line(at),
                    format!("broken or cut here: {}", plain(&error)),
                );
                return document;
            }
            Ok(other) => {
                if !add_text(&mut document, &other, &mut || lines.line(at)) {
                    return document;
                }
                continue;
            }
        };
        let line = lines.line(at);
        if document.root.is_some() {
            document.spoil(line, "a second root element");
            return document;
        }
        if document.open.len() == MAX_DEPTH {
            document.spoil(
                line,
                format!("more than {MAX_DEPTH} elements inside each other"),
            );
            return document;
        }
        elements += 1;
        if elements > MAX_ELEMENTS {
            document.spoil(line, format!("more than {MAX_ELEMENTS} elements"));
            return document;
        }
        let Some(fields) = attributes(text, &start, at, line, &mut names) else {
            document.spoil(
                line,
                format!("attributes that cannot be read, or more than {MAX_ATTRIBUTES}"),
            );
            return document;
        };
        if let Some(parent) = document.open.last_mut() {
            parent.has_children = true;
        }
        let element = Element {
            name: names.lower(start.local_name().as_ref()),
            line,
            at,
            fields,
            text: String::new(),
            has_children: false,
            marked: false,
        };
        match (ends, document.open.is_empty()) {
            (false, _) => document.open.push(element),
            (true, true) => document.root = Some(element),
            (true, false) => closed(element, &mut document.open),
        }
    }
    if let Some(open) = document.open.last() {
        let what = format!("cut: `{}` is not closed", open.name);
        let line = lines.line(text.len());
        document.spoil(line, what);
    } else if document.root.is_none() {
        document.spoil(1, "no root element");
    }
    document
}

/// Adds text to the innermost element. Says no where reading must stop.
fn add_text(document: &mut Document<'_>, event: &Event<'_>, line: &mut dyn FnMut() -> u32) -> bool {
    let piece = match event {
        Event::Text(text) => text.clone().into_inner(),
        Event::CData(text) => text.clone().into_inner(),
        Event::GeneralRef(name) => {
            Cow::Owned(unescape(&format!("&{};", name.clone().into_inner())))
        }
        _ => return true,
    };
    let Some(open) = document.open.last_mut() else {
        if !piece
            .trim_matches(['\u{FEFF}', ' ', '\t', '\r', '\n'])
            .is_empty()
        {
            document.spoil(line(), "text outside of the root element");
            return document.root.is_none();
        }
        return true;
    };
    // Between the elements stand line breaks: a megabyte of them where there are many.
    if (open.text.is_empty() || open.has_children) && is_blank(&piece) {
        return true;
    }
    if open.text.len() + piece.len() > MAX_TEXT {
        document.spoil(
            line(),
            format!("more than {MAX_TEXT} bytes of text in one element"),
        );
        return false;
    }
    open.text += &piece;
    true
}

/// Whether a text is nothing but what XML takes for white space.
fn is_blank(text: &str) -> bool {
    text.bytes()
        .all(|byte| matches!(byte, b' ' | b'\t' | b'\r' | b'\n'))
}

fn attributes<'t>(
    text: &'t str,
    start: &BytesStart<'_>,
    at: usize,
    line: u32,
    names: &mut Names,
) -> Option<Vec<Field<'t>>> {
    let mut fields = Vec::new();
    let (mut seen, mut breaks) = (at, 0);
    for attribute in start.attributes().with_checks(false) {
        let attribute = attribute.ok()?;
        if fields.len() == MAX_ATTRIBUTES {
            return None;
        }
        if attribute.key.as_ref().starts_with("xmlns") {
            continue;
        }
        // A value is a piece of the text, which tells its line.
        let place = attribute
            .value
            .as_ptr()
            .addr()
            .wrapping_sub(text.as_ptr().addr());
        if let Some(passed) = text.as_bytes().get(seen..place) {
            breaks += memchr::memchr_iter(b'\n', passed).count();
            seen = place;
        }
        fields.push(Field {
            name: names.lower(attribute.key.local_name().as_ref()),
            value: match text.get(place..place.saturating_add(attribute.value.len())) {
                Some(piece) if piece == &*attribute.value && !piece.contains('&') => {
                    Cow::Borrowed(piece)
                }
                _ => Cow::Owned(unescape(&attribute.value)),
            },
            line: line.saturating_add(u32::try_from(breaks).unwrap_or(u32::MAX)),
            at: if breaks > 0 { place } else { at },
            depth: 0,
        });
    }
    Some(fields)
}

/// The names of a document, of which it has few, each made lower case once.
#[derive(Default)]
struct Names(Vec<(String, Rc<str>)>);

/// Names that are remembered; a document with more makes the rest anew each time.
const MOST_NAMES: usize = 64;

impl Names {
    fn lower(&mut self, name: &str) -> Rc<str> {
        if let Some((_, lower)) = self.0.iter().find(|(known, _)| known == name) {
            return Rc::clone(lower);
        }
        let lower: Rc<str> = name.to_lowercase().into();
        if self.0.len() < MOST_NAMES {
            self.0.push((name.to_owned(), Rc::clone(&lower)));
        }
        lower
    }
}

/// Decodes `&amp;`, `&#228;` and their like; what XML itself does not define is kept as written.
fn unescape(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(start) = memchr::memchr(b'&', rest.as_bytes()) {
        out.push_str(&rest[..start]);
        rest = &rest[start..];
        // The longest reference is `&#x10FFFF;`.
        let end = rest.bytes().take(12).position(|byte| byte == b';');
        let letter = end.and_then(|end| reference(&rest[1..end]));
        match (letter, end) {
            (Some(letter), Some(end)) => {
                out.push(letter);
                rest = &rest[end + 1..];
            }
            _ => {
                out.push('&');
                rest = &rest[1..];
            }
        }
    }
    out.push_str(rest);
    out
}

fn reference(name: &str) -> Option<char> {
    match name {
        "amp" => Some('&'),
        "lt" => Some('<'),
        "gt" => Some('>'),
        "quot" => Some('"'),
        "apos" => Some('\''),
        _ => {
            let number = name.strip_prefix('#')?;
            let code = match number.strip_prefix(['x', 'X']) {
                Some(hex) => u32::from_str_radix(hex, 16).ok()?,
                None => number.parse().ok()?,
            };
            char::from_u32(code)
        }
    }
}

/// What `quick-xml` says, without the values of the file.
fn plain(error: &quick_xml::Error) -> &'static str {
    match error {
        quick_xml::Error::Syntax(_) => "a tag that does not end",
        quick_xml::Error::IllFormed(_) => "tags that do not match",
        _ => "no XML",
    }
}

/// Counts lines along growing places.
struct Lines<'a> {
    text: &'a [u8],
    at: usize,
    line: u32,
}

impl<'a> Lines<'a> {
    fn new(text: &'a str) -> Self {
        Lines {
            text: text.as_bytes(),
            at: 0,
            line: 1,
        }
    }

    fn line(&mut self, at: usize) -> u32 {
        let passed = self.text.get(self.at..at).unwrap_or_default();
        let breaks = memchr::memchr_iter(b'\n', passed).count();
        self.line = self
            .line
            .saturating_add(u32::try_from(breaks).unwrap_or(u32::MAX));
        self.at = self.at.max(at.min(self.text.len()));
        self.line
    }
}

/// The line around the byte `at`, to be quoted: trimmed, at most 300 characters, and beginning at
/// `at` where the line is longer.
pub fn quote(text: &str, at: usize) -> String {
    let mut at = at.min(text.len());
    while !text.is_char_boundary(at) {
        at -= 1;
    }
    let start = memchr::memrchr(b'\n', &text.as_bytes()[..at]).map_or(0, |found| found + 1);
    let end = memchr::memchr(b'\n', &text.as_bytes()[at..]).map_or(text.len(), |found| at + found);
    let line = text[start..end].trim();
    let from = if line.chars().count() > MAX_QUOTE {
        text[at..end].trim()
    } else {
        line
    };
    from.chars().take(MAX_QUOTE).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn flat(text: &str) -> (String, Document<'_>) {
        let mut told = String::new();
        let document = read(text, &mut |element, above| {
            let fields: Vec<String> = element
                .fields
                .iter()
                .map(|field| format!("{}={}@{}", field.name, field.value, field.line))
                .collect();
            told += &format!(
                "{}/{}:{} {} [{}]\n",
                above.len(),
                element.name,
                element.line,
                fields.join(" "),
                element.text.trim()
            );
        });
        (told, document)
    }

    #[test]
    fn prefixes_case_entities_and_lines() {
        let (told, document) = flat(
            "<?xml version='1.0'?>\n<p:A xmlns:p='u' X='1'>\n <p:B\n  C='&lt;&#228;&x;&amp' p:D=\"2\"/>\n <e>a&amp;b&who;<![CDATA[<c>]]></e></p:A>\n",
        );
        assert_eq!(told, "1/b:3 c=<ä&x;&amp@4 d=2@4 []\n1/e:5  [a&b&who;<c>]\n");
        assert!(document.complete && document.defects.is_empty());
        assert_eq!(document.root.unwrap().fields.len(), 1);
    }

    #[test]
    fn a_document_is_whole_or_says_so() {
        for whole in ["<a/>", "<a></a>\r\n", "\u{FEFF}<!-- x --><a/><!-- y -->"] {
            assert!(flat(whole).1.complete, "{whole}");
        }
        for cut in [
            "",
            "<a>",
            "<a><b></a>",
            "<a",
            "<a/><b/>",
            "<a/>x",
            "<a/>\0\0",
            "x<a/>",
            "<a><b/>",
            "<a/><!-- ",
        ] {
            let document = flat(cut).1;
            assert!(!document.complete, "{cut}");
            assert!(
                document.defects.iter().all(|defect| defect.lost) && !document.defects.is_empty()
            );
        }
    }

    #[test]
    fn limits_hold() {
        let nested = |depth: usize| "<a>".repeat(depth) + &"</a>".repeat(depth);
        assert!(flat(&nested(MAX_DEPTH)).1.complete);
        assert!(!flat(&nested(MAX_DEPTH + 1)).1.complete);
        assert!(!flat(&nested(1_000_000)).1.complete);
        let wide = |count: usize| format!("<a {}/>", "b='1' ".repeat(count));
        assert!(flat(&wide(MAX_ATTRIBUTES)).1.complete);
        assert!(!flat(&wide(800_000)).1.complete);
        let long = |length: usize| format!("<a>{}</a>", "x".repeat(length));
        assert!(flat(&long(MAX_TEXT)).1.complete);
        assert!(!flat(&long(MAX_TEXT + 1)).1.complete);
        let many = |count: u32| format!("<a>\n{}</a>", "<b/>\r\n ".repeat(count as usize));
        assert!(
            flat(&many(MAX_ELEMENTS - 1)).1.complete,
            "line breaks are no text"
        );
        assert!(!flat(&many(MAX_ELEMENTS)).1.complete);
        let laughs = "<!DOCTYPE a [<!ENTITY b 'bbbb'><!ENTITY c '&b;&b;'><!ENTITY f SYSTEM 'file:///etc/passwd'>]><a>&c;&f;</a>";
        let (_, document) = flat(laughs);
        assert_eq!(document.root.unwrap().text, "&c;&f;");
    }

    #[test]
    fn names_are_lower_case_however_many_there_are() {
        let mut text = String::from("<Root>");
        for number in 0..2 * MOST_NAMES {
            text += &format!("<Part{number} ÄKey{number}='x'/><PART{number}/>");
        }
        let (told, _) = flat(&(text + "</Root>"));
        for number in 0..2 * MOST_NAMES {
            let both = format!("1/part{number}:1 äkey{number}=x@1 []\n1/part{number}:1  []\n");
            assert!(told.contains(&both), "{both}");
        }
    }

    #[test]
    fn quotes_are_short() {
        assert_eq!(quote("a\n  <b/> \nc", 6), "<b/>");
        let long = format!("{}<v/>{}", "x".repeat(400), "y".repeat(400));
        assert!(quote(&long, 400).starts_with("<v/>yy"));
        assert_eq!(quote(&long, 400).len(), MAX_QUOTE);
        assert_eq!(quote("", 5), "");
    }
}
