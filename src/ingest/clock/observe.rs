//! What a log's times look like while it streams by: runs of records under one undisturbed clock.

use super::{DAY, HOUR, MINUTE, SECOND};
use crate::model::Stamp;
use chrono::{Datelike, NaiveDate, NaiveDateTime};
use std::collections::BTreeSet;

/// A 32-bit count of milliseconds starts again at 0 after 49.7 days.
pub(super) const WRAP: i64 = 1 << 32;
/// No server runs for a century; a larger count is damage or a trick.
const MOST_TICKS: u64 = 100 * 366 * 86_400_000;
/// Wall clock and ticks may disagree by this much before it is a step.
pub(super) const TOLERANCE: i64 = 2 * SECOND;
/// Ticks come in units of 15.6 ms, and a record reads clock and ticks one after the other.
pub(super) const JITTER: i64 = 16;
/// A tick counter drifts by up to 50 parts per million, so that old records say nothing about
/// the milliseconds of new ones.
const PIECE: i64 = HOUR;
/// Disorder between threads that is no step of the clock.
const DISORDER: i64 = MINUTE;
/// A silence longer than this must be confirmed by a second record.
const DOUBTFUL: i64 = 31 * DAY;
/// Bounds of what is kept, so that a hostile log costs no memory.
const MOST_SEGMENTS: usize = 1_024;
const MOST_PIECES: usize = 2_048;
const MOST_SILENCES: usize = 64;

/// Which clock a stamp was read from. Records of different frames never share a segment.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Frame {
    /// Local time without a year, on a calendar of leap years that begins with year 0.
    Float,
    /// Local time.
    Local,
    /// The stamp states its offset.
    Utc,
}

impl Frame {
    pub(super) const ALL: [Frame; 3] = [Frame::Float, Frame::Local, Frame::Utc];

    pub(super) fn of(stamp: &Stamp) -> Frame {
        match (stamp.offset, stamp.has_year) {
            (Some(_), true) => Frame::Utc,
            (None, true) => Frame::Local,
            // An offset without a year is of no use before the year is known.
            (_, false) => Frame::Float,
        }
    }
}

/// One record's time.
#[derive(Debug, Clone, Copy)]
pub struct Mark {
    pub line: u32,
    pub stamp: Stamp,
    /// As written.
    pub tick: Option<u64>,
    /// Milliseconds on the clock of the frame.
    pub wall: i64,
}

/// A stretch within which the distance of clock and ticks is one number.
#[derive(Debug, Clone, Copy)]
pub struct Piece {
    pub first_line: u32,
    /// Unwrapped ticks of its first record.
    pub tick: i64,
    /// Bounds of clock minus ticks, both possible, in milliseconds.
    pub lo: i64,
    pub hi: i64,
}

/// A run of records in one boot under one undisturbed clock.
#[derive(Debug, Clone)]
pub struct Segment {
    pub first: Mark,
    pub last: Mark,
    pub earliest: Mark,
    pub latest: Mark,
    pub records: u64,
    /// Years are counted from March here: within one, the calendar is the same in every year.
    pub(super) season: i32,
    /// Years since the file's first, at the first and at the last record.
    carries: (i32, i32),
    /// Lowest and highest unwrapped tick count.
    pub ticks: Option<(i64, i64)>,
    last_tick: i64,
    wraps: i64,
    /// Whether all counts fit 32 bits, so that one may be a wrapped one.
    pub(super) narrow: bool,
    /// Empty if no record states ticks.
    pub pieces: Vec<Piece>,
}

/// Two neighbouring records with much time between them.
#[derive(Debug, Clone, Copy)]
pub struct Silence {
    pub before: Mark,
    pub after: Mark,
    pub distance: i64,
}

/// What a whole log says about its clock. Small, however large the log is.
#[derive(Debug, Clone, Default)]
pub struct Trace {
    /// Records with a time.
    pub records: u64,
    /// The segments of each [`Frame`], in the order of the file.
    pub lanes: [Vec<Segment>; 3],
    /// From which line on how many New Years have passed.
    pub carries: Vec<(u32, i32)>,
    /// The years (counted like carries) that have a Feb 29.
    pub leaps: BTreeSet<i32>,
    /// Offsets that stamps state: (milliseconds of UTC, minutes east), at the ends of each run.
    pub stated: Vec<(i64, i16)>,
    pub silences: Vec<Silence>,
}

/// Collects a [`Trace`]. Feed it every record, also those that are not kept.
#[derive(Debug, Default)]
pub struct Observer {
    trace: Trace,
    lanes: [Lane; 3],
}

