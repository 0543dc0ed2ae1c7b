//! One block of a log as a piece: all that can be said of its records without the rest of the file.
//!
//! What depends on the records before (a time that cannot be read, a host counted, a loss) is left
//! to the one who puts the pieces together; so pieces can be read by several threads at once.

use super::attributes::{Attributes, Sources, Writers, body_text, number, section_text, shown};
use super::habits::{Habits, Usual, first_digits};
use super::steps::{Step, gap, next, plain_body, skip, usual, usual_body};
use super::{LONGEST_CUT, Wordings, body_is_lost, holds_guid, is_overwritten, lines, stamp_of};
use crate::ingest::LogRecord;
use crate::ingest::encoding::text;
use crate::ingest::messages::{Catalogue, Manner, Remembered};
use crate::ingest::parsers::How;
use crate::model::{Local, Record, Said, Stamp, StartTag};
use std::sync::Arc;

/// What one block holds.
#[derive(Debug, Default)]
pub(super) struct Piece {
    /// In the order of the block.
    pub(super) plain: Vec<Plain>,
    /// What stands between them.
    pub(super) others: Vec<Found>,
    /// The records that are kept.
    pub(super) kept: Vec<LogRecord>,
    /// How many of these have a known wording, and how many name a package and have none.
    pub(super) matched: u64,
    pub(super) unmatched: u64,
    /// Whether one of them says more besides.
    pub(super) tells_more: bool,
    /// Whether what one of them says may depend on the records beside it.
    pub(super) asks: bool,
    /// What they say with the name of a package, and how often.
    pub(super) named: Vec<(u64, Arc<Said>)>,
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
        self.plain.clear();
        self.others.clear();
        self.kept.clear();
        self.named.clear();
        (self.matched, self.unmatched) = (0, 0);
        (self.tells_more, self.asks) = (false, false);
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

    /// Puts in what stands behind all that was found so far.
    fn find(&mut self, line: u32, what: What) {
        let after = self.plain.len();
        self.others.push(Found { after, line, what });
    }

    /// Puts in a record; `whole` as in [`What::Record`].
    fn record(&mut self, line: u32, whole: bool, told: Told) {
        match told {
            Told {
                date: Date::Read(stamp),
                host,
                tick: Some(tick),
                text:
                    Text {
                        lost: false,
                        overwritten: false,
                        kept,
                    },
            } if whole => self.plain.push(Plain {
                line,
                stamp,
                tick,
                host,
                kept,
            }),
            told => self.find(
                line,
                What::Record {
                    whole,
                    told: told.into(),
                },
            ),
        }
    }
}

/// A record of which there is nothing to be told but what nearly all say; small, as there are
/// hundreds of thousands.
#[derive(Debug)]
pub(super) struct Plain {
    /// The first line, counted from 0 in the block.
    pub(super) line: u32,
    pub(super) stamp: Stamp,
    pub(super) tick: u64,
    /// As in [`Told`].
    pub(super) host: Option<u32>,
    pub(super) kept: bool,
}

/// What else one step found.
#[derive(Debug)]
pub(super) struct Found {
    /// How many [`Plain`] records of the piece stand before it.
    pub(super) after: usize,
    /// As in [`Plain`].
    pub(super) line: u32,
    pub(super) what: What,
}

#[derive(Debug)]
pub(super) enum What {
    /// A record of any form. `whole` is false if the end tag is missing although the text is complete.
    Record { whole: bool, told: Box<Told> },
    /// Text before what follows that is more than white space.
    Between(Box<[u8]>),
    /// Broken off by the next record.
    Unfinished,
    /// Longer than can be read whole.
    Long(Option<Box<Told>>),
    /// Cut by the end of the file: the beginning of it.
    Tail(Box<[u8]>),
}

/// What one record says by itself.
#[derive(Debug)]
pub(super) struct Told {
    pub(super) date: Date,
    /// In [`Piece::hosts`].
    pub(super) host: Option<u32>,
    pub(super) tick: Option<u64>,
    pub(super) text: Text,
}

/// What became of the text of a record.
#[derive(Debug, Clone, Copy)]
pub(super) struct Text {
    /// Whether it is lost.
    pub(super) lost: bool,
    /// Whether bytes stand in it that are no text.
    pub(super) overwritten: bool,
    /// Whether the record is one that is kept: the next of [`Piece::kept`].
    pub(super) kept: bool,
}

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
    remembered: Remembered,
    dates: Dates,
    writers: Writers,
    sources: Sources,
    habits: Habits,
    /// Whether start tags are kept.
    tags: bool,
}

