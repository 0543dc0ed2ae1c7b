//! T12 to T16 and T22: logs that are long, cut, mixed, doubled, renamed or of a clock that was set.

use super::{ID, MOST, record, watched};
use crate::support::{Seeded, files, options, sample, text};
use pkgtrail::cli::gather;
use pkgtrail::ingest::{self, clock::parse_zone};
use pkgtrail::model::{Case, Verdict};
use std::fmt::Write as _;
use std::fs::File;
use std::io::{BufWriter, Write};
use std::path::Path;

#[test]
fn t12_a_line_without_end() {
    let here = tempfile::tempdir().unwrap();
    let record = record(0, &format!("Package {ID} download started"));
    let block = vec![b'x'; 1 << 20];
    let half = record.len() - "]]></event>\n".len();
    // Text behind a record, and a text within one; 2 GiB make no difference to 256 MiB.
    for (name, start, told) in [
        (
            "behind",
            record.as_str(),
            "behind.log:2: text between records",
        ),
        (
            "within",
            &record[..half],
            "within.log:1: record longer than 1 MiB; its text was cut there",
        ),
    ] {
        let place = here.path().join(format!("{name}.log"));
        let mut log = File::create(&place).unwrap();
        log.write_all(start.as_bytes()).unwrap();
        for _ in 0..256 {
            log.write_all(&block).unwrap();
        }
        let ended = watched(
            here.path(),
            &["timeline", &format!("{name}.log"), "-o", "t.csv", "-v"],
        );
        assert!(ended.errors.contains(told), "{}", ended.errors);
        let problems = ended
            .errors
            .lines()
            .filter(|line| line.starts_with("note") || line.starts_with("lost"));
        assert_eq!(problems.count(), 1, "{}", ended.errors);
        assert!(ended.peak <= MOST, "{name}: {} MiB", ended.peak);
        let table = std::fs::read_to_string(here.path().join("t.csv")).unwrap();
        assert!(table.contains("1ec214b8-e862"), "{name}");
    }
}

/// What was told and when, in the order of time, and what is wrong.
fn told(files: &[(&str, &[u8])]) -> (Vec<String>, Vec<pkgtrail::model::Problem>) {
    let members: Vec<(String, &[u8])> = files
        .iter()
        .map(|(name, bytes)| ((*name).to_owned(), *bytes))
        .collect();
    let (case, timeline) = gather::table(ingest::read_memory(&members, &options()));
    let of_logs = timeline
        .events()
        .iter()
        .filter(|event| event.record.is_some());
    let lines = of_logs.map(|event| format!("{} {}", event.at.shown(), event.message));
    (lines.collect(), case.problems)
}

#[test]
fn t13_records_cut_at_rotation_and_by_another_writer() {
    let log = |count: u32, every: u32| -> String {
        let about = |number: u32| match number % every {
            0 => format!("Package {ID} step {number}"),
            _ => "chatter".to_owned(),
        };
        (0..count)
            .map(|number| record(number, &about(number)))
            .collect()
    };
    let cut_at = |log: &str, cuts: &mut dyn Iterator<Item = usize>| {
        let (whole, problems) = told(&[("Agent.log", log.as_bytes())]);
        assert!(problems.iter().all(|problem| !problem.lost), "{problems:?}");
        let first = log.find('\n').unwrap();
        let last = log.rfind("<event").unwrap();
        for cut in cuts {
            let (older, newer) = log.as_bytes().split_at(cut);
            let (found, _) = told(&[("Agent.log", newer), ("Agent1.log", older)]);
            // A piece of a record alone is no log: the record that it belongs to is lost, and no other.
            let alone = [cut < first, cut > last];
            match alone {
                [true, _] => assert!(whole.ends_with(&found) && found.len() + 1 >= whole.len()),
                [_, true] => assert!(whole.starts_with(&found) && found.len() + 1 >= whole.len()),
                _ => assert_eq!(found, whole, "cut at {cut}"),
            }
        }
        whole.len()
    };
    let short = log(30, 1);
    assert_eq!(cut_at(&short, &mut (0..short.len())), 30);
    let long = log(1_000, 50);
    let mut seeded = Seeded(0x0707_A7E0);
    let mut places = (0..2_000).map(|_| seeded.below(long.len()));
    assert_eq!(cut_at(&long, &mut places), 20);
    // Two writers: every 150th record of one is broken in two by a whole one of the other.
    let (mut mixed, mut broken) = (String::new(), 0);
    for number in 0..1_500 {
        let mine = record(number, &format!("Package {ID} one {number}"));
        let other = record(number, &format!("Package {ID} two {number}"));
        if number % 150 == 75 {
            let half = mine.len() / 2 + seeded.below(40);
            mixed += &format!("{}{other}{}", &mine[..half], &mine[half..]);
            broken += 1;
        } else {
            mixed += &(mine + &other);
        }
    }
    let (found, problems) = told(&[("Agent.log", mixed.as_bytes())]);
    assert!(found.len() >= 2_970, "{}", found.len());
    let lost = problems.iter().filter(|problem| problem.lost).count();
    assert_eq!(found.len() + broken, 3_000);
    assert_eq!(lost, broken, "what is not used is counted: {problems:?}");
}

