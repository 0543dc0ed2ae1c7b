//! Year, zone and tick counts: from times as they are written to [`Moment`]s.
//!
//! Two stages, so that memory does not grow with a log. While it streams, an [`Observer`] is fed
//! every record's time and keeps a [`Trace`]: runs of records under one undisturbed clock. When
//! all files are read, [`settle`] finds the years, the zone, the boots and the steps of the
//! clock, and the [`Clock`] places the kept records and all other stamps.
//!
//! What holds:
//! - The tick count is the better clock. It tells a clock step (wall and ticks part) from a
//!   reboot (ticks begin again), which of two 02:30 is meant when summer time ends, and where in
//!   its second a record lies.
//! - The axis never runs backwards within a boot. Of two clocks the newer one is taken to be
//!   right; what the older one showed is kept in [`Moment::shift`].
//! - One record never decides. A forged or damaged time is an outlier until a second record
//!   confirms it.
//! - Drift of ticks, disorder between threads and the wrap of 32-bit counts are no steps.

mod boots;
mod observe;
mod year;
mod zone;

pub use observe::{Frame, Mark, Observer, Piece, Segment, Silence, Trace};
pub use year::YearHints;
pub use zone::{LoggedZone, ZoneChoice, ZoneHints, parse_zone};

use super::Defect;
use crate::model::{Gap, Moment, Stamp, TimeZoneUsed, ZoneBasis};
use boots::Node;
use chrono::{DateTime, NaiveDateTime};
use zone::{Rule, east};

const SECOND: i64 = 1_000;
const MINUTE: i64 = 60 * SECOND;
const HOUR: i64 = 60 * MINUTE;
const DAY: i64 = 24 * HOUR;
/// Zones lie between these offsets: what is known of UTC times while the server's zone is not.
const WESTMOST: i64 = 12 * HOUR;
const EASTMOST: i64 = 14 * HOUR;

/// The settled times of a case. The same evidence gives the same clock.
#[derive(Debug, Clone, Default)]
pub struct Clock {
    files: Vec<File>,
    rule: Rule,
    basis: ZoneBasis,
    name: Option<String>,
    steps: Vec<Step>,
    notes: Vec<(Option<usize>, Defect)>,
    /// A full date near the newest record, for other stamps without a year.
    newest: Option<i64>,
}

/// A step of a server's clock that no change of summer time explains.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Step {
    /// Index of the trace.
    pub file: usize,
    /// The first record under the new clock.
    pub line: u32,
    /// When that record was written.
    pub at: Moment,
    /// Forward is positive. Without tick counts, at least this much.
    pub by_ms: i64,
}

#[derive(Debug, Clone, Default)]
struct File {
    /// In the order of [`Frame::ALL`], each in the order of the file.
    lanes: [Vec<Node>; 3],
    year: i32,
    carries: Vec<(u32, i32)>,
    silences: Vec<Silence>,
    records: u64,
}

/// So many silences of a log may be gaps; the next longest tells what is usual.
const MOST_GAPS: usize = 4;

impl File {
    /// How long the longest silences are that come again and again; at least an hour.
    fn usual_silence(&self) -> i64 {
        let mut lengths: Vec<i64> = self.silences.iter().map(|one| one.distance).collect();
        lengths.sort_unstable_by(|a, b| b.cmp(a));
        lengths.get(MOST_GAPS).copied().unwrap_or(HOUR).max(HOUR)
    }
}

