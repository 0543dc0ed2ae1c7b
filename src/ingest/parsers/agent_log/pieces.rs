//! One block of a log as a piece: all that can be said of its records without the rest of the file.
//!
//! What depends on the records before (a time that cannot be read, a host counted, a loss) is left
//! to the one who puts the pieces together; so pieces can be read by several threads at once.

use super::attributes::{Attributes, Sources, Writers, body_text, number, section_text, shown};
use super::steps::{Step, next, skip, usual};
use super::{
    LONGEST_CUT, Wordings, body_is_lost, holds_guid, is_overwritten, keep, lines, stamp_of,
};
use crate::ingest::LogRecord;
use crate::ingest::encoding::text;
use crate::ingest::messages::{Catalogue, near_family, template};
use crate::ingest::parsers::How;
use crate::model::{Record, Stamp};
use chrono::Timelike;
use std::collections::BTreeSet;
use std::sync::Arc;

/// Messages that are remembered with what they say: most of a log repeats itself.
const REMEMBERED: usize = 8_192;
/// Longer messages are not worth their memory.
const LONGEST_REMEMBERED: usize = 512;

/// What one block holds.
#[derive(Debug, Default)]
pub(super) struct Piece {
    /// In the order of the block.
    pub(super) found: Vec<Found>,
    /// The records of `found` that are kept.
    pub(super) kept: Vec<Kept>,
    /// Bytes that were used; what follows them needs the next block.
    pub(super) used: usize,
    /// Whether the block ends within a record that is too long to be read whole.
    pub(super) skipping: bool,
    /// Line breaks in the used bytes.
    pub(super) lines: u32,
    /// Hosts as written, each once.
    pub(super) hosts: Vec<Box<[u8]>>,
    pub(super) wordings: Wordings,
}

impl Piece {
    /// The same without all that it holds.
    fn emptied(mut self) -> Piece {
        self.found.clear();
        self.kept.clear();
        self.wordings.all.clear();
        self.wordings.places.clear();
        self.hosts.clear();
        Piece {
            used: 0,
            skipping: false,
            lines: 0,
            ..self
        }
    }
}

/// What one step found.
#[derive(Debug)]
pub(super) struct Found {
    /// Text before it that is more than white space, and the line where it begins.
    pub(super) between: Option<(u32, Box<[u8]>)>,
    /// The record's first line, counted from 0 in the block.
    pub(super) line: u32,
    pub(super) what: What,
}

#[derive(Debug)]
pub(super) enum What {
    /// `whole` is false if the end tag is missing although the text is complete.
    Record { whole: bool, told: Told },
    /// Broken off by the next record.
    Unfinished,
    /// Longer than can be read whole.
    Long(Option<Told>),
    /// Cut by the end of the file: the beginning of it.
    Tail(Box<[u8]>),
    /// Only text.
    Gone,
}

/// What one record says by itself.
#[derive(Debug)]
pub(super) struct Told {
    pub(super) date: Date,
    /// In [`Piece::hosts`].
    pub(super) host: Option<u32>,
    pub(super) tick: Option<u64>,
    /// Whether its text is lost.
    pub(super) lost: bool,
    /// Whether bytes stand in it that are no text.
    pub(super) overwritten: bool,
    /// Whether the record is one that is kept: the next of [`Piece::kept`].
    pub(super) kept: bool,
}

/// A record that is kept, and whether its wording was recognised.
pub(super) type Kept = (LogRecord, bool);

/// The time of a record.
#[derive(Debug)]
pub(super) enum Date {
    None,
    Read(Stamp),
    /// Of no known form, as it can be shown.
    Unknown(String),
}

/// Reads blocks. What it remembers makes it quick and changes no result.
pub(super) struct Reader<'c> {
    catalogue: &'c Catalogue,
    /// Two for each place, with a mark of their messages that spares a look at most others; the
    /// last one is for a message that is not worth to be remembered.
    known: Vec<(u32, Option<Box<Known>>)>,
    /// Names of catalogue entries, of which each thread has its own: to count the uses of one
    /// together, they would wait for each other at every record.
    patterns: BTreeSet<Arc<str>>,
    /// How many pieces were begun.
    pieces: u64,
    /// The last time as written, with what it says: records come in bursts.
    last_date: (Vec<u8>, Option<Stamp>),
    writers: Writers,
    sources: Sources,
    /// Whether start tags are kept.
    tags: bool,
    /// Whether the block holds a byte that text seldom has.
    is_odd: bool,
}

