//! Where records begin and end: one step through the bytes of a log at a time, by byte search.

use super::attributes::Attributes;
use super::{BLOCK, LONGEST_TAG, lines};
use memchr::memmem::{self, Finder};
use std::sync::LazyLock;

pub(super) const OPEN: &[u8] = b"<event";

// Built once: to prepare a search costs as much as to search a record.
static OPENING: LazyLock<Finder<'static>> = LazyLock::new(|| Finder::new(b"<event"));
pub(super) static SECTION: LazyLock<Finder<'static>> = LazyLock::new(|| Finder::new(b"<![CDATA["));
static SECTION_END: LazyLock<Finder<'static>> = LazyLock::new(|| Finder::new(b"]]>"));

/// One step through the bytes of a log.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Step {
    /// A record: the tag stands at `open..body`, text and end tag at `body..end`. `whole` is false
    /// if the end tag is missing although the text is complete.
    Record {
        open: usize,
        body: usize,
        end: usize,
        whole: bool,
    },
    /// A record at `open` that breaks off at `end`, where reading goes on.
    Unfinished { open: usize, end: usize },
    /// A record that is longer than can be read whole; its rest has to be skipped.
    Long {
        open: usize,
        body: usize,
        end: usize,
    },
    /// The last record, cut by the end of the file.
    Tail { open: usize },
    /// No record in the first `end` bytes.
    Gone { end: usize },
    /// The block ends within a record.
    More,
}

/// A record in the form in which agents write nearly all of them.
pub(super) struct Usual<'d> {
    pub(super) open: usize,
    pub(super) body: usize,
    pub(super) end: usize,
    pub(super) attributes: Attributes<'d>,
    /// What its text section holds.
    pub(super) text: &'d [u8],
}

/// The next record, if it is of the usual form: a start tag as [`Attributes::usual`] reads it and
/// one text section without a `<`, with nothing but white space before and between. Then [`next`]
/// gives the same and takes twice as long. `None` says nothing.
pub(super) fn usual(data: &[u8]) -> Option<Usual<'_>> {
    let open = blanks(data);
    let (attributes, length) = Attributes::usual(&data[open..])?;
    let body = open + length;
    let (text, end) = usual_body(data, open, body)?;
    Some(Usual {
        open,
        body,
        end,
        attributes,
        text,
    })
}

/// What the text section of a usual record holds, whose tag stands at `open..body`, and where the
/// record ends.
pub(super) fn usual_body(data: &[u8], open: usize, body: usize) -> Option<(&[u8], usize)> {
    let section = body + blanks(&data[body..]);
    let inside = data[section..].strip_prefix(b"<![CDATA[")?;
    let close = memchr::memchr(b'<', inside)?;
    if !inside[close..].starts_with(b"</event>") {
        return None;
    }
    let text = inside[..close].trim_ascii_end().strip_suffix(b"]]>")?;
    let end = section + 9 + close + 8;
    // What looks like an end of the section within it, or is very long, is looked at with more care.
    let ended = memchr::memchr(b']', &inside[..text.len()])
        .is_some_and(|at| SECTION_END.find(&inside[at..text.len() + 2]).is_some());
    (!ended && end - open <= LONGEST_TAG).then_some((text, end))
}

/// The same for a text of one line without brackets, which nearly all are, with the line breaks of
/// all that follows the tag: what [`usual_body`] says, in one search. `None` says nothing.
pub(super) fn plain_body(data: &[u8], open: usize, body: usize) -> Option<(&[u8], usize, u32)> {
    let (blanks, before) = gap(&data[body..]);
    let inside = data[body + blanks..].strip_prefix(b"<![CDATA[")?;
    let close = memchr::memchr3(b']', b'<', b'\n', inside)?;
    let rest = inside[close..].strip_prefix(b"]]>")?;
    let (blanks, after) = gap(rest);
    let end = data.len() - rest[blanks..].strip_prefix(b"</event>")?.len();
    let lines = before + after;
    (end - open <= LONGEST_TAG).then_some((&inside[..close], end, lines))
}

/// How many bytes of white space come first.
pub(super) fn blanks(data: &[u8]) -> usize {
    data.len() - data.trim_ascii_start().len()
}

