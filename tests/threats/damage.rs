//! Evidence in which bytes are wrong: it may help, and it accuses nobody.

use crate::support::{files, pkgtrail, sample, text};
use flate2::{Compression, write::GzEncoder};
use std::io::{Cursor, Write};
use std::path::Path;
use zip::CompressionMethod::Stored;
use zip::write::SimpleFileOptions;

type Files = Vec<(String, Vec<u8>)>;
type Change<'c> = &'c dyn Fn(&[u8]) -> Vec<u8>;

/// A package that the product itself cleaned up, without the status files and the policy that say so:
/// only the log does.
fn cleaned_up() -> Files {
    let base = sample("product-cleanup").join("evidence");
    let all = files(&base).into_iter().map(|path| {
        let name = path.strip_prefix(&base).unwrap().display().to_string();
        (name, std::fs::read(path).unwrap())
    });
    all.filter(|(name, _)| !name.contains("PackageStatus") && !name.contains("ajustes"))
        .collect()
}

/// The same with other records of deletions, in the logs.
fn changed(files: &Files, change: Change<'_>) -> Files {
    let change_log = |bytes: &[u8]| -> Vec<u8> {
        let text = String::from_utf8(bytes.to_vec()).unwrap();
        let records = text.split_inclusive("</event>").map(|record| {
            let tells = ["removed from", "Deleted", "assigned again"];
            match tells.iter().any(|words| record.contains(words)) {
                true => change(record.as_bytes()),
                false => record.as_bytes().to_vec(),
            }
        });
        records.collect::<Vec<_>>().concat()
    };
    let one = |(name, bytes): &(String, Vec<u8>)| {
        let bytes = match name.ends_with(".log") {
            true => change_log(bytes),
            false => bytes.clone(),
        };
        (name.clone(), bytes)
    };
    files.iter().map(one).collect()
}

/// Changes what stands in the text section of a record.
fn in_text(record: &[u8], change: impl Fn(&[u8]) -> Vec<u8>) -> Vec<u8> {
    let find = |what: &[u8]| {
        record
            .windows(what.len())
            .position(|at| at == what)
            .unwrap()
    };
    let (from, to) = (find(b"[CDATA[") + 7, find(b"]]>"));
    [&record[..from], &change(&record[from..to]), &record[to..]].concat()
}

/// Another letter or digit for each, and the same length.
fn flipped(bytes: &[u8]) -> Vec<u8> {
    let flip = |byte: &u8| match (byte ^ 1).is_ascii_alphanumeric() && byte.is_ascii_alphanumeric()
    {
        true => byte ^ 1,
        false => *byte,
    };
    bytes.iter().map(flip).collect()
}

fn write(folder: &Path, files: &Files) {
    for (name, bytes) in files {
        let place = folder.join(name);
        std::fs::create_dir_all(place.parent().unwrap()).unwrap();
        std::fs::write(place, bytes).unwrap();
    }
}

/// The exit status, what went to standard error, and the verdicts with their grades.
fn judged(here: &Path, evidence: &str) -> (Option<i32>, String, Vec<(String, String)>) {
    let run = pkgtrail(here, &["report", evidence, "-o", "out"]);
    let verdicts = std::fs::read(here.join("out/verdicts.json")).unwrap();
    let verdicts: serde_json::Value = serde_json::from_slice(&verdicts).unwrap();
    let packages = verdicts["packages"].as_array().unwrap().iter();
    let all = packages.flat_map(|one| one["redownloads"].as_array().unwrap());
    let word = |one: &serde_json::Value, key: &str| one[key].as_str().unwrap().to_owned();
    let all = all.map(|one| (word(one, "verdict"), word(one, "grade")));
    (run.status.code(), text(&run.stderr), all.collect())
}

/// Nobody may be accused with certainty, and what is lost must be told.
fn accuses_nobody(here: &Path, evidence: &str, told: &str) {
    let (status, errors, verdicts) = judged(here, evidence);
    let accuses = |(verdict, grade): &(String, String)| {
        verdict == "external-removal" && (grade == "proven" || grade == "strong")
    };
    assert!(
        !verdicts.iter().any(accuses),
        "{evidence}: {verdicts:?}\n{errors}"
    );
    assert!(errors.contains(told), "{evidence}: {errors}");
    // Text that somebody put between records is told as a note.
    let wanted = if told.is_empty() { 0 } else { 1 };
    assert_eq!(status, Some(wanted), "{evidence}: {errors}");
}

