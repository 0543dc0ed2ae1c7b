//! What to collect where evidence is lacking: what is missing, where, by which commands, and when.
//!
//! Commands are for Windows PowerShell 3 or newer, opened as administrator on the Package Server.
//! They hold on a Windows of any language: audit subcategories and accounts go by GUID and SID, and
//! times in names do not follow the locale. None holds a pipe, so that each fits into a table.
//! The agent's folder is not public: that it is the folder of its process is assumed, and the
//! command before the copies shows whether it holds.

mod folder;

use crate::analysis::redownload::CaseFile;
use crate::model::{Grade, MissingEvidence, Redownload, SourceRef, Step, Wanted};
use folder::Folder;

/// `20261103-0200`, of now. Not `Get-Date -Format`: that counts the years of the locale's calendar.
const STAMP: &str = "(Get-Date).ToString('yyyyMMdd-HHmm', [cultureinfo]::InvariantCulture)";

/// Everyone, who deletes something in the folder or below it, successfully.
const AUDIT_RULE: &str = "New-Object Security.AccessControl.FileSystemAuditRule((New-Object Security.Principal.SecurityIdentifier('S-1-1-0')), 'Delete,DeleteSubdirectoriesAndFiles', 'ContainerInherit,ObjectInherit', 'None', 'Success')";

/// Removal windows that are named in an advice.
const WINDOWS: usize = 3;

const DAY_MS: i64 = 24 * 60 * 60_000;

fn step(what: &str, command: impl Into<String>) -> Step {
    Step {
        what: what.to_owned(),
        command: Some(command.into()),
    }
}

fn by_hand(what: &str) -> Step {
    Step {
        what: what.to_owned(),
        command: None,
    }
}

/// What a change lacks that may have come with a download that no log shows.
pub(super) fn gap_advice(grade: Grade) -> Vec<MissingEvidence> {
    if grade <= Grade::Likely {
        vec![log_advice(), capture_advice()]
    } else {
        Vec::new()
    }
}

/// The logs, if they do not cover the time from the download before to this one.
pub(super) fn uncovered_advice(case: &CaseFile<'_>) -> Vec<MissingEvidence> {
    if case.covered {
        Vec::new()
    } else {
        vec![log_advice()]
    }
}

pub(super) fn log_advice() -> MissingEvidence {
    MissingEvidence {
        wanted: Wanted::Logs,
        what: "agent logs that cover the time between the two downloads".to_owned(),
        place: r"the Package Server, C:\ProgramData\Symantec\Symantec Agent\Logs (older agents: C:\Users\Public\Documents\Altiris\Altiris Agent\Logs)".to_owned(),
        steps: vec![find_logs(), step("copy them", hourly(&copy_logs()))],
        when: "from now until a re-download has happened; leave the window open, it copies once an hour for four days".to_owned(),
    }
}

/// Where the logs are: agents of version 8 have the first folder, older ones the second.
fn find_logs() -> Step {
    step(
        "name the folder of the logs",
        r#"$logs = "$env:ProgramData\Symantec\Symantec Agent\Logs"; if (-not (Test-Path $logs)) { $logs = "$env:PUBLIC\Documents\Altiris\Altiris Agent\Logs" }"#,
    )
}

/// Many copies do no harm: one record in several of them counts once.
fn copy_logs() -> String {
    format!(r"robocopy $logs ('C:\pkgtrail\logs-' + {STAMP}) *.log /R:1 /W:1")
}

/// Once an hour for four days.
fn hourly(command: &str) -> String {
    format!("for ($i = 0; $i -lt 96; $i++) {{ {command}; Start-Sleep -Seconds 3600 }}")
}

/// Where the agent is. Assumed: in the folder of its process, whose name public logs show.
fn find_agent() -> Step {
    step(
        "find the agent's folder (assumed: that of its process); “True” must appear, else set $agent by hand",
        r#"$agent = Split-Path (@(Get-Process AeXNSAgent)[0].Path); Test-Path "$agent\Package Delivery""#,
    )
}

pub(super) fn capture_advice() -> MissingEvidence {
    MissingEvidence {
        wanted: Wanted::Captures,
        what: "snapshot.xml of this package from before and after the download".to_owned(),
        place: r"the Package Server, Package Delivery\{GUID}\snapshot.xml in the agent's folder".to_owned(),
        steps: vec![
            find_agent(),
            step(
                "copy the snapshots of all packages into folders that are named with the time",
                hourly(&format!(
                    r#"robocopy "$agent\Package Delivery" ('C:\pkgtrail\captures\' + {STAMP} + '\Package Delivery') snapshot.xml /S /XD cache /R:1 /W:1"#
                )),
            ),
        ],
        when: "from before the next refresh until a re-download has happened; leave the window open, it copies once an hour for four days".to_owned(),
    }
}

