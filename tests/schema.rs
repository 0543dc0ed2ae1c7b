//! `verdicts.json` of many cases against its JSON Schema, and what the schema refuses.

use crate::support::{files, options, pkgtrail, sample, samples, text};
use jsonschema::Validator;
use pkgtrail::cli::gather;
use pkgtrail::render::json::VERDICTS_SCHEMA;
use serde_json::{Value, json};
use std::path::{Path, PathBuf};

fn validator() -> Validator {
    let schema: Value = serde_json::from_str(VERDICTS_SCHEMA).unwrap();
    jsonschema::draft202012::meta::validate(&schema).expect("the schema is one");
    jsonschema::draft202012::new(&schema).expect("the schema can be used")
}

/// `verdicts.json` of some evidence, as text.
fn verdicts(evidence: &[PathBuf]) -> String {
    let found = pkgtrail::ingest::read(evidence, &options(), &pkgtrail::model::Silent);
    let (case, _) = gather::case(found, None);
    pkgtrail::render::json::verdicts(&case)
}

#[track_caller]
fn accept(validator: &Validator, of: &str, found: &str) -> Value {
    let value: Value = serde_json::from_str(found).unwrap();
    let errors: Vec<String> = validator
        .iter_errors(&value)
        .map(|error| format!("{}: {error}", error.instance_path()))
        .collect();
    assert!(errors.is_empty(), "{of}: {errors:#?}");
    value
}

#[test]
fn the_command_prints_the_schema() {
    let here = tempfile::tempdir().unwrap();
    let run = pkgtrail(here.path(), &["schema"]);
    assert_eq!(run.status.code(), Some(0));
    assert_eq!(text(&run.stdout), VERDICTS_SCHEMA);
    assert!(VERDICTS_SCHEMA.ends_with("}\n"));
}

#[test]
fn every_sample_is_valid_and_its_keys_stand_in_the_order_of_the_contract() {
    let validator = validator();
    for sample in samples() {
        let found = verdicts(&[sample.join("evidence")]);
        let of = sample.display().to_string();
        let value = accept(&validator, &of, &found);
        let kept = std::fs::read_to_string(sample.join("expected/verdicts.json")).unwrap();
        accept(&validator, &format!("{of}, kept"), &kept);
        // serde_json's own map forgets the order, so it is read from the text.
        assert_eq!(keys(&found, 0), TOP, "{of}");
        for (key, wanted, depth) in ORDERED {
            for block in blocks(&found, key, *depth) {
                assert_eq!(keys(&block, *depth), *wanted, "{of}: {key}");
            }
        }
        assert!(value["packages"].is_array());
    }
}

const TOP: &[&str] = &[
    "schema",
    "tool",
    "time_zone",
    "packages",
    "evidence",
    "problems",
];

/// A list, the keys of its objects in the order of `contract.md`, and how deep the objects stand.
const ORDERED: &[(&str, &[&str], usize)] = &[
    (
        "packages",
        &[
            "id",
            "name",
            "server",
            "location",
            "state",
            "missing_while_ready",
            "redownloads",
        ],
        2,
    ),
    (
        "missing_while_ready",
        &["at", "files_missing", "files_listed", "sources"],
        4,
    ),
    (
        "redownloads",
        &[
            "started_at",
            "completed_at",
            "previous_completed_at",
            "verdict",
            "grade",
            "removal_window",
            "actor",
            "reasons",
            "ruled_out",
            "missing_evidence",
        ],
        4,
    ),
    ("reasons", &["text", "sources"], 6),
    ("ruled_out", &["verdict", "text", "sources"], 6),
    (
        "evidence",
        &[
            "path", "kind", "sha256", "bytes", "records", "from", "to", "gaps",
        ],
        2,
    ),
    ("problems", &["where", "what", "cost"], 2),
];

/// The keys of the object whose brace is indented by `depth` steps of two blanks.
fn keys(block: &str, depth: usize) -> Vec<String> {
    let indent = format!("{}\"", "  ".repeat(depth + 1));
    block
        .lines()
        .filter_map(|line| line.strip_prefix(&indent))
        .filter_map(|line| line.split_once("\": "))
        .map(|(key, _)| key.to_owned())
        .collect()
}

/// The objects of the lists named `key` whose braces are indented by `depth` steps.
fn blocks(found: &str, key: &str, depth: usize) -> Vec<String> {
    let list = format!("{}\"{key}\": [", "  ".repeat(depth - 1));
    let end = format!("{}]", "  ".repeat(depth - 1));
    let (open, close) = (
        format!("{}{{", "  ".repeat(depth)),
        format!("{}}}", "  ".repeat(depth)),
    );
    let mut all = Vec::new();
    let (mut inside, mut block) = (false, None::<String>);
    for line in found.lines() {
        if line == list {
            inside = true;
        } else if inside && block.is_none() && line.trim_end_matches(',') == end {
            inside = false;
        } else if inside && line == open {
            block = Some(String::new());
        } else if inside && line.trim_end_matches(',') == close {
            all.extend(block.take());
        } else if let Some(block) = &mut block {
            block.push_str(line);
            block.push('\n');
        }
    }
    all
}

