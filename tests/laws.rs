//! Laws that hold for any evidence: order, duplication, damage, repetition.

use crate::support::{Seeded, files, options, sample, samples, text};
use pkgtrail::cli::gather;
use pkgtrail::ingest;
use std::collections::BTreeMap;
use std::path::Path;

/// All outputs of one run.
fn outputs(at: &Path, arguments: &[&str]) -> BTreeMap<String, Vec<u8>> {
    let out = tempfile::tempdir().unwrap();
    let report = out.path().join("r");
    let run = std::process::Command::new(env!("CARGO_BIN_EXE_pkgtrail"))
        .arg("report")
        .args(arguments)
        .args(["-o", report.to_str().unwrap()])
        .current_dir(at)
        .output()
        .unwrap();
    assert!(
        matches!(run.status.code(), Some(0 | 1)),
        "{arguments:?}: {}",
        text(&run.stderr)
    );
    files(&report)
        .into_iter()
        .map(|path| {
            (
                path.file_name().unwrap().to_string_lossy().into_owned(),
                std::fs::read(&path).unwrap(),
            )
        })
        .collect()
}

#[test]
fn the_order_of_arguments_does_not_matter() {
    let at = sample("external-removal").join("evidence");
    let mut parts: Vec<String> = std::fs::read_dir(&at)
        .unwrap()
        .map(|entry| entry.unwrap().file_name().to_string_lossy().into_owned())
        .collect();
    parts.sort();
    assert!(parts.len() > 1);
    let forward: Vec<&str> = parts.iter().map(String::as_str).collect();
    let backward: Vec<&str> = forward.iter().rev().copied().collect();
    assert!(outputs(&at, &forward) == outputs(&at, &backward));
}

/// What the verdicts are, without where they stand.
fn verdicts(json: &[u8]) -> Vec<String> {
    let found: serde_json::Value = serde_json::from_slice(json).unwrap();
    let mut all = Vec::new();
    for package in found["packages"].as_array().unwrap() {
        all.push(format!(
            "{} {} {}",
            package["id"], package["server"], package["state"]
        ));
        for one in package["redownloads"].as_array().unwrap() {
            all.push(format!(
                "{} {} {} {} {}",
                one["started_at"],
                one["completed_at"],
                one["verdict"],
                one["grade"],
                one["removal_window"]
            ));
        }
        for one in package["missing_while_ready"].as_array().unwrap() {
            all.push(format!(
                "{} {} {}",
                one["at"], one["files_missing"], one["files_listed"]
            ));
        }
    }
    all
}

#[test]
fn evidence_handed_in_twice_gives_the_same_verdicts() {
    for sample in samples() {
        let once = outputs(&sample, &["evidence"]);
        let twice = outputs(&sample, &["evidence", "evidence"]);
        assert!(
            once == twice,
            "{}: the same argument twice",
            sample.display()
        );
        let copy = tempfile::tempdir().unwrap();
        for file in files(&sample.join("evidence")) {
            let target = copy
                .path()
                .join("copy")
                .join(file.strip_prefix(&sample).unwrap());
            std::fs::create_dir_all(target.parent().unwrap()).unwrap();
            std::fs::copy(&file, target).unwrap();
        }
        let copied = copy.path().join("copy");
        let both = outputs(&sample, &["evidence", copied.to_str().unwrap()]);
        assert_eq!(
            verdicts(&once["verdicts.json"]),
            verdicts(&both["verdicts.json"]),
            "{}",
            sample.display()
        );
    }
}

/// Larger files are cut at so many seeded places each.
const PLACES: usize = 300;
/// Files up to this size are cut at every byte, and XML documents of any size.
const SMALL: usize = 8 << 10;

#[test]
fn a_cut_at_every_byte_gives_problems_and_no_panic() {
    let mut all: Vec<(String, Vec<u8>)> = samples()
        .iter()
        .flat_map(|sample| files(&sample.join("evidence")))
        // Those are cut by T10 of `tests/threats.rs`.
        .filter(|path| !path.ends_with("snapshot.xml") && !path.ends_with("PackageStatus.xml"))
        .map(|path| {
            let name = path.file_name().unwrap().to_string_lossy().into_owned();
            (name, std::fs::read(path).unwrap())
        })
        .collect();
    all.sort_by(|one, other| one.1.cmp(&other.1));
    all.dedup_by(|one, other| one.1 == other.1);
    // Every other file, so that both cores have as much to do.
    std::thread::scope(|scope| {
        for core in 0..2 {
            let own = all.iter().skip(core).step_by(2);
            scope.spawn(move || own.for_each(|(name, bytes)| cut_everywhere(name, bytes)));
        }
    });
}

