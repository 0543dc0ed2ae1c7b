//! The program as a user meets it: outputs, exit statuses, errors that tell what to do.

use crate::support::{pkgtrail, sample, text};
use std::path::Path;

fn folder() -> tempfile::TempDir {
    tempfile::tempdir().unwrap()
}

/// Runs and expects this exit status and these words on standard error.
fn expect(at: &Path, arguments: &[&str], status: i32, words: &[&str]) {
    let run = pkgtrail(at, arguments);
    let errors = text(&run.stderr);
    assert_eq!(run.status.code(), Some(status), "{arguments:?}: {errors}");
    for word in words {
        assert!(
            errors.contains(word),
            "{arguments:?} does not say `{word}`: {errors}"
        );
    }
}

#[test]
fn the_main_job_writes_the_outputs_of_the_contract() {
    let here = folder();
    let run = pkgtrail(
        here.path(),
        &["report", sample("external-removal").to_str().unwrap()],
    );
    assert_eq!(run.status.code(), Some(0), "{}", text(&run.stderr));
    let report = here.path().join("external-removal-report");
    let mut names: Vec<String> = std::fs::read_dir(&report)
        .unwrap()
        .map(|entry| entry.unwrap().file_name().to_string_lossy().into_owned())
        .collect();
    names.sort();
    let wanted = [
        "report.html",
        "summary.md",
        "timeline.csv",
        "timeline.parquet",
        "timeline.png",
        "verdicts.json",
    ];
    assert_eq!(names, wanted);
    let printed = text(&run.stdout);
    for word in ["external-removal", "proven", "external-removal-report"] {
        assert!(printed.contains(word), "{printed}");
    }
    assert!(
        printed.lines().all(|line| line.chars().count() <= 80),
        "{printed}"
    );
    // An earlier report is updated, in place and without leftovers.
    let again = pkgtrail(
        here.path(),
        &["report", sample("external-removal").to_str().unwrap()],
    );
    assert_eq!(again.status.code(), Some(0));
    assert_eq!(std::fs::read_dir(&report).unwrap().count(), 6);
}

#[test]
fn a_healthy_server_in_nested_archives_has_no_re_downloads() {
    let here = folder();
    let bundle = sample("healthy").join("evidence/bundle.zip");
    let run = pkgtrail(here.path(), &["report", bundle.to_str().unwrap()]);
    assert_eq!(run.status.code(), Some(0), "{}", text(&run.stderr));
    let json = std::fs::read_to_string(here.path().join("bundle-report/verdicts.json")).unwrap();
    let found: serde_json::Value = serde_json::from_str(&json).unwrap();
    assert!(found["packages"].as_array().unwrap().len() >= 4);
    for package in found["packages"].as_array().unwrap() {
        assert_eq!(package["redownloads"], serde_json::json!([]), "{package}");
        assert_eq!(
            package["missing_while_ready"],
            serde_json::json!([]),
            "{package}"
        );
    }
    let nested = |file: &serde_json::Value| {
        file["path"].as_str().unwrap().contains("bundle.zip!")
            && file["path"].as_str().unwrap().contains("logs.zip!")
    };
    assert!(
        found["evidence"].as_array().unwrap().iter().any(nested),
        "{json}"
    );
}

#[test]
fn wrong_usage_is_told_with_status_2() {
    let here = folder();
    let evidence = sample("external-removal");
    let evidence = evidence.to_str().unwrap();
    expect(
        here.path(),
        &["report", evidence, "--timezone", "CETT"],
        2,
        &["`CETT` is unknown", "Europe/Berlin", "+01:00"],
    );
    expect(
        here.path(),
        &["report", evidence, "--no-such-option"],
        2,
        &["--no-such-option"],
    );
    expect(
        here.path(),
        &["report", evidence, "--unused-for", "7x"],
        2,
        &["--unused-for", "7d"],
    );
    expect(
        here.path(),
        &["report", evidence, "--package", "vpn"],
        2,
        &["GUID"],
    );
    expect(
        here.path(),
        &["report", evidence, "--since", "yesterday"],
        2,
        &["--since", "2026-11-03"],
    );
    expect(
        here.path(),
        &["report", evidence, "--max-size", "big"],
        2,
        &["big"],
    );
    expect(here.path(), &["report"], 2, &["EVIDENCE"]);
    expect(
        here.path(),
        &["explain", "sabotage"],
        2,
        &["external-removal"],
    );
    expect(
        here.path(),
        &["timeline", evidence, "-o", "events.xlsx"],
        2,
        &[".parquet", ".csv", ".jsonl"],
    );
    expect(
        here.path(),
        &["report", evidence, "--messages", "nowhere.toml"],
        2,
        &["nowhere.toml"],
    );
    assert_eq!(
        std::fs::read_dir(here.path()).unwrap().count(),
        0,
        "nothing may be written"
    );
}