pub(super) fn status_advice() -> MissingEvidence {
    MissingEvidence {
        wanted: Wanted::Status,
        what: "PackageStatus.xml of this package from between the two downloads".to_owned(),
        place: r"the Package Server, Package Server Agent\PackageStatus\{GUID}\PackageStatus.xml in the agent's folder".to_owned(),
        steps: vec![
            find_agent(),
            step(
                "copy the status files of all packages into folders that are named with the time",
                hourly(&format!(
                    r#"robocopy "$agent\Package Server Agent" ('C:\pkgtrail\captures\' + {STAMP} + '\Package Server Agent') PackageStatus.xml /S /R:1 /W:1"#
                )),
            ),
        ],
        when: "from now until a re-download has happened; leave the window open, it copies once an hour for four days".to_owned(),
    }
}

pub(super) fn listing_advice(case: &CaseFile<'_>) -> MissingEvidence {
    let folder = Folder::of(case);
    let mut steps = folder.find.clone();
    // The path goes through the environment: on a command line of cmd an `&` in it would end the command.
    steps.push(step(
        "name the folder",
        format!(
            r"$null = New-Item -ItemType Directory -Force -Path C:\pkgtrail; $env:PKGFOLDER = {}",
            folder.value
        ),
    ));
    // `cmd /u` writes UTF-16, so that no file name is lost in a code page.
    steps.push(step(
        "list it into files that are named with the time",
        format!(
            r#"for ($i = 0; $i -lt 192; $i++) {{ $env:PKGOUT = 'C:\pkgtrail\listing-' + {STAMP} + '.txt'; cmd /d /u /c 'dir /s /a "%PKGFOLDER%" > "%PKGOUT%"'; Start-Sleep -Seconds 1800 }}"#
        ),
    ));
    MissingEvidence {
        wanted: Wanted::Listing,
        what: "a listing of the package's folder from while it is Ready, before the next refresh"
            .to_owned(),
        place: folder.place,
        steps,
        when: "from now until a re-download has happened; leave the window open, it lists twice an hour for four days".to_owned(),
    }
}

/// Who removed the files: an audit tells, and nothing else does for certain. First the server, which
/// is set up once for all folders, then the folder.
///
/// The records 4663 (who asked to delete which file) and 4660 (it was deleted) come with the
/// subcategory File System alone. Handle Manipulation would add 4656 and 4658, which tell nothing
/// that these do not, so it stays as it is. Over SMB the process of 4663 is the system's; only
/// Detailed File Share (5145) names the address behind it.
pub(super) fn audit_advice(case: &CaseFile<'_>) -> Vec<MissingEvidence> {
    let folder = Folder::of(case);
    let rule = |order: &str| {
        format!(
            "$f = {}; $a = Get-Acl -LiteralPath $f -Audit; $r = {AUDIT_RULE}; $a.{order}($r); Set-Acl -LiteralPath $f -AclObject $a",
            folder.value
        )
    };
    let server = MissingEvidence {
        wanted: Wanted::Who,
        what: "who removed the files: an audit of the server".to_owned(),
        place: format!("{}, its audit policy and its Security log", folder.owner),
        steps: vec![
            step(
                "save the audit policy as it is",
                r"$null = New-Item -ItemType Directory -Force -Path C:\pkgtrail; if (-not (Test-Path C:\pkgtrail\audit-before.csv)) { auditpol /backup /file:C:\pkgtrail\audit-before.csv }",
            ),
            step(
                "audit access to files",
                r#"auditpol /set /subcategory:"{0CCE921D-69AE-11D9-BED3-505054503030}" /success:enable"#,
            ),
            step(
                "audit also who comes over the network (many records; leave it out if the folder is not shared)",
                r#"auditpol /set /subcategory:"{0CCE9244-69AE-11D9-BED3-505054503030}" /success:enable"#,
            ),
            step(
                "see how large the Security log may become (maxSize, in bytes)",
                "wevtutil gl Security",
            ),
            step(
                "only if that is less than 1 GiB: enlarge it",
                "wevtutil sl Security /ms:1073741824",
            ),
            step(
                "after the next removal, before the log wraps: export it (4663 and 4660 name process and user, 5145 the address)",
                format!(r"wevtutil epl Security ('C:\pkgtrail\security-' + {STAMP} + '.evtx')"),
            ),
            step(
                "at the end: undo it (the size of the log can stay)",
                r"auditpol /restore /file:C:\pkgtrail\audit-before.csv",
            ),
        ],
        when: "the first five steps before the files go again; a group policy may take them back, so run them again the next day".to_owned(),
    };
    let mut steps = folder.find.clone();
    steps.extend([
        step(
            "audit deletions by everyone in this folder and below",
            rule("AddAuditRule"),
        ),
        step("at the end: undo it", rule("RemoveAuditRule")),
    ]);
    let entry = MissingEvidence {
        wanted: Wanted::WhoHere,
        what: "who removed the files: an audit entry on the folder".to_owned(),
        place: folder.place,
        steps,
        when: entry_when(""),
    };
    vec![server, entry]
}

