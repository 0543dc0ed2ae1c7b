//! The spellings of a time, in one table.
//!
//! A spelling never guesses a zone, and a date without a time is no time. Where day and month can
//! be told apart by nothing, the caller gives the order; without one it is the American order for
//! slashes and hyphens, and the European one for dots, which no American locale writes.

use crate::model::moment::UNIX_SECONDS;
use crate::model::{PackageId, Stamp};
use chrono::{DateTime, NaiveDate, NaiveDateTime, NaiveTime};
use std::borrow::Cow;

/// In which order a numeric date stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum DateOrder {
    Mdy,
    Dmy,
    Ymd,
}

/// One way to write a time.
pub struct Spelling {
    pub name: &'static str,
    /// Real-looking texts that are read by this entry and by no other.
    pub samples: &'static [&'static str],
    pub read: fn(&[u8], Option<DateOrder>) -> Option<Stamp>,
}

/// All spellings, the most frequent first.
pub const SPELLINGS: &[Spelling] = &[
    Spelling {
        name: "english month",
        samples: &[
            "Sep 26 15:37:19",
            "Sep 26 2025 15:37:19",
            "Feb  9 01:02:03.250",
        ],
        read: english_month,
    },
    Spelling {
        name: "slashes",
        samples: &[
            "09/26/2025 15:37:19",
            "09/26/2025 15:37:19.1234567 +02:00",
            "6/16/2025 12:53:52 PM",
            "21/09/2021 01:23:58 p.m.",
            "05/29/2025  06:03 AM",
            "2025/05/29  06:03",
        ],
        read: |text, order| numeric(text, b'/', order),
    },
    Spelling {
        name: "hyphens",
        samples: &[
            "2025-05-29T06:03:11Z",
            "2025-05-29 06:03:11.123+0200",
            "2025-05-29T06:03:11,5 -03:30",
            "2025-05-29  06:03",
            "29-05-2025  06:03",
        ],
        read: |text, order| numeric(text, b'-', order),
    },
    Spelling {
        name: "dots",
        samples: &[
            "16.08.2025 02:27:05",
            "29.05.2025  06:03",
            "2025. 05. 29. 06:03",
        ],
        read: |text, order| numeric(text, b'.', order),
    },
    Spelling {
        name: "unix seconds",
        samples: &["1730790771", "1730790771123"],
        read: |text, _| unix(text),
    },
    Spelling {
        name: "windows ticks",
        samples: &["133166925020000000", "638096325020000000"],
        read: |text, _| ticks(text),
    },
];

/// Reads a text that is a time and nothing else.
///
/// ```
/// use pkgtrail::ingest::stamps::{DateOrder, parse};
/// let stamp = parse("02/03/2025 04:05:06", Some(DateOrder::Dmy)).unwrap();
/// assert_eq!(stamp.local.to_string(), "2025-03-02 04:05:06");
/// assert_eq!(parse("02/03/2025", None), None);
/// ```
pub fn parse(text: &str, order: Option<DateOrder>) -> Option<Stamp> {
    let text = plain(text.trim());
    let bytes = text.trim().as_bytes();
    SPELLINGS
        .iter()
        .find_map(|spelling| (spelling.read)(bytes, order))
}

/// The order that a date proves by itself, for deciding a whole file by all of its lines: a value
/// over 12 can only be a day. `None` if it proves nothing.
///
/// ```
/// use pkgtrail::ingest::stamps::{DateOrder, proves};
/// assert_eq!(proves("21/09/2021 01:23:58 p.m."), Some(DateOrder::Dmy));
/// assert_eq!(proves("09/21/2021 01:23"), Some(DateOrder::Mdy));
/// assert_eq!(proves("09/08/2021 01:23"), None);
/// ```
pub fn proves(text: &str) -> Option<DateOrder> {
    let text = plain(text.trim());
    let mut scan = Scan::new(text.as_bytes());
    let (first, digits) = scan.number(4)?;
    let separator = scan.byte()?;
    if !matches!(separator, b'/' | b'-' | b'.') {
        return None;
    }
    let (second, _) = scan.number(2)?;
    match (first, second) {
        _ if digits == 4 => Some(DateOrder::Ymd),
        (13..=31, 1..=12) => Some(DateOrder::Dmy),
        (1..=12, 13..=31) => Some(DateOrder::Mdy),
        _ => None,
    }
}