#[test]
fn nothing_readable_is_told_with_status_2() {
    let here = folder();
    expect(
        here.path(),
        &["report", "no-such-folder"],
        2,
        &["no-such-folder"],
    );
    std::fs::create_dir(here.path().join("empty")).unwrap();
    expect(
        here.path(),
        &["report", "empty"],
        2,
        &["empty", "no file that can be read"],
    );
    std::fs::write(here.path().join("holiday.jpg"), b"\xFF\xD8\xFF\xE0 no log").unwrap();
    expect(
        here.path(),
        &["report", "holiday.jpg"],
        2,
        &["holiday.jpg", "no file of a known kind", "agent logs"],
    );
}

#[test]
fn an_output_that_cannot_be_used_is_told_with_status_2() {
    let here = folder();
    let evidence = sample("hash-change");
    let evidence = evidence.to_str().unwrap();
    std::fs::write(here.path().join("file"), "x").unwrap();
    expect(
        here.path(),
        &["report", evidence, "-o", "file/report"],
        2,
        &["file/report"],
    );
    expect(
        here.path(),
        &["report", evidence, "-o", "file"],
        2,
        &["`file`"],
    );
    std::fs::create_dir(here.path().join("mine")).unwrap();
    std::fs::write(here.path().join("mine/thesis.doc"), "x").unwrap();
    expect(
        here.path(),
        &["report", evidence, "-o", "mine"],
        2,
        &["thesis.doc", "-o"],
    );
}

#[test]
fn lost_evidence_is_status_1_and_the_rest_is_analysed() {
    let here = folder();
    let evidence = sample("hash-change").join("evidence");
    let evidence = evidence.to_str().unwrap();
    expect(
        here.path(),
        &["report", evidence, "gone.zip", "-o", "one"],
        1,
        &["gone.zip"],
    );
    let bundle = std::fs::read(sample("healthy").join("evidence/bundle.zip")).unwrap();
    std::fs::write(
        here.path().join("cut.zip"),
        &bundle[..bundle.len() * 7 / 10],
    )
    .unwrap();
    expect(
        here.path(),
        &["report", "cut.zip", "-o", "two"],
        1,
        &["cut.zip"],
    );
    assert!(here.path().join("two/verdicts.json").exists());
}

#[test]
fn an_earlier_report_inside_the_evidence_is_no_evidence() {
    let here = folder();
    let bundle = sample("healthy").join("evidence/bundle.zip");
    std::fs::create_dir(here.path().join("case")).unwrap();
    std::fs::copy(&bundle, here.path().join("case/bundle.zip")).unwrap();
    let first = pkgtrail(here.path(), &["report", "case", "-o", "case/report"]);
    assert_eq!(first.status.code(), Some(0), "{}", text(&first.stderr));
    let second = pkgtrail(here.path(), &["report", "case", "-o", "again"]);
    assert_eq!(second.status.code(), Some(0), "{}", text(&second.stderr));
    let read = |path: &str| -> serde_json::Value {
        serde_json::from_str(&std::fs::read_to_string(here.path().join(path)).unwrap()).unwrap()
    };
    let (one, two) = (
        read("case/report/verdicts.json"),
        read("again/verdicts.json"),
    );
    assert_eq!(one["packages"], two["packages"]);
    let ours: Vec<&serde_json::Value> = two["evidence"]
        .as_array()
        .unwrap()
        .iter()
        .filter(|file| file["path"].as_str().unwrap().starts_with("case/report/"))
        .collect();
    assert_eq!(ours.len(), 6);
    assert!(ours.iter().all(|file| file["kind"] == "unused"));
}

#[test]
fn narrowing_narrows_the_report_and_not_the_analysis() {
    let here = folder();
    let evidence = sample("external-removal").join("evidence");
    let evidence = evidence.to_str().unwrap();
    let run = pkgtrail(
        here.path(),
        &[
            "report",
            evidence,
            "-o",
            "r",
            "--since",
            "2026-02-13",
            "--package",
            "{254973AE",
        ],
    );
    assert_eq!(run.status.code(), Some(2));
    let all = pkgtrail(here.path(), &["report", evidence, "-o", "all"]);
    assert_eq!(all.status.code(), Some(0));
    let whole: serde_json::Value = serde_json::from_str(
        &std::fs::read_to_string(here.path().join("all/verdicts.json")).unwrap(),
    )
    .unwrap();
    let sick = whole["packages"]
        .as_array()
        .unwrap()
        .iter()
        .find(|package| package["redownloads"].as_array().unwrap().len() == 3)
        .unwrap();
    let id = sick["id"].as_str().unwrap();
    let run = pkgtrail(
        here.path(),
        &[
            "report",
            evidence,
            "-o",
            "r",
            "--since",
            "2026-02-13",
            "--package",
            id,
        ],
    );
    assert_eq!(run.status.code(), Some(0), "{}", text(&run.stderr));
    let narrow: serde_json::Value = serde_json::from_str(
        &std::fs::read_to_string(here.path().join("r/verdicts.json")).unwrap(),
    )
    .unwrap();
    assert_eq!(narrow["packages"].as_array().unwrap().len(), 1);
    assert_eq!(
        narrow["packages"][0]["redownloads"],
        serde_json::json!([sick["redownloads"][2]])
    );
}

