//! Every sentence that a reader sees and that analysis did not make: one place to read, to correct
//! and, one day, to translate.
//!
//! Sentences are built from data and promise no more than the grade allows: what is `likely` is
//! called likely in the sentence itself, not only in a column beside it.

mod charts;
mod lanes;
pub mod progress;
pub mod sheets;
pub mod sketch;
pub mod terminal;
#[cfg(test)]
mod tests;
pub mod trace;

pub use charts::*;
pub use lanes::*;

use super::{Health, health, servers};
use crate::model::error_code;
use crate::model::{
    Case, Compared, Doubt, Grade, Moment, Outcome, PackageCase, Redownload, Row, Seen, SideBySide,
    SideRow, State, TimeZoneUsed, Verdict, Window, ZoneBasis,
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
pub const ASSUMED: &str = "How the product words its messages is not published; some of the cited records were recognised by an assumed pattern. The records are quoted: read them.";

/// The same for the ticket text, once for all its verdicts.
pub const ASSUMED_IN_TEXT: &str = "How the product words its messages is not published; where the table says “assumed wording”, some of the cited records were recognised by an assumed pattern. report.html quotes the records: read them.";

/// The same in one line, under the table of the terminal.
pub const ASSUMED_MARK: &str =
    "* rests on log messages whose wording is assumed; the report quotes them.";

/// Under the picture.
pub const PICTURE: &str = "Each lane is a package. The tables below hold the same facts. Where several states share a pixel, the worst one is drawn.";

/// Captions of tables whose title alone does not explain them.
pub const MISSING_CAPTION: &str = "Ready, but files missing: a listing lacks files of the snapshot";
pub const FILES_CAPTION: &str = "Files, with their SHA-256 so that each can be checked. The bar shows what each covers of the whole period, its gaps left open. Matched: records whose wording is known. Unmatched: records about packages whose wording is not.";
pub const PROBLEMS_CAPTION: &str = "What could not be used, and what that costs the case";

/// Over the re-downloads of a package that has too many for a page.
pub const FURTHER_CAPTION: &str = "Further re-downloads; the proof of each stands in verdicts.json";

/// What tables about one package leave out: downloads, states and captures.
pub fn rows_left_out(left_out: [usize; 3]) -> Option<String> {
    let kinds = ["download", "state", "capture"];
    let parts: Vec<String> = left_out
        .into_iter()
        .zip(kinds)
        .filter(|(number, _)| *number > 0)
        .map(|(number, kind)| count(number, kind))
        .collect();
    (!parts.is_empty()).then(|| {
        format!(
            "Not in these tables: {} more. The interactive timeline shows all of them, and timeline.csv lists the records.",
            parts.join(", ")
        )
    })
}

/// Over what was noticed beside the re-downloads.
pub const NOTICED: &str = "What harms sooner or later, whether or not it started a download.";

/// Under a finding that is not certain.
pub const ASSUMED_FINDING: &str =
    "Assumed: it rests on wording or behaviour of the product that is not published.";

/// Over the records next to a cited one.
pub const AROUND: &str = "The record as written, and those about packages or errors around it";

/// Over two snapshots side by side.
pub const SIDES_CAPTION: &str =
    "The nearest snapshots before and after, side by side, with the files that differ";

/// Over their table.
pub const SAME_CAPTION: &str = "Files that both snapshots list alike";

/// Over the files that two snapshots have in common.
pub fn same_files(number: usize) -> String {
    format!("The {} that both list alike", count(number, "file"))
}

/// What one side says of a row.
pub fn side(row: &SideRow, told: Option<&str>) -> String {
    let lacking = match row.what {
        Compared::File(_) => "not in it",
        Compared::Version | Compared::Path => "not stated",
    };
    told.unwrap_or(lacking).to_owned()
}

/// How the two sides of a row differ.
pub fn difference(row: &SideRow) -> &'static str {
    match (&row.what, &row.before, &row.after) {
        (_, before, after) if before == after => "same",
        (Compared::File(_), None, _) => "added",
        (Compared::File(_), _, None) => "removed",
        (_, Some(_), Some(_)) => "changed",
        _ => "not comparable",
    }
}

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
    "The whole proof, with quoted records and file hashes, is in report.html.";

/// How to read the report: one paragraph each.
pub const HOW_TO_READ: [&str; 5] = [
    "A re-download is a download that starts after the package had been Ready, after an earlier download had completed, or after one had been given up. The retries of one unfinished download are its attempts, not re-downloads.",
    "The verdict names what started the re-download; the grade says how well the evidence carries it. Reasons and ruled-out causes cite the evidence as file:line, and what stands there is quoted below: of a log record its time, in brackets the part of the agent that wrote it, and its text; unfolded, it stands as written, its attributes first, between the records around it. Lines count from 1, for a record its first one; ! leads into an archive.",
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
        Seen::Refused { http, substatus } => {
            format!("refused: {}", error_code::told_http(http, substatus))
        }
        Seen::Failed { code: Some(code) } => format!("error {}", error_code::told(code)),
        Seen::Failed { code: None } => "error".to_owned(),
    };
    match records {
        0 | 1 => text,
        many => format!("{text} ({many} records)"),
    }
}

/// The name of a sub-lane.
pub const fn row(row: Row) -> &'static str {
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
    let how = match zone.several {
        true => {
            format!("{how}; used for several servers, of which others may be off: see the problems")
        }
        false => how.to_owned(),
    };
    match (&zone.name, zone.offset) {
        (Some(name), Some(minutes)) => format!("{name}, UTC{} ({how})", offset(minutes)),
        (Some(name), None) => format!("{name} ({how})"),
        (None, Some(minutes)) => format!("UTC{} ({how})", offset(minutes)),
        (None, None) => how,
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
        (0, 0) => String::new(),
        (0, _) if unfinished == 0 => "No other package is in the evidence.".to_owned(),
        (0, _) => "No package is healthy.".to_owned(),
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