/// Whether day and month of a date can be told apart by nothing: `02/03/2025`, but not `03/03/2025`,
/// and not with dots, which no American locale writes.
fn is_ambiguous(text: &str) -> bool {
    let text = plain(text.trim());
    let mut scan = Scan::new(text.as_bytes());
    let (Some((first, 1 | 2)), Some(b'/' | b'-'), Some((second, 1 | 2))) =
        (scan.number(4), scan.byte(), scan.number(2))
    else {
        return false;
    };
    (1..=12).contains(&first) && (1..=12).contains(&second) && first != second
}

/// How the dates of one file are to be read.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Settled {
    pub order: Option<DateOrder>,
    /// Whether a date could be either and neither the file nor the user says which.
    pub is_guess: bool,
}

/// Settles day and month for a whole file by all its dates: what most of those say that prove an
/// order, else what the user says. What the user says is about dates that could be either, so dates
/// with dots stay as they are.
///
/// ```
/// use pkgtrail::ingest::stamps::{DateOrder, settle};
/// let proven = settle(["02/03/2025 04:05", "13/03/2025 04:05"].into_iter(), Some(DateOrder::Mdy));
/// assert_eq!((proven.order, proven.is_guess), (Some(DateOrder::Dmy), false));
/// assert!(settle(["02/03/2025 04:05"].into_iter(), None).is_guess);
/// assert_eq!(settle(["02.03.2025 04:05"].into_iter(), Some(DateOrder::Mdy)).order, None);
/// ```
pub fn settle<T: AsRef<str>>(dates: impl Iterator<Item = T>, option: Option<DateOrder>) -> Settled {
    let mut counts = [0_u64; 3];
    let mut ambiguous = false;
    for date in dates {
        match proves(date.as_ref()) {
            Some(order) => counts[order as usize] += 1,
            None => ambiguous |= is_ambiguous(date.as_ref()),
        }
    }
    let [mdy, dmy, ymd] = counts;
    let order = match (mdy, dmy) {
        (0, 0) if ambiguous => option,
        (0, 0) if ymd > 0 => Some(DateOrder::Ymd),
        (0, 0) => None,
        _ if dmy > mdy => Some(DateOrder::Dmy),
        _ => Some(DateOrder::Mdy),
    };
    Settled {
        order,
        is_guess: ambiguous && order.is_none(),
    }
}

/// How many dates with slashes in a text prove that the month stands first, and how many that the
/// day does.
///
/// ```
/// use pkgtrail::ingest::stamps::proofs;
/// assert_eq!(proofs("a='04/14/2022 01:02' b='14/04/2022' c='04/04/2022' d='1/14/04/2022'"), (1, 1));
/// ```
pub fn proofs(text: &str) -> (u64, u64) {
    let bytes = text.as_bytes();
    let (mut mdy, mut dmy) = (0, 0);
    for slash in memchr::memchr_iter(b'/', bytes) {
        let digits = bytes[..slash]
            .iter()
            .rev()
            .take_while(|byte| byte.is_ascii_digit())
            .take(3)
            .count();
        let start = slash - digits;
        let alone = start
            .checked_sub(1)
            .is_none_or(|at| !bytes[at].is_ascii_alphanumeric() && !b"/-._".contains(&bytes[at]));
        let mut scan = Scan { bytes, at: start };
        let (true, Some((first, 1 | 2)), true, Some((second, 1 | 2)), true, Some((_, 4))) = (
            alone,
            scan.number(2),
            scan.eat(b'/'),
            scan.number(2),
            scan.eat(b'/'),
            scan.number(4),
        ) else {
            continue;
        };
        match (first, second) {
            (1..=12, 13..=31) => mdy += 1,
            (13..=31, 1..=12) => dmy += 1,
            _ => {}
        }
    }
    (mdy, dmy)
}

/// Windows writes narrow and no-break blanks and direction marks into its dates.
fn plain(text: &str) -> Cow<'_, str> {
    if text.is_ascii() {
        return Cow::Borrowed(text);
    }
    Cow::Owned(
        text.chars()
            .filter(|letter| !matches!(letter, '\u{200E}' | '\u{200F}'))
            .map(|letter| match letter {
                '\u{A0}' | '\u{202F}' | '\u{2009}' => ' ',
                other => other,
            })
            .collect(),
    )
}

