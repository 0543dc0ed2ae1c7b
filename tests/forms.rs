//! The other forms of the report, read back by libraries of their consumers.

use crate::support::{files, pkgtrail, sample, samples, text};
use calamine::{Data, Reader, Xlsx};
use serde_json::Value;
use std::collections::BTreeMap;
use std::path::Path;

/// Writes the report of a sample with these forms into `here/report`; what it says on standard error.
fn report(sample: &Path, here: &Path, more: &[&str]) -> String {
    let evidence = sample.join("evidence");
    let mut arguments = vec!["report", evidence.to_str().unwrap(), "-o", "report"];
    arguments.extend(more);
    let run = pkgtrail(here, &arguments);
    let errors = text(&run.stderr);
    assert!(matches!(run.status.code(), Some(0 | 1)), "{errors}");
    errors
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
    let told = report(&sample, here.path(), &["--format", "jsonl"]);
    assert!(!there("report.xlsx") && !there("trace.json") && there("timesketch.jsonl"));
    let note = "note: removed report.xlsx, trace.json of an earlier run";
    assert!(told.contains(note), "{told}");
    let again = report(&sample, here.path(), &["--format", "jsonl"]);
    assert!(!again.contains("removed"), "{again}");
    // Beside something foreign a report is refused, and everything stays as it was.
    let evidence = sample.join("evidence");
    let all = || -> BTreeMap<_, _> {
        let read = |path| (std::fs::read(&path).unwrap(), path);
        files(&folder).into_iter().map(read).collect()
    };
    std::fs::write(folder.join("notes.txt"), "mine").unwrap();
    let before = all();
    let refused = ["report", evidence.to_str().unwrap(), "-o", "report"];
    let refused = pkgtrail(here.path(), &refused);
    assert_eq!(refused.status.code(), Some(2));
    assert!(text(&refused.stderr).contains("`notes.txt`"));
    assert!(before == all());
    // Only a report removes: a table beside other files leaves them alone.
    let table = [
        "timeline",
        evidence.to_str().unwrap(),
        "-o",
        "report/timeline.csv",
    ];
    assert!(pkgtrail(here.path(), &table).status.success());
    assert!(
        before == all(),
        "the table is the same, and the rest is left alone"
    );
    std::fs::remove_file(folder.join("notes.txt")).unwrap();
    assert_eq!(report(&sample, here.path(), &["-q"]), "");
    assert!(!there("timesketch.jsonl") && there("verdicts.json"));
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

/// The kinds of the files of `of` below the folder `case`, and how many re-downloads there are.
fn kinds(at: &Path, of: &str) -> (BTreeMap<String, String>, usize) {
    let run = pkgtrail(at, &["report", of, "-o", "out", "-q"]);
    assert_eq!(run.status.code(), Some(0), "{}", text(&run.stderr));
    let verdicts = json(&at.join("out/verdicts.json"));
    let kinds = verdicts["evidence"].as_array().unwrap().iter().map(|one| {
        let path = one["path"].as_str().unwrap();
        let inside = path.split_once("case/").unwrap().1.to_owned();
        (inside, one["kind"].as_str().unwrap().to_owned())
    });
    (kinds.collect(), found(&verdicts).0)
}

#[test]
fn an_earlier_report_is_no_evidence_however_it_is_packed() {
    let here = tempfile::tempdir().unwrap();
    let case = here.path().join("case");
    let sample = sample("external-removal");
    std::fs::create_dir(&case).unwrap();
    let all = ["--format", "xlsx,jsonl,trace", "--svg", "--pictures"];
    report(&sample, &case, &all);
    let ours = files(&case);
    for path in &ours {
        let name = path.file_name().unwrap().to_str().unwrap();
        let bytes = std::fs::read(path).unwrap();
        let is_text = ["html", "md", "csv", "jsonl", "json"]
            .iter()
            .any(|one| name.ends_with(one));
        let head = &bytes[..bytes.len().min(512)];
        assert_eq!(
            pkgtrail::model::report::is_own_head(name, head),
            is_text,
            "{name}"
        );
    }
    for path in files(&sample.join("evidence")) {
        let target = case.join(path.strip_prefix(&sample).unwrap());
        std::fs::create_dir_all(target.parent().unwrap()).unwrap();
        std::fs::copy(path, target).unwrap();
    }
    let packed = |out: &mut dyn std::io::Write| {
        let mut tar = tar::Builder::new(out);
        tar.append_dir_all("case", &case).unwrap();
        tar.finish().unwrap();
    };
    packed(&mut std::fs::File::create(here.path().join("a.tar")).unwrap());
    let zipped = std::fs::File::create(here.path().join("a.tgz")).unwrap();
    let mut zipped = flate2::write::GzEncoder::new(zipped, flate2::Compression::fast());
    packed(&mut zipped);
    zipped.finish().unwrap();
    let wanted = kinds(here.path(), "case");
    let unused = wanted.0.iter().filter(|one| one.1 == "unused");
    assert_eq!(unused.count(), ours.len(), "{wanted:?}");
    for name in ["a.tar", "a.tgz"] {
        assert_eq!(kinds(here.path(), name), wanted, "{name}");
    }
    // A part of a report, as a killed run leaves it, is no evidence either.
    std::fs::remove_file(case.join("report/verdicts.json")).unwrap();
    let part = kinds(here.path(), "case");
    assert_eq!(part.0["report/timeline.csv"], "unused");
    assert_eq!(part.1, wanted.1);
}

#[cfg(target_os = "linux")]
#[test]
fn without_room_for_its_temporary_file_a_workbook_is_an_error_and_no_panic() {
    let here = tempfile::tempdir().unwrap();
    let evidence = sample("external-removal").join("evidence");
    // Files may have 4 KiB; the rest is an error and not the end of the program.
    let line = "trap '' XFSZ; ulimit -f 8; exec \"$0\" report \"$1\" -o r --format xlsx";
    let run = std::process::Command::new("sh")
        .args(["-c", line, env!("CARGO_BIN_EXE_pkgtrail")])
        .arg(evidence)
        .current_dir(here.path())
        .output()
        .unwrap();
    let errors = text(&run.stderr);
    assert_eq!(run.status.code(), Some(2), "{errors}");
    assert!(
        errors.contains("the workbook's temporary file cannot be written"),
        "{errors}"
    );
    assert!(!errors.contains("panicked"), "{errors}");
    assert!(files(&here.path().join("r")).is_empty());
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
