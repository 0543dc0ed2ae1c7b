//! Every sentence that a reader sees and that analysis did not make: one place to read, to correct
//! and, one day, to translate.
//!
//! Sentences are built from data and promise no more than the grade allows: what is `likely` is
//! called likely in the sentence itself, not only in a column beside it.

use super::{Health, health, servers};
use crate::model::error_code;
use crate::model::{
    Case, Doubt, Grade, Moment, Outcome, PackageCase, Redownload, Row, Seen, SideBySide, State,
    TimeZoneUsed, Verdict, Window, ZoneBasis,
};
use chrono::{NaiveDateTime, NaiveTime, Timelike};

/// `pkgtrail 0.1.0`.
pub const TOOL: &str = concat!("pkgtrail ", env!("CARGO_PKG_VERSION"));

/// What a verdict is called and what it means.
pub struct VerdictWords {
    /// A short name in plain words, for badges and tables.
    pub plain: &'static str,
    /// The letter inside its mark; each verdict has its own.
    pub letter: char,
    /// A sentence for a package whose every re-download has this verdict.
    pub all: &'static str,
    /// The same, when it is only likely.
    pub probably: &'static str,
    /// What a re-download followed: "2 followed ...".
    pub followed: &'static str,
    /// For the glossary.
    pub meaning: &'static str,
}

/// The words for `verdict`.
pub fn verdict(verdict: Verdict) -> VerdictWords {
    let (letter, plain, all, probably, followed, meaning) = match verdict {
        Verdict::VersionChange => (
            'V',
            "New version",
            "It really changed: a new version came before every re-download.",
            "It probably changed: a new version seems to have come before every re-download.",
            "a new version",
            "The package got a new version between the two downloads. The download was needed.",
        ),
        Verdict::HashChange => (
            'H',
            "Files changed, version did not",
            "It really changed: its files changed under the same version.",
            "It probably changed: its files seem to have changed under the same version.",
            "a change of its files under the same version",
            "The version stayed, but files, sizes or hashes in the snapshot differ: a rebuilt, restored or tampered snapshot, or a source served by another server.",
        ),
        Verdict::PathChange => (
            'P',
            "Path changed",
            "It was moved: its path or its place on the server changed.",
            "It was probably moved: its path or its place on the server seems to have changed.",
            "a change of its path or place",
            "The package's source path, its codebase or its place on the Package Server changed.",
        ),
        Verdict::ExternalRemoval => (
            'E',
            "Files removed from outside",
            "It never changed: its files were removed from outside between two downloads",
            "It probably did not change: its files seem to have been removed from outside between two downloads",
            "a removal of its files from outside",
            "Nothing about the package changed and the earlier download was complete, but its files were gone. The product did not remove them: somebody or something else did, such as a script, a scheduled task, an antivirus or a person.",
        ),
        Verdict::ProductCleanup => (
            'C',
            "Cleaned up by the product",
            "It did not change: the product itself cleaned it up, then it was requested again.",
            "It probably did not change: the product itself seems to have cleaned it up before it was requested again.",
            "the product's own clean-up",
            "The package was marked Deleted, the time it is kept unused had passed, the product removed its files, and later it was assigned or requested again.",
        ),
        Verdict::SiblingCleanup => (
            'S',
            "Cleaned up with another package",
            "It did not change: its files went with the clean-up of another package that shares its folder.",
            "It probably did not change: its files seem to have gone with the clean-up of another package that shares its folder.",
            "the clean-up of another package that shares its folder",
            "Another package that shares the folder was cleaned up, and the files of this one went with it.",
        ),
        Verdict::MetadataRemoval => (
            'M',
            "Metadata removed",
            "It did not change: its metadata was missing, so the server checked the package anew.",
            "It probably did not change: its metadata was missing, so the server checked the package anew.",
            "a removal of its metadata",
            "snapshot.xml or the package's status file was gone, so the Package Server had to check the package anew.",
        ),
        Verdict::InterruptedDownload => (
            'I',
            "Interrupted download",
            "The earlier download had failed and was started again.",
            "The earlier download had probably failed and was started again.",
            "a download that had failed",
            "The earlier download was given up for a reason that is neither rights nor an unavailable source, and was started again.",
        ),
        Verdict::AccessDenied => (
            'A',
            "Access denied",
            "The earlier download had failed on access rights, a share or a path.",
            "The earlier download had probably failed on access rights, a share or a path.",
            "a failure of access rights, a share or a path",
            "The earlier download was given up because access was refused, or because a share, folder or path could not be used.",
        ),
        Verdict::SourceUnavailable => (
            'U',
            "Source unavailable",
            "The earlier download had failed because its source was not available.",
            "The earlier download had probably failed because its source was not available.",
            "a source that was not available",
            "The earlier download was given up because the source was busy, did not answer, or had an older version than required.",
        ),
        Verdict::OperatorAction => (
            'O',
            "Started by an operator",
            "An operator asked for every re-download.",
            "An operator probably asked for every re-download.",
            "an order of an operator",
            "An operator asked for the download: a forced download, an integrity check, a reinstallation.",
        ),
        Verdict::Undetermined => (
            '?',
            "Undetermined",
            "The evidence does not show why.",
            "The evidence does not show why.",
            "no cause that the evidence shows",
            "The evidence does not decide. The report names what would.",
        ),
    };
    VerdictWords {
        plain,
        letter,
        all,
        probably,
        followed,
        meaning,
    }
}

/// A cause that cannot be decided, in one sentence.
pub fn doubt(doubt: &Doubt) -> String {
    format!(
        "Cannot tell whether {}: {}",
        doubt.verdict.name(),
        doubt.text
    )
}

/// What a grade means, in one sentence.
pub fn grade(grade: Grade) -> &'static str {
    match grade {
        Grade::Proven => {
            "The deciding fact was observed in the evidence, and every other cause is ruled out by an observation."
        }
        Grade::Strong => {
            "One part follows from the others and was not itself observed; no other cause fits."
        }
        Grade::Likely => {
            "The signs fit and no other cause fits as well, but an observation that would rule out another cause is lacking."
        }
        Grade::Undetermined => {
            "The evidence does not decide. The missing evidence below names what would."
        }
    }
}

/// Added to a headline that is not proven.
fn caveat(grade: Grade) -> &'static str {
    match grade {
        Grade::Proven | Grade::Undetermined => "",
        Grade::Strong => {
            " The case is strong, not proven: one part of it was inferred, not observed."
        }
        Grade::Likely => {
            " This is likely, not proven: an observation that would rule out another cause is lacking."
        }
    }
}

/// Said beside a verdict that rests on assumed wording.
pub const ASSUMED: &str = "How the product words its messages is not published; some of the cited records were recognised by an assumed pattern. The raw lines are quoted: read them.";

