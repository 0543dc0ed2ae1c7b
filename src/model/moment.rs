//! Times: as they are written ([`Stamp`]) and as the case understands them ([`Moment`]).

use chrono::{DateTime, Datelike, NaiveDateTime, Timelike};

/// The Unix seconds that are taken for a date: 1990 to 2100. Other numbers are sizes or counters.
pub const UNIX_SECONDS: std::ops::Range<i64> = 631_152_000..4_102_444_800;

/// Letters of a moment as it is mostly shown.
const LONGEST: usize = "2026-11-03T02:40:00.000+01:00".len();

/// A time as one piece of evidence writes it, before year and zone are settled.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Stamp {
    /// What the clock showed. Without a year in the evidence, the year is [`Stamp::NO_YEAR`].
    pub local: NaiveDateTime,
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
        self.local.and_utc().timestamp_millis()
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
        self.show(&mut text);
        text
    }

    /// [`Moment::shown`], behind what stands in `out`: a table has two for each row.
    pub fn show(&self, out: &mut String) {
        self.print(self.start, out);
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
        self.show_end(&mut text);
        text
    }

    /// [`Moment::shown_end`], behind what stands in `out`.
    pub fn show_end(&self, out: &mut String) {
        self.print(self.end - 1, out);
    }

    /// The beginning in UTC (`...Z`), if the zone is known.
    pub fn utc(&self) -> Option<String> {
        self.offset?;
        let time = DateTime::from_timestamp_millis(self.start)?.naive_utc();
        let mut text = String::with_capacity(LONGEST);
        self.layout(time, &mut text);
        text.push('Z');
        Some(text)
    }

    /// What the server's clock showed at the beginning, as a date and time for pictures and sentences.
    pub fn local(&self) -> NaiveDateTime {
        let minutes = i64::from(self.offset.unwrap_or(0));
        let shown = self.start + minutes * 60_000 - i64::from(self.shift);
        DateTime::from_timestamp_millis(shown)
            .unwrap_or_default()
            .naive_utc()
    }

    fn print(&self, instant: i64, out: &mut String) {
        let time = Moment {
            start: instant,
            ..*self
        }
        .local();
        self.layout(time, out);
        if let Some(minutes) = self.offset {
            let east = u32::from(minutes.unsigned_abs());
            let [h, m] = [two_digits(east / 60), two_digits(east % 60)];
            let sign = if minutes < 0 { b'-' } else { b'+' };
            push_ascii(out, &[sign, h[0], h[1], b':', m[0], m[1]]);
        }
    }

    fn layout(&self, time: NaiveDateTime, out: &mut String) {
        let Some(year) = u32::try_from(time.year())
            .ok()
            .filter(|year| *year < 10_000)
        else {
            let layout = match self.fraction {
                true => "%Y-%m-%dT%H:%M:%S%.3f",
                false => "%Y-%m-%dT%H:%M:%S",
            };
            return out.push_str(&time.format(layout).to_string());
        };
        // Not `format`: two times for each event of a table, and it costs more than all the rest.
        let mut text = *b"0000-00-00T00:00:00.000";
        let parts = [
            (0, year / 100),
            (2, year % 100),
            (5, time.month()),
            (8, time.day()),
            (11, time.hour()),
            (14, time.minute()),
            (17, time.second()),
        ];
        for (at, number) in parts {
            text[at..at + 2].copy_from_slice(&two_digits(number));
        }
        let milliseconds = time.nanosecond() / 1_000_000 % 1_000;
        text[20] = two_digits(milliseconds / 100)[1];
        text[21..].copy_from_slice(&two_digits(milliseconds % 100));
        let shown = if self.fraction { text.len() } else { 19 };
        push_ascii(out, &text[..shown]);
    }
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
}