#[test]
fn blocks_and_keys_find_what_stands_there() {
    let found = "{\n  \"evidence\": [\n    {\n      \"b\": 1,\n      \"a\": [\n        {\n          \"x\": 1\n        }\n      ]\n    },\n    {\n      \"c\": 2\n    }\n  ],\n  \"z\": []\n}\n";
    let all = blocks(found, "evidence", 2);
    assert_eq!(all.len(), 2);
    assert_eq!(keys(&all[0], 2), ["b", "a"]);
    assert_eq!(keys(found, 0), ["evidence", "z"]);
    assert_eq!(blocks(found, "a", 4).len(), 1);
}

/// One record of the agent's log.
fn record(second: u32, server: &str, message: &str) -> String {
    let (minute, second) = (second / 60, second % 60);
    format!(
        "<event date='Nov 03 02:{minute:02}:{second:02}' severity='4' hostName='{server}' source='Package Server Agent' module='AeXNSCPackageServer.dll' process='AeXNSAgent.exe' pid='2684' thread='2288' tickCount='{}' >\n  <![CDATA[{message}]]></event>\n",
        1_000_000 + 1_000 * (minute * 60 + second)
    )
}

const ID: &str = "{1EC214B8-E862-44A9-B3A6-27D918D136A2}";

/// Records of a package that is downloaded twice.
fn log(server: &str) -> String {
    let mut all = String::new();
    for (second, message) in [
        (0, "status changed to 'Download Pending'"),
        (1, "download started"),
        (60, "download completed, 100%"),
        (61, "status changed to 'Ready'"),
        (600, "status changed to 'Download Pending'"),
        (601, "download started"),
    ] {
        all += &record(second, server, &format!("Package {ID} {message}"));
    }
    all + &record(
        660,
        server,
        &format!("Error while downloading package {ID}: access is denied (-2147024891)"),
    )
}

fn bundle(files: &[(&str, &[u8])]) -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    for (name, bytes) in files {
        let path = folder.path().join("bundle").join(name);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, bytes).unwrap();
    }
    folder
}

fn judged(folder: &Path) -> String {
    verdicts(&[folder.join("bundle")])
}

#[test]
fn odd_bundles_are_valid_too() {
    let validator = validator();
    // The zone and the year are unknown, the package has no name and no place.
    let one = bundle(&[("Agent.log", log("PS01").as_bytes())]);
    let value = accept(&validator, "unknown zone", &judged(one.path()));
    assert_eq!(
        value["time_zone"],
        json!({"offset": null, "basis": "unknown"})
    );
    let again = &value["packages"][0]["redownloads"];
    assert_eq!(again.as_array().map(Vec::len), Some(1), "{value:#}");
    for time in ["started_at", "previous_completed_at"] {
        let shown = again[0][time].as_str().unwrap();
        assert!(!shown.contains('+'), "{shown}");
    }

    let two = bundle(&[
        ("PS01/Agent.log", log("PS01").as_bytes()),
        ("PS02/Agent.log", log("PS02").as_bytes()),
    ]);
    let value = accept(&validator, "two servers", &judged(two.path()));
    assert_eq!(value["packages"].as_array().map(Vec::len), Some(2));

    let whole = log("PS01");
    let damaged = bundle(&[
        ("Agent.log", &whole.as_bytes()[30..whole.len() - 40]),
        ("broken.zip", b"PK\x03\x04 nothing behind"),
        ("empty.log", b""),
        ("desktop.png", b"\x89PNG\r\n\x1a\n"),
        ("x/snapshot.xml", b"<Snapshot><File name='a"),
        ("\u{202e}name \u{1b}[31m.txt", b"\xff\xfe\x00\xd8 text"),
    ]);
    let value = accept(&validator, "damaged", &judged(damaged.path()));
    assert_ne!(value["problems"], json!([]));

    let nothing = bundle(&[("Agent.log", record(5, "PS01", "Agent started.").as_bytes())]);
    let value = accept(&validator, "no package", &judged(nothing.path()));
    assert_eq!(value["packages"], json!([]));

    let assigned = bundle(&[(
        "Agent.log",
        record(
            5,
            "PS01",
            &format!("Package {ID} was assigned to this package server"),
        )
        .as_bytes(),
    )]);
    let value = accept(&validator, "assigned only", &judged(assigned.path()));
    assert_eq!(value["packages"][0]["state"], "Unknown");
}

#[test]
fn a_narrowed_report_is_valid_too() {
    let validator = validator();
    let here = tempfile::tempdir().unwrap();
    let at = sample("external-removal");
    for narrow in [
        ["--package", "254973ae-2d8d-4b36-a15f-ce4cc3ead889"],
        ["--since", "2026-02-13"],
        ["--until", "2026-02-01"],
    ] {
        let out = here.path().join("r");
        let mut arguments = vec!["report", "evidence", "-o", out.to_str().unwrap()];
        arguments.extend(narrow);
        let run = pkgtrail(&at, &arguments);
        assert_eq!(
            run.status.code(),
            Some(0),
            "{narrow:?}: {}",
            text(&run.stderr)
        );
        let written = files(&out)
            .into_iter()
            .find(|path| path.ends_with("verdicts.json"))
            .unwrap();
        let found = std::fs::read_to_string(written).unwrap();
        accept(&validator, &format!("{narrow:?}"), &found);
    }
}