/// The same for the ticket text, once for all its verdicts.
pub const ASSUMED_IN_TEXT: &str = "How the product words its messages is not published; where the table says “assumed wording”, some of the cited records were recognised by an assumed pattern. report.html quotes the raw lines: read them.";

/// The same in one line, under the table of the terminal.
pub const ASSUMED_MARK: &str =
    "* rests on log messages whose wording is assumed; the report quotes them.";

/// Under the picture.
pub const PICTURE: &str = "Each lane is a package. The tables below hold the same facts. Where several states share a pixel, the worst one is drawn.";

/// Captions of tables whose title alone does not explain them.
pub const MISSING_CAPTION: &str = "Ready, but files missing: a listing lacks files of the snapshot";
pub const FILES_CAPTION: &str = "Files, with their SHA-256 so that each can be checked. The bar shows what each covers of the whole period, its gaps left open. Matched: records whose wording is known. Unmatched: records about packages whose wording is not.";
pub const PROBLEMS_CAPTION: &str = "What could not be used, and what that costs the case";

/// Over the records next to a cited one.
pub const AROUND: &str = "The records around it: those about packages, and errors";

/// Over two snapshots side by side.
pub const SIDES_CAPTION: &str =
    "The nearest snapshots before and after, side by side, with the files that differ";

/// What the table of two snapshots does not show.
pub fn rest_of_snapshots(both: &SideBySide) -> String {
    let more = match both.more_files {
        0 => String::new(),
        1 => "1 file more differs; `pkgtrail snapshots` lists it. ".to_owned(),
        many => format!("{many} files more differ; `pkgtrail snapshots` lists them all. "),
    };
    let compared = match (both.same_files, both.compared_hashes) {
        (1, true) => "name, size and hash.",
        (1, false) => "name and size; not every file has a hash.",
        (_, true) => "names, sizes and hashes.",
        (_, false) => "names and sizes; not every file has a hash.",
    };
    match both.same_files {
        0 => format!("{more}No file is the same on both sides."),
        1 => format!("{more}1 file is the same on both sides: {compared}"),
        many => format!("{more}{many} files are the same on both sides: {compared}"),
    }
}

/// What a file covers, for readers who do not see the bar.
pub fn covers(from: &Moment, to: &Moment, gaps: usize) -> String {
    let with = match gaps {
        0 => "without a gap".to_owned(),
        some => format!("with {}", count(some, "gap")),
    };
    format!("covers {} to {}, {with}", minute(from), minute(to))
}

/// The last line of the page.
pub const FOOTER: &str = "Made from the listed evidence alone: the same evidence gives the same report. The page loads nothing and sends nothing.";

/// The last line of the ticket text.
pub const WHERE_THE_PROOF_IS: &str =
    "The whole proof, with raw lines and file hashes, is in report.html.";

/// How to read the report: one paragraph each.
pub const HOW_TO_READ: [&str; 5] = [
    "A re-download is a download that starts after the package had been Ready, after an earlier download had completed, or after one had been given up. The retries of one unfinished download are its attempts, not re-downloads.",
    "The verdict names what started the re-download; the grade says how well the evidence carries it. Reasons and ruled-out causes cite the evidence as file:line, and the raw line stands below. Lines count from 1; ! leads into an archive.",
    "A removal window begins when the files were last seen and ends when they were first seen missing. The state Ready is no sighting: the server keeps saying Ready until it next looks.",
    "What the evidence does not cover stays open. A missing file or a gap in a log is never taken for proof that nothing happened.",
    error_code::SOURCES,
];

/// Above the table of what is missing.
pub const HOW_TO_COLLECT: &str = "The commands are for PowerShell, opened as administrator on the Package Server. They depend on no language of Windows and write to C:\\pkgtrail. A command that copies for days needs a window of its own. At the end collect that folder and run pkgtrail on it together with the evidence of today. Words in CAPITALS are to be replaced.";

/// A package's name for people: the name, else its id.
pub fn title(package: &PackageCase) -> String {
    match package.name.as_deref().map(str::trim) {
        Some(name) if !name.is_empty() => name.to_owned(),
        _ => package.id.to_string(),
    }
}

/// `7 downloads`, `1 download`.
pub fn count(number: usize, one: &str) -> String {
    let plural = match one.strip_suffix('y') {
        Some(stem) => format!("{stem}ies"),
        None => format!("{one}s"),
    };
    format!("{number} {}", if number == 1 { one } else { &plural })
}

/// `2026-11-03 02:40`.
pub fn minute(at: &Moment) -> String {
    at.local().format("%Y-%m-%d %H:%M").to_string()
}

/// `2026-11-03 02:40:00`, for prose beside a line that states the zone.
pub fn second(at: &Moment) -> String {
    at.said()
}

/// The full time for tables: `2026-11-03 02:40:00+01:00`.
pub fn full(at: &Moment) -> String {
    at.shown().replacen('T', " ", 1)
}

/// The full time, or a dash.
pub fn full_or_dash(at: Option<&Moment>) -> String {
    at.map_or_else(|| "–".to_owned(), full)
}

/// `between 2026-11-03 01:55 and 02:40`.
pub fn window(window: &Window) -> String {
    let (after, before) = (window.after.local(), window.before.local());
    let end = if after.date() == before.date() {
        before.format("%H:%M").to_string()
    } else {
        before.format("%Y-%m-%d %H:%M").to_string()
    };
    format!("between {} and {end}", after.format("%Y-%m-%d %H:%M"))
}

/// What was seen beside the states: `12 of 12 files missing in a listing`.
pub fn seen(seen: Seen, records: u32) -> String {
    let with = |what: &str, version: Option<i64>| match version {
        Some(version) => format!("{what}, version {version}"),
        None => what.to_owned(),
    };
    let text = match seen {
        Seen::SnapshotCaptured { version } => with("snapshot captured", version),
        Seen::SnapshotReceived { version } => with("snapshot received", version),
        Seen::SnapshotChanged { version } => with("snapshot changed on the server", version),
        Seen::SnapshotUnchanged { version } => with("snapshot unchanged", version),
        Seen::SnapshotMissing => "snapshot.xml missing".to_owned(),
        Seen::Listed { missing: 0, listed } => {
            format!(
                "folder listed, all of {} there",
                count(listed as usize, "file")
            )
        }
        Seen::Listed { missing, listed } => {
            format!(
                "folder listed, {missing} of {} missing",
                count(listed as usize, "file")
            )
        }
        Seen::FilesThere => "files seen".to_owned(),
        Seen::FilesMissing => "files missing".to_owned(),
        Seen::StatusCaptured { state: Some(state) } => {
            format!("status file captured: {}", state.name())
        }
        Seen::StatusCaptured { state: None } => "status file captured".to_owned(),
        Seen::StatusMissing => "status file missing".to_owned(),
        Seen::Failed { code: Some(code) } => format!("error {}", error_code::told(code)),
        Seen::Failed { code: None } => "error".to_owned(),
    };
    match records {
        0 | 1 => text,
        many => format!("{text} ({many} records)"),
    }
}

