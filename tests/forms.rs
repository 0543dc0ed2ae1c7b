//! The other forms of the report, read back by libraries of their consumers.

use crate::support::{pkgtrail, sample, samples, text};
use calamine::{Data, Reader, Xlsx};
use serde_json::Value;
use std::path::Path;

/// Writes the report of a sample with these forms into `here/report`.
fn report(sample: &Path, here: &Path, more: &[&str]) {
    let evidence = sample.join("evidence");
    let mut arguments = vec!["report", evidence.to_str().unwrap(), "-o", "report"];
    arguments.extend(more);
    let run = pkgtrail(here, &arguments);
    let errors = text(&run.stderr);
    assert!(matches!(run.status.code(), Some(0 | 1)), "{errors}");
}

fn json(path: &Path) -> Value {
    serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap()
}

fn lines(path: &Path) -> Vec<Value> {
    let text = std::fs::read_to_string(path).unwrap();
    let lines = text.lines().map(|line| serde_json::from_str(line).unwrap());
    lines.collect()
}

/// All re-downloads, and listings that lack files, of `verdicts.json`.
fn found(verdicts: &Value) -> (usize, usize) {
    let packages = verdicts["packages"].as_array().unwrap();
    let sum = |field: &str| -> usize {
        let counts = packages
            .iter()
            .map(|one| one[field].as_array().unwrap().len());
        counts.sum()
    };
    (sum("redownloads"), sum("missing_while_ready"))
}

#[test]
fn the_forms_of_every_sample_tell_what_the_report_tells() {
    for sample in samples() {
        let here = tempfile::tempdir().unwrap();
        report(
            &sample,
            here.path(),
            &["--format", "xlsx,jsonl", "--format", "trace"],
        );
        let folder = here.path().join("report");
        let verdicts = json(&folder.join("verdicts.json"));
        let (again, missing) = found(&verdicts);
        let csv = std::fs::read_to_string(folder.join("timeline.csv")).unwrap();

        let mut book: Xlsx<_> = calamine::open_workbook(folder.join("report.xlsx")).unwrap();
        assert_eq!(
            book.sheet_names(),
            ["Verdicts", "Timeline", "Evidence", "Problems"]
        );
        let mut sheet = |name: &str| book.worksheet_range(name).unwrap();
        let rows = sheet("Verdicts");
        assert_eq!(rows.height() - 1, again + missing, "{}", sample.display());
        for row in rows.rows().skip(1) {
            assert!(matches!(row[3], Data::DateTime(_)), "{row:?}");
        }
        let timeline = sheet("Timeline");
        let messages = lines(&folder.join("timesketch.jsonl"));
        let events: Vec<&Value> = messages
            .iter()
            .filter(|line| line["data_type"] == "pkgtrail:event")
            .collect();
        assert_eq!(timeline.height() - 1, events.len());
        assert!(csv.lines().count() > events.len());
        for (row, event) in timeline.rows().skip(1).zip(&events) {
            assert!(matches!(row[0], Data::DateTime(_)), "{row:?}");
            assert_eq!(row[6].to_string(), event["kind"].as_str().unwrap());
        }
        let count = |key: &str| verdicts[key].as_array().unwrap().len();
        assert_eq!(sheet("Evidence").height() - 1, count("evidence"));
        assert_eq!(sheet("Problems").height() - 1, count("problems"));
        let of = |kind: &str| messages.iter().filter(|line| line["kind"] == kind).count();
        assert_eq!((of("verdict"), of("missing-while-ready")), (again, missing));

        let trace = json(&folder.join("trace.json"));
        assert_eq!(nests(&trace), "");
        let marks = trace["traceEvents"].as_array().unwrap();
        let of = |cat: &str| marks.iter().filter(|one| one["cat"] == cat).count();
        assert_eq!((of("verdict"), of("missing-while-ready")), (again, missing));
    }
}

/// Tells the first two spans of one track that overlap in part.
fn nests(trace: &Value) -> String {
    let spans: Vec<(&Value, i64, i64)> = trace["traceEvents"]
        .as_array()
        .unwrap()
        .iter()
        .filter(|one| one["ph"] == "X")
        .map(|one| {
            let from = one["ts"].as_i64().unwrap();
            (one, from, from + one["dur"].as_i64().unwrap())
        })
        .collect();
    for (place, (one, from, to)) in spans.iter().enumerate() {
        for (other, start, end) in &spans[place + 1..] {
            if one["tid"] != other["tid"] || one["pid"] != other["pid"] {
                continue;
            }
            let crosses = (from < start && start < to && to < end)
                || (start < from && from < end && end < to);
            if crosses {
                return format!("{one} and {other}");
            }
        }
    }
    String::new()
}

