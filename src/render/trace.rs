//! `trace.json`: states, downloads and removal windows as a trace for Perfetto, speedscope, Chrome.
//!
//! The trace event format: a server is a process, and a package has some tracks (threads) in it.
//! Spans of one track must nest and never overlap in part, or viewers draw nonsense; what does not
//! nest gets another track. Times are microseconds since 1970, or of the server's own clock counted
//! the same way if its zone is unknown.

use super::text::clean_case;
use super::words::{self, trace};
use super::{servers, words::outcome};
use crate::model::{Case, Moment, PackageCase};
use serde::{Serialize, Serializer};
use std::cmp::Reverse;
use std::collections::BTreeMap;
use std::io::{self, Write};

/// The last millisecond of the year 9999.
const YEAR_9999: i64 = 253_402_300_799_999;

/// A line of the trace.
#[derive(Clone, Serialize)]
struct Mark {
    name: String,
    cat: &'static str,
    /// `X` a span, `i` an instant, `M` a name.
    ph: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    ts: Option<i64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    dur: Option<i64>,
    /// The scope of an instant: its track.
    #[serde(skip_serializing_if = "Option::is_none")]
    s: Option<&'static str>,
    pid: usize,
    tid: usize,
    #[serde(serialize_with = "as_map")]
    args: Args,
}