/// The name of a sub-lane.
pub fn row(row: Row) -> &'static str {
    match row {
        Row::Snapshot => "Snapshots",
        Row::Disk => "Files on disk",
        Row::Status => "Status file",
        Row::Error => "Errors",
    }
}

/// `+01:00`.
pub fn offset(minutes: i16) -> String {
    let sign = if minutes < 0 { '-' } else { '+' };
    let minutes = minutes.unsigned_abs();
    format!("{sign}{:02}:{:02}", minutes / 60, minutes % 60)
}

/// The zone of the times and how it is known.
pub fn zone(zone: &TimeZoneUsed) -> String {
    let how = match zone.basis {
        ZoneBasis::Stated => "stated in the evidence",
        ZoneBasis::EventLog => "from the event log",
        ZoneBasis::Registry => "from the registry",
        ZoneBasis::Option => "given by the option --timezone",
        ZoneBasis::Unknown => {
            return "unknown; times are the server's own clock, without a zone".to_owned();
        }
    };
    match (&zone.name, zone.offset) {
        (Some(name), Some(minutes)) => format!("{name}, UTC{} ({how})", offset(minutes)),
        (Some(name), None) => format!("{name} ({how})"),
        (None, Some(minutes)) => format!("UTC{} ({how})", offset(minutes)),
        (None, None) => how.to_owned(),
    }
}

/// `2026-10-28 01:00 to 2026-11-05 23:59`.
pub fn period(case: &Case) -> String {
    match &case.period {
        Some((from, to)) => {
            let narrowed = narrowed(case).map_or(String::new(), |text| format!(" ({text})"));
            format!("{} to {}{narrowed}", minute(from), minute(to))
        }
        None => "no time in the evidence".to_owned(),
    }
}

/// What the options left out of the report.
pub fn narrowed(case: &Case) -> Option<String> {
    let words = case.narrowed.as_deref()?;
    Some(format!("the report is narrowed: {words}"))
}

/// `PS01`, `PS01, PS02` or `3 servers`.
pub fn server_list(case: &Case) -> String {
    let names = servers(case);
    match names.len() {
        0 => "server not named in the evidence".to_owned(),
        1..=4 => names.join(", "),
        more => format!("{more} servers"),
    }
}

/// The title of the report.
pub fn report_title(case: &Case) -> String {
    match servers(case).len() {
        0 => "Why packages were downloaded again".to_owned(),
        _ => format!(
            "Why packages were downloaded again on {}",
            server_list(case)
        ),
    }
}

/// A package's name, with its server where the case has several.
pub fn full_title(case: &Case, package: &PackageCase) -> String {
    let name = title(package);
    match package.server.as_deref() {
        Some(server) if servers(case).len() > 1 => format!("{name} on {server}"),
        _ => name,
    }
}

/// The answer about one sick package: how often, over how long, why.
pub fn headline(case: &Case, package: &PackageCase) -> String {
    let name = full_title(case, package);
    // Where the first download lies before the evidence, all that are in it came again.
    let again = if package.downloads.len() == package.redownloads.len() {
        "again "
    } else {
        ""
    };
    let finished = package
        .downloads
        .iter()
        .filter(|one| one.completed.is_some());
    let unfinished = package.downloads.len() - finished.count();
    let mut text = match package.downloads.len() {
        all if unfinished > 0 => {
            let times = match all {
                1 => String::new(),
                many => format!(" {}", often(many)),
            };
            let again = again.trim_end();
            let gap = if again.is_empty() { "" } else { " " };
            format!(
                "{name}: its download was started{gap}{again}{times}{} and {}.",
                over(package),
                completed(package, all - unfinished)
            )
        }
        0 if package.redownloads.is_empty() => name,
        0 => format!("{name} was downloaded again."),
        1 if !again.is_empty() => format!("{name} was downloaded again{}.", over(package)),
        1 => format!("{name} was downloaded once{}.", over(package)),
        2 => format!("{name} was downloaded {again}twice{}.", over(package)),
        many => format!(
            "{name} was downloaded {again}{many} times{}.",
            over(package)
        ),
    };
    if !package.redownloads.is_empty() {
        text = format!("{text} {}", causes(package));
    }
    if let Some(first) = package.missing_while_ready.first() {
        let said = match package.missing_while_ready.len() {
            1 if first.files_listed == 1 => {
                format!("at {}, its only file was missing.", minute(&first.at))
            }
            1 => format!(
                "at {}, {} of its {} {} missing.",
                minute(&first.at),
                first.files_missing,
                count(first.files_listed as usize, "file"),
                if first.files_missing == 1 {
                    "was"
                } else {
                    "were"
                }
            ),
            times => format!(
                "{} found files missing, first at {} ({} of {}).",
                count(times, "listing"),
                minute(&first.at),
                first.files_missing,
                first.files_listed
            ),
        };
        text += if package.downloads.is_empty() && package.redownloads.is_empty() {
            " was"
        } else {
            " It was"
        };
        text += &format!(" called Ready, but {said}");
    }
    text
}

/// `once`, `twice`, `3 times`.
fn often(times: usize) -> String {
    match times {
        1 => "once".to_owned(),
        2 => "twice".to_owned(),
        many => format!("{many} times"),
    }
}

/// How often a download that was started came to its end, no better than the evidence knows.
fn completed(package: &PackageCase, times: usize) -> String {
    let known = package
        .downloads
        .iter()
        .all(|one| one.completed.is_some() || one.given_up);
    match (times, known) {
        (0, true) => "never completed".to_owned(),
        (0, false) => "is not known to have completed".to_owned(),
        (some, true) => format!("completed {}", often(some)),
        (some, false) => format!("is known to have completed {}", often(some)),
    }
}

/// ` in 9 days`, by the calendar of the server, both ends counted.
fn over(package: &PackageCase) -> String {
    let starts = package.downloads.iter().map(|one| one.started);
    let (Some(first), Some(last)) = (starts.clone().min(), starts.max()) else {
        return String::new();
    };
    let (first, last) = (first.local().date(), last.local().date());
    let days = (last - first).num_days() + 1;
    if days <= 1 {
        format!(" on {first}")
    } else {
        format!(" in {days} days")
    }
}

