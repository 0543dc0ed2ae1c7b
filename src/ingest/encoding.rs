//! Bytes to text, in any of the encodings that logs and documents come in.

use super::blocks::{Block, Blocks, copied};
use crate::evidence::Stretch;
use encoding_rs::{Decoder, SHIFT_JIS, UTF_16BE, UTF_16LE, WINDOWS_1252};
use std::borrow::Cow;
use std::io::{self, BufRead, Read};

/// How a file's bytes are to be read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Encoding {
    /// UTF-8 or any 8-bit text: what is not valid UTF-8 is taken for Windows-1252, piece by piece.
    Utf8,
    Utf16Le,
    Utf16Be,
}

/// How many bytes of a file are looked at to tell its encoding.
const PREFIX: usize = 4_096;
/// Bytes that are read from a UTF-16 stream at once.
const BLOCK: usize = 32 * 1_024;
const UTF8_BOM: &[u8] = b"\xEF\xBB\xBF";

/// Tells the encoding from the beginning of a file: by its byte order mark, else by where the NULs are.
///
/// ```
/// use pkgtrail::ingest::encoding::{Encoding, detect};
/// assert_eq!(detect(b"\xFF\xFE<\0"), Encoding::Utf16Le);
/// assert_eq!(detect(b"\0<\0e\0v"), Encoding::Utf16Be);
/// assert_eq!(detect(b"<event"), Encoding::Utf8);
/// ```
pub fn detect(prefix: &[u8]) -> Encoding {
    let prefix = &prefix[..prefix.len().min(PREFIX)];
    match prefix {
        [0xFF, 0xFE, ..] => return Encoding::Utf16Le,
        [0xFE, 0xFF, ..] => return Encoding::Utf16Be,
        _ => {}
    }
    let pairs = prefix.len() / 2;
    let (mut first, mut second) = (0, 0);
    for pair in prefix.chunks_exact(2) {
        first += usize::from(pair[0] == 0);
        second += usize::from(pair[1] == 0);
    }
    // More than 40 % in one half only: a file of zeros is no text at all.
    let many = |nuls: usize| pairs > 0 && nuls * 10 > pairs * 4;
    match (many(first), many(second)) {
        (false, true) => Encoding::Utf16Le,
        (true, false) => Encoding::Utf16Be,
        _ => Encoding::Utf8,
    }
}

/// Turns a stream into UTF-8 bytes: UTF-16 is recoded block by block, 8-bit bytes pass untouched.
/// A byte order mark is dropped. An odd last byte and lone surrogates become U+FFFD.
///
/// ```
/// use pkgtrail::ingest::encoding::{Encoding, Utf8Reader};
/// use std::io::Read;
/// let mut text = String::new();
/// Utf8Reader::new(&b"\xFF\xFEh\0i\0"[..], Encoding::Utf16Le).read_to_string(&mut text).unwrap();
/// assert_eq!(text, "hi");
/// ```
pub struct Utf8Reader<R> {
    inner: R,
    /// For UTF-16 only.
    decoder: Option<Decoder>,
    /// Decoded and not yet read.
    ready: Vec<u8>,
    taken: usize,
    started: bool,
    ended: bool,
}

impl<R: Read> Utf8Reader<R> {
    /// Reads `inner`, of which nothing was read yet, as `encoding` says.
    pub fn new(inner: R, encoding: Encoding) -> Self {
        let decoder = match encoding {
            Encoding::Utf8 => None,
            Encoding::Utf16Le => Some(UTF_16LE.new_decoder_with_bom_removal()),
            Encoding::Utf16Be => Some(UTF_16BE.new_decoder_with_bom_removal()),
        };
        Utf8Reader {
            inner,
            decoder,
            ready: Vec::new(),
            taken: 0,
            started: false,
            ended: false,
        }
    }

