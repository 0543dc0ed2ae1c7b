use super::Grade::Assumed;
use super::*;
use crate::model::{BlockOutcome, State};
use regex_syntax::hir::{Hir, HirKind, literal};
use std::collections::BTreeSet;

const GUID: &str = "{1EC214B8-E862-44A9-B3A6-27D918D136A2}";

fn find(message: &str) -> Option<Found> {
    static CATALOGUE: LazyLock<Catalogue> = LazyLock::new(Catalogue::new);
    CATALOGUE.recognise(&message.replace("{G}", GUID))
}

fn kind(message: &str) -> &'static str {
    find(message).map_or("-", |found| found.fact.kind())
}

#[test]
fn every_entry_is_sound() {
    let mut names = std::collections::BTreeSet::new();
    for message in MESSAGES {
        assert!(names.insert(message.name), "{} stands twice", message.name);
        assert!(
            KINDS.iter().any(|(kind, ..)| *kind == message.kind),
            "{}: kind {}",
            message.name,
            message.kind
        );
        assert!(!message.samples.is_empty(), "{}", message.name);
        let pattern = match message.grade {
            Grade::Confirmed(_) => regex::Regex::new(message.pattern)
                .map(|regex| regex.capture_names().flatten().map(str::to_owned).collect()),
            _ => shaded(message.pattern)
                .map(|regex| regex.capture_names().flatten().map(str::to_owned).collect()),
        };
        let groups: Vec<String> =
            pattern.unwrap_or_else(|error| panic!("{}: {error}", message.name));
        let known = KINDS
            .iter()
            .find(|(kind, ..)| *kind == message.kind)
            .unwrap()
            .2;
        for group in groups {
            let base = fact::base_name(&group);
            assert!(
                known.contains(&base) || fact::EVERYWHERE.contains(&base),
                "{}: group {group}",
                message.name
            );
        }
        for guard in [message.not_before, message.nowhere] {
            if let Err(error) = regex::bytes::RegexBuilder::new(guard)
                .unicode(false)
                .build()
            {
                panic!("{}: {error}", message.name);
            }
        }
    }
}

fn without_borders(pattern: &str) -> String {
    let (mut out, mut in_class) = (String::new(), false);
    let mut letters = pattern.chars();
    while let Some(letter) = letters.next() {
        match letter {
            '\\' => match letters.next() {
                Some('b') if !in_class => {}
                next => out.extend([letter].into_iter().chain(next)),
            },
            '^' | '$' if !in_class => {}
            _ => {
                in_class = letter == '[' || in_class && letter != ']';
                out.push(letter);
            }
        }
    }
    out
}

/// Whether all that `hir` matches holds one of the words, as far as that can be told.
fn holds_always(hir: &Hir, words: &[&str]) -> bool {
    let begins = |hir: &Hir| {
        let mut beginnings = literal::Extractor::new();
        beginnings.limit_total(10_000).limit_repeat(40);
        let beginnings = beginnings.extract(hir);
        let all = beginnings.literals();
        all.is_some_and(|all| {
            !all.is_empty() && all.iter().all(|one| holds_one(one.as_bytes(), words))
        })
    };
    begins(hir)
        || match hir.kind() {
            HirKind::Capture(group) => holds_always(&group.sub, words),
            HirKind::Repetition(again) => again.min > 0 && holds_always(&again.sub, words),
            HirKind::Alternation(all) => all.iter().all(|one| holds_always(one, words)),
            HirKind::Concat(all) => (0..all.len()).any(|from| {
                holds_always(&all[from], words) || begins(&Hir::concat(all[from..].to_vec()))
            }),
            _ => false,
        }
}

#[test]
fn what_a_spared_pattern_takes_holds_one_of_its_words() {
    let parse = |pattern: &str| {
        let mut parser = regex_syntax::ParserBuilder::new();
        let parser = parser.unicode(false).utf8(false).multi_line(true);
        parser.build().parse(pattern).unwrap()
    };
    for (pattern, always) in [
        ("now|new", true),
        (r"(?<a>\d+) (?:is|was)(?: not)? (?:re-?)?now\b", true),
        ("(?:now)*", false),
        ("no[vw]|new", false),
        ("nor|now", false),
        ("", false),
    ] {
        assert_eq!(
            holds_always(&parse(pattern), &["now", "new"]),
            always,
            "{pattern}"
        );
    }
    let mut names = std::collections::BTreeSet::new();
    for (name, words) in SPARED {
        let words: Vec<&str> = words.split('|').collect();
        assert!(!words.contains(&""), "{name}");
        let entry = MESSAGES.iter().find(|entry| entry.name == *name).unwrap();
        let is_masked = words.concat().contains('X');
        assert!(!(reads_calm(entry) && is_masked), "{name}");
        assert!(entry.grade == Assumed && names.insert(name), "{name}");
        let all = parse(&expanded(entry.pattern));
        // By alternative, so that it tells which one lacks a word.
        let alternatives = match all.kind() {
            HirKind::Alternation(all) => all.clone(),
            _ => vec![all],
        };
        for one in alternatives {
            assert!(holds_always(&one, &words), "{name}: {one}");
        }
        for sample in entry.samples {
            assert!(holds_one(&shade::shade(sample), &words), "{name}: {sample}");
        }
    }
    for name in USUAL {
        assert!(MESSAGES.iter().any(|entry| entry.name == name), "{name}");
    }
}