/// The verdicts with their counts, the most frequent first, else in the order of the contract.
pub fn tally(redownloads: &[Redownload]) -> Vec<(Verdict, usize)> {
    let mut counted: Vec<(Verdict, usize)> = Verdict::ALL
        .into_iter()
        .map(|verdict| {
            let count = redownloads.iter().filter(|one| one.verdict == verdict);
            (verdict, count.count())
        })
        .filter(|(_, count)| *count > 0)
        .collect();
    counted.sort_by_key(|(_, count)| std::cmp::Reverse(*count));
    counted
}

/// The weakest grade among `redownloads` with this verdict.
pub fn weakest(redownloads: &[Redownload], verdict: Verdict) -> Grade {
    redownloads
        .iter()
        .filter(|one| one.verdict == verdict)
        .map(|one| one.grade)
        .min()
        .unwrap_or(Grade::Undetermined)
}

fn causes(package: &PackageCase) -> String {
    let verdicts = tally(&package.redownloads);
    if let [(only, times)] = verdicts.as_slice() {
        let words = verdict(*only);
        let grade = weakest(&package.redownloads, *only);
        let said = if grade <= Grade::Likely {
            words.probably
        } else {
            words.all
        };
        let said = if *times == 1 {
            said.replace("every re-download", "the re-download")
        } else {
            said.to_owned()
        };
        let said = match (only, package.redownloads.as_slice()) {
            (Verdict::PathChange, [one]) if grade > Grade::Likely => moved(one).unwrap_or(said),
            (
                Verdict::InterruptedDownload | Verdict::AccessDenied | Verdict::SourceUnavailable,
                all,
            ) => given_up(all, grade).unwrap_or(said),
            (Verdict::MetadataRemoval, all) => {
                said.replace("its metadata was missing", &metadata(all))
            }
            (Verdict::OperatorAction, all) => asked_by(all, said),
            (Verdict::SiblingCleanup, all) => cleaned_with(all, said),
            (Verdict::ExternalRemoval, _) if only_some(package) => {
                said.replace("its files", "some of its files")
            }
            _ => said,
        };
        let when = match only {
            Verdict::ExternalRemoval => format!("{}.", clock_times(&package.redownloads)),
            _ => String::new(),
        };
        return format!("{said}{when}{}{}", caveat(grade), lacking(package, *only));
    }
    let mut text = format!("Of its {} re-downloads, ", package.redownloads.len());
    for (place, (one, times)) in verdicts.iter().enumerate() {
        if place > 0 {
            text += if place + 1 == verdicts.len() {
                " and "
            } else {
                ", "
            };
        }
        let grade = weakest(&package.redownloads, *one);
        text += &if *one == Verdict::Undetermined {
            format!("{times} could not be explained")
        } else {
            let probably = if grade <= Grade::Likely {
                "probably "
            } else {
                ""
            };
            let name = grade.name();
            let mut followed = verdict(*one).followed.to_owned();
            if *one == Verdict::ExternalRemoval && only_some(package) {
                followed = followed.replace("its files", "some of its files");
            }
            format!("{times} {probably}followed {followed} ({name})")
        };
    }
    text + "."
}

/// Why the downloads before were given up, in the words of the analysis.
fn given_up(all: &[Redownload], grade: Grade) -> Option<String> {
    let mut causes: Vec<&str> = Vec::new();
    for one in all {
        let (_, cause) = one.summary.split_once(" because of ")?;
        let cause = cause.split(": ").next().unwrap_or(cause);
        let cause = cause.trim_end_matches('.');
        if !causes.contains(&cause) {
            causes.push(cause);
        }
    }
    let who = match all.len() {
        1 => "The earlier download",
        _ => "Each time the earlier download",
    };
    let probably = if grade <= Grade::Likely {
        "probably "
    } else {
        ""
    };
    Some(format!(
        "{who} had {probably}been given up because of {}.",
        causes.join(" or ")
    ))
}

/// Which metadata was missing, in the order in which it was.
fn metadata(all: &[Redownload]) -> String {
    let mut files: Vec<&str> = Vec::new();
    for one in all {
        for file in ["snapshot.xml", "PackageStatus.xml"] {
            if one.summary.contains(file) && !files.contains(&file) {
                files.push(file);
            }
        }
    }
    match files.as_slice() {
        [one] => format!("its {one} was missing"),
        [first, later] => format!("first its {first} was missing, later its {later}"),
        _ => "its metadata was missing".to_owned(),
    }
}

/// Who asked for the re-downloads, as far as records name somebody.
fn asked_by(all: &[Redownload], said: String) -> String {
    let mut names: Vec<&str> = all.iter().filter_map(|one| one.actor.as_deref()).collect();
    let named = names.len();
    names.sort_unstable();
    names.dedup();
    let who = match names.as_slice() {
        [] => return said,
        [first @ .., last] if !first.is_empty() => format!("{} and {last}", first.join(", ")),
        [only, ..] => (*only).to_owned(),
    };
    let more = if named < all.len() {
        ", and somebody whom no record names"
    } else {
        ""
    };
    format!("{} By the records it was {who}{more}.", said)
}

/// Which other package was cleaned up, where it is one and the analysis names it.
fn cleaned_with(all: &[Redownload], said: String) -> String {
    let mut names = all.iter().map(|one| {
        let rest = one.summary.strip_prefix("The clean-up of ")?;
        Some(rest.split_once(", which shares its folder")?.0)
    });
    let first = names.next().flatten();
    match first.filter(|first| names.all(|other| other == Some(*first))) {
        Some(name) => said.replace(
            "another package that shares its folder",
            &format!("{name}, which shares its folder"),
        ),
        None => said,
    }
}

/// What moved, in the words of the analysis.
fn moved(one: &Redownload) -> Option<String> {
    let what = one.summary.strip_prefix("The ")?;
    Some(format!("It was moved: the {what}"))
}

/// Whether only a part of the files went: each removal is told so, or every listing found a part of
/// the files only and no reason says that all were gone.
fn only_some(package: &PackageCase) -> bool {
    let removals = || {
        let all = package.redownloads.iter();
        all.filter(|one| one.verdict == Verdict::ExternalRemoval)
    };
    // Where every removal is told to be of some files, no listing has to say so.
    let told = |one: &Redownload| one.summary.contains("some of its files");
    if removals().next().is_some() && removals().all(told) {
        return true;
    }
    let missing = &package.missing_while_ready;
    let mut said = package.redownloads.iter().flat_map(|one| {
        let reasons = one.reasons.iter().map(|reason| reason.text.as_str());
        reasons.chain([one.summary.as_str()])
    });
    !missing.is_empty()
        && missing
            .iter()
            .all(|one| one.files_missing < one.files_listed)
        && !said.any(says_all)
}

