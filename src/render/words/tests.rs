//! Sentences say what the data say, and no more.

use super::super::fixture;
use super::*;

#[test]
fn letters_are_unique() {
    let mut letters: Vec<char> = Verdict::ALL.map(|one| verdict(one).letter).to_vec();
    letters.sort_unstable();
    letters.dedup();
    assert_eq!(letters.len(), Verdict::ALL.len());
}

#[test]
fn headlines_say_what_the_data_say() {
    let case = fixture::case();
    let said: Vec<String> = case
        .packages
        .iter()
        .filter(|package| health(package) == Health::Sick)
        .map(|package| headline(&case, package))
        .collect();
    assert_eq!(
        said,
        [
            "Contoso VPN 4.1 was downloaded 4 times in 8 days. It never changed: its files were removed from outside between two downloads, each time between 01:55 and 02:40. It was called Ready, but 2 listings found files missing, first at 2026-11-03 02:40 (12 of 12).",
            "Office Add-ins <b>2026</b> was downloaded twice in 4 days. It really changed: a new version came before the re-download. The case is strong, not proven: one part of it was inferred, not observed.",
            "Übersicht-Agent für Außenstellen (Пакет обновлений) 12.0.4418.1000 x64 Deutsch Release: its download was started 4 times in 8 days and completed 3 times. Of its 3 re-downloads, 1 followed a download that had failed (proven), 1 probably followed an order of an operator (likely) and 1 could not be explained."
        ]
    );
}

#[test]
fn a_headline_says_no_more_than_was_missing_and_what_moved() {
    let mut case = fixture::case();
    let package = &mut case.packages[0];
    for one in &mut package.missing_while_ready {
        (one.files_missing, one.files_listed) = (3, 8);
    }
    for one in &mut package.redownloads {
        one.summary = "Nothing about it had changed.".into();
        one.reasons[1].text = "A listing lacks 3 of the 8 files.".into();
        one.reasons.truncate(2);
    }
    let of = |case: &Case| headline(case, &case.packages[0]);
    assert!(of(&case).contains("some of its files were removed from outside"));
    // One sentence that says all is enough to not say "some".
    case.packages[0].redownloads[0].reasons[1].text =
        "The log says that 8 of 8 files are missing.".into();
    assert!(of(&case).contains(": its files were removed from outside"));

    // What the analysis says of each removal counts without a listing.
    let package = &mut case.packages[0];
    package.missing_while_ready.clear();
    for one in &mut package.redownloads {
        one.summary = "Nothing changed; some of its files were removed.".into();
    }
    assert!(of(&case).contains(": some of its files were removed from outside"));
    case.packages[0].redownloads[0].summary = "Its files were removed.".into();
    assert!(of(&case).contains(": its files were removed from outside"));

    let package = &mut case.packages[1];
    package.redownloads[0].verdict = Verdict::PathChange;
    package.redownloads[0].summary = "The location on the server changed from “D:” to “E:”.".into();
    assert!(headline(&case, &case.packages[1]).contains(
        "It was moved: the location on the server changed from “D:” to “E:”. The case is strong"
    ));
}

#[test]
fn a_download_that_was_given_up_is_not_told_as_one() {
    let mut case = fixture::case();
    let package = &mut case.packages[1];
    package.downloads.truncate(2);
    let (first, again) = (0, 1);
    package.downloads[first].completed = None;
    package.downloads[first].given_up = true;
    let one = &mut package.redownloads[0];
    (one.verdict, one.grade) = (Verdict::AccessDenied, Grade::Proven);
    one.summary = "The download before was given up after 4 attempts because of a path that is too long: 0x800700CE (the file name or extension is too long).".into();
    let said = |case: &Case| headline(case, &case.packages[1]);
    assert!(said(&case).ends_with(
        ": its download was started twice in 4 days and completed once. The earlier download had been given up because of a path that is too long."
    ), "{}", said(&case));
    // What is only not known to have ended is told so.
    case.packages[1].downloads[again].completed = None;
    case.packages[1].downloads[again].given_up = false;
    assert!(said(&case).contains(" twice in 4 days and is not known to have completed. "));
    // Two causes are both told, and what names none keeps the general sentence.
    let mut other = case.packages[1].redownloads[0].clone();
    other.summary =
        "The download before was given up after 1 attempt because of refused access.".into();
    case.packages[1].redownloads.push(other);
    assert!(said(&case).contains(
        "Each time the earlier download had been given up because of a path that is too long or refused access."
    ));
    case.packages[1].redownloads[0].summary = "It was.".into();
    assert!(said(&case).contains("had failed on access rights, a share or a path."));
}