#[derive(Debug, Default)]
struct Lane {
    current: Option<Segment>,
    /// Records that contradict the current segment, until a second one confirms them: a single
    /// record with a damaged or forged time must not break anything.
    candidate: Option<Segment>,
}

/// How a record continues a segment.
struct Fit {
    wall: i64,
    tick: Option<i64>,
    carry: i32,
    season: i32,
    wraps: i64,
}

impl Observer {
    /// Takes note of one record: its first line, its time and its tick count, if it has them.
    pub fn observe(&mut self, line: u32, stamp: Option<&Stamp>, tick: Option<u64>) {
        let Some(stamp) = stamp else { return };
        let frame = Frame::of(stamp);
        let lane = &mut self.lanes[frame as usize];
        if frame != Frame::Float
            && let Some(count) = tick.filter(|tick| *tick <= MOST_TICKS)
            && let (Some(current), None) = (&mut lane.current, &lane.candidate)
        {
            let wall = wall(stamp, frame, 0);
            if current.goes_on(line, stamp, count, wall) {
                self.trace.records += 1;
                self.trace.state(stamp.offset, wall, frame);
                return;
            }
        }
        self.with_care(line, stamp, tick);
    }

    /// The same for a record of any kind.
    #[inline(never)]
    pub(super) fn with_care(&mut self, line: u32, stamp: &Stamp, tick: Option<u64>) {
        let tick = tick.filter(|tick| *tick <= MOST_TICKS);
        self.trace.records += 1;
        let frame = Frame::of(stamp);
        let lane = &mut self.lanes[frame as usize];
        let mark = Mark {
            line,
            stamp: *stamp,
            tick,
            wall: 0,
        };

        let Some(current) = &mut lane.current else {
            let carry = 0;
            let wall = wall(stamp, frame, carry);
            let start = Segment::start(Mark { wall, ..mark }, frame, carry, None);
            self.trace.note(&start, frame);
            lane.current = Some(start);
            return;
        };
        if let Some(fit) = current.fit(stamp, frame, tick) {
            lane.candidate = None;
            let mark = Mark {
                wall: fit.wall,
                ..mark
            };
            self.trace.hear(current.last, mark, current.distance(&fit));
            self.trace.carry(line, current.carries.1, fit.carry);
            self.trace.leap_and_offset(&mark, frame, fit.carry);
            if fit.season == current.season {
                current.extend(mark, &fit);
            } else if self.trace.lanes[frame as usize].len() < MOST_SEGMENTS {
                let next = Segment::start(mark, frame, fit.carry, Some(&*current));
                self.trace.lanes[frame as usize].extend(lane.current.replace(next));
            }
            return;
        }
        if let Some(candidate) = &mut lane.candidate
            && let Some(fit) = candidate.fit(stamp, frame, tick)
            && fit.season == candidate.season
        {
            let mark = Mark {
                wall: fit.wall,
                ..mark
            };
            let distance = candidate.distance(&fit);
            let before = candidate.last;
            candidate.extend(mark, &fit);
            let next = lane.candidate.take();
            self.trace.promote(&mut lane.current, next, frame);
            self.trace.hear(before, mark, distance);
            return;
        }
        let carry = current.nearest(stamp, frame).0;
        let wall = wall(stamp, frame, carry);
        let mark = Mark { wall, ..mark };
        lane.candidate = Some(Segment::start(mark, frame, carry, Some(&*current)));
    }

    /// The log has ended.
    pub fn finish(mut self) -> Trace {
        for frame in Frame::ALL {
            let lane = &mut self.lanes[frame as usize];
            let follows = match (&lane.current, &lane.candidate) {
                (Some(current), Some(candidate)) => candidate.follows(current),
                _ => false,
            };
            if follows {
                let next = lane.candidate.take();
                self.trace.promote(&mut lane.current, next, frame);
            }
            self.trace.lanes[frame as usize].extend(lane.current.take());
        }
        self.trace
    }
}

impl Trace {
    /// Makes the candidate the current segment.
    fn promote(&mut self, current: &mut Option<Segment>, next: Option<Segment>, frame: Frame) {
        let (Some(old), Some(next)) = (current.take(), next) else {
            return;
        };
        let lane = &mut self.lanes[frame as usize];
        if lane.len() >= MOST_SEGMENTS {
            *current = Some(old);
            return;
        }
        // One record that neither its successors nor a plausible event explains is damaged.
        let kept = old.records > 1 || next.follows(&old);
        self.carry(next.first.line, old.carries.1, next.carries.0);
        self.carry(next.last.line, next.carries.0, next.carries.1);
        self.note(&next, frame);
        if kept {
            let distance = next.first.wall.saturating_sub(old.last.wall);
            self.hear(old.last, next.first, distance);
            self.lanes[frame as usize].push(old);
        }
        *current = Some(next);
    }