/// Whether a sentence counts as many files as there are (`12 of the 12`), or says `all` or `none`.
fn says_all(text: &str) -> bool {
    let words: Vec<&str> = text
        .split(|one: char| !one.is_alphanumeric())
        .filter(|word| !word.is_empty() && !word.eq_ignore_ascii_case("the"))
        .collect();
    let number = |word: &str| word.parse::<u64>().ok();
    let counted = words.windows(3).any(|three| {
        three[1] == "of" && number(three[0]).is_some() && number(three[0]) == number(three[2])
    });
    let whole = ["all", "none", "empty", "whole", "every"];
    counted
        || words
            .iter()
            .any(|word| whole.iter().any(|one| word.eq_ignore_ascii_case(one)))
}

/// What would decide an undetermined case, if the analysis names it.
fn lacking(package: &PackageCase, only: Verdict) -> String {
    if only != Verdict::Undetermined {
        return String::new();
    }
    let first = package
        .redownloads
        .iter()
        .find_map(|one| one.missing_evidence.first());
    first.map_or_else(String::new, |one| {
        format!(" What would decide: {}.", one.what.trim_end_matches('.'))
    })
}

/// `, each time between 01:55 and 02:40`: the hours of the removal windows, as far as they agree.
fn clock_times(redownloads: &[Redownload]) -> String {
    let windows: Vec<(NaiveDateTime, NaiveDateTime)> = redownloads
        .iter()
        .filter_map(|one| one.window)
        .map(|one| (one.after.local(), one.before.local()))
        .collect();
    let [first, rest @ ..] = windows.as_slice() else {
        return String::new();
    };
    if rest.is_empty() && redownloads.len() == 1 {
        return redownloads
            .iter()
            .find_map(|one| one.window)
            .map_or_else(String::new, |one| format!(", some time {}", window(&one)));
    }
    // Midnight may lie inside the windows, so days are cut at midnight or at noon, whichever
    // gives the narrower answer.
    let best = [0, 12]
        .into_iter()
        .map(|hour| common_hours(first, rest, hour))
        .min_by_key(|(from, to)| to - from);
    let Some((from, to)) = best.filter(|(from, to)| to - from < 24 * 60 && from <= to) else {
        return String::new();
    };
    let how_often = if windows.len() == redownloads.len() {
        ", each time".to_owned()
    } else {
        format!(", {} of {} times", windows.len(), redownloads.len())
    };
    let clock = |minutes: i64| {
        format!(
            "{:02}:{:02}",
            minutes.rem_euclid(1440) / 60,
            minutes.rem_euclid(60)
        )
    };
    let next_day = if to.div_euclid(1440) > from.div_euclid(1440) {
        " the next day"
    } else {
        ""
    };
    format!(
        "{how_often} between {} and {}{next_day}",
        clock(from),
        clock(to)
    )
}

/// The smallest stretch of the day, in minutes after midnight, that holds all windows when the
/// day begins at `hour`.
fn common_hours(
    first: &(NaiveDateTime, NaiveDateTime),
    rest: &[(NaiveDateTime, NaiveDateTime)],
    hour: i64,
) -> (i64, i64) {
    let span = |(after, before): &(NaiveDateTime, NaiveDateTime)| {
        let time = after.time().num_seconds_from_midnight();
        let mut from = i64::from(time) / 60;
        if from < hour * 60 {
            from += 1440;
        }
        // The first window's end is cut to the minute, as it is printed.
        let midnight = after.date().and_time(NaiveTime::MIN);
        let shift = from - i64::from(time) / 60;
        (from, (*before - midnight).num_minutes() + shift)
    };
    rest.iter()
        .map(span)
        .fold(span(first), |all, one| (all.0.min(one.0), all.1.max(one.1)))
}

/// The sentence about the packages that are not sick.
pub fn others(case: &Case) -> Option<String> {
    let of = |wanted: Health| {
        case.packages
            .iter()
            .filter(|package| health(package) == wanted)
            .count()
    };
    let (sick, healthy, unfinished) = (
        of(Health::Sick),
        of(Health::Healthy),
        of(Health::Unfinished),
    );
    // A package on two servers stands twice, and each of its copies fares for itself.
    let mut ids: Vec<_> = case.packages.iter().map(|one| one.id).collect();
    ids.sort_unstable();
    ids.dedup();
    let (one, several) = if ids.len() == case.packages.len() {
        ("package", "packages")
    } else {
        (
            "copy of a package",
            "copies of packages (each server's counts)",
        )
    };
    let fine = "healthy: never downloaded again, no file seen missing.";
    let mut text = match (healthy, sick) {
        (0, _) => String::new(),
        (1, 0) if unfinished == 0 => format!("The one {one} is {fine}"),
        (1, 0) => format!("1 {one} is {fine}"),
        (1, _) => format!("1 other {one} is {fine}"),
        (many, 0) if unfinished == 0 => format!("All {many} {several} are {fine}"),
        (many, 0) => format!("{many} {several} are {fine}"),
        (many, _) => format!("{many} other {several} are {fine}"),
    };
    if unfinished > 0 {
        if !text.is_empty() {
            text += " ";
        }
        text += &format!(
            "{} never downloaded again, but not known to be Ready at the end ({}).",
            if unfinished == 1 {
                "1 package was".to_owned()
            } else {
                format!("{unfinished} packages were")
            },
            unfinished_states(case)
        );
    }
    (!text.is_empty()).then_some(text)
}

/// The names of those packages, at most three, each with its last state.
fn unfinished_states(case: &Case) -> String {
    let mut all = case
        .packages
        .iter()
        .filter(|one| health(one) == Health::Unfinished);
    let named: Vec<String> = all
        .by_ref()
        .take(3)
        .map(|one| format!("{}: {}", title(one), one.state.name()))
        .collect();
    let more = all.count();
    let rest = if more > 0 {
        format!("; {more} more")
    } else {
        String::new()
    };
    format!("{}{rest}", named.join("; "))
}

/// Said when there is nothing at all to report.
pub const NO_PACKAGE: &str = "The evidence names no package.";

/// The sentence about the problems.
pub fn problems(case: &Case) -> String {
    let lost = case.problems.iter().filter(|one| one.lost).count();
    match (case.problems.len(), lost) {
        (0, _) => "No problems in the evidence.".to_owned(),
        (all, 0) => format!(
            "{} in the evidence; none lost evidence.",
            count(all, "problem")
        ),
        (all, lost) => format!(
            "{} in the evidence; {lost} lost evidence.",
            count(all, "problem")
        ),
    }
}