#[test]
fn who_asked_and_which_metadata_was_missing_is_told_as_far_as_it_is_known() {
    let one = fixture::case().packages[0].redownloads[0].clone();
    let by = |names: [Option<&str>; 2]| {
        let all = names.map(|name| Redownload {
            actor: name.map(str::to_owned),
            ..one.clone()
        });
        asked_by(&all, "Asked.".to_owned())
    };
    assert_eq!(by([None, None]), "Asked.");
    assert_eq!(
        by([Some("B"), Some("B")]),
        "Asked. By the records it was B."
    );
    assert_eq!(
        by([Some("B"), Some("A")]),
        "Asked. By the records it was A and B."
    );
    assert_eq!(
        by([Some("B"), None]),
        "Asked. By the records it was B, and somebody whom no record names."
    );
    let with = |names: [&str; 2]| {
        let all = names.map(|name| Redownload {
            summary: format!("The clean-up of {name}, which shares its folder, took its files."),
            ..one.clone()
        });
        cleaned_with(&all, verdict(Verdict::SiblingCleanup).all.to_owned())
    };
    assert!(with(["“A”", "“A”"]).ends_with("the clean-up of “A”, which shares its folder."));
    assert!(with(["“A”", "“B”"]).ends_with("of another package that shares its folder."));
    let gone = |files: [&str; 2]| {
        metadata(&files.map(|file| Redownload {
            summary: format!("Its {file} was missing."),
            ..one.clone()
        }))
    };
    let (snapshot, status) = ("snapshot.xml", "PackageStatus.xml");
    assert_eq!(gone([snapshot, snapshot]), "its snapshot.xml was missing");
    assert_eq!(
        gone([status, snapshot]),
        "first its PackageStatus.xml was missing, later its snapshot.xml"
    );
    assert_eq!(gone(["a", "b"]), "its metadata was missing");
}

#[test]
fn a_package_on_two_servers_is_no_two_packages() {
    let mut case = fixture::case();
    let healthy = |case: &Case| others(case).unwrap_or_default();
    assert!(healthy(&case).starts_with("3 other packages are healthy"));
    let copy = case
        .packages
        .iter()
        .find(|one| health(one) == Health::Healthy)
        .cloned();
    case.packages.extend(copy);
    assert!(
        healthy(&case).starts_with("4 other copies of packages (each server's counts) are healthy")
    );
}

#[test]
fn hours_agree_across_midnight_or_are_not_told() {
    let one = |after: &str, before: &str| {
        let mut one = fixture::case().packages[0].redownloads[0].clone();
        one.window = Some(Window {
            after: fixture::at(after),
            before: fixture::at(before),
        });
        one
    };
    let night = [
        one("2026-11-03 23:50:00", "2026-11-04 00:10:00"),
        one("2026-11-05 00:05:00", "2026-11-05 00:20:00"),
    ];
    assert_eq!(
        clock_times(&night),
        ", each time between 23:50 and 00:20 the next day"
    );
    let apart = [
        one("2026-11-03 01:00:00", "2026-11-04 00:50:00"),
        one("2026-11-05 13:00:00", "2026-11-06 12:00:00"),
    ];
    assert_eq!(clock_times(&apart), "");
    assert_eq!(
        clock_times(&night[..1]),
        ", some time between 2026-11-03 23:50 and 2026-11-04 00:10"
    );
}

#[test]
fn amounts_have_units_and_no_false_digits() {
    let printed = [
        0,
        1023,
        1024,
        10_188,
        10_189,
        127_926_272,
        1_047_500_000,
        u64::MAX,
    ];
    assert_eq!(
        printed.map(bytes),
        [
            "0 bytes",
            "1023 bytes",
            "1.0 KiB",
            "9.9 KiB",
            "10 KiB",
            "122 MiB",
            "999 MiB",
            "16 EiB"
        ]
    );
    let long = [
        999,
        59_999,
        60_000,
        576_000,
        3_600_000,
        85_824_000,
        86_400_000,
        428_400_000,
    ];
    assert_eq!(
        long.map(lasting),
        [
            "0 s",
            "59 s",
            "1 min",
            "9 min 36 s",
            "1 h",
            "23 h 50 min",
            "1 d",
            "4 d 23 h"
        ]
    );
}
