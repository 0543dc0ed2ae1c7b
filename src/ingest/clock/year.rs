//! The year of a log that states none.

use super::observe::{Frame, TOLERANCE, Trace, WRAP, real};
use super::{DAY, naive};
use crate::ingest::Defect;
use crate::model::Stamp;
use chrono::{Datelike, NaiveDate};

/// What the rest of the evidence says about the year.
#[derive(Debug, Clone, Default)]
pub struct YearHints {
    /// Full dates elsewhere, in milliseconds: of captures and listings, in names. Only dates near
    /// the time of collection; those of files inside a package are years old. Logs with full
    /// dates need not be repeated here.
    pub dated: Vec<i64>,
    /// When each log file was modified, in the order of the traces.
    pub modified: Vec<Option<i64>>,
    /// Versions of packages in Unix seconds: the evidence is not older than the newest.
    pub versions: Vec<i64>,
}

/// A log's year 0 and how far it is to be trusted, best first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Basis {
    OwnDates,
    Dated,
    Modified,
    OtherLogs,
    Versions,
    Unknown,
}

impl Basis {
    fn words(self) -> &'static str {
        match self {
            Basis::OwnDates => "full dates in the same file",
            Basis::Dated => "full dates elsewhere in the evidence",
            Basis::Modified => "the file's modification time",
            Basis::OtherLogs => "the other logs",
            Basis::Versions => "the versions of packages",
            Basis::Unknown => "nothing",
        }
    }
}

/// One log without year: its times on the floating calendar, and its year once found.
struct Log {
    file: usize,
    span: (i64, i64),
    found: Option<(Basis, i64, i32)>,
}

/// The year 0 of every file ([`Stamp::NO_YEAR`] where unknown), and what to tell about it.
pub(super) fn settle(traces: &[Trace], hints: &YearHints) -> (Vec<i32>, Vec<(usize, Defect)>) {
    let mut dated: Vec<i64> = hints.dated.clone();
    for trace in traces {
        dated.extend(dates(trace));
    }
    let dated = tidy(dated);
    let mut logs: Vec<Log> = traces
        .iter()
        .enumerate()
        .filter_map(|(file, trace)| {
            let lane = &trace.lanes[Frame::Float as usize];
            let first = lane.iter().map(|one| one.earliest.wall).min()?;
            let last = lane.iter().map(|one| one.latest.wall).max()?;
            Some(Log {
                file,
                span: (first, last),
                found: None,
            })
        })
        .collect();

    for log in &mut logs {
        let trace = &traces[log.file];
        let modified = hints.modified.get(log.file).copied().flatten();
        let own = tidy(dates(trace));
        log.found = by_dates(log.span, trace, &own, modified)
            .map(|(apart, year)| (Basis::OwnDates, apart, year))
            .or_else(|| {
                let (apart, year) = by_dates(log.span, trace, &dated, modified)?;
                Some((Basis::Dated, apart, year))
            })
            .or_else(|| {
                let latest = modified?.saturating_add(DAY);
                let year = largest(log.span, trace, |_, last| last <= latest, latest)?;
                let apart = latest.saturating_sub(real(log.span.1, year));
                Some((Basis::Modified, apart, year))
            });
    }
    let others: Vec<i64> = logs
        .iter()
        .filter_map(|log| {
            let (_, _, year) = log.found?;
            Some([real(log.span.0, year), real(log.span.1, year)])
        })
        .flatten()
        .collect();
    let others = tidy(others);
    let newest = tidy(
        hints
            .versions
            .iter()
            .map(|at| at.saturating_mul(1_000))
            .collect(),
    );
    for log in logs.iter_mut().filter(|log| log.found.is_none()) {
        let trace = &traces[log.file];
        log.found = by_dates(log.span, trace, &others, None)
            .map(|(apart, year)| (Basis::OtherLogs, apart, year))
            .or_else(|| {
                let newest = *newest.last()?;
                let start = naive(newest).year() - carry_of(log.span.1) - 1;
                let year = (start..start + 10)
                    .find(|year| real(log.span.1, *year) >= newest && leaps_hold(trace, *year))?;
                Some((Basis::Versions, 0, year))
            });
    }
    guess(&mut logs, traces);
    join(&mut logs, traces);

    let mut years = vec![Stamp::NO_YEAR; traces.len()];
    let mut notes = Vec::new();
    for log in &logs {
        let Some((basis, _, year)) = log.found else {
            continue;
        };
        years[log.file] = year;
        let (first, last) = (
            naive(real(log.span.0, year)).year(),
            naive(real(log.span.1, year)).year(),
        );
        let span = if first == last {
            first.to_string()
        } else {
            format!("{first} to {last}")
        };
        let cost = match basis {
            Basis::Unknown => format!(
                "nothing in the evidence tells it; {span} stands for it, and distances to dated \
                 evidence are not known"
            ),
            _ => format!("{span} is taken from {}", basis.words()),
        };
        notes.push((
            log.file,
            Defect {
                line: None,
                what: "the log states no year".to_owned(),
                cost,
                lost: false,
            },
        ));
    }
    (years, notes)
}

/// The ends of a trace's segments that state their year.
fn dates(trace: &Trace) -> Vec<i64> {
    trace.lanes[Frame::Local as usize..]
        .iter()
        .flatten()
        .flat_map(|one| [one.earliest.wall, one.latest.wall])
        .collect()
}

/// Sorted, without years in which no Package Server ran.
fn tidy(mut times: Vec<i64>) -> Vec<i64> {
    const FIRST: i64 = 788_918_400_000; // 1995
    const LAST: i64 = 4_102_444_800_000; // 2100
    times.retain(|at| (FIRST..LAST).contains(at));
    times.sort_unstable();
    times.dedup();
    times
}

