//! What to collect where evidence is lacking: each answer says what is missing and how to get it.

use crate::analysis::redownload::CaseFile;
use crate::model::{Grade, MissingEvidence, SourceRef};

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
        what: "agent logs that cover the time between the two downloads".to_owned(),
        collect: r"raise the log size, then copy C:\ProgramData\Symantec\Symantec Agent\Logs\*.log soon after the next re-download".to_owned(),
    }
}

pub(super) fn capture_advice() -> MissingEvidence {
    MissingEvidence {
        what: "snapshot.xml of this package from before and after the download".to_owned(),
        collect: r"copy <agent folder>\Package Delivery\{GUID}\snapshot.xml to a folder named with the time (20261103-0200), once before and once after the next re-download".to_owned(),
    }
}

pub(super) fn listing_advice(case: &CaseFile<'_>) -> MissingEvidence {
    let folder = case
        .location
        .as_ref()
        .map_or("<package folder>", |known| known.value.as_str());
    MissingEvidence {
        what: "a listing of the package's folder from while it is Ready, before the next refresh"
            .to_owned(),
        collect: format!(
            "dir /s /a \"{folder}\" > listing-%date%-%time%.txt, every hour until the next re-download"
        ),
    }
}

pub(super) fn status_advice() -> MissingEvidence {
    MissingEvidence {
        what: "PackageStatus.xml of this package from between the two downloads".to_owned(),
        collect: r"copy <agent folder>\Package Server Agent\PackageStatus\{GUID}\PackageStatus.xml to a folder named with the time".to_owned(),
    }
}

/// Who removed the files: an audit tells, and nothing else does for certain.
pub(super) fn audit_advice(case: &CaseFile<'_>) -> Vec<MissingEvidence> {
    let folder = case
        .location
        .as_ref()
        .map_or("<package folder>", |known| known.value.as_str());
    vec![MissingEvidence {
        what: "who removed the files".to_owned(),
        collect: format!(
            "auditpol /set /subcategory:\"File System\" /success:enable; add an audit entry for Everyone, Delete and Delete subfolders and files, on \"{folder}\" (Properties, Security, Advanced, Auditing); after the next removal export the Security log: wevtutil epl Security security.evtx"
        ),
    }]
}

/// The setting that says when the product deletes what it has marked.
pub(super) fn retention_advice() -> MissingEvidence {
    MissingEvidence {
        what: "the setting \"Delete package files if they are unused for\"".to_owned(),
        collect: "read it in the console (Site Management, Package Service settings) and run again with --unused-for, as in --unused-for 7d".to_owned(),
    }
}

pub(super) fn location_advice() -> MissingEvidence {
    MissingEvidence {
        what: "the folders of both packages on the Package Server".to_owned(),
        collect: "copy the log from a restart of the agent on (it names each virtual directory with its physical path), or export the virtual directories: %windir%\\system32\\inetsrv\\appcmd list vdir".to_owned(),
    }
}

pub(super) fn cite_denied(sources: &[SourceRef]) -> MissingEvidence {
    let count = sources.len();
    MissingEvidence {
        what: "whether the folder could be reached at that time".to_owned(),
        collect: format!(
            "check the rights and the share that the refused access names ({count} record(s)), then collect again"
        ),
    }
}