/// The same, with the line breaks among them.
#[inline]
pub(super) fn gap(data: &[u8]) -> (usize, u32) {
    match data {
        [b'\n', b'<', ..] => (1, 1),
        [b'\r', b'\n', b'<', ..] => (2, 1),
        _ => any_gap(data),
    }
}

#[inline(never)]
fn any_gap(data: &[u8]) -> (usize, u32) {
    let blanks = blanks(data);
    (blanks, lines(&data[..blanks]))
}

/// The next step in `data`; `last` says that nothing follows.
pub(super) fn next(data: &[u8], last: bool) -> Step {
    let Some(open) = find_open(data) else {
        if last {
            // `<even` at the very end is the start of a cut record, too.
            let cut = memchr::memrchr(b'<', data).filter(|start| OPEN.starts_with(&data[*start..]));
            return cut.map_or(Step::Gone { end: data.len() }, |open| Step::Tail { open });
        }
        // A block may end within `<event`. More is not held back, or text would come in two pieces.
        let near = data.len().saturating_sub(OPEN.len());
        let held = memchr::memrchr(b'<', &data[near..]).map(|at| near + at);
        let held = held.filter(|start| OPEN.starts_with(&data[*start..]));
        let end = held.unwrap_or(data.len());
        return if end == 0 {
            Step::More
        } else {
            Step::Gone { end }
        };
    };
    let rest = &data[open..];
    let body = match tag_end(rest) {
        Tag::Ends(end) => open + end,
        Tag::Broken(at) => {
            return Step::Unfinished {
                open,
                end: open + at,
            };
        }
        Tag::Unfinished if last => return Step::Tail { open },
        Tag::Unfinished => return Step::More,
    };
    if data[..body].ends_with(b"/>") {
        return Step::Record {
            open,
            body,
            end: body,
            whole: true,
        };
    }
    let unfinished = |last: bool| {
        if data.len() - open > BLOCK {
            Step::Long {
                open,
                body,
                end: open + BLOCK,
            }
        } else if last {
            Step::Tail { open }
        } else {
            Step::More
        }
    };
    let mut at = body;
    // Where the last CDATA section ended, if only white space followed.
    let mut closed = None;
    loop {
        let Some(found) = memchr::memchr(b'<', &data[at..]) else {
            return match closed {
                Some(end) if last && data[end..].trim_ascii().is_empty() => Step::Record {
                    open,
                    body,
                    end,
                    whole: false,
                },
                _ => unfinished(last),
            };
        };
        let start = at + found;
        if closed.is_some_and(|end| !data[end..start].trim_ascii().is_empty()) {
            closed = None;
        }
        let rest = &data[start..];
        if rest.starts_with(b"</event>") {
            let end = start + 8;
            return Step::Record {
                open,
                body,
                end,
                whole: true,
            };
        }
        if rest.starts_with(b"<![CDATA[") {
            let inside = start + 9;
            let Some(end) = SECTION_END.find(&data[inside..]) else {
                if let Some(inner) = inner_record(&data[inside..], last) {
                    return Step::Unfinished {
                        open,
                        end: inside + inner,
                    };
                }
                return unfinished(last);
            };
            let text = &data[inside..inside + end];
            if let Some(inner) = broken_by(text, &data[inside + end..]) {
                return Step::Unfinished {
                    open,
                    end: inside + inner,
                };
            }
            at = inside + end + 3;
            closed = Some(at);
            if at - open > BLOCK {
                return Step::Long {
                    open,
                    body,
                    end: open + BLOCK,
                };
            }
        } else if is_open(rest) && tells_attributes(rest) {
            return match closed {
                Some(end) => Step::Record {
                    open,
                    body,
                    end,
                    whole: false,
                },
                None => Step::Unfinished { open, end: start },
            };
        } else if rest.len() < 9
            && (b"</event>".starts_with(rest) || b"<![CDATA[".starts_with(rest))
        {
            // A border that the block cuts. At the end of the file a record whose text is complete is used.
            return match closed {
                Some(end) if last && b"</event>".starts_with(rest) => Step::Record {
                    open,
                    body,
                    end,
                    whole: false,
                },
                _ => unfinished(last),
            };
        } else {
            at = start + 1;
        }
    }
}