/// Guards and all else that is only asked yes or no answer as a regex does.
#[test]
fn whether_a_pattern_matches_is_what_its_regex_says() {
    let guards = MESSAGES
        .iter()
        .flat_map(|one| [one.not_before, one.nowhere]);
    let patterns: Vec<String> = guards
        .chain(["%doubt%", r"\bpackage$", "^id:[ {]*$", "", "a|"])
        .map(expanded)
        .collect();
    let samples = MESSAGES.iter().flat_map(|one| one.samples);
    let mut shades: Vec<Vec<u8>> = samples.map(|one| shade::shade(one)).collect();
    shades.extend(
        [
            &b""[..],
            b"id: {\npackage",
            b"id: {",
            b"package\r\nid:",
            b"\xFFn't \xC3",
        ]
        .map(<[u8]>::to_vec),
    );
    for pattern in &patterns {
        let (regex, whether) = (fact::plain(pattern), Whether::of(pattern));
        for shade in &shades {
            assert_eq!(
                whether.is_match(shade),
                regex.own().is_match(shade),
                "{pattern}: {}",
                shade.escape_ascii()
            );
        }
    }
}

/// A pattern is tried only where one of its needles stands: so one must stand in all that a family
/// takes which looks at every record.
#[test]
fn what_a_pattern_takes_holds_one_of_its_needles() {
    use proptest::strategy::{Strategy, ValueTree};
    use proptest::string::bytes_regex;
    use proptest::test_runner::TestRunner;
    let mut runner = TestRunner::deterministic();
    let mut missed = Vec::new();
    let is_asked = |message: &&Message| message.grade == Assumed && !needs_package(message);
    for message in MESSAGES.iter().filter(is_asked) {
        // Borders cannot be made, only asked for.
        let whole = without_borders(&expanded(message.pattern));
        // What is masked in a path is a blank there.
        let whole = whole.replace("software.delivery", "software delivery");
        let texts = bytes_regex(&format!("(?-u:{whole})")).unwrap();
        let pattern = shaded(message.pattern).unwrap();
        let mut taken = 0;
        for _ in 0..256 {
            let text = texts.new_tree(&mut runner).unwrap().current();
            if !pattern.is_match(&text) {
                continue;
            }
            taken += 1;
            let lower = text.to_ascii_lowercase();
            if !holds_one(&lower, message.needles) {
                missed.push(format!("{}: {}", message.name, lower.escape_ascii()));
            }
        }
        assert!(taken > 16, "{}: {taken}", message.name);
    }
    assert!(missed.is_empty(), "{}", missed.join("\n"));
}

/// Few words are too short to be looked for at few places of each record, and they are found otherwise.
#[test]
fn needles_are_looked_for_at_few_places() {
    assert!(matches!(NEEDLES[0].search, Search::Sieve(..)));
}

/// However they are looked for: in all samples, in either case, each needle that stands there and no
/// other.
#[test]
fn needles_are_found_as_by_anybody() {
    let samples = || MESSAGES.iter().flat_map(|message| message.samples);
    let mut found_all = 0;
    for needles in &NEEDLES {
        for sample in samples() {
            let lower = sample.to_ascii_lowercase();
            let expected: BTreeSet<usize> = (0..MESSAGES.len())
                .filter(|index| {
                    let own = needles.owners.iter().any(|owners| owners.contains(index));
                    own && holds_one(lower.as_bytes(), MESSAGES[*index].needles)
                })
                .collect();
            for text in [(*sample).to_owned(), lower, sample.to_ascii_uppercase()] {
                let mut found = BTreeSet::new();
                needles.search.each(text.as_bytes(), |number| {
                    found.extend(needles.owners[number].iter().copied());
                });
                assert_eq!(found, expected, "{text}");
                found_all += found.len();
            }
        }
    }
    assert!(found_all > 3_000, "{found_all}");
}

/// What was found out about a message is believed of the same with other digits.
#[test]
fn whether_a_message_may_match_does_not_depend_on_its_digits() {
    let catalogue = Catalogue::new();
    let mut may = 0;
    for message in MESSAGES.iter().filter(|message| !needs_package(message)) {
        let mut letters = message.needles.concat().into_bytes().into_iter();
        assert!(
            !letters.any(|byte| byte.is_ascii_digit()),
            "{}",
            message.name
        );
        for sample in message.samples {
            assert!(catalogue.may_match(sample.as_bytes()), "{sample}");
            for digit in ["0", "1", "9"] {
                let other = sample.replace(|letter: char| letter.is_ascii_digit(), digit);
                assert!(catalogue.may_match(other.as_bytes()), "{other}");
                may += usize::from(other != **sample);
            }
        }
    }
    assert!(may > 100, "{may}");
}