#[test]
fn t14_the_same_lines_in_two_files() {
    let records: String = (0..40)
        .map(|number| record(number, &format!("Package {ID} step {number}")))
        .collect();
    let (once, _) = told(&[("Agent.log", records.as_bytes())]);
    assert_eq!(once.len(), 40);
    let all = records.as_bytes();
    let half = records.match_indices("<event").nth(20).unwrap().0;
    // A copy, a copy of its beginning, a copy with more behind.
    let pairs = [(all, all), (all, &all[..half]), (&all[..half], all)];
    for (one, other) in pairs {
        assert_eq!(
            told(&[("Agent.log", one), ("old.zip!Agent1.log", other)]).0,
            once
        );
    }
    let twice = record(
        7,
        "Package {1EC214B8-E862-44A9-B3A6-27D918D136A2} refreshed",
    )
    .repeat(2);
    let (found, _) = told(&[("Agent.log", twice.as_bytes())]);
    assert_eq!(
        found.len(),
        2,
        "what stands twice in one file happened twice"
    );
    let (found, _) = told(&[
        ("Agent.log", twice.as_bytes()),
        ("copy.log", twice.as_bytes()),
    ]);
    assert_eq!(found.len(), 2);
}

#[test]
fn t15_the_names_of_files_order_nothing() {
    let at = sample("external-removal").join("evidence");
    let (mut logs, mut rest) = (Vec::new(), Vec::new());
    for file in files(&at) {
        let bytes = std::fs::read(&file).unwrap();
        let name = file.strip_prefix(&at).unwrap().display().to_string();
        if name.ends_with(".log") {
            logs.push((name, bytes));
        } else {
            rest.push((name, bytes));
        }
    }
    assert!(logs.len() > 1);
    let report = |names: &[String]| {
        let renamed = names
            .iter()
            .zip(&logs)
            .map(|(name, log)| (name.clone(), log.1.as_slice()));
        let others = rest
            .iter()
            .map(|(name, bytes)| (name.clone(), bytes.as_slice()));
        let members: Vec<(String, &[u8])> = renamed.chain(others).collect();
        let (case, timeline) = gather::case(ingest::read_memory(&members, &options()), None);
        // Without the places, whose names are what was changed.
        let mut out = String::new();
        for event in timeline.events() {
            writeln!(
                out,
                "{:?} {:?} {} {}",
                event.at,
                event.fact,
                event.message,
                event.sources.len()
            )
            .unwrap();
        }
        out + &judged(&case)
    };
    let names: Vec<String> = logs.iter().map(|log| log.0.clone()).collect();
    let wanted = report(&names);
    assert!(wanted.contains("ExternalRemoval"));
    let folder = Path::new(&names[0]).parent().unwrap();
    let mut seeded = Seeded(0x5_4F1E);
    for _ in 0..100 {
        let mut shuffled: Vec<String> = (0..names.len())
            .map(|number| folder.join(format!("{number}.txt")).display().to_string())
            .collect();
        for place in (1..shuffled.len()).rev() {
            shuffled.swap(place, seeded.below(place + 1));
        }
        assert!(report(&shuffled) == wanted, "{shuffled:?}");
    }
}

/// What is judged, without where it stands.
fn judged(case: &Case) -> String {
    let mut out = String::new();
    for package in &case.packages {
        writeln!(
            out,
            "{} {:?} {:?}",
            package.id, package.server, package.state
        )
        .unwrap();
        for one in &package.redownloads {
            writeln!(
                out,
                "{:?} {:?} {:?} {:?}",
                one.started_at, one.verdict, one.grade, one.window
            )
            .unwrap();
            for reason in &one.reasons {
                writeln!(out, "{}", reason.text).unwrap();
            }
        }
    }
    out
}