/// After a record that is too long: skips up to its end tag or the next record, and tells whether
/// that was reached.
pub(super) fn skip(data: &[u8], last: bool) -> (Step, bool) {
    let end = memmem::find(data, b"</event>").map(|at| at + 8);
    let mut from = 0;
    let mut open = None;
    while let Some(at) = find_open(&data[from..]) {
        if tells_attributes(&data[from + at..]) {
            open = Some(from + at);
            break;
        }
        from += at + 6;
    }
    let step = match (end, open) {
        (Some(end), Some(open)) => Step::Gone { end: end.min(open) },
        (Some(end), None) | (None, Some(end)) => Step::Gone { end },
        (None, None) if last => Step::Gone { end: data.len() },
        (None, None) => match data.len().saturating_sub(LONGEST_TAG) {
            0 => Step::More,
            end => Step::Gone { end },
        },
    };
    (step, end.is_some() || open.is_some())
}

/// Where in a CDATA section another record begins, if the section was broken off by it: the
/// record's own CDATA opens in it, and the `]]>` that ends it is not one that was split in two.
fn broken_by(text: &[u8], after: &[u8]) -> Option<usize> {
    let opens = SECTION.find(text)?;
    if text.ends_with(b"]]") && after.starts_with(b"]]><![CDATA[>") {
        return None;
    }
    inner_record(&text[..opens], true)
}

/// The first place in `text` where a whole start tag of a record stands.
fn inner_record(text: &[u8], last: bool) -> Option<usize> {
    let mut from = 0;
    while let Some(at) = find_open(&text[from..]) {
        let start = from + at;
        if tells_attributes(&text[start..]) {
            // Text may quote a record in one piece; that does not break it. Only at the end of the
            // data, where no end of the section was found, is it taken for a real one.
            return last.then_some(start);
        }
        from = start + 6;
    }
    None
}

/// `<event` and then something that is not a letter.
pub(super) fn find_open(data: &[u8]) -> Option<usize> {
    let mut from = 0;
    loop {
        let at = from + OPENING.find(&data[from..])?;
        if is_open(&data[at..]) {
            return Some(at);
        }
        from = at + 6;
    }
}

fn is_open(rest: &[u8]) -> bool {
    rest.starts_with(b"<event")
        && rest
            .get(6)
            .is_some_and(|byte| byte.is_ascii_whitespace() || matches!(byte, b'>' | b'/'))
}

/// Whether the tag at the start of `rest` has the attributes of a record.
fn tells_attributes(rest: &[u8]) -> bool {
    match tag_end(rest) {
        Tag::Ends(end) => Attributes::read(&rest[..end]).told >= 2,
        _ => false,
    }
}

#[derive(Debug, PartialEq, Eq)]
pub(super) enum Tag {
    /// After the `>`.
    Ends(usize),
    /// At a `<` that cannot stand in a tag, or after too many bytes.
    Broken(usize),
    Unfinished,
}

pub(super) fn tag_end(rest: &[u8]) -> Tag {
    let inside = &rest[rest.len().min(6)..];
    let tag = &inside[..inside.len().min(LONGEST_TAG - 6)];
    // Most tags have single quotes only, all of them closed: three searches tell.
    if let Some(end) = memchr::memchr(b'>', tag)
        && memchr::memchr2(b'<', b'"', &tag[..end]).is_none()
        && memchr::memchr_iter(b'\'', &tag[..end])
            .count()
            .is_multiple_of(2)
    {
        return Tag::Ends(end + 7);
    }
    tag_end_by_bytes(rest)
}