#[test]
fn the_nesting_law_can_fail() {
    let trace = |second: i64| {
        serde_json::json!({"traceEvents": [
            {"ph": "X", "ts": 0, "dur": 10, "pid": 1, "tid": 1},
            {"ph": "X", "ts": second, "dur": 10, "pid": 1, "tid": 1},
        ]})
    };
    assert_eq!(nests(&trace(10)), "");
    assert_ne!(nests(&trace(9)), "");
}

#[test]
fn the_same_evidence_gives_the_same_bytes_of_every_form() {
    let names = ["report.xlsx", "timesketch.jsonl", "trace.json"];
    let sample = sample("external-removal").join("evidence");
    let sample = sample.to_str().unwrap();
    let run = |zone: &str, threads: &str| {
        let here = tempfile::tempdir().unwrap();
        let arguments = ["report", sample, "-o", "r", "--format", "xlsx,jsonl,trace"];
        let status = std::process::Command::new(env!("CARGO_BIN_EXE_pkgtrail"))
            .args(arguments)
            .args(["--threads", threads])
            .current_dir(here.path())
            .env("TZ", zone)
            .env("LANG", "de_DE.UTF-8")
            .output()
            .unwrap();
        assert!(status.status.success(), "{}", text(&status.stderr));
        names.map(|name| std::fs::read(here.path().join("r").join(name)).unwrap())
    };
    let first = run("UTC", "1");
    // The clock must have gone on: files of zip know steps of two seconds.
    std::thread::sleep(std::time::Duration::from_millis(2_100));
    let second = run("Asia/Tokyo", "3");
    for (name, (one, other)) in names.iter().zip(first.iter().zip(&second)) {
        assert!(one == other, "{name} differs");
    }
}

#[test]
fn forms_that_a_new_run_does_not_write_are_removed_and_nothing_else() {
    let here = tempfile::tempdir().unwrap();
    let sample = sample("hash-change");
    report(&sample, here.path(), &["--format", "xlsx,trace"]);
    let folder = here.path().join("report");
    let there = |name: &str| folder.join(name).is_file();
    assert!(there("report.xlsx") && there("trace.json") && !there("timesketch.jsonl"));
    report(&sample, here.path(), &["--format", "jsonl"]);
    assert!(!there("report.xlsx") && !there("trace.json") && there("timesketch.jsonl"));
    // Only a report removes: a table beside other files leaves them alone.
    let evidence = sample.join("evidence");
    let table = [
        "timeline",
        evidence.to_str().unwrap(),
        "-o",
        "report/timeline.csv",
    ];
    assert!(pkgtrail(here.path(), &table).status.success());
    assert!(there("timesketch.jsonl") && there("verdicts.json"));
    let unknown = pkgtrail(
        here.path(),
        &["report", evidence.to_str().unwrap(), "--format", "xlsy"],
    );
    assert_eq!(unknown.status.code(), Some(2));
    assert!(
        text(&unknown.stderr).contains("xlsx"),
        "{}",
        text(&unknown.stderr)
    );
}

#[test]
fn without_a_zone_timesketch_is_told_so() {
    let log = "<event date='Sep 26 15:37:19' severity='4' hostName='PS9' source='Agent'><![CDATA[Package {1EC214B8-E862-44A9-B3A6-27D918D136A2} download started]]></event>\n";
    let here = tempfile::tempdir().unwrap();
    std::fs::create_dir(here.path().join("20260927-0100")).unwrap();
    std::fs::write(here.path().join("20260927-0100/agent.log"), log).unwrap();
    let run = pkgtrail(
        here.path(),
        &["report", "20260927-0100", "-o", "r", "--format", "jsonl"],
    );
    assert_eq!(run.status.code(), Some(0), "{}", text(&run.stderr));
    let lines = lines(&here.path().join("r/timesketch.jsonl"));
    assert!(!lines.is_empty());
    for line in lines {
        assert!(line.get("timestamp").is_none(), "{line}");
        assert!(
            line["time_zone"].as_str().unwrap().starts_with("unknown"),
            "{line}"
        );
        assert!(
            line["datetime"].as_str().unwrap().ends_with("+00:00"),
            "{line}"
        );
    }
}