#[test]
fn the_schema_refuses_what_the_contract_does_not_promise() {
    let validator = validator();
    let good: Value =
        serde_json::from_str(&verdicts(&[sample("external-removal").join("evidence")])).unwrap();
    assert!(validator.is_valid(&good));
    let again = |key: &str| format!("/packages/0/redownloads/0{key}");
    let first = good["packages"]
        .as_array()
        .unwrap()
        .iter()
        .position(|package| package["redownloads"] != json!([]))
        .unwrap();
    let again = |key: &str| again(key).replacen("/0/", &format!("/{first}/"), 1);
    let refuse = |what: &str, change: &dyn Fn(&mut Value)| {
        let mut bad = good.clone();
        change(&mut bad);
        assert_ne!(bad, good, "{what}: nothing was changed");
        assert!(!validator.is_valid(&bad), "{what} is accepted");
    };
    let set = |what: &str, place: &str, value: Value| {
        refuse(what, &|bad| {
            *bad.pointer_mut(place).unwrap() = value.clone()
        });
    };
    for key in [
        "/schema",
        "/time_zone/basis",
        "/packages/0/id",
        "/evidence/0/gaps",
    ] {
        let (parent, name) = key.rsplit_once('/').unwrap();
        refuse(&format!("without {key}"), &|bad| {
            bad.pointer_mut(parent)
                .unwrap()
                .as_object_mut()
                .unwrap()
                .remove(name);
        });
    }
    for name in ["actor", "removal_window", "missing_evidence"] {
        refuse(&format!("a re-download without {name}"), &|bad| {
            let one = bad.pointer_mut(&again("")).unwrap();
            one.as_object_mut().unwrap().remove(name);
        });
    }
    for place in ["", "/time_zone", "/packages/0", "/evidence/0"] {
        refuse(&format!("one key more at {place}"), &|bad| {
            bad.pointer_mut(place).unwrap()["more"] = json!(1);
        });
    }
    refuse("one key more in a reason", &|bad| {
        bad.pointer_mut(&again("/reasons/0")).unwrap()["more"] = json!(1);
    });
    set("another schema", "/schema", json!("pkgtrail-verdicts-2"));
    set(
        "a verdict of no such name",
        &again("/verdict"),
        json!("external removal"),
    );
    set(
        "a grade of no such name",
        &again("/grade"),
        json!("certain"),
    );
    set(
        "undetermined without its verdict",
        &again("/grade"),
        json!("undetermined"),
    );
    set(
        "a state of no such name",
        "/packages/0/state",
        json!("ready"),
    );
    set(
        "a basis of no such name",
        "/time_zone/basis",
        json!("guessed"),
    );
    set(
        "an offset with an unknown zone",
        "/time_zone/basis",
        json!("unknown"),
    );
    set(
        "seven digits",
        &again("/started_at"),
        json!("2026-02-11T06:30:03.9630000+01:00"),
    );
    set(
        "a time with a blank",
        &again("/started_at"),
        json!("2026-02-11 06:30:03+01:00"),
    );
    set(
        "a time that is none",
        &again("/started_at"),
        json!("2026-13-11T06:30:03+01:00"),
    );
    set("no start", &again("/started_at"), Value::Null);
    let id = good["packages"][0]["id"].as_str().unwrap().to_uppercase();
    set("an id in capitals", "/packages/0/id", json!(id));
    set(
        "an id in braces",
        "/packages/0/id",
        json!("{254973ae-2d8d-4b36-a15f-ce4cc3ead889}"),
    );
    set(
        "half a window",
        &again("/removal_window/after"),
        Value::Null,
    );
    set(
        "the other half",
        &again("/removal_window/before"),
        Value::Null,
    );
    set(
        "a source without a line",
        &again("/reasons/0/sources"),
        json!(["bundle/Agent.log"]),
    );
    set(
        "line 0",
        &again("/reasons/0/sources"),
        json!(["bundle/Agent.log:0"]),
    );
    set(
        "advice that is no text",
        &again("/missing_evidence"),
        json!([{}]),
    );
    set("an empty advice", &again("/missing_evidence"), json!([""]));
    set("a short hash", "/evidence/0/sha256", json!("9f86d0"));

    // What looks odd and is promised.
    let mut fine = good.clone();
    *fine.pointer_mut(&again("/removal_window")).unwrap() = Value::Null;
    *fine.pointer_mut(&again("/started_at")).unwrap() = json!("2026-02-11T06:30:03");
    *fine.pointer_mut(&again("/reasons/0/sources")).unwrap() = json!([
        "bundle/old.zip!logs.zip!Agent 1.log:77",
        "bundle/Security.evtx#101"
    ]);
    accept(&validator, "odd and fine", &fine.to_string());
}