/// Settles years, zone, boots and steps. `traces` holds one trace per log file.
pub fn settle(traces: &[Trace], years: &YearHints, zones: &ZoneHints) -> Clock {
    let (found, notes) = year::settle(traces, years);
    let stated: Vec<(i64, i16)> = traces.iter().flat_map(|one| one.stated.clone()).collect();
    let local = |trace: &Trace| {
        trace.lanes[..Frame::Utc as usize]
            .iter()
            .any(|lane| !lane.is_empty())
    };
    let chosen = zone::choose(zones, &stated, !traces.iter().any(local));
    let files = traces
        .iter()
        .zip(&found)
        .map(|(trace, year)| File {
            lanes: Frame::ALL.map(|frame| {
                let lane = &trace.lanes[frame as usize];
                lane.iter()
                    .map(|one| Node::new(one, frame, *year))
                    .collect()
            }),
            year: *year,
            carries: trace.carries.clone(),
            silences: trace.silences.clone(),
            records: trace.records,
        })
        .collect();
    let mut clock = Clock {
        files,
        rule: chosen.rule,
        basis: chosen.basis,
        name: chosen.name,
        steps: Vec::new(),
        notes: notes
            .into_iter()
            .map(|(file, defect)| (Some(file), defect))
            .collect(),
        newest: None,
    };
    let only_utc = zones.stated.is_empty() && !stated.is_empty();
    if only_utc && clock.basis == ZoneBasis::Stated && stated.iter().all(|(_, east)| *east == 0) {
        let defect = Defect {
            line: None,
            what: "the logs state all times in UTC, and nothing says in which zone the server is"
                .to_owned(),
            cost: "names of captures and listings without a zone are taken for UTC; `--timezone` says otherwise"
                .to_owned(),
            lost: false,
        };
        clock.notes.push((None, defect));
    }
    for (what, cost) in chosen.conflicts {
        let defect = Defect {
            line: None,
            what,
            cost,
            lost: false,
        };
        clock.notes.push((None, defect));
    }
    let findings = boots::connect(&mut clock.files, &clock.rule);
    for found in findings {
        clock.tell(found);
    }
    clock.newest = clock
        .files
        .iter()
        .flat_map(|file| file.lanes.iter().flatten())
        .map(|node| node.segment.latest.wall + node.real)
        .max();
    clock
}

impl Clock {
    /// When a log record was written: its line, its stamp and its tick count as observed.
    pub fn moment(&self, file: usize, line: u32, stamp: &Stamp, tick: Option<u64>) -> Moment {
        self.moment_near(file, line, stamp, tick, &mut 0)
    }

    /// The same for one record after another: `near` is where the clock knew the one before.
    pub fn moment_near(
        &self,
        file: usize,
        line: u32,
        stamp: &Stamp,
        tick: Option<u64>,
        near: &mut usize,
    ) -> Moment {
        let Some(file) = self.files.get(file) else {
            return self.place(stamp);
        };
        let frame = Frame::of(stamp);
        let lane = &file.lanes[frame as usize];
        let at = lane.partition_point(|node| node.segment.first.line <= line);
        let Some(node) = lane.get(at.saturating_sub(1)) else {
            return self.place(stamp);
        };
        let carry = file.carries.partition_point(|(from, _)| *from <= line);
        let carry = carry.checked_sub(1).map_or(0, |at| file.carries[at].1);
        let local = match frame {
            Frame::Float => observe::real(observe::wall(stamp, frame, carry), file.year),
            Frame::Local | Frame::Utc => observe::wall(stamp, frame, 0),
        };
        // Far outside what the segment covers: an outlier, of which only its own words count.
        let covered = node.segment.earliest.wall + node.real - HOUR
            ..=node.segment.latest.wall + node.real + HOUR;
        if !covered.contains(&local) {
            return self.any(stamp, frame, local);
        }
        let whole = (local, local + i64::from(stamp.lasts.max(1)));
        let (start, end) = node.narrow(line, whole, tick, near).unwrap_or(whole);
        let shift = i32::try_from(node.shift).unwrap_or(0);
        let built = |start: i64, end: i64, offset: Option<i16>, minutes: i16| Moment {
            start: start - east(minutes) + i64::from(shift),
            end: end - east(minutes) + i64::from(shift),
            offset,
            shift,
            fraction: stamp.lasts < 1_000,
        };
        match (frame, &self.rule, node.offset) {
            (Frame::Utc, Rule::Unknown, _) => self.any(stamp, frame, local),
            // `Z` is how the record is written, not what the server's clock showed.
            (Frame::Utc, rule, _) if stamp.offset == Some(0) => {
                built(start, end, rule.offset_at(start).or(stamp.offset), 0)
            }
            (Frame::Utc, _, _) => built(start, end, stamp.offset, 0),
            (_, Rule::Unknown, _) => built(start, end, None, 0),
            (_, _, Some(minutes)) => built(start, end, Some(minutes), minutes),
            (_, _, None) => {
                let (first, second) = self.doubt(local);
                let fold = local.saturating_sub(3 * HOUR)..=local.saturating_add(3 * HOUR);
                let latest = node.segment.latest.wall + node.real;
                let earliest = node.segment.earliest.wall + node.real;
                if node.before_fold && fold.contains(&latest) {
                    built(start, end, Some(first), first)
                } else if node.after_fold && fold.contains(&earliest) {
                    built(start, end, Some(second), second)
                } else {
                    let moment = self.any(stamp, frame, local);
                    Moment {
                        start: moment.start + i64::from(shift),
                        end: moment.end + i64::from(shift),
                        shift,
                        ..moment
                    }
                }
            }
        }
    }

