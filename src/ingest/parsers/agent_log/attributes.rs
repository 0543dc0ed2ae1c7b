//! The attributes and the text of one record, decoded only where they are asked for.

use crate::ingest::encoding::text;
use crate::model::{Record, Writer};
use memchr::memmem;
use nom::bytes::complete::{tag, take_till, take_while, take_while1};
use nom::character::complete::one_of;
use nom::{IResult, Parser};
use std::borrow::Cow;
use std::sync::Arc;

/// Parts of the agent that are remembered.
const MOST_SOURCES: usize = 64;
/// Parts with their processes that are remembered.
const MOST_WRITERS: usize = 256;

/// The attributes of one record, as written.
#[derive(Debug, Default)]
pub(super) struct Attributes<'t> {
    pub(super) date: Option<&'t [u8]>,
    pub(super) severity: Option<&'t [u8]>,
    pub(super) host: Option<&'t [u8]>,
    pub(super) source: Option<&'t [u8]>,
    pub(super) process: Option<&'t [u8]>,
    pub(super) pid: Option<&'t [u8]>,
    pub(super) thread: Option<&'t [u8]>,
    pub(super) tick: Option<&'t [u8]>,
    /// How many known attributes there are.
    pub(super) told: u8,
}

impl<'t> Attributes<'t> {
    /// Reads what can be read of `<event ...>`; what cannot is passed over.
    pub(super) fn read(tag_text: &'t [u8]) -> Self {
        let mut all = Attributes::default();
        let mut rest = tag_text.strip_prefix(b"<event").unwrap_or(tag_text);
        while !rest.is_empty() {
            let Some((after, name, value)) = plain(rest).or_else(|| any(rest)) else {
                rest = &rest[1..];
                continue;
            };
            rest = after;
            let slot = match name {
                b"date" => &mut all.date,
                b"severity" => &mut all.severity,
                b"hostName" => &mut all.host,
                b"source" => &mut all.source,
                b"process" => &mut all.process,
                b"pid" => &mut all.pid,
                b"thread" => &mut all.thread,
                b"tickCount" => &mut all.tick,
                b"module" => continue,
                _ if name.eq_ignore_ascii_case(b"date") => &mut all.date,
                _ if name.eq_ignore_ascii_case(b"severity") => &mut all.severity,
                _ if name.eq_ignore_ascii_case(b"hostName") => &mut all.host,
                _ if name.eq_ignore_ascii_case(b"source") => &mut all.source,
                _ if name.eq_ignore_ascii_case(b"process") => &mut all.process,
                _ if name.eq_ignore_ascii_case(b"pid") => &mut all.pid,
                _ if name.eq_ignore_ascii_case(b"thread") => &mut all.thread,
                _ if name.eq_ignore_ascii_case(b"tickCount") => &mut all.tick,
                _ => continue,
            };
            if slot.is_none() {
                *slot = Some(value);
                all.told = all.told.saturating_add(1);
            }
        }
        all
    }

    /// Reads the start tag at the beginning of `data` in the form in which agents write it: these
    /// attributes in this order, one blank before each, in single quotes. Gives the tag's length, too.
    /// `None` for any other form, and that says nothing about the tag.
    pub(super) fn usual(data: &'t [u8]) -> Option<(Self, usize)> {
        let mut rest = data.strip_prefix(b"<event")?;
        let mut told = 0;
        let mut counted = |value: Option<&'t [u8]>| {
            told += u8::from(value.is_some());
            value
        };
        let date = counted(expected(&mut rest, b" date='"));
        let severity = counted(expected(&mut rest, b" severity='"));
        let host = counted(expected(&mut rest, b" hostName='"));
        let source = counted(expected(&mut rest, b" source='"));
        expected(&mut rest, b" module='");
        let all = Attributes {
            date,
            severity,
            host,
            source,
            process: counted(expected(&mut rest, b" process='")),
            pid: counted(expected(&mut rest, b" pid='")),
            thread: counted(expected(&mut rest, b" thread='")),
            tick: counted(expected(&mut rest, b" tickCount='")),
            told: 0,
        };
        let all = Attributes { told, ..all };
        let rest = rest.strip_prefix(b" ").unwrap_or(rest);
        let after = rest.strip_prefix(b">")?;
        Some((all, data.len() - after.len()))
    }

    pub(super) fn severity(&self) -> Option<u8> {
        self.severity
            .and_then(number)
            .and_then(|level| u8::try_from(level).ok())
    }

    /// What stands on the timeline.
    pub(super) fn record(&self, writers: &mut Writers) -> Record {
        Record {
            severity: self.severity(),
            writer: self.writer(writers),
            thread: self.thread(),
            tick: self.tick.and_then(number),
            tag: None,
        }
    }

    /// Who wrote it.
    pub(super) fn writer(&self, writers: &mut Writers) -> Arc<Writer> {
        writers.shared(self.source, self.process, self.pid)
    }

    pub(super) fn thread(&self) -> Option<u32> {
        let thread = self.thread.and_then(number)?;
        u32::try_from(thread).ok()
    }
}

