//! Words of `trace.json`.

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
