//! Times: as they are written ([`Stamp`]) and as the case understands them ([`Moment`]).

use chrono::{DateTime, Datelike, NaiveDate, NaiveDateTime, TimeDelta, Timelike};
use std::fmt;

/// The Unix seconds that are taken for a date: 1990 to 2100. Other numbers are sizes or counters.
pub const UNIX_SECONDS: std::ops::Range<i64> = 631_152_000..4_102_444_800;

/// Letters of a moment as it is mostly shown.
const LONGEST: usize = "2026-11-03T02:40:00.000+01:00".len();

/// A date and time of some clock, as a number: every record of a log is compared with the one before,
/// and few are shown.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Local {
    ms: i64,
    nanoseconds: u32,
}

impl Local {
    /// Milliseconds since 1970 on the clock itself, and the nanoseconds that follow them.
    pub fn new(ms: i64, nanoseconds: u32) -> Local {
        Local { ms, nanoseconds }
    }

    /// Milliseconds since 1970 on the clock itself.
    pub fn ms(self) -> i64 {
        self.ms
    }

    /// The date and time in the calendar.
    pub fn naive(self) -> NaiveDateTime {
        naive(self.ms) + TimeDelta::nanoseconds(self.nanoseconds.into())
    }
}

impl From<NaiveDateTime> for Local {
    fn from(time: NaiveDateTime) -> Local {
        Local {
            ms: time.and_utc().timestamp_millis(),
            nanoseconds: time.nanosecond() % 1_000_000,
        }
    }
}

impl fmt::Display for Local {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(&self.naive(), out)
    }
}

impl fmt::Debug for Local {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(&self.naive(), out)
    }
}

/// A time as one piece of evidence writes it, before year and zone are settled.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Stamp {
    /// What the clock showed. Without a year in the evidence, the year is [`Stamp::NO_YEAR`].
    pub local: Local,
    /// Minutes east of UTC, if the evidence states it. `Z` and Unix seconds state 0.
    pub offset: Option<i16>,
    /// How long the written time lasts, in milliseconds: 1 with a fraction, 1,000 for seconds, 60,000 for minutes.
    pub lasts: u32,
    /// Whether the year is in the evidence.
    pub has_year: bool,
}

impl Stamp {
    /// The year that stands in [`Stamp::local`] while none is known: a leap year, so that Feb 29 is a date.
    pub const NO_YEAR: i32 = 2000;

    /// Milliseconds on the stamp's own clock, counted like Unix time.
    pub fn local_ms(&self) -> i64 {
        self.local.ms()
    }

    /// Milliseconds since 1970 in UTC, if the evidence states the offset.
    pub fn utc_ms(&self) -> Option<i64> {
        self.offset
            .map(|minutes| self.local_ms() - i64::from(minutes) * 60_000)
    }
}

/// A stretch of time in which one thing happened, in UTC or, while the zone is unknown, in the
/// server's own unstated local time.
///
/// A log that stops at the second does not say `12:00:00`, it says "some time before `12:00:01`".
/// Keeping the stretch keeps the doubt: moments that overlap have no order, and a rule that
/// needs one has to answer "cannot tell".
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Moment {
    /// The beginning, in milliseconds on the axis of the case: since 1970 in UTC if `offset` is
    /// known, else the server's local time counted the same way.
    pub start: i64,
    /// The end of the stretch, not part of it; always after `start`.
    pub end: i64,
    /// Minutes east of UTC that were in force, if the zone is known.
    pub offset: Option<i16>,
    /// Milliseconds to subtract from `start` to get what the server's clock showed: not 0 only
    /// where the clock was wrong and was set right later.
    pub shift: i32,
    /// Whether the evidence shows fractions of a second; without, none is printed.
    pub fraction: bool,
}

impl Moment {
    /// A moment that is known to the millisecond.
    pub fn exact(start: i64, offset: Option<i16>) -> Moment {
        Moment {
            start,
            end: start + 1,
            offset,
            shift: 0,
            fraction: true,
        }
    }

    /// Whether all of this lies before all of `other`: the only order that evidence supports.
    ///
    /// ```
    /// use pkgtrail::model::Moment;
    /// let second = Moment { start: 1_000, end: 2_000, offset: None, shift: 0, fraction: false };
    /// assert!(second.before(&Moment::exact(2_000, None)));
    /// assert!(!second.before(&Moment::exact(1_500, None)));
    /// ```
    pub fn before(&self, other: &Moment) -> bool {
        self.end <= other.start
    }

