//! A document as text: in memory once, not beside its bytes, and cut where it is too large.

use super::Defect;
use super::encoding::{Encoding, Utf8Reader, into_text};
use std::io::{self, Read};

/// A document is held in memory as a whole, so it is cut here.
const LARGEST: u64 = 256 << 20;
/// Bytes that XML may have without a tag: the longest text of an element, and some.
const LONGEST_UNTAGGED: usize = (1 << 20) + (64 << 10);
/// Bytes read at a time.
const BLOCK: usize = 64 << 10;

/// The text of a document. What is too large is cut, and told.
pub fn text(stream: impl Read, encoding: Encoding, defects: &mut Vec<Defect>) -> String {
    let mut stream = Tagged::new(Utf8Reader::new(stream, encoding));
    let mut bytes = Vec::new();
    // Streams of the evidence stage end where they break, so an error means the same as an end.
    let _ = (&mut stream).take(LARGEST + 1).read_to_end(&mut bytes);
    let what = if bytes.len() as u64 > LARGEST {
        bytes.truncate(usize::try_from(LARGEST).unwrap_or(usize::MAX));
        Some(format!("a document of more than {} MiB", LARGEST >> 20))
    } else {
        stream
            .is_over
            .then(|| format!("more than {LONGEST_UNTAGGED} bytes without a tag"))
    };
    defects.extend(what.map(|what| Defect {
        line: None,
        what,
        cost: "what follows in it is not read".to_owned(),
        lost: true,
    }));
    into_text(bytes)
}

/// A document that begins with `<` ends where too much follows without another `<`.
struct Tagged<R> {
    inner: R,
    /// Whether it begins with `<`; not known before its first letter.
    is_markup: Option<bool>,
    /// Bytes since the last `<`.
    untagged: usize,
    is_over: bool,
}

impl<R: Read> Tagged<R> {
    fn new(inner: R) -> Self {
        Tagged {
            inner,
            is_markup: None,
            untagged: 0,
            is_over: false,
        }
    }
}

impl<R: Read> Read for Tagged<R> {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        if self.is_over {
            return Ok(0);
        }
        // Where the reader offers megabytes, not more is read than is needed to stop.
        let most = out.len().min(BLOCK);
        let count = self.inner.read(&mut out[..most])?;
        let read = &out[..count];
        let is_blank = |byte: &u8| byte.is_ascii_whitespace();
        if self.is_markup.is_none() {
            let first = read.iter().find(|byte| !is_blank(byte));
            self.is_markup = first.map(|first| *first == b'<');
        }
        self.untagged = match memchr::memrchr(b'<', read) {
            Some(last) => count - last,
            None => self.untagged + count,
        };
        self.is_over = self.is_markup == Some(true) && self.untagged > LONGEST_UNTAGGED;
        Ok(count)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(stream: impl Read) -> (usize, Vec<String>) {
        let mut defects = Vec::new();
        let text = text(stream, Encoding::Utf8, &mut defects);
        assert!(defects.iter().all(|defect| defect.lost));
        (
            text.len(),
            defects.into_iter().map(|defect| defect.what).collect(),
        )
    }

    #[test]
    fn xml_ends_where_no_tag_comes_and_other_text_goes_on() {
        let long = |start: &'static str, length: u64| {
            let text = io::repeat(b'x').take(length - start.len() as u64);
            start.as_bytes().chain(text)
        };
        let limit = LONGEST_UNTAGGED as u64;
        for start in ["<a>", " \r\n<a><!--", "<a b='"] {
            let tag = start.rfind('<').unwrap_or(0) as u64;
            let (length, told) = read(long(start, tag + limit));
            assert_eq!((length as u64, told.len()), (tag + limit, 0), "{start}");
            let (length, told) = read(long(start, 50 * limit));
            assert_eq!(told, ["more than 1114112 bytes without a tag"]);
            assert!(length <= LONGEST_UNTAGGED + 2 * BLOCK, "{length}");
        }
        assert_eq!(read(long("a<b", 3 * limit)), (3 * LONGEST_UNTAGGED, vec![]));
    }

    #[test]
    fn a_document_is_cut_at_its_limit_and_says_so() {
        let of = |length: u64| read(io::repeat(b'x').take(length));
        assert_eq!(of(LARGEST), (LARGEST as usize, vec![]));
        let told = vec!["a document of more than 256 MiB".to_owned()];
        assert_eq!(of(LARGEST + 1), (LARGEST as usize, told));
    }
}
