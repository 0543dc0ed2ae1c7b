//! Trials: sentences made up before the patterns were asked: what is meant, then how somebody may word it.
//! `-` means that no entry may take it; several kinds divided by `|` are all right.

use super::{Catalogue, Found, Sentence, package_in};
use crate::model::{Fact, State};
use std::sync::LazyLock;

const GUID: &str = "{1EC214B8-E862-44A9-B3A6-27D918D136A2}";

pub(super) fn find(message: &str) -> Option<Found> {
    static CATALOGUE: LazyLock<Catalogue> = LazyLock::new(Catalogue::new);
    CATALOGUE.recognise(&message.replace("{G}", GUID))
}

const TRIALS: &str = r#"
verification-failed: Verification of {G}: 'D:\Pkg\a b\setup.exe' on disk has 4711 bytes and hash AbC=, the snapshot wants 4712 bytes and hash XyZ=
verification-failed: {G} check: size of 'bin\a.dll' is 100, expected 120
verification-failed: CheckFiles({G}): 'a.msi' has hash 77 instead of 78
verification-failed: Integrity of package {G} violated, 'setup.exe' differs from the snapshot
verification-failed: Package {G}: hash computed for 'data1.cab' disagrees with the snapshot
verification-failed: Package {G} verified: 2 files with a wrong checksum
verification-failed: Validation of {G} ended: content is corrupt
verification-failed: Snapshot of {G} lists 500 bytes for 'a.msi', 498 bytes found on disk
verification-passed: {G} 'Kiosk Shell': version 7 is current, integrity verified for 7 files
verification-passed: Integrity of {G} - Crane Planner 4: 9 checked, none missing, version 5
verification-passed: Integrity of {G} - Crane Planner 4: 9 checked, none missing, version 5, status is now 'Ready'
verification-passed: Package "Weld" {G}: verified, no difference to snapshot 77
verification-passed: CPackage::Verify({G}): 12 files, nothing missing, nothing altered
verification-passed: Files of {G} checked, all 12 present
verification-passed: {G}: every file agrees with the snapshot
verification-passed: Package {G}: 12 of 12 files verified
verification-passed: Package {G} is intact, 12 files checked
verification-passed: Check of {G} found no deviation
verification-passed: 0 of 9 files of {G} are missing
verification-passed: No files are missing from package {G}
-: Verification of {G} ran, see the next lines for what differs
-: Package {G}: verification is due in 3 hours
-: Package {G} will be verified at the next refresh
-: Package {G} is being verified
verification-failed|-: Package {G}: 11 of 12 files verified
-: Verification of {G} passed for file 'a.msi'
-: Package {G}: check skipped, last one was successful
state-changed: Package state set for {G}: 'Download Pending', previously 'Ready'
state-changed: {G}: Ready -> Download Pending
state-changed: {G} changes state, Ready to Download Pending
state-changed: {G}: state Ready replaced by Download Pending
state-changed: Package {G} was Ready, is Download Pending
state-changed: Package {G} is Download Pending (before: Ready)
state-changed: Package {G}: Download Pending (old: Ready)
state-changed: {G} leaves Ready, enters Download Pending
state-changed: [state] {G} Ready => Download Pending
state-changed: {G} old=Ready new=Downloading
state-changed: Package {G} status: Download Pending, last status: Ready
state-changed: {G}: previous status Ready, current status Download Pending
state-changed: Package {G} turned from Ready into Invalid
state-changed: OnStateChange({G}, Ready, Download Pending): Download Pending replaces Ready
state-changed: Package {G}: 'Download Pending' instead of 'Ready'
state-changed: Package {G} became 'Ready' after 'Downloading'
state-changed: {G} [Downloading > Ready]
state-changed: Package {G}: Downloading is over, Ready now
state-changed: Ready state of package {G} gave way to Download Pending
state-changed: SetPackageState {G}: state is now Downloading, it was Download Pending
state-changed: Package {G} back to Ready from Retrying Download
state-changed: Package state of {G} - until now 'Ready' - is 'Download Pending'
download-started: StartDownload({G})
-: No download of package {G} is scheduled
-: Download of package info for {G} completed
-|state-seen: Sending status event: package {G} download completed, state Ready
-: Download statistics for {G}: started 4 times, completed 4
-|verification-started: Validating package {G}: 100%
-: Package {G} queued for download by Patch Management
-|download-failed: StartDownload({G}) failed
download-resumed: Resuming download of package {G}, next attempt
-|download-failed: Package {G}: download retry, next attempt in 6 minutes
state-changed: Package {G}: 'Deleted' instead of 'Ready'
state-changed: Package {G}: state 'Ready', formerly 'Deleted'
-: Package {G}: old files deleted, was Ready
-: Package {G} would go from Ready to Download Pending
-: Package {G} stays Ready although its policy is invalid
-: Package {G} cannot leave Invalid
-: Policy {G}: Ready -> Invalid
download-finished: Package {G}: download completed, 36 block(s), 61171981 bytes in 40.1 s, 100% of the snapshot is on disk
download-finished: All content of package {G} has arrived, download over
download-finished: EndDownload({G}): success after 40 s, 36 of 36 blocks
download-finished: Package {G} download ended well, 100 % there
download-finished: End of download of {G}, everything received
download-failed: Download of package {G} will be tried again in 3 minutes
download-failed: Package {G}: attempt 1 did not succeed
download-failed: HTTP download for package {G} waits 6 minutes before it is tried once more
download-failed: {G} download retry scheduled in 12 minutes
download-failed: Package {G}: download was broken off by the server
download-failed: Attempt 3 to fetch package {G} was unsuccessful
progress: {G} is 50% on disk
progress: {G}: 50 % of the download
progress: Package {G} is downloaded to 75%
progress: 25 percent of {G} received so far
progress: Transfer of {G}: 10 % there
-: Disk D: 50% free, package {G} needs 5 GB
refresh-started: Periodic refresh packages cycle opened (scheduled), 7 package(s)
refresh-started: Refresh packages (daily interval): 6 configured
refresh-started: Refresh packages: agent start; packages to look at: 6
refresh-started: Refresh packages, cause: timer, 8 entries
refresh-started: Starting to refresh packages [daily]
refresh-started: CPkgSvr::RefreshPackages(reason=timer) entered
refresh-started: Cycle 'Refresh Packages' opens, 4 packages to look at
refresh-started: Package refresh run launched by schedule
refresh-started: Configuration changed, refreshing packages
refresh-finished: Refresh packages cycle closed, 7 package(s) looked at
refresh-finished: Refresh packages ended, next in 86400 seconds
refresh-finished: Refresh packages over
refresh-finished: Refresh packages stops
refresh-finished: Refreshed packages: 6
refresh-finished: CPkgSvr::RefreshPackages() returned after 4 s
refresh-finished: Refresh of packages took 4 seconds
refresh-finished: Cycle of package refresh is through, 6 packages
-: Next refresh of packages in 3600 seconds
-: Refresh packages is disabled by policy
-: Refresh packages interval is 86400 seconds
-: Refresh packages postponed, the agent is busy
share-removed: Share and virtual directory '/pkggroup_{G}' withdrawn
share-removed: Virtual directory '/pkggroup_{G}' taken away
share-removed: Withdrawing the share of package {G} before the update
share-removed: Package {G} is no longer published, its virtual directory was dropped
share-removed: RemoveVDir('/pkggroup_{G}'): virtual directory unpublished
share-removed: Package {G}: unsharing folder, virtual folder revoked
-: Virtual directory '/pkggroup_{G}' could not be withdrawn
-: Virtual directory '/pkggroup_{G}' will be removed at the next refresh
version-stated: configuration asks for version 6 of package {G}, disk has 5
version-changed|version-stated: {G}: version is raised from 5 to 6
version-changed: {G}: version 6 supersedes 5
version-stated: {G}: local 5, server 6
version-stated: Package {G} version 5, server has 6
version-stated: Package {G}: wanted version 6, held 5
version-stated: Package {G} holds version 5 while version 6 is required
version-changed: Package {G}: version 5 is superseded by 6
version-changed: Package {G}: version 5 replaced by version 6
version-stated: {G} outdated, version 5 on disk, 6 on the server
version-changed: Version bump for {G}: 5 => 6
snapshot-received: Snapshot of {G} received again, version 5, same number as before
-: Agent version 8, server version 8, package {G} untouched
location-changed: Alternate location of {G} changed: 'D:\Share\Vpn' to 'E:\Other\Vpn'
location: Package {G}: alternate location '\\PS01\Pkg\A' resolves to 'E:\Pkg\A'
location: {G}: alternate location \\PS01\Pkg\A is local folder E:\Pkg\A
location: Package {G} uses alternate download location '\\PS01\Pkg\A', physically E:\Pkg\A
location: Alternate location of {G}: '\\PS01\Pkg\A' maps to 'E:\Pkg\A'
-: Policy {G} is compliant, next evaluation in 4 h
-: Scheme {G} is in force, idle for 5 min
-: Task instance {G} ended with return code 0
-: Resource {G}: status: Ready
-: Session {G} state changed from Ready to Invalid
-: Item {G} deleted
-: Rule {G} files are missing: 3
file-missing: Package {G}: 'bin\a.dll' has vanished
file-missing: {G}: D:\Pkg\A\setup.exe not on disk any more
file-missing: Package {G}: no trace of file 'D:\Pkg\A\setup.exe'
file-missing: 'setup.exe', part of package {G}, is gone
files-missing: Package {G}: 9 checked, 9 missing
files-missing: {G}: all 9 files have disappeared
files-missing: Verification of {G} reports 4 absent files out of 9
files-missing: Of 9 files of {G}, 4 were not there
-: Package {G}: 'a.msi' not found on server smp01 (404)
-|file-failed: Package {G}: download of 'a.msi' stopped, file not found at the source
-|file-failed|download-failed|network-failed: While downloading {G}: 'a.msi' is missing (HTTP 404)
-: Package {G}: registry value 'HKLM\Software\Altiris\Path' is missing
-: Package {G}: missing hash for 'a.msi'
-: Package {G}: policy 'D:\x\client.xml' not found
-|blocks-needed: Package {G}: 9 of 12 blocks are missing, download goes on
-: Package {G}: update 'KB123.msu' is not present
-: Package {G}: checking for missing files
-: Package {G}: files that are missing will be downloaded
-: Package {G} has missing prerequisites: 3 updates
-: Package {G}: 'a.msi' would be missing after removal
snapshot-missing: Package {G}: D:\Agent\Package Delivery\1ec214b8-e862-44a9-b3a6-27d918d136a2\snapshot.xml has vanished
snapshot-missing: snapshot.xml of {G} is not on disk any more
snapshot-missing: There is no snapshot.xml for {G}
snapshot-missing: {G}: missing file 'D:\Agent\Package Delivery\x\snapshot.xml'
snapshot-missing: Package {G} lacks its snapshot.xml
status-missing: {G}: missing file 'D:\Agent\PackageStatus\x\PackageStatus.xml'
status-missing: PackageStatus.xml of package {G} has disappeared
status-missing: 'D:\Agent\PackageStatus\{G}\PackageStatus.xml' not on disk any more
cleaned-up: Purged package {G}
cleaned-up: Cleanup: unlinking 9 files of {G}
cleaned-up: Package {G} has expired, its folder is removed
cleaned-up: {G}: cache wiped, unused for 7 days
cleaned-up: Retention of {G} is over, erasing its files
cleaned-up: CleanupExpiredPackages: {G} removed, 5 files, 400 MB reclaimed
cleaned-up: Removing files of package {G} (unused since 7 days)
cleaned-up: Package {G}: local copy discarded
cleaned-up: Discarded the local copy of {G}
cleaned-up: Expiring package {G}: 9 files deleted
cleaned-up: Disposing of package {G}, no policy uses it
cleaned-up: Package folder of {G} emptied by cleanup
cleaned-up: {G} 'Weld': content deleted, term of 7 days is past
cleaned-up: DeletePackageFiles({G}): 9 deleted
cleaned-up: Unused package {G} pruned
-: Package {G}: files are not deleted, a policy uses it
-: Package {G} will be kept
-: Nothing to delete for {G}
-: Package {G}: temporary file deleted
-: Package {G}: old version's files removed after update
-: Could not delete files of package {G}
-: Package {G}: 0 files deleted
-|share-removed: Removing virtual directory of {G}
-: Cleanup of package {G} is disabled
-: Files of {G} were deleted by CORP\jdoe
marked-deleted: {G} queued for deletion
marked-deleted: Deletion of package {G} has been scheduled
marked-deleted: Package {G} is now due for removal
marked-deleted: Package {G} put on the list of packages to be deleted
marked-deleted: Tagging {G} as deleted
marked-deleted: MarkAsDeleted({G}): done
marked-deleted: Package {G} becomes eligible for cleanup
marked-deleted: Package {G} will be deleted after 7 days
marked-deleted: Clean-up clock of package {G} starts
marked-deleted: Scheduling removal of the files of {G}
marked-deleted: {G} handed to the cleanup queue
marked-deleted: Earmarked for deletion: package {G}
-: Package {G} is no longer marked for deletion
-: Deletion mark of package {G} was taken back
-: Package {G} is never deleted
-: Package {G} will not be deleted
-: Deletion of package {G} was cancelled
unassigned: {G} dropped from the configuration
unassigned: Configuration no longer lists package {G}
unassigned: Package {G} is not part of the new configuration
unassigned: Assignment of {G} expired
unassigned: Package {G} lost its assignment
unassigned: Package {G} withdrawn from this package server
unassigned: Taking {G} out of the configuration
unassigned: UnassignPackage({G}) done
unassigned: Server removed {G} from the package list
unassigned: {G} has left the list of assigned packages
unassigned: Package {G} is not needed here any longer
unassigned: No policy assigns package {G} any more
-: Package {G} was not unassigned
-: Package {G} will be unassigned tomorrow
assigned: Configuration now lists package {G}
verification-failed: Verify({G}): expected hash AB= for 'x.cab', got CD=
verification-failed: {G}: 'a.msi' - snapshot size 400, disk size 300, verification not passed
-: Hash of the snapshot of {G} verified
-: Version check of {G} ok
-: {G}: access check passed
-|verification-started: Verifying {G}, last result ok
verification-passed: Verified {G}: 7 files, 0 missing, 0 damaged
-|verification-failed: 0 of 9 files of {G} are missing, 2 are corrupt
files-missing: Verified {G}: 7 files, 2 missing
-: Package {G}: snapshot.xml is valid
-|verification-failed: Integrity of {G} could not be verified
state-changed: {G}: status Ready has become Invalid
state-changed: State machine of {G}: from Downloading, to Ready
state-changed: Package {G} goes into 'Retrying Download' (old state 'Downloading')
state-changed: newstatus=Ready prevstatus=Downloading pkg={G}
state-changed: Package {G}: Ready >> Download Pending
state-changed: {G}: now Ready (Downloading before)
-|state-seen: Package {G} is Ready, no download pending
-: Package {G}: last status change 5 days ago
download-finished: {G}: all 36 blocks received, download complete
download-finished|progress: Package {G} fully downloaded (100 % of the snapshot)
-: Download of package {G} will be complete in 5 minutes
-|progress: Package {G}: download 80% done, 20% to go
download-failed: Package {G}: download attempt 2 gave no result, trying again in 6 minutes
download-failed: Package {G} download not successful, another attempt in 12 minutes
refresh-started: Beginning cycle of package refresh (agent start)
refresh-started: Update packages: begin, 6 packages
refresh-finished: Update packages: end
refresh-finished: 6 packages refreshed, cycle over
refresh-finished: Package refresh cycle finished in 3 s
-: Package refresh cycle: 86400 seconds
-: Failed to refresh packages
share-removed: vdir /pkggroup_{G} deleted from IIS
share-removed: Unpublishing package {G}: virtual directory removed
-|cleaned-up: Deleting files of {G} from the share
version-changed: Package {G}: required version climbs from 5 to 6
version-stated: Required by configuration: version 6, on disk: version 5, package {G}
version-stated: {G} version mismatch: have 5, need 6
version-changed: {G}: new version is 6, replacing version 5
-|snapshot-received: {G}: version 5 has 36 files, server has 40 packages
location: Files of {G} live in 'E:\Pkg\A'
location: '\\PS01\Pkg\A' is the alternate location of {G}, locally E:\Pkg\A
-: Package {G}: a file 'a.tmp' is not there yet, download goes on
-: Package {G}: 'D:\Pkg\A\old.dll' is no longer there in the new snapshot
file-missing: Cannot see 'D:\Pkg\A\setup.exe' of package {G}
file-missing: Package {G}: 'D:\Pkg\A\setup.exe' has gone missing
-: File 'a.msi' of package {G} is not present on source \\ns01\pkg
-: Package {G}: service 'Altiris' is missing
-: Package {G}: 3 clients missing, 5 files requested
-|network-failed: Package {G}: HTTP 404 for 3 files, files missing on smp01
snapshot-missing: Package {G} has no snapshot.xml any more
status-missing: Package {G}: no PackageStatus.xml in 'D:\Agent\PackageStatus\x'
-|network-failed: snapshot.xml of {G} not found on server, 404
cleaned-up: The files of package {G} are being deleted, nobody needs them
cleaned-up: Package {G} (unused): removing folder 'D:\Pkg\A'
cleaned-up: Cleanup has removed package {G}
cleaned-up: Inactive package {G} was erased from disk
cleaned-up: Removed 9 files (400 MB) of expired package {G}
cleaned-up: Deleting cache folder 'D:\A\Package Delivery\{G}\cache' of inactive package {G}
cleaned-up: Package {G} has been unused for 7 days; deleting
cleaned-up: CleanupPackage({G}): folder removed
cleaned-up: {G} evicted, reason: not used for 10080 minutes
cleaned-up: Local files for package {G} were thrown away
-: Package {G}: files will be deleted when unused for 7 days
-: Package {G}: skipped deletion, still used
-: Package {G} cannot be cleaned up, file in use
-: Package {G}: files of the old version deleted
-: Package {G}: deletion of temporary files done
-|marked-deleted: Cleanup of {G} not due
marked-deleted: {G} set for removal on 2025-06-01
marked-deleted: Package {G} enters the deletion queue
marked-deleted: Deletion of {G} follows in 7 days
marked-deleted: Delete flag of package {G} set
marked-deleted: Package {G} no longer used, marked for clean-up
marked-deleted: Retention time of package {G} begins
-: Package {G} is not due for deletion
-: Deletion flag of {G} cleared, package is used again
unassigned: {G} is out of the configuration
unassigned: Package {G} deassigned
unassigned: Package {G} is absent from the new configuration
unassigned: Configuration dropped {G}
unassigned: Association of {G} with this package server ended
-: Files of {G} not in the configuration folder
-: Package {G} is used by policy 'X', no longer waits
-: Package {G} was not removed from the configuration
-: Package {G}: verification passed for 3 files, 2 more pending
-|verification-failed: Package {G}: integrity ok but size differs
-: Verification of {G}: nothing verified
-: Package {G} verified by signature
-: All files of {G} will be verified tomorrow
-: Integrity of {G} was good yesterday, last check
-|verification-failed: {G}: hash match failed for 2 files
verification-passed: {G}: comparison with snapshot 7 done, all 12 files match
verification-failed: Disk content of {G} is not identical to snapshot, hash differs
-: Package {G}: 5 files missing on the source server
-: Package {G}: policy lists 5 missing updates
-: Package {G}: missing licence file will be ignored by policy
-: No missing blocks in {G}
-: {G}: client reports 3 files missing
-|state-seen: Package {G} ready, downloading next package
state-changed: Status transition of {G} (Downloading/Ready): Downloading -> Ready
state-changed: package {G}: 'Downloading' now, 'Download Pending' before
cleaned-up: Housekeeping deleted the content of package {G}
cleaned-up: Package {G} was not used for 7 days and its files were removed
cleaned-up: {G}: 9 files erased, 400 MB freed
cleaned-up: Files belonging to package {G} cleaned out
cleaned-up: Expired: {G}, deleting its cache folder
cleaned-up: ExpirePackage({G}): content removed from disk
-: Package {G}: deleting of files refused
-: Package {G}: partial download discarded
-: Share of package {G} deleted by user CORP\x
marked-deleted: Status file of {G} marked Deleted
marked-deleted: Package {G} is a candidate for removal since today
marked-deleted: Requested deletion of package {G}
-: Package {G}: not marked, deletion not due
unassigned: Package {G} has been taken off the list of packages
unassigned: {G} is not in the list of assigned packages any more
unassigned: New configuration without package {G}
-: Package {G} unassigned codebase removed
-: Package {G}: download ended without success
-: Package {G} is waiting, download done by another server
"#;