/// What the start tag of a record says of the record that is made of it.
struct Head<'t> {
    tick: Option<u64>,
    severity: Option<u8>,
    /// Whether a part of the agent wrote it that has to do with packages.
    is_related: bool,
    thread: Option<u32>,
    writer: Wrote<'t>,
    /// Whether all bytes of the tag are known to be text.
    is_text: bool,
}

/// Who wrote a record.
enum Wrote<'t> {
    As(&'t Attributes<'t>),
    ByHabit(Usual<'t>),
}

impl<'c> Reader<'c> {
    pub(super) fn new(how: &How<'c>) -> Reader<'c> {
        Reader {
            catalogue: how.catalogue,
            tags: how.tags,
            remembered: how.catalogue.remembered(),
            dates: Dates::default(),
            writers: Writers::default(),
            sources: Sources::default(),
            habits: Habits::default(),
        }
    }

    /// Ends it; what it remembers stays for the next one.
    pub(super) fn end(self) {
        self.catalogue.keep(self.remembered);
    }

    /// Reads a block as far as it goes; `last` says that nothing follows, `skipping` that it begins
    /// within a record that is too long. What was found is put into `spare`.
    pub(super) fn read(&mut self, block: &[u8], last: bool, skipping: bool, spare: Piece) -> Piece {
        let mut piece = spare.emptied();
        piece.skipping = skipping;
        self.remembered.begin();
        while piece.used < block.len() || last {
            let data = &block[piece.used..];
            if !piece.skipping
                && let Some(end) = self.usual(data, &mut piece)
            {
                piece.used += end;
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

    /// Reads the next record if it is of the usual form; returns where it ends.
    fn usual(&mut self, data: &[u8], piece: &mut Piece) -> Option<usize> {
        let (open, breaks) = gap(data);
        let line = piece.lines.saturating_add(breaks);
        if let Some((rest, end)) = self.by_habit(data, open, line, piece) {
            piece.lines = line.saturating_add(rest);
            return Some(end);
        }
        let usual = usual(data)?;
        let tag = &data[usual.open..usual.body];
        let is_related = self.is_related(&usual.attributes);
        self.habits
            .learn(tag, &usual.attributes, is_related, &mut self.writers);
        let body = &data[usual.body..usual.end];
        let told = self.any_record(&usual.attributes, tag, body, Some(usual.text), line, piece);
        piece.record(line, true, told);
        let rest = lines(&data[usual.open..usual.end]);
        piece.lines = line.saturating_add(rest);
        Some(usual.end)
    }

    /// Reads the record at `open` if its tag is written by habit; returns its line breaks and where
    /// it ends.
    fn by_habit(
        &mut self,
        data: &[u8],
        open: usize,
        line: u32,
        piece: &mut Piece,
    ) -> Option<(u32, usize)> {
        let usual = self.habits.find(&data[open..], self.dates.last.len())?;
        let body = open + usual.end;
        let (text, end, below) = match plain_body(data, open, body) {
            Some(plain) => plain,
            None => {
                let (text, end) = usual_body(data, open, body)?;
                (text, end, lines(&data[body..end]))
            }
        };
        let stamp = self.dates.near(usual.date);
        if stamp.is_none() && !is_one_value(usual.date) {
            return None;
        }
        let habit = self.habits.of(usual.habit)?;
        let number = self.remembered.piece();
        if habit.host_place.0 != number {
            habit.host_place = (number, host(habit.host.as_deref(), piece));
        }
        let (host, breaks) = (habit.host_place.1, habit.lines);
        let (date, tick) = (usual.date, usual.tick);
        let head = Head {
            tick: Some(tick),
            severity: habit.severity,
            is_related: habit.is_related,
            thread: u32::try_from(usual.thread).ok(),
            writer: Wrote::ByHabit(usual),
            // Neither a habit nor a time is learnt of anything else.
            is_text: stamp.is_some(),
        };
        let (tag, body) = (&data[open..body], &data[body..end]);
        let text = self.record(head, tag, body, Some(text), line, piece);
        // Put where it belongs at once: to move what was written in small pieces just now takes long.
        if let (Some(stamp), false) = (stamp, text.lost || text.overwritten) {
            piece.plain.push(Plain {
                line,
                stamp,
                tick,
                host,
                kept: text.kept,
            });
        } else {
            let told = Told {
                date: stamp.map_or_else(|| self.dates.date(date), Date::Read),
                host,
                tick: Some(tick),
                text,
            };
            piece.record(line, true, told);
        }
        Some((breaks.saturating_add(below), end))
    }

    /// Whether a part of the agent wrote a record that has to do with packages.
    fn is_related(&mut self, attributes: &Attributes<'_>) -> bool {
        let source = attributes.source;
        source.is_some_and(|source| self.sources.related(source))
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
        let between = &data[..open];
        if between.iter().any(|byte| !byte.is_ascii_whitespace()) {
            piece.find(piece.lines, What::Between(between.into()));
        }
        let line = piece.lines.saturating_add(lines(&data[..open]));
        let mut read = |open: usize, body: usize, end: usize, piece: &mut Piece| {
            let (tag, body) = (&data[open..body], &data[body..end]);
            self.any_record(&Attributes::read(tag), tag, body, None, line, piece)
        };
        match step {
            Step::Record {
                open,
                body,
                end,
                whole,
            } => {
                let told = read(open, body, end, piece);
                piece.record(line, whole, told);
            }
            Step::Unfinished { .. } => piece.find(line, What::Unfinished),
            Step::Long { open, body, end } => {
                let told = (body > open).then(|| read(open, body, end, piece));
                piece.find(line, What::Long(told.map(Box::new)));
            }
            Step::Tail { open } => {
                let cut = &data[open..];
                let cut = &cut[..cut.len().min(LONGEST_CUT)];
                piece.find(line, What::Tail(cut.into()));
            }
            Step::Gone { .. } | Step::More => {}
        }
        let rest = lines(&data[open..length]);
        piece.lines = line.saturating_add(rest);
        Some(length)
    }

    /// Reads a record by its attributes; `plain` as in [`Reader::record`].
    fn any_record(
        &mut self,
        attributes: &Attributes<'_>,
        tag: &[u8],
        body: &[u8],
        plain: Option<&[u8]>,
        line: u32,
        piece: &mut Piece,
    ) -> Told {
        let date = attributes
            .date
            .map_or(Date::None, |date| self.dates.date(date));
        let (host, tick) = (
            host(attributes.host, piece),
            attributes.tick.and_then(number),
        );
        let head = Head {
            tick,
            severity: attributes.severity(),
            is_related: self.is_related(attributes),
            thread: attributes.thread(),
            writer: Wrote::As(attributes),
            is_text: false,
        };
        Told {
            date,
            host,
            tick,
            text: self.record(head, tag, body, plain, line, piece),
        }
    }

    /// Reads the text of a record. `plain` is what its body says, if that is one text section.
    fn record(
        &mut self,
        head: Head<'_>,
        tag: &[u8],
        body: &[u8],
        plain: Option<&[u8]>,
        line: u32,
        piece: &mut Piece,
    ) -> Text {
        let lost = plain.is_none() && body_is_lost(body);
        let is_odd = |part: &[u8]| memchr::memchr2(0, 0xFF, part).is_some() && is_overwritten(part);
        let mut told = Text {
            lost,
            overwritten: !head.is_text && is_odd(tag),
            kept: false,
        };
        if lost {
            told.overwritten |= is_odd(body);
            return told;
        }
        let manner = Manner {
            is_error: head.severity == Some(1),
            is_related: head.is_related,
        };
        if !manner.is_related && !manner.is_error {
            let said = plain.unwrap_or(body);
            let interests = |text: &[u8]| holds_guid(text) || self.catalogue.may_match(text);
            let quiet = &mut self.remembered.quiet;
            // Beside its text, a plain body holds markup and white space.
            if plain.is_some() && quiet.holds(said, |text| is_odd(text) || interests(text)) {
                return told;
            }
            if !interests(said) {
                told.overwritten |= is_odd(body);
                return told;
            }
        }
        // What is remembered is text.
        let found = plain.and_then(|plain| self.remembered.find(plain, manner));
        told.overwritten |= found.is_none() && is_odd(body);
        let place = match found {
            Some(place) => place,
            None => {
                let message = match plain {
                    Some(plain) => section_text(plain),
                    None => body_text(body),
                };
                self.remembered.place(&message, manner, self.catalogue)
            }
        };
        let number = self.remembered.piece();
        let Some(known) = self.remembered.at(place) else {
            return told;
        };
        if let Some(template) = &known.template {
            if known.counted.0 != number {
                let said = known.said.as_ref().filter(|_| known.recognised);
                let pattern = said.map(|said| (said.pattern.clone(), said.wording));
                let at = piece
                    .wordings
                    .place(template, || body_text(body), line, pattern);
                known.counted = (number, at);
            }
            piece.wordings.all[known.counted.1].1.count += 1;
        }
        if let Some(said) = &known.said {
            let (writer, usual) = match head.writer {
                Wrote::As(attributes) => (attributes.writer(&mut self.writers), None),
                Wrote::ByHabit(usual) => (self.habits.writer(&usual), Some(usual)),
            };
            let start_tag = || match usual {
                Some(usual) => self.habits.start_tag(&usual, tag),
                None => StartTag::of(&text(tag)),
            };
            let record = Record {
                severity: head.severity,
                writer,
                thread: head.thread,
                tick: head.tick,
                tag: self.tags.then(|| start_tag().into()),
            };
            let record = LogRecord::new(record, Arc::clone(said));
            piece.matched += u64::from(known.recognised);
            piece.unmatched += u64::from(!known.recognised && known.is_of_package);
            piece.tells_more |= known.tells_more;
            piece.asks |= known.asks;
            if known.is_named {
                if known.named.0 != number {
                    known.named = (number, piece.named.len());
                    piece.named.push((0, Arc::clone(said)));
                }
                piece.named[known.named.1].0 += 1;
            }
            piece.kept.push(record);
            told.kept = true;
        }
        told
    }
}

/// A time as written lately, with what it says: records come in bursts.
#[derive(Default)]
struct Dates {
    last: Vec<u8>,
    stamp: Option<Stamp>,
    /// What it says of the times of the same minute, if it is of their form.
    minute: Option<Minute>,
}

impl Dates {
    /// The time that is written, if it is the last one that was read or in the same minute.
    #[inline]
    fn near(&self, written: &[u8]) -> Option<Stamp> {
        let minute = self.minute.as_ref();
        minute
            .and_then(|minute| minute.time(written))
            .or_else(|| self.stamp.filter(|_| self.last == written))
    }

    fn date(&mut self, written: &[u8]) -> Date {
        let near = self.near(written);
        let stamp = match near {
            None if self.last != written => self.learn(written),
            near => near,
        };
        match stamp {
            Some(stamp) => Date::Read(stamp),
            None => Date::Unknown(shown(written)),
        }
    }

    /// Reads a time of any form.
    fn learn(&mut self, written: &[u8]) -> Option<Stamp> {
        let stamp = stamp_of(written);
        self.last.clear();
        self.stamp = stamp.filter(|_| is_one_value(written) && !is_overwritten(written));
        // By another one, no time is known.
        if self.stamp.is_some() {
            self.last.extend_from_slice(written);
        }
        self.minute = self.stamp.and_then(|stamp| Minute::of(written, stamp));
        stamp
    }
}

/// Times that differ in nothing but second and fraction: `09/26/2025 15:37:19.1234567 +02:00`.
struct Minute {
    /// Up to the second.
    before: [u8; Minute::SECOND],
    /// Bytes of the whole.
    length: usize,
    /// The last bytes, and which of them stand behind the fraction.
    last: u64,
    after: u64,
    /// One of the times, and the milliseconds at which the minute begins.
    stamp: Stamp,
    begin: i64,
}

impl Minute {
    /// After the minute's colon, and behind the fraction of seven digits.
    const SECOND: usize = 17;
    const AFTER: usize = 27;

    /// The minute of a time as written, which says `stamp`, if it is of that form.
    fn of(written: &[u8], stamp: Stamp) -> Option<Minute> {
        let (before, rest) = written.split_first_chunk()?;
        if (before[13], before[16]) != (b':', b':') {
            return None;
        }
        second(rest)?;
        let after = u32::try_from(written.len().checked_sub(Minute::AFTER)?).ok()?;
        let fraction = (u64::BITS / 8).checked_sub(after)? * 8;
        Some(Minute {
            before: *before,
            length: written.len(),
            last: u64::from_le_bytes(*written.last_chunk()?),
            after: u64::MAX.checked_shl(fraction).unwrap_or(0),
            stamp,
            begin: stamp.local_ms().div_euclid(60_000) * 60_000,
        })
    }

    /// The time in `written`, if it is one of these. `None` says nothing.
    #[inline]
    fn time(&self, written: &[u8]) -> Option<Stamp> {
        let (before, rest) = written.split_first_chunk::<{ Minute::SECOND }>()?;
        let last = u64::from_le_bytes(*written.last_chunk()?);
        if *before != self.before
            || written.len() != self.length
            || (last ^ self.last) & self.after != 0
        {
            return None;
        }
        let (second, fraction) = second(rest)?;
        let ms = self.begin + i64::from(second * 1_000 + fraction / 10_000);
        Some(Stamp {
            local: Local::new(ms, fraction % 10_000 * 100),
            ..self.stamp
        })
    }
}

/// The second and its fraction in units of 100 ns, of `19.1234567` and what follows.
fn second(rest: &[u8]) -> Option<(u32, u32)> {
    let [tens, ones, b'.', fraction @ ..] = rest.first_chunk::<10>()? else {
        return None;
    };
    let mut eight = [b'0'; 8];
    eight[1..].copy_from_slice(fraction);
    let (tens, ones) = (tens.wrapping_sub(b'0'), ones.wrapping_sub(b'0'));
    let (fraction, 8) = first_digits(eight) else {
        return None;
    };
    let second = u32::from(tens) * 10 + u32::from(ones);
    (tens < 6 && ones < 10).then_some((second, u32::try_from(fraction).ok()?))
}

/// Whether no value ends in a text, nor a line.
fn is_one_value(text: &[u8]) -> bool {
    memchr::memchr3(b'\'', b'<', b'\n', text).is_none()
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

    /// A record by itself, and the same behind others that are written alike: what is said is the
    /// same. Whole records, and records with one byte damaged, taken out or put in.
    #[test]
    fn a_tag_written_by_habit_is_read_as_any_tag_is() {
        let catalogue = Catalogue::new();
        let how = How {
            catalogue: &catalogue,
            order: None,
            threads: 1,
            tags: true,
        };
        let record = |severity: u8, second: u8, tick: u32| {
            format!(
                "<event date='03/02/2026 00:00:{second:02}.0580000 +01:00' severity='{severity}' hostName='PS' source='Package Delivery' module='a.dll' process='Aex.exe' pid='38' thread='17' tickCount='{tick}' >\n<![CDATA[Marking package id: {{1EC214B8-E862-44A9-B3A6-27D918D136A2}} as deleted]]>\n</event>"
            )
        };
        // What is found behind the first records, in the order and with the lines of the text.
        let read = |before: &[u8], records: usize, text: &[u8]| {
            let mut reader = Reader::new(&how);
            let whole = [before, text].concat();
            let mut piece = reader.read(&whole, true, false, Piece::default());
            assert_eq!(piece.lines, lines(&whole[..piece.used]));
            let breaks = lines(before);
            // Hosts have other numbers behind others.
            let hosts = &piece.hosts;
            let host = |place: Option<u32>| place.map(|place| &hosts[place as usize]);
            let plain = piece.plain.iter().skip(records).map(|one| {
                let (line, kept) = (one.line - breaks, one.kept);
                let (stamp, host) = (one.stamp, host(one.host));
                format!("{line} {host:?} {stamp:?} {} {kept}", one.tick)
            });
            let others = piece.others.iter_mut().map(|one| {
                let (after, line) = (one.after - records, one.line - breaks);
                let place = match &mut one.what {
                    What::Record { told, .. } | What::Long(Some(told)) => told.host.take(),
                    _ => None,
                };
                format!("{after} {line} {:?} {:?}", host(place), one.what)
            });
            let found = plain.chain(others);
            // The wording of the first records is known.
            let known = (piece.matched - records as u64, piece.unmatched);
            let kept = piece
                .kept
                .iter()
                .skip(records)
                .map(|record| format!("{:?} {:?}", record.record, record.said));
            let known = [format!("{known:?}")];
            let all: Vec<String> = found.chain(kept).chain(known).collect();
            let used = (piece.lines - breaks, piece.used - before.len());
            (reader.habits.used, all, used)
        };
        let before = [record(4, 1, 5), record(16, 2, 6)].concat();
        let own = read(before.as_bytes(), 2, b"").0;
        let mut by_habit = 0;
        let mut same = |text: &[u8]| {
            let alone = read(b"", 0, text);
            let behind = read(before.as_bytes(), 2, text);
            by_habit += behind.0 - alone.0 - own;
            assert_eq!((alone.1, alone.2), (behind.1, behind.2));
        };
        // A form that is no text, by habit, and a number with a zero as long as what is made of it.
        let no_text = |tag: String| {
            let mut bytes = tag.replace("module='a", "module='?").into_bytes();
            bytes
                .iter_mut()
                .filter(|one| **one == b'?')
                .for_each(|one| *one = 0xE4);
            bytes
        };
        let zero = |tag: String| tag.replace("thread='17'", "thread='017'");
        let of_no_text = [record(4, 1, 5), record(4, 2, 6), zero(record(4, 3, 7))];
        same(&of_no_text.map(no_text).concat());
        // Times that do not follow each other, of another form.
        let old = |second| record(4, second, 9).replace("03/02/2026 00:00:", "Sep 26 15:37:");
        let old = |second| old(second).replace(".0580000 +01:00", "");
        same([old(3), old(4), old(5)].concat().as_bytes());
        // A time with a line break in it, twice.
        let broken = record(4, 1, 5).replace("+01:00'", "+01:00\n'");
        same(broken.repeat(3).as_bytes());
        for whole in [record(4, 1, 5), record(4, 59, 123), record(16, 3, 7)] {
            let whole = whole.as_bytes();
            same(whole);
            for at in 0..whole.len() {
                for byte in *b" '\"=x<>/[]!\n\x000" {
                    same(&[&whole[..at], &[byte], &whole[at + 1..]].concat());
                    same(&[&whole[..at], &[byte], &whole[at..]].concat());
                }
                same(&whole[..at]);
                same(&[&whole[..at], &whole[at + 1..]].concat());
            }
        }
        assert!(by_habit > 1_000, "{by_habit}");
    }

    /// Records of parts that have nothing to do with packages, which differ in nothing but digits: each
    /// alone says what it says behind all others.
    #[test]
    fn chatter_is_told_from_the_rest_whatever_came_before() {
        let catalogue = Catalogue::new();
        let how = How {
            catalogue: &catalogue,
            order: None,
            threads: 1,
            tags: false,
        };
        let text = |number: u32| {
            let texts = [
                "Timer thread woke, # job(s) due",
                "Operation 'Get File' finished in # ms",
                "Operation 'Get File' failed. Http status: 4#",
                "Package Server refresh: # packages",
                "# {12345678-1234-1234-1234-12345678901#}",
                "# {00000000-0000-0000-0000-000000000000}",
                r"Deleting C:\Temp\#.tmp",
                "GET /Altiris/# failed, HTTP 50#",
                "Grüße # von # Gästen",
            ];
            texts.map(|text| text.replace('#', &(number % 10).to_string()))
        };
        let record = |text: &str| {
            format!(
                "<event date='03/02/2026 00:00:01.0580000 +01:00' severity='4' hostName='PS' source='Scheduler' module='a.dll' process='a.exe' pid='38' thread='17' tickCount='5' >\n<![CDATA[{text}]]>\n</event>\n"
            )
        };
        let told = |reader: &mut Reader<'_>, log: &str| {
            let piece = reader.read(log.as_bytes(), true, false, Piece::default());
            assert!(piece.others.is_empty());
            let mut kept = piece.kept.into_iter();
            let said = |is_kept: bool| is_kept.then(|| format!("{:?}", kept.next().unwrap().said));
            let said: Vec<_> = piece.plain.iter().map(|one| one.kept).map(said).collect();
            (said, piece.matched, piece.unmatched)
        };
        let all: Vec<String> = (0..30).flat_map(text).map(|text| record(&text)).collect();
        let together = told(&mut Reader::new(&how), &all.concat());
        let alone = all.iter().map(|one| told(&mut Reader::new(&how), one));
        let alone: Vec<_> = alone.collect();
        let matched = alone.iter().map(|one| one.1).sum();
        let unmatched = alone.iter().map(|one| one.2).sum();
        let said: Vec<_> = alone.iter().flat_map(|one| one.0.clone()).collect();
        assert_eq!(together, (said, matched, unmatched));
        // The failures, and the package.
        let kept = together.0.iter().flatten().count();
        assert_eq!((together.0.len(), kept, matched), (270, 90, 60));
    }

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
                let near = Minute::of(last.as_bytes(), stamp);
                if let Some(near) = near.and_then(|minute| minute.time(written)) {
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