/// The setting that says when the product deletes what it has marked.
pub(super) fn retention_advice() -> MissingEvidence {
    MissingEvidence {
        wanted: Wanted::Retention,
        what: "the setting \"Delete package files if they are unused for\"".to_owned(),
        place:
            "the console, in the settings of the package service (assumed: below Site Management)"
                .to_owned(),
        steps: vec![
            by_hand("read the setting"),
            step(
                "analyse the same evidence again with it, here one week",
                "pkgtrail report EVIDENCE --unused-for 7d",
            ),
        ],
        when: "at any time, if nobody changed the setting since".to_owned(),
    }
}

pub(super) fn location_advice() -> MissingEvidence {
    MissingEvidence {
        wanted: Wanted::Folders,
        what: "the folders of both packages on the Package Server".to_owned(),
        place: r"the Package Server, C:\ProgramData\Symantec\Symantec Agent\Logs".to_owned(),
        steps: vec![
            by_hand(
                "restart the agent; its log then names each virtual directory with its physical path (assumed: it makes or updates them at its start)",
            ),
            find_logs(),
            step("copy the logs", copy_logs()),
            step(
                "to see the folders at once: list the virtual directories of IIS, those named pkggroup_{GUID} are packages",
                r#"& "$env:windir\system32\inetsrv\appcmd.exe" list vdir"#,
            ),
        ],
        when: "at any time, if no package has moved since".to_owned(),
    }
}

/// Records that may speak of a deletion, in words that are not known.
pub(super) fn meaning_advice() -> MissingEvidence {
    MissingEvidence {
        wanted: Wanted::Meaning,
        what: "the meaning of records about this package that may speak of a deletion and whose wording is unknown".to_owned(),
        place: "the computer that runs pkgtrail".to_owned(),
        steps: vec![
            step(
                "print the unknown wordings and keep those that matter in a file, completed",
                "pkgtrail messages EVIDENCE",
            ),
            step(
                "analyse the same evidence again with it",
                "pkgtrail report EVIDENCE --messages FILE.toml",
            ),
        ],
        when: "at any time".to_owned(),
    }
}

pub(super) fn cite_denied(case: &CaseFile<'_>, sources: &[SourceRef]) -> MissingEvidence {
    let folder = Folder::of(case);
    let count = sources.len();
    let records = if count == 1 { "record" } else { "records" };
    let mut steps = folder.find.clone();
    steps.extend([
        step("list the shares with their folders", "net share"),
        step(
            "list the rights on the folder, for the agent's account above all",
            format!("icacls {}", folder.argument()),
        ),
    ]);
    MissingEvidence {
        wanted: Wanted::Reach,
        what: format!(
            "whether the folder could be reached at that time ({count} {records} of refused access)"
        ),
        place: folder.place,
        steps,
        when: "now; correct what is wrong, and collect again after the next refresh".to_owned(),
    }
}

/// Says in the advice on audits when the files went: those hours are the best guess at the next time.
///
/// All windows of a package stand together, so that its re-downloads share one advice.
pub fn name_the_hours(redownloads: &mut [Redownload]) {
    let mut hours: Vec<String> = Vec::new();
    for window in redownloads.iter().filter_map(|one| one.window) {
        let (after, before) = (window.after.local(), window.before.local());
        // A window of a day or more holds every hour.
        if window.before.start - window.after.start >= DAY_MS {
            continue;
        }
        let next = if after.date() == before.date() {
            ""
        } else {
            " the next day"
        };
        let text = format!(
            "{} and {}{next}",
            after.format("%H:%M"),
            before.format("%H:%M")
        );
        if !hours.contains(&text) {
            hours.push(text);
        }
    }
    if hours.is_empty() {
        return;
    }
    let more = hours.split_off(hours.len().min(WINDOWS)).len();
    let rest = if more > 0 {
        format!(", and at {more} other times")
    } else {
        String::new()
    };
    let when = entry_when(&format!(
        " (by the server's clock they went between {}{rest})",
        hours.join(", between ")
    ));
    let missing = redownloads
        .iter_mut()
        .flat_map(|one| &mut one.missing_evidence);
    for one in missing.filter(|one| one.wanted == Wanted::WhoHere) {
        one.when.clone_from(&when);
    }
}

fn entry_when(hours: &str) -> String {
    format!(
        "before the files go again{hours}; once more if the folder itself was removed and made anew"
    )
}

#[cfg(test)]
mod tests;
