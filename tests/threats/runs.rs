//! T23 to T28: what a run leaves behind, whatever happens to it, its inputs and its parsers.

use super::{ID, below, one_record, record};
use crate::support::{Seeded, files, options, pkgtrail, sample, text};
use pkgtrail::cli::gather;
use pkgtrail::ingest::parsers::{KINDS, Kind, Parse, Parsed};
use pkgtrail::ingest::{self, Ingested, Options};
use sha2::{Digest, Sha256};
use std::collections::BTreeMap;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

/// The files of a report with their bytes; none if there is no folder.
fn report(folder: &Path) -> BTreeMap<String, Vec<u8>> {
    if !folder.exists() {
        return BTreeMap::new();
    }
    let read = |path: std::path::PathBuf| {
        let name = path.strip_prefix(folder).unwrap().display().to_string();
        (name, std::fs::read(&path).unwrap())
    };
    files(folder).into_iter().map(read).collect()
}

/// Two small bundles whose reports differ in every file.
fn two_bundles(here: &Path) {
    for (name, words) in [
        ("one", "download started"),
        ("two", "download completed, 100%"),
    ] {
        std::fs::create_dir(here.join(name)).unwrap();
        let log = record(0, &format!("Package {ID} {words} in {name}"));
        std::fs::write(here.join(name).join("Agent.log"), log).unwrap();
    }
}

#[cfg(target_os = "linux")]
#[test]
fn t23_a_full_disk() {
    let here = tempfile::tempdir().unwrap();
    two_bundles(here.path());
    let run = |bundle: &str, out: &str, blocks: u64| {
        // Files may have so many blocks of 512 bytes; what goes beyond is an error and not the end.
        let line =
            format!("trap '' XFSZ; ulimit -f {blocks}; exec \"$0\" report {bundle} -o {out} -q");
        let run = Command::new("sh")
            .args(["-c", &line, env!("CARGO_BIN_EXE_pkgtrail")])
            .current_dir(here.path())
            .output()
            .unwrap();
        (run.status.code(), text(&run.stderr))
    };
    assert_eq!(run("one", "out", 1 << 20).0, Some(0));
    let old = report(&here.path().join("out"));
    assert_eq!(run("two", "fresh", 1 << 20).0, Some(0));
    let new = report(&here.path().join("fresh"));
    assert!(old.len() == 6 && old.iter().all(|(name, bytes)| new[name] != *bytes));
    // Too small for each of the files in turn, and at every size in between.
    let mut sizes: Vec<u64> = new.values().map(|bytes| bytes.len() as u64 / 512).collect();
    let largest = *sizes.iter().max().unwrap();
    sizes.extend((0..12).map(|step| largest * step / 12));
    let mut failed = 0;
    for blocks in sizes {
        let (status, errors) = run("two", "out", blocks);
        assert!(!errors.contains("panicked"), "{errors}");
        if status == Some(0) {
            assert!(report(&here.path().join("out")) == new, "{blocks}");
            assert_eq!(run("one", "out", 1 << 20).0, Some(0));
            continue;
        }
        failed += 1;
        assert_eq!(status, Some(2), "{blocks}: {errors}");
        assert!(
            report(&here.path().join("out")) == old,
            "{blocks}: {errors}"
        );
    }
    assert!(failed > 10, "{failed}");
    let full = std::fs::OpenOptions::new()
        .write(true)
        .open("/dev/full")
        .unwrap();
    let run = Command::new(env!("CARGO_BIN_EXE_pkgtrail"))
        .args(["timeline", "one"])
        .current_dir(here.path())
        .stdout(full)
        .stderr(Stdio::piped())
        .output()
        .unwrap();
    assert_eq!(run.status.code(), Some(2), "{}", text(&run.stderr));
}