/// Writers that were told lately: records of a few of them make up a log, and each is held once.
#[derive(Debug, Default)]
pub(super) struct Writers {
    /// Each at the place that its letters give; a new one takes the place of the old one there.
    known: Vec<Known>,
}

#[derive(Debug, Clone, Default)]
struct Known {
    source: Box<[u8]>,
    process: Box<[u8]>,
    pid: Box<[u8]>,
    /// Nothing at a place that is free.
    writer: Option<Arc<Writer>>,
}

impl Writers {
    /// The writer that these attributes make.
    fn shared(
        &mut self,
        source: Option<&[u8]>,
        process: Option<&[u8]>,
        pid: Option<&[u8]>,
    ) -> Arc<Writer> {
        let [source, process, pid] = [source, process, pid].map(Option::unwrap_or_default);
        if self.known.is_empty() {
            self.known.resize(MOST_WRITERS, Known::default());
        }
        let at = place(source, b"") + 7 * place(process, pid);
        let known = &mut self.known[at % MOST_WRITERS];
        match &known.writer {
            Some(writer)
                if *known.source == *source && *known.process == *process && *known.pid == *pid =>
            {
                writer.clone()
            }
            _ => {
                let writer = Arc::new(Writer {
                    component: value(source).into(),
                    process: named(process, pid).into(),
                });
                *known = Known {
                    source: source.into(),
                    process: process.into(),
                    pid: pid.into(),
                    writer: Some(writer.clone()),
                };
                writer
            }
        }
    }
}

/// Which parts of the agent have to do with packages, as asked lately.
#[derive(Debug, Default)]
pub(super) struct Sources {
    known: Vec<(Box<[u8]>, bool)>,
}

impl Sources {
    pub(super) fn related(&mut self, source: &[u8]) -> bool {
        if self.known.is_empty() {
            self.known.resize(MOST_SOURCES, Default::default());
        }
        let known = &mut self.known[place(source, b"") % MOST_SOURCES];
        if *known.0 != *source {
            *known = (source.into(), super::related(source));
        }
        known.1
    }
}

/// A number for a name, by which it is remembered.
fn place(text: &[u8], number: &[u8]) -> usize {
    let last = |bytes: &[u8]| bytes.last().copied().map_or(0, usize::from);
    text.len() * 5 + last(text) + 3 * last(number) + number.len()
}

/// `AeXNSAgent.exe (2684)`, or what of it is known.
fn named(text: &[u8], digits: &[u8]) -> String {
    let text = value(text).into_owned();
    match number(digits) {
        None => text,
        Some(number) if text.is_empty() => number.to_string(),
        Some(number) => format!("{text} ({number})"),
    }
}

/// ` name='value'` as agents write it: one blank, nothing around the `=`. Anything else is left to
/// [`any`], which gives the same for this form and takes three times as long.
fn plain(input: &[u8]) -> Option<(&[u8], &[u8], &[u8])> {
    let inner = input.strip_prefix(b" ")?;
    let equals = inner.iter().position(|byte| !is_of_name(*byte))?;
    let (name, rest) = inner.split_at(equals);
    let value = rest.strip_prefix(b"='")?;
    let end = memchr::memchr(b'\'', value)?;
    (!name.is_empty()).then(|| (&value[end + 1..], name, &value[..end]))
}