    /// When something outside the logs happened: a capture, a listing, a file's time.
    ///
    /// A stamp with an offset is exact in UTC and is shown as the server's clock showed it. One
    /// without goes through the zone, and where the logs show that the clock was wrong at that
    /// time, it is set right as the records are.
    pub fn place(&self, stamp: &Stamp) -> Moment {
        let frame = Frame::of(stamp);
        let local = match frame {
            Frame::Float => {
                // The last such day that is not after the newest record.
                let newest = self.newest.unwrap_or_default();
                let year = chrono::Datelike::year(&naive(newest));
                let float = observe::wall(stamp, frame, 0);
                let here = observe::real(float, year);
                if here > newest.saturating_add(DAY) {
                    observe::real(float, year.saturating_sub(1))
                } else {
                    here
                }
            }
            Frame::Local | Frame::Utc => observe::wall(stamp, frame, 0),
        };
        let moment = self.any(stamp, frame, local);
        if frame == Frame::Utc {
            return moment;
        }
        let (low, high) = self.shifts(local);
        Moment {
            start: moment.start + i64::from(low),
            end: moment.end + i64::from(high),
            shift: low,
            ..moment
        }
    }

    /// The zone as the report states it. `newest` is the newest event of the case.
    pub fn zone_used(&self, newest: Option<&Moment>) -> TimeZoneUsed {
        let offset = match newest {
            Some(at) => at.offset.or_else(|| self.rule.offset_at(at.start)),
            None => self.rule.offset_at(self.newest.unwrap_or_default()),
        };
        TimeZoneUsed {
            offset,
            basis: self.basis,
            name: self.name.clone(),
            several: false,
        }
    }

    /// The steps of clocks that summer time does not explain, by file and line.
    pub fn steps(&self) -> &[Step] {
        &self.steps
    }

    /// What to tell about years, zones and clocks: of a file, or (`None`) of the whole case.
    pub fn notes(&self) -> &[(Option<usize>, Defect)] {
        &self.notes
    }

    /// The first and the last moment of a log, in time.
    pub fn span(&self, file: usize) -> Option<(Moment, Moment)> {
        let nodes = || {
            self.files
                .get(file)
                .into_iter()
                .flat_map(|log| log.lanes.iter().flatten())
        };
        let first = nodes()
            .map(|node| self.mark(file, &node.segment.earliest))
            .min()?;
        let last = nodes()
            .map(|node| self.mark(file, &node.segment.latest))
            .max_by_key(|moment| (moment.end, moment.start))?;
        Some((first, last))
    }

    /// The stretches in which a log is silent for more than an hour and more than 12 times
    /// longer than on average, or more than twice as long as is usual for its longest silences, by
    /// time. A log of less than 20 records names none.
    pub fn gaps(&self, file: usize) -> Vec<Gap> {
        let (Some(log), Some((first, last))) = (self.files.get(file), self.span(file)) else {
            return Vec::new();
        };
        if log.records < 20 {
            return Vec::new();
        }
        let apart = i64::try_from(log.records - 1).unwrap_or(i64::MAX);
        let mean = (last.end - first.start) / apart;
        let lanes = log.lanes.iter().filter(|lane| !lane.is_empty()).count();
        let covered = |gap: &Gap| {
            // Only where a file mixes spellings of times can a record of another lie between.
            lanes > 1
                && log.lanes.iter().flatten().any(|node| {
                    let from = self.mark(file, &node.segment.earliest);
                    let to = self.mark(file, &node.segment.latest);
                    from.start < gap.to.start
                        && gap.from.end < to.end
                        && !(to.start <= gap.from.start || from.end >= gap.to.end)
                })
        };
        let usual = log.usual_silence();
        let mut gaps: Vec<Gap> = log
            .silences
            .iter()
            .map(|one| Gap {
                from: self.mark(file, &one.before),
                to: self.mark(file, &one.after),
            })
            .filter(|gap| {
                let quiet = gap.to.start - gap.from.start;
                quiet > HOUR && (quiet > mean.saturating_mul(12) || quiet > 2 * usual)
            })
            .filter(|gap| !covered(gap))
            .collect();
        gaps.sort_by_key(|gap| (gap.from, gap.to));
        gaps
    }