    /// What the server's clock showed at the beginning of the stretch: `2026-11-03T02:40:00+01:00`,
    /// without offset if the zone is unknown, with milliseconds only if the evidence has them.
    pub fn shown(&self) -> String {
        let mut text = String::with_capacity(LONGEST);
        self.print(self.start, &mut text);
        text
    }

    /// [`Moment::shown`], behind what stands in `out`: a table has two for each row.
    pub fn show(&self, near: &mut SameMinute, out: &mut String) {
        near.print(self, self.start, out);
    }

    /// The same for sentences: `2026-11-03 02:40:00`, as the tables write it, without the zone, which
    /// the report states once, and without a fraction, which says nothing to a reader.
    ///
    /// ```
    /// use pkgtrail::model::Moment;
    /// let at = Moment::exact(1_762_131_600_250, Some(60));
    /// assert_eq!(at.shown(), "2025-11-03T02:00:00.250+01:00");
    /// assert_eq!(at.said(), "2025-11-03 02:00:00");
    /// ```
    pub fn said(&self) -> String {
        self.local().format("%Y-%m-%d %H:%M:%S").to_string()
    }

    /// The last instant of the stretch, printed like [`Moment::shown`].
    pub fn shown_end(&self) -> String {
        let mut text = String::with_capacity(LONGEST);
        self.print(self.end - 1, &mut text);
        text
    }

    /// [`Moment::shown_end`], behind what stands in `out`.
    pub fn show_end(&self, near: &mut SameMinute, out: &mut String) {
        near.print(self, self.end - 1, out);
    }

    /// The beginning in UTC (`...Z`), if the zone is known.
    pub fn utc(&self) -> Option<String> {
        let mut text = String::with_capacity(LONGEST);
        self.show_utc(&mut text);
        (!text.is_empty()).then_some(text)
    }

    /// [`Moment::utc`], behind what stands in `out`; nothing if it is not known.
    pub fn show_utc(&self, out: &mut String) {
        if self.offset.is_some() && DateTime::from_timestamp_millis(self.start).is_some() {
            self.layout(self.start, b"Z", out);
        }
    }

    /// What the server's clock showed at the beginning, as a date and time for pictures and sentences.
    pub fn local(&self) -> NaiveDateTime {
        naive(self.on_the_clock(self.start))
    }

    /// What the server's clock showed at an instant, in milliseconds since 1970.
    fn on_the_clock(&self, instant: i64) -> i64 {
        let minutes = i64::from(self.offset.unwrap_or(0));
        instant + minutes * 60_000 - i64::from(self.shift)
    }

    fn print(&self, instant: i64, out: &mut String) {
        let shown = self.on_the_clock(instant);
        let Some(minutes) = self.offset else {
            return self.layout(shown, b"", out);
        };
        let east = u32::from(minutes.unsigned_abs());
        let [h, m] = [two_digits(east / 60), two_digits(east % 60)];
        let sign = if minutes < 0 { b'-' } else { b'+' };
        self.layout(shown, &[sign, h[0], h[1], b':', m[0], m[1]], out);
    }

    /// Prints a time in milliseconds since 1970, and `zone`, letters of ASCII, behind it.
    fn layout(&self, shown: i64, zone: &[u8], out: &mut String) {
        let day = i32::try_from(shown.div_euclid(DAY)).ok();
        let day = day.and_then(NaiveDate::from_epoch_days);
        let Some((day, year)) = day.and_then(|day| {
            let year = u32::try_from(day.year()).ok()?;
            (year < 10_000).then_some((day, year))
        }) else {
            let layout = match self.fraction {
                true => "%Y-%m-%dT%H:%M:%S%.3f",
                false => "%Y-%m-%dT%H:%M:%S",
            };
            out.push_str(&naive(shown).format(layout).to_string());
            return push_ascii(out, zone);
        };
        // Not `format`: two times for each event of a table, and it costs more than all the rest.
        let mut text = *b"0000-00-00T00:00:00.000      ";
        let ms = u32::try_from(shown.rem_euclid(DAY)).unwrap_or(0);
        let (minutes, ms) = (ms / 60_000, ms % 60_000);
        let parts = [
            (0, year / 100),
            (2, year % 100),
            (5, day.month()),
            (8, day.day()),
            (11, minutes / 60),
            (14, minutes % 60),
            (17, ms / 1_000),
            (21, ms % 100),
        ];
        for (at, number) in parts {
            text[at..at + 2].copy_from_slice(&two_digits(number));
        }
        text[20] = two_digits(ms / 100 % 10)[1];
        let length = if self.fraction { 23 } else { 19 };
        text[length..length + zone.len()].copy_from_slice(zone);
        push_ascii(out, &text[..length + zone.len()]);
    }
}