#[cfg(unix)]
#[test]
fn t24_interrupted_and_killed() {
    use std::os::unix::process::ExitStatusExt;
    let here = tempfile::tempdir().unwrap();
    two_bundles(here.path());
    let start = |bundle: &str| {
        Command::new(env!("CARGO_BIN_EXE_pkgtrail"))
            .args(["report", bundle, "-o", "out", "-q"])
            .current_dir(here.path())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .unwrap()
    };
    let out = here.path().join("out");
    let mut whole = BTreeMap::new();
    let mut lasts = Duration::ZERO;
    for name in ["two", "one"] {
        let begin = Instant::now();
        assert!(start(name).wait().unwrap().success());
        lasts = lasts.max(begin.elapsed());
        whole.insert(name, report(&out));
    }
    let mut seeded = Seeded(0x0130);
    let mut stop = |name: &str, signal: &str| {
        let mut run = start(name);
        let micros = lasts.as_micros() as usize * 11 / 10;
        std::thread::sleep(Duration::from_micros(seeded.below(micros) as u64));
        let kill = Command::new("kill")
            .args([signal, &run.id().to_string()])
            .stderr(Stdio::null())
            .status();
        assert!(kill.is_ok());
        run.wait().unwrap()
    };
    let mut present = "one";
    let mut interrupted = 0;
    for round in 0..100 {
        let name = ["two", "one"][round % 2];
        let ended = stop(name, "-INT");
        // Before the handler stands, the system ends it: a shell says 130 to that, too.
        let stopped = ended.code() == Some(130) || ended.signal() == Some(2);
        assert!(stopped || ended.code() == Some(0), "{ended}");
        interrupted += usize::from(stopped);
        let left = report(&out);
        if !stopped || left == whole[name] {
            present = name;
        }
        assert!(
            left == whole[present],
            "round {round}, {ended}: {:?}",
            left.keys()
        );
    }
    assert!(interrupted > 50, "{interrupted}");
    let unfinished = |folder: &Path| {
        let names = std::fs::read_dir(folder).unwrap();
        let names = names.map(|one| one.unwrap().file_name().into_string().unwrap());
        names.filter(|name| name.ends_with(".tmp")).count()
    };
    let (mut killed, mut note) = (0, None);
    for round in 0..40 {
        let name = ["two", "one"][round % 2];
        stop(name, "-KILL");
        // Each file is one of the two, or is not whole and says so by where it lies: in one place.
        for (file, bytes) in report(&out) {
            let is_one = whole.values().any(|whole| whole.get(&file) == Some(&bytes));
            let is_unfinished = file.starts_with(".pkgtrail-") && file.contains(".tmp/");
            assert!(is_one || is_unfinished, "{file}");
            if file.ends_with("not-whole.txt") {
                note = Some(bytes);
            }
        }
        killed += usize::from(unfinished(&out) == 1);
        assert!(unfinished(&out) <= 1, "round {round}");
        assert!(start(name).wait().unwrap().success());
        assert!(report(&out) == whole[name], "the next run mends it");
    }
    assert!(killed > 5, "{killed} of them left something");
    // A single file in a folder of the user's: the next run there tidies, and takes nothing else.
    let place = here.path().join("tables");
    std::fs::create_dir_all(place.join(".pkgtrail-dead.tmp")).unwrap();
    std::fs::write(place.join(".pkgtrail-dead.tmp/0"), "half").unwrap();
    std::fs::write(
        place.join(".pkgtrail-dead.tmp/not-whole.txt"),
        note.unwrap(),
    )
    .unwrap();
    std::fs::write(place.join(".pkgtrail-mine.tmp"), "mine").unwrap();
    let run = pkgtrail(here.path(), &["timeline", "one", "-o", "tables/t.csv"]);
    assert_eq!(run.status.code(), Some(0), "{}", text(&run.stderr));
    let left = report(&place);
    assert_eq!(
        left.keys().collect::<Vec<_>>(),
        [".pkgtrail-mine.tmp", "t.csv"]
    );
}

#[test]
fn t25_the_same_bytes() {
    let base = sample("hash-change").join("evidence");
    let elsewhere = tempfile::tempdir().unwrap();
    let copy = elsewhere.path().join("evidence");
    for file in files(&base) {
        let target = copy.join(file.strip_prefix(&base).unwrap());
        std::fs::create_dir_all(target.parent().unwrap()).unwrap();
        std::fs::copy(&file, &target).unwrap();
        let modified = std::fs::metadata(&file).unwrap().modified().unwrap();
        std::fs::File::options()
            .write(true)
            .open(target)
            .unwrap()
            .set_modified(modified)
            .unwrap();
    }
    let places = [
        ("Asia/Tokyo", "tr_TR.UTF-8"),
        ("America/New_York", "C"),
        ("UTC", "de_DE.UTF-8"),
    ];
    let mut hashes = std::collections::BTreeSet::new();
    for run in 0..20 {
        let out = tempfile::tempdir().unwrap();
        let (zone, locale) = places[run % places.len()];
        let threads = ["1", "16", "2", "7"][run % 4];
        let (at, evidence) = match run % 3 {
            0 => (base.parent().unwrap(), Path::new("evidence")),
            1 => (elsewhere.path(), Path::new("evidence")),
            _ => (out.path(), base.as_path()),
        };
        let ended = Command::new(env!("CARGO_BIN_EXE_pkgtrail"))
            .arg("report")
            .arg(evidence)
            .args([
                "--threads",
                threads,
                "--format",
                "xlsx,jsonl,trace",
                "--svg",
                "-q",
                "-o",
            ])
            .arg(out.path().join("r"))
            .envs([("TZ", zone), ("LC_ALL", locale), ("LANG", locale)])
            .env("POLARS_MAX_THREADS", ["1", "4"][run % 2])
            .env("RAYON_NUM_THREADS", ["1", "4"][run % 2])
            .current_dir(at)
            .output()
            .unwrap();
        assert!(
            matches!(ended.status.code(), Some(0 | 1)),
            "{}",
            text(&ended.stderr)
        );
        let mut hash = Sha256::new();
        for (name, bytes) in report(&out.path().join("r")) {
            hash.update(name);
            hash.update(&bytes);
        }
        hashes.insert(hash.finalize().to_vec());
    }
    assert_eq!(hashes.len(), 1);
}