    fn mark(&self, file: usize, mark: &Mark) -> Moment {
        self.moment(file, mark.line, &mark.stamp, mark.tick)
    }

    /// A stamp through the zone alone. `local` is its time with the year settled: on the
    /// server's clock, or in UTC for a stamp with offset.
    fn any(&self, stamp: &Stamp, frame: Frame, local: i64) -> Moment {
        let end = local.saturating_add(i64::from(stamp.lasts.max(1)));
        let fraction = stamp.lasts < 1_000;
        let moment = |start: i64, end: i64, offset: Option<i16>| Moment {
            start,
            end,
            offset,
            shift: 0,
            fraction,
        };
        match (frame, &self.rule) {
            (Frame::Utc, Rule::Unknown) => moment(local - WESTMOST, end + EASTMOST, None),
            (Frame::Utc, rule) => moment(local, end, rule.offset_at(local)),
            (_, Rule::Unknown) => moment(local, end, None),
            _ => {
                let (first, second) = self.doubt(local);
                let (high, low) = (first.max(second), first.min(second));
                moment(local - east(high), end - east(low), Some(high))
            }
        }
    }

    /// The two offsets that a local time may have had; the same one twice where there is no doubt.
    fn doubt(&self, local: i64) -> (i16, i16) {
        let offsets = self.rule.offsets(local);
        match (offsets.first(), offsets.last()) {
            (Some(first), Some(last)) => (*first, *last),
            _ => self.rule.around(local).unwrap_or((0, 0)),
        }
    }

    /// By how much the clock that showed `local` was wrong: two bounds, as clocks of one case
    /// may differ. Outside the logs, the nearest record within a day tells.
    fn shifts(&self, local: i64) -> (i32, i32) {
        let mut nearest: Option<(u64, i32, i32)> = None;
        for node in self
            .files
            .iter()
            .flat_map(|file| &file.lanes[..2])
            .flatten()
        {
            let from = node.segment.earliest.wall + node.real;
            let to = node.segment.latest.wall + node.real;
            let apart = if (from..=to).contains(&local) {
                0
            } else {
                local.abs_diff(from).min(local.abs_diff(to))
            };
            let shift = i32::try_from(node.shift).unwrap_or(0);
            nearest = match nearest {
                _ if apart > DAY.unsigned_abs() => nearest,
                Some((best, low, high)) if best == apart => {
                    Some((best, low.min(shift), high.max(shift)))
                }
                Some((best, _, _)) if best < apart => nearest,
                _ => Some((apart, shift, shift)),
            };
        }
        nearest.map_or((0, 0), |(_, low, high)| (low, high))
    }

    fn tell(&mut self, found: boots::Finding) {
        let boots::Finding { file, mark, what } = found;
        let note = |what: &str, cost: &str| Defect {
            line: Some(mark.line),
            what: what.to_owned(),
            cost: cost.to_owned(),
            lost: false,
        };
        match what {
            boots::What::Step { by, ticks, carried } => {
                let at = self.moment(file, mark.line, &mark.stamp, mark.tick);
                self.steps.push(Step {
                    file,
                    line: mark.line,
                    at,
                    by_ms: by,
                });
                if !ticks {
                    let defect = note(
                        "the times step back and no tick count tells why",
                        "taken for a step of the clock; times before it are uncertain",
                    );
                    self.notes.push((Some(file), defect));
                }
                if !carried {
                    let defect = note(
                        "the clock was set by more than 24 days",
                        "times before it are left as written",
                    );
                    self.notes.push((Some(file), defect));
                }
            }
            boots::What::Disorder => {
                let defect = note(
                    "the times step back again and again and no tick count tells why",
                    "the times are taken as written; their order is not the order of the file",
                );
                self.notes.push((Some(file), defect));
            }
            boots::What::NoSummerTime => {
                let defect = note(
                    "the clock did not follow the summer time of the zone",
                    "the offset at the end of the stretch is used for all of it",
                );
                self.notes.push((Some(file), defect));
            }
        }
    }
}

/// A count of milliseconds as date and time; the nearest end of the calendar if there is none.
fn naive(ms: i64) -> NaiveDateTime {
    match DateTime::from_timestamp_millis(ms) {
        Some(time) => time.naive_utc(),
        None if ms < 0 => NaiveDateTime::MIN,
        None => NaiveDateTime::MAX,
    }
}

#[cfg(test)]
mod tests;