    fn note(&mut self, segment: &Segment, frame: Frame) {
        self.leap_and_offset(&segment.first, frame, segment.carries.0);
        self.leap_and_offset(&segment.last, frame, segment.carries.1);
    }

    fn carry(&mut self, line: u32, old: i32, new: i32) {
        if old != new && self.carries.len() < MOST_SEGMENTS {
            self.carries.push((line, new));
        }
    }

    fn leap_and_offset(&mut self, mark: &Mark, frame: Frame, carry: i32) {
        let is_leap = || {
            let day = mark.stamp.local.naive();
            day.month() == 2 && day.day() == 29
        };
        if frame == Frame::Float && is_leap() && self.leaps.len() < 16 {
            self.leaps.insert(carry);
        }
        self.state(mark.stamp.offset, mark.wall, frame);
    }

    /// Takes note of the offset that a record states.
    #[inline]
    fn state(&mut self, offset: Option<i16>, wall: i64, frame: Frame) {
        let (Frame::Utc, Some(offset)) = (frame, offset) else {
            return;
        };
        let known = self.stated.len();
        match self.stated.as_mut_slice() {
            [.., (_, one), last] if *one == offset && last.1 == offset => last.0 = wall,
            _ if known < MOST_SEGMENTS => self.stated.push((wall, offset)),
            _ => {}
        }
    }

    /// Keeps the longest silences.
    fn hear(&mut self, before: Mark, after: Mark, distance: i64) {
        if distance <= HOUR {
            return;
        }
        let silence = Silence {
            before,
            after,
            distance,
        };
        if self.silences.len() < MOST_SILENCES {
            self.silences.push(silence);
        } else if let Some(shortest) = self.silences.iter_mut().min_by_key(|one| one.distance)
            && shortest.distance < distance
        {
            *shortest = silence;
        }
    }
}

impl Segment {
    fn start(mark: Mark, frame: Frame, carry: i32, before: Option<&Segment>) -> Segment {
        // The count goes on from the segment before unless it fell, which is a new boot.
        let wraps = before.map_or(0, |before| before.wraps);
        let counted = mark.tick.map(|tick| (tick.cast_signed(), wraps));
        let counted = counted.map(|(tick, wraps)| {
            let unwrapped = tick.saturating_add(wraps.saturating_mul(WRAP));
            match before.and_then(|before| before.ticks) {
                Some((_, high)) if tick < WRAP && unwrapped >= high - 10 * SECOND => {
                    (unwrapped, wraps)
                }
                _ => (tick, 0),
            }
        });
        let mut segment = Segment {
            first: mark,
            last: mark,
            earliest: mark,
            latest: mark,
            records: 1,
            season: season(&mark.stamp, frame, carry),
            carries: (carry, carry),
            ticks: None,
            last_tick: 0,
            wraps: counted.map_or(0, |(_, wraps)| wraps),
            narrow: true,
            pieces: Vec::new(),
        };
        if let Some((tick, _)) = counted {
            segment.count(mark, tick);
        }
        segment
    }

    fn extend(&mut self, mark: Mark, fit: &Fit) {
        self.carries.1 = fit.carry;
        self.last_is(mark.line, &mark.stamp, mark.tick, mark.wall);
        if let Some(tick) = fit.tick {
            self.wraps = fit.wraps;
            self.count(mark, tick);
        }
    }

    fn last_is(&mut self, line: u32, stamp: &Stamp, tick: Option<u64>, wall: i64) {
        // Each put together where it stays: to copy what was written just now takes longer.
        let mark = || Mark {
            line,
            stamp: *stamp,
            tick,
            wall,
        };
        self.records += 1;
        self.last = mark();
        if wall < self.earliest.wall {
            self.earliest = mark();
        }
        if wall > self.latest.wall {
            self.latest = mark();
        }
    }

    fn count_tick(&mut self, tick: i64) {
        self.last_tick = tick;
        let (low, high) = self.ticks.unwrap_or((tick, tick));
        self.ticks = Some((low.min(tick), high.max(tick)));
    }