/// Two servers' folders are both called `logs`, hold the same file, written at another time, and each
/// one of its own: which of them is named first changes nothing.
#[test]
fn the_order_of_arguments_changes_no_byte() {
    let here = tempfile::tempdir().unwrap();
    let log = sample("hash-change").join("evidence");
    let shared = files(&log)
        .into_iter()
        .find(|path| path.ends_with("Agent.log"));
    let shared = std::fs::read(shared.unwrap()).unwrap();
    for (server, seconds) in [("one", 1_700_000_000), ("two", 1_600_000_000)] {
        let logs = here.path().join(server).join("logs");
        std::fs::create_dir_all(&logs).unwrap();
        std::fs::write(logs.join("Agent.log"), &shared).unwrap();
        let own = record(7, &format!("Package {ID} download started on {server}"));
        std::fs::write(logs.join("own.log"), own).unwrap();
        for file in files(&logs) {
            let file = std::fs::File::options().write(true).open(file).unwrap();
            let written = std::time::UNIX_EPOCH + Duration::from_secs(seconds);
            file.set_modified(written).unwrap();
        }
    }
    let run = |arguments: [&str; 2], out: &str| {
        let more = ["-o", out, "--format", "xlsx,jsonl,trace", "--svg", "-q"];
        let ended = pkgtrail(here.path(), &[&["report"][..], &arguments, &more].concat());
        assert_eq!(ended.status.code(), Some(0), "{}", text(&ended.stderr));
        report(&here.path().join(out))
    };
    let one = run(["one/logs", "two/logs"], "a");
    let other = run(["two/logs", "one/logs"], "b");
    for (name, bytes) in &one {
        assert!(other[name] == *bytes, "{name}");
    }
}

#[cfg(unix)]
#[test]
fn t26_inputs_stay_as_they_were() {
    use std::os::unix::fs::{MetadataExt, PermissionsExt};
    let here = tempfile::tempdir().unwrap();
    let evidence = here.path().join("evidence");
    let base = sample("healthy").join("evidence");
    let more = sample("external-removal").join("evidence");
    for (from, at) in [(&base, "a"), (&more, "b")] {
        for file in files(from) {
            let target = evidence.join(at).join(file.strip_prefix(from).unwrap());
            std::fs::create_dir_all(target.parent().unwrap()).unwrap();
            std::fs::copy(&file, &target).unwrap();
        }
    }
    std::fs::write(evidence.join("cut.zip"), b"PK\x03\x04cut").unwrap();
    let long_ago = std::time::UNIX_EPOCH + Duration::from_secs(1_500_000_000);
    for path in below(&evidence) {
        let mode = if path.is_dir() { 0o555 } else { 0o444 };
        let opened = std::fs::File::open(&path).unwrap();
        opened.set_modified(long_ago).unwrap();
        std::fs::set_permissions(&path, std::fs::Permissions::from_mode(mode)).unwrap();
    }
    let state = || {
        let about = |path: &Path| {
            let about = std::fs::symlink_metadata(path).unwrap();
            let hash = about
                .is_file()
                .then(|| Sha256::digest(std::fs::read(path).unwrap()).to_vec());
            (
                about.mtime(),
                about.mtime_nsec(),
                about.mode(),
                about.len(),
                about.ino(),
                hash,
            )
        };
        let all = below(&evidence).into_iter();
        all.map(|path| (path.clone(), about(&path)))
            .collect::<BTreeMap<_, _>>()
    };
    let before = state();
    let commands: [&[&str]; 3] = [
        &[
            "report",
            "evidence",
            "-o",
            "out",
            "--svg",
            "--pictures",
            "--format",
            "xlsx",
        ],
        &["timeline", "evidence", "-o", "t.parquet"],
        &["messages", "evidence"],
    ];
    for command in commands {
        let run = pkgtrail(here.path(), command);
        assert!(
            matches!(run.status.code(), Some(0 | 1)),
            "{}",
            text(&run.stderr)
        );
        assert!(state() == before, "{command:?}");
    }
    // From where nobody can write, if this system lets us make such a place.
    let line = "mount --bind evidence evidence && mount -o remount,bind,ro evidence && ! touch evidence/x 2>/dev/null && exec \"$0\" report evidence -o ro -q";
    let run = Command::new("unshare")
        .args(["-m", "sh", "-c", line, env!("CARGO_BIN_EXE_pkgtrail")])
        .current_dir(here.path())
        .output();
    match run {
        Ok(run) if here.path().join("ro/verdicts.json").exists() => {
            assert!(matches!(run.status.code(), Some(0 | 1)));
            assert!(
                report(&here.path().join("ro"))["verdicts.json"]
                    == report(&here.path().join("out"))["verdicts.json"]
            );
        }
        _ => println!("no read-only mount can be made here; the modes above stand for it"),
    }
    for path in below(&evidence) {
        std::fs::set_permissions(path, std::fs::Permissions::from_mode(0o755)).unwrap();
    }
}