#[test]
fn every_sample_is_recognised_by_its_own_entry() {
    let mut wrong = Vec::new();
    for message in MESSAGES {
        for sample in message.samples {
            let owner = find(sample);
            let name = owner.as_ref().map_or("-", |found| &*found.pattern);
            if name != message.name {
                wrong.push(format!("{}: {name} took: {sample}", message.name));
            }
            if let Some(found) = owner
                && (sample.contains("1EC214B8") || sample.contains("1ec214b8"))
            {
                assert_eq!(found.package, PackageId::parse(GUID), "{sample}");
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn confirmed_entries_need_no_precedence() {
    for message in MESSAGES {
        for sample in message.samples {
            let shade = shade::shade(sample);
            let package = fact::package_of(sample, &shade);
            let owners: Vec<&str> = MESSAGES
                .iter()
                .enumerate()
                .filter(|(_, entry)| matches!(entry.grade, Grade::Confirmed(_)))
                .filter(|(index, _)| recognise_one(*index, sample, &shade, package).is_some())
                .map(|(_, entry)| entry.name)
                .collect();
            match message.grade {
                Grade::Confirmed(_) => assert_eq!(owners, [message.name], "{sample}"),
                _ => assert!(owners.is_empty(), "{owners:?} took {sample}"),
            }
        }
    }
}

/// Wordings that no sample has: a family has to catch these too.
const OTHERS: &[(&str, &str)] = &[
    (
        "state-changed",
        "Package state changed: {G}: 'Ready' -> 'Download Pending'",
    ),
    ("state-changed", "SetState: package {G} Downloading->Ready"),
    (
        "state-changed",
        "Status for 1ec214b8-e862-44a9-b3a6-27d918d136a2 updated from READY to INVALID",
    ),
    (
        "state-changed",
        "The status of package {G} has been changed to Retrying Download",
    ),
    (
        "state-changed",
        "{G} status='Download Pending' oldStatus='Ready'",
    ),
    ("state-changed", "Package {G}: state is now Ready"),
    (
        "state-changed",
        "Changing status of package {G} to Not Ready",
    ),
    (
        "state-changed",
        "CPackage::SetStatus({G}): Ready (was: Downloading)",
    ),
    (
        "state-changed",
        "Package Contoso ({G}) switched from Waiting to retry to Downloading",
    ),
    ("state-changed", "Package {G} status set to Deleted"),
    (
        "state-changed",
        "Package {G} state [Downloading] -> [Ready]",
    ),
    ("state-seen", "Package {G} state=Ready version=5"),
    ("state-seen", "Package {G}, status: Invalid"),
    ("state-seen", "Status of 'Tool' {G}: Download Pending"),
    ("state-seen", "Package {G} is Ready"),
    ("download-started", "Package {G} download started"),
    ("download-started", "Started downloading package {G}"),
    (
        "download-started",
        "StartDownload: initiating download for {G}",
    ),
    ("download-started", "Begin download of package {G}"),
    (
        "download-started",
        "The download of package 'Download Manager' {G} was started",
    ),
    ("download-started", "Downloading package {G}"),
    ("download-resumed", "Download resumed for package {G}"),
    ("download-resumed", "Retry 3: downloading package {G}"),
    (
        "download-resumed",
        "Starting download of package {G} (attempt 4)",
    ),
    (
        "download-resumed",
        "Package {G}: continuing interrupted download",
    ),
    ("download-finished", "Package {G} download complete"),
    (
        "download-finished",
        "Package {G} was successfully downloaded",
    ),
    (
        "download-finished",
        "Download of {G} succeeded, 5 files, 12,345,678 bytes",
    ),
    (
        "download-finished",
        "Download complete for package {G}, 0 errors",
    ),
    (
        "download-finished",
        "DownloadPackage({G}) completed successfully",
    ),
    (
        "download-failed",
        "Download failed for package {G}, hr=0x80070005",
    ),
    ("download-failed", "Package {G}: download error -2147024891"),
    ("download-failed", "Could not download package {G}"),
    (
        "download-failed",
        "Package {G}: download attempt 2 of 7 failed, will retry in 6 minutes",
    ),
    (
        "download-given-up",
        "Download of package {G} failed, no further attempts will be made",
    ),
    ("download-given-up", "Package {G}: max retries (7) exceeded"),
    (
        "download-given-up",
        "Package {G} download abandoned after 7 retries",
    ),
    (
        "download-given-up",
        "Giving up downloading package {G} (0x80042D21)",
    ),
    ("progress", "Package {G} download 42% done"),
    ("progress", "{G}: 100 % downloaded"),
    ("block", "Package {G}: block 12 of 96 was downloaded"),
    ("block", "{G}: failed block 3 of 9"),
    ("block", "Block 17/96 downloaded for {G}"),
    (
        "blocks-needed",
        "Package {G}: 12 of 96 blocks need to be downloaded",
    ),
    ("blocks-needed", "{G}: needs 12 of 96 blocks"),
    (
        "file-missing",
        r"Package {G}: 'D:\PkgShare\a b\setup.exe' not found",
    ),
    (
        "file-missing",
        r"File 'D:\PkgShare\setup.exe' is missing, package {G}",
    ),
    (
        "file-missing",
        r"Could not find file D:\PkgShare\setup.exe (package {G})",
    ),
    ("file-missing", "Package {G}: missing file data1.cab"),
    ("files-missing", "Package {G}: 5 of 12 files do not exist"),
    ("files-missing", "{G}: 12 files are missing on disk"),
    (
        "snapshot-missing",
        r"Snapshot file D:\Agent\Package Delivery\{G}\snapshot.xml is missing",
    ),
    (
        "snapshot-missing",
        r"'D:\A\Package Delivery\{G}\snapshot.xml' was not found, validating package",
    ),
    (
        "snapshot-missing",
        "snapshot.xml for package {G} is missing",
    ),
    (
        "status-missing",
        r"D:\A\Package Server Agent\PackageStatus\{G}\PackageStatus.xml could not be found",
    ),
    (
        "snapshot-received",
        "Package {G}: new snapshot received, version 1730421212",
    ),
    ("snapshot-received", "Downloaded snapshot of package {G}"),
    ("snapshot-unchanged", "Snapshot of {G}: no change"),
    (
        "snapshot-unchanged",
        "Package {G}: snapshot version 5 is up-to-date",
    ),
    (
        "snapshot-changed",
        "Package {G} has a new snapshot on the server, new snapshot version 6 available",
    ),
    (
        "snapshot-changed",
        "The snapshot of package {G} was changed",
    ),
    (
        "version-stated",
        "Package {G}: server version 6, local version 5",
    ),
    (
        "version-stated",
        "Version check of {G}: required 6, local 5",
    ),
    ("version-changed", "Package {G} version changed: 5 -> 6"),
    ("version-changed", "Version of {G} has changed from 5 to 6"),
    (
        "location-changed",
        r"Package {G}: destination changed from D:\Pkg\A to E:\Pkg\A",
    ),
    (
        "location-changed",
        r"Package {G}: alternate location was changed from '\\PS01\a' to '\\PS01\b'",
    ),
    (
        "package-path-changed",
        r"Package {G}: source changed from '\\ns01\a' to '\\ns02\a'",
    ),
    (
        "location",
        r"Alternate location of package {G} is \\PS01\Share\Tool",
    ),
    ("refresh-started", "Refreshing packages (scheduled)"),
    ("refresh-started", "Package refresh cycle started"),
    (
        "refresh-finished",
        "Refresh packages completed, 12 packages",
    ),
    (
        "operator",
        r"Force Download selected by CORP\admin for package {G}",
    ),
    ("operator", r"User CORP\a.b started Check Integrity for {G}"),
    ("assigned", "Package {G} is now assigned to this server"),
    ("assigned", "Package {G} added to configuration"),
    ("unassigned", "Package {G} removed from the configuration"),
    ("unassigned", "Package {G} is no longer in configuration"),
    ("unassigned", "Unassigned package {G}"),
    ("marked-deleted", "Package {G} is marked for deletion"),
    ("cleaned-up", "Removing inactive package {G}"),
    ("share-removed", "Virtual directory /pkggroup_{G} removed"),
    (
        "verification-started",
        "Verification started for package {G}",
    ),
    ("verification-passed", "Package {G} verification succeeded"),
    (
        "verification-passed",
        "0 of 12 files of package {G} are missing",
    ),
    ("verification-failed", "Package {G} verification failed"),
    (
        "client-delivery",
        r"Package {G} saved in D:\Altiris Agent\Software Delivery\{G}\cache",
    ),
    ("agent-stopped", "Symantec Management Agent is stopping"),
    (
        "agent-started",
        "Symantec Management Agent service has started",
    ),
];

#[test]
fn families_catch_wordings_that_no_sample_has() {
    let wrong: Vec<String> = OTHERS
        .iter()
        .filter(|(wanted, message)| kind(message) != *wanted)
        .map(|(wanted, message)| {
            let entry = find(message).map_or("-".into(), |found| found.pattern);
            format!("{wanted}: {entry} ({}) took: {message}", kind(message))
        })
        .collect();
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// Sentences that must not be taken for what their words suggest.
const TRAPS: &[(&str, &[&str])] = &[
    (
        "Download of package {G} failed to start",
        &["download-failed"],
    ),
    ("Package {G} could not be downloaded", &["download-failed"]),
    (
        "Download of package {G} not started, blockout in effect",
        &["-"],
    ),
    ("Download of package {G} was not started", &["-"]),
    ("Package {G}: download has not been started yet", &["-"]),
    (
        "Download of package {G} will start at 22:00",
        &["-", "download-queued"],
    ),
    (
        "Download of package {G} will start when the window opens",
        &["-", "download-queued"],
    ),
    ("Download of package {G} is about to start", &["-"]),
    (
        "Download of package {G} skipped, package is up to date",
        &["-"],
    ),
    ("Package {G} is already downloaded, nothing to do", &["-"]),
    ("Package {G}: no download needed", &["-"]),
    ("Downloading package {G} ... 0% complete", &["progress"]),
    ("Downloading package {G} ... 99.9% complete", &["progress"]),
    (
        "Package {G}: download finished with errors",
        &["download-failed"],
    ),
    (
        "Package {G}: download finished, 3 files failed",
        &["download-failed"],
    ),
    (
        "Download of package {G} did not finish",
        &["download-failed"],
    ),
    (
        "Download of package {G} is not complete",
        &["-", "download-failed"],
    ),
    (
        "Download of package {G} completed unsuccessfully",
        &["download-failed"],
    ),
    (
        "Package {G} has not been downloaded",
        &["download-failed", "-"],
    ),
    ("Waiting for download of package {G} to complete", &["-"]),
    ("Client PC01 completed download of package {G}", &["-"]),
    ("Client PC01 started download of package {G}", &["-"]),
    ("Package {G} downloaded by client 10.1.1.5", &["-"]),
    ("Status: idle", &["-"]),
    ("Status: Ready", &["-"]),
    (
        "Inventory Agent state changed from Ready to Invalid",
        &["-"],
    ),
    ("Policy {G} state changed from Ready to Invalid", &["-"]),
    ("Task {G}: status changed to Ready", &["-"]),
    ("Package {G} will be Ready in 5 minutes", &["-"]),
    ("Package {G}: status: Ready in 5 minutes", &["-"]),
    ("Waiting until package {G} is Ready", &["-"]),
    ("Waiting for package {G} status to change to Ready", &["-"]),
    ("Package {G} state was not changed to Ready", &["-"]),
    ("Could not set state of package {G} to Ready", &["-"]),
    (
        "Failed to change status of package {G} from Ready to Invalid",
        &["-"],
    ),
    ("Package {G}: expected state: Ready", &["-"]),
    ("Package {G} is no longer Ready", &["-"]),
    ("If package {G} is Ready, it will be published", &["-"]),
    ("Package {G} invalid hash algorithm setting", &["-"]),
    ("Next retry of package {G} in 3 minutes", &["-"]),
    (
        "Package {G}: giving up was not necessary",
        &["-", "download-given-up"],
    ),
    (
        "Download of {G} failed after 3 attempts, next attempt in 24 minutes",
        &["download-failed"],
    ),
    ("Package {G} will be retried, not giving up", &["-"]),
    (
        "Snapshot of package {G} could not be downloaded",
        &["network-failed"],
    ),
    ("Starting download of snapshot of package {G}", &["-"]),
    (
        "Checking whether the snapshot of package {G} has changed",
        &["-"],
    ),
    ("Snapshot of package {G} has not been downloaded", &["-"]),
    (
        "Snapshot of package {G} not found on the server",
        &["network-failed", "-"],
    ),
    ("Package {G}: 0 files missing", &["verification-passed"]),
    ("Package {G}: no files missing", &["verification-passed"]),
    ("Verification of package {G} was skipped", &["-"]),
    (
        "Verification of package {G} not passed",
        &["-", "verification-failed"],
    ),
    (
        "Package {G} is not assigned to this server",
        &["unassigned"],
    ),
    ("Package {G} still assigned", &["-", "state-seen"]),
    ("Package {G} was not marked as deleted", &["-"]),
    (
        "Deleting old location 'D:\\PkgShare\\Office' of package {G}",
        &["-"],
    ),
    ("Deleted file 'a.tmp' of package {G}", &["-"]),
    ("Package {G}: version not changed", &["-"]),
    ("Package 'Download started' {G} checked", &["-"]),
    ("Package 'Ready' {G} checked", &["-"]),
    ("Package 'Files missing' {G} checked", &["-"]),
    (r"Package {G} scanned in D:\download failed\Ready", &["-"]),
    ("Block 3 of package {G} skipped, already present", &["-"]),
    (
        "Resuming download of package {G} is not possible",
        &["-", "download-failed", "download-resumed"],
    ),
    (
        "Download of package {G} will be resumed in 12 minutes",
        &["-"],
    ),
    ("Force Download is disabled for package {G}", &["-"]),
    (
        "Scheduled integrity check of package {G} passed",
        &["verification-passed"],
    ),
    ("Package refresh skipped, blockout in effect", &["-"]),
    ("Policy {G} refreshed", &["-"]),
    ("Package {G} deleted", &["-"]),
    ("Package {G} download start time: 22:00", &["-"]),
    ("Package {G} download finished? no", &["-"]),
    ("Package {G}: hash of 'a.msi' matches", &["-"]),
    ("Snapshot changed: no, package {G}", &["-"]),
    ("Package {G} unassigned: no", &["-"]),
    ("Package {G} assigned codebase http://ns01/a", &["-"]),
    ("Force download of package {G} ignored", &["-"]),
    ("Package {G}: ForceDownload=true", &["-"]),
    ("Resend status schedule: daily", &["-"]),
    ("Package {G} is ready to download", &["-"]),
    (
        "Starting download of package {G} was prevented by blockout",
        &["-"],
    ),
    ("Client requested download of package {G}", &["-"]),
    ("Package {G} last downloaded 2025-01-01", &["-"]),
    ("Cannot find package {G} on the server", &["-"]),
    (
        r"Alternate location '\\PS01\share' of package {G} not found",
        &["access-denied"],
    ),
    (r"Package {G} deleted by CORP\admin", &["-"]),
    ("Waiting for maintenance window, 871 updates queued", &["-"]),
    ("Next configuration request in 684 minutes", &["-"]),
    (
        "Client configuration received, 353 policies, nothing has changed",
        &["-"],
    ),
    (
        "Error while copying event to capture directory: Access is denied (-2147024891)",
        &["-"],
    ),
    ("Free space on D: 280 GB, limit 5 GB", &["-"]),
    (
        "Publishing base codebase http://BER-PS-02/Altiris/PS",
        &["-"],
    ),
    (
        "HTTP POST /Altiris/NS/Agent/postevent.asp, 454 bytes, status 200",
        &["-"],
    ),
    (
        "CWin32CTServerDirectConnection.OnExecute():  Lost connection.  Waiting 1 minute to retry",
        &["-"],
    ),
    (
        "Creating base virtual directory /lm/w3svc/1/root/Altiris.",
        &["-"],
    ),
    ("Monitor state changed to 3", &["-"]),
    (
        "Detection rule <Registry[21] Version >= 4.1> evaluated: true",
        &["-"],
    ),
    (
        "Window 'Servers Sunday' is closed, opens in 55 minutes",
        &["-"],
    ),
    ("User CORP\\svc_backup logged on, session 4", &["-"]),
];

#[test]
fn words_in_other_company_mean_something_else() {
    let wrong: Vec<String> = TRAPS
        .iter()
        .filter(|(message, allowed)| !allowed.contains(&kind(message)))
        .map(|(message, allowed)| {
            let entry = find(message).map_or("-".into(), |found| found.pattern);
            format!("{allowed:?}: {entry} ({}) took: {message}", kind(message))
        })
        .collect();
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn facts_hold_the_values_of_the_message() {
    let fact = |message: &str| find(message).unwrap_or_else(|| panic!("{message}")).fact;
    assert_eq!(
        fact(
            "{G}: package status has changed, new state: Waiting to retry; old state: Downloading"
        ),
        Fact::StateChanged {
            to: State::Retrying,
            from: Some(State::Downloading)
        }
    );

    for code in ["0x80070005", "-2147024891", "2147942405"] {
        assert_eq!(
            fact(&format!(
                "Error while downloading package: Access is denied ({code})"
            )),
            Fact::DownloadFailed {
                code: Some(0x8007_0005),
                busy: false,
                older: false
            }
        );
    }
    assert_eq!(
        fact(
            "Error while downloading package: Server is busy. Package sources request is backing off (-2147467259)."
        ),
        Fact::DownloadFailed {
            code: Some(0x8000_4005),
            busy: true,
            older: false
        }
    );
    assert_eq!(
        fact(
            "Error while downloading package: The version of the package on the server(1601867730) is older than required(1601954124) (0x80004005)"
        ),
        Fact::DownloadFailed {
            code: Some(0x8000_4005),
            busy: false,
            older: true
        }
    );
    assert_eq!(
        fact(r"Package {G} 'bin\helper.exe': block #3 downloaded, offset 0, size 2097152"),
        Fact::Block {
            number: 3,
            of: None,
            outcome: BlockOutcome::Downloaded,
            file: Some(r"bin\helper.exe".into())
        }
    );
    assert_eq!(
        fact("Package {G}: block 4 of 6 downloaded (readme.txt)"),
        Fact::Block {
            number: 4,
            of: Some(6),
            outcome: BlockOutcome::Downloaded,
            file: Some("readme.txt".into())
        }
    );
    assert_eq!(
        fact("Package {G}: block 7 of 12 failed (0x80072EE2), retry 1"),
        Fact::Block {
            number: 7,
            of: Some(12),
            outcome: BlockOutcome::Failed,
            file: None
        }
    );
    assert_eq!(
        fact(
            "Download of package {G} failed with error 0x80070005 (Access is denied), retrying in 3 minutes"
        ),
        Fact::DownloadFailed {
            code: Some(0x8007_0005),
            busy: false,
            older: false
        }
    );
    assert_eq!(
        fact(r"Package source for {G} changed: \\ns01\a -> \\ns02\a"),
        Fact::PackagePathChanged {
            from: Some(r"\\ns01\a".into()),
            to: r"\\ns02\a".into()
        }
    );
    assert_eq!(
        fact("{G}: download needs 27 blocks of 84"),
        Fact::BlocksNeeded { needed: 27, of: 84 }
    );
    assert_eq!(
        fact("Package {G}: download finished, 30,105,440 bytes in 1 seconds"),
        Fact::DownloadFinished {
            bytes: Some(30_105_440)
        }
    );
    assert_eq!(
        fact(r"{G}: missing file 'E:\Packages\Temp\Deutsch\Tool_Übersetzung.dll'"),
        Fact::FileMissing {
            path: r"E:\Packages\Temp\Deutsch\Tool_Übersetzung.dll".into()
        }
    );
    assert_eq!(
        fact(r"File D:\Pkg Share\My Tool\setup.exe of package {G} not found"),
        Fact::FileMissing {
            path: r"D:\Pkg Share\My Tool\setup.exe".into()
        }
    );
    assert_eq!(
        fact("Package {G} is outdated: local version 1711584737, required version 1730421212"),
        Fact::VersionStated {
            required: Some(1_730_421_212),
            local: Some(1_711_584_737)
        }
    );
    assert_eq!(
        fact(r"Package {G}: location changed from 'D:\Pkg Share\A' to '\\PS01\B C'"),
        Fact::LocationChanged {
            from: Some(r"D:\Pkg Share\A".into()),
            to: r"\\PS01\B C".into()
        }
    );
    assert_eq!(
        fact(r"User CORP\admin.jdoe selected Force Download, package '7-Zip 24.08' {G}"),
        Fact::Operator {
            action: "force download".into(),
            user: Some(r"CORP\admin.jdoe".into())
        }
    );
    assert_eq!(
        fact(r"Resend package status requested by CORP\admin.jdoe"),
        Fact::Operator {
            action: "resend status".into(),
            user: Some(r"CORP\admin.jdoe".into())
        }
    );
    assert_eq!(
        fact("Refresh packages: started (configuration changed)"),
        Fact::RefreshStarted {
            reason: Some("configuration changed".into())
        }
    );
    assert_eq!(
        fact("CPackageServer::RefreshPackages(): begin, trigger=agent start"),
        Fact::RefreshStarted {
            reason: Some("agent start".into())
        }
    );
    assert_eq!(
        fact("Downloading package {G} ... 99.9% complete"),
        Fact::Progress { percent: 99 }
    );
    assert_eq!(
        fact("Resuming download of package {G}, attempt 2"),
        Fact::DownloadResumed { attempt: Some(2) }
    );
    assert_eq!(
        fact("Download of package {G} failed after 7 attempts (0x80042D21), no more retries"),
        Fact::DownloadGivenUp {
            code: Some(0x8004_2D21)
        }
    );
    assert_eq!(
        fact("Snapshot of package {G} is unchanged, version 1664279354"),
        Fact::SnapshotUnchanged {
            version: Some(1_664_279_354)
        }
    );
    assert_eq!(
        fact(r"GetPackageSnapshot: {G} version 5 saved as 'D:\Package Delivery\{G}\snapshot.xml'"),
        Fact::SnapshotReceived { version: Some(5) }
    );
}

#[test]
fn a_network_operation_is_about_the_package_of_its_path() {
    let message = "Operation 'Get File' failed.\r\nProtocol: http\r\nHost: ns01\r\nPath: /Altiris/pkggroup_af48099d-5f26-4747-b2e0-d2a9b83ae60f/a.msi\r\nHttp status: 503\r\nSecure: No\r\nId: {63C720B9-3F1E-4C30-BC37-3A1CDA71636D}\r\nError result: 0x80042D21";
    let found = find(message).unwrap();
    assert_eq!(
        found.fact,
        Fact::NetworkFailed {
            code: Some(0x8004_2D21),
            http: Some(503)
        }
    );
    assert_eq!(
        found.package,
        PackageId::parse("af48099d-5f26-4747-b2e0-d2a9b83ae60f")
    );
    let connect = "Operation 'Connect' failed.\nPath: /\nHttp status: 0\nId: {63C720B9-3F1E-4C30-BC37-3A1CDA71636D}\nError result: 0x80070005";
    let found = find(connect).unwrap();
    assert_eq!(found.package, None);
    assert_eq!(
        found.fact,
        Fact::NetworkFailed {
            code: Some(0x8007_0005),
            http: None
        }
    );
}

#[test]
fn names_come_from_beside_the_guid() {
    for message in [
        "Package 'Java Runtime 17' (9080251F-330C-4FD4-9604-60C31DB08FC0) checked. Status: Ready",
        "User CORP\\a selected Force Download, package “Java Runtime 17” {G}",
    ] {
        assert_eq!(
            find(message).unwrap().name.as_deref(),
            Some("Java Runtime 17")
        );
    }
    assert_eq!(
        find("Status of package {G} changed to 'Ready'")
            .unwrap()
            .name,
        None
    );
}

#[test]
fn user_entries_come_first_and_errors_say_what_would_be_right() {
    let good = "[[message]]\nname = \"mine\"\nkind = \"download-started\"\npattern = '^Fetch of (?<package>\\S+) begins'\nsamples = [\"Fetch of {1EC214B8-E862-44A9-B3A6-27D918D136A2} begins\"]\n";
    let catalogue = Catalogue::with_user(good, "m.toml").unwrap();
    let found = catalogue
        .recognise("Fetch of 1ec214b8-e862-44a9-b3a6-27d918d136a2 begins")
        .unwrap();
    assert_eq!(
        (found.fact, found.wording, &*found.pattern),
        (Fact::DownloadStarted, Wording::User, "mine")
    );
    assert_eq!(found.package, PackageId::parse(GUID));
    for (from, to, wanted) in [
        (
            "download-started",
            "download-begun",
            "m.toml:3: message `mine`: kind `download-begun` is unknown; use one of",
        ),
        (
            "?<package>",
            "?<packet>",
            "m.toml:4: message `mine`: group `packet` is unknown to kind `download-started`; use package, name, attempt",
        ),
        (
            "'^Fetch",
            "'^Fetch (",
            "the pattern is no regular expression",
        ),
        (
            "'^Fetch",
            "'^Fetched",
            "m.toml:5: message `mine`: the pattern does not match the sample",
        ),
        ("samples", "examples", "m.toml:5: unknown field `examples`"),
        (
            "samples = [\"Fetch of {1EC214B8-E862-44A9-B3A6-27D918D136A2} begins\"]",
            "",
            "there is no sample",
        ),
        (
            "\"download-started\"",
            "\"progress\"",
            "gives no fact of kind `progress`",
        ),
        ("name = \"mine\"\n", "", "missing field `name`"),
    ] {
        let error = Catalogue::with_user(&good.replace(from, to), "m.toml")
            .err()
            .unwrap();
        assert!(error.contains(wanted), "{error}");
        assert!(error.starts_with("m.toml:"), "{error}");
    }
    assert!(
        Catalogue::with_user(&format!("{good}{good}"), "m.toml")
            .err()
            .unwrap()
            .contains("stands twice")
    );
}

#[test]
fn every_kind_can_be_taught() {
    for (kind, _, groups) in KINDS {
        let (mut pattern, mut sample) = (String::from("^X (?<package>\\S+)"), format!("X {GUID}"));
        for group in *groups {
            let value = match *group {
                "state" | "old_state" => "Ready",
                "hash" | "path" | "action" | "user" | "reason" => "text",
                _ => "7",
            };
            pattern += &format!(" (?<{group}>\\S+)");
            sample += &format!(" {value}");
        }
        let toml = format!(
            "[[message]]\nname = \"t\"\nkind = \"{kind}\"\npattern = '{pattern}'\nsamples = ['{sample}']\n"
        );
        let found = Catalogue::with_user(&toml, "m")
            .unwrap()
            .recognise(&sample)
            .unwrap();
        if *kind != "download-started" && *kind != "version-changed" {
            assert_eq!(found.fact.kind(), *kind);
        }
    }
}

#[test]
fn templates_group_and_can_be_taught() {
    assert_eq!(
        template(
            r"Package {1EC214B8-E862-44A9-B3A6-27D918D136A2} 'a b' took 5 s (0x80070005) in D:\a b\c.msi"
        ),
        "Package <guid> '<text>' took <n> s (<code>) in <path> b\\c.msi"
            .replace("<path> b\\c.msi", "<path>")
    );
    let messages = MESSAGES
        .iter()
        .flat_map(|message| message.samples.iter().copied())
        .chain(TRAPS.iter().map(|(message, _)| *message))
        .chain([
            "Größe “ä ö” 5\r\nPath: \u{1}x 'it's' {",
            "\"\"\"",
            "ÄÖ 'ÄÖ'Ä X G",
        ]);
    for message in messages {
        let message = message.replace("{G}", GUID);
        let entry = as_entry(&template(&message), &message, 3);
        if let Err(error) = Catalogue::with_user(&entry, "m.toml") {
            panic!("{error}\n{entry}");
        }
    }
}

#[test]
fn any_text_is_survived() {
    let seed = MESSAGES.iter().flat_map(|message| message.samples.iter());
    for sample in seed {
        for cut in (0..sample.len())
            .step_by(3)
            .filter(|cut| sample.is_char_boundary(*cut))
        {
            find(&sample[cut..]);
            find(&sample[..cut]);
        }
    }
}
