//! Each command as it is printed, and what nothing in evidence can do to it.

use super::super::testing::History;
use super::folder::quoted;
use super::*;
use crate::model::{Fact, Moment, Verdict, Window};

/// One advice on the last re-download of a removal from `folder`.
fn advice(folder: Option<&str>, wanted: Wanted) -> MissingEvidence {
    let mut history = History::ready(7).capture(50, 7, "x").at(
        99,
        Fact::FilesMissing {
            missing: 2,
            of: Some(2),
        },
    );
    if let Some(folder) = folder {
        history = history.at(
            4,
            Fact::Location {
                path: folder.into(),
            },
        );
    }
    let history = history.again(7).capture(150, 7, "x");
    let ruling = match wanted {
        Wanted::Who | Wanted::WhoHere => history.ruling(),
        // With the access refused, the files may only have been out of reach.
        _ => history
            .at(98, Fact::AccessDenied { code: Some(5) })
            .ruling(),
    };
    let found = ruling
        .missing_evidence
        .iter()
        .find(|one| one.wanted == wanted);
    found
        .unwrap_or_else(|| panic!("{wanted:?}: {ruling:#?}"))
        .clone()
}

fn commands(missing: &MissingEvidence) -> Vec<&str> {
    missing
        .steps
        .iter()
        .filter_map(|step| step.command.as_deref())
        .collect()
}

#[test]
fn the_audit_can_be_pasted_and_undone() {
    let who = advice(Some(r"D:\Pkg's\VPN 4.1"), Wanted::Who);
    assert_eq!(who.place, "PS, its audit policy and its Security log");
    let here = advice(Some(r"D:\Pkg's\VPN 4.1"), Wanted::WhoHere);
    assert_eq!(here.place, r"PS, D:\Pkg's\VPN 4.1");
    assert_eq!(
        commands(&here),
        [
            r"$f = 'D:\Pkg''s\VPN 4.1'; $a = Get-Acl -LiteralPath $f -Audit; $r = New-Object Security.AccessControl.FileSystemAuditRule((New-Object Security.Principal.SecurityIdentifier('S-1-1-0')), 'Delete,DeleteSubdirectoriesAndFiles', 'ContainerInherit,ObjectInherit', 'None', 'Success'); $a.AddAuditRule($r); Set-Acl -LiteralPath $f -AclObject $a",
            r"$f = 'D:\Pkg''s\VPN 4.1'; $a = Get-Acl -LiteralPath $f -Audit; $r = New-Object Security.AccessControl.FileSystemAuditRule((New-Object Security.Principal.SecurityIdentifier('S-1-1-0')), 'Delete,DeleteSubdirectoriesAndFiles', 'ContainerInherit,ObjectInherit', 'None', 'Success'); $a.RemoveAuditRule($r); Set-Acl -LiteralPath $f -AclObject $a",
        ]
    );
    assert_eq!(
        commands(&who),
        [
            r"$null = New-Item -ItemType Directory -Force -Path C:\pkgtrail; if (-not (Test-Path C:\pkgtrail\audit-before.csv)) { auditpol /backup /file:C:\pkgtrail\audit-before.csv }",
            r#"auditpol /set /subcategory:"{0CCE921D-69AE-11D9-BED3-505054503030}" /success:enable"#,
            r#"auditpol /set /subcategory:"{0CCE9244-69AE-11D9-BED3-505054503030}" /success:enable"#,
            "wevtutil gl Security",
            "wevtutil sl Security /ms:1073741824",
            r"wevtutil epl Security ('C:\pkgtrail\security-' + (Get-Date).ToString('yyyyMMdd-HHmm', [cultureinfo]::InvariantCulture) + '.evtx')",
            r"auditpol /restore /file:C:\pkgtrail\audit-before.csv",
        ]
    );
}