/// The first attribute in any form.
fn any(input: &[u8]) -> Option<(&[u8], &[u8], &[u8])> {
    let (after, (name, value)) = attribute(input).ok()?;
    Some((after, name, value))
}

/// The value of the attribute that `name` begins, if `rest` begins with it. `rest` then stands behind it.
fn expected<'t, const N: usize>(rest: &mut &'t [u8], name: &[u8; N]) -> Option<&'t [u8]> {
    let value = rest.strip_prefix(name)?;
    let end = quote_or_less(value)?;
    // A `<` breaks a tag, wherever it stands.
    let (value, after) = value.split_at(end);
    *rest = after.strip_prefix(b"'")?;
    Some(value)
}

/// Where the first `'` or `<` stands. Values are so short that to start a search costs more than
/// to look at eight bytes at a time.
fn quote_or_less(text: &[u8]) -> Option<usize> {
    const ONES: u64 = u64::from_le_bytes([1; 8]);
    // The highest bit of each byte that is zero; above the first such byte, of some others, too.
    let zeros = |word: u64| word.wrapping_sub(ONES) & !word & (ONES << 7);
    let (words, rest) = text.as_chunks::<8>();
    for (place, word) in words.iter().enumerate() {
        let word = u64::from_le_bytes(*word);
        let found =
            zeros(word ^ (ONES * u64::from(b'\''))) | zeros(word ^ (ONES * u64::from(b'<')));
        if found != 0 {
            return Some(place * 8 + found.trailing_zeros() as usize / 8);
        }
    }
    let among = rest.iter().position(|byte| matches!(byte, b'\'' | b'<'));
    among.map(|at| words.len() * 8 + at)
}

fn is_of_name(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || b"_:-.".contains(&byte)
}

/// `name = 'value'`, with white space anywhere and either quote.
fn attribute(input: &[u8]) -> IResult<&[u8], (&[u8], &[u8])> {
    let blank = |byte: u8| byte.is_ascii_whitespace();
    let (input, _) = take_while(blank).parse(input)?;
    let (input, name) = take_while1(is_of_name).parse(input)?;
    let (input, _) = (take_while(blank), tag(&b"="[..]), take_while(blank)).parse(input)?;
    let (input, quote) = one_of("'\"").parse(input)?;
    let (input, value) = take_till(|byte: u8| char::from(byte) == quote).parse(input)?;
    let (input, _) = nom::bytes::complete::take(1_usize).parse(input)?;
    Ok((input, (name, value)))
}

/// The text of `body`, which ends with the end tag: CDATA sections joined, entities outside them decoded.
pub(super) fn body_text(body: &[u8]) -> Cow<'_, str> {
    let body = body.strip_suffix(b"</event>").unwrap_or(body);
    let trimmed = body.trim_ascii();
    if let Some(inside) = trimmed
        .strip_prefix(b"<![CDATA[")
        .and_then(|rest| rest.strip_suffix(b"]]>"))
        && memmem::find(inside, b"]]>").is_none()
    {
        return section_text(inside);
    }
    let mut out = Vec::with_capacity(trimmed.len());
    let mut rest = trimmed;
    while let Some(start) = memmem::find(rest, b"<![CDATA[") {
        push_plain(&mut out, &rest[..start]);
        let inside = &rest[start + 9..];
        let end = memmem::find(inside, b"]]>").unwrap_or(inside.len());
        out.extend_from_slice(&inside[..end]);
        rest = inside.get(end + 3..).unwrap_or_default();
    }
    push_plain(&mut out, rest);
    unix_lines(Cow::Owned(text(&out).into_owned()))
}

/// What stands in a text section.
pub(super) fn section_text(inside: &[u8]) -> Cow<'_, str> {
    unix_lines(text(inside))
}

