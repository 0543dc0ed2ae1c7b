//! Words of `timesketch.jsonl`.

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