/// A kind whose parser does what `parse` does, before all others.
fn kinds(parse: Parse) -> &'static [Kind] {
    let evil = Kind {
        name: "evil",
        about: "what makes a parser stumble",
        recognise: |prefix| prefix.starts_with("evil"),
        parse,
    };
    let usual = KINDS.iter().map(|kind| Kind {
        parse: match kind.parse {
            Parse::Log(parse) => Parse::Log(parse),
            Parse::Document(parse) => Parse::Document(parse),
        },
        ..*kind
    });
    Box::leak([evil].into_iter().chain(usual).collect::<Box<[Kind]>>())
}

/// Reads 99 logs and one evil file, and holds what is told to what must be.
fn one_of_hundred(parse: Parse, patience: Duration, told: &str) {
    let here = tempfile::tempdir().unwrap();
    for number in 0..100 {
        let (name, bytes) = match number {
            41 => ("x.evil".to_owned(), format!("evil {}", "x".repeat(3 << 20))),
            _ => (
                format!("{number:02}/Agent.log"),
                one_record().replace("PS09", &format!("PS{number}")),
            ),
        };
        let place = here.path().join("in").join(name);
        std::fs::create_dir_all(place.parent().unwrap()).unwrap();
        std::fs::write(place, bytes).unwrap();
    }
    let kinds = kinds(parse);
    for threads in [1, 3] {
        let options = Options {
            kinds,
            patience,
            threads,
            ..options()
        };
        let found: Ingested = ingest::read(
            &[here.path().join("in")],
            &options,
            &pkgtrail::model::Silent,
        );
        let logs = found.files.iter().filter(|file| file.kind == "agent-log");
        assert_eq!((logs.count(), found.files.len()), (99, 100));
        let lost: Vec<String> = found
            .problems
            .iter()
            .filter(|one| one.lost)
            .map(ToString::to_string)
            .collect();
        assert_eq!(
            lost,
            [format!(
                "in/x.evil: {told}; the file is not used; please report this with the file"
            )]
        );
        let (case, timeline) = gather::case(found, None);
        assert!(gather::lossy(&case.problems), "the run ends with status 1");
        let starts = timeline
            .events()
            .iter()
            .filter(|event| event.fact.kind() == "download-started");
        assert_eq!(starts.count(), 99);
    }
}

#[test]
fn t27_a_parser_that_never_ends() {
    fn rest() -> Parsed {
        loop {
            std::thread::sleep(Duration::from_millis(50));
        }
    }
    let patience = Duration::from_secs(2);
    let told = "a parser went no further for 2 seconds";
    one_of_hundred(Parse::Document(|_, _, _| rest()), patience, told);
    // A log is read as it comes: the endless one takes a byte and no more.
    let one_byte = Parse::Log(|stream, _, _| {
        let _ = stream.read(&mut [0]);
        rest()
    });
    one_of_hundred(one_byte, patience, told);
}

#[test]
fn t28_a_parser_that_panics() {
    // Without the words of a panic, which would stand in the output of the tests.
    fn gives_up() -> Parsed {
        std::panic::resume_unwind(Box::new("injected"))
    }
    let long = Duration::from_secs(300);
    let told = "a parser gave up on it";
    one_of_hundred(Parse::Document(|_, _, _| gives_up()), long, told);
    one_of_hundred(Parse::Log(|_, _, _| gives_up()), long, told);
}