#[test]
fn t16_a_clock_that_was_set() {
    let wall = |time: &str, tick: u32, message: &str| {
        format!(
            "<event date='{time}' severity='4' hostName='PS09' source='PackageDelivery' tickCount='{tick}'><![CDATA[Package {ID} {message}]]></event>\n"
        )
    };
    let read = |log: &str| {
        let options = pkgtrail::ingest::Options {
            zone: Some(parse_zone("Europe/Berlin").unwrap()),
            ..options()
        };
        let members = [("Agent.log".to_owned(), log.as_bytes())];
        gather::case(ingest::read_memory(&members, &options), None)
    };
    // The night when 02:30 comes twice, and the one without it: an hour and a second of doubt.
    for night in ["2026-10-25", "2026-03-29"] {
        let times = ["01:30:00", "02:30:00", "04:00:00"];
        let log: String = times
            .iter()
            .map(|time| {
                wall(&format!("{night} {time}"), 0, "refreshed").replace(" tickCount='0'", "")
            })
            .collect();
        let (_, timeline) = read(&log);
        let lasts: Vec<i64> = timeline
            .events()
            .iter()
            .map(|event| event.at.end - event.at.start)
            .collect();
        assert_eq!(lasts, [1_000, 3_601_000, 1_000], "{night}");
    }
    // Set back by three hours between two steps of one download: the order of the file holds.
    let mut log = wall(
        "2026-11-03 05:00:00",
        1_000_000,
        "status changed to 'Download Pending'",
    );
    log += &wall("2026-11-03 05:00:01", 1_001_000, "download started");
    log += &wall("2026-11-03 02:01:00", 1_060_000, "download completed, 100%");
    log += &wall(
        "2026-11-03 02:01:01",
        1_061_000,
        "status changed to 'Ready'",
    );
    for minute in 2..59 {
        log += &wall(
            &format!("2026-11-03 02:{minute:02}:00"),
            1_000_000 + minute * 60_000,
            "refreshed",
        );
    }
    let (case, timeline) = read(&log);
    let steps = timeline
        .events()
        .iter()
        .filter(|event| event.fact.kind() == "clock-stepped");
    assert_eq!(steps.count(), 1);
    let told = case
        .problems
        .iter()
        .filter(|one| one.defect.contains("clock was set back by 180 minutes"));
    assert_eq!(told.count(), 1, "{:?}", case.problems);
    assert_eq!(
        (case.packages.len(), case.packages[0].downloads.len()),
        (1, 1)
    );
    let accused = case
        .redownloads()
        .filter(|(_, one)| one.verdict == Verdict::ExternalRemoval);
    assert_eq!(accused.count(), 0);
    assert_eq!(case.redownloads().count(), 0);
}

/// Writes a log of `mebibytes` of chatter with `kept` records about a package in it.
fn large_log(place: &Path, mebibytes: usize, kept: u32) {
    let mut log = BufWriter::new(File::create(place).unwrap());
    let chatter = record(0, &"nothing about any package ".repeat(6)).repeat(16);
    let blocks = (mebibytes << 20) / chatter.len();
    let mut written = 0;
    for block in 0..blocks {
        log.write_all(chatter.as_bytes()).unwrap();
        while (written as usize) < kept as usize * (block + 1) / blocks {
            let message = format!(
                "Package {ID} step {written}: the files in D:\\PkgShare\\Contoso were looked at"
            );
            log.write_all(record(written % 40_000, &message).as_bytes())
                .unwrap();
            written += 1;
        }
    }
    assert_eq!(written, kept);
}

#[test]
fn t22_memory() {
    let here = tempfile::tempdir().unwrap();
    let place = here.path().join("Agent.log");
    let peak = |mebibytes: usize, kept: u32| {
        large_log(&place, mebibytes, kept);
        let ended = watched(here.path(), &["messages", "Agent.log"]);
        assert_eq!(ended.status, Some(0), "{}", text(ended.errors.as_bytes()));
        ended.peak
    };
    // What is only read does not stay.
    let (short, long) = (peak(32, 1_000), peak(128, 1_000));
    assert!(long <= short + 8, "{short} MiB, then {long} MiB");
    // What is kept does: of 10 GB with 500,000 such records, it is less than 512 MiB.
    let (few, many) = (peak(32, 10_000), peak(32, 60_000));
    let each = (many.saturating_sub(few) << 20) / 50_000;
    let all = long + ((500_000 * each) >> 20);
    assert!(
        many > few && all <= 512,
        "{few} MiB, then {many} MiB: {each} bytes each"
    );
}