#[test]
fn what_is_left_out_is_never_called_healthy() {
    let here = folder();
    let evidence = sample("external-removal").join("evidence");
    let evidence = evidence.to_str().unwrap();
    let run = pkgtrail(
        here.path(),
        &["report", evidence, "-o", "late", "--since", "2026-03-01"],
    );
    let printed = text(&run.stdout);
    assert_eq!(run.status.code(), Some(0), "{}", text(&run.stderr));
    assert!(
        printed.contains("narrowed") && printed.contains("2 of 7 packages"),
        "{printed}"
    );
    assert!(!printed.contains("All 7"), "{printed}");
    let nobody = "00000000-0000-0000-0000-000000000001";
    expect(
        here.path(),
        &["report", evidence, "-o", "x", "--package", nobody],
        2,
        &[nobody, "not in the evidence"],
    );
}

#[test]
fn two_collections_of_one_name_stay_two_servers() {
    let here = folder();
    let one = sample("external-removal").join("evidence");
    let two = sample("undetermined").join("evidence");
    let run = pkgtrail(
        here.path(),
        &[
            "report",
            one.to_str().unwrap(),
            two.to_str().unwrap(),
            "-o",
            "both",
        ],
    );
    assert_eq!(run.status.code(), Some(0), "{}", text(&run.stderr));
    let json = std::fs::read_to_string(here.path().join("both/verdicts.json")).unwrap();
    let found: serde_json::Value = serde_json::from_str(&json).unwrap();
    let missing: usize = found["packages"]
        .as_array()
        .unwrap()
        .iter()
        .filter(|package| package["server"] == "NBG-PKG01")
        .map(|package| package["missing_while_ready"].as_array().unwrap().len())
        .sum();
    assert_eq!(
        missing, 4,
        "the listings of the one server are lost beside the other"
    );
    let zone = |problem: &serde_json::Value| {
        problem["what"]
            .as_str()
            .unwrap()
            .contains("one time zone is used for all")
    };
    assert!(
        found["problems"].as_array().unwrap().iter().any(zone),
        "{json}"
    );
}

#[cfg(unix)]
#[test]
fn an_interrupt_while_files_get_their_names_leaves_the_earlier_report_or_the_new_one() {
    let evidence = ["hash-change", "version-change"].map(|name| sample(name).join("evidence"));
    let report = |at: &Path, number: usize| {
        let mut command = std::process::Command::new(env!("CARGO_BIN_EXE_pkgtrail"));
        let arguments = ["-o", "out", "--svg", "--pictures", "-q"];
        command.arg("report").arg(&evidence[number]).args(arguments);
        command.current_dir(at).stdout(std::process::Stdio::null());
        command
    };
    let all = |at: &Path| -> Vec<(std::path::PathBuf, Vec<u8>)> {
        let folder = at.join("out");
        let files = crate::support::files(&folder);
        let read = |path: std::path::PathBuf| {
            let bytes = std::fs::read(&path).unwrap();
            (path.strip_prefix(&folder).unwrap().to_path_buf(), bytes)
        };
        files.into_iter().map(read).collect()
    };
    let whole = [0, 1].map(|number| {
        let here = folder();
        assert!(report(here.path(), number).status().unwrap().success());
        all(here.path())
    });
    let here = folder();
    for round in 0..8 {
        let number = round % 2;
        let mut run = report(here.path(), number).spawn().unwrap();
        // The mark stands from just before the first name to just behind the last.
        let line = "while [ ! -e out/.pkgtrail-unfinished.tmp ]; do kill -0 $0 2>&- || exit; done; kill -INT $0";
        let mut killer = std::process::Command::new("sh")
            .args(["-c", line, &run.id().to_string()])
            .current_dir(here.path())
            .stderr(std::process::Stdio::null())
            .spawn()
            .unwrap();
        let ended = run.wait().unwrap();
        killer.wait().unwrap();
        assert!(matches!(ended.code(), Some(0 | 130)), "{ended}");
        assert!(
            all(here.path()) == whole[number],
            "{ended} in round {round}"
        );
    }
}