fn trials() -> impl Iterator<Item = (&'static str, &'static str)> {
    TRIALS.lines().filter_map(|line| line.split_once(": "))
}

#[test]
fn made_up_sentences_are_taken_for_what_they_mean() {
    let mut wrong = Vec::new();
    for (wanted, message) in trials() {
        let (kind, entry) = find(message).map_or(("-", "-".into()), |found| {
            (found.fact.kind(), found.pattern)
        });
        if !wanted.split('|').any(|wanted| wanted == kind) {
            wrong.push(format!("{wanted}: {entry} ({kind}) took: {message}"));
        }
    }
    assert!(trials().count() > 150);
    assert!(
        wrong.is_empty(),
        "{} of {}\n{}",
        wrong.len(),
        trials().count(),
        wrong.join("\n")
    );
}

#[test]
fn widened_families_hold_the_values_of_the_message() {
    let fact = |message: &str| find(message).unwrap_or_else(|| panic!("{message}")).fact;
    let pending = Fact::StateChanged {
        to: State::Pending,
        from: Some(State::Ready),
    };
    for message in [
        "Package state set for {G}: 'Download Pending', previously 'Ready'",
        "Package {G} was Ready, is Download Pending",
        "{G}: state Ready replaced by Download Pending",
        "{G} leaves Ready, enters Download Pending",
        "{G}: 'Download Pending' instead of 'Ready'",
        "SetPackageState {G}: state is now Download Pending, it was Ready",
        "{G}: Ready >> Download Pending",
        "Ready state of package {G} gave way to Download Pending",
    ] {
        assert_eq!(fact(message), pending, "{message}");
    }
    for message in [
        "configuration asks for version 6 of package {G}, disk has 5",
        "{G}: local 5, server 6",
        "Package {G} version 5, server has 6",
        "Package {G} holds version 5 while version 6 is required",
        "{G} outdated, version 5 on disk, 6 on the server",
    ] {
        let wanted = Fact::VersionStated {
            required: Some(6),
            local: Some(5),
        };
        assert_eq!(fact(message), wanted, "{message}");
    }
    for message in [
        "{G}: version 6 supersedes 5",
        "Package {G}: version 5 is superseded by 6",
        "{G}: version is raised from 5 to 6",
    ] {
        let wanted = Fact::VersionChanged {
            from: Some(5),
            to: 6,
        };
        assert_eq!(fact(message), wanted, "{message}");
    }
    for message in [
        r"Package {G}: alternate location '\\PS01\Pkg\A' resolves to 'E:\Pkg\A'",
        r"{G}: alternate location \\PS01\Pkg\A is local folder E:\Pkg\A",
    ] {
        let path = r"E:\Pkg\A".into();
        assert_eq!(fact(message), Fact::Location { path }, "{message}");
    }
    assert_eq!(
        fact("{G}: all 9 files have disappeared"),
        Fact::FilesMissing {
            missing: 9,
            of: None
        }
    );
}

#[test]
fn chatter_is_not_near_a_family() {
    for message in [
        "Volume C: reports 479341 MB free",
        "26 agents of this site asked for sources within the last hour",
        "Codebase list of site has 50 rows, hash 62455891",
        "Creating base virtual directory /lm/w3svc/1/root/Altiris.",
        "Policy {G} is compliant, next evaluation in 41 h",
    ] {
        assert!(!Sentence::new(message).is_near_family(), "{message}");
        assert_eq!(package_in(&message.replace("{G}", GUID)), None);
    }
    assert!(Sentence::new("Packages are looked over, snapshots verified").is_near_family());
}