/// A walk over bytes that never goes past the end.
struct Scan<'a> {
    bytes: &'a [u8],
    at: usize,
}

impl<'a> Scan<'a> {
    fn new(bytes: &'a [u8]) -> Self {
        Scan { bytes, at: 0 }
    }

    fn peek(&self) -> Option<u8> {
        self.bytes.get(self.at).copied()
    }

    fn byte(&mut self) -> Option<u8> {
        let byte = self.peek()?;
        self.at += 1;
        Some(byte)
    }

    fn eat(&mut self, byte: u8) -> bool {
        let found = self.peek() == Some(byte);
        self.at += usize::from(found);
        found
    }

    fn blanks(&mut self) -> usize {
        let from = self.at;
        while matches!(self.peek(), Some(b' ' | b'\t')) {
            self.at += 1;
        }
        self.at - from
    }

    /// A number of one to `most` digits, and how many it had. More digits are no such number.
    fn number(&mut self, most: usize) -> Option<(u32, usize)> {
        let from = self.at;
        let mut value = 0_u32;
        while let Some(digit @ b'0'..=b'9') = self.peek() {
            if self.at - from == most {
                return None;
            }
            value = value * 10 + u32::from(digit - b'0');
            self.at += 1;
        }
        (self.at > from).then_some((value, self.at - from))
    }

    fn is_done(&self) -> bool {
        self.at == self.bytes.len()
    }
}

const MONTHS: &[u8; 36] = b"janfebmaraprmayjunjulaugsepoctnovdec";

fn english_month(text: &[u8], _: Option<DateOrder>) -> Option<Stamp> {
    if !text.first()?.is_ascii_alphabetic() {
        return None;
    }
    let name = text.get(..3)?;
    let month = MONTHS
        .chunks_exact(3)
        .position(|month| name.eq_ignore_ascii_case(month))?;
    let mut scan = Scan { bytes: text, at: 3 };
    if scan.blanks() == 0 {
        return None;
    }
    let (day, _) = scan.number(2)?;
    scan.eat(b',');
    if scan.blanks() == 0 {
        return None;
    }
    let mut year = None;
    let clock = scan.at;
    if let Some((number, 4)) = scan.number(4) {
        year = Some(number);
        scan.eat(b',');
        scan.blanks();
    } else {
        scan.at = clock;
    }
    let date = NaiveDate::from_ymd_opt(
        year.map_or(Stamp::NO_YEAR, u32::cast_signed),
        u32::try_from(month).ok()? + 1,
        day,
    )?;
    if year.is_some_and(|year| !YEARS.contains(&year)) {
        return None;
    }
    let stamp = clock_and_zone(&mut scan, date)?;
    Some(Stamp {
        has_year: year.is_some(),
        ..stamp
    })
}

/// Years that a log of this product, or a file in a package, can show.
const YEARS: std::ops::RangeInclusive<u32> = 1970..=2199;

fn numeric(text: &[u8], separator: u8, order: Option<DateOrder>) -> Option<Stamp> {
    let mut scan = Scan::new(text);
    let mut next = |last: bool| {
        let number = scan.number(4)?;
        if !last && !scan.eat(separator) {
            return None;
        }
        if separator == b'.' {
            // Korean and Hungarian: `2025. 05. 29.`; the blank before the time is kept.
            if last && scan.peek() == Some(b'.') {
                scan.at += 1;
            } else if !last {
                scan.blanks();
            }
        }
        Some(number)
    };
    let ((first, digits), (second, _), (third, third_digits)) =
        (next(false)?, next(false)?, next(true)?);
    let (year, month, day) = if digits == 4 {
        (first, second, third)
    } else if order == Some(DateOrder::Ymd) && third_digits <= 2 {
        (2000 + first, second, third)
    } else {
        let year = match third_digits {
            4 => third,
            2 => 2000 + third,
            _ => return None,
        };
        let day_first = match (first > 12, second > 12) {
            (true, _) => true,
            (_, true) => false,
            _ => match order {
                Some(DateOrder::Dmy) => true,
                Some(DateOrder::Mdy) => false,
                Some(DateOrder::Ymd) | None => separator == b'.',
            },
        };
        if day_first {
            (year, second, first)
        } else {
            (year, first, second)
        }
    };
    if !YEARS.contains(&year) {
        return None;
    }
    let date = NaiveDate::from_ymd_opt(year.cast_signed(), month, day)?;
    if !scan.eat(b'T') && !scan.eat(b't') {
        scan.eat(b',');
        if scan.blanks() == 0 {
            return None;
        }
    }
    clock_and_zone(&mut scan, date)
}