    /// Fills `ready` with the next piece of text; leaves it empty at the end.
    fn refill(&mut self) -> io::Result<()> {
        self.ready.clear();
        self.taken = 0;
        let Some(decoder) = &mut self.decoder else {
            // 8-bit: only the first three bytes are held back, to see whether they are a mark.
            if !self.started {
                self.started = true;
                (&mut self.inner).take(3).read_to_end(&mut self.ready)?;
                if self.ready == UTF8_BOM {
                    self.ready.clear();
                }
            }
            return Ok(());
        };
        let mut block = vec![0; BLOCK];
        while self.ready.is_empty() && !self.ended {
            let count = self.inner.read(&mut block)?;
            self.ended = count == 0;
            let room = decoder.max_utf8_buffer_length(count).unwrap_or(BLOCK * 4);
            self.ready.resize(room, 0);
            let (_, _, written, _) =
                decoder.decode_to_utf8(&block[..count], &mut self.ready, self.ended);
            self.ready.truncate(written);
        }
        Ok(())
    }
}

impl<R: Read> Read for Utf8Reader<R> {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        if self.taken == self.ready.len() {
            self.refill()?;
        }
        let waiting = &self.ready[self.taken..];
        if waiting.is_empty() && self.decoder.is_none() {
            return self.inner.read(out);
        }
        let count = waiting.len().min(out.len());
        out[..count].copy_from_slice(&waiting[..count]);
        self.taken += count;
        Ok(count)
    }
}

impl<R: BufRead> BufRead for Utf8Reader<R> {
    fn fill_buf(&mut self) -> io::Result<&[u8]> {
        if self.taken == self.ready.len() {
            self.refill()?;
        }
        if self.taken == self.ready.len() && self.decoder.is_none() {
            return self.inner.fill_buf();
        }
        Ok(&self.ready[self.taken..])
    }

    fn consume(&mut self, count: usize) {
        if self.taken < self.ready.len() {
            self.taken = (self.taken + count).min(self.ready.len());
        } else if self.decoder.is_none() {
            self.inner.consume(count);
        }
    }
}

impl<R: Blocks> Blocks for Utf8Reader<R> {
    fn next_block(&mut self, block: &mut Block) -> io::Result<()> {
        if self.decoder.is_some() || !self.started || self.taken < self.ready.len() {
            return copied(self, block);
        }
        self.inner.next_block(block)
    }

    fn promise(&mut self) -> Option<Stretch> {
        if self.decoder.is_some() || !self.started || self.taken < self.ready.len() {
            return None;
        }
        self.inner.promise()
    }

    fn took(&mut self, read: &Stretch) {
        self.inner.took(read);
    }
}

/// 8-bit bytes as text. Pieces that are not valid UTF-8 are read as Windows-1252, so that a log
/// into which two programs wrote is readable on both sides.
///
/// ```
/// use pkgtrail::ingest::encoding::text;
/// assert_eq!(text("Übersetzung".as_bytes()), "Übersetzung");
/// assert_eq!(text(b"\xDCbersetzung"), "Übersetzung");
/// ```
pub fn text(bytes: &[u8]) -> Cow<'_, str> {
    if let Ok(valid) = std::str::from_utf8(bytes) {
        return Cow::Borrowed(valid);
    }
    let mut out = String::with_capacity(bytes.len() + bytes.len() / 8);
    for chunk in bytes.utf8_chunks() {
        out.push_str(chunk.valid());
        out.push_str(&WINDOWS_1252.decode_without_bom_handling(chunk.invalid()).0);
    }
    Cow::Owned(out)
}

/// Bytes that a [`Utf8Reader`] gave as text, without a copy if they are valid UTF-8.
///
/// ```
/// use pkgtrail::ingest::encoding::into_text;
/// assert_eq!(into_text(b"\xDCbersetzung".to_vec()), "Übersetzung");
/// ```
pub fn into_text(bytes: Vec<u8>) -> String {
    String::from_utf8(bytes).unwrap_or_else(|error| {
        let bytes = error.into_bytes();
        console_text(&bytes).unwrap_or_else(|| text(&bytes).into_owned())
    })
}