#[test]
fn a_share_is_turned_into_its_folder_first() {
    let who = advice(
        Some(r"\\%COMPUTERNAME%\Pkg Share\Apps\VPN"),
        Wanted::WhoHere,
    );
    let told = commands(&who);
    assert_eq!(told[0], "(Get-SmbShare -Name 'Pkg Share').Path");
    assert!(told[1].starts_with(
        r"$f = Join-Path (Get-SmbShare -Name 'Pkg Share').Path 'Apps\VPN'; $a = Get-Acl"
    ));
    assert_eq!(
        who.place,
        r"PS, the physical folder of \\%COMPUTERNAME%\Pkg Share\Apps\VPN"
    );
    let other = Folder::at("PS", r"\\FILER\x$");
    assert_eq!(other.value, "(Get-SmbShare -Name 'x$').Path");
    assert!(other.place.starts_with("FILER, "));
    assert_eq!(other.argument(), "((Get-SmbShare -Name 'x$').Path)");
    // The long form of a path means the same folder.
    assert_eq!(Folder::at("PS", r"\\?\D:\a").value, r"'D:\a'");
    assert_eq!(
        Folder::at("PS", r"\\?\UNC\FILER\x\b").value,
        r"Join-Path (Get-SmbShare -Name 'x').Path 'b'"
    );
}

#[test]
fn an_unknown_folder_is_looked_up() {
    let who = advice(None, Wanted::WhoHere);
    let told = commands(&who);
    assert_eq!(
        told[0],
        r#"& "$env:windir\system32\inetsrv\appcmd.exe" list vdir"#
    );
    assert!(told[1].starts_with("$f = 'PUT THE FOLDER HERE'; "));
    assert!(who.steps[0].what.contains("pkggroup_{00000000-"));
}

#[test]
fn listings_have_names_that_windows_allows_and_pkgtrail_reads() {
    let listing = advice(Some(r"D:\R&D\VPN"), Wanted::Listing);
    assert_eq!(
        commands(&listing),
        [
            r"$null = New-Item -ItemType Directory -Force -Path C:\pkgtrail; $env:PKGFOLDER = 'D:\R&D\VPN'",
            r#"for ($i = 0; $i -lt 192; $i++) { $env:PKGOUT = 'C:\pkgtrail\listing-' + (Get-Date).ToString('yyyyMMdd-HHmm', [cultureinfo]::InvariantCulture) + '.txt'; cmd /d /u /c 'dir /s /a "%PKGFOLDER%" > "%PKGOUT%"'; Start-Sleep -Seconds 1800 }"#,
        ]
    );
    let reach = advice(Some(r"D:\R&D\VPN"), Wanted::Reach);
    assert_eq!(commands(&reach), ["net share", r"icacls 'D:\R&D\VPN'"]);
    assert!(reach.what.ends_with("(1 record of refused access)"));
}

#[test]
fn copies_are_taken_by_the_hour_into_folders_with_the_time() {
    let stamp = "(Get-Date).ToString('yyyyMMdd-HHmm', [cultureinfo]::InvariantCulture)";
    let agent = r#"$agent = Split-Path (@(Get-Process AeXNSAgent)[0].Path); Test-Path "$agent\Package Delivery""#;
    let hour = |text: String| {
        format!(
            "for ($i = 0; $i -lt 96; $i++) {{ robocopy {text} /R:1 /W:1; Start-Sleep -Seconds 3600 }}"
        )
    };
    assert_eq!(
        commands(&log_advice()),
        [
            r#"$logs = "$env:ProgramData\Symantec\Symantec Agent\Logs"; if (-not (Test-Path $logs)) { $logs = "$env:PUBLIC\Documents\Altiris\Altiris Agent\Logs" }"#,
            &hour(format!(r"$logs ('C:\pkgtrail\logs-' + {stamp}) *.log"))
        ]
    );
    assert_eq!(
        commands(&capture_advice()),
        [
            agent,
            &hour(format!(
                r#""$agent\Package Delivery" ('C:\pkgtrail\captures\' + {stamp} + '\Package Delivery') snapshot.xml /S /XD cache"#
            ))
        ]
    );
    assert_eq!(
        commands(&status_advice()),
        [
            agent,
            &hour(format!(
                r#""$agent\Package Server Agent" ('C:\pkgtrail\captures\' + {stamp} + '\Package Server Agent') PackageStatus.xml /S"#
            ))
        ]
    );
}

