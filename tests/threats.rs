//! Hostile and broken bundles: one test for each threat of the table in `src/lib.rs`, named after it.
//!
//! The evil bundles are made here, by hand where no packer would make them. Times are not measured;
//! what was done instead is: which files were opened, what came out, how much memory it took.

use crate::support::text;
use pkgtrail::evidence::{Limits, visit};
use pkgtrail::model::{Problem, Silent};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Duration;

mod archives;
mod damage;
mod documents;
mod logs;
mod outputs;
mod runs;

const ID: &str = "{1EC214B8-E862-44A9-B3A6-27D918D136A2}";

/// A record of the agent's log, so many seconds after 10:00:00 of a day in January.
fn record(second: u32, message: &str) -> String {
    let (hour, minute, second) = (10 + second / 3_600, second / 60 % 60, second % 60);
    format!(
        "<event date='2026-01-05T{hour:02}:{minute:02}:{second:02}+01:00' severity='4' hostName='PS09' source='PackageDelivery'><![CDATA[{message}]]></event>\n"
    )
}

/// One whole record about a package.
fn one_record() -> String {
    record(0, &format!("Package {ID} download started"))
}

/// All that is read of a file with these bytes, and the problems.
fn read(name: &str, bytes: &[u8]) -> (Vec<(String, Vec<u8>)>, Vec<Problem>) {
    let folder = tempfile::tempdir().unwrap();
    let place = folder.path().join(name);
    std::fs::write(&place, bytes).unwrap();
    let mut found = Vec::new();
    let problems = visit(
        &[place],
        &Limits::default(),
        &Silent,
        &mut |member, stream| {
            let mut bytes = Vec::new();
            stream.read_to_end(&mut bytes).unwrap();
            found.push((member.path, bytes));
        },
    );
    let left: Vec<PathBuf> = below(folder.path());
    assert_eq!(left.len(), 1, "nothing is ever written: {left:?}");
    (found, problems)
}

fn printed(problems: &[Problem]) -> String {
    let lines = problems.iter().map(|problem| format!("{problem}\n"));
    lines.collect()
}

/// Everything below a folder, folders too, sorted.
fn below(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() && !path.is_symlink() {
            found.extend(below(&path));
        }
        found.push(path);
    }
    found.sort();
    found
}

/// What a hostile file may make of the memory of a run, in MiB: 64 for the program as it is built for
/// users; as it is built for tests, its own code takes 9 more.
const MOST: u64 = if cfg!(debug_assertions) { 64 + 9 } else { 64 };

/// How a run ended.
struct Ended {
    status: Option<i32>,
    errors: String,
    /// The most memory that it had at once, in MiB; 0 where the system does not tell.
    peak: u64,
}

/// Runs the program and watches how much memory it takes.
fn watched(folder: &Path, arguments: &[&str]) -> Ended {
    let errors = tempfile::NamedTempFile::new().unwrap();
    let mut run = Command::new(env!("CARGO_BIN_EXE_pkgtrail"))
        .args(arguments)
        // Each more holds a megabyte or two.
        .args(["--threads", "2"])
        .current_dir(folder)
        .stdout(Stdio::null())
        .stderr(errors.reopen().unwrap())
        .spawn()
        .unwrap();
    let about = PathBuf::from(format!("/proc/{}/status", run.id()));
    let mut peak = 0;
    let status = loop {
        if let Some(status) = run.try_wait().unwrap() {
            break status;
        }
        // The mark never falls, so the last look tells all but the last two milliseconds.
        let told = std::fs::read_to_string(&about).unwrap_or_default();
        let line = told.lines().find_map(|line| line.strip_prefix("VmHWM:"));
        let kib = line.and_then(|line| line.trim().trim_end_matches(" kB").parse().ok());
        peak = peak.max(kib.unwrap_or(0_u64));
        std::thread::sleep(Duration::from_millis(2));
    };
    if cfg!(target_os = "linux") {
        assert!(peak > 0, "/proc does not tell the memory of a run");
    }
    Ended {
        status: status.code(),
        errors: text(&std::fs::read(errors.path()).unwrap()),
        peak: peak >> 10,
    }
}