    /// Takes in a record that follows the last one as nearly all do: soon, by a clock that knows the
    /// year, and with a distance of clock and ticks that meets the one of its piece. Does what
    /// [`Segment::fit`] and [`Segment::extend`] would do, else nothing: a no says nothing.
    #[inline]
    fn goes_on(&mut self, line: u32, stamp: &Stamp, raw: u64, wall: i64) -> bool {
        let room = self.pieces.len() < MOST_PIECES;
        let Some(piece) = self.pieces.last_mut().filter(|_| room) else {
            return false;
        };
        let tick = raw.cast_signed() + self.wraps * WRAP;
        let (own_lo, own_hi) = distance(stamp, wall, tick);
        let is_near = (own_lo - i64::midpoint(piece.lo, piece.hi)).abs() < WRAP / 2;
        let (lo, hi) = (piece.lo.max(own_lo), piece.hi.min(own_hi));
        // Where the distances meet, they are not apart.
        let is_calm = lo <= hi && tick.abs_diff(piece.tick) <= PIECE.unsigned_abs();
        let is_soon = tick - self.last_tick <= HOUR;
        // Whether the count wraps as often as at the last one.
        let is_narrow = raw.cast_signed() < WRAP;
        if !(is_near && is_calm && is_soon && (self.wraps == 0 || is_narrow)) {
            return false;
        }
        (piece.lo, piece.hi) = (lo, hi);
        self.narrow &= is_narrow;
        self.count_tick(tick);
        self.carries.1 = 0;
        self.last_is(line, stamp, Some(raw), wall);
        true
    }

    /// Narrows the distance of clock and ticks by one more record.
    fn count(&mut self, mark: Mark, tick: i64) {
        self.narrow &= mark.tick.is_some_and(|raw| raw.cast_signed() < WRAP);
        self.count_tick(tick);
        let (lo, hi) = distance(&mark.stamp, mark.wall, tick);
        let own = Piece {
            first_line: mark.line,
            tick,
            lo,
            hi,
        };
        let room = self.pieces.len() < MOST_PIECES;
        let Some(piece) = self.pieces.last_mut() else {
            self.pieces.push(own);
            return;
        };
        let (lo, hi) = (piece.lo.max(own.lo), piece.hi.min(own.hi));
        if !room {
            (piece.lo, piece.hi) = (piece.lo.min(own.lo), piece.hi.max(own.hi));
        } else if tick.abs_diff(piece.tick) > PIECE.unsigned_abs() || lo > hi + 2 * JITTER {
            self.pieces.push(own);
        } else if lo > hi {
            (piece.lo, piece.hi) = (hi, lo);
        } else {
            (piece.lo, piece.hi) = (lo, hi);
        }
    }

    /// Whether a record goes on where this segment stands, and as what.
    fn fit(&self, stamp: &Stamp, frame: Frame, tick: Option<u64>) -> Option<Fit> {
        if let (Some(tick), Some(piece)) = (tick, self.pieces.last()) {
            let carry = self.carries.1;
            let carries = match frame {
                Frame::Float => &[carry, carry + 1, carry - 1][..],
                Frame::Local | Frame::Utc => &[0],
            };
            return carries
                .iter()
                .find_map(|carry| self.fit_ticks(stamp, frame, *carry, tick, piece));
        }
        let (carry, wall) = self.nearest(stamp, frame);
        let distance = wall.saturating_sub(self.last.wall);
        let tick = tick.map(u64::cast_signed);
        ((-DISORDER..=DOUBTFUL).contains(&distance)).then(|| Fit {
            wall,
            tick,
            carry,
            season: season(stamp, frame, carry),
            wraps: 0,
        })
    }

    fn fit_ticks(
        &self,
        stamp: &Stamp,
        frame: Frame,
        carry: i32,
        tick: u64,
        piece: &Piece,
    ) -> Option<Fit> {
        let wall = wall(stamp, frame, carry);
        let season = season(stamp, frame, carry);
        let tick = tick.cast_signed();
        let middle = i64::midpoint(piece.lo, piece.hi);
        let wraps = if tick < WRAP {
            let missing = wall - middle - tick;
            (missing + WRAP / 2).div_euclid(WRAP).max(0)
        } else {
            0
        };
        let tick = tick + wraps * WRAP;
        let tolerance = tolerance(tick.abs_diff(self.last_tick));
        let off = apart(
            (wall, wall + i64::from(stamp.lasts)),
            (piece.lo + tick, piece.hi + tick),
        );
        // Between February and March nobody knows yet whether there is a day.
        let fits = off.abs() <= tolerance
            || (season != self.season && (off.abs() - DAY).abs() <= tolerance);
        fits.then_some(Fit {
            wall,
            tick: Some(tick),
            carry,
            season,
            wraps,
        })
    }