fn carry_of(float: i64) -> i32 {
    i32::try_from(float.div_euclid(366 * DAY)).unwrap_or(0)
}

/// Whether every Feb 29 that the log shows is a day in a year.
fn leaps_hold(trace: &Trace, year: i32) -> bool {
    trace
        .leaps
        .iter()
        .all(|carry| NaiveDate::from_ymd_opt(year.saturating_add(*carry), 2, 29).is_some())
}

/// The year that brings the log nearest to full dates: (distance, year).
fn by_dates(
    span: (i64, i64),
    trace: &Trace,
    dated: &[i64],
    modified: Option<i64>,
) -> Option<(i64, i32)> {
    let (oldest, newest) = (*dated.first()?, *dated.last()?);
    let from = naive(oldest).year() - carry_of(span.1) - 5;
    let to = naive(newest).year() - carry_of(span.0) + 5;
    (from..=to)
        .filter(|year| leaps_hold(trace, *year))
        .filter_map(|year| {
            let (first, last) = (real(span.0, year), real(span.1, year));
            let at = dated.partition_point(|one| *one < first);
            let inside = dated.get(at).is_some_and(|one| *one <= last);
            let after = dated.get(at).map(|one| one.saturating_sub(last));
            let before = at.checked_sub(1).map(|at| first.saturating_sub(dated[at]));
            let apart = match (inside, after, before) {
                (true, _, _) => 0,
                (_, Some(one), Some(other)) => one.min(other),
                (_, one, other) => one.or(other)?,
            };
            // A log that begins long after all dated evidence is more likely a year older, unless
            // the file was written then.
            let future = first.saturating_sub(newest);
            let written = modified.is_some_and(|at| (last - DAY..last + 60 * DAY).contains(&at));
            if future > 31 * DAY && !written {
                return None;
            }
            Some((apart, !written, std::cmp::Reverse(year)))
        })
        .min()
        .map(|(apart, _, year)| (apart, year.0))
}

/// The largest year for which `holds(first, last)`, looking back from `latest`.
fn largest(
    span: (i64, i64),
    trace: &Trace,
    holds: impl Fn(i64, i64) -> bool,
    latest: i64,
) -> Option<i32> {
    let start = naive(latest).year().saturating_sub(carry_of(span.1)) + 1;
    (start - 10..=start)
        .rev()
        .find(|year| leaps_hold(trace, *year) && holds(real(span.0, *year), real(span.1, *year)))
}

/// Logs of which nothing tells the year still follow one another: of all ways to lay them round
/// the year, the one with the largest gap before the first is taken.
fn guess(logs: &mut [Log], traces: &[Trace]) {
    let unknown: Vec<usize> = (0..logs.len())
        .filter(|at| logs[*at].found.is_none())
        .collect();
    let lay = |newest: i64| {
        let mut first = newest;
        let mut years = Vec::new();
        for at in &unknown {
            let log = &logs[*at];
            let trace = &traces[log.file];
            let year = largest(log.span, trace, |_, last| last <= newest, newest)
                .unwrap_or(Stamp::NO_YEAR);
            first = first.min(real(log.span.0, year));
            years.push(year);
        }
        (newest - first, newest, years)
    };
    let ends = unknown.iter().take(500).map(|at| {
        let last = logs[*at].span.1;
        real(last, Stamp::NO_YEAR - carry_of(last))
    });
    let Some((_, _, years)) = ends.map(lay).min() else {
        return;
    };
    for (at, year) in unknown.into_iter().zip(years) {
        logs[at].found = Some((Basis::Unknown, 0, year));
    }
}

/// Logs of one boot must agree on its beginning; the one that is less sure of its year follows.
fn join(logs: &mut [Log], traces: &[Trace]) {
    const MOST: usize = 500;
    let mut order: Vec<usize> = (0..logs.len()).collect();
    order.sort_by_key(|at| (logs[*at].found, *at));
    order.truncate(MOST);
    let mut settled: Vec<i64> = Vec::new();
    for at in order {
        let Some((basis, apart, year)) = logs[at].found else {
            continue;
        };
        let trace = &traces[logs[at].file];
        let known = |year: i32| {
            boots(trace, year)
                .iter()
                .any(|boot| settled.iter().any(|other| same_boot(*boot, *other)))
        };
        let years = [0, -1, 1, -2, 2].map(|by| year + by);
        let best = years
            .into_iter()
            .find(|year| leaps_hold(trace, *year) && known(*year))
            .unwrap_or(year);
        logs[at].found = Some((basis, apart, best));
        settled.extend(boots(trace, best));
    }
}

/// When the boots began in which a log begins and ends.
fn boots(trace: &Trace, year: i32) -> Vec<i64> {
    let lane = &trace.lanes[Frame::Float as usize];
    let counted = || lane.iter().filter(|one| !one.pieces.is_empty());
    let first = counted()
        .next()
        .and_then(|one| Some((one, one.pieces.first()?)));
    let last = counted()
        .next_back()
        .and_then(|one| Some((one, one.pieces.last()?)));
    [first, last]
        .into_iter()
        .flatten()
        .map(|(one, piece)| {
            let shift = real(one.first.wall, year) - one.first.wall;
            i64::midpoint(piece.lo, piece.hi) + shift
        })
        .collect()
}

fn same_boot(one: i64, other: i64) -> bool {
    let apart = (one - other).rem_euclid(WRAP);
    apart.min(WRAP - apart) <= 2 * TOLERANCE
}