/// Line ends depend on who copied the log; the message does not.
fn unix_lines(message: Cow<'_, str>) -> Cow<'_, str> {
    if memchr::memchr(b'\r', message.as_bytes()).is_none() {
        return message;
    }
    Cow::Owned(message.replace("\r\n", "\n").replace('\r', "\n"))
}

/// Text outside CDATA; white space alone is layout.
fn push_plain(out: &mut Vec<u8>, plain: &[u8]) {
    if !plain.trim_ascii().is_empty() {
        out.extend_from_slice(&entities(plain));
    }
}

/// Decodes the five named entities and character references; anything else stays as it is.
fn entities(plain: &[u8]) -> Cow<'_, [u8]> {
    if memchr::memchr(b'&', plain).is_none() {
        return Cow::Borrowed(plain);
    }
    let mut out = Vec::with_capacity(plain.len());
    let mut rest = plain;
    while let Some(start) = memchr::memchr(b'&', rest) {
        out.extend_from_slice(&rest[..start]);
        rest = &rest[start..];
        let end = memchr::memchr(b';', &rest[..rest.len().min(12)]);
        let letter = end.and_then(|end| entity(&rest[1..end]));
        match (end, letter) {
            (Some(end), Some(letter)) => {
                out.extend_from_slice(letter.encode_utf8(&mut [0; 4]).as_bytes());
                rest = &rest[end + 1..];
            }
            _ => {
                out.push(b'&');
                rest = &rest[1..];
            }
        }
    }
    out.extend_from_slice(rest);
    Cow::Owned(out)
}

fn entity(name: &[u8]) -> Option<char> {
    Some(match name {
        b"lt" => '<',
        b"gt" => '>',
        b"amp" => '&',
        b"apos" => '\'',
        b"quot" => '"',
        _ => {
            let digits = std::str::from_utf8(name.strip_prefix(b"#")?).ok()?;
            let code = match digits.strip_prefix(['x', 'X']) {
                Some(hex) => u32::from_str_radix(hex, 16).ok()?,
                None => digits.parse().ok()?,
            };
            char::from_u32(code)?
        }
    })
}

/// An attribute's value, decoded.
pub(super) fn value(written: &[u8]) -> Cow<'_, str> {
    match entities(written) {
        Cow::Borrowed(bytes) => text(bytes),
        Cow::Owned(bytes) => Cow::Owned(text(&bytes).into_owned()),
    }
}

pub(super) fn shown(bytes: &[u8]) -> String {
    value(bytes)
        .chars()
        .map(|letter| if letter.is_control() { ' ' } else { letter })
        .take(40)
        .collect()
}