#[test]
fn the_other_commands_answer() {
    let here = folder();
    let evidence = sample("external-removal").join("evidence");
    let evidence = evidence.to_str().unwrap();
    let lines = pkgtrail(here.path(), &["timeline", evidence]);
    assert_eq!(lines.status.code(), Some(0), "{}", text(&lines.stderr));
    let first = text(&lines.stdout).lines().next().unwrap().to_owned();
    let event: serde_json::Value = serde_json::from_str(&first).unwrap();
    for column in [
        "time",
        "time_end",
        "utc",
        "server",
        "package",
        "kind",
        "state",
        "version",
        "path",
        "code",
        "severity",
        "component",
        "process",
        "thread",
        "tick",
        "message",
        "sources",
        "pattern",
        "wording",
    ] {
        assert!(
            event.get(column).is_some(),
            "{column} is missing in {first}"
        );
    }
    for name in ["events.csv", "events.parquet", "events.jsonl"] {
        let run = pkgtrail(here.path(), &["timeline", evidence, "-o", name]);
        assert_eq!(run.status.code(), Some(0), "{}", text(&run.stderr));
        assert!(std::fs::metadata(here.path().join(name)).unwrap().len() > 1000);
    }
    let explained = text(&pkgtrail(here.path(), &["explain", "external-removal"]).stdout);
    assert!(explained.contains("# When it applies"), "{explained}");
    let listed = text(&pkgtrail(here.path(), &["explain"]).stdout);
    assert_eq!(listed.lines().count(), 12, "{listed}");
    let kinds = text(&pkgtrail(here.path(), &["messages", "--kinds"]).stdout);
    assert!(kinds.contains("download-started"), "{kinds}");
    let wordings = pkgtrail(here.path(), &["messages", evidence]);
    assert_eq!(
        wordings.status.code(),
        Some(0),
        "{}",
        text(&wordings.stderr)
    );
    assert!(text(&wordings.stdout).contains("recognised wordings"));
}

#[test]
fn wordings_that_messages_prints_can_be_taught() {
    let here = folder();
    let log = "<event date='2026-01-05T10:00:00+01:00' severity='4' hostName='PS9' source='Package Delivery'>\
        <![CDATA[Zorp {1EC214B8-E862-44A9-B3A6-27D918D136A2} frobnicated 7 times]]></event>\n";
    std::fs::write(here.path().join("agent.log"), log).unwrap();
    let printed = text(&pkgtrail(here.path(), &["messages", "agent.log"]).stdout);
    assert!(printed.contains("[[message]]"), "{printed}");
    std::fs::write(
        here.path().join("mine.toml"),
        printed.replace("kind = \"other\"", "kind = \"download-started\""),
    )
    .unwrap();
    let run = pkgtrail(
        here.path(),
        &["timeline", "agent.log", "--messages", "mine.toml"],
    );
    let event: serde_json::Value =
        serde_json::from_str(text(&run.stdout).lines().next().unwrap_or("null")).unwrap();
    assert_eq!(
        event["kind"],
        "download-started",
        "{} {}",
        text(&run.stdout),
        text(&run.stderr)
    );
    assert_eq!(event["wording"], "user");
    assert_eq!(event["package"], "1ec214b8-e862-44a9-b3a6-27d918d136a2");
}

#[test]
fn snapshots_tells_what_changed_between_captures() {
    let here = folder();
    let old = "<snapshot id='{1EC214B8-E862-44A9-B3A6-27D918D136A2}' version='1601867730' path='\\\\ns\\a'>\
        <file name='a.cab' size='1' hash='AAAA'/><file name='b.cab' size='2' hash='BBBB'/></snapshot>";
    let new = old
        .replace("1601867730", "1601954124")
        .replace("BBBB", "CCCC")
        .replace("a.cab", "new.cab");
    std::fs::write(here.path().join("snapshot_20261103-0200.xml"), old).unwrap();
    std::fs::write(here.path().join("snapshot_20261104-0200.xml"), new).unwrap();
    let run = pkgtrail(
        here.path(),
        &[
            "snapshots",
            "snapshot_20261104-0200.xml",
            "snapshot_20261103-0200.xml",
        ],
    );
    let printed = text(&run.stdout);
    assert_eq!(run.status.code(), Some(0), "{}", text(&run.stderr));
    for word in [
        "1601867730 (2020-10-05 03:15:30",
        "1601954124",
        "added    new.cab",
        "removed  a.cab",
        "changed  b.cab",
        "hash BBBB -> CCCC",
    ] {
        assert!(printed.contains(word), "`{word}` is missing in {printed}");
    }
    expect(
        here.path(),
        &["snapshots", "snapshot_20261103-0200.xml"],
        2,
        &["two or more"],
    );
}
