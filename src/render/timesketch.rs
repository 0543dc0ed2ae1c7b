//! `timesketch.jsonl`: events and verdicts as one timeline for Timesketch, one JSON object per line.
//!
//! Timesketch wants `message`, `datetime` with an offset and `timestamp_desc`, and takes any other
//! field. Ours are the columns of `timeline` (`contract.md`); fields without a value are left out.
//! `timestamp` (microseconds since 1970) stands only where UTC is known, and `time_zone` says so.

use super::package_names;
use super::text::{clean, clean_case};
use super::words::sketch;
use crate::model::{Case, Event, Moment, PackageCase, PackageId, SourceRef};
use crate::timeline::Row;
use chrono::{DateTime, NaiveDateTime};
use serde::Serialize;
use std::collections::BTreeMap;
use std::io::{self, Write};

#[derive(Default, Serialize)]
struct Line {
    message: String,
    datetime: String,
    timestamp_desc: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    timestamp: Option<i64>,
    time_zone: &'static str,
    data_type: &'static str,
    time: String,
    time_end: String,
    #[serde(flatten)]
    texts: BTreeMap<&'static str, String>,
    #[serde(flatten)]
    numbers: BTreeMap<&'static str, i64>,
    sources: Vec<String>,
}

/// Writes the lines in the order of time; of the same time, verdicts come before events.
///
/// # Errors
/// When `out` cannot be written to.
pub fn write(case: &Case, events: &[Event], out: &mut dyn Write) -> io::Result<()> {
    let case = &clean_case(case);
    let names = package_names(case);
    let mut findings = verdicts(case).into_iter().peekable();
    for event in events {
        while let Some((_, line)) = findings.next_if(|(at, _)| *at <= event.at.start) {
            put(&line, out)?;
        }
        put(&happened(case, &names, event), out)?;
    }
    for (_, line) in findings {
        put(&line, out)?;
    }
    Ok(())
}

fn put(line: &Line, out: &mut dyn Write) -> io::Result<()> {
    serde_json::to_writer(&mut *out, line)?;
    out.write_all(b"\n")
}

/// A line with its times.
fn line(at: &Moment, timestamp_desc: &'static str, data_type: &'static str) -> Line {
    let known = at.offset.is_some();
    // One layout for all lines: some readers learn it from the first.
    let layout = |time: NaiveDateTime| time.format("%Y-%m-%dT%H:%M:%S%.6f+00:00").to_string();
    let utc = DateTime::from_timestamp_millis(at.start).unwrap_or_default();
    Line {
        datetime: layout(if known { utc.naive_utc() } else { at.local() }),
        timestamp: known.then(|| at.start.saturating_mul(1_000)),
        time_zone: if known {
            sketch::ZONE_KNOWN
        } else {
            sketch::ZONE_UNKNOWN
        },
        time: at.shown(),
        time_end: at.shown_end(),
        timestamp_desc,
        data_type,
        ..Line::default()
    }
}

fn happened(case: &Case, names: &BTreeMap<PackageId, &str>, event: &Event) -> Line {
    let cite = |source| case.cite(source);
    let row = Row::new(event, &cite);
    let what = if event.record.is_some() {
        sketch::LOGGED
    } else {
        sketch::CAPTURED
    };
    let name = event.package.and_then(|id| names.get(&id).copied());
    let texts = [
        ("server", row.server),
        ("package", row.package.as_deref()),
        ("package_name", name),
        ("kind", Some(row.kind)),
        ("utc", row.utc.as_deref()),
        ("state", row.state),
        ("path", row.path),
        ("code", row.code.as_deref()),
        ("component", row.component),
        ("process", row.process),
        ("pattern", row.pattern),
        ("wording", row.wording),
    ];
    let numbers = [
        ("version", row.version),
        ("severity", row.severity.map(i64::from)),
        ("thread", row.thread.map(i64::from)),
        ("tick", row.tick.and_then(|tick| i64::try_from(tick).ok())),
    ];
    let message = clean(row.message);
    Line {
        message: if message.trim().is_empty() {
            row.kind.to_owned()
        } else {
            message
        },
        texts: present(&texts),
        numbers: numbers
            .into_iter()
            .filter_map(|(name, value)| Some((name, value?)))
            .collect(),
        sources: row.sources.iter().map(|source| clean(source)).collect(),
        ..line(&event.at, what, "pkgtrail:event")
    }
}