/// A whole document as text. What its XML declaration says about the encoding does not count:
/// the bytes know better.
pub fn decode(bytes: &[u8]) -> String {
    match detect(bytes) {
        Encoding::Utf8 => {
            let bytes = bytes.strip_prefix(UTF8_BOM).unwrap_or(bytes);
            console_text(bytes).unwrap_or_else(|| text(bytes).into_owned())
        }
        Encoding::Utf16Le => UTF_16LE.decode_with_bom_removal(bytes).0.into_owned(),
        Encoding::Utf16Be => UTF_16BE.decode_with_bom_removal(bytes).0.into_owned(),
    }
}

/// The upper half of the code pages of Western and Central European consoles.
pub(in crate::ingest) const CP850: &str = "ÇüéâäàåçêëèïîìÄÅÉæÆôöòûùÿÖÜø£Ø×ƒáíóúñÑªº¿®¬½¼¡«»░▒▓│┤ÁÂÀ©╣║╗╝¢¥┐└┴┬├─┼ãÃ╚╔╩╦╠═╬¤ðÐÊËÈıÍÎÏ┘┌█▄¦Ì▀ÓßÔÒõÕµþÞÚÛÙýÝ¯´\u{AD}±‗¾¶§÷¸°¨·¹³²■\u{A0}";
pub(in crate::ingest) const CP852: &str = "ÇüéâäůćçłëŐőîŹÄĆÉĹĺôöĽľŚśÖÜŤťŁ×čáíóúĄąŽžĘę¬źČş«»░▒▓│┤ÁÂĚŞ╣║╗╝Żż┐└┴┬├─┼Ăă╚╔╩╦╠═╬¤đĐĎËďŇÍÎě┘┌█▄ŢŮ▀ÓßÔŃńňŠšŔÚŕŰýÝţ´\u{AD}˝˛ˇ˘§÷¸°¨˙űŘř■\u{A0}";

/// What `dir` writes in the code page of a console, and what would be other letters in Windows
/// text: bytes, and the upper half of the page; without one, it is Shift JIS.
#[rustfmt::skip]
const CONSOLE: &[(&[u8], Option<&str>)] = &[
    (b"R\x82pertoire de ", Some(CP850)),
    (b"R\x82p(s)", Some(CP850)),
    (b"Datentr\x84ger", Some(CP850)),
    (b"n\xA3mero de serie", Some(CP850)),
    (b"N\xA3mero de S\x82rie", Some(CP850)),
    (b"Diret\xA2rio de ", Some(CP850)),
    (b"dispon\xA1veis", Some(CP850)),
    (b"nell'unit\x85", Some(CP850)),
    (b"plik(\xA2w)", Some(CP852)),
    (b"katalog(\xA2w)", Some(CP852)),
    (b"Zawarto\x98\x86 katalogu", Some(CP852)),
    (b"\x82\xCC\x83f\x83B\x83\x8C\x83N\x83g\x83\x8A", None),
];

