//! Golden outputs of the samples. `PKGTRAIL_BLESS=1` writes them anew; then read the difference.

use crate::support::{pkgtrail, samples, text};

/// Outputs whose text is kept. The pictures and tables are checked elsewhere by what they hold.
const KEPT: &[&str] = &["verdicts.json", "summary.md"];

#[test]
fn every_sample_gives_its_expected_outputs() {
    let bless = std::env::var_os("PKGTRAIL_BLESS").is_some();
    let mut wrong = Vec::new();
    for sample in samples() {
        let out = tempfile::tempdir().unwrap();
        let folder = out.path().join("report");
        let run = pkgtrail(
            &sample,
            &["report", "evidence", "-o", folder.to_str().unwrap()],
        );
        assert!(
            matches!(run.status.code(), Some(0 | 1)),
            "{}: {}",
            sample.display(),
            text(&run.stderr)
        );
        let printed = text(&run.stdout).replace(&*folder.to_string_lossy(), "report");
        let mut outputs: Vec<(String, String)> = vec![("printed.txt".into(), printed)];
        for name in KEPT {
            outputs.push((
                (*name).into(),
                std::fs::read_to_string(folder.join(name)).unwrap(),
            ));
        }
        let (scene, charts) = drawn(&sample);
        outputs.push(("scene.txt".into(), scene));
        outputs.push(("charts.txt".into(), charts));
        // The picture itself is kept for people; the scene is what is compared.
        if bless {
            std::fs::create_dir_all(sample.join("expected")).unwrap();
            std::fs::copy(
                folder.join("timeline.png"),
                sample.join("expected/timeline.png"),
            )
            .unwrap();
        }
        for (name, got) in outputs {
            let kept = sample.join("expected").join(&name);
            if bless {
                std::fs::write(&kept, &got).unwrap();
            } else if std::fs::read_to_string(&kept).unwrap_or_default() != got {
                wrong.push(kept.display().to_string());
            }
        }
    }
    assert!(
        wrong.is_empty(),
        "these differ; PKGTRAIL_BLESS=1 writes them anew, then read `git diff`: {wrong:#?}"
    );
}

/// What the picture and the charts show, as text.
fn drawn(sample: &std::path::Path) -> (String, String) {
    let options = crate::support::options();
    let found = pkgtrail::ingest::read(
        &[sample.join("evidence")],
        &options,
        &pkgtrail::model::Silent,
    );
    let (case, _) = pkgtrail::cli::gather::case(found, None);
    let charts = pkgtrail::render::charts::all(&case);
    let charts: Vec<String> = charts.iter().map(ToString::to_string).collect();
    let scene = pkgtrail::render::scene::lay_out(&case).to_string();
    (scene, charts.join("\n"))
}