/// `15:37[:19[.123]] [PM] [zone]`, up to the end of the text.
fn clock_and_zone(scan: &mut Scan<'_>, date: NaiveDate) -> Option<Stamp> {
    let (mut hour, _) = scan.number(2)?;
    if !scan.eat(b':') {
        return None;
    }
    let (minute, 2) = scan.number(2)? else {
        return None;
    };
    let (mut second, mut nanos, mut lasts) = (0, 0, 60_000);
    if scan.eat(b':') {
        let (value, 2) = scan.number(2)? else {
            return None;
        };
        (second, lasts) = (value, 1_000);
        if scan.eat(b'.') || scan.eat(b',') {
            let from = scan.at;
            let mut scale = 100_000_000;
            while let Some(digit @ b'0'..=b'9') = scan.peek() {
                nanos += u32::from(digit - b'0') * scale;
                scale /= 10;
                scan.at += 1;
            }
            if scan.at == from {
                return None;
            }
            lasts = 1;
        }
    }
    scan.blanks();
    if let Some(afternoon) = half_of_day(scan) {
        if !(1..=12).contains(&hour) {
            return None;
        }
        hour = hour % 12 + if afternoon { 12 } else { 0 };
        scan.blanks();
    }
    let offset = if scan.is_done() {
        None
    } else {
        Some(zone(scan)?)
    };
    let time = NaiveTime::from_hms_nano_opt(hour, minute, second, nanos)?;
    scan.is_done().then_some(Stamp {
        local: NaiveDateTime::new(date, time).into(),
        offset,
        lasts,
        has_year: true,
    })
}

/// `AM`, `pm`, `a.m.`, `p. m.`: whether it is the afternoon.
fn half_of_day(scan: &mut Scan<'_>) -> Option<bool> {
    let afternoon = match scan.peek()? {
        b'a' | b'A' => false,
        b'p' | b'P' => true,
        _ => return None,
    };
    let start = scan.at;
    scan.at += 1;
    scan.eat(b'.');
    scan.blanks();
    if scan.eat(b'm') || scan.eat(b'M') {
        scan.eat(b'.');
        return Some(afternoon);
    }
    scan.at = start;
    None
}

/// `Z`, `+02:00`, `-0330`, `+02`, `UTC`: minutes east of UTC.
fn zone(scan: &mut Scan<'_>) -> Option<i16> {
    let rest = scan.bytes.get(scan.at..)?;
    if rest.eq_ignore_ascii_case(b"z")
        || rest.eq_ignore_ascii_case(b"utc")
        || rest.eq_ignore_ascii_case(b"gmt")
    {
        scan.at = scan.bytes.len();
        return Some(0);
    }
    let sign = match scan.byte()? {
        b'+' => 1,
        b'-' => -1,
        _ => return None,
    };
    let (hours, minutes) = match scan.number(4)? {
        (number, 4) => (number / 100, number % 100),
        (hours, 2) if scan.eat(b':') => match scan.number(2)? {
            (minutes, 2) => (hours, minutes),
            _ => return None,
        },
        (hours, 1 | 2) => (hours, 0),
        _ => return None,
    };
    let minutes = i16::try_from(hours * 60 + minutes).ok()?;
    (minutes <= 14 * 60).then_some(sign * minutes)
}

fn unix(text: &[u8]) -> Option<Stamp> {
    let number = whole(text, 9..=13)?;
    match text.len() {
        9 | 10 if UNIX_SECONDS.contains(&number) => at_utc(number * 1_000, 1_000),
        12 | 13 if UNIX_SECONDS.contains(&(number / 1_000)) => at_utc(number, 1),
        _ => None,
    }
}