/// How an attempt ended.
pub fn outcome(outcome: Outcome) -> String {
    match outcome {
        Outcome::Completed => "completed".to_owned(),
        Outcome::Failed(None) => "failed".to_owned(),
        Outcome::Failed(Some(code)) => format!("failed with {}", error_code::told(code)),
        Outcome::Open => "not in the evidence".to_owned(),
    }
}

/// What a state means, for the glossary.
pub fn state(state: State) -> &'static str {
    match state {
        State::Unknown => "nothing known, or a gap in the log",
        State::Assigned => "assigned to the server, not yet pending",
        State::Pending => "waiting for its download",
        State::Downloading => "being downloaded",
        State::Ready => "complete by the server's own word; it may be stale",
        State::Retrying => "a failed download waits for its next attempt",
        State::Invalid => "given up, or found broken",
        State::NotReady => "given up until the next refresh",
        State::Deleted => "no longer assigned; the product removes it later",
    }
}

// --- The other forms: workbook, Timesketch, trace ---

/// Words of `report.xlsx`. In headings `{zone}` stands for [`sheets::zone`].
pub mod sheets {
    use super::{count, full, offset};
    use crate::model::{MissingWhileReady, Moment, TimeZoneUsed};

    /// Headings with the widths of their columns in characters.
    pub const VERDICTS: &[(&str, u16)] = &[
        ("Package", 34),
        ("Package id", 38),
        ("Server", 14),
        ("Started ({zone})", 24),
        ("Completed ({zone})", 24),
        ("Completed before ({zone})", 24),
        ("Verdict", 21),
        ("Grade", 14),
        ("What happened", 60),
        ("Files last seen ({zone})", 24),
        ("First seen missing ({zone})", 24),
        ("Actor", 24),
        ("Sources", 50),
        ("Reasons", 60),
        ("Ruled out", 60),
        ("Missing evidence", 60),
    ];
    pub const TIMELINE: &[(&str, u16)] = &[
        ("Time ({zone})", 24),
        ("Time, end ({zone})", 24),
        ("Time (UTC)", 24),
        ("Server", 14),
        ("Package id", 38),
        ("Package", 30),
        ("Kind", 20),
        ("State", 18),
        ("Version", 14),
        ("Path", 40),
        ("Code", 12),
        ("Severity", 10),
        ("Component", 22),
        ("Process", 24),
        ("Thread", 9),
        ("Tick", 12),
        ("Message", 90),
        ("Sources", 40),
        ("Pattern", 24),
        ("Wording", 12),
    ];
    pub const EVIDENCE: &[(&str, u16)] = &[
        ("Path", 60),
        ("Kind", 16),
        ("SHA-256", 66),
        ("Bytes", 12),
        ("Records", 10),
        ("Wording known", 14),
        ("Wording unknown", 16),
        ("From ({zone})", 24),
        ("To ({zone})", 24),
        ("Gaps", 60),
    ];
    pub const PROBLEMS: &[(&str, u16)] =
        &[("Where", 60), ("What", 70), ("Cost", 60), ("Evidence", 10)];
    /// The column `Evidence` of a problem.
    pub const LOST: &str = "lost";
    pub const NOTED: &str = "not lost";
    /// In place of a verdict, where a listing lacks files of a package that was Ready.
    pub const MISSING: &str = "missing while Ready";
    pub const CUT_COST: &str = "none: timeline.csv and verdicts.json hold the whole text";
    pub const NARROWED_COST: &str = "the sheet of verdicts lacks what was left out";
    pub const NO_TEMPORARY_FILE: &str = "the workbook's temporary file cannot be written; is there room in the folder for temporary files?";

    /// Which clock the times of a sheet show.
    pub fn zone(zone: &TimeZoneUsed) -> String {
        let name = match (&zone.name, zone.offset) {
            (Some(name), _) => name.clone(),
            (None, Some(minutes)) => format!("UTC{}", offset(minutes)),
            (None, None) => "unknown zone".to_owned(),
        };
        format!("server's clock, {name}")
    }

    /// `12 of 12 files missing`.
    pub fn missing(one: &MissingWhileReady) -> String {
        let files = count(one.files_listed as usize, "file");
        format!("{} of {files} missing in a listing", one.files_missing)
    }

    /// A stretch that a log does not cover.
    pub fn gap(from: &Moment, to: &Moment) -> String {
        format!("{} to {}", full(from), full(to))
    }

    /// At the end of a text that a cell cannot hold.
    pub fn cut_mark(units: usize) -> String {
        format!("… [cut: {units} characters]")
    }

    /// The same, in the list of problems.
    pub fn cut(units: usize, most: usize) -> String {
        format!("a text of {units} characters is cut: a cell holds {most}")
    }
}

/// Lines under the table of the terminal.
pub mod terminal {
    use super::count;

    pub fn more(sick: usize) -> String {
        format!("{} more are in the report.", count(sick, "sick package"))
    }

    pub fn noticed(findings: usize) -> String {
        let findings = count(findings, "finding");
        format!("Also noticed: {findings}; see the report.")
    }

    pub fn narrowed(how: &str) -> String {
        format!("Note: {how}.")
    }

    pub fn zone(zone: &str) -> String {
        format!("Time zone: {zone}")
    }

    pub fn report(page: &str) -> String {
        format!("Report: {page}")
    }
}

/// Words of the bar that is shown while evidence is read.
pub mod progress {
    /// In place of the file's name when all is read.
    pub const READ: &str = "all read, working";
}

/// Words of `timesketch.jsonl`.
pub mod sketch {
    use super::count;
    use crate::model::{MissingWhileReady, PackageCase, Redownload};

    /// What a time means, by what tells it.
    pub const LOGGED: &str = "Record Logged";
    pub const CAPTURED: &str = "Evidence Captured";
    pub const STARTED: &str = "Re-download Started";
    /// Said of each line, for the field `datetime` needs an offset.
    pub const ZONE_KNOWN: &str = "known";
    pub const ZONE_UNKNOWN: &str =
        "unknown: datetime is the server's own clock, written as if it were UTC";

    /// The line of a verdict.
    pub fn verdict(package: &PackageCase, one: &Redownload) -> String {
        format!(
            "{} ({}): {}: {}",
            one.verdict.name(),
            one.grade.name(),
            super::title(package),
            one.summary
        )
    }

    /// The line of a listing that lacks files.
    pub fn missing(package: &PackageCase, one: &MissingWhileReady) -> String {
        format!(
            "missing while Ready: {}: {} of {} missing in a listing",
            super::title(package),
            one.files_missing,
            count(one.files_listed as usize, "file")
        )
    }
}

/// Words of `trace.json`.
pub mod trace {
    use crate::model::{Row, Verdict};