fn present(texts: &[(&'static str, Option<&str>)]) -> BTreeMap<&'static str, String> {
    let texts = texts.iter();
    texts
        .filter_map(|(name, value)| Some((*name, clean((*value)?))))
        .collect()
}

/// Re-downloads and listings that lack files, with their beginnings on the axis, in that order.
fn verdicts(case: &Case) -> Vec<(i64, Line)> {
    let mut lines = Vec::new();
    let cite = |sources: &[SourceRef]| sources.iter().map(|one| case.cite(*one)).collect();
    for package in &case.packages {
        for one in &package.redownloads {
            let mut sources: Vec<SourceRef> = Vec::new();
            for reason in &one.reasons {
                sources.extend(&reason.sources);
            }
            sources.sort_unstable();
            sources.dedup();
            let mut made = Line {
                message: sketch::verdict(package, one),
                texts: about(package, "verdict", &one.started_at),
                sources: cite(&sources),
                ..line(&one.started_at, sketch::STARTED, "pkgtrail:verdict")
            };
            made.texts.insert("verdict", one.verdict.name().to_owned());
            made.texts.insert("grade", one.grade.name().to_owned());
            lines.push((one.started_at.start, made));
        }
        for one in &package.missing_while_ready {
            let made = Line {
                message: sketch::missing(package, one),
                texts: about(package, "missing-while-ready", &one.at),
                sources: cite(&one.sources),
                ..line(&one.at, sketch::CAPTURED, "pkgtrail:verdict")
            };
            lines.push((one.at.start, made));
        }
    }
    lines.sort_by_key(|(at, _)| *at);
    lines
}

fn about(package: &PackageCase, kind: &str, at: &Moment) -> BTreeMap<&'static str, String> {
    present(&[
        ("server", package.server.as_deref()),
        ("package", Some(&package.id.to_string())),
        ("package_name", package.name.as_deref()),
        ("kind", Some(kind)),
        ("utc", at.utc().as_deref()),
    ])
}

#[cfg(test)]
mod tests {
    use super::super::fixture;
    use super::*;
    use crate::model::{Fact, Record, Said, Wording};

    fn event(at: Moment, message: &str) -> Event {
        Event {
            at,
            server: Some("PS01".into()),
            sources: [fixture::source(0, 7)].into(),
            record: Some(Record::default()),
            said: Said {
                package: Some(fixture::case().packages[0].id),
                fact: Fact::DownloadStarted,
                message: message.into(),
                wording: Wording::Assumed,
                ..Said::default()
            }
            .into(),
        }
    }

    fn lines(case: &Case, events: &[Event]) -> Vec<serde_json::Value> {
        let mut out = Vec::new();
        write(case, events, &mut out).unwrap();
        let text = String::from_utf8(out).unwrap();
        let lines = text.lines().map(|line| serde_json::from_str(line).unwrap());
        lines.collect()
    }

    #[test]
    fn events_and_verdicts_are_one_timeline_in_order() {
        let case = fixture::case();
        let again = &case.packages[0].redownloads[0];
        let (before, after) = (again.started_at.start - 1, again.started_at.start + 1);
        let events = [before, again.started_at.start, after]
            .map(|at| event(Moment::exact(at, Some(60)), "Download\tstarts\u{202e}"));
        let lines = lines(&case, &events);
        let known: usize = case
            .packages
            .iter()
            .map(|one| one.redownloads.len() + one.missing_while_ready.len())
            .sum();
        assert_eq!(lines.len(), events.len() + known);
        let stamps: Vec<i64> = lines
            .iter()
            .map(|line| line["timestamp"].as_i64().unwrap())
            .collect();
        assert!(stamps.is_sorted(), "{stamps:?}");
        let place = |stamp: i64, kind: &str| {
            lines
                .iter()
                .position(|line| line["timestamp"] == stamp * 1_000 && line["kind"] == kind)
        };
        let verdict = place(again.started_at.start, "verdict").unwrap();
        assert!(place(before, "download-started").unwrap() < verdict);
        assert!(place(again.started_at.start, "download-started").unwrap() > verdict);
        let line = &lines[verdict];
        assert_eq!(line["verdict"], "external-removal");
        assert_eq!(line["grade"], "proven");
        assert_eq!(line["timestamp_desc"], "Re-download Started");
        assert_eq!(line["datetime"], "2026-11-02T02:00:05.000000+00:00");
        assert_eq!(line["time"], "2026-11-02T03:00:05+01:00");
        let line = &lines[place(before, "download-started").unwrap()];
        assert_eq!(line["message"], "Download starts\u{fffd}");
        assert_eq!(line["sources"], serde_json::json!(["bundle/Agent.log:7"]));
        assert_eq!(line["timestamp_desc"], "Record Logged");
        assert!(line.get("state").is_none());
    }

    #[test]
    fn without_a_zone_there_is_no_timestamp_and_the_line_says_so() {
        let at = Moment::exact(1_762_131_600_250, None);
        let lines = lines(&Case::default(), &[event(at, " ")]);
        assert_eq!(lines[0]["datetime"], "2025-11-03T01:00:00.250000+00:00");
        assert_eq!(lines[0]["time"], "2025-11-03T01:00:00.250");
        assert!(lines[0].get("timestamp").is_none());
        assert!(lines[0]["time_zone"].as_str().unwrap().contains("unknown"));
        assert_eq!(
            lines[0]["message"], "download-started",
            "no line is without a message"
        );
    }

    #[test]
    fn every_line_has_what_timesketch_demands() {
        for case in [fixture::case(), fixture::evil_case(), fixture::odd_case()] {
            for line in lines(&case, &[]) {
                for field in ["message", "datetime", "timestamp_desc"] {
                    assert!(!line[field].as_str().unwrap().is_empty(), "{field}: {line}");
                }
                let datetime = line["datetime"].as_str().unwrap();
                DateTime::parse_from_rfc3339(datetime).unwrap();
            }
        }
    }
}