#[test]
fn whole_evidence_tells_the_clean_up() {
    let here = tempfile::tempdir().unwrap();
    write(&here.path().join("in"), &cleaned_up());
    let (status, errors, verdicts) = judged(here.path(), "in");
    assert_eq!(status, Some(0), "{errors}");
    let cleaned = ("product-cleanup".to_owned(), "proven".to_owned());
    assert!(verdicts.contains(&cleaned), "{verdicts:?}");
}

#[test]
fn records_that_were_overwritten_are_lost_and_accuse_nobody() {
    let files = cleaned_up();
    let no_text = "bytes that are no text";
    let forms: [(&str, Change<'_>, &str); 7] = [
        ("zeros", &|record| vec![0; record.len()], no_text),
        ("erased", &|record| vec![0xFF; record.len()], no_text),
        (
            "zeros-in-text",
            &|record| in_text(record, |text| vec![0; text.len()]),
            no_text,
        ),
        (
            "half-of-a-text",
            &|record| in_text(record, |text| [&text[..14], &[0; 40][..]].concat()),
            no_text,
        ),
        (
            "erased-text",
            &|record| in_text(record, |text| vec![0xFF; text.len()]),
            no_text,
        ),
        (
            "endless",
            &|record| in_text(record, |text| [&vec![b' '; 1_200_000][..], text].concat()),
            "longer than 1 MiB",
        ),
        ("prose", &|_| b"\nlorem ipsum dolor\n".to_vec(), ""),
    ];
    for (name, form, told) in forms {
        let here = tempfile::tempdir().unwrap();
        write(&here.path().join(name), &changed(&files, form));
        accuses_nobody(here.path(), name, told);
    }
}

/// A zip that packs `files` and holds other bytes, as many, than those it has sums of.
fn wrong_sums(files: &Files, damaged: &Files) -> Vec<u8> {
    let mut zip = zip::ZipWriter::new(Cursor::new(Vec::new()));
    for (name, bytes) in files {
        let options = SimpleFileOptions::default().compression_method(Stored);
        zip.start_file(name, options).unwrap();
        zip.write_all(bytes).unwrap();
    }
    let mut zip = zip.finish().unwrap().into_inner();
    for ((_, whole), (_, damaged)) in files.iter().zip(damaged) {
        let at = zip.windows(whole.len()).position(|at| at == whole).unwrap();
        zip[at..at + whole.len()].copy_from_slice(damaged);
    }
    zip
}

/// Of a document in which a byte is wrong nobody knows which; nor is it used when another one tells what
/// its dates are.
#[test]
fn a_damaged_snapshot_is_not_read_again_for_its_dates() {
    let of = |version: &str, date: &str| {
        format!(
            "<snapshot packageId='{{1EC214B8-E862-44A9-B3A6-27D918D136A2}}' version='{version}' path='\\\\ns\\a'><file name='a.msi' size='7' modified='{date}/01/2026 14:00'/></snapshot>"
        )
        .into_bytes()
    };
    let named = |hour: u32, bytes: Vec<u8>| (format!("20260120-0{hour}00/snapshot.xml"), bytes);
    let files = |second: &str| vec![named(1, of("1700000000", "13")), named(2, of(second, "12"))];
    let here = tempfile::tempdir().unwrap();
    let zip = wrong_sums(&files("1700000001"), &files("1700000005"));
    std::fs::write(here.path().join("in.zip"), zip).unwrap();
    let run = pkgtrail(here.path(), &["timeline", "in.zip"]);
    let (told, errors) = (text(&run.stdout), text(&run.stderr));
    assert!(told.contains("1700000000"), "{told}\n{errors}");
    assert!(!told.contains("1700000005"), "{told}");
    assert!(errors.contains("its check sum does not match"), "{errors}");
}

#[test]
fn archives_whose_check_sums_do_not_match_accuse_nobody() {
    let files = cleaned_up();
    let damaged = changed(&files, &|record| in_text(record, flipped));
    let here = tempfile::tempdir().unwrap();
    let told = "its check sum does not match";

    std::fs::write(here.path().join("sums.zip"), wrong_sums(&files, &damaged)).unwrap();
    accuses_nobody(here.path(), "sums.zip", told);

    let gzip = |bytes: &[u8]| {
        let mut gzip = GzEncoder::new(Vec::new(), Compression::fast());
        gzip.write_all(bytes).unwrap();
        let mut gzip = gzip.finish().unwrap();
        // The check sum of what was packed before somebody changed it.
        let sum = gzip.len() - 8;
        gzip[sum] ^= 1;
        gzip
    };
    let mut tar = tar::Builder::new(Vec::new());
    for (name, bytes) in &damaged {
        let mut header = tar::Header::new_gnu();
        header.set_size(bytes.len() as u64);
        tar.append_data(&mut header, name, bytes.as_slice())
            .unwrap();
    }
    let tar = tar.into_inner().unwrap();
    std::fs::write(here.path().join("sums.tar.gz"), gzip(&tar)).unwrap();
    accuses_nobody(here.path(), "sums.tar.gz", told);

    // A tar in a zip, whose sum stands behind the tar's end.
    let mut zip = zip::ZipWriter::new(Cursor::new(Vec::new()));
    let options = SimpleFileOptions::default().compression_method(Stored);
    zip.start_file("logs.tar", options).unwrap();
    zip.write_all(&tar).unwrap();
    let mut zip = zip.finish().unwrap().into_inner();
    let at = zip.windows(8).position(|at| at == b"severity").unwrap();
    zip[at] = b'S';
    std::fs::write(here.path().join("tar.zip"), zip).unwrap();
    accuses_nobody(here.path(), "tar.zip", told);

    let packed = damaged.iter().map(|(name, bytes)| {
        let is_log = name.ends_with(".log");
        match is_log {
            true => (format!("{name}.gz"), gzip(bytes)),
            false => (name.clone(), bytes.clone()),
        }
    });
    write(&here.path().join("gz"), &packed.collect());
    accuses_nobody(here.path(), "gz", told);
}

/// How many times files were missing while their package was Ready.
fn missing(here: &Path) -> usize {
    let verdicts = std::fs::read(here.join("out/verdicts.json")).unwrap();
    let verdicts: serde_json::Value = serde_json::from_slice(&verdicts).unwrap();
    let packages = verdicts["packages"].as_array().unwrap().iter();
    packages
        .map(|one| one["missing_while_ready"].as_array().unwrap().len())
        .sum()
}

#[test]
fn a_damaged_listing_shows_no_missing_files() {
    let files = cleaned_up();
    let renamed = |bytes: &[u8]| {
        let mut bytes = bytes.to_vec();
        for at in 4..bytes.len() {
            // Another ending for every name.
            let is_ending =
                bytes[at - 4] == b'.' && bytes[at - 3..at].iter().all(u8::is_ascii_lowercase);
            if is_ending {
                bytes[at - 1] ^= 1;
            }
        }
        bytes
    };
    let is_listing = |name: &str| name.contains("listados");
    let damaged: Files = files
        .iter()
        .map(|(name, bytes)| match is_listing(name) {
            true => (name.clone(), renamed(bytes)),
            false => (name.clone(), bytes.clone()),
        })
        .collect();
    let here = tempfile::tempdir().unwrap();
    // Without a check sum to tell, the names count.
    write(&here.path().join("in"), &damaged);
    judged(here.path(), "in");
    let told = missing(here.path());
    write(&here.path().join("whole"), &files);
    judged(here.path(), "whole");
    assert!(told > missing(here.path()), "{told}");
    std::fs::write(here.path().join("list.zip"), wrong_sums(&files, &damaged)).unwrap();
    let (status, errors, _) = judged(here.path(), "list.zip");
    assert_eq!(status, Some(1), "{errors}");
    assert_eq!(missing(here.path()), 0, "{errors}");
}

#[test]
fn a_listing_with_zeros_in_it_proves_no_absence() {
    let files = cleaned_up();
    let overwritten: Files = files
        .iter()
        .map(|(name, bytes)| {
            let mut bytes = bytes.clone();
            if name.contains("listados") {
                let at = bytes.len() / 2;
                bytes[at..at + 40].fill(0);
            }
            (name.clone(), bytes)
        })
        .collect();
    let here = tempfile::tempdir().unwrap();
    write(&here.path().join("in"), &overwritten);
    let (status, errors, _) = judged(here.path(), "in");
    assert_eq!(status, Some(1), "{errors}");
    assert!(errors.contains("bytes that are no text"), "{errors}");
    assert_eq!(missing(here.path()), 0, "{errors}");
}
