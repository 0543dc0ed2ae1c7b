//! The attributes and the text of one record, decoded only where they are asked for.

use crate::ingest::encoding::text;
use crate::model::Record;
use memchr::memmem;
use nom::bytes::complete::{tag, take_till, take_while, take_while1};
use nom::character::complete::one_of;
use nom::{IResult, Parser};
use std::borrow::Cow;
use std::sync::Arc;

/// Names of parts and processes that are remembered.
const MOST_NAMES: usize = 32;

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

    pub(super) fn severity(&self) -> Option<u8> {
        self.severity
            .and_then(number)
            .and_then(|level| u8::try_from(level).ok())
    }

    /// What stands on the timeline.
    pub(super) fn record(&self, names: &mut Names) -> Record {
        Record {
            severity: self.severity(),
            component: names.shared(self.source, None),
            process: names.shared(self.process, self.pid),
            thread: self
                .thread
                .and_then(number)
                .and_then(|thread| u32::try_from(thread).ok()),
            tick: self.tick.and_then(number),
            tag: None,
        }
    }
}

/// Names of parts and processes that were built lately: records of a few of them make up a log, and
/// each name is held once.
#[derive(Debug, Default)]
pub(super) struct Names {
    known: Vec<Name>,
    /// The one that is forgotten next.
    oldest: usize,
}

#[derive(Debug)]
struct Name {
    text: Box<[u8]>,
    number: Box<[u8]>,
    name: Arc<str>,
}

impl Names {
    /// The name that `text` and the number of a process make.
    fn shared(&mut self, text: Option<&[u8]>, number: Option<&[u8]>) -> Arc<str> {
        let (text, number) = (text.unwrap_or_default(), number.unwrap_or_default());
        let same = |one: &&Name| *one.text == *text && *one.number == *number;
        if let Some(known) = self.known.iter().find(same) {
            return known.name.clone();
        }
        let new = Name {
            text: text.into(),
            number: number.into(),
            name: named(text, number).into(),
        };
        let name = new.name.clone();
        if self.known.len() < MOST_NAMES {
            self.known.push(new);
        } else {
            self.known[self.oldest] = new;
            self.oldest = (self.oldest + 1) % MOST_NAMES;
        }
        name
    }
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
        return unix_lines(text(inside));
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

    #[test]
    fn names_stay_themselves_when_more_come_than_are_remembered() {
        let mut names = Names::default();
        for turn in 0..3 * MOST_NAMES {
            let text = format!("part{}", turn % (MOST_NAMES + 1));
            assert_eq!(&*names.shared(Some(text.as_bytes()), None), text);
        }
        assert_eq!(&*names.shared(Some(b"a.exe"), Some(b"12")), "a.exe (12)");
        assert_eq!(&*names.shared(Some(b"a.exe"), Some(b"x")), "a.exe");
        assert_eq!(&*names.shared(None, Some(b"12")), "12");
        assert_eq!(&*names.shared(None, None), "");
        assert_eq!(names.known.len(), MOST_NAMES);
    }
}
