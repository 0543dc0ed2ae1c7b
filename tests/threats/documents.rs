//! T8 to T11: documents that expand, never end, are cut or come in any encoding.

use super::{ID, MOST, record, watched};
use crate::support::{Seeded, files, options, pkgtrail, samples, text};
use pkgtrail::cli::gather;
use pkgtrail::ingest::{self, Ingested};
use pkgtrail::model::Problem;
use std::collections::BTreeSet;

/// Reads one file in memory.
fn alone(name: &str, bytes: &[u8]) -> Ingested {
    ingest::read_memory(&[(name.to_owned(), bytes)], &options())
}

#[cfg(unix)]
#[test]
fn t08_entities() {
    let here = tempfile::tempdir().unwrap();
    // Who opens a pipe that nobody writes to waits for ever.
    let pipe = here.path().join("pipe");
    let made = std::process::Command::new("mkfifo").arg(&pipe).status();
    assert!(made.unwrap().success());
    std::fs::create_dir(here.path().join("in")).unwrap();
    let mut laughs = "<!DOCTYPE snapshot [<!ENTITY l0 'ha'>".to_owned();
    for level in 1..12 {
        let inner = format!("&l{};", level - 1).repeat(10);
        laughs += &format!("<!ENTITY l{level} '{inner}'>");
    }
    laughs += &format!(
        "<!ENTITY f SYSTEM 'file://{}'><!ENTITY % p SYSTEM 'file://{0}'>%p;]>",
        pipe.display()
    );
    laughs += &format!(
        "<snapshot id='{ID}' version='1601867730' name='&l11;'><file name='&f;' size='1'/><file size='2'>&l11;</file></snapshot>"
    );
    std::fs::write(here.path().join("in/snapshot.xml"), &laughs).unwrap();
    let ended = watched(here.path(), &["report", "in", "-o", "out"]);
    assert_eq!(ended.status, Some(0), "{}", ended.errors);
    assert!(ended.peak <= MOST, "{} MiB", ended.peak);
    let found = alone("in/snapshot.xml", laughs.as_bytes());
    let snapshot = &found.snapshots[0].document;
    let names: Vec<&str> = snapshot
        .files
        .iter()
        .map(|file| file.path.as_str())
        .collect();
    assert_eq!(names, ["&f;", "&l11;"], "the references, as they stand");
    assert_eq!(snapshot.name.as_deref(), Some("&l11;"));
}

#[test]
fn t09_wide_deep_and_long_xml() {
    let here = tempfile::tempdir().unwrap();
    let head = format!("<snapshot id='{ID}' version='1601867730'><file name='a' size='1'/>");
    let documents = [
        (
            "wide",
            format!("{head}<x {}/>", "b='1' ".repeat(800_000)),
            "more than 1114112 bytes without a tag",
        ),
        (
            "deep",
            head.clone() + &"<a>".repeat(1_000_000),
            "more than 256 elements inside each other",
        ),
        (
            "text",
            format!("{head}<x>{}</x></snapshot>", "x".repeat(100 << 20)),
            "more than 1048576 bytes of text in one element",
        ),
        (
            "attribute",
            format!("{head}<x y='{}'/></snapshot>", "x".repeat(100 << 20)),
            "more than 1114112 bytes without a tag",
        ),
        (
            "comment",
            format!("{head}<!--{}--></snapshot>", "x".repeat(100 << 20)),
            "more than 1114112 bytes without a tag",
        ),
    ];
    for (name, text, told) in documents {
        std::fs::write(here.path().join(format!("{name}.xml")), text).unwrap();
        let ended = watched(here.path(), &["report", &format!("{name}.xml"), "-o", name]);
        assert_eq!(ended.status, Some(1), "{name}: {}", ended.errors);
        assert!(ended.errors.contains(told), "{name}: {}", ended.errors);
        assert!(
            ended.errors.contains("incomplete"),
            "{name}: {}",
            ended.errors
        );
        assert!(ended.peak <= MOST, "{name}: {} MiB", ended.peak);
    }
}

