//! How servers word their records: one column per dialect. The known ones follow the families that
//! the catalogue knows; the unheard ones were made up afterwards and are in no catalogue.

/// What a record says, before it is worded.
#[derive(Debug, Clone)]
pub enum Say {
    /// The folder of the files.
    Located(String),
    State {
        from: &'static str,
        to: &'static str,
    },
    /// The state, told at a check.
    Seen(&'static str),
    Started,
    Resumed(u32),
    Progress(u32),
    Finished,
    SnapshotFetched(i64),
    SnapshotSame(i64),
    Required {
        required: i64,
        local: i64,
    },
    /// So many of so many files are missing.
    Missing(usize, usize),
    /// The full path of one missing file.
    FileMissing(String),
    Verified(usize),
    VerifyFailed,
    SourceMoved {
        from: String,
        to: String,
    },
    Moved {
        from: String,
        to: String,
    },
    Unassigned,
    Marked,
    Assigned,
    CleanedUp(usize),
    CleanupStarted,
    /// The clean-up of the agent takes another package.
    CleanedOther(String),
    SnapshotGone(String),
    Forced,
    IntegrityAsked,
    Refresh,
    RefreshOver,
    Partial,
    Denied,
    Busy,
    Older {
        server: i64,
        required: i64,
    },
    GivenUp(u32),
    /// Nothing about packages.
    Chatter,
}

/// Dialects that the catalogue should understand, and those that it never heard.
pub const KNOWN: usize = 3;
pub const ALL: usize = 5;

/// The sentence of a dialect.
pub fn words(say: &Say, dialect: usize, package: &str) -> String {
    let (forms, values) = forms(say);
    let mut text = forms[dialect.min(forms.len() - 1)].replace("{g}", package);
    for (name, value) in ["{a}", "{b}"].iter().zip(values) {
        text = text.replace(name, &value);
    }
    text
}

/// Confirmed wording has one form only: it is the same on every server.
#[rustfmt::skip]
fn forms(say: &Say) -> (&'static [&'static str], Vec<String>) {
    let none = Vec::new;
    match say {
        Say::Located(path) => (
            &["Creating/updating virtual directory '/pkggroup_{g}', physical path: '{a}'"],
            vec![path.clone()],
        ),
        Say::State { from, to } => (
            &[
                "Package {g} status changed from '{a}' to '{b}'",
                "{g}: {a} -> {b}",
                "Package state set for {g}: '{b}', previously '{a}'",
                "Lifecycle {g} | {a} | {b}",
                "{g} advances past '{a}' into '{b}'",
            ],
            vec![(*from).to_owned(), (*to).to_owned()],
        ),
        Say::Seen(state) => (
            &[
                "Package {g} checked. Status: {a}",
                "Package {g} status is '{a}'",
                "{g}: current status: {a}",
                "Looked at {g}, finds itself {a}",
                "{g} stays put ({a})",
            ],
            vec![(*state).to_owned()],
        ),
        Say::Started => (
            &[
                "Starting download of package {g}",
                "DownloadPackage({g}): download started",
                "Package {g} queued for download",
                "Going to get the content of {g}",
                "Transfer job opened ({g})",
            ],
            none(),
        ),
        Say::Resumed(attempt) => (
            &[
                "Resuming download of package {g}, attempt {a}",
                "DownloadPackage({g}): download resumed, attempt {a}",
                "Package {g}: resuming download (attempt {a})",
                "Going on with the content of {g}, turn {a}",
                "Transfer job reopened ({g}), turn {a}",
            ],
            vec![attempt.to_string()],
        ),
        Say::Progress(percent) => (
            &[
                "Package {g}: download progress {a} %",
                "Downloading package {g} ... {a}% complete",
                "{g}: {a} % of the download",
                "Content of {g}: {a} parts in a hundred",
                "Transfer job ({g}) stands at {a}/100",
            ],
            vec![percent.to_string()],
        ),
        Say::Finished => (
            &[
                "Download of package {g} completed",
                "DownloadPackage({g}): download finished successfully",
                "All content of package {g} has arrived, download over",
                "Got all the content of {g}",
                "Transfer job closed well ({g})",
            ],
            none(),
        ),
        Say::SnapshotFetched(version) => (
            &[
                "Snapshot of package {g} downloaded, version {a}",
                "New snapshot received for package {g}, version {a}",
                "Snapshot.xml of package {g} downloaded (version {a})",
                "Manifest of {g} is here, number {a}",
                "Transfer job ({g}): list of files no. {a} stored",
            ],
            vec![version.to_string()],
        ),
        Say::SnapshotSame(version) => (
            &[
                "Snapshot of package {g} is unchanged, version {a}",
                "Package {g}: snapshot unchanged (version {a})",
                "Snapshot of package {g} has not changed, version {a}",
                "Manifest of {g} still bears number {a}",
                "List of files no. {a} is good for {g}",
            ],
            vec![version.to_string()],
        ),
        Say::Required { required, local } => (
            &[
                "Package {g}: required version {a}, local version {b}",
                "Package {g} holds version {b} while version {a} is required",
                "configuration asks for version {a} of package {g}, disk has {b}",
                "Order for {g}: number {a}; held: number {b}",
                "{g} wants no. {a}, owns no. {b}",
            ],
            vec![required.to_string(), local.to_string()],
        ),
        Say::Missing(missing, of) => (
            &[
                "Verification of package {g}: {a} of {b} files are missing",
                "Of {b} files of {g}, {a} were not there",
                "Package {g}: {b} checked, {a} missing",
                "Look at {g}: {a} holes in {b}",
                "{g} is short of {a} out of {b}",
            ],
            vec![missing.to_string(), of.to_string()],
        ),
        Say::FileMissing(path) => (
            &[
                "CheckPackageFiles(): cannot find '{a}' (package {g})",
                "Package {g}: file '{a}' is missing",
                "Package {g}: no trace of file '{a}'",
                "Hole in {g}: {a}",
                "{g} is short of {a}",
            ],
            vec![path.clone()],
        ),
        Say::Verified(files) => (
            &[
                "Integrity of {g}: {a} checked, none missing",
                "Files of {g} checked, all {a} present",
                "Package {g}: {a} of {a} files verified",
                "Look at {g}: no holes in {a}",
                "{g} owns its {a}",
            ],
            vec![files.to_string()],
        ),
        Say::VerifyFailed => (
            &[
                "Verification of package {g} failed",
                "Package {g}: integrity verification failed",
                "Validation of {g} ended: content is corrupt",
                "Look at {g}: something is odd",
                "{g} is not what it was",
            ],
            none(),
        ),
        Say::SourceMoved { from, to } => (
            &[
                "Package {g}: package path changed from '{a}' to '{b}'",
                "Package path of {g} changed from '{a}' to '{b}'",
                "Package {g}: codebase changed from '{a}' to '{b}'",
                "{g} now comes out of '{b}' ('{a}' before)",
                "Origin of {g}: '{b}' in place of '{a}'",
            ],
            vec![from.clone(), to.clone()],
        ),
        Say::Moved { from, to } => (
            &[
                "Package {g}: location changed from '{a}' to '{b}'",
                "Location of package {g} changed from '{a}' to '{b}'",
                "Package {g}: alternate location changed from '{a}' to '{b}'",
                "{g} goes to live in '{b}' ('{a}' before)",
                "Home of {g}: '{b}' in place of '{a}'",
            ],
            vec![from.clone(), to.clone()],
        ),
        Say::Unassigned => (
            &[
                "Package {g} was removed from configuration",
                "Package {g} unassigned from this package server",
                "Configuration no longer lists package {g}",
                "Nobody orders {g} here now",
                "{g} struck off the orders",
            ],
            none(),
        ),
        Say::Marked => (&["Marking package id: {g} as deleted."], none()),
        Say::Assigned => (
            &[
                "Package {g} assigned to this package server",
                "Configuration now lists package {g}",
                "New assignment: package {g}",
                "{g} is on order here",
                "Orders: {g} entered",
            ],
            none(),
        ),
        Say::CleanedUp(files) => (
            &[
                "Removing files of package {g} (unused since 7 days)",
                "Discarded the local copy of {g}",
                "CleanupExpiredPackages: {g} removed, {a} files",
                "Purging the content of {g} from the disk ({a})",
                "Deletion run took {g} away, {a} in all",
            ],
            vec![files.to_string()],
        ),
        Say::CleanupStarted => (
            &["Cleanup expired packages started: deleteAsynchCompletion = false, TreatFailedMdpAsActive = false"],
            none(),
        ),
        Say::CleanedOther(other) => (&["Deleting inactive package '{a}'"], vec![other.clone()]),
        Say::SnapshotGone(path) => (
            &[
                "'{a}' does not exist, package {g}",
                "There is no snapshot.xml for {g}",
                "snapshot.xml of {g} is not on disk any more",
                "Manifest of {g}: no such thing as {a}",
                "{g} came up without {a}",
            ],
            vec![path.clone()],
        ),
        Say::Forced => (
            &[
                r"User CORP\admin selected Force Download, package {g}",
                r"Force download of package {g} requested by CORP\admin",
                r"Operator CORP\admin: force download {g}",
                r"CORP\admin pressed the button 'once more' for {g}",
                r"By order of CORP\admin: get {g} anew",
            ],
            none(),
        ),
        Say::IntegrityAsked => (
            &[
                r"Check integrity of package {g} requested by CORP\m.keller",
                r"User CORP\m.keller: Check Integrity, package {g}",
                r"Operator CORP\m.keller selected Check Integrity for package {g}",
                r"CORP\m.keller pressed the button 'test' for {g}",
                r"By order of CORP\m.keller: look at {g}",
            ],
            none(),
        ),
        Say::Refresh => (
            &[
                "Refresh packages: started (scheduled)",
                "Refresh packages cycle opened (scheduled)",
                "Starting to refresh packages [daily]",
                "The daily round begins",
                "Round of orders (timer)",
            ],
            none(),
        ),
        Say::RefreshOver => (
            &[
                "Refresh packages: finished",
                "Refresh packages cycle closed",
                "Refresh packages over",
                "The daily round is done",
                "Round of orders: end",
            ],
            none(),
        ),
        Say::Partial => (
            &[
                "Download of package {g} failed (0x000002C3), next attempt in 3 minutes",
                "Error while downloading package {g}: {Partial Data Received} (0x000002C3)",
                "Package {g}: download failed with -2147024189",
                "Content of {g} broke off (0x000002C3)",
                "Transfer job ({g}) hurt: 0x000002C3",
            ],
            none(),
        ),
        Say::Denied => (
            &[
                "Failed to download package {g}: Access is denied (-2147024891)",
                "Error while downloading package {g}: Access is denied (0x80070005)",
                "Download of package {g} failed: 0x80070005 [Access is denied]",
                "Content of {g} broke off (0x80070005)",
                "Transfer job ({g}) hurt: 0x80070005",
            ],
            none(),
        ),
        Say::Busy => (
            &["Error while downloading package {g}: Server is busy. Package sources request is backing off (0x80040000)"],
            none(),
        ),
        Say::Older { server, required } => (
            &["Error while downloading package {g}: The version of the package on the server({a}) is older than required({b})"],
            vec![server.to_string(), required.to_string()],
        ),
        Say::GivenUp(attempts) => (
            &[
                "Download of package {g} failed after {a} attempts, no more retries",
                "Package {g}: giving up download after {a} attempts",
                "Package {g}: download abandoned after {a} attempts, no more retries",
                "Content of {g} let go after {a} turns",
                "Transfer job ({g}) dropped after {a} turns",
            ],
            vec![attempts.to_string()],
        ),
        Say::Chatter => (
            &[
                "Policy refresh finished, 0 changes",
                "Sending basic inventory",
                "Next maintenance window is unknown",
                "Heartbeat",
                "Nothing to report",
            ],
            none(),
        ),
    }
}

