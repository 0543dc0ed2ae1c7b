//! The attributes and the text of one record, decoded only where they are asked for.

use crate::ingest::encoding::text;
use crate::model::Record;
use memchr::memmem;
use nom::bytes::complete::{tag, take_till, take_while, take_while1};
use nom::character::complete::one_of;
use nom::{IResult, Parser};
use std::borrow::Cow;

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
            let Ok((after, (name, value))) = attribute(rest) else {
                rest = &rest[1..];
                continue;
            };
            rest = after;
            let slot = match name {
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
    pub(super) fn record(&self) -> Record {
        let text = |bytes: Option<&[u8]>| {
            bytes
                .map(|bytes| value(bytes).into_owned())
                .unwrap_or_default()
        };
        let mut process = text(self.process);
        if let Some(pid) = self.pid.and_then(number) {
            if process.is_empty() {
                process = pid.to_string();
            } else {
                process += &format!(" ({pid})");
            }
        }
        Record {
            severity: self.severity(),
            component: text(self.source).into(),
            process: process.into(),
            thread: self
                .thread
                .and_then(number)
                .and_then(|thread| u32::try_from(thread).ok()),
            tick: self.tick.and_then(number),
        }
    }
}

/// `name = 'value'`, with white space anywhere and either quote.
fn attribute(input: &[u8]) -> IResult<&[u8], (&[u8], &[u8])> {
    let blank = |byte: u8| byte.is_ascii_whitespace();
    let (input, _) = take_while(blank).parse(input)?;
    let (input, name) =
        take_while1(|byte: u8| byte.is_ascii_alphanumeric() || b"_:-.".contains(&byte))
            .parse(input)?;
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