/// A listing of three folders with counts, as `dir /s` writes it.
const LISTING: &str = " Volume in drive D is Data\r\n\r\n Directory of D:\\PkgShare\r\n\r\n05/29/2025  06:03 AM    <DIR>          .\r\n05/29/2025  06:03 AM    <DIR>          ..\r\n05/29/2025  06:03 AM    <DIR>          sub\r\n05/29/2025  06:03 AM             1,024 a.cab\r\n               1 File(s)          1,024 bytes\r\n\r\n Directory of D:\\PkgShare\\sub\r\n\r\n05/29/2025  06:03 AM    <DIR>          .\r\n05/29/2025  06:03 AM    <DIR>          ..\r\n05/30/2025  06:03 AM             2,048 b.cab\r\n05/30/2025  06:03 AM             2,048 c.cab\r\n               2 File(s)          4,096 bytes\r\n\r\n     Total Files Listed:\r\n               3 File(s)          5,120 bytes\r\n               5 Dir(s)  36,863,332,352 bytes free\r\n";

#[test]
fn t10_cut_documents() {
    let all = samples();
    let texts: BTreeSet<Vec<u8>> = all
        .iter()
        .flat_map(|sample| files(&sample.join("evidence")))
        .filter(|path| path.extension().is_some_and(|ending| ending == "xml"))
        .map(|path| std::fs::read(path).unwrap())
        .collect();
    let (mut snapshots, mut statuses, mut cuts) = (0, 0, 0);
    for bytes in &texts {
        let whole = alone("document.xml", bytes);
        snapshots += whole.snapshots.len();
        statuses += whole.statuses.len();
        if whole.snapshots.is_empty() && whole.statuses.is_empty() {
            continue;
        }
        let end = bytes.trim_ascii_end().len();
        // Bytes of UTF-16 that are white space: a NUL belongs to the one before it.
        let end = if bytes.starts_with(b"\xFF\xFE") {
            bytes.len() - 8
        } else {
            end
        };
        for cut in 0..end {
            let found = alone("document.xml", &bytes[..cut]);
            let proves = found.snapshots.iter().any(|one| one.document.complete)
                || found.statuses.iter().any(|one| one.document.complete);
            assert!(!proves, "cut at {cut} it counts as whole: {}", text(bytes));
            // So short that it could be any XML, it is told as that.
            let any = |problem: &Problem| problem.defect == "begins like XML and is cut";
            let told = |problem: &Problem| problem.lost || any(problem);
            assert!(
                found.problems.iter().any(told),
                "cut at {cut} nothing is told: {}",
                text(bytes)
            );
            cuts += 1;
        }
    }
    assert!(
        snapshots > 20 && statuses > 20 && cuts > 20_000,
        "{snapshots} {statuses} {cuts}"
    );
    for more in ["<snapshot/>", "\0\0\0", "text"] {
        let bytes = format!(
            "<snapshot id='{ID}' version='1601867730'><file name='a' size='1'/></snapshot>{more}"
        );
        let found = alone("snapshot.xml", bytes.as_bytes());
        assert!(
            !found.snapshots[0].document.complete && found.problems[0].lost,
            "{more}"
        );
    }
    let whole = &alone("listing-20260105-0300.txt", LISTING.as_bytes()).listings[0].document;
    assert!(whole.complete && whole.folders.iter().all(|folder| folder.complete));
    for cut in 0..LISTING.trim_end().len() {
        let found = alone("listing-20260105-0300.txt", &LISTING.as_bytes()[..cut]);
        let Some(listing) = found.listings.first() else {
            continue;
        };
        assert!(!listing.document.complete, "{cut}");
        assert!(found.problems.iter().any(|problem| problem.lost), "{cut}");
        // A folder proves an absence only behind its own count.
        for folder in listing
            .document
            .folders
            .iter()
            .filter(|folder| folder.complete)
        {
            let files = if folder.path.ends_with("sub") { 2 } else { 1 };
            assert_eq!(folder.files.len(), files, "{cut}");
        }
    }
    cut_manifests_prove_no_absence();
}