    /// What the tracks of a package show.
    pub const STATES: &str = "states";
    pub const DOWNLOADS: &str = "downloads";
    pub const WINDOWS: &str = "removal windows";
    pub const SEEN: &str = "what was seen";
    pub const NO_SERVER: &str = "server not named in the evidence";
    /// Where the evidence tells no end.
    pub const NO_END: &str = "not in the evidence; drawn up to what comes next";

    /// A track of a package; further ones are numbered, because spans of one track must nest.
    pub fn track(package: &str, what: &str, lane: usize) -> String {
        match lane {
            0 => format!("{package}: {what}"),
            more => format!("{package}: {what} ({})", more + 1),
        }
    }

    pub fn download(number: usize, again: Option<Verdict>) -> String {
        match again {
            Some(verdict) => format!("download {number}: {}", verdict.name()),
            None => format!("download {number}"),
        }
    }

    pub fn attempt(number: usize, outcome: &str) -> String {
        format!("attempt {number}: {outcome}")
    }

    pub fn window(verdict: Verdict) -> String {
        format!("removal window: {}", verdict.name())
    }

    /// The category of what was seen, by its sub-lane.
    pub fn category(row: Row) -> &'static str {
        match row {
            Row::Snapshot => "snapshot",
            Row::Disk => "disk",
            Row::Status => "status",
            Row::Error => "error",
        }
    }
}

// Charts.

/// Over the table beside a chart.
pub const CHART_NUMBERS: &str = "The numbers";

/// Under the title of a chart: how to read it. The pictures are drawn on white.
pub const CHART_DOWNLOADS_READING: &str = "Each field is the number of downloads of one package that started then, the first one included; the darker, the more.";
pub const CHART_CYCLE: &str = "The cycle: from complete to the next start";
pub const CHART_CYCLE_READING: &str = "Each dot is one re-download: how long after the completion of the download before it started; the bar stands at the median. Dots at one place mean a fixed interval, such as that of a scheduled job.";
pub const CHART_CYCLE_AXIS: &str =
    "time from complete to the next start, the scale grows by factors";
pub const CHART_HOURS: &str = "Hours of the day in which files were removed";
pub const CHART_HOURS_AXIS: &str = "hour of the day, by the server's clock";
pub const CHART_VAIN_READING: &str = "Bytes of re-downloads of packages that had not changed: all verdicts but new version, changed files, changed path, an operator's order and undetermined.";
pub const CHART_VAIN_TOLD: &str = "by the bytes or blocks that the log states";
pub const CHART_VAIN_AT_MOST: &str =
    "at most: the log states neither, so the whole package is counted";
pub const CHART_FILES: &str = "Files that differ around each re-download";
pub const CHART_FILES_READING: &str = "Each column is a re-download, each row a file: what the snapshot after it has otherwise than the one before it. No sign means no difference, or no snapshots to compare.";
/// The row of what listings lack; they say how many, not which.
pub const CHART_FILES_MISSING: &str = "(files missing in a listing)";
/// Added, gone, changed, missing.
pub const CHART_FILES_LEGEND: [&str; 4] = [
    "+ new",
    "− gone",
    "≠ changed",
    "number of files that a listing before the re-download lacks",
];
pub const CHART_ERRORS: &str = "Errors by code";
pub const CHART_ERRORS_READING: &str = "Each bar is the number of records about packages that report this error. What a code means is that of public lists; a code that none of them names stands alone.";
/// An error whose record gives no code.
pub const NO_CODE: &str = "without a code";

/// `Downloads per day and package`.
pub fn chart_downloads(unit: &str) -> String {
    format!("Downloads per {unit} and package")
}

/// `Bytes downloaded in vain per day`.
pub fn chart_vain(unit: &str) -> String {
    format!("Bytes downloaded in vain per {unit}")
}

/// `and 3 packages more`.
pub fn more(number: usize, one: &str) -> String {
    format!("and {} more", count(number, one))
}

/// `3 packages more are not shown`.
pub fn left_out(number: usize, one: &str) -> String {
    let are = if number == 1 { "is" } else { "are" };
    format!("{} more {are} not shown", count(number, one))
}

/// Years for which there is no room.
pub fn years_left_out(number: usize) -> Option<String> {
    (number > 0).then(|| format!("{} before these are not shown", count(number, "year")))
}

/// Re-downloads for which there is no room.
pub fn earlier_left_out(number: usize) -> String {
    let are = if number == 1 { "is" } else { "are" };
    format!(
        "{} before these {are} not shown",
        count(number, "re-download")
    )
}

/// Re-downloads of which no cycle is known.
pub fn cycle_unknown(number: usize) -> String {
    let are = if number == 1 { "is" } else { "are" };
    format!(
        "{} {are} not shown: the evidence does not state when the download before was complete",
        count(number, "re-download")
    )
}

/// `3 times, median 23 h 50 min, between 23 h and 24 h`.
pub fn cycle(lasted: &[i64]) -> String {
    let (Some(first), Some(last)) = (lasted.first(), lasted.last()) else {
        return String::new();
    };
    let middle = lasted[(lasted.len() - 1) / 2];
    match lasted.len() {
        1 => format!("once, {}", lasting(middle)),
        times => format!(
            "{times} times, median {}, between {} and {}",
            lasting(middle),
            lasting(*first),
            lasting(*last)
        ),
    }
}

/// The same beside the dots, which show the rest: `3 times, median 23 h 50 min`.
pub fn cycle_in_short(lasted: &[i64]) -> String {
    let told = cycle(lasted);
    told.split(", between")
        .next()
        .unwrap_or_default()
        .to_owned()
}

/// A stretch of time in at most two units: `45 s`, `9 min 36 s`, `23 h 50 min`, `4 d 23 h`.
pub fn lasting(milliseconds: i64) -> String {
    let seconds = milliseconds / 1000;
    let two = |large: i64, name: &str, small: i64, small_name: &str| match small {
        0 => format!("{large} {name}"),
        small => format!("{large} {name} {small} {small_name}"),
    };
    match seconds {
        ..60 => format!("{seconds} s"),
        60..3600 => two(seconds / 60, "min", seconds % 60, "s"),
        3600..86_400 => two(seconds / 3600, "h", seconds % 3600 / 60, "min"),
        _ => two(seconds / 86_400, "d", seconds % 86_400 / 3600, "h"),
    }
}

/// `122 MiB`, `1.5 GiB`, `900 bytes`: with three digits at most, rounded.
pub fn bytes(number: u64) -> String {
    const UNITS: [&str; 6] = ["KiB", "MiB", "GiB", "TiB", "PiB", "EiB"];
    if number < 1024 {
        return format!("{number} bytes");
    }
    let mut value = number as f64;
    let mut unit = "";
    for name in UNITS {
        value /= 1024.0;
        unit = name;
        if value < 999.5 {
            break;
        }
    }
    if value < 9.95 {
        format!("{value:.1} {unit}")
    } else {
        format!("{value:.0} {unit}")
    }
}