/// Whether the product's own clean-up, or what leads to it, is told. Taking just these records out
/// of a whole log leaves evidence that no reader can tell from one where nothing was cleaned up.
pub fn of_cleanup(say: &Say) -> bool {
    matches!(
        say,
        Say::Marked
            | Say::Unassigned
            | Say::CleanedUp(_)
            | Say::CleanedOther(_)
            | Say::CleanupStarted
    )
}

/// Whether the course of a download is told, or why it was needed.
pub fn of_download(say: &Say) -> bool {
    matches!(
        say,
        Say::State { .. }
            | Say::Started
            | Say::Resumed(_)
            | Say::Progress(_)
            | Say::Finished
            | Say::GivenUp(_)
            | Say::Missing(..)
            | Say::FileMissing(_)
    )
}

#[test]
fn the_catalogue_knows_the_known_dialects_and_not_the_unheard() {
    let catalogue = pkgtrail::ingest::messages::Catalogue::new();
    let id = "{1EC214B8-E862-44A9-B3A6-27D918D136A2}";
    let mut wrong = Vec::new();
    for (say, kinds) in examples() {
        let (forms, _) = forms(&say);
        for dialect in 0..if forms.len() == 1 { 1 } else { ALL } {
            let text = words(&say, dialect, id);
            let found = catalogue.recognise(&text);
            let kind = found.as_ref().map_or("-", |found| found.fact.kind());
            if dialect < KNOWN && !kinds.split('|').any(|one| one == kind) {
                wrong.push(format!("{text}: {kind}, not {kinds}"));
            }
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}

/// One of each, and the kinds that the catalogue may call it.
fn examples() -> Vec<(Say, &'static str)> {
    let path = || r"D:\Pkg\A".to_owned();
    vec![
        (Say::Located(path()), "location"),
        (
            Say::State {
                from: "Ready",
                to: "Download Pending",
            },
            "state-changed",
        ),
        (
            Say::State {
                from: "Ready",
                to: "Deleted",
            },
            "state-changed",
        ),
        (
            Say::State {
                from: "Deleted",
                to: "Ready",
            },
            "state-changed",
        ),
        (Say::Seen("Ready"), "state-seen"),
        (Say::Started, "download-started|download-queued"),
        (Say::Resumed(2), "download-resumed"),
        (Say::Progress(45), "progress"),
        (Say::Finished, "download-finished"),
        (Say::SnapshotFetched(5), "snapshot-received"),
        (Say::SnapshotSame(5), "snapshot-unchanged"),
        (
            Say::Required {
                required: 6,
                local: 5,
            },
            "version-stated",
        ),
        (Say::Missing(2, 3), "files-missing"),
        (Say::FileMissing(path() + r"\a.msi"), "file-missing"),
        (Say::Verified(3), "verification-passed"),
        (Say::VerifyFailed, "verification-failed"),
        (
            Say::SourceMoved {
                from: path(),
                to: path(),
            },
            "package-path-changed",
        ),
        (
            Say::Moved {
                from: path(),
                to: path(),
            },
            "location-changed",
        ),
        (Say::Unassigned, "unassigned"),
        (Say::Marked, "marked-deleted"),
        (Say::Assigned, "assigned"),
        (Say::CleanedUp(3), "cleaned-up"),
        (
            Say::CleanedOther("{1EC214B8-E862-44A9-B3A6-27D918D136A2}".into()),
            "cleaned-up",
        ),
        (
            Say::SnapshotGone(
                r"C:\Agent\Package Delivery\1ec214b8-e862-44a9-b3a6-27d918d136a2\snapshot.xml"
                    .into(),
            ),
            "snapshot-missing",
        ),
        (Say::Forced, "operator"),
        (Say::IntegrityAsked, "operator"),
        (Say::Refresh, "refresh-started"),
        (Say::RefreshOver, "refresh-finished"),
        (Say::Partial, "download-failed"),
        (Say::Denied, "download-failed|access-denied"),
        (Say::Busy, "download-failed"),
        (
            Say::Older {
                server: 5,
                required: 6,
            },
            "download-failed",
        ),
        (Say::GivenUp(3), "download-given-up"),
        (Say::Chatter, "-"),
    ]
}