/// What must be found in each sample, by the story in its README and not by the golden files:
/// (sample, package, start, verdict, grade).
const TRUTHS: &[(&str, &str, &str, &str, &str)] = &[
    (
        "external-removal",
        "254973ae",
        "2026-02-11T06:30:03",
        "external-removal",
        "proven",
    ),
    (
        "external-removal",
        "254973ae",
        "2026-02-12T06:30:03",
        "external-removal",
        "proven",
    ),
    (
        "external-removal",
        "254973ae",
        "2026-02-13T06:30:04",
        "external-removal",
        "proven",
    ),
    (
        "external-removal",
        "3b995960",
        "2026-02-12T06:30:51",
        "external-removal",
        "proven",
    ),
    (
        "external-removal",
        "3b995960",
        "2026-02-13T06:30:48",
        "external-removal",
        "proven",
    ),
    (
        "version-change",
        "7fff9b4f",
        "2024-12-31T04:45:13",
        "version-change",
        "proven",
    ),
    (
        "version-change",
        "7fff9b4f",
        "2025-01-02T12:02:28",
        "version-change",
        "proven",
    ),
    (
        "version-change",
        "b8a6a032",
        "2025-01-01T00:07:42",
        "version-change",
        "proven",
    ),
    (
        "hash-change",
        "96542894",
        "2026-03-18T04:00:04",
        "hash-change",
        "proven",
    ),
    (
        "path-change",
        "11a8e611",
        "2025-06-18T05:15:02",
        "path-change",
        "proven",
    ),
    (
        "path-change",
        "c0774980",
        "2025-06-19T16:31:46",
        "path-change",
        "proven",
    ),
    (
        "interrupted-download",
        "73c31301",
        "2025-09-17T04:30:05",
        "interrupted-download",
        "proven",
    ),
    (
        "interrupted-download",
        "0f835afd",
        "2025-09-18T04:30:03",
        "version-change",
        "proven",
    ),
    (
        "undetermined",
        "1a469915",
        "2026-04-17T05:10:03",
        "undetermined",
        "undetermined",
    ),
    (
        "undetermined",
        "1a469915",
        "2026-04-20T05:10:03",
        "undetermined",
        "undetermined",
    ),
    (
        "undetermined",
        "b60df6d0",
        "2026-04-21T05:10:06",
        "undetermined",
        "undetermined",
    ),
    (
        "product-cleanup",
        "d50bfc77",
        "2026-03-13T08:55:19",
        "product-cleanup",
        "proven",
    ),
    (
        "product-cleanup",
        "dd9f6f57",
        "2026-03-12T11:20:42",
        "product-cleanup",
        "proven",
    ),
    (
        "sibling-cleanup",
        "95c2bccd",
        "2025-09-25T05:45:04",
        "sibling-cleanup",
        "proven",
    ),
    (
        "sibling-cleanup",
        "f30674f3",
        "2025-09-22T05:45:04",
        "sibling-cleanup",
        "proven",
    ),
    (
        "metadata-removal",
        "195cf739",
        "2025-11-12T19:05:35",
        "metadata-removal",
        "proven",
    ),
    (
        "metadata-removal",
        "3a18298d",
        "2025-11-12T19:05:32",
        "metadata-removal",
        "proven",
    ),
    (
        "metadata-removal",
        "3a18298d",
        "2025-11-14T04:40:04",
        "metadata-removal",
        "proven",
    ),
    (
        "metadata-removal",
        "daef3b55",
        "2025-11-12T19:05:23",
        "metadata-removal",
        "proven",
    ),
    (
        "access-denied",
        "3ca0b851",
        "2026-01-20T05:30:05",
        "access-denied",
        "proven",
    ),
    (
        "access-denied",
        "3ca0b851",
        "2026-01-21T05:30:04",
        "access-denied",
        "proven",
    ),
    (
        "access-denied",
        "87916bba",
        "2026-01-20T05:30:04",
        "access-denied",
        "proven",
    ),
    (
        "access-denied",
        "87916bba",
        "2026-01-21T05:30:03",
        "access-denied",
        "proven",
    ),
    (
        "access-denied",
        "e60cb1b3",
        "2026-01-20T05:30:06",
        "access-denied",
        "proven",
    ),
    (
        "access-denied",
        "e60cb1b3",
        "2026-01-21T05:30:05",
        "access-denied",
        "proven",
    ),
    (
        "source-unavailable",
        "8da31b6c",
        "2025-10-07T05:00:02",
        "source-unavailable",
        "proven",
    ),
    (
        "source-unavailable",
        "9990ff0b",
        "2025-10-06T05:00:02",
        "version-change",
        "proven",
    ),
    (
        "source-unavailable",
        "9990ff0b",
        "2025-10-08T05:00:03",
        "source-unavailable",
        "proven",
    ),
    (
        "source-unavailable",
        "b74f5351",
        "2025-10-08T05:00:05",
        "source-unavailable",
        "proven",
    ),
    (
        "operator-action",
        "92a4b1ba",
        "2026-08-12T10:15:55",
        "operator-action",
        "proven",
    ),
    (
        "operator-action",
        "dcd6494c",
        "2026-08-11T14:02:18",
        "operator-action",
        "proven",
    ),
    (
        "operator-action",
        "dcd6494c",
        "2026-08-14T09:31:29",
        "operator-action",
        "proven",
    ),
    (
        "removal-window",
        "60ff4b9a",
        "2026-03-13T05:10:03",
        "external-removal",
        "proven",
    ),
    (
        "removal-window",
        "cad49e51",
        "2026-03-14T05:10:03",
        "external-removal",
        "proven",
    ),
];

#[test]
fn every_sample_gives_the_verdicts_of_its_story_and_no_other() {
    for sample in samples() {
        let name = sample.file_name().unwrap().to_string_lossy().into_owned();
        let kept = std::fs::read_to_string(sample.join("expected/verdicts.json")).unwrap();
        let found: serde_json::Value = serde_json::from_str(&kept).unwrap();
        let mut got = Vec::new();
        for package in found["packages"].as_array().unwrap() {
            for one in package["redownloads"].as_array().unwrap() {
                let field = |key: &str| one[key].as_str().unwrap_or_default().to_owned();
                let id: String = package["id"].as_str().unwrap().chars().take(8).collect();
                let started: String = field("started_at").chars().take(19).collect();
                got.push((id, started, field("verdict"), field("grade")));
            }
        }
        let mut wanted: Vec<_> = TRUTHS
            .iter()
            .filter(|truth| truth.0 == name)
            .map(|truth| {
                (
                    truth.1.to_owned(),
                    truth.2.to_owned(),
                    truth.3.to_owned(),
                    truth.4.to_owned(),
                )
            })
            .collect();
        got.sort();
        wanted.sort();
        assert_eq!(got, wanted, "{name}");
    }
}