/// Windows FILETIME (since 1601) or .NET ticks (since year 1), both in units of 100 ns.
fn ticks(text: &[u8]) -> Option<Stamp> {
    let number = whole(text, 17..=18)?;
    [11_644_473_600_i64, 62_135_596_800]
        .into_iter()
        .map(|epoch| number / 10_000 - epoch * 1_000)
        .find(|ms| UNIX_SECONDS.contains(&(ms / 1_000)))
        .and_then(|ms| at_utc(ms, 1))
}

fn whole(text: &[u8], digits: std::ops::RangeInclusive<usize>) -> Option<i64> {
    if !digits.contains(&text.len()) || !text.iter().all(u8::is_ascii_digit) {
        return None;
    }
    std::str::from_utf8(text).ok()?.parse().ok()
}

fn at_utc(ms: i64, lasts: u32) -> Option<Stamp> {
    Some(Stamp {
        local: DateTime::from_timestamp_millis(ms)?.naive_utc().into(),
        offset: Some(0),
        lasts,
        has_year: true,
    })
}

/// The time in a file's name, else in the name of the nearest folder that has one: when a capture
/// was taken. A date alone is none. `Z` is UTC, `+0100` an offset, nothing is local time.
///
/// ```
/// use pkgtrail::ingest::stamps::in_name;
/// let stamp = in_name("b.zip!sets/2025-05-14T02-43-37/snapshot.xml").unwrap();
/// assert_eq!(stamp.local.to_string(), "2025-05-14 02:43:37");
/// assert_eq!(in_name("IIS/u_ex240411.log"), None);
/// ```
pub fn in_name(path: &str) -> Option<Stamp> {
    path.rsplit(['/', '\\', '!']).find_map(|part| {
        // The digits of a GUID are nobody's time.
        let mut name = part.as_bytes().to_vec();
        for id in PackageId::find_all(part) {
            let guid = id.to_string();
            let lower = name.to_ascii_lowercase();
            if let Some(at) = memchr::memmem::find(&lower, guid.as_bytes()) {
                name[at..at + guid.len()].fill(b'~');
            }
        }
        (0..name.len()).find_map(|at| name_at(&name, at))
    })
}