/// Files that are missing while the package is ready are told of whole manifests, and of none that is cut.
fn cut_manifests_prove_no_absence() {
    let mut proven = 0;
    for sample in samples() {
        let base = sample.join("evidence");
        let whole: Vec<(String, Vec<u8>)> = files(&base)
            .into_iter()
            .map(|path| {
                let name = path.strip_prefix(&base).unwrap().display().to_string();
                (name, std::fs::read(path).unwrap())
            })
            .collect();
        let missing = |cut: usize| {
            let members: Vec<(String, &[u8])> = whole
                .iter()
                .map(|(name, bytes)| {
                    let less = if name.ends_with("napshot.xml") {
                        cut
                    } else {
                        0
                    };
                    let end = bytes.trim_ascii_end().len().saturating_sub(less);
                    (name.clone(), if less > 0 { &bytes[..end] } else { bytes })
                })
                .collect();
            let (case, _) = gather::case(ingest::read_memory(&members, &options()), None);
            let all = case.packages.iter();
            all.map(|package| package.missing_while_ready.len())
                .sum::<usize>()
        };
        let with = missing(0);
        if with > 0 {
            proven += with;
            assert_eq!(missing(1), 0, "{}", sample.display());
        }
    }
    assert!(proven > 0, "no sample has missing files");
}

#[test]
fn t11_encodings() {
    let story: String = [
        "download started",
        "status is now 'Ready', über Größe geprüft",
        "download completed, 100%, Übersetzung fertig: C:\\Français",
    ]
    .iter()
    .zip(0..)
    .map(|(words, second)| record(second, &format!("Package {ID} {words}")))
    .collect();
    let wide = |little: bool, mark: bool| -> Vec<u8> {
        let mark = if mark { "\u{FEFF}" } else { "" };
        let units = mark.encode_utf16().chain(story.encode_utf16());
        let bytes = |unit: u16| {
            if little {
                unit.to_le_bytes()
            } else {
                unit.to_be_bytes()
            }
        };
        units.flat_map(bytes).collect()
    };
    let narrow = encoded(&story);
    let lines: Vec<&str> = story.split_inclusive('\n').collect();
    let mixed = [lines[0].as_bytes(), lines[1].as_bytes(), &encoded(lines[2])].concat();
    let all = [
        story.clone().into_bytes(),
        ["\u{FEFF}".as_bytes(), story.as_bytes()].concat(),
        wide(true, true),
        wide(true, false),
        wide(false, true),
        wide(false, false),
        narrow,
        mixed,
    ];
    let events = |bytes: &[u8]| {
        let found = alone("Agent.log", bytes);
        let of_logs = found
            .events
            .into_iter()
            .filter(|event| event.record.is_some());
        let told: Vec<_> = of_logs
            .map(|event| (event.at, event.fact.clone(), event.message.clone()))
            .collect();
        told
    };
    let wanted = events(&all[0]);
    assert_eq!(wanted.len(), 3);
    for (number, bytes) in all.iter().enumerate() {
        assert_eq!(events(bytes), wanted, "{number}");
    }
    let mut seeded = Seeded(0x0B0E);
    let noise: Vec<u8> = (0..1 << 20).map(|_| seeded.next() as u8).collect();
    let heads: [&[u8]; 7] = [
        b"",
        b"\xFF\xFE",
        b"\xEF\xBB\xBF<snapshot version='1601867730'>",
        b"REGEDIT4\n",
        b"#Fields: date time cs-uri-stem sc-status\n",
        LISTING.as_bytes(),
        story.as_bytes(),
    ];
    for head in heads {
        let found = alone("noise", &[head, &noise].concat());
        let gave_up = |problem: &Problem| problem.defect.contains("parser");
        assert!(!found.problems.iter().any(gave_up), "{:?}", found.problems);
    }
    let here = tempfile::tempdir().unwrap();
    std::fs::write(here.path().join("noise"), &noise).unwrap();
    std::fs::write(here.path().join("a.log"), &story).unwrap();
    let run = pkgtrail(here.path(), &["report", "."]);
    assert_eq!(run.status.code(), Some(0), "{}", text(&run.stderr));
}

/// As Windows-1252: all letters of the story stand in Latin-1, too.
fn encoded(text: &str) -> Vec<u8> {
    text.chars()
        .map(|letter| u8::try_from(u32::from(letter)).unwrap())
        .collect()
}