/// Prints one time after another: most lie in the minute of the one before, and share with it all but
/// the second.
#[derive(Debug, Default)]
pub struct SameMinute {
    /// The minute on the clock, the zone, and whether with a fraction.
    of: Option<(i64, Option<i16>, bool)>,
    /// What all its times begin with, and end with: `2026-11-03T02:40:`, `+01:00`.
    before: String,
    after: String,
}

impl SameMinute {
    /// What [`Moment::print`] prints.
    fn print(&mut self, at: &Moment, instant: i64, out: &mut String) {
        let shown = at.on_the_clock(instant);
        let of = (shown.div_euclid(MINUTE), at.offset, at.fraction);
        if self.of != Some(of) {
            let begin = out.len();
            at.print(instant, out);
            self.learn(of, &out[begin..]);
            return;
        }
        // Below a minute.
        let ms = usize::try_from(shown.rem_euclid(MINUTE)).unwrap_or(0);
        let (second, ms) = (ms / 1_000, ms % 1_000);
        out.push_str(&self.before);
        out.push_str(&SECONDS[second * 2..second * 2 + 2]);
        if at.fraction {
            out.push_str(&FRACTIONS[ms * 4..ms * 4 + 4]);
        }
        out.push_str(&self.after);
    }

    /// Takes over what `text` shares with the other times of its minute.
    fn learn(&mut self, of: (i64, Option<i16>, bool), text: &str) {
        let (_, offset, fraction) = of;
        let zone = if fraction { 23 } else { 19 };
        let length = zone + if offset.is_some() { 6 } else { 0 };
        // Years of more or less than four digits are printed otherwise.
        let parts = text.get(..17).zip(text.get(zone..));
        let parts = parts.filter(|_| text.len() == length);
        self.of = parts.map(|_| of);
        if let Some((before, after)) = parts {
            before.clone_into(&mut self.before);
            after.clone_into(&mut self.after);
        }
    }
}

/// A day and a minute in milliseconds.
const DAY: i64 = 86_400_000;
const MINUTE: i64 = 60_000;

/// Milliseconds since 1970 as a date and time.
fn naive(ms: i64) -> NaiveDateTime {
    DateTime::from_timestamp_millis(ms)
        .unwrap_or_default()
        .naive_utc()
}

/// `00` to `99`.
const PAIRS: [[u8; 2]; 100] = {
    let mut pairs = [[b'0'; 2]; 100];
    let mut number = 0;
    while number < 100 {
        pairs[number] = [b'0' + (number / 10) as u8, b'0' + (number % 10) as u8];
        number += 1;
    }
    pairs
};

/// The same as one text.
const SECONDS: &str = text_of(PAIRS.as_flattened());

/// `.000` to `.999`, one behind the other.
const FRACTIONS: &str = text_of(&DIGITS);
const DIGITS: [u8; 4_000] = {
    let mut digits = [b'.'; 4_000];
    let mut number = 0;
    while number < 1_000 {
        let [tens, ones] = PAIRS[number % 100];
        digits[number * 4 + 1] = b'0' + (number / 100) as u8;
        digits[number * 4 + 2] = tens;
        digits[number * 4 + 3] = ones;
        number += 1;
    }
    digits
};

const fn text_of(ascii: &[u8]) -> &str {
    match std::str::from_utf8(ascii) {
        Ok(text) => text,
        Err(_) => "",
    }
}

/// The last two digits of a number.
fn two_digits(number: u32) -> [u8; 2] {
    PAIRS[number as usize % 100]
}