fn tag_end_by_bytes(rest: &[u8]) -> Tag {
    let mut at = 6;
    let mut quote = None;
    while let Some(byte) = rest.get(at) {
        match (quote, byte) {
            (_, b'<') => return Tag::Broken(at),
            (None, b'>') => return Tag::Ends(at + 1),
            (None, b'\'' | b'"') => quote = Some(*byte),
            (Some(open), byte) if open == *byte => quote = None,
            _ => {}
        }
        at += 1;
        if at > LONGEST_TAG {
            return Tag::Broken(at);
        }
    }
    Tag::Unfinished
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Whole records, and records with one byte damaged, taken out or put in: what the usual form
    /// says is what is said of any form.
    #[test]
    fn the_usual_record_is_read_as_any_record_is() {
        use crate::ingest::parsers::agent_log::attributes::{body_text, section_text};
        use std::cell::Cell;
        let plains = Cell::new(0);
        let same = |data: &[u8]| {
            // What is plain is usual.
            let tag = Attributes::usual(&data[blanks(data)..]);
            let body = tag.map(|(_, length)| blanks(data) + length);
            let plain = body.and_then(|body| plain_body(data, blanks(data), body));
            plains.set(plains.get() + usize::from(plain.is_some()));
            let Some(usual) = usual(data) else {
                assert_eq!(plain, None);
                return false;
            };
            let step = Step::Record {
                open: usual.open,
                body: usual.body,
                end: usual.end,
                whole: true,
            };
            assert_eq!(next(data, true), step);
            assert_eq!(next(data, false), step);
            let any = Attributes::read(&data[usual.open..usual.body]);
            assert_eq!(format!("{:?}", usual.attributes), format!("{any:?}"));
            let body = &data[usual.body..usual.end];
            assert_eq!(section_text(usual.text), body_text(body));
            if let Some(plain) = plain {
                assert_eq!(plain, (usual.text, usual.end, lines(body)));
            }
            true
        };
        let whole = &b"\r\n<event date='1' severity='4' source='P' >\n<![CDATA[a ]]1> b]\r\n]]>\n</event>\n<event date='2'>x</event>"[..];
        let plain = &b"<event date='1' severity='4' source='P' >\r\n<![CDATA[a b]]>\r\n </event>\n<event date='2'>x</event>"[..];
        assert!(same(whole) && same(plain));
        let mut usuals = 0;
        for (whole, at) in [whole, plain]
            .into_iter()
            .flat_map(|whole| (0..whole.len()).map(move |at| (whole, at)))
        {
            for byte in *b" '\"=x<>/[]!\n\0" {
                let damaged = [&whole[..at], &[byte], &whole[at + 1..]].concat();
                let longer = [&whole[..at], &[byte], &whole[at..]].concat();
                usuals += usize::from(same(&damaged)) + usize::from(same(&longer));
            }
            same(&whole[..at]);
            same(&[&whole[..at], &whole[at + 1..]].concat());
        }
        assert!(usuals > 1_800, "{usuals}");
        assert!(plains.get() > 900, "{plains:?}");
        for odd in [
            &b"<event date='1'><![CDATA[a]]><![CDATA[b]]></event>"[..],
            b"<event date='1'><![CDATA[a]]]]><![CDATA[>b]]></event>",
            b"<event date='1'>a<![CDATA[b]]></event>",
            b"<event date='1'><![CDATA[a]]>b</event>",
            b"<event date='1'><![CDATA[a]]> ]]></event>",
            b"<event date='1'><![CDATA[a<b]]></event>",
            b"x<event date='1'><![CDATA[a]]></event>",
        ] {
            assert!(!same(odd), "{}", String::from_utf8_lossy(odd));
        }
    }

    #[test]
    fn a_tag_ends_where_reading_it_byte_by_byte_says() {
        let whole = b"<event date='1' severity=\"4\" source='a>b' hostName='PS' >text</event>";
        for from in 0..whole.len() {
            for at in from..whole.len() {
                for byte in [b'\'', b'"', b'<', b'>', b'x'] {
                    let mut damaged = whole[..].to_vec();
                    damaged[at] = byte;
                    let rest = &damaged[from..];
                    assert_eq!(tag_end(rest), tag_end_by_bytes(rest));
                }
            }
        }
        for length in LONGEST_TAG - 20..LONGEST_TAG + 20 {
            let mut long = b"<event a='".to_vec();
            long.resize(length, b'x');
            long.extend_from_slice(b"'>");
            assert_eq!(tag_end(&long), tag_end_by_bytes(&long), "{length}");
        }
    }
}