/// Text in the code page of a console, if its words show that it is in one.
fn console_text(bytes: &[u8]) -> Option<String> {
    if std::str::from_utf8(bytes).is_ok() {
        return None;
    }
    let (_, page) = CONSOLE
        .iter()
        .find(|(words, _)| memchr::memmem::find(bytes, words).is_some())?;
    let Some(page) = page else {
        return Some(SHIFT_JIS.decode_without_bom_handling(bytes).0.into_owned());
    };
    let upper: Vec<char> = page.chars().collect();
    let letter = |byte: &u8| match byte.checked_sub(0x80) {
        Some(at) => upper[usize::from(at)],
        None => char::from(*byte),
    };
    Some(bytes.iter().map(letter).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn recoded(text: &str, little: bool, mark: bool) -> Vec<u8> {
        let mark = if mark { "\u{FEFF}" } else { "" };
        (mark.to_owned() + text)
            .encode_utf16()
            .flat_map(|unit| {
                if little {
                    unit.to_le_bytes()
                } else {
                    unit.to_be_bytes()
                }
            })
            .collect()
    }

    /// Reads in odd small pieces, as a decompressor may.
    struct Dripping<'a>(&'a [u8]);

    impl Read for Dripping<'_> {
        fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
            let count = out.len().min(3).min(self.0.len());
            out[..count].copy_from_slice(&self.0[..count]);
            self.0 = &self.0[count..];
            Ok(count)
        }
    }

    fn streamed(bytes: &[u8]) -> String {
        let mut out = Vec::new();
        Utf8Reader::new(Dripping(bytes), detect(bytes))
            .read_to_end(&mut out)
            .unwrap();
        text(&out).into_owned()
    }

    #[test]
    fn one_text_in_eight_encodings_is_one_text() {
        let story = "<event date='Sep 26'><![CDATA[Übersetzung fertig: C:\\Français]]></event>\r\n";
        let eight_bit = WINDOWS_1252.encode(story).0.into_owned();
        let mut marked = UTF8_BOM.to_vec();
        marked.extend(story.as_bytes());
        let mut mixed = story.as_bytes().to_vec();
        mixed.extend(&eight_bit);
        for bytes in [
            story.as_bytes().to_vec(),
            marked,
            eight_bit,
            recoded(story, true, true),
            recoded(story, true, false),
            recoded(story, false, true),
            recoded(story, false, false),
        ] {
            assert_eq!(decode(&bytes), story);
            assert_eq!(streamed(&bytes), story);
        }
        assert_eq!(decode(&mixed), story.repeat(2));
    }

    #[test]
    fn broken_utf16_keeps_what_is_whole() {
        assert_eq!(streamed(b"\xFF\xFEh\0i\0x"), "hi\u{FFFD}");
        assert_eq!(streamed(b"\xFF\xFEh\0\x00\xD8i\0"), "h\u{FFFD}i");
        assert_eq!(streamed(b"\xFF\xFE"), "");
    }

    #[test]
    fn nuls_alone_do_not_make_utf16() {
        assert_eq!(detect(&[0; 64]), Encoding::Utf8);
        assert_eq!(detect(b""), Encoding::Utf8);
        assert_eq!(detect(b"a"), Encoding::Utf8);
        // 40 % exactly is not more than 40 %.
        assert_eq!(detect(b"a\0b\0cdefgh"), Encoding::Utf8);
        assert_eq!(detect(b"a\0b\0c\0efgh"), Encoding::Utf16Le);
    }

    #[test]
    fn short_and_empty_files_pass() {
        for bytes in [&b""[..], b"a", b"\xEF", b"\xEF\xBB", b"\xEF\xBB\xBF"] {
            let expected = if bytes.len() == 3 {
                String::new()
            } else {
                text(bytes).into_owned()
            };
            assert_eq!(streamed(bytes), expected);
        }
    }

    #[test]
    fn console_pages_have_all_letters() {
        assert_eq!(CP850.chars().count(), 128);
        assert_eq!(CP852.chars().count(), 128);
        assert_eq!(
            decode(b"R\x82pertoire de D:\\Fran\x87ais"),
            "Répertoire de D:\\Français"
        );
        assert_eq!(decode(b"1 plik(\xA2w)  \x88\x98\xBE"), "1 plik(ów)  łśż");
        assert_eq!(
            decode(b" D:\\\x95\x5C \x82\xCC\x83f\x83B\x83\x8C\x83N\x83g\x83\x8A"),
            " D:\\表 のディレクトリ"
        );
        // Windows text and UTF-8 stay what they are.
        assert_eq!(
            decode(b"R\xE9pertoire de D:\\Fran\xE7ais"),
            "Répertoire de D:\\Français"
        );
        assert_eq!(decode("Datenträger ‚".as_bytes()), "Datenträger ‚");
    }
}