/// How to read the hours of removal.
pub fn hours_reading(windows: usize) -> String {
    format!(
        "Each bar is the number of removal windows, of {windows}, that touch this hour: a high bar is where to look for a scheduled job. The files went somewhere in a window, not all through it."
    )
}

/// Windows that say nothing about the hour.
pub fn windows_left_out(number: usize) -> Option<String> {
    let lasts = if number == 1 { "lasts" } else { "last" };
    (number > 0).then(|| {
        format!(
            "{} that {lasts} a day or longer left out: any hour would fit",
            count(number, "window")
        )
    })
}

/// What was downloaded in vain, in all.
pub fn vain_total(redownloads: usize, told: u64, at_most: u64) -> String {
    let sum = match (told, at_most) {
        (told, 0) => bytes(told),
        (0, most) => format!("at most {}", bytes(most)),
        (told, most) => format!("{} and at most {} more", bytes(told), bytes(most)),
    };
    format!("{} in vain: {sum}", count(redownloads, "re-download"))
}

/// One column of it.
pub fn vain_cell(told: u64, at_most: u64) -> String {
    match (told, at_most) {
        (told, 0) => bytes(told),
        (0, most) => format!("at most {}", bytes(most)),
        (told, most) => format!("{}, and at most {} more", bytes(told), bytes(most)),
    }
}

/// Those of which no size is known.
pub fn vain_unknown(number: usize) -> Option<String> {
    let are = if number == 1 { "is" } else { "are" };
    (number > 0).then(|| {
        format!(
            "{} {are} of unknown size and not in the sum",
            count(number, "re-download")
        )
    })
}

/// Those that are not called in vain, although nothing changed as far as is known.
pub fn vain_others(orders: usize, undetermined: usize) -> Option<String> {
    let mut parts = vec![];
    if orders > 0 {
        parts.push(format!("{orders} that an operator asked for"));
    }
    if undetermined > 0 {
        parts.push(format!("{undetermined} undetermined"));
    }
    (!parts.is_empty()).then(|| format!("not counted: {}", parts.join(", ")))
}

/// How many re-downloads have a snapshot on both sides.
pub fn files_compared(number: usize) -> String {
    let have = if number == 1 { "has" } else { "have" };
    format!(
        "{} {have} a snapshot before and one after to compare",
        count(number, "re-download")
    )
}

// The interactive timeline of the page.

/// Where the script cannot run to its end.
pub const LANES_FAILED: &str = "This browser cannot show the interactive timeline. The picture shows the same lanes, and the tables below hold the same facts.";
/// Above it.
pub const LANES_HINT: &str = "One lane per package, the sick ones first. Point at something to read what it is and the raw line behind it; click to keep it. Where several states share a pixel, the worst one is drawn. The tables below hold the same facts.";
/// For readers who do not see it.
pub const LANES_CANVAS: &str = "Interactive timeline. Arrow down selects the first item, arrow left and right go along a row, plus and minus zoom, N goes to the next re-download. The tables below hold the same facts.";
pub const LANES_OVERVIEW: &str =
    "Overview of the whole period; the frame is what the timeline shows. Drag it to move.";
pub const LANES_WINDOW: &str = "Files removed in this window";

/// What each key does.
pub const LANES_KEYS: [(&str, &str); 13] = [
    (
        "Wheel, + and -",
        "zoom in and out; with Shift the wheel moves in time, over the names it scrolls the lanes",
    ),
    ("Drag, Shift + arrow left and right", "move in time"),
    (
        "Arrow left and right",
        "previous and next item of the row; without a selection, move in time",
    ),
    ("Arrow up and down", "row above and below, across lanes"),
    ("Page up and Page down", "previous and next lane"),
    ("N and P", "next and previous re-download"),
    (
        "Enter, Space, click",
        "keep what is selected below the timeline, with its raw line and links",
    ),
    ("Escape", "let it go; again: select nothing"),
    ("Home and End", "begin and end of the period"),
    ("0", "show the whole period"),
    ("Double click", "zoom in there"),
    ("Click on a name, E", "unfold or fold a lane"),
    (
        "Address bar",
        "it names the view and the selection: copy it to show somebody else the same",
    ),
];

/// The sentences of its script, by the names that it uses; `{}` is filled in.
pub const LANES: &[(&str, &str)] = &[
    ("all_kinds", "all kinds"),
    ("all_packages", "all packages"),
    ("all_verdicts", "all verdicts"),
    ("close", "Close"),
    ("count", "{} of {} items in {} of {} lanes match."),
    ("count_all", "{} items in {} lanes."),
    ("disk", "Files on disk"),
    ("download", "Downloads"),
    ("error", "Errors"),
    ("from_to", "{} to {}"),
    ("gone", "Ready, but files missing"),
    (
        "here",
        "and {} more of this row at this place; zoom in to tell them apart",
    ),
    ("item", "{}, {} of {}"),
    ("jump", "a re-download"),
    ("link", "Link to this view"),
    ("no_end", "{}, end not known"),
    ("no_more", "No more re-downloads in this direction."),
    ("no_place", "no single record: see the proof"),
    ("no_raw", "the raw line is not kept for this place"),
    ("nothing", "Nothing matches; change the filters above."),
    ("nothing_selected", "Nothing selected."),
    ("on", "{} on {}"),
    ("proof", "Proof of this re-download"),
    ("proof_package", "All about this package"),
    ("range", "Shown: {} to {}."),
    ("snapshot", "Snapshots"),
    ("state", "States"),
    ("status", "Status file"),
    ("verdict", "Verdicts"),
    ("wait", "The raw lines are still being unpacked."),
    ("window", "Removal windows"),
];

/// English, whatever the language of the reader's browser.
pub const MONTHS: [&str; 12] = [
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
];

/// On a listing that lacks files while the package was Ready.
pub fn lanes_gone(missing: u32, listed: u32) -> String {
    format!(
        "Ready, but {missing} of {} missing",
        count(listed as usize, "file")
    )
}

/// At the end of a raw text that is too long for the tooltip.
pub fn lanes_cut(left: usize, place: &str) -> String {
    format!(
        " […cut here: {} more stand at {place}]",
        count(left, "character")
    )
}

#[cfg(test)]
mod tests {
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
        package.redownloads[0].summary =
            "The location on the server changed from “D:” to “E:”.".into();
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
                summary: format!(
                    "The clean-up of {name}, which shares its folder, took its files."
                ),
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
            healthy(&case)
                .starts_with("4 other copies of packages (each server's counts) are healthy")
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
}