pub(super) fn number(bytes: &[u8]) -> Option<u64> {
    if (1..=18).contains(&bytes.len()) && bytes.iter().all(u8::is_ascii_digit) {
        let digit = |byte: &u8| u64::from(byte - b'0');
        return Some(bytes.iter().fold(0, |sum, byte| sum * 10 + digit(byte)));
    }
    std::str::from_utf8(bytes).ok()?.trim().parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What is told is the same, however it is found: whole tags, and tags with one byte damaged.
    #[test]
    fn the_plain_form_is_read_as_any_other_is() {
        let whole = b" date='Sep 26 15:37:19' severity=\"4\"  hostName = 'PS' source='Package Delivery' module='a.dll' process='Aex.exe' pid='2684' thread='12' tickCount='7' >";
        let slowly = |text: &[u8]| {
            let (mut all, mut rest) = (Vec::new(), text);
            while !rest.is_empty() {
                match any(rest) {
                    Some((after, name, value)) => {
                        all.push((name.to_vec(), value.to_vec()));
                        rest = after;
                    }
                    None => rest = &rest[1..],
                }
            }
            all
        };
        let quickly = |text: &[u8]| {
            let (mut all, mut rest, mut plains) = (Vec::new(), text, 0);
            while !rest.is_empty() {
                let quick = plain(rest);
                plains += usize::from(quick.is_some());
                match quick.or_else(|| any(rest)) {
                    Some((after, name, value)) => {
                        all.push((name.to_vec(), value.to_vec()));
                        rest = after;
                    }
                    None => rest = &rest[1..],
                }
            }
            (all, plains)
        };
        assert_eq!(quickly(whole), (slowly(whole), 7));
        assert_eq!(slowly(whole).len(), 9);
        for at in 0..whole.len() {
            for byte in [b' ', b'\'', b'"', b'=', b'x', b'.', b'\n', b'\0', 0xFF] {
                let mut damaged = whole.to_vec();
                damaged[at] = byte;
                assert_eq!(quickly(&damaged).0, slowly(&damaged), "{at}: {byte}");
            }
            assert_eq!(quickly(&whole[at..]).0, slowly(&whole[at..]));
            assert_eq!(quickly(&whole[..at]).0, slowly(&whole[..at]));
        }
    }

    /// What the usual form gives, any form gives, and where it does not fit, nothing is said.
    #[test]
    fn the_usual_tag_is_read_as_any_tag_is() {
        let whole = b"<event date='09/26/2025 15:37:19.1 +02:00' severity='4' hostName='PS' source='Package Delivery' module='a.dll' process='Aex.exe' pid='2684' thread='12' tickCount='7' >text";
        let same = |text: &[u8]| {
            let Some((usual, length)) = Attributes::usual(text) else {
                return false;
            };
            let any = Attributes::read(&text[..length]);
            assert_eq!(format!("{usual:?}"), format!("{any:?}"));
            assert_eq!(
                super::super::steps::tag_end(text),
                super::super::steps::Tag::Ends(length)
            );
            true
        };
        assert!(same(whole));
        assert!(same(b"<event date='1'>"));
        assert!(!same(b"<event date='1' date='2'>"));
        let mut fitting = 0;
        for at in 0..whole.len() {
            for byte in [
                b' ', b'\'', b'"', b'=', b'x', b'<', b'>', b'\n', b'\0', 0xFF,
            ] {
                let mut damaged = whole.to_vec();
                damaged[at] = byte;
                fitting += usize::from(same(&damaged));
            }
            same(&whole[..at]);
            // One attribute less, wherever it stood.
            for end in at..whole.len() {
                same(&[&whole[..at], &whole[end..]].concat());
            }
        }
        assert!(fitting > 300, "{fitting}");
    }

    #[test]
    fn the_first_quote_or_less_is_found_wherever_it_stands() {
        for length in 0..40 {
            let text: Vec<u8> = (0..length).map(|at| b"&;Px"[at % 4]).collect();
            for at in 0..=text.len() {
                for byte in [b'\'', b'<', b'&', b'(', b'=', b';', 0xA7, 0xBC] {
                    let mut text = text.clone();
                    text.insert(at, byte);
                    let slowly = text.iter().position(|one| b"'<".contains(one));
                    assert_eq!(quote_or_less(&text), slowly, "{text:?}");
                }
            }
        }
    }

    #[test]
    fn writers_stay_themselves_when_more_come_than_are_remembered() {
        let mut writers = Writers::default();
        for turn in 0..3 * MOST_WRITERS {
            let text = format!("part{}", turn % (MOST_WRITERS + 1));
            let writer = writers.shared(Some(text.as_bytes()), Some(b"a.exe"), None);
            assert_eq!((&*writer.component, &*writer.process), (&*text, "a.exe"));
        }
        let mut process = |name: &str, pid: Option<&[u8]>| {
            let writer = writers.shared(None, Some(name.as_bytes()), pid);
            assert_eq!(&*writer.component, "");
            writer
        };
        assert_eq!(&*process("a.exe", Some(b"12")).process, "a.exe (12)");
        assert_eq!(&*process("a.exe", Some(b"x")).process, "a.exe");
        assert_eq!(&*process("", Some(b"12")).process, "12");
        assert_eq!(&*process("", None).process, "");
        let twice = [(); 2].map(|()| process("a.exe", Some(b"12")));
        assert!(Arc::ptr_eq(&twice[0], &twice[1]));
        assert_eq!(writers.known.len(), MOST_WRITERS);
    }
}
