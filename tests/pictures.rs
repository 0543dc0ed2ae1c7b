//! The pictures that are drawn on request, and what becomes of those of an earlier run.

use crate::support::{files, pkgtrail, sample, samples, text};
use std::collections::BTreeMap;
use std::path::Path;

/// Runs a report of the sample into `case` below `at`; the files with their bytes.
fn report(at: &Path, name: &str, options: &[&str]) -> BTreeMap<String, Vec<u8>> {
    let evidence = sample(name).join("evidence");
    let mut arguments = vec!["report", evidence.to_str().unwrap(), "-o", "case"];
    arguments.extend(options);
    let run = pkgtrail(at, &arguments);
    assert!(
        matches!(run.status.code(), Some(0 | 1)),
        "{name} {options:?}: {}",
        text(&run.stderr)
    );
    let folder = at.join("case");
    files(&folder)
        .into_iter()
        .map(|path| {
            let inside = path.strip_prefix(&folder).unwrap();
            let parts: Vec<_> = inside.iter().map(|part| part.to_string_lossy()).collect();
            (parts.join("/"), std::fs::read(&path).unwrap())
        })
        .collect()
}

fn drawn(files: &BTreeMap<String, Vec<u8>>) -> Vec<&str> {
    let mut names: Vec<&str> = files.keys().map(String::as_str).collect();
    names.retain(|name| name.contains('/') || name.ends_with(".svg"));
    names
}

#[test]
fn pictures_and_charts_are_drawn_on_request_and_the_same_twice() {
    let here = tempfile::tempdir().unwrap();
    let all = report(here.path(), "external-removal", &["--svg", "--pictures"]);
    let wanted = [
        "charts/cycle.png",
        "charts/cycle.svg",
        "charts/downloads-per-day.png",
        "charts/downloads-per-day.svg",
        "charts/file-differences.png",
        "charts/file-differences.svg",
        "charts/in-vain.png",
        "charts/in-vain.svg",
        "charts/removal-hours.png",
        "charts/removal-hours.svg",
        "timeline.svg",
    ];
    let names = drawn(&all);
    for name in wanted {
        assert!(names.contains(&name), "{name}: {names:?}");
    }
    let pictures: Vec<&&str> = names
        .iter()
        .filter(|name| name.starts_with("pictures/"))
        .collect();
    assert_eq!(pictures.len(), 2, "{names:?}");
    assert!(pictures[0].starts_with("pictures/254973ae-"));
    for (name, bytes) in &all {
        if name.ends_with(".png") {
            assert!(bytes.starts_with(b"\x89PNG"), "{name}");
        }
        if name.ends_with(".svg") {
            let svg = text(bytes);
            assert!(
                svg.starts_with("<svg ") && svg.ends_with("</svg>\n"),
                "{name}"
            );
            for forbidden in ["style", "<script", " id=", "href"] {
                assert!(!svg.contains(forbidden), "{name}: {forbidden}");
            }
        }
    }
    let elsewhere = tempfile::tempdir().unwrap();
    let again = report(
        elsewhere.path(),
        "external-removal",
        &["--pictures", "--svg"],
    );
    assert!(all == again);
}

#[test]
fn a_scale_of_two_doubles_every_png() {
    let here = tempfile::tempdir().unwrap();
    let once = report(here.path(), "version-change", &["--pictures"]);
    let twice = report(
        here.path(),
        "version-change",
        &["--pictures", "--scale", "2"],
    );
    let size = |png: &[u8]| {
        let number = |at: usize| u32::from_be_bytes(png[at..at + 4].try_into().unwrap());
        (number(16), number(20))
    };
    let mut compared = 0;
    for (name, png) in once.iter().filter(|one| one.0.ends_with(".png")) {
        let (width, height) = size(png);
        assert_eq!(size(&twice[name]), (2 * width, 2 * height), "{name}");
        compared += 1;
    }
    assert!(compared > 3);
    let evidence = sample("healthy");
    let run = pkgtrail(
        here.path(),
        &["report", evidence.to_str().unwrap(), "--scale", "3"],
    );
    assert_eq!(run.status.code(), Some(2));
    assert!(text(&run.stderr).contains("--scale"));
}

#[test]
fn pictures_of_an_earlier_run_do_not_stay() {
    let here = tempfile::tempdir().unwrap();
    let first = report(here.path(), "external-removal", &["--pictures", "--svg"]);
    let second = report(here.path(), "version-change", &["--pictures"]);
    assert!(!second.contains_key("timeline.svg"));
    for name in drawn(&second) {
        let stale = first.get(name).is_some_and(|bytes| *bytes == second[name]);
        assert!(!stale, "{name}");
        assert!(!name.contains("254973ae"), "{name}");
    }
    let third = report(here.path(), "version-change", &[]);
    assert!(drawn(&third).is_empty(), "{:?}", drawn(&third));
    assert!(!here.path().join("case/pictures").exists());
    // In evidence, pictures of ours are no evidence: nothing of them is read.
    assert_eq!(third.len(), 6);
}

#[test]
fn what_somebody_else_put_there_is_refused_and_stays() {
    let here = tempfile::tempdir().unwrap();
    report(here.path(), "version-change", &["--pictures"]);
    let theirs = here.path().join("case/pictures/holiday.png");
    std::fs::write(&theirs, "mine").unwrap();
    let evidence = sample("version-change").join("evidence");
    let arguments = ["report", evidence.to_str().unwrap(), "-o", "case"];
    let run = pkgtrail(here.path(), &arguments);
    assert_eq!(run.status.code(), Some(2));
    assert!(
        text(&run.stderr).contains("holiday.png"),
        "{}",
        text(&run.stderr)
    );
    assert_eq!(std::fs::read(&theirs).unwrap(), b"mine");
    #[cfg(unix)]
    {
        std::fs::remove_dir_all(here.path().join("case/pictures")).unwrap();
        let outside = here.path().join("outside");
        std::fs::create_dir(&outside).unwrap();
        std::os::unix::fs::symlink(&outside, here.path().join("case/pictures")).unwrap();
        let run = pkgtrail(here.path(), &arguments);
        assert_eq!(run.status.code(), Some(2), "a link is not ours");
    }
}

#[test]
fn every_sample_has_its_pictures() {
    for folder in samples() {
        let name = folder.file_name().unwrap().to_string_lossy().into_owned();
        let here = tempfile::tempdir().unwrap();
        let all = report(here.path(), &name, &["--svg", "--pictures"]);
        let sick = drawn(&all).iter().any(|one| one.starts_with("pictures/"));
        assert_eq!(sick, name != "healthy", "{name}");
        assert!(
            all.contains_key("charts/downloads-per-day.svg") || name == "healthy",
            "{name}"
        );
    }
}