#[test]
fn every_command_is_one_line_without_a_pipe() {
    let folders = [Some(r"D:\a"), Some(r"\\h\s\a"), None];
    let mut all = vec![
        log_advice(),
        capture_advice(),
        status_advice(),
        retention_advice(),
        location_advice(),
        meaning_advice(),
    ];
    for folder in folders {
        for wanted in [Wanted::Who, Wanted::WhoHere, Wanted::Listing, Wanted::Reach] {
            all.push(advice(folder, wanted));
        }
    }
    for one in all {
        assert!(!one.place.is_empty() && !one.when.is_empty() && !one.steps.is_empty());
        for command in commands(&one) {
            assert!(!command.contains(['|', '`', '\n']), "{command}");
            // Names that Windows refuses.
            assert!(!command.contains("%date%") && !command.contains("%time%"));
            for (open, close) in [('(', ')'), ('{', '}'), ('[', ']')] {
                let count = |mark| command.matches(mark).count();
                assert_eq!(count(open), count(close), "{command}");
            }
            assert!(command.matches('"').count().is_multiple_of(2), "{command}");
            assert!(command.matches('\'').count().is_multiple_of(2), "{command}");
        }
    }
}

#[test]
fn nothing_leaves_a_quoted_text() {
    assert_eq!(quoted("it's"), "'it''s'");
    assert_eq!(
        quoted("a\u{2019}; del x; \u{2018}\u{201a}\u{201b}"),
        "'a\u{2019}\u{2019}; del x; \u{2018}\u{2018}\u{201a}\u{201a}\u{201b}\u{201b}'"
    );
    assert_eq!(quoted("$(calc) \u{201c}"), "'$(calc) \u{201c}'");
}

#[test]
fn the_hours_of_the_removals_stand_in_the_advice_on_audits() {
    let ruling = History::ready(7)
        .capture(50, 7, "x")
        .at(
            99,
            Fact::FilesMissing {
                missing: 2,
                of: Some(2),
            },
        )
        .again(7)
        .capture(150, 7, "x")
        .ruling();
    assert_eq!(ruling.verdict, Verdict::ExternalRemoval);
    let minute = |minute: i64| Moment::exact(minute * 60_000, Some(0));
    let window = |after, before| {
        Some(Window {
            after: minute(after),
            before: minute(before),
        })
    };
    let with = |windows: &[Option<Window>]| {
        let mut all: Vec<Redownload> = windows
            .iter()
            .map(|window| Redownload {
                download: 1,
                started_at: minute(0),
                completed_at: None,
                previous_completed_at: None,
                verdict: ruling.verdict,
                grade: ruling.grade,
                window: *window,
                actor: None,
                summary: String::new(),
                reasons: Vec::new(),
                ruled_out: Vec::new(),
                doubts: Vec::new(),
                missing_evidence: vec![log_advice(), advice(None, Wanted::WhoHere)],
                snapshots: None,
                assumed_wording: false,
            })
            .collect();
        name_the_hours(&mut all);
        for one in &all {
            assert_eq!(one.missing_evidence[0], log_advice());
            assert_eq!(one.missing_evidence[1], all[0].missing_evidence[1]);
        }
        all[0].missing_evidence[1].when.clone()
    };
    let none =
        "before the files go again; once more if the folder itself was removed and made anew";
    assert_eq!(with(&[None]), none);
    // A window of a whole day names no hour; one of a minute less does.
    assert_eq!(with(&[window(0, 1440)]), none);
    assert!(with(&[window(1, 1440)]).contains("they went between 00:01 and 00:00 the next day)"));
    let text = with(&[
        window(60, 134),
        None,
        window(1440 + 60, 1440 + 134),
        window(1420, 1450),
    ]);
    assert_eq!(
        text,
        "before the files go again (by the server's clock they went between 01:00 and 02:14, between 23:40 and 00:10 the next day); once more if the folder itself was removed and made anew"
    );
    let many: Vec<Option<Window>> = (0..5)
        .map(|hour| window(hour * 60, hour * 60 + 30))
        .collect();
    assert!(with(&many).contains("between 02:00 and 02:30, and at 2 other times)"));
}