type Args = Vec<(&'static str, String)>;

fn as_map<S: Serializer>(args: &Args, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.collect_map(args.iter().map(|(name, value)| (name, value)))
}

/// Writes the trace. The same case gives the same bytes.
///
/// # Errors
/// When `out` cannot be written to.
pub fn write(case: &Case, out: &mut dyn Write) -> io::Result<()> {
    let case = &clean_case(case);
    out.write_all(b"{\"displayTimeUnit\":\"ms\",\"otherData\":")?;
    let zone = words::zone(&case.zone);
    let mut about = BTreeMap::from([("tool", words::TOOL), ("time_zone", &zone)]);
    if let Some(narrowed) = &case.narrowed {
        about.insert("narrowed", narrowed);
    }
    serde_json::to_writer(&mut *out, &about)?;
    out.write_all(b",\"traceEvents\":[")?;
    for (place, mark) in marks(case).iter().enumerate() {
        out.write_all(if place == 0 { b"\n" } else { b",\n" })?;
        serde_json::to_writer(&mut *out, mark)?;
    }
    out.write_all(b"\n]}\n")
}

/// Everything that happens on one kind of track of a package, before it is laid out.
struct Tracks {
    what: &'static str,
    spans: Vec<Span>,
    /// Instants: when, name, kind, more.
    instants: Vec<(i64, String, &'static str, Args)>,
}

struct Span {
    from: i64,
    to: i64,
    name: String,
    cat: &'static str,
    args: Args,
}

fn marks(case: &Case) -> Vec<Mark> {
    let servers = servers(case);
    let mut marks = Vec::new();
    let mut tid = 0;
    let mut names = Vec::new();
    for package in &case.packages {
        let server = package.server.as_deref();
        let place = servers.iter().position(|name| Some(*name) == server);
        let pid = place.unwrap_or(servers.len()) + 1;
        names.push((pid, server.unwrap_or(trace::NO_SERVER)));
        for tracks in tracks(case, package) {
            let mut instants = Some(tracks.instants).filter(|instants| !instants.is_empty());
            let mut lanes = lanes(tracks.spans);
            if lanes.is_empty() && instants.is_some() {
                lanes.push(Vec::new());
            }
            for (lane, spans) in lanes.into_iter().enumerate() {
                tid += 1;
                let track = trace::track(&words::title(package), tracks.what, lane);
                marks.push(name("thread_name", pid, tid, track));
                marks.extend(spans.into_iter().map(|span| Mark {
                    name: span.name,
                    cat: span.cat,
                    ph: "X",
                    ts: Some(micros(span.from)),
                    dur: Some(micros(span.to) - micros(span.from)),
                    s: None,
                    pid,
                    tid,
                    args: span.args,
                }));
                let here = instants.take().into_iter().flatten();
                marks.extend(here.map(|(at, name, cat, args)| Mark {
                    name,
                    cat,
                    ph: "i",
                    ts: Some(micros(at)),
                    dur: None,
                    s: Some("t"),
                    pid,
                    tid,
                    args,
                }));
            }
        }
    }
    names.sort_unstable();
    names.dedup();
    let names = names.into_iter();
    let mut all: Vec<Mark> = names
        .map(|(pid, server)| name("process_name", pid, 0, server.to_owned()))
        .collect();
    all.append(&mut marks);
    all
}

/// Microseconds; times that no calendar has are drawn at its ends.
fn micros(ms: i64) -> i64 {
    ms.clamp(-YEAR_9999, YEAR_9999) * 1_000
}

fn name(what: &'static str, pid: usize, tid: usize, name: String) -> Mark {
    Mark {
        name: what.to_owned(),
        cat: "__metadata",
        ph: "M",
        ts: None,
        dur: None,
        s: None,
        pid,
        tid,
        args: vec![("name", name)],
    }
}

/// Spreads spans over lanes in which they nest: one lies within another, or beside it.
fn lanes(mut spans: Vec<Span>) -> Vec<Vec<Span>> {
    spans.sort_by_key(|span| (span.from, Reverse(span.to)));
    // Of each lane, the ends of the spans that are open, outermost first.
    let mut lanes: Vec<(Vec<i64>, Vec<Span>)> = Vec::new();
    for span in spans {
        let free = lanes.iter_mut().find_map(|(open, lane)| {
            while open.last().is_some_and(|end| *end <= span.from) {
                open.pop();
            }
            let nests = open.last().is_none_or(|end| *end >= span.to);
            nests.then_some((open, lane))
        });
        match free {
            Some((open, lane)) => {
                open.push(span.to);
                lane.push(span);
            }
            None => lanes.push((vec![span.to], vec![span])),
        }
    }
    lanes.into_iter().map(|(_, lane)| lane).collect()
}

fn tracks(case: &Case, package: &PackageCase) -> [Tracks; 4] {
    let cite = |source| ("source", case.cite(source));
    let between = |from: &Moment, to: Option<&Moment>| {
        let end = to.map_or_else(|| trace::NO_END.to_owned(), Moment::shown);
        vec![("from", from.shown()), ("to", end)]
    };
    let states = package.spans.iter().map(|span| Span {
        from: span.from.start,
        to: span.to.start.max(span.from.start),
        name: span.state.name().to_owned(),
        cat: "state",
        args: [between(&span.from, Some(&span.to)), vec![cite(span.source)]].concat(),
    });
    let mut downloads = Vec::new();
    for (number, download) in package.downloads.iter().enumerate() {
        let again = package
            .redownloads
            .iter()
            .find(|one| one.download == number);
        let next = package
            .downloads
            .get(number + 1)
            .map(|next| next.started.start);
        let ended = download
            .completed
            .or(download.attempts.last().and_then(|last| last.ended));
        let until = |from: &Moment, next: Option<i64>, to: Option<Moment>| {
            let end = to
                .map(|to| to.start)
                .or(next)
                .or(case.period.map(|(_, end)| end.end));
            end.unwrap_or(from.end).max(from.start)
        };
        let end = until(&download.started, next, ended);
        let mut args = between(&download.started, ended.as_ref());
        args.push(cite(download.source));
        downloads.push(Span {
            from: download.started.start,
            to: end,
            name: trace::download(number + 1, again.map(|one| one.verdict)),
            cat: "download",
            args,
        });
        for (place, attempt) in download.attempts.iter().enumerate() {
            let next = download
                .attempts
                .get(place + 1)
                .map(|next| next.started.start);
            downloads.push(Span {
                from: attempt.started.start,
                to: until(&attempt.started, next.or(Some(end)), attempt.ended),
                name: trace::attempt(place + 1, &outcome(attempt.outcome)),
                cat: "attempt",
                args: between(&attempt.started, attempt.ended.as_ref()),
            });
        }
    }
    let verdicts = package.redownloads.iter().map(|one| {
        let mut args = vec![
            ("grade", one.grade.name().to_owned()),
            ("summary", one.summary.clone()),
        ];
        args.push(("started", one.started_at.shown()));
        (
            one.started_at.start,
            one.verdict.name().to_owned(),
            "verdict",
            args,
        )
    });
    let windows = package.redownloads.iter().filter_map(|one| {
        let window = one.window?;
        Some(Span {
            from: window.after.start,
            to: window.before.start.max(window.after.start),
            name: trace::window(one.verdict),
            cat: "removal-window",
            args: between(&window.after, Some(&window.before)),
        })
    });
    let seen = package.observations.iter().map(|one| {
        let args = vec![("at", one.at.shown()), cite(one.source)];
        let name = words::seen(one.seen, one.records);
        (one.at.start, name, trace::category(one.seen.row()), args)
    });
    let missing = package.missing_while_ready.iter().map(|one| {
        let args = vec![("at", one.at.shown())];
        (
            one.at.start,
            words::sheets::missing(one),
            "missing-while-ready",
            args,
        )
    });
    let tracks = |what, spans, instants| Tracks {
        what,
        spans,
        instants,
    };
    [
        tracks(trace::STATES, states.collect(), vec![]),
        tracks(trace::DOWNLOADS, downloads, verdicts.collect()),
        tracks(trace::WINDOWS, windows.collect(), vec![]),
        tracks(trace::SEEN, vec![], seen.chain(missing).collect()),
    ]
}

#[cfg(test)]
mod tests {
    use super::super::fixture;
    use super::*;

    fn span(from: i64, to: i64) -> Span {
        Span {
            from,
            to,
            name: String::new(),
            cat: "state",
            args: vec![],
        }
    }

    #[test]
    fn what_overlaps_in_part_gets_another_lane() {
        let shape = |spans: &[(i64, i64)]| -> Vec<Vec<(i64, i64)>> {
            let lanes = lanes(spans.iter().map(|(from, to)| span(*from, *to)).collect());
            let ends = |lane: &Vec<Span>| lane.iter().map(|one| (one.from, one.to)).collect();
            lanes.iter().map(ends).collect()
        };
        // Beside, within, with the same beginning, with the same end.
        let one = [(0, 10), (10, 30), (10, 20), (20, 30), (25, 25)];
        assert_eq!(shape(&one), [one.to_vec()]);
        assert_eq!(shape(&[(0, 10), (9, 11)]), [[(0, 10)], [(9, 11)]]);
        assert_eq!(
            shape(&[(0, 10), (2, 4), (3, 5), (11, 12)]),
            [vec![(0, 10), (2, 4), (11, 12)], vec![(3, 5)]]
        );
    }

    #[test]
    fn whatever_the_spans_they_nest_and_none_is_lost() {
        let ends: Vec<(i64, i64)> = (0..5)
            .flat_map(|from| (from..5).map(move |to| (from, to)))
            .collect();
        let crosses = |a: &Span, b: &Span| a.from < b.from && b.from < a.to && a.to < b.to;
        for a in &ends {
            for b in &ends {
                for c in &ends {
                    let all = [a, b, c].map(|(from, to)| span(*from, *to));
                    let lanes = lanes(all.into());
                    assert_eq!(lanes.iter().map(Vec::len).sum::<usize>(), 3);
                    for lane in &lanes {
                        assert!(lane.is_sorted_by_key(|one| one.from), "{a:?} {b:?} {c:?}");
                        for one in lane {
                            assert!(
                                !lane.iter().any(|other| crosses(one, other)),
                                "{a:?} {b:?} {c:?}"
                            );
                        }
                    }
                }
            }
        }
    }

    #[test]
    fn servers_packages_downloads_and_verdicts_are_there() {
        let case = fixture::case();
        let mut out = Vec::new();
        write(&case, &mut out).unwrap();
        let trace: serde_json::Value = serde_json::from_slice(&out).unwrap();
        let events = trace["traceEvents"].as_array().unwrap();
        let named = |name: &str, ph: &str| {
            let found = |one: &&serde_json::Value| one["name"] == name && one["ph"] == ph;
            events.iter().filter(found).count()
        };
        let downloads: usize = case.packages.iter().map(|one| one.downloads.len()).sum();
        let of = |cat: &str| events.iter().filter(|one| one["cat"] == cat).count();
        assert_eq!(of("download"), downloads);
        assert_eq!(of("verdict"), case.redownloads().count());
        assert_eq!(named("external-removal", "i"), 3);
        assert_eq!(named("process_name", "M"), 1);
        assert_eq!(trace["otherData"]["tool"], words::TOOL);
        let again = &case.packages[0].redownloads[0];
        let first = events.iter().find(|one| one["cat"] == "verdict").unwrap();
        assert_eq!(first["ts"], again.started_at.start * 1_000);
    }
}