/// A message with all that is said of it by itself.
#[derive(Clone, Default)]
struct Known {
    /// Nothing for one that is too long to be remembered.
    message: Option<Box<str>>,
    error: bool,
    related: bool,
    kept: Option<Kept>,
    /// Its template, if it is one of those that are counted.
    template: Option<Arc<str>>,
    /// In which piece it was counted last, and where in [`Wordings::all`].
    counted: (u64, usize),
}

impl<'c> Reader<'c> {
    pub(super) fn new(how: &How<'c>) -> Reader<'c> {
        Reader {
            catalogue: how.catalogue,
            tags: how.tags,
            known: vec![(0, None); REMEMBERED + 1],
            patterns: BTreeSet::new(),
            pieces: 0,
            last_date: (Vec::new(), None),
            writers: Writers::default(),
            sources: Sources::default(),
            is_odd: false,
        }
    }

    /// Reads a block as far as it goes; `last` says that nothing follows, `skipping` that it begins
    /// within a record that is too long. What was found is put into `spare`.
    pub(super) fn read(&mut self, block: &[u8], last: bool, skipping: bool, spare: Piece) -> Piece {
        let mut piece = spare.emptied();
        piece.skipping = skipping;
        self.pieces += 1;
        self.is_odd = memchr::memchr2(0, 0xFF, block).is_some();
        while piece.used < block.len() || last {
            let data = &block[piece.used..];
            if !piece.skipping
                && let Some(usual) = usual(data)
            {
                let line = piece.lines.saturating_add(lines(&data[..usual.open]));
                let told = self.record(
                    &usual.attributes,
                    &data[usual.open..usual.body],
                    &data[usual.body..usual.end],
                    Some(usual.text),
                    line,
                    &mut piece,
                );
                piece.found.push(Found {
                    between: None,
                    line,
                    what: What::Record { whole: true, told },
                });
                piece.lines = line.saturating_add(lines(&data[usual.open..usual.end]));
                piece.used += usual.end;
                if last && piece.used == block.len() {
                    break;
                }
                continue;
            }
            let step = if piece.skipping {
                let (step, ended) = skip(data, last);
                piece.skipping = !ended;
                step
            } else {
                next(data, last)
            };
            let Some(length) = self.take(step, data, &mut piece) else {
                break;
            };
            piece.skipping |= matches!(step, Step::Long { .. });
            piece.used += length;
            if length == 0 || last && piece.used == block.len() {
                break;
            }
        }
        piece
    }

    /// Uses one step; returns how many bytes are done, `None` if more are needed.
    fn take(&mut self, step: Step, data: &[u8], piece: &mut Piece) -> Option<usize> {
        let (open, length) = match step {
            Step::Record { open, end, .. }
            | Step::Unfinished { open, end }
            | Step::Long { open, end, .. } => (open, end),
            Step::Tail { open } => (open, data.len()),
            Step::Gone { end } => (end, end),
            Step::More => return None,
        };
        let between = Some(&data[..open])
            .filter(|text| text.iter().any(|byte| !byte.is_ascii_whitespace()))
            .map(|text| (piece.lines, text.into()));
        let line = piece.lines.saturating_add(lines(&data[..open]));
        let what = match step {
            Step::Record {
                open,
                body,
                end,
                whole,
            } => What::Record {
                whole,
                told: self.any_record(&data[open..body], &data[body..end], line, piece),
            },
            Step::Unfinished { .. } => What::Unfinished,
            Step::Long { open, body, end } => What::Long(
                (body > open)
                    .then(|| self.any_record(&data[open..body], &data[body..end], line, piece)),
            ),
            Step::Tail { open } => {
                let cut = &data[open..];
                What::Tail(cut[..cut.len().min(LONGEST_CUT)].into())
            }
            Step::Gone { .. } | Step::More => What::Gone,
        };
        let rest = lines(&data[open..length]);
        piece.lines = line.saturating_add(rest);
        if between.is_some() || !matches!(what, What::Gone) {
            piece.found.push(Found {
                between,
                line,
                what,
            });
        }
        Some(length)
    }

    /// Reads a record of any form.
    fn any_record(&mut self, tag: &[u8], body: &[u8], line: u32, piece: &mut Piece) -> Told {
        self.record(&Attributes::read(tag), tag, body, None, line, piece)
    }

    /// What a record says by itself. `plain` is what its body says, if that is one text section.
    fn record(
        &mut self,
        attributes: &Attributes<'_>,
        tag: &[u8],
        body: &[u8],
        plain: Option<&[u8]>,
        line: u32,
        piece: &mut Piece,
    ) -> Told {
        let date = match attributes.date {
            None => Date::None,
            Some(date) => self.date(date),
        };
        let mut told = Told {
            date,
            host: host(attributes.host, piece),
            tick: attributes.tick.and_then(number),
            lost: plain.is_none() && body_is_lost(body),
            overwritten: self.is_odd && (is_overwritten(tag) || is_overwritten(body)),
            kept: false,
        };
        if told.lost {
            return told;
        }
        let related = attributes
            .source
            .is_some_and(|source| self.sources.related(source));
        let error = attributes.severity == Some(b"1");
        if !related && !error {
            let names_guid = holds_guid(body);
            if !names_guid && !self.catalogue.may_match(body, names_guid) {
                return told;
            }
        }
        let severity = attributes.severity();
        let place = match plain.and_then(|plain| self.remembered(plain, severity, related)) {
            Some(place) => place,
            None => {
                let message = match plain {
                    Some(plain) => section_text(plain),
                    None => body_text(body),
                };
                self.known(&message, severity, related)
            }
        };
        let Some(known) = &mut self.known[place].1 else {
            return told;
        };
        if let Some(template) = &known.template {
            if known.counted.0 != self.pieces {
                let pattern = known.kept.as_ref().and_then(|(record, recognised)| {
                    recognised.then(|| (record.pattern.clone(), record.wording))
                });
                let at = piece
                    .wordings
                    .place(template, || body_text(body), line, pattern);
                known.counted = (self.pieces, at);
            }
            piece.wordings.all[known.counted.1].1.count += 1;
        }
        if let Some((record, recognised)) = &known.kept {
            let header = Record {
                tag: self.tags.then(|| text(tag).into()),
                ..attributes.record(&mut self.writers)
            };
            piece.kept.push((again(record, line, header), *recognised));
            told.kept = true;
        }
        told
    }

    /// Where in `known` stands what a message says, whoever said it and when, if it is remembered.
    fn remembered(&self, message: &[u8], severity: Option<u8>, related: bool) -> Option<usize> {
        let (first, mark) = place(message);
        (first..first + 2).find(|place| {
            let (marked, known) = &self.known[*place];
            *marked == mark
                && known.as_ref().is_some_and(|known| {
                    known.error == (severity == Some(1))
                        && known.related == related
                        && known.message.as_deref().map(str::as_bytes) == Some(message)
                })
        })
    }

    /// The same for any message; what was not remembered is found out.
    fn known(&mut self, message: &str, severity: Option<u8>, related: bool) -> usize {
        if let Some(place) = self.remembered(message.as_bytes(), severity, related) {
            return place;
        }
        let (place, mark) = place(message.as_bytes());
        let mut kept = keep(
            severity,
            message,
            Default::default,
            None,
            None,
            0,
            self.catalogue,
        );
        if let Some((record, _)) = &mut kept {
            record.pattern = record.pattern.take().map(|pattern| self.own(&pattern));
        }
        let recognised = kept.as_ref().is_some_and(|(_, recognised)| *recognised);
        let named = kept
            .as_ref()
            .is_some_and(|(record, _)| record.package.is_some());
        // Chatter of a package-related source that names no package teaches nobody anything.
        let counted = named || related && (recognised || near_family(message));
        // What is of no interest comes in endless variety.
        let is_worth_it = message.len() <= LONGEST_REMEMBERED && (related || kept.is_some());
        let place = if is_worth_it { place } else { REMEMBERED };
        if is_worth_it {
            // Of two at one place, the older one goes.
            self.known.swap(place, place + 1);
        }
        let known = Some(Box::new(Known {
            message: is_worth_it.then(|| message.into()),
            error: severity == Some(1),
            related,
            kept,
            template: counted.then(|| template(message).into()),
            counted: (0, 0),
        }));
        self.known[place] = (mark, known);
        place
    }

    /// The name of a catalogue entry as this thread has it.
    fn own(&mut self, pattern: &str) -> Arc<str> {
        if let Some(own) = self.patterns.get(pattern) {
            return own.clone();
        }
        let own: Arc<str> = pattern.into();
        self.patterns.insert(own.clone());
        own
    }

    fn date(&mut self, written: &[u8]) -> Date {
        if self.last_date.0 != written {
            let (last, stamp) = &self.last_date;
            let near = stamp.and_then(|stamp| same_minute(last, stamp, written));
            self.last_date.1 = near.or_else(|| stamp_of(written));
            self.last_date.0.clear();
            self.last_date.0.extend_from_slice(written);
        }
        match self.last_date.1 {
            Some(stamp) => Date::Read(stamp),
            None => Date::Unknown(shown(written)),
        }
    }
}

/// The record of a line that says what `known` says.
fn again(known: &LogRecord, line: u32, header: Record) -> LogRecord {
    LogRecord {
        line,
        stamp: None,
        host: None,
        record: header,
        message: known.message.clone(),
        package: known.package,
        name: known.name.clone(),
        fact: known.fact.clone(),
        more: known.more.clone(),
        pattern: known.pattern.clone(),
        wording: known.wording,
    }
}

/// Where a message is remembered, and a mark that few others at its place have.
fn place(message: &[u8]) -> (usize, u32) {
    const FACTOR: u64 = 0x9E37_79B9_7F4A_7C15;
    let (words, rest) = message.as_chunks::<8>();
    let mut last = [0; 8];
    last[..rest.len()].copy_from_slice(rest);
    let mixed = words.iter().chain([&last]).fold(0_u64, |sum, word| {
        (sum.rotate_left(5) ^ u64::from_le_bytes(*word)).wrapping_mul(FACTOR)
    });
    let [high, low] =
        [mixed >> 32, mixed & 0xFFFF_FFFF].map(|half| u32::try_from(half).unwrap_or(0));
    (high as usize % (REMEMBERED / 2) * 2, low)
}

/// The time in `written`, if it differs from the last one, `last`, which says `stamp`, in nothing
/// but second and fraction: `09/26/2025 15:37:19.1234567 +02:00`. `None` says nothing.
fn same_minute(last: &[u8], stamp: Stamp, written: &[u8]) -> Option<Stamp> {
    /// After the minute's colon, and behind the fraction of seven digits.
    const SECOND: usize = 17;
    const AFTER: usize = 27;
    if written.len() != last.len()
        || written.len() < AFTER
        || (last[13], last[16], last[19]) != (b':', b':', b'.')
        || written[..SECOND] != last[..SECOND]
        || written[AFTER..] != last[AFTER..]
        || written[19] != b'.'
    {
        return None;
    }
    let second = number(&written[SECOND..19])?;
    let fraction = number(&written[20..AFTER])?;
    let all_digits = |text: &[u8]| {
        let mut digits = text[SECOND..19].iter().chain(&text[20..AFTER]);
        digits.all(u8::is_ascii_digit)
    };
    if second > 59 || !all_digits(last) || !all_digits(written) {
        return None;
    }
    let nanos = u32::try_from(fraction * 100).ok()?;
    let local = stamp
        .local
        .with_second(u32::try_from(second).ok()?)?
        .with_nanosecond(nanos)?;
    Some(Stamp { local, ..stamp })
}

/// The host as one of those of the piece.
fn host(written: Option<&[u8]>, piece: &mut Piece) -> Option<u32> {
    let written = written?.trim_ascii();
    if written.is_empty() {
        return None;
    }
    // A log has one host, or a few; one that invents them all is not searched for each.
    let from = piece.hosts.len().saturating_sub(8);
    let known = piece.hosts[from..].iter().position(|one| **one == *written);
    let place = known.map(|place| from + place).unwrap_or_else(|| {
        piece.hosts.push(written.into());
        piece.hosts.len() - 1
    });
    u32::try_from(place).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Times as they follow each other, and each with one byte changed: what is taken over from the
    /// time before gives what reading the time gives.
    #[test]
    fn a_time_in_the_same_minute_is_read_as_any_time_is() {
        let times = [
            "09/26/2025 15:37:19.1234567 +02:00",
            "09/26/2025 15:37:59.0000001 +02:00",
            "09/26/2025 03:37:05.9999999 PM",
            "2025-09-26T15:37:00.0000000Z",
            "09/26/2025 15:37:19 +02:00",
            "Sep 26 15:37:19",
            "9/26/2025 15:37:19.1234567",
        ];
        let mut taken_over = 0;
        for last in times {
            let stamp = stamp_of(last.as_bytes()).unwrap();
            let mut same = |written: &[u8]| {
                if let Some(near) = same_minute(last.as_bytes(), stamp, written) {
                    taken_over += 1;
                    let shown = String::from_utf8_lossy(written);
                    assert_eq!(Some(near), stamp_of(written), "{last}, {shown}");
                }
            };
            for time in times {
                same(time.as_bytes());
                for at in 0..time.len() {
                    for byte in *b"0569 :.+&x" {
                        let mut changed = time.as_bytes().to_vec();
                        changed[at] = byte;
                        same(&changed);
                    }
                }
            }
        }
        assert!(taken_over > 100, "{taken_over}");
    }
}