fn cut_everywhere(name: &str, bytes: &[u8]) {
    let options = options();
    let mut seeded = Seeded(0x5EED_CAFE + bytes.len() as u64);
    let cuts: Vec<usize> = if bytes.len() <= SMALL || name.ends_with(".xml") {
        (0..bytes.len()).collect()
    } else {
        (0..PLACES).map(|_| seeded.below(bytes.len())).collect()
    };
    for cut in cuts {
        let found = ingest::read_memory(&[(name.to_owned(), &bytes[..cut])], &options);
        let file = found.files.first().unwrap();
        let document = ["snapshot", "package-status", "listing"].contains(&file.kind);
        // Only white space was cut off, or what is left cannot be told from a whole file.
        let whole = bytes[cut..]
            .iter()
            .all(|byte| byte.is_ascii_whitespace() || *byte == 0);
        if document && !whole && file.kind != "listing" {
            assert!(
                !found.problems.is_empty(),
                "{name} cut at {cut} of {} tells nothing",
                bytes.len()
            );
            let proves = found.snapshots.iter().any(|one| one.document.complete)
                || found.statuses.iter().any(|one| one.document.complete);
            assert!(!proves, "{name} cut at {cut} counts as whole");
        }
    }
}

#[test]
fn changed_bytes_give_problems_and_no_panic() {
    let options = options();
    let mut seeded = Seeded(0xBAD_5EED);
    for sample in samples() {
        let base = sample.join("evidence");
        let whole: Vec<(String, Vec<u8>)> = files(&base)
            .into_iter()
            .map(|path| {
                (
                    path.strip_prefix(&base)
                        .unwrap()
                        .to_string_lossy()
                        .into_owned(),
                    std::fs::read(&path).unwrap(),
                )
            })
            .collect();
        for _ in 0..12 {
            let mut damaged = whole.clone();
            for (_, bytes) in &mut damaged {
                for _ in 0..1 + bytes.len() / 4096 {
                    let place = seeded.below(bytes.len());
                    if let Some(byte) = bytes.get_mut(place) {
                        *byte = seeded.next() as u8;
                    }
                }
            }
            let members: Vec<(String, &[u8])> = damaged
                .iter()
                .map(|(name, bytes)| (name.clone(), bytes.as_slice()))
                .collect();
            let (case, _) = gather::case(ingest::read_memory(&members, &options), None);
            let _ = pkgtrail::render::json::verdicts(&case);
            let _ = pkgtrail::render::markdown::summary(&case);
            let scene = pkgtrail::render::scene::lay_out(&case);
            let _ = scene.to_string();
        }
    }
}

#[test]
fn damage_never_makes_an_accusation_on_a_healthy_server() {
    // Dropping any lines of a healthy history must not look like a removal.
    let options = options();
    let mut seeded = Seeded(0xD0_0DAD);
    let bundle = sample("healthy").join("evidence/bundle.zip");
    let mut members: Vec<(String, Vec<u8>)> = Vec::new();
    let problems = pkgtrail::evidence::visit(
        &[bundle],
        &options.limits,
        &pkgtrail::model::Silent,
        &mut |member, stream| {
            let mut bytes = Vec::new();
            std::io::Read::read_to_end(stream, &mut bytes).unwrap();
            members.push((member.path, bytes));
        },
    );
    assert!(problems.iter().all(|problem| !problem.lost), "{problems:?}");
    for _ in 0..20 {
        let thinned: Vec<(String, Vec<u8>)> = members
            .iter()
            .map(|(name, bytes)| {
                let lines = bytes
                    .split_inclusive(|byte| *byte == b'\n')
                    .filter(|_| seeded.below(10) > 0);
                (name.clone(), lines.flatten().copied().collect())
            })
            .collect();
        let borrowed: Vec<(String, &[u8])> = thinned
            .iter()
            .map(|(name, bytes)| (name.clone(), bytes.as_slice()))
            .collect();
        let (case, _) = gather::case(ingest::read_memory(&borrowed, &options), None);
        for (package, one) in case.redownloads() {
            let accused = one.verdict == pkgtrail::model::Verdict::ExternalRemoval;
            assert!(
                !accused || one.grade < pkgtrail::model::Grade::Strong,
                "{} {:?}",
                package.id,
                one.reasons
            );
        }
    }
}