    /// The year of a record by the wall clock alone, and its time in that year.
    fn nearest(&self, stamp: &Stamp, frame: Frame) -> (i32, i64) {
        let carry = if frame == Frame::Float {
            self.carries.1
        } else {
            0
        };
        let here = wall(stamp, frame, carry);
        let ahead = here.saturating_sub(self.last.wall);
        if frame == Frame::Float && ahead < -182 * DAY {
            return (carry + 1, wall(stamp, frame, carry + 1));
        }
        // The last seconds of December after the first of January: threads in disorder.
        if frame == Frame::Float && ahead > 300 * DAY {
            return (carry - 1, wall(stamp, frame, carry - 1));
        }
        (carry, here)
    }

    /// How long it was quiet before a record.
    fn distance(&self, fit: &Fit) -> i64 {
        match (fit.tick, self.ticks) {
            (Some(tick), Some(_)) => tick - self.last_tick,
            _ if fit.season != self.season => fit.wall - self.last.wall - DAY,
            _ => fit.wall - self.last.wall,
        }
    }

    /// Whether a reboot or a silence explains that this segment comes after `old`. Not a step of
    /// the clock: that takes two records on either side.
    fn follows(&self, old: &Segment) -> bool {
        match (self.pieces.first(), old.pieces.is_empty()) {
            (Some(piece), false) => piece.hi >= old.last.wall - TOLERANCE,
            _ => self.first.wall >= old.last.wall,
        }
    }
}

/// Bounds of clock minus ticks by one record, both possible.
fn distance(stamp: &Stamp, wall: i64, tick: i64) -> (i64, i64) {
    let least = wall - tick;
    (least, least + i64::from(stamp.lasts.max(1)) - 1)
}

/// How far clock and ticks may part over so many ticks: a drift of 100 parts per million.
pub(super) fn tolerance(ticks: u64) -> i64 {
    let drift = i64::try_from(ticks / 10_000).unwrap_or(MINUTE);
    TOLERANCE + drift.min(MINUTE)
}

/// By how much the first stretch lies after the second; 0 if they meet.
fn apart(one: (i64, i64), other: (i64, i64)) -> i64 {
    if one.0 > other.1 {
        one.0 - other.1
    } else if one.1 <= other.0 {
        one.1 - 1 - other.0
    } else {
        0
    }
}

/// Milliseconds on the clock of the frame.
#[inline]
pub(super) fn wall(stamp: &Stamp, frame: Frame, carry: i32) -> i64 {
    match frame {
        Frame::Utc => stamp.utc_ms().unwrap_or_else(|| stamp.local_ms()),
        Frame::Local => stamp.local_ms(),
        Frame::Float => float(stamp, carry),
    }
}

fn float(stamp: &Stamp, carry: i32) -> i64 {
    let time = stamp.local.naive();
    let time = time
        .with_year(Stamp::NO_YEAR)
        .unwrap_or(time)
        .and_utc()
        .timestamp_millis();
    time - new_year(Stamp::NO_YEAR) + i64::from(carry) * 366 * DAY
}

/// A time of [`Frame::Float`] in the real calendar, if its year 0 is `year`.
pub(super) fn real(float: i64, year: i32) -> i64 {
    let carry = i32::try_from(float.div_euclid(366 * DAY)).unwrap_or(0);
    let within = float.rem_euclid(366 * DAY) + new_year(Stamp::NO_YEAR);
    in_year(super::naive(within), year.saturating_add(carry))
        .and_utc()
        .timestamp_millis()
}

/// The same day and time in another year; Feb 29 becomes Mar 1 where there is none.
pub(super) fn in_year(time: NaiveDateTime, year: i32) -> NaiveDateTime {
    time.with_year(year)
        .or_else(|| {
            let day = NaiveDate::from_ymd_opt(year, 3, 1)?;
            Some(day.and_time(time.time()))
        })
        .unwrap_or(time)
}

fn new_year(year: i32) -> i64 {
    NaiveDate::from_ymd_opt(year, 1, 1)
        .unwrap_or_default()
        .and_time(chrono::NaiveTime::MIN)
        .and_utc()
        .timestamp_millis()
}

fn season(stamp: &Stamp, frame: Frame, carry: i32) -> i32 {
    match frame {
        Frame::Float if stamp.local.naive().month() < 3 => carry - 1,
        Frame::Float => carry,
        Frame::Local | Frame::Utc => 0,
    }
}