fn push_ascii(out: &mut String, text: &[u8]) {
    out.push_str(std::str::from_utf8(text).unwrap_or_default());
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_moment_prints_what_the_clock_showed() {
        let at = Moment {
            start: 1_762_131_600_000,
            end: 1_762_131_601_000,
            offset: Some(60),
            shift: 0,
            fraction: false,
        };
        assert_eq!(at.shown(), "2025-11-03T02:00:00+01:00");
        assert_eq!(at.utc().unwrap(), "2025-11-03T01:00:00Z");
        let wrong_clock = Moment {
            shift: -3_600_000,
            ..at
        };
        assert_eq!(wrong_clock.shown(), "2025-11-03T03:00:00+01:00");
        assert_eq!(
            Moment {
                offset: Some(-210),
                ..at
            }
            .shown(),
            "2025-11-02T21:30:00-03:30"
        );
        assert_eq!(
            Moment {
                offset: None,
                fraction: true,
                ..at
            }
            .shown(),
            "2025-11-03T01:00:00.000"
        );
        assert_eq!(Moment { offset: None, ..at }.utc(), None);
    }

    /// What a clock showed is not lost in the number, down to the nanosecond and before 1970.
    #[test]
    fn a_local_time_is_the_time_of_the_calendar() {
        let texts = [
            "2026-11-03T02:40:05.123456700",
            "1969-12-31T23:59:59.999999999",
            "0001-01-01T00:00:00",
            "9999-12-31T23:59:59.000000001",
            "-0044-03-15T12:00:00.000999999",
        ];
        let times = texts.map(|text| text.parse::<NaiveDateTime>().unwrap());
        let times = times
            .into_iter()
            .chain([NaiveDateTime::MIN, NaiveDateTime::MAX]);
        let times: Vec<NaiveDateTime> = times.collect();
        for time in &times {
            let local = Local::from(*time);
            assert_eq!(
                (local.naive(), local.ms()),
                (*time, time.and_utc().timestamp_millis())
            );
            assert_eq!(
                (local.to_string(), format!("{local:?}")),
                (time.to_string(), format!("{time:?}"))
            );
            for other in &times {
                assert_eq!(local.cmp(&Local::from(*other)), time.cmp(other));
            }
        }
    }

    #[test]
    fn every_time_is_laid_out_as_the_calendar_library_does() {
        for step in -40_000..60_000_i64 {
            let at = Moment::exact(step * 7_919_119_973, Some((step % 1_500) as i16));
            for fraction in [true, false] {
                let at = Moment { fraction, ..at };
                let layout = match fraction {
                    true => "%Y-%m-%dT%H:%M:%S%.3f",
                    false => "%Y-%m-%dT%H:%M:%S",
                };
                let local = at.local().format(layout).to_string();
                assert_eq!(at.shown()[..local.len()], local);
            }
        }
    }

    /// Whatever was printed before: the same minute or another one, with or without zone and fraction,
    /// years that are printed with more or less than four digits.
    #[test]
    fn a_time_is_printed_as_by_itself() {
        let mut near = [SameMinute::default(), SameMinute::default()];
        let (mut taken_over, mut printed) = (0, 0);
        let years = [-9_000, -1, 0, 55, 9_998, 12_000].map(|year| year * 31_556_952_000);
        for year in years {
            for step in 0..3_000_i64 {
                let minute = step / 40 % 3 * MINUTE - MINUTE;
                let start = year + minute + step * 7_919 % MINUTE;
                let offset = [Some(60), Some(-210), None][(step / 300 % 3) as usize];
                let at = Moment {
                    end: start + 1 + step % 3 * 40_000,
                    shift: (step / 1_000 * 3_600_000) as i32,
                    fraction: step / 20 % 4 > 0,
                    ..Moment::exact(start, offset)
                };
                let known = [&near[0], &near[1]].map(|near| near.of);
                let mut texts = ["before ".to_owned(), String::new()];
                at.show(&mut near[0], &mut texts[0]);
                at.show_end(&mut near[1], &mut texts[1]);
                assert_eq!(texts, ["before ".to_owned() + &at.shown(), at.shown_end()]);
                taken_over += usize::from(near[0].of.is_some() && near[0].of == known[0]);
                printed += 1;
            }
        }
        assert!(
            taken_over * 3 > printed && taken_over < printed,
            "{taken_over}"
        );
    }
}