/// A time in a name that begins at `start`.
fn name_at(name: &[u8], start: usize) -> Option<Stamp> {
    if !name[start].is_ascii_digit() {
        return None;
    }
    let before = start.checked_sub(1).map(|at| name[at]);
    if before.is_some_and(|byte| byte.is_ascii_digit() || byte == b'.') {
        return None;
    }
    let after_letter = before.is_some_and(|byte| byte.is_ascii_alphanumeric());
    let mut scan = Scan {
        bytes: name,
        at: start,
    };
    let fixed = |digits: usize, scan: &mut Scan<'_>| {
        let piece = name.get(scan.at..scan.at + digits)?;
        let value = u32::try_from(whole(piece, digits..=digits)?).ok()?;
        scan.at += digits;
        Some(value)
    };
    let year = fixed(4, &mut scan)?;
    let separator = scan
        .peek()
        .filter(|byte| matches!(byte, b'-' | b'_' | b'.'));
    scan.at += usize::from(separator.is_some());
    let month = fixed(2, &mut scan)?;
    if separator.is_some_and(|byte| !scan.eat(byte)) {
        return None;
    }
    let day = fixed(2, &mut scan)?;
    let between = scan.peek()?;
    if matches!(between, b'-' | b'_' | b'T' | b't' | b' ') {
        scan.at += 1;
    } else if !between.is_ascii_digit() || separator.is_some() || after_letter {
        return None;
    }
    let hour = fixed(2, &mut scan)?;
    let apart = scan
        .peek()
        .filter(|byte| matches!(byte, b'-' | b'_' | b'.' | b':'));
    scan.at += usize::from(apart.is_some());
    let minute = fixed(2, &mut scan)?;
    let mut second = None;
    let end = scan.at;
    if apart.is_none_or(|byte| scan.eat(byte)) {
        second = fixed(2, &mut scan);
    }
    if second.is_none() || scan.peek().is_some_and(|byte| byte.is_ascii_digit()) {
        (second, scan.at) = (None, end);
    }
    let mut offset = None;
    if scan.eat(b'Z') || scan.eat(b'z') {
        offset = Some(0);
    } else if scan.eat(b'+') {
        let (number, 4) = scan.number(4)? else {
            return None;
        };
        offset = Some(i16::try_from(number / 100 * 60 + number % 100).ok()?);
    }
    let after = scan.peek();
    let version = after == Some(b'.')
        && name.get(scan.at + 1).is_some_and(u8::is_ascii_digit)
        && apart.is_none();
    if version
        || after.is_some_and(|byte| byte.is_ascii_alphanumeric())
        || !(1990..2100).contains(&year)
    {
        return None;
    }
    Some(Stamp {
        local: NaiveDate::from_ymd_opt(year.cast_signed(), month, day)?
            .and_hms_opt(hour, minute, second.unwrap_or(0))?
            .into(),
        offset,
        lasts: if second.is_some() { 1_000 } else { 60_000 },
        has_year: true,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(text: &str, order: Option<DateOrder>) -> String {
        parse(text, order).map_or_else(
            || "none".to_owned(),
            |stamp| {
                format!(
                    "{} {:?} {}{}",
                    stamp.local,
                    stamp.offset,
                    stamp.lasts,
                    if stamp.has_year { "" } else { " no year" }
                )
            },
        )
    }

    #[test]
    fn every_sample_has_one_owner() {
        for spelling in SPELLINGS {
            for sample in spelling.samples {
                let owners: Vec<&str> = SPELLINGS
                    .iter()
                    .filter(|other| (other.read)(sample.as_bytes(), None).is_some())
                    .map(|other| other.name)
                    .collect();
                assert_eq!(owners, [spelling.name], "{sample}");
            }
        }
    }

    #[test]
    fn times_are_read_as_written() {
        let table = [
            ("Sep 26 15:37:19", "2000-09-26 15:37:19 None 1000 no year"),
            ("Sep 26 2025 15:37:19", "2025-09-26 15:37:19 None 1000"),
            ("Feb 29 00:00:00", "2000-02-29 00:00:00 None 1000 no year"),
            (
                "09/26/2025 15:37:19.1234567 +02:00",
                "2025-09-26 15:37:19.123456700 Some(120) 1",
            ),
            (
                "09/26/2025 15:37:19 -0330",
                "2025-09-26 15:37:19 Some(-210) 1000",
            ),
            ("6/16/2025 12:53:52 AM", "2025-06-16 00:53:52 None 1000"),
            (
                "6/16/2025 12:53:52\u{202F}PM",
                "2025-06-16 12:53:52 None 1000",
            ),
            ("21/09/2021 01:23:58 p.m.", "2021-09-21 13:23:58 None 1000"),
            (
                "21/09/2021 01:23:58 a.\u{A0}m.",
                "2021-09-21 01:23:58 None 1000",
            ),
            ("16.08.2025 02:27:05", "2025-08-16 02:27:05 None 1000"),
            ("06.08.2025 02:27:05", "2025-08-06 02:27:05 None 1000"),
            ("05/29/2025  06:03 AM", "2025-05-29 06:03:00 None 60000"),
            ("29.05.25  06:03", "2025-05-29 06:03:00 None 60000"),
            ("2025-05-29T06:03:11Z", "2025-05-29 06:03:11 Some(0) 1000"),
            (
                "2025-05-29T06:03:11.5+05:30",
                "2025-05-29 06:03:11.500 Some(330) 1",
            ),
            ("2025/05/29  06:03", "2025-05-29 06:03:00 None 60000"),
            ("1730790771", "2024-11-05 07:12:51 Some(0) 1000"),
            ("133166925020000000", "2022-12-28 09:15:02 Some(0) 1"),
            ("638078157020000000", "2022-12-28 09:15:02 Some(0) 1"),
        ];
        for (text, expected) in table {
            assert_eq!(shown(text, None), expected, "{text}");
        }
    }

    #[test]
    fn what_is_no_time_is_none() {
        for text in [
            "",
            "Sep",
            "Sep 31 25:00:00",
            "Sep 26",
            "13/13/2025 10:00:00",
            "09/26/2025",
            "13:00:00",
            "09/26/2025 13:00:00 PM",
            "09/26/2025 0:00:00 AM",
            "2025-02-29T10:00:00",
            "2025-05-29T06:03:11+25:00",
            "2025-05-29T06:03:11 x",
            "1234",
            "99999999999999999999",
            "100000000",
            "1.2.3.4",
            "2025-05-29T06:03:60",
            "2025-05-29T06:03:11.",
            "é",
            "½½½½½",
            "Seé 26 15:37:19",
            "0000-00-00 00:00:00",
            "223456789012345678",
        ] {
            assert_eq!(shown(text, None), "none", "{text}");
        }
    }

    #[test]
    fn the_order_decides_only_where_the_values_do_not() {
        let day_first = Some(DateOrder::Dmy);
        assert!(shown("02/03/2025 04:05:06", None).starts_with("2025-02-03"));
        assert!(shown("02/03/2025 04:05:06", day_first).starts_with("2025-03-02"));
        assert!(shown("02/13/2025 04:05:06", day_first).starts_with("2025-02-13"));
        assert!(shown("12/13/2025 04:05:06", day_first).starts_with("2025-12-13"));
        assert!(shown("25/03/02 04:05:06", Some(DateOrder::Ymd)).starts_with("2025-03-02"));
        assert_eq!(proves("12/12/2025 04:05"), None);
        assert_eq!(proves("32/12/2025 04:05"), None);
        assert_eq!(proves("2025-03-02"), Some(DateOrder::Ymd));
        assert_eq!(proves("Sep 26"), None);
    }

    #[test]
    fn names_tell_when_a_capture_was_taken() {
        let table = [
            (
                "snapshots/20261103-0200/snapshot.xml",
                "2026-11-03 02:00:00 None 60000",
            ),
            (
                "snapshots/20250525_023343/snapshot.xml",
                "2025-05-25 02:33:43 None 1000",
            ),
            ("20250525023343.txt", "2025-05-25 02:33:43 None 1000"),
            (
                "a/2026-11-03T02-00-00Z/b.xml",
                "2026-11-03 02:00:00 Some(0) 1000",
            ),
            (
                "a/2025-05-14T02-43-37/b.xml",
                "2025-05-14 02:43:37 None 1000",
            ),
            ("2026-11-03_0200/b.xml", "2026-11-03 02:00:00 None 60000"),
            (
                "listing-2023-01-16T02-43-00Z-2.txt",
                "2023-01-16 02:43:00 Some(0) 1000",
            ),
            (
                "listing-2023-01-16T02-43-2.txt",
                "2023-01-16 02:43:00 None 60000",
            ),
            (
                "listing 2023-01-16 02.43.05.txt",
                "2023-01-16 02:43:05 None 1000",
            ),
            (
                "snapshot_20250903_131032.xml",
                "2025-09-03 13:10:32 None 1000",
            ),
            (
                "x_2025-09-03T13-10-32+0200.xml",
                "2025-09-03 13:10:32 Some(120) 1000",
            ),
            (
                "20250101-0100/20250202-0200.txt",
                "2025-02-02 02:00:00 None 60000",
            ),
            (
                "20250101-0100.zip!20250202/a.txt",
                "2025-01-01 01:00:00 None 60000",
            ),
            (
                "20250202-0200/{1EC214B8-E862-44A9-B3A6-27D918D136A2}/s.xml",
                "2025-02-02 02:00:00 None 60000",
            ),
        ];
        for (name, expected) in table {
            let stamp = in_name(name).unwrap_or_else(|| panic!("{name}"));
            assert_eq!(
                format!("{} {:?} {}", stamp.local, stamp.offset, stamp.lasts),
                expected,
                "{name}"
            );
        }
    }

    #[test]
    fn digits_that_are_no_time_are_left_alone() {
        for name in [
            "u_ex240411.log",
            "u_ex24041103.log",
            "20261103/snapshot.xml",
            "2026-11-03/snapshot.xml",
            "{20261103-0200-4444-8888-202611030200}/a.xml",
            "agent-8.6.20250525.0233.1.zip",
            "setup-1.20250525.023343.msi",
            "a20250525023343f.bin",
            "20251301-0200.txt",
            "20250132-0200.txt",
            "20250131-2460.txt",
            "20250131-020.txt",
            "20250131-02001.txt",
            "deadbeef20250525023343",
            "",
            "é20",
            "1999999999999999",
        ] {
            assert_eq!(in_name(name), None, "{name}");
        }
    }
}
